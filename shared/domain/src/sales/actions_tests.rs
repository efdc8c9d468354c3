use super::*;
use crate::{ids::Id as _, words::Note};
use ulid::Ulid;

fn at(minute: i64) -> Instant {
    Instant::from_timestamp(1_770_000_000 + 60 * minute, 0).unwrap()
}

fn said() -> Reason {
    Reason::said(&Note::WentOn)
}

fn step(action: Action, stop_after_failure: Choice) -> ActionStep {
    ActionStep { action, stop_after_failure }
}

fn rule(trigger: Trigger, stop: Choice) -> OrderRule {
    let to: OrderStatus = "invoice generated".parse().unwrap();
    OrderRule {
        id: OrderRuleId::from_ulid(Ulid::from_parts(1, 1)),
        administration: AdministrationId::from_ulid(Ulid::from_parts(1, 1)),
        name: "Invoices".to_owned(),
        trigger,
        steps: vec![
            step(Action::IssueDocument { series: SeriesId::from_ulid(Ulid::from_parts(1, 1)) }, stop),
            step(Action::ChangeStatus { to }, stop),
        ],
        patience_minutes: 60,
        active: Choice::Yes,
        set_by: UserId::from_ulid(Ulid::from_parts(1, 1)),
        version: 1,
    }
}

fn run(stop: Choice) -> OrderRun {
    let trigger = Trigger::OrderCreated;
    let event =
        OrderEvent { order: OrderId::from_ulid(Ulid::from_parts(1, 1)), version: 1, trigger: &trigger, depth: 0 };
    OrderRule::set_off(&[rule(Trigger::OrderCreated, stop)], event, at(0)).remove(0)
}

fn states(run: &OrderRun) -> Vec<&'static str> {
    let state = |step: &RunStep| match step.state {
        StepState::Pending => "pending",
        StepState::Waiting { .. } => "waiting",
        StepState::Done { .. } => "done",
        StepState::Failed { .. } => "failed",
        StepState::LeftOut => "left out",
    };
    run.steps.iter().map(state).collect()
}

#[test]
fn actions_are_done_one_after_another() {
    let issued = run(Choice::Yes).after(Outcome::Done(said()), at(1)).unwrap();
    assert_eq!((states(&issued), issued.state, issued.version), (vec!["done", "pending"], RunState::Open, 2));
    assert_eq!(issued.current().unwrap().0, 1);
    let done = issued.after(Outcome::Done(said()), at(2)).unwrap();
    assert_eq!((states(&done), done.state), (vec!["done", "done"], RunState::Done));
    assert_eq!(done.after(Outcome::Done(said()), at(3)), None);
    assert_eq!(done.retried(done.by, at(3)), None, "what is done is not done again");
}

#[test]
fn a_failure_stops_what_comes_after_where_that_is_wanted() {
    let stopped = run(Choice::Yes).after(Outcome::Failed(said()), at(1)).unwrap();
    assert_eq!((states(&stopped), stopped.state), (vec!["failed", "left out"], RunState::Stopped));
    let goes_on = run(Choice::No).after(Outcome::Failed(said()), at(1)).unwrap();
    assert_eq!((states(&goes_on), goes_on.state), (vec!["failed", "pending"], RunState::Open));
    let done = goes_on.after(Outcome::Done(said()), at(2)).unwrap();
    assert_eq!((states(&done), done.state), (vec!["failed", "done"], RunState::Done));
}

#[test]
fn an_action_waits_for_so_long_and_no_longer() {
    let waits = run(Choice::Yes).after(Outcome::Wait(said()), at(1)).unwrap();
    assert_eq!(states(&waits), ["waiting", "pending"]);
    assert_eq!(waits.gives_up_at(), Some(at(61)));
    assert_eq!(waits.after(Outcome::Wait(said()), at(30)), None, "nothing to note");
    let otherwise = waits.after(Outcome::Wait(Reason::said(&Acted::AwaitsPdf)), at(30)).unwrap();
    assert_eq!(otherwise.gives_up_at(), Some(at(61)), "since the first time");
    let failed = otherwise.after(Outcome::Wait(said()), at(61)).unwrap();
    assert_eq!((states(&failed), failed.state), (vec!["failed", "left out"], RunState::Stopped));
    let late = otherwise.after(Outcome::Done(said()), at(90)).unwrap();
    assert_eq!(states(&late), ["done", "pending"], "what happened after all counts");
}

#[test]
fn a_stopped_run_goes_on_with_what_stopped_it() {
    let issued = run(Choice::Yes).after(Outcome::Done(said()), at(1)).unwrap();
    let stopped = issued.after(Outcome::Failed(said()), at(2)).unwrap();
    assert_eq!(states(&stopped), ["done", "failed"]);
    let other = UserId::from_ulid(Ulid::from_parts(2, 2));
    let again = stopped.retried(other, at(3)).unwrap();
    assert_eq!((states(&again), again.state, again.by), (vec!["done", "pending"], RunState::Open, other));
    let first = run(Choice::Yes).after(Outcome::Failed(said()), at(1)).unwrap().retried(other, at(2)).unwrap();
    assert_eq!(states(&first), ["pending", "pending"]);
}

#[test]
fn only_what_fits_sets_a_rule_off_and_rules_come_to_an_end() {
    let to: OrderStatus = "paid".parse().unwrap();
    let paid = Trigger::StatusChanged { to: to.clone() };
    let rules = [rule(Trigger::OrderCreated, Choice::Yes), rule(paid.clone(), Choice::Yes)];
    let order = OrderId::from_ulid(Ulid::from_parts(1, 1));
    let set_off = |trigger: &Trigger, depth| {
        OrderRule::set_off(&rules, OrderEvent { order, version: 3, trigger, depth }, at(0)).len()
    };
    assert_eq!(set_off(&paid, 0), 1);
    assert_eq!(set_off(&Trigger::StatusChanged { to: "sent".parse().unwrap() }, 0), 0);
    assert_eq!((set_off(&paid, DEPTH_MAX), set_off(&paid, DEPTH_MAX + 1)), (1, 0));
    let off = [OrderRule { active: Choice::No, ..rule(paid.clone(), Choice::Yes) }];
    assert!(OrderRule::set_off(&off, OrderEvent { order, version: 3, trigger: &paid, depth: 0 }, at(0)).is_empty());
}
