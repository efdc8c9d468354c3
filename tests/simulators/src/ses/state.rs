//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sent::Sent;

/// Whether an identity may send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verification {
    /// It may.
    Success,
    /// The owner has not confirmed it.
    #[default]
    Pending,
    /// The owner did not confirm it in time.
    Failed,
}

impl Verification {
    /// As Amazon writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Pending => "Pending",
            Self::Failed => "Failed",
        }
    }
}

/// Whether sending goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    /// It does.
    #[default]
    Enabled,
    /// The owner has paused it.
    Paused,
    /// Amazon has paused it, after too many bounces or complaints. At a configuration set the same as `paused`.
    PausedByAmazon,
}

/// To whom an account may send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// To everybody.
    #[default]
    Production,
    /// To verified identities and the mailbox simulator.
    Sandbox,
}

/// How events arrive in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// In a notification of SNS.
    #[default]
    Sns,
    /// As they are (raw message delivery).
    Raw,
}

/// Whether the sending identity tells of bounces, complaints and deliveries by itself, beside any configuration set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityNotifications {
    /// It does not.
    #[default]
    None,
    /// It does, and says no more of a message than its envelope.
    Bare,
    /// It does, with the header of the message.
    WithHeaders,
}

/// What becomes of a message to an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// It is delivered.
    #[default]
    Deliver,
    /// There is no such mailbox.
    HardBounce,
    /// The mailbox is full, and stayed so.
    SoftBounce,
    /// The address is on Amazon's own suppression list.
    Suppressed,
    /// It is delivered, and the reader calls it spam.
    Complain,
    /// It is delivered at the second try.
    DelayThenDeliver,
    /// Amazon finds a virus in the whole message.
    Reject,
    /// Nothing more is heard of it.
    Silent,
}

/// Events about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// It was accepted.
    Send,
    /// It was not even tried.
    Reject,
    /// A server took it.
    Delivery,
    /// A server refused it for good.
    Bounce,
    /// A reader complained.
    Complaint,
    /// A server refused it for now.
    DeliveryDelay,
}

impl Kind {
    /// As Amazon writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Send => "Send",
            Self::Reject => "Reject",
            Self::Delivery => "Delivery",
            Self::Bounce => "Bounce",
            Self::Complaint => "Complaint",
            Self::DeliveryDelay => "DeliveryDelay",
        }
    }

    /// All of them.
    pub(super) fn all() -> BTreeSet<Self> {
        [Self::Send, Self::Reject, Self::Delivery, Self::Bounce, Self::Complaint, Self::DeliveryDelay].into()
    }
}

/// A configuration set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigurationSet {
    /// Whether messages may be sent with it.
    pub sending: Sending,
    /// Which events it publishes.
    pub publishes: BTreeSet<Kind>,
}

impl Default for ConfigurationSet {
    fn default() -> Self {
        Self { sending: Sending::Enabled, publishes: Kind::all() }
    }
}

/// A message that was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Message {
    /// The id it got.
    pub id: String,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// The sender on the envelope.
    pub source: String,
    /// The addresses on the envelope.
    pub destinations: Vec<String>,
    /// Its configuration set.
    pub configuration_set: Option<String>,
    /// Its tags: name and value.
    pub tags: Vec<(String, String)>,
    /// Its bytes, as they were sent.
    #[serde(with = "bytes")]
    pub raw: Vec<u8>,
}

mod bytes {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map_err(de::Error::custom)
    }
}

/// An event that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its number.
    pub number: u64,
    /// About which message.
    pub message: String,
    /// What it says.
    pub kind: Kind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The document.
    pub document: Value,
}

/// Recipients of a message, as rate and quota count them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Counted {
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// All recipients: the rate.
    pub all: usize,
    /// Those outside of the mailbox simulator: the quota.
    pub real: usize,
}

/// What an account is like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The region that calls are signed for.
    pub region: String,
    /// The account's number.
    pub account: String,
    /// To whom it may send.
    pub access: Access,
    /// Whether it may send.
    pub sending: Sending,
    /// Recipients in a second.
    pub max_send_rate: usize,
    /// Recipients in 24 hours.
    pub max_24_hour_send: usize,
    /// Access keys that are known; all are when there are none here.
    pub access_keys: BTreeSet<String>,
    /// How events arrive.
    pub envelope: Envelope,
    /// What the sending identity tells.
    pub identity_notifications: IdentityNotifications,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: "eu-west-1".to_owned(),
            account: "000000000000".to_owned(),
            access: Access::Production,
            sending: Sending::Enabled,
            max_send_rate: 14,
            max_24_hour_send: 50_000,
            access_keys: BTreeSet::new(),
            envelope: Envelope::Sns,
            identity_notifications: IdentityNotifications::None,
        }
    }
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ses {
    /// The account.
    pub settings: Settings,
    /// Addresses and domains, in small letters.
    pub identities: BTreeMap<String, Verification>,
    /// Configuration sets by name.
    pub sets: BTreeMap<String, ConfigurationSet>,
    /// What becomes of messages to an address, or to a domain (`@example.org`), in small letters.
    pub rules: BTreeMap<String, Behaviour>,
    /// Messages that were taken, oldest first.
    pub taken: Vec<Message>,
    /// What rate and quota count.
    pub counted: Vec<Counted>,
    /// Events that nobody has fetched, oldest first.
    pub events: Vec<Event>,
    /// A signature whose token has expired; the next call with it is refused.
    pub expired: Option<String>,
    /// The last number given to anything.
    pub sequence: u64,
}

/// How long the quota counts.
const DAY: TimeDelta = TimeDelta::hours(24);

impl Ses {
    /// A new number.
    pub(super) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// The messages that were taken, oldest first, as an independent reader reads them.
    pub fn messages(&self) -> Vec<Sent> {
        self.taken.iter().map(Sent::read).collect()
    }

    /// What becomes of messages to an address.
    pub fn set_rule(&mut self, address: &str, behaviour: Behaviour) {
        self.rules.insert(address.to_ascii_lowercase(), behaviour);
    }

    /// Verifies an address or a domain.
    pub fn verify(&mut self, identity: &str) {
        self.identities.insert(identity.to_ascii_lowercase(), Verification::Success);
    }

    /// Whether mail may come from an address: itself, its domain or one above that is verified.
    pub(super) fn is_verified(&self, address: &str) -> bool {
        let address = address.to_ascii_lowercase();
        let verified = |identity: &str| self.identities.get(identity) == Some(&Verification::Success);
        let Some((_, domain)) = address.rsplit_once('@') else { return false };
        let mut above = Some(domain);
        while let Some(domain) = above {
            if verified(domain) {
                return true;
            }
            above = domain.split_once('.').map(|(_, rest)| rest);
        }
        verified(&address)
    }

    /// Recipients in the second before an instant.
    pub(super) fn in_last_second(&self, now: DateTime<Utc>) -> usize {
        self.since(now - TimeDelta::seconds(1)).map(|counted| counted.all).sum()
    }

    /// Recipients in the 24 hours before an instant.
    pub(super) fn in_last_day(&self, now: DateTime<Utc>) -> usize {
        self.since(now - DAY).map(|counted| counted.real).sum()
    }

    /// Counts the recipients of a message, and forgets those that count no more.
    pub(super) fn count(&mut self, now: DateTime<Utc>, all: usize, real: usize) {
        self.counted.retain(|counted| counted.at > now - DAY);
        self.counted.push(Counted { at: now, all, real });
    }

    fn since(&self, start: DateTime<Utc>) -> impl Iterator<Item = &Counted> {
        self.counted.iter().filter(move |counted| counted.at > start)
    }
}
