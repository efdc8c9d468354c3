//! Multivers and Boekhoud Gemak: two products of one family, with one API. They share this code; hosts, registrations and
//! settings are their own.

mod api;
mod auth;
pub mod boekhoudgemak;
mod checks;
mod contacts;
mod directory;
mod errors;
mod known;
mod map;
mod options;
mod periods;
mod push;
mod record;
mod search;
mod vat;
mod wire;

use crate::{
    Books, Directory, Identity, Ledger, Page, Rendition,
    auth::{App, Secret, TokenSet},
    call::{Answer, Call, Effect, Purpose, Target},
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
    time::Instant,
};
use std::time::Duration;

/// A product of the family, as its descriptor says.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    descriptor: &'static Descriptor,
}

/// Multivers, as its descriptor says.
pub static MULTIVERS: Product = Product { descriptor: &DESCRIPTOR };

/// What Multivers is and can do.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "multivers",
    name: "Multivers",
    sites: &[Site {
        code: "nl",
        name: "Netherlands",
        country: "NL",
        base: "https://api.multivers.nl",
        login: "https://api.multivers.nl",
    }],
    options: &options::ALL,
    ..common()
};

/// What both can do.
const fn common() -> Descriptor {
    Descriptor {
        system: "",
        name: "",
        sites: &[],
        capabilities: Capabilities {
            auto_posting: &["NL"],
            directions: &[Direction::Purchase, Direction::Sales],
            // A link back to the document stands in the booking.
            attachments: Attachments::None,
            create_contacts: Support::Yes,
            credit_notes: Support::Yes,
            currencies: Currencies::Any,
            mixed_reverse_charge: Support::Yes,
            same_number_twice: Support::Yes,
            shows_creator: Support::No,
            templates: Support::No,
            posting_date: PostingDate::Own("fiscalYear, period"),
            invoicing: None,
            forwarding: None,
            directories: directory::KINDS,
        },
        // Entries of a journal are numbered in sequence.
        serial_unit: SerialUnit::Division,
        timeouts: Timeouts { write: Duration::from_mins(2), ..Timeouts::USUAL },
        settle: Duration::from_mins(3),
        // Relations and bank accounts in a few pages, made with a code; periods of three years; two searches in two years,
        // and what they bring up; accounts, VAT codes, cost centres, cost units, conditions, currencies; the booking, once
        // more without its link, read back.
        requests_per_push: 30,
        credentials: Credentials::Consent(auth::CONSENT),
        tokens: auth::RULES,
        ids: &[DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes, DirectoryKind::CostCentres],
        // Nothing is published: one request a second.
        limits: RateLimits {
            per_minute: 60,
            app_per_minute: None,
            per_write: 1,
            minute_reserve: 0,
            quota: Quota { requests: 3_600, every: TimeDelta::hours(1) },
            errors_per_hour: 60,
        },
        options: &[],
    }
}

impl Product {
    fn name(self) -> &'static str {
        self.descriptor.name
    }
}

impl Ledger for Product {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn books(&self) -> Option<&dyn Books> {
        Some(self)
    }

    fn list(&self, at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
        directory::next(self.name(), at, directory)
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(self.name(), directory, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        let resource = directory::ADMINISTRATIONS;
        Ok(api::get(Operation::Identity, resource, format!("/api/{resource}")))
    }

    /// Nothing says who is connected. Bookings are made by the user who consented, and who sees administrations.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let rows = api::rows(self.name(), Operation::Identity, answer)?;
        let malformed = || api::malformed(self.name(), Operation::Identity, Effect::Reads);
        let user = "consented".parse().map_err(|_| malformed())?;
        let name = format!("the user of {} who consented, with {} administrations", self.name(), rows.len());
        Ok(Identity { user, name, division: None, only: None })
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(self.name(), purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        RateHeaders::from_retry_after(answer)
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
        given: &Secret,
        answer: &Answer,
        asked_at: Instant,
        came_at: Instant,
    ) -> Result<TokenSet, LedgerError> {
        auth::tokens(self.name(), purpose, given, answer, asked_at, came_at)
    }

    fn token_refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::token_refusal(self.name(), purpose, answer)
    }
}

impl Books for Product {
    fn attaches(&self, _options: &Options) -> &'static [FileKind] {
        &[]
    }

    fn push(&self, at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
        push::next(self.name(), at, request, progress)
    }

    fn pushed(
        &self,
        _at: &Target,
        request: &PushRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError> {
        push::learn(self.name(), request, progress, purpose, answer)
    }

    fn fetch(&self, at: &Target, direction: Direction, id: &str) -> Result<Call, LedgerError> {
        search::by_id(at, self.name(), Operation::Fetch, map::side(direction).invoice, id)
    }

    fn fetched(&self, direction: Direction, answer: &Answer) -> Result<Rendition, LedgerError> {
        let resource = map::side(direction).invoice;
        let purpose = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource };
        let invoice = api::record(self.name(), purpose, answer)?;
        let read = || {
            let booked = map::booked(direction, &invoice, None, Found::Again)?;
            Some(Rendition {
                id: booked.id,
                number: booked.number,
                reference: booked.reference.unwrap_or_default(),
                gross: booked.gross?.abs(),
                vat: booked.vat?.abs(),
                currency: booked.currency?,
                reduces: booked.reduces?,
                creator: None,
            })
        };
        read().ok_or_else(|| api::malformed(self.name(), Operation::Fetch, Effect::Reads))
    }
}
