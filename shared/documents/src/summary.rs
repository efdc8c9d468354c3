//! The values of a document in one flat line, as operators and scripts read it.

use crate::ReadDocument;
use domain::{arithmetic, invoice::Invoice, party::Party};
use rust_decimal::Decimal;
use serde::Serialize;

/// A party in a [`Summary`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartySummary {
    /// Legal name, else trading name.
    pub name: Option<String>,
    /// VAT number as written.
    pub vat: Option<String>,
}

impl From<&Party> for PartySummary {
    fn from(party: &Party) -> Self {
        Self { name: party.name.clone(), vat: party.vat.clone() }
    }
}

/// A document in short. Amounts are decimal text with as many decimals as the document writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// `invoice` or `credit_note`.
    pub kind: &'static str,
    /// BT-1.
    pub number: Option<String>,
    /// BT-2, as `2026-03-31`.
    pub issue_date: Option<String>,
    /// BT-9.
    pub due_date: Option<String>,
    /// BT-5.
    pub currency: Option<String>,
    /// Seller.
    pub supplier: PartySummary,
    /// Buyer.
    pub customer: PartySummary,
    /// Total without VAT.
    pub net: Option<String>,
    /// VAT in the document's currency.
    pub vat: Option<String>,
    /// Total with VAT.
    pub gross: Option<String>,
    /// Still to be paid.
    pub payable: Option<String>,
    /// Number of lines directly under the root.
    pub lines: usize,
    /// Rules of EN 16931 that are broken.
    pub violations: Vec<String>,
}

impl Summary {
    /// Sums up an invoice and checks its arithmetic.
    pub fn of(invoice: &Invoice) -> Self {
        let text = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
        Self {
            kind: invoice.kind.as_str(),
            number: invoice.number.clone(),
            issue_date: invoice.issue_date.map(|date| date.to_string()),
            due_date: invoice.due_date.map(|date| date.to_string()),
            currency: invoice.currency.map(String::from),
            supplier: PartySummary::from(&invoice.supplier),
            customer: PartySummary::from(&invoice.customer),
            net: text(invoice.totals.net),
            vat: text(invoice.totals.vat),
            gross: text(invoice.totals.gross),
            payable: text(invoice.totals.payable),
            lines: invoice.lines.len(),
            violations: arithmetic::check(invoice).iter().map(|v| v.rule.as_str().to_owned()).collect(),
        }
    }
}

impl From<&ReadDocument> for Summary {
    fn from(document: &ReadDocument) -> Self {
        Self::of(&document.invoice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_the_decimals_of_the_file() {
        let text = include_str!("../../../tests/corpus/ubl/en16931/BIS_Billing_30-DataIT.xml");
        let document = crate::read(text.as_bytes()).unwrap();
        let line = serde_json::to_string(&Summary::from(&document)).unwrap();
        assert_eq!(
            line,
            r#"{"kind":"invoice","number":"08/00355","issue_date":"2008-02-08","due_date":"2008-03-07","currency":"SEK","supplier":{"name":"Ubiquitous IT (UIT) Sweden AB","vat":"SE123456789001"},"customer":{"name":"A-Kommunen","vat":null},"net":"8336","vat":"1821.5","gross":"10157.5","payable":"10158","lines":3,"violations":[]}"#
        );
    }
}
