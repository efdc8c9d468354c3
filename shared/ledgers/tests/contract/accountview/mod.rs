//! `AccountView` on its simulator, and what only `AccountView` does.

mod connecting;
mod fillings;
mod only;

use crate::bench::{Bench, Failure, Standing};
use chrono::TimeDelta;
use domain::{
    invoice::VatCategory,
    ledger::{Direction, VatCode},
    time::Instant,
};
use ledgers::{App, Endpoint, Ledger, Options, Secret, Target, TokenSet, accountview::AccountView as Ours};
use rust_decimal::{Decimal, dec};
use simulators::{
    accountview::{
        AccountView, auth,
        books::{Page, Settings, Year},
        seed,
    },
    clock::Clock,
    stand::{Handle, Options as Setup},
};

pub struct AccountViewBench {
    pub simulator: Handle<AccountView>,
}

impl AccountViewBench {
    /// The books of a year.
    pub fn year<T>(&self, day: &str, look: impl FnOnce(&Year) -> T) -> T {
        let day = day.parse().unwrap();
        self.simulator.read(|all| look(all.company(seed::COMPANY).unwrap().year(day).unwrap()))
    }

    /// Changes the books of 2026.
    pub fn change<T>(&self, change: impl FnOnce(&mut Year) -> T) -> T {
        let day = "2026-07-01".parse().unwrap();
        self.simulator.change(|all| change(all.company_mut(seed::COMPANY).unwrap().year_mut(day).unwrap()))
    }

    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.simulator.change(|all| change(&mut all.settings));
    }

    /// Every page of every year.
    pub fn pages(&self) -> Vec<Page> {
        let all = |all: &AccountView| {
            let years = &all.company(seed::COMPANY).unwrap().years;
            years.iter().flat_map(|year| year.pages.clone()).collect()
        };
        self.simulator.read(all)
    }

    pub fn clock(&self) -> Instant {
        self.simulator.clock().now()
    }
}

fn is_of(page: &Page, direction: Direction) -> bool {
    (page.header.text("DJ_CODE") == seed::SALES) == (direction == Direction::Sales)
}

impl Bench for AccountViewBench {
    fn ledger() -> &'static dyn Ledger {
        &Ours
    }

    async fn start() -> Self {
        let start = "2026-07-01T10:00:00Z".parse().unwrap();
        let simulator = Setup::<AccountView>::demo().clock(&Clock::stopped(start)).start().await.unwrap();
        Self { simulator }
    }

    fn target(&self) -> Target {
        Target {
            endpoint: Endpoint::test(self.simulator.base_url()).unwrap(),
            division: Some(seed::COMPANY.parse().unwrap()),
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
        let now = self.clock();
        let tokens = self.simulator.change(|all| auth::connect(all, now, seed::APP, &[auth::READ, auth::UPDATE]));
        TokenSet {
            access: Secret::new(tokens.access),
            refresh: Secret::new(tokens.refresh),
            previous: None,
            issued_at: now,
            expires_at: now + TimeDelta::seconds(self.simulator.read(|all| all.settings.expires_in)),
        }
    }

    fn options(&self) -> Options {
        Options::default()
            .with("purchase_journal", seed::PURCHASE)
            .with("sales_journal", seed::SALES)
            .with("filling", "header")
            .with("sales_sign", "negative")
            .with("credit_notes", "reversed")
            .with("reverse_charge", "zero")
            .with("intra_community", "zero")
            .with("foreign_currency", "ledger_rate")
            .with("creditor_account", "1600")
            .with("debtor_account", "1300")
            .with("document_link", "https://app.example/documents/")
    }

    /// A second has passed since it was asked last: no more than one request is made in one.
    fn now(&self) -> Instant {
        self.simulator.clock().advance(TimeDelta::seconds(1));
        self.clock()
    }

    fn advance(&self, by: TimeDelta) {
        self.simulator.clock().advance(by);
    }

    fn vat_code(&self, direction: Direction, category: VatCategory, rate: Decimal) -> VatCode {
        let code = match (direction, category) {
            (Direction::Purchase, VatCategory::S) if rate == dec!(21) => "5",
            (Direction::Purchase, VatCategory::S) => "6",
            (Direction::Purchase, VatCategory::AE) => "7",
            (Direction::Purchase, VatCategory::K) => "8",
            (Direction::Sales, VatCategory::S) if rate == dec!(21) => "1",
            (Direction::Sales, VatCategory::S) => "2",
            (Direction::Sales, VatCategory::AE) => "3",
            (Direction::Sales, VatCategory::K) => "4",
            (Direction::Purchase | Direction::Sales, _) => "0",
        };
        code.parse().unwrap()
    }

    fn fail(&self, skip: usize, failure: Failure) {
        self.simulator.faults().add(failure.after(skip));
    }

    fn close_period_of_postings(&self) {
        assert!(self.change(|year| year.close(7, true)));
    }

    fn open_period_of_postings(&self) {
        assert!(self.change(|year| year.close(7, false)));
    }

    fn retype_number(&self, direction: Direction, booking: usize, number: &str) {
        self.change(|year| {
            let page = year.pages.iter_mut().filter(|page| is_of(page, direction)).nth(booking).unwrap();
            for row in std::iter::once(&mut page.header).chain(&mut page.entries) {
                if !row.text("INV_NR").is_empty() {
                    row.set("INV_NR", number);
                }
            }
        });
    }

    fn bookings(&self, direction: Direction) -> Vec<Standing> {
        let standing = |page: &Page| Standing {
            number: page.header.text("PAGE_NR").to_owned(),
            reference: page.header.text("INV_NR").to_owned(),
            gross: page.header.number("CUR_AMT").abs(),
            vat: page.header.number("CUR_VAT").abs(),
            reduces: page.header.number("CUR_AMT") < Decimal::ZERO,
            files: Vec::new(),
        };
        self.pages().iter().filter(|page| is_of(page, direction)).map(standing).collect()
    }

    /// Our reference stands in the note of a page.
    fn holders(&self) -> usize {
        self.pages().iter().filter(|page| page.header.text("COMMENT1").starts_with("ref ")).count()
    }

    fn relations_named(&self, name: &str) -> usize {
        let named = |year: &Year| year.rows("CONTACT").iter().filter(|row| row.text("ACCT_NAME") == name).count();
        self.year("2026-07-01", named)
    }

    fn all_zero(&self) -> bool {
        self.year("2026-07-01", |year| year.balances().values().all(Decimal::is_zero))
    }

    fn requests(&self) -> usize {
        usize::try_from(self.simulator.requests().total()).unwrap()
    }
}
