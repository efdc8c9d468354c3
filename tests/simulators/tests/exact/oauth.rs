use std::sync::Arc;

use chrono::TimeDelta;
use simulators::exact::{Handle, seed};
use simulators::faults::{Effect, Fault, Stored};

use crate::support::{Client, Reply, seconds, start};

async fn consent(exact: &Handle, redirect_uri: &str) -> Reply {
    let client = Client::anonymous(exact);
    let query =
        [("client_id", seed::APP), ("redirect_uri", redirect_uri), ("response_type", "code"), ("state", "s 1&2")];
    let url = format!("{}/api/oauth2/auth", exact.base_url());
    client.send(client.http.get(url).query(&query)).await.expect("an answer")
}

fn parameter(reply: &Reply, name: &str) -> String {
    let location = reqwest::Url::parse(reply.header("location").expect("a redirect")).expect("an address");
    let found = location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("no {name} in {location}"))
}

async fn token(exact: &Handle, form: &[(&str, &str)]) -> Result<Reply, reqwest::Error> {
    let client = Client::anonymous(exact);
    let url = format!("{}/api/oauth2/token", exact.base_url());
    client.send(client.http.post(url).form(form)).await
}

async fn exchange(exact: &Handle, code: &str) -> Reply {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", seed::REDIRECT_URI),
        ("client_id", seed::APP),
        ("client_secret", seed::SECRET),
    ];
    token(exact, &form).await.expect("an answer")
}

async fn refresh(exact: &Handle, refresh_token: &str) -> Reply {
    try_refresh(exact, refresh_token).await.expect("an answer")
}

async fn try_refresh(exact: &Handle, refresh_token: &str) -> Result<Reply, reqwest::Error> {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", seed::APP),
        ("client_secret", seed::SECRET),
    ];
    token(exact, &form).await
}

fn refresh_token(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["refresh_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn consent_gives_a_code_that_works_once() {
    let exact = start().await;
    let reply = consent(&exact, seed::REDIRECT_URI).await;
    assert_eq!((reply.status, parameter(&reply, "state").as_str()), (302, "s 1&2"));
    let code = parameter(&reply, "code");
    let first = exchange(&exact, &code).await;
    assert_eq!(
        (first.json()["expires_in"].as_str(), first.json()["token_type"].as_str()),
        (Some("600"), Some("bearer"))
    );
    let second = exchange(&exact, &code).await;
    assert_eq!((second.status, second.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn a_code_lives_for_minutes_and_belongs_to_its_redirect() {
    let exact = start().await;
    let code = parameter(&consent(&exact, seed::REDIRECT_URI).await, "code");
    exact.clock().advance(TimeDelta::minutes(4));
    assert_eq!(exchange(&exact, &code).await.status, 400);
    assert_eq!(consent(&exact, "https://elsewhere.example/").await.status, 400);
}

#[tokio::test]
async fn a_user_can_say_no() {
    let exact = start().await;
    exact.change(|state| state.consent.denied = true);
    assert_eq!(parameter(&consent(&exact, seed::REDIRECT_URI).await, "error"), "access_denied");
}

#[tokio::test]
async fn client_and_secret_are_checked() {
    let exact = start().await;
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", seed::APP), ("client_secret", "no")];
    let reply = token(&exact, &form).await.expect("an answer");
    assert_eq!((reply.status, reply.json()["error"].as_str()), (401, Some("invalid_client")));
}

#[tokio::test]
async fn refresh_tokens_turn_and_the_old_one_is_dead() {
    let exact = start().await;
    let first = exact.connect(seed::APP, seed::USER);
    exact.clock().advance(seconds(570));
    let second = refresh_token(&refresh(&exact, &first.refresh_token).await);
    assert_ne!(first.refresh_token, second);
    exact.clock().advance(seconds(570));
    let old = refresh(&exact, &first.refresh_token).await;
    assert_eq!((old.status, old.json()["error_description"].as_str()), (401, Some("Old refresh token used.")));
    refresh_token(&refresh(&exact, &second).await);
}

#[tokio::test]
async fn an_early_refresh_is_refused_with_a_reason() {
    let exact = start().await;
    let tokens = exact.connect(seed::APP, seed::USER);
    exact.clock().advance(seconds(569));
    let early = refresh(&exact, &tokens.refresh_token).await;
    assert_eq!(early.status, 400);
    assert!(early.header("Reason").is_some_and(|reason| reason.starts_with("TooEarlyToRefreshTokens:")));
    assert_eq!(early.json()["error_description"], "Rate limit exceeded: access_token not expired");
    exact.clock().advance(seconds(1));
    assert_eq!(refresh(&exact, &tokens.refresh_token).await.status, 200);
}

#[tokio::test]
async fn early_refreshes_eat_into_the_error_budget() {
    let exact = start().await;
    let tokens = exact.connect(seed::APP, seed::USER);
    for _ in 0..11 {
        assert_eq!(refresh(&exact, &tokens.refresh_token).await.status, 400);
    }
    let client = Client { token: tokens.access_token, ..Client::anonymous(&exact) };
    assert_eq!(client.get("financial/Journals", &[("$select", "Code")]).await.status, 429);
}

#[tokio::test]
async fn a_refresh_token_dies_after_thirty_days() {
    let exact = start().await;
    let tokens = exact.connect(seed::APP, seed::USER);
    exact.clock().advance(TimeDelta::days(30) + seconds(1));
    assert_eq!(refresh(&exact, &tokens.refresh_token).await.status, 400);
}

#[tokio::test]
async fn a_new_consent_kills_the_former_tokens_refresh() {
    let exact = start().await;
    let former = exact.connect(seed::APP, seed::USER);
    let code = parameter(&consent(&exact, seed::REDIRECT_URI).await, "code");
    refresh_token(&exchange(&exact, &code).await);
    exact.clock().advance(seconds(600));
    assert_eq!(refresh(&exact, &former.refresh_token).await.status, 401);
}

#[tokio::test]
async fn of_ten_refreshes_at_once_one_wins() {
    let exact = Arc::new(start().await);
    let tokens = exact.connect(seed::APP, seed::USER);
    exact.clock().advance(seconds(600));
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (exact, token) = (Arc::clone(&exact), tokens.refresh_token.clone());
        attempts.spawn(async move { refresh(&exact, &token).await.status });
    }
    let mut statuses = attempts.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[200].as_slice(), &[401; 9]].concat());
}

#[tokio::test]
async fn a_rotation_whose_answer_is_lost_leaves_the_client_with_a_dead_token() {
    let exact = start().await;
    let tokens = exact.connect(seed::APP, seed::USER);
    exact.clock().advance(seconds(600));
    exact.faults().add(Fault::on("POST", "/api/oauth2/token", Effect::drop(Stored::Yes)));
    try_refresh(&exact, &tokens.refresh_token).await.expect_err("no answer");
    exact.clock().advance(seconds(600));
    let reply = refresh(&exact, &tokens.refresh_token).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (401, Some("unauthorized_client")));
}

#[tokio::test]
async fn tokens_of_two_simulators_differ() {
    let (one, other) = (start().await, start().await);
    assert_ne!(one.connect(seed::APP, seed::USER), other.connect(seed::APP, seed::USER));
}
