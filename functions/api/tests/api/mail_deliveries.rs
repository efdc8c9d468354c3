//! What becomes of mails to accounting packages, and what a person does about them.

use crate::{
    documents::{complete, deliver, read},
    mail::*,
    world::*,
};
use domain::{ids::DocumentId, mail::DeliveryEvent, permission::Role, sales::LinkTarget};
use serde_json::{Value, json};

#[tokio::test]
async fn a_document_tells_its_accounting_status_and_goes_again_when_somebody_asks() {
    let world = World::start().await;
    let document = accepted(&world, 1).await;
    let path = format!("{document}/deliveries");
    let told = async |language: &str| {
        let shown = world.ask(&accountant(), "GET", &path).header("accept-language", language).send().await.ok(200);
        let why = &shown["explanation"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&shown["accounting_status"]), text(&why["code"]), text(&why["text"]))
    };
    assert_eq!(told("en").await.1, "mail_waits_to_go");
    looked_at(&world, &document).await;
    assert_eq!(told("en").await.1, "mail_no_connection");
    world.wait(60);
    let (_, connection) = connected(&world).await;
    let (status, code, text) = told("nl").await;
    assert_eq!((status.as_str(), code.as_str()), ("queued", "mail_before_activation"));
    assert!(text.contains("gedeeld"), "{text}");

    let body = json!({ "connection": connection });
    let ask = || world.ask(&accountant(), "POST", &path).key("k-1").json(&body);
    let sent = ask().send().await.ok(202);
    assert_eq!(
        (&sent["to"], &sent["state"], &sent["by"]),
        (&json!(INBOUND), &json!("queued"), &json!(user_id(Role::Accountant)))
    );
    assert_eq!(ask().send().await.ok(202), sent, "once for a key");
    assert_eq!(deliveries(&world, &document).await.len(), 1);
    assert_eq!(told("en").await.1, "mail_waits_to_go");
    let listed = world.get(&accountant(), of_books("deliveries?state=queued")).await.ok(200);
    assert_eq!(listed["items"][0]["id"], sent["id"]);
    world.get(&accountant(), of_books("deliveries?state=sent")).await.refused(400, "invalid_query");

    // Another one when asked anew; quietly, the status stays.
    let mut delivered = deliveries(&world, &document).await.remove(0);
    for event in [DeliveryEvent::Send, DeliveryEvent::Taken, DeliveryEvent::ToldBounced] {
        delivered = becomes(&world, &delivered, event).await;
    }
    assert_eq!(told("en").await.0, "error");
    world.wait(1);
    world.post(&accountant(), &path, &json!({ "connection": connection, "quiet": true })).await.ok(202);
    assert_eq!(told("en").await.0, "error");
    world.post(&accountant(), &path, &body).await.ok(202);
    assert_eq!(told("en").await.0, "queued");
    assert_eq!(deliveries(&world, &document).await.len(), 3);

    let processed = world.ask(&accountant(), "PUT", format!("{document}/processed")).send().await.ok(200);
    assert_eq!(
        (&processed["accounting_status"], &processed["explanation"]["code"]),
        (&json!("processed"), &json!("mail_processed_by_hand"))
    );
    world.ask(&accountant(), "DELETE", format!("{document}/processed")).send().await.ok(200);
    assert_eq!(told("en").await.0, "queued");
    world.ask(&client(), "PUT", format!("{document}/processed")).send().await.refused(403, "not_permitted");
}

