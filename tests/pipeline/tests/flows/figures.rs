//! What is counted of whole flows: the dashboard, recommendations and the live overview.

use chrono::TimeDelta;
use domain::{
    document::{Channel, Status},
    figures::{Count, Dashboard, Followed, How, Period},
    ids::{ContactId, DocumentId},
    ledger::Direction,
    time::TimeZone,
};
use pipeline::{Order, Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use serde_json::json;
use store::{
    Read,
    document::{Filter, Span},
    testing::Fault,
};

const AUTOMATIC: Count = Count::Booked(How::Automatically);
const BY_HAND: Count = Count::Booked(How::ByHand);
const DELIVERED: Count = Count::Delivered(Channel::Api);
const PURCHASE: Count = Count::Tagged(Direction::Purchase);

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    Ubl::new(&format!("F-{number}"), p.now().date_naive() - chrono::Days::new(3)).of(dec!(10) * Decimal::from(number))
}

async fn dashboard(p: &Pipeline) -> Option<Dashboard> {
    let today = TimeZone::default().date_at(p.now());
    let period = Period { from: today - chrono::Days::new(2), to: today + chrono::Days::new(200) };
    let figures = p.office.store().figures(p.office.administration);
    Dashboard::of(figures.days(period).await.unwrap())
}

/// Delivered, tagged, booked automatically, booked by hand.
async fn counts(p: &Pipeline) -> [u64; 4] {
    let total = dashboard(p).await.map(|dashboard| dashboard.total).unwrap_or_default();
    [DELIVERED, PURCHASE, AUTOMATIC, BY_HAND].map(|count| total.get(count))
}

async fn recommended(p: &Pipeline) -> Vec<(ContactId, u32)> {
    let today = TimeZone::default().date_at(p.now());
    let figures = p.office.store().figures(p.office.administration);
    let listed = figures.recommendations(today, None, 50).await.unwrap();
    listed.items.into_iter().map(|it| (it.contact, it.count)).collect()
}

async fn followed(p: &Pipeline) -> Vec<(DocumentId, Status)> {
    let figures = p.office.store().figures(p.office.administration);
    match figures.changes(Read::Consistent).await.unwrap().since(0) {
        Followed::All(changes) => changes.into_iter().map(|change| (change.document, change.status)).collect(),
        Followed::TooLate => panic!("more changes than expected"),
    }
}

#[tokio::test]
async fn what_becomes_of_documents_is_counted_once_however_events_come() {
    for order in [Order::Kind, Order::DoubledAndReversed] {
        let mut p = Pipeline::start().await;
        p.order = order;
        assert_eq!(dashboard(&p).await, None);
        for number in 1..=3 {
            p.deliver(&ubl(&p, number)).await;
        }
        p.run().await;
        assert_eq!(counts(&p).await, [3, 3, 3, 0], "{order:?}");
        p.office.remove_rule(p.now()).await;
        let id = p.deliver(&ubl(&p, 4)).await;
        p.run().await;
        assert_eq!(counts(&p).await, [4, 4, 3, 0], "{order:?}");
        p.tag_again(id).await;
        p.run().await;
        assert_eq!(counts(&p).await, [4, 4, 3, 0], "{order:?}: tagged again it is tagged once");
        p.post_by_hand(id, p.office.automation_user).await;
        p.run().await;
        assert_eq!(counts(&p).await, [4, 4, 3, 1], "{order:?}");
        assert_eq!(dashboard(&p).await.unwrap().automatic_percent(), Some(dec!(75.0)));
        assert_eq!(recommended(&p).await, [(p.office.supplier, 4)], "{order:?}");
        let of = (p.office.administration, p.office.supplier);
        let documents = p.office.store().documents();
        let posted = documents.archive_of_contact(of, Span::default(), Filter::default(), None, 9).await;
        assert_eq!(posted.unwrap().items[0], p.document(id).await, "{order:?}");
        let changes = followed(&p).await;
        assert_eq!(changes.last(), Some(&(id, Status::Posted)), "{order:?}");
        assert_eq!(p.cloud.dead(Queue::Figures), []);
    }
}

