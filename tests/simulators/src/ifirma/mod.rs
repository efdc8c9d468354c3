//! iFirma: each request is signed with a key of its area, refusals come with status 200 and a number, an accounting month
//! stands over everything, and nothing keeps two equal invoices apart.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::faults::{Fault, Stored};
//! use simulators::ifirma::{Ifirma, seed};
//! use simulators::stand::Options;
//!
//! let ifirma = Options::<Ifirma>::demo().start().await?;
//! let broken = simulators::ifirma::says(100, "Błąd techniczny", Stored::Yes);
//! ifirma.faults().add(Fault::on("POST", "fakturakraj.json", broken));
//! // ... a client works with ifirma.base_url() and seed::INVOICE_KEY ...
//! assert_eq!(ifirma.read(|state| state.sold(seed::LOGIN).len()), 1);
//! # Ok(())
//! # }
//! ```

mod api;
mod check;
mod fields;
mod invoices;
mod lists;
mod numbers;
mod records;
mod refusal;
pub mod seed;
pub mod signature;
pub mod state;
mod view;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use state::Ifirma;

use crate::faults::{Effect, Stored};
use crate::server::{Answer, Request};
use crate::stand::Books;

/// The ledger answers with a number and its words, before or after it did what was asked.
pub fn says(code: i64, text: &str, stored: Stored) -> Effect {
    Effect::Answer {
        status: 200,
        headers: BTreeMap::from([("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())]),
        body: serde_json::json!({ "response": { "Kod": code, "Informacja": text } }).to_string(),
        stored,
    }
}

impl Books for Ifirma {
    const SYSTEM: &'static str = "ifirma";
    const TITLE: &'static str = "iFirma";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        api::respond(self, now, request)
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // Keys do not end by themselves; whoever makes others takes these out of force.
        let login = signature::header(request).map(|given| given.login).unwrap_or_default();
        if let Some(account) = self.accounts.iter_mut().find(|account| account.login == login) {
            account.keys.values_mut().for_each(|key| *key = key.chars().rev().collect());
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        self.accounts.iter().flat_map(|account| &account.invoices).filter(|one| one.full_number == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}
