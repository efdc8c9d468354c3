//! E-mail delivery to accounting packages, over the API.

use crate::{
    documents::{advance, complete, deliver, posted, read},
    sales,
    world::*,
};
use chrono::TimeDelta;
use domain::{
    document::{Actor, Document, PostedBy, Status},
    hold::HoldCode,
    ids::{DeliveryId, DocumentId, OrderId},
    ledger::Direction,
    mail::{Delivery, DeliveryEvent, DeliveryState, Form, Home, Purpose, Suspension},
    office::Choice,
    permission::Role,
    reason::Reason,
    sales::{DocumentLink, LinkTarget},
    words::{Mailed, Text},
};
use serde_json::{Value, json};
use store::{Read, Writer};

pub const INBOUND: &str = "purchases@books.example";
const MT940: &[u8] = b":20:STATEMENT\r\n:25:NL91ABNA0417164300\r\n:28C:12/1\r\n:60F:C260630EUR1000,00\r\n\
    :61:260701D12,50NMSC\r\n:62F:C260701EUR987,50\r\n-\r\n";

pub fn of_books(path: &str) -> String {
    format!("/administrations/{}/{path}", books())
}

pub fn package_body() -> Value {
    json!({ "name": "Mailbox of Exact" })
}

/// A mail package with its usual settings, at version 1.
pub async fn package(world: &World) -> String {
    let made = world.post(&superuser(), "/mail-packages", &package_body()).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

pub fn connection_body(package: &str) -> Value {
    let addresses = json!({ "inbound": INBOUND, "outbound": "sales@books.example" });
    json!({ "package": package, "share": true, "addresses": addresses })
}

/// A package, and a connection to it over which documents are mailed.
pub async fn connected(world: &World) -> (String, String) {
    let package = package(world).await;
    let body = connection_body(&package);
    let made = world.post(&accountant(), of_books("mail-connections"), &body).await.ok(201);
    (package, made["id"].as_str().unwrap().to_owned())
}

pub fn customer_text() -> Value {
    json!({ "subject": "Invoice [document_number]", "body": "Dear [customer_name], see [invoice_link]." })
}

/// A green sales document.
pub async fn sale(world: &World, number: u64) -> Document {
    let green = read(world, number, 0, &[], complete()).await;
    advance(world, &green, Status::Complete, |document| document.tag = Some(Direction::Sales)).await
}

/// The path of an accepted purchase document.
pub async fn accepted(world: &World, number: u64) -> String {
    let green = read(world, number, 0, &[], complete()).await;
    let path = format!("/documents/{}", green.id);
    world.post(&client(), format!("{path}/accept"), &json!({})).await.ok(200);
    path
}

/// The path of an issued document that was sent to its customer.
pub async fn shared_sale(world: &World) -> String {
    let path = format!("/issued-documents/{}", sales::unpassed(world, "1").await);
    world.post(&accountant(), format!("{path}/mark-sent"), &json!({})).await.ok(200);
    path
}

/// Whoever makes the mails of a document has looked at it.
pub async fn looked_at(world: &World, path: &str) {
    let deliveries = world.ours().deliveries();
    let mailing = deliveries.of(home(path), Read::Consistent).await.unwrap().mailing.unwrap();
    deliveries.settle(home(path), &mailing).await.unwrap();
}

pub fn home(path: &str) -> Home {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

pub async fn deliveries(world: &World, path: &str) -> Vec<Delivery> {
    world.ours().deliveries().of(home(path), Read::Consistent).await.unwrap().deliveries
}

pub async fn becomes(world: &World, before: &Delivery, event: DeliveryEvent) -> Delivery {
    let mut after = before.after(event, None, world.now()).unwrap();
    if event == DeliveryEvent::Send {
        after.link = Some("secret".to_owned());
    }
    let writer = Writer::new(&format!("{}-{}", after.id, after.version), 1);
    world.ours().deliveries().change(before, &after, &writer).await.unwrap();
    after
}

/// A mail with an address, of which nobody knows whether it went.
pub async fn uncertain(world: &World, path: &str, connection: &str) -> DeliveryId {
    let body = json!({ "connection": connection });
    world.post(&accountant(), format!("{path}/deliveries"), &body).await.ok(202);
    let queued = deliveries(world, path).await.remove(0);
    let sending = becomes(world, &queued, DeliveryEvent::Send).await;
    link(world, LinkTarget::Written { delivery: queued.id }).await;
    becomes(world, &sending, DeliveryEvent::Lost).await.id
}

pub async fn link(world: &World, target: LinkTarget) {
    let link = DocumentLink {
        secret: "secret".to_owned(),
        target,
        expires_at: world.now() + TimeDelta::days(30),
        revoked: Choice::No,
        by: Actor::System,
        at: world.now(),
    };
    world.ours().forwardings().put_link(&link).await.unwrap();
}

/// A mail to the inbound address came back.
pub async fn suspend(world: &World) {
    let suspension = Suspension {
        mailbox: INBOUND.parse().unwrap(),
        reason: Reason::said(&Mailed::Suspended { address: Text::of(INBOUND) }),
        delivery: id(1),
        by: Actor::System,
        at: world.now(),
    };
    let settings = world.ours().mail_connections(books());
    settings.suspend(&suspension, &Writer::new("suspend", 1)).await.unwrap();
}

#[tokio::test]
async fn an_office_sets_a_package_up() {
    let world = World::start().await;
    let made = world.post(&superuser(), "/mail-packages", &package_body()).await.ok(201);
    for (field, usual) in [
        ("addresses", json!("separate")),
        ("attach", json!("attachment")),
        ("pdf_alongside", json!(false)),
        ("identifier", json!("vat_number")),
        ("flavour", json!("peppol_bis_3")),
        ("language", json!("english")),
        ("link_days", json!(30)),
        ("sender", json!("documents@ledgerpost.example")),
    ] {
        assert_eq!(made[field], usual, "{field}");
    }
    let path = format!("/mail-packages/{}", made["id"].as_str().unwrap());
    let body = json!({ "name": "Yuki", "attach": "link", "pdf_alongside": true, "link_days": 90, "flavour": "e_fff" });
    let changed = world.put(&superuser(), &path, 1, &body).await.ok(200);
    assert_eq!(
        (&changed["attach"], &changed["link_days"], &changed["version"]),
        (&json!("link"), &json!(90), &json!(2))
    );
    let listed = world.get(&accountant(), "/mail-packages").await.ok(200);
    assert_eq!(listed["items"], json!([changed]));
    world.put(&accountant(), &path, 2, &body).await.refused(403, "not_permitted");
    for (wrong, pointer) in [
        (json!({ "name": "x".repeat(61) }), "/name"),
        (json!({ "name": "X", "link_days": 401 }), "/link_days"),
        (json!({ "name": "X", "flavour": "edifact" }), "/flavour"),
    ] {
        let refused = world.post(&superuser(), "/mail-packages", &wrong).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    world.ask(&superuser(), "DELETE", &path).at(2).send().await.ok(204);
    world.get(&superuser(), &path).await.refused(404, "not_found");
    assert!(world.audited().await.iter().any(|(what, _)| what == "mail_package.deleted"));
}

#[tokio::test]
async fn a_client_is_connected_and_shown_where_its_documents_go() {
    let world = World::start().await;
    let package = package(&world).await;
    let path = of_books("mail-connections");
    let mut body = connection_body(&package);
    body["addresses"]["bank_statements"] = json!("bank@books.example");
    let made = world.post(&accountant(), &path, &body).await.ok(201);
    let goes_to = json!({
        "mode": "separate", "purchase": INBOUND, "sales": "sales@books.example", "other": INBOUND,
        "bank_statements": "bank@books.example", "pdf_alongside": false
    });
    assert_eq!(made["goes_to"], goes_to);
    assert_eq!((&made["share"], &made["active_since"]), (&json!(true), &json!("2026-07-01T10:00:00Z")));
    assert_eq!(made["sender"], "documents@ledgerpost.example");
    // One address for both wins over the package's two.
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    body["addresses"] = json!({ "mode": "same", "both": "All@Books.example" });
    body["pdf_alongside"] = json!(true);
    world.wait(60);
    let changed = world.put(&accountant(), &one, 1, &body).await.ok(200);
    let goes_to = &changed["goes_to"];
    assert_eq!((&goes_to["purchase"], &goes_to["sales"]), (&json!("All@Books.example"), &json!("All@Books.example")));
    assert_eq!((&goes_to["bank_statements"], &goes_to["pdf_alongside"]), (&Value::Null, &json!(true)));
    assert_eq!(changed["active_since"], "2026-07-01T10:00:00Z", "it stays on since it was turned on");
    body["share"] = json!(false);
    let off = world.put(&accountant(), &one, 2, &body).await.ok(200);
    assert_eq!((&off["share"], &off["active_since"]), (&json!(false), &Value::Null));
    body["share"] = json!(true);
    let on = world.put(&accountant(), &one, 3, &body).await.ok(200);
    assert_eq!(on["active_since"], "2026-07-01T10:01:00Z");
    // Without its package it says so.
    world.ask(&superuser(), "DELETE", format!("/mail-packages/{package}")).send().await.ok(204);
    let alone = world.get(&accountant(), &one).await.ok(200);
    assert_eq!((&alone["package_name"], &alone["goes_to"]), (&Value::Null, &Value::Null));
    world.ask(&accountant(), "DELETE", &one).at(4).send().await.ok(204);
    assert_eq!(world.get(&accountant(), &path).await.ok(200)["items"], json!([]));
    world.post(&client(), &path, &body).await.refused(403, "not_permitted");
}

#[tokio::test]
async fn what_is_no_address_is_told_at_its_place() {
    let world = World::start().await;
    let package = package(&world).await;
    let refused = async |addresses: Value, code: &str| {
        let body = json!({ "package": package, "share": true, "addresses": addresses });
        let refused = world.post(&accountant(), of_books("mail-connections"), &body).await.refused(422, code);
        (refused["errors"][0]["pointer"].as_str().unwrap().to_owned(), refused["detail"].as_str().unwrap().to_owned())
    };
    for wrong in ["in@books.example\r\nBcc: x@y.example", "in@books.example\n", "a@b.example, c@d.example", "in"] {
        let (pointer, detail) = refused(json!({ "inbound": wrong }), "invalid").await;
        assert_eq!(pointer, "/addresses/inbound", "{wrong:?}");
        assert!(!detail.contains("Bcc"), "{detail}");
    }
    let (pointer, detail) = refused(json!({}), "invalid").await;
    assert!(pointer == "/addresses/inbound" && detail.contains("'same'"), "{pointer} {detail}");
    let (pointer, _) = refused(json!({ "mode": "same", "inbound": INBOUND }), "invalid").await;
    assert_eq!(pointer, "/addresses/both");
    let body = connection_body("pkg_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let unknown =
        world.post(&accountant(), of_books("mail-connections"), &body).await.refused(422, "unknown_reference");
    assert_eq!(unknown["errors"][0]["pointer"], "/package");
}

#[tokio::test]
async fn a_test_mail_is_queued_for_the_first_address() {
    let world = World::start().await;
    let (_, connection) = connected(&world).await;
    let path = of_books(&format!("mail-connections/{connection}/test"));
    let sent = world.post(&accountant(), &path, &json!({})).await.ok(202);
    assert_eq!((&sent["for"], &sent["to"], &sent["state"]), (&json!("test"), &json!(INBOUND), &json!("queued")));
    assert_eq!((&sent["of"], &sent["connection"]), (&json!(connection), &json!(connection)));
    let other = world.post(&superuser(), &path, &json!({ "to": "outbound" })).await.ok(202);
    assert_eq!(other["to"], "sales@books.example");
    let none = world.post(&accountant(), &path, &json!({ "to": "bank_statements" })).await.refused(409, "state");
    assert_eq!(none["errors"][0]["pointer"], "/to");
    world.post(&client(), &path, &json!({})).await.refused(403, "not_permitted");
}

#[tokio::test]
async fn sharing_makes_its_mails() {
    let world = World::start().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let path = format!("/documents/{}", green.id);
    world.post(&client(), format!("{path}/mark-sent"), &json!({})).await.refused(409, "state");
    world.post(&client(), format!("{path}/share"), &json!({})).await.refused(409, "state");
    let before = world.get(&client(), format!("{path}/deliveries")).await.ok(200);
    assert_eq!(before["accounting_status"], "client_action_needed");
    world.wait(5);
    let shown = world.post(&client(), format!("{path}/accept"), &json!({})).await.ok(200);
    assert_eq!((&shown["status"], &shown["shared"]["as"]), (&json!("shared"), &json!("accepted")));
    assert_eq!(shown["shared"]["at"], "2026-07-01T10:00:05Z");
    assert!(shown["why"]["text"].as_str().unwrap().starts_with("Shared with the accountant"));
    let armed = world.ours().deliveries().of(home(&path), Read::Consistent).await.unwrap();
    assert_eq!(armed.mailing.unwrap().plan, Choice::Yes);
    let twice = world.post(&client(), format!("{path}/accept"), &json!({})).await.refused(409, "state");
    assert!(twice["detail"].as_str().unwrap().contains("deliveries"), "{twice}");
    let history = world.get(&accountant(), format!("{path}/history")).await.ok(200);
    assert_eq!(history.as_array().unwrap().last().unwrap()["event"], "share");
    // No other path posts it from here (SE-1).
    world.post(&accountant(), format!("{path}/post"), &json!({})).await.refused(409, "state");
    let listed = world.get(&accountant(), of_books("archive?status=shared")).await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);

    // What is posted stays so, and a copy is shared.
    let by = PostedBy { user: user_id(Role::Accountant), rule: None };
    let posted = posted(&world, 2, 0, by).await;
    let shown = world.post(&accountant(), format!("/documents/{}/accept", posted.id), &json!({})).await.ok(200);
    assert_eq!((&shown["status"], &shown["shared"]["as"]), (&json!("posted"), &json!("accepted")));

    let sale = sale(&world, 3).await;
    let shown = world.post(&client(), format!("/documents/{}/archive-directly", sale.id), &json!({})).await.ok(200);
    assert_eq!(shown["shared"]["as"], "archived");
    let untagged = deliver(&world).await;
    let shown = world.post(&client(), format!("/documents/{untagged}/share"), &json!({})).await.ok(200);
    assert_eq!(shown["shared"]["as"], "in_folder");
}

#[tokio::test]
async fn a_suspected_duplicate_is_not_accepted_where_that_is_blocked() {
    let world = World::start().await;
    let held = read(&world, 1, 0, &[HoldCode::DuplicateSuspected], complete()).await;
    let path = format!("/documents/{}", held.id);
    let administration = format!("/administrations/{}", books());
    let block = json!({ "name": "X", "duplicates": { "block_acceptance": true } });
    let shown = world.put(&accountant(), &administration, 1, &block).await.ok(200);
    assert_eq!(shown["duplicates"], json!({ "block_acceptance": true, "block_sending": false }));
    // Left out, it stays.
    let kept = world.put(&accountant(), &administration, 2, &json!({ "name": "Y" })).await.ok(200);
    assert_eq!(kept["duplicates"]["block_acceptance"], true);
    let refused = world.post(&client(), format!("{path}/accept"), &json!({})).await.refused(409, "duplicate");
    assert!(refused["detail"].as_str().unwrap().contains("duplicate_suspected"), "{refused}");
    let shown = world.get(&client(), &path).await.ok(200);
    assert_eq!((&shown["status"], &shown["version"]), (&json!("complete"), &json!(2)), "it stays where it is");
    let clear = format!("{path}/holds/duplicate_suspected/clear");
    world.post(&accountant(), clear, &json!({ "reason": "no" })).await.ok(200);
    world.post(&client(), format!("{path}/accept"), &json!({})).await.ok(200);
    // Nothing blocks sending here.
    let twice = read(&world, 2, 0, &[HoldCode::DuplicateSuspected], complete()).await;
    let sale = advance(&world, &twice, Status::Complete, |document| document.tag = Some(Direction::Sales)).await;
    world.post(&client(), format!("/documents/{}/mark-sent", sale.id), &json!({})).await.ok(200);
}

#[tokio::test]
async fn files_of_bank_statements_are_shared_as_they_arrive() {
    let world = World::start().await;
    let target = format!("/documents?administration={}", books());
    let ask = |target: &str| {
        let ask =
            world.ask(&client(), "POST", target).header("content-disposition", "attachment; filename=\"july.sta\"");
        ask.bytes("application/octet-stream", MT940)
    };
    ask(&format!("{target}&tag=purchase")).send().await.refused(409, "state");
    let made = ask(&target).send().await.ok(201);
    assert_eq!((&made["format"], &made["status"]), (&json!("statement"), &json!("shared")));
    assert_eq!(made["shared"]["as"], "arrived");
    let path = format!("/documents/{}", made["id"].as_str().unwrap());
    let mailing = world.ours().deliveries().of(home(&path), Read::Consistent).await.unwrap().mailing;
    assert_eq!(mailing.unwrap().plan, Choice::Yes);
    world.post(&client(), format!("{path}/tag"), &json!({ "tag": "purchase" })).await.refused(409, "state");
    world.post(&client(), format!("{path}/share"), &json!({})).await.refused(409, "state");
    // Sent apart, it is told from others as well.
    let upload =
        world.post(&client(), "/uploads", &json!({ "file_name": "july.940", "size": MT940.len() })).await.ok(200);
    let upload: DocumentId = upload["upload"].as_str().unwrap().parse().unwrap();
    let object = format!("uploads/{}/{upload}", id::<domain::ids::TenantId>(OURS));
    world.store.put_object(&object, MT940.to_vec());
    let body = json!({ "upload": upload, "file_name": "july.940" });
    assert_eq!(world.post(&client(), &target, &body).await.ok(201)["format"], "statement");
}

#[tokio::test]
async fn a_person_has_mailed_what_was_shared_up_to_a_day() {
    let world = World::start().await;
    let documents = [accepted(&world, 1).await, accepted(&world, 2).await];
    let issued = shared_sale(&world).await;
    world.wait(60);
    let (package, connection) = connected(&world).await;
    let path = of_books("mail-runs");
    // All parts of it, one after another.
    let run = async |mut body: Value| {
        let (mut found, mut queued) = (0, 0);
        loop {
            let part = world.post(&accountant(), &path, &body).await.ok(202);
            found += part["found"].as_u64().unwrap();
            queued += part["queued"].as_u64().unwrap();
            let Some(next) = part["next"].as_str() else { return (found, queued) };
            body["cursor"] = json!(next);
        }
    };
    let until = "2026-07-01";
    assert_eq!(run(json!({ "until": "2026-06-30" })).await, (0, 0));
    assert_eq!(run(json!({ "until": until, "preview": true })).await, (3, 0));
    assert!(deliveries(&world, &documents[0]).await.is_empty(), "a preview queues nothing");
    // What was shared before the connection was turned on goes as well: somebody asks for it.
    assert_eq!(run(json!({ "until": until })).await, (3, 3));
    let sent = deliveries(&world, &issued).await;
    assert_eq!(
        (sent[0].to.as_str(), sent[0].state, sent[0].form),
        ("sales@books.example", DeliveryState::Queued, Form::Attachment)
    );
    assert_eq!(run(json!({ "until": until })).await, (0, 0), "once only");
    world.wait(1);
    assert_eq!(run(json!({ "until": until, "include_sent": true, "quiet": true })).await, (3, 3));
    let quiet = deliveries(&world, &documents[1]).await;
    assert_eq!(quiet.iter().filter(|delivery| delivery.counts()).count(), 1);
    let mut off = connection_body(&package);
    off["share"] = json!(false);
    world.put(&accountant(), of_books(&format!("mail-connections/{connection}")), 1, &off).await.ok(200);
    assert_eq!(run(json!({ "until": until, "include_sent": true })).await, (0, 0), "the switch is off");
    world.post(&accountant(), &path, &json!({ "until": until, "cursor": "x" })).await.refused(400, "invalid_cursor");
    world.post(&superuser(), &path, &json!({ "until": until })).await.refused(403, "not_permitted");
}

#[tokio::test]
async fn an_issued_document_is_shared_once() {
    let world = World::start().await;
    let path = shared_sale(&world).await;
    let shown = world.get(&accountant(), &path).await.ok(200);
    assert_eq!((&shown["shared"]["as"], &shown["passing"]), (&json!("sent"), &json!("not_passed")));
    let history = world.get(&accountant(), format!("{path}/history")).await.ok(200);
    let last = history["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["reason"]["code"], &last["event"]), (&json!("mail_marked_sent"), &Value::Null));
    world.post(&accountant(), format!("{path}/archive-directly"), &json!({})).await.refused(409, "state");
    looked_at(&world, &path).await;
    let told = world.get(&accountant(), format!("{path}/deliveries")).await.ok(200);
    assert_eq!(told["explanation"]["code"], "mail_no_connection");
    world.post(&client(), format!("{path}/mark-sent"), &json!({})).await.refused(403, "not_permitted");
    // It can still be passed to the ledger.
    world.post(&accountant(), format!("{path}/pass"), &json!({})).await.ok(200);
}

#[tokio::test]
async fn mails_to_customers_say_what_the_office_wants() {
    let world = World::start().await;
    let path = of_books("customer-mail-text");
    world.get(&superuser(), &path).await.refused(404, "not_found");
    let ask = |body: Value| world.ask(&superuser(), "PUT", &path).json(&body).send();
    for (subject, body, pointer) in [
        ("Invoice", "See [invoice_lnk]", "/body"),
        ("[nummer]", "See [invoice_link]", "/subject"),
        ("[invoice_link]", "Hello", "/subject"),
        ("One\nBcc: x@y.example", "Hello", "/subject"),
    ] {
        let refused = ask(json!({ "subject": subject, "body": body })).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{subject}");
        let names = subject.contains("nummer") || body.contains("lnk");
        assert_eq!(refused["detail"].as_str().unwrap().contains("[customer_name]"), names, "{refused}");
    }
    let saved = ask(customer_text()).await.ok(200);
    assert_eq!((&saved["subject"], &saved["version"]), (&json!("Invoice [document_number]"), &json!(1)));
    ask(customer_text()).await.refused(428, "if_match_missing");
    let other = json!({ "subject": "Hello", "body": "[order_number]" });
    assert_eq!(world.put(&superuser(), &path, 1, &other).await.ok(200)["version"], 2);
    world.ask(&superuser(), "DELETE", &path).at(2).send().await.ok(204);
    world.get(&superuser(), &path).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_order_shows_the_mails_to_its_customer() {
    let world = World::start().await;
    let order: OrderId = sales::taken(&world, "1").await.parse().unwrap();
    let mail = Delivery {
        id: id(1),
        home: Home::Order(order),
        administration: books(),
        version: 1,
        purpose: Purpose::Customer { issued: id(7) },
        to: "jan@example.com".parse().unwrap(),
        form: Form::Link,
        state: DeliveryState::Queued,
        reason: None,
        due: start(),
        link: None,
        message_id: None,
        put_off: 0,
        by: Actor::System,
        at: start(),
        sent_at: None,
        updated_at: start(),
    };
    world.ours().deliveries().record(&mail, &Writer::new("mail", 1)).await.unwrap();
    let listed = world.get(&accountant(), of_books(&format!("orders/{order}/mails"))).await.ok(200);
    let shown = &listed["items"][0];
    assert_eq!(
        (&shown["for"], &shown["to"], &shown["form"]),
        (&json!("customer"), &json!("jan@example.com"), &json!("link"))
    );
    assert_eq!(shown["issued"], json!(id::<domain::ids::IssuedId>(7)));
}
