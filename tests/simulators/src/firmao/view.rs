//! What tests and people see of the books, and the controls.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::seed;
use super::state::{Firmao, Organisation, Settings, Transaction};
use crate::control::{body, json, wrong};
use crate::page::Page;
use crate::polish::sold::{self, Buyer, Sold, SoldLine};
use crate::server::{Answer, Request};

impl Firmao {
    /// The documents of an organisation, oldest first.
    pub fn sold(&self, organisation: &str) -> Vec<Sold> {
        let books = self.organisation(organisation);
        books.map(|books| books.transactions.iter().map(|one| document(books, one)).collect()).unwrap_or_default()
    }
}

/// A document. Its reference is what stands in its internal text.
pub(super) fn document(books: &Organisation, one: &Transaction) -> Sold {
    let sku =
        |id: Option<i64>| books.products.iter().find(|known| Some(known.id) == id).map(|known| known.code.clone());
    let series = books.series.iter().find(|series| Some(series.id) == one.series);
    let lines = one.entries.iter().map(|entry| SoldLine {
        name: entry.name.clone(),
        quantity: entry.quantity,
        unit: entry.unit.clone(),
        price: entry.price,
        vat: entry.vat.clone(),
        sku: sku(entry.product).unwrap_or_default(),
        amounts: entry.amounts,
    });
    Sold {
        id: one.id.to_string(),
        number: one.number.clone(),
        kind: one.kind.clone(),
        reference: one.description.clone(),
        series: series.map(|series| series.name.clone()).unwrap_or_default(),
        issued: Some(one.issued),
        sold: Some(one.sold),
        due: one.due,
        currency: one.currency.clone(),
        payment: one.payment.clone(),
        paid: one.paid,
        buyer: Buyer {
            name: one.buyer.name.clone(),
            tax_number: one.buyer.nip.clone(),
            street: one.buyer.street.clone(),
            zip: one.buyer.zip.clone(),
            city: one.buyer.city.clone(),
            country: one.buyer.country.clone(),
            email: one.buyer.emails.first().cloned().unwrap_or_default(),
        },
        lines: lines.collect(),
        totals: one.totals,
        notes: one.notes.clone(),
        corrects: None,
        ksef: None,
    }
}

/// The whole page.
pub(super) fn page(state: &Firmao) -> String {
    let mut page = Page::new("Firmao (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?organisation=&reference=&number=, /_sim/requests, /_sim/state");
    for books in &state.organisations {
        page.heading(2, &books.id);
        sold::table(&mut page, &state.sold(&books.id));
        for product in &books.products {
            page.paragraph(&format!("{} {}: {} {}", product.code, product.name, product.stock, product.unit));
        }
    }
    page.finish()
}

/// Makes an organisation with the usual series, with a login of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrganisation {
    id: String,
    login: String,
    password: String,
}

/// What of an organisation changes; the rest stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganisationChange {
    organisation: String,
    licensed: Option<bool>,
    quota: Option<u32>,
    asks_for_stock: Option<bool>,
    denied: Option<BTreeSet<String>>,
    /// SKU and stock.
    stock: Option<(String, Decimal)>,
}

pub(super) fn control(state: &mut Firmao, request: &Request, first: &str) -> Option<Answer> {
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let parameters = request.parameters();
            let asked = parameters.iter().find(|(name, _)| name == "organisation").map(|(_, id)| id.as_str());
            match asked.filter(|id| state.organisation(id).is_some()) {
                Some(id) => Ok(sold::documents(request, state.sold(id))),
                None => Err(wrong(StatusCode::NOT_FOUND, "the query needs organisation=<id>")),
            }
        }
        (&Method::POST, "settings") => body::<Settings>(request).map(|settings| {
            state.settings = settings;
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        (&Method::POST, "organisations") => body::<NewOrganisation>(request).and_then(|new| {
            let books = Organisation { login: new.login, password: new.password, ..seed::organisation(&new.id) };
            state.organisations.retain(|known| known.id != books.id);
            state.organisations.push(books);
            json(StatusCode::CREATED, &serde_json::json!({ "id": new.id }))
        }),
        (&Method::POST, "organisation") => body::<OrganisationChange>(request).and_then(|change| {
            let books = state.organisation_mut(&change.organisation);
            let books = books.ok_or_else(|| wrong(StatusCode::NOT_FOUND, "no such organisation"))?;
            books.licensed = change.licensed.unwrap_or(books.licensed);
            books.asks_for_stock = change.asks_for_stock.unwrap_or(books.asks_for_stock);
            books.quota = change.quota.or(books.quota);
            if let Some(denied) = change.denied {
                books.denied = denied;
            }
            if let Some((code, stock)) = change.stock
                && let Some(product) = books.products.iter_mut().find(|product| product.code == code)
            {
                product.stock = stock;
            }
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
