//! Amazon in Europe, by the Feeds API of the Selling Partner API: the PDF is put where Amazon says, a feed is made of it, and a report
//! tells what came of that.

mod auth;
mod errors;
mod forward;
mod map;
mod report;
mod wire;

use crate::{
    Directory, ForwardRequest, Forwarded, Forwarding, Identity, Ledger, Page,
    auth::{App, Secret, TokenSet},
    call::{Answer, Body, Call, Effect, Endpoint, Purpose, Signed, Target},
    descriptor::{Capabilities, Credentials, Descriptor, PdfBy, SerialUnit, Site},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    forwarding,
    push::{Checkpoint, Progress, Step},
    rate::{Quota, RateHeaders, RateLimits},
    sender::Timeouts,
};
use chrono::TimeDelta;
use domain::time::Instant;
use reqwest::header::{HeaderName, HeaderValue};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::Serialize;
use std::time::Duration;

const NAME: &str = "Amazon";
const API: &str = "/feeds/2021-06-30";

/// A place for a document, and what it is when it was put there.
const DOCUMENTS: &str = "documents";
/// Putting the document there, at an address that Amazon gives.
const UPLOAD: &str = "upload";
/// What makes an invoice of a document.
const FEEDS: &str = "feeds";
/// One of them, or those of a time.
const FEED: &str = "feed";
/// Where the report of one is.
const RESULT: &str = "result";
/// The report, at an address that Amazon gives.
const REPORT: &str = "report";

/// Hosts on which documents and reports are.
const STORAGE: &str = "amazonaws.com";

/// Amazon, as its descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amazon;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "amazon",
    name: NAME,
    sites: &[
        site("de", "Germany", "DE"),
        site("pl", "Poland", "PL"),
        site("es", "Spain", "ES"),
        site("fr", "France", "FR"),
        site("it", "Italy", "IT"),
        site("nl", "Netherlands", "NL"),
        site("be", "Belgium", "BE"),
        site("se", "Sweden", "SE"),
        site("ie", "Ireland", "IE"),
        site("uk", "United Kingdom", "GB"),
    ],
    capabilities: Capabilities::of_forwarding(PdfBy::Bytes),
    serial_unit: SerialUnit::Connection,
    timeouts: Timeouts::USUAL,
    settle: Duration::from_mins(3),
    // The place, the document, the feed; how far it is, where the report is, the report.
    requests_per_push: 6,
    credentials: Credentials::Fields(auth::FIELDS),
    tokens: auth::RULES,
    ids: &[],
    // Each operation has a bucket of its own, the smallest that of making feeds: fifteen, then one in two minutes. What is refused says
    // how long that takes.
    limits: RateLimits {
        per_minute: 60,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 0,
        quota: Quota { requests: 1_200, every: TimeDelta::hours(1) },
        errors_per_hour: 60,
    },
    options: &[forwarding::CORRECTIONS, map::MARKETPLACE],
};

/// A country of which a seller is. All of Europe answers at one place.
const fn site(code: &'static str, name: &'static str, country: &'static str) -> Site {
    let (base, login) = ("https://sellingpartnerapi-eu.amazon.com", "https://api.amazon.com");
    Site { code, name, country, base, login }
}

/// A request that changes nothing for the customer.
fn reading(resource: &'static str, path: String) -> Call {
    let purpose = Purpose { operation: Operation::Forward, effect: Effect::Reads, resource };
    Call { purpose, path, body: Body::Nothing }
}

fn post(purpose: Purpose, path: String, body: &impl Serialize) -> Result<Call, LedgerError> {
    let body = serde_json::to_vec(body).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, purpose.operation, message)
    })?;
    Ok(Call { purpose, path, body: Body::Json(body) })
}

/// The least that shows that the access is good and has the role: the latest feeds.
fn latest(operation: Operation) -> Call {
    let purpose = Purpose { operation, effect: Effect::Reads, resource: FEED };
    Call { purpose, path: format!("{API}/feeds?feedTypes={}&pageSize=1", wire::FEED_TYPE), body: Body::Nothing }
}

impl Ledger for Amazon {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn forwarding(&self) -> Option<&dyn Forwarding> {
        Some(self)
    }

    fn list(&self, _at: &Target, _directory: &Directory) -> Result<Call, LedgerError> {
        Ok(latest(Operation::Directory))
    }

    fn listed(&self, _at: &Target, _directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
        wire::feeds(latest(Operation::Directory).purpose, answer)?;
        Ok(forwarding::account())
    }

    fn identity(&self, _at: &Target) -> Result<Call, LedgerError> {
        Ok(latest(Operation::Identity))
    }

    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError> {
        wire::feeds(latest(Operation::Identity).purpose, answer)?;
        forwarding::seller(NAME)
    }

    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError {
        errors::refusal(purpose, answer)
    }

