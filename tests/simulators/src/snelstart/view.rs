//! The page that shows what is in the simulator, and its own controls.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::{Method, StatusCode};
use serde::Deserialize;

use super::seed;
use super::state::{Administration, Booking, Direction, Snelstart};
use crate::control::{body, json, wrong};
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Snelstart) -> String {
    let mut page = Page::new("SnelStart (simulator)");
    page.paragraph("Machine-readable: /_sim/bookings?administration=, /_sim/requests, /_sim/state");
    for books in &state.administrations {
        page.heading(2, &format!("{} {}", books.name, books.id));
        page.table(
            &["Voucher", "Kind", "Date", "Due", "Relation", "Number", "Text", "Lines", "VAT", "Total", "Files"],
            &books.bookings.iter().map(|booking| row(books, booking)).collect::<Vec<_>>(),
        );
        let balances = books.balances();
        let rows: Vec<_> =
            balances.iter().map(|(of, sum)| vec![Field::text(&name(books, of)), Field::number(sum)]).collect();
        page.heading(3, "Balances");
        page.table(&["Of", "Balance"], &rows);
    }
    page.finish()
}

/// What an id stands for; a kind of VAT stands for itself.
fn name(books: &Administration, id: &str) -> String {
    let account = books.account(id).map(|account| format!("{} {}", account.number, account.name));
    account
        .or_else(|| books.relation(id).map(|relation| format!("{} {}", relation.code, relation.name)))
        .unwrap_or_else(|| id.to_owned())
}

fn row(books: &Administration, booking: &Booking) -> Vec<Field> {
    let kind = match booking.direction {
        Direction::Purchase => "purchase",
        Direction::Sales => "sales",
    };
    let lines = booking
        .lines
        .iter()
        .map(|line| format!("{} {} ({}) {}", name(books, &line.account), line.amount, line.vat_kind, line.description));
    let vat = booking.vat.iter().map(|vat| format!("{} {}", vat.kind, vat.amount));
    let files = books.documents.iter().filter(|document| document.parent == booking.id);
    let files = files.map(|document| format!("{} ({} bytes)", document.file_name, document.bytes));
    vec![
        Field::text(&booking.voucher),
        Field::text(kind),
        Field::text(&booking.date),
        Field::text(&booking.due),
        Field::text(&name(books, &booking.relation)),
        Field::text(&booking.number),
        Field::text(&booking.description),
        Field::text(&lines.collect::<Vec<_>>().join("; ")),
        Field::text(&vat.collect::<Vec<_>>().join("; ")),
        Field::number(&format!("EUR {:.2}", booking.total)),
        Field::text(&files.collect::<Vec<_>>().join(", ")),
    ]
}

/// Blocks or frees a month.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodChange {
    administration: String,
    year: i32,
    month: u32,
    blocked: bool,
}

/// Makes an administration with the usual accounts, which its key opens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAdministration {
    number: u64,
    name: String,
    key: String,
}

pub(super) fn control(state: &mut Snelstart, request: &Request, first: &str) -> Option<Answer> {
    let answer = match (&request.method, first) {
        (&Method::GET, "bookings") => {
            let parameters = request.parameters();
            let id = parameters.iter().find(|(name, _)| name == "administration").map(|(_, id)| id.as_str());
            match id.and_then(|id| state.administration(id)) {
                Some(books) => json(StatusCode::OK, &books.bookings),
                None => Err(wrong(StatusCode::NOT_FOUND, "the query needs administration=<id>")),
            }
        }
        (&Method::POST, "periods") => body::<PeriodChange>(request).and_then(|change| {
            let books = state.administration_mut(&change.administration);
            let books = books.ok_or_else(|| wrong(StatusCode::NOT_FOUND, "no such administration"))?;
            let month = (change.year, change.month);
            if change.blocked {
                books.blocked.insert(month)
            } else {
                books.blocked.remove(&month)
            };
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }),
        (&Method::POST, "administrations") => body::<NewAdministration>(request).and_then(|new| {
            let books = seed::administration(new.number, &new.name, &new.key);
            state.administrations.retain(|known| known.id != books.id);
            let id = serde_json::json!({ "id": books.id });
            state.administrations.push(books);
            json(StatusCode::CREATED, &id)
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
