//! What is kept: totals by rate, numbers by department, receipts, corrections, discounts.

use serde_json::json;
use simulators::fakturownia::seed;

use crate::support::{Client, correction, invoice, read, with};

#[tokio::test]
async fn an_invoice_is_kept_and_answered_whole() {
    let client = Client::start().await;
    let made = client.created(&invoice()).await;
    for (name, value) in [
        ("number", json!("1/03/2026")),
        ("price_net", json!("90.0")),
        ("price_tax", json!("20.7")),
        ("price_gross", json!("110.7")),
        ("payment_to", json!("2026-03-24")),
        ("status", json!("issued")),
        ("department_id", json!(seed::SHOP)),
        ("gov_status", json!(null)),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert_eq!(made["positions"][0]["code"], "MUG-01");
    let id = made["id"].as_u64().unwrap();
    let (_, again) = client.get(&format!("invoices/{id}.json?fields[invoice]=id,number")).await;
    assert_eq!(again, json!({ "id": id, "number": "1/03/2026" }));
    let url = format!("{}/_sim/documents?reference=inv-018f3c", client.simulator.base_url());
    let (_, seen) = read(client.http.get(url)).await;
    assert_eq!(seen["count"], 1, "{seen}");
    let seen = &seen["documents"][0];
    assert_eq!((&seen["series"], &seen["lines"][0]["sku"]), (&json!("701"), &json!("MUG-01")));
    assert_eq!((&seen["buyer"]["tax_number"], &seen["payment"]), (&json!("1234563218"), &json!("transfer")));
}

#[tokio::test]
async fn totals_are_computed_by_rate() {
    let client = Client::start().await;
    let lines: Vec<_> = [("23", "12.30"), ("8", "10.80"), ("5", "10.50"), ("0", "10"), ("zw", "7,00"), ("np", "3")]
        .iter()
        .map(|(tax, gross)| json!({ "name": tax, "quantity": "1", "tax": tax, "total_price_gross": gross }))
        .collect();
    let made = client.created(&with(invoice(), json!({ "positions": lines }))).await;
    assert_eq!((&made["price_net"], &made["price_tax"]), (&json!("50.0"), &json!("3.6")));
    assert_eq!((&made["price_gross"], &made["positions"][4]["tax"]), (&json!("53.6"), &json!("zw")));
    let cent = json!({ "name": "Guzik", "quantity": 1, "tax": 23, "total_price_gross": 0.99 });
    let three = with(invoice(), json!({ "oid": "inv-2", "positions": [cent, cent, cent] }));
    assert_eq!(client.created(&three).await["price_tax"], "0.56", "on the sum, not on each line");
    let net =
        json!({ "name": "Guzik", "quantity": 1, "tax": 23, "total_price_net": "0.81", "total_price_gross": "0.99" });
    let given = with(invoice(), json!({ "oid": "inv-3", "positions": [net] }));
    assert_eq!(client.created(&given).await["price_net"], "0.81");
    client.control("settings", &json!({ "both_totals": "gross_wins", "money": "number" })).await;
    assert_eq!(client.created(&with(given, json!({ "oid": "inv-4" }))).await["price_net"], json!(0.8));
}

#[tokio::test]
async fn numbers_go_by_department_kind_and_month() {
    let client = Client::start().await;
    let number = async |oid: &str, changes| {
        let document = with(with(invoice(), json!({ "oid": oid })), changes);
        client.created(&document).await["number"].as_str().unwrap().to_owned()
    };
    assert_eq!(number("1", json!({})).await, "1/03/2026");
    assert_eq!(number("2", json!({ "number": "7/03/2026" })).await, "7/03/2026");
    assert_eq!(number("3", json!({})).await, "8/03/2026");
    assert_eq!(number("4", json!({ "department_id": seed::WHOLESALE })).await, "1/03/2026/H");
    assert_eq!(number("5", json!({ "kind": "receipt" })).await, "1/03/2026");
    assert_eq!(number("6", json!({ "issue_date": "2026-04-01" })).await, "1/04/2026");
    let (status, refused) = client.create(&with(invoice(), json!({ "oid": "7", "number": "7/03/2026" }))).await;
    assert_eq!((status, &refused["message"]["number"][0]), (422, &json!("- już istnieje")));
}

#[tokio::test]
async fn a_receipt_needs_no_buyer_and_an_invoice_follows_it() {
    let client = Client::start().await;
    let mut receipt = with(invoice(), json!({ "kind": "receipt", "status": "paid", "paid_date": "2026-03-10" }));
    for name in ["buyer_name", "buyer_tax_no", "buyer_email"] {
        receipt.as_object_mut().unwrap().remove(name);
    }
    let made = client.created(&receipt).await;
    assert_eq!((&made["status"], &made["paid"], &made["client_id"]), (&json!("paid"), &json!("110.7"), &json!(null)));
    let follows = json!({ "oid": "inv-2", "from_invoice_id": made["id"], "additional_params": "for_receipt" });
    assert_eq!(client.created(&with(invoice(), follows)).await["from_invoice_id"], made["id"]);
}

#[tokio::test]
async fn a_correction_is_the_difference() {
    let client = Client::start().await;
    let original = client.created(&invoice()).await;
    let made = client.created(&correction(&original["id"])).await;
    assert_eq!((&made["price_gross"], &made["price_net"]), (&json!("-49.2"), &json!("-40.0")));
    assert!(made["positions"][0]["correction_before_attributes"].is_null());
    let id = made["id"].as_u64().unwrap();
    let (_, whole) = client.get(&format!("invoices/{id}.json?correction_positions=full")).await;
    assert_eq!(whole["positions"][0]["correction_after_attributes"]["quantity"], "1.0", "{whole}");
    let url = format!("{}/_sim/documents?reference=cor-018f99", client.simulator.base_url());
    assert_eq!(read(client.http.get(url)).await.1["documents"][0]["corrects"], original["number"]);
}

#[tokio::test]
async fn corrections_that_do_not_add_up_are_refused() {
    let client = Client::start().await;
    let original = client.created(&invoice()).await;
    let right = correction(&original["id"]);
    for (pointer, value, field) in [
        ("/invoice_id", json!(1), "from_invoice_id"),
        ("/positions/0/quantity", json!(-2), "positions.quantity"),
        ("/positions/0/total_price_gross", json!("-49.21"), "positions.total_price_gross"),
        ("/positions/0/kind", json!("vat"), "positions.kind"),
        ("/positions/0/correction_before_attributes", json!(null), "positions.correction_before_attributes"),
        ("/positions/0/correction_after_attributes/kind", json!("x"), "positions.correction_after_attributes.kind"),
    ] {
        let mut wrong = right.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let (status, refused) = client.create(&wrong).await;
        assert!(status == 422 && refused["message"][field].is_array(), "{pointer}: {refused}");
    }
    let unknown = correction(&json!(1));
    assert_eq!(client.create(&unknown).await.1["message"]["invoice_id"][0], "- nie istnieje");
    client.control("settings", &json!({ "untouched_lines": "required" })).await;
    assert_eq!(client.create(&right).await.0, 422);
    client.control("settings", &json!({})).await;
    client.account(json!({ "ksef": "block" })).await;
    let moved = with(right, json!({ "buyer_email": "inny@example.com", "department_id": seed::WHOLESALE }));
    let (_, refused) = client.create(&moved).await;
    assert!(refused["message"]["buyer_email"].is_array() && refused["message"]["department_id"].is_array());
    assert_eq!(client.count(), 1);
}

#[tokio::test]
async fn a_discount_counts_only_as_the_account_works() {
    let client = Client::start().await;
    let line = json!({ "name": "Kubek", "quantity": 1, "tax": 23, "total_price_gross": 100, "discount_percent": 10 });
    for (oid, shown, kind, gross) in [
        ("1", "1", "percent_unit_gross", "90.0"),
        ("2", "0", "percent_unit_gross", "100.0"),
        ("3", "1", "amount", "100.0"),
        ("4", "1", "", "100.0"),
    ] {
        let changes = json!({ "oid": oid, "show_discount": shown, "discount_kind": kind, "positions": [line] });
        assert_eq!(client.created(&with(invoice(), changes)).await["price_gross"], gross, "{oid}");
    }
}

#[tokio::test]
async fn a_known_buyer_and_product_are_found_again() {
    let client = Client::start().await;
    let first = client.created(&invoice()).await;
    let second = client.created(&with(invoice(), json!({ "oid": "2" }))).await;
    assert_eq!(first["client_id"], second["client_id"]);
    let forced = client.created(&with(invoice(), json!({ "oid": "3", "client_id": -1 }))).await;
    assert_ne!(first["client_id"], forced["client_id"]);
    let product = json!({ "positions": [{ "product_id": seed::PRODUCT, "quantity": 2 }], "oid": "4" });
    let made = client.created(&with(invoice(), product)).await;
    assert_eq!((&made["price_gross"], &made["positions"][0]["code"]), (&json!("98.4"), &json!("MUG-01")));
    assert_eq!(client.get("products.json").await.1[0]["code"], "MUG-01");
    let departments = client.get("departments.json").await.1;
    assert_eq!((departments.as_array().unwrap().len(), &departments[0]["id"]), (3, &json!(seed::SHOP)));
}
