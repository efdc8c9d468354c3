//! Payments: an amount settles the documents that it names, in their order.

use http::StatusCode;
use rust_decimal::Decimal;

use super::api::Call;
use super::create::settled;
use super::given::Given;
use super::node;
use super::refusal::{EMPTY, Faults, Refusal, field};
use super::state::{Account, Fakturownia, Payment};
use crate::json::Node;
use crate::server::Answer;
use crate::warsaw;

/// `POST /banking/payments.json`. The same payment may come twice: nothing says that it is the same.
pub(super) fn create(state: &mut Fakturownia, call: &Call<'_>) -> Result<Answer, Refusal> {
    let given = Given(call.body.get("banking_payment").ok_or_else(|| field("banking_payment", EMPTY))?);
    let mut faults = Faults::default();
    let price = given.decimal("price").filter(|price| !price.is_zero());
    if price.is_none() {
        faults.add("price", if given.has("price") { "nie jest liczbą" } else { EMPTY });
    }
    let paid_date = given.day("paid_date", &mut faults);
    let ids: Vec<u64> = match given.0.get("invoice_ids") {
        Some(Node::List(ids)) => ids.iter().map(as_id).collect(),
        _ => given.id("invoice_id").into_iter().collect(),
    };
    let account = state.account(&call.prefix).ok_or(Refusal::NotFound)?;
    if ids.iter().any(|id| account.document(*id).is_none()) {
        faults.add("invoice_ids", "nie istnieje");
    }
    faults.refuse()?;
    let paid_date = paid_date.or(Some(warsaw::today(call.now)));
    let mut payment = Payment {
        id: state.new_id(),
        name: given.text("name"),
        price: price.unwrap_or_default(),
        paid_date,
        settled: Vec::new(),
    };
    let settings = state.settings.clone();
    let account = state.account_mut(&call.prefix).ok_or(Refusal::NotFound)?;
    let mut rest = payment.price;
    for (place, id) in ids.iter().enumerate() {
        let is_last = place + 1 == ids.len();
        let Some(document) = account.document_mut(*id) else { continue };
        let open = (document.totals.gross - document.paid).max(Decimal::ZERO);
        // What is too much stays with the last one.
        let part = if is_last { rest } else { rest.min(open) };
        document.paid += part;
        document.paid_date = payment.paid_date;
        settled(document.paid, document.totals.gross).clone_into(&mut document.status);
        payment.settled.push((*id, part));
        rest -= part;
    }
    let answer = Answer::json(StatusCode::CREATED, &node::payment(&payment, &settings));
    account.payments.push(payment);
    Ok(answer)
}

fn as_id(node: &Node) -> u64 {
    match node {
        Node::Int(whole) => u64::try_from(*whole).unwrap_or_default(),
        other => other.as_text().and_then(|text| text.parse().ok()).unwrap_or_default(),
    }
}

/// `GET /banking/payments.json`
pub(super) fn list(state: &Fakturownia, account: &Account) -> Answer {
    let payments = account.payments.iter().rev().map(|payment| node::payment(payment, &state.settings));
    Answer::json(StatusCode::OK, &Node::List(payments.collect()))
}

/// `GET /banking/payment/{id}.json`
pub(super) fn one(state: &Fakturownia, account: &Account, id: &str) -> Result<Answer, Refusal> {
    let payment = account.payments.iter().find(|payment| payment.id.to_string() == id).ok_or(Refusal::NotFound)?;
    Ok(Answer::json(StatusCode::OK, &node::payment(payment, &state.settings)))
}

/// `DELETE /banking/payments/{id}.json`: what it settled is open again.
pub(super) fn delete(account: &mut Account, id: &str) -> Result<Answer, Refusal> {
    let place = account.payments.iter().position(|payment| payment.id.to_string() == id).ok_or(Refusal::NotFound)?;
    for (document, part) in account.payments.remove(place).settled {
        if let Some(document) = account.document_mut(document) {
            document.paid -= part;
            settled(document.paid, document.totals.gross).clone_into(&mut document.status);
        }
    }
    Ok(Answer::json(StatusCode::OK, &Node::text("ok")))
}
