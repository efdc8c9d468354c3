//! The tenant's own settings, administrations and the audit record.

use crate::world::*;
use domain::{automation::StayReason, ids::AdministrationId, permission::Role};
use serde_json::json;

#[tokio::test]
async fn a_superuser_names_the_sources_of_events() {
    let world = World::start().await;
    let tenant = world.get(&accountant(), "/tenant").await;
    assert_eq!(tenant.header("etag"), "\"1\"");
    assert_eq!(tenant.ok(200)["name"], "Office 1");
    let patch = |body: serde_json::Value| world.ask(&superuser(), "PATCH", "/tenant").at(1).json(&body).send();
    for wrong in [json!(["aws.s3"]), json!(["a b"]), json!([""]), json!(["x".repeat(129)])] {
        let refused = patch(json!({ "event_sources": wrong })).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/event_sources");
    }
    let many: Vec<_> = (0..21).map(|number| format!("source-{number}")).collect();
    patch(json!({ "event_sources": many })).await.refused(422, "invalid");
    let changed = patch(json!({ "event_sources": ["com.example.erp"] })).await.ok(200);
    assert_eq!((&changed["name"], &changed["event_sources"]), (&json!("Office 1"), &json!(["com.example.erp"])));
    patch(json!({ "name": "New" })).await.refused(412, "stale");
    let renamed =
        world.ask(&superuser(), "PATCH", "/tenant").at(2).json(&json!({ "name": "New" })).send().await.ok(200);
    assert_eq!(renamed["event_sources"], json!(["com.example.erp"]), "what is left out stays");
}

#[tokio::test]
async fn administrations_are_made_and_changed() {
    let world = World::start().await;
    let body = json!({
        "name": " Bakkerij De Ster ",
        "time_zone": "Europe/Brussels",
        "own": {
            "names": ["Bakkerij De Ster B.V."],
            "vat_numbers": ["NL 0012.34.567.B01"],
            "registry_numbers": ["12345678"],
            "ibans": ["NL91 ABNA 0417 1643 00"]
        }
    });
    let reply = world.post(&superuser(), "/administrations", &body).await;
    let location = reply.header("location").to_owned();
    let made = reply.ok(201);
    assert_eq!(made["name"], "Bakkerij De Ster");
    assert_eq!(made["own"]["vat_numbers"], json!(["NL001234567B01"]));
    assert_eq!(made["own"]["ibans"], json!(["NL91ABNA0417164300"]));
    assert_eq!(world.get(&superuser(), &location).await.ok(200), made);
    let changed = world.put(&superuser(), &location, 1, &json!({ "name": "Ster" })).await.ok(200);
    assert_eq!((&changed["time_zone"], &changed["version"]), (&json!("Europe/Amsterdam"), &json!(2)));
    for (field, value) in [
        ("name", json!("")),
        ("time_zone", json!("Europe/Hilversum")),
        ("own", json!({ "ibans": ["NL00ABNA0417164300"] })),
        ("name", json!(7)),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let refused = world.post(&superuser(), "/administrations", &wrong).await.refused(422, "invalid");
        assert!(refused["errors"][0]["pointer"].as_str().unwrap().starts_with(&format!("/{field}")), "{refused}");
    }
}

#[tokio::test]
async fn who_makes_an_administration_may_see_it() {
    let world = World::start().await;
    let made = world.post(&accountant(), "/administrations", &json!({ "name": "Own" })).await;
    let location = made.header("location").to_owned();
    made.ok(201);
    world.get(&accountant(), &location).await.ok(200);
    world.get(&Token::Of(OURS, Role::SmeAccountant), &location).await.refused(404, "not_found");
    world.get(&superuser(), &location).await.ok(200);
    let unknown = format!("/administrations/{}", id::<AdministrationId>(77));
    world.get(&superuser(), unknown).await.refused(404, "not_found");
}

#[tokio::test]
async fn each_change_is_in_the_audit_record() {
    let world = World::start().await;
    let path = format!("/administrations/{}", books());
    world.wait(1);
    world.put(&superuser(), &path, 1, &json!({ "name": "Renamed" })).await.ok(200);
    let audit = world.get(&superuser(), "/audit?limit=1").await.ok(200);
    let entry = &audit["items"][0];
    assert_eq!(entry["what"], "administration.changed");
    assert_eq!(entry["by"], user_id(Role::Superuser).to_string());
    assert_eq!(entry["subject"], books().to_string());
    assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("Administration 1"), &json!("Renamed")));
    assert!(audit["next"].is_string());
    world.get(&accountant(), "/audit").await.refused(403, "not_permitted");
}

#[tokio::test]
async fn an_administration_is_deleted_when_nothing_waits_in_it() {
    let world = World::start().await;
    world.connect().await;
    let path = format!("/administrations/{}", books());
    let sme = Token::Of(OURS, Role::SmeAccountant);
    world.ask(&sme, "DELETE", &path).send().await.refused(403, "not_permitted");
    let read = crate::documents::read(&world, 9, 0, &[], crate::documents::complete()).await;
    crate::documents::stays(&world, &read, StayReason::NoRule).await;
    let refused = world.ask(&accountant(), "DELETE", &path).send().await.refused(409, "administration_in_use");
    assert!(refused["about"].as_str().unwrap().starts_with("doc_"), "{refused}");
    let world = World::start().await;
    world.connect().await;
    world.get(&accountant(), format!("{path}/overview")).await.ok(200);
    world.ask(&accountant(), "DELETE", &path).at(1).send().await.refused(412, "stale");
    world.ask(&accountant(), "DELETE", &path).at(2).send().await.ok(204);
    for gone in [path.clone(), format!("{path}/overview"), format!("{path}/rules")] {
        world.get(&accountant(), gone).await.refused(404, "not_found");
    }
    let shown = world.get(&superuser(), format!("/connections/{}", connection())).await.ok(200);
    assert_eq!(shown["divisions"], json!([]));
    let deliver = format!("/documents?administration={}", books());
    world
        .ask(&accountant(), "POST", deliver)
        .bytes("application/pdf", b"%PDF-1.7")
        .send()
        .await
        .refused(404, "not_found");
}
