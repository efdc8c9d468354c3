//! Documents, and a run that writes them.

use domain::{
    contact::{Contact, OwnIdentifiers},
    exchange::ExchangeRate,
    export_format::FileFormat,
    ids::{ContactId, DocumentId, Id as _},
    invoice::{Invoice, InvoiceKind, InvoiceLine, VatCategory, VatTreatment},
    ledger::Direction,
    money::Currency,
    party::Party,
    posting::{Posting, PostingLine},
    reason::Reason,
    time::Date,
};
use exports::{Books, ExportDocument, RunFacts, Segment, Summary, join, writer};
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};
use std::{fs, path::PathBuf};
use ulid::Ulid;

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn run() -> RunFacts {
    RunFacts {
        reference: "01JQ0000000000AB".into(),
        at: "2026-04-01T09:00:00Z".parse().unwrap(),
        job_date: date("2026-04-01"),
        on_behalf_of: "Anna".into(),
    }
}

pub fn dutch_books() -> Books {
    Books {
        name: "De Ster".into(),
        own: OwnIdentifiers {
            names: vec!["Bakkerij De Ster B.V.".into()],
            vat_numbers: vec!["NL001234567B01".parse().unwrap()],
            registry_numbers: vec!["12345678".parse().unwrap()],
            ibans: vec!["NL91ABNA0417164300".parse().unwrap()],
        },
        currency: Currency::EUR,
    }
}

pub fn polish_books() -> Books {
    Books {
        name: "Piekarnia".into(),
        own: OwnIdentifiers {
            names: vec!["Piekarnia Gwiazda sp. z o.o.".into()],
            vat_numbers: vec!["PL5260250274".parse().unwrap()],
            ..OwnIdentifiers::default()
        },
        currency: currency("PLN"),
    }
}

pub fn contact(number: u64, direction: Direction, name: &str, vat: Option<&str>) -> Contact {
    Contact {
        id: ContactId::from_ulid(Ulid::from_parts(number, 0)),
        direction,
        name: name.into(),
        vat_number: vat.map(|vat| vat.parse().unwrap()),
        registry_number: None,
        ibans: Vec::new(),
        other_accounts: Vec::new(),
        payment_days: None,
        ledger_contact: None,
        version: 1,
    }
}

/// A line as it is on the document: account, VAT code, category, rate, net and VAT.
pub struct Stated(pub &'static str, pub &'static str, pub VatCategory, pub Option<Decimal>, pub Decimal, pub Decimal);

/// A document with these lines, in the currency of its books, dated and posted in March 2026.
pub fn document(number: u64, contact: Contact, kind: InvoiceKind, lines: &[Stated]) -> ExportDocument {
    let sign = match kind {
        InvoiceKind::Invoice => Decimal::ONE,
        InvoiceKind::CreditNote => Decimal::NEGATIVE_ONE,
    };
    let posting_lines: Vec<PostingLine> = lines
        .iter()
        .enumerate()
        .map(|(at, Stated(account, vat_code, category, rate, net, vat))| PostingLine {
            account: account.parse().unwrap(),
            vat_code: vat_code.parse().unwrap(),
            category: *category,
            rate: *rate,
            net: sign * net,
            vat: sign * vat,
            cost_centre: None,
            project: None,
            description: format!("Line {}", at + 1),
        })
        .collect();
    let net: Decimal = posting_lines.iter().map(|line| line.net).sum();
    let vat: Decimal = posting_lines.iter().map(|line| line.vat).sum();
    let (us, them) = (Party::default(), Party { name: Some(contact.name.clone()), ..Party::default() });
    let (supplier, customer) = match contact.direction {
        Direction::Purchase => (them, us),
        Direction::Sales => (us, them),
    };
    ExportDocument {
        id: DocumentId::from_ulid(Ulid::from_parts(number, 0)),
        posting: Posting {
            direction: contact.direction,
            kind,
            contact: contact.id,
            number: format!("INV-2026-{number}"),
            issue_date: date("2026-03-15"),
            due_date: Some(date("2026-04-14")),
            booking_date: None,
            currency: if contact.direction == Direction::Sales { currency("PLN") } else { Currency::EUR },
            description: format!("{} INV-2026-{number}", contact.name),
            payment_reference: None,
            lines: posting_lines,
            net,
            vat,
            gross: net + vat,
        },
        invoice: Invoice {
            kind,
            supplier,
            customer,
            lines: lines
                .iter()
                .enumerate()
                .map(|(at, Stated(_, _, category, rate, net, _))| InvoiceLine {
                    id: (at + 1).to_string(),
                    description: Some(format!("Item {}", at + 1)),
                    quantity: Some(dec!(2)),
                    unit: Some("HUR".into()),
                    price: Some(net / dec!(2)),
                    net: Some(*net),
                    treatment: VatTreatment { category: Some(category.as_str().into()), rate: *rate },
                    ..InvoiceLine::default()
                })
                .collect(),
            ..Invoice::default()
        },
        contact,
        posting_date: date("2026-03-31"),
        rate: None,
        original: None,
    }
}

