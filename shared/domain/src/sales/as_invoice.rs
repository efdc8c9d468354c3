//! An issued document in the shape of the canonical invoice, so that it can be written as an e-invoice (ED-5).

use super::{Address, Amounts, Corrects, IssuedContent, IssuedKind, IssuedLine, Prices, amounts::by_vat};
use crate::{
    invoice::{Invoice, InvoiceKind, InvoiceLine, PaymentMeans, PrecedingInvoice, Totals, VatSubtotal},
    office::Choice,
    party::Party,
};
use rust_decimal::Decimal;

/// UNTDID 1001: a corrected invoice.
const CORRECTED_INVOICE: &str = "384";
/// UNCL 4461: a transfer.
const CREDIT_TRANSFER: &str = "30";

impl IssuedContent {
    /// The same as a canonical invoice under the number that counts in law. Receipts and pro-forma invoices are none, and neither
    /// is what has amounts beyond all bounds. A correction says what it changes: lowering what is owed it is a credit note, with
    /// amounts by VAT rate instead of lines.
    pub fn as_invoice(&self, legal_number: &str) -> Option<Invoice> {
        let (kind, type_code, groups, lines) = match (self.kind, &self.corrects) {
            (IssuedKind::Invoice, _) => (InvoiceKind::Invoice, None, self.groups()?, self.invoice_lines()),
            (IssuedKind::Correction, Some(corrects)) => {
                let groups = self.changed(corrects)?;
                let gross: Decimal = groups.iter().map(|group| group.taxable + group.vat).sum();
                if gross.is_sign_negative() {
                    let turned = groups.into_iter().map(|group| VatSubtotal {
                        taxable: -group.taxable,
                        vat: -group.vat,
                        ..group
                    });
                    (InvoiceKind::CreditNote, None, turned.collect(), Vec::new())
                } else {
                    (InvoiceKind::Invoice, Some(CORRECTED_INVOICE.to_owned()), groups, Vec::new())
                }
            }
            (IssuedKind::Correction, None) | (IssuedKind::Receipt | IssuedKind::ProForma, _) => return None,
        };
        let (net, vat): (Decimal, Decimal) =
            (groups.iter().map(|group| group.taxable).sum(), groups.iter().map(|group| group.vat).sum());
        let gross = net.checked_add(vat)?;
        let prepaid = match kind {
            InvoiceKind::Invoice => Some(self.payment.paid.value()).filter(|paid| !paid.is_zero()),
            InvoiceKind::CreditNote => None,
        };
        let preceding = self.corrects.iter().map(|corrects| PrecedingInvoice {
            number: corrects.number.clone(),
            issue_date: Some(corrects.issue_date),
        });
        let account = self.seller.account.clone();
        let national = self.national_vat();
        let owed = national.as_ref().map(|national| national.vat.values().sum::<Decimal>());
        Some(Invoice {
            kind,
            type_code,
            number: Some(legal_number.to_owned()),
            issue_date: Some(self.issue_date),
            due_date: self.due_date,
            tax_point_date: (self.sale_date != self.issue_date).then_some(self.sale_date),
            // An intra-Community supply must say where to and when.
            delivery_date: Some(self.sale_date),
            delivery_country: Some(self.delivery.as_ref().unwrap_or(&self.customer.address).country.to_string()),
            currency: Some(self.currency),
            tax_currency: national.as_ref().map(|national| national.currency),
            notes: self
                .statutory_words()
                .into_iter()
                .map(ToOwned::to_owned)
                .chain(self.note.iter().map(ToString::to_string))
                .collect(),
            order_reference: Some(self.order.to_string()),
            preceding: preceding.collect(),
            supplier: party(&self.seller.name, Some(&self.seller.tax_number), &self.seller.address),
            customer: party(&self.customer.name.full(), self.customer.name.tax_number(), &self.customer.address),
            payment_means: account
                .map(|account| PaymentMeans {
                    code: Some(CREDIT_TRANSFER.to_owned()),
                    reference: Some(legal_number.to_owned()),
                    account: Some(account),
                    ..PaymentMeans::default()
                })
                .into_iter()
                .collect(),
            totals: Totals {
                lines: Some(net),
                net: Some(net),
                vat: Some(vat),
                gross: Some(gross),
                vat_in_tax_currency: match kind {
                    InvoiceKind::Invoice => owed,
                    InvoiceKind::CreditNote => owed.map(|owed| -owed),
                },
                prepaid,
                payable: Some(gross - prepaid.unwrap_or_default()),
                ..Totals::default()
            },
            vat_breakdown: groups,
            lines,
            ..Invoice::default()
        })
    }

