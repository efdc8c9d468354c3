//! The documents that SES publishes about a message.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use mailparse::{MailHeaderMap as _, ParsedMail};
use serde_json::{Map, Value, json};

use super::feedback::{Told, message_id};
use super::lines::{self, Field};
use super::state::{Behaviour, IdentityNotifications, Kind, Message, Ses};

/// More bytes of header are left out.
const LONGEST_HEADERS: usize = 10 * 1024;
/// The address that calls come from.
const CALLER: &str = "192.0.2.10";
/// The address that messages leave from.
const OUTGOING: &str = "192.0.2.80";
/// The server that messages leave from.
const SERVER: &str = "a7-80.smtp-out.eu-west-1.amazonses.com";

/// An instant, as SES writes it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// All that can be told about a message.
pub(super) struct Story {
    id: String,
    at: DateTime<Utc>,
    mail: Map<String, Value>,
    tags: BTreeMap<String, Vec<String>>,
}

impl Story {
    /// Of a message.
    pub(super) fn of(state: &Ses, message: &Message) -> Self {
        let address = super::address::read(&message.source).map(|mailbox| mailbox.address).unwrap_or_default();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
        let own = state.identities.contains_key(&address.to_ascii_lowercase());
        let identity = if own { &address } else { &domain };
        let (region, account) = (&state.settings.region, &state.settings.account);
        let (fields, _) = lines::split(&message.raw).unwrap_or_default();
        let size: usize = fields.iter().map(|field| field.bytes.len()).sum();
        let mut room = LONGEST_HEADERS;
        let fits = |field: &&Field| {
            let fits = field.bytes.len() <= room;
            room = room.saturating_sub(field.bytes.len());
            fits
        };
        let headers: Vec<Value> = fields
            .iter()
            .take_while(fits)
            .map(|field| json!({ "name": field.name, "value": field.value.replace('\t', " ") }))
            .collect();
        let common = mailparse::parse_mail(&message.raw).map(|mail| common(&mail, &message.id)).unwrap_or_default();
        let mail = Map::from_iter([
            ("timestamp".to_owned(), json!(stamp(message.at))),
            ("source".to_owned(), json!(message.source)),
            ("sourceArn".to_owned(), json!(format!("arn:aws:ses:{region}:{account}:identity/{identity}"))),
            ("sendingAccountId".to_owned(), json!(account)),
            ("messageId".to_owned(), json!(message.id)),
            ("destination".to_owned(), json!(message.destinations)),
            ("headersTruncated".to_owned(), json!(size > LONGEST_HEADERS)),
            ("headers".to_owned(), Value::Array(headers)),
            ("commonHeaders".to_owned(), Value::Object(common)),
        ]);
        let mut tags: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let set = message.configuration_set.iter().map(|set| ("ses:configuration-set", set.clone()));
        let usual = [
            ("ses:source-ip", CALLER.to_owned()),
            ("ses:from-domain", domain),
            ("ses:caller-identity", "ledgerpost".to_owned()),
            ("ses:operation", "SendRawEmail".to_owned()),
        ];
        for (name, value) in set.chain(usual) {
            tags.insert(name.to_owned(), vec![value]);
        }
        for (name, value) in &message.tags {
            tags.entry(name.clone()).or_default().push(value.clone());
        }
        Self { id: message.id.clone(), at: message.at, mail, tags }
    }

    /// The message was accepted.
    pub(super) fn send(&self) -> Told {
        self.told(Kind::Send, self.at, &json!({}))
    }

    /// A virus was found in it.
    pub(super) fn reject(&self) -> Told {
        self.told(Kind::Reject, self.later(1_000), &json!({ "reason": "Bad content" }))
    }

    /// What became of it at addresses that behave alike.
    pub(super) fn tell(&self, behaviour: Behaviour, addresses: &[String]) -> Vec<Told> {
        let delivered = |after: i64| addresses.iter().map(move |address| self.delivery(address, after));
        match behaviour {
            Behaviour::Deliver => delivered(1_200).collect(),
            Behaviour::HardBounce => {
                vec![self.bounce("Permanent", "General", "5.1.1", "550 5.1.1 user unknown", addresses)]
            }
            Behaviour::SoftBounce => {
                vec![self.bounce("Transient", "MailboxFull", "4.2.2", "452 4.2.2 mailbox full", addresses)]
            }
            Behaviour::Suppressed => vec![self.suppressed(addresses)],
            Behaviour::Complain => delivered(1_200).chain([self.complaint(addresses)]).collect(),
            Behaviour::DelayThenDeliver => [self.delay(addresses)].into_iter().chain(delivered(1_200_000)).collect(),
            Behaviour::Reject | Behaviour::Silent => Vec::new(),
        }
    }

    fn delivery(&self, address: &str, after: i64) -> Told {
        let at = self.later(after);
        let body = json!({
            "timestamp": stamp(at),
            "processingTimeMillis": after,
            "recipients": [address],
            "smtpResponse": "250 2.6.0 Message received",
            "remoteMtaIp": "192.0.2.25",
            "reportingMTA": SERVER,
        });
        self.told(Kind::Delivery, at, &body)
    }

