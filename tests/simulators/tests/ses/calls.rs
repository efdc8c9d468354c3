//! Who may call, what is called, and what an account says of itself.

use serde_json::json;

use crate::support::{AUTHORIZATION, Client, DATE, action, between, plain, read, send};

#[tokio::test]
async fn a_message_is_taken_and_gets_an_id() {
    let client = Client::start().await;
    let answer = client.ask(&send(&plain("success@simulator.amazonses.com"), &[])).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "text/xml"));
    let request = answer.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
    let text = answer.text().await.unwrap();
    assert!(text.starts_with("<SendRawEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">"), "{text}");
    assert_eq!(between(&text, "RequestId"), Some(request));
    let id = between(&text, "MessageId").unwrap();
    assert!(id.len() == 60 && id.starts_with("0102019f") && id.ends_with("-000000"), "{id}");
    assert_ne!(id, client.send(&plain("a@b.example"), &[]).await, "each has its own");
}

#[tokio::test]
async fn a_call_is_signed() {
    let client = Client::start().await;
    let form = action("GetSendQuota", &[]);
    let (status, text) = read(client.unsigned(&form)).await;
    assert_eq!((status, between(&text, "Code").unwrap().as_str()), (403, "MissingAuthenticationToken"));
    for (from, to, status, code) in [
        ("AWS4-HMAC-SHA256 ", "Bearer ", 400, "IncompleteSignature"),
        ("Signature=0123", "Signature=", 400, "IncompleteSignature"),
        ("Signature=0", "Signature=x", 400, "IncompleteSignature"),
        (", SignedHeaders=content-type;host;x-amz-date", "", 400, "IncompleteSignature"),
        ("/aws4_request", "", 400, "IncompleteSignature"),
        ("20260701/", "20260702/", 400, "IncompleteSignature"),
        ("/ses/", "/email/", 403, "SignatureDoesNotMatch"),
        ("eu-west-1", "us-east-1", 403, "SignatureDoesNotMatch"),
        (";host;", ";", 403, "SignatureDoesNotMatch"),
    ] {
        let authorization = AUTHORIZATION.replace(from, to);
        let request = client.unsigned(&form).header("authorization", authorization).header("x-amz-date", DATE);
        let (given, text) = read(request).await;
        assert_eq!((given, between(&text, "Code").unwrap().as_str()), (status, code), "{from}: {text}");
    }
    assert_eq!(client.control("settings", &json!({ "access_keys": ["AKIDOTHER"] })).await, 204);
    let (status, text) = client.call(&form).await;
    assert_eq!((status, between(&text, "Code").unwrap().as_str()), (403, "InvalidClientTokenId"));
}

#[tokio::test]
async fn actions_versions_and_forms_are_known() {
    let client = Client::start().await;
    for (form, code) in [
        (action("SendMail", &[]), "InvalidAction"),
        (vec![("Action".to_owned(), "GetSendQuota".to_owned())], "InvalidAction"),
        (vec![("Version".to_owned(), "2010-12-01".to_owned())], "MissingAction"),
        (action("SendRawEmail", &[]), "InvalidParameterValue"),
        (action("SendRawEmail", &[("RawMessage.Data", "%%%")]), "MalformedInput"),
        (send(&plain("a@b.example"), &[("Destinations.member.2", "a@b.example")]), "MalformedInput"),
        (send(&plain("a@b.example"), &[("Tags.member.1.Name", "a")]), "InvalidParameterValue"),
    ] {
        let (status, text) = client.call(&form).await;
        assert_eq!((status, between(&text, "Code").unwrap().as_str()), (400, code), "{text}");
        assert!(text.starts_with("<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">"), "{text}");
    }
    let url = format!("{}/", client.simulator.base_url());
    let json = client.http.post(url).header("authorization", AUTHORIZATION).header("x-amz-date", DATE).json(&json!({}));
    assert_eq!(read(json).await.0, 400, "no form");
}

#[tokio::test]
async fn identities_are_verified_one_by_one() {
    let client = Client::start().await;
    let (status, _) = client.call(&action("VerifyEmailIdentity", &[("EmailAddress", "me@firm.example")])).await;
    assert_eq!(status, 200);
    let asked = [
        ("Identities.member.1", "me@firm.example"),
        ("Identities.member.2", "mail.ledgerpost.example"),
        ("Identities.member.3", "unknown.example"),
    ];
    let form = action("GetIdentityVerificationAttributes", &asked);
    let (_, text) = client.call(&form).await;
    assert!(text.contains("Pending") && text.contains("Success") && !text.contains("unknown.example"), "{text}");

    let message = plain("a@b.example").replace("shop@mail.ledgerpost.example", "me@firm.example");
    assert_eq!(client.refused(&message, &[]).await.0, "MessageRejected", "not yet");
    let verified = json!({ "identity": "me@firm.example", "status": "Success" });
    assert_eq!(client.control("identities", &verified).await, 204);
    client.send(&message, &[]).await;
    let other = message.replace("me@firm.example", "you@firm.example");
    assert_eq!(client.refused(&other, &[]).await.0, "MessageRejected", "the address, not its domain");
}

#[tokio::test]
async fn senders_are_verified_and_those_that_are_not_are_named() {
    let client = Client::start().await;
    let failed = "Email address is not verified. The following identities failed the check in region EU-WEST-1: ";
    let message = plain("a@b.example");
    let strange = message.replace("shop@mail.ledgerpost.example", "shop@elsewhere.example");
    let (code, text) = client.refused(&strange, &[]).await;
    assert_eq!(
        (code.as_str(), text.as_str()),
        ("MessageRejected", &*format!("{failed}Sklep Ład &lt;shop@elsewhere.example&gt;"))
    );
    let (_, text) = client.refused(&message, &[("Source", "bounces@elsewhere.example")]).await;
    assert_eq!(text, format!("{failed}bounces@elsewhere.example"));
    let sender = format!("Sender: you@elsewhere.example\r\n{message}");
    assert_eq!(client.refused(&sender, &[]).await.1, format!("{failed}you@elsewhere.example"));
    let parent = message.replace("mail.ledgerpost.example", "ledgerpost.example");
    assert_eq!(
        client.refused(&parent, &[]).await.0,
        "MessageRejected",
        "the domain above is not verified by the one below"
    );
    client.send(&message.replace("@mail.", "@pl.mail."), &[]).await;
    client.send(&message, &[("Source", "bounces@mail.ledgerpost.example")]).await;
}

#[tokio::test]
async fn in_the_sandbox_only_friends_are_written_to() {
    let client = Client::start().await;
    client.control("settings", &json!({ "access": "sandbox" })).await;
    let (code, text) = client.refused(&plain("Jan <a@b.example>"), &[]).await;
    assert!(code == "MessageRejected" && text.ends_with("EU-WEST-1: Jan &lt;a@b.example&gt;"), "{text}");
    client.send(&plain("success+1@simulator.amazonses.com"), &[]).await;
    client.simulator.change(|ses| ses.verify("b.example"));
    client.send(&plain("Jan <a@b.example>"), &[]).await;
}
