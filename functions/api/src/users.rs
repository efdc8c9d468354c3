//! Users: inviting, roles, administrations, links to ledger users, disabling.

use crate::{
    app::{App, unavailable},
    auth::Caller,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json},
    idempotency::{Making, once},
    ports::Invited,
    problem::{Answer, Code, Problem},
    reply::{Gone, Made, Page, Shown, Versioned},
    schema,
    text::{Email, Name},
};
use axum::{extract::State, response::Response};
use domain::{
    ids::{AdministrationId, ConnectionId, TenantId, UserId},
    ledger::LedgerUser,
    office::{Access, Choice, User, UserState},
    permission::{Permission, Role, Roles},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Read,
    settings::{LoginSubject, UserError},
};
use utoipa::ToSchema;

/// Which administrations a user may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of the tenant, later ones included.
    All,
    /// Those that are listed.
    Only,
}

/// Which administrations a user may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessBody {
    /// All or some.
    pub scope: Scope,
    /// Which, with the scope `only`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(schema_with = schema::many::<AdministrationId>)]
    pub administrations: BTreeSet<AdministrationId>,
}

impl From<&Access> for AccessBody {
    fn from(access: &Access) -> Self {
        match access {
            Access::All => Self { scope: Scope::All, administrations: BTreeSet::new() },
            Access::Only(administrations) => Self { scope: Scope::Only, administrations: administrations.clone() },
        }
    }
}

impl From<AccessBody> for Access {
    fn from(body: AccessBody) -> Self {
        match body.scope {
            Scope::All => Self::All,
            Scope::Only => Self::Only(body.administrations),
        }
    }
}

/// A user to be invited. The invitation goes to the address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Address; also the name of the login.
    pub email: Email,
    /// Name, for people.
    pub name: Name,
    /// At least one; `accountant` and `sme_accountant` exclude each other, and so do `client_user` and
    /// `restricted_client_user`.
    #[schema(schema_with = schema::many::<Role>)]
    pub roles: BTreeSet<Role>,
    /// Administrations.
    pub access: AccessBody,
    /// The same user in the ledger, by connection.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub ledger_users: BTreeMap<ConnectionId, LedgerUser>,
    /// Whether the user may change the bank accounts of contacts; a Superuser grants it.
    #[serde(default)]
    pub may_change_ibans: bool,
}

/// What a user is to be from now on; everything is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Name, for people.
    pub name: Name,
    /// At least one; see the invitation.
    #[schema(schema_with = schema::many::<Role>)]
    pub roles: BTreeSet<Role>,
    /// Administrations.
    pub access: AccessBody,
    /// The same user in the ledger, by connection.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub ledger_users: BTreeMap<ConnectionId, LedgerUser>,
    /// Whether the user may change the bank accounts of contacts; a Superuser grants it.
    #[serde(default)]
    pub may_change_ibans: bool,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserView {
    /// Id.
    #[schema(schema_with = schema::one::<UserId>)]
    pub id: UserId,
    /// Address; also the name of the login.
    pub email: String,
    /// Name, for people.
    pub name: String,
    /// Roles.
    #[schema(schema_with = schema::many::<Role>)]
    pub roles: Vec<Role>,
    /// Administrations.
    pub access: AccessBody,
    /// The same user in the ledger, by connection.
    #[schema(value_type = BTreeMap<String, String>)]
    pub ledger_users: BTreeMap<ConnectionId, LedgerUser>,
    /// Whether the user may change the bank accounts of contacts.
    pub may_change_ibans: bool,
    /// `active` or `disabled`.
    #[schema(value_type = String)]
    pub state: UserState,
    /// Counts edits.
    pub version: u32,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            roles: user.roles.iter().collect(),
            access: (&user.access).into(),
            ledger_users: user.ledger_users.clone(),
            may_change_ibans: user.may_change_ibans == Choice::Yes,
            state: user.state,
            version: user.version,
        }
    }
}

/// The caller and what he may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MeView {
    /// The tenant.
    #[schema(schema_with = schema::one::<TenantId>)]
    pub tenant: TenantId,
    /// The user.
    pub user: UserView,
    /// What the roles permit.
    #[schema(schema_with = schema::many::<Permission>)]
    pub permissions: Vec<Permission>,
}

/// Who you are here, and what you may do.
#[utoipa::path(get, path = "/me", tag = "users", responses((status = 200, body = MeView)))]
pub async fn me(caller: Caller) -> Shown<MeView> {
    let permissions = Permission::ALL.iter().copied().filter(|one| caller.user.roles.permit(*one)).collect();
    Shown(MeView { tenant: caller.tenant, user: (&*caller.user).into(), permissions })
}

