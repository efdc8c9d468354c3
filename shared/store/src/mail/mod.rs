//! Deliveries by mail: they stand with what they deliver, in the table of documents.

mod budget;
mod deliveries;
mod flow;
mod keys;
mod messages;

pub use budget::BudgetClaim;
pub use deliveries::{Deliveries, HomeMails, MailRef, Mailing, Recorded};
pub use flow::{MailFlow, Missed};

pub(crate) use deliveries::{MailRecord, arming, of_stream};

use chrono::TimeDelta;

/// When something that is to be mailed is looked at, if nobody does so before: as long as anything may be under way.
pub const LOOKED_AT_AFTER: TimeDelta = TimeDelta::minutes(15);
