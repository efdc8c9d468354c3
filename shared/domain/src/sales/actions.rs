//! What happens by itself to orders: rules, and the runs in which their actions are done one after another (CO-20 to CO-23).

use super::OrderStatus;
use crate::{
    ids::{AdministrationId, OrderId, OrderRuleId, SeriesId, UserId},
    mail::Form,
    office::Choice,
    reason::Reason,
    time::Instant,
    words::Acted,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What sets a rule off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "on", deny_unknown_fields)]
pub enum Trigger {
    /// An order came.
    OrderCreated,
    /// An order came to stand there, from another status.
    StatusChanged {
        /// Where.
        to: OrderStatus,
    },
}

/// How a document goes with a mail (CO-4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InMail {
    /// As a file.
    #[default]
    Attachment,
    /// As a link, where the text says `[invoice_link]`.
    Link,
}

impl From<InMail> for Form {
    fn from(document: InMail) -> Self {
        match document {
            InMail::Attachment => Self::Attachment,
            InMail::Link => Self::Link,
        }
    }
}

/// What is done to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do", deny_unknown_fields)]
pub enum Action {
    /// Issue a document of this series. Where the settings pass it at once, it is done when the ledger has confirmed its own.
    IssueDocument {
        /// The series: it says what is issued.
        series: SeriesId,
    },
    /// Pass what was issued and is not in the ledger yet; done when the ledger has confirmed.
    PassDocuments,
    /// Change the status; rules for that status are set off.
    ChangeStatus {
        /// To this one.
        to: OrderStatus,
    },
    /// Send the customer the document that counts.
    SendEmail {
        /// As a file or a link.
        #[serde(default)]
        document: InMail,
    },
    /// Forward the document that the customer is shown to the marketplace that the order came from, where its switch is on (CO-13).
    ForwardDocument,
}

/// An action with what its failure means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionStep {
    /// What is done.
    pub action: Action,
    /// Whether what comes after it is left undone when it fails (CO-21).
    pub stop_after_failure: Choice,
}

/// The most actions of one rule.
pub const RULE_STEPS_MAX: usize = 10;

/// What happens by itself to the orders of an administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRule {
    /// Id.
    pub id: OrderRuleId,
    /// Whose.
    pub administration: AdministrationId,
    /// Name, for people.
    pub name: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// Its actions, in order; one to [`RULE_STEPS_MAX`].
    pub steps: Vec<ActionStep>,
    /// How long an action may wait, for a ledger that is down or for a PDF, before it counts as failed.
    pub patience_minutes: u16,
    /// Whether it is switched on.
    pub active: Choice,
    /// On whose behalf it acts: who saved it last.
    pub set_by: UserId,
    /// Counts edits, from 1.
    pub version: u32,
}

/// How far an action of a run has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum StepState {
    /// Its turn has not come.
    Pending,
    /// It was begun, and something has still to happen.
    Waiting {
        /// Since when.
        since: Instant,
        /// What for.
        reason: Reason,
    },
    /// Done.
    Done {
        /// When.
        at: Instant,
        /// What came of it.
        reason: Reason,
    },
    /// It failed.
    Failed {
        /// When.
        at: Instant,
        /// Why.
        reason: Reason,
    },
    /// An action before it failed, and stops what comes after.
    LeftOut,
}

/// An action of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    /// What is done, and what its failure means.
    #[serde(flatten)]
    pub step: ActionStep,
    /// How far it has come.
    pub state: StepState,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It has actions to do, or waits.
    Open,
    /// It has come to its end; single actions may have failed without stopping it.
    Done,
    /// An action failed and stopped it.
    Stopped,
}

impl RunState {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

/// What doing an action came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; this came of it.
    Done(Reason),
    /// Something has still to happen.
    Wait(Reason),
    /// It failed.
    Failed(Reason),
}

/// The actions of one rule, done to one order for one event. It keeps the rule's actions as they were when it was set off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRun {
    /// Of which administration.
    pub administration: AdministrationId,
    /// Which order.
    pub order: OrderId,
    /// The version of the order with which it was set off: runs of an order are done in this order.
    pub event: u32,
    /// The rule.
    pub rule: OrderRuleId,
    /// The rule's name.
    pub name: String,
    /// What set it off.
    pub trigger: Trigger,
    /// How many changes of status by rules led to it.
    pub depth: u8,
    /// On whose behalf it acts.
    pub by: UserId,
    /// See [`OrderRule::patience_minutes`].
    pub patience_minutes: u16,
    /// Its actions.
    pub steps: Vec<RunStep>,
    /// Where it stands.
    pub state: RunState,
    /// When it was set off.
    pub started_at: Instant,
    /// When it last went on.
    pub updated_at: Instant,
    /// Counts changes, from 1.
    pub version: u32,
}

/// So many changes of status by rules may lead from one to the next: rules that set each other off come to an end.
const DEPTH_MAX: u8 = 5;

