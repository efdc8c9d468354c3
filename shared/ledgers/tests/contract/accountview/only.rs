//! What only `AccountView` does.

use super::*;
use crate::{
    bench::{Work, contact, fresh_ulid},
    sign_in::directory,
    turn::{Kept, Turn, assert_one, sample},
};
use domain::{
    contact::Contact,
    ids::{DocumentId, Id},
    invoice::InvoiceKind,
    ledger::{DirectoryKind, VatCodeKind},
};
use ledgers::{Checkpoint, CreateContacts, ErrorCode, ErrorKind, Found, LedgerError, Lookup};
use simulators::{
    accountview::books::{Duplicates as Numbers, Row},
    faults::{Effect, Fault, Stored},
};
use std::time::Duration;

#[tokio::test]
async fn every_directory_can_be_listed() {
    let bench = AccountViewBench::start().await;
    for (padded, as_object) in [(true, false), (false, true)] {
        bench.settings(|settings| (settings.padded, settings.single_row_as_object) = (padded, as_object));
        for kind in Ours.descriptor().capabilities.directories {
            let entries = directory(&bench, *kind).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
            assert!(!entries.is_empty(), "{kind:?}");
            assert!(entries.iter().all(|entry| !entry.code.is_empty() && !entry.name.is_empty()), "{kind:?}");
            assert!(entries.iter().all(|entry| entry.code.trim() == entry.code), "{kind:?}");
        }
    }
    let of = async |kind, code: &str| {
        directory(&bench, kind).await.unwrap().into_iter().find(|entry| entry.code == code).expect(code)
    };
    assert_eq!(of(DirectoryKind::Divisions, seed::SECOND_COMPANY).await.name, "Demo Holding B.V. (HOLDING)");
    assert_eq!(of(DirectoryKind::LedgerAccounts, "0110").await.name, "Inventaris", "leading zeros stay");
    assert!(of(DirectoryKind::LedgerAccounts, "4999").await.blocked);
    assert!(of(DirectoryKind::Suppliers, seed::BLOCKED_SUPPLIER).await.blocked);
    let supplier = of(DirectoryKind::Suppliers, seed::SUPPLIER).await;
    assert_eq!((supplier.registry.as_deref(), supplier.ibans.len()), (Some("12345678"), 1));
    assert_eq!(of(DirectoryKind::Customers, seed::CUSTOMER).await.name, "Afnemer N.V.");
    assert_eq!(of(DirectoryKind::CostCentres, "100").await.name, "Kantoor");
    let purchase = of(DirectoryKind::Journals, seed::PURCHASE).await;
    assert_eq!((purchase.direction, purchase.name.as_str()), (Some(Direction::Purchase), "Inkoopboek (Inkoop)"));
    assert_eq!(of(DirectoryKind::Journals, seed::SALES).await.direction, Some(Direction::Sales));
    assert_eq!(of(DirectoryKind::Journals, "600").await.direction, None);
    let vat = async |code: &str| of(DirectoryKind::VatCodes, code).await.vat.unwrap();
    assert_eq!(vat("5").await, VatCodeKind::Rate { percent: dec!(21) });
    assert_eq!(vat("0").await, VatCodeKind::None);
    assert_eq!(vat("7").await, VatCodeKind::ReverseCharge);
    assert_eq!(vat("8").await, VatCodeKind::IntraCommunity);
    assert_eq!(vat("4").await, VatCodeKind::IntraCommunity);
    assert_eq!(directory(&bench, DirectoryKind::Periods).await.unwrap_err().code(), ErrorCode::Unsupported);
}

#[tokio::test]
async fn long_lists_come_page_by_page() {
    let bench = AccountViewBench::start().await;
    let now = bench.clock();
    bench.change(|year| {
        let accounts = year.tables.get_mut("LEDGER").unwrap();
        for number in 0..430 {
            accounts.push(Row::default().with("ACCT_NR", format!("7{number:03}").as_str()).with("ACCT_NAME", "Kosten"));
        }
    });
    assert_eq!(now.date_naive().to_string(), "2026-07-01", "the books of today");
    let accounts = directory(&bench, DirectoryKind::LedgerAccounts).await.unwrap();
    let codes: std::collections::BTreeSet<_> = accounts.iter().map(|entry| &entry.code).collect();
    assert_eq!((accounts.len(), codes.len()), (442, 442));
}

