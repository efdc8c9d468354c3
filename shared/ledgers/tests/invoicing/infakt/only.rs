//! What only inFakt does.

use super::*;
use crate::{
    bench::Failure,
    passing::arrives,
    turn::{Turn, assert_one},
};
use domain::{office::Choice, sales::Ksef};
use ledgers::{Advance, Checkpoint, Found, LedgerError, Lookup, PassedDocument, Progress};
use rust_decimal::dec;
use simulators::infakt::state::Taken;

fn facts(error: &LedgerError) -> (ErrorKind, ErrorCode) {
    (error.kind(), error.code())
}

/// An invoice that was passed, and a correction of it.
async fn corrected(bench: &InfaktBench, turn: &mut Turn<'_, InfaktBench>) -> (PassedDocument, Work) {
    let work = Work::invoice(bench);
    let (passed, _) = arrives(turn, &work).await;
    let correction = work.correction(bench, Some(&passed));
    (passed, correction)
}

#[tokio::test]
async fn a_task_that_takes_long_is_asked_for_and_never_left_again() {
    let bench = InfaktBench::with(|state| {
        state.settings.task_reads = 12;
        state.settings.task_seconds = 3_600;
        state.settings.unknown_reads = 2;
        state.settings.accepted_status = 202;
    })
    .await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let passed = turn.pass(&work).await.unwrap();
    let kinds: Vec<_> = turn.errors.iter().map(|error| (error.code(), error.kind())).collect();
    assert!(!kinds.is_empty());
    for (code, kind) in kinds {
        assert_eq!(code, ErrorCode::InProgress);
        assert!(matches!(kind, ErrorKind::Retryable { after: Some(_) }), "{kind:?}");
    }
    assert_one(&bench, &work, &passed, "one").await;
    assert_eq!(bench.read(|account| account.tasks.len()), 1, "never left again");
}

#[tokio::test]
async fn a_task_that_nobody_knows_any_more_is_looked_for() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let mut stored = turn.killed_after(&work, 3, crate::turn::Kept::Yes).await;
    turn.settle().await;
    // Any request runs what is due.
    assert_eq!(turn.look(&Work::invoice(&bench), &None).await, Lookup::Absent);
    bench.change(|account| account.tasks.clear());
    let passed = turn.run(&work, &mut stored).await.unwrap();
    assert_eq!(passed.found, Found::Again);
    assert_one(&bench, &work, &passed, "found").await;
}

#[tokio::test]
async fn a_document_that_somebody_deleted_before_it_was_read_is_for_a_person() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let requests = turn.requests_of(&Work::invoice(&bench)).await;
    let mut stored = turn.killed_after(&work, requests, crate::turn::Kept::Yes).await;
    bench.change(|account| account.invoices.clear());
    let error = turn.run(&work, &mut stored).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Uncertain, ErrorCode::AlreadyProcessed));
    assert_eq!(bench.documents().await, [], "never made again by itself");
}

#[tokio::test]
async fn a_number_that_somebody_takes_meanwhile_is_left_to_him() {
    for times in [1, 2] {
        let bench = InfaktBench::start().await;
        let mut turn = Turn::new(&bench).await;
        let work = Work::invoice(&bench);
        let mut progress = Progress::first();
        let mut taken = 0;
        let passed = loop {
            let step = turn.step(&work, &mut progress).await.unwrap();
            let numbers = bench.read(|account| account.invoices.len());
            if step == Advance::Store && taken < times && numbers == taken && bench.read(|it| it.tasks.len()) == taken {
                taken += 1;
                let number = format!("{taken}/03/2026");
                let day = work.content.issue_date;
                let other = Invoice { number, invoice_date: day, uuid: format!("other-{taken}"), ..Invoice::default() };
                bench.change(|account| account.invoices.push(other));
            }
            if let Advance::Done(passed) = step {
                break passed;
            }
        };
        assert_eq!(passed.number, format!("{}/03/2026", times + 1));
        assert_eq!((passed.found, taken), (Found::Created, times));
        let ours = bench.documents().await.into_iter().filter(|document| document.id == passed.id);
        assert_eq!(ours.count(), 1);
        assert_eq!(bench.documents().await.len(), times + 1);
    }
}

