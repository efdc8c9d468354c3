//! What only these two do.

use super::*;
use crate::{
    bench::{Work, contact},
    turn::{Kept, Turn, assert_one, sample},
};
use domain::{
    invoice::InvoiceKind,
    ledger::{DirectoryEntry, DirectoryKind, VatCodeKind},
};
use ledgers::{
    Client, CreateContacts, Deadline, Directory, ErrorCode, ErrorKind, Found, Lookup, Page, RateBudget, Sender,
};
use simulators::faults::{Effect, Fault, Stored};
use std::time::Duration;

async fn directory(bench: &MultiversBench, kind: DirectoryKind) -> Vec<DirectoryEntry> {
    let (sender, clock) = (Sender::new().unwrap(), || bench.now());
    let mut client = Client {
        ledger: MultiversBench::ledger(),
        sender: &sender,
        target: bench.target(),
        access: bench.connect().access,
        app: bench.app(),
        budget: RateBudget::default(),
        app_budget: None,
        deadline: Deadline::after(Duration::from_secs(10)),
        clock: &clock,
    };
    let (mut entries, mut next) = (Vec::new(), Some(Directory::of(kind)));
    while let Some(part) = next {
        // A task that goes on in another turn stores where it stands.
        let stored = serde_json::to_string(&part).unwrap();
        let Page { entries: more, next: after } = client.page(&serde_json::from_str(&stored).unwrap()).await.unwrap();
        entries.extend(more);
        next = after;
    }
    entries
}

fn codes(entries: &[DirectoryEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.code.as_str()).collect()
}

#[tokio::test]
async fn directories_are_listed_whole_whether_pages_are_heeded_or_not() {
    for filters in [state::Filters::Heeded, state::Filters::Ignored] {
        for more in [0, 199, 395, 640] {
            let bench = MultiversBench::with(|state| state.settings.filters = filters).await;
            bench.change(|books| {
                let some = books.relations[0].clone();
                books.relations.extend(
                    (0..more).map(|number| state::Relation { code: format!("{}", 8_000 + number), ..some.clone() }),
                );
            });
            let suppliers = directory(&bench, DirectoryKind::Suppliers).await;
            assert_eq!(suppliers.len(), 2 + more, "{filters:?}");
        }
    }
    let bench = MultiversBench::start().await;
    assert_eq!(codes(&directory(&bench, DirectoryKind::Divisions).await), ["MVL00124", "MVL00125"]);
    assert_eq!(codes(&directory(&bench, DirectoryKind::Customers).await), ["1301"]);
    assert_eq!(codes(&directory(&bench, DirectoryKind::CostCentres).await), ["100", "200"]);
    let accounts = directory(&bench, DirectoryKind::LedgerAccounts).await;
    assert!(accounts.len() == 8 && accounts.iter().all(|account| account.id.as_deref() == Some("2027")));
    let journals = directory(&bench, DirectoryKind::Journals).await;
    let sides: Vec<_> = journals.iter().map(|journal| (journal.code.as_str(), journal.direction.unwrap())).collect();
    assert_eq!(sides, [("I", Direction::Purchase), ("V", Direction::Sales)], "and no others");
    let vat: Vec<_> = directory(&bench, DirectoryKind::VatCodes).await.iter().map(|code| code.vat.unwrap()).collect();
    let rate = |percent| VatCodeKind::Rate { percent };
    let expected =
        [VatCodeKind::None, rate(dec!(9)), rate(dec!(21)), VatCodeKind::ReverseCharge, VatCodeKind::IntraCommunity];
    assert_eq!(vat, expected);
}

