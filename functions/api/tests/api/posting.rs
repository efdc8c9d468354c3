//! What a person does with documents: tag, choose a contact, clear holds, post, reject, delete, and settle what is uncertain.

use crate::{
    documents::{advance, complete, deliver, posted, read, stays},
    world::*,
};
use domain::{
    automation::StayReason,
    content::Coded,
    document::{Actor, Document, PostedBy, Status, Step},
    hold::HoldCode,
    ids::{ContactId, DocumentId},
    permission::Role,
    reason::Reason,
    task::Work,
};
use serde_json::{Value, json};
use store::{
    Read,
    document::{Claim, ClaimKey},
    testing::Which,
};

fn path(document: &Document, what: &str) -> String {
    format!("/documents/{}/{what}", document.id)
}

async fn act(world: &World, document: &Document, what: &str, body: &Value) -> Reply {
    world.post(&accountant(), path(document, what), body).await
}

/// Everything that posting by hand needs.
async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.link_accountant().await;
    world
}

async fn stored(world: &World, id: DocumentId) -> Document {
    world.ours().documents().get(id, Read::Consistent).await.unwrap().unwrap()
}

async fn emitted(world: &World, id: DocumentId) -> String {
    let items = world.store.items(Which::Documents).await;
    let ends = format!("#{id}");
    let head =
        items.iter().find(|item| item["pk"]["S"].as_str().unwrap().ends_with(&ends) && item["sk"]["S"] == "head");
    head.unwrap()["emit"]["S"].as_str().unwrap_or_default().to_owned()
}

fn missing() -> Coded {
    Coded::Incomplete { missing: vec![Reason::new("contact_unknown", "no contact is known")] }
}

#[tokio::test]
async fn tagging_again_begins_anew() {
    let world = ready().await;
    let document = deliver(&world).await;
    let target = format!("/documents/{document}/tag");
    let tagged = world.post(&client(), &target, &json!({ "tag": "purchase" })).await;
    assert_eq!(tagged.header("etag"), "\"2\"");
    assert_eq!(tagged.ok(200)["status"], "tagged");
    world.post(&client(), &target, &json!({ "tag": "sales" })).await.refused(409, "state");
    let orange = read(&world, 1, 0, &[HoldCode::NewIban], missing()).await;
    let again = act(&world, &orange, "tag", &json!({ "tag": "sales" })).await.ok(200);
    assert_eq!((&again["tag"], &again["contact"], &again["version"]), (&json!("sales"), &Value::Null, &json!(3)));
    assert_eq!(again["why"]["holds"], json!([]));
    assert_eq!(stored(&world, orange.id).await.tagged_by, Some(Actor::User(user_id(Role::Accountant))));
    assert_eq!(emitted(&world, orange.id).await, Step::Read.as_str());
    for wrong in [json!({}), json!({ "tag": "bank" }), json!({ "tag": "sales", "x": 1 })] {
        assert_eq!(act(&world, &orange, "tag", &wrong).await.status, 422);
    }
}

#[tokio::test]
async fn a_chosen_contact_is_coded_anew() {
    let world = ready().await;
    let orange = read(&world, 1, 0, &[], missing()).await;
    let orange = advance(&world, &orange, Status::Incomplete, |document| document.contact = None).await;
    let unknown = json!({ "contact": id::<ContactId>(77) });
    let refused = act(&world, &orange, "contact", &unknown).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/contact");
    let customer = json!({ "direction": "sales", "name": "Customer" });
    let contacts = format!("/administrations/{}/contacts", books());
    let customer = world.post(&accountant(), contacts, &customer).await.ok(201);
    act(&world, &orange, "contact", &json!({ "contact": customer["id"] })).await.refused(422, "unknown_reference");
    let chosen = act(&world, &orange, "contact", &json!({ "contact": supplier() })).await.ok(200);
    assert_eq!((&chosen["status"], &chosen["contact"]), (&json!("tagged"), &json!(supplier())));
    assert_eq!(emitted(&world, orange.id).await, Step::Read.as_str());
    let untagged = format!("/documents/{}/contact", deliver(&world).await);
    world.post(&accountant(), untagged, &json!({ "contact": supplier() })).await.refused(409, "state");
}

