//! How the seller wants to be paid.

use super::{Ubl, first};
use crate::{
    ReadError,
    xml::Space::{Cac, Cbc},
};
use domain::{invoice::PaymentMeans, time::Date};

impl Ubl<'_> {
    /// One way of payment, and the due date that stands in it (credit notes have no other place for it). The number of
    /// a payment card is passed over: it must not be stored.
    pub(super) fn payment_means(&mut self) -> Result<(PaymentMeans, Option<Date>), ReadError> {
        let mut means = PaymentMeans::default();
        let mut due = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"PaymentMeansCode") => means.code = self.xml.single(element)?,
                (Cbc, b"PaymentDueDate") => due = self.xml.single_date(element)?,
                (Cbc, b"PaymentID") => first(&mut means.reference, self.xml.string(element)?),
                (Cac, b"PayeeFinancialAccount") => {
                    self.xml.once(element)?;
                    self.payee_account(&mut means)?;
                }
                (Cac, b"PaymentMandate") => {
                    self.xml.once(element)?;
                    means.mandate = self.xml.text_at(super::ID)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok((means, due))
    }

    fn payee_account(&mut self, means: &mut PaymentMeans) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => means.account = self.xml.single(element)?,
                (Cbc, b"Name") => means.account_name = self.xml.single(element)?,
                (Cac, b"FinancialInstitutionBranch") => {
                    self.xml.once(element)?;
                    means.bic = self.bic()?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// The branch names the BIC; before EN 16931 the institution inside it did.
    fn bic(&mut self) -> Result<Option<String>, ReadError> {
        let mut branch = None;
        let mut institution = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => branch = self.xml.single(element)?,
                (Cac, b"FinancialInstitution") => {
                    self.xml.once(element)?;
                    institution = self.xml.text_at(super::ID)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(branch.or(institution))
    }

    /// Terms as text. Lines matter: some profiles write cash discounts as lines of a fixed form.
    pub(super) fn payment_terms(&mut self) -> Result<Vec<String>, ReadError> {
        let mut notes = Vec::new();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"Note") => {
                    self.xml.item(element)?;
                    notes.extend(self.xml.prose(element)?);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(notes)
    }
}
