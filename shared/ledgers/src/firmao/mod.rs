//! Firmao: invoices and receipts that were issued here.

mod api;
mod auth;
mod directory;
mod errors;
mod map;
mod options;
mod pass;
mod wire;

use crate::{
    Directory, Identity, Invoicing, Ledger, LedgerCopy, Page, PassRequest, PassedDocument, Pdf, StoredDocument,
    auth::{App, Secret, TokenRules, TokenSet},
    call::{Answer, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, Credentials, Descriptor, SerialUnit, Site},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
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

const NAME: &str = "Firmao";

/// The template of a document whose record names none.
const TEMPLATE: &str = "Faktura";

/// Firmao, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firmao;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "firmao",
    name: NAME,
    sites: &[Site {
        code: "pl",
        name: "Poland",
        country: "PL",
        base: "https://system.firmao.pl",
        login: "https://system.firmao.pl",
    }],
    capabilities: Capabilities::of_invoicing(
        "invoiceDate",
        &[Capability::Receipts, Capability::Series, Capability::Payments, Capability::Sku],
        &[DirectoryKind::Divisions, DirectoryKind::NumberingSeries, DirectoryKind::PaymentTypes],
    ),
    // Nobody else of ours takes the next number meanwhile.
    serial_unit: SerialUnit::Connection,
    timeouts: Timeouts::USUAL,
    // A request that writes, and half a minute until what it made is seen; the number guards all the same.
    settle: Duration::from_mins(3),
    // Our own document; products; the buyer's card, found and made; a number; the document; whose the number is; all of it once more;
    // the document read.
    requests_per_push: 12,
    credentials: Credentials::Fields(auth::FIELDS),
    tokens: TokenRules::KEY,
    ids: &[],
    // Nothing is published: two requests a second.
    limits: RateLimits {
        per_minute: 120,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 0,
        quota: Quota { requests: 7_200, every: TimeDelta::hours(1) },
        errors_per_hour: 60,
    },
    options: &options::ALL,
};

const FETCH: Purpose = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource: api::TRANSACTIONS };

impl Ledger for Firmao {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn invoicing(&self) -> Option<&dyn Invoicing> {
        Some(self)
    }

    fn list(&self, _at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
        Ok(directory::ask(directory))
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(directory, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(directory::probe())
    }

    /// Nothing says who is connected: documents are made by the API user.
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
        Err(auth::no_organisation(Operation::ExchangeCode))
    }

    fn refresh(&self, _app: &App, _tokens: &TokenSet) -> Result<Call, LedgerError> {
        Err(auth::no_organisation(Operation::RefreshToken))
    }
}

/// An id that is stored.
fn id(document: &StoredDocument<'_>) -> Result<u64, LedgerError> {
    document.id.parse().map_err(|_| {
        let message = format!("What is stored as the document's id in {NAME} is none.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Fetch, message)
    })
}

/// The record of a document in an answer.
fn record(document: &StoredDocument<'_>, answer: &Answer) -> Result<Loose, LedgerError> {
    let (id, rows) = (id(document)?, api::rows(FETCH, answer)?);
    let goes_on = rows.go_on(0);
    let found = rows.records.into_iter().find(|row| api::id(row, "id") == Some(id));
    // Where the filter was not heeded, it may be on another page.
    found.ok_or_else(|| if goes_on { api::malformed(FETCH) } else { errors::gone() })
}

impl Invoicing for Firmao {
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
        id(document).map(api::read)
    }

    fn was_read(&self, document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError> {
        let number = record(document, answer)?.text("transactionNumber").ok_or_else(|| api::malformed(FETCH))?;
        Ok(LedgerCopy { number, link: None, ksef: None })
    }

    /// The address of the PDF has the name of a template in it, which people change there: the record is asked for first.
    fn print(&self, at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError> {
        self.read(at, document).map(Some)
    }

    fn print_next(&self, document: &StoredDocument<'_>, answer: &Answer) -> Result<Option<Call>, LedgerError> {
        let template = record(document, answer)?.text("lastSelectedInvoiceReport");
        Ok(Some(api::print(id(document)?, template.as_deref().unwrap_or(TEMPLATE))))
    }

    fn printed(&self, _document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError> {
        if answer.body.starts_with(b"%PDF") { Ok(Pdf::Bytes(answer.body)) } else { Err(api::malformed(FETCH)) }
    }
}
