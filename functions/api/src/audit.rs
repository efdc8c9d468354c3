//! The audit record: who changed, allowed, overrode or downloaded what.

use crate::{
    app::App,
    auth::Caller,
    extract::Params,
    problem::{Answer, Code, Problem},
    reply::{Limit, Page, Shown, next},
};
use axum::extract::State;
use domain::{document::Actor, ids::UserId, time::Instant};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Cursor,
    settings::{AuditEntry, AuditFilter},
};
use utoipa::{IntoParams, ToSchema};

/// The longest text of a filter.
const FILTER_BYTES_MAX: usize = 160;

/// Which entries of the audit record; filters combine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// `next` of the part before.
    pub cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    pub limit: Limit,
    /// At or after this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "crate::text::moment")]
    pub from: Option<Instant>,
    /// Before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "crate::text::moment")]
    pub to: Option<Instant>,
    /// By whom: a user's id, `system`, `operator` or `source:` and a source of events.
    pub by: Option<String>,
    /// About what has this id.
    pub subject: Option<String>,
    /// What was done: `contact.changed`, or `contact` for everything about contacts.
    pub kind: Option<String>,
}

impl AuditParams {
    fn filter(&self) -> Answer<AuditFilter> {
        for (name, text) in [("subject", &self.subject), ("kind", &self.kind), ("by", &self.by)] {
            let fits = |text: &String| (1..=FILTER_BYTES_MAX).contains(&text.len());
            if text.as_ref().is_some_and(|text| !fits(text)) {
                return Err(Problem::new(Code::Query, format!("{name} has 1 to {FILTER_BYTES_MAX} characters.")));
            }
        }
        Ok(AuditFilter {
            from: self.from,
            before: self.to,
            by: self.by.as_deref().map(actor).transpose()?,
            subject: self.subject.clone(),
            kind: self.kind.clone(),
        })
    }
}

fn actor(text: &str) -> Answer<Actor> {
    match (text, text.strip_prefix("source:")) {
        ("system", _) => Ok(Actor::System),
        ("operator", _) => Ok(Actor::Operator),
        (_, Some(source)) => Ok(Actor::Source(source.to_owned())),
        (_, None) => text.parse().map(Actor::User).map_err(|_| {
            let detail = "by is a user's id, system, operator, or source: and a source of events.";
            Problem::new(Code::Query, detail)
        }),
    }
}

/// An entry of the audit record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who: a user's id, `system`, `operator` or `source:` and a source of events.
    pub by: String,
    /// The user's name as it is now; a pseudonym when his data was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// What was done, for example `contact.changed`.
    pub what: String,
    /// Id of what it was done to.
    pub subject: String,
    /// How it was before; absent for what is new or was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// How it is after; absent for what is gone or was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
}

fn user_of(entry: &AuditEntry) -> Option<UserId> {
    match entry.by {
        Actor::User(user) => Some(user),
        Actor::System | Actor::Source(_) | Actor::Operator => None,
    }
}

fn view(entry: AuditEntry, names: &BTreeMap<UserId, String>) -> AuditView {
    AuditView {
        at: entry.at,
        by_name: user_of(&entry).and_then(|user| names.get(&user).cloned()),
        by: entry.by.to_string(),
        what: entry.what,
        subject: entry.subject,
        before: entry.before,
        after: entry.after,
    }
}

/// Every change of a setting, right, connection, address or rule, every override and every download, newest first. A part may be
/// short and still have a next one.
#[utoipa::path(
    get, path = "/audit", tag = "tenant",
    params(AuditParams),
    responses((status = 200, body = Page<AuditView>))
)]
pub async fn list_audit(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<AuditParams>,
) -> Answer<Shown<Page<AuditView>>> {
    let settings = app.of(caller.tenant);
    let cursor = params.cursor.as_deref().map(Cursor::new);
    let listed = settings.audit().list(&params.filter()?, cursor.as_ref(), params.limit.get()).await?;
    let users: BTreeSet<UserId> = listed.items.iter().filter_map(user_of).collect();
    let users = settings.users().some(&users).await?;
    let names = users.into_iter().map(|user| (user.id, user.name)).collect();
    let items = listed.items.into_iter().map(|entry| view(entry, &names)).collect();
    Ok(Shown(Page { items, next: next(listed.next) }))
}
