//! Exact Online on its simulator, and what only Exact does.

use crate::bench::{Bench, Failure, LATE, Standing, contact};
use chrono::TimeDelta;
use domain::{
    contact::Contact,
    invoice::VatCategory,
    ledger::{AccountCode, Direction, VatCode},
    time::Instant,
};
use ledgers::{App, Endpoint, Ledger, Options, Secret, Target, TokenSet, exact::ExactOnline};
use rust_decimal::Decimal;
use simulators::{
    clock::Clock,
    exact::{Handle, Options as Setup, Simulator, books, seed},
    faults::{Effect, Fault, Stored},
};

pub struct ExactBench {
    pub simulator: Handle,
}

fn side(direction: Direction) -> books::Direction {
    match direction {
        Direction::Purchase => books::Direction::Purchase,
        Direction::Sales => books::Direction::Sales,
    }
}

impl ExactBench {
    pub async fn with(setup: Setup) -> Self {
        let start = "2026-07-01T10:00:00Z".parse().unwrap();
        let simulator = Simulator::start(setup.clock(&Clock::stopped(start))).await.unwrap();
        // Found by its registry number too.
        simulator.change(|state| {
            let books = state.division_mut(seed::DIVISION).unwrap();
            let supplier = books.accounts.iter_mut().find(|account| account.code.trim() == seed::SUPPLIER).unwrap();
            supplier.chamber_of_commerce = Some("12345678".into());
        });
        Self { simulator }
    }

    pub fn books<T>(&self, look: impl FnOnce(&books::Division) -> T) -> T {
        self.simulator.read(|state| look(state.division(seed::DIVISION).unwrap()))
    }
}

impl Bench for ExactBench {
    fn ledger() -> &'static dyn Ledger {
        &ExactOnline
    }

    async fn start() -> Self {
        Self::with(Setup::demo().unlimited()).await
    }

    fn target(&self) -> Target {
        Target {
            endpoint: Endpoint::test(self.simulator.base_url()).unwrap(),
            division: Some(seed::DIVISION.to_string().parse().unwrap()),
        }
    }

    fn app(&self) -> App {
        App {
            client_id: seed::APP.into(),
            client_secret: Secret::new(seed::SECRET),
            redirect_uri: seed::REDIRECT_URI.into(),
        }
    }

    fn connect(&self) -> TokenSet {
        let tokens = self.simulator.connect(seed::APP, seed::USER);
        TokenSet {
            access: Secret::new(tokens.access_token),
            refresh: Secret::new(tokens.refresh_token),
            issued_at: self.now(),
            expires_at: self.now() + TimeDelta::seconds(600),
        }
    }

    fn options(&self) -> Options {
        Options::default().with("purchase_journal", "60").with("sales_journal", "70")
    }

    fn now(&self) -> Instant {
        self.simulator.clock().now()
    }

    fn advance(&self, by: TimeDelta) {
        self.simulator.clock().advance(by);
    }

    fn known_contact(&self, direction: Direction) -> Contact {
        match direction {
            Direction::Purchase => Contact {
                vat_number: Some("NL001234567B01".parse().unwrap()),
                registry_number: Some("12345678".parse().unwrap()),
                ibans: vec!["NL02ABNA0123456789".parse().unwrap()],
                ..contact(direction, "Paper Co B.V.")
            },
            Direction::Sales => {
                Contact { vat_number: Some("NL001234568B01".parse().unwrap()), ..contact(direction, "Afnemer N.V.") }
            }
        }
    }

    fn account(&self, direction: Direction) -> AccountCode {
        match direction {
            Direction::Purchase => "4600".parse().unwrap(),
            Direction::Sales => "8000".parse().unwrap(),
        }
    }

    fn vat_code(&self, direction: Direction, category: VatCategory, rate: Decimal) -> VatCode {
        let code = match (direction, category) {
            (Direction::Purchase, VatCategory::S) => rate.to_string(),
            (Direction::Sales, VatCategory::S) => format!("S{rate}"),
            (Direction::Purchase, VatCategory::AE) => "RC".into(),
            (Direction::Sales, VatCategory::AE) => "SRC".into(),
            (Direction::Purchase, VatCategory::K) => "IC".into(),
            (Direction::Sales, VatCategory::K) => "SIC".into(),
            (Direction::Purchase, _) => "Z".into(),
            (Direction::Sales, _) => "S0".into(),
        };
        code.parse().unwrap()
    }

    fn fail(&self, skip: usize, failure: Failure) {
        let effect = match failure {
            Failure::HangBefore => Effect::hang(Stored::No),
            Failure::HangAfter => Effect::hang(Stored::Yes),
            Failure::StoredLate => Effect::store_late(LATE),
            Failure::DroppedAfter => Effect::drop(Stored::Yes),
            Failure::Empty => Effect::EmptyBody,
            Failure::Malformed => Effect::Malformed,
            Failure::UnavailableBefore => Effect::unavailable(Stored::No),
            Failure::UnavailableAfter => Effect::unavailable(Stored::Yes),
            Failure::PageAfter => Effect::html_error(Stored::Yes),
            Failure::TooMany(seconds) => Effect::too_many_requests(seconds),
            Failure::TokenExpired => Effect::TokenExpired,
        };
        self.simulator.faults().add(Fault::on_any(effect).skip(u32::try_from(skip).unwrap()));
    }

    fn close_period_of_postings(&self) {
        self.period(books::PeriodState::Closed);
    }

    fn open_period_of_postings(&self) {
        self.period(books::PeriodState::Open);
    }

    fn retype_number(&self, direction: Direction, booking: usize, number: &str) {
        self.simulator.change(|state| {
            let books = state.division_mut(seed::DIVISION).unwrap();
            let entry = books.entries.iter_mut().filter(|entry| entry.direction == side(direction)).nth(booking);
            entry.unwrap().your_ref = Some(number.to_owned());
        });
    }

    fn bookings(&self, direction: Direction) -> Vec<Standing> {
        self.books(|books| {
            books
                .entries_of(side(direction))
                .map(|entry| Standing {
                    number: entry.entry_number.to_string(),
                    reference: entry.your_ref.clone().unwrap_or_default(),
                    gross: entry.amount_fc.abs(),
                    vat: entry.vat_amount_fc.unwrap_or_default().abs(),
                    reduces: matches!(entry.kind, 31 | 21),
                    files: books
                        .attachments
                        .iter()
                        .filter(|file| Some(file.document) == entry.document)
                        .map(|file| file.file_name.clone())
                        .collect(),
                })
                .collect()
        })
    }

    fn holders(&self) -> usize {
        self.books(|books| books.documents.len())
    }

    fn relations_named(&self, name: &str) -> usize {
        self.books(|books| books.accounts.iter().filter(|account| account.name == name).count())
    }

    fn all_zero(&self) -> bool {
        self.simulator.balances(seed::DIVISION).all_zero()
    }

    fn requests(&self) -> usize {
        usize::try_from(self.simulator.requests().total()).unwrap()
    }
}

