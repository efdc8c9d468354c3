//! wFirma's simulator keeps its rules: keys, companies, shapes of bodies, fields, numbers, amounts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod lists;
mod refusals;

use chrono::DateTime;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::polish::sold::Sold;
use simulators::stand::{Handle, Options};
use simulators::wfirma::state::{Company, Settings};
use simulators::wfirma::{Wfirma, seed};

struct Client {
    simulator: Handle<Wfirma>,
    http: reqwest::Client,
}

impl Client {
    async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let noon = DateTime::from_timestamp(1_782_907_200, 0).unwrap();
        let simulator = Options::<Wfirma>::demo().clock(&Clock::stopped(noon)).start().await.unwrap();
        Self { simulator, http: reqwest::Client::new() }
    }

    fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let mark = if path.contains('?') { '&' } else { '?' };
        let company =
            if path.contains("company_id") { String::new() } else { format!("&company_id={}", seed::COMPANY) };
        let base = self.simulator.base_url();
        let url = format!("{base}/{path}{mark}inputFormat=json&outputFormat=json{company}");
        let request = self.http.request(method, url).header("accessKey", seed::ACCESS_KEY);
        request.header("secretKey", seed::SECRET_KEY).header("appKey", seed::APP_KEY)
    }

    async fn get(&self, path: &str) -> Value {
        read(self.ask(reqwest::Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        read(self.ask(reqwest::Method::POST, path).json(body)).await
    }

    async fn add(&self, invoice: &Value) -> Value {
        self.post("invoices/add", &json!({ "invoices": { "0": { "invoice": invoice } } })).await
    }

    async fn find(&self, module: &str, conditions: &[(&str, &str, &str)]) -> Value {
        let mut numbered = json!({});
        for (place, (field, operator, value)) in conditions.iter().enumerate() {
            numbered[place.to_string()] =
                json!({ "condition": { "field": field, "operator": operator, "value": value } });
        }
        self.post(&format!("{module}/find"), &json!({ module: { "parameters": { "conditions": numbered } } })).await
    }

    fn sold(&self) -> Vec<Sold> {
        self.simulator.read(|state| state.sold(seed::COMPANY))
    }

    fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.simulator.change(|state| change(&mut state.settings));
    }

    fn company(&self, change: impl FnOnce(&mut Company)) {
        self.simulator.change(|state| change(state.company_mut(seed::COMPANY).unwrap()));
    }

    fn stock(&self) -> Decimal {
        self.simulator.read(|state| state.company(seed::COMPANY).unwrap().goods[0].count)
    }
}

async fn read(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "business errors come with 200 as well");
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn code(answer: &Value) -> &str {
    answer["status"]["code"].as_str().unwrap_or_default()
}

fn line(name: &str, count: &str, price: &str, vat: &str) -> Value {
    json!({ "invoicecontent": { "name": name, "unit": "szt.", "count": count, "unit_count": count, "price": price, "vat": vat } })
}

fn invoice() -> Value {
    json!({
        "type": "normal", "price_type": "brutto", "date": "2026-03-05", "disposaldate": "2026-03-04",
        "disposaldate_format": "day", "paymentmethod": "transfer", "paymentdate": "2026-03-19",
        "alreadypaid_initial": "123.00", "currency": "PLN", "series": { "id": seed::SHOP.to_string() },
        "id_external": "acme-inv-8812", "description": "Order 10023", "auto_send": "0",
        "contractor": {
            "name": "Buk sp. z o.o.", "tax_id_type": "nip", "nip": "5260250274", "street": "Polna 3",
            "zip": "00-622", "city": "Warszawa", "country": "PL",
        },
        "invoicecontents": { "0": line("Kubek", "1.0000", "123.00", "23") },
    })
}

