//! What happens by itself to orders: rules, and the runs in which their actions were done (CO-20 to CO-23).

use super::order;
use crate::{
    app::App,
    auth::Caller,
    documents::view::ReasonView,
    exports::YesNo,
    extract::{Creating, Ids, IfMatch, Json},
    idempotency::{Making, once},
    mail::DeliveryView,
    problem::{Answer, Code, Problem},
    reply::{Gone, InWords, Made, Page, Shown, Versioned},
    schema,
    text::Name,
};
use axum::{extract::State, response::Response};
use domain::{
    ids::{AdministrationId, OrderId, OrderRuleId, UserId},
    mail::Home,
    office::Choice,
    sales::{Action, ActionStep, IssuedKind, OrderRule, OrderRun, RULE_STEPS_MAX, RunStep, StepState, Trigger},
    time::Instant,
    words::Language,
};
use serde::{Deserialize, Serialize};
use store::Read;
use utoipa::ToSchema;

/// An action of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionStepBody {
    /// What is done: `{"do": "issue_document", "series": ...}`, `{"do": "pass_documents"}`, `{"do": "change_status", "to": ...}`,
    /// `{"do": "send_email", "document": "attachment" | "link"}` or `{"do": "forward_document"}`.
    #[schema(value_type = Object, example = json!({ "do": "change_status", "to": "invoice generated" }))]
    pub action: Action,
    /// Whether what comes after it is left undone when it fails (CO-21); yes when left out.
    #[serde(default = "yes")]
    pub stop_after_failure: YesNo,
}

fn yes() -> YesNo {
    YesNo::Yes
}

/// How long an action waits when nothing else is said, and at the longest: a week.
const PATIENCE_MINUTES: u16 = 60;
const PATIENCE_MINUTES_MAX: u16 = 7 * 24 * 60;

/// A rule of what happens by itself to orders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderRuleBody {
    /// Name, for people.
    pub name: Name,
    /// What sets it off: `{"on": "order_created"}` or `{"on": "status_changed", "to": ...}`.
    #[schema(value_type = Object, example = json!({ "on": "order_created" }))]
    pub trigger: Trigger,
    /// Its actions, in order; 1 to 10.
    pub steps: Vec<ActionStepBody>,
    /// How many minutes an action may wait, for a ledger that is down or for a PDF, before it counts as failed; 60 when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10080)]
    pub patience_minutes: Option<u16>,
    /// Whether it is switched on; yes when left out.
    #[serde(default = "yes")]
    pub active: YesNo,
}

/// A rule of what happens by itself to orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderRuleView {
    /// Id.
    #[schema(schema_with = schema::one::<OrderRuleId>)]
    pub id: OrderRuleId,
    /// Name.
    pub name: String,
    /// What sets it off.
    #[schema(value_type = Object)]
    pub trigger: Trigger,
    /// Its actions, in order.
    pub steps: Vec<ActionStepBody>,
    /// How many minutes an action may wait before it counts as failed.
    pub patience_minutes: u16,
    /// Whether it is switched on.
    pub active: YesNo,
    /// On whose behalf it acts: who saved it last.
    #[schema(schema_with = schema::one::<UserId>)]
    pub set_by: UserId,
    /// Counts edits.
    pub version: u32,
}

impl From<&OrderRule> for OrderRuleView {
    fn from(rule: &OrderRule) -> Self {
        let step = |step: &ActionStep| ActionStepBody {
            action: step.action.clone(),
            stop_after_failure: step.stop_after_failure.into(),
        };
        Self {
            id: rule.id,
            name: rule.name.clone(),
            trigger: rule.trigger.clone(),
            steps: rule.steps.iter().map(step).collect(),
            patience_minutes: rule.patience_minutes,
            active: rule.active.into(),
            set_by: rule.set_by,
            version: rule.version,
        }
    }
}

