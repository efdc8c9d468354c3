//! Firmao's simulator keeps its rules: login, references, totals, numbers, stock, filters, paper.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod refusals;

use chrono::DateTime;
use reqwest::Method;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::firmao::state::{Filters, Identifiers, NextShape, Organisation, Settings, Strictness, TotalSize};
use simulators::firmao::{Firmao, seed};
use simulators::polish::sold::Sold;
use simulators::stand::{Handle, Options};

struct Client {
    simulator: Handle<Firmao>,
    http: reqwest::Client,
}

impl Client {
    async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let noon = DateTime::from_timestamp(1_773_144_000, 0).unwrap();
        let simulator = Options::<Firmao>::demo().clock(&Clock::stopped(noon)).start().await.unwrap();
        Self { simulator, http: reqwest::Client::new() }
    }

    fn ask_of(&self, organisation: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/{organisation}/svc/v1/{path}", self.simulator.base_url());
        self.http.request(method, url).basic_auth(seed::LOGIN, Some(seed::PASSWORD))
    }

    fn ask(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.ask_of(seed::ORGANISATION, method, path)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.ask(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.ask(Method::POST, path).json(body)).await
    }

    fn sold(&self) -> Vec<Sold> {
        self.simulator.read(|state| state.sold(seed::ORGANISATION))
    }

    fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.simulator.change(|state| change(&mut state.settings));
    }

    fn organisation(&self, change: impl FnOnce(&mut Organisation)) {
        self.simulator.change(|state| change(state.organisation_mut(seed::ORGANISATION).unwrap()));
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn entry(product: Value, quantity: u32, price: &str, vat: Value) -> Value {
    let mut line = json!({
        "productCode": "", "quantity": quantity, "unit": "szt.", "unitNettoPrice": price, "discount": null,
        "classificationNumber": "",
    });
    line["product"] = product;
    line["vatPercent"] = vat;
    line
}

fn transaction(number: &str) -> Value {
    json!({
        "type": "INVOICE", "mode": "SALE", "transactionNumber": number, "invoicePatternId": seed::SERIES,
        "invoiceDate": "2026-03-05", "transactionDate": "2026-03-04", "paymentDate": "2026-03-19", "currency": "PLN",
        "paymentType": "TRANSFER", "paid": true, "paidValue": 123.00, "restOfPaidValue": 0,
        "transactionNettoPrice": "100.00", "transactionVatPrice": "23.00", "transactionBruttoPrice": "123.00",
        "calculateFromGross": false, "customer": seed::CUSTOMER.0, "customerName": "Buk sp. z o.o.",
        "customerAddress.street": "Polna 3", "customerAddress.city": "Warszawa", "customerAddress.postCode": "00-622",
        "customerAddress.country": "Polska", "nipNumber": "5260250274", "invoiceAnnotations": "Order 10023",
        "description": "ref:acme-inv-8812",
        "transactionEntries": [entry(json!(seed::PRODUCT.0), 1, "100.00", json!(23))],
    })
}

/// The id of what was made, from the list of changes.
fn made(answer: &Value, class: &str) -> String {
    let log = answer["changelog"].as_array().unwrap();
    let made = log.iter().find(|one| one["modification"] == "CREATE" && one["objectClass"] == class).unwrap();
    made["objectId"].to_string().trim_matches('"').to_owned()
}

#[tokio::test]
async fn an_invoice_is_made_read_and_printed() {
    let client = Client::start().await;
    let (status, answer) = client.post("transactions", &transaction("2026/03/001")).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["changelog"][0]["objectClass"], "customer", "the document is not always the first");
    let id = made(&answer, "transaction");
    let (_, list) =
        client.get("transactions?transactionNumber(eq)=2026%2F03%2F001&mode(eq)=SALE&dataFormat=MEDIUM").await;
    assert_eq!((&list["totalSize"], &list["dir"]), (&json!(1), &json!("DESC")));
    let record = &list["data"][0];
    for (name, value) in [
        ("transactionNumber", json!("2026/03/001")),
        ("customer", json!({ "id": seed::CUSTOMER.0, "label": "BUK" })),
        ("lastSelectedInvoiceReport", json!("Faktura")),
        ("description", json!("ref:acme-inv-8812")),
        ("paid", json!(true)),
        ("transactionBruttoPrice", json!(123.0)),
    ] {
        assert_eq!(record[name], value, "{name}");
    }
    let (_, entries) = client.get(&format!("transactionentries?transaction%28eq%29={id}")).await;
    assert_eq!(entries["data"][0]["product"]["id"], seed::PRODUCT.0);
    let (status, pdf) = client.get(&format!("reports/invoices/transaction/Faktura/x.pdf?original=true&id={id}")).await;
    let pdf = pdf.as_str().unwrap();
    assert!(
        status == 200 && pdf.starts_with("%PDF-") && pdf.contains("2026/03/001") && pdf.contains("123.00"),
        "{pdf}"
    );
    for other in [format!("Paragon/x.pdf?id={id}"), "Faktura/x.pdf?id=1".to_owned()] {
        assert_eq!(client.get(&format!("reports/invoices/transaction/{other}")).await.0, 404, "{other}");
    }
    let sold = &client.sold()[0];
    assert_eq!((sold.lines[0].sku.as_str(), sold.series.as_str(), sold.paid), (seed::PRODUCT.1, "Faktury", dec!(123)));
    let (_, product) = client.get(&format!("products?productCode(eq)={}", seed::PRODUCT.1)).await;
    assert_eq!(product["data"][0]["currentStoreState"], 13.0, "stock is lower now");
    let shown = format!(
        "{}/_sim/documents?organisation={}&mentions=acme-inv-8812",
        client.simulator.base_url(),
        seed::ORGANISATION
    );
    assert_eq!(read(client.http.get(shown)).await.1["count"], 1);
}