#[tokio::test]
async fn what_was_learned_saves_requests_in_its_fiscal_year() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.contact.ledger_contact = Some("7001".parse().unwrap());
    work.posting.lines[0].cost_centre = Some("100".parse().unwrap());
    let mut turn = Turn::new(&bench);
    let before = bench.requests();
    work.codes = turn.post(&work).await.unwrap().codes;
    let first = bench.requests() - before;
    let next = |number: &str| {
        let mut next = work.clone();
        next.document = sample(&bench).document;
        next.posting.number = number.into();
        next
    };
    assert_eq!(turn.requests_of(&next("F-2")).await, first - 3, "accounts, VAT codes, cost centres");
    let mut other_year = next("F-3");
    other_year.posting.booking_date = Some("2025-12-31".parse().unwrap());
    let before = bench.simulator.requests().count("GET", "AccountInfoList/2025");
    turn.post(&other_year).await.unwrap();
    assert_eq!(bench.simulator.requests().count("GET", "AccountInfoList/2025"), before + 1);
}

#[tokio::test]
async fn an_account_that_was_not_copied_into_the_year_is_told_before_anything_is_sent() {
    let bench = MultiversBench::start().await;
    bench.change(|books| books.years.iter_mut().find(|year| year.year == 2026).unwrap().accounts.remove("4600"));
    let error = Turn::new(&bench).post(&sample(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::UnknownAccount));
    assert!(error.message().contains("4600") && error.message().contains("in 2026"), "{error}");
    assert_eq!(bench.simulator.requests().count("POST", "SupplierInvoice"), 0);
}

#[tokio::test]
async fn a_broken_fiscal_year_is_found_in_the_list_of_periods() {
    let bench = MultiversBench::with(|state| {
        let july = "2025-07-01".parse().unwrap();
        state.databases[0].years = vec![seed::year(2025, july)];
    })
    .await;
    bench.advance("2026-03-14T10:00:00Z".parse::<Instant>().unwrap() - bench.now());
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    let mut stored = turn.killed_after(&work, 0, Kept::Yes).await;
    let first = turn.run(&work, &mut stored).await.unwrap();
    assert_eq!(bench.books(|books| (books.invoices[0].year, books.invoices[0].period)), (2025, 9));
    turn.settle().await;
    let again = turn.run(&work, &mut Some(ledgers::Checkpoint::default())).await.unwrap();
    assert_eq!((again.found, again.id), (Found::Again, first.id));
    let mut late = sample(&bench);
    late.posting.number = "F-9".into();
    late.posting.issue_date = "2026-08-01".parse().unwrap();
    assert_eq!(turn.post(&late).await.unwrap_err().code(), ErrorCode::YearMissing);
}

#[tokio::test]
async fn a_booking_is_found_again_after_the_turn_of_the_year() {
    for booked_on in ["2026-01-02", "2025-12-31"] {
        let bench = MultiversBench::start().await;
        let mut turn = Turn::new(&bench);
        let mut work = sample(&bench);
        work.posting.issue_date = "2025-12-31".parse().unwrap();
        work.posting.due_date = Some("2026-01-30".parse().unwrap());
        work.posting.booking_date = Some(booked_on.parse().unwrap());
        let first = turn.post(&work).await.unwrap();
        turn.settle().await;
        // A person chose the other day meanwhile.
        let other = if booked_on.starts_with("2026") { "2025-12-31" } else { "2026-01-02" };
        for day in [booked_on, other] {
            work.posting.booking_date = Some(day.parse().unwrap());
            let again = turn.run(&work, &mut Some(ledgers::Checkpoint::default())).await.unwrap();
            assert_eq!((again.found, &again.id), (Found::Again, &first.id), "{booked_on} {day}");
        }
        assert_eq!(bench.bookings(Direction::Purchase).len(), 1);
    }
}

#[tokio::test]
async fn a_booking_is_found_although_its_period_was_closed_since() {
    let bench = MultiversBench::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    turn.post(&work).await.unwrap();
    bench.close_period_of_postings();
    turn.settle().await;
    assert!(matches!(turn.look(&work, &None).await, Lookup::Ours(_)));
}

