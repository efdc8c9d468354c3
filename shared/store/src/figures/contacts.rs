//! What is counted of contacts, and which of them are recommended for automation (AP-26 to AP-30).
//!
//! A contact's recommendation follows from its figures, its template and its rules. Who changes one of these brings the
//! recommendation up to date afterwards; the figures' version makes those who do it at once take turns, and each reads what
//! the recommendation follows from after he has read that version.

use super::{ATTEMPTS_MAX, Figures};
use crate::{
    Cursor, Listed, Read, StoreError, SystemStore, Writer,
    expression::Expression,
    item::{Fields, Item, Key, number, text},
    runs::keys,
    schema::{SK, SYSTEM, WRITER},
    settings::page,
    table::{Order, Query, Table, Write},
    transaction::{Outcome, transact_across},
};
use domain::{
    figures::{ContactFigures, PostedDays, Recommended, Rules, Template},
    ids::{AdministrationId, ContactId, TenantId},
    time::{Date, Instant, TimeZone},
};

const VERSION: &str = "v";
const DAYS: &str = "days";
const DISMISSED: &str = "dismissed";
/// The count with which the contact stands among the recommendations.
const LISTED: &str = "listed";

/// A contact for which automation could be set up (AP-26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recommendation {
    /// Supplier or customer.
    pub contact: ContactId,
    /// How many of its documents were posted within the window that ends today.
    pub count: u32,
}

/// What dismissing a recommendation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dismissed {
    /// It stays away until the count has doubled.
    Done,
    /// There is no recommendation of this contact.
    NotRecommended,
}

/// A contact with fewer documents in the window than when its recommendation was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallen {
    /// Whose.
    pub tenant: TenantId,
    /// In which set of books.
    pub administration: AdministrationId,
    /// Which.
    pub contact: ContactId,
}

/// A contact's figures as they are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) figures: ContactFigures,
    version: u32,
    listed: Option<u32>,
    due: Option<String>,
}

impl Figures {
    pub(super) async fn contact_figures(
        &self,
        operation: &'static str,
        contact: ContactId,
    ) -> Result<Stored, StoreError> {
        let key = keys::contact_figures(self.tenant, self.administration, contact);
        let item = self.tables.runs.get(operation, &key, Read::Consistent).await?;
        let Some(item) = item else { return Ok(Stored::default()) };
        let fields = Fields::of(operation, &item);
        Ok(Stored {
            figures: ContactFigures {
                days: fields.parsed::<PostedDays>(DAYS)?.unwrap_or_default(),
                dismissed_at: fields.parsed(DISMISSED)?,
            },
            version: fields.needed(VERSION, fields.parsed(VERSION)?)?,
            listed: fields.parsed(LISTED)?,
            due: fields.text(SYSTEM.range)?.map(ToOwned::to_owned),
        })
    }

    /// The writes that bring a contact's figures and its recommendation up to date. `stored` has the new figures and all else
    /// as it was read; nothing is written when nothing of it would change.
    pub(super) fn upkeep(
        &self,
        contact: ContactId,
        mut stored: Stored,
        (zone, now): (TimeZone, Instant),
        (template, rules): (Template, Rules),
        writer: &Writer,
    ) -> Vec<(&Table, Write)> {
        let recommended = stored.figures.refresh(zone.date_at(now), template, rules);
        let listed = match recommended {
            Recommended::Yes(count) => Some(count),
            Recommended::No => None,
        };
        let fall = listed.and_then(|_| stored.figures.days.next_fall());
        let due = fall.map(|day| keys::fall(zone.start_of(day), self.tenant, self.administration, contact));
        let days = stored.figures.days.to_string();
        let runs = &self.tables.runs;

        let mut item = keys::contact_figures(self.tenant, self.administration, contact).item();
        let mut put = |name: &str, value| item.insert(name.to_owned(), value);
        put(VERSION, number(stored.version.saturating_add(1)));
        put(DAYS, text(days.as_str()));
        put(WRITER, text(writer.as_str()));
        if let Some(dismissed) = stored.figures.dismissed_at {
            put(DISMISSED, number(dismissed));
        }
        if let Some(count) = listed {
            put(LISTED, number(count));
        }
        if let Some(due) = due {
            put(SYSTEM.hash, text(keys::falls_shard(contact)));
            put(SYSTEM.range, text(due));
        }
        let condition = match stored.version {
            0 => Expression::absent(),
            version => Expression::new(format!("#{VERSION} = :before")).with("before", number(version)),
        };
        let mut writes = vec![(runs, Write::Put { item, condition: Some(condition) })];
        let pk = keys::recommended(self.tenant, self.administration);
        let key = |count| Key::new(pk.as_str(), keys::recommendation(count, contact));
        if let Some(before) = stored.listed.filter(|before| listed != Some(*before)) {
            writes.push((runs, Write::Delete { key: key(before), condition: None }));
        }
        if let Some(count) = listed {
            let mut item = key(count).item();
            item.insert(DAYS.to_owned(), text(days));
            writes.push((runs, Write::Put { item, condition: None }));
        }
        writes
    }

