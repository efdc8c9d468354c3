//! Claims: which document was first with an invoice number, or with a date and total. A claim is an item that only one
//! document can hold, so that two copies of one invoice never both pass (AP-56), even at the same moment.

use super::keys;
use crate::{
    StoreError, Tables,
    expression::Expression,
    item::{Fields, Key, text},
    table::{Old, Write, Written},
};
use domain::{
    ids::{AdministrationId, ContactId, DocumentId, TenantId},
    invoice::{Invoice, InvoiceKind},
    ledger::{Direction, NormalisedNumber},
    money::Currency,
    time::Date,
};
use rust_decimal::Decimal;
use std::sync::Arc;

/// The document that holds a claim.
const HOLDER: &str = "d";
/// The longest number that stands in a key as it is; of longer ones a digest does.
const NUMBER_BYTES_MAX: usize = 200;

/// What a document claims: something that no second invoice of the same contact should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimKey {
    administration: AdministrationId,
    contact: ContactId,
    claimed: String,
}

impl ClaimKey {
    /// The number of an invoice or credit note of a contact.
    pub fn number(
        administration: AdministrationId,
        direction: Direction,
        contact: ContactId,
        kind: InvoiceKind,
        number: &NormalisedNumber,
    ) -> Self {
        let number = match number.as_str() {
            long if long.len() > NUMBER_BYTES_MAX => crate::transaction::digest(&[long], 64),
            number => number.to_owned(),
        };
        let claimed = format!("number#{}#{}#{number}", direction.as_str(), kind.as_str());
        Self { administration, contact, claimed }
    }

    /// Date, currency and total of an invoice or credit note of a contact.
    pub fn total(
        administration: AdministrationId,
        direction: Direction,
        contact: ContactId,
        kind: InvoiceKind,
        (date, currency, gross): (Date, Currency, Decimal),
    ) -> Self {
        let gross = gross.normalize();
        let claimed = format!("total#{}#{}#{date}#{currency}#{gross}", direction.as_str(), kind.as_str());
        Self { administration, contact, claimed }
    }

    /// The claims of an invoice, as far as it states what they need; the number first.
    pub fn of(
        administration: AdministrationId,
        direction: Direction,
        contact: ContactId,
        invoice: &Invoice,
    ) -> Vec<Self> {
        let number = invoice.number.as_deref().map(NormalisedNumber::of);
        let number = number.map(|number| Self::number(administration, direction, contact, invoice.kind, &number));
        let total = match (invoice.issue_date, invoice.currency, invoice.totals.gross) {
            (Some(date), Some(currency), Some(gross)) => {
                Some(Self::total(administration, direction, contact, invoice.kind, (date, currency, gross)))
            }
            (_, _, _) => None,
        };
        number.into_iter().chain(total).collect()
    }
}

/// What claiming came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// All claims are this document's.
    Claimed,
    /// Another document has one of them: a duplicate is suspected.
    HeldBy(DocumentId),
}

/// The claims of a tenant's documents.
#[derive(Debug, Clone)]
pub struct Claims {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Claims {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    fn key(&self, claim: &ClaimKey) -> Key {
        Key::new(keys::claims(self.tenant, claim.administration, claim.contact), &claim.claimed)
    }

    fn put(&self, claim: &ClaimKey, document: DocumentId, condition: Option<Expression>) -> Write {
        let mut item = self.key(claim).item();
        item.insert(HOLDER.to_owned(), text(document.to_string()));
        Write::Put { item, condition }
    }

    /// Claims one after another and stops at the first that another document has, so that of two documents with the same
    /// claims exactly one gets through. What is this document's already stays so.
    pub async fn claim(&self, claims: &[ClaimKey], document: DocumentId) -> Result<Claim, StoreError> {
        const OPERATION: &str = "claims.claim";
        for claim in claims {
            let free =
                Expression::new("attribute_not_exists(#pk) OR #d = :mine").with("mine", text(document.to_string()));
            let put = self.put(claim, document, Some(free));
            if let Written::Refused(there) = self.tables.documents.write(OPERATION, put, Old::NotNeeded).await? {
                let Some(there) = there else {
                    return Err(StoreError::new(crate::ErrorKind::Retryable, OPERATION, "a claim came and went"));
                };
                let fields = Fields::of(OPERATION, &there);
                return Ok(Claim::HeldBy(fields.needed(HOLDER, fields.parsed(HOLDER)?)?));
            }
        }
        Ok(Claim::Claimed)
    }

    /// Takes the claims from whoever has them: a person said that the document is no duplicate.
    pub async fn overwrite(&self, claims: &[ClaimKey], document: DocumentId) -> Result<(), StoreError> {
        for claim in claims {
            self.tables.documents.write("claims.overwrite", self.put(claim, document, None), Old::NotNeeded).await?;
        }
        Ok(())
    }

    /// Gives up claims of this document; those of others stay.
    pub async fn release(&self, claims: &[ClaimKey], document: DocumentId) -> Result<(), StoreError> {
        for claim in claims {
            let mine = Expression::new("#d = :mine").with("mine", text(document.to_string()));
            let delete = Write::Delete { key: self.key(claim), condition: Some(mine) };
            self.tables.documents.write("claims.release", delete, Old::NotNeeded).await?;
        }
        Ok(())
    }
}
