//! What a ledger lists: asked anew by a task, shown from the last snapshot with its age.

use super::{load, unit, view::ledger_of};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, Params},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Made, Shown},
    schema,
    tasks::{self, TaskView},
};
use axum::{extract::State, response::Response};
use domain::{
    document::UnitId,
    ids::{AdministrationId, ConnectionId, TaskId},
    ledger::{Direction, DirectoryEntry, DirectoryKind, VatCodeKind},
    office::{Connection, ConnectionState},
    task::Work,
    time::Instant,
};
use ledgers::Options;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whose directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DirectoryParams {
    /// The administration whose division is asked; left out for the divisions themselves.
    #[param(value_type = Option<String>)]
    administration: Option<AdministrationId>,
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryView {
    /// The code that templates name.
    pub code: String,
    /// Name or description.
    pub name: String,
    /// What a VAT code does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub vat: Option<VatCodeKind>,
    /// The side for which a VAT code or journal is meant; both when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<Direction>)]
    pub direction: Option<Direction>,
    /// VAT number of a supplier or customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// Registry number of a supplier or customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Bank accounts of a supplier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ibans: Vec<String>,
    /// Blocked in the ledger: not to be used.
    pub blocked: bool,
}

impl From<DirectoryEntry> for EntryView {
    fn from(entry: DirectoryEntry) -> Self {
        Self {
            code: entry.code,
            name: entry.name,
            vat: entry.vat,
            direction: entry.direction,
            vat_number: entry.vat_number,
            registry: entry.registry,
            ibans: entry.ibans,
            blocked: entry.blocked,
        }
    }
}

/// What a ledger listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectoryView {
    /// What.
    #[schema(schema_with = schema::one::<DirectoryKind>)]
    pub kind: DirectoryKind,
    /// When it was fetched.
    #[schema(value_type = String, format = DateTime)]
    pub fetched_at: Instant,
    /// How long ago that was, in seconds.
    pub age_seconds: i64,
    /// In the ledger's order.
    pub entries: Vec<EntryView>,
}

/// The unit that has a directory: the connection for its divisions, else the administration's division.
async fn unit_of(
    app: &App,
    caller: &Caller,
    connection: &Connection,
    kind: DirectoryKind,
    params: DirectoryParams,
) -> Answer<UnitId> {
    match (kind, params.administration) {
        (DirectoryKind::Divisions, _) => Ok(UnitId { connection: connection.id, division: None }),
        (_, Some(administration)) => division_of(app, caller, connection, administration).await,
        (_, None) => {
            let detail = "Name the administration whose division is meant: ?administration=adm_...";
            Err(Problem::new(Code::Query, detail))
        }
    }
}

async fn division_of(
    app: &App,
    caller: &Caller,
    connection: &Connection,
    administration: AdministrationId,
) -> Answer<UnitId> {
    app.check_administration(caller, administration).await?;
    let division = connection.divisions.get(&administration).ok_or_else(|| {
        let detail = format!("No division was chosen for administration {administration} in this connection.");
        Problem::new(Code::UnitMissing, detail).about(administration)
    })?;
    Ok(unit(connection, division))
}

fn kind_of(text: &str) -> Answer<DirectoryKind> {
    text.parse().map_err(|error| Problem::new(Code::NotFound, format!("There is no directory '{text}': {error}.")))
}

/// Work needs somebody who has signed in at the ledger.
fn check_open(connection: &Connection) -> Answer<()> {
    match connection.state {
        ConnectionState::Connected | ConnectionState::ReconnectNeeded => Ok(()),
        ConnectionState::Draft => {
            let detail = "Nobody has signed in at the ledger yet: a Superuser connects it first.";
            Err(Problem::new(Code::NotConnected, detail))
        }
    }
}

