//! What a sweep finds, how much of it one does, and what is next.

use chrono::TimeDelta;
use domain::{document::Status, ids::DocumentId};
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::testing::Which;

fn ubl(p: &Pipeline, number: usize) -> Ubl {
    let issued = p.now().date_naive() - chrono::Days::new(3);
    Ubl::new(&format!("F-{number}"), issued).of(dec!(0.01) * Decimal::from(number))
}

/// The documents that the queue names.
fn queued(p: &Pipeline, queue: Queue) -> Vec<String> {
    let document = |body: &str| -> String {
        let body: Value = serde_json::from_str(body).unwrap();
        body["document"].as_str().unwrap().to_owned()
    };
    p.cloud.messages(queue).iter().map(|message| document(&message.body)).collect()
}

fn names(ids: &[DocumentId]) -> BTreeSet<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_stuck_document_is_asked_for_once_each_sweep_and_not_again_before_it_is_stuck_again() {
    let mut p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.lose_changes().await;
    p.advance(TimeDelta::minutes(16));
    assert_eq!(p.sweep().await["unstuck"], 1);
    // Even the sweep at the same moment does not ask again, nor those until another quarter of an hour has passed.
    assert_eq!(p.sweep().await["unstuck"], 0);
    p.relay().await;
    assert_eq!(queued(&p, Queue::Tagged), [id.to_string()]);
    p.cloud.lose(Queue::Tagged);
    for _ in 0..2 {
        p.advance(TimeDelta::minutes(5));
        assert_eq!(p.sweep().await["unstuck"], 0);
    }
    p.advance(TimeDelta::minutes(6));
    assert_eq!(p.sweep().await["unstuck"], 1);
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn two_sweeps_at_once_ask_for_a_stuck_document_and_it_is_read_once() {
    let mut p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.lose_changes().await;
    p.advance(TimeDelta::minutes(16));
    let (one, other) = tokio::join!(p.sweep(), p.sweep());
    assert!(one["unstuck"] == 1 || other["unstuck"] == 1);
    p.run_to_rest().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
    assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1));
}

#[tokio::test]
async fn more_than_one_sweep_can_do_go_on_in_the_next_ones_the_oldest_first() {
    let mut p = Pipeline::start().await;
    let mut batches: Vec<Vec<DocumentId>> = Vec::new();
    // Two sweeps and a half, in batches a minute apart.
    let batch = 20;
    p.maintenance.stuck_at_once = 2 * batch;
    for number in 0..5 {
        let mut ids = Vec::new();
        for place in 0..batch {
            ids.push(p.deliver(&ubl(&p, number * batch + place + 1)).await);
        }
        batches.push(ids);
        p.advance(TimeDelta::minutes(1));
    }
    p.lose_changes().await;
    p.advance(TimeDelta::minutes(15));
    let last = batches[4].clone();
    let mut left = 5 * batch;
    for expected in batches.chunks(2).map(<[_]>::concat) {
        let swept = p.sweep().await;
        assert_eq!(swept["unstuck"], expected.len());
        left -= expected.len();
        assert_eq!(swept["left"], left);
        p.relay().await;
        let asked: BTreeSet<String> = queued(&p, Queue::Tagged).into_iter().collect();
        assert_eq!(asked, names(&expected), "the oldest, and no other");
        p.cloud.lose(Queue::Tagged);
        p.advance(TimeDelta::minutes(5));
    }
    // The first ones, whose messages were lost again, are next, and so on until all are read.
    p.office.remove_template(p.now()).await;
    for _ in 0..6 {
        p.sweep().await;
        p.run().await;
        p.advance(TimeDelta::minutes(5));
    }
    assert_eq!(p.document(last[0]).await.status, Status::Incomplete);
    let items = p.store.items(Which::Documents).await;
    let heads: Vec<_> = items.iter().filter(|item| item["sk"]["S"] == "head").collect();
    assert_eq!(heads.len(), 5 * batch);
    for head in heads {
        assert_eq!((&head["s"]["S"], head.get("tpk")), (&json!("incomplete"), None));
    }
}

#[tokio::test]
async fn what_cannot_be_read_holds_up_nobody() {
    let mut p = Pipeline::start().await;
    let broken = p.deliver(&ubl(&p, 1)).await;
    p.advance(TimeDelta::seconds(1));
    let sound = p.deliver(&ubl(&p, 2)).await;
    p.lose_changes().await;
    let items = p.store.items(Which::Documents).await;
    let mut head = items
        .into_iter()
        .find(|item| item["pk"]["S"].as_str().unwrap().ends_with(&broken.to_string()) && item["sk"]["S"] == "head")
        .unwrap();
    head["s"] = json!({ "S": "from a later version" });
    p.store.put_item(Which::Documents, &head).await;
    p.lose_changes().await;
    p.advance(TimeDelta::minutes(16));
    let failed = p.try_sweep().await.unwrap_err();
    assert!(failed.to_string().contains("1 parts of the sweep failed"), "{failed}");
    p.run().await;
    assert_eq!(p.document(sound).await.status, Status::Posted);
}
