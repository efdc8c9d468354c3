//! A model of the caller: it keeps checkpoints, renews tokens, waits, and begins again, as a unit's turn does.

use crate::bench::{Bench, Failure, LATE, Work};
use chrono::TimeDelta;
use ledgers::{
    Advance, Advice, Attachments, Checkpoint, Client, Deadline, ErrorKind, LedgerDocument, LedgerError, Lookup, Opener,
    Progress, RateBudget, Rendition, Seen, Sender, Timeouts, TokenSet,
};
use std::time::Duration;

/// What is stored about a document: nothing before the first attempt.
pub type Stored = Option<Checkpoint>;

/// Whether a process that dies had stored what its last step told it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Yes,
    No,
}

pub struct Turn<'b, B> {
    pub bench: &'b B,
    pub sender: Sender,
    pub tokens: TokenSet,
    pub budget: RateBudget,
    /// Every error on the way.
    pub errors: Vec<LedgerError>,
    /// What is left of the process's own time.
    pub time: Duration,
    /// How long a request may still land after the client gave up.
    pub lateness: Duration,
}

impl<'b, B: Bench> Turn<'b, B> {
    pub fn new(bench: &'b B) -> Self {
        let short = Duration::from_secs(1);
        let timeouts = Timeouts { read: short, write: short, least: Duration::from_millis(50) };
        Self {
            bench,
            sender: Sender::with(timeouts).unwrap(),
            tokens: bench.connect(),
            budget: RateBudget::default(),
            errors: Vec::new(),
            time: Duration::from_secs(30),
            lateness: Duration::ZERO,
        }
    }

