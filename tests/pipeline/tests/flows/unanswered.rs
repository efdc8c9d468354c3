//! A process that is killed while it waits for the bucket, the key or the queue, inside a push and inside a renewal of tokens.

use chrono::TimeDelta;
use connector_push::{Vault, VaultError};
use domain::{
    document::Status,
    ids::{ConnectionId, DocumentId, TenantId},
    office::ConnectionState,
};
use futures_util::future::BoxFuture;
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::dec;
use simulators::faults::{Effect, Fault as LedgerFault, Stored};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use store::testing::Fault;
use tokio::sync::Notify;

const TOKEN: &str = "oauth2/token";

/// Where a process dies of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// For a table.
    Table,
    /// For the bucket.
    Bucket,
    /// For the key that seals tokens.
    Key,
    /// For the queue of turns.
    Queue,
    /// For the ledger.
    Ledger,
}

/// A vault whose answer to one request never comes.
struct SilentVault {
    inner: Box<dyn Vault>,
    left: AtomicU32,
    silent: Arc<Notify>,
}

impl SilentVault {
    async fn answer<T>(&self, answer: T) -> T {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
            self.silent.notify_one();
            std::future::pending::<()>().await;
        }
        answer
    }
}

impl Vault for SilentVault {
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        secret: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move {
            let sealed = self.inner.seal(tenant, connection, secret).await;
            self.answer(sealed).await
        })
    }

    fn open<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        sealed: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move {
            let opened = self.inner.open(tenant, connection, sealed).await;
            self.answer(opened).await
        })
    }
}

/// Nothing: for a place while another vault is put there.
struct NoVault;

impl Vault for NoVault {
    fn seal<'a>(&'a self, _: TenantId, _: ConnectionId, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        unreachable!("it is replaced at once")
    }

    fn open<'a>(&'a self, _: TenantId, _: ConnectionId, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        unreachable!("it is replaced at once")
    }
}

/// Takes what is in the queue of turns with a process that dies when its nth request of a place was carried out. Whether it
/// died.
async fn die(p: &mut Pipeline, place: Place, request: u32) -> bool {
    let silent = Arc::new(Notify::new());
    match place {
        Place::Table => p.store.faults().plan("", request as usize, Fault::Silence),
        Place::Bucket => p.store.object_faults().plan("", request as usize, Fault::Silence),
        Place::Key => {
            let inner = std::mem::replace(&mut p.push.vault, Box::new(NoVault));
            p.push.vault = Box::new(SilentVault { inner, left: AtomicU32::new(request), silent: silent.clone() });
        }
        Place::Queue => p.cloud.silence_after(request),
        Place::Ledger => {}
    }
    let died = if place == Place::Ledger {
        let fault = p.exact.faults().add(LedgerFault::on_any(Effect::hang(Stored::Yes)).skip(request));
        let silence = async {
            while p.exact.faults().fired(fault) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        tokio::select! { () = silence => true, _ = p.step(Queue::Turns) => false }
    } else {
        tokio::select! {
            () = silent.notified() => true,
            () = p.store.faults().silence() => true,
            () = p.store.object_faults().silence() => true,
            () = p.cloud.silence() => true,
            _ = p.step(Queue::Turns) => false,
        }
    };
    p.store.faults().clear();
    p.store.object_faults().clear();
    p.cloud.calm();
    p.exact.faults().clear();
    p.restart();
    died
}

/// A document that is about to be posted.
async fn before() -> (Pipeline, DocumentId) {
    let p = Pipeline::start().await;
    let pdf = Some(b"%PDF-1.7 picture".to_vec());
    let id = p.deliver(&Ubl { pdf, ..Ubl::new("F-1", p.now().date_naive() - chrono::Days::new(3)) }).await;
    for queue in [Queue::Tagged, Queue::Evaluate] {
        p.relay().await;
        assert!(p.step(queue).await);
    }
    p.relay().await;
    (p, id)
}

async fn assert_once(p: &Pipeline, id: DocumentId, context: &str) {
    let document = p.document(id).await;
    assert_eq!(document.status, Status::Posted, "{context}: {:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.files.len(), p.ledger_documents()), (dec!(121.00), 2, 1), "{context}");
    assert_eq!(document.booked.unwrap().ledger_number, booking.entry_number.to_string(), "{context}");
}

#[tokio::test]
async fn a_push_killed_at_each_request_to_the_bucket_and_the_key_posts_once() {
    for (place, at_least) in [(Place::Bucket, 1), (Place::Key, 1)] {
        for request in 0.. {
            let (mut p, id) = before().await;
            let died = die(&mut p, place, request).await;
            p.run_to_rest().await;
            assert_once(&p, id, &format!("{place:?}, request {request}")).await;
            if !died {
                assert!(request >= at_least, "{place:?}: only {request} requests");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_push_killed_while_it_wakes_its_unit_for_later_posts_once() {
    let effects = [Effect::hang(Stored::Yes), Effect::hang(Stored::No), Effect::too_many_requests(Some(30))];
    for effect in effects {
        let (mut p, id) = before().await;
        p.exact.faults().add(LedgerFault::on("POST", "purchaseentry/PurchaseEntries", effect));
        assert!(die(&mut p, Place::Queue, 0).await, "it wakes its unit once");
        // The wake was sent before it died; here it is lost as well.
        p.cloud.lose(Queue::Turns);
        p.advance(TimeDelta::minutes(10));
        p.sweep().await;
        p.run_to_rest().await;
        assert_once(&p, id, "wake").await;
    }
}

#[tokio::test]
async fn a_renewal_killed_at_each_request_is_made_up_for_or_costs_a_reconnect_that_is_shown() {
    for (place, at_least) in [(Place::Table, 10), (Place::Key, 2), (Place::Bucket, 1), (Place::Ledger, 8)] {
        let mut reconnects = 0;
        for request in 0.. {
            let (mut p, id) = before().await;
            p.advance(TimeDelta::seconds(590));
            let died = die(&mut p, place, request).await;
            let context = format!("{place:?}, request {request}");
            for _ in 0..3 {
                p.advance(TimeDelta::minutes(10));
                p.sweep().await;
                p.run().await;
            }
            let document = p.document(id).await;
            match p.office.get_connection().await.state {
                ConnectionState::Connected => {
                    assert_eq!(document.status, Status::Posted, "{context}: {:?}", p.history_codes(id).await);
                }
                ConnectionState::ReconnectNeeded => {
                    reconnects += 1;
                    assert_eq!(document.status, Status::Posting, "{context}: it waits");
                    let told = p.history_codes(id).await;
                    let waits = told.iter().filter(|code| *code == "reconnect_needed").count();
                    assert_eq!(waits, 1, "{context}: {told:?}");
                    assert!(
                        p.exact.requests().count("POST", TOKEN) <= 2,
                        "{context}: tried once more, not again and again"
                    );
                    p.connect().await;
                    p.office.change_connection(p.now(), |it| it.state = ConnectionState::Connected).await;
                    p.turn().await;
                    p.run_to_rest().await;
                }
                ConnectionState::Draft => panic!("{context}"),
            }
            assert_once(&p, id, &context).await;
            if !died {
                assert!(request >= at_least, "{place:?}: only {request} requests");
                break;
            }
        }
        // Only a death between the ledger's answer and the write of it costs a reconnect: with the answer on its way, or
        // while the new pair is sealed.
        let expected = match place {
            Place::Ledger | Place::Key => 1,
            Place::Table | Place::Bucket | Place::Queue => 0,
        };
        assert_eq!(reconnects, expected, "{place:?}");
    }
}
