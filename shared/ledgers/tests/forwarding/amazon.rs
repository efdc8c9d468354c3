//! Amazon: a feed that is processed is not accepted, and nothing that is listed names a document.

use crate::{
    bench::{Desk, Failure, Market, PDF, Paper},
    turn::{Turn, assert_one, begin},
};
use chrono::TimeDelta;
use domain::sales::{IssuedKind, MarketplaceOrder};
use ledgers::{
    Advance, App, Checkpoint, ErrorCode, ErrorKind, ForwardedAs, Found, Ledger, LedgerError, Options, Progress, Reach,
    Secret, amazon::Amazon as Connector,
};
use rust_decimal::dec;
use simulators::{
    amazon::{
        Amazon, Feed, seed,
        state::{Fate, Packing, Settings},
    },
    clock::Clock,
    faults::{Effect, Fault, Stored},
    stand,
};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

pub struct AmazonMarket {
    handle: stand::Handle<Amazon>,
    next: AtomicU32,
}

impl AmazonMarket {
    fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.handle.change(|state| change(&mut state.settings));
    }

    fn feeds(&self) -> Vec<Feed> {
        self.handle.read(|state| state.feeds.clone())
    }

    fn count(&self, method: &str, path: &str) -> u64 {
        self.handle.requests().count(method, path)
    }
}

impl Market for AmazonMarket {
    fn ledger() -> &'static dyn Ledger {
        &Connector
    }

    async fn start() -> Self {
        let clock = Clock::stopped("2026-07-01T10:00:00Z".parse().unwrap());
        let handle = stand::Options::<Amazon>::demo().clock(&clock).start().await.unwrap();
        Self { handle, next: AtomicU32::new(7) }
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
        &[("refresh_token", seed::REFRESH_TOKEN)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("refresh_token", "Atzr|another")]
    }

    fn app() -> App {
        App {
            client_id: seed::CLIENT_ID.into(),
            client_secret: Secret::new(seed::CLIENT_SECRET),
            redirect_uri: String::new(),
        }
    }

    fn invoice(&self) -> Paper {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = MarketplaceOrder { site: Some(seed::POLAND.parse().unwrap()), ..MarketplaceOrder::default() };
        let order = format!("404-1234567-123456{number}");
        Paper { place: Some(place), ..Paper::invoice(&order, &format!("FV {number}/2026"), self.now()) }
    }

    fn shown(&self) -> Vec<(String, String)> {
        self.handle
            .read(|state| state.shown().map(|feed| (feed.order().to_owned(), feed.number().to_owned())).collect())
    }
}

/// What is told of a document that is not forwarded.
async fn refused(market: &AmazonMarket, paper: &Paper) -> LedgerError {
    let error = Turn::new(market).await.forward(paper).await.unwrap_err();
    assert!(error.message().ends_with('.') && error.message().len() > 40, "{}", error.message());
    assert_eq!(market.shown(), [], "{error}");
    error
}

#[tokio::test]
async fn a_document_arrives_with_all_that_amazon_wants_to_know() {
    let market = AmazonMarket::start().await;
    let mut turn = Turn::new(&market).await;
    turn.forward(&market.invoice()).await.unwrap();
    let mut credit = market.invoice();
    credit.place.as_mut().unwrap().shipment = Some("DkL7pXz1N".parse().unwrap());
    (credit.kind, credit.gross, credit.vat) = (IssuedKind::Correction, dec!(-12.3), dec!(-2.3));
    credit.number = "KOR#9\u{a0}_/2026".to_owned();
    credit.options = Options::default().with("corrections", "on").with("marketplace", "A1PA6795UKMFR9");
    turn.forward(&credit).await.unwrap();
    let [invoice, credit] = market.feeds().try_into().unwrap();
    let pairs = |feed: &Feed| -> Vec<String> {
        feed.options.iter().map(|(key, value)| format!("{}={value}", key.strip_prefix("metadata:").unwrap())).collect()
    };
    assert_eq!(
        pairs(&invoice),
        [
            "documenttype=Invoice",
            "invoicenumber=FV 7/2026",
            "orderid=404-1234567-1234567",
            "totalamount=123.00",
            "totalvatamount=23.00"
        ]
    );
    assert_eq!(
        pairs(&credit),
        [
            "documenttype=CreditNote",
            "invoicenumber=KOR9/2026",
            "shippingid=DkL7pXz1N",
            "totalamount=12.30",
            "totalvatamount=2.30"
        ]
    );
    assert_eq!(credit.marketplaces, [seed::POLAND], "the order says it, not the connection");
    assert_eq!(market.handle.read(|state| state.documents[0].bytes), Some(PDF.len()));
}

