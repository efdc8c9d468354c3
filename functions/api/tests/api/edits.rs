//! A document in a person's hands: corrected, coded half-way, booked and saved, coded with the contact's template.

use crate::{
    documents::{advance, tagged},
    world::*,
};
use domain::{
    content::{Coded, Content, Source},
    document::{Document, Event, Status, Step},
    hold::RecognisedField,
    invoice::{Invoice, Totals, VatSubtotal, VatTreatment},
    ledger::{DirectoryEntry, DirectoryKind},
    money::Currency,
    permission::Role,
    reason::Reason,
};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use store::{
    Read, Writer,
    document::{Change, Record},
    settings::Directory,
    testing::Which,
};

async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.link_accountant().await;
    world
}

pub fn invoice(number: &str) -> Invoice {
    Invoice {
        number: Some(number.to_owned()),
        issue_date: "2026-06-30".parse().ok(),
        currency: Some(Currency::EUR),
        totals: Totals { gross: Some(dec!(121)), net: Some(dec!(100)), vat: Some(dec!(21)), ..Totals::default() },
        vat_breakdown: vec![VatSubtotal {
            treatment: VatTreatment { category: Some("S".to_owned()), rate: Some(dec!(21)) },
            taxable: dec!(100),
            vat: dec!(21),
            exemption_reason: None,
        }],
        ..Invoice::default()
    }
}

fn scan() -> Source {
    let field = |name: &str, confidence| RecognisedField { name: name.to_owned(), confidence };
    Source::Recognised { fields: vec![field("number", dec!(0.5)), field("gross", dec!(0.9))] }
}

/// An orange document of the supplier: it has no template.
pub async fn orange(world: &World, number: u64, source: Source, invoice: Invoice) -> Document {
    Box::pin(put_orange(world, number, source, invoice)).await
}

async fn put_orange(world: &World, number: u64, source: Source, invoice: Invoice) -> Document {
    let documents = world.ours().documents();
    let before = tagged(number, i64::try_from(number).unwrap());
    let writer = |what: &str| Writer::new(&format!("{what}-{number}"), 1);
    documents.create(&before, None, Some(Step::Read), &writer("create")).await.unwrap();
    let missing = Reason::new("template_missing", "the contact has no posting template: save one");
    let content = Content {
        contact: Some(supplier()),
        source: Some(source),
        confidence_threshold: Some(Decimal::new(8, 1)),
        invoice: Some(invoice.clone()),
        ..crate::documents::content(&[], Coded::Incomplete { missing: vec![missing.clone()] })
    };
    let (status, step) = before.status.after(Event::FoundIncomplete).unwrap();
    let after = Document {
        version: 2,
        status,
        content_version: Some(2),
        contact: Some(supplier()),
        number: invoice.number,
        issue_date: invoice.issue_date,
        currency: invoice.currency,
        gross: invoice.totals.gross,
        missing: vec![missing.code.clone()],
        reason: Some(missing),
        unit: Some(unit()),
        ..before.clone()
    };
    documents.put_content(after.id, 2, &content, &writer("content")).await.unwrap();
    documents.transition(Change::new(&before, &after, step, Record::Covered), &writer("read")).await.unwrap();
    after
}

async fn patch(world: &World, document: &Document, version: u32, body: &Value) -> Reply {
    let path = format!("/documents/{}/edits", document.id);
    world.ask(&accountant(), "PATCH", path).at(version).json(body).send().await
}

async fn show(world: &World, document: &Document, what: &str) -> Value {
    world.get(&accountant(), format!("/documents/{}{what}", document.id)).await.ok(200)
}

fn line(net: &str) -> Value {
    json!({ "account": "4600", "vat_code": "4", "net": net, "description": "Fuel [invoice number]" })
}

