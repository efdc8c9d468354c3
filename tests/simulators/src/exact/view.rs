//! The page that shows what is in the simulator.

use std::collections::BTreeSet;

use http::StatusCode;
use rust_decimal::Decimal;

use super::books::{Direction, Division};
use super::report::{Balance, Booking, BookingFile, balances, bookings, files};
use super::state::State;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(crate) fn page(state: &State, mount: &str) -> String {
    let mut page = Page::new("Exact Online (simulator)");
    page.paragraph("Machine-readable: /_sim/bookings?division=, /_sim/balances?division=, /_sim/requests, /_sim/state");
    for division in state.divisions.iter() {
        page.heading(2, &format!("{} {}", division.code, division.description));
        page.heading(3, "Bookings");
        let bookings = bookings(division);
        page.table(
            &["Journal", "Number", "Date", "Relation", "Reference", "Lines", "Amount", "VAT", "Due", "By", "Files"],
            &bookings.iter().map(|shown| booking(shown, mount)).collect::<Vec<_>>(),
        );
        page.heading(3, "Documents without a booking");
        let loose = loose_documents(division, mount);
        page.table(&["Number", "Subject", "Type", "Files"], &loose);
        let balances = balances(division);
        page.heading(3, "Ledger accounts");
        page.table(&["Code", "Name", "Balance"], &balances.ledger_accounts.iter().map(balance).collect::<Vec<_>>());
        page.heading(3, "Relations");
        page.table(&["Code", "Name", "Balance"], &balances.relations.iter().map(balance).collect::<Vec<_>>());
    }
    page.finish()
}

/// The page behind `DocumentViewUrl`. The real one asks a person to log in first.
pub(crate) fn document(state: &State, request: &Request) -> Answer {
    let id =
        request.parameters().into_iter().find(|(name, _)| name == "DocumentID").and_then(|(_, id)| id.parse().ok());
    let found = id.and_then(|id| {
        state.divisions.iter().find_map(|division| division.documents.get(&id).map(|document| (division, document)))
    });
    let Some((division, document)) = found else {
        return Answer::html(StatusCode::NOT_FOUND, Page::new("No such document").finish());
    };
    let mut page = Page::new(&document.subject);
    page.paragraph(&format!("Document {} of {} {}", document.hid, division.code, division.description));
    page.table(&["Files"], &[vec![links(&files(division, Some(document.id)), &request.mount)]]);
    Answer::html(StatusCode::OK, page.finish())
}

fn booking(booking: &Booking, mount: &str) -> Vec<Field> {
    let kind = match (booking.direction, booking.kind) {
        (Direction::Purchase, 31) => "purchase credit note",
        (Direction::Purchase, _) => "purchase",
        (Direction::Sales, 21) => "sales credit note",
        (Direction::Sales, _) => "sales",
    };
    let lines = booking.lines.iter().map(|line| {
        let vat_code = line.vat_code.as_deref().unwrap_or("none");
        let text = line.description.as_deref().unwrap_or_default();
        format!("{} {} (VAT {vat_code}: {}) {text}", line.gl_account, money(line.amount), money(line.vat))
    });
    let date = |date: Option<chrono::NaiveDate>| Field::text(&date.map(|date| date.to_string()).unwrap_or_default());
    vec![
        Field::text(&format!("{} {kind}", booking.journal)),
        Field::number(&booking.entry_number),
        date(booking.date),
        Field::text(&format!("{} {}", booking.relation, booking.relation_name)),
        Field::text(&booking.your_ref.clone().unwrap_or_default()),
        Field::text(&lines.collect::<Vec<_>>().join("; ")),
        Field::number(&format!("{} {}", booking.currency, money(booking.amount))),
        Field::number(&money(booking.vat)),
        date(booking.due_date),
        Field::text(&booking.creator),
        links(&booking.files, mount),
    ]
}

fn loose_documents(division: &Division, mount: &str) -> Vec<Vec<Field>> {
    let booked: BTreeSet<_> = division.entries.iter().filter_map(|entry| entry.document).collect();
    let loose = division.documents.iter().filter(|document| !booked.contains(&document.id));
    let row = |document: &super::books::Document| {
        vec![
            Field::number(&document.hid),
            Field::text(&document.subject),
            Field::number(&document.kind),
            links(&files(division, Some(document.id)), mount),
        ]
    };
    loose.map(row).collect()
}

fn balance(balance: &Balance) -> Vec<Field> {
    vec![Field::text(&balance.code), Field::text(&balance.name), Field::number(&balance.balance)]
}

fn links(files: &[BookingFile], mount: &str) -> Field {
    let link = |file: &BookingFile| {
        (format!("{mount}/_sim/attachments/{}", file.id), format!("{} ({} bytes)", file.file_name, file.bytes))
    };
    Field::Links(files.iter().map(link).collect())
}

fn money(mut amount: Decimal) -> String {
    amount.rescale(2);
    amount.to_string()
}
