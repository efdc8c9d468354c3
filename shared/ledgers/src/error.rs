//! What can go wrong between us and a ledger: what a turn must do about it (the kind), which fact it is (the code), and
//! what a bookkeeper reads.

use crate::call::Effect;
use domain::words::{LedgerFact, LedgerTold};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What the caller must do. Nothing else about an error decides that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ErrorKind {
    /// Nothing happened in the ledger; the same step may be sent again.
    Retryable {
        /// At the earliest after this long, when the ledger says so.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "milliseconds")]
        after: Option<Duration>,
    },
    /// A request that writes had no usable answer: it may have happened, or may still happen. After the descriptor's
    /// settle time, begin again with [`crate::Progress::again`]; it looks before it writes.
    Unknown,
    /// The access token was refused, and nothing happened. Get a new one if [`crate::TokenSet::advice`] allows it, and
    /// send the same step again.
    Unauthorised,
    /// Only a new consent by a person opens this connection again.
    ReconnectNeeded,
    /// The ledger or a rule of ours said no, and said so for good: nothing was booked.
    Rejected,
    /// There is, or may be, a booking that is not what was asked: only a person can tell. Never sent again by itself.
    Uncertain,
    /// A request that should never have been made. Needs a programmer.
    Bug,
}

/// How far the trouble reaches: what else need not be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// This document only.
    Document,
    /// Everything in this set of books.
    Division,
    /// Everything on this connection.
    Connection,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $reach:ident;)*) => {
        /// Which fact it is: stable, for programs and translations.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// In the catalogue of what people read.
            pub fn fact(self) -> LedgerFact {
                match self { $(Self::$name => LedgerFact::$name,)* }
            }

            /// How far the trouble reaches.
            pub fn reach(self) -> Reach {
                match self { $(Self::$name => Reach::$reach,)* }
            }
        }
    };
}

