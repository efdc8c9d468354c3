//! Connections of clients to accounting packages that import by mail (ED-8 to ED-18).

use super::{Around, MailConnectionView, lists::release};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Gone, InWords, Made, Page, Shown, Versioned},
    schema,
};
use axum::{extract::State, response::Response};
use domain::{
    ids::{AdministrationId, MailConnectionId, PackageId},
    mail::{
        AddressMode, AddressesMissing, ClientAddresses, EmailAddress, Frequency, MailConnection, MailPackage, Scope,
        Sharing, Suspension,
    },
    office::{Administration, Choice},
};
use serde::Deserialize;
use store::Read;
use utoipa::ToSchema;

/// A client's addresses: `both`, or `inbound` and `outbound`, as the mode asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientAddressesBody {
    /// `same` or `separate`; the package's when left out.
    #[schema(value_type = Option<String>, example = "separate")]
    pub mode: Option<AddressMode>,
    /// For purchases and sales alike.
    #[schema(value_type = Option<String>, example = "books@example.com")]
    pub both: Option<EmailAddress>,
    /// For what was received: purchases, and what is neither.
    #[schema(value_type = Option<String>, example = "purchases@example.com")]
    pub inbound: Option<EmailAddress>,
    /// For what was issued: sales.
    #[schema(value_type = Option<String>, example = "sales@example.com")]
    pub outbound: Option<EmailAddress>,
    /// For files of bank statements: without it they are not sent.
    #[schema(value_type = Option<String>, example = "bank@example.com")]
    pub bank_statements: Option<EmailAddress>,
}

impl From<ClientAddressesBody> for ClientAddresses {
    fn from(body: ClientAddressesBody) -> Self {
        let ClientAddressesBody { mode, both, inbound, outbound, bank_statements } = body;
        Self { mode, both, inbound, outbound, bank_statements }
    }
}

/// A client's connection to an accounting package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailConnectionBody {
    /// The package, of GET /mail-packages.
    #[schema(schema_with = schema::one::<PackageId>)]
    pub package: PackageId,
    /// Share documents with the accountant: what is accepted, sent or arrives from then on is mailed. While it is off nothing is,
    /// and turning it on sends nothing of the past.
    pub share: bool,
    /// Where documents go.
    pub addresses: ClientAddressesBody,
    /// PDFs go along with e-invoices; as the package says when left out or null.
    #[serde(default)]
    pub pdf_alongside: Option<bool>,
    /// `immediately`, `nightly`, `weekend` or `manual`; at once when left out.
    #[serde(default)]
    #[schema(value_type = String, example = "immediately")]
    pub frequency: Frequency,
    /// `sales_only` or `sales_and_purchases`; both when left out.
    #[serde(default)]
    #[schema(value_type = String, example = "sales_and_purchases")]
    pub scope: Scope,
    /// What is in a ledger already is mailed too, as a copy. Off when left out.
    #[serde(default)]
    pub copies_of_posted: bool,
}

/// The packages of the office, and what is known of a client.
struct Books {
    administration: Administration,
    packages: Vec<MailPackage>,
    suspended: Vec<Suspension>,
}

impl Books {
    fn package(&self, id: PackageId) -> Option<&MailPackage> {
        self.packages.iter().find(|package| package.id == id)
    }

    async fn shown(&self, app: &App, caller: &Caller, connection: &MailConnection) -> Answer<MailConnectionView> {
        let today = self.administration.time_zone.date_at(caller.now);
        let flow = app.of(caller.tenant).mail_flow(self.administration.id);
        let silence = match connection.sharing {
            Sharing::Off => None,
            Sharing::On { .. } => flow.days(connection.id).await?.and_then(|days| days.silence(today)),
        };
        Ok(MailConnectionView::new(
            connection,
            &Around {
                package: self.package(connection.package),
                suspended: &self.suspended,
                silence,
                sender: &app.mail_from,
                language: caller.language,
            },
        ))
    }

    async fn versioned(
        &self,
        app: &App,
        caller: &Caller,
        connection: &MailConnection,
    ) -> Answer<InWords<Versioned<MailConnectionView>>> {
        let body = self.shown(app, caller, connection).await?;
        Ok(InWords(caller.language, Versioned { body, version: connection.version }))
    }

    /// A connection as it is to be: with a package that there is, and the addresses that its mode asks for.
    fn connection(
        &self,
        body: MailConnectionBody,
        (id, version): (MailConnectionId, u32),
    ) -> Answer<(MailConnection, Choice)> {
        let package = self.package(body.package).ok_or_else(|| {
            let detail = "There is no such mail package: GET /mail-packages lists them.";
            Problem::new(Code::UnknownReference, detail).at("/package", detail)
        })?;
        let addresses = ClientAddresses::from(body.addresses);
        addresses.check(package).map_err(|missing| {
            let (pointer, what) = match missing {
                AddressesMissing::Both => ("/addresses/both", "enter it, or choose the mode 'separate'"),
                AddressesMissing::Separate => {
                    ("/addresses/inbound", "enter one of them at least, or choose the mode 'same' and enter `both`")
                }
            };
            Problem::invalid(pointer, format!("This is not complete: {missing}; {what}."))
        })?;
        let connection = MailConnection {
            id,
            administration: self.administration.id,
            package: body.package,
            sharing: Sharing::Off,
            addresses,
            pdf_alongside: body.pdf_alongside.map(Choice::from),
            frequency: body.frequency,
            scope: body.scope,
            copies_of_posted: body.copies_of_posted.into(),
            version,
        };
        Ok((connection, body.share.into()))
    }
}

