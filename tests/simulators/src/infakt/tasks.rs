//! Tasks: they are taken at once, and what was sent is looked at only when they run.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

use super::api::Call;
use super::given::Given;
use super::refusal::{EMPTY, Faults, NOT_FOUND, Refusal, field};
use super::state::{Account, Action, Infakt, Invoice, KsefData, Outcome, PaidAgain, Settings, Task, uuid};
use super::{correction, invoice, refusal};
use crate::json::Node;
use crate::server::Answer;
use crate::warsaw;

/// Takes a task.
pub(super) fn post(state: &mut Infakt, call: &Call<'_>, action: Action, of: &str) -> Result<Answer, Refusal> {
    let body = call.request.body.as_slice();
    let wanted = match action {
        Action::CreateInvoice => "invoice",
        Action::CreateCorrection => "corrective_invoice",
        Action::MarkPaid => "",
    };
    if !wanted.is_empty() && call.body.get(wanted).is_none() {
        return Err(field(wanted, EMPTY));
    }
    if action == Action::MarkPaid && state.mine(call)?.invoice(of).is_none() {
        return Err(NOT_FOUND);
    }
    let number = state.next();
    let mut text = String::from_utf8_lossy(body).into_owned();
    if action == Action::MarkPaid {
        let given = Given(call.body.get("invoice").unwrap_or(call.body));
        let in_query = call.parameter("paid_date").unwrap_or_default();
        let day = if given.has("paid_date") { given.text("paid_date") } else { in_query };
        text = String::from_utf8_lossy(&Node::object([("paid_date", Node::Text(day))]).render()).into_owned();
    }
    let reference = format!("6f0c2f5e-0000-4000-8000-{number:012x}");
    let answer = Node::object([
        ("timestamps", Node::object([("task_created_at", Node::Text(call.now.to_rfc3339()))])),
        ("invoice_task_reference_number", Node::text(&reference)),
        ("processing_code", Node::Int(100)),
        ("processing_description", Node::text("Zlecenie przyjęte")),
    ]);
    let status = StatusCode::from_u16(state.settings.accepted_status).unwrap_or(StatusCode::CREATED);
    let task = Task { reference, action, body: text, uuid: of.to_owned(), posted: call.now, reads: 0, outcome: None };
    state.mine_mut(call)?.tasks.push(task);
    Ok(Answer::json(status, &answer))
}

/// Says how a task stands.
pub(super) fn status(state: &mut Infakt, call: &Call<'_>, file: &str, corrections: bool) -> Result<Answer, Refusal> {
    let reference = file.strip_suffix(".json").ok_or(NOT_FOUND)?;
    let settings = state.settings.clone();
    let account = state.mine_mut(call)?;
    let task = account.tasks.iter_mut().find(|task| task.reference == reference).ok_or(NOT_FOUND)?;
    if corrections != (task.action == Action::CreateCorrection) {
        return Err(NOT_FOUND);
    }
    task.reads += 1;
    if task.reads <= settings.unknown_reads {
        return Err(NOT_FOUND);
    }
    let reads = task.reads - settings.unknown_reads;
    if task.outcome.is_none() && reads > settings.task_reads {
        let task = task.clone();
        run(state, &call.key, &task);
    }
    let account = state.mine(call)?;
    let task = account.tasks.iter().find(|task| task.reference == reference).ok_or(NOT_FOUND)?;
    let mut members = vec![
        ("invoice_task_reference_number", Node::text(reference)),
        ("action", Node::text(task.action.word())),
        ("invoice_kind", Node::text(if corrections { "correction" } else { "vat" })),
    ];
    let (code, text) = match &task.outcome {
        None => match reads {
            1 => (100, "Zlecenie przyjęte"),
            2 => (120, "Zlecenie w kolejce"),
            _ => (140, "Zlecenie w trakcie przetwarzania"),
        },
        Some(Outcome::Done) => (200, "Akcja wykonana"),
        Some(Outcome::Created(uuid)) => {
            members.push(("invoice_uuid", Node::text(uuid)));
            (201, "Faktura utworzona")
        }
        Some(Outcome::Failed(faults)) => {
            members.push(("invoice_errors", refusal::node(faults)));
            (422, "Zlecenie odrzucone")
        }
    };
    members.push(("processing_code", Node::Int(code)));
    members.push(("processing_description", Node::text(text)));
    let members = members.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Ok(Answer::json(StatusCode::OK, &Node::Object(members)))
}

