//! `SendRawEmail`: what is asked, whether it may be done, and the doing.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::address::{self, Mailbox};
use super::api::Form;
use super::feedback::{self, Outcome};
use super::letter::Letter;
use super::refusal::Refusal;
use super::state::{Access, Message, Sending, Ses};

/// The largest message, in bytes.
const LARGEST: usize = 10_485_760;
/// The most recipients of a message.
const MOST_RECIPIENTS: usize = 50;
/// The longest name or value of a tag.
const LONGEST_TAG: usize = 255;

/// Takes a message; returns its id.
pub(super) fn send(state: &mut Ses, now: DateTime<Utc>, form: &Form) -> Result<String, Refusal> {
    let raw = raw(form)?;
    let given = tags(form)?;
    let letter = Letter::read(&raw)?;
    let source = form.get("Source").map(address::read).transpose()?;
    let recipients = recipients(form, &letter)?;
    check_identities(state, source.as_ref(), &letter, &recipients)?;
    let set = form.get("ConfigurationSetName").map(str::to_owned).or_else(|| letter.set.clone());
    check_paused(state, set.as_deref())?;
    let tags = if given.is_empty() { letter.tags.clone() } else { given };
    tags.iter().try_for_each(|(name, value)| check_tag(name, value))?;
    check_limits(state, now, &recipients)?;

    let number = state.next();
    let source = source.or_else(|| letter.senders.first().cloned()).or_else(|| letter.from.first().cloned());
    let message = Message {
        id: feedback::message_id(now, number),
        at: now,
        source: source.map(|mailbox| mailbox.shown).unwrap_or_default(),
        destinations: recipients.into_iter().map(|mailbox| mailbox.address).collect(),
        configuration_set: set,
        tags,
        raw,
    };
    let outcome = if letter.is_infected { Outcome::Infected } else { Outcome::ByRules };
    feedback::publish(state, &message, outcome);
    let id = message.id.clone();
    state.taken.push(message);
    Ok(id)
}

/// The bytes of the message.
fn raw(form: &Form) -> Result<Vec<u8>, Refusal> {
    let Some(text) = form.get("RawMessage.Data").filter(|text| !text.is_empty()) else {
        return Err(Refusal::value("The raw message is missing"));
    };
    let Ok(raw) = BASE64_STANDARD.decode(text) else {
        return Err(Refusal::new(http::StatusCode::BAD_REQUEST, "MalformedInput", "RawMessage.Data is no base64"));
    };
    if raw.len() > LARGEST {
        return Err(Refusal::value(format!("Message length is more than {LARGEST} bytes long: '{}'.", raw.len())));
    }
    Ok(raw)
}

/// The tags of a call.
fn tags(form: &Form) -> Result<Vec<(String, String)>, Refusal> {
    let names = form.members("Tags", ".Name")?;
    let values = form.members("Tags", ".Value")?;
    if names.len() != values.len() {
        return Err(Refusal::value("Each tag has a name and a value."));
    }
    Ok(names.into_iter().zip(values).collect())
}

fn check_tag(name: &str, value: &str) -> Result<(), Refusal> {
    for (what, text) in [("name", name), ("value", value)] {
        if text.is_empty() {
            return Err(Refusal::value(format!("The tag {what} must be specified.")));
        }
        if text.len() > LONGEST_TAG {
            let what = if what == "name" { "Tag name" } else { "Tag value" };
            return Err(Refusal::value(format!("{what} cannot exceed {LONGEST_TAG} characters.")));
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            let rule = "only alphanumeric ASCII characters, '_', and '-' are allowed.";
            return Err(Refusal::value(format!("Invalid tag {what} <{text}>: {rule}")));
        }
    }
    Ok(())
}

/// Whom the message goes to: those that the call names, or else those of the header.
fn recipients(form: &Form, letter: &Letter) -> Result<Vec<Mailbox>, Refusal> {
    let named: Vec<Mailbox> =
        form.members("Destinations", "")?.iter().map(|text| address::read(text)).collect::<Result<_, _>>()?;
    let recipients = if named.is_empty() { letter.recipients.clone() } else { named };
    if recipients.is_empty() {
        return Err(Refusal::value("There are no recipients specified"));
    }
    if recipients.len() > MOST_RECIPIENTS {
        return Err(Refusal::value(format!("Recipient count exceeds {MOST_RECIPIENTS}.")));
    }
    Ok(recipients)
}

/// Who sends is verified; in the sandbox whoever receives as well.
fn check_identities(
    state: &Ses,
    source: Option<&Mailbox>,
    letter: &Letter,
    recipients: &[Mailbox],
) -> Result<(), Refusal> {
    let senders = source.into_iter().chain(&letter.from).chain(&letter.senders);
    let mut failed: Vec<&str> =
        senders.filter(|mailbox| !state.is_verified(&mailbox.address)).map(|mailbox| mailbox.shown.as_str()).collect();
    match state.settings.access {
        Access::Production => {}
        Access::Sandbox => {
            let strangers = recipients
                .iter()
                .filter(|mailbox| !address::is_simulator(&mailbox.address) && !state.is_verified(&mailbox.address));
            failed.extend(strangers.map(|mailbox| mailbox.shown.as_str()));
        }
    }
    let mut seen = Vec::new();
    failed.retain(|shown| {
        let is_new = !seen.contains(shown);
        seen.push(*shown);
        is_new
    });
    if failed.is_empty() {
        return Ok(());
    }
    Err(Refusal::rejected(format!(
        "Email address is not verified. The following identities failed the check in region {}: {}",
        state.settings.region.to_ascii_uppercase(),
        failed.join(", ")
    )))
}

fn check_paused(state: &Ses, set: Option<&str>) -> Result<(), Refusal> {
    match state.settings.sending {
        Sending::Enabled => {}
        Sending::Paused => {
            let text = "Email sending is disabled for your entire Amazon SES account.";
            return Err(Refusal::new(http::StatusCode::BAD_REQUEST, "AccountSendingPausedException", text));
        }
        Sending::PausedByAmazon => {
            return Err(Refusal::rejected(
                "Sending paused for this account. For more information, please check the inbox of the email address associated \
                 with your AWS account.",
            ));
        }
    }
    let Some(name) = set else { return Ok(()) };
    let Some(set) = state.sets.get(name) else {
        let text = format!("Configuration set <{name}> does not exist.");
        return Err(Refusal::of_set("ConfigurationSetDoesNotExist", text, name));
    };
    match set.sending {
        Sending::Enabled => Ok(()),
        Sending::Paused | Sending::PausedByAmazon => {
            let text = format!("Sending is paused for configuration set <{name}>.");
            Err(Refusal::of_set("ConfigurationSetSendingPausedException", text, name))
        }
    }
}

/// Rate and quota: both count recipients; those of the mailbox simulator count to the rate alone.
fn check_limits(state: &mut Ses, now: DateTime<Utc>, recipients: &[Mailbox]) -> Result<(), Refusal> {
    let real = recipients.iter().filter(|mailbox| !address::is_simulator(&mailbox.address)).count();
    if state.in_last_day(now) + real > state.settings.max_24_hour_send {
        return Err(Refusal::throttled("Daily message quota exceeded."));
    }
    if state.in_last_second(now) >= state.settings.max_send_rate {
        return Err(Refusal::throttled("Maximum sending rate exceeded."));
    }
    state.count(now, recipients.len(), real);
    Ok(())
}
