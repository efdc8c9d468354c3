//! What stands round the transactions: the company, the contacts, accounts and codes that occur, and the totals.

use super::{Books, ExportDocument, FiscalYear, RunFacts, Summary, kind, month_end, month_start, sums};
use crate::{
    amounts::cents,
    xml::{self, Xml},
};
use domain::{
    export_format::{XAF_ID_CHARS_MAX, XafContactIds, XafJournal, XafOptions},
    ledger::Direction,
    party::{RegistryNumber, VatNumber},
    reason::Reason,
    time::Date,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const NAMESPACE: &str = "http://www.auditfiles.nl/XAF/3.2";
const TEXT_CHARS_MAX: usize = 999;
const PARTY_NAME_CHARS_MAX: usize = 50;
const TAX_NUMBER_CHARS_MAX: usize = 30;
/// How the two kinds of contacts are told apart, and one that is both.
const SUPPLIER: &str = "<custSupTp>S</custSupTp>";
const BOTH: &str = "<custSupTp>B</custSupTp>";

/// Prefixes of VAT numbers that are the country too.
const VAT_COUNTRIES: [&str; 30] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "TR",
];

/// The company that the file is of.
pub(super) struct Company {
    name: String,
    number: Option<String>,
    tax_number: String,
}

/// The company, by the settings and else by the books.
pub(super) fn company(options: &XafOptions, books: &Books) -> Result<Company, Reason> {
    let own = &books.own;
    let name = options.company_name.as_deref().or(own.names.first().map(String::as_str)).unwrap_or(&books.name);
    let number = options.company_number.as_deref().or(own.registry_numbers.first().map(RegistryNumber::as_str));
    let tax_number = options.tax_number.as_deref().or(own.vat_numbers.first().map(VatNumber::as_str));
    let unset = || Unfit::SettingMissing { setting: Text::of("tax_number"), code: Text::of(&books.name) };
    let tax_number = tax_number.ok_or_else(|| Reason::said(&unset()))?;
    Ok(Company {
        name: xml::label("company name", name, TEXT_CHARS_MAX)?,
        number: number.map(|number| xml::code("company number", number, XAF_ID_CHARS_MAX)).transpose()?,
        tax_number: xml::code("tax number", tax_number, TAX_NUMBER_CHARS_MAX)?,
    })
}

/// A supplier or customer as it is declared.
pub(super) struct Declared {
    pub kind: &'static str,
    pub id: String,
    pub element: String,
}

/// The contact of a document. It is known by its code in the ledger, else by ours.
pub(super) fn party(options: &XafOptions, document: &ExportDocument) -> Result<Declared, Reason> {
    let contact = &document.contact;
    let (kind, letter) = match document.posting.direction {
        Direction::Purchase => (kind::SUPPLIER, "S"),
        Direction::Sales => (kind::CUSTOMER, "C"),
    };
    let id = contact.ledger_contact.as_ref().map_or_else(|| contact.id.to_string(), ToString::to_string);
    let id = match options.contact_ids {
        XafContactIds::Ledger => id,
        XafContactIds::LedgerBySide => format!("{letter}-{id}"),
    };
    let id = xml::code("contact", &id, XAF_ID_CHARS_MAX)?;
    let mut xml = Xml::fragment();
    xml.open("customerSupplier");
    xml.leaf("custSupID", &id);
    xml.some("custSupName", Some(&xml::label("contact name", &contact.name, PARTY_NAME_CHARS_MAX)?));
    xml.some("commerceNr", contact.registry_number.as_ref().map(RegistryNumber::as_str));
    if let Some(number) = &contact.vat_number {
        xml.some("taxRegistrationCountry", number.as_str().get(..2).and_then(country));
        xml.leaf("taxRegIdent", number.as_str());
    }
    xml.leaf("custSupTp", letter);
    for iban in &contact.ibans {
        xml.open("bankAccount");
        xml.leaf("bankAccNr", iban.as_str());
        xml.close("bankAccount");
    }
    xml.close("customerSupplier");
    Ok(Declared { kind, id, element: xml.into_text() })
}

/// Whether two elements are of one party: by VAT number, else by name.
fn is_same(one: &str, other: &str) -> bool {
    let part = |element: &str, tag: &str| {
        let rest = element.split_once(&format!("<{tag}>"))?.1;
        Some(rest.split_once('<')?.0.to_owned())
    };
    let of = |tag: &str| (part(one, tag), part(other, tag));
    match of("taxRegIdent") {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, None) | (None, Some(_)) => {
            let (one, other) = of("custSupName");
            one.is_some() && one == other
        }
    }
}

/// Country of a VAT number's prefix.
fn country(prefix: &str) -> Option<&str> {
    match prefix {
        "EL" => Some("GR"),
        "XI" => Some("GB"),
        prefix => VAT_COUNTRIES.contains(&prefix).then_some(prefix),
    }
}

