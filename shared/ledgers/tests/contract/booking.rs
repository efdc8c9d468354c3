//! What is booked, and what the ledger says about it.

use crate::{
    bench::{Bench, Line, Work},
    turn::{Turn, sample},
};
use domain::{
    invoice::{InvoiceKind, VatCategory},
    ledger::Direction,
};
use ledgers::{Attachments, Currencies, ErrorCode, ErrorKind, Found, Support};
use rust_decimal::{Decimal, dec};

/// Posts and compares with what the ledger shows and says.
async fn posts<B: Bench>(turn: &mut Turn<'_, B>, work: &Work) {
    let document = turn.post(work).await.unwrap_or_else(|error| panic!("{}: {error}", work.posting.number));
    assert_eq!(document.found, Found::Created);
    let posting = &work.posting;
    let read = turn.fetch(work, &document).await;
    assert_eq!((read.gross, read.vat), (posting.gross.abs(), posting.vat.abs()), "{}", posting.number);
    assert_eq!((read.currency, read.reference.as_str()), (posting.currency, posting.number.as_str()));
    assert_eq!(read.reduces, posting.gross < Decimal::ZERO, "{}", posting.number);
    assert_eq!(read.number, document.number);
    assert_eq!(read.creator.is_some(), B::can().shows_creator == Support::Yes, "whose booking it is (AP-11)");
    let bookings = turn.bench.bookings(posting.direction);
    let booking = bookings.iter().find(|booking| booking.number == document.number).expect("it stands there");
    assert_eq!((booking.gross, booking.vat), (posting.gross.abs(), posting.vat.abs()), "{}", posting.number);
}

pub async fn push_then_read_back<B: Bench>() {
    let bench = B::start().await;
    posts(&mut Turn::new(&bench), &Work::purchase(&bench, "F-2026-118")).await;
    assert_eq!(bench.bookings(Direction::Purchase).len(), 1);
}

