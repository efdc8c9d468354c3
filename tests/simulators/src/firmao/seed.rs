//! The books of the demo: an organisation with one warehouse, and one with two.

use rust_decimal::dec;

use super::state::{Customer, Firmao, Organisation, Product, Series, Warehouse};

/// The demo's organisation, as it stands in addresses.
pub const ORGANISATION: &str = "acme";
/// One with two warehouses.
pub const TWO_WAREHOUSES: &str = "duo";
/// Login of the API's user.
pub const LOGIN: &str = "api-demo";
/// Its password.
pub const PASSWORD: &str = "password-demo";
/// Series of invoices that need not be named.
pub const SERIES: i64 = 1;
/// Series of invoices of the shop.
pub const SHOP: i64 = 2;
/// Series of receipts.
pub const RECEIPTS: i64 = 3;
/// The product in stock, and its SKU.
pub const PRODUCT: (i64, &str) = (52, "MUG-BLUE");
/// A customer that is known, and its tax number.
pub const CUSTOMER: (i64, &str) = (51, "5260250274");
/// The first warehouse.
pub const WAREHOUSE: i64 = 7;

/// An organisation.
pub fn organisation(id: &str) -> Organisation {
    let series = |id: i64, name: &str, pattern: &str, kind: &str| Series {
        id,
        name: name.to_owned(),
        pattern: pattern.to_owned(),
        kind: kind.to_owned(),
    };
    Organisation {
        id: id.to_owned(),
        login: LOGIN.to_owned(),
        password: PASSWORD.to_owned(),
        licensed: true,
        series: vec![
            series(SERIES, "Faktury", "[year]/[month]/[number]", "INVOICE"),
            series(SHOP, "Faktury sklepu", "SKLEP/[year]/[month]/[number]", "INVOICE"),
            series(RECEIPTS, "Paragony", "PAR/[year]/[month]/[number]", "RECEIPT"),
            series(4, "Pro forma", "PRO/[year]/[number]", "PROFORMA"),
        ],
        warehouses: vec![Warehouse { id: WAREHOUSE, name: "Magazyn główny".to_owned() }],
        products: vec![Product {
            id: PRODUCT.0,
            code: PRODUCT.1.to_owned(),
            name: "Kubek niebieski".to_owned(),
            unit: "szt.".to_owned(),
            vat: dec!(23),
            stock: dec!(14),
        }],
        customers: vec![Customer {
            id: CUSTOMER.0,
            name: "Buk sp. z o.o.".to_owned(),
            label: "BUK".to_owned(),
            nip: CUSTOMER.1.to_owned(),
            street: "Polna 3".to_owned(),
            city: "Warszawa".to_owned(),
            zip: "00-622".to_owned(),
            country: "Polska".to_owned(),
            ..Customer::default()
        }],
        ..Organisation::default()
    }
}

/// The demo.
pub(super) fn demo() -> Firmao {
    let mut two = organisation(TWO_WAREHOUSES);
    two.warehouses.push(Warehouse { id: WAREHOUSE + 1, name: "Magazyn zapasowy".to_owned() });
    Firmao { organisations: vec![organisation(ORGANISATION), two], ..Firmao::default() }
}