pub fn rate(rate: Decimal) -> ExchangeRate {
    ExchangeRate { rate: rate.try_into().unwrap(), date: date("2026-03-14"), source: "ECB".parse().unwrap() }
}

/// What became of a run.
pub struct Exported {
    pub file: Vec<u8>,
    /// Why there is no file, though documents were written.
    pub refused: Option<Reason>,
    pub left_out: Vec<(usize, Reason)>,
    pub summary: Summary,
}

/// Writes documents in segments that end before these positions. As a run does, each segment is told how many documents and
/// rows came before and nothing else; the summaries are kept, added up, and the segments joined.
pub fn export(format: &FileFormat, books: &Books, documents: &[ExportDocument], cuts: &[usize]) -> Exported {
    let writer = writer(format).map_err(|problems| format!("{problems:?}")).unwrap();
    let mut left_out = Vec::new();
    let mut segments = vec![Segment::default()];
    let (mut summary, mut told) = (Summary::default(), (0, 0));
    let mut whole = Summary::default();
    for (at, document) in documents.iter().enumerate() {
        if cuts.contains(&at) {
            let next = (summary.documents, summary.rows);
            append(&mut whole, &summary.since(told.0, told.1));
            told = next;
            summary = Summary::carried(told.0, told.1);
            segments.push(Segment::default());
        }
        let before = summary.clone();
        let segment = segments.last_mut().unwrap();
        let bytes = segment.bytes();
        if let Err(reason) = writer.write(document, books, &mut summary, segment) {
            assert_eq!((&summary, segment.bytes()), (&before, bytes), "what is left out leaves nothing");
            left_out.push((at, reason));
        }
    }
    append(&mut whole, &summary.since(told.0, told.1));
    let layout = writer.layout(books, &run(), &whole);
    let file = layout.map(|layout| join(&segments, &layout));
    Exported { file: file.as_ref().cloned().unwrap_or_default(), refused: file.err(), left_out, summary: whole }
}

/// Adds a summary as it is kept.
fn append(whole: &mut Summary, one: &Summary) {
    whole.append(serde_json::from_str(&serde_json::to_string(one).unwrap()).unwrap()).unwrap();
}

/// The codes of the reasons.
pub fn codes(exported: &Exported) -> Vec<(usize, &str)> {
    exported.left_out.iter().map(|(at, reason)| (*at, reason.code.as_str())).collect()
}

/// Compares with a file beside the tests; `LEDGERPOST_GOLDEN=write` writes it anew.
pub fn golden(name: &str, file: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/books/golden").join(name);
    let version = format!("<softwareVersion>{}</softwareVersion>", env!("CARGO_PKG_VERSION"));
    let text = String::from_utf8(file.to_vec()).unwrap().replace(&version, "<softwareVersion>0</softwareVersion>");
    if std::env::var("LEDGERPOST_GOLDEN").is_ok_and(|value| value == "write") {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(text == kept, "{name} is another file now:\n{text}");
}

/// Where a run may be cut.
pub fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..9, 0..5)
}
