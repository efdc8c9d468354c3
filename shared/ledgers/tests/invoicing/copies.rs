//! What comes back from the ledger: number, page, PDF.

use crate::{bench::Bench, passing::arrives, turn::Turn, work::Work};
use domain::sales::{IssuedKind, Ksef};
use ledgers::{ErrorCode, Pdf};

pub async fn read_back<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    let copy = turn.copy(&work, &passed).await.unwrap();
    assert_eq!(copy.number, passed.number);
    if B::finds_links() {
        assert_eq!(copy.link, passed.link);
    }
    assert!(!matches!(copy.ksef, Some(Ksef::Refused { .. })), "{copy:?}");
    if let Some(link) = copy.link.as_ref().or(passed.link.as_ref()) {
        let page = reqwest::get(link).await.unwrap();
        assert_eq!(page.status().as_u16(), 200, "people need no credentials for it");
    }
}

pub async fn the_pdf_is_fetched_when_it_is_there<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let late = bench.delays_pdf();
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    if !B::has_pdf(IssuedKind::Invoice) {
        assert_eq!(turn.pdf(&work, &passed).await.unwrap(), Pdf::None);
        return;
    }
    if late {
        assert_eq!(turn.pdf(&work, &passed).await.unwrap(), Pdf::NotYet);
    }
    let Pdf::Bytes(bytes) = turn.pdf(&work, &passed).await.unwrap() else { panic!("it is there") };
    assert!(bytes.starts_with(b"%PDF-"));
}

pub async fn what_is_gone_is_told<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (passed, _) = arrives(&mut turn, &work).await;
    bench.remove(B::own_id(&passed.id));
    assert_eq!(turn.copy(&work, &passed).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(turn.pdf(&work, &passed).await.unwrap_err().code(), ErrorCode::NotFound);
}