#[tokio::test]
async fn a_booking_bears_due_date_condition_references_cost_centre_and_link() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.posting.lines[0].cost_centre = Some("100".parse().unwrap());
    work.posting.lines[0].project = Some("D1".parse().unwrap());
    work.posting.due_date = Some("2026-07-16".parse().unwrap());
    Turn::new(&bench).post(&work).await.unwrap();
    let invoice = bench.books(|books| books.invoices[0].clone());
    assert_eq!((invoice.due.to_string().as_str(), invoice.condition.as_str()), ("2026-07-16", "14"));
    assert_eq!((invoice.reference.as_str(), invoice.payment_reference.as_str()), ("F-2026/118", "7000123456789012"));
    assert_eq!((invoice.lines[0].cost_centre.as_str(), invoice.lines[0].cost_unit.as_str()), ("100", "D1"));
    let address = format!("https://app.example/documents/{}", work.document);
    assert_eq!(invoice.link.unwrap().address, address);
    for (centre, unit) in [("900", "D1"), ("100", "D9")] {
        let mut work = sample(&bench);
        work.posting.lines[0].cost_centre = Some(centre.parse().unwrap());
        work.posting.lines[0].project = Some(unit.parse().unwrap());
        let error = Turn::new(&bench).post(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::UnknownReference));
    }
}

#[tokio::test]
async fn a_link_that_is_refused_is_left_out_and_told() {
    let bench = BoekhoudGemakBench::with(|state| state.settings.links = state::Links::Refused).await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    let mut progress = ledgers::Progress::first();
    let document = loop {
        match turn.step(&work, &mut progress).await.unwrap() {
            ledgers::Advance::Done(document) => break *document,
            ledgers::Advance::Next | ledgers::Advance::Store => {}
        }
    };
    assert_one(&bench, &work, &document, "booked without it");
    assert!(bench.books(|books| books.invoices[0].link.is_none()));
    let remark = progress.remark().expect("it is told");
    assert_eq!(remark.code(), ErrorCode::DocumentType);
    assert!(remark.message().contains("document_link") && remark.ledger_text().unwrap().contains("Documentbeheer"));
}

/// The default: sending again could book twice, if the list did not show what was booked.
#[tokio::test]
async fn without_being_sure_of_the_list_an_unknown_outcome_waits_for_a_person() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.options = work.options.with("unknown_outcome", "park");
    let mut turn = Turn::new(&bench);
    let requests = {
        let bench = MultiversBench::start().await;
        Turn::new(&bench).requests_of(&work).await
    };
    // Only the last request sends the booking: what fails before leaves no doubt.
    for failed in 0..requests - 1 {
        let bench = MultiversBench::start().await;
        bench.fail(failed, Failure::HangAfter);
        let document = Turn::new(&bench).post(&work).await.unwrap();
        assert_one(&bench, &work, &document, &format!("failed at {failed}"));
    }
    bench.fail(requests - 1, Failure::HangBefore);
    let mut stored = None;
    let error = turn.run(&work, &mut stored).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::Held));
    assert!(error.message().contains("unknown_outcome"), "{error}");
    assert!(bench.bookings(Direction::Purchase).is_empty());

    // What was booked is found, and then there is no doubt.
    let bench = MultiversBench::start().await;
    bench.fail(requests - 1, Failure::HangAfter);
    let document = Turn::new(&bench).post(&work).await.unwrap();
    assert_eq!(document.found, Found::Again);
    assert_one(&bench, &work, &document, "found");
}

/// The hold that comes with it was taken off by somebody who looked.
#[tokio::test]
async fn a_persons_word_that_it_is_not_booked_ends_the_doubt() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.options = work.options.with("unknown_outcome", "park");
    let mut turn = Turn::new(&bench);
    bench.simulator.faults().add(Fault::on("POST", "SupplierInvoice", Effect::hang(Stored::No)));
    let mut stored = None;
    assert_eq!(turn.run(&work, &mut stored).await.unwrap_err().kind(), ErrorKind::Uncertain);
    assert_eq!(turn.run(&work, &mut stored).await.unwrap_err().kind(), ErrorKind::Uncertain, "nothing changed");
    work.duplicates = ledgers::Duplicates::Accepted;
    let document = turn.run(&work, &mut stored).await.unwrap();
    assert_one(&bench, &work, &document, "sent again");
}

