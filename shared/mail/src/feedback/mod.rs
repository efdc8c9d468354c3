//! What SES says became of a message (ED-25), as it arrives in a queue: in an SNS envelope or bare, in the form of event publishing
//! (`eventType`) or of the older notifications (`notificationType`).
//!
//! What is read leniently is only told to people: a field that is missing or of another type there is as good as empty. What decides
//! something (which message, when, what kind of event) is an error when it cannot be read.

mod text;

use crate::compose::DELIVERY_HEADER;
use domain::{
    ids::{DeliveryId, TenantId},
    time::Instant,
};
use serde_json::Value;
use text::{bare_address, cut, redacted};

/// The tags that are given to SES with each message, and come back with what it says.
pub mod tag {
    /// Whose message it is.
    pub const TENANT: &str = "tenant";
    /// Under which key the delivery is kept.
    pub const HOME: &str = "home";
    /// Which delivery it is.
    pub const DELIVERY: &str = "delivery";
}

/// What a body in the queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// SES says something of a message.
    Feedback(Feedback),
    /// SNS asks whether the subscription is wanted.
    SubscriptionConfirmation {
        /// The topic's name.
        topic: String,
        /// Whoever calls this address confirms.
        url: String,
    },
    /// Nothing that concerns a delivery; what it calls itself.
    Ignored {
        /// For example `Open`.
        kind: String,
    },
}

/// What SES says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// What happened.
    pub event: SesEvent,
    /// The id that SES gave the message when it took it.
    pub message_id: String,
    /// When it happened.
    pub at: Instant,
    /// Which delivery it is.
    pub tags: Tags,
    /// Addresses that it concerns.
    pub recipients: Vec<String>,
}

/// What was given to SES with the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Whose message it is.
    pub tenant: Option<TenantId>,
    /// Under which key the delivery is kept.
    pub home: Option<String>,
    /// Which delivery it is: from the tag, else from our header.
    pub delivery: Option<DeliveryId>,
}

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SesEvent {
    /// SES took it and will try to deliver it.
    Sent,
    /// The receiving server took it.
    Delivery,
    /// It came back.
    Bounce {
        /// Whether trying again has any point.
        kind: BounceKind,
        /// What the receiving server said, without addresses.
        diagnostic: String,
    },
    /// The recipient complained.
    Complaint {
        /// Of what.
        kind: ComplaintKind,
    },
    /// It is not there yet; SES goes on trying.
    Delay {
        /// Why.
        kind: DelayKind,
        /// What the receiving server said, without addresses.
        diagnostic: String,
    },
    /// SES took it and would not send it: it found a virus.
    Reject {
        /// SES's word for why.
        reason: String,
    },
    /// A template of SES could not be filled. We use none, so this is ours to look into.
    RenderingFailed,
}

/// What a bounce means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceKind {
    /// The address takes no mail, or is on a suppression list: never again without a person's word (ED-25).
    Hard,
    /// Not this time, after SES had tried for a while.
    Soft,
    /// The receiving server's words say neither.
    Undetermined,
}

/// Of what a recipient complained (the feedback types that mail providers report).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComplaintKind {
    /// Unwanted mail.
    Abuse,
    /// The sender could not be verified.
    AuthFailure,
    /// Fraud or phishing.
    Fraud,
    /// The opposite of a complaint: the message was marked as wanted.
    NotSpam,
    /// A virus.
    Virus,
    /// Not sent at all: the address complained before and is on the suppression list.
    Suppressed,
    /// Something else, or not said.
    Other,
}

