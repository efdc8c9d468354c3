//! Too many requests, at each one that anybody makes: nothing is lost, nothing is done twice, and the history is that of a
//! good day.

use chrono::TimeDelta;
use domain::{
    document::{Event, Status},
    ids::{DocumentId, Id as _},
};
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use store::testing::Fault;

/// What happens to a document that is posted.
pub const LIFE: [Event; 4] = [Event::Tag, Event::Completed, Event::Post, Event::LedgerAccepted];

/// What happened to a document.
pub async fn life(p: &Pipeline, id: DocumentId) -> Vec<Event> {
    p.history(id).await.iter().filter_map(|entry| entry.event).collect()
}

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    let issued = p.now().date_naive() - chrono::Days::new(3);
    Ubl::new(&format!("F-{number}"), issued).of(dec!(10) + Decimal::from(number))
}

/// A document that is about to be handled by the function behind a queue.
async fn before(p: &Pipeline, queue: Queue, number: u32) -> DocumentId {
    let id = p.deliver(&ubl(p, number)).await;
    p.relay().await;
    for earlier in Queue::ALL.into_iter().take_while(|it| *it != queue) {
        assert!(p.step(earlier).await);
        p.relay().await;
    }
    id
}

/// Throttles each request of an operation that the function behind a queue makes. How many there are.
async fn each(queue: Queue, operation: &'static str) -> u32 {
    let mut p = Pipeline::start().await;
    for request in 0.. {
        let id = before(&p, queue, request + 1).await;
        // The SDK tries three times: so many in a row are an error.
        for _ in 0..3 {
            p.store.faults().plan(operation, request as usize, Fault::Throttle);
        }
        // Nothing is remembered that would not be asked for.
        p.restart();
        p.step(queue).await;
        let came = p.store.faults().are_over();
        p.store.faults().clear();
        p.run_to_rest().await;
        let context = format!("{queue:?}, {operation} {request}");
        assert_eq!(p.document(id).await.status, Status::Posted, "{context}");
        assert_eq!(life(&p, id).await, LIFE, "{context}");
        let posted = request as usize + 1;
        assert_eq!((p.bookings().len(), p.ledger_documents()), (posted, posted), "{context}");
        assert_eq!(p.cloud.dead(queue), [], "{context}");
        if !came {
            return request;
        }
    }
    unreachable!("it ends")
}

/// Throttles each read of the function behind a queue. How many there are.
async fn each_read(queue: Queue) -> u32 {
    let mut reads = 0;
    for operation in ["GetItem", "Query", "BatchGetItem"] {
        reads += each(queue, operation).await;
    }
    reads
}

#[tokio::test]
async fn invoice_tagged_throttled_at_each_read() {
    assert!(each_read(Queue::Tagged).await >= 4);
}

#[tokio::test]
async fn automation_evaluate_throttled_at_each_read() {
    assert!(each_read(Queue::Evaluate).await >= 4);
}

#[tokio::test]
async fn a_push_throttled_at_each_read() {
    assert!(each_read(Queue::Turns).await >= 5);
}

#[tokio::test]
async fn the_relay_refused_at_each_request() {
    for request in 0.. {
        let mut p = Pipeline::start().await;
        let id = p.deliver(&ubl(&p, 1)).await;
        p.cloud.refuse_after(request, 3);
        p.run().await;
        let came = !p.cloud.calm();
        p.run_to_rest().await;
        assert_eq!(p.document(id).await.status, Status::Posted, "{request}");
        assert_eq!(life(&p, id).await, LIFE, "{request}");
        assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1), "{request}");
        if !came {
            // For each of the four steps.
            assert!(request >= 4, "only {request} requests");
            return;
        }
    }
}

#[tokio::test]
async fn maintenance_throttled_at_each_request_does_the_rest_in_the_same_sweep() {
    let mut p = Pipeline::start().await;
    let mut ids = vec![before(&p, Queue::Tagged, 1).await];
    // Another one that another request finds.
    let shard = |id: DocumentId| id.ulid().0 % 16;
    while ids.len() < 2 || ids.iter().all(|id| shard(*id) == shard(ids[0])) {
        ids.push(before(&p, Queue::Tagged, u32::try_from(ids.len()).unwrap() + 1).await);
    }
    p.cloud.lose(Queue::Tagged);
    for request in 0.. {
        p.advance(TimeDelta::minutes(16));
        for _ in 0..3 {
            p.store.faults().plan("", request, Fault::Throttle);
        }
        let swept = p.try_sweep().await;
        let came = p.store.faults().are_over();
        p.store.faults().clear();
        p.relay().await;
        let asked = p.cloud.messages(Queue::Tagged).len();
        assert!(asked >= 1, "{request}: the others go on at once");
        // Of two documents at the same moment each may get through at its second try.
        assert!(swept.is_ok() || came, "{request}: {swept:?}");
        assert!(swept.is_err() || asked == ids.len(), "{request}: what failed is said");
        p.sweep().await;
        p.relay().await;
        assert_eq!(p.cloud.messages(Queue::Tagged).len(), ids.len(), "{request}: each is asked for once");
        if !came {
            assert!(request >= 3 * 16, "only {request} requests");
            break;
        }
        p.cloud.lose(Queue::Tagged);
    }
    p.run_to_rest().await;
    for id in &ids {
        assert_eq!(life(&p, *id).await, LIFE);
    }
    assert_eq!((p.bookings().len(), p.ledger_documents()), (ids.len(), ids.len()));
}