#[tokio::test]
async fn the_shop_is_that_of_the_order_or_of_the_connection_and_european() {
    let market = AmazonMarket::start().await;
    let without = Paper { place: None, ..market.invoice() };
    let error = refused(&market, &without).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::MandatoryField));
    let place = MarketplaceOrder { site: Some("ATVPDKIKX0DER".parse().unwrap()), ..MarketplaceOrder::default() };
    let error = refused(&market, &Paper { place: Some(place), ..market.invoice() }).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Unsupported));
    assert_eq!(market.count("POST", "documents"), 0);
    let options = Options::default().with("marketplace", "A1PA6795UKMFR9");
    Connector.descriptor().check(&options).unwrap();
    Turn::new(&market).await.forward(&Paper { options, ..without }).await.unwrap();
    assert_eq!(market.feeds()[0].marketplaces, ["A1PA6795UKMFR9"]);
}

#[tokio::test]
async fn what_amazon_does_not_take_is_refused_before_anything_is_sent() {
    let market = AmazonMarket::start().await;
    let mut large = market.invoice();
    large.pdf.resize(1_000_001, b' ');
    let mut nameless = market.invoice();
    nameless.number = "###".to_owned();
    let mut pro_forma = market.invoice();
    pro_forma.kind = IssuedKind::ProForma;
    for (paper, code) in
        [(large, ErrorCode::FileTooLarge), (nameless, ErrorCode::MandatoryField), (pro_forma, ErrorCode::Unsupported)]
    {
        let error = refused(&market, &paper).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code));
    }
    assert_eq!(market.count("POST", "feeds"), 0);
}

#[tokio::test]
async fn every_row_of_a_report_is_told_and_what_was_wrong_can_be_mended() {
    for (code, text, kind, fact) in [
        ("79503", "The file is not a valid PDF", ErrorKind::Rejected, ErrorCode::FileRefused),
        ("79513", "Please provide metadata:orderid", ErrorKind::Bug, ErrorCode::BadRequest),
        ("FeatureNotAvailable", "Not enabled", ErrorKind::Rejected, ErrorCode::SellerNotEnabled),
        ("79531", "The VAT number does not fit", ErrorKind::Rejected, ErrorCode::Refused),
    ] {
        for packing in [Packing::None, Packing::Gzip] {
            let market = AmazonMarket::start().await;
            market.settings(|settings| {
                settings.packing = packing;
                settings.refuses_with = Some((code.to_owned(), text.to_owned()));
            });
            let paper = market.invoice();
            let mut turn = Turn::new(&market).await;
            let mut stored = None;
            let error = turn.run(&paper, &mut stored).await.unwrap_err();
            assert_eq!((error.kind(), error.code()), (kind, fact), "{code}");
            assert_eq!(error.ledger_text(), Some(format!("{code} {text}").as_str()));
            assert_eq!(error.code().reach() == Reach::Connection, fact == ErrorCode::SellerNotEnabled);
            market.settings(|settings| settings.refuses_with = None);
            let forwarded = turn.run(&paper, &mut stored).await.unwrap();
            assert_eq!(forwarded.found, Found::Created);
            assert_one(&market, &paper, &forwarded, code);
        }
    }
}

#[tokio::test]
async fn a_seller_who_may_not_upload_stops_the_connection() {
    let market = AmazonMarket::start().await;
    market.handle.change(|state| state.sellers[0].lacks_feature = true);
    let error = refused(&market, &market.invoice()).await;
    assert_eq!((error.code(), error.code().reach()), (ErrorCode::SellerNotEnabled, Reach::Connection));
}

#[tokio::test]
async fn an_order_that_amazon_invoices_itself_needs_no_document() {
    let market = AmazonMarket::start().await;
    let paper = market.invoice();
    market.settings(|settings| settings.invoiced_by_amazon = [paper.order.clone()].into());
    let mut stored = None;
    let mut turn = Turn::new(&market).await;
    let forwarded = turn.run(&paper, &mut stored).await.unwrap();
    assert_eq!((forwarded.outcome, turn.errors.len()), (ForwardedAs::NotNeeded, 0));
    assert_eq!(turn.run(&paper, &mut stored).await.unwrap().outcome, ForwardedAs::NotNeeded);
    assert_eq!(market.count("POST", "2021-06-30/feeds"), 1);
}

