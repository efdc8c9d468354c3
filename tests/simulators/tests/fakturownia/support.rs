//! A client of the simulator, and documents that are right.

use serde_json::{Value, json};
use simulators::fakturownia::{Fakturownia, seed};
use simulators::stand::{Handle, Options};

pub struct Client {
    pub simulator: Handle<Fakturownia>,
    pub http: reqwest::Client,
    pub token: String,
}

impl Client {
    pub async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let simulator = Options::<Fakturownia>::demo().start().await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { simulator, http, token: seed::TOKEN.to_owned() }
    }

    pub fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.home())).bearer_auth(&self.token)
    }

    pub fn home(&self) -> String {
        format!("{}/{}", self.simulator.base_url(), seed::PREFIX)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.ask(reqwest::Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.ask(reqwest::Method::POST, path).json(body)).await
    }

    pub async fn create(&self, invoice: &Value) -> (u16, Value) {
        self.post("invoices.json", &json!({ "invoice": invoice })).await
    }

    pub async fn created(&self, invoice: &Value) -> Value {
        let (status, made) = self.create(invoice).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    pub async fn control(&self, path: &str, body: &Value) {
        let request = self.http.post(format!("{}/_sim/{path}", self.simulator.base_url())).json(body);
        assert_eq!(read(request).await.0, 204);
    }

    pub async fn account(&self, mut change: Value) {
        change["account"] = json!(seed::PREFIX);
        self.control("account", &change).await;
    }

    pub fn count(&self) -> usize {
        self.simulator.read(|state| state.account(seed::PREFIX).unwrap().documents.len())
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
        "kind": "vat", "number": null, "department_id": seed::SHOP, "issue_date": "2026-03-10",
        "sell_date": "2026-03-09", "place": "Gdańsk", "buyer_company": true, "buyer_name": "Zielony Kubek Sp. z o.o.",
        "buyer_tax_no": "1234563218", "buyer_street": "Morska 5/2", "buyer_post_code": "81-001",
        "buyer_city": "Gdynia", "buyer_country": "PL", "buyer_email": "biuro@zielonykubek.example",
        "payment_type": "transfer", "payment_to_kind": "other_date", "payment_to": "2026-03-24",
        "status": "issued", "currency": "PLN", "lang": "pl", "oid": "inv-018f3c", "oid_unique": "yes",
        "positions": [
            { "name": "Kubek ceramiczny", "code": "MUG-01", "quantity": 2, "quantity_unit": "szt", "tax": 23,
              "total_price_gross": 98.40 },
            { "name": "Dostawa kurierem", "quantity": 1, "quantity_unit": "szt", "tax": 23, "total_price_gross": 12.30 },
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
    let side = |kind: &str, quantity: &str, gross: &str| json!({ "name": "Kubek ceramiczny", "quantity": quantity, "tax": "23", "total_price_gross": gross, "kind": kind });
    with(
        invoice(),
        json!({
            "kind": "correction", "invoice_id": of, "from_invoice_id": of, "correction_reason": "Zwrot towaru",
            "oid": "cor-018f99", "issue_date": "2026-03-15",
            "positions": [{
                "name": "Kubek ceramiczny", "code": "MUG-01", "quantity": -1, "tax": 23, "total_price_gross": "-49.20",
                "kind": "correction",
                "correction_before_attributes": side("correction_before", "2", "98.40"),
                "correction_after_attributes": side("correction_after", "1", "49.20"),
            }],
        }),
    )
}
