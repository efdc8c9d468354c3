//! Mails that go to an accounting package or an office.

use super::{Body, Carried, Words, Written, value, words};
use crate::names::Filing;
use domain::{ledger::Direction, mail::MailLanguage, money::Money, time::Date};

/// By which number a package tells its clients apart (ED-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifier<'a> {
    /// VAT number.
    Vat(&'a str),
    /// Number in the company register.
    Register(&'a str),
}

impl<'a> Identifier<'a> {
    fn number(self) -> &'a str {
        match self {
            Self::Vat(number) | Self::Register(number) => number,
        }
    }

    fn label(self, words: &Words) -> &'static str {
        match self {
            Self::Vat(_) => words.vat_number,
            Self::Register(_) => words.register_number,
        }
    }
}

/// Whose documents they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client<'a> {
    /// Name.
    pub name: &'a str,
    /// Number; those who book themselves may have none (ED-5).
    pub identifier: Option<Identifier<'a>>,
}

impl Client<'_> {
    /// Number and name, as subjects bear them.
    fn in_subject(&self) -> String {
        match self.identifier {
            Some(identifier) => format!("{} - {}", value(identifier.number()), value(self.name)),
            None => value(self.name),
        }
    }
}

/// A document for an accounting package (ED-21).
#[derive(Debug, Clone, Copy)]
pub struct DocumentMail<'a> {
    /// Which side of the ledger, or neither.
    pub filing: Filing,
    /// Number of the document.
    pub number: Option<&'a str>,
    /// Whose.
    pub client: Client<'a>,
    /// Name of the supplier, the customer, or whom else it is about.
    pub contact: Option<&'a str>,
    /// Date of the document.
    pub date: Option<Date>,
    /// Gross amount.
    pub amount: Option<Money>,
    /// How it goes.
    pub carried: Carried<'a>,
}

/// Subject and body of a document's delivery: both carry direction, document number and the client's number (ED-21).
pub fn document(mail: &DocumentMail<'_>, language: MailLanguage) -> Written {
    let words = words(language);
    let (kind, direction, contact) = match mail.filing {
        Filing::Invoice { direction: Direction::Purchase, kind } => {
            (words.invoice(Direction::Purchase, kind), words.purchase, words.supplier)
        }
        Filing::Invoice { direction: Direction::Sales, kind } => {
            (words.invoice(Direction::Sales, kind), words.sales, words.customer)
        }
        Filing::Other => (words.other_document, words.neither, words.contact),
    };
    let number = mail.number.map(value).filter(|number| !number.is_empty());
    let number = number.as_deref().unwrap_or(words.no_number);
    client_lines(
        Body::new(words).line(words.document, kind).line(words.direction, direction).line(words.number, number),
        words,
        &mail.client,
    )
    .line_if(contact, mail.contact)
    .line_if(words.date, mail.date.map(|date| date.to_string()).as_deref())
    .line_if(words.amount, mail.amount.map(|amount| amount.to_string()).as_deref())
    .carried(mail.carried)
    .sentence(words.automatic)
    .written(&format!("{kind} {number} - {}", mail.client.in_subject()))
}

fn client_lines(body: Body, words: &Words, client: &Client<'_>) -> Body {
    let body = body.line(words.client, client.name);
    match client.identifier {
        Some(identifier) => body.line(identifier.label(words), identifier.number()),
        None => body,
    }
}

/// A bank statement file (ED-9).
#[derive(Debug, Clone, Copy)]
pub struct BankStatementMail<'a> {
    /// Whose.
    pub client: Client<'a>,
    /// Name of the file.
    pub file: &'a str,
    /// Of which account, when known.
    pub account: Option<&'a str>,
    /// Date of the statement, when known.
    pub date: Option<Date>,
    /// How it goes.
    pub carried: Carried<'a>,
}

/// Subject and body for a bank statement file.
pub fn bank_statement(mail: &BankStatementMail<'_>, language: MailLanguage) -> Written {
    let words = words(language);
    client_lines(Body::new(words).line(words.document, words.bank_statement), words, &mail.client)
        .line_if(words.account, mail.account)
        .line_if(words.date, mail.date.map(|date| date.to_string()).as_deref())
        .line(words.file, mail.file)
        .carried(mail.carried)
        .sentence(words.automatic)
        .written(&format!("{} {} - {}", words.bank_statement, value(mail.file), mail.client.in_subject()))
}

/// A mail that tries a package's address (ED-17).
#[derive(Debug, Clone, Copy)]
pub struct TestMail<'a> {
    /// Name of the accounting office.
    pub office: &'a str,
    /// For which client; none when a package is tried by itself.
    pub client: Option<Client<'a>>,
    /// Name of the package's configuration.
    pub package: &'a str,
}

/// Subject and body of a test mail: whom it is for, and that there is nothing to book.
pub fn test(mail: &TestMail<'_>, language: MailLanguage) -> Written {
    let words = words(language);
    let body =
        Body::new(words).sentence(words.test_body).line(words.office, mail.office).line(words.package, mail.package);
    let (body, subject) = match &mail.client {
        Some(client) => (
            client_lines(body, words, client),
            format!("{} - {} - {}", words.test, value(mail.package), client.in_subject()),
        ),
        None => (body, format!("{} - {} - {}", words.test, value(mail.package), value(mail.office))),
    };
    body.sentence(words.automatic).written(&subject)
}

/// The file of an export run.
#[derive(Debug, Clone, Copy)]
pub struct ExportMail<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Name of the set of books.
    pub administration: &'a str,
    /// Reference of the run.
    pub run: &'a str,
    /// First and last date of the documents, when the run has a period.
    pub period: Option<(Date, Date)>,
    /// How many documents are in it.
    pub documents: u64,
    /// How it goes.
    pub carried: Carried<'a>,
}

/// Subject and body for an export's file.
pub fn export(mail: &ExportMail<'_>, language: MailLanguage) -> Written {
    let words = words(language);
    Body::new(words)
        .line(words.export, mail.file)
        .line(words.administration, mail.administration)
        .line(words.run, mail.run)
        .line_if(words.period, mail.period.map(|(from, to)| format!("{from} - {to}")).as_deref())
        .line(words.documents, &mail.documents.to_string())
        .carried(mail.carried)
        .sentence(words.automatic)
        .written(&format!("{} {} - {}", words.export, value(mail.file), value(mail.administration)))
}
