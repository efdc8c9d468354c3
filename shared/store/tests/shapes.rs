//! How documents are stored, attribute by attribute, and what the relay reads of them.
#![allow(clippy::unwrap_used)]

mod support;

use domain::{
    automation::{Decision, Outcome, StayReason},
    document::{Booked, Document, Event, List, PostedBy, Status, Step},
    hold::HoldCode,
    ledger::Direction,
    office::Tenant,
    reason::Reason,
};
use store::{
    ErrorKind, Writer,
    document::{BodyHash, Change, ClaimKey, Filter, Record, Span, StreamRecord},
    runs::{ANSWER_BYTES_MAX, Answer, Fence, RequestKey},
    settings::Author,
    testing::{TestStore, Which},
};
use support::{
    actor, administration, at, completed, contact_id, content, document_id, entry, id, invoice, next, received,
    rule_id, tagged, tenant, unit, user_id, writer,
};

/// The attributes of every item, keys left out.
async fn shapes(store: &TestStore) -> Vec<String> {
    let document = document_id().to_string();
    store
        .items(Which::Documents)
        .await
        .iter()
        .map(|item| {
            let mut names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
            names.retain(|name| !["pk", "sk"].contains(name));
            names.sort_unstable();
            let (pk, sk) = (item["pk"]["S"].as_str().unwrap(), item["sk"]["S"].as_str().unwrap());
            assert!(pk.starts_with(&tenant().to_string()), "{pk}");
            let pk = if pk.ends_with(&document) { "document" } else { "claims" };
            format!("{pk} {sk}: {}", names.join(" "))
        })
        .collect()
}

fn covered<'a>(before: &'a Document, after: &'a Document, step: Step) -> Change<'a> {
    Change::new(before, after, step, Record::Covered)
}

#[tokio::test]
async fn stored_documents_keep_their_shape() {
    let store = TestStore::start().await;
    let tenant = store.store().tenant(tenant());
    let documents = tenant.documents();
    let doc = document_id();
    let first = received(doc);
    let by = writer("a");
    documents.create(&first, Some(BodyHash::of(b"x")), None, &by).await.unwrap();
    assert_eq!(shapes(&store).await, ["document head: a ch f h lpk lsk n ra s ua v w"]);

    let second = Document {
        tag: Some(Direction::Purchase),
        tagged_at: Some(at(1)),
        tagged_by: Some(actor()),
        ..next(&first, Status::Tagged, 1)
    };
    let record = Record::Entry(entry(Event::Tag, Status::Tagged, 2, 1));
    documents.transition(Change::new(&first, &second, Step::Read, record), &by).await.unwrap();
    let history = "document h#000002#1763700001000: e";
    let head = "document head: a ch emit f h n ra s t ta tb tpk tsk ua v w";
    assert_eq!(shapes(&store).await, [history, head]);

    documents.put_content(doc, 3, &content(2), &by).await.unwrap();
    let claims = ClaimKey::of(administration(), Direction::Purchase, contact_id(), &invoice());
    tenant.claims().claim(&claims, doc).await.unwrap();
    let mut third = completed(&second, 2);
    third.holds = vec![HoldCode::NewIban];
    documents.transition(covered(&second, &third, Step::Evaluate), &by).await.unwrap();
    let stored = shapes(&store).await;
    let head = "document head: a ch co cu cv d emit f g h ho k n no pa ra s t ta tb tpk tsk ua un v w";
    assert_eq!(
        stored,
        [
            "claims number#purchase#invoice#F20260017: d",
            "claims total#purchase#invoice#2026-06-30#EUR#121: d",
            "document c#000003: at w z",
            history,
            head,
        ]
    );

    let decision = Decision { outcome: Outcome::Stay { reason: StayReason::NoRule }, trace: vec![] };
    let traced = entry(Event::Post, Status::Posting, 4, 3);
    documents.put_trace(doc, 4, &decision, &traced, &by).await.unwrap();
    let mut fourth = next(&third, Status::Posting, 3);
    fourth.posted_by = Some(PostedBy { user: user_id(), rule: Some((rule_id(), 1)) });
    fourth.decision_version = Some(4);
    documents.transition(covered(&third, &fourth, Step::Turn), &by).await.unwrap();
    documents.checkpoint(doc, 4, Fence(1), "{}", &by).await.unwrap();
    let stored = shapes(&store).await;
    let head = "document head: a ch co cu cv d dv f fe g h ho k n no pa pb pr ra s t ta tb ua un upk usk v w x";
    assert_eq!(stored[4..], [head, "document t#000004: at e w z"]);

    let mut fifth = next(&fourth, Status::Posted, 4);
    fifth.booked = Some(Booked {
        ledger_id: "guid".into(),
        ledger_number: "26700001".into(),
        link: Some("https://ledger.test/1".into()),
        at: at(4),
    });
    documents.transition(covered(&fourth, &fifth, Step::Announce).fenced(Fence(1)), &by).await.unwrap();
    let stored = shapes(&store).await;
    let head = "document head: a ba bi bl bn ch co cu cv d dv emit f fe g ga h ho k lpk lsk n no pa pb pr ra s t ta tb ua \
                un v w";
    assert_eq!(stored[4], head);

    let other = received(id(60));
    documents.create(&other, None, None, &by).await.unwrap();
    let mut unreadable = next(&Document { status: Status::Tagged, ..other.clone() }, Status::Unreadable, 1);
    unreadable.reason = Some(Reason::new("not_xml", "This is no XML"));
    documents.transition(covered(&other, &unreadable, Step::Announce), &by).await.unwrap();
    let items = store.items(Which::Documents).await;
    let item = items
        .iter()
        .find(|item| item["pk"]["S"].as_str().unwrap().ends_with(&id::<domain::ids::DocumentId>(60).to_string()));
    let item = item.unwrap();
    assert_eq!((&item["rc"]["S"], &item["rt"]["S"]), (&"not_xml".into(), &"This is no XML".into()));
}

