//! Scheduled export: facilities step by step, jobs, what Finance may do, and what a wrong input gets.

use crate::{
    documents::{advance, complete, content, read},
    world::{OURS, Token, World, accountant, books, connection, id, superuser, user_id},
};
use domain::{
    document::{Document, InRun, Status},
    export::{Phase, Run, RunState},
    ids::{FacilityId, RunId},
    permission::Role,
};
use serde_json::{Value, json};
use store::{Read, Writer, document::Put};

pub fn finance() -> Token {
    Token::Of(OURS, Role::Finance)
}

fn of_books(path: &str) -> String {
    format!("/administrations/{}/{path}", books())
}

fn of(facility: FacilityId, step: &str) -> String {
    of_books(&format!("export-facilities/{facility}{step}"))
}

pub fn hourly() -> Value {
    json!({ "frequency": "hourly", "on_behalf_of": [user_id(Role::Finance)], "switch": "on" })
}

/// A draft, at version 1.
pub async fn draft(world: &World) -> FacilityId {
    let made = world.post(&superuser(), of_books("export-facilities"), &json!({ "name": "Export" })).await.ok(201);
    made["id"].as_str().unwrap().parse().unwrap()
}

/// A facility with a format, at version 2.
pub async fn file(world: &World, format: &str) -> FacilityId {
    let facility = draft(world).await;
    let body = json!({ "kind": "file", "format": format });
    world.put(&superuser(), of(facility, "/system"), 1, &body).await.ok(200);
    facility
}

/// An active facility, at version 3.
pub async fn active(world: &World) -> FacilityId {
    let facility = file(world, "csv").await;
    world.post(&superuser(), of(facility, "/activate"), &json!({})).await.ok(200);
    facility
}

pub async fn allow(world: &World, rules: Value) {
    let shown = world.get(&superuser(), format!("/administrations/{}", books())).await.ok(200);
    let version = shown["version"].as_u64().unwrap().try_into().unwrap();
    world.put(&superuser(), of_books("export-rules"), version, &rules).await.ok(200);
}

/// A document that is ready to export.
pub async fn ready(world: &World, number: u64) -> Document {
    let green = read(world, number, 0, &[], complete()).await;
    world.post(&finance(), format!("/documents/{}/ready", green.id), &json!({})).await.ok(200);
    world.ours().documents().get(green.id, Read::Consistent).await.unwrap().unwrap()
}

/// One that a run exported.
pub async fn exported(world: &World, number: u64) -> Document {
    let ready = ready(world, number).await;
    let export =
        InRun { run: id(number), posting_date: "2026-07-01".parse().unwrap(), on_behalf_of: user_id(Role::Finance) };
    let exporting = advance(world, &ready, Status::Exporting, |document| document.export = Some(export)).await;
    advance(world, &exporting, Status::Exported, |_| {}).await
}

/// One in another currency than the books are.
pub async fn in_dollars(world: &World, number: u64) -> Document {
    let green = read(world, number, 0, &[], complete()).await;
    let version = green.version + 1;
    let writer = Writer::new("dollars", 1);
    let put = world.ours().documents().put_content(green.id, version, &content(&[], complete()), &writer).await;
    assert_eq!(put.unwrap(), Put::New);
    advance(world, &green, Status::Complete, |document| {
        document.currency = Some("USD".parse().unwrap());
        document.content_version = Some(version);
    })
    .await
}

/// A run that has not moved for long; Finance may end such.
pub async fn hanging(world: &World) -> RunId {
    allow(world, json!({ "settle_hanging_runs": true })).await;
    let facility = active(world).await;
    let ready = ready(world, 30).await;
    let body = json!({ "documents": [ready.id] });
    let run = world.post(&finance(), of(facility, "/runs"), &body).await.ok(202);
    world.wait(21 * 60);
    run["id"].as_str().unwrap().parse().unwrap()
}

/// A run that is completed.
pub async fn completed(world: &World) -> RunId {
    let run = hanging(world).await;
    allow(world, json!({ "revert_exports": true })).await;
    let exports = world.ours().exports(books());
    let before = exports.get(run).await.unwrap().unwrap();
    let after = before.stepped(RunState::Completed { at: world.now() }, world.now());
    exports.update(&before, &after, &Writer::new("completed", 1)).await.unwrap();
    run
}

