//! eMAG: a document waits for its order, and is fetched from its address.

use crate::{
    bench::{self, Desk, Market as _, PDF, Paper},
    files::Files,
    turn::{Turn, assert_one, begin},
};
use chrono::TimeDelta;
use domain::sales::{Fulfilment, IssuedKind, MarketplaceOrder};
use ledgers::{Advance, ErrorCode, ErrorKind, Found, Ledger, Options, emag};
use simulators::{
    clock::Clock,
    emag::{
        Emag, FashionDays, seed,
        state::{Settings, Switch},
    },
    faults::{Effect, Fault, Stored},
    stand::{self, Books},
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// A shop of the house.
pub trait Shop: Books {
    const LEDGER: &'static dyn Ledger;
    fn state(&self) -> &Emag;
}

impl Shop for Emag {
    const LEDGER: &'static dyn Ledger = &emag::EMAG;

    fn state(&self) -> &Emag {
        self
    }
}

impl Shop for FashionDays {
    const LEDGER: &'static dyn Ledger = &emag::fashion_days::FASHION_DAYS;

    fn state(&self) -> &Emag {
        &self.0
    }
}

pub struct Market<S> {
    handle: stand::Handle<S>,
    files: Files,
    next: AtomicU32,
}

pub type EmagMarket = Market<Emag>;
pub type FashionDaysMarket = Market<FashionDays>;

impl EmagMarket {
    fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.handle.change(|state| change(&mut state.settings));
    }

    fn status(&self, status: i64) {
        self.handle.change(|state| state.order_mut(seed::ORDER).unwrap().status = status);
    }
}

impl<S: Shop> bench::Market for Market<S> {
    fn ledger() -> &'static dyn Ledger {
        S::LEDGER
    }

    async fn start() -> Self {
        let clock = Clock::stopped("2026-07-01T10:00:00Z".parse().unwrap());
        let handle = stand::Options::<S>::demo().clock(&clock).start().await.unwrap();
        Self { handle, files: Files::start(), next: AtomicU32::new(7) }
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            base_url: self.handle.base_url(),
            faults: self.handle.faults(),
            clock: self.handle.clock(),
            requests: self.handle.requests(),
        }
    }

    fn typed() -> &'static [(&'static str, &'static str)] {
        &[("user", seed::USER), ("password", seed::PASSWORD)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("user", seed::USER), ("password", "another one")]
    }

    fn invoice(&self) -> Paper {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let address = self.files.put(&format!("/i/6f1d0c2b9a/FV-{number}-2026.pdf"), 200, PDF);
        let paper = Paper::invoice(&seed::ORDER.to_string(), &format!("FV {number}/2026"), self.now());
        Paper { address: Some(address), ..paper }
    }

    fn shown(&self) -> Vec<(String, String)> {
        self.handle.read(|shop| {
            let orders = shop.state().orders.iter();
            let each = orders.flat_map(|order| order.attachments.iter().map(move |paper| (order, paper)));
            each.map(|(order, paper)| (order.id.to_string(), paper.name.split_once("FV").unwrap().1))
                .map(|(order, number)| (order, format!("FV{number}")))
                .collect()
        })
    }
}

async fn refused(market: &EmagMarket, paper: &Paper) -> (ErrorKind, ErrorCode) {
    let error = Turn::new(market).await.forward(paper).await.unwrap_err();
    assert!(error.message().ends_with('.') && error.message().len() > 40, "{}", error.message());
    (error.kind(), error.code())
}

#[tokio::test]
async fn a_document_waits_until_its_order_is_finalized() {
    let market = EmagMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    for status in [1, 2, 3] {
        market.status(status);
        let mut stored = None;
        let error = turn.step(&paper, &mut begin(&mut stored)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::OrderOpen);
        assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(Duration::from_mins(67)) });
    }
    assert_eq!(market.handle.requests().count("POST", "save"), 0);
    market.status(4);
    let forwarded = turn.forward(&paper).await.unwrap();
    assert_one(&market, &paper, &forwarded, "finalized");
    // Goods that came back were sold all the same.
    market.status(5);
    turn.forward(&market.invoice()).await.unwrap();
}

