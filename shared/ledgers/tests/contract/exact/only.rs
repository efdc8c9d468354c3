//! What only Exact Online does.

use super::*;
use crate::{
    bench::Work,
    turn::{Turn, sample},
};
use domain::{
    invoice::InvoiceKind,
    ledger::{DirectoryEntry, DirectoryKind, VatCodeKind},
};
use ledgers::Reach::{Connection, Division};
use ledgers::{
    Advance, Client, Deadline, Directory, ErrorCode, ErrorKind, Identity, LedgerError, Page, Progress, RateBudget,
};
use rust_decimal::dec;
use simulators::exact::{
    Language,
    state::{ContractStanding, HeaderSign, UserStanding},
};
use std::time::Duration;

async fn client<T>(
    bench: &ExactBench,
    budget: &mut RateBudget,
    work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let turn = Turn::new(bench);
    let clock = || bench.now();
    let mut client = Client {
        ledger: &ExactOnline,
        sender: &turn.sender,
        target: bench.target(),
        access: turn.tokens.access.clone(),
        app: bench.app(),
        budget: budget.clone(),
        app_budget: None,
        deadline: Deadline::after(Duration::from_secs(10)),
        clock: &clock,
    };
    let result = work(&mut client).await;
    *budget = client.budget;
    result
}

async fn directory(bench: &ExactBench, kind: DirectoryKind) -> Result<Vec<DirectoryEntry>, LedgerError> {
    client(bench, &mut RateBudget::default(), async |client| {
        let (mut entries, mut next) = (Vec::new(), Some(Directory::of(kind)));
        while let Some(part) = next {
            // A task that goes on in another turn stores where it stands.
            let stored = serde_json::to_string(&part).unwrap();
            let Page { entries: more, next: after } = client.page(&serde_json::from_str(&stored).unwrap()).await?;
            entries.extend(more);
            next = after;
        }
        Ok(entries)
    })
    .await
}

#[tokio::test]
async fn every_directory_can_be_listed() {
    let bench = ExactBench::start().await;
    for &kind in ExactBench::can().directories {
        let entries = directory(&bench, kind).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert!(!entries.is_empty(), "{kind:?}");
        assert!(entries.iter().all(|entry| !entry.code.is_empty() && entry.code.trim() == entry.code), "{kind:?}");
    }
    let of = async |kind, code: &str| {
        directory(&bench, kind).await.unwrap().into_iter().find(|entry| entry.code == code).expect(code)
    };
    let supplier = of(DirectoryKind::Suppliers, seed::SUPPLIER).await;
    assert_eq!(supplier.vat_number.as_deref(), Some("NL001234567B01"));
    assert_eq!(supplier.ibans, ["NL02ABNA0123456789"]);
    assert!(of(DirectoryKind::Suppliers, seed::BLOCKED_SUPPLIER).await.blocked);
    assert_eq!(of(DirectoryKind::Customers, seed::CUSTOMER).await.name, "Afnemer N.V.");
    assert!(of(DirectoryKind::LedgerAccounts, "4999").await.blocked);
    assert_eq!(of(DirectoryKind::Journals, "60").await.direction, Some(Direction::Purchase));
    assert_eq!(of(DirectoryKind::VatCodes, "21").await.vat, Some(VatCodeKind::Rate { percent: dec!(21) }));
    assert_eq!(of(DirectoryKind::VatCodes, "21I").await.vat, Some(VatCodeKind::Unusable));
    assert_eq!(of(DirectoryKind::VatCodes, "IC").await.vat, Some(VatCodeKind::IntraCommunity));
    assert_eq!(of(DirectoryKind::VatCodes, "SRC").await.vat, Some(VatCodeKind::ReverseCharge));
    let journals = directory(&bench, DirectoryKind::Journals).await.unwrap();
    assert!(journals.iter().all(|journal| journal.direction.is_some()), "no bank books to post in");
}

