//! Rate and quota of SES, kept by all functions together.

use crate::{App, NotSent};
use chrono::TimeDelta;
use domain::{
    mail::{Allowance, Claimed},
    time::Instant,
};
use std::sync::{Mutex, PoisonError};
use store::{StoreError, Writer, mail::BudgetClaim};

/// What SES allows is asked for anew after so long.
const KNOWN_FOR: TimeDelta = TimeDelta::minutes(15);
/// A mail waits so long for its turn within an invocation.
const WITHIN: TimeDelta = TimeDelta::seconds(5);

/// What SES allowed when it was asked last.
#[derive(Debug, Default)]
pub struct Allowed(Mutex<Option<(Instant, Allowance)>>);

/// What came of asking for a turn.
pub enum Turn {
    /// It goes now.
    Now,
    /// It goes later, and why.
    Later(Instant, String),
}

async fn allowance(app: &App, now: Instant) -> Result<Allowance, NotSent> {
    let known = *app.allowed.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, allowance)) = known
        && now - at < KNOWN_FOR
    {
        return Ok(allowance);
    }
    let allowance = app.ses.allowance().await?;
    *app.allowed.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, allowance));
    Ok(allowance)
}

/// Claims a mail's turn, and waits for it.
pub async fn turn(app: &App, writer: &Writer) -> Result<Turn, StoreError> {
    let now = app.clock.now();
    let allowance = match allowance(app, now).await {
        Ok(allowance) => allowance,
        Err(NotSent::Later(why) | NotSent::Refused(why) | NotSent::Unknown(why)) => {
            return Ok(Turn::Later(now + TimeDelta::minutes(1), why));
        }
    };
    let claim = BudgetClaim { mails: 1, allowance, now, within: WITHIN };
    Ok(match app.store.system().claim_mails(&claim, writer).await? {
        Claimed::From { at, .. } => {
            if let Ok(wait) = (at - now).to_std() {
                tokio::time::sleep(wait).await;
            }
            Turn::Now
        }
        Claimed::UsedUp { until } => Turn::Later(until, "the day's mails are used up".to_owned()),
        Claimed::TooLong { until } => Turn::Later(until, "many mails wait before it".to_owned()),
    })
}
