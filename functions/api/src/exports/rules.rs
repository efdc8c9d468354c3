//! What Finance may do by hand in an administration (EX-21 to EX-23, EX-26, EX-27).

use crate::{
    administrations::AdministrationView,
    app::App,
    auth::Caller,
    extract::{Ids, IfMatch, Json},
    problem::{Answer, Code, Problem},
    reply::{Shown, Versioned},
    schema,
};
use axum::extract::State;
use domain::{
    ids::AdministrationId,
    office::{Administration, Choice, ExportRules},
    permission::Permission,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What users with the role Finance may do by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRulesView {
    /// Disable manual exports: documents go out by scheduled jobs only, which are unaffected (EX-21 to EX-23). Off at first.
    #[serde(default)]
    pub manual_exports_disabled: bool,
    /// Finance may mark a hanging run as exported, or cancel it (EX-26). Off at first.
    #[serde(default)]
    pub settle_hanging_runs: bool,
    /// Finance may take an export back (EX-27). Off at first.
    #[serde(default)]
    pub revert_exports: bool,
}

impl From<ExportRules> for ExportRulesView {
    fn from(rules: ExportRules) -> Self {
        Self {
            manual_exports_disabled: rules.manual_disabled == Choice::Yes,
            settle_hanging_runs: rules.settle_hanging == Choice::Yes,
            revert_exports: rules.revert == Choice::Yes,
        }
    }
}

impl From<ExportRulesView> for ExportRules {
    fn from(rules: ExportRulesView) -> Self {
        let choice = |yes: bool| if yes { Choice::Yes } else { Choice::No };
        Self {
            manual_disabled: choice(rules.manual_exports_disabled),
            settle_hanging: choice(rules.settle_hanging_runs),
            revert: choice(rules.revert_exports),
        }
    }
}

/// Sets what users with the role Finance may do by hand (EX-21).
#[utoipa::path(
    put, path = "/administrations/{administration}/export-rules", tag = "exports",
    request_body = ExportRulesView,
    responses((status = 200, body = AdministrationView))
)]
pub async fn put_export_rules(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<AdministrationId>,
    seen: IfMatch,
    Json(body): Json<ExportRulesView>,
) -> Answer<Versioned<AdministrationView>> {
    let before = app.administration(&caller, id).await?;
    seen.check(before.version)?;
    let after = Administration { exports: body.into(), version: before.version.saturating_add(1), ..before.clone() };
    app.of(caller.tenant).administrations().replace(&before, &after, &caller.hand(1).author()).await?;
    Ok(Versioned { body: (&after).into(), version: after.version })
}

/// What the caller may do in an administration: what is not listed is not to be offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CapabilitiesView {
    /// What his roles give.
    #[schema(schema_with = schema::many::<Permission>)]
    pub permissions: Vec<Permission>,
    /// Export chosen documents by hand (EX-22).
    pub manual_export: bool,
    /// End a run that hangs (EX-26).
    pub settle_hanging_runs: bool,
    /// Take an export back (EX-27).
    pub revert_exports: bool,
}

/// What the caller may do in an administration (EX-22).
#[utoipa::path(
    get, path = "/administrations/{administration}/capabilities", tag = "exports",
    responses((status = 200, body = CapabilitiesView))
)]
pub async fn capabilities(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<AdministrationId>,
) -> Answer<Shown<CapabilitiesView>> {
    let books = app.administration(&caller, id).await?;
    let roles = &caller.user.roles;
    let exports = roles.permit(Permission::ExportDocuments);
    let rules = ExportRulesView::from(books.exports);
    Ok(Shown(CapabilitiesView {
        permissions: Permission::ALL.iter().copied().filter(|one| roles.permit(*one)).collect(),
        manual_export: exports && !rules.manual_exports_disabled,
        settle_hanging_runs: exports && rules.settle_hanging_runs,
        revert_exports: exports && rules.revert_exports,
    }))
}

/// Refuses to take an export back where that is not enabled (EX-27).
pub fn check_revert(books: &Administration) -> Answer<()> {
    if books.exports.revert == Choice::Yes {
        return Ok(());
    }
    let detail = "Taking an export back is not enabled for this administration: somebody with the right to change its invoice \
                  settings enables it.";
    Err(Problem::new(Code::RevertDisabled, detail).about(books.id))
}
