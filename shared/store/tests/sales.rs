//! Orders, issuing and the way of an issued document on a DynamoDB in this process.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use domain::{
    document::{Step, UnitId},
    ids::{Id as _, IssuedId, OrderId, SeriesId, TurnDocument},
    office::Choice,
    reason::Reason,
    sales::{
        Connector, Counter, Issued, IssuedContent, IssuedKind, Issuing, Numbering, NumberingError, Order,
        OrderDocument, PassEvent, Passing, Reset, Seller, Series,
    },
};
use futures_util::future::join_all;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};
use store::{
    ErrorKind, Read, TenantStore, Writer,
    document::{PutOff, StreamRecord},
    runs::Fence,
    sales::{Issue, IssueOutcome, IssuedPdf, PassChange, PassEntry, Taken, WhichIssued},
    settings::Author,
    testing::TestStore,
};
use support::{actor, administration, at, connection, id, tenant, writer};

/// Each attempt at a request has a writer of its own.
static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

async fn store() -> (TestStore, TenantStore) {
    let store = TestStore::start().await;
    let tenant = store.store().tenant(tenant());
    (store, tenant)
}

fn series() -> Series {
    Series {
        id: id::<SeriesId>(70),
        administration: administration(),
        name: "Invoices".into(),
        kind: IssuedKind::Invoice,
        pattern: "FV {n}/{mm}/{yyyy}".parse().unwrap(),
        reset: Reset::Monthly,
        first: 1,
        hide_payment_date: Choice::No,
        payment_days: 14,
        version: 1,
    }
}

fn seller() -> Seller {
    serde_json::from_str(
        r#"{ "name": "Demo Sp. z o.o.", "tax_number": "5252344078",
             "address": { "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa", "country": "PL" } }"#,
    )
    .unwrap()
}

