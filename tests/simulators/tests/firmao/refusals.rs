//! What is refused, and by which code.

use reqwest::Method;
use rust_decimal::dec;
use serde_json::{Value, json};
use simulators::faults::{Effect, Fault, Stored};
use simulators::firmao::seed;
use simulators::firmao::state::{NumberSpace, Strictness};

use crate::{Client, entry, read, transaction};

#[tokio::test]
async fn login_licence_rights_and_quota_are_looked_at() {
    let client = Client::start().await;
    let url = format!("{}/{}/svc/v1/invoicenumbers", client.simulator.base_url(), seed::ORGANISATION);
    let code = |(status, body): (u16, Value)| (status, body["errorCode"].as_str().unwrap_or_default().to_owned());
    for request in [
        client.http.get(&url),
        client.http.get(&url).basic_auth(seed::LOGIN, Some("x")),
        client.http.get(&url).basic_auth("x", Some(seed::PASSWORD)),
        client.http.get(&url).bearer_auth(seed::PASSWORD),
    ] {
        assert_eq!(code(read(request).await), (401, "userNotFound".to_owned()));
    }
    assert_eq!(client.get("invoicenumbers").await.0, 200);
    assert_eq!(read(client.ask_of("nobody", Method::GET, "invoicenumbers")).await.0, 404);
    assert_eq!(client.get("nothing").await.0, 404);
    assert_eq!(read(client.ask(Method::PUT, "transactions/1")).await.0, 501);
    client.organisation(|books| books.denied.extend(["transactions".to_owned()]));
    let body = transaction("1");
    assert_eq!(code(client.post("transactions", &body).await), (403, "missingPermissionException".to_owned()));
    client.organisation(|books| {
        books.denied.clear();
        books.quota = Some(1);
    });
    assert_eq!(client.post("transactions", &body).await.0, 201);
    assert_eq!(code(client.post("transactions", &transaction("2")).await), (400, "userLimitExceeded".to_owned()));
    client.organisation(|books| books.licensed = false);
    assert_eq!(code(client.get("invoicenumbers").await), (403, "noActiveLicence".to_owned()));
    client.settings(|settings| settings.licence_status = 400);
    assert_eq!(client.get("invoicenumbers").await.0, 400);
    client.organisation(|books| books.licensed = true);
    client.simulator.faults().add(Fault::on_any(Effect::TokenExpired));
    assert_eq!(code(client.get("invoicenumbers").await), (401, "userNotFound".to_owned()), "another password");
}

#[tokio::test]
async fn each_field_is_looked_at() {
    let client = Client::start().await;
    for (pointer, value, code, field) in [
        ("/type", Value::Null, "fieldCannotBeEmpty", "type"),
        ("/type", json!("invoice"), "invalidValue", "type"),
        ("/type", json!("CORRECTION"), "invalidValue", "type"),
        ("/mode", json!("PURCHASE"), "invalidValue", "mode"),
        ("/transactionNumber", json!(" "), "fieldCannotBeEmpty", "transactionNumber"),
        ("/invoicePatternId", json!(99), "entityNotFoundForId", "invoicePatternId"),
        ("/invoicePatternId", json!(seed::RECEIPTS), "entityNotFoundForId", "invoicePatternId"),
        ("/invoiceDate", Value::Null, "fieldCannotBeEmpty", "invoiceDate"),
        ("/invoiceDate", json!("05.03.2026"), "invalidValue", "invoiceDate"),
        ("/transactionDate", Value::Null, "fieldCannotBeEmpty", "transactionDate"),
        ("/paymentDate", json!("soon"), "invalidValue", "paymentDate"),
        ("/currency", Value::Null, "fieldCannotBeEmpty", "currency"),
        ("/currency", json!("zł"), "invalidValue", "currency"),
        ("/paymentType", json!("BARTER"), "invalidValue", "paymentType"),
        ("/paidValue", json!("a lot"), "invalidValue", "paidValue"),
        ("/paid", json!("yes"), "invalidValue", "paid"),
        ("/transactionNettoPrice", Value::Null, "fieldCannotBeEmpty", "transactionNettoPrice"),
        ("/transactionVatPrice", json!("23,00"), "invalidValue", "transactionVatPrice"),
        ("/transactionBruttoPrice", json!("123.03"), "transactionPriceMismatch", "transactionBruttoPrice"),
        ("/transactionBruttoPrice", json!("123.01"), "transactionPriceMismatch", "transactionBruttoPrice"),
        ("/customer", json!(99), "entityNotFoundForId", "customer"),
        ("/warehouse", json!("Magazyn główny"), "entityNotFoundForId", "warehouse"),
        ("/warehouse", json!(99), "entityNotFoundForId", "warehouse"),
        ("/transactionEntries", json!([]), "fieldCannotBeEmpty", "transactionEntries"),
        ("/transactionEntries/0/product", Value::Null, "fieldCannotBeEmpty", "product"),
        ("/transactionEntries/0/product", json!(5_901_234), "entityNotFoundForId", "product"),
        ("/transactionEntries/0/quantity", json!(0), "invalidValue", "quantity"),
        ("/transactionEntries/0/quantity", Value::Null, "fieldCannotBeEmpty", "quantity"),
        ("/transactionEntries/0/vatPercent", Value::Null, "fieldCannotBeEmpty", "vatPercent"),
        ("/transactionEntries/0/vatPercent", json!("some"), "invalidValue", "vatPercent"),
        ("/transactionEntries/0/unitNettoPrice", Value::Null, "fieldCannotBeEmpty", "unitNettoPrice"),
    ] {
        let mut body = transaction("2026/03/001");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        let (status, refused) = client.post("transactions", &body).await;
        assert_eq!(
            (status, &refused["errorCode"], &refused["field"]),
            (400, &json!(code), &json!(field)),
            "{pointer}: {refused}"
        );
    }
    let text = client.ask(Method::POST, "transactions").body(transaction("1").to_string());
    assert_eq!(read(text).await.1["errorCode"], "malformedRequest", "the type of the content is missing");
    let broken = client.ask(Method::POST, "transactions").header("content-type", "application/json").body("{");
    assert_eq!(read(broken).await.0, 400);
    let warehouse = json!("Magazyn główny");
    let mut body = transaction("1");
    body["warehouse"] = warehouse.clone();
    let (_, refused) = client.post("transactions", &body).await;
    assert_eq!((&refused["rejectedValue"], &refused["additionalInfo"]["cls"]), (&warehouse, &json!("Warehouse")));
    assert!(client.sold().is_empty());
}