#[tokio::test]
async fn lines_at_each_rate_must_fit_the_totals() {
    let client = Client::start().await;
    let mut body = transaction("2026/03/001");
    body["transactionEntries"] = json!([
        entry(json!("A"), 3, "0.33", json!(23)),
        entry(json!("B"), 1, "10.05", json!("8")),
        entry(json!("C"), 1, "10.10", json!(5)),
        entry(json!("D"), 1, "10.00", json!(0)),
        entry(json!("E"), 1, "9.00", json!("zw")),
    ]);
    (body["transactionNettoPrice"], body["transactionVatPrice"]) = (json!("40.14"), json!("1.54"));
    body["transactionBruttoPrice"] = json!("41.68");
    assert_eq!(client.post("transactions", &body).await.0, 201);
    let sold = &client.sold()[0];
    let vat: Vec<Decimal> = sold.lines.iter().map(|line| line.amounts.vat).collect();
    assert_eq!(vat, [dec!(0.23), dec!(0.80), dec!(0.51), dec!(0), dec!(0)]);
    let rates: Vec<&str> = sold.lines.iter().map(|line| line.vat.as_str()).collect();
    assert_eq!(rates, ["23", "8", "5", "0", "zw"]);
    body["transactionNumber"] = json!("2026/03/002");
    (body["transactionVatPrice"], body["transactionBruttoPrice"]) = (json!("1.56"), json!("41.70"));
    assert_eq!(client.post("transactions", &body).await.0, 201, "two groszy are let through");
    body["transactionNumber"] = json!("2026/03/003");
    (body["transactionVatPrice"], body["transactionBruttoPrice"]) = (json!("1.57"), json!("41.71"));
    let (status, refused) = client.post("transactions", &body).await;
    assert_eq!((status, &refused["field"]), (400, &json!("transactionVatPrice")));
    client.settings(|settings| settings.vat_texts = Strictness::Refused);
    assert_eq!(client.post("transactions", &body).await.1["field"], "vatPercent");
}

