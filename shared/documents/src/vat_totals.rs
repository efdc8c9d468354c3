//! VAT totals: which of several is meant.

use crate::{
    FindingCode,
    values::Findings,
    xml::{Element, Xml},
};
use domain::invoice::{Invoice, VatSubtotal};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// A VAT total as stated: whether it is BT-110 or BT-111 is known only when the document's currency is.
pub(crate) struct VatTotal<'i> {
    pub element: Element<'i>,
    pub currency: Option<Cow<'i, str>>,
    pub amount: Option<Decimal>,
    pub subtotals: Vec<VatSubtotal>,
}

/// Chooses by currency and never by position: BT-110 is the one in the document's currency, BT-111 the one in the currency
/// for VAT. The breakdown is the one of BT-110, else the only other there is.
pub(crate) fn choose(
    totals: Vec<VatTotal<'_>>,
    currency: Option<&str>,
    tax_currency: Option<&str>,
    xml: &Xml<'_>,
    findings: &mut Findings,
    invoice: &mut Invoice,
) {
    let only = totals.len() == 1;
    let mut other_breakdown = None;
    for total in totals {
        let stated = total.currency.as_deref();
        let same = match (stated, currency) {
            (Some(stated), Some(currency)) => stated == currency,
            (None, _) | (_, None) => only,
        };
        if same {
            match (total.amount, invoice.totals.vat) {
                (Some(amount), None) => invoice.totals.vat = Some(amount),
                (Some(_), Some(_)) => invoice.totals.vat_repeats = invoice.totals.vat_repeats.saturating_add(1),
                (None, _) => {}
            }
            if invoice.vat_breakdown.is_empty() {
                invoice.vat_breakdown = total.subtotals;
            }
            continue;
        }
        if stated.is_some() && stated == tax_currency {
            invoice.totals.vat_in_tax_currency = invoice.totals.vat_in_tax_currency.or(total.amount);
        } else {
            let message = format!(
                "A VAT total is neither in the document's currency nor in the one for VAT ({}).",
                xml.place(total.element)
            );
            findings.add(FindingCode::AmountCurrency, total.element.name(), message);
        }
        if other_breakdown.is_none() && !total.subtotals.is_empty() {
            other_breakdown = Some(total.subtotals);
        }
    }
    if invoice.vat_breakdown.is_empty() {
        invoice.vat_breakdown = other_breakdown.unwrap_or_default();
    }
}
