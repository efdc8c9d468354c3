//! Lists that settings are filled from, clients, the PDF, and sending to KSeF.

use http::StatusCode;

use super::api::Call;
use super::given::Given;
use super::invoice::{check_client, next_number as number_of};
use super::lists::{envelope, find};
use super::node;
use super::refusal::{EMPTY, Faults, NOT_FOUND, Refusal, field};
use super::state::{Account, Client, Infakt, Kind, KsefData};
use super::view;
use crate::json::Node;
use crate::polish::paper;
use crate::server::Answer;
use crate::warsaw;

const PAPERS: &[&str] = &[
    "original",
    "copy",
    "original_copy",
    "duplicate",
    "original_duplicate",
    "copy_duplicate",
    "regular",
    "double_regular",
];

fn entities(entities: Vec<Node>) -> Answer {
    Answer::json(StatusCode::OK, &Node::object([("entities", Node::List(entities))]))
}

/// `GET /vat_rates.json`
pub(super) fn vat_rates(account: &Account) -> Answer {
    let rates = account.vat_rates.iter().map(|rate| {
        Node::object([
            ("id", node::id(rate.id)),
            ("rate", Node::Number(rate.rate)),
            ("name", Node::text(&rate.name)),
            ("symbol", Node::text(&rate.symbol)),
        ])
    });
    entities(rates.collect())
}

/// `GET /bank_accounts.json`
pub(super) fn bank_accounts(account: &Account) -> Answer {
    let first = account.bank_accounts.first().map(|first| first.id);
    let accounts = account.bank_accounts.iter().map(|bank| {
        Node::object([
            ("id", node::id(bank.id)),
            ("bank_name", Node::text(&bank.bank)),
            ("account_number", Node::text(&bank.number)),
            ("swift", Node::Null),
            ("default", Node::Bool(first == Some(bank.id))),
            ("currency", Node::text(&bank.currency)),
            ("custom_name", Node::Null),
        ])
    });
    entities(accounts.collect())
}

/// `GET /clients.json`
pub(super) fn clients(account: &Account, call: &Call<'_>) -> Answer {
    let wanted = call.parameter("q[clean_nip_eq]");
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_asked = |client: &&Client| wanted.as_ref().is_none_or(|wanted| digits(&client.tax_code) == digits(wanted));
    let found: Vec<Node> = account.clients.iter().filter(is_asked).map(node::client).collect();
    let total = found.len();
    Answer::json(StatusCode::OK, &envelope(call, found, total, 0, 100))
}

/// `POST /clients.json`. The same client may come twice.
pub(super) fn create_client(state: &mut Infakt, call: &Call<'_>) -> Result<Answer, Refusal> {
    let given = Given(call.body.get("client").ok_or_else(|| field("client", EMPTY))?);
    let client = Client {
        id: 77_000 + state.next(),
        company: given.text("company_name"),
        first_name: given.text("first_name"),
        last_name: given.text("last_name"),
        activity: given.text("business_activity_kind"),
        tax_code: given.text("nip"),
        street: given.text("street"),
        street_number: given.text("street_number"),
        flat_number: given.text("flat_number"),
        post_code: given.text("postal_code"),
        city: given.text("city"),
        country: given.text("country"),
        email: given.text("email"),
    };
    let mut faults = Faults::new();
    check_client(&client, "", &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::Fields(faults));
    }
    let answer = Answer::json(StatusCode::CREATED, &node::client(&client));
    state.mine_mut(call)?.clients.push(client);
    Ok(answer)
}

/// `GET /invoices/next_number.json`; it keeps nothing free.
pub(super) fn next_number(state: &Infakt, call: &Call<'_>) -> Result<Answer, Refusal> {
    let day = call.parameter("date").and_then(|day| day.parse().ok()).unwrap_or_else(|| warsaw::today(call.now));
    let kind = match call.parameter("kind").as_deref() {
        None | Some("vat") => Kind::Vat,
        Some("proforma") => Kind::Proforma,
        Some(_) => return Err(field("kind", "nie znajduje się na liście dopuszczalnych wartości")),
    };
    let next = Node::object([
        ("next_number", Node::Text(number_of(state.mine(call)?, kind, day))),
        ("invoice_date", Node::Text(day.to_string())),
        ("invoice_kind", Node::text(kind.word())),
    ]);
    Ok(Answer::json(StatusCode::OK, &next))
}

/// The PDF. Who asks for it has printed the document.
pub(super) fn pdf(state: &mut Infakt, call: &Call<'_>, correction: bool, uuid: &str) -> Result<Answer, Refusal> {
    let paper = call.parameter("document_type").unwrap_or_default();
    if !PAPERS.contains(&paper.as_str()) {
        return Err(field("document_type", "nie znajduje się na liście dopuszczalnych wartości"));
    }
    let bytes = paper::pdf(&view::sold(find(state.mine(call)?, uuid, correction)?));
    if let Some(invoice) = state.mine_mut(call)?.invoice_mut(uuid).filter(|invoice| invoice.status != "paid") {
        "printed".clone_into(&mut invoice.status);
    }
    Ok(Answer::of(StatusCode::OK, "application/pdf", bytes))
}

/// Sends a document to KSeF.
pub(super) fn send(state: &mut Infakt, call: &Call<'_>, uuid: &str) -> Result<Answer, Refusal> {
    let account = state.mine_mut(call)?;
    let active = account.ksef_active;
    let invoice = account.invoice_mut(uuid).ok_or(NOT_FOUND)?;
    if !active {
        return Err(field("ksef", "integracja z KSeF nie jest aktywna"));
    }
    if invoice.ksef.as_ref().is_some_and(|data| data.status != "error") {
        return Err(field("ksef", "dokument został już wysłany do KSeF"));
    }
    invoice.ksef = Some(KsefData { status: "pending".to_owned(), number: None });
    Ok(Answer::json(StatusCode::CREATED, &node::ksef(invoice)))
}

/// `GET /ksef2/documents/{uuid}/status.json`
pub(super) fn ksef_status(state: &mut Infakt, call: &Call<'_>, uuid: &str) -> Result<Answer, Refusal> {
    let account = state.mine_mut(call)?;
    account.invoice(uuid).filter(|invoice| invoice.ksef.is_some()).ok_or(NOT_FOUND)?;
    move_ksef(account, uuid);
    Ok(Answer::json(StatusCode::OK, &account.invoice(uuid).map_or(Node::Null, node::ksef)))
}

/// A read moves what is under way at KSeF by a step.
pub(super) fn move_ksef(account: &mut Account, uuid: &str) {
    let refuses = account.ksef_refuses;
    let Some(invoice) = account.invoice_mut(uuid) else { return };
    let (day, id) = (invoice.invoice_date, invoice.id);
    let Some(data) = invoice.ksef.as_mut() else { return };
    let next = match data.status.as_str() {
        "pending" => "sent",
        "sent" if refuses => "error",
        "sent" => {
            data.number = Some(format!("5260250274-{}-{id:012X}-A1", day.format("%Y%m%d")));
            "success"
        }
        _ => return,
    };
    next.clone_into(&mut data.status);
}