#[tokio::test]
async fn words_are_spelled_as_the_account_spells_them() {
    let bench = InfaktBench::with(|state| {
        for rate in &mut state.accounts[0].vat_rates {
            if rate.symbol == "zw" {
                rate.symbol = "ZW.".to_owned();
            }
        }
    })
    .await;
    let mut turn = Turn::new(&bench).await;
    turn.pass(&Work::invoice(&bench)).await.unwrap();
    let documents = bench.documents().await;
    let rates: Vec<_> = documents[0].lines.iter().map(|line| line.vat.as_str()).collect();
    assert_eq!(rates, ["23", "8", "5", "0", "ZW."]);
}

#[tokio::test]
async fn a_refused_document_is_passed_when_what_was_wrong_is_mended() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    bench.change(|account| account.bank_accounts.clear());
    let work = Work::invoice(&bench);
    let mut stored = None;
    let error = turn.run(&work, &mut stored).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::SellerIncomplete));
    // Passed once more with what was stored of the first attempt.
    let error = turn.run(&work, &mut stored).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SellerIncomplete, "still so");
    let paid = Work { payment: Some("cash"), ..work.clone() };
    let passed = turn.run(&paid, &mut stored).await.unwrap();
    assert_one(&bench, &paid, &passed, "mended").await;
}

#[tokio::test]
async fn a_correction_that_is_lost_is_found_or_left_to_a_person() {
    for (failure, is_there) in [(Failure::DroppedAfter, true), (Failure::HangBefore, false)] {
        for notes in [Taken::Kept, Taken::Ignored] {
            let bench = InfaktBench::with(|state| state.settings.correction_notes = notes).await;
            let mut turn = Turn::new(&bench).await;
            let (_, correction) = corrected(&bench, &mut turn).await;
            // The rates and the original are read before.
            bench.fail(2, failure);
            let mut stored = None;
            let outcome = turn.run(&correction, &mut stored).await;
            let count = bench.documents().await.len();
            if is_there {
                assert_eq!((outcome.unwrap().found, count), (Found::Again, 2), "{notes:?}");
                continue;
            }
            assert_eq!(facts(&outcome.unwrap_err()), (ErrorKind::Uncertain, ErrorCode::NotSeen));
            assert_eq!(count, 1, "nothing is sent again by itself");
            // A person looked: it is not there.
            assert_eq!(turn.look(&correction, &stored).await, Lookup::Absent);
            let passed = turn.run(&correction, &mut stored).await.unwrap();
            assert_eq!((passed.found, bench.documents().await.len()), (Found::Created, 2));
        }
    }
}

#[tokio::test]
async fn a_correction_that_was_not_sent_needs_nobody() {
    type Prepare = fn(&InfaktBench);
    let cases: [(&str, Prepare, bool); 3] = [
        ("refused", |bench| bench.refuses(422, r#"{"error":"Nie teraz"}"#), true),
        ("locked", |bench| bench.refuses(423, "{}"), false),
        ("too many", |bench| bench.fail(2, Failure::TooMany(Some(7))), false),
    ];
    for (name, prepare, ends) in cases {
        let bench = InfaktBench::start().await;
        let mut turn = Turn::new(&bench).await;
        let (_, correction) = corrected(&bench, &mut turn).await;
        prepare(&bench);
        let mut stored = None;
        if ends {
            assert_eq!(turn.run(&correction, &mut stored).await.unwrap_err().code(), ErrorCode::Refused);
        }
        let passed = turn.run(&correction, &mut stored).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((passed.found, bench.documents().await.len()), (Found::Created, 2), "{name}");
    }
}

#[tokio::test]
async fn a_correction_killed_anywhere_is_made_once_or_left_to_a_person() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let (_, correction) = corrected(&bench, &mut turn).await;
    let requests = turn.requests_of(&correction).await;
    for killed_after in 0..=requests {
        let bench = InfaktBench::start().await;
        let mut turn = Turn::new(&bench).await;
        let (_, correction) = corrected(&bench, &mut turn).await;
        let mut stored = turn.killed_after(&correction, killed_after, crate::turn::Kept::Yes).await;
        turn.settle().await;
        match turn.run(&correction, &mut stored).await {
            Ok(_) => assert_eq!(bench.documents().await.len(), 2, "killed after {killed_after}"),
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::NotSeen, "killed after {killed_after}");
                assert_eq!(bench.documents().await.len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn a_correction_of_an_original_that_somebody_changed_is_refused() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let (passed, correction) = corrected(&bench, &mut turn).await;
    bench.change(|account| account.invoices[0].services.truncate(3));
    let error = turn.pass(&correction).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::UnknownReference));
    bench.remove(&passed.id);
    let error = turn.pass(&correction).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::UnknownReference));
    assert_eq!(bench.documents().await, []);
}

