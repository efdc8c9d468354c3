//! The audit record over every route, and that a posted document is locked.

use crate::{
    documents::{advance, complete, deliver, posted, read},
    edits::{invoice, orange},
    exports, figures,
    world::*,
};
use api::routes::{Route, routes};
use axum::http::Method;
use domain::{
    automation::{AutomationRule, DocumentScope},
    content::Source,
    document::{Document, PostedBy, Status},
    hold::HoldCode,
    ids::{DocumentId, JobId, RuleId, TenantId},
    office::{Access, Choice, User, UserState},
    permission::Role,
    permission::Roles,
    protection::{Job, JobState, JobWork},
    reason::Reason,
};
use serde_json::{Value, json};
use store::testing::Which;

/// What a request has to leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trail {
    /// Nothing of the office is changed: an address to which a file may be sent, before there is a document; what somebody likes to
    /// see himself.
    Nothing,
    /// So many entries in the audit record, and none in a document's history.
    Audit(usize),
    /// One entry in the history of the document, and none in the audit record.
    History,
    /// One entry in both: an override of a person, or a question to the ledger about the document.
    Both,
}

/// A request that changes something.
struct Case {
    token: Token,
    target: String,
    at: Option<u32>,
    body: Value,
    document: Option<DocumentId>,
    trail: Trail,
}

fn case(token: Token, target: impl Into<String>, at: impl Into<Option<u32>>, body: Value, trail: Trail) -> Case {
    Case { token, target: target.into(), at: at.into(), body, document: None, trail }
}

fn of(document: DocumentId, token: Token, what: &str, body: Value) -> Case {
    let target = format!("/documents/{document}{what}");
    Case { document: Some(document), ..case(token, target, None, body, Trail::History) }
}

async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.link_accountant().await;
    world
}

async fn add_rule(world: &World) {
    world.add_template().await;
    let rule = AutomationRule {
        id: id(9),
        version: 1,
        contact: supplier(),
        documents: DocumentScope::All,
        max_amount: None,
        effective_from: start(),
        state: domain::automation::RuleState::Active,
    };
    world.ours().rules(books()).create(&rule, &Hand::new("rule").author()).await.unwrap();
}

async fn in_state(world: &World, status: Status) -> Document {
    let green = read(world, 20, 0, &[], complete()).await;
    let posted_by = |document: &mut Document| {
        document.posted_by = Some(PostedBy { user: user_id(Role::Accountant), rule: None });
        document.reason = Some(Reason::new("no_answer", "the ledger did not answer"));
    };
    let posting = advance(world, &green, Status::Posting, posted_by).await;
    advance(world, &posting, status, |_| {}).await
}

async fn chosen_user(world: &World) -> String {
    let path = format!("/connections/{}/automation-user", connection());
    let body = json!({ "user": user_id(Role::Accountant) });
    world.put(&superuser(), &path, 1, &body).await.ok(200);
    path
}

