//! Which relation a document is booked on.

use crate::{
    bench::{Bench, Failure, Work, contact},
    turn::{Turn, sample},
};
use domain::ledger::Direction;
use ledgers::{CreateContacts, ErrorCode, ErrorKind, Support};

pub async fn found_by_each_identifier<B: Bench>() {
    let bench = B::start().await;
    let mut turn = Turn::new(&bench);
    let known = bench.known_contact(Direction::Purchase);
    let bare = contact(Direction::Purchase, "Whatever the name");
    let mut expected = None;
    for (number, contact) in [
        ("V-1", domain::contact::Contact { vat_number: known.vat_number.clone(), ..bare.clone() }),
        ("I-1", domain::contact::Contact { ibans: known.ibans.clone(), ..bare.clone() }),
        ("R-1", domain::contact::Contact { registry_number: known.registry_number.clone(), ..bare.clone() }),
    ] {
        let mut work = Work::purchase(&bench, number);
        work.contact = contact;
        let document = turn.post(&work).await.unwrap_or_else(|error| panic!("{number}: {error}"));
        let expected = expected.get_or_insert_with(|| document.contact.clone());
        assert_eq!(document.contact, *expected, "{number}");
    }
    // What came back is enough next time, and saves the search.
    let mut work = Work::purchase(&bench, "L-1");
    work.contact = domain::contact::Contact { ledger_contact: expected.clone(), ..bare };
    let before = bench.requests();
    let document = turn.post(&work).await.unwrap();
    assert_eq!(Some(document.contact), expected);
    let searched = bench.requests() - before;
    work.contact.ledger_contact = None;
    work.contact.vat_number = known.vat_number;
    work.document = sample(&bench).document;
    work.posting.number = "L-2".into();
    assert!(turn.requests_of(&work).await > searched);
}

fn stranger<B: Bench>(bench: &B, direction: Direction) -> Work {
    let mut work = sample(bench);
    if direction == Direction::Sales {
        let lines: Vec<_> = work
            .posting
            .lines
            .iter()
            .map(|line| (line.category, line.rate.unwrap_or_default(), line.net, line.vat))
            .collect();
        work = Work::new(bench, direction, work.posting.kind, "VF-1", &lines);
    }
    work.contact = contact(direction, "Nieuwe Relatie B.V.");
    work.contact.vat_number = Some("NL855512341B01".parse().unwrap());
    work.contact.registry_number = Some("55512341".parse().unwrap());
    work
}

pub async fn not_made_when_refused<B: Bench>() {
    let bench = B::start().await;
    let work = stranger(&bench, Direction::Purchase);
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::ContactMissing));
    assert_eq!(bench.relations_named("Nieuwe Relatie B.V."), 0);
    assert_eq!(bench.holders(), 0);
}

pub async fn made_once_when_allowed<B: Bench>() {
    if B::can().create_contacts == Support::No {
        return;
    }
    for direction in B::can().directions {
        let bench = B::start().await;
        let mut work = stranger(&bench, *direction);
        work.create_contacts = CreateContacts::Allowed;
        let requests = Turn::new(&bench).requests_of(&work).await;
        assert_eq!(bench.relations_named("Nieuwe Relatie B.V."), 1);
        for failure in [Failure::DroppedAfter, Failure::UnavailableBefore] {
            for request in 0..requests {
                let bench = B::start().await;
                let mut work = stranger(&bench, *direction);
                work.create_contacts = CreateContacts::Allowed;
                bench.fail(request, failure);
                Turn::new(&bench).post(&work).await.unwrap();
                let made = bench.relations_named("Nieuwe Relatie B.V.");
                assert_eq!((made, bench.bookings(*direction).len()), (1, 1), "{failure:?} at {request}");
            }
        }
    }
}

pub async fn not_made_without_identifiers<B: Bench>() {
    if B::can().create_contacts == Support::No {
        return;
    }
    let bench = B::start().await;
    let mut work = sample(&bench);
    work.contact = contact(Direction::Purchase, "Nieuwe Relatie B.V.");
    work.create_contacts = CreateContacts::Allowed;
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::ContactUnidentified));
    assert_eq!(bench.relations_named("Nieuwe Relatie B.V."), 0);
}