#[tokio::test]
async fn what_is_paid_in_full_is_marked_as_paid() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let mut work = Work::invoice(&bench);
    work.content.payment.paid = dec!(484.70).try_into().unwrap();
    work.content.payment.paid_on = Some("2026-03-01".parse().unwrap());
    arrives(&mut turn, &work).await;
    let (status, day) = bench.read(|account| (account.invoices[0].status.clone(), account.invoices[0].paid_date));
    assert_eq!((status.as_str(), day), ("paid", Some(work.content.issue_date)));
}

#[tokio::test]
async fn a_public_page_is_made_where_it_is_wanted_and_a_plan_without_is_no_error() {
    for shares in [true, false] {
        let bench = InfaktBench::with(|state| state.accounts[0].shares = shares).await;
        let mut turn = Turn::new(&bench).await;
        let mut work = Work::invoice(&bench);
        work.options = work.options.with("public_page", "made");
        let (passed, _) = arrives(&mut turn, &work).await;
        assert_eq!(passed.link.is_some(), shares);
        assert_eq!(turn.copy(&work, &passed).await.unwrap().link, passed.link);
        if let Some(link) = &passed.link {
            assert_eq!(reqwest::get(link).await.unwrap().status().as_u16(), 200);
        }
    }
}

#[tokio::test]
async fn ksef_takes_its_time() {
    for refuses in [false, true] {
        let bench = InfaktBench::with(|state| state.accounts[0].ksef_refuses = refuses).await;
        let mut turn = Turn::new(&bench).await;
        let mut work = Work::invoice(&bench);
        work.options = work.options.with("ksef", "send").with("exemption_reason", "1");
        let (passed, _) = arrives(&mut turn, &work).await;
        assert_eq!(passed.ksef, Some(Ksef::Awaited { status: "sent".into() }));
        let ksef = turn.copy(&work, &passed).await.unwrap().ksef;
        assert_eq!(matches!(ksef, Some(Ksef::Refused { .. })), refuses, "{ksef:?}");
        assert_eq!(matches!(ksef, Some(Ksef::Accepted { .. })), !refuses, "{ksef:?}");
    }
}

#[tokio::test]
async fn a_currency_is_always_said() {
    let bench = InfaktBench::with(|state| state.accounts[0].currency = "USD".to_owned()).await;
    let mut turn = Turn::new(&bench).await;
    arrives(&mut turn, &Work::invoice(&bench)).await;
    let abroad = crate::work::order(crate::work::ABROAD);
    arrives(&mut turn, &Work::issued(&bench, IssuedKind::Invoice, &abroad, Choice::No)).await;
}

#[tokio::test]
async fn a_list_that_is_full_is_read_on() {
    let bench = InfaktBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    let day = work.content.issue_date;
    bench.change(|account| {
        for id in 0..150 {
            let (number, uuid) = (format!("X{id}"), format!("x-{id}"));
            account.invoices.push(Invoice { id: 9_000 + id, number, uuid, invoice_date: day, ..Invoice::default() });
        }
    });
    let again = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap();
    assert_eq!((again.found, again.id), (Found::Again, passed.id));
}
