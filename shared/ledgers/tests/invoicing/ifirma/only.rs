//! What only iFirma does.

use super::*;
use crate::{
    passing::arrives,
    turn::{Kept, Turn, assert_one},
    work::{ABROAD, ORDER, order},
};
use domain::{
    office::Choice,
    sales::{Ksef, Numbering},
};
use ledgers::{Checkpoint, Found, Pdf};
use simulators::ifirma::state::{CodeOnRead, Identifiers};

#[tokio::test]
async fn a_technical_error_may_have_made_the_invoice() {
    for (stored, found) in [(Stored::Yes, Found::Again), (Stored::No, Found::Created)] {
        let bench = IfirmaBench::start().await;
        let (mut turn, work) = (Turn::new(&bench).await, Work::invoice(&bench));
        bench.says(100, "Błąd techniczny", stored);
        let passed = turn.pass(&work).await.unwrap();
        assert_eq!((turn.errors[0].kind(), passed.found), (ErrorKind::Unknown, found), "{stored:?}");
        assert_one(&bench, &work, &passed, "100").await;
    }
}

/// Many of one day, buyer and amount: only the remarks tell them apart.
#[tokio::test]
async fn an_invoice_among_others_of_the_same_amount_is_found() {
    let bench = IfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    for _ in 0..24 {
        turn.pass(&Work::invoice(&bench)).await.unwrap();
        turn.settle().await;
    }
    let work = Work::invoice(&bench);
    let mut stored = turn.killed_after(&work, 1, Kept::No).await;
    turn.settle().await;
    let passed = turn.run(&work, &mut stored).await.unwrap();
    assert_eq!((passed.found, bench.documents().await.len()), (Found::Again, 25));
    // Its number is read although it is not on the first page.
    let other = Work::invoice(&bench);
    let passed = turn.pass(&other).await.unwrap();
    assert_eq!((passed.found, passed.number.as_str(), passed.gross), (Found::Created, "26/03/2026", None));
    // One that was never sent is not taken for another.
    let made = turn.run(&Work::invoice(&bench), &mut Some(Checkpoint::default())).await.unwrap();
    assert_eq!((made.found, bench.documents().await.len()), (Found::Created, 27));
}

#[tokio::test]
async fn answers_may_leave_out_the_number_and_write_ids_as_texts() {
    let bench = IfirmaBench::with(|state| {
        state.settings.code_on_read = CodeOnRead::Absent;
        state.settings.identifiers = Identifiers::Texts;
    })
    .await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    assert_eq!(turn.copy(&work, &passed).await.unwrap().number, passed.number);
}

#[tokio::test]
async fn an_invoice_in_another_currency_is_read_where_it_was_made() {
    let bench = IfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::issued(&bench, IssuedKind::Invoice, &order(ABROAD), Choice::No);
    let (passed, _) = arrives(&mut turn, &work).await;
    assert!(passed.id.starts_with("fakturawaluta/"));
    assert_eq!(turn.copy(&work, &passed).await.unwrap().number, passed.number);
    assert!(matches!(turn.pdf(&work, &passed).await.unwrap(), Pdf::Bytes(_)));
    turn.settle().await;
    let again = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap();
    assert_eq!((again.found, again.id), (Found::Again, passed.id));
}

#[tokio::test]
async fn a_price_with_more_decimals_goes_as_what_the_line_comes_to() {
    let bench = IfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let text = ORDER.replace(
        r#""quantity": "2", "unit": "szt", "price": "49.20""#,
        r#""quantity": "3", "unit": "szt", "price": "0.3333""#,
    );
    let text = text.replace(r#""price": "40.00""#, r#""price": "0""#);
    let work = Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No);
    let passed = turn.pass(&work).await.unwrap();
    let standing = assert_one(&bench, &work, &passed, "decimals").await;
    assert_eq!(standing.lines[0].name, "Kubek ceramiczny (3 szt × 0.3333)");
    assert_eq!(standing.lines[0].amounts.gross, work.content.lines[0].gross);
    assert_eq!(standing.lines.len(), 4, "a line of nothing is not taken");
    assert_eq!(turn.remark.as_ref().unwrap().code(), ErrorCode::Mismatch);
}

#[tokio::test]
async fn a_number_that_ifirma_writes_in_another_way_is_told() {
    let bench = IfirmaBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work { series: Some("Sklep"), numbering: Numbering::Ours, ..Work::invoice(&bench) };
    let passed = turn.pass(&work).await.unwrap();
    assert!(passed.number.ends_with("/2026/Sklep"));
    assert_eq!(turn.remark.as_ref().unwrap().code(), ErrorCode::Mismatch);
}

#[tokio::test]
async fn ksef_is_told_when_there_is_a_number() {
    let bench = IfirmaBench::with(|state| {
        state.settings.ksef_sending = simulators::ifirma::state::KsefSending::ByItself;
        "NumerKsef".clone_into(&mut state.settings.ksef_field);
        state.accounts[0].ksef_after = Some(1);
    })
    .await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    assert_eq!(turn.copy(&work, &passed).await.unwrap().ksef, None);
    assert!(matches!(turn.copy(&work, &passed).await.unwrap().ksef, Some(Ksef::Accepted { .. })));
}
