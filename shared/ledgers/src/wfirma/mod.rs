//! wFirma, by its API 2: invoices and receipts that were issued here.

mod api;
mod errors;
mod map;
mod options;
mod pass;

use crate::{
    Directory, Identity, Invoicing, Ledger, LedgerCopy, Page, PassRequest, PassedDocument, Pdf, StoredDocument,
    auth::{App, Secret, TokenRules},
    call::{Answer, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, CredentialField, Credentials, Descriptor, SerialUnit, Site},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
    push::{Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::{DirectoryEntry, DirectoryKind},
    sales::{Capability, IssuedKind},
};
use reqwest::header::{HeaderName, HeaderValue};
use std::time::Duration;

const NAME: &str = "wFirma";

const ACCESS_KEY: &str = "access_key";
const SECRET_KEY: &str = "secret_key";

/// How documents are paid there.
const PAYMENT_METHODS: &[&str] = &["transfer", "cash", "payment_card", "cod", "compensation"];

/// wFirma, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wfirma;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "wfirma",
    name: NAME,
    sites: &[Site {
        code: "pl",
        name: "Poland",
        country: "PL",
        base: "https://api2.wfirma.pl",
        login: "https://api2.wfirma.pl",
    }],
    capabilities: Capabilities::of_invoicing(
        "date",
        &[Capability::Receipts, Capability::Series, Capability::Payments, Capability::Sku],
        &[DirectoryKind::Divisions, DirectoryKind::NumberingSeries, DirectoryKind::PaymentTypes],
    ),
    serial_unit: SerialUnit::Division,
    timeouts: Timeouts::USUAL,
    settle: Duration::from_mins(3),
    // Our own document in up to two pages; products; the buyer's card; the document.
    requests_per_push: 6,
    credentials: Credentials::Fields(&[
        CredentialField { key: ACCESS_KEY, name: "Access key: wFirma, Settings, Security, Applications, API keys" },
        CredentialField { key: SECRET_KEY, name: "Secret key, shown once when the keys are made" },
    ]),
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
    options: &options::ALL,
};

impl Ledger for Wfirma {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn invoicing(&self) -> Option<&dyn Invoicing> {
        Some(self)
    }

    fn list(&self, at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
        match directory.kind {
            DirectoryKind::NumberingSeries => api::find(at, Operation::Directory, api::SERIES, &[], page_of(directory)),
            // The payment types are fixed: that the keys still work is seen with them.
            _ => Ok(api::companies(Operation::Directory, page_of(directory))),
        }
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        let (kind, page) = (directory.kind, page_of(directory));
        let module = if kind == DirectoryKind::NumberingSeries { api::SERIES } else { api::COMPANIES };
        let purpose = Purpose { operation: Operation::Directory, effect: Effect::Reads, resource: module.many };
        let rows = api::rows(purpose, module, answer)?;
        let entries = match kind {
            DirectoryKind::NumberingSeries => rows.records.iter().filter_map(series).collect(),
            DirectoryKind::PaymentTypes => {
                let entries = PAYMENT_METHODS.iter().map(|method| entry(method, method)).collect();
                return Ok(Page { entries, next: None });
            }
            _ => rows.records.iter().filter_map(company).map(|(id, name)| entry(&id, &name)).collect(),
        };
        let next = rows.go_on(page).then(|| Directory { kind, next: Some((page + 1).to_string()), half: None });
        Ok(Page { entries, next })
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(api::companies(Operation::Identity, 1))
    }

    /// Nothing says whose keys they are, but which companies they open.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let purpose = Purpose { operation: Operation::Identity, effect: Effect::Reads, resource: api::COMPANIES.many };
        let rows = api::rows(purpose, api::COMPANIES, answer)?;
        let companies: Vec<(String, String)> = rows.records.iter().filter_map(company).collect();
        let user = "api-keys".parse().map_err(|_| api::malformed(purpose))?;
        let (name, only) = match companies.as_slice() {
            [(id, name)] => (name.clone(), id.parse().ok()),
            several => (format!("API keys for {} companies", several.len()), None),
        };
        Ok(Identity { user, name, division: None, only })
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        RateHeaders::from_retry_after(answer)
    }

    /// Our own key, one for all customers.
    fn headers(&self, _at: &Target, app: &App) -> Vec<(HeaderName, HeaderValue)> {
        let name = HeaderName::from_static("appkey");
        // A key that cannot be sent is refused by wFirma as a missing one.
        hidden(&app.client_secret).map(|key| (name, key)).into_iter().collect()
    }

    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        let header = |key: &str, name: &'static str| {
            let value = access.typed(key).as_ref().and_then(hidden)?;
            Some((HeaderName::from_static(name), value))
        };
        let headers = header(ACCESS_KEY, "accesskey").zip(header(SECRET_KEY, "secretkey"));
        let (one, other) = headers.ok_or_else(|| {
            let message = "The connection holds no keys of wFirma. Give them again.";
            let code = ErrorCode::ReconnectNeeded;
            LedgerError::new(ErrorKind::ReconnectNeeded, code, call.purpose.operation, message)
        })?;
        Ok(Signed { endpoint: at.clone(), call, bearer: None, headers: vec![one, other] })
    }

    fn key(&self, given: &Secret) -> Option<Secret> {
        Some(given.clone())
    }
}

fn hidden(secret: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(secret.expose()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn page_of(directory: &Directory) -> usize {
    directory.next.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1)
}

fn entry(code: &str, name: &str) -> DirectoryEntry {
    DirectoryEntry { code: code.to_owned(), name: name.to_owned(), ..DirectoryEntry::default() }
}

fn series(record: &Loose) -> Option<DirectoryEntry> {
    let name = [record.text("name"), record.text("template")].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let blocked = record.text("visibility").is_some_and(|visibility| visibility != "visible");
    Some(DirectoryEntry { blocked, ..entry(&record.text("id")?, &name) })
}

fn company(record: &Loose) -> Option<(String, String)> {
    let company = record.object("company")?;
    Some((company.text("id")?, company.text("name").unwrap_or_default()))
}

impl Invoicing for Wfirma {
    fn pass(
        &self,
        at: &Target,
        request: &PassRequest<'_>,
        progress: &Progress,
    ) -> Result<Step<PassedDocument>, LedgerError> {
        pass::next(at, request, progress)
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

    fn read(&self, at: &Target, document: &StoredDocument<'_>) -> Result<Call, LedgerError> {
        api::get(at, document.id)
    }

    fn was_read(&self, _document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError> {
        let rows = api::rows(FETCH, api::INVOICES, answer)?;
        let read = |record: &Loose| {
            Some(LedgerCopy { number: record.text("fullnumber")?, link: None, ksef: map::ksef(record) })
        };
        rows.records.first().and_then(read).ok_or_else(|| api::malformed(FETCH))
    }

    fn print(&self, at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError> {
        api::download(at, document.id).map(Some)
    }

    /// Fiscal receipts have none (CO-33); which receipts are fiscal, only wFirma knows.
    fn printed(&self, document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError> {
        if answer.body.starts_with(b"%PDF") {
            return Ok(Pdf::Bytes(answer.body));
        }
        match api::rows(FETCH, api::INVOICES, &answer) {
            Err(error) if error.code() == ErrorCode::NotFound && document.kind == IssuedKind::Receipt => Ok(Pdf::None),
            Err(error) => Err(error),
            Ok(_) => Err(api::malformed(FETCH)),
        }
    }
}

const FETCH: Purpose = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource: api::INVOICES.many };