codes! {
    /// Too many requests, by the ledger's answer or by our own count of what it allows.
    RateLimited = "rate_limited", Division;
    /// Our own brake: too many errors on one resource within the hour.
    ErrorBudget = "error_budget", Division;
    /// Too little time is left for another request; nothing was sent.
    OutOfTime = "out_of_time", Document;
    /// The ledger, or something in front of it, is out of order.
    Unavailable = "unavailable", Connection;
    /// No answer in time.
    TimedOut = "timed_out", Connection;
    /// No connection, or it broke.
    Unreachable = "unreachable", Connection;
    /// An answer that cannot be read.
    MalformedAnswer = "malformed_answer", Document;
    /// The access token was refused.
    TokenRefused = "token_refused", Connection;
    /// A token was asked for too early.
    TokenTooEarly = "token_too_early", Connection;
    /// The chain of tokens is broken.
    ReconnectNeeded = "reconnect_needed", Connection;
    /// The consent's code was used, is too old or is not for us.
    ConsentRefused = "consent_refused", Connection;
    /// The ledger does not know our registration or its secret.
    AppRefused = "app_refused", Connection;
    /// The connected user is blocked or inactive.
    UserBlocked = "user_blocked", Connection;
    /// The connected user lacks a right.
    UserRights = "user_rights", Division;
    /// Our registration lacks a scope.
    AppScope = "app_scope", Connection;
    /// The connected user, or our app, may not open this set of books.
    NoDivisionAccess = "no_division_access", Division;
    /// The set of books is blocked.
    DivisionBlocked = "division_blocked", Division;
    /// The ledger blocked its customer.
    CustomerBlocked = "customer_blocked", Connection;
    /// The customer's licence ended.
    LicenceExpired = "licence_expired", Connection;
    /// What was asked for is not there.
    NotFound = "not_found", Document;
    /// The request has a form that the ledger does not take.
    BadRequest = "bad_request", Document;
    /// A mandatory field is missing.
    MandatoryField = "mandatory_field", Document;
    /// Payment condition or due date is missing.
    PaymentConditionMissing = "payment_condition_missing", Document;
    /// A VAT code that the ledger does not have.
    UnknownVatCode = "unknown_vat_code", Document;
    /// A ledger account that the ledger does not have.
    UnknownAccount = "unknown_account", Document;
    /// Something else that the booking names and the ledger does not have.
    UnknownReference = "unknown_reference", Document;
    /// The relation is not a supplier.
    NotASupplier = "not_a_supplier", Document;
    /// The relation is not a customer.
    NotACustomer = "not_a_customer", Document;
    /// The relation cannot be booked on its payable or receivable account.
    ContactAccount = "contact_account", Document;
    /// The journal is of another kind.
    WrongJournal = "wrong_journal", Document;
    /// The journal takes no VAT code.
    VatCodeNotAllowed = "vat_code_not_allowed", Document;
    /// The journal takes no other currency or rate.
    CurrencyNotAllowed = "currency_not_allowed", Document;
    /// The VAT percentage does not fit.
    VatPercentage = "vat_percentage", Document;
    /// Cost centre and ledger account do not belong together.
    CostCentreLink = "cost_centre_link", Document;
    /// A ledger account of a type that cannot be used here.
    AccountType = "account_type", Document;
    /// The period is closed.
    PeriodClosed = "period_closed", Document;
    /// The financial year does not exist.
    YearMissing = "year_missing", Document;
    /// Debit and credit differ.
    OutOfBalance = "out_of_balance", Document;
    /// The number of the booking is taken.
    NumberInUse = "number_in_use", Document;
    /// Numbers and dates of a series would no longer follow each other.
    Chronology = "chronology", Document;
    /// A setting inside the ledger does not let it.
    LedgerSetting = "ledger_setting", Document;
    /// There is less in stock than is sold.
    StockTooLow = "stock_too_low", Document;
    /// The documents that the ledger's licence allows are used up.
    QuotaUsedUp = "quota_used_up", Connection;
    /// The booking was already processed.
    AlreadyProcessed = "already_processed", Document;
    /// The set of books is not the one of the request.
    WrongDivision = "wrong_division", Division;
    /// The user may not use this type of document.
    DocumentType = "document_type", Division;
    /// Refused in words that we do not know.
    Refused = "refused", Document;
    /// Somebody else booked this document.
    Duplicate = "duplicate", Document;
    /// The ledger booked something else than was asked.
    Mismatch = "mismatch", Document;
    /// The contact is not in the ledger and may not be made there.
    ContactMissing = "contact_missing", Document;
    /// Several relations of the ledger fit the contact.
    ContactAmbiguous = "contact_ambiguous", Document;
    /// The contact has neither VAT number nor registry number: it could not be found again.
    ContactUnidentified = "contact_unidentified", Document;
    /// The relation is blocked in the ledger.
    ContactBlocked = "contact_blocked", Document;
    /// A setting of the connection is missing or wrong.
    Option = "option", Connection;
    /// How the ledger wants it is not certain: a person books it, or sets the option that says how.
    Held = "held", Document;
    /// A file is larger than the ledger takes.
    FileTooLarge = "file_too_large", Document;
    /// The ledger lacks data of who sells.
    SellerIncomplete = "seller_incomplete", Document;
    /// The ledger does not take something of who buys: the tax number, an address for mail.
    CustomerRefused = "customer_refused", Document;
    /// A level of protection that the customer chose in the ledger is in the way.
    AccountProtection = "account_protection", Document;
    /// The ledger is still working on it: it is asked again what came of it.
    InProgress = "in_progress", Document;
    /// It may have been sent, is not there so far, and may still come.
    NotSeen = "not_seen", Document;
    /// The marketplace does not know the order, or takes no invoice for it yet.
    OrderUnknown = "order_unknown", Document;
    /// The marketplace has not finished the order.
    OrderOpen = "order_open", Document;
    /// The file is not taken as a PDF, or cannot be fetched.
    FileRefused = "file_refused", Document;
    /// The marketplace does not let this seller give invoices of his own.
    SellerNotEnabled = "seller_not_enabled", Connection;
    /// Requests of this user are not let in from here.
    AddressNotAllowed = "address_not_allowed", Connection;
    /// It was found after an answer that nobody heard, and what only that answer said is not known.
    AnswerLost = "answer_lost", Document;
    /// The ledger cannot do this.
    Unsupported = "unsupported", Document;
    /// The request would have left the ledger's own hosts; nothing was sent.
    ForeignHost = "foreign_host", Document;
}

