//! What a message may hold, and how it is read back.

use crate::support::{Client, plain, read, send_bytes, with_file};

#[tokio::test]
async fn a_message_is_read_back_byte_for_byte_and_by_its_parts() {
    let client = Client::start().await;
    let file: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    let message = with_file("Jan <a@b.example>", "Faktura 1.pdf", &file);
    let id = client.send(&message, &[]).await;
    let base = client.simulator.base_url().to_owned();
    let bytes = client.http.get(format!("{base}/_messages/{id}")).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes, message.as_bytes());

    let list = client.get("/_messages").await;
    assert_eq!((&list[0]["id"], &list[0]["subject"]), (&id.clone().into(), &"Invoice 1".into()));
    let shown = &list[0]["attachments"][0];
    assert_eq!(
        (&shown["name"], &shown["media_type"], &shown["size"]),
        (&"Faktura 1.pdf".into(), &"application/pdf".into(), &5_000.into())
    );
    assert_eq!(shown["sha256"].as_str().unwrap().len(), 64);
    let fetched = client.http.get(format!("{base}/_messages/{id}/files/1")).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "application/pdf");
    assert_eq!(fetched.bytes().await.unwrap(), file);
    assert_eq!(client.get("/_messages?to=other@b.example").await.as_array().unwrap().len(), 0);

    let sent = client.simulator.read(|ses| ses.messages().pop().unwrap());
    assert_eq!((sent.text.as_deref(), sent.html.as_deref()), (Some("Hello"), Some("<p>Hello</p>")));
    assert_eq!((&sent.attachments[0].bytes, &sent.raw), (&file, &message.into_bytes()));
    assert_eq!(client.simulator.requests().total(), 1, "looking leaves no trace");
}

#[tokio::test]
async fn words_of_other_alphabets_are_decoded() {
    let client = Client::start().await;
    client.send(&plain("=?UTF-8?B?xYHEhWN6?= <a@b.example>"), &[]).await;
    let sent = client.simulator.read(|ses| ses.messages().pop().unwrap());
    assert_eq!(sent.from, "Sklep Ład <shop@mail.ledgerpost.example>");
    assert_eq!((sent.subject.as_str(), sent.to.as_str()), ("Faktura Ż/1", "Łącz <a@b.example>"));
    assert_eq!(sent.text.as_deref().map(str::trim_end), Some("Dzień dobry"));
    assert_eq!(sent.destinations, ["a@b.example"]);
}

#[tokio::test]
async fn ses_sets_its_own_id_and_date() {
    let client = Client::start().await;
    let own = "Message-ID: <mine@x>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nBcc: c@b.example\r\nX-SES-MESSAGE-TAGS: a=1\r\n";
    let id = client.send(&format!("{own}{}", plain("a@b.example")), &[]).await;
    let path = format!("{}/_messages/{id}?as=delivered", client.simulator.base_url());
    let (_, text) = read(client.http.get(path)).await;
    assert!(text.starts_with("Date: Wed, 1 Jul 2026 12:00:00 +0000\r\n"), "{text}");
    assert_eq!(text.matches("Message-ID:").count(), 1);
    assert!(text.contains(&format!("Message-ID: <{id}@eu-west-1.amazonses.com>\r\n")), "{text}");
    assert!(!text.contains("Bcc") && !text.contains("X-SES") && text.ends_with("Dzie=C5=84 dobry\r\n"), "{text}");
}

