//! Files that are broken, absurd or meant to do harm: each is refused with its code, or read without being misled.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use documents::{DOCUMENT_BYTES_MAX, ErrorCode, FileKind, FindingCode, ReadDocument, sniff};
use domain::invoice::AttachmentSource;
use proptest::prelude::*;
use std::fmt::Write;

const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";

/// An invoice with something in its root.
fn invoice(content: &str) -> String {
    format!(r#"<Invoice xmlns="{INVOICE}" xmlns:cbc="{CBC}" xmlns:cac="{CAC}">{content}</Invoice>"#)
}

fn read(text: &str) -> ReadDocument {
    documents::read(text.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", error.code.as_str()))
}

#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, code: ErrorCode) -> String {
    let error = documents::read(bytes.as_ref()).map(|document| panic!("read: {:?}", document.invoice)).unwrap_err();
    assert_eq!(error.code, code, "{error}");
    error.message
}

fn number(text: &str) -> Option<String> {
    read(text).invoice.number
}

#[test]
fn external_entities_are_not_fetched() {
    for dtd in [
        r#"<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
        r#"<!DOCTYPE Invoice SYSTEM "http://example.org/evil.dtd">"#,
        r#"<!DOCTYPE Invoice [<!ENTITY % p SYSTEM "http://example.org/p"> %p;]>"#,
        "<!DOCTYPE Invoice>",
        "<!doctype Invoice>",
        "<!DOCTYPE Invoice [",
    ] {
        refused(format!("{dtd}{}", invoice("<cbc:ID>&x;</cbc:ID>")), ErrorCode::DtdRefused);
    }
    refused(invoice("<!DOCTYPE Invoice>"), ErrorCode::DtdRefused);
    refused(format!("{}<!DOCTYPE a>", invoice("")), ErrorCode::DtdRefused);
}

#[test]
fn entities_are_not_expanded() {
    let mut bomb = String::from("<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol0 \"lol\">");
    for level in 1..10 {
        let inner = format!("&lol{};", level - 1).repeat(10);
        write!(bomb, "<!ENTITY lol{level} \"{inner}\">").unwrap();
    }
    write!(bomb, "]>{}", invoice("<cbc:ID>&lol9;</cbc:ID>")).unwrap();
    refused(bomb, ErrorCode::DtdRefused);
    for content in [
        "<cbc:ID>&x;</cbc:ID>",
        "<cac:Skipped>&x;</cac:Skipped>",
        "<cbc:ID a='&x;'>1</cbc:ID>",
        "<cbc:ID>&#0;</cbc:ID>",
        "<cbc:ID>&#x1;</cbc:ID>",
        "<cbc:ID>&#xD800;</cbc:ID>",
    ] {
        refused(invoice(content), ErrorCode::UnknownEntity);
    }
    assert_eq!(number(&invoice("<cbc:ID>&lt;&#65;&#x42;&amp;&gt;&quot;&apos;</cbc:ID>")).as_deref(), Some("<AB&>\"'"));
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    for content in [
        "<cbc:ID>1</cbc:IDs>",
        "<cbc:ID>",
        "<cbc:ID a=1>1</cbc:ID>",
        "<cbc:ID a='1' a='2'>1</cbc:ID>",
        "<cbc:ID a='<'>1</cbc:ID>",
        "<cbc:ID>1</cbc:ID",
        "<cbc:ID>1 & 2</cbc:ID>",
        "<unknown:ID>1</unknown:ID>",
        "<1/>",
        "< cbc:ID>1</cbc:ID>",
        "<cbc:ID>\u{0}</cbc:ID>",
        "\u{1}",
        "<cac:Skipped>\u{0}</cac:Skipped>",
        "<![CDATA[never closed",
        "<!-- never closed",
        "<cac:Party xmlns:cac=''/>",
    ] {
        let message = refused(invoice(content), ErrorCode::MalformedXml);
        assert!(message.contains("line "), "{message}");
    }
    let message = refused(invoice("\n\n  <cbc:IssueDate>2026-13-01</cbc:IssueDate>"), ErrorCode::BadDate);
    assert!(message.contains("IssueDate: '2026-13-01'") && message.contains("line 3, column 3"), "{message}");
    refused(format!("\n<?xml version='1.0'?>{}", invoice("")), ErrorCode::MalformedXml);
    refused(&invoice("<cbc:ID>1</cbc:ID>").as_bytes()[..200], ErrorCode::MalformedXml);
}

#[test]
fn files_too_large_and_files_that_are_something_else() {
    refused(vec![b' '; 30 * 1024 * 1024], ErrorCode::TooLarge);
    let padding = DOCUMENT_BYTES_MAX - invoice("").len();
    assert_eq!(number(&invoice(&" ".repeat(padding))), None);
    refused(invoice(&" ".repeat(padding + 1)), ErrorCode::TooLarge);
    refused([], ErrorCode::Empty);
    let jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01";
    assert_eq!(sniff(jpeg), FileKind::Jpeg);
    assert!(refused(jpeg, ErrorCode::NotXml).contains("JPEG"));
    refused(b"\x89PNG\r\n\x1a\n", ErrorCode::NotXml);
    refused(b"Dear customer,", ErrorCode::NotXml);
    refused(b"<!-- nothing -->", ErrorCode::NotXml);
    refused(b"%PDF-1.7", ErrorCode::MalformedPdf);
}

#[test]
fn roots_and_namespaces_count() {
    for root in ["<Order/>".to_owned(), format!("<Order xmlns='{INVOICE}'/>"), "<html><Invoice/></html>".to_owned()] {
        refused(root, ErrorCode::UnknownRoot);
    }
    for root in [
        "<Invoice/>".to_owned(),
        "<Invoice xmlns='urn:example'/>".to_owned(),
        format!("<CreditNote xmlns='{INVOICE}'/>"),
        format!("<Invoice xmlns='{INVOICE}x'/>"),
        format!("<Invoice xmlns:x='{INVOICE}'/>"),
    ] {
        refused(root, ErrorCode::WrongNamespace);
    }
    let prefixed = format!("<u:Invoice xmlns:u='{INVOICE}' xmlns='{CBC}'><ID>7</ID></u:Invoice>");
    assert_eq!(number(&prefixed).as_deref(), Some("7"));
    // An ID in another namespace, in none, or in another place is not the number.
    for content in [
        "<cac:ID>7</cac:ID>",
        "<x:ID xmlns:x='urn:x'>7</x:ID>",
        "<ID>7</ID>",
        "<cac:Party><cbc:ID>7</cbc:ID></cac:Party>",
    ] {
        assert_eq!(number(&invoice(content)), None, "{content}");
    }
    // A prefix counts where it is declared, and no further.
    let redeclared = "<cac:X xmlns:cbc='urn:other'><cbc:ID>6</cbc:ID></cac:X><cbc:ID>7</cbc:ID>";
    assert_eq!(number(&invoice(redeclared)).as_deref(), Some("7"));
}

#[test]
fn nesting_and_numbers_of_things_are_bounded() {
    let nested = |depth: usize| invoice(&format!("{}{}", "<cac:A>".repeat(depth), "</cac:A>".repeat(depth)));
    assert_eq!(number(&nested(63)), None);
    refused(nested(64), ErrorCode::TooDeep);
    refused(invoice(&"<cac:A>".repeat(1_000_000)), ErrorCode::TooDeep);
    refused(invoice(&"<cac:A/>".repeat(600_000)), ErrorCode::TooComplex);
    refused(invoice(&"<cac:InvoiceLine/>".repeat(60_000)), ErrorCode::TooComplex);
    refused(invoice(&format!("<cbc:Note>{}</cbc:Note>", "x".repeat(200_000))), ErrorCode::TooComplex);
    let mut attributes = String::new();
    for index in 0..100 {
        write!(attributes, " a{index}=''").unwrap();
    }
    refused(invoice(&format!("<cac:A{attributes}/>")), ErrorCode::TooComplex);
    refused(invoice(&"<cac:A a='' b='' c='' d='' e=''/>".repeat(120_000)), ErrorCode::TooComplex);
    let mut bindings = String::new();
    for level in 0..60 {
        bindings.push_str("<cac:A");
        for index in 0..10 {
            write!(bindings, " xmlns:p{level}x{index}='urn:x'").unwrap();
        }
        bindings.push('>');
    }
    refused(invoice(&bindings), ErrorCode::TooComplex);
}

#[test]
fn a_long_invoice_is_read() {
    let mut content = String::new();
    for line in 1..=5_000 {
        write!(
            content,
            "<cac:InvoiceLine><cbc:ID>{line}</cbc:ID><cbc:LineExtensionAmount currencyID='EUR'>1.25</cbc:LineExtensionAmount>\
             <cac:Item><cbc:Name>Item {line}</cbc:Name></cac:Item></cac:InvoiceLine>"
        )
        .unwrap();
    }
    let lines = read(&invoice(&content)).invoice.lines;
    assert_eq!(lines.len(), 5_000);
    assert_eq!(lines[4_999].description.as_deref(), Some("Item 5000"));
}

#[test]
fn every_encoding_reads_alike() {
    let text = invoice("<cbc:ID>Säljare é</cbc:ID>");
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let latin1: Vec<u8> =
        format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{text}").chars().map(|c| c as u8).collect();
    let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), latin1, with_mark, text.clone().into_bytes()] {
        let document = documents::read(&bytes).unwrap();
        assert_eq!(document.invoice.number.as_deref(), Some("Säljare é"));
    }
    let invalid: Vec<u8> = text.chars().map(|c| c as u8).collect();
    refused(&invalid, ErrorCode::BadEncoding);
    refused(&utf16(u16::to_le_bytes)[..101], ErrorCode::BadEncoding);
    refused(&utf16(u16::to_le_bytes)[2..], ErrorCode::BadEncoding);
}

