//! What the suite needs of a ledger's simulator, and the documents it posts.

pub use crate::failure::{Failure, LATE};

use chrono::TimeDelta;
use domain::{
    contact::Contact,
    ids::{ContactId, DocumentId, Id},
    invoice::{InvoiceKind, VatCategory},
    ledger::{AccountCode, Direction, VatCode},
    money::Currency,
    posting::{Posting, PostingLine},
    time::Instant,
};
use ledgers::{
    App, Capabilities, Codes, CreateContacts, Duplicates, File, FileKind, Ledger, Options, PushRequest, Target,
    TokenSet,
};
use rust_decimal::{Decimal, dec};
use std::sync::atomic::{AtomicU64, Ordering};

/// A booking as it stands in the simulator, signs left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub number: String,
    pub reference: String,
    pub gross: Decimal,
    pub vat: Decimal,
    pub reduces: bool,
    pub files: Vec<String>,
}

/// A ledger's simulator with a set of books in it.
pub trait Bench: Sized {
    fn ledger() -> &'static dyn Ledger;
    async fn start() -> Self;
    fn target(&self) -> Target;
    fn app(&self) -> App;
    /// Tokens as after a consent.
    fn connect(&self) -> TokenSet;
    fn options(&self) -> Options;
    fn now(&self) -> Instant;
    fn advance(&self, by: TimeDelta);

    /// A contact that the ledger has, with all identifiers.
    fn known_contact(&self, direction: Direction) -> Contact {
        match direction {
            Direction::Purchase => Contact {
                vat_number: Some("NL001234567B01".parse().unwrap()),
                registry_number: Some("12345678".parse().unwrap()),
                ibans: vec!["NL02ABNA0123456789".parse().unwrap()],
                ..contact(direction, "Paper Co B.V.")
            },
            Direction::Sales => Contact {
                vat_number: Some(Self::customers_vat_number().parse().unwrap()),
                ..contact(direction, "Afnemer N.V.")
            },
        }
    }

    /// That of the customer in the books.
    fn customers_vat_number() -> &'static str {
        "NL001234568B01"
    }

    fn account(&self, direction: Direction) -> AccountCode {
        match direction {
            Direction::Purchase => "4600".parse().unwrap(),
            Direction::Sales => "8000".parse().unwrap(),
        }
    }

    fn vat_code(&self, direction: Direction, category: VatCategory, rate: Decimal) -> VatCode;

    /// Fails the request that comes after `skip` others.
    fn fail(&self, skip: usize, failure: Failure);
    fn close_period_of_postings(&self);
    fn open_period_of_postings(&self);
    /// A person changes the dress of a number: other capitals, other signs.
    fn retype_number(&self, direction: Direction, booking: usize, number: &str);

    fn bookings(&self, direction: Direction) -> Vec<Standing>;
    /// How many of what carries our key and the files there are.
    fn holders(&self) -> usize;
    /// Relations in the ledger with this name.
    fn relations_named(&self, name: &str) -> usize;
    /// Whether every account and every relation stands at 0.00.
    fn all_zero(&self) -> bool;
    fn requests(&self) -> usize;

    fn can() -> &'static Capabilities {
        &Self::ledger().descriptor().capabilities
    }
}

/// A document to be posted.
#[derive(Clone)]
pub struct Work {
    pub document: DocumentId,
    pub posting: Posting,
    pub contact: Contact,
    pub create_contacts: CreateContacts,
    pub duplicates: Duplicates,
    pub files: Vec<(FileKind, &'static str, Vec<u8>)>,
    pub options: Options,
    pub codes: Codes,
}

/// Category, rate, net and VAT of a line.
pub type Line = (VatCategory, Decimal, Decimal, Decimal);

pub fn fresh_ulid() -> ulid::Ulid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Spread over all digits, as random ones are.
    ulid::Ulid::from_parts(1_782_900_000_000 + number, u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060))
}

impl Work {
    /// A document of a known contact. Amounts are signed by their effect.
    pub fn new<B: Bench>(bench: &B, direction: Direction, kind: InvoiceKind, number: &str, lines: &[Line]) -> Self {
        let contact = bench.known_contact(direction);
        let lines: Vec<PostingLine> = lines
            .iter()
            .map(|&(category, rate, net, vat)| PostingLine {
                account: bench.account(direction),
                vat_code: bench.vat_code(direction, category, rate),
                category,
                rate: Some(rate),
                net,
                vat,
                cost_centre: None,
                project: None,
                description: "Copy paper".into(),
            })
            .collect();
        let (net, vat) = (lines.iter().map(|line| line.net).sum(), lines.iter().map(|line| line.vat).sum::<Decimal>());
        let posting = Posting {
            direction,
            kind,
            contact: contact.id,
            number: number.into(),
            issue_date: bench.now().date_naive(),
            due_date: Some(bench.now().date_naive() + TimeDelta::days(30)),
            booking_date: None,
            currency: Currency::EUR,
            description: format!("{} {number}", contact.name),
            payment_reference: Some("7000123456789012".into()),
            lines,
            net,
            vat,
            gross: net + vat,
        };
        Self {
            document: DocumentId::from_ulid(fresh_ulid()),
            posting,
            contact,
            create_contacts: CreateContacts::Refused,
            duplicates: Duplicates::Refuse,
            files: vec![
                (FileKind::Pdf, "invoice.pdf", b"%PDF-1.7 paper".to_vec()),
                (FileKind::Ubl, "invoice.xml", b"<Invoice/>".to_vec()),
            ],
            options: bench.options(),
            codes: Codes::default(),
        }
    }

    /// A purchase invoice of 121.00.
    pub fn purchase<B: Bench>(bench: &B, number: &str) -> Self {
        let line = (VatCategory::S, Decimal::from(21), dec!(100.00), dec!(21.00));
        Self::new(bench, Direction::Purchase, InvoiceKind::Invoice, number, &[line])
    }

    /// The same document with everything reversed.
    pub fn reversed(&self, kind: InvoiceKind, number: &str) -> Self {
        let mut other = self.clone();
        other.document = DocumentId::from_ulid(fresh_ulid());
        let posting = &mut other.posting;
        (posting.kind, posting.number) = (kind, number.to_owned());
        (posting.net, posting.vat, posting.gross) = (-posting.net, -posting.vat, -posting.gross);
        for line in &mut posting.lines {
            (line.net, line.vat) = (-line.net, -line.vat);
        }
        other
    }

    pub fn files(&self) -> Vec<File<'_>> {
        self.files.iter().map(|(kind, name, bytes)| File { kind: *kind, name, bytes }).collect()
    }

    pub fn request<'a>(&'a self, files: &'a [File<'a>]) -> PushRequest<'a> {
        PushRequest {
            document: self.document,
            posting: &self.posting,
            contact: &self.contact,
            create_contacts: self.create_contacts,
            duplicates: self.duplicates,
            files,
            options: &self.options,
            codes: &self.codes,
        }
    }
}

pub fn contact(direction: Direction, name: &str) -> Contact {
    Contact {
        id: ContactId::from_ulid(fresh_ulid()),
        direction,
        name: name.into(),
        vat_number: None,
        registry_number: None,
        ibans: Vec::new(),
        other_accounts: Vec::new(),
        payment_days: None,
        ledger_contact: None,
        version: 1,
    }
}
