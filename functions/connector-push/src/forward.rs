//! Forwarding a finished document to the marketplace of its order (CO-13), request by request. It goes once to each account: how far
//! it has come is stored as the marketplace's code asks, and while its outcome is unknown no other document of the account is begun.

use crate::{
    attempt::Attempt,
    copies::GONE,
    tasks::{Outcome, RETRY, Stage, Trouble, access},
    turn::{Turn, TurnError},
};
use chrono::TimeDelta;
use domain::{
    document::Actor,
    ids::IssuedId,
    office::Choice,
    reason::Reason,
    sales::{CustomerCopy, DocumentLink, ForwardState, Forwarding, Issued, IssuedContent, LinkTarget, Order},
    time::Instant,
    words::Acted,
};
use ledgers::{Advance, ErrorKind, ForwardRequest, Forwarded, ForwardedAs, LedgerError, Options, PdfBy};
use runtime::clock::new_secret;
use store::{Read, Writer, sales::IssuedPdf};

/// Marketplaces come back for a document long after it was given to them.
const ADDRESS_GOOD: TimeDelta = TimeDelta::days(400);
/// When somebody has to sign in first, it is looked at again after this long.
const FOR_CONSENT: TimeDelta = TimeDelta::hours(1);

/// What is forwarded.
struct Material {
    content: IssuedContent,
    order: Order,
    pdf: Vec<u8>,
}

/// A forwarding under way, with its writes.
struct Way<'t, 'a> {
    turn: &'t mut Turn<'a>,
    forwarding: Forwarding,
    writes: u32,
}

impl Way<'_, '_> {
    /// Puts the forwarding as it is to be.
    async fn put(&mut self, change: impl FnOnce(&mut Forwarding)) -> Result<(), TurnError> {
        let before = self.forwarding.clone();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        after.updated_at = self.turn.app.clock.now();
        after.version = before.version.saturating_add(1);
        self.writes += 1;
        let writer = Writer::new(self.turn.writer.as_str(), self.writes);
        self.turn.tenant.forwardings().put(Some(&before), &after, &writer).await?;
        self.forwarding = after;
        Ok(())
    }

    /// It has come to its end.
    async fn end(&mut self, state: ForwardState, reason: Option<Reason>) -> Result<Outcome, TurnError> {
        let said = state.as_str().to_owned();
        self.put(|forwarding| {
            forwarding.state = state;
            forwarding.reason = reason;
        })
        .await?;
        let (connection, issued) = (self.forwarding.connection, self.forwarding.issued);
        self.turn.tenant.forwardings().free(connection, issued).await?;
        tracing::info!(tenant = %self.turn.tenant.id(), issued = %issued, state = %said, "Forwarding ended.");
        Ok(Ok(format!("The forwarding is {said}")))
    }

    /// It goes on then; that is no failed attempt.
    async fn later(&mut self, until: Instant, reason: Reason) -> Result<Outcome, TurnError> {
        self.put(|forwarding| forwarding.reason = Some(reason)).await?;
        Ok(Err(Trouble::GoesOn(until, Stage::Forwarding)))
    }
}

