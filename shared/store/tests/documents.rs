//! Documents on a DynamoDB in this process, through the real SDK.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use domain::{
    automation::{Decision, Outcome, StayReason},
    document::{Booked, Document, Event, List, PostedBy, Status, Step},
    figures::How,
    ids::{DocumentId, TenantId, TurnDocument, UserId},
    reason::Reason,
};
use rust_decimal::Decimal;
use store::{
    Cursor, ErrorKind, Read, SystemStore,
    document::{BodyHash, Change, Created, Documents, Filter, Put, PutOff, Record, derived_document_id},
    runs::Fence,
    testing::{Fault, TestStore},
};
use support::{
    actor, at, completed, content, document_id, entry, id, next, received, rule_id, tagged, tenant, unit, user_id,
    writer,
};

async fn documents() -> (TestStore, Documents) {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    (store, documents)
}

fn covered<'a>(before: &'a Document, after: &'a Document, step: Step) -> Change<'a> {
    Change::new(before, after, step, Record::Covered)
}

/// A document that waits for its unit's turn.
async fn posting(documents: &Documents, id: DocumentId) -> Document {
    let first = tagged(id);
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    let second = completed(&first, 1);
    documents.transition(covered(&first, &second, Step::Evaluate), &writer("b")).await.unwrap();
    let mut third = next(&second, Status::Posting, 2);
    third.posted_by = Some(PostedBy { user: user_id(), rule: Some((rule_id(), 3)) });
    documents.transition(covered(&second, &third, Step::Turn), &writer("c")).await.unwrap();
    third
}

fn booked(before: &Document, second: i64) -> Document {
    let mut after = next(before, Status::Posted, second);
    after.booked = Some(Booked {
        ledger_id: "6b1c5d6e-0000-4000-8000-000000000001".into(),
        ledger_number: "26700001".into(),
        link: None,
        at: at(second),
    });
    after
}

#[tokio::test]
async fn a_document_reads_back_at_each_step() {
    let (_store, documents) = documents().await;
    let posting = posting(&documents, document_id()).await;
    assert_eq!(documents.get(document_id(), Read::Consistent).await.unwrap().unwrap(), posting);
    let posted = booked(&posting, 3);
    documents.transition(covered(&posting, &posted, Step::Announce).fenced(Fence(1)), &writer("d")).await.unwrap();
    assert_eq!(documents.get_at_least(document_id(), 4).await.unwrap().unwrap(), posted);
    assert_eq!(documents.head(document_id()).await.unwrap().unwrap().fence, Some(Fence(1)));
    assert_eq!(documents.get(id(99), Read::Eventual).await.unwrap(), None);
}

#[tokio::test]
async fn the_same_request_makes_one_document() {
    let (_store, documents) = documents().await;
    let id = derived_document_id(tenant(), "key-1");
    assert_eq!(id, derived_document_id(tenant(), "key-1"));
    assert_ne!(id, derived_document_id(tenant(), "key-2"));
    assert_ne!(id, derived_document_id(support::id::<TenantId>(77), "key-1"));
    let document = received(id);
    let hash = BodyHash::of(b"body");
    assert_eq!(documents.create(&document, Some(hash), None, &writer("a")).await.unwrap(), Created::New);
    let again = documents.create(&document, Some(hash), None, &writer("b")).await.unwrap();
    assert_eq!(again, Created::Existing { document: Box::new(document), body_hash: Some(hash) });
    assert_ne!(hash, BodyHash::of(b"other"));
}

