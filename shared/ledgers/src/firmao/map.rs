//! An issued document as Firmao wants it: with amounts of lines and totals as they are here. None is computed anew (CO-26).

use super::{
    NAME, api, errors, options,
    wire::{Buyer, Customer as Card, Entry, Exchange, Product, Transaction, Vat},
};
use crate::{
    buyers::{polish_name, written as tax_number},
    descriptor::{OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    invoicing::PassRequest,
    json::{self, Number},
    loose::Loose,
};
use domain::{
    office::Choice,
    sales::{
        AddressText, Country, Customer, DocumentLanguage, IssuedContent, IssuedKind, IssuedLine, PostCode, Prices,
        SalesVat, Sku,
    },
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Decimals of net prices that are computed from prices with VAT.
const NET_DECIMALS: u32 = 4;

/// What was learned of the buyer and the products.
#[derive(Debug, Default, Clone)]
pub(super) struct Learned<'a> {
    /// The buyer's card.
    pub(super) card: Option<u64>,
    /// The series, unless Firmao wants no such field.
    pub(super) series: Option<u64>,
    /// Ids of products by SKU.
    pub(super) products: Option<&'a BTreeMap<String, u64>>,
}

fn refused(code: ErrorCode, message: String) -> LedgerError {
    LedgerError::rejected(code, Operation::Prepare, message)
}

/// Refuses what would be refused, or made wrong, before anything is sent.
pub(super) fn check(request: &PassRequest<'_>) -> Result<(), LedgerError> {
    kind(request.content.kind)?;
    series(request)?;
    warehouse(request.options)?;
    payment(request)?;
    request.content.lines.iter().try_for_each(|line| vat(line.vat, request.options).map(drop))
}

/// The type of a document.
pub(super) fn kind(kind: IssuedKind) -> Result<&'static str, LedgerError> {
    match kind {
        IssuedKind::Invoice => Ok("INVOICE"),
        IssuedKind::Receipt => Ok("RECEIPT"),
        IssuedKind::Correction | IssuedKind::ProForma => {
            let message = format!("{NAME} takes no such document from us. Enter it there by hand.");
            Err(refused(ErrorCode::Unsupported, message))
        }
    }
}

/// The series that ours is linked to (CO-14).
pub(super) fn series(request: &PassRequest<'_>) -> Result<Option<u64>, LedgerError> {
    let Some(series) = request.series else { return Ok(None) };
    series.trim().parse().map(Some).map_err(|_| {
        let message = format!(
            "The series of this document is linked to '{series}', which is no id of a numbering series in {NAME}. Choose it from \
             the list."
        );
        refused(ErrorCode::UnknownReference, message).about(series)
    })
}

fn warehouse(chosen: &Options) -> Result<Option<u64>, LedgerError> {
    let Some(warehouse) = chosen.get(&options::WAREHOUSE) else { return Ok(None) };
    let number = warehouse.trim().parse().map(Some);
    number.map_err(|_| refused(ErrorCode::Option, errors::WAREHOUSE.to_owned()).about(warehouse))
}

/// The payment type that ours is linked to, else the default (CO-15). Firmao lists none: any word may be one.
fn payment<'a>(request: &PassRequest<'a>) -> Result<&'a str, LedgerError> {
    let word = request.payment.or_else(|| request.options.get(&options::PAYMENT)).map(str::trim).unwrap_or_default();
    if word.is_empty() {
        let message = format!("No payment type of {NAME} is set for this document. Link one in the settings.");
        return Err(refused(ErrorCode::UnknownReference, message));
    }
    Ok(word)
}

fn vat(vat: SalesVat, chosen: &Options) -> Result<Vat, LedgerError> {
    let by = |option: &OptionSpec| {
        let word = chosen.get(option).map(str::trim).ok_or_else(|| held(option))?;
        Ok(json::read(word).map_or_else(|| Vat::Word(word.to_owned()), |rate| Vat::Rate(Number(rate))))
    };
    match vat {
        SalesVat::Rate(percent) => Ok(Vat::Rate(Number(percent.value().normalize()))),
        SalesVat::Exempt => by(&options::VAT_EXEMPT),
        SalesVat::OutOfScope => by(&options::VAT_OUT_OF_SCOPE),
        SalesVat::IntraCommunity => by(&options::VAT_INTRA_COMMUNITY),
        SalesVat::Export => by(&options::VAT_EXPORT),
        SalesVat::ReverseCharge => by(&options::VAT_REVERSE_CHARGE),
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

/// Our reference, as it stands in the internal text.
pub(super) fn reference(request: &PassRequest<'_>) -> String {
    format!("ref:{}", request.key())
}

/// The SKUs that are wanted (CO-17).
pub(super) fn skus<'a>(request: &PassRequest<'a>) -> BTreeSet<&'a str> {
    let lines = match request.skus {
        Choice::Yes => request.content.lines.as_slice(),
        Choice::No => &[],
    };
    lines.iter().filter_map(|line| line.sku.as_ref().map(Sku::as_str)).collect()
}

