//! inFakt: takes issued documents by its API, which makes them by tasks.

mod directory;
mod errors;
mod map;
mod pass;
mod wire;

use crate::{
    Directory, Identity, Invoicing, Ledger, LedgerCopy, Page, PassRequest, PassedDocument, Pdf, StoredDocument,
    auth::{Secret, TokenRules},
    call::{Answer, Body, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, CredentialField, Credentials, Descriptor, SerialUnit, Site},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::DirectoryKind,
    sales::{Capability, IssuedKind},
};
use reqwest::header::{HeaderName, HeaderValue};
use serde::Serialize;
use std::time::Duration;

const NAME: &str = "inFakt";
const INVOICES: &str = "invoices";
const CORRECTIONS: &str = "corrective_invoices";
/// What makes documents, and is asked how far it is.
const TASKS: &str = "tasks";
/// A document as a file.
const PDF: &str = "pdf";
/// Pages by which others see a document.
const SHARES: &str = "share_links";

const API_KEY: &str = "api_key";

/// inFakt, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Infakt;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "infakt",
    name: NAME,
    sites: &[Site {
        code: "pl",
        name: "Poland",
        country: "PL",
        base: "https://api.infakt.pl",
        login: "https://api.infakt.pl",
    }],
    capabilities: Capabilities::of_invoicing(
        "invoice_date",
        &[Capability::Corrections, Capability::Payments],
        &[DirectoryKind::Divisions, DirectoryKind::PaymentTypes],
    ),
    serial_unit: SerialUnit::Connection,
    timeouts: Timeouts::USUAL,
    // A task takes seconds. One that takes longer finds its number taken, where a number goes with it.
    settle: Duration::from_mins(5),
    // Our own document, on a page or two; rates, the original or the next number; the task, which counts twice, asked for five
    // times; the document, and its page.
    requests_per_push: 16,
    credentials: Credentials::Fields(&[CredentialField {
        key: API_KEY,
        name: "API key: Settings, API in inFakt; with the right to read and to write invoices",
    }]),
    // A key does not age.
    tokens: TokenRules::KEY,
    ids: &[],
    // Counted for each address that requests come from: 300 that read and 150 that write in a minute. Half of them are ours, for all
    // customers together.
    limits: RateLimits {
        per_minute: 150,
        app_per_minute: Some(150),
        per_write: 2,
        minute_reserve: 0,
        quota: Quota { requests: 9_000, every: TimeDelta::hours(1) },
        // A task that was just left may be unknown for a moment.
        errors_per_hour: 600,
    },
    options: &[
        map::INTRA_COMMUNITY,
        map::EXPORT,
        map::EXEMPTION,
        map::SALE_TYPE,
        map::REASON,
        map::KSEF,
        map::PUBLIC_PAGE,
    ],
};

/// A request that reads a path.
fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// A request that makes a document.
fn post(resource: &'static str, path: &str, body: &impl Serialize) -> Result<Call, LedgerError> {
    let operation = Operation::CreateBooking;
    let body = serde_json::to_vec(body).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    let purpose = Purpose { operation, effect: Effect::Writes, resource };
    Ok(Call { purpose, path: path.to_owned(), body: Body::Json(body) })
}

/// Where documents of a kind are: corrections are not among invoices.
fn resource(kind: IssuedKind) -> &'static str {
    match kind {
        IssuedKind::Correction => CORRECTIONS,
        IssuedKind::Invoice | IssuedKind::Receipt | IssuedKind::ProForma => INVOICES,
    }
}

/// What documents are called there.
fn kind(kind: IssuedKind) -> &'static str {
    match kind {
        IssuedKind::Correction => "correction",
        IssuedKind::ProForma => "proforma",
        IssuedKind::Invoice | IssuedKind::Receipt => "vat",
    }
}

fn record(resource: &str, uuid: &str) -> String {
    format!("/api/v3/{resource}/{uuid}.json")
}

/// An id that the ledger gave. It stands in addresses.
fn uuid(text: &str) -> Result<&str, LedgerError> {
    let fits = (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then_some(text).ok_or_else(|| {
        let message = format!("'{text}' is no id of a document in {NAME}. We have to look at that.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// An answer that says success and cannot be read.
fn malformed(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed(NAME, operation, effect)
}

impl Ledger for Infakt {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn invoicing(&self) -> Option<&dyn Invoicing> {
        Some(self)
    }

    fn list(&self, _at: &Target, _directory: &Directory) -> Result<Call, LedgerError> {
        Ok(directory::look(Operation::Directory))
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(directory.kind, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(directory::look(Operation::Identity))
    }

    /// Nothing says who is connected: documents are made by the account whose key it is.
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
        let mut key = HeaderValue::from_str(access.expose()).map_err(|_| {
            let (kind, code) = (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused);
            let message = "What was typed in is no API key of inFakt. Copy it from Settings, API, and connect again.";
            LedgerError::new(kind, code, call.purpose.operation, message)
        })?;
        key.set_sensitive(true);
        let headers = vec![(HeaderName::from_static("x-infakt-apikey"), key)];
        Ok(Signed { endpoint: at.clone(), call, bearer: None, headers })
    }

    fn key(&self, given: &Secret) -> Option<Secret> {
        given.typed(API_KEY)
    }
}

impl Invoicing for Infakt {
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
        let resource = resource(document.kind);
        Ok(get(Operation::Fetch, resource, record(resource, uuid(document.id)?)))
    }

    fn was_read(&self, document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError> {
        let malformed = || malformed(Operation::Fetch, Effect::Reads);
        let read: wire::Document = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        if read.uuid != document.id {
            return Err(malformed());
        }
        let (link, ksef) = (read.link(), read.ksef());
        let number = read.number.filter(|number| !number.is_empty()).ok_or_else(malformed)?;
        Ok(LedgerCopy { number, link, ksef })
    }

    /// Who asks for it has printed the document, as the ledger sees it.
    fn print(&self, _at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError> {
        let (resource, uuid) = (resource(document.kind), uuid(document.id)?);
        let path = format!("/api/v3/{resource}/{uuid}/pdf.json?document_type=original&locale=pl");
        Ok(Some(get(Operation::Fetch, PDF, path)))
    }

    fn printed(&self, _document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError> {
        Ok(if answer.body.starts_with(b"%PDF-") { Pdf::Bytes(answer.body) } else { Pdf::NotYet })
    }
}