/// Users that the caller may see: an SME accountant sees client users, and authorisers when he is one himself.
fn may_see(caller: &Caller, user: &User) -> bool {
    let own = &caller.user.roles;
    let sees_all = own.contains(Role::Superuser) || own.contains(Role::Accountant);
    let sees = |role: Role| match role {
        Role::ClientUser | Role::RestrictedClientUser => true,
        Role::Authoriser => own.contains(Role::Authoriser),
        Role::Superuser | Role::Accountant | Role::SmeAccountant | Role::AuthorisationAdministrator | Role::Finance => {
            false
        }
    };
    sees_all || user.id == caller.user.id || user.roles.iter().all(sees)
}

/// The tenant's users.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = Page<UserView>)))]
pub async fn list_users(State(app): State<App>, caller: Caller) -> Answer<Shown<Page<UserView>>> {
    let users = app.of(caller.tenant).users().list().await?;
    let items = users.iter().filter(|user| may_see(&caller, user)).map(UserView::from).collect();
    Ok(Shown(Page { items, next: None }))
}

/// A user.
#[utoipa::path(get, path = "/users/{user}", tag = "users", responses((status = 200, body = UserView)))]
pub async fn get_user(State(app): State<App>, caller: Caller, Ids(id): Ids<UserId>) -> Answer<Versioned<UserView>> {
    let user = load(&app, &caller, id).await?;
    Ok(Versioned { body: (&user).into(), version: user.version })
}

async fn load(app: &App, caller: &Caller, id: UserId) -> Answer<User> {
    let user = app.of(caller.tenant).users().get(id, Read::Consistent).await?;
    user.filter(|user| may_see(caller, user)).ok_or_else(|| Problem::not_found("user", id))
}

/// Roles that go together.
fn roles(roles: BTreeSet<Role>) -> Answer<Roles> {
    Roles::new(roles).map_err(|error| {
        let detail = format!("{error}.");
        Problem::new(Code::Roles, detail.clone()).at("/roles", detail)
    })
}

fn choice(yes: bool) -> Choice {
    if yes { Choice::Yes } else { Choice::No }
}

/// What only a Superuser may give or touch: Superusers, the right to change bank accounts (AP-61), and access to
/// administrations that the giver does not have himself.
fn check_grant(caller: &Caller, before: Option<&User>, after: &User) -> Answer<()> {
    if caller.user.roles.permit(Permission::GrantRights) {
        return Ok(());
    }
    let is_superuser = |user: &User| user.roles.contains(Role::Superuser);
    if is_superuser(after) || before.is_some_and(is_superuser) {
        let detail = "Only a Superuser makes, changes or unmakes Superusers.";
        return Err(Problem::new(Code::NotPermitted, detail).at("/roles", detail));
    }
    if after.may_change_ibans != before.map_or(Choice::No, |before| before.may_change_ibans) {
        let detail = "Only a Superuser grants or takes the right to change bank accounts.";
        return Err(Problem::new(Code::NotPermitted, detail).at("/may_change_ibans", detail));
    }
    let within = match (&after.access, &caller.user.access) {
        (_, Access::All) => true,
        (Access::All, Access::Only(_)) => false,
        (Access::Only(given), Access::Only(own)) => given.is_subset(own),
    };
    if !within && before.is_none_or(|before| before.access != after.access) {
        let detail = "You can give access only to administrations that you have yourself.";
        return Err(Problem::new(Code::NotPermitted, detail).at("/access", detail));
    }
    Ok(())
}

/// Refuses administrations and connections that are none of the tenant's.
async fn check_references(app: &App, caller: &Caller, user: &User) -> Answer<()> {
    let settings = app.of(caller.tenant);
    let unknown =
        |pointer: &str, detail: String| Problem::new(Code::UnknownReference, detail.clone()).at(pointer, detail);
    if let Access::Only(administrations) = &user.access {
        for id in administrations {
            if settings.administrations().get(*id, Read::Consistent).await?.is_none() {
                return Err(unknown("/access/administrations", format!("There is no administration {id}.")));
            }
        }
    }
    for id in user.ledger_users.keys() {
        if settings.connections().get(*id, Read::Consistent).await?.is_none() {
            return Err(unknown("/ledger_users", format!("There is no connection {id}.")));
        }
    }
    Ok(())
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::EmailTaken(user) => {
                let detail = "There is a user with this address.";
                Self::new(Code::LoginExists, detail).at("/email", detail).about(user)
            }
            UserError::LoginTaken(user) => {
                let detail = "The login of this address belongs to another user.";
                Self::new(Code::LoginExists, detail).at("/email", detail).about(user)
            }
            UserError::LastSuperuser => Self::new(
                Code::LastSuperuser,
                "This is the last active Superuser. Make somebody else a Superuser first.",
            ),
            UserError::Store(error) => error.into(),
        }
    }
}

