//! Fakturownia: takes issued documents by its API, which answers at a host of each account.

mod auth;
mod directory;
mod errors;
mod map;
mod pass;
mod wire;

use crate::{
    Directory, Identity, Invoicing, Ledger, LedgerCopy, Page, PassRequest, PassedDocument, Pdf, StoredDocument,
    auth::{App, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, Credentials, Descriptor, SerialUnit, Site},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::{DirectoryKind, Division},
    sales::Capability,
};
use std::time::Duration;

const NAME: &str = "Fakturownia";
/// What the ledger counts requests for documents under.
const INVOICES: &str = "invoices";
/// A document as a file.
const PDF: &str = "invoices/pdf";

/// Fakturownia, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fakturownia;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "fakturownia",
    name: NAME,
    sites: &[Site {
        code: "pl",
        name: "Poland",
        country: "PL",
        base: "https://app.fakturownia.pl",
        login: "https://app.fakturownia.pl",
    }],
    capabilities: Capabilities::of_invoicing(
        "issue_date",
        &Capability::ALL,
        &[DirectoryKind::Divisions, DirectoryKind::NumberingSeries, DirectoryKind::PaymentTypes],
    ),
    serial_unit: SerialUnit::Connection,
    timeouts: Timeouts::USUAL,
    // Whether lists lag behind is not certain; that no second document is made is also seen to by the reference, which is unique.
    settle: Duration::from_mins(15),
    // Our own document, on a few pages; the original of a correction; the document, once more without its status; whose reference
    // it is.
    requests_per_push: 10,
    credentials: Credentials::Fields(auth::FIELDS),
    tokens: TokenRules::KEY,
    ids: &[],
    // Nothing is published: one request a second.
    limits: RateLimits {
        per_minute: 60,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 0,
        quota: Quota { requests: 3_600, every: TimeDelta::hours(1) },
        errors_per_hour: 60,
    },
    options: &[
        map::INTRA_COMMUNITY,
        map::EXPORT,
        map::OUT_OF_SCOPE,
        map::UNTOUCHED_LINES,
        map::NET_TOTALS,
        map::EXCHANGE,
        map::KSEF,
    ],
};

/// A request that reads a path.
fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// An id that the ledger gave.
fn id(text: &str) -> Result<u64, LedgerError> {
    text.parse().map_err(|_| {
        let message = format!("'{text}' is no id of a document in {NAME}. We have to look at that.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// An answer that says success and cannot be read.
fn malformed(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed(NAME, operation, effect)
}

impl Ledger for Fakturownia {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn invoicing(&self) -> Option<&dyn Invoicing> {
        Some(self)
    }

    fn list(&self, _at: &Target, _directory: &Directory) -> Result<Call, LedgerError> {
        Ok(directory::departments(Operation::Directory))
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(directory.kind, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(directory::departments(Operation::Identity))
    }

    /// Nothing says who is connected: documents are made by the user whose token it is.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        directory::identified(answer)
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        RateHeaders::from_retry_after(answer)
    }

    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        auth::sign(at, call, access)
    }

    fn key(&self, given: &Secret) -> Option<Secret> {
        auth::key(given)
    }

    fn opens(&self, access: &Secret) -> Option<Division> {
        auth::opens(access)
    }

    fn open(&self, _app: &App, _given: &Secret) -> Result<Call, LedgerError> {
        Err(auth::no_account(Operation::ExchangeCode))
    }

    fn refresh(&self, _app: &App, _tokens: &TokenSet) -> Result<Call, LedgerError> {
        Err(auth::no_account(Operation::RefreshToken))
    }
}

impl Invoicing for Fakturownia {
    fn pass(
        &self,
        _at: &Target,
        request: &PassRequest<'_>,
        progress: &Progress,
    ) -> Result<Step<PassedDocument>, LedgerError> {
        pass::next(request, progress)
    }

    fn passed(
        &self,
        _at: &Target,
        request: &PassRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError> {
        pass::learn(request, progress, purpose, answer)
    }

    fn read(&self, _at: &Target, document: &StoredDocument<'_>) -> Result<Call, LedgerError> {
        Ok(get(Operation::Fetch, INVOICES, format!("/invoices/{}.json", id(document.id)?)))
    }

    fn was_read(&self, document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError> {
        let malformed = || malformed(Operation::Fetch, Effect::Reads);
        let read: wire::Document = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        if read.id.as_str() != document.id {
            return Err(malformed());
        }
        let (link, ksef) = (read.link(), read.ksef());
        let number = read.number.ok_or_else(malformed)?.as_str().to_owned();
        Ok(LedgerCopy { number, link, ksef })
    }

    fn print(&self, _at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError> {
        Ok(Some(get(Operation::Fetch, PDF, format!("/invoices/{}.pdf", id(document.id)?))))
    }

    /// While KSeF has not numbered a document, its PDF is a page that says so.
    fn printed(&self, _document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError> {
        Ok(if answer.body.starts_with(b"%PDF-") { Pdf::Bytes(answer.body) } else { Pdf::NotYet })
    }

    /// A document that was just made has no PDF for some seconds, which is told as a refusal.
    fn not_printed(&self, _document: &StoredDocument<'_>, error: LedgerError) -> Result<Pdf, LedgerError> {
        if error.code() == ErrorCode::Refused { Ok(Pdf::NotYet) } else { Err(error) }
    }
}
