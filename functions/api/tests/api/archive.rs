//! The archive: its filters, alone and combined.

use crate::{
    documents::{posted, tagged},
    world::*,
};
use chrono::{Days, TimeDelta};
use domain::{
    document::{Booked, Document, PostedBy, Status},
    ids::{ContactId, DocumentId, UserId},
    invoice::InvoiceKind,
    ledger::Direction,
    money::Currency,
    permission::Role,
    time::{Date, Instant},
};
use proptest::{
    collection::vec,
    option::{of, weighted},
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::TestRunner,
};
use rust_decimal::Decimal;
use std::fmt::Display;
use store::Writer;

/// So many queries one part of the archive may ask for, however many documents there are.
const QUERIES_MAX: usize = 5;

fn date(day: u64) -> Date {
    "2026-05-01".parse::<Date>().unwrap() + Days::new(day)
}

fn contact(number: u64) -> ContactId {
    id(number)
}

fn poster(number: u64) -> UserId {
    id(number)
}

fn second(second: i64) -> Instant {
    start() + TimeDelta::seconds(second)
}

prop_compose! {
    /// A document as it may stand in the archive.
    fn archived()(
        status in select(vec![Status::Posted, Status::Posted, Status::Posted, Status::Archived, Status::Deleted]),
        received in 0_i64..500,
        posted in 1_i64..500,
        tag in select(vec![Direction::Purchase, Direction::Sales]),
        kind in of(select(vec![InvoiceKind::Invoice, InvoiceKind::Invoice, InvoiceKind::CreditNote])),
        of_contact in weighted(0.8, 1_u64..4),
        issued in weighted(0.9, 0_u64..60),
        cents in weighted(0.9, -30_000_i64..150_000),
        by in 1_u64..4,
        is_automatic in any::<bool>(),
    ) -> Document {
        // What was deleted had no tag; what is kept without being posted may have been on its way to the ledger before.
        let read = status != Status::Deleted;
        let posted_by = PostedBy { user: poster(by), rule: is_automatic.then(|| (id(4), 1)) };
        let booked = |at| Booked { ledger_id: "guid".into(), ledger_number: "26600042".into(), link: None, at };
        Document {
            status,
            tag: read.then_some(tag),
            kind: kind.filter(|_| read),
            contact: of_contact.filter(|_| read).map(contact),
            issue_date: issued.filter(|_| read).map(date),
            currency: Some(Currency::EUR),
            gross: cents.filter(|_| read).map(|cents| Decimal::new(cents, 2)),
            posted_by: read.then_some(posted_by),
            booked: (status == Status::Posted).then(|| booked(second(received + posted))),
            ..tagged(1, received)
        }
    }
}

/// What is asked for; a filter that is not there is left out of the query.
#[derive(Debug, Clone)]
struct Asked {
    status: Option<Status>,
    tag: Option<Direction>,
    contact: Option<u64>,
    user: Option<u64>,
    automatic: Option<bool>,
    credit: Option<bool>,
    received: (Option<i64>, Option<i64>),
    posted: (Option<i64>, Option<i64>),
    issued: (Option<u64>, Option<u64>),
    cents: (Option<i64>, Option<i64>),
    limit: usize,
}

/// In order, where both are there.
fn range<T: PartialOrd>((one, other): (Option<T>, Option<T>)) -> (Option<T>, Option<T>) {
    match (one, other) {
        (Some(one), Some(other)) if one > other => (Some(other), Some(one)),
        pair => pair,
    }
}

fn bounds<T: PartialOrd + std::fmt::Debug>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = (Option<T>, Option<T>)> {
    vec(weighted(0.2, one), 2).prop_map(|mut two| range((two.pop().unwrap(), two.pop().unwrap())))
}

