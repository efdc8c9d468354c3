//! The head of a document as it is stored: short names, since each of its many writes pays for its size.

use super::keys;
use crate::{
    error::StoreError,
    expression::Changes,
    item::{Fields, Item, Key, from_sortable, instant, number, sortable, text},
    runs::Fence,
    schema::{LISTS, PK, TRANSIT, UNITS},
};
use domain::{
    document::{Actor, Booked, Document, FILE_NAME_CHARS_MAX, InRun, List, PostedBy, Shared, Status, Step, UnitId},
    ids::{DocumentId, TenantId},
    invoice::InvoiceKind,
    reason::{Reason, cut},
    time::Instant,
    words,
};
use serde::Serialize;

/// The largest head that costs one write unit.
pub const HEAD_BYTES_MAX: usize = 1024;

const PARTY_CHARS_MAX: usize = 60;
const NUMBER_CHARS_MAX: usize = 40;
const REASON_CHARS_MAX: usize = 120;
/// With another document's id beside them, words have so much less room.
const REASON_CHARS_MAX_BESIDE_ID: usize = 84;
const MISSING_CHARS_MAX: usize = 100;
const ACCOUNTS_CHARS_MAX: usize = 16;

/// What the next step is; the stream's filter looks for it.
pub(crate) const EMIT: &str = "emit";
pub(crate) const VERSION: &str = "v";
pub(crate) const STATUS: &str = "s";
pub(crate) const FENCE: &str = "fe";
pub(crate) const CHECKPOINT: &str = "x";
pub(crate) const BODY_HASH: &str = "h";
pub(crate) const CONTACT: &str = "co";
pub(crate) const POSTED_BY: &str = "pb";
pub(crate) const POSTED_RULE: &str = "pr";
pub(crate) const BOOKED_AT: &str = "ba";
pub(crate) const TAG: &str = "t";
pub(crate) const KIND: &str = "k";
pub(crate) const ISSUED: &str = "d";
pub(crate) const GROSS: &str = "g";
/// The run that has it, with the posting date and the user.
pub(crate) const EXPORT: &str = "ex";
/// By what it is shared with the accountant, and since when.
pub(crate) const SHARED: &str = "sh";
/// The total without its sign, as a number: what filters compare. Only in the archive, which alone is filtered by it.
pub(crate) const GROSS_ABSOLUTE: &str = "ga";

/// Between the values of a reason's sentence.
const VALUES: char = '\u{1f}';

/// Attributes that hold the document itself; all are written at each transition, those without a value are removed.
const ATTRIBUTES: [&str; 37] = [
    "a",
    VERSION,
    STATUS,
    TAG,
    "f",
    "n",
    "ch",
    "ra",
    "ta",
    "tb",
    "ua",
    "cv",
    "dv",
    KIND,
    CONTACT,
    "pa",
    "no",
    ISSUED,
    "cu",
    GROSS,
    GROSS_ABSOLUTE,
    "ho",
    "rc",
    "rd",
    "rp",
    "rt",
    "mi",
    "ac",
    "un",
    POSTED_BY,
    POSTED_RULE,
    "bi",
    "bn",
    "bl",
    BOOKED_AT,
    EXPORT,
    SHARED,
];

/// A document's head with what only a turn needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The document.
    pub document: Document,
    /// How far a push has come, as the ledger's code wrote it.
    pub checkpoint: Option<String>,
    /// The lease under which a turn wrote last.
    pub fence: Option<Fence>,
    /// When it is due, while it waits for a turn.
    pub due: Option<Instant>,
}

/// How many characters of a reason's words, or of their values, fit beside what else is said of it.
fn words_room(reason: &Reason, missing: &str) -> usize {
    let room = if reason.document.is_some() { REASON_CHARS_MAX_BESIDE_ID } else { REASON_CHARS_MAX };
    room.saturating_sub(missing.len())
}

/// The first whole words of a text.
fn cut_words(words: &str, chars_max: usize) -> &str {
    match cut(words, chars_max) {
        all if all.len() == words.len() => all,
        part => part.rsplit_once(' ').map_or(part, |(whole, _)| whole),
    }
}

/// A value that serde writes as a plain text.
fn word(value: &impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Some(text),
        Ok(_) | Err(_) => None,
    }
}

