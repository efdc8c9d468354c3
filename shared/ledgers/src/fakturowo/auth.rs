//! What a person types in: the address of the API, which is not the same for each account, and the key. The key goes into the form of
//! each request, and never into an address.

use super::{NAME, api};
use crate::{
    auth::Secret,
    call::{Body, Call, Endpoint, Signed},
    descriptor::CredentialField,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use std::{borrow::Cow, collections::BTreeMap};
use url::Url;

const ADDRESS: &str = "address";
const KEY: &str = "api_id";
/// Accounts have hosts under this one.
const DOMAIN: &str = "fakturowo.pl";

/// What a person types in.
pub(super) const FIELDS: &[CredentialField] = &[
    CredentialField {
        key: ADDRESS,
        name: "API address: as the account's page shows it, usually https://konto.fakturowo.pl/api",
    },
    CredentialField { key: KEY, name: "API key (api_id), made on the account's page" },
];

/// The same, with the address in full.
pub(super) fn key(given: &Secret) -> Option<Secret> {
    let (address, key) = (address(given.typed(ADDRESS)?.expose())?, given.typed(KEY)?);
    let access = BTreeMap::from([(ADDRESS, address.as_str()), (KEY, key.expose())]);
    serde_json::to_string(&access).ok().map(Secret::new)
}

/// An address of Fakturowo's own, and nothing but host and path.
fn address(typed: &str) -> Option<Url> {
    let typed = typed.trim().trim_end_matches('/');
    let typed = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&typed).ok()?;
    let host = url.host_str()?;
    let within = host == DOMAIN || host.strip_suffix(DOMAIN).is_some_and(|rest| rest.ends_with('.'));
    let plain =
        url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none();
    let plain = plain && url.query().is_none() && url.fragment().is_none() && url.path().len() > 1;
    (within && plain).then_some(url)
}

/// What was typed in is no address of the API.
pub(super) fn no_address(operation: Operation) -> LedgerError {
    let message = format!(
        "What was typed in is no address of the API of {NAME}. It looks like https://konto.{DOMAIN}/api: copy it from the account's \
         page, and connect again."
    );
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused, operation, message)
}

/// The server of an address, which is one of Fakturowo's, and what follows it there.
fn server(at: &Endpoint, address: &str) -> Option<(Endpoint, String)> {
    if let Some(path) = at.relative(address) {
        return Some((at.clone(), path));
    }
    let url = Url::parse(address).ok()?;
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let endpoint = at.sibling(&url.origin().ascii_serialization(), DOMAIN).or_else(|| at.under(""))?;
    Some((endpoint, path))
}

/// Sends a request to the account's address with the key in its form; a PDF is asked for where it lies, without the key.
pub(super) fn sign(at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
    let Call { purpose, path, body } = call;
    let lost = || no_address(purpose.operation);
    let (address, key) = (access.typed(ADDRESS).ok_or_else(lost)?, access.typed(KEY).ok_or_else(lost)?);
    let (address, body) = match body {
        Body::Form(mut fields) => {
            fields.insert(0, (Cow::Borrowed(KEY), key));
            (address.expose().to_owned(), Body::Form(fields))
        }
        other => (path, other),
    };
    let (endpoint, path) = server(at, &address).ok_or_else(|| {
        let message = format!("The address of this document's PDF is not one of {NAME}. Nothing was sent there.");
        let is_pdf = purpose.resource == api::PDF;
        let error = LedgerError::rejected(ErrorCode::ForeignHost, purpose.operation, message);
        if is_pdf { error } else { lost() }
    })?;
    Ok(Signed { endpoint, call: Call { purpose, path, body }, bearer: None, headers: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ledger as _, fakturowo::Fakturowo};

    fn typed(address: &str) -> Option<Secret> {
        let values = [(ADDRESS, address), (KEY, "0f1e2d3c")];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        key(&Fakturowo.descriptor().typed(&values).unwrap())
    }

    fn real() -> Endpoint {
        Endpoint::of_site(Fakturowo.descriptor(), "pl").unwrap()
    }

    #[test]
    fn an_address_is_one_of_fakturowo() {
        for text in ["https://konto.fakturowo.pl/api", "konto.fakturowo.pl/api/", "https://www.fakturowo.pl/api"] {
            assert!(typed(text).is_some(), "{text}");
        }
        for text in [
            "http://konto.fakturowo.pl/api",
            "https://konto.fakturowo.pl",
            "https://evil.test/api",
            "https://evilfakturowo.pl/api",
            "https://konto.fakturowo.pl.evil.test/api",
            "https://a:b@konto.fakturowo.pl/api",
            "https://konto.fakturowo.pl:8443/api",
            "https://konto.fakturowo.pl/api?a=b",
            "api",
        ] {
            assert!(typed(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_key_goes_into_the_form_and_into_no_address() {
        let access = typed("https://www.fakturowo.pl/api").unwrap();
        let signed = sign(&real(), api::list(Operation::Identity, 1), &access).unwrap();
        assert_eq!(signed.endpoint.url(&signed.call.path).unwrap().as_str(), "https://www.fakturowo.pl/api");
        let Body::Form(fields) = signed.call.body else { panic!("a form") };
        assert_eq!((fields[0].0.as_ref(), fields[0].1.expose()), ("api_id", "0f1e2d3c"));
        assert!(signed.bearer.is_none() && signed.headers.is_empty());
        let pdf = |address: &str| {
            let signed = sign(&real(), api::print(address), &access)?;
            Ok::<_, LedgerError>(signed.endpoint.url(&signed.call.path).unwrap().to_string())
        };
        for address in ["https://konto.fakturowo.pl/pobierz?x=1", "https://www.fakturowo.pl/pobierz?x=1"] {
            assert_eq!(pdf(address).unwrap(), address);
        }
        for address in
            ["https://evil.test/pobierz?x=1", "http://konto.fakturowo.pl/pobierz", "file:///etc/passwd", "//evil.test/"]
        {
            assert_eq!(pdf(address).unwrap_err().code(), ErrorCode::ForeignHost, "{address}");
        }
    }

    #[test]
    fn a_simulator_stands_in_for_every_host() {
        let here = Endpoint::test("http://127.0.0.1:8099/fakturowo").unwrap();
        let access = typed("https://konto.fakturowo.pl/api").unwrap();
        let url = |call| {
            let signed = sign(&here, call, &access).unwrap();
            signed.endpoint.url(&signed.call.path).unwrap().to_string()
        };
        assert_eq!(url(api::list(Operation::Identity, 1)), "http://127.0.0.1:8099/fakturowo/api");
        let pdf = "http://127.0.0.1:8099/fakturowo/pobierz?dokument=1";
        assert_eq!(url(api::print(pdf)), pdf);
    }
}