    /// Whether [`Figures::upkeep`] would change anything: nothing does as long as figures, recommendation and next fall are
    /// those that are stored.
    fn is_current(&self, contact: ContactId, stored: &Stored, of: (TimeZone, Instant), is: (Template, Rules)) -> bool {
        let (zone, now) = of;
        let mut figures = stored.figures.clone();
        let listed = match figures.refresh(zone.date_at(now), is.0, is.1) {
            Recommended::Yes(count) => Some(count),
            Recommended::No => None,
        };
        let fall = listed.and_then(|_| figures.days.next_fall());
        let due = fall.map(|day| keys::fall(zone.start_of(day), self.tenant, self.administration, contact));
        figures == stored.figures && listed == stored.listed && due == stored.due
    }

    /// Brings a contact's recommendation up to date: after a template or rule of it was saved or deleted, and when days fall
    /// out of the window.
    pub async fn refresh(
        &self,
        contact: ContactId,
        zone: TimeZone,
        now: Instant,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "figures.refresh";
        for attempt in 0..ATTEMPTS_MAX {
            let stored = self.contact_figures(OPERATION, contact).await?;
            if stored.version == 0 {
                return Ok(());
            }
            let suitability = self.suitability(OPERATION, contact).await?;
            if self.is_current(contact, &stored, (zone, now), suitability) {
                return Ok(());
            }
            let what = format!("{contact} {} {attempt}", stored.version);
            let writes = self.upkeep(contact, stored, (zone, now), suitability, writer);
            match transact_across(&self.tables.runs, OPERATION, &what, writer, writes).await? {
                Outcome::Done => return Ok(()),
                Outcome::Refused(_) => {}
            }
        }
        Err(StoreError::conflict(OPERATION, format!("{contact} is counted by others all the time")))
    }

    /// Takes a recommendation away until its count has doubled (AP-26). Done again it stays done.
    pub async fn dismiss(
        &self,
        contact: ContactId,
        zone: TimeZone,
        now: Instant,
        writer: &Writer,
    ) -> Result<Dismissed, StoreError> {
        const OPERATION: &str = "figures.dismiss";
        for attempt in 0..ATTEMPTS_MAX {
            let mut stored = self.contact_figures(OPERATION, contact).await?;
            let suitability = self.suitability(OPERATION, contact).await?;
            let today = zone.date_at(now);
            match stored.figures.clone().refresh(today, suitability.0, suitability.1) {
                Recommended::Yes(_) => stored.figures.dismiss(today),
                Recommended::No if stored.figures.dismissed_at.is_some() => return Ok(Dismissed::Done),
                Recommended::No => return Ok(Dismissed::NotRecommended),
            }
            let what = format!("{contact} {} {attempt}", stored.version);
            let writes = self.upkeep(contact, stored, (zone, now), suitability, writer);
            match transact_across(&self.tables.runs, OPERATION, &what, writer, writes).await? {
                Outcome::Done => return Ok(Dismissed::Done),
                Outcome::Refused(_) => {}
            }
        }
        Err(StoreError::conflict(OPERATION, format!("{contact} is counted by others all the time")))
    }

    /// A page of the contacts that are recommended, those with the most documents first (AP-30).
    pub async fn recommendations(
        &self,
        today: Date,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Recommendation>, StoreError> {
        const OPERATION: &str = "figures.recommendations";
        let pk = keys::recommended(self.tenant, self.administration);
        let read = |item: Item| {
            let fields = Fields::of(OPERATION, &item);
            let days: PostedDays = fields.needed(DAYS, fields.parsed(DAYS)?)?;
            let contact = fields.needed(SK, fields.text(SK)?.and_then(keys::of_recommendation))?;
            Ok(Recommendation { contact, count: days.count(today) })
        };
        let mut listed = page(&self.tables.runs, OPERATION, (&pk, ""), Order::Ascending, cursor, limit, read).await?;
        // Days may have fallen out of the window since the entry was stored.
        listed.items.retain(|recommendation| recommendation.count > 0);
        listed.items.sort_by_key(|recommendation| std::cmp::Reverse(recommendation.count));
        Ok(listed)
    }

    /// How many documents of a contact were posted within the window, when automation could be set up for it and nobody has
    /// dismissed that: what a suited document prompts for (AP-29), also the first one.
    pub async fn prompt(&self, contact: ContactId, today: Date) -> Result<Option<u32>, StoreError> {
        const OPERATION: &str = "figures.prompt";
        let (template, rules) = self.suitability(OPERATION, contact).await?;
        if (template, rules) != (Template::Saved, Rules::None) {
            return Ok(None);
        }
        let mut figures = self.contact_figures(OPERATION, contact).await?.figures;
        match figures.refresh(today, template, rules) {
            Recommended::Yes(count) => Ok(Some(count)),
            Recommended::No => Ok(figures.dismissed_at.is_none().then_some(0)),
        }
    }
}

impl SystemStore {
    /// Recommended contacts of a shard (0 to 15) whose count has fallen by now, the longest fallen first.
    pub async fn fallen(&self, shard: u8, now: Instant, limit: usize) -> Result<Vec<Fallen>, StoreError> {
        const OPERATION: &str = "system.fallen";
        let mut query = Query::index(SYSTEM, &keys::falls(shard)).up_to(&keys::falls_until(now));
        query.limit = i32::try_from(limit.max(1)).ok();
        let items = self.tables.runs.query(OPERATION, query).await?.items;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            let entry = fields.text(SYSTEM.range)?.and_then(keys::of_fall);
            let (tenant, administration, contact) = fields.needed(SYSTEM.range, entry)?;
            Ok(Fallen { tenant, administration, contact })
        };
        items.iter().map(read).collect()
    }
}