#[tokio::test]
async fn an_order_that_is_never_finalized_is_given_up_after_two_weeks() {
    let market = EmagMarket::start().await;
    market.status(3);
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    let error = turn.forward(&paper).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::OrderOpen));
    let waited = market.now() - paper.first_tried;
    assert!(waited >= TimeDelta::days(14) && waited < TimeDelta::days(15), "{waited}");
    assert!(turn.errors.len() < 90, "{}", turn.errors.len());
    assert_eq!(market.shown(), []);
    // A person finalizes it and tries again: that begins anew.
    market.status(4);
    let paper = Paper { first_tried: market.now(), ..paper };
    turn.forward(&paper).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_order_and_one_that_is_unknown_get_nothing() {
    let market = EmagMarket::start().await;
    let mut paper = market.invoice();
    paper.order = seed::CANCELLED.to_string();
    assert_eq!(refused(&market, &paper).await, (ErrorKind::Rejected, ErrorCode::OrderOpen));
    for order in ["999", "404-1234567", "-5", "0"] {
        paper.order = order.to_owned();
        assert_eq!(refused(&market, &paper).await, (ErrorKind::Rejected, ErrorCode::OrderUnknown), "{order}");
    }
    assert_eq!(market.shown(), []);
}

#[tokio::test]
async fn who_sends_the_goods_is_taken_from_the_order_as_it_was_read() {
    let market = EmagMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let place = MarketplaceOrder { fulfilled_by: Fulfilment::Seller, ..MarketplaceOrder::default() };
    let order = seed::SENT_BY_EMAG.to_string();
    let paper = Paper { order, place: Some(place), ..market.invoice() };
    turn.forward(&paper).await.unwrap();
    market.handle.read(|state| assert_eq!(state.order(seed::SENT_BY_EMAG).unwrap().attachments[0].order_type, 2));
}

#[tokio::test]
async fn invoices_pro_formas_and_corrections_have_types_and_names() {
    let market = EmagMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let options = Options::default().with("corrections", "on").with("title", "Factura");
    for (kind, name, number) in [
        (IssuedKind::Invoice, "Factura FV 7/2026", 1),
        (IssuedKind::ProForma, "Pro forma FV 8/2026", 11),
        (IssuedKind::Correction, "Credit note FV 9/2026", 1),
    ] {
        turn.forward(&Paper { kind, options: options.clone(), ..market.invoice() }).await.unwrap();
        market.handle.read(|state| {
            let last = state.order(seed::ORDER).unwrap().attachments.last().unwrap();
            assert_eq!((last.name.as_str(), last.kind, last.force_download), (name, number, 1));
            assert_eq!(last.bytes, PDF.len(), "it was fetched");
        });
    }
    let long = Paper { number: "N".repeat(80), ..market.invoice() };
    turn.forward(&long).await.unwrap();
    market.handle.read(|state| {
        assert_eq!(state.order(seed::ORDER).unwrap().attachments.last().unwrap().name.chars().count(), 60);
    });
}

#[tokio::test]
async fn an_address_that_does_not_give_a_pdf_is_noticed() {
    let market = EmagMarket::start().await;
    let gone = market.files.put("/i/gone.pdf", 403, b"expired");
    let page = market.files.put("/i/page.pdf", 200, b"<html>sign in</html>");
    for address in [gone, page] {
        let paper = Paper { address: Some(address), ..market.invoice() };
        assert_eq!(refused(&market, &paper).await, (ErrorKind::Rejected, ErrorCode::FileRefused));
    }
    for address in [None, Some("https://files.example/x"), Some("http://files.example/x.pdf")] {
        let before = market.requests();
        let paper = Paper { address: address.map(str::to_owned), ..market.invoice() };
        assert_eq!(refused(&market, &paper).await, (ErrorKind::Bug, ErrorCode::BadRequest));
        assert_eq!(market.requests(), before);
    }
    assert_eq!(market.shown(), []);
}

