//! Twinfield.

mod auth;
mod contacts;
mod directory;
mod errors;
mod known;
mod map;
mod options;
mod push;
mod soap;
mod templates;
mod xml;

use crate::{
    Books, Directory, Identity, Ledger, Page, Rendition,
    auth::{App, Secret, TokenSet},
    call::{Answer, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{
        Attachments, Capabilities, Credentials, Currencies, Descriptor, Options, PostingDate, SerialUnit, Site, Support,
    },
    error::{LedgerError, Operation},
    push::{FileKind, Found, Progress, PushRequest, Step},
    rate::{Quota, RateHeaders, RateLimits, WindowHeaders},
    sender::Timeouts,
    templates::KeepsTemplates,
};
use chrono::TimeDelta;
use domain::{ledger::Direction, time::Instant};
use std::time::Duration;

/// Twinfield, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twinfield;

/// What Twinfield is and can do.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "twinfield",
    name: "Twinfield",
    sites: &[Site {
        code: "nl",
        name: "Netherlands",
        country: "NL",
        // Where an organisation is kept comes with each access.
        base: "https://login.twinfield.com",
        login: "https://login.twinfield.com",
    }],
    capabilities: Capabilities {
        auto_posting: &["NL"],
        directions: &[Direction::Purchase, Direction::Sales],
        // Our reference in a free text field leads back to the document.
        attachments: Attachments::None,
        create_contacts: Support::Yes,
        credit_notes: Support::Yes,
        currencies: Currencies::Any,
        mixed_reverse_charge: Support::Yes,
        same_number_twice: Support::Yes,
        shows_creator: Support::Yes,
        templates: Support::Yes,
        posting_date: PostingDate::Own("period"),
        invoicing: None,
        forwarding: None,
        directories: directory::KINDS,
    },
    serial_unit: SerialUnit::Connection,
    timeouts: Timeouts { write: Duration::from_mins(1), ..Timeouts::USUAL },
    settle: Duration::from_mins(2),
    // Relation by VAT number, registry number and bank account, each read, made (three); two searches and what they bring up;
    // periods; the booking (three).
    requests_per_push: 19,
    credentials: Credentials::Consent(auth::CONSENT),
    tokens: auth::RULES,
    ids: &[],
    // Credits of an app without a certificate: in an organisation, whichever of its companies is asked for, and in all.
    limits: RateLimits {
        per_minute: 25,
        app_per_minute: Some(50),
        per_write: 3,
        minute_reserve: 2,
        quota: Quota { requests: 36_000, every: TimeDelta::days(1) },
        errors_per_hour: 60,
    },
    options: &options::ALL,
};

impl Ledger for Twinfield {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn books(&self) -> Option<&dyn Books> {
        Some(self)
    }

    fn list(&self, at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
        directory::next(at, directory)
    }

    fn listed(&self, _at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        directory::learn(directory, answer)
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(auth::identity())
    }

    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        let auth::Claims { organisation, user } = auth::claims(answer)?;
        let id = format!("{organisation}/{user}");
        let id = id.parse().map_err(|_| errors::malformed(Operation::Identity, Effect::Reads))?;
        Ok(Identity { user: id, name: user, division: None, only: None })
    }

    fn templates(&self) -> Option<&dyn KeepsTemplates> {
        Some(self)
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        let number = |name: &str| answer.header(name).and_then(|value| value.trim().parse().ok());
        let minute = WindowHeaders { remaining: number("X-RateLimit-Remaining"), resets_at: None };
        RateHeaders { minute, retry_after: number("Retry-After"), ..RateHeaders::default() }
    }

    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        auth::sign(at, call, access)
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
        auth::tokens(purpose, given, answer, asked_at, came_at)
    }

    fn locate(&self, operation: Operation, tokens: &TokenSet) -> Option<Call> {
        Some(auth::locate(operation, tokens))
    }

    fn located(
        &self,
        operation: Operation,
        at: &Endpoint,
        tokens: TokenSet,
        answer: Result<Answer, LedgerError>,
    ) -> Result<TokenSet, LedgerError> {
        auth::located(operation, at, tokens, answer)
    }

    fn token_refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::token_refusal(purpose, answer)
    }
}

impl Books for Twinfield {
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
        push::by_id(at, soap::office(at, Operation::Fetch)?, Operation::Fetch, id)
    }

    fn fetched(&self, direction: Direction, answer: &Answer) -> Result<Rendition, LedgerError> {
        let operation = Operation::Fetch;
        let root = soap::processed(Purpose { operation, effect: Effect::Reads, resource: soap::TRANSACTIONS }, answer)?;
        if !errors::succeeded(&root) {
            let error = errors::refused(operation, &root);
            return Err(if error.code() == crate::ErrorCode::NotFound { errors::gone(operation) } else { error });
        }
        let transaction = push::transaction(&root);
        let office = transaction.at(&["header", "office"]).and_then(xml::Element::text).unwrap_or_default();
        let read = || {
            let booked = map::booked(direction, office, transaction, None, Found::Again)?;
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
