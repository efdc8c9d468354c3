//! What each flavour wants beyond EN 16931, as far as it can be told from an invoice in canonical form.

use super::{Details, Fact, Gap, PartyDetails, codes};
use domain::{
    invoice::{Invoice, InvoiceKind, PaymentMeans},
    mail::UblFlavour,
};
use rust_decimal::Decimal;

pub(super) fn of(invoice: &Invoice, flavour: UblFlavour, details: &Details) -> Vec<Gap> {
    let mut found = Found(Vec::new());
    for code in invoice.payment_means.iter().filter_map(|means| means.code.as_deref()) {
        found.takes(codes::is_means(code), Fact::PaymentMeans, code);
    }
    match flavour {
        UblFlavour::PeppolBis3 => peppol(invoice, &mut found),
        UblFlavour::SiUbl20 => si_ubl(invoice, details, &mut found),
        UblFlavour::XRechnung => xrechnung(invoice, details, &mut found),
        UblFlavour::EFff => {}
    }
    found.0
}

struct Found(Vec<Gap>);

impl Found {
    fn wants(&mut self, there: bool, fact: Fact) {
        if !there {
            self.0.push(Gap::Missing { fact });
        }
    }

    fn takes(&mut self, takes: bool, fact: Fact, value: &str) {
        if !takes {
            self.0.push(Gap::NotInFlavour { fact, value: value.to_owned() });
        }
    }

    fn type_code(&mut self, invoice: &Invoice, invoices: &str, credit_notes: &str) {
        let list = match invoice.kind {
            InvoiceKind::Invoice => invoices,
            InvoiceKind::CreditNote => credit_notes,
        };
        let code = invoice.type_code.as_deref().unwrap_or_default();
        self.takes(codes::listed(list, code), Fact::TypeCode, code);
    }
}

fn is_direct_debit(means: &PaymentMeans) -> bool {
    matches!(means.code.as_deref(), Some("49" | "59"))
}

fn peppol(invoice: &Invoice, found: &mut Found) {
    const INVOICES: &str =
        "71 80 82 84 102 218 219 331 380 382 383 386 388 393 395 553 575 623 780 817 870 875 876 877";
    const GERMAN_INVOICES: &str =
        "71 80 82 84 102 218 219 326 331 380 382 383 384 386 388 393 395 553 575 623 780 817 870 875 876 877";
    let german = [&invoice.supplier, &invoice.customer].iter().all(|party| party.country.as_deref() == Some("DE"));
    found.type_code(invoice, if german { GERMAN_INVOICES } else { INVOICES }, "381 396 81 83 532");
    found.wants(invoice.supplier.endpoint.is_some(), Fact::SupplierEndpoint);
    found.wants(invoice.customer.endpoint.is_some(), Fact::CustomerEndpoint);
    let mandated = |means: &PaymentMeans| !is_direct_debit(means) || means.mandate.is_some();
    found.wants(invoice.payment_means.iter().all(mandated), Fact::Mandate);
}

/// Dutch rules are for sellers in the Netherlands.
fn si_ubl(invoice: &Invoice, details: &Details, found: &mut Found) {
    let Invoice { supplier, customer, .. } = invoice;
    if supplier.country.as_deref() != Some("NL") {
        return;
    }
    let registered = |scheme: Option<&str>| matches!(scheme, Some("0106" | "0190"));
    let has_address =
        |party: &PartyDetails| party.street.is_some() && party.city.is_some() && party.post_code.is_some();
    found.type_code(invoice, "380 384 389", "381");
    if invoice.type_code.as_deref() == Some("384") {
        found.wants(!invoice.preceding.is_empty(), Fact::PrecedingInvoice);
    }
    found.wants(supplier.registry.is_some() && registered(supplier.registry_scheme.as_deref()), Fact::SupplierRegistry);
    found.wants(has_address(&details.supplier), Fact::SupplierAddress);
    if customer.country.as_deref() == Some("NL") {
        found.wants(
            customer.registry.is_some() && registered(customer.registry_scheme.as_deref()),
            Fact::CustomerRegistry,
        );
        found.wants(has_address(&details.customer), Fact::CustomerAddress);
    }
    let to_pay = invoice.totals.payable.is_some_and(|payable| payable > Decimal::ZERO);
    if invoice.kind == InvoiceKind::Invoice && to_pay {
        found.wants(!invoice.payment_means.is_empty(), Fact::PaymentMeans);
    }
    for code in invoice.payment_means.iter().filter_map(|means| means.code.as_deref()) {
        found.takes(codes::listed("30 48 49 57 58 59", code), Fact::PaymentMeans, code);
    }
    if let Some(representative) = &invoice.tax_representative {
        // Its address is nowhere kept.
        found.wants(representative.country.as_deref() != Some("NL"), Fact::SupplierAddress);
    }
}

fn xrechnung(invoice: &Invoice, details: &Details, found: &mut Found) {
    let Details { supplier, customer } = details;
    found.type_code(invoice, "326 380 384 389 875 876 877", "381");
    found.wants(invoice.buyer_reference.is_some(), Fact::BuyerReference);
    found.wants(supplier.city.is_some() && supplier.post_code.is_some(), Fact::SupplierAddress);
    found.wants(customer.city.is_some() && customer.post_code.is_some(), Fact::CustomerAddress);
    let contact = supplier.contact.is_some() && supplier.telephone.is_some() && supplier.email.is_some();
    found.wants(contact, Fact::SupplierContact);
    found.wants(invoice.supplier.endpoint.is_some(), Fact::SupplierEndpoint);
    found.wants(invoice.customer.endpoint.is_some(), Fact::CustomerEndpoint);
    found.wants(!invoice.payment_means.is_empty(), Fact::PaymentMeans);
    for means in &invoice.payment_means {
        // German rules want of cards and direct debits what a canonical invoice does not keep.
        let code = means.code.as_deref().unwrap_or_default();
        found.takes(!codes::listed("48 54 55 59", code) && means.mandate.is_none(), Fact::PaymentMeans, code);
    }
}
