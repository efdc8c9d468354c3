//! Currencies, payment, VAT and totals.

use super::Cii;
use crate::{
    FindingCode, ReadError,
    vat_totals::VatTotal,
    xml::{
        Element,
        Space::{Ram, Udt},
    },
};
use domain::invoice::{AllowanceCharge, AllowanceChargeKind, Invoice, PaymentMeans, Totals, VatSubtotal, VatTreatment};

impl<'i> Cii<'i> {
    pub(super) fn settlement(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            if element.space != Ram {
                self.xml.skip()?;
                continue;
            }
            match element.local {
                b"InvoiceCurrencyCode" => {
                    self.xml.once(element)?;
                    self.header.currency = self.xml.text(element)?;
                }
                b"TaxCurrencyCode" => {
                    self.xml.once(element)?;
                    self.header.tax_currency = self.xml.text(element)?;
                }
                b"PaymentReference" => self.header.payment_reference = self.xml.single(element)?,
                b"PayeeTradeParty" => {
                    self.xml.once(element)?;
                    invoice.payee = Some(self.party()?);
                }
                b"SpecifiedTradeSettlementPaymentMeans" => {
                    self.xml.item(element)?;
                    invoice.payment_means.push(self.payment_means()?);
                }
                b"SpecifiedTradePaymentTerms" => {
                    self.xml.item(element)?;
                    self.payment_terms(invoice)?;
                }
                b"ApplicableTradeTax" => {
                    self.xml.item(element)?;
                    self.vat_group(element, invoice)?;
                }
                b"BillingSpecifiedPeriod" => {
                    self.xml.once(element)?;
                    self.period(invoice)?;
                }
                b"SpecifiedTradeAllowanceCharge" => {
                    self.xml.item(element)?;
                    invoice.allowance_charges.extend(self.allowance_charge(element)?);
                }
                b"SpecifiedLogisticsServiceCharge" => {
                    self.xml.item(element)?;
                    invoice.allowance_charges.extend(self.logistics_charge(element)?);
                }
                b"SpecifiedTradeSettlementHeaderMonetarySummation" => {
                    self.xml.once(element)?;
                    self.summation(&mut invoice.totals)?;
                }
                b"InvoiceReferencedDocument" => self.preceding_invoice(element, &mut invoice.preceding)?,
                b"ReceivableSpecifiedTradeAccountingAccount" => {
                    let account = self.identifier()?;
                    invoice.accounting_cost = invoice.accounting_cost.take().or(account);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// One way of payment. The number of a payment card is passed over: it must not be stored.
    fn payment_means(&mut self) -> Result<PaymentMeans, ReadError> {
        let mut means = PaymentMeans::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"TypeCode") => means.code = self.xml.single(element)?,
                (Ram, b"PayeePartyCreditorFinancialAccount") => {
                    self.xml.once(element)?;
                    self.creditor_account(&mut means)?;
                }
                (Ram, b"PayeeSpecifiedCreditorFinancialInstitution") => {
                    self.xml.once(element)?;
                    means.bic = self.xml.text_at(&[(Ram, b"BICID")])?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(means)
    }

    fn creditor_account(&mut self, means: &mut PaymentMeans) -> Result<(), ReadError> {
        let mut proprietary = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"IBANID") => means.account = self.xml.single(element)?,
                (Ram, b"ProprietaryID") => proprietary = self.xml.single(element)?,
                (Ram, b"AccountName") => means.account_name = self.xml.single(element)?,
                _ => self.xml.skip()?,
            }
        }
        means.account = means.account.take().or(proprietary);
        Ok(())
    }

