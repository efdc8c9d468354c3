//! Facilities: the wizard's steps, activation, deactivation (EX-4 to EX-9, EX-19).

use super::{FacilityView, YesNo, facility, ledger_facts};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json, parse_json},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Gone, Made, Page, Shown, Versioned},
    schema,
    text::Name,
};
use axum::{extract::State, response::Response};
use domain::{
    export::{Copies, Facility, FacilityRefused, FacilityState, Target},
    export_format::{FileFormat, NamePattern},
    ids::{AdministrationId, ConnectionId, FacilityId},
    schedule::PostingDatePolicy,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Read;
use utoipa::ToSchema;

/// A facility to be made: a draft, to be set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityBody {
    /// Name, for people.
    pub name: Name,
}

/// The first step: a file format, or a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum SystemBody {
    /// A file.
    File {
        /// A format of GET /export-formats.
        format: String,
    },
    /// A ledger.
    Ledger {
        /// Through this connection.
        #[schema(schema_with = schema::one::<ConnectionId>)]
        connection: ConnectionId,
    },
}

/// The second step: everything that is given takes the place of what there was.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationBody {
    /// Name, for people.
    #[serde(default)]
    pub name: Option<Name>,
    /// The settings of the format, all of them; a ledger has its own with the connection.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub options: Option<Value>,
    /// How its files are named: text, and words in braces such as `{format}`, `{date}`, `{run}`, `{administration}`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "{format}-{date}-{run}")]
    pub file_name: Option<NamePattern>,
    /// `job_date` or `not_before_job_date` (EX-3).
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub posting_date_policy: Option<PostingDatePolicy>,
    /// Whether documents that were posted on another path are exported as a copy from now on (SE-1).
    #[serde(default)]
    pub copies: Option<YesNo>,
    /// Who gets the file of each run by mail; an empty text ends that.
    #[serde(default)]
    pub mail_to: Option<String>,
}

/// The third step: the connection through which the ledger is reached. It is opened under /connections.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationBody {
    /// Connection.
    #[schema(schema_with = schema::one::<ConnectionId>)]
    pub connection: ConnectionId,
}

async fn shown(app: &App, caller: &Caller, facility: &Facility) -> Answer<FacilityView> {
    Ok(FacilityView::new(facility, ledger_facts(app, caller, facility).await?))
}

async fn versioned(app: &App, caller: &Caller, facility: &Facility) -> Answer<Versioned<FacilityView>> {
    Ok(Versioned { body: shown(app, caller, facility).await?, version: facility.version })
}

/// The export facilities of an administration.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-facilities", tag = "exports",
    responses((status = 200, body = Page<FacilityView>))
)]
pub async fn list_facilities(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Shown<Page<FacilityView>>> {
    app.check_administration(&caller, administration).await?;
    let mut items = Vec::new();
    for facility in app.of(caller.tenant).facilities(administration).all().await? {
        items.push(shown(&app, &caller, &facility).await?);
    }
    Ok(Shown(Page { items, next: None }))
}

/// Makes a facility: a draft, to be set up step by step (EX-7).
#[utoipa::path(
    post, path = "/administrations/{administration}/export-facilities", tag = "exports",
    request_body = FacilityBody,
    responses((status = 201, body = FacilityView))
)]
pub async fn create_facility(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<FacilityBody>,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    once(&app, &caller, request, async |body, making: Making<FacilityId>| {
        let facilities = app.of(caller.tenant).facilities(administration);
        let made = match facilities.get(making.id, Read::Consistent).await? {
            Some(made) if making.repeated => made,
            Some(_) | None => {
                let facility = Facility {
                    id: making.id,
                    administration,
                    name: body.name.into_string(),
                    target: None,
                    file_name: NamePattern::default(),
                    posting_date_policy: PostingDatePolicy::default(),
                    copies: Copies::No,
                    mail_to: None,
                    state: FacilityState::Draft,
                    job: None,
                    version: 1,
                };
                facilities.create(&facility, &caller.hand(1).author()).await?;
                facility
            }
        };
        let location = format!("/administrations/{administration}/export-facilities/{}", made.id);
        Ok(Made::created(location, shown(&app, &caller, &made).await?, made.version))
    })
    .await
}

