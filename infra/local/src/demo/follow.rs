//! Sends the documents and follows each to its end.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, Instant as Stopwatch},
};

use domain::{document::Status, invoice::InvoiceKind, time::Instant};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::{Client, Payload, Request},
    scenario::{Delivery, End, Numbered, Received},
    setup::Office,
};
use crate::{aws::text, failure::Failure, processes, project::Project};

/// A ledger that limits requests answers again within a minute; nothing else takes longer.
const PATIENCE: Duration = Duration::from_mins(3);
/// Between two looks at everything.
const PAUSE: Duration = Duration::from_millis(100);
/// Marks the parts of a form.
const BOUNDARY: &str = "demo-part-7d29c1";
/// The content type under which every file comes as it is: as `application/xml` it would come as text, and what is not UTF-8
/// would be damaged.
const BYTES: &str = "application/octet-stream";
/// A form with that mark.
const FORM: &str = "multipart/form-data; boundary=demo-part-7d29c1";

/// A document as the API shows it, as far as it matters here.
#[derive(Debug, Clone, Deserialize)]
pub struct Seen {
    /// Where it stands.
    pub status: Status,
    /// Why.
    pub why: Why,
    /// When it was tagged.
    pub tagged_at: Option<Instant>,
    /// When it last changed.
    pub updated_at: Instant,
    /// Invoice or credit note.
    pub kind: Option<InvoiceKind>,
    /// The other side, as it states it.
    pub party: Option<String>,
    /// Its number.
    pub number: Option<String>,
    /// Currency.
    pub currency: Option<String>,
    /// Total including VAT.
    pub gross: Option<Decimal>,
    /// Who wanted it posted.
    pub posted_by: Option<PostedBy>,
    /// The booking.
    pub booked: Option<Booked>,
}

/// Why a document stands where it stands.
#[derive(Debug, Clone, Deserialize)]
pub struct Why {
    /// The first reason.
    pub reason: Option<ReasonSeen>,
}

/// A reason.
#[derive(Debug, Clone, Deserialize)]
pub struct ReasonSeen {
    /// Stable code.
    pub code: String,
    /// In words.
    pub text: String,
}

/// Who wanted a document posted.
#[derive(Debug, Clone, Deserialize)]
pub struct PostedBy {
    /// The rule, for automatic postings.
    pub rule: Option<RuleSeen>,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
pub struct RuleSeen {
    /// Its id.
    pub id: String,
}

/// A booking in the ledger.
#[derive(Debug, Clone, Deserialize)]
pub struct Booked {
    /// The ledger's own id.
    pub ledger_id: String,
    /// The number that people see there.
    pub ledger_number: String,
}

/// A document on its way.
#[derive(Debug)]
pub struct Followed<'a> {
    /// What the scenario says of it.
    pub delivery: &'a Delivery,
    /// Its id, once it was sent.
    pub id: Option<String>,
    /// How it was last seen.
    pub seen: Option<Seen>,
    /// How it ended.
    pub end: Option<End>,
}

/// Sends documents as the accountant and looks where they are.
pub struct Post<'a> {
    project: &'a Project,
    accountant: &'a Client,
    office: &'a Office,
    run: String,
}

impl<'a> Followed<'a> {
    /// Not sent yet.
    pub fn of(delivery: &'a Delivery) -> Self {
        Self { delivery, id: None, seen: None, end: None }
    }
}

impl<'a> Post<'a> {
    /// For the office; `run` names this run's requests.
    pub fn new(project: &'a Project, accountant: &'a Client, office: &'a Office, run: &str) -> Self {
        Self { project, accountant, office, run: run.to_owned() }
    }