/// The tax number by which the buyer's card is looked for.
pub(super) fn carded(request: &PassRequest<'_>) -> Option<String> {
    let kept = request.options.get(&options::CARDS) == Some("kept");
    tax_number(&request.content.customer).filter(|_| kept)
}

/// Whether two tax numbers are the same, however they are written.
pub(super) fn is_same_number(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let text = text.to_ascii_uppercase();
        text.strip_prefix("PL").map(str::to_owned).unwrap_or(text)
    };
    let (one, other) = (plain(one), plain(other));
    !one.is_empty() && one == other
}

fn country(country: Country) -> String {
    polish_name(country).map_or_else(|| country.as_str().to_owned(), str::to_owned)
}

/// The card of a buyer who has none. The short name is unique there, and many people have the same name: the number goes with it, so that
/// another one with this short name is the same buyer.
pub(super) fn card(customer: &Customer, number: String) -> Card<'_> {
    let (name, address) = (customer.name.full(), &customer.address);
    Card {
        customer_type: "PARTNER",
        label: format!("{name} ({number})"),
        name,
        nip_number: number,
        emails: customer.email.iter().map(AddressText::as_str).collect(),
        phones: customer.phone.iter().map(AddressText::as_str).collect(),
        street: address.street.as_str(),
        city: address.city.as_str(),
        post_code: address.post_code.as_ref().map(PostCode::as_str),
        country: country(address.country),
    }
}

/// The document that is made.
pub(super) fn document<'a>(
    request: &PassRequest<'a>,
    number: &'a str,
    learned: &Learned<'_>,
) -> Result<Transaction<'a>, LedgerError> {
    let content = request.content;
    let paid = content.payment.paid.value().min(content.total.gross);
    let rest = content.total.gross - paid;
    let entries = content.lines.iter().map(|line| entry(request, line, learned));
    let as_gross = content.prices == Prices::Gross && request.options.get(&options::GROSS_PRICES) == Some("sent");
    Ok(Transaction {
        kind: kind(content.kind)?,
        mode: "SALE",
        transaction_number: number,
        invoice_pattern_id: learned.series,
        invoice_date: content.issue_date,
        transaction_date: content.sale_date,
        // Not even an empty one where it is not displayed (CO-25).
        payment_date: content.due_date,
        currency: content.currency.as_str(),
        exchange: exchange(content),
        split_payment: (content.split_payment == Choice::Yes).then_some(true),
        payment_type: payment(request)?,
        paid: rest.is_zero(),
        paid_value: Number(paid),
        rest_of_paid_value: Number(rest),
        transaction_netto_price: cents(content.total.net),
        transaction_vat_price: cents(content.total.vat),
        transaction_brutto_price: cents(content.total.gross),
        calculate_from_gross: as_gross,
        buyer: buyer(request, learned.card),
        invoice_annotations: annotations(content),
        description: reference(request),
        warehouse: warehouse(request.options)?,
        transaction_entries: entries.collect::<Result<_, _>>()?,
    })
}

/// The rate of a document in another currency than zloty, where the document has one.
fn exchange(content: &IssuedContent) -> Option<Exchange> {
    let rate = content.exchange_rate.as_ref().filter(|_| content.currency.as_str() != "PLN")?;
    Some(Exchange { rate: Number(rate.rate.value()), date: rate.date, factor: 1 })
}

fn cents(amount: Decimal) -> String {
    format!("{amount:.2}")
}

