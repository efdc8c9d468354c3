//! Looking at documents: one, its history, decisions, files, and the lists.

use crate::world::*;
use chrono::TimeDelta;
use domain::{
    automation::{Check, Decision, DocumentFormat, Outcome, StayReason, TraceStep, Value as Compared, Verdict},
    content::{Coded, Content, HistoryEntry, Source},
    document::{Actor, Channel, Delivered, Document, Event, PostedBy, Status, Step},
    hold::{Hold, HoldCode},
    ids::{DocumentId, RuleId},
    invoice::{Attachment, AttachmentSource, Invoice, InvoiceKind, Totals},
    ledger::Direction,
    money::Currency,
    permission::Role,
    reason::Reason,
};
use rust_decimal::Decimal;
use serde_json::json;
use store::{
    Writer,
    document::{Change, File, Record},
};

/// A tagged document, received so many seconds after the start.
pub fn tagged(number: u64, second: i64) -> Document {
    let at = start() + TimeDelta::seconds(second);
    let delivered = Delivered {
        id: id(number),
        administration: books(),
        format: DocumentFormat::Ubl,
        file_name: "a.xml",
        channel: Channel::Api,
        at,
    };
    Document::tagged(&delivered, Direction::Purchase, Actor::User(user_id(Role::ClientUser)))
}

/// What was read from it.
pub fn content(holds: &[HoldCode], coded: Coded) -> Content {
    let hold = |code: &HoldCode| match code {
        HoldCode::DuplicateSuspected => Hold::duplicate_of(id(99)),
        code => serde_json::from_value(json!({ "code": code, "detail": "values" })).unwrap(),
    };
    let attachment = |filename: &str, source| Attachment {
        id: "1".to_owned(),
        description: None,
        filename: Some(filename.to_owned()),
        mime: None,
        source,
    };
    Content {
        tagged_at: start(),
        tagged_by: Actor::User(user_id(Role::ClientUser)),
        read_at: start(),
        source: Some(Source::Ubl),
        invoice: Some(Invoice {
            number: Some("F-2026-1".to_owned()),
            issue_date: "2026-06-30".parse().ok(),
            currency: Some(Currency::EUR),
            totals: Totals { gross: Some(Decimal::new(12_100, 2)), ..Totals::default() },
            attachments: vec![
                attachment("time sheet.pdf", AttachmentSource::Embedded { size: 3 }),
                attachment("x", AttachmentSource::External { uri: "http://example.nl/x".to_owned() }),
            ],
            ..Invoice::default()
        }),
        violations: Vec::new(),
        holds: holds.iter().map(hold).collect(),
        cleared: Vec::new(),
        contact: Some(supplier()),
        confidence_threshold: None,
        edits: None,
        rate: None,
        refusal: None,
        coded,
    }
}

/// What coding came to when nothing is missing.
pub fn complete() -> Coded {
    serde_json::from_value(json!({ "state": "complete", "posting": {
        "direction": "purchase", "kind": "invoice", "contact": supplier(), "number": "F-2026-1",
        "issue_date": "2026-06-30", "currency": "EUR", "description": "Molen F-2026-1",
        "lines": [{ "account": "4600", "vat_code": "4", "category": "S", "rate": "21", "net": "100.00", "vat": "21.00",
            "description": "Molen" }],
        "net": "100.00", "vat": "21.00", "gross": "121.00"
    } }))
    .unwrap()
}

