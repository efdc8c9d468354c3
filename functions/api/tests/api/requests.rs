//! What every request has to be: its form, its versions, its keys.

use crate::world::*;
use api::routes::{Route, routes};
use domain::permission::Role;
use serde_json::json;

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let world = World::start().await;
    world.get(&superuser(), "/nothing").await.refused(404, "not_found");
    let reply = world.ask(&superuser(), "DELETE", "/me").send().await;
    assert!(reply.header("allow").contains("GET"), "{:?}", reply.headers);
    reply.refused(405, "method_not_allowed");
    world.get(&superuser(), "/users/usr_1").await.refused(404, "not_found");
    world.get(&superuser(), "/connections/x/directories/y").await.refused(404, "not_found");
}

#[tokio::test]
async fn bodies_have_to_be_json_of_a_bearable_size() {
    let world = World::start().await;
    let ask = || world.ask(&superuser(), "POST", "/administrations");
    ask().bytes("text/plain", b"{}").send().await.refused(415, "unsupported_media_type");
    ask().send().await.refused(415, "unsupported_media_type");
    ask().bytes("application/json", b"{\"name\":").send().await.refused(400, "malformed_json");
    ask().bytes("application/json", b"").send().await.refused(400, "malformed_json");
    let large = json!({ "name": "x".repeat(300_000) });
    ask().json(&large).send().await.refused(413, "too_large");
    let unknown = ask().json(&json!({ "name": "A", "colour": "red" })).send().await.refused(422, "unknown_field");
    assert_eq!(unknown["errors"][0]["pointer"], "/colour");
    let nested = json!({ "name": "A", "own": { "vat_numbers": ["NL1", "?"] } });
    let invalid = ask().json(&nested).send().await.refused(422, "invalid");
    assert_eq!(invalid["errors"][0]["pointer"], "/own/vat_numbers/0");
    assert!(invalid["detail"].as_str().unwrap().contains("VAT number"));
}