impl ExactBench {
    fn period(&self, state: books::PeriodState) {
        let found = self.simulator.change(|all| all.division_mut(seed::DIVISION).unwrap().close_period(2026, 7, state));
        assert!(found);
    }
}

mod only_exact {
    use super::*;
    use crate::{
        bench::Work,
        turn::{Turn, sample},
    };
    use domain::{
        invoice::InvoiceKind,
        ledger::{DirectoryEntry, DirectoryKind, VatCodeKind},
    };
    use ledgers::{
        Advance, Client, Directory, ErrorCode, ErrorKind, Identity, LedgerError, Opener, Page, Progress, RateBudget,
        Seen, Sender, Timeouts,
    };
    use rust_decimal::dec;
    use simulators::exact::{
        Language,
        state::{ContractStanding, HeaderSign, UserStanding},
    };
    use std::time::{Duration, Instant as Monotonic};

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
            budget: budget.clone(),
            deadline: Monotonic::now() + Duration::from_secs(10),
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
        for kind in DirectoryKind::ALL {
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
        let identity =
            client(&bench, &mut RateBudget::default(), async |client| client.identity().await).await.unwrap();
        let Identity { user, name, division } = identity;
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
        for (language, words) in [(Language::Nl, "Periode is afgesloten: 2026 - 7"), (Language::En, "Period is closed")]
        {
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
                client(&bench, &mut turn.budget, async |client| {
                    client.page(&Directory::of(DirectoryKind::Journals)).await
                })
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
        use ledgers::Reach::{Connection, Division};
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

    struct Connecting {
        bench: ExactBench,
    }

    impl Connecting {
        async fn new() -> Self {
            Self { bench: ExactBench::start().await }
        }

        /// Goes through the consent page as a browser does; returns the code.
        async fn consent(&self) -> Secret {
            let endpoint = self.bench.target().endpoint;
            let url = ExactOnline.consent_url(&endpoint, &self.bench.app(), &Secret::new("st&ate")).unwrap();
            let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
            let answer = browser.get(url).send().await.unwrap();
            let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
            let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
            assert_eq!(value("state"), "st&ate");
            Secret::new(value("code"))
        }

        async fn with<T>(&self, app: &App, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
            let sender = Sender::new(Timeouts::default()).unwrap();
            let clock = || self.bench.now();
            let endpoint = self.bench.target().endpoint;
            let deadline = Monotonic::now() + Duration::from_secs(10);
            work(&Opener { ledger: &ExactOnline, sender: &sender, endpoint, app, deadline, clock: &clock }).await
        }

        async fn exchange(&self, code: &Secret) -> Result<TokenSet, LedgerError> {
            self.with(&self.bench.app(), async |opener| opener.exchange_code(code).await).await
        }

        async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
            self.with(&self.bench.app(), async |opener| opener.refresh(tokens).await).await
        }
    }

    #[tokio::test]
    async fn a_consent_gives_tokens_once_and_they_rotate() {
        let connecting = Connecting::new().await;
        let code = connecting.consent().await;
        let first = connecting.exchange(&code).await.unwrap();
        assert_eq!(first.expires_at - connecting.bench.now(), TimeDelta::seconds(600));
        let error = connecting.exchange(&code).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
    }

    #[tokio::test]
    async fn refreshing_keeps_to_the_rules() {
        let connecting = Connecting::new().await;
        let code = connecting.consent().await;
        let first = connecting.exchange(&code).await.unwrap();
        connecting.bench.advance(TimeDelta::seconds(560));
        let early = connecting.refresh(&first).await.unwrap_err();
        assert_eq!((early.kind(), early.code()), (ErrorKind::Retryable { after: None }, ErrorCode::TokenTooEarly));
        connecting.bench.advance(TimeDelta::seconds(15));
        let second = connecting.refresh(&first).await.unwrap();
        assert!(second != first);
        let old = connecting.refresh(&first).await.unwrap_err();
        assert_eq!((old.kind(), old.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
        assert_eq!(old.ledger_text(), Some("Old refresh token used."));
        connecting.bench.advance(TimeDelta::days(31));
        let dead = connecting.refresh(&second).await.unwrap_err();
        assert_eq!(dead.kind(), ErrorKind::ReconnectNeeded);
    }

    /// The worst that can happen to a token: it rotated, and nobody learned the new one.
    #[tokio::test]
    async fn a_lost_answer_to_a_refresh_costs_a_new_consent_and_no_storm() {
        let connecting = Connecting::new().await;
        let code = connecting.consent().await;
        let tokens = connecting.exchange(&code).await.unwrap();
        connecting.bench.advance(TimeDelta::seconds(580));
        connecting.bench.simulator.faults().add(Fault::on("POST", "oauth2/token", Effect::drop(Stored::Yes)));
        let lost = connecting.refresh(&tokens).await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Unknown);
        let tried_once_more = connecting.refresh(&tokens).await.unwrap_err();
        assert_eq!(tried_once_more.kind(), ErrorKind::ReconnectNeeded);

        // Lost before it got there: the stored token still works.
        let code = connecting.consent().await;
        let tokens = connecting.exchange(&code).await.unwrap();
        connecting.bench.advance(TimeDelta::seconds(580));
        connecting.bench.simulator.faults().add(Fault::on("POST", "oauth2/token", Effect::drop(Stored::No)));
        assert_eq!(connecting.refresh(&tokens).await.unwrap_err().kind(), ErrorKind::Unknown);
        connecting.refresh(&tokens).await.unwrap();
    }

    #[tokio::test]
    async fn a_wrong_registration_is_ours_to_repair() {
        let connecting = Connecting::new().await;
        let app = App { client_secret: Secret::new("wrong"), ..connecting.bench.app() };
        let code = connecting.consent().await;
        let error = connecting.with(&app, async |opener| opener.exchange_code(&code).await).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
        let tokens = connecting.bench.connect();
        let error = connecting.with(&app, async |opener| opener.refresh(&tokens).await).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
    }

    /// A second consent kills the tokens of the first while they are in use.
    #[tokio::test]
    async fn a_token_that_is_refused_before_it_may_be_renewed_waits() {
        let bench = ExactBench::start().await;
        let mut turn = Turn::new(&bench);
        bench.simulator.change(|state| state.access_tokens.retain(|_| false));
        let started = bench.now();
        turn.post(&sample(&bench)).await.unwrap();
        assert!(bench.now() - started >= TimeDelta::seconds(570), "no early refresh");
        assert_eq!(turn.errors.len(), 1);
        turn.renew(Seen::Good).await.unwrap();
    }
}