/// Why a message is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DelayKind {
    /// Something at SES.
    InternalFailure,
    /// Something while speaking with the receiving server.
    General,
    /// The mailbox is full.
    MailboxFull,
    /// The receiving server has seen much unwanted mail from the same place.
    SpamDetected,
    /// Something at the receiving server.
    RecipientServerError,
    /// The receiving server blocks or limits the sending address.
    IpFailure,
    /// The connection broke.
    TransientCommunicationFailure,
    /// The sending host's name was not found.
    HostNameLookupUnavailable,
    /// SES waits before it sends more.
    SendingDeferral,
    /// Not known, or not said.
    Undetermined,
}

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedbackError {
    /// It is no JSON.
    #[error("not JSON: line {line}, column {column}")]
    NotJson {
        /// Line, from one.
        line: usize,
        /// Column.
        column: usize,
    },
    /// It is JSON, but neither an envelope nor an event.
    #[error("neither a message of SNS nor an event of SES")]
    Unknown,
    /// What an event must have is missing or of another form.
    #[error("an event of the kind '{kind}' without a readable '{field}'")]
    Missing {
        /// What the event calls itself.
        kind: String,
        /// Where the field stands.
        field: &'static str,
    },
}

/// SES sends to at most so many addresses at once.
const RECIPIENTS_MAX: usize = 50;
const DIAGNOSTIC_CHARS_MAX: usize = 300;
const WORD_CHARS_MAX: usize = 64;

/// Reads the body of a queue's message.
pub fn read(body: &str) -> Result<Outcome, FeedbackError> {
    let json: Value = serde_json::from_str(body)
        .map_err(|error| FeedbackError::NotJson { line: error.line(), column: error.column() })?;
    match json.get("Type").and_then(Value::as_str) {
        None => event(&json),
        Some("Notification") => {
            let message = word(&json, "Message")
                .ok_or(FeedbackError::Missing { kind: "Notification".to_owned(), field: "Message" })?;
            match serde_json::from_str::<Value>(message) {
                Ok(json) => event(&json),
                // When a destination is set up, SES tries it with a sentence.
                Err(_) => Ok(Outcome::Ignored { kind: "Notification".to_owned() }),
            }
        }
        Some("SubscriptionConfirmation") => {
            let field = |name: &'static str| {
                let missing = FeedbackError::Missing { kind: "SubscriptionConfirmation".to_owned(), field: name };
                word(&json, name).map(str::to_owned).ok_or(missing)
            };
            Ok(Outcome::SubscriptionConfirmation { topic: field("TopicArn")?, url: field("SubscribeURL")? })
        }
        Some(other) => Ok(Outcome::Ignored { kind: cut(other, WORD_CHARS_MAX) }),
    }
}

fn word<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    json.get(name).and_then(Value::as_str)
}

/// Texts of the objects of a list, each under a name; none when there is no such list.
fn listed<'a>(json: &'a Value, list: &str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let items = json.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(move |item| word(item, name))
}

fn event(json: &Value) -> Result<Outcome, FeedbackError> {
    let kind = word(json, "eventType").or_else(|| word(json, "notificationType")).ok_or(FeedbackError::Unknown)?;
    // What is said of the event itself, and under which name the addresses that it concerns are listed there.
    let (about, addresses) = match kind {
        "Send" => ("send", None),
        "Delivery" => ("delivery", None),
        "Bounce" => ("bounce", Some("bouncedRecipients")),
        "Complaint" => ("complaint", Some("complainedRecipients")),
        "DeliveryDelay" => ("deliveryDelay", Some("delayedRecipients")),
        "Reject" => ("reject", None),
        "Rendering Failure" => ("failure", None),
        other => return Ok(Outcome::Ignored { kind: cut(other, WORD_CHARS_MAX) }),
    };
    let missing = |field| FeedbackError::Missing { kind: kind.to_owned(), field };
    let about = json.get(about).unwrap_or(&Value::Null);
    let mail = json.get("mail").ok_or(missing("mail"))?;
    let event = match kind {
        "Send" => SesEvent::Sent,
        "Delivery" => SesEvent::Delivery,
        "Bounce" => SesEvent::Bounce {
            kind: bounce_kind(word(about, "bounceType").ok_or(missing("bounce.bounceType"))?),
            diagnostic: diagnostic(word(about, "bounceSubType"), about, "bouncedRecipients"),
        },
        "Complaint" => SesEvent::Complaint { kind: complaint_kind(about) },
        "DeliveryDelay" => SesEvent::Delay {
            kind: delay_kind(word(about, "delayType").unwrap_or_default()),
            diagnostic: diagnostic(word(about, "delayType"), about, "delayedRecipients"),
        },
        "Reject" => SesEvent::Reject { reason: redacted(word(about, "reason").unwrap_or_default(), WORD_CHARS_MAX) },
        _ => SesEvent::RenderingFailed,
    };
    let message_id = word(mail, "messageId").filter(|id| !id.is_empty()).ok_or(missing("mail.messageId"))?;
    let at = word(about, "timestamp").or_else(|| word(mail, "timestamp"));
    let at: Instant = at.and_then(|at| at.parse().ok()).ok_or(missing("mail.timestamp"))?;
    let named: Vec<String> = match addresses {
        Some(list) => listed(about, list, "emailAddress").map(bare_address).collect(),
        None => texts(about, "recipients").map(bare_address).collect(),
    };
    let mut recipients = if named.is_empty() { texts(mail, "destination").map(bare_address).collect() } else { named };
    recipients.truncate(RECIPIENTS_MAX);
    Ok(Outcome::Feedback(Feedback { event, message_id: cut(message_id, 200), at, tags: tags(mail), recipients }))
}

