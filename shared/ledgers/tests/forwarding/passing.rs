//! What is forwarded arrives, once, and what is not to be forwarded is not.

use crate::{
    bench::{Market, Paper, packed},
    turn::{Turn, assert_one, connect},
};
use domain::{ledger::DirectoryKind, sales::IssuedKind};
use ledgers::{Directory, ErrorCode, ErrorKind, ForwardedAs, Found, Options};

pub async fn an_invoice_arrives_once<M: Market>() {
    let market = M::start().await;
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    let forwarded = turn.forward(&paper).await.unwrap();
    assert_eq!((forwarded.found, forwarded.outcome), (Found::Created, ForwardedAs::Accepted));
    assert_eq!(turn.errors, []);
    assert_one(&market, &paper, &forwarded, "once");
}

pub async fn a_document_that_is_forwarded_again_is_found<M: Market>() {
    let market = M::start().await;
    let mut turn = Turn::new(&market).await;
    let paper = market.invoice();
    let mut stored = None;
    let first = turn.run(&paper, &mut stored).await.unwrap();
    turn.settle().await;
    let again = turn.run(&paper, &mut stored).await.unwrap();
    assert_eq!((&again.id, again.outcome), (&first.id, ForwardedAs::Accepted));
    assert_one(&market, &paper, &first, "again");
}

pub async fn two_documents_are_two<M: Market>() {
    let market = M::start().await;
    let mut turn = Turn::new(&market).await;
    let (one, mut other) = (market.invoice(), market.invoice());
    let first = turn.forward(&one).await.unwrap();
    other.others.push(first.id.clone());
    let second = turn.forward(&other).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(market.shown(), [(one.order, one.number), (other.order, other.number)]);
}

pub async fn a_correction_is_forwarded_only_where_the_connection_says_so<M: Market>() {
    let market = M::start().await;
    let mut turn = Turn::new(&market).await;
    let mut paper = market.invoice();
    paper.kind = IssuedKind::Correction;
    (paper.gross, paper.vat) = (-paper.gross, -paper.vat);
    let before = market.requests();
    let error = turn.forward(&paper).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Unsupported));
    assert_eq!((market.requests(), market.shown()), (before, Vec::new()));
    paper.options = Options::default().with("corrections", "on");
    M::ledger().descriptor().check(&paper.options).unwrap();
    let forwarded = turn.forward(&paper).await.unwrap();
    assert_one(&market, &paper, &forwarded, "a correction");
}

pub async fn what_no_marketplace_shows_is_refused_before_anything_is_sent<M: Market>() {
    let market = M::start().await;
    let mut turn = Turn::new(&market).await;
    let before = market.requests();
    let mut receipt = market.invoice();
    receipt.kind = IssuedKind::Receipt;
    let nowhere = Paper { order: " ".to_owned(), ..market.invoice() };
    let mut page = market.invoice();
    page.pdf = b"<html>".to_vec();
    for (paper, code) in
        [(receipt, ErrorCode::Unsupported), (nowhere, ErrorCode::OrderUnknown), (page, ErrorCode::FileRefused)]
    {
        let error = turn.forward(&paper).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code));
        assert!(error.message().ends_with('.') && error.message().len() > 40, "{}", error.message());
    }
    assert_eq!((market.requests(), market.shown()), (before, Vec::new()));
}

pub async fn who_is_connected_and_the_one_account_can_be_chosen<M: Market>() {
    let market = M::start().await;
    let (_, identity) = connect(&market, &packed::<M>(M::typed())).await.unwrap();
    assert!(!identity.name.is_empty() && identity.division.is_none());
    let mut turn = Turn::new(&market).await;
    let page = turn.call(async |client| client.page(&Directory::of(DirectoryKind::Divisions)).await).await.unwrap();
    assert_eq!((page.entries.len(), page.next), (1, None));
}

pub async fn wrong_credentials<M: Market>() {
    let market = M::start().await;
    let error = connect(&market, &packed::<M>(M::wrongly_typed())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReconnectNeeded, "{error}");
    assert!(error.message().len() > 40);
}
