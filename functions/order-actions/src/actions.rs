//! Each kind of action: what is done, and what it comes to.

use crate::{ActError, App};
use domain::{
    document::{Actor, UnitId},
    ids::SeriesId,
    mail::{AddressError, AskedDelivery, Delivery, EmailAddress, Form, Home, Purpose},
    office::Choice,
    reason::Reason,
    sales::{
        Action, Connector, CustomerCopy, ForwardState, InMail, Issued, IssuedKind, Order, OrderRun, Outcome, Passing,
        RunStep, StepState,
    },
    words::{Acted, Language, Text},
};
use runtime::message::TurnMessage;
use sales::{Desk, SalesError};
use std::time::Duration;
use store::{ErrorKind, Read, Writer, mail::LOOKED_AT_AFTER};

/// Does the action at this place of a run, or looks whether what it waits for has happened.
pub async fn act(
    app: &App,
    desk: &Desk<'_>,
    run: &OrderRun,
    place: usize,
    step: &RunStep,
) -> Result<Outcome, ActError> {
    let is_first = match step.state {
        StepState::Pending => true,
        StepState::Waiting { .. } | StepState::Done { .. } | StepState::Failed { .. } | StepState::LeftOut => false,
    };
    match &step.step.action {
        Action::IssueDocument { series } => issue(app, desk, run, *series, is_first).await,
        Action::PassDocuments => pass(app, desk, run, is_first).await,
        Action::ChangeStatus { to } => {
            desk.set_status(run, to).await?;
            Ok(Outcome::Done(Reason::said(&Acted::StatusSet { status: Text::of(to.as_str()) })))
        }
        Action::SendEmail { document } => mail(desk, run, place, *document).await,
        Action::ForwardDocument => forward(app, desk, run, is_first).await,
    }
}

/// Why nothing was issued, or passed, in the words of who refused it.
pub fn not_issued(error: &SalesError) -> Reason {
    Reason::said(&Acted::NotIssued { why: Text::of(error.to_string()) })
}

async fn order(desk: &Desk<'_>, run: &OrderRun) -> Result<Order, ActError> {
    let found = desk.tenant.orders(run.administration).get(run.order, Read::Consistent).await?;
    Ok(found.ok_or(SalesError::NoOrder(run.order))?)
}

/// Issues, and waits for the ledger's document where the settings pass at issue.
async fn issue(
    app: &App,
    desk: &Desk<'_>,
    run: &OrderRun,
    series: SeriesId,
    is_first: bool,
) -> Result<Outcome, ActError> {
    let administration = desk.tenant.administrations().get(run.administration, Read::Eventual).await?;
    let Some(administration) = administration else { return Ok(Outcome::Failed(Reason::said(&Acted::NoDocument))) };
    let today = administration.time_zone.date_at(desk.now);
    let settings = desk.settings(run.administration, series, (None, today)).await?;
    let issued = desk.issue(run.order, &settings).await?;
    let passes = settings.ledger.as_ref().is_some_and(|(connector, _)| connector.automatic == Choice::Yes);
    let issued = if is_first && passes && issued.passing == Passing::Failed {
        // Of an earlier try: whoever had the actions go on has seen to what it failed for.
        again(desk, &issued).await?
    } else {
        issued
    };
    let outcome = standing(app, desk, &issued).await?;
    Ok(outcome.unwrap_or_else(|| Outcome::Done(Reason::said(&Acted::Issued { number: Text::of(&issued.number) }))))
}

