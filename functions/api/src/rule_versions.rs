//! What a rule was: every version with who made it, when, and what was different (AP-23, AP-24), and the way back.

use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatch, Json},
    problem::{Answer, Code, Problem},
    reply::{Shown, Versioned},
    rules::{self, RuleView},
    schema,
    text::Amount,
};
use axum::extract::State;
use domain::{
    automation::{AutomationRule, DocumentScope},
    ids::{AdministrationId, ContactId, RuleId},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use store::settings::RuleVersion;
use utoipa::ToSchema;

/// A field that a version changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// `documents`, `max_amount` or `effective_from`.
    pub field: &'static str,
    /// Its value before; null for no limit.
    pub before: Option<String>,
    /// Its value since; null for no limit.
    pub after: Option<String>,
}

/// A version of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleVersionView {
    /// Its number.
    pub version: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// By whom: a user's id, or `operator`.
    pub by: String,
    /// Which documents.
    #[schema(schema_with = schema::one::<DocumentScope>)]
    pub documents: DocumentScope,
    /// Maximum total including VAT.
    pub max_amount: Option<Amount>,
    /// It posted documents received after this.
    #[schema(value_type = String, format = DateTime)]
    pub effective_from: Instant,
    /// The version whose conditions were taken again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_from: Option<u32>,
    /// What was different from the version before.
    pub changes: Vec<FieldChange>,
}

/// That a rule was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeletedView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// By whom.
    pub by: String,
}

/// Everything that a rule ever was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleHistoryView {
    /// The rule.
    #[schema(schema_with = schema::one::<RuleId>)]
    pub rule: RuleId,
    /// Its contact.
    #[schema(schema_with = schema::one::<ContactId>)]
    pub contact: ContactId,
    /// Oldest first.
    pub versions: Vec<RuleVersionView>,
    /// When it was deleted and by whom; its versions stay, since decisions name them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<DeletedView>,
}

fn at(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// What is different, field by field.
fn changes(before: &AutomationRule, after: &AutomationRule) -> Vec<FieldChange> {
    let amount = |rule: &AutomationRule| rule.max_amount.map(|amount| amount.to_string());
    let documents = |rule: &AutomationRule| Some(rule.documents.as_str().to_owned());
    let fields = [
        ("documents", documents(before), documents(after)),
        ("max_amount", amount(before), amount(after)),
        ("effective_from", Some(at(before.effective_from)), Some(at(after.effective_from))),
    ];
    let changed = fields.into_iter().filter(|(_, before, after)| before != after);
    changed.map(|(field, before, after)| FieldChange { field, before, after }).collect()
}

/// Each version with what it changed.
fn view(versions: &[RuleVersion]) -> Vec<RuleVersionView> {
    let befores = std::iter::once(None).chain(versions.iter().map(Some));
    let pairs = versions.iter().zip(befores);
    let one = |(version, before): (&RuleVersion, Option<&RuleVersion>)| RuleVersionView {
        version: version.rule.version,
        at: version.at,
        by: version.by.to_string(),
        documents: version.rule.documents,
        max_amount: version.rule.max_amount.map(Amount::from),
        effective_from: version.rule.effective_from,
        restored_from: version.restored_from,
        changes: before.map(|before| changes(&before.rule, &version.rule)).unwrap_or_default(),
    };
    pairs.map(one).collect()
}

/// Every version of an automation rule, also of one that was deleted: who made it, when, and what it changed.
#[utoipa::path(
    get, path = "/administrations/{administration}/rules/{rule}/versions", tag = "rules",
    responses((status = 200, body = RuleHistoryView))
)]
pub async fn list_versions(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RuleId)>,
) -> Answer<Shown<RuleHistoryView>> {
    app.check_administration(&caller, administration).await?;
    let history = app.of(caller.tenant).rules(administration).history(id).await?;
    let history = history.ok_or_else(|| Problem::not_found("automation rule", id))?;
    Ok(Shown(RuleHistoryView {
        rule: id,
        contact: history.contact,
        versions: view(&history.versions),
        deleted: history.deleted.map(|(at, by)| DeletedView { at, by: by.to_string() }),
    }))
}

/// The version to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBody {
    /// Its number in the list of versions.
    #[schema(minimum = 1)]
    pub version: u32,
}

/// Takes the conditions of an earlier version again: a new version, for documents received from now on (AP-24). A rule that
/// was deleted is not restored: make another one.
#[utoipa::path(
    post, path = "/administrations/{administration}/rules/{rule}/restore", tag = "rules",
    request_body = RestoreBody,
    responses((status = 200, body = RuleView))
)]
pub async fn restore_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RuleId)>,
    seen: IfMatch,
    Json(body): Json<RestoreBody>,
) -> Answer<Versioned<RuleView>> {
    let before = rules::load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let rules = app.of(caller.tenant).rules(administration);
    let versions = rules.history(id).await?.map(|history| history.versions).unwrap_or_default();
    let old = versions.iter().find(|version| version.rule.version == body.version).ok_or_else(|| {
        let detail = format!("The rule has no version {}: it has 1 to {}.", body.version, before.version);
        Problem::new(Code::UnknownReference, detail.clone()).at("/version", detail)
    })?;
    let after = AutomationRule {
        documents: old.rule.documents,
        max_amount: old.rule.max_amount,
        effective_from: caller.now,
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    rules.restore(&before, (&after, body.version), &caller.hand(1).author()).await?;
    rules::shown(&app, &caller, administration, &after).await
}
