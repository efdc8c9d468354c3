//! inFakt on its simulator, and what only inFakt does.

mod only;

use crate::{
    bench::{Bench, Desk, Linked, Refusal},
    work::Work,
};
use chrono::{Days, NaiveDate};
use domain::sales::{IssuedKind, Numbering, SalesVat};
use ledgers::{ErrorCode, ErrorKind, Ledger, infakt::Infakt as Connector};
use simulators::{
    clock::Clock,
    faults::{Effect, Fault, Stored},
    infakt::{Account, Infakt, Invoice, seed},
    stand::{Handle, Options as Setup},
};
use std::collections::BTreeMap;

pub struct InfaktBench {
    pub simulator: Handle<Infakt>,
}

impl InfaktBench {
    pub async fn with(change: impl FnOnce(&mut Infakt)) -> Self {
        let start = "2026-03-10T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Infakt>::demo().clock(&Clock::stopped(start));
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Account) -> T) -> T {
        let is_demo = |account: &&mut Account| account.key.as_deref() == Some(seed::KEY);
        self.simulator.change(|state| work(state.accounts.iter_mut().find(is_demo).unwrap()))
    }

    pub fn read<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        let is_demo = |account: &&Account| account.key.as_deref() == Some(seed::KEY);
        self.simulator.read(|state| look(state.accounts.iter().find(is_demo).unwrap()))
    }

    /// The next task is refused at once.
    pub fn refuses(&self, status: u16, body: &str) {
        let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
        let effect = Effect::Answer { status, headers, body: body.to_owned(), stored: Stored::No };
        self.simulator.faults().add(Fault::on("POST", "invoices.json", effect));
    }
}

type Change = fn(&InfaktBench, &mut Work);

/// A refusal for good.
fn rejected(name: &'static str, prepare: Change, code: ErrorCode, mend: Option<Change>) -> Refusal<InfaktBench> {
    Refusal { name, prepare, kind: ErrorKind::Rejected, code, mend }
}

impl Bench for InfaktBench {
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
        &[("api_key", seed::KEY)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("api_key", "token-that-nobody-has")]
    }

    fn kind(kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice | IssuedKind::Receipt => "vat",
            IssuedKind::Correction => "correction",
            IssuedKind::ProForma => "proforma",
        }
    }

    fn vat(vat: SalesVat) -> String {
        match vat {
            SalesVat::Exempt => "zw".to_owned(),
            SalesVat::ReverseCharge => "oo".to_owned(),
            SalesVat::OutOfScope => "np".to_owned(),
            SalesVat::Rate(_) | SalesVat::IntraCommunity | SalesVat::Export => vat.percent().normalize().to_string(),
        }
    }

    fn keeps_email() -> bool {
        false
    }

    /// A week after the day of issue.
    fn due_without_one(issued: NaiveDate) -> Option<NaiveDate> {
        issued.checked_add_days(Days::new(7))
    }

    /// The task is asked for twice, and its document is read.
    fn requests_after_making() -> u64 {
        3
    }

    fn series() -> Linked {
        Linked { value: "", shown: "", usual: "" }
    }

    fn payment() -> Linked {
        Linked { value: "payu", shown: "payu", usual: "transfer" }
    }

    fn refusals() -> Vec<Refusal<Self>> {
        vec![
            rejected(
                "duplicated_number",
                |bench, work| {
                    work.numbering = Numbering::Ours;
                    let number = work.content.number.clone();
                    bench.change(|account| account.invoices.push(Invoice { number, ..Invoice::default() }));
                },
                ErrorCode::NumberInUse,
                Some(|_, work| work.numbering = Numbering::Ledger),
            ),
            rejected(
                "a transfer without a bank account",
                |bench, _| bench.change(|account| account.bank_accounts.clear()),
                ErrorCode::SellerIncomplete,
                Some(|_, work| work.payment = Some("cash")),
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
                "KSeF that is not connected",
                |bench, work| {
                    bench.change(|account| account.ksef_active = false);
                    work.options = work.options.clone().with("ksef", "send").with("exemption_reason", "1");
                },
                ErrorCode::Option,
                Some(|_, work| work.options = work.options.clone().with("ksef", "by_hand")),
            ),
            rejected(
                "an exemption without grounds",
                |_, work| work.options = work.options.clone().with("ksef", "send"),
                ErrorCode::MandatoryField,
                Some(|_, work| work.options = work.options.clone().with("exemption_reason", "1")),
            ),
            rejected(
                "a rate that the account does not have",
                |bench, _| bench.change(|account| account.vat_rates.retain(|rate| rate.symbol != "zw")),
                ErrorCode::UnknownVatCode,
                None,
            ),
            rejected(
                "a payment method that is not there",
                |_, work| work.payment = Some("blik"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.payment = Some("other")),
            ),
            rejected(
                "a plan without the API",
                |bench, _| bench.change(|account| account.unpaid = true),
                ErrorCode::LicenceExpired,
                Some(|bench, _| bench.change(|account| account.unpaid = false)),
            ),
            rejected(
                "a key that may only read",
                |bench, _| bench.change(|account| account.scopes.retain(|scope| scope == "api:invoices:read")),
                ErrorCode::UserRights,
                Some(|bench, _| bench.change(|account| account.scopes.extend([seed::SCOPES[1].to_owned()]))),
            ),
            rejected(
                "a sentence",
                |bench, _| bench.refuses(422, r#"{"error":"Okres jest zamknięty"}"#),
                ErrorCode::Refused,
                Some(|_, _| ()),
            ),
        ]
    }

    fn delays_pdf(&self) -> bool {
        false
    }

    fn remove(&self, id: &str) {
        self.change(|account| account.invoices.retain(|invoice| invoice.uuid != id));
    }
}
