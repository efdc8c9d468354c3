//! The simulator as a whole: state, clock, faults and a server, in this process.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, StatusCode};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::auth::{self, Tokens};
use super::books::{Direction, Entry};
use super::guid::Guid;
use super::report::{Balances, Booking, balances, bookings};
use super::state::{Settings, State};
use super::{api, control, limits, seed, view};
use crate::clock::{self, Clock};
use crate::control::Preset;
use crate::faults::Faults;
use crate::persist::{Keeper, Snapshot};
use crate::program::{self, Mounted, Setup};
use crate::requests::Requests;
use crate::server::{self, Answer, Ledger, Request, Server, Surroundings};

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on the loopback interface; 0 takes a free one.
    pub port: u16,
    /// Where the state is kept. A state found there takes the place of `seed`.
    pub state_file: Option<PathBuf>,
    /// What it holds at first.
    pub seed: State,
    /// Its clock.
    pub clock: Clock,
    /// Another limit of calls in a minute, also on a state found in the file.
    pub calls_per_minute: Option<u32>,
    /// Another limit of calls in a day, also on a state found in the file.
    pub calls_per_day: Option<u32>,
}

impl Options {
    /// The demo seed on a free port with the system's time, not kept.
    pub fn demo() -> Self {
        Self::with(seed::demo())
    }

    /// A seed on a free port with the system's time, not kept.
    pub fn with(seed: State) -> Self {
        let clock = Clock::system();
        Self { port: 0, state_file: None, seed, clock, calls_per_minute: None, calls_per_day: None }
    }

    /// The same with a clock of the test's own.
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = clock.clone();
        self
    }

    /// The same without limits that a burst of calls would reach.
    #[must_use]
    pub fn unlimited(mut self) -> Self {
        (self.calls_per_minute, self.calls_per_day) = (Some(u32::MAX), Some(u32::MAX));
        self
    }
}

/// What is in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    ledger: String,
    clock: clock::Setting,
    state: State,
}

/// State and surroundings, as the server sees them.
pub(crate) struct Core {
    pub(crate) state: Mutex<State>,
    pub(crate) around: Surroundings,
    changed: Arc<Notify>,
}

impl Core {
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let result = work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
        result
    }

    fn snapshot(&self) -> io::Result<Vec<u8>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kept = Kept { ledger: "exact".to_owned(), clock: self.around.clock.setting(), state };
        Ok(serde_json::to_vec(&kept)?)
    }
}

impl Ledger for Core {
    fn answer(&self, request: &Request) -> Answer {
        let now = self.around.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = route(&mut state, now, request);
        // Reading only moves counters; that is not worth a write.
        if request.method != Method::GET || request.path.starts_with("/api/oauth2/") {
            self.changed.notify_one();
        }
        answer
    }

    fn expire_token(&self, request: &Request) {
        let now = self.around.clock.now();
        self.change(|state| {
            let token = request.bearer().and_then(|token| state.access_tokens.get_mut(&token.to_owned()));
            if let Some(token) = token {
                token.expires = now;
            }
        });
    }

    fn control(&self, request: &Request) -> Answer {
        control::answer(self, request)
    }
}

fn route(state: &mut State, now: chrono::DateTime<chrono::Utc>, request: &Request) -> Answer {
    match (request.path.as_str(), &request.method) {
        ("/api/oauth2/auth", &Method::GET) => auth::authorize(state, now, request),
        ("/api/oauth2/token", &Method::POST) => auth::token(state, now, request).unwrap_or_else(|(app, answer)| {
            if let Some(app) = app {
                limits::count_error(state, now, &app, Guid::default(), 0, "oauth2/token");
            }
            answer
        }),
        (path, _) if path.starts_with("/api/v1/") => api::call(state, now, request),
        ("/docs/DocView.aspx", &Method::GET) => view::document(state, request),
        ("/docs/SysAttachment.aspx", &Method::GET) => api::download(state, now, request),
        _ => Answer::html(StatusCode::NOT_FOUND, "<html><body><h1>404 - Not Found</h1></body></html>".to_owned()),
    }
}

/// Starts simulators.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