#[tokio::test]
async fn values_are_stored_as_they_sort_and_read() {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    let mut document = completed(&tagged(document_id()), 1);
    document.status = Status::Posting;
    document.posted_by = Some(PostedBy { user: user_id(), rule: Some((rule_id(), 7)) });
    documents.create(&document, None, Some(Step::Turn), &writer("a")).await.unwrap();
    let item = &store.items(Which::Documents).await[0];
    let (t, d) = (tenant(), document_id());
    for (name, value) in [
        ("pk", format!("{t}#{d}")),
        ("sk", "head".into()),
        ("upk", format!("{t}#{}", unit())),
        ("usk", format!("1763700001000#{d}")),
        ("g", "121.00".into()),
        ("pr", format!("{}#7", rule_id())),
        ("tb", user_id().to_string()),
        ("emit", "turn".into()),
        ("w", "a.1".into()),
    ] {
        assert_eq!(item[name]["S"], value, "{name}");
    }
    assert_eq!((&item["v"]["N"], &item["ua"]["N"]), (&"2".into(), &"1763700001000".into()));
}

#[tokio::test]
async fn the_relay_reads_a_transition_from_the_stream() {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    let first = tagged(document_id());
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    let second = completed(&first, 1);
    documents.transition(covered(&first, &second, Step::Evaluate), &writer("b")).await.unwrap();
    let image = store.items(Which::Documents).await[0].to_string();
    let StreamRecord::Received(record) = StreamRecord::from_json(&image).unwrap() else { panic!("it was received") };
    assert_eq!((record.tenant, record.step, record.document), (tenant(), Step::Evaluate, second));
    for broken in ["", "{}", "[]", r#"{"pk":{"S":"x"},"emit":{"S":"read"}}"#, &image.replace("evaluate", "dance")] {
        assert_eq!(StreamRecord::from_json(broken).unwrap_err().kind(), ErrorKind::Bug, "{broken}");
    }
}

#[tokio::test]
async fn a_period_bounds_a_list_and_its_cursors() {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    for number in 0..5_u8 {
        let mut document = received(id(100 + u128::from(number)));
        document.received_at = at(i64::from(number));
        documents.create(&document, None, None, &writer("a")).await.unwrap();
    }
    let list = async |from: Option<i64>, before: Option<i64>, cursor: Option<&store::Cursor>| {
        let received = Span { from: from.map(at), before: before.map(at) };
        let list = (administration(), List::Intake);
        documents.list_received(list, received, Filter::default(), cursor, 2).await
    };
    let seconds = |page: &store::Listed<Document>| {
        page.items.iter().map(|document| document.received_at.timestamp() - at(0).timestamp()).collect::<Vec<_>>()
    };
    let page = list(Some(1), Some(4), None).await.unwrap();
    assert_eq!(seconds(&page), [3, 2]);
    let rest = list(Some(1), Some(4), page.next.as_ref()).await.unwrap();
    assert_eq!((seconds(&rest), rest.next), (vec![1], None));
    assert_eq!(seconds(&list(Some(4), None, None).await.unwrap()), [4]);
    assert!(list(Some(4), Some(1), None).await.unwrap().items.is_empty());
    let outside = list(Some(3), Some(4), page.next.as_ref()).await;
    assert_eq!(outside.unwrap_err().kind(), ErrorKind::BadCursor, "the cursor is of another period");
}

#[tokio::test]
async fn what_is_larger_than_an_item_may_be_is_refused_as_such() {
    let store = TestStore::start().await;
    let tenant = store.store().tenant(tenant());
    let (by, name) = (actor(), writer("a"));
    let author = Author { by: &by, at: at(0), writer: &name };
    let office = |chars: usize| Tenant {
        id: tenant.id(),
        name: "x".repeat(chars),
        event_sources: std::collections::BTreeSet::default(),
        created_at: at(0),
    };
    let error = tenant.office().create(&office(500_000), &author).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    tenant.office().create(&office(390_000), &author).await.unwrap();
    let mut document = received(document_id());
    document.booked =
        Some(Booked { ledger_id: "x".repeat(500_000), ledger_number: String::new(), link: None, at: at(0) });
    let error = tenant.documents().create(&document, None, None, &name).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    let key = RequestKey::new("POST /x", "u", "k");
    tenant.idempotency().begin(&key, BodyHash::of(b"x"), at(0), at(1), &name).await.unwrap();
    let answer = Answer { status: 201, body: "x".repeat(ANSWER_BYTES_MAX) };
    tenant.idempotency().complete(&key, &answer, &name).await.unwrap();
    let again = tenant.idempotency().begin(&key, BodyHash::of(b"x"), at(0), at(1), &Writer::new("b", 1)).await.unwrap();
    assert_eq!(again, store::runs::Attempt::Answered(answer), "at the limit it is whole");
}
