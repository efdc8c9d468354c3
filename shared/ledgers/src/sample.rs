//! What the tests of the ledgers' mappings begin with; each says what is different with it.

use crate::{
    Options,
    push::{Codes, CreateContacts, Duplicates, PushRequest},
};
use domain::{
    contact::Contact,
    invoice::{InvoiceKind, VatCategory},
    ledger::Direction,
    money::Currency,
    posting::{Posting, PostingLine},
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
