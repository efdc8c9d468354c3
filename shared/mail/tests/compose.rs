//! Messages, read by a parser that has nothing to do with what writes them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Draft, address, delivery};
use domain::mail::MailLanguage;
use mail::{Attachment, AttachmentName, ComposeError, HeaderText, MediaType, compose, size::SES_MESSAGE_BYTES_MAX};
use mailparse::{DispositionType, MailHeaderMap as _, ParsedMail, parse_mail};
use proptest::prelude::*;

fn header(mail: &ParsedMail<'_>, name: &str) -> Option<String> {
    mail.headers.get_first_value(name)
}

fn lines_are_mail(raw: &[u8]) {
    let text = std::str::from_utf8(raw).unwrap();
    assert!(text.is_ascii());
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "a line that does not end with CR LF");
    for line in text.split("\r\n") {
        let max = if line.contains("=?") { 78 } else { 998 };
        assert!(line.len() <= max, "{line}");
    }
}

#[test]
fn a_plain_message() {
    let draft = Draft { text: "Hello\nworld\n", ..Draft::default() };
    let raw = draft.compose(&[]).unwrap();
    lines_are_mail(&raw);
    let mail = parse_mail(&raw).unwrap();
    assert_eq!(header(&mail, "From").unwrap(), "\"Ledgerpost\" <post@ledgerpost.example>");
    assert_eq!(header(&mail, "To").unwrap(), "<inbound@package.example>");
    assert_eq!(header(&mail, "Subject").unwrap(), "Subject");
    assert_eq!(header(&mail, "Date").unwrap(), "Tue, 10 Mar 2026 09:30:00 +0000");
    assert_eq!(header(&mail, "X-Ledgerpost-Delivery").unwrap(), delivery().to_string());
    assert_eq!(header(&mail, "Auto-Submitted").unwrap(), "auto-generated");
    assert_eq!(header(&mail, "Content-Language").unwrap(), "en");
    assert_eq!(header(&mail, "MIME-Version").unwrap(), "1.0");
    for absent in ["Message-ID", "Reply-To", "Bcc"] {
        assert_eq!(header(&mail, absent), None);
    }
    assert_eq!((mail.ctype.mimetype.as_str(), mail.ctype.charset.as_str()), ("text/plain", "utf-8"));
    assert_eq!(mail.get_body().unwrap(), "Hello\r\nworld\r\n");
}

#[test]
fn the_same_message_is_the_same_bytes() {
    let name = AttachmentName::new("a.xml");
    let files = [Attachment { name: &name, media: MediaType::Xml, bytes: b"<a/>" }];
    assert_eq!(Draft::default().compose(&files), Draft::default().compose(&files));
}

#[test]
fn other_letters_arrive() {
    let draft = Draft {
        sender: "Księgi \"Żółw\", spółka; z o.o.",
        subject: "Faktura sprzedaży 2026/03/0042 - PL1234567890 - Przedsiębiorstwo Handlowe Łączność spółka z o.o. - 發票",
        text: "Dzień dobry,\n\nw załączniku 發票.   \n",
        reply_to: Some(address("office@example.com")),
        language: MailLanguage::Polish,
    };
    let raw = draft.compose(&[]).unwrap();
    lines_are_mail(&raw);
    let mail = parse_mail(&raw).unwrap();
    assert_eq!(header(&mail, "Subject").unwrap(), draft.subject);
    let from = mailparse::addrparse_header(mail.headers.get_first_header("From").unwrap()).unwrap();
    let from = from.extract_single_info().unwrap();
    assert_eq!((from.display_name.as_deref(), from.addr.as_str()), (Some(draft.sender), "post@ledgerpost.example"));
    assert_eq!(header(&mail, "Reply-To").unwrap(), "<office@example.com>");
    assert_eq!(header(&mail, "Content-Language").unwrap(), "pl");
    assert_eq!(mail.get_body().unwrap(), draft.text.replace('\n', "\r\n"));
}

#[test]
fn nothing_gets_out_of_its_header() {
    let evil = "x\r\nBcc: thief@example.com\r\n\r\nbody\u{0}\u{2028}";
    let name = AttachmentName::new(&format!("{evil}\".xml"));
    let draft = Draft { sender: evil, subject: evil, ..Draft::default() };
    let raw = draft.compose(&[Attachment { name: &name, media: MediaType::Xml, bytes: b"x" }]).unwrap();
    lines_are_mail(&raw);
    let mail = parse_mail(&raw).unwrap();
    assert_eq!(header(&mail, "Bcc"), None);
    assert_eq!(header(&mail, "Subject").unwrap(), "x Bcc: thief@example.com body");
    assert_eq!(mail.subparts.len(), 2);
    assert_eq!(mail.subparts[1].headers.len(), 3);
}

