//! Signing in at a ledger: the address to go to, and the way back. The code that comes back is locked away at once; a
//! turn of the connection's unit opens it and gets the tokens.

use super::{load, page::page, view::ledger_of};
use crate::{
    app::{App, unavailable},
    auth::Caller,
    extract::Ids,
    problem::{Answer, Code, Problem},
    random,
    reply::Shown,
    tasks,
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use chrono::TimeDelta;
use domain::{
    document::{Actor, UnitId},
    ids::{ConnectionId, TaskId},
    office::UserState,
    permission::Permission,
    task::{Task, TaskState, Work},
    time::Instant,
};
use ledgers::{CALLBACK, Credentials, Endpoint, Secret};
use runtime::clock::new_id;
use serde::{Deserialize, Serialize};
use store::{Read, Writer, runs::OauthState, settings::AuditEntry};
use utoipa::{IntoParams, ToSchema};

/// For so long a person may take to sign in.
const CONSENT_MINUTES: i64 = 10;
/// The longest code that is taken.
const CODE_BYTES_MAX: usize = 4_000;

/// Where to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentView {
    /// Open it in a browser; good once.
    pub url: String,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// The address to which a ledger sends the browser back.
fn redirect_uri(app: &App) -> String {
    format!("{}{CALLBACK}", app.public_url)
}

/// Gives the address at which a person signs in at the ledger. It is good once, for ten minutes.
#[utoipa::path(
    post, path = "/connections/{connection}/authorise", tag = "connections",
    responses((status = 200, body = ConsentView))
)]
pub async fn authorise(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
) -> Answer<Shown<ConsentView>> {
    let connection = load(&app, &caller, id).await?;
    let descriptor = ledger_of(&connection.system)?;
    let consent = match descriptor.credentials {
        Credentials::Consent(consent) => consent,
        Credentials::Fields(_) => {
            let detail = format!("{} is not connected by a consent.", descriptor.name);
            return Err(Problem::new(Code::NotOffered, detail));
        }
    };
    let registration = app.registration(descriptor, &connection.options)?;
    let site = descriptor.sites.iter().find(|site| site.country == connection.licence_country);
    let endpoint = registration
        .endpoint
        .clone()
        .or_else(|| site.and_then(|site| Endpoint::of_site(descriptor, site.code)))
        .ok_or_else(|| Problem::new(Code::NotOffered, format!("{} has no site there.", descriptor.name)))?
        .versioned(descriptor, &connection.options.clone().into_iter().collect());
    let expires_at = caller.now + TimeDelta::minutes(CONSENT_MINUTES);
    let states = app.of(caller.tenant).oauth_states();
    let state = states.issue(&random::secret()?, caller.user.id, id, expires_at).await?;
    let url = consent
        .url(&endpoint, &registration.client_id, &redirect_uri(&app), &Secret::new(state.expose()))
        .ok_or_else(|| crate::app::internal(&"the address of the consent is none"))?;
    app.of(caller.tenant)
        .audit()
        .append(&entry(caller.actor(), "connection.consent_asked", id, caller.now), &caller.writer())
        .await?;
    Ok(Shown(ConsentView { url: url.into(), expires_at }))
}

fn entry(by: Actor, what: &str, connection: ConnectionId, at: Instant) -> AuditEntry {
    AuditEntry { at, by, what: what.to_owned(), subject: connection.to_string(), before: None, after: None }
}

/// What a ledger gives back.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackParams {
    /// What was given along.
    state: Option<String>,
    /// The consent, when it was given.
    code: Option<String>,
    /// Why it was not.
    error: Option<String>,
}

/// The way back from a ledger, for browsers. The state proves whose it is; it is good once.
#[utoipa::path(
    get, path = "/oauth/callback", tag = "connections",
    params(CallbackParams),
    responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 400, content_type = "text/html", body = String),
    )
)]
pub async fn oauth_callback(State(app): State<App>, request: axum::extract::Request) -> Response {
    let params = Query::<CallbackParams>::try_from_uri(request.uri());
    let params = params.map(|Query(params)| params).unwrap_or_default();
    match come_back(&app, params).await {
        Ok(name) => {
            let sentence = format!("You signed in for {name}. Ledgerpost connects now; you can close this page.");
            page(StatusCode::OK, "Connected soon", &sentence)
        }
        Err(problem) => page(problem.code().status(), "Not connected", problem.detail()),
    }
}

async fn come_back(app: &App, params: CallbackParams) -> Answer<String> {
    let failed = |detail: &str| Problem::new(Code::Consent, detail);
    let again = "This address was used already, is too old or is not ours. Start again at the connection.";
    let now = app.now();
    let state = params.state.ok_or_else(|| failed(again))?;
    let consent = app.store.take_oauth_state(&OauthState::new(state), now).await?.ok_or_else(|| failed(again))?;
    if params.error.is_some() {
        return Err(failed("The ledger says that access was not given. Start again at the connection."));
    }
    let code = params.code.filter(|code| (1..=CODE_BYTES_MAX).contains(&code.len()));
    let code = code.ok_or_else(|| failed("The ledger gave no code back. Start again at the connection."))?;
    let settings = app.of(consent.tenant);
    // Who was let in ten minutes ago may have lost his rights since.
    let user = settings.users().get(consent.user, Read::Consistent).await?;
    let may = |user: &domain::office::User| {
        user.state == UserState::Active && user.roles.permit(Permission::IntegrationSetup)
    };
    if !user.as_ref().is_some_and(may) {
        return Err(failed("The user who started this may no longer change connections."));
    }
    let connection = settings.connections().get(consent.connection, Read::Consistent).await?;
    let connection = connection.ok_or_else(|| failed("The connection does not exist any more."))?;
    let sealed =
        app.sealer.seal(consent.tenant, consent.connection, &code).await.map_err(|error| unavailable(&error))?;
    let task = Task {
        id: new_id::<TaskId>(now),
        unit: UnitId { connection: consent.connection, division: None },
        work: Work::Connect { sealed, redirect_uri: redirect_uri(app) },
        requested_by: consent.user,
        requested_at: now,
        due: now,
        attempts: 0,
        state: TaskState::Open,
    };
    let writer = Writer::new(&task.id.to_string(), 1);
    tasks::store(app, consent.tenant, &task, &writer).await?;
    let entry = entry(Actor::User(consent.user), "connection.consented", consent.connection, now);
    settings.audit().append(&entry, &writer).await?;
    Ok(connection.name)
}