/// Forwards a document, or goes on with it.
pub async fn forward(turn: &mut Turn<'_>, id: IssuedId) -> Result<Outcome, TurnError> {
    let over = |text: &str| Ok(Err(Trouble::Over(Reason::new("not_found", text))));
    let Some(forwarding) = turn.tenant.forwardings().get(id, turn.connection.id).await? else { return over(GONE) };
    if forwarding.state.is_over() {
        return Ok(Ok(format!("The forwarding is {}", forwarding.state.as_str())));
    }
    let Some(issued) = turn.tenant.issued().get(id, Read::Consistent).await? else { return over(GONE) };
    let mut way = Way { turn, forwarding, writes: 0 };
    let material = match material(&mut way, &issued).await? {
        Ok(material) => material,
        Err(outcome) => return Ok(outcome),
    };
    let access = match access(way.turn).await? {
        Ok(access) => access,
        // Given up, it would keep the account from every other document.
        Err(Trouble::Later(until, reason)) => return way.later(until, reason).await,
        Err(Trouble::Over(reason)) => {
            let until = way.turn.app.clock.now() + FOR_CONSENT;
            return way.later(until, reason).await;
        }
        Err(trouble @ (Trouble::GoesOn(..) | Trouble::Full(_))) => return Ok(Err(trouble)),
    };
    let (now, connection) = (way.turn.app.clock.now(), way.forwarding.connection);
    let tells_apart = way.turn.ledger.forwarding().is_some_and(ledgers::Forwarding::tells_documents_apart);
    if !tells_apart && !way.turn.tenant.forwardings().claim(connection, id).await? {
        return way.later(now + RETRY, Reason::said(&Acted::AwaitsMarketplace)).await;
    }
    let Some(address) = address(&mut way).await? else {
        return way.later(now + RETRY, Reason::said(&Acted::AwaitsMarketplace)).await;
    };
    way.put(|forwarding| {
        forwarding.state = ForwardState::Sending;
        forwarding.first_tried.get_or_insert(now);
    })
    .await?;
    let sent = send(&mut way, &issued, &material, access, address.as_deref()).await?;
    match sent {
        Ok(forwarded) => {
            way.put(|forwarding| forwarding.marketplace_id = Some(forwarded.id.clone())).await?;
            way.turn.tenant.forwardings().remember(connection, id, &forwarded.id, now).await?;
            let state = match forwarded.outcome {
                ForwardedAs::Accepted => ForwardState::Forwarded,
                ForwardedAs::NotNeeded => ForwardState::NotNeeded,
            };
            way.end(state, None).await
        }
        Err(error) => failed(&mut way, &error).await,
    }
}

/// What is forwarded, once it is there; or what becomes of the forwarding instead.
async fn material(way: &mut Way<'_, '_>, issued: &Issued) -> Result<Result<Material, Outcome>, TurnError> {
    let tenant = way.turn.tenant.clone();
    let settings = tenant.invoicing(issued.administration);
    let order = tenant.orders(issued.administration).get(issued.order, Read::Eventual).await?;
    let content = tenant.issued().content(issued.id).await?;
    let (Some(order), Some(content)) = (order, content) else {
        return Ok(Err(way.end(ForwardState::Failed, Some(Reason::new("not_found", GONE))).await?));
    };
    let link = settings.marketplace(&order.data.source, Read::Consistent).await?;
    let is_on = |link: domain::sales::MarketplaceLink| {
        link.forward == Choice::Yes && link.connection == way.forwarding.connection
    };
    // What was begun is brought to its end.
    if way.forwarding.state == ForwardState::Waiting && !link.is_some_and(is_on) {
        return Ok(Err(way.end(ForwardState::SwitchedOff, Some(Reason::said(&Acted::NotForwarded))).await?));
    }
    let connector = settings.connector(Read::Consistent).await?;
    let repository = tenant.issued();
    let now = way.turn.app.clock.now();
    let pdf = match &issued.customer_copy(connector.as_ref()) {
        CustomerCopy::Awaited(reason) => return Ok(Err(way.later(now + RETRY, reason.clone()).await?)),
        CustomerCopy::Missing(reason) => {
            return Ok(Err(way.end(ForwardState::Failed, Some(reason.clone())).await?));
        }
        CustomerCopy::Ours { number } => {
            let pdf = IssuedPdf::Ours { number };
            if !repository.has_pdf(issued.id, pdf).await? {
                return Ok(Err(way.later(now + RETRY, Reason::said(&Acted::AwaitsPdf)).await?));
            }
            repository.pdf(issued.id, pdf).await?
        }
        CustomerCopy::Ledgers => repository.pdf(issued.id, IssuedPdf::Ledgers).await?,
        CustomerCopy::Replacement { file } => repository.pdf(issued.id, IssuedPdf::Replacement { file }).await?,
    };
    Ok(Ok(Material { content, order, pdf }))
}

/// The address under which the marketplace fetches the document, where it does: the same one however often it is tried. Nothing at
/// all when none can be made at the moment.
async fn address(way: &mut Way<'_, '_>) -> Result<Option<Option<String>>, TurnError> {
    match way.turn.ledger.descriptor().capabilities.forwarding {
        Some(PdfBy::Address) => {}
        Some(PdfBy::Bytes) | None => return Ok(Some(None)),
    }
    let now = way.turn.app.clock.now();
    let Some(secret) = way.forwarding.link.clone().or_else(new_secret) else { return Ok(None) };
    way.put(|forwarding| forwarding.link = Some(secret.clone())).await?;
    let link = DocumentLink {
        secret: secret.clone(),
        target: LinkTarget::Issued { issued: way.forwarding.issued },
        expires_at: now + ADDRESS_GOOD,
        revoked: Choice::No,
        by: Actor::User(way.forwarding.by),
        at: now,
    };
    way.turn.tenant.forwardings().put_link(&link).await?;
    Ok(Some(Some(format!("{}{}", way.turn.app.public_url, DocumentLink::path(way.turn.tenant.id(), &secret, "pdf")))))
}

