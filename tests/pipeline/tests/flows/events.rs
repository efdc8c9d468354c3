//! `invoice.tagged` events of systems that work beside the API.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    document::{Actor, Channel, Document, Status, Step},
    ids::DocumentId,
};
use pipeline::{Pipeline, Queue, Ubl};
use serde_json::json;
use store::{
    document::{Change, Record},
    testing::Which,
};

fn ubl(p: &Pipeline) -> Ubl {
    Ubl::new("F-1", p.now().date_naive() - chrono::Days::new(3))
}

fn with_file(p: &Pipeline) -> serde_json::Value {
    json!({
        "tenant": p.office.tenant, "tag": "purchase", "administration": p.office.administration,
        "file_name": "invoice.xml", "content": STANDARD.encode(ubl(p).xml()),
    })
}

async fn documents(p: &Pipeline) -> Vec<DocumentId> {
    let items = p.store.items(Which::Documents).await;
    let heads = items.iter().filter(|item| item["sk"]["S"] == "head");
    heads.map(|head| head["pk"]["S"].as_str().unwrap().split_once('#').unwrap().1.parse().unwrap()).collect()
}

/// A document that waits for its tag.
async fn received(p: &Pipeline) -> DocumentId {
    let id = p.deliver(&ubl(p)).await;
    let before = p.document(id).await;
    // As a person rejects it: the tag is removed.
    let complete = Document { version: 2, status: Status::Complete, ..before.clone() };
    let received = Document {
        version: 3,
        status: Status::Received,
        tag: None,
        tagged_at: None,
        tagged_by: None,
        ..before.clone()
    };
    let store = p.office.store().documents();
    for (number, (old, new)) in [(&before, &complete), (&complete, &received)].into_iter().enumerate() {
        let writer = store::Writer::new("person", u32::try_from(number).unwrap());
        store.transition(Change::new(old, new, Step::Announce, Record::Covered), &writer).await.unwrap();
    }
    p.run().await;
    id
}

#[tokio::test]
async fn an_event_with_a_file_makes_a_document_that_is_posted() {
    let p = Pipeline::start().await;
    p.cloud.send(Queue::Tagged, &p.event("e-1", p.event_source(), &with_file(&p)));
    p.run().await;
    let [id] = documents(&p).await[..] else { panic!("one document") };
    let document = p.document(id).await;
    assert_eq!((document.status, document.channel), (Status::Posted, Channel::Event), "{:?}", document.reason);
    assert_eq!(document.tagged_by, Some(Actor::Source(p.event_source().to_owned())));
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn the_same_event_twice_makes_one_document() {
    let p = Pipeline::start().await;
    let event = p.event("e-1", p.event_source(), &with_file(&p));
    p.cloud.send(Queue::Tagged, &event);
    p.cloud.send(Queue::Tagged, &event);
    p.run().await;
    p.cloud.send(Queue::Tagged, &event);
    p.run().await;
    assert_eq!(documents(&p).await.len(), 1);
    assert_eq!(p.bookings().len(), 1);
    assert_eq!(p.cloud.messages(Queue::Tagged), []);
}

#[tokio::test]
async fn an_event_of_an_unmapped_source_is_refused_and_writes_nothing() {
    let p = Pipeline::start().await;
    let event = p.event("e-1", "somebody.else", &with_file(&p));
    assert_eq!(p.invoke(Queue::Tagged, vec![p.message(&event)]).await.len(), 1, "the record fails");
    assert_eq!(p.store.items(Which::Documents).await, Vec::<serde_json::Value>::new());
    assert_eq!(p.store.object_names(), Vec::<String>::new());
}

#[tokio::test]
async fn an_event_for_another_tenants_document_finds_none() {
    let p = Pipeline::start().await;
    let id = received(&p).await;
    let other: domain::ids::TenantId = runtime::clock::new_id(p.now());
    let event = p.event("e-1", p.event_source(), &json!({ "tenant": other, "tag": "purchase", "document": id }));
    assert_eq!(p.invoke(Queue::Tagged, vec![p.message(&event)]).await.len(), 1);
    assert_eq!(p.document(id).await.status, Status::Received);
}

#[tokio::test]
async fn an_event_tags_a_received_document_once() {
    let p = Pipeline::start().await;
    let id = received(&p).await;
    let detail = json!({ "tenant": p.office.tenant, "tag": "purchase", "document": id });
    let event = p.event("e-1", p.event_source(), &detail);
    p.cloud.send(Queue::Tagged, &event);
    p.run().await;
    let posted = p.document(id).await;
    assert_eq!(posted.status, Status::Posted, "{:?}", posted.reason);
    assert_eq!(posted.tagged_by, Some(Actor::Source(p.event_source().to_owned())));
    assert_eq!(p.invoke(Queue::Tagged, vec![p.message(&event)]).await, [], "the same event again is done already");
    assert_eq!(p.document(id).await, posted);
}

#[tokio::test]
async fn an_event_that_names_nothing_is_undecodable() {
    let p = Pipeline::start().await;
    for detail in [
        json!({ "tenant": p.office.tenant, "tag": "purchase" }),
        json!({ "tenant": p.office.tenant, "tag": "both", "document": "doc_01ARZ3NDEKTSV4RRFFQ69G5FAV" }),
        json!({ "tenant": p.office.tenant, "tag": "purchase", "administration": p.office.administration, "content": "%" }),
    ] {
        let event = p.event("e-1", p.event_source(), &detail);
        assert_eq!(p.invoke(Queue::Tagged, vec![p.message(&event)]).await.len(), 1, "{detail}");
    }
    assert_eq!(documents(&p).await, []);
}