#[tokio::test]
async fn figures_killed_at_each_request_counts_once() {
    for request in 0.. {
        let p = Pipeline::start().await;
        p.office.remove_rule(p.now()).await;
        let first = p.process(&ubl(&p, 1)).await;
        p.post_by_hand(first.id, p.office.automation_user).await;
        let second = p.deliver(&ubl(&p, 2)).await;
        p.run_uncounted().await;
        let batch = p.cloud.receive(Queue::Figures);
        assert_eq!(batch.len(), 2);
        p.store.faults().plan("", request, Fault::Silence);
        let died = tokio::select! {
            () = p.store.faults().silence() => true,
            failed = p.invoke(Queue::Figures, batch.clone()) => { assert_eq!(failed, []); false }
        };
        p.store.faults().clear();
        // What nobody confirmed comes again.
        assert_eq!(p.invoke(Queue::Figures, batch).await, [], "request {request}");
        assert_eq!(counts(&p).await, [2, 2, 0, 1], "request {request}");
        assert_eq!(recommended(&p).await, [(p.office.supplier, 1)], "request {request}");
        let mut changes = followed(&p).await;
        changes.sort();
        let mut expected = vec![(first.id, Status::Complete), (first.id, Status::Posted), (second, Status::Complete)];
        expected.sort();
        assert_eq!(changes, expected, "request {request}");
        if !died {
            assert!(request >= 12, "only {request} requests");
            return;
        }
    }
}

#[tokio::test]
async fn a_record_that_is_no_event_fails_alone() {
    let p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run_uncounted().await;
    let mut batch = p.cloud.receive(Queue::Figures);
    batch.insert(0, p.message("{\"detail\":"));
    let erased = json!({ "detail": {
        "tenant": p.office.tenant, "administration": p.office.administration,
        "document": runtime::clock::new_id::<DocumentId>(p.now()), "version": 1,
    } });
    batch.push(p.message(&erased.to_string()));
    let failed = p.invoke(Queue::Figures, batch).await;
    assert_eq!(failed.iter().map(|it| it.body.as_str()).collect::<Vec<_>>(), ["{\"detail\":"]);
    assert_eq!(counts(&p).await, [1, 1, 1, 0]);
    assert_eq!(followed(&p).await, [(id, Status::Posted)]);
}

#[tokio::test]
async fn tables_that_are_out_of_order_make_it_come_again() {
    let mut p = Pipeline::start().await;
    p.deliver(&ubl(&p, 1)).await;
    p.run_uncounted().await;
    // Each try asks up to three times; it tries five times.
    p.store.faults().plan_in_a_row("TransactWriteItems", 15, Fault::Throttle);
    p.run().await;
    assert!(p.store.faults().are_over());
    assert_eq!(counts(&p).await, [0; 4]);
    p.advance(TimeDelta::minutes(7));
    p.run().await;
    assert_eq!(counts(&p).await, [1, 1, 1, 0]);
}

#[tokio::test]
async fn maintenance_takes_days_off_that_fell_out_of_the_window() {
    let mut p = Pipeline::start().await;
    p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    p.office.remove_rule(p.now()).await;
    assert_eq!(recommended(&p).await, [], "the contact had a rule when it was counted");
    let id = p.process(&ubl(&p, 2)).await.id;
    p.post_by_hand(id, p.office.automation_user).await;
    p.run().await;
    assert_eq!(recommended(&p).await, [(p.office.supplier, 2)]);
    let stored = async |p: &Pipeline| {
        let items = p.store.items(store::testing::Which::Runs).await;
        items.iter().filter(|item| item["pk"]["S"].as_str().unwrap().ends_with("#recommended")).count()
    };
    p.advance(TimeDelta::days(89));
    p.sweep().await;
    assert_eq!(recommended(&p).await, [(p.office.supplier, 2)]);
    p.advance(TimeDelta::days(2));
    assert_eq!((recommended(&p).await, stored(&p).await), (vec![], 1), "what is shown is exact before the sweep");
    p.sweep().await;
    assert_eq!(stored(&p).await, 0);
}
