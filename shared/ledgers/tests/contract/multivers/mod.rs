//! Multivers and Boekhoud Gemak on their simulator, and what only they do.

mod connecting;
mod only;

use crate::bench::{Bench, Failure, Standing};
use chrono::TimeDelta;
use domain::{
    invoice::VatCategory,
    ledger::{Direction, VatCode},
    time::Instant,
};
use ledgers::{App, Endpoint, Ledger, Options, Secret, Target, TokenSet};
use rust_decimal::{Decimal, dec};
use simulators::{
    clock::Clock,
    multivers::{BoekhoudGemak, Multivers, Product, State, auth, seed, state},
    stand::{Handle, Options as Setup},
};

/// One of the two.
pub struct FamilyBench<P: Product> {
    pub simulator: Handle<P>,
}

pub type MultiversBench = FamilyBench<Multivers>;
pub type BoekhoudGemakBench = FamilyBench<BoekhoudGemak>;

fn side(direction: Direction) -> state::Direction {
    match direction {
        Direction::Purchase => state::Direction::Purchase,
        Direction::Sales => state::Direction::Sales,
    }
}

impl<P: Product> FamilyBench<P> {
    pub async fn with(change: impl FnOnce(&mut State)) -> Self {
        let start = "2026-07-01T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<P>::demo().clock(&Clock::stopped(start));
        change(setup.books.state_mut());
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn books<T>(&self, look: impl FnOnce(&state::Database) -> T) -> T {
        self.simulator.read(|all| look(all.state().database(P::DATABASE).unwrap()))
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut state::Database) -> T) -> T {
        self.simulator.change(|all| change(all.state_mut().database_mut(P::DATABASE).unwrap()))
    }

    pub fn settings(&self, change: impl FnOnce(&mut state::Settings)) {
        self.simulator.change(|all| change(&mut all.state_mut().settings));
    }
}

/// Whether an invoice carries our reference.
fn is_marked(invoice: &state::Invoice) -> bool {
    invoice.lines.iter().any(|line| line.description.ends_with(']') || !line.document.is_empty())
}

impl<P: Product> Bench for FamilyBench<P> {
    fn ledger() -> &'static dyn Ledger {
        ledgers::by_system(&P::SYSTEM.parse().unwrap()).unwrap()
    }

    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    fn target(&self) -> Target {
        let endpoint = Endpoint::test(self.simulator.base_url()).unwrap();
        Target {
            endpoint: endpoint.versioned(Self::ledger().descriptor(), &Options::default()),
            division: Some(P::DATABASE.parse().unwrap()),
        }
    }

    fn app(&self) -> App {
        App {
            client_id: seed::APP.into(),
            client_secret: Secret::new(P::SECRET),
            redirect_uri: seed::REDIRECT_URI.into(),
        }
    }

    fn connect(&self) -> TokenSet {
        let now = self.now();
        let tokens = self.simulator.change(|all| auth::connect(all.state_mut(), now, seed::APP));
        TokenSet {
            access: Secret::new(tokens.access_token),
            refresh: Secret::new(tokens.refresh_token),
            previous: None,
            issued_at: now,
            expires_at: now + TimeDelta::seconds(3_600),
        }
    }

    fn options(&self) -> Options {
        Options::default()
            .with("purchase_journal", seed::PURCHASE)
            .with("sales_journal", seed::SALES)
            .with("credit_notes", "swap")
            .with("revenue_side", "credit")
            .with("reverse_charge", "vat_code")
            .with("intra_community", "vat_code")
            .with("exchange_rate", "multiply")
            .with("unknown_outcome", "post")
            .with("document_viewer", "https://app.example/documents/")
    }

    fn now(&self) -> Instant {
        self.simulator.clock().now()
    }

    fn advance(&self, by: TimeDelta) {
        self.simulator.clock().advance(by);
    }

    fn vat_code(&self, _direction: Direction, category: VatCategory, rate: Decimal) -> VatCode {
        let code = match category {
            VatCategory::S if rate == dec!(9) => "1",
            VatCategory::S => "2",
            VatCategory::AE => "3",
            VatCategory::K => "4",
            _ => "0",
        };
        code.parse().unwrap()
    }

    fn fail(&self, skip: usize, failure: Failure) {
        self.simulator.faults().add(failure.after(skip));
    }

    fn close_period_of_postings(&self) {
        assert!(self.change(|books| books.close(2026, 7, true)));
    }

    fn open_period_of_postings(&self) {
        assert!(self.change(|books| books.close(2026, 7, false)));
    }

    fn retype_number(&self, direction: Direction, booking: usize, number: &str) {
        self.change(|books| {
            let mut of_side = books.invoices.iter_mut().filter(|known| known.direction == side(direction));
            number.clone_into(&mut of_side.nth(booking).unwrap().reference);
        });
    }

    fn bookings(&self, direction: Direction) -> Vec<Standing> {
        self.books(|books| {
            let standing = |invoice: &state::Invoice| Standing {
                number: format!("{} {}", invoice.journal, invoice.transaction),
                reference: invoice.reference.clone(),
                gross: invoice.total.own.abs(),
                vat: invoice.vat.own.abs(),
                reduces: invoice.total.own.is_sign_negative(),
                files: Vec::new(),
            };
            books.invoices.iter().filter(|known| known.direction == side(direction)).map(standing).collect()
        })
    }

    /// Our reference stands in the invoice itself.
    fn holders(&self) -> usize {
        self.books(|books| books.invoices.iter().filter(|invoice| is_marked(invoice)).count())
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
