//! wFirma: three keys in headers, a company in the query, records under numbered keys, refusals with status 200, numbers
//! made of a series' template, and references that are not unique.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::faults::{Fault, Stored};
//! use simulators::stand::Options;
//! use simulators::wfirma::{Wfirma, seed};
//!
//! let wfirma = Options::<Wfirma>::demo().start().await?;
//! wfirma.faults().add(Fault::on("POST", "invoices/add", simulators::wfirma::says("FATAL", Stored::Yes)));
//! // ... a client works with wfirma.base_url() and seed::ACCESS_KEY ...
//! assert_eq!(wfirma.read(|state| state.sold(seed::COMPANY).len()), 1);
//! # Ok(())
//! # }
//! ```

mod api;
mod envelope;
mod fields;
mod find;
mod invoices;
mod numbers;
mod records;
pub mod seed;
pub mod state;
mod view;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use state::Wfirma;

use crate::faults::{Effect, Stored};
use crate::server::{Answer, Request};
use crate::stand::Books;

/// The ledger answers with a status code and nothing else, before or after it did what was asked.
pub fn says(code: &str, stored: Stored) -> Effect {
    Effect::Answer {
        status: 200,
        headers: BTreeMap::from([("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())]),
        body: serde_json::json!({ "status": { "code": code } }).to_string(),
        stored,
    }
}

impl Books for Wfirma {
    const SYSTEM: &'static str = "wfirma";
    const TITLE: &'static str = "wFirma";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        api::answer(self, now, request)
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // Keys do not end by themselves; whoever edits them in the panel gets other ones.
        let given = request.header("accesskey").unwrap_or_default();
        self.users.retain(|user| user.access_key != given);
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        self.companies.iter().flat_map(|company| &company.invoices).filter(|one| one.full_number == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}
