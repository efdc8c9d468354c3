//! The one place that sends anything to a ledger.

use crate::{
    auth::Secret,
    call::{Answer, Body, Call, Effect, Endpoint, Purpose},
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

impl Default for Timeouts {
    fn default() -> Self {
        Self { read: Duration::from_secs(30), write: Duration::from_secs(90), least: Duration::from_secs(5) }
    }
}

/// The largest answer that is read.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Sends requests: to the ledger's own host only, without following redirects, with a time-out, without repeating
/// anything, and reading no more than [`ANSWER_BYTES_MAX`]. Make one at start-up and share it.
#[derive(Debug, Clone)]
pub struct Sender {
    http: Client,
    timeouts: Timeouts,
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
    /// A sender with these time-outs.
    pub fn new(timeouts: Timeouts) -> Result<Self, SenderError> {
        let http = Client::builder()
            .user_agent("Ledgerpost")
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(timeouts.read.min(Duration::from_secs(10)))
            .tls_backend_preconfigured(public_tls()?)
            .build()?;
        Ok(Self { http, timeouts })
    }

    /// Sends one request. `deadline` is when the caller's own time is up.
    pub(crate) async fn send(
        &self,
        endpoint: &Endpoint,
        call: Call,
        access: Option<&Secret>,
        extra: &[(HeaderName, HeaderValue)],
        deadline: Instant,
    ) -> Result<Answer, LedgerError> {
        let purpose = call.purpose;
        let left = deadline.saturating_duration_since(Instant::now());
        if left < self.timeouts.least {
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
            Effect::Reads => self.timeouts.read,
            Effect::Writes => self.timeouts.write,
        };
        let method = match call.body {
            Body::Nothing => Method::GET,
            Body::Json(_) | Body::Form(_) | Body::FormWith(..) | Body::Soap { .. } => Method::POST,
        };
        let mut request = self.http.request(method, url).timeout(timeout.min(left));
        let accept = match call.body {
            Body::Nothing | Body::Json(_) | Body::Form(_) | Body::FormWith(..) => "application/json",
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

fn form(request: RequestBuilder, fields: &[(&'static str, Secret)]) -> RequestBuilder {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.iter().map(|(name, value)| (name, value.expose())))
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
