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
    pub fn from_env() -> Result<Self, runtime::Error> {
        let base = env::optional("LEDGERPOST_LEDGERS_BASE_URL");
        if base.is_some() && env::optional("LEDGERPOST_STAGE").as_deref() == Some("production") {
            return Err("LEDGERPOST_LEDGERS_BASE_URL is for tests: production talks to the ledgers themselves".into());
        }
        let mut secrets = env::by_name("LEDGERPOST_CLIENT_SECRETS")?;
        let mut registrations = Self::default();
        for (system, client_id) in env::by_name("LEDGERPOST_CLIENT_IDS")? {
            let Some(client_secret) = secrets.remove(&system).map(Secret::new) else { continue };
            let test_endpoint = base.as_ref().map(|base| Endpoint::test(&format!("{base}/{system}"))).transpose()?;
            registrations = registrations.with(&system, Registration { client_id, client_secret, test_endpoint });
        }
        Ok(registrations)
    }

    /// The registration for a system.
    pub fn of(&self, system: &System) -> Option<&Registration> {
        self.0.get(system.as_str())
    }
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
