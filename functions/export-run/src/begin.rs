//! The beginning: in whose name the run works, and whether it can. Nothing is taken before.

use crate::{Next, RunError, Step};
use domain::{
    export::{Run, RunState, Target, acting_user},
    reason::Reason,
    words::Stop,
};
use std::collections::BTreeSet;
use store::Read;

pub(crate) async fn begin(step: &Step<'_>) -> Result<Next, RunError> {
    let run = step.run;
    let chosen: BTreeSet<_> = run.on_behalf_of.iter().copied().collect();
    let users = step.tenant.users().some(&chosen).await?;
    let Some(user) = acting_user(&run.on_behalf_of, &users, run.administration) else {
        return Ok(stopped(step, &Stop::NoFinanceUser));
    };
    if let Target::Ledger { connection } = &run.target {
        let connection = step.tenant.connections().get(*connection, Read::Consistent).await?;
        if connection.is_none_or(|connection| !connection.divisions.contains_key(&run.administration)) {
            return Ok(stopped(step, &Stop::ConnectionGone));
        }
    }
    let acting = Some((user.id, user.name.clone()));
    Ok(Next::Run(Box::new(Run { acting, ..step.run.stepped(run.state.clone(), step.now) })))
}

fn stopped(step: &Step<'_>, why: &Stop) -> Next {
    Next::Run(Box::new(step.ended(RunState::Stopped { at: step.now, reason: Reason::said(why) })))
}
