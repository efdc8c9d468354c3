//! Passing one issued document to the ledger, request by request, as [`crate::push`] posts a received one (CO-1, CO-29).

use crate::{
    attempt::{Attempt, CONSENT, LEDGER},
    copies,
    gate::{Gate, Key, Waiting, gate, key},
    push::{found, missing, reason, reconnect},
    turn::{Turn, TurnError},
    verdict::{FOR_CONSENT, Verdict, Went, judge},
};
use domain::{
    document::Actor,
    ids::IssuedId,
    reason::Reason,
    sales::{Capability, Connector, Copy, Issued, IssuedContent, PassEvent, Passed, Passing},
    time::Instant,
    words::{Note, Text},
};
use ledgers::{Advance, ErrorKind, LedgerError, Options, PassRequest, PassedDocument};
use runtime::telemetry::{Metric, count};
use store::{
    Read,
    document::PutOff,
    sales::{PassChange, PassEntry},
};

/// Everything that a pass needs, read once.
pub struct Material {
    content: IssuedContent,
    connector: Connector,
    options: Options,
}

impl Material {
    /// The request.
    pub fn request<'a>(&'a self, issued: &Issued) -> PassRequest<'a> {
        PassRequest {
            content: &self.content,
            numbering: issued.numbering,
            series: self.connector.ledger_series(issued.series),
            payment: self.connector.payments.get(&self.content.payment.name).map(String::as_str),
            skus: self.connector.send_sku,
            show: self.connector.show_ledger_document,
            options: &self.options,
        }
    }
}

/// What a pass needs, or why this document cannot be passed.
pub async fn material(turn: &Turn<'_>, issued: &Issued) -> Result<Result<Material, Reason>, TurnError> {
    let Some(content) = found(turn.tenant.issued().content(issued.id).await)?.flatten() else {
        return Ok(Err(missing()));
    };
    let settings = turn.tenant.invoicing(issued.administration);
    let Some(connector) = settings.connector(Read::Eventual).await? else {
        return Ok(Err(Reason::said(&Note::NoConnector)));
    };
    let options: Options = turn.connection.options.clone().into_iter().collect();
    Ok(Ok(Material { content, connector, options }))
}

