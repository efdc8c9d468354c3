//! What only Firmao does.

use super::*;
use crate::{
    passing::arrives,
    turn::{Kept, Turn, assert_one},
    work::{ABROAD, ORDER, order},
};
use domain::sales::{Numbering, Prices};
use ledgers::{Advance, Checkpoint, Found, Pdf, Progress};
use simulators::{
    faults::{Effect, Fault, Stored},
    firmao::state::{Filters, Identifiers, NextShape, NumberSpace, Strictness, TotalSize, Transaction},
};
use std::collections::BTreeMap;

/// A document of somebody else.
fn other(number: &str) -> Transaction {
    let kind = "INVOICE".to_owned();
    Transaction { id: 7, kind, number: number.to_owned(), currency: "PLN".to_owned(), ..Transaction::default() }
}

/// The catalogue's last row: the next number is asked for, and somebody else takes it before ours is sent.
#[tokio::test]
async fn a_number_that_somebody_takes_meanwhile_is_left_to_him() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let works = [Work::invoice(&bench), Work::invoice(&bench)];
    let mut progresses = [Progress::first(), Progress::first()];
    // Both ask before either sends.
    for (work, progress) in works.iter().zip(&mut progresses) {
        while turn.step(work, progress).await.unwrap() != Advance::Store {}
    }
    assert_eq!(progresses[0].checkpoint(), progresses[1].checkpoint(), "nothing is reserved");
    let mut numbers = Vec::new();
    for (work, progress) in works.iter().zip(&mut progresses) {
        numbers.push(loop {
            if let Advance::Done(passed) = turn.step(work, progress).await.unwrap() {
                assert_eq!(passed.found, Found::Created);
                break passed.number;
            }
        });
    }
    assert_eq!(numbers, ["2026/03/001", "2026/03/002"]);
    assert_eq!(bench.documents().await.len(), 2);
}

/// Whatever stands on the stored number: only our reference, or a document that says the same, makes it ours.
#[tokio::test]
async fn what_stands_on_the_number_of_an_earlier_attempt_is_ours_only_when_it_says_so() {
    for (change, found) in [
        // Firmao kept no internal text.
        ((|one: &mut Transaction| one.description.clear()) as fn(&mut Transaction), Some(Found::Again)),
        (|one| one.description = format!("Jan: {}", one.description), Some(Found::Again)),
        // Somebody else's of the same number.
        (|one| one.description = "ref:INV-000000000000".to_owned(), Some(Found::Created)),
        (
            |one| {
                one.description.clear();
                one.buyer.nip = "5260250274".to_owned();
            },
            Some(Found::Created),
        ),
        (
            |one| {
                one.description.clear();
                one.totals.gross += dec!(1);
            },
            Some(Found::Created),
        ),
        // Nobody can tell.
        (|one| one.description = "Jan".to_owned(), None),
    ] {
        let bench = FirmaoBench::start().await;
        let mut turn = Turn::new(&bench).await;
        let work = Work::invoice(&bench);
        // Card looked for and made, number, document.
        let mut stored = turn.killed_after(&work, 4, Kept::Yes).await;
        bench.change(|books| change(&mut books.transactions[0]));
        turn.settle().await;
        let passed = turn.run(&work, &mut stored).await;
        let documents = bench.documents().await.len();
        match found {
            Some(found) => {
                assert_eq!(passed.unwrap().found, found);
                assert_eq!(documents, if found == Found::Again { 1 } else { 2 });
            }
            None => {
                assert_eq!(passed.unwrap_err().kind(), ErrorKind::Uncertain);
                assert_eq!(documents, 1);
            }
        }
    }
}

/// The first attempt has sent nothing yet: what says the same is somebody else's.
#[tokio::test]
async fn a_document_of_somebody_else_on_the_number_is_never_taken_for_ours() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let first = Work { numbering: Numbering::Ours, ..Work::invoice(&bench) };
    turn.pass(&first).await.unwrap();
    bench.change(|books| books.transactions[0].description.clear());
    let mut second = Work { numbering: Numbering::Ours, ..Work::invoice(&bench) };
    second.content.number = first.content.number.clone();
    let error = turn.pass(&second).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::NumberInUse));
}

