//! A tenant with a user for each role, and another tenant; requests as the gateway sends them.

use api::{
    App,
    app::{Parts, Registration},
    auth::Remembered,
    extract::Passage,
    ports::{Invited, Logins, PortError, Runner, Sealer, Waker},
};
use axum::{body::to_bytes, http::HeaderMap};
use base64::Engine as _;
use chrono::TimeDelta;
use domain::{
    contact::OwnIdentifiers,
    document::{Actor, UnitId},
    ids::{AdministrationId, ConnectionId, ContactId, Id, TenantId, UserId},
    ledger::{DirectoryEntry, DirectoryKind, VatCodeKind},
    office::{Access, Administration, Choice, Connection, ConnectionState, Tenant, User, UserState},
    permission::{Role, Roles},
    time::Instant,
};
use futures_util::future::BoxFuture;
use runtime::message::RunMessage;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use store::{
    TenantStore, Writer,
    settings::{AuditFilter, Author, Directory, LoginSubject},
    testing::TestStore,
};
use tower::ServiceExt;

/// Tenant number.
pub const OURS: u64 = 1;
/// Somebody else's.
pub const THEIRS: u64 = 2;

/// The id with this number.
pub fn id<I: Id>(number: u64) -> I {
    I::from_ulid(ulid::Ulid::from_parts(1_760_000_000_000 + number, u128::from(number)))
}

/// An administration that every user of the tenant sees.
pub fn books() -> AdministrationId {
    id(1)
}

/// One that only users with access to all see.
pub fn hidden_books() -> AdministrationId {
    id(2)
}

pub fn connection() -> ConnectionId {
    id(1)
}

pub fn supplier() -> ContactId {
    id(1)
}

pub fn unit() -> UnitId {
    UnitId { connection: connection(), division: Some("123456".parse().unwrap()) }
}

pub fn start() -> Instant {
    "2026-07-01T10:00:00Z".parse().unwrap()
}

/// What a caller shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Nothing.
    None,
    /// An ID token of a tenant's user, by role.
    Of(u64, Role),
    /// An ID token with these claims.
    Claims(Vec<(&'static str, String)>),
}

pub fn superuser() -> Token {
    Token::Of(OURS, Role::Superuser)
}

pub fn accountant() -> Token {
    Token::Of(OURS, Role::Accountant)
}

pub fn client() -> Token {
    Token::Of(OURS, Role::ClientUser)
}

pub fn login(tenant: u64, role: Role) -> String {
    format!("login-{tenant}-{role}")
}

pub fn user_id(role: Role) -> UserId {
    id(1 + Role::ALL.iter().position(|one| *one == role).unwrap() as u64)
}

/// What a fake did, for tests to look at.
#[derive(Default)]
pub struct Seen {
    pub invited: Vec<(TenantId, String)>,
    pub closed: Vec<String>,
    pub removed: Vec<String>,
    pub sealed: Vec<(TenantId, ConnectionId, String)>,
    pub called: Vec<domain::ids::RunId>,
    pub woken: Vec<UnitId>,
    /// Addresses that are logins elsewhere.
    pub taken: BTreeSet<String>,
    /// Nothing outside answers.
    pub outage: bool,
}

#[derive(Clone, Default)]
pub struct Outside(pub Arc<Mutex<Seen>>);

impl Outside {
    fn outage(&self) -> Result<(), PortError> {
        if self.0.lock().unwrap().outage { Err(PortError::new("test", "nobody answers")) } else { Ok(()) }
    }
}

impl Logins for Outside {
    fn invite<'a>(&'a self, tenant: TenantId, email: &'a str) -> BoxFuture<'a, Result<Invited, PortError>> {
        Box::pin(async move {
            self.outage()?;
            let mut seen = self.0.lock().unwrap();
            if seen.taken.contains(email) {
                return Ok(Invited::Taken);
            }
            seen.invited.push((tenant, email.to_owned()));
            Ok(Invited::Login(format!("login of {email}")))
        })
    }

    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.outage()?;
            self.0.lock().unwrap().closed.push(email.to_owned());
            Ok(())
        })
    }

    fn remove<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.outage()?;
            self.0.lock().unwrap().removed.push(email.to_owned());
            Ok(())
        })
    }
}

