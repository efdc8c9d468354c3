//! The audit record over every route, and that a posted document is locked.

use crate::{
    documents::{complete, deliver, posted, read},
    trail::{Case, Trail, chosen_user, prepared},
    world::*,
};
use api::routes::{Route, routes};
use axum::http::Method;
use domain::{
    document::PostedBy,
    ids::{DocumentId, JobId, TenantId},
    office::{Access, Choice, User, UserState},
    permission::{Role, Roles},
    protection::{Job, JobState, JobWork},
};
use serde_json::{Value, json};
use store::testing::Which;

async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.link_accountant().await;
    world
}

async fn entries(world: &World) -> usize {
    world.store.items(Which::Settings).await.iter().filter(|item| is_audit(item)).count()
}

fn is_audit(item: &Value) -> bool {
    item["pk"]["S"].as_str().unwrap() == format!("{}#audit", id::<TenantId>(OURS))
}

/// The version of a document; 0 while there is none.
async fn version(world: &World, document: Option<DocumentId>) -> u32 {
    match document {
        Some(document) => {
            let document = world.ours().documents().get(document, store::Read::Consistent).await.unwrap();
            document.map_or(0, |document| document.version)
        }
        None => 0,
    }
}

/// How many entries the history of a document has of later versions.
async fn told_since(world: &World, document: Option<DocumentId>, version: u32) -> usize {
    match document {
        Some(document) => {
            let history = world.ours().documents().history(document).await.unwrap();
            history.iter().filter(|entry| entry.version > version).count()
        }
        None => 0,
    }
}

