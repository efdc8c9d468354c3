//! Multivers and Boekhoud Gemak, two products with one API: OAuth with the registration in the form, lists with a small
//! part of `OData`, invoices and journal entries with their rules, Dutch dates. What nobody is sure of is a switch.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::faults::{Effect, Fault, Stored};
//! use simulators::multivers::Multivers;
//! use simulators::stand::Options;
//!
//! let multivers = Options::<Multivers>::demo().start().await?;
//! multivers.faults().add(Fault::on("POST", "SupplierInvoice", Effect::hang(Stored::Yes)));
//! // ... a client works with multivers.base_url() ...
//! assert_eq!(multivers.read(|books| books.0.databases[0].invoices.len()), 1);
//! # Ok(())
//! # }
//! ```

mod api;
pub mod auth;
mod entries;
mod fields;
mod invoices;
mod lists;
mod refusal;
mod relations;
pub mod seed;
pub mod state;
mod view;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use state::State;

use crate::server::{Answer, Request};
use crate::stand::Books;

/// A product of the family, with its own registrations and books.
pub trait Product: Books {
    /// The secret of our registration with the demo's books.
    const SECRET: &'static str;
    /// The first of the demo's administrations.
    const DATABASE: &'static str;

    /// What is in it.
    fn state(&self) -> &State;

    /// What is in it, to be changed.
    fn state_mut(&mut self) -> &mut State;
}

macro_rules! products {
    ($($(#[$doc:meta])* $name:ident: $system:literal, $title:literal, $secret:literal, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub State);

        impl Product for $name {
            const SECRET: &'static str = $secret;
            const DATABASE: &'static str = concat!($prefix, "00124");

            fn state(&self) -> &State {
                &self.0
            }

            fn state_mut(&mut self) -> &mut State {
                &mut self.0
            }
        }

        impl Books for $name {
            const SYSTEM: &'static str = $system;
            const TITLE: &'static str = $title;

            fn demo() -> Self {
                Self(seed::demo($secret, $prefix))
            }

            fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
                api::answer(&mut self.0, now, request)
            }

            fn expire_token(&mut self, now: DateTime<Utc>, request: &Request) {
                if let Some(expires) = request.bearer().and_then(|token| self.0.access_tokens.get_mut(token)) {
                    *expires = now;
                }
            }

            fn page(&self) -> String {
                view::page(&self.0, $title)
            }

            fn booked(&self, number: &str) -> usize {
                let invoices = self.0.databases.iter().flat_map(|books| &books.invoices);
                invoices.filter(|invoice| invoice.reference == number).count()
            }

            fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
                view::control(&mut self.0, request, first)
            }
        }
    )*};
}

products! {
    /// Multivers.
    Multivers: "multivers", "Multivers", "multivers-demo-secret", "MVL";
    /// Boekhoud Gemak, the edition for offices of accountants.
    BoekhoudGemak: "boekhoudgemak", "Boekhoud Gemak", "boekhoudgemak-demo-secret", "BGM";
}
