//! Who is calling. The gateway has checked the token's signature, issuer, audience and life; here its claims are read, and
//! everything else about the user (roles, administrations, whether he is still active) comes from the settings.

use crate::{
    app::App,
    problem::{Answer, Code, Problem},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Extensions, HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::{
    document::Actor,
    ids::{AdministrationId, TaskId, TenantId, UserId},
    office::{Choice, User, UserState},
    permission::{Permission, Role},
    time::Instant,
    words::Language,
};
use lambda_http::request::RequestContext;
use sales::Desk;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::{TenantStore, Writer, settings::Author};

/// For so long a user is remembered: a role that is taken away holds at most this long, in seconds.
pub const REMEMBERED_SECONDS: i64 = 60;
/// The most users that are remembered.
const REMEMBERED_MAX: usize = 2_000;

/// What the ID token says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claims {
    /// Whose data may be seen: set once when the login was made, writable by no client.
    pub tenant: TenantId,
    /// The login.
    pub login: String,
}

impl Claims {
    /// From the context that the gateway's authorizer gives. Nothing else is accepted as proof.
    pub fn of(extensions: &Extensions) -> Answer<Self> {
        let claims = match extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref()).map(|jwt| &jwt.claims)
            }
            Some(_) | None => None,
        };
        let claims = claims.ok_or_else(|| {
            let detail = "Sign in and send the ID token in the header Authorization: Bearer <token>.";
            Problem::new(Code::NotSignedIn, detail)
        })?;
        let refused = |detail: &str| Problem::new(Code::IdTokenWanted, detail);
        let claim = |name: &str| claims.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if claim("token_use") != Some("id") {
            return Err(refused("Send the ID token, not the access token."));
        }
        let login = claim("sub").ok_or_else(|| refused("The ID token names no login."))?;
        let tenant = claim("custom:tenant_id")
            .and_then(|tenant| tenant.parse().ok())
            .ok_or_else(|| refused("The ID token names no tenant: this login was not made by an invitation."))?;
        Ok(Self { tenant, login: login.to_owned() })
    }
}

/// The caller: a user of a tenant whose request was let through.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: Arc<User>,
    /// When the request came.
    pub now: Instant,
    /// Id of the request.
    pub request: Arc<str>,
    /// The language in which he reads, by `Accept-Language`.
    pub language: Language,
}

impl Caller {
    /// The caller in a document's history.
    pub fn actor(&self) -> Actor {
        Actor::User(self.user.id)
    }

    /// The writer of this request's first write.
    pub fn writer(&self) -> Writer {
        Writer::new(&self.request, 1)
    }

    /// Issues documents and sends them on their way on behalf of the caller.
    pub fn desk<'a>(&'a self, tenant: &'a TenantStore) -> Desk<'a> {
        Desk { tenant, by: self.user.id, now: self.now, request: &self.request }
    }

    /// Who changes a setting, for one write of this request: they are counted from 1.
    pub fn hand(&self, write: u32) -> Hand {
        Hand { actor: self.actor(), at: self.now, writer: Writer::new(&self.request, write) }
    }

    /// Refuses unless a role of the user gives the permission.
    pub fn must(&self, permission: Permission) -> Answer<()> {
        self.must_any(&[permission])
    }

    /// Refuses unless a role of the user gives one of the permissions.
    pub fn must_any(&self, permissions: &[Permission]) -> Answer<()> {
        if permissions.iter().any(|permission| self.user.roles.permit(*permission)) {
            return Ok(());
        }
        let wanted: Vec<_> = permissions.iter().map(|permission| permission.as_str()).collect();
        let roles: Vec<_> = Role::ALL
            .iter()
            .filter(|role| permissions.iter().any(|permission| role.permits(*permission)))
            .map(|role| role.as_str())
            .collect();
        let detail = format!(
            "This needs the permission {}, which these roles give: {}. Ask a Superuser of your office.",
            wanted.join(" or "),
            roles.join(", ")
        );
        Err(Problem::new(Code::NotPermitted, detail))
    }

    /// Whether the user may see an administration.
    pub fn covers(&self, administration: AdministrationId) -> bool {
        self.user.access.covers(administration)
    }

    /// Whether the user may change bank accounts of contacts (AP-61).
    pub fn may_change_ibans(&self) -> bool {
        self.user.may_change_ibans == Choice::Yes || self.user.roles.contains(Role::Superuser)
    }
}

/// The author of one change of a setting.
pub struct Hand {
    actor: Actor,
    at: Instant,
    writer: Writer,
}

