//! The automation user and the switch (AP-9 to AP-15).

use crate::world::*;
use domain::{
    ids::UserId,
    office::{Connection, User},
    permission::{Role, Roles},
};
use serde_json::{Value, json};

fn path(what: &str) -> String {
    format!("/connections/{}/{what}", connection())
}

async fn version(world: &World) -> u32 {
    let shown = world.get(&superuser(), format!("/connections/{}", connection())).await.ok(200);
    u32::try_from(shown["version"].as_u64().unwrap()).unwrap()
}

async fn choose(world: &World, user: UserId) -> Reply {
    world.put(&superuser(), path("automation-user"), version(world).await, &json!({ "user": user })).await
}

async fn switch(world: &World, enabled: bool) -> Reply {
    world.put(&superuser(), path("automation"), version(world).await, &json!({ "enabled": enabled })).await
}

async fn change(world: &World, by: impl FnOnce(&mut Connection)) {
    let connections = world.ours().connections();
    let before = connections.get(connection(), store::Read::Consistent).await.unwrap().unwrap();
    let mut after = Connection { version: before.version + 1, ..before.clone() };
    by(&mut after);
    connections.replace(&before, &after, &Hand::new("change").author()).await.unwrap();
}

/// A connection whose accountant may be its automation user.
async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.link_accountant().await;
    world
}

#[tokio::test]
async fn switched_on_with_a_user_and_off_again() {
    let world = ready().await;
    let chosen = choose(&world, user_id(Role::Accountant)).await.ok(200);
    assert_eq!(chosen["automation"], json!({ "enabled": false, "user": user_id(Role::Accountant), "offered": true }));
    world.wait(60);
    let on = switch(&world, true).await.ok(200);
    assert_eq!(
        (&on["automation"]["enabled"], &on["automation"]["since"]),
        (&json!(true), &json!("2026-07-01T10:01:00Z"))
    );
    world.wait(60);
    let still = switch(&world, true).await.ok(200);
    assert_eq!(still, on, "on since then, and not an edit");
    let delete = || async {
        let at = version(&world).await;
        world.ask(&superuser(), "DELETE", path("automation-user")).at(at).send().await
    };
    delete().await.refused(409, "automation_switched_on");
    assert_eq!(switch(&world, false).await.ok(200)["automation"]["enabled"], false);
    assert_eq!(delete().await.ok(200)["automation"]["user"], Value::Null);
    delete().await.ok(200);
}

#[tokio::test]
async fn not_without_an_automation_user() {
    let world = ready().await;
    let refused = switch(&world, true).await.refused(409, "automation_user_missing");
    assert!(refused["detail"].as_str().unwrap().contains("no automation user"), "{refused}");
}

#[tokio::test]
async fn the_automation_user_is_an_accountant_with_access_and_a_link() {
    let world = ready().await;
    for (role, words) in
        [(Role::Superuser, vec!["Accountant", "linked"]), (Role::SmeAccountant, vec!["Accountant", "linked"])]
    {
        let refused = choose(&world, user_id(role)).await.refused(409, "automation_user_invalid");
        for word in words {
            assert!(refused["detail"].as_str().unwrap().contains(word), "{refused}");
        }
    }
    let refused = choose(&world, id(77)).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/user");
    choose(&world, id(1002)).await.refused(422, "unknown_reference");
    // A second administration that the user does not see.
    change(&world, |connection| {
        connection.divisions.insert(hidden_books(), "123457".parse().unwrap());
    })
    .await;
    let refused = choose(&world, user_id(Role::Accountant)).await.refused(409, "automation_user_invalid");
    assert!(refused["detail"].as_str().unwrap().contains("access"), "{refused}");
    // Everything that is missing is told at once, each with its code and what it is about.
    let refused = choose(&world, user_id(Role::ClientUser)).await.refused(409, "automation_user_invalid");
    let entries = refused["errors"].as_array().unwrap();
    let codes: Vec<_> = entries.iter().map(|entry| (entry["code"].clone(), entry["about"].clone())).collect();
    assert_eq!(
        codes,
        [
            (json!("not_accountant"), Value::Null),
            (json!("no_access"), json!(hidden_books())),
            (json!("not_linked"), Value::Null)
        ]
    );
    assert!(entries.iter().all(|entry| entry["pointer"] == "/user"));
}