#[tokio::test]
async fn an_id_that_is_asked_for_beforehand_tells_what_became_of_the_booking() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.options = work.options.with("unknown_outcome", "park").with("invoice_id", "reserve");
    let requests = Turn::new(&bench).requests_of(&work).await;
    for failure in [Failure::HangBefore, Failure::HangAfter, Failure::DroppedAfter, Failure::TokenExpired] {
        for failed in 0..requests {
            let bench = MultiversBench::start().await;
            bench.fail(failed, failure);
            let document = Turn::new(&bench).post(&work).await.unwrap_or_else(|error| panic!("{failed}: {error}"));
            assert_one(&bench, &work, &document, &format!("{failure:?} at {failed}"));
        }
    }
}

/// Nothing was booked then, and nobody need look.
#[tokio::test]
async fn after_a_refusal_nothing_is_in_doubt() {
    let refused = r#"{"messages":[{"exceptionId":"E1","message":"Nee","messageType":"Error","path":"journalId"}]}"#;
    for (status, body) in [(400, refused), (429, ""), (401, "{}"), (500, refused)] {
        let bench = MultiversBench::start().await;
        let mut work = sample(&bench);
        work.options = work.options.with("unknown_outcome", "park");
        let mut progress = ledgers::Progress::first();
        let mut turn = Turn::new(&bench);
        let headers = std::collections::BTreeMap::new();
        let effect = Effect::Answer { status, headers, body: body.to_owned(), stored: Stored::No };
        bench.simulator.faults().add(Fault::on("POST", "SupplierInvoice", effect));
        let error = loop {
            if let Err(error) = turn.step(&work, &mut progress).await {
                break error;
            }
        };
        assert!(!matches!(error.kind(), ErrorKind::Unknown | ErrorKind::Uncertain), "{status}: {error}");
        bench.advance(TimeDelta::minutes(2));
        let document = turn.run(&work, &mut Some(progress.checkpoint().clone())).await.unwrap();
        assert_one(&bench, &work, &document, &format!("{status}"));
    }
}

#[tokio::test]
async fn a_number_that_is_not_sent_is_found_by_payment_reference_and_amount() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.options = work.options.with("purchase_reference", "omit");
    let mut turn = Turn::new(&bench);
    let first = turn.post(&work).await.unwrap();
    assert!(bench.books(|books| books.invoices[0].lines[0].description.starts_with("F-2026/118 ")));
    turn.settle().await;
    let again = turn.run(&work, &mut Some(ledgers::Checkpoint::default())).await.unwrap();
    assert_eq!((again.found, again.id), (Found::Again, first.id));
}

