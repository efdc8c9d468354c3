//! Values of sentences: as they are stored, the same for everybody, and as each language writes them.

use super::{Language, rules};
use crate::{
    money::parse_decimal,
    time::{Date, Instant},
};
use chrono::{Datelike as _, SecondsFormat};
use rust_decimal::Decimal;

/// A value of a sentence.
pub trait Value: Sized {
    /// Whether it is free text, of which a part still says something.
    const IS_TEXT: bool = false;

    /// As it is stored.
    fn stored(&self) -> String;

    /// From what was stored; nothing when it is no such value.
    fn read(stored: &str) -> Option<Self>;

    /// As a language writes it.
    fn shown(&self, language: Language) -> String;
}

/// A decimal number with a comma or a point, thousands apart, and at least so many decimals.
fn number(value: Decimal, decimals_min: u32, language: Language) -> String {
    let mut value = value.normalize();
    if value.scale() < decimals_min {
        value.rescale(decimals_min);
    }
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    // Polish keeps the thousands together with a space that does not break.
    let (thousands, point) = match language {
        Language::English => (',', '.'),
        Language::Dutch => ('.', ','),
        Language::Polish => ('\u{a0}', ','),
    };
    let mut shown = String::new();
    if value.is_sign_negative() && !value.is_zero() {
        shown.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            shown.push(thousands);
        }
        shown.push(digit);
    }
    if !fraction.is_empty() {
        shown.push(point);
        shown.push_str(fraction);
    }
    shown
}

/// An amount of money without its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Decimal);

impl Value for Amount {
    fn stored(&self) -> String {
        self.0.to_string()
    }

    fn read(stored: &str) -> Option<Self> {
        stored.parse().ok().map(Self)
    }

    fn shown(&self, language: Language) -> String {
        number(self.0, 2, language)
    }
}

/// A rate of VAT in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub Decimal);

impl Value for Rate {
    fn stored(&self) -> String {
        self.0.to_string()
    }

    fn read(stored: &str) -> Option<Self> {
        stored.parse().ok().map(Self)
    }

    fn shown(&self, language: Language) -> String {
        format!("{}%", number(self.0, 0, language))
    }
}

/// Text that is the same in every language: a name, a code, somebody's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Text {
    /// From anything that can be written down.
    #[expect(clippy::needless_pass_by_value, reason = "a value or a reference, as it is at hand")]
    pub fn of(text: impl ToString) -> Self {
        Self(text.to_string())
    }
}

impl Value for Text {
    const IS_TEXT: bool = true;

    fn stored(&self) -> String {
        self.0.clone()
    }

    fn read(stored: &str) -> Option<Self> {
        Some(Self(stored.to_owned()))
    }

    fn shown(&self, _: Language) -> String {
        self.0.clone()
    }
}

impl Value for u32 {
    fn stored(&self) -> String {
        self.to_string()
    }

    fn read(stored: &str) -> Option<Self> {
        stored.parse().ok()
    }

    fn shown(&self, language: Language) -> String {
        number((*self).into(), 0, language)
    }
}

const MONTHS: [[&str; 3]; 12] = [
    ["January", "januari", "stycznia"],
    ["February", "februari", "lutego"],
    ["March", "maart", "marca"],
    ["April", "april", "kwietnia"],
    ["May", "mei", "maja"],
    ["June", "juni", "czerwca"],
    ["July", "juli", "lipca"],
    ["August", "augustus", "sierpnia"],
    ["September", "september", "września"],
    ["October", "oktober", "października"],
    ["November", "november", "listopada"],
    ["December", "december", "grudnia"],
];

impl Value for Date {
    fn stored(&self) -> String {
        self.to_string()
    }

    fn read(stored: &str) -> Option<Self> {
        stored.parse().ok()
    }

    fn shown(&self, language: Language) -> String {
        let month = MONTHS.get(self.month0() as usize).map_or("?", |names| language.of(*names));
        format!("{} {month} {}", self.day(), self.year())
    }
}

/// A moment, shown in UTC as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment(pub Instant);