fn order(tenant: &TenantStore, reference: &str) -> Order {
    let data = format!(
        r#"{{ "reference": "{reference}", "source": "shop", "currency": "PLN", "prices": "gross",
             "customer": {{ "is": "person", "first_name": "Ewa", "last_name": "Nowak",
                 "address": {{ "street": "Morska 5", "city": "Gdynia", "country": "PL" }} }},
             "lines": [ {{ "name": "Kubek", "sku": "MUG-01", "quantity": "2", "price": "49.20", "vat": "23" }} ],
             "payment": {{ "name": "Przelew" }} }}"#
    );
    let data: domain::sales::OrderData = serde_json::from_str(&data).unwrap();
    Order {
        id: tenant.orders(administration()).id(&data.source, &data.reference),
        administration: administration(),
        data,
        status: "new".parse().unwrap(),
        documents: Vec::new(),
        received_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

/// Issues an invoice of an order as a request does: whoever is overtaken reads again.
async fn issue(tenant: &TenantStore, order: OrderId, date: &str) -> Result<Issued, NumberingError> {
    let (orders, series) = (tenant.orders(administration()), series());
    loop {
        let before = orders.get(order, Read::Consistent).await.unwrap().unwrap();
        let id = orders.document_id(order, IssuedKind::Invoice);
        let counter = orders.counter(series.id).await.unwrap();
        let (next, number) = series.next(counter, date.parse().unwrap())?;
        let (content, issued) = document(id, &series, &number, &before, date);
        let mut after = Order { version: before.version + 1, updated_at: at(1), ..before.clone() };
        after.documents.push(OrderDocument { kind: IssuedKind::Invoice, id });
        let issue = Issue {
            before: &before,
            after: &after,
            counter,
            next,
            issued: &issued,
            content: &content,
            step: Step::Announce,
        };
        match orders.issue(&issue, &writer(&format!("issue-{}", ATTEMPTS.fetch_add(1, Relaxed)))).await.unwrap() {
            IssueOutcome::Issued => return Ok(issued),
            IssueOutcome::Existing(issued) => return Ok(*issued),
            IssueOutcome::Overtaken => tokio::task::yield_now().await,
        }
    }
}

fn document(id: IssuedId, series: &Series, number: &str, order: &Order, date: &str) -> (IssuedContent, Issued) {
    let seller = seller();
    let issuing = Issuing { id, series, number, date: date.parse().unwrap(), seller: &seller };
    let content = issuing.of_order(&order.data).unwrap();
    let issued = Issued::new(&content, (administration(), order.id), Numbering::Ledger, at(1)).unwrap();
    (content, issued)
}

async fn issued(tenant: &TenantStore, reference: &str) -> Issued {
    let order = order(tenant, reference);
    let orders = tenant.orders(administration());
    assert_eq!(orders.create(&order, &[], &writer(reference)).await.unwrap(), Taken::New);
    issue(tenant, order.id, "2026-03-10").await.unwrap()
}

fn unit() -> UnitId {
    UnitId { connection: connection(), division: "main".parse().ok() }
}

fn entry(after: &Issued, event: Option<PassEvent>) -> PassEntry {
    PassEntry { at: after.updated_at, by: actor(), event, passing: after.passing, version: after.version, reason: None }
}

async fn go(tenant: &TenantStore, before: &Issued, event: PassEvent, fence: Option<Fence>) -> Issued {
    let (passing, step) = before.passing.after(event).unwrap();
    let after = Issued {
        passing,
        version: before.version + 1,
        updated_at: at(10 + i64::from(before.version)),
        unit: Some(unit()),
        ..before.clone()
    };
    let change = PassChange { before, after: &after, step: Some(step), entry: entry(&after, Some(event)), fence };
    tenant.issued().transition(&change, &writer(&format!("go-{}", after.version))).await.unwrap();
    after
}

#[tokio::test]
async fn an_order_that_comes_twice_is_one() {
    let (_store, tenant) = store().await;
    let orders = tenant.orders(administration());
    let first = order(&tenant, "100");
    assert_eq!(orders.create(&first, &[], &writer("a")).await.unwrap(), Taken::New);
    assert_eq!(orders.create(&first, &[], &writer("a")).await.unwrap(), Taken::New, "a retried write knows itself");
    let again = Order { received_at: at(9), ..first.clone() };
    assert_eq!(orders.create(&again, &[], &writer("b")).await.unwrap(), Taken::Existing(Box::new(first.clone())));
    assert_eq!(orders.get(first.id, Read::Consistent).await.unwrap(), Some(first.clone()));
    let other = tenant.orders(id(3000));
    assert_eq!(other.get(first.id, Read::Consistent).await.unwrap(), None, "of this administration only");
    assert_eq!(orders.list(None, 10).await.unwrap().items, std::slice::from_ref(&first));
    let changed = Order { status: "packed".parse().unwrap(), version: 2, ..first.clone() };
    orders.replace(&first, &changed, &[], &writer("c")).await.unwrap();
    let late = orders.replace(&first, &Order { version: 2, ..first.clone() }, &[], &writer("d")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
}

/// Forty orders issue at once into one series.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gaps_and_no_doubles_under_parallel_issuing() {
    let (_store, tenant) = store().await;
    let orders = tenant.orders(administration());
    let mut ids = Vec::new();
    for number in 0..40 {
        let order = order(&tenant, &format!("p{number}"));
        orders.create(&order, &[], &writer(&order.id.to_string())).await.unwrap();
        // Each comes twice, as deliveries of one event may.
        ids.extend([order.id, order.id]);
    }
    let documents = join_all(ids.into_iter().map(|order| issue(&tenant, order, "2026-03-10"))).await;
    let numbers: BTreeSet<String> = documents.into_iter().map(|issued| issued.unwrap().number).collect();
    let wanted: BTreeSet<String> = (1..=40).map(|n| format!("FV {n}/03/2026")).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(
        orders.counter(series().id).await.unwrap(),
        Some(Counter { count: 40, date: "2026-03-10".parse().unwrap() })
    );
}

#[tokio::test]
async fn a_document_is_issued_whole_and_never_dated_back() {
    let (_store, tenant) = store().await;
    let first = issued(&tenant, "100").await;
    assert_eq!(first.number, "FV 1/03/2026");
    let orders = tenant.orders(administration());
    let order = orders.get(first.order, Read::Consistent).await.unwrap().unwrap();
    assert_eq!(order.document(IssuedKind::Invoice), Some(first.id));
    let content = tenant.issued().content(first.id).await.unwrap().unwrap();
    assert_eq!((content.number.as_str(), content.total.gross.to_string().as_str()), ("FV 1/03/2026", "98.40"));
    assert_eq!(issue(&tenant, first.order, "2026-03-11").await.unwrap(), first, "the same document once more");
    let second = self::order(&tenant, "101");
    orders.create(&second, &[], &writer("second")).await.unwrap();
    assert!(issue(&tenant, second.id, "2026-03-09").await.is_err());
    assert_eq!(issue(&tenant, second.id, "2026-04-01").await.unwrap().number, "FV 1/04/2026");
}

#[tokio::test]
async fn a_document_on_its_way_waits_for_its_units_turn() {
    let (_store, tenant) = store().await;
    let issued = issued(&tenant, "100").await;
    let (repository, documents) = (tenant.issued(), tenant.documents());
    let unpassed = repository.list(administration(), WhichIssued::Unpassed, None, 10).await.unwrap();
    assert_eq!(unpassed.items, std::slice::from_ref(&issued));

    let passing = go(&tenant, &issued, PassEvent::Pass, None).await;
    let due = documents.due(&unit(), at(100), 10).await.unwrap();
    assert_eq!(due.first().map(|due| due.document), Some(TurnDocument::Issued(issued.id)));

    repository.checkpoint(&passing, Fence(2), r#"{"c":{}}"#, &writer("cp")).await.unwrap();
    let note = PassEntry { at: at(50), ..entry(&passing, None) };
    let put_off = PutOff { due: at(600), checkpoint: None, entry: Some(&note) };
    repository.postpone(&passing, put_off, Fence(2), &writer("po")).await.unwrap();
    assert!(documents.due(&unit(), at(100), 10).await.unwrap().is_empty());
    let head = repository.head(issued.id).await.unwrap().unwrap();
    assert_eq!((head.due, head.checkpoint.as_deref()), (Some(at(600)), Some(r#"{"c":{}}"#)));
    let late = repository.checkpoint(&passing, Fence(1), "{}", &writer("late")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict, "an earlier lease is overtaken");

    let passed = go(&tenant, &passing, PassEvent::Accepted, Some(Fence(2))).await;
    let head = repository.head(issued.id).await.unwrap().unwrap();
    assert_eq!((head.issued, head.checkpoint, head.due), (passed, None, None));
    assert!(repository.list(administration(), WhichIssued::Unpassed, None, 10).await.unwrap().items.is_empty());
    assert_eq!(repository.list(administration(), WhichIssued::Settled, None, 10).await.unwrap().items.len(), 1);
    let events: Vec<_> = repository.history(issued.id).await.unwrap().iter().map(|entry| entry.event).collect();
    assert_eq!(events, [Some(PassEvent::Pass), None, Some(PassEvent::Accepted)]);
}

#[tokio::test]
async fn another_tenant_finds_nothing() {
    let (store, tenant) = store().await;
    let issued = issued(&tenant, "100").await;
    let other = store.store().tenant(id(9000));
    assert_eq!(other.issued().get(issued.id, Read::Consistent).await.unwrap(), None);
    assert_eq!(other.issued().content(issued.id).await.unwrap(), None);
    assert_eq!(other.orders(administration()).get(issued.order, Read::Consistent).await.unwrap(), None);
    assert!(other.issued().list(administration(), WhichIssued::Unpassed, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_remark_changes_no_state_and_may_be_retried() {
    let (_store, tenant) = store().await;
    let before = issued(&tenant, "100").await;
    let after = Issued { version: 2, reason: Some(Reason::bare("x")), ..before.clone() };
    let repository = tenant.issued();
    repository.remark(&before, &after, &writer("r")).await.unwrap();
    repository.remark(&before, &after, &writer("r")).await.unwrap();
    assert_eq!(repository.get(before.id, Read::Consistent).await.unwrap(), Some(after.clone()));
    let moved = Issued { version: 3, passing: Passing::Withheld, ..after.clone() };
    assert_eq!(repository.remark(&after, &moved, &writer("s")).await.unwrap_err().kind(), ErrorKind::Bug);
    repository.put_pdf(before.id, store::sales::IssuedPdf::Ledgers, b"%PDF-1".to_vec()).await.unwrap();
    repository.put_pdf(before.id, store::sales::IssuedPdf::Ledgers, b"%PDF-2".to_vec()).await.unwrap();
    assert_eq!(repository.pdf(before.id, IssuedPdf::Ledgers).await.unwrap(), b"%PDF-2", "never frozen (CO-31)");
}

#[tokio::test]
async fn settings_are_kept_with_their_versions() {
    let (_store, tenant) = store().await;
    let settings = tenant.invoicing(administration());
    let (by, writer) = (actor(), writer("settings"));
    let author = Author { by: &by, at: at(0), writer: &writer };
    settings.put_series(None, &series(), &author).await.unwrap();
    let renamed = Series { name: "Faktury".into(), version: 2, ..series() };
    settings.put_series(Some(&series()), &renamed, &author).await.unwrap();
    assert_eq!(settings.series().await.unwrap(), std::slice::from_ref(&renamed));
    let late = Writer::new("late", 1);
    let late = Author { by: &by, at: at(1), writer: &late };
    assert_eq!(settings.put_series(Some(&series()), &renamed, &late).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(settings.put_seller(administration(), None, &seller(), &author).await.unwrap(), 1);
    assert_eq!(settings.seller(Read::Consistent).await.unwrap().unwrap().value, seller());
    let connector = Connector {
        administration: administration(),
        unit: unit(),
        numbering: Numbering::Ours,
        automatic: Choice::Yes,
        show_ledger_document: Choice::No,
        send_sku: Choice::No,
        series: [(series().id, domain::sales::SeriesLink::DoNotPass)].into(),
        payments: [("Przelew".parse().unwrap(), "transfer".to_owned())].into(),
        version: 1,
    };
    settings.put_connector(None, &connector, &author).await.unwrap();
    assert_eq!(settings.connector(Read::Consistent).await.unwrap(), Some(connector));
}

#[test]
fn the_relay_tells_issued_documents_from_received_ones() {
    let issued = format!("{}#{}", tenant(), IssuedId::from_ulid(ulid::Ulid::from_parts(1, 1)));
    let image = |body: &str| {
        format!(
            r#"{{"pk":{{"S":"{issued}"}},"sk":{{"S":"head"}},"emit":{{"S":"turn"}},"v":{{"N":"1"}},"b":{{"S":{}}}}}"#,
            serde_json::to_string(body).unwrap()
        )
    };
    assert!(StreamRecord::from_json(&image("{}")).is_err());
    let series = series();
    let seller = seller();
    let issuing = Issuing {
        id: IssuedId::from_ulid(ulid::Ulid::from_parts(1, 1)),
        series: &series,
        number: "FV 1",
        date: "2026-03-10".parse().unwrap(),
        seller: &seller,
    };
    let store_less: domain::sales::OrderData = serde_json::from_str(
        r#"{ "reference": "1", "source": "shop", "currency": "PLN", "prices": "net",
             "customer": { "is": "company", "name": "X", "address": { "street": "S", "city": "C", "country": "PL" } },
             "lines": [ { "name": "Kubek", "quantity": "1", "price": "10", "vat": "23" } ], "payment": { "name": "P" } }"#,
    )
    .unwrap();
    let content = issuing.of_order(&store_less).unwrap();
    let head = Issued::new(&content, (administration(), id(11)), Numbering::Ours, at(0)).unwrap();
    let body = serde_json::to_string(&head).unwrap();
    assert!(body.len() < 900, "a head is one write unit with its keys: {}", body.len());
    match StreamRecord::from_json(&image(&body)).unwrap() {
        StreamRecord::Issued(record) => {
            assert_eq!((record.tenant, record.step, record.issued), (tenant(), Step::Turn, head));
        }
        StreamRecord::Received(_) | StreamRecord::Order(_) | StreamRecord::Mail(_) | StreamRecord::Delivery(..) => {
            panic!("it was issued")
        }
    }
}
