//! Runs: leases of ledger units, credentials, tasks, and what is under way between a person and a ledger.

mod consents;
mod credentials;
mod idempotency;
mod keys;
mod tasks;
mod units;

pub use consents::{Consent, OauthState, OauthStates};
pub use credentials::{Credential, CredentialState, Credentials, PreviousRefresh, Refresh, RefreshLease, SealedTokens};
pub use idempotency::{ANSWER_BYTES_MAX, Answer, Attempt, Idempotency, RequestKey};
pub use tasks::Tasks;
pub use units::{Fence, Lease, Released, Taken, UnitMemory, UnitRef, UnitState, Units};