impl Value for Moment {
    fn stored(&self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    fn read(stored: &str) -> Option<Self> {
        stored.parse().ok().map(Self)
    }

    fn shown(&self, language: Language) -> String {
        let (date, time) = (self.0.date_naive().shown(language), self.0.format("%H:%M:%S"));
        match language {
            Language::English => format!("{date} at {time} UTC"),
            Language::Dutch => format!("{date} om {time} UTC"),
            Language::Polish => format!("{date} o {time} UTC"),
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

impl Value for Place {
    fn stored(&self) -> String {
        format!("{}:{}", self.line, self.column)
    }

    fn read(stored: &str) -> Option<Self> {
        let (line, column) = stored.split_once(':')?;
        Some(Self { line: line.parse().ok()?, column: column.parse().ok()? })
    }

    fn shown(&self, language: Language) -> String {
        let Self { line, column } = self;
        match language {
            Language::English => format!("line {line}, column {column}"),
            Language::Dutch => format!("regel {line}, kolom {column}"),
            Language::Polish => format!("wiersz {line}, kolumna {column}"),
        }
    }
}

impl Value for Option<Place> {
    fn stored(&self) -> String {
        self.as_ref().map(Value::stored).unwrap_or_default()
    }

    fn read(stored: &str) -> Option<Self> {
        if stored.is_empty() { Some(None) } else { Place::read(stored).map(Some) }
    }

    fn shown(&self, language: Language) -> String {
        self.map(|place| place.shown(language)).unwrap_or_default()
    }
}

/// A file as a rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// UBL.
    Ubl,
    /// PDF.
    Pdf,
    /// A picture.
    Scan,
    /// A file of bank statements.
    Statement,
}

impl Value for FileKind {
    fn stored(&self) -> String {
        match self {
            Self::Ubl => "ubl",
            Self::Pdf => "pdf",
            Self::Scan => "scan",
            Self::Statement => "statement",
        }
        .to_owned()
    }

    fn read(stored: &str) -> Option<Self> {
        [Self::Ubl, Self::Pdf, Self::Scan, Self::Statement].into_iter().find(|kind| kind.stored() == stored)
    }

    fn shown(&self, language: Language) -> String {
        match self {
            Self::Ubl => "UBL",
            Self::Pdf => "PDF",
            Self::Scan => language.of(["scan", "scan", "skan"]),
            Self::Statement => language.of(["bank statement", "bankafschrift", "wyciąg bankowy"]),
        }
        .to_owned()
    }
}

/// A field's name for people. One that is not known keeps its own.
fn field(name: &str, language: Language) -> &str {
    let known = match name {
        "kind" => ["kind of document", "soort document", "rodzaj dokumentu"],
        "number" => ["invoice number", "factuurnummer", "numer faktury"],
        "issue_date" => ["invoice date", "factuurdatum", "data wystawienia"],
        "due_date" => ["due date", "vervaldatum", "termin płatności"],
        "currency" => ["currency", "valuta", "waluta"],
        "net" => ["total without VAT", "totaal exclusief btw", "kwota netto"],
        "vat" => ["VAT", "btw", "kwota VAT"],
        "gross" => ["total including VAT", "totaal inclusief btw", "kwota brutto"],
        "vat_breakdown" => ["VAT per rate", "btw per tarief", "VAT według stawek"],
        "account" | "supplier_iban" => ["bank account", "bankrekening", "rachunek bankowy"],
        "payable" => ["amount to be paid", "te betalen bedrag", "kwota do zapłaty"],
        "lines" => ["lines", "regels", "pozycje"],
        "payment_reference" => ["payment reference", "betalingskenmerk", "tytuł płatności"],
        "order_reference" => ["order number", "ordernummer", "numer zamówienia"],
        "supplier_name" => ["supplier's name", "naam van de leverancier", "nazwa dostawcy"],
        "supplier_vat" => ["supplier's VAT number", "btw-nummer van de leverancier", "NIP dostawcy"],
        "supplier_registry" => {
            ["supplier's registry number", "KvK-nummer van de leverancier", "REGON lub KRS dostawcy"]
        }
        "customer_name" => ["customer's name", "naam van de klant", "nazwa nabywcy"],
        "customer_vat" => ["customer's VAT number", "btw-nummer van de klant", "NIP nabywcy"],
        "customer_registry" => ["customer's registry number", "KvK-nummer van de klant", "REGON lub KRS nabywcy"],
        _ => return name,
    };
    language.of(known)
}

/// Names of fields of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldNames(pub Vec<String>);

impl Value for FieldNames {
    fn stored(&self) -> String {
        self.0.join(" ")
    }

    fn read(stored: &str) -> Option<Self> {
        Some(Self(stored.split_ascii_whitespace().map(str::to_owned).collect()))
    }

    fn shown(&self, language: Language) -> String {
        self.0.iter().map(|name| field(name, language)).collect::<Vec<_>>().join(", ")
    }
}

/// Recognised fields, each with how certain it is, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confidences(pub Vec<(String, Decimal)>);

impl Value for Confidences {
    fn stored(&self) -> String {
        self.0.iter().map(|(name, confidence)| format!("{name}={confidence}")).collect::<Vec<_>>().join(" ")
    }

    fn read(stored: &str) -> Option<Self> {
        let read = |entry: &str| {
            let (name, confidence) = entry.split_once('=')?;
            Some((name.to_owned(), parse_decimal(confidence).ok()?))
        };
        stored.split_ascii_whitespace().map(read).collect::<Option<_>>().map(Self)
    }

    fn shown(&self, language: Language) -> String {
        let shown = |(name, confidence): &(String, Decimal)| {
            format!("{} {}", field(name, language), number(*confidence, 0, language))
        };
        self.0.iter().map(shown).collect::<Vec<_>>().join("; ")
    }
}

/// A reason by its code: a hold, or why a document was left to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonName(pub String);

impl Value for ReasonName {
    fn stored(&self) -> String {
        self.0.clone()
    }

    fn read(stored: &str) -> Option<Self> {
        Some(Self(stored.to_owned()))
    }

    fn shown(&self, language: Language) -> String {
        super::brief(&self.0, language).unwrap_or_else(|| self.0.clone())
    }
}

/// Rules of EN 16931 by their identifiers; shown with what the first of them asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleNames(pub Vec<String>);

impl Value for RuleNames {
    fn stored(&self) -> String {
        self.0.join(" ")
    }

    fn read(stored: &str) -> Option<Self> {
        Some(Self(stored.split_ascii_whitespace().map(str::to_owned).collect()))
    }

    fn shown(&self, language: Language) -> String {
        let names = self.0.join(", ");
        match self.0.first().and_then(|rule| rules::asks(rule, language)) {
            Some(asks) => format!("{names} ({asks})"),
            None => names,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_all(value: &impl Value) -> [String; 3] {
        Language::ALL.map(|language| value.shown(language))
    }

    #[test]
    fn amounts_and_dates_are_written_as_the_language_writes_them() {
        let amount = |text: &str| in_all(&Amount(text.parse().unwrap()));
        assert_eq!(amount("1234567.5"), ["1,234,567.50", "1.234.567,50", "1\u{a0}234\u{a0}567,50"]);
        assert_eq!(amount("-999"), ["-999.00", "-999,00", "-999,00"]);
        assert_eq!(amount("0.125"), ["0.125", "0,125", "0,125"]);
        assert_eq!(in_all(&Rate("21.00".parse().unwrap())), ["21%", "21%", "21%"]);
        assert_eq!(in_all(&Rate("5.50".parse().unwrap())), ["5.5%", "5,5%", "5,5%"]);
        let date: Date = "2026-03-31".parse().unwrap();
        assert_eq!(in_all(&date), ["31 March 2026", "31 maart 2026", "31 marca 2026"]);
        let moment = Moment("2026-05-01T09:08:07.006Z".parse().unwrap());
        assert_eq!(
            in_all(&moment),
            ["1 May 2026 at 09:08:07 UTC", "1 mei 2026 om 09:08:07 UTC", "1 maja 2026 o 09:08:07 UTC"]
        );
        let place = Place { line: 3, column: 5 };
        assert_eq!(in_all(&place), ["line 3, column 5", "regel 3, kolom 5", "wiersz 3, kolumna 5"]);
        assert_eq!(in_all(&FieldNames(vec!["gross".into(), "x".into()]))[2], "kwota brutto, x");
        let uncertain = Confidences(vec![("number".into(), "0.6250".parse().unwrap())]);
        assert_eq!(in_all(&uncertain)[1], "factuurnummer 0,625");
    }

    #[test]
    fn values_read_back_as_they_were_stored() {
        fn back<V: Value + PartialEq + std::fmt::Debug>(value: V) {
            assert_eq!(V::read(&value.stored()), Some(value));
        }
        back(Amount("-12.30".parse().unwrap()));
        back(Rate("0".parse().unwrap()));
        back(Text::of("Łódź, 1"));
        back(7_u32);
        back("2026-02-28".parse::<Date>().unwrap());
        back(Moment("2026-05-01T09:08:07.006Z".parse().unwrap()));
        back(Some(Place { line: 3, column: 5 }));
        back(None::<Place>);
        back(FileKind::Scan);
        back(FieldNames(vec!["number".into(), "gross".into()]));
        back(Confidences(vec![("number".into(), "0.5".parse().unwrap())]));
        back(RuleNames(vec!["BR-CO-15".into()]));
        assert_eq!(Amount::read("twelve"), None);
        assert_eq!(Place::read("3"), None);
    }
}
