//! Our registrations with the ledgers, from the environment: one for each system that this deployment offers.

use domain::office::Connection;
use ledgers::{App, CALLBACK, Descriptor, Endpoint, Hosts, Options, Secret};
use runtime::env;
use std::collections::BTreeMap;

/// Our registration with one ledger.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its public name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// In place of the ledger's own sites: its sandbox, an installation of a customer's own, a simulator.
    pub endpoint: Option<Endpoint>,
    /// Where consents come back to, as registered.
    pub redirect_uri: String,
    /// Requests in a minute that it may make for all customers together, where that is not the ledger's usual number.
    pub app_per_minute: Option<u32>,
}

/// The registrations by name: the system, or `<system>/<name>` for an installation of a customer's own.
#[derive(Debug, Clone, Default)]
pub struct Registrations(BTreeMap<String, Registration>);

impl Registrations {
    /// With one registration.
    #[must_use]
    pub fn with(mut self, name: &str, registration: Registration) -> Self {
        self.0.insert(name.to_owned(), registration);
        self
    }

    /// From `LEDGERPOST_CLIENT_IDS` and `LEDGERPOST_CLIENT_SECRETS`, which hold a value for each registration. A ledger without a
    /// client id and its secret is not offered. `LEDGERPOST_LEDGER_HOSTS` holds the addresses of those that do not answer at their
    /// own sites; with `LEDGERPOST_LEDGERS_BASE_URL`, each is a simulator under that address.
    /// `LEDGERPOST_APP_LIMITS` holds how many requests a minute a ledger allows our registration, where that is not its usual
    /// number.
    pub fn from_env() -> Result<Self, runtime::Error> {
        let base = env::optional("LEDGERPOST_LEDGERS_BASE_URL");
        if base.is_some() && env::optional("LEDGERPOST_STAGE").as_deref() == Some("production") {
            return Err("LEDGERPOST_LEDGERS_BASE_URL is for tests: production talks to the ledgers themselves".into());
        }
        let hosts = Hosts::new(base, env::by_name("LEDGERPOST_LEDGER_HOSTS")?);
        let redirect_uri = format!("{}{CALLBACK}", env::required("LEDGERPOST_PUBLIC_URL")?);
        let mut secrets = env::by_name("LEDGERPOST_CLIENT_SECRETS")?;
        let mut limits = app_limits(env::by_name("LEDGERPOST_APP_LIMITS")?)?;
        let mut registrations = Self::default();
        for (name, client_id) in env::by_name("LEDGERPOST_CLIENT_IDS")? {
            let Some(client_secret) = secrets.remove(&name).map(Secret::new) else { continue };
            let registration = Registration {
                client_id,
                client_secret,
                endpoint: hosts.of(&name)?,
                redirect_uri: redirect_uri.clone(),
                app_per_minute: limits.remove(&name),
            };
            registrations = registrations.with(&name, registration);
        }
        Ok(registrations)
    }

    /// The registration through which a connection reaches its ledger.
    pub fn of(&self, descriptor: &Descriptor, connection: &Connection) -> Option<&Registration> {
        self.named(&descriptor.registration(&options(connection)))
    }

    /// The registration with this name.
    pub fn named(&self, name: &str) -> Option<&Registration> {
        self.0.get(name)
    }
}

fn options(connection: &Connection) -> Options {
    connection.options.clone().into_iter().collect()
}

/// Limits by registration. One that would not let a single request through that writes is a mistake.
fn app_limits(settings: BTreeMap<String, String>) -> Result<BTreeMap<String, u32>, runtime::Error> {
    let limit = |(name, value): (String, String)| {
        let system = name.split_once('/').map_or(name.as_str(), |(system, _)| system);
        let known = system.parse().ok().and_then(|system| ledgers::described(&system));
        let least = known.map(|descriptor| descriptor.limits.per_write);
        match (value.parse::<u32>(), least) {
            (Ok(limit), Some(least)) if limit >= least => Ok((name, limit)),
            (_, Some(least)) => Err(format!("LEDGERPOST_APP_LIMITS: {name} needs a number from {least} on").into()),
            (_, None) => Err(format!("LEDGERPOST_APP_LIMITS: there is no ledger {name}").into()),
        }
    };
    settings.into_iter().map(limit).collect()
}

impl Registration {
    /// Where this connection's ledger answers: the site of its licence country, in the version that its options name.
    pub fn endpoint(&self, descriptor: &Descriptor, connection: &Connection) -> Option<Endpoint> {
        let endpoint = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => {
                let site = descriptor.sites.iter().find(|site| site.country == connection.licence_country)?;
                Endpoint::of_site(descriptor, site.code)?
            }
        };
        Some(endpoint.versioned(descriptor, &options(connection)))
    }

    /// As the ledger's code wants it.
    pub fn app(&self) -> App {
        App {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            redirect_uri: self.redirect_uri.clone(),
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
