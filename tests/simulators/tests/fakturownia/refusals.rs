//! What is refused, in the shape in which it is refused.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use simulators::fakturownia::seed;
use simulators::faults::{Effect, Fault};

use crate::support::{Client, invoice, read, with};

#[tokio::test]
async fn the_token_may_come_in_three_ways() {
    let client = Client::start().await;
    let address = |path: &str| format!("{}/{path}", client.home());
    let unauthorized = json!({ "code": "error", "message": "Unauthorized" });
    for bare in
        [client.http.get(address("departments.json")), client.http.get(address("departments.json")).bearer_auth("x")]
    {
        assert_eq!(read(bare).await, (401, unauthorized.clone()));
    }
    let query = client.http.get(address(&format!("departments.json?api_token={}", seed::TOKEN)));
    assert_eq!(read(query).await.0, 200);
    let body = json!({ "api_token": seed::TOKEN, "invoice": invoice() });
    assert_eq!(read(client.http.post(address("invoices.json")).json(&body)).await.0, 201);
    let elsewhere = client.http.get(format!("{}/nobody/departments.json", client.simulator.base_url()));
    assert_eq!(read(elsewhere.bearer_auth(seed::TOKEN)).await.0, 404);
    let other = client.http.get(address("departments.json")).bearer_auth(seed::OTHER_TOKEN);
    assert_eq!(read(other).await.0, 401, "a token opens its own account");
    let by_host = client.http.get(format!("{}/departments.json", client.simulator.base_url()));
    let by_host = by_host.header("host", "demo-sklep.fakturownia.pl").bearer_auth(seed::TOKEN);
    assert_eq!(read(by_host).await.0, 200);
}

#[tokio::test]
async fn a_reader_is_answered_as_if_it_went_well() {
    let mut client = Client::start().await;
    seed::READ_ONLY_TOKEN.clone_into(&mut client.token);
    assert_eq!(client.create(&invoice()).await, (200, json!({})));
    assert_eq!(client.count(), 0);
}

#[tokio::test]
async fn each_field_is_looked_at() {
    let client = Client::start().await;
    for (pointer, value, field) in [
        ("/kind", json!("faktura"), "kind"),
        ("/department_id", json!(9), "department_id"),
        ("/department_id", json!(seed::UNFINISHED), "seller_name"),
        ("/department_id", json!(seed::UNFINISHED), "seller_tax_no"),
        ("/issue_date", json!("10-03-2026"), "issue_date"),
        ("/issue_date", json!("2026-3-10"), "issue_date"),
        ("/sell_date", json!("2026-13-01"), "sell_date"),
        ("/payment_to", json!(null), "payment_to"),
        ("/payment_to_kind", json!("soon"), "payment_to_kind"),
        ("/buyer_name", json!(""), "buyer_name"),
        ("/buyer_name", json!("n".repeat(256)), "buyer_name"),
        ("/buyer_tax_no", json!("1234563219"), "buyer_tax_no"),
        ("/buyer_tax_no_kind", json!("vat"), "buyer_tax_no_kind"),
        ("/buyer_country", json!("Polska"), "buyer_country"),
        ("/client_id", json!(5), "client_id"),
        ("/status", json!("done"), "status"),
        ("/paid", json!("much"), "paid"),
        ("/currency", json!("zł"), "currency"),
        ("/lang", json!("pl/xx"), "lang"),
        ("/np_tax_kind", json!("other"), "np_tax_kind"),
        ("/procedure_designations", json!(["XX"]), "procedure_designations"),
        ("/description", json!("dzięki 🎉"), "descriptions.content"),
        ("/descriptions", json!([{ "kind": "k".repeat(257), "content": "x" }]), "descriptions.kind"),
        ("/descriptions", json!([{ "content": "c".repeat(65_536) }]), "descriptions.content"),
        ("/from_invoice_id", json!(5), "from_invoice_id"),
        ("/positions", json!([]), "positions"),
        ("/positions/0/name", json!(""), "positions.name"),
        ("/positions/0/quantity", json!(null), "positions.quantity"),
        ("/positions/0/quantity", json!("two"), "positions.quantity"),
        ("/positions/0/tax", json!("high"), "positions.tax"),
        ("/positions/0/total_price_gross", json!(null), "positions.total_price_gross"),
        ("/positions/0/product_id", json!(5), "positions.product_id"),
        ("/positions/0/gtu_code", json!("GTU_14"), "positions.gtu_code"),
    ] {
        let mut wrong = invoice();
        match wrong.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                wrong.pointer_mut(parent).unwrap()[name] = value;
            }
        }
        let (status, refused) = client.create(&wrong).await;
        let text = refused["message"][field][0].as_str().unwrap_or_default();
        assert!(status == 422 && refused["code"] == "error" && text.starts_with("- "), "{pointer}: {refused}");
    }
    assert_eq!(client.create(&with(invoice(), json!({ "kind": "proforma", "status": "paid" }))).await.0, 422);
    assert_eq!(client.count(), 0);
    let unchecked = json!({ "buyer_tax_no": "1234563219", "disable_tax_no_validation": "1" });
    client.created(&with(invoice(), unchecked)).await;
    let foreign = json!({ "buyer_tax_no": "DE123456789", "buyer_tax_no_kind": "nip_ue", "oid": "2" });
    client.created(&with(invoice(), foreign)).await;
}

