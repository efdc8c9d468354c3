//! A request of each route that changes something, and what it has to leave behind.

use crate::{
    documents::{advance, complete, deliver, read},
    edits::{invoice, orange},
    exports::{self, finance},
    figures, mail, sales,
    world::*,
};
use api::routes::Route;
use domain::{
    automation::{AutomationRule, DocumentScope},
    content::Source,
    document::{Document, PostedBy, Status},
    hold::HoldCode,
    ids::{DocumentId, RuleId},
    permission::Role,
    reason::Reason,
};
use serde_json::{Value, json};

/// What a request has to leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
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
pub struct Case {
    pub token: Token,
    pub target: String,
    /// The version that was seen.
    pub at: Option<u32>,
    /// No body: a file is sent.
    pub body: Value,
    /// In whose history it is told.
    pub document: Option<DocumentId>,
    pub trail: Trail,
}

fn case(token: Token, target: impl Into<String>, at: impl Into<Option<u32>>, body: Value, trail: Trail) -> Case {
    Case { token, target: target.into(), at: at.into(), body, document: None, trail }
}

fn of(document: DocumentId, token: Token, what: &str, body: Value) -> Case {
    let target = format!("/documents/{document}{what}");
    Case { document: Some(document), ..case(token, target, None, body, Trail::History) }
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

pub async fn chosen_user(world: &World) -> String {
    let path = format!("/connections/{}/automation-user", connection());
    let body = json!({ "user": user_id(Role::Accountant) });
    world.put(&superuser(), &path, 1, &body).await.ok(200);
    path
}

/// A request of each route that changes something, with whatever it needs.
pub async fn prepared(world: &World, route: &Route) -> Case {
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
        (_, path)
            if ["mail", "/accept", "/archive-directly", "/share", "/mark-sent", "/deliveries", "/processed"]
                .iter()
                .any(|part| path.contains(part)) =>
        {
            Box::pin(prepared_mail(world, route)).await
        }
        (_, path) if ["export", "/ready", "/send-back", "exchange-rate"].iter().any(|part| path.contains(part)) => {
            Box::pin(prepared_export(world, route)).await
        }
        (_, path)
            if ["/order", "/issued", "/seller", "-series", "/connector", "/pass-runs", "/marketplaces"]
                .iter()
                .any(|part| path.contains(part)) =>
        {
            Box::pin(prepared_sale(world, route)).await
        }
        (method, path) => {
            panic!("{method} {path} changes something: say here how it is asked for and what it leaves behind")
        }
    }
}

