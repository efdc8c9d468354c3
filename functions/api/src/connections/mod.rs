//! Connections to ledgers: made, opened by a consent or by what is typed in, given divisions, and their directories.

mod automation;
mod consent;
mod credentials;
mod directories;
mod page;
pub mod view;

pub use automation::*;
pub use consent::*;
pub use credentials::*;
pub use directories::*;

use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json, Params},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Made, Page, Paging, Shown, Versioned, next},
    schema,
};
use axum::{extract::State, response::Response};
use domain::{
    document::UnitId,
    ids::{AdministrationId, ConnectionId},
    ledger::{DirectoryKind, Division},
    office::{Administration, Choice, Connection, ConnectionState, intermediary},
};
use ledgers::{Descriptor, INSTALLATION};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::Read;
use utoipa::ToSchema;
use view::{ConnectionBody, ConnectionChange, ConnectionView, LedgerView, check_country, check_options, ledger_of};

/// The ledgers that can be connected, and what each can do.
#[utoipa::path(get, path = "/ledgers", tag = "connections", responses((status = 200, body = Vec<LedgerView>)))]
pub async fn list_ledgers() -> Shown<Vec<LedgerView>> {
    Shown(ledgers::catalogue().iter().copied().map(Into::into).collect())
}

/// The tenant's connections.
#[utoipa::path(
    get, path = "/connections", tag = "connections",
    params(Paging),
    responses((status = 200, body = Page<ConnectionView>))
)]
pub async fn list_connections(
    State(app): State<App>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<ConnectionView>>> {
    let listed = app.of(caller.tenant).connections().list(paging.cursor().as_ref(), paging.limit()).await?;
    let mut items = Vec::with_capacity(listed.items.len());
    for connection in &listed.items {
        items.push(view(&app, &caller, connection).await?);
    }
    Ok(Shown(Page { items, next: next(listed.next) }))
}

/// Makes a connection. It is a draft until somebody signs in at the ledger.
#[utoipa::path(
    post, path = "/connections", tag = "connections",
    request_body = ConnectionBody,
    responses((status = 201, body = ConnectionView))
)]
pub async fn create_connection(
    State(app): State<App>,
    caller: Caller,
    request: Creating<ConnectionBody>,
) -> Answer<Response> {
    once(&app, &caller, request, async |body, making| create(&app, &caller, body, making).await).await
}

async fn create(
    app: &App,
    caller: &Caller,
    body: ConnectionBody,
    making: Making<ConnectionId>,
) -> Answer<Made<ConnectionView>> {
    let connections = app.of(caller.tenant).connections();
    let made = |connection: &Connection| {
        Made::created(
            format!("/connections/{}", connection.id),
            ConnectionView::new(connection, None),
            connection.version,
        )
    };
    if making.repeated
        && let Some(connection) = connections.get(making.id, Read::Consistent).await?
    {
        return Ok(made(&connection));
    }
    let descriptor = ledger_of(&body.system)?;
    check_country(descriptor, body.licence_country.as_str())?;
    check_options(descriptor, &body.options, choice(body.create_contacts))?;
    check_installation(app, descriptor, &body.options)?;
    let connection = Connection {
        id: making.id,
        system: body.system,
        name: body.name.into_string(),
        state: ConnectionState::Draft,
        licence_country: body.licence_country.into_string(),
        intermediary: body.intermediary.map(|name| intermediary(name.as_str())),
        create_contacts: choice(body.create_contacts),
        options: body.options,
        ledger_user: None,
        divisions: std::collections::BTreeMap::new(),
        automation: domain::automation::AutomationSwitch::Off,
        automation_user: None,
        version: 1,
    };
    connections.create(&connection, &caller.hand(1).author()).await?;
    Ok(made(&connection))
}

/// Refuses an installation of a customer's own that this deployment has no address of.
fn check_installation(app: &App, descriptor: &Descriptor, options: &BTreeMap<String, String>) -> Answer<()> {
    match options.get(INSTALLATION).filter(|name| !name.is_empty()) {
        Some(_) => app.registration(descriptor, options).map(|_| ()),
        None => Ok(()),
    }
}

fn choice(yes: bool) -> Choice {
    if yes { Choice::Yes } else { Choice::No }
}

/// A connection of the tenant.
async fn load(app: &App, caller: &Caller, id: ConnectionId) -> Answer<Connection> {
    let connection = app.of(caller.tenant).connections().get(id, Read::Consistent).await?;
    connection.ok_or_else(|| Problem::not_found("connection", id))
}

/// Stores a changed connection.
async fn replace(
    app: &App,
    caller: &Caller,
    before: &Connection,
    after: Connection,
) -> Answer<Versioned<ConnectionView>> {
    let after = Connection { version: before.version.saturating_add(1), ..after };
    app.of(caller.tenant).connections().replace(before, &after, &caller.hand(1).author()).await?;
    shown(app, caller, &after).await
}

/// A connection with its automation user as he is now.
async fn view(app: &App, caller: &Caller, connection: &Connection) -> Answer<ConnectionView> {
    let user = match connection.automation_user {
        Some(user) => app.of(caller.tenant).users().get(user, Read::Consistent).await?,
        None => None,
    };
    Ok(ConnectionView::new(connection, user.as_ref()))
}

async fn shown(app: &App, caller: &Caller, connection: &Connection) -> Answer<Versioned<ConnectionView>> {
    Ok(Versioned { body: view(app, caller, connection).await?, version: connection.version })
}

