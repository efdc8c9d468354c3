//! What the suite needs of a ledger's simulator.

pub use crate::failure::{Failure, LATE};

use crate::work::Work;
use chrono::{NaiveDate, TimeDelta};
use domain::{
    sales::{Capability, IssuedKind, SalesVat},
    time::Instant,
};
use ledgers::{App, Endpoint, ErrorCode, ErrorKind, Ledger, Options, Secret, Target};
use rust_decimal::Decimal;
use serde::Deserialize;
use simulators::{clock::Clock, faults::Faults};
use std::collections::BTreeMap;

/// What a ledger's simulator has, whichever it is.
pub struct Desk<'a> {
    pub base_url: &'a str,
    pub faults: &'a Faults,
    pub clock: &'a Clock,
    /// Requests so far.
    pub requests: u64,
}

/// A refusal of the ledger's catalogue: how it comes about, and what is to be told.
pub struct Refusal<B> {
    /// As the ledger calls it.
    pub name: &'static str,
    /// Brings it about.
    pub prepare: fn(&B, &mut Work),
    pub kind: ErrorKind,
    pub code: ErrorCode,
    /// Whether the document passes at once when what was wrong is mended.
    pub mend: Option<fn(&B, &mut Work)>,
}

/// A value of the settings, and what the simulator shows of it.
pub struct Linked {
    pub value: &'static str,
    pub shown: &'static str,
    /// What it shows without a link.
    pub usual: &'static str,
}

/// A ledger's simulator with an account in it.
pub trait Bench: Sized {
    fn ledger() -> &'static dyn Ledger;
    async fn start() -> Self;
    fn desk(&self) -> Desk<'_>;

    /// What a person types in.
    fn typed() -> &'static [(&'static str, &'static str)];
    /// The same with a secret that the ledger does not know.
    fn wrongly_typed() -> &'static [(&'static str, &'static str)];
    /// Options with which every document of the suite is taken.
    fn options() -> Options {
        Options::default()
    }

    /// The ledger's word for a kind of document.
    fn kind(kind: IssuedKind) -> &'static str;
    /// The ledger's word for how a line is taxed.
    fn vat(vat: SalesVat) -> String;
    /// The country as the ledger keeps it.
    fn country(code: &str) -> String {
        code.to_owned()
    }
    /// Whether the ledger keeps the buyer's address for mail with a document.
    fn keeps_email() -> bool {
        true
    }
    /// When the ledger says that a document is due of which it was told nothing.
    fn due_without_one(issued: NaiveDate) -> Option<NaiveDate> {
        let _ = issued;
        None
    }
    /// A series of the books, where series can be linked.
    fn series() -> Linked;
    /// A payment type of the books, where payment types can be linked.
    fn payment() -> Linked;
    /// Whether the total of the simulator's document of a correction is a difference.
    fn corrections_are_differences() -> bool {
        true
    }
    /// Refusals with a cause that the simulator knows.
    fn refusals() -> Vec<Refusal<Self>>;
    /// Has the next PDF not be ready at once; `false` where it always is.
    fn delays_pdf(&self) -> bool;
    /// Whether a document has a PDF.
    fn has_pdf(kind: IssuedKind) -> bool {
        let _ = kind;
        true
    }
    /// How many requests of a pass follow the one that makes the document.
    fn requests_after_making() -> u64 {
        0
    }
    /// The ledger's own id in what is stored as one.
    fn own_id(id: &str) -> &str {
        id
    }
    /// Whether the public page of a document is known when it is found again.
    fn finds_links() -> bool {
        true
    }
    /// Whether a document is found by nothing but what it says; else what was stored before it was sent is needed.
    fn found_without_checkpoint() -> bool {
        true
    }
    /// What the simulator is asked to show, where it has more than one account.
    fn shown() -> &'static str {
        ""
    }
    /// A document as it is known here, where the simulator shows it in another way.
    fn as_known(standing: Standing) -> Standing {
        standing
    }
    /// Removes a document, as a person does.
    fn remove(&self, id: &str);

    fn app() -> App {
        App { client_id: "ledgerpost".into(), client_secret: Secret::new("none"), redirect_uri: String::new() }
    }

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
    fn fail(&self, skip: usize, failure: Failure) {
        self.desk().faults.add(failure.after(skip));
    }

    fn requests(&self) -> u64 {
        self.desk().requests
    }

    fn can(capability: Capability) -> bool {
        Self::ledger().descriptor().capabilities.invoicing.unwrap().contains(&capability)
    }

    /// The ledger's documents, as the simulator shows them.
    async fn documents(&self) -> Vec<Standing> {
        #[derive(Deserialize)]
        struct Shown {
            documents: Vec<Standing>,
        }
        drop(rustls::crypto::ring::default_provider().install_default());
        let url = format!("{}/_sim/documents{}", self.desk().base_url, Self::shown());
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        let shown = serde_json::from_str::<Shown>(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        shown.documents.into_iter().map(Self::as_known).collect()
    }
}

/// Packs what a person typed in.
pub fn packed<B: Bench>(typed: &[(&str, &str)]) -> Secret {
    let values: BTreeMap<String, String> =
        typed.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    B::ledger().descriptor().typed(&values).unwrap()
}

/// A document as it stands in the simulator, whatever ledger it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Standing {
    pub id: String,
    pub number: String,
    pub kind: String,
    pub reference: String,
    pub series: String,
    pub issued: Option<NaiveDate>,
    pub sold: Option<NaiveDate>,
    pub due: Option<NaiveDate>,
    pub currency: String,
    pub payment: String,
    pub paid: Decimal,
    pub buyer: StandingBuyer,
    pub lines: Vec<StandingLine>,
    pub totals: Totals,
    pub corrects: Option<String>,
}

/// Who bought.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StandingBuyer {
    pub name: String,
    pub tax_number: String,
    pub street: String,
    pub zip: String,
    pub city: String,
    pub country: String,
    pub email: String,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StandingLine {
    pub name: String,
    pub quantity: Decimal,
    pub vat: String,
    pub sku: String,
    pub amounts: Totals,
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Totals {
    pub net: Decimal,
    pub vat: Decimal,
    pub gross: Decimal,
}
