//! What a person types in: the organisation, which stands in every address, and the login and password of its API user.

use super::NAME;
use crate::{
    auth::Secret,
    call::{Call, Endpoint, Signed},
    descriptor::CredentialField,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::ledger::Division;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use std::collections::BTreeMap;
use url::Url;

const ORGANISATION: &str = "organisation";
const LOGIN: &str = "login";
const PASSWORD: &str = "password";
const HOST: &str = "system.firmao.pl";

/// What a person types in.
pub(super) const FIELDS: &[CredentialField] = &[
    CredentialField {
        key: ORGANISATION,
        name: "Organisation: what follows system.firmao.pl/ in the browser, or the whole address",
    },
    CredentialField {
        key: LOGIN,
        name: "API login: Company, Settings, API; of a user with the rights of an administrator",
    },
    CredentialField { key: PASSWORD, name: "API password, which is generated there" },
];

/// The same, with the organisation alone.
pub(super) fn key(given: &Secret) -> Option<Secret> {
    let organisation = organisation(given.typed(ORGANISATION)?.expose())?;
    let (login, password) = (given.typed(LOGIN)?, given.typed(PASSWORD)?);
    let access =
        BTreeMap::from([(ORGANISATION, organisation.as_str()), (LOGIN, login.expose()), (PASSWORD, password.expose())]);
    serde_json::to_string(&access).ok().map(Secret::new)
}

/// The organisation that a key opens.
pub(super) fn opens(access: &Secret) -> Option<Division> {
    access.typed(ORGANISATION)?.expose().parse().ok()
}

/// The name of an organisation: typed alone, or as the beginning of a path on Firmao's host.
fn organisation(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let path = match typed.split_once("://") {
        Some(_) => {
            let url = Url::parse(typed).ok().filter(|url| url.scheme() == "https" && url.host_str() == Some(HOST))?;
            url.path().to_owned()
        }
        None => typed.strip_prefix(HOST).unwrap_or(typed).to_owned(),
    };
    let name = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let fits = (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && name.contains(|c: char| c.is_ascii_alphanumeric());
    fits.then(|| name.to_owned())
}

/// What was typed in names no organisation.
pub(super) fn no_organisation(operation: Operation) -> LedgerError {
    let message = format!(
        "What was typed in is no organisation of {NAME}. It is what follows {HOST}/ in the browser: copy it from there, and connect \
         again."
    );
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused, operation, message)
}

/// Sends a request to the organisation, with login and password in a header.
pub(super) fn sign(at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
    let lost = || no_organisation(call.purpose.operation);
    let given = |key| access.typed(key).ok_or_else(lost);
    let (organisation, login, password) = (given(ORGANISATION)?, given(LOGIN)?, given(PASSWORD)?);
    let coded = BASE64_STANDARD.encode(format!("{}:{}", login.expose(), password.expose()));
    let mut value = HeaderValue::from_str(&format!("Basic {coded}")).map_err(|_| lost())?;
    value.set_sensitive(true);
    let path = format!("/{}/svc/v1{}", organisation.expose(), call.path);
    let headers = vec![(AUTHORIZATION, value)];
    Ok(Signed { endpoint: at.clone(), call: Call { path, ..call }, bearer: None, headers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Ledger as _,
        call::{Body, Effect, Purpose},
        firmao::Firmao,
    };

    #[test]
    fn an_organisation_is_one_part_of_a_path() {
        for text in ["acme", " acme/", "system.firmao.pl/acme", "https://system.firmao.pl/acme/#/transactions", "/acme"]
        {
            assert_eq!(organisation(text).as_deref(), Some("acme"), "{text}");
        }
        for text in [
            "",
            "..",
            "../x",
            "https://evil.test/acme",
            "http://system.firmao.pl/acme",
            "a b",
            "system.firmao.pl",
            "ącme",
        ] {
            assert_eq!(organisation(text), None, "{text}");
        }
    }

    #[test]
    fn requests_go_to_the_organisation_with_the_password_beside_them() {
        let values = [(ORGANISATION, "https://system.firmao.pl/acme"), (LOGIN, "api"), (PASSWORD, "a:b")];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let access = key(&Firmao.descriptor().typed(&values).unwrap()).unwrap();
        assert_eq!(opens(&access).unwrap().as_str(), "acme");
        let purpose = Purpose { operation: Operation::Identity, effect: Effect::Reads, resource: "invoicenumbers" };
        let call = Call { purpose, path: "/invoicenumbers?a(eq)=1".to_owned(), body: Body::Nothing };
        let at = Endpoint::of_site(Firmao.descriptor(), "pl").unwrap();
        let signed = sign(&at, call, &access).unwrap();
        let url = signed.endpoint.url(&signed.call.path).unwrap();
        assert_eq!(url.as_str(), "https://system.firmao.pl/acme/svc/v1/invoicenumbers?a(eq)=1");
        let (name, value) = &signed.headers[0];
        assert_eq!((name, value.to_str().unwrap()), (&AUTHORIZATION, "Basic YXBpOmE6Yg=="));
        assert!(value.is_sensitive());
    }
}
