//! Delivering documents, in each of the three ways.

use crate::world::*;
use domain::{document::Step, ids::DocumentId, permission::Role};
use serde_json::{Value, json};
use store::testing::{Fault, Which};

const UBL: &[u8] = b"<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"/>";
const RECOGNISED: &str = r#"{"kind":"invoice","fields":{"number":{"value":"F-1","confidence":0.98}}}"#;

fn target(more: &str) -> String {
    format!("/documents?administration={}{more}", books())
}

/// Name, file name and type where it is a file, content.
type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

/// A form with these parts.
fn form(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|(file, media)| format!("; filename=\"{file}\"\r\nContent-Type: {media}"));
        let head =
            format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n\r\n", file.unwrap_or_default());
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    ("multipart/form-data; boundary=xx".to_owned(), body)
}

async fn emitted(world: &World, id: &Value) -> Option<String> {
    let pk = format!("{}#{}", id_of_tenant(), id.as_str().unwrap());
    let items = world.store.items(Which::Documents).await;
    let head = items.into_iter().find(|item| item["pk"]["S"] == pk && item["sk"]["S"] == "head").unwrap();
    head["emit"]["S"].as_str().map(str::to_owned)
}

fn id_of_tenant() -> domain::ids::TenantId {
    id(OURS)
}

