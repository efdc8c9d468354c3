//! Our registrations with the ledgers, from the environment: one for each system that this deployment offers.

use domain::{ledger::System, office::Connection};
use ledgers::{App, Descriptor, Endpoint, Secret};
use runtime::env;
use std::collections::BTreeMap;

/// Our registration with one ledger.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its public name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// A simulator in place of the ledger's own hosts.
    pub test_endpoint: Option<Endpoint>,
    /// Requests in a minute that it may make for all customers together, where that is not the ledger's usual number.
    pub app_per_minute: Option<u32>,
}

/// The registrations by system.
#[derive(Debug, Clone, Default)]
pub struct Registrations(BTreeMap<String, Registration>);

impl Registrations {
    /// With one registration.
    #[must_use]
    pub fn with(mut self, system: &str, registration: Registration) -> Self {
        self.0.insert(system.to_owned(), registration);
        self
    }

    /// From `LEDGERPOST_CLIENT_IDS` and `LEDGERPOST_CLIENT_SECRETS`, which hold a value for each system. A ledger without a
    /// client id and its secret is not offered. With `LEDGERPOST_LEDGERS_BASE_URL`, each is a simulator under that address.
    /// `LEDGERPOST_APP_LIMITS` holds how many requests a minute a ledger allows our registration, where that is not its usual
    /// number.
    pub fn from_env() -> Result<Self, runtime::Error> {
        let base = env::optional("LEDGERPOST_LEDGERS_BASE_URL");
        if base.is_some() && env::optional("LEDGERPOST_STAGE").as_deref() == Some("production") {
            return Err("LEDGERPOST_LEDGERS_BASE_URL is for tests: production talks to the ledgers themselves".into());
        }
        let mut secrets = env::by_name("LEDGERPOST_CLIENT_SECRETS")?;
        let mut limits = app_limits(env::by_name("LEDGERPOST_APP_LIMITS")?)?;
        let mut registrations = Self::default();
        for (system, client_id) in env::by_name("LEDGERPOST_CLIENT_IDS")? {
            let Some(client_secret) = secrets.remove(&system).map(Secret::new) else { continue };
            let test_endpoint = base.as_ref().map(|base| Endpoint::test(&format!("{base}/{system}"))).transpose()?;
            let app_per_minute = limits.remove(&system);
            let registration = Registration { client_id, client_secret, test_endpoint, app_per_minute };
            registrations = registrations.with(&system, registration);
        }
        Ok(registrations)
    }

    /// The registration for a system.
    pub fn of(&self, system: &System) -> Option<&Registration> {
        self.0.get(system.as_str())
    }
}

/// Limits by system. One that would not let a single request through that writes is a mistake.
fn app_limits(settings: BTreeMap<String, String>) -> Result<BTreeMap<String, u32>, runtime::Error> {
    let limit = |(system, value): (String, String)| {
        let known = system.parse().ok().and_then(|system| ledgers::described(&system));
        let least = known.map(|descriptor| descriptor.limits.per_write);
        match (value.parse::<u32>(), least) {
            (Ok(limit), Some(least)) if limit >= least => Ok((system, limit)),
            (_, Some(least)) => Err(format!("LEDGERPOST_APP_LIMITS: {system} needs a number from {least} on").into()),
            (_, None) => Err(format!("LEDGERPOST_APP_LIMITS: there is no ledger {system}").into()),
        }
    };
    settings.into_iter().map(limit).collect()
}

impl Registration {
    /// Where this connection's ledger answers: the site of its licence country, in the version that its options name.
    pub fn endpoint(&self, descriptor: &Descriptor, connection: &Connection) -> Option<Endpoint> {
        let endpoint = match &self.test_endpoint {
            Some(endpoint) => endpoint.clone(),
            None => {
                let site = descriptor.sites.iter().find(|site| site.country == connection.licence_country)?;
                Endpoint::of_site(descriptor, site.code)?
            }
        };
        Some(endpoint.versioned(descriptor, &connection.options.clone().into_iter().collect()))
    }

    /// As the ledger's code wants it.
    pub fn app(&self, redirect_uri: &str) -> App {
        App {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            redirect_uri: redirect_uri.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_an_app_is_a_number_for_a_ledger_that_there_is() {
        let settings = |system: &str, value: &str| BTreeMap::from([(system.to_owned(), value.to_owned())]);
        assert_eq!(app_limits(settings("twinfield", "1000")).unwrap()["twinfield"], 1000);
        for (system, value) in [("twinfield", "2"), ("twinfield", "many"), ("twinfeld", "1000")] {
            let error = app_limits(settings(system, value)).unwrap_err();
            assert!(error.to_string().contains(system), "{error}");
        }
    }
}
