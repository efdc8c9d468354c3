//! What the tests of the ledgers' mappings begin with; each says what is different with it.

use crate::{
    Options, PassRequest,
    push::{Codes, CreateContacts, Duplicates, PushRequest},
};
use domain::{
    contact::Contact,
    ids::Id,
    invoice::{InvoiceKind, VatCategory},
    ledger::Direction,
    money::Currency,
    office::Choice,
    posting::{Posting, PostingLine},
    sales::{IssuedContent, IssuedKind, Issuing, Numbering, OrderData, Reset, Seller, Series},
};
use rust_decimal::{Decimal, dec};

pub(crate) const DOCUMENT: &str = "doc_01JZ00000000000K3J5QWERTY1";

/// A line at 21 percent, without dimensions.
pub(crate) fn line(category: VatCategory, vat_code: &str, net: Decimal, vat: Decimal) -> PostingLine {
    PostingLine {
        account: "4600".parse().unwrap(),
        vat_code: vat_code.parse().unwrap(),
        category,
        rate: Some(dec!(21)),
        net,
        vat,
        cost_centre: None,
        project: None,
        description: "Copy paper".into(),
    }
}

/// An invoice in euro with these lines, of which the totals are made.
pub(crate) fn posting(direction: Direction, lines: Vec<PostingLine>) -> Posting {
    let net = lines.iter().map(|line| line.net).sum::<Decimal>();
    let vat = lines.iter().map(|line| line.vat).sum::<Decimal>();
    Posting {
        direction,
        kind: InvoiceKind::Invoice,
        contact: "con_01JZ0000000000000000000000".parse().unwrap(),
        number: "F-2026-118".into(),
        issue_date: "2026-07-01".parse().unwrap(),
        due_date: Some("2026-07-31".parse().unwrap()),
        booking_date: None,
        currency: Currency::EUR,
        description: "Paper Co F-2026-118".into(),
        payment_reference: Some("7000123456789012".into()),
        lines,
        net,
        vat,
        gross: net + vat,
    }
}

/// Its contact, of whom nothing but the name is known.
pub(crate) fn contact(posting: &Posting) -> Contact {
    Contact {
        id: posting.contact,
        direction: posting.direction,
        name: "Paper Co".into(),
        vat_number: None,
        registry_number: None,
        ibans: Vec::new(),
        other_accounts: Vec::new(),
        payment_days: None,
        ledger_contact: None,
        version: 1,
    }
}

/// A push of it, without files.
pub(crate) fn request<'a>(
    posting: &'a Posting,
    contact: &'a Contact,
    options: &'a Options,
    codes: &'a Codes,
) -> PushRequest<'a> {
    PushRequest {
        document: DOCUMENT.parse().unwrap(),
        posting,
        contact,
        create_contacts: CreateContacts::Refused,
        duplicates: Duplicates::Refuse,
        files: &[],
        options,
        codes,
    }
}

/// A document that was issued to a company, with these lines as the API takes them: name, quantity, unit, price, VAT, SKU.
pub(crate) fn issued(kind: IssuedKind, prices: &str, lines: &serde_json::Value) -> IssuedContent {
    let order: OrderData = serde_json::from_value(serde_json::json!({
        "reference": "100234", "source": "shop", "currency": "PLN", "prices": prices, "note": "Ring twice",
        "customer": {
            "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "123-456-32-18",
            "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" },
            "email": "biuro@example.com", "phone": "58 123 45 67"
        },
        "lines": lines, "sold_on": "2026-03-09", "exemption": "art. 43",
        "payment": { "name": "Przelew", "paid": "10.00" }
    }))
    .unwrap();
    let seller = Seller {
        name: "Demo".into(),
        tax_number: "5252344078".into(),
        address: order.customer.address.clone(),
        account: None,
        place: None,
        cash_accounting: Choice::No,
    };
    let series = Series {
        id: id(7),
        administration: id(1),
        name: "FV".into(),
        kind,
        pattern: "FV {n}/{mm}/{yyyy}".parse().unwrap(),
        reset: Reset::Monthly,
        first: 1,
        hide_payment_date: Choice::No,
        payment_days: 14,
        version: 1,
    };
    let date = "2026-03-10".parse().unwrap();
    Issuing { id: id(3), series: &series, number: "FV 7/03/2026", date, seller: &seller }.of_order(&order).unwrap()
}

fn id<T: Id>(random: u128) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1_782_900_000_000, random))
}

/// A pass of it, with the ledger's numbers, series and payment type.
pub(crate) fn pass<'a>(content: &'a IssuedContent, options: &'a Options) -> PassRequest<'a> {
    let (skus, show) = (Choice::No, Choice::No);
    PassRequest { content, numbering: Numbering::Ledger, series: None, payment: None, skus, show, options }
}
