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

    /// From `LEDGERPOST_<LEDGER>_CLIENT_ID`, `_CLIENT_SECRET` and `_BASE_URL`, where `<LEDGER>` is the first word of the
    /// system's name. A ledger without a client id is not offered.
    pub fn from_env() -> Result<Self, runtime::Error> {
        let mut registrations = Self::default();
        for ledger in ledgers::registry() {
            let system = ledger.descriptor().system;
            let word = system.split('-').next().unwrap_or(system).to_ascii_uppercase();
            let setting =
                |name: &str| std::env::var(format!("LEDGERPOST_{word}_{name}")).ok().filter(|v| !v.is_empty());
            let (Some(client_id), Some(client_secret)) = (setting("CLIENT_ID"), setting("CLIENT_SECRET")) else {
                continue;
            };
            let test_endpoint = setting("BASE_URL").map(|base| Endpoint::test(&base)).transpose()?;
            if test_endpoint.is_some() && env::optional("LEDGERPOST_STAGE").as_deref() == Some("production") {
                return Err(
                    format!("LEDGERPOST_{word}_BASE_URL is for tests: production talks to the ledger itself").into()
                );
            }
            let registration = Registration { client_id, client_secret: Secret::new(client_secret), test_endpoint };
            registrations = registrations.with(system, registration);
        }
        Ok(registrations)
    }

    /// The registration for a system.
    pub fn of(&self, system: &System) -> Option<&Registration> {
        self.0.get(system.as_str())
    }
}

impl Registration {
    /// Where this connection's ledger answers: the site of its licence country.
    pub fn endpoint(&self, descriptor: &Descriptor, connection: &Connection) -> Option<Endpoint> {
        match &self.test_endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            None => {
                let site = descriptor.sites.iter().find(|site| site.country == connection.licence_country)?;
                Endpoint::of_site(descriptor, site.code)
            }
        }
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
