//! What is counted, on a DynamoDB in this process, through the real SDK.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use chrono::TimeDelta;
use domain::{
    document::{Booked, Channel, Document, PostedBy, Status},
    figures::{CHANGES_MAX, Change, Count, DayFigures, Followed, How, Period},
    ids::{ContactId, DocumentId},
    ledger::Direction,
    template::PostingTemplate,
    time::{Date, Instant, TimeZone},
};
use store::{
    Cursor, Read, SystemStore, TenantStore, Writer,
    document::{Filter, Span},
    figures::{Dismissed, Fallen, Figures, Recorded},
    settings::Author,
    testing::{Fault, TestStore, Which},
};
use support::{
    actor, administration, at, completed, contact_id, id, next, received, rule, rule_id, tagged, tenant, user_id,
};

fn zone() -> TimeZone {
    TimeZone::default()
}

fn today() -> Date {
    zone().date_at(at(0))
}

fn writer(n: u32) -> Writer {
    Writer::new("request", n)
}

struct World {
    test: TestStore,
    tenant: TenantStore,
    figures: Figures,
}

impl World {
    async fn start() -> Self {
        let test = TestStore::start().await;
        let tenant = test.store().tenant(tenant());
        let figures = tenant.figures(administration());
        Self { test, tenant, figures }
    }

    async fn record(&self, document: &Document, n: u32) -> Recorded {
        self.figures.record(document, zone(), at(0), &writer(n)).await.unwrap()
    }

    async fn day(&self, day: Date) -> Vec<(Count, u64)> {
        let days = self.figures.days(Period { from: day, to: day }).await.unwrap();
        let figures = days.into_iter().map(|(_, figures)| figures).next().unwrap_or_default();
        counts(&figures)
    }

    async fn recommended(&self) -> Vec<(ContactId, u32)> {
        let listed = self.figures.recommendations(today(), None, 50).await.unwrap();
        assert_eq!(listed.next, None);
        listed.items.into_iter().map(|it| (it.contact, it.count)).collect()
    }

    async fn save_template(&self, contact: ContactId) {
        let (by, writer) = (actor(), writer(900));
        let author = Author { by: &by, at: at(0), writer: &writer };
        self.tenant.templates(administration()).put(contact, None, &template(), &author).await.unwrap();
    }
}

fn template() -> PostingTemplate {
    serde_json::from_value(serde_json::json!({
        "lines": [{
            "category": "S", "rate": "21", "share": "100", "account": "4600", "vat_code": "4",
            "vat_code_kind": { "kind": "rate", "percent": "21" }, "description": "[contact]",
        }],
    }))
    .unwrap()
}

fn counts(figures: &DayFigures) -> Vec<(Count, u64)> {
    Count::all().map(|count| (count, figures.get(count))).filter(|(_, number)| *number > 0).collect()
}

fn posted(number: u128, contact: ContactId, how: How) -> Document {
    let mut posted = next(&completed(&tagged(id(number)), 1), Status::Posted, 3);
    posted.contact = Some(contact);
    let rule = match how {
        How::Automatically => Some((rule_id(), 1)),
        How::ByHand => None,
    };
    posted.posted_by = Some(PostedBy { user: user_id(), rule });
    posted.booked = Some(Booked { ledger_id: "g".into(), ledger_number: "26700001".into(), link: None, at: at(3) });
    posted
}

const DELIVERED: Count = Count::Delivered(Channel::Api);
const PURCHASE: Count = Count::Tagged(Direction::Purchase);

#[tokio::test]
async fn a_document_counts_once_whatever_the_order_of_its_versions() {
    let all = [received(id(60)), completed(&tagged(id(60)), 1), posted(60, contact_id(), How::Automatically)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let world = World::start().await;
        for (n, which) in (0..).zip(order.iter().chain(&order)) {
            world.record(&all[*which], n).await;
        }
        let expected = [(DELIVERED, 1), (PURCHASE, 1), (Count::Booked(How::Automatically), 1)];
        assert_eq!(world.day(today()).await, expected, "{order:?}");
        assert_eq!(world.record(&all[2], 99).await, Recorded::Before);
    }
}

