//! An issued document as wFirma wants it. It computes the amounts of lines itself; what it comes to is compared afterwards.

use super::{NAME, PAYMENT_METHODS, api::numbered, options};
use crate::{
    buyers::TaxNumber,
    counter,
    descriptor::{OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    invoicing::{PassRequest, PassedDocument},
    loose::Loose,
    push::Found,
};
use domain::{
    office::Choice,
    sales::{Customer, DocumentLanguage, IssuedContent, IssuedKind, IssuedLine, Ksef, Prices, SalesVat},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rates that go by their number; others are of other countries.
const RATES: &[u32] = &[23, 8, 5, 0];

/// Refuses what would be refused, or made wrong, before anything is sent.
pub(super) fn check(request: &PassRequest<'_>) -> Result<(), LedgerError> {
    kind(request)?;
    payment(request)?;
    series(request)?;
    counter::own(request, NAME)?;
    request.content.lines.iter().try_for_each(|line| vat(line, request.options).map(drop))?;
    if request.content.customer.address.post_code.is_none() && !is_fiscal(request) {
        let message = format!(
            "{NAME} wants a postal code for every buyer, and the order has none. Add it to the order, and issue the document \
             again."
        );
        return Err(LedgerError::rejected(ErrorCode::MandatoryField, Operation::Prepare, message));
    }
    Ok(())
}

fn is_fiscal(request: &PassRequest<'_>) -> bool {
    request.content.kind == IssuedKind::Receipt && request.options.get(&options::RECEIPTS) == Some("fiscal")
}

fn kind(request: &PassRequest<'_>) -> Result<&'static str, LedgerError> {
    let pays_vat = request.options.get(&options::VAT_PAYER) != Some("no");
    match (request.content.kind, pays_vat, is_fiscal(request)) {
        (IssuedKind::Invoice, true, _) => Ok("normal"),
        (IssuedKind::Invoice, false, _) => Ok("bill"),
        (IssuedKind::Receipt, true, true) => Ok("receipt_fiscal_normal"),
        (IssuedKind::Receipt, true, false) => Ok("receipt_normal"),
        (IssuedKind::Receipt, false, true) => Ok("receipt_fiscal_bill"),
        (IssuedKind::Receipt, false, false) => Ok("receipt_bill"),
        (IssuedKind::Correction | IssuedKind::ProForma, _, _) => {
            let message = format!("{NAME} takes no such document from us. Enter it there by hand.");
            Err(LedgerError::rejected(ErrorCode::Unsupported, Operation::Prepare, message))
        }
    }
}

/// The payment type that ours is linked to, else the default (CO-15).
fn payment<'a>(request: &PassRequest<'a>) -> Result<&'a str, LedgerError> {
    let method = request.payment.or_else(|| request.options.get(&options::PAYMENT_METHOD)).unwrap_or_default();
    if PAYMENT_METHODS.contains(&method) {
        return Ok(method);
    }
    let message = format!(
        "The payment type of this document is linked to '{method}', which {NAME} does not have. Link it to one of {}.",
        PAYMENT_METHODS.join(", ")
    );
    Err(LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message).about(method))
}

fn series<'a>(request: &PassRequest<'a>) -> Result<Option<&'a str>, LedgerError> {
    let Some(series) = request.series.map(str::trim) else { return Ok(None) };
    if !series.is_empty() && series.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(Some(series));
    }
    let message = format!(
        "The series of this document is linked to '{series}', which is no id of a numbering series in {NAME}. Choose it from \
         the list."
    );
    Err(LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message).about(series))
}