/// A request of each route that changes something, with whatever it needs.
async fn prepared(world: &World, route: &Route) -> Case {
    use Trail::{Audit, Both, Nothing};
    let administration = format!("/administrations/{}", books());
    let contacts = format!("{administration}/contacts");
    let template_path = format!("{contacts}/{}/template", supplier());
    let rules = format!("{administration}/rules");
    let recommendation = format!("{administration}/recommendations/{}", supplier());
    let rule = format!("{rules}/{}", id::<RuleId>(9));
    let link = format!("/connections/{}", connection());
    let user = format!("/users/{}", user_id(Role::ClientUser));
    let anybody =
        json!({ "email": "new@example.nl", "name": "New", "roles": ["client_user"], "access": { "scope": "all" } });
    let name = json!({ "name": "Another name" });
    let reason = json!({ "reason": "seen" });
    let seen = json!({ "ledger_number": "1", "reason": "seen" });
    match (route.method.as_str(), route.path) {
        ("PATCH", "/tenant") => case(superuser(), "/tenant", 1, name, Audit(1)),
        ("POST", "/users") => case(superuser(), "/users", None, anybody, Audit(1)),
        ("PUT", "/users/{user}") => {
            let body = json!({ "name": "X", "roles": ["client_user"], "access": { "scope": "all" } });
            case(superuser(), user, 1, body, Audit(1))
        }
        ("POST", "/users/{user}/disable") => case(superuser(), user + "/disable", None, json!({}), Audit(1)),
        // Disabled, then deleted: each is told.
        ("DELETE", "/users/{user}") => case(superuser(), user, 1, json!({}), Audit(2)),
        ("DELETE", "/administrations/{administration}") => {
            case(superuser(), format!("/administrations/{}", hidden_books()), 1, json!({}), Audit(1))
        }
        ("POST", "/administrations/{administration}/rules/{rule}/restore") => {
            add_rule(world).await;
            world.put(&superuser(), &rule, 1, &json!({ "documents": "ubl" })).await.ok(200);
            case(superuser(), rule + "/restore", 2, json!({ "version": 1 }), Audit(1))
        }
        ("POST", "/administrations") => case(superuser(), "/administrations", None, name, Audit(1)),
        ("PUT", "/administrations/{administration}") => case(superuser(), administration, 2, name, Audit(1)),
        ("POST", "/administrations/{administration}/contacts") => {
            case(accountant(), contacts, None, json!({ "direction": "sales", "name": "X" }), Audit(1))
        }
        ("PUT", "/administrations/{administration}/contacts/{contact}") => {
            let body = json!({ "direction": "purchase", "name": "X" });
            case(accountant(), format!("{contacts}/{}", supplier()), 1, body, Audit(1))
        }
        ("PUT", "/administrations/{administration}/contacts/{contact}/template") => {
            case(accountant(), template_path, None, template(), Audit(1))
        }
        ("DELETE", "/administrations/{administration}/contacts/{contact}/template") => {
            world.add_template().await;
            case(accountant(), template_path, 1, json!({}), Audit(1))
        }
        ("POST", "/administrations/{administration}/rules") => {
            world.add_template().await;
            case(superuser(), rules, None, json!({ "contact": supplier(), "documents": "all" }), Audit(1))
        }
        ("PUT", "/administrations/{administration}/rules/{rule}") => {
            add_rule(world).await;
            case(superuser(), rule, 1, json!({ "documents": "ubl" }), Audit(1))
        }
        ("DELETE", "/administrations/{administration}/rules/{rule}") => {
            add_rule(world).await;
            case(superuser(), rule, 1, json!({}), Audit(1))
        }
        ("POST", "/administrations/{administration}/recommendations/{contact}/post-always") => {
            world.add_template().await;
            case(superuser(), format!("{recommendation}/post-always"), None, json!({}), Audit(1))
        }
        ("POST", "/administrations/{administration}/recommendations/{contact}/post-specific") => {
            world.add_template().await;
            case(superuser(), format!("{recommendation}/post-specific"), None, json!({ "documents": "ubl" }), Audit(1))
        }
        ("POST", "/administrations/{administration}/recommendations/{contact}/dismiss") => {
            world.add_template().await;
            figures::post(world, 11, None).await;
            case(superuser(), format!("{recommendation}/dismiss"), None, json!({}), Audit(1))
        }
        ("POST", "/connections") => {
            let body = json!({ "system": "exact-online", "name": "Exact", "licence_country": "NL" });
            case(superuser(), "/connections", None, body, Audit(1))
        }
        ("PUT", "/connections/{connection}") => case(superuser(), link, 1, name, Audit(1)),
        ("POST", "/connections/{connection}/authorise") => {
            case(superuser(), link + "/authorise", None, json!({}), Audit(1))
        }
        ("POST", "/connections/{connection}/credentials") => {
            let body = json!({ "system": "snelstart", "name": "S", "licence_country": "NL" });
            let made = world.post(&superuser(), "/connections", &body).await.ok(201);
            let link = format!("/connections/{}/credentials", made["id"].as_str().unwrap());
            case(superuser(), link, None, json!({ "fields": { "client_key": "k" } }), Audit(1))
        }
        // The connection and the administration, each changed, each told.
        ("POST", "/connections/{connection}/divisions") => {
            let body = json!({ "administration": hidden_books(), "division": "123457" });
            case(superuser(), link + "/divisions", None, body, Audit(2))
        }
        ("POST", "/connections/{connection}/directories/{directory}/refresh") => {
            case(accountant(), link + "/directories/divisions/refresh", None, json!({}), Audit(1))
        }
        ("POST", "/connections/{connection}/sync-templates") => {
            crate::templates::on_twinfield(world, &[]).await;
            let body = json!({ "administration": books(), "direction": "purchase" });
            case(accountant(), link + "/sync-templates", None, body, Audit(1))
        }
        ("POST", "/connections/{connection}/import-contacts") => {
            let body = json!({ "administration": books(), "direction": "purchase" });
            case(accountant(), link + "/import-contacts", None, body, Audit(1))
        }
        ("PUT", "/connections/{connection}/automation-user") => {
            case(superuser(), link + "/automation-user", 1, json!({ "user": user_id(Role::Accountant) }), Audit(1))
        }
        ("DELETE", "/connections/{connection}/automation-user") => {
            let path = chosen_user(world).await;
            case(superuser(), path, 2, json!({}), Audit(1))
        }
        ("PUT", "/connections/{connection}/automation") => {
            chosen_user(world).await;
            case(superuser(), link + "/automation", 2, json!({ "enabled": true }), Audit(1))
        }
        ("POST", "/tenant/export") => case(superuser(), "/tenant/export", None, json!({}), Audit(1)),
        ("POST", "/tenant/deletion") => case(superuser(), "/tenant/deletion", None, json!({}), Audit(1)),
        ("DELETE", "/tenant/deletion") => {
            world.post(&superuser(), "/tenant/deletion", &json!({})).await.ok(200);
            case(superuser(), "/tenant/deletion", None, json!({}), Audit(1))
        }
        ("POST", "/tenant/deletion/confirm") => {
            let asked = world.post(&superuser(), "/tenant/deletion", &json!({})).await.ok(200);
            world.wait(24 * 3600);
            let body = json!({ "token": asked["token"], "name": "Office 1" });
            case(superuser(), "/tenant/deletion/confirm", None, body, Audit(1))
        }
        ("POST", "/users/{user}/erase") => case(superuser(), user + "/erase", None, json!({}), Audit(1)),
        ("PUT", "/me/overview-columns") => {
            case(accountant(), "/me/overview-columns", None, json!({ "columns": ["status"] }), Nothing)
        }
        ("PATCH", "/documents/{document}/edits") => {
            let document = orange(world, 20, Source::Ubl, invoice("F-1")).await;
            let body = json!({ "lines": [{ "account": "4600", "vat_code": "4", "net": "100.00" }] });
            Case { at: Some(2), ..of(document.id, accountant(), "/edits", body) }
        }
        ("POST", "/documents/{document}/apply-template") => {
            let document = orange(world, 20, Source::Ubl, invoice("F-1")).await;
            world.add_template().await;
            of(document.id, accountant(), "/apply-template", json!({}))
        }
        ("POST", "/administrations/{administration}/contacts/{contact}/apply-template") => {
            let document = orange(world, 20, Source::Ubl, invoice("F-1")).await;
            world.add_template().await;
            let target = format!("{contacts}/{}/apply-template", supplier());
            Case { target, ..of(document.id, accountant(), "", json!({})) }
        }
        ("POST", "/uploads") => {
            case(accountant(), "/uploads", None, json!({ "file_name": "a.xml", "size": 10 }), Nothing)
        }
        ("POST", "/documents") => {
            // Sent as a file below; the history begins with its delivery.
            case(accountant(), format!("/documents?administration={}", books()), None, Value::Null, Trail::History)
        }
        ("POST", "/documents/post") => {
            let green = read(world, 20, 0, &[], complete()).await;
            let body = json!({ "documents": [green.id] });
            Case { document: Some(green.id), ..case(accountant(), "/documents/post", None, body, Trail::History) }
        }
        ("POST", "/documents/reject") => {
            let green = read(world, 20, 0, &[], complete()).await;
            let body = json!({ "documents": [green.id] });
            Case { document: Some(green.id), ..case(accountant(), "/documents/reject", None, body, Trail::History) }
        }
        ("DELETE", "/documents/{document}") => {
            let document = deliver(world).await.parse().unwrap();
            of(document, accountant(), "", json!({}))
        }
        ("POST", "/documents/{document}/tag") => {
            let document = deliver(world).await.parse().unwrap();
            of(document, accountant(), "/tag", json!({ "tag": "purchase" }))
        }
        ("POST", "/documents/{document}/contact") => {
            let green = read(world, 20, 0, &[], complete()).await;
            let body = json!({ "direction": "purchase", "name": "Another" });
            let another = world.post(&accountant(), contacts, &body).await.ok(201);
            of(green.id, accountant(), "/contact", json!({ "contact": another["id"] }))
        }
        ("POST", "/documents/{document}/post") => {
            let green = read(world, 20, 0, &[], complete()).await;
            of(green.id, accountant(), "/post", json!({}))
        }
        ("POST", "/documents/{document}/reject") => {
            let green = read(world, 20, 0, &[], complete()).await;
            of(green.id, accountant(), "/reject", json!({}))
        }
        ("POST", "/documents/{document}/holds/{hold}/clear") => {
            let held = read(world, 20, 0, &[HoldCode::NewIban], complete()).await;
            Case { trail: Both, ..of(held.id, accountant(), "/holds/new_iban/clear", reason) }
        }
        ("POST", "/documents/{document}/mark-posted") => {
            let document = in_state(world, Status::Uncertain).await;
            Case { trail: Both, ..of(document.id, accountant(), "/mark-posted", seen) }
        }
        ("POST", "/documents/{document}/release") => {
            let document = in_state(world, Status::Uncertain).await;
            Case { trail: Both, ..of(document.id, accountant(), "/release", reason) }
        }
        ("POST", "/documents/{document}/check") => {
            let document = in_state(world, Status::Uncertain).await;
            Case { document: None, trail: Audit(1), ..of(document.id, accountant(), "/check", reason) }
        }
        (_, path) if ["export", "/ready", "/send-back", "exchange-rate"].iter().any(|part| path.contains(part)) => {
            Box::pin(prepared_export(world, route)).await
        }
        (method, path) => {
            panic!("{method} {path} changes something: say here how it is asked for and what it leaves behind")
        }
    }
}