#[test]
fn values_in_pieces_are_joined() {
    for content in [
        "<cbc:ID>20<!-- x -->26-<![CDATA[1]]>7</cbc:ID>",
        "<cbc:ID>\n\t<![CDATA[2026]]>-17 <?pi?></cbc:ID>",
        "<cbc:ID>2026&#45;17</cbc:ID>",
    ] {
        assert_eq!(number(&invoice(content)).as_deref(), Some("2026-17"), "{content}");
    }
    assert_eq!(number(&invoice("<cbc:ID> 018304 \r\n /\t28865 </cbc:ID>")).as_deref(), Some("018304 / 28865"));
    assert_eq!(number(&invoice("<cbc:ID>  </cbc:ID>")), None);
    assert_eq!(number(&invoice("<cbc:ID/>")), None);
    refused(invoice("<cbc:ID>1<cbc:ID>2</cbc:ID></cbc:ID>"), ErrorCode::MisplacedElement);
}

#[test]
fn what_may_stand_once_may_not_stand_twice() {
    let total =
        "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='EUR'>1</cbc:PayableAmount></cac:LegalMonetaryTotal>";
    let party = "<cac:AccountingSupplierParty><cac:Party/></cac:AccountingSupplierParty>";
    for twice in [
        total,
        party,
        "<cbc:ID>1</cbc:ID>",
        "<cbc:ID/>",
        "<cbc:IssueDate>2026-03-31</cbc:IssueDate>",
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>",
    ] {
        refused(invoice(&twice.repeat(2)), ErrorCode::RepeatedElement);
    }
    let amount = "<cbc:PayableAmount currencyID='EUR'>1</cbc:PayableAmount>";
    let inside = format!("<cac:LegalMonetaryTotal>{amount}{amount}</cac:LegalMonetaryTotal>");
    assert!(refused(invoice(&inside), ErrorCode::RepeatedElement).contains("PayableAmount"));
    let line = "<cac:InvoiceLine><cac:Item><cbc:Name>a</cbc:Name></cac:Item></cac:InvoiceLine>";
    assert_eq!(read(&invoice(&line.repeat(2))).invoice.lines.len(), 2);
    let items = "<cac:InvoiceLine><cac:Item/><cac:Item/></cac:InvoiceLine>";
    refused(invoice(items), ErrorCode::RepeatedElement);
}

