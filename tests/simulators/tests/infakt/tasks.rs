//! Tasks: taken at once, looked at later; and what they refuse.

use chrono::TimeDelta;
use serde_json::json;
use simulators::faults::{Effect, Fault, Stored};
use simulators::infakt::seed;

use crate::support::{Client, invoice, read, with};

#[tokio::test]
async fn a_task_goes_its_way_by_reads() {
    let client = Client::start().await;
    client.control("settings", &json!({ "task_reads": 3, "unknown_reads": 2, "task_seconds": 3_600 })).await;
    let (_, taken) = client.post("async/invoices.json", &json!({ "invoice": invoice() })).await;
    let path = format!("async/invoices/status/{}.json", taken["invoice_task_reference_number"].as_str().unwrap());
    let mut codes = Vec::new();
    for _ in 0..6 {
        let (status, state) = client.get(&path).await;
        codes.push(if status == 200 { state["processing_code"].as_u64().unwrap() } else { u64::from(status) });
    }
    assert_eq!(codes, [404, 404, 100, 120, 140, 201]);
    assert_eq!(client.get("async/invoices/status/unknown.json").await.0, 404);
    assert_eq!(client.get(&path.replace("invoices/status", "corrective_invoices/status")).await.0, 404);
    client.control("settings", &json!({ "accepted_status": 202 })).await;
    assert_eq!(client.post("async/invoices.json", &json!({ "invoice": {} })).await.0, 202, "whatever is in it");
}

#[tokio::test]
async fn a_task_whose_answer_was_lost_runs_all_the_same() {
    let client = Client::start().await;
    client.control("settings", &json!({ "task_seconds": 60 })).await;
    client.simulator.faults().add(Fault::on("POST", "async/invoices", Effect::html_error(Stored::Yes)));
    assert_eq!(client.post("async/invoices.json", &json!({ "invoice": invoice() })).await.0, 500);
    let count = async || client.get("invoices.json").await.1["metainfo"]["total_count"].clone();
    assert_eq!(count().await, 0);
    client.simulator.clock().advance(TimeDelta::seconds(61));
    assert_eq!(count().await, 1);
    client.post("async/invoices.json", &json!({ "invoice": invoice() })).await;
    client.control("tasks", &json!({})).await;
    assert_eq!(client.documents("reference=inv-018f3c").await["count"], 2);
}

#[tokio::test]
async fn what_cannot_be_a_task_is_refused_at_once() {
    let client = Client::start().await;
    let send = async |body: &'static str, kind: &str| {
        let request = client.ask(reqwest::Method::POST, "async/invoices.json").header("content-type", kind);
        read(request.body(body)).await
    };
    assert_eq!(send("{\"invoice\":", "application/json").await.0, 400);
    let (status, refused) = send("{}", "application/json").await;
    assert!(status == 422 && refused["errors"]["invoice"].is_array(), "{refused}");
    assert_eq!(send("{\"invoice\":{}}", "text/plain").await.0, 422);
    assert_eq!(client.post("async/corrective_invoices.json", &json!({ "invoice": {} })).await.0, 422);
    assert_eq!(client.post("async/invoices/unknown/paid.json", &json!({})).await.0, 404);
    assert_eq!(client.post("invoices.json", &json!({ "invoice": invoice() })).await.0, 410);
}