/// Which request, or which part of a push, an error belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Before any request.
    Prepare,
    /// Exchanging the consent's code for tokens.
    ExchangeCode,
    /// Getting a new token.
    RefreshToken,
    /// Asking who is connected.
    Identity,
    /// Listing a directory.
    Directory,
    /// Looking for the relation.
    FindContact,
    /// Making the relation.
    CreateContact,
    /// Looking up ids behind codes.
    ReadCodes,
    /// Looking for what carries our key.
    FindHolder,
    /// Making what carries our key.
    CreateHolder,
    /// Listing files already attached.
    ListFiles,
    /// Attaching a file.
    AttachFile,
    /// Looking for our own booking.
    FindBooking,
    /// Looking for somebody else's booking of the same document.
    CheckDuplicate,
    /// Sending the booking.
    CreateBooking,
    /// Comparing the booking with what was asked.
    Compare,
    /// Reading a booking back.
    Fetch,
    /// Keeping a posting template with a relation.
    Template,
    /// Giving a finished document to a marketplace.
    Forward,
}

impl Operation {
    /// Stable text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::ExchangeCode => "exchange_code",
            Self::RefreshToken => "refresh_token",
            Self::Identity => "identity",
            Self::Directory => "directory",
            Self::FindContact => "find_contact",
            Self::CreateContact => "create_contact",
            Self::ReadCodes => "read_codes",
            Self::FindHolder => "find_holder",
            Self::CreateHolder => "create_holder",
            Self::ListFiles => "list_files",
            Self::AttachFile => "attach_file",
            Self::FindBooking => "find_booking",
            Self::CheckDuplicate => "check_duplicate",
            Self::CreateBooking => "create_booking",
            Self::Compare => "compare",
            Self::Fetch => "fetch",
            Self::Template => "template",
            Self::Forward => "forward",
        }
    }
}

/// The most of a ledger's own words that is kept, in characters.
pub const LEDGER_TEXT_CHARS_MAX: usize = 500;

/// An error of a ledger or on the way to it. Can be stored with the document that it stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerError {
    #[serde(flatten)]
    kind: ErrorKind,
    code: ErrorCode,
    operation: Operation,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ledger_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booking: Option<String>,
}

impl LedgerError {
    /// An error with a sentence for a bookkeeper: what happened, and what to do.
    pub fn new(kind: ErrorKind, code: ErrorCode, operation: Operation, message: impl Into<String>) -> Self {
        Self { kind, code, operation, message: message.into(), ledger_text: None, about: None, booking: None }
    }

    /// Nothing happened; may be repeated.
    pub(crate) fn retryable(
        after: Option<Duration>,
        code: ErrorCode,
        operation: Operation,
        message: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Retryable { after }, code, operation, message)
    }

    /// Refused for good.
    pub(crate) fn rejected(code: ErrorCode, operation: Operation, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Rejected, code, operation, message)
    }

    /// Something in front of a ledger, or the ledger itself, is out of order; what writes may have been carried out.
    pub(crate) fn outage(ledger: &str, operation: Operation, effect: Effect) -> Self {
        let (kind, next) = unsure(effect);
        Self::new(kind, ErrorCode::Unavailable, operation, format!("{ledger} is out of order at the moment. {next}"))
    }

    /// An answer that says nothing that can be used; what writes may have been carried out.
    pub(crate) fn malformed(ledger: &str, operation: Operation, effect: Effect) -> Self {
        let (kind, next) = unsure(effect);
        Self::new(kind, ErrorCode::MalformedAnswer, operation, format!("An answer of {ledger} cannot be read. {next}"))
    }

    /// With the ledger's own words, cut to [`LEDGER_TEXT_CHARS_MAX`].
    #[must_use]
    pub(crate) fn with_ledger_text(mut self, text: &str) -> Self {
        let text: String = text.trim().chars().take(LEDGER_TEXT_CHARS_MAX).collect();
        self.ledger_text = (!text.is_empty()).then_some(text);
        self
    }

    /// With what it is about, the same in every language: an account, a contact's name, what differs.
    #[must_use]
    pub(crate) fn about(mut self, about: impl fmt::Display) -> Self {
        self.about = Some(about.to_string());
        self
    }

    /// What it is about, for the ledger's own code.
    pub(crate) fn named(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// With the number of the booking that was found in the ledger.
    #[must_use]
    pub(crate) fn with_booking(mut self, number: impl Into<String>) -> Self {
        self.booking = Some(number.into());
        self
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Which fact it is.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// During what.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What people read of it on a document, in their language: the code's sentence, what it is about (else the number of
    /// the booking), and the ledger's own words. `ledger` is the ledger's name. What was found before any request is about
    /// a setting or a line that only the message names: then it stands there as it is, in English.
    pub fn told(&self, ledger: &str) -> LedgerTold {
        let found_here = self.operation == Operation::Prepare && self.ledger_text.is_none();
        let named = self.about.clone().or_else(|| self.booking.clone());
        LedgerTold {
            fact: self.code.fact(),
            ledger: ledger.to_owned(),
            about: named.or_else(|| found_here.then(|| self.message.clone())).unwrap_or_default(),
            words: self.ledger_text.clone().unwrap_or_default(),
        }
    }

    /// For a bookkeeper, in English and more particular than the code's sentence: what happened, and what to do. Tasks
    /// show it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The ledger's own words, in the language of the connected user. May quote what was sent: not for logs.
    pub fn ledger_text(&self) -> Option<&str> {
        self.ledger_text.as_deref()
    }

    /// Number of the booking in the ledger that the error speaks of.
    pub fn booking(&self) -> Option<&str> {
        self.booking.as_deref()
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} during {}: {}", self.code.as_str(), self.operation.as_str(), self.message)
    }
}

