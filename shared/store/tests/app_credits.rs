//! Credits of an app, claimed by turns of several tenants on a DynamoDB in this process.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use store::{
    runs::{CreditClaim, CreditsClaimed},
    testing::{Fault, TestStore, Which},
};
use support::{at, minutes, tenant, writer};
use tokio::task::JoinSet;

/// The beginning of a minute.
fn minute() -> domain::time::Instant {
    at(20)
}

fn claim(credits: u32) -> CreditClaim<'static> {
    CreditClaim { system: "twinfield", app: "ledgerpost", minute: minute(), credits, limit: 50 }
}

async fn claimed(store: &TestStore, claim: CreditClaim<'_>, name: &str) -> CreditsClaimed {
    store.store().system().claim_credits(&claim, &writer(name)).await.unwrap()
}

/// How many credits were granted, by item.
async fn granted(store: &TestStore) -> Vec<u32> {
    let items = store.items(Which::Runs).await;
    items.iter().map(|item| item["g"]["N"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn turns_in_parallel_never_get_more_than_the_limit() {
    let store = TestStore::start().await;
    let turn = |number: u32| {
        let system = store.store().system();
        async move { system.claim_credits(&claim(7), &writer(&format!("turn-{number}"))).await.unwrap() }
    };
    let all = (0..40).map(turn).collect::<JoinSet<_>>().join_all().await;
    let got = all.iter().filter(|one| **one == CreditsClaimed::Granted).count();
    assert_eq!(got, 7, "seven blocks of seven are 49 of 50");
    assert_eq!(granted(&store).await, [49]);
    assert_eq!(claimed(&store, claim(2), "late").await, CreditsClaimed::Refused);
    assert_eq!(claimed(&store, claim(1), "late").await, CreditsClaimed::Granted, "what is left to the last one");
    assert_eq!(claimed(&store, claim(1), "late").await, CreditsClaimed::Refused);
    assert_eq!(claimed(&store, claim(51), "greedy").await, CreditsClaimed::Refused, "more than there are at all");
    assert_eq!(granted(&store).await, [50]);
}

#[tokio::test]
async fn a_minute_a_ledger_and_an_app_begin_anew() {
    let store = TestStore::start().await;
    let whole = claim(50);
    let next = CreditClaim { minute: minute() + minutes(1), ..whole };
    let other_app = CreditClaim { app: "another", ..whole };
    let other_ledger = CreditClaim { system: "exact-online", ..whole };
    for one in [whole, next, other_app, other_ledger] {
        assert_eq!(claimed(&store, one, "one").await, CreditsClaimed::Granted, "{one:?}");
        assert_eq!(claimed(&store, CreditClaim { credits: 1, ..one }, "two").await, CreditsClaimed::Refused, "{one:?}");
    }
    assert_eq!(claimed(&store, CreditClaim { credits: 1, limit: 51, ..whole }, "two").await, CreditsClaimed::Granted);
}

#[tokio::test]
async fn a_claim_costs_one_write_and_recognises_itself_after_a_lost_answer() {
    let store = TestStore::start().await;
    store.take_costs();
    for turn in ["one", "two"] {
        store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
        assert_eq!(claimed(&store, claim(20), turn).await, CreditsClaimed::Granted);
        assert!(store.faults().are_over());
    }
    assert_eq!(granted(&store).await, [40], "counted once");
    store.take_costs();
    for one in [claim(10), claim(10), CreditClaim { minute: minute() + minutes(1), ..claim(10) }] {
        claimed(&store, one, "one").await;
        let units: Vec<u32> = store.take_costs().iter().map(|cost| cost.write_units).collect();
        assert_eq!(units, [1], "granted, refused and in a new minute alike");
    }
}

#[tokio::test]
async fn it_names_no_tenant_and_goes_by_itself() {
    let store = TestStore::start().await;
    claimed(&store, claim(1), "one").await;
    let items = store.items(Which::Runs).await;
    let item = items[0].as_object().unwrap();
    let names: BTreeSet<&str> = item.keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["pk", "sk", "g", "ttl", "w"]));
    assert!(item["pk"]["S"].as_str().unwrap().starts_with("app#twinfield#"), "{item:?}");
    assert!(!serde_json::to_string(item).unwrap().contains(&tenant().to_string()));
    let gone: i64 = item["ttl"]["N"].as_str().unwrap().parse().unwrap();
    assert_eq!(gone, (minute() + minutes(24 * 60)).timestamp());
}
