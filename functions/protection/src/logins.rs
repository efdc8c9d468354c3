//! The logins of users: closed, opened again, deleted.

use futures_util::future::BoxFuture;
use runtime::user_pool::{UserPool, UserPoolError};

/// Where people's logins are. A login that is not there is no error: it is as it should be.
pub trait Logins: Send + Sync {
    /// Nobody signs in with it.
    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>>;

    /// It may be used again.
    fn open<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>>;

    /// It is gone.
    fn delete<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>>;
}

fn settled(asked: Result<(), UserPoolError>) -> Result<(), UserPoolError> {
    match asked {
        Ok(()) | Err(UserPoolError::Absent) => Ok(()),
        Err(error) => Err(error),
    }
}

impl Logins for UserPool {
    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        Box::pin(async move { settled(self.disable(email).await) })
    }

    fn open<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        Box::pin(async move { settled(self.enable(email).await) })
    }

    fn delete<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        Box::pin(async move { settled(Self::delete(self, email).await) })
    }
}
