//! Where the ledgers of a deployment answer: at their own sites, unless the deployment says otherwise. No tenant can say so; a connection
//! names an installation that the deployment knows.

use crate::{
    call::{Endpoint, NotAHost, NotATestEndpoint},
    described,
    descriptor::Descriptor,
};
use std::collections::BTreeMap;

/// What is wrong with what a deployment says about addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Of the simulators.
    #[error(transparent)]
    Test(#[from] NotATestEndpoint),
    /// Of a registration.
    #[error("{name}: {error}")]
    Host {
        /// Which.
        name: String,
        /// Why.
        error: NotAHost,
    },
    /// A registration of which the ledger has only its own sites.
    #[error("{0}: this ledger answers at its own sites only")]
    OwnSitesOnly(String),
    /// A registration with an installation that has no address.
    #[error("{0}: an installation of a customer's own needs its address")]
    NoAddress(String),
}

/// Addresses, by the name of a registration: that of a ledger, or `<system>/<name>` for an installation of a customer's own.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Where each ledger is a simulator.
    test_base: Option<String>,
    addresses: BTreeMap<String, String>,
}

impl Hosts {
    /// Simulators under one address in place of all ledgers, or these addresses.
    pub fn new(test_base: Option<String>, addresses: BTreeMap<String, String>) -> Self {
        Self { test_base, addresses }
    }

    /// Where a registration leads, if that is not the ledger's own sites.
    pub fn of(&self, name: &str) -> Result<Option<Endpoint>, HostError> {
        let (system, installation) = name.split_once('/').map_or((name, None), |(system, rest)| (system, Some(rest)));
        if let Some(base) = &self.test_base {
            return Ok(Some(Endpoint::test(&format!("{base}/{system}"))?));
        }
        let known = system.parse().ok().and_then(|system| described(&system));
        let elsewhere = known.is_some_and(Descriptor::answers_elsewhere);
        match (self.addresses.get(name), installation) {
            (Some(_), _) | (None, Some(_)) if !elsewhere => Err(HostError::OwnSitesOnly(name.to_owned())),
            (Some(address), _) => {
                Endpoint::elsewhere(address).map(Some).map_err(|error| HostError::Host { name: name.to_owned(), error })
            }
            (None, Some(_)) => Err(HostError::NoAddress(name.to_owned())),
            (None, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, multivers};

    fn hosts(addresses: &[(&str, &str)]) -> Hosts {
        let own = |(name, address): &(&str, &str)| ((*name).to_owned(), (*address).to_owned());
        Hosts::new(None, addresses.iter().map(own).collect())
    }

    #[test]
    fn a_ledger_answers_at_its_own_sites_unless_the_deployment_says_otherwise() {
        let hosts = hosts(&[
            ("multivers", "https://sandbox-api.multivers.nl"),
            ("multivers/jansen", "https://books.jansen.example"),
        ]);
        let url = |name: &str| hosts.of(name).unwrap().map(|at| at.url("/x").unwrap().to_string());
        assert_eq!(url("multivers").unwrap(), "https://sandbox-api.multivers.nl/x");
        assert_eq!(url("multivers/jansen").unwrap(), "https://books.jansen.example/x");
        assert_eq!(url("boekhoudgemak"), None);
        assert_eq!(url("exact-online"), None);
        assert_eq!(hosts.of("multivers/other"), Err(HostError::NoAddress("multivers/other".into())));
        assert_eq!(hosts.of("exact-online/x"), Err(HostError::OwnSitesOnly("exact-online/x".into())));
    }

    #[test]
    fn what_is_no_address_of_a_ledger_is_refused_at_the_start() {
        let refused = hosts(&[("multivers", "http://sandbox-api.multivers.nl")]).of("multivers");
        assert!(refused.unwrap_err().to_string().starts_with("multivers: "));
        let refused = hosts(&[("exact-online", "https://exact.example")]).of("exact-online");
        assert_eq!(refused, Err(HostError::OwnSitesOnly("exact-online".into())));
        let test = Hosts::new(Some("http://127.0.0.1:8099".into()), BTreeMap::new());
        let at = test.of("multivers/jansen").unwrap().unwrap();
        assert_eq!(at.url("/x").unwrap().as_str(), "http://127.0.0.1:8099/multivers/x");
        assert!(Hosts::new(Some("https://evil.test".into()), BTreeMap::new()).of("multivers").is_err());
    }

    #[test]
    fn a_connection_names_an_installation_and_nothing_else() {
        let of = |options: Options| multivers::DESCRIPTOR.registration(&options);
        assert_eq!(of(Options::default()), "multivers");
        assert_eq!(of(Options::default().with("installation", "jansen")), "multivers/jansen");
        assert_eq!(of(Options::default().with("installation", "")), "multivers");
        assert_eq!(
            crate::exact::DESCRIPTOR.registration(&Options::default().with("installation", "x")),
            "exact-online"
        );
    }
}
