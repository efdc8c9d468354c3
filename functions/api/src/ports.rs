//! What the API does outside its tables: make logins, lock codes away, wake a ledger unit. Narrow on purpose: there is no
//! call to a ledger and nothing that opens what was locked.

use aws_sdk_kms::{
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
};
use base64::Engine as _;
use domain::{
    document::UnitId,
    ids::{ConnectionId, TenantId},
};
use futures_util::future::BoxFuture;
use runtime::{
    message::{RunMessage, TurnMessage},
    queue::{Queue, QueueError},
    telemetry::{Paid, asked},
    user_pool::{Login, UserPool, UserPoolError},
};
use std::{fmt, sync::LazyLock, time::Duration};

/// Something outside did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct PortError {
    operation: &'static str,
    detail: String,
}

impl PortError {
    /// What was tried and what came back, without any secret.
    pub fn new(operation: &'static str, detail: impl Into<String>) -> Self {
        Self { operation, detail: detail.into() }
    }

    fn of_sdk<E: ProvideErrorMetadata, R: fmt::Debug>(operation: &'static str, error: &SdkError<E, R>) -> Self {
        let detail = match error.as_service_error() {
            Some(service) => service.code().unwrap_or("no code"),
            None => "no answer",
        };
        Self::new(operation, detail)
    }
}

/// What became of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// The login, newly made or one that an earlier try made for the same tenant.
    Login(String),
    /// The address is a login of somebody else's.
    Taken,
}

/// Where people's logins are.
pub trait Logins: Send + Sync {
    /// Makes a login for an address, bound to a tenant for good, and sends the invitation.
    fn invite<'a>(&'a self, tenant: TenantId, email: &'a str) -> BoxFuture<'a, Result<Invited, PortError>>;

    /// Closes a login: nobody signs in with it any more.
    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), PortError>>;

    /// Removes a login: the address can be invited again. One that is gone already is no failure.
    fn remove<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Locks text away for a connection.
pub trait Sealer: Send + Sync {
    /// The text encrypted, bound to tenant and connection, as base64.
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        text: &'a str,
    ) -> BoxFuture<'a, Result<String, PortError>>;
}

/// Tells a ledger unit that it has work. A wake may be lost: maintenance finds the work as well.
pub trait Waker: Send + Sync {
    /// Wakes a unit.
    fn wake<'a>(&'a self, tenant: TenantId, unit: &'a UnitId) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Tells export-run that a run has a step to do. A call may be lost: maintenance finds the run as well.
pub trait Runner: Send + Sync {
    /// Calls a run.
    fn call<'a>(&'a self, message: &'a RunMessage) -> BoxFuture<'a, Result<(), PortError>>;
}

/// A client that is made when it is first used: most requests need none of these, and a cold start pays for each.
pub type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

const TENANT_ATTRIBUTE: &str = "custom:tenant_id";

impl From<UserPoolError> for PortError {
    fn from(error: UserPoolError) -> Self {
        Self::new("user_pool", error.to_string())
    }
}

/// The id by which tokens name a login.
fn id_of(login: &Login) -> Result<String, PortError> {
    login.attribute("sub").map(ToOwned::to_owned).ok_or_else(|| PortError::new("user_pool", "the login has no sub"))
}

impl Logins for UserPool {
    fn invite<'a>(&'a self, tenant: TenantId, email: &'a str) -> BoxFuture<'a, Result<Invited, PortError>> {
        Box::pin(async move {
            let tenant = tenant.to_string();
            let attributes = [("email", email), ("email_verified", "true"), (TENANT_ATTRIBUTE, &tenant)];
            match self.create(email, &attributes).await {
                Ok(made) => id_of(&made).map(Invited::Login),
                // Ours when an earlier try of the same invitation made it.
                Err(UserPoolError::Exists) => match self.get(email).await? {
                    login if login.attribute(TENANT_ATTRIBUTE) == Some(&tenant) => id_of(&login).map(Invited::Login),
                    _ => Ok(Invited::Taken),
                },
                Err(error) => Err(error.into()),
            }
        })
    }

    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            match self.disable(email).await {
                // Nobody can sign in with what does not exist.
                Ok(()) | Err(UserPoolError::Absent) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn remove<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            match self.delete(email).await {
                Ok(()) | Err(UserPoolError::Absent) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// Seals with KMS, which only connector-push may open.
pub struct KmsSealer {
    /// Client.
    pub client: Lazy<aws_sdk_kms::Client>,
    /// The key.
    pub key: String,
}

impl Sealer for KmsSealer {
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        text: &'a str,
    ) -> BoxFuture<'a, Result<String, PortError>> {
        Box::pin(async move {
            let sealed = self
                .client
                .encrypt()
                .key_id(&self.key)
                .plaintext(Blob::new(text))
                .encryption_context("tenant", tenant.to_string())
                .encryption_context("connection", connection.to_string())
                .send()
                .await
                .map_err(|error| PortError::of_sdk("kms.encrypt", &error))?;
            asked(Paid::Kms, "consent.seal", 1);
            let bytes = sealed.ciphertext_blob().ok_or_else(|| PortError::new("kms.encrypt", "nothing came back"))?;
            Ok(base64::engine::general_purpose::STANDARD.encode(bytes.as_ref()))
        })
    }
}

impl From<QueueError> for PortError {
    fn from(error: QueueError) -> Self {
        Self::new("sqs.send", error.to_string())
    }
}

impl Waker for Lazy<Queue> {
    fn wake<'a>(&'a self, tenant: TenantId, unit: &'a UnitId) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let message = TurnMessage { tenant, unit: unit.clone(), document: None };
            Ok(self.send("unit.wake", &message, Duration::ZERO).await?)
        })
    }
}

impl Runner for Lazy<Queue> {
    fn call<'a>(&'a self, message: &'a RunMessage) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move { Ok(self.send("export.call", message, Duration::ZERO).await?) })
    }
}