#[tokio::test]
async fn each_field_is_looked_at_in_the_task() {
    let client = Client::start().await;
    for (pointer, value, field) in [
        ("/kind", json!("receipt"), "kind"),
        ("/currency", json!("zł"), "currency"),
        ("/payment_method", json!("blik"), "payment_method"),
        ("/bank_account", json!("27114020040000300201355388"), "bank_account"),
        ("/invoice_date", json!("10.03.2026"), "invoice_date"),
        ("/sale_date", json!("2026-3-9"), "sale_date"),
        ("/payment_date", json!("soon"), "payment_date"),
        ("/invoice_date_kind", json!("delivery"), "invoice_date_kind"),
        ("/invoice_date_kind", json!("continuous_service_end_on"), "continuous_service_start_on"),
        ("/client_id", json!(5), "client_id"),
        ("/client_company_name", json!(""), "client_company_name"),
        ("/client_business_activity_kind", json!("private_person"), "client_first_name"),
        ("/client_business_activity_kind", json!("private_person"), "client_last_name"),
        ("/client_business_activity_kind", json!("self_employed"), "client_last_name"),
        ("/client_business_activity_kind", json!("company"), "client_business_activity_kind"),
        ("/client_tax_code", json!("1234563219"), "client_tax_code"),
        ("/client_country", json!("DE"), "sale_type"),
        ("/sale_type", json!("goods"), "sale_type"),
        ("/notes", json!("n".repeat(3_501)), "notes"),
        ("/status", json!("sent"), "status"),
        ("/status", json!("paid"), "paid_date"),
        ("/paid_date", json!("2026-03-09"), "paid_date"),
        ("/services", json!([]), "services"),
        ("/services/0/name", json!(""), "services.name"),
        ("/services/0/quantity", json!("two"), "services.quantity"),
        ("/services/0/tax_symbol", json!("24"), "services.tax_symbol"),
        ("/services/0/tax_symbol", json!(""), "services.tax_symbol"),
        ("/services/0/tax_symbol", json!(""), "services.gross_price"),
        ("/services/0/gross_price", json!(null), "services.unit_net_price"),
    ] {
        let mut wrong = invoice();
        match wrong.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => wrong[pointer.trim_start_matches('/')] = value,
        }
        let errors = client.refused(&wrong).await;
        assert!(errors[field][0].is_string(), "{pointer}: {errors}");
    }
    let ksef = json!({ "invoice": with(invoice(), json!({
        "services": [{ "name": "x".repeat(257), "tax_symbol": "zw", "gross_price": 100 }] })), "send_to_ksef": true });
    let errors = client.ended("async/invoices.json", &ksef).await["invoice_errors"].clone();
    assert!(errors["vat_exemption_reason"].is_array() && errors["services.name"].is_array(), "{errors}");
    assert_eq!(client.documents("").await["count"], 0);
}

#[tokio::test]
async fn a_small_account_has_no_bank_account_no_links_and_other_symbols() {
    let mut client = Client::start().await;
    client.key = seed::SMALL_KEY;
    assert!(client.refused(&invoice()).await["bank_account"].is_array());
    let cash = with(invoice(), json!({ "payment_method": "cash" }));
    let mut exempt = cash.clone();
    exempt["services"][0]["tax_symbol"] = json!("zw");
    assert!(client.refused(&exempt).await["services.tax_symbol"].is_array());
    exempt["services"][0]["tax_symbol"] = json!("zw.");
    let made = client.created(&exempt).await;
    let ksef = json!({ "invoice": cash, "send_to_ksef": true });
    assert!(client.ended("async/invoices.json", &ksef).await["invoice_errors"]["send_to_ksef"].is_array());
    let uuid = made["uuid"].as_str().unwrap();
    assert_eq!(client.post(&format!("invoices/{uuid}/share_links.json"), &json!({})).await.0, 403);
    assert_eq!(client.post(&format!("ksef2/documents/{uuid}/send.json"), &json!({})).await.0, 422);
    assert_eq!(client.get("ksef2/integration.json").await.1, json!({ "active": false }));
    assert_eq!(client.get("bank_accounts.json").await.1["entities"], json!([]));
}

#[tokio::test]
async fn an_invoice_is_marked_as_paid_once() {
    let client = Client::start().await;
    let paid = json!({ "status": "paid", "paid_date": "2026-03-10", "paid_price": 11070 });
    assert_eq!(client.created(&with(invoice(), paid)).await["left_to_pay"], 0);
    let part = client.created(&with(invoice(), json!({ "paid_price": 1000 }))).await;
    assert_eq!((&part["left_to_pay"], &part["status"]), (&json!(10070), &json!("draft")));
    let path = format!("async/invoices/{}/paid.json", part["uuid"].as_str().unwrap());
    let early = client.ended(&path, &json!({ "invoice": { "paid_date": "2026-03-09" } })).await;
    assert!(early["invoice_errors"]["paid_date"].is_array(), "{early}");
    let body = json!({ "invoice": { "paid_date": "2026-03-12" } });
    assert_eq!(client.ended(&path, &body).await["processing_code"], 200);
    let (_, read) = client.get(&format!("invoices/{}.json", part["uuid"].as_str().unwrap())).await;
    assert_eq!(
        (&read["status"], &read["paid_date"], &read["left_to_pay"]),
        (&json!("paid"), &json!("2026-03-12"), &json!(0))
    );
    let again = client.ended(&path, &body).await;
    assert_eq!(again["invoice_errors"]["status"][0], "Faktura jest już zapłacona");
    client.control("settings", &json!({ "paid_again": "done" })).await;
    assert_eq!(client.ended(&path, &body).await["processing_code"], 200);
}
