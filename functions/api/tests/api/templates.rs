//! Posting templates and automation rules.

use crate::world::*;
use serde_json::{Value, json};

fn path() -> String {
    format!("/administrations/{}/contacts/{}/template", books(), supplier())
}

fn rules() -> String {
    format!("/administrations/{}/rules", books())
}

async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world
}

#[tokio::test]
async fn a_template_knows_what_its_vat_codes_do() {
    let world = ready().await;
    world.get(&accountant(), path()).await.refused(404, "not_found");
    let reply = world.put_template(&template()).await;
    assert_eq!(reply.header("etag"), "\"1\"");
    let saved = reply.ok(200);
    assert_eq!(saved["lines"][0]["vat_code_kind"], json!({ "kind": "rate", "percent": "21" }));
    assert_eq!(saved["lines"][0]["share"], "100");
    assert_eq!(world.get(&accountant(), path()).await.ok(200), saved);
    // Another one needs the version of the one it replaces.
    world.put_template(&template()).await.refused(428, "if_match_missing");
    let mut split = template();
    split["lines"] = json!([
        { "category": "S", "rate": "21.0", "share": "33.33", "account": "4600", "vat_code": "4", "description": "a" },
        { "category": "S", "rate": "21", "share": "66.67", "account": "4600", "vat_code": "4", "description": "b" }
    ]);
    assert_eq!(world.put(&accountant(), path(), 1, &split).await.ok(200)["version"], 2);
    world.put(&accountant(), path(), 1, &split).await.refused(412, "stale");
}

#[tokio::test]
async fn codes_that_the_ledger_does_not_have_are_named() {
    let world = ready().await;
    let line = |field: &str, value: Value| {
        let mut body = template();
        body["lines"][0][field] = value;
        body
    };
    for (body, code, pointer, words) in [
        (line("account", json!("9999")), "unknown_code", "/lines/0/account", "9999"),
        (line("account", json!("4699")), "unknown_code", "/lines/0/account", "blocked"),
        (line("vat_code", json!("77")), "unknown_code", "/lines/0/vat_code", "77"),
        (line("vat_code", json!("5")), "unknown_code", "/lines/0/vat_code", "purchase"),
        (line("vat_code", json!("0")), "template", "/lines", "does not fit"),
        (line("rate", json!("9")), "template", "/lines", "does not fit"),
        (line("share", json!("99")), "template", "/lines", "99"),
        (line("share", json!("0")), "template", "/lines", "share"),
        (line("category", json!("AE")), "template", "/lines", "does not fit"),
        (json!({ "lines": [] }), "template", "/lines", "at least one"),
        (line("description", json!("[colour]")), "invalid", "/lines/0/description", "[invoice number]"),
        (line("description", json!("[contact")), "invalid", "/lines/0/description", "closed"),
        (line("share", json!(50)), "invalid", "/lines/0/share", "quotes"),
        (line("colour", json!("red")), "unknown_field", "/lines/0/colour", "colour"),
    ] {
        let refused = world.put_template(&body).await.refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains(words), "{refused}");
    }
}

#[tokio::test]
async fn without_a_snapshot_of_the_directories_it_is_said_how_to_get_one() {
    let world = World::start().await;
    world.add_supplier().await;
    world.put_template(&template()).await.refused(409, "division_missing");
    world.connect().await;
    // The second administration gets a division whose directories were not fetched.
    let choice = json!({ "administration": hidden_books(), "division": "123457" });
    world.post(&superuser(), format!("/connections/{}/divisions", connection()), &choice).await.ok(200);
    let contacts = format!("/administrations/{}/contacts", hidden_books());
    let made = world.post(&superuser(), &contacts, &json!({ "direction": "purchase", "name": "B" })).await.ok(201);
    let target = format!("{contacts}/{}/template", made["id"].as_str().unwrap());
    let reply = world.ask(&superuser(), "PUT", target).json(&template()).send().await;
    let refused = reply.refused(409, "directory_missing");
    assert!(refused["detail"].as_str().unwrap().contains("/directories/ledger_accounts/refresh"), "{refused}");
}

