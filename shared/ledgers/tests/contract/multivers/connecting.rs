//! Consent, tokens and versions.

use super::*;
use crate::turn::{Turn, sample};
use ledgers::{Client, Credentials, Deadline, ErrorCode, ErrorKind, LedgerError, Opener, RateBudget, Seen, Sender};
use simulators::faults::{Effect, Fault, Stored};
use std::time::Duration;

/// Goes through the consent page as a browser does; returns the code.
async fn consent<P: Product>(bench: &FamilyBench<P>) -> Secret {
    let Credentials::Consent(consent) = FamilyBench::<P>::ledger().descriptor().credentials else {
        panic!("a consent opens it")
    };
    let App { client_id, redirect_uri, .. } = bench.app();
    let url = consent.url(&bench.target().endpoint, &client_id, &redirect_uri, &Secret::new("st&ate")).unwrap();
    drop(rustls::crypto::ring::default_provider().install_default());
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(value("state"), "st&ate");
    Secret::new(value("code"))
}

async fn with<P: Product, T>(bench: &FamilyBench<P>, app: &App, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
    let sender = Sender::new().unwrap();
    let clock = || bench.now();
    let endpoint = bench.target().endpoint;
    let deadline = Deadline::after(Duration::from_secs(10));
    let ledger = FamilyBench::<P>::ledger();
    work(&Opener { ledger, sender: &sender, endpoint, app, deadline, clock: &clock }).await
}

async fn exchange<P: Product>(bench: &FamilyBench<P>, code: &Secret) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.open(code).await).await
}

async fn refresh<P: Product>(bench: &FamilyBench<P>, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.refresh(tokens).await).await
}

async fn connects<P: Product>() {
    let bench = FamilyBench::<P>::start().await;
    let code = consent(&bench).await;
    let tokens = exchange(&bench, &code).await.unwrap();
    assert_eq!(tokens.expires_at - bench.now(), TimeDelta::seconds(3_600));
    let again = exchange(&bench, &code).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
    let (sender, clock) = (Sender::new().unwrap(), || bench.now());
    let mut client = Client {
        ledger: FamilyBench::<P>::ledger(),
        sender: &sender,
        target: Target { division: None, ..bench.target() },
        access: tokens.access.clone(),
        app: bench.app(),
        budget: RateBudget::default(),
        app_budget: None,
        deadline: Deadline::after(Duration::from_secs(10)),
        clock: &clock,
    };
    let identity = client.identity().await.unwrap();
    assert_eq!((identity.user.as_str(), identity.only), ("consented", None));
    let wrong = App { client_secret: Secret::new("wrong"), ..bench.app() };
    let code = consent(&bench).await;
    let error = with(&bench, &wrong, async |opener| opener.open(&code).await).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
}

#[tokio::test]
async fn a_consent_opens_each_product_with_its_own_registration() {
    connects::<Multivers>().await;
    connects::<BoekhoudGemak>().await;
}

#[tokio::test]
async fn refresh_tokens_that_stay_and_that_rotate_are_both_kept() {
    for kept in [state::RefreshTokens::Fixed, state::RefreshTokens::Rotating] {
        let bench = MultiversBench::with(|state| state.settings.refresh_tokens = kept).await;
        let first = exchange(&bench, &consent(&bench).await).await.unwrap();
        let second = refresh(&bench, &first).await.unwrap();
        assert_ne!(second.access, first.access);
        assert_eq!(second.refresh == first.refresh, kept == state::RefreshTokens::Fixed);
        refresh(&bench, &second).await.unwrap();
        if kept == state::RefreshTokens::Rotating {
            let old = refresh(&bench, &first).await.unwrap_err();
            assert_eq!((old.kind(), old.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
        }
        bench.simulator.faults().add(Fault::on("POST", "OAuth/Token", Effect::drop(Stored::No)));
        let lost = refresh(&bench, &second).await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Unknown, "it may have rotated");
        bench.simulator.change(|all| all.state_mut().refresh_tokens.clear());
        let withdrawn = refresh(&bench, &second).await.unwrap_err();
        assert_eq!(withdrawn.kind(), ErrorKind::ReconnectNeeded);
    }
}

#[tokio::test]
async fn a_renewal_names_where_consents_come_back_to() {
    let needed = state::RefreshRedirect::Needed;
    let bench = MultiversBench::with(|state| state.settings.refresh_redirect = needed).await;
    let first = exchange(&bench, &consent(&bench).await).await.unwrap();
    refresh(&bench, &first).await.unwrap();
    let nowhere = App { redirect_uri: String::new(), ..bench.app() };
    let refused = with(&bench, &nowhere, async |opener| opener.refresh(&first).await).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ReconnectNeeded);
}