#[tokio::test]
async fn long_lists_come_page_by_page_with_all_bank_accounts() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        let supplier = books.account_by_code(seed::SUPPLIER).unwrap().clone();
        for number in 0..150_u64 {
            let id = simulators::exact::Guid::numbered(0xa1, 1_000 + number);
            let code = books::padded(&(5_000 + number).to_string());
            books.accounts.put(books::Account { id, code, ..supplier.clone() });
            for account in 0..2 {
                books.bank_accounts.put(books::BankAccount {
                    id: simulators::exact::Guid::numbered(0xba, 2_000 + number * 2 + account),
                    account: id,
                    bank_account: format!("NL{number}-{account}"),
                    ..books::BankAccount::default()
                });
            }
        }
    });
    let before = bench.requests();
    let suppliers = directory(&bench, DirectoryKind::Suppliers).await.unwrap();
    assert!(suppliers.len() > 150);
    for supplier in suppliers.iter().filter(|supplier| supplier.code.starts_with('5')) {
        let number: u64 = supplier.code.parse::<u64>().unwrap() - 5_000;
        assert_eq!(supplier.ibans, [format!("NL{number}-0"), format!("NL{number}-1")]);
    }
    assert!(bench.requests() - before > 6, "three pages of suppliers, and more than one of accounts for each");
}

#[tokio::test]
async fn the_connected_user_is_known_and_the_open_division_is_no_target() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| {
        state.users.iter_mut().for_each(|user| user.current_division = seed::SECOND_DIVISION);
    });
    let identity = client(&bench, &mut RateBudget::default(), async |client| client.identity().await).await.unwrap();
    let Identity { user, name, division, only } = identity;
    assert_eq!(only, None, "a consent may open several divisions");
    assert_eq!((user.as_str(), name.as_str()), (seed::USER.to_string().as_str(), "Robot Facturen"));
    assert_eq!(division.unwrap().as_str(), seed::SECOND_DIVISION.to_string());
    Turn::new(&bench).post(&Work::purchase(&bench, "F-1")).await.unwrap();
    assert_eq!(bench.bookings(Direction::Purchase).len(), 1, "booked where the connection says");
}

/// Header signs, padded VAT codes, the language of messages: whichever way Exact turns out to be.
#[tokio::test]
async fn open_questions_of_the_api_do_not_matter() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| {
        state.settings.header_sign = HeaderSign::Inverted;
        state.settings.vat_code_width = 3;
        state.settings.read_only = simulators::exact::state::ReadOnly::Refused;
    });
    let mut turn = Turn::new(&bench);
    let invoice = Work::purchase(&bench, "F-1");
    turn.post(&invoice).await.unwrap();
    turn.post(&invoice.reversed(InvoiceKind::CreditNote, "C-1")).await.unwrap();
    assert!(bench.all_zero());

    let codes = directory(&bench, DirectoryKind::VatCodes).await.unwrap();
    let nine = codes.iter().find(|entry| entry.code == "9").unwrap();
    assert_eq!(nine.id.as_deref(), Some("9  "), "wanted back as it came");
}

#[tokio::test]
async fn refusals_are_understood_in_both_languages() {
    for (language, words) in [(Language::Nl, "Periode is afgesloten: 2026 - 7"), (Language::En, "Period is closed")] {
        let bench = ExactBench::start().await;
        bench.simulator.change(|state| state.users.iter_mut().for_each(|user| user.language = language));
        bench.close_period_of_postings();
        let error = Turn::new(&bench).post(&sample(&bench)).await.unwrap_err();
        assert_eq!((error.code(), error.ledger_text()), (ErrorCode::PeriodClosed, Some(words)));
    }
}

