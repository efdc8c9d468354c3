//! Tasks: what somebody asked for through the API and only a turn may do.

use crate::{
    attempt::Attempt,
    bulk::{self, Taken},
    copies,
    directories::{self, Imported, Listed},
    forward, push,
    templates::{self, Synced},
    tokens::{Access, EDITS_MAX},
    turn::{Turn, TurnError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::{
    content::{Content, HistoryEntry},
    document::{Actor, Booked, Document, Event, Status},
    ids::{DocumentId, RunId, UserId},
    ledger::{DirectoryKind, LedgerUser},
    office::{Choice, ConnectionState},
    reason::Reason,
    task::{Task, TaskState, Work},
    time::Instant,
    words::{Language, Note, Text},
};
use ledgers::{
    App, CreateContacts, Credentials, Duplicates, ErrorKind, Identity, LedgerError, Lookup, Opener, Operation, Options,
    PushRequest, Secret, Seen, TokenSet,
};
use serde::{Deserialize, Serialize};
use store::{
    Read,
    document::{Change, Head, Record},
    settings::Author,
};

/// How often a task is tried before it is given up.
const ATTEMPTS_MAX: u32 = 20;
/// Without the ledger's own word, a task is tried again after this long.
pub const RETRY: TimeDelta = TimeDelta::seconds(60);

/// How far a task has come that takes several turns.
#[derive(Debug, Serialize, Deserialize)]
struct Progressed {
    /// How often the task had been tried then: only what comes to nothing counts towards giving up.
    attempts: u32,
    stage: Stage,
}

/// Where it goes on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// In the middle of a listing.
    Listing(Listed),
    /// The listing is stored as the unit's snapshot, and contacts are being made from it.
    Importing(Imported),
    /// In the middle of bringing posting templates together.
    Templates(Synced),
    /// In the middle of taking documents into a run in bulk.
    Passing(Taken),
    /// A forwarding that has begun: it stores by itself how far it has come.
    Forwarding,
}

/// What became of a task in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is over.
    Over,
    /// It is due again then; others may go on.
    Due(Instant),
    /// Nothing: the ledger takes no request before then, of it or of those that wait behind it.
    Untouched(Instant),
}

/// Does one task.
pub async fn run(turn: &mut Turn<'_>, task: &Task) -> Result<Became, TurnError> {
    let progressed = match &task.work {
        Work::Directory { .. }
        | Work::ImportContacts { .. }
        | Work::SyncTemplates { .. }
        | Work::PassInBulk { .. }
        | Work::Forward { .. } => turn.tenant.tasks().progress(task.id).await?,
        Work::Connect { .. }
        | Work::Template { .. }
        | Work::CheckDocument { .. }
        | Work::RevertExport { .. }
        | Work::FetchCopy { .. }
        | Work::CheckIssued { .. } => None,
    };
    let begun = progressed.as_ref().map_or(0, |progressed: &Progressed| progressed.attempts);
    let stage = progressed.map(|progressed| progressed.stage);
    let outcome = match &task.work {
        Work::Connect { sealed, redirect_uri } => {
            let outcome = connect(turn, sealed, redirect_uri).await?;
            // Before the task ends: dying here, it is done again, and its units are woken then.
            if turn.connection.state == ConnectionState::Connected {
                turn.wake_others().await?;
            }
            outcome
        }
        Work::Directory { directory } => directories::refresh(turn, *directory, stage).await?,
        Work::ImportContacts { administration, direction } => {
            directories::import(turn, *administration, *direction, stage).await?
        }
        Work::Template { administration, contact } => templates::one(turn, *administration, *contact).await?,
        Work::SyncTemplates { administration, direction } => {
            templates::sync(turn, *administration, *direction, stage).await?
        }
        Work::CheckDocument { document } => check_document(turn, *document).await?,
        Work::RevertExport { document, run, reason } => {
            revert_export(turn, (*document, *run), task.requested_by, reason).await?
        }
        Work::FetchCopy { issued, fetch } => copies::fetch(turn, *issued, *fetch).await?,
        Work::PassInBulk { administration } => {
            Box::pin(bulk::collect(turn, (*administration, task.id), task.requested_by, stage)).await?
        }
        Work::Forward { issued } => Box::pin(forward::forward(turn, *issued)).await?,
        Work::CheckIssued { issued } => copies::check(turn, *issued).await?,
    };
    let now = turn.app.clock.now();
    let attempts = task.attempts.saturating_add(1);
    let mut after = Task { attempts, ..task.clone() };
    let due = match outcome {
        Ok(summary) => {
            after.state = TaskState::Done { summary, at: now };
            Became::Over
        }
        // It is not written: it did not fail, and there may be thousands of its kind.
        Err(Trouble::Full(until)) => return Ok(Became::Untouched(until)),
        Err(Trouble::GoesOn(until, stage)) => {
            turn.tenant.tasks().put_progress(task.id, &Progressed { attempts, stage }, now).await?;
            after.due = until;
            Became::Due(until)
        }
        Err(Trouble::Later(until, _)) if attempts.saturating_sub(begun) < ATTEMPTS_MAX => {
            after.due = until;
            Became::Due(until)
        }
        Err(Trouble::Later(_, error) | Trouble::Over(error)) => {
            tracing::warn!(task = %task.id, code = %error.code, "Task failed.");
            after.state = TaskState::Failed { error, at: now };
            Became::Over
        }
    };
    if let Work::Connect { sealed, .. } = &mut after.work
        && after.state != TaskState::Open
    {
        // What was typed in opens the ledger until it is withdrawn: it is kept with the tokens and nowhere else.
        sealed.clear();
    }
    turn.tenant.tasks().update(task, &after, &turn.writer).await?;
    Ok(due)
}