/// What the ledger listed when it was asked last, with the age of that.
#[utoipa::path(
    get, path = "/connections/{connection}/directories/{directory}", tag = "connections",
    params(DirectoryParams),
    responses((status = 200, body = DirectoryView))
)]
pub async fn get_directory(
    State(app): State<App>,
    caller: Caller,
    Ids((id, kind)): Ids<(ConnectionId, String)>,
    Params(params): Params<DirectoryParams>,
) -> Answer<Shown<DirectoryView>> {
    let kind = kind_of(&kind)?;
    let connection = load(&app, &caller, id).await?;
    let unit = unit_of(&app, &caller, &connection, kind, params).await?;
    let directory = app.of(caller.tenant).directories().get(&unit, kind).await?.ok_or_else(|| {
        let detail =
            format!("It was not fetched yet: POST /connections/{id}/directories/{}/refresh fetches it.", kind.as_str());
        Problem::new(Code::DirectoryMissing, detail)
    })?;
    Ok(Shown(DirectoryView {
        kind,
        fetched_at: directory.fetched_at,
        age_seconds: (caller.now - directory.fetched_at).num_seconds().max(0),
        entries: directory.entries.into_iter().map(EntryView::from).collect(),
    }))
}

/// Has a directory fetched from the ledger anew.
#[utoipa::path(
    post, path = "/connections/{connection}/directories/{directory}/refresh", tag = "connections",
    params(DirectoryParams),
    responses((status = 202, body = TaskView))
)]
pub async fn refresh_directory(
    State(app): State<App>,
    caller: Caller,
    Ids((id, kind)): Ids<(ConnectionId, String)>,
    Params(params): Params<DirectoryParams>,
) -> Answer<Made<TaskView>> {
    let kind = kind_of(&kind)?;
    let connection = load(&app, &caller, id).await?;
    check_open(&connection)?;
    if !ledger_of(&connection.system)?.capabilities.directories.contains(&kind) {
        return Err(Problem::new(Code::NotOffered, format!("This ledger does not list {}.", kind.as_str())));
    }
    let unit = unit_of(&app, &caller, &connection, kind, params).await?;
    tasks::queue(&app, &caller, unit, Work::Directory { directory: kind }).await
}

/// Which contacts are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// For this administration.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// `purchase` for suppliers, `sales` for customers.
    #[schema(schema_with = schema::one::<Direction>)]
    pub direction: Direction,
}

/// Has contacts made from the ledger's suppliers or customers.
#[utoipa::path(
    post, path = "/connections/{connection}/import-contacts", tag = "connections",
    request_body = ImportBody,
    responses((status = 202, body = TaskView))
)]
pub async fn import_contacts(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    request: Creating<ImportBody>,
) -> Answer<Response> {
    let work = async |body: ImportBody, making: Making<TaskId>| {
        let connection = load(&app, &caller, id).await?;
        check_open(&connection)?;
        let unit = division_of(&app, &caller, &connection, body.administration).await?;
        let work = Work::ImportContacts { administration: body.administration, direction: body.direction };
        tasks::queue_as(&app, &caller, making, unit, work).await
    };
    once(&app, &caller, request, work).await
}

/// Has posting templates brought together with those that the ledger keeps with its suppliers or customers: a contact without
/// one gets the ledger's, the ledger gets those that it has not, and what differs stays on both sides and is named (AP-40).
#[utoipa::path(
    post, path = "/connections/{connection}/sync-templates", tag = "connections",
    request_body = ImportBody,
    responses((status = 202, body = TaskView))
)]
pub async fn sync_templates(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    request: Creating<ImportBody>,
) -> Answer<Response> {
    let work = async |body: ImportBody, making: Making<TaskId>| {
        let connection = load(&app, &caller, id).await?;
        check_open(&connection)?;
        let options: Options = connection.options.clone().into_iter().collect();
        if !ledger_of(&connection.system)?.syncs_templates(&options) {
            let detail =
                "This ledger keeps no posting templates of its own, or the connection's option 'templates' is off.";
            return Err(Problem::new(Code::NotOffered, detail));
        }
        let unit = division_of(&app, &caller, &connection, body.administration).await?;
        let work = Work::SyncTemplates { administration: body.administration, direction: body.direction };
        tasks::queue_as(&app, &caller, making, unit, work).await
    };
    once(&app, &caller, request, work).await
}
