//! What Exact says when it refuses a booking: HTTP 500 with sentences in the language of the user.

use std::collections::BTreeMap;

use http::StatusCode;
use rust_decimal::Decimal;

use super::books::Direction;
use super::refusal::verbose;
use super::state::Language;
use crate::faults::{Effect, Stored};

/// A field or record that messages name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The journal.
    Journal,
    /// The relation of a purchase entry or a document.
    Account,
    /// The relation of a sales entry.
    Relationship,
    /// The lines.
    Lines,
    /// The amount of a line.
    Amount,
    /// The ledger account of a line.
    GlAccount,
    /// The VAT code of a line.
    VatCode,
    /// The cost centre of a line.
    CostCenter,
    /// The cost unit of a line.
    CostUnit,
    /// The payment condition.
    PaymentCondition,
    /// The due date.
    DueDate,
    /// The currency.
    Currency,
    /// The exchange rate.
    ExchangeRate,
    /// A document.
    Document,
    /// The type of a document.
    Type,
    /// The subject of a document.
    Subject,
    /// The file name of an attachment.
    FileName,
    /// The content of an attachment.
    Attachment,
    /// The name of a relation.
    Name,
    /// The code of a relation.
    Code,
    /// The status of a relation.
    Status,
    /// The number of a bank account.
    BankAccount,
    /// The invoice number of the other side.
    YourRef,
    /// The description.
    Description,
    /// The payment reference.
    PaymentReference,
    /// The project of a line.
    Project,
}

impl Subject {
    fn text(self, language: Language) -> &'static str {
        let (en, nl) = match self {
            Self::Journal => ("Journal", "Dagboek"),
            Self::Account => ("Account", "Relatie"),
            Self::Relationship => ("Relationship", "Relatie"),
            Self::Lines => ("Entry lines", "Boekingsregels"),
            Self::Amount => ("Amount", "Bedrag"),
            Self::GlAccount => ("G/L Account", "Grootboekrekening"),
            Self::VatCode => ("VAT code", "Btw-code"),
            Self::CostCenter => ("Cost center", "Kostenplaats"),
            Self::CostUnit => ("Cost unit", "Kostendrager"),
            Self::PaymentCondition => ("Payment condition", "Betalingsconditie"),
            Self::DueDate => ("Due date", "Vervaldatum"),
            Self::Currency => ("Currency", "Valuta"),
            Self::ExchangeRate => ("Exchange rate", "Wisselkoers"),
            Self::Document => ("Document", "Document"),
            Self::Type => ("Type", "Type"),
            Self::Subject => ("Subject", "Onderwerp"),
            Self::FileName => ("File name", "Bestandsnaam"),
            Self::Attachment => ("Attachment", "Bijlage"),
            Self::Name => ("Name", "Naam"),
            Self::Code => ("Code", "Code"),
            Self::Status => ("Status", "Status"),
            Self::BankAccount => ("Bank account", "Bankrekening"),
            Self::YourRef => ("Your ref.", "Uw ref."),
            Self::Description => ("Description", "Omschrijving"),
            Self::Project => ("Project", "Project"),
            Self::PaymentReference => ("Payment reference", "Betalingskenmerk"),
        };
        match language {
            Language::En => en,
            Language::Nl => nl,
        }
    }
}

/// A sentence of refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A field is missing.
    Mandatory(Subject),
    /// There is no such record.
    InvalidReference(Subject),
    /// The relation is no supplier.
    NotASupplier,
    /// The relation is no customer.
    NotACustomer,
    /// The relation may not be used.
    BlockedRelation,
    /// The relation has no usable payable or receivable account.
    NoRelationAccount {
        /// Code and name of the relation.
        relation: String,
        /// The ledger account.
        gl_account: String,
    },
    /// The journal is of another kind.
    JournalType,
    /// The journal does not take this.
    NotAllowed(Subject),
    /// The percentage is not the code's, or VAT stands where there can be none.
    VatPercentage,
    /// The ledger account does not take cost centres.
    CostCenterLink,
    /// The ledger account is not one for lines.
    GlAccountType,
    /// The period takes no bookings.
    PeriodClosed {
        /// The financial year.
        year: i32,
        /// The period in it.
        period: i32,
    },
    /// The date lies in no period.
    UnknownYear,
    /// VAT of header and lines differ, or cents are left over.
    OutOfBalance {
        /// The financial year.
        year: i32,
        /// The period in it.
        period: i32,
        /// Purchase or sales entry.
        direction: Direction,
        /// The currency.
        currency: String,
        /// What is too much or too little.
        difference: Decimal,
    },
    /// The purchase entry number is taken.
    EntryNumberInUse,
    /// The sales entry number is taken.
    EntryNumberExists {
        /// The number.
        number: i32,
        /// The journal.
        journal: String,
    },
    /// The document number is taken.
    DocumentNumberInUse,
    /// The record is taken, or used by others.
    InUse(Subject),
    /// The entry has been processed.
    AlreadyProcessed,
    /// The record belongs to another administration.
    WrongDivision,
    /// The user or the type does not allow it.
    DocumentType,
    /// The text is too long.
    TooLong(Subject),
}

