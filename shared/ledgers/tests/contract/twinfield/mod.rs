//! Twinfield on its simulator, and what only Twinfield does.

mod connecting;
mod only;

use crate::bench::{Bench, Failure, LATE, Standing};
use chrono::TimeDelta;
use domain::{
    invoice::VatCategory,
    ledger::{Direction, VatCode},
    time::Instant,
};
use ledgers::{App, Endpoint, Ledger, Options, Secret, Target, TokenSet, twinfield::Twinfield as Ours};
use rust_decimal::{Decimal, dec};
use simulators::{
    clock::Clock,
    faults::{Effect, Fault, Stored},
    stand::{Handle, Options as Setup},
    twinfield::{Twinfield, auth, books, seed},
};

pub struct TwinfieldBench {
    pub simulator: Handle<Twinfield>,
}

impl TwinfieldBench {
    pub fn books<T>(&self, look: impl FnOnce(&books::Office) -> T) -> T {
        self.simulator.read(|all| look(all.office(seed::OFFICE).unwrap()))
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut books::Office) -> T) -> T {
        self.simulator.change(|all| change(all.office_mut(seed::OFFICE).unwrap()))
    }
}

fn is_of(office: &books::Office, transaction: &books::Transaction, direction: Direction) -> bool {
    office.daybook(&transaction.daybook).unwrap().sales == (direction == Direction::Sales)
}

impl Bench for TwinfieldBench {
    fn ledger() -> &'static dyn Ledger {
        &Ours
    }

    async fn start() -> Self {
        let start = "2026-07-01T10:00:00Z".parse().unwrap();
        let simulator = Setup::<Twinfield>::demo().clock(&Clock::stopped(start)).start().await.unwrap();
        // More than a burst of tests would use.
        simulator.change(|books| {
            books.credits_per_minute = 1_000_000;
            books.app_credits_per_minute = 1_000_000;
        });
        Self { simulator }
    }

    fn target(&self) -> Target {
        Target {
            endpoint: Endpoint::test(self.simulator.base_url()).unwrap(),
            division: Some(seed::OFFICE.parse().unwrap()),
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
        let now = self.now();
        let tokens =
            self.simulator.change(|books| auth::connect(books, now, seed::APP, seed::ORGANISATION, seed::USER));
        let server = format!("{}/{}", self.simulator.base_url(), seed::CLUSTER);
        let access = serde_json::json!({ "token": tokens.access_token, "server": server });
        TokenSet {
            access: Secret::new(access.to_string()),
            refresh: Secret::new(tokens.refresh_token),
            previous: None,
            issued_at: now,
            expires_at: now + TimeDelta::seconds(auth::ACCESS_SECONDS),
        }
    }

    fn options(&self) -> Options {
        Options::default()
            .with("purchase_journal", seed::PURCHASE)
            .with("sales_journal", seed::SALES)
            .with("reverse_charge", "vat_code")
            .with("eu_sales", "goods")
    }

    fn now(&self) -> Instant {
        self.simulator.clock().now()
    }

    fn advance(&self, by: TimeDelta) {
        self.simulator.clock().advance(by);
    }

    fn customers_vat_number() -> &'static str {
        "BE0123456749"
    }

    fn vat_code(&self, direction: Direction, category: VatCategory, rate: Decimal) -> VatCode {
        let of_side = match direction {
            Direction::Purchase => "I",
            Direction::Sales => "V",
        };
        let kind = match category {
            VatCategory::S if rate == dec!(21) => "H",
            VatCategory::S => "L",
            VatCategory::AE => "V",
            VatCategory::K => "E",
            _ => "N",
        };
        format!("{of_side}{kind}").parse().unwrap()
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
        self.change(|office| office.close(2026, 7, true));
    }

    fn open_period_of_postings(&self) {
        self.change(|office| office.close(2026, 7, false));
    }

    fn retype_number(&self, direction: Direction, booking: usize, number: &str) {
        self.change(|office| {
            let known = office.clone();
            let mut of_side =
                office.transactions.iter_mut().filter(|transaction| is_of(&known, transaction, direction));
            number.clone_into(&mut of_side.nth(booking).unwrap().invoice_number);
        });
    }

    fn bookings(&self, direction: Direction) -> Vec<Standing> {
        self.books(|office| {
            let of_side = office.transactions.iter().filter(|transaction| is_of(office, transaction, direction));
            of_side
                .map(|transaction| {
                    let total = transaction.total().unwrap();
                    Standing {
                        number: format!("{} {}", transaction.daybook, transaction.number),
                        reference: transaction.invoice_number.clone(),
                        gross: total.amount.abs(),
                        vat: transaction.vat(),
                        reduces: total.debit == (direction == Direction::Purchase),
                        files: Vec::new(),
                    }
                })
                .collect()
        })
    }

    /// Our key stands in the booking itself.
    fn holders(&self) -> usize {
        self.books(|office| office.transactions.iter().filter(|one| one.free_texts.contains_key(&3)).count())
    }

    fn relations_named(&self, name: &str) -> usize {
        self.books(|office| office.dimensions.iter().filter(|one| one.name == name).count())
    }

    fn all_zero(&self) -> bool {
        self.books(|office| office.balances().values().all(Decimal::is_zero))
    }

    fn requests(&self) -> usize {
        usize::try_from(self.simulator.requests().total()).unwrap()
    }
}
