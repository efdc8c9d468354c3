//! The mails that left the local cloud, as an independent reader finds them.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;

use crate::{demo::api::Client, failure::Failure, processes, simulators};

/// The local SES sends a mail on in the background.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where they can be looked at.
#[derive(Debug)]
pub struct Mailbox {
    client: Client,
    base: String,
}

/// A mail.
#[derive(Debug, Clone, Deserialize)]
pub struct Captured {
    id: String,
    /// From whom, decoded.
    pub from: String,
    /// Subject, decoded.
    pub subject: String,
    /// Its text.
    pub text: Option<String>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    headers: Vec<(String, String)>,
}

/// A file in a mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: usize,
}

impl Captured {
    /// The id that SES gave it.
    pub fn message_id(&self) -> &str {
        let found = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("message-id"));
        found.map(|(_, id)| id.trim().trim_start_matches('<').trim_end_matches('>')).unwrap_or_default()
    }

    /// Its files in words.
    pub fn files(&self) -> String {
        let file = |file: &Attachment| format!("{} ({} bytes)", file.name, file.size);
        match self.attachments.as_slice() {
            [] => "no attachment".to_owned(),
            files => files.iter().map(file).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Mailbox {
    /// That of the simulators at a port.
    pub fn at(ledgers: u16) -> Self {
        let base = simulators::mailbox(ledgers);
        Self { client: Client::new(base.clone()), base }
    }

    /// The mails to an address, oldest first.
    pub fn to(&self, address: &str) -> Result<Vec<Captured>, Failure> {
        self.client.get(&format!("/_messages?to={}", address.replace('+', "%2B")))
    }

    /// The same once there is one, or there has been time enough for it.
    pub fn arrived(&self, address: &str) -> Result<Vec<Captured>, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mails = self.to(address)?;
            if !mails.is_empty() || Instant::now() > deadline {
                return Ok(mails);
            }
            processes::check_interrupt()?;
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// The bytes of a mail's files.
    pub fn contents(&self, mail: &Captured) -> Result<Vec<Vec<u8>>, Failure> {
        let of = |place: usize| self.client.bytes(&format!("{}/_messages/{}/files/{place}", self.base, mail.id));
        (1..=mail.attachments.len()).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_known_by_the_id_that_ses_gave_it() {
        let mail: Captured = serde_json::from_str(
            r#"{"id":"1","from":"a@b.example","subject":"x","text":null,"headers":[["Subject","x"],["Message-Id","<1@c>"]],
                "attachments":[{"name":"a.xml","media_type":"application/xml","size":3}]}"#,
        )
        .unwrap();
        assert_eq!((mail.message_id(), mail.files().as_str()), ("1@c", "a.xml (3 bytes)"));
        let bare = Captured { attachments: Vec::new(), headers: Vec::new(), ..mail };
        assert_eq!((bare.message_id(), bare.files().as_str()), ("", "no attachment"));
    }
}
