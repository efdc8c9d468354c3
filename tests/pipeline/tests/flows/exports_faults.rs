//! What goes wrong with an export costs no document its place, and puts none into two files.

use super::exports::{invoices, start};
use chrono::TimeDelta;
use domain::{
    document::Status,
    ids::{DocumentId, RunId},
    permission::Role,
};
use pipeline::{Exporting, Person, Pipeline, Queue, Ubl};
use serde_json::{Value, json};
use store::testing::Fault;

/// Columns that say the same of the same invoices in every office.
fn columns() -> Value {
    json!({ "columns": [{ "column": "number" }, { "column": "posting_date" }, { "column": "gross" }] })
}

const NUMBERS: [&str; 5] = ["F-1", "F-2", "F-3", "G-1", "G-2"];

fn small(p: &mut Pipeline) {
    // So that a handful of documents makes several slices, segments and parts.
    p.runs.sizes = export_run::Sizes { slice: 2, segment: 20, part: 40 };
}

/// An office with five invoices that are ready, and a job that is due.
fn due() -> impl Future<Output = (Pipeline, Exporting, Vec<DocumentId>)> {
    Box::pin(made_due())
}

async fn made_due() -> (Pipeline, Exporting, Vec<DocumentId>) {
    let mut p = start().await;
    small(&mut p);
    let e = p.exporting("csv", columns()).await;
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let date = p.now().date_naive() - chrono::Days::new(9);
    let all = NUMBERS.map(|number| Ubl::new(number, date));
    let ids = p.copies_ready(&e.finance, &all, |_, _| {}).await;
    p.wait_for_run(&e).await;
    (p, e, ids)
}

async fn the_run(p: &Pipeline, who: &Person) -> Value {
    let runs = p.export_runs(who).await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs[0].clone()
}

fn id(run: &Value) -> RunId {
    run["id"].as_str().unwrap().parse().unwrap()
}

/// Each document exported in this run, and once in its file.
async fn assert_exported(p: &Pipeline, e: &Exporting, ids: &[DocumentId], context: &str) -> String {
    let run = the_run(p, &e.finance).await;
    assert_eq!(run["status"], "completed", "{context}: {run}");
    assert_eq!(run["exported"][0]["documents"], ids.len() as u64, "{context}: {run}");
    for document in p.documents(ids).await {
        assert_eq!(document.status, Status::Exported, "{context}: {:?}", document.number);
        assert_eq!(document.export.as_ref().map(|export| export.run), Some(id(&run)), "{context}");
        let told = p.history_codes(document.id).await.into_iter().filter(|code| code == "in_export_run").count();
        assert_eq!(told, 1, "{context}: told once");
    }
    let file = String::from_utf8(p.export_file(id(&run))).unwrap();
    assert_eq!(file.lines().count(), ids.len() + 1, "{context}: {file}");
    for number in NUMBERS {
        assert_eq!(file.matches(number).count(), 1, "{context}: {file}");
    }
    file
}

/// Where a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Requests of one operation, or of each with an empty name.
    Table(&'static str),
    Bucket,
}

/// Lets export-run go on with a process that dies when its nth request was carried out. Whether it died.
async fn dies(p: &Pipeline, at: At, request: usize) -> bool {
    match at {
        At::Table(operation) => p.store.faults().plan(operation, request, Fault::Silence),
        At::Bucket => p.store.object_faults().plan("", request, Fault::Silence),
    }
    let silence = async {
        match at {
            At::Table(_) => p.store.faults().silence().await,
            At::Bucket => p.store.object_faults().silence().await,
        }
    };
    let died = tokio::select! {
        () = silence => true,
        _ = p.step(Queue::Exports) => false,
    };
    p.store.faults().clear();
    p.store.object_faults().clear();
    died
}

