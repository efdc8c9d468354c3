//! What follows from what a document says, before it is checked and written.

use super::{Details, PartyDetails, codes, figures};
use domain::{
    invoice::{Invoice, InvoiceKind, PaymentMeans},
    mail::UblFlavour,
    party::Party,
};
use rust_decimal::Decimal;

/// The agreed filler for an order whose number is not known, where the rules want some reference.
const NO_ORDER: &str = "NA";
/// A means of payment that is not said.
const UNDEFINED: &str = "1";
/// Credit transfer.
const TRANSFER: &str = "30";
/// Direct debit.
const DIRECT_DEBIT: &str = "49";

/// The invoice with all that follows from it filled in.
pub(super) fn complete(mut invoice: Invoice, flavour: UblFlavour, details: &Details) -> Invoice {
    invoice.profile = Some(codes::customization(flavour, invoice.kind).to_owned());
    invoice.type_code.get_or_insert_with(|| codes::usual_type(invoice.kind).to_owned());
    if invoice.tax_currency == invoice.currency {
        invoice.tax_currency = None;
    }
    // The totals say VAT in that currency or they do not: without it the currency says nothing.
    if invoice.tax_currency.is_none() {
        invoice.totals.vat_in_tax_currency = None;
    }
    let wants_reference = match flavour {
        UblFlavour::PeppolBis3 | UblFlavour::SiUbl20 => true,
        UblFlavour::EFff | UblFlavour::XRechnung => false,
    };
    if wants_reference && invoice.buyer_reference.is_none() && invoice.order_reference.is_none() {
        invoice.order_reference = Some(NO_ORDER.to_owned());
    }
    figures::complete(&mut invoice);
    party(&mut invoice.supplier, flavour, &details.supplier);
    party(&mut invoice.customer, flavour, &details.customer);
    // A buyer has one identifier (BT-46), a payee too (BT-60).
    invoice.customer.identifiers.truncate(1);
    if let Some(payee) = &mut invoice.payee {
        payee.identifiers.truncate(1);
    }
    payment(&mut invoice, flavour);
    // German rules want the whole address of a delivery or none of it, and only its country is known.
    if flavour == UblFlavour::XRechnung {
        invoice.delivery_country = None;
    }
    invoice
}

fn party(party: &mut Party, flavour: UblFlavour, details: &PartyDetails) {
    // What a party calls itself is the only name there is.
    party.name_is_trading = false;
    if let Some(number) = &party.registry
        && !party.registry_scheme.as_deref().is_some_and(codes::is_icd)
    {
        party.registry_scheme = codes::registry_scheme(party.country.as_deref(), number).map(str::to_owned);
    }
    let takes = |scheme: &str| codes::has_scheme(flavour, scheme);
    let stated =
        party.endpoint.take().filter(|address| address.split_once(':').is_some_and(|(scheme, _)| takes(scheme)));
    party.endpoint = stated.or_else(|| match flavour {
        UblFlavour::PeppolBis3 => own_number(party),
        UblFlavour::XRechnung => own_number(party).or_else(|| details.email.as_deref().map(codes::email_endpoint)),
        UblFlavour::SiUbl20 | UblFlavour::EFff => None,
    });
}

/// A number of the party under which it can be found on the network.
fn own_number(party: &Party) -> Option<String> {
    let registry = party.registry.as_deref().zip(party.registry_scheme.as_deref());
    let registry = registry.filter(|(_, scheme)| codes::has_scheme(UblFlavour::PeppolBis3, scheme));
    let vat = || party.vat.as_deref().and_then(|vat| codes::vat_scheme(vat).map(|scheme| (vat, scheme)));
    registry.or_else(vat).map(|(number, scheme)| format!("{scheme}:{number}"))
}

fn payment(invoice: &mut Invoice, flavour: UblFlavour) {
    for means in &mut invoice.payment_means {
        if means.code.is_none() {
            let code = match (&means.account, &means.mandate) {
                (_, Some(_)) => DIRECT_DEBIT,
                (Some(_), None) => TRANSFER,
                (None, None) => UNDEFINED,
            };
            means.code = Some(code.to_owned());
        }
    }
    if !invoice.payment_means.is_empty() {
        return;
    }
    let undefined = || PaymentMeans { code: Some(UNDEFINED.to_owned()), ..PaymentMeans::default() };
    let is_dated_credit = invoice.kind == InvoiceKind::CreditNote && invoice.due_date.is_some();
    let nothing_to_pay = invoice.kind == InvoiceKind::CreditNote
        || invoice.totals.payable.is_some_and(|payable| payable <= Decimal::ZERO);
    match flavour {
        UblFlavour::PeppolBis3 | UblFlavour::EFff if is_dated_credit => invoice.payment_means.push(undefined()),
        UblFlavour::XRechnung if nothing_to_pay => invoice.payment_means.push(undefined()),
        UblFlavour::SiUbl20 if is_dated_credit && invoice.supplier.country.as_deref() != Some("NL") => {
            invoice.payment_means.push(undefined());
        }
        UblFlavour::PeppolBis3 | UblFlavour::EFff | UblFlavour::XRechnung | UblFlavour::SiUbl20 => {}
    }
}
