//! What tests and people see of the books, and the controls.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::check::percent;
use super::seed;
use super::state::{Ifirma, Invoice, Ksef, Settings};
use crate::control::{body, json, wrong};
use crate::page::Page;
use crate::polish::sold::{self, Buyer, Sold, SoldLine};
use crate::server::{Answer, Request};

impl Ifirma {
    /// The invoices of an account, oldest first.
    pub fn sold(&self, login: &str) -> Vec<Sold> {
        self.account(login).map(|account| account.invoices.iter().map(document).collect()).unwrap_or_default()
    }
}

/// An invoice. Its reference is the first line of the notes: there is no other place for one.
pub(super) fn document(invoice: &Invoice) -> Sold {
    let buyer = invoice.contractor.clone();
    let lines = invoice.lines.iter().map(|line| SoldLine {
        name: line.name.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        price: line.price,
        vat: line.rate.map_or_else(|| "ZW".to_owned(), |_| percent(line).normalize().to_string()),
        sku: String::new(),
        amounts: line.amounts,
    });
    let ksef = match &invoice.ksef {
        Ksef::Unsent | Ksef::Waiting(_) => None,
        Ksef::Numbered(number) => Some(number.clone()),
    };
    Sold {
        id: invoice.id.to_string(),
        number: invoice.full_number.clone(),
        kind: invoice.kind.prefix().to_owned(),
        reference: invoice.notes.lines().next().unwrap_or_default().to_owned(),
        series: invoice.series.clone(),
        issued: Some(invoice.issued),
        sold: Some(invoice.sold),
        due: invoice.due,
        currency: invoice.currency.clone(),
        payment: invoice.payment.clone(),
        paid: invoice.paid(),
        buyer: Buyer {
            name: [buyer.name.as_str(), buyer.name2.as_str()].join(" ").trim().to_owned(),
            tax_number: format!("{}{}", buyer.prefix, buyer.nip),
            street: buyer.street,
            zip: buyer.zip,
            city: buyer.city,
            country: buyer.country,
            email: buyer.email,
        },
        lines: lines.collect(),
        totals: invoice.totals,
        notes: invoice.notes.clone(),
        corrects: None,
        ksef,
    }
}

/// A number of the national system.
pub(super) fn ksef_number(invoice: &Invoice, now: DateTime<Utc>) -> String {
    format!("1234563218-{}-{:012X}-00", now.format("%Y%m%d"), invoice.id)
}

/// The whole page.
pub(super) fn page(state: &Ifirma) -> String {
    let mut page = Page::new("iFirma (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?account=&reference=&number=, /_sim/requests, /_sim/state");
    for account in &state.accounts {
        let (year, month) = account.month;
        page.heading(2, &format!("{} ({month}/{year})", account.login));
        sold::table(&mut page, &state.sold(&account.login));
    }
    page.finish()
}

/// Makes an account with the usual series and keys of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    login: String,
    invoice_key: String,
    account_key: String,
}

/// What of an account changes; the rest stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    login: String,
    month: Option<(i32, u32)>,
    terms_accepted: Option<bool>,
    has_api: Option<bool>,
    lump_sum: Option<bool>,
    allowance: Option<u32>,
    ksef_after: Option<u32>,
}

pub(super) fn control(state: &mut Ifirma, request: &Request, first: &str) -> Option<Answer> {
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let parameters = request.parameters();
            let asked = parameters.iter().find(|(name, _)| name == "account").map(|(_, login)| login.as_str());
            match asked.filter(|login| state.account(login).is_some()) {
                Some(login) => Ok(sold::documents(request, state.sold(login))),
                None => Err(wrong(StatusCode::NOT_FOUND, "the query needs account=<login>")),
            }
        }
        (&Method::POST, "settings") => body::<Settings>(request).map(|settings| {
            state.settings = settings;
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        (&Method::POST, "accounts") => body::<NewAccount>(request).and_then(|new| {
            let mut account = seed::account(&new.login, true);
            account.keys = [("faktura", new.invoice_key), ("abonent", new.account_key)]
                .into_iter()
                .map(|(area, key)| (area.to_owned(), key))
                .collect();
            state.accounts.retain(|known| known.login != account.login);
            state.accounts.push(account);
            json(StatusCode::CREATED, &serde_json::json!({ "login": new.login }))
        }),
        (&Method::POST, "account") => body::<AccountChange>(request).and_then(|change| {
            let account = state.account_mut(&change.login);
            let account = account.ok_or_else(|| wrong(StatusCode::NOT_FOUND, "no such account"))?;
            account.month = change.month.unwrap_or(account.month);
            account.terms_accepted = change.terms_accepted.unwrap_or(account.terms_accepted);
            account.has_api = change.has_api.unwrap_or(account.has_api);
            account.lump_sum = change.lump_sum.unwrap_or(account.lump_sum);
            account.allowance = change.allowance.unwrap_or(account.allowance);
            account.ksef_after = change.ksef_after.or(account.ksef_after);
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
