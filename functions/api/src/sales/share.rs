//! Sharing issued documents with the accountant (ED-12).

use super::{IssuedView, issued, shown};
use crate::{
    app::App,
    auth::Caller,
    documents::shared_already,
    extract::{Ids, IfMatchMaybe},
    problem::{Answer, Code, Problem},
    reply::{InWords, Versioned},
};
use axum::extract::State;
use domain::{
    document::{SharedAs, Step},
    ids::IssuedId,
    reason::Reason,
    sales::{IssuedNotShareable, Passing},
    words::Mailed,
};
use store::sales::{PassChange, PassEntry};

/// Marks an issued document as sent to the customer: it is shared with the accountant (ED-12).
#[utoipa::path(
    post, path = "/issued-documents/{issued}/mark-sent", tag = "mail",
    responses((status = 200, body = IssuedView))
)]
pub async fn mark_issued_sent(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    seen: IfMatchMaybe,
) -> Answer<InWords<Versioned<IssuedView>>> {
    share(&app, &caller, id, seen, (SharedAs::Sent, Mailed::MarkedSent)).await
}

/// Archives an issued document without sending it to the customer: it is shared with the accountant (ED-12).
#[utoipa::path(
    post, path = "/issued-documents/{issued}/archive-directly", tag = "mail",
    responses((status = 200, body = IssuedView))
)]
pub async fn archive_issued_directly(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    seen: IfMatchMaybe,
) -> Answer<InWords<Versioned<IssuedView>>> {
    share(&app, &caller, id, seen, (SharedAs::Archived, Mailed::ArchivedDirectly)).await
}

async fn share(
    app: &App,
    caller: &Caller,
    id: IssuedId,
    seen: IfMatchMaybe,
    (how, said): (SharedAs, Mailed),
) -> Answer<InWords<Versioned<IssuedView>>> {
    let before = issued(app, caller, id).await?;
    seen.check(before.version)?;
    let not_now = |detail: &str| Problem::new(Code::State, detail).about(id);
    let after = before.shared_as(how, caller.now).map_err(|error| match error {
        IssuedNotShareable::Already(shared) => shared_already(shared).about(id),
        IssuedNotShareable::ProForma => {
            not_now("A pro-forma invoice is booked by nobody: the accountant does not get it.")
        }
    })?;
    match before.passing {
        Passing::NotPassed | Passing::Withheld | Passing::Passed | Passing::Failed | Passing::Uncertain => {}
        // A turn of the ledger has it in hand.
        Passing::Passing => {
            return Err(not_now("The document is on its way to the ledger: wait until it has arrived."));
        }
    }
    let entry = PassEntry {
        at: caller.now,
        by: caller.actor(),
        event: None,
        passing: after.passing,
        version: after.version,
        reason: Some(Reason::said(&said)),
    };
    let change = PassChange { before: &before, after: &after, step: Some(Step::Announce), entry, fence: None };
    app.of(caller.tenant).issued().transition(&change, &caller.writer()).await?;
    Ok(shown(caller, &after))
}
