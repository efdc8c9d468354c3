//! Documents on their way, good ones and bad ones.

use std::{thread, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::ground::{BLOCKED, End, Ground, SOURCE, SUPPLIER, ask, get, refused, same, with_json, wrong};
use crate::{
    aws::text,
    demo::api::{Payload, Request},
    failure::Failure,
};

const MEGABYTE: usize = 1024 * 1024;

/// The three ways a document goes, and what shows of each.
pub fn main_path(ground: &mut Ground) -> Result<(), Failure> {
    let posted = ground.invoice(SUPPLIER, "M-1", 10)?;
    let waiting = ground.invoice(SUPPLIER, "M-2", 300)?;
    let refused = ground.invoice(BLOCKED, "M-3", 20)?;
    same("the first", &ground.end(&posted)?, &End::of("posted", ""))?;
    same("the second", &ground.end(&waiting)?, &End::of("complete", "above_maximum"))?;
    same("the third", &ground.end(&refused)?.status, &"rejected".to_owned())?;

    let office = &ground.office;
    let seen: Value = office.accountant.get(&format!("/documents/{posted}"))?;
    let bookings = office.ledger.bookings(office.division)?;
    let ids: Vec<&str> = bookings.iter().map(|booking| booking.entry_id.as_str()).collect();
    same("the ledger's bookings", &ids, &vec![text(&seen, "/booked/ledger_id")])?;
    let gross = bookings.first().map(|booking| booking.amount.abs().to_string()).unwrap_or_default();
    same("the booked amount", &gross, &"232.32".to_owned())?;

    let decision: Value = office.accountant.get(&format!("/documents/{waiting}/decision"))?;
    same("the decision", &text(&decision, "/outcome"), &"stay")?;
    let listed = |list: &str| -> Result<Vec<String>, Failure> {
        let page: Value = office.accountant.get(&format!("/administrations/{}/{list}", office.administration))?;
        let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(items.iter().map(|item| text(item, "/id").to_owned()).collect())
    };
    same("the archive", &listed("archive?posted_by=automation")?, &vec![posted.clone()])?;
    let mut overview = listed("overview")?;
    overview.sort_unstable();
    let mut both = vec![waiting, refused];
    both.sort_unstable();
    same("the validation overview", &overview, &both)?;

    let file: Value = office.accountant.get(&format!("/documents/{posted}/source"))?;
    let sent = office.invoice(SUPPLIER, "M-1", 10)?;
    let kept = ureq::get(text(&file, "/url")).call().and_then(|mut answer| answer.body_mut().read_to_string());
    let kept = kept.map_err(|error| wrong("the original", error.to_string()))?;
    if kept == sent { Ok(()) } else { Err(wrong("the original", "it is not what was sent".into())) }
}

/// The same number in other bytes, and the same bytes, after the first one was posted.
pub fn twice(ground: &mut Ground) -> Result<(), Failure> {
    let first = ground.invoice(SUPPLIER, "T-1", 30)?;
    same("the first", &ground.end(&first)?, &End::of("posted", ""))?;
    let before = ground.office.ledger.bookings(ground.office.division)?.len();
    let text = ground.office.invoice(SUPPLIER, "T-1", 30)?;
    let again = ground.office.deliver("T-1-again.xml", text.as_bytes())?;
    let other = ground.office.deliver("T-1-other.xml", text.replace("Alkmaar", "Heiloo").as_bytes())?;
    for document in [again, other] {
        same("a copy", &ground.end(&document)?, &End::of("complete", "duplicate_suspected"))?;
    }
    same("the number of bookings", &ground.office.ledger.bookings(ground.office.division)?.len(), &before)
}

/// Files that are no invoices, or mean harm.
pub fn bad_input(ground: &mut Ground) -> Result<(), Failure> {
    let good = ground.office.invoice(SUPPLIER, "B-1", 40)?;
    let declared = |dtd: &str| good.replacen("?>", &format!("?>\n<!DOCTYPE Invoice [{dtd}]>"), 1);
    let laughs: Vec<String> =
        (1..12).map(|n| format!(r#"<!ENTITY l{n} "&l{m};&l{m};&l{m};&l{m};">"#, m = n - 1)).collect();
    let laughs = laughs.concat();
    let laughs = declared(&format!(r#"<!ENTITY l0 "ha">{laughs}"#)).replace("Flour", "&l11;");
    let outside = declared(r#"<!ENTITY out SYSTEM "file:///etc/passwd">"#).replace("Flour", "&out;");
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("malformed.xml", good.replacen("</cac:Party>", "", 1).into_bytes(), "malformed_xml"),
        ("laughs.xml", laughs.into_bytes(), "dtd_refused"),
        ("outside.xml", outside.into_bytes(), "dtd_refused"),
        ("picture.xml", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 and so on".to_vec(), "not_recognised"),
        ("text.xml", b"Dear reader, this is no XML.".to_vec(), "not_xml"),
        ("root.xml", b"<?xml version=\"1.0\"?><Letter>Dear reader</Letter>".to_vec(), "unknown_root"),
        ("namespace.xml", good.replace("schema:xsd:Invoice-2", "schema:xsd:Invoice-9").into_bytes(), "wrong_namespace"),
    ];
    let sent: Result<Vec<_>, Failure> =
        cases.iter().map(|(name, bytes, code)| Ok((ground.office.deliver(name, bytes)?, name, code))).collect();
    for (document, name, code) in sent? {
        same(name, &ground.end(&document)?, &End::of("unreadable", code))?;
    }
    Ok(())
}

/// XML that is not UTF-8: as bytes it is posted with its letters as they are, as text it is refused.
pub fn encodings(ground: &mut Ground) -> Result<(), Failure> {
    let path = format!("/documents?administration={}&tag=purchase", ground.office.administration);
    for (number, bags, encoding) in [("X-1", 80, "ISO-8859-1"), ("X-2", 81, "UTF-16")] {
        let text = ground.office.invoice(SUPPLIER, number, bags)?;
        let text = text.replacen("UTF-8", encoding, 1).replace("Flour", "Blé");
        let bytes: Vec<u8> = match encoding {
            "UTF-16" => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            // Its letters are the first 256 of Unicode.
            _ => text.chars().filter_map(|letter| u8::try_from(u32::from(letter)).ok()).collect(),
        };
        let payload = Payload::Bytes { media: "application/xml", name: Some("text.xml"), bytes: &bytes };
        let as_text = Request { method: "POST", path: &path, payload, seen: None, key: None };
        refused(encoding, &ask(&ground.office.accountant, as_text)?, 415, "damaged_text")?;
        let document = ground.office.deliver(&format!("{number}.xml"), &bytes)?;
        same(encoding, &ground.end(&document)?, &End::of("posted", ""))?;
        let content: Value = ground.office.accountant.get(&format!("/documents/{document}/content"))?;
        same("the letters", &content.to_string().contains("Blé"), &true)?;
    }
    Ok(())
}

/// In the body, announced, and smuggled behind a smaller announcement.
pub fn too_large(ground: &mut Ground) -> Result<(), Failure> {
    let accountant = &ground.office.accountant;
    let administration = &ground.office.administration;
    let announced = json!({ "file_name": "large.xml", "size": 30 * MEGABYTE });
    refused("an announced file", &ask(accountant, with_json("POST", "/uploads", &announced))?, 413, "too_large")?;

    let path = format!("/documents?administration={administration}&tag=purchase");
    let bytes = vec![b' '; 4 * MEGABYTE + 4096];
    let payload = Payload::Bytes { media: "application/xml", name: Some("large.xml"), bytes: &bytes };
    let inline = Request { method: "POST", path: &path, payload, seen: None, key: None };
    refused("a file in the body", &ask(accountant, inline)?, 413, "too_large")?;

    let announced = json!({ "file_name": "large.xml", "size": 20 * MEGABYTE });
    let upload = ask(accountant, with_json("POST", "/uploads", &announced))?;
    ureq::put(text(&upload.body, "/url"))
        .send(&vec![b' '; 30 * MEGABYTE][..])
        .map_err(|error| wrong("the upload", error.to_string()))?;
    let named = json!({ "upload": upload.body.get("upload"), "file_name": "large.xml" });
    refused("a smuggled file", &ask(accountant, with_json("POST", &path, &named))?, 413, "too_large")?;
    let none = format!("/documents/{}", text(&upload.body, "/upload"));
    refused("what was refused", &ask(accountant, get(&none))?, 404, "not_found")
}

/// An event with a file in it, from a source that the tenant knows and from one that it does not.
pub fn event(ground: &mut Ground) -> Result<(), Failure> {
    let bus = ground.project.memory()?.outputs.remove("BusName").unwrap_or_default();
    let office = &mut ground.office;
    for (source, number, bags) in [("somebody.else", "E-1", 50), (SOURCE, "E-2", 51)] {
        let detail = json!({
            "tenant": office.tenant,
            "administration": office.administration,
            "tag": "purchase",
            "file_name": format!("{number}.xml"),
            "content": STANDARD.encode(office.invoice(SUPPLIER, number, bags)?),
        });
        let entry = json!({
            "EventBusName": bus,
            "Source": source,
            "DetailType": "invoice.tagged",
            "Detail": detail.to_string(),
        });
        office.people.aws.call("events", "put_events", &json!({ "Entries": [entry] }))?;
    }
    let path = format!("/administrations/{}/archive?posted_by=automation", office.administration);
    for _ in 0..300 {
        let page: Value = office.accountant.get(&path)?;
        let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        let numbers: Vec<&str> = items.iter().map(|item| text(item, "/number")).collect();
        if numbers.contains(&"E-1") {
            return Err(wrong("the archive", "it has a document from a source that the tenant does not know".into()));
        }
        if numbers.contains(&"E-2") {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(200));
    }
    Err(wrong("the archive", "the document of the event is not in it".into()))
}
