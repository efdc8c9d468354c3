//! Firmao on its simulator, and what only Firmao does.

mod only;

use crate::{
    bench::{Bench, Desk, Linked, Refusal},
    work::Work,
};
use domain::{
    office::Choice,
    sales::{IssuedKind, SalesVat},
};
use ledgers::{ErrorCode, ErrorKind, Ledger, firmao::Firmao as Connector};
use rust_decimal::dec;
use simulators::{
    clock::Clock,
    firmao::{
        Firmao, seed,
        state::{Organisation, Product, Warehouse},
    },
    stand::{Handle, Options as Setup},
};

pub struct FirmaoBench {
    pub simulator: Handle<Firmao>,
}

impl FirmaoBench {
    pub async fn with(change: impl FnOnce(&mut Firmao)) -> Self {
        let start = "2026-03-10T10:00:00Z".parse().unwrap();
        let mut setup = Setup::<Firmao>::demo().clock(&Clock::stopped(start));
        let books = setup.books.organisation_mut(seed::ORGANISATION).unwrap();
        books.products.push(Product {
            id: 53,
            code: "MUG-01".to_owned(),
            name: "Kubek ceramiczny".to_owned(),
            unit: "szt.".to_owned(),
            vat: dec!(23),
            stock: dec!(14),
        });
        change(&mut setup.books);
        Self { simulator: setup.start().await.unwrap() }
    }

    pub fn change<T>(&self, work: impl FnOnce(&mut Organisation) -> T) -> T {
        self.simulator.change(|state| work(state.organisation_mut(seed::ORGANISATION).unwrap()))
    }

    pub fn read<T>(&self, look: impl FnOnce(&Organisation) -> T) -> T {
        self.simulator.read(|state| look(state.organisation(seed::ORGANISATION).unwrap()))
    }
}

type Change = fn(&FirmaoBench, &mut Work);

/// A refusal for good.
fn rejected(name: &'static str, prepare: Change, code: ErrorCode, mend: Option<Change>) -> Refusal<FirmaoBench> {
    Refusal { name, prepare, kind: ErrorKind::Rejected, code, mend }
}

fn with_warehouse(work: &mut Work, warehouse: &str) {
    work.options = work.options.clone().with("warehouse", warehouse);
}

impl Bench for FirmaoBench {
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
        &[("organisation", "https://system.firmao.pl/acme/"), ("login", seed::LOGIN), ("password", seed::PASSWORD)]
    }

    fn wrongly_typed() -> &'static [(&'static str, &'static str)] {
        &[("organisation", "acme"), ("login", seed::LOGIN), ("password", "token-that-nobody-has")]
    }

    fn kind(kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice => "INVOICE",
            IssuedKind::Receipt => "RECEIPT",
            IssuedKind::Correction => "CORRECTION",
            IssuedKind::ProForma => "PROFORMA",
        }
    }

    fn vat(vat: SalesVat) -> String {
        match vat {
            SalesVat::Exempt => "zw".to_owned(),
            SalesVat::OutOfScope => "np".to_owned(),
            SalesVat::Rate(_) | SalesVat::ReverseCharge | SalesVat::IntraCommunity | SalesVat::Export => {
                vat.percent().normalize().to_string()
            }
        }
    }

    fn country(code: &str) -> String {
        if code == "PL" { "Polska" } else { "Niemcy" }.to_owned()
    }

    /// It stands on the buyer's card.
    fn keeps_email() -> bool {
        false
    }

    fn series() -> Linked {
        Linked { value: "2", shown: "Faktury sklepu", usual: "" }
    }

    fn payment() -> Linked {
        Linked { value: "CASH", shown: "CASH", usual: "TRANSFER" }
    }

    fn refusals() -> Vec<Refusal<Self>> {
        vec![
            rejected(
                "entityNotFoundForId: a warehouse that is not there",
                |_, work| with_warehouse(work, "99"),
                ErrorCode::Option,
                Some(|_, work| with_warehouse(work, "7")),
            ),
            rejected(
                "entityNotFoundForId: a warehouse by its name",
                |_, work| with_warehouse(work, "Magazyn"),
                ErrorCode::Option,
                Some(|_, work| with_warehouse(work, "7")),
            ),
            rejected(
                "entityNotFoundForId: a series that is not there",
                |_, work| work.series = Some("999"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.series = Some("2")),
            ),
            rejected(
                "missingPermissionException",
                |bench, _| {
                    bench.change(|books| books.denied.insert("transactions".to_owned()));
                },
                ErrorCode::UserRights,
                Some(|bench, _| bench.change(|books| books.denied.clear())),
            ),
            rejected(
                "shouldModifyStorageState",
                |bench, _| bench.change(|books| books.asks_for_stock = true),
                ErrorCode::LedgerSetting,
                Some(|bench, _| bench.change(|books| books.asks_for_stock = false)),
            ),
            Refusal {
                name: "userNotFound",
                prepare: |bench, _| bench.change(|books| books.password.push('?')),
                kind: ErrorKind::ReconnectNeeded,
                code: ErrorCode::ReconnectNeeded,
                mend: Some(|bench, _| {
                    bench.change(|books| books.password.pop());
                }),
            },
            rejected(
                "noActiveLicence",
                |bench, _| bench.change(|books| books.licensed = false),
                ErrorCode::LicenceExpired,
                Some(|bench, _| bench.change(|books| books.licensed = true)),
            ),
            rejected(
                "userLimitExceeded",
                |bench, _| bench.change(|books| books.quota = Some(0)),
                ErrorCode::QuotaUsedUp,
                Some(|bench, _| bench.change(|books| books.quota = Some(1))),
            ),
            rejected(
                "warehouseNotInSingleWarehouseMode",
                |bench, _| bench.change(|books| books.warehouses.push(Warehouse { id: 8, name: "Drugi".to_owned() })),
                ErrorCode::Option,
                Some(|_, work| with_warehouse(work, "8")),
            ),
            rejected(
                "storeStateCanNotBeNegative",
                |bench, work| {
                    work.skus = Choice::Yes;
                    bench.change(|books| books.products.iter_mut().for_each(|product| product.stock = dec!(1)));
                },
                ErrorCode::StockTooLow,
                Some(|bench, _| {
                    bench.change(|books| books.products.iter_mut().for_each(|product| product.stock = dec!(2)));
                }),
            ),
            rejected(
                "a payment type that is not there",
                |_, work| work.payment = Some("BARTER"),
                ErrorCode::UnknownReference,
                Some(|_, work| work.payment = Some("CARD")),
            ),
        ]
    }

    fn delays_pdf(&self) -> bool {
        false
    }

    /// What was made is read back for its total.
    fn requests_after_making() -> u64 {
        1
    }

    fn shown() -> &'static str {
        "?organisation=acme"
    }

    fn remove(&self, id: &str) {
        let id: i64 = id.parse().unwrap();
        self.change(|books| books.transactions.retain(|one| one.id != id));
    }
}