#[tokio::test]
async fn no_journal_is_listed_where_no_page_can_be_made() {
    let bench = AccountViewBench::start().await;
    bench.settings(|settings| settings.insert_allowed = false);
    let error = directory(&bench, DirectoryKind::Journals).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::UserRights));
    assert!(error.message().contains("may not make journal pages"), "{error}");
    assert_eq!(error.ledger_text(), Some("DJ2: InsertAllowed = false"));
    bench.settings(|settings| {
        settings.insert_allowed = true;
        settings.missing_columns.insert("DJ_PAGE.EXT_DESC".into());
    });
    let error = directory(&bench, DirectoryKind::Journals).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Unsupported));
    assert!(error.message().contains("DJ_PAGE lacks EXT_DESC"), "{error}");
}

#[tokio::test]
async fn a_page_leads_back_to_the_document() {
    let bench = AccountViewBench::start().await;
    let work = sample(&bench);
    let document = Turn::new(&bench).post(&work).await.unwrap();
    let page = bench.pages().remove(0);
    let files = work.files();
    let note =
        format!("ref {} | F-2026/118 | https://app.example/documents/{}", work.request(&files).key(), work.document);
    assert_eq!(page.header.text("COMMENT1"), note);
    assert_eq!(page.header.text("EXT_DESC"), "7000123456789012");
    assert_eq!(page.header.number("CRED_DAYS"), dec!(30));
    assert_eq!(document.id, format!("{}/2026-07-01/INK-{}", seed::COMPANY, document.number));
    assert_eq!((document.number.as_str(), document.creator.as_deref()), ("26000001", Some(seed::USER)));
}

#[tokio::test]
async fn what_the_answer_shows_is_not_relied_on() {
    let bench = AccountViewBench::start().await;
    bench.settings(|settings| {
        (settings.shows_stored, settings.error_status, settings.single_row_as_object) = (false, 200, true);
    });
    let document = Turn::new(&bench).post(&sample(&bench)).await.unwrap();
    assert_eq!((document.found, document.number.as_str()), (Found::Created, "26000001"));
}

#[tokio::test]
async fn a_number_of_more_than_twelve_characters_is_shortened_by_a_fixed_rule() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let number = "2026/INV-0000-4711";
    let first = turn.post(&Work::purchase(&bench, number)).await.unwrap();
    let page = bench.pages().remove(0);
    assert_eq!(page.header.text("INV_NR"), "6INV00004711");
    assert!(page.header.text("HDR_DESC").starts_with(number), "{}", page.header.text("HDR_DESC"));
    // The same one again.
    let error = turn.post(&Work::purchase(&bench, number)).await.unwrap_err();
    assert_eq!((error.code(), error.booking()), (ErrorCode::Duplicate, Some(first.number.as_str())));
    // Another one with the same twelve characters.
    let mut other = Work::purchase(&bench, "2016/INV-0000-4711");
    let error = turn.post(&other).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::NumberInUse));
    assert!(error.message().contains(number), "{error}");
    assert_eq!(bench.pages().len(), 1);
    other.duplicates = ledgers::Duplicates::Accepted;
    turn.post(&other).await.unwrap();
    assert_eq!(bench.pages().len(), 2);
}

/// What makes a document one that is refused.
type Change<'a> = &'a dyn Fn(&mut Work);

