//! Reading: one document, and lists with their filters. What a filter does not know is passed over.

use std::cmp::Ordering;

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use http::StatusCode;

use super::api::Call;
use super::node;
use super::refusal::Refusal;
use super::state::{Account, Document, Fakturownia, OidFilter};
use crate::json::Node;
use crate::server::{Answer, Request};
use crate::warsaw;

/// Documents on a page where nothing is said.
const USUAL_PAGE: usize = 25;
/// Documents on a page at most.
const LARGEST_PAGE: usize = 100;

/// A parameter of the query.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    request.parameters().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// `GET /invoices/{id}.json`
pub(super) fn one(state: &Fakturownia, call: &Call<'_>, id: u64) -> Result<Answer, Refusal> {
    let account = state.account(&call.prefix).ok_or(Refusal::NotFound)?;
    let document = account.document(id).ok_or(Refusal::NotFound)?;
    let mut node = node::document(document, &state.settings, &call.home, true);
    if parameter(call.request, "correction_positions").as_deref() == Some("full") {
        node = node::with_sides(node, document, &state.settings);
    }
    if let Node::Object(members) = &mut node {
        let more = parameter(call.request, "additional_fields[invoice]").unwrap_or_default();
        if more.split(',').any(|name| name == "connected_payments") {
            let connected = account.payments.iter().filter(|payment| payment.settled.iter().any(|(of, _)| *of == id));
            let connected = connected.map(|payment| node::payment(payment, &state.settings)).collect();
            members.push(("connected_payments".into(), Node::List(connected)));
        }
        if let Some(wanted) = parameter(call.request, "fields[invoice]") {
            members.retain(|(name, _)| wanted.split(',').any(|field| field == name));
        }
    }
    Ok(Answer::json(StatusCode::OK, &node))
}

/// `GET /invoices.json`
pub(super) fn documents(state: &Fakturownia, account: &Account, call: &Call<'_>) -> Answer {
    let asked = |name: &str| parameter(call.request, name).filter(|value| !value.is_empty());
    let shown = call.now - TimeDelta::seconds(state.settings.list_lag_seconds);
    let kinds: Vec<String> =
        call.request.parameters().into_iter().filter(|(name, _)| name == "kinds[]").map(|(_, kind)| kind).collect();
    let period = period(call);
    let by = asked("search_date_type").unwrap_or_default();
    let is_asked = |document: &&Document| {
        let equals = |name: &str, value: &str| asked(name).is_none_or(|wanted| wanted == value);
        let day = match by.as_str() {
            "paid_date" => document.paid_date,
            "transaction_date" => document.sell_date.parse().ok(),
            _ => Some(document.issue_date),
        };
        let of_oid = asked("oid").is_none_or(|oid| match state.settings.oid_filter {
            OidFilter::Prefix => document.oid.starts_with(&oid),
            OidFilter::Exact => document.oid == oid,
        });
        let id = document.id.to_string();
        let text = |id: Option<u64>| id.map(|id| id.to_string()).unwrap_or_default();
        document.created <= shown
            && of_oid
            && equals("number", &document.number)
            && equals("kind", &document.kind)
            && (kinds.is_empty() || kinds.contains(&document.kind))
            && equals("client_id", &text(document.client_id))
            && equals("from_invoice_id", &text(document.from_invoice_id))
            && asked("income").as_deref() != Some("no")
            && asked("invoice_ids").is_none_or(|ids| ids.split(',').any(|one| one.trim() == id))
            && period.is_none_or(|(from, to)| day.is_some_and(|day| day >= from && day <= to))
    };
    // Without an order the newest come first.
    let mut found: Vec<&Document> = account.documents.iter().rev().filter(is_asked).collect();
    if let Some(order) = asked("order") {
        let (name, is_down) = order.strip_suffix(".desc").map_or((order.as_str(), false), |name| (name, true));
        found.sort_by(|a, b| if is_down { compare(name, b, a) } else { compare(name, a, b) });
    }
    let whole = asked("include_positions").as_deref() == Some("true");
    let size = asked("per_page").and_then(|size| size.parse().ok()).unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE);
    let page = asked("page").and_then(|page| page.parse().ok()).unwrap_or(1_usize).max(1);
    let rows = found.into_iter().skip((page - 1).saturating_mul(size)).take(size);
    let rows = rows.map(|document| node::document(document, &state.settings, &call.home, whole));
    Answer::json(StatusCode::OK, &Node::List(rows.collect()))
}

fn compare(name: &str, a: &Document, b: &Document) -> Ordering {
    match name {
        "number" => a.number.cmp(&b.number),
        "price_net" => a.totals.net.cmp(&b.totals.net),
        "price_gross" => a.totals.gross.cmp(&b.totals.gross),
        "price_tax" => a.totals.vat.cmp(&b.totals.vat),
        "issue_date" => a.issue_date.cmp(&b.issue_date),
        "payment_to" => a.payment_to.cmp(&b.payment_to),
        "paid_date" => a.paid_date.cmp(&b.paid_date),
        "transaction_date" => a.sell_date.cmp(&b.sell_date),
        "buyer_name" => a.buyer.name.cmp(&b.buyer.name),
        "buyer_tax_no" => a.buyer.tax_no.cmp(&b.buyer.tax_no),
        "seller_name" => a.seller.name.cmp(&b.seller.name),
        "oid" => a.oid.cmp(&b.oid),
        _ => a.created.cmp(&b.created).then(a.id.cmp(&b.id)),
    }
}

/// The days that are asked for. Dates without `period=more` are passed over.
fn period(call: &Call<'_>) -> Option<(NaiveDate, NaiveDate)> {
    let today = warsaw::today(call.now);
    let month = today.with_day(1)?;
    let year = month.with_month(1)?;
    let day = |name: &str| parameter(call.request, name).and_then(|day| day.parse::<NaiveDate>().ok());
    match parameter(call.request, "period")?.as_str() {
        "this_month" => Some((month, month + Months::new(1) - TimeDelta::days(1))),
        "last_month" => Some((month - Months::new(1), month - TimeDelta::days(1))),
        "last_30_days" => Some((today - TimeDelta::days(30), today)),
        "this_year" => Some((year, year + Months::new(12) - TimeDelta::days(1))),
        "last_year" => Some((year - Months::new(12), year - TimeDelta::days(1))),
        "last_12_months" => Some((today - Months::new(12), today)),
        "more" => Some((day("date_from").unwrap_or(NaiveDate::MIN), day("date_to").unwrap_or(NaiveDate::MAX))),
        _ => None,
    }
}
