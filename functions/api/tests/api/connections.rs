//! Connections: made, opened by a consent, given divisions, their directories, and tasks.

use crate::world::*;
use domain::{
    document::UnitId,
    ids::{AdministrationId, TenantId, UserId},
    permission::Role,
    task::{TaskState, Work},
};
use serde_json::{Value, json};

fn path() -> String {
    format!("/connections/{}", connection())
}

fn body() -> Value {
    json!({ "system": "exact-online", "name": "Exact", "licence_country": "NL" })
}

#[tokio::test]
async fn ledgers_say_what_they_can_do() {
    let world = World::start().await;
    let ledgers = world.get(&accountant(), "/ledgers").await.ok(200);
    let exact = &ledgers[0];
    assert_eq!((&exact["system"], &exact["connect"]), (&json!("exact-online"), &json!("consent")));
    let sites = exact["sites"].as_array().unwrap();
    let offered: Vec<_> =
        sites.iter().filter(|site| site["auto_posting"] == true).map(|site| &site["country"]).collect();
    assert_eq!(offered, ["NL"]);
    assert!(exact["options"].as_array().unwrap().iter().any(|option| option["kind"] == "journal"));
}

#[tokio::test]
async fn a_connection_begins_as_a_draft() {
    let world = World::start().await;
    let reply = world.post(&superuser(), "/connections", &body()).await;
    let location = reply.header("location").to_owned();
    let made = reply.ok(201);
    assert_eq!((&made["state"], &made["automation"]["enabled"]), (&json!("draft"), &json!(false)));
    assert_eq!(made["automation"]["offered"], true);
    assert_eq!(world.get(&accountant(), &location).await.ok(200), made);
    assert_eq!(world.get(&accountant(), "/connections").await.ok(200)["items"], json!([made]));
    let change = json!({ "name": "Exact 2", "create_contacts": true, "intermediary": "bouw7" });
    let changed = world.put(&superuser(), &location, 1, &change).await.ok(200);
    assert_eq!((&changed["create_contacts"], &changed["automation"]["offered"]), (&json!(true), &json!(false)));
    for (field, value, code, pointer) in [
        ("system", json!("abacus"), "invalid", "/system"),
        ("licence_country", json!("US"), "invalid", "/licence_country"),
        ("licence_country", json!("nl"), "invalid", "/licence_country"),
        ("options", json!({ "colour": "red" }), "unknown_field", "/options/colour"),
        ("options", json!({ "purchase_journal": "x".repeat(11) }), "invalid", "/options/purchase_journal"),
        ("client_secret", json!("x"), "unknown_field", "/client_secret"),
    ] {
        let mut wrong = body();
        wrong[field] = value;
        let refused = world.post(&superuser(), "/connections", &wrong).await.refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
}

/// The state in an address to sign in at.
fn state_of(url: &str) -> String {
    let url: url::Url = url.parse().unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

#[tokio::test]
async fn what_is_typed_in_is_checked_locked_away_and_never_shown() {
    let world = World::start().await;
    let body = json!({ "system": "snelstart", "name": "SnelStart", "licence_country": "NL" });
    let made = world.post(&superuser(), "/connections", &body).await.ok(201);
    let link = format!("/connections/{}", made["id"].as_str().unwrap());
    for (fields, status, at) in [
        (json!({}), 422, "/fields/client_key"),
        (json!({ "client_key": "  " }), 422, "/fields/client_key"),
        (json!({ "client_key": "k", "user": "u" }), 422, "/fields"),
    ] {
        let refused = world.post(&superuser(), format!("{link}/credentials"), &json!({ "fields": fields })).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (status, &json!(at)), "{}", refused.text);
    }
    let given = json!({ "fields": { "client_key": " SECRET-KEY " } });
    let task = world.post(&superuser(), format!("{link}/credentials"), &given).await;
    assert!(!task.text.contains("SECRET-KEY") && !task.text.contains("c2VhbGVk"), "{}", task.text);
    assert_eq!(task.ok(202)["kind"], "connect");
    {
        let seen = world.outside.0.lock().unwrap();
        let (_, _, locked) = seen.sealed.last().unwrap();
        assert_eq!(locked, r#"{"client_key":"SECRET-KEY"}"#);
    }
    let shown = world.get(&superuser(), &link).await.ok(200);
    assert_eq!(shown["state"], "draft", "until a turn has asked who is connected");
    let wrong = world.post(&superuser(), format!("{link}/authorise"), &json!({})).await;
    assert_eq!(wrong.body["code"], "not_offered");
    let other = world.post(&superuser(), path() + "/credentials", &given).await;
    assert_eq!(other.status, 404, "no such connection yet");
    world.connect().await;
    let other = world.post(&superuser(), path() + "/credentials", &given).await;
    assert_eq!(other.body["code"], "not_offered", "this ledger is signed in to");
}

#[tokio::test]
async fn a_consent_becomes_a_task_and_its_code_is_locked_away() {
    let world = World::start().await;
    world.connect().await;
    let consent = world.ask(&superuser(), "POST", path() + "/authorise").send().await.ok(200);
    let url: url::Url = consent["url"].as_str().unwrap().parse().unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(url.host_str(), Some("start.exactonline.nl"));
    assert_eq!(query["client_id"], "our-client-id");
    assert_eq!(query["redirect_uri"], "https://api.example.nl/oauth/callback");
    assert_eq!(consent["expires_at"], "2026-07-01T10:10:00Z");
    let back = format!("/oauth/callback?code=SECRET-CODE&state={}", query["state"]);
    let page = world.get(&Token::None, &back).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(!page.text.contains("SECRET-CODE"));
    let whole = UnitId { connection: connection(), division: None };
    {
        let seen = world.outside.0.lock().unwrap();
        assert_eq!(seen.sealed, [(id::<TenantId>(OURS), connection(), "SECRET-CODE".to_owned())]);
        assert_eq!(seen.woken, std::slice::from_ref(&whole));
    }
    let open = world.ours().tasks().open(&whole, world.now(), 10).await.unwrap();
    let sealed = "c2VhbGVk".to_owned();
    let redirect_uri = "https://api.example.nl/oauth/callback".to_owned();
    assert_eq!(open[0].work, Work::Connect { sealed, redirect_uri });
    assert_eq!(open[0].requested_by, user_id(Role::Superuser));
    let seen = world.get(&accountant(), format!("/tasks/{}", open[0].id)).await;
    assert!(!seen.text.contains("c2VhbGVk"), "not even sealed");
    assert_eq!(seen.ok(200)["kind"], "connect");
    let audited: Vec<_> = world.audited().await.into_iter().map(|(what, _)| what).collect();
    assert!(audited.contains(&"connection.consent_asked".to_owned()), "{audited:?}");
    assert!(audited.contains(&"connection.consented".to_owned()), "{audited:?}");
    // The state is good once.
    let again = world.get(&Token::None, &back).await;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("Start again"));
}

#[tokio::test]
async fn a_way_back_that_proves_nothing_leads_nowhere() {
    let world = World::start().await;
    world.connect().await;
    let state = async || {
        let consent = world.ask(&superuser(), "POST", path() + "/authorise").send().await.ok(200);
        state_of(consent["url"].as_str().unwrap())
    };
    let back = async |query: String| world.get(&Token::None, format!("/oauth/callback{query}")).await.status;
    assert_eq!(back(String::new()).await, 400);
    assert_eq!(back("?code=C".to_owned()).await, 400);
    assert_eq!(back("?code=C&state=guessed".to_owned()).await, 400);
    let foreign = format!("{}.{}", id::<TenantId>(THEIRS), state().await.split_once('.').unwrap().1);
    assert_eq!(back(format!("?code=C&state={foreign}")).await, 400, "a state belongs to its tenant");
    assert_eq!(back(format!("?error=access_denied&state={}", state().await)).await, 400);
    assert_eq!(back(format!("?state={}", state().await)).await, 400);
    let slow = state().await;
    world.wait(601);
    assert_eq!(back(format!("?code=C&state={slow}")).await, 400);
    // Who was demoted in between connects nothing.
    let state = state().await;
    let users = world.ours().users();
    let before = users.get(user_id(Role::Superuser), store::Read::Consistent).await.unwrap().unwrap();
    let second = domain::office::User { id: id::<UserId>(50), email: "second@office1.nl".to_owned(), ..before.clone() };
    users.create(&second, None, &Hand::new("second").author()).await.unwrap();
    let roles = domain::permission::Roles::new([Role::Accountant]).unwrap();
    let after = domain::office::User { roles, version: 2, ..before.clone() };
    users.replace(&before, &after, &Hand::new("demote").author()).await.unwrap();
    assert_eq!(back(format!("?code=C&state={state}")).await, 400);
    assert!(world.outside.0.lock().unwrap().sealed.is_empty());
}

#[tokio::test]
async fn a_division_is_chosen_for_an_administration() {
    let world = World::start().await;
    world.connect().await;
    let choose = async |administration: AdministrationId, division: &str| {
        let body = json!({ "administration": administration, "division": division });
        world.post(&superuser(), path() + "/divisions", &body).await
    };
    let refused = choose(hidden_books(), "999").await.refused(422, "unknown_code");
    assert_eq!(refused["errors"][0]["pointer"], "/division");
    let refused = choose(hidden_books(), "123456").await.refused(409, "division_taken");
    assert_eq!(refused["about"], books().to_string());
    choose(id(1001), "123457").await.refused(422, "unknown_reference");
    let chosen = choose(hidden_books(), "123457").await.ok(200);
    assert_eq!(chosen["divisions"].as_array().unwrap().len(), 2);
    let books = world.get(&superuser(), format!("/administrations/{}", hidden_books())).await.ok(200);
    assert_eq!(books["unit"], format!("{}/123457", connection()));
    let again = choose(hidden_books(), "123457").await.ok(200);
    assert_eq!(again["version"], chosen["version"], "the same choice changes nothing");
    // Another connection cannot take the administration over.
    let other = world.post(&superuser(), "/connections", &body()).await.ok(201);
    let target = format!("/connections/{}/divisions", other["id"].as_str().unwrap());
    let body = json!({ "administration": hidden_books(), "division": "123457" });
    world.post(&superuser(), target, &body).await.refused(409, "not_connected");
}

#[tokio::test]
async fn directories_are_snapshots_with_an_age() {
    let world = World::start().await;
    world.connect().await;
    world.wait(90);
    let target = format!("{}/directories/vat_codes?administration={}", path(), books());
    let shown = world.get(&accountant(), &target).await.ok(200);
    assert_eq!((&shown["age_seconds"], &shown["fetched_at"]), (&json!(90), &json!("2026-07-01T10:00:00Z")));
    assert_eq!(shown["entries"][0]["vat"]["kind"], "rate");
    world.get(&accountant(), path() + "/directories/vat_codes").await.refused(400, "invalid_query");
    world.get(&accountant(), path() + "/directories/divisions").await.ok(200);
    world.get(&accountant(), path() + "/directories/colours").await.refused(404, "not_found");
    let missing = format!("{}/directories/journals?administration={}", path(), books());
    world.get(&accountant(), missing).await.refused(409, "directory_missing");
    let hidden = format!("{}/directories/vat_codes?administration={}", path(), hidden_books());
    world.get(&accountant(), &hidden).await.refused(404, "not_found");
    world.get(&superuser(), &hidden).await.refused(409, "division_missing");
}

#[tokio::test]
async fn work_at_a_ledger_is_a_task() {
    let world = World::start().await;
    world.connect().await;
    let target = format!("{}/directories/vat_codes/refresh?administration={}", path(), books());
    let reply = world.ask(&accountant(), "POST", &target).send().await;
    let location = reply.header("location").to_owned();
    let task = reply.ok(202);
    assert_eq!((&task["kind"], &task["state"]), (&json!("directory"), &json!("open")));
    assert_eq!(world.get(&accountant(), &location).await.ok(200), task);
    assert_eq!(world.outside.0.lock().unwrap().woken, [unit()]);
    let import = json!({ "administration": books(), "direction": "purchase" });
    let ask = || world.ask(&accountant(), "POST", path() + "/import-contacts").key("import").json(&import).send();
    let first = ask().await.ok(202);
    assert_eq!(first["kind"], "import_contacts");
    assert_eq!(ask().await.ok(202), first, "asked twice, done once");
    let listed = world.get(&accountant(), path() + "/tasks").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    // What came of it.
    let tasks = world.ours().tasks();
    let before = tasks.open(&unit(), world.now(), 10).await.unwrap().remove(0);
    let error = domain::reason::Reason::new("ledger_down", "The ledger does not answer");
    let state = TaskState::Failed { error, at: world.now() };
    let after = domain::task::Task { attempts: 1, state, ..before.clone() };
    tasks.update(&before, &after, &store::Writer::new("turn", 1)).await.unwrap();
    let failed = world.get(&accountant(), format!("/tasks/{}", before.id)).await.ok(200);
    assert_eq!((&failed["state"], &failed["error"]["code"]), (&json!("failed"), &json!("ledger_down")));
}

#[tokio::test]
async fn a_task_whose_wake_is_lost_is_still_there() {
    let world = World::start().await;
    world.connect().await;
    world.outside.0.lock().unwrap().outage = true;
    let target = format!("{}/directories/divisions/refresh", path());
    world.ask(&accountant(), "POST", target).send().await.ok(202);
    let whole = UnitId { connection: connection(), division: None };
    assert_eq!(world.ours().tasks().open(&whole, world.now(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_task_of_an_administration_that_one_does_not_see_does_not_exist() {
    let world = World::start().await;
    world.connect().await;
    let choice = json!({ "administration": hidden_books(), "division": "123457" });
    world.post(&superuser(), path() + "/divisions", &choice).await.ok(200);
    let target = format!("{}/directories/journals/refresh?administration={}", path(), hidden_books());
    let task = world.ask(&superuser(), "POST", target).send().await.ok(202);
    let task = format!("/tasks/{}", task["id"].as_str().unwrap());
    world.get(&superuser(), &task).await.ok(200);
    world.get(&accountant(), &task).await.refused(404, "not_found");
    assert_eq!(world.get(&accountant(), path() + "/tasks").await.ok(200)["items"], json!([]));
}

#[tokio::test]
async fn nothing_is_asked_of_a_ledger_where_nobody_has_signed_in() {
    let world = World::start().await;
    let made = world.post(&superuser(), "/connections", &body()).await.ok(201);
    let draft = format!("/connections/{}", made["id"].as_str().unwrap());
    let refresh = world.ask(&superuser(), "POST", format!("{draft}/directories/divisions/refresh")).send().await;
    refresh.refused(409, "not_connected");
    let import = json!({ "administration": books(), "direction": "sales" });
    world.post(&superuser(), format!("{draft}/import-contacts"), &import).await.refused(409, "not_connected");
    world.get(&superuser(), format!("{draft}/directories/divisions")).await.refused(409, "directory_missing");
}