#[tokio::test]
async fn queries_are_checked() {
    let world = World::start().await;
    for query in ["limit=0", "limit=101", "limit=x", "colour=red", "limit=1&limit=2"] {
        world.get(&superuser(), format!("/administrations?{query}")).await.refused(400, "invalid_query");
    }
    for cursor in ["x", "e30", "%00"] {
        world.get(&superuser(), format!("/administrations?cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn lists_go_on_where_they_ended() {
    let world = World::start().await;
    for number in 0..5 {
        world.post(&superuser(), "/administrations", &json!({ "name": format!("Books {number}") })).await.ok(201);
    }
    let mut names = Vec::new();
    let mut target = "/administrations?limit=3".to_owned();
    loop {
        let page = world.get(&superuser(), &target).await.ok(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        target = format!("/administrations?limit=3&cursor={next}");
    }
    assert_eq!(names.len(), 7);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 7, "none comes twice");
    // A cursor is good for its own list only.
    let page = world.get(&superuser(), "/administrations?limit=1").await.ok(200);
    let cursor = page["next"].as_str().unwrap();
    world.get(&superuser(), format!("/connections?cursor={cursor}")).await.refused(400, "invalid_cursor");
    let theirs = Token::Of(THEIRS, domain::permission::Role::Superuser);
    world.get(&theirs, format!("/administrations?cursor={cursor}")).await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn edits_name_the_version_that_they_edit() {
    let world = World::start().await;
    let path = format!("/administrations/{}", books());
    let body = json!({ "name": "Other" });
    let read = world.get(&superuser(), &path).await;
    assert_eq!(read.header("etag"), "\"1\"");
    world.ask(&superuser(), "PUT", &path).json(&body).send().await.refused(428, "if_match_missing");
    world.put(&superuser(), &path, 7, &body).await.refused(412, "stale");
    let star = world.ask(&superuser(), "PUT", &path).header("if-match", "*").json(&body).send().await;
    star.refused(412, "stale");
    let changed = world.put(&superuser(), &path, 1, &body).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    changed.ok(200);
    world.put(&superuser(), &path, 1, &body).await.refused(412, "stale");
}

#[tokio::test]
async fn every_put_and_patch_wants_if_match() {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.add_template().await;
    let facility = crate::exports::draft(&world).await;
    let series = crate::sales::ready(&world).await;
    let order = crate::sales::taken(&world, "1").await;
    crate::sales::connect(&world).await;
    let connector = format!("/administrations/{}/connector", books());
    world.ask(&superuser(), "PUT", connector).json(&crate::sales::connector()).send().await.ok(200);
    let rule = crate::sales::made_rule(&world, "paid").await;
    let issued = crate::sales::issued(&world, &order, &series).await;
    crate::sales::forwarding(&world).await;
    let text = format!("/administrations/{}/customer-mail-text", books());
    world.ask(&superuser(), "PUT", text).json(&crate::mail::customer_text()).send().await.ok(200);
    // What only the caller sees is nobody else's to change: the last choice counts. A mark is there or not.
    let shared = |route: &&Route| !route.path.starts_with("/me/") && !route.path.ends_with("/processed");
    for route in routes().iter().filter(|route| ["PUT", "PATCH"].contains(&route.method.as_str())).filter(shared) {
        let body = match route.path.rsplit('/').next().unwrap() {
            "template" => template(),
            "automation" => json!({ "enabled": true }),
            "system" => json!({ "kind": "file", "format": "csv" }),
            "authentication" => json!({ "connection": connection() }),
            "job" => crate::exports::hourly(),
            "seller" => crate::sales::seller(),
            "connector" => crate::sales::connector(),
            "{series}" => crate::sales::invoices(),
            "{order_rule}" => crate::sales::rule("paid"),
            "replacement" => json!({ "number": "ERP 1" }),
            "{source}" => json!({ "connection": crate::sales::marketplace(), "forward": "yes" }),
            "status" => json!({ "status": "packed" }),
            "exchange-rate" => json!({ "rate": "0.91", "date": "2026-06-30", "source": "ECB" }),
            "customer-mail-text" => crate::mail::customer_text(),
            "automation-user" => json!({ "user": user_id(Role::Accountant) }),
            _ => json!({}),
        };
        let path = route
            .path
            .replace("{administration}", &books().to_string())
            .replace("{contact}", &supplier().to_string())
            .replace("{connection}", &connection().to_string())
            .replace("{user}", &user_id(Role::ClientUser).to_string())
            .replace("{document}", &id::<domain::ids::DocumentId>(1).to_string())
            .replace("{facility}", &facility.to_string())
            .replace("{series}", &series)
            .replace("{order}", &order)
            .replace("{order_rule}", &rule)
            .replace("{issued}", &issued)
            .replace("{source}", "emag")
            .replace("{package}", &id::<domain::ids::PackageId>(1).to_string())
            .replace("{mail_connection}", &id::<domain::ids::MailConnectionId>(1).to_string())
            .replace("{rule}", &id::<domain::ids::RuleId>(1).to_string());
        let by_superusers = route.needs.permissions().iter().any(|needed| Role::Superuser.permits(*needed));
        let token = if by_superusers { superuser() } else { accountant() };
        let reply = world.ask(&token, route.method.as_str(), path).json(&body).send().await;
        reply.refused(428, "if_match_missing");
    }
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once() {
    let world = World::start().await;
    let body = json!({ "name": "Once" });
    let ask = |body: &serde_json::Value| world.ask(&superuser(), "POST", "/administrations").key("k-1").json(body);
    let first = ask(&body).send().await;
    let location = first.header("location").to_owned();
    let made = first.ok(201);
    world.wait(3600);
    let again = ask(&body).send().await;
    assert_eq!(again.header("location"), location);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("etag"), "\"1\"");
    assert_eq!(again.ok(201), made);
    ask(&json!({ "name": "Other" })).send().await.refused(422, "idempotency_key_reused");
    let listed = world.get(&superuser(), "/administrations").await.ok(200);
    let count = listed["items"].as_array().unwrap().iter().filter(|item| item["name"] == "Once").count();
    assert_eq!(count, 1);
    // The key is the user's own, and belongs to the route.
    world.ask(&accountant(), "POST", "/administrations").key("k-1").json(&body).send().await.ok(201);
    let connection = json!({ "system": "exact-online", "name": "E", "licence_country": "NL" });
    world.ask(&superuser(), "POST", "/connections").key("k-1").json(&connection).send().await.ok(201);
    for key in ["", "a b", "ü", &"x".repeat(256)] {
        let reply = world.ask(&superuser(), "POST", "/administrations").key(key).json(&body).send().await;
        reply.refused(400, "invalid_header");
    }
}

#[tokio::test]
async fn a_refused_request_gives_its_key_back() {
    let world = World::start().await;
    let ask = |country: &str| {
        let body = json!({ "system": "exact-online", "name": "E", "licence_country": country });
        world.ask(&superuser(), "POST", "/connections").key("k-2").json(&body).send()
    };
    ask("US").await.refused(422, "invalid");
    ask("NL").await.ok(201);
}

#[tokio::test]
async fn a_request_whose_first_attempt_died_is_completed_and_not_doubled() {
    let world = World::start().await;
    let body = json!({ "name": "Died" });
    let ask = || world.ask(&superuser(), "POST", "/administrations").key("k-3").json(&body).send();
    // The administration is stored, the answer is not.
    let before = world.get(&superuser(), "/administrations").await.ok(200)["items"].as_array().unwrap().len();
    world.store.faults().plan_in_a_row("UpdateItem", 3, store::testing::Fault::LoseRequest);
    ask().await.ok(201);
    assert!(world.store.faults().are_over());
    ask().await.refused(409, "request_in_progress");
    world.wait(31);
    ask().await.ok(201);
    let after = world.get(&superuser(), "/administrations").await.ok(200)["items"].as_array().unwrap().len();
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn throttling_is_a_503_that_says_when_to_try_again() {
    let world = World::start().await;
    world.get(&superuser(), "/me").await.ok(200);
    world.store.faults().plan_in_a_row("Query", 3, store::testing::Fault::Throttle);
    let reply = world.get(&superuser(), "/administrations").await;
    assert_eq!(reply.header("retry-after"), "2");
    reply.refused(503, "unavailable");
    world.get(&superuser(), "/administrations").await.ok(200);
}

#[tokio::test]
async fn the_description_of_the_api_is_open_to_everybody() {
    let world = World::start().await;
    let document = world.get(&Token::None, "/openapi.json").await.ok(200);
    assert_eq!(document["info"]["title"], "Ledgerpost");
}
