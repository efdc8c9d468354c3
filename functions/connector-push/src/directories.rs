//! Directories of a ledger: listed page by page, over several turns when there are many, and contacts made from them.

use crate::{
    tasks::{Outcome, Stage, Trouble, access, trouble},
    turn::{Turn, TurnError},
};
use domain::{
    contact::Contact,
    document::Actor,
    ids::{AdministrationId, ContactId},
    ledger::{Direction, DirectoryEntry, DirectoryKind},
    time::Instant,
};
use ledgers::Directory;
use runtime::clock::new_id;
use serde::{Deserialize, Serialize};
use store::{
    Read,
    settings::{Author, ContactError, Directory as Snapshot},
};

/// A directory as far as it was listed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listed {
    /// Where to go on.
    next: Directory,
    /// What was listed before.
    entries: Vec<DirectoryEntry>,
}

/// Contacts as far as they were made from a snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub struct Imported {
    /// Which snapshot.
    fetched_at: Instant,
    /// How many of its entries were seen to.
    seen: usize,
    made: u32,
    known: u32,
    without_number: u32,
}

impl Imported {
    fn from_the_start(snapshot: &Snapshot) -> Self {
        Self { fetched_at: snapshot.fetched_at, seen: 0, made: 0, known: 0, without_number: 0 }
    }
}

/// Fetches a directory and stores it as the unit's snapshot.
pub async fn refresh(turn: &mut Turn<'_>, kind: DirectoryKind, stage: Option<Stage>) -> Result<Outcome, TurnError> {
    Ok(snapshot(turn, kind, stage).await?.map(|snapshot| format!("{} entries", snapshot.entries.len())))
}

/// Fetches a directory whole, or as much of it as time and the ledger's limits allow in this turn.
async fn snapshot(
    turn: &mut Turn<'_>,
    kind: DirectoryKind,
    stage: Option<Stage>,
) -> Result<Result<Snapshot, Trouble>, TurnError> {
    let access = match access(turn).await? {
        Ok(access) => access,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    // What concerns the connection as a whole is asked where the signed-in user is: some ledgers want a division even then.
    if client.target.division.is_none() {
        match client.identity().await {
            Ok(identity) => client.target.division = identity.division,
            Err(error) => {
                turn.memory.budget = client.budget;
                return Ok(Err(trouble(turn, &error)));
            }
        }
    }
    let Listed { mut next, mut entries } = match stage {
        Some(Stage::Listing(listed)) => listed,
        Some(Stage::Importing(_) | Stage::Templates(_) | Stage::Passing(_) | Stage::Forwarding) | None => {
            Listed { next: Directory::of(kind), entries: Vec::new() }
        }
    };
    let mut pages = 0_u32;
    let stopped = loop {
        if turn.is_short_of_time() {
            break Some(Trouble::GoesOn(
                clock(),
                Stage::Listing(Listed { next, entries: std::mem::take(&mut entries) }),
            ));
        }
        match client.page(&next).await {
            Ok(page) => {
                pages += 1;
                entries.extend(page.entries);
                match page.next {
                    Some(following) => next = following,
                    None => break None,
                }
            }
            Err(error) => {
                break Some(match trouble(turn, &error) {
                    // What was listed need not be listed again.
                    Trouble::Later(until, _) if pages > 0 => {
                        Trouble::GoesOn(until, Stage::Listing(Listed { next, entries: std::mem::take(&mut entries) }))
                    }
                    trouble => trouble,
                });
            }
        }
    };
    turn.memory.budget = client.budget;
    if let Some(trouble) = stopped {
        return Ok(Err(trouble));
    }
    let snapshot = Snapshot { entries, fetched_at: turn.app.clock.now() };
    turn.tenant.directories().put(&turn.unit, kind, &snapshot).await?;
    turn.app.known.codes().remove(&turn.unit);
    Ok(Ok(snapshot))
}

/// Makes contacts of the ledger's suppliers or customers: those that are known by a number get their ledger id, the others
/// are new. Blocked ones are left out.
pub async fn import(
    turn: &mut Turn<'_>,
    administration: AdministrationId,
    direction: Direction,
    stage: Option<Stage>,
) -> Result<Outcome, TurnError> {
    let kind = match direction {
        Direction::Purchase => DirectoryKind::Suppliers,
        Direction::Sales => DirectoryKind::Customers,
    };
    let kept = match &stage {
        Some(Stage::Importing(_)) => turn.tenant.directories().get(&turn.unit, kind).await?,
        Some(Stage::Listing(_) | Stage::Templates(_) | Stage::Passing(_) | Stage::Forwarding) | None => None,
    };
    let (snapshot, mut done) = match (kept, stage) {
        (Some(snapshot), Some(Stage::Importing(done))) if snapshot.fetched_at == done.fetched_at => (snapshot, done),
        // Fetched anew since: in another order, perhaps. What was made is known by now.
        (Some(snapshot), _) => {
            let done = Imported::from_the_start(&snapshot);
            (snapshot, done)
        }
        (None, stage) => match self::snapshot(turn, kind, stage).await? {
            Ok(snapshot) => {
                let done = Imported::from_the_start(&snapshot);
                (snapshot, done)
            }
            Err(trouble) => return Ok(Err(trouble)),
        },
    };
    for entry in snapshot.entries.iter().skip(done.seen) {
        if turn.is_short_of_time() {
            return Ok(Err(Trouble::GoesOn(turn.app.clock.now(), Stage::Importing(done))));
        }
        if !entry.blocked {
            make(turn, administration, direction, entry, &mut done).await?;
        }
        done.seen += 1;
    }
    let Imported { made, known, without_number, .. } = done;
    Ok(Ok(format!("{made} contacts made, {known} known already, {without_number} without any number left out")))
}

/// Makes a contact of one entry, unless it is known.
async fn make(
    turn: &Turn<'_>,
    administration: AdministrationId,
    direction: Direction,
    entry: &DirectoryEntry,
    done: &mut Imported,
) -> Result<(), TurnError> {
    let contacts = turn.tenant.contacts(administration);
    let now = turn.app.clock.now();
    let author = Author { by: &Actor::System, at: now, writer: &turn.writer };
    let candidate = contact_of(entry, direction, new_id(now));
    let keys = candidate.match_keys();
    let found = contacts.find(direction, &keys).await?;
    let written = match found.first() {
        Some(found) => {
            done.known += 1;
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
            done.without_number += 1;
            Ok(())
        }
        None => {
            done.made += 1;
            contacts.create(&candidate, &author).await
        }
    };
    match written {
        Ok(()) => {}
        Err(ContactError::Store(error)) => return Err(error.into()),
        Err(error) => tracing::info!(%error, "A relation of the ledger was left out."),
    }
    Ok(())
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
