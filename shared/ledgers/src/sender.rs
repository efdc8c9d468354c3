//! The one place that sends anything to a ledger.

use crate::{
    auth::Secret,
    call::{Answer, Body, Call, Effect, Endpoint, Purpose},
    descriptor::Descriptor,
    error::{ErrorCode, ErrorKind, LedgerError},
};
use reqwest::{
    Client, Method, RequestBuilder, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use url::form_urlencoded;

/// How long requests may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For one that reads.
    pub read: Duration,
    /// For one that writes.
    pub write: Duration,
    /// A request is not begun with less time than this left: a write that is cut off costs a look afterwards.
    pub least: Duration,
}

impl Timeouts {
    /// Of a ledger of which nothing else is known.
    pub const USUAL: Self =
        Self { read: Duration::from_secs(30), write: Duration::from_secs(90), least: Duration::from_secs(5) };

    /// Of requests for tokens, at every ledger: two of them are over before anybody else may renew the same tokens.
    const TOKENS: Self =
        Self { read: Duration::from_secs(20), write: Duration::from_secs(20), least: Duration::from_secs(5) };

    /// With how little time left no request is begun by a caller who had so much of it at first. A caller who never had much
    /// would begin none; he may use half of it.
    pub fn least_of(&self, whole: Duration) -> Duration {
        self.least.min(whole / 2)
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Whose time-outs hold for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Those of the ledger.
    Ledger(Timeouts),
    /// Those for tokens.
    Tokens,
}

/// When a caller's time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Then.
    pub at: Instant,
    /// How much time there was when the caller began.
    pub whole: Duration,
}

impl Deadline {
    /// So much time from now on.
    pub fn after(whole: Duration) -> Self {
        Self { at: Instant::now() + whole, whole }
    }