#[tokio::test]
async fn a_completed_run_is_taken_back_where_that_is_enabled() {
    let world = World::start().await;
    let run = completed(&world).await;
    let path = of_books(&format!("export-runs/{run}/revert"));
    let sure = json!({ "reason": "wrong month", "may_book_twice": true });
    allow(&world, json!({})).await;
    world.post(&finance(), path.clone(), &sure).await.refused(403, "revert_disabled");
    allow(&world, json!({ "revert_exports": true })).await;
    let unsure = json!({ "reason": "wrong month", "may_book_twice": false });
    world.post(&finance(), path.clone(), &unsure).await.refused(422, "invalid");
    let shown = world.post(&finance(), path.clone(), &sure).await.ok(202);
    assert_eq!(shown["status"], "in_progress");
    world.post(&finance(), path, &sure).await.refused(409, "state");
}

#[tokio::test]
async fn a_facility_is_set_up_step_by_step_and_activated_only_when_complete() {
    let world = World::start().await;
    let facility = draft(&world).await;
    let refused = world.post(&superuser(), of(facility, "/activate"), &json!({})).await;
    let refused = refused.refused(409, "facility_incomplete").to_string();
    assert!(refused.contains("choose a file format or a ledger connection"), "{refused}");
    let job = world.put(&superuser(), of(facility, "/job"), 1, &hourly()).await;
    let job = job.refused(409, "facility_inactive").to_string();
    assert!(job.contains("finish its set-up"), "{job}");

    let body = json!({ "kind": "file", "format": "datev" });
    let shown = world.put(&superuser(), of(facility, "/system"), 1, &body).await.ok(200);
    let steps: Vec<(&str, bool)> = shown["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["step"].as_str().unwrap(), step["done"].as_bool().unwrap()))
        .collect();
    assert_eq!(steps, [("system", true), ("configuration", false), ("authentication", true)]);
    let open = shown["steps"][1]["open"].as_array().unwrap();
    assert!(!open.is_empty() && open.iter().all(|one| one["field"].is_string() && one["detail"].is_string()));
    world.post(&superuser(), of(facility, "/activate"), &json!({})).await.refused(409, "facility_incomplete");

    let unknown = json!({ "options": { "nonsense": 1 } });
    world.put(&superuser(), of(facility, "/configuration"), 2, &unknown).await.refused(422, "unknown_field");
    world
        .put(&superuser(), of(facility, "/system"), 2, &json!({ "kind": "file", "format": "xls" }))
        .await
        .refused(422, "invalid");
    world.put(&superuser(), of(facility, "/system"), 2, &json!({ "kind": "file", "format": "csv" })).await.ok(200);
    let active = world.post(&superuser(), of(facility, "/activate"), &json!({})).await.ok(200);
    assert_eq!(active["state"], "active");
    // What is active exports to where it was activated for.
    world
        .put(&superuser(), of(facility, "/system"), 4, &json!({ "kind": "file", "format": "standard" }))
        .await
        .refused(409, "facility_active");
    world.ask(&superuser(), "DELETE", of(facility, "")).at(4).send().await.refused(409, "facility_active");
    world.post(&superuser(), of(facility, "/deactivate"), &json!({})).await.ok(200);
    let job = world.put(&superuser(), of(facility, "/job"), 5, &hourly()).await;
    let job = job.refused(409, "facility_inactive").to_string();
    assert!(job.contains("activate it first"), "{job}");
}

#[tokio::test]
async fn one_facility_is_active_also_when_two_are_activated_at_once() {
    let world = World::start().await;
    let (one, other) = (file(&world, "csv").await, file(&world, "standard").await);
    let activate = async |facility| world.post(&superuser(), of(facility, "/activate"), &json!({})).await.status;
    let (first, second) = tokio::join!(activate(one), activate(other));
    assert_eq!([first, second].iter().filter(|status| **status == 200).count(), 1, "{first} {second}");
    let shown = world.get(&finance(), of_books("export-facilities")).await.ok(200);
    let active = shown["items"].as_array().unwrap().iter().filter(|one| one["state"] == "active").count();
    assert_eq!(active, 1);
    // The other one may be once the first is not.
    let (on, off) = if first == 200 { (one, other) } else { (other, one) };
    let refused = world.post(&superuser(), of(off, "/activate"), &json!({})).await;
    assert_eq!(refused.refused(409, "facility_active")["about"], on.to_string());
    world.post(&superuser(), of(on, "/deactivate"), &json!({})).await.ok(200);
    world.post(&superuser(), of(off, "/activate"), &json!({})).await.ok(200);
}

#[tokio::test]
async fn a_ledger_with_one_date_refuses_the_job_date() {
    let world = World::start().await;
    world.connect().await;
    let body = json!({ "system": "snelstart", "name": "S", "licence_country": "NL" });
    let snelstart = world.post(&superuser(), "/connections", &body).await.ok(201)["id"].clone();
    let facility = draft(&world).await;
    let body = json!({ "kind": "ledger", "connection": snelstart });
    let shown = world.put(&superuser(), of(facility, "/system"), 1, &body).await.ok(200);
    let fields = |shown: &Value| -> Vec<String> {
        let steps = shown["steps"].as_array().unwrap();
        let open = steps.iter().flat_map(|step| step["open"].as_array().cloned().unwrap_or_default());
        open.map(|one| one["field"].as_str().unwrap().to_owned()).collect()
    };
    assert!(fields(&shown).contains(&"posting_date_policy".to_owned()), "{shown}");
    let body = json!({ "posting_date_policy": "not_before_job_date" });
    let shown = world.put(&superuser(), of(facility, "/configuration"), 2, &body).await.ok(200);
    assert!(!fields(&shown).contains(&"posting_date_policy".to_owned()), "{shown}");
    // Exact Online has a period of its own.
    let facility = draft(&world).await;
    let body = json!({ "kind": "ledger", "connection": connection() });
    world.put(&superuser(), of(facility, "/system"), 1, &body).await.ok(200);
    let active = world.post(&superuser(), of(facility, "/activate"), &json!({})).await.ok(200);
    assert_eq!(active["state"], "active");
    let copies = json!({ "copies": "yes" });
    world.put(&superuser(), of(facility, "/configuration"), 3, &copies).await.refused(409, "facility_incomplete");
}

#[tokio::test]
async fn a_job_needs_a_schedule_that_exists_and_finance_users() {
    let world = World::start().await;
    let facility = active(&world).await;
    let put = async |job: Value| {
        let mut body = hourly();
        for (name, value) in job.as_object().unwrap() {
            body[name] = value.clone();
        }
        world.put(&superuser(), of(facility, "/job"), 3, &body).await
    };
    for (job, pointer) in [
        (json!({ "frequency": "monthly", "day": 0 }), "/day"),
        (json!({ "frequency": "monthly", "day": 32 }), "/day"),
        (json!({ "frequency": "monthly" }), "/day"),
        (json!({ "frequency": "daily", "day": 3 }), "/day"),
        (json!({ "frequency": "yearly" }), "/frequency"),
        (json!({ "frequency": "weekly", "weekday": "someday" }), "/weekday"),
        (json!({ "frequency": "daily", "time_zone": "Europe/Hilversum" }), "/time_zone"),
        (json!({ "frequency": "daily", "time_zone": "Europe/Amsterdam", "at": "07:20" }), "/at"),
        (json!({ "frequency": "daily", "at": "07:15" }), "/at"),
        (json!({ "on_behalf_of": [] }), "/on_behalf_of"),
    ] {
        let reply = put(job.clone()).await;
        assert_eq!(reply.refused(422, "invalid")["errors"][0]["pointer"], pointer, "{job}");
    }
    put(json!({ "on_behalf_of": [user_id(Role::Accountant)] })).await.refused(409, "finance_user_invalid");
    put(json!({ "on_behalf_of": [id::<domain::ids::UserId>(77)] })).await.refused(409, "finance_user_invalid");
    world.put(&accountant(), of(facility, "/job"), 3, &hourly()).await.refused(403, "not_permitted");

    let job = json!({ "frequency": "monthly", "day": 31, "time_zone": "Europe/Amsterdam", "at": "06:00" });
    let shown = put(job).await.ok(200);
    assert_eq!(shown["job"]["switch"], "on");
    let next = world.get(&finance(), of(facility, "/next-runs")).await.ok(200);
    assert_eq!(next["time_zone"], "Europe/Amsterdam");
    let runs = next["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 10);
    assert_eq!(
        runs[0],
        json!({ "utc": "2026-07-31T04:00:00Z", "local": "2026-07-31T06:00:00+02:00", "job_date": "2026-07-31" })
    );
    assert_eq!(runs[4]["local"], "2026-11-30T06:00:00+01:00", "no 31st: the last day");
    // Off: nothing runs. The facility's end is the job's (EX-19), and it stays off when the facility comes back.
    world.post(&superuser(), of(facility, "/deactivate"), &json!({})).await.ok(200);
    let back = world.post(&superuser(), of(facility, "/activate"), &json!({})).await.ok(200);
    assert_eq!(back["job"]["switch"], "off");
    let next = world.get(&finance(), of(facility, "/next-runs")).await.ok(200);
    assert_eq!(next["runs"], json!([]));
}

#[tokio::test]
async fn another_schedule_replaces_the_one_before_and_a_job_that_is_off_has_no_next_run() {
    let world = World::start().await;
    let facility = active(&world).await;
    // Since when the job runs.
    let set = async |version, frequency: &str, switch: &str| {
        let mut body = hourly();
        (body["frequency"], body["switch"]) = (json!(frequency), json!(switch));
        let shown = world.put(&superuser(), of(facility, "/job"), version, &body).await.ok(200);
        assert_eq!(shown["job"]["switch"], switch);
        shown["job"]["since"].clone()
    };
    let first = async || {
        let next = world.get(&finance(), of(facility, "/next-runs")).await.ok(200);
        next["runs"].as_array().unwrap().first().map(|run| run["utc"].as_str().unwrap().to_owned())
    };
    let since = world.now();
    assert_eq!(set(3, "hourly", "on").await, json!(since));
    assert_eq!(first().await.as_deref(), Some("2026-07-01T11:00:00Z"));
    world.wait(1800);
    assert_eq!(set(4, "hourly", "on").await, json!(since), "the same schedule goes on as before");
    assert_eq!(set(4, "daily", "on").await, json!(world.now()), "another one counts from then on");
    assert_eq!(first().await.as_deref(), Some("2026-07-02T00:00:00Z"));
    assert_eq!(set(5, "daily", "off").await, Value::Null);
    assert_eq!(first().await, None);
    assert!(world.get(&finance(), of(facility, "/preview")).await.ok(200).get("at").is_none());
    world.wait(60);
    assert_eq!(set(6, "daily", "on").await, json!(world.now()), "nothing is dated back");
}

#[tokio::test]
async fn what_is_ready_is_released_and_sent_back_and_posted_on_no_other_path() {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    world.link_accountant().await;
    let ready = ready(&world, 20).await;
    assert_eq!(ready.status, Status::Ready);
    let listed = world.get(&finance(), of_books("export-list")).await.ok(200);
    assert_eq!(listed["items"][0]["id"], ready.id.to_string());
    assert_eq!(listed["items"][0]["status"], "ready_to_export");
    for (path, body) in
        [("post", json!({})), ("reject", json!({})), ("ready", json!({})), ("tag", json!({ "tag": "sales" }))]
    {
        let refused = world.post(&accountant(), format!("/documents/{}/{path}", ready.id), &body).await;
        let refused = refused.refused(409, "state").to_string();
        assert!(refused.contains("send it back for review first"), "{refused}");
    }
    let path = format!("/documents/{}/send-back", ready.id);
    world.post(&finance(), path.clone(), &json!({})).await.refused(422, "invalid");
    let back = world.post(&finance(), path, &json!({ "reason": "wrong account" })).await.ok(200);
    assert_eq!(back["status"], "complete");
    let complete = world.get(&finance(), of_books("export-list?part=complete")).await.ok(200);
    assert_eq!(complete["items"][0]["id"], ready.id.to_string());
    let client = Token::Of(OURS, Role::ClientUser);
    world.post(&client, format!("/documents/{}/ready", ready.id), &json!({})).await.refused(403, "not_permitted");
}

#[tokio::test]
async fn manual_exports_are_offered_and_taken_unless_they_are_disabled() {
    let world = World::start().await;
    let facility = active(&world).await;
    let ready = ready(&world, 20).await;
    let may = async || world.get(&finance(), of_books("capabilities")).await.ok(200)["manual_export"].clone();
    assert_eq!(may().await, true);
    let body = json!({ "documents": [ready.id] });
    world.post(&accountant(), of(facility, "/runs"), &body).await.refused(403, "not_permitted");
    allow(&world, json!({ "manual_exports_disabled": true })).await;
    assert_eq!(may().await, false);
    world.post(&finance(), of(facility, "/runs"), &body).await.refused(403, "manual_exports_disabled");
    allow(&world, json!({})).await;
    world.post(&finance(), of(facility, "/runs"), &json!({ "documents": [] })).await.refused(422, "invalid");
    let green = read(&world, 21, 0, &[], complete()).await;
    let refused = world.post(&finance(), of(facility, "/runs"), &json!({ "documents": [green.id] })).await;
    refused.refused(409, "state");
    let run = world.post(&finance(), of(facility, "/runs"), &body).await.ok(202);
    assert_eq!((run["origin"].as_str(), run["status"].as_str()), (Some("manual"), Some("in_progress")));
    let called = world.outside.0.lock().unwrap().called.clone();
    assert_eq!(called.len(), 1);
    // While it is in progress no other one starts (EX-29).
    let other = self::ready(&world, 22).await;
    let body = json!({ "documents": [other.id] });
    world.post(&finance(), of(facility, "/runs"), &body).await.refused(409, "run_in_progress");
}

#[tokio::test]
async fn a_run_that_hangs_is_ended_by_finance_where_that_is_enabled() {
    let world = World::start().await;
    let run = hanging(&world).await;
    let path = of_books(&format!("export-runs/{run}"));
    let shown = world.get(&finance(), path.clone()).await.ok(200);
    assert_eq!((shown["status"].as_str(), shown["hanging"].as_bool()), (Some("in_progress"), Some(true)));
    allow(&world, json!({})).await;
    world.post(&finance(), format!("{path}/cancel"), &json!({})).await.refused(403, "settling_disabled");
    allow(&world, json!({ "settle_hanging_runs": true })).await;
    let unseen = world.post(&finance(), format!("{path}/mark-exported"), &json!({ "checked_in_target": false })).await;
    unseen.refused(422, "invalid");
    world.post(&finance(), format!("{path}/cancel"), &json!({ "reason": "took too long" })).await.ok(202);
    let kept: Run = world.ours().exports(books()).get(run).await.unwrap().unwrap();
    assert!(matches!(kept.state, RunState::Open { phase: Phase::Closing { .. } }));
    world.post(&finance(), format!("{path}/cancel"), &json!({})).await.refused(409, "state");
}

#[tokio::test]
async fn an_export_is_taken_back_with_a_reason_where_that_is_enabled() {
    let world = World::start().await;
    let document = exported(&world, 20).await;
    let path = format!("/documents/{}/revert-export", document.id);
    let sure = json!({ "reason": "wrong period", "may_book_twice": true });
    world.post(&finance(), path.clone(), &sure).await.refused(403, "revert_disabled");
    allow(&world, json!({ "revert_exports": true })).await;
    world
        .post(&finance(), path.clone(), &json!({ "reason": "x", "may_book_twice": false }))
        .await
        .refused(422, "invalid");
    world.post(&finance(), path.clone(), &json!({ "may_book_twice": true })).await.refused(422, "invalid");
    let back = world.post(&finance(), path.clone(), &sure).await.ok(200);
    assert_eq!(back["status"], "ready_to_export");
    let history = world.ours().documents().history(document.id).await.unwrap();
    assert_eq!(history.last().unwrap().reason.as_ref().unwrap().code, "export_reverted");
    world.post(&finance(), path, &sure).await.refused(409, "state");
}

#[tokio::test]
async fn a_rate_is_stored_with_its_date_and_source_and_never_for_the_books_own_currency() {
    let world = World::start().await;
    let dollars = in_dollars(&world, 20).await;
    let path = format!("/documents/{}/exchange-rate", dollars.id);
    let rate = |rate: &str| json!({ "rate": rate, "date": "2026-06-30", "source": "ECB" });
    world.put(&finance(), path.clone(), dollars.version, &rate("0")).await.refused(422, "invalid");
    world.put(&finance(), path.clone(), dollars.version, &rate("0.91")).await.ok(200);
    let now = world.ours().documents().get(dollars.id, Read::Consistent).await.unwrap().unwrap();
    let kept = world.ours().documents().content(dollars.id, now.content_version.unwrap()).await.unwrap().unwrap();
    let kept = kept.rate.unwrap();
    assert_eq!((String::from(kept.rate), kept.source.as_str()), ("0.91".to_owned(), "ECB"));
    assert_eq!(now.status, Status::Complete);
    let euros = ready(&world, 21).await;
    let path = format!("/documents/{}/exchange-rate", euros.id);
    world.put(&finance(), path, euros.version, &rate("0.91")).await.refused(409, "state");
}

#[tokio::test]
async fn a_preview_says_what_the_next_run_takes_and_what_it_leaves_out() {
    let world = World::start().await;
    world.add_supplier().await;
    let facility = active(&world).await;
    ready(&world, 20).await;
    let dollars = in_dollars(&world, 21).await;
    world.post(&finance(), format!("/documents/{}/ready", dollars.id), &json!({})).await.ok(200);
    let shown = world.get(&finance(), of(facility, "/preview")).await.ok(200);
    assert_eq!((shown["documents"].as_u64(), shown["checked"].as_u64()), (Some(2), Some(2)), "{shown}");
    assert_eq!(shown["totals"].as_array().unwrap().len(), 2);
    assert_eq!(shown["job_date"], "2026-07-01");
    let formats = world.get(&finance(), "/export-formats").await.ok(200);
    assert_eq!(formats["files"].as_array().unwrap().len(), 6);
    assert!(
        formats["ledgers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["system"] == "snelstart" && one["posting_date"]["kind"] == "shared")
    );
}
