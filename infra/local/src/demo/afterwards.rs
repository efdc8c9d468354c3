//! What people do when automatic posting has done its part: they accept what is recommended, put right what the ledger refused,
//! and edit a rule. Each step says what came of it, and fails when it is anything else than it should be.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    api::{Client, Payload, Request},
    follow::{Followed, name},
    scenario::{Afterwards as Wanted, Scenario},
    setup::{Opened, wait_for},
};
use crate::{aws::text, failure::Failure, processes};

/// A posting takes seconds, and so does its count.
const PATIENCE: Duration = Duration::from_mins(2);

/// The office when all documents are at their ends.
pub struct Afterwards<'a> {
    /// What is to be done.
    pub wanted: &'a Wanted,
    /// What was set up and sent.
    pub scenario: &'a Scenario,
    /// The office.
    pub opened: &'a Opened,
    /// The documents.
    pub documents: &'a [Followed<'a>],
}

/// A document and where it belongs.
struct Subject<'a> {
    id: &'a str,
    administration: &'a str,
}

impl<'a> Afterwards<'a> {
    /// Does everything, one step after another.
    pub fn show(&self) -> Result<(), Failure> {
        self.recommendation()?;
        self.refusal()?;
        self.rule()
    }

    /// A document is posted by hand; its contact is recommended for automatic posting, and that is accepted.
    fn recommendation(&self) -> Result<(), Failure> {
        let file = &self.wanted.recommended;
        let document = self.subject(file)?;
        let (accountant, superuser) = (&self.opened.accountant, &self.opened.superuser);
        let posted = post_by_hand(accountant, document.id, &json!({}))?;
        println!(
            "  {} is posted by {}: {} in the ledger",
            name(file),
            self.scenario.office.accountant.name,
            text(&posted, "/booked/ledger_number")
        );
        let recommendations = format!("/administrations/{}/recommendations", document.administration);
        let contact = text(&posted, "/contact").to_owned();
        let recommended = until("a recommendation", || {
            let listed: Value = superuser.get(&recommendations)?;
            let items = listed.get("items").and_then(Value::as_array);
            Ok(items.into_iter().flatten().find(|item| text(item, "/contact") == contact).cloned())
        })?;
        let rule = superuser.post(&format!("{recommendations}/{contact}/post-always"), &json!({}))?;
        println!(
            "  recommended: {} ({} posted in 90 days); accepted by {}: rule {}, for {} documents",
            text(&recommended, "/name"),
            recommended.get("posted").unwrap_or(&Value::Null),
            self.scenario.office.superuser.name,
            text(&rule, "/id"),
            text(&rule, "/documents")
        );
        let path = format!("/automation/explain?administration={}&contact={contact}", document.administration);
        let explained: Value = superuser.get(&path)?;
        for case in explained.get("cases").and_then(Value::as_array).into_iter().flatten() {
            println!("    its next invoice: {}", text(case, "/text"));
        }
        Ok(())
    }

    /// A document that the ledger refused for its closed period is booked in an open one.
    fn refusal(&self) -> Result<(), Failure> {
        let wanted = self.wanted;
        let document = self.subject(&wanted.refused)?;
        let (accountant, superuser) = (&self.opened.accountant, &self.opened.superuser);
        let (connection, administration) = (&self.opened.office.connection, document.administration);
        let periods = format!("/connections/{connection}/directories/periods/refresh?administration={administration}");
        wait_for(superuser, text(&superuser.post(&periods, &Value::Null)?, "/id"))?;
        let refused: Value = accountant.get(&format!("/documents/{}", document.id))?;
        let booking_date = json!({ "booking_date": wanted.booking_date });
        let edited: Value = accountant.send(Request {
            method: "PATCH",
            path: &format!("/documents/{}/edits", document.id),
            payload: Payload::Json(&booking_date),
            seen: refused.get("version").and_then(Value::as_u64),
            key: None,
        })?;
        let posted = post_by_hand(accountant, document.id, &json!({}))?;
        println!(
            "  {}, refused ({}), is {} with booking date {} and posted by {}: {} in the ledger",
            name(&wanted.refused),
            text(&refused, "/why/reason/code"),
            text(&edited, "/status"),
            wanted.booking_date,
            self.scenario.office.accountant.name,
            text(&posted, "/booked/ledger_number")
        );
        Ok(())
    }

