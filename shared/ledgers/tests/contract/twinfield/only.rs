//! What only Twinfield does.

use super::*;
use crate::{
    bench::{Line, Work, contact, fresh_ulid},
    sign_in::directory,
    turn::{Turn, sample},
};
use domain::{
    contact::Contact,
    ids::{DocumentId, Id},
    invoice::InvoiceKind,
    ledger::{DirectoryKind, VatCodeKind},
};
use ledgers::{Client, CreateContacts, Deadline, ErrorCode, ErrorKind, Found, RateBudget};
use simulators::twinfield::books::{Dimension, Language, Standing as UserStanding};
use std::time::Duration;

#[tokio::test]
async fn every_directory_can_be_listed() {
    let bench = TwinfieldBench::start().await;
    for kind in Ours.descriptor().capabilities.directories {
        let entries = directory(&bench, *kind).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert!(!entries.is_empty(), "{kind:?}");
        assert!(entries.iter().all(|entry| !entry.code.is_empty() && !entry.name.is_empty()), "{kind:?}");
    }
    let of = async |kind, code: &str| {
        directory(&bench, kind).await.unwrap().into_iter().find(|entry| entry.code == code).expect(code)
    };
    assert_eq!(of(DirectoryKind::Divisions, "NL002").await.name, "Demo Holding B.V.");
    assert_eq!(of(DirectoryKind::LedgerAccounts, "0110").await.name, "Inventaris", "leading zeros stay");
    assert_eq!(of(DirectoryKind::LedgerAccounts, "4600").await.name, "Kantoorkosten", "costs as well");
    assert_eq!(of(DirectoryKind::Suppliers, seed::SUPPLIER).await.name, "Paper Co B.V.");
    assert_eq!(of(DirectoryKind::Customers, seed::CUSTOMER).await.name, "Afnemer N.V.");
    assert_eq!(of(DirectoryKind::CostCentres, "KP01").await.name, "Kantoor");
    assert_eq!(of(DirectoryKind::Journals, seed::PURCHASE).await.direction, Some(Direction::Purchase));
    assert_eq!(of(DirectoryKind::Journals, seed::SALES).await.direction, Some(Direction::Sales));
    let vat = async |code: &str| of(DirectoryKind::VatCodes, code).await;
    assert_eq!(vat("IH").await.vat, Some(VatCodeKind::Rate { percent: dec!(21) }));
    assert_eq!(vat("IH").await.direction, Some(Direction::Purchase));
    assert_eq!(vat("VN").await.vat, Some(VatCodeKind::None));
    assert_eq!(vat("IV").await.vat, Some(VatCodeKind::ReverseCharge));
    assert_eq!(vat("IE").await.vat, Some(VatCodeKind::IntraCommunity));
    assert_eq!(vat("VE").await.vat, Some(VatCodeKind::IntraCommunity));
    assert!(vat("IO").await.blocked);
}

#[tokio::test]
async fn long_lists_of_the_finder_come_page_by_page() {
    let bench = TwinfieldBench::start().await;
    bench.change(|office| {
        for number in 0..230 {
            let daybook = office.daybook(seed::PURCHASE).unwrap().clone();
            office.daybooks.push(books::Daybook { code: format!("D{number}"), ..daybook });
        }
    });
    let daybooks = directory(&bench, DirectoryKind::Journals).await.unwrap();
    assert_eq!(daybooks.len(), 234);
    let purchases = daybooks.iter().filter(|daybook| daybook.direction == Some(Direction::Purchase)).count();
    assert_eq!(purchases, 233);
}

#[tokio::test]
async fn periods_are_not_listed() {
    let bench = TwinfieldBench::start().await;
    let error = directory(&bench, DirectoryKind::Periods).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
}

#[tokio::test]
async fn a_booking_leads_back_to_the_document() {
    let bench = TwinfieldBench::start().await;
    let work = sample(&bench);
    let document = Turn::new(&bench).post(&work).await.unwrap();
    let transaction = bench.books(|office| office.transactions[0].clone());
    assert_eq!(transaction.free_texts[&3], work.document.to_string());
    assert_eq!(document.id, format!("NL001/INK/{}", transaction.number));
    assert_eq!(document.creator.as_deref(), Some("Robot Facturen"));
    assert_eq!(transaction.payment_reference, "7000123456789012");
    assert_eq!(transaction.due, work.posting.due_date);
    assert!(!transaction.last, "a draft, until the connection says otherwise");
}