#[tokio::test]
async fn a_reference_is_unique_only_when_that_is_asked_for() {
    let client = Client::start().await;
    client.created(&invoice()).await;
    let (status, refused) = client.create(&invoice()).await;
    assert_eq!((status, refused), (422, json!({ "code": "error", "message": { "oid": ["- już istnieje"] } })));
    assert_eq!(client.create(&with(invoice(), json!({ "kind": "receipt" }))).await.0, 422);
    client.control("settings", &json!({ "oid_scope": "kind" })).await;
    client.created(&with(invoice(), json!({ "kind": "receipt" }))).await;
    client.created(&with(invoice(), json!({ "oid_unique": null }))).await;
    assert_eq!(client.count(), 3, "without the switch the same reference is taken twice");
}

#[tokio::test]
async fn an_unknown_department_may_be_not_found_and_a_bank_account_protected() {
    let client = Client::start().await;
    client.control("settings", &json!({ "unknown_department": "not_found" })).await;
    let (status, refused) = client.create(&with(invoice(), json!({ "department_id": 9 }))).await;
    assert_eq!((status, refused), (404, json!({ "code": "error", "message": "Not found" })));
    let banked = with(invoice(), json!({ "seller_bank_account": "27114020040000300201355387" }));
    client.account(json!({ "bank_protection": "refuses" })).await;
    let (status, refused) = client.create(&banked).await;
    assert!(status == 422 && refused["message"]["seller_bank_account"].is_array(), "{refused}");
    client.account(json!({ "bank_protection": "ignores" })).await;
    assert_eq!(client.created(&banked).await["seller_bank_account"], "61109010140000071219812874");
    client.account(json!({ "bank_protection": "takes" })).await;
    let taken = client.created(&with(banked, json!({ "oid": "2" }))).await;
    assert_eq!(taken["seller_bank_account"], "27114020040000300201355387");
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let client = Client::start().await;
    let send = async |kind: &str, body: &str| {
        let request = client.ask(Method::POST, "invoices.json").header("content-type", kind);
        read(request.body(body.to_owned())).await.0
    };
    assert_eq!(send("text/plain", "{}").await, 415);
    assert_eq!(send("application/json", "{\"invoice\":").await, 400);
    assert_eq!(send("application/json", "{}").await, 422);
    let strategy = with(invoice(), json!({ "calculating_strategy": { "position": "keep_gross" } }));
    let (status, page) = client.create(&strategy).await;
    assert!(status == 500 && matches!(page, Value::String(_)));
    assert_eq!(client.get("nothing.json").await.0, 404);
    assert_eq!(client.get("invoices/5.json").await, (404, json!({ "code": "error", "message": "Not found" })));
}

#[tokio::test]
async fn more_than_two_open_requests_are_too_many() {
    let client = Client::start().await;
    client.simulator.faults().add(Fault::on("GET", "departments", Effect::delay(Duration::from_millis(400))).times(2));
    let open = || read(client.ask(Method::GET, "departments.json"));
    let third = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        read(client.ask(Method::GET, "products.json")).await
    };
    let (one, two, three) = tokio::join!(open(), open(), third);
    assert_eq!((one.0, two.0, three.0), (200, 200, 429));
    assert_eq!(client.get("products.json").await.0, 200);
}
