//! Lists of documents in the order in which they were received: intake and archive (AP-58).

use super::view::DocumentView;
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Limit, Page, Paging, Shown, next},
    text::Amount,
};
use axum::extract::State;
use chrono::Days;
use domain::{
    document::{Document, List, Status},
    figures::{How, Period},
    ids::{AdministrationId, ContactId, UserId},
    ledger::Direction,
    time::{Date, Instant, TimeZone},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use store::{
    Cursor, Listed,
    document::{Credit, Filter, Span},
};
use utoipa::IntoParams;

fn page(caller: &Caller, listed: Listed<Document>) -> InWords<Shown<Page<DocumentView>>> {
    let items = listed.items.iter().map(|document| DocumentView::new(document, caller.language)).collect();
    InWords(caller.language, Shown(Page { items, next: next(listed.next) }))
}

/// The intake: what was delivered and not tagged yet, newest first.
#[utoipa::path(
    get, path = "/administrations/{administration}/intake", tag = "documents",
    params(Paging),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn intake(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<InWords<Shown<Page<DocumentView>>>> {
    app.check_administration(&caller, administration).await?;
    let documents = app.of(caller.tenant).documents();
    let (cursor, limit) = (paging.cursor(), paging.limit());
    documents
        .list(administration, List::Intake, Filter::default(), cursor.as_ref(), limit)
        .await
        .map(|listed| page(&caller, listed))
        .map_err(Into::into)
}

/// By whom documents were posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum PostedBy {
    User(UserId),
    Some(How),
}

impl TryFrom<String> for PostedBy {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "automation" => Ok(Self::Some(How::Automatically)),
            "person" => Ok(Self::Some(How::ByHand)),
            id => id.parse().map(Self::User).map_err(|_| "it is automation, person or the id of a user (usr_...)"),
        }
    }
}

/// How a document in the archive ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Ended(Status);

impl TryFrom<String> for Ended {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let status = text.parse().ok().filter(|status: &Status| status.list() == Some(List::Archive));
        status.map(Self).ok_or("in the archive it is posted, exported, archived, shared or deleted")
    }
}

/// A ready-made filter (AP-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Preset {
    /// Posted automatically since the start of the last quarter.
    PostedAutomatically,
    /// Credit notes and negative totals.
    Credit,
}

/// Which part of the archive. Filters combine: a document is listed when it passes all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArchiveParams {
    /// A ready-made filter: `posted_automatically`, since the start of the last quarter by the calendar of the administration, or
    /// `credit`.
    #[param(value_type = Option<String>)]
    preset: Option<Preset>,
    /// Only documents that are so: `posted`, `exported`, `archived`, `shared` or `deleted`.
    #[param(value_type = Option<String>)]
    status: Option<Ended>,
    /// Only `purchase` or `sales`.
    #[param(value_type = Option<String>)]
    tag: Option<Direction>,
    /// Only documents of this supplier or customer. A document is found by it some seconds after it came into the archive.
    #[param(value_type = Option<String>)]
    contact: Option<ContactId>,
    /// Only documents posted by: a user by id (AP-31), `automation`, or `person`.
    #[param(value_type = Option<String>)]
    posted_by: Option<PostedBy>,
    /// Only documents that were posted automatically (`true`), or by a person (`false`).
    automatic: Option<bool>,
    /// Only credit notes and negative totals (`true`), or all others (`false`).
    credit: Option<bool>,
    /// Only documents received at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "crate::text::moment")]
    from: Option<Instant>,
    /// Only documents received before this.
    #[param(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "crate::text::moment")]
    to: Option<Instant>,
    /// Only documents dated on or after this: the date on the invoice.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "crate::text::day")]
    issued_from: Option<Date>,
    /// Only documents dated on or before this.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "crate::text::day")]
    issued_to: Option<Date>,
    /// Only documents posted at or after this: when their booking was recorded.
    #[param(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "crate::text::moment")]
    posted_from: Option<Instant>,
    /// Only documents posted before this.
    #[param(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "crate::text::moment")]
    posted_to: Option<Instant>,
    /// Only documents whose total including VAT, without its sign and whatever its currency, is at least this.
    #[param(value_type = Option<String>)]
    gross_from: Option<Amount>,
    /// Only documents whose total including VAT, without its sign and whatever its currency, is at most this.
    #[param(value_type = Option<String>)]
    gross_to: Option<Amount>,
    /// `next` of the part before.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Limit,
}

fn refused(detail: String) -> Problem {
    Problem::new(Code::Query, detail)
}

/// The end of a range is not before its beginning.
fn ordered<T: PartialOrd + fmt::Display>(from: (&str, Option<T>), to: (&str, Option<T>)) -> Answer<()> {
    match (from, to) {
        ((from, Some(first)), (to, Some(last))) if first > last => {
            Err(refused(format!("{from} ({first}) is after {to} ({last}). Swap them, or leave one of them out.")))
        }
        _ => Ok(()),
    }
}