/// The buyer as on the order (CO-24), whatever the card says.
fn buyer<'a>(request: &PassRequest<'a>, card: Option<u64>) -> Buyer<'a> {
    let customer = &request.content.customer;
    let address = &customer.address;
    let by_name = card.is_none() && request.options.get(&options::NAMELESS) == Some("card_by_name");
    // Firmao takes them only for a card that it makes with the document.
    let with_card =
        |text: &'a Option<AddressText>| text.iter().filter(|_| by_name).map(AddressText::as_str).collect::<Vec<_>>();
    Buyer {
        customer: card,
        create_customer_if_needed: by_name.then_some(true),
        customer_name: customer.name.full(),
        street: address.street.as_str(),
        city: address.city.as_str(),
        post_code: address.post_code.as_ref().map(PostCode::as_str),
        country: country(address.country),
        nip_number: tax_number(customer),
        emails: with_card(&customer.email),
        phones: with_card(&customer.phone),
    }
}

/// What is printed below: the order, why a line is exempt, remarks.
fn annotations(content: &IssuedContent) -> String {
    let order = match content.language {
        DocumentLanguage::Polish => format!("Zamówienie {}", content.order),
        DocumentLanguage::English => format!("Order {}", content.order),
    };
    let exempt = content.lines.iter().any(|line| line.vat == SalesVat::Exempt);
    let basis = content.exemption.as_ref().filter(|_| exempt);
    let rest = [basis, content.note.as_ref()].into_iter().flatten().map(ToString::to_string);
    [order].into_iter().chain(rest).collect::<Vec<_>>().join("; ")
}

fn entry<'a>(request: &PassRequest<'a>, line: &'a IssuedLine, learned: &Learned<'_>) -> Result<Entry<'a>, LedgerError> {
    let sku = line.sku.as_ref().map(Sku::as_str).filter(|_| request.skus == Choice::Yes);
    let known = sku.and_then(|sku| Some((sku, *learned.products?.get(sku)?)));
    let price = line.price.value();
    let (net, gross) = match request.content.prices {
        Prices::Net => (price, None),
        Prices::Gross => {
            let whole = Decimal::ONE_HUNDRED + line.vat.percent();
            let net = (price * Decimal::ONE_HUNDRED / whole).round_dp(NET_DECIMALS);
            let sent = request.options.get(&options::GROSS_PRICES) == Some("sent");
            (net, sent.then(|| written(price)))
        }
    };
    Ok(Entry {
        product: known.map_or(Product::Text(line.name.as_str()), |(_, id)| Product::Id(id)),
        product_code: known.map(|(sku, _)| sku),
        quantity: Number(line.quantity),
        unit: line.unit.as_ref().map(AddressText::as_str),
        vat_percent: vat(line.vat, request.options)?,
        unit_netto_price: written(net),
        unit_brutto_price: gross,
        discount: None,
        classification_number: "",
    })
}

/// A price with all its decimals, and with two at least.
fn written(price: Decimal) -> String {
    let mut price = price.normalize();
    price.rescale(price.scale().max(2));
    price.to_string()
}

/// Whose a document of Firmao is that may be the one that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    /// It may be ours: it says the same, and our reference is not on it.
    Unclear,
    SomebodyElses,
}

/// What was sent earlier under our number, should the internal text not be kept, is known by what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// A document may have been sent under this number.
    Perhaps,
    Never,
}

/// Whose a document is.
pub(super) fn whose(request: &PassRequest<'_>, row: &Loose, sent: Sent) -> Whose {
    let (content, reference) = (request.content, reference(request));
    let text = row.text("description").unwrap_or_default();
    if text.split_whitespace().any(|word| word == reference) {
        return Whose::Ours;
    }
    let same = row.text("invoiceDate").is_some_and(|date| date == content.issue_date.to_string())
        && row.amount("transactionBruttoPrice").is_some_and(|gross| gross.round_dp(2) == content.total.gross);
    if sent == Sent::Never || text.contains("ref:") || !same {
        return Whose::SomebodyElses;
    }
    let buyer = match (tax_number(&content.customer), row.text("nipNumber")) {
        (Some(ours), Some(theirs)) => Some(is_same_number(&ours, &theirs)),
        (Some(_), None) => Some(false),
        (None, _) => row.text("customerName").map(|name| name == content.customer.name.full()),
    };
    match buyer {
        Some(false) => Whose::SomebodyElses,
        Some(true) if text.is_empty() => Whose::Ours,
        Some(true) | None => Whose::Unclear,
    }
}

/// The products among records: ids by SKU.
pub(super) fn products(records: &[Loose]) -> impl Iterator<Item = (String, u64)> + '_ {
    records.iter().filter_map(|product| Some((product.text("productCode")?, api::id(product, "id")?)))
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