#[tokio::test]
async fn a_rejected_document_is_tagged_no_longer_and_once_when_it_is_tagged_again() {
    let world = World::start().await;
    let first = completed(&tagged(id(60)), 1);
    world.record(&first, 1).await;
    let rejected = Document { tag: None, tagged_at: None, contact: None, ..next(&first, Status::Received, 2) };
    world.record(&rejected, 2).await;
    assert_eq!(world.day(today()).await, [(DELIVERED, 1)]);
    let later = at(0) + TimeDelta::days(2);
    let sales =
        Document { tag: Some(Direction::Sales), tagged_at: Some(later), ..next(&rejected, Status::Incomplete, 3) };
    world.record(&sales, 3).await;
    assert_eq!(world.day(today()).await, [(DELIVERED, 1)]);
    assert_eq!(world.day(zone().date_at(later)).await, [(Count::Tagged(Direction::Sales), 1)]);
    let deleted = Document { tag: None, tagged_at: None, ..next(&sales, Status::Deleted, 4) };
    world.record(&deleted, 4).await;
    assert_eq!(world.day(today()).await, [(DELIVERED, 1)], "what was deleted was delivered all the same");
    assert_eq!(world.day(zone().date_at(later)).await, []);
}

#[tokio::test]
async fn a_fault_at_each_request_leaves_the_counts_exact() {
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::Throttle] {
        for after in 0..9 {
            let world = World::start().await;
            world.save_template(contact_id()).await;
            world.record(&completed(&tagged(id(60)), 1), 1).await;
            for _ in 0..3 {
                world.test.faults().plan("", after, fault);
            }
            let document = posted(60, contact_id(), How::ByHand);
            let first = world.figures.record(&document, zone(), at(0), &writer(2)).await;
            let is_over = world.test.faults().are_over();
            world.test.faults().clear();
            assert!(first.is_ok() || is_over, "{fault:?} {after}");
            world.record(&document, 3).await;
            let expected = [(DELIVERED, 1), (PURCHASE, 1), (Count::Booked(How::ByHand), 1)];
            assert_eq!(world.day(today()).await, expected, "{fault:?} {after}");
            assert_eq!(world.recommended().await, [(contact_id(), 1)], "{fault:?} {after}");
            if !is_over {
                break;
            }
        }
    }
}

#[tokio::test]
async fn documents_that_are_counted_at_once_all_count() {
    let world = World::start().await;
    world.save_template(contact_id()).await;
    let documents: Vec<_> = (60..66).map(|number| posted(number, contact_id(), How::ByHand)).collect();
    let mut waiting: Vec<_> = documents.iter().chain(&documents).collect();
    for round in 0.. {
        let all = waiting.iter().enumerate().map(|(n, document)| {
            let writer = Writer::new(&format!("request{round}"), u32::try_from(n).unwrap());
            let figures = world.figures.clone();
            let document = (*document).clone();
            tokio::spawn(async move { figures.record(&document, zone(), at(0), &writer).await })
        });
        let mut failed = Vec::new();
        for (document, task) in waiting.iter().zip(all.collect::<Vec<_>>()) {
            if task.await.unwrap().is_err() {
                failed.push(*document);
            }
        }
        waiting = failed;
        if waiting.is_empty() {
            break;
        }
    }
    assert_eq!(world.day(today()).await, [(DELIVERED, 6), (PURCHASE, 6), (Count::Booked(How::ByHand), 6)]);
    assert_eq!(world.recommended().await, [(contact_id(), 6)]);
}

#[tokio::test]
async fn a_contact_is_recommended_with_a_template_and_without_a_rule() {
    let world = World::start().await;
    let (by, hand) = (actor(), writer(900));
    let author = Author { by: &by, at: at(0), writer: &hand };
    let refresh = async || world.figures.refresh(contact_id(), zone(), at(0), &writer(901)).await.unwrap();
    refresh().await;
    assert_eq!(world.test.items(Which::Runs).await, Vec::<serde_json::Value>::new(), "nothing was posted");
    world.record(&posted(60, contact_id(), How::ByHand), 1).await;
    assert_eq!(world.recommended().await, [], "no template");
    world.save_template(contact_id()).await;
    refresh().await;
    assert_eq!(world.recommended().await, [(contact_id(), 1)]);
    world.record(&posted(61, contact_id(), How::ByHand), 2).await;
    assert_eq!(world.recommended().await, [(contact_id(), 2)], "one entry, with the new count");

    let rules = world.tenant.rules(administration());
    rules.create(&rule(1), &author).await.unwrap();
    refresh().await;
    assert_eq!(world.recommended().await, []);
    world.record(&posted(62, contact_id(), How::Automatically), 3).await;
    assert_eq!(world.recommended().await, []);
    rules.delete(&rule(1), &author).await.unwrap();
    refresh().await;
    assert_eq!(world.recommended().await, [(contact_id(), 3)]);
}

