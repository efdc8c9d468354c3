//! An invoice (`Faktura`).

use super::{
    Taxpayer,
    rates::{self, Group, RateCode},
};
use crate::{
    Books, ExportDocument,
    amounts::{self, cents, out_of_range, too_large},
    facts::by_effect,
    xml::{self, Xml},
};
use domain::{
    export_format::{JPK_TEXT_CHARS_MAX, JpkCorrectedInvoice, JpkExemptionBasis, JpkFaOptions, is_nip},
    invoice::{Invoice, InvoiceKind, VatCategory},
    money::{Currency, sum, to_cents},
    party::{VatNumber, normalise},
    reason::Reason,
    time::Date,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Prefixes of VAT numbers that the file knows.
const EU_PREFIXES: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GB", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "PT", "RO", "SE", "SI", "SK", "XI",
];
/// Currencies that the file's list does not have.
const CURRENCIES_UNKNOWN: [&str; 4] = ["SLE", "VED", "XCG", "ZWG"];
/// Reasons under which only a margin is taxed, which such a file states without net and VAT.
const MARGIN_SCHEMES: [&str; 4] = ["VATEX-EU-D", "VATEX-EU-F", "VATEX-EU-I", "VATEX-EU-J"];

/// UNTDID 1001 codes of documents that the file treats in their own way.
mod type_code {
    pub const CORRECTED: &str = "384";
    pub const PREPAYMENT: &str = "386";
    pub const SELF_BILLED: [&str; 2] = ["389", "261"];
}

/// A tax number as the file has it: the prefix of another member state, and the number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TaxNumber {
    prefix: Option<String>,
    number: String,
}

impl TaxNumber {
    /// Reads what a document states: a Polish number with or without `PL`, or a VAT number.
    fn read(stated: &str) -> Option<Self> {
        let number = normalise(stated);
        let polish = number.strip_prefix("PL").unwrap_or(&number);
        if is_nip(polish) {
            return Some(Self { prefix: None, number: polish.to_owned() });
        }
        let number = number.parse::<VatNumber>().ok()?;
        let (prefix, rest) = number.as_str().split_at_checked(2)?;
        let prefix = if prefix == "GR" { "EL" } else { prefix };
        let known = EU_PREFIXES.contains(&prefix);
        let (prefix, number) = if known { (Some(prefix.to_owned()), rest) } else { (None, number.as_str()) };
        Some(Self { prefix, number: number.to_owned() })
    }

    fn is_polish(&self) -> bool {
        self.prefix.is_none() && is_nip(&self.number)
    }
}

/// The customer's tax number: as the document states it, else the contact's.
fn buyer(document: &ExportDocument) -> Option<TaxNumber> {
    let party = &document.invoice.customer;
    let stated = party.vat.as_deref().and_then(TaxNumber::read);
    let stated = stated.or_else(|| party.tax_number.as_deref().and_then(TaxNumber::read));
    stated.or_else(|| document.contact.vat_number.as_ref().and_then(|number| TaxNumber::read(number.as_str())))
}

/// Whether the customer is registered in Poland: a reverse charge is then one within the country.
pub(super) fn is_to_poland(document: &ExportDocument) -> bool {
    buyer(document).is_some_and(|number| number.is_polish())
}

/// What an invoice corrects.
enum Nature {
    Invoice,
    Correction { of: String },
}

fn nature(options: &JpkFaOptions, document: &ExportDocument) -> Result<Nature, Reason> {
    let (posting, invoice) = (&document.posting, &document.invoice);
    let code = invoice.type_code.as_deref().unwrap_or_default();
    if code == type_code::PREPAYMENT {
        return Err(missing("the order of the advance invoice (Zamowienie)"));
    }
    let by_code = code == type_code::CORRECTED && posting.kind == InvoiceKind::Invoice;
    if by_code && options.corrected_invoices == JpkCorrectedInvoice::LeaveOut {
        let (setting, code) = (Text::of("corrected_invoices"), Text::of(code));
        return Err(Reason::said(&Unfit::SettingMissing { setting, code }));
    }
    if !by_code && posting.kind == InvoiceKind::Invoice && posting.gross >= Decimal::ZERO {
        return Ok(Nature::Invoice);
    }
    let numbers: Vec<&str> = invoice.preceding.iter().map(|preceding| preceding.number.trim()).collect();
    let numbers = numbers.into_iter().filter(|number| !number.is_empty()).collect::<Vec<_>>().join(", ");
    let of = xml::code("number of the corrected invoice (NrFaKorygowanej)", &numbers, JPK_TEXT_CHARS_MAX)?;
    Ok(Nature::Correction { of })
}

