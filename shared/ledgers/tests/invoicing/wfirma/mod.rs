//! wFirma on its simulator, and what only wFirma does.

mod only;

use crate::{
    bench::{Bench, Desk, Linked, Refusal},
    work::Work,
};
use domain::sales::{IssuedKind, SalesVat};
use ledgers::{App, Endpoint, ErrorCode, ErrorKind, Ledger, Secret, Target, wfirma::Wfirma as Connector};
use simulators::{
    clock::Clock,
    faults::{Fault, Stored},
    stand::{Handle, Options as Setup},
    wfirma::{
        Wfirma, says, seed,
        state::{Company, Good, Invoice, NumberControl},
    },
};

pub struct WfirmaBench {
    pub simulator: Handle<Wfirma>,
}

impl WfirmaBench {
    pub async fn with(change: impl FnOnce(&mut Wfirma)) -> Self {
        let start = "2026-03-10T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Wfirma>::demo().clock(&Clock::stopped(start));
        let company = setup.books.company_mut(seed::COMPANY).unwrap();
        // As our numbers look, so that they may be sent.
        for series in &mut company.series {
            series.control = NumberControl::Off;
            series.template = series.template.replace("FV [numer]", "[numer]");
        }
        let good = Good { id: 7_702, code: "MUG-01".to_owned(), ..company.goods[0].clone() };
        company.goods.push(good);
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Company) -> T) -> T {
        self.simulator.change(|state| work(state.company_mut(seed::COMPANY).unwrap()))
    }

    /// The next document is answered with this status.
    pub fn says(&self, status: &str, stored: Stored) {
        self.simulator.faults().add(Fault::on("POST", "invoices/add", says(status, stored)));
    }
}

type Change = fn(&WfirmaBench, &mut Work);

/// A refusal for good.
fn rejected(name: &'static str, prepare: Change, code: ErrorCode, mend: Option<Change>) -> Refusal<WfirmaBench> {
    Refusal { name, prepare, kind: ErrorKind::Rejected, code, mend }
}

fn nothing(_: &WfirmaBench, _: &mut Work) {}

impl Bench for WfirmaBench {
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

    fn app() -> App {
        let client_secret = Secret::new(seed::APP_KEY);
        App { client_id: "ledgerpost".into(), client_secret, redirect_uri: String::new() }
    }

    fn target(&self) -> Target {
        let division = Some(seed::COMPANY.to_string().parse().unwrap());
        Target { endpoint: Endpoint::test(self.desk().base_url).unwrap(), division }
    }

    fn typed() -> &'static [(&'static str, &'static str)] {
        &[("access_key", seed::ACCESS_KEY), ("secret_key", seed::SECRET_KEY)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("access_key", seed::ACCESS_KEY), ("secret_key", "token-that-nobody-has")]
    }

    fn kind(kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice => "normal",
            IssuedKind::Receipt => "receipt_fiscal_normal",
            IssuedKind::Correction => "correction",
            IssuedKind::ProForma => "proforma",
        }
    }

    fn vat(vat: SalesVat) -> String {
        match vat {
            SalesVat::Exempt => "ZW".to_owned(),
            SalesVat::OutOfScope | SalesVat::ReverseCharge => "NP".to_owned(),
            SalesVat::IntraCommunity => "WDT".to_owned(),
            SalesVat::Export => "EXP".to_owned(),
            SalesVat::Rate(_) => vat.percent().normalize().to_string(),
        }
    }

    fn series() -> Linked {
        Linked { value: "5001", shown: "Sklep", usual: "Domyślna" }
    }

    fn payment() -> Linked {
        Linked { value: "payment_card", shown: "payment_card", usual: "transfer" }
    }

    fn refusals() -> Vec<Refusal<Self>> {
        vec![
            rejected(
                "COMPANY ID REQUIRED",
                |bench, _| bench.says("COMPANY ID REQUIRED", Stored::No),
                ErrorCode::WrongDivision,
                Some(nothing),
            ),
            Refusal {
                name: "AUTH",
                prepare: |bench, _| bench.says("AUTH", Stored::No),
                kind: ErrorKind::ReconnectNeeded,
                code: ErrorCode::ReconnectNeeded,
                mend: Some(nothing),
            },
            rejected(
                "number/date chronology broken",
                |bench, _| {
                    bench.change(|company| {
                        let date = "2026-03-20".parse().unwrap();
                        let other = Invoice { id: 1, series: seed::SERIES, number: 1, date, ..Invoice::default() };
                        company.invoices.push(other);
                    });
                },
                ErrorCode::Chronology,
                Some(|bench, _| bench.change(|company| company.invoices.clear())),
            ),
            rejected(
                "INPUT ERROR",
                |_, work| work.content.customer.email = "Jan <jan@example.com>".parse().ok(),
                ErrorCode::CustomerRefused,
                Some(|_, work| work.content.customer.email = None),
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
                "a series that is not there",
                |_, work| work.series = Some("999"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = Some("5001")),
            ),
            rejected(
                "a series by its name",
                |_, work| work.series = Some("Sklep"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = None),
            ),
            rejected(
                "a closed period",
                |bench, _| bench.change(|company| company.closed_until = "2026-03-31".parse().ok()),
                ErrorCode::PeriodClosed,
                Some(|bench, _| bench.change(|company| company.closed_until = None)),
            ),
            rejected(
                "the package has ended",
                |bench, _| bench.change(|company| company.inactive = true),
                ErrorCode::LicenceExpired,
                Some(|bench, _| bench.change(|company| company.inactive = false)),
            ),
            rejected(
                "a company that pays no VAT",
                |_, work| work.options = work.options.clone().with("vat_payer", "no"),
                ErrorCode::DocumentType,
                Some(|_, work| work.options = Self::options()),
            ),
            rejected(
                "the register of revenue",
                |bench, _| bench.change(|company| company.revenue_register = true),
                ErrorCode::LedgerSetting,
                Some(|_, work| work.options = work.options.clone().with("lumpcode", "3")),
            ),
            rejected(
                "a module that the keys may not use",
                |bench, _| {
                    bench.simulator.change(|state| state.users[0].denied.insert("invoices".to_owned()));
                },
                ErrorCode::UserRights,
                Some(|bench, _| bench.simulator.change(|state| state.users[0].denied.clear())),
            ),
        ]
    }

    fn delays_pdf(&self) -> bool {
        false
    }

    fn has_pdf(kind: IssuedKind) -> bool {
        kind != IssuedKind::Receipt
    }

    fn shown() -> &'static str {
        "?company=900001"
    }

    fn remove(&self, id: &str) {
        let id: u64 = id.parse().unwrap();
        self.change(|company| company.invoices.retain(|invoice| invoice.id != id));
    }
}
