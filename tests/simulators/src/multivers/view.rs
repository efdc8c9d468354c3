//! The page that shows what was booked, and the controls of these books.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::state::{Database, Direction, Invoice, Settings, State};
use crate::control;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &State, title: &str) -> String {
    let mut page = Page::new(&format!("{title} (simulator)"));
    page.paragraph("Machine-readable: /_sim/state, /_sim/requests");
    for books in &state.databases {
        page.heading(2, &format!("{} {}", books.id, books.name));
        page.heading(3, "Invoices");
        page.table(
            &["Entry", "Period", "Date", "Due", "Relation", "Number", "Payment", "Lines", "VAT", "Total", "Document"],
            &books.invoices.iter().map(|invoice| row(books, invoice)).collect::<Vec<_>>(),
        );
        page.heading(3, "Balances");
        let balances = books.balances();
        let rows: Vec<Vec<Field>> =
            balances.iter().map(|(of, amount)| vec![Field::text(of), Field::number(&format!("{amount:.2}"))]).collect();
        page.table(&["Account, relation or VAT code", "Balance"], &rows);
    }
    page.finish()
}

fn row(books: &Database, invoice: &Invoice) -> Vec<Field> {
    let kind = match invoice.direction {
        Direction::Purchase => "supplier",
        Direction::Sales => "customer",
    };
    let name = books.relation(invoice.direction, &invoice.relation).map(|relation| relation.name.as_str());
    let lines = invoice.lines.iter().map(|line| {
        let amount = |side: &str, amount: Option<super::state::Amount>| {
            amount.map(|amount| format!("{side} {:.2}", amount.own)).unwrap_or_default()
        };
        let code = line.vat_code.map(|code| code.to_string()).unwrap_or_default();
        format!(
            "{} {}{} VAT {code} {:.2} {} {}",
            line.account,
            amount("debit", line.debit),
            amount("credit", line.credit),
            line.vat.own,
            line.cost_centre,
            line.description
        )
    });
    vec![
        Field::text(&format!("{} {}", invoice.journal, invoice.transaction)),
        Field::text(&format!("{}/{}", invoice.year, invoice.period)),
        Field::text(&invoice.date),
        Field::text(&invoice.due),
        Field::text(&format!("{kind} {} {}", invoice.relation, name.unwrap_or_default())),
        Field::text(&invoice.reference),
        Field::text(&invoice.payment_reference),
        Field::text(&lines.collect::<Vec<_>>().join("; ")),
        Field::number(&format!("{:.2}", invoice.vat.own)),
        Field::number(&format!("{} {:.2}", invoice.currency, invoice.total.own)),
        Field::text(invoice.link.as_ref().map_or("", |link| link.address.as_str())),
    ]
}

/// Closes or opens a period.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodChange {
    database: String,
    year: i64,
    period: i64,
    #[serde(default)]
    closed: bool,
}

/// Registers another address that consents come back to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    id: String,
    redirect_uri: String,
}

pub(super) fn control(state: &mut State, request: &Request, first: &str) -> Option<Answer> {
    let done = match (&request.method, first) {
        (&Method::POST, "periods") => control::body::<PeriodChange>(request).map(|change| {
            let books = state.database_mut(&change.database);
            books.is_some_and(|books| books.close(change.year, change.period, change.closed))
        }),
        (&Method::POST, "apps") => control::body::<Registration>(request).map(|registration| {
            let app = state.apps.iter_mut().find(|app| app.id == registration.id);
            app.map(|app| {
                app.redirect_uris.retain(|known| *known != registration.redirect_uri);
                app.redirect_uris.push(registration.redirect_uri);
            })
            .is_some()
        }),
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            true
        }),
        _ => return None,
    };
    Some(match done {
        Ok(true) => Answer::empty(StatusCode::NO_CONTENT),
        Ok(false) => control::wrong(StatusCode::NOT_FOUND, "there is none"),
        Err(refused) => refused,
    })
}
