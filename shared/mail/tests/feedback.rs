//! What SES says, in the shapes in which it says it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use mail::feedback::{BounceKind, ComplaintKind, DelayKind, Feedback, FeedbackError, Outcome, SesEvent, Tags, read};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

fn sample(name: &str) -> String {
    fs::read_to_string(samples().join(format!("{name}.json"))).unwrap()
}

fn feedback(name: &str) -> Feedback {
    match read(&sample(name)).unwrap() {
        Outcome::Feedback(feedback) => feedback,
        other => panic!("{name}: {other:?}"),
    }
}

fn all_tags() -> Tags {
    Tags {
        tenant: Some("ten_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()),
        home: Some("adm_01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned()),
        delivery: Some("dlv_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()),
    }
}

#[test]
fn published_events() {
    let bounce = |kind, diagnostic: &str| SesEvent::Bounce { kind, diagnostic: diagnostic.to_owned() };
    let suppressed = "OnAccountSuppressionList: 5.1.1: Amazon SES did not send the message to this address because it is on the \
                      suppression list for your account.";
    for (name, event, at) in [
        (
            "bounce_hard",
            bounce(BounceKind::Hard, "General: 5.1.1: smtp; 550 5.1.1 <[address]>: no such user"),
            "2026-03-10T09:30:04.669Z",
        ),
        (
            "sns_bounce",
            bounce(BounceKind::Hard, "General: 5.1.1: smtp; 550 5.1.1 <[address]>: no such user"),
            "2026-03-10T09:30:04.669Z",
        ),
        ("bounce_suppressed", bounce(BounceKind::Hard, suppressed), "2026-03-10T09:30:04.669Z"),
        (
            "bounce_soft",
            bounce(BounceKind::Soft, "MailboxFull: 4.2.2: smtp; 452 4.2.2 mailbox full"),
            "2026-03-10T09:30:04.669Z",
        ),
        ("bounce_undetermined", bounce(BounceKind::Undetermined, "Undetermined"), "2026-03-10T09:30:04.669Z"),
        ("complaint", SesEvent::Complaint { kind: ComplaintKind::Abuse }, "2026-03-10T10:00:00Z"),
        ("delivery", SesEvent::Delivery, "2026-03-10T09:30:02Z"),
        ("send", SesEvent::Sent, "2026-03-10T09:30:00.120Z"),
        ("reject", SesEvent::Reject { reason: "Bad content".to_owned() }, "2026-03-10T09:30:00.120Z"),
        ("rendering_failure", SesEvent::RenderingFailed, "2026-03-10T09:30:00.120Z"),
        (
            "delivery_delay",
            SesEvent::Delay {
                kind: DelayKind::TransientCommunicationFailure,
                diagnostic: "TransientCommunicationFailure: 4.4.1: smtp; 421 4.4.1 Unable to connect to remote host"
                    .to_owned(),
            },
            "2026-03-10T10:30:00.095Z",
        ),
    ] {
        let read = feedback(name);
        assert_eq!(read.event, event, "{name}");
        assert_eq!(read.at, at.parse::<domain::time::Instant>().unwrap(), "{name}");
        assert_eq!(read.tags, all_tags(), "{name}");
        assert_eq!(read.message_id, "0107019cd6a1-3f0a-000000");
        assert_eq!(read.recipients, ["inbound@package.example.com"]);
    }
}

#[test]
fn older_notifications() {
    let of_header = Tags { tenant: None, home: None, ..all_tags() };
    let complaint = feedback("sns_older_complaint");
    assert_eq!(complaint.event, SesEvent::Complaint { kind: ComplaintKind::NotSpam });
    assert_eq!(complaint.at, "2026-03-10T09:00:00Z".parse::<domain::time::Instant>().unwrap());
    assert_eq!(complaint.tags, of_header);
    let bounce = feedback("older_bounce");
    assert!(matches!(bounce.event, SesEvent::Bounce { kind: BounceKind::Hard, .. }));
    assert_eq!(bounce.tags, of_header);
    let bare = feedback("older_delivery_bare");
    assert_eq!((bare.event, bare.tags), (SesEvent::Delivery, Tags::default()));
}

#[test]
fn what_concerns_no_delivery() {
    let ignored = |kind: &str| Outcome::Ignored { kind: kind.to_owned() };
    for (name, kind) in
        [("open", "Open"), ("click", "Click"), ("subscription", "Subscription"), ("sns_validation", "Notification")]
    {
        assert_eq!(read(&sample(name)), Ok(ignored(kind)));
    }
    assert_eq!(read(r#"{"eventType":"Something new"}"#), Ok(ignored("Something new")));
    assert_eq!(read(r#"{"Type":"UnsubscribeConfirmation"}"#), Ok(ignored("UnsubscribeConfirmation")));
    let confirmation = Outcome::SubscriptionConfirmation {
        topic: "arn:aws:sns:eu-central-1:123456789012:mail".to_owned(),
        url: "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=EXAMPLE".to_owned(),
    };
    assert_eq!(read(&sample("sns_subscription_confirmation")), Ok(confirmation));
}

#[test]
fn what_cannot_be_read_says_why() {
    assert_eq!(read("{"), Err(FeedbackError::NotJson { line: 1, column: 1 }));
    for unknown in ["null", "[]", "3", "{}", r#"{"eventType":3}"#] {
        assert_eq!(read(unknown), Err(FeedbackError::Unknown), "{unknown}");
    }
    let without = |pointer: &str, name: &str| {
        let mut json: Value = serde_json::from_str(&sample("bounce_hard")).unwrap();
        json.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        read(&json.to_string())
    };
    let missing = |field| Err(FeedbackError::Missing { kind: "Bounce".to_owned(), field });
    assert_eq!(without("", "mail"), missing("mail"));
    assert_eq!(without("/mail", "messageId"), missing("mail.messageId"));
    assert_eq!(without("/bounce", "bounceType"), missing("bounce.bounceType"));
    assert!(without("/bounce", "timestamp").is_ok());
    assert!(without("/bounce", "bouncedRecipients").is_ok());
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(read(&deep), Err(FeedbackError::NotJson { .. })));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["Bounce", "Permanent", "2026-03-10T09:30:00Z", "<", "a@b", "Notification", "{}"])
            .prop_map(Value::from),
    ];
    let names = vec![
        "eventType",
        "notificationType",
        "Type",
        "Message",
        "mail",
        "bounce",
        "tags",
        "headers",
        "timestamp",
        "messageId",
        "bouncedRecipients",
        "emailAddress",
        "bounceType",
        "destination",
        "name",
        "value",
        "delivery",
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let key = prop::sample::select(names.clone()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..8).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(json in any_json(), text in any::<String>()) {
        let _ = read(&json.to_string());
        let _ = read(&text);
        let _ = read(&json!({"Type": "Notification", "Message": json.to_string()}).to_string());
    }

    /// A real event in which one thing is something else.
    #[test]
    fn nothing_panics_near_the_truth(at in any::<prop::sample::Index>(), other in any_json(), event in 0_usize..6) {
        let names = ["bounce_hard", "complaint", "delivery", "delivery_delay", "older_bounce", "reject"];
        let mut json: Value = serde_json::from_str(&sample(names[event])).unwrap();
        let mut pointers = vec![String::new()];
        let mut next = 0;
        while next < pointers.len() {
            let here = pointers[next].clone();
            match json.pointer(&here).unwrap() {
                Value::Object(map) => pointers.extend(map.keys().map(|key| format!("{here}/{key}"))),
                Value::Array(list) => pointers.extend((0..list.len()).map(|n| format!("{here}/{n}"))),
                _ => {}
            }
            next += 1;
        }
        let chosen: &String = at.get(&pointers);
        *json.pointer_mut(chosen).unwrap() = other;
        let _ = read(&json.to_string());
    }
}