/// Why a task is not done.
pub enum Trouble {
    /// Some of it is; the rest not before then.
    GoesOn(Instant, Stage),
    /// Not before then; this is why.
    Later(Instant, Reason),
    /// The ledger's limit is reached until then. That does not count towards giving up.
    Full(Instant),
    /// Never by itself.
    Over(Reason),
}

/// What came of a task, in words.
pub type Outcome = Result<String, Trouble>;

/// What an error of the ledger means for a task.
pub fn trouble(turn: &Turn<'_>, error: &LedgerError) -> Trouble {
    let now = turn.app.clock.now();
    let reason = Reason::said(&error.told(turn.ledger.descriptor().name));
    match error.kind() {
        ErrorKind::Retryable { after } => {
            let after = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or(RETRY);
            Trouble::Later(now + after, reason)
        }
        ErrorKind::Unauthorised => Trouble::Later(now + RETRY, reason),
        ErrorKind::Unknown
        | ErrorKind::ReconnectNeeded
        | ErrorKind::Rejected
        | ErrorKind::Uncertain
        | ErrorKind::Bug => Trouble::Over(reason),
    }
}

/// The second half of the connect flow: what a person gave becomes tokens, and the connection says who is connected.
async fn connect(turn: &mut Turn<'_>, sealed: &str, redirect_uri: &str) -> Result<Outcome, TurnError> {
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let Ok(sealed) = STANDARD.decode(sealed) else {
        return over("consent_refused", "What was given to connect cannot be read: connect again");
    };
    let given = turn.app.vault.open(turn.tenant.id(), turn.connection.id, &sealed).await?;
    let given = Secret::new(String::from_utf8_lossy(&given).into_owned());
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let tokens = {
        let holder = turn.holder()?;
        let app = App { redirect_uri: redirect_uri.to_owned(), ..holder.registration.app() };
        let opener = Opener {
            ledger: turn.ledger,
            sender: &turn.app.sender,
            endpoint: holder.place()?.0,
            app: &app,
            deadline: holder.deadline,
            clock: &clock,
        };
        match opener.open(&given).await {
            Ok(tokens) => tokens,
            Err(error) => return Ok(Err(trouble(turn, &error))),
        }
    };
    let is_used_up = match turn.ledger.descriptor().credentials {
        Credentials::Consent(_) => true,
        Credentials::Fields(_) => false,
    };
    // What a used code gave cannot be had again. What was typed in can, and is looked at first: see [`other_books`].
    if is_used_up {
        keep(turn, &tokens).await?;
    }
    let mut client = turn.client(tokens.access.clone(), &clock)?;
    let identity = client.identity().await;
    turn.memory.budget = client.budget;
    let identity = match identity {
        Ok(identity) => identity,
        Err(error) if is_used_up => {
            return Ok(Err(Trouble::Over(Reason::said(&error.told(turn.ledger.descriptor().name)))));
        }
        Err(error) => return Ok(Err(trouble(turn, &error))),
    };
    if let Some(reason) = other_books(turn, &identity) {
        return Ok(Err(Trouble::Over(reason)));
    }
    if !is_used_up {
        keep(turn, &tokens).await?;
    }
    if !say_connected(turn, &identity.user).await? {
        return over("not_found", "The connection was removed");
    }
    // The code is used up and the connection stands: what fails from here on is no reason to try again.
    let divisions = match directories::refresh(turn, DirectoryKind::Divisions, None).await? {
        Ok(listed) => format!("its administrations can be chosen ({listed})"),
        Err(Trouble::Later(_, error) | Trouble::Over(error)) => {
            let why = error.shown(Language::English);
            format!("its administrations could not be listed, fetch them anew ({why})")
        }
        Err(Trouble::GoesOn(..) | Trouble::Full(_)) => {
            "there was no time to list its administrations, fetch them anew".to_owned()
        }
    };
    Ok(Ok(format!("Connected as {}; {divisions}", identity.name)))
}

