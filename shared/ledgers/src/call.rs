//! One request as a value, and its answer. Ledgers make the first and read the second; only [`crate::Sender`] does I/O.

use crate::{
    auth::Secret,
    descriptor::{API_VERSION, Descriptor, Options},
    error::Operation,
};
use domain::ledger::Division;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::{borrow::Cow, fmt, net::IpAddr};
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

/// Why an address of a ledger is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address of a ledger must be https and have the name of a host, such as https://sandbox-api.multivers.nl")]
pub struct NotAHost;

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

    /// Another address of a ledger, which a deployment allows: its sandbox, or an installation of a customer's own.
    pub fn elsewhere(base: &str) -> Result<Self, NotAHost> {
        let url = Url::parse(&format!("{}/", base.trim_end_matches('/'))).map_err(|_| NotAHost)?;
        let named = match url.host() {
            Some(Host::Domain(name)) => name.contains('.') && !name.ends_with('.'),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
        };
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let plain = plain && url.password().is_none() && url.scheme() == "https";
        if named && plain { Ok(Self { login: url.clone(), base: url }) } else { Err(NotAHost) }
    }

    /// The same place under the version of the API that a connection's options name, for ledgers whose addresses begin with
    /// one. A value that is no version leaves the place as it is: nothing answers there.
    #[must_use]
    pub fn versioned(self, descriptor: &Descriptor, options: &Options) -> Self {
        let version = descriptor.options.iter().find(|spec| spec.key == API_VERSION).and_then(|spec| options.get(spec));
        let is_version = |version: &&str| {
            version.contains(|c: char| c.is_ascii_alphanumeric())
                && version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        };
        let Some(version) = version.filter(is_version) else { return self };
        let under = |url: &Url| url.join(&format!("{version}/")).unwrap_or_else(|_| url.clone());
        Self { base: under(&self.base), login: under(&self.login) }
    }

    /// Another server of the same ledger, whose address the ledger gave: of this domain and by https, or, for a simulator,
    /// under its own address.
    pub(crate) fn sibling(&self, base: &str, domain: &str) -> Option<Self> {
        let base = Url::parse(&format!("{}/", base.trim_end_matches('/'))).ok()?;
        let plain = base.query().is_none() && base.fragment().is_none() && base.username().is_empty();
        let here = match (self.base.scheme(), base.host()) {
            ("https", Some(Host::Domain(name))) => {
                let within = name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
                within && base.scheme() == "https" && base.port().is_none()
            }
            ("http", _) => self.owns(&base),
            _ => false,
        };
        (here && plain).then(|| Self { base, login: self.login.clone() })
    }

    /// A customer's own place at a simulator, which has for a path what the ledger has for the first part of a host.
    pub(crate) fn under(&self, name: &str) -> Option<Self> {
        let base = self.base.as_str();
        (self.base.scheme() == "http").then(|| self.sibling(&format!("{base}{name}"), ""))?
    }

    /// Where people sign in and tokens are given.
    #[must_use]
    pub fn login(&self) -> Self {
        Self { base: self.login.clone(), login: self.login.clone() }
    }

    /// The full address of a path on this endpoint; `None` when the result would be on another host.
    pub(crate) fn url(&self, path: &str) -> Option<Url> {
        let under = path.strip_prefix('/').filter(|under| !under.starts_with(['/', '\\']))?;
        let url = self.base.join(under).ok()?;
        self.owns(&url).then_some(url)
    }

    /// Whether it is a simulator.
    pub(crate) fn is_test(&self) -> bool {
        self.base.scheme() == "http"
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
    /// Names and values.
    Form(Vec<(Cow<'static, str>, Secret)>),
    /// The same, with an `Authorization` header of its own.
    FormWith(Secret, Vec<(&'static str, Secret)>),
    /// A file, put where it is to be.
    Put {
        content_type: &'static str,
        bytes: Vec<u8>,
    },
    /// A SOAP 1.1 envelope for an action.
    Soap {
        action: &'static str,
        envelope: Vec<u8>,
    },
}

impl Body {
    /// A form whose names are known beforehand.
    pub(crate) fn form(fields: Vec<(&'static str, Secret)>) -> Self {
        Self::Form(fields.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Put { content_type, bytes } => write!(f, "Put({content_type}, {} bytes)", bytes.len()),
            Self::Form(fields) => write!(f, "Form({} fields)", fields.len()),
            Self::FormWith(_, fields) => write!(f, "Form({} fields)", fields.len()),
            Self::Soap { action, envelope } => write!(f, "Soap({action}, {} bytes)", envelope.len()),
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

/// A request on its way: where to, and with the access where the ledger wants it.
#[derive(Debug)]
pub struct Signed {
    pub(crate) endpoint: Endpoint,
    pub(crate) call: Call,
    /// The access, where it goes as a bearer token.
    pub(crate) bearer: Option<Secret>,
    /// The access, where it goes into headers of its own. They are marked so that nothing shows them.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Signed {
    /// With the access as a bearer token.
    pub(crate) fn bearing(at: &Endpoint, call: Call, access: &Secret) -> Self {
        Self { endpoint: at.clone(), call, bearer: Some(access.clone()), headers: Vec::new() }
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
    pub(crate) fn text(&self) -> Cow<'_, str> {
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
    fn an_address_that_a_deployment_allows_is_https_and_a_name() {
        let here = Endpoint::elsewhere("https://books.example.nl:8443/api").unwrap();
        assert_eq!(here.url("/x").unwrap().as_str(), "https://books.example.nl:8443/api/x");
        assert_eq!(here.login(), here);
        for base in [
            "http://books.example.nl",
            "https://localhost",
            "https://127.0.0.1",
            "https://[::1]",
            "https://user@books.example.nl",
            "https://user:word@books.example.nl",
            "https://books.example.nl/?a",
            "https://books.example.nl/#a",
            "ftp://books.example.nl",
            "",
        ] {
            assert_eq!(Endpoint::elsewhere(base), Err(NotAHost), "{base}");
        }
    }

    #[test]
    fn another_server_is_the_ledgers_own() {
        let endpoint = |base: &str| {
            let base = Url::parse(base).unwrap();
            Endpoint { login: base.clone(), base }
        };
        let login = endpoint("https://login.ledger.example/");
        let other = login.sibling("https://api.ledger.example", "ledger.example").unwrap();
        assert_eq!(other.url("/a?b").unwrap().as_str(), "https://api.ledger.example/a?b");
        assert_eq!(other.login(), login);
        for base in [
            "http://api.ledger.example",
            "https://evilledger.example",
            "https://ledger.example.evil.test",
            "https://user@api.ledger.example",
            "https://api.ledger.example:8443",
            "https://api.ledger.example/?a",
            "https://169.254.169.254",
            "",
        ] {
            assert_eq!(login.sibling(base, "ledger.example"), None, "{base}");
        }
        let here = Endpoint::test("http://127.0.0.1:8099/twinfield").unwrap();
        let other = here.sibling("http://127.0.0.1:8099/twinfield/c2", "ledger.example").unwrap();
        assert_eq!(other.url("/a").unwrap().as_str(), "http://127.0.0.1:8099/twinfield/c2/a");
        for base in ["http://127.0.0.1:8098/twinfield/c2", "https://api.ledger.example", "http://127.0.0.1:8099/x"] {
            assert_eq!(here.sibling(base, "ledger.example"), None, "{base}");
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