#[tokio::test]
async fn another_place_for_our_reference_finds_a_booking_again_as_well() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    work.options = work.options.with("purchase_journal", "INKN");
    let error = turn.post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Option));
    assert!(error.message().contains("free text"), "{error}");
    work.options = work.options.with("reference", "description").with("destiny", "final");
    let first = turn.post(&work).await.unwrap();
    turn.settle().await;
    let again = turn.run(&work, &mut Some(ledgers::Checkpoint::default())).await.unwrap();
    assert_eq!((again.id, again.found), (first.id, Found::Again));
    assert!(bench.books(|office| office.transactions.len() == 1 && office.transactions[0].last));
}

#[tokio::test]
async fn a_person_may_choose_the_period_of_another_day() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    bench.close_period_of_postings();
    work.posting.booking_date = Some("2026-08-15".parse().unwrap());
    turn.post(&work).await.unwrap();
    let transaction = bench.books(|office| office.transactions[0].clone());
    assert_eq!((transaction.period, transaction.date), ((2026, 8), work.posting.issue_date));
    let mut work = Work::purchase(&bench, "F-9");
    work.posting.booking_date = Some("2030-01-01".parse().unwrap());
    assert!(turn.post(&work).await.is_err(), "a year that Twinfield does not have");
}

/// The daybook itself refuses a second booking of a number: it may be ours.
#[tokio::test]
async fn a_number_that_is_taken_is_looked_up_before_it_is_believed() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut theirs = Work::purchase(&bench, "F-1");
    theirs.options = theirs.options.with("purchase_journal", "INKS");
    let booked = turn.post(&theirs).await.unwrap();
    let mut ours = theirs.clone();
    ours.document = DocumentId::from_ulid(fresh_ulid());
    ours.duplicates = ledgers::Duplicates::Accepted;
    let error = turn.post(&ours).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Duplicate));
    assert_eq!(error.booking(), Some(booked.number.as_str()));
    // A credit note of the same number is another document.
    let credit = theirs.reversed(InvoiceKind::CreditNote, "F-1");
    let mut credit = Work { options: bench.options(), ..credit };
    credit.duplicates = ledgers::Duplicates::Refuse;
    turn.post(&credit).await.unwrap();
}

#[tokio::test]
async fn numbers_are_compared_here_when_twinfield_cannot() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut theirs = Work::purchase(&bench, "F-1");
    theirs.options = theirs.options.with("number_search", "here");
    turn.post(&theirs).await.unwrap();
    bench.retype_number(Direction::Purchase, 0, "f 1");
    let mut ours = theirs.clone();
    ours.document = DocumentId::from_ulid(fresh_ulid());
    assert_eq!(turn.post(&ours).await.unwrap_err().code(), ErrorCode::Duplicate);
}

/// What makes a document one that is refused.
type Change<'a> = &'a dyn Fn(&mut Work);

