//! Who made or changed something finds it so with the next request, also while eventually consistent reads are behind.

use crate::world::*;
use serde_json::{Value, json};

/// A tenant whose eventually consistent reads see nothing of what comes.
async fn behind() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    // Who somebody is may be remembered for a minute.
    for token in [superuser(), accountant(), client()] {
        world.get(&token, "/me").await.ok(200);
    }
    world.store.fall_behind().await;
    world
}

fn in_books(what: &str) -> String {
    format!("/administrations/{}/{what}", books())
}

fn under(path: &str, made: &Value) -> String {
    format!("{path}/{}", made["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_template_and_a_rule() {
    let world = behind().await;
    let template_of = in_books(&format!("contacts/{}/template", supplier()));
    world.put_template(&template()).await.ok(200);
    world.get(&accountant(), &template_of).await.ok(200);
    let body = json!({ "contact": supplier(), "documents": "all", "max_amount": "100.00" });
    let made = world.post(&superuser(), in_books("rules"), &body).await.ok(201);
    let rule = under(&in_books("rules"), &made);
    assert_eq!(world.get(&superuser(), &rule).await.ok(200), made);
    let changed = world.put(&superuser(), &rule, 1, &json!({ "documents": "ubl" })).await.ok(200);
    assert_eq!(world.get(&superuser(), &rule).await.ok(200), changed);
    world.ask(&superuser(), "DELETE", &rule).at(2).send().await.ok(204);
    world.get(&superuser(), &rule).await.refused(404, "not_found");
    world.put(&accountant(), &template_of, 1, &template()).await.ok(200);
    world.ask(&accountant(), "DELETE", &template_of).send().await.ok(204);
    world.get(&accountant(), &template_of).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_rule_of_another_administration_is_not_found() {
    let world = behind().await;
    world.put_template(&template()).await.ok(200);
    let body = json!({ "contact": supplier(), "documents": "all" });
    let made = world.post(&superuser(), in_books("rules"), &body).await.ok(201);
    let elsewhere = under(&format!("/administrations/{}/rules", hidden_books()), &made);
    world.get(&superuser(), elsewhere).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_contact_with_its_template_and_rule() {
    let world = behind().await;
    let body = json!({ "direction": "purchase", "name": "Papier", "vat_number": "NL001234568B01" });
    let made = world.post(&accountant(), in_books("contacts"), &body).await.ok(201);
    let contact = under(&in_books("contacts"), &made);
    assert_eq!(world.get(&accountant(), &contact).await.ok(200), made);
    let renamed = json!({ "direction": "purchase", "name": "Papier & Co", "vat_number": "NL001234568B01" });
    let changed = world.put(&accountant(), &contact, 1, &renamed).await.ok(200);
    assert_eq!(world.get(&accountant(), &contact).await.ok(200), changed);
    world.ask(&accountant(), "PUT", format!("{contact}/template")).json(&template()).send().await.ok(200);
    let rule = json!({ "contact": made["id"], "documents": "ubl" });
    world.post(&superuser(), in_books("rules"), &rule).await.ok(201);
}

#[tokio::test]
async fn an_administration_a_connection_and_a_user_who_has_both() {
    let world = behind().await;
    let administration = world.post(&superuser(), "/administrations", &json!({ "name": "New" })).await.ok(201);
    let path = under("/administrations", &administration);
    assert_eq!(world.get(&superuser(), &path).await.ok(200), administration);
    let body = json!({ "system": "exact-online", "name": "E", "licence_country": "NL" });
    let connection = world.post(&superuser(), "/connections", &body).await.ok(201);
    let path = under("/connections", &connection);
    assert_eq!(world.get(&superuser(), &path).await.ok(200)["id"], connection["id"]);
    let body = json!({
        "email": "new@office.nl", "name": "New", "roles": ["accountant"],
        "access": { "scope": "only", "administrations": [administration["id"]] },
        "ledger_users": { connection["id"].as_str().unwrap(): "new" },
    });
    let user = world.post(&superuser(), "/users", &body).await.ok(201);
    assert_eq!(world.get(&superuser(), under("/users", &user)).await.ok(200)["id"], user["id"]);
    // And can sign in.
    let token = Token::Claims(vec![
        ("token_use", "id".to_owned()),
        ("sub", "login of new@office.nl".to_owned()),
        ("custom:tenant_id", id::<domain::ids::TenantId>(OURS).to_string()),
    ]);
    assert_eq!(world.get(&token, "/me").await.ok(200)["user"]["id"], user["id"]);
}

#[tokio::test]
async fn a_task_of_a_division_that_was_just_chosen() {
    let world = behind().await;
    let chosen = json!({ "administration": hidden_books(), "division": "123457" });
    let path = format!("/connections/{}", connection());
    world.post(&superuser(), format!("{path}/divisions"), &chosen).await.ok(200);
    let refresh = format!("{path}/directories/vat_codes/refresh?administration={}", hidden_books());
    let task = world.post(&superuser(), refresh, &json!({})).await.ok(202);
    assert_eq!(world.get(&superuser(), under("/tasks", &task)).await.ok(200)["id"], task["id"]);
}

#[tokio::test]
async fn a_document() {
    let world = behind().await;
    let target = format!("/documents?administration={}", books());
    let made = world.ask(&accountant(), "POST", target).bytes("application/pdf", b"%PDF-1.7").send().await.ok(201);
    let path = under("/documents", &made);
    assert_eq!(world.get(&accountant(), &path).await.ok(200), made);
    world.ask(&accountant(), "GET", format!("{path}/history")).send().await.ok(200);
    world.ask(&accountant(), "GET", format!("{path}/source")).send().await.ok(200);
    let tagged = world.post(&accountant(), format!("{path}/tag"), &json!({ "tag": "purchase" })).await.ok(200);
    assert_eq!((&tagged["status"], &tagged["version"]), (&json!("tagged"), &json!(2)));
}
