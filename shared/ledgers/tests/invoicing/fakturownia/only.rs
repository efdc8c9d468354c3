//! What only Fakturownia does.

use super::*;
use crate::{
    bench::packed,
    passing::arrives,
    turn::{Turn, connect},
};
use domain::sales::Ksef;
use ledgers::{Advance, Checkpoint, Found, LedgerError, Pdf, Progress};
use rust_decimal::dec;
use simulators::fakturownia::state;

fn facts(error: &LedgerError) -> (ErrorKind, ErrorCode) {
    (error.kind(), error.code())
}

fn copies(bench: &FakturowniaBench, change: impl Fn(&mut Document)) {
    bench.change(|account| {
        let mut other = account.documents.last().unwrap().clone();
        other.id += 50;
        other.number = format!("{}/B", other.number);
        change(&mut other);
        account.documents.push(other);
    });
}

#[tokio::test]
async fn a_token_that_may_only_read_is_told_and_nothing_is_passed() {
    let bench = FakturowniaBench::start().await;
    let typed = packed::<FakturowniaBench>(&[("account", seed::PREFIX), ("api_token", seed::READ_ONLY_TOKEN)]);
    let (tokens, _) = connect(&bench, &typed).await.unwrap();
    let mut turn = Turn { tokens, ..Turn::new(&bench).await };
    let error = turn.pass(&Work::invoice(&bench)).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::UserRights));
    let kinds: Vec<_> = turn.errors.iter().map(LedgerError::kind).collect();
    assert_eq!(kinds, [ErrorKind::Unknown, ErrorKind::Rejected], "looked up in between");
    assert_eq!(bench.documents().await, []);
}

#[tokio::test]
async fn addresses_that_are_no_account_are_refused_without_a_request() {
    let bench = FakturowniaBench::start().await;
    let before = bench.requests();
    for account in ["https://evil.test", "a.b.fakturownia.pl", "demo sklep"] {
        let typed = packed::<FakturowniaBench>(&[("account", account), ("api_token", "x")]);
        let error = connect(&bench, &typed).await.unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused), "{account}");
    }
    assert_eq!(bench.requests(), before);
    let typed = packed::<FakturowniaBench>(&[("account", "nobody-here"), ("api_token", seed::TOKEN)]);
    let error = connect(&bench, &typed).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::NoDivisionAccess));
}

#[tokio::test]
async fn who_is_sent_to_the_sign_in_page_is_not_signed_in() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let headers = BTreeMap::from([("Location".to_owned(), "/login".to_owned())]);
    let effect = Effect::Answer { status: 302, headers, body: String::new(), stored: Stored::No };
    bench.desk().faults.add(Fault::on_any(effect));
    let error = turn.pass(&Work::invoice(&bench)).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
}

#[tokio::test]
async fn only_our_whole_reference_is_ours() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, standing) = arrives(&mut turn, &work).await;
    assert_eq!(standing.reference, work.request().key());
    copies(&bench, |other| other.oid.push_str("-2"));
    let again = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap();
    assert_eq!((again.found, &again.id), (Found::Again, &passed.id));
    copies(&bench, |other| other.oid = work.request().key());
    let error = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Uncertain, ErrorCode::AlreadyProcessed));
    assert!(error.booking().unwrap().contains(&passed.number), "{error:?}");
    bench.change(|account| {
        account.documents.truncate(1);
        account.documents[0].kind = "proforma".to_owned();
    });
    let error = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Uncertain, "of another kind");
}

#[tokio::test]
async fn pages_that_are_full_to_the_last_say_nothing() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let key = work.request().key();
    let fill = |count: u64| {
        bench.change(|account| {
            account.documents = (0..count)
                .map(|id| Document {
                    id: id + 1,
                    kind: "vat".into(),
                    oid: format!("{key}-{id}"),
                    ..Document::default()
                })
                .collect();
        });
    };
    fill(300);
    let error = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Uncertain);
    assert_eq!(bench.read(|account| account.documents.len()), 300, "nothing was made");
    fill(150);
    let passed = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap();
    assert_eq!(passed.found, Found::Created);
}

#[tokio::test]
async fn two_workers_with_one_document_make_one() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let first = turn.pass(&work).await.unwrap();
    // The other one looked before the first one wrote.
    let other = turn.pass(&work).await.unwrap();
    assert_eq!((other.found, &other.id), (Found::Again, &first.id));
    assert_eq!(turn.errors, []);
    // It is there, and no list shows it.
    bench.simulator.change(|state| state.settings.list_lag_seconds = 3_600);
    let error = turn.pass(&work).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Uncertain, ErrorCode::AlreadyProcessed));
    assert_eq!(bench.read(|account| account.documents.len()), 1);
}

#[tokio::test]
async fn a_status_that_is_refused_is_left_out_once() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    bench.refuses(r#"{"code":"error","message":{"status":["- jest nieprawidłowe"]}}"#);
    let mut work = Work::invoice(&bench);
    work.content.payment.paid = dec!(10.00).try_into().unwrap();
    let (_, standing) = arrives(&mut turn, &work).await;
    assert_eq!(standing.paid, dec!(10.00));
}

