//! The calls a turn makes. Each method but [`Client::pdf`] sends at most one request; nothing here waits or repeats.

use crate::{
    Books, Directory, ForwardRequest, Forwarded, Forwarding, Identity, Invoicing, Ledger, LedgerCopy, Page,
    PassRequest, PassedDocument, Pdf, Rendition, StoredDocument,
    app_credits::AppBudget,
    auth::{App, Replaced, Secret, TokenSet},
    call::{Answer, Call, Effect, Endpoint, Signed, Target},
    descriptor::{Descriptor, Options, Support},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Advance, CreateContacts, LedgerDocument, Lookup, Progress, PushRequest, Step},
    rate::{RateBudget, Verdict},
    sender::{Deadline, Patience, Sender},
    templates::{KeepsTemplates, Relation, Written},
};
use domain::{
    invoice::VatCategory,
    ledger::{Direction, DirectoryEntry, DirectoryKind, LedgerContact},
    posting::PostingLine,
    sales::Unsupported,
    template::PostingTemplate,
    time::Instant,
};
use std::time::Duration;

/// What a turn holds to talk to one ledger: who, where, with which token, until when, and what the ledger's limits still
/// allow. Make one for a turn; store [`Client::budget`] with the lease at its end.
pub struct Client<'a> {
    /// The ledger.
    pub ledger: &'static dyn Ledger,
    /// What sends.
    pub sender: &'a Sender,
    /// Which set of books.
    pub target: Target,
    /// The access token.
    pub access: Secret,
    /// Our registration there.
    pub app: App,
    /// What the ledger's limits still allow.
    pub budget: RateBudget,
    /// What our registration may ask for all customers together, where the ledger or this deployment has such a limit.
    pub app_budget: Option<AppBudget>,
    /// When the caller's own time is up.
    pub deadline: Deadline,
    /// What time it is.
    pub clock: &'a (dyn Fn() -> Instant + Send + Sync),
}