/// The rule of a body, if its series are there.
async fn rule(
    app: &App,
    caller: &Caller,
    (administration, id, version): (AdministrationId, OrderRuleId, u32),
    body: OrderRuleBody,
) -> Answer<OrderRule> {
    if body.steps.is_empty() || body.steps.len() > RULE_STEPS_MAX {
        return Err(Problem::invalid("/steps", format!("A rule has 1 to {RULE_STEPS_MAX} actions.")));
    }
    let patience_minutes = body.patience_minutes.unwrap_or(PATIENCE_MINUTES);
    if !(1..=PATIENCE_MINUTES_MAX).contains(&patience_minutes) {
        let detail = format!("An action waits from 1 to {PATIENCE_MINUTES_MAX} minutes.");
        return Err(Problem::invalid("/patience_minutes", detail));
    }
    let invoicing = app.of(caller.tenant).invoicing(administration);
    for (place, step) in body.steps.iter().enumerate() {
        match &step.action {
            Action::IssueDocument { series } => {
                let at = format!("/steps/{place}/action/series");
                match invoicing.one_series(*series, Read::Consistent).await? {
                    None => {
                        let detail = "There is no such numbering series in this administration.";
                        return Err(Problem::new(Code::UnknownReference, detail).at(&at, detail));
                    }
                    Some(series) if series.kind == IssuedKind::Correction => {
                        return Err(Problem::invalid(&at, "Corrections are issued by hand.".to_owned()));
                    }
                    Some(_) => {}
                }
            }
            Action::ChangeStatus { to } if body.trigger == (Trigger::StatusChanged { to: to.clone() }) => {
                let at = format!("/steps/{place}/action/to");
                return Err(Problem::invalid(&at, "The order has that status when the rule is set off.".to_owned()));
            }
            Action::ChangeStatus { .. }
            | Action::PassDocuments
            | Action::SendEmail { .. }
            | Action::ForwardDocument => {}
        }
    }
    let step = |step: ActionStepBody| ActionStep {
        action: step.action,
        stop_after_failure: Choice::from(step.stop_after_failure),
    };
    Ok(OrderRule {
        id,
        administration,
        name: body.name.into_string(),
        trigger: body.trigger,
        steps: body.steps.into_iter().map(step).collect(),
        patience_minutes,
        active: body.active.into(),
        set_by: caller.user.id,
        version,
    })
}

async fn load(app: &App, caller: &Caller, administration: AdministrationId, id: OrderRuleId) -> Answer<OrderRule> {
    app.check_administration(caller, administration).await?;
    let found = app.of(caller.tenant).invoicing(administration).order_rule(id, Read::Consistent).await?;
    found.ok_or_else(|| Problem::not_found("order rule", id))
}

fn shown(rule: &OrderRule) -> Versioned<OrderRuleView> {
    Versioned { body: rule.into(), version: rule.version }
}

/// The rules of what happens by itself to orders of an administration.
#[utoipa::path(
    get, path = "/administrations/{administration}/order-rules", tag = "sales",
    responses((status = 200, body = Page<OrderRuleView>))
)]
pub async fn list_order_rules(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Shown<Page<OrderRuleView>>> {
    app.check_administration(&caller, administration).await?;
    let rules = app.of(caller.tenant).invoicing(administration).order_rules().await?;
    Ok(Shown(Page { items: rules.iter().map(Into::into).collect(), next: None }))
}

/// Makes a rule. Orders that come, or change, from now on set it off; it acts on behalf of whoever saved it last.
#[utoipa::path(
    post, path = "/administrations/{administration}/order-rules", tag = "sales",
    request_body = OrderRuleBody,
    responses((status = 201, body = OrderRuleView))
)]
pub async fn create_order_rule(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<OrderRuleBody>,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    once(&app, &caller, request, async |body, making: Making<OrderRuleId>| {
        let settings = app.of(caller.tenant).invoicing(administration);
        let made = match settings.order_rule(making.id, Read::Consistent).await? {
            Some(made) if making.repeated => made,
            Some(_) | None => {
                let rule = rule(&app, &caller, (administration, making.id, 1), body).await?;
                settings.put_order_rule(None, &rule, &caller.hand(1).author()).await?;
                rule
            }
        };
        let location = format!("/administrations/{administration}/order-rules/{}", made.id);
        Ok(Made::created(location, OrderRuleView::from(&made), made.version))
    })
    .await
}

/// A rule.
#[utoipa::path(
    get, path = "/administrations/{administration}/order-rules/{order_rule}", tag = "sales",
    responses((status = 200, body = OrderRuleView))
)]
pub async fn get_order_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderRuleId)>,
) -> Answer<Versioned<OrderRuleView>> {
    Ok(shown(&load(&app, &caller, administration, id).await?))
}

/// Changes a rule. Runs that it set off before go on as it was then.
#[utoipa::path(
    put, path = "/administrations/{administration}/order-rules/{order_rule}", tag = "sales",
    request_body = OrderRuleBody,
    responses((status = 200, body = OrderRuleView))
)]
pub async fn put_order_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderRuleId)>,
    seen: IfMatch,
    Json(body): Json<OrderRuleBody>,
) -> Answer<Versioned<OrderRuleView>> {
    let before = load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let after = rule(&app, &caller, (administration, id, before.version.saturating_add(1)), body).await?;
    let settings = app.of(caller.tenant).invoicing(administration);
    settings.put_order_rule(Some(&before), &after, &caller.hand(1).author()).await?;
    Ok(shown(&after))
}

/// Removes a rule. Runs that it set off go on.
#[utoipa::path(
    delete, path = "/administrations/{administration}/order-rules/{order_rule}", tag = "sales",
    responses((status = 204, description = "It is removed."))
)]
pub async fn delete_order_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderRuleId)>,
    seen: IfMatch,
) -> Answer<Gone> {
    let before = load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let settings = app.of(caller.tenant).invoicing(administration);
    settings.delete_order_rule(&before, &caller.hand(1).author()).await?;
    Ok(Gone)
}

