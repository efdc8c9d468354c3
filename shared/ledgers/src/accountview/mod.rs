//! `AccountView`, by the Web API of AccountView.Net (version 3), which passes requests on to the customer's installation.

mod api;
mod auth;
mod checks;
mod contacts;
mod directory;
mod errors;
mod known;
mod map;
mod options;
mod push;
mod read;
mod record;
mod text;

use crate::{
    Books, Directory, Identity, Ledger, Page, Rendition,
    auth::{App, Secret, TokenSet},
    call::{Answer, Call, Effect, Purpose, Target},
    descriptor::{
        Attachments, Capabilities, Credentials, Currencies, Descriptor, Options, PostingDate, SerialUnit, Site, Support,
    },
    error::{ErrorCode, LedgerError, Operation},
    push::{FileKind, Found, Progress, PushRequest, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::{Direction, DirectoryKind},
    time::Instant,
};
use reqwest::header::{HeaderName, HeaderValue};
use rust_decimal::Decimal;
use std::time::Duration;

/// `AccountView`, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountView;

/// What `AccountView` is and can do.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "accountview",
    name: "AccountView",
    sites: &[Site {
        code: "nl",
        name: "Netherlands",
        country: "NL",
        base: "https://www.accountview.net",
        login: "https://www.accountview.net",
    }],
    capabilities: Capabilities {
        auto_posting: &["NL"],
        directions: &[Direction::Purchase, Direction::Sales],
        // How files are sent is not public: the note of the page leads back to the document.
        attachments: Attachments::None,
        create_contacts: Support::Yes,
        credit_notes: Support::Yes,
        currencies: Currencies::Any,
        mixed_reverse_charge: Support::Yes,
        same_number_twice: Support::Yes,
        shows_creator: Support::Yes,
        templates: Support::No,
        posting_date: PostingDate::ByOption {
            option: &options::PERIOD,
            value: "number",
            own: "PERIOD",
            shared: "TRN_DATE",
        },
        invoicing: None,
        forwarding: None,
        directories: directory::KINDS,
    },
    // One company is one database at the customer: one request at a time.
    serial_unit: SerialUnit::Division,
    // A request goes on to the customer's own server, and as long as that takes.
    timeouts: Timeouts { read: Duration::from_mins(1), write: Duration::from_mins(3), least: Duration::from_mins(1) },
    // A request without an answer may still be on its way to the customer: two minutes, a look, five more, and a look.
    settle: Duration::from_mins(7),
    // Relation by VAT number, registry number and bank accounts, made, looked up; bookings in pages and transactions of two
    // years by number and by date, one of them read; relation, journal, accounts, VAT codes, cost centre, period; the page,
    // read back.
    requests_per_push: 35,
    credentials: Credentials::Consent(auth::CONSENT),
    tokens: auth::RULES,
    ids: &[DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes, DirectoryKind::CostCentres],
    // No limit is public. One request a second is what a database on somebody's own server is asked for at most.
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

impl Ledger for AccountView {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn books(&self) -> Option<&dyn Books> {
        Some(self)
    }

    fn list(&self, _at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
        Ok(directory::next(directory))
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(directory, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(api::companies(Operation::Identity))
    }

    /// Who is connected is not told; a page then shows who made it. The user stands for the companies that it may open.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let companies = api::list(Operation::Identity, api::COMPANIES, answer)?;
        let companies: Vec<_> = companies.iter().filter_map(directory::company).collect();
        let Some(first) = companies.first() else {
            let message = "The connected user may open no company of AccountView. Link the application to the user there, \
                           and connect again.";
            return Err(LedgerError::rejected(ErrorCode::NoDivisionAccess, Operation::Identity, message));
        };
        let user = first.code.parse().map_err(|_| errors::malformed(Operation::Identity, Effect::Reads))?;
        let names: Vec<&str> = companies.iter().take(3).map(|company| company.name.as_str()).collect();
        Ok(Identity { user, name: names.join(", "), division: None, only: None })
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        RateHeaders::from_retry_after(answer)
    }

    fn headers(&self, at: &Target, _app: &App) -> Vec<(HeaderName, HeaderValue)> {
        let name = HeaderName::from_static("x-company");
        // One that cannot be sent is refused by AccountView as a missing one.
        let company = at.division.as_ref().and_then(|company| HeaderValue::from_str(company.as_str()).ok());
        company.map(|company| (name, company)).into_iter().collect()
    }

    fn open(&self, app: &App, given: &Secret) -> Result<Call, LedgerError> {
        Ok(auth::exchange_code(app, given))
    }

    fn refresh(&self, app: &App, tokens: &TokenSet) -> Result<Call, LedgerError> {
        Ok(auth::refresh(app, tokens))
    }

    fn tokens(
        &self,
        purpose: Purpose,
        _given: &Secret,
        answer: &Answer,
        asked_at: Instant,
        came_at: Instant,
    ) -> Result<TokenSet, LedgerError> {
        auth::tokens(purpose, answer, asked_at, came_at)
    }

    fn token_refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::token_refusal(purpose, answer)
    }
}

impl Books for AccountView {
    fn attaches(&self, _options: &Options) -> &'static [FileKind] {
        &[]
    }

    fn push(&self, at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
        push::next(at, request, progress)
    }

    fn pushed(
        &self,
        at: &Target,
        request: &PushRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError> {
        push::learn(at, request, progress, purpose, answer)
    }

    fn fetch(&self, at: &Target, _direction: Direction, id: &str) -> Result<Call, LedgerError> {
        push::by_id(at, Operation::Fetch, id)
    }

    fn fetched(&self, direction: Direction, answer: &Answer) -> Result<Rendition, LedgerError> {
        let operation = Operation::Fetch;
        let tables = api::tables(Purpose { operation, effect: Effect::Reads, resource: api::PAGES_READ }, answer)?;
        let pages = read::pages(&tables);
        let Some(page) = pages.first() else {
            let message = "The page is not among the journal pages of AccountView any more: it was processed, or somebody \
                           removed it there.";
            return Err(LedgerError::rejected(ErrorCode::NotFound, operation, message));
        };
        let sign = match direction {
            Direction::Purchase => Decimal::ONE,
            Direction::Sales => Decimal::NEGATIVE_ONE,
        };
        let home = options::CURRENCY.default.unwrap_or_default();
        let signs = read::Signs { direction, sign, filling: None, home, is_owed: &|_| false };
        let read = || {
            let booked = page.booked(&signs, |journal, page| format!("{journal}-{page}"), Found::Again)?;
            Some(Rendition {
                id: booked.id,
                number: booked.number,
                reference: booked.reference.unwrap_or_default(),
                gross: booked.gross?.abs(),
                vat: booked.vat?.abs(),
                currency: booked.currency?,
                reduces: booked.reduces?,
                creator: booked.creator,
            })
        };
        read().ok_or_else(|| errors::malformed(operation, Effect::Reads))
    }
}