#[tokio::test]
async fn a_refusal_that_is_dressed_as_success_is_one() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
    let body = r#"{"status":"error","message":"Limit dokumentów został wyczerpany"}"#.to_owned();
    bench.desk().faults.add(Fault::on_any(Effect::Answer { status: 200, headers, body, stored: Stored::No }));
    let error = turn.pass(&Work::invoice(&bench)).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::Refused));
    assert_eq!(error.ledger_text(), Some("Limit dokumentów został wyczerpany"));
}

#[tokio::test]
async fn a_total_of_its_own_is_told_and_nothing_is_made_twice() {
    let bench = FakturowniaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let mut work = Work::invoice(&bench);
    work.content.total.gross += dec!(0.01);
    let passed = turn.pass(&work).await.unwrap();
    assert_eq!(passed.gross, Some(dec!(484.7)));
    assert_eq!(turn.remark.as_ref().unwrap().code(), ErrorCode::Mismatch);
    assert_eq!(bench.documents().await.len(), 1);
}

#[tokio::test]
async fn money_may_be_a_number() {
    let bench = FakturowniaBench::with(|state| state.settings.money = state::Money::Number).await;
    arrives(&mut Turn::new(&bench).await, &Work::invoice(&bench)).await;
}

#[tokio::test]
async fn a_pdf_is_fetched_whether_or_not_it_takes_the_token_in_a_header() {
    for bearer_on_pdf in [true, false] {
        let bench = FakturowniaBench::with(|state| state.settings.bearer_on_pdf = bearer_on_pdf).await;
        let mut turn = Turn::new(&bench).await;
        let work = Work::invoice(&bench);
        let (passed, _) = arrives(&mut turn, &work).await;
        assert!(matches!(turn.pdf(&work, &passed).await.unwrap(), Pdf::Bytes(_)), "{bearer_on_pdf}");
    }
}

#[tokio::test]
async fn ksef_takes_its_time_and_nothing_is_made_again() {
    let bench = FakturowniaBench::start().await;
    bench.change(|account| {
        account.ksef = state::Ksef::Block;
        account.sends = state::Sends::Companies;
        account.ksef_reads = 1;
    });
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    let awaited = Some(Ksef::Awaited { status: "processing".into() });
    assert_eq!(passed.ksef, awaited);
    assert_eq!(turn.pdf(&work, &passed).await.unwrap(), Pdf::NotYet);
    assert_eq!(turn.copy(&work, &passed).await.unwrap().ksef, awaited);
    let accepted = turn.copy(&work, &passed).await.unwrap().ksef;
    assert!(matches!(&accepted, Some(Ksef::Accepted { number }) if number.starts_with("5260250274-")), "{accepted:?}");
    assert!(matches!(turn.pdf(&work, &passed).await.unwrap(), Pdf::Bytes(_)));
    assert_eq!(bench.documents().await.len(), 1);
}

#[tokio::test]
async fn with_ksef_a_correction_takes_over_who_buys_and_which_department() {
    let bench = FakturowniaBench::start().await;
    bench.change(|account| account.ksef = state::Ksef::Block);
    let mut turn = Turn::new(&bench).await;
    let work = Work { series: Some("702"), ..Work::invoice(&bench) };
    let (passed, _) = arrives(&mut turn, &work).await;
    bench.change(|account| account.documents[0].buyer.email = "nowy@zielonykubek.example".into());
    let mut correction = work.correction(&bench, Some(&passed));
    correction.series = None;
    turn.pass(&correction).await.unwrap();
    let corrected = bench.documents().await.into_iter().find(|document| document.kind == "correction").unwrap();
    assert_eq!((corrected.series.as_str(), corrected.buyer.email.as_str()), ("702", "nowy@zielonykubek.example"));
    bench.change(|account| account.documents.clear());
    let error = turn.pass(&work.correction(&bench, Some(&passed))).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, ErrorCode::UnknownReference), "the original is gone");
}

#[tokio::test]
async fn a_correction_killed_anywhere_is_made_once() {
    for killed_after in 0..=2 {
        let bench = FakturowniaBench::start().await;
        let mut turn = Turn::new(&bench).await;
        let work = Work::invoice(&bench);
        let (passed, _) = arrives(&mut turn, &work).await;
        let correction = work.correction(&bench, Some(&passed));
        let mut progress = Progress::first();
        for _ in 0..killed_after {
            assert!(!matches!(turn.step(&correction, &mut progress).await.unwrap(), Advance::Store));
        }
        turn.settle().await;
        let again = turn.run(&correction, &mut Some(Checkpoint::default())).await.unwrap();
        assert_eq!(again.found, if killed_after == 2 { Found::Again } else { Found::Created });
        assert_eq!(bench.documents().await.len(), 2);
    }
}

#[tokio::test]
async fn lines_that_a_correction_leaves_alone_are_sent_where_the_account_wants_them() {
    let bench = FakturowniaBench::with(|state| state.settings.untouched_lines = state::Untouched::Required).await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    let mut correction = work.correction(&bench, Some(&passed));
    assert_eq!(turn.pass(&correction).await.unwrap_err().kind(), ErrorKind::Rejected);
    correction.options = correction.options.with("untouched_lines", "sent");
    turn.pass(&correction).await.unwrap();
    let corrected = bench.documents().await.into_iter().find(|document| document.kind == "correction").unwrap();
    assert_eq!((corrected.lines.len(), corrected.totals.gross), (5, dec!(-130.50)));
}
