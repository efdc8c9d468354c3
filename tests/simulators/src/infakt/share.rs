//! Links by which others see a document: they end after thirty days.

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};

use super::api::Call;
use super::lists::find;
use super::node;
use super::refusal::{NOT_FOUND, Refusal};
use super::state::{Infakt, Share};
use super::view;
use crate::json::Node;
use crate::page::escape;
use crate::server::{Answer, Request};

const DAYS: i64 = 30;

/// Makes, shows, prolongs or removes the link of a document.
pub(super) fn serve(
    state: &mut Infakt,
    call: &Call<'_>,
    correction: bool,
    uuid: &str,
    prolongs: bool,
) -> Result<Answer, Refusal> {
    if correction && !state.settings.correction_shares {
        return Err(NOT_FOUND);
    }
    find(state.mine(call)?, uuid, correction)?;
    let number = state.next();
    let account = state.mine_mut(call)?;
    if !account.shares {
        return Err(Refusal::Text(StatusCode::FORBIDDEN, "Funkcja niedostępna w aktualnym planie"));
    }
    let share = &mut account.invoice_mut(uuid).ok_or(NOT_FOUND)?.share;
    let status = match (&call.request.method, prolongs) {
        (&Method::POST, false) => {
            let token = format!("udostepnienie-{:07}-{number}", number * 7_919 % 9_999_991);
            *share = Some(Share { token, until: call.now + TimeDelta::days(DAYS) });
            StatusCode::CREATED
        }
        (&Method::POST, true) => {
            share.as_mut().ok_or(NOT_FOUND)?.until += TimeDelta::days(DAYS);
            StatusCode::OK
        }
        (&Method::GET, false) => StatusCode::OK,
        (&Method::DELETE, false) => {
            share.take().ok_or(NOT_FOUND)?;
            return Ok(Answer::empty(StatusCode::NO_CONTENT));
        }
        _ => return Err(NOT_FOUND),
    };
    let share = share.as_ref().ok_or(NOT_FOUND)?;
    let body = Node::object([
        ("share_link", Node::Text(node::link(&call.request.base(), &share.token))),
        ("expiration_date", Node::Text(share.until.to_rfc3339())),
    ]);
    Ok(Answer::json(status, &body))
}

/// What those see who have the link.
pub(super) fn page(state: &Infakt, now: DateTime<Utc>, request: &Request) -> Result<Answer, Refusal> {
    let token = request.path.strip_prefix("/app/twoja-faktura/").ok_or(NOT_FOUND)?;
    let mut invoices = state.accounts.iter().flat_map(|account| &account.invoices);
    let is_shown = |share: &Share| share.token == token && share.until > now;
    let invoice = invoices.find(|invoice| invoice.share.as_ref().is_some_and(is_shown)).ok_or(NOT_FOUND)?;
    let sold = view::sold(invoice);
    let text = escape(&format!("{} {}: {} {}", sold.kind, sold.number, sold.totals.gross, sold.currency));
    Ok(Answer::html(StatusCode::OK, format!("<!DOCTYPE html><html><body><h1>{text}</h1></body></html>")))
}