/// The document's own attributes.
pub(crate) fn encode(document: &Document) -> Item {
    let mut item = Item::new();
    let mut put = |name: &'static str, value: Option<_>| {
        if let Some(value) = value {
            item.insert(name.to_owned(), value);
        }
    };
    let id = |id: &dyn std::fmt::Display| text(id.to_string());
    put("a", Some(id(&document.administration)));
    put(VERSION, Some(number(document.version)));
    put(STATUS, Some(text(document.status.as_str())));
    put(TAG, document.tag.map(|tag| text(tag.as_str())));
    put("f", Some(text(document.format.as_str())));
    put("n", Some(text(cut(&document.file_name, FILE_NAME_CHARS_MAX))));
    put("ch", word(&document.channel).map(text));
    put("ra", Some(instant(document.received_at)));
    put("ta", document.tagged_at.map(instant));
    put("tb", document.tagged_by.as_ref().map(|by| text(by.to_string())));
    put("ua", Some(instant(document.updated_at)));
    put("cv", document.content_version.map(number));
    put("dv", document.decision_version.map(number));
    put(KIND, document.kind.map(|kind| text(kind.as_str())));
    put(CONTACT, document.contact.map(|contact| id(&contact)));
    put("pa", document.party.as_deref().map(|party| text(cut(party, PARTY_CHARS_MAX))));
    put("no", document.number.as_deref().map(|number| text(cut(number, NUMBER_CHARS_MAX))));
    put(ISSUED, document.issue_date.map(|date| id(&date)));
    put("cu", document.currency.map(|currency| text(currency.as_str())));
    put(GROSS, document.gross.map(|gross| text(gross.to_string())));
    let absolute = document.gross.filter(|_| document.status.list() == Some(List::Archive));
    put(GROSS_ABSOLUTE, absolute.map(|gross| number(gross.abs())));
    let holds: Vec<_> = document.holds.iter().map(|hold| hold.as_str()).collect();
    put("ho", (!holds.is_empty()).then(|| text(holds.join(" "))));
    put("rc", document.reason.as_ref().map(|reason| text(&reason.code)));
    let missing = document.missing.join(" ");
    let missing = cut_words(&missing, MISSING_CHARS_MAX);
    put("rd", document.reason.as_ref().and_then(|reason| reason.document).map(|other| id(&other)));
    if let Some(reason) = &document.reason {
        let room = words_room(reason, missing);
        let values = words::fitted(&reason.code, &reason.values, room).unwrap_or_default().join(&VALUES.to_string());
        // Without values a sentence has nothing that could be stored; somebody's own words have.
        put("rt", Some(cut(&reason.text, room.saturating_sub(values.len()))).filter(|own| !own.is_empty()).map(text));
        put("rp", (!values.is_empty()).then(|| text(values)));
    }
    put("mi", (!missing.is_empty()).then(|| text(missing)));
    put("ac", document.accounts.as_deref().map(|accounts| text(cut(accounts, ACCOUNTS_CHARS_MAX))));
    put("un", document.unit.as_ref().map(|unit| id(unit)));
    put(POSTED_BY, document.posted_by.as_ref().map(|by| id(&by.user)));
    let rule = document.posted_by.as_ref().and_then(|by| by.rule);
    put(POSTED_RULE, rule.map(|(rule, version)| text(format!("{rule}#{version}"))));
    put("bi", document.booked.as_ref().map(|booked| text(&booked.ledger_id)));
    put("bn", document.booked.as_ref().map(|booked| text(&booked.ledger_number)));
    put("bl", document.booked.as_ref().and_then(|booked| booked.link.as_ref()).map(text));
    put(BOOKED_AT, document.booked.as_ref().map(|booked| instant(booked.at)));
    let in_run = |export: &InRun| text(format!("{}#{}#{}", export.run, export.posting_date, export.on_behalf_of));
    put(EXPORT, document.export.as_ref().map(in_run));
    put(SHARED, document.shared.map(|shared| text(format!("{}#{}", shared.how, sortable(shared.at)))));
    item
}

/// Sets what the document has, removes what it has not.
pub(crate) fn changes(document: &Document) -> Changes {
    let mut item = encode(document);
    let mut changes = Changes::default();
    for name in ATTRIBUTES {
        changes.set_or_remove(name, item.remove(name));
    }
    changes
}

