//! Users: inviting, roles, rights, disabling.

use crate::world::*;
use domain::permission::Role;
use serde_json::{Value, json};

fn invitation(email: &str) -> Value {
    json!({
        "email": email,
        "name": "Ann",
        "roles": ["accountant"],
        "access": { "scope": "only", "administrations": [books()] }
    })
}

fn path(role: Role) -> String {
    format!("/users/{}", user_id(role))
}

/// A body that changes nothing of a user of the world.
fn unchanged(role: Role) -> Value {
    json!({
        "name": role.as_str(),
        "roles": [role.as_str()],
        "access": { "scope": "only", "administrations": [books()] }
    })
}

#[tokio::test]
async fn an_invited_user_can_sign_in() {
    let world = World::start().await;
    let reply = world.post(&superuser(), "/users", &invitation(" Ann@Example.nl ")).await;
    let location = reply.header("location").to_owned();
    let made = reply.ok(201);
    assert_eq!((&made["email"], &made["state"]), (&json!("ann@example.nl"), &json!("active")));
    assert_eq!(world.get(&superuser(), &location).await.ok(200), made);
    assert_eq!(world.outside.0.lock().unwrap().invited, [(id(OURS), "ann@example.nl".to_owned())]);
    let token = Token::Claims(vec![
        ("token_use", "id".to_owned()),
        ("sub", "login of ann@example.nl".to_owned()),
        ("custom:tenant_id", id::<domain::ids::TenantId>(OURS).to_string()),
    ]);
    assert_eq!(world.get(&token, "/me").await.ok(200)["user"]["id"], made["id"]);
}

#[tokio::test]
async fn an_address_is_one_login() {
    let world = World::start().await;
    world.post(&superuser(), "/users", &invitation("ann@example.nl")).await.ok(201);
    let refused = world.post(&superuser(), "/users", &invitation("ANN@example.nl")).await.refused(409, "login_exists");
    assert!(refused["about"].as_str().unwrap().starts_with("usr_"));
    world.outside.0.lock().unwrap().taken.insert("else@example.nl".to_owned());
    world.post(&superuser(), "/users", &invitation("else@example.nl")).await.refused(409, "login_exists");
    world.outside.0.lock().unwrap().outage = true;
    world.post(&superuser(), "/users", &invitation("new@example.nl")).await.refused(503, "unavailable");
    world.outside.0.lock().unwrap().outage = false;
    world.post(&superuser(), "/users", &invitation("new@example.nl")).await.ok(201);
}

#[tokio::test]
async fn excluded_pairs_of_roles_are_refused() {
    let world = World::start().await;
    for roles in [json!([]), json!(["accountant", "sme_accountant"]), json!(["client_user", "restricted_client_user"])]
    {
        let mut body = invitation("ann@example.nl");
        body["roles"] = roles;
        let refused = world.post(&superuser(), "/users", &body).await.refused(422, "roles");
        assert_eq!(refused["errors"][0]["pointer"], "/roles");
        let mut change = unchanged(Role::ClientUser);
        change["roles"] = body["roles"].clone();
        world.put(&superuser(), path(Role::ClientUser), 1, &change).await.refused(422, "roles");
    }
    let mut body = invitation("ann@example.nl");
    body["roles"] = json!(["emperor"]);
    let refused = world.post(&superuser(), "/users", &body).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/roles/0");
    assert!(world.outside.0.lock().unwrap().invited.is_empty(), "nobody was invited");
}

#[tokio::test]
async fn only_a_superuser_makes_superusers_and_grants_rights() {
    let world = World::start().await;
    let mut superior = invitation("ann@example.nl");
    superior["roles"] = json!(["superuser"]);
    world.post(&accountant(), "/users", &superior).await.refused(403, "not_permitted");
    let mut trusted = invitation("ann@example.nl");
    trusted["may_change_ibans"] = json!(true);
    let refused = world.post(&accountant(), "/users", &trusted).await.refused(403, "not_permitted");
    assert_eq!(refused["errors"][0]["pointer"], "/may_change_ibans");
    // Nor by changing somebody: not himself, not a Superuser, not beyond his own administrations.
    let mut own = unchanged(Role::Accountant);
    own["roles"] = json!(["accountant", "superuser"]);
    world.put(&accountant(), path(Role::Accountant), 1, &own).await.refused(403, "not_permitted");
    let mut demoted = unchanged(Role::Superuser);
    demoted["roles"] = json!(["accountant"]);
    world.put(&accountant(), path(Role::Superuser), 1, &demoted).await.refused(403, "not_permitted");
    let mut wider = unchanged(Role::Accountant);
    wider["access"] = json!({ "scope": "all" });
    world.put(&accountant(), path(Role::Accountant), 1, &wider).await.refused(403, "not_permitted");
    wider["access"] = json!({ "scope": "only", "administrations": [hidden_books()] });
    world.put(&accountant(), path(Role::ClientUser), 1, &wider).await.refused(403, "not_permitted");
    assert!(world.outside.0.lock().unwrap().invited.is_empty());
    world.post(&superuser(), "/users", &trusted).await.ok(201);
    superior["email"] = json!("boss@example.nl");
    world.post(&superuser(), "/users", &superior).await.ok(201);
}