#[tokio::test]
async fn what_cannot_be_sent_says_what_to_do() {
    let world = World::start().await;
    let (package, connection) = connected(&world).await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let path = format!("/documents/{}/deliveries", green.id);
    let body = json!({ "connection": connection });
    let says = async |words: &str| {
        let refused = world.post(&accountant(), &path, &body).await.refused(409, "state");
        assert!(refused["detail"].as_str().unwrap().contains(words), "{refused}");
    };
    says("accept it").await;
    world.post(&client(), format!("/documents/{}/accept", green.id), &json!({})).await.ok(200);
    let one = of_books(&format!("mail-connections/{connection}"));
    let mut changed = connection_body(&package);
    changed["share"] = json!(false);
    world.put(&accountant(), &one, 1, &changed).await.ok(200);
    says("turn it on").await;
    changed["share"] = json!(true);
    changed["addresses"] = json!({ "outbound": "sales@books.example" });
    world.put(&accountant(), &one, 2, &changed).await.ok(200);
    says("no address").await;
    world.ask(&superuser(), "DELETE", format!("/mail-packages/{package}")).send().await.ok(204);
    says("choose another").await;
    let unknown = json!({ "connection": "mcn_01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    world.post(&accountant(), &path, &unknown).await.refused(422, "unknown_reference");
}

#[tokio::test]
async fn mails_to_a_suspended_address_wait_until_it_is_confirmed() {
    let world = World::start().await;
    let (_, connection) = connected(&world).await;
    suspend(&world).await;
    let shown = world.get(&accountant(), of_books(&format!("mail-connections/{connection}"))).await.ok(200);
    assert_eq!(shown["suspended"][0]["address"], INBOUND);
    let listed = world.get(&accountant(), of_books("mail-suspensions")).await.ok(200);
    assert_eq!(listed["items"][0]["reason"]["code"], "mail_suspended");
    let body = json!({ "connection": connection });
    for number in [1, 2] {
        let path = accepted(&world, number).await;
        let held = world.post(&accountant(), format!("{path}/deliveries"), &body).await.ok(202);
        assert_eq!((&held["state"], &held["reason"]["code"]), (&json!("held"), &json!("mail_suspended")));
    }
    let confirm = of_books("mail-suspensions/confirm");
    world.post(&client(), &confirm, &json!({ "address": INBOUND })).await.refused(403, "not_permitted");
    let released = world.post(&accountant(), &confirm, &json!({ "address": "Purchases@Books.example" })).await.ok(200);
    assert_eq!(released, json!({ "released": 2, "more": false }));
    for state in ["held", "queued"] {
        let listed = world.get(&accountant(), of_books(&format!("deliveries?state={state}"))).await.ok(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), if state == "held" { 0 } else { 2 }, "{state}");
    }
    world.post(&accountant(), &confirm, &json!({ "address": INBOUND })).await.refused(404, "not_found");
    let wrong = world.post(&accountant(), &confirm, &json!({ "address": "x" })).await.refused(422, "invalid");
    assert_eq!(wrong["errors"][0]["pointer"], "/address");
}

#[tokio::test]
async fn an_uncertain_mail_is_confirmed_and_its_address_taken_back() {
    let world = World::start().await;
    let (_, connection) = connected(&world).await;
    let document = accepted(&world, 1).await;
    let delivery = uncertain(&world, &document, &connection).await;
    let path = format!("{document}/deliveries/{delivery}");
    let shared = format!("/shared/{}/secret.xml", id::<domain::ids::TenantId>(OURS));
    assert_eq!(world.get(&Token::None, &shared).await.status, 302);
    assert!(world.audited().await.contains(&("link.opened".to_owned(), "system".to_owned())));
    world.ask(&accountant(), "DELETE", format!("{path}/link")).send().await.ok(204);
    world.get(&Token::None, &shared).await.refused(404, "not_found");
    let confirmed = world.post(&accountant(), format!("{path}/confirm"), &json!({})).await.ok(200);
    assert_eq!((&confirmed["state"], &confirmed["has_link"]), (&json!("delivered"), &json!(true)));
    world.post(&accountant(), format!("{path}/confirm"), &json!({})).await.refused(409, "state");
    // Of another document it is unknown.
    let other = accepted(&world, 2).await;
    world
        .post(&accountant(), format!("{other}/deliveries/{delivery}/confirm"), &json!({}))
        .await
        .refused(404, "not_found");
    let theirs = Token::Of(THEIRS, Role::Accountant);
    world.post(&theirs, format!("{path}/confirm"), &json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_address_opens_what_was_received_until_the_office_is_closed() {
    let world = World::start().await;
    let document: DocumentId = deliver(&world).await.parse().unwrap();
    link(&world, LinkTarget::Received { document }).await;
    let path = |secret: &str| format!("/shared/{}/{secret}", id::<domain::ids::TenantId>(OURS));
    for name in ["secret.xml", "secret.pdf"] {
        let opened = world.get(&Token::None, path(name)).await;
        assert_eq!(opened.status, 302);
        assert!(opened.header("location").starts_with("http"));
    }
    for name in ["secret", "other.xml", ".xml", "secret.xml.xml"] {
        world.get(&Token::None, path(name)).await.refused(404, "not_found");
    }
    let asked = world.post(&superuser(), "/tenant/deletion", &json!({})).await.ok(200);
    world.wait(24 * 3600);
    assert_eq!(world.get(&Token::None, path("secret.xml")).await.status, 302, "it is not confirmed yet");
    let body = json!({ "token": asked["token"], "name": "Office 1" });
    world.post(&superuser(), "/tenant/deletion/confirm", &body).await.ok(200);
    world.get(&Token::None, path("secret.xml")).await.refused(404, "not_found");
}