fn vat(line: &IssuedLine, chosen: &Options) -> Result<String, LedgerError> {
    let by = |option: &OptionSpec| chosen.get(option).map(str::to_owned).ok_or_else(|| held(option));
    match line.vat {
        SalesVat::Rate(percent) => {
            let percent = percent.value().normalize();
            if RATES.iter().any(|rate| Decimal::from(*rate) == percent) {
                return Ok(percent.to_string());
            }
            let message = format!(
                "{NAME} takes rates of other countries only together with evidence of where the buyer is, which an order does \
                 not hold. Enter this document there by hand."
            );
            Err(LedgerError::rejected(ErrorCode::UnknownVatCode, Operation::Prepare, message)
                .about(format!("{percent}%")))
        }
        SalesVat::Exempt => by(&options::VAT_EXEMPT),
        SalesVat::OutOfScope => by(&options::VAT_OUT_OF_SCOPE),
        SalesVat::IntraCommunity => by(&options::VAT_INTRA_COMMUNITY),
        SalesVat::Export => by(&options::VAT_EXPORT),
        SalesVat::ReverseCharge => by(&options::VAT_REVERSE_CHARGE),
    }
}

fn held(option: &OptionSpec) -> LedgerError {
    let message = format!(
        "How {NAME} wants such a line taxed is not certain. Set the option '{}' of the connection to the code that {NAME} \
         lists for it, and pass this document again; or enter it there by hand.",
        option.key
    );
    LedgerError::rejected(ErrorCode::Held, Operation::Prepare, message).about(option.key)
}

/// The SKUs that are wanted (CO-17).
pub(super) fn skus<'a>(request: &PassRequest<'a>) -> BTreeSet<&'a str> {
    let lines = match request.skus {
        Choice::Yes => request.content.lines.as_slice(),
        Choice::No => &[],
    };
    lines.iter().filter_map(|line| line.sku.as_ref().map(domain::sales::Sku::as_str)).collect()
}

/// The NIP by which a buyer's card is looked for.
pub(super) fn nip(request: &PassRequest<'_>) -> Option<String> {
    let TaxNumber::Nip(nip) = TaxNumber::of(&request.content.customer) else { return None };
    (request.options.get(&options::CARDS) == Some("look_up")).then_some(nip)
}

/// Whether a card says the same as the order: a document then shows the buyer as the order does (CO-24).
pub(super) fn is_same(card: &Loose, request: &PassRequest<'_>, nip: &str) -> bool {
    let customer = &request.content.customer;
    let address = &customer.address;
    let is = |name: &str, value: &str| card.text(name).as_deref() == Some(value);
    let country = card.text("country");
    is("nip", nip)
        && is("name", &customer.name.full())
        && is("street", address.street.as_str())
        && card.text("zip").as_deref() == address.post_code.as_ref().map(domain::sales::PostCode::as_str)
        && is("city", address.city.as_str())
        && country.is_none_or(|country| country == address.country.as_str())
}

/// The record that is added. `card` is the id of the buyer's card, `goods` are ids of products by SKU.
pub(super) fn document(
    request: &PassRequest<'_>,
    card: Option<&str>,
    goods: &BTreeMap<String, String>,
) -> Result<Value, LedgerError> {
    let content = request.content;
    let lines = content.lines.iter().map(|line| line_of(request, line, goods)).collect::<Result<Vec<_>, _>>()?;
    let mut record = json!({
        "type": kind(request)?,
        "price_type": match content.prices { Prices::Gross => "brutto", Prices::Net => "netto" },
        "date": content.issue_date,
        "disposaldate": content.sale_date,
        "disposaldate_format": "day",
        "paymentmethod": payment(request)?,
        "currency": content.currency.as_str(),
        "id_external": request.key(),
        "auto_send": "0",
        "contractor": card.map_or_else(|| buyer(&content.customer), |id| json!({ "id": id })),
        "invoicecontents": numbered(lines.into_iter().map(|line| json!({ "invoicecontent": line }))),
    });
    // Not even an empty one where it is not displayed (CO-25).
    if let Some(due) = content.due_date {
        record["paymentdate"] = json!(due);
    }
    let paid = content.payment.paid.value().min(content.total.gross);
    if !paid.is_zero() {
        record["alreadypaid_initial"] = json!(format!("{paid:.2}"));
    }
    if let Some(series) = series(request)? {
        record["series"] = json!({ "id": series });
    }
    if let Some(number) = counter::own(request, NAME)? {
        record["number"] = json!(number.to_string());
    }
    if content.split_payment == Choice::Yes {
        record["schema"] = json!("split_payment");
    }
    if !is_fiscal(request) {
        record["description"] = json!(description(content));
    }
    Ok(record)
}