#[tokio::test]
async fn refusals_are_understood_in_both_languages() {
    for language in [Language::Nl, Language::En] {
        let bench = TwinfieldBench::start().await;
        bench.simulator.change(|books| books.organisations[0].users[0].language = language);
        let mut turn = Turn::new(&bench);
        let code = async |turn: &mut Turn<'_, TwinfieldBench>, change: Change<'_>| {
            let mut work = sample(&bench);
            work.posting.number = fresh_ulid().to_string();
            change(&mut work);
            let error = turn.post(&work).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rejected, "{error} {:?}", error.ledger_text());
            assert!(error.ledger_text().is_some(), "{error}");
            error.code()
        };
        let line =
            |change: fn(&mut domain::posting::PostingLine)| move |work: &mut Work| change(&mut work.posting.lines[0]);
        for (change, expected) in [
            (line(|line| line.account = "9999".parse().unwrap()), ErrorCode::UnknownAccount),
            (line(|line| line.account = "4700".parse().unwrap()), ErrorCode::CostCentreLink),
            (line(|line| line.vat_code = "XX".parse().unwrap()), ErrorCode::UnknownVatCode),
            (line(|line| line.vat_code = "VH".parse().unwrap()), ErrorCode::VatCodeNotAllowed),
            (line(|line| line.vat_code = "IV".parse().unwrap()), ErrorCode::VatPercentage),
            (line(|line| line.cost_centre = Some("KP99".parse().unwrap())), ErrorCode::UnknownReference),
        ] {
            assert_eq!(code(&mut turn, &change).await, expected, "{language:?}");
        }
        let of_work: [(Change<'_>, ErrorCode); 5] = [
            (&|work| work.posting.issue_date = "2024-01-10".parse().unwrap(), ErrorCode::PeriodClosed),
            (&|work| work.posting.issue_date = "2019-01-10".parse().unwrap(), ErrorCode::YearMissing),
            (&|work| work.posting.currency = "CHF".parse().unwrap(), ErrorCode::CurrencyNotAllowed),
            (&|work| work.options = work.options.clone().with("purchase_journal", "XX"), ErrorCode::WrongJournal),
            (&|work| work.contact.ledger_contact = Some("2999".parse().unwrap()), ErrorCode::ContactMissing),
        ];
        for (change, expected) in of_work {
            assert_eq!(code(&mut turn, change).await, expected, "{language:?}");
        }
        assert!(bench.bookings(Direction::Purchase).is_empty());
    }
}

#[tokio::test]
async fn faults_of_the_connected_user_reach_the_connection() {
    for (standing, kind, code) in [
        (UserStanding::Disabled, ErrorKind::ReconnectNeeded, ErrorCode::UserBlocked),
        (UserStanding::Removed, ErrorKind::ReconnectNeeded, ErrorCode::UserBlocked),
    ] {
        let bench = TwinfieldBench::start().await;
        let mut turn = Turn::new(&bench);
        bench.simulator.change(|books| books.organisations[0].users[0].standing = standing);
        let error = turn.post(&sample(&bench)).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code));
    }
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    bench.simulator.change(|books| books.organisations[0].users[0].offices.clear());
    let error = turn.post(&sample(&bench)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NoDivisionAccess);
}

#[tokio::test]
async fn a_relation_is_taken_only_when_it_has_the_identifier() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let known = bench.books(|office| office.dimension(&["CRD"], seed::SUPPLIER).unwrap().clone());
    let post = async |turn: &mut Turn<'_, TwinfieldBench>, vat_number: &str| {
        let mut work = sample(&bench);
        work.posting.number = fresh_ulid().to_string();
        work.contact =
            Contact { vat_number: Some(vat_number.parse().unwrap()), ..contact(Direction::Purchase, "Paper Co B.V.") };
        turn.post(&work).await
    };
    let blocked = post(&mut turn, "NL001234569B01").await.unwrap_err();
    assert_eq!((blocked.kind(), blocked.code()), (ErrorKind::Rejected, ErrorCode::ContactBlocked));
    // One that is gone beside one that is not.
    bench.change(|office| office.dimensions.push(Dimension { code: "2050".into(), active: false, ..known.clone() }));
    assert_eq!(post(&mut turn, "NL001234567B01").await.unwrap().contact.as_str(), seed::SUPPLIER);
    bench.change(|office| office.dimensions.push(Dimension { code: "2051".into(), ..known.clone() }));
    assert_eq!(post(&mut turn, "NL001234567B01").await.unwrap_err().code(), ErrorCode::ContactAmbiguous);
}