    /// Amazon says how many requests it allows in a second, less than one as a rule: one is allowed after that many seconds.
    fn rate(&self, answer: &Answer) -> RateHeaders {
        let rate = RateHeaders::from_retry_after(answer);
        let allowed = || answer.header("x-amzn-RateLimit-Limit")?.trim().parse::<Decimal>().ok();
        let seconds = allowed().filter(|_| answer.status == 429).and_then(|allowed| {
            let seconds = Decimal::ONE.checked_div(allowed)?;
            seconds.round_dp_with_strategy(0, RoundingStrategy::AwayFromZero).to_u32()
        });
        RateHeaders { retry_after: rate.retry_after.or(seconds), ..rate }
    }

    /// Where documents and reports are, the address says itself who may; the access never goes there.
    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        if matches!(call.purpose.resource, UPLOAD | REPORT) {
            let (endpoint, path) = storage(at, &call.path).ok_or_else(|| errors::foreign(call.purpose.operation))?;
            return Ok(Signed { endpoint, call: Call { path, ..call }, bearer: None, headers: Vec::new() });
        }
        let mut token =
            HeaderValue::from_str(access.expose()).map_err(|_| errors::reconnect(call.purpose.operation))?;
        token.set_sensitive(true);
        let headers = vec![(HeaderName::from_static("x-amz-access-token"), token)];
        Ok(Signed { endpoint: at.clone(), call, bearer: None, headers })
    }

    fn open(&self, app: &App, given: &Secret) -> Result<Call, LedgerError> {
        auth::mint(Operation::ExchangeCode, app, given)
    }

    fn refresh(&self, app: &App, tokens: &TokenSet) -> Result<Call, LedgerError> {
        auth::mint(Operation::RefreshToken, app, &tokens.refresh)
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

/// Where an address that Amazon gave leads: to its storage by https, or, for a simulator, to the simulator.
fn storage(at: &Endpoint, address: &str) -> Option<(Endpoint, String)> {
    if at.is_test() {
        return Some((at.clone(), at.relative(address)?));
    }
    let url = url::Url::parse(address).ok()?;
    let endpoint = at.sibling(&format!("{}://{}", url.scheme(), url.authority()), STORAGE)?;
    let path = endpoint.relative(address)?;
    Some((endpoint, path))
}

impl Forwarding for Amazon {
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

    fn known(&self, checkpoint: &Checkpoint) -> Option<String> {
        forward::known(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    #[test]
    fn documents_go_to_amazons_own_storage_and_nowhere_else() {
        let there = Endpoint::of_site(&DESCRIPTOR, "de").unwrap();
        let address = "https://tortuga-prod-eu.s3-eu-west-1.amazonaws.com/NinetyDays/amzn1.tortuga.4.eu.x?X-Amz-Date=1&X-Amz-Signature=a%2Fb";
        let (endpoint, path) = storage(&there, address).unwrap();
        assert_eq!(endpoint.url(&path).unwrap().as_str(), address);
        for wrong in [
            "http://tortuga.s3.amazonaws.com/x",
            "https://evilamazonaws.com/x",
            "https://amazonaws.com.evil.test/x",
            "https://user@tortuga.s3.amazonaws.com/x",
            "https://tortuga.s3.amazonaws.com:8443/x",
            "https://sellingpartnerapi-eu.amazon.com/x",
            "http://127.0.0.1:8099/amazon/x",
            "https://169.254.169.254/x",
            "/x",
            "",
        ] {
            assert!(storage(&there, wrong).is_none(), "{wrong}");
        }
        let here = Endpoint::test("http://127.0.0.1:8099/amazon").unwrap();
        assert_eq!(
            storage(&here, "http://127.0.0.1:8099/amazon/u/1?a=b").unwrap(),
            (here.clone(), "/u/1?a=b".to_owned())
        );
        for wrong in ["http://127.0.0.1:8098/amazon/u", address] {
            assert!(storage(&here, wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_access_goes_to_the_api_and_not_to_storage() {
        let there = Endpoint::of_site(&DESCRIPTOR, "de").unwrap();
        let access = Secret::new("Atza|access");
        let signed = Amazon.sign(&there, latest(Operation::Identity), &access).unwrap();
        assert_eq!(signed.headers[0].0, "x-amz-access-token");
        assert!(signed.headers[0].1.is_sensitive() && signed.bearer.is_none());
        let call = reading(REPORT, "https://tortuga.s3.amazonaws.com/r?X-Amz-Signature=a".to_owned());
        let signed = Amazon.sign(&there, call, &access).unwrap();
        assert!(signed.headers.is_empty() && signed.bearer.is_none());
        let error = Amazon.sign(&there, reading(REPORT, "https://evil.test/r".to_owned()), &access).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ForeignHost);
    }

    #[test]
    fn a_rate_of_a_fraction_is_a_time_to_wait() {
        let answer = |status, limit: &'static str| {
            let name = HeaderName::from_static("x-amzn-ratelimit-limit");
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(limit))]);
            Answer { status, headers, body: Vec::new() }
        };
        for (limit, seconds) in
            [("0.0083", Some(121)), ("0.0222", Some(46)), ("2.0", Some(1)), ("0", None), ("x", None)]
        {
            assert_eq!(Amazon.rate(&answer(429, limit)).retry_after, seconds, "{limit}");
            assert_eq!(Amazon.rate(&answer(200, limit)).retry_after, None);
        }
    }
}
