//! Consent and tokens of `AccountView`.

use super::*;
use crate::{
    sign_in::{consent, exchange, refresh, who, with},
    turn::{Turn, sample},
};
use ledgers::{ErrorCode, ErrorKind};
use simulators::faults::{Effect, Fault, Stored};

#[tokio::test]
async fn a_consent_gives_access_to_the_companies_of_the_user() {
    let bench = AccountViewBench::start().await;
    let code = consent(&bench).await;
    let tokens = exchange(&bench, &code).await.unwrap();
    assert_eq!(tokens.expires_at - tokens.issued_at, TimeDelta::seconds(3_600));
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
