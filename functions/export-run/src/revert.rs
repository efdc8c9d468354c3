//! Taking a completed run back: each document is ready again, unless the ledger of the administration has it. A ledger is asked first, in
//! its unit's turn, by our key and by the document's number; where there is none, a person said that he looked.

use crate::{Next, RunError, Step, taken::unless_changed};
use domain::{
    document::{Actor, Document, Event, Status, UnitId},
    export::{Phase, Run, RunState, Target},
    ids::{DocumentId, Id as _, TaskId, UserId},
    reason::Reason,
    task::{Task, TaskState, Work},
    words::{Note, Text},
};
use exports::LeftOut;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use runtime::message::TurnMessage;
use std::{collections::HashSet, time::Duration};
use store::Read;

/// So many tasks are looked at at the same time.
const AT_ONCE: usize = 16;
/// Between two looks at what the ledger was asked.
const LOOK_AFTER: Duration = Duration::from_secs(20);

/// That a run is taken back.
pub(crate) struct Wish<'a> {
    pub(crate) by: UserId,
    pub(crate) reason: &'a str,
    pub(crate) began: u32,
}

/// What became of a slice.
struct Done {
    reverted: u64,
    /// With what the ledger said.
    kept: Vec<LeftOut>,
}

pub(crate) async fn revert(step: &Step<'_>, wish: &Wish<'_>, slice: u32) -> Result<Next, RunError> {
    let run = step.run;
    if slice >= run.slices {
        return Ok(Next::Run(Box::new(step.ended(RunState::Completed { at: step.now }))));
    }
    let ids = step.slice(slice).await?;
    let ours: Vec<Document> = step.heads(&ids).await?.into_iter().filter(|document| step.has(document)).collect();
    let books = step.tenant.administrations().get_even_deleted(run.administration).await?;
    let done = match books.and_then(|books| books.unit) {
        Some(unit) => ask(step, wish, &unit, (&ids, &ours)).await?,
        None => Some(without_ledger(step, wish, ours).await?),
    };
    let Some(Done { reverted, kept }) = done else { return Ok(Next::Wait(LOOK_AFTER)) };
    if !kept.is_empty() {
        step.exports.put_kept(run.id, slice, &kept).await?;
    }
    let after = match slice + 1 {
        next if next < run.slices => {
            let (by, reason, began) = (wish.by, wish.reason.to_owned(), wish.began);
            step.phase(Phase::Reverting { by, reason, began, slice: next })
        }
        _ => step.ended(RunState::Completed { at: step.now }),
    };
    let kept = run.kept + kept.len() as u64;
    Ok(Next::Run(Box::new(Run { reverted: run.reverted + reverted, kept, ..after })))
}

/// Takes documents back that no ledger can be asked for.
async fn without_ledger(step: &Step<'_>, wish: &Wish<'_>, ours: Vec<Document>) -> Result<Done, RunError> {
    let note = Note::ExportReverted { run: Text(step.run.id.to_string()), reason: Text::of(wish.reason) };
    let note = &note;
    let changed = step
        .each(ours, |document| async move {
            let event = match (document.status, &step.run.target) {
                (Status::Exported, _) => Event::Revert,
                (_, Target::File { .. }) => Event::WithdrawCopy,
                (_, Target::Ledger { .. }) => return Ok(None),
            };
            let told = (Actor::User(wish.by), Some(Reason::said(note)));
            step.change(&document, event, None, told).await
        })
        .await?;
    Ok(Done { reverted: changed.iter().flatten().count() as u64, kept: Vec::new() })
}

/// Has the ledger asked for each document; what came of it, once all have an answer. Those that it does not have were taken back by
/// the turn that asked.
async fn ask(
    step: &Step<'_>,
    wish: &Wish<'_>,
    unit: &UnitId,
    (ids, ours): (&[DocumentId], &[Document]),
) -> Result<Option<Done>, RunError> {
    let tasks = &step.tenant.tasks();
    let looked = stream::iter(ids).map(|document| async move {
        tasks.get(task_of(step.run, wish, *document), Read::Consistent).await.map_err(RunError::from)
    });
    let looked: Vec<Option<Task>> = looked.buffered(AT_ONCE).try_collect().await?;
    let ours: HashSet<DocumentId> = ours.iter().map(|document| document.id).collect();
    let (mut asked, mut open) = (false, false);
    let mut done = Done { reverted: 0, kept: Vec::new() };
    for (document, seen) in ids.iter().zip(looked) {
        match seen.map(|task| task.state) {
            None if ours.contains(document) => {
                asked = true;
                unless_changed(tasks.create(&task(step, wish, unit, *document), step.writer).await)?;
            }
            // Not the run's any more when this began.
            None => {}
            Some(TaskState::Open) => open = true,
            Some(TaskState::Done { .. }) => done.reverted += 1,
            Some(TaskState::Failed { error, .. }) => done.kept.push(LeftOut { document: *document, reason: error }),
        }
    }
    if asked {
        let message = TurnMessage { tenant: step.tenant.id(), unit: unit.clone(), document: None };
        step.app.turns.send("exports.ask_ledger", &message, Duration::ZERO).await?;
    }
    Ok((!asked && !open).then_some(done))
}

fn task(step: &Step<'_>, wish: &Wish<'_>, unit: &UnitId, document: DocumentId) -> Task {
    Task {
        id: task_of(step.run, wish, document),
        unit: unit.clone(),
        work: Work::RevertExport { document, run: step.run.id, reason: wish.reason.to_owned() },
        requested_by: wish.by,
        requested_at: step.now,
        due: step.now,
        attempts: 0,
        state: TaskState::Open,
    }
}

/// Derived from the document, the run and the wish: this step done again asks for the same.
fn task_of(run: &Run, wish: &Wish<'_>, document: DocumentId) -> TaskId {
    const RANDOM: u128 = (1 << 80) - 1;
    let (run, document) = (run.id.ulid().0, document.ulid().0);
    let mixed = document ^ run.rotate_left(29) ^ (u128::from(wish.began) << 31);
    TaskId::from_ulid((document & !RANDOM | mixed & RANDOM).into())
}