/// A new record cannot be found for a while, except by its id.
#[tokio::test]
async fn an_attempt_goes_on_although_its_document_cannot_be_found_yet() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| state.settings.visible_after_seconds = 60);
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    // The limit of the minute ends the first turn just after the document was made; nothing is unknown.
    let (mut progress, mut stored) = (Progress::first(), None);
    while stored.is_none() {
        if turn.step(&work, &mut progress).await.unwrap() == Advance::Store {
            stored = Some(progress.checkpoint().clone());
        }
    }
    turn.run(&work, &mut stored).await.unwrap();
    assert_eq!((bench.holders(), bench.bookings(Direction::Purchase).len()), (1, 1));
}

#[tokio::test]
async fn after_an_unknown_end_the_settle_time_covers_what_cannot_be_found_yet() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| state.settings.visible_after_seconds = 20);
    let mut turn = Turn::new(&bench);
    let fault = Fault::on("POST", "purchaseentry/PurchaseEntries", Effect::drop(Stored::Yes));
    bench.simulator.faults().add(fault);
    turn.post(&sample(&bench)).await.unwrap();
    assert_eq!((bench.holders(), bench.bookings(Direction::Purchase).len()), (1, 1));
}

#[tokio::test]
async fn a_document_that_a_person_deleted_is_made_again() {
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    bench.close_period_of_postings();
    let mut stored = None;
    turn.run(&work, &mut stored).await.unwrap_err();
    bench.simulator.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        books.documents.retain(|_| false);
        books.attachments.retain(|_| false);
    });
    bench.open_period_of_postings();
    let document = turn.run(&work, &mut stored).await.unwrap();
    crate::turn::assert_one(&bench, &work, &document, "deleted by a person");
    assert!(document.link.unwrap().starts_with(bench.simulator.base_url()));
}

#[tokio::test]
async fn what_exact_books_differently_is_for_a_person() {
    let entry = |body: &str| {
        format!(
            r#"{{"d":{{"EntryID":"7e100000-0000-4000-8000-000000000001","EntryNumber":26600042,
            "Supplier":"a1000000-0000-4000-8000-000000000001","YourRef":"F-1",{body}}}}}"#
        )
    };
    for (body, what) in [
        (r#""AmountFC":121.01,"VATAmountFC":21.0,"Currency":"EUR","Type":30"#, "amount"),
        (r#""AmountFC":121.0,"VATAmountFC":20.99,"Currency":"EUR","Type":30"#, "VAT"),
        (r#""AmountFC":121.0,"VATAmountFC":21.0,"Currency":"USD","Type":30"#, "currency"),
        (r#""AmountFC":121.0,"VATAmountFC":21.0,"Currency":"EUR","Type":31"#, "type"),
    ] {
        let bench = ExactBench::start().await;
        let effect = Effect::Answer {
            status: 201,
            headers: std::collections::BTreeMap::new(),
            body: entry(body),
            stored: Stored::Yes,
        };
        bench.simulator.faults().add(Fault::on("POST", "PurchaseEntries", effect));
        let error = Turn::new(&bench).post(&Work::purchase(&bench, "F-1")).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::Mismatch));
        assert!(error.message().contains(&format!("{what}: ")), "{error}");
        assert_eq!(error.booking(), Some("26600042"));
    }
}

#[tokio::test]
async fn what_the_answer_leaves_out_is_read_back() {
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    let undisturbed = turn.requests_of(&Work::purchase(&bench, "F-1")).await;
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    // The id of the first entry of a fresh simulator: learned from a twin.
    let id = {
        let twin = ExactBench::start().await;
        Turn::new(&twin).post(&Work::purchase(&twin, "F-1")).await.unwrap().id
    };
    let body = format!(r#"{{"d":{{"EntryID":"{id}","EntryNumber":1}}}}"#);
    let headers = std::collections::BTreeMap::new();
    let effect = Effect::Answer { status: 201, headers, body, stored: Stored::Yes };
    bench.simulator.faults().add(Fault::on("POST", "PurchaseEntries", effect));
    let work = Work::purchase(&bench, "F-1");
    assert_eq!(turn.requests_of(&work).await, undisturbed + 1);
    assert_eq!(bench.bookings(Direction::Purchase).len(), 1);
}

#[tokio::test]
async fn a_sales_number_in_use_by_others_is_a_duplicate() {
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    let line = (VatCategory::S, dec!(21), dec!(100.00), dec!(21.00));
    let sale = |number| Work::new(&bench, Direction::Sales, InvoiceKind::Invoice, number, &[line]);
    let booked = turn.post(&sale("20260118")).await.unwrap();
    assert_eq!(booked.number, "20260118", "our number is the number of the entry");
    bench.retype_number(Direction::Sales, 0, "");
    let mut again = sale("20260118");
    again.duplicates = ledgers::Duplicates::Accepted;
    let error = turn.post(&again).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Duplicate));
    assert_eq!(error.booking(), Some("20260118"));
    again.options = again.options.with("sales_number", "exact");
    assert_ne!(turn.post(&again).await.unwrap().number, "20260118");
}

