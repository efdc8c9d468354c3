//! Keys, limits, lists, PDF, links, clients, KSeF.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use simulators::infakt::seed;

use crate::support::{Client, invoice, read, with};

#[tokio::test]
async fn keys_scopes_and_plans_are_looked_at() {
    let mut client = Client::start().await;
    let bare = client.http.get(format!("{}/api/v3/vat_rates.json", client.simulator.base_url()));
    let (status, refused) = read(bare).await;
    assert!(status == 401 && refused["error"].is_string(), "{refused}");
    assert_eq!(client.get("vat_rates.json").await.1["entities"][0]["symbol"], "23");
    assert_eq!(client.get("nothing.json").await.0, 404);
    assert_eq!(client.post("ksef/send.json", &json!({})).await.0, 410);
    client.control("account", &json!({ "key": seed::KEY, "scopes": ["api:invoices:read"] })).await;
    assert_eq!(client.post("async/invoices.json", &json!({ "invoice": invoice() })).await.0, 403);
    client.control("account", &json!({ "key": seed::KEY, "unpaid": true })).await;
    assert_eq!(client.get("vat_rates.json").await.0, 402);
    client.key = "unknown";
    assert_eq!(client.get("vat_rates.json").await.0, 401);
}

#[tokio::test]
async fn calls_are_counted_by_minute() {
    let client = Client::start().await;
    client.simulator.clock().stop_at("2026-03-10T10:00:20Z".parse().unwrap());
    client.control("settings", &json!({ "reads_per_minute": 2, "writes_per_minute": 1 })).await;
    for expected in [200, 200, 429] {
        assert_eq!(client.get("vat_rates.json").await.0, expected);
    }
    assert_eq!(client.post("clients.json", &json!({})).await.0, 422);
    let refused = client.ask(Method::POST, "clients.json").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"40".parse().unwrap()));
    client.simulator.change(|state| state.settings.says_retry_after = false);
    assert!(client.ask(Method::GET, "vat_rates.json").send().await.unwrap().headers().get("retry-after").is_none());
    client.simulator.clock().advance(TimeDelta::seconds(40));
    assert_eq!(client.get("vat_rates.json").await.0, 200);
}

