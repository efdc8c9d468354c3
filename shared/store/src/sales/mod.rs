//! Orders, what is issued from them, and its way to a ledger. All of it stands in the table of documents, since a document, its number
//! and its order change in one transaction, and its way asks for turns through the same stream.

mod issued;
pub(crate) mod keys;
mod orders;
mod relay;

pub use issued::{IssuedHead, IssuedRepository, PassChange, PassEntry, WhichIssued};
pub use orders::{Issue, IssueOutcome, Orders, Taken};
pub use relay::PassRecord;