#[tokio::test]
async fn an_order_that_is_not_known_yet_is_tried_for_a_day() {
    let market = AmazonMarket::start().await;
    let paper = market.invoice();
    market.settings(|settings| settings.unknown_orders = [paper.order.clone()].into());
    let mut turn = Turn::new(&market).await;
    let error = turn.forward(&paper).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::OrderUnknown));
    let waited = market.now() - paper.first_tried;
    assert!(waited >= TimeDelta::hours(24) && waited < TimeDelta::hours(26), "{waited}");
    assert!(turn.errors.len() < 30, "once an hour: {:?}", turn.errors);
    // One that becomes known in the meantime.
    let paper = Paper { first_tried: market.now(), ..paper };
    let mut stored = None;
    let mut progress = begin(&mut stored);
    let error = loop {
        match turn.step(&paper, &mut progress).await {
            Ok(Advance::Next) => {}
            Ok(Advance::Store) => stored = Some(progress.checkpoint().clone()),
            Ok(Advance::Done(forwarded)) => panic!("{forwarded:?}"),
            Err(error) if error.code() == ErrorCode::InProgress => market.advance(TimeDelta::seconds(5)),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(Duration::from_hours(1)) });
    assert_eq!(stored, Some(Checkpoint::default()), "nothing is under way");
    market.settings(|settings| settings.unknown_orders.clear());
    let forwarded = turn.run(&paper, &mut stored).await.unwrap();
    assert_one(&market, &paper, &forwarded, "known now");
}

#[tokio::test]
async fn a_feed_is_asked_for_at_a_pace_and_only_its_report_counts() {
    let market = AmazonMarket::start().await;
    market.settings(|settings| settings.polls_in_progress = 40);
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    let begun = market.now();
    let forwarded = turn.forward(&paper).await.unwrap();
    assert_one(&market, &paper, &forwarded, "slow");
    let waited = market.now() - begun;
    assert_eq!(turn.errors, []);
    assert_eq!(market.count("GET", "feeds/2021-06-30/feeds/"), 42);
    assert!(waited > TimeDelta::minutes(30), "{waited}");
    assert_eq!(turn.errors, []);
    // One that never ends is for a person.
    market.settings(|settings| settings.polls_in_progress = 10_000);
    let mut other = market.invoice();
    other.others.push(forwarded.id);
    let mut stored = None;
    // More attempts than a turn's model makes at once.
    let error = loop {
        let mut progress = begin(&mut stored);
        let ended = loop {
            match turn.step(&other, &mut progress).await {
                Ok(Advance::Store) => stored = Some(progress.checkpoint().clone()),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        let ErrorKind::Retryable { after } = ended.kind() else { break ended };
        market.advance(TimeDelta::from_std(after.unwrap()).unwrap());
    };
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::NotSeen));
}

#[tokio::test]
async fn an_address_that_is_too_old_is_asked_for_again() {
    // The document's.
    let market = AmazonMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    let mut stored = None;
    let mut progress = begin(&mut stored);
    assert_eq!(turn.step(&paper, &mut progress).await.unwrap(), Advance::Next);
    market.advance(TimeDelta::minutes(6));
    assert_eq!(turn.step(&paper, &mut progress).await.unwrap(), Advance::Next, "403 from storage");
    let stored_at = loop {
        match turn.step(&paper, &mut progress).await.unwrap() {
            Advance::Store => break progress.checkpoint().clone(),
            Advance::Next => {}
            Advance::Done(_) => panic!("not yet"),
        }
    };
    assert_eq!((market.count("POST", "documents"), market.count("PUT", "storage")), (2, 2));
    // The process dies before the feed was asked for: two looks, then from the beginning.
    let forwarded = turn.run(&paper, &mut Some(stored_at)).await.unwrap();
    assert_one(&market, &paper, &forwarded, "once");
    // The report's.
    let market = AmazonMarket::start().await;
    market.handle.faults().add(Fault::on(
        "GET",
        "storage/reports",
        Effect::Answer {
            status: 403,
            headers: std::collections::BTreeMap::new(),
            body: "<Error/>".to_owned(),
            stored: Stored::No,
        },
    ));
    let paper = market.invoice();
    let mut turn = Turn::new(&market).await;
    let forwarded = turn.forward(&paper).await.unwrap();
    assert_eq!((market.count("GET", "2021-06-30/documents"), turn.errors.len()), (2, 0));
    assert_one(&market, &paper, &forwarded, "report");
}

#[tokio::test]
async fn a_feed_whose_answer_was_lost_is_adopted_and_no_other() {
    for failure in [Failure::HangAfter, Failure::UnavailableAfter, Failure::StoredLate] {
        let market = AmazonMarket::start().await;
        let mut turn = Turn::new(&market).await;
        // Another document of the same minute, which is known.
        let other = turn.forward(&market.invoice()).await.unwrap();
        let mut paper = market.invoice();
        paper.others.push(other.id.clone());
        if failure == Failure::StoredLate {
            turn.lateness = crate::bench::LATE * 3;
        }
        market.fail(2, failure);
        let forwarded = turn.forward(&paper).await.unwrap();
        assert_eq!(forwarded.found, Found::Again, "{failure:?}");
        assert_ne!(forwarded.id, other.id);
        assert_eq!(market.feeds().len(), 2, "{failure:?}");
    }
}