#[tokio::test]
async fn lists_have_an_envelope_that_cannot_be_trusted() {
    let client = Client::start().await;
    for day in ["2026-03-10", "2026-03-12", "2026-03-11"] {
        client.created(&with(invoice(), json!({ "invoice_date": day }))).await;
    }
    let count =
        async |query: &str| client.get(&format!("invoices.json?{query}")).await.1["entities"].as_array().unwrap().len();
    let (_, page) = client.get("invoices.json?offset=2&limit=2&order=invoice_date%20desc").await;
    assert_eq!((page["entities"].as_array().unwrap().len(), &page["metainfo"]["total_count"]), (1, &json!(3)));
    assert!(page["metainfo"]["next"].is_string(), "even past the end");
    assert_eq!(page["entities"][0]["invoice_date"], "2026-03-10");
    assert_eq!(count("q[number_eq]=1/03/2026").await, 1);
    assert_eq!(count("q[number_cont]=/03/").await, 3);
    assert_eq!(count("q[clean_client_nip_eq]=1234563218").await, 3);
    assert_eq!(count("q[invoice_date_gteq]=2026-03-11&q[invoice_date_lteq]=2026-03-11").await, 1);
    assert_eq!(count("q[paid_date_null]=true").await, 3);
    assert_eq!(count("q[numer_eq]=nothing&number=nothing").await, 3, "what is not known is passed over");
    let first = async || client.get("invoices.json?fields=number").await.1["entities"][0].clone();
    let (one, other) = (first().await, first().await);
    assert_ne!(one, other, "without an order nothing is sure");
    assert_eq!(one.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn the_pdf_prints_and_links_end() {
    let client = Client::start().await;
    let made = client.created(&invoice()).await;
    let path = format!("invoices/{}", made["uuid"].as_str().unwrap());
    assert_eq!(client.get(&format!("{path}/pdf.json?document_type=nice")).await.0, 422);
    let (_, pdf) = client.get(&format!("{path}/pdf.json?document_type=original&locale=pl")).await;
    let text = pdf.as_str().unwrap();
    assert!(text.starts_with("%PDF-") && text.contains("1/03/2026") && text.contains("110.70"), "{text}");
    assert_eq!(client.get(&format!("{path}.json")).await.1["status"], "printed");
    let links = format!("{path}/share_links.json");
    assert_eq!(client.get(&links).await.0, 404);
    let (status, shared) = client.post(&links, &json!({})).await;
    assert_eq!(status, 201, "{shared}");
    let link = shared["share_link"].as_str().unwrap();
    let look = async || read(client.http.get(link)).await.0;
    assert_eq!(look().await, 200);
    assert_eq!(client.get(&links).await.1, shared);
    assert_eq!(client.get(&format!("{path}.json")).await.1["extensions"]["shares"]["link"], link);
    client.simulator.clock().advance(TimeDelta::days(31));
    assert_eq!(look().await, 404);
    assert_eq!(client.post(&format!("{path}/share_links/prolong.json"), &json!({})).await.0, 200);
    assert_eq!(look().await, 200);
    assert_eq!(read(client.ask(Method::DELETE, &links)).await.0, 204);
    assert_eq!(look().await, 404);
    assert_eq!(client.post(&format!("{path}/deliver_via_email.json"), &json!({})).await.0, 202);
    assert_eq!(read(client.ask(Method::DELETE, &format!("{path}.json"))).await.0, 204);
    assert_eq!(client.get(&format!("{path}.json")).await.0, 404);
}

#[tokio::test]
async fn clients_are_not_told_apart() {
    let client = Client::start().await;
    let buyer =
        json!({ "client": { "company_name": "Buk", "nip": "5260250274", "postal_code": "00-622", "country": "PL" } });
    let (status, first) = client.post("clients.json", &buyer).await;
    let (_, second) = client.post("clients.json", &buyer).await;
    assert!(status == 201 && first["id"] != second["id"]);
    let (_, found) = client.get("clients.json?q[clean_nip_eq]=526-025-02-74").await;
    assert_eq!(found["entities"].as_array().unwrap().len(), 2);
    let wrong = json!({ "client": { "company_name": "Buk", "nip": "5260250275" } });
    assert!(client.post("clients.json", &wrong).await.1["errors"]["nip"].is_array());
    assert_eq!(client.get("bank_accounts.json").await.1["entities"][0]["account_number"], seed::BANK_ACCOUNT);
}

#[tokio::test]
async fn ksef_takes_reads_and_may_refuse() {
    let client = Client::start().await;
    let body = json!({ "invoice": invoice(), "send_to_ksef": true });
    let uuid = client.ended("async/invoices.json", &body).await["invoice_uuid"].as_str().unwrap().to_owned();
    let state = async |uuid: &str| client.get(&format!("invoices/{uuid}.json")).await.1["ksef_data"].clone();
    assert_eq!(state(&uuid).await["status"], "sent");
    let done = state(&uuid).await;
    assert!(done["status"] == "success" && done["ksef_number"].is_string(), "{done}");
    assert_eq!(client.post(&format!("ksef2/documents/{uuid}/send.json"), &json!({})).await.0, 422);
    client.control("account", &json!({ "key": seed::KEY, "ksef_refuses": true })).await;
    let other = client.created(&invoice()).await["uuid"].as_str().unwrap().to_owned();
    assert!(state(&other).await.is_null(), "it is not sent by itself");
    assert_eq!(client.post(&format!("invoices/{other}/send_to_ksef.json"), &json!({})).await.0, 201);
    let path = format!("ksef2/documents/{other}/status.json");
    assert_eq!(client.get(&path).await.1["status"], "sent");
    assert_eq!(client.get(&path).await.1["status"], "error");
}