#[tokio::test]
async fn recommendations_come_by_count_and_page_by_page() {
    let world = World::start().await;
    let mut number = 100;
    for (contact, count) in [(30, 1), (31, 3), (32, 2)] {
        world.save_template(id(contact)).await;
        for _ in 0..count {
            world.record(&posted(number, id(contact), How::ByHand), u32::try_from(number).unwrap()).await;
            number += 1;
        }
    }
    assert_eq!(world.recommended().await, [(id(31), 3), (id(32), 2), (id(30), 1)]);
    let first = world.figures.recommendations(today(), None, 2).await.unwrap();
    let rest = world.figures.recommendations(today(), first.next.as_ref(), 2).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.items[0].contact), (2, 1, id(30)));
    let other = world.tenant.figures(id(77)).recommendations(today(), first.next.as_ref(), 2).await;
    assert_eq!(other.unwrap_err().kind(), store::ErrorKind::BadCursor);
    assert!(world.figures.recommendations(today(), Some(&Cursor::new("x")), 2).await.is_err());
}

#[tokio::test]
async fn what_was_dismissed_stays_away_until_it_doubles() {
    let world = World::start().await;
    world.save_template(contact_id()).await;
    let dismiss = async || world.figures.dismiss(contact_id(), zone(), at(0), &writer(902)).await.unwrap();
    assert_eq!(dismiss().await, Dismissed::NotRecommended);
    for number in 60..62 {
        world.record(&posted(number, contact_id(), How::ByHand), 1).await;
    }
    assert_eq!(dismiss().await, Dismissed::Done);
    assert_eq!(dismiss().await, Dismissed::Done);
    assert_eq!((world.recommended().await, world.figures.prompt(contact_id(), today()).await.unwrap()), (vec![], None));
    world.record(&posted(62, contact_id(), How::ByHand), 2).await;
    assert_eq!(world.recommended().await, []);
    world.record(&posted(63, contact_id(), How::ByHand), 3).await;
    assert_eq!(world.recommended().await, [(contact_id(), 4)]);
    assert_eq!(world.figures.prompt(contact_id(), today()).await.unwrap(), Some(4));
    assert_eq!(world.figures.prompt(id(78), today()).await.unwrap(), None, "no template");
}

#[tokio::test]
async fn days_that_fall_out_of_the_window_are_found_and_taken_off() {
    let world = World::start().await;
    world.save_template(contact_id()).await;
    world.record(&posted(60, contact_id(), How::ByHand), 1).await;
    let mut later = posted(61, contact_id(), How::ByHand);
    later.booked.as_mut().unwrap().at = at(0) + TimeDelta::days(5);
    world.record(&later, 2).await;
    let system: SystemStore = world.test.store().system();
    let fallen = async |now: Instant| {
        let mut fallen = Vec::new();
        for shard in 0..SystemStore::SHARDS {
            fallen.extend(system.fallen(shard, now, 10).await.unwrap());
        }
        fallen
    };
    let after = |days| zone().start_of(today() + chrono::Days::new(days));
    assert_eq!(fallen(after(90) - TimeDelta::milliseconds(1)).await, []);
    let it = Fallen { tenant: tenant(), administration: administration(), contact: contact_id() };
    assert_eq!(fallen(after(90)).await, [it]);
    let day = zone().date_at(after(90));
    let shown = world.figures.recommendations(day, None, 10).await.unwrap();
    assert_eq!(shown.items[0].count, 1, "the count is exact before anybody has taken the day off");
    for (days, count) in [(90, 1), (95, 0)] {
        world.figures.refresh(contact_id(), zone(), after(days), &writer(3)).await.unwrap();
        assert_eq!(fallen(after(days)).await, []);
        let shown = world.figures.recommendations(zone().date_at(after(days)), None, 10).await.unwrap();
        assert_eq!(shown.items.iter().map(|it| it.count).sum::<u32>(), count);
    }
    assert_eq!(fallen(after(900)).await, [], "what is not recommended does not fall");
}

