//! Firmao: a login for an organisation in the address, numbers that are asked for first and must then still be free,
//! totals that must fit the lines, and a list of changes as the answer.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::faults::{Effect, Fault, Stored};
//! use simulators::firmao::{Firmao, seed};
//! use simulators::stand::Options;
//!
//! let firmao = Options::<Firmao>::demo().start().await?;
//! firmao.faults().add(Fault::on("POST", "transactions", Effect::hang(Stored::Yes)));
//! // ... a client works with firmao.base_url(), seed::LOGIN and seed::PASSWORD ...
//! assert_eq!(firmao.read(|state| state.sold(seed::ORGANISATION).len()), 1);
//! # Ok(())
//! # }
//! ```

mod api;
mod customers;
mod fields;
mod filters;
mod numbers;
mod records;
mod refusal;
pub mod seed;
pub mod state;
mod transactions;
mod view;

use chrono::{DateTime, Utc};

pub use state::Firmao;

use crate::server::{Answer, Request};
use crate::stand::Books;

impl Books for Firmao {
    const SYSTEM: &'static str = "firmao";
    const TITLE: &'static str = "Firmao";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        api::answer(self, now, request)
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // Passwords do not end by themselves; whoever makes another one takes this out of force.
        let id = request.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if let Some(organisation) = self.organisation_mut(id) {
            organisation.password.push('!');
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        self.organisations.iter().flat_map(|books| &books.transactions).filter(|one| one.number == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}
