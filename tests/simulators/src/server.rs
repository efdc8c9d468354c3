//! The HTTP side that all simulators share: reads a request whole, logs it, lets a fault have its way, and asks the
//! ledger, which is a plain function of its state.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use http_body::Frame;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::connection::{Gate, Line};
use crate::faults::{Effect, Faults, Stored};
use crate::json::Node;
use crate::limit::Limit;
use crate::requests::{Logged, Requests};

/// Larger bodies are not read at all; each ledger has a lower limit of its own.
const BODY_LIMIT: usize = 48 * 1024 * 1024;
/// A client that does not give up is let go after this long.
const LONGEST_HANG: Duration = Duration::from_mins(5);
/// Frames of a body that trickles.
const TRICKLES: usize = 10;

/// A request, read whole.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Under which path the ledger stands, such as `/exact-online`; empty when it has the address to itself.
    pub mount: String,
    /// The path under that, still percent-encoded.
    pub path: String,
    /// The query, still encoded.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// How many other requests of the same caller were open when it arrived.
    pub open: usize,
}

impl Request {
    /// A header as text; `None` when absent or not readable.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The address of the ledger, as the client sees it.
    pub fn base(&self) -> String {
        format!("http://{}{}", self.header("host").unwrap_or("localhost"), self.mount)
    }

    /// The bearer token.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    }

    /// The decoded parameters of the query, in order.
    pub fn parameters(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A status without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// A body of a type.
    pub fn of(status: StatusCode, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self { status, headers: HeaderMap::new(), body: body.into() };
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer
    }

    /// JSON.
    pub fn json(status: StatusCode, body: &Node) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.render())
    }

    /// A page for people.
    pub fn html(status: StatusCode, body: String) -> Self {
        Self::of(status, "text/html; charset=utf-8", body)
    }

    /// Adds a header; one that HTTP can't carry is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// What a ledger's simulator is to the server.
pub trait Ledger: Send + Sync + 'static {
    /// Does what a request asks, at once and whole, and answers.
    fn answer(&self, request: &Request) -> Answer;

    /// Makes the access token of a request expire.
    fn expire_token(&self, request: &Request);

    /// Who makes a request: open ones are counted by caller. All are one where nobody says.
    fn caller(&self, _request: &Request) -> String {
        String::new()
    }

    /// Under which path faults and the log know a request: that of the request, unless all calls share one.
    fn route(&self, request: &Request) -> String {
        request.path.clone()
    }

    /// Answers the page `/` and what is under `/_sim` or another path that begins with `_`; faults and the log do not touch it.
    fn control(&self, request: &Request) -> Answer;
}

/// What is around the ledger.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The clock.
    pub clock: Clock,
    /// The faults.
    pub faults: Faults,
    /// The log of requests.
    pub requests: Requests,
    /// How many requests are taken.
    pub limit: Limit,
}

struct Shared<L> {
    mount: &'static str,
    ledger: Arc<L>,
    around: Surroundings,
    open: Open,
}

/// Requests that are not answered yet, by caller.
#[derive(Debug, Clone, Default)]
struct Open(Arc<Mutex<BTreeMap<String, usize>>>);

impl Open {
    /// Counts a request of a caller until what is returned is dropped; also says how many there were before.
    fn enter(&self, caller: String) -> (usize, Entered) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(caller.clone()).or_default();
        let before = *count;
        *count += 1;
        (before, Entered { open: self.clone(), caller })
    }
}

/// A request that is counted as open.
struct Entered {
    open: Open,
    caller: String,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.caller) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.caller);
            }
        }
    }
}

impl<L> Clone for Shared<L> {
    fn clone(&self) -> Self {
        let (ledger, around, open) = (Arc::clone(&self.ledger), self.around.clone(), self.open.clone());
        Self { mount: self.mount, ledger, around, open }
    }
}

/// What answers for a ledger that stands under a path.
pub fn router<L: Ledger>(mount: &'static str, ledger: Arc<L>, around: Surroundings) -> Router {
    Router::new().fallback(receive::<L>).with_state(Shared { mount, ledger, around, open: Open::default() })
}

