//! What only wFirma does.

use super::*;
use crate::{
    passing::arrives,
    turn::{Kept, Turn, assert_one},
    work::{ORDER, order},
};
use domain::{office::Choice, sales::Ksef};
use ledgers::{Directory, Found, Pdf};
use simulators::wfirma::state::{Nothing, ReferenceFilter};
use std::time::Duration;

#[tokio::test]
async fn statuses_that_pass_by_themselves_are_waited_for() {
    for (status, stored, code, minutes) in [
        ("TOTAL REQUESTS LIMIT EXCEEDED", Stored::No, ErrorCode::RateLimited, 1),
        ("AUTH FAILED LIMIT WAIT 5 MINUTES", Stored::No, ErrorCode::RateLimited, 5),
        ("OUT OF SERVICE", Stored::No, ErrorCode::Unavailable, 5),
        ("SNAPSHOT LOCK", Stored::No, ErrorCode::DivisionBlocked, 20),
    ] {
        let bench = WfirmaBench::start().await;
        let (mut turn, work) = (Turn::new(&bench).await, Work::invoice(&bench));
        bench.says(status, stored);
        let passed = turn.pass(&work).await.unwrap();
        let [error] = turn.errors.as_slice() else { panic!("{status}: {:?}", turn.errors) };
        assert_eq!(error.code(), code, "{status}");
        let ErrorKind::Retryable { after: Some(after) } = error.kind() else { panic!("{error:?}") };
        assert!(after >= Duration::from_mins(minutes), "{status}: {after:?}");
        assert_one(&bench, &work, &passed, status).await;
    }
}

#[tokio::test]
async fn a_fault_may_have_made_the_document() {
    for status in ["FATAL", "TOTAL EXECUTION TIME LIMIT EXCEEDED"] {
        for (stored, found) in [(Stored::Yes, Found::Again), (Stored::No, Found::Created)] {
            let bench = WfirmaBench::start().await;
            let (mut turn, work) = (Turn::new(&bench).await, Work::invoice(&bench));
            bench.says(status, stored);
            let passed = turn.pass(&work).await.unwrap();
            assert_eq!((turn.errors[0].kind(), passed.found), (ErrorKind::Unknown, found), "{status} {stored:?}");
            assert_one(&bench, &work, &passed, status).await;
        }
    }
}

/// Whether the reference is filtered by is not sure; then it is among the documents of its day, on whatever page.
#[tokio::test]
async fn a_reference_that_is_not_filtered_by_is_found_all_the_same() {
    for nothing in [Nothing::Parameters, Nothing::Absent, Nothing::List] {
        let bench = WfirmaBench::with(|state| {
            state.settings.reference_filter = ReferenceFilter::Ignored;
            state.settings.page_most = 2;
            state.settings.nothing = nothing;
        })
        .await;
        let mut turn = Turn::new(&bench).await;
        for _ in 0..3 {
            turn.pass(&Work::invoice(&bench)).await.unwrap();
        }
        let work = Work::invoice(&bench);
        let mut stored = turn.killed_after(&work, 2, Kept::No).await;
        turn.settle().await;
        let passed = turn.run(&work, &mut stored).await.unwrap();
        assert_eq!((passed.found, bench.documents().await.len()), (Found::Again, 4), "{nothing:?}");
        // One that was never sent is not taken for another.
        let made = turn.run(&Work::invoice(&bench), &mut Some(ledgers::Checkpoint::default())).await.unwrap();
        assert_eq!((made.found, bench.documents().await.len()), (Found::Created, 5), "{nothing:?}");
    }
}

#[tokio::test]
async fn a_buyer_whose_card_says_the_same_gets_no_other_card() {
    let bench = WfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let text =
        ORDER.replace("1234563218", seed::CONTRACTOR.1).replace("biuro@zielonykubek.example", "biuro@buk.example");
    let same = text.replace("Zielony Kubek Sp. z o.o.", "Buk sp. z o.o.").replace("Morska 5/2", "Polna 3");
    let same = same.replace("81-001", "00-622").replace("Gdynia", "Warszawa");
    for (text, street) in [(same, "Polna 3"), (text, "Morska 5/2")] {
        let work = Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No);
        turn.pass(&work).await.unwrap();
        let documents = bench.documents().await;
        assert_eq!(documents.last().unwrap().buyer.street, street, "as on the order");
    }
    assert_eq!(bench.change(|company| company.contractors.len()), 1);
}

#[tokio::test]
async fn a_fiscal_receipt_has_no_pdf_and_another_one_has() {
    let bench = WfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let mut work = Work::issued(&bench, IssuedKind::Receipt, &order(ORDER), Choice::No);
    let passed = turn.pass(&work).await.unwrap();
    assert_eq!(turn.pdf(&work, &passed).await.unwrap(), Pdf::None, "CO-33");
    assert!(!turn.copy(&work, &passed).await.unwrap().number.is_empty());
    work = Work::issued(&bench, IssuedKind::Receipt, &order(ORDER), Choice::No);
    work.options = work.options.with("receipts", "non_fiscal");
    let passed = turn.pass(&work).await.unwrap();
    assert!(matches!(turn.pdf(&work, &passed).await.unwrap(), Pdf::Bytes(_)));
}

#[tokio::test]
async fn a_product_that_is_missing_is_told_and_the_document_passes() {
    let bench = WfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    bench.change(|company| company.goods.retain(|good| good.code != "MUG-01"));
    let work = Work { skus: Choice::Yes, ..Work::invoice(&bench) };
    turn.pass(&work).await.unwrap();
    let remark = turn.remark.clone().unwrap();
    assert_eq!(remark.code(), ErrorCode::UnknownReference);
    assert!(remark.message().contains("MUG-01"), "{remark:?}");
}

#[tokio::test]
async fn a_number_that_wfirma_writes_in_another_way_is_told() {
    let bench = WfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work { series: Some("5001"), numbering: domain::sales::Numbering::Ours, ..Work::invoice(&bench) };
    let passed = turn.pass(&work).await.unwrap();
    assert_ne!(passed.number, work.content.number);
    assert_eq!(turn.remark.as_ref().unwrap().code(), ErrorCode::Mismatch);
    assert_eq!(bench.documents().await.len(), 1);
}

#[tokio::test]
async fn numbers_that_only_wfirma_may_give_are_told() {
    let bench = WfirmaBench::start().await;
    bench.change(|company| company.series.iter_mut().for_each(|series| series.control = NumberControl::On));
    let work = Work { numbering: domain::sales::Numbering::Ours, ..Work::invoice(&bench) };
    let error = Turn::new(&bench).await.pass(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::LedgerSetting));
}

#[tokio::test]
async fn companies_are_listed_and_ksef_is_told() {
    let bench = WfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let page = turn.page(&Directory::of(domain::ledger::DirectoryKind::Divisions)).await.unwrap();
    let codes: Vec<_> = page.entries.iter().map(|entry| entry.code.as_str()).collect();
    assert_eq!(codes, ["900001", "900002"]);
    bench.change(|company| company.ksef_after = Some(0));
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    assert!(matches!(passed.ksef, Some(Ksef::Awaited { .. })));
    assert!(matches!(turn.copy(&work, &passed).await.unwrap().ksef, Some(Ksef::Accepted { .. })));
}
