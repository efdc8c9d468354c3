//! What arrives of a document.

use crate::{
    bench::{Bench, Standing},
    turn::{Turn, assert_one},
    work::{ABROAD, ORDER, Work, order},
};
use domain::{
    office::Choice,
    sales::{Capability, CustomerName, IssuedKind, IssuedLine},
};
use ledgers::{Checkpoint, ErrorCode, ErrorKind, Found, PassedDocument};
use rust_decimal::{Decimal, dec};

/// Passes a document and compares what stands there with what was asked.
pub async fn arrives<B: Bench>(turn: &mut Turn<'_, B>, work: &Work) -> (PassedDocument, Standing) {
    let passed = turn.pass(work).await.unwrap_or_else(|error| panic!("{}: {error}", work.content.number));
    assert_eq!(passed.found, Found::Created);
    assert_eq!(turn.errors, []);
    assert_eq!(turn.remark, None, "the total is ours");
    let documents = turn.bench.documents().await;
    let standing =
        documents.into_iter().find(|document| document.id == B::own_id(&passed.id)).expect("it stands there");
    assert_arrived::<B>(work, &passed, &standing);
    (passed, standing)
}

fn assert_arrived<B: Bench>(work: &Work, passed: &PassedDocument, standing: &Standing) {
    let content = &work.content;
    assert_eq!(standing.number, passed.number);
    assert_eq!(standing.kind, B::kind(content.kind));
    assert_eq!((standing.issued, standing.sold), (Some(content.issue_date), Some(content.sale_date)));
    assert_eq!(standing.currency, content.currency.as_str());
    let (buyer, customer) = (&standing.buyer, &content.customer);
    assert_eq!(buyer.name, customer.name.full());
    assert_eq!(buyer.tax_number, customer.name.tax_number().unwrap_or_default());
    assert_eq!(
        (buyer.street.as_str(), buyer.city.as_str()),
        (customer.address.street.as_str(), customer.address.city.as_str())
    );
    assert_eq!(Some(buyer.zip.as_str()), customer.address.post_code.as_ref().map(domain::sales::PostCode::as_str));
    assert_eq!(buyer.country, B::country(customer.address.country.as_str()));
    if B::keeps_email() {
        assert_eq!(Some(buyer.email.as_str()), customer.email.as_ref().map(domain::sales::AddressText::as_str));
    }
    let lines: Vec<_> =
        standing.lines.iter().map(|line| (line.name.as_str(), line.quantity, line.vat.clone())).collect();
    let asked: Vec<_> = content.lines.iter().map(asked::<B>).collect();
    assert_eq!(lines, asked);
    for (line, asked) in standing.lines.iter().zip(&content.lines) {
        assert_eq!(line.amounts.gross, asked.gross, "{}", line.name);
    }
    assert_eq!(standing.totals.gross, content.total.gross);
    if let Some(gross) = passed.gross {
        assert_eq!(gross, content.total.gross);
    }
}

fn asked<B: Bench>(line: &IssuedLine) -> (&str, Decimal, String) {
    (line.name.as_str(), line.quantity, B::vat(line.vat))
}

pub async fn an_invoice_of_every_rate_arrives_as_asked<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let (_, standing) = arrives(&mut turn, &work).await;
    assert_eq!(standing.due, work.content.due_date);
    assert_eq!(bench.documents().await.len(), 1);
}

pub async fn net_prices_arrive_as_asked<B: Bench>() {
    let bench = B::start().await;
    let mut order = order(ORDER);
    order.prices = domain::sales::Prices::Net;
    let work = Work::issued(&bench, IssuedKind::Invoice, &order, Choice::No);
    let (_, standing) = arrives(&mut Turn::new(&bench).await, &work).await;
    let nets: Vec<_> = standing.lines.iter().map(|line| line.amounts.net).collect();
    assert_eq!(nets, work.content.lines.iter().map(|line| line.net).collect::<Vec<_>>());
    assert_eq!((standing.totals.net, standing.totals.vat), (work.content.total.net, work.content.total.vat));
}

pub async fn a_person_abroad_arrives_as_on_the_order<B: Bench>() {
    let bench = B::start().await;
    let work = Work::issued(&bench, IssuedKind::Invoice, &order(ABROAD), Choice::No);
    arrives(&mut Turn::new(&bench).await, &work).await;
}

