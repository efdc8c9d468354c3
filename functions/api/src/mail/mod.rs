//! E-mail delivery: packages of the office, connections of its clients, and what was mailed (section 4 of the reference behaviour).
//! Nothing here sends: deliveries are recorded, and `email-delivery` makes and sends the mails.

mod connections;
mod customer_text;
mod deliveries;
mod lists;
mod packages;
mod runs;
mod trial;
mod views;

pub use connections::*;
pub use customer_text::*;
pub use deliveries::*;
pub use lists::*;
pub use packages::*;
pub use runs::*;
pub use trial::*;
pub use views::*;

use crate::{
    app::App,
    auth::Caller,
    documents,
    extract::{Fingerprint, IdempotencyKey},
    idempotency::guarded,
    problem::{Answer, Problem},
    reply::Made,
    sales,
};
use axum::response::{IntoResponse, Response};
use domain::{
    document::{Document, Shared, Status},
    ids::{AdministrationId, DocumentId, IssuedId},
    mail::{AskedDelivery, Attach, Delivery, EmailAddress, Form, Home, Plans, Purpose, Suspension},
    office::Choice,
    sales::{Issued, Passing},
    time::{Instant, TimeZone},
};
use serde::Serialize;
use store::{Writer, settings::AuditEntry};

/// A document as far as it concerns the accountant.
#[derive(Debug, Clone, Copy)]
struct Subject {
    /// What its deliveries stand with.
    home: Home,
    /// Of which administration.
    administration: AdministrationId,
    /// Where it stands; of an issued one whether the ledger has it is all that counts.
    status: Status,
    /// That it is shared.
    shared: Option<Shared>,
    /// Whether a ledger has it.
    is_booked: Choice,
}

impl Subject {
    /// What decides where it goes, once it is shared.
    fn plans(&self, zone: TimeZone) -> Option<Plans> {
        self.shared.map(|shared| Plans::new(shared, self.is_booked, zone))
    }
}

impl From<&Document> for Subject {
    fn from(document: &Document) -> Self {
        Self {
            home: Home::Received(document.id),
            administration: document.administration,
            status: document.status,
            shared: document.shared,
            is_booked: Choice::from(document.is_booked()),
        }
    }
}

impl From<&Issued> for Subject {
    fn from(issued: &Issued) -> Self {
        let status = match issued.passing {
            Passing::Passed => Status::Posted,
            Passing::NotPassed | Passing::Withheld | Passing::Passing | Passing::Failed | Passing::Uncertain => {
                Status::Shared
            }
        };
        Self {
            home: Home::Issued(issued.id),
            administration: issued.administration,
            status,
            shared: issued.shared,
            is_booked: Choice::from(issued.is_booked()),
        }
    }
}

/// A received document that the caller may see.
async fn received(app: &App, caller: &Caller, id: DocumentId) -> Answer<Subject> {
    Ok(Subject::from(&documents::load(app, caller, id).await?))
}

/// An issued document that the caller may see.
async fn issued(app: &App, caller: &Caller, id: IssuedId) -> Answer<Subject> {
    Ok(Subject::from(&sales::issued(app, caller, id).await?))
}

/// What is known of a delivery before it is asked for.
struct Asked<'a> {
    home: Home,
    administration: AdministrationId,
    purpose: Purpose,
    to: &'a EmailAddress,
    attach: Attach,
    suspended: &'a [Suspension],
    /// What asked for it: the same one twice is one delivery.
    nonce: &'a str,
}

/// A delivery that goes out now; one to a suspended address waits until somebody confirms that (ED-25).
fn delivery(app: &App, caller: &Caller, asked: Asked<'_>) -> Delivery {
    let id = app.of(caller.tenant).deliveries().id(asked.home, &asked.to.mailbox(), asked.nonce);
    let is_held = Suspension::holds(asked.suspended, asked.to);
    let asked = AskedDelivery {
        id,
        home: asked.home,
        administration: asked.administration,
        purpose: asked.purpose,
        to: asked.to.clone(),
        form: Form::from(asked.attach),
        is_held,
        due: caller.now,
        by: caller.actor(),
    };
    Delivery::asked(asked, caller.now)
}

/// Does once for each key what asks for mails; what tells a mail that is asked for from others is made from the key.
async fn once<V: Serialize>(
    app: &App,
    caller: &Caller,
    (what, key, fingerprint): (&str, Option<IdempotencyKey>, Fingerprint),
    work: impl AsyncFnOnce(String) -> Answer<Made<V>>,
) -> Answer<Response> {
    match key {
        None => work(caller.request.to_string()).await.map(IntoResponse::into_response),
        Some(key) => {
            let nonce = format!("{}/{}", caller.user.id, key.as_str());
            guarded(app, caller, (what, &key), fingerprint, async || work(nonce).await).await
        }
    }
}

/// Puts into the audit record what the caller did about a mail.
async fn audit(
    app: &App,
    caller: &Caller,
    what: &str,
    subject: impl std::fmt::Display,
    after: Option<serde_json::Value>,
) -> Answer<()> {
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: what.to_owned(),
        subject: subject.to_string(),
        before: None,
        after,
    };
    Ok(app.of(caller.tenant).audit().append(&entry, &caller.writer()).await?)
}

/// The writer of a write of this request, counted from 1: the first is its own entry's.
fn writer(caller: &Caller, write: u32) -> Writer {
    Writer::new(&caller.request, write)
}

/// When what was asked for now is looked at, if nobody does so before.
fn look_at(caller: &Caller) -> Instant {
    caller.now + store::mail::LOOKED_AT_AFTER
}

fn stopped(error: domain::mail::Stopped, id: impl std::fmt::Display) -> Problem {
    Problem::new(crate::problem::Code::State, format!("This is not possible: {error}.")).about(id)
}
