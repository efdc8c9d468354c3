//! Lines of an invoice or credit note.

use super::{Ubl, first, totals::Category};
use crate::{
    ReadError,
    xml::Space::{Cac, Cbc},
};
use domain::invoice::InvoiceLine;

impl Ubl<'_> {
    /// A line that has been opened. Lines inside the line (an extension) are passed over: the totals count the outer ones.
    pub(super) fn line(&mut self) -> Result<InvoiceLine, ReadError> {
        let mut line = InvoiceLine::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => line.id = self.xml.single(element)?.unwrap_or_default(),
                (Cbc, b"InvoicedQuantity" | b"CreditedQuantity") => {
                    line.unit = element.attribute("unitCode").map(std::borrow::Cow::into_owned);
                    line.quantity = self.xml.single_quantity(element)?;
                }
                (Cbc, b"LineExtensionAmount") => line.net = self.single_amount(element)?,
                (Cbc, b"AccountingCost") => line.accounting_cost = self.xml.single(element)?,
                (Cac, b"AllowanceCharge") => {
                    self.xml.item(element)?;
                    line.allowance_charges.extend(self.allowance_charge(element)?);
                }
                (Cac, b"Item") => {
                    self.xml.once(element)?;
                    self.line_item(&mut line)?;
                }
                (Cac, b"Price") => {
                    self.xml.once(element)?;
                    self.line_price(&mut line)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(line)
    }

    fn line_item(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        let mut name = None;
        let mut description = None;
        let mut category = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"Name") => name = self.xml.single(element)?,
                (Cbc, b"Description") => first(&mut description, self.xml.string(element)?),
                (Cac, b"ClassifiedTaxCategory") if category.is_none() => {
                    let mut found = Category::default();
                    self.tax_category(&mut found)?;
                    category = Some(found);
                }
                _ => self.xml.skip()?,
            }
        }
        line.description = name.or(description);
        line.treatment = category.unwrap_or_default().treatment;
        Ok(())
    }

    fn line_price(&mut self, line: &mut InvoiceLine) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"PriceAmount") => {
                    self.currencies.note(element);
                    line.price = self.xml.single_quantity(element)?;
                }
                (Cbc, b"BaseQuantity") => line.base_quantity = self.xml.single_quantity(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }
}