prop_compose! {
    fn asked()(
        status in weighted(0.2, select(vec![Status::Posted, Status::Archived, Status::Deleted])),
        tag in weighted(0.2, select(vec![Direction::Purchase, Direction::Sales])),
        of_contact in weighted(0.2, 1_u64..5),
        user in weighted(0.15, 1_u64..4),
        automatic in weighted(0.2, any::<bool>()),
        credit in weighted(0.2, any::<bool>()),
        received in bounds(0_i64..520),
        posted in bounds(0_i64..1_000),
        issued in bounds(0_u64..60),
        cents in bounds(0_i64..150_000),
        limit in 1_usize..60,
    ) -> Asked {
        Asked { status, tag, contact: of_contact, user, automatic, credit, received, posted, issued, cents, limit }
    }
}

impl Asked {
    fn query(&self) -> String {
        let time = |at: i64| second(at).format("%Y-%m-%dT%H:%M:%SZ");
        let amount = |cents: i64| Decimal::new(cents, 2);
        let mut parts = vec![format!("limit={}", self.limit)];
        let mut put = |name: &str, value: Option<&dyn Display>| {
            parts.extend(value.map(|value| format!("{name}={value}")));
        };
        put("status", self.status.as_ref().map(|it| it as _));
        put("tag", self.tag.map(Direction::as_str).as_ref().map(|it| it as _));
        put("contact", self.contact.map(contact).as_ref().map(|it| it as _));
        put("posted_by", self.user.map(poster).as_ref().map(|it| it as _));
        put("automatic", self.automatic.as_ref().map(|it| it as _));
        put("credit", self.credit.as_ref().map(|it| it as _));
        put("from", self.received.0.map(time).as_ref().map(|it| it as _));
        put("to", self.received.1.map(time).as_ref().map(|it| it as _));
        put("posted_from", self.posted.0.map(time).as_ref().map(|it| it as _));
        put("posted_to", self.posted.1.map(time).as_ref().map(|it| it as _));
        put("issued_from", self.issued.0.map(date).as_ref().map(|it| it as _));
        put("issued_to", self.issued.1.map(date).as_ref().map(|it| it as _));
        put("gross_from", self.cents.0.map(amount).as_ref().map(|it| it as _));
        put("gross_to", self.cents.1.map(amount).as_ref().map(|it| it as _));
        parts.join("&")
    }

    /// The same filters over documents in memory.
    fn takes(&self, document: &Document) -> bool {
        let who = document.posted_by.as_ref().filter(|_| document.status == Status::Posted);
        let is_credit =
            document.kind == Some(InvoiceKind::CreditNote) || document.gross.is_some_and(|gross| gross < Decimal::ZERO);
        let gross = document.gross.map(|gross| gross.abs());
        let at = document.booked.as_ref().map(|booked| booked.at);
        self.status.is_none_or(|status| document.status == status)
            && self.tag.is_none_or(|tag| document.tag == Some(tag))
            && self.contact.is_none_or(|number| document.contact == Some(contact(number)))
            && self.user.is_none_or(|user| who.is_some_and(|who| who.user == poster(user)))
            && self.automatic.is_none_or(|automatic| who.is_some_and(|who| who.rule.is_some() == automatic))
            && self.credit.is_none_or(|credit| is_credit == credit)
            && self.received.0.is_none_or(|from| document.received_at >= second(from))
            && self.received.1.is_none_or(|to| document.received_at < second(to))
            && self.posted.0.is_none_or(|from| at.is_some_and(|at| at >= second(from)))
            && self.posted.1.is_none_or(|to| at.is_some_and(|at| at < second(to)))
            && self.issued.0.is_none_or(|from| document.issue_date.is_some_and(|day| day >= date(from)))
            && self.issued.1.is_none_or(|to| document.issue_date.is_some_and(|day| day <= date(to)))
            && self.cents.0.is_none_or(|from| gross.is_some_and(|gross| gross >= Decimal::new(from, 2)))
            && self.cents.1.is_none_or(|to| gross.is_some_and(|gross| gross <= Decimal::new(to, 2)))
    }
}

