//! Credits of our registrations, counted in the table over all tenants and turns.

use chrono::TimeDelta;
use domain::time::Instant;
use ledgers::{AppCredits, Claimed};
use std::pin::Pin;
use store::{
    SystemStore, Writer,
    runs::{CreditClaim, CreditsClaimed},
};

/// The credits of one registration.
pub struct Credits {
    /// Where they are counted.
    pub store: SystemStore,
    /// The ledger.
    pub system: &'static str,
    /// Our public name there.
    pub client_id: String,
    /// How many a minute has.
    pub per_minute: u32,
    /// Who claims.
    pub writer: Writer,
}

impl AppCredits for Credits {
    fn per_minute(&self) -> u32 {
        self.per_minute
    }

    /// Where the table does not say that they are granted, they are not: nothing is sent on credit.
    fn claim(&self, minute: Instant, credits: u32) -> Pin<Box<dyn Future<Output = Claimed> + Send + '_>> {
        Box::pin(async move {
            let Self { store, system, client_id, per_minute, writer } = self;
            let claim = CreditClaim { system, app: client_id, minute, credits, limit: *per_minute };
            match store.claim_credits(&claim, writer).await {
                Ok(CreditsClaimed::Granted) => Claimed::Granted,
                Ok(CreditsClaimed::Refused) => {
                    let until = minute + TimeDelta::minutes(1);
                    tracing::info!(system, credits, %until, "The credits of our app are used up.");
                    Claimed::Refused
                }
                Err(error) => {
                    tracing::warn!(system, %error, "Credits of our app could not be claimed.");
                    Claimed::Refused
                }
            }
        })
    }
}