#[tokio::test]
async fn what_a_page_names_is_looked_at_before_it_is_sent() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let line =
        |change: fn(&mut domain::posting::PostingLine)| move |work: &mut Work| change(&mut work.posting.lines[0]);
    let option = |key: &'static str, value: &'static str| {
        move |work: &mut Work| work.options = work.options.clone().with(key, value)
    };
    let stored =
        |number: &'static str| move |work: &mut Work| work.contact.ledger_contact = Some(number.parse().unwrap());
    let cases: [(Change<'_>, ErrorCode, &str); 12] = [
        (&line(|line| line.account = "7777".parse().unwrap()), ErrorCode::UnknownAccount, "7777 does not exist"),
        (&line(|line| line.account = "4999".parse().unwrap()), ErrorCode::UnknownAccount, "4999 is blocked"),
        (&line(|line| line.account = "4700".parse().unwrap()), ErrorCode::CostCentreLink, "4700 needs a cost centre"),
        (&line(|line| line.vat_code = "99".parse().unwrap()), ErrorCode::UnknownVatCode, "99 does not exist"),
        (&line(|line| line.cost_centre = Some("999".parse().unwrap())), ErrorCode::UnknownReference, "999 does not"),
        (&stored(seed::BLOCKED_SUPPLIER), ErrorCode::ContactBlocked, "20009) is blocked"),
        (&stored("29999"), ErrorCode::ContactMissing, "29999"),
        (&option("purchase_journal", "XYZ"), ErrorCode::WrongJournal, "XYZ does not exist"),
        (&option("purchase_journal", seed::SALES), ErrorCode::WrongJournal, "VRK is meant for the other side"),
        (&option("purchase_journal", "INB"), ErrorCode::WrongJournal, "INB takes amounts with VAT"),
        (&|work| work.posting.issue_date = "2024-01-10".parse().unwrap(), ErrorCode::PeriodClosed, "is closed"),
        (&|work| work.posting.issue_date = "2031-01-10".parse().unwrap(), ErrorCode::YearMissing, "no financial year"),
    ];
    for (change, code, words) in cases {
        let mut work = sample(&bench);
        work.posting.number = fresh_ulid().to_string();
        change(&mut work);
        let error = turn.post(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{error}");
        assert!(error.message().contains(words), "{error}");
    }
    // An account that wants a VAT code, on a page whose cost lines have none.
    let mut work = sample(&bench);
    work.posting.lines[0].account = "4800".parse().unwrap();
    turn.post(&work).await.unwrap();
    let mut work = sample(&bench);
    work.posting.number = "B-1".into();
    work.posting.lines[0].account = "4800".parse().unwrap();
    work.options = work.options.with("filling", "balanced");
    assert_eq!(turn.post(&work).await.unwrap_err().code(), ErrorCode::MandatoryField);
    assert_eq!(bench.simulator.requests().count("POST", "/api/v3/AccountViewData"), 1, "nothing else was sent");
}

/// Codes that are known save their requests; what they stand for is still heeded.
#[tokio::test]
async fn what_is_known_of_codes_is_not_asked_again() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let learned = turn.post(&sample(&bench)).await.unwrap().codes;
    let mut work = Work::purchase(&bench, "K-1");
    let asked = turn.requests_of(&work).await;
    work = Work::purchase(&bench, "K-2");
    work.codes = learned;
    assert_eq!(turn.requests_of(&work).await, asked - 2, "account and VAT code");
    let listed = directory(&bench, DirectoryKind::LedgerAccounts).await.unwrap();
    work = Work::purchase(&bench, "K-3");
    work.codes.learn(DirectoryKind::LedgerAccounts, &listed);
    work.posting.lines[0].account = "4700".parse().unwrap();
    assert_eq!(turn.post(&work).await.unwrap_err().code(), ErrorCode::CostCentreLink);
    work.posting.lines[0].account = "4999".parse().unwrap();
    assert_eq!(turn.post(&work).await.unwrap_err().code(), ErrorCode::UnknownAccount, "looked at again");
}

/// The period cannot be told from columns that nobody knows: then `AccountView` says so itself, with any status.
#[tokio::test]
async fn an_error_is_one_whatever_its_status() {
    for status in [200, 400] {
        let bench = AccountViewBench::start().await;
        bench.settings(|settings| settings.error_status = status);
        bench.close_period_of_postings();
        let mut work = sample(&bench);
        work.options = work.options.with("period_fields", "A,B,C,D");
        let error = Turn::new(&bench).post(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::PeriodClosed), "{status}");
        assert_eq!(error.ledger_text(), Some("Periode 7 van boekjaar 2026 is geblokkeerd."));
        assert!(bench.pages().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_is_off_is_waited_for() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    bench.settings(|settings| (settings.reachable, settings.error_status) = (false, 200));
    let work = sample(&bench);
    let error = turn.step(&work, &mut ledgers::Progress::first()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unreachable);
    assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(Duration::from_mins(10)) });
    assert!(error.ledger_text().unwrap().contains("niet bereikbaar"));
    bench.settings(|settings| settings.reachable = true);
    turn.post(&work).await.unwrap();
    assert_one(&bench, &work, &turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap(), "once it is on");
}