impl Client<'_> {
    /// Before a push: sees to it that the app's credits cover the whole of it. Until when to wait where they do not.
    pub async fn cover_push(&mut self) -> Result<(), Instant> {
        let descriptor = self.ledger.descriptor();
        if let Some(app) = &mut self.app_budget {
            app.expect(descriptor.requests_per_push);
            self.budget.cover(app, &descriptor.limits, 1, (self.clock)()).await?;
        }
        Ok(())
    }

    /// Takes a push one request further. On an error `progress` stands where it stood: after
    /// [`ErrorKind::Unauthorised`] and
    /// [`ErrorKind::Retryable`] the same call may be made again with it, after
    /// [`ErrorKind::Unknown`] only [`Progress::again`] may be used.
    pub async fn advance(
        &mut self,
        request: &PushRequest<'_>,
        progress: &mut Progress,
    ) -> Result<Advance, LedgerError> {
        supported(self.ledger.descriptor(), request)?;
        let books = self.books(Operation::Prepare)?;
        let call = match books.push(&self.target, request, progress)? {
            Step::Done(document) => return Ok(Advance::Done(document)),
            Step::Call(call) => call,
        };
        let purpose = call.purpose;
        let before = progress.checkpoint.clone();
        let answer = self.exchange(call).await;
        books.pushed(&self.target, request, progress, purpose, answer)?;
        if progress.facts.booking.is_some()
            && let Step::Done(document) = books.push(&self.target, request, progress)?
        {
            return Ok(Advance::Done(document));
        }
        Ok(if progress.checkpoint == before { Advance::Next } else { Advance::Store })
    }

    /// Looks for a booking without ever writing, one request at a time, until the answer is not [`Lookup::More`]: for a
    /// document whose outcome a person has to judge. Begin with [`Progress::again`].
    pub async fn look(&mut self, request: &PushRequest<'_>, progress: &mut Progress) -> Result<Lookup, LedgerError> {
        // A booking that lacks a file is a booking.
        let request = &PushRequest { files: &[], ..*request };
        let books = self.books(Operation::Prepare)?;
        let call = match books.push(&self.target, request, progress) {
            Ok(Step::Done(document)) => return Ok(Lookup::Ours(document)),
            // What comes next would write: all that there is to look at has been looked at.
            Ok(Step::Call(call)) if call.effect() == Effect::Writes => return Ok(Lookup::Absent),
            Ok(Step::Call(call)) => call,
            Err(error) => return foreign_or(error),
        };
        let purpose = call.purpose;
        let answer = self.exchange(call).await;
        books.pushed(&self.target, request, progress, purpose, answer).map_or_else(foreign_or, |()| Ok(Lookup::More))
    }

    /// Fetches the next part of a directory; begin with [`Directory::of`] and go on with what the page says.
    pub async fn page(&mut self, directory: &Directory) -> Result<Page, LedgerError> {
        let descriptor = self.ledger.descriptor();
        if !descriptor.capabilities.directories.contains(&directory.kind()) {
            return Err(unsupported(descriptor, Operation::Directory, "this list"));
        }
        if directory.kind() == DirectoryKind::Divisions
            && let Some(only) = self.ledger.opens(&self.access)
        {
            let entry = DirectoryEntry { code: only.to_string(), name: only.into(), ..DirectoryEntry::default() };
            return Ok(Page { entries: vec![entry], next: None });
        }
        let call = self.ledger.list(&self.target, directory)?;
        let answer = self.exchange(call).await?;
        self.ledger.listed(&self.target, directory, &answer)
    }

    /// Who is connected.
    pub async fn identity(&mut self) -> Result<Identity, LedgerError> {
        let call = self.ledger.identity(&self.target)?;
        let answer = self.exchange(call).await?;
        let identity = self.ledger.identified(&answer)?;
        let only = self.ledger.opens(&self.access);
        Ok(Identity { only: only.or(identity.only), ..identity })
    }

    /// Reads a booking back.
    pub async fn fetch(&mut self, direction: Direction, booking: &LedgerDocument) -> Result<Rendition, LedgerError> {
        let books = self.books(Operation::Fetch)?;
        let call = books.fetch(&self.target, direction, &booking.id)?;
        let answer = self.exchange(call).await?;
        books.fetched(direction, &answer)
    }

    /// Takes the passing of an issued document one request further, as [`Client::advance`] does with a booking.
    pub async fn pass(
        &mut self,
        request: &PassRequest<'_>,
        progress: &mut Progress,
    ) -> Result<Advance<PassedDocument>, LedgerError> {
        let invoicing = self.invoicing(Operation::Prepare)?;
        if let Some(offers) = self.ledger.descriptor().offers() {
            offers.takes(request.content.kind).map_err(|error| not_taken(&error))?;
        }
        let call = match invoicing.pass(&self.target, request, progress)? {
            Step::Done(document) => return Ok(Advance::Done(document)),
            Step::Call(call) => call,
        };
        let purpose = call.purpose;
        let before = progress.checkpoint.clone();
        let answer = self.exchange(call).await;
        invoicing.passed(&self.target, request, progress, purpose, answer)?;
        // What the ledger has answered is told at once: another look at the clock could end the turn before it is recorded.
        if progress.facts.passed.is_some()
            && let Step::Done(document) = invoicing.pass(&self.target, request, progress)?
        {
            return Ok(Advance::Done(document));
        }
        Ok(if progress.checkpoint == before { Advance::Next } else { Advance::Store })
    }

    /// Takes the forwarding of a finished document one request further, as [`Client::pass`] does with the passing of one.
    pub async fn forward(
        &mut self,
        request: &ForwardRequest<'_>,
        progress: &mut Progress,
    ) -> Result<Advance<Forwarded>, LedgerError> {
        let descriptor = self.ledger.descriptor();
        let none = || unsupported(descriptor, Operation::Prepare, "showing documents to its customers");
        let forwarding: &dyn Forwarding = self.ledger.forwarding().ok_or_else(none)?;
        request.check(descriptor)?;
        progress.facts.now = (self.clock)();
        let call = match forwarding.forward(&self.target, request, progress)? {
            Step::Done(forwarded) => return Ok(Advance::Done(forwarded)),
            Step::Call(call) => call,
        };
        let purpose = call.purpose;
        let before = progress.checkpoint.clone();
        let answer = self.exchange(call).await;
        progress.facts.now = (self.clock)();
        forwarding.forwarded(&self.target, request, progress, purpose, answer)?;
        if progress.facts.forwarded.is_some()
            && let Step::Done(forwarded) = forwarding.forward(&self.target, request, progress)?
        {
            return Ok(Advance::Done(forwarded));
        }
        Ok(if progress.checkpoint == before { Advance::Next } else { Advance::Store })
    }

    /// Looks for an issued document without ever writing, one request at a time, until the answer is not [`Lookup::More`]. Begin with
    /// [`Progress::again`].
    pub async fn look_for(
        &mut self,
        request: &PassRequest<'_>,
        progress: &mut Progress,
    ) -> Result<Lookup<PassedDocument>, LedgerError> {
        let invoicing = self.invoicing(Operation::FindBooking)?;
        let call = match invoicing.pass(&self.target, request, progress) {
            Ok(Step::Done(document)) => return Ok(Lookup::Ours(document)),
            Ok(Step::Call(call)) if call.effect() == Effect::Writes => return Ok(Lookup::Absent),
            Ok(Step::Call(call)) => call,
            // It may still come: who asks is told what there is now.
            Err(error) if error.code() == ErrorCode::NotSeen => return Ok(Lookup::Absent),
            Err(error) => return Err(error),
        };
        let purpose = call.purpose;
        let answer = self.exchange(call).await;
        invoicing.passed(&self.target, request, progress, purpose, answer).map(|()| Lookup::More)
    }

    /// Reads what the ledger has of an issued document now: number, public page, KSeF (CO-31).
    pub async fn copy(&mut self, document: &StoredDocument<'_>) -> Result<LedgerCopy, LedgerError> {
        let invoicing = self.invoicing(Operation::Fetch)?;
        let call = invoicing.read(&self.target, document)?;
        let answer = self.exchange(call).await?;
        invoicing.was_read(document, &answer)
    }

    /// Fetches the ledger's PDF of an issued document, or learns that there is none (CO-33): with two requests where its address has to
    /// be asked for.
    pub async fn pdf(&mut self, document: &StoredDocument<'_>) -> Result<Pdf, LedgerError> {
        let invoicing = self.invoicing(Operation::Fetch)?;
        let Some(call) = invoicing.print(&self.target, document)? else { return Ok(Pdf::None) };
        let mut answer = self.exchange(call).await;
        if let Ok(first) = &answer
            && let Some(call) = invoicing.print_next(document, first)?
        {
            answer = self.exchange(call).await;
        }
        match answer {
            Ok(answer) => invoicing.printed(document, answer),
            Err(error) => invoicing.not_printed(document, error),
        }
    }

    fn books(&self, operation: Operation) -> Result<&'static dyn Books, LedgerError> {
        let none = || unsupported(self.ledger.descriptor(), operation, "booking received documents");
        self.ledger.books().ok_or_else(none)
    }

    fn invoicing(&self, operation: Operation) -> Result<&'static dyn Invoicing, LedgerError> {
        let none = || unsupported(self.ledger.descriptor(), operation, "taking issued documents");
        self.ledger.invoicing().ok_or_else(none)
    }

    /// Reads a relation with the posting rules that the ledger keeps with it (AP-40).
    pub async fn relation(
        &mut self,
        options: &Options,
        direction: Direction,
        relation: &LedgerContact,
    ) -> Result<Relation, LedgerError> {
        let keeps = self.keeps_templates()?;
        let call = keeps.read(&self.target, direction, relation)?;
        let answer = self.exchange(call).await?;
        Ok(Relation { kept: keeps.kept(options, &answer)?, answer })
    }

    /// Has the ledger keep a template with the relation that was read, or none of ours. May be repeated, with the relation
    /// read anew.
    pub async fn keep_template(
        &mut self,
        options: &Options,
        relation: &Relation,
        template: Option<&PostingTemplate>,
    ) -> Result<Written, LedgerError> {
        let keeps = self.keeps_templates()?;
        let Some(call) = keeps.write(&self.target, options, &relation.answer, template)? else {
            return Ok(Written::Before);
        };
        let answer = self.exchange(call).await?;
        keeps.written(&answer).map(|()| Written::Now)
    }

    fn keeps_templates(&self) -> Result<&'static dyn KeepsTemplates, LedgerError> {
        let none = || unsupported(self.ledger.descriptor(), Operation::Template, "posting templates of its own");
        self.ledger.templates().ok_or_else(none)
    }

    async fn exchange(&mut self, call: Call) -> Result<Answer, LedgerError> {
        let limits = &self.ledger.descriptor().limits;
        let (purpose, before) = (call.purpose, (self.clock)());
        let verdict = match self.budget.may_call(limits, purpose.resource, before) {
            Verdict::Go => {
                self.covered(limits.counts(purpose.effect), before).await.map_or_else(Verdict::Wait, |()| Verdict::Go)
            }
            Verdict::Wait(until) => Verdict::Wait(until),
            Verdict::Errors(until) => Verdict::Errors(until),
        };
        let (until, code, message) = match verdict {
            Verdict::Go => {
                self.budget.spend(limits, purpose.effect, before);
                return self.exchange_unlimited(call).await;
            }
            Verdict::Wait(until) => (
                until,
                ErrorCode::RateLimited,
                "The ledger's limit of requests is reached. It goes on by itself when the limit starts again.",
            ),
            Verdict::Errors(until) => (
                until,
                ErrorCode::ErrorBudget,
                "The ledger refused too many requests of this kind within an hour; it is left alone for a while.",
            ),
        };
        Err(LedgerError::retryable(Some(between(before, until)), code, purpose.operation, message))
    }

    /// Has the app's credits cover a request that counts for so many, and counts it there.
    async fn covered(&mut self, requests: u32, now: Instant) -> Result<(), Instant> {
        if let Some(app) = &mut self.app_budget {
            self.budget.cover(app, &self.ledger.descriptor().limits, requests, now).await?;
            app.spend(requests);
        }
        Ok(())
    }

    async fn exchange_unlimited(&mut self, call: Call) -> Result<Answer, LedgerError> {
        let purpose = call.purpose;
        let mut extra = self.ledger.headers(&self.target, &self.app);
        let Signed { endpoint, call, bearer, headers } = self.ledger.sign(&self.target.endpoint, call, &self.access)?;
        extra.extend(headers);
        let time = (Patience::Ledger(self.ledger.descriptor().timeouts), self.deadline);
        let answer = self.sender.send(&endpoint, call, bearer.as_ref(), &extra, time).await?;
        let (now, rate) = ((self.clock)(), self.ledger.rate(&answer));
        self.budget.learn(&rate, now);
        if answer.succeeded() {
            return Ok(answer);
        }
        if matches!(answer.status, 400 | 401 | 403 | 404) {
            self.budget.failed(purpose.resource, now);
        }
        if answer.status == 429 {
            let after = Some(between(now, self.budget.refused(&rate, now)));
            let message = "The ledger takes no more requests for a while. It goes on by itself.";
            return Err(LedgerError::retryable(after, ErrorCode::RateLimited, purpose.operation, message));
        }
        let error = self.ledger.refusal(purpose, &answer);
        tracing::warn!(
            operation = purpose.operation.as_str(),
            resource = purpose.resource,
            status = answer.status,
            code = error.code().as_str(),
            "ledger refused"
        );
        Err(error)
    }
}

