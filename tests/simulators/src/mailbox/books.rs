//! The mails that came, and how they are looked at.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::control;
use crate::letters;
use crate::page::Page;
use crate::server::{Answer, Request};
use crate::ses::{Message, Sent};
use crate::stand::Books;

/// So many mails are kept; older ones go.
const MOST: usize = 1_000;
/// So many bytes of mails are kept: the whole of them is written to a file after each.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The mailbox of everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mailbox {
    /// Mails so far.
    pub sequence: u64,
    /// The latest of them, oldest first.
    pub mails: Vec<Message>,
}

impl Mailbox {
    /// Keeps a mail under a new id.
    pub(super) fn keep(&mut self, mail: Message) {
        self.sequence += 1;
        self.mails.push(Message { id: self.sequence.to_string(), ..mail });
        let bytes = |mails: &[Message]| mails.iter().map(|mail| mail.raw.len()).sum::<usize>();
        while self.mails.len() > MOST || (self.mails.len() > 1 && bytes(&self.mails) > MOST_BYTES) {
            self.mails.remove(0);
        }
    }
}

impl Books for Mailbox {
    const SYSTEM: &'static str = "mailbox";
    const TITLE: &'static str = "Mails that left the local cloud";

    fn demo() -> Self {
        Self::default()
    }

    /// It is no service: there is only what can be looked at.
    fn answer(&mut self, _now: DateTime<Utc>, _request: &Request) -> Answer {
        Answer::empty(StatusCode::NOT_FOUND)
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, _request: &Request) {}

    fn page(&self) -> String {
        let mut page = Page::new(Self::TITLE);
        page.paragraph("Machine-readable: /_messages?to=, /_messages/{id}, /_messages/{id}/files/{place}");
        let rows: Vec<_> = self.mails.iter().rev().map(|mail| letters::row(&Sent::read(mail)).into()).collect();
        page.table(&["Came", "From", "To", "Subject", "Files"], &rows);
        page.finish()
    }

    /// Mails whose subject or files mention the number.
    fn booked(&self, number: &str) -> usize {
        self.mails.iter().filter(|mail| Sent::read(mail).mentions(number)).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        let (_, rest) = control::path(request);
        let parts: Vec<&str> = rest.map(|rest| rest.split('/').collect()).unwrap_or_default();
        let answer = match (&request.method, first, parts.as_slice()) {
            (&Method::GET, "_messages", []) => letters::list(&self.mails, request),
            (&Method::GET, "_messages", [id]) => {
                letters::of(&self.mails, id).map(|mail| letters::raw(mail.raw.clone()))
            }
            (&Method::GET, "_messages", [id, "files", place]) => letters::file(&self.mails, id, place),
            (&Method::DELETE, "_messages", []) => {
                self.mails.clear();
                Ok(Answer::empty(StatusCode::NO_CONTENT))
            }
            _ => return None,
        };
        Some(answer.unwrap_or_else(|refused| refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_mails_go_when_there_are_too_many() {
        let mut mailbox = Mailbox::default();
        for _ in 0..MOST + 2 {
            mailbox.keep(Message::default());
        }
        assert_eq!((mailbox.mails.len(), mailbox.mails[0].id.as_str()), (MOST, "3"));
        mailbox.keep(Message { raw: vec![b'a'; MOST_BYTES + 1], ..Message::default() });
        assert_eq!((mailbox.mails.len(), mailbox.mails[0].id.as_str()), (1, "1003"));
    }
}