#[tokio::test]
async fn a_run_killed_after_any_write_puts_each_document_into_one_file_once() {
    let (p, e, ids) = due().await;
    p.trigger().await;
    p.run_exports().await;
    let whole = assert_exported(&p, &e, &ids, "nobody dies").await;
    let mut deaths = 0;
    // What only reads leaves nothing behind.
    for at in [At::Table("PutItem"), At::Table("UpdateItem"), At::Table("TransactWriteItems"), At::Bucket] {
        for request in 0.. {
            let (mut p, e, ids) = due().await;
            p.trigger().await;
            let died = dies(&p, at, request).await;
            // The message died with it: maintenance finds the run.
            p.advance(TimeDelta::minutes(11));
            p.sweep().await;
            p.run_exports().await;
            let context = format!("{at:?} {request}");
            let file = assert_exported(&p, &e, &ids, &context).await;
            assert_eq!(file, whole, "{context}: the same run gives the same bytes");
            if !died {
                break;
            }
            deaths += 1;
        }
    }
    assert!(deaths > 25, "{deaths}");
}

#[tokio::test]
async fn a_trigger_killed_at_any_request_starts_the_run_once() {
    for request in 0.. {
        let (p, e, ids) = due().await;
        p.store.faults().plan("", request, Fault::Silence);
        let died = tokio::select! {
            () = p.store.faults().silence() => true,
            _ = p.trigger() => false,
        };
        p.store.faults().clear();
        p.trigger().await;
        p.run_exports().await;
        assert_exported(&p, &e, &ids, &format!("table {request}")).await;
        if !died {
            assert!(request > 8, "{request}");
            return;
        }
    }
}

#[tokio::test]
async fn a_bucket_that_fails_in_the_middle_of_an_upload_is_made_up_for() {
    for request in [3, 5, 8, 11, 13] {
        let (mut p, e, ids) = due().await;
        p.trigger().await;
        for _ in 0..4 {
            p.store.object_faults().plan("", request, Fault::LoseRequest);
        }
        p.run_exports().await;
        p.store.object_faults().clear();
        // What failed comes again when the queue shows it again, or when maintenance looks.
        for _ in 0..3 {
            p.advance(TimeDelta::minutes(31));
            p.sweep().await;
            p.run_exports().await;
        }
        assert_exported(&p, &e, &ids, &format!("bucket {request}")).await;
    }
}

#[tokio::test]
async fn a_finance_user_who_lost_the_role_stops_the_run_before_anything_is_taken() {
    let (mut p, e, ids) = due().await;
    p.change_roles(&e.finance, &[Role::Accountant]).await;
    p.trigger().await;
    p.run_exports().await;
    let run = the_run(&p, &e.superuser).await;
    assert_eq!((run["status"].as_str(), run["reason"]["code"].as_str()), (Some("stopped"), Some("no_finance_user")));
    assert_eq!(run["documents"], 0);
    for document in p.documents(&ids).await {
        assert_eq!(document.status, Status::Ready);
    }
    // The first of several who still may acts (EX-15).
    let other = p.person("frits", &[Role::Finance]).await;
    p.set_job(&e, json!({ "frequency": "daily", "on_behalf_of": [other.user] })).await;
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    let runs = p.export_runs(&other).await;
    assert_eq!((runs[0]["status"].as_str(), runs[0]["documents"].as_u64()), (Some("completed"), Some(5)));
    assert_eq!(runs[0]["on_behalf_of"], other.user.to_string());
}

#[tokio::test]
async fn a_facility_deactivated_during_a_run_finishes_it_and_starts_no_other() {
    let (mut p, e, ids) = due().await;
    p.trigger().await;
    assert!(dies(&p, At::Table(""), 12).await);
    let path = p.of_books(&format!("export-facilities/{}/deactivate", e.facility));
    p.asks(&e.superuser, "POST", &path, Value::Null, 200).await;
    p.advance(TimeDelta::minutes(11));
    p.sweep().await;
    p.run_exports().await;
    assert_exported(&p, &e, &ids, "deactivated").await;
    p.advance(TimeDelta::days(2));
    assert_eq!(p.trigger().await["started"], 0);
    assert_eq!(p.export_runs(&e.finance).await.len(), 1);
}