#[tokio::test]
async fn the_faster_one_wins_and_the_other_is_told() {
    let (_store, documents) = documents().await;
    let first = tagged(document_id());
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    let (one, other) = (completed(&first, 1), next(&first, Status::Unreadable, 1));
    documents.transition(covered(&first, &one, Step::Evaluate), &writer("b")).await.unwrap();
    let error = documents.transition(covered(&first, &other, Step::Announce), &writer("c")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let error = documents.transition(covered(&first, &one, Step::Evaluate), &writer("c")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "the same change by another writer is another change");
    assert_eq!(documents.get(document_id(), Read::Consistent).await.unwrap().unwrap(), one);
    let missing = tagged(id(50));
    let unreadable = next(&missing, Status::Unreadable, 1);
    let change = covered(&missing, &unreadable, Step::Announce);
    let error = documents.transition(change, &writer("c")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let skipped = Document { version: 9, ..other };
    let error = documents.transition(covered(&first, &skipped, Step::Announce), &writer("c")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bug);
}

#[tokio::test]
async fn a_write_that_succeeded_unseen_is_recognised() {
    let (store, documents) = documents().await;
    let first = tagged(document_id());
    store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    assert_eq!(documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap(), Created::New);
    let second = completed(&first, 1);
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    documents.transition(covered(&first, &second, Step::Evaluate), &writer("b")).await.unwrap();
    store.faults().plan("TransactWriteItems", 0, Fault::LoseAnswer);
    let third = next(&second, Status::Archived, 2);
    let record = Record::Entry(entry(Event::Archive, Status::Archived, 3, 2));
    documents.transition(Change::new(&second, &third, Step::Announce, record), &writer("c")).await.unwrap();
    assert!(store.faults().are_over());
    assert_eq!(documents.get(document_id(), Read::Consistent).await.unwrap().unwrap(), third);
}

#[tokio::test]
async fn a_write_whose_caller_never_saw_it_succeed_may_be_made_again() {
    let (store, documents) = documents().await;
    let first = tagged(document_id());
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    let second = completed(&first, 1);
    // The first try arrives, its answer and the SDK's own two further tries do not.
    store.faults().plan_in_a_row("UpdateItem", 3, Fault::LoseAnswer);
    let change = covered(&first, &second, Step::Evaluate);
    let error = documents.transition(change.clone(), &writer("b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retryable, "{error}");
    documents.transition(change, &writer("b")).await.unwrap();
}

#[tokio::test]
async fn throttling_is_retryable_and_passes() {
    let (store, documents) = documents().await;
    let first = tagged(document_id());
    store.faults().plan("PutItem", 0, Fault::Throttle);
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    store.faults().plan_in_a_row("GetItem", 3, Fault::Throttle);
    assert_eq!(documents.get(document_id(), Read::Eventual).await.unwrap_err().kind(), ErrorKind::Retryable);
    assert!(documents.get(document_id(), Read::Eventual).await.unwrap().is_some());
}

#[tokio::test]
async fn a_later_lease_fences_out_an_earlier_one() {
    let (_store, documents) = documents().await;
    let posting = posting(&documents, document_id()).await;
    let turn = writer("turn");
    let checkpoint = |fence, text| documents.checkpoint(document_id(), 3, Fence(fence), text, &turn);
    checkpoint(4, "{\"step\":1}").await.unwrap();
    checkpoint(5, "{\"step\":2}").await.unwrap();
    assert_eq!(checkpoint(4, "{\"step\":9}").await.unwrap_err().kind(), ErrorKind::Conflict);
    let head = documents.head(document_id()).await.unwrap().unwrap();
    assert_eq!((head.checkpoint.as_deref(), head.fence), (Some("{\"step\":2}"), Some(Fence(5))));
    assert_eq!(head.document, posting, "a checkpoint is no transition");
    let posted = booked(&posting, 3);
    let late = documents.transition(covered(&posting, &posted, Step::Announce).fenced(Fence(4)), &writer("x")).await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Conflict);
    documents.transition(covered(&posting, &posted, Step::Announce).fenced(Fence(5)), &writer("x")).await.unwrap();
    assert_eq!(checkpoint(6, "{}").await.unwrap_err().kind(), ErrorKind::Conflict, "it is posted");
    assert_eq!(documents.head(document_id()).await.unwrap().unwrap().checkpoint, None);
    assert_eq!(checkpoint(6, &"x".repeat(5000)).await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_new_posting_starts_with_fences_anew_and_keeps_its_checkpoint() {
    let (_store, documents) = documents().await;
    let posting = posting(&documents, document_id()).await;
    documents.checkpoint(document_id(), 3, Fence(120), "{\"document\":\"d\"}", &writer("t")).await.unwrap();
    let rejected = next(&posting, Status::Rejected, 5);
    let record = Record::Entry(entry(Event::LedgerRejected, Status::Rejected, 4, 5));
    let change = Change::new(&posting, &rejected, Step::Announce, record).fenced(Fence(120));
    documents.transition(change, &writer("t")).await.unwrap();
    let again = next(&rejected, Status::Posting, 9);
    let record = Record::Entry(entry(Event::Post, Status::Posting, 5, 9));
    documents.transition(Change::new(&rejected, &again, Step::Turn, record), &writer("u")).await.unwrap();
    let head = documents.head(document_id()).await.unwrap().unwrap();
    assert_eq!((head.fence, head.due), (None, Some(at(9))));
    assert_eq!(head.checkpoint.as_deref(), Some("{\"document\":\"d\"}"));
    documents.checkpoint(document_id(), 5, Fence(3), "{}", &writer("t")).await.unwrap();
}

#[tokio::test]
async fn documents_wait_by_unit_and_due_instant() {
    let (_store, documents) = documents().await;
    let one = posting(&documents, id(10)).await;
    posting(&documents, id(11)).await;
    let here = unit();
    let due = |second| documents.due(&here, at(second), 10);
    assert_eq!(
        due(2).await.unwrap().iter().map(|due| due.document).collect::<Vec<_>>(),
        [one.id, id(11)].map(TurnDocument::from)
    );
    assert!(due(1).await.unwrap().is_empty(), "not before it is due");
    let mut note = entry(Event::Post, Status::Posting, 3, 4);
    note.event = None;
    note.reason = Some(Reason::new("rate_limited", "the ledger asks for a pause"));
    let put_off = PutOff { due: at(600), checkpoint: Some("{\"w\":1}"), entry: Some(&note) };
    documents.postpone(&one, put_off, Fence(1), &writer("t")).await.unwrap();
    assert_eq!(
        due(2).await.unwrap().iter().map(|due| due.document).collect::<Vec<_>>(),
        [TurnDocument::Received(id(11))]
    );
    assert_eq!(documents.next_due(&here).await.unwrap(), Some(at(2)));
    assert_eq!(due(600).await.unwrap().len(), 2);
    let told = documents.history(one.id).await.unwrap();
    assert!(told.contains(&note));
    let silent = PutOff { due: at(900), checkpoint: None, entry: None };
    documents.postpone(&one, silent, Fence(1), &writer("t")).await.unwrap();
    let head = documents.head(one.id).await.unwrap().unwrap();
    assert_eq!((head.due, head.checkpoint.as_deref()), (Some(at(900)), Some("{\"w\":1}")), "put off, and unchanged");
    assert_eq!(documents.history(one.id).await.unwrap(), told, "nothing is said twice");
    let late = PutOff { due: at(901), checkpoint: None, entry: None };
    let overtaken = documents.postpone(&one, late, Fence(0), &writer("u")).await.unwrap_err();
    assert_eq!(overtaken.kind(), ErrorKind::Conflict);
    let other = domain::document::UnitId { division: None, ..unit() };
    assert!(documents.due(&other, at(9999), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_stuck_is_found_and_asked_for_again() {
    let (store, documents) = documents().await;
    let system = store.store().system();
    let stuck = async |second: i64| {
        let mut found = Vec::new();
        for shard in 0..SystemStore::SHARDS {
            found.extend(system.stuck(shard, at(second), 50).await.unwrap());
        }
        found
    };
    let first = tagged(document_id());
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    let found = stuck(0).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].tenant, found[0].document, found[0].since), (tenant(), document_id(), at(0)));
    assert_eq!(documents.emit_again(document_id(), at(900)).await.unwrap(), Some(Step::Read));
    assert!(stuck(899).await.is_empty(), "its time in transit counts anew");
    let second = completed(&first, 901);
    documents.transition(covered(&first, &second, Step::Evaluate), &writer("b")).await.unwrap();
    assert_eq!(stuck(900).await.len(), 1, "completed is still under way");
    assert_eq!(documents.emit_again(document_id(), at(2000)).await.unwrap(), Some(Step::Evaluate));
    let mut third = next(&second, Status::Complete, 2001);
    third.reason = Some(StayReason::NoRule.into());
    documents.rest(covered(&second, &third, Step::Announce), &writer("c")).await.unwrap();
    assert!(stuck(9999).await.is_empty());
    assert_eq!(documents.emit_again(document_id(), at(9999)).await.unwrap(), None);
    let listed = documents.list(third.administration, List::Overview, Filter::default(), None, 10).await.unwrap();
    assert_eq!(listed.items, [third]);
}

#[tokio::test]
async fn lists_are_newest_first_and_paged_by_cursors() {
    let (store, documents) = documents().await;
    let mut all = Vec::new();
    for number in 0..7 {
        let mut document = received(id(100 + number));
        document.received_at = at(i64::try_from(number).unwrap());
        documents.create(&document, None, None, &writer("a")).await.unwrap();
        all.push(document);
    }
    all.reverse();
    let administration = all[0].administration;
    let page = async |cursor: Option<Cursor>| {
        documents.list(administration, List::Intake, Filter::default(), cursor.as_ref(), 3).await
    };
    let first = page(None).await.unwrap();
    let second = page(first.next.clone()).await.unwrap();
    let third = page(second.next.clone()).await.unwrap();
    assert_eq!([first.items.clone(), second.items, third.items].concat(), all);
    assert_eq!(third.next, None);
    let cursor = first.next.unwrap();
    let filter = Filter::default();
    let other_list = documents.list(administration, List::Archive, filter, Some(&cursor), 3).await.unwrap_err();
    let other_books = documents.list(id(88), List::Intake, filter, Some(&cursor), 3).await.unwrap_err();
    let other = store.store().tenant(id(77)).documents();
    let other_tenant = other.list(administration, List::Intake, filter, Some(&cursor), 3).await.unwrap_err();
    for error in [other_list, other_books, other_tenant] {
        assert_eq!(error.kind(), ErrorKind::BadCursor);
    }
    let nonsense = documents.list(administration, List::Intake, filter, Some(&Cursor::new("e30")), 3).await;
    assert_eq!(nonsense.unwrap_err().kind(), ErrorKind::BadCursor);
}

#[tokio::test]
async fn the_archive_is_filtered_by_who_posted() {
    let (_store, documents) = documents().await;
    for number in 0..6_u32 {
        let posting = posting(&documents, id(200 + u128::from(number))).await;
        let mut posted = booked(&posting, 10);
        if number % 2 == 0 {
            posted.posted_by = Some(PostedBy { user: id(55), rule: None });
        }
        documents.transition(covered(&posting, &posted, Step::Announce), &writer("d")).await.unwrap();
    }
    let list = async |posted: Option<How>, posted_by: Option<UserId>, status: Option<Status>, limit: usize| {
        let filter = Filter { posted, posted_by, status, ..Filter::default() };
        documents.list(support::administration(), List::Archive, filter, None, limit).await.unwrap()
    };
    assert_eq!(list(Some(How::Automatically), None, None, 10).await.items.len(), 3);
    assert_eq!(list(Some(How::ByHand), None, None, 10).await.items.len(), 3);
    assert_eq!(list(None, Some(id(55)), Some(Status::Posted), 10).await.items.len(), 3);
    assert_eq!(list(None, None, Some(Status::Archived), 10).await.items.len(), 0);
    let first = list(Some(How::Automatically), None, None, 2).await;
    assert_eq!(first.items.len(), 2);
    let filter = Filter { posted: Some(How::Automatically), ..Filter::default() };
    let cursor = first.next.unwrap();
    let second = documents.list(support::administration(), List::Archive, filter, Some(&cursor), 2).await.unwrap();
    assert_eq!((second.items.len(), second.next), (1, None), "no document twice, none left out");
}

#[tokio::test]
async fn a_filter_costs_what_it_looks_at_and_five_pages_at_most() {
    let (store, documents) = documents().await;
    for number in 0..620_u32 {
        let mut posted = booked(&completed(&tagged(id(1_000 + u128::from(number))), 1), 10);
        posted.gross = Some(Decimal::from(number));
        documents.create(&posted, None, None, &writer("a")).await.unwrap();
    }
    let list = async |filter: Filter, cursor: Option<&Cursor>| {
        store.take_costs();
        let listed = documents.list(support::administration(), List::Archive, filter, cursor, 100).await.unwrap();
        let costs = store.take_costs();
        (listed, costs.len(), costs.iter().map(|cost| cost.read_half_units).sum::<u32>())
    };
    let (_, _, of_hundred) = list(Filter::default(), None).await;
    let rare = Filter { gross_from: Some(Decimal::ZERO), gross_to: Some(Decimal::ONE), ..Filter::default() };
    let (listed, queries, half_units) = list(rare, None).await;
    assert_eq!((listed.items.len(), queries), (0, 5), "an empty page with a next one");
    assert!(half_units.abs_diff(5 * of_hundred) <= 5, "{half_units}, and {of_hundred} for a hundred without a filter");
    let (listed, queries, _) = list(rare, listed.next.as_ref()).await;
    assert_eq!((listed.items.len(), queries, listed.next), (2, 2, None));
}

#[tokio::test]
async fn content_is_written_once_and_large_content_goes_outside() {
    let (store, documents) = documents().await;
    let id = document_id();
    assert_eq!(documents.content(id, 2).await.unwrap(), None);
    assert_eq!(documents.put_content(id, 2, &content(1), &writer("a")).await.unwrap(), Put::New);
    assert_eq!(documents.put_content(id, 2, &content(1), &writer("a")).await.unwrap(), Put::New, "our own again");
    let doubled = documents.put_content(id, 2, &content(2), &writer("b")).await.unwrap();
    assert_eq!(doubled, Put::Existing(content(1)), "go on with what is there");
    let retried = documents.put_content(id, 2, &content(1000), &writer("c")).await.unwrap();
    assert_eq!(retried, Put::New, "whoever left the first behind is gone");
    assert_eq!(documents.content(id, 2).await.unwrap(), Some(content(1000)));
    assert!(store.object_names().is_empty());

    let mut large = content(3);
    // Text that does not compress, well over the limit.
    let mut state = 1_u64;
    large.invoice.as_mut().unwrap().notes = (0..12_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{state:x}")
        })
        .collect();
    assert_eq!(documents.put_content(id, 3, &large, &writer("a")).await.unwrap(), Put::New);
    assert_eq!(store.object_names().len(), 1);
    assert_eq!(documents.content(id, 3).await.unwrap(), Some(large));
}

#[tokio::test]
async fn history_is_put_together_from_what_each_step_left() {
    let (_store, documents) = documents().await;
    let id = document_id();
    let first = tagged(id);
    documents.create(&first, None, Some(Step::Read), &writer("a")).await.unwrap();
    let words = async || {
        let history = documents.history(id).await.unwrap();
        history
            .iter()
            .map(|entry| {
                let event = entry.event.map_or("-", Event::as_str);
                let reason = entry.reason.as_ref().map_or("-", |reason| &reason.code);
                format!("{} {} {event} {} {reason}", entry.version, entry.status, entry.by)
            })
            .collect::<Vec<_>>()
    };
    let user = user_id();
    assert_eq!(words().await, ["0 received - system -".to_owned(), format!("1 tagged tag {user} -")]);

    documents.put_content(id, 2, &content(1), &writer("b")).await.unwrap();
    let mut second = next(&first, Status::Incomplete, 1);
    second.content_version = Some(2);
    documents.transition(covered(&first, &second, Step::Announce), &writer("b")).await.unwrap();
    let third = Document { tagged_at: Some(at(5)), ..next(&second, Status::Tagged, 5) };
    let record = Record::Entry(entry(Event::Tag, Status::Tagged, 3, 5));
    documents.transition(Change::new(&second, &third, Step::Read, record), &writer("c")).await.unwrap();
    // Somebody who died wrote this; a head that points to it never came.
    let mut again = content(6);
    again.tagged_at = at(5);
    documents.put_content(id, 4, &again, &writer("dead")).await.unwrap();
    let expected = [
        "0 received - system -".to_owned(),
        format!("1 tagged tag {user} -"),
        "2 incomplete found_incomplete system template_missing".to_owned(),
        format!("3 tagged tag {user} -"),
    ];
    assert_eq!(words().await, expected);

    let fourth = completed(&third, 400);
    documents.transition(covered(&third, &fourth, Step::Evaluate), &writer("d")).await.unwrap();
    let decision = Decision { outcome: Outcome::Post { rule: rule_id(), version: 1, user }, trace: vec![] };
    let posted_by = entry(Event::Post, Status::Posting, 5, 401);
    documents.put_trace(id, 5, &decision, &posted_by, &writer("e")).await.unwrap();
    let mut fifth = next(&fourth, Status::Posting, 401);
    fifth.posted_by = Some(PostedBy { user, rule: Some((rule_id(), 1)) });
    fifth.decision_version = Some(5);
    documents.transition(covered(&fourth, &fifth, Step::Turn), &writer("e")).await.unwrap();
    let sixth = booked(&fifth, 402);
    documents.transition(covered(&fifth, &sixth, Step::Announce).fenced(Fence(1)), &writer("f")).await.unwrap();
    let history = words().await;
    assert_eq!(history[5..], [format!("5 posting post {user} -"), format!("6 posted ledger_accepted {user} -")]);
    let trace = documents.trace(id, 5).await.unwrap().unwrap();
    assert_eq!((trace.version, trace.decision.clone(), trace.entry.clone()), (5, decision, posted_by));
    assert_eq!(documents.traces(id).await.unwrap(), [trace]);
    assert_eq!(actor(), history_actor(&documents, id).await);
}

async fn history_actor(documents: &Documents, id: DocumentId) -> domain::document::Actor {
    documents.history(id).await.unwrap().last().unwrap().by.clone()
}

#[tokio::test]
async fn what_cannot_be_decoded_names_its_key() {
    let (store, documents) = documents().await;
    let key = format!("{}#{}", tenant(), document_id());
    let item = serde_json::json!({ "pk": { "S": key }, "sk": { "S": "head" }, "v": { "S": "x" }, "a": { "N": "1" } });
    store.put_item(store::testing::Which::Documents, &item).await;
    let error = documents.get(document_id(), Read::Consistent).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bug);
    assert!(error.to_string().contains(&format!("{key} / head")), "{error}");
}

#[tokio::test]
async fn one_tenant_cannot_reach_the_documents_of_another() {
    let (store, documents) = documents().await;
    let posting = posting(&documents, document_id()).await;
    documents.put_content(document_id(), 2, &content(1), &writer("a")).await.unwrap();
    let other = store.store().tenant(id(77)).documents();
    let doc = document_id();
    assert_eq!(other.get(doc, Read::Consistent).await.unwrap(), None);
    assert_eq!(other.head(doc).await.unwrap(), None);
    assert_eq!(other.content(doc, 2).await.unwrap(), None);
    assert_eq!(other.history(doc).await.unwrap(), []);
    assert_eq!(other.traces(doc).await.unwrap(), []);
    assert!(other.due(&unit(), at(9999), 10).await.unwrap().is_empty());
    let posted = booked(&posting, 3);
    let change = other.transition(covered(&posting, &posted, Step::Announce), &writer("x")).await;
    assert_eq!(change.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(other.checkpoint(doc, 3, Fence(9), "{}", &writer("x")).await.is_err());
    assert_eq!(other.emit_again(doc, at(9)).await.unwrap(), None);
    assert_eq!(documents.get(doc, Read::Consistent).await.unwrap().unwrap(), posting);
}