/// Net and VAT of a group.
#[derive(Default)]
struct GroupSum {
    net: Decimal,
    vat: Decimal,
    foreign: bool,
}

fn groups(options: &JpkFaOptions, document: &ExportDocument) -> Result<BTreeMap<Group, GroupSum>, Reason> {
    let amounts = amounts::original(document)?;
    let to_poland = is_to_poland(document);
    let mut groups: BTreeMap<Group, GroupSum> = BTreeMap::new();
    for (line, amounts) in document.posting.lines.iter().zip(&amounts.lines) {
        let (group, code) = rates::of(options, line.category, line.rate, to_poland)?;
        let held = groups.entry(group).or_default();
        held.net = sum([held.net, amounts.net]).map_err(too_large)?;
        held.vat = sum([held.vat, amounts.vat]).map_err(too_large)?;
        held.foreign |= matches!(code, RateCode::Foreign(_));
        // Where the file has no field for VAT, there must be none.
        let without = match group {
            Group::Zero | Group::Exempt => true,
            Group::Outside => !held.foreign,
            Group::Standard | Group::Reduced | Group::SecondReduced | Group::ReverseOrFlat => false,
        };
        if without && !held.vat.is_zero() {
            return Err(out_of_range("VAT", held.vat));
        }
    }
    Ok(groups)
}

/// VAT of each group in złoty. What the document states is used when it is of one group; else the stored rate.
fn in_zloty(
    document: &ExportDocument,
    books: &Books,
    groups: &BTreeMap<Group, GroupSum>,
) -> Result<BTreeMap<Group, Decimal>, Reason> {
    let (posting, invoice) = (&document.posting, &document.invoice);
    let taxed = groups.iter().filter(|(group, _)| **group <= Group::ReverseOrFlat);
    let stated = invoice.totals.vat_in_tax_currency.filter(|_| invoice.tax_currency.is_some_and(is_zloty));
    let stated = stated.map(|vat| by_effect(document, vat));
    let one = groups.values().filter(|sum| !sum.vat.is_zero()).count() == 1;
    let convert = |sum: &GroupSum| match stated {
        _ if sum.vat.is_zero() => Ok(Decimal::ZERO),
        Some(stated) if one && to_cents(stated) == stated => Ok(stated),
        Some(_) | None if is_zloty(books.currency) => amounts::converted(document, books, sum.vat),
        Some(_) | None => {
            let (currency, books) = (Text::of(posting.currency), Text::of("PLN"));
            Err(Reason::said(&Unfit::NoRate { currency, books }))
        }
    };
    taxed.map(|(group, sum)| Ok((*group, convert(sum)?))).collect()
}

fn is_zloty(currency: Currency) -> bool {
    currency.as_str() == "PLN"
}

