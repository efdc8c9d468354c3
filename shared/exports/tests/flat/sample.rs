//! Documents to export.

use domain::{
    contact::{Contact, OwnIdentifiers},
    exchange::ExchangeRate,
    export_format::FileFormat,
    ids::{ContactId, DocumentId, Id as _},
    invoice::{Invoice, InvoiceKind, InvoiceLine, PaymentMeans, Totals, VatCategory, VatTreatment},
    ledger::Direction,
    money::Currency,
    posting::{Posting, PostingLine},
    reason::Reason,
    time::Date,
};
use exports::{Books, ExportDocument, RunFacts, Segment, Summary, Writer, join};
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};
use ulid::Ulid;

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn books() -> Books {
    Books {
        name: "Bäckerei Stern GmbH".into(),
        own: OwnIdentifiers { vat_numbers: vec!["DE999999999".parse().unwrap()], ..OwnIdentifiers::default() },
        currency: Currency::EUR,
    }
}

pub fn run() -> RunFacts {
    RunFacts {
        reference: "01J0000000000000".into(),
        at: "2026-04-01T00:00:00.007Z".parse().unwrap(),
        job_date: day("2026-04-01"),
        on_behalf_of: "Jörg Müller".into(),
    }
}

/// Account, VAT code, category, rate, net, VAT; signed by effect.
pub type Line = (&'static str, &'static str, VatCategory, Decimal, Decimal, Decimal);

pub const STANDARD: Line = ("4980", "V19", VatCategory::S, dec!(19), dec!(100.00), dec!(19.00));
pub const REDUCED: Line = ("4940", "V7", VatCategory::S, dec!(7), dec!(50.00), dec!(3.50));

/// A purchase invoice with these lines.
pub fn document(number: u64, lines: &[Line]) -> ExportDocument {
    let id = |n: u64| Ulid::from_parts(n, 0);
    let net = lines.iter().map(|line| line.4).sum::<Decimal>();
    let vat = lines.iter().map(|line| line.5).sum::<Decimal>();
    let posting_line = |line: &Line| PostingLine {
        account: line.0.parse().unwrap(),
        vat_code: line.1.parse().unwrap(),
        category: line.2,
        rate: Some(line.3),
        net: line.4,
        vat: line.5,
        cost_centre: None,
        project: None,
        description: format!("Ware {}", line.0),
    };
    let invoice_line = |(at, line): (usize, &Line)| InvoiceLine {
        id: (at + 1).to_string(),
        description: Some(format!("Artikel {}", at + 1)),
        quantity: Some(dec!(2.0)),
        unit: Some("C62".into()),
        price: Some(line.4 / dec!(2)),
        net: Some(line.4),
        treatment: VatTreatment { category: Some(line.2.as_str().into()), rate: Some(line.3) },
        ..InvoiceLine::default()
    };
    ExportDocument {
        id: DocumentId::from_ulid(id(number)),
        posting: Posting {
            direction: Direction::Purchase,
            kind: InvoiceKind::Invoice,
            contact: ContactId::from_ulid(id(1)),
            number: format!("RE-{number}"),
            issue_date: day("2026-03-15"),
            due_date: Some(day("2026-04-14")),
            booking_date: None,
            currency: Currency::EUR,
            description: format!("Mühle Süd KG RE-{number}"),
            payment_reference: Some("RF18".into()),
            lines: lines.iter().map(posting_line).collect(),
            net,
            vat,
            gross: net + vat,
        },
        invoice: Invoice {
            number: Some(format!("RE-{number}")),
            order_reference: Some("PO 7".into()),
            delivery_date: Some(day("2026-03-10")),
            payment_means: vec![PaymentMeans {
                account: Some("DE89 3704 0044 0532 0130 00".into()),
                ..PaymentMeans::default()
            }],
            totals: Totals { payable: Some(net + vat), ..Totals::default() },
            lines: lines.iter().enumerate().map(invoice_line).collect(),
            ..Invoice::default()
        },
        contact: Contact {
            id: ContactId::from_ulid(id(1)),
            direction: Direction::Purchase,
            name: "Mühle Süd KG".into(),
            vat_number: Some("NL820098395B01".parse().unwrap()),
            registry_number: None,
            ibans: Vec::new(),
            other_accounts: Vec::new(),
            payment_days: None,
            ledger_contact: Some("70001".parse().unwrap()),
            version: 1,
        },
        posting_date: day("2026-04-01"),
        rate: None,
        original: None,
    }
}