#[tokio::test]
async fn a_run_that_is_due_while_the_one_before_is_in_progress_is_recorded_as_skipped() {
    let (mut p, e, ids) = due().await;
    p.trigger().await;
    assert!(dies(&p, At::Table(""), 12).await);
    p.wait_for_run(&e).await;
    assert_eq!(p.trigger().await, json!({ "started": 0, "skipped": 1, "passed": 0 }));
    let runs = p.export_runs(&e.finance).await;
    assert_eq!((runs[0]["status"].as_str(), &runs[0]["running"]), (Some("skipped"), &runs[1]["id"]));
    p.sweep().await;
    p.run_exports().await;
    for document in p.documents(&ids).await {
        assert_eq!((document.status, document.export.unwrap().run), (Status::Exported, id(&runs[1])));
    }
}

#[tokio::test]
async fn a_hanging_run_is_cancelled_or_marked_as_exported_by_finance() {
    for (ending, status, wanted) in
        [("cancel", "cancelled", Status::Ready), ("mark-exported", "completed", Status::Exported)]
    {
        let (mut p, e, ids) = due().await;
        let rules = p.of_books("export-rules");
        p.asks(&e.superuser, "PUT", &rules, json!({ "settle_hanging_runs": true }), 200).await;
        p.trigger().await;
        // It dies when everything is taken and part of the file is written.
        assert!(dies(&p, At::Bucket, 2).await);
        let run = the_run(&p, &e.finance).await;
        let path = p.of_books(&format!("export-runs/{}/{ending}", id(&run)));
        let body = match ending {
            "cancel" => json!({ "reason": "the disk is full" }),
            _ => json!({ "checked_in_target": true, "comment": "it arrived by courier" }),
        };
        p.asks(&e.finance, "POST", &path, body.clone(), 409).await;
        p.advance(TimeDelta::minutes(21));
        assert_eq!(the_run(&p, &e.finance).await["hanging"], true);
        p.asks(&e.finance, "POST", &path, body, 202).await;
        p.run_exports().await;
        let run = the_run(&p, &e.finance).await;
        assert_eq!(run["status"], status, "{run}");
        for document in p.documents(&ids).await {
            assert_eq!(document.status, wanted, "{ending}");
            let codes = p.history_codes(document.id).await;
            let code = if ending == "cancel" { "export_run_cancelled" } else { "marked_exported" };
            assert!(codes.iter().any(|told| told == code), "{codes:?}");
        }
        // The facility is free for the next run.
        p.wait_for_run(&e).await;
        p.trigger().await;
        p.run_exports().await;
        let runs = p.export_runs(&e.finance).await;
        let taken = if ending == "cancel" { 5 } else { 0 };
        assert_eq!((runs[0]["status"].as_str(), runs[0]["documents"].as_u64()), (Some("completed"), Some(taken)));
    }
}

#[tokio::test]
async fn a_document_that_is_in_a_run_is_not_edited_and_one_sent_back_meanwhile_is_left() {
    let (mut p, e, ids) = due().await;
    p.runs.sizes.slice = 5;
    p.trigger().await;
    // It dies when the slice is written down, and nothing of it is marked.
    p.store.faults().plan("PutItem", 1, Fault::Silence);
    tokio::select! {
        () = p.store.faults().silence() => {}
        _ = p.step(Queue::Exports) => panic!("it lives"),
    }
    p.store.faults().clear();
    assert!(p.documents(&ids).await.iter().all(|document| document.status == Status::Ready));
    let back = p.document(ids[1]).await;
    let path = format!("/documents/{}/send-back", back.id);
    p.asks(&e.finance, "POST", &path, json!({ "reason": "wrong account" }), 200).await;
    p.advance(TimeDelta::minutes(11));
    p.sweep().await;
    // It dies again with the others in the file.
    assert!(dies(&p, At::Bucket, 1).await);
    let in_run = p.document(ids[0]).await;
    assert_eq!(in_run.status, Status::Exporting);
    let send_back = format!("/documents/{}/send-back", in_run.id);
    let refused = p.asks(&e.finance, "POST", &send_back, json!({ "reason": "x" }), 409).await;
    assert!(refused["detail"].as_str().unwrap().contains("it is in a run"), "{refused}");
    p.advance(TimeDelta::minutes(11));
    p.sweep().await;
    p.run_exports().await;
    let run = the_run(&p, &e.finance).await;
    assert_eq!((run["status"].as_str(), run["documents"].as_u64()), (Some("completed"), Some(4)), "{run}");
    assert_eq!(p.document(back.id).await.status, Status::Complete);
    let file = String::from_utf8(p.export_file(id(&run))).unwrap();
    assert!(!file.contains(back.number.as_deref().unwrap()), "{file}");
}

