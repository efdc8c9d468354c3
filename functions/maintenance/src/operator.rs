//! What an operator asks for by invoking the function: the same here and on AWS.

use crate::{App, MaintenanceError};
use domain::{
    document::Actor,
    ids::{Id, TenantId, UserId},
    office::{Access, Choice, Tenant, User, UserState},
    permission::{Role, Roles},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Read, Writer,
    settings::{Author, LoginSubject},
};

/// An operator's command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Makes a tenant with its first Superuser.
    CreateTenant(CreateTenant),
}

/// A tenant to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CreateTenant {
    /// Its id: the login bears it already.
    pub tenant: TenantId,
    /// Name of the office.
    pub name: String,
    /// Sources of events that may act for it.
    #[serde(default)]
    pub event_sources: BTreeSet<String>,
    /// Its first user.
    pub superuser: Superuser,
}

/// The first user of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Superuser {
    /// The `sub` of the login.
    pub login: String,
    /// Address.
    pub email: String,
    /// Name, for people.
    pub name: String,
}

/// What was made.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The tenant.
    pub tenant: TenantId,
    /// Its first Superuser.
    pub user: UserId,
}

pub(crate) async fn run(app: &App, command: Command, writer: &Writer) -> Result<Made, MaintenanceError> {
    match command {
        Command::CreateTenant(wanted) => create_tenant(app, wanted, writer).await,
    }
}

/// Makes the tenant, then its user. Repeated with the same values it makes what is missing and answers the same.
async fn create_tenant(app: &App, wanted: CreateTenant, writer: &Writer) -> Result<Made, MaintenanceError> {
    let tenant = app.store.tenant(wanted.tenant);
    let now = app.clock.now();
    let author = Author { by: &Actor::Operator, at: now, writer };
    match tenant.office().get(Read::Consistent).await? {
        Some(there) if there.value.name != wanted.name => {
            return Err(MaintenanceError::OtherTenant(wanted.tenant.to_string()));
        }
        Some(_) => {}
        None => {
            let office =
                Tenant { id: wanted.tenant, name: wanted.name, event_sources: wanted.event_sources, created_at: now };
            tenant.office().create(&office, &author).await?;
        }
    }
    let login = LoginSubject::new(wanted.superuser.login);
    if let Some(user) = tenant.users().by_login(&login).await? {
        return Ok(Made { tenant: wanted.tenant, user: user.id });
    }
    let user = User {
        // The first user bears the tenant's own number, so that a repeated command names the same one.
        id: UserId::from_ulid(wanted.tenant.ulid()),
        email: wanted.superuser.email,
        name: wanted.superuser.name,
        roles: Roles::new([Role::Superuser])?,
        access: Access::All,
        ledger_users: BTreeMap::new(),
        may_change_ibans: Choice::No,
        state: UserState::Active,
        version: 1,
    };
    tenant.users().create(&user, Some(&login), &author).await?;
    tracing::info!(tenant = %wanted.tenant, user = %user.id, "Tenant made.");
    Ok(Made { tenant: wanted.tenant, user: user.id })
}