/// A facility, with the steps of its set-up.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-facilities/{facility}", tag = "exports",
    responses((status = 200, body = FacilityView))
)]
pub async fn get_facility(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
) -> Answer<Versioned<FacilityView>> {
    let facility = facility(&app, &caller, administration, id).await?;
    versioned(&app, &caller, &facility).await
}

/// Deletes a facility that is not active. Its runs stay.
#[utoipa::path(
    delete, path = "/administrations/{administration}/export-facilities/{facility}", tag = "exports",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_facility(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    check_open(&before)?;
    app.of(caller.tenant).facilities(administration).delete(&before, &caller.hand(1).author()).await?;
    Ok(Gone)
}

fn check_open(facility: &Facility) -> Answer<()> {
    facility.check_open().map_err(|refused| refuse(facility, &refused))
}

fn refuse(facility: &Facility, refused: &FacilityRefused) -> Problem {
    match refused {
        FacilityRefused::Active => Problem::new(Code::FacilityActive, format!("{refused}.")).about(facility.id),
        FacilityRefused::Incomplete(open) => {
            let problem = Problem::new(Code::FacilityIncomplete, format!("{refused}."));
            open.iter().fold(problem.about(facility.id), |problem, open| {
                problem.at(format!("/{}", open.field), open.detail.clone())
            })
        }
    }
}

/// Stores a facility after an edit.
pub(super) async fn replace(
    app: &App,
    caller: &Caller,
    before: &Facility,
    changed: Facility,
    event: &str,
) -> Answer<Versioned<FacilityView>> {
    let after = Facility { version: before.version.saturating_add(1), ..changed };
    let facilities = app.of(caller.tenant).facilities(before.administration);
    facilities.replace(before, &after, event, &caller.hand(1).author()).await?;
    versioned(app, caller, &after).await
}

/// The settings of a format, as they are sent.
fn format(name: &str, options: &Value) -> Answer<FileFormat> {
    let body = json!({ "format": name, "options": options });
    let bytes = serde_json::to_vec(&body).map_err(|error| crate::app::internal(&error))?;
    parse_json(&bytes)
}

/// Chooses the system: the first step. What was set for another one is lost.
#[utoipa::path(
    put, path = "/administrations/{administration}/export-facilities/{facility}/system", tag = "exports",
    request_body = SystemBody,
    responses((status = 200, body = FacilityView))
)]
pub async fn put_system(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatch,
    Json(body): Json<SystemBody>,
) -> Answer<Versioned<FacilityView>> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    check_open(&before)?;
    let target = match body {
        SystemBody::File { format: name } => {
            if !super::FORMATS.contains(&name.as_str()) {
                let detail = format!("There is no format '{name}'; there are {}.", super::FORMATS.join(", "));
                return Err(Problem::invalid("/format", detail));
            }
            Target::File { file: Box::new(format(&name, &json!({}))?) }
        }
        SystemBody::Ledger { connection } => {
            known_connection(&app, &caller, connection).await?;
            Target::Ledger { connection }
        }
    };
    let same = before.target.as_ref().is_some_and(|before| match (before, &target) {
        (Target::File { file: one }, Target::File { file: other }) => one.as_str() == other.as_str(),
        (one, other) => one == other,
    });
    let target = if same { before.target.clone() } else { Some(target) };
    replace(&app, &caller, &before, Facility { target, ..before.clone() }, "facility.changed").await
}

async fn known_connection(app: &App, caller: &Caller, connection: ConnectionId) -> Answer<()> {
    let known = app.of(caller.tenant).connections().get(connection, Read::Eventual).await?;
    let connection = known.ok_or_else(|| {
        let detail = "There is no such connection: GET /connections lists them.";
        Problem::new(Code::UnknownReference, detail).at("/connection", detail)
    })?;
    match ledgers::described(&connection.system) {
        Some(descriptor) if descriptor.books_received() => Ok(()),
        Some(_) | None => {
            let detail =
                format!("{} does not book documents: GET /export-formats lists ledgers that do.", connection.system);
            Err(Problem::new(Code::NotOffered, detail).at("/connection", "It books no documents."))
        }
    }
}

