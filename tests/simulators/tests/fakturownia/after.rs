//! What comes after a document was made: lists, PDF, the public page, payments, KSeF.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use simulators::fakturownia::seed;
use simulators::faults::{Effect, Fault, Stored};

use crate::support::{Client, correction, invoice, read, with};

#[tokio::test]
async fn lists_are_bare_paged_and_filtered() {
    let client = Client::start().await;
    for (oid, day) in [("a-1", "2026-03-10"), ("a-10", "2026-03-11"), ("b-1", "2025-01-02")] {
        client.created(&with(invoice(), json!({ "oid": oid, "issue_date": day }))).await;
    }
    let count = async |query: &str| client.get(&format!("invoices.json?{query}")).await.1.as_array().unwrap().len();
    assert_eq!(count("oid=a-1&period=all&per_page=100").await, 2, "by its beginning");
    client.control("settings", &json!({ "oid_filter": "exact" })).await;
    assert_eq!(count("oid=a-1").await, 1);
    assert_eq!((count("per_page=2").await, count("per_page=2&page=2").await, count("page=3").await), (2, 1, 0));
    assert_eq!(count("date_from=2026-01-01&date_to=2026-12-31").await, 3, "dates without the period are passed over");
    assert_eq!(count("period=more&date_from=2026-01-01&date_to=2026-12-31").await, 2);
    assert_eq!((count("kind=receipt").await, count("kinds[]=vat").await, count("income=no").await), (0, 3, 0));
    let (_, ordered) = client.get("invoices.json?order=issue_date&include_positions=true").await;
    assert_eq!((&ordered[0]["oid"], ordered[0]["positions"].is_array()), (&json!("b-1"), true));
    assert_eq!(client.get("invoices.json?order=oid.desc").await.1[0]["oid"], "b-1");
    assert!(client.get("invoices.json").await.1[0]["positions"].is_null());
    client.control("settings", &json!({ "list_lag_seconds": 30 })).await;
    assert_eq!(count("").await, 0, "lists come behind");
    client.simulator.clock().advance(TimeDelta::seconds(31));
    assert_eq!(count("").await, 3);
}

#[tokio::test]
async fn a_lost_answer_leaves_one_document_that_the_reference_finds() {
    let client = Client::start().await;
    client.simulator.faults().add(Fault::on("POST", "invoices.json", Effect::drop(Stored::Yes)));
    let lost = client.ask(Method::POST, "invoices.json").json(&json!({ "invoice": invoice() })).send().await;
    assert!(lost.is_err());
    let (_, found) = client.get("invoices.json?oid=inv-018f3c&period=all").await;
    assert_eq!((found.as_array().unwrap().len(), client.count()), (1, 1));
    assert_eq!(client.create(&invoice()).await.0, 422);
}

#[tokio::test]
async fn the_pdf_comes_late_and_the_public_page_needs_no_token() {
    let client = Client::start().await;
    client.account(json!({ "pdf_delay_reads": 1 })).await;
    let made = client.created(&invoice()).await;
    let path = format!("invoices/{}.pdf", made["id"]);
    let (status, refused) = client.get(&path).await;
    assert!(status == 422 && refused["message"].is_string(), "{refused}");
    let pdf = client.ask(Method::GET, &path).send().await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    let bytes = pdf.bytes().await.unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-") && text.contains("1/03/2026") && text.contains("110.70"), "{text}");
    let page = made["view_url"].as_str().unwrap();
    let (status, shown) = read(client.http.get(page)).await;
    assert!(status == 200 && shown.as_str().unwrap().contains("1/03/2026"));
    let public = client.http.get(format!("{page}.pdf?inline=yes")).send().await.unwrap().bytes().await.unwrap();
    assert!(public.starts_with(b"%PDF-"));
    assert_eq!(read(client.http.get(format!("{}/invoice/unknown", client.home()))).await.0, 404);
    assert_eq!(client.get("invoices/5.pdf").await.0, 404);
    client.control("settings", &json!({ "bearer_on_pdf": false })).await;
    assert_eq!(client.get(&path).await.0, 401);
    assert_eq!(client.get(&format!("{path}?api_token={}", seed::TOKEN)).await.0, 200);
}

#[tokio::test]
async fn payments_settle_in_order_and_again_when_sent_again() {
    let client = Client::start().await;
    let first = client.created(&invoice()).await;
    let second = client.created(&with(invoice(), json!({ "oid": "2" }))).await;
    let payment = |price: &str| {
        json!({ "banking_payment": {
            "name": "Wpłata", "price": price, "invoice_ids": [first["id"], second["id"]], "paid": true, "kind": "api",
            "paid_date": "2026-03-12",
        } })
    };
    let (status, made) = client.post("banking/payments.json", &payment("120.70")).await;
    assert_eq!((status, &made["price"]), (201, &json!("120.7")), "{made}");
    let shown = async |of: &serde_json::Value| client.get(&format!("invoices/{}.json", of["id"])).await.1;
    assert_eq!(shown(&first).await["status"], "paid");
    assert_eq!((&shown(&second).await["status"], &shown(&second).await["paid"]), (&json!("partial"), &json!("10.0")));
    client.post("banking/payments.json", &payment("120.70")).await;
    assert_eq!(shown(&second).await["paid"], "130.7", "nothing guards against a second one");
    let connected = format!("invoices/{}.json?additional_fields[invoice]=connected_payments", first["id"]);
    assert_eq!(client.get(&connected).await.1["connected_payments"].as_array().unwrap().len(), 2);
    assert_eq!(read(client.ask(Method::DELETE, &format!("banking/payments/{}.json", made["id"]))).await.0, 200);
    assert_eq!(client.get("banking/payments.json").await.1.as_array().unwrap().len(), 1);
    assert_eq!(client.get(&format!("banking/payment/{}.json", made["id"])).await.0, 404);
    for (price, ids) in [(json!(null), json!([first["id"]])), (json!(5), json!([5]))] {
        let wrong = json!({ "banking_payment": { "price": price, "invoice_ids": ids } });
        assert_eq!(client.post("banking/payments.json", &wrong).await.0, 422);
    }
}

