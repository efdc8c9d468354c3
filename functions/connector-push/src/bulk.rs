//! Taking everything that is not in the ledger yet into a run in bulk (CO-32). It is done in the unit's turn, so that nothing of it is
//! passed meanwhile; afterwards each document waits for its turn like any other.

use crate::{
    copies,
    pass::entry,
    tasks::{Outcome, Stage, Trouble},
    turn::{Turn, TurnError},
};
use domain::{
    document::Actor,
    ids::{AdministrationId, IssuedId, TaskId, UserId},
    reason::Reason,
    sales::{Connector, Issued, IssuedKind, Offers, PassRun, Passing, WhichToPass},
    time::Instant,
    words::Note,
};
use sales::{Desk, SalesError};
use serde::{Deserialize, Serialize};
use store::{Read, sales::PassChange};

/// How far the taking has come.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Taken {
    /// The last document that was looked at.
    after: Option<(Instant, IssuedId)>,
    /// See [`PassRun::left_out`].
    left_out: u32,
}

/// Takes documents into a run, those that were issued first first: so they are passed, and numbered by a ledger that numbers.
pub async fn collect(
    turn: &mut Turn<'_>,
    (administration, id): (AdministrationId, TaskId),
    by: UserId,
    stage: Option<Stage>,
) -> Result<Outcome, TurnError> {
    let mut taken = match stage {
        Some(Stage::Passing(taken)) => taken,
        Some(Stage::Listing(_) | Stage::Importing(_) | Stage::Templates(_) | Stage::Forwarding) | None => {
            Taken::default()
        }
    };
    let runs = turn.tenant.pass_runs(administration);
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let Some(run) = runs.get(id, Read::Consistent).await? else { return over("not_found", "There is no such run") };
    let tenant = turn.tenant.clone();
    let request = turn.writer.as_str().to_owned();
    let desk = Desk { tenant: &tenant, by, now: turn.app.clock.now(), request: &request };
    let ledger = match desk.ledger(administration).await {
        Ok(Some(ledger)) => ledger,
        Ok(None) => return Ok(Err(Trouble::Over(Reason::said(&Note::NoConnector)))),
        Err(SalesError::Store(error)) => return Err(error.into()),
        Err(error) => return over("not_connected", &error.to_string()),
    };
    if ledger.0.unit != turn.unit {
        return over("not_connected", "Issued documents go to another ledger by now: ask for it anew");
    }
    loop {
        let page = turn.tenant.issued().unpassed(administration, taken.after).await?;
        for listed in &page {
            if turn.is_short_of_time() {
                return Ok(Err(Trouble::GoesOn(turn.app.clock.now(), Stage::Passing(taken))));
            }
            if listed.issued_at > run.requested_at {
                return done(turn, &run, taken).await;
            }
            if !Box::pin(take(turn, &desk, &run, &ledger, listed)).await? {
                taken.left_out = taken.left_out.saturating_add(1);
            }
            taken.after = Some((listed.issued_at, listed.id));
        }
        if page.is_empty() {
            return done(turn, &run, taken).await;
        }
    }
}

async fn done(turn: &Turn<'_>, run: &PassRun, taken: Taken) -> Result<Outcome, TurnError> {
    let after = PassRun { collected_at: Some(turn.app.clock.now()), left_out: taken.left_out, ..run.clone() };
    turn.tenant.pass_runs(run.administration).collected(&after, &turn.writer).await?;
    Ok(Ok(
        "All documents are in the run: GET /administrations/{administration}/pass-runs/{pass_run} says how far it has come"
            .to_owned(),
    ))
}

/// Takes one document into the run, where it belongs into it. False when it cannot be passed in bulk.
async fn take(
    turn: &mut Turn<'_>,
    desk: &Desk<'_>,
    run: &PassRun,
    (connector, offers): &(Connector, Offers),
    listed: &Issued,
) -> Result<bool, TurnError> {
    let by_hand = listed.kind == IssuedKind::Correction;
    if by_hand || offers.takes(listed.kind).is_err() || connector.withholds(listed.series) {
        return Ok(false);
    }
    // The list may be behind.
    let Some(head) = turn.tenant.issued().head(listed.id).await? else { return Ok(true) };
    let mut before = head.issued;
    match (before.passing, run.which) {
        (Passing::NotPassed, WhichToPass::NotPassed) | (Passing::Failed, _) => {}
        (Passing::Uncertain, WhichToPass::Failed) => match looked_up(turn, run, before).await? {
            Some(absent) => before = absent,
            None => return Ok(true),
        },
        (Passing::NotPassed, WhichToPass::Failed)
        | (Passing::Uncertain, WhichToPass::NotPassed)
        | (Passing::Withheld | Passing::Passing | Passing::Passed, _) => return Ok(true),
    }
    match desk.pass_to(&before, (connector, offers), Some(run.id)).await {
        // Somebody passed it, or takes it out of the run, at the same moment.
        Ok(_) | Err(SalesError::State(_)) => Ok(true),
        Err(SalesError::Store(error)) if error.is_conflict() => Ok(true),
        Err(SalesError::Store(error)) => Err(error.into()),
        Err(
            SalesError::NoOrder(_)
            | SalesError::NoSeries(_)
            | SalesError::NoSeller
            | SalesError::Issue(_)
            | SalesError::Numbering(_)
            | SalesError::Busy
            | SalesError::NoConnector
            | SalesError::NoConnection
            | SalesError::Unsupported(_)
            | SalesError::KeptHere(_),
        ) => Ok(false),
    }
}

/// Takes an uncertain document into the run and asks the ledger for it; as it is when it is provably not there. Everything else, found
/// or still uncertain, is counted as that and not sent again.
async fn looked_up(turn: &mut Turn<'_>, run: &PassRun, before: Issued) -> Result<Option<Issued>, TurnError> {
    let now = turn.app.clock.now();
    let version = before.version.saturating_add(1);
    let reason = Some(Reason::said(&Note::LookedUpFirst));
    let joined = Issued { version, run: Some(run.id), updated_at: now, ..before.clone() };
    let entry = entry(&joined, Actor::User(run.requested_by), None, reason);
    let change = PassChange { before: &before, after: &joined, step: None, entry, fence: None };
    match turn.tenant.issued().transition(&change, &turn.writer).await {
        Ok(()) => {}
        Err(error) if error.is_conflict() => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    if let Err(Trouble::Later(_, reason) | Trouble::Over(reason)) = copies::check(turn, before.id).await? {
        tracing::warn!(issued = %before.id, code = %reason.code, "An uncertain document could not be looked up.");
    }
    let after = turn.tenant.issued().get(before.id, Read::Consistent).await?;
    Ok(after.filter(|after| after.passing == Passing::Failed))
}
