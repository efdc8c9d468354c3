//! Consent, tokens and servers of Twinfield.

use super::*;
use crate::turn::{Turn, sample};
use ledgers::{Client, Credentials, ErrorCode, ErrorKind, LedgerError, Opener, RateBudget, Sender, Timeouts};
use std::time::{Duration, Instant as Monotonic};

/// Goes through the consent page as a browser does; returns the code.
async fn consent(bench: &TwinfieldBench) -> Secret {
    let endpoint = bench.target().endpoint;
    let Credentials::Consent(consent) = Ours.descriptor().credentials else { panic!("a consent opens it") };
    let App { client_id, redirect_uri, .. } = bench.app();
    let url = consent.url(&endpoint, &client_id, &redirect_uri, &Secret::new("st&ate")).unwrap();
    drop(rustls::crypto::ring::default_provider().install_default());
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(value("state"), "st&ate");
    Secret::new(value("code"))
}

async fn with<T>(bench: &TwinfieldBench, app: &App, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
    let sender = Sender::new(Timeouts::default()).unwrap();
    let clock = || bench.now();
    let endpoint = bench.target().endpoint;
    let deadline = Monotonic::now() + Duration::from_secs(10);
    work(&Opener { ledger: &Ours, sender: &sender, endpoint, app, deadline, clock: &clock }).await
}

async fn exchange(bench: &TwinfieldBench, code: &Secret) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.open(code).await).await
}

async fn refresh(bench: &TwinfieldBench, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.refresh(tokens).await).await
}

async fn who(bench: &TwinfieldBench, tokens: &TokenSet) -> Result<ledgers::Identity, LedgerError> {
    let sender = Sender::new(Timeouts::default()).unwrap();
    let clock = || bench.now();
    let mut client = Client {
        ledger: &Ours,
        sender: &sender,
        target: Target { division: None, ..bench.target() },
        access: tokens.access.clone(),
        app: bench.app(),
        budget: RateBudget::default(),
        deadline: Monotonic::now() + Duration::from_secs(10),
        clock: &clock,
    };
    client.identity().await
}

#[tokio::test]
async fn a_consent_gives_access_and_the_server_of_the_organisation() {
    let bench = TwinfieldBench::start().await;
    let code = consent(&bench).await;
    let tokens = exchange(&bench, &code).await.unwrap();
    assert_eq!(tokens.expires_at - bench.now(), TimeDelta::seconds(3_600));
    assert!(tokens.access.expose().contains(&format!("/{}", seed::CLUSTER)));
    let identity = who(&bench, &tokens).await.unwrap();
    assert_eq!((identity.user.as_str(), identity.name.as_str()), ("DEMO/ROBOT", "ROBOT"));
    let again = exchange(&bench, &code).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
}

#[tokio::test]
async fn a_refresh_token_goes_on_working_until_the_consent_is_withdrawn() {
    let bench = TwinfieldBench::start().await;
    let first = exchange(&bench, &consent(&bench).await).await.unwrap();
    let second = refresh(&bench, &first).await.unwrap();
    assert_ne!(second.access, first.access);
    assert_eq!(second.refresh, first.refresh);
    bench.simulator.faults().add(Fault::on("POST", "connect/token", Effect::drop(Stored::Yes)));
    let lost = refresh(&bench, &first).await.unwrap_err();
    assert!(matches!(lost.kind(), ErrorKind::Retryable { .. }), "nothing was used up: {lost}");
    refresh(&bench, &first).await.unwrap();
    bench.simulator.change(|books| books.refresh_tokens.clear());
    let withdrawn = refresh(&bench, &first).await.unwrap_err();
    assert_eq!((withdrawn.kind(), withdrawn.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
}

/// The code is used up by then: what it gave must not be lost.
#[tokio::test]
async fn tokens_of_a_consent_are_kept_although_the_server_is_not_known_yet() {
    let bench = TwinfieldBench::start().await;
    let code = consent(&bench).await;
    bench.simulator.faults().add(Fault::on("GET", "accesstokenvalidation", Effect::unavailable(Stored::No)));
    let tokens = exchange(&bench, &code).await.unwrap();
    assert!(tokens.must_refresh(&Ours.descriptor().tokens, bench.now()), "renewed before it is used");
    assert_eq!(who(&bench, &tokens).await.unwrap_err().kind(), ErrorKind::Unauthorised, "and not used before");
    let renewed = refresh(&bench, &tokens).await.unwrap();
    who(&bench, &renewed).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_twinfields_is_never_called() {
    let bench = TwinfieldBench::start().await;
    let tokens = exchange(&bench, &consent(&bench).await).await.unwrap();
    let body = r#"{"twf.clusterUrl":"http://127.0.0.1:1/steal"}"#.to_owned();
    let answer = Effect::Answer { status: 200, headers: std::collections::BTreeMap::new(), body, stored: Stored::No };
    bench.simulator.faults().add(Fault::on("GET", "accesstokenvalidation", answer));
    let error = refresh(&bench, &tokens).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Bug, ErrorCode::ForeignHost));
}

#[tokio::test]
async fn an_organisation_that_moved_is_found_on_its_new_server() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    bench.simulator.change(|books| books.organisations[0].cluster = "c7".into());
    turn.post(&sample(&bench)).await.unwrap();
    assert_eq!(turn.errors.len(), 1);
    assert!(turn.errors[0].message().contains("moved"), "{}", turn.errors[0]);
}

#[tokio::test]
async fn a_wrong_registration_is_ours_to_repair() {
    let bench = TwinfieldBench::start().await;
    let app = App { client_secret: Secret::new("wrong"), ..bench.app() };
    let code = consent(&bench).await;
    let error = with(&bench, &app, async |opener| opener.open(&code).await).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
}