    /// One call of the client, with a token that is good as far as we know.
    async fn call<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.renew(Seen::Good).await?;
        let clock = self.bench_clock();
        let (bench, at) = (self.bench, self.deadline());
        let mut client = Client {
            ledger: B::ledger(),
            sender: &self.sender,
            target: bench.target(),
            access: self.tokens.access.clone(),
            app: bench.app(),
            budget: std::mem::take(&mut self.budget),
            app_budget: None,
            deadline: at,
            clock: &clock,
        };
        let result = work(&mut client).await;
        self.budget = client.budget;
        result
    }

    /// What is left of a turn that began with half a minute.
    fn deadline(&self) -> Deadline {
        Deadline { whole: Duration::from_secs(30), ..Deadline::after(self.time) }
    }

    fn bench_clock(&self) -> impl Fn() -> domain::time::Instant + Send + Sync + use<B> {
        let now = self.bench.now();
        move || now
    }

    /// Gets a new token when that is needed and allowed; waits for it when it is not allowed yet.
    pub async fn renew(&mut self, seen: Seen) -> Result<(), LedgerError> {
        match self.tokens.advice(&B::ledger().descriptor().tokens, self.bench.now(), seen) {
            Advice::Use => return Ok(()),
            Advice::Refresh => {}
            Advice::WaitUntil(until) => self.bench.advance(until - self.bench.now()),
        }
        self.tokens = self.refresh().await?;
        Ok(())
    }

    pub async fn refresh(&self) -> Result<TokenSet, LedgerError> {
        let (app, clock) = (self.bench.app(), self.bench_clock());
        let endpoint = self.bench.target().endpoint;
        let deadline = self.deadline();
        let opener = Opener { ledger: B::ledger(), sender: &self.sender, endpoint, app: &app, deadline, clock: &clock };
        opener.refresh(&self.tokens).await
    }

    /// One step of a push.
    pub async fn step(&mut self, work: &Work, progress: &mut Progress) -> Result<Advance, LedgerError> {
        let files = work.files();
        let request = work.request(&files);
        self.call(async |client| client.advance(&request, progress).await).await
    }

    /// Looks until there is an answer.
    pub async fn look(&mut self, work: &Work, stored: &Stored) -> Lookup {
        let files = work.files();
        let request = work.request(&files);
        let mut progress = Progress::again(stored.clone().unwrap_or_default());
        loop {
            match self.call(async |client| client.look(&request, &mut progress).await).await.unwrap() {
                Lookup::More => {}
                end => return end,
            }
        }
    }

    pub async fn fetch(&mut self, work: &Work, booking: &LedgerDocument) -> Rendition {
        self.call(async |client| client.fetch(work.posting.direction, booking).await).await.unwrap()
    }

    /// An attempt until it ends or an error stops it.
    async fn attempt(&mut self, work: &Work, stored: &mut Stored) -> Result<LedgerDocument, LedgerError> {
        let mut progress = begin(stored);
        loop {
            match self.step(work, &mut progress).await {
                Ok(Advance::Next) => {}
                Ok(Advance::Store) => *stored = Some(progress.checkpoint().clone()),
                Ok(Advance::Done(document)) => return Ok(*document),
                Err(error) if error.kind() == ErrorKind::Unauthorised => {
                    self.errors.push(error);
                    self.renew(Seen::Refused).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Attempts until the document is booked, refused for good, or for a person.
    pub async fn run(&mut self, work: &Work, stored: &mut Stored) -> Result<LedgerDocument, LedgerError> {
        for _ in 0..10 {
            let error = match self.attempt(work, stored).await {
                Ok(document) => return Ok(document),
                Err(error) => error,
            };
            self.errors.push(error.clone());
            match error.kind() {
                ErrorKind::Retryable { after } => {
                    self.bench.advance(TimeDelta::from_std(after.unwrap_or(Duration::from_secs(30))).unwrap());
                }
                ErrorKind::Unknown => self.settle().await,
                ErrorKind::Unauthorised
                | ErrorKind::ReconnectNeeded
                | ErrorKind::Rejected
                | ErrorKind::Uncertain
                | ErrorKind::Bug => return Err(error),
            }
        }
        panic!("no end after ten attempts: {:?}", self.errors);
    }

    /// Runs a document that nobody tried before.
    pub async fn post(&mut self, work: &Work) -> Result<LedgerDocument, LedgerError> {
        self.run(work, &mut None).await
    }

    /// Makes so many requests, then dies. Returns what had been stored.
    pub async fn killed_after(&mut self, work: &Work, requests: usize, kept: Kept) -> Stored {
        let mut stored = None;
        let mut progress = begin(&mut stored);
        for made in 1..=requests {
            match self.step(work, &mut progress).await.unwrap() {
                Advance::Store if made < requests || kept == Kept::Yes => stored = Some(progress.checkpoint().clone()),
                Advance::Next | Advance::Store | Advance::Done(_) => {}
            }
        }
        stored
    }

    /// Waits until an earlier attempt can do nothing more: late requests have landed, and all is visible.
    pub async fn settle(&self) {
        tokio::time::sleep(self.lateness).await;
        self.bench.advance(TimeDelta::from_std(B::ledger().descriptor().settle).unwrap());
    }

    /// How many requests an undisturbed push of such a document takes.
    pub async fn requests_of(&mut self, work: &Work) -> usize {
        let before = self.bench.requests();
        self.post(work).await.unwrap();
        self.bench.requests() - before
    }
}

/// The attempt is stored before its first request.
fn begin(stored: &mut Stored) -> Progress {
    if let Some(checkpoint) = stored {
        return Progress::again(checkpoint.clone());
    }
    *stored = Some(Checkpoint::default());
    Progress::first()
}

/// Posts one document for each request that a push takes, with that request failing, and looks each time whether exactly
/// one complete booking came of it.
pub async fn with_each_request_failing<B: Bench>(failure: Failure, expect: impl Fn(usize, &[LedgerError])) {
    let bench = B::start().await;
    let requests = Turn::new(&bench).requests_of(&sample(&bench)).await;
    assert!(requests >= 1);
    for request in 0..requests {
        let bench = B::start().await;
        let mut turn = Turn::new(&bench);
        let work = sample(&bench);
        bench.fail(request, failure);
        if failure == Failure::StoredLate {
            turn.lateness = LATE * 3;
        }
        let document = turn.post(&work).await.unwrap_or_else(|error| panic!("{failure:?} at {request}: {error}"));
        assert_eq!(turn.errors.len(), 1, "{failure:?} at {request}: {:?}", turn.errors);
        expect(request, &turn.errors);
        assert_one(&bench, &work, &document, &format!("{failure:?} at {request}"));
    }
}

/// A document that takes every kind of request.
pub fn sample<B: Bench>(bench: &B) -> Work {
    let mut work = Work::purchase(bench, "F-2026/118");
    work.options = work.options.with("attach", "both");
    work
}

/// Exactly one complete booking stands in the ledger.
pub fn assert_one<B: Bench>(bench: &B, work: &Work, document: &LedgerDocument, context: &str) {
    let bookings = bench.bookings(work.posting.direction);
    let [booking] = bookings.as_slice() else { panic!("{context}: {bookings:?}") };
    assert_eq!(booking.number, document.number, "{context}");
    assert_eq!((booking.gross, booking.vat), (work.posting.gross.abs(), work.posting.vat.abs()), "{context}");
    let files: &[&str] = match B::can().attachments {
        Attachments::UpTo(_) => &["invoice.pdf", "invoice.xml"],
        Attachments::None => &[],
    };
    assert_eq!(booking.files, files, "{context}");
    assert_eq!(bench.holders(), 1, "{context}");
}
