//! Invoices with very many lines and with amounts beyond all reason come to an end like all others.

use domain::document::Status;
use pipeline::{File, Line, Pipeline, Ubl};
use rust_decimal::dec;

fn ubl(p: &Pipeline, number: &str) -> Ubl {
    Ubl::new(number, p.now().date_naive() - chrono::Days::new(3))
}

#[tokio::test]
async fn five_thousand_lines_are_posted_as_one_invoice() {
    let p = Pipeline::start().await;
    let line = |number: usize| match number % 2 {
        0 => Line { category: "S", rate: dec!(21), net: dec!(0.55) },
        _ => Line { category: "S", rate: dec!(9), net: dec!(0.35) },
    };
    let invoice = Ubl { lines: (0..5_000).map(line).collect(), ..ubl(&p, "F-1") };
    let document = p.process(&invoice).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    assert_eq!(p.content(document.id).await.invoice.map(|invoice| invoice.lines.len()), Some(5_000));
    let booking = p.booking();
    assert_eq!((booking.amount, booking.vat), (invoice.gross(), invoice.vat()));
}

#[tokio::test]
async fn absurd_amounts_wait_with_their_reason() {
    let p = Pipeline::start().await;
    let nines = |digits| "9".repeat(digits);
    let cases = [
        // Consistent in itself, and more than anybody allowed.
        ("1000000000000.00", "210000000000.00", "1210000000000.00".to_owned(), Status::Complete, "above_maximum"),
        ("1e30", "2.1e29", "1.21e30".to_owned(), Status::Unreadable, "bad_amount"),
        ("100.00", "21.00", nines(14), Status::Unreadable, "bad_amount"),
        ("100.00", "21.00", nines(29), Status::Unreadable, "bad_amount"),
        ("100.00", "21.00", nines(5_000), Status::Unreadable, "bad_amount"),
    ];
    for (number, (net, vat, gross, status, reason)) in cases.into_iter().enumerate() {
        let text = String::from_utf8(ubl(&p, &format!("F-{number}")).xml()).unwrap();
        let text = text.replace(">121.00<", &format!(">{gross}<")).replace(">21.00<", &format!(">{vat}<"));
        let document = p.process(File::Xml(text.replace(">100.00<", &format!(">{net}<")).into_bytes())).await;
        let shown = document.reason.clone();
        assert_eq!((document.status, shown.as_ref().map(|it| it.code.as_str())), (status, Some(reason)), "{shown:?}");
    }
    assert_eq!(p.bookings(), []);
}
