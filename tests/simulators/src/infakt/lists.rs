//! Reading documents: one, or a list whose filters are passed over when they are not known.

use http::StatusCode;

use super::api::Call;
use super::helpers;
use super::node;
use super::refusal::{NOT_FOUND, Refusal};
use super::state::{Account, Infakt, Invoice, Kind};
use crate::json::Node;
use crate::server::Answer;

/// A document of a resource: corrections are not among invoices.
pub(super) fn find<'a>(account: &'a Account, uuid: &str, correction: bool) -> Result<&'a Invoice, Refusal> {
    let found = account.invoice(uuid).filter(|invoice| (invoice.kind == Kind::Correction) == correction);
    found.ok_or(NOT_FOUND)
}

/// One document. Reading it moves what is under way at KSeF.
pub(super) fn one(state: &mut Infakt, call: &Call<'_>, correction: bool, uuid: &str) -> Result<Answer, Refusal> {
    find(state.mine(call)?, uuid, correction)?;
    helpers::move_ksef(state.mine_mut(call)?, uuid);
    let invoice = find(state.mine(call)?, uuid, correction)?;
    Ok(Answer::json(StatusCode::OK, &node::invoice(invoice, &state.settings, &call.request.base())))
}

/// A list.
pub(super) fn invoices(state: &mut Infakt, call: &Call<'_>, of: fn(Kind) -> bool) -> Result<Answer, Refusal> {
    let turn = usize::try_from(state.next()).unwrap_or_default();
    let settings = state.settings.clone();
    let account = state.mine(call)?;
    let filters: Vec<(String, String)> = call.request.parameters().into_iter().filter_map(filter).collect();
    let is_asked =
        |invoice: &&Invoice| of(invoice.kind) && filters.iter().all(|(name, value)| holds(invoice, name, value));
    let mut found: Vec<&Invoice> = account.invoices.iter().filter(is_asked).collect();
    let total = found.len();
    match call.parameter("order") {
        Some(order) => {
            let (name, direction) = order.split_once(' ').unwrap_or((&order, "asc"));
            found.sort_by_key(|invoice| value(invoice, name).unwrap_or_default());
            if direction == "desc" {
                found.reverse();
            }
        }
        // Nobody may count on an order that was not asked for.
        None if total > 0 => found.rotate_left(turn % total),
        None => {}
    }
    let number = |name: &str, usual: usize| call.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (offset, limit) = (number("offset", 0), number("limit", 10).clamp(1, 100));
    let fields = call.parameter("fields");
    let write = |invoice: &Invoice| {
        let mut node = node::invoice(invoice, &settings, &call.request.base());
        if let (Some(fields), Node::Object(members)) = (&fields, &mut node) {
            members.retain(|(name, _)| fields.split(',').any(|field| field == name));
        }
        node
    };
    let entities: Vec<Node> = found.into_iter().skip(offset).take(limit).map(write).collect();
    Ok(Answer::json(StatusCode::OK, &envelope(call, entities, total, offset, limit)))
}

/// A page of a list. It names a next one even past the end.
pub(super) fn envelope(call: &Call<'_>, entities: Vec<Node>, total: usize, offset: usize, limit: usize) -> Node {
    let whole = |number: usize| Node::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let page = |offset: usize| {
        Node::Text(format!("{}{}?offset={offset}&limit={limit}", call.request.base(), call.request.path))
    };
    let previous = if offset == 0 { Node::Null } else { page(offset.saturating_sub(limit)) };
    Node::object([
        (
            "metainfo",
            Node::object([
                ("count", whole(entities.len())),
                ("total_count", whole(total)),
                ("next", page(offset + limit)),
                ("previous", previous),
            ]),
        ),
        ("entities", Node::List(entities)),
    ])
}

/// What is in the brackets of `q[...]`, and what it is to be.
fn filter((name, value): (String, String)) -> Option<(String, String)> {
    Some((name.strip_prefix("q[")?.strip_suffix(']')?.to_owned(), value))
}

/// A field as it is compared; `None` when there is no such.
fn value(invoice: &Invoice, name: &str) -> Option<String> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    Some(match name {
        "id" => format!("{:020}", invoice.id),
        "number" => invoice.number.clone(),
        "kind" => invoice.kind.word().to_owned(),
        "status" => invoice.status.clone(),
        "currency" => invoice.currency.clone(),
        "invoice_date" => invoice.invoice_date.to_string(),
        "sale_date" => day(invoice.sale_date),
        "payment_date" => day(invoice.payment_date),
        "paid_date" => day(invoice.paid_date),
        "created_at" => invoice.created.to_rfc3339(),
        "clean_client_nip" => invoice.client.tax_code.chars().filter(char::is_ascii_digit).collect(),
        _ => return None,
    })
}

/// Whether a filter lets a document through; one that is not known does.
fn holds(invoice: &Invoice, filter: &str, wanted: &str) -> bool {
    let Some((name, predicate)) = filter.rsplit_once('_') else { return true };
    let Some(value) = value(invoice, name) else { return true };
    match predicate {
        "eq" => value == wanted,
        "cont" => value.to_lowercase().contains(&wanted.to_lowercase()),
        "null" => value.is_empty() == matches!(wanted, "1" | "true"),
        "gteq" => value.as_str() >= wanted,
        "lteq" => value.as_str() <= wanted,
        _ => true,
    }
}
