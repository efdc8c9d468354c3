//! A model of the caller: it keeps checkpoints, waits, renews access, and begins again, as a unit's turn does.

use crate::bench::{Failure, LATE, Market, Paper, packed};
use chrono::TimeDelta;
use ledgers::{
    Advance, Checkpoint, Client, Deadline, ErrorCode, ErrorKind, Forwarded, Identity, LedgerError, Opener, Progress,
    RateBudget, Secret, Sender, Timeouts, TokenSet,
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

pub struct Turn<'m, M> {
    pub market: &'m M,
    sender: Sender,
    pub tokens: TokenSet,
    budget: RateBudget,
    /// Every error on the way, but that the marketplace still works on it.
    pub errors: Vec<LedgerError>,
    /// How often it still worked on it.
    pub waits: usize,
    /// What is left of the process's own time.
    pub time: Duration,
    /// How long a request may still land after the client gave up.
    pub lateness: Duration,
}

fn sender() -> Sender {
    let short = Duration::from_secs(1);
    Sender::with(Timeouts { read: short, write: short, least: Duration::from_millis(50) }).unwrap()
}

async fn opener<M: Market, T>(market: &M, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
    let (sender, app, now) = (sender(), M::app(), market.now());
    let clock = move || now;
    let (endpoint, deadline) = (market.target().endpoint, Deadline::after(Duration::from_secs(30)));
    work(&Opener { ledger: M::ledger(), sender: &sender, endpoint, app: &app, deadline, clock: &clock }).await
}

/// Connects with what a person typed in, and asks who that is.
pub async fn connect<M: Market>(market: &M, given: &Secret) -> Result<(TokenSet, Identity), LedgerError> {
    let tokens = opener(market, async |opener| opener.open(given).await).await?;
    let mut turn = Turn::with(market, tokens);
    let identity = turn.call(async |client| client.identity().await).await?;
    Ok((turn.tokens, identity))
}

impl<'m, M: Market> Turn<'m, M> {
    pub async fn new(market: &'m M) -> Self {
        let given = packed::<M>(M::typed());
        let tokens = opener(market, async |opener| opener.open(&given).await).await.unwrap();
        Self::with(market, tokens)
    }

    fn with(market: &'m M, tokens: TokenSet) -> Self {
        Self {
            market,
            sender: sender(),
            tokens,
            budget: RateBudget::default(),
            errors: Vec::new(),
            waits: 0,
            time: Duration::from_secs(30),
            lateness: Duration::ZERO,
        }
    }