#[tokio::test]
async fn a_number_that_is_taken_is_looked_up_before_it_is_believed() {
    let bench = AccountViewBench::start().await;
    bench.settings(|settings| settings.duplicates = Numbers::Refuse);
    let mut turn = Turn::new(&bench);
    let theirs = Work::purchase(&bench, "F-1");
    let booked = turn.post(&theirs).await.unwrap();
    let mut ours = theirs.clone();
    ours.document = DocumentId::from_ulid(fresh_ulid());
    ours.duplicates = ledgers::Duplicates::Accepted;
    let error = turn.post(&ours).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Duplicate));
    assert_eq!(error.booking(), Some(booked.number.as_str()));
    // Ours, from an attempt that nobody remembers.
    ours.document = theirs.document;
    let again = turn.post(&ours).await.unwrap();
    assert_eq!((again.id, again.found), (booked.id, Found::Again));
}

#[tokio::test]
async fn a_processed_page_is_found_again_by_number_journal_and_amount() {
    for (shows_note, leave) in [(false, true), (true, true), (false, false)] {
        let bench = AccountViewBench::start().await;
        bench.settings(|settings| (settings.processed_show_note, settings.processed_leave) = (shows_note, leave));
        let mut turn = Turn::new(&bench);
        let work = sample(&bench);
        turn.post(&work).await.unwrap();
        bench.simulator.change(|all| all.process(seed::COMPANY));
        turn.settle().await;
        let document = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap();
        assert_eq!(document.found, Found::Again, "{shows_note} {leave}");
        assert_one(&bench, &work, &document, "processed meanwhile");
        // Somebody else's document with that number is not ours.
        let mut other = work.clone();
        other.document = DocumentId::from_ulid(fresh_ulid());
        let error = turn.post(&other).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Duplicate);
        let mut cheaper = Work::purchase(&bench, "F-2026/118");
        cheaper.posting.lines[0].net = dec!(10.00);
        cheaper.posting.lines[0].vat = dec!(2.10);
        (cheaper.posting.net, cheaper.posting.vat, cheaper.posting.gross) = (dec!(10.00), dec!(2.10), dec!(12.10));
        let error = turn.run(&cheaper, &mut Some(Checkpoint::default())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Duplicate, "another amount");
    }
}

#[tokio::test]
async fn a_processed_page_without_a_note_is_for_a_person_when_the_option_says_so() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    work.options = work.options.with("processed_pages", "hold");
    turn.post(&work).await.unwrap();
    bench.simulator.change(|all| all.process(seed::COMPANY));
    let error = turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::Mismatch));
    assert_eq!(error.booking(), Some("26000001"));
    // Read back by the attempt that sent it, it is known to be ours.
    bench.settings(|settings| settings.processes_at_once = true);
    work = Work { options: work.options.clone(), ..Work::purchase(&bench, "F-9") };
    assert_eq!(turn.post(&work).await.unwrap().found, Found::Created);
}

/// It may wait in a workflow, or somebody removed it: sent once more, it could stand there twice.
#[tokio::test]
async fn a_page_that_was_taken_and_is_not_shown_is_never_sent_again() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    let other = AccountViewBench::start().await;
    let all = Turn::new(&other).requests_of(&sample(&other)).await;
    let mut stored = turn.killed_after(&work, all - 1, Kept::Yes).await;
    assert_eq!(bench.pages().len(), 1, "sent, and not read back yet");
    bench.change(|year| year.pages.clear());
    turn.settle().await;
    let error = turn.run(&work, &mut stored).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::Mismatch));
    assert_eq!(error.booking(), Some("INK-26000001"));
    assert_eq!(bench.simulator.requests().count("POST", "/api/v3/AccountViewData"), 1);
    assert_eq!(turn.look(&work, &None).await, Lookup::Absent);
}

