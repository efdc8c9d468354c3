//! Invoices written as UBL, and read back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod complete;
mod corpus;
mod generated;
mod issued;

use documents::write::{Details, PartyDetails};
use domain::{
    invoice::{Invoice, PaymentMeans},
    mail::UblFlavour,
};

/// Addresses and a contact, as every flavour wants them.
fn details() -> Details {
    let party = |name: &str| PartyDetails {
        street: Some(format!("{name}straat 1")),
        city: Some("Utrecht".to_owned()),
        post_code: Some("3511 AB".to_owned()),
        contact: Some(format!("{name} B.V., administratie")),
        telephone: Some("+31 30 1234567".to_owned()),
        email: Some(format!("{}@example.com", name.to_lowercase())),
    };
    Details { supplier: party("Verkoper"), customer: party("Koper") }
}

fn written(invoice: &Invoice, flavour: UblFlavour) -> Vec<u8> {
    documents::write::ubl(invoice, flavour, &details()).unwrap_or_else(|error| panic!("{}: {error}", flavour.as_str()))
}

/// Reads what was written; nothing about it may be odd.
fn read_back(bytes: &[u8]) -> Invoice {
    let document = documents::read(bytes).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(bytes)));
    assert_eq!(document.findings, []);
    document.invoice
}

/// What is the same before and after: without what a flavour states of itself, and without what only one side can say.
fn essence(mut invoice: Invoice, other: &Invoice) -> Invoice {
    invoice.profile = None;
    invoice.attachments.clear();
    invoice.notes = if invoice.notes.is_empty() { Vec::new() } else { vec![invoice.notes.join("\n")] };
    // These fillers stand for none.
    let undefined = PaymentMeans { code: Some("1".to_owned()), ..PaymentMeans::default() };
    invoice.payment_means.retain(|means| *means != undefined);
    invoice.order_reference = invoice.order_reference.filter(|order| order != "NA");
    if invoice.tax_currency == invoice.currency {
        invoice.tax_currency = None;
        invoice.totals.vat_in_tax_currency = None;
    }
    for (party, other) in [(&mut invoice.supplier, &other.supplier), (&mut invoice.customer, &other.customer)] {
        party.vat = party.vat.as_deref().map(domain::party::normalise);
        // Made of a number of the party, or not on the network.
        if other.endpoint.is_none() {
            party.endpoint = None;
        }
        if other.registry_scheme.is_none() {
            party.registry_scheme = None;
        }
    }
    invoice.customer.tax_number = None;
    if let Some(payee) = &mut invoice.payee {
        payee.name_is_trading = true;
    }
    for party in [invoice.tax_representative.as_mut()].into_iter().flatten() {
        party.name_is_trading = true;
        party.vat = party.vat.as_deref().map(domain::party::normalise);
    }
    // A total of nothing may be left out.
    let totals = &mut invoice.totals;
    for (total, other) in [
        (&mut totals.vat, other.totals.vat),
        (&mut totals.allowances, other.totals.allowances),
        (&mut totals.charges, other.totals.charges),
    ] {
        if other.is_none() && total.is_some_and(|total| total.is_zero()) {
            *total = None;
        }
    }
    for (group, other) in invoice.vat_breakdown.iter_mut().zip(&other.vat_breakdown) {
        group.treatment.rate = group.treatment.rate.filter(|rate| !rate.is_zero());
        if other.exemption_reason.is_none() {
            group.exemption_reason = None;
        }
    }
    for line in &mut invoice.lines {
        line.treatment.rate = line.treatment.rate.filter(|rate| !rate.is_zero());
        line.unit = line.unit.take().filter(|unit| unit != "C62");
        for entry in &mut line.allowance_charges {
            entry.treatment = domain::invoice::VatTreatment::default();
        }
    }
    for entry in &mut invoice.allowance_charges {
        entry.treatment.rate = entry.treatment.rate.filter(|rate| !rate.is_zero());
    }
    invoice
}

/// Asserts that nothing that matters differs.
#[track_caller]
fn assert_same(before: &Invoice, after: &Invoice, what: &str) {
    let (before, after) = (essence(before.clone(), after), essence(after.clone(), before));
    assert_eq!(before, after, "{what}");
}
