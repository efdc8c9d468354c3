//! Credits of an app: what a ledger allows one of our registrations over all its customers. They are counted here over all
//! tenants, so that a limit is kept before it is hit. An item is one minute of one registration; it names no tenant.
//!
//! Who wants to send claims a block of credits with one write and spends it by himself. Minutes that are over need no write: each
//! begins with an item of its own, and old ones go by themselves.

use super::{keys, lease_owner};
use crate::{
    StoreError, SystemStore, Writer,
    expression::{Changes, Expression},
    item::{Fields, number, text},
    schema::{TTL, WRITER},
    table::{Old, Write, Written},
};
use chrono::TimeDelta;
use domain::time::Instant;

/// How many credits of the minute were granted.
const GRANTED: &str = "g";

/// How long a minute can be looked at after it has begun, for whoever looks into what went wrong.
const KEPT: TimeDelta = TimeDelta::days(1);

/// A claim on credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditClaim<'a> {
    /// The ledger.
    pub system: &'a str,
    /// The public name of our registration there.
    pub app: &'a str,
    /// The beginning of the minute in which they are to be spent.
    pub minute: Instant,
    /// How many are wanted, all or none.
    pub credits: u32,
    /// How many the minute has for all.
    pub limit: u32,
}

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditsClaimed {
    /// The credits are the claimant's, until the minute is over.
    Granted,
    /// So many are not left in this minute.
    Refused,
}

impl SystemStore {
    /// Claims credits of an app: one write. A claim that is repeated after a lost answer recognises itself, unless somebody else
    /// claimed in between; then it counts twice, which leaves credits unused and never too few.
    pub async fn claim_credits(&self, claim: &CreditClaim<'_>, writer: &Writer) -> Result<CreditsClaimed, StoreError> {
        const OPERATION: &str = "system.claim_credits";
        let Some(room) = claim.limit.checked_sub(claim.credits) else { return Ok(CreditsClaimed::Refused) };
        // One turn may claim several times in a minute.
        let claimant = lease_owner(writer);
        let mut changes = Changes::default();
        changes.set(WRITER, text(&claimant));
        changes.set(TTL, number((claim.minute + KEPT).timestamp()));
        changes.clause(Expression::new(format!("ADD #{GRANTED} :credits")).with("credits", number(claim.credits)));
        let fits = Expression::new(format!("attribute_not_exists(#{GRANTED}) OR #{GRANTED} <= :room"))
            .with("room", number(room));
        let not_mine = Expression::new(format!("attribute_not_exists(#{WRITER}) OR #{WRITER} <> :{WRITER}"));
        let key = keys::app_minute(claim.system, claim.app, claim.minute);
        let write = Write::Update { key, changes, condition: Some(fits.and(not_mine)) };
        match self.tables.runs.write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => Ok(CreditsClaimed::Granted),
            Written::Refused(Some(there)) if Fields::of(OPERATION, &there).text(WRITER)? == Some(&claimant) => {
                Ok(CreditsClaimed::Granted)
            }
            Written::Refused(_) => Ok(CreditsClaimed::Refused),
        }
    }
}
