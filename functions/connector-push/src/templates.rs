//! Posting templates and the posting rules of a ledger that keeps such itself, with its relations (AP-40).

use crate::{
    tasks::{Outcome, RETRY, Stage, Trouble, access, trouble},
    turn::{Turn, TurnError},
};
use domain::{
    contact::Contact,
    document::Actor,
    ids::{AdministrationId, ContactId, UserId},
    ledger::{Direction, DirectoryEntry, DirectoryKind, LedgerContact},
    reason::Reason,
    task::{Task, TaskState, Work},
    template::{Agreement, Listed, PostingTemplate, agree},
};
use ledgers::{Client, ErrorKind, LedgerError, Options, Reach, Written};
use runtime::clock::new_id;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use store::{Cursor, Read, settings::Author};

/// How many contacts are read at once.
const CONTACTS_AT_ONCE: usize = 100;
/// So many contacts are named in a summary.
const NAMED_MAX: usize = 20;

/// Templates as far as they were brought together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Synced {
    /// Where the page of contacts begins.
    page: Option<String>,
    /// The last contact that was seen to.
    seen: Option<ContactId>,
    taken_over: u32,
    written: u32,
    same: u32,
    /// What a person has to look at, as far as it is named.
    named: Vec<String>,
    unnamed: u32,
}

impl Synced {
    fn name(&mut self, contact: &Contact, why: &str) {
        if self.named.len() < NAMED_MAX {
            self.named.push(format!("{} ({why})", contact.name));
        } else {
            self.unnamed += 1;
        }
    }

    fn summary(&self) -> String {
        let Self { taken_over, written, same, .. } = self;
        let mut text =
            format!("{taken_over} taken over from the ledger, {written} written there, {same} were the same");
        // Writing to memory has no way to fail.
        if !self.named.is_empty() {
            let _ = write!(text, "; left as they are: {}", self.named.join(", "));
        }
        if self.unnamed > 0 {
            let _ = write!(text, " and {} more", self.unnamed);
        }
        text
    }
}

fn options(turn: &Turn<'_>) -> Options {
    turn.connection.options.clone().into_iter().collect()
}

/// Asks for the ledger to get the template of a contact whose relation has become known.
pub async fn relation_known(
    turn: &mut Turn<'_>,
    administration: AdministrationId,
    contact: ContactId,
    by: UserId,
) -> Result<(), TurnError> {
    let wanted = turn.ledger.descriptor().syncs_templates(&options(turn));
    if !wanted || turn.tenant.templates(administration).get(contact, Read::Consistent).await?.is_none() {
        return Ok(());
    }
    let now = turn.app.clock.now();
    let task = Task {
        id: new_id(now),
        unit: turn.unit.clone(),
        work: Work::Template { administration, contact },
        requested_by: by,
        requested_at: now,
        due: now,
        attempts: 0,
        state: TaskState::Open,
    };
    turn.tenant.tasks().create(&task, &turn.writer).await?;
    turn.wake_at(now);
    Ok(())
}

/// Brings the ledger's rule for a contact in line with the contact's template, as that is by now.
pub async fn one(
    turn: &mut Turn<'_>,
    administration: AdministrationId,
    contact: ContactId,
) -> Result<Outcome, TurnError> {
    let options = options(turn);
    if !turn.ledger.descriptor().syncs_templates(&options) {
        return Ok(Ok("Posting templates are not kept in the ledger".to_owned()));
    }
    let template = turn.tenant.templates(administration).get(contact, Read::Consistent).await?;
    let contact = turn.tenant.contacts(administration).get(contact, Read::Consistent).await?;
    let Some((direction, relation)) = contact.and_then(|contact| Some((contact.direction, contact.ledger_contact?)))
    else {
        return Ok(Ok("The contact is not known in the ledger yet: it gets the template once it is".to_owned()));
    };
    let template = template.map(|template| template.value);
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    let written = bring(&mut client, &options, direction, &relation, template.as_ref()).await;
    turn.memory.budget = client.budget;
    Ok(match (written, template) {
        (Ok(Written::Now), Some(_)) => Ok("The posting template was written to the ledger".to_owned()),
        (Ok(Written::Now), None) => Ok("The posting template was taken away in the ledger".to_owned()),
        (Ok(Written::Before), _) => Ok("There was nothing to change in the ledger".to_owned()),
        (Err(error), _) => Err(repeatable(turn, &error)),
    })
}

async fn bring(
    client: &mut Client<'_>,
    options: &Options,
    direction: Direction,
    relation: &LedgerContact,
    template: Option<&PostingTemplate>,
) -> Result<Written, LedgerError> {
    let relation = client.relation(options, direction, relation).await?;
    client.keep_template(options, &relation, template).await
}

/// What an error means here: a rule may be written again, since the relation is read anew before.
fn repeatable(turn: &Turn<'_>, error: &LedgerError) -> Trouble {
    match error.kind() {
        ErrorKind::Unknown => {
            let reason = Reason::said(&error.told(turn.ledger.descriptor().name));
            Trouble::Later(turn.app.clock.now() + RETRY, reason)
        }
        ErrorKind::Retryable { .. }
        | ErrorKind::Unauthorised
        | ErrorKind::ReconnectNeeded
        | ErrorKind::Rejected
        | ErrorKind::Uncertain
        | ErrorKind::Bug => trouble(turn, error),
    }
}

/// What the codes of rules are looked up in.
struct Directories {
    accounts: Vec<DirectoryEntry>,
    vat_codes: Vec<DirectoryEntry>,
    cost_centres: Option<Vec<DirectoryEntry>>,
}

