//! Every route, as every role, without a token, with the wrong one, and as another tenant. Routes come from the table, their
//! parameters and bodies from the document that describes them: a new route is tried without being mentioned here.

use crate::{sample, world::*};
use api::{
    auth::Needs,
    routes::{Route, routes},
};
use domain::{
    automation::{AutomationRule, DocumentScope, RuleState},
    ids::{AdministrationId, ConnectionId, Id as _, OrderRuleId, SeriesId, TenantId, UserId},
    ledger::DirectoryKind,
    permission::Role,
    task::{Task, TaskState, Work},
};
use serde_json::{Value, json};
use store::testing::Which;

/// A path with ids in place of its names, and the parameters that its query has to have. They exist in our tenant where
/// the world has them.
fn target(route: &Route, user: UserId) -> String {
    let known = |name: &str| match name {
        "administration" => Some(books().to_string()),
        "contact" => Some(supplier().to_string()),
        "connection" => Some(connection().to_string()),
        "user" => Some(user.to_string()),
        "directory" => Some("vat_codes".to_owned()),
        _ => None,
    };
    let mut path = route.path.to_owned();
    let mut query = Vec::new();
    for parameter in sample::parameters(route.method.as_str(), route.path) {
        let value = known(&parameter.name).unwrap_or(parameter.value);
        match parameter.place.as_str() {
            "path" => path = path.replace(&format!("{{{}}}", parameter.name), &value),
            _ => query.push(format!("{}={value}", parameter.name)),
        }
    }
    assert!(!path.contains('{'), "{path}");
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

async fn status(world: &World, token: &Token, route: &Route, user: UserId) -> (u16, String) {
    // An empty object is no valid body anywhere, so that nothing is made by those who are let in.
    let reply = world.ask(token, route.method.as_str(), target(route, user)).at(1).json(&json!({})).send().await;
    (reply.status, reply.body["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn each_route_lets_in_exactly_the_roles_of_the_permission_table() {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    for route in routes() {
        for role in Role::ALL {
            let permissions = route.needs.permissions();
            let allowed =
                route.needs == Needs::Nothing || permissions.iter().any(|permission| role.permits(*permission));
            let (status, code) = status(&world, &Token::Of(OURS, *role), &route, id(777)).await;
            let refused = (status, code.as_str()) == (403, "not_permitted");
            assert_eq!(refused, !allowed, "{} {} as {role}: {status} {code}", route.method, route.path);
            assert!(status < 500, "{} {} as {role}: {status} {code}", route.method, route.path);
        }
    }
}

#[test]
fn only_what_proves_its_right_otherwise_is_open_to_everybody() {
    let routes = routes();
    let open: Vec<_> = routes.iter().filter(|route| route.needs == Needs::Nothing).map(|route| route.path).collect();
    assert_eq!(open, ["/openapi.json", "/oauth/callback", "/shared/{tenant}/{file}"]);
}

#[tokio::test]
async fn no_route_lets_anybody_in_without_an_id_token() {
    let world = World::start().await;
    let tenant = id::<TenantId>(OURS).to_string();
    let claims = |token_use: &str, with: Option<&'static str>| {
        let mut claims = vec![("token_use", token_use.to_owned()), ("sub", login(OURS, Role::Superuser))];
        claims.extend(with.map(|value| ("custom:tenant_id", value.to_owned())));
        Token::Claims(claims)
    };
    let access_token = Token::Claims(vec![
        ("token_use", "access".to_owned()),
        ("sub", login(OURS, Role::Superuser)),
        ("custom:tenant_id", tenant.clone()),
    ]);
    let no_sub = Token::Claims(vec![("token_use", "id".to_owned()), ("custom:tenant_id", tenant)]);
    for route in routes().iter().filter(|route| route.needs != Needs::Nothing) {
        for (token, wanted) in [
            (Token::None, "not_signed_in"),
            (access_token.clone(), "id_token_wanted"),
            (claims("id", None), "id_token_wanted"),
            (claims("id", Some("")), "id_token_wanted"),
            (claims("id", Some("usr_01ARZ3NDEKTSV4RRFFQ69G5FAV")), "id_token_wanted"),
            (claims("", None), "id_token_wanted"),
            (no_sub.clone(), "id_token_wanted"),
        ] {
            let (status, code) = status(&world, &token, route, user_id(Role::ClientUser)).await;
            assert_eq!((status, code.as_str()), (401, wanted), "{} {} {token:?}", route.method, route.path);
        }
    }
}

/// A body that the route takes.
fn body(route: &Route) -> Value {
    match (route.method.as_str(), route.path.rsplit('/').next().unwrap()) {
        ("PUT", "{user}") => json!({ "name": "X", "roles": ["client_user"], "access": { "scope": "only" } }),
        (_, "contacts" | "{contact}") => json!({ "direction": "purchase", "name": "X" }),
        (_, "template") => template(),
        (_, "rules") => json!({ "contact": supplier(), "documents": "all" }),
        ("PUT", "{rule}") => json!({ "documents": "all" }),
        ("PUT", "{administration}" | "{connection}") => json!({ "name": "X" }),
        (_, "divisions") => json!({ "administration": id::<AdministrationId>(1001), "division": "123457" }),
        (_, "import-contacts" | "sync-templates") => {
            json!({ "administration": id::<AdministrationId>(1001), "direction": "purchase" })
        }
        (_, "post-specific") => json!({ "documents": "ubl" }),
        (_, "automation-user") => json!({ "user": user_id(Role::Accountant) }),
        (_, "automation") => json!({ "enabled": true }),
        (_, "tag") => json!({ "tag": "sales" }),
        (_, "contact") => json!({ "contact": supplier() }),
        ("PUT", "seller") => crate::sales::seller(),
        ("PUT", "connector") => crate::sales::connector(),
        (_, "numbering-series" | "{series}") => crate::sales::invoices(),
        (_, "orders") => crate::sales::order("1"),
        ("PUT", "status") => json!({ "status": "packed" }),
        ("POST", "documents") if route.path.contains("/orders/") => json!({ "series": id::<SeriesId>(1) }),
        (_, "order-rules" | "{order_rule}") => crate::sales::rule("paid"),
        (_, "retry") => json!({ "event": 1, "rule": id::<OrderRuleId>(1) }),
        (_, "pass-runs") => json!({ "which": "not_passed" }),
        (_, "replacement") => json!({ "number": "ERP 1" }),
        (_, "{source}") => json!({ "connection": id::<ConnectionId>(88), "forward": "yes" }),
        (_, "corrections") => json!({ "series": id::<SeriesId>(1), "reason": "X", "lines": [] }),
        (_, _) => sample::body(route.method.as_str(), route.path),
    }
}

#[tokio::test]
async fn what_is_another_tenants_is_answered_like_what_does_not_exist() {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.add_template().await;
    // Everything that the paths name is there.
    let coded = crate::documents::complete();
    crate::documents::read(&world, 9, 0, &[domain::hold::HoldCode::DuplicateSuspected], coded).await;
    let rule = AutomationRule {
        id: id(9),
        version: 1,
        contact: supplier(),
        documents: DocumentScope::All,
        max_amount: None,
        effective_from: start(),
        state: RuleState::Active,
    };
    world.ours().rules(books()).create(&rule, &Hand::new("rule").author()).await.unwrap();
    let task = Task {
        id: id(9),
        unit: unit(),
        work: Work::Directory { directory: DirectoryKind::Journals },
        requested_by: user_id(Role::Superuser),
        requested_at: start(),
        due: start(),
        attempts: 0,
        state: TaskState::Open,
    };
    world.ours().tasks().create(&task, &store::Writer::new("task", 1)).await.unwrap();
    world.get(&superuser(), format!("/tasks/{}", task.id)).await.ok(200);
    world.get(&superuser(), format!("/administrations/{}/rules/{}", books(), rule.id)).await.ok(200);
    let ours = async || {
        let mut items = Vec::new();
        for which in [Which::Settings, Which::Documents, Which::Runs] {
            items.extend(world.store.items(which).await);
        }
        items.retain(|item| item["pk"]["S"].as_str().unwrap().starts_with(&id::<TenantId>(OURS).to_string()));
        items
    };
    let before = ours().await;
    let names_something = |route: &&Route| target(route, user_id(Role::ClientUser)) != route.path;
    let guarded = |route: &&Route| route.needs != Needs::Nothing;
    for route in routes().iter().filter(guarded).filter(names_something) {
        for role in Role::ALL.iter().copied() {
            let ask =
                world.ask(&Token::Of(THEIRS, role), route.method.as_str(), target(route, user_id(Role::ClientUser)));
            let reply = ask.at(1).json(&body(route)).send().await;
            let permitted = route.needs.permissions().iter().any(|permission| role.permits(*permission));
            let expected = if permitted { (404, "not_found") } else { (403, "not_permitted") };
            let answered = (reply.status, reply.body["code"].as_str().unwrap_or_default());
            assert_eq!(answered, expected, "{} {} as {role}: {}", route.method, route.path, reply.text);
        }
    }
    assert_eq!(ours().await, before, "nothing of ours was changed");
}

#[tokio::test]
async fn foreign_and_unknown_ids_get_the_same_answer() {
    let world = World::start().await;
    world.connect().await;
    let theirs = Token::Of(THEIRS, Role::Superuser);
    for (foreign, unknown) in [
        (format!("/administrations/{}", books()), format!("/administrations/{}", id::<AdministrationId>(777))),
        (format!("/connections/{}", connection()), format!("/connections/{}", id::<domain::ids::ConnectionId>(777))),
        (format!("/users/{}", user_id(Role::Superuser)), format!("/users/{}", id::<UserId>(777))),
    ] {
        let shape = |reply: Reply, of: &str| {
            let last = of.rsplit('/').next().unwrap().to_owned();
            (reply.status, reply.text.replace(&last, "X"))
        };
        let one = shape(world.get(&theirs, &foreign).await, &foreign);
        let other = shape(world.get(&theirs, &unknown).await, &unknown);
        assert_eq!(one, other);
        assert_eq!(one.0, 404);
    }
}

#[tokio::test]
async fn an_administration_that_a_user_does_not_have_does_not_exist_for_him() {
    let world = World::start().await;
    world.connect().await;
    for path in [
        "",
        "/contacts",
        "/overview",
        "/intake",
        "/archive",
        "/rules",
        "/recommendations",
        "/overview/changes",
        "/dashboard",
    ] {
        let reply = world.get(&accountant(), format!("/administrations/{}{path}", hidden_books())).await;
        reply.refused(404, "not_found");
    }
    let listed = world.get(&accountant(), "/administrations").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let listed = world.get(&superuser(), "/administrations").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let deliver = format!("/documents?administration={}", hidden_books());
    world.ask(&accountant(), "POST", deliver).bytes("application/xml", b"<a/>").send().await.refused(404, "not_found");
}

#[tokio::test]
async fn a_login_without_a_user_and_a_disabled_user_stay_outside() {
    let world = World::start().await;
    let stranger = Token::Claims(vec![
        ("token_use", "id".to_owned()),
        ("sub", "nobody".to_owned()),
        ("custom:tenant_id", id::<TenantId>(OURS).to_string()),
    ]);
    world.get(&stranger, "/me").await.refused(403, "user_unknown");
    // A login of one tenant with the id of another: the user is looked up within the tenant of the token.
    let crossed = Token::Claims(vec![
        ("token_use", "id".to_owned()),
        ("sub", login(OURS, Role::Superuser)),
        ("custom:tenant_id", id::<TenantId>(THEIRS).to_string()),
    ]);
    world.get(&crossed, "/me").await.refused(403, "user_unknown");
    world.get(&client(), "/me").await.ok(200);
    let path = format!("/users/{}/disable", user_id(Role::ClientUser));
    world.ask(&superuser(), "POST", path).send().await.ok(200);
    world.get(&client(), "/me").await.refused(403, "user_disabled");
}

#[tokio::test]
async fn a_change_made_elsewhere_counts_within_a_minute() {
    let world = World::start().await;
    world.get(&client(), "/me").await.ok(200);
    let users = world.ours().users();
    let before = users.get(user_id(Role::ClientUser), store::Read::Consistent).await.unwrap().unwrap();
    let state = domain::office::UserState::Disabled;
    let after = domain::office::User { state, version: 2, ..before.clone() };
    users.replace(&before, &after, &Hand::new("elsewhere").author()).await.unwrap();
    world.wait(59);
    world.get(&client(), "/me").await.ok(200);
    world.wait(1);
    world.get(&client(), "/me").await.refused(403, "user_disabled");
}

#[tokio::test]
async fn who_i_am() {
    let world = World::start().await;
    let me = world.get(&client(), "/me").await.ok(200);
    assert_eq!(me["tenant"], id::<TenantId>(OURS).to_string());
    assert_eq!(me["user"]["roles"], json!(["client_user"]));
    let permissions = me["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("tag_documents")) && !permissions.contains(&json!("post_documents")));
    assert!(me["user"]["id"].as_str().unwrap().starts_with(UserId::PREFIX));
}