#[tokio::test]
async fn a_filter_that_is_not_heeded_finds_no_wrong_booking() {
    for filters in ["both", "one"] {
        let bench = AccountViewBench::start().await;
        bench.settings(|settings| settings.heeds_second_filter = false);
        let mut turn = Turn::new(&bench);
        for number in 0..3 {
            turn.post(&Work::purchase(&bench, &format!("A-{number}"))).await.unwrap();
        }
        let mut work = Work::purchase(&bench, "A-3");
        work.options = work.options.with("filters", filters);
        let first = turn.post(&work).await.unwrap();
        assert_eq!(turn.run(&work, &mut Some(Checkpoint::default())).await.unwrap().id, first.id);
        bench.retype_number(Direction::Purchase, 3, "a 3");
        work.document = DocumentId::from_ulid(fresh_ulid());
        assert_eq!(turn.post(&work).await.unwrap_err().code(), ErrorCode::Duplicate, "{filters}");
    }
}

#[tokio::test]
async fn texts_fit_the_code_page_and_the_fields() {
    let bench = AccountViewBench::start().await;
    let mut work = Work::purchase(&bench, "Ł-2026");
    work.posting.description = "Łódzka Spółka 東京 – a description that is longer than a page takes".into();
    work.posting.lines[0].description = "Papier\tżółty; a description that is longer than a line takes".into();
    work.posting.payment_reference = Some("RF".to_owned() + &"1".repeat(40));
    Turn::new(&bench).post(&work).await.unwrap();
    let page = bench.pages().remove(0);
    assert_eq!(page.header.text("INV_NR"), "L-2026");
    assert_eq!(page.header.text("HDR_DESC"), "Lódzka Spólka ?? – a description that is");
    assert_eq!(page.lines[0].text("TRN_DESC"), "Papier zólty; a description that is long");
    assert_eq!(page.header.text("EXT_DESC"), "", "a shortened reference would be another");
}

async fn supplier(
    bench: &AccountViewBench,
    turn: &mut Turn<'_, AccountViewBench>,
    contact: Contact,
) -> Result<String, LedgerError> {
    let mut work = sample(bench);
    work.posting.number = fresh_ulid().to_string().split_off(14);
    work.contact = contact;
    turn.post(&work).await.map(|document| document.contact.as_str().to_owned())
}

#[tokio::test]
async fn a_relation_is_taken_only_when_it_has_the_identifier() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let with_vat = |number: &str| Contact {
        vat_number: Some(number.parse().unwrap()),
        ..contact(Direction::Purchase, "Paper Co B.V.")
    };
    // As people type it.
    for typed in ["001234567B01", "NL 0012345.67B01", "NL001234567B01"] {
        bench.change(|year| year.find_mut("CONTACT", "SUB_NR", seed::SUPPLIER).unwrap().set("VAT_NR", typed));
        let found = supplier(&bench, &mut turn, with_vat("NL001234567B01")).await;
        match typed {
            "NL 0012345.67B01" => assert_eq!(found.unwrap_err().code(), ErrorCode::ContactMissing, "its signs differ"),
            _ => assert_eq!(found.unwrap(), seed::SUPPLIER),
        }
    }
    let error = supplier(&bench, &mut turn, with_vat("BE001234567B01")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ContactMissing, "another country's number");
    let error = supplier(&bench, &mut turn, with_vat("NL001234569B01")).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::ContactBlocked));
    let second = Contact {
        ibans: vec!["DE89370400440532013000".parse().unwrap()],
        ..contact(Direction::Purchase, "Paper Co B.V.")
    };
    bench.change(|year| {
        year.find_mut("CONTACT", "SUB_NR", seed::SUPPLIER).unwrap().set("IBAN_NR2", "DE89370400440532013000");
    });
    assert_eq!(supplier(&bench, &mut turn, second).await.unwrap(), seed::SUPPLIER, "the second bank account");
    let twin = |year: &mut Year| {
        let row = year.find("CONTACT", "SUB_NR", seed::SUPPLIER).unwrap().clone().with("SUB_NR", "20050");
        year.tables.get_mut("CONTACT").unwrap().push(row);
    };
    bench.change(twin);
    let error = supplier(&bench, &mut turn, with_vat("NL001234567B01")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ContactAmbiguous);
    // One of them is blocked: then it is the other.
    bench.change(|year| year.find_mut("CONTACT", "SUB_NR", "20050").unwrap().set("REC_BLK", true));
    assert_eq!(supplier(&bench, &mut turn, with_vat("NL001234567B01")).await.unwrap(), seed::SUPPLIER);
}