#[tokio::test]
async fn a_rule_needs_a_template() {
    let world = ready().await;
    let body = json!({ "contact": supplier(), "documents": "ubl" });
    let refused = world.post(&superuser(), rules(), &body).await.refused(409, "template_missing");
    assert_eq!(refused["about"], supplier().to_string());
    let unknown = json!({ "contact": id::<domain::ids::ContactId>(77), "documents": "ubl" });
    let refused = world.post(&superuser(), rules(), &unknown).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/contact");
    world.add_template().await;
    let made = world.post(&superuser(), rules(), &body).await.ok(201);
    assert_eq!((&made["contact_name"], made.get("suspended")), (&json!("Molen"), None));
    let rule = format!("{}/{}", rules(), made["id"].as_str().unwrap());
    world.ask(&superuser(), "DELETE", rule).send().await.ok(204);
    world.ask(&accountant(), "DELETE", path()).send().await.ok(204);
    world.get(&accountant(), path()).await.refused(404, "not_found");
}

/// Puts the connection on Twinfield, which keeps posting templates itself.
pub async fn on_twinfield(world: &World, options: &[(&str, &str)]) {
    let connections = world.ours().connections();
    let before = connections.get(connection(), store::Read::Consistent).await.unwrap().unwrap();
    let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let system = "twinfield".parse().unwrap();
    let after = domain::office::Connection { system, options, version: before.version + 1, ..before.clone() };
    connections.replace(&before, &after, &Hand::new("twinfield").author()).await.unwrap();
}

#[tokio::test]
async fn a_ledger_that_keeps_templates_itself_is_told_of_them() {
    let world = ready().await;
    world.add_template().await;
    let link = format!("/connections/{}", connection());
    let wanted = json!({ "administration": books(), "direction": "purchase" });
    let sync = format!("{link}/sync-templates");
    world.post(&accountant(), &sync, &wanted).await.refused(409, "not_offered");
    let contact = format!("/administrations/{}/contacts/{}", books(), supplier());
    let known = json!({
        "direction": "purchase", "name": "Molen", "vat_number": "NL999999990B01", "ledger_contact": "2001",
    });
    let told = async || -> usize {
        let tasks = world.get(&accountant(), format!("{link}/tasks")).await.ok(200);
        tasks["items"].as_array().unwrap().iter().filter(|task| task["kind"] == "template").count()
    };
    on_twinfield(&world, &[]).await;
    world.put(&accountant(), path(), 1, &template()).await.ok(200);
    assert_eq!(told().await, 0, "who the contact is there is not known yet");
    world.put(&accountant(), &contact, 1, &known).await.ok(200);
    assert_eq!(told().await, 1, "it is now");
    world.put(&accountant(), path(), 2, &template()).await.ok(200);
    assert_eq!(told().await, 2);
    world.ask(&accountant(), "DELETE", path()).send().await.ok(204);
    assert_eq!(told().await, 3);
    let task = world.post(&accountant(), &sync, &wanted).await.ok(202);
    assert_eq!(task["kind"], "sync_templates");
    assert!(world.audited().await.iter().any(|(what, _)| what == "task.sync_templates"));
    world.post(&client(), &sync, &wanted).await.refused(403, "not_permitted");
    on_twinfield(&world, &[("templates", "off")]).await;
    world.add_template().await;
    assert_eq!(told().await, 3, "not when it is switched off");
    world.post(&accountant(), &sync, &wanted).await.refused(409, "not_offered");
}

#[tokio::test]
async fn without_the_last_template_rules_are_suspended_and_say_so() {
    let world = ready().await;
    world.add_template().await;
    let body = json!({ "contact": supplier(), "documents": "ubl" });
    let made = world.post(&superuser(), rules(), &body).await.ok(201);
    let rule = format!("{}/{}", rules(), made["id"].as_str().unwrap());
    world.ask(&accountant(), "DELETE", path()).send().await.ok(204);
    let shown = world.get(&accountant(), &rule).await.ok(200);
    assert_eq!((&shown["suspended"], &shown["version"]), (&json!("template_missing"), &json!(1)));
    assert_eq!(world.get(&accountant(), rules()).await.ok(200)["items"], json!([shown]));
    // It can be edited; that does not bring it back.
    world.wait(60);
    let edited = world.put(&superuser(), &rule, 1, &json!({ "documents": "all" })).await.ok(200);
    assert_eq!(edited["suspended"], "template_missing");
    world.wait(60);
    world.add_template().await;
    let back = world.get(&accountant(), &rule).await.ok(200);
    assert_eq!((back.get("suspended"), &back["version"]), (None, &json!(2)));
    assert_eq!(back["effective_from"], "2026-07-01T10:02:00Z", "not in retrospect");
}

