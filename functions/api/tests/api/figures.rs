//! Recommendations, the dashboard and the live overview.

use crate::{documents, world::*};
use chrono::TimeDelta;
use domain::{
    automation::StayReason,
    document::{Document, PostedBy, Status},
    figures::Change,
    permission::Role,
    time::TimeZone,
};
use serde_json::{Value, json};
use store::Writer;

fn of(path: &str) -> String {
    format!("/administrations/{}{path}", books())
}

fn answer(answer: &str) -> String {
    of(&format!("/recommendations/{}/{answer}", supplier()))
}

async fn ready() -> World {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world
}

/// As the function `figures` does, some seconds after an event.
async fn count(world: &World, document: &Document) {
    let writer = Writer::new(&document.id.to_string(), document.version);
    let figures = world.ours().figures(books());
    figures.record(document, TimeZone::default(), world.now(), &writer).await.unwrap();
}

/// A document was posted, and that was counted.
pub async fn post(world: &World, number: u64, rule: Option<u64>) {
    let by = PostedBy { user: user_id(Role::Accountant), rule: rule.map(|rule| (id(rule), 1)) };
    count(world, &documents::posted(world, number, 10, by).await).await;
}

async fn recommended(world: &World) -> Value {
    world.get(&accountant(), of("/recommendations")).await.ok(200)["items"].clone()
}

fn molen(posted: u32) -> Value {
    json!([{ "contact": supplier(), "name": "Molen", "posted": posted }])
}

#[tokio::test]
async fn a_contact_with_a_template_and_no_rule_is_recommended_with_its_count() {
    let world = ready().await;
    post(&world, 11, None).await;
    assert_eq!(recommended(&world).await, json!([]), "no template");
    world.add_template().await;
    assert_eq!(recommended(&world).await, molen(1));
    post(&world, 12, None).await;
    assert_eq!(recommended(&world).await, molen(2));
    let rule = json!({ "contact": supplier(), "documents": "ubl" });
    let rule = world.post(&superuser(), of("/rules"), &rule).await.ok(201);
    assert_eq!(recommended(&world).await, json!([]));
    let rule = of(&format!("/rules/{}", rule["id"].as_str().unwrap()));
    world.ask(&superuser(), "DELETE", rule).send().await.ok(204);
    assert_eq!(recommended(&world).await, molen(2));
    let template = of(&format!("/contacts/{}/template", supplier()));
    world.ask(&accountant(), "DELETE", template).send().await.ok(204);
    assert_eq!(recommended(&world).await, json!([]));
    world.add_template().await;
    assert_eq!(recommended(&world).await, molen(2), "a template that was deleted and came back is no rule");
}