#[tokio::test]
async fn the_minute_and_the_day_are_waited_for() {
    // Six calls are left for the first attempt; what it made is used by the second.
    for (minute, day, used, wait) in [(32, 5_000, 16, 61), (60, 20, 14, 14 * 3_600 + 1)] {
        let mut setup = Setup::demo();
        (setup.calls_per_minute, setup.calls_per_day) = (Some(minute), Some(day));
        let bench = ExactBench::with(setup).await;
        let mut turn = Turn::new(&bench);
        for _ in 0..used {
            client(&bench, &mut turn.budget, async |client| client.page(&Directory::of(DirectoryKind::Journals)).await)
                .await
                .unwrap();
        }
        turn.tokens = bench.connect();
        turn.post(&sample(&bench)).await.unwrap();
        let kinds: Vec<_> = turn.errors.iter().map(|error| (error.code(), error.kind())).collect();
        let wait = ErrorKind::Retryable { after: Some(Duration::from_secs(wait)) };
        assert_eq!(kinds, [(ErrorCode::RateLimited, wait)]);
        assert_eq!((bench.holders(), bench.bookings(Direction::Purchase).len()), (1, 1));
    }
}

#[tokio::test]
async fn a_429_closes_until_the_window_that_the_headers_name() {
    let mut setup = Setup::demo();
    (setup.calls_per_minute, setup.calls_per_day) = (Some(0), Some(5_000));
    let bench = ExactBench::with(setup).await;
    let mut budget = RateBudget::default();
    let ask = async |budget: &mut RateBudget| {
        client(&bench, budget, async |client| client.page(&Directory::of(DirectoryKind::Journals)).await).await
    };
    let error = ask(&mut budget).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(Duration::from_secs(61)) });
    let before = bench.requests();
    assert_eq!(ask(&mut budget).await.unwrap_err().code(), ErrorCode::RateLimited);
    assert_eq!(bench.requests(), before, "nothing was sent");
}

#[tokio::test]
async fn errors_stop_before_exact_blocks_us() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| {
        state.apps.iter_mut().for_each(|app| {
            app.scopes.remove("organization.documents");
        });
    });
    let mut turn = Turn::new(&bench);
    let mut codes = Vec::new();
    for _ in 0..8 {
        let mut progress = Progress::first();
        let error = loop {
            if let Err(error) = turn.step(&sample(&bench), &mut progress).await {
                break error;
            }
        };
        codes.push(error.code());
    }
    let (tried, braked) = codes.split_at(6);
    assert!(tried.iter().all(|code| *code == ErrorCode::AppScope), "{codes:?}");
    assert!(braked.iter().all(|code| *code == ErrorCode::ErrorBudget), "{codes:?}");
    bench.advance(TimeDelta::hours(1));
    let error = turn.step(&sample(&bench), &mut Progress::again(ledgers::Checkpoint::default())).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::AppScope, "an hour later it is tried again");
}

