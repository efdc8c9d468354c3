//! A key of an account: the account's name, which is the first part of its host, and a user's token. It opens the account as it
//! is.

use super::{NAME, PDF};
use crate::{
    auth::Secret,
    call::{Call, Endpoint, Signed},
    descriptor::CredentialField,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use domain::ledger::Division;
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

const ACCOUNT: &str = "account";
const TOKEN: &str = "api_token";
/// Accounts have hosts under this one.
const DOMAIN: &str = "fakturownia.pl";

/// What a person types in.
pub(super) const FIELDS: &[CredentialField] = &[
    CredentialField {
        key: ACCOUNT,
        name: "Account: the address of your Fakturownia, such as mycompany.fakturownia.pl",
    },
    CredentialField { key: TOKEN, name: "API token: Settings, Account settings, Integration; of a user who may issue" },
];

/// The account's name and the token, out of what a person typed in.
pub(super) fn key(given: &Secret) -> Option<Secret> {
    let account = account(given.typed(ACCOUNT)?.expose())?;
    let token = given.typed(TOKEN)?;
    let access = BTreeMap::from([(ACCOUNT, account.as_str()), (TOKEN, token.expose())]);
    serde_json::to_string(&access).ok().map(Secret::new)
}

/// The account that a key opens.
pub(super) fn opens(access: &Secret) -> Option<Division> {
    access.typed(ACCOUNT)?.expose().parse().ok()
}

/// The first part of the host of an account: typed alone, as a host or as an address. Nothing else is a host of Fakturownia.
fn account(typed: &str) -> Option<String> {
    let typed = typed.trim().to_lowercase();
    let host = match typed.split_once("://") {
        Some(_) => Url::parse(&typed).ok().filter(|url| url.scheme() == "https")?.host_str()?.to_owned(),
        None => typed.trim_end_matches('/').to_owned(),
    };
    let name = host.strip_suffix(DOMAIN).and_then(|name| name.strip_suffix('.')).unwrap_or(&host);
    let is_label = (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    is_label.then(|| name.to_owned())
}

/// What was typed in names no account.
pub(super) fn no_account(operation: Operation) -> LedgerError {
    let message = format!(
        "What was typed in is no address of an account in {NAME}. It looks like mycompany.{DOMAIN}: copy it from the browser, and \
         connect again."
    );
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused, operation, message)
}

/// Sends a request to the account's own host, with the token in a header: not in the address, which others write down. Only of
/// files it is not known whether they take it there, so they get it as the vendor shows.
pub(super) fn sign(at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
    let operation = call.purpose.operation;
    let lost = || no_account(operation);
    let account = access.typed(ACCOUNT).ok_or_else(lost)?;
    let token = access.typed(TOKEN).ok_or_else(lost)?;
    let account = account.expose();
    // A simulator has accounts under its own address.
    let endpoint = at.sibling(&format!("https://{account}.{DOMAIN}"), DOMAIN).or_else(|| at.under(account));
    let endpoint = endpoint.ok_or_else(lost)?;
    if call.purpose.resource == PDF {
        let token: String = form_urlencoded::byte_serialize(token.expose().as_bytes()).collect();
        let path = format!("{}?{TOKEN}={token}", call.path);
        return Ok(Signed { endpoint, call: Call { path, ..call }, bearer: None, headers: Vec::new() });
    }
    Ok(Signed::bearing(&endpoint, call, &token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Ledger as _,
        call::{Body, Effect, Purpose},
        fakturownia::Fakturownia,
    };

    fn typed(account: &str) -> Secret {
        let values = [(ACCOUNT, account), (TOKEN, "abc/demo")];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Fakturownia.descriptor().typed(&values).unwrap()
    }

    #[test]
    fn an_account_is_one_label_under_the_domain() {
        for text in
            ["demo-sklep", "Demo-Sklep.fakturownia.pl", "https://demo-sklep.fakturownia.pl/invoices?a=1", "demo-sklep/"]
        {
            assert_eq!(account(text).as_deref(), Some("demo-sklep"), "{text}");
        }
        for text in [
            "",
            "a.b.fakturownia.pl",
            "evil.test",
            "https://evil.test/demo.fakturownia.pl",
            "https://demo@evil.test",
            "http://demo.fakturownia.pl",
            "demo.fakturownia.pl.evil.test",
            "demo/x",
            "-demo",
            "dęmo",
            "fakturownia.pl",
        ] {
            assert_eq!(account(text), None, "{text}");
            assert_eq!(key(&typed(if text.is_empty() { "x.y" } else { text })), None, "{text}");
        }
    }

    #[test]
    fn requests_go_to_the_host_of_the_account_with_the_token_beside_them() {
        let at = |base: &Endpoint| {
            let purpose = Purpose { operation: Operation::Identity, effect: Effect::Reads, resource: "departments" };
            let call = Call { purpose, path: "/departments.json".to_owned(), body: Body::Nothing };
            let signed = sign(base, call, &key(&typed("demo-sklep.fakturownia.pl")).unwrap()).unwrap();
            assert_eq!(signed.bearer.unwrap().expose(), "abc/demo");
            signed.endpoint.url(&signed.call.path).unwrap().to_string()
        };
        let real = Endpoint::of_site(Fakturownia.descriptor(), "pl").unwrap();
        assert_eq!(at(&real), "https://demo-sklep.fakturownia.pl/departments.json");
        let here = Endpoint::test("http://127.0.0.1:8099/fakturownia").unwrap();
        assert_eq!(at(&here), "http://127.0.0.1:8099/fakturownia/demo-sklep/departments.json");
    }
}
