//! `cargo local decide`: the decision whether a document is posted without a person, tried on cases from a file.

use std::{
    collections::HashMap,
    io::{Read, Write},
};

use domain::{
    automation::{
        self, AutoPosting, Automation, AutomationRule, AutomationSwitch, AutomationUser, Candidate, Completeness,
        DocumentFormat, DocumentScope, LedgerLink, Outcome, RuleState,
    },
    document::Status,
    hold::HoldCode,
    ids::Id,
    invoice::InvoiceKind,
    time::Instant,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use ulid::Ulid;

use crate::failure::Failure;

/// When the switch of a case was turned on. The trace says "always" in its place.
const SINCE_EVER: Instant = Instant::MIN_UTC;

/// One case. Ids may be any text here.
#[derive(Debug, Deserialize)]
struct Case {
    /// Part of a case for the reader's sake: the decision compares stored moments and never asks for the time.
    #[serde(rename = "now")]
    _now: Instant,
    automation: Settings,
    document: Document,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Settings {
    enabled: bool,
    automation_user: Option<String>,
    intermediary: Option<String>,
    auto_posting_supported: bool,
}

#[derive(Debug, Deserialize)]
struct Document {
    status: String,
    contact: Option<String>,
    format: DocumentFormat,
    #[serde(rename = "kind")]
    _kind: InvoiceKind,
    gross: Option<Decimal>,
    #[serde(rename = "currency")]
    _currency: String,
    received_at: Instant,
    duplicate_suspected: bool,
    #[serde(default)]
    holds: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    id: String,
    version: u32,
    contact: String,
    documents: DocumentScope,
    max_amount: Option<Decimal>,
    effective_from: Instant,
}

/// Decides the case in `input`, or each case of an array, and writes a line for each. A case that makes no sense has a line
/// that says so, and is counted in what is returned.
pub fn decide(mut input: impl Read, out: &mut impl Write) -> Result<usize, Failure> {
    let mut text = String::new();
    input.read_to_string(&mut text).map_err(Failure::file("the cases"))?;
    let cases: Value = serde_json::from_str(&text).map_err(Failure::unexpected("the file of cases"))?;
    let cases = match cases {
        Value::Array(cases) => cases,
        one => vec![one],
    };
    let mut refused = 0;
    for case in cases {
        let answer = serde_json::from_value(case).map_err(|error| error.to_string()).and_then(|case| answer(&case));
        let line = answer.unwrap_or_else(|message| {
            refused += 1;
            json!({ "error": { "code": "bad_case", "message": message } })
        });
        writeln!(out, "{line}").map_err(Failure::file("standard output"))?;
    }
    Ok(refused)
}

fn answer(case: &Case) -> Result<Value, String> {
    let mut names = Names::default();
    names.texts.insert(json!(SINCE_EVER).as_str().unwrap_or_default().to_owned(), "always".to_owned());
    let settings = &case.automation;
    let user = settings.automation_user.as_deref().map(|user| names.id(user));
    let automation = Automation {
        // Of the switch a case says only its position: on for as long as anyone can remember.
        switch: if settings.enabled { AutomationSwitch::On { since: SINCE_EVER } } else { AutomationSwitch::Off },
        user: user.map_or(AutomationUser::None, AutomationUser::Valid),
        link: settings.intermediary.clone().map_or(LedgerLink::Direct, LedgerLink::Behind),
        auto_posting: if settings.auto_posting_supported { AutoPosting::Offered } else { AutoPosting::NotOffered },
    };
    let document = &case.document;
    let mut holds: Vec<HoldCode> = document.holds.iter().map(|hold| names.hold(hold)).collect();
    if document.duplicate_suspected && !holds.contains(&HoldCode::DuplicateSuspected) {
        holds.insert(0, HoldCode::DuplicateSuspected);
    }
    let status: Status = document.status.parse().map_err(|error| format!("{}: {error}", document.status))?;
    let candidate = Candidate {
        completeness: completeness(status),
        contact: document.contact.as_deref().map(|contact| names.id(contact)),
        format: document.format,
        gross: document.gross,
        received_at: document.received_at,
        holds: &holds,
    };
    let rules: Vec<AutomationRule> = case
        .rules
        .iter()
        .map(|rule| AutomationRule {
            id: names.id(&rule.id),
            version: rule.version,
            contact: names.id(&rule.contact),
            documents: rule.documents,
            max_amount: rule.max_amount,
            effective_from: rule.effective_from,
            state: RuleState::Active,
        })
        .collect();
    let decision = automation::decide(&automation, &candidate, &rules);
    let trace = serde_json::to_value(&decision.trace).map_err(|error| error.to_string())?;
    let trace = names.restore(trace);
    Ok(match decision.outcome {
        Outcome::Post { rule, .. } => {
            json!({ "outcome": "post", "reason": "rule_matched", "rule": names.restore(json!(rule)), "trace": trace })
        }
        Outcome::Stay { reason } => {
            json!({ "outcome": "stay", "reason": names.restore(json!(reason.code())), "rule": null, "trace": trace })
        }
    })
}

fn completeness(status: Status) -> Completeness {
    match status {
        Status::Complete => Completeness::Complete,
        Status::Incomplete | Status::Unreadable | Status::Received | Status::Tagged => Completeness::Incomplete,
        Status::Posting
        | Status::Posted
        | Status::Rejected
        | Status::Uncertain
        | Status::Archived
        | Status::Deleted
        | Status::Ready
        | Status::Exporting
        | Status::Exported
        | Status::Shared => Completeness::NotWaiting,
    }
}

/// Gives each text an id of ours, the same text the same one, and the text back in place of the id.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<String, u128>,
    texts: HashMap<String, String>,
}

impl Names {
    fn id<I: Id>(&mut self, text: &str) -> I {
        let next = u128::try_from(self.numbers.len()).unwrap_or_default();
        let number = *self.numbers.entry(text.to_owned()).or_insert(next);
        let id = I::from_ulid(Ulid::from_parts(0, number));
        self.texts.insert(id.to_string(), text.to_owned());
        id
    }

    /// A hold by its code. One that we do not know holds all the same, under its own name.
    fn hold(&mut self, text: &str) -> HoldCode {
        text.parse().unwrap_or_else(|_| {
            self.texts.insert(HoldCode::OddContent.as_str().to_owned(), text.to_owned());
            HoldCode::OddContent
        })
    }

    fn restore(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.texts.get(&text).cloned().unwrap_or(text)),
            Value::Array(values) => values.into_iter().map(|value| self.restore(value)).collect(),
            Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, self.restore(value))).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }
}