impl Sealer for Outside {
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        text: &'a str,
    ) -> BoxFuture<'a, Result<String, PortError>> {
        Box::pin(async move {
            self.outage()?;
            self.0.lock().unwrap().sealed.push((tenant, connection, text.to_owned()));
            Ok("c2VhbGVk".to_owned())
        })
    }
}

impl Waker for Outside {
    fn wake<'a>(&'a self, _: TenantId, unit: &'a UnitId) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.outage()?;
            self.0.lock().unwrap().woken.push(unit.clone());
            Ok(())
        })
    }
}

impl Runner for Outside {
    fn call<'a>(&'a self, message: &'a RunMessage) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.outage()?;
            self.0.lock().unwrap().called.push(message.run);
            Ok(())
        })
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Reply {
    /// The answer's body, if the status is this.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Refused with this status and code, as problem details; the details.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", self.text);
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap()
    }
}

/// A request under construction.
pub struct Ask<'a> {
    world: &'a World,
    method: String,
    target: String,
    token: Token,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// An edit of this version.
    pub fn at(self, version: u32) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().as_bytes())
    }

    pub fn bytes(mut self, content_type: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("content-type", content_type)
    }

    pub async fn send(self) -> Reply {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let headers: serde_json::Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let claims = |pairs: &[(&str, String)]| -> Value {
            let claims: BTreeMap<_, _> = pairs.iter().map(|(name, value)| (*name, value.clone())).collect();
            json!({ "jwt": { "claims": claims, "scopes": null } })
        };
        let authorizer = match &self.token {
            Token::None => Value::Null,
            Token::Of(tenant, role) => claims(&[
                ("token_use", "id".to_owned()),
                ("sub", login(*tenant, *role)),
                ("custom:tenant_id", id::<TenantId>(*tenant).to_string()),
            ]),
            Token::Claims(pairs) => claims(pairs),
        };
        // As the gateway sorts content types.
        let is_text = self
            .headers
            .iter()
            .any(|(name, value)| name == "content-type" && (value.starts_with("text/") || value == "application/xml"));
        let body = if is_text {
            String::from_utf8_lossy(&self.body).into_owned()
        } else {
            base64::engine::general_purpose::STANDARD.encode(&self.body)
        };
        let event = json!({
            "version": "2.0",
            "routeKey": "ANY /{proxy+}",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "authorizer": authorizer,
                "http": { "method": self.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
                "stage": "$default",
            },
            "body": body,
            "isBase64Encoded": !is_text,
        });
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = self.world.router.clone().oneshot(Passage::note(request)).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap()).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status: parts.status.as_u16(), headers: parts.headers, text, body }
    }
}

/// Two tenants on one store, and the API over it.
pub struct World {
    pub store: TestStore,
    pub outside: Outside,
    clock: Arc<Mutex<Instant>>,
    router: axum::Router,
}

impl World {
    pub async fn start() -> Self {
        let store = TestStore::start().await;
        let outside = Outside::default();
        let clock = Arc::new(Mutex::new(start()));
        let time = clock.clone();
        let app = App::new(Parts {
            store: store.store().clone(),
            logins: Box::new(outside.clone()),
            sealer: Box::new(outside.clone()),
            waker: Box::new(outside.clone()),
            runner: Box::new(outside.clone()),
            clock: Box::new(move || *time.lock().unwrap()),
            public_url: "https://api.example.nl".to_owned(),
            mail_from: "documents@ledgerpost.example".parse().unwrap(),
            registrations: ["exact-online", "snelstart"]
                .into_iter()
                .map(|system| Registration {
                    name: system.to_owned(),
                    client_id: "our-client-id".to_owned(),
                    endpoint: None,
                })
                .collect(),
            remembered: Remembered::default(),
            known: Mutex::default(),
        });
        let world = Self { store, outside, clock, router: api::router(app) };
        for tenant in [OURS, THEIRS] {
            world.populate(tenant).await;
        }
        world
    }