    fn payment_terms(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"Description") => {
                    let text = self.xml.prose(element)?;
                    self.header.terms.extend(text);
                }
                (Ram, b"DueDateDateTime") => {
                    self.xml.once(element)?;
                    let due = self.date()?;
                    invoice.due_date = invoice.due_date.or(due);
                }
                (Ram, b"DirectDebitMandateID") => {
                    let mandate = self.xml.single(element)?;
                    self.header.mandate = self.header.mandate.take().or(mandate);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn vat_group(&mut self, parent: Element<'i>, invoice: &mut Invoice) -> Result<(), ReadError> {
        let mut treatment = VatTreatment::default();
        let mut taxable = None;
        let mut vat = None;
        let mut reason = None;
        let mut reason_code = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"CalculatedAmount") => vat = self.single_amount(element)?,
                (Ram, b"BasisAmount") => taxable = self.single_amount(element)?,
                (Ram, b"CategoryCode") => treatment.category = self.xml.single(element)?,
                (Ram, b"RateApplicablePercent") => treatment.rate = self.xml.single_decimal(element)?,
                (Ram, b"ExemptionReason") => reason = self.xml.single(element)?,
                (Ram, b"ExemptionReasonCode") => reason_code = self.xml.single(element)?,
                (Ram, b"TaxPointDate") => {
                    self.xml.once(element)?;
                    let date = self.date()?;
                    invoice.tax_point_date = invoice.tax_point_date.or(date);
                }
                (Ram, b"DueDateTypeCode") => {
                    let code = self.xml.single(element)?;
                    invoice.tax_point_code = invoice.tax_point_code.take().or(code);
                }
                _ => self.xml.skip()?,
            }
        }
        if let (Some(taxable), Some(vat)) = (taxable, vat) {
            let exemption_reason = reason.or(reason_code);
            invoice.vat_breakdown.push(VatSubtotal { treatment, taxable, vat, exemption_reason });
        } else {
            self.incomplete(parent, "BasisAmount or CalculatedAmount");
        }
        Ok(())
    }

    fn period(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"StartDateTime") => {
                    self.xml.once(element)?;
                    invoice.period_start = self.date()?;
                }
                (Ram, b"EndDateTime") => {
                    self.xml.once(element)?;
                    invoice.period_end = self.date()?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// An allowance or charge of the document or of a line; without amount or indicator it means nothing.
    pub(super) fn allowance_charge(&mut self, parent: Element<'i>) -> Result<Option<AllowanceCharge>, ReadError> {
        let mut kind = None;
        let mut amount = None;
        let mut reason = None;
        let mut reason_code = None;
        let mut treatment = VatTreatment::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ChargeIndicator") => {
                    self.xml.once(element)?;
                    kind = self.indicator()?;
                }
                (Ram, b"ActualAmount") => amount = self.single_amount(element)?,
                (Ram, b"Reason") => reason = self.xml.single(element)?,
                (Ram, b"ReasonCode") => reason_code = self.xml.single(element)?,
                (Ram, b"CategoryTradeTax") => {
                    self.xml.once(element)?;
                    treatment = self.trade_tax()?;
                }
                _ => self.xml.skip()?,
            }
        }
        let (Some(kind), Some(amount)) = (kind, amount) else {
            self.incomplete(parent, "ChargeIndicator or ActualAmount");
            return Ok(None);
        };
        Ok(Some(AllowanceCharge { kind, amount, reason: reason.or(reason_code), treatment }))
    }

    /// Freight, which the EXTENDED profile states apart from other charges.
    fn logistics_charge(&mut self, parent: Element<'i>) -> Result<Option<AllowanceCharge>, ReadError> {
        let mut amount = None;
        let mut reason = None;
        let mut treatment = VatTreatment::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"AppliedAmount") => amount = self.single_amount(element)?,
                (Ram, b"Description") => reason = self.xml.single(element)?,
                (Ram, b"AppliedTradeTax") => {
                    self.xml.once(element)?;
                    treatment = self.trade_tax()?;
                }
                _ => self.xml.skip()?,
            }
        }
        let Some(amount) = amount else {
            self.incomplete(parent, "AppliedAmount");
            return Ok(None);
        };
        Ok(Some(AllowanceCharge { kind: AllowanceChargeKind::Charge, amount, reason, treatment }))
    }

    fn indicator(&mut self) -> Result<Option<AllowanceChargeKind>, ReadError> {
        let mut kind = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Udt, b"Indicator") => {
                    self.xml.once(element)?;
                    kind = self.xml.charge_indicator(element)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(kind)
    }

    /// Category and rate of an element that has been opened.
    pub(super) fn trade_tax(&mut self) -> Result<VatTreatment, ReadError> {
        let mut treatment = VatTreatment::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"CategoryCode") => treatment.category = self.xml.single(element)?,
                (Ram, b"RateApplicablePercent") => treatment.rate = self.xml.single_decimal(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(treatment)
    }

    fn summation(&mut self, totals: &mut Totals) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            if element.space != Ram {
                self.xml.skip()?;
                continue;
            }
            let slot = match element.local {
                b"LineTotalAmount" => &mut totals.lines,
                b"AllowanceTotalAmount" => &mut totals.allowances,
                b"ChargeTotalAmount" => &mut totals.charges,
                b"TaxBasisTotalAmount" => &mut totals.net,
                b"GrandTotalAmount" => &mut totals.gross,
                b"TotalPrepaidAmount" => &mut totals.prepaid,
                b"RoundingAmount" => &mut totals.rounding,
                b"DuePayableAmount" => &mut totals.payable,
                b"TaxTotalAmount" => {
                    self.xml.item(element)?;
                    let currency = element.attribute("currencyID");
                    let amount = self.xml.decimal(element)?;
                    self.header.vat_totals.push(VatTotal { element, currency, amount, subtotals: Vec::new() });
                    continue;
                }
                _ => {
                    self.xml.skip()?;
                    continue;
                }
            };
            *slot = self.single_amount(element)?;
        }
        Ok(())
    }

    fn incomplete(&mut self, element: Element<'i>, lacks: &str) {
        let message = format!("{} has no {lacks} and was left out ({}).", element.name(), self.xml.place(element));
        self.findings.add(FindingCode::IncompleteElement, element.name(), message);
    }
}