#[tokio::test]
async fn what_a_format_cannot_express_is_ready_again_with_the_reason() {
    let mut p = start().await;
    let e = p.exporting("csv", json!({ "amounts": "company" })).await;
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let ids = p.ready(&e.finance, &invoices(&p)).await;
    let dollars = p.in_currency(ids[1], "USD").await;
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    let run = the_run(&p, &e.finance).await;
    assert_eq!((run["status"].as_str(), run["left_out"].as_u64()), (Some("completed"), Some(1)), "{run}");
    let document = p.document(dollars).await;
    assert_eq!((document.status, document.reason.unwrap().code.as_str()), (Status::Ready, "no_rate"));
    let left_out = p.of_books(&format!("export-runs/{}/left-out", id(&run)));
    let left_out = p.asks(&e.finance, "GET", &left_out, Value::Null, 200).await;
    assert_eq!(left_out["items"][0]["reason"]["code"], "no_rate");
    // With its rate, the next run takes it.
    let rate = json!({ "rate": "0.5", "date": "2026-06-30", "source": "ECB" });
    p.asks(&e.finance, "PUT", &format!("/documents/{dollars}/exchange-rate"), rate, 200).await;
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    let runs = p.export_runs(&e.finance).await;
    let file = String::from_utf8(p.export_file(id(&runs[0]))).unwrap();
    assert!(file.contains("121.00"), "242.00 dollars at a half: {file}");
}

#[tokio::test]
async fn copies_of_what_was_posted_are_taken_once_and_only_where_they_are_asked_for() {
    let mut p = Pipeline::start().await;
    let e = p.exporting("csv", columns()).await;
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let old = p.process(&Ubl::new("F-1", p.now().date_naive() - chrono::Days::new(3))).await;
    assert_eq!(old.status, Status::Posted);
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    assert_eq!(the_run(&p, &e.finance).await["documents"], 0, "posted on another path (SE-1)");
    let path = p.of_books(&format!("export-facilities/{}/configuration", e.facility));
    p.asks(&e.superuser, "PUT", &path, json!({ "copies": "yes" }), 200).await;
    p.advance(TimeDelta::minutes(1));
    let new = p.process(&Ubl::new("F-2", p.now().date_naive() - chrono::Days::new(3))).await;
    assert_eq!(new.status, Status::Posted);
    for taken in [1, 0] {
        p.wait_for_run(&e).await;
        p.trigger().await;
        p.run_exports().await;
        let runs = p.export_runs(&e.finance).await;
        assert_eq!((runs[0]["status"].as_str(), runs[0]["documents"].as_u64()), (Some("completed"), Some(taken)));
        if taken == 1 {
            let file = String::from_utf8(p.export_file(id(&runs[0]))).unwrap();
            assert!(file.contains("F-2") && !file.contains("F-1"), "nothing old moves (SE-3): {file}");
        }
    }
    let copied = p.document(new.id).await;
    assert_eq!((copied.status, copied.booked.is_some(), copied.export.is_some()), (Status::Posted, true, true));
    assert_eq!(p.bookings().len(), 2, "a copy books nothing");
}