/// Totals are compared without their sign.
fn unsigned(name: &str, amount: Option<Amount>) -> Answer<Option<Decimal>> {
    match amount.map(Amount::decimal) {
        Some(amount) if amount < Decimal::ZERO => {
            let detail = format!("{name} is compared with totals without their sign. Send {}.", amount.abs());
            Err(refused(detail))
        }
        amount => Ok(amount),
    }
}

/// What two filters ask for together.
fn both<T: PartialEq>(names: &str, one: Option<T>, other: Option<T>) -> Answer<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => {
            Err(refused(format!("No document passes {names} together. Leave one of them out.")))
        }
        (one, other) => Ok(one.or(other)),
    }
}

/// When the quarter before this one began.
fn last_quarter(zone: TimeZone, now: Instant) -> Instant {
    let this = Period::quarter(zone.date_at(now)).from;
    zone.start_of(this.checked_sub_days(Days::new(1)).map_or(this, |day| Period::quarter(day).from))
}

impl ArchiveParams {
    /// The filter, `recently` being since when the ready-made one looks.
    fn filter(&self, recently: Option<Instant>) -> Answer<Filter> {
        ordered(("from", self.from), ("to", self.to))?;
        ordered(("issued_from", self.issued_from), ("issued_to", self.issued_to))?;
        ordered(("posted_from", self.posted_from), ("posted_to", self.posted_to))?;
        let gross_from = unsigned("gross_from", self.gross_from)?;
        let gross_to = unsigned("gross_to", self.gross_to)?;
        ordered(("gross_from", gross_from), ("gross_to", gross_to))?;
        let how = |is_automatic| if is_automatic { How::Automatically } else { How::ByHand };
        let (posted_by, posted) = match self.posted_by {
            Some(PostedBy::User(user)) => (Some(user), None),
            Some(PostedBy::Some(how)) => (None, Some(how)),
            None => (None, None),
        };
        let posted = both("posted_by and automatic", posted, self.automatic.map(how))?;
        let (automatic, credit) = match self.preset {
            Some(Preset::PostedAutomatically) => (Some(How::Automatically), None),
            Some(Preset::Credit) => (None, Some(true)),
            None => (None, None),
        };
        let posted = both("preset=posted_automatically and documents posted by a person", posted, automatic)?;
        let credit = both("preset=credit and credit=false", self.credit, credit)?;
        Ok(Filter {
            status: self.status.map(|ended| ended.0),
            // A contact has an archive of its own, which has no others.
            contact: None,
            tag: self.tag,
            posted_by,
            posted,
            posted_at: Span { from: self.posted_from.max(recently), before: self.posted_to },
            issued_from: self.issued_from,
            issued_to: self.issued_to,
            gross_from,
            gross_to,
            credit: credit.map(|is_credit| if is_credit { Credit::Only } else { Credit::Without }),
        })
    }
}

/// The archive: what is posted, exported or shared, was kept without being posted, or was deleted before it was tagged; newest received first. With
/// filters a part looks through at most 500 documents, so that it may be short, or even empty, and still have a next one.
#[utoipa::path(
    get, path = "/administrations/{administration}/archive", tag = "documents",
    params(ArchiveParams),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn archive(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<ArchiveParams>,
) -> Answer<InWords<Shown<Page<DocumentView>>>> {
    let recently = match params.preset {
        Some(Preset::PostedAutomatically) => {
            let zone = app.administration(&caller, administration).await?.time_zone;
            Some(last_quarter(zone, caller.now))
        }
        Some(Preset::Credit) | None => {
            app.check_administration(&caller, administration).await?;
            None
        }
    };
    let filter = params.filter(recently)?;
    let received = Span { from: params.from, before: params.to };
    let (cursor, limit) = (params.cursor.map(Cursor::new), params.limit.get());
    let documents = app.of(caller.tenant).documents();
    let listed = match params.contact {
        Some(contact) => {
            documents.archive_of_contact((administration, contact), received, filter, cursor.as_ref(), limit).await?
        }
        None => {
            let archive = (administration, List::Archive);
            documents.list_received(archive, received, filter, cursor.as_ref(), limit).await?
        }
    };
    Ok(page(&caller, listed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_quarter_begins_at_local_midnight() {
        let zone: TimeZone = "Europe/Amsterdam".parse().unwrap();
        let at = |now: &str| last_quarter(zone, now.parse().unwrap()).to_string();
        assert_eq!(at("2026-07-01T10:00:00Z"), "2026-03-31 22:00:00 UTC");
        assert_eq!(at("2026-03-31T22:30:00Z"), "2025-12-31 23:00:00 UTC", "it is April there");
        assert_eq!(at("2026-01-01T00:00:00Z"), "2025-09-30 22:00:00 UTC");
    }
}
