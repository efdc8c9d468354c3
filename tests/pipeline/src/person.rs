//! A person of the office at the HTTP API: requests as the gateway sends them, to the real router.

use crate::{Pipeline, vault::OpenVault};
use api::{
    App,
    app::{Parts, Registration},
    auth::Remembered,
    ports::{Invited, Lazy, Logins, PortError, Sealer, Waker},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_push::Vault as _;
use domain::{
    document::{Actor, UnitId},
    ids::{ConnectionId, Id, TenantId, UserId},
    office::{Access, Choice, User, UserState},
    permission::{Role, Roles},
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Mutex};
use store::{
    Read,
    settings::{Author, LoginSubject},
};
use tower::ServiceExt as _;

/// An accountant who is linked to a user of the ledger.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub user: UserId,
    login: String,
}

/// Nothing outside is reached by what these flows ask for; woken units are found by their turns.
struct Nobody;

impl Logins for Nobody {
    fn invite<'a>(&'a self, _: TenantId, email: &'a str) -> BoxFuture<'a, Result<Invited, PortError>> {
        Box::pin(async move { Ok(Invited::Login(email.to_owned())) })
    }

    fn remove<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async { Ok(()) })
    }

    fn close<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async { Ok(()) })
    }
}

impl Sealer for Nobody {
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        text: &'a str,
    ) -> BoxFuture<'a, Result<String, PortError>> {
        Box::pin(async move {
            let sealed = OpenVault.seal(tenant, connection, text.as_bytes()).await;
            sealed.map(|sealed| STANDARD.encode(sealed)).map_err(|error| PortError::new("seal", error.to_string()))
        })
    }
}

impl Waker for Nobody {
    fn wake<'a>(&'a self, _: TenantId, _: &'a UnitId) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async { Ok(()) })
    }
}

impl Pipeline {
    /// An accountant of the office signs in.
    pub async fn accountant(&self) -> Person {
        let user = User {
            id: UserId::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, 99)),
            email: "anna@example.nl".to_owned(),
            name: "Anna".to_owned(),
            roles: Roles::new([Role::Accountant]).unwrap(),
            access: Access::All,
            ledger_users: BTreeMap::from([(self.office.connection, "anna".parse().unwrap())]),
            may_change_ibans: Choice::No,
            state: UserState::Active,
            version: 1,
        };
        let now = self.now();
        let writer = crate::office::unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        let login = "anna".to_owned();
        self.office.store().users().create(&user, Some(&LoginSubject::new(login.clone())), &author).await.unwrap();
        Person { user: user.id, login }
    }

    /// Somebody with these roles signs in, once.
    pub async fn person(&self, name: &str, roles: &[Role]) -> Person {
        let number = name.bytes().fold(1_000_u128, |number, byte| number * 31 + u128::from(byte));
        let user = User {
            id: UserId::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, number)),
            email: format!("{name}@example.nl"),
            name: name.to_owned(),
            roles: Roles::new(roles.iter().copied()).unwrap(),
            access: Access::All,
            ledger_users: BTreeMap::new(),
            may_change_ibans: Choice::No,
            state: UserState::Active,
            version: 1,
        };
        let now = self.now();
        let writer = crate::office::unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        let login = LoginSubject::new(name.to_owned());
        self.office.store().users().create(&user, Some(&login), &author).await.unwrap();
        Person { user: user.id, login: name.to_owned() }
    }

    /// Changes somebody's roles.
    pub async fn change_roles(&self, who: &Person, roles: &[Role]) {
        let users = self.office.store().users();
        let before = users.get(who.user, Read::Consistent).await.unwrap().unwrap();
        let roles = Roles::new(roles.iter().copied()).unwrap();
        let after = User { version: before.version + 1, roles, ..before.clone() };
        let now = self.now();
        let writer = crate::office::unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        users.replace(&before, &after, &author).await.unwrap();
    }

    /// The same accountant is a Superuser as well, and linked to a connection of his own.
    pub async fn promote(&self, who: &Person, connection: ConnectionId) {
        let users = self.office.store().users();
        let before = users.get(who.user, Read::Consistent).await.unwrap().unwrap();
        let mut after = User { version: before.version + 1, ..before.clone() };
        after.roles = Roles::new([Role::Superuser, Role::Accountant]).unwrap();
        after.ledger_users.insert(connection, "anna".parse().unwrap());
        let now = self.now();
        let writer = crate::office::unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        users.replace(&before, &after, &author).await.unwrap();
    }

    /// Lets a person administer, and do nothing with documents any more.
    pub async fn demote(&self, who: &Person) {
        let users = self.office.store().users();
        let before = users.get(who.user, Read::Consistent).await.unwrap().unwrap();
        let roles = Roles::new([Role::Superuser]).unwrap();
        let after = User { version: before.version + 1, roles, ..before.clone() };
        let writer = crate::office::unique(self.now());
        let author = Author { by: &Actor::Operator, at: self.now(), writer: &writer };
        users.replace(&before, &after, &author).await.unwrap();
    }

    /// A request of a person; the status and the body of the answer. `version` is what he saw.
    pub async fn ask(&self, who: &Person, method: &str, path: &str, version: Option<u32>, body: Value) -> (u16, Value) {
        let version = version.map(|version| format!("\"{version}\""));
        let mut headers: Vec<(&str, &str)> = version.iter().map(|version| ("if-match", version.as_str())).collect();
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
        }
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(who, method, path, &headers, bytes).await
    }

    /// A request with these headers and this body, which need not be JSON.
    pub async fn send(
        &self,
        who: &Person,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (u16, Value) {
        let now = self.now();
        let app = App::new(Parts {
            store: self.store.store().clone(),
            logins: Box::new(Nobody),
            sealer: Box::new(Nobody),
            waker: Box::new(Nobody),
            runner: Box::new(Lazy::new(Box::new({
                let cloud = self.cloud.clone();
                move || cloud.queue(crate::Queue::Exports)
            }))),
            clock: Box::new(move || now),
            public_url: "https://api.example.nl".to_owned(),
            mail_from: crate::SENDER.parse().unwrap(),
            registrations: ledgers::catalogue()
                .iter()
                .map(|ledger| ledger.system)
                // An installation of a customer's own.
                .chain(["multivers/jansen"])
                .map(|name| Registration { name: name.to_owned(), client_id: "id".to_owned(), endpoint: None })
                .collect(),
            remembered: Remembered::default(),
            known: Mutex::default(),
        });
        let headers: serde_json::Map<String, Value> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let claims = json!({ "token_use": "id", "sub": who.login, "custom:tenant_id": self.office.tenant.to_string() });
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let event = json!({
            "version": "2.0", "routeKey": "ANY /{proxy+}", "rawPath": path, "rawQueryString": query, "headers": headers,
            "requestContext": {
                "authorizer": { "jwt": { "claims": claims, "scopes": null } },
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
                "stage": "$default",
            },
            "body": STANDARD.encode(body),
            "isBase64Encoded": true,
        });
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = api::router(app).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}
