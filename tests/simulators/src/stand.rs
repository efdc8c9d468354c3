//! What a simulator is built around: books that answer requests, and beside them a clock, faults, a log, a server and a
//! file in which the books are kept.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::snelstart::{Snelstart, seed};
//! use simulators::stand::Options;
//! use simulators::faults::{Effect, Fault, Stored};
//!
//! let snelstart = Options::<Snelstart>::demo().start().await?;
//! snelstart.faults().add(Fault::on("POST", "inkoopboekingen", Effect::hang(Stored::Yes)));
//! // ... a client works with snelstart.base_url() and seed::CLIENT_KEY ...
//! assert_eq!(snelstart.requests().count("POST", "inkoopboekingen"), 1);
//! # Ok(())
//! # }
//! ```

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::clock::{self, Clock};
use crate::control::{self, Preset, Reset};
use crate::faults::Faults;
use crate::limit::Limit;
use crate::persist::{Keeper, Snapshot};
use crate::program::{self, Mounted, Setup};
use crate::requests::Requests;
use crate::server::{self, Answer, Ledger, Request, Server, Surroundings};

/// What is in a simulator, and what it does with a request: all that a new one has to bring.
pub trait Books: Clone + Default + Send + Serialize + DeserializeOwned + 'static {
    /// Name of the system, as Ledgerpost knows it.
    const SYSTEM: &'static str;
    /// Name for people.
    const TITLE: &'static str;

    /// The books of the demo.
    fn demo() -> Self;

    /// Does what a request asks, at once and whole, and answers.
    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer;

    /// Makes the access token of a request expire.
    fn expire_token(&mut self, now: DateTime<Utc>, request: &Request);

    /// Who makes a request: [`Request::open`] counts the open ones of one caller. All are one where nobody says.
    fn caller(_request: &Request) -> String {
        String::new()
    }

    /// Under which path faults and the log know a request: that of the request, unless all calls share one.
    fn route(request: &Request) -> String {
        request.path.clone()
    }

    /// The page that shows what was booked.
    fn page(&self) -> String;

    /// How many bookings have this invoice number, in whatever set of books.
    fn booked(&self, number: &str) -> usize;

    /// Answers a control that only these books have, by the first segment of its path; `None` when there is no such.
    fn control(&mut self, request: &Request, first: &str) -> Option<Answer>;
}

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Options<B> {
    /// The port on the loopback interface; 0 takes a free one.
    pub port: u16,
    /// Where the books are kept. Books found there take the place of `books`.
    pub state_file: Option<PathBuf>,
    /// What it holds at first.
    pub books: B,
    /// Its clock.
    pub clock: Clock,
}

/// What is in the file.
#[derive(Serialize, Deserialize)]
struct Kept<B> {
    ledger: String,
    clock: clock::Setting,
    books: B,
}

struct Core<B> {
    books: Mutex<B>,
    around: Surroundings,
    changed: Arc<Notify>,
}

