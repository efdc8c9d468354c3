//! SnelStart on its simulator, and what only SnelStart does.

mod only;

use crate::bench::{Bench, Failure, Standing};
use chrono::{Datelike, TimeDelta};
use domain::{
    invoice::VatCategory,
    ledger::{Direction, VatCode},
    time::Instant,
};
use ledgers::{App, Endpoint, Ledger, Options, Secret, Target, TokenSet, snelstart::SnelStart};
use rust_decimal::Decimal;
use simulators::{
    clock::Clock,
    snelstart::{self, Administration, Snelstart, seed},
    stand::{Handle, Options as Setup},
};

pub struct SnelStartBench {
    pub simulator: Handle<Snelstart>,
}

fn side(direction: Direction) -> snelstart::Direction {
    match direction {
        Direction::Purchase => snelstart::Direction::Purchase,
        Direction::Sales => snelstart::Direction::Sales,
    }
}

impl SnelStartBench {
    pub async fn with(change: impl FnOnce(&mut Snelstart)) -> Self {
        let start = "2026-07-01T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Snelstart>::demo().clock(&Clock::stopped(start));
        setup.books.settings.calls_per_minute = u32::MAX;
        setup.books.settings.calls_per_hour = u32::MAX;
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn books<T>(&self, look: impl FnOnce(&Administration) -> T) -> T {
        self.simulator.read(|state| look(state.administration(seed::ADMINISTRATION).unwrap()))
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Administration) -> T) -> T {
        self.simulator.change(|state| work(state.administration_mut(seed::ADMINISTRATION).unwrap()))
    }

    /// What a person types in.
    pub fn typed(key: &str) -> Secret {
        let values = [("client_key".to_owned(), key.to_owned())].into_iter().collect();
        SnelStart.descriptor().typed(&values).unwrap()
    }
}

impl Bench for SnelStartBench {
    fn ledger() -> &'static dyn Ledger {
        &SnelStart
    }

    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    fn target(&self) -> Target {
        Target {
            endpoint: Endpoint::test(self.simulator.base_url()).unwrap(),
            division: Some(seed::ADMINISTRATION.parse().unwrap()),
        }
    }

    fn app(&self) -> App {
        App {
            client_id: "ledgerpost".into(),
            client_secret: Secret::new(seed::SUBSCRIPTION_KEY),
            redirect_uri: String::new(),
        }
    }

    /// As after a token that has ended: the first call mints one.
    fn connect(&self) -> TokenSet {
        self.simulator.change(|state| {
            let token = snelstart::state::Token {
                administration: seed::ADMINISTRATION.into(),
                expires: self.simulator.clock().now() + TimeDelta::seconds(3_599),
            };
            state.sequence += 1;
            let access = format!("eyJ.bench-{}", state.sequence);
            state.tokens.insert(access.clone(), token);
            TokenSet {
                access: Secret::new(access),
                refresh: Self::typed(seed::CLIENT_KEY),
                previous: None,
                issued_at: self.simulator.clock().now(),
                expires_at: self.simulator.clock().now() + TimeDelta::seconds(3_599),
            }
        })
    }

    fn options(&self) -> Options {
        Options::default()
            .with("purchase_credit_notes", "negative")
            .with("purchase_reverse_charge", "zero")
            .with("purchase_intra_community", "reverse_charge")
            .with("sales_reverse_charge", "zero")
            .with("sales_intra_community", "account")
    }

    fn now(&self) -> Instant {
        self.simulator.clock().now()
    }

    fn advance(&self, by: TimeDelta) {
        self.simulator.clock().advance(by);
    }

    fn vat_code(&self, _direction: Direction, category: VatCategory, rate: Decimal) -> VatCode {
        let code = match category {
            VatCategory::S if rate == Decimal::from(9) => "Laag",
            VatCategory::S => "Hoog",
            VatCategory::AE => "Verlegd",
            VatCategory::K => "EU",
            _ => "Geen",
        };
        code.parse().unwrap()
    }

    fn fail(&self, skip: usize, failure: Failure) {
        self.simulator.faults().add(failure.after(skip));
    }

    fn close_period_of_postings(&self) {
        let day = self.now().date_naive();
        self.change(|books| books.blocked.insert((day.year(), day.month())));
    }

    fn open_period_of_postings(&self) {
        self.change(|books| books.blocked.clear());
    }

    fn retype_number(&self, direction: Direction, booking: usize, number: &str) {
        self.change(|books| {
            let of_side = books.bookings.iter_mut().filter(|known| known.direction == side(direction));
            number.clone_into(&mut of_side.into_iter().nth(booking).unwrap().number);
        });
    }

    fn bookings(&self, direction: Direction) -> Vec<Standing> {
        self.books(|books| {
            let standing = |booking: &snelstart::Booking| Standing {
                number: booking.voucher.clone(),
                reference: booking.number.clone(),
                gross: booking.total.abs(),
                vat: booking.vat.iter().map(|vat| vat.amount).sum::<Decimal>().abs(),
                reduces: booking.total.is_sign_negative(),
                files: books
                    .documents
                    .iter()
                    .filter(|file| file.parent == booking.id)
                    .map(|file| file.file_name.clone())
                    .collect(),
            };
            books.bookings_of(side(direction)).map(standing).collect()
        })
    }

    /// The booking itself carries our mark and the files.
    fn holders(&self) -> usize {
        self.books(|books| books.bookings.len())
    }

    fn relations_named(&self, name: &str) -> usize {
        self.books(|books| books.relations.iter().filter(|relation| relation.name == name).count())
    }

    fn all_zero(&self) -> bool {
        self.books(|books| books.balances().values().all(Decimal::is_zero))
    }

    fn requests(&self) -> usize {
        usize::try_from(self.simulator.requests().total()).unwrap()
    }
}
