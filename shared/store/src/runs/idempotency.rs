//! Requests that may be repeated: the first one is done, the others get its answer.

use super::keys;
use crate::{
    StoreError, Tables, Writer,
    document::BodyHash,
    expression::{Changes, Expression},
    item::{Fields, bytes, instant, number, text},
    schema::{TTL, WRITER},
    table::{Old, Write, Written},
    transaction::{digest, is_by},
};
use chrono::TimeDelta;
use domain::{ids::TenantId, time::Instant};
use std::sync::Arc;

/// Hash of the body.
const BODY: &str = "h";
/// `busy` or `done`.
const STATE: &str = "s";
const ANSWER: &str = "a";
/// When whoever is at it is surely gone.
const UNTIL: &str = "e";
/// When the record no longer counts.
const EXPIRES: &str = "x";

const BUSY: &str = "busy";
const DONE: &str = "done";

/// How long a key is remembered.
const REMEMBERED: TimeDelta = TimeDelta::hours(48);
/// The largest answer that is stored, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What a repeated request is known by: who asks, for what, and the key it bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey(String);

impl RequestKey {
    /// The key of a request: its method and route, the user, and the `Idempotency-Key`.
    pub fn new(route: &str, user: &str, key: &str) -> Self {
        Self(digest(&[route, user, key], 64))
    }
}

/// An answer: status and body, as whoever gave it wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
}

/// What beginning a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Do it.
    First,
    /// It was done: give this answer again.
    Answered(Answer),
    /// Somebody is at it: try again a little later.
    InProgress,
    /// The key was used for a request with another body.
    OtherBody,
}

/// The requests of a tenant that may be repeated.
#[derive(Debug, Clone)]
pub struct Idempotency {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Idempotency {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// Begins a request. `until` is when this attempt has surely ended, for example when its function's time is up.
    pub async fn begin(
        &self,
        key: &RequestKey,
        body: BodyHash,
        now: Instant,
        until: Instant,
        writer: &Writer,
    ) -> Result<Attempt, StoreError> {
        const OPERATION: &str = "idempotency.begin";
        let mut item = keys::idempotency(self.tenant, &key.0).item();
        let mut put = |name: &str, value| item.insert(name.to_owned(), value);
        put(BODY, bytes(body.as_bytes()));
        put(STATE, text(BUSY));
        put(UNTIL, instant(until));
        put(EXPIRES, instant(now + REMEMBERED));
        put(TTL, number((now + REMEMBERED).timestamp()));
        put(WRITER, text(writer.as_str()));
        let free = Expression::new(format!(
            "attribute_not_exists(#pk) OR #{EXPIRES} <= :now OR (#{STATE} = :busy AND #{UNTIL} <= :now AND #{BODY} = :body)"
        ))
        .with("now", instant(now))
        .with("busy", text(BUSY))
        .with("body", bytes(body.as_bytes()));
        let put = Write::Put { item, condition: Some(free) };
        let there = match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => return Ok(Attempt::First),
            Written::Refused(Some(there)) => there,
            Written::Refused(None) => {
                return Err(StoreError::new(crate::ErrorKind::Retryable, OPERATION, "a record came and went"));
            }
        };
        let fields = Fields::of(OPERATION, &there);
        if fields.bytes(BODY)? != Some(body.as_bytes()) {
            return Ok(Attempt::OtherBody);
        }
        match fields.text(STATE)? {
            Some(DONE) => Ok(Attempt::Answered(Answer {
                status: fields.needed("status", fields.parsed("status")?)?,
                body: fields.needed(ANSWER, fields.text(ANSWER)?)?.to_owned(),
            })),
            Some(BUSY) if is_by(Some(&there), writer) => Ok(Attempt::First),
            Some(BUSY) => Ok(Attempt::InProgress),
            Some(_) | None => Err(fields.wrong(STATE)),
        }
    }

    /// Stores the answer for those who repeat the request.
    pub async fn complete(&self, key: &RequestKey, answer: &Answer, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "idempotency.complete";
        if answer.body.len() > ANSWER_BYTES_MAX {
            let detail = format!("an answer of {} bytes", answer.body.len());
            return Err(StoreError::new(crate::ErrorKind::TooLarge, OPERATION, detail));
        }
        let mut changes = Changes::default();
        changes.set(STATE, text(DONE));
        changes.set(ANSWER, text(&answer.body));
        changes.set("status", number(answer.status));
        changes.remove(UNTIL);
        let mine = Expression::new("#w = :writer").with("writer", text(writer.as_str()));
        let write = Write::Update { key: keys::idempotency(self.tenant, &key.0), changes, condition: Some(mine) };
        match self.tables.runs.write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, "somebody else took the request over")),
        }
    }

    /// Forgets a request that surely did nothing, so that it can be made again at once.
    pub async fn abandon(&self, key: &RequestKey, writer: &Writer) -> Result<(), StoreError> {
        let mine = Expression::new(format!("#w = :writer AND #{STATE} = :busy"))
            .with("writer", text(writer.as_str()))
            .with("busy", text(BUSY));
        let delete = Write::Delete { key: keys::idempotency(self.tenant, &key.0), condition: Some(mine) };
        self.tables.runs.write("idempotency.abandon", delete, Old::NotNeeded).await.map(|_| ())
    }
}
