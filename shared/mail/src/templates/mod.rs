//! Subjects and bodies, in every language of a mail.
//!
//! Each language is one value of [`Words`], so that a sentence that lacks a language does not compile. Texts are plain, name what was
//! sent in lines of their own, and put whatever comes from outside on one line.

mod customer;
mod dutch;
mod english;
mod french;
mod ledger;
mod polish;
#[cfg(test)]
mod tests;

pub use customer::{CustomerMail, customer};
pub use ledger::{
    BankStatementMail, Client, DocumentMail, ExportMail, Identifier, TestMail, bank_statement, document, export, test,
};

use crate::{fold::one_line, header::HeaderText};
use domain::{invoice::InvoiceKind, ledger::Direction, mail::MailLanguage, sales::IssuedKind, time::Date};
use std::fmt::Write as _;

/// A mail as it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Subject.
    pub subject: HeaderText,
    /// Body, with lines that end with `\n`.
    pub body: String,
}

/// Where a file can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// The address, which nobody can guess (ED-23).
    pub address: &'a str,
    /// The last day on which it is good, in the administration's time zone.
    pub until: Date,
}

/// How a file goes with its mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried<'a> {
    /// As an attachment (ED-22).
    Attached,
    /// As a link, since that was chosen (ED-23).
    Link(Link<'a>),
    /// As a link, since it is too large to be attached (ED-24).
    TooLarge(Link<'a>),
}

/// The words of one language.
struct Words {
    /// What stands between a label and its value.
    colon: &'static str,
    purchase_invoice: &'static str,
    purchase_credit_note: &'static str,
    sales_invoice: &'static str,
    sales_credit_note: &'static str,
    other_document: &'static str,
    no_number: &'static str,
    direction: &'static str,
    purchase: &'static str,
    sales: &'static str,
    neither: &'static str,
    document: &'static str,
    number: &'static str,
    client: &'static str,
    vat_number: &'static str,
    register_number: &'static str,
    supplier: &'static str,
    customer: &'static str,
    contact: &'static str,
    date: &'static str,
    amount: &'static str,
    file: &'static str,
    account: &'static str,
    bank_statement: &'static str,
    office: &'static str,
    package: &'static str,
    test: &'static str,
    test_body: &'static str,
    export: &'static str,
    administration: &'static str,
    run: &'static str,
    period: &'static str,
    documents: &'static str,
    attached: &'static str,
    link: &'static str,
    too_large: &'static str,
    until: &'static str,
    automatic: &'static str,
    invoice: &'static str,
    receipt: &'static str,
    correction: &'static str,
    pro_forma: &'static str,
    order: &'static str,
    /// To somebody of this name, which may be empty.
    greeting: fn(&str) -> String,
    customer_attached: &'static str,
    customer_link: &'static str,
    see_attachment: &'static str,
    regards: &'static str,
}

fn words(language: MailLanguage) -> &'static Words {
    match language {
        MailLanguage::English => &english::WORDS,
        MailLanguage::Dutch => &dutch::WORDS,
        MailLanguage::French => &french::WORDS,
        MailLanguage::Polish => &polish::WORDS,
    }
}

impl Words {
    fn invoice(&self, direction: Direction, kind: InvoiceKind) -> &'static str {
        match (direction, kind) {
            (Direction::Purchase, InvoiceKind::Invoice) => self.purchase_invoice,
            (Direction::Purchase, InvoiceKind::CreditNote) => self.purchase_credit_note,
            (Direction::Sales, InvoiceKind::Invoice) => self.sales_invoice,
            (Direction::Sales, InvoiceKind::CreditNote) => self.sales_credit_note,
        }
    }

    fn issued(&self, kind: IssuedKind) -> &'static str {
        match kind {
            IssuedKind::Invoice => self.invoice,
            IssuedKind::Receipt => self.receipt,
            IssuedKind::Correction => self.correction,
            IssuedKind::ProForma => self.pro_forma,
        }
    }
}

/// The longest value in a body, in characters.
const VALUE_CHARS_MAX: usize = 200;

fn value(text: &str) -> String {
    one_line(text, VALUE_CHARS_MAX)
}

/// A body that is put together line by line.
struct Body {
    words: &'static Words,
    text: String,
}

impl Body {
    fn new(words: &'static Words) -> Self {
        Self { words, text: String::new() }
    }

    /// A sentence with an empty line after it.
    fn sentence(mut self, sentence: &str) -> Self {
        self = self.gap();
        self.text.push_str(sentence);
        self.text.push_str("\n\n");
        self
    }

    /// A label and its value on a line of their own; nothing for an empty value.
    fn line(mut self, label: &str, of: &str) -> Self {
        let of = value(of);
        if !of.is_empty() {
            self.text.extend([label, self.words.colon, &of, "\n"]);
        }
        self
    }

    fn line_if(self, label: &str, of: Option<&str>) -> Self {
        self.line(label, of.unwrap_or_default())
    }

    fn text_line(mut self, line: &str) -> Self {
        self.text.extend([line, "\n"]);
        self
    }

    fn gap(mut self) -> Self {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self
    }

    /// How the file goes with the mail.
    fn carried(self, carried: Carried<'_>) -> Self {
        let words = self.words;
        match carried {
            Carried::Attached => self.sentence(words.attached),
            Carried::Link(link) => self.link(words.link, link),
            Carried::TooLarge(link) => self.link(words.too_large, link),
        }
    }

    /// A sentence with the address on a line of its own, so that nothing is taken for a part of it.
    fn link(mut self, sentence: &str, link: Link<'_>) -> Self {
        self = self.gap();
        let (colon, until) = (self.words.colon.trim_end(), self.words.until);
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "{sentence}{colon}\n{}\n({until} {})\n", link.address, link.until);
        self
    }

    fn written(self, subject: &str) -> Written {
        Written { subject: HeaderText::new(subject), body: format!("{}\n", self.text.trim_end()) }
    }
}