#[tokio::test]
async fn a_new_relation_needs_numbering_by_twinfield() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    work.create_contacts = CreateContacts::Allowed;
    work.contact = Contact {
        vat_number: Some("DE123456788".parse().unwrap()),
        ibans: vec!["DE89370400440532013000".parse().unwrap()],
        ..contact(Direction::Purchase, "Söhne & <Partner> \"GmbH\" mit einem sehr langen Namen")
    };
    let numbering = bench.change(|office| std::mem::take(&mut office.next_relation));
    let error = turn.post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Option));
    assert!(error.message().contains("numbering"), "{error}");
    bench.change(|office| office.next_relation = numbering);
    let document = turn.post(&work).await.unwrap();
    let made = bench.books(|office| office.dimension(&["CRD"], document.contact.as_str()).unwrap().clone());
    assert_eq!((made.name.as_str(), made.vat_number.as_str()), (work.contact.name.as_str(), "DE123456788"));
    assert_eq!(made.ibans, ["DE89370400440532013000"]);
}

#[tokio::test]
async fn credits_are_kept_and_a_refusal_for_them_is_waited_out() {
    let bench = TwinfieldBench::start().await;
    // An app without a certificate.
    bench.simulator.change(|books| books.credits_per_minute = 25);
    let mut turn = Turn::new(&bench);
    for number in 0..12 {
        turn.post(&Work::purchase(&bench, &format!("F-{number}"))).await.unwrap();
    }
    assert_eq!(bench.bookings(Direction::Purchase).len(), 12);
    assert!(turn.errors.iter().all(|error| error.code() == ErrorCode::RateLimited), "{:?}", turn.errors);
    let refused = bench.simulator.requests().list().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(refused, 0, "the limit is kept before it is hit");
}

#[tokio::test]
async fn what_a_document_says_stays_text() {
    let bench = TwinfieldBench::start().await;
    let mut work = sample(&bench);
    work.posting.number = "F<1>&\"2'".into();
    work.posting.description = "</description><value>1</value> ]]> \u{1}\u{fffe}".into();
    work.posting.lines[0].description = "&amp; &#65; <!DOCTYPE x>".into();
    let document = Turn::new(&bench).post(&work).await.unwrap();
    let read = Turn::new(&bench).fetch(&work, &document).await;
    assert_eq!(read.reference, "F<1>&\"2'");
    let lines = bench.books(|office| office.transactions[0].lines.clone());
    assert_eq!(lines[1].description, "&amp; &#65; <!DOCTYPE x>");
    assert!(lines[0].description.starts_with("</description><value>1</value>"), "{}", lines[0].description);
}

#[tokio::test]
async fn two_rates_and_cost_centres_and_projects_are_booked_with_their_codes() {
    let bench = TwinfieldBench::start().await;
    let lines: [Line; 2] =
        [(VatCategory::S, dec!(21), dec!(50.00), dec!(10.50)), (VatCategory::S, dec!(9), dec!(20.00), dec!(1.80))];
    let mut work = Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "M-1", &lines);
    work.posting.lines[0].cost_centre = Some("KP01".parse().unwrap());
    work.posting.lines[0].project = Some("P001".parse().unwrap());
    work.options = work.options.with("creditor_account", "1600");
    Turn::new(&bench).post(&work).await.unwrap();
    let lines = bench.books(|office| office.transactions[0].lines.clone());
    let shown: Vec<_> = lines
        .iter()
        .map(|line| {
            (line.account.as_str(), line.dim2.as_str(), line.dim3.as_str(), line.vat_code.as_str(), line.amount)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("1600", seed::SUPPLIER, "", "", dec!(-82.30)),
            ("4600", "KP01", "P001", "IH", dec!(50.00)),
            ("4600", "", "", "IL", dec!(20.00)),
            ("1520", "", "", "IH", dec!(10.50)),
            ("1520", "", "", "IL", dec!(1.80)),
        ]
    );
}

#[tokio::test]
async fn a_booking_that_somebody_removed_is_said_to_be_gone() {
    let bench = TwinfieldBench::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    let document = turn.post(&work).await.unwrap();
    bench.change(|office| office.transactions.clear());
    let clock = || bench.now();
    let mut client = Client {
        ledger: &Ours,
        sender: &turn.sender,
        target: bench.target(),
        access: turn.tokens.access.clone(),
        app: bench.app(),
        budget: RateBudget::default(),
        app_budget: None,
        deadline: Deadline::after(Duration::from_secs(10)),
        clock: &clock,
    };
    let error = client.fetch(Direction::Purchase, &document).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}