/// Invites a user: makes the login and sends the invitation to the address.
#[utoipa::path(
    post, path = "/users", tag = "users",
    request_body = Invitation,
    responses((status = 201, body = UserView))
)]
pub async fn invite_user(State(app): State<App>, caller: Caller, request: Creating<Invitation>) -> Answer<Response> {
    once(&app, &caller, request, async |body, making| invite(&app, &caller, body, making).await).await
}

async fn invite(app: &App, caller: &Caller, body: Invitation, making: Making<UserId>) -> Answer<Made<UserView>> {
    let users = app.of(caller.tenant).users();
    if making.repeated
        && let Some(user) = users.get(making.id, Read::Consistent).await?
    {
        return Ok(made(&user));
    }
    let user = User {
        id: making.id,
        email: body.email.into_string().to_lowercase(),
        name: body.name.into_string(),
        roles: roles(body.roles)?,
        access: body.access.into(),
        ledger_users: body.ledger_users,
        may_change_ibans: choice(body.may_change_ibans),
        state: UserState::Active,
        version: 1,
    };
    check_grant(caller, None, &user)?;
    check_references(app, caller, &user).await?;
    let login = match app.logins.invite(caller.tenant, &user.email).await {
        Ok(Invited::Login(login)) => LoginSubject::new(login),
        Ok(Invited::Taken) => {
            let detail = "This address is a login elsewhere: invite the user with another address.";
            return Err(Problem::new(Code::LoginExists, detail).at("/email", detail));
        }
        Err(error) => return Err(unavailable(&error)),
    };
    users.create(&user, Some(&login), &caller.hand(1).author()).await?;
    Ok(made(&user))
}

fn made(user: &User) -> Made<UserView> {
    Made::created(format!("/users/{}", user.id), user.into(), user.version)
}

/// Changes a user: name, roles, administrations, links to ledger users.
#[utoipa::path(
    put, path = "/users/{user}", tag = "users",
    request_body = UserChange,
    responses((status = 200, body = UserView))
)]
pub async fn put_user(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<UserId>,
    seen: IfMatch,
    Json(body): Json<UserChange>,
) -> Answer<Versioned<UserView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let user = User {
        name: body.name.into_string(),
        roles: roles(body.roles)?,
        access: body.access.into(),
        ledger_users: body.ledger_users,
        may_change_ibans: choice(body.may_change_ibans),
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    check_grant(&caller, Some(&before), &user)?;
    check_references(&app, &caller, &user).await?;
    app.of(caller.tenant).users().replace(&before, &user, &caller.hand(1).author()).await?;
    app.remembered.forget(caller.tenant, id);
    Ok(Versioned { body: (&user).into(), version: user.version })
}

/// Disables a user: nobody signs in or acts under this name any more.
#[utoipa::path(post, path = "/users/{user}/disable", tag = "users", responses((status = 200, body = UserView)))]
pub async fn disable_user(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<UserId>,
    seen: IfMatchMaybe,
) -> Answer<Versioned<UserView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let user = match before.state {
        UserState::Disabled => before,
        UserState::Active => {
            let version = before.version.saturating_add(1);
            let user = User { state: UserState::Disabled, version, ..before.clone() };
            app.of(caller.tenant).users().replace(&before, &user, &caller.hand(1).author()).await?;
            user
        }
    };
    app.remembered.forget(caller.tenant, id);
    app.logins.close(&user.email).await.map_err(|error| unavailable(&error))?;
    Ok(Versioned { body: (&user).into(), version: user.version })
}

/// Deletes a user: the login is removed, the address is free again, and nothing shows him any more. What he did stays under
/// his id. Refused while a connection posts under his name, and for the last active Superuser.
#[utoipa::path(
    delete, path = "/users/{user}", tag = "users",
    responses((status = 204, description = "The user is deleted."))
)]
pub async fn delete_user(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<UserId>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let settings = app.of(caller.tenant);
    if let Some(connection) =
        settings.connections().all().await?.into_iter().find(|connection| connection.automation_user == Some(id))
    {
        let detail = format!(
            "Connection {} posts automatically under this user's name: choose another automation user there first.",
            connection.id
        );
        return Err(Problem::new(Code::UserInUse, detail).about(connection.id));
    }
    // Disabled first: from then on nobody acts under the name, whatever becomes of the rest, which can be repeated.
    let disabled = match before.state {
        UserState::Disabled => before,
        UserState::Active => {
            let version = before.version.saturating_add(1);
            let disabled = User { state: UserState::Disabled, version, ..before.clone() };
            settings.users().replace(&before, &disabled, &caller.hand(1).author()).await?;
            disabled
        }
    };
    app.remembered.forget(caller.tenant, id);
    app.logins.remove(&disabled.email).await.map_err(|error| unavailable(&error))?;
    settings.users().delete(&disabled, &caller.hand(2).author()).await?;
    Ok(Gone)
}