#[tokio::test]
async fn stock_and_warehouses_are_looked_at() {
    let client = Client::start().await;
    let body = transaction("2026/03/001");
    let of_two = client.ask_of(seed::TWO_WAREHOUSES, Method::POST, "transactions").json(&body);
    assert_eq!(read(of_two).await.1["errorCode"], "warehouseNotInSingleWarehouseMode");
    let mut named = body.clone();
    named["warehouse"] = json!(seed::WAREHOUSE);
    let of_two = client.ask_of(seed::TWO_WAREHOUSES, Method::POST, "transactions").json(&named);
    assert_eq!(read(of_two).await.0, 201);
    client.organisation(|books| books.products[0].stock = dec!(1));
    let mut two = body.clone();
    two["transactionEntries"] = json!([entry(json!(seed::PRODUCT.0), 2, "50.00", json!(23))]);
    let (status, refused) = client.post("transactions", &two).await;
    assert_eq!((status, &refused["errorCode"]), (400, &json!("storeStateCanNotBeNegative")));
    let mut text = two.clone();
    text["transactionEntries"][0]["product"] = json!("52");
    assert_eq!(client.post("transactions", &text).await.0, 201, "a text is a free line, whatever it looks like");
    client.organisation(|books| books.asks_for_stock = true);
    assert_eq!(client.post("transactions", &transaction("9")).await.1["errorCode"], "shouldModifyStorageState");
    client.settings(|settings| settings.stock_status = 409);
    assert_eq!(client.post("transactions", &transaction("9")).await.0, 409);
}

#[tokio::test]
async fn switches_and_failures() {
    let client = Client::start().await;
    client.settings(|settings| settings.pattern_id = Strictness::Refused);
    let mut body = transaction("2026/03/001");
    assert_eq!(client.post("transactions", &body).await.1["field"], "invoicePatternId");
    body.as_object_mut().unwrap().remove("invoicePatternId");
    assert_eq!(client.post("transactions", &body).await.0, 201);
    client.settings(|settings| settings.number_space = NumberSpace::Type);
    let mut receipt = body.clone();
    receipt["type"] = json!("RECEIPT");
    assert_eq!(client.post("transactions", &receipt).await.0, 201, "receipts have numbers of their own");
    client.settings(|settings| settings.no_exchange_rate = Strictness::Refused);
    let mut euro = body.clone();
    (euro["currency"], euro["transactionNumber"]) = (json!("EUR"), json!("E/1"));
    assert_eq!(client.post("transactions", &euro).await.1["field"], "exchangeRate");
    euro["exchangeRate"] = json!("4.2537");
    assert_eq!(client.post("transactions", &euro).await.0, 201);
    let faults = client.simulator.faults();
    body["transactionNumber"] = json!("F/1");
    faults.add(Fault::on("POST", "transactions", Effect::html_error(Stored::Yes)));
    assert_eq!(client.post("transactions", &body).await.0, 500);
    let (_, refused) = client.post("transactions", &body).await;
    assert_eq!(refused["errorCode"], "transactionNumberAlreadyExists", "it was stored");
    body["transactionNumber"] = json!("F/2");
    faults.add(Fault::on("POST", "transactions", Effect::drop(Stored::No)));
    assert!(client.ask(Method::POST, "transactions").json(&body).send().await.is_err());
    assert_eq!(client.post("transactions", &body).await.0, 201);
}