#[cfg(test)]
#[path = "decide_agreement_tests.rs"]
mod agreement_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn case() -> Value {
        json!({
            "now": "2026-03-31T12:00:00Z",
            "automation": { "enabled": true, "automation_user": "robot", "intermediary": null, "auto_posting_supported": true },
            "document": {
                "status": "complete", "contact": "bakker", "format": "ubl", "kind": "invoice", "gross": "121.00",
                "currency": "EUR", "received_at": "2026-03-31T11:00:00Z", "duplicate_suspected": false
            },
            "rules": [{
                "id": "r1", "version": 3, "contact": "bakker", "documents": "ubl", "max_amount": "500.00",
                "effective_from": "2026-03-01T00:00:00Z"
            }]
        })
    }

    fn decided(cases: &Value) -> (usize, Vec<Value>) {
        let mut out = Vec::new();
        let refused = decide(cases.to_string().as_bytes(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        (refused, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn ids_come_back_as_they_were_given() {
        let (refused, lines) = decided(&case());
        assert_eq!((refused, lines.len()), (0, 1));
        assert_eq!((&lines[0]["outcome"], &lines[0]["rule"]), (&json!("post"), &json!("r1")));
        let trace = lines[0]["trace"].to_string();
        assert!(trace.contains("\"always\"") && !trace.contains("262143"), "{trace}");
        assert!(trace.contains("\"r1\"") && trace.contains("robot") && !trace.contains("rul_"), "{trace}");
    }

    #[test]
    fn an_array_has_a_line_for_each_case() {
        let changed = |pointer: &str, value: Value| {
            let mut case = case();
            *case.pointer_mut(pointer).unwrap() = value;
            case
        };
        let (refused, lines) = decided(&json!([
            changed("/automation/enabled", json!(false)),
            changed("/document/gross", json!("-500.01")),
            changed("/document/duplicate_suspected", json!(true)),
            changed("/document/format", json!("pdf")),
            changed("/document/contact", json!("another")),
            changed("/document/received_at", json!("2026-02-28T00:00:00Z")),
            changed("/document/status", json!("flying")),
            changed("/automation/automation_user", json!(null)),
            changed("/document", {
                let mut document = case()["document"].clone();
                document["holds"] = json!(["moon_phase"]);
                document
            }),
        ]));
        let reasons: Vec<&str> = lines.iter().map(|line| line["reason"].as_str().unwrap_or("-")).collect();
        assert_eq!(
            reasons,
            [
                "automation_off",
                "above_maximum",
                "duplicate_suspected",
                "not_ubl",
                "no_rule",
                "received_before_rule",
                "-",
                "automation_user_missing",
                "moon_phase"
            ]
        );
        assert_eq!((refused, &lines[6]["error"]["code"]), (1, &json!("bad_case")));
        assert!(lines.iter().all(|line| line["rule"].is_null()));
    }
}
