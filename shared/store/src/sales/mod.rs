//! Orders, what is issued from them, and its way to a ledger. All of it stands in the table of documents, since a document, its number
//! and its order change in one transaction, and its way asks for turns through the same stream.

mod forwardings;
mod issued;
pub(crate) mod keys;
mod order_runs;
mod orders;
mod pass_runs;
mod relay;
pub(crate) use order_runs::of_stream as order_of_stream;

pub use forwardings::Forwardings;
pub use issued::{IssuedHead, IssuedPdf, IssuedRepository, PassChange, PassEntry, WhichIssued};
pub use order_runs::{OrderRef, OrderRuns};
pub use orders::{Issue, IssueOutcome, Orders, Taken};
pub use pass_runs::PassRuns;
pub use relay::PassRecord;
