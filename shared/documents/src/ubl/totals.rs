//! Totals, VAT and allowances.

use super::{Ubl, first};
use crate::{
    FindingCode, ReadError,
    vat_totals::VatTotal,
    xml::{
        Element,
        Space::{Cac, Cbc},
    },
};
use domain::invoice::{AllowanceCharge, Totals, VatSubtotal, VatTreatment};

impl<'i> Ubl<'i> {
    pub(super) fn monetary_total(&mut self, totals: &mut Totals) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            let slot = match (element.space, element.local) {
                (Cbc, b"LineExtensionAmount") => &mut totals.lines,
                (Cbc, b"AllowanceTotalAmount") => &mut totals.allowances,
                (Cbc, b"ChargeTotalAmount") => &mut totals.charges,
                (Cbc, b"TaxExclusiveAmount") => &mut totals.net,
                (Cbc, b"TaxInclusiveAmount") => &mut totals.gross,
                (Cbc, b"PrepaidAmount") => &mut totals.prepaid,
                (Cbc, b"PayableRoundingAmount") => &mut totals.rounding,
                (Cbc, b"PayableAmount") => &mut totals.payable,
                _ => {
                    self.xml.skip()?;
                    continue;
                }
            };
            *slot = self.single_amount(element)?;
        }
        Ok(())
    }

    pub(super) fn tax_total(&mut self, total: Element<'i>) -> Result<VatTotal<'i>, ReadError> {
        let mut currency = None;
        let mut amount = None;
        let mut subtotals = Vec::new();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"TaxAmount") => {
                    currency = element.attribute("currencyID");
                    amount = self.xml.single_decimal(element)?;
                }
                (Cac, b"TaxSubtotal") => {
                    self.xml.item(element)?;
                    subtotals.extend(self.tax_subtotal(element)?);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(VatTotal { element: total, currency, amount, subtotals })
    }

    fn tax_subtotal(&mut self, subtotal: Element<'i>) -> Result<Option<VatSubtotal>, ReadError> {
        let mut taxable = None;
        let mut vat = None;
        let mut category = Category::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"TaxableAmount") => taxable = self.xml.single_decimal(element)?,
                (Cbc, b"TaxAmount") => vat = self.xml.single_decimal(element)?,
                // Where UBL 2.0 has it.
                (Cbc, b"Percent") => first(&mut category.treatment.rate, self.xml.single_decimal(element)?),
                (Cac, b"TaxCategory") => {
                    self.xml.once(element)?;
                    self.tax_category(&mut category)?;
                }
                _ => self.xml.skip()?,
            }
        }
        let (Some(taxable), Some(vat)) = (taxable, vat) else {
            self.incomplete(subtotal, "TaxableAmount or TaxAmount");
            return Ok(None);
        };
        let Category { treatment, exemption_reason } = category;
        Ok(Some(VatSubtotal { treatment, taxable, vat, exemption_reason }))
    }

    /// A `TaxCategory` or `ClassifiedTaxCategory` that has been opened.
    pub(super) fn tax_category(&mut self, category: &mut Category) -> Result<(), ReadError> {
        let mut code = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => category.treatment.category = self.xml.single(element)?,
                (Cbc, b"Percent") => {
                    self.xml.once(element)?;
                    if let Some(rate) = self.xml.decimal(element)? {
                        category.treatment.rate = Some(rate);
                    }
                }
                (Cbc, b"TaxExemptionReason") => first(&mut category.exemption_reason, self.xml.string(element)?),
                (Cbc, b"TaxExemptionReasonCode") => code = self.xml.single(element)?,
                _ => self.xml.skip()?,
            }
        }
        first(&mut category.exemption_reason, code);
        Ok(())
    }

    /// An allowance or charge of the document or of a line; without amount or indicator it means nothing.
    pub(super) fn allowance_charge(&mut self, parent: Element<'i>) -> Result<Option<AllowanceCharge>, ReadError> {
        let mut kind = None;
        let mut amount = None;
        let mut reason = None;
        let mut reason_code = None;
        let mut category = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ChargeIndicator") => {
                    self.xml.once(element)?;
                    kind = self.xml.charge_indicator(element)?;
                }
                (Cbc, b"Amount") => amount = self.single_amount(element)?,
                (Cbc, b"AllowanceChargeReason") => first(&mut reason, self.xml.string(element)?),
                (Cbc, b"AllowanceChargeReasonCode") => reason_code = self.xml.single(element)?,
                (Cac, b"TaxCategory") if category.is_none() => {
                    let mut found = Category::default();
                    self.tax_category(&mut found)?;
                    category = Some(found);
                }
                _ => self.xml.skip()?,
            }
        }
        let (Some(kind), Some(amount)) = (kind, amount) else {
            self.incomplete(parent, "ChargeIndicator or Amount");
            return Ok(None);
        };
        let treatment = category.unwrap_or_default().treatment;
        Ok(Some(AllowanceCharge { kind, amount, reason: reason.or(reason_code), treatment }))
    }

    fn incomplete(&mut self, element: Element<'i>, lacks: &str) {
        let message = format!("{} has no {lacks} and was left out ({}).", element.name(), self.xml.place(element));
        self.findings.add(FindingCode::IncompleteElement, element.name(), message);
    }
}

/// A VAT category with its rate, and why there is no VAT.
#[derive(Default)]
pub(super) struct Category {
    pub treatment: VatTreatment,
    pub exemption_reason: Option<String>,
}
