//! A client of the simulator, and documents that are right.

use serde_json::{Value, json};
use simulators::infakt::{Infakt, seed};
use simulators::stand::{Handle, Options};

pub struct Client {
    pub simulator: Handle<Infakt>,
    pub http: reqwest::Client,
    pub key: &'static str,
}

impl Client {
    pub async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let simulator = Options::<Infakt>::demo().start().await.unwrap();
        Self { simulator, http: reqwest::Client::new(), key: seed::KEY }
    }

    pub fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v3/{path}", self.simulator.base_url()));
        request.header("X-inFakt-ApiKey", self.key)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.ask(reqwest::Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.ask(reqwest::Method::POST, path).json(body)).await
    }

    /// Leaves a task and asks until it ended.
    pub async fn ended(&self, path: &str, body: &Value) -> Value {
        let (status, taken) = self.post(path, body).await;
        assert_eq!((status, &taken["processing_code"]), (201, &json!(100)), "{taken}");
        let resource = if path.contains("corrective") { "corrective_invoices" } else { "invoices" };
        let reference = taken["invoice_task_reference_number"].as_str().unwrap().to_owned();
        for _ in 0..5 {
            let (status, state) = self.get(&format!("async/{resource}/status/{reference}.json")).await;
            assert_eq!(status, 200, "{state}");
            if state["processing_code"].as_u64().unwrap() >= 200 {
                return state;
            }
        }
        panic!("the task does not end");
    }

    /// Makes an invoice and reads it.
    pub async fn created(&self, invoice: &Value) -> Value {
        let state = self.ended("async/invoices.json", &json!({ "invoice": invoice })).await;
        assert_eq!(state["processing_code"], 201, "{state}");
        self.get(&format!("invoices/{}.json", state["invoice_uuid"].as_str().unwrap())).await.1
    }

    /// The texts by field with which a task ends.
    pub async fn refused(&self, invoice: &Value) -> Value {
        let state = self.ended("async/invoices.json", &json!({ "invoice": invoice })).await;
        assert_eq!(state["processing_code"], 422, "{state}");
        assert!(state["invoice_uuid"].is_null());
        state["invoice_errors"].clone()
    }

    pub async fn control(&self, path: &str, body: &Value) {
        let request = self.http.post(format!("{}/_sim/{path}", self.simulator.base_url())).json(body);
        assert_eq!(read(request).await.0, 204);
    }

    pub async fn documents(&self, query: &str) -> Value {
        read(self.http.get(format!("{}/_sim/documents?{query}", self.simulator.base_url()))).await.1
    }
}

pub async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// An invoice that is right.
pub fn invoice() -> Value {
    json!({
        "kind": "vat", "currency": "PLN", "invoice_date": "2026-03-10", "sale_date": "2026-03-09",
        "invoice_date_kind": "sale_date", "payment_method": "transfer", "payment_date": "2026-03-24",
        "client_business_activity_kind": "other_business", "client_company_name": "Zielony Kubek Sp. z o.o.",
        "client_tax_code": "1234563218", "client_street": "Morska", "client_street_number": "5",
        "client_flat_number": "2", "client_post_code": "81-001", "client_city": "Gdynia", "client_country": "PL",
        "notes": "Zam. inv-018f3c",
        "transaction_terms": { "orders": [{ "number": "inv-018f3c", "date": "2026-03-09" }] },
        "services": [
            { "name": "Kubek ceramiczny", "tax_symbol": "23", "quantity": 2, "unit": "szt.", "gross_price": 9840 },
            { "name": "Dostawa kurierem", "tax_symbol": "23", "quantity": 1, "unit": "szt.", "gross_price": 1230 },
        ],
    })
}

/// The same with other members.
pub fn with(mut invoice: Value, changes: Value) -> Value {
    if let Value::Object(changes) = changes {
        for (name, value) in changes {
            invoice[name] = value;
        }
    }
    invoice
}

/// A correction of the first line from two pieces to one.
pub fn correction(of: &Value) -> Value {
    let line = |group: &str, correction: bool, name: &str, quantity: u32, price: u32| {
        json!({ "group": group, "correction": correction, "name": name, "tax_symbol": "23", "quantity": quantity,
                "unit": "szt.", "unit_net_price": price })
    };
    json!({
        "currency": "PLN", "payment_method": "transfer", "client_id": of["client_id"],
        "invoice_date": "2026-03-15", "corrected_invoice_uuid": of["uuid"], "corrected_invoice_number": of["number"],
        "corrected_invoice_date": of["invoice_date"], "correction_reason": "other", "notes": "Zwrot towaru",
        "services": [
            line("1", false, "Kubek ceramiczny", 2, 4000), line("1", true, "Kubek ceramiczny", 1, 4000),
            line("2", false, "Dostawa kurierem", 1, 1000), line("2", true, "Dostawa kurierem", 1, 1000),
        ],
    })
}
