//! What would happen to the next invoice of a contact.

use crate::world::*;
use domain::permission::Role;
use serde_json::{Value, json};

fn target() -> String {
    format!("/automation/explain?administration={}&contact={}", books(), supplier())
}

/// Kind, upper bound, outcome and reason of each case.
fn cases(explained: &Value) -> Vec<(String, Value, String, Value)> {
    let cases = explained["cases"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    cases
        .map(|case| {
            let decision = &case["decision"];
            (
                text(&case["format"]),
                case["up_to"].clone(),
                text(&decision["outcome"]),
                decision["reason"]["code"].clone(),
            )
        })
        .collect()
}

fn case(format: &str, up_to: Value, outcome: &str, reason: Value) -> (String, Value, String, Value) {
    (format.to_owned(), up_to, outcome.to_owned(), reason)
}

#[tokio::test]
async fn the_next_invoice_of_a_contact_is_explained_by_kind_and_total() {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    let explained = world.get(&accountant(), target()).await.ok(200);
    assert_eq!((&explained["template"], &explained["contact_name"]), (&json!(false), &json!("Molen")));
    let stay = |reason: &str| ["ubl", "pdf"].map(|format| case(format, Value::Null, "stay", json!(reason))).to_vec();
    assert_eq!(cases(&explained), stay("incomplete"));
    world.add_template().await;
    assert_eq!(cases(&world.get(&accountant(), target()).await.ok(200)), stay("automation_off"));
    world.link_accountant().await;
    let path = |what: &str| format!("/connections/{}/{what}", connection());
    let user = json!({ "user": user_id(Role::Accountant) });
    world.put(&superuser(), path("automation-user"), 1, &user).await.ok(200);
    world.put(&superuser(), path("automation"), 2, &json!({ "enabled": true })).await.ok(200);
    assert_eq!(cases(&world.get(&accountant(), target()).await.ok(200)), stay("no_rule"));
    let rules = format!("/administrations/{}/rules", books());
    let body = json!({ "contact": supplier(), "documents": "ubl" });
    world.post(&superuser(), &rules, &body).await.ok(201);
    world.wait(1);
    let body = json!({ "contact": supplier(), "documents": "all", "max_amount": "100.00" });
    let limited = world.post(&superuser(), &rules, &body).await.ok(201);
    let explained = world.get(&accountant(), target()).await.ok(200);
    assert_eq!(
        cases(&explained),
        [
            case("ubl", Value::Null, "post", Value::Null),
            case("pdf", json!("100.00"), "post", Value::Null),
            case("pdf", Value::Null, "stay", json!("no_rule_matches")),
        ]
    );
    let posted = &explained["cases"][1];
    assert_eq!(posted["decision"]["rule"]["id"], limited["id"]);
    let words = posted["text"].as_str().unwrap();
    assert!(words.contains("up to 100.00") && words.contains(limited["id"].as_str().unwrap()), "{words}");
    assert!(posted["decision"]["trace"].as_array().unwrap().iter().any(|step| step["check"] == "rule_maximum"));
    // Suspended with its template, and under a user who lost his role.
    let template = format!("/administrations/{}/contacts/{}/template", books(), supplier());
    world.ask(&accountant(), "DELETE", &template).send().await.ok(204);
    let explained = world.get(&accountant(), target()).await.ok(200);
    assert_eq!(cases(&explained)[0], case("ubl", Value::Null, "stay", json!("incomplete")));
    let trace = explained["cases"][0]["decision"]["trace"].as_array().unwrap();
    assert!(trace.iter().any(|step| step["check"] == "rule_active" && step["passed"] == false), "{trace:?}");
    world.add_template().await;
    let disable = format!("/users/{}/disable", user_id(Role::Accountant));
    world.ask(&superuser(), "POST", disable).send().await.ok(200);
    let explained = world.get(&superuser(), target()).await.ok(200);
    assert_eq!(cases(&explained)[0].3, json!("automation_user_invalid"));
}

#[tokio::test]
async fn of_whom_nothing_is_known_nothing_is_explained() {
    let world = World::start().await;
    world.add_supplier().await;
    world.get(&accountant(), "/automation/explain").await.refused(400, "invalid_query");
    let hidden = target().replace(&books().to_string(), &hidden_books().to_string());
    world.get(&accountant(), hidden).await.refused(404, "not_found");
    let unknown = target().replace(&supplier().to_string(), &id::<domain::ids::ContactId>(77).to_string());
    world.get(&accountant(), unknown).await.refused(404, "not_found");
}