async fn directories(turn: &Turn<'_>) -> Result<Option<Directories>, TurnError> {
    let all = turn.tenant.directories();
    let accounts = all.get(&turn.unit, DirectoryKind::LedgerAccounts).await?;
    let vat_codes = all.get(&turn.unit, DirectoryKind::VatCodes).await?;
    let cost_centres = all.get(&turn.unit, DirectoryKind::CostCentres).await?.map(|listed| listed.entries);
    Ok(accounts.zip(vat_codes).map(|(accounts, vat_codes)| Directories {
        accounts: accounts.entries,
        vat_codes: vat_codes.entries,
        cost_centres,
    }))
}

/// Brings the templates of an administration and the rules of its relations together, or as many of them as time and the
/// ledger's limits allow in this turn.
pub async fn sync(
    turn: &mut Turn<'_>,
    administration: AdministrationId,
    direction: Direction,
    stage: Option<Stage>,
) -> Result<Outcome, TurnError> {
    let options = options(turn);
    if !turn.ledger.descriptor().syncs_templates(&options) {
        let reason =
            Reason::new("templates_off", "The connection does not keep posting templates in line with the ledger");
        return Ok(Err(Trouble::Over(reason)));
    }
    let Some(listed) = directories(turn).await? else {
        let text = "Fetch the ledger's ledger_accounts and vat_codes first: templates are checked against them";
        return Ok(Err(Trouble::Over(Reason::new("directory_missing", text))));
    };
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let mut done = match stage {
        Some(Stage::Templates(done)) => done,
        Some(Stage::Listing(_) | Stage::Importing(_) | Stage::Passing(_) | Stage::Forwarding) | None => {
            Synced::default()
        }
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    let all = Together { administration, direction, options: &options, listed: &listed };
    let stopped = all.contacts(turn, &mut client, &mut done).await;
    turn.memory.budget = client.budget;
    Ok(match stopped? {
        None => Ok(done.summary()),
        Some(Stopped::OutOfTime) => Err(Trouble::GoesOn(turn.app.clock.now(), Stage::Templates(done))),
        Some(Stopped::Error { error, progressed }) => Err(match repeatable(turn, &error) {
            // What was brought together need not be looked at again.
            Trouble::Later(until, _) if progressed => Trouble::GoesOn(until, Stage::Templates(done)),
            trouble => trouble,
        }),
    })
}

/// Why it did not come to an end.
enum Stopped {
    OutOfTime,
    Error { error: LedgerError, progressed: bool },
}

struct Together<'a> {
    administration: AdministrationId,
    direction: Direction,
    options: &'a Options,
    listed: &'a Directories,
}

impl Together<'_> {
    async fn contacts(
        &self,
        turn: &Turn<'_>,
        client: &mut Client<'_>,
        done: &mut Synced,
    ) -> Result<Option<Stopped>, TurnError> {
        let contacts = turn.tenant.contacts(self.administration);
        let begun = done.seen;
        loop {
            let page = contacts.list(done.page.clone().map(Cursor::new).as_ref(), CONTACTS_AT_ONCE).await?;
            for contact in &page.items {
                if done.seen.is_some_and(|seen| contact.id <= seen) {
                    continue;
                }
                if contact.direction == self.direction
                    && let Some(relation) = &contact.ledger_contact
                {
                    if turn.is_short_of_time() {
                        return Ok(Some(Stopped::OutOfTime));
                    }
                    match self.contact(turn, client, contact, relation, done).await? {
                        Ok(()) => {}
                        Err(error)
                            if error.kind() == ErrorKind::Rejected && error.code().reach() == Reach::Document =>
                        {
                            done.name(contact, error.message());
                        }
                        Err(error) => return Ok(Some(Stopped::Error { error, progressed: done.seen != begun })),
                    }
                }
                done.seen = Some(contact.id);
            }
            match page.next {
                Some(next) => done.page = Some(next.as_str().to_owned()),
                None => return Ok(None),
            }
        }
    }

    async fn contact(
        &self,
        turn: &Turn<'_>,
        client: &mut Client<'_>,
        contact: &Contact,
        relation: &LedgerContact,
        done: &mut Synced,
    ) -> Result<Result<(), LedgerError>, TurnError> {
        let templates = turn.tenant.templates(self.administration);
        let template = templates.get(contact.id, Read::Consistent).await?.map(|template| template.value);
        let relation = match client.relation(self.options, self.direction, relation).await {
            Ok(relation) => relation,
            Err(error) => return Ok(Err(error)),
        };
        let Directories { accounts, vat_codes, cost_centres } = self.listed;
        let listed = Listed { accounts, vat_codes, cost_centres: cost_centres.as_deref() };
        match agree(template.as_ref(), &relation.kept, self.direction, listed) {
            Agreement::Same => done.same += u32::from(template.is_some()),
            Agreement::Differ => done.name(contact, "the ledger's rule differs from the template here"),
            Agreement::Unusable(error) => done.name(contact, &error.to_string()),
            Agreement::Write => match client.keep_template(self.options, &relation, template.as_ref()).await {
                Ok(_) => done.written += 1,
                Err(error) => return Ok(Err(error)),
            },
            Agreement::TakeOver(template) => {
                let author = Author { by: &Actor::System, at: turn.app.clock.now(), writer: &turn.writer };
                match templates.put(contact.id, None, &template, &author).await {
                    Ok(_) => done.taken_over += 1,
                    // Somebody saved one a moment ago: it stays.
                    Err(error) if error.is_conflict() => done.name(contact, "a template was saved meanwhile"),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(Ok(()))
    }
}