/// Likewise of scheduled export.
async fn prepared_export(world: &World, route: &Route) -> Case {
    use Trail::{Audit, Both};
    let books = format!("/administrations/{}", books());
    let facilities = format!("{books}/export-facilities");
    let of_facility = async |step: &str| format!("{facilities}/{}{step}", exports::draft(world).await);
    let finance = || Token::Of(OURS, Role::Finance);
    let sure = json!({ "reason": "twice", "may_book_twice": true });
    match (route.method.as_str(), route.path.rsplit('/').next().unwrap()) {
        ("PUT", "export-rules") => case(superuser(), format!("{books}/export-rules"), 2, json!({}), Audit(1)),
        ("POST", "export-facilities") => case(superuser(), facilities, None, json!({ "name": "X" }), Audit(1)),
        ("DELETE", "{facility}") => case(superuser(), of_facility("").await, 1, json!({}), Audit(1)),
        ("PUT", "system") => {
            case(superuser(), of_facility("/system").await, 1, json!({ "kind": "file", "format": "csv" }), Audit(1))
        }
        ("PUT", "configuration") => {
            case(superuser(), of_facility("/configuration").await, 1, json!({ "name": "Y" }), Audit(1))
        }
        ("PUT", "authentication") => {
            let facility = of_facility("").await;
            let body = json!({ "kind": "ledger", "connection": connection() });
            world.put(&superuser(), &format!("{facility}/system"), 1, &body).await.ok(200);
            let body = json!({ "connection": connection() });
            case(superuser(), format!("{facility}/authentication"), 2, body, Audit(1))
        }
        ("POST", "activate") => {
            let facility = exports::file(world, "csv").await;
            case(superuser(), format!("{facilities}/{facility}/activate"), None, json!({}), Audit(1))
        }
        ("POST", "deactivate") => {
            let facility = exports::active(world).await;
            case(superuser(), format!("{facilities}/{facility}/deactivate"), None, json!({}), Audit(1))
        }
        ("PUT", "job") => {
            let facility = exports::active(world).await;
            let body = exports::hourly();
            case(superuser(), format!("{facilities}/{facility}/job"), 3, body, Audit(1))
        }
        // The run itself is the record; each document's history names it.
        ("POST", "runs") => {
            let facility = exports::active(world).await;
            let ready = exports::ready(world, 20).await;
            let body = json!({ "documents": [ready.id] });
            case(finance(), format!("{facilities}/{facility}/runs"), None, body, Trail::Nothing)
        }
        ("POST", end @ ("mark-exported" | "cancel")) => {
            let run = exports::hanging(world).await;
            let body = if end == "cancel" { json!({}) } else { json!({ "checked_in_target": true }) };
            case(finance(), format!("{books}/export-runs/{run}/{end}"), None, body, Audit(1))
        }
        ("POST", "revert") => {
            exports::allow(world, json!({ "revert_exports": true })).await;
            let run = exports::completed(world).await;
            case(finance(), format!("{books}/export-runs/{run}/revert"), None, sure, Audit(1))
        }
        ("POST", "ready") => {
            let green = read(world, 20, 0, &[], complete()).await;
            match route.path {
                "/documents/ready" => {
                    let body = json!({ "documents": [green.id] });
                    Case { document: Some(green.id), ..case(finance(), "/documents/ready", None, body, Trail::History) }
                }
                _ => of(green.id, finance(), "/ready", json!({})),
            }
        }
        ("POST", "send-back") => {
            let ready = exports::ready(world, 20).await;
            of(ready.id, finance(), "/send-back", json!({ "reason": "wrong account" }))
        }
        ("POST", "revert-export") => {
            exports::allow(world, json!({ "revert_exports": true })).await;
            let exported = exports::exported(world, 20).await;
            Case { trail: Both, ..of(exported.id, finance(), "/revert-export", sure) }
        }
        ("PUT", "exchange-rate") => {
            let ready = exports::in_dollars(world, 20).await;
            let body = json!({ "rate": "0.91", "date": "2026-06-30", "source": "ECB" });
            Case { at: Some(ready.version), ..of(ready.id, finance(), "/exchange-rate", body) }
        }
        (method, path) => {
            panic!("{method} {path} changes something: say here how it is asked for and what it leaves behind")
        }
    }
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
    let about = |route: &&Route| route.path.starts_with("/documents/") && route.method != Method::GET;
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
