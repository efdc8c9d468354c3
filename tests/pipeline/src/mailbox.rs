//! An office whose client's documents go by mail to an accounting package, as a person sets it up.

use crate::{Person, Pipeline, Ubl};
use chrono::TimeDelta;
use domain::{
    ids::{AdministrationId, DeliveryId, DocumentId, MailConnectionId},
    mail::{Delivery, Home},
};
use serde_json::{Value, json};
use simulators::ses::{Sent, Ses};
use store::Read;

/// An office with a package and a client that is connected to it.
pub struct MailOffice {
    /// Everything else.
    pub p: Pipeline,
    /// Who does it all.
    pub anna: Person,
    /// The package.
    pub package: String,
    /// The client's connection.
    pub connection: String,
}

impl MailOffice {
    /// With this package and this connection: what is left out of them is as usual.
    pub async fn start_with(package: Value, connection: Value) -> Self {
        Box::pin(Self::set_up(package, connection)).await
    }

    async fn set_up(package: Value, connection: Value) -> Self {
        let p = Pipeline::start().await;
        let anna = p.accountant().await;
        p.promote(&anna, p.office.connection).await;
        // What is received waits for a person.
        p.office.change_connection(p.now(), domain::office::Connection::switch_off).await;
        let mut office = Self { p, anna, package: String::new(), connection: String::new() };
        let mut body = json!({ "name": "Visma" });
        merge(&mut body, package);
        office.package = id(&office.ask("POST", "/mail-packages", None, body).await);
        office.connection = office.connect(connection).await;
        // What is shared is shared later than the switch was turned on.
        office.p.advance(TimeDelta::seconds(1));
        office
    }

    /// With two addresses, and everything else as usual.
    pub async fn start() -> Self {
        Self::start_with(json!({}), json!({})).await
    }

    /// Another connection of the client; its id.
    pub async fn connect(&self, connection: Value) -> String {
        let mut body = json!({
            "package": self.package, "share": true,
            "addresses": { "inbound": "in@package.example", "outbound": "out@package.example" }
        });
        merge(&mut body, connection);
        id(&self.ask("POST", &self.of_books("mail-connections"), None, body).await)
    }

    /// Changes the client's connection.
    pub async fn reconnect(&self, change: Value) {
        let path = self.of_books(&format!("mail-connections/{}", self.connection));
        let now = self.ask("GET", &path, None, Value::Null).await;
        let mut body = json!({
            "package": self.package, "share": true,
            "addresses": { "inbound": "in@package.example", "outbound": "out@package.example" }
        });
        merge(&mut body, change);
        let version = u32::try_from(now["version"].as_u64().unwrap()).unwrap();
        self.ask("PUT", &path, Some(version), body).await;
    }

    /// What the API answers to a request that goes well.
    pub async fn ask(&self, method: &str, path: &str, version: Option<u32>, body: Value) -> Value {
        let (status, answer) = self.p.ask(&self.anna, method, path, version, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// The administration.
    pub fn administration(&self) -> AdministrationId {
        self.p.office.administration
    }

    /// A path under the administration.
    pub fn of_books(&self, path: &str) -> String {
        format!("/administrations/{}/{path}", self.administration())
    }

    /// A purchase invoice that was received and accepted; its mails are still to be made.
    pub async fn accepted(&self, ubl: &Ubl) -> DocumentId {
        let document = self.received(ubl).await;
        self.share(document, "accept").await;
        document
    }

    /// A document that was received and read.
    pub async fn received(&self, ubl: &Ubl) -> DocumentId {
        let document = self.p.deliver(ubl).await;
        self.p.run().await;
        document
    }

    /// A person shares a document: `accept`, `mark-sent`, `archive-directly`, `share`.
    pub async fn share(&self, document: DocumentId, how: &str) -> Value {
        self.ask("POST", &format!("/documents/{document}/{how}"), None, Value::Null).await
    }

    /// What SES has, as an independent reader reads it.
    pub fn sent(&self) -> Vec<Sent> {
        self.p.ses.read(Ses::messages)
    }

    /// The one mail that SES has.
    pub fn mail(&self) -> Sent {
        let sent = self.sent();
        let [mail] = sent.as_slice() else { panic!("{} mails", sent.len()) };
        mail.clone()
    }

    /// The deliveries of something.
    pub async fn deliveries(&self, home: impl Into<Home>) -> Vec<Delivery> {
        self.p.office.store().deliveries().of(home.into(), Read::Consistent).await.unwrap().deliveries
    }

    /// The one delivery of a document.
    pub async fn delivery(&self, document: DocumentId) -> Delivery {
        let deliveries = self.deliveries(Home::Received(document)).await;
        let [delivery] = deliveries.as_slice() else { panic!("{deliveries:#?}") };
        delivery.clone()
    }

    /// How the accountant finds a document.
    pub async fn standing(&self, document: DocumentId) -> Value {
        self.ask("GET", &format!("/documents/{document}/deliveries"), None, Value::Null).await
    }

    /// The client's connection.
    pub fn connection(&self) -> MailConnectionId {
        self.connection.parse().unwrap()
    }

    /// The delivery that a mail says it is.
    pub fn delivery_of(sent: &Sent) -> DeliveryId {
        sent.tag("delivery").unwrap().parse().unwrap()
    }
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// Lays fields over others, one level deep.
fn merge(into: &mut Value, other: Value) {
    if let (Value::Object(into), Value::Object(other)) = (into, other) {
        into.extend(other);
    }
}
