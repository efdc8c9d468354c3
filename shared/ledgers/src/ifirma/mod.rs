//! iFirma: invoices that were issued here.

mod api;
mod errors;
mod map;
mod pass;
mod sign;
mod wire;

use crate::{
    Directory, Identity, Invoicing, Ledger, LedgerCopy, Page, PassRequest, PassedDocument, Pdf, StoredDocument,
    auth::{Secret, TokenRules},
    call::{Answer, Body, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, CredentialField, Credentials, Descriptor, SerialUnit, Site},
    error::{LedgerError, Operation},
    push::{Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::{DirectoryEntry, DirectoryKind, Division},
    sales::Capability,
};
use reqwest::header::HeaderName;
use std::time::Duration;

const NAME: &str = "iFirma";

const LOGIN: &str = "login";
const KEY: &str = "invoice_key";

/// How documents are paid there: the whole list.
const PAYMENTS: &[(&str, &str)] = &[
    ("PRZ", "przelew"),
    ("GTK", "gotówka"),
    ("KAR", "karta płatnicza"),
    ("POB", "za pobraniem"),
    ("ELE", "płatność elektroniczna"),
    ("P24", "Przelewy24"),
    ("TPA", "Tpay"),
    ("ALG", "PayU"),
    ("PAL", "PayPal"),
    ("DOT", "DotPay"),
    ("PZA", "polecenie zapłaty"),
    ("KOM", "kompensata"),
    ("CZK", "czek"),
    ("BAR", "barter"),
];

/// Their codes.
const PAYMENT_CODES: &[&str] =
    &["PRZ", "GTK", "KAR", "POB", "ELE", "P24", "TPA", "ALG", "PAL", "DOT", "PZA", "KOM", "CZK", "BAR"];

/// iFirma, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ifirma;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "ifirma",
    name: NAME,
    sites: &[Site {
        code: "pl",
        name: "Poland",
        country: "PL",
        base: "https://www.ifirma.pl",
        login: "https://www.ifirma.pl",
    }],
    // Series have no list: their names are typed in.
    capabilities: Capabilities::of_invoicing(
        "DataWystawienia",
        &[Capability::Series, Capability::Payments],
        &[DirectoryKind::Divisions, DirectoryKind::PaymentTypes],
    ),
    // One account, whose dates must follow each other.
    serial_unit: SerialUnit::Connection,
    timeouts: Timeouts::USUAL,
    // Nothing refuses the same invoice twice: an earlier attempt is over for certain before another one begins.
    settle: Duration::from_mins(10),
    // The list of the day; what may be ours, read; the invoice; the list once more, or the invoice read.
    requests_per_push: 8,
    credentials: Credentials::Fields(&[
        CredentialField { key: LOGIN, name: "Login of iFirma" },
        CredentialField { key: KEY, name: "Key 'faktura': iFirma, Tools, API" },
    ]),
    tokens: TokenRules::KEY,
    ids: &[],
    // Of 100 a minute and 15,000 a day; others use the same login.
    limits: RateLimits {
        per_minute: 60,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 0,
        quota: Quota { requests: 10_000, every: TimeDelta::days(1) },
        errors_per_hour: 60,
    },
    options: &[map::VAT_PAYER, map::PAYMENT, map::CURRENCIES, map::PAID_PRINTED, map::LUMP_RATE],
};

const fn reads(operation: Operation) -> Purpose {
    Purpose { operation, effect: Effect::Reads, resource: api::LIST }
}

impl Ledger for Ifirma {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn invoicing(&self) -> Option<&dyn Invoicing> {
        Some(self)
    }

    /// What can be chosen is fixed: that the key still works is seen with it.
    fn list(&self, _at: &Target, _directory: &Directory) -> Result<Call, LedgerError> {
        Ok(api::probe(Operation::Directory))
    }

    fn listed(&self, _at: &Target, _directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        errors::opened(reads(Operation::Directory), answer)?;
        let entry = |(code, name): &(&str, &str)| DirectoryEntry {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            ..DirectoryEntry::default()
        };
        Ok(Page { entries: PAYMENTS.iter().map(entry).collect(), next: None })
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(api::probe(Operation::Identity))
    }

    /// Nothing says whose account it is.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let purpose = reads(Operation::Identity);
        errors::opened(purpose, answer)?;
        let malformed = |_| LedgerError::malformed(NAME, purpose.operation, purpose.effect);
        let user = "api-key".parse().map_err(malformed)?;
        Ok(Identity { user, name: "the iFirma account of this login".to_owned(), division: None, only: None })
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        RateHeaders::from_retry_after(answer)
    }

    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        let value = || {
            let (login, key) = (access.typed(LOGIN)?, access.typed(KEY)?);
            let mut url = at.url(&call.path)?;
            url.set_query(None);
            let body: &[u8] = match &call.body {
                Body::Json(bytes) => bytes,
                Body::Nothing | Body::Form(_) | Body::FormWith(..) | Body::Put { .. } | Body::Soap { .. } => &[],
            };
            sign::header(url.as_str(), login.expose(), &key, body)
        };
        let value = value().ok_or_else(|| errors::reconnect(call.purpose))?;
        let headers = vec![(HeaderName::from_static("authentication"), value)];
        Ok(Signed { endpoint: at.clone(), call, bearer: None, headers })
    }

    fn key(&self, given: &Secret) -> Option<Secret> {
        Some(given.clone())
    }

    /// A login has one account.
    fn opens(&self, access: &Secret) -> Option<Division> {
        access.typed(LOGIN)?.expose().parse().ok()
    }
}

impl Invoicing for Ifirma {
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
        let (kind, id) = api::Kind::of_stored(document.id)?;
        Ok(api::read(Operation::Fetch, kind, id))
    }

    fn was_read(&self, _document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError> {
        let purpose = reads(Operation::Fetch);
        let read = errors::opened(purpose, answer)?;
        let number = read.text("PelnyNumer");
        let number = number.ok_or_else(|| LedgerError::malformed(NAME, purpose.operation, purpose.effect))?;
        Ok(LedgerCopy { number, link: None, ksef: api::ksef(&read) })
    }

    fn print(&self, _at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError> {
        let (kind, id) = api::Kind::of_stored(document.id)?;
        Ok(Some(api::print(kind, id)))
    }

    fn printed(&self, _document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError> {
        if answer.body.starts_with(b"%PDF") {
            return Ok(Pdf::Bytes(answer.body));
        }
        let purpose = reads(Operation::Fetch);
        errors::opened(purpose, &answer)?;
        Err(LedgerError::malformed(NAME, purpose.operation, purpose.effect))
    }
}
