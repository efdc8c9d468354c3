//! Consent and tokens of `AccountView`.

use super::*;
use crate::turn::{Turn, sample};
use ledgers::{Client, Credentials, ErrorCode, ErrorKind, LedgerError, Opener, RateBudget, Sender, Timeouts};
use simulators::faults::{Effect, Fault, Stored};
use std::time::{Duration, Instant as Monotonic};

/// Goes through the consent page as a browser does; returns the code.
async fn consent(bench: &AccountViewBench) -> Secret {
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

async fn with<T>(bench: &AccountViewBench, app: &App, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
    let sender = Sender::new(Timeouts::default()).unwrap();
    let clock = || bench.clock();
    let endpoint = bench.target().endpoint;
    let deadline = Monotonic::now() + Duration::from_secs(10);
    work(&Opener { ledger: &Ours, sender: &sender, endpoint, app, deadline, clock: &clock }).await
}

async fn exchange(bench: &AccountViewBench, code: &Secret) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.open(code).await).await
}

async fn refresh(bench: &AccountViewBench, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.refresh(tokens).await).await
}

async fn who(bench: &AccountViewBench, tokens: &TokenSet) -> Result<ledgers::Identity, LedgerError> {
    let sender = Sender::new(Timeouts::default()).unwrap();
    let clock = || bench.clock();
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
async fn a_consent_gives_access_to_the_companies_of_the_user() {
    let bench = AccountViewBench::start().await;
    let code = consent(&bench).await;
    let tokens = exchange(&bench, &code).await.unwrap();
    assert_eq!(tokens.expires_at - bench.clock(), TimeDelta::seconds(3_600));
    let identity = who(&bench, &tokens).await.unwrap();
    assert_eq!(identity.name, "Demo B.V. (DEMO), Demo Holding B.V. (HOLDING)");
    assert_eq!((identity.division, identity.only), (None, None), "the company is chosen");
    let again = exchange(&bench, &code).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
    bench.simulator.change(|all| all.companies.clear());
    let error = who(&bench, &tokens).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::NoDivisionAccess));
}

#[tokio::test]
async fn each_refresh_token_works_once() {
    let bench = AccountViewBench::start().await;
    let first = exchange(&bench, &consent(&bench).await).await.unwrap();
    let second = refresh(&bench, &first).await.unwrap();
    assert_ne!((&second.access, &second.refresh), (&first.access, &first.refresh));
    let used = refresh(&bench, &first).await.unwrap_err();
    assert_eq!((used.kind(), used.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
    refresh(&bench, &second).await.unwrap();
}

#[tokio::test]
async fn a_rotation_whose_answer_is_lost_is_not_taken_for_a_withdrawal() {
    let bench = AccountViewBench::start().await;
    let tokens = exchange(&bench, &consent(&bench).await).await.unwrap();
    bench.simulator.faults().add(Fault::on("POST", "/token", Effect::drop(Stored::No)));
    let lost = refresh(&bench, &tokens).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Unknown, "the token may be used up");
    refresh(&bench, &tokens).await.unwrap();
}

#[tokio::test]
async fn a_wrong_registration_is_ours_to_repair() {
    let bench = AccountViewBench::start().await;
    let app = App { client_secret: Secret::new("wrong"), ..bench.app() };
    let code = consent(&bench).await;
    let error = with(&bench, &app, async |opener| opener.open(&code).await).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
}

#[tokio::test]
async fn a_consent_for_reading_alone_cannot_book() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let now = bench.clock();
    let tokens = bench.simulator.change(|all| auth::connect(all, now, seed::APP, &[auth::READ]));
    turn.tokens.access = Secret::new(tokens.access);
    let error = turn.post(&sample(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppScope));
    assert!(bench.pages().is_empty());
}