/// Stores the tokens of a connection, in place of any older ones.
async fn keep(turn: &Turn<'_>, tokens: &TokenSet) -> Result<(), TurnError> {
    let sealed = turn.holder()?.seal(tokens).await?;
    turn.tenant.credentials().put(turn.connection.id, &sealed, &turn.writer).await?;
    turn.app.known.tokens().remove(&turn.connection.id);
    Ok(())
}

/// Credentials that open a single set of books must open the one that is posted to: documents would end in another one's.
fn other_books(turn: &Turn<'_>, identity: &Identity) -> Option<Reason> {
    let only = identity.only.as_ref()?;
    let other = turn.connection.divisions.values().find(|division| *division != only)?;
    let text = format!(
        "What was given opens {} ({only}), but this connection posts into {other}. Give the credentials of that \
         administration, or make another connection for this one",
        identity.name
    );
    Some(Reason::new("wrong_division", &text))
}

/// Says on the connection who signed in. False when it was removed meanwhile.
async fn say_connected(turn: &mut Turn<'_>, user: &LedgerUser) -> Result<bool, TurnError> {
    let connections = turn.tenant.connections();
    let mut tries = 0;
    loop {
        tries += 1;
        let Some(before) = connections.get(turn.connection.id, Read::Consistent).await? else { return Ok(false) };
        let mut after = before.clone();
        after.state = ConnectionState::Connected;
        after.ledger_user = Some(user.clone());
        after.version += 1;
        let author = Author { by: &Actor::System, at: turn.app.clock.now(), writer: &turn.writer };
        match connections.replace(&before, &after, &author).await {
            Ok(()) => {
                turn.connection = after;
                return Ok(true);
            }
            // Somebody edits it right now. The code is used up: to begin anew would be in vain.
            Err(error) if error.is_conflict() && tries < EDITS_MAX => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A token for a task.
pub async fn access(turn: &Turn<'_>) -> Result<Result<Secret, Trouble>, TurnError> {
    let waiting = || Reason::new("token_too_early", "The ledger gives no new token yet");
    Ok(match turn.access(Seen::Good).await? {
        Access::Token(access) => Ok(access),
        Access::WaitUntil(until) | Access::Failed(until) => Err(Trouble::Later(until, waiting())),
        Access::ReconnectNeeded => Err(Trouble::Over(Reason::said(&Note::AwaitsConsent))),
    })
}

/// Asks the ledger whether it has an uncertain document. Found: the document is posted. Not found: a person releases it.
async fn check_document(turn: &mut Turn<'_>, id: DocumentId) -> Result<Outcome, TurnError> {
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let Some(head) = turn.tenant.documents().head(id).await? else { return over("not_found", NO_DOCUMENT) };
    if head.document.status != Status::Uncertain {
        return over("not_uncertain", "The document is not uncertain any more");
    }
    let found = match look_for(turn, &head).await? {
        Ok(found) => found,
        Err(trouble) => return Ok(Err(trouble)),
    };
    match found {
        Ok(Lookup::Ours(booking)) => {
            let booked = Booked {
                ledger_id: booking.id.clone(),
                ledger_number: booking.number.clone(),
                link: booking.link.clone(),
                at: turn.app.clock.now(),
            };
            mark_posted(turn, &head.document, booked).await?;
            Ok(Ok(format!("The ledger has it as entry {}", booking.number)))
        }
        Ok(Lookup::Foreign(number)) => {
            Ok(Ok(format!("The ledger has it as entry {number}, which somebody else made: look at it there")))
        }
        Ok(Lookup::Absent | Lookup::More) => {
            Ok(Ok("The ledger does not have it: release it to post it again".to_owned()))
        }
        // It is there, but not as it was asked for: the message says how.
        Err(error) if error.operation() == Operation::Compare => Ok(Ok(error.message().to_owned())),
        Err(error) => Ok(Err(trouble(turn, &error))),
    }
}

/// Takes the export of a document back, unless the ledger has it: its booking by our key, or one of the same number that somebody
/// else made, as from the file of a run.
async fn revert_export(
    turn: &mut Turn<'_>,
    (id, run): (DocumentId, RunId),
    by: UserId,
    reason: &str,
) -> Result<Outcome, TurnError> {
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let Some(head) = turn.tenant.documents().head(id).await? else { return over("not_found", NO_DOCUMENT) };
    let before = &head.document;
    if before.export.as_ref().is_none_or(|export| export.run != run) {
        return Ok(Ok("It is not in the run any more".to_owned()));
    }
    match look_for(turn, &head).await? {
        Err(trouble) => Ok(Err(trouble)),
        Ok(Ok(Lookup::Ours(booking))) => over("in_ledger", &format!("The ledger has it as entry {}", booking.number)),
        Ok(Ok(Lookup::Foreign(number))) => {
            over("in_ledger", &format!("The ledger has it as entry {number}, which was not made through Ledgerpost"))
        }
        Ok(Ok(Lookup::Absent | Lookup::More)) => {
            let now = turn.app.clock.now();
            let (status, step) = before.status.after(Event::Revert)?;
            let version = before.version + 1;
            let note = Note::ExportReverted { run: Text(run.to_string()), reason: Text::of(reason) };
            let reason = Some(Reason::said(&note));
            let after = Document {
                version,
                status,
                updated_at: now,
                reason: None,
                export: None,
                booked: None,
                posted_by: None,
                ..before.clone()
            };
            let by = Actor::User(by);
            let entry = HistoryEntry { at: now, by, event: Some(Event::Revert), status, version, reason };
            let change = Change::new(before, &after, step, Record::Entry(entry));
            turn.tenant.documents().transition(change, &turn.writer).await?;
            Ok(Ok("The ledger does not have it: it is ready to export again".to_owned()))
        }
        Ok(Err(error)) if error.operation() == Operation::Compare => over("in_ledger", error.message()),
        Ok(Err(error)) => Ok(Err(trouble(turn, &error))),
    }
}

const NO_DOCUMENT: &str = "There is no such document";

/// Looks for a document in the ledger: by our key and by its number.
async fn look_for(turn: &mut Turn<'_>, head: &Head) -> Result<Result<Result<Lookup, LedgerError>, Trouble>, TurnError> {
    let (id, documents) = (head.document.id, turn.tenant.documents());
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let content = documents.content_now(&head.document).await?;
    let Some(posting) = content.as_ref().and_then(Content::posting) else {
        return Ok(Err(Trouble::Over(push::missing())));
    };
    let contacts = turn.tenant.contacts(head.document.administration);
    let Some(contact) = contacts.get(posting.contact, Read::Eventual).await? else {
        return over("contact_unknown", "The contact of the document was removed");
    };
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    let options: Options = turn.connection.options.clone().into_iter().collect();
    let codes = turn.app.known.codes().get(&turn.unit).cloned().unwrap_or_default();
    let request = PushRequest {
        document: id,
        posting,
        contact: &contact,
        create_contacts: match turn.connection.create_contacts {
            Choice::Yes => CreateContacts::Allowed,
            Choice::No => CreateContacts::Refused,
        },
        duplicates: Duplicates::Refuse,
        files: &[],
        options: &options,
        codes: &codes,
    };
    let attempt = Attempt::read(head.checkpoint.as_deref(), head.document.version);
    let mut progress = attempt.begun().progress();
    let found = loop {
        match client.look(&request, &mut progress).await {
            Ok(Lookup::More) => {}
            end => break end,
        }
    };
    turn.memory.budget = client.budget;
    Ok(Ok(found))
}

async fn mark_posted(turn: &Turn<'_>, before: &Document, booked: Booked) -> Result<(), TurnError> {
    let now = turn.app.clock.now();
    let (status, step) = before.status.after(Event::MarkPosted)?;
    let version = before.version + 1;
    let reason = Some(Reason::said(&Note::FoundInLedger { number: Text::of(&booked.ledger_number) }));
    let after = Document { version, status, updated_at: now, reason: None, booked: Some(booked), ..before.clone() };
    let entry = HistoryEntry { at: now, by: Actor::System, event: Some(Event::MarkPosted), status, version, reason };
    let change = Change::new(before, &after, step, Record::Entry(entry));
    turn.tenant.documents().transition(change, &turn.writer).await?;
    Ok(())
}