#[tokio::test]
async fn what_the_automation_user_lost_is_shown_on_the_connection() {
    let world = ready().await;
    choose(&world, user_id(Role::Accountant)).await.ok(200);
    switch(&world, true).await.ok(200);
    let shown = async || {
        let shown = world.get(&superuser(), format!("/connections/{}", connection())).await.ok(200);
        let listed = world.get(&superuser(), "/connections").await.ok(200);
        assert_eq!(listed["items"], json!([shown]));
        let problems = shown["automation"]["problems"].as_array().cloned().unwrap_or_default();
        problems.into_iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(shown().await.is_empty());
    let path = format!("/users/{}", user_id(Role::Accountant));
    let mut body = json!({
        "name": "Automatic user", "roles": ["accountant"],
        "access": { "scope": "only", "administrations": [books()] },
        "ledger_users": { connection().to_string(): "anna" },
    });
    let mut version = 2;
    for (field, value, code) in [
        ("roles", json!(["client_user"]), "not_accountant"),
        ("access", json!({ "scope": "only", "administrations": [hidden_books()] }), "no_access"),
        ("ledger_users", json!({}), "not_linked"),
    ] {
        let good = std::mem::replace(&mut body[field], value);
        world.put(&superuser(), &path, version, &body).await.ok(200);
        assert_eq!(shown().await, [code]);
        body[field] = good;
        world.put(&superuser(), &path, version + 1, &body).await.ok(200);
        assert!(shown().await.is_empty());
        version += 2;
    }
    world.ask(&superuser(), "DELETE", &path).send().await.refused(409, "user_in_use");
    world.ask(&superuser(), "POST", format!("{path}/disable")).send().await.ok(200);
    assert_eq!(shown().await, ["inactive"]);
}

#[tokio::test]
async fn the_user_is_checked_again_when_it_is_switched_on() {
    let world = ready().await;
    choose(&world, user_id(Role::Accountant)).await.ok(200);
    let users = world.ours().users();
    let before = users.get(user_id(Role::Accountant), store::Read::Consistent).await.unwrap().unwrap();
    let roles = Roles::new([Role::ClientUser]).unwrap();
    let after = User { roles, version: before.version + 1, ..before.clone() };
    users.replace(&before, &after, &Hand::new("demote").author()).await.unwrap();
    switch(&world, true).await.refused(409, "automation_user_invalid");
}

#[tokio::test]
async fn not_behind_another_product_and_not_under_another_licence() {
    let world = ready().await;
    choose(&world, user_id(Role::Accountant)).await.ok(200);
    let target = format!("/connections/{}", connection());
    for (given, product) in
        [("BOUW7", "bouw7"), ("newbase", "Newbase"), ("SalesManager", "SalesManager"), ("planergy", "Planergy")]
    {
        let body = json!({ "name": "Exact", "intermediary": given });
        let changed = world.put(&superuser(), &target, version(&world).await, &body).await.ok(200);
        assert_eq!(changed["intermediary"], product);
        assert_eq!(changed["automation"]["not_offered"]["code"], "intermediary");
        let refused = switch(&world, true).await.refused(409, "intermediary");
        assert!(refused["detail"].as_str().unwrap().contains(product), "{refused}");
    }
    change(&world, |connection| {
        connection.intermediary = None;
        connection.licence_country = "BE".to_owned();
    })
    .await;
    let refused = switch(&world, true).await.refused(409, "auto_posting_not_offered");
    assert!(refused["detail"].as_str().unwrap().contains("BE"), "{refused}");
}

#[tokio::test]
async fn a_product_in_between_is_refused_while_it_is_on() {
    let world = ready().await;
    choose(&world, user_id(Role::Accountant)).await.ok(200);
    switch(&world, true).await.ok(200);
    let body = json!({ "name": "Exact", "intermediary": "Planergy" });
    let target = format!("/connections/{}", connection());
    let refused = world.put(&superuser(), target, version(&world).await, &body).await.refused(409, "intermediary");
    assert_eq!(refused["errors"][0]["pointer"], "/intermediary");
}

#[tokio::test]
async fn both_are_in_the_audit_record_with_who_did_it() {
    let world = ready().await;
    choose(&world, user_id(Role::Accountant)).await.ok(200);
    world.wait(1);
    switch(&world, true).await.ok(200);
    let audited = world.audited().await;
    let by = user_id(Role::Superuser).to_string();
    assert_eq!(audited.iter().filter(|entry| **entry == ("connection.changed".to_owned(), by.clone())).count(), 2);
}
