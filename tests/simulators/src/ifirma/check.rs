//! Buyer and lines of an invoice that is sent.

use rust_decimal::{Decimal, dec};

use super::fields::Fields;
use super::refusal::{NO_CONTRACTOR, Refusal, STRUCTURE, rule};
use super::state::{Account, Contractor, Kind, Line, Settings, Strictness};
use crate::json::Node;
use crate::polish::{Amounts, Priced, is_nip, round};

/// No price reaches this.
pub(super) const TOO_MUCH: Decimal = dec!(100_000_000);

const CONTRACTOR_MODEL: &[&str] = &[
    "Nazwa",
    "Nazwa2",
    "Identyfikator",
    "PrefiksUE",
    "NIP",
    "Ulica",
    "KodPocztowy",
    "Kraj",
    "KodKraju",
    "Miejscowosc",
    "Email",
    "Telefon",
    "OsobaFizyczna",
    "AdresZagraniczny",
];
const LINE_MODEL: &[&str] = &[
    "NazwaPelna",
    "NazwaPelnaObca",
    "Jednostka",
    "JednostkaObca",
    "Ilosc",
    "CenaJednostkowa",
    "TypStawkiVat",
    "StawkaVat",
    "Rabat",
    "PKWiU",
    "GTU",
    "StawkaRyczaltu",
    "Zal15",
    "PodstawaPrawna",
];
const RATES: &[Decimal] = &[dec!(0.23), dec!(0.08), dec!(0.05), dec!(0)];
const GTU: &[&str] = &["BRAK", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13"];

/// The buyer: one who is known, or the one that is sent.
pub(super) fn contractor(account: &Account, settings: &Settings, fields: Fields<'_>) -> Result<Contractor, Refusal> {
    let code = fields.text("IdentyfikatorKontrahenta", 15)?;
    let (prefix, nip) = (fields.text("PrefiksUEKontrahenta", 2)?, fields.text("NIPKontrahenta", 13)?);
    if !code.is_empty() || !nip.is_empty() {
        let is_meant = |known: &&Contractor| {
            if code.is_empty() { known.nip == nip && known.prefix == prefix } else { known.code == code }
        };
        return account.contractors.iter().find(is_meant).cloned().ok_or(NO_CONTRACTOR);
    }
    let sent = Fields::read(fields.get("Kontrahent").ok_or(STRUCTURE)?, CONTRACTOR_MODEL, settings.unknown_members)?;
    let contractor = Contractor {
        name: sent.required_text("Nazwa", 150)?,
        name2: sent.text("Nazwa2", 150)?,
        code: sent.text("Identyfikator", 15)?,
        prefix: sent.text("PrefiksUE", 2)?,
        nip: sent.text("NIP", 13)?,
        street: sent.text("Ulica", 65)?,
        zip: sent.required_text("KodPocztowy", 16)?,
        city: sent.required_text("Miejscowosc", 65)?,
        country: sent.text("Kraj", 70)?,
        country_code: sent.text("KodKraju", 2)?,
        email: sent.text("Email", 65)?,
        phone: sent.text("Telefon", 32)?,
        person: sent.flag("OsobaFizyczna")?,
    };
    sent.flag("AdresZagraniczny")?;
    let is_polish = matches!(contractor.prefix.as_str(), "" | "PL")
        && matches!(contractor.country.as_str(), "" | "Polska")
        && matches!(contractor.country_code.as_str(), "" | "PL");
    let is_wrong = is_polish && !contractor.nip.is_empty() && !is_nip(&contractor.nip);
    if is_wrong && settings.wrong_tax_numbers == Strictness::Refused {
        return Err(rule("Podany numer NIP jest nieprawidłowy"));
    }
    Ok(contractor)
}

/// Lines.
pub(super) fn lines(
    account: &Account,
    settings: &Settings,
    fields: Fields<'_>,
    kind: Kind,
    priced: Priced,
) -> Result<Vec<Line>, Refusal> {
    let rows = fields.list("Pozycje")?;
    if rows.is_empty() {
        return Err(STRUCTURE);
    }
    rows.iter().map(|row| line(account, settings, row, kind, priced)).collect()
}

fn line(account: &Account, settings: &Settings, row: &Node, kind: Kind, priced: Priced) -> Result<Line, Refusal> {
    let fields = Fields::read(row, LINE_MODEL, settings.unknown_members)?;
    let (quantity, price) = (fields.required_number("Ilosc")?, fields.required_number("CenaJednostkowa")?);
    let discount = fields.number("Rabat")?.unwrap_or_default();
    let rate = match (fields.required_word("TypStawkiVat", &["PRC", "ZW"])?, fields.number("StawkaVat")?) {
        ("PRC", Some(rate)) if RATES.contains(&rate) => Some(rate),
        ("ZW", None) => None,
        _ => return Err(STRUCTURE),
    };
    let basis = fields.text("PodstawaPrawna", 30)?;
    let needs_basis = settings.no_exemption_basis == Strictness::Refused && basis.is_empty();
    if (!account.vat_payer && rate.is_some()) || (rate.is_none() && needs_basis) {
        return Err(rule("Pole Podstawa prawna zwolnienia z podatku VAT jest wymagane."));
    }
    // Only who pays a lump sum says at what rate.
    if account.lump_sum != fields.get("StawkaRyczaltu").is_some() {
        return Err(STRUCTURE);
    }
    match kind {
        Kind::Domestic if fields.has("NazwaPelnaObca") || fields.has("JednostkaObca") => return Err(STRUCTURE),
        Kind::Domestic => {}
        Kind::Currency => {
            fields.required_text("NazwaPelnaObca", 300)?;
            fields.required_text("JednostkaObca", 10)?;
        }
    }
    let line = Line {
        name: fields.required_text("NazwaPelna", 300)?,
        unit: fields.required_text("Jednostka", 10)?,
        quantity,
        price,
        discount,
        rate,
        classification: fields.text("PKWiU", 30)?,
        gtu: fields.word("GTU", GTU)?.unwrap_or("BRAK").to_owned(),
        basis,
        amounts: Amounts::default(),
    };
    fields.flag("Zal15")?;
    if quantity <= Decimal::ZERO {
        return Err(rule("Ilość musi być większa od zera"));
    }
    if price <= Decimal::ZERO || price >= TOO_MUCH {
        return Err(rule("Cena jednostkowa musi być większa od zera i mniejsza niż 100000000"));
    }
    if discount < Decimal::ZERO || discount >= Decimal::ONE_HUNDRED {
        return Err(rule("Rabat musi być mniejszy niż 100%"));
    }
    let value = quantity * discounted(&line);
    Ok(Line { amounts: Amounts::of(value, percent(&line), priced), ..line })
}

/// Price of a unit after discount.
pub(super) fn discounted(line: &Line) -> Decimal {
    if line.discount.is_zero() {
        return line.price;
    }
    round(line.price * (Decimal::ONE_HUNDRED - line.discount) / Decimal::ONE_HUNDRED)
}

/// The rate in percent.
pub(super) fn percent(line: &Line) -> Decimal {
    line.rate.unwrap_or_default() * Decimal::ONE_HUNDRED
}
