//! Whatever fails, and wherever: one document.

use crate::{
    bench::{Failure, Market},
    turn::{Kept, Turn, assert_one, with_each_request_failing},
};
use ledgers::{ErrorCode, ErrorKind, Progress};
use std::time::Duration;

pub async fn killed_after_each_request<M: Market>() {
    let market = M::start().await;
    let requests = Turn::new(&market).await.requests_of(&market.invoice()).await;
    for kept in [Kept::Yes, Kept::No] {
        for killed_after in 0..=requests {
            let market = M::start().await;
            let mut turn = Turn::new(&market).await;
            let paper = market.invoice();
            let mut stored = turn.killed_after(&paper, killed_after, kept).await;
            turn.settle().await;
            let context = format!("killed after {killed_after}, checkpoint kept: {kept:?}");
            let forwarded = turn.run(&paper, &mut stored).await.unwrap_or_else(|error| panic!("{context}: {error}"));
            assert_one(&market, &paper, &forwarded, &context);
            // The second attempt may be killed as well.
            turn.settle().await;
            let again = turn.run(&paper, &mut stored).await.unwrap();
            assert_eq!(again.id, forwarded.id, "{context}");
            assert_one(&market, &paper, &forwarded, &context);
        }
    }
}

pub async fn lost_reply_is_found_again<M: Market>() {
    with_each_request_failing::<M>(Failure::DroppedAfter, |_, _| ()).await;
}

pub async fn garbled_answers<M: Market>() {
    for failure in [Failure::Malformed, Failure::Empty] {
        with_each_request_failing::<M>(failure, |request, errors| {
            // What says nothing cannot be garbled.
            for error in errors {
                assert_eq!(error.code(), ErrorCode::MalformedAnswer, "request {request}");
            }
        })
        .await;
    }
}

pub async fn no_answer_before_storing<M: Market>() {
    with_each_request_failing::<M>(Failure::HangBefore, |_, errors| {
        assert_eq!(errors[0].code(), ErrorCode::TimedOut);
    })
    .await;
}

pub async fn no_answer_after_storing<M: Market>() {
    with_each_request_failing::<M>(Failure::HangAfter, |_, errors| {
        assert_eq!(errors[0].code(), ErrorCode::TimedOut);
    })
    .await;
}

pub async fn stored_late<M: Market>() {
    with_each_request_failing::<M>(Failure::StoredLate, |_, _| ()).await;
}

pub async fn out_of_order<M: Market>() {
    for failure in [Failure::UnavailableBefore, Failure::UnavailableAfter, Failure::PageAfter] {
        with_each_request_failing::<M>(failure, |_, errors| {
            assert_eq!(errors[0].code(), ErrorCode::Unavailable);
        })
        .await;
    }
}

pub async fn too_many_requests<M: Market>() {
    for seconds in [Some(7), None] {
        with_each_request_failing::<M>(Failure::TooMany(seconds), |_, errors| {
            assert_eq!(errors[0].code(), ErrorCode::RateLimited);
            let ErrorKind::Retryable { after } = errors[0].kind() else { panic!("{errors:?}") };
            let least = Duration::from_secs(seconds.unwrap_or(10).into());
            assert!(after.is_some_and(|after| after >= least), "{after:?}");
        })
        .await;
    }
}

/// A token is renewed and the same step sent again; a password that was changed is for people.
pub async fn access_that_ends_in_the_middle<M: Market>() {
    let market = M::start().await;
    let requests = Turn::new(&market).await.requests_of(&market.invoice()).await;
    for request in 0..requests {
        let market = M::start().await;
        let mut turn = Turn::new(&market).await;
        let paper = market.invoice();
        market.fail(request, Failure::TokenExpired);
        match turn.forward(&paper).await {
            Ok(forwarded) => assert_one(&market, &paper, &forwarded, &format!("request {request}")),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ReconnectNeeded, "request {request}: {error}");
                assert_eq!(market.shown(), []);
            }
        }
    }
}

pub async fn nothing_is_sent_without_time<M: Market>() {
    let market = M::start().await;
    let mut turn = Turn::new(&market).await;
    let before = market.requests();
    turn.time = Duration::ZERO;
    let error = turn.step(&market.invoice(), &mut Progress::first()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::OutOfTime);
    assert_eq!(market.requests(), before);
}
