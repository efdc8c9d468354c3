//! The documents that the suite passes: issued from orders, as all are.

use crate::bench::Bench;
use domain::{
    ids::{Id, IssuedId},
    office::Choice,
    sales::{
        Issued, IssuedContent, IssuedKind, Issuing, LineChange, NumberPattern, Numbering, OrderData, Reset, Seller,
        Series,
    },
};
use ledgers::{Options, PassRequest, PassedDocument};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

/// A document to be passed.
#[derive(Clone)]
pub struct Work {
    pub content: IssuedContent,
    pub numbering: Numbering,
    pub series: Option<&'static str>,
    pub payment: Option<&'static str>,
    pub skus: Choice,
    pub options: Options,
}

pub fn fresh<T: Id>() -> T {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Spread over all digits, as random ones are.
    let random = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060);
    T::from_ulid(ulid::Ulid::from_parts(1_782_900_000_000 + number, random))
}

/// An order of a company in Poland, with a line of every usual rate.
pub const ORDER: &str = r#"{
    "reference": "100234", "source": "shop", "currency": "PLN", "prices": "gross",
    "customer": {
        "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
        "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" },
        "email": "biuro@zielonykubek.example", "phone": "+48585550100"
    },
    "lines": [
        { "name": "Kubek ceramiczny", "sku": "MUG-01", "quantity": "2", "unit": "szt", "price": "49.20", "vat": "23" },
        { "name": "Zestaw obiadowy", "quantity": "3", "unit": "szt", "price": "21.60", "vat": "8" },
        { "name": "Książka", "quantity": "1", "unit": "szt", "price": "31.50", "vat": "5" },
        { "name": "Wysyłka zagraniczna", "quantity": "1", "unit": "szt", "price": "40.00", "vat": "0" },
        { "name": "Szkolenie", "quantity": "2.5", "unit": "godz", "price": "100.00", "vat": "exempt" }
    ],
    "payment": { "name": "Przelew" },
    "exemption": "art. 43 ust. 1 pkt 29 ustawy o VAT",
    "note": "Dziękujemy za zakupy"
}"#;

/// An order of a person in another member state, of one line.
pub const ABROAD: &str = r#"{
    "reference": "100235", "source": "shop", "currency": "EUR", "prices": "gross",
    "customer": {
        "is": "person", "first_name": "Greta", "last_name": "Müller",
        "address": { "street": "Hauptstraße 7", "post_code": "10115", "city": "Berlin", "country": "DE" },
        "email": "greta@example.de"
    },
    "lines": [{ "name": "Kubek ceramiczny", "quantity": "1", "unit": "szt", "price": "12.30", "vat": "23" }],
    "payment": { "name": "PayPal" }
}"#;

pub fn order(text: &str) -> OrderData {
    let order: OrderData = serde_json::from_str(text).unwrap();
    order.check().unwrap();
    order
}

fn series(kind: IssuedKind, hide_payment_date: Choice) -> Series {
    Series {
        id: fresh(),
        administration: fresh(),
        name: "FV".to_owned(),
        kind,
        pattern: "FV {n}/{mm}/{yyyy}".parse::<NumberPattern>().unwrap(),
        reset: Reset::Monthly,
        first: 1,
        hide_payment_date,
        payment_days: 14,
        version: 1,
    }
}

fn seller() -> Seller {
    Seller {
        name: "Sklep z Kubkami Sp. z o.o.".to_owned(),
        tax_number: "5260250274".to_owned(),
        address: serde_json::from_str(
            r#"{ "street": "Długa 12", "post_code": "80-831", "city": "Gdańsk", "country": "PL" }"#,
        )
        .unwrap(),
        account: None,
        place: None,
        cash_accounting: Choice::No,
    }
}

/// Our numbers begin where the ledgers' own do not.
fn number() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(701);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

impl Work {
    fn of<B: Bench>(content: IssuedContent) -> Self {
        Self {
            content,
            numbering: Numbering::Ledger,
            series: None,
            payment: None,
            skus: Choice::No,
            options: B::options(),
        }
    }

    /// A document of an order, issued today.
    pub fn issued<B: Bench>(bench: &B, kind: IssuedKind, order: &OrderData, hide_payment_date: Choice) -> Self {
        let (series, seller) = (series(kind, hide_payment_date), seller());
        // Like the numbers of every ledger.
        let date = bench.now().date_naive();
        let number = format!("{}/{}", number(), date.format("%m/%Y"));
        let issuing = Issuing { id: fresh::<IssuedId>(), series: &series, number: &number, date, seller: &seller };
        Self::of::<B>(issuing.of_order(order).unwrap())
    }

    /// An invoice of the usual order.
    pub fn invoice<B: Bench>(bench: &B) -> Self {
        Self::issued(bench, IssuedKind::Invoice, &order(ORDER), Choice::No)
    }

    /// A correction of one that was passed: the first line comes back, of the second one less, the third at another price.
    pub fn correction<B: Bench>(&self, bench: &B, passed: Option<&PassedDocument>) -> Self {
        let mut head =
            Issued::new(&self.content, (fresh(), fresh()), Numbering::Ours, bench.now()).expect("amounts that fit");
        head.passed = passed.map(|passed| domain::sales::Passed {
            ledger_id: passed.id.clone(),
            number: passed.number.clone(),
            link: None,
            copy: domain::sales::Copy::Awaited,
            ksef: None,
            at: bench.now(),
        });
        let changes: BTreeMap<usize, LineChange> = serde_json::from_str(
            r#"{ "0": { "quantity": "0" }, "1": { "quantity": "2" }, "2": { "price": "21.00" } }"#,
        )
        .unwrap();
        let (series, seller) = (series(IssuedKind::Correction, Choice::No), seller());
        let (date, number) = (bench.now().date_naive(), format!("K{}", number()));
        let issuing = Issuing { id: fresh::<IssuedId>(), series: &series, number: &number, date, seller: &seller };
        let reason = "Zwrot towaru".parse().unwrap();
        let content = issuing.correction((&head, &self.content), &changes, &reason, None).unwrap();
        Self { series: self.series, ..Self::of::<B>(content) }
    }

    pub fn request(&self) -> PassRequest<'_> {
        PassRequest {
            content: &self.content,
            numbering: self.numbering,
            series: self.series,
            payment: self.payment,
            skus: self.skus,
            show: Choice::No,
            options: &self.options,
        }
    }
}