#[tokio::test]
async fn a_file_as_the_body() {
    let world = World::start().await;
    let ask = world.ask(&client(), "POST", target("&tag=purchase"));
    let ask = ask.header("content-disposition", "attachment; filename=\"fuel.xml\"");
    let reply = ask.bytes("application/xml", UBL).send().await;
    let location = reply.header("location").to_owned();
    assert_eq!(reply.header("etag"), "\"1\"");
    let made = reply.ok(201);
    assert_eq!(location, format!("/documents/{}", made["id"].as_str().unwrap()));
    for (field, value) in [
        ("status", "tagged"),
        ("tag", "purchase"),
        ("format", "ubl"),
        ("file_name", "fuel.xml"),
        ("channel", "api"),
        ("received_at", "2026-07-01T10:00:00Z"),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert_eq!(world.get(&client(), &location).await.ok(200), made);
    assert_eq!(emitted(&world, &made["id"]).await.as_deref(), Some(Step::Read.as_str()));
    let id: DocumentId = made["id"].as_str().unwrap().parse().unwrap();
    let kept = world.ours().documents().file(id, store::document::File::Source, 1 << 20).await.unwrap();
    assert_eq!(kept, UBL);
}

#[tokio::test]
async fn untagged_it_waits_in_the_intake() {
    let world = World::start().await;
    let made = world.ask(&client(), "POST", target("")).bytes("application/pdf", b"%PDF-1.7").send().await.ok(201);
    assert_eq!((&made["status"], &made["tag"], &made["format"]), (&json!("received"), &Value::Null, &json!("pdf")));
    assert_eq!(emitted(&world, &made["id"]).await, Some("announce".to_owned()));
    let intake = world.get(&client(), format!("/administrations/{}/intake", books())).await.ok(200);
    assert_eq!(intake["items"], json!([made]));
}

#[tokio::test]
async fn who_may_not_tag_delivers_without_a_tag() {
    let world = World::start().await;
    let restricted = Token::Of(OURS, Role::RestrictedClientUser);
    let reply = world.ask(&restricted, "POST", target("&tag=sales")).bytes("application/xml", UBL).send().await;
    reply.refused(403, "not_permitted");
    let made = world.ask(&restricted, "POST", target("")).bytes("application/xml", UBL).send().await.ok(201);
    let tag = format!("/documents/{}/tag", made["id"].as_str().unwrap());
    world.post(&restricted, &tag, &json!({ "tag": "sales" })).await.refused(403, "not_permitted");
    world.post(&client(), &tag, &json!({ "tag": "sales" })).await.ok(200);
}

#[tokio::test]
async fn a_form_with_recognised_fields() {
    let world = World::start().await;
    let file = ("file", Some(("fuel.pdf", "application/pdf")), b"%PDF-1.7".as_slice());
    let (media, body) = form(&[file, ("recognised", None, RECOGNISED.as_bytes())]);
    let made = world.ask(&client(), "POST", target("&tag=purchase")).bytes(&media, &body).send().await.ok(201);
    assert_eq!((&made["format"], &made["file_name"]), (&json!("pdf"), &json!("fuel.pdf")));
    let id: DocumentId = made["id"].as_str().unwrap().parse().unwrap();
    let fields = world.ours().documents().file(id, store::document::File::Fields, 1 << 20).await.unwrap();
    assert_eq!(fields, RECOGNISED.as_bytes());
    let refuse = async |parts: &[Part<'_>]| {
        let (media, body) = form(parts);
        world.ask(&client(), "POST", target("")).bytes(&media, &body).send().await
    };
    refuse(&[("recognised", None, RECOGNISED.as_bytes())]).await.refused(400, "malformed_form");
    refuse(&[file, file]).await.refused(400, "malformed_form");
    let garbage = refuse(&[file, ("recognised", None, b"{")]).await.refused(422, "invalid");
    assert_eq!(garbage["errors"][0]["pointer"], "/recognised");
    let kind = refuse(&[file, ("recognised", None, br#"{"kind":"letter"}"#)]).await.refused(422, "invalid");
    assert_eq!(kind["errors"][0]["pointer"], "/recognised/kind");
    refuse(&[file, ("colour", None, b"red")]).await.refused(422, "unknown_field");
    let archive = ("file", Some(("a.zip", "application/zip")), b"PK".as_slice());
    refuse(&[archive]).await.refused(415, "unsupported_media_type");
    refuse(&[("file", Some(("a.pdf", "application/pdf")), b"")]).await.refused(422, "empty");
    let torn = world.ask(&client(), "POST", target("")).bytes("multipart/form-data; boundary=xx", b"--xx\r\nnothing");
    torn.send().await.refused(400, "malformed_form");
    let unbounded = world.ask(&client(), "POST", target("")).bytes("multipart/form-data", b"--xx--");
    unbounded.send().await.refused(400, "malformed_form");
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_all_the_same() {
    let world = World::start().await;
    for (media, bytes, format) in [
        ("application/xml", b"<Invoice".as_slice(), "ubl"),
        ("application/octet-stream", b"\xff\xd8\xff\xe0 a picture called xml", "scan"),
        ("application/pdf", b"no pdf at all", "pdf"),
        ("image/png", b"\x00", "scan"),
        ("text/csv", b"a;b", "scan"),
    ] {
        let made = world.ask(&client(), "POST", target("&tag=purchase")).bytes(media, bytes);
        let named = made.header("content-disposition", "attachment; filename=\"a.xml\"");
        let made = named.send().await.ok(201);
        assert_eq!(made["format"], format, "{media}");
        let id: DocumentId = made["id"].as_str().unwrap().parse().unwrap();
        let kept = world.ours().documents().file(id, store::document::File::Source, 1 << 20).await.unwrap();
        assert_eq!(kept, bytes);
    }
}

#[tokio::test]
async fn other_encodings_than_utf_8_come_whole_as_bytes_and_are_refused_as_text() {
    let world = World::start().await;
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Invoice>S\xe4ljare</Invoice>".to_vec();
    let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Invoice>Säljare</Invoice>";
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let ask = |media: &str, bytes: &[u8]| {
        let ask = world.ask(&client(), "POST", target("")).bytes(media, bytes);
        ask.header("content-disposition", "attachment; filename=\"a.xml\"").send()
    };
    for bytes in [latin, wide] {
        for media in ["application/xml", "text/xml; charset=iso-8859-1"] {
            let refused = ask(media, &bytes).await.refused(415, "damaged_text");
            assert!(refused["detail"].as_str().unwrap().contains("application/octet-stream"), "{refused}");
        }
        let made = ask("application/octet-stream", &bytes).await.ok(201);
        let id: DocumentId = made["id"].as_str().unwrap().parse().unwrap();
        let kept = world.ours().documents().file(id, store::document::File::Source, 1 << 20).await.unwrap();
        assert_eq!(kept, bytes);
    }
    ask("application/xml", "<Invoice>Säljare</Invoice>".as_bytes()).await.ok(201);
}

#[tokio::test]
async fn what_is_refused_at_the_door() {
    let world = World::start().await;
    let ask = || world.ask(&client(), "POST", target(""));
    ask().bytes("application/xml", b"").send().await.refused(422, "empty");
    ask().bytes("text/html", b"<html>").send().await.refused(415, "unsupported_media_type");
    ask().bytes("application/x-msdownload", b"MZ").send().await.refused(415, "unsupported_media_type");
    ask().send().await.refused(415, "unsupported_media_type");
    let limit = 4 * 1024 * 1024;
    let large = vec![b' '; limit + 1];
    let refused = ask().bytes("application/xml", &large).send().await.refused(413, "too_large");
    assert!(refused["detail"].as_str().unwrap().contains("/uploads"), "{refused}");
    ask().bytes("application/xml", &large[1..]).send().await.ok(201);
    ask().bytes("application/xml", &vec![b' '; 6 * 1024 * 1024]).send().await.refused(413, "too_large");
    let file = ("file", Some(("a.xml", "application/xml")), large.as_slice());
    let (media, body) = form(&[file]);
    ask().bytes(&media, &body).send().await.refused(413, "too_large");
    let none = world.ask(&client(), "POST", "/documents").bytes("application/xml", UBL).send().await;
    none.refused(400, "invalid_query");
    let tag = world.ask(&client(), "POST", target("&tag=bank")).bytes("application/xml", UBL).send().await;
    tag.refused(400, "invalid_query");
}

#[tokio::test]
async fn a_repeated_delivery_is_one_document() {
    let world = World::start().await;
    let ask = |bytes: &'static [u8], query: &str| {
        world.ask(&client(), "POST", target(query)).key("d-1").bytes("application/xml", bytes).send()
    };
    let first = ask(UBL, "").await.ok(201);
    world.wait(3600);
    assert_eq!(ask(UBL, "").await.ok(201), first);
    ask(b"<other/>", "").await.refused(422, "idempotency_key_reused");
    ask(UBL, "&tag=purchase").await.refused(422, "idempotency_key_reused");
    let id: DocumentId = first["id"].as_str().unwrap().parse().unwrap();
    let kept = world.ours().documents().file(id, store::document::File::Source, 1 << 20).await.unwrap();
    assert_eq!(kept, UBL, "the original is still the first one's");
    // Without a key each delivery is a document of its own.
    for _ in 0..2 {
        world.ask(&client(), "POST", target("")).bytes("application/xml", UBL).send().await.ok(201);
    }
    let intake = world.get(&client(), format!("/administrations/{}/intake", books())).await.ok(200);
    assert_eq!(intake["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_delivery_that_died_in_the_middle_is_completed_by_its_repetition() {
    let world = World::start().await;
    let ask = || world.ask(&client(), "POST", target("")).key("d-2").bytes("application/xml", UBL).send();
    world.store.faults().plan_in_a_row("PutItem", 3, Fault::LoseRequest);
    ask().await.refused(503, "unavailable");
    ask().await.ok(201);
    world.store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    let made = world.ask(&client(), "POST", target("")).bytes("application/xml", UBL).send().await.ok(201);
    assert_eq!(made["version"], 1, "a write that was repeated recognises itself");
}

#[tokio::test]
async fn a_large_file_is_sent_apart() {
    let world = World::start().await;
    let body = json!({ "file_name": "large.xml", "size": 20_000_000 });
    let upload = world.post(&client(), "/uploads", &body).await.ok(200);
    assert!(upload["url"].as_str().unwrap().contains("X-Amz-Signature"), "{upload}");
    assert_eq!(upload["expires_at"], "2026-07-01T10:15:00Z");
    let named = json!({ "upload": upload["upload"], "file_name": "large.xml" });
    let refused = world.post(&client(), target(""), &named).await.refused(422, "unknown_reference");
    assert_eq!(refused["errors"][0]["pointer"], "/upload");
    let object = format!("uploads/{}/{}", id_of_tenant(), upload["upload"].as_str().unwrap());
    world.store.put_object(&object, UBL.to_vec());
    let ask = |body: &Value| world.ask(&client(), "POST", target("&tag=purchase")).key("u-1").json(body).send();
    let made = ask(&named).await.ok(201);
    assert_eq!((&made["id"], &made["file_name"]), (&upload["upload"], &json!("large.xml")));
    // What is sent to the address afterwards changes nothing.
    world.store.put_object(&object, b"<other/>".to_vec());
    assert_eq!(ask(&named).await.ok(201), made);
    assert_eq!(world.post(&client(), target("&tag=purchase"), &named).await.ok(201)["id"], made["id"]);
    let other = json!({ "upload": upload["upload"], "file_name": "other.xml" });
    ask(&other).await.refused(422, "idempotency_key_reused");
    world.post(&client(), target(""), &named).await.refused(422, "idempotency_key_reused");
    let id: DocumentId = made["id"].as_str().unwrap().parse().unwrap();
    let kept = world.ours().documents().file(id, store::document::File::Source, 1 << 20).await.unwrap();
    assert_eq!(kept, UBL);
}

#[tokio::test]
async fn uploads_are_checked_before_they_are_sent() {
    let world = World::start().await;
    for (body, status, code) in [
        (json!({ "file_name": "a.zip", "size": 1 }), 415, "unsupported_media_type"),
        (json!({ "file_name": "a.xml", "size": 0 }), 422, "empty"),
        (json!({ "file_name": "a.xml", "size": 26_214_401 }), 413, "too_large"),
        (json!({ "file_name": "a.xml" }), 422, "invalid"),
    ] {
        world.post(&client(), "/uploads", &body).await.refused(status, code);
    }
    for (upload, code) in [(json!("upl_1"), "invalid"), (json!(id::<DocumentId>(5)), "unknown_reference")] {
        let body = json!({ "upload": upload, "file_name": "a.xml" });
        world.post(&client(), target(""), &body).await.refused(422, code);
    }
    let garbage = json!({ "upload": id::<DocumentId>(5), "file_name": "a.pdf", "recognised": { "kind": 7 } });
    let refused = world.post(&client(), target(""), &garbage).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/recognised/kind");
}

#[tokio::test]
async fn a_tagged_delivery_costs_three_write_units_and_reads_nothing() {
    let world = World::start().await;
    let deliver = |key: &'static str| {
        let ask = world.ask(&client(), "POST", target("&tag=purchase")).bytes("application/xml", UBL);
        if key.is_empty() { ask } else { ask.key(key) }.send()
    };
    deliver("").await.ok(201);
    world.store.take_costs();
    for key in ["", "k"] {
        deliver(key).await.ok(201);
        let costs = world.store.take_costs();
        let sum = |of: fn(&store::Cost) -> u32| costs.iter().map(of).sum::<u32>();
        assert_eq!(sum(|cost| cost.write_units), 3, "{costs:?}");
        assert_eq!(sum(|cost| cost.read_half_units), 0, "{costs:?}");
        assert_eq!(sum(|cost| cost.s3_requests), 0, "{costs:?}");
    }
}