#[tokio::test]
async fn posted_documents_are_found_by_contact() {
    let world = World::start().await;
    let documents = world.tenant.documents();
    for number in 60..64 {
        let how = if number % 2 == 0 { How::ByHand } else { How::Automatically };
        let mut document = posted(number, contact_id(), how);
        document.received_at = at(i64::try_from(number).unwrap());
        world.record(&document, 1).await;
    }
    world.record(&posted(70, id(31), How::ByHand), 1).await;
    let of = (administration(), contact_id());
    let list = async |received, filter, cursor: Option<Cursor>, limit| {
        documents.archive_of_contact(of, received, filter, cursor.as_ref(), limit).await.unwrap()
    };
    let ids = |listed: &store::Listed<Document>| listed.items.iter().map(|it| it.id).collect::<Vec<_>>();
    let all = list(Span::default(), Filter::default(), None, 3).await;
    assert_eq!(ids(&all), [63, 62, 61].map(id::<DocumentId>));
    assert_eq!(all.items[0].booked, posted(63, contact_id(), How::ByHand).booked);
    assert_eq!(ids(&list(Span::default(), Filter::default(), all.next, 3).await), [id::<DocumentId>(60)]);
    let automatic = Filter { posted: Some(How::Automatically), ..Filter::default() };
    let filtered = list(Span::default(), automatic, None, 1).await;
    assert_eq!(ids(&filtered), [id::<DocumentId>(63)]);
    assert_eq!(ids(&list(Span::default(), automatic, filtered.next, 5).await), [id::<DocumentId>(61)]);
    let period = Span { from: Some(at(61)), before: Some(at(63)) };
    assert_eq!(ids(&list(period, Filter::default(), None, 9).await), [62, 61].map(id::<DocumentId>));
}

#[tokio::test]
async fn what_is_kept_without_being_posted_is_found_by_contact_too() {
    let world = World::start().await;
    let archived = next(&completed(&tagged(id(60)), 1), Status::Archived, 3);
    assert_eq!(world.record(&archived, 1).await, Recorded::Counted);
    let mut waiting = completed(&tagged(id(61)), 1);
    world.record(&waiting, 1).await;
    waiting.contact = None;
    world.record(&next(&waiting, Status::Archived, 3), 2).await;
    let of = (administration(), contact_id());
    let documents = world.tenant.documents();
    let listed = documents.archive_of_contact(of, Span::default(), Filter::default(), None, 9).await.unwrap();
    assert_eq!(listed.items, [archived]);
    assert!(world.recommended().await.is_empty(), "it is not posted");
}

#[tokio::test]
async fn changes_are_followed_by_number_in_one_read() {
    let world = World::start().await;
    let change =
        |number: u128, version| Change { document: id(number), version, status: Status::Incomplete, at: at(1) };
    assert_eq!(world.figures.changes(Read::Eventual).await.unwrap().sequence, 0);
    world.test.faults().plan("PutItem", 0, Fault::LoseAnswer);
    world.figures.tell(&[change(1, 2), change(2, 1)], &writer(1)).await.unwrap();
    world.figures.tell(&[change(2, 1), change(1, 1)], &writer(2)).await.unwrap();
    let changes = world.figures.changes(Read::Eventual).await.unwrap();
    assert_eq!(changes.since(1), Followed::All(vec![change(2, 1)]));
    assert_eq!(changes.sequence, 2, "what is told already is told once");
    let many: Vec<_> = (100..100 + CHANGES_MAX as u128).map(|number| change(number, 123_456)).collect();
    world.figures.tell(&many, &writer(3)).await.unwrap();
    world.test.take_units();
    let changes = world.figures.changes(Read::Eventual).await.unwrap();
    assert_eq!(world.test.take_units(), (0, 1), "half a read unit, however full it is");
    assert_eq!(changes.since(1), Followed::TooLate);
    assert_eq!(changes.since(2), Followed::All(many));
}

#[tokio::test]
async fn counting_a_posted_document_of_a_recommended_contact_costs_what_it_may() {
    let world = World::start().await;
    world.save_template(contact_id()).await;
    world.record(&posted(60, contact_id(), How::ByHand), 1).await;
    let document = posted(61, contact_id(), How::ByHand);
    let first = tagged(id(61));
    world.tenant.documents().create(&first, None, None, &writer(2)).await.unwrap();
    world.record(&completed(&first, 1), 2).await;
    assert_eq!(world.tenant.documents().history(first.id).await.unwrap().len(), 2, "counting is no event");
    world.test.take_units();
    world.record(&document, 3).await;
    let (write, half_read) = world.test.take_units();
    assert!(write <= 14 && half_read <= 8, "{write} write units, {half_read} halves of a read unit");
}