    /// A rule is edited and restored; its versions say what was different.
    fn rule(&self) -> Result<(), Failure> {
        let wanted = self.wanted;
        let superuser = &self.opened.superuser;
        let found = self.opened.office.rules.iter().find(|(_, key)| **key == wanted.rule);
        let (id, _) = found.ok_or_else(|| missing("rule", &wanted.rule))?;
        let setup =
            self.scenario.administrations.iter().find(|setup| {
                setup.contacts.iter().flat_map(|contact| &contact.rules).any(|rule| rule.key == wanted.rule)
            });
        let key = &setup.ok_or_else(|| missing("rule", &wanted.rule))?.key;
        let administration =
            self.opened.office.administrations.get(key).ok_or_else(|| missing("administration", key))?;
        let path = format!("/administrations/{administration}/rules/{id}");
        let before: Value = superuser.get(&path)?;
        let edited = superuser.put(&path, Some(&before), &json!(wanted.edited))?;
        superuser.send::<Value>(Request {
            method: "POST",
            path: &format!("{path}/restore"),
            payload: Payload::Json(&json!({ "version": before.get("version") })),
            seen: edited.get("version").and_then(Value::as_u64),
            key: None,
        })?;
        println!("  the rule \"{}\" is edited, and restored:", wanted.rule);
        let history: Value = superuser.get(&format!("{path}/versions"))?;
        let versions = history.get("versions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for version in versions {
            println!("    {}", version_line(version));
        }
        if versions.len() < 3 {
            return Err(Failure::State(format!("The rule has {} versions instead of three.", versions.len())));
        }
        Ok(())
    }

    fn subject(&self, file: &str) -> Result<Subject<'a>, Failure> {
        let found = self.documents.iter().find(|document| document.delivery.file == file);
        let found = found.and_then(|document| {
            let administration = self.opened.office.administrations.get(&document.delivery.administration)?;
            Some(Subject { id: document.id.as_deref()?, administration })
        });
        found.ok_or_else(|| missing("document", file))
    }
}

/// A version of a rule in a line: what it takes, and what it changed.
fn version_line(version: &Value) -> String {
    let said = |value: &Value| value.as_str().map_or_else(|| "no limit".to_owned(), str::to_owned);
    let changes: Vec<_> = version
        .get("changes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|change| text(change, "/field") != "effective_from")
        .map(|change| {
            let [before, after] = ["before", "after"].map(|side| said(change.get(side).unwrap_or(&Value::Null)));
            format!("{} {before} -> {after}", text(change, "/field"))
        })
        .collect();
    let number = version.get("version").and_then(Value::as_u64).unwrap_or_default();
    let changed = if changes.is_empty() { "as made".to_owned() } else { changes.join(", ") };
    match version.get("restored_from").and_then(Value::as_u64) {
        Some(from) => format!("version {number}, restored from version {from}: {changed}"),
        None => format!("version {number}: {changed}"),
    }
}

fn missing(what: &str, which: &str) -> Failure {
    Failure::State(format!("The scenario names a {what} that it does not have: {which}"))
}

/// Posts a document as a person does, and waits until the ledger has it.
fn post_by_hand(accountant: &Client, id: &str, body: &Value) -> Result<Value, Failure> {
    let path = format!("/documents/{id}");
    accountant.post(&format!("{path}/post"), body)?;
    until("a posting", || {
        let seen: Value = accountant.get(&path)?;
        match text(&seen, "/status") {
            "posted" => Ok(Some(seen)),
            "complete" | "posting" => Ok(None),
            status => Err(Failure::State(format!("{id} is {status} instead of posted: {}", text(&seen, "/why/text")))),
        }
    })
}

/// Looks until something is there.
fn until(what: &str, look: impl Fn() -> Result<Option<Value>, Failure>) -> Result<Value, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(Failure::State(format!("Waited in vain for {what}; see `cargo local logs`.")));
        }
        processes::check_interrupt()?;
        thread::sleep(Duration::from_millis(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_say_what_they_changed() {
        let made = json!({ "version": 1, "changes": [] });
        assert_eq!(version_line(&made), "version 1: as made");
        let restored = json!({ "version": 3, "restored_from": 1, "changes": [
            { "field": "max_amount", "before": "500.00", "after": null },
            { "field": "effective_from", "before": "a", "after": "b" },
        ] });
        assert_eq!(version_line(&restored), "version 3, restored from version 1: max_amount 500.00 -> no limit");
    }
}
