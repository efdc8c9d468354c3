//! What one automatically posted invoice asks of the tables.

use domain::document::Status;
use pipeline::{Pipeline, Ubl};
use rust_decimal::{Decimal, dec};
use std::{collections::BTreeMap, fmt::Write};

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    let pdf = Some(b"%PDF-1.7 picture".to_vec());
    Ubl { pdf, ..Ubl::new(&format!("F-{number}"), p.now().date_naive() - chrono::Days::new(3)) }
        .of(dec!(10) * Decimal::from(number))
}

/// Write units, half read units, and which operations they are.
async fn costs(p: &Pipeline, number: u32) -> (u32, u32, String) {
    p.store.take_costs();
    let id = p.deliver(&ubl(p, number)).await;
    p.run_uncounted().await;
    let asked = p.store.take_costs();
    let document = p.document(id).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let mut operations: BTreeMap<&str, (u32, u32, u32)> = BTreeMap::new();
    let (mut write, mut read) = (0, 0);
    for cost in asked {
        write += cost.write_units;
        read += cost.read_half_units;
        let sum = operations.entry(cost.operation).or_default();
        *sum = (sum.0 + 1, sum.1 + cost.write_units, sum.2 + cost.read_half_units);
    }
    let mut shown = format!("{write} write units, {}.{} read units:", read / 2, read % 2 * 5);
    for (operation, (times, write, read)) in operations.into_iter().filter(|(_, sum)| sum.1 + sum.2 > 0) {
        write!(shown, "\n  {operation} x{times}: {write} write, {read} half read").unwrap();
    }
    (write, read, shown)
}

#[tokio::test]
async fn one_invoice_stays_within_its_budget_cold_and_warm() {
    let p = Pipeline::start().await;
    let (first_write, first_read, first) = costs(&p, 1).await;
    let (write, read, second) = costs(&p, 2).await;
    let both = format!("first: {first}\nsecond: {second}");
    println!("{both}");
    // The first one of a process: tokens are read, and the codes of a ledger that has listed none. It is the contact's first, too: who it is in the ledger is stored.
    assert!(first_write <= 18 && first_read <= 27, "{both}");
    assert!(write <= 17 && read <= 19, "{both}");
}

#[tokio::test]
async fn the_first_invoice_of_a_contact_stays_within_the_budget_too() {
    let p = Pipeline::start().await;
    costs(&p, 1).await;
    p.office.change_supplier(p.now(), |contact| contact.ledger_contact = None).await;
    let (write, read, shown) = costs(&p, 2).await;
    println!("{shown}");
    assert!(shown.contains("contacts.remember"), "{shown}");
    assert!(write <= 18 && read <= 20, "{shown}");
}

#[tokio::test]
async fn a_burst_costs_no_more_than_one_by_one() {
    let p = Pipeline::start().await;
    costs(&p, 1).await;
    let (write, read, one) = costs(&p, 2).await;
    for number in 3..=12 {
        p.deliver(&ubl(&p, number)).await;
    }
    p.store.take_costs();
    p.run_uncounted().await;
    let (burst_write, burst_read) = p.store.take_units();
    assert_eq!(p.bookings().len(), 12);
    // Delivering them is not counted above: three write units each.
    let (burst_write, burst_read) = (burst_write / 10 + 3, burst_read / 10);
    println!("{burst_write} write units, {burst_read} half read units each; one by one: {one}");
    assert!(burst_write <= write && burst_read <= read, "{burst_write}, {burst_read} half; one by one {one}");
}
