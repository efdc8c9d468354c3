//! What mails to customers say, where it is the tenant's own.

use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    reply::{Gone, Versioned},
};
use axum::extract::State;
use domain::{
    ids::AdministrationId,
    mail::{OwnText, OwnTextFields, Placeholder},
};
use serde::{Deserialize, Serialize};
use store::{Read, settings};
use utoipa::ToSchema;

/// Subject and body of mails to customers. Words in square brackets are replaced: `[invoice_link]` (in the body alone),
/// `[document_number]`, `[order_number]`, `[customer_name]`, `[seller_name]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerTextBody {
    /// One line, at most 150 characters.
    #[schema(example = "Invoice [document_number]")]
    pub subject: String,
    /// At most 5,000 characters.
    #[schema(example = "Your invoice: [invoice_link]")]
    pub body: String,
}

/// Subject and body of mails to customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerTextView {
    /// Subject.
    pub subject: String,
    /// Body.
    pub body: String,
    /// The words that can stand in square brackets.
    pub placeholders: Vec<&'static str>,
    /// Counts edits.
    pub version: u32,
}

fn shown(text: &OwnText, version: u32) -> Versioned<CustomerTextView> {
    let OwnTextFields { subject, body } = text.clone().into();
    let placeholders = Placeholder::ALL.map(Placeholder::as_str).to_vec();
    Versioned { body: CustomerTextView { subject, body, placeholders, version }, version }
}

async fn load(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
) -> Answer<Option<settings::Versioned<OwnText>>> {
    app.check_administration(caller, administration).await?;
    Ok(app.of(caller.tenant).mail_connections(administration).all(Read::Consistent).await?.customer_text)
}

fn usual() -> Problem {
    Problem::new(Code::NotFound, "Mails to customers have the usual words: there is no text of your own.")
}

/// What mails to customers say, where it is not the usual words.
#[utoipa::path(
    get, path = "/administrations/{administration}/customer-mail-text", tag = "mail",
    responses((status = 200, body = CustomerTextView))
)]
pub async fn get_customer_text(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Versioned<CustomerTextView>> {
    let text = load(&app, &caller, administration).await?.ok_or_else(usual)?;
    Ok(shown(&text.value, text.version))
}

/// Says what mails to customers say. The first time without If-Match.
#[utoipa::path(
    put, path = "/administrations/{administration}/customer-mail-text", tag = "mail",
    request_body = CustomerTextBody,
    responses((status = 200, body = CustomerTextView))
)]
pub async fn put_customer_text(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    seen: IfMatchMaybe,
    Json(body): Json<CustomerTextBody>,
) -> Answer<Versioned<CustomerTextView>> {
    let before = load(&app, &caller, administration).await?;
    if let Some(before) = &before {
        seen.required()?.check(before.version)?;
    }
    let after = OwnText::parse(&body.subject, &body.body)
        .map_err(|error| Problem::invalid(format!("/{}", error.part()), format!("This cannot be sent: {error}.")))?;
    let connections = app.of(caller.tenant).mail_connections(administration);
    connections.put_customer_text(before.as_ref(), Some(&after), &caller.hand(1).author()).await?;
    Ok(shown(&after, before.map_or(1, |before| before.version.saturating_add(1))))
}

/// Goes back to the usual words.
#[utoipa::path(
    delete, path = "/administrations/{administration}/customer-mail-text", tag = "mail",
    responses((status = 204, description = "Mails to customers have the usual words."))
)]
pub async fn delete_customer_text(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = load(&app, &caller, administration).await?.ok_or_else(usual)?;
    seen.check(before.version)?;
    let connections = app.of(caller.tenant).mail_connections(administration);
    connections.put_customer_text(Some(&before), None, &caller.hand(1).author()).await?;
    Ok(Gone)
}