/// Writes an invoice. A correction carries differences: what it takes away is negative.
pub(super) fn write(
    options: &JpkFaOptions,
    taxpayer: &Taxpayer,
    document: &ExportDocument,
    books: &Books,
) -> Result<Vec<u8>, Reason> {
    let (posting, invoice) = (&document.posting, &document.invoice);
    if CURRENCIES_UNKNOWN.contains(&posting.currency.as_str()) {
        let (field, value) = (Text::of("KodWaluty"), Text::of(posting.currency));
        return Err(Reason::said(&Unfit::OutOfRange { field, value }));
    }
    let nature = nature(options, document)?;
    let groups = groups(options, document)?;
    let flags = Flags::of(options, document)?;
    let buyer = buyer(document);
    let mut xml = Xml::fragment();
    xml.open("Faktura");
    xml.leaf("KodWaluty", posting.currency.as_str());
    xml.leaf("P_1", &date("P_1", posting.issue_date, (2016, 7))?);
    xml.leaf("P_2A", &xml::code("number (P_2A)", &posting.number, JPK_TEXT_CHARS_MAX)?);
    let name = invoice.customer.name.as_deref().unwrap_or(&document.contact.name);
    xml.some("P_3A", Some(&xml::label("customer name (P_3A)", name, JPK_TEXT_CHARS_MAX)?));
    let name = invoice.supplier.name.as_deref().map(|name| xml::label("seller name (P_3C)", name, JPK_TEXT_CHARS_MAX));
    let name = name.transpose()?.filter(|name| !name.is_empty());
    xml.leaf("P_3C", name.as_deref().unwrap_or(&taxpayer.name));
    xml.leaf("P_3D", &xml::label("seller address (P_3D)", &taxpayer.address, JPK_TEXT_CHARS_MAX)?);
    let abroad = buyer.as_ref().and_then(|buyer| buyer.prefix.as_deref());
    xml.some("P_4A", abroad.map(|_| "PL"));
    xml.leaf("P_4B", &taxpayer.nip);
    xml.some("P_5A", abroad);
    xml.some("P_5B", buyer.as_ref().map(|buyer| buyer.number.as_str()));
    let supplied = invoice.delivery_date.or(invoice.period_end).filter(|supplied| *supplied != posting.issue_date);
    if let Some(supplied) = supplied {
        xml.leaf("P_6", &date("P_6", supplied, (2006, 1))?);
    }
    sums(&mut xml, document, books, &groups)?;
    xml.leaf("P_15", &cents(posting.gross));
    flags.write(&mut xml);
    match nature {
        Nature::Invoice => xml.leaf("RodzajFaktury", "VAT"),
        Nature::Correction { of } => {
            xml.leaf("RodzajFaktury", "KOREKTA");
            xml.leaf("NrFaKorygowanej", &of);
        }
    }
    xml.close("Faktura");
    xml.end_line();
    Ok(xml.into_bytes())
}

/// `P_13_1` to `P_13_7` with their VAT.
fn sums(
    xml: &mut Xml,
    document: &ExportDocument,
    books: &Books,
    groups: &BTreeMap<Group, GroupSum>,
) -> Result<(), Reason> {
    let is_domestic = is_zloty(document.posting.currency);
    let zloty = if is_domestic { BTreeMap::new() } else { in_zloty(document, books, groups)? };
    for (group, sum) in groups {
        let (at, has_vat) = match group {
            Group::Standard => (1, true),
            Group::Reduced => (2, true),
            Group::SecondReduced => (3, true),
            Group::ReverseOrFlat => (4, true),
            Group::Outside => (5, sum.foreign),
            Group::Zero => (6, false),
            Group::Exempt => (7, false),
        };
        xml.leaf(&format!("P_13_{at}"), &cents(sum.net));
        if has_vat {
            xml.leaf(&format!("P_14_{at}"), &cents(sum.vat));
        }
        if let Some(vat) = zloty.get(group) {
            xml.leaf(&format!("P_14_{at}W"), &cents(*vat));
        }
    }
    Ok(())
}

/// What an invoice has to say of itself.
struct Flags {
    cash_accounting: bool,
    self_billed: bool,
    reverse_charge: bool,
    split_payment: bool,
    exempt: Option<(JpkExemptionBasis, String)>,
}

impl Flags {
    fn of(options: &JpkFaOptions, document: &ExportDocument) -> Result<Self, Reason> {
        let (posting, invoice) = (&document.posting, &document.invoice);
        if invoice.tax_representative.is_some() {
            return Err(missing("address of the tax representative (P_21B)"));
        }
        let code = invoice.type_code.as_deref().unwrap_or_default();
        let has = |category| posting.lines.iter().any(|line| line.category == category);
        let exempt = if has(VatCategory::E) { Some(exemption(options, invoice)?) } else { None };
        Ok(Self {
            cash_accounting: options.cash_accounting
                || invoice.tax_point_code.as_deref() == Some("432")
                || says(invoice, "metoda kasowa"),
            self_billed: type_code::SELF_BILLED.contains(&code) || says(invoice, "samofakturowanie"),
            reverse_charge: has(VatCategory::AE),
            split_payment: options.split_payment || says(invoice, "mechanizm podzielonej płatności"),
            exempt: exempt.map(|reason| (options.exemption_basis, reason)),
        })
    }

