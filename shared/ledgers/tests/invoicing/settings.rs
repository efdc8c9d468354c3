//! What the settings of an administration change about a pass.

use crate::{
    bench::{Bench, packed},
    passing::arrives,
    turn::{Turn, connect},
    work::{ABROAD, ORDER, Work, order},
};
use domain::{
    ledger::DirectoryKind,
    office::Choice,
    sales::{Capability, IssuedKind, Numbering},
};
use ledgers::{Directory, ErrorCode, ErrorKind};

pub async fn the_ledger_numbers<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let work = Work::invoice(&bench);
        let (passed, _) = arrives(&mut turn, &work).await;
        assert_ne!(passed.number, work.content.number);
        numbers.push(passed.number);
    }
    assert_ne!(numbers.first(), numbers.last());
}

pub async fn our_number_is_taken_over<B: Bench>() {
    let bench = B::start().await;
    let work = Work { numbering: Numbering::Ours, ..Work::invoice(&bench) };
    let (passed, _) = arrives(&mut Turn::new(&bench).await, &work).await;
    assert_eq!(passed.number, work.content.number);
}

pub async fn a_number_that_is_taken_is_refused<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let first = Work { numbering: Numbering::Ours, ..Work::invoice(&bench) };
    turn.pass(&first).await.unwrap();
    let mut second = Work { numbering: Numbering::Ours, ..Work::invoice(&bench) };
    second.content.number = first.content.number.clone();
    let error = turn.pass(&second).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::NumberInUse));
    assert_eq!(bench.documents().await.len(), 1, "never under another number");
}

pub async fn series_go_where_they_are_linked<B: Bench>() {
    if !B::can(Capability::Series) {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let linked = B::series();
    for (series, shown) in [(None, linked.usual), (Some(linked.value), linked.shown)] {
        let work = Work { series, ..Work::invoice(&bench) };
        let (_, standing) = arrives(&mut turn, &work).await;
        assert_eq!(standing.series, shown);
    }
}

pub async fn payment_types_go_where_they_are_linked<B: Bench>() {
    if !B::can(Capability::Payments) {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let linked = B::payment();
    for (payment, shown) in [(None, linked.usual), (Some(linked.value), linked.shown)] {
        let work = Work { payment, ..Work::invoice(&bench) };
        let (_, standing) = arrives(&mut turn, &work).await;
        assert_eq!(standing.payment, shown);
    }
}

pub async fn skus_go_along_only_when_they_should<B: Bench>() {
    if !B::can(Capability::Sku) {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    for (skus, shown) in [(Choice::No, ""), (Choice::Yes, "MUG-01")] {
        let work = Work { skus, ..Work::invoice(&bench) };
        let (_, standing) = arrives(&mut turn, &work).await;
        let skus: Vec<_> = standing.lines.iter().map(|line| line.sku.as_str()).collect();
        assert_eq!(skus, [shown, "", "", "", ""]);
    }
}

pub async fn what_the_ledger_does_not_take_is_refused_before_anything_is_sent<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let before = bench.requests();
    for (kind, needs) in [
        (IssuedKind::ProForma, None),
        (IssuedKind::Receipt, Some(Capability::Receipts)),
        (IssuedKind::Correction, Some(Capability::Corrections)),
    ] {
        if needs.is_some_and(B::can) {
            continue;
        }
        let mut work = Work::issued(&bench, kind, &order(ORDER), Choice::No);
        work.content.kind = kind;
        let error = turn.pass(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Unsupported), "{kind}");
    }
    let abroad = Work::issued(&bench, IssuedKind::ProForma, &order(ABROAD), Choice::No);
    turn.pass(&abroad).await.unwrap_err();
    assert_eq!(bench.requests(), before);
    assert_eq!(bench.documents().await, []);
}

/// Codes of a whole directory.
async fn listed<B: Bench>(turn: &mut Turn<'_, B>, kind: DirectoryKind) -> Vec<String> {
    let (mut codes, mut next) = (Vec::new(), Some(Directory::of(kind)));
    while let Some(part) = next {
        let page = turn.page(&part).await.unwrap();
        codes.extend(page.entries.into_iter().map(|entry| entry.id.unwrap_or(entry.code)));
        next = page.next;
    }
    codes
}

pub async fn what_settings_link_to_can_be_listed<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let has = |kind| B::ledger().descriptor().capabilities.directories.contains(&kind);
    if has(DirectoryKind::NumberingSeries) {
        let codes = listed(&mut turn, DirectoryKind::NumberingSeries).await;
        assert!(codes.iter().any(|code| code == B::series().value), "{codes:?}");
    }
    if has(DirectoryKind::PaymentTypes) {
        let codes = listed(&mut turn, DirectoryKind::PaymentTypes).await;
        assert!(codes.iter().any(|code| code == B::payment().value), "{codes:?}");
    }
}

/// An administration is linked to a set of books before anything of it is passed.
pub async fn the_books_can_be_chosen_and_are_those_of_the_credentials<B: Bench>() {
    let bench = B::start().await;
    let (tokens, identity) = connect(&bench, &packed::<B>(B::typed())).await.unwrap();
    let mut turn = Turn { tokens, ..Turn::new(&bench).await };
    let divisions = listed(&mut turn, DirectoryKind::Divisions).await;
    assert!(!divisions.is_empty());
    if let Some(only) = identity.only {
        assert_eq!(divisions, [only.to_string()]);
    }
}
