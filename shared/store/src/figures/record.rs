//! Counting a document.

use super::{ATTEMPTS_MAX, Figures, attribute};
use crate::{
    Read, StoreError, Writer,
    document::{head, keys as document_keys},
    expression::{Changes, Expression},
    item::{Fields, Item, Key, number, text},
    runs::keys,
    schema::WRITER,
    settings::keys as settings_keys,
    table::{Query, Table, Write},
    transaction::{Outcome, transact_across},
};
use domain::{
    document::{Channel, Document, List},
    figures::{Count, Counted, How, Rules, Template, differences},
    ids::ContactId,
    ledger::Direction,
    time::{Date, Instant, TimeZone},
};
use std::collections::BTreeMap;

/// The version of the document that was counted.
const VERSION: &str = "v";
const DELIVERED: &str = "fd";
const TAGGED: &str = "ft";
const BOOKED: &str = "fb";

/// What counting a document came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It counts as it is.
    Counted,
    /// This version or a later one was counted before.
    Before,
}

/// A day and a word.
fn dated<T: Copy>(
    fields: Fields<'_>,
    name: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<Option<(Date, T)>, StoreError> {
    let Some(text) = fields.text(name)? else { return Ok(None) };
    let read = || {
        let (day, code) = text.split_once(' ')?;
        Some((day.parse().ok()?, all.iter().copied().find(|one| word(*one) == code)?))
    };
    fields.needed(name, read()).map(Some)
}

fn decode(operation: &'static str, item: &Item) -> Result<(u32, Counted), StoreError> {
    let fields = Fields::of(operation, item);
    let counted = Counted {
        delivered: dated(fields, DELIVERED, Channel::ALL, Channel::as_str)?,
        tagged: dated(fields, TAGGED, &[Direction::Purchase, Direction::Sales], Direction::as_str)?,
        booked: dated(fields, BOOKED, How::ALL, How::as_str)?,
    };
    Ok((fields.needed(VERSION, fields.parsed(VERSION)?)?, counted))
}

fn encode(key: &Key, version: u32, counted: &Counted, writer: &Writer) -> Item {
    let mut item = key.item();
    item.insert(VERSION.to_owned(), number(version));
    item.insert(WRITER.to_owned(), text(writer.as_str()));
    let mut put = |name: &str, value: Option<(Date, &str)>| {
        if let Some((day, word)) = value {
            item.insert(name.to_owned(), text(format!("{day} {word}")));
        }
    };
    put(DELIVERED, counted.delivered.map(|(day, channel)| (day, channel.as_str())));
    put(TAGGED, counted.tagged.map(|(day, tag)| (day, tag.as_str())));
    put(BOOKED, counted.booked.map(|(day, how)| (day, how.as_str())));
    item
}

impl Figures {
    /// Counts a document as it is, read strongly consistent, by the calendar of its administration: the figures of days, and
    /// once it is posted, those of its contact; once it is in the archive, its place among the contact's archived documents.
    ///
    /// It may be done any number of times, and out of order: what was counted is known by the document's version.
    pub async fn record(
        &self,
        document: &Document,
        zone: TimeZone,
        now: Instant,
        writer: &Writer,
    ) -> Result<Recorded, StoreError> {
        const OPERATION: &str = "figures.record";
        if document.administration != self.administration {
            return Err(StoreError::bug(OPERATION, format!("{} is of another administration", document.id)));
        }
        let key = document_keys::counted(self.tenant, document.id);
        let after = Counted::of(document, zone);
        for attempt in 0..ATTEMPTS_MAX {
            let there = self.tables.documents.get(OPERATION, &key, Read::Consistent).await?;
            let there = there.map(|item| decode(OPERATION, &item)).transpose()?;
            let (version, before) = match there {
                Some((version, counted)) => (Some(version), counted),
                None => (None, Counted::default()),
            };
            if version.is_some_and(|version| version >= document.version) {
                return Ok(Recorded::Before);
            }
            let unchanged = match version {
                None => Expression::absent(),
                Some(version) => Expression::new(format!("#{VERSION} = :before")).with("before", number(version)),
            };
            let item = encode(&key, document.version, &after, writer);
            let mut writes = vec![(&self.tables.documents, Write::Put { item, condition: Some(unchanged) })];
            writes.extend(self.additions(&differences(&before, &after)));
            // What is in the archive stays there as it is.
            let is_archived = document.status.list() == Some(List::Archive);
            if let Some(contact) = document.contact.filter(|_| is_archived) {
                writes.push((&self.tables.documents, self.archived(document, contact)));
            }
            // A booking is counted once, and is never taken back.
            if let (None, Some((day, _)), Some(contact)) = (before.booked, after.booked, document.contact) {
                let mut stored = self.contact_figures(OPERATION, contact).await?;
                stored.figures.days.add(day);
                let (template, rules) = self.suitability(OPERATION, contact).await?;
                writes.extend(self.upkeep(contact, stored, (zone, now), (template, rules), writer));
            }
            let what = format!("{} {} {attempt}", document.id, document.version);
            match transact_across(&self.tables.documents, OPERATION, &what, writer, writes).await? {
                Outcome::Done => return Ok(Recorded::Counted),
                // Counted by somebody else, our own earlier try, or the contact's figures were faster.
                Outcome::Refused(_) => {}
            }
        }
        Err(StoreError::conflict(OPERATION, format!("{} is counted by others all the time", document.id)))
    }

    fn additions(&self, days: &BTreeMap<Date, BTreeMap<Count, i64>>) -> Vec<(&Table, Write)> {
        let pk = keys::figures(self.tenant, self.administration);
        days.iter()
            .map(|(day, counts)| {
                let names: Vec<_> = counts.keys().map(|count| format!("#{0} :{0}", attribute(*count))).collect();
                let mut clause = Expression::new(format!("ADD {}", names.join(", ")));
                for (count, sum) in counts {
                    clause = clause.with(attribute(*count), number(sum));
                }
                let mut changes = Changes::default();
                changes.clause(clause);
                let key = Key::new(pk.as_str(), keys::day(*day));
                (&self.tables.runs, Write::Update { key, changes, condition: None })
            })
            .collect()
    }

    /// The document among the archived ones of its contact: nothing of it changes any more.
    fn archived(&self, document: &Document, contact: ContactId) -> Write {
        let pk = document_keys::archived(self.tenant, self.administration, contact);
        let sk = document_keys::list_entry(document.received_at, document.id);
        let mut item = head::encode(document);
        item.extend(Key::new(pk, sk).item());
        Write::Put { item, condition: None }
    }

    /// Whether a contact could be automated, as of now.
    pub(super) async fn suitability(
        &self,
        operation: &'static str,
        contact: ContactId,
    ) -> Result<(Template, Rules), StoreError> {
        let books = settings_keys::books(self.tenant, self.administration);
        let template = settings_keys::template(&books, contact);
        if self.tables.settings.get(operation, &template, Read::Consistent).await?.is_none() {
            return Ok((Template::Missing, Rules::None));
        }
        let mut query = Query::prefix(&books, &settings_keys::rules_of(contact));
        // One rule is enough; beside the rules may stand what became of their template.
        (query.read, query.limit) = (Read::Consistent, Some(2));
        let items = self.tables.settings.query(operation, query).await?.items;
        let is_rule = |item: &Item| Key::of(item).is_some_and(|key| !settings_keys::is_rules_template(&key.sk));
        Ok((Template::Saved, if items.iter().any(is_rule) { Rules::Some } else { Rules::None }))
    }
}