/// The same as a credit note: its posting takes away, the invoice states positive amounts.
pub fn credited(mut document: ExportDocument) -> ExportDocument {
    let posting = &mut document.posting;
    posting.kind = InvoiceKind::CreditNote;
    document.invoice.kind = InvoiceKind::CreditNote;
    for line in &mut posting.lines {
        (line.net, line.vat) = (-line.net, -line.vat);
    }
    (posting.net, posting.vat, posting.gross) = (-posting.net, -posting.vat, -posting.gross);
    document
}

/// The same as a sales document.
pub fn sold(mut document: ExportDocument) -> ExportDocument {
    document.posting.direction = Direction::Sales;
    document.contact.direction = Direction::Sales;
    document.contact.ledger_contact = Some("10001".parse().unwrap());
    document
}

/// The same in another currency, with a rate.
pub fn foreign(mut document: ExportDocument, code: &str, rate: Option<Decimal>) -> ExportDocument {
    document.posting.currency = currency(code);
    document.rate = rate.map(|rate| ExchangeRate {
        rate: rate.try_into().unwrap(),
        date: day("2026-03-13"),
        source: "ECB".parse().unwrap(),
    });
    document
}

pub fn writer(format: &str, options: &str) -> Box<dyn Writer> {
    exports::writer(&format_of(format, options)).unwrap()
}

pub fn format_of(format: &str, options: &str) -> FileFormat {
    serde_json::from_str(&format!(r#"{{"format":"{format}","options":{options}}}"#)).unwrap()
}

/// The file with these documents, and what is known of it.
pub fn file(writer: &dyn Writer, documents: &[ExportDocument]) -> (Vec<u8>, Summary) {
    let (mut summary, mut segment) = (Summary::default(), Segment::default());
    for document in documents {
        writer.write(document, &books(), &mut summary, &mut segment).unwrap();
    }
    let layout = writer.layout(&books(), &run(), &summary).unwrap();
    (join(&[segment], &layout), summary)
}

pub fn text(writer: &dyn Writer, documents: &[ExportDocument]) -> String {
    String::from_utf8(file(writer, documents).0).unwrap()
}

/// Why a document is left out. Nothing of it may be in the segment or the summary.
pub fn refused(writer: &dyn Writer, document: &ExportDocument) -> Reason {
    let (mut summary, mut segment) = (Summary::default(), Segment::default());
    let reason = writer.write(document, &books(), &mut summary, &mut segment).unwrap_err();
    assert_eq!((summary, segment.bytes()), (Summary::default(), 0));
    assert!(
        domain::words::read(&reason.code, &reason.values, domain::words::Language::English).is_some(),
        "{reason:?}"
    );
    reason
}

/// Any document: either direction and kind, one to six lines with amounts of either sign, in euro or another currency.
pub fn any_document() -> impl Strategy<Value = ExportDocument> {
    let line =
        (0_usize..3, 0_usize..3, -100_000_i64..1_000_000, any::<bool>()).prop_map(|(account, code, cents, taxed)| {
            let account = ["4980", "4940", "3400"].get(account).copied().unwrap();
            let (code, rate) = [("V19", 19), ("V7", 7), ("A19", 19)].get(code).copied().unwrap();
            let net = Decimal::new(cents, 2);
            let vat = if taxed { (net * Decimal::new(rate, 2)).round_dp(2) } else { Decimal::ZERO };
            (account, code, VatCategory::S, Decimal::from(rate), net, vat)
        });
    let sides = (any::<bool>(), any::<bool>(), 0_i64..28);
    let currency = (any::<bool>(), 1_000_000_i64..9_999_999);
    (1_u64..1_000_000, prop::collection::vec(line, 1..7), sides, currency).prop_map(
        |(number, lines, (sales, credit, after), (abroad, rate))| {
            let mut made = document(number, &lines);
            made = if credit { credited(made) } else { made };
            made = if sales { sold(made) } else { made };
            // Below one euro, so that there is more than one unit to the euro.
            made = if abroad { foreign(made, "USD", Some(Decimal::new(rate, 7))) } else { made };
            made.posting_date += chrono::TimeDelta::days(after);
            made
        },
    )
}