#[tokio::test]
async fn an_accountant_invites_within_his_bounds() {
    let world = World::start().await;
    world.post(&accountant(), "/users", &invitation("ann@example.nl")).await.ok(201);
    let mut change = unchanged(Role::ClientUser);
    change["roles"] = json!(["client_user", "authoriser"]);
    let changed = world.put(&accountant(), path(Role::ClientUser), 1, &change).await.ok(200);
    assert_eq!(changed["roles"], json!(["authoriser", "client_user"]));
    world.ask(&accountant(), "POST", path(Role::ClientUser) + "/disable").send().await.refused(403, "not_permitted");
}

#[tokio::test]
async fn the_last_superuser_stays() {
    let world = World::start().await;
    world.ask(&superuser(), "POST", path(Role::Superuser) + "/disable").send().await.refused(409, "last_superuser");
    let mut demoted = unchanged(Role::Superuser);
    demoted["roles"] = json!(["accountant"]);
    world.put(&superuser(), path(Role::Superuser), 1, &demoted).await.refused(409, "last_superuser");
    let mut second = invitation("boss@example.nl");
    second["roles"] = json!(["superuser"]);
    world.post(&superuser(), "/users", &second).await.ok(201);
    world.put(&superuser(), path(Role::Superuser), 1, &demoted).await.ok(200);
    world.get(&superuser(), "/audit").await.refused(403, "not_permitted");
}

#[tokio::test]
async fn references_of_a_user_have_to_exist() {
    let world = World::start().await;
    let mut body = invitation("ann@example.nl");
    body["access"] = json!({ "scope": "only", "administrations": [id::<domain::ids::AdministrationId>(1001)] });
    let refused = world.post(&superuser(), "/users", &body).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/access/administrations");
    let mut body = invitation("ann@example.nl");
    body["ledger_users"] = json!({ connection().to_string(): "anna" });
    let refused = world.post(&superuser(), "/users", &body).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/ledger_users");
    world.connect().await;
    let made = world.post(&superuser(), "/users", &body).await.ok(201);
    assert_eq!(made["ledger_users"][connection().to_string()], "anna");
}

#[tokio::test]
async fn an_sme_accountant_sees_client_users_only() {
    let world = World::start().await;
    let sme = Token::Of(OURS, Role::SmeAccountant);
    let listed = world.get(&sme, "/users").await.ok(200);
    let mut seen: Vec<_> = listed["items"].as_array().unwrap().iter().map(|user| user["roles"][0].clone()).collect();
    seen.sort_by_key(ToString::to_string);
    assert_eq!(seen, ["client_user", "restricted_client_user", "sme_accountant"]);
    world.get(&sme, path(Role::Superuser)).await.refused(404, "not_found");
    let listed = world.get(&accountant(), "/users").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), Role::ALL.len());
}

#[tokio::test]
async fn a_disabled_login_is_closed_even_when_the_first_try_fails() {
    let world = World::start().await;
    world.outside.0.lock().unwrap().outage = true;
    let disable = || world.ask(&superuser(), "POST", path(Role::ClientUser) + "/disable").send();
    disable().await.refused(503, "unavailable");
    world.outside.0.lock().unwrap().outage = false;
    assert_eq!(disable().await.ok(200)["state"], "disabled");
    assert_eq!(world.outside.0.lock().unwrap().closed, ["client_user@office1.nl"]);
}

#[tokio::test]
async fn a_user_is_deleted_by_a_superuser_and_can_be_invited_again() {
    let world = World::start().await;
    let client_user = path(Role::ClientUser);
    world.ask(&accountant(), "DELETE", &client_user).send().await.refused(403, "not_permitted");
    world.ask(&superuser(), "DELETE", path(Role::Superuser)).send().await.refused(409, "last_superuser");
    assert!(world.outside.0.lock().unwrap().removed.is_empty());
    // A failure outside leaves a disabled user, and the same request again ends what was begun.
    world.outside.0.lock().unwrap().outage = true;
    world.ask(&superuser(), "DELETE", &client_user).send().await.refused(503, "unavailable");
    world.get(&client(), "/me").await.refused(403, "user_disabled");
    world.outside.0.lock().unwrap().outage = false;
    world.ask(&superuser(), "DELETE", &client_user).send().await.ok(204);
    assert_eq!(world.outside.0.lock().unwrap().removed, ["client_user@office1.nl"]);
    world.get(&superuser(), &client_user).await.refused(404, "not_found");
    let listed = world.get(&superuser(), "/users").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), Role::ALL.len() - 1);
    let again = world.post(&superuser(), "/users", &invitation("client_user@office1.nl")).await.ok(201);
    assert_ne!(again["id"], json!(user_id(Role::ClientUser)));
    assert!(world.audited().await.iter().any(|(what, _)| what == "user.deleted"));
}

#[tokio::test]
async fn a_role_is_added_to_an_existing_user() {
    let world = World::start().await;
    let mut body = unchanged(Role::SmeAccountant);
    body["roles"] = json!(["sme_accountant", "authoriser", "finance"]);
    let changed = world.put(&superuser(), path(Role::SmeAccountant), 1, &body).await.ok(200);
    assert_eq!(changed["roles"], json!(["sme_accountant", "authoriser", "finance"]));
    // Who is an authoriser too sees authorisers.
    let sme = Token::Of(OURS, Role::SmeAccountant);
    world.get(&sme, path(Role::Authoriser)).await.ok(200);
    world.get(&sme, path(Role::Finance)).await.refused(404, "not_found");
    body["roles"] = json!(["sme_accountant", "accountant"]);
    world.put(&superuser(), path(Role::SmeAccountant), 2, &body).await.refused(422, "roles");
}
