//! A model of the caller: it keeps checkpoints, waits, and begins again, as a unit's turn does.

use crate::{
    bench::{Bench, Failure, LATE, Standing, packed},
    work::Work,
};
use chrono::TimeDelta;
use ledgers::{
    Advance, Checkpoint, Client, Deadline, Directory, ErrorKind, Identity, LedgerCopy, LedgerError, Lookup, Opener,
    Page, PassedDocument, Pdf, Progress, RateBudget, Secret, Sender, StoredDocument, Timeouts, TokenSet,
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
    /// What people are told although it was passed.
    pub remark: Option<LedgerError>,
    /// What is left of the process's own time.
    pub time: Duration,
    /// How long a request may still land after the client gave up.
    pub lateness: Duration,
}

fn sender() -> Sender {
    let short = Duration::from_secs(1);
    Sender::with(Timeouts { read: short, write: short, least: Duration::from_millis(50) }).unwrap()
}

/// Connects with what a person typed in, and asks who that is.
pub async fn connect<B: Bench>(bench: &B, given: &Secret) -> Result<(TokenSet, Identity), LedgerError> {
    let (sender, app, now) = (sender(), B::app(), bench.now());
    let clock = move || now;
    let (endpoint, deadline) = (bench.target().endpoint, Deadline::after(Duration::from_secs(30)));
    let opener = Opener { ledger: B::ledger(), sender: &sender, endpoint, app: &app, deadline, clock: &clock };
    let tokens = opener.open(given).await?;
    let mut turn = Turn::with(bench, tokens);
    let identity = turn.call(async |client| client.identity().await).await?;
    Ok((turn.tokens, identity))
}

impl<'b, B: Bench> Turn<'b, B> {
    /// On the account of the bench.
    pub async fn new(bench: &'b B) -> Self {
        let (tokens, _) = connect(bench, &packed::<B>(B::typed())).await.unwrap();
        Self::with(bench, tokens)
    }

    fn with(bench: &'b B, tokens: TokenSet) -> Self {
        Self {
            bench,
            sender: sender(),
            tokens,
            budget: RateBudget::default(),
            errors: Vec::new(),
            remark: None,
            time: Duration::from_secs(30),
            lateness: Duration::ZERO,
        }
    }

    /// One call of the client.
    pub async fn call<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let now = self.bench.now();
        let clock = move || now;
        let mut client = Client {
            ledger: B::ledger(),
            sender: &self.sender,
            target: self.bench.target(),
            access: self.tokens.access.clone(),
            app: B::app(),
            budget: std::mem::take(&mut self.budget),
            app_budget: None,
            deadline: Deadline { whole: Duration::from_secs(30), ..Deadline::after(self.time) },
            clock: &clock,
        };
        let result = work(&mut client).await;
        self.budget = client.budget;
        result
    }

    /// One step of a pass.
    pub async fn step(&mut self, work: &Work, progress: &mut Progress) -> Result<Advance<PassedDocument>, LedgerError> {
        self.call(async |client| client.pass(&work.request(), progress).await).await
    }

    /// Looks until there is an answer.
    pub async fn look(&mut self, work: &Work, stored: &Stored) -> Lookup<PassedDocument> {
        let mut progress = Progress::again(stored.clone().unwrap_or_default());
        loop {
            match self.call(async |client| client.look_for(&work.request(), &mut progress).await).await.unwrap() {
                Lookup::More => {}
                end => return end,
            }
        }
    }

    pub async fn copy(&mut self, work: &Work, passed: &PassedDocument) -> Result<LedgerCopy, LedgerError> {
        let document = StoredDocument { id: &passed.id, kind: work.content.kind };
        self.call(async |client| client.copy(&document).await).await
    }

    pub async fn pdf(&mut self, work: &Work, passed: &PassedDocument) -> Result<Pdf, LedgerError> {
        let document = StoredDocument { id: &passed.id, kind: work.content.kind };
        self.call(async |client| client.pdf(&document).await).await
    }

    pub async fn page(&mut self, directory: &Directory) -> Result<Page, LedgerError> {
        self.call(async |client| client.page(directory).await).await
    }

    /// An attempt until it ends or an error stops it.
    async fn attempt(&mut self, work: &Work, stored: &mut Stored) -> Result<PassedDocument, LedgerError> {
        let mut progress = begin(stored);
        loop {
            match self.step(work, &mut progress).await? {
                Advance::Next => {}
                Advance::Store => *stored = Some(progress.checkpoint().clone()),
                Advance::Done(document) => {
                    self.remark = progress.remark().cloned();
                    return Ok(*document);
                }
            }
        }
    }

    /// Attempts until the document is passed, refused for good, or for a person.
    pub async fn run(&mut self, work: &Work, stored: &mut Stored) -> Result<PassedDocument, LedgerError> {
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
    pub async fn pass(&mut self, work: &Work) -> Result<PassedDocument, LedgerError> {
        self.run(work, &mut None).await
    }

    /// Makes so many requests, then dies. Returns what had been stored.
    pub async fn killed_after(&mut self, work: &Work, requests: u64, kept: Kept) -> Stored {
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

    /// How many requests an undisturbed pass of such a document takes.
    pub async fn requests_of(&mut self, work: &Work) -> u64 {
        let before = self.bench.requests();
        self.pass(work).await.unwrap();
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

/// Passes one document for each request that a pass takes, with that request failing, and looks each time whether exactly one
/// document came of it.
pub async fn with_each_request_failing<B: Bench>(failure: Failure, expect: impl Fn(u64, &[LedgerError])) {
    let bench = B::start().await;
    let requests = Turn::new(&bench).await.requests_of(&Work::invoice(&bench)).await;
    assert!(requests >= 1);
    for request in 0..requests {
        let bench = B::start().await;
        let mut turn = Turn::new(&bench).await;
        let work = Work::invoice(&bench);
        bench.fail(usize::try_from(request).unwrap(), failure);
        if failure == Failure::StoredLate {
            turn.lateness = LATE * 3;
        }
        let passed = turn.pass(&work).await.unwrap_or_else(|error| panic!("{failure:?} at {request}: {error}"));
        assert_eq!(turn.errors.len(), 1, "{failure:?} at {request}: {:?}", turn.errors);
        expect(request, &turn.errors);
        assert_one(&bench, &work, &passed, &format!("{failure:?} at {request}")).await;
    }
}

/// Exactly one document stands in the ledger: this one.
pub async fn assert_one<B: Bench>(bench: &B, work: &Work, passed: &PassedDocument, context: &str) -> Standing {
    let documents = bench.documents().await;
    let [document] = documents.as_slice() else { panic!("{context}: {documents:?}") };
    assert_eq!((document.id.as_str(), &document.number), (B::own_id(&passed.id), &passed.number), "{context}");
    assert_eq!(document.totals.gross, work.content.total.gross, "{context}");
    document.clone()
}
