//! What is told about a message after it was taken.

use serde_json::{Value, json};

use crate::support::{Client, SET, document, plain, with_file};

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["eventType"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_delivery_is_told_with_everything_about_its_message() {
    let client = Client::start().await;
    let tags = [("Tags.member.1.Name", "tenant"), ("Tags.member.1.Value", "ten_1"), SET];
    let id = client.send(&plain("success@simulator.amazonses.com"), &tags).await;
    let events = client.events();
    assert_eq!(kinds(&events), ["Send", "Delivery"]);
    assert_eq!(events[0]["send"], json!({}));
    let mail = &events[1]["mail"];
    assert_eq!((&mail["messageId"], &mail["timestamp"]), (&id.into(), &"2026-07-01T12:00:00.000Z".into()));
    assert_eq!(mail["source"], "Sklep Ład <shop@mail.ledgerpost.example>");
    assert_eq!(mail["sourceArn"], "arn:aws:ses:eu-west-1:000000000000:identity/mail.ledgerpost.example");
    assert_eq!(mail["destination"], json!(["success@simulator.amazonses.com"]));
    assert_eq!(mail["headersTruncated"], json!(false));
    assert_eq!(mail["headers"][1], json!({ "name": "To", "value": "success@simulator.amazonses.com" }));
    assert_eq!(mail["commonHeaders"]["subject"], "Faktura Ż/1");
    assert_eq!(
        (&mail["tags"]["tenant"], &mail["tags"]["ses:configuration-set"]),
        (&json!(["ten_1"]), &json!(["ledgerpost"]))
    );
    assert_eq!(mail["tags"]["ses:from-domain"], json!(["mail.ledgerpost.example"]));
    assert_eq!(events[1]["delivery"]["recipients"], json!(["success@simulator.amazonses.com"]));
    assert_eq!(events[1]["delivery"]["timestamp"], "2026-07-01T12:00:01.200Z");
    assert!(client.events().is_empty(), "what is fetched is gone");
    client.send(&plain("success@simulator.amazonses.com"), &[]).await;
    assert!(client.events().is_empty(), "without a configuration set nothing is told");
}

#[tokio::test]
async fn addresses_of_the_mailbox_simulator_behave_as_their_names_say() {
    let client = Client::start().await;
    for (name, expected, path, value) in [
        ("success+1", vec!["Send", "Delivery"], "/delivery/processingTimeMillis", json!(1_200)),
        ("ooto", vec!["Send", "Delivery"], "/delivery/smtpResponse", json!("250 2.6.0 Message received")),
        ("bounce", vec!["Send", "Bounce"], "/bounce/bounceType", json!("Permanent")),
        (
            "bounce+x",
            vec!["Send", "Bounce"],
            "/bounce/bouncedRecipients/0/diagnosticCode",
            json!("smtp; 550 5.1.1 user unknown"),
        ),
        ("softbounce", vec!["Send", "Bounce"], "/bounce/bounceType", json!("Transient")),
        ("suppressionlist", vec!["Send", "Bounce"], "/bounce/bounceSubType", json!("Suppressed")),
        ("complaint", vec!["Send", "Delivery", "Complaint"], "/complaint/complaintFeedbackType", json!("abuse")),
    ] {
        client.send(&plain(&format!("{name}@simulator.amazonses.com")), &[SET]).await;
        let events = client.events();
        assert_eq!(kinds(&events), expected, "{name}");
        assert_eq!(events.last().unwrap().pointer(path), Some(&value), "{name}: {events:?}");
    }
}

#[tokio::test]
async fn rules_say_what_becomes_of_any_address() {
    let client = Client::start().await;
    for (behaviour, expected) in [
        ("deliver", vec!["Send", "Delivery"]),
        ("hard_bounce", vec!["Send", "Bounce"]),
        ("soft_bounce", vec!["Send", "Bounce"]),
        ("suppressed", vec!["Send", "Bounce"]),
        ("complain", vec!["Send", "Delivery", "Complaint"]),
        ("delay_then_deliver", vec!["Send", "DeliveryDelay", "Delivery"]),
        ("reject", vec!["Send", "Reject"]),
        ("silent", vec!["Send"]),
    ] {
        assert_eq!(client.control("rules", &json!({ "address": "Jan@b.example", "behaviour": behaviour })).await, 204);
        client.send(&plain("jan@B.example"), &[SET]).await;
        assert_eq!(kinds(&client.events()), expected, "{behaviour}");
    }
    client.control("rules", &json!({ "address": "@b.example", "behaviour": "hard_bounce" })).await;
    client.send(&plain("jan@b.example, ewa@b.example, ola@c.example, iga@b.example"), &[SET]).await;
    let events = client.events();
    assert_eq!(
        kinds(&events),
        ["Send", "Bounce", "Delivery"],
        "the rule for the address goes before that for its domain"
    );
    assert_eq!(events[1]["bounce"]["bouncedRecipients"].as_array().unwrap().len(), 2, "told in one");
    assert_eq!(client.control("rules", &json!({ "address": "a@b.example", "behaviour": "explode" })).await, 400);
}

#[tokio::test]
async fn a_virus_is_found_and_the_message_goes_nowhere() {
    let client = Client::start().await;
    let virus = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$H+H*"].concat();
    client.send(&with_file("a@b.example", "sample.txt", virus.as_bytes()), &[SET]).await;
    let events = client.events();
    assert_eq!(kinds(&events), ["Send", "Reject"]);
    assert_eq!(events[1]["reject"], json!({ "reason": "Bad content" }));
}

#[tokio::test]
async fn bodies_of_the_queue_are_notifications_or_bare() {
    let client = Client::start().await;
    client.send(&plain("a@b.example"), &[SET]).await;
    let waiting = client.get("/_events").await;
    let first: Value = serde_json::from_str(waiting[0].as_str().unwrap()).unwrap();
    for field in
        ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"]
    {
        assert!(first[field].is_string(), "{field}");
    }
    assert_eq!(document(waiting[0].as_str().unwrap())["eventType"], "Send");
    let path = format!("{}/_events", client.simulator.base_url());
    let taken: Value = client.http.post(&path).send().await.unwrap().json().await.unwrap();
    assert_eq!(taken, waiting);
    assert_eq!(client.get("/_events").await, json!([]));

    client.control("settings", &json!({ "envelope": "raw" })).await;
    client.send(&plain("a@b.example"), &[SET]).await;
    let bare: Value = serde_json::from_str(client.get("/_events").await[1].as_str().unwrap()).unwrap();
    assert_eq!(bare["eventType"], "Delivery");
}

#[tokio::test]
async fn more_is_told_later_and_only_what_the_set_publishes() {
    let client = Client::start().await;
    let id = client.send(&plain("a@b.example"), &[SET]).await;
    drop(client.events());
    assert_eq!(client.control("tell", &json!({ "message": id, "behaviour": "complain" })).await, 204);
    assert_eq!(kinds(&client.events()), ["Delivery", "Complaint"]);
    assert_eq!(client.control("tell", &json!({ "message": "x", "behaviour": "complain" })).await, 404);
    client.control("sets", &json!({ "name": "ledgerpost", "set": { "publishes": ["Bounce"] } })).await;
    client.send(&plain("bounce@simulator.amazonses.com"), &[SET]).await;
    assert_eq!(kinds(&client.events()), ["Bounce"]);
}

#[tokio::test]
async fn the_sending_identity_tells_less_and_without_a_configuration_set() {
    let client = Client::start().await;
    for (notifications, has_headers) in [("bare", false), ("with_headers", true)] {
        client.control("settings", &json!({ "identity_notifications": notifications })).await;
        let tags = [("Tags.member.1.Name", "tenant"), ("Tags.member.1.Value", "ten_1")];
        let id = client.send(&plain("complaint@simulator.amazonses.com, bounce@simulator.amazonses.com"), &tags).await;
        let events = client.events();
        let told: Vec<&str> = events.iter().map(|event| event["notificationType"].as_str().unwrap()).collect();
        assert_eq!(told, ["Delivery", "Complaint", "Bounce"]);
        for event in &events {
            assert_eq!(event["mail"]["messageId"], json!(id));
            assert!(event["mail"]["tags"].is_null() && event["eventType"].is_null());
            assert_eq!(event["mail"]["headers"].is_array(), has_headers);
        }
    }
    client.send(&plain("success@simulator.amazonses.com"), &[SET]).await;
    assert_eq!(client.events().len(), 3, "both tell of it");
}