pub async fn a_receipt_arrives_as_asked<B: Bench>() {
    if !B::can(Capability::Receipts) {
        return;
    }
    let bench = B::start().await;
    let mut order = order(ORDER);
    order.customer.name =
        CustomerName::Person { first_name: "Jan".parse().unwrap(), last_name: "Kowalski".parse().unwrap() };
    let work = Work::issued(&bench, IssuedKind::Receipt, &order, Choice::No);
    arrives(&mut Turn::new(&bench).await, &work).await;
}

pub async fn a_correction_arrives_as_a_difference<B: Bench>() {
    if !B::can(Capability::Corrections) {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let invoice = Work::invoice(&bench);
    let (original, _) = arrives(&mut turn, &invoice).await;
    let correction = invoice.correction(&bench, Some(&original));
    let passed = turn.pass(&correction).await.unwrap();
    assert_eq!((&turn.errors, &turn.remark), (&Vec::new(), &None));
    let documents = bench.documents().await;
    let standing = documents.iter().find(|document| document.id == passed.id).unwrap();
    assert_eq!(standing.kind, B::kind(IssuedKind::Correction));
    assert_eq!(standing.corrects.as_deref(), Some(original.number.as_str()));
    let effect = correction.content.effect().unwrap();
    assert_eq!(effect.gross, dec!(-130.50));
    if B::corrections_are_differences() {
        assert_eq!((standing.totals.gross, standing.totals.net), (effect.gross, effect.net));
    }
    // Once more, after an attempt that was begun: the same one.
    turn.settle().await;
    let again = turn.run(&correction, &mut Some(Checkpoint::default())).await.unwrap();
    assert_eq!((again.found, again.id), (Found::Again, passed.id));
    assert_eq!(bench.documents().await.len(), 2);
}

pub async fn a_correction_of_what_is_not_there_is_refused_before_anything_is_sent<B: Bench>() {
    if !B::can(Capability::Corrections) {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let before = bench.requests();
    let error = turn.pass(&Work::invoice(&bench).correction(&bench, None)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::UnknownReference));
    assert_eq!(bench.requests(), before);
}

pub async fn a_document_that_is_passed_again_is_found<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let mut stored = None;
    let first = turn.run(&work, &mut stored).await.unwrap();
    turn.settle().await;
    let others = B::found_without_checkpoint().then(|| Some(Checkpoint::default()));
    for mut stored in [stored].into_iter().chain(others) {
        let again = turn.run(&work, &mut stored).await.unwrap();
        let (is, was) = (B::own_id(&again.id), B::own_id(&first.id));
        assert_eq!((again.found, is, &again.number), (Found::Again, was, &first.number));
        assert_eq!(again.gross, first.gross);
        if B::finds_links() {
            assert_eq!(again.link, first.link);
        }
    }
    assert_one(&bench, &work, &first, "again").await;
    // Another one beside it, of the same order.
    let other = turn.pass(&Work::invoice(&bench)).await.unwrap();
    assert_ne!((other.id, other.number), (first.id, first.number));
}

pub async fn a_hidden_payment_date_is_not_sent<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    let mut order = order(ORDER);
    order.payment.paid = dec!(10.00).try_into().unwrap();
    order.payment.paid_on = Some(bench.now().date_naive());
    let work = Work::issued(&bench, IssuedKind::Invoice, &order, Choice::Yes);
    assert_eq!((work.content.due_date, work.content.payment.paid_on), (None, None));
    let (_, standing) = arrives(&mut turn, &work).await;
    assert_eq!(standing.due, B::due_without_one(work.content.issue_date), "CO-25");
}

pub async fn what_is_paid_arrives<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench).await;
    for paid in [dec!(0), dec!(10.00), dec!(484.70)] {
        let mut order = order(ORDER);
        order.payment.paid = paid.try_into().unwrap();
        order.payment.paid_on = (!paid.is_zero()).then(|| bench.now().date_naive());
        let work = Work::issued(&bench, IssuedKind::Invoice, &order, Choice::No);
        let (_, standing) = arrives(&mut turn, &work).await;
        assert_eq!(standing.paid, paid);
    }
}
