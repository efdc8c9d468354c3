//! What stands between the functions is killed as well: the relay, and maintenance.

use crate::throttled::{LIFE, life};
use chrono::TimeDelta;
use domain::{
    document::{Event, Status},
    ids::DocumentId,
};
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use store::testing::Fault;

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    let issued = p.now().date_naive() - chrono::Days::new(3);
    Ubl::new(&format!("F-{number}"), issued).of(dec!(10) + Decimal::from(number))
}

/// Each was posted once, and its history says so and nothing else.
async fn assert_posted(p: &Pipeline, ids: &[DocumentId], context: &str) {
    for id in ids {
        let document = p.document(*id).await;
        assert_eq!(document.status, Status::Posted, "{context}: {:?}", document.reason);
        assert_eq!(life(p, *id).await, LIFE, "{context}");
    }
}

/// How often the bus was told of a document in a state.
fn announced(p: &Pipeline, id: DocumentId, state: &str) -> usize {
    let of_document = |(name, detail): &(String, serde_json::Value)| {
        name == &format!("document.{state}") && detail["document"] == id.to_string()
    };
    p.cloud.events().iter().filter(|event| of_document(event)).count()
}

/// A batch for the relay with every step in it, and more than ten of one: what is to be posted, and what will wait.
async fn every_step(p: &Pipeline) -> (Vec<DocumentId>, Vec<DocumentId>) {
    let unknown = |number| Ubl { supplier: ("Nobody B.V.", None, None), iban: None, ..ubl(p, number) };
    let mut posted = vec![p.deliver(&ubl(p, 1)).await];
    p.relay().await;
    p.step(Queue::Tagged).await;
    posted.push(p.deliver(&ubl(p, 2)).await);
    let mut waiting = vec![p.deliver(&unknown(3)).await];
    p.relay().await;
    p.step(Queue::Tagged).await;
    p.step(Queue::Evaluate).await;
    posted.push(p.deliver(&ubl(p, 4)).await);
    for number in 5..=15 {
        waiting.push(p.deliver(&unknown(number)).await);
    }
    (posted, waiting)
}

#[tokio::test]
async fn the_relay_killed_at_each_request_loses_nothing() {
    for request in 0.. {
        let mut p = Pipeline::start().await;
        let (posted, waiting) = every_step(&p).await;
        let died = p.relay_dying(request).await;
        p.run_to_rest().await;
        let context = format!("killed at request {request}");
        assert_posted(&p, &posted, &context).await;
        assert_eq!((p.bookings().len(), p.ledger_documents()), (posted.len(), posted.len()), "{context}");
        for id in &posted {
            assert!(announced(&p, *id, "posted") >= 1, "{context}: {id}");
        }
        for id in &waiting {
            assert_eq!(life(&p, *id).await, [Event::Tag, Event::FoundIncomplete], "{context}");
            assert!(announced(&p, *id, "incomplete") >= 1, "{context}: {id}");
        }
        if !died {
            // Two for what is to be read, one for each other step.
            assert!(request >= 5, "only {request} requests");
            return;
        }
    }
}

/// One document stuck at each queue: never to go on by itself.
async fn stuck(p: &Pipeline, first: u32) -> Vec<DocumentId> {
    let mut ids = Vec::new();
    for (number, lost) in (first..).zip([Queue::Turns, Queue::Evaluate, Queue::Tagged]) {
        ids.push(p.deliver(&ubl(p, number)).await);
        for queue in Queue::ALL.into_iter().take_while(|queue| *queue != lost) {
            p.relay().await;
            p.step(queue).await;
        }
        p.lose_changes().await;
    }
    ids
}

/// Sweeps with a process that dies when one of its requests, after so many others, was carried out.
async fn sweep_dying(p: &Pipeline, request: usize) -> bool {
    p.store.faults().plan("", request, Fault::Silence);
    let died = tokio::select! {
        () = p.store.faults().silence() => true,
        swept = p.try_sweep() => {
            swept.unwrap();
            false
        }
    };
    p.store.faults().clear();
    died
}

#[tokio::test]
async fn maintenance_killed_at_each_request_to_a_table_loses_nothing() {
    let mut p = Pipeline::start().await;
    let ids = stuck(&p, 1).await;
    for request in 0.. {
        p.advance(TimeDelta::minutes(16));
        let died = sweep_dying(&p, request).await;
        p.relay().await;
        p.advance(TimeDelta::minutes(5));
        p.sweep().await;
        p.relay().await;
        // Between them both sweeps asked for everything, and nothing twice but the unit's turn.
        let asked = Queue::ALL.map(|queue| p.cloud.messages(queue).len());
        assert!(matches!(asked, [1, 1, 1 | 2]), "killed at request {request}: {asked:?}");
        if !died {
            assert!(request >= 3 * 16, "only {request} requests");
            break;
        }
        // All of it is lost again.
        for queue in Queue::ALL {
            p.cloud.lose(queue);
        }
    }
    p.run_to_rest().await;
    assert_posted(&p, &ids, "in the end").await;
    assert_eq!((p.bookings().len(), p.ledger_documents()), (3, 3));
}

#[tokio::test]
async fn maintenance_killed_at_each_wake_loses_nothing() {
    for request in 0.. {
        let mut p = Pipeline::start().await;
        let ids = stuck(&p, 1).await;
        // Long enough for idle tokens to be renewed as well.
        p.advance(TimeDelta::days(8));
        p.cloud.silence_after(request);
        let died = tokio::select! {
            () = p.cloud.silence() => true,
            swept = p.try_sweep() => {
                swept.unwrap();
                false
            }
        };
        p.cloud.calm();
        let context = format!("killed at wake {request}");
        p.run().await;
        p.advance(TimeDelta::minutes(5));
        p.sweep().await;
        p.run_to_rest().await;
        assert_posted(&p, &ids, &context).await;
        assert_eq!((p.bookings().len(), p.ledger_documents()), (3, 3), "{context}");
        assert_eq!(p.exact.requests().count("POST", "oauth2/token"), 1, "{context}: tokens are renewed once");
        if !died {
            assert!(request >= 2, "only {request} wakes");
            return;
        }
    }
}
