//! Failures before and after a message is taken.

use std::time::{Duration, Instant};

use simulators::faults::{Effect, Fault, Stored};
use simulators::ses::failures;

use crate::support::{Client, action, between, plain, read, send};

fn on_send(effect: Effect) -> Fault {
    Fault::on("POST", "SendRawEmail", effect)
}

#[tokio::test]
async fn some_calls_fail_and_their_messages_are_taken_or_not() {
    let client = Client::start().await;
    let form = send(&plain("success@simulator.amazonses.com"), &[]);
    let count = || client.simulator.read(|ses| ses.taken.len());
    client.simulator.faults().add(on_send(failures::throttling()).times(2));
    assert_eq!(client.call(&action("GetSendQuota", &[])).await.0, 200, "only what is asked for fails");
    for _ in 0..2 {
        let (status, text) = client.call(&form).await;
        assert_eq!((status, between(&text, "Code").unwrap().as_str(), count()), (400, "Throttling", 0));
    }
    for (effect, status, taken) in [
        (failures::internal_failure(Stored::No), 500, 0),
        (failures::internal_failure(Stored::Yes), 500, 1),
        (failures::unavailable(Stored::Yes), 503, 2),
    ] {
        client.simulator.faults().add(on_send(effect));
        let (given, text) = client.call(&form).await;
        assert_eq!((given, count()), (status, taken), "{text}");
        assert!(text.contains("<Type>Receiver</Type>"), "{text}");
    }
    client.simulator.faults().add(on_send(Effect::Malformed));
    let (status, text) = client.call(&form).await;
    assert_eq!((status, text.contains("</SendRawEmailResponse>"), count()), (200, false, 3));
    assert_eq!(client.simulator.requests().count("POST", "SendRawEmail"), 6);
}

#[tokio::test]
async fn some_answers_never_come_or_come_late() {
    let client = Client::start().await;
    let form = send(&plain("success@simulator.amazonses.com"), &[]);
    let count = || client.simulator.read(|ses| ses.taken.len());
    for (effect, taken) in [
        (Effect::drop(Stored::No), 0),
        (Effect::drop(Stored::Yes), 1),
        (Effect::reset(Stored::No), 1),
        (Effect::reset(Stored::Yes), 2),
    ] {
        client.simulator.faults().add(on_send(effect));
        assert!(client.ask(&form).send().await.is_err());
        assert_eq!(count(), taken);
    }
    client.simulator.faults().add(on_send(Effect::hang(Stored::Yes)));
    assert!(client.ask(&form).timeout(Duration::from_millis(200)).send().await.is_err());
    assert_eq!(count(), 3);
    client.simulator.faults().add(on_send(Effect::delay(Duration::from_millis(300))));
    let start = Instant::now();
    assert_eq!(client.call(&form).await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_token_expires_under_a_call() {
    let client = Client::start().await;
    let form = send(&plain("success@simulator.amazonses.com"), &[]);
    client.simulator.faults().add(on_send(Effect::TokenExpired));
    let (status, text) = read(client.ask(&form)).await;
    assert_eq!((status, between(&text, "Code").unwrap().as_str()), (403, "ExpiredToken"));
    assert_eq!(client.call(&form).await.0, 200);
}