#[tokio::test]
async fn a_ledger_that_rejects_three_of_five_hundred_gets_the_others_once() {
    let mut p = start().await;
    let superuser = p.person("sara", &[Role::Superuser]).await;
    let finance = p.person("fien", &[Role::Finance]).await;
    let system = json!({ "kind": "ledger", "connection": p.office.connection });
    let facility = p.facility(&superuser, system, json!({})).await;
    let e = Exporting { superuser, finance, facility };
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let date = p.now().date_naive() - chrono::Days::new(3);
    let numbers: Vec<String> = (1..=500).map(|number| format!("L-{number}")).collect();
    let invoices: Vec<Ubl> = numbers.iter().map(|number| Ubl::new(number, date)).collect();
    // Three of them go to an account that the ledger does not have.
    let ids = p.copies_ready(&e.finance, &invoices, |number, posting| {
        if ["L-7", "L-77", "L-400"].contains(&number) {
            posting.lines[0].account = "9998".parse().unwrap();
        }
    });
    let ids = ids.await;
    let before = p.bookings().len();
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    p.advance(TimeDelta::minutes(1));
    p.run_exports().await;
    let run = the_run(&p, &e.finance).await;
    assert_eq!(run["status"], "completed", "{run}");
    assert_eq!((run["exported"][0]["documents"].as_u64(), run["left_out"].as_u64()), (Some(497), Some(3)), "{run}");
    assert_eq!(p.bookings().len() - before, 497);
    let documents = p.documents(&ids).await;
    let back: Vec<_> = documents.iter().filter(|document| document.status == Status::Ready).collect();
    assert_eq!(back.len(), 3);
    for document in back {
        assert!(document.reason.is_some() && document.export.is_none(), "{document:?}");
    }
    assert_eq!(documents.iter().filter(|document| document.status == Status::Posted).count(), 497);
}

#[tokio::test]
async fn two_administrations_export_at_once_each_its_own() {
    let (mut p, e, ids) = due().await;
    let other = p.second_books(&e).await;
    p.advance(TimeDelta::hours(1));
    p.trigger().await;
    p.run_exports().await;
    assert_exported(&p, &e, &ids, "beside another").await;
    let runs = p.asks(&e.finance, "GET", &format!("/administrations/{other}/export-runs"), Value::Null, 200).await;
    assert_eq!(
        (runs["items"][0]["status"].as_str(), runs["items"][0]["documents"].as_u64()),
        (Some("completed"), Some(1))
    );
}

#[tokio::test]
async fn a_run_is_taken_back_as_far_as_the_ledger_does_not_have_its_documents() {
    let mut p = start().await;
    let superuser = p.person("sara", &[Role::Superuser]).await;
    let finance = p.person("fien", &[Role::Finance]).await;
    let system = json!({ "kind": "ledger", "connection": p.office.connection });
    let facility = p.facility(&superuser, system, json!({})).await;
    let e = Exporting { superuser, finance, facility };
    p.asks(&e.superuser, "PUT", &p.of_books("export-rules"), json!({ "revert_exports": true }), 200).await;
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let date = p.now().date_naive() - chrono::Days::new(3);
    let ids = p.copies_ready(&e.finance, &["L-1", "L-2"].map(|number| Ubl::new(number, date)), |_, _| {}).await;
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    p.advance(TimeDelta::minutes(1));
    p.run_exports().await;
    let run = the_run(&p, &e.finance).await;
    assert_eq!((run["status"].as_str(), p.bookings().len()), (Some("completed"), 2), "{run}");
    // One of the bookings is deleted in the ledger.
    let gone = p.document(ids[0]).await.booked.unwrap();
    p.delete_booking(&gone.ledger_id);
    let path = p.of_books(&format!("export-runs/{}/revert", id(&run)));
    p.asks(&e.finance, "POST", &path, json!({ "reason": "wrong month", "may_book_twice": true }), 202).await;
    for _ in 0..4 {
        p.run_exports().await;
        p.advance(TimeDelta::minutes(1));
    }
    let run = the_run(&p, &e.finance).await;
    assert_eq!(
        (run["status"].as_str(), run["reverted"].as_u64(), run["kept"].as_u64()),
        (Some("completed"), Some(1), Some(1))
    );
    assert_eq!(p.document(ids[0]).await.status, Status::Ready);
    assert_eq!(p.document(ids[1]).await.status, Status::Posted);
    let kept = p.of_books(&format!("export-runs/{}/kept", id(&run)));
    let kept = p.asks(&e.finance, "GET", &kept, Value::Null, 200).await;
    assert_eq!(kept["items"][0]["document"], ids[1].to_string());
    assert!(kept["items"][0]["reason"]["text"].as_str().unwrap().contains("The ledger has it as entry"), "{kept}");
    // The next run takes the one that was taken back, and books it once.
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    assert_eq!((p.document(ids[0]).await.status, p.bookings().len()), (Status::Posted, 2));
}