/// Puts a document that was read: green with these holds, or with what coding came to.
pub async fn read(world: &World, number: u64, second: i64, holds: &[HoldCode], coded: Coded) -> Document {
    let documents = world.ours().documents();
    let before = tagged(number, second);
    let writer = |what: &str| Writer::new(&format!("{what}-{number}"), 1);
    documents.create(&before, None, Some(Step::Read), &writer("create")).await.unwrap();
    let content = content(holds, coded);
    let (event, reason) = match &content.coded {
        Coded::Complete { .. } => (Event::Completed, content.holds.first().map(Reason::from)),
        Coded::Incomplete { missing } => (Event::FoundIncomplete, missing.first().cloned()),
        Coded::Unreadable { error } => (Event::FoundUnreadable, Some(error.clone())),
    };
    let (status, step) = before.status.after(event).unwrap();
    let after = Document {
        version: 2,
        status,
        content_version: Some(2),
        kind: Some(InvoiceKind::Invoice),
        contact: Some(supplier()),
        party: Some("Molen".to_owned()),
        number: Some("F-2026-1".to_owned()),
        issue_date: "2026-06-30".parse().ok(),
        currency: Some(Currency::EUR),
        gross: Some(Decimal::new(12_100, 2)),
        holds: holds.to_vec(),
        reason,
        unit: Some(unit()),
        ..before.clone()
    };
    documents.put_content(after.id, 2, &content, &writer("content")).await.unwrap();
    documents.transition(Change::new(&before, &after, step, Record::Covered), &writer("read")).await.unwrap();
    after
}

/// The next version of a document in the store.
pub async fn advance(world: &World, before: &Document, status: Status, change: impl FnOnce(&mut Document)) -> Document {
    let mut after = Document { version: before.version + 1, status, ..before.clone() };
    change(&mut after);
    let writer = Writer::new(&format!("{}-{}", after.id, after.version), 1);
    let change = Change::new(before, &after, Step::Announce, Record::Covered);
    let documents = world.ours().documents();
    match status {
        Status::Complete => documents.rest(change, &writer).await.unwrap(),
        _ => documents.transition(change, &writer).await.unwrap(),
    }
    after
}

/// It is decided that a green document stays.
pub async fn stays(world: &World, before: &Document, reason: StayReason) -> Document {
    let version = before.version + 1;
    let step = |check, verdict, document, wanted, rule| TraceStep { check, verdict, document, wanted, rule };
    let rule = Some((id::<RuleId>(4), 2));
    let amount = |units: i64| Compared::Amount(Decimal::new(units, 2));
    let decision = Decision {
        outcome: Outcome::Stay { reason },
        trace: vec![
            step(Check::Complete, Verdict::Passed, Compared::None, Compared::None, None),
            step(Check::RuleMaximum, Verdict::Failed, amount(12_100), amount(10_000), rule),
        ],
    };
    let entry = HistoryEntry {
        at: before.updated_at,
        by: Actor::System,
        event: None,
        status: Status::Complete,
        version,
        reason: Some(reason.into()),
    };
    let writer = Writer::new(&format!("trace-{}-{version}", before.id), 1);
    world.ours().documents().put_trace(before.id, version, &decision, &entry, &writer).await.unwrap();
    advance(world, before, Status::Complete, |document| {
        document.decision_version = Some(version);
        document.reason = Some(reason.into());
    })
    .await
}

fn missing() -> Coded {
    Coded::Incomplete {
        missing: vec![Reason::new("template_missing", "the contact has no posting template: save one")],
    }
}

fn path(document: &Document, more: &str) -> String {
    format!("/documents/{}{more}", document.id)
}

#[tokio::test]
async fn a_document_says_why_it_stands_where_it_stands() {
    let world = World::start().await;
    let orange = read(&world, 1, 0, &[], missing()).await;
    let reply = world.get(&accountant(), path(&orange, "")).await;
    assert_eq!((reply.header("etag"), reply.header("cache-control")), ("\"2\"", "private, no-cache"));
    let shown = reply.ok(200);
    assert_eq!(shown["status"], "incomplete");
    assert_eq!(shown["gross"], "121.00", "amounts are text");
    assert_eq!(shown["why"]["reason"]["code"], "template_missing");
    let text = shown["why"]["text"].as_str().unwrap();
    assert!(text.starts_with("Incomplete") && text.ends_with("save one."), "{text}");
    let held = read(&world, 2, 0, &[HoldCode::NewIban, HoldCode::Prepaid], complete()).await;
    let shown = world.get(&accountant(), path(&held, "")).await.ok(200);
    let codes: Vec<_> = shown["why"]["holds"].as_array().unwrap().iter().map(|hold| &hold["code"]).collect();
    assert_eq!(codes, ["new_iban", "prepaid"]);
    // Polling costs little: who has the version gets no body.
    let unchanged = world.ask(&accountant(), "GET", path(&held, "")).header("if-none-match", "\"2\"").send().await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
    let other = world.ask(&accountant(), "GET", path(&held, "")).header("if-none-match", "\"1\"").send().await;
    other.ok(200);
}