async fn send(world: &World, route: &Route, case: &Case) -> Reply {
    let ask = world.ask(&case.token, route.method.as_str(), &case.target);
    let ask = match case.at {
        Some(version) => ask.at(version),
        None => ask,
    };
    match &case.body {
        Value::Null => ask.bytes("application/xml", b"<a/>").send().await,
        body => ask.json(body).send().await,
    }
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_its_entry() {
    for route in routes().iter().filter(|route| route.method != Method::GET) {
        let world = ready().await;
        let mut case = Box::pin(prepared(&world, route)).await;
        world.wait(1);
        let (audit, seen) = (entries(&world).await, version(&world, case.document).await);
        let reply = send(&world, route, &case).await;
        assert!((200..300).contains(&reply.status), "{} {}: {}", route.method, route.path, reply.text);
        if route.path == "/documents" {
            case.document = reply.body["id"].as_str().and_then(|id| id.parse().ok());
        }
        let more = (entries(&world).await - audit, told_since(&world, case.document, seen).await);
        let wanted = match case.trail {
            Trail::Nothing => (0, 0),
            Trail::Audit(entries) => (entries, 0),
            Trail::History => (0, 1),
            Trail::Both => (1, 1),
        };
        assert_eq!(more, wanted, "{} {}: entries in the audit record and in the history", route.method, route.path);
    }
}

#[tokio::test]
async fn every_download_leaves_its_entry() {
    let world = ready().await;
    let document: DocumentId = deliver(&world).await.parse().unwrap();
    let before = entries(&world).await;
    world.get(&accountant(), format!("/documents/{document}/source")).await.ok(200);
    assert_eq!(entries(&world).await, before + 1);
    let read = read(&world, 20, 0, &[], complete()).await;
    world.get(&accountant(), format!("/documents/{}/attachments/0", read.id)).await.ok(200);
    assert_eq!(entries(&world).await, before + 2);
}

#[tokio::test]
async fn a_posted_document_is_changed_and_removed_by_no_route() {
    let world = ready().await;
    let document = posted(&world, 20, 0, PostedBy { user: user_id(Role::Accountant), rule: None }).await;
    let of_documents = async || {
        let mut items = world.store.items(Which::Documents).await;
        items.extend(world.store.items(Which::Runs).await);
        items
    };
    let before = of_documents().await;
    let bodies = [
        json!({}),
        json!({ "tag": "sales" }),
        json!({ "contact": supplier() }),
        json!({ "reason": "x" }),
        json!({ "ledger_number": "1", "reason": "x" }),
        json!({ "lines": [] }),
        json!({ "documents": [document.id] }),
        json!({ "reason": "x", "may_book_twice": true }),
        json!({ "rate": "0.91", "date": "2026-06-30", "source": "ECB" }),
    ];
    // A copy of it may be shared with the accountant, which changes nothing of the booking (SE-1).
    let mails = ["/accept", "/mark-sent", "/archive-directly", "/share", "/deliveries", "/processed"];
    let about = |route: &&Route| {
        route.path.starts_with("/documents/")
            && route.method != Method::GET
            && !mails.iter().any(|part| route.path.contains(part))
    };
    let mut asked = 0;
    for route in routes().iter().filter(about) {
        let target = route.path.replace("{document}", &document.id.to_string()).replace("{hold}", "new_iban");
        assert!(!target.contains('{'), "{target}");
        let mut locked = false;
        for role in Role::ALL {
            for (body, at) in bodies.iter().flat_map(|body| [(body, None), (body, Some(document.version))]) {
                let ask = world.ask(&Token::Of(OURS, *role), route.method.as_str(), &target).json(body);
                let reply = if let Some(at) = at { ask.at(at).send().await } else { ask.send().await };
                let each = &reply.body["results"][0]["problem"]["code"];
                let code = each.as_str().or(reply.body["code"].as_str()).unwrap_or_default().to_owned();
                assert!(reply.status == 207 || (400..500).contains(&reply.status), "{target}: {}", reply.text);
                locked |= ["locked", "state"].contains(&code.as_str());
                asked += 1;
            }
        }
        assert!(locked, "{} {} never says that it is locked", route.method, route.path);
    }
    assert!(asked > 100, "{asked}");
    assert_eq!(of_documents().await, before, "nothing of it was changed, and nothing was asked of the ledger");
}

#[tokio::test]
async fn the_audit_record_is_filtered_and_names_who_did_it() {
    let world = ready().await;
    world.wait(60);
    let path = format!("/administrations/{}/contacts/{}", books(), supplier());
    let body = json!({ "direction": "purchase", "name": "Molen 2" });
    world.put(&accountant(), &path, 1, &body).await.ok(200);
    world.wait(60);
    world.ask(&superuser(), "PATCH", "/tenant").at(1).json(&json!({ "name": "New" })).send().await.ok(200);
    let asked = async |query: String| -> Vec<String> {
        let page = world.get(&superuser(), format!("/audit?{query}")).await.ok(200);
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["what"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(asked("from=2026-07-01T10:00:30Z".to_owned()).await, ["tenant.changed", "contact.changed"]);
    assert_eq!(asked("from=2026-07-01T10:00:30Z&to=2026-07-01T10:01:30Z".to_owned()).await, ["contact.changed"]);
    assert_eq!(asked(format!("by={}", user_id(Role::Accountant))).await, ["contact.changed"]);
    assert_eq!(asked(format!("subject={}", supplier())).await, ["contact.changed", "contact.created"]);
    assert_eq!(asked(format!("kind=contact&by={}", user_id(Role::Accountant))).await, ["contact.changed"]);
    assert_eq!(asked("kind=contact.created".to_owned()).await, ["contact.created"]);
    assert!(asked("kind=contact.deleted&by=system".to_owned()).await.is_empty());
    let page = world.get(&superuser(), format!("/audit?subject={}&limit=1", supplier())).await.ok(200);
    assert_eq!(page["items"][0]["by_name"], Role::Accountant.as_str());
    assert_eq!(
        (&page["items"][0]["before"]["name"], &page["items"][0]["after"]["name"]),
        (&json!("Molen"), &json!("Molen 2"))
    );
    assert!(page["next"].is_string());
    world.get(&superuser(), "/audit?by=nobody").await.refused(400, "invalid_query");
    world.get(&superuser(), "/audit?kind=").await.refused(400, "invalid_query");
    world.get(&accountant(), "/audit").await.refused(403, "not_permitted");
}

async fn second_superuser(world: &World) -> Token {
    let user = User {
        id: id(60),
        email: "second@office1.nl".to_owned(),
        name: "Second".to_owned(),
        roles: Roles::new([Role::Superuser, Role::Accountant]).unwrap(),
        access: Access::All,
        ledger_users: std::collections::BTreeMap::new(),
        may_change_ibans: Choice::No,
        state: UserState::Active,
        version: 1,
    };
    let login = store::settings::LoginSubject::new("login-second");
    world.ours().users().create(&user, Some(&login), &Hand::new("second").author()).await.unwrap();
    Token::Claims(vec![
        ("token_use", "id".to_owned()),
        ("sub", "login-second".to_owned()),
        ("custom:tenant_id", id::<TenantId>(OURS).to_string()),
    ])
}

#[tokio::test]
async fn a_deletion_is_confirmed_twice_and_closes_the_office_at_once() {
    let world = ready().await;
    let path = chosen_user(&world).await.replace("automation-user", "automation");
    world.put(&superuser(), &path, 2, &json!({ "enabled": true })).await.ok(200);
    let second = second_superuser(&world).await;
    let confirm = "/tenant/deletion/confirm";
    let none = json!({ "token": "x", "name": "Office 1" });
    world.post(&second, confirm, &none).await.refused(409, "state");
    let asked = world.post(&superuser(), "/tenant/deletion", &json!({})).await.ok(200);
    let token = asked["token"].as_str().unwrap();
    assert!(token.len() > 40 && asked["stage"] == "requested" && asked.get("erases_at").is_none());
    world.post(&second, "/tenant/deletion", &json!({})).await.refused(409, "state");
    assert!(world.get(&second, "/tenant/deletion").await.ok(200).get("token").is_none(), "shown once");
    let good = json!({ "token": token, "name": "Office 1" });
    world.post(&superuser(), confirm, &good).await.refused(409, "state");
    let wrong =
        world.post(&second, confirm, &json!({ "token": token, "name": "Office" })).await.refused(422, "invalid");
    assert_eq!(wrong["errors"][0]["pointer"], "/name");
    let wrong = world.post(&second, confirm, &none).await.refused(422, "invalid");
    assert_eq!(wrong["errors"][0]["pointer"], "/token");
    // Nothing has changed so far.
    deliver(&world).await;
    let confirmed = world.post(&second, confirm, &good).await.ok(200);
    assert_eq!((&confirmed["stage"], &confirmed["erases_at"]), (&json!("confirmed"), &json!("2026-07-31T10:00:00Z")));
    // At once: nothing comes in, nothing is posted, only Superusers come in, and they only look, export and cancel.
    let link = world.get(&superuser(), format!("/connections/{}", connection())).await;
    link.refused(403, "tenant_closed");
    let connections = world.ours().connections().all().await.unwrap();
    assert_eq!(connections[0].automation, domain::automation::AutomationSwitch::Off);
    let target = format!("/documents?administration={}", books());
    for token in [client(), accountant(), second.clone()] {
        let sent = world.ask(&token, "POST", &target).bytes("application/xml", b"<a/>").send().await;
        sent.refused(403, "tenant_closed");
    }
    world.get(&client(), "/me").await.refused(403, "tenant_closed");
    for path in ["/me", "/tenant", "/tenant/deletion", "/tenant/jobs", "/audit", "/administrations"] {
        world.get(&superuser(), path).await.ok(200);
    }
    world.post(&superuser(), "/tenant/export", &json!({})).await.ok(202);
    let jobs = world.get(&superuser(), "/tenant/jobs").await.ok(200);
    let work: std::collections::BTreeSet<_> =
        jobs["items"].as_array().unwrap().iter().map(|job| job["work"].as_str().unwrap().to_owned()).collect();
    assert_eq!(work.into_iter().collect::<Vec<_>>(), ["delete_tenant", "export"]);
    // Taken back, everybody comes in again; automatic posting stays off.
    world.ask(&superuser(), "DELETE", "/tenant/deletion").send().await.ok(204);
    world.ask(&superuser(), "DELETE", "/tenant/deletion").send().await.ok(204);
    deliver(&world).await;
    assert_eq!(world.get(&superuser(), "/tenant/deletion").await.ok(200)["stage"], "none");
    let what: Vec<_> = world.audited().await.into_iter().map(|(what, _)| what).collect();
    for event in ["tenant.deletion_requested", "tenant.deletion_confirmed", "tenant.deletion_cancelled"] {
        assert_eq!(what.iter().filter(|what| *what == event).count(), 1, "{event}");
    }
    let settings = serde_json::to_string(&world.store.items(Which::Settings).await).unwrap();
    assert!(!settings.contains(token), "the token itself is stored nowhere");
}

#[tokio::test]
async fn a_closed_office_is_closed_elsewhere_within_a_minute() {
    let world = ready().await;
    world.get(&client(), "/me").await.ok(200);
    let asked = domain::protection::Deletion::requested(user_id(Role::Superuser), start(), String::new());
    let by = domain::protection::Confirmation {
        by: id(61),
        token: "",
        name: "",
        office: "",
        superusers: domain::protection::Superusers::Several,
        now: start(),
        job: id(1),
    };
    let hands = (Hand::new("one"), Hand::new("two"));
    let deletion = world.ours().deletion();
    deletion.put(None, &asked, &hands.0.author()).await.unwrap();
    deletion.put(Some(&asked), &asked.confirmed(by).unwrap(), &hands.1.author()).await.unwrap();
    world.wait(60);
    world.get(&client(), "/me").await.refused(403, "tenant_closed");
    let theirs = Token::Of(THEIRS, Role::ClientUser);
    world.get(&theirs, "/me").await.ok(200);
}

#[tokio::test]
async fn one_export_a_day_and_its_archives_are_handed_out_and_recorded() {
    let world = ready().await;
    let made = world.post(&superuser(), "/tenant/export", &json!({})).await;
    let location = made.header("location").to_owned();
    let made = made.ok(202);
    assert_eq!((&made["work"], &made["state"]), (&json!("export"), &json!("open")));
    world.post(&superuser(), "/tenant/export", &json!({})).await.refused(409, "state");
    world.get(&superuser(), format!("{location}/archives/1")).await.refused(404, "not_found");
    let jobs = world.ours().jobs();
    let id: JobId = made["id"].as_str().unwrap().parse().unwrap();
    let job = jobs.get(id).await.unwrap().unwrap();
    let part = domain::protection::ExportPart { number: 1, size: 5, sha256: "00".to_owned() };
    let progress = domain::protection::Export {
        place: domain::protection::ExportPlace::End,
        parts: vec![part],
        counts: std::collections::BTreeMap::new(),
    };
    let done = Job { work: JobWork::Export { progress }, ..job.done(world.now(), Vec::new()) };
    jobs.update(&job, &done, &store::Writer::new("done", 1)).await.unwrap();
    jobs.put_archive(id, 1, b"PK\x05\x06".to_vec()).await.unwrap();
    let shown = world.get(&superuser(), &location).await.ok(200);
    assert_eq!((&shown["state"], &shown["archives"][0]["number"]), (&json!("done"), &json!(1)));
    let before = entries(&world).await;
    let file = world.get(&superuser(), format!("{location}/archives/1")).await.ok(200);
    assert!(
        file["url"].as_str().unwrap().contains(&format!("exports/{}/{id}/part-0001.zip", self::id::<TenantId>(OURS)))
    );
    assert_eq!(entries(&world).await, before + 1);
    world.get(&superuser(), format!("{location}/archives/2")).await.refused(404, "not_found");
    world.get(&accountant(), &location).await.refused(403, "not_permitted");
    world.get(&Token::Of(THEIRS, Role::Superuser), &location).await.refused(404, "not_found");
    world.wait(24 * 3600);
    world.post(&superuser(), "/tenant/export", &json!({})).await.ok(202);
    world.wait(14 * 24 * 3600);
    world.get(&superuser(), format!("{location}/archives/1")).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_erased_user_cannot_come_in_and_is_a_pseudonym() {
    let world = ready().await;
    let path = chosen_user(&world).await;
    let erase = |user| format!("/users/{user}/erase");
    let automation = world.post(&superuser(), erase(user_id(Role::Accountant)), &json!({})).await;
    automation.refused(409, "user_in_use");
    world.post(&superuser(), erase(user_id(Role::Superuser)), &json!({})).await.refused(409, "state");
    world.post(&superuser(), erase(id(777)), &json!({})).await.refused(404, "not_found");
    assert!(world.outside.0.lock().unwrap().removed.is_empty());
    world.ask(&superuser(), "DELETE", &path).at(2).send().await.ok(200);
    world.get(&accountant(), "/me").await.ok(200);
    let made = world.post(&superuser(), erase(user_id(Role::Accountant)), &json!({})).await.ok(202);
    assert_eq!(made["work"], "erase_person");
    assert_eq!(world.outside.0.lock().unwrap().removed, ["accountant@office1.nl"]);
    world.get(&accountant(), "/me").await.refused(403, "user_unknown");
    let shown = world.get(&superuser(), format!("/users/{}", user_id(Role::Accountant))).await.ok(200);
    assert!(shown["name"].as_str().unwrap().starts_with("Erased user ") && shown["state"] == "disabled");
    // Asked again, nothing more happens but the work on the audit record.
    let job = world.post(&superuser(), erase(user_id(Role::Accountant)), &json!({})).await.ok(202);
    let job: JobId = job["id"].as_str().unwrap().parse().unwrap();
    let job = world.ours().jobs().get(job).await.unwrap().unwrap();
    assert_eq!((job.state, job.work), (JobState::Open, JobWork::ErasePerson { user: user_id(Role::Accountant) }));
    // Whoever is invited with the address is somebody else.
    let body = json!({ "email": "accountant@office1.nl", "name": "New", "roles": ["client_user"], "access": { "scope": "all" } });
    let new = world.post(&superuser(), "/users", &body).await.ok(201);
    assert_ne!(new["id"], shown["id"]);
}

#[tokio::test]
async fn one_who_was_deleted_can_be_erased_as_well() {
    let world = ready().await;
    let path = format!("/users/{}", user_id(Role::ClientUser));
    world.ask(&superuser(), "DELETE", &path).send().await.ok(204);
    let job = world.post(&superuser(), path + "/erase", &json!({})).await.ok(202);
    assert_eq!(job["work"], "erase_person");
}
