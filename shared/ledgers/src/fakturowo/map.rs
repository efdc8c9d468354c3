//! An issued document as Fakturowo wants it: a flat form. It computes totals itself and does not tell them.

use super::{
    NAME,
    api::Fields,
    codes::{self, PAYMENTS, TRANSFER, TRANSFERRED},
};
use crate::{
    buyers::written as tax_number,
    descriptor::{OptionKind, OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    invoicing::PassRequest,
};
use domain::{
    office::Choice,
    sales::{
        AddressText, Country, Customer, CustomerName, IssuedContent, IssuedKind, IssuedLine, PostCode, Prices, SalesVat,
    },
    time::Date,
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Whose documents get addresses that anybody can open.
pub(super) const ADDRESSES: OptionSpec = OptionSpec {
    key: "addresses",
    name: "Documents get public addresses, without which there is no PDF, when customers are shown the ledger's document, or always",
    kind: OptionKind::Choice(&["when_shown", "always"]),
    default: Some("when_shown"),
};

/// Whether the next number is asked for.
pub(super) const NEXT_NUMBER: OptionSpec = OptionSpec {
    key: "next_number",
    name: "Where Fakturowo numbers: its next number is asked for and sent, or it is left to Fakturowo with the document",
    kind: OptionKind::Choice(&["asked", "left"]),
    default: Some("asked"),
};

/// The code of units that have none here.
pub(super) const UNIT: OptionSpec = OptionSpec {
    key: "unit",
    name: "Code of the unit of lines that are counted neither in pieces nor as services",
    kind: OptionKind::Text(10),
    default: Some("2"),
};

const HOLD: &str = "hold";

/// How a supply to another member state is taxed there.
pub(super) const INTRA_COMMUNITY: OptionSpec = OptionSpec {
    key: "intra_community",
    name: "VAT of a line supplied to another member state: the rate 0, 'np', or held for a person",
    kind: OptionKind::Choice(&[HOLD, "0", "np"]),
    default: Some(HOLD),
};

/// How an export is taxed there.
pub(super) const EXPORT: OptionSpec = OptionSpec {
    key: "export",
    name: "VAT of an exported line: the rate 0, 'np', or held for a person",
    kind: OptionKind::Choice(&[HOLD, "0", "np"]),
    default: Some(HOLD),
};

fn refused(code: ErrorCode, message: String) -> LedgerError {
    LedgerError::rejected(code, Operation::Prepare, message)
}

/// The number of a type of documents.
pub(super) fn kind(kind: IssuedKind) -> Result<&'static str, LedgerError> {
    match kind {
        IssuedKind::Invoice => Ok("0"),
        IssuedKind::Receipt => Ok("20"),
        IssuedKind::Correction | IssuedKind::ProForma => {
            let message = format!("{NAME} takes no such document from us. Enter it there by hand.");
            Err(refused(ErrorCode::Unsupported, message))
        }
    }
}

/// Whether anybody who has its address may open the document.
pub(super) fn is_open(request: &PassRequest<'_>) -> bool {
    request.show == Choice::Yes || request.options.get(&ADDRESSES) == Some("always")
}

/// A day as Fakturowo writes it.
pub(super) fn day(date: Date) -> String {
    date.format("%d-%m-%Y").to_string()
}

/// Whether the next number is asked for where Fakturowo numbers.
pub(super) fn asks_for_number(options: &Options) -> bool {
    options.get(&NEXT_NUMBER) == Some("asked")
}

fn paid(content: &IssuedContent) -> Decimal {
    content.payment.paid.value().min(content.total.gross)
}

fn is_paid(content: &IssuedContent) -> bool {
    !content.total.gross.is_zero() && paid(content) == content.total.gross
}

/// The way of payment that ours is linked to; else a transfer, which has come or not (CO-15).
fn payment<'a>(request: &PassRequest<'a>) -> Result<&'a str, LedgerError> {
    let usual = if is_paid(request.content) { TRANSFERRED } else { TRANSFER };
    let code = request.payment.map_or(usual, str::trim);
    if PAYMENTS.iter().any(|(known, _)| *known == code) {
        return Ok(code);
    }
    let message = format!(
        "The payment type of this document is linked to '{code}', which {NAME} does not have. Choose it from the list, and pass the \
         document again."
    );
    Err(refused(ErrorCode::UnknownReference, message).about(code))
}

