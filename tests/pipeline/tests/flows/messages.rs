//! Messages come twice, late, in any order or not at all, and some are no messages.

use chrono::TimeDelta;
use domain::document::Status;
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use serde_json::json;
use store::testing::Fault;

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    Ubl::new(&format!("F-{number}"), p.now().date_naive() - chrono::Days::new(3)).of(dec!(10) * Decimal::from(number))
}

#[tokio::test]
async fn a_message_of_an_earlier_version_does_nothing() {
    let p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.relay().await;
    let old: Vec<_> = p.cloud.messages(Queue::Tagged);
    p.run().await;
    let posted = p.document(id).await;
    for queue in [Queue::Tagged, Queue::Evaluate] {
        assert_eq!(p.invoke(queue, old.clone()).await, [], "{queue:?}");
    }
    assert_eq!(p.document(id).await, posted);
    assert!(p.turn_of(&p.office.unit(), Some(id.into())).await);
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_ahead_of_what_can_be_read_comes_again() {
    let p = Pipeline::start().await;
    let id: domain::ids::DocumentId = runtime::clock::new_id(p.now());
    let body = json!({ "tenant": p.office.tenant, "document": id, "version": 1 }).to_string();
    for queue in [Queue::Tagged, Queue::Evaluate] {
        assert_eq!(p.invoke(queue, vec![p.message(&body)]).await.len(), 1, "{queue:?}");
    }
}

#[tokio::test]
async fn one_undecodable_record_in_a_batch_of_ten_fails_alone() {
    let p = Pipeline::start().await;
    for number in 1..=9 {
        p.deliver(&ubl(&p, number)).await;
    }
    p.relay().await;
    for queue in Queue::ALL {
        let mut batch = p.cloud.receive(queue);
        batch.insert(batch.len() / 2, p.message("{\"version\":"));
        let failed = p.invoke(queue, batch).await;
        assert_eq!(failed.iter().map(|it| it.body.as_str()).collect::<Vec<_>>(), ["{\"version\":"], "{queue:?}");
        p.relay().await;
    }
    p.run().await;
    assert_eq!(p.bookings().len(), 9);
}

#[tokio::test]
async fn an_undecodable_message_ends_among_the_dead_letters() {
    let mut p = Pipeline::start().await;
    p.cloud.send(Queue::Evaluate, "x");
    for _ in 0..6 {
        p.run().await;
        p.advance(TimeDelta::minutes(7));
    }
    assert_eq!(p.cloud.dead(Queue::Evaluate).len(), 1);
    assert_eq!(p.cloud.messages(Queue::Evaluate), []);
}

#[tokio::test]
async fn a_lost_message_is_found_by_the_sweep() {
    for lost in Queue::ALL {
        let mut p = Pipeline::start().await;
        let id = p.deliver(&ubl(&p, 1)).await;
        p.relay().await;
        for queue in Queue::ALL.into_iter().take_while(|it| *it != lost) {
            p.step(queue).await;
            p.relay().await;
        }
        p.cloud.lose(lost);
        p.run().await;
        assert_ne!(p.document(id).await.status, Status::Posted, "{lost:?}");
        assert_eq!(
            p.sweep().await,
            json!({ "unstuck": 0, "left": 0, "woken": 0, "called": 0, "orders": 0, "mails": 0, "silent": 0 }),
            "{lost:?}: too early"
        );
        p.advance(TimeDelta::minutes(16));
        let swept = p.sweep().await;
        let expected = if lost == Queue::Turns {
            json!({ "unstuck": 0, "left": 0, "woken": 1, "called": 0, "orders": 0, "mails": 0, "silent": 0 })
        } else {
            json!({ "unstuck": 1, "left": 0, "woken": 0, "called": 0, "orders": 0, "mails": 0, "silent": 0 })
        };
        assert_eq!(swept, expected, "{lost:?}");
        p.run().await;
        assert_eq!(p.document(id).await.status, Status::Posted, "{lost:?}");
        assert_eq!(p.bookings().len(), 1, "{lost:?}");
    }
}

#[tokio::test]
async fn a_change_that_the_relay_never_got_is_found_by_the_sweep() {
    let mut p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.lose_changes().await;
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Tagged);
    p.advance(TimeDelta::minutes(16));
    p.sweep().await;
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
}

#[tokio::test]
async fn throttling_at_each_write_loses_nothing() {
    for operation in ["PutItem", "UpdateItem", "TransactWriteItems"] {
        for after in 0..12 {
            let mut p = Pipeline::start().await;
            let id = p.deliver(&ubl(&p, 1)).await;
            // The SDK tries three times: so many in a row are an error.
            for _ in 0..3 {
                p.store.faults().plan(operation, after, Fault::Throttle);
            }
            p.run().await;
            let came = p.store.faults().are_over();
            p.store.faults().clear();
            p.run_to_rest().await;
            assert_eq!(p.document(id).await.status, Status::Posted, "{operation} {after}");
            assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1), "{operation} {after}");
            if !came {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done_once() {
    for after in 0..14 {
        let mut p = Pipeline::start().await;
        let id = p.deliver(&ubl(&p, 1)).await;
        p.store.faults().plan("UpdateItem", after, Fault::LoseAnswer);
        p.run().await;
        let came = p.store.faults().are_over();
        p.store.faults().clear();
        assert_eq!(p.document(id).await.status, Status::Posted, "{after}: the SDK's second try recognises the first");
        p.run_to_rest().await;
        assert_eq!(p.bookings().len(), 1, "{after}");
        if !came {
            return;
        }
    }
}

#[tokio::test]
async fn a_burst_of_one_unit_in_one_batch_is_posted_in_one_turn() {
    let p = Pipeline::start().await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(p.deliver(&ubl(&p, number)).await);
    }
    p.relay().await;
    p.step(Queue::Tagged).await;
    p.relay().await;
    p.step(Queue::Evaluate).await;
    let unit = p.office.unit();
    let turns: Vec<_> = ids
        .iter()
        .map(|id| p.message(&json!({ "tenant": p.office.tenant, "unit": unit, "document": id }).to_string()))
        .collect();
    assert_eq!(p.invoke(Queue::Turns, turns).await, []);
    for id in ids {
        assert_eq!(p.document(id).await.status, Status::Posted);
    }
    assert_eq!((p.bookings().len(), p.ledger_documents()), (5, 5));
}

#[tokio::test]
async fn queues_out_of_order_make_the_relay_fail_and_come_again() {
    let p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.cloud.refuse(1);
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
}
