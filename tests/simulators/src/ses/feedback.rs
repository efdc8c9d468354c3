//! What is told about a message after it was taken, and the ids of everything.

use chrono::{DateTime, Utc};
use ring::digest;
use serde_json::json;

use super::events::{self, Story};
use super::sent::hex;
use super::state::{Behaviour, Envelope, Event, Kind, Message, Ses};

/// What a scanner found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing: the rules say what becomes of it.
    ByRules,
    /// A virus.
    Infected,
}

/// An id that looks like a random one, and is the same each time.
pub(super) fn uuid(now: DateTime<Utc>, number: u64) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{}-{number}", now.timestamp_millis()).as_bytes());
    let digits = hex(digest.as_ref());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}

/// The id of a message, or of a piece of feedback.
pub(super) fn message_id(now: DateTime<Utc>, number: u64) -> String {
    format!("0102{:012x}-{}-000000", now.timestamp_millis().unsigned_abs(), uuid(now, number))
}

/// Puts out what becomes of a message.
pub(super) fn publish(state: &mut Ses, message: &Message, outcome: Outcome) {
    let mut fates: Vec<(Behaviour, Vec<String>)> = Vec::new();
    for address in &message.destinations {
        let behaviour = state.behaviour(address);
        match fates.iter_mut().find(|(known, _)| *known == behaviour) {
            Some((_, addresses)) => addresses.push(address.clone()),
            None => fates.push((behaviour, vec![address.clone()])),
        }
    }
    let is_rejected = outcome == Outcome::Infected || fates.iter().any(|(fate, _)| *fate == Behaviour::Reject);
    let story = Story::of(state, message);
    let mut told = vec![story.send()];
    if is_rejected {
        told.push(story.reject());
    } else {
        told.extend(fates.iter().flat_map(|(behaviour, addresses)| story.tell(*behaviour, addresses)));
    }
    state.put_out(message, told);
}

/// An event before it gets its number.
pub(super) struct Told {
    pub(super) kind: Kind,
    pub(super) at: DateTime<Utc>,
    pub(super) document: serde_json::Value,
}

impl Ses {
    /// What becomes of messages to an address: by a rule for it or its domain, or by its name at the mailbox simulator.
    pub fn behaviour(&self, address: &str) -> Behaviour {
        let address = address.to_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@').unwrap_or_default();
        let rule = self.rules.get(&address).or_else(|| self.rules.get(&format!("@{domain}")));
        if let Some(behaviour) = rule {
            return *behaviour;
        }
        let name = local.split_once('+').map_or(local, |(name, _)| name);
        match (domain, name) {
            ("simulator.amazonses.com", "bounce") => Behaviour::HardBounce,
            ("simulator.amazonses.com", "softbounce") => Behaviour::SoftBounce,
            ("simulator.amazonses.com", "complaint") => Behaviour::Complain,
            ("simulator.amazonses.com", "suppressionlist") => Behaviour::Suppressed,
            // An automatic answer goes to the sender as a mail; to SES the message is delivered.
            _ => Behaviour::Deliver,
        }
    }

    /// Tells later what became of a message that was taken, to all its recipients. `false` when there is no such message.
    pub fn tell(&mut self, id: &str, behaviour: Behaviour) -> bool {
        let Some(message) = self.taken.iter().find(|message| message.id == id).cloned() else { return false };
        let story = Story::of(self, &message);
        let told = match behaviour {
            Behaviour::Reject => vec![story.reject()],
            Behaviour::Deliver
            | Behaviour::HardBounce
            | Behaviour::SoftBounce
            | Behaviour::Suppressed
            | Behaviour::Complain
            | Behaviour::DelayThenDeliver
            | Behaviour::Silent => story.tell(behaviour, &message.destinations),
        };
        self.put_out(&message, told);
        true
    }

    /// The bodies that wait in the queue, oldest first.
    pub fn waiting_events(&self) -> Vec<String> {
        self.events.iter().map(|event| self.body(event)).collect()
    }

    /// Fetches the bodies that wait in the queue, oldest first.
    pub fn take_events(&mut self) -> Vec<String> {
        let bodies = self.waiting_events();
        self.events.clear();
        bodies
    }

    /// Puts out those events that the configuration set publishes, and those that the sending identity tells by itself.
    fn put_out(&mut self, message: &Message, told: Vec<Told>) {
        let set = message.configuration_set.as_ref().and_then(|name| self.sets.get(name));
        let publishes = set.map(|set| set.publishes.clone()).unwrap_or_default();
        for Told { kind, at, document } in told {
            let notification = events::notification(self.settings.identity_notifications, kind, &document);
            let published = publishes.contains(&kind).then_some(document);
            for document in published.into_iter().chain(notification) {
                let number = self.next();
                self.events.push(Event { number, message: message.id.clone(), kind, at, document });
            }
        }
    }

    /// The body of an event in the queue.
    fn body(&self, event: &Event) -> String {
        let document = event.document.to_string();
        match self.settings.envelope {
            Envelope::Raw => document,
            Envelope::Sns => {
                let (region, account) = (&self.settings.region, &self.settings.account);
                let topic = format!("arn:aws:sns:{region}:{account}:mail-events");
                let host = format!("https://sns.{region}.amazonaws.com");
                let envelope = json!({
                    "Type": "Notification",
                    "MessageId": uuid(event.at, event.number),
                    "TopicArn": topic,
                    "Subject": "Amazon SES Email Event Notification",
                    "Message": format!("{document}\n"),
                    "Timestamp": events::stamp(event.at),
                    "SignatureVersion": "1",
                    "Signature": "c2ltdWxhdGVk",
                    "SigningCertURL": format!("{host}/SimpleNotificationService-simulated.pem"),
                    "UnsubscribeURL": format!("{host}/?Action=Unsubscribe&SubscriptionArn={topic}:{}", uuid(event.at, 0)),
                });
                envelope.to_string()
            }
        }
    }
}