/// Uniqueness is certain for sales; should receipts count by themselves, the same number is a receipt's as well.
#[tokio::test]
async fn receipts_take_numbers_of_their_own_series() {
    for number_space in [NumberSpace::Sales, NumberSpace::Type] {
        let bench = FirmaoBench::with(|state| state.settings.number_space = number_space).await;
        let mut turn = Turn::new(&bench).await;
        let receipt = Work::issued(&bench, IssuedKind::Receipt, &order(ORDER), Choice::No);
        let (passed, _) = arrives(&mut turn, &receipt).await;
        assert_eq!(passed.number, "PAR/2026/03/001");
        let Pdf::Bytes(pdf) = turn.pdf(&receipt, &passed).await.unwrap() else { panic!("receipts have one") };
        assert!(pdf.starts_with(b"%PDF"), "by the template that the record names");
    }
}

/// Everything that the guide leaves open, the other way round.
#[tokio::test]
async fn what_the_guide_leaves_open_may_be_otherwise() {
    for next_shape in [NextShape::Text, NextShape::Object, NextShape::JsonString] {
        let bench = FirmaoBench::with(|state| {
            let settings = &mut state.settings;
            settings.next_shape = next_shape;
            settings.pattern_id = Strictness::Refused;
            settings.identifiers = Identifiers::Texts;
            settings.total_size = TotalSize::Unknown;
            settings.limit_most = 2;
            (settings.user_status, settings.licence_status, settings.stock_status) = (400, 400, 409);
        })
        .await;
        let mut turn = Turn::new(&bench).await;
        let work = Work { series: Some("2"), ..Work::invoice(&bench) };
        let passed = turn.pass(&work).await.unwrap();
        assert_eq!(passed.number, "SKLEP/2026/03/001", "the number carries the series");
        assert_one(&bench, &work, &passed, "").await;
    }
}

/// What is asked for by a filter that is not heeded is compared, on whatever page it comes.
#[tokio::test]
async fn filters_that_are_not_heeded_find_what_is_there_all_the_same() {
    let bench = FirmaoBench::with(|state| {
        state.settings.filters = Filters::Ignored;
        state.settings.limit_most = 2;
    })
    .await;
    let mut turn = Turn::new(&bench).await;
    let mut works = Vec::new();
    for _ in 0..5 {
        let work = Work { skus: Choice::Yes, ..Work::invoice(&bench) };
        let mut stored = None;
        let passed = turn.run(&work, &mut stored).await.unwrap();
        works.push((work, stored, passed));
    }
    turn.settle().await;
    for (work, stored, passed) in works {
        for mut stored in [stored, Some(Checkpoint::default())] {
            let again = turn.run(&work, &mut stored).await.unwrap();
            assert_eq!((again.found, &again.id), (Found::Again, &passed.id));
        }
    }
    assert_eq!(bench.documents().await.len(), 5);
}

#[tokio::test]
async fn a_buyer_has_one_card_and_other_people_of_his_name_have_theirs() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let cards = |bench: &FirmaoBench| bench.read(|books| books.customers.len());
    let before = cards(&bench);
    for _ in 0..2 {
        turn.pass(&Work::invoice(&bench)).await.unwrap();
        assert_eq!(cards(&bench), before + 1);
    }
    // Another company of the same name.
    let text = ORDER.replace("1234563218", "7010000005");
    let namesake = Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No);
    turn.pass(&namesake).await.unwrap();
    assert_eq!(cards(&bench), before + 2);
    // People without a number have none, unless the option says so.
    let mut person = Work::issued(&bench, IssuedKind::Invoice, &order(ABROAD), Choice::No);
    let now = cards(&bench);
    turn.pass(&person).await.unwrap();
    assert_eq!(cards(&bench), now);
    person = Work::issued(&bench, IssuedKind::Invoice, &order(ABROAD), Choice::No);
    person.options = person.options.with("without_number", "card_by_name");
    turn.pass(&person).await.unwrap();
    assert_eq!(cards(&bench), now + 1);
    // And a buyer with one has none when it is not wanted.
    let text = ORDER.replace("1234563218", "5252344078");
    let mut work = Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No);
    work.options = work.options.with("cards", "written_out");
    turn.pass(&work).await.unwrap();
    assert_eq!(cards(&bench), now + 1);
}

/// A card that is there and was not found is told with the refusal of a second one.
#[tokio::test]
async fn a_card_that_was_not_found_is_used_when_another_one_is_refused() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    turn.pass(&Work::invoice(&bench)).await.unwrap();
    let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
    let body = r#"{"data":[],"totalSize":0}"#.to_owned();
    let nobody = Effect::Answer { status: 200, headers, body, stored: Stored::No };
    bench.simulator.faults().add(Fault::on("GET", "customers", nobody));
    arrives(&mut turn, &Work::invoice(&bench)).await;
    let ids = bench.read(|books| books.transactions.iter().map(|one| one.buyer.id).collect::<Vec<_>>());
    assert!(ids[0] > 0 && ids[0] == ids[1], "{ids:?}");
}