#[tokio::test]
async fn each_version_of_a_rule_tells_who_when_and_what_was_different() {
    let world = ready().await;
    world.add_template().await;
    let body = json!({ "contact": supplier(), "documents": "ubl", "max_amount": "100.00" });
    let made = world.post(&superuser(), rules(), &body).await.ok(201);
    let rule = format!("{}/{}", rules(), made["id"].as_str().unwrap());
    world.wait(60);
    world.put(&superuser(), &rule, 1, &json!({ "documents": "all" })).await.ok(200);
    world.wait(60);
    let restore = |version: u32, at: u32| {
        let ask = world.ask(&superuser(), "POST", format!("{rule}/restore")).at(at);
        ask.json(&json!({ "version": version })).send()
    };
    restore(1, 1).await.refused(412, "stale");
    let refused = restore(7, 2).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/version");
    let restored = restore(1, 2).await.ok(200);
    assert_eq!(
        (&restored["documents"], &restored["max_amount"], &restored["version"], &restored["effective_from"]),
        (&json!("ubl"), &json!("100.00"), &json!(3), &json!("2026-07-01T10:02:00Z")),
        "as it was, from now on"
    );
    let history = world.get(&accountant(), format!("{rule}/versions")).await.ok(200);
    let by = user_id(domain::permission::Role::Superuser).to_string();
    assert_eq!((&history["rule"], &history["contact"]), (&made["id"], &json!(supplier())));
    let versions = history["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 3);
    assert!(versions.iter().all(|version| version["by"] == by.as_str()));
    assert_eq!(
        versions[1]["changes"],
        json!([
            { "field": "documents", "before": "ubl", "after": "all" },
            { "field": "max_amount", "before": "100.00", "after": null },
            { "field": "effective_from", "before": "2026-07-01T10:00:00.000Z", "after": "2026-07-01T10:01:00.000Z" }
        ])
    );
    assert_eq!((&versions[2]["restored_from"], &versions[0]["changes"]), (&json!(1), &json!([])));
    world.ask(&superuser(), "DELETE", &rule).at(3).send().await.ok(204);
    world.get(&accountant(), &rule).await.refused(404, "not_found");
    restore(1, 3).await.refused(404, "not_found");
    let history = world.get(&accountant(), format!("{rule}/versions")).await.ok(200);
    assert_eq!(history["versions"].as_array().unwrap().len(), 3, "past decisions find the versions they name");
    assert_eq!(history["deleted"], json!({ "at": "2026-07-01T10:02:00Z", "by": by }));
    world
        .get(&accountant(), format!("{}/{}/versions", rules(), id::<domain::ids::RuleId>(77)))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn a_rule_counts_from_its_last_edit() {
    let world = ready().await;
    world.add_template().await;
    let body = json!({ "contact": supplier(), "documents": "all", "max_amount": "1000.00" });
    let made = world.post(&superuser(), rules(), &body).await.ok(201);
    assert_eq!((&made["max_amount"], &made["warnings"]), (&json!("1000.00"), &json!([])));
    assert_eq!(made["effective_from"], "2026-07-01T10:00:00Z");
    let target = format!("{}/{}", rules(), made["id"].as_str().unwrap());
    world.wait(300);
    let changed = world.put(&superuser(), &target, 1, &json!({ "documents": "all", "max_amount": null })).await.ok(200);
    assert_eq!(changed["effective_from"], "2026-07-01T10:05:00Z");
    assert_eq!((&changed["version"], &changed["warnings"]), (&json!(2), &json!(["posts_everything"])));
    assert_eq!(world.get(&accountant(), &target).await.ok(200), changed);
    assert_eq!(world.get(&accountant(), rules()).await.ok(200)["items"], json!([changed]));
    world.put(&superuser(), &target, 1, &json!({ "documents": "ubl" })).await.refused(412, "stale");
    world.ask(&superuser(), "DELETE", &target).at(1).send().await.refused(412, "stale");
    world.ask(&superuser(), "DELETE", &target).at(2).send().await.ok(204);
    world.get(&accountant(), &target).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_a_rule_cannot_be() {
    let world = ready().await;
    world.add_template().await;
    for (field, value, code) in [
        ("max_amount", json!("-1"), "invalid"),
        ("max_amount", json!(1000), "invalid"),
        ("max_amount", json!("1e3"), "invalid"),
        ("documents", json!("pdf"), "invalid"),
        ("currency", json!("EUR"), "unknown_field"),
        // Costs cannot be spread over periods.
        ("periods", json!(12), "unknown_field"),
    ] {
        let mut body = json!({ "contact": supplier(), "documents": "all" });
        body[field] = value;
        let refused = world.post(&superuser(), rules(), &body).await.refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], format!("/{field}"));
    }
    world.post(&accountant(), rules(), &json!({})).await.refused(403, "not_permitted");
}
