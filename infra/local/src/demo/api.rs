//! The HTTP API and the ledger's simulator, as a client sees them.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::{
    Agent, Body,
    http::{Response, StatusCode},
};

use crate::{aws::text, failure::Failure};

/// No request takes longer unless something hangs.
const PATIENCE: Duration = Duration::from_mins(1);
/// No answer is longer.
const BODY_LIMIT: u64 = 64 * 1024 * 1024;
/// How often a request is repeated that the other side could not answer at the moment.
const ATTEMPTS: u32 = 3;

/// A server with one address, spoken to under one name.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// What is sent along.
#[derive(Debug, Clone, Copy)]
pub enum Payload<'a> {
    /// Nothing.
    None,
    /// JSON.
    Json(&'a Value),
    /// Bytes of this media type, under this file name when they have one.
    Bytes {
        /// The media type.
        media: &'a str,
        /// Name of the file.
        name: Option<&'a str>,
        /// The content.
        bytes: &'a [u8],
    },
}

/// A request. Those with a key may be sent again without doing anything twice.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Method.
    pub method: &'static str,
    /// Path and query.
    pub path: &'a str,
    /// What is sent along.
    pub payload: Payload<'a>,
    /// The version that was seen, for edits.
    pub seen: Option<u64>,
    /// The caller's name for the request.
    pub key: Option<&'a str>,
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(base: String) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE));
        Self { agent: config.build().into(), base, token: None }
    }

    /// The same under the name of somebody who has signed in.
    pub fn with_token(&self, token: String) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    /// What is at a path.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.find(path)?.ok_or_else(|| refused("GET", path, "there is no such thing"))
    }

    /// What is at a path, if anything is.
    pub fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Failure> {
        let request = Request { method: "GET", path, payload: Payload::None, seen: None, key: None };
        let mut response = self.patiently(request)?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(None),
            _ => answer(&request, &mut response).map(Some),
        }
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(Request { method: "POST", path, payload: Payload::Json(body), seen: None, key: None })
    }

    /// Puts JSON in the place of what was seen at a version, or where nothing was.
    pub fn put(&self, path: &str, seen: Option<&Value>, body: &Value) -> Result<Value, Failure> {
        let seen = seen.and_then(|seen| seen.get("version")).and_then(Value::as_u64);
        self.send(Request { method: "PUT", path, payload: Payload::Json(body), seen, key: None })
    }

    /// Sends a request and reads its answer.
    pub fn send<T: DeserializeOwned>(&self, request: Request<'_>) -> Result<T, Failure> {
        let mut response = self.patiently(request)?;
        answer(&request, &mut response)
    }

    /// Follows a redirection once, as a browser does that comes from another site, and says where it leads.
    pub fn redirection(&self, url: &str) -> Result<String, Failure> {
        let response = self.agent.get(url).call().map_err(|error| refused("GET", url, &error.to_string()))?;
        let location = response.headers().get("location").and_then(|location| location.to_str().ok());
        location.map(str::to_owned).ok_or_else(|| refused("GET", url, &format!("{} and no way on", response.status())))
    }

    /// Opens a page.
    pub fn open(&self, url: &str) -> Result<(), Failure> {
        let mut response = self.agent.get(url).call().map_err(|error| refused("GET", url, &error.to_string()))?;
        if response.status().is_success() {
            return Ok(());
        }
        let said = response.body_mut().read_to_string().unwrap_or_default();
        Err(refused("GET", url, &said))
    }

    /// What is at an address that opens without a name, as text.
    pub fn download(&self, url: &str) -> Result<String, Failure> {
        let mut response = self.agent.get(url).call().map_err(|error| refused("GET", url, &error.to_string()))?;
        let said = response.body_mut().read_to_string().map_err(|error| refused("GET", url, &error.to_string()))?;
        if response.status().is_success() { Ok(said) } else { Err(refused("GET", url, &said)) }
    }

    /// The same as bytes.
    pub fn bytes(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let mut response = self.agent.get(url).call().map_err(|error| refused("GET", url, &error.to_string()))?;
        let said = response.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
        let said = said.map_err(|error| refused("GET", url, &error.to_string()))?;
        let is_good = response.status().is_success();
        if is_good { Ok(said) } else { Err(refused("GET", url, &String::from_utf8_lossy(&said))) }
    }

    /// Repeats what was not possible at the moment and does no harm twice.
    fn patiently(&self, request: Request<'_>) -> Result<Response<Body>, Failure> {
        let repeatable = request.method == "GET" || request.key.is_some();
        let mut attempt = 1;
        loop {
            let response = self.once(request);
            let busy = match &response {
                Ok(response) => response.status().is_server_error() || response.status() == 429,
                Err(_) => true,
            };
            if !busy || !repeatable || attempt == ATTEMPTS {
                return response.map_err(|error| refused(request.method, request.path, &error.to_string()));
            }
            std::thread::sleep(Duration::from_millis(300) * attempt);
            attempt += 1;
        }
    }

    /// Sends a request once and takes whatever answer comes.
    pub fn once(&self, request: Request<'_>) -> Result<Response<Body>, ureq::Error> {
        let mut builder =
            ureq::http::Request::builder().method(request.method).uri(format!("{}{}", self.base, request.path));
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        if let Some(seen) = request.seen {
            builder = builder.header("if-match", format!("\"{seen}\""));
        }
        if let Some(key) = request.key {
            builder = builder.header("idempotency-key", key);
        }
        match request.payload {
            Payload::None => self.agent.run(builder.body(())?),
            Payload::Json(json) => {
                self.agent.run(builder.header("content-type", "application/json").body(json.to_string())?)
            }
            Payload::Bytes { media, name, bytes } => {
                builder = builder.header("content-type", media);
                if let Some(name) = name {
                    builder = builder.header("content-disposition", format!("attachment; filename=\"{name}\""));
                }
                self.agent.run(builder.body(bytes)?)
            }
        }
    }
}

/// The body of an answer, or what the problem is in the server's own words.
fn answer<T: DeserializeOwned>(request: &Request<'_>, response: &mut Response<Body>) -> Result<T, Failure> {
    let body = response.body_mut().with_config().limit(BODY_LIMIT).read_to_string();
    let body = body.map_err(|error| refused(request.method, request.path, &error.to_string()))?;
    if response.status().is_success() {
        let json = if body.is_empty() { "null" } else { &body };
        return serde_json::from_str(json)
            .map_err(Failure::unexpected(&format!("{} {}", request.method, request.path)));
    }
    let problem: Value = serde_json::from_str(&body).unwrap_or_default();
    let said = match text(&problem, "/detail") {
        "" => body.as_str(),
        detail => detail,
    };
    Err(refused(request.method, request.path, &format!("{}: {said}", response.status())))
}

fn refused(method: &str, path: &str, message: &str) -> Failure {
    Failure::Cloud { operation: format!("{method} {path}"), message: message.to_owned() }
}
