//! `AccountView`: connected by a consent, and posted to.

use crate::consented::{Ledger, Office};
use pipeline::Pipeline;
use rust_decimal::{Decimal, dec};
use serde_json::json;
use simulators::{
    accountview::{
        AccountView,
        books::{Page, Year},
        seed,
    },
    stand::Options,
};

async fn connected() -> Office<AccountView> {
    let p = Pipeline::start().await;
    let accountview = Options::<AccountView>::demo().clock(p.exact.clock()).start().await.unwrap();
    let set_up = Ledger {
        registration: "accountview",
        app: (seed::APP, seed::SECRET, seed::REDIRECT_URI),
        options: json!({ "purchase_journal": seed::PURCHASE, "filling": "header", "credit_notes": "reversed" }),
        division: seed::COMPANY,
        codes: ("4600", "5"),
    };
    Office::connected(p, accountview, &set_up).await
}

/// The books of all years.
fn years<T>(office: &Office<AccountView>, look: impl FnOnce(&[Year]) -> T) -> T {
    office.ledger.read(|all| look(&all.company(seed::COMPANY).unwrap().years))
}

fn pages(office: &Office<AccountView>) -> Vec<Page> {
    years(office, |years| years.iter().flat_map(|year| year.pages.clone()).collect())
}

#[tokio::test]
async fn an_invoice_and_its_credit_note_are_posted_after_a_consent() {
    let office = connected().await;
    let [invoice, _] = office.post_and_take_back().await;
    let booked = pages(&office);
    assert_eq!(booked.len(), 2);
    let header = &booked[0].header;
    assert_eq!((header.number("CUR_AMT").abs(), header.number("CUR_VAT").abs()), (dec!(121.00), dec!(21.00)));
    assert_eq!((header.text("INV_NR"), header.text("SUB_NR")), ("F-1", seed::SUPPLIER));
    assert!(invoice.booked.unwrap().ledger_number.ends_with(header.text("PAGE_NR")));
    let all_zero = years(&office, |years| years.iter().all(|year| year.balances().values().all(Decimal::is_zero)));
    assert!(all_zero, "what was booked is taken back");
}

#[tokio::test]
async fn a_worker_that_dies_after_the_booking_request_books_once() {
    let mut office = connected().await;
    let document = office.post_dying("AccountViewData").await;
    let booked = pages(&office);
    assert_eq!(booked.len(), 1);
    assert!(document.booked.unwrap().ledger_number.ends_with(booked[0].header.text("PAGE_NR")));
}