impl Simulator {
    /// Starts one. Fails when the port is taken or the file can't be read.
    pub async fn start(options: Options) -> io::Result<Handle> {
        let port = options.port;
        let (core, keeper) = Self::open(options)?;
        let server = Server::start(port, Arc::clone(&core), core.around.clone()).await?;
        Ok(Handle { base_url: format!("http://{}", server.address()), server, keeper, core })
    }

    fn open(options: Options) -> io::Result<(Arc<Core>, Option<Keeper>)> {
        let mut state = options.seed;
        if let Some(path) = options.state_file.as_ref().filter(|path| path.exists()) {
            let kept: Kept = serde_json::from_slice(&std::fs::read(path)?)?;
            state = kept.state;
            options.clock.restore(kept.clock);
        }
        if state.instance == 0 {
            state.instance = RandomState::new().hash_one(0);
        }
        let Settings { calls_per_minute, calls_per_day, .. } = &mut state.settings;
        *calls_per_minute = options.calls_per_minute.unwrap_or(*calls_per_minute);
        *calls_per_day = options.calls_per_day.unwrap_or(*calls_per_day);
        let around = Surroundings { clock: options.clock, ..Surroundings::default() };
        let changed = Arc::new(Notify::new());
        let core = Arc::new(Core { state: Mutex::new(state), around, changed: Arc::clone(&changed) });
        let keeper = options.state_file.map(|path| {
            let source = Arc::clone(&core);
            let snapshot: Snapshot = Arc::new(move || source.snapshot());
            Keeper::start(path, changed, snapshot)
        });
        Ok((core, keeper))
    }
}

/// Puts the simulator into the program of all of them.
pub(crate) fn mount(setup: &Setup) -> io::Result<Mounted> {
    const SYSTEM: &str = "exact-online";
    let options = Options {
        state_file: setup.state_file(SYSTEM),
        calls_per_minute: setup.calls_per_minute,
        calls_per_day: setup.calls_per_day,
        ..Options::with(match setup.seed {
            Preset::Demo => seed::demo(),
            Preset::Empty => State::default(),
        })
    };
    let (core, keeper) = Simulator::open(options)?;
    let around = core.around.clone();
    let router = server::router(program::path(SYSTEM), core, around);
    Ok(Mounted { system: SYSTEM, title: "Exact Online", router, keeper, listener: None })
}

/// A running simulator. It stops when this is dropped; [`stop`](Self::stop) also keeps its state.
pub struct Handle {
    base_url: String,
    server: Server,
    keeper: Option<Keeper>,
    core: Arc<Core>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Handle {
    /// `http://127.0.0.1:port`
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Looks at the state.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.core.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state.
    pub fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        self.core.change(work)
    }

    /// The faults.
    pub fn faults(&self) -> &Faults {
        &self.core.around.faults
    }

    /// The log of requests.
    pub fn requests(&self) -> &Requests {
        &self.core.around.requests
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.core.around.clock
    }

    /// Tokens for an app and a user without the way through a browser. Kills those they had.
    pub fn connect(&self, app: &str, user: Guid) -> Tokens {
        let now = self.clock().now();
        self.change(|state| auth::connect(state, now, app, user))
    }

    /// What stands on the ledger accounts and with the relations of an administration.
    pub fn balances(&self, division: i32) -> Balances {
        self.read(|state| state.division(division).map(balances).unwrap_or_default())
    }

    /// What stands on a ledger account; debit is positive.
    pub fn balance(&self, division: i32, gl_account: &str) -> Decimal {
        self.balances(division).ledger_account(gl_account)
    }

    /// The entries of an administration, oldest first.
    pub fn entries(&self, division: i32, direction: Direction) -> Vec<Entry> {
        self.read(|state| {
            state.division(division).map(|books| books.entries_of(direction).cloned().collect()).unwrap_or_default()
        })
    }

    /// The entries of an administration with everything around them, oldest first.
    pub fn bookings(&self, division: i32) -> Vec<Booking> {
        self.read(|state| state.division(division).map(bookings).unwrap_or_default())
    }

    /// Stops, and keeps the state when a file was given.
    pub async fn stop(self) -> io::Result<()> {
        self.server.stop().await;
        self.keeper.as_ref().map_or(Ok(()), Keeper::finish)
    }
}
