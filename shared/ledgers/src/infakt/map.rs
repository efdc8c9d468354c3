//! An issued document as inFakt wants it. Each line goes with one price, gross or net as on the order; VAT is never computed
//! anew (CO-26).

use super::{
    NAME,
    wire::{
        self, Buyer, Correction, CreateCorrection, CreateInvoice, Document, Grosze, Invoice, Numbered, Order, Paid,
        Price, Rate, Service, Side, Terms,
    },
};
use crate::{
    descriptor::{OptionKind, OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    invoicing::PassRequest,
    json::Number,
};
use domain::{
    office::Choice,
    sales::{
        AddressText, Corrects, Country, Customer, CustomerName, IssuedContent, IssuedKind, IssuedLine, ItemName,
        PostCode, Prices, SalesVat,
    },
};
use rust_decimal::{Decimal, dec};

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

/// On what grounds lines are exempt, as the account numbers grounds.
pub(super) const EXEMPTION: OptionSpec = OptionSpec {
    key: "exemption_reason",
    name: "Id of the legal basis of exempt lines, which inFakt wants with KSeF",
    kind: OptionKind::Text(20),
    default: None,
};

/// What is sold to buyers in other countries.
pub(super) const SALE_TYPE: OptionSpec = OptionSpec {
    key: "sale_type",
    name: "What buyers in other countries buy: goods (merchandise) or services (service)",
    kind: OptionKind::Choice(&["merchandise", "service"]),
    default: Some("merchandise"),
};

/// Why something is corrected, of the two reasons that there are.
pub(super) const REASON: OptionSpec = OptionSpec {
    key: "correction_reason",
    name: "Reason of corrections, of the two that inFakt has: 'mistake' or 'other'",
    kind: OptionKind::Choice(&["other", "mistake"]),
    default: Some("other"),
};

/// Whether KSeF gets a document at once.
pub(super) const KSEF: OptionSpec = OptionSpec {
    key: "ksef",
    name: "Sending to KSeF: by hand in inFakt, or each document at once",
    kind: OptionKind::Choice(&["by_hand", "send"]),
    default: Some("by_hand"),
};

/// Whether a document gets a page that everybody sees who has its address.
pub(super) const PUBLIC_PAGE: OptionSpec = OptionSpec {
    key: "public_page",
    name: "A public page of each document for 30 days, which the plan must include: made, or not",
    kind: OptionKind::Choice(&["none", "made"]),
    default: Some("none"),
};

/// Ways to pay: code, and name for people.
pub(super) const PAYMENT_METHODS: &[(&str, &str)] = &[
    ("transfer", "Przelew"),
    ("cash", "Gotówka"),
    ("card", "Karta"),
    ("delivery", "Za pobraniem"),
    ("payu", "PayU"),
    ("tpay", "Tpay"),
    ("przelewy24", "Przelewy24"),
    ("paypal", "PayPal"),
    ("dotpay", "Dotpay"),
    ("barter", "Barter"),
    ("check", "Czek"),
    ("bill_of_sale", "Weksel"),
    ("compensation", "Kompensata"),
    ("accredited", "Akredytywa"),
    ("instalment_sale", "Sprzedaż ratalna"),
    ("other", "Inny"),
];

/// Refuses what would be refused, or made wrong, before anything is sent.
pub(super) fn check(request: &PassRequest<'_>) -> Result<(), LedgerError> {
    let content = request.content;
    if content.kind == IssuedKind::Correction {
        super::uuid(request.corrected(NAME)?)?;
    }
    if let Some(method) = request.payment
        && !PAYMENT_METHODS.iter().any(|(code, _)| *code == method)
    {
        let message = format!("{NAME} has no payment method '{method}'. Link the payment type to one that it has.");
        return Err(refused(ErrorCode::UnknownReference, message).about(method));
    }
    lines(content).try_for_each(|line| wanted(line.vat, request.options).map(drop))
}

fn refused(code: ErrorCode, message: String) -> LedgerError {
    LedgerError::rejected(code, Operation::Prepare, message)
}

/// Every line that is sent: of a correction those before it, too.
fn lines(content: &IssuedContent) -> impl Iterator<Item = &IssuedLine> {
    content.lines.iter().chain(content.corrects.iter().flat_map(|corrects| &corrects.lines))
}

/// The symbol of a VAT, as it is commonly written.
fn wanted(vat: SalesVat, options: &Options) -> Result<String, LedgerError> {
    let chosen = |option: &OptionSpec| match options.get(option) {
        Some(symbol @ ("0" | "np")) => Ok(symbol.to_owned()),
        _ => {
            let message = format!(
                "How {NAME} wants such a line taxed is not certain. Pass one in a test account, set the option '{}' of the \
                 connection, and pass this document again; or enter it there by hand.",
                option.key
            );
            Err(refused(ErrorCode::Held, message).about(option.key))
        }
    };
    match vat {
        SalesVat::Rate(percent) => Ok(percent.value().normalize().to_string()),
        SalesVat::Exempt => Ok("zw".to_owned()),
        SalesVat::ReverseCharge => Ok("oo".to_owned()),
        SalesVat::OutOfScope => Ok("np".to_owned()),
        SalesVat::IntraCommunity => chosen(&INTRA_COMMUNITY),
        SalesVat::Export => chosen(&EXPORT),
    }
}

/// Rates whose symbol is the same in every account.
const USUAL: &[&str] = &["23", "8", "5", "0"];

/// Whether the account's own list of rates is needed: for words, which are spelled in several ways, and for unusual rates.
pub(super) fn needs_rates(request: &PassRequest<'_>) -> bool {
    lines(request.content)
        .any(|line| wanted(line.vat, request.options).is_ok_and(|symbol| !USUAL.contains(&symbol.as_str())))
}

/// The symbol of a VAT as the account spells it.
fn symbol(vat: SalesVat, options: &Options, rates: &[Rate]) -> Result<String, LedgerError> {
    let wanted = wanted(vat, options)?;
    let plain = |text: &str| text.trim().trim_end_matches('.').to_lowercase();
    match rates.iter().find(|rate| plain(&rate.symbol) == wanted) {
        Some(rate) => Ok(rate.symbol.clone()),
        None if USUAL.contains(&wanted.as_str()) => Ok(wanted),
        None => {
            let message =
                format!("The account in {NAME} has no VAT rate '{wanted}'. Enter this document there by hand.");
            Err(refused(ErrorCode::UnknownVatCode, message).about(wanted))
        }
    }
}

fn too_large() -> LedgerError {
    refused(ErrorCode::Unsupported, format!("An amount does not fit into {NAME}. Enter this document there by hand."))
}

fn grosze(amount: Decimal) -> Result<Grosze, LedgerError> {
    Grosze::of(amount).ok_or_else(too_large)
}

/// The price of a line without VAT: that of one where it is whole grosze and comes to the line's amount, else the line's.
fn net_price(unit: Option<Decimal>, quantity: Decimal, net: Decimal) -> Result<Price, LedgerError> {
    let fits = |unit: &Decimal| unit.checked_mul(quantity).is_some_and(|product| product == net);
    match unit.filter(fits).and_then(Grosze::of) {
        Some(unit) => Ok(Price::UnitNet(unit)),
        None => grosze(net).map(Price::Net),
    }
}

/// The task that makes an invoice.
pub(super) fn invoice<'a>(
    request: &'a PassRequest<'a>,
    number: Option<&'a str>,
    rates: &[Rate],
) -> Result<CreateInvoice<'a>, LedgerError> {
    let (content, options) = (request.content, request.options);
    let service = |line: &'a IssuedLine| {
        Ok(Service {
            name: line.name.as_str(),
            tax_symbol: symbol(line.vat, options, rates)?,
            quantity: Number(line.quantity),
            unit: line.unit.as_ref().map(AddressText::as_str),
            price: match content.prices {
                Prices::Gross => Price::Gross(grosze(line.gross)?),
                Prices::Net => net_price(Some(line.price.value()), line.quantity, line.net)?,
            },
        })
    };
    let exempt = content.lines.iter().any(|line| line.vat == SalesVat::Exempt);
    let split = content.split_payment == Choice::Yes;
    let is_foreign = content.customer.address.country != Country::POLAND;
    let terms = Order { number: Some(request.key()), date: Some(content.sale_date) };
    let invoice = Invoice {
        kind: "vat",
        number: Numbered { number, check_duplicate_number: number.map(|_| true) },
        currency: content.currency.as_str(),
        payment_method: request.payment,
        invoice_date: content.issue_date,
        sale_date: content.sale_date,
        invoice_date_kind: "sale_date",
        payment_date: content.due_date,
        paid: paid(content)?,
        buyer: buyer(&content.customer),
        sale_type: options.get(&SALE_TYPE).filter(|_| is_foreign),
        vat_exemption_reason: options.get(&EXEMPTION).filter(|_| exempt),
        split_payment: split.then_some(true),
        split_payment_type: split.then_some("required"),
        notes: notes(request, content.exemption.as_ref().filter(|_| exempt)),
        transaction_terms: Terms { orders: vec![terms] },
        services: content.lines.iter().map(service).collect::<Result<_, LedgerError>>()?,
    };
    Ok(CreateInvoice { invoice, send_to_ksef: sends(options) })
}

