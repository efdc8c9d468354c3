//! Scheduled exports: from what is ready to the file, and what becomes of each document.

use chrono::TimeDelta;
use domain::{document::Status, ids::RunId};
use pipeline::{Pipeline, Ubl};
use rust_decimal::dec;
use serde_json::{Value, json};

/// Invoices that no rule posts: three of them, one a credit note.
pub(super) fn invoices(p: &Pipeline) -> Vec<Ubl> {
    let date = p.now().date_naive() - chrono::Days::new(20);
    let mut credit = Ubl::new("C-3", date + chrono::Days::new(2)).of(dec!(30.00));
    credit.kind = domain::invoice::InvoiceKind::CreditNote;
    vec![Ubl::new("F-1", date), Ubl::new("F-2", date + chrono::Days::new(1)).of(dec!(200.00)), credit]
}

pub(super) async fn start() -> Pipeline {
    let p = Pipeline::start().await;
    p.office.remove_rule(p.now()).await;
    p
}

fn run_id(run: &Value) -> RunId {
    run["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_monthly_job_exports_what_is_ready_into_a_file() {
    let mut p = start().await;
    let e = p.exporting("csv", json!({})).await;
    p.set_job(&e, json!({ "frequency": "monthly", "day": 31 })).await;
    let ids = p.ready(&e.finance, &invoices(&p)).await;
    let due = p.wait_for_run(&e).await;
    assert_eq!(p.trigger().await, json!({ "started": 1, "skipped": 0, "passed": 0 }));
    p.run_exports().await;

    let runs = p.export_runs(&e.finance).await;
    assert_eq!(runs.len(), 1);
    let run = &runs[0];
    assert_eq!((run["status"].as_str(), run["documents"].as_u64()), (Some("completed"), Some(3)), "{run}");
    assert_eq!(run["at"].as_str().unwrap().parse::<domain::time::Instant>().unwrap(), due);
    assert_eq!(run["exported"], json!([{ "currency": "EUR", "documents": 3, "gross": "326.70" }]));
    let file = String::from_utf8(p.export_file(run_id(run))).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 4, "{file}");
    assert!(lines[1].contains("F-1") && lines[2].contains("F-2") && lines[3].contains("C-3"), "{file}");

    for document in p.documents(&ids).await {
        assert_eq!(document.status, Status::Exported);
        let export = document.export.unwrap();
        assert_eq!((export.run, export.posting_date), (run_id(run), due.date_naive()), "the job date (EX-3)");
        assert_eq!(export.on_behalf_of, e.finance.user);
        let history = p.history(document.id).await;
        let last = history.last().unwrap();
        assert_eq!(last.reason.as_ref().unwrap().code, "in_export_run");
        assert_eq!(last.reason.as_ref().unwrap().values, [run["id"].as_str().unwrap(), &due.date_naive().to_string()]);
    }
    let download = p.of_books(&format!("export-runs/{}/file", run_id(run)));
    let address = p.asks(&e.finance, "GET", &download, Value::Null, 200).await;
    let reference = &run["id"].as_str().unwrap()[4..20];
    assert_eq!(address["file_name"], format!("csv-{}-{reference}.csv", due.date_naive()));

    // The next instant finds nothing: an empty run, without a file (EX-28).
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    let runs = p.export_runs(&e.finance).await;
    assert_eq!(
        (runs.len(), runs[0]["documents"].as_u64(), runs[0]["status"].as_str()),
        (2, Some(0), Some("completed"))
    );
    assert!(runs[0].get("file").is_none());
}

#[tokio::test]
async fn a_trigger_that_comes_twice_late_early_or_beside_another_starts_each_run_once() {
    let mut p = start().await;
    let e = p.exporting("csv", json!({})).await;
    p.set_job(&e, json!({ "frequency": "hourly" })).await;
    p.ready(&e.finance, &invoices(&p)).await;
    assert_eq!(p.trigger().await["started"], 0, "early");
    p.wait_for_run(&e).await;
    let (one, other) = tokio::join!(p.trigger(), p.trigger());
    assert!(one["started"].as_u64().unwrap() + other["started"].as_u64().unwrap() >= 1);
    p.run_exports().await;
    p.trigger().await;
    p.run_exports().await;
    assert_eq!(p.export_runs(&e.finance).await.len(), 1);
    // An outage of seven hours is made up for by one run (EX-30), and then the grid goes on.
    p.advance(TimeDelta::hours(7));
    p.trigger().await;
    p.run_exports().await;
    let runs = p.export_runs(&e.finance).await;
    assert_eq!((runs.len(), runs[0]["missed"].as_u64()), (2, Some(6)), "{:?}", runs[0]);
    let next = p.next_runs(&e).await[0];
    assert!(next > p.now() && next - p.now() <= TimeDelta::hours(1));
}

#[tokio::test]
async fn chosen_documents_are_exported_by_hand_and_the_job_takes_the_others() {
    let mut p = start().await;
    let e = p.exporting("csv", json!({})).await;
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let ids = p.ready(&e.finance, &invoices(&p)).await;
    let path = p.of_books(&format!("export-facilities/{}/runs", e.facility));
    let run = p.asks(&e.finance, "POST", &path, json!({ "documents": [ids[1]] }), 202).await;
    p.run_exports().await;
    let runs = p.export_runs(&e.finance).await;
    assert_eq!((runs[0]["id"].as_str(), runs[0]["status"].as_str()), (run["id"].as_str(), Some("completed")));
    let file = String::from_utf8(p.export_file(run_id(&run))).unwrap();
    assert!(file.contains("F-2") && !file.contains("F-1"), "{file}");
    let statuses: Vec<Status> = p.documents(&ids).await.iter().map(|document| document.status).collect();
    assert_eq!(statuses, [Status::Ready, Status::Exported, Status::Ready]);
    // Disabled by hand, the job goes on (EX-23).
    p.asks(&e.superuser, "PUT", &p.of_books("export-rules"), json!({ "manual_exports_disabled": true }), 200).await;
    p.asks(&e.finance, "POST", &path, json!({ "documents": [ids[0]] }), 403).await;
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    for document in p.documents(&ids).await {
        assert_eq!(document.status, Status::Exported);
    }
    let runs = p.export_runs(&e.finance).await;
    assert_eq!(runs[0]["documents"], 2, "the one that went by hand is in no second run");
}

#[tokio::test]
async fn a_bundle_has_each_document_as_it_was_delivered() {
    let mut p = start().await;
    let e = p.exporting("ubl_bundle", json!({})).await;
    p.set_job(&e, json!({ "frequency": "daily" })).await;
    let invoices = invoices(&p);
    p.ready(&e.finance, &invoices).await;
    p.runs.sizes = export_run::Sizes { slice: 2, segment: 300, part: 1_000 };
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    let runs = p.export_runs(&e.finance).await;
    assert_eq!(runs[0]["status"], "completed", "{:?}", runs[0]);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(p.export_file(run_id(&runs[0])))).unwrap();
    let mut found = Vec::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        found.push((entry.name().unwrap().into_owned(), bytes));
    }
    assert_eq!(found.len(), 4, "three documents and the manifest");
    for invoice in invoices {
        assert!(found.iter().any(|(_, bytes)| *bytes == invoice.xml()), "{} byte for byte", invoice.number);
    }
}
