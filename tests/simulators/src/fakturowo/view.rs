//! The page that shows the documents, what tests see of them, and the controls of these books.

use http::{Method, StatusCode};

use super::state::{Document, Fakturowo, Line, Misuse, Settings};
use crate::control;
use crate::page::Page;
use crate::polish::sold::{self, Buyer, Sold, SoldLine};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Fakturowo) -> String {
    let mut page = Page::new("Fakturowo (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?number=&reference=, /_sim/misuse, /_sim/state, /_sim/requests");
    for (account, place) in state.accounts.iter().zip(1..) {
        page.heading(2, &format!("Account {place}"));
        sold::table(&mut page, &account.documents.iter().map(sold).collect::<Vec<_>>());
    }
    page.finish()
}

/// A document as tests look at it. Our reference is the number of the order.
pub(super) fn sold(document: &Document) -> Sold {
    let buyer = &document.buyer;
    let line = |line: &Line| SoldLine {
        name: line.name.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        price: line.price,
        vat: line.vat.clone(),
        sku: String::new(),
        amounts: line.amounts,
    };
    Sold {
        id: document.id.to_string(),
        number: document.number.clone(),
        kind: document.kind.to_string(),
        reference: document.order.clone(),
        series: String::new(),
        issued: Some(document.issued),
        sold: document.sold,
        due: document.due,
        currency: document.currency.clone(),
        payment: document.payment.to_string(),
        paid: document.paid,
        buyer: Buyer {
            name: buyer.name.clone(),
            tax_number: buyer.tax_number.clone(),
            street: buyer.street.clone(),
            zip: buyer.zip.clone(),
            city: buyer.city.clone(),
            country: buyer.country.clone(),
            email: buyer.email.clone(),
        },
        lines: document.lines.iter().map(line).collect(),
        totals: document.totals,
        notes: document.notes.clone(),
        corrects: None,
        ksef: None,
    }
}

pub(super) fn control(state: &mut Fakturowo, request: &Request, first: &str) -> Option<Answer> {
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let all = state.accounts.iter().flat_map(|account| account.documents.iter().map(sold));
            Ok(sold::documents(request, all.collect()))
        }
        (&Method::GET, "misuse") => control::json(StatusCode::OK, &state.misuse),
        (&Method::DELETE, "misuse") => {
            state.misuse = Misuse::default();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