/// A connection.
#[utoipa::path(
    get, path = "/connections/{connection}", tag = "connections",
    responses((status = 200, body = ConnectionView))
)]
pub async fn get_connection(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
) -> Answer<Versioned<ConnectionView>> {
    shown(&app, &caller, &load(&app, &caller, id).await?).await
}

/// Changes a connection. A product in between is refused while automatic posting is on (AP-3).
#[utoipa::path(
    put, path = "/connections/{connection}", tag = "connections",
    request_body = ConnectionChange,
    responses((status = 200, body = ConnectionView))
)]
pub async fn put_connection(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    seen: IfMatch,
    Json(body): Json<ConnectionChange>,
) -> Answer<Versioned<ConnectionView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let descriptor = ledger_of(&before.system)?;
    check_options(descriptor, &body.options, choice(body.create_contacts))?;
    if before.options.get(INSTALLATION) != body.options.get(INSTALLATION) {
        if before.state != ConnectionState::Draft {
            let detail = "What opens one installation is not shown to another: make a connection for that one.";
            return Err(Problem::invalid("/options/installation", detail));
        }
        check_installation(&app, descriptor, &body.options)?;
    }
    let after = Connection {
        name: body.name.into_string(),
        intermediary: body.intermediary.map(|name| intermediary(name.as_str())),
        create_contacts: choice(body.create_contacts),
        options: body.options,
        ..before.clone()
    };
    let on = matches!(after.automation, domain::automation::AutomationSwitch::On { .. });
    if let (true, Some(product)) = (on, &after.intermediary) {
        let detail = format!("Automatic posting does not work behind {product}: switch it off first.");
        return Err(Problem::new(Code::Intermediary, detail.clone()).at("/intermediary", detail));
    }
    replace(&app, &caller, &before, after).await
}

/// A division for an administration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DivisionBody {
    /// The administration.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// The division, by its code in the connection's directory of divisions.
    #[schema(value_type = String, example = "123456")]
    pub division: Division,
}

/// Chooses the division into which an administration's documents are posted.
#[utoipa::path(
    post, path = "/connections/{connection}/divisions", tag = "connections",
    request_body = DivisionBody,
    responses((status = 200, body = ConnectionView))
)]
pub async fn choose_division(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    seen: IfMatchMaybe,
    Json(body): Json<DivisionBody>,
) -> Answer<Versioned<ConnectionView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    check_division(&app, &caller, &before, &body).await?;
    let books = match app.administration(&caller, body.administration).await {
        Ok(books) => books,
        Err(problem) if problem.code() == Code::NotFound => {
            let detail = format!("There is no administration {}, or it is not yours to see.", body.administration);
            return Err(Problem::new(Code::UnknownReference, detail.clone()).at("/administration", detail));
        }
        Err(problem) => return Err(problem),
    };
    // What takes issued documents only has nothing to do with where the administration is posted.
    let is_posted = ledgers::described(&before.system).is_some_and(ledgers::Descriptor::books_received);
    if let Some(unit) = books.unit.as_ref().filter(|unit| is_posted && unit.connection != id) {
        let detail = format!("The administration is posted through connection {} already.", unit.connection);
        return Err(Problem::new(Code::DivisionTaken, detail).about(unit.connection));
    }
    // First the connection, then the administration: a death in between leaves nothing that is posted wrongly, and the
    // same request again completes it.
    let connection = if before.divisions.get(&body.administration) == Some(&body.division) {
        before
    } else {
        let mut after = Connection { version: before.version.saturating_add(1), ..before.clone() };
        after.divisions.insert(body.administration, body.division.clone());
        app.of(caller.tenant).connections().replace(&before, &after, &caller.hand(1).author()).await?;
        after
    };
    let unit = unit(&connection, &body.division);
    if is_posted && books.unit.as_ref() != Some(&unit) {
        let version = books.version.saturating_add(1);
        let after = Administration { unit: Some(unit), version, ..books.clone() };
        app.of(caller.tenant).administrations().replace(&books, &after, &caller.hand(2).author()).await?;
    }
    shown(&app, &caller, &connection).await
}

async fn check_division(app: &App, caller: &Caller, connection: &Connection, body: &DivisionBody) -> Answer<()> {
    if connection.state == ConnectionState::Draft {
        let detail = "Connect it first: POST /connections/{connection}/authorise says where to sign in at the ledger, and \
                      /credentials takes what is typed in.";
        return Err(Problem::new(Code::NotConnected, detail));
    }
    let whole = UnitId { connection: connection.id, division: None };
    let known = app.of(caller.tenant).directories().get(&whole, DirectoryKind::Divisions).await?;
    let known = known.ok_or_else(|| {
        let detail = format!(
            "The ledger's divisions were not fetched yet: POST /connections/{}/directories/divisions/refresh fetches them.",
            connection.id
        );
        Problem::new(Code::DirectoryMissing, detail)
    })?;
    if !known.entries.iter().any(|entry| entry.code == body.division.as_str() && !entry.blocked) {
        let detail = format!("The ledger has no division {} that this connection can reach.", body.division);
        return Err(Problem::new(Code::UnknownCode, detail.clone()).at("/division", detail));
    }
    let taken = connection
        .divisions
        .iter()
        .find(|(administration, division)| **division == body.division && **administration != body.administration);
    if let Some((administration, division)) = taken {
        let detail = format!("Division {division} belongs to administration {administration} already.");
        return Err(Problem::new(Code::DivisionTaken, detail).about(*administration));
    }
    Ok(())
}

/// The unit in which a division's documents are posted.
fn unit(connection: &Connection, division: &Division) -> UnitId {
    UnitId { connection: connection.id, division: Some(division.clone()) }
}
