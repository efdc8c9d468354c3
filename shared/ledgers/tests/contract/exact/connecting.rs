//! Consent and tokens of Exact Online.

use super::*;
use crate::turn::{Turn, sample};
use ledgers::{Credentials, Deadline, ErrorCode, ErrorKind, LedgerError, Opener, Seen, Sender};
use std::time::Duration;

struct Connecting {
    bench: ExactBench,
}

impl Connecting {
    async fn new() -> Self {
        Self { bench: ExactBench::start().await }
    }

    /// Goes through the consent page as a browser does; returns the code.
    async fn consent(&self) -> Secret {
        let endpoint = self.bench.target().endpoint;
        let Credentials::Consent(consent) = ExactOnline.descriptor().credentials else { panic!("a consent opens it") };
        let App { client_id, redirect_uri, .. } = self.bench.app();
        let url = consent.url(&endpoint, &client_id, &redirect_uri, &Secret::new("st&ate")).unwrap();
        drop(rustls::crypto::ring::default_provider().install_default());
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = browser.get(url).send().await.unwrap();
        let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(value("state"), "st&ate");
        Secret::new(value("code"))
    }

    async fn with<T>(&self, app: &App, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
        let sender = Sender::new().unwrap();
        let clock = || self.bench.now();
        let endpoint = self.bench.target().endpoint;
        let deadline = Deadline::after(Duration::from_secs(10));
        work(&Opener { ledger: &ExactOnline, sender: &sender, endpoint, app, deadline, clock: &clock }).await
    }

    async fn exchange(&self, code: &Secret) -> Result<TokenSet, LedgerError> {
        self.with(&self.bench.app(), async |opener| opener.open(code).await).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        self.with(&self.bench.app(), async |opener| opener.refresh(tokens).await).await
    }
}

#[tokio::test]
async fn a_consent_gives_tokens_once_and_they_rotate() {
    let connecting = Connecting::new().await;
    let code = connecting.consent().await;
    let first = connecting.exchange(&code).await.unwrap();
    assert_eq!(first.expires_at - connecting.bench.now(), TimeDelta::seconds(600));
    let error = connecting.exchange(&code).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
}

#[tokio::test]
async fn refreshing_keeps_to_the_rules() {
    let connecting = Connecting::new().await;
    let code = connecting.consent().await;
    let first = connecting.exchange(&code).await.unwrap();
    connecting.bench.advance(TimeDelta::seconds(560));
    let early = connecting.refresh(&first).await.unwrap_err();
    assert_eq!((early.kind(), early.code()), (ErrorKind::Retryable { after: None }, ErrorCode::TokenTooEarly));
    connecting.bench.advance(TimeDelta::seconds(15));
    let second = connecting.refresh(&first).await.unwrap();
    assert!(second != first);
    let old = connecting.refresh(&first).await.unwrap_err();
    assert_eq!((old.kind(), old.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
    assert_eq!(old.ledger_text(), Some("Old refresh token used."));
    connecting.bench.advance(TimeDelta::days(31));
    let dead = connecting.refresh(&second).await.unwrap_err();
    assert_eq!(dead.kind(), ErrorKind::ReconnectNeeded);
}

/// The worst that can happen to a token: it rotated, and nobody learned the new one.
#[tokio::test]
async fn a_lost_answer_to_a_refresh_costs_a_new_consent_and_no_storm() {
    let connecting = Connecting::new().await;
    let code = connecting.consent().await;
    let tokens = connecting.exchange(&code).await.unwrap();
    connecting.bench.advance(TimeDelta::seconds(580));
    connecting.bench.simulator.faults().add(Fault::on("POST", "oauth2/token", Effect::drop(Stored::Yes)));
    let lost = connecting.refresh(&tokens).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Unknown);
    let tried_once_more = connecting.refresh(&tokens).await.unwrap_err();
    assert_eq!(tried_once_more.kind(), ErrorKind::ReconnectNeeded);

    // Lost before it got there: the stored token still works.
    let code = connecting.consent().await;
    let tokens = connecting.exchange(&code).await.unwrap();
    connecting.bench.advance(TimeDelta::seconds(580));
    connecting.bench.simulator.faults().add(Fault::on("POST", "oauth2/token", Effect::drop(Stored::No)));
    assert_eq!(connecting.refresh(&tokens).await.unwrap_err().kind(), ErrorKind::Unknown);
    connecting.refresh(&tokens).await.unwrap();
}

#[tokio::test]
async fn a_wrong_registration_is_ours_to_repair() {
    let connecting = Connecting::new().await;
    let app = App { client_secret: Secret::new("wrong"), ..connecting.bench.app() };
    let code = connecting.consent().await;
    let error = connecting.with(&app, async |opener| opener.open(&code).await).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
    let tokens = connecting.bench.connect();
    let error = connecting.with(&app, async |opener| opener.refresh(&tokens).await).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
}

/// A second consent kills the tokens of the first while they are in use.
#[tokio::test]
async fn a_token_that_is_refused_before_it_may_be_renewed_waits() {
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    bench.simulator.change(|state| state.access_tokens.retain(|_| false));
    let started = bench.now();
    turn.post(&sample(&bench)).await.unwrap();
    assert!(bench.now() - started >= TimeDelta::seconds(570), "no early refresh");
    assert_eq!(turn.errors.len(), 1);
    turn.renew(Seen::Good).await.unwrap();
}