/// Likewise of sales. An order and an issued document tell of themselves: they are no settings.
async fn prepared_sale(world: &World, route: &Route) -> Case {
    use Trail::{Audit, Nothing};
    let books = format!("/administrations/{}", books());
    match (route.method.as_str(), route.path.rsplit('/').next().unwrap()) {
        ("PUT", "seller") => case(superuser(), format!("{books}/seller"), None, sales::seller(), Audit(1)),
        ("POST", "numbering-series") => {
            case(superuser(), format!("{books}/numbering-series"), None, sales::invoices(), Audit(1))
        }
        ("PUT", "{series}") => {
            let series = sales::series(world, sales::invoices()).await;
            case(superuser(), format!("{books}/numbering-series/{series}"), 1, sales::invoices(), Audit(1))
        }
        ("PUT", "connector") => {
            sales::connect(world).await;
            case(superuser(), format!("{books}/connector"), None, sales::connector(), Audit(1))
        }
        ("POST", "orders") => case(accountant(), format!("{books}/orders"), None, sales::order("1"), Nothing),
        ("PUT", "status") => {
            let order = sales::taken(world, "1").await;
            case(accountant(), format!("{books}/orders/{order}/status"), 1, json!({ "status": "packed" }), Nothing)
        }
        ("POST", "documents") => {
            let (order, series) = (sales::taken(world, "1").await, sales::ready(world).await);
            let target = format!("{books}/orders/{order}/documents");
            case(accountant(), target, None, json!({ "series": series }), Nothing)
        }
        ("POST", "pass") => {
            let issued = sales::unpassed(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/pass"), 1, json!({}), Nothing)
        }
        ("POST", "refresh") => {
            let issued = sales::passed(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/refresh"), None, json!({}), Nothing)
        }
        ("POST", "check") => {
            let issued = sales::uncertain(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/check"), None, json!({}), Nothing)
        }
        ("POST", "order-rules") => {
            case(accountant(), format!("{books}/order-rules"), None, sales::rule("paid"), Audit(1))
        }
        (method @ ("PUT" | "DELETE"), "{order_rule}") => {
            let rule = sales::made_rule(world, "paid").await;
            let body = if method == "PUT" { sales::rule("packed") } else { json!({}) };
            case(accountant(), format!("{books}/order-rules/{rule}"), 1, body, Audit(1))
        }
        ("POST", "retry") => {
            let (order, run) = sales::stopped(world).await;
            case(accountant(), format!("{books}/orders/{order}/runs/retry"), None, run, Nothing)
        }
        ("POST", "pass-runs") => {
            sales::unpassed(world, "1").await;
            case(accountant(), format!("{books}/pass-runs"), None, json!({ "which": "not_passed" }), Nothing)
        }
        ("PUT", "{source}") => {
            sales::connect_marketplace(world).await;
            let body = json!({ "connection": sales::marketplace(), "forward": "yes" });
            case(superuser(), format!("{books}/marketplaces/emag"), None, body, Audit(1))
        }
        ("POST", "forward") => {
            sales::forwarding(world).await;
            let issued = sales::unpassed(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/forward"), None, json!({}), Nothing)
        }
        ("POST", "links") => {
            let issued = sales::unpassed(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/links"), None, json!({}), Audit(1))
        }
        ("DELETE", "{secret}") => {
            let issued = sales::unpassed(world, "1").await;
            let path = format!("/issued-documents/{issued}/links");
            let made = world.post(&accountant(), path.clone(), &json!({})).await.ok(201);
            let secret = made["secret"].as_str().unwrap();
            case(accountant(), format!("{path}/{secret}"), None, json!({}), Audit(1))
        }
        ("PUT", "replacement") => {
            let issued = sales::unpassed(world, "1").await;
            let path = format!("/issued-documents/{issued}/replacement");
            case(accountant(), path, 1, json!({ "number": "ERP 1" }), Audit(1))
        }
        ("POST", "corrections") => {
            let (issued, body) = sales::correctable(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/corrections"), None, body, Nothing)
        }
        (method, path) => {
            panic!("{method} {path} changes something: say here how it is asked for and what it leaves behind")
        }
    }
}

/// Likewise of e-mail delivery. A delivery tells of itself who asked for it; what overrides a decision is recorded as well.
async fn prepared_mail(world: &World, route: &Route) -> Case {
    use Trail::{Audit, Nothing};
    let books = format!("/administrations/{}", books());
    let issued = route.path.starts_with("/issued-documents");
    let nothing = json!({});
    match (route.method.as_str(), route.path.rsplit('/').next().unwrap()) {
        ("POST", "mail-packages") => case(superuser(), "/mail-packages", None, mail::package_body(), Audit(1)),
        (method @ ("PUT" | "DELETE"), "{package}") => {
            let package = mail::package(world).await;
            let body = if method == "PUT" { mail::package_body() } else { nothing };
            case(superuser(), format!("/mail-packages/{package}"), 1, body, Audit(1))
        }
        ("POST", "mail-connections") => {
            let body = mail::connection_body(&mail::package(world).await);
            case(accountant(), format!("{books}/mail-connections"), None, body, Audit(1))
        }
        (method @ ("PUT" | "DELETE"), "{mail_connection}") => {
            let (package, connection) = mail::connected(world).await;
            let body = if method == "PUT" { mail::connection_body(&package) } else { nothing };
            case(accountant(), format!("{books}/mail-connections/{connection}"), 1, body, Audit(1))
        }
        ("POST", "test") => {
            let (_, connection) = mail::connected(world).await;
            case(accountant(), format!("{books}/mail-connections/{connection}/test"), None, nothing, Nothing)
        }
        ("POST", "confirm") if route.path.contains("mail-suspensions") => {
            mail::suspend(world).await;
            let body = json!({ "address": mail::INBOUND });
            case(accountant(), format!("{books}/mail-suspensions/confirm"), None, body, Audit(1))
        }
        ("POST", "mail-runs") => {
            case(accountant(), format!("{books}/mail-runs"), None, json!({ "until": "2026-07-01" }), Audit(1))
        }
        ("PUT", "customer-mail-text") => {
            case(superuser(), format!("{books}/customer-mail-text"), None, mail::customer_text(), Audit(1))
        }
        ("DELETE", "customer-mail-text") => {
            let path = format!("{books}/customer-mail-text");
            world.ask(&superuser(), "PUT", &path).json(&mail::customer_text()).send().await.ok(200);
            case(superuser(), path, 1, nothing, Audit(1))
        }
        ("POST", end @ ("mark-sent" | "archive-directly")) if issued => {
            let issued = sales::unpassed(world, "1").await;
            case(accountant(), format!("/issued-documents/{issued}/{end}"), 1, nothing, Nothing)
        }
        ("POST", "accept") => {
            let green = read(world, 20, 0, &[], complete()).await;
            of(green.id, client(), "/accept", nothing)
        }
        ("POST", end @ ("mark-sent" | "archive-directly")) => {
            let sale = mail::sale(world, 20).await;
            of(sale.id, client(), &format!("/{end}"), nothing)
        }
        ("POST", "share") => {
            let document = deliver(world).await.parse().unwrap();
            of(document, client(), "/share", nothing)
        }
        (method, end) => {
            let (_, connection) = mail::connected(world).await;
            let document = if issued { mail::shared_sale(world).await } else { mail::accepted(world, 20).await };
            let body = json!({ "connection": connection });
            match (method, end) {
                ("POST", "deliveries") => case(accountant(), format!("{document}/deliveries"), None, body, Audit(1)),
                ("PUT" | "DELETE", "processed") => {
                    case(accountant(), format!("{document}/processed"), None, nothing, Audit(1))
                }
                ("POST", "confirm") => {
                    let delivery = mail::uncertain(world, &document, &connection).await;
                    let path = format!("{document}/deliveries/{delivery}/confirm");
                    case(accountant(), path, None, nothing, Audit(1))
                }
                ("DELETE", "link") => {
                    let delivery = mail::uncertain(world, &document, &connection).await;
                    case(accountant(), format!("{document}/deliveries/{delivery}/link"), None, nothing, Audit(1))
                }
                (method, path) => {
                    panic!("{method} {path} changes something: say here how it is asked for and what it leaves behind")
                }
            }
        }
    }
}

/// Likewise of scheduled export.
async fn prepared_export(world: &World, route: &Route) -> Case {
    use Trail::{Audit, Both};
    let books = format!("/administrations/{}", books());
    let facilities = format!("{books}/export-facilities");
    let of_facility = async |step: &str| format!("{facilities}/{}{step}", exports::draft(world).await);
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