/// Everything before the first journal.
pub(super) fn head(
    options: &XafOptions,
    books: &Books,
    run: &RunFacts,
    summary: &Summary,
    year: FiscalYear,
    (first, last): (Date, Date),
) -> Result<Vec<u8>, Reason> {
    let company = company(options, books)?;
    let mut xml = Xml::file();
    xml.open_with("auditfile", &[("xmlns", NAMESPACE)]);
    xml.end_line();
    xml.open("header");
    xml.leaf("fiscalYear", &year.name());
    xml.leaf("startDate", &month_start(first).to_string());
    xml.leaf("endDate", &month_end(last).to_string());
    xml.leaf("curCode", books.currency.as_str());
    xml.leaf("dateCreated", &run.job_date.to_string());
    xml.leaf("softwareDesc", "Ledgerpost");
    xml.leaf("softwareVersion", env!("CARGO_PKG_VERSION"));
    xml.close("header");
    xml.end_line();
    xml.open("company");
    xml.some("companyIdent", company.number.as_deref());
    xml.leaf("companyName", &company.name);
    xml.leaf("taxRegistrationCountry", &options.tax_country);
    xml.leaf("taxRegIdent", &company.tax_number);
    xml.end_line();
    declared(&mut xml, options, summary, year)?;
    xml.open("transactions");
    let total = |name: &str| cents(summary.sums.get(name).copied().unwrap_or(Decimal::ZERO));
    xml.leaf("linesCount", &summary.rows.to_string());
    xml.leaf("totalDebit", &total(sums::DEBIT));
    xml.leaf("totalCredit", &total(sums::CREDIT));
    xml.end_line();
    Ok(xml.into_bytes())
}

/// Contacts, accounts, VAT codes and periods that occur, each once.
fn declared(xml: &mut Xml, options: &XafOptions, summary: &Summary, year: FiscalYear) -> Result<(), Reason> {
    let none = BTreeMap::new();
    let of = |kind: &str| summary.declared.get(kind).unwrap_or(&none);
    let (suppliers, customers) = (of(kind::SUPPLIER), of(kind::CUSTOMER));
    let accounts = of(kind::ACCOUNT);
    xml.open("customersSuppliers");
    xml.end_line();
    for (id, element) in suppliers {
        // One code is one element, so one party: two of them have to be told apart by the settings.
        let customer = customers.get(id);
        if customer.is_some_and(|customer| !is_same(element, customer)) {
            let (setting, code) = (Text::of("contact_ids"), Text::of(id));
            return Err(Reason::said(&Unfit::SettingMissing { setting, code }));
        }
        xml.written(&if customer.is_some() { element.replace(SUPPLIER, BOTH) } else { element.clone() });
        xml.end_line();
    }
    for (_, element) in customers.iter().filter(|(id, _)| !suppliers.contains_key(*id)) {
        xml.written(element);
        xml.end_line();
    }
    xml.close("customersSuppliers");
    xml.end_line();
    xml.open("generalLedger");
    xml.end_line();
    for code in accounts.keys() {
        let account = options.accounts.get(code);
        let unset = || Unfit::SettingMissing { setting: Text::of("accounts"), code: Text::of(code) };
        let account = account.and_then(|account| Some((account, account.kind?)));
        let (account, kind) = account.ok_or_else(|| Reason::said(&unset()))?;
        xml.open("ledgerAccount");
        xml.leaf("accID", code);
        xml.leaf("accDesc", &xml::label("account", &account.description, TEXT_CHARS_MAX)?);
        xml.leaf("accTp", kind.as_str());
        xml.close("ledgerAccount");
        xml.end_line();
    }
    xml.close("generalLedger");
    xml.end_line();
    xml.open("vatCodes");
    xml.end_line();
    for code in of(kind::VAT_CODE).keys() {
        let vat = options.vat_codes.get(code);
        let occurs = |account: Option<&String>| account.filter(|account| accounts.contains_key(*account)).cloned();
        xml.open("vatCode");
        xml.leaf("vatID", code);
        xml.leaf("vatDesc", &xml::label("VAT code", vat.map_or(code, |vat| &vat.description), TEXT_CHARS_MAX)?);
        xml.some("vatToPayAccID", occurs(vat.and_then(|vat| vat.pay_account.as_ref())).as_deref());
        xml.some("vatToClaimAccID", occurs(vat.and_then(|vat| vat.claim_account.as_ref())).as_deref());
        xml.close("vatCode");
        xml.end_line();
    }
    xml.close("vatCodes");
    xml.end_line();
    xml.open("periods");
    for start in of(kind::PERIOD).keys().filter_map(|start| start.parse::<Date>().ok()) {
        xml.open("period");
        xml.leaf("periodNumber", &year.period(start).to_string());
        xml.leaf("startDatePeriod", &start.to_string());
        xml.leaf("endDatePeriod", &month_end(start).to_string());
        xml.close("period");
    }
    xml.close("periods");
    xml.end_line();
    Ok(())
}

/// The beginning of a journal.
pub(super) fn journal_head(journal: &XafJournal, kind: &str) -> Result<Vec<u8>, Reason> {
    let mut xml = Xml::fragment();
    xml.open("journal");
    xml.leaf("jrnID", &xml::code("journal", &journal.id, XAF_ID_CHARS_MAX)?);
    xml.leaf("desc", &xml::label("journal", &journal.description, TEXT_CHARS_MAX)?);
    xml.leaf("jrnTp", kind);
    xml.end_line();
    Ok(xml.into_bytes())
}

/// Its end.
pub(super) fn journal_foot() -> Vec<u8> {
    let mut xml = Xml::fragment();
    xml.close("journal");
    xml.end_line();
    xml.into_bytes()
}

/// The end of the file.
pub(super) fn foot() -> Vec<u8> {
    let mut xml = Xml::fragment();
    for name in ["transactions", "company", "auditfile"] {
        xml.close(name);
    }
    xml.end_line();
    xml.into_bytes()
}