    fn bounce(&self, kind: &str, sub: &str, status: &str, answer: &str, addresses: &[String]) -> Told {
        let at = self.later(2_500);
        let recipient = |address: &String| {
            json!({
                "emailAddress": address, "action": "failed", "status": status, "diagnosticCode": format!("smtp; {answer}"),
            })
        };
        let body = json!({
            "bounceType": kind,
            "bounceSubType": sub,
            "bouncedRecipients": addresses.iter().map(recipient).collect::<Vec<_>>(),
            "timestamp": stamp(at),
            "feedbackId": self.feedback_id(at),
            "remoteMtaIp": "192.0.2.25",
            "reportingMTA": format!("dns; {SERVER}"),
        });
        self.told(Kind::Bounce, at, &body)
    }

    /// Amazon itself refuses the address: no server was asked.
    fn suppressed(&self, addresses: &[String]) -> Told {
        let at = self.later(500);
        let text = "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.";
        let recipient = |address: &String| json!({ "emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": text });
        let body = json!({
            "bounceType": "Permanent",
            "bounceSubType": "Suppressed",
            "bouncedRecipients": addresses.iter().map(recipient).collect::<Vec<_>>(),
            "timestamp": stamp(at),
            "feedbackId": self.feedback_id(at),
            "reportingMTA": "dns; amazonses.com",
        });
        self.told(Kind::Bounce, at, &body)
    }

    fn complaint(&self, addresses: &[String]) -> Told {
        let at = self.later(60_000);
        let recipients: Vec<Value> = addresses.iter().map(|address| json!({ "emailAddress": address })).collect();
        let body = json!({
            "complainedRecipients": recipients,
            "timestamp": stamp(at),
            "feedbackId": self.feedback_id(at),
            "complaintSubType": null,
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": stamp(self.later(1_200)),
        });
        self.told(Kind::Complaint, at, &body)
    }

    fn delay(&self, addresses: &[String]) -> Told {
        let at = self.later(600_000);
        let recipient = |address: &String| {
            json!({
                "emailAddress": address, "status": "4.4.1",
                "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
            })
        };
        let body = json!({
            "timestamp": stamp(at),
            "delayType": "TransientCommunicationFailure",
            "expirationTime": stamp(self.at + TimeDelta::hours(14)),
            "delayedRecipients": addresses.iter().map(recipient).collect::<Vec<_>>(),
            "reportingMTA": SERVER,
        });
        self.told(Kind::DeliveryDelay, at, &body)
    }

    fn feedback_id(&self, at: DateTime<Utc>) -> String {
        let number = self.id.bytes().map(u64::from).sum();
        message_id(at, number)
    }

    fn later(&self, millis: i64) -> DateTime<Utc> {
        self.at + TimeDelta::milliseconds(millis)
    }

    /// The whole document.
    fn told(&self, kind: Kind, at: DateTime<Utc>, body: &Value) -> Told {
        let mut tags = self.tags.clone();
        let under = match kind {
            Kind::Send => "send",
            Kind::Reject => "reject",
            Kind::Delivery => {
                tags.insert("ses:outgoing-ip".to_owned(), vec![OUTGOING.to_owned()]);
                "delivery"
            }
            Kind::Bounce => "bounce",
            Kind::Complaint => "complaint",
            Kind::DeliveryDelay => "deliveryDelay",
        };
        let mut mail = self.mail.clone();
        mail.insert("tags".to_owned(), json!(tags));
        let document = json!({ "eventType": kind.name(), "mail": mail, under: body });
        Told { kind, at, document }
    }
}

/// What the sending identity tells of an event: bounces, complaints and deliveries, without tags.
pub(super) fn notification(tells: IdentityNotifications, kind: Kind, document: &Value) -> Option<Value> {
    let has_headers = match tells {
        IdentityNotifications::None => return None,
        IdentityNotifications::Bare => false,
        IdentityNotifications::WithHeaders => true,
    };
    match kind {
        Kind::Delivery | Kind::Bounce | Kind::Complaint => {}
        Kind::Send | Kind::Reject | Kind::DeliveryDelay => return None,
    }
    let mut members = document.as_object()?.clone();
    let name = members.remove("eventType")?;
    members.insert("notificationType".to_owned(), name);
    if let Some(Value::Object(mail)) = members.get_mut("mail") {
        mail.retain(|name, _| match name.as_str() {
            "tags" => false,
            "headers" | "headersTruncated" | "commonHeaders" => has_headers,
            _ => true,
        });
        mail.insert("sourceIp".to_owned(), json!(CALLER));
        mail.insert("callerIdentity".to_owned(), json!("ledgerpost"));
    }
    Some(Value::Object(members))
}

/// The fields that most readers want, decoded.
fn common(mail: &ParsedMail<'_>, id: &str) -> Map<String, Value> {
    let mut common = Map::new();
    for (name, field) in [("from", "From"), ("to", "To"), ("cc", "Cc"), ("replyTo", "Reply-To")] {
        if let Some(value) = mail.headers.get_first_value(field) {
            common.insert(name.to_owned(), json!([value]));
        }
    }
    for (name, field) in [("date", "Date"), ("subject", "Subject")] {
        if let Some(value) = mail.headers.get_first_value(field) {
            common.insert(name.to_owned(), json!(value));
        }
    }
    let own = mail.headers.get_first_value("Message-ID").unwrap_or_else(|| id.to_owned());
    common.insert("messageId".to_owned(), json!(own));
    common
}