async fn books(app: &App, caller: &Caller, id: AdministrationId) -> Answer<(Books, Vec<MailConnection>)> {
    let administration = app.administration(caller, id).await?;
    let tenant = app.of(caller.tenant);
    let packages = tenant.mail_packages().all().await?;
    let settings = tenant.mail_connections(id).all(Read::Consistent).await?;
    Ok((Books { administration, packages, suspended: settings.suspended }, settings.connections))
}

async fn loaded(
    app: &App,
    caller: &Caller,
    (administration, id): (AdministrationId, MailConnectionId),
) -> Answer<(Books, MailConnection)> {
    let (books, connections) = books(app, caller, administration).await?;
    let found = connections.into_iter().find(|connection| connection.id == id);
    Ok((books, found.ok_or_else(|| Problem::not_found("mail connection", id))?))
}

/// The connections of a client over which documents are mailed (ED-14).
#[utoipa::path(
    get, path = "/administrations/{administration}/mail-connections", tag = "mail",
    responses((status = 200, body = Page<MailConnectionView>))
)]
pub async fn list_mail_connections(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<InWords<Shown<Page<MailConnectionView>>>> {
    let (books, connections) = books(&app, &caller, administration).await?;
    let mut items = Vec::new();
    for connection in &connections {
        items.push(books.shown(&app, &caller, connection).await?);
    }
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}

/// Connects a client to an accounting package (ED-8): from then on its documents are mailed (ED-3).
#[utoipa::path(
    post, path = "/administrations/{administration}/mail-connections", tag = "mail",
    request_body = MailConnectionBody,
    responses((status = 201, body = MailConnectionView))
)]
pub async fn create_mail_connection(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<MailConnectionBody>,
) -> Answer<Response> {
    let (books, connections) = books(&app, &caller, administration).await?;
    once(&app, &caller, request, async |body, making: Making<MailConnectionId>| {
        let made = match connections.into_iter().find(|connection| connection.id == making.id) {
            Some(made) if making.repeated => made,
            Some(_) | None => {
                let (mut connection, share) = books.connection(body, (making.id, 1))?;
                connection.switch(share, caller.now);
                let settings = app.of(caller.tenant).mail_connections(administration);
                settings.put(None, Some(&connection), &caller.hand(1).author()).await?;
                connection
            }
        };
        let location = format!("/administrations/{administration}/mail-connections/{}", made.id);
        let view = books.shown(&app, &caller, &made).await?;
        Ok(Made::created(location, view, made.version).in_words(caller.language))
    })
    .await
}

/// A client's connection: where each kind of document goes, since when, and whether its mails have stopped.
#[utoipa::path(
    get, path = "/administrations/{administration}/mail-connections/{mail_connection}", tag = "mail",
    responses((status = 200, body = MailConnectionView))
)]
pub async fn get_mail_connection(
    State(app): State<App>,
    caller: Caller,
    Ids(ids): Ids<(AdministrationId, MailConnectionId)>,
) -> Answer<InWords<Versioned<MailConnectionView>>> {
    let (books, connection) = loaded(&app, &caller, ids).await?;
    books.versioned(&app, &caller, &connection).await
}

/// Changes a client's connection: switch, package, addresses (ED-18). It counts for what is mailed from now on.
#[utoipa::path(
    put, path = "/administrations/{administration}/mail-connections/{mail_connection}", tag = "mail",
    request_body = MailConnectionBody,
    responses((status = 200, body = MailConnectionView))
)]
pub async fn put_mail_connection(
    State(app): State<App>,
    caller: Caller,
    Ids(ids): Ids<(AdministrationId, MailConnectionId)>,
    seen: IfMatch,
    Json(body): Json<MailConnectionBody>,
) -> Answer<InWords<Versioned<MailConnectionView>>> {
    let (books, before) = loaded(&app, &caller, ids).await?;
    seen.check(before.version)?;
    let (mut after, share) = books.connection(body, (before.id, before.version.saturating_add(1)))?;
    after.sharing = before.sharing;
    after.switch(share, caller.now);
    let settings = app.of(caller.tenant).mail_connections(ids.0);
    settings.put(Some(&before), Some(&after), &caller.hand(1).author()).await?;
    if before.addresses != after.addresses {
        // What waited for an address that is no longer one of the client's goes to the one that took its place (ED-18).
        release(&app, &caller, ids.0, |held| held.connection() == Some(after.id) && !after.addresses.has(&held.to))
            .await?;
    }
    books.versioned(&app, &caller, &after).await
}

/// Deletes a client's connection: nothing is mailed over it any more. What was mailed stays on record.
#[utoipa::path(
    delete, path = "/administrations/{administration}/mail-connections/{mail_connection}", tag = "mail",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_mail_connection(
    State(app): State<App>,
    caller: Caller,
    Ids(ids): Ids<(AdministrationId, MailConnectionId)>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let (_, before) = loaded(&app, &caller, ids).await?;
    seen.check(before.version)?;
    app.of(caller.tenant).mail_connections(ids.0).put(Some(&before), None, &caller.hand(1).author()).await?;
    Ok(Gone)
}