fn texts<'a>(json: &'a Value, list: &str) -> impl Iterator<Item = &'a str> {
    json.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}

/// Permanent is hard whatever its subtype: an unknown mailbox as well as an address that is on a suppression list.
fn bounce_kind(text: &str) -> BounceKind {
    match text {
        "Permanent" => BounceKind::Hard,
        "Transient" => BounceKind::Soft,
        _ => BounceKind::Undetermined,
    }
}

fn complaint_kind(about: &Value) -> ComplaintKind {
    if word(about, "complaintSubType") == Some("OnAccountSuppressionList") {
        return ComplaintKind::Suppressed;
    }
    match word(about, "complaintFeedbackType").unwrap_or_default() {
        "abuse" => ComplaintKind::Abuse,
        "auth-failure" => ComplaintKind::AuthFailure,
        "fraud" => ComplaintKind::Fraud,
        "not-spam" => ComplaintKind::NotSpam,
        "virus" => ComplaintKind::Virus,
        _ => ComplaintKind::Other,
    }
}

fn delay_kind(text: &str) -> DelayKind {
    match text {
        "InternalFailure" => DelayKind::InternalFailure,
        "General" => DelayKind::General,
        "MailboxFull" => DelayKind::MailboxFull,
        "SpamDetected" => DelayKind::SpamDetected,
        "RecipientServerError" => DelayKind::RecipientServerError,
        "IPFailure" => DelayKind::IpFailure,
        "TransientCommunicationFailure" => DelayKind::TransientCommunicationFailure,
        "BYOIPHostNameLookupUnavailable" => DelayKind::HostNameLookupUnavailable,
        "SendingDeferral" => DelayKind::SendingDeferral,
        _ => DelayKind::Undetermined,
    }
}

/// What SES calls it, then status and words of the receiving server for the first address that has any.
fn diagnostic(called: Option<&str>, about: &Value, list: &str) -> String {
    let said = listed(about, list, "diagnosticCode").next();
    let status = listed(about, list, "status").next();
    let parts: Vec<&str> = [called, status, said].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    redacted(&parts.join(": "), DIAGNOSTIC_CHARS_MAX)
}

fn tags(mail: &Value) -> Tags {
    let tags = mail.get("tags").unwrap_or(&Value::Null);
    let first = |name: &str| texts(tags, name).next().or_else(|| word(tags, name));
    let of_header = || {
        let headers = mail.get("headers").and_then(Value::as_array)?;
        let named =
            |header: &&Value| word(header, "name").is_some_and(|name| name.eq_ignore_ascii_case(DELIVERY_HEADER));
        word(headers.iter().find(named)?, "value")?.trim().parse().ok()
    };
    Tags {
        tenant: first(tag::TENANT).and_then(|id| id.parse().ok()),
        home: first(tag::HOME).filter(|home| !home.is_empty()).map(|home| cut(home, 256)),
        delivery: first(tag::DELIVERY).and_then(|id| id.parse().ok()).or_else(of_header),
    }
}