    fn write(&self, xml: &mut Xml) {
        let mut flag = |name: &str, value: bool| xml.leaf(name, if value { "true" } else { "false" });
        flag("P_16", self.cash_accounting);
        flag("P_17", self.self_billed);
        flag("P_18", self.reverse_charge);
        flag("P_18A", self.split_payment);
        flag("P_19", self.exempt.is_some());
        if let Some((basis, reason)) = &self.exempt {
            let name = match basis {
                JpkExemptionBasis::Act => "P_19A",
                JpkExemptionBasis::Directive => "P_19B",
                JpkExemptionBasis::Other => "P_19C",
            };
            xml.leaf(name, reason);
        }
        for name in ["P_20", "P_21", "P_22", "P_23", "P_106E_2", "P_106E_3"] {
            xml.leaf(name, "false");
        }
    }
}

/// Why an invoice is exempt: as it says, else by the settings.
fn exemption(options: &JpkFaOptions, invoice: &Invoice) -> Result<String, Reason> {
    let exempt = invoice.vat_breakdown.iter().filter(|part| part.treatment.known() == Some(VatCategory::E));
    let stated = exempt.filter_map(|part| part.exemption_reason.as_deref()).find(|reason| !reason.trim().is_empty());
    if let Some(scheme) = MARGIN_SCHEMES.into_iter().find(|scheme| stated.is_some_and(|stated| stated.contains(scheme)))
    {
        let (field, value) = (Text::of("exemption reason"), Text::of(scheme));
        return Err(Reason::said(&Unfit::OutOfRange { field, value }));
    }
    let reason = stated.or(options.exemption_reason.as_deref());
    let reason = reason.ok_or_else(|| missing("exemption reason (P_19A)"))?;
    xml::label("exemption reason (P_19A)", reason, JPK_TEXT_CHARS_MAX)
}

/// Whether the notes or terms of an invoice have these words.
fn says(invoice: &Invoice, words: &str) -> bool {
    let mut texts = invoice.notes.iter().chain(&invoice.payment_terms);
    texts.any(|text| text.to_lowercase().contains(words))
}

/// A date that the file takes: from the first of a month to 1 January 2030.
fn date(field: &str, date: Date, (year, month): (i32, u32)) -> Result<String, Reason> {
    let from = Date::from_ymd_opt(year, month, 1);
    let to = Date::from_ymd_opt(2030, 1, 1);
    if from.is_some_and(|from| date < from) || to.is_some_and(|to| date > to) {
        return Err(Reason::said(&Unfit::OutOfRange { field: Text::of(field), value: Text::of(date) }));
    }
    Ok(date.to_string())
}

fn missing(field: &str) -> Reason {
    Reason::said(&Unfit::ValueMissing { field: Text::of(field) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_numbers_are_told_apart() {
        let read = |text: &str| TaxNumber::read(text).map(|read| (read.prefix, read.number));
        for (text, prefix, number) in [
            ("PL 525-224-84-81", None, "5252248481"),
            ("5252248481", None, "5252248481"),
            ("GR123456789", Some("EL"), "123456789"),
            ("NL001234567B01", Some("NL"), "001234567B01"),
            ("CHE123456788", None, "CHE123456788"),
        ] {
            assert_eq!(read(text), Some((prefix.map(str::to_owned), number.to_owned())), "{text}");
        }
        assert_eq!(read("123456789"), None);
        assert!(TaxNumber::read("PL5252248481").unwrap().is_polish());
        assert!(!TaxNumber::read("DE123456789").unwrap().is_polish());
    }
}