fn actor(text: &str) -> Option<Actor> {
    match text {
        "system" => Some(Actor::System),
        "operator" => Some(Actor::Operator),
        _ => match text.strip_prefix("source:") {
            Some(name) => Some(Actor::Source(name.to_owned())),
            None => text.parse().ok().map(Actor::User),
        },
    }
}

/// The tenant and the document of a head.
pub(crate) fn decode(operation: &'static str, item: &Item) -> Result<(TenantId, Document), StoreError> {
    let key = Key::of(item);
    let of = key.and_then(|key| keys::of_partition(&key.pk));
    let (tenant, id): (TenantId, DocumentId) = Fields::of(operation, item).needed(PK, of)?;
    Ok((tenant, decode_as(operation, item, id)?))
}

/// The document in an item whose key is not that of a head.
pub(crate) fn decode_as(operation: &'static str, item: &Item, id: DocumentId) -> Result<Document, StoreError> {
    let fields = Fields::of(operation, item);
    let kind = match fields.text(KIND)? {
        None => None,
        Some(code) => {
            let known = [InvoiceKind::Invoice, InvoiceKind::CreditNote].into_iter().find(|kind| kind.as_str() == code);
            Some(fields.needed(KIND, known)?)
        }
    };
    let tagged_by = match fields.text("tb")? {
        None => None,
        Some(text) => Some(fields.needed("tb", actor(text))?),
    };
    let reason = match (fields.text("rc")?, fields.text("rt")?) {
        (Some(code), text) => Some(Reason {
            code: code.to_owned(),
            values: fields
                .text("rp")?
                .map(|values| values.split(VALUES).map(str::to_owned).collect())
                .unwrap_or_default(),
            text: text.unwrap_or_default().to_owned(),
            document: fields.parsed("rd")?,
        }),
        (None, _) => None,
    };
    let holds = fields.text("ho")?.unwrap_or_default().split_ascii_whitespace();
    let holds = holds.map(|code| code.parse().map_err(|_| fields.wrong("ho"))).collect::<Result<_, _>>()?;
    let rule = match fields.text(POSTED_RULE)? {
        None => None,
        Some(text) => {
            let parts = text.split_once('#').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
            Some(fields.needed(POSTED_RULE, parts)?)
        }
    };
    let booked = match fields.text("bi")? {
        None => None,
        Some(ledger_id) => Some(Booked {
            ledger_id: ledger_id.to_owned(),
            ledger_number: fields.text("bn")?.unwrap_or_default().to_owned(),
            link: fields.text("bl")?.map(ToOwned::to_owned),
            at: fields.needed(BOOKED_AT, fields.instant(BOOKED_AT)?)?,
        }),
    };
    let export = match fields.text(EXPORT)? {
        None => None,
        Some(text) => Some(fields.needed(EXPORT, in_run(text))?),
    };
    let shared = match fields.text(SHARED)? {
        None => None,
        Some(text) => Some(fields.needed(SHARED, shared(text))?),
    };
    Ok(Document {
        id,
        administration: fields.needed("a", fields.parsed("a")?)?,
        version: fields.needed(VERSION, fields.parsed(VERSION)?)?,
        status: fields.needed(STATUS, fields.parsed::<Status>(STATUS)?)?,
        tag: fields.word(TAG)?,
        format: fields.needed("f", fields.word("f")?)?,
        file_name: fields.text("n")?.unwrap_or_default().to_owned(),
        channel: fields.needed("ch", fields.word("ch")?)?,
        received_at: fields.needed("ra", fields.instant("ra")?)?,
        tagged_at: fields.instant("ta")?,
        tagged_by,
        updated_at: fields.needed("ua", fields.instant("ua")?)?,
        content_version: fields.parsed("cv")?,
        decision_version: fields.parsed("dv")?,
        kind,
        contact: fields.parsed(CONTACT)?,
        party: fields.text("pa")?.map(ToOwned::to_owned),
        number: fields.text("no")?.map(ToOwned::to_owned),
        issue_date: fields.parsed(ISSUED)?,
        currency: fields.parsed("cu")?,
        gross: fields.parsed(GROSS)?,
        holds,
        reason,
        missing: fields.text("mi")?.unwrap_or_default().split_ascii_whitespace().map(ToOwned::to_owned).collect(),
        accounts: fields.text("ac")?.map(ToOwned::to_owned),
        unit: fields.parsed::<UnitId>("un")?,
        posted_by: fields.parsed(POSTED_BY)?.map(|user| PostedBy { user, rule }),
        booked,
        export,
        shared,
    })
}

