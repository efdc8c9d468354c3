//! Text as XML can hold it: what XML 1.0 has no place for is removed, and nothing is left with nothing in it.

use super::{Details, PartyDetails};
use crate::xml::is_xml_character;
use domain::{
    invoice::{AllowanceCharge, Invoice, InvoiceLine, PaymentMeans, PrecedingInvoice, VatSubtotal, VatTreatment},
    party::Party,
};

/// A value on one line, as it is read back.
pub(super) fn value(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| is_xml_character(*c)).collect();
    let words: Vec<&str> = kept.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A text whose lines matter.
fn prose(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = text.chars().filter(|c| is_xml_character(*c)).collect();
    let trimmed = kept.trim_ascii();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

fn tidy(text: Option<&str>) -> Option<String> {
    text.and_then(value)
}

pub(super) fn details(details: &Details) -> Details {
    let party = |of: &PartyDetails| PartyDetails {
        street: tidy(of.street.as_deref()),
        city: tidy(of.city.as_deref()),
        post_code: tidy(of.post_code.as_deref()),
        contact: tidy(of.contact.as_deref()),
        telephone: tidy(of.telephone.as_deref()),
        email: tidy(of.email.as_deref()),
    };
    Details { supplier: party(&details.supplier), customer: party(&details.customer) }
}

/// The invoice with all its texts tidied. Attachments are left behind: they are not written.
pub(super) fn invoice(of: &Invoice) -> Invoice {
    let notes: Vec<String> = of.notes.iter().filter_map(|note| prose(note)).collect();
    Invoice {
        kind: of.kind,
        type_code: tidy(of.type_code.as_deref()),
        profile: None,
        number: tidy(of.number.as_deref()),
        issue_date: of.issue_date,
        due_date: of.due_date,
        tax_point_date: of.tax_point_date,
        tax_point_code: tidy(of.tax_point_code.as_deref()),
        delivery_date: of.delivery_date,
        delivery_country: tidy(of.delivery_country.as_deref()).and_then(|text| country(&text)),
        period_start: of.period_start,
        period_end: of.period_end,
        currency: of.currency,
        tax_currency: of.tax_currency,
        notes: if notes.is_empty() { Vec::new() } else { vec![notes.join("\n")] },
        buyer_reference: tidy(of.buyer_reference.as_deref()),
        order_reference: tidy(of.order_reference.as_deref()),
        contract_reference: tidy(of.contract_reference.as_deref()),
        project_reference: tidy(of.project_reference.as_deref()),
        accounting_cost: tidy(of.accounting_cost.as_deref()),
        preceding: of.preceding.iter().filter_map(preceding).collect(),
        supplier: party(&of.supplier),
        customer: party(&of.customer),
        payee: of.payee.as_ref().map(party),
        tax_representative: of.tax_representative.as_ref().map(party),
        payment_means: of.payment_means.iter().map(means).filter(|means| *means != PaymentMeans::default()).collect(),
        payment_terms: of.payment_terms.as_deref().and_then(prose),
        allowance_charges: of.allowance_charges.iter().map(allowance_charge).collect(),
        vat_breakdown: of.vat_breakdown.iter().map(subtotal).collect(),
        totals: of.totals.clone(),
        lines: of.lines.iter().map(line).collect(),
        attachments: Vec::new(),
    }
}

fn preceding(of: &PrecedingInvoice) -> Option<PrecedingInvoice> {
    value(&of.number).map(|number| PrecedingInvoice { number, issue_date: of.issue_date })
}

/// Two letters, in capitals.
fn country(text: &str) -> Option<String> {
    let two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    two.then(|| text.to_ascii_uppercase())
}

fn party(of: &Party) -> Party {
    Party {
        name: tidy(of.name.as_deref()),
        name_is_trading: of.name_is_trading,
        // Without dots and spaces, as the check on its first letters wants it.
        vat: tidy(of.vat.as_deref()).map(|vat| domain::party::normalise(&vat)).filter(|vat| !vat.is_empty()),
        tax_number: tidy(of.tax_number.as_deref()),
        registry: tidy(of.registry.as_deref()),
        registry_scheme: tidy(of.registry_scheme.as_deref()),
        identifiers: of.identifiers.iter().filter_map(|identifier| value(identifier)).collect(),
        country: tidy(of.country.as_deref()).and_then(|text| country(&text)),
        endpoint: tidy(of.endpoint.as_deref()),
    }
}

fn means(of: &PaymentMeans) -> PaymentMeans {
    PaymentMeans {
        code: tidy(of.code.as_deref()),
        reference: tidy(of.reference.as_deref()),
        account: tidy(of.account.as_deref()),
        account_name: tidy(of.account_name.as_deref()),
        bic: tidy(of.bic.as_deref()),
        mandate: tidy(of.mandate.as_deref()),
    }
}

fn treatment(of: &VatTreatment) -> VatTreatment {
    VatTreatment { category: tidy(of.category.as_deref()), rate: of.rate }
}

fn allowance_charge(of: &AllowanceCharge) -> AllowanceCharge {
    AllowanceCharge {
        kind: of.kind,
        amount: of.amount,
        reason: tidy(of.reason.as_deref()),
        treatment: treatment(&of.treatment),
    }
}

fn subtotal(of: &VatSubtotal) -> VatSubtotal {
    VatSubtotal {
        treatment: treatment(&of.treatment),
        taxable: of.taxable,
        vat: of.vat,
        exemption_reason: tidy(of.exemption_reason.as_deref()),
    }
}

fn line(of: &InvoiceLine) -> InvoiceLine {
    InvoiceLine {
        id: value(&of.id).unwrap_or_default(),
        description: tidy(of.description.as_deref()),
        quantity: of.quantity,
        unit: tidy(of.unit.as_deref()),
        price: of.price,
        base_quantity: of.base_quantity,
        net: of.net,
        treatment: treatment(&of.treatment),
        allowance_charges: of.allowance_charges.iter().map(allowance_charge).collect(),
        accounting_cost: tidy(of.accounting_cost.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_removed() {
        assert_eq!(value(" a\u{0}\u{8}b \r\n\t c\u{ffff} ").as_deref(), Some("ab c"));
        assert_eq!(value("\u{1}\u{b}"), None);
        assert_eq!(value("Zażółć 😀 <&>\"']]>").as_deref(), Some("Zażółć 😀 <&>\"']]>"));
        assert_eq!(prose("\r\na\r\nb\rc\u{c}\n").as_deref(), Some("a\nb\nc"));
    }
}
