//! Runs: leases of ledger units, credentials, tasks, credits of our apps, and what is under way between a person and a ledger.

mod app_credits;
mod consents;
mod credentials;
mod exports;
mod idempotency;
mod jobs;
pub(crate) mod keys;
mod tasks;
mod units;

pub use app_credits::{CreditClaim, CreditsClaimed};
pub use consents::{Consent, OauthState, OauthStates};
pub use credentials::{Credential, CredentialState, Credentials, PreviousRefresh, Refresh, RefreshLease, SealedTokens};
pub(crate) use exports::due_job_write;
pub use exports::{DueJob, ExportSlice, Exports, PART_BYTES, Place, Started};
pub use idempotency::{ANSWER_BYTES_MAX, Answer, Attempt, Idempotency, RequestKey};
pub use jobs::Jobs;
pub use tasks::Tasks;
pub use units::{Fence, Lease, Released, Taken, UnitMemory, UnitRef, UnitState, Units};

use crate::Writer;
use std::sync::atomic::{AtomicU64, Ordering};

/// The owner of a lease, or of a block of credits: the writer, and which of this process's it is. Two calls never share one, though
/// they be of one request; the tries that the SDK makes of one call do.
fn lease_owner(writer: &Writer) -> String {
    static LEASES: AtomicU64 = AtomicU64::new(1);
    format!("{writer}/{}", LEASES.fetch_add(1, Ordering::Relaxed))
}