impl std::error::Error for LedgerError {}

mod milliseconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    // Serde hands over a reference to the field.
    #[expect(clippy::ref_option)]
    pub(super) fn serialize<S: Serializer>(after: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        let after = after.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        serializer.serialize_some(&after)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}

/// What follows when nobody knows what a request did.
fn unsure(effect: Effect) -> (ErrorKind, &'static str) {
    match effect {
        Effect::Reads => (ErrorKind::Retryable { after: None }, "It is tried again by itself."),
        Effect::Writes => (ErrorKind::Unknown, "What it did is looked up before anything is sent again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::words::{Language, Sentence as _};

    #[test]
    fn an_error_can_be_stored_and_read_back() {
        for kind in [
            ErrorKind::Retryable { after: Some(Duration::from_secs(61)) },
            ErrorKind::Retryable { after: None },
            ErrorKind::Rejected,
        ] {
            let error = LedgerError::new(kind, ErrorCode::PeriodClosed, Operation::CreateBooking, "closed")
                .with_ledger_text("Periode is afgesloten: 2026 - 4");
            let stored = serde_json::to_string(&error).unwrap();
            assert!(stored.contains("\"code\":\"period_closed\""), "{stored}");
            assert_eq!(serde_json::from_str::<LedgerError>(&stored).unwrap(), error);
        }
    }

    #[test]
    fn the_ledgers_words_are_bounded_and_stay_out_of_what_is_logged() {
        let error = LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Fetch, "m")
            .with_ledger_text(&"é".repeat(2_000));
        assert_eq!(error.ledger_text().unwrap().chars().count(), LEDGER_TEXT_CHARS_MAX);
        assert!(!error.to_string().contains('é'));
    }

    #[test]
    fn people_read_the_codes_sentence_with_what_it_is_about_and_the_ledgers_own_words() {
        let error = LedgerError::rejected(ErrorCode::UnknownAccount, Operation::CreateBooking, "m").about("4600");
        let error = error.with_booking("26600001").with_ledger_text("Ongeldige referentie: Grootboekrekening");
        let told = error.told("Exact Online");
        assert_eq!(told.values(), ["Exact Online", "4600", "Ongeldige referentie: Grootboekrekening"]);
        let polish = told.write(Language::Polish);
        assert!(polish.ends_with(" (4600) Exact Online: Ongeldige referentie: Grootboekrekening"), "{polish}");
        assert_eq!(LedgerTold::read(told.code(), &told.values()), Some(told));
        // Nothing else says which setting it is.
        let error = LedgerError::rejected(ErrorCode::Option, Operation::Prepare, "No purchase journal is chosen.");
        let dutch = error.told("Exact Online").write(Language::Dutch);
        assert!(dutch.ends_with("(No purchase journal is chosen.)"), "{dutch}");
    }

    #[test]
    fn codes_in_storage_are_the_stable_texts() {
        for code in ErrorCode::ALL {
            assert_eq!(code.fact().as_str(), code.as_str());
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }
}