fn vat(line: &IssuedLine, options: &Options) -> Result<String, LedgerError> {
    let chosen = |option: &OptionSpec| match options.get(option) {
        Some(word @ ("0" | "np")) => Ok(word.to_owned()),
        _ => Err(held(option)),
    };
    match line.vat {
        SalesVat::Rate(percent) => Ok(percent.value().normalize().to_string()),
        SalesVat::Exempt => Ok("zw".to_owned()),
        SalesVat::OutOfScope => Ok("np".to_owned()),
        SalesVat::ReverseCharge => Ok("oo".to_owned()),
        SalesVat::IntraCommunity => chosen(&INTRA_COMMUNITY),
        SalesVat::Export => chosen(&EXPORT),
    }
}

fn held(option: &OptionSpec) -> LedgerError {
    let message = format!(
        "How {NAME} wants such a line taxed is not certain. Pass one in a test account, set the option '{}' of the connection, and \
         pass this document again; or enter it there by hand.",
        option.key
    );
    refused(ErrorCode::Held, message).about(option.key)
}

/// The form of a document, with its number where that is known beforehand; or why it is refused before anything is sent.
pub(super) fn document(request: &PassRequest<'_>, number: Option<&str>) -> Result<Fields, LedgerError> {
    let content = request.content;
    let mut form = Form::default();
    form.add("dokument_dostep", if is_open(request) { "1" } else { "0" });
    form.add("dokument_rodzaj", kind(content.kind)?);
    form.add_some("dokument_numer", number);
    form.add("dokument_pokaz_numer", "1");
    form.add("dokument_data_w", day(content.issue_date));
    form.add("dokument_pokaz_data_w", "1");
    form.add("dokument_data_s", day(content.sale_date));
    form.add("dokument_data_s_oznaczenie", "0");
    form.add("dokument_pokaz_data_s", "1");
    match content.due_date {
        Some(due) => {
            form.add("dokument_data_p", day(due));
            form.add("dokument_data_p_oznaczenie", "0");
            form.add("dokument_pokaz_data_p", "1");
        }
        // Not even an empty one where it is not displayed (CO-25).
        None => {
            form.add("dokument_pokaz_data_p", "0");
            form.add("dokument_pokaz_termin", "0");
        }
    }
    no_split_payment(content)?;
    form.add("dokument_waluta", currency(content)?);
    form.add("dokument_zaplata", payment(request)?);
    form.add("dokument_pokaz_zaplata", "1");
    settlement(&mut form, content);
    form.add("dokument_zamowienie", content.order.as_str());
    form.add("dokument_pokaz_zamowienie", "1");
    if let Some(note) = &content.note {
        form.add("dokument_uwagi", note.as_str());
        form.add("dokument_pokaz_uwagi", "1");
    }
    if content.lines.iter().any(|line| line.vat == SalesVat::Exempt) {
        form.add("dokument_podstawa_zw", exemption(content)?);
    }
    buyer(&mut form, &content.customer)?;
    for (line, place) in content.lines.iter().zip(1..) {
        line_of(&mut form, request, line, place)?;
    }
    Ok(form.0)
}

/// A form that is being filled in.
#[derive(Default)]
struct Form(Fields);