/// A run that has not gone on for so long was forgotten.
const STILL: TimeDelta = TimeDelta::minutes(15);

/// An event of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderEvent<'a> {
    /// Which order.
    pub order: OrderId,
    /// Its version after the event.
    pub version: u32,
    /// What happened.
    pub trigger: &'a Trigger,
    /// How many changes of status by rules led to it.
    pub depth: u8,
}

impl OrderRule {
    /// The runs that an event sets off, in the order in which they are done.
    pub fn set_off(rules: &[Self], event: OrderEvent<'_>, now: Instant) -> Vec<OrderRun> {
        if event.depth > DEPTH_MAX {
            return Vec::new();
        }
        let fits = |rule: &&Self| rule.active == Choice::Yes && rule.trigger == *event.trigger;
        let run = |rule: &Self| OrderRun {
            administration: rule.administration,
            order: event.order,
            event: event.version,
            rule: rule.id,
            name: rule.name.clone(),
            trigger: rule.trigger.clone(),
            depth: event.depth,
            by: rule.set_by,
            patience_minutes: rule.patience_minutes,
            steps: rule.steps.iter().map(|step| RunStep { step: step.clone(), state: StepState::Pending }).collect(),
            state: RunState::Open,
            started_at: now,
            updated_at: now,
            version: 1,
        };
        rules.iter().filter(fits).map(run).collect()
    }
}

impl OrderRun {
    /// The action whose turn it is, by its place.
    pub fn current(&self) -> Option<(usize, &RunStep)> {
        match self.state {
            RunState::Open => self.steps.iter().enumerate().find(|(_, step)| match step.state {
                StepState::Pending | StepState::Waiting { .. } => true,
                StepState::Done { .. } | StepState::Failed { .. } | StepState::LeftOut => false,
            }),
            RunState::Done | RunState::Stopped => None,
        }
    }

    /// When the action that waits counts as failed.
    pub fn gives_up_at(&self) -> Option<Instant> {
        match self.current()?.1.state {
            StepState::Waiting { since, .. } => Some(since + TimeDelta::minutes(self.patience_minutes.into())),
            StepState::Pending | StepState::Done { .. } | StepState::Failed { .. } | StepState::LeftOut => None,
        }
    }

    /// When an open run is to be looked at, should nothing else call it: a while after it last went on, since whoever did that died; one
    /// that waits, when its patience is over, since what it waits for calls it.
    pub fn look_at(&self) -> Instant {
        self.gives_up_at().unwrap_or(self.updated_at + STILL)
    }

    /// The run after its current action came to something. Nothing when that changes nothing: it waits as it did.
    pub fn after(&self, outcome: Outcome, now: Instant) -> Option<Self> {
        let (place, current) = self.current()?;
        let is_over = self.gives_up_at().is_some_and(|until| now >= until);
        let state = match outcome {
            Outcome::Done(reason) => StepState::Done { at: now, reason },
            Outcome::Failed(reason) => StepState::Failed { at: now, reason },
            Outcome::Wait(_) if is_over => StepState::Failed {
                at: now,
                reason: Reason::said(&Acted::GaveUp { minutes: self.patience_minutes.into() }),
            },
            Outcome::Wait(reason) => match &current.state {
                StepState::Waiting { reason: known, .. } if *known == reason => return None,
                StepState::Waiting { since, .. } => StepState::Waiting { since: *since, reason },
                StepState::Pending | StepState::Done { .. } | StepState::Failed { .. } | StepState::LeftOut => {
                    StepState::Waiting { since: now, reason }
                }
            },
        };
        let stops = matches!(state, StepState::Failed { .. }) && current.step.stop_after_failure == Choice::Yes;
        let mut after = Self { updated_at: now, version: self.version.saturating_add(1), ..self.clone() };
        for (at, step) in after.steps.iter_mut().enumerate().skip(place) {
            if at == place {
                step.state = state.clone();
            } else if stops {
                step.state = StepState::LeftOut;
            }
        }
        after.state = match (stops, after.current()) {
            (true, _) => RunState::Stopped,
            (false, None) => RunState::Done,
            (false, Some(_)) => RunState::Open,
        };
        Some(after)
    }

    /// The run that begins again with the action that stopped it. What was done stays done.
    pub fn retried(&self, by: UserId, now: Instant) -> Option<Self> {
        match self.state {
            RunState::Stopped => {}
            RunState::Open | RunState::Done => return None,
        }
        let mut after = Self {
            state: RunState::Open,
            by,
            updated_at: now,
            version: self.version.saturating_add(1),
            ..self.clone()
        };
        let stopped = after.steps.iter().rposition(|step| matches!(step.state, StepState::Failed { .. }))?;
        for step in after.steps.iter_mut().skip(stopped) {
            step.state = StepState::Pending;
        }
        Some(after)
    }
}

#[cfg(test)]
#[path = "actions_tests.rs"]
mod tests;