#[tokio::test]
async fn the_content_has_all_reasons_and_what_would_be_booked() {
    let world = World::start().await;
    let held = read(&world, 1, 0, &[HoldCode::DuplicateSuspected], complete()).await;
    let shown = world.get(&accountant(), path(&held, "/content")).await.ok(200);
    assert_eq!(shown["posting"]["lines"][0]["net"], "100.00");
    assert_eq!(shown["holds"][0]["needs_clearing"], true);
    assert_eq!(shown["holds"][0]["detail"], id::<DocumentId>(99).to_string());
    let orange = read(&world, 2, 0, &[], missing()).await;
    let shown = world.get(&accountant(), path(&orange, "/content")).await.ok(200);
    assert_eq!(shown["missing"][0]["code"], "template_missing");
    let untagged = deliver(&world).await;
    world.get(&accountant(), format!("/documents/{untagged}/content")).await.refused(404, "not_found");
    world.get(&client(), path(&held, "/content")).await.refused(403, "not_permitted");
}

/// Delivers an untagged document; its id.
pub async fn deliver(world: &World) -> String {
    let target = format!("/documents?administration={}", books());
    let made = world.ask(&client(), "POST", target).bytes("application/xml", b"<a/>").send().await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_history_tells_everything_and_why_it_was_not_posted() {
    let world = World::start().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    world.get(&accountant(), path(&green, "/decision")).await.refused(404, "not_found");
    let stays = stays(&world, &green, StayReason::AboveMaximum).await;
    let decision = world.get(&accountant(), path(&stays, "/decision")).await.ok(200);
    assert_eq!((&decision["outcome"], &decision["reason"]["code"]), (&json!("stay"), &json!("above_maximum")));
    assert_eq!((&decision["version"], &decision["current"]), (&json!(3), &json!(true)));
    assert_eq!((&decision["earlier"], &decision["next"]), (&json!([]), &json!(null)));
    let step = &decision["trace"][1];
    assert_eq!((&step["check"], &step["passed"]), (&json!("rule_maximum"), &json!(false)));
    assert_eq!((&step["document"], &step["wanted"]), (&json!("121.00"), &json!("100.00")));
    assert_eq!(step["rule"], json!({ "id": id::<RuleId>(4), "version": 2 }));
    assert_eq!(step["text"], "No: the total including VAT of 121.00 is above the rule's maximum of 100.00");
    let history = world.get(&accountant(), path(&stays, "/history")).await.ok(200);
    let events: Vec<_> = history.as_array().unwrap().iter().map(|entry| entry["event"].as_str()).collect();
    assert_eq!(events, [None, Some("tag"), Some("completed"), None]);
    assert_eq!(history[1]["by"], user_id(Role::ClientUser).to_string());
    assert_eq!(history[3]["decision"]["reason"]["code"], "above_maximum");
    world.get(&client(), path(&stays, "/history")).await.refused(403, "not_permitted");
    world.get(&superuser(), path(&stays, "/decision")).await.refused(403, "not_permitted");
}

#[tokio::test]
async fn earlier_decisions_are_told_page_by_page() {
    let world = World::start().await;
    let mut document = read(&world, 1, 0, &[], complete()).await;
    let reasons = [StayReason::AutomationOff, StayReason::NoRule, StayReason::NotUbl, StayReason::AboveMaximum];
    for reason in reasons {
        document = stays(&world, &document, reason).await;
    }
    let target = |query: &str| path(&document, &format!("/decision{query}"));
    let code = |decision: &serde_json::Value| decision["reason"]["code"].as_str().unwrap().to_owned();
    let earlier =
        |shown: &serde_json::Value| -> Vec<String> { shown["earlier"].as_array().unwrap().iter().map(code).collect() };
    let shown = world.get(&accountant(), target("")).await.ok(200);
    assert_eq!((code(&shown), &shown["version"]), ("above_maximum".to_owned(), &json!(6)));
    assert_eq!(earlier(&shown), ["not_ubl", "no_rule", "automation_off"], "the latest first");
    assert_eq!(shown["next"], json!(null));
    let one = &shown["earlier"][0];
    assert_eq!((&one["version"], &one["trace"][1]["document"]), (&json!(5), &json!("121.00")));
    assert_eq!(one["trace"][1]["rule"], json!({ "id": id::<RuleId>(4), "version": 2 }));
    let dutch =
        world.ask(&accountant(), "GET", target("?limit=2")).header("accept-language", "nl").send().await.ok(200);
    assert_eq!((earlier(&dutch), &dutch["next"]), (vec!["not_ubl".to_owned(), "no_rule".to_owned()], &json!(4)));
    let text = "De regels voor automatisch boeken van de relatie gelden alleen voor UBL";
    assert_eq!(dutch["earlier"][0]["reason"]["text"], text);
    let rest = world.get(&accountant(), target("?limit=2&before=4")).await.ok(200);
    assert_eq!((code(&rest), earlier(&rest)), ("above_maximum".to_owned(), vec!["automation_off".to_owned()]));
    assert_eq!(rest["next"], json!(null));
    // Tagged again, it is as it was decided before, until it is decided anew.
    let tagged = advance(&world, &document, Status::Tagged, |document| document.decision_version = None).await;
    let shown = world.get(&accountant(), path(&tagged, "/decision?limit=0")).await.ok(200);
    assert_eq!((code(&shown), &shown["current"]), ("above_maximum".to_owned(), &json!(false)));
    assert_eq!((&shown["earlier"], &shown["next"]), (&json!([]), &json!(6)));
    for query in ["?limit=21", "?before=x", "?colour=red"] {
        world.get(&accountant(), target(query)).await.refused(400, "invalid_query");
    }
}

#[tokio::test]
async fn lists_show_what_waits_and_what_is_done() {
    let world = World::start().await;
    let orange = read(&world, 1, 10, &[], missing()).await;
    let green = read(&world, 2, 20, &[], complete()).await;
    let overview = format!("/administrations/{}/overview", books());
    let ids = |body: &serde_json::Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let shown = world.get(&accountant(), &overview).await.ok(200);
    assert_eq!(ids(&shown), [orange.id.to_string()], "a green one is listed once it is decided that it stays");
    let green = stays(&world, &green, StayReason::NoRule).await;
    let shown = world.get(&accountant(), &overview).await.ok(200);
    assert_eq!(ids(&shown), [green.id.to_string(), orange.id.to_string()], "newest first");
    assert_eq!(shown["items"][0]["why"]["reason"]["code"], "no_rule");
    let shown = world.get(&accountant(), format!("{overview}?status=incomplete")).await.ok(200);
    assert_eq!(ids(&shown), [orange.id.to_string()]);
    let page = world.get(&accountant(), format!("{overview}?limit=1")).await.ok(200);
    let next = format!("{overview}?limit=1&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(ids(&world.get(&accountant(), next).await.ok(200)), [orange.id.to_string()]);
    world.get(&accountant(), format!("{overview}?status=green")).await.refused(400, "invalid_query");
}

/// A posted document.
pub async fn posted(world: &World, number: u64, second: i64, by: PostedBy) -> Document {
    let green = read(world, number, second, &[], complete()).await;
    let posting = advance(world, &green, Status::Posting, |document| document.posted_by = Some(by)).await;
    advance(world, &posting, Status::Posted, |document| {
        document.booked = Some(domain::document::Booked {
            ledger_id: "guid".to_owned(),
            ledger_number: "26600042".to_owned(),
            link: None,
            at: start(),
        });
    })
    .await
}

#[tokio::test]
async fn the_archive_is_filtered_by_who_posted_and_when_it_came() {
    let world = World::start().await;
    let robot = PostedBy { user: user_id(Role::Accountant), rule: Some((id(4), 1)) };
    let person = PostedBy { user: user_id(Role::SmeAccountant), rule: None };
    let first = posted(&world, 1, 10, robot).await;
    let second = posted(&world, 2, 20, person).await;
    let archive = async |query: String| {
        let target = format!("/administrations/{}/archive{query}", books());
        let body = world.get(&superuser(), target).await.ok(200);
        let items = body["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    let (first, second) = (first.id.to_string(), second.id.to_string());
    assert_eq!(archive(String::new()).await, format!("{second} {first}"));
    assert_eq!(archive("?posted_by=automation".to_owned()).await, first);
    assert_eq!(archive("?posted_by=person".to_owned()).await, second);
    assert_eq!(archive(format!("?posted_by={}", user_id(Role::Accountant))).await, first);
    assert_eq!(archive("?from=2026-07-01T10:00:20Z".to_owned()).await, second);
    assert_eq!(archive("?to=2026-07-01T10:00:20Z".to_owned()).await, first);
    assert_eq!(
        archive("?from=2026-07-01T10:00:10Z&to=2026-07-01T10:00:21Z".to_owned()).await,
        format!("{second} {first}")
    );
    assert!(archive("?from=2026-07-02T00:00:00Z".to_owned()).await.is_empty());
    for query in ["posted_by=robot", "from=yesterday", "status=green"] {
        let target = format!("/administrations/{}/archive?{query}", books());
        world.get(&superuser(), target).await.refused(400, "invalid_query");
    }
    let shown = world.get(&superuser(), format!("/documents/{first}")).await.ok(200);
    assert_eq!(shown["booked"]["ledger_number"], "26600042");
    assert_eq!(
        shown["posted_by"],
        json!({ "user": user_id(Role::Accountant), "rule": { "id": id::<RuleId>(4), "version": 1 } })
    );
}

#[tokio::test]
async fn a_superuser_sees_the_archive_and_not_what_is_under_way() {
    let world = World::start().await;
    let orange = read(&world, 1, 0, &[], missing()).await;
    world.get(&superuser(), path(&orange, "")).await.refused(403, "not_permitted");
    world.get(&superuser(), path(&orange, "/source")).await.refused(403, "not_permitted");
    let done = posted(&world, 2, 0, PostedBy { user: user_id(Role::Accountant), rule: None }).await;
    world.get(&superuser(), path(&done, "")).await.ok(200);
}

#[tokio::test]
async fn downloads_are_addresses_and_recorded() {
    let world = World::start().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let documents = world.ours().documents();
    documents.put_file(green.id, File::Source, b"<Invoice/>".to_vec(), "application/xml").await.unwrap();
    let source = world.get(&client(), path(&green, "/source")).await.ok(200);
    let url = source["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Expires=300") && url.contains("response-content-disposition=attachment"), "{url}");
    assert_eq!((&source["file_name"], &source["expires_at"]), (&json!("a.xml"), &json!("2026-07-01T10:05:00Z")));
    let attachment = world.get(&client(), path(&green, "/attachments/0")).await.ok(200);
    assert_eq!(attachment["file_name"], "time sheet.pdf");
    world.get(&client(), path(&green, "/attachments/1")).await.refused(404, "not_found");
    world.get(&client(), path(&green, "/attachments/2")).await.refused(404, "not_found");
    world.get(&client(), path(&green, "/attachments/x")).await.refused(404, "not_found");
    let audited = world.audited().await;
    let by = user_id(Role::ClientUser).to_string();
    for what in ["document.source_downloaded", "document.attachment_downloaded"] {
        assert!(audited.contains(&(what.to_owned(), by.clone())), "{audited:?}");
    }
    let objects = world.store.object_names();
    assert!(objects.len() == 1 && url.contains(&objects[0]), "a small original is copied into the bucket: {objects:?}");
}
