//! The page that shows the documents, what tests see of them, and the controls of these books.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::{Method, StatusCode};
use serde::Deserialize;

use super::state::{Infakt, Invoice, Service, Settings};
use super::tasks;
use crate::control;
use crate::page::{Field, Page};
use crate::polish::sold::{self, Buyer, Sold, SoldLine};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Infakt) -> String {
    let mut page = Page::new("inFakt (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?key=&number=&reference=, /_sim/state, /_sim/requests");
    for account in &state.accounts {
        page.heading(2, account.key.as_deref().unwrap_or("no key"));
        sold::table(&mut page, &account.invoices.iter().map(sold).collect::<Vec<_>>());
        let waiting = account.tasks.iter().filter(|task| task.outcome.is_none());
        let rows: Vec<_> =
            waiting.map(|task| vec![Field::text(&task.reference), Field::text(task.action.word())]).collect();
        page.heading(3, "Tasks that wait");
        page.table(&["Reference", "Action"], &rows);
    }
    page.finish()
}

fn line(line: &Service) -> SoldLine {
    let sign = if line.correction || line.group.is_empty() { "" } else { "przed korektą: " };
    SoldLine {
        name: format!("{sign}{}", line.name),
        quantity: line.quantity,
        unit: line.unit.clone(),
        price: line.unit_net,
        vat: line.tax_symbol.clone(),
        sku: String::new(),
        amounts: line.amounts,
    }
}

/// A document as tests look at it. Our reference is the number of its order, or else its notes.
pub(super) fn sold(invoice: &Invoice) -> Sold {
    let client = &invoice.client;
    let person = format!("{} {}", client.first_name, client.last_name);
    let street = [&client.street, &client.street_number, &client.flat_number];
    let street: Vec<&str> = street.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let order = invoice.orders.first().map(|(number, _)| number.clone()).filter(|number| !number.is_empty());
    Sold {
        id: invoice.uuid.clone(),
        number: invoice.number.clone(),
        kind: invoice.kind.word().to_owned(),
        reference: order.unwrap_or_else(|| invoice.notes.clone()),
        series: String::new(),
        issued: Some(invoice.invoice_date),
        sold: invoice.sale_date,
        due: invoice.payment_date,
        currency: invoice.currency.clone(),
        payment: invoice.payment_method.clone(),
        paid: invoice.paid,
        buyer: Buyer {
            name: if client.company.is_empty() { person.trim().to_owned() } else { client.company.clone() },
            tax_number: client.tax_code.clone(),
            street: street.join(" "),
            zip: client.post_code.clone(),
            city: client.city.clone(),
            country: client.country.clone(),
            email: client.email.clone(),
        },
        lines: invoice.services.iter().map(line).collect(),
        totals: invoice.totals,
        notes: invoice.notes.clone(),
        corrects: invoice.corrected.as_ref().map(|_| invoice.corrected_number.clone()),
        ksef: invoice.ksef.as_ref().and_then(|data| data.number.clone()),
    }
}

/// Changes an account; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    key: String,
    scopes: Option<Vec<String>>,
    unpaid: Option<bool>,
    shares: Option<bool>,
    currency: Option<String>,
    ksef_active: Option<bool>,
    ksef_refuses: Option<bool>,
}

pub(super) fn control(state: &mut Infakt, request: &Request, first: &str) -> Option<Answer> {
    let done = Answer::empty(StatusCode::NO_CONTENT);
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let parameters = request.parameters();
            let key = parameters.iter().find(|(name, _)| name == "key").map(|(_, key)| key.as_str());
            let accounts = state.accounts.iter().filter(|known| key.is_none() || known.key.as_deref() == key);
            Ok(sold::documents(request, accounts.flat_map(|account| account.invoices.iter().map(sold)).collect()))
        }
        (&Method::POST, "tasks") => {
            tasks::run_all(state, |_| true);
            Ok(done)
        }
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            done
        }),
        (&Method::POST, "account") => control::body::<AccountChange>(request).and_then(|change| {
            let account = state.accounts.iter_mut().find(|known| known.key.as_ref() == Some(&change.key));
            let account = account.ok_or_else(|| control::wrong(StatusCode::NOT_FOUND, "no such account"))?;
            account.unpaid = change.unpaid.unwrap_or(account.unpaid);
            account.shares = change.shares.unwrap_or(account.shares);
            account.ksef_active = change.ksef_active.unwrap_or(account.ksef_active);
            account.ksef_refuses = change.ksef_refuses.unwrap_or(account.ksef_refuses);
            if let Some(currency) = change.currency {
                account.currency = currency;
            }
            if let Some(scopes) = change.scopes {
                account.scopes = scopes.into_iter().collect();
            }
            Ok(done)
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