#[tokio::test]
async fn each_layer_of_rights_has_its_own_advice() {
    let denied = async |change: &dyn Fn(&mut simulators::exact::State)| {
        let bench = ExactBench::start().await;
        let mut turn = Turn::new(&bench);
        bench.simulator.change(|state| change(state));
        let error = turn.post(&sample(&bench)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected);
        assert_eq!(bench.bookings(Direction::Purchase).len(), 0);
        (error.code(), error.code().reach())
    };
    let users = |state: &mut simulators::exact::State, standing| {
        state.users.iter_mut().for_each(|user| user.standing = standing);
    };
    let contract = |state: &mut simulators::exact::State, standing| {
        state.contracts.iter_mut().for_each(|contract| contract.standing = standing);
    };
    assert_eq!(denied(&|s| users(s, UserStanding::Blocked)).await, (ErrorCode::UserBlocked, Connection));
    assert_eq!(denied(&|s| users(s, UserStanding::Inactive)).await, (ErrorCode::UserBlocked, Connection));
    assert_eq!(
        denied(&|s| contract(s, ContractStanding::LicenseExpired)).await,
        (ErrorCode::LicenceExpired, Connection)
    );
    assert_eq!(denied(&|s| contract(s, ContractStanding::Blocked)).await, (ErrorCode::CustomerBlocked, Connection));
    let blocked = |s: &mut simulators::exact::State| {
        s.division_mut(seed::DIVISION).unwrap().standing = books::DivisionStanding::Blocked;
    };
    assert_eq!(denied(&blocked).await, (ErrorCode::DivisionBlocked, Division));
    let moved = |s: &mut simulators::exact::State| {
        s.users.iter_mut().for_each(|user| user.divisions.clear());
    };
    assert_eq!(denied(&moved).await, (ErrorCode::NoDivisionAccess, Division));
    let unlinked = |s: &mut simulators::exact::State| s.division_mut(seed::DIVISION).unwrap().apps.clear();
    assert_eq!(denied(&unlinked).await, (ErrorCode::NoDivisionAccess, Division));
    let scope = |s: &mut simulators::exact::State| {
        s.apps.iter_mut().for_each(|app| {
            app.scopes.remove("crm.accounts");
        });
    };
    assert_eq!(denied(&scope).await, (ErrorCode::AppScope, Connection));
}

/// The one that counts is on the last page of what the relation sent that day.
#[tokio::test]
async fn a_duplicate_is_found_among_many_invoices_of_one_day() {
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    turn.post(&Work::purchase(&bench, "F-1")).await.unwrap();
    bench.simulator.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        let entry = books.entries.iter().next().unwrap().clone();
        for number in 0..130_i32 {
            let id = simulators::exact::Guid::numbered(0x7e, 10_000 + u64::from(number.unsigned_abs()));
            let your_ref = Some(if number == 129 { "f 2".to_owned() } else { format!("other {number}") });
            books.entries.put(books::Entry { id, your_ref, entry_number: 9_000 + number, ..entry.clone() });
        }
    });
    let error = turn.post(&Work::purchase(&bench, "F-2")).await.unwrap_err();
    assert_eq!((error.code(), error.booking()), (ErrorCode::Duplicate, Some("9129")));
}

#[tokio::test]
async fn many_codes_are_looked_up_in_parts() {
    let bench = ExactBench::start().await;
    bench.simulator.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        let account = books.gl_account_by_code("4600").unwrap().clone();
        for number in 0..50_u64 {
            let id = simulators::exact::Guid::numbered(0x91, 1 + number);
            books.gl_accounts.put(books::GlAccount { id, code: (46_000 + number).to_string(), ..account.clone() });
        }
    });
    let line = (VatCategory::S, dec!(21), dec!(100.00), dec!(21.00));
    let mut work = Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "F-1", &[line; 50]);
    for (number, line) in work.posting.lines.iter_mut().enumerate() {
        line.account = (46_000 + number).to_string().parse().unwrap();
    }
    let document = Turn::new(&bench).post(&work).await.unwrap();
    assert_eq!(document.codes.accounts.len(), 50, "worth keeping");
    // Kept, they cost nothing the next time.
    work.codes = document.codes;
    work.document = sample(&bench).document;
    work.posting.number = "F-2".into();
    work.contact.ledger_contact = Some(document.contact);
    let before = bench.requests();
    Turn::new(&bench).post(&work).await.unwrap();
    assert_eq!(bench.requests() - before, 4, "duplicates, document, file, entry");
}

