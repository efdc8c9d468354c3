//! What was mailed of a document, and what a person does about it: send it again, say that it arrived, take its address back, mark
//! it as processed (ED-16, ED-20).

use super::{
    Asked, DeliveriesView, DeliveryView, Subject, audit, delivery, issued, look_at, once, received, stopped, writer,
};
use crate::{
    app::App,
    auth::Caller,
    documents::{check_sight, load, view::ReasonView},
    extract::{Creating, Ids},
    problem::{Answer, Code, Problem},
    reply::{Gone, InWords, Made, Shown},
    schema,
};
use axum::{extract::State, response::Response};
use domain::{
    ids::{DeliveryId, DocumentId, IssuedId, MailConnectionId},
    mail::{Delivery, DeliveryEvent, Home, MailKind, NotMailed, Processed, Purpose, Sharing, Unmailed, plan, standing},
    office::Choice,
    words::Language,
};
use serde::Deserialize;
use serde_json::json;
use store::{
    Read,
    mail::{HomeMails, Recorded},
};
use utoipa::ToSchema;

/// Why connections would not send a document, as things are.
async fn left(app: &App, caller: &Caller, subject: &Subject) -> Answer<Vec<NotMailed>> {
    let zone = app.administration(caller, subject.administration).await?.time_zone;
    let Some(plans) = subject.plans(zone) else { return Ok(Vec::new()) };
    let tenant = app.of(caller.tenant);
    let settings = tenant.mail_connections(subject.administration).all(Read::Eventual).await?;
    let packages = tenant.mail_packages().all().await?;
    let planned = plan(&plans, &settings.connections, &packages, &settings.suspended, caller.now);
    Ok(planned.left.into_iter().map(|(_, why)| why).collect())
}

async fn told(app: &App, caller: &Caller, subject: &Subject) -> Answer<InWords<Shown<DeliveriesView>>> {
    let repository = app.of(caller.tenant).deliveries();
    let HomeMails { mailing, mut deliveries } = repository.of(subject.home, Read::Consistent).await?;
    deliveries.sort_by_key(|delivery| delivery.at);
    let processed = repository.processed(subject.home).await?;
    // Without a delivery the connections say why there is none, once somebody has looked.
    let planned = match (&mailing, deliveries.iter().any(Delivery::counts)) {
        (None, false) => left(app, caller, subject).await?,
        (Some(_), _) | (None, true) => Vec::new(),
    };
    let unmailed = if mailing.is_some() { Unmailed::Armed } else { Unmailed::Left(&planned) };
    let standing = standing(subject.status, subject.shared, processed.as_ref(), &deliveries, unmailed);
    let view = DeliveriesView {
        accounting_status: standing.status,
        explanation: ReasonView::new(&standing.why, caller.language),
        shared: subject.shared.map(Into::into),
        processed: processed.as_ref().map(Into::into),
        deliveries: deliveries.iter().map(|delivery| DeliveryView::new(delivery, caller.language)).collect(),
    };
    Ok(InWords(caller.language, Shown(view)))
}

/// How the accountant finds a document (`client_action_needed`, `queued`, `ready_to_process`, `processed`, `error`), why, and all that
/// was mailed of it (ED-16).
#[utoipa::path(
    get, path = "/documents/{document}/deliveries", tag = "mail",
    responses((status = 200, body = DeliveriesView))
)]
pub async fn get_deliveries(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<InWords<Shown<DeliveriesView>>> {
    let document = load(&app, &caller, id).await?;
    check_sight(&caller, &document)?;
    told(&app, &caller, &Subject::from(&document)).await
}

/// How the accountant finds an issued document, why, and all that was mailed of it (ED-16).
#[utoipa::path(
    get, path = "/issued-documents/{issued}/deliveries", tag = "mail",
    responses((status = 200, body = DeliveriesView))
)]
pub async fn get_issued_deliveries(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Shown<DeliveriesView>>> {
    told(&app, &caller, &issued(&app, &caller, id).await?).await
}

/// Over which connection a document is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendBody {
    /// A connection of the document's administration.
    #[schema(schema_with = schema::one::<MailConnectionId>)]
    pub connection: MailConnectionId,
    /// The document's accounting status takes no notice of it (ED-20).
    #[serde(default)]
    pub quiet: bool,
}

