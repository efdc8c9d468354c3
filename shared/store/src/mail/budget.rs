//! What all functions together may hand to SES: one item, which whoever wants to send claims from.

use super::keys;
use crate::{
    Read, StoreError, SystemStore, Writer,
    expression::Expression,
    item::{Fields, number, text},
    schema::WRITER,
    table::{Old, Write, Written},
    transaction::is_by,
};
use chrono::TimeDelta;
use domain::{
    mail::{Allowance, Budget, Claimed},
    time::Instant,
};

const BODY: &str = "b";
const VERSION: &str = "v";
/// Who finds the item changed so often at the same moment comes again.
const TRIES: u32 = 12;

/// A claim on mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetClaim {
    /// How many.
    pub mails: u32,
    /// What SES allows.
    pub allowance: Allowance,
    /// Now.
    pub now: Instant,
    /// They are to go within this time, or not at all.
    pub within: TimeDelta,
}

/// What was read of the budget.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct MailBudget {
    budget: Budget,
    version: u64,
}

impl SystemStore {
    async fn mail_budget(&self, operation: &'static str) -> Result<MailBudget, StoreError> {
        let item = self.tables.runs.get(operation, &keys::budget(), Read::Consistent).await?;
        let Some(item) = item else { return Ok(MailBudget::default()) };
        let fields = Fields::of(operation, &item);
        let budget = fields.needed(BODY, fields.json(BODY)?)?;
        Ok(MailBudget { budget, version: fields.needed(VERSION, fields.parsed(VERSION)?)? })
    }

    /// Claims mails of the account: one write, more when others claim at the same moment. A claim whose answer was lost may count
    /// twice, which sends later and never faster.
    pub async fn claim_mails(&self, claim: &BudgetClaim, writer: &Writer) -> Result<Claimed, StoreError> {
        const OPERATION: &str = "system.claim_mails";
        for _ in 0..TRIES {
            let MailBudget { budget, version } = self.mail_budget(OPERATION).await?;
            let (after, claimed) = budget.claim(claim.mails, claim.allowance, claim.now, claim.within);
            match claimed {
                Claimed::From { .. } => {}
                Claimed::UsedUp { .. } | Claimed::TooLong { .. } => return Ok(claimed),
            }
            let body = serde_json::to_string(&after)
                .map_err(|error| StoreError::bug(OPERATION, "the budget cannot be encoded").caused_by(error))?;
            let mut item = keys::budget().item();
            item.insert(BODY.to_owned(), text(body));
            item.insert(VERSION.to_owned(), number(version + 1));
            item.insert(WRITER.to_owned(), text(writer.as_str()));
            let unchanged = match version {
                0 => Expression::absent(),
                version => Expression::new(format!("#{VERSION} = :seen")).with("seen", number(version)),
            };
            let put = Write::Put { item, condition: Some(unchanged) };
            match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
                Written::Done(_) => return Ok(claimed),
                Written::Refused(there) if is_by(there.as_ref(), writer) => return Ok(claimed),
                Written::Refused(_) => {}
            }
        }
        Ok(Claimed::TooLong { until: claim.now + TimeDelta::seconds(1) })
    }
}