    /// What Polish law wants said in these very words (art. 106e ust. 1 pkt 16 and 18a).
    fn statutory_words(&self) -> Vec<&'static str> {
        let words =
            [(self.split_payment, "Mechanizm podzielonej płatności"), (self.seller.cash_accounting, "Metoda kasowa")];
        words.into_iter().filter(|(is_so, _)| *is_so == Choice::Yes).map(|(_, words)| words).collect()
    }

    fn groups(&self) -> Option<Vec<VatSubtotal>> {
        Some(by_vat(&self.lines)?.into_iter().map(|(vat, amounts)| self.group(vat, amounts)).collect())
    }

    fn group(&self, vat: super::SalesVat, amounts: Amounts) -> VatSubtotal {
        let exemption_reason = match vat {
            super::SalesVat::Exempt => self.exemption.as_ref().map(ToString::to_string),
            super::SalesVat::Rate(_)
            | super::SalesVat::ReverseCharge
            | super::SalesVat::IntraCommunity
            | super::SalesVat::Export
            | super::SalesVat::OutOfScope => None,
        };
        VatSubtotal { treatment: vat.treatment(), taxable: amounts.net, vat: amounts.vat, exemption_reason }
    }

    /// What a correction changes, by VAT.
    fn changed(&self, corrects: &Corrects) -> Option<Vec<VatSubtotal>> {
        let (after, before) = (by_vat(&self.lines)?, by_vat(&corrects.lines)?);
        let mut rates: Vec<_> = after.keys().chain(before.keys()).copied().collect();
        rates.sort_unstable();
        rates.dedup();
        let of = |vat: super::SalesVat| {
            let amounts = |of: &std::collections::BTreeMap<super::SalesVat, Amounts>| of.get(&vat).copied();
            let changed = amounts(&after).unwrap_or_default().minus(amounts(&before).unwrap_or_default())?;
            Some(self.group(vat, changed))
        };
        let groups: Option<Vec<_>> = rates.into_iter().map(of).collect();
        Some(groups?.into_iter().filter(|group| !group.taxable.is_zero() || !group.vat.is_zero()).collect())
    }

    fn invoice_lines(&self) -> Vec<InvoiceLine> {
        let line = |(place, line): (usize, &IssuedLine)| {
            // A price with VAT is none of an e-invoice: what all of the line cost without it is said instead, exactly.
            let (price, base_quantity) = match self.prices {
                Prices::Net => (line.price.value(), None),
                Prices::Gross => (line.net, Some(line.quantity)),
            };
            InvoiceLine {
                id: (place + 1).to_string(),
                description: Some(line.name.to_string()),
                quantity: Some(line.quantity),
                unit: None,
                price: Some(price),
                base_quantity,
                net: Some(line.net),
                treatment: line.vat.treatment(),
                ..InvoiceLine::default()
            }
        };
        self.lines.iter().enumerate().map(line).collect()
    }
}

/// A party with its number for VAT: one without the letters of its country is given them.
fn party(name: &str, tax_number: Option<&str>, address: &Address) -> Party {
    let country = address.country.as_str();
    let vat = tax_number.map(|number| {
        let has_letters =
            number.trim_start().get(..2).is_some_and(|start| start.bytes().all(|b| b.is_ascii_alphabetic()));
        if has_letters { number.trim().to_owned() } else { format!("{country}{}", number.trim()) }
    });
    Party { name: Some(name.to_owned()), vat, country: Some(country.to_owned()), ..Party::default() }
}
