//! Rate, quota, sizes, recipients, tags, and pauses.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Client, SET, action, between, plain, send, send_bytes};

#[tokio::test]
async fn a_second_takes_so_many_recipients() {
    let client = Client::start().await;
    let message = plain("success@simulator.amazonses.com");
    for _ in 0..14 {
        client.send(&message, &[]).await;
    }
    let refused = client.refused(&message, &[]).await;
    assert_eq!((refused.0.as_str(), refused.1.as_str()), ("Throttling", "Maximum sending rate exceeded."));
    client.simulator.clock().advance(TimeDelta::milliseconds(999));
    assert_eq!(client.refused(&message, &[]).await.0, "Throttling");
    client.simulator.clock().advance(TimeDelta::milliseconds(1));
    client.send(&message, &[]).await;
    client.control("settings", &json!({ "max_send_rate": 1 })).await;
    assert_eq!(client.refused(&message, &[]).await.0, "Throttling");
}

#[tokio::test]
async fn a_day_takes_so_many_recipients() {
    let client = Client::start().await;
    client.control("settings", &json!({ "max_24_hour_send": 3 })).await;
    client.send(&plain("a@b.example, c@b.example"), &[]).await;
    client.send(&plain("success@simulator.amazonses.com"), &[]).await;
    let refused = client.refused(&plain("a@b.example, c@b.example"), &[]).await;
    assert_eq!((refused.0.as_str(), refused.1.as_str()), ("Throttling", "Daily message quota exceeded."));
    client.send(&plain("a@b.example"), &[]).await;
    let (_, quota) = client.call(&action("GetSendQuota", &[])).await;
    let of = |name: &str| between(&quota, name).unwrap();
    assert_eq!(
        (of("SentLast24Hours"), of("Max24HourSend"), of("MaxSendRate")),
        ("3.0".into(), "3.0".into(), "14.0".into())
    );
    client.simulator.clock().advance(TimeDelta::hours(24));
    client.send(&plain("a@b.example, c@b.example"), &[]).await;
    assert_eq!(client.simulator.read(|ses| ses.counted.len()), 1, "what counts no more is forgotten");
}

#[tokio::test]
async fn a_message_has_at_most_ten_megabytes() {
    let client = Client::start().await;
    let mut message = plain("success@simulator.amazonses.com").replace("quoted-printable", "7bit").into_bytes();
    while message.len() < 10_485_760 {
        let room = (10_485_760 - message.len()).min(78);
        message.extend_from_slice(&[b'a'].repeat(room.saturating_sub(2)));
        message.extend_from_slice(&b"\r\n"[..room.min(2)]);
    }
    // The last line may have been cut to a CR alone.
    if message.ends_with(b"\r") {
        message.pop();
        message.push(b'a');
    }
    let (status, text) = client.call(&send_bytes(&message, &[])).await;
    assert_eq!((message.len(), status), (10_485_760, 200), "{text}");
    message.push(b'a');
    let (status, text) = client.call(&send_bytes(&message, &[])).await;
    assert_eq!((status, between(&text, "Code").unwrap().as_str()), (400, "InvalidParameterValue"));
    assert_eq!(
        between(&text, "Message").unwrap(),
        "Message length is more than 10485760 bytes long: &#39;10485761&#39;."
    );
}

#[tokio::test]
async fn a_message_goes_to_one_at_least_and_fifty_at_most() {
    let client = Client::start().await;
    client.control("settings", &json!({ "max_send_rate": 100 })).await;
    let names: Vec<String> = (1..=51).map(|number| format!("a{number}@b.example")).collect();
    client.send(&plain(&names[..50].join(", ")), &[]).await;
    let (code, text) = client.refused(&plain(&names.join(", ")), &[]).await;
    assert_eq!((code.as_str(), text.as_str()), ("InvalidParameterValue", "Recipient count exceeds 50."));
    let nobody = plain("a@b.example").replace("To: a@b.example\r\n", "");
    assert_eq!(client.refused(&nobody, &[]).await.0, "InvalidParameterValue");
    client.send(&nobody, &[("Destinations.member.1", "a@b.example")]).await;
    client
        .send(
            &plain("z@b.example"),
            &[("Destinations.member.1", "A <a@b.example>"), ("Destinations.member.2", "c@b.example")],
        )
        .await;
    let last = client.simulator.read(|ses| ses.messages().pop().unwrap());
    assert_eq!(last.destinations, ["a@b.example", "c@b.example"], "the envelope counts, not the header");
    assert_eq!(last.to, "z@b.example");
}

#[tokio::test]
async fn tags_are_letters_digits_underscores_and_dashes() {
    let client = Client::start().await;
    let message = plain("a@b.example");
    let long = "a".repeat(256);
    let rule = "only alphanumeric ASCII characters, &#39;_&#39;, and &#39;-&#39; are allowed.";
    for (name, value, text) in [
        ("", "1", "The tag name must be specified.".to_owned()),
        ("a", "", "The tag value must be specified.".to_owned()),
        ("a:b", "1", format!("Invalid tag name &lt;a:b&gt;: {rule}")),
        ("a", "ten a", format!("Invalid tag value &lt;ten a&gt;: {rule}")),
        (&*long, "1", "Tag name cannot exceed 255 characters.".to_owned()),
        ("a", &*long, "Tag value cannot exceed 255 characters.".to_owned()),
    ] {
        let refused = client.refused(&message, &[("Tags.member.1.Name", name), ("Tags.member.1.Value", value)]).await;
        assert_eq!(refused, ("InvalidParameterValue".to_owned(), text));
    }
    client.send(&message, &[("Tags.member.1.Name", "tenant_id"), ("Tags.member.1.Value", "ten-01ABC")]).await;
    let last = client.simulator.read(|ses| ses.messages().pop().unwrap());
    assert_eq!(last.tag("tenant_id"), Some("ten-01ABC"));
    client.send(&format!("X-SES-MESSAGE-TAGS: a=1, b=2\r\n{message}"), &[]).await;
    let last = client.simulator.read(|ses| ses.messages().pop().unwrap());
    assert_eq!((last.tag("a"), last.tag("b")), (Some("1"), Some("2")));
}

#[tokio::test]
async fn accounts_and_configuration_sets_are_paused() {
    let client = Client::start().await;
    let message = plain("a@b.example");
    let (status, text) = client.call(&send(&message, &[("ConfigurationSetName", "other")])).await;
    assert_eq!((status, between(&text, "Code").unwrap().as_str()), (400, "ConfigurationSetDoesNotExist"));
    assert_eq!(between(&text, "ConfigurationSetName").unwrap(), "other");
    let in_header = format!("X-SES-CONFIGURATION-SET: other\r\n{message}");
    assert_eq!(client.refused(&in_header, &[]).await.0, "ConfigurationSetDoesNotExist");
    client.send(&in_header, &[SET]).await;

    client.control("sets", &json!({ "name": "ledgerpost", "set": { "sending": "paused" } })).await;
    assert_eq!(client.refused(&message, &[SET]).await.0, "ConfigurationSetSendingPausedException");
    client.send(&message, &[]).await;
    client.control("settings", &json!({ "sending": "paused" })).await;
    assert_eq!(client.refused(&message, &[]).await.0, "AccountSendingPausedException");
    client.control("settings", &json!({ "sending": "paused_by_amazon" })).await;
    let (code, text) = client.refused(&message, &[]).await;
    assert!(code == "MessageRejected" && text.starts_with("Sending paused for this account."), "{text}");
}