#[tokio::test]
async fn headers_are_whole_and_hold_nothing_strange() {
    let client = Client::start().await;
    let right = plain("a@b.example");
    for (wrong, text) in [
        (right.replace("From: ", "X-From: "), "Missing required header &#39;From&#39;."),
        (right.replace("Subject:", "Subject"), "Illegal header &#39;Subject =?UTF-8?Q?Faktura_=C5=BB/1?=&#39;."),
        (right.replace("Subject:", ":"), "Empty header names are illegal."),
        (right.replace("Subject:", "My subject:"), "Illegal header &#39;My subject&#39;."),
        (format!("Subject: x\r\n{right}"), "Duplicate header &#39;Subject&#39;."),
        (format!(" x\r\n{right}"), "Illegal header &#39;x&#39;."),
        (
            right.replace("=?UTF-8?Q?Faktura_=C5=BB/1?=", "Faktura Ż"),
            "Header &#39;Subject&#39; contains characters other than 7-bit ASCII",
        ),
        (
            right.replace("=?UTF-8?Q?Faktura_=C5=BB/1?=", "a\u{1b}b"),
            "Header &#39;Subject&#39; contains characters other than 7-bit ASCII",
        ),
        (right.replace("a@b.example", "a"), "Missing final &#39;@domain&#39;"),
        (right.replace("a@b.example", "a b@b.example"), "Local address contains control or whitespace"),
        (right.replace("a@b.example", "a@b..example"), "Domain contains dot-dot"),
        (right.replace("a@b.example", "a@localhost"), "Illegal address"),
        (right.replace("\r\n\r\nDzie=C5=84 dobry\r\n", "\r\n"), "Missing empty line between header and body"),
    ] {
        assert_eq!(client.refused(&wrong, &[]).await, ("InvalidParameterValue".to_owned(), text.to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn nothing_can_be_smuggled_into_a_header() {
    let client = Client::start().await;
    let right = plain("a@b.example");
    let subject = "=?UTF-8?Q?Faktura_=C5=BB/1?=";
    for smuggled in ["x\nBcc: c@b.example", "x\rBcc: c@b.example", "x\0"] {
        let (code, text) = client.refused(&right.replace(subject, smuggled), &[]).await;
        assert_eq!(code, "InvalidParameterValue", "{smuggled:?}: {text}");
    }
    // A whole line more can't be told from a field that was meant; the same field twice can.
    let (_, text) = client.refused(&right.replace(subject, "x\r\nTo: c@b.example"), &[]).await;
    assert_eq!(text, "Duplicate header &#39;To&#39;.");
    client.send(&right.replace("\r\n", "\n"), &[]).await;
}

#[tokio::test]
async fn lines_are_short() {
    let client = Client::start().await;
    let right = plain("a@b.example").replace("quoted-printable", "7bit");
    client.send(&right.replace("Dzie=C5=84 dobry", &"a".repeat(998)), &[]).await;
    let (code, text) = client.refused(&right.replace("Dzie=C5=84 dobry", &"a".repeat(999)), &[]).await;
    assert!(code == "InvalidParameterValue" && text.contains("998"), "{text}");
}

#[tokio::test]
async fn parts_are_whole() {
    let client = Client::start().await;
    let right = with_file("a@b.example", "a.pdf", b"%PDF-1.7");
    for (from, to, text) in [
        ("--outer--\r\n", "", "Missing end boundary"),
        ("--inner--\r\n", "", "Missing end boundary"),
        ("; boundary=\"outer\"", "", "Missing boundary parameter"),
        ("boundary=\"inner\"", "boundary=\"other\"", "Missing start boundary"),
        ("Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: base65", "Unknown encoding: base65"),
        ("JVBER", "JV?ER", "Illegal content of encoding base64"),
        ("application/pdf", "pdf", "Illegal content type &#39;pdf&#39;."),
        ("\"a.pdf\"", "\"a.EXE\"", "Illegal filename &#39;a.EXE&#39;."),
    ] {
        let wrong = right.replace(from, to);
        assert_ne!(wrong, right, "{from}");
        let (code, given) = client.refused(&wrong, &[]).await;
        assert!(code == "InvalidParameterValue" && given.starts_with(text), "{from}: {given}");
    }
    let eight_bit = plain("a@b.example").replace("quoted-printable", "7bit").replace("Dzie=C5=84", "Dzień");
    let (status, _) = client.call(&send_bytes(eight_bit.as_bytes(), &[])).await;
    assert_eq!(status, 400);
    client.send(&eight_bit.replace("7bit", "8bit"), &[]).await;
    client.send(&right, &[]).await;
}