fn receipt() -> Value {
    json!({
        "type": "receipt_fiscal_normal", "price_type": "brutto", "date": "2026-03-05", "disposaldate": "2026-03-05",
        "paymentmethod": "payment_card", "alreadypaid_initial": "61.50", "id_external": "acme-rcp-311",
        "series": { "id": seed::RECEIPTS.to_string() },
        "ereceipt_integration_receipt": { "email_to_auto_send": "jan@example.com" },
        "invoicecontents": { "0": line("Herbata", "2.0000", "30.75", "23") },
    })
}

#[tokio::test]
async fn an_invoice_gets_its_number_amounts_and_link() {
    let client = Client::start().await;
    let mut body = invoice();
    body["invoicecontents"]["0"]["invoicecontent"]["good"] = json!({ "id": seed::GOOD.0.to_string() });
    let made = client.add(&body).await;
    assert_eq!(code(&made), "OK", "{made}");
    let record = &made["invoices"]["0"]["invoice"];
    for (field, value) in [
        ("fullnumber", "FS 1/2026"),
        ("number", "1"),
        ("netto", "100.00"),
        ("tax", "23.00"),
        ("total", "123.00"),
        ("alreadypaid", "123.00"),
        ("remaining", "0.00"),
        ("paymentstate", "paid"),
        ("id_external", "acme-inv-8812"),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    assert_eq!(record["contractor"]["id"], seed::CONTRACTOR.0.to_string(), "the card with this number is used");
    let sold = client.sold();
    assert_eq!((sold[0].lines[0].sku.as_str(), sold[0].series.as_str()), (seed::GOOD.1, "Sklep"));
    assert_eq!(client.stock(), dec!(13));

    let id = record["id"].as_str().unwrap();
    let hash = record["hash"].as_str().unwrap();
    let link = format!("{}/faktura/{}/{id}/{hash}", client.simulator.base_url(), seed::COMPANY);
    assert_eq!(client.http.get(&link).send().await.unwrap().status(), 200);
    assert_eq!(client.http.get(format!("{link}0")).send().await.unwrap().status(), 404);
    client.company(|company| company.customer_panel = false);
    assert_eq!(client.http.get(&link).send().await.unwrap().status(), 404);

    let wanted =
        json!({ "invoices": { "parameters": { "0": { "parameter": { "name": "page", "value": "invoice" } } } } });
    let pdf = client.post(&format!("invoices/download/{id}"), &wanted).await;
    let pdf = pdf.as_str().unwrap();
    assert!(pdf.starts_with("%PDF-") && pdf.contains("FS 1/2026") && pdf.contains("123.00"), "{pdf}");
    assert_eq!(code(&client.post("invoices/download/1", &wanted).await), "NOT FOUND");
    assert_eq!(code(&client.get("invoices/get/1").await), "NOT FOUND");
    assert_eq!(client.get(&format!("invoices/get/{id}")).await["invoices"]["0"]["invoice"]["fullnumber"], "FS 1/2026");
}

#[tokio::test]
async fn vat_of_each_rate_is_computed_by_the_ledger() {
    let client = Client::start().await;
    let mut body = invoice();
    body["price_type"] = json!("netto");
    body["invoicecontents"] = json!({
        "0": line("A", "3", "0.33", "23"),
        "1": line("B", "1", "10.05", "8"),
        "2": line("C", "1", "10.10", "5"),
        "3": line("D", "1", "10.00", "0"),
        "4": line("E", "1", "10.00", "zw"),
        "10": line("Z ostatnia", "1", "1.00", "23"),
    });
    body["invoicecontents"]["4"]["invoicecontent"]["discount"] = json!("1");
    body["invoicecontents"]["4"]["invoicecontent"]["discount_percent"] = json!("10");
    let made = client.add(&body).await;
    assert_eq!(code(&made), "OK", "{made}");
    let sold = &client.sold()[0];
    let vat: Vec<Decimal> = sold.lines.iter().map(|line| line.amounts.vat).collect();
    assert_eq!(vat, [dec!(0.23), dec!(0.80), dec!(0.51), dec!(0), dec!(0), dec!(0.23)]);
    assert_eq!((sold.lines[4].vat.as_str(), sold.lines[4].amounts.gross), ("ZW", dec!(9)));
    assert_eq!((sold.totals.net, sold.totals.gross), (dec!(41.14), dec!(42.91)));
    assert_eq!(sold.lines[5].name, "Z ostatnia", "keys are in the order of their numbers");
    let mut foreign = invoice();
    foreign["invoicecontents"]["0"]["invoicecontent"]["vat"] = json!("19");
    assert_eq!(code(&client.add(&foreign).await), "ERROR", "foreign rates go by their id");
    foreign["invoicecontents"]["0"]["invoicecontent"]["vat_code"] = json!({ "id": seed::GERMAN_RATE });
    assert_eq!(client.add(&foreign).await["invoices"]["0"]["invoice"]["tax"], "19.64");
}

#[tokio::test]
async fn receipts_have_a_number_and_neither_paper_nor_link() {
    let client = Client::start().await;
    let made = client.add(&receipt()).await;
    assert_eq!(code(&made), "OK", "{made}");
    let record = &made["invoices"]["0"]["invoice"];
    assert_eq!((&record["fullnumber"], &record["hash"]), (&json!("PF 1/2026"), &json!("")));
    let id = record["id"].as_str().unwrap();
    assert_eq!(code(&client.post(&format!("invoices/download/{id}"), &json!({ "invoices": {} })).await), "NOT FOUND");
    assert_eq!(code(&client.get(&format!("invoices/fiscalize/{id}")).await), "OK");
    let again = client.get(&format!("invoices/get/{id}")).await;
    assert_eq!(again["invoices"]["0"]["invoice"]["receipt_fiscal_printed"], "1");
    let mut described = receipt();
    described["description"] = json!("Order 1");
    let refused = client.add(&described).await;
    assert_eq!(
        (code(&refused), &refused["invoices"]["0"]["invoice"]["errors"]["0"]["error"]["field"]),
        ("ERROR", &json!("description"))
    );
    let mut unfiscal = receipt();
    unfiscal["type"] = json!("receipt_normal");
    unfiscal["series"] = json!({ "id": "5010" });
    unfiscal.as_object_mut().unwrap().remove("ereceipt_integration_receipt");
    let refused = client.add(&unfiscal).await;
    assert_eq!(refused["invoices"]["0"]["invoice"]["contractor"]["errors"]["0"]["error"]["field"], "name");
}

#[tokio::test]
async fn numbers_follow_series_period_and_day() {
    let client = Client::start().await;
    let number = |made: &Value| made["invoices"]["0"]["invoice"]["fullnumber"].as_str().unwrap_or_default().to_owned();
    let message = |made: &Value| {
        made["invoices"]["0"]["invoice"]["errors"]["0"]["error"]["message"].as_str().unwrap_or_default().to_owned()
    };
    let of = |date: &str, series: Option<u64>, own: Option<u32>| {
        let mut body = invoice();
        body["date"] = json!(date);
        body.as_object_mut().unwrap().remove("series");
        if let Some(series) = series {
            body["series"] = json!({ "id": series });
        }
        if let Some(own) = own {
            body["number"] = json!(own);
        }
        body
    };
    // The default series begins again each month.
    assert_eq!(number(&client.add(&of("2026-03-05", None, None)).await), "FV 1/03/2026");
    assert_eq!(number(&client.add(&of("2026-03-05", None, None)).await), "FV 2/03/2026");
    assert_eq!(number(&client.add(&of("2026-04-01", None, None)).await), "FV 1/04/2026");
    let refused = client.add(&of("2026-03-04", None, None)).await;
    assert!(message(&refused).starts_with("Nie można wystawić faktury o numerze FV 3/03/2026"), "{refused}");
    assert_eq!(code(&client.add(&of("2026-03-06", None, Some(9))).await), "ERROR", "numbers are the ledger's here");
    // The shop's series takes numbers.
    assert_eq!(number(&client.add(&of("2026-03-10", Some(seed::SHOP), Some(7))).await), "FS 7/2026");
    let refused = client.add(&of("2026-03-11", Some(seed::SHOP), Some(5))).await;
    assert_eq!(
        message(&refused),
        "Nie można wystawić faktury o numerze FS 5/2026 i dacie wystawienia 2026-03-11. Inna faktura o numerze FS 7/2026 \
         ma późniejszy numer i wcześniejszą datę wystawienia 2026-03-10. Operacja naruszyłaby chronologię i poprawność \
         numeracji"
    );
    assert!(message(&client.add(&of("2026-03-10", Some(seed::SHOP), Some(7))).await).contains("już istnieje"));
    assert_eq!(number(&client.add(&of("2026-03-09", Some(seed::SHOP), Some(6))).await), "FS 6/2026");
    assert_eq!(number(&client.add(&of("2026-03-12", Some(seed::SHOP), None)).await), "FS 8/2026");
    let mut draft = of("2026-03-01", Some(seed::SHOP), None);
    draft["type"] = json!("normal_draft");
    assert_eq!(client.add(&draft).await["invoices"]["0"]["invoice"]["fullnumber"], "");
    assert_eq!(code(&client.add(&of("2026-03-12", Some(1), None)).await), "ERROR", "no such series");
    assert_eq!(code(&client.add(&of("2026-03-12", Some(seed::RECEIPTS), None)).await), "ERROR", "of another type");
}

#[tokio::test]
async fn two_adds_with_one_reference_make_two_invoices() {
    let client = Client::start().await;
    let (one, other) = (client.add(&invoice()).await, client.add(&invoice()).await);
    assert_ne!(one["invoices"]["0"]["invoice"]["id"], other["invoices"]["0"]["invoice"]["id"]);
    let shown =
        format!("{}/_sim/documents?company={}&reference=acme-inv-8812", client.simulator.base_url(), seed::COMPANY);
    let shown = read(client.http.get(shown)).await;
    assert_eq!((&shown["count"], &shown["documents"][1]["number"]), (&json!(2), &json!("FS 2/2026")));
    assert_eq!(shown["documents"][0]["totals"]["gross"], "123.00");
}

#[tokio::test]
async fn payments_add_up_and_the_national_system_takes_its_time() {
    let client = Client::start().await;
    client.company(|company| company.ksef_after = Some(1));
    let mut body = invoice();
    body["alreadypaid_initial"] = json!("0");
    let made = client.add(&body).await;
    let record = &made["invoices"]["0"]["invoice"];
    assert_eq!((&record["paymentstate"], &record["ksef_status"]), (&json!("unpaid"), &json!("pending")));
    let id = record["id"].as_str().unwrap();
    let payment = json!({ "object_name": "invoice", "object_id": id, "value": "100.00", "date": "2026-03-06", "payment_method": "transfer" });
    let pay = |payment: Value| json!({ "payments": { "0": { "payment": payment } } });
    assert_eq!(code(&client.post("payments/add", &pay(payment.clone())).await), "OK");
    let unknown = json!({ "object_name": "invoice", "object_id": "1", "value": "1.00", "date": "2026-03-06", "payment_method": "barter" });
    assert_eq!(code(&client.post("payments/add", &pay(unknown)).await), "ERROR");
    let path = format!("invoices/get/{id}");
    let first = client.get(&path).await;
    let record = &first["invoices"]["0"]["invoice"];
    assert_eq!((&record["remaining"], &record["ksef_status"]), (&json!("23.00"), &json!("pending")));
    let second = client.get(&path).await;
    let record = &second["invoices"]["0"]["invoice"];
    assert_eq!(record["ksef_status"], "accepted");
    assert!(record["ksef_reference_number"].as_str().unwrap().starts_with("1234563218-20260701-"), "{record}");
    assert!(client.sold()[0].ksef.is_some());
}