impl Hand {
    /// As the store wants it.
    pub fn author(&self) -> Author<'_> {
        Author { by: &self.actor, at: self.at, writer: &self.writer }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        // A route without a permission has no caller; a handler that asks for one there is refused.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::new(Code::NotSignedIn, "Sign in first."))
    }
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it proves its right in another way, or there is nothing to protect.
    Nothing,
    /// This permission.
    One(Permission),
    /// One of these; the handler looks closer.
    AnyOf(&'static [Permission]),
}

impl Needs {
    /// The permissions of which one is enough; none at all when nothing is asked.
    pub fn permissions(&self) -> &[Permission] {
        match self {
            Self::Nothing => &[],
            Self::One(permission) => std::slice::from_ref(permission),
            Self::AnyOf(permissions) => permissions,
        }
    }
}

/// Lets a request through to its handler, or not.
pub async fn guard(State((app, needs)): State<(App, Needs)>, mut request: Request, next: Next) -> Answer<Response> {
    if needs != Needs::Nothing {
        let claims = Claims::of(request.extensions())?;
        let now = app.now();
        let standing = app.user_of(&claims, now).await?;
        check_doors(&standing, &needs)?;
        let user = standing.user;
        if user.state == UserState::Disabled {
            let detail = "This user was disabled. Ask a Superuser of your office.";
            return Err(Problem::new(Code::UserDisabled, detail));
        }
        let request_id = request_id(request.extensions(), now);
        let language = preferred(request.headers());
        let caller = Caller { tenant: claims.tenant, user, now, request: request_id, language };
        tracing::Span::current().record("tenant", tracing::field::display(caller.tenant));
        tracing::Span::current().record("user", tracing::field::display(caller.user.id));
        caller.must_any(needs.permissions())?;
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

/// The language of the catalogue that a request prefers.
fn preferred(headers: &HeaderMap) -> Language {
    let accepted = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    Language::preferred(&accepted.collect::<Vec<_>>().join(","))
}

/// The request id that Lambda gives; a fresh one where there is no Lambda.
fn request_id(extensions: &Extensions, now: Instant) -> Arc<str> {
    match extensions.get::<lambda_http::Context>() {
        Some(context) => context.request_id.as_str().into(),
        None => runtime::clock::new_id::<TaskId>(now).to_string().into(),
    }
}

/// A user, and whether his office is open.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The user.
    pub user: Arc<User>,
    /// Whether the office is open.
    pub doors: Doors,
}

/// Whether an office is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// As always.
    Open,
    /// Its deletion is confirmed.
    Closed,
}

/// What is still possible in an office whose deletion is confirmed, for a Superuser: look, export, cancel.
const BEHIND_CLOSED_DOORS: &[Permission] =
    &[Permission::ProtectData, Permission::ViewAudit, Permission::ViewAdministrations];

fn check_doors(standing: &Standing, needs: &Needs) -> Answer<()> {
    let within = needs.permissions().iter().all(|permission| BEHIND_CLOSED_DOORS.contains(permission));
    match standing.doors {
        Doors::Closed if !within || !standing.user.roles.contains(Role::Superuser) => {
            let detail = "The deletion of this office is confirmed: nothing is taken in or changed any more. A Superuser can \
                          export its data, and cancel the deletion until erasing begins.";
            Err(Problem::new(Code::TenantClosed, detail))
        }
        Doors::Open | Doors::Closed => Ok(()),
    }
}

/// Users that were looked up within the last minute.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<HashMap<Claims, (Standing, Instant)>>);

impl Remembered {
    /// The user, when he was looked up recently.
    pub fn get(&self, claims: &Claims, now: Instant) -> Option<Standing> {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (standing, at) = users.get(claims)?;
        let age = (now - *at).num_seconds();
        (0..REMEMBERED_SECONDS).contains(&age).then(|| standing.clone())
    }

    /// Remembers a user.
    pub fn put(&self, claims: &Claims, standing: Standing, now: Instant) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= REMEMBERED_MAX {
            users.clear();
        }
        users.insert(claims.clone(), (standing, now));
    }

    /// Forgets a user who was changed here; elsewhere the minute runs out.
    pub fn forget(&self, tenant: TenantId, user: UserId) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.retain(|claims, (known, _)| claims.tenant != tenant || known.user.id != user);
    }

    /// Forgets a tenant's users, when it was closed or opened here; elsewhere the minute runs out.
    pub fn forget_tenant(&self, tenant: TenantId) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.retain(|claims, _| claims.tenant != tenant);
    }
}