#[tokio::test]
async fn credit_notes_and_revenue_are_booked_as_the_connection_says() {
    for (credit_notes, revenue) in [("negative", "debit"), ("swap", "debit"), ("negative", "credit")] {
        let bench = MultiversBench::with(|state| {
            let settings = &mut state.settings;
            settings.credit_notes = match credit_notes {
                "swap" => state::CreditNotes::Swap,
                _ => state::CreditNotes::Negative,
            };
            settings.revenue_side = if revenue == "debit" { state::Side::Debit } else { state::Side::Credit };
        })
        .await;
        let mut turn = Turn::new(&bench);
        for direction in [Direction::Purchase, Direction::Sales] {
            let lines = [(VatCategory::S, dec!(21), dec!(100.00), dec!(21.00))];
            let mut invoice = Work::new(&bench, direction, InvoiceKind::Invoice, "F-1", &lines);
            invoice.options = invoice.options.with("credit_notes", credit_notes).with("revenue_side", revenue);
            turn.post(&invoice).await.unwrap();
            turn.post(&invoice.reversed(InvoiceKind::CreditNote, "C-1")).await.unwrap();
            assert!(bench.all_zero(), "{credit_notes} {revenue} {direction:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_guess_is_refused_and_told_in_the_ledgers_own_words() {
    let bench = MultiversBench::with(|state| state.settings.credit_notes = state::CreditNotes::Negative).await;
    let work = Work::purchase(&bench, "F-1").reversed(InvoiceKind::CreditNote, "C-1");
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::OutOfBalance));
    assert!(error.ledger_text().unwrap().starts_with("SIDE: "), "{error:?}");
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.options = work.options.with("purchase_journal", "V");
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!(
        (error.code(), error.ledger_text()),
        (ErrorCode::WrongJournal, Some("JOURNAL: Dagboek V is hier niet te gebruiken"))
    );
    work.options = work.options.with("purchase_journal", "I");
    work.contact.ledger_contact = Some("9999".parse().unwrap());
    assert_eq!(Turn::new(&bench).post(&work).await.unwrap_err().code(), ErrorCode::ContactMissing);
    bench.settings(|settings| settings.same_number = state::SameNumber::Refused);
    work.contact.ledger_contact = Some("7001".parse().unwrap());
    Turn::new(&bench).post(&work).await.unwrap();
    work.document = sample(&bench).document;
    work.duplicates = ledgers::Duplicates::Accepted;
    assert_eq!(Turn::new(&bench).post(&work).await.unwrap_err().code(), ErrorCode::NumberInUse);
}

#[tokio::test]
async fn a_new_relation_gets_the_next_free_code_or_one_of_the_ledger() {
    for (option, commands) in [("command", 1), ("ledger", 0)] {
        let bench = MultiversBench::start().await;
        let mut work = sample(&bench);
        work.contact = contact(Direction::Purchase, "Nieuwe Relatie B.V. met een lange naam");
        work.contact.registry_number = Some("55512341".parse().unwrap());
        work.create_contacts = CreateContacts::Allowed;
        work.options = work.options.with("new_relation_code", option);
        let document = Turn::new(&bench).post(&work).await.unwrap();
        assert_eq!(document.contact.as_str(), "7003");
        assert_eq!(bench.simulator.requests().count("POST", "GetSupplierIdCommand"), commands);
    }
}

#[tokio::test]
async fn identifiers_of_several_relations_stop_the_document() {
    let bench = MultiversBench::start().await;
    bench.change(|books| books.relations[1].vat_number = books.relations[0].vat_number.clone());
    let error = Turn::new(&bench).post(&sample(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::ContactAmbiguous));
}

#[tokio::test]
async fn an_administration_that_is_gone_stops_its_documents_only() {
    let bench = MultiversBench::start().await;
    bench.simulator.change(|all| all.0.databases.remove(0));
    let error = Turn::new(&bench).post(&sample(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::WrongDivision));
    assert_eq!(error.code().reach(), ledgers::Reach::Division);
}

#[tokio::test]
async fn the_period_of_the_calendar_is_taken_when_the_connection_says_so() {
    let bench = MultiversBench::start().await;
    let mut work = sample(&bench);
    work.options = work.options.with("periods", "calendar").with("payment_condition", "60");
    Turn::new(&bench).post(&work).await.unwrap();
    assert_eq!(bench.books(|books| (books.invoices[0].period, books.invoices[0].condition.clone())), (7, "60".into()));
    assert_eq!(bench.simulator.requests().count("GET", "PeriodInfoList"), 0);
    bench.close_period_of_postings();
    work.document = sample(&bench).document;
    work.posting.number = "F-2".into();
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!(
        (error.code(), error.ledger_text()),
        (ErrorCode::PeriodClosed, Some("CLOSED: Periode 7 van 2026 is afgesloten"))
    );
}

#[tokio::test]
async fn limits_are_kept_before_they_are_hit() {
    let bench = MultiversBench::start().await;
    let mut turn = Turn::new(&bench);
    for number in 0..9 {
        let mut work = sample(&bench);
        work.posting.number = format!("F-{number}");
        turn.post(&work).await.unwrap();
    }
    let waited: Vec<_> = turn.errors.iter().map(ledgers::LedgerError::code).collect();
    assert!(!waited.is_empty() && waited.iter().all(|code| *code == ErrorCode::RateLimited), "{waited:?}");
    assert_eq!(bench.bookings(Direction::Purchase).len(), 9);
}