/// Configures it: the second step. What is incomplete is stored as well; the answer says what is open.
#[utoipa::path(
    put, path = "/administrations/{administration}/export-facilities/{facility}/configuration", tag = "exports",
    request_body = ConfigurationBody,
    responses((status = 200, body = FacilityView))
)]
pub async fn put_configuration(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatch,
    Json(body): Json<ConfigurationBody>,
) -> Answer<Versioned<FacilityView>> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let mut after = before.clone();
    if let Some(name) = body.name {
        after.name = name.into_string();
    }
    if let Some(options) = &body.options {
        match &before.target {
            Some(Target::File { file }) => {
                after.target = Some(Target::File { file: Box::new(format(file.as_str(), options)?) });
            }
            Some(Target::Ledger { .. }) => {
                let detail = "A ledger has its settings with the connection: PUT /connections/{connection}.";
                return Err(Problem::invalid("/options", detail));
            }
            None => return Err(Problem::invalid("/options", "Choose the system first.")),
        }
    }
    if let Some(file_name) = body.file_name {
        after.file_name = file_name;
    }
    match body.mail_to.as_deref() {
        None => {}
        Some("") => after.mail_to = None,
        Some(address) => {
            let parsed = address.parse().map_err(|error| Problem::invalid("/mail_to", format!("{error}.")))?;
            after.mail_to = Some(parsed);
        }
    }
    if let Some(policy) = body.posting_date_policy {
        after.posting_date_policy = policy;
    }
    after.copies = match (body.copies, before.copies) {
        (None, copies) | (Some(YesNo::Yes), copies @ Copies::Since { .. }) => copies,
        (Some(YesNo::Yes), Copies::No) => Copies::Since { since: caller.now },
        (Some(YesNo::No), _) => Copies::No,
    };
    if before.state == FacilityState::Active {
        // What is active stays complete.
        after.activate(ledger_facts(&app, &caller, &after).await?).map_err(|refused| refuse(&before, &refused))?;
    }
    replace(&app, &caller, &before, after, "facility.changed").await
}

/// Chooses the connection that is signed in at the ledger: the third step. A file needs none.
#[utoipa::path(
    put, path = "/administrations/{administration}/export-facilities/{facility}/authentication", tag = "exports",
    request_body = AuthenticationBody,
    responses((status = 200, body = FacilityView))
)]
pub async fn put_authentication(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatch,
    Json(body): Json<AuthenticationBody>,
) -> Answer<Versioned<FacilityView>> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    check_open(&before)?;
    match &before.target {
        Some(Target::Ledger { .. }) => {}
        Some(Target::File { .. }) => {
            return Err(Problem::new(Code::State, "A file needs no authentication: this step is done.").about(id));
        }
        None => return Err(Problem::new(Code::State, "Choose the system first.").about(id)),
    }
    known_connection(&app, &caller, body.connection).await?;
    let target = Some(Target::Ledger { connection: body.connection });
    replace(&app, &caller, &before, Facility { target, ..before.clone() }, "facility.changed").await
}

/// Makes it the active facility of its administration, when it is set up completely and no other one is active (EX-4, EX-7).
#[utoipa::path(
    post, path = "/administrations/{administration}/export-facilities/{facility}/activate", tag = "exports",
    responses((status = 200, body = FacilityView))
)]
pub async fn activate_facility(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatchMaybe,
) -> Answer<Versioned<FacilityView>> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let mut after = before.clone();
    after.activate(ledger_facts(&app, &caller, &before).await?).map_err(|refused| refuse(&before, &refused))?;
    if before.state == FacilityState::Active {
        return versioned(&app, &caller, &before).await;
    }
    replace(&app, &caller, &before, after, "facility.activated").await
}

/// Makes it inactive; its job goes off with it (EX-19). A run in progress finishes (EX-20).
#[utoipa::path(
    post, path = "/administrations/{administration}/export-facilities/{facility}/deactivate", tag = "exports",
    responses((status = 200, body = FacilityView))
)]
pub async fn deactivate_facility(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatchMaybe,
) -> Answer<Versioned<FacilityView>> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let mut after = before.clone();
    after.deactivate();
    if after == before {
        return versioned(&app, &caller, &before).await;
    }
    replace(&app, &caller, &before, after, "facility.deactivated").await
}
