//! A document that is sent: the first fault refuses it.

use chrono::{Datelike, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::fields::Fields;
use super::refusal::{Refusal, refused};
use super::state::{Account, Buyer, Document, Fractions, Line, Settings, UsedNumber};
use crate::polish::{Amounts, Priced, is_nip, round};

/// Types of documents: VAT invoice, receipt, bill, without VAT, pro forma, margin, simplified, to a till receipt, invoice,
/// and four for export.
const KINDS: &[u32] = &[0, 20, 6, 21, 2, 5, 12, 13, 62, 41, 42, 48, 49];
/// Currencies in the order of their numbers.
const CURRENCIES: &[&str] = &[
    "PLN", "EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "THB", "HKD", "NZD", "SGD", "HUF", "UAH", "CZK", "DKK",
    "ISK", "NOK", "SEK", "HRK", "RON", "BGN", "TRY", "ILS", "CLP", "PHP", "MXN", "ZAR", "BRL", "MYR", "RUB", "IDR",
    "INR", "KRW", "CNY", "XDR",
];
/// Payment by transfer within days: code and days.
const TERMS: &[(u32, i64)] = &[
    (1, 1),
    (2, 2),
    (3, 3),
    (4, 4),
    (5, 5),
    (6, 6),
    (7, 7),
    (36, 8),
    (37, 9),
    (38, 10),
    (39, 11),
    (40, 12),
    (41, 13),
    (8, 14),
    (9, 21),
    (42, 28),
    (10, 30),
    (32, 35),
    (33, 40),
    (30, 45),
    (34, 50),
    (35, 55),
    (11, 60),
    (44, 65),
    (43, 43),
];
/// Other ways to pay: transfer, on delivery, cash, and so on.
const PAYMENTS: &[u32] = &[0, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31];
/// Lines on a document that are looked for.
const MOST_LINES: usize = 1_000;

/// Reads a document.
pub(super) fn read(
    account: &Account,
    settings: &Settings,
    fields: &Fields,
    today: NaiveDate,
) -> Result<Document, Refusal> {
    let kind = fields.code("dokument_rodzaj", 0, "rodzaj dokumentu")?;
    if !KINDS.contains(&kind) {
        return refused("Nieznany rodzaj dokumentu");
    }
    let issued = fields.day("dokument_data_w", "wystawienia")?.unwrap_or(today);
    let sold = fields.day("dokument_data_s", "sprzedaży")?;
    let given_due = fields.day("dokument_data_p", "płatności")?;
    label(fields, "dokument_data_s_oznaczenie", &[0, 1, 2, 4, 5, 6, 7, 8, 9])?;
    label(fields, "dokument_data_p_oznaczenie", &[0, 1, 2, 3])?;
    let currency = fields.code("dokument_waluta", 0, "waluta")?;
    let currency = usize::try_from(currency).ok().and_then(|code| CURRENCIES.get(code));
    let Some(currency) = currency else { return refused("Nieznana waluta") };
    let payment = fields.code("dokument_zaplata", 0, "forma płatności")?;
    let term = TERMS.iter().find(|(code, _)| *code == payment).map(|(_, days)| *days);
    if term.is_none() && !PAYMENTS.contains(&payment) {
        return refused("Nieznana forma płatności");
    }
    let days = fields.code("dokument_termin", 0, "termin płatności")?;
    let days = if fields.text("dokument_termin").is_empty() { term } else { Some(i64::from(days)) };
    let due = given_due.or(days.map(|days| issued + TimeDelta::days(days)));
    let status = label(fields, "dokument_status", &[0, 1, 2])?;
    let paid = fields.decimal("dokument_zaplacono", "kwota zapłacona")?;
    let buyer = buyer(fields)?;
    let lines = lines(settings, fields)?;
    let rated = lines.iter().map(|(line, _)| (rate(&line.vat).unwrap_or_default(), &line.amounts));
    let priced = lines.first().map_or(Priced::Gross, |(_, priced)| *priced);
    let totals = Amounts::sum(rated, priced, settings.rounding);
    let is_exempt = lines.iter().any(|(line, _)| line.vat == "zw");
    if is_exempt
        && fields.text("dokument_podstawa_zw").is_empty()
        && fields.text("dokument_rodzaj_podstawa_zw").is_empty()
    {
        return refused("Brak podstawy zwolnienia z VAT");
    }
    let number = fields.text("dokument_numer").to_owned();
    let is_used = account.documents.iter().any(|other| other.number == number && other.kind == kind);
    match settings.used_number {
        UsedNumber::Refused if !number.is_empty() && is_used => {
            return refused("Dokument o podanym numerze już istnieje");
        }
        UsedNumber::Refused | UsedNumber::Taken => {}
    }
    let all = if status == 1 { totals.gross } else { Decimal::ZERO };
    Ok(Document {
        kind,
        number: if number.is_empty() { next_number(account, kind, issued) } else { number },
        issued,
        sold: sold.or(Some(issued)),
        due,
        currency: (*currency).to_owned(),
        payment,
        status,
        paid: paid.unwrap_or(all),
        order: fields.text("dokument_zamowienie").to_owned(),
        notes: fields.text("dokument_uwagi").replace("[n]", "\n"),
        open: fields.switch("dokument_dostep")?,
        buyer,
        lines: lines.into_iter().map(|(line, _)| line).collect(),
        totals,
        ..Document::default()
    })
}

fn label(fields: &Fields, name: &str, known: &[u32]) -> Result<u32, Refusal> {
    let code = fields.code(name, 0, name)?;
    if known.contains(&code) { Ok(code) } else { refused(format!("Nieprawidłowa wartość pola {name}")) }
}

fn buyer(fields: &Fields) -> Result<Buyer, Refusal> {
    let text = |name: &str| fields.text(&format!("nabywca_{name}")).to_owned();
    let country = [text("kraj"), text("panstwo")].into_iter().find(|country| !country.is_empty()).unwrap_or_default();
    let street = [text("ulica"), text("budynek"), text("lokal")];
    let street: Vec<String> = street.into_iter().filter(|part| !part.is_empty()).collect();
    let tax_number = text("nip");
    let is_here = matches!(country.as_str(), "" | "PL" | "Polska");
    let said = fields.switch("nabywca_osoba")?;
    if !said && is_here && !tax_number.is_empty() {
        let digits = tax_number.replace(['-', ' '], "");
        if !is_nip(digits.strip_prefix("PL").unwrap_or(&digits)) {
            return refused("Nieprawidłowy NIP nabywcy");
        }
    }
    // Who has no tax number is a person, whatever was said; its company name is dropped.
    let person = said || (is_here && tax_number.is_empty());
    let name = if person {
        let (first, last) = (text("imie"), text("nazwisko"));
        if first.is_empty() || last.is_empty() {
            let no_number = if said { "" } else { "Brak numeru NIP nabywcy. " };
            return refused(format!("{no_number}Podaj imię i nazwisko nabywcy"));
        }
        format!("{first} {last}")
    } else {
        text("nazwa")
    };
    if name.is_empty() {
        return refused("Podaj nazwę nabywcy");
    }
    let (zip, city, email) = (text("kod"), text("miasto"), text("email"));
    Ok(Buyer { person, name, tax_number, street: street.join(" "), zip, city, country, email })
}

/// The lines: those with a suffix, from 1 on without a gap, and one more when there is a set without a suffix.
fn lines(settings: &Settings, fields: &Fields) -> Result<Vec<(Line, Priced)>, Refusal> {
    let suffixes = (1..=MOST_LINES).map(|place| format!("_{place}"));
    let mut suffixes: Vec<String> = suffixes
        .take_while(|suffix| {
            ["nazwa", "ilosc", "stawka_vat"]
                .iter()
                .any(|name| !fields.text(&format!("produkt_{name}{suffix}")).is_empty())
        })
        .collect();
    if suffixes.is_empty() && fields.text("produkt_nazwa").is_empty() {
        return refused("Brak pozycji na dokumencie");
    }
    if !fields.text("produkt_nazwa").is_empty() {
        suffixes.push(String::new());
    }
    suffixes.iter().map(|suffix| line(settings, fields, suffix)).collect()
}

fn line(settings: &Settings, fields: &Fields, suffix: &str) -> Result<(Line, Priced), Refusal> {
    let field = |name: &str| format!("produkt_{name}{suffix}");
    let name = fields.text(&field("nazwa")).replace("[n]", "\n");
    if name.is_empty() {
        return refused("Podaj nazwę produktu");
    }
    let Some(quantity) = fields.decimal(&field("ilosc"), "ilość produktu")? else {
        return refused("Podaj ilość produktu");
    };
    if quantity <= Decimal::ZERO {
        return refused("Nieprawidłowa ilość produktu");
    }
    match settings.fractions {
        Fractions::Refused if !quantity.fract().is_zero() => return refused("Nieprawidłowa ilość produktu"),
        Fractions::Refused | Fractions::Taken => {}
    }
    let vat = fields.text(&field("stawka_vat")).to_owned();
    if vat.is_empty() {
        return refused("Podaj stawkę VAT produktu");
    }
    let Some(rate) = rate(&vat) else { return refused("Nieprawidłowa stawka VAT produktu") };
    let gross = fields.decimal(&field("wartosc_brutto"), "wartość brutto produktu")?;
    let net = fields.decimal(&field("cena_netto"), "cena netto produktu")?;
    let (amounts, price, priced) = match (gross, net) {
        (Some(gross), None) => {
            let amounts = Amounts::of(gross, rate, Priced::Gross);
            (amounts, round(amounts.net / quantity), Priced::Gross)
        }
        (None, Some(net)) => (Amounts::of(net * quantity, rate, Priced::Net), net, Priced::Net),
        (Some(_), Some(_)) => return refused("Podaj cenę netto albo wartość brutto produktu"),
        (None, None) => return refused("Podaj cenę produktu"),
    };
    let unit = fields.text(&field("jm")).to_owned();
    Ok((Line { name, quantity, unit, vat, price, amounts }, priced))
}

/// The rate in percent; `None` when it is none.
fn rate(text: &str) -> Option<Decimal> {
    match text {
        "zw" | "np" | "oo" => Some(Decimal::ZERO),
        number => number.parse::<u32>().ok().filter(|rate| *rate <= 100).map(Decimal::from),
    }
}

/// The next number of a type in the month.
pub(super) fn next_number(account: &Account, kind: u32, day: NaiveDate) -> String {
    let prefix = account.prefixes.get(&kind).map_or("FV", String::as_str);
    let tail = format!("/{:02}/{}", day.month(), day.year());
    let row = account.documents.iter().filter(|document| document.kind == kind);
    let used = row.filter_map(|document| {
        let number = document.number.strip_prefix(prefix)?.strip_prefix('/')?;
        number.strip_suffix(&tail)?.parse::<u64>().ok()
    });
    format!("{prefix}/{}{tail}", used.max().unwrap_or(0) + 1)
}