/// Refuses what the ledger cannot do, before anything is sent and in this one place.
fn supported(descriptor: &Descriptor, request: &PushRequest<'_>) -> Result<(), LedgerError> {
    let (can, posting) = (&descriptor.capabilities, request.posting);
    let missing = if !can.directions.contains(&posting.direction) {
        match posting.direction {
            Direction::Purchase => "booking purchase invoices",
            Direction::Sales => "booking sales invoices",
        }
    } else if can.credit_notes == Support::No && posting.gross.is_sign_negative() {
        "booking credit notes"
    } else if can.create_contacts == Support::No && request.create_contacts == CreateContacts::Allowed {
        "making relations"
    } else if can.mixed_reverse_charge == Support::No && is_mixed(request) {
        "booking reverse charge or intra-community supply beside other VAT"
    } else if !can.currencies.take(posting.currency) {
        let (name, currency) = (descriptor.name, posting.currency);
        let message =
            format!("{name} does not book in {currency}. Book this document by hand, in the currency of the books.");
        return Err(LedgerError::rejected(ErrorCode::CurrencyNotAllowed, Operation::Prepare, message).about(currency));
    } else {
        return Ok(());
    };
    Err(unsupported(descriptor, Operation::Prepare, missing))
}

/// Whether VAT that the buyer owes stands beside other VAT.
fn is_mixed(request: &PushRequest<'_>) -> bool {
    let reversed = |line: &PostingLine| matches!(line.category, VatCategory::AE | VatCategory::K);
    let lines = &request.posting.lines;
    lines.iter().any(reversed) && !lines.iter().all(reversed)
}

