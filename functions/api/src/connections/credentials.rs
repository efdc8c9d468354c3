//! Connecting by credentials that a person types in: checked against the ledger's fields, locked away at once, and opened
//! only by a turn of the connection's unit, which gets the tokens and asks who is connected.

use super::{load, view::ledger_of};
use crate::{
    app::{App, unavailable},
    auth::Caller,
    extract::{Ids, Json},
    problem::{Answer, Code, Problem},
    reply::Made,
    tasks::{self, TaskView},
};
use axum::extract::State;
use domain::{document::UnitId, ids::ConnectionId, task::Work};
use ledgers::TypedError;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};
use utoipa::ToSchema;

/// What a person types in to connect.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialsBody {
    /// A value for each of the ledger's fields in `GET /ledgers`. It is never shown again.
    #[schema(value_type = BTreeMap<String, String>)]
    pub fields: BTreeMap<String, String>,
}

impl fmt::Debug for CredentialsBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialsBody({} fields)", self.fields.len())
    }
}

/// Connects with what a person types in, or connects again with something else. The task says what came of it.
#[utoipa::path(
    post, path = "/connections/{connection}/credentials", tag = "connections",
    request_body = CredentialsBody,
    responses((status = 202, body = TaskView))
)]
pub async fn give_credentials(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    Json(body): Json<CredentialsBody>,
) -> Answer<Made<TaskView>> {
    let connection = load(&app, &caller, id).await?;
    let descriptor = ledger_of(&connection.system)?;
    app.registration(descriptor, &connection.options)?;
    let given = descriptor.typed(&body.fields).map_err(|error| match error {
        TypedError::NotTyped => {
            let name = descriptor.name;
            let detail =
                format!("{name} is connected by signing in there: POST /connections/{id}/authorise says where.");
            Problem::new(Code::NotOffered, detail)
        }
        TypedError::Unknown => {
            let detail = format!("{} has no such field: GET /ledgers lists those that it has.", descriptor.name);
            Problem::new(Code::UnknownField, detail.clone()).at("/fields", detail)
        }
        TypedError::Field(key) => Problem::invalid(format!("/fields/{key}"), format!("{error}.")),
    })?;
    let sealed = app.sealer.seal(caller.tenant, id, given.expose()).await.map_err(|error| unavailable(&error))?;
    let unit = UnitId { connection: id, division: None };
    tasks::queue(&app, &caller, unit, Work::Connect { sealed, redirect_uri: String::new() }).await
}
