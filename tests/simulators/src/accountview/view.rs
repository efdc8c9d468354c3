//! The page that shows what was booked, and the simulator's own controls.

use chrono::Datelike;
use http::{Method, StatusCode};
use serde::Deserialize;

use super::books::{AccountView, Page as Booked, Row, Settings, Year};
use crate::control;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &AccountView) -> String {
    let mut page = Page::new("AccountView (simulator)");
    page.paragraph("Machine-readable: /_sim/state, /_sim/requests");
    for company in &state.companies {
        page.heading(2, &format!("{} {} ({})", company.code, company.description, company.id));
        for year in company.years.iter().filter(|year| !year.pages.is_empty()) {
            page.heading(3, &format!("Pages of {}", year.first.year()));
            page.table(
                &[
                    "Journal",
                    "Page",
                    "State",
                    "Period",
                    "Date",
                    "Term",
                    "Relation",
                    "Invoice",
                    "Text",
                    "Lines",
                    "Total",
                    "VAT",
                    "Reference",
                    "Note",
                    "By",
                ],
                &year.pages.iter().map(|page| booking(year, page)).collect::<Vec<_>>(),
            );
            let balances = year.balances();
            let rows: Vec<Vec<Field>> = balances
                .iter()
                .map(|(code, amount)| vec![Field::text(code), Field::number(&format!("{amount:.2}"))])
                .collect();
            page.heading(3, &format!("Balances of {}", year.first.year()));
            page.table(&["Account or relation", "Balance"], &rows);
        }
    }
    page.finish()
}

fn booking(year: &Year, page: &Booked) -> Vec<Field> {
    let header = &page.header;
    let name =
        year.find("CONTACT", "SUB_NR", header.text("SUB_NR")).map(|row| row.text("ACCT_NAME")).unwrap_or_default();
    let line = |row: &Row| {
        let (amount, vat) = (row.number("AMOUNT"), row.number("VAT_AMT"));
        let (account, code, text) = (row.text("ACCT_NR"), row.text("VAT_CODE"), row.text("TRN_DESC"));
        format!("{account} {amount:.2} ({code} {vat:.2}) {} {text}", row.text("COST_CODE"))
    };
    let lines: Vec<String> = page.lines.iter().map(line).collect();
    vec![
        Field::text(header.text("DJ_CODE")),
        Field::text(header.text("PAGE_NR")),
        Field::text(if page.processed { "processed" } else { "page" }),
        Field::number(&header.number("PERIOD")),
        Field::text(&header.day("TRN_DATE").map(|day| day.to_string()).unwrap_or_default()),
        Field::number(&header.number("CRED_DAYS")),
        Field::text(&format!("{} {name}", header.text("SUB_NR"))),
        Field::text(header.text("INV_NR")),
        Field::text(header.text("HDR_DESC")),
        Field::text(&lines.join("; ")),
        Field::number(&format!("{} {:.2}", header.text("CUR_CODE"), header.number("CUR_AMT"))),
        Field::number(&format!("{:.2}", header.number("CUR_VAT"))),
        Field::text(header.text("EXT_DESC")),
        Field::text(header.text("COMMENT1")),
        Field::text(header.text("INP_USR")),
    ]
}

/// Closes or opens a period.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodChange {
    company: String,
    year: i32,
    period: u32,
    #[serde(default)]
    closed: bool,
}

/// Processes the pages of a company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    company: String,
}

/// Registers another address that consents come back to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    id: String,
    redirect_uri: String,
}

pub(super) fn control(state: &mut AccountView, request: &Request, first: &str) -> Option<Answer> {
    let done = match (&request.method, first) {
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            Some(())
        }),
        (&Method::POST, "process") => {
            control::body::<Process>(request).map(|Process { company }| (state.process(&company) > 0).then_some(()))
        }
        (&Method::POST, "periods") => control::body::<PeriodChange>(request).map(|change| {
            let company = state.company_mut(&change.company)?;
            let year = company.years.iter_mut().find(|year| year.first.year() == change.year)?;
            year.close(change.period, change.closed).then_some(())
        }),
        (&Method::POST, "apps") => control::body::<Registration>(request).map(|registration| {
            let app = state.apps.iter_mut().find(|app| app.id == registration.id)?;
            app.redirect_uris.retain(|known| *known != registration.redirect_uri);
            app.redirect_uris.push(registration.redirect_uri);
            Some(())
        }),
        _ => return None,
    };
    Some(match done {
        Ok(Some(())) => Answer::empty(StatusCode::NO_CONTENT),
        Ok(None) => control::wrong(StatusCode::NOT_FOUND, "there is none"),
        Err(refused) => refused,
    })
}
