use std::time::Duration;

use simulators::exact::{Direction, Handle, Language, Message, seed};
use simulators::faults::{Effect, Fault, Stored};

use crate::support::{Client, PURCHASES, Reply, http, line, purchase, start};

/// A client that gives up soon.
fn impatient(exact: &Handle) -> Client {
    let http = http().timeout(Duration::from_millis(250)).build().expect("a client");
    Client { http, ..Client::connect(exact) }
}

async fn post(exact: &Handle, client: &Client) -> Result<Reply, reqwest::Error> {
    client.try_post(PURCHASES, &purchase(exact, &[line(exact, "4500", "100", "21")])).await
}

fn count(exact: &Handle) -> usize {
    exact.entries(seed::DIVISION, Direction::Purchase).len()
}

async fn fails(effect: Effect) -> (Handle, reqwest::Error) {
    let exact = start().await;
    exact.faults().add(Fault::on("POST", PURCHASES, effect));
    let client = impatient(&exact);
    let error = post(&exact, &client).await.expect_err("no answer");
    (exact, error)
}

async fn answers(effect: Effect) -> (Handle, Reply) {
    let exact = start().await;
    exact.faults().add(Fault::on("POST", PURCHASES, effect));
    let client = Client::connect(&exact);
    let reply = post(&exact, &client).await.expect("an answer");
    (exact, reply)
}

#[tokio::test]
async fn no_answer_before_or_after_the_commit() {
    let (exact, error) = fails(Effect::hang(Stored::No)).await;
    assert!(error.is_timeout() && count(&exact) == 0);
    let (exact, error) = fails(Effect::hang(Stored::Yes)).await;
    assert!(error.is_timeout() && count(&exact) == 1);
    assert_eq!(exact.requests().list().last().map(|request| request.status), Some(None));
}

#[tokio::test]
async fn stored_only_after_the_client_gave_up() {
    let (exact, error) = fails(Effect::store_late(Duration::from_millis(300))).await;
    assert!(error.is_timeout());
    assert_eq!(count(&exact), 0);
    let mut waited = 0;
    while count(&exact) == 0 && waited < 100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += 1;
    }
    assert_eq!(count(&exact), 1);
}

#[tokio::test]
async fn the_connection_ends_without_an_answer() {
    for effect in [Effect::reset(Stored::Yes), Effect::drop(Stored::Yes)] {
        let (exact, error) = fails(effect).await;
        assert!(!error.is_timeout() && error.is_request(), "{error:?}");
        assert_eq!(count(&exact), 1);
    }
    let (exact, _) = fails(Effect::reset(Stored::No)).await;
    assert_eq!(count(&exact), 0);
}

#[tokio::test]
async fn answers_from_something_in_front() {
    let (_, reply) = answers(Effect::too_many_requests(Some(17))).await;
    assert_eq!((reply.status, reply.header("Retry-After")), (429, Some("17")));
    let (_, reply) = answers(Effect::too_many_requests(None)).await;
    assert_eq!((reply.status, reply.header("Retry-After")), (429, None));
    let (exact, reply) = answers(Effect::unavailable(Stored::Yes)).await;
    assert_eq!((reply.status, count(&exact)), (503, 1));
    let (exact, reply) = answers(Effect::html_error(Stored::No)).await;
    assert_eq!((reply.status, count(&exact)), (500, 0));
    assert!(reply.text.contains("<html>"));
}

#[tokio::test]
async fn bodies_that_are_missing_broken_or_slow() {
    let (exact, reply) = answers(Effect::EmptyBody).await;
    assert_eq!((reply.status, reply.text.as_str(), count(&exact)), (201, "", 1));
    let (exact, reply) = answers(Effect::Malformed).await;
    assert!(serde_json::from_str::<serde_json::Value>(&reply.text).is_err());
    assert_eq!((reply.status, count(&exact)), (201, 1));
    let began = std::time::Instant::now();
    let (_, reply) = answers(Effect::SlowBody { over_ms: 300 }).await;
    assert!(began.elapsed() >= Duration::from_millis(290) && reply.d()["EntryID"].is_string());
    let (exact, error) = fails(Effect::SlowBody { over_ms: 5_000 }).await;
    assert!(error.is_timeout() && count(&exact) == 1);
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle() {
    let (exact, reply) = answers(Effect::TokenExpired).await;
    assert_eq!((reply.status, count(&exact)), (401, 0));
}

#[tokio::test]
async fn any_sentence_can_be_brought_about() {
    let (_, reply) = answers(Message::DocumentNumberInUse.effect(Language::En)).await;
    assert_eq!((reply.status, reply.message().as_str()), (500, "In use: Document number"));
}

#[tokio::test]
async fn the_nth_request_of_any_kind() {
    let exact = start().await;
    let client = impatient(&exact);
    exact.faults().add(Fault::on_any(Effect::hang(Stored::No)).skip(2));
    let journals = [("$select", "Code")];
    assert_eq!(client.get("financial/Journals", &journals).await.status, 200);
    assert_eq!(post(&exact, &client).await.map(|reply| reply.status).ok(), Some(201));
    assert!(post(&exact, &client).await.is_err());
    assert_eq!(post(&exact, &client).await.map(|reply| reply.status).ok(), Some(201));
    assert_eq!((exact.requests().total(), exact.requests().count("POST", "PurchaseEntries")), (4, 3));
}
