//! Exact Online on its simulator, and what only Exact does.

mod connecting;
mod only;

use crate::bench::{Bench, Failure, LATE, Standing};
use chrono::TimeDelta;
use domain::{
    invoice::VatCategory,
    ledger::{Direction, VatCode},
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
            previous: None,
            issued_at: self.now(),
            expires_at: self.now() + TimeDelta::seconds(600),
        }
    }

    fn options(&self) -> Options {
        Options::default().with("purchase_journal", "60").with("sales_journal", "70").with("credit_notes", "negative")
    }

    fn now(&self) -> Instant {
        self.simulator.clock().now()
    }

    fn advance(&self, by: TimeDelta) {
        self.simulator.clock().advance(by);
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
        self.simulator.faults().add(failure.after(skip));
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
