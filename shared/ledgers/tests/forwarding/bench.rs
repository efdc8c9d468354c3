//! What the suite needs of a marketplace's simulator, and the documents that it forwards.

pub use crate::failure::{Failure, LATE};

use chrono::TimeDelta;
use domain::{
    sales::{IssuedKind, MarketplaceOrder},
    time::Instant,
};
use ledgers::{App, Endpoint, ForwardRequest, Ledger, Options, Secret, Target};
use rust_decimal::{Decimal, dec};
use simulators::{clock::Clock, faults::Faults, requests::Requests};
use std::collections::BTreeMap;

/// A small PDF.
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// What a marketplace's simulator has, whichever it is.
pub struct Desk<'a> {
    pub base_url: &'a str,
    pub faults: &'a Faults,
    pub clock: &'a Clock,
    pub requests: &'a Requests,
}

/// A marketplace's simulator with a seller in it.
pub trait Market: Sized {
    fn ledger() -> &'static dyn Ledger;
    async fn start() -> Self;
    fn desk(&self) -> Desk<'_>;

    /// What a person types in.
    fn typed() -> &'static [(&'static str, &'static str)];
    /// The same with a secret that the marketplace does not know.
    fn wrongly_typed() -> &'static [(&'static str, &'static str)];
    fn app() -> App {
        App { client_id: "ledgerpost".into(), client_secret: Secret::new("none"), redirect_uri: String::new() }
    }
    /// An invoice of an order that takes one, another one each time.
    fn invoice(&self) -> Paper;
    /// The documents that customers see: order and number as far as the marketplace knows it.
    fn shown(&self) -> Vec<(String, String)>;

    fn target(&self) -> Target {
        Target { endpoint: Endpoint::test(self.desk().base_url).unwrap(), division: None }
    }

    fn now(&self) -> Instant {
        self.desk().clock.now()
    }

    fn advance(&self, by: TimeDelta) {
        self.desk().clock.advance(by);
    }

    /// Fails the request that comes after `skip` others.
    fn fail(&self, skip: u64, failure: Failure) {
        self.desk().faults.add(failure.after(usize::try_from(skip).unwrap()));
    }

    fn requests(&self) -> u64 {
        self.desk().requests.total()
    }
}

/// Packs what a person typed in.
pub fn packed<M: Market>(typed: &[(&str, &str)]) -> Secret {
    let values: BTreeMap<String, String> =
        typed.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    M::ledger().descriptor().typed(&values).unwrap()
}

/// A document to be forwarded.
#[derive(Clone)]
pub struct Paper {
    pub order: String,
    pub place: Option<MarketplaceOrder>,
    pub kind: IssuedKind,
    pub number: String,
    pub gross: Decimal,
    pub vat: Decimal,
    pub pdf: Vec<u8>,
    pub address: Option<String>,
    pub first_tried: Instant,
    /// The marketplace's ids of other documents.
    pub others: Vec<String>,
    pub options: Options,
}

impl Paper {
    /// An invoice of an order.
    pub fn invoice(order: &str, number: &str, now: Instant) -> Self {
        Self {
            order: order.to_owned(),
            place: None,
            kind: IssuedKind::Invoice,
            number: number.to_owned(),
            gross: dec!(123.00),
            vat: dec!(23.00),
            pdf: PDF.to_vec(),
            address: None,
            first_tried: now,
            others: Vec::new(),
            options: Options::default(),
        }
    }

    pub fn request<'a>(&'a self, others: &'a [&'a str]) -> ForwardRequest<'a> {
        ForwardRequest {
            order: &self.order,
            place: self.place.as_ref(),
            kind: self.kind,
            number: &self.number,
            currency: "PLN".parse().unwrap(),
            gross: self.gross,
            vat: self.vat,
            pdf: &self.pdf,
            address: self.address.as_deref(),
            first_tried: self.first_tried,
            others,
            options: &self.options,
        }
    }
}