fn shared(text: &str) -> Option<Shared> {
    let (how, at) = text.split_once('#')?;
    Some(Shared { how: how.parse().ok()?, at: from_sortable(at)? })
}

fn in_run(text: &str) -> Option<InRun> {
    let mut parts = text.split('#');
    let mut next = || parts.next();
    Some(InRun { run: next()?.parse().ok()?, posting_date: next()?.parse().ok()?, on_behalf_of: next()?.parse().ok()? })
}

/// The head with what a turn needs.
pub(crate) fn decode_head(operation: &'static str, item: &Item) -> Result<Head, StoreError> {
    let fields = Fields::of(operation, item);
    let (_, document) = decode(operation, item)?;
    Ok(Head {
        document,
        checkpoint: fields.text(CHECKPOINT)?.map(ToOwned::to_owned),
        fence: fields.parsed(FENCE)?.map(Fence),
        due: fields.text(UNITS.range)?.and_then(keys::instant_of),
    })
}

/// Where a head is found besides by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Under way since then.
    Transit(Instant),
    /// Under way since before this change.
    StillInTransit,
    /// Waits for its unit's turn.
    Unit { due: Instant },
    /// Stands in the list of its status.
    List,
}

impl Place {
    /// The place that follows from a change of state. A document that was just completed is still under way: it gets its
    /// list when the decision is that it stays.
    pub(crate) fn after(before: Option<Status>, after: &Document) -> Self {
        match after.status {
            Status::Tagged => Self::Transit(after.updated_at),
            Status::Complete if before == Some(Status::Tagged) => Self::StillInTransit,
            Status::Posting => Self::Unit { due: after.updated_at },
            Status::Received
            | Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posted
            | Status::Rejected
            | Status::Uncertain
            | Status::Archived
            | Status::Deleted
            | Status::Ready
            | Status::Exported
            | Status::Shared
            | Status::Exporting => Self::List,
        }
    }

    /// Index attributes for this place.
    pub(crate) fn set(
        self,
        operation: &'static str,
        tenant: TenantId,
        document: &Document,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let nowhere = |changes: &mut Changes, kept: Option<crate::schema::Index>| {
            for index in [LISTS, UNITS, TRANSIT].into_iter().filter(|index| Some(*index) != kept) {
                changes.remove(index.hash);
                changes.remove(index.range);
            }
        };
        match self {
            Self::Transit(since) => {
                changes.set(TRANSIT.hash, text(keys::transit_shard(document.id)));
                changes.set(TRANSIT.range, text(keys::transit_entry(since, tenant, document.id)));
                nowhere(changes, Some(TRANSIT));
            }
            Self::StillInTransit => nowhere(changes, Some(TRANSIT)),
            Self::Unit { due } => {
                let Some(unit) = &document.unit else {
                    return Err(StoreError::bug(operation, format!("{} is to be posted without a unit", document.id)));
                };
                changes.set(UNITS.hash, text(keys::unit(tenant, unit)));
                changes.set(UNITS.range, text(keys::unit_entry(due, document.id.into())));
                nowhere(changes, Some(UNITS));
            }
            Self::List => {
                let Some(list) = document.status.list() else {
                    let detail = format!("{} is {} and has no list", document.id, document.status);
                    return Err(StoreError::bug(operation, detail));
                };
                changes.set(LISTS.hash, text(keys::list(tenant, document.administration, list)));
                let entry = match list {
                    List::Ready | List::Exporting => keys::export_entry(document),
                    List::Intake | List::Overview | List::Archive => {
                        keys::list_entry(document.received_at, document.id)
                    }
                };
                changes.set(LISTS.range, text(entry));
                nowhere(changes, Some(LISTS));
            }
        }
        Ok(())
    }
}

/// The step of a stream record's image.
pub(crate) fn step(operation: &'static str, item: &Item) -> Result<Step, StoreError> {
    let fields = Fields::of(operation, item);
    fields.needed(EMIT, fields.parsed(EMIT)?)
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
