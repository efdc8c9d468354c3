//! A user pool that only notes what was asked of it.

use futures_util::future::BoxFuture;
use protection::Logins;
use runtime::user_pool::UserPoolError;
use std::sync::{Arc, Mutex, PoisonError};

/// What was done to which login.
#[derive(Debug, Clone, Default)]
pub struct NotedLogins(Arc<Mutex<Vec<(&'static str, String)>>>);

impl NotedLogins {
    /// Everything so far, each once.
    pub fn noted(&self) -> Vec<(&'static str, String)> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        noted.dedup();
        noted
    }

    fn note<'a>(&'a self, what: &'static str, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        Box::pin(async move {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((what, email.to_owned()));
            Ok(())
        })
    }
}

impl Logins for NotedLogins {
    fn close<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        self.note("closed", email)
    }

    fn open<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        self.note("opened", email)
    }

    fn delete<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Result<(), UserPoolError>> {
        self.note("deleted", email)
    }
}
