//! What only Fakturowo does.

use super::*;
use crate::{
    bench::Failure,
    passing::arrives,
    turn::{Kept, Turn, assert_one},
    work::{ORDER, order},
};
use domain::{office::Choice, sales::Numbering};
use ledgers::{Advance, Found, Pdf, Progress};
use simulators::fakturowo::state::{ClosedLinks, Encoding, LineEnd, NextNumber, Order, UsedNumber};

/// Who numbers, and whether the next number is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Ours,
    Asked,
    /// The account tells none.
    Untold,
    /// The settings leave it to Fakturowo.
    Left,
}

impl Numbers {
    const ALL: [Self; 4] = [Self::Ours, Self::Asked, Self::Untold, Self::Left];

    async fn bench(self, change: impl FnOnce(&mut Fakturowo)) -> FakturowoBench {
        FakturowoBench::with(|state| {
            if self == Self::Untold {
                state.settings.next_number = NextNumber::Unknown;
            }
            change(state);
        })
        .await
    }

    fn work(self, bench: &FakturowoBench) -> Work {
        let work = Work::invoice(bench);
        match self {
            Self::Ours => Work { numbering: Numbering::Ours, ..work },
            Self::Left => Work { options: work.options.clone().with("next_number", "left"), ..work },
            Self::Asked | Self::Untold => work,
        }
    }

    /// Requests until the document is made.
    fn requests(self) -> u64 {
        match self {
            // The newest document; the document itself.
            Self::Ours | Self::Left => 2,
            Self::Asked | Self::Untold => 3,
        }
    }

    /// Whether a number goes along.
    fn is_known(self) -> bool {
        matches!(self, Self::Ours | Self::Asked)
    }
}

/// The answer is lost: the document is found or sent again, and never stands there twice.
#[tokio::test]
async fn a_lost_answer_makes_one_document_whoever_numbers() {
    for numbers in Numbers::ALL {
        for (failure, found) in [(Failure::HangAfter, Found::Again), (Failure::HangBefore, Found::Created)] {
            let bench = numbers.bench(|_| ()).await;
            let mut turn = Turn::new(&bench).await;
            bench.somebody_makes("FV/1/03/2026");
            let work = numbers.work(&bench);
            bench.fail(usize::try_from(numbers.requests()).unwrap() - 1, failure);
            let passed = turn.pass(&work).await.unwrap();
            assert_eq!((passed.found, turn.errors[0].kind()), (found, ErrorKind::Unknown), "{numbers:?} {failure:?}");
            let documents = bench.documents().await;
            assert_eq!(documents.len(), 2, "{numbers:?} {failure:?}");
            assert_eq!(documents[1].number, passed.number);
            if found == Found::Again {
                let remark = turn.remark.as_ref().unwrap();
                assert_eq!(remark.code(), ErrorCode::AnswerLost, "{numbers:?}");
                assert_eq!(remark.message().contains(&passed.number), !numbers.is_known(), "{numbers:?}");
                assert_eq!(turn.pdf(&work, &passed).await.unwrap(), Pdf::None, "its address was lost");
            }
            bench.assert_well_behaved();
        }
    }
}

/// Somebody made documents meanwhile. The number tells ours from them; without one nobody can, and nothing is sent again.
#[tokio::test]
async fn a_document_that_cannot_be_told_from_others_is_left_to_a_person() {
    for numbers in Numbers::ALL {
        for made in [true, false] {
            let bench = numbers.bench(|_| ()).await;
            let mut turn = Turn::new(&bench).await;
            let work = numbers.work(&bench);
            // After the answer, of which nothing is kept; or when the document is about to be sent.
            let (requests, kept) =
                if made { (numbers.requests(), Kept::No) } else { (numbers.requests() - 1, Kept::Yes) };
            let mut stored = turn.killed_after(&work, requests, kept).await;
            bench.somebody_makes("X/1");
            bench.somebody_makes("X/2");
            turn.settle().await;
            let result = turn.run(&work, &mut stored).await;
            let documents = bench.documents().await.len();
            if numbers.is_known() {
                let found = if made { Found::Again } else { Found::Created };
                assert_eq!((result.unwrap().found, documents), (found, 3), "{numbers:?}");
            } else {
                assert_eq!(result.unwrap_err().kind(), ErrorKind::Uncertain, "{numbers:?}");
                assert_eq!(documents, 2 + usize::from(made), "nothing is sent again");
            }
        }
    }
}

/// Our document was refused; the number that it would have had goes to somebody else's.
#[tokio::test]
async fn what_somebody_makes_after_a_refusal_is_not_ours() {
    for numbers in Numbers::ALL {
        let bench = numbers.bench(|state| state.settings.fractions = Fractions::Refused).await;
        let mut turn = Turn::new(&bench).await;
        let work = numbers.work(&bench);
        let mut stored = None;
        assert_eq!(turn.run(&work, &mut stored).await.unwrap_err().code(), ErrorCode::Refused, "{numbers:?}");
        bench.somebody_makes("FV/1/03/2026");
        bench.simulator.change(|state| state.settings.fractions = Fractions::Taken);
        turn.settle().await;
        let passed = turn.run(&work, &mut stored).await.unwrap();
        assert_eq!((passed.found, bench.documents().await.len()), (Found::Created, 2), "{numbers:?}");
        assert_ne!(passed.number, "FV/1/03/2026");
    }
}