impl Message {
    /// The sentence.
    pub fn text(&self, language: Language) -> String {
        let name = |subject: &Subject| subject.text(language);
        let both = |en: String, nl: String| match language {
            Language::En => en,
            Language::Nl => nl,
        };
        let fixed = |en: &str, nl: &str| both(en.to_owned(), nl.to_owned());
        match self {
            Self::Mandatory(subject) => {
                both(format!("Mandatory: {}", name(subject)), format!("Verplicht: {}", name(subject)))
            }
            Self::InvalidReference(subject) => both(
                format!("Invalid reference: {}", name(subject)),
                format!("Ongeldige referentie: {}", name(subject)),
            ),
            Self::NotASupplier => fixed("Invalid: Supplier (Type)", "Ongeldig: Leverancier (type)"),
            Self::NotACustomer => fixed("Invalid: Customer (Type)", "Ongeldig: Klant (Type)"),
            Self::BlockedRelation => fixed("Blocked: Account", "Geblokkeerd: Relatie"),
            Self::NoRelationAccount { relation, gl_account } => both(
                format!("Not found: Account ({relation}) - G/L Account: {gl_account}"),
                format!("Niet gevonden: Relatie ({relation}) - Grootboekrekening: {gl_account}"),
            ),
            Self::JournalType => fixed("Invalid: Journal (type)", "Ongeldig: Dagboek (type)"),
            Self::NotAllowed(subject) => {
                both(format!("Not allowed: {}", name(subject)), format!("Niet toegestaan: {}", name(subject)))
            }
            Self::VatPercentage => fixed("Invalid: VAT percentage []", "Ongeldig: Btw-percentage []"),
            Self::CostCenterLink => fixed("Invalid: Cost center link", "Ongeldig: Koppeling kostenplaats"),
            Self::GlAccountType => fixed("Invalid G/L account type", "Ongeldig grootboekrekeningtype"),
            Self::PeriodClosed { year, period } => {
                both("Period is closed".to_owned(), format!("Periode is afgesloten: {year} - {period}"))
            }
            Self::UnknownYear => {
                fixed("Unknown: Financial year (Period-date table)", "Onbekend: Boekjaar (Periode-datumtabel)")
            }
            Self::OutOfBalance { year, period, direction, currency, difference } => {
                let amount = format!("{difference:.2}").replace('.', ",");
                let (en, nl) = match direction {
                    Direction::Purchase => ("Purchase", "Inkoop"),
                    Direction::Sales => ("Sales", "Verkoop"),
                };
                both(
                    format!(
                        "Entry is out of balance on: {year} / {period} (Type: {en} entry) - Difference: \
                         {currency} {amount}"
                    ),
                    format!(
                        "De boeking is niet in evenwicht op: {year} / {period} (Type: {nl}boeking) - Verschil: \
                         {currency} {amount}"
                    ),
                )
            }
            Self::EntryNumberInUse => fixed("In use: Entry number", "In gebruik: Boekstuknummer"),
            Self::EntryNumberExists { number, journal } => both(
                format!("Already exists - Entry number: {number}, Journal: {journal}"),
                "In gebruik: Boekstuknummer".to_owned(),
            ),
            Self::DocumentNumberInUse => fixed("In use: Document number", "In gebruik: Documentnummer"),
            Self::InUse(subject) => {
                both(format!("In use: {}", name(subject)), format!("In gebruik: {}", name(subject)))
            }
            Self::AlreadyProcessed => fixed("Already processed", "Reeds verwerkt"),
            Self::WrongDivision => fixed("Wrong Division", "Verkeerde administratie"),
            Self::DocumentType => fixed("Document Type not allowed", "Documenttype niet toegestaan"),
            Self::TooLong(subject) => both(
                format!("Maximum length exceeded: {}", name(subject)),
                format!("Maximale lengte overschreden: {}", name(subject)),
            ),
        }
    }
}

impl Message {
    /// A fault that refuses a request with this sentence; for sentences that the state of the books can't bring about.
    pub fn effect(&self, language: Language) -> Effect {
        let answer = verbose(StatusCode::INTERNAL_SERVER_ERROR, &self.text(language));
        let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())]);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Effect::Answer { status: answer.status.as_u16(), headers, body, stored: Stored::No }
    }
}

/// Several sentences as one text, a line each.
pub fn joined(messages: &[Message], language: Language) -> String {
    messages.iter().map(|message| message.text(language)).collect::<Vec<_>>().join("\n")
}
