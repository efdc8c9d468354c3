//! A document that a rule takes stands in the ledger, once and as it is.

use domain::{
    document::{Event, Status},
    invoice::InvoiceKind,
};
use pipeline::{Fields, File, Line, Order, Pipeline, Ubl, hybrid_pdf, plain_pdf};
use rust_decimal::dec;

fn ubl(p: &Pipeline, number: &str) -> Ubl {
    Ubl::new(number, p.now().date_naive() - chrono::Days::new(3))
}

#[tokio::test]
async fn a_ubl_invoice_is_posted_once_with_its_gross_and_vat() {
    let p = Pipeline::start().await;
    let invoice = Ubl { pdf: Some(b"%PDF-1.7 picture".to_vec()), ..ubl(&p, "F-1") };
    let document = p.process(&invoice).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.vat), (dec!(121.00), dec!(21.00)));
    assert_eq!((booking.your_ref.as_deref(), booking.kind), (Some("F-1"), 30));
    assert_eq!(booking.lines[0].gl_account, "4600");
    let files: Vec<_> = booking.files.iter().map(|file| file.file_name.as_str()).collect();
    assert_eq!(files, ["F-1.xml", "F-1.pdf"]);
    assert_eq!(document.booked.as_ref().unwrap().ledger_number, booking.entry_number.to_string());
    let posted_by = document.posted_by.unwrap();
    assert_eq!((posted_by.user, posted_by.rule), (p.office.automation_user, Some((p.office.supplier_rule, 1))));
    let events: Vec<_> = p.history(document.id).await.iter().filter_map(|entry| entry.event).collect();
    assert_eq!(events, [Event::Tag, Event::Completed, Event::Post, Event::LedgerAccepted]);
    let announced: Vec<_> = p.cloud.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(announced, ["document.posted"]);
}

#[tokio::test]
async fn a_credit_note_undoes_its_invoice() {
    let p = Pipeline::start().await;
    p.process(&ubl(&p, "F-1")).await;
    let note = Ubl { kind: InvoiceKind::CreditNote, ..ubl(&p, "C-1") };
    let document = p.process(&note).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    assert_eq!(p.bookings().len(), 2);
    assert_eq!(p.bookings()[1].kind, 31);
    assert!(p.exact.balances(simulators::exact::seed::DIVISION).all_zero());
}

#[tokio::test]
async fn a_negative_invoice_reduces_what_is_owed() {
    let p = Pipeline::start().await;
    p.process(&ubl(&p, "F-1")).await;
    let document = p.process(&ubl(&p, "F-2").of(dec!(-100.00))).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    assert_eq!(document.gross, Some(dec!(-121.00)));
    assert!(p.exact.balances(simulators::exact::seed::DIVISION).all_zero());
}

#[tokio::test]
async fn reverse_charge_is_posted_with_the_ledgers_own_code() {
    let p = Pipeline::start().await;
    let lines = vec![Line { category: "AE", rate: dec!(0), net: dec!(80.00) }];
    let document = p.process(&Ubl { lines, ..ubl(&p, "F-1") }).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.lines[0].vat_code.as_deref()), (dec!(80.00), Some("RC")));
}

#[tokio::test]
async fn two_vat_rates_become_two_lines() {
    let p = Pipeline::start().await;
    let line = |rate, net| Line { category: "S", rate, net };
    let invoice = Ubl { lines: vec![line(dec!(21), dec!(10.05)), line(dec!(9), dec!(20.10))], ..ubl(&p, "F-1") };
    let document = p.process(&invoice).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.vat), (invoice.gross(), invoice.vat()));
    assert_eq!(booking.lines.len(), 2);
}

#[tokio::test]
async fn a_sales_invoice_is_posted_to_its_customer() {
    let p = Pipeline::start().await;
    let document = p.process(&ubl(&p, "2026001").sales()).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.kind, booking.relation_name.as_str()), (20, "Afnemer N.V."));
    assert_eq!((booking.entry_number, booking.amount.abs()), (2_026_001, dec!(121.00)));
}

#[tokio::test]
async fn a_pdf_with_recognised_fields_is_posted() {
    let p = Pipeline::start().await;
    let fields = Fields::new("F-7", p.now().date_naive(), dec!(100.00), dec!(21.00));
    let document = p.process(File::Pdf(plain_pdf(), Some(fields))).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.vat), (dec!(121.00), dec!(21.00)));
    assert_eq!(booking.files[0].file_name, "F-7.pdf");
}

#[tokio::test]
async fn a_scan_with_recognised_fields_is_posted() {
    let p = Pipeline::start().await;
    let fields = Fields::new("F-7", p.now().date_naive(), dec!(100.00), dec!(21.00));
    let document = p.process(File::Scan(b"\x89PNG\r\n\x1a\n".to_vec(), Some(fields))).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    assert_eq!(p.booking().amount, dec!(121.00));
}

/// The invoice in the tests of reading, issued by the office's supplier to the office.
fn cii() -> Vec<u8> {
    include_str!("../../../../shared/documents/tests/cii/factur-x.xml")
        .replace("DE123456789", "NL001234567B01")
        .replace("<ram:ID schemeID=\"0002\">123456789</ram:ID>", "<ram:ID schemeID=\"0106\">12345678</ram:ID>")
        .replace("DE02120300000000202051", "NL02ABNA0123456789")
        .replace("Kunde BV", "Voorbeeld Handel B.V.")
        .into_bytes()
}

#[tokio::test]
async fn a_hybrid_pdf_counts_as_pdf() {
    let p = Pipeline::start().await;
    p.office.change_rule(p.now(), |rule| rule.documents = domain::automation::DocumentScope::Ubl).await;
    let waiting = p.process(File::Pdf(hybrid_pdf(&cii()), None)).await;
    assert_eq!((waiting.status, p.reason(waiting.id).await.as_deref()), (Status::Complete, Some("not_ubl")));

    let p = Pipeline::start().await;
    let posted = p.process(File::Pdf(hybrid_pdf(&cii()), None)).await;
    assert_eq!(posted.status, Status::Posted, "{:?}", posted.reason);
    let booking = p.booking();
    assert_eq!((booking.amount, booking.vat), (dec!(127.05), dec!(22.05)));
    assert_eq!(booking.files.len(), 1);
    assert_eq!(booking.files[0].file_name, "F-2026-17.pdf");
}

#[tokio::test]
async fn doubled_and_reversed_messages_change_nothing() {
    let mut p = Pipeline::start().await;
    p.order = Order::DoubledAndReversed;
    for number in 1..=7 {
        p.deliver(&ubl(&p, &format!("F-{number}")).of(dec!(10) + rust_decimal::Decimal::from(number))).await;
    }
    p.run_to_rest().await;
    assert_eq!(p.bookings().len(), 7);
    assert_eq!(p.ledger_documents(), 7);
}
