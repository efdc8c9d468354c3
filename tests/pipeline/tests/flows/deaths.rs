//! A function that is killed, wherever it is, costs neither a booking nor a document.

use chrono::TimeDelta;
use domain::document::Status;
use pipeline::{Pipeline, Queue, TURN_SECONDS, Ubl};
use rust_decimal::dec;
use simulators::faults::{Effect, Fault as LedgerFault, Stored};
use std::time::Duration;
use store::testing::Fault;

/// What a process dies of waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Died {
    /// Nothing: it was through before.
    Not,
    /// The answer to a request that was carried out.
    Waiting,
}

fn ubl(p: &Pipeline) -> Ubl {
    let pdf = Some(b"%PDF-1.7 picture".to_vec());
    Ubl { pdf, ..Ubl::new("F-1", p.now().date_naive() - chrono::Days::new(3)) }
}

/// A document that is about to be handled by the function behind a queue.
async fn before(queue: Queue) -> (Pipeline, domain::ids::DocumentId) {
    let p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p)).await;
    p.relay().await;
    for earlier in Queue::ALL.into_iter().take_while(|it| *it != queue) {
        assert!(p.step(earlier).await);
        p.relay().await;
    }
    (p, id)
}

/// Handles what is in the queue with a process that dies when its nth request to a table was carried out.
async fn die_at_table(p: &Pipeline, queue: Queue, request: usize) -> Died {
    p.store.faults().plan("", request, Fault::Silence);
    let died = tokio::select! {
        () = p.store.faults().silence() => Died::Waiting,
        _ = p.step(queue) => Died::Not,
    };
    p.store.faults().clear();
    died
}

/// Likewise with the nth request to the ledger.
async fn die_at_ledger(p: &Pipeline, request: u32) -> Died {
    let fault = LedgerFault::on_any(Effect::hang(Stored::Yes)).skip(request);
    let id = p.exact.faults().add(fault);
    let silence = async {
        while p.exact.faults().fired(id) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let died = tokio::select! {
        () = silence => Died::Waiting,
        _ = p.step(Queue::Turns) => Died::Not,
    };
    p.exact.faults().clear();
    died
}

/// One document with both files, one booking, and a document that says so.
async fn assert_once(p: &Pipeline, id: domain::ids::DocumentId, context: &str) {
    let document = p.document(id).await;
    assert_eq!(document.status, Status::Posted, "{context}: {:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.vat), (dec!(121.00), dec!(21.00)), "{context}");
    assert_eq!(booking.files.len(), 2, "{context}: {:?}", booking.files);
    assert_eq!(p.ledger_documents(), 1, "{context}");
    assert_eq!(document.booked.unwrap().ledger_number, booking.entry_number.to_string(), "{context}");
}

/// Kills a process at every request to a table that it makes.
async fn each_request_to_a_table(queue: Queue) -> usize {
    for request in 0.. {
        let (mut p, id) = before(queue).await;
        let died = die_at_table(&p, queue, request).await;
        p.restart();
        p.run_to_rest().await;
        assert_once(&p, id, &format!("{queue:?} killed at request {request} to a table")).await;
        assert_eq!(p.cloud.dead(queue), [], "request {request}");
        if died == Died::Not {
            return request;
        }
    }
    unreachable!("it ends")
}

#[tokio::test]
async fn invoice_tagged_killed_at_each_request_posts_once() {
    assert!(each_request_to_a_table(Queue::Tagged).await >= 7);
}

#[tokio::test]
async fn automation_evaluate_killed_at_each_request_posts_once() {
    assert!(each_request_to_a_table(Queue::Evaluate).await >= 6);
}

#[tokio::test]
async fn a_push_killed_at_each_request_to_a_table_posts_once() {
    assert!(each_request_to_a_table(Queue::Turns).await >= 10);
}

#[tokio::test]
async fn a_push_killed_at_each_request_to_the_ledger_posts_once_and_its_history_tells() {
    for request in 0.. {
        let (mut p, id) = before(Queue::Turns).await;
        let died = die_at_ledger(&p, request).await;
        if died == Died::Not {
            assert!(request >= 7, "only {request} requests");
            return;
        }
        p.restart();
        p.run_to_rest().await;
        let context = format!("killed at request {request} to the ledger");
        assert_once(&p, id, &context).await;
        let told = p.history_codes(id).await;
        assert!(told.iter().any(|code| code == "attempt_interrupted"), "{context}: {told:?}");
    }
}

#[tokio::test]
async fn a_second_death_while_looking_for_the_first_attempt_posts_once() {
    // The document and its entry: more is not asked when both are there.
    for request in 0..2 {
        let (mut p, id) = before(Queue::Turns).await;
        assert_eq!(die_at_ledger(&p, 7).await, Died::Waiting);
        p.restart();
        p.advance(TimeDelta::seconds(2 * TURN_SECONDS));
        p.turn().await;
        p.advance(TimeDelta::minutes(5));
        p.cloud.lose(Queue::Turns);
        p.sweep().await;
        assert_eq!(die_at_ledger(&p, request).await, Died::Waiting, "request {request} of the second attempt");
        p.restart();
        p.run_to_rest().await;
        assert_once(&p, id, &format!("second death at {request}")).await;
    }
}

#[tokio::test]
async fn a_dead_turn_holds_up_its_unit_no_longer_than_its_lease() {
    let (mut p, id) = before(Queue::Turns).await;
    assert_eq!(die_at_ledger(&p, 3).await, Died::Waiting);
    let other = p.deliver(&Ubl { pdf: None, number: "F-2".to_owned(), ..ubl(&p) }.of(dec!(50.00))).await;
    p.run().await;
    assert_eq!(p.document(other).await.status, Status::Posting, "the lease is held");
    p.advance(TimeDelta::seconds(TURN_SECONDS + 10));
    p.turn().await;
    assert_eq!(p.document(other).await.status, Status::Posted, "others go on");
    assert_eq!(p.document(id).await.status, Status::Posting, "what was under way waits until it is settled");
    p.run_to_rest().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
    assert_eq!(p.bookings().len(), 2);
}