/// The next number is asked for, and somebody takes it before ours is sent.
#[tokio::test]
async fn a_number_that_somebody_takes_meanwhile_is_left_to_him() {
    let bench = FakturowoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let (work, mut progress) = (Work::invoice(&bench), Progress::first());
    while turn.step(&work, &mut progress).await.unwrap() != Advance::Store {}
    bench.somebody_makes("FV/1/03/2026");
    let passed = loop {
        if let Advance::Done(passed) = turn.step(&work, &mut progress).await.unwrap() {
            break passed;
        }
    };
    assert_eq!((passed.found, passed.number.as_str()), (Found::Created, "FV/2/03/2026"));
}

/// Whether a number may be used twice is not known: where it may, ours is still told from the other one.
#[tokio::test]
async fn our_number_may_be_there_already_and_ours_is_found_all_the_same() {
    let bench = FakturowoBench::with(|state| state.settings.used_number = UsedNumber::Taken).await;
    let mut turn = Turn::new(&bench).await;
    let work = Work { numbering: Numbering::Ours, ..Work::invoice(&bench) };
    bench.somebody_makes(&work.content.number);
    let mut stored = turn.killed_after(&work, 2, Kept::Yes).await;
    turn.settle().await;
    let passed = turn.run(&work, &mut stored).await.unwrap();
    let documents = bench.documents().await;
    assert_eq!((passed.found, documents.len()), (Found::Again, 2));
    assert!(passed.id.starts_with(&documents[1].id));
}

/// What nobody publishes of the list, the other way round, on as many pages as there are.
#[tokio::test]
async fn lists_of_any_order_and_writing_are_read_from_their_newest_end() {
    for (list_order, list_encoding, line_end) in [
        (Order::NewestFirst, Encoding::Percent, LineEnd::CarriageReturn),
        (Order::OldestFirst, Encoding::Plain, LineEnd::Newline),
        (Order::OldestFirst, Encoding::Percent, LineEnd::CarriageReturn),
    ] {
        let bench = FakturowoBench::with(|state| {
            let settings = &mut state.settings;
            (settings.list_order, settings.list_encoding, settings.line_end) = (list_order, list_encoding, line_end);
        })
        .await;
        for number in 1..=25 {
            bench.somebody_makes(&format!("FV/{number}/03/2026"));
        }
        let mut turn = Turn::new(&bench).await;
        let work = Work::invoice(&bench);
        bench.simulator.faults().add(
            simulators::faults::Fault::on_any(simulators::faults::Effect::hang(simulators::faults::Stored::Yes)).skip(
                match list_order {
                    Order::NewestFirst => 2,
                    Order::OldestFirst => 3,
                },
            ),
        );
        let passed = turn.pass(&work).await.unwrap();
        assert_eq!((passed.found, passed.number.as_str()), (Found::Again, "FV/26/03/2026"), "{list_order:?}");
        for number in 27..=60 {
            bench.somebody_makes(&format!("FV/{number}/03/2026"));
        }
        // No longer among the newest: as it was.
        assert_eq!(turn.copy(&work, &passed).await.unwrap().number, "FV/26/03/2026");
    }
}

/// Addresses that anybody can open are made only where customers are shown them.
#[tokio::test]
async fn a_document_that_nobody_else_may_see_has_no_address() {
    for (closed_links, numbers) in [
        (ClosedLinks::Absent, Numbers::Asked),
        (ClosedLinks::Absent, Numbers::Left),
        (ClosedLinks::Present, Numbers::Left),
    ] {
        let bench = numbers.bench(|state| state.settings.closed_links = closed_links).await;
        let mut turn = Turn::new(&bench).await;
        let work = numbers.work(&bench);
        let work = Work { options: work.options.clone().with("addresses", "when_shown"), ..work };
        let (passed, _) = arrives(&mut turn, &work).await;
        assert_eq!(passed.number, "FV/1/03/2026");
        let open = bench.simulator.read(|state| state.accounts[0].documents[0].open);
        assert!(!open);
        let pdf = turn.pdf(&work, &passed).await.unwrap();
        assert_eq!(pdf == Pdf::None, closed_links == ClosedLinks::Absent, "{numbers:?}");
        bench.assert_well_behaved();
    }
}

/// Two lines that are cut off in the middle of the id name no document.
#[tokio::test]
async fn an_id_that_is_cut_off_is_not_believed() {
    let bench = FakturowoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let work = Work::invoice(&bench);
    let work = Work { options: work.options.clone().with("addresses", "when_shown"), ..work };
    bench.fail(2, Failure::Malformed);
    let passed = turn.pass(&work).await.unwrap();
    assert_eq!((passed.found, turn.errors[0].code()), (Found::Again, ErrorCode::MalformedAnswer));
    assert_one(&bench, &work, &passed, "").await;
}

/// A company without a tax number is a person there, and its name stays what it is.
#[tokio::test]
async fn a_company_without_a_tax_number_keeps_its_name() {
    let bench = FakturowoBench::start().await;
    let mut turn = Turn::new(&bench).await;
    let text = ORDER.replace(r#""tax_number": "1234563218","#, "");
    let work = Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No);
    arrives(&mut turn, &work).await;
    let text = text.replace("Zielony Kubek Sp. z o.o.", "Kubek");
    let work = Work::issued(&bench, IssuedKind::Invoice, &order(&text), Choice::No);
    let error = turn.pass(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::CustomerRefused));
}