/// An action of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunStepView {
    /// What is done, and what its failure means.
    #[serde(flatten)]
    pub step: ActionStepBody,
    /// `pending`, `waiting`, `done`, `failed` or `left_out`.
    pub state: &'static str,
    /// What came of it, or what it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// When it ended, or since when it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Instant>,
}

impl RunStepView {
    fn new(step: &RunStep, language: Language) -> Self {
        let (state, reason, at) = match &step.state {
            StepState::Pending => ("pending", None, None),
            StepState::Waiting { since, reason } => ("waiting", Some(reason), Some(*since)),
            StepState::Done { at, reason } => ("done", Some(reason), Some(*at)),
            StepState::Failed { at, reason } => ("failed", Some(reason), Some(*at)),
            StepState::LeftOut => ("left_out", None, None),
        };
        let body = ActionStepBody {
            action: step.step.action.clone(),
            stop_after_failure: step.step.stop_after_failure.into(),
        };
        Self { step: body, state, reason: reason.map(|reason| ReasonView::new(reason, language)), at }
    }
}

/// The actions of one rule, done to one order for one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderRunView {
    /// The version of the order that set it off.
    pub event: u32,
    /// The rule.
    #[schema(schema_with = schema::one::<OrderRuleId>)]
    pub rule: OrderRuleId,
    /// Its name then.
    pub name: String,
    /// What set it off.
    #[schema(value_type = Object)]
    pub trigger: Trigger,
    /// On whose behalf it acts.
    #[schema(schema_with = schema::one::<UserId>)]
    pub by: UserId,
    /// `open`, `done` or `stopped`.
    pub state: &'static str,
    /// Its actions.
    pub steps: Vec<RunStepView>,
    /// When it was set off.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Instant,
    /// When it last went on.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

impl OrderRunView {
    fn new(run: &OrderRun, language: Language) -> Self {
        Self {
            event: run.event,
            rule: run.rule,
            name: run.name.clone(),
            trigger: run.trigger.clone(),
            by: run.by,
            state: run.state.as_str(),
            steps: run.steps.iter().map(|step| RunStepView::new(step, language)).collect(),
            started_at: run.started_at,
            updated_at: run.updated_at,
        }
    }
}

/// What happened by itself to an order, in the order in which it is done.
#[utoipa::path(
    get, path = "/administrations/{administration}/orders/{order}/runs", tag = "sales",
    responses((status = 200, body = Page<OrderRunView>))
)]
pub async fn list_order_runs(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderId)>,
) -> Answer<InWords<Shown<Page<OrderRunView>>>> {
    order(&app, &caller, administration, id).await?;
    let runs = app.of(caller.tenant).order_runs().of(id, Read::Eventual).await?;
    let items = runs.iter().map(|run| OrderRunView::new(run, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}

/// Which stopped run goes on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryRunBody {
    /// The version of the order that set it off.
    pub event: u32,
    /// The rule.
    #[schema(schema_with = schema::one::<OrderRuleId>)]
    pub rule: OrderRuleId,
}

/// Has a stopped run go on with the action that stopped it, on behalf of the caller. What was done stays done.
#[utoipa::path(
    post, path = "/administrations/{administration}/orders/{order}/runs/retry", tag = "sales",
    request_body = RetryRunBody,
    responses((status = 200, body = OrderRunView))
)]
pub async fn retry_order_run(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderId)>,
    Json(body): Json<RetryRunBody>,
) -> Answer<InWords<Shown<OrderRunView>>> {
    order(&app, &caller, administration, id).await?;
    let repository = app.of(caller.tenant).order_runs();
    let runs = repository.of(id, Read::Consistent).await?;
    let before = runs.into_iter().find(|run| run.event == body.event && run.rule == body.rule);
    let before = before.ok_or_else(|| Problem::not_found("run", body.rule))?;
    let after = before.retried(caller.user.id, caller.now).ok_or_else(|| {
        let detail = format!("The run is {}: only a stopped one goes on.", before.state.as_str());
        Problem::new(Code::State, detail).about(id)
    })?;
    repository.retry(&before, &after, &caller.writer()).await?;
    Ok(InWords(caller.language, Shown(OrderRunView::new(&after, caller.language))))
}

/// Mails to the customer of an order, and where each stands.
#[utoipa::path(
    get, path = "/administrations/{administration}/orders/{order}/mails", tag = "sales",
    responses((status = 200, body = Page<DeliveryView>))
)]
pub async fn list_order_mails(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderId)>,
) -> Answer<InWords<Shown<Page<DeliveryView>>>> {
    order(&app, &caller, administration, id).await?;
    let mails = app.of(caller.tenant).deliveries().of(Home::Order(id), Read::Eventual).await?;
    let items = mails.deliveries.iter().map(|mail| DeliveryView::new(mail, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}