/// Passes a document that is not in the ledger. Somebody may do so at the same moment.
async fn again(desk: &Desk<'_>, issued: &Issued) -> Result<Issued, ActError> {
    match desk.pass(issued).await {
        Ok(after) => Ok(after),
        Err(SalesError::Store(error)) if error.kind() == ErrorKind::Conflict => {
            let found = desk.tenant.issued().get(issued.id, Read::Consistent).await?;
            Ok(found.unwrap_or_else(|| issued.clone()))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a document on its way to a ledger means for an action that needs it there. Nothing when it is ours alone.
async fn standing(app: &App, desk: &Desk<'_>, issued: &Issued) -> Result<Option<Outcome>, ActError> {
    // From here on each change of it calls the order's actions; and as it is now is not behind what was told before.
    let watched = match issued.passing {
        Passing::Passing => desk.tenant.issued().watch(issued.id).await?,
        Passing::NotPassed | Passing::Withheld | Passing::Passed | Passing::Failed | Passing::Uncertain => None,
    };
    let issued = watched.as_ref().unwrap_or(issued);
    let why = || {
        let reason = issued.reason.as_ref().map(|reason| reason.shown(Language::English));
        Text::of(reason.unwrap_or_else(|| issued.passing.to_string()))
    };
    Ok(match issued.passing {
        Passing::NotPassed => None,
        Passing::Withheld => Some(Outcome::Done(Reason::said(&Acted::KeptHere))),
        Passing::Passing => {
            wake(app, desk, issued.unit.as_ref()).await;
            Some(Outcome::Wait(Reason::said(&Acted::AwaitsLedger)))
        }
        Passing::Passed => {
            let number = issued.passed.as_ref().map_or(issued.number.as_str(), |passed| passed.number.as_str());
            Some(Outcome::Done(Reason::said(&Acted::Confirmed { number: Text::of(number) })))
        }
        Passing::Failed | Passing::Uncertain => Some(Outcome::Failed(Reason::said(&Acted::NotTaken { why: why() }))),
    })
}

/// The stream wakes the unit as well; this is only sooner.
async fn wake(app: &App, desk: &Desk<'_>, unit: Option<&UnitId>) {
    let Some(unit) = unit else { return };
    let message = TurnMessage { tenant: desk.tenant.id(), unit: unit.clone(), document: None };
    if let Err(error) = app.turns.send("orders.wake", &message, Duration::ZERO).await {
        tracing::warn!(%unit, %error, "A unit was not woken; the stream does it.");
    }
}

/// The documents of an order that a ledger or a customer gets: corrections go by hand (CO-30), and nobody books a pro-forma invoice.
async fn documents(desk: &Desk<'_>, run: &OrderRun, kinds: &[IssuedKind]) -> Result<Vec<Issued>, ActError> {
    let order = order(desk, run).await?;
    let mut found = Vec::new();
    for document in order.documents.iter().filter(|document| kinds.contains(&document.kind)) {
        found.extend(desk.tenant.issued().get(document.id, Read::Consistent).await?);
    }
    Ok(found)
}

/// Passes what is not in the ledger, and waits until the ledger has confirmed all of it.
async fn pass(app: &App, desk: &Desk<'_>, run: &OrderRun, is_first: bool) -> Result<Outcome, ActError> {
    let documents = documents(desk, run, &[IssuedKind::Invoice, IssuedKind::Receipt]).await?;
    if documents.is_empty() {
        return Ok(Outcome::Failed(Reason::said(&Acted::NoDocument)));
    }
    let mut waits = None;
    let mut done = Outcome::Done(Reason::said(&Acted::KeptHere));
    for document in documents {
        let document = match document.passing {
            Passing::NotPassed => again(desk, &document).await,
            Passing::Failed if is_first => again(desk, &document).await,
            Passing::Withheld | Passing::Passing | Passing::Passed | Passing::Failed | Passing::Uncertain => {
                Ok(document)
            }
        };
        let document = match document {
            Ok(document) => document,
            Err(ActError::Sales(SalesError::KeptHere(_))) => continue,
            Err(error) => return Err(error),
        };
        match standing(app, desk, &document).await? {
            Some(failed @ Outcome::Failed(_)) => return Ok(failed),
            Some(wait @ Outcome::Wait(_)) => waits = Some(wait),
            Some(end @ Outcome::Done(_)) => done = end,
            None => {}
        }
    }
    Ok(waits.unwrap_or(done))
}

/// The document that a customer is shown: the invoice, without one the receipt, without that the pro-forma invoice.
async fn shown(desk: &Desk<'_>, run: &OrderRun) -> Result<Result<Issued, Reason>, ActError> {
    let kinds = [IssuedKind::Invoice, IssuedKind::Receipt, IssuedKind::ProForma];
    let documents = documents(desk, run, &kinds).await?;
    let found = kinds.iter().find_map(|kind| documents.iter().find(|document| document.kind == *kind)).cloned();
    Ok(found.ok_or_else(|| Reason::said(&Acted::NoDocument)))
}

async fn connector(desk: &Desk<'_>, run: &OrderRun) -> Result<Option<Connector>, ActError> {
    Ok(desk.tenant.invoicing(run.administration).connector(Read::Consistent).await?)
}

/// Records the mail once the document that the customer is shown is there: the ledger's where the settings say so, and then never
/// ours in its place (CO-13, CO-22).
async fn mail(desk: &Desk<'_>, run: &OrderRun, place: usize, document: InMail) -> Result<Outcome, ActError> {
    let to = order(desk, run).await?.data.customer.email;
    let Some(to) = to else { return Ok(Outcome::Failed(Reason::said(&Acted::NoAddress))) };
    let issued = match shown(desk, run).await? {
        Ok(issued) => issued,
        Err(reason) => return Ok(Outcome::Failed(reason)),
    };
    let connector = connector(desk, run).await?;
    let copy = match issued.customer_copy(connector.as_ref()) {
        // Watched from here on, and looked at again as it is then.
        CustomerCopy::Awaited(_) => {
            let watched = desk.tenant.issued().watch(issued.id).await?;
            watched.as_ref().unwrap_or(&issued).customer_copy(connector.as_ref())
        }
        copy @ (CustomerCopy::Ours { .. }
        | CustomerCopy::Ledgers
        | CustomerCopy::Replacement { .. }
        | CustomerCopy::Missing(_)) => copy,
    };
    match copy {
        CustomerCopy::Awaited(reason) => return Ok(Outcome::Wait(reason)),
        CustomerCopy::Missing(reason) => return Ok(Outcome::Failed(reason)),
        CustomerCopy::Ours { .. } | CustomerCopy::Ledgers | CustomerCopy::Replacement { .. } => {}
    }
    let address: EmailAddress = match to.as_str().parse() {
        Ok(address) => address,
        Err(error) => {
            let why = AddressError::to_string(&error);
            return Ok(Outcome::Failed(Reason::said(&Acted::WrongAddress { why: Text::of(&why) })));
        }
    };
    let asked = AskedDelivery {
        id: desk.tenant.order_runs().mail_id(run, place),
        home: Home::Order(run.order),
        administration: run.administration,
        purpose: Purpose::Customer { issued: issued.id },
        to: address,
        form: Form::from(document),
        is_held: Choice::No,
        due: desk.now,
        by: Actor::User(run.by),
    };
    let delivery = Delivery::asked(asked, desk.now);
    let look_at = desk.now + LOOKED_AT_AFTER;
    desk.tenant.deliveries().ask(&delivery, look_at, &Writer::new(desk.request, 1)).await?;
    Ok(Outcome::Done(Reason::said(&Acted::MailHanded { address: Text::of(to.as_str()) })))
}

/// Has the document that the customer is shown forwarded to the order's marketplace, and waits until that has taken it. Where the
/// marketplace's switch is off, nothing is sent, and nothing failed (CO-13).
async fn forward(app: &App, desk: &Desk<'_>, run: &OrderRun, is_first: bool) -> Result<Outcome, ActError> {
    let order = order(desk, run).await?;
    let Some(link) = desk.marketplace(&order).await? else {
        return Ok(Outcome::Done(Reason::said(&Acted::NotForwarded)));
    };
    let issued = match shown(desk, run).await? {
        Ok(issued) => issued,
        Err(reason) => return Ok(Outcome::Failed(reason)),
    };
    let there = if is_first { None } else { desk.tenant.forwardings().get(issued.id, link.connection).await? };
    let forwarding = match there {
        Some(there) => there,
        None => desk.forward(&issued, &link).await?,
    };
    Ok(match forwarding.state {
        ForwardState::Waiting | ForwardState::Sending => {
            let unit = UnitId { connection: link.connection, division: None };
            wake(app, desk, Some(&unit)).await;
            Outcome::Wait(Reason::said(&Acted::AwaitsMarketplace))
        }
        ForwardState::Forwarded | ForwardState::NotNeeded => Outcome::Done(Reason::said(&Acted::Forwarded)),
        ForwardState::SwitchedOff => Outcome::Done(Reason::said(&Acted::NotForwarded)),
        ForwardState::Failed => {
            let why = forwarding.reason.as_ref().map(|reason| reason.shown(Language::English)).unwrap_or_default();
            Outcome::Failed(Reason::said(&Acted::ForwardRefused { why: Text::of(&why) }))
        }
    })
}
