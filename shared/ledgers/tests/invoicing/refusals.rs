//! What the ledger refuses, and what people are told.

use crate::{
    bench::{Bench, Failure, packed},
    turn::{Turn, connect},
    work::Work,
};
use ledgers::{ErrorKind, LedgerError, Reach};

fn assert_told(error: &LedgerError, name: &str) {
    assert!(error.message().ends_with('.') && error.message().len() > 40, "{name}: {}", error.message());
    assert!(!error.to_string().contains("token-that"), "{name}: no secret is told");
}

pub async fn wrong_credentials<B: Bench>() {
    let bench = B::start().await;
    let error = connect(&bench, &packed::<B>(B::wrongly_typed())).await.unwrap_err();
    assert_told(&error, "wrong");
    assert_eq!(error.kind(), ErrorKind::ReconnectNeeded);
    let (_, identity) = connect(&bench, &packed::<B>(B::typed())).await.unwrap();
    assert!(!identity.name.is_empty());
}

pub async fn credentials_withdrawn_in_the_middle<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    bench.fail(0, Failure::TokenExpired);
    let error = turn.pass(&Work::invoice(&bench)).await.unwrap_err();
    assert_told(&error, "withdrawn");
    let everything = error.code().reach() != Reach::Document;
    assert!(everything, "the other documents wait, too: {error:?}");
    assert!(matches!(error.kind(), ErrorKind::ReconnectNeeded | ErrorKind::Unauthorised), "{error:?}");
    assert_eq!(bench.documents().await, []);
}

pub async fn every_refusal_of_the_catalogue<B: Bench>() {
    for refusal in B::refusals() {
        let bench = B::start().await;
        let mut turn = Turn::new(&bench).await;
        let mut work = Work::invoice(&bench);
        (refusal.prepare)(&bench, &mut work);
        let before = bench.documents().await.len();
        let error = turn.pass(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (refusal.kind, refusal.code), "{}: {error:?}", refusal.name);
        assert_told(&error, refusal.name);
        assert_eq!(bench.documents().await.len(), before, "{}: nothing was made", refusal.name);
        if let Some(mend) = refusal.mend {
            mend(&bench, &mut work);
            turn.settle().await;
            turn.pass(&work).await.unwrap_or_else(|error| panic!("{} mended: {error:?}", refusal.name));
        }
    }
}