#[tokio::test]
async fn a_recommendation_is_accepted_in_one_call() {
    let world = ready().await;
    world.post(&superuser(), answer("post-always"), &json!({})).await.refused(409, "template_missing");
    world.add_template().await;
    post(&world, 11, None).await;
    world.post(&accountant(), answer("post-always"), &json!({})).await.refused(403, "not_permitted");
    let ask = || world.ask(&superuser(), "POST", answer("post-always")).key("once");
    let made = ask().send().await.ok(201);
    assert_eq!(
        (&made["contact"], &made["documents"], &made["max_amount"], &made["warnings"]),
        (&json!(supplier()), &json!("all"), &Value::Null, &json!(["posts_everything"]))
    );
    assert_eq!(recommended(&world).await, json!([]));
    assert_eq!(ask().send().await.ok(201)["id"], made["id"], "the same request makes one rule");
    let refused = world.ask(&superuser(), "POST", answer("post-always")).send().await.refused(409, "rule_exists");
    assert_eq!(refused["about"], made["id"]);
    assert_eq!(world.get(&superuser(), of("/rules")).await.ok(200)["items"].as_array().unwrap().len(), 1);
    let unknown = of(&format!("/recommendations/{}/post-always", id::<domain::ids::ContactId>(77)));
    world.post(&superuser(), unknown, &json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn specific_documents_need_a_bound() {
    let world = ready().await;
    world.add_template().await;
    for body in [json!({}), json!({ "documents": "all" }), json!({ "max_amount": "-1" })] {
        let refused = world.post(&superuser(), answer("post-specific"), &body).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/max_amount");
    }
    let body = json!({ "documents": "ubl", "max_amount": "250.00" });
    let made = world.post(&superuser(), answer("post-specific"), &body).await.ok(201);
    assert_eq!((&made["documents"], &made["max_amount"]), (&json!("ubl"), &json!("250.00")));
}

#[tokio::test]
async fn a_dismissed_one_stays_away_until_twice_as_many_were_posted() {
    let world = ready().await;
    world.add_template().await;
    let dismiss = async || world.post(&superuser(), answer("dismiss"), &json!({})).await;
    dismiss().await.refused(409, "not_recommended");
    post(&world, 11, None).await;
    post(&world, 12, None).await;
    dismiss().await.ok(204);
    dismiss().await.ok(204);
    assert_eq!(recommended(&world).await, json!([]));
    assert!(world.audited().await.iter().any(|(what, _)| what == "recommendation.dismissed"));
    post(&world, 13, None).await;
    assert_eq!(recommended(&world).await, json!([]));
    post(&world, 14, None).await;
    assert_eq!(recommended(&world).await, molen(4));
}

#[tokio::test]
async fn days_that_fell_out_of_ninety_do_not_count() {
    let world = ready().await;
    world.add_template().await;
    post(&world, 11, None).await;
    world.wait(TimeDelta::days(89).num_seconds());
    assert_eq!(recommended(&world).await, molen(1));
    world.wait(TimeDelta::days(1).num_seconds());
    assert_eq!(recommended(&world).await, json!([]));
}

#[tokio::test]
async fn a_complete_document_prompts_for_automation() {
    let world = ready().await;
    world.add_template().await;
    let green = documents::read(&world, 21, 0, &[], documents::complete()).await;
    let green = documents::stays(&world, &green, StayReason::NoRule).await;
    let shown = async |token: &Token| world.get(token, format!("/documents/{}", green.id)).await.ok(200);
    let prompt = shown(&accountant()).await["automation_prompt"].clone();
    let expected = json!({
        "posted": 0, "post_always": answer("post-always"), "post_specific": answer("post-specific"),
        "dismiss": answer("dismiss"),
    });
    assert_eq!(prompt, expected);
    assert_eq!(shown(&client()).await.get("automation_prompt"), None, "who sees no rules");
    post(&world, 22, None).await;
    assert_eq!(shown(&accountant()).await["automation_prompt"]["posted"], 1);
    let overview = world.get(&accountant(), of("/overview")).await.ok(200);
    assert_eq!(overview["items"][0].get("automation_prompt"), None, "a list costs no more for it");
    world.post(&superuser(), answer("post-always"), &json!({})).await.ok(201);
    assert_eq!(shown(&accountant()).await.get("automation_prompt"), None);
}

#[tokio::test]
async fn the_dashboard_shows_a_period_from_counters() {
    let world = ready().await;
    let shown = world.get(&accountant(), of("/dashboard")).await.ok(200);
    assert_eq!(shown, json!({ "from": "2026-07-01", "to": "2026-09-30", "state": "no_data" }));
    post(&world, 11, Some(4)).await;
    post(&world, 12, Some(4)).await;
    post(&world, 13, None).await;
    count(&world, &documents::tagged(14, 20)).await;
    let figures = world.get(&superuser(), of("/dashboard")).await.ok(200)["figures"].clone();
    let expected = json!({
        "delivered": 4, "tagged": 4, "booked": 3, "booked_automatically": 2, "booked_automatically_percent": "66.7",
        "tags": [{ "tag": "purchase", "documents": 4 }, { "tag": "sales", "documents": 0 }],
        "sources": [{ "source": "api", "documents": 4 }, { "source": "event", "documents": 0 }],
        "days": [{ "date": "2026-07-01", "delivered": 4, "tagged": 4, "booked": 3, "booked_automatically": 2 }],
    });
    assert_eq!(figures, expected);
    let before = world.get(&superuser(), of("/dashboard?to=2026-06-30")).await.ok(200);
    assert_eq!((&before["from"], &before["state"]), (&json!("2026-04-01"), &json!("no_data")));
    for query in ["from=2026-07-02&to=2026-07-01", "from=2020-01-01&to=2026-07-01", "from=x", "colour=red"] {
        world.get(&superuser(), of(&format!("/dashboard?{query}"))).await.refused(400, "invalid_query");
    }
    for role in [Role::SmeAccountant, Role::ClientUser] {
        world.get(&Token::Of(OURS, role), of("/dashboard")).await.refused(403, "not_permitted");
    }
}

#[tokio::test]
async fn the_overview_is_followed_for_one_read_when_nothing_changed() {
    let world = ready().await;
    let changes = |query: &str| of(&format!("/overview/changes{query}"));
    let begin = world.get(&accountant(), changes("")).await.ok(200);
    assert_eq!(begin, json!({ "sequence": 0, "complete": true, "changes": [] }));
    let change = |number: u64| Change { document: id(number), version: 2, status: Status::Incomplete, at: start() };
    let figures = world.ours().figures(books());
    figures.tell(&[change(1), change(2)], &Writer::new("tell", 1)).await.unwrap();
    let reply = world.get(&accountant(), changes("?since=1")).await;
    assert_eq!(reply.header("etag"), "\"2\"");
    let told = json!({ "document": id::<domain::ids::DocumentId>(2), "status": "incomplete", "version": 2,
        "at": "2026-07-01T10:00:00Z" });
    assert_eq!(reply.ok(200), json!({ "sequence": 2, "complete": true, "changes": [told] }));
    world.store.take_units();
    let reply = world.ask(&accountant(), "GET", changes("?since=2")).header("if-none-match", "\"2\"").send().await;
    assert_eq!((reply.status, reply.text.as_str()), (304, ""));
    assert_eq!(world.store.take_units(), (0, 1), "half a read unit");
    let reply = world.ask(&accountant(), "GET", changes("?since=1")).header("if-none-match", "\"2\"").send().await;
    assert_eq!(reply.status, 200, "what was asked for was not told yet");
    let many: Vec<_> = (100..160).map(change).collect();
    figures.tell(&many, &Writer::new("tell", 2)).await.unwrap();
    let late = world.get(&accountant(), changes("?since=2")).await.ok(200);
    assert_eq!(late, json!({ "sequence": 62, "complete": false, "changes": [] }));
    world.get(&accountant(), changes("?since=x")).await.refused(400, "invalid_query");
    world.get(&superuser(), changes("")).await.refused(403, "not_permitted");
}

#[tokio::test]
async fn an_untagged_document_is_announced_so_that_it_is_counted() {
    let world = World::start().await;
    let id = documents::deliver(&world).await;
    let items = world.store.items(store::testing::Which::Documents).await;
    let head = items.iter().find(|item| item["pk"]["S"].as_str().unwrap().ends_with(&id) && item["sk"]["S"] == "head");
    assert_eq!(head.unwrap()["emit"]["S"], "announce");
}