    /// Delivers those that have to be there before automatic posting is switched on.
    pub fn deliver_early(&self, documents: &mut [Followed<'_>]) -> Result<(), Failure> {
        for (number, document) in documents.iter_mut().enumerate() {
            if document.delivery.received == Received::BeforeSwitch {
                document.id = Some(self.deliver(number, document.delivery, Tagging::Later)?);
            }
        }
        Ok(())
    }

    /// Sends all, follows each to its end and shows how far they are. Ends as well when nothing moves any more.
    pub fn follow(&self, documents: &mut [Followed<'_>]) -> Result<(), Failure> {
        let total = documents.len();
        let mut tagged = vec![false; total];
        let mut ended = 0;
        let mut moved_at = Stopwatch::now();
        while ended < total && moved_at.elapsed() < PATIENCE {
            processes::check_interrupt()?;
            for number in 0..total {
                let may_go = may_go(documents, number);
                let (Some(document), Some(tagged)) = (documents.get_mut(number), tagged.get_mut(number)) else {
                    continue;
                };
                if document.end.is_some() {
                    continue;
                }
                if !*tagged {
                    if may_go {
                        self.tag(number, document)?;
                        *tagged = true;
                        moved_at = Stopwatch::now();
                    }
                    continue;
                }
                if self.look(document)? == Moved::Yes {
                    moved_at = Stopwatch::now();
                }
                if let Some(end) = &document.end {
                    ended += 1;
                    println!("  [{ended:>2}/{total}] {:<8} {}", end.word(), name(&document.delivery.file));
                }
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn tag(&self, number: usize, document: &mut Followed<'_>) -> Result<(), Failure> {
        match &document.id {
            Some(id) => {
                let body = json!({ "tag": document.delivery.tag });
                self.accountant.post(&format!("/documents/{id}/tag"), &body)?;
            }
            None => document.id = Some(self.deliver(number, document.delivery, Tagging::AtOnce)?),
        }
        Ok(())
    }

    fn deliver(&self, number: usize, delivery: &Delivery, tagging: Tagging) -> Result<String, Failure> {
        let read = |file: &str| {
            let path = self.project.root.join(file);
            fs::read(&path).map_err(Failure::file(path))
        };
        let bytes = match delivery.numbered {
            Numbered::AsItIs => read(&delivery.file)?,
            Numbered::PerRun => {
                String::from_utf8_lossy(&read(&delivery.file)?).replace("{run}", &self.run).into_bytes()
            }
        };
        let file_name = name(&delivery.file);
        let administration = self.office.administrations.get(&delivery.administration);
        let administration = administration.map(String::as_str).unwrap_or_default();
        let tag = match tagging {
            Tagging::AtOnce => format!("&tag={}", delivery.tag.as_str()),
            Tagging::Later => String::new(),
        };
        let path = format!("/documents?administration={administration}{tag}");
        let key = format!("demo-{}-{number}", self.run);
        let form;
        let payload = match &delivery.recognised {
            None => Payload::Bytes { media: BYTES, name: Some(file_name), bytes: &bytes },
            Some(fields) => {
                form = with_fields(file_name, &bytes, &read(fields)?);
                Payload::Bytes { media: FORM, name: None, bytes: &form }
            }
        };
        let made: Value =
            self.accountant.send(Request { method: "POST", path: &path, payload, seen: None, key: Some(&key) })?;
        Ok(text(&made, "/id").to_owned())
    }

    /// Looks at a document, and whether it has come to its end. One that is complete has, when it was decided that it stays.
    fn look(&self, document: &mut Followed<'_>) -> Result<Moved, Failure> {
        let Some(id) = &document.id else { return Ok(Moved::No) };
        let path = format!("/documents/{id}");
        let mut seen: Seen = self.accountant.get(&path)?;
        let moved = document.seen.as_ref().is_none_or(|before| before.updated_at != seen.updated_at);
        if seen.status == Status::Complete {
            let decision: Option<Value> = self.accountant.find(&format!("{path}/decision"))?;
            if decision.is_none_or(|decision| text(&decision, "/outcome") != "stay") {
                document.seen = Some(seen);
                return Ok(Moved::of(moved));
            }
            seen = self.accountant.get(&path)?;
        }
        document.end = end(&seen, &self.office.rules);
        document.seen = Some(seen);
        Ok(Moved::of(moved))
    }
}

/// Whether a document is tagged when it is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tagging {
    AtOnce,
    Later,
}

/// Whether a document has changed since it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Yes,
    No,
}

impl Moved {
    fn of(moved: bool) -> Self {
        if moved { Self::Yes } else { Self::No }
    }
}

/// Whether what has to be at its end first is there.
fn may_go(documents: &[Followed<'_>], number: usize) -> bool {
    let Some(first) = documents.get(number).and_then(|document| document.delivery.after.as_ref()) else { return true };
    documents.iter().any(|document| document.delivery.file == *first && document.end.is_some())
}

/// How a document ended, once it has.
fn end(seen: &Seen, rules: &BTreeMap<String, String>) -> Option<End> {
    let reason = || seen.why.reason.as_ref().map_or_else(|| "none".to_owned(), |reason| reason.code.clone());
    match seen.status {
        Status::Received | Status::Tagged | Status::Posting => None,
        Status::Posted => {
            let rule = seen.posted_by.as_ref().and_then(|by| by.rule.as_ref());
            let key = rule.map(|rule| rules.get(&rule.id).cloned().unwrap_or_else(|| rule.id.clone()));
            Some(End::Posted { rule: key.unwrap_or_else(|| "none".to_owned()) })
        }
        Status::Rejected | Status::Uncertain => Some(End::Failed { reason: reason() }),
        Status::Complete | Status::Incomplete | Status::Unreadable => Some(End::Waiting { reason: reason() }),
        Status::Archived | Status::Deleted | Status::Ready | Status::Exporting | Status::Exported | Status::Shared => {
            Some(End::Waiting { reason: seen.status.to_string() })
        }
    }
}

impl End {
    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Posted { .. } => "posted",
            Self::Waiting { .. } => "waiting",
            Self::Failed { .. } => "failed",
        }
    }

    /// The rule or the reason.
    pub fn because(&self) -> &str {
        match self {
            Self::Posted { rule } => rule,
            Self::Waiting { reason } | Self::Failed { reason } => reason,
        }
    }
}

/// A file's name without its folders.
pub fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// A form with a file and what recognition found on it.
fn with_fields(file_name: &str, bytes: &[u8], fields: &[u8]) -> Vec<u8> {
    let mut form = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        form.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    };
    part(format!("name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: {BYTES}"), bytes);
    part("name=\"recognised\"\r\nContent-Type: application/json".to_owned(), fields);
    form.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_both_parts() {
        let form = String::from_utf8(with_fields("a.pdf", b"%PDF", b"{}")).unwrap();
        assert!(FORM.ends_with(BOUNDARY));
        assert_eq!(form.matches(&format!("--{BOUNDARY}\r\n")).count(), 2);
        assert!(
            form.contains("filename=\"a.pdf\"\r\nContent-Type: application/octet-stream\r\n\r\n%PDF\r\n"),
            "{form}"
        );
        assert!(form.ends_with(&format!("{{}}\r\n--{BOUNDARY}--\r\n")), "{form}");
    }

    #[test]
    fn an_end_is_what_stays() {
        let seen = |status: &str, rest: &str| -> Seen {
            let json = format!(
                r#"{{"status":"{status}","why":{{"text":"","reason":{{"code":"prepaid","text":""}},"holds":[]}},
                    "updated_at":"2026-11-20T09:00:00Z"{rest}}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let rules = BTreeMap::from([("rul_1".to_owned(), "water: ubl".to_owned())]);
        assert_eq!(end(&seen("posting", ""), &rules), None);
        assert_eq!(end(&seen("complete", ""), &rules), Some(End::Waiting { reason: "prepaid".into() }));
        assert_eq!(end(&seen("rejected", ""), &rules), Some(End::Failed { reason: "prepaid".into() }));
        let posted = seen("posted", r#","posted_by":{"user":"usr_1","rule":{"id":"rul_1","version":1}}"#);
        assert_eq!(end(&posted, &rules), Some(End::Posted { rule: "water: ubl".into() }));
    }
}