impl Form {
    fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    fn add_some(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}

/// It has no field for it, and an invoice that must say so and does not is wrong.
fn no_split_payment(content: &IssuedContent) -> Result<(), LedgerError> {
    match content.split_payment {
        Choice::No => Ok(()),
        Choice::Yes => {
            let message = format!("{NAME} has no mark for split payment. Enter this document there by hand.");
            Err(refused(ErrorCode::Unsupported, message))
        }
    }
}

fn currency(content: &IssuedContent) -> Result<String, LedgerError> {
    let code = codes::currency(content.currency.as_str());
    code.map(|code| code.to_string()).ok_or_else(|| {
        let message = format!("{NAME} does not have {}. Enter this document there by hand.", content.currency);
        refused(ErrorCode::CurrencyNotAllowed, message).about(content.currency)
    })
}

fn settlement(form: &mut Form, content: &IssuedContent) {
    let paid = paid(content);
    let status = match (is_paid(content), paid.is_zero()) {
        (true, _) => "1",
        (false, true) => "0",
        (false, false) => "2",
    };
    form.add("dokument_status", status);
    if !paid.is_zero() {
        form.add("dokument_zaplacono", format!("{paid:.2}"));
        form.add("dokument_zaplacono_oznaczenie", "0");
        form.add("dokument_pokaz_zaplacono", "1");
    }
}

fn exemption(content: &IssuedContent) -> Result<&str, LedgerError> {
    content.exemption.as_ref().map(domain::sales::ItemName::as_str).ok_or_else(|| {
        let message = format!(
            "{NAME} wants to know on what grounds a line is exempt from VAT, and the order does not say. Add it to the order, and \
             issue the document again."
        );
        refused(ErrorCode::MandatoryField, message)
    })
}

/// The buyer as on the order (CO-24). Who has no tax number in Poland is a person there, with a first and a last name.
fn buyer(form: &mut Form, customer: &Customer) -> Result<(), LedgerError> {
    let address = &customer.address;
    let number = tax_number(customer);
    match &customer.name {
        CustomerName::Person { first_name, last_name } => {
            form.add("nabywca_osoba", "1");
            form.add("nabywca_imie", first_name.as_str());
            form.add("nabywca_nazwisko", last_name.as_str());
        }
        CustomerName::Company { name, .. } if number.is_none() && address.country == Country::POLAND => {
            // Both are printed one after the other: the name stays what it is.
            let (first, last) = name.as_str().rsplit_once(' ').ok_or_else(|| {
                let message = format!(
                    "{NAME} takes a company in Poland only with its tax number, and the order has none. Add it to the order, and \
                     issue the document again."
                );
                refused(ErrorCode::CustomerRefused, message)
            })?;
            form.add("nabywca_osoba", "1");
            form.add("nabywca_imie", first.trim_end());
            form.add("nabywca_nazwisko", last);
        }
        CustomerName::Company { name, .. } => {
            form.add("nabywca_osoba", "0");
            form.add("nabywca_nazwa", name.as_str());
            form.add_some("nabywca_nip", number.as_deref());
        }
    }
    form.add("nabywca_ulica", address.street.as_str());
    form.add_some("nabywca_kod", address.post_code.as_ref().map(PostCode::as_str));
    form.add("nabywca_miasto", address.city.as_str());
    form.add("nabywca_kraj", address.country.as_str());
    form.add_some("nabywca_email", customer.email.as_ref().map(AddressText::as_str));
    form.add_some("nabywca_telefon", customer.phone.as_ref().map(AddressText::as_str));
    Ok(())
}

/// One form of price only: both together are refused.
fn line_of(form: &mut Form, request: &PassRequest<'_>, line: &IssuedLine, place: usize) -> Result<(), LedgerError> {
    let field = |name: &str| format!("produkt_{name}_{place}");
    let unit = codes::unit(line.unit.as_ref().map(AddressText::as_str));
    let unit = unit.or_else(|| request.options.get(&UNIT)).unwrap_or_default();
    form.add(field("nazwa"), line.name.as_str());
    form.add(field("ilosc"), line.quantity.normalize().to_string());
    form.add(field("jm"), unit);
    form.add(field("stawka_vat"), vat(line, request.options)?);
    match request.content.prices {
        Prices::Gross => form.add(field("wartosc_brutto"), format!("{:.2}", line.gross)),
        Prices::Net => {
            let mut price = line.price.value();
            price.rescale(price.scale().max(2));
            form.add(field("cena_netto"), price.to_string());
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