#[tokio::test]
async fn gross_prices_make_net_ones() {
    let client = Client::start().await;
    let mut body = transaction("2026/03/001");
    body["calculateFromGross"] = json!(true);
    let mut line = entry(json!("Herbata"), 2, "25.00", json!(23));
    line["unitBruttoPrice"] = json!("30.75");
    body["transactionEntries"] = json!([line]);
    (body["transactionNettoPrice"], body["transactionVatPrice"]) = (json!("50.00"), json!("11.50"));
    body["transactionBruttoPrice"] = json!("61.50");
    assert_eq!(client.post("transactions", &body).await.0, 201);
    body["transactionNumber"] = json!("2026/03/002");
    client.settings(|settings| settings.gross_prices = Strictness::Refused);
    assert_eq!(client.post("transactions", &body).await.1["field"], "unitBruttoPrice");
    body["transactionEntries"][0].as_object_mut().unwrap().remove("unitBruttoPrice");
    assert_eq!(client.post("transactions", &body).await.0, 201);
}

#[tokio::test]
async fn a_receipt_has_its_own_series_and_paper() {
    let client = Client::start().await;
    let path = format!("invoicenumbers/next?objectClass=transaction&type=receipt&mode=SALE&id={}", seed::RECEIPTS);
    let (status, number) = client.get(&path).await;
    assert_eq!((status, &number), (200, &json!("PAR/2026/03/001")));
    let mut body = transaction("PAR/2026/03/001");
    body["type"] = json!("RECEIPT");
    assert_eq!(client.post("transactions", &body).await.1["field"], "invoicePatternId", "a series of invoices");
    body["invoicePatternId"] = json!(seed::RECEIPTS);
    body["customer"] = Value::Null;
    body["customerName"] = json!("Jan Kowalski");
    body["nipNumber"] = Value::Null;
    let (status, answer) = client.post("transactions", &body).await;
    assert_eq!(status, 201, "{answer}");
    let id = made(&answer, "transaction");
    assert_eq!(client.get(&format!("reports/invoices/transaction/Paragon/x.pdf?id={id}")).await.0, 200);
    assert_eq!(client.sold()[0].buyer.name, "Jan Kowalski");
    body["transactionNumber"] = json!("PAR/2026/03/002");
    body["createCustomerIfNeeded"] = json!(true);
    let (_, answer) = client.post("transactions", &body).await;
    let customer = made(&answer, "customer");
    body["transactionNumber"] = json!("PAR/2026/03/003");
    client.post("transactions", &body).await;
    let (_, cards) = client.get("customers?name(eq)=Jan%20Kowalski").await;
    assert_eq!((&cards["totalSize"], cards["data"][0]["id"].to_string()), (&json!(1), customer), "by name only");
    client.settings(|settings| settings.nameless_customers = Strictness::Refused);
    body["transactionNumber"] = json!("PAR/2026/03/004");
    assert_eq!(client.post("transactions", &body).await.1["field"], "customer");
}

#[tokio::test]
async fn the_next_number_is_no_reservation() {
    let client = Client::start().await;
    let path = "invoicenumbers/next?objectClass=transaction&type=invoice&mode=SALE";
    let shop = format!("{path}&id={}", seed::SHOP);
    assert_eq!(client.get(path).await.1, "2026/03/001");
    assert_eq!(client.get(path).await.1, "2026/03/001", "nobody keeps it");
    assert_eq!(client.get(&shop).await.1, "SKLEP/2026/03/001");
    assert_eq!(client.post("transactions", &transaction("2026/03/001")).await.0, 201);
    assert_eq!(client.get(path).await.1, "2026/03/002");
    let (status, refused) = client.post("transactions", &transaction("2026/03/001")).await;
    assert_eq!((status, &refused["errorCode"]), (400, &json!("transactionNumberAlreadyExists")));
    assert_eq!(refused["additionalInfo"]["suggestedNumber"], "2026/03/002");
    client.settings(|settings| settings.next_shape = NextShape::Text);
    assert_eq!(client.get(path).await.1, Value::String("2026/03/002".to_owned()));
    client.settings(|settings| settings.next_shape = NextShape::Object);
    assert_eq!(client.get(path).await.1["nextNumber"], "2026/03/002");
    for wrong in [
        "invoicenumbers/next?objectClass=offer&type=invoice&mode=SALE",
        "invoicenumbers/next?objectClass=transaction&type=invoice&mode=PURCHASE",
        "invoicenumbers/next?objectClass=transaction&type=nothing&mode=SALE",
        "invoicenumbers/next?objectClass=transaction&type=invoice&mode=SALE&id=99",
    ] {
        assert_eq!(client.get(wrong).await.0, 400, "{wrong}");
    }
    let (_, series) = client.get("invoicenumbers?dataFormat=MEDIUM&sort=id&dir=ASC").await;
    assert_eq!((&series["data"][1]["id"], &series["data"][1]["type"]), (&json!(seed::SHOP), &json!("invoice")));
}