pub async fn sales_then_read_back<B: Bench>() {
    if !B::can().directions.contains(&Direction::Sales) {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let lines =
        [(VatCategory::S, dec!(21), dec!(200.00), dec!(42.00)), (VatCategory::S, dec!(9), dec!(10.00), dec!(0.90))];
    for number in ["20260118", "VF-2026/119"] {
        posts(&mut turn, &Work::new(&bench, Direction::Sales, InvoiceKind::Invoice, number, &lines)).await;
    }
}

pub async fn files_are_attached_as_the_connection_says<B: Bench>() {
    if B::can().attachments == Attachments::None {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let (pdf, ubl) = ("invoice.pdf", "invoice.xml");
    for (attach, files) in [("pdf", vec![pdf]), ("ubl", vec![ubl]), ("both", vec![pdf, ubl]), ("none", vec![])] {
        let mut work = Work::purchase(&bench, &format!("F-{attach}"));
        work.options = work.options.with("attach", attach);
        turn.post(&work).await.unwrap();
        assert_eq!(bench.bookings(Direction::Purchase).last().unwrap().files, files, "{attach}");
    }
}

pub async fn same_key_twice_is_one_booking<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    let mut stored = None;
    let first = turn.run(&work, &mut stored).await.unwrap();
    turn.settle().await;
    let mut nothing_stored = Some(ledgers::Checkpoint::default());
    for stored in [&mut stored, &mut nothing_stored] {
        let again = turn.run(&work, stored).await.unwrap();
        assert_eq!((again.found, &again.id, &again.number), (Found::Again, &first.id, &first.number));
        assert_eq!(again.link, first.link);
    }
    assert_eq!(bench.bookings(Direction::Purchase).len(), 1);
    assert_eq!(bench.holders(), 1);
}

pub async fn credit_note_and_negative_invoice_reduce<B: Bench>() {
    if B::can().credit_notes == Support::No {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    for direction in B::can().directions {
        let lines = [(VatCategory::S, dec!(21), dec!(-100.00), dec!(-21.00))];
        for (kind, number) in [(InvoiceKind::CreditNote, "C-1"), (InvoiceKind::Invoice, "N-1")] {
            posts(&mut turn, &Work::new(&bench, *direction, kind, number, &lines)).await;
        }
        assert!(bench.bookings(*direction).iter().all(|booking| booking.reduces), "{direction:?}");
    }
}

/// What an invoice may be made of, by direction.
fn mixes() -> Vec<Vec<Line>> {
    vec![
        vec![(VatCategory::S, dec!(21), dec!(100.00), dec!(21.00))],
        vec![
            (VatCategory::S, dec!(21), dec!(33.33), dec!(7.00)),
            (VatCategory::S, dec!(9), dec!(66.67), dec!(6.00)),
            (VatCategory::Z, dec!(0), dec!(5.01), dec!(0)),
        ],
        vec![(VatCategory::S, dec!(21), dec!(0.05), dec!(0.01)), (VatCategory::S, dec!(21), dec!(-0.02), dec!(0.00))],
        vec![(VatCategory::AE, dec!(0), dec!(250.00), dec!(0))],
        vec![(VatCategory::K, dec!(0), dec!(99.99), dec!(0)), (VatCategory::S, dec!(21), dec!(1.00), dec!(0.21))],
    ]
}

fn is_mixed(lines: &[Line]) -> bool {
    let reversed = |line: &Line| matches!(line.0, VatCategory::AE | VatCategory::K);
    lines.iter().any(reversed) && !lines.iter().all(reversed)
}

pub async fn reverse_charge_beside_other_vat<B: Bench>() {
    let bench = B::start().await;
    for lines in mixes().iter().filter(|lines| is_mixed(lines)) {
        let mut turn = Turn::new(&bench);
        let work = Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "MX-1", lines);
        match B::can().mixed_reverse_charge {
            Support::Yes => posts(&mut turn, &work).await,
            Support::No => refused_before_anything_is_sent(&mut turn, &work, ErrorCode::Unsupported).await,
        }
    }
}

async fn refused_before_anything_is_sent<B: Bench>(turn: &mut Turn<'_, B>, work: &Work, code: ErrorCode) {
    let before = turn.bench.requests();
    let error = turn.post(work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{error}");
    assert_eq!(turn.bench.requests(), before, "nothing was sent");
}

async fn leave_nothing<B: Bench>(kind: InvoiceKind) {
    if B::can().credit_notes == Support::No {
        return;
    }
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    for direction in B::can().directions {
        let mixes =
            mixes().into_iter().filter(|lines| B::can().mixed_reverse_charge == Support::Yes || !is_mixed(lines));
        for (index, lines) in mixes.enumerate() {
            let lines = lines.as_slice();
            let invoice = Work::new(&bench, *direction, InvoiceKind::Invoice, &format!("I-{index}"), lines);
            posts(&mut turn, &invoice).await;
            assert!(!bench.all_zero(), "the invoice is booked");
            posts(&mut turn, &invoice.reversed(kind, &format!("R-{index}"))).await;
            assert!(bench.all_zero(), "{direction:?} {lines:?}: something is left on an account");
        }
    }
}

pub async fn invoice_and_credit_note_leave_nothing<B: Bench>() {
    leave_nothing::<B>(InvoiceKind::CreditNote).await;
}

pub async fn invoice_and_negative_invoice_leave_nothing<B: Bench>() {
    leave_nothing::<B>(InvoiceKind::Invoice).await;
}

pub async fn several_rates<B: Bench>() {
    let bench = B::start().await;
    let lines = [
        (VatCategory::S, dec!(21), dec!(1000.00), dec!(210.00)),
        (VatCategory::S, dec!(9), dec!(50.50), dec!(4.55)),
        (VatCategory::E, dec!(0), dec!(12.34), dec!(0)),
    ];
    posts(&mut Turn::new(&bench), &Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "M-1", &lines)).await;
}

pub async fn reverse_charge_and_intra_community<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    for direction in B::can().directions {
        for (category, number) in [(VatCategory::AE, "AE-1"), (VatCategory::K, "K-1")] {
            let lines = [(category, dec!(0), dec!(400.00), dec!(0))];
            posts(&mut turn, &Work::new(&bench, *direction, InvoiceKind::Invoice, number, &lines)).await;
        }
    }
}

pub async fn another_currency<B: Bench>() {
    let bench = B::start().await;
    let mut work = Work::purchase(&bench, "SEK-1");
    work.posting.currency = "SEK".parse().unwrap();
    let mut turn = Turn::new(&bench);
    match B::can().currencies {
        Currencies::Any => posts(&mut turn, &work).await,
        Currencies::Only(_) => {
            refused_before_anything_is_sent(&mut turn, &work, ErrorCode::CurrencyNotAllowed).await;
        }
    }
}

/// The supplier rounded each line; the ledger would compute 0.02 less.
pub async fn odd_cents_of_vat_are_booked_as_stated<B: Bench>() {
    let bench = B::start().await;
    let lines = [(VatCategory::S, dec!(21), dec!(99.99), dec!(21.02))];
    posts(&mut Turn::new(&bench), &Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "R-1", &lines)).await;
}