#[tokio::test]
async fn a_linked_accountant_posts_by_hand() {
    let world = ready().await;
    let green = read(&world, 1, 0, &[HoldCode::NewIban], complete()).await;
    let reply = world.ask(&accountant(), "POST", path(&green, "post")).at(1).send().await;
    reply.refused(412, "stale");
    let reply = world.ask(&accountant(), "POST", path(&green, "post")).at(2).send().await;
    let posting = reply.ok(200);
    assert_eq!((&posting["status"], &posting["unit"]), (&json!("posting"), &json!(unit().to_string())));
    assert_eq!(posting["posted_by"], json!({ "user": user_id(Role::Accountant) }));
    assert_eq!(emitted(&world, green.id).await, Step::Turn.as_str());
    let due = world.ours().documents().due(&unit(), world.now(), 10).await.unwrap();
    assert_eq!(due[0].document, green.id.into());
    let history = world.ours().documents().history(green.id).await.unwrap();
    assert_eq!(history.last().unwrap().by, Actor::User(user_id(Role::Accountant)));
    // Maintenance knows the unit, whatever becomes of the message.
    let mut known = Vec::new();
    for shard in 0..store::SystemStore::SHARDS {
        known.extend(world.store.store().system().units(shard).await.unwrap());
    }
    assert!(known.iter().any(|known| known.unit == unit()));
    world.ask(&accountant(), "POST", path(&green, "post")).send().await.refused(409, "state");
}

#[tokio::test]
async fn what_is_not_ready_is_not_posted() {
    let world = World::start().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let post = |token: Token| world.ask(&token, "POST", path(&green, "post")).send();
    post(accountant()).await.refused(409, "division_missing");
    world.connect().await;
    post(accountant()).await.refused(403, "not_linked");
    post(client()).await.refused(403, "not_permitted");
    post(superuser()).await.refused(403, "not_permitted");
    world.link_accountant().await;
    world.wait(61);
    let orange = read(&world, 2, 0, &[], missing()).await;
    world.ask(&accountant(), "POST", path(&orange, "post")).send().await.refused(409, "state");
    let held = read(&world, 3, 0, &[HoldCode::NewIban, HoldCode::DuplicateSuspected], complete()).await;
    let refused = world.ask(&accountant(), "POST", path(&held, "post")).send().await.refused(409, "holds_open");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("duplicate_suspected") && !detail.contains("new_iban"), "{detail}");
    post(accountant()).await.ok(200);
}

#[tokio::test]
async fn a_document_that_the_ledger_refused_can_be_posted_again() {
    let world = ready().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let posting = advance(&world, &green, Status::Posting, |_| {}).await;
    let failed = advance(&world, &posting, Status::Rejected, |document| {
        document.reason = Some(Reason::new("period_closed", "the period is closed"));
    })
    .await;
    let shown = world.get(&accountant(), format!("/documents/{}", failed.id)).await.ok(200);
    assert!(shown["why"]["text"].as_str().unwrap().contains("the period is closed"));
    let again = world.ask(&accountant(), "POST", path(&failed, "post")).send().await.ok(200);
    assert_eq!((&again["status"], &again["why"]["reason"]), (&json!("posting"), &Value::Null));
}

