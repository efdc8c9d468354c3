//! Documents to render, issued as the domain issues them, and an independent reader of what was rendered.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "what fails here fails a test")]

pub mod reader;

use domain::{
    ids::Id,
    office::Choice,
    sales::{
        Issued, IssuedContent, IssuedKind, Issuing, LineChange, NumberPattern, Numbering, OrderData, Reset, Seller,
        Series,
    },
    time::Instant,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use ulid::Ulid;

pub fn id<T: Id>(n: u128) -> T {
    T::from_ulid(Ulid::from_parts(1_700_000_000_000, n))
}

/// An order of a company in Poland, three lines of two rates, prices with VAT.
pub fn order() -> Value {
    json!({
        "reference": "100234", "source": "shop", "currency": "PLN", "prices": "gross",
        "customer": {
            "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
            "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" }
        },
        "lines": [
            { "name": "Kubek ceramiczny „Żółw”", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
            { "name": "Dostawa kurierem", "quantity": "1", "price": "12.30", "vat": "23" },
            { "name": "Książka kucharska", "sku": "BOOK-7", "quantity": "3", "unit": "szt.", "price": "10.50", "vat": "5" }
        ],
        "payment": { "name": "Przelew", "paid": "42.20", "paid_on": "2026-03-09" },
        "sold_on": "2026-03-08"
    })
}

/// The same with some fields different.
pub fn order_with(fields: &Value) -> Value {
    let mut order = order();
    for (name, value) in fields.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

pub fn seller() -> Seller {
    Seller {
        name: "Przykładowy Sklep Łukasz Wójcik".to_owned(),
        tax_number: "5252344078".to_owned(),
        address: serde_json::from_value(
            json!({ "street": "ul. Świętojańska 12", "post_code": "00-950", "city": "Warszawa", "country": "PL" }),
        )
        .unwrap(),
        account: Some("PL61109010140000071219812874".to_owned()),
        place: None,
        cash_accounting: Choice::No,
    }
}

pub fn series(kind: IssuedKind, hide_payment_date: Choice) -> Series {
    Series {
        id: id(7),
        administration: id(1),
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

/// What is issued of an order on the 10th of March.
pub fn issue(kind: IssuedKind, order: &Value) -> IssuedContent {
    issue_by(&series(kind, Choice::No), &seller(), order)
}

pub fn issue_by(series: &Series, seller: &Seller, order: &Value) -> IssuedContent {
    let order: OrderData = serde_json::from_value(order.clone()).unwrap();
    order.check().unwrap();
    Issuing { id: id(3), series, number: "FV 1/03/2026", date: "2026-03-10".parse().unwrap(), seller }
        .of_order(&order)
        .unwrap()
}

/// A correction of an invoice, two days later: changes by the place of their line.
pub fn correct(content: &IssuedContent, changes: &Value) -> IssuedContent {
    let head = Issued::new(content, (id(1), id(2)), Numbering::Ours, Instant::default()).unwrap();
    let changes: BTreeMap<usize, LineChange> = serde_json::from_value(changes.clone()).unwrap();
    let reason = "Zwrot jednej książki; omyłka w cenie".parse().unwrap();
    let (series, seller) = (series(IssuedKind::Correction, Choice::No), seller());
    Issuing {
        id: id(4),
        series: &series,
        number: "KOR 1/03/2026",
        date: "2026-03-12".parse().unwrap(),
        seller: &seller,
    }
    .correction((&head, content), &changes, &reason, None)
    .unwrap()
}

pub fn lines(count: usize) -> Value {
    let rates = ["23", "8", "5"];
    let line = |n: usize| {
        json!({
            "name": format!("Towar {n:04}"), "quantity": "2", "unit": "szt.",
            "price": format!("{}.{:02}", n % 97 + 1, n % 100), "vat": rates[n % 3]
        })
    };
    Value::Array((1..=count).map(line).collect())
}