/// The mail that a person asks for, over a connection that can send it.
async fn asked(app: &App, caller: &Caller, subject: &Subject, (body, nonce): (ResendBody, &str)) -> Answer<Delivery> {
    let not_now =
        |why: &str| Problem::new(Code::State, format!("This is not possible now: {why}.")).about(body.connection);
    let shared = subject.shared.ok_or_else(|| {
        let detail = "The document is not shared with the accountant yet: accept it, mark it as sent, archive it or put it into \
                      the shared folder. It is mailed then.";
        Problem::new(Code::State, detail).about(subject.home)
    })?;
    let tenant = app.of(caller.tenant);
    let settings = tenant.mail_connections(subject.administration).all(Read::Consistent).await?;
    let connection = settings.connections.iter().find(|connection| connection.id == body.connection);
    let connection = connection.ok_or_else(|| {
        let detail = "The document's administration has no such mail connection.";
        Problem::new(Code::UnknownReference, detail).at("/connection", detail)
    })?;
    if connection.sharing == Sharing::Off {
        return Err(not_now("the connection's switch 'share' is off; turn it on first"));
    }
    let package = tenant.mail_packages().get(connection.package, Read::Consistent).await?;
    let package = package.ok_or_else(|| not_now("the connection's package was deleted; choose another one for it"))?;
    let kind = MailKind::of(shared.how);
    let to = connection.addresses.of(kind, &package);
    let to = to.ok_or_else(|| not_now("the connection has no address for such documents; enter one first"))?;
    let purpose = Purpose::Accounting {
        connection: connection.id,
        also: Vec::new(),
        kind,
        pdf_alongside: connection.pdf_alongside(&package),
        quiet: Choice::from(body.quiet),
    };
    let asked = Asked {
        home: subject.home,
        administration: subject.administration,
        purpose,
        to,
        attach: package.attach,
        suspended: &settings.suspended,
        nonce,
    };
    Ok(delivery(app, caller, asked))
}

async fn resend(
    app: &App,
    caller: &Caller,
    subject: &Subject,
    (what, request): (&str, Creating<ResendBody>),
) -> Answer<Response> {
    let Creating { body, key, fingerprint } = request;
    once(app, caller, ("mail-again", key, fingerprint), async |nonce| {
        let wanted = asked(app, caller, subject, (body, &nonce)).await?;
        audit(
            app,
            caller,
            "delivery.asked_for",
            subject.home,
            Some(json!({ "delivery": wanted.id, "quiet": body.quiet })),
        )
        .await?;
        let repository = app.of(caller.tenant).deliveries();
        let recorded = repository.ask(&wanted, look_at(caller), &writer(caller, 2)).await?;
        let shown = match &recorded {
            Recorded::New => &wanted,
            Recorded::There(there) => there,
        };
        let location = format!("/{what}/{}/deliveries", subject.home);
        Ok(Made::accepted(location, DeliveryView::new(shown, caller.language)).in_words(caller.language))
    })
    .await
}

/// Sends a document to the accountant again, over a connection of its administration (ED-16, ED-20). To a suspended address it goes
/// once that is confirmed.
#[utoipa::path(
    post, path = "/documents/{document}/deliveries", tag = "mail",
    request_body = ResendBody,
    responses((status = 202, body = DeliveryView))
)]
pub async fn resend_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    request: Creating<ResendBody>,
) -> Answer<Response> {
    let subject = received(&app, &caller, id).await?;
    resend(&app, &caller, &subject, ("documents", request)).await
}

/// Sends an issued document to the accountant again, over a connection of its administration.
#[utoipa::path(
    post, path = "/issued-documents/{issued}/deliveries", tag = "mail",
    request_body = ResendBody,
    responses((status = 202, body = DeliveryView))
)]
pub async fn resend_issued(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    request: Creating<ResendBody>,
) -> Answer<Response> {
    let subject = issued(&app, &caller, id).await?;
    resend(&app, &caller, &subject, ("issued-documents", request)).await
}

async fn one(app: &App, caller: &Caller, home: Home, id: DeliveryId) -> Answer<Delivery> {
    let found = app.of(caller.tenant).deliveries().get(home, id).await?;
    found.ok_or_else(|| Problem::not_found("delivery", id))
}

fn worded(delivery: &Delivery, language: Language) -> InWords<Shown<DeliveryView>> {
    InWords(language, Shown(DeliveryView::new(delivery, language)))
}

async fn confirm(app: &App, caller: &Caller, home: Home, id: DeliveryId) -> Answer<InWords<Shown<DeliveryView>>> {
    let before = one(app, caller, home, id).await?;
    let after = before.after(DeliveryEvent::Confirm, None, caller.now).map_err(|error| stopped(error, id))?;
    audit(app, caller, "delivery.confirmed", id, None).await?;
    app.of(caller.tenant).deliveries().change(&before, &after, &writer(caller, 2)).await?;
    Ok(worded(&after, caller.language))
}

/// Says of an uncertain delivery that somebody saw it arrive. One that did not arrive is sent again.
#[utoipa::path(
    post, path = "/documents/{document}/deliveries/{delivery}/confirm", tag = "mail",
    responses((status = 200, body = DeliveryView))
)]
pub async fn confirm_delivery(
    State(app): State<App>,
    caller: Caller,
    Ids((document, id)): Ids<(DocumentId, DeliveryId)>,
) -> Answer<InWords<Shown<DeliveryView>>> {
    let subject = received(&app, &caller, document).await?;
    confirm(&app, &caller, subject.home, id).await
}