/// It lands between our look for our own entry and our look for duplicates.
#[tokio::test]
async fn an_entry_that_lands_during_recovery_is_recognised() {
    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    bench.simulator.faults().add(Fault::on("POST", "PurchaseEntries", Effect::store_late(LATE * 3)));
    let mut first = Progress::first();
    let unknown = loop {
        if let Err(error) = turn.step(&work, &mut first).await {
            break error;
        }
    };
    assert_eq!(unknown.kind(), ErrorKind::Unknown);
    let mut again = Progress::again(first.checkpoint().clone());
    for _ in 0..2 {
        turn.step(&work, &mut again).await.unwrap();
    }
    assert!(bench.bookings(Direction::Purchase).is_empty(), "not there when it was looked for");
    tokio::time::sleep(LATE * 4).await;
    let document = loop {
        if let Advance::Done(document) = turn.step(&work, &mut again).await.unwrap() {
            break document;
        }
    };
    assert_eq!(document.found, ledgers::Found::Again);
    crate::turn::assert_one(&bench, &work, &document, "landed during recovery");
}

#[tokio::test]
async fn answers_are_bounded_and_redirects_are_not_followed() {
    let answer = |status, headers: &[(&str, &str)], body: String| Effect::Answer {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body,
        stored: Stored::No,
    };
    let elsewhere = ExactBench::start().await;
    let location = [("Location", elsewhere.simulator.base_url())];
    let retry = ErrorKind::Retryable { after: None };
    for (effect, kind, code) in [
        (answer(200, &[], " ".repeat(ledgers::ANSWER_BYTES_MAX + 1)), retry, ErrorCode::MalformedAnswer),
        (Effect::SlowBody { over_ms: 5_000 }, retry, ErrorCode::TimedOut),
        (answer(302, &location, "<h1>Object moved</h1>".into()), ErrorKind::Unauthorised, ErrorCode::TokenRefused),
        (answer(302, &location, String::new()), retry, ErrorCode::Unavailable),
    ] {
        let bench = ExactBench::start().await;
        bench.simulator.faults().add(Fault::on_any(effect));
        let journals = Directory::of(DirectoryKind::Journals);
        let error = client(&bench, &mut RateBudget::default(), async |client| client.page(&journals).await).await;
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code));
    }
    assert_eq!(elsewhere.requests(), 0);
}

/// Logs say what was asked and how it went, never what was in it or with which token.
#[tokio::test]
async fn logs_hold_no_content_and_no_credentials() {
    #[derive(Clone, Default)]
    struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let bench = ExactBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = sample(&bench);
    bench.advance(TimeDelta::seconds(580));
    turn.post(&work).await.unwrap();
    work.document = Work::purchase(&bench, "F-2026/118").document;
    turn.post(&work).await.unwrap_err();
    bench.close_period_of_postings();
    turn.post(&Work::purchase(&bench, "F-2026/119")).await.unwrap_err();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("create_booking") && log.contains("refresh_token") && log.contains("period_closed"), "{log}");
    for secret in [
        turn.tokens.access.expose(),
        turn.tokens.refresh.expose(),
        seed::SECRET,
        "F-2026",
        "Paper Co",
        "NL001234567B01",
        "NL02ABNA0123456789",
        "afgesloten",
        "121.00",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
