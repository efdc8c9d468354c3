//! A client that speaks to the simulator the way a connector does.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::exact::{Guid, Handle, Language, Options, Simulator, seed};

/// A Wednesday, 1 July 2026, noon.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_782_907_200, 0).expect("in range")
}

/// A simulator with the demo seed, a clock that stands still, and an English-speaking user.
pub async fn start() -> Handle {
    let options = Options::demo().clock(&Clock::stopped(noon()));
    let exact = Simulator::start(options).await.expect("the simulator starts");
    speak(&exact, Language::En);
    exact
}

pub fn speak(exact: &Handle, language: Language) {
    exact.change(|state| state.users.get_mut(&seed::USER).expect("the user").language = language);
}

pub fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The object of a single answer.
    pub fn d(&self) -> Value {
        self.json()["d"].clone()
    }

    /// The records of a list.
    pub fn results(&self) -> Vec<Value> {
        self.json()["d"]["results"].as_array().unwrap_or_else(|| panic!("no list: {self:?}")).clone()
    }

    /// The sentence of an error.
    pub fn message(&self) -> String {
        self.json()["error"]["message"]["value"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }
}

/// A connected client.
pub struct Client {
    pub http: reqwest::Client,
    pub base: String,
    pub token: String,
    pub division: i32,
}

/// What every client of these tests is made from. The simulator speaks no TLS, but a client wants to know whose to take.
pub fn http() -> reqwest::ClientBuilder {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
}

impl Client {
    pub fn connect(exact: &Handle) -> Self {
        let tokens = exact.connect(seed::APP, seed::USER);
        Self { token: tokens.access_token, ..Self::anonymous(exact) }
    }

    /// A client without a token.
    pub fn anonymous(exact: &Handle) -> Self {
        let http = http().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { http, base: exact.base_url().to_owned(), token: String::new(), division: seed::DIVISION }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{}/{path}", self.base, self.division)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
        let request = request.header("Accept", "application/json");
        let response = request.bearer_auth(&self.token).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, text: response.text().await? })
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        self.send(self.http.get(self.url(path)).query(query)).await.expect("an answer")
    }

    pub async fn get_url(&self, url: &str) -> Reply {
        self.send(self.http.get(url)).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.try_post(path, body).await.expect("an answer")
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Reply, reqwest::Error> {
        self.send(self.http.post(self.url(path)).json(body)).await
    }

    /// Posts a body as it is written here.
    pub async fn post_text(&self, path: &str, body: &str) -> Reply {
        let request = self.http.post(self.url(path)).header("Content-Type", "application/json").body(body.to_owned());
        self.send(request).await.expect("an answer")
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(self.http.put(self.url(path)).json(body)).await.expect("an answer")
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.http.delete(self.url(path))).await.expect("an answer")
    }
}

/// The id of a relation of the first administration.
pub fn relation(exact: &Handle, code: &str) -> Guid {
    exact.read(|state| {
        let books = state.division(seed::DIVISION).expect("the division");
        books.account_by_code(code).expect("the relation").id
    })
}

/// The id of a ledger account of the first administration.
pub fn gl(exact: &Handle, code: &str) -> Guid {
    exact.read(|state| {
        let books = state.division(seed::DIVISION).expect("the division");
        books.gl_account_by_code(code).expect("the ledger account").id
    })
}

/// A line on a ledger account with a VAT code; the amount is JSON text.
pub fn line(exact: &Handle, gl_code: &str, amount: &str, vat_code: &str) -> Value {
    let amount: Value = serde_json::from_str(amount).expect("a number");
    json!({"GLAccount": gl(exact, gl_code).to_string(), "AmountFC": amount, "VATCode": vat_code})
}

/// A purchase entry of the demo supplier.
pub fn purchase(exact: &Handle, lines: &[Value]) -> Value {
    json!({
        "Journal": "60",
        "Supplier": relation(exact, seed::SUPPLIER).to_string(),
        "EntryDate": "2026-07-01T00:00:00",
        "YourRef": "F-2026-118",
        "PurchaseEntryLines": lines,
    })
}

/// A sales entry of the demo customer.
pub fn sale(exact: &Handle, lines: &[Value]) -> Value {
    json!({
        "Journal": "70",
        "Customer": relation(exact, seed::CUSTOMER).to_string(),
        "EntryDate": "2026-07-01T00:00:00",
        "SalesEntryLines": lines,
    })
}

/// The same with another value.
pub fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

pub const PURCHASES: &str = "purchaseentry/PurchaseEntries";
pub const SALES: &str = "salesentry/SalesEntries";
