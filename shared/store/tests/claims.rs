//! Claims: of two documents with the same number, or the same date and total, one is first.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use domain::{invoice::InvoiceKind, ledger::Direction};
use rust_decimal::dec;
use store::{
    document::{Claim, ClaimKey, Claims},
    testing::{Fault, TestStore, Which},
};
use support::{administration, contact_id, id, invoice, tenant};

fn keys(number: &str, gross: rust_decimal::Decimal) -> Vec<ClaimKey> {
    let mut invoice = invoice();
    invoice.number = Some(number.into());
    invoice.totals.gross = Some(gross);
    ClaimKey::of(administration(), Direction::Purchase, contact_id(), &invoice)
}

async fn claims() -> (TestStore, Claims) {
    let store = TestStore::start().await;
    let claims = store.store().tenant(tenant()).claims();
    (store, claims)
}

#[tokio::test]
async fn the_first_document_holds_number_and_total() {
    let (_store, claims) = claims().await;
    let (one, other) = (id(10), id(11));
    let first = keys("F 2026/001", dec!(121.00));
    assert_eq!(claims.claim(&first, one).await.unwrap(), Claim::Claimed);
    assert_eq!(claims.claim(&first, one).await.unwrap(), Claim::Claimed, "what is ours stays ours");
    assert_eq!(claims.claim(&first, other).await.unwrap(), Claim::HeldBy(one));
    let same_number = keys("f2026-001", dec!(99));
    assert_eq!(claims.claim(&same_number, other).await.unwrap(), Claim::HeldBy(one), "punctuation does not count");
    let same_total = keys("other", dec!(121));
    assert_eq!(claims.claim(&same_total, other).await.unwrap(), Claim::HeldBy(one), "121 is 121.00");
}

#[tokio::test]
async fn another_kind_contact_direction_or_administration_is_no_duplicate() {
    let (store, claims) = claims().await;
    claims.claim(&keys("1", dec!(1)), id(10)).await.unwrap();
    let mut credit = invoice();
    credit.number = Some("1".into());
    credit.totals.gross = Some(dec!(1));
    let plain = credit.clone();
    credit.kind = InvoiceKind::CreditNote;
    for keys in [
        ClaimKey::of(administration(), Direction::Purchase, contact_id(), &credit),
        ClaimKey::of(administration(), Direction::Purchase, id(99), &plain),
        ClaimKey::of(administration(), Direction::Sales, contact_id(), &plain),
        ClaimKey::of(id(98), Direction::Purchase, contact_id(), &plain),
    ] {
        assert_eq!(claims.claim(&keys, id(11)).await.unwrap(), Claim::Claimed, "{keys:?}");
    }
    let other = store.store().tenant(id(77)).claims();
    assert_eq!(other.claim(&keys("1", dec!(1)), id(11)).await.unwrap(), Claim::Claimed, "another tenant");
}

#[tokio::test]
async fn at_the_same_moment_one_gets_through() {
    let (_store, claims) = claims().await;
    for round in 0..20 {
        let keys = keys(&format!("R{round}"), dec!(1000) + rust_decimal::Decimal::from(round));
        let (one, other) = (claims.clone(), claims.clone());
        let (one, other) = tokio::join!(one.claim(&keys, id(10)), other.claim(&keys, id(11)));
        match (one.unwrap(), other.unwrap()) {
            (Claim::Claimed, Claim::HeldBy(first)) => assert_eq!(first, id(10)),
            (Claim::HeldBy(first), Claim::Claimed) => assert_eq!(first, id(11)),
            both => panic!("exactly one gets through, not {both:?}"),
        }
    }
}

#[tokio::test]
async fn a_claim_is_given_up_by_its_holder_only_and_taken_by_a_person() {
    let (store, claims) = claims().await;
    let keys = keys("1", dec!(1));
    let (one, other) = (id(10), id(11));
    claims.claim(&keys, one).await.unwrap();
    claims.release(&keys, other).await.unwrap();
    assert_eq!(claims.claim(&keys, other).await.unwrap(), Claim::HeldBy(one));
    claims.overwrite(&keys, other).await.unwrap();
    assert_eq!(claims.claim(&keys, one).await.unwrap(), Claim::HeldBy(other));
    claims.release(&keys, other).await.unwrap();
    claims.release(&keys, other).await.unwrap();
    assert!(store.items(Which::Documents).await.is_empty());
    assert_eq!(claims.claim(&keys, one).await.unwrap(), Claim::Claimed);
}

#[tokio::test]
async fn an_answer_that_was_lost_changes_nothing() {
    let (store, claims) = claims().await;
    let keys = keys("1", dec!(1));
    store.faults().plan_in_a_row("PutItem", 2, Fault::LoseAnswer);
    assert_eq!(claims.claim(&keys, id(10)).await.unwrap(), Claim::Claimed);
    store.faults().plan("DeleteItem", 0, Fault::LoseAnswer);
    claims.release(&keys, id(10)).await.unwrap();
    assert!(store.items(Which::Documents).await.is_empty());
}

#[tokio::test]
async fn numbers_of_any_length_have_a_key() {
    let (_store, claims) = claims().await;
    let long = keys(&"9".repeat(5_000), dec!(1));
    assert_eq!(claims.claim(&long, id(10)).await.unwrap(), Claim::Claimed);
    let other = keys(&"9".repeat(5_001), dec!(2));
    assert_eq!(claims.claim(&other, id(11)).await.unwrap(), Claim::Claimed);
    let nothing =
        ClaimKey::of(administration(), Direction::Purchase, contact_id(), &domain::invoice::Invoice::default());
    assert_eq!(nothing, [], "what is not stated cannot be claimed");
}