    pub fn ask(&self, token: &Token, method: &str, target: impl Into<String>) -> Ask<'_> {
        Ask {
            world: self,
            method: method.to_owned(),
            target: target.into(),
            token: token.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub async fn get(&self, token: &Token, target: impl Into<String>) -> Reply {
        self.ask(token, "GET", target).send().await
    }

    pub async fn post(&self, token: &Token, target: impl Into<String>, body: &Value) -> Reply {
        self.ask(token, "POST", target).json(body).send().await
    }

    pub async fn put(&self, token: &Token, target: impl Into<String>, version: u32, body: &Value) -> Reply {
        self.ask(token, "PUT", target).at(version).json(body).send().await
    }

    pub fn now(&self) -> Instant {
        *self.clock.lock().unwrap()
    }

    pub fn wait(&self, seconds: i64) {
        *self.clock.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    pub fn ours(&self) -> TenantStore {
        self.store.store().tenant(id(OURS))
    }

    async fn populate(&self, tenant: u64) {
        let settings = self.store.store().tenant(id(tenant));
        let by = Hand::new("populate");
        let author = by.author();
        let office = Tenant {
            id: id(tenant),
            name: format!("Office {tenant}"),
            event_sources: BTreeSet::new(),
            created_at: start(),
        };
        settings.office().create(&office, &author).await.unwrap();
        // Ids of the other tenant are others, so that ours asked with a foreign token are foreign indeed.
        let shift = (tenant - 1) * 1000;
        for number in [1, 2] {
            let administration = Administration {
                id: id(shift + number),
                name: format!("Administration {number}"),
                time_zone: "Europe/Amsterdam".parse().unwrap(),
                own: OwnIdentifiers { vat_numbers: vec!["NL001234567B01".parse().unwrap()], ..Default::default() },
                unit: None,
                currency: domain::money::Currency::EUR,
                exports: domain::office::ExportRules::default(),
                duplicates: domain::office::DuplicateRules::default(),
                version: 1,
            };
            settings.administrations().create(&administration, &author).await.unwrap();
        }
        for (number, role) in Role::ALL.iter().enumerate() {
            let access = match role {
                Role::Superuser => Access::All,
                _ => Access::Only(BTreeSet::from([id(shift + 1)])),
            };
            let user = User {
                id: id(shift + 1 + number as u64),
                email: format!("{role}@office{tenant}.nl"),
                name: role.to_string(),
                roles: Roles::new([*role]).unwrap(),
                access,
                ledger_users: BTreeMap::new(),
                may_change_ibans: Choice::No,
                state: UserState::Active,
                version: 1,
            };
            let login = LoginSubject::new(login(tenant, *role));
            settings.users().create(&user, Some(&login), &author).await.unwrap();
        }
    }

    /// A connection in which somebody has signed in, with a division for the first administration and its directories.
    pub async fn connect(&self) {
        let settings = self.ours();
        let by = Hand::new("connect");
        let author = by.author();
        let connection = Connection {
            id: connection(),
            system: "exact-online".parse().unwrap(),
            name: "Exact".to_owned(),
            state: ConnectionState::Connected,
            licence_country: "NL".to_owned(),
            intermediary: None,
            create_contacts: Choice::No,
            options: BTreeMap::new(),
            ledger_user: Some("robot".parse().unwrap()),
            divisions: BTreeMap::from([(books(), "123456".parse().unwrap())]),
            automation: domain::automation::AutomationSwitch::Off,
            automation_user: None,
            version: 1,
        };
        settings.connections().create(&connection, &author).await.unwrap();
        let before = settings.administrations().get(books(), store::Read::Consistent).await.unwrap().unwrap();
        let after = Administration { unit: Some(unit()), version: before.version + 1, ..before.clone() };
        settings.administrations().replace(&before, &after, &author).await.unwrap();
        let entry = |code: &str| DirectoryEntry { code: code.to_owned(), name: code.to_owned(), ..Default::default() };
        let vat = |code: &str, kind| DirectoryEntry { vat: Some(kind), ..entry(code) };
        let lists = [
            (DirectoryKind::LedgerAccounts, vec![entry("4600"), DirectoryEntry { blocked: true, ..entry("4699") }]),
            (
                DirectoryKind::VatCodes,
                vec![
                    vat("4", VatCodeKind::Rate { percent: Decimal::from(21) }),
                    vat("0", VatCodeKind::None),
                    DirectoryEntry {
                        direction: Some(domain::ledger::Direction::Sales),
                        ..vat("5", VatCodeKind::Rate { percent: Decimal::from(21) })
                    },
                ],
            ),
        ];
        for (kind, entries) in lists {
            let directory = Directory { entries, fetched_at: start() };
            settings.directories().put(&unit(), kind, &directory).await.unwrap();
        }
        let whole = UnitId { connection: connection.id, division: None };
        let divisions = Directory { entries: vec![entry("123456"), entry("123457")], fetched_at: start() };
        settings.directories().put(&whole, DirectoryKind::Divisions, &divisions).await.unwrap();
    }

    /// A supplier in the first administration.
    pub async fn add_supplier(&self) {
        let contact = domain::contact::Contact {
            id: supplier(),
            direction: domain::ledger::Direction::Purchase,
            name: "Molen".to_owned(),
            vat_number: Some("NL999999990B01".parse().unwrap()),
            registry_number: None,
            ibans: Vec::new(),
            other_accounts: Vec::new(),
            payment_days: None,
            ledger_contact: None,
            version: 1,
        };
        let by = Hand::new("supplier");
        self.ours().contacts(books()).create(&contact, &by.author()).await.unwrap();
    }

    /// The supplier's posting template, put through the API.
    pub async fn add_template(&self) {
        self.put_template(&template()).await.ok(200);
    }

    pub async fn put_template(&self, body: &Value) -> Reply {
        let path = format!("/administrations/{}/contacts/{}/template", books(), supplier());
        self.ask(&accountant(), "PUT", path).json(body).send().await
    }

    /// Links the accountant to a user of the ledger.
    pub async fn link_accountant(&self) {
        let users = self.ours().users();
        let before = users.get(user_id(Role::Accountant), store::Read::Consistent).await.unwrap().unwrap();
        let ledger_users = BTreeMap::from([(connection(), "anna".parse().unwrap())]);
        let after = User { ledger_users, version: before.version + 1, ..before.clone() };
        users.replace(&before, &after, &Hand::new("link").author()).await.unwrap();
    }

    /// What the audit record says was done, newest first.
    pub async fn audited(&self) -> Vec<(String, String)> {
        let entries = self.ours().audit().list(&AuditFilter::default(), None, 50).await.unwrap().items;
        entries.into_iter().map(|entry| (entry.what, entry.by.to_string())).collect()
    }
}

/// A posting template for standard rated purchases.
pub fn template() -> Value {
    json!({ "lines": [
        { "category": "S", "rate": "21", "account": "4600", "vat_code": "4", "description": "[contact] [invoice number]" }
    ] })
}

/// The author of what stands before a test begins.
pub struct Hand {
    by: Actor,
    writer: Writer,
}

impl Hand {
    pub fn new(what: &str) -> Self {
        Self { by: Actor::Operator, writer: Writer::new(what, 1) }
    }

    pub fn author(&self) -> Author<'_> {
        Author { by: &self.by, at: start(), writer: &self.writer }
    }
}
