//! The logins of users: closed, opened again, deleted.

use aws_sdk_cognitoidentityprovider::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        admin_delete_user::AdminDeleteUserError, admin_disable_user::AdminDisableUserError,
        admin_enable_user::AdminEnableUserError,
    },
};
use futures_util::future::BoxFuture;

/// The user pool did not do what it was asked. It may be asked again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct LoginsError {
    /// What was tried.
    pub operation: &'static str,
    /// What came back; no address.
    pub detail: String,
}

impl LoginsError {
    fn of_sdk<E: ProvideErrorMetadata, R>(operation: &'static str, error: &SdkError<E, R>) -> Self {
        let code = error.as_service_error().map_or("no answer", |service| service.code().unwrap_or("no code"));
        Self { operation, detail: code.to_owned() }
    }
}

/// Where people's logins are. A login that is not there is no error: it is as it should be.
pub trait Logins: Send + Sync {
    /// Nobody signs in with it.
    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), LoginsError>>;

    /// It may be used again.
    fn open<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), LoginsError>>;

    /// It is gone.
    fn delete<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), LoginsError>>;
}

/// Logins in a Cognito user pool.
pub struct CognitoLogins {
    /// Client.
    pub client: aws_sdk_cognitoidentityprovider::Client,
    /// Id of the user pool.
    pub pool: String,
}

fn settled<T, E: ProvideErrorMetadata, R>(
    operation: &'static str,
    sent: Result<T, SdkError<E, R>>,
    absent: impl FnOnce(&E) -> bool,
) -> Result<(), LoginsError> {
    match sent {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(absent) => Ok(()),
        Err(error) => Err(LoginsError::of_sdk(operation, &error)),
    }
}

impl Logins for CognitoLogins {
    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), LoginsError>> {
        Box::pin(async move {
            let sent = self.client.admin_disable_user().user_pool_id(&self.pool).username(email).send().await;
            settled("cognito.disable_user", sent, AdminDisableUserError::is_user_not_found_exception)
        })
    }

    fn open<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), LoginsError>> {
        Box::pin(async move {
            let sent = self.client.admin_enable_user().user_pool_id(&self.pool).username(email).send().await;
            settled("cognito.enable_user", sent, AdminEnableUserError::is_user_not_found_exception)
        })
    }

    fn delete<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), LoginsError>> {
        Box::pin(async move {
            let sent = self.client.admin_delete_user().user_pool_id(&self.pool).username(email).send().await;
            settled("cognito.delete_user", sent, AdminDeleteUserError::is_user_not_found_exception)
        })
    }
}