#[test]
fn attachments_arrive_byte_for_byte() {
    let all: Vec<u8> = (0..=255).collect();
    let lines = b":20:STATEMENT\n:25:NL91ABNA0417164300\r\n-\n\n.\nFrom x\n".as_slice();
    for media in MediaType::ALL {
        for bytes in [b"".as_slice(), b"\n", &all, lines] {
            let (plain, other) =
                (AttachmentName::new("purchase-1.xml"), AttachmentName::new("Wyciąg łódź, część druga.sta"));
            let files =
                [Attachment { name: &plain, media, bytes }, Attachment { name: &other, media, bytes: b"\nsecond" }];
            let raw = Draft { text: "short\n", ..Draft::default() }.compose(&files).unwrap();
            lines_are_mail(&raw);
            let mail = parse_mail(&raw).unwrap();
            assert_eq!(mail.ctype.mimetype, "multipart/mixed");
            let [text, first, second] = mail.subparts.as_slice() else { panic!("{}", mail.subparts.len()) };
            assert_eq!(text.get_body().unwrap(), "short\r\n");
            for part in [first, second] {
                assert_eq!(header(part, "Content-Transfer-Encoding").unwrap(), "base64");
                assert_eq!(part.ctype.mimetype, media.as_str());
                assert_eq!(part.get_content_disposition().disposition, DispositionType::Attachment);
            }
            assert_eq!(first.get_body_raw().unwrap(), bytes);
            assert_eq!(second.get_body_raw().unwrap(), b"\nsecond");
            let disposition = first.get_content_disposition();
            assert_eq!(disposition.params.len(), 1);
            assert_eq!(disposition.params["filename"], "purchase-1.xml");
            assert_eq!(first.ctype.params["name"], "purchase-1.xml");
            assert_eq!(second.ctype.params["name"], "Wyciag_lodz__czesc_druga.sta");
            let written = header(second, "Content-Disposition").unwrap();
            assert!(written.contains("filename=\"Wyciag_lodz__czesc_druga.sta\""), "{written}");
            assert!(written.contains("filename*"), "{written}");
        }
    }
}

#[test]
fn a_body_that_imitates_the_boundary_stays_a_body() {
    let text = format!("--=_{0}\r\nContent-Type: text/html\r\n\r\n<b>\r\n--=_{0}_1--\r\n", delivery());
    let name = AttachmentName::new("a.pdf");
    let draft = Draft { text: &text, ..Draft::default() };
    let raw = draft.compose(&[Attachment { name: &name, media: MediaType::Pdf, bytes: b"%PDF" }]).unwrap();
    let mail = parse_mail(&raw).unwrap();
    assert_eq!(mail.subparts.len(), 2);
    assert_eq!(mail.subparts[0].get_body().unwrap(), text);
}

#[test]
fn what_is_too_large_is_refused() {
    let name = AttachmentName::new("a.pdf");
    let bytes = vec![0; usize::try_from(SES_MESSAGE_BYTES_MAX / 4 * 3).unwrap()];
    let refused = Draft::default().compose(&[Attachment { name: &name, media: MediaType::Pdf, bytes: &bytes }]);
    assert!(matches!(refused, Err(ComposeError::TooLarge { bytes }) if bytes > SES_MESSAGE_BYTES_MAX));
}

proptest! {
    #[test]
    fn any_text_arrives(sender in any::<String>(), subject in any::<String>(), name in any::<String>(), text in "[^\\pC]{0,200}", bytes: Vec<u8>) {
        let name = AttachmentName::new(&name);
        let draft = Draft { sender: &sender, subject: &subject, text: &text, ..Draft::default() };
        let raw = draft.compose(&[Attachment { name: &name, media: MediaType::PlainText, bytes: &bytes }]).unwrap();
        lines_are_mail(&raw);
        let mail = parse_mail(&raw).unwrap();
        prop_assert_eq!(mail.subparts.len(), 2);
        prop_assert_eq!(header(&mail, "Subject").unwrap(), HeaderText::new(&subject).to_string());
        let body = mail.subparts[0].get_body().unwrap();
        prop_assert_eq!(body.trim_end(), text.trim_end());
        prop_assert_eq!(mail.subparts[1].get_body_raw().unwrap(), bytes);
        let disposition = mail.subparts[1].get_content_disposition();
        prop_assert_eq!(&disposition.params["filename"], name.ascii());
    }
}

#[test]
fn compose_is_what_the_crate_exports() {
    let draft = Draft::default();
    let sender = draft.sender();
    let (subject, to) = (HeaderText::new(draft.subject), address("inbound@package.example"));
    assert!(compose(&draft.message(&sender, &to, &subject, &[])).is_ok());
}
