//! Tasks: what somebody asked for through the API and only a turn may do.

use crate::{
    push::Attempt,
    tokens::Access,
    turn::{Turn, TurnError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::{
    contact::Contact,
    content::HistoryEntry,
    document::{Actor, Booked, Document, Event, Status},
    ids::{AdministrationId, ContactId, DocumentId},
    ledger::{Direction, DirectoryEntry, DirectoryKind},
    office::{Choice, ConnectionState},
    reason::Reason,
    task::{Task, TaskState, Work},
    time::Instant,
};
use ledgers::{
    CreateContacts, Directory, Duplicates, ErrorKind, LedgerError, Lookup, Opener, Operation, Options, Progress,
    PushRequest, Secret, Seen,
};
use runtime::clock::new_id;
use store::{
    Read,
    document::{Change, Record},
    settings::{Author, ContactError, Directory as Snapshot},
};

/// How often a task is tried before it is given up.
const ATTEMPTS_MAX: u32 = 20;
/// Without the ledger's own word, a task is tried again after this long.
const RETRY: TimeDelta = TimeDelta::seconds(60);

/// Does one task. Returns when it is due again, if it is not over.
pub async fn run(turn: &mut Turn<'_>, task: &Task) -> Result<Option<Instant>, TurnError> {
    let outcome = match &task.work {
        Work::Connect { sealed_code, redirect_uri } => connect(turn, sealed_code, redirect_uri).await?,
        Work::Directory { directory } => directory_task(turn, *directory).await?,
        Work::ImportContacts { administration, direction } => {
            import_contacts(turn, *administration, *direction).await?
        }
        Work::CheckDocument { document } => check_document(turn, *document).await?,
    };
    let now = turn.app.clock.now();
    let mut after = Task { attempts: task.attempts.saturating_add(1), ..task.clone() };
    let due = match outcome {
        Ok(summary) => {
            after.state = TaskState::Done { summary, at: now };
            None
        }
        Err(Trouble::Later(until, _)) if after.attempts < ATTEMPTS_MAX => {
            after.due = until;
            Some(until)
        }
        Err(Trouble::Later(_, error) | Trouble::Over(error)) => {
            tracing::warn!(task = %task.id, code = %error.code, "Task failed.");
            after.state = TaskState::Failed { error, at: now };
            None
        }
    };
    turn.tenant.tasks().update(task, &after, &turn.writer).await?;
    Ok(due)
}

/// Why a task is not done.
enum Trouble {
    /// Not before then; this is why.
    Later(Instant, Reason),
    /// Never by itself.
    Over(Reason),
}

type Outcome = Result<String, Trouble>;

fn trouble(turn: &Turn<'_>, error: &LedgerError) -> Trouble {
    let now = turn.app.clock.now();
    let text = match error.ledger_text() {
        Some(words) => format!("{} Ledger: {words}", error.message()),
        None => error.message().to_owned(),
    };
    let reason = Reason::new(error.code().as_str(), &text);
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

/// The second half of the connect flow: the code becomes tokens, and the connection says who is connected.
async fn connect(turn: &mut Turn<'_>, sealed_code: &str, redirect_uri: &str) -> Result<Outcome, TurnError> {
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let Ok(sealed) = STANDARD.decode(sealed_code) else {
        return over("consent_refused", "The code of the consent cannot be read: connect again");
    };
    let code = turn.app.vault.open(turn.tenant.id(), turn.connection.id, &sealed).await?;
    let code = Secret::new(String::from_utf8_lossy(&code).into_owned());
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let tokens = {
        let holder = turn.holder()?;
        let app = holder.registration.app(redirect_uri);
        let opener = Opener {
            ledger: turn.ledger,
            sender: &turn.app.sender,
            endpoint: holder.place()?.0,
            app: &app,
            deadline: holder.deadline,
            clock: &clock,
        };
        match opener.exchange_code(&code).await {
            Ok(tokens) => tokens,
            Err(error) => return Ok(Err(trouble(turn, &error))),
        }
    };
    let sealed = turn.holder()?.seal(&tokens).await?;
    turn.tenant.credentials().put(turn.connection.id, &sealed, &turn.writer).await?;
    turn.app.known.tokens().remove(&turn.connection.id);
    let mut client = turn.client(tokens.access.clone(), &clock)?;
    let identity = client.identity().await;
    turn.memory.budget = client.budget;
    let identity = match identity {
        Ok(identity) => identity,
        Err(error) => return Ok(Err(Trouble::Over(Reason::new(error.code().as_str(), error.message())))),
    };
    let connections = turn.tenant.connections();
    let Some(before) = connections.get(turn.connection.id, Read::Consistent).await? else {
        return over("not_found", "The connection was removed");
    };
    let mut after = before.clone();
    after.state = ConnectionState::Connected;
    after.ledger_user = Some(identity.user.clone());
    after.version += 1;
    let author = Author { by: &Actor::System, at: turn.app.clock.now(), writer: &turn.writer };
    connections.replace(&before, &after, &author).await?;
    turn.connection = after;
    // The code is used up and the connection stands: what fails from here on is no reason to try again.
    let divisions = match directory(turn, DirectoryKind::Divisions).await? {
        Ok(entries) => format!("{} administrations of the ledger can be chosen", entries.len()),
        Err(Trouble::Later(_, error) | Trouble::Over(error)) => {
            format!("its administrations could not be listed, fetch them anew ({})", error.text)
        }
    };
    Ok(Ok(format!("Connected as {}; {divisions}", identity.name)))
}

async fn directory_task(turn: &mut Turn<'_>, kind: DirectoryKind) -> Result<Outcome, TurnError> {
    Ok(directory(turn, kind).await?.map(|entries| format!("{} entries", entries.len())))
}

/// Fetches a directory whole and stores it as the unit's snapshot.
async fn directory(
    turn: &mut Turn<'_>,
    kind: DirectoryKind,
) -> Result<Result<Vec<DirectoryEntry>, Trouble>, TurnError> {
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    let mut entries = Vec::new();
    let mut next = Some(Directory::of(kind));
    let mut failed = None;
    // What concerns the connection as a whole is asked where the signed-in user is: some ledgers want a division even then.
    if client.target.division.is_none() {
        match client.identity().await {
            Ok(identity) => client.target.division = identity.division,
            Err(error) => (next, failed) = (None, Some(error)),
        }
    }
    while let Some(part) = next.take() {
        match client.page(&part).await {
            Ok(page) => {
                entries.extend(page.entries);
                next = page.next;
            }
            Err(error) => failed = Some(error),
        }
    }
    turn.memory.budget = client.budget;
    if let Some(error) = failed {
        return Ok(Err(trouble(turn, &error)));
    }
    let snapshot = Snapshot { entries, fetched_at: turn.app.clock.now() };
    turn.tenant.directories().put(&turn.unit, kind, &snapshot).await?;
    turn.app.known.codes().remove(&turn.unit);
    Ok(Ok(snapshot.entries))
}

async fn access(turn: &Turn<'_>) -> Result<Result<Secret, Trouble>, TurnError> {
    let waiting = || Reason::new("token_too_early", "The ledger gives no new token yet");
    Ok(match turn.access(Seen::Good).await? {
        Access::Token(access) => Ok(access),
        Access::WaitUntil(until) | Access::Failed(until) => Err(Trouble::Later(until, waiting())),
        Access::ReconnectNeeded => Err(Trouble::Over(Reason::new(
            "reconnect_needed",
            "The connection to the ledger needs somebody to sign in there again",
        ))),
    })
}

/// Makes contacts of the ledger's suppliers or customers: those that are known by a number get their ledger id, the others
/// are new. Blocked ones are left out.
async fn import_contacts(
    turn: &mut Turn<'_>,
    administration: AdministrationId,
    direction: Direction,
) -> Result<Outcome, TurnError> {
    let kind = match direction {
        Direction::Purchase => DirectoryKind::Suppliers,
        Direction::Sales => DirectoryKind::Customers,
    };
    let entries = match directory(turn, kind).await? {
        Ok(entries) => entries,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let contacts = turn.tenant.contacts(administration);
    let (mut made, mut known, mut left_out) = (0_u32, 0_u32, 0_u32);
    for entry in entries.iter().filter(|entry| !entry.blocked) {
        let now = turn.app.clock.now();
        let author = Author { by: &Actor::System, at: now, writer: &turn.writer };
        let candidate = contact_of(entry, direction, new_id(now));
        let keys = candidate.match_keys();
        let found = contacts.find(direction, &keys).await?;
        let done = match found.first() {
            Some(found) => {
                known += 1;
                match contacts.get(found.contact, Read::Consistent).await? {
                    Some(before) if before.ledger_contact.is_none() => {
                        let mut after = before.clone();
                        after.ledger_contact = candidate.ledger_contact.clone();
                        after.version += 1;
                        contacts.replace(&before, &after, &author).await
                    }
                    Some(_) | None => Ok(()),
                }
            }
            None if keys.is_empty() => {
                left_out += 1;
                Ok(())
            }
            None => {
                made += 1;
                contacts.create(&candidate, &author).await
            }
        };
        match done {
            Ok(()) => {}
            Err(ContactError::Store(error)) => return Err(error.into()),
            Err(error) => tracing::info!(%error, "A relation of the ledger was left out."),
        }
    }
    Ok(Ok(format!("{made} contacts made, {known} known already, {left_out} without any number left out")))
}

fn contact_of(entry: &DirectoryEntry, direction: Direction, id: ContactId) -> Contact {
    Contact {
        id,
        direction,
        name: entry.name.clone(),
        vat_number: entry.vat_number.as_deref().and_then(|number| number.parse().ok()),
        registry_number: entry.registry.as_deref().and_then(|number| number.parse().ok()),
        ibans: entry.ibans.iter().filter_map(|iban| iban.parse().ok()).collect(),
        other_accounts: Vec::new(),
        payment_days: None,
        ledger_contact: entry.id.as_ref().unwrap_or(&entry.code).parse().ok(),
        version: 1,
    }
}

/// Asks the ledger whether it has an uncertain document. Found: the document is posted. Not found: a person releases it.
async fn check_document(turn: &mut Turn<'_>, id: DocumentId) -> Result<Outcome, TurnError> {
    let over = |code: &str, text: &str| Ok(Err(Trouble::Over(Reason::new(code, text))));
    let documents = turn.tenant.documents();
    let Some(head) = documents.head(id).await? else { return over("not_found", "There is no such document") };
    if head.document.status != Status::Uncertain {
        return over("not_uncertain", "The document is not uncertain any more");
    }
    let content = match head.document.content_version {
        Some(version) => documents.content(id, version).await?,
        None => None,
    };
    let Some(content) = content else { return Err(TurnError::NoContent(id)) };
    let Some(posting) = content.posting() else { return Err(TurnError::NoContent(id)) };
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
    let mut progress = Progress::again(Attempt::read(head.checkpoint.as_deref()).checkpoint);
    let found = loop {
        match client.look(&request, &mut progress).await {
            Ok(Lookup::More) => {}
            end => break end,
        }
    };
    turn.memory.budget = client.budget;
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

async fn mark_posted(turn: &Turn<'_>, before: &Document, booked: Booked) -> Result<(), TurnError> {
    let now = turn.app.clock.now();
    let (status, step) = before.status.after(Event::MarkPosted)?;
    let version = before.version + 1;
    let reason = Some(Reason::new("found_in_ledger", &format!("The ledger has it as entry {}", booked.ledger_number)));
    let after = Document { version, status, updated_at: now, reason: None, booked: Some(booked), ..before.clone() };
    let entry = HistoryEntry { at: now, by: Actor::System, event: Some(Event::MarkPosted), status, version, reason };
    let change = Change::new(before, &after, step, Record::Entry(entry));
    turn.tenant.documents().transition(change, &turn.writer).await?;
    Ok(())
}
