//! Scheduled export: facilities and their jobs, runs, and what is ready for them (section 2 of the reference behaviour).

mod facilities;
mod formats;
mod jobs;
mod preview;
mod rules;
mod runs;
mod settle;
mod views;

pub use facilities::*;
pub use formats::*;
pub use jobs::*;
pub use preview::*;
pub use rules::*;
pub use runs::*;
pub use settle::*;
pub use views::*;

use crate::{
    app::App,
    auth::Caller,
    problem::{Answer, Code, Problem},
};
use domain::{
    export::{Facility, LedgerFacts, Serves, SignedIn, Target},
    ids::{AdministrationId, FacilityId},
    office::ConnectionState,
};
use store::{Read, settings::FacilityError};

impl From<FacilityError> for Problem {
    fn from(error: FacilityError) -> Self {
        match error {
            FacilityError::OtherActive(other) => {
                let detail = "Another facility of this administration is active, and only one can be (EX-4): deactivate it \
                              first.";
                Problem::new(Code::FacilityActive, detail).about(other)
            }
            FacilityError::Store(error) => error.into(),
        }
    }
}

/// A facility that the caller may see.
async fn facility(app: &App, caller: &Caller, administration: AdministrationId, id: FacilityId) -> Answer<Facility> {
    app.check_administration(caller, administration).await?;
    let found = app.of(caller.tenant).facilities(administration).get(id, Read::Consistent).await?;
    found.ok_or_else(|| Problem::not_found("export facility", id))
}

/// What setting a facility up has to know of its ledger.
async fn ledger_facts(app: &App, caller: &Caller, facility: &Facility) -> Answer<LedgerFacts> {
    let Some(Target::Ledger { connection }) = &facility.target else { return Ok(LedgerFacts::None) };
    let Some(connection) = app.of(caller.tenant).connections().get(*connection, Read::Consistent).await? else {
        return Ok(LedgerFacts::None);
    };
    let Some(posting_date) = ledgers::posting_date_field(&connection) else { return Ok(LedgerFacts::None) };
    let serves = if connection.divisions.contains_key(&facility.administration) { Serves::Yes } else { Serves::No };
    let signed_in = match connection.state {
        ConnectionState::Connected => SignedIn::Yes,
        ConnectionState::Draft | ConnectionState::ReconnectNeeded => SignedIn::No,
    };
    Ok(LedgerFacts::Connection { serves, signed_in, posting_date })
}
