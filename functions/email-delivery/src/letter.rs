//! What a mail says, apart from how its file goes: everything that its words need.

use chrono::TimeDelta;
use domain::{
    mail::{MailLanguage, OwnText},
    money::Money,
    sales::IssuedKind,
    time::{Date, Instant, TimeZone},
};
use mail::{
    Written,
    names::Filing,
    templates::{self, Carried, Client, Identifier, Link},
};

/// Whose documents they are, and by which number a package knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientNamed {
    /// Name.
    pub name: String,
    /// VAT number or number in the company register.
    pub identifier: Option<ClientNumber>,
}

/// A number of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientNumber {
    /// For VAT.
    Vat(String),
    /// In the company register.
    Register(String),
}

impl ClientNamed {
    fn shown(&self) -> Client<'_> {
        let identifier = self.identifier.as_ref().map(|number| match number {
            ClientNumber::Vat(number) => Identifier::Vat(number),
            ClientNumber::Register(number) => Identifier::Register(number),
        });
        Client { name: &self.name, identifier }
    }
}

/// A mail by what it is about.
#[derive(Debug, Clone)]
pub enum Letter {
    /// A document for an accounting package.
    Document {
        /// What it is.
        filing: Filing,
        /// Its number.
        number: Option<String>,
        /// Whose.
        client: ClientNamed,
        /// The other side.
        contact: Option<String>,
        /// Its date.
        date: Option<Date>,
        /// What it comes to.
        amount: Option<Money>,
    },
    /// A file of bank statements.
    Statement {
        /// Whose.
        client: ClientNamed,
        /// Its name.
        file: String,
        /// Of which account.
        account: Option<String>,
        /// Of which day.
        date: Option<Date>,
    },
    /// A document for a customer.
    Customer {
        /// What it is.
        kind: IssuedKind,
        /// The number that counts.
        number: String,
        /// The order's number.
        order: String,
        /// To whom.
        customer: String,
        /// From whom.
        seller: String,
        /// The tenant's own words.
        own: Option<Box<OwnText>>,
    },
    /// The file of an export run.
    Export {
        /// Its name.
        file: String,
        /// Of which administration.
        administration: String,
        /// Which run.
        run: String,
        /// How many documents are in it.
        documents: u64,
    },
    /// A connection is tried.
    Test {
        /// Who tries.
        office: String,
        /// For whom.
        client: ClientNamed,
        /// The package.
        package: String,
    },
}

/// An address with the time until which it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodUntil {
    /// The address.
    pub url: String,
    /// It opens nothing from then on.
    pub until: Instant,
    /// Where the reader is.
    pub zone: TimeZone,
}

impl GoodUntil {
    fn link(&self) -> Link<'_> {
        // The day of the last moment on which it is good.
        Link { address: &self.url, until: self.zone.date_at(self.until - TimeDelta::seconds(1)) }
    }
}

/// How the file goes.
#[derive(Debug, Clone, Copy)]
pub enum Goes<'a> {
    /// With the mail.
    Along,
    /// As an address, as was chosen.
    Linked(&'a GoodUntil),
    /// As an address, being too large.
    TooLarge(&'a GoodUntil),
}

impl Goes<'_> {
    fn carried(&self) -> Carried<'_> {
        match self {
            Self::Along => Carried::Attached,
            Self::Linked(link) => Carried::Link(link.link()),
            Self::TooLarge(link) => Carried::TooLarge(link.link()),
        }
    }
}

impl Letter {
    /// Subject and body.
    pub fn written(&self, goes: &Goes<'_>, language: MailLanguage) -> Written {
        let carried = goes.carried();
        match self {
            Self::Document { filing, number, client, contact, date, amount } => {
                let mail = templates::DocumentMail {
                    filing: *filing,
                    number: number.as_deref(),
                    client: client.shown(),
                    contact: contact.as_deref(),
                    date: *date,
                    amount: *amount,
                    carried,
                };
                templates::document(&mail, language)
            }
            Self::Statement { client, file, account, date } => {
                let (client, account, date) = (client.shown(), account.as_deref(), *date);
                templates::bank_statement(
                    &templates::BankStatementMail { client, file, account, date, carried },
                    language,
                )
            }
            Self::Customer { kind, number, order, customer, seller, own } => {
                let (kind, order, own) = (*kind, Some(order.as_str()), own.as_deref());
                let mail = templates::CustomerMail { kind, number, order, customer, seller, carried, own };
                templates::customer(&mail, language)
            }
            Self::Export { file, administration, run, documents } => {
                let (documents, period) = (*documents, None);
                let mail = templates::ExportMail { file, administration, run, period, documents, carried };
                templates::export(&mail, language)
            }
            Self::Test { office, client, package } => {
                let client = Some(client.shown());
                templates::test(&templates::TestMail { office, client, package }, language)
            }
        }
    }
}
