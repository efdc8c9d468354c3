//! Whatever fails, and wherever: one document.

use crate::{
    bench::{Bench, Failure},
    turn::{Kept, Turn, assert_one, with_each_request_failing},
    work::Work,
};
use ledgers::{ErrorCode, ErrorKind, Found, Lookup, Progress};
use simulators::faults::{Effect, Fault, Stored};
use std::{collections::BTreeMap, time::Duration};

pub async fn killed_after_each_request<B: Bench>() {
    let bench = B::start().await;
    let requests = Turn::new(&bench).await.requests_of(&Work::invoice(&bench)).await;
    for kept in [Kept::Yes, Kept::No] {
        for killed_after in 0..=requests {
            let bench = B::start().await;
            let mut turn = Turn::new(&bench).await;
            let work = Work::invoice(&bench);
            let mut stored = turn.killed_after(&work, killed_after, kept).await;
            turn.settle().await;
            let passed = turn.run(&work, &mut stored).await.unwrap();
            let context = format!("killed after {killed_after}, checkpoint kept: {kept:?}");
            assert_one(&bench, &work, &passed, &context).await;
            // The second attempt may be killed as well.
            turn.settle().await;
            let again = turn.run(&work, &mut stored).await.unwrap();
            assert_eq!((again.found, B::own_id(&again.id)), (Found::Again, B::own_id(&passed.id)), "{context}");
        }
    }
}

pub async fn lost_reply_is_found_again<B: Bench>() {
    with_each_request_failing::<B>(Failure::DroppedAfter, |_, _| ()).await;
}

pub async fn garbled_answers<B: Bench>() {
    for failure in [Failure::Malformed, Failure::Empty] {
        with_each_request_failing::<B>(failure, |request, errors| {
            assert_eq!(errors[0].code(), ErrorCode::MalformedAnswer, "request {request}");
        })
        .await;
    }
}

pub async fn no_answer_before_storing<B: Bench>() {
    with_each_request_failing::<B>(Failure::HangBefore, |_, errors| {
        assert_eq!(errors[0].code(), ErrorCode::TimedOut);
    })
    .await;
}

pub async fn no_answer_after_storing<B: Bench>() {
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

/// The request that makes the document is answered with success and names none.
pub async fn success_without_an_id<B: Bench>() {
    for stored in [Stored::Yes, Stored::No] {
        let bench = B::start().await;
        let mut turn = Turn::new(&bench).await;
        let requests = turn.requests_of(&Work::invoice(&bench)).await;
        let bench = B::start().await;
        let mut turn = Turn::new(&bench).await;
        let making = requests - 1 - B::requests_after_making();
        let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
        let effect = Effect::Answer { status: 200, headers, body: "{}".to_owned(), stored };
        bench.desk().faults.add(Fault::on_any(effect).skip(u32::try_from(making).unwrap()));
        let work = Work::invoice(&bench);
        let passed = turn.pass(&work).await.unwrap_or_else(|error| panic!("{stored:?}: {error}"));
        let kinds: Vec<_> = turn.errors.iter().map(|error| (error.kind(), error.code())).collect();
        assert_eq!(kinds, [(ErrorKind::Unknown, ErrorCode::MalformedAnswer)], "{stored:?}");
        let found = if stored == Stored::Yes { Found::Again } else { Found::Created };
        assert_eq!(passed.found, found);
        assert_one(&bench, &work, &passed, &format!("{stored:?}")).await;
    }
}

pub async fn too_many_requests<B: Bench>() {
    for seconds in [Some(7), None] {
        with_each_request_failing::<B>(Failure::TooMany(seconds), |_, errors| {
            assert_eq!(errors[0].code(), ErrorCode::RateLimited);
            let ErrorKind::Retryable { after } = errors[0].kind() else { panic!("{errors:?}") };
            let least = Duration::from_secs(seconds.unwrap_or(10).into());
            assert!(after.is_some_and(|after| after >= least), "{after:?}");
        })
        .await;
    }
}

pub async fn nothing_is_sent_without_time<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let before = bench.requests();
    turn.time = Duration::ZERO;
    let error = turn.step(&Work::invoice(&bench), &mut Progress::first()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::OutOfTime);
    assert_eq!(bench.requests(), before);
}

pub async fn looking_finds_and_writes_nothing<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    assert_eq!(turn.look(&work, &None).await, Lookup::Absent);
    assert_eq!(bench.documents().await, []);
    let mut stored = None;
    let passed = turn.run(&work, &mut stored).await.unwrap();
    turn.settle().await;
    let Lookup::Ours(found) = turn.look(&work, &stored).await else { panic!("it is there") };
    assert_eq!((found.found, B::own_id(&found.id)), (Found::Again, B::own_id(&passed.id)));
    assert_eq!(bench.documents().await.len(), 1);
}

/// A series or an option may be wrong by the time of a second attempt: what the first one made is found all the same.
pub async fn what_was_made_is_found_whatever_the_settings_say_now<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let mut stored = None;
    let passed = turn.run(&work, &mut stored).await.unwrap();
    turn.settle().await;
    let work = Work { series: Some("?"), payment: Some("?"), ..work };
    let again = turn.run(&work, &mut stored).await.unwrap();
    assert_eq!((again.found, B::own_id(&again.id)), (Found::Again, B::own_id(&passed.id)));
}