/// Passes a document, if it is due.
pub async fn issued(turn: &mut Turn<'_>, id: IssuedId) -> Result<Went, TurnError> {
    let Some(head) = turn.tenant.issued().head(id).await? else { return Ok(Went::On) };
    let issued = &head.issued;
    if issued.passing != Passing::Passing || issued.unit.as_ref() != Some(&turn.unit) {
        return Ok(Went::On);
    }
    let waiting = Waiting { version: issued.version, due: head.due, checkpoint: head.checkpoint.as_deref() };
    let mut attempt = match gate(turn, waiting) {
        Gate::Open(attempt) => attempt,
        Gate::Shut(went) => return Ok(went),
        Gate::Consent(attempt) => return wait_for_consent(turn, issued, attempt, reconnect()).await,
    };
    let material = match material(turn, issued).await? {
        Ok(material) => material,
        Err(reason) => return unpassable(turn, issued, &attempt, reason).await,
    };
    let access = match key(turn).await? {
        Key::Token(access) => access,
        Key::Wait(until) => return Ok(Went::Stop(until)),
        Key::PutOff(until) => {
            put_off(turn, issued, until, attempt, LEDGER, Reason::said(&Note::TokenNotRenewed)).await?;
            return Ok(Went::Stop(until));
        }
        Key::Consent => return wait_for_consent(turn, issued, attempt, reconnect()).await,
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    if let Err(until) = client.cover_push().await {
        return Ok(Went::Stop(until));
    }
    if attempt.waits_for_consent() {
        go_on(turn, issued, &mut attempt).await?;
    }
    // Between the ledger's document and its record nothing else may fail.
    let unlinked = unlinked(turn, issued, &material).await?;
    turn.names(id.into()).await?;

    let request = material.request(issued);
    let mut progress = attempt.progress();
    attempt.not_before = None;
    let mut refused_once = false;
    turn.in_flight = Some(id.into());
    let outcome = loop {
        match client.pass(&request, &mut progress).await {
            Ok(Advance::Next) => {}
            Ok(Advance::Store) => {
                attempt.reached(progress.checkpoint());
                let repository = turn.tenant.issued();
                repository.checkpoint(issued, turn.lease.fence, &attempt.stored(), &turn.writer).await?;
            }
            Ok(Advance::Done(document)) => break Ok(document),
            Err(error) if error.kind() == ErrorKind::Unauthorised && !refused_once => {
                refused_once = true;
                match turn.another_token().await? {
                    Some(access) => client.access = access,
                    None => break Err(error),
                }
            }
            Err(error) => break Err(error),
        }
    };
    turn.memory.budget = client.budget;
    let went = match outcome {
        Ok(document) => {
            turn.memory.circuit.answered();
            let remark = progress.remark().map(|remark| reason(turn, remark)).or(unlinked);
            record(turn, issued, &document, PassEvent::Accepted, remark).await?;
            Went::On
        }
        Err(error) => {
            attempt.reached(progress.checkpoint());
            failed(turn, issued, attempt, &error).await?
        }
    };
    turn.in_flight = None;
    Ok(went)
}

/// Says once that a payment type is linked to none of the ledger (CO-15).
async fn unlinked(turn: &Turn<'_>, issued: &Issued, material: &Material) -> Result<Option<Reason>, TurnError> {
    let payment = &material.content.payment.name;
    let links = turn.ledger.descriptor().capabilities.invoicing.unwrap_or_default().contains(&Capability::Payments);
    if !links || material.connector.payments.contains_key(payment) {
        return Ok(None);
    }
    let of = format!("payment {payment}");
    if !turn.app.known.warns(turn.tenant.id(), issued.administration, &of) {
        return Ok(None);
    }
    let is_first = turn.tenant.issued().warns_first(issued.administration, &of).await?;
    Ok(is_first.then(|| Reason::said(&Note::PaymentNotLinked { payment: Text::of(payment.as_str()) })))
}

/// Records the ledger's document: ours is superseded (CO-1).
pub async fn record(
    turn: &mut Turn<'_>,
    before: &Issued,
    document: &PassedDocument,
    event: PassEvent,
    remark: Option<Reason>,
) -> Result<(), TurnError> {
    let now = turn.app.clock.now();
    let (passing, step) = before.passing.after(event)?;
    let passed = Passed {
        ledger_id: document.id.clone(),
        number: document.number.clone(),
        link: document.link.clone(),
        copy: Copy::Awaited,
        ksef: document.ksef.clone(),
        at: now,
    };
    let version = before.version + 1;
    let after =
        Issued { version, passing, updated_at: now, passed: Some(passed), reason: remark.clone(), ..before.clone() };
    let by = before.passed_by.clone().unwrap_or(Actor::System);
    let entry = entry(&after, by, Some(event), remark);
    let fence = match event {
        PassEvent::Accepted => Some(turn.lease.fence),
        PassEvent::Pass
        | PassEvent::Withhold
        | PassEvent::Refused
        | PassEvent::Unclear
        | PassEvent::Found
        | PassEvent::Absent => None,
    };
    let change = PassChange { before, after: &after, step: Some(step), entry, fence };
    copies::ask_for(turn, before).await?;
    turn.tenant.issued().transition(&change, &turn.writer).await?;
    count(Metric::Passed, 1);
    tracing::info!(
        tenant = %turn.tenant.id(),
        issued = %before.id,
        unit = %turn.unit,
        ledger_number = %document.number,
        "Issued document passed."
    );
    Ok(())
}

async fn failed(
    turn: &mut Turn<'_>,
    issued: &Issued,
    attempt: Attempt,
    error: &LedgerError,
) -> Result<Went, TurnError> {
    tracing::warn!(
        tenant = %turn.tenant.id(),
        issued = %issued.id,
        unit = %turn.unit,
        code = error.code().as_str(),
        operation = error.operation().as_str(),
        "Issued document not passed."
    );
    match judge(turn, attempt, error).await? {
        Verdict::NothingSent => Ok(Went::Stop(turn.app.clock.now())),
        Verdict::PutOff { until, attempt, wait, went } => {
            put_off(turn, issued, until, *attempt, wait, reason(turn, error)).await?;
            Ok(went)
        }
        Verdict::Consent(attempt) => {
            let why = if error.kind() == ErrorKind::ReconnectNeeded { reason(turn, error) } else { reconnect() };
            wait_for_consent(turn, issued, *attempt, why).await
        }
        Verdict::Refused => {
            count(Metric::LedgerRejected, 1);
            end(turn, issued, PassEvent::Refused, reason(turn, error)).await
        }
        Verdict::Unclear => {
            count(Metric::LedgerUncertain, 1);
            end(turn, issued, PassEvent::Unclear, reason(turn, error)).await
        }
    }
}

/// Something is missing on our side. Whether the ledger has the document is only in doubt when something was sent before.
async fn unpassable(turn: &Turn<'_>, issued: &Issued, attempt: &Attempt, reason: Reason) -> Result<Went, TurnError> {
    let event = match attempt.checkpoint {
        None => PassEvent::Refused,
        Some(_) => PassEvent::Unclear,
    };
    end(turn, issued, event, reason).await
}

async fn put_off(
    turn: &Turn<'_>,
    issued: &Issued,
    due: Instant,
    mut attempt: Attempt,
    wait: &str,
    reason: Reason,
) -> Result<(), TurnError> {
    let said = attempt.waits_for.as_ref().is_some_and(|waits_for| waits_for.what == wait);
    attempt.wait_for(wait, issued.version);
    let entry = (!said).then(|| note(turn, issued, reason));
    let stored = attempt.stored();
    let put_off = PutOff { due, checkpoint: Some(&stored), entry: entry.as_ref() };
    turn.tenant.issued().postpone(issued, put_off, turn.lease.fence, &turn.writer).await?;
    Ok(())
}

async fn wait_for_consent(
    turn: &mut Turn<'_>,
    issued: &Issued,
    attempt: Attempt,
    reason: Reason,
) -> Result<Went, TurnError> {
    turn.awaits_consent().await?;
    let due = turn.app.clock.now() + FOR_CONSENT;
    put_off(turn, issued, due, attempt, CONSENT, reason).await?;
    Ok(Went::On)
}

/// Somebody signed in: the document says that it goes on.
async fn go_on(turn: &Turn<'_>, issued: &Issued, attempt: &mut Attempt) -> Result<(), TurnError> {
    attempt.waits_for = None;
    let entry = note(turn, issued, Reason::said(&Note::Reconnected));
    let stored = attempt.stored();
    let put_off = PutOff { due: turn.app.clock.now(), checkpoint: Some(&stored), entry: Some(&entry) };
    turn.tenant.issued().postpone(issued, put_off, turn.lease.fence, &turn.writer).await?;
    Ok(())
}

/// The document goes back to people, with the reason.
async fn end(turn: &Turn<'_>, before: &Issued, event: PassEvent, reason: Reason) -> Result<Went, TurnError> {
    let now = turn.app.clock.now();
    let (passing, step) = before.passing.after(event)?;
    let version = before.version + 1;
    let after = Issued { version, passing, updated_at: now, reason: Some(reason.clone()), ..before.clone() };
    let entry = entry(&after, Actor::System, Some(event), Some(reason));
    let change = PassChange { before, after: &after, step: Some(step), entry, fence: Some(turn.lease.fence) };
    turn.tenant.issued().transition(&change, &turn.writer).await?;
    Ok(Went::On)
}

/// An entry of the history, of the document as it is after what happened.
pub fn entry(after: &Issued, by: Actor, event: Option<PassEvent>, reason: Option<Reason>) -> PassEntry {
    PassEntry { at: after.updated_at, by, event, passing: after.passing, version: after.version, reason }
}

fn note(turn: &Turn<'_>, issued: &Issued, reason: Reason) -> PassEntry {
    PassEntry {
        at: turn.app.clock.now(),
        by: Actor::System,
        event: None,
        passing: issued.passing,
        version: issued.version,
        reason: Some(reason),
    }
}

/// A turn died while it passed this document: it is looked for in the ledger before anything is sent again, and not before the
/// settle time has passed.
pub async fn recover(turn: &mut Turn<'_>, id: IssuedId) -> Result<(), TurnError> {
    let repository = turn.tenant.issued();
    if let Some(head) = repository.head(id).await?
        && head.issued.passing == Passing::Passing
    {
        let not_before = turn.app.clock.now() + turn.settle();
        let attempt = Attempt::read(head.checkpoint.as_deref(), head.issued.version);
        let stored = Attempt { not_before: Some(not_before), ..attempt.begun() }.stored();
        let entry = note(turn, &head.issued, Reason::said(&Note::PassInterrupted));
        let put_off = PutOff { due: not_before, checkpoint: Some(&stored), entry: Some(&entry) };
        repository.postpone(&head.issued, put_off, turn.lease.fence, &turn.writer).await?;
        tracing::warn!(issued = %id, "A turn died with this issued document; it will be looked for in the ledger.");
        turn.wake_at(not_before);
    }
    Ok(())
}
