//! What must be there.

use super::Findings;
use crate::{
    invoice::{AllowanceChargeKind, Invoice, InvoiceLine},
    party::Party,
};

pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    header(invoice, findings);
    parties(invoice, findings);
    totals(invoice, findings);
    for line in &invoice.lines {
        self::line(line, findings);
    }
    allowances(invoice, findings);
    payment(invoice, findings);
}

fn header(invoice: &Invoice, findings: &mut Findings) {
    findings.require(invoice.profile.is_some(), "BR-01", "The specification identifier (BT-24) is missing.");
    findings.require(invoice.number.is_some(), "BR-02", "The invoice number is missing.");
    findings.require(invoice.issue_date.is_some(), "BR-03", "The issue date is missing.");
    findings.require(invoice.type_code.is_some(), "BR-04", "The type code is missing.");
    findings.require(invoice.currency.is_some(), "BR-05", "The currency is missing.");
    if let (Some(start), Some(end)) = (invoice.period_start, invoice.period_end)
        && end < start
    {
        findings.add("BR-29", format!("The invoiced period ends on {end}, before it starts on {start}."));
    }
    if let (Some(date), Some(code)) = (invoice.tax_point_date, &invoice.tax_point_code) {
        findings.add("BR-CO-03", format!("Both a VAT date ({date}) and a code for it ({code}) are stated."));
    }
    for attachment in &invoice.attachments {
        findings.require(!attachment.id.is_empty(), "BR-52", "A supporting document has no reference.");
    }
}

fn parties(invoice: &Invoice, findings: &mut Findings) {
    let legal_name = |party: &Party| party.name.is_some() && !party.name_is_trading;
    let Invoice { supplier, customer, .. } = invoice;
    findings.require(legal_name(supplier), "BR-06", "The legal name of the seller is missing.");
    findings.require(legal_name(customer), "BR-07", "The legal name of the buyer is missing.");
    findings.require(supplier.country.is_some(), "BR-09", "The country of the seller is missing.");
    findings.require(customer.country.is_some(), "BR-11", "The country of the buyer is missing.");
    if let Some(payee) = &invoice.payee {
        findings.require(payee.name.is_some(), "BR-17", "The name of the payee is missing.");
    }
    if let Some(representative) = &invoice.tax_representative {
        findings.require(representative.name.is_some(), "BR-18", "The name of the tax representative is missing.");
        findings.require(representative.country.is_some(), "BR-20", "The tax representative's country is missing.");
        findings.require(representative.vat.is_some(), "BR-56", "The tax representative's VAT number is missing.");
    }
    let identified = supplier.vat.is_some() || supplier.registry.is_some() || !supplier.identifiers.is_empty();
    findings.require(
        identified,
        "BR-CO-26",
        "The seller has no VAT number, no register number and no other identifier.",
    );
}

fn totals(invoice: &Invoice, findings: &mut Findings) {
    let totals = &invoice.totals;
    findings.require(totals.lines.is_some(), "BR-12", "The sum of the lines is missing.");
    findings.require(totals.net.is_some(), "BR-13", "The total without VAT is missing.");
    findings.require(totals.gross.is_some(), "BR-14", "The total with VAT is missing.");
    findings.require(totals.payable.is_some(), "BR-15", "The amount to be paid is missing.");
    findings.require(!invoice.lines.is_empty(), "BR-16", "There are no lines.");
    findings.require(!invoice.vat_breakdown.is_empty(), "BR-CO-18", "There is no VAT breakdown.");
    for group in &invoice.vat_breakdown {
        let category = group.treatment.category.as_deref();
        findings.require(category.is_some(), "BR-47", "A group of the VAT breakdown has no category.");
        let has_rate = group.treatment.rate.is_some() || category == Some("O");
        findings.require(has_rate, "BR-48", "A group of the VAT breakdown has no rate.");
    }
    if let Some(currency) = invoice.tax_currency {
        let stated =
            totals.vat_in_tax_currency.is_some() || (invoice.tax_currency == invoice.currency && totals.vat.is_some());
        findings
            .require_or(stated, "BR-53", || format!("The VAT total in {currency}, the currency for VAT, is missing."));
    }
}

fn line(line: &InvoiceLine, findings: &mut Findings) {
    let what = |lacks: &str| format!("Line {} has no {lacks}.", line.id.chars().take(40).collect::<String>());
    findings.require(!line.id.is_empty(), "BR-21", "A line has no identifier.");
    findings.require_or(line.quantity.is_some(), "BR-22", || what("quantity"));
    findings.require_or(line.unit.is_some() || line.quantity.is_none(), "BR-23", || what("unit"));
    findings.require_or(line.net.is_some(), "BR-24", || what("net amount"));
    findings.require_or(line.description.is_some(), "BR-25", || what("item name"));
    findings.require_or(line.price.is_some(), "BR-26", || what("price"));
    if let Some(price) = line.price.filter(|price| price.is_sign_negative() && !price.is_zero()) {
        findings.add("BR-27", format!("{} {price}: a price is never negative.", what("proper price")));
    }
    findings.require_or(line.treatment.category.is_some(), "BR-CO-04", || what("VAT category"));
    for entry in &line.allowance_charges {
        let rule = match entry.kind {
            AllowanceChargeKind::Allowance => "BR-42",
            AllowanceChargeKind::Charge => "BR-44",
        };
        findings.require_or(entry.reason.is_some(), rule, || what("reason for an allowance or charge"));
    }
}

fn allowances(invoice: &Invoice, findings: &mut Findings) {
    for entry in &invoice.allowance_charges {
        let (category, reason) = match entry.kind {
            AllowanceChargeKind::Allowance => ("BR-32", "BR-33"),
            AllowanceChargeKind::Charge => ("BR-37", "BR-38"),
        };
        let lacks = |what: &str| format!("An allowance or charge of {} has no {what}.", entry.amount);
        findings.require_or(entry.treatment.category.is_some(), category, || lacks("VAT category"));
        findings.require_or(entry.reason.is_some(), reason, || lacks("reason"));
    }
}

fn payment(invoice: &Invoice, findings: &mut Findings) {
    for means in &invoice.payment_means {
        let Some(code) = means.code.as_deref() else {
            findings.add("BR-49", "A means of payment has no code.");
            continue;
        };
        if matches!(code, "30" | "58") && means.account.is_none() {
            findings.add("BR-61", format!("A credit transfer (code {code}) names no account."));
        }
    }
}
