//! Fakturowo: invoices and receipts that were issued here.

mod api;
mod auth;
mod codes;
mod errors;
mod map;
mod pages;
mod pass;

use crate::{
    Directory, Identity, Invoicing, Ledger, LedgerCopy, Page, PassRequest, PassedDocument, Pdf, StoredDocument,
    auth::{App, Secret, TokenRules, TokenSet},
    call::{Answer, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, Credentials, Descriptor, SerialUnit, Site},
    error::{LedgerError, Operation},
    push::{Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use api::Stored;
use chrono::TimeDelta;
use domain::{
    ledger::{DirectoryEntry, DirectoryKind, Division},
    sales::Capability,
};
use std::time::Duration;

const NAME: &str = "Fakturowo";

/// Fakturowo, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fakturowo;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "fakturowo",
    name: NAME,
    sites: &[Site {
        code: "pl",
        name: "Poland",
        country: "PL",
        base: "https://konto.fakturowo.pl",
        login: "https://konto.fakturowo.pl",
    }],
    capabilities: Capabilities::of_invoicing(
        "dokument_data_w",
        &[Capability::Receipts, Capability::Payments],
        &[DirectoryKind::Divisions, DirectoryKind::PaymentTypes],
    ),
    // The vendor demands that each request waits for the answer to the one before.
    serial_unit: SerialUnit::Connection,
    // The PDF is made while the document is.
    timeouts: Timeouts { write: Duration::from_mins(2), ..Timeouts::USUAL },
    // Nothing refuses a second document: an earlier attempt is over for certain before another one begins.
    settle: Duration::from_mins(5),
    // An earlier attempt's document, on a few pages; the newest one; a number; the document; its number.
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
    options: &[map::ADDRESSES, map::NEXT_NUMBER, map::UNIT, map::INTRA_COMMUNITY, map::EXPORT],
};

const fn lists(operation: Operation) -> Purpose {
    Purpose { operation, effect: Effect::Reads, resource: api::LIST }
}

impl Ledger for Fakturowo {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn invoicing(&self) -> Option<&dyn Invoicing> {
        Some(self)
    }

    /// What can be chosen is fixed: that the key still works is seen with it.
    fn list(&self, _at: &Target, _directory: &Directory) -> Result<Call, LedgerError> {
        Ok(api::list(Operation::Directory, 1))
    }

    fn listed(&self, _at: &Target, _directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        api::page(lists(Operation::Directory), answer)?;
        let entry = |(code, name): &(&str, &str)| DirectoryEntry {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            ..DirectoryEntry::default()
        };
        Ok(Page { entries: codes::PAYMENTS.iter().map(entry).collect(), next: None })
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(api::list(Operation::Identity, 1))
    }

    /// Nothing says whose account it is.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let purpose = lists(Operation::Identity);
        api::page(purpose, answer)?;
        let user = "api-key".parse().map_err(|_| api::malformed(purpose))?;
        Ok(Identity { user, name: "the Fakturowo account of this key".to_owned(), division: None, only: None })
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

    /// A key opens one account, which has no name.
    fn opens(&self, _access: &Secret) -> Option<Division> {
        "account".parse().ok()
    }

    fn open(&self, _app: &App, _given: &Secret) -> Result<Call, LedgerError> {
        Err(auth::no_address(Operation::ExchangeCode))
    }

    fn refresh(&self, _app: &App, _tokens: &TokenSet) -> Result<Call, LedgerError> {
        Err(auth::no_address(Operation::RefreshToken))
    }
}

impl Invoicing for Fakturowo {
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

    /// No request asks for a document by its id: the list of the newest is read.
    fn read(&self, _at: &Target, _document: &StoredDocument<'_>) -> Result<Call, LedgerError> {
        Ok(api::list(Operation::Fetch, 1))
    }

    /// One that is not among the newest is taken to be as it was, unless there are no others.
    fn was_read(&self, document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError> {
        let (stored, page) = (Stored::read(document.id)?, api::page(lists(Operation::Fetch), answer)?);
        let number = match page.rows.into_iter().find(|row| row.id == stored.id) {
            Some(row) => row.number,
            None if page.pages <= 1 => return Err(errors::gone()),
            None => stored.number,
        };
        Ok(LedgerCopy { number, link: None, ksef: None })
    }

    /// Where it lies, only the answer to the document's making said. The other way there has the key in its address, and is not gone.
    fn print(&self, _at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError> {
        Ok(Stored::read(document.id)?.pdf.map(|address| api::print(&address)))
    }

    fn printed(&self, _document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError> {
        let purpose = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource: api::PDF };
        if answer.body.starts_with(b"%PDF") { Ok(Pdf::Bytes(answer.body)) } else { Err(api::malformed(purpose)) }
    }
}