#[tokio::test]
async fn a_new_relation_has_its_control_account_and_is_looked_up_by_its_numbers() {
    for shows_stored in [true, false] {
        let bench = AccountViewBench::start().await;
        bench.settings(|settings| settings.shows_stored = shows_stored);
        let mut turn = Turn::new(&bench);
        let mut work = sample(&bench);
        work.create_contacts = CreateContacts::Allowed;
        work.contact = Contact {
            vat_number: Some("EL123456783".parse().unwrap()),
            registry_number: Some("87654321".parse().unwrap()),
            ibans: vec!["DE89370400440532013000".parse().unwrap()],
            ..contact(Direction::Purchase, "Ελλάς Łódź & Söhne GmbH mit einem sehr langen Namen")
        };
        let options = work.options.clone();
        work.options = options.clone().with("creditor_account", "");
        let error = turn.post(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Option));
        assert!(error.message().contains("creditor_account"), "{error}");
        work.options = options;
        let document = turn.post(&work).await.unwrap();
        let made =
            bench.year("2026-07-01", |year| year.find("CONTACT", "SUB_NR", document.contact.as_str()).unwrap().clone());
        assert_eq!(document.contact.as_str(), "20010");
        let shown = ["ACCT_NR", "ACCT_NAME", "SRC_CODE", "CNT_CODE", "VAT_NR", "COC_CODE", "IBAN_NR"];
        assert_eq!(
            shown.map(|column| made.text(column)),
            [
                "1600",
                "????? Lódz & Söhne GmbH mit einem sehr l",
                "LÓDZSÖHNEG",
                "GR",
                "EL123456783",
                "87654321",
                "DE89370400440532013000",
            ]
        );
    }
}

/// Made, and not to be found: made once more, it would stand there twice.
#[tokio::test]
async fn a_relation_that_was_made_and_is_not_found_is_not_made_again() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let answer = Effect::Answer {
        status: 200,
        headers: std::collections::BTreeMap::new(),
        body: "{}".into(),
        stored: Stored::No,
    };
    bench.simulator.faults().add(Fault::on("POST", "AccountViewData", answer));
    let mut work = sample(&bench);
    work.create_contacts = CreateContacts::Allowed;
    work.contact = Contact {
        vat_number: Some("NL855512341B01".parse().unwrap()),
        ..contact(Direction::Purchase, "Nieuwe Relatie B.V.")
    };
    let error = turn.post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::ContactMissing));
    assert!(error.message().contains("does not find it"), "{error}");
}

#[tokio::test]
async fn no_more_than_sixty_requests_are_made_in_a_minute() {
    let bench = AccountViewBench::start().await;
    bench.settings(|settings| settings.per_minute = 60);
    let mut turn = Turn::new(&bench);
    for number in 0..8 {
        turn.post(&Work::purchase(&bench, &format!("R-{number}"))).await.unwrap();
    }
    assert!(turn.errors.is_empty(), "{:?}", turn.errors);
    assert!(bench.simulator.requests().list().iter().all(|request| request.status != Some(429)));
}

#[tokio::test]
async fn a_credit_note_of_the_same_number_is_another_document() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let invoice = Work::purchase(&bench, "F-1");
    turn.post(&invoice).await.unwrap();
    turn.post(&invoice.reversed(InvoiceKind::CreditNote, "F-1")).await.unwrap();
    bench.simulator.change(|all| all.process(seed::COMPANY));
    let error = turn.post(&Work::purchase(&bench, "F-1")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Duplicate, "among what was processed as well");
    assert_eq!(bench.pages().len(), 2);
}
