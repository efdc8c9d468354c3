//! One request as a value, and its answer. Ledgers make the first and read the second; only [`crate::Sender`] does I/O.

use crate::{auth::Secret, descriptor::Descriptor, error::Operation};
use domain::ledger::Division;
use reqwest::header::HeaderMap;
use std::{fmt, net::IpAddr};
use url::{Host, Url};

/// Where a ledger answers: one of its own sites, or a simulator on this machine. Nothing else can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Ends with a slash, as does `login`.
    base: Url,
    login: Url,
}

/// Why an address is not taken as a test endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a test endpoint must be an http address of this machine, such as http://127.0.0.1:8099/exact-online")]
pub struct NotATestEndpoint;

impl Endpoint {
    /// A site of the ledger, by its code in the descriptor.
    pub fn of_site(descriptor: &Descriptor, site: &str) -> Option<Self> {
        let site = descriptor.sites.iter().find(|known| known.code == site)?;
        Some(Self { base: Url::parse(site.base).ok()?, login: Url::parse(site.login).ok()? })
    }

    /// A simulator, which may stand under a path of its own. Only loopback addresses are taken, so that a wrong setting
    /// cannot send invoices anywhere else.
    pub fn test(base: &str) -> Result<Self, NotATestEndpoint> {
        let url = Url::parse(&format!("{}/", base.trim_end_matches('/'))).map_err(|_| NotATestEndpoint)?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        };
        let plain = url.scheme() == "http" && url.query().is_none() && url.fragment().is_none();
        if here && plain { Ok(Self { login: url.clone(), base: url }) } else { Err(NotATestEndpoint) }
    }

    /// Where people sign in and tokens are given.
    pub fn login(&self) -> Self {
        Self { base: self.login.clone(), login: self.login.clone() }
    }

    /// The full address of a path on this endpoint; `None` when the result would be on another host.
    pub(crate) fn url(&self, path: &str) -> Option<Url> {
        let under = path.strip_prefix('/').filter(|under| !under.starts_with(['/', '\\']))?;
        let url = self.base.join(under).ok()?;
        self.owns(&url).then_some(url)
    }

    /// Whether an address is on this endpoint: same scheme, host and port, and under its path.
    fn owns(&self, url: &Url) -> bool {
        url.origin() == self.base.origin() && url.path().starts_with(self.base.path())
    }

    /// The path and query of an address that the ledger gave, when it is on this endpoint.
    pub(crate) fn relative(&self, address: &str) -> Option<String> {
        let url = self.base.join(address).ok()?;
        if !self.owns(&url) {
            return None;
        }
        let path = url.path().strip_prefix(self.base.path().trim_end_matches('/'))?;
        Some(url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
    }
}

/// Which set of books, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the ledger answers.
    pub endpoint: Endpoint,
    /// The set of books; `None` only before one was chosen.
    pub division: Option<Division>,
}

/// Whether a request changes anything in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads: without an answer, nothing happened.
    Reads,
    /// It writes: without an answer, anything may have happened.
    Writes,
}

/// What is sent along. Its `Debug` shows sizes only.
pub(crate) enum Body {
    Nothing,
    Json(Vec<u8>),
    /// Names and values, for token endpoints.
    Form(Vec<(&'static str, Secret)>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Form(fields) => write!(f, "Form({} fields)", fields.len()),
        }
    }
}

/// What a request is for: what its answer is read and judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// During what.
    pub operation: Operation,
    /// Whether it changes anything in the ledger.
    pub effect: Effect,
    /// What the ledger counts errors under, and what logs name: never an id.
    pub resource: &'static str,
}

/// One request that is about to be made.
#[derive(Debug)]
pub struct Call {
    pub(crate) purpose: Purpose,
    /// On the endpoint's host.
    pub(crate) path: String,
    pub(crate) body: Body,
}

impl Call {
    /// Whether it changes anything in the ledger: who only looks stops before such a request.
    pub fn effect(&self) -> Effect {
        self.purpose.effect
    }
}

/// What came back, whatever its status.
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text, whatever it is.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_endpoint_is_on_this_machine() {
        for base in ["http://127.0.0.1:8099", "http://localhost:1", "http://[::1]:80/", "http://127.0.0.1:1/snelstart"]
        {
            assert!(Endpoint::test(base).is_ok(), "{base}");
        }
        for base in [
            "https://start.exactonline.nl",
            "http://169.254.169.254",
            "http://127.0.0.1.evil.test",
            "http://user@evil.test",
            "file:///etc/passwd",
            "http://127.0.0.1:1/?path",
            "",
        ] {
            assert_eq!(Endpoint::test(base), Err(NotATestEndpoint), "{base}");
        }
    }

    #[test]
    fn no_path_leads_to_another_host() {
        let here = Endpoint::test("http://127.0.0.1:8099").unwrap();
        assert!(here.url("/api/v1/1/crm/Accounts?a=b").is_some());
        for path in ["//evil.test/", "https://evil.test/", "http://127.0.0.1:8098/", "\\\\evil.test"] {
            assert_eq!(here.url(path), None, "{path}");
        }
        assert_eq!(here.relative("http://127.0.0.1:8099/x?$skiptoken=1").as_deref(), Some("/x?$skiptoken=1"));
        assert_eq!(here.relative("http://127.0.0.1:80/x"), None);
        let under = Endpoint::test("http://127.0.0.1:8099/exact-online").unwrap();
        assert_eq!(under.url("/api/v1").unwrap().as_str(), "http://127.0.0.1:8099/exact-online/api/v1");
        assert_eq!(under.relative("http://127.0.0.1:8099/exact-online/x?a=1").as_deref(), Some("/x?a=1"));
        for path in ["/../x", "//evil.test/", "http://127.0.0.1:8099/x"] {
            assert!(under.url(path).is_none_or(|url| url.path().starts_with("/exact-online/")), "{path}");
        }
        assert_eq!(under.relative("http://127.0.0.1:8099/x"), None);
    }
}