fn codes(reasons: &Value) -> Vec<&str> {
    reasons.as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn recognised_fields_are_corrected_and_the_original_stays_beside_them() {
    let world = ready().await;
    let document = orange(&world, 1, scan(), Invoice { issue_date: None, ..invoice("F-l") }).await;
    let half = patch(&world, &document, 2, &json!({ "number": "F-1", "lines": [{ "net": "100.00" }] })).await.ok(200);
    assert_eq!((&half["status"], &half["number"]), (&json!("incomplete"), &json!("F-1")));
    let reasons = codes(&half["why"]["reasons"]);
    assert_eq!(
        reasons[..3],
        ["issue_date_missing", "line_account_missing", "line_vat_code_missing"],
        "saved half-way, with all that is missing"
    );
    let whole =
        json!({ "issue_date": "2026-06-30", "lines": [line("60.00"), line("40.00")], "due_date": "2026-09-01" });
    let whole = patch(&world, &document, 3, &whole).await.ok(200);
    assert_eq!((&whole["status"], &whole["ledger_account"]), (&json!("complete"), &json!("4600")));
    let content = show(&world, &document, "/content").await;
    assert_eq!(content["invoice"]["number"], "F-l", "the reading stays");
    assert_eq!(content["edits"]["fields"][0], json!({ "field": "number", "original": "F-l", "value": "F-1" }));
    assert_eq!(content["edits"]["by"], user_id(Role::Accountant).to_string());
    assert_eq!(content["posting"]["lines"][1]["description"], "Fuel F-1");
    assert_eq!(content["posting"]["due_date"], "2026-09-01");
    let history = show(&world, &document, "/history").await;
    let last = history.as_array().unwrap().last().unwrap();
    assert_eq!((&last["event"], &last["by"]), (&json!("edited_complete"), &json!(user_id(Role::Accountant))));
    let told = last["reason"]["text"].as_str().unwrap();
    assert!(told.contains("issue_date: nothing -> 2026-06-30") && told.contains("lines: 1 -> 2"), "{told}");
    let back = patch(&world, &document, 4, &json!({ "number": null, "lines": null })).await.ok(200);
    assert_eq!((&back["number"], &back["status"]), (&json!("F-l"), &json!("incomplete")));
}

#[tokio::test]
async fn a_request_that_changes_nothing_stores_nothing() {
    let world = ready().await;
    let document = orange(&world, 1, scan(), invoice("F-1")).await;
    patch(&world, &document, 2, &json!({ "lines": [line("100.00")] })).await.ok(200);
    let before = world.store.items(Which::Documents).await;
    for same in [json!({}), json!({ "lines": [line("100.00")] }), json!({ "number": null })] {
        let same = patch(&world, &document, 3, &same).await.ok(200);
        assert_eq!(same["version"], 3);
    }
    patch(&world, &document, 2, &json!({ "number": "X" })).await.refused(412, "stale");
    let path = format!("/documents/{}/edits", document.id);
    let reply = world.ask(&accountant(), "PATCH", path).json(&json!({ "number": "X" })).send().await;
    reply.refused(428, "if_match_missing");
    assert_eq!(world.store.items(Which::Documents).await, before);
}

#[tokio::test]
async fn garbage_is_blamed_on_its_field() {
    let world = ready().await;
    let document = orange(&world, 1, scan(), invoice("F-1")).await;
    for (body, code, pointer) in [
        (json!({ "issue_date": "31-12-2026" }), "invalid", "/issue_date"),
        (json!({ "issue_date": "1026-12-31" }), "invalid", "/issue_date"),
        (json!({ "due_date": "2962-01-01" }), "invalid", "/due_date"),
        (json!({ "gross": "12,50" }), "invalid", "/gross"),
        (json!({ "gross": "12.505" }), "invalid", "/gross"),
        (json!({ "gross": 12.5 }), "invalid", "/gross"),
        (json!({ "currency": "EURO" }), "invalid", "/currency"),
        (json!({ "currency": "XYZ" }), "invalid", "/currency"),
        (json!({ "number": "" }), "invalid", "/number"),
        (json!({ "number": "a\nb" }), "invalid", "/number"),
        (json!({ "kind": "bill" }), "invalid", "/kind"),
        (json!({ "colour": "red" }), "unknown_field", "/colour"),
        (json!({ "description": "[colour]" }), "invalid", "/description"),
        (json!({ "lines": [{ "net": "1.00", "x": 1 }] }), "unknown_field", "/lines/0/x"),
        (json!({ "lines": [line("1.00"), { "account": "9999" }] }), "unknown_code", "/lines/1/account"),
        (json!({ "lines": [{ "account": "4699" }] }), "unknown_code", "/lines/0/account"),
        (json!({ "lines": [{ "vat_code": "5" }] }), "unknown_code", "/lines/0/vat_code"),
        (json!({ "lines": [{ "rate": "121" }] }), "invalid", "/lines/0/rate"),
        (json!({ "lines": [{ "net": "1.001" }] }), "invalid", "/lines/0/net"),
        (json!({ "lines": vec![line("1.00"); 51] }), "invalid", "/lines"),
        (
            json!({ "vat_breakdown": [{ "category": "Q", "taxable": "1.00", "vat": "0.00" }] }),
            "invalid",
            "/vat_breakdown/0/category",
        ),
    ] {
        let refused = patch(&world, &document, 2, &body).await;
        let status = refused.status;
        assert_eq!(status, 422, "{body}: {}", refused.text);
        let refused = refused.refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
}

#[tokio::test]
async fn a_structured_document_is_coded_but_its_amounts_stand() {
    let world = ready().await;
    let document = orange(&world, 1, Source::Ubl, invoice("F-1")).await;
    for field in [json!({ "gross": "1.00" }), json!({ "number": "X" }), json!({ "kind": "credit_note" })] {
        patch(&world, &document, 2, &field).await.refused(409, "not_editable");
    }
    let body = json!({ "lines": [line("100.00")], "payment_reference": "RF [invoice number]" });
    patch(&world, &document, 2, &body).await.ok(200);
    let posting = show(&world, &document, "/content").await["posting"].clone();
    assert_eq!((&posting["gross"], &posting["payment_reference"]), (&json!("121"), &json!("RF F-1")));
    let nameless = orange(&world, 2, Source::Ubl, Invoice { number: None, ..invoice("") }).await;
    let keyed = patch(&world, &nameless, 2, &json!({ "number": "F-2", "lines": [line("100.00")] })).await.ok(200);
    assert_eq!(keyed["status"], "complete", "what it does not state itself can be keyed in");
}

#[tokio::test]
async fn claims_follow_the_corrected_number() {
    let world = ready().await;
    let first = orange(&world, 1, scan(), invoice("F-1")).await;
    patch(&world, &first, 2, &json!({ "lines": [line("100.00")] })).await.ok(200);
    let other = Invoice { issue_date: "2026-06-29".parse().ok(), ..invoice("F-2") };
    let second = orange(&world, 2, scan(), other).await;
    let green = patch(&world, &second, 2, &json!({ "lines": [line("100.00")] })).await.ok(200);
    assert!(!codes(&green["why"]["reasons"]).contains(&"duplicate_suspected"));
    let held = patch(&world, &second, 3, &json!({ "number": "F 1" })).await.ok(200);
    assert!(codes(&held["why"]["holds"]).contains(&"duplicate_suspected"), "{held}");
    let path = format!("/documents/{}/holds/duplicate_suspected/clear", second.id);
    world.post(&accountant(), path, &json!({ "reason": "Another shop" })).await.ok(200);
    let again = patch(&world, &second, 5, &json!({ "number": "F-3" })).await.ok(200);
    assert!(!codes(&again["why"]["holds"]).contains(&"duplicate_suspected"));
    let third = patch(&world, &first, 3, &json!({ "number": "F-3" })).await.ok(200);
    assert!(codes(&third["why"]["holds"]).contains(&"duplicate_suspected"), "the number is the second one's now");
}

#[tokio::test]
async fn what_a_person_has_in_hand_is_not_decided_on() {
    let world = ready().await;
    let document = orange(&world, 1, scan(), invoice("F-1")).await;
    patch(&world, &document, 2, &json!({ "lines": [line("100.00")] })).await.ok(200);
    let held = show(&world, &document, "").await;
    let open = codes(&held["why"]["holds"]).len();
    for (version, hold) in (3..).zip(codes(&held["why"]["holds"])) {
        let path = format!("/documents/{}/holds/{hold}/clear", document.id);
        world.ask(&accountant(), "POST", path).at(version).json(&json!({ "reason": "x" })).send().await.ok(200);
    }
    assert!(open > 0);
    let items = world.store.items(Which::Documents).await;
    let head = items.iter().find(|item| item["sk"]["S"] == "head").unwrap();
    assert_eq!(head["emit"]["S"], Step::Announce.as_str());
}

#[tokio::test]
async fn book_and_save_keeps_all_lines_and_plain_book_none() {
    let world = ready().await;
    let templates = format!("/administrations/{}/contacts/{}/template", books(), supplier());
    let plain = orange(&world, 1, Source::Ubl, invoice("F-1")).await;
    let post = |document: &Document| format!("/documents/{}/post", document.id);
    let body = json!({ "edits": { "lines": [line("100.00")] } });
    let posting = world.post(&accountant(), post(&plain), &body).await.ok(200);
    assert_eq!(posting["status"], "posting");
    world.get(&accountant(), &templates).await.refused(404, "not_found");

    let other = Invoice { issue_date: "2026-06-29".parse().ok(), ..invoice("F-2") };
    let saved = orange(&world, 2, Source::Ubl, other).await;
    let incomplete = json!({ "edits": { "lines": [line("90.00")] }, "save_template": true });
    world.post(&accountant(), post(&saved), &incomplete).await.refused(409, "incomplete");
    assert_eq!(show(&world, &saved, "").await["version"], 2, "nothing was stored");
    let body = json!({
        "edits": { "lines": [line("60.00"), line("40.00")], "payment_reference": "[payment reference]" },
        "save_template": true,
    });
    world.post(&accountant(), post(&saved), &body).await.ok(200);
    let template = world.get(&accountant(), &templates).await.ok(200);
    let shares: Vec<_> = template["lines"].as_array().unwrap().iter().map(|line| line["share"].clone()).collect();
    assert_eq!(shares, [json!("60"), json!("40")]);
    assert_eq!(template["lines"][0]["description"], "Fuel [invoice number]", "labels stay labels");
    assert_eq!(template["payment_reference"], "[payment reference]");
    assert!(world.audited().await.iter().any(|(what, _)| what == "template.saved"));
}

#[tokio::test]
async fn waiting_documents_take_the_template_on_request() {
    let world = ready().await;
    let mut waiting = Vec::new();
    for number in 1..=12 {
        let days = chrono::Days::new(number);
        let dated =
            Invoice { issue_date: invoice("").issue_date.map(|date| date - days), ..invoice(&format!("F-{number}")) };
        waiting.push(orange(&world, number, Source::Ubl, dated).await);
    }
    let all = format!("/administrations/{}/contacts/{}/apply-template", books(), supplier());
    world.ask(&accountant(), "POST", &all).send().await.refused(409, "template_missing");
    let one = format!("/documents/{}/apply-template", waiting[0].id);
    world.ask(&accountant(), "POST", &one).send().await.refused(409, "template_missing");
    world.add_template().await;
    let choose = format!("/documents/{}/contact", waiting[0].id);
    let offered = world.post(&accountant(), &choose, &json!({ "contact": supplier() })).await.ok(200);
    assert_eq!(
        (&offered["status"], &offered["version"]),
        (&json!("incomplete"), &json!(2)),
        "nothing happens by itself"
    );
    assert_eq!(offered["template_offer"]["lines"][0]["account"], "4600");
    let applied = world.ask(&accountant(), "POST", &one).at(2).send().await.ok(200);
    assert_eq!((&applied["status"], &applied["version"]), (&json!("complete"), &json!(3)));
    let again = world.ask(&accountant(), "POST", &one).send().await.ok(200);
    assert_eq!(again["version"], 3, "it is coded so already");
    let mut done = 0;
    let mut next = String::new();
    loop {
        let answer = world.ask(&accountant(), "POST", format!("{all}{next}")).send().await.ok(207);
        let results = answer["results"].as_array().unwrap();
        assert!(results.len() <= 10 && results.iter().all(|result| result["status"] == 200), "{answer}");
        done += results.len();
        match answer["next"].as_str() {
            Some(cursor) => next = format!("?cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(done, 12);
    for document in &waiting {
        assert_eq!(show(&world, document, "").await["status"], "complete");
    }
    let history = show(&world, &waiting[3], "/history").await;
    assert_eq!(history.as_array().unwrap().last().unwrap()["reason"]["code"], "template_applied");
    world.ask(&superuser(), "POST", &all).send().await.refused(403, "not_permitted");
}

#[tokio::test]
async fn a_booking_date_is_chosen_only_after_the_ledger_refused_the_period() {
    let world = ready().await;
    let document = orange(&world, 1, Source::Ubl, invoice("F-1")).await;
    let date = |day: &str| json!({ "booking_date": day });
    let green = patch(&world, &document, 2, &json!({ "lines": [line("100.00")] })).await.ok(200);
    patch(&world, &document, 3, &date("2026-07-01")).await.refused(409, "directory_missing");
    let period = |code: &str, first: &str, last: &str| DirectoryEntry {
        code: code.to_owned(),
        days: first.parse().ok().zip(last.parse().ok()),
        ..DirectoryEntry::default()
    };
    let entries = vec![
        period("2026-06", "2026-06-01", "2026-06-30"),
        period("2026-07", "2026-07-01", "2026-07-31"),
        period("2026-08", "2026-08-01", "2026-08-31"),
    ];
    let periods = Directory { entries, fetched_at: start() };
    world.ours().directories().put(&unit(), DirectoryKind::Periods, &periods).await.unwrap();
    let refused = patch(&world, &document, 3, &date("2026-07-01")).await.refused(409, "booking_date");
    assert_eq!(refused["errors"][0]["pointer"], "/booking_date");
    assert_eq!(green["version"], 3);
    let before = world.ours().documents().get(document.id, Read::Consistent).await.unwrap().unwrap();
    let rejected = advance(&world, &before, Status::Rejected, |document| {
        document.reason = Some(Reason::new("period_closed", "Period is closed"));
    })
    .await;
    for wrong in ["2026-06-30", "2026-05-01", "2026-08-01"] {
        patch(&world, &rejected, 4, &date(wrong)).await.refused(409, "booking_date");
    }
    let chosen = patch(&world, &rejected, 4, &date("2026-07-01")).await.ok(200);
    assert_eq!((&chosen["status"], &chosen["issue_date"]), (&json!("complete"), &json!("2026-06-30")));
    let content = show(&world, &document, "/content").await;
    assert_eq!(content["posting"]["booking_date"], "2026-07-01");
    assert_eq!(content["posting"]["issue_date"], "2026-06-30");
    assert_eq!(content["refusal"]["code"], "period_closed", "why it may be chosen");
    let again = patch(&world, &rejected, 5, &date("2026-07-02")).await.ok(200);
    assert_eq!(again["version"], 6, "and changed until it is posted");
    assert!(world.audited().await.iter().any(|(what, _)| what == "document.booking_date"));
}

#[tokio::test]
async fn only_waiting_documents_are_edited() {
    let world = ready().await;
    let document = orange(&world, 1, Source::Ubl, invoice("F-1")).await;
    for token in [superuser(), client()] {
        let path = format!("/documents/{}/edits", document.id);
        let reply = world.ask(&token, "PATCH", path).at(2).json(&json!({ "number": "X" })).send().await;
        reply.refused(403, "not_permitted");
    }
    let uncertain = advance(&world, &document, Status::Uncertain, |_| {}).await;
    patch(&world, &uncertain, 3, &json!({ "lines": [] })).await.refused(409, "state");
    let posted = advance(&world, &uncertain, Status::Posted, |_| {}).await;
    patch(&world, &posted, 4, &json!({ "lines": [] })).await.refused(409, "locked");
}