impl<B: Books> Core<B> {
    fn read<T>(&self, look: impl FnOnce(&B) -> T) -> T {
        look(&self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, work: impl FnOnce(&mut B) -> T) -> T {
        let result = work(&mut self.books.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
        result
    }

    fn snapshot(&self) -> io::Result<Vec<u8>> {
        let books = self.read(Clone::clone);
        let kept = Kept { ledger: B::SYSTEM.to_owned(), clock: self.around.clock.setting(), books };
        Ok(serde_json::to_vec(&kept)?)
    }
}

impl<B: Books> Ledger for Core<B> {
    fn answer(&self, request: &Request) -> Answer {
        let now = self.around.clock.now();
        let answer = self.books.lock().unwrap_or_else(PoisonError::into_inner).answer(now, request);
        // Reading only moves counters; that is not worth a write.
        if request.method != Method::GET {
            self.changed.notify_one();
        }
        answer
    }

    fn expire_token(&self, request: &Request) {
        let now = self.around.clock.now();
        self.change(|books| books.expire_token(now, request));
    }

    fn caller(&self, request: &Request) -> String {
        B::caller(request)
    }

    fn route(&self, request: &Request) -> String {
        B::route(request)
    }

    fn control(&self, request: &Request) -> Answer {
        if let Some(answer) = control::answer(&self.around, request, || self.changed.notify_one()) {
            return answer;
        }
        let (first, rest) = control::path(request);
        match (&request.method, first, rest) {
            (&Method::GET, "", None) => Answer::html(StatusCode::OK, self.read(B::page)),
            (&Method::GET, "state", None) => {
                self.read(|books| control::json(StatusCode::OK, books)).unwrap_or_else(|refused| refused)
            }
            (&Method::GET, "booked", None) => {
                let asked = request.parameters().into_iter().find(|(name, _)| name == "number");
                let number = asked.map(|(_, number)| number).unwrap_or_default();
                let bookings = self.read(|books| books.booked(&number));
                control::json(StatusCode::OK, &serde_json::json!({ "bookings": bookings }))
                    .unwrap_or_else(|refused| refused)
            }
            (&Method::POST, "reset", None) => match control::body::<Reset>(request) {
                Ok(Reset { seed }) => {
                    self.change(|books| {
                        *books = match seed {
                            Preset::Demo => B::demo(),
                            Preset::Empty => B::default(),
                        }
                    });
                    Answer::empty(StatusCode::NO_CONTENT)
                }
                Err(refused) => refused,
            },
            _ => self
                .change(|books| books.control(request, first))
                .unwrap_or_else(|| control::wrong(StatusCode::NOT_FOUND, "no such control")),
        }
    }
}

impl<B: Books> Options<B> {
    /// The demo's books on a free port with the system's time, not kept.
    pub fn demo() -> Self {
        Self { port: 0, state_file: None, books: B::demo(), clock: Clock::system() }
    }

    /// The same with a clock of the test's own.
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = clock.clone();
        self
    }

    /// Starts one that has its address to itself. Fails when the port is taken or the file can't be read.
    pub async fn start(self) -> io::Result<Handle<B>> {
        let port = self.port;
        let (core, keeper) = self.open()?;
        let server = Server::start(port, Arc::clone(&core), core.around.clone()).await?;
        Ok(Handle { base_url: format!("http://{}", server.address()), server, keeper, core })
    }

    fn open(self) -> io::Result<(Arc<Core<B>>, Option<Keeper>)> {
        let mut books = self.books;
        if let Some(path) = self.state_file.as_ref().filter(|path| path.exists()) {
            let kept: Kept<B> = serde_json::from_slice(&std::fs::read(path)?)?;
            books = kept.books;
            self.clock.restore(kept.clock);
        }
        let around = Surroundings { clock: self.clock, ..Surroundings::default() };
        let changed = Arc::new(Notify::new());
        let core = Arc::new(Core { books: Mutex::new(books), around, changed: Arc::clone(&changed) });
        let keeper = self.state_file.map(|path| {
            let source = Arc::clone(&core);
            let snapshot: Snapshot = Arc::new(move || source.snapshot());
            Keeper::start(path, changed, snapshot)
        });
        Ok((core, keeper))
    }
}

/// Puts a simulator into the program of all of them, under the name of its system.
pub fn mount<B: Books>(setup: &Setup) -> io::Result<Mounted> {
    mount_open::<B>(setup).map(|(mounted, _)| mounted)
}

/// The same, and the way into its books for what does not come as a request.
pub(crate) fn mount_open<B: Books>(setup: &Setup) -> io::Result<(Mounted, Door<B>)> {
    let books = match setup.seed {
        Preset::Demo => B::demo(),
        Preset::Empty => B::default(),
    };
    let options = Options { port: 0, state_file: setup.state_file(B::SYSTEM), books, clock: Clock::system() };
    let (core, keeper) = options.open()?;
    let around = core.around.clone();
    let door = Door(Arc::clone(&core));
    let mounted = Mounted {
        system: B::SYSTEM,
        title: B::TITLE,
        router: server::router(program::path(B::SYSTEM), core, around),
        keeper,
        listener: None,
    };
    Ok((mounted, door))
}

/// The way into the books of a simulator that runs.
pub(crate) struct Door<B>(Arc<Core<B>>);

impl<B: Books> Door<B> {
    /// Changes the books; what is done is told the time.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut B, DateTime<Utc>) -> T) -> T {
        let now = self.0.around.clock.now();
        self.0.change(|books| work(books, now))
    }
}

/// A running simulator. It stops when this is dropped; [`stop`](Self::stop) also keeps its books.
pub struct Handle<B> {
    base_url: String,
    server: Server,
    keeper: Option<Keeper>,
    core: Arc<Core<B>>,
}

impl<B> fmt::Debug for Handle<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl<B: Books> Handle<B> {
    /// `http://127.0.0.1:port`
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Looks at the books.
    pub fn read<T>(&self, look: impl FnOnce(&B) -> T) -> T {
        self.core.read(look)
    }

    /// Changes the books.
    pub fn change<T>(&self, work: impl FnOnce(&mut B) -> T) -> T {
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

    /// How many requests it takes.
    pub fn limit(&self) -> &Limit {
        &self.core.around.limit
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.core.around.clock
    }

    /// Stops, and keeps the books when a file was given.
    pub async fn stop(self) -> io::Result<()> {
        self.server.stop().await;
        self.keeper.as_ref().map_or(Ok(()), Keeper::finish)
    }
}
