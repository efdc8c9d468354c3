//! A message that a test changes only where it cares.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses some of it")]

use domain::{
    ids::DeliveryId,
    mail::{EmailAddress, MailLanguage},
};
use mail::{Attachment, ComposeError, HeaderText, Message, Sender, compose, size};

pub fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub fn delivery() -> DeliveryId {
    "dlv_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()
}

pub struct Draft<'a> {
    pub sender: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub reply_to: Option<EmailAddress>,
    pub language: MailLanguage,
}

impl Default for Draft<'_> {
    fn default() -> Self {
        let language = MailLanguage::English;
        Self { sender: "Ledgerpost", subject: "Subject", text: "Text\n", reply_to: None, language }
    }
}

impl Draft<'_> {
    pub fn sender(&self) -> Sender {
        Sender { name: HeaderText::new(self.sender), address: address("post@ledgerpost.example") }
    }

    pub fn message<'a>(
        &'a self,
        from: &'a Sender,
        to: &'a EmailAddress,
        subject: &'a HeaderText,
        attachments: &'a [Attachment<'a>],
    ) -> Message<'a> {
        Message {
            from,
            to,
            reply_to: self.reply_to.as_ref(),
            subject,
            text: self.text,
            language: self.language,
            delivery: delivery(),
            at: "2026-03-10T09:30:00.25Z".parse().unwrap(),
            attachments,
        }
    }

    pub fn compose(&self, attachments: &[Attachment<'_>]) -> Result<Vec<u8>, ComposeError> {
        let (sender, subject) = (self.sender(), HeaderText::new(self.subject));
        compose(&self.message(&sender, &address("inbound@package.example"), &subject, attachments))
    }

    pub fn size(&self, files: &[size::FileSize<'_>]) -> u64 {
        let (sender, subject) = (self.sender(), HeaderText::new(self.subject));
        size::encoded_size(&self.message(&sender, &address("inbound@package.example"), &subject, &[]), files)
    }
}
