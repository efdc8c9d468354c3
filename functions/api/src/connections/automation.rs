//! Automatic posting of a connection: its user and its switch (AP-9 to AP-15).

use super::{
    load, replace, shown,
    view::{ConnectionView, auto_posting},
};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatch, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    reply::Versioned,
    schema,
};
use axum::extract::State;
use domain::{
    ids::{ConnectionId, UserId},
    office::AutomationRefused,
};
use serde::Deserialize;
use store::Read;
use utoipa::ToSchema;

/// The automation user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutomationUserBody {
    /// An active Accountant with access to every administration of the connection, linked to a user in the ledger (AP-11).
    #[schema(schema_with = schema::one::<UserId>)]
    pub user: UserId,
}

/// The switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutomationBody {
    /// Whether documents are posted automatically, for all administrations of the connection (AP-13).
    pub enabled: bool,
}

impl From<AutomationRefused> for Problem {
    fn from(refused: AutomationRefused) -> Self {
        let code = match &refused {
            AutomationRefused::NoUser => Code::AutomationUserMissing,
            AutomationRefused::SwitchedOn => Code::AutomationSwitchedOn,
            AutomationRefused::User(_) => Code::AutomationUserInvalid,
            AutomationRefused::Intermediary(_) => Code::Intermediary,
            AutomationRefused::NotOffered { .. } => Code::AutoPostingNotOffered,
        };
        let problem = Self::new(code, sentence(&refused.to_string()));
        // Each thing that is missing is an entry of its own: a person sees all at once, a program what to do about each.
        match refused {
            AutomationRefused::User(problems) => problems.into_iter().fold(problem, |refusal, one| {
                let about = one.administration().map(|administration| administration.to_string());
                refusal.blames("/user", one.code(), sentence(&one.to_string()), about)
            }),
            AutomationRefused::NoUser
            | AutomationRefused::SwitchedOn
            | AutomationRefused::Intermediary(_)
            | AutomationRefused::NotOffered { .. } => problem,
        }
    }
}

/// A text that begins with a capital letter and ends with a full stop.
pub fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| format!("{}{}.", first.to_uppercase(), rest.as_str())).unwrap_or_default()
}

/// Chooses the automation user (AP-11, AP-12).
#[utoipa::path(
    put, path = "/connections/{connection}/automation-user", tag = "automation",
    request_body = AutomationUserBody,
    responses((status = 200, body = ConnectionView))
)]
pub async fn put_automation_user(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    seen: IfMatch,
    Json(body): Json<AutomationUserBody>,
) -> Answer<Versioned<ConnectionView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let user = app.of(caller.tenant).users().get(body.user, Read::Consistent).await?.ok_or_else(|| {
        let detail = format!("There is no user {}.", body.user);
        Problem::new(Code::UnknownReference, detail.clone()).at("/user", detail)
    })?;
    let mut after = before.clone();
    after.choose_automation_user(&user)?;
    replace(&app, &caller, &before, after).await
}

/// Removes the automation user; refused while automatic posting is on (AP-15).
#[utoipa::path(
    delete, path = "/connections/{connection}/automation-user", tag = "automation",
    responses((status = 200, body = ConnectionView))
)]
pub async fn delete_automation_user(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    seen: IfMatchMaybe,
) -> Answer<Versioned<ConnectionView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let mut after = before.clone();
    after.remove_automation_user()?;
    if after == before {
        return shown(&app, &caller, &before).await;
    }
    replace(&app, &caller, &before, after).await
}

/// Switches automatic posting on or off, for all administrations of the connection (AP-13). Documents that were received
/// before it was switched on are not posted automatically.
#[utoipa::path(
    put, path = "/connections/{connection}/automation", tag = "automation",
    request_body = AutomationBody,
    responses((status = 200, body = ConnectionView))
)]
pub async fn put_automation(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    seen: IfMatch,
    Json(body): Json<AutomationBody>,
) -> Answer<Versioned<ConnectionView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let mut after = before.clone();
    if body.enabled {
        let user = match before.automation_user {
            Some(user) => app.of(caller.tenant).users().get(user, Read::Consistent).await?,
            None => None,
        };
        after.switch_on(user.as_ref(), auto_posting(&before), caller.now)?;
    } else {
        after.switch_off();
    }
    if after == before {
        return shown(&app, &caller, &before).await;
    }
    replace(&app, &caller, &before, after).await
}
