//! Twinfield: `OpenID` Connect with a check of the access token that names the server, the SOAP services that Ledgerpost
//! uses, credits, refusals in English and Dutch on the elements that are wrong, and double-entry books.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::faults::{Effect, Fault, Stored};
//! use simulators::stand::Options;
//! use simulators::twinfield::{Twinfield, seed};
//!
//! let twinfield = Options::<Twinfield>::demo().start().await?;
//! twinfield.faults().add(Fault::on("POST", "processxml", Effect::hang(Stored::Yes)));
//! // ... a client works with twinfield.base_url() ...
//! assert_eq!(twinfield.read(|books| books.office(seed::OFFICE).unwrap().transactions.len()), 1);
//! # Ok(())
//! # }
//! ```

pub mod auth;
pub mod books;
mod browse;
mod finder;
mod messages;
mod periods;
mod process;
mod rules;
pub mod seed;
mod service;
mod transaction;
mod view;
pub mod xml;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::Deserialize;

pub use books::Twinfield;

use crate::control;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// Closes or opens a period.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodChange {
    office: String,
    year: i32,
    period: u32,
    #[serde(default)]
    closed: bool,
}

/// Registers another address that consents come back to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    id: String,
    redirect_uri: String,
}

impl Books for Twinfield {
    const SYSTEM: &'static str = "twinfield";
    const TITLE: &'static str = "Twinfield";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        if let Some(path) = request.path.strip_prefix("/auth/authentication/connect/") {
            return match (path, &request.method) {
                ("authorize", &Method::GET) => auth::authorize(self, now, request),
                ("token", &Method::POST) => auth::token(self, now, request),
                ("accesstokenvalidation", &Method::GET) => auth::validate(self, now, request),
                ("userinfo", &Method::GET) => auth::user_info(self, now, request),
                _ => Answer::empty(StatusCode::NOT_FOUND),
            };
        }
        match request.path.trim_start_matches('/').split_once("/webservices/") {
            Some((cluster, called)) => service::answer(self, now, cluster, called, request),
            None => Answer::empty(StatusCode::NOT_FOUND),
        }
    }

    fn expire_token(&mut self, now: DateTime<Utc>, request: &Request) {
        if let Some(token) = service::token_of(request)
            && let Some(known) = self.access_tokens.iter_mut().find(|known| known.token == token)
        {
            known.expires = now;
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        self.organisations
            .iter()
            .flat_map(|organisation| &organisation.offices)
            .flat_map(|office| &office.transactions)
            .filter(|transaction| transaction.invoice_number == number)
            .count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        let done = match (&request.method, first) {
            (&Method::POST, "periods") => control::body::<PeriodChange>(request).map(|change| {
                self.office_mut(&change.office).map(|office| office.close(change.year, change.period, change.closed))
            }),
            (&Method::POST, "apps") => control::body::<Registration>(request).map(|registration| {
                let app = self.apps.iter_mut().find(|app| app.id == registration.id);
                app.map(|app| {
                    app.redirect_uris.retain(|known| *known != registration.redirect_uri);
                    app.redirect_uris.push(registration.redirect_uri);
                })
            }),
            _ => return None,
        };
        Some(match done {
            Ok(Some(())) => Answer::empty(StatusCode::NO_CONTENT),
            Ok(None) => control::wrong(StatusCode::NOT_FOUND, "there is none"),
            Err(refused) => refused,
        })
    }
}