#[tokio::test]
async fn the_refresh_token_before_is_kept_until_the_new_one_has_worked() {
    let bench = MultiversBench::with(|state| state.settings.refresh_tokens = state::RefreshTokens::Rotating).await;
    let asked = || bench.simulator.requests().count("POST", "OAuth/Token");
    let swap = |dead: &Secret, alive: &Secret| {
        bench.simulator.change(|all| {
            let tokens = &mut all.state_mut().refresh_tokens;
            tokens.remove(dead.expose());
            tokens.insert(alive.expose().to_owned(), seed::APP.to_owned());
        });
    };
    let first = exchange(&bench, &consent(&bench).await).await.unwrap();
    assert_eq!(first.previous, None);
    let second = refresh(&bench, &first).await.unwrap();
    assert_eq!(second.previous.as_ref(), Some(&first.refresh));
    let third = refresh(&bench, &second).await.unwrap();
    assert_eq!(
        third.previous.as_ref(),
        Some(&second.refresh),
        "the second one worked: the first is of no use any more"
    );
    // The answer with the third came, but the ledger never kept it.
    swap(&third.refresh, &second.refresh);
    let before = asked();
    let fourth = refresh(&bench, &third).await.unwrap();
    assert_eq!((asked() - before, fourth.previous.as_ref()), (2, Some(&second.refresh)));
    // A consent that was withdrawn: neither works.
    bench.simulator.change(|all| all.state_mut().refresh_tokens.clear());
    let before = asked();
    let withdrawn = refresh(&bench, &fourth).await.unwrap_err();
    assert_eq!((asked() - before, withdrawn.kind()), (2, ErrorKind::ReconnectNeeded));
    // A lost answer says nothing about either.
    bench.simulator.faults().add(Fault::on("POST", "OAuth/Token", Effect::drop(Stored::No)));
    let before = asked();
    assert_eq!(refresh(&bench, &fourth).await.unwrap_err().kind(), ErrorKind::Unknown);
    assert_eq!(asked() - before, 1);
}

#[tokio::test]
async fn a_short_life_of_tokens_is_obeyed() {
    let bench = MultiversBench::with(|state| state.settings.token_seconds = 120).await;
    let mut turn = Turn::new(&bench);
    turn.tokens = refresh(&bench, &turn.tokens).await.unwrap();
    turn.renew(Seen::Good).await.unwrap();
    assert_eq!(bench.simulator.requests().count("POST", "OAuth/Token"), 1, "good for a minute");
    bench.advance(TimeDelta::seconds(61));
    turn.post(&sample(&bench)).await.unwrap();
    assert_eq!(bench.simulator.requests().count("POST", "OAuth/Token"), 2);
    assert!(turn.errors.is_empty(), "renewed before it was refused");
}

#[tokio::test]
async fn the_version_of_the_connection_is_the_one_that_is_called() {
    let bench = MultiversBench::with(|state| state.settings.versions = vec!["V230".into()]).await;
    let endpoint = Endpoint::test(bench.simulator.base_url()).unwrap();
    let descriptor = MultiversBench::ledger().descriptor();
    let options = Options::default().with("api_version", "V230");
    let (sender, clock) = (Sender::new().unwrap(), || bench.now());
    for (version, found) in [(options, true), (Options::default(), false)] {
        let mut client = Client {
            ledger: MultiversBench::ledger(),
            sender: &sender,
            target: Target { endpoint: endpoint.clone().versioned(descriptor, &version), division: None },
            access: bench.connect().access,
            app: bench.app(),
            budget: RateBudget::default(),
            app_budget: None,
            deadline: Deadline::after(Duration::from_secs(10)),
            clock: &clock,
        };
        assert_eq!(client.identity().await.is_ok(), found, "{version:?}");
    }
    for no_version in ["../V1", "..", "a/b", "V 1", "V1?x"] {
        let options = Options::default().with("api_version", no_version);
        assert_eq!(endpoint.clone().versioned(descriptor, &options), endpoint, "{no_version}");
    }
}
