//! A warm function handles an invoice of 5,000 lines in the memory that it has, however little that is.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use domain::{
    automation::DocumentFormat,
    contact::OwnIdentifiers,
    document::{Actor, Channel, Delivered, Document, Step},
    ids::{AdministrationId, DocumentId, Id, TenantId},
    ledger::Direction,
    office::Administration,
    time::{Instant, TimeZone},
};
use invoice_tagged::{App, handle};
use runtime::clock::Clock;
use rust_decimal::Decimal;
use std::fs;
use store::{Writer, document::File, settings::Author, testing::TestStore};
use ulid::Ulid;

/// Kilobytes. The process has a DynamoDB and the bucket in it, which are not the function's.
const MOST: u64 = 64 * 1024;

fn id<T: Id>(number: u128) -> T {
    T::from_ulid(Ulid::from_parts(1_763_700_000_000, number))
}

fn tagged(id: DocumentId, administration: AdministrationId, at: Instant) -> Document {
    let delivered = Delivered {
        id,
        administration,
        format: DocumentFormat::Ubl,
        file_name: "invoice.xml",
        channel: Channel::Api,
        at,
    };
    Document::tagged(&delivered, Direction::Purchase, Actor::System)
}

/// An invoice of the corpus with so many lines.
fn invoice(lines: usize) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/ubl/en16931/ubl-tc434-example8.xml");
    let text = fs::read_to_string(path).unwrap();
    let (head, rest) = text.split_at(text.find("<cac:InvoiceLine>").unwrap());
    let end = rest.find("</cac:InvoiceLine>").unwrap() + "</cac:InvoiceLine>".len();
    let (line, _) = rest.split_at(end);
    let tail = &rest[rest.rfind("</cac:InvoiceLine>").unwrap() + "</cac:InvoiceLine>".len()..];
    [head, &line.repeat(lines), tail].concat().into_bytes()
}

/// The most memory that this process has had so far, in kilobytes.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn five_thousand_lines_fit_into_a_small_function() {
    let tables = TestStore::start().await;
    let (tenant, administration): (TenantId, AdministrationId) = (id(1), id(2));
    let now = Instant::from_timestamp(1_763_700_000, 0).unwrap();
    let writer = Writer::new("set-up", 0);
    let books = Administration {
        id: administration,
        name: "Bakkerij".to_owned(),
        time_zone: TimeZone::default(),
        own: OwnIdentifiers::default(),
        unit: None,
        currency: domain::money::Currency::EUR,
        exports: domain::office::ExportRules::default(),
        duplicates: domain::office::DuplicateRules::default(),
        version: 1,
    };
    let of = tables.store().tenant(tenant);
    of.administrations().create(&books, &Author { by: &Actor::System, at: now, writer: &writer }).await.unwrap();
    let app = App {
        store: tables.store().clone(),
        clock: Clock::from_env().unwrap(),
        confidence_threshold: Decimal::new(80, 2),
    };
    // The first one warms the function up.
    for (number, lines) in [(3, 20), (4, 5_000)] {
        let document = tagged(id(number), administration, now);
        let bytes = invoice(lines);
        of.documents().put_file(document.id, File::Source, bytes, "application/xml").await.unwrap();
        of.documents().create(&document, None, Some(Step::Read), &writer).await.unwrap();
        let body = serde_json::json!({ "tenant": tenant, "document": document.id, "version": 1 }).to_string();
        let mut record = SqsMessage::default();
        record.message_id = Some("one".to_owned());
        record.body = Some(body);
        let mut event = SqsEvent::default();
        event.records.push(record);
        let failed = handle(&app, event, &format!("request {number}")).await.unwrap().batch_item_failures;
        assert!(failed.is_empty());
        let content = of.documents().content(document.id, 2).await.unwrap().unwrap();
        assert_eq!(content.invoice.unwrap().lines.len(), lines);
    }
    let peak = peak_kb();
    println!("peak_kb={peak}");
    assert!(peak < MOST, "{peak} kB");
}