#[tokio::test]
async fn success_by_http_that_does_not_say_so_is_none() {
    for (body, stored) in [("{}", Stored::Yes), ("{}", Stored::No), (r#"{"isError":null}"#, Stored::Yes)] {
        let market = EmagMarket::start().await;
        let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
        let effect = Effect::Answer { status: 200, headers, body: body.to_owned(), stored };
        market.handle.faults().add(Fault::on("POST", "save", effect));
        let mut turn = Turn::new(&market).await;
        let paper = market.invoice();
        let forwarded = turn.forward(&paper).await.unwrap();
        let kinds: Vec<_> = turn.errors.iter().map(|error| (error.kind(), error.code())).collect();
        assert_eq!(kinds, [(ErrorKind::Unknown, ErrorCode::MalformedAnswer)]);
        assert_eq!(forwarded.found, if stored == Stored::Yes { Found::Again } else { Found::Created });
        assert_one(&market, &paper, &forwarded, body);
    }
}

/// The list of an order may say nothing of its documents: then they are asked for by themselves.
#[tokio::test]
async fn an_unclear_outcome_is_looked_up_by_our_address() {
    for shows in [Switch::On, Switch::Off] {
        let market = EmagMarket::start().await;
        market.settings(|settings| settings.order_shows_attachments = shows);
        market.handle.faults().add(Fault::on("POST", "save", Effect::hang(Stored::Yes)));
        let mut turn = Turn::new(&market).await;
        let paper = market.invoice();
        let forwarded = turn.forward(&paper).await.unwrap();
        assert_eq!(forwarded.found, Found::Again);
        assert_eq!(market.handle.requests().count("POST", "save"), 1, "{shows:?}");
        assert_eq!(market.handle.requests().count("POST", "attachments/read"), u64::from(shows == Switch::Off));
        assert_one(&market, &paper, &forwarded, "commit, then hang");
    }
}

#[tokio::test]
async fn an_error_in_unknown_words_is_believed_only_when_the_document_is_not_there() {
    for (commits, found) in [(Switch::On, true), (Switch::Off, false)] {
        let market = EmagMarket::start().await;
        market.settings(|settings| {
            (settings.unclear, settings.unclear_commits) = (Some("Something went wrong".to_owned()), commits);
        });
        let mut turn = Turn::new(&market).await;
        let paper = market.invoice();
        match turn.forward(&paper).await {
            Ok(forwarded) => {
                assert!(found);
                assert_eq!(forwarded.found, Found::Created);
                assert_one(&market, &paper, &forwarded, "committed");
            }
            Err(error) => {
                assert!(!found);
                assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Refused));
                assert_eq!(error.ledger_text(), Some("Something went wrong"));
            }
        }
        assert_eq!(market.handle.requests().count("POST", "save"), 1, "never sent twice");
    }
}

#[tokio::test]
async fn an_address_of_ours_that_is_not_allowed_stops_the_connection() {
    let market = EmagMarket::start().await;
    market.settings(|settings| settings.address_allowed = Switch::Off);
    let error = Turn::new(&market).await.forward(&market.invoice()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AddressNotAllowed));
    assert_eq!(error.code().reach(), ledgers::Reach::Connection);
}

#[tokio::test]
async fn the_limit_of_a_few_seconds_is_waited_out() {
    let market = EmagMarket::start().await;
    let mut turn = Turn::new(&market).await;
    for _ in 0..5 {
        turn.forward(&market.invoice()).await.unwrap();
    }
    assert_eq!(market.shown().len(), 5);
    let [error] = turn.errors.as_slice() else { panic!("{:?}", turn.errors) };
    assert_eq!(error.code(), ErrorCode::RateLimited);
    assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(Duration::from_secs(4)) }, "three, and one for clocks");
}

#[tokio::test]
async fn a_step_that_only_waits_leaves_what_is_stored_as_it_is() {
    let market = EmagMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let mut stored = None;
    let mut progress = begin(&mut stored);
    let advance = turn.step(&market.invoice(), &mut progress).await.unwrap();
    assert_eq!(advance, Advance::Next);
    assert_eq!(Some(progress.checkpoint()), stored.as_ref());
}