/// Says of an uncertain delivery of an issued document that somebody saw it arrive.
#[utoipa::path(
    post, path = "/issued-documents/{issued}/deliveries/{delivery}/confirm", tag = "mail",
    responses((status = 200, body = DeliveryView))
)]
pub async fn confirm_issued_delivery(
    State(app): State<App>,
    caller: Caller,
    Ids((document, id)): Ids<(IssuedId, DeliveryId)>,
) -> Answer<InWords<Shown<DeliveryView>>> {
    let subject = issued(&app, &caller, document).await?;
    confirm(&app, &caller, subject.home, id).await
}

async fn revoke(app: &App, caller: &Caller, home: Home, id: DeliveryId) -> Answer<Gone> {
    let delivery = one(app, caller, home, id).await?;
    let forwardings = app.of(caller.tenant).forwardings();
    let link = match &delivery.link {
        Some(secret) => forwardings.link(secret).await?,
        None => None,
    };
    let link = link.ok_or_else(|| Problem::new(Code::NotFound, "The mail holds no address.").about(id))?;
    forwardings.revoke_link(&link).await?;
    audit(app, caller, "link.revoked", id, None).await?;
    Ok(Gone)
}

/// Takes the address back that a mail holds: it opens nothing any more.
#[utoipa::path(
    delete, path = "/documents/{document}/deliveries/{delivery}/link", tag = "mail",
    responses((status = 204, description = "It opens nothing any more."))
)]
pub async fn revoke_delivery_link(
    State(app): State<App>,
    caller: Caller,
    Ids((document, id)): Ids<(DocumentId, DeliveryId)>,
) -> Answer<Gone> {
    let subject = received(&app, &caller, document).await?;
    revoke(&app, &caller, subject.home, id).await
}

/// Takes the address back that a mail of an issued document holds.
#[utoipa::path(
    delete, path = "/issued-documents/{issued}/deliveries/{delivery}/link", tag = "mail",
    responses((status = 204, description = "It opens nothing any more."))
)]
pub async fn revoke_issued_delivery_link(
    State(app): State<App>,
    caller: Caller,
    Ids((document, id)): Ids<(IssuedId, DeliveryId)>,
) -> Answer<Gone> {
    let subject = issued(&app, &caller, document).await?;
    revoke(&app, &caller, subject.home, id).await
}

async fn mark(
    app: &App,
    caller: &Caller,
    subject: &Subject,
    (what, processed): (&str, Option<Processed>),
) -> Answer<InWords<Shown<DeliveriesView>>> {
    audit(app, caller, what, subject.home, None).await?;
    app.of(caller.tenant).deliveries().mark_processed(subject.home, processed.as_ref()).await?;
    told(app, caller, subject).await
}

fn by_hand(caller: &Caller) -> Processed {
    Processed { by: caller.actor(), at: caller.now }
}

/// Marks a document as processed by hand (ED-16). Once more changes nothing but who did it last.
#[utoipa::path(
    put, path = "/documents/{document}/processed", tag = "mail",
    responses((status = 200, body = DeliveriesView))
)]
pub async fn mark_processed(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<InWords<Shown<DeliveriesView>>> {
    let subject = received(&app, &caller, id).await?;
    mark(&app, &caller, &subject, ("document.processed", Some(by_hand(&caller)))).await
}

/// Takes the mark back that a document was processed by hand.
#[utoipa::path(
    delete, path = "/documents/{document}/processed", tag = "mail",
    responses((status = 200, body = DeliveriesView))
)]
pub async fn unmark_processed(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<InWords<Shown<DeliveriesView>>> {
    let subject = received(&app, &caller, id).await?;
    mark(&app, &caller, &subject, ("document.not_processed", None)).await
}

/// Marks an issued document as processed by hand (ED-16).
#[utoipa::path(
    put, path = "/issued-documents/{issued}/processed", tag = "mail",
    responses((status = 200, body = DeliveriesView))
)]
pub async fn mark_issued_processed(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Shown<DeliveriesView>>> {
    let subject = issued(&app, &caller, id).await?;
    mark(&app, &caller, &subject, ("issued.processed", Some(by_hand(&caller)))).await
}

/// Takes the mark back that an issued document was processed by hand.
#[utoipa::path(
    delete, path = "/issued-documents/{issued}/processed", tag = "mail",
    responses((status = 200, body = DeliveriesView))
)]
pub async fn unmark_issued_processed(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Shown<DeliveriesView>>> {
    let subject = issued(&app, &caller, id).await?;
    mark(&app, &caller, &subject, ("issued.not_processed", None)).await
}
