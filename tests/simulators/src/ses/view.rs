//! The page that shows the messages, what tests see of them, and the controls of the account.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::{Method, StatusCode};
use serde::Deserialize;

use super::sent::{self, Sent};
use super::state::{Behaviour, ConfigurationSet, Ses, Settings, Verification};
use crate::control;
use crate::letters;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Ses) -> String {
    let mut page = Page::new("Amazon SES (simulator)");
    page.paragraph("Machine-readable: /_messages?to=, /_messages/{id}, /_events, /_sim/state, /_sim/requests");
    let row = |sent: &Sent| {
        let tags: Vec<String> = sent.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let [at, from, to, subject, files] = letters::row(sent);
        vec![at, from, to, subject, Field::text(&tags.join(" ")), files]
    };
    let rows: Vec<_> = state.messages().iter().rev().map(row).collect();
    page.table(&["Taken", "From", "To", "Subject", "Tags", "Files"], &rows);
    page.finish()
}

/// What becomes of messages to an address, or to a domain (`@example.org`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    address: String,
    behaviour: Behaviour,
}

/// Whether an address or a domain may send.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    identity: String,
    status: Verification,
}

/// A configuration set; makes one that is not there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    #[serde(default)]
    set: ConfigurationSet,
}

/// What became of a message, told later.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    message: String,
    behaviour: Behaviour,
}

pub(super) fn control(state: &mut Ses, request: &Request, first: &str) -> Option<Answer> {
    let done = Answer::empty(StatusCode::NO_CONTENT);
    let (_, rest) = control::path(request);
    let parts: Vec<&str> = rest.map(|rest| rest.split('/').collect()).unwrap_or_default();
    let answer = match (&request.method, first, parts.as_slice()) {
        (&Method::GET, "_messages", []) => letters::list(&state.taken, request),
        (&Method::GET, "_messages", [id]) => message(state, request, id),
        (&Method::GET, "_messages", [id, "files", place]) => letters::file(&state.taken, id, place),
        (&Method::DELETE, "_messages", []) => {
            state.taken.clear();
            Ok(done)
        }
        (&Method::GET, "_events", []) => control::json(StatusCode::OK, &state.waiting_events()),
        (&Method::POST, "_events", []) => control::json(StatusCode::OK, &state.take_events()),
        (&Method::DELETE, "_events", []) => {
            state.events.clear();
            Ok(done)
        }
        (&Method::POST, "settings", []) => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            done
        }),
        (&Method::POST, "rules", []) => control::body::<Rule>(request).map(|rule| {
            state.set_rule(&rule.address, rule.behaviour);
            done
        }),
        (&Method::DELETE, "rules", []) => {
            state.rules.clear();
            Ok(done)
        }
        (&Method::POST, "identities", []) => control::body::<Identity>(request).map(|identity| {
            state.identities.insert(identity.identity.to_ascii_lowercase(), identity.status);
            done
        }),
        (&Method::POST, "sets", []) => control::body::<Set>(request).map(|set| {
            state.sets.insert(set.name, set.set);
            done
        }),
        (&Method::POST, "tell", []) => control::body::<Told>(request).and_then(|told| {
            let is_told = state.tell(&told.message, told.behaviour);
            if is_told { Ok(done) } else { Err(letters::missing()) }
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}

/// The bytes of a message, as they were sent, or as the next server gets them: `?as=delivered`.
fn message(state: &Ses, request: &Request, id: &str) -> Result<Answer, Answer> {
    let message = letters::of(&state.taken, id)?;
    let is_delivered = request.parameters().iter().any(|(name, value)| name == "as" && value == "delivered");
    Ok(letters::raw(if is_delivered { sent::delivered(message, &state.settings.region) } else { message.raw.clone() }))
}
