//! What the ledger, or a rule of ours, refuses for good.

use crate::{
    bench::{Bench, Work, fresh_ulid},
    turn::{Turn, assert_one, sample},
};
use domain::{
    ids::{DocumentId, Id},
    invoice::{InvoiceKind, VatCategory},
    ledger::Direction,
};
use ledgers::{Duplicates, ErrorCode, ErrorKind, LedgerError, OptionKind, OptionSpec, Support};
use rust_decimal::dec;

fn assert_rejected(error: &LedgerError, code: ErrorCode) {
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{error}");
    assert!(error.message().len() > 40, "says what to do: {}", error.message());
}

pub async fn closed_period<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    bench.close_period_of_postings();
    let mut stored = None;
    let error = turn.run(&work, &mut stored).await.unwrap_err();
    assert_rejected(&error, ErrorCode::PeriodClosed);
    assert!(error.ledger_text().is_some(), "the ledger's own words are kept");
    assert!(bench.bookings(Direction::Purchase).is_empty());
    assert!(bench.all_zero());

    bench.open_period_of_postings();
    let document = turn.run(&work, &mut stored).await.unwrap();
    assert_one(&bench, &work, &document, "what the refused attempt left is used again");
}

pub async fn unknown_vat_code<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    work.posting.lines[0].vat_code = "NONE".parse().unwrap();
    let error = turn.post(&work).await.unwrap_err();
    assert_rejected(&error, ErrorCode::UnknownVatCode);
    assert_eq!(bench.holders(), 0, "nothing was left behind");

    // Known to us from an older list, but gone in the ledger since.
    work.codes.vat_codes.insert("NONE".parse().unwrap(), "NONE".into());
    let error = turn.post(&work).await.unwrap_err();
    assert_rejected(&error, ErrorCode::UnknownVatCode);
    assert!(bench.bookings(Direction::Purchase).is_empty());
}

pub async fn unknown_account<B: Bench>() {
    let bench = B::start().await;
    let mut work = sample(&bench);
    work.posting.lines[0].account = "998877".parse().unwrap();
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_rejected(&error, ErrorCode::UnknownAccount);
    assert!(error.message().contains("998877"), "{error}");
    assert_eq!(bench.holders(), 0);
}

pub async fn foreign_duplicate<B: Bench>() {
    for direction in B::can().directions {
        for typed in ["F-2026/118", "f2026 118"] {
            let bench = B::start().await;
            let mut turn = Turn::new(&bench);
            let line = (VatCategory::S, dec!(21), dec!(100.00), dec!(21.00));
            let theirs = Work::new(&bench, *direction, InvoiceKind::Invoice, "F-2026/118", &[line]);
            let booked = turn.post(&theirs).await.unwrap();
            bench.retype_number(*direction, 0, typed);
            turn.settle().await;

            let mut ours = theirs.clone();
            ours.document = DocumentId::from_ulid(fresh_ulid());
            let holders = bench.holders();
            let error = turn.post(&ours).await.unwrap_err();
            assert_rejected(&error, ErrorCode::Duplicate);
            assert_eq!(error.booking(), Some(booked.number.as_str()), "{typed}");
            assert_eq!(bench.holders(), holders, "nothing was left behind");
            assert_eq!(bench.bookings(*direction).len(), 1);

            ours.duplicates = Duplicates::Accepted;
            if B::can().same_number_twice == Support::No && typed == theirs.posting.number {
                assert_eq!(turn.post(&ours).await.unwrap_err().code(), ErrorCode::Duplicate);
                assert_eq!(bench.bookings(*direction).len(), 1);
                continue;
            }
            let ours = turn.post(&ours).await.unwrap();
            assert_ne!(ours.number, booked.number, "a person wanted it all the same");
            assert_eq!(bench.bookings(*direction).len(), 2);
        }
    }
}

pub async fn missing_options<B: Bench>() {
    let needed = |option: &OptionSpec| matches!(option.kind, OptionKind::Journal(_)) && option.default.is_none();
    if !B::ledger().descriptor().options.iter().any(needed) {
        return;
    }
    let bench = B::start().await;
    let mut work = sample(&bench);
    work.options = ledgers::Options::default();
    let before = bench.requests();
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_rejected(&error, ErrorCode::Option);
    assert_eq!(bench.requests(), before);
}

pub async fn file_too_large<B: Bench>() {
    let ledgers::Attachments::UpTo(most) = B::can().attachments else { return };
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    work.files[0].2 = vec![b'x'; most + 1];
    let before = bench.requests();
    assert_rejected(&turn.post(&work).await.unwrap_err(), ErrorCode::FileTooLarge);
    assert_eq!(bench.requests(), before);
}

pub async fn files_of_one_name_are_our_mistake<B: Bench>() {
    if B::can().attachments == ledgers::Attachments::None {
        return;
    }
    let bench = B::start().await;
    let mut work = sample(&bench);
    work.files[1].1 = work.files[0].1;
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bug);
    assert_eq!(bench.holders(), 0);
}