/// A listening server; it stops when this is dropped.
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Listens on the loopback interface for one ledger; port 0 takes a free one.
    pub async fn start<L: Ledger>(port: u16, ledger: Arc<L>, around: Surroundings) -> std::io::Result<Self> {
        Self::serve(port, router("", ledger, around)).await
    }

    /// Listens on the loopback interface; port 0 takes a free one.
    pub async fn serve(port: u16, router: Router) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let service = router.into_make_service_with_connect_info::<Line>();
        let (stop, mut stopped) = watch::channel(());
        let task = tokio::spawn(async move {
            let ended = async move {
                // An error means that the sender was dropped, which ends the server as well.
                let _ = stopped.changed().await;
            };
            // Serving has no error of its own: the listener tries again by itself.
            let _ = axum::serve(Gate(listener), service).with_graceful_shutdown(ended).await;
        });
        Ok(Self { address, stop, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening and gives open requests a moment to end; those that hang are cut off.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        if tokio::time::timeout(Duration::from_millis(300), &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

async fn receive<L: Ledger>(
    State(shared): State<Shared<L>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let request::Parts { method, uri, headers, .. } = parts;
    let body = match axum::body::to_bytes(body, BODY_LIMIT).await {
        Ok(bytes) => bytes.to_vec(),
        Err(_) => return Answer::empty(StatusCode::PAYLOAD_TOO_LARGE).into_response(),
    };
    let query = uri.query().unwrap_or_default().to_owned();
    let path = uri.path().to_owned();
    let mut request = Request { method, mount: shared.mount.to_owned(), path, query, headers, body, open: 0 };
    let is_page = request.path == "/" && request.method == Method::GET;
    if is_page || request.path.starts_with("/_") {
        return shared.ledger.control(&request).into_response();
    }
    let (before, _entered) = shared.open.enter(shared.ledger.caller(&request));
    request.open = before;
    let route = shared.ledger.route(&request);
    let effect = shared.around.faults.take(request.method.as_str(), &route);
    let number = shared.around.requests.arrived(Logged {
        number: 0,
        at: shared.around.clock.now(),
        method: request.method.to_string(),
        path: route,
        query: request.query.clone(),
        bytes: request.body.len(),
        status: None,
        fault: effect.clone(),
    });
    let takes = shared.around.limit.takes(shared.around.clock.now());
    let response = match effect {
        _ if !takes => Answer::empty(StatusCode::TOO_MANY_REQUESTS).into_response(),
        None => shared.ledger.answer(&request).into_response(),
        Some(effect) => fail(&shared, &line, request, effect).await,
    };
    shared.around.requests.answered(number, response.status().as_u16());
    response
}

/// Carries a fault out.
async fn fail<L: Ledger>(shared: &Shared<L>, line: &Line, request: Request, effect: Effect) -> Response {
    let carry_out = |stored: Stored| match stored {
        Stored::Yes => drop(shared.ledger.answer(&request)),
        Stored::No => {}
    };
    match effect {
        Effect::Hang { stored } => {
            carry_out(stored);
            never(line).await
        }
        Effect::StoreLate { after_ms } => {
            let ledger = Arc::clone(&shared.ledger);
            let work = Box::new(move || drop(ledger.answer(&request)));
            // Dropped with this future: when the client gives up, or after the longest hang.
            let _late = Late { work: Some(work), after: Duration::from_millis(after_ms) };
            never(line).await
        }
        Effect::Reset { stored } => {
            carry_out(stored);
            line.reset();
            Answer::empty(StatusCode::OK).into_response()
        }
        Effect::Drop { stored } => {
            carry_out(stored);
            line.close();
            Answer::empty(StatusCode::OK).into_response()
        }
        Effect::Answer { status, headers, body, stored } => {
            carry_out(stored);
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let answer = Answer { status, headers: HeaderMap::new(), body: body.into_bytes() };
            headers.iter().fold(answer, |answer, (name, value)| answer.with(name, value)).into_response()
        }
        Effect::EmptyBody => {
            let mut answer = shared.ledger.answer(&request);
            answer.body.clear();
            answer.into_response()
        }
        Effect::Malformed => {
            let mut answer = shared.ledger.answer(&request);
            answer.body.truncate(answer.body.len() / 2);
            answer.into_response()
        }
        Effect::SlowBody { over_ms } => {
            let answer = shared.ledger.answer(&request);
            let mut response = Response::new(Body::new(Trickle::new(answer.body, Duration::from_millis(over_ms))));
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            response
        }
        Effect::Delay { by_ms } => {
            let answer = shared.ledger.answer(&request);
            tokio::time::sleep(Duration::from_millis(by_ms)).await;
            answer.into_response()
        }
        Effect::TokenExpired => {
            shared.ledger.expire_token(&request);
            shared.ledger.answer(&request).into_response()
        }
    }
}

/// Waits for the client to give up, which drops the future; closes the connection on one that does not.
async fn never(line: &Line) -> Response {
    tokio::time::sleep(LONGEST_HANG).await;
    line.close();
    Answer::empty(StatusCode::OK).into_response()
}

/// Work that is done some time after this is dropped.
struct Late {
    work: Option<Box<dyn FnOnce() + Send>>,
    after: Duration,
}

impl Drop for Late {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.work.take(), tokio::runtime::Handle::try_current()) {
            let after = self.after;
            runtime.spawn(async move {
                tokio::time::sleep(after).await;
                work();
            });
        }
    }
}

/// A body that comes in pieces, evenly over a time.
struct Trickle {
    rest: Vec<u8>,
    piece: usize,
    pause: Duration,
    sleep: Pin<Box<tokio::time::Sleep>>,
}

impl Trickle {
    fn new(body: Vec<u8>, over: Duration) -> Self {
        let pause = over / u32::try_from(TRICKLES).unwrap_or(1);
        let piece = body.len().div_ceil(TRICKLES).max(1);
        Self { rest: body, piece, pause, sleep: Box::pin(tokio::time::sleep(pause)) }
    }
}

impl http_body::Body for Trickle {
    type Data = axum::body::Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let length = self.piece.min(self.rest.len());
        let later = self.rest.split_off(length);
        let now = std::mem::replace(&mut self.rest, later);
        self.sleep = Box::pin(tokio::time::sleep(self.pause));
        Poll::Ready(Some(Ok(Frame::data(now.into()))))
    }
}
