//! The page that shows the documents, what tests see of them, and the controls of these books.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::{Method, StatusCode};
use serde::Deserialize;

use super::state::{BankProtection, Document, Fakturownia, Ksef, Sends, Settings};
use crate::control;
use crate::page::Page;
use crate::polish::sold::{self, Buyer, Sold, SoldLine};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Fakturownia) -> String {
    let mut page = Page::new("Fakturownia (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?account=&number=&reference=, /_sim/state, /_sim/requests");
    for account in &state.accounts {
        page.heading(2, &account.prefix);
        sold::table(&mut page, &account.documents.iter().map(sold).collect::<Vec<_>>());
    }
    page.finish()
}

/// A document as tests look at it.
pub(super) fn sold(document: &Document) -> Sold {
    let buyer = &document.buyer;
    let lines = document.positions.iter().map(|line| SoldLine {
        name: line.name.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        price: if line.quantity.is_zero() { line.amounts.gross } else { line.amounts.gross / line.quantity },
        vat: line.tax.clone(),
        sku: line.code.clone(),
        amounts: line.amounts,
    });
    Sold {
        id: document.id.to_string(),
        number: document.number.clone(),
        kind: document.kind.clone(),
        reference: document.oid.clone(),
        series: document.department_id.map(|id| id.to_string()).unwrap_or_default(),
        issued: Some(document.issue_date),
        sold: document.sell_date.parse().ok(),
        due: document.payment_to,
        currency: document.currency.clone(),
        payment: document.payment_type.clone(),
        paid: document.paid,
        buyer: Buyer {
            name: buyer.name.clone(),
            tax_number: buyer.tax_no.clone(),
            street: buyer.street.clone(),
            zip: buyer.post_code.clone(),
            city: buyer.city.clone(),
            country: buyer.country.clone(),
            email: buyer.email.clone(),
        },
        lines: lines.collect(),
        totals: document.totals,
        notes: document.description.clone(),
        corrects: None,
        ksef: document.gov_id.clone(),
    }
}

/// Changes an account; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    account: String,
    ksef: Option<Ksef>,
    sends: Option<Sends>,
    ksef_reads: Option<u32>,
    ksef_outcome: Option<String>,
    pdf_delay_reads: Option<u32>,
    bank_protection: Option<BankProtection>,
    discount_kind: Option<String>,
}

pub(super) fn control(state: &mut Fakturownia, request: &Request, first: &str) -> Option<Answer> {
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let parameters = request.parameters();
            let account = parameters.iter().find(|(name, _)| name == "account").map(|(_, prefix)| prefix.as_str());
            let accounts = state.accounts.iter().filter(|known| account.is_none_or(|prefix| known.prefix == prefix));
            let all = accounts.flat_map(|account| {
                account.documents.iter().map(|document| {
                    let corrected = document.from_invoice_id.filter(|_| document.kind == "correction");
                    let corrects =
                        corrected.and_then(|id| account.document(id)).map(|original| original.number.clone());
                    Sold { corrects, ..sold(document) }
                })
            });
            Ok(sold::documents(request, all.collect()))
        }
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        (&Method::POST, "account") => control::body::<AccountChange>(request).and_then(|change| {
            let account = state.account_mut(&change.account);
            let account = account.ok_or_else(|| control::wrong(StatusCode::NOT_FOUND, "no such account"))?;
            account.ksef = change.ksef.unwrap_or(account.ksef);
            account.sends = change.sends.unwrap_or(account.sends);
            account.ksef_reads = change.ksef_reads.unwrap_or(account.ksef_reads);
            account.pdf_delay_reads = change.pdf_delay_reads.unwrap_or(account.pdf_delay_reads);
            account.bank_protection = change.bank_protection.unwrap_or(account.bank_protection);
            if let Some(outcome) = change.ksef_outcome {
                account.ksef_outcome = outcome;
            }
            if let Some(kind) = change.discount_kind {
                account.discount_kind = kind;
            }
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