fn not_taken(error: &Unsupported) -> LedgerError {
    LedgerError::rejected(ErrorCode::Unsupported, Operation::Prepare, error.to_string())
}

fn unsupported(descriptor: &Descriptor, operation: Operation, what: &str) -> LedgerError {
    let message = format!("{} does not offer {what} to us.", descriptor.name);
    LedgerError::rejected(ErrorCode::Unsupported, operation, message)
}

/// A relation that the ledger does not have cannot have the booking either.
fn foreign_or(error: LedgerError) -> Result<Lookup, LedgerError> {
    match (error.code(), error.booking()) {
        (ErrorCode::Duplicate, Some(number)) => Ok(Lookup::Foreign(number.to_owned())),
        (ErrorCode::ContactMissing | ErrorCode::ContactUnidentified, _) => Ok(Lookup::Absent),
        _ => Err(error),
    }
}

fn between(now: Instant, until: Instant) -> Duration {
    (until - now).to_std().unwrap_or_default()
}

/// A key is looked at anew after so long, which takes no request.
const KEY_DAYS: i64 = 3650;

/// What opening a connection and renewing its tokens take. Tokens belong to the whole connection: hold its refresh lease.
pub struct Opener<'a> {
    /// The ledger.
    pub ledger: &'static dyn Ledger,
    /// What sends.
    pub sender: &'a Sender,
    /// Where.
    pub endpoint: Endpoint,
    /// Our registration there.
    pub app: &'a App,
    /// When the caller's own time is up.
    pub deadline: Deadline,
    /// What time it is.
    pub clock: &'a (dyn Fn() -> Instant + Send + Sync),
}