#[tokio::test]
async fn ksef_demands_more_and_takes_its_time() {
    let client = Client::start().await;
    client.account(json!({ "ksef": "block", "sends": "companies", "ksef_reads": 1 })).await;
    for (changes, field) in [
        (json!({ "buyer_tax_no": "" }), "buyer_tax_no"),
        (json!({ "buyer_company": false, "buyer_tax_no": "" }), "buyer_first_name"),
        (json!({ "buyer_phone": "+48 58 555 01 00 wew. 7" }), "buyer_phone"),
        (
            json!({ "positions": [{ "name": "x", "quantity": 1, "tax": "zw", "total_price_gross": 1 }] }),
            "exempt_tax_kind",
        ),
        (json!({ "positions": [{ "name": "x", "quantity": 1, "tax": "np", "total_price_gross": 1 }] }), "np_tax_kind"),
        (
            json!({ "positions": [{ "name": "x".repeat(257), "quantity": 1, "tax": 23, "total_price_gross": 1 }] }),
            "positions.name",
        ),
    ] {
        let (status, refused) = client.create(&with(invoice(), changes)).await;
        assert!(status == 422 && refused["message"][field].is_array(), "{field}: {refused}");
    }
    let made = client.created(&invoice()).await;
    assert_eq!((&made["gov_status"], &made["gov_id"]), (&json!("processing"), &json!(null)));
    let (path, paper) = (format!("invoices/{}.json", made["id"]), format!("invoices/{}.pdf", made["id"]));
    assert!(client.get(&paper).await.1.as_str().unwrap().starts_with("<!DOCTYPE"));
    assert_eq!(client.get(&format!("invoices/{}/attachment?kind=gov", made["id"])).await.0, 404);
    assert_eq!(client.get(&path).await.1["gov_status"], "processing");
    let done = client.get(&path).await.1;
    assert!(done["gov_status"] == "ok" && done["gov_id"].is_string(), "{done}");
    assert_eq!(client.get(&format!("invoices/{}/attachment?kind=gov", made["id"])).await.0, 302);
    assert!(client.get(&paper).await.1.as_str().unwrap().starts_with("%PDF-"));
    let put = client.ask(Method::PUT, &path).json(&json!({ "invoice": { "description": "x" } }));
    let (status, refused) = read(put).await;
    assert!(status == 422 && refused["message"].is_string(), "{refused}");
    assert_eq!(read(client.ask(Method::DELETE, &path)).await.0, 422);
    let receipt = client.created(&with(invoice(), json!({ "kind": "receipt", "oid": "r-1" }))).await;
    assert_eq!(receipt["gov_status"], "not_applicable");
    client.created(&correction(&made["id"])).await;
}

#[tokio::test]
async fn ksef_may_fail_and_be_tried_again() {
    let client = Client::start().await;
    client.account(json!({ "ksef": "persist", "ksef_outcome": "server_error" })).await;
    let body = json!({ "invoice": invoice(), "gov_save_and_send": true });
    let made = client.post("invoices.json", &body).await.1;
    let path = format!("invoices/{}.json", made["id"]);
    assert_eq!(client.get(&path).await.1["gov_status"], "server_error");
    client.account(json!({ "ksef_outcome": "ok" })).await;
    assert_eq!(client.get(&format!("{path}?send_to_ksef=yes")).await.1["gov_status"], "processing");
    assert_eq!(client.get(&path).await.1["gov_status"], "ok");
    let faulty = client.created(&with(invoice(), json!({ "buyer_tax_no": "", "oid": "2" }))).await;
    assert_eq!((&faulty["gov_status"], faulty["gov_error_messages"].as_array().unwrap().len()), (&json!(null), 1));
}

#[tokio::test]
async fn a_document_is_changed_cancelled_and_deleted() {
    let client = Client::start().await;
    let first = client.created(&invoice()).await;
    let second = client.created(&with(invoice(), json!({ "oid": "2" }))).await;
    let path = format!("invoices/{}.json", first["id"]);
    let put = client.ask(Method::PUT, &path).json(&json!({ "invoice": { "internal_note": "x", "paid": "10,00" } }));
    let (_, changed) = read(put).await;
    assert_eq!((&changed["internal_note"], &changed["status"]), (&json!("x"), &json!("partial")));
    let put =
        client.ask(Method::PUT, &path).json(&json!({ "invoice": { "buyer_email": "nowy@zielonykubek.example" } }));
    assert_eq!(read(put).await.1["buyer_email"], "nowy@zielonykubek.example");
    let change = format!("invoices/{}/change_status.json?status=paid", first["id"]);
    assert_eq!(client.post(&change, &json!({})).await.0, 200);
    let cancel = async |of: &serde_json::Value| {
        client.post("invoices/cancel.json", &json!({ "cancel_invoice_id": of["id"], "cancel_reason": "x" })).await
    };
    assert_eq!(cancel(&second).await.0, 422, "the newest is deleted instead");
    assert_eq!(cancel(&first).await, (200, json!({ "code": "success" })));
    assert_eq!(read(client.ask(Method::DELETE, &format!("invoices/{}.json", second["id"]))).await.0, 200);
    assert_eq!((client.get(&format!("invoices/{}.json", second["id"])).await.0, client.count()), (404, 1));
}
