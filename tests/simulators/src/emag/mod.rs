//! eMAG's Marketplace API: users with passwords, a list of addresses that may call, orders with a status, and documents that it
//! fetches from the address it is given. What nobody is sure of is a switch.

mod api;
mod fetch;
mod save;
pub mod seed;
pub mod state;
mod view;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use state::{Attachment, Emag, Order, User};

use crate::server::{Answer, Request};
use crate::stand::Books;

/// Fashion Days: another shop of the same house, with the same API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FashionDays(pub Emag);

impl Books for FashionDays {
    const SYSTEM: &'static str = "fashion-days";
    const TITLE: &'static str = "Fashion Days";

    fn demo() -> Self {
        Self(seed::demo())
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        self.0.answer(now, request)
    }

    fn expire_token(&mut self, now: DateTime<Utc>, request: &Request) {
        self.0.expire_token(now, request);
    }

    fn page(&self) -> String {
        self.0.page()
    }

    fn booked(&self, number: &str) -> usize {
        self.0.booked(number)
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        self.0.control(request, first)
    }
}