#[tokio::test]
async fn a_hold_is_cleared_with_a_reason() {
    let world = ready().await;
    let held = read(&world, 1, 0, &[HoldCode::DuplicateSuspected, HoldCode::NewIban], complete()).await;
    let held = stays(&world, &held, StayReason::Held(HoldCode::DuplicateSuspected)).await;
    let clear = async |code: &str, body: Value| {
        world.post(&accountant(), path(&held, &format!("holds/{code}/clear")), &body).await
    };
    assert_eq!(clear("duplicate_suspected", json!({})).await.status, 422);
    clear("duplicate_suspected", json!({ "reason": " " })).await.refused(422, "invalid");
    clear("prepaid", json!({ "reason": "x" })).await.refused(409, "hold_not_open");
    clear("colour", json!({ "reason": "x" })).await.refused(409, "hold_not_open");
    let cleared = clear("duplicate_suspected", json!({ "reason": "Two deliveries" })).await.ok(200);
    assert_eq!(cleared["why"]["holds"][0]["code"], "new_iban");
    assert_eq!(cleared["why"]["reason"], Value::Null, "the reason that was cleared is none any more");
    assert_eq!(emitted(&world, held.id).await, Step::Announce.as_str(), "something else still holds it");
    let content = world.get(&accountant(), format!("/documents/{}/content", held.id)).await.ok(200);
    assert_eq!(content["holds"][0]["cleared"]["reason"], "Two deliveries");
    assert_eq!(content["holds"][0]["cleared"]["by"], user_id(Role::Accountant).to_string());
    let cleared = clear("new_iban", json!({ "reason": "Confirmed by phone" })).await.ok(200);
    assert_eq!((&cleared["status"], &cleared["version"]), (&json!("complete"), &json!(5)));
    assert_eq!(emitted(&world, held.id).await, Step::Evaluate.as_str(), "decided on anew");
    let history = world.get(&accountant(), format!("/documents/{}/history", held.id)).await.ok(200);
    let notes: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["reason"]["code"] == "hold_cleared")
        .map(|entry| (entry["event"].clone(), entry["reason"]["text"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(notes.len(), 2, "{history}");
    assert!(notes.iter().all(|(event, _)| event.is_null()) && notes[0].1.contains("Two deliveries"));
    assert_eq!(history.as_array().unwrap().iter().filter(|entry| entry["event"] == "completed").count(), 1);
    let overview = world.get(&accountant(), format!("/administrations/{}/overview", books())).await.ok(200);
    assert_eq!(overview["items"].as_array().unwrap().len(), 1, "it stays where people see it");
    // The cleared one has the claims now: a third copy is suspected in its turn.
    let documents = world.ours();
    let invoice = documents.documents().content(held.id, 5).await.unwrap().unwrap().invoice.unwrap();
    let keys = ClaimKey::of(books(), domain::ledger::Direction::Purchase, supplier(), &invoice);
    assert_eq!(documents.claims().claim(&keys, id(3)).await.unwrap(), Claim::HeldBy(held.id));
}

#[tokio::test]
async fn a_rejected_document_is_as_newly_received() {
    let world = ready().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let settings = world.ours();
    let invoice = settings.documents().content(green.id, 2).await.unwrap().unwrap().invoice.unwrap();
    let keys = ClaimKey::of(books(), domain::ledger::Direction::Purchase, supplier(), &invoice);
    settings.claims().claim(&keys, green.id).await.unwrap();
    let rejected = act(&world, &green, "reject", &json!({ "reason": "Not ours" })).await.ok(200);
    for field in ["tag", "contact", "number", "gross", "kind"] {
        assert_eq!(rejected[field], Value::Null, "{field}");
    }
    assert_eq!((&rejected["status"], &rejected["received_at"]), (&json!("received"), &json!("2026-07-01T10:00:00Z")));
    let intake = world.get(&client(), format!("/administrations/{}/intake", books())).await.ok(200);
    assert_eq!(intake["items"][0]["id"], green.id.to_string());
    let history = world.get(&accountant(), format!("/documents/{}/history", green.id)).await.ok(200);
    assert_eq!(history.as_array().unwrap().last().unwrap()["reason"]["text"], "Not ours");
    assert_eq!(settings.claims().claim(&keys, id(3)).await.unwrap(), Claim::Claimed, "another copy may be the first");
    act(&world, &green, "reject", &json!({})).await.refused(409, "state");
}

#[tokio::test]
async fn up_to_ten_at_once_each_on_its_own() {
    let world = ready().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let held = read(&world, 2, 0, &[HoldCode::InLedger], complete()).await;
    let unknown = id::<DocumentId>(77);
    let body = json!({ "documents": [green.id, held.id, unknown] });
    let answer = world.post(&accountant(), "/documents/post", &body).await.ok(207);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 409, 404]);
    assert_eq!(results[0]["document"]["status"], "posting");
    assert_eq!(results[1]["problem"]["code"], "holds_open");
    let body = json!({ "documents": [green.id, held.id], "reason": "Twice" });
    let answer = world.post(&accountant(), "/documents/reject", &body).await.ok(207);
    let statuses: Vec<_> = answer["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [409, 200]);
    let eleven: Vec<_> = (1..=11).map(id::<DocumentId>).collect();
    for documents in [json!(eleven), json!([]), json!([green.id, green.id])] {
        for target in ["/documents/post", "/documents/reject"] {
            let refused = world.post(&accountant(), target, &json!({ "documents": documents })).await;
            assert_eq!(refused.refused(422, "invalid")["errors"][0]["pointer"], "/documents");
        }
    }
}

#[tokio::test]
async fn a_posted_document_is_locked() {
    let world = ready().await;
    let done = posted(&world, 1, 0, PostedBy { user: user_id(Role::Accountant), rule: None }).await;
    for (what, body) in [
        ("tag", json!({ "tag": "sales" })),
        ("contact", json!({ "contact": supplier() })),
        ("post", json!({})),
        ("reject", json!({})),
        ("holds/new_iban/clear", json!({ "reason": "x" })),
        ("mark-posted", json!({ "ledger_number": "1", "reason": "x" })),
        ("release", json!({ "reason": "x" })),
    ] {
        act(&world, &done, what, &body).await.refused(409, "locked");
    }
    let deleted = world.ask(&accountant(), "DELETE", format!("/documents/{}", done.id)).send().await;
    deleted.refused(409, "locked");
}

#[tokio::test]
async fn only_untagged_documents_are_deleted() {
    let world = ready().await;
    let untagged = deliver(&world).await;
    let target = format!("/documents/{untagged}");
    world.ask(&client(), "DELETE", &target).at(7).send().await.refused(412, "stale");
    world.ask(&client(), "DELETE", &target).at(1).send().await.ok(204);
    world.ask(&client(), "DELETE", &target).send().await.ok(204);
    let archive = world.get(&client(), format!("/administrations/{}/archive?status=deleted", books())).await.ok(200);
    assert_eq!(archive["items"][0]["id"], untagged);
    world.post(&client(), format!("{target}/tag"), &json!({ "tag": "sales" })).await.refused(409, "state");
    let green = read(&world, 1, 0, &[], complete()).await;
    let refused = world.ask(&client(), "DELETE", format!("/documents/{}", green.id)).send().await;
    refused.refused(409, "state");
}

async fn uncertain(world: &World, number: u64) -> Document {
    let green = read(world, number, 0, &[], complete()).await;
    let posting = advance(world, &green, Status::Posting, |document| {
        document.posted_by = Some(PostedBy { user: user_id(Role::Accountant), rule: Some((id(4), 1)) });
    })
    .await;
    advance(world, &posting, Status::Uncertain, |document| {
        document.reason = Some(Reason::new("no_answer", "the ledger did not answer"));
    })
    .await
}

#[tokio::test]
async fn a_person_settles_what_is_uncertain() {
    let world = ready().await;
    let seen = uncertain(&world, 1).await;
    assert_eq!(act(&world, &seen, "mark-posted", &json!({})).await.status, 422);
    let body = json!({ "ledger_number": "26600042", "reason": "Looked it up" });
    let marked = act(&world, &seen, "mark-posted", &body).await.ok(200);
    assert_eq!((&marked["status"], &marked["booked"]["ledger_number"]), (&json!("posted"), &json!("26600042")));
    let absent = uncertain(&world, 2).await;
    let released = act(&world, &absent, "release", &json!({ "reason": "Not in the ledger" })).await.ok(200);
    assert_eq!(
        (&released["status"], &released["why"]["reason"]["code"]),
        (&json!("rejected"), &json!("not_in_ledger"))
    );
    let asked = uncertain(&world, 3).await;
    let task = act(&world, &asked, "check", &json!({ "reason": "The bank shows it" })).await.ok(202);
    assert_eq!(task["kind"], "check_document");
    let open = world.ours().tasks().open(&unit(), world.now(), 10).await.unwrap();
    assert_eq!(open[0].work, Work::CheckDocument { document: asked.id });
    let green = read(&world, 4, 0, &[], complete()).await;
    for what in ["mark-posted", "release", "check"] {
        act(&world, &green, what, &json!({ "ledger_number": "1", "reason": "x" })).await;
        assert_eq!(stored(&world, green.id).await, green, "{what}");
    }
    act(&world, &green, "release", &json!({ "reason": "x" })).await.refused(409, "state");
    act(&world, &green, "check", &json!({ "reason": "x" })).await.refused(409, "state");
    for (what, body) in [("mark-posted", json!({ "ledger_number": "1" })), ("release", json!({})), ("check", json!({}))]
    {
        act(&world, &asked, what, &body).await.refused(422, "invalid");
    }
    let actor = user_id(Role::Accountant).to_string();
    let told = world.audited().await;
    for what in ["document.check_requested", "document.released", "document.marked_posted"] {
        assert!(told.contains(&(what.to_owned(), actor.clone())), "{told:?}");
    }
    for (document, code) in [(&seen, "seen_in_ledger"), (&absent, "not_in_ledger"), (&asked, "check_requested")] {
        let history = world.ours().documents().history(document.id).await.unwrap();
        let entry = history.iter().find(|entry| entry.reason.as_ref().is_some_and(|it| it.code == code)).unwrap();
        assert_eq!(entry.by, Actor::User(user_id(Role::Accountant)));
    }
}

#[tokio::test]
async fn two_people_at_the_same_moment_change_it_once() {
    let world = ready().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let post = || world.ask(&accountant(), "POST", path(&green, "post")).send();
    let body = json!({});
    let (posted, rejected) = futures_util::future::join(post(), act(&world, &green, "reject", &body)).await;
    let mut statuses = [posted.status, rejected.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(stored(&world, green.id).await.version, 3);
}
