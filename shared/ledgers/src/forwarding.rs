//! Marketplaces, which show their customers the finished documents of orders.

use crate::{
    Identity, Page,
    call::{Answer, Purpose, Target},
    descriptor::{Descriptor, OptionKind, OptionSpec, Options},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Checkpoint, Found, Progress, Step},
};
use domain::{
    ledger::DirectoryEntry,
    money::Currency,
    sales::{IssuedKind, MarketplaceOrder},
    time::Instant,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::any::Any;

/// Of every marketplace that takes corrections: nobody has to show them there.
pub(crate) const CORRECTIONS: OptionSpec = OptionSpec {
    key: "corrections",
    name: "Corrections are forwarded like invoices, or not at all",
    kind: OptionKind::Choice(&["off", "on"]),
    default: Some("off"),
};

/// What is to be forwarded.
#[derive(Clone, Copy)]
pub struct ForwardRequest<'a> {
    /// The marketplace's own id of the order.
    pub order: &'a str,
    /// What else the order says about the marketplace.
    pub place: Option<&'a MarketplaceOrder>,
    /// What kind of document it is.
    pub kind: IssuedKind,
    /// The number that counts before the law: the ledger's, where that one is shown.
    pub number: &'a str,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Total with VAT; of a correction the difference that it makes.
    pub gross: Decimal,
    /// VAT in it.
    pub vat: Decimal,
    /// The document.
    pub pdf: &'a [u8],
    /// Where it can be fetched by who knows the address, for marketplaces that do ([`crate::PdfBy::Address`]): the same for as long as
    /// the document is, and another one for each document.
    pub address: Option<&'a str>,
    /// When forwarding of this document first began: some marketplaces have to be given days.
    pub first_tried: Instant,
    /// Ids that the marketplace gave for other documents of this connection in the last hours: [`Forwarded::id`] of those that are
    /// there, [`Forwarding::known`] of those that are under way. Where a marketplace names no document in its lists, what is in none
    /// of these is taken for ours.
    pub others: &'a [&'a str],
    /// The connection's options.
    pub options: &'a Options,
}

impl ForwardRequest<'_> {
    /// Refuses what no marketplace shows, before anything is sent.
    pub(crate) fn check(&self, descriptor: &Descriptor) -> Result<(), LedgerError> {
        let name = descriptor.name;
        let refused = |code, message: String| Err(LedgerError::rejected(code, Operation::Prepare, message));
        match self.kind {
            IssuedKind::Invoice | IssuedKind::ProForma => {}
            IssuedKind::Correction => {
                if self.options.get(&CORRECTIONS) != Some("on") {
                    let message = format!(
                        "Corrections are not forwarded to {name}: the option 'corrections' of the connection is off. Switch it on, or \
                         send the customer the correction yourself."
                    );
                    return refused(ErrorCode::Unsupported, message);
                }
            }
            IssuedKind::Receipt => {
                let message = format!("Receipts are not forwarded to {name}: it shows invoices.");
                return refused(ErrorCode::Unsupported, message);
            }
        }
        if self.order.trim().is_empty() {
            let message = format!("The order of this document has no number of {name}. Enter it on the order.");
            return refused(ErrorCode::OrderUnknown, message);
        }
        if !self.pdf.starts_with(b"%PDF-") {
            let message = "What was stored of this document is no PDF. We have to look at that; give the customer the document by hand.";
            return refused(ErrorCode::FileRefused, message.to_owned());
        }
        Ok(())
    }
}

/// A marketplace keeps no sets of books: there is the seller's account, and it is the only one to choose.
pub(crate) fn account() -> Page {
    let entry = DirectoryEntry {
        code: "account".to_owned(),
        name: "The account of the seller".to_owned(),
        ..DirectoryEntry::default()
    };
    Page { entries: vec![entry], next: None }
}

/// Nothing there says who is connected.
pub(crate) fn seller(name: &str) -> Result<Identity, LedgerError> {
    let user = "seller".parse().map_err(|_| {
        let message = format!("The user of {name} has no name. We have to repair that.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Identity, message)
    })?;
    Ok(Identity { user, name: format!("the seller at {name}"), division: None, only: None })
}

/// What was learned is in a type of the marketplace's own.
pub(crate) fn own<T: Any + Send + Sync + Default>(progress: &mut Progress) -> Result<&mut T, LedgerError> {
    progress.facts.own_mut().ok_or_else(|| {
        let message = "What was learned is of another ledger. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// What a marketplace made of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardedAs {
    /// It shows the document.
    Accepted,
    /// It issues the documents of this order itself and wants none of ours.
    NotNeeded,
}

/// A document that was forwarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// The marketplace's own id of what was sent; the address of the PDF where it gives none.
    pub id: String,
    /// How it came to be known.
    pub found: Found,
    /// What became of it.
    pub outcome: ForwardedAs,
}

/// A marketplace that takes finished documents. Pure, as [`crate::Ledger`] is; [`crate::Client::forward`] sends.
///
/// As long as the outcome of one document is [`crate::ErrorKind::Unknown`], no other of the same connection may be begun where the
/// marketplace lists what came in without naming the document: [`Forwarding::tells_documents_apart`].
pub trait Forwarding: Send + Sync {
    /// The next request, or the end. Errors are those that need no request.
    fn forward(
        &self,
        at: &Target,
        request: &ForwardRequest<'_>,
        progress: &Progress,
    ) -> Result<Step<Forwarded>, LedgerError>;

    /// Reads the answer to the request of [`Forwarding::forward`] into `progress`. On an error `progress` is unchanged.
    fn forwarded(
        &self,
        at: &Target,
        request: &ForwardRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError>;

    /// Whether what it lists says which document it is of: then several may be under way at once, and one that waits for days for its
    /// order holds up no other.
    fn tells_documents_apart(&self) -> bool {
        false
    }

    /// The marketplace's own id of what a checkpoint speaks of, once there is one: for [`ForwardRequest::others`].
    fn known(&self, _checkpoint: &Checkpoint) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amazon;

    fn code(kind: IssuedKind, options: &Options) -> Option<ErrorCode> {
        let request = ForwardRequest {
            order: "404-1234567-1234567",
            place: None,
            kind,
            number: "FV 7/2026",
            currency: "PLN".parse().unwrap(),
            gross: Decimal::ONE_HUNDRED,
            vat: Decimal::TEN,
            pdf: b"%PDF-1.7",
            address: None,
            first_tried: Instant::default(),
            others: &[],
            options,
        };
        request.check(&amazon::DESCRIPTOR).err().map(|error| error.code())
    }

    #[test]
    fn corrections_are_forwarded_only_where_the_connection_says_so_and_receipts_never() {
        let (off, on) = (Options::default(), Options::default().with("corrections", "on"));
        assert_eq!(code(IssuedKind::Correction, &off), Some(ErrorCode::Unsupported));
        assert_eq!(code(IssuedKind::Correction, &on), None);
        for options in [&off, &on] {
            assert_eq!(code(IssuedKind::Receipt, options), Some(ErrorCode::Unsupported));
            assert_eq!((code(IssuedKind::Invoice, options), code(IssuedKind::ProForma, options)), (None, None));
        }
    }
}
