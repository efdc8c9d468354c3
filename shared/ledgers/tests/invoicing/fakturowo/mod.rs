//! Fakturowo on its simulator, and what only Fakturowo does.

mod only;

use crate::{
    bench::{Bench, Desk, Linked, Refusal},
    work::Work,
};
use domain::sales::{IssuedKind, SalesVat};
use ledgers::{ErrorCode, ErrorKind, Ledger, Options, fakturowo::Fakturowo as Connector};
use simulators::{
    clock::Clock,
    fakturowo::{
        Account, Fakturowo, seed,
        state::{Document, Fractions},
    },
    stand::{Handle, Options as Setup},
};

pub struct FakturowoBench {
    pub simulator: Handle<Fakturowo>,
}

impl FakturowoBench {
    pub async fn with(change: impl FnOnce(&mut Fakturowo)) -> Self {
        let start = "2026-03-10T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Fakturowo>::demo().clock(&Clock::stopped(start));
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Account) -> T) -> T {
        self.simulator.change(|state| work(&mut state.accounts[0]))
    }

    /// Somebody makes another document there.
    pub fn somebody_makes(&self, number: &str) {
        self.simulator.change(|state| {
            state.sequence += 1;
            let (id, number) = (8_400_000 + state.sequence, number.to_owned());
            let issued = "2026-03-10".parse().unwrap();
            state.accounts[0].documents.push(Document { id, number, issued, ..Document::default() });
        });
    }

    /// The key stood in no address, nothing was mailed, and no request came while another one was open.
    pub fn assert_well_behaved(&self) {
        let misuse =
            self.simulator.read(|state| (state.misuse.keys_in_addresses, state.misuse.mails, state.misuse.parallel));
        assert_eq!(misuse, (0, 0, 0));
    }
}

type Change = fn(&FakturowoBench, &mut Work);

/// A refusal for good.
fn rejected(name: &'static str, prepare: Change, code: ErrorCode, mend: Option<Change>) -> Refusal<FakturowoBench> {
    Refusal { name, prepare, kind: ErrorKind::Rejected, code, mend }
}

impl Bench for FakturowoBench {
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
        &[("address", "https://konto.fakturowo.pl/api"), ("api_id", seed::KEY)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("address", "konto.fakturowo.pl/api"), ("api_id", "token-that-nobody-has")]
    }

    /// Without addresses there is no PDF.
    fn options() -> Options {
        Options::default().with("addresses", "always")
    }

    fn kind(kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice => "0",
            IssuedKind::Receipt => "20",
            IssuedKind::Correction => "none",
            IssuedKind::ProForma => "2",
        }
    }

    fn vat(vat: SalesVat) -> String {
        match vat {
            SalesVat::Exempt => "zw".to_owned(),
            SalesVat::OutOfScope => "np".to_owned(),
            SalesVat::ReverseCharge => "oo".to_owned(),
            SalesVat::Rate(_) | SalesVat::IntraCommunity | SalesVat::Export => vat.percent().normalize().to_string(),
        }
    }

    fn series() -> Linked {
        Linked { value: "", shown: "", usual: "" }
    }

    fn payment() -> Linked {
        Linked { value: "18", shown: "18", usual: "0" }
    }

    fn refusals() -> Vec<Refusal<Self>> {
        vec![
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
                "no grounds of an exemption",
                |_, work| work.content.exemption = None,
                ErrorCode::MandatoryField,
                Some(|_, work| work.content.exemption = "art. 43".parse().ok()),
            ),
            rejected(
                "a currency that is not there",
                |_, work| work.content.currency = "AED".parse().unwrap(),
                ErrorCode::CurrencyNotAllowed,
                Some(|_, work| work.content.currency = "EUR".parse().unwrap()),
            ),
            rejected(
                "a way of payment that is not there",
                |_, work| work.payment = Some("99"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.payment = Some("13")),
            ),
            rejected(
                "words that are not known",
                |bench, _| bench.simulator.change(|state| state.settings.fractions = Fractions::Refused),
                ErrorCode::Refused,
                Some(|bench, _| bench.simulator.change(|state| state.settings.fractions = Fractions::Taken)),
            ),
            Refusal {
                name: "a key that was made anew",
                prepare: |bench, _| bench.change(|account| account.key = Some("another".to_owned())),
                kind: ErrorKind::ReconnectNeeded,
                code: ErrorCode::ReconnectNeeded,
                mend: Some(|bench, _| bench.change(|account| account.key = Some(seed::KEY.to_owned()))),
            },
        ]
    }

    fn delays_pdf(&self) -> bool {
        false
    }

    fn own_id(id: &str) -> &str {
        id.split('?').next().unwrap_or(id)
    }

    /// They stood in the answer that was lost.
    fn finds_links() -> bool {
        false
    }

    fn found_without_checkpoint() -> bool {
        false
    }

    fn remove(&self, id: &str) {
        let id: u64 = id.parse().unwrap();
        self.change(|account| account.documents.retain(|document| document.id != id));
    }
}
