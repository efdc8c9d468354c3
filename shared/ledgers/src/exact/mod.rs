//! Exact Online.

mod auth;
mod contacts;
mod directory;
mod errors;
mod map;
mod odata;
mod options;
mod push;
mod wire;

use crate::{
    Books, Directory, Identity, Ledger, Page, Rendition,
    auth::{App, Secret, TokenSet},
    call::{Answer, Call, Purpose, Target},
    descriptor::{
        Attachments, Capabilities, Consent, Credentials, Currencies, Descriptor, Options, PostingDate, SerialUnit,
        Site, Support,
    },
    error::{LedgerError, Operation},
    push::{FileKind, Found, Progress, PushRequest, Step},
    rate::{Quota, RateHeaders, RateLimits, WindowHeaders},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::{Direction, DirectoryKind, Division},
    time::Instant,
};
use reqwest::header::{HeaderName, HeaderValue};
use std::time::Duration;

/// Exact Online, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExactOnline;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "exact-online",
    name: "Exact Online",
    sites: &[
        site("nl", "Netherlands", "NL", "https://start.exactonline.nl"),
        site("be", "Belgium", "BE", "https://start.exactonline.be"),
        site("de", "Germany", "DE", "https://start.exactonline.de"),
        site("uk", "United Kingdom", "GB", "https://start.exactonline.co.uk"),
    ],
    capabilities: Capabilities {
        auto_posting: &["NL"],
        directions: &[Direction::Purchase, Direction::Sales],
        attachments: Attachments::UpTo(map::FILE_BYTES_MAX),
        create_contacts: Support::Yes,
        credit_notes: Support::Yes,
        currencies: Currencies::Any,
        mixed_reverse_charge: Support::Yes,
        same_number_twice: Support::Yes,
        shows_creator: Support::Yes,
        templates: Support::No,
        posting_date: PostingDate::Own("ReportingPeriod"),
        invoicing: None,
        forwarding: None,
        directories: &[
            DirectoryKind::Divisions,
            DirectoryKind::LedgerAccounts,
            DirectoryKind::VatCodes,
            DirectoryKind::Journals,
            DirectoryKind::CostCentres,
            DirectoryKind::Suppliers,
            DirectoryKind::Customers,
            DirectoryKind::Periods,
        ],
    },
    serial_unit: SerialUnit::Division,
    timeouts: Timeouts::USUAL,
    settle: Duration::from_mins(2),
    // Document, entry; relation by four ways, made; accounts, VAT codes; duplicates; files, two of them; document, entry.
    requests_per_push: 16,
    // The login screen is always shown, so that the right user can be chosen.
    credentials: Credentials::Consent(Consent {
        path: "/api/oauth2/auth",
        parameters: &[("force_login", "1")],
        nonce: Support::No,
    }),
    tokens: auth::RULES,
    ids: &[DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes],
    limits: RateLimits {
        per_minute: 60,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 10,
        quota: Quota { requests: 5_000, every: TimeDelta::days(1) },
        errors_per_hour: 6,
    },
    options: &options::ALL,
};

/// A site where people sign in as well.
const fn site(code: &'static str, name: &'static str, country: &'static str, base: &'static str) -> Site {
    Site { code, name, country, base, login: base }
}

impl Ledger for ExactOnline {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn books(&self) -> Option<&dyn Books> {
        Some(self)
    }

    fn list(&self, at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
        directory::next(at, directory)
    }

    fn listed(&self, at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(at, directory, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        // The one resource without a division in its address.
        let path = "/api/v1/current/Me?$select=CurrentDivision,UserID,UserName,FullName".to_owned();
        Ok(odata::get(Operation::Identity, "current/Me", path))
    }

    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let rows = odata::rows::<wire::Me>(Operation::Identity, answer)?.rows;
        let read = |me: wire::Me| {
            let name = me.full_name.or(me.user_name).unwrap_or_default();
            let division = me.current_division.and_then(|code| code.to_string().parse::<Division>().ok());
            Some(Identity { user: me.user_id.parse().ok()?, name, division, only: None })
        };
        let malformed = || odata::malformed(Operation::Identity, crate::Effect::Reads);
        rows.into_iter().next().and_then(read).ok_or_else(malformed)
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        let number = |name: &str| answer.header(name).and_then(|value| value.trim().parse().ok());
        // Milliseconds since 1970.
        let instant = |name: &str| {
            let value: i64 = answer.header(name)?.trim().parse().ok()?;
            Instant::from_timestamp_millis(value).filter(|_| value > 0)
        };
        RateHeaders {
            minute: WindowHeaders {
                remaining: number("X-RateLimit-Minutely-Remaining"),
                resets_at: instant("X-RateLimit-Minutely-Reset"),
            },
            quota: WindowHeaders {
                remaining: number("X-RateLimit-Remaining"),
                resets_at: instant("X-RateLimit-Reset"),
            },
            retry_after: number("Retry-After"),
        }
    }

    fn headers(&self, _at: &Target, _app: &App) -> Vec<(HeaderName, HeaderValue)> {
        vec![(HeaderName::from_static("prefer"), HeaderValue::from_static("return=representation"))]
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

impl Books for ExactOnline {
    fn attaches(&self, options: &Options) -> &'static [FileKind] {
        map::attached(options)
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

    fn fetch(&self, at: &Target, direction: Direction, id: &str) -> Result<Call, LedgerError> {
        let side = map::side(direction);
        odata::by_id(at, Operation::Fetch, side.entries, &odata::stored(id)?, side.fields)
    }

    fn fetched(&self, direction: Direction, answer: &Answer) -> Result<Rendition, LedgerError> {
        let rows = odata::rows::<wire::Entry>(Operation::Fetch, answer)?.rows;
        let Some(entry) = rows.into_iter().next() else { return Err(errors::gone(Operation::Fetch)) };
        let read = |entry| {
            let booked = map::booked(map::side(direction), entry, None, Found::Again)?;
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
        read(entry).ok_or_else(|| odata::malformed(Operation::Fetch, crate::Effect::Reads))
    }
}