#[tokio::test]
async fn customers_are_made_once() {
    let client = Client::start().await;
    let body = json!({
        "customerType": "PARTNER", "name": "Klon sp. z o.o.", "label": "KLON", "nipNumber": "1234563218",
        "emails": ["biuro@example.com"], "phones": ["221112233"], "officeAddress.street": "Lipowa 1",
        "officeAddress.city": "Gdynia", "officeAddress.postCode": "81-001", "officeAddress.country": "Polska",
    });
    client.settings(|settings| settings.identifiers = Identifiers::Texts);
    let (status, answer) = client.post("customers", &body).await;
    assert!(status == 201 && answer["changelog"][0]["objectId"].is_string(), "{answer}");
    let id = made(&answer, "customer");
    let (status, twice) = client.post("customers", &body).await;
    let known = &twice["duplicateValues"][0];
    assert_eq!((status, &twice["fieldName"], known["objectId"].to_string()), (409, &json!("nipNumber"), id.clone()));
    let mut other = body.clone();
    other["nipNumber"] = Value::Null;
    assert_eq!(client.post("customers", &other).await.1["fieldName"], "label");
    let (_, found) = client.get("customers?nipNumber(eq)=1234563218").await;
    assert_eq!(found["data"][0]["officeAddress"]["city"], "Gdynia");
    assert_eq!(client.post("customers", &json!({ "label": "X" })).await.1["field"], "name");
    client.settings(|settings| settings.wrong_tax_numbers = Strictness::Refused);
    let wrong = json!({ "name": "Y", "nipNumber": "1234563219" });
    assert_eq!(client.post("customers", &wrong).await.1["field"], "nipNumber");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let client = Client::start().await;
    for (place, day) in ["2026-03-05", "2026-03-06", "2026-03-07"].iter().enumerate() {
        let mut body = transaction(&format!("A/{place}"));
        (body["transactionDate"], body["description"]) = (json!(day), json!(format!("ref:{place}")));
        assert_eq!(client.post("transactions", &body).await.0, 201);
    }
    let numbers = async |query: &str| {
        let (_, list) = client.get(&format!("transactions?{query}")).await;
        let rows = list["data"].as_array().unwrap().iter();
        rows.map(|row| row["transactionNumber"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, ["A/2", "A/1", "A/0"]);
    assert_eq!(numbers("transactionDate(ge)=2026-03-06&dir=ASC").await, ["A/1", "A/2"]);
    assert_eq!(numbers("transactionDate(lt)=2026-03-06").await, ["A/0"]);
    assert_eq!(numbers("transactionNumber(in)=A/0;A/2").await, ["A/2", "A/0"]);
    assert_eq!(numbers("transactionNumber(contains)=a/1").await, ["A/1"]);
    assert_eq!(numbers("description(eq)=ref:1").await, ["A/1"]);
    assert_eq!(numbers("customerAddress.city(ne)=Warszawa").await, Vec::<String>::new());
    assert_eq!(numbers(&format!("customer(eq)={}&start=1&limit=1", seed::CUSTOMER.0)).await, ["A/1"]);
    client.settings(|settings| settings.total_size = TotalSize::Unknown);
    assert_eq!(client.get("transactions?limit=1").await.1["totalSize"], -1);
    for wrong in ["nothing(eq)=1", "id(about)=1", "id=1", "limit=many"] {
        assert_eq!(client.get(&format!("transactions?{wrong}")).await.0, 400, "{wrong}");
    }
    client.settings(|settings| settings.description_filter = Filters::Ignored);
    assert_eq!(numbers("description(eq)=ref:1").await.len(), 3);
    client.settings(|settings| settings.filters = Filters::Ignored);
    assert_eq!(numbers("transactionNumber(eq)=B").await.len(), 3, "rows of others");
}
