//! Consent, tokens and servers of Twinfield.

use super::*;
use crate::{
    sign_in::{consent, exchange, refresh, who, with},
    turn::{Turn, sample},
};
use ledgers::{ErrorCode, ErrorKind};

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
