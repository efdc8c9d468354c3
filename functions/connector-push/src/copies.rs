//! The way back: the ledger's PDF, page and number of an issued document (CO-31, CO-33), and whether the ledger has an uncertain one.

use crate::{
    attempt::Attempt,
    pass,
    tasks::{Outcome, RETRY, Trouble, access, trouble},
    turn::{Turn, TurnError},
};
use domain::{
    document::Actor,
    ids::{Id as _, IssuedId, TaskId},
    reason::Reason,
    sales::{Copy, Issued, Ksef, PassEvent, Passed, Passing},
    task::{Fetch, Task, TaskState, Work},
    words::Note,
};
use ledgers::{ErrorCode, LedgerError, Lookup, Operation, Pdf, StoredDocument};
use store::{
    ErrorKind, Read,
    sales::{IssuedPdf, PassChange},
};

pub const GONE: &str = "There is no such document";

/// Has the ledger's PDF fetched once the document is passed. Asked for before that is recorded, so that a death in between
/// forgets nothing; the task waits for it.
pub async fn ask_for(turn: &mut Turn<'_>, issued: &Issued) -> Result<(), TurnError> {
    let (Some(Actor::User(user)), Some(unit)) = (&issued.passed_by, &issued.unit) else { return Ok(()) };
    let now = turn.app.clock.now();
    let task = Task {
        id: TaskId::from_ulid(issued.id.ulid()),
        unit: unit.clone(),
        work: Work::FetchCopy { issued: issued.id, fetch: Fetch::Pdf },
        requested_by: *user,
        requested_at: now,
        due: now,
        attempts: 0,
        state: TaskState::Open,
    };
    match turn.tenant.tasks().create(&task, &turn.writer).await {
        Ok(()) => {}
        // An earlier attempt asked for it.
        Err(error) if error.kind() == ErrorKind::Conflict => {}
        Err(error) => return Err(error.into()),
    }
    turn.asked_for_more = true;
    Ok(())
}

/// What an error of the ledger means for what is fetched. After a run in bulk there is more of it than the limit of an hour allows.
fn unfetched(turn: &Turn<'_>, error: &LedgerError) -> Trouble {
    match trouble(turn, error) {
        Trouble::Later(until, _) if error.code() == ErrorCode::RateLimited => Trouble::Full(until),
        trouble @ (Trouble::GoesOn(..) | Trouble::Later(..) | Trouble::Full(_) | Trouble::Over(_)) => trouble,
    }
}

/// Fetches the ledger's copy of a passed document, and keeps the newest one.
pub async fn fetch(turn: &mut Turn<'_>, id: IssuedId, fetch: Fetch) -> Result<Outcome, TurnError> {
    let now = turn.app.clock.now();
    let repository = turn.tenant.issued();
    let Some(before) = repository.get(id, Read::Consistent).await? else {
        return Ok(Err(Trouble::Over(Reason::new("not_found", GONE))));
    };
    let later = |text: &str| Ok(Err(Trouble::Later(now + RETRY, Reason::new("copy_awaited", text))));
    let Some(known) = &before.passed else {
        return later("The document is not in the ledger yet");
    };
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    let stored = StoredDocument { id: &known.ledger_id, kind: before.kind };
    let awaits_ksef = matches!(known.ksef, Some(Ksef::Awaited { .. }));
    let read = match fetch {
        Fetch::Pdf if !awaits_ksef => None,
        Fetch::Pdf | Fetch::All => Some(client.copy(&stored).await),
    };
    let pdf = match &read {
        Some(Err(_)) => None,
        Some(Ok(_)) | None => Some(client.pdf(&stored).await),
    };
    turn.memory.budget = client.budget;
    let mut passed = known.clone();
    match read {
        Some(Err(error)) => return Ok(Err(unfetched(turn, &error))),
        Some(Ok(copy)) => {
            passed = Passed { number: copy.number, link: copy.link.or(passed.link), ksef: copy.ksef, ..passed };
        }
        None => {}
    }
    let came = match pdf {
        Some(Err(error)) => return Ok(Err(unfetched(turn, &error))),
        Some(Ok(Pdf::Bytes(bytes))) => {
            repository.put_pdf(id, IssuedPdf::Ledgers, bytes).await?;
            passed.copy = Copy::Fetched { at: now };
            true
        }
        Some(Ok(Pdf::None)) => {
            passed.copy = Copy::Missing { reason: Reason::said(&Note::NoLedgerPdf), at: now };
            true
        }
        Some(Ok(Pdf::NotYet)) | None => false,
    };
    let awaits_ksef = matches!(passed.ksef, Some(Ksef::Awaited { .. }));
    if passed != *known {
        let version = before.version.saturating_add(1);
        let after = Issued { version, updated_at: now, passed: Some(passed), ..before.clone() };
        repository.remark(&before, &after, &turn.writer).await?;
    }
    match (came, awaits_ksef) {
        (true, false) => Ok(Ok("The ledger's copy is up to date".to_owned())),
        (true, true) => later("The tax office has not given the document its number yet"),
        (false, _) => later("The ledger has not made its PDF yet"),
    }
}

/// Asks the ledger whether it has an uncertain document. Found: it is passed. Provably absent: it failed, and may be passed again.
pub async fn check(turn: &mut Turn<'_>, id: IssuedId) -> Result<Outcome, TurnError> {
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let Some(head) = turn.tenant.issued().head(id).await? else { return over("not_found", GONE) };
    let before = &head.issued;
    if before.passing != Passing::Uncertain {
        return over("not_uncertain", "The document is not uncertain any more");
    }
    let material = match pass::material(turn, before).await? {
        Ok(material) => material,
        Err(reason) => return Ok(Err(Trouble::Over(reason))),
    };
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    let request = material.request(before);
    let attempt = Attempt::read(head.checkpoint.as_deref(), before.version);
    let mut progress = attempt.begun().progress();
    let found = loop {
        match client.look_for(&request, &mut progress).await {
            Ok(Lookup::More) => {}
            end => break end,
        }
    };
    turn.memory.budget = client.budget;
    match found {
        Ok(Lookup::Ours(document)) => {
            pass::record(turn, before, &document, PassEvent::Found, None).await?;
            Ok(Ok(format!("The ledger has it as {}", document.number)))
        }
        Ok(Lookup::Foreign(number)) => {
            Ok(Ok(format!("The ledger has it as {number}, which was not made through Ledgerpost: look at it there")))
        }
        Ok(Lookup::Absent | Lookup::More) => {
            let now = turn.app.clock.now();
            let (passing, step) = before.passing.after(PassEvent::Absent)?;
            let version = before.version.saturating_add(1);
            let reason = Some(Reason::said(&Note::NotInLedger));
            let after = Issued { version, passing, updated_at: now, reason: reason.clone(), ..before.clone() };
            let event = Some(PassEvent::Absent);
            let entry = pass::entry(&after, Actor::System, event, reason);
            let change = PassChange { before, after: &after, step: Some(step), entry, fence: None };
            turn.tenant.issued().transition(&change, &turn.writer).await?;
            Ok(Ok("The ledger does not have it: pass it again".to_owned()))
        }
        // It is there, but not as it was asked for: the message says how.
        Err(error) if error.operation() == Operation::Compare => Ok(Ok(error.message().to_owned())),
        Err(error) => Ok(Err(trouble(turn, &error))),
    }
}