impl Opener<'_> {
    /// Exchanges what a person gave: see [`Ledger::open`]. The code of a consent works once; on any error but
    /// [`ErrorKind::Retryable`], a new one is needed.
    pub async fn open(&self, given: &Secret) -> Result<TokenSet, LedgerError> {
        match self.ledger.key(given) {
            Some(access) => Ok(self.lasting(access, given)),
            None => self.tokens(self.ledger.open(self.app, given)?, given).await,
        }
    }

    /// Gets the next pair of tokens. Store it before using it. After [`ErrorKind::Unknown`] the old refresh token may
    /// already be dead: try the stored one once more, no sooner than the rules say.
    pub async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        let (mut used, mut renewed) = (&tokens.refresh, self.renewed(tokens, &tokens.refresh).await);
        if let (Err(error), Some(previous)) = (&renewed, &tokens.previous)
            && error.kind() == ErrorKind::ReconnectNeeded
        {
            (used, renewed) = (previous, self.renewed(tokens, previous).await);
        }
        let renewed = renewed?;
        let previous = match self.ledger.descriptor().tokens.replaced {
            Replaced::KeptUntilTheNextWorks if renewed.refresh != *used => Some(used.clone()),
            Replaced::KeptUntilTheNextWorks | Replaced::Forgotten => None,
        };
        Ok(TokenSet { previous, ..renewed })
    }

    /// A key that opens the ledger as it is, until a person gives another.
    fn lasting(&self, access: Secret, given: &Secret) -> TokenSet {
        let now = (self.clock)();
        let expires_at = now + chrono::TimeDelta::days(KEY_DAYS);
        TokenSet { access, refresh: given.clone(), previous: None, issued_at: now, expires_at }
    }

    async fn renewed(&self, tokens: &TokenSet, by: &Secret) -> Result<TokenSet, LedgerError> {
        if let Some(access) = self.ledger.key(by) {
            return Ok(self.lasting(access, by));
        }
        let tokens = TokenSet { refresh: by.clone(), previous: None, ..tokens.clone() };
        self.tokens(self.ledger.refresh(self.app, &tokens)?, by).await
    }

    async fn tokens(&self, call: Call, given: &Secret) -> Result<TokenSet, LedgerError> {
        let purpose = call.purpose;
        let asked_at = (self.clock)();
        let login = self.endpoint.login();
        let answer = self.sender.send(&login, call, None, &[], (Patience::Tokens, self.deadline)).await?;
        if answer.succeeded() {
            let tokens = self.ledger.tokens(purpose, given, &answer, asked_at, (self.clock)())?;
            match self.ledger.locate(purpose.operation, &tokens) {
                None => Ok(tokens),
                Some(call) => {
                    let answer = self.sender.send(&login, call, None, &[], (Patience::Tokens, self.deadline)).await;
                    self.ledger.located(purpose.operation, &self.endpoint, tokens, answer)
                }
            }
        } else if answer.status == 429 {
            let after = between(asked_at, self.ledger.rate(&answer).wait_until(asked_at));
            let message = "The ledger gives no new token for a while. It goes on by itself.";
            Err(LedgerError::retryable(Some(after), ErrorCode::RateLimited, purpose.operation, message))
        } else {
            Err(self.ledger.token_refusal(purpose, &answer))
        }
    }
}