#[test]
fn nothing_may_follow_the_document() {
    let document = invoice("<cbc:ID>1</cbc:ID>");
    for tail in ["<x/>", "x", "</x>", &document, "<![CDATA[ ]]>", "&amp;", "<?xml version='1.0'?>"] {
        let result = documents::read(format!("{document}{tail}").as_bytes());
        let code = result.unwrap_err().code;
        assert!(matches!(code, ErrorCode::TrailingContent | ErrorCode::MalformedXml), "{tail}: {}", code.as_str());
    }
    refused(format!("{document}{document}"), ErrorCode::TrailingContent);
    assert_eq!(number(&format!("{document}\n<!-- end --><?pi?>\n")).as_deref(), Some("1"));
}

#[test]
fn numbers_are_plain_decimals() {
    let payable = |amount: &str| {
        invoice(&format!(
            "<cac:LegalMonetaryTotal><cbc:PayableAmount>{amount}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
        ))
    };
    for amount in [
        "1e5",
        "1E-2",
        "1,50",
        "1.000,00",
        "NaN",
        "INF",
        "0x10",
        "١٢",
        "1 000",
        "--1",
        &"9".repeat(40),
        "1.00000000000",
    ] {
        refused(payable(amount), ErrorCode::BadAmount);
    }
    for (amount, read_as) in
        [("+0.10", "0.10"), ("-10000", "-10000"), ("-0.00", "0.00"), ("700", "700"), (" 1.50\n", "1.50")]
    {
        let total = read(&payable(amount)).invoice.totals.payable.unwrap();
        assert_eq!(total.to_string(), read_as);
    }
    let allowance = "<cac:AllowanceCharge><cbc:ChargeIndicator>yes</cbc:ChargeIndicator></cac:AllowanceCharge>";
    refused(invoice(allowance), ErrorCode::BadIndicator);
}