    /// One call of the client.
    pub async fn call<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let now = self.market.now();
        let clock = move || now;
        let mut client = Client {
            ledger: M::ledger(),
            sender: &self.sender,
            target: self.market.target(),
            access: self.tokens.access.clone(),
            app: M::app(),
            budget: std::mem::take(&mut self.budget),
            app_budget: None,
            deadline: Deadline { whole: Duration::from_secs(30), ..Deadline::after(self.time) },
            clock: &clock,
        };
        let result = work(&mut client).await;
        self.budget = client.budget;
        result
    }

    async fn renew(&mut self) -> Result<(), LedgerError> {
        let tokens = self.tokens.clone();
        self.tokens = opener(self.market, async |opener| opener.refresh(&tokens).await).await?;
        Ok(())
    }

    /// One step, with access that is not near its end.
    pub async fn step(&mut self, paper: &Paper, progress: &mut Progress) -> Result<Advance<Forwarded>, LedgerError> {
        if self.tokens.must_refresh(&M::ledger().descriptor().tokens, self.market.now()) {
            self.renew().await?;
        }
        let others: Vec<&str> = paper.others.iter().map(String::as_str).collect();
        self.call(async |client| client.forward(&paper.request(&others), progress).await).await
    }

    /// An attempt until it ends or an error stops it.
    async fn attempt(&mut self, paper: &Paper, stored: &mut Stored) -> Result<Forwarded, LedgerError> {
        let mut progress = begin(stored);
        let mut renewed = false;
        loop {
            match self.step(paper, &mut progress).await {
                Ok(Advance::Next) => {}
                Ok(Advance::Store) => *stored = Some(progress.checkpoint().clone()),
                Ok(Advance::Done(forwarded)) => return Ok(*forwarded),
                Err(error) if error.kind() == ErrorKind::Unauthorised && !renewed => {
                    renewed = true;
                    self.after(error).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What the caller does after an error; an error that is for people is given back.
    async fn after(&mut self, error: LedgerError) -> Result<(), LedgerError> {
        if error.code() == ErrorCode::InProgress {
            self.waits += 1;
        } else {
            self.errors.push(error.clone());
        }
        match error.kind() {
            ErrorKind::Retryable { after } => {
                self.market.advance(TimeDelta::from_std(after.unwrap_or(Duration::from_secs(30))).unwrap());
            }
            ErrorKind::Unknown => self.settle().await,
            ErrorKind::Unauthorised => self.renew().await?,
            ErrorKind::ReconnectNeeded | ErrorKind::Rejected | ErrorKind::Uncertain | ErrorKind::Bug => {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Attempts until the document is there, refused for good, or for a person.
    pub async fn run(&mut self, paper: &Paper, stored: &mut Stored) -> Result<Forwarded, LedgerError> {
        for _ in 0..100 {
            match self.attempt(paper, stored).await {
                Ok(forwarded) => return Ok(forwarded),
                Err(error) => self.after(error).await?,
            }
        }
        panic!("no end after a hundred attempts: {:?}", self.errors);
    }

    /// Runs a document that nobody tried before.
    pub async fn forward(&mut self, paper: &Paper) -> Result<Forwarded, LedgerError> {
        self.run(paper, &mut None).await
    }

    /// Makes so many requests, then dies. Returns what had been stored.
    pub async fn killed_after(&mut self, paper: &Paper, requests: u64, kept: Kept) -> Stored {
        let mut stored = None;
        let mut progress = begin(&mut stored);
        let before = self.market.requests();
        while self.market.requests() - before < requests {
            match self.step(paper, &mut progress).await {
                Ok(Advance::Store) if self.market.requests() - before < requests || kept == Kept::Yes => {
                    stored = Some(progress.checkpoint().clone());
                }
                Ok(Advance::Next | Advance::Store) => {}
                Ok(Advance::Done(_)) => break,
                Err(error) => self.after(error).await.unwrap(),
            }
        }
        stored
    }

    /// Waits until an earlier attempt can do nothing more: late requests have landed, and all is visible.
    pub async fn settle(&self) {
        tokio::time::sleep(self.lateness).await;
        self.market.advance(TimeDelta::from_std(M::ledger().descriptor().settle).unwrap());
    }

    /// How many requests an undisturbed way of such a document takes.
    pub async fn requests_of(&mut self, paper: &Paper) -> u64 {
        let before = self.market.requests();
        self.forward(paper).await.unwrap();
        self.market.requests() - before
    }
}

/// The attempt is stored before its first request.
pub fn begin(stored: &mut Stored) -> Progress {
    if let Some(checkpoint) = stored {
        return Progress::again(checkpoint.clone());
    }
    *stored = Some(Checkpoint::default());
    Progress::first()
}

/// Forwards one document for each request that it takes, with that request failing, and looks each time whether exactly one is there.
pub async fn with_each_request_failing<M: Market>(failure: Failure, expect: impl Fn(u64, &[LedgerError])) {
    let market = M::start().await;
    let requests = Turn::new(&market).await.requests_of(&market.invoice()).await;
    assert!(requests >= 1);
    for request in 0..requests {
        let market = M::start().await;
        let mut turn = Turn::new(&market).await;
        let paper = market.invoice();
        market.fail(request, failure);
        if failure == Failure::StoredLate {
            turn.lateness = LATE * 3;
        }
        let context = format!("{failure:?} at {request}");
        let forwarded = turn.forward(&paper).await.unwrap_or_else(|error| panic!("{context}: {error}"));
        assert!(turn.errors.len() <= 1, "{context}: {:?}", turn.errors);
        expect(request, &turn.errors);
        assert_one(&market, &paper, &forwarded, &context);
    }
}

/// Exactly one document is there: this one.
pub fn assert_one<M: Market>(market: &M, paper: &Paper, forwarded: &Forwarded, context: &str) {
    let shown = market.shown();
    let [(order, number)] = shown.as_slice() else { panic!("{context}: {shown:?}") };
    assert_eq!((order, number), (&paper.order, &paper.number), "{context}");
    assert!(!forwarded.id.is_empty(), "{context}");
}
