//! A client of the simulator that knows only the protocol, and a message that is right.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde_json::Value;
use simulators::clock::Clock;
use simulators::ses::{Ses, seed};
use simulators::stand::{Handle, Options};

/// An authorization of the right form.
pub const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260701/eu-west-1/ses/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date, \
    Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Its date.
pub const DATE: &str = "20260701T120000Z";

pub struct Client {
    pub simulator: Handle<Ses>,
    pub http: reqwest::Client,
}

/// The fields of a form.
pub type Form = Vec<(String, String)>;

impl Client {
    pub async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let noon: DateTime<Utc> = "2026-07-01T12:00:00Z".parse().unwrap();
        let simulator = Options::<Ses>::demo().clock(&Clock::stopped(noon)).start().await.unwrap();
        Self { simulator, http: reqwest::Client::new() }
    }

    /// A call that is signed.
    pub fn ask(&self, form: &Form) -> reqwest::RequestBuilder {
        self.unsigned(form).header("authorization", AUTHORIZATION).header("x-amz-date", DATE)
    }

    pub fn unsigned(&self, form: &Form) -> reqwest::RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}/", self.simulator.base_url())).body(body);
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    pub async fn call(&self, form: &Form) -> (u16, String) {
        read(self.ask(form)).await
    }

    /// Sends a message; its id.
    pub async fn send(&self, raw: &str, fields: &[(&str, &str)]) -> String {
        let (status, answer) = self.call(&send(raw, fields)).await;
        assert_eq!(status, 200, "{answer}");
        between(&answer, "MessageId").unwrap_or_else(|| panic!("no id in {answer}"))
    }

    /// Sends a message that is refused with 400; code and text.
    pub async fn refused(&self, raw: &str, fields: &[(&str, &str)]) -> (String, String) {
        let before = self.simulator.read(|ses| ses.taken.len());
        let (status, answer) = self.call(&send(raw, fields)).await;
        assert_eq!(status, 400, "{answer}");
        assert_eq!(before, self.simulator.read(|ses| ses.taken.len()), "what is refused is not kept");
        assert!(answer.contains("<Type>Sender</Type>"), "{answer}");
        (between(&answer, "Code").unwrap(), between(&answer, "Message").unwrap())
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, text) = read(self.http.get(format!("{}{path}", self.simulator.base_url()))).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn control(&self, path: &str, body: &Value) -> u16 {
        let request = self.http.post(format!("{}/_sim/{path}", self.simulator.base_url())).json(body);
        request.send().await.unwrap().status().as_u16()
    }

    /// The documents of the events that wait, taken out of their envelopes.
    pub fn events(&self) -> Vec<Value> {
        let bodies = self.simulator.change(Ses::take_events);
        bodies.iter().map(|body| document(body)).collect()
    }
}

/// The document in the envelope of a notification.
pub fn document(body: &str) -> Value {
    let envelope: Value = serde_json::from_str(body).unwrap();
    assert_eq!(envelope["Type"], "Notification");
    serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap()
}

pub async fn read(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// What is in the first element of a name.
pub fn between(xml: &str, element: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{element}>"))?;
    rest.split_once(&format!("</{element}>")).map(|(text, _)| text.to_owned())
}

pub fn action(name: &str, fields: &[(&str, &str)]) -> Form {
    let usual = [("Action", name), ("Version", "2010-12-01")];
    usual.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A call that sends a message.
pub fn send(raw: &str, fields: &[(&str, &str)]) -> Form {
    send_bytes(raw.as_bytes(), fields)
}

pub fn send_bytes(raw: &[u8], fields: &[(&str, &str)]) -> Form {
    let mut form = action("SendRawEmail", fields);
    form.push(("RawMessage.Data".to_owned(), BASE64_STANDARD.encode(raw)));
    form
}

/// The field that names our configuration set.
pub const SET: (&str, &str) = ("ConfigurationSetName", seed::CONFIGURATION_SET);

/// A message that is right, to an address.
pub fn plain(to: &str) -> String {
    format!(
        "From: =?UTF-8?Q?Sklep_=C5=81ad?= <shop@mail.ledgerpost.example>\r\nTo: {to}\r\nSubject: =?UTF-8?Q?Faktura_=C5=BB/1?=\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         Dzie=C5=84 dobry\r\n"
    )
}

/// One with a text, a page and a file.
pub fn with_file(to: &str, name: &str, bytes: &[u8]) -> String {
    let file = BASE64_STANDARD.encode(bytes);
    let lines: Vec<String> =
        file.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!(
        "From: shop@mail.ledgerpost.example\r\nTo: {to}\r\nSubject: Invoice 1\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n--outer\r\n\
         Content-Type: multipart/alternative; boundary=\"inner\"\r\n\r\n--inner\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n--inner\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n--inner--\r\n--outer\r\n\
         Content-Type: application/pdf; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--outer--\r\n",
        lines.join("\r\n")
    )
}
