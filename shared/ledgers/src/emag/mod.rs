//! eMAG and Fashion Days, by the Marketplace API: the address of a PDF goes with an order, and they fetch it from there.

mod errors;
pub mod fashion_days;
mod forward;
mod wire;

use crate::{
    Directory, ForwardRequest, Forwarded, Forwarding, Identity, Ledger, Page,
    auth::{Secret, TokenRules},
    call::{Answer, Body, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{
        Capabilities, CredentialField, Credentials, Descriptor, OptionKind, OptionSpec, PdfBy, SerialUnit, Site,
    },
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    forwarding,
    push::{Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::Serialize;
use std::time::Duration;

const NAME: &str = "eMAG";
/// An order, as it stands.
const ORDER: &str = "order/read";
/// What the customer sees with an order.
const ATTACHMENTS: &str = "order/attachments/read";
/// Gives an order another document.
const SAVE: &str = "order/attachments/save";

const USER: &str = "user";
const PASSWORD: &str = "password";

/// What an invoice is called before its number: customers read it.
const TITLE: OptionSpec = OptionSpec {
    key: "title",
    name: "What the customer reads before the number of an invoice, in the language of the shop",
    kind: OptionKind::Text(20),
    default: Some("Invoice"),
};

/// A product of the family, as its descriptor says.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    descriptor: &'static Descriptor,
}

/// eMAG, as its descriptor says.
pub static EMAG: Product = Product { descriptor: &DESCRIPTOR };

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "emag",
    name: NAME,
    sites: &[
        site("ro", "Romania", "RO", "https://marketplace-api.emag.ro"),
        site("bg", "Bulgaria", "BG", "https://marketplace-api.emag.bg"),
        site("hu", "Hungary", "HU", "https://marketplace-api.emag.hu"),
    ],
    ..common()
};

/// What both can do.
const fn common() -> Descriptor {
    Descriptor {
        system: "",
        name: "",
        sites: &[],
        capabilities: Capabilities::of_forwarding(PdfBy::Address),
        serial_unit: SerialUnit::Connection,
        timeouts: Timeouts::USUAL,
        settle: Duration::from_mins(3),
        // The order, what goes with it, the document.
        requests_per_push: 3,
        credentials: Credentials::Fields(FIELDS),
        tokens: TokenRules::KEY,
        ids: &[],
        // Three in a second, which one request after the other seldom reaches, and 180 in a minute. Orders may be read more often;
        // whether attachments belong to them nobody knows.
        limits: RateLimits {
            per_minute: 180,
            app_per_minute: None,
            per_write: 1,
            minute_reserve: 20,
            quota: Quota { requests: 9_000, every: TimeDelta::hours(1) },
            errors_per_hour: 60,
        },
        options: OPTIONS,
    }
}

const FIELDS: &[CredentialField] = &[
    CredentialField { key: USER, name: "User with the right to use the API: eMAG Marketplace, My account, Users" },
    CredentialField { key: PASSWORD, name: "Its password" },
];

const OPTIONS: &[OptionSpec] = &[forwarding::CORRECTIONS, TITLE];

const fn site(code: &'static str, name: &'static str, country: &'static str, base: &'static str) -> Site {
    Site { code, name, country, base, login: base }
}

/// A request. Everything is asked by POST.
fn post(operation: Operation, resource: &'static str, body: &impl Serialize) -> Result<Call, LedgerError> {
    let body = serde_json::to_vec(body).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    let effect = if resource == SAVE { Effect::Writes } else { Effect::Reads };
    let purpose = Purpose { operation, effect, resource };
    Ok(Call { purpose, path: format!("/api-3/{resource}"), body: Body::Json(body) })
}

impl Ledger for Product {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn forwarding(&self) -> Option<&dyn Forwarding> {
        Some(self)
    }

    fn list(&self, _at: &Target, _directory: &Directory) -> Result<Call, LedgerError> {
        post(Operation::Directory, ORDER, &wire::FirstPage::ONE)
    }

    fn listed(&self, _at: &Target, _directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        errors::opened(wire::reading(Operation::Directory), answer)?;
        Ok(forwarding::account())
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        post(Operation::Identity, ORDER, &wire::FirstPage::ONE)
    }

    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        errors::opened(wire::reading(Operation::Identity), answer)?;
        forwarding::seller(NAME)
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    fn rate(&self, answer: &Answer) -> RateHeaders {
        let rate = RateHeaders::from_retry_after(answer);
        // The limit of three seconds is over after three.
        let short = answer.header("X-RateLimit-Remaining-3second").map(str::trim) == Some("0");
        RateHeaders { retry_after: rate.retry_after.or(short.then_some(3)), ..rate }
    }

    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        let lost = || errors::reconnect(call.purpose.operation);
        let (user, password) = (access.typed(USER).ok_or_else(lost)?, access.typed(PASSWORD).ok_or_else(lost)?);
        let pair = STANDARD.encode(format!("{}:{}", user.expose(), password.expose()));
        let mut basic = HeaderValue::from_str(&format!("Basic {pair}")).map_err(|_| lost())?;
        basic.set_sensitive(true);
        Ok(Signed { endpoint: at.clone(), call, bearer: None, headers: vec![(AUTHORIZATION, basic)] })
    }

    /// A colon would end the user's name too early.
    fn key(&self, given: &Secret) -> Option<Secret> {
        given.typed(USER).filter(|user| !user.expose().contains(':'))?;
        given.typed(PASSWORD)?;
        Some(given.clone())
    }

    fn open(&self, _app: &crate::App, _given: &Secret) -> Result<Call, LedgerError> {
        Err(errors::reconnect(Operation::ExchangeCode))
    }
}

impl Forwarding for Product {
    /// Each has an address of its own.
    fn tells_documents_apart(&self) -> bool {
        true
    }

    fn forward(
        &self,
        at: &Target,
        request: &ForwardRequest<'_>,
        progress: &Progress,
    ) -> Result<Step<Forwarded>, LedgerError> {
        forward::next(at, request, progress)
    }

    fn forwarded(
        &self,
        _at: &Target,
        request: &ForwardRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError> {
        forward::learn(request, progress, purpose, answer)
    }
}
