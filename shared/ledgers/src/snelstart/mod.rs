//! SnelStart, by its B2B API (version 2).

mod api;
mod auth;
mod contacts;
mod directory;
mod errors;
mod map;
mod push;
mod vat;
mod wire;

use crate::{
    Books, Directory, Identity, Ledger, Page, Rendition,
    auth::{App, Secret, TokenSet},
    call::{Answer, Call, Purpose, Target},
    descriptor::{
        Attachments, Capabilities, Credentials, Currencies, Descriptor, Options, PostingDate, SerialUnit, Site, Support,
    },
    error::{LedgerError, Operation},
    push::{FileKind, Found, Progress, PushRequest, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::{
    ledger::{Direction, DirectoryKind},
    money::Currency,
    time::Instant,
};
use reqwest::header::{HeaderName, HeaderValue};
use std::time::Duration;

/// SnelStart, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnelStart;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "snelstart",
    name: "SnelStart",
    sites: &[Site {
        code: "nl",
        name: "Netherlands",
        country: "NL",
        base: "https://b2bapi.snelstart.nl",
        login: "https://auth.snelstart.nl",
    }],
    capabilities: Capabilities {
        auto_posting: &["NL"],
        directions: &[Direction::Purchase, Direction::Sales],
        attachments: Attachments::UpTo(map::FILE_BYTES_MAX),
        create_contacts: Support::Yes,
        credit_notes: Support::Yes,
        currencies: Currencies::Only("EUR"),
        mixed_reverse_charge: Support::No,
        same_number_twice: Support::No,
        shows_creator: Support::No,
        templates: Support::No,
        posting_date: PostingDate::Shared("factuurdatum"),
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
        ],
    },
    serial_unit: SerialUnit::Division,
    timeouts: Timeouts::USUAL,
    settle: Duration::from_mins(2),
    // Our own booking and its invoice; relation by four ways, made twice; accounts, cost centres, VAT rates; duplicates by
    // number and by day, one of them looked at; booking; whose number it is; files, two of them.
    requests_per_push: 20,
    credentials: Credentials::Fields(auth::FIELDS),
    tokens: auth::RULES,
    ids: &[DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes, DirectoryKind::CostCentres],
    // Six tenths of what a certified partner may send to an administration; others of its partners share the rest.
    limits: RateLimits {
        per_minute: 300,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 0,
        quota: Quota { requests: 3_000, every: TimeDelta::hours(1) },
        errors_per_hour: 60,
    },
    options: &[
        map::PURCHASE_CREDIT_NOTES,
        map::PURCHASE_REVERSE_CHARGE,
        map::PURCHASE_EU,
        map::SALES_REVERSE_CHARGE,
        map::SALES_EU,
        map::VOUCHER,
        map::ACCOUNT_LOOKUP,
        map::COST_CENTRE,
        map::ATTACH,
    ],
};

impl Ledger for SnelStart {
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
        Ok(api::get(Operation::Identity, directory::COMPANY, format!("/v2/{}", directory::COMPANY)))
    }

    /// A booking is made by the connection, which has no user of its own: it stands for the administration that its key
    /// opens.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let malformed = || api::malformed(Operation::Identity, crate::Effect::Reads);
        let company: wire::Company = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        let read = |company: wire::Company| {
            let division = company.id.parse().ok()?;
            let name = company.name.unwrap_or_default();
            Some(Identity { user: company.id.parse().ok()?, name, division: None, only: Some(division) })
        };
        read(company).ok_or_else(malformed)
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        RateHeaders::from_retry_after(answer)
    }

    fn headers(&self, _at: &Target, app: &App) -> Vec<(HeaderName, HeaderValue)> {
        let name = HeaderName::from_static("ocp-apim-subscription-key");
        // A key that cannot be sent is refused by SnelStart as a missing one.
        let key = HeaderValue::from_str(app.client_secret.expose()).ok().map(|mut key| {
            key.set_sensitive(true);
            key
        });
        key.map(|key| (name, key)).into_iter().collect()
    }

    fn open(&self, _app: &App, given: &Secret) -> Result<Call, LedgerError> {
        auth::mint(Operation::ExchangeCode, given)
    }

    fn refresh(&self, _app: &App, tokens: &TokenSet) -> Result<Call, LedgerError> {
        auth::mint(Operation::RefreshToken, &tokens.refresh)
    }

    fn tokens(
        &self,
        purpose: Purpose,
        given: &Secret,
        answer: &Answer,
        asked_at: Instant,
        came_at: Instant,
    ) -> Result<TokenSet, LedgerError> {
        auth::tokens(purpose, given, answer, asked_at, came_at)
    }

    fn token_refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::token_refusal(purpose, answer)
    }
}

impl Books for SnelStart {
    fn attaches(&self, options: &Options) -> &'static [FileKind] {
        map::attached(options)
    }

    fn push(&self, _at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
        push::next(request, progress)
    }

    fn pushed(
        &self,
        _at: &Target,
        request: &PushRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError> {
        push::learn(request, progress, purpose, answer)
    }

    fn fetch(&self, _at: &Target, direction: Direction, id: &str) -> Result<Call, LedgerError> {
        Ok(api::by_id(Operation::Fetch, map::side(direction).bookings, &push::stored(id)?))
    }

    fn fetched(&self, _direction: Direction, answer: &Answer) -> Result<Rendition, LedgerError> {
        let malformed = || api::malformed(Operation::Fetch, crate::Effect::Reads);
        let booking: wire::Booking = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        let read = |booking| {
            let booked = map::booked(booking, Found::Again)?;
            Some(Rendition {
                id: booked.id,
                number: booked.number,
                reference: booked.reference.unwrap_or_default(),
                gross: booked.gross?.abs(),
                vat: booked.vat.unwrap_or_default().abs(),
                currency: Currency::EUR,
                reduces: booked.reduces?,
                creator: None,
            })
        };
        read(booking).ok_or_else(malformed)
    }
}
