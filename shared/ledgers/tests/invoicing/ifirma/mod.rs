//! iFirma on its simulator, and what only iFirma does.

mod only;

use crate::{
    bench::{Bench, Desk, Linked, Refusal, Standing},
    work::Work,
};
use domain::sales::{IssuedKind, SalesVat};
use ledgers::{ErrorCode, ErrorKind, Ledger, Options, ifirma::Ifirma as Connector};
use simulators::{
    clock::Clock,
    faults::{Fault, Stored},
    ifirma::{
        Ifirma, says, seed,
        state::{Account, Invoice},
    },
    stand::{Handle, Options as Setup},
};

pub struct IfirmaBench {
    pub simulator: Handle<Ifirma>,
}

impl IfirmaBench {
    pub async fn with(change: impl FnOnce(&mut Ifirma)) -> Self {
        let start = "2026-03-10T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Ifirma>::demo().clock(&Clock::stopped(start));
        // As our numbers look.
        "[numer]/0[miesiąc]/[rok]".clone_into(&mut setup.books.accounts[0].series[0].format);
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Account) -> T) -> T {
        self.simulator.change(|state| work(state.account_mut(seed::LOGIN).unwrap()))
    }

    /// The next invoice is answered with this number.
    pub fn says(&self, number: i64, text: &str, stored: Stored) {
        self.simulator.faults().add(Fault::on("POST", "fakturakraj.json", says(number, text, stored)));
    }
}

type Change = fn(&IfirmaBench, &mut Work);

/// A refusal for good.
fn rejected(name: &'static str, prepare: Change, code: ErrorCode, mend: Option<Change>) -> Refusal<IfirmaBench> {
    Refusal { name, prepare, kind: ErrorKind::Rejected, code, mend }
}

fn nothing(_: &IfirmaBench, _: &mut Work) {}

impl Bench for IfirmaBench {
    fn ledger() -> &'static dyn Ledger {
        &Connector
    }

    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            base_url: self.simulator.base_url(),
            faults: self.simulator.faults(),
            clock: self.simulator.clock(),
            requests: self.simulator.requests().total(),
        }
    }

    fn typed() -> &'static [(&'static str, &'static str)] {
        &[("login", seed::LOGIN), ("invoice_key", seed::INVOICE_KEY)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("login", seed::LOGIN), ("invoice_key", "00112233445566FF")]
    }

    fn options() -> Options {
        Options::default().with("other_currencies", "passed")
    }

    fn kind(kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice => "fakturakraj",
            IssuedKind::Receipt | IssuedKind::Correction | IssuedKind::ProForma => "none",
        }
    }

    fn vat(vat: SalesVat) -> String {
        match vat {
            SalesVat::Rate(_) => vat.percent().normalize().to_string(),
            SalesVat::Exempt
            | SalesVat::ReverseCharge
            | SalesVat::IntraCommunity
            | SalesVat::Export
            | SalesVat::OutOfScope => "ZW".to_owned(),
        }
    }

    fn country(code: &str) -> String {
        if code == "PL" { "Polska" } else { "Niemcy" }.to_owned()
    }

    fn series() -> Linked {
        Linked { value: seed::SHOP_SERIES, shown: seed::SHOP_SERIES, usual: seed::DEFAULT_SERIES }
    }

    fn payment() -> Linked {
        Linked { value: "KAR", shown: "KAR", usual: "PRZ" }
    }

    fn refusals() -> Vec<Refusal<Self>> {
        vec![
            rejected(
                "another accounting month",
                |bench, _| bench.change(|account| account.month = (2026, 4)),
                ErrorCode::PeriodClosed,
                Some(|bench, _| bench.change(|account| account.month = seed::MONTH)),
            ),
            rejected(
                "an invoice of a later date in the series",
                |bench, _| {
                    bench.change(|account| {
                        let (series, issued) = (seed::DEFAULT_SERIES.to_owned(), "2026-03-20".parse().unwrap());
                        account.invoices.push(Invoice { id: 1, number: 1, series, issued, ..Invoice::default() });
                    });
                },
                ErrorCode::Chronology,
                Some(|bench, _| bench.change(|account| account.invoices.clear())),
            ),
            rejected(
                "a series that is not there",
                |_, work| work.series = Some("sklep"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = Some("Sklep")),
            ),
            rejected(
                "a customer's number that is wrong",
                |_, work| {
                    let customer = serde_json::to_string(&work.content.customer).unwrap();
                    work.content.customer =
                        serde_json::from_str(&customer.replace("1234563218", "1234563219")).unwrap();
                },
                ErrorCode::CustomerRefused,
                None,
            ),
            rejected(
                "the month's documents are used up",
                |bench, _| bench.change(|account| account.allowance = 0),
                ErrorCode::QuotaUsedUp,
                Some(|bench, _| bench.change(|account| account.allowance = 100)),
            ),
            rejected(
                "terms that were not accepted",
                |bench, _| bench.change(|account| account.terms_accepted = false),
                ErrorCode::UserRights,
                Some(|bench, _| bench.change(|account| account.terms_accepted = true)),
            ),
            rejected(
                "an account without the API",
                |bench, _| bench.change(|account| account.has_api = false),
                ErrorCode::UserRights,
                Some(|bench, _| bench.change(|account| account.has_api = true)),
            ),
            rejected(
                "a lump-sum tax",
                |bench, _| bench.change(|account| account.lump_sum = true),
                ErrorCode::BadRequest,
                Some(|_, work| work.options = work.options.clone().with("lump_rate", "0.03")),
            ),
            rejected(
                "settings that are missing there",
                |bench, _| bench.says(202, "Brak ustawień konta", Stored::No),
                ErrorCode::LedgerSetting,
                Some(nothing),
            ),
            rejected(
                "another currency that is not to be passed",
                |_, work| {
                    work.content.currency = "EUR".parse().unwrap();
                    work.options = Options::default();
                },
                ErrorCode::CurrencyNotAllowed,
                None,
            ),
            Refusal {
                name: "a key that is not there any more",
                prepare: |bench, _| bench.change(|account| account.keys.clear()),
                kind: ErrorKind::ReconnectNeeded,
                code: ErrorCode::ReconnectNeeded,
                mend: None,
            },
        ]
    }

    fn delays_pdf(&self) -> bool {
        false
    }

    /// The answer holds no number: it is read from the list.
    fn requests_after_making() -> u64 {
        1
    }

    fn shown() -> &'static str {
        "?account=jan.nowak@example.com"
    }

    /// Invoices in other currencies are a kind of their own.
    fn as_known(standing: Standing) -> Standing {
        if standing.kind == "fakturawaluta" {
            let id = format!("fakturawaluta/{}", standing.id);
            return Standing { id, kind: "fakturakraj".to_owned(), ..standing };
        }
        standing
    }

    fn remove(&self, id: &str) {
        let id: u64 = id.parse().unwrap();
        self.change(|account| account.invoices.retain(|invoice| invoice.id != id));
    }
}