/// Sends it, request by request.
async fn send(
    way: &mut Way<'_, '_>,
    issued: &Issued,
    material: &Material,
    access: ledgers::Secret,
    address: Option<&str>,
) -> Result<Result<Forwarded, LedgerError>, TurnError> {
    let connection = way.forwarding.connection;
    let others = way.turn.tenant.forwardings().others(connection, issued.id).await?;
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let options: Options = way.turn.connection.options.clone().into_iter().collect();
    let effect = material.content.effect().unwrap_or(material.content.total);
    let request = ForwardRequest {
        order: material.order.data.reference.as_str(),
        place: material.order.data.marketplace.as_ref(),
        kind: issued.kind,
        number: issued.legal_number().unwrap_or(&issued.number),
        currency: issued.currency,
        gross: effect.gross,
        vat: effect.vat,
        pdf: &material.pdf,
        address,
        first_tried: way.forwarding.first_tried.unwrap_or_else(|| way.turn.app.clock.now()),
        others: &others,
        options: &options,
    };
    let mut attempt = Attempt::read(way.forwarding.attempt.as_deref(), way.forwarding.version);
    let mut progress = attempt.progress();
    if attempt.checkpoint.is_none() {
        // Dying from here on, it is looked for first.
        attempt = attempt.begun();
        let stored = attempt.stored();
        way.put(|forwarding| forwarding.attempt = Some(stored)).await?;
    }
    let clock_source = way.turn.app.clock;
    let clock = move || clock_source.now();
    let ledger = way.turn.ledger;
    let mut client = way.turn.client(access, &clock)?;
    let outcome = loop {
        match client.forward(&request, &mut progress).await {
            Ok(Advance::Next) => {}
            Ok(Advance::Store) => {
                attempt.reached(progress.checkpoint());
                let stored = attempt.stored();
                way.put(|forwarding| forwarding.attempt = Some(stored)).await?;
                let known = ledger.forwarding().and_then(|forwarding| forwarding.known(progress.checkpoint()));
                if let Some(known) = known {
                    let now = way.turn.app.clock.now();
                    way.turn.tenant.forwardings().remember(connection, issued.id, &known, now).await?;
                    way.turn.tenant.forwardings().free(connection, issued.id).await?;
                }
            }
            Ok(Advance::Done(forwarded)) => break Ok(*forwarded),
            Err(error) => {
                attempt.reached(progress.checkpoint());
                break Err(error);
            }
        }
    };
    way.turn.memory.budget = client.budget;
    if outcome.is_err() {
        let stored = attempt.stored();
        way.put(|forwarding| forwarding.attempt = Some(stored)).await?;
    }
    Ok(outcome)
}

async fn failed(way: &mut Way<'_, '_>, error: &LedgerError) -> Result<Outcome, TurnError> {
    let now = way.turn.app.clock.now();
    let reason = Reason::said(&error.told(way.turn.ledger.descriptor().name));
    tracing::warn!(
        issued = %way.forwarding.issued,
        code = error.code().as_str(),
        operation = error.operation().as_str(),
        "Document not forwarded."
    );
    match error.kind() {
        ErrorKind::Retryable { after } => {
            let after = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or(RETRY);
            way.later(now + after, reason).await
        }
        ErrorKind::Unauthorised => way.later(now + RETRY, reason).await,
        ErrorKind::ReconnectNeeded => way.later(now + FOR_CONSENT, reason).await,
        // It is looked for before anything is sent again, and not before it can be seen.
        ErrorKind::Unknown => {
            let settle = way.turn.settle();
            way.later(now + settle, reason).await
        }
        ErrorKind::Rejected | ErrorKind::Uncertain | ErrorKind::Bug => {
            way.end(ForwardState::Failed, Some(reason)).await
        }
    }
}