    /// What is left of it.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

/// How long connecting may take, at every ledger.
const CONNECT: Duration = Duration::from_secs(10);

/// The largest answer that is read.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Sends requests: to the ledger's own host only, without following redirects, with a time-out, without repeating
/// anything, and reading no more than [`ANSWER_BYTES_MAX`]. Make one at start-up and share it.
#[derive(Debug, Clone)]
pub struct Sender {
    http: Client,
    /// For every request, whatever the ledger says.
    fixed: Option<Timeouts>,
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client for ledgers")]
pub enum SenderError {
    /// The cipher suites and the versions of TLS do not go together.
    Tls(#[from] rustls::Error),
    /// The client refuses its settings.
    Client(#[from] reqwest::Error),
}

impl Sender {
    /// A sender that gives each ledger the time that its descriptor says.
    pub fn new() -> Result<Self, SenderError> {
        Self::make(None)
    }

    /// A sender that gives every ledger the same time, for tests.
    pub fn with(timeouts: Timeouts) -> Result<Self, SenderError> {
        Self::make(Some(timeouts))
    }

    /// The time that requests to a ledger get.
    pub fn timeouts(&self, descriptor: &Descriptor) -> Timeouts {
        self.fixed.unwrap_or(descriptor.timeouts)
    }

    fn make(fixed: Option<Timeouts>) -> Result<Self, SenderError> {
        let http = Client::builder()
            .user_agent("Ledgerpost")
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(fixed.map_or(CONNECT, |timeouts| timeouts.read.min(CONNECT)))
            .tls_backend_preconfigured(public_tls()?)
            .build()?;
        Ok(Self { http, fixed })
    }

    /// Sends one request. `deadline` is when the caller's own time is up.
    pub(crate) async fn send(
        &self,
        endpoint: &Endpoint,
        call: Call,
        access: Option<&Secret>,
        extra: &[(HeaderName, HeaderValue)],
        (patience, deadline): (Patience, Deadline),
    ) -> Result<Answer, LedgerError> {
        let purpose = call.purpose;
        let timeouts = self.fixed.unwrap_or(match patience {
            Patience::Ledger(timeouts) => timeouts,
            Patience::Tokens => Timeouts::TOKENS,
        });
        let left = deadline.left();
        if left < timeouts.least_of(deadline.whole) {
            return Err(LedgerError::retryable(
                Some(Duration::ZERO),
                ErrorCode::OutOfTime,
                purpose.operation,
                "There was no time left for another request in this turn; the next turn goes on from here.",
            ));
        }
        let url = endpoint.url(&call.path).ok_or_else(|| {
            let message = "A request would have gone to a host that is not the ledger's. Nothing was sent.";
            LedgerError::new(ErrorKind::Bug, ErrorCode::ForeignHost, purpose.operation, message)
        })?;
        let timeout = match purpose.effect {
            Effect::Reads => timeouts.read,
            Effect::Writes => timeouts.write,
        };
        let method = match call.body {
            Body::Nothing => Method::GET,
            Body::Put { .. } => Method::PUT,
            Body::Json(_) | Body::Form(_) | Body::FormWith(..) | Body::Soap { .. } => Method::POST,
        };
        let mut request = self.http.request(method, url).timeout(timeout.min(left));
        let accept = match call.body {
            Body::Nothing | Body::Json(_) | Body::Form(_) | Body::FormWith(..) | Body::Put { .. } => "application/json",
            Body::Soap { .. } => "text/xml",
        };
        request = request.header(ACCEPT, HeaderValue::from_static(accept));
        for (name, value) in extra {
            request = request.header(name, value);
        }
        if let Some(access) = access {
            request = request.bearer_auth(access.expose());
        }
        request = match call.body {
            Body::Nothing => request,
            Body::Json(bytes) => request.header(CONTENT_TYPE, "application/json").body(bytes),
            Body::Form(fields) => form(request, &fields),
            Body::FormWith(authorization, fields) => {
                form(request.header(AUTHORIZATION, authorization.expose()), &fields)
            }
            Body::Put { content_type, bytes } => request.header(CONTENT_TYPE, content_type).body(bytes),
            Body::Soap { action, envelope } => request
                .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                .header("SOAPAction", format!("\"{action}\""))
                .body(envelope),
        };
        let begun = Instant::now();
        let outcome = receive(request).await;
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (operation, resource) = (purpose.operation.as_str(), purpose.resource);
        match outcome {
            Ok(answer) => {
                tracing::info!(operation, resource, status = answer.status, milliseconds, "ledger answered");
                Ok(answer)
            }
            Err(failure) => {
                let error = failure.judge(purpose);
                tracing::warn!(
                    operation,
                    resource,
                    code = error.code().as_str(),
                    milliseconds,
                    "ledger did not answer"
                );
                Err(error)
            }
        }
    }
}

/// TLS for public sites. The roots are those that Mozilla trusts, compiled in as they are used: reading the system's takes
/// longer than all else that a function does before its first event.
fn public_tls() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn form<N: AsRef<str>>(request: RequestBuilder, fields: &[(N, Secret)]) -> RequestBuilder {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.iter().map(|(name, value)| (name.as_ref(), value.expose())))
        .finish();
    request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
}

async fn receive(request: RequestBuilder) -> Result<Answer, Failure> {
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let headers: HeaderMap = std::mem::take(response.headers_mut());
    let body = read(response).await?;
    Ok(Answer { status, headers, body })
}

async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// No connection came about: nothing was sent.
    NotSent,
    /// The connection broke after the request was begun.
    Broken,
    /// Time ran out after the request was begun.
    TimedOut,
    /// The answer is larger than any that is expected.
    TooLarge,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // A time-out while connecting is both, and nothing was sent then.
        if error.is_connect() {
            Self::NotSent
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken
        }
    }
}

impl Failure {
    /// Without an answer, a request that reads may be repeated; one that writes may have been carried out.
    fn judge(self, purpose: Purpose) -> LedgerError {
        let Purpose { operation, effect, .. } = purpose;
        let (code, what) = match self {
            Self::NotSent => (ErrorCode::Unreachable, "The ledger could not be reached."),
            Self::Broken => (ErrorCode::Unreachable, "The connection to the ledger broke."),
            Self::TimedOut => (ErrorCode::TimedOut, "The ledger did not answer in time."),
            Self::TooLarge => (ErrorCode::MalformedAnswer, "The ledger's answer was too large to be read."),
        };
        let nothing_happened = self == Self::NotSent || effect == Effect::Reads;
        if nothing_happened {
            LedgerError::retryable(None, code, operation, format!("{what} It is tried again by itself."))
        } else {
            LedgerError::new(
                ErrorKind::Unknown,
                code,
                operation,
                format!("{what} Whether it did what was asked is looked up before anything is sent again."),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Operation;

    #[test]
    fn a_ledger_behind_somebodys_own_server_gets_more_time() {
        let sender = Sender::new().unwrap();
        let of = |descriptor| {
            let Timeouts { read, write, .. } = sender.timeouts(descriptor);
            (read.as_secs(), write.as_secs())
        };
        assert_eq!(of(&crate::exact::DESCRIPTOR), (30, 90));
        assert_eq!(of(&crate::accountview::DESCRIPTOR), (60, 180));
        assert_eq!(of(&crate::multivers::DESCRIPTOR), (30, 120));
        assert_eq!(of(&crate::twinfield::DESCRIPTOR), (30, 60));
        for ledger in crate::catalogue() {
            let Timeouts { read, write, least } = ledger.timeouts;
            assert!(read <= write && least <= write, "{}", ledger.name);
            assert!(ledger.settle >= write, "{}: it may still be on its way", ledger.name);
        }
        let tokens = Timeouts::TOKENS;
        assert!(tokens.read + tokens.write < Duration::from_secs(45), "before anybody else may renew");
        let fixed = Timeouts { read: Duration::from_secs(1), ..Timeouts::USUAL };
        assert_eq!(Sender::with(fixed).unwrap().timeouts(&crate::accountview::DESCRIPTOR), fixed);
    }

    #[test]
    fn a_request_is_not_begun_with_too_little_time_left_but_with_half_of_little_time() {
        let slow = crate::accountview::DESCRIPTOR.timeouts;
        let seconds = |seconds| Duration::from_secs(seconds);
        assert_eq!(slow.least_of(seconds(300)), seconds(60));
        assert_eq!(slow.least_of(seconds(30)), seconds(15));
        assert_eq!(Timeouts::USUAL.least_of(seconds(120)), seconds(5));
    }

    #[tokio::test]
    async fn what_is_left_of_a_turn_is_held_against_the_ledgers_own_time() {
        let sender = Sender::new().unwrap();
        let endpoint = Endpoint::test("http://127.0.0.1:9").unwrap();
        let slow = crate::accountview::DESCRIPTOR.timeouts;
        let send = async |timeouts, left| {
            let purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "entries" };
            let call = Call { purpose, path: "/x".to_owned(), body: Body::Json(b"{}".to_vec()) };
            let deadline = Deadline { whole: Duration::from_mins(5), ..Deadline::after(Duration::from_secs(left)) };
            sender.send(&endpoint, call, None, &[], (timeouts, deadline)).await.unwrap_err().code()
        };
        assert_eq!(send(Patience::Ledger(slow), 50).await, ErrorCode::OutOfTime);
        assert_eq!(send(Patience::Ledger(slow), 70).await, ErrorCode::Unreachable, "begun");
        assert_eq!(send(Patience::Ledger(Timeouts::USUAL), 50).await, ErrorCode::Unreachable, "begun");
        assert_eq!(send(Patience::Ledger(Timeouts::USUAL), 4).await, ErrorCode::OutOfTime);
        assert_eq!(send(Patience::Tokens, 50).await, ErrorCode::Unreachable, "begun");
    }

    #[test]
    fn what_a_missing_answer_means_depends_on_the_request() {
        for (failure, effect, repeat) in [
            (Failure::NotSent, Effect::Writes, true),
            (Failure::NotSent, Effect::Reads, true),
            (Failure::TimedOut, Effect::Reads, true),
            (Failure::TimedOut, Effect::Writes, false),
            (Failure::Broken, Effect::Writes, false),
            (Failure::TooLarge, Effect::Writes, false),
        ] {
            let purpose = Purpose { operation: Operation::CreateBooking, effect, resource: "entries" };
            let kind = failure.judge(purpose).kind();
            let expected = if repeat { ErrorKind::Retryable { after: None } } else { ErrorKind::Unknown };
            assert_eq!(kind, expected, "{failure:?} {effect:?}");
        }
    }
}
