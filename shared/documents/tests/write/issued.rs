//! What is issued here, written as UBL: it breaks no rule, and reads back as what was issued.

use crate::{assert_same, read_back, written};
use domain::{
    arithmetic,
    ids::{Id, SeriesId},
    mail::UblFlavour,
    sales::{Issued, IssuedContent, Issuing, LineChange, Numbering, OrderData, Seller, Series},
    time::Instant,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn id<T: Id>(n: u128) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1_700_000_000_000, n))
}

fn seller() -> Seller {
    let address = json!({ "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa", "country": "PL" });
    let account = "PL61109010140000071219812874";
    let seller = json!({
        "name": "Demo Sp. z o.o.", "tax_number": "PL5252344078", "address": address, "account": account, "cash_accounting": "yes"
    });
    serde_json::from_value(seller).unwrap()
}

fn series(kind: &str) -> Series {
    let (id, administration): (SeriesId, domain::ids::AdministrationId) = (id(7), id(1));
    serde_json::from_value(json!({
        "id": id, "administration": administration, "name": "FV", "kind": kind, "pattern": "FV {n}/{mm}/{yyyy}",
        "reset": "monthly", "first": 1, "hide_payment_date": "no", "payment_days": 14, "version": 1
    }))
    .unwrap()
}

/// An invoice in euros, given in zloty too where it has a rate.
fn invoice(rate: &Value, lines: &Value) -> IssuedContent {
    let mut order = json!({
        "reference": "100234", "source": "shop", "currency": "EUR", "prices": "net", "split_payment": "yes",
        "customer": {
            "is": "company", "name": "Kunde GmbH", "tax_number": "DE123456789",
            "address": { "street": "Weg 1", "post_code": "10115", "city": "Berlin", "country": "DE" }
        },
        "lines": lines, "payment": { "name": "Transfer", "paid": "10.00" }, "exemption": "art. 43", "note": "Ring twice"
    });
    if !rate.is_null() {
        order["exchange_rate"] = rate.clone();
    }
    let order: OrderData = serde_json::from_value(order).unwrap();
    order.check().unwrap();
    let (series, seller) = (series("invoice"), seller());
    let date = "2026-03-10".parse().unwrap();
    Issuing { id: id(3), series: &series, number: "FV 1/03/2026", date, seller: &seller }.of_order(&order).unwrap()
}

/// A correction of it that takes back half of its first line.
fn correction(content: &IssuedContent) -> IssuedContent {
    let head = Issued::new(content, (id(1), id(2)), Numbering::Ours, Instant::default()).unwrap();
    let (series, seller) = (series("correction"), seller());
    let date = "2026-03-20".parse().unwrap();
    let change: LineChange = serde_json::from_value(json!({ "quantity": "1" })).unwrap();
    let reason = "Returned".parse().unwrap();
    Issuing { id: id(4), series: &series, number: "KOR 1/03/2026", date, seller: &seller }
        .correction((&head, content), &[(0, change)].into(), &reason, None)
        .unwrap()
}

#[test]
fn what_is_issued_breaks_no_rule_and_reads_back() {
    let rate = json!({ "rate": "4.2512", "date": "2026-03-09", "source": "NBP 046/A/NBP/2026" });
    let taxed = json!([
        { "name": "Mug", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
        { "name": "Book", "quantity": "3", "price": "10.50", "vat": "5" },
        { "name": "Training", "quantity": "1", "price": "100", "vat": "exempt" }
    ]);
    let abroad = ["intra_community", "export", "reverse_charge"]
        .map(|vat| json!([{ "name": "Bolts", "quantity": "1000", "price": "0.0125", "vat": vat }]));
    let abroad = abroad.iter().map(|lines| (&rate, lines));
    for (rate, lines) in [(&rate, &taxed), (&Value::Null, &taxed)].into_iter().chain(abroad) {
        let content = invoice(rate, lines);
        let all = [content.as_invoice("FV 1/03/2026"), correction(&content).as_invoice("KOR 1/03/2026")];
        for issued in all.map(|issued| issued.unwrap_or_else(|| panic!("{lines}"))) {
            // XRechnung wants a reference of the buyer, which no order here has.
            for flavour in [UblFlavour::PeppolBis3, UblFlavour::SiUbl20, UblFlavour::EFff] {
                let what = format!("{} {rate} {lines}", flavour.as_str());
                let mut back = read_back(&written(&issued, flavour));
                assert_eq!(arithmetic::check(&back), [], "{what}");
                // The writer's to choose, where nothing but the kind is known.
                back.type_code = back.type_code.filter(|_| issued.type_code.is_some());
                if issued.lines.is_empty() {
                    // A correction has a line for each rate in their place.
                    let nets: Option<Decimal> = back.lines.drain(..).map(|line| line.net).sum();
                    assert_eq!(nets, issued.totals.net, "{what}");
                }
                assert_same(&issued, &back, &what);
            }
        }
    }
}