fn sends(options: &Options) -> bool {
    options.get(&KSEF) == Some("send")
}

/// Remarks, and the order and our reference: by them people and programs find it again.
fn notes(request: &PassRequest<'_>, more: Option<&ItemName>) -> String {
    let content = request.content;
    let ours = format!("{} [{}]", content.order, request.key());
    let parts = content.note.iter().chain(more).map(ToString::to_string).chain([ours]);
    parts.collect::<Vec<_>>().join("\n")
}

/// What is paid. Only a document that is paid in full, on a known day, is marked as paid; that day cannot be before its own.
fn paid(content: &IssuedContent) -> Result<Paid, LedgerError> {
    let paid = content.payment.paid.value();
    if paid.is_zero() {
        return Ok(Paid::default());
    }
    let day = content.payment.paid_on.filter(|_| paid >= content.total.gross);
    Ok(Paid {
        status: day.map(|_| "paid"),
        paid_date: day.map(|day| day.max(content.issue_date)),
        paid_price: Some(grosze(paid)?),
    })
}

fn buyer(customer: &Customer) -> Buyer<'_> {
    let address = &customer.address;
    let (kind, company, person) = match &customer.name {
        CustomerName::Company { name, .. } => ("other_business", Some(name.as_str()), None),
        CustomerName::Person { first_name, last_name } => ("private_person", None, Some((first_name, last_name))),
    };
    Buyer {
        client_business_activity_kind: kind,
        client_company_name: company,
        client_first_name: person.map(|(first, _)| first.as_str()),
        client_last_name: person.map(|(_, last)| last.as_str()),
        client_tax_code: customer.name.tax_number().map(|number| number.replace([' ', '-'], "")),
        client_street: address.street.as_str(),
        client_post_code: address.post_code.as_ref().map(PostCode::as_str),
        client_city: address.city.as_str(),
        client_country: address.country.as_str(),
    }
}