#[tokio::test]
async fn a_feed_that_was_not_made_is_made_after_two_looks() {
    let market = AmazonMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let other = turn.forward(&market.invoice()).await.unwrap();
    let mut paper = market.invoice();
    paper.others.push(other.id);
    market.fail(2, Failure::HangBefore);
    let looks = market.count("GET", "2021-06-30/feeds");
    let polls = market.count("GET", "2021-06-30/feeds/");
    let forwarded = turn.forward(&paper).await.unwrap();
    assert_eq!(forwarded.found, Found::Created);
    let (looks, polls) =
        (market.count("GET", "2021-06-30/feeds") - looks, market.count("GET", "2021-06-30/feeds/") - polls);
    assert_eq!(looks - polls, 2);
    assert_eq!(market.feeds().len(), 2);
}

#[tokio::test]
async fn several_feeds_that_may_be_ours_are_for_a_person() {
    let market = AmazonMarket::start().await;
    let mut turn = Turn::new(&market).await;
    // Made by somebody else's software.
    turn.forward(&market.invoice()).await.unwrap();
    let paper = market.invoice();
    market.fail(2, Failure::HangAfter);
    let mut stored = None;
    let error = turn.run(&paper, &mut stored).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::NotSeen));
    assert_eq!((stored, market.feeds().len()), (Some(Checkpoint::default()), 2), "a person who says again is obeyed");
}

#[tokio::test]
async fn a_feed_that_broke_off_is_read_or_for_a_person_and_a_cancelled_one_is_made_again() {
    let market = AmazonMarket::start().await;
    market.settings(|settings| settings.fates = vec![Fate::FatalWithReport]);
    let paper = market.invoice();
    let forwarded = Turn::new(&market).await.forward(&paper).await.unwrap();
    assert_one(&market, &paper, &forwarded, "its report says that it was done");

    let market = AmazonMarket::start().await;
    market.settings(|settings| settings.fates = vec![Fate::Fatal]);
    let error = refused(&market, &market.invoice()).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::NotSeen));
    assert_eq!(market.feeds().len(), 1, "never made again by itself");

    let market = AmazonMarket::start().await;
    market.settings(|settings| settings.fates = vec![Fate::Cancelled]);
    let paper = market.invoice();
    let forwarded = Turn::new(&market).await.forward(&paper).await.unwrap();
    assert_eq!(market.feeds().len(), 2);
    assert_one(&market, &paper, &forwarded, "made again");
}

#[tokio::test]
async fn a_bucket_that_is_empty_is_waited_out() {
    let market = AmazonMarket::start().await;
    market.settings(|settings| (settings.polls_in_queue, settings.polls_in_progress) = (0, 0));
    let mut turn = Turn::new(&market).await;
    let mut others = Vec::new();
    for _ in 0..20 {
        let paper = Paper { others: others.clone(), ..market.invoice() };
        others.push(turn.forward(&paper).await.unwrap().id);
    }
    assert_eq!(market.shown().len(), 20);
    let waits: Vec<Duration> = turn
        .errors
        .iter()
        .map(|error| match error.kind() {
            ErrorKind::Retryable { after: Some(after) } if error.code() == ErrorCode::RateLimited => after,
            kind => panic!("{kind:?}: {error}"),
        })
        .collect();
    // As the header says, and one for clocks; the others are waits of our own for the minute.
    let as_said = waits.iter().filter(|wait| **wait == Duration::from_secs(122)).count();
    assert!((1..=5).contains(&as_said), "{waits:?}");
}

#[tokio::test]
async fn access_that_is_new_and_refused_lacks_the_role() {
    let market = AmazonMarket::start().await;
    let mut turn = Turn::new(&market).await;
    market.handle.change(|state| state.sellers[0].lacks_role = true);
    let error = turn.forward(&market.invoice()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppScope));
    assert_eq!(error.code().reach(), Reach::Connection);
    assert_eq!(market.count("POST", "token"), 2, "renewed once");
    // A consent that was withdrawn.
    market.handle.change(|state| {
        (state.sellers[0].lacks_role, state.sellers[0].refresh_token) = (false, None);
        state.access.clear();
    });
    let error = turn.forward(&market.invoice()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
}

#[tokio::test]
async fn a_feed_under_way_is_known_by_its_id() {
    let market = AmazonMarket::start().await;
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    let mut progress = Progress::first();
    let forwarding = Connector.forwarding().unwrap();
    while market.feeds().is_empty() {
        assert_eq!(forwarding.known(progress.checkpoint()), None);
        turn.step(&paper, &mut progress).await.unwrap();
    }
    assert_eq!(forwarding.known(progress.checkpoint()), Some(market.feeds()[0].id.clone()));
}