#[tokio::test]
async fn a_product_that_is_missing_is_told_and_the_document_passes() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    bench.change(|books| books.products.retain(|product| product.code != "MUG-01"));
    let work = Work { skus: Choice::Yes, ..Work::invoice(&bench) };
    turn.pass(&work).await.unwrap();
    let remark = turn.remark.clone().unwrap();
    assert_eq!(remark.code(), ErrorCode::UnknownReference);
    assert!(remark.message().contains("MUG-01"), "{remark:?}");
}

/// Digits that are an SKU are no product's id.
#[tokio::test]
async fn an_sku_of_digits_links_to_no_other_product() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let text = ORDER.replace("MUG-01", &seed::PRODUCT.0.to_string());
    let work = Work { skus: Choice::Yes, ..Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No) };
    turn.pass(&work).await.unwrap();
    assert_eq!(bench.read(|books| books.transactions[0].entries[0].product), None);
}

#[tokio::test]
async fn net_prices_of_four_decimals_may_go_in_place_of_prices_with_vat() {
    let bench = FirmaoBench::with(|state| state.settings.gross_prices = Strictness::Refused).await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    assert_eq!(work.content.prices, Prices::Gross);
    assert_eq!(turn.pass(&work).await.unwrap_err().code(), ErrorCode::Refused);
    let work = Work { options: work.options.clone().with("gross_prices", "net_only"), ..Work::invoice(&bench) };
    arrives(&mut Turn::new(&bench).await, &work).await;
}

/// What was made is there, whatever becomes of the request that reads it back.
#[tokio::test]
async fn a_document_that_cannot_be_read_back_was_made() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
    let body = r#"{"errorCode":"missingPermissionException"}"#.to_owned();
    let denied = Effect::Answer { status: 403, headers, body, stored: Stored::No };
    bench.simulator.faults().add(Fault::on("GET", "transactions", denied));
    let work = Work::invoice(&bench);
    let passed = turn.pass(&work).await.unwrap();
    assert_eq!((passed.found, passed.gross), (Found::Created, None));
    assert_one(&bench, &work, &passed, "").await;
}

/// The stored number goes with the series that gave it.
#[tokio::test]
async fn a_number_of_another_series_is_not_used() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let mut stored = turn.killed_after(&work, 3, Kept::Yes).await;
    turn.settle().await;
    let work = Work { series: Some("2"), ..work };
    let passed = turn.run(&work, &mut stored).await.unwrap();
    assert_eq!(passed.number, "SKLEP/2026/03/001");
}

/// Somebody enters numbers by hand as fast as they are given.
#[tokio::test]
async fn numbers_that_are_taken_again_and_again_are_told() {
    let bench = FirmaoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
    let body = r#"{"errorCode":"transactionNumberAlreadyExists","field":"transactionNumber"}"#.to_owned();
    let taken = Effect::Answer { status: 400, headers, body, stored: Stored::No };
    bench.simulator.faults().add(Fault::on("POST", "transactions", taken).always());
    bench.change(|books| books.transactions.push(other("2026/03/001")));
    let error = turn.pass(&Work::invoice(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::NumberInUse));
    assert_eq!(bench.documents().await.len(), 1);
}

#[tokio::test]
async fn an_organisation_that_is_not_there_is_told() {
    let bench = FirmaoBench::start().await;
    bench.simulator.change(|state| state.organisations.retain(|books| books.id != seed::ORGANISATION));
    let given = crate::bench::packed::<FirmaoBench>(FirmaoBench::typed());
    let error = crate::turn::connect(&bench, &given).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::NoDivisionAccess));
}

/// An account that takes another currency only with a rate: the order's goes along.
#[tokio::test]
async fn another_currency_goes_with_the_rate_of_the_order() {
    let bench = FirmaoBench::with(|state| state.settings.no_exchange_rate = Strictness::Refused).await;
    let mut abroad = order(ABROAD);
    let without = Work::issued(&bench, IssuedKind::Invoice, &abroad, Choice::No);
    let error = Turn::new(&bench).await.pass(&without).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::CurrencyNotAllowed));
    let rate = r#"{ "rate": "4.2512", "date": "2026-03-09", "source": "NBP 046/A/NBP/2026" }"#;
    abroad.exchange_rate = Some(serde_json::from_str(rate).unwrap());
    arrives(&mut Turn::new(&bench).await, &Work::issued(&bench, IssuedKind::Invoice, &abroad, Choice::No)).await;
}
