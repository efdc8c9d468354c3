//! What a document comes to, how it is numbered, and corrections.

use serde_json::{Value, json};
use simulators::infakt::seed;

use crate::support::{Client, correction, invoice, with};

#[tokio::test]
async fn an_invoice_is_made_and_read() {
    let client = Client::start().await;
    let made = client.created(&invoice()).await;
    for (name, value) in [
        ("number", json!("1/03/2026")),
        ("kind", json!("vat")),
        ("status", json!("draft")),
        ("net_price", json!(9000)),
        ("tax_price", json!(2070)),
        ("gross_price", json!(11070)),
        ("left_to_pay", json!(11070)),
        ("payment_date", json!("2026-03-24")),
        ("bank_account", json!(seed::BANK_ACCOUNT)),
        ("ksef_data", Value::Null),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert_eq!(
        (&made["services"][0]["unit_net_price"], &made["services"][0]["tax_price"]),
        (&json!(4000), &json!(1840))
    );
    assert_eq!(made["transaction_terms"]["orders"][0]["number"], "inv-018f3c");
    let seen = client.documents("reference=inv-018f3c").await;
    assert_eq!((&seen["count"], &seen["documents"][0]["totals"]["gross"]), (&json!(1), &json!("110.70")), "{seen}");
    assert_eq!(seen["documents"][0]["buyer"]["street"], "Morska 5 2");
}

#[tokio::test]
async fn money_is_grosze_and_text_is_misread() {
    let client = Client::start().await;
    let gross = async |line: Value| {
        let mut line = line;
        line["name"] = json!("x");
        let made = client.created(&with(invoice(), json!({ "services": [line] }))).await;
        (made["net_price"].as_i64().unwrap(), made["gross_price"].as_i64().unwrap())
    };
    assert_eq!(gross(json!({ "tax_symbol": "23", "gross_price": 12300 })).await, (10_000, 12_300));
    assert_eq!(gross(json!({ "tax_symbol": "23", "gross_price": "500.00" })).await, (407, 500), "five złoty");
    let both = json!({ "tax_symbol": "23", "gross_price": 99999, "unit_net_price": 1000, "quantity": 3 });
    assert_eq!(gross(both).await, (3000, 3690), "a net price wins");
    assert_eq!(gross(json!({ "tax_symbol": "8", "net_price": 1000, "quantity": 3 })).await, (1000, 1080));
    let cut = json!({ "tax_symbol": "5", "unit_net_price_before_discount": 1000, "discount": 10, "quantity": 2 });
    assert_eq!(gross(cut).await, (1800, 1890));
    for (symbol, whole) in [("0", 1000), ("zw", 1000), ("np", 1000), ("oo", 1000)] {
        assert_eq!(gross(json!({ "tax_symbol": symbol, "unit_net_price": 1000 })).await, (1000, whole), "{symbol}");
    }
    let cent = json!({ "name": "Guzik", "tax_symbol": "23", "gross_price": 99 });
    let three = with(invoice(), json!({ "services": [cent, cent, cent] }));
    assert_eq!(client.created(&three).await["tax_price"], 57, "on each line");
}

#[tokio::test]
async fn numbers_go_by_month_and_may_be_given() {
    let client = Client::start().await;
    let number = async |changes: Value| client.created(&with(invoice(), changes)).await["number"].clone();
    assert_eq!(number(json!({})).await, "1/03/2026");
    assert_eq!(number(json!({ "number": "7/03/2026", "check_duplicate_number": true })).await, "7/03/2026");
    assert_eq!(number(json!({})).await, "8/03/2026");
    assert_eq!(
        number(json!({ "invoice_date": "2026-02-01" })).await,
        "1/02/2026",
        "of the month in which it is issued"
    );
    assert_eq!(number(json!({ "number": "7/03/2026" })).await, "7/03/2026", "twice, as nobody asked to check");
    let taken = with(invoice(), json!({ "number": "7/03/2026", "check_duplicate_number": true }));
    assert_eq!(client.refused(&taken).await, json!({ "number": ["duplicated_number"] }));
    let (_, next) = client.get("invoices/next_number.json?kind=vat&date=2026-03-10").await;
    assert_eq!(next["next_number"], "9/03/2026");
    assert_eq!(client.documents("number=7/03/2026").await["count"], 2);
}

#[tokio::test]
async fn the_account_decides_what_is_left_out() {
    let client = Client::start().await;
    client.control("account", &json!({ "key": seed::KEY, "currency": "EUR" })).await;
    let mut bare = invoice();
    for name in ["currency", "payment_date", "sale_date", "client_country"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    let made = client.created(&bare).await;
    assert_eq!((&made["currency"], &made["payment_date"]), (&json!("EUR"), &json!("2026-03-17")));
    let again = client.created(&with(invoice(), json!({ "client_id": made["client_id"] }))).await;
    assert_eq!(again["client_id"], made["client_id"]);
    let third = client.created(&invoice()).await;
    assert_ne!(third["client_id"], made["client_id"], "a buyer who is sent is a new client each time");
}

#[tokio::test]
async fn a_correction_is_a_document_of_its_own() {
    let client = Client::start().await;
    let original = client.created(&invoice()).await;
    let body = json!({ "corrective_invoice": correction(&original) });
    let state = client.ended("async/corrective_invoices.json", &body).await;
    assert_eq!((&state["processing_code"], &state["invoice_kind"]), (&json!(201), &json!("correction")), "{state}");
    let uuid = state["invoice_uuid"].as_str().unwrap();
    assert_eq!(client.get(&format!("invoices/{uuid}.json")).await.0, 404);
    let (_, made) = client.get(&format!("corrective_invoices/{uuid}.json")).await;
    assert_eq!((&made["number"], &made["gross_price"]), (&json!("1/KOR/03/2026"), &json!(-4920)), "{made}");
    assert_eq!(
        (&made["correction_reason"], &made["corrected_invoice_number"]),
        (&json!("Inna przyczyna"), &original["number"])
    );
    assert_eq!(client.get("invoices.json").await.1["metainfo"]["total_count"], 1);
    assert_eq!(client.get("corrective_invoices.json").await.1["entities"][0]["uuid"], uuid);
    let pdf = client.get(&format!("corrective_invoices/{uuid}/pdf.json?document_type=original")).await;
    assert!(pdf.0 == 200 && pdf.1.as_str().unwrap().starts_with("%PDF-"));
    assert_eq!(client.documents("number=1/KOR/03/2026").await["documents"][0]["corrects"], original["number"]);
    assert_eq!(client.post("corrective_invoices.json", &body).await.0, 500);
}

#[tokio::test]
async fn a_correction_keeps_its_rules() {
    let client = Client::start().await;
    let original = client.created(&invoice()).await;
    for (pointer, value, field) in [
        ("/corrected_invoice_uuid", json!("x"), "corrected_invoice_uuid"),
        ("/corrected_invoice_uuid", json!(""), "corrected_invoice_uuid"),
        ("/corrected_invoice_number", json!("9/03/2026"), "corrected_invoice_number"),
        ("/corrected_invoice_date", json!(null), "corrected_invoice_date"),
        ("/client_id", json!(null), "client_id"),
        ("/correction_reason", json!("Zwrot"), "correction_reason"),
        ("/correction_reason", json!(""), "correction_reason"),
        ("/services", json!([]), "services"),
        ("/services/0/group", json!("3"), "services.group"),
        ("/services/1/correction", json!(false), "services.group"),
        ("/services/0/unit_net_price", json!(null), "services.unit_net_price"),
        ("/services/0/tax_symbol", json!("99"), "services.tax_symbol"),
    ] {
        let mut wrong = correction(&original);
        *wrong.pointer_mut(pointer).unwrap() = value;
        let state = client.ended("async/corrective_invoices.json", &json!({ "corrective_invoice": wrong })).await;
        assert!(state["processing_code"] == 422 && state["invoice_errors"][field].is_array(), "{pointer}: {state}");
    }
    let mut same = correction(&original);
    same["services"][1]["quantity"] = json!(2);
    same["services"][1]["gross_price"] = json!(1);
    let state = client.ended("async/corrective_invoices.json", &json!({ "corrective_invoice": same })).await;
    let (_, made) = client.get(&format!("corrective_invoices/{}.json", state["invoice_uuid"].as_str().unwrap())).await;
    assert_eq!(made["gross_price"], 0, "a correction of nothing is taken");
    let astray = with(invoice(), json!({ "corrected_invoice_uuid": original["uuid"], "correction_reason": "other" }));
    assert_eq!(client.created(&astray).await["kind"], "vat", "fields of a correction mean nothing here");
}