fn some<T>(strategy: impl Strategy<Value = T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Puts documents into the archive and counts them as the figures do.
async fn put(world: &World, documents: &[Document]) {
    let (all, figures) = (world.ours().documents(), world.ours().figures(books()));
    for document in documents {
        let writer = Writer::new(&document.id.to_string(), 1);
        all.create(document, None, None, &writer).await.unwrap();
        figures.record(document, "Europe/Amsterdam".parse().unwrap(), start(), &writer).await.unwrap();
    }
}

fn path(query: &str) -> String {
    format!("/administrations/{}/archive?{query}", books())
}

/// All parts of a list, and how many there were.
async fn follow(world: &World, query: &str) -> (Vec<String>, usize) {
    let (mut found, mut parts, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        world.store.take_costs();
        let part = world.get(&accountant(), path(&format!("{query}{cursor}"))).await.ok(200);
        let asked = world.store.take_costs();
        let queries = asked.iter().filter(|cost| cost.operation.starts_with("documents.")).count();
        assert!(queries <= QUERIES_MAX, "{queries} queries for {query}");
        found.extend(part["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        parts += 1;
        match part["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (found, parts),
        }
    }
}

#[tokio::test]
async fn filters_of_the_archive_combine_whatever_they_are() {
    let world = World::start().await;
    let mut runner = TestRunner::deterministic();
    let mut documents = some(vec(archived(), 130), &mut runner);
    for (number, document) in (1..).zip(&mut documents) {
        document.id = id(number);
    }
    put(&world, &documents).await;
    documents.sort_by_key(|document| std::cmp::Reverse((document.received_at, document.id.to_string())));
    let (mut with_some, mut several_parts) = (0, 0);
    for _ in 0..150 {
        let asked = some(asked(), &mut runner);
        let wanted = documents.iter().filter(|document| asked.takes(document));
        let wanted: Vec<String> = wanted.map(|document| document.id.to_string()).collect();
        let (found, parts) = follow(&world, &asked.query()).await;
        assert_eq!(found, wanted, "{}", asked.query());
        with_some += usize::from(!wanted.is_empty());
        several_parts += usize::from(parts > 1);
    }
    assert!(with_some > 50 && several_parts > 20, "{with_some} found something, {several_parts} in several parts");
}

#[tokio::test]
async fn what_no_archive_has_is_refused_with_what_to_do() {
    let world = World::start().await;
    for (query, words) in [
        ("from=2026-07-02T00:00:00Z&to=2026-07-01T00:00:00Z", "Swap them"),
        ("posted_from=2026-07-02T00:00:00Z&posted_to=2026-07-01T00:00:00Z", "posted_from"),
        ("issued_from=2026-07-02&issued_to=2026-07-01", "issued_from (2026-07-02) is after issued_to (2026-07-01)"),
        ("gross_from=10&gross_to=9.99", "Swap them"),
        ("gross_from=-10", "Send 10"),
        ("gross_to=much", "gross_to"),
        ("gross_to=1e3", "1e3"),
        ("issued_from=2026-02-30", "is not a day, such as"),
        ("from=yesterday", "from"),
        ("from=2026-12-01", "'2026-12-01' is not a moment with its zone, such as 2026-12-31T23:00:00Z"),
        ("tag=bank", "purchase"),
        ("status=complete", "posted, exported, archived, shared or deleted"),
        ("contact=Molen", "con_"),
        ("posted_by=robot", "usr_"),
        ("automatic=maybe", "automatic"),
        ("credit=1", "credit"),
        ("preset=mine", "posted_automatically"),
        ("posted_by=person&automatic=true", "Leave one of them out"),
        ("preset=posted_automatically&automatic=false", "Leave one of them out"),
        ("preset=credit&credit=false", "Leave one of them out"),
        ("limit=0", "between 1 and 100"),
        ("colour=red", "colour"),
    ] {
        let refused = world.get(&accountant(), path(query)).await.refused(400, "invalid_query");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{query}: {detail}");
    }
    world.get(&accountant(), path("cursor=x")).await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_archive() {
    let world = World::start().await;
    let robot = PostedBy { user: user_id(Role::Accountant), rule: None };
    for number in 1..=3 {
        let document = posted(&world, number, i64::try_from(number).unwrap(), robot.clone()).await;
        let figures = world.ours().figures(books());
        let writer = Writer::new("count", u32::try_from(number).unwrap());
        figures.record(&document, "Europe/Amsterdam".parse().unwrap(), start(), &writer).await.unwrap();
    }
    let supplier = supplier();
    let next = async |query: &str| {
        let part = world.get(&accountant(), path(query)).await.ok(200);
        part["next"].as_str().unwrap().to_owned()
    };
    let of_all = next("limit=1").await;
    let of_contact = next(&format!("limit=1&contact={supplier}")).await;
    for query in [
        format!("contact={supplier}&cursor={of_all}"),
        format!("cursor={of_contact}"),
        format!("contact={}&cursor={of_contact}", contact(77)),
        format!("to=2026-07-01T10:00:02Z&cursor={of_all}"),
    ] {
        world.get(&accountant(), path(&query)).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn ready_made_filters_reach_back_to_the_start_of_the_last_quarter() {
    let world = World::start().await;
    // It is July in Amsterdam: the last quarter began with April, two hours before it did in UTC.
    let april: Instant = "2026-03-31T22:00:00Z".parse().unwrap();
    let document = |number: u64, at: Instant, rule, cents| Document {
        id: id(number),
        status: Status::Posted,
        received_at: at - TimeDelta::days(1),
        kind: Some(InvoiceKind::Invoice),
        gross: Some(Decimal::new(cents, 2)),
        posted_by: Some(PostedBy { user: poster(1), rule }),
        booked: Some(Booked { ledger_id: "x".into(), ledger_number: "1".into(), link: None, at }),
        ..tagged(number, 0)
    };
    let rule = Some((id(4), 1));
    let before = april - TimeDelta::milliseconds(1);
    put(
        &world,
        &[
            document(1, before, rule, 100),
            document(2, april, rule, 100),
            document(3, april, None, 100),
            document(4, start(), rule, -100),
        ],
    )
    .await;
    let ids = |numbers: &[u64]| numbers.iter().map(|number| id::<DocumentId>(*number).to_string()).collect::<Vec<_>>();
    assert_eq!(follow(&world, "preset=posted_automatically").await.0, ids(&[4, 2]));
    assert_eq!(follow(&world, "preset=credit").await.0, ids(&[4]));
    let combined = "preset=posted_automatically&credit=false&posted_from=2026-01-01T00:00:00Z";
    assert_eq!(follow(&world, combined).await.0, ids(&[2]), "filters combine with a ready-made one");
    let later = "preset=posted_automatically&posted_from=2026-06-01T00:00:00Z";
    assert_eq!(follow(&world, later).await.0, ids(&[4]));
}

#[tokio::test]
async fn a_client_sees_the_archive_of_his_own_administrations() {
    let world = World::start().await;
    let by = PostedBy { user: user_id(Role::Accountant), rule: None };
    let done = posted(&world, 1, 1, by).await;
    let shown = world.get(&client(), path(&format!("tag=purchase&contact={}", contact(77)))).await.ok(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 0);
    let shown = world.get(&client(), path("tag=purchase&gross_from=121&gross_to=121.00")).await.ok(200);
    assert_eq!(shown["items"][0]["id"], done.id.to_string());
    for query in ["", "?preset=posted_automatically"] {
        let hidden = format!("/administrations/{}/archive{query}", hidden_books());
        world.get(&client(), hidden.clone()).await.refused(404, "not_found");
        world.get(&Token::Of(THEIRS, Role::Accountant), path("")).await.refused(404, "not_found");
        world.get(&Token::Of(OURS, Role::RestrictedClientUser), hidden).await.refused(403, "not_permitted");
    }
}