#[test]
fn amounts_in_another_currency_are_noticed_whatever_the_order() {
    let content = "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='USD'>1</cbc:PayableAmount></cac:LegalMonetaryTotal>\
                   <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>";
    let findings = read(&invoice(content)).findings;
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::AmountCurrency]);
    let findings = read(&invoice("<cbc:DocumentCurrencyCode>euro</cbc:DocumentCurrencyCode>")).findings;
    assert_eq!(findings[0].code, FindingCode::BadCurrency);
}

fn attached(mime: &str, base64: &str) -> String {
    invoice(&format!(
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject \
         mimeCode='{mime}' filename='../../x.pdf'>{base64}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>\
         </cac:AdditionalDocumentReference><cbc:ID>9</cbc:ID>"
    ))
}

#[test]
fn attachments_are_what_their_bytes_say() {
    let pdf = read(&attached("application/pdf", "JVBE\n  Ri0x\r\nLjc="));
    assert_eq!(
        (pdf.embedded[0].mime.as_str(), pdf.embedded[0].bytes.as_slice()),
        ("application/pdf", &b"%PDF-1.7"[..])
    );
    assert!(pdf.findings.is_empty());
    let lie = read(&attached("application/pdf", "PGh0bWw+"));
    assert_eq!(lie.embedded[0].mime.as_str(), "application/octet-stream");
    assert_eq!(lie.findings[0].code, FindingCode::MislabelledAttachment);
    for broken in ["JVBERi0xLjc", "JVBE*i0xLjc=", "JVBERi0xLjc=JVBERi0xLjc=", "%PDF"] {
        for read in [documents::read, documents::read_invoice] {
            let document = read(attached("application/pdf", broken).as_bytes()).unwrap();
            assert_eq!(document.findings[0].code, FindingCode::UndecodableAttachment, "{broken}");
            assert_eq!(document.invoice.attachments[0].source, AttachmentSource::Undecodable);
            assert_eq!(document.invoice.number.as_deref(), Some("9"), "the invoice itself is read");
            assert!(document.embedded.is_empty());
        }
    }
    let checked = documents::read_invoice(attached("application/pdf", "JVBERi0xLjc=").as_bytes()).unwrap();
    assert_eq!(checked.invoice.attachments[0].source, AttachmentSource::Embedded { size: 8 });
    assert!(checked.embedded.is_empty());
}

#[test]
fn messages_show_a_strangers_text_short_and_on_one_line() {
    let message = refused(
        invoice(&format!("<cbc:IssueDate>\u{202e}{}\u{7}</cbc:IssueDate>", "x".repeat(500))),
        ErrorCode::MalformedXml,
    );
    assert!(message.len() < 200, "{message}");
    let message =
        refused(invoice(&format!("<cbc:IssueDate>\u{202e}{}</cbc:IssueDate>", "x".repeat(500))), ErrorCode::BadDate);
    assert!(message.len() < 200 && !message.contains('\u{202e}'), "{message}");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = documents::read(&bytes);
        let _ = documents::read(&[b"<", bytes.as_slice()].concat());
        let _ = documents::read(&[b"%PDF-1.7\n", bytes.as_slice()].concat());
        let _ = documents::read(&[b"\xff\xfe", bytes.as_slice()].concat());
    }

    #[test]
    fn no_text_in_an_invoice_panics(text in "[<>/&;=\"' a-zA-Z0-9:!\\[\\]\u{0}é-]{0,120}") {
        let _ = documents::read(invoice(&text).as_bytes());
        let _ = documents::read(invoice(&format!("<cbc:ID {text}>{text}</cbc:ID>")).as_bytes());
    }

    #[test]
    fn no_change_to_a_real_file_panics(at in 0_usize..12_000, byte in any::<u8>(), cut in 0_usize..12_000) {
        const FILE: &[u8] = include_bytes!("../../../tests/corpus/ubl/simplerinvoicing-testset/SI-UBL-2.0_ok_full.xml");
        let mut changed = FILE.to_vec();
        if let Some(place) = changed.get_mut(at) {
            *place = byte;
        }
        let _ = documents::read(&changed);
        changed.truncate(cut);
        let _ = documents::read(&changed);
    }
}