/// How much a line may differ there before it counts as changed by somebody.
const LINE_TOLERANCE: Decimal = dec!(0.02);

/// The task that makes a correction: each line of the original, as the ledger has it, beside what it should have been.
pub(super) fn correction<'a>(
    request: &'a PassRequest<'a>,
    original: &'a Document,
    rates: &[Rate],
) -> Result<CreateCorrection<'a>, LedgerError> {
    let (content, options) = (request.content, request.options);
    let Some(corrects) = &content.corrects else { return Err(changed()) };
    let services = sides(request, corrects, original, rates)?;
    let (Some(number), Some(client_id)) = (&original.number, original.client_id) else { return Err(changed()) };
    // Its own words for why: the ledger has two symbols only.
    let reason = Some(&corrects.reason);
    let correction = Correction {
        number: request.number(),
        currency: original.currency.as_deref().unwrap_or(content.currency.as_str()),
        payment_method: request.payment.or(original.payment_method.as_deref()),
        bank_account: original.bank_account.as_deref().filter(|account| !account.is_empty()),
        invoice_date: content.issue_date,
        payment_date: content.due_date,
        client_id,
        corrected_invoice_uuid: &original.uuid,
        corrected_invoice_number: number,
        corrected_invoice_date: original.invoice_date.unwrap_or(corrects.issue_date),
        correction_reason: options.get(&REASON).unwrap_or("other"),
        notes: notes(request, reason),
        services,
    };
    Ok(CreateCorrection { corrective_invoice: correction, send_to_ksef: sends(options) })
}

/// The original is not what was passed.
fn changed() -> LedgerError {
    let message = format!(
        "The original of this correction has other lines in {NAME} than it had when it was passed. Enter the correction there \
         by hand."
    );
    refused(ErrorCode::UnknownReference, message)
}

fn sides<'a>(
    request: &'a PassRequest<'a>,
    corrects: &'a Corrects,
    original: &'a Document,
    rates: &[Rate],
) -> Result<Vec<Side<'a>>, LedgerError> {
    let content = request.content;
    let differs = |(had, was): (&wire::Line, &IssuedLine)| {
        had.quantity.0 != was.quantity || (wire::amount(had.gross_price) - was.gross).abs() > LINE_TOLERANCE
    };
    let is_other = original.services.len() != corrects.lines.len() || corrects.lines.len() != content.lines.len();
    if is_other || original.services.iter().zip(&corrects.lines).any(differs) {
        return Err(changed());
    }
    let mut sides = Vec::with_capacity(content.lines.len() * 2);
    for (place, ((had, was), is)) in original.services.iter().zip(&corrects.lines).zip(&content.lines).enumerate() {
        let before = side(had, was, was, request, rates)?;
        let after = side(had, was, is, request, rates)?;
        let group = (place + 1).to_string();
        sides.push(Side { group: group.clone(), correction: false, line: before });
        sides.push(Side { group, correction: true, line: after });
    }
    Ok(sides)
}

/// A line of the original as it should have been, or as it was. Prices are net only here.
fn side<'a>(
    had: &'a wire::Line,
    was: &IssuedLine,
    is: &'a IssuedLine,
    request: &PassRequest<'_>,
    rates: &[Rate],
) -> Result<Service<'a>, LedgerError> {
    let had_unit = had.unit_net_price.map(wire::amount);
    let is_same = was == is;
    let (tax_symbol, unit, net) = if is_same {
        (had.tax_symbol.clone(), had_unit, wire::amount(had.net_price))
    } else {
        let own = match request.content.prices {
            Prices::Net => Some(is.price.value()),
            Prices::Gross => had_unit,
        };
        (symbol(is.vat, request.options, rates)?, own, is.net)
    };
    Ok(Service {
        name: &had.name,
        tax_symbol,
        quantity: Number(is.quantity),
        unit: had.unit.as_deref(),
        price: net_price(unit, is.quantity, net)?,
    })
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
