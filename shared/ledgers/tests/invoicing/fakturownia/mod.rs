//! Fakturownia on its simulator, and what only Fakturownia does.

mod only;

use crate::{
    bench::{Bench, Desk, Linked, Refusal},
    work::Work,
};
use domain::sales::{IssuedKind, Numbering, SalesVat};
use ledgers::{ErrorCode, ErrorKind, Ledger, fakturownia::Fakturownia as Connector};
use simulators::{
    clock::Clock,
    fakturownia::{Account, Document, Fakturownia, seed, state::UnknownDepartment},
    faults::{Effect, Fault, Stored},
    stand::{Handle, Options as Setup},
};
use std::collections::BTreeMap;

pub struct FakturowniaBench {
    pub simulator: Handle<Fakturownia>,
}

const UNKNOWN_DEPARTMENT: &str = "799";
const UNFINISHED_DEPARTMENT: &str = "703";

impl FakturowniaBench {
    pub async fn with(change: impl FnOnce(&mut Fakturownia)) -> Self {
        let start = "2026-03-10T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Fakturownia>::demo().clock(&Clock::stopped(start));
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Account) -> T) -> T {
        self.simulator.change(|state| work(state.account_mut(seed::PREFIX).unwrap()))
    }

    pub fn read<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        self.simulator.read(|state| look(state.account(seed::PREFIX).unwrap()))
    }

    /// The next document is refused with this body.
    pub fn refuses(&self, body: &str) {
        let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
        let effect = Effect::Answer { status: 422, headers, body: body.to_owned(), stored: Stored::No };
        self.simulator.faults().add(Fault::on("POST", "invoices.json", effect));
    }
}

type Change = fn(&FakturowniaBench, &mut Work);

/// A refusal for good.
fn rejected(name: &'static str, prepare: Change, code: ErrorCode, mend: Option<Change>) -> Refusal<FakturowniaBench> {
    Refusal { name, prepare, kind: ErrorKind::Rejected, code, mend }
}

impl Bench for FakturowniaBench {
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
        &[("account", "https://demo-sklep.fakturownia.pl/"), ("api_token", seed::TOKEN)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("account", seed::PREFIX), ("api_token", "token-that-nobody-has")]
    }

    fn kind(kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice => "vat",
            IssuedKind::Receipt => "receipt",
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

    /// CO-27
    fn country(code: &str) -> String {
        if code == "PL" { String::new() } else { code.to_owned() }
    }

    fn series() -> Linked {
        Linked { value: "702", shown: "702", usual: "" }
    }

    fn payment() -> Linked {
        Linked { value: "cash_on_delivery", shown: "cash_on_delivery", usual: "transfer" }
    }

    fn refusals() -> Vec<Refusal<Self>> {
        vec![
            rejected(
                "404 Not Found",
                |bench, work| {
                    bench.simulator.change(|state| state.settings.unknown_department = UnknownDepartment::NotFound);
                    work.series = Some(UNKNOWN_DEPARTMENT);
                },
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = None),
            ),
            rejected(
                "a department that is not there, by field",
                |_, work| work.series = Some(UNKNOWN_DEPARTMENT),
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = Some("701")),
            ),
            rejected(
                "a department that is no number",
                |_, work| work.series = Some("Hurtownia"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = Some("702")),
            ),
            rejected(
                "seller name / number empty",
                |_, work| work.series = Some(UNFINISHED_DEPARTMENT),
                ErrorCode::SellerIncomplete,
                Some(|bench, _| {
                    bench.change(|account| {
                        let whole = account.seller.clone();
                        account.departments.iter_mut().for_each(|department| department.seller = whole.clone());
                    });
                }),
            ),
            rejected(
                "protection level against bank account change",
                |bench, _| {
                    let text = "poziom zabezpieczeń konta nie pozwala na zmianę numeru rachunku bankowego";
                    bench.refuses(&format!(r#"{{"code":"error","message":{{"seller_bank_account":["- {text}"]}}}}"#));
                },
                ErrorCode::AccountProtection,
                Some(|_, _| ()),
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
                "a number that is taken",
                |bench, work| {
                    work.numbering = Numbering::Ours;
                    let number = work.content.number.clone();
                    bench.change(|account| {
                        let other = Document { id: 1, kind: "vat".to_owned(), number, ..Document::default() };
                        account.documents.push(other);
                    });
                },
                ErrorCode::NumberInUse,
                Some(|_, work| work.numbering = Numbering::Ledger),
            ),
            rejected(
                "a sentence",
                |bench, _| bench.refuses(r#"{"code":"error","message":"Okres jest zamknięty"}"#),
                ErrorCode::Refused,
                Some(|_, _| ()),
            ),
        ]
    }

    fn delays_pdf(&self) -> bool {
        self.change(|account| account.pdf_delay_reads = 1);
        true
    }

    fn remove(&self, id: &str) {
        let id: u64 = id.parse().unwrap();
        self.change(|account| account.documents.retain(|document| document.id != id));
    }
}