/// Runs the tasks that have waited long enough.
pub(super) fn run_due(state: &mut Infakt, now: DateTime<Utc>) {
    let due = now - TimeDelta::seconds(state.settings.task_seconds);
    run_all(state, |task| task.posted <= due);
}

/// Runs the tasks that wait, in their order.
pub(super) fn run_all(state: &mut Infakt, is_due: impl Fn(&Task) -> bool) {
    let mut waiting = Vec::new();
    for account in &state.accounts {
        let tasks = account.tasks.iter().filter(|task| task.outcome.is_none() && is_due(task));
        waiting.extend(tasks.map(|task| (account.key.clone().unwrap_or_default(), task.clone())));
    }
    for (key, task) in waiting {
        run(state, &key, &task);
    }
}

fn run(state: &mut Infakt, key: &str, task: &Task) {
    let (settings, id, card) = (state.settings.clone(), state.next(), state.next());
    let account = state.accounts.iter_mut().find(|account| account.key.as_deref() == Some(key));
    let Some(account) = account else { return };
    let outcome = match task.action {
        Action::MarkPaid => mark_paid(account, &settings, task),
        Action::CreateInvoice | Action::CreateCorrection => {
            read(account, &settings, task).map(|invoice| keep(account, invoice, task, id, card))
        }
    };
    if let Some(known) = account.tasks.iter_mut().find(|known| known.reference == task.reference) {
        known.outcome = Some(outcome.unwrap_or_else(Outcome::Failed));
    }
}

fn read(account: &Account, settings: &Settings, task: &Task) -> Result<Invoice, Faults> {
    let today = warsaw::today(task.posted);
    let root = Node::parse(task.body.as_bytes()).unwrap_or(Node::Null);
    let null = Node::Null;
    match task.action {
        Action::CreateCorrection => {
            let given = Given(root.get("corrective_invoice").unwrap_or(&null));
            correction::read(account, settings, given, today)
        }
        Action::CreateInvoice | Action::MarkPaid => {
            let given = Given(root.get("invoice").unwrap_or(&null));
            let mut invoice = invoice::read(account, settings, Given(&root), given, today)?;
            if Given(&root).flag("send_to_ksef") {
                invoice.ksef = Some(KsefData { status: "pending".to_owned(), number: None });
            }
            Ok(invoice)
        }
    }
}

fn keep(account: &mut Account, mut invoice: Invoice, task: &Task, id: u64, card: u64) -> Outcome {
    invoice.id = 5_000 + id;
    invoice.uuid = uuid(id);
    invoice.created = task.posted;
    if invoice.client.id == 0 {
        // Every buyer who is sent becomes a client; none is recognised.
        invoice.client.id = 77_000 + card;
        account.clients.push(invoice.client.clone());
    }
    if invoice.number.is_empty() {
        invoice.number = invoice::next_number(account, invoice.kind, invoice.invoice_date);
    }
    let outcome = Outcome::Created(invoice.uuid.clone());
    account.invoices.push(invoice);
    outcome
}

fn mark_paid(account: &mut Account, settings: &Settings, task: &Task) -> Result<Outcome, Faults> {
    let body = Node::parse(task.body.as_bytes()).unwrap_or(Node::Null);
    let mut faults = Faults::new();
    let day = Given(&body).day("paid_date", &mut faults).unwrap_or_else(|| warsaw::today(task.posted));
    let Some(invoice) = account.invoice_mut(&task.uuid) else {
        return Err(vec![("invoice".to_owned(), "nie istnieje".to_owned())]);
    };
    if day < invoice.invoice_date {
        refusal::add(&mut faults, "paid_date", "nie może być wcześniejsza niż data wystawienia");
    }
    if invoice.status == "paid" {
        match settings.paid_again {
            PaidAgain::Refused => refusal::add(&mut faults, "status", "Faktura jest już zapłacona"),
            PaidAgain::Done => return Ok(Outcome::Done),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    "paid".clone_into(&mut invoice.status);
    invoice.paid = invoice.totals.gross;
    invoice.paid_date = Some(day);
    Ok(Outcome::Done)
}
