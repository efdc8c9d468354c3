//! Lines.

use super::Cii;
use crate::{ReadError, xml::Space::Ram};
use domain::invoice::InvoiceLine;

impl Cii<'_> {
    /// A line that has been opened.
    pub(super) fn line(&mut self) -> Result<InvoiceLine, ReadError> {
        let mut line = InvoiceLine::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"AssociatedDocumentLineDocument") => {
                    self.xml.once(element)?;
                    line.id = self.xml.text_at(&[(Ram, b"LineID")])?.unwrap_or_default();
                }
                (Ram, b"SpecifiedTradeProduct") => {
                    self.xml.once(element)?;
                    line.description = self.product()?;
                }
                (Ram, b"SpecifiedLineTradeAgreement") => {
                    self.xml.once(element)?;
                    self.line_agreement(&mut line)?;
                }
                (Ram, b"SpecifiedLineTradeDelivery") => {
                    self.xml.once(element)?;
                    self.line_delivery(&mut line)?;
                }
                (Ram, b"SpecifiedLineTradeSettlement") => {
                    self.xml.once(element)?;
                    self.line_settlement(&mut line)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(line)
    }

    fn product(&mut self) -> Result<Option<String>, ReadError> {
        let mut name = None;
        let mut description = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"Name") => name = self.xml.single(element)?,
                (Ram, b"Description") => description = self.xml.single(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(name.or(description))
    }

    fn line_agreement(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"NetPriceProductTradePrice") => {
                    self.xml.once(element)?;
                    self.line_price(line)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn line_price(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ChargeAmount") => line.price = self.xml.single_quantity(element)?,
                (Ram, b"BasisQuantity") => line.base_quantity = self.xml.single_quantity(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn line_delivery(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"BilledQuantity") => {
                    line.unit = element.attribute("unitCode").map(std::borrow::Cow::into_owned);
                    line.quantity = self.xml.single_quantity(element)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn line_settlement(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ApplicableTradeTax") => {
                    self.xml.once(element)?;
                    line.treatment = self.trade_tax()?;
                }
                (Ram, b"SpecifiedTradeAllowanceCharge") => {
                    self.xml.item(element)?;
                    line.allowance_charges.extend(self.allowance_charge(element)?);
                }
                (Ram, b"SpecifiedTradeSettlementLineMonetarySummation") => {
                    self.xml.once(element)?;
                    self.line_summation(line)?;
                }
                (Ram, b"ReceivableSpecifiedTradeAccountingAccount") => {
                    let account = self.identifier()?;
                    line.accounting_cost = line.accounting_cost.take().or(account);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn line_summation(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"LineTotalAmount") => line.net = self.single_amount(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }
}
