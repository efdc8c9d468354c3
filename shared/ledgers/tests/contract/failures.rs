//! Whatever fails, and wherever: one document, one set of files, one booking.

use crate::{
    bench::{Bench, Failure},
    turn::{Kept, Turn, assert_one, sample, with_each_request_failing},
};
use domain::ledger::Direction;
use ledgers::{ErrorCode, ErrorKind, Found, Lookup, Progress};
use std::time::Duration;

pub async fn killed_after_each_request<B: Bench>() {
    let bench = B::start().await;
    let requests = Turn::new(&bench).requests_of(&sample(&bench)).await;
    for kept in [Kept::Yes, Kept::No] {
        for killed_after in 0..=requests {
            let bench = B::start().await;
            let mut turn = Turn::new(&bench);
            let work = sample(&bench);
            let mut stored = turn.killed_after(&work, killed_after, kept).await;
            turn.settle().await;
            let document = turn.run(&work, &mut stored).await.unwrap();
            assert_one(&bench, &work, &document, &format!("killed after {killed_after}, checkpoint kept: {kept:?}"));
        }
    }
}

pub async fn lost_reply_is_found_again<B: Bench>() {
    with_each_request_failing::<B>(Failure::DroppedAfter, |_, _| ()).await;
}

pub async fn malformed_answers<B: Bench>() {
    for failure in [Failure::Malformed, Failure::Empty] {
        with_each_request_failing::<B>(failure, |request, errors| {
            assert_eq!(errors[0].code(), ErrorCode::MalformedAnswer, "request {request}");
        })
        .await;
    }
}

pub async fn timeout_before_storing<B: Bench>() {
    with_each_request_failing::<B>(Failure::HangBefore, |_, errors| {
        assert_eq!(errors[0].code(), ErrorCode::TimedOut);
    })
    .await;
}

pub async fn timeout_after_storing<B: Bench>() {
    with_each_request_failing::<B>(Failure::HangAfter, |_, errors| {
        assert_eq!(errors[0].code(), ErrorCode::TimedOut);
    })
    .await;
}

pub async fn stored_late<B: Bench>() {
    with_each_request_failing::<B>(Failure::StoredLate, |_, _| ()).await;
}

pub async fn out_of_order<B: Bench>() {
    for failure in [Failure::UnavailableBefore, Failure::UnavailableAfter, Failure::PageAfter] {
        with_each_request_failing::<B>(failure, |_, errors| {
            assert_eq!(errors[0].code(), ErrorCode::Unavailable);
        })
        .await;
    }
}

pub async fn too_many_requests_with_retry_after<B: Bench>() {
    with_each_request_failing::<B>(Failure::TooMany(Some(17)), |_, errors| {
        assert_eq!(errors[0].kind(), ErrorKind::Retryable { after: Some(Duration::from_secs(18)) });
        assert_eq!(errors[0].code(), ErrorCode::RateLimited);
    })
    .await;
    with_each_request_failing::<B>(Failure::TooMany(None), |_, errors| {
        assert!(matches!(errors[0].kind(), ErrorKind::Retryable { after: Some(_) }));
    })
    .await;
}

pub async fn token_expired_in_the_middle<B: Bench>() {
    with_each_request_failing::<B>(Failure::TokenExpired, |_, errors| {
        assert_eq!(errors[0].kind(), ErrorKind::Unauthorised);
    })
    .await;
}

pub async fn nothing_is_sent_without_time<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let before = bench.requests();
    turn.time = Duration::from_millis(10);
    let error = turn.step(&sample(&bench), &mut Progress::first()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::OutOfTime);
    assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(Duration::ZERO) });
    assert_eq!(bench.requests(), before);
}

pub async fn looking_finds_and_writes_nothing<B: Bench>() {
    let bench = B::start().await;
    let requests = Turn::new(&bench).requests_of(&sample(&bench)).await;
    for killed_after in 0..=requests {
        let bench = B::start().await;
        let mut turn = Turn::new(&bench);
        let mut work = sample(&bench);
        let stored = turn.killed_after(&work, killed_after, Kept::No).await;
        turn.settle().await;
        let (holders, booked) = (bench.holders(), !bench.bookings(Direction::Purchase).is_empty());
        match turn.look(&work, &stored).await {
            Lookup::Ours(document) => assert!(booked && document.found == Found::Again),
            Lookup::Absent => assert!(!booked),
            other => panic!("{other:?}"),
        }
        assert_eq!((bench.holders(), !bench.bookings(Direction::Purchase).is_empty()), (holders, booked));
        if booked {
            work.document = sample(&bench).document;
            assert!(matches!(turn.look(&work, &None).await, Lookup::Foreign(_)));
        }
    }
}
