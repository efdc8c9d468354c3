//! The demo: an account with three departments, a product, and tokens with all rights and with few.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::state::{Account, Department, Fakturownia, Product, Role, Seller};

/// First label of the account's host.
pub const PREFIX: &str = "demo-sklep";
/// A token that may do everything.
pub const TOKEN: &str = "fakturownia-demo-token";
/// A token of a user who may only read.
pub const READ_ONLY_TOKEN: &str = "fakturownia-demo-reader";
/// The shop's department: its numbers are a series of their own.
pub const SHOP: u64 = 701;
/// The department for wholesale.
pub const WHOLESALE: u64 = 702;
/// A department whose name and tax number nobody filled in.
pub const UNFINISHED: u64 = 703;
/// A product with a SKU.
pub const PRODUCT: u64 = 801;
/// A second account, of somebody else.
pub const OTHER_PREFIX: &str = "inna-firma";
/// The other account's token.
pub const OTHER_TOKEN: &str = "fakturownia-other-token";

fn seller(name: &str) -> Seller {
    Seller {
        name: name.to_owned(),
        tax_no: "5260250274".to_owned(),
        street: "Długa 12".to_owned(),
        post_code: "80-831".to_owned(),
        city: "Gdańsk".to_owned(),
        country: "PL".to_owned(),
        email: "sklep@example.com".to_owned(),
        phone: "585550100".to_owned(),
        bank_account: "61109010140000071219812874".to_owned(),
    }
}

fn department(id: u64, title: &str, suffix: &str, seller: Seller) -> Department {
    let shortcut = title.chars().take(3).collect::<String>().to_uppercase();
    Department { id, title: title.to_owned(), shortcut, suffix: suffix.to_owned(), seller }
}

/// The demo.
pub fn demo() -> Fakturownia {
    let shop = seller("Sklep z Kubkami Sp. z o.o.");
    let account = Account {
        prefix: PREFIX.to_owned(),
        tokens: BTreeMap::from([(TOKEN.to_owned(), Role::Full), (READ_ONLY_TOKEN.to_owned(), Role::ReadOnly)]),
        seller: shop.clone(),
        departments: vec![
            department(SHOP, "Sklep internetowy", "", shop.clone()),
            department(WHOLESALE, "Hurtownia", "/H", shop),
            department(UNFINISHED, "Nowy oddział", "/N", Seller::default()),
        ],
        products: vec![Product {
            id: PRODUCT,
            name: "Kubek ceramiczny".to_owned(),
            code: "MUG-01".to_owned(),
            price_gross: Decimal::new(4_920, 2),
            tax: "23".to_owned(),
        }],
        discount_kind: "percent_unit_gross".to_owned(),
        ..Account::default()
    };
    let other = Account {
        prefix: OTHER_PREFIX.to_owned(),
        tokens: BTreeMap::from([(OTHER_TOKEN.to_owned(), Role::Full)]),
        seller: seller("Inna Firma S.A."),
        ..Account::default()
    };
    Fakturownia { accounts: vec![account, other], ..Fakturownia::default() }
}