/// What is printed below: the order, why a line is exempt, remarks.
fn description(content: &IssuedContent) -> String {
    let order = match content.language {
        DocumentLanguage::Polish => format!("Zamówienie {}", content.order),
        DocumentLanguage::English => format!("Order {}", content.order),
    };
    let exempt = content.lines.iter().any(|line| line.vat == SalesVat::Exempt);
    let basis = content.exemption.as_ref().filter(|_| exempt);
    let rest = [basis, content.note.as_ref()].into_iter().flatten().map(ToString::to_string);
    [order].into_iter().chain(rest).collect::<Vec<_>>().join("; ")
}

fn buyer(customer: &Customer) -> Value {
    let address = &customer.address;
    let (kind, number) = match TaxNumber::of(customer) {
        TaxNumber::None => ("none", String::new()),
        TaxNumber::Nip(nip) => ("nip", nip),
        TaxNumber::Eu(state, number) => ("vat", format!("{state}{number}")),
        TaxNumber::Other(number) => ("custom", number),
    };
    let mut buyer = json!({
        "name": customer.name.full(),
        "tax_id_type": kind,
        "street": address.street,
        "city": address.city,
        "country": address.country,
    });
    let optional = [
        ("nip", Some(number).filter(|number| !number.is_empty())),
        ("zip", address.post_code.as_ref().map(ToString::to_string)),
        ("email", customer.email.as_ref().map(ToString::to_string)),
        ("phone", customer.phone.as_ref().map(ToString::to_string)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            buyer[name] = json!(value);
        }
    }
    buyer
}

fn line_of(
    request: &PassRequest<'_>,
    line: &IssuedLine,
    goods: &BTreeMap<String, String>,
) -> Result<Value, LedgerError> {
    let count = format!("{:.4}", line.quantity);
    let mut price = line.price.value();
    price.rescale(price.scale().max(2));
    let mut record = json!({
        "name": line.name,
        "unit": line.unit.as_ref().map_or("szt.", domain::sales::AddressText::as_str),
        "count": count,
        "unit_count": count,
        "price": price.to_string(),
        "vat": vat(line, request.options)?,
    });
    let good = line.sku.as_ref().filter(|_| request.skus == Choice::Yes).and_then(|sku| goods.get(sku.as_str()));
    if let Some(good) = good {
        record["good"] = json!({ "id": good });
    }
    if let Some(code) = request.options.get(&options::LUMP_CODE) {
        record["lumpcode"] = json!(code);
    }
    Ok(record)
}

/// A document of wFirma; nothing without an id or a number.
pub(super) fn passed(record: &Loose, found: Found) -> Option<PassedDocument> {
    let id = record.text("id")?;
    let number = record.text("fullnumber")?;
    Some(PassedDocument { id, number, link: None, gross: record.amount("total"), ksef: ksef(record), found })
}

/// Where it stands in KSeF; nothing where wFirma says nothing of it.
pub(super) fn ksef(record: &Loose) -> Option<Ksef> {
    if let Some(number) = record.text("ksef_reference_number") {
        return Some(Ksef::Accepted { number });
    }
    let status = record.text("ksef_status")?;
    let lower = status.to_lowercase();
    let refused = ["reject", "error", "fail", "odrzuc"].iter().any(|word| lower.contains(word));
    Some(if refused { Ksef::Refused { status } } else { Ksef::Awaited { status } })
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
