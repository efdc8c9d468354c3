//! What tests and people see of the books, and the controls.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, NaiveDate, Utc};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::seed;
use super::state::{Company, Invoice, Settings, Wfirma};
use crate::control::{body, json, wrong};
use crate::page::Page;
use crate::polish::sold::{self, Buyer, Sold, SoldLine};
use crate::server::{Answer, Request};

impl Wfirma {
    /// The documents of a company, oldest first.
    pub fn sold(&self, company: u64) -> Vec<Sold> {
        self.company(company).map(sold).unwrap_or_default()
    }
}

/// The documents of a company.
pub(super) fn sold(company: &Company) -> Vec<Sold> {
    company.invoices.iter().map(|invoice| document(company, invoice)).collect()
}

fn document(company: &Company, invoice: &Invoice) -> Sold {
    let buyer = invoice.contractor.clone().unwrap_or_default();
    let sku = |id: Option<u64>| company.goods.iter().find(|good| Some(good.id) == id).map(|good| good.code.clone());
    let series = company.series.iter().find(|series| series.id == invoice.series);
    let lines = invoice.lines.iter().map(|line| SoldLine {
        name: line.name.clone(),
        quantity: line.count,
        unit: line.unit.clone(),
        price: line.price,
        vat: line.vat.clone(),
        sku: sku(line.good).unwrap_or_default(),
        amounts: line.amounts,
    });
    Sold {
        id: invoice.id.to_string(),
        number: invoice.full_number.clone(),
        kind: invoice.kind.clone(),
        reference: invoice.id_external.clone(),
        series: series.map(|series| series.name.clone()).unwrap_or_default(),
        issued: Some(invoice.date),
        sold: invoice.disposal_date,
        due: invoice.payment_date,
        currency: invoice.currency.clone(),
        payment: invoice.payment_method.clone(),
        paid: company.paid(invoice),
        buyer: Buyer {
            name: buyer.name,
            tax_number: buyer.nip,
            street: buyer.street,
            zip: buyer.zip,
            city: buyer.city,
            country: buyer.country,
            email: buyer.email,
        },
        lines: lines.collect(),
        totals: invoice.totals,
        notes: invoice.description.clone(),
        corrects: None,
        ksef: Some(invoice.ksef.number.clone()).filter(|number| !number.is_empty()),
    }
}

/// The national system gives an invoice its number.
pub(super) fn accept(nip: &str, invoice: &mut Invoice, now: DateTime<Utc>) {
    "accepted".clone_into(&mut invoice.ksef.status);
    invoice.ksef.number = format!("{nip}-{}-{:012X}-00", now.format("%Y%m%d"), invoice.id);
    invoice.ksef.registered = Some(now);
}

/// The whole page.
pub(super) fn page(state: &Wfirma) -> String {
    let mut page = Page::new("wFirma (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?company=&reference=&number=, /_sim/requests, /_sim/state");
    for company in &state.companies {
        page.heading(2, &format!("{} {}", company.name, company.id));
        sold::table(&mut page, &sold(company));
        for good in &company.goods {
            page.paragraph(&format!("{} {}: {} {}", good.code, good.name, good.count, good.unit));
        }
    }
    page.finish()
}

/// Makes a company with the usual series and rates, which keys of its own open.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCompany {
    id: u64,
    name: String,
    access_key: String,
    secret_key: String,
}

/// What of a company changes; the rest stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompanyChange {
    company: u64,
    restoring: Option<bool>,
    inactive: Option<bool>,
    revenue_register: Option<bool>,
    closed_until: Option<NaiveDate>,
    ksef_after: Option<u32>,
    customer_panel: Option<bool>,
}

/// The national system refuses an invoice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KsefRefused {
    company: u64,
    invoice: u64,
}

pub(super) fn control(state: &mut Wfirma, request: &Request, first: &str) -> Option<Answer> {
    let no_company = || wrong(StatusCode::NOT_FOUND, "no such company");
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let parameters = request.parameters();
            let asked = parameters.iter().find(|(name, _)| name == "company").and_then(|(_, id)| id.parse().ok());
            match asked.and_then(|id| state.company(id)) {
                Some(company) => Ok(sold::documents(request, sold(company))),
                None => Err(wrong(StatusCode::NOT_FOUND, "the query needs company=<id>")),
            }
        }
        (&Method::POST, "settings") => body::<Settings>(request).map(|settings| {
            state.settings = settings;
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        (&Method::POST, "companies") => body::<NewCompany>(request).and_then(|new| {
            let company = seed::company(new.id, &new.name, true);
            state.companies.retain(|known| known.id != company.id);
            state.companies.push(company);
            state.users.retain(|user| user.access_key != new.access_key);
            state.users.push(super::state::User {
                access_key: new.access_key,
                secret_key: new.secret_key,
                companies: [new.id].into(),
                ..Default::default()
            });
            json(StatusCode::CREATED, &serde_json::json!({ "id": new.id }))
        }),
        (&Method::POST, "company") => body::<CompanyChange>(request).and_then(|change| {
            let company = state.company_mut(change.company).ok_or_else(no_company)?;
            company.restoring = change.restoring.unwrap_or(company.restoring);
            company.inactive = change.inactive.unwrap_or(company.inactive);
            company.revenue_register = change.revenue_register.unwrap_or(company.revenue_register);
            company.customer_panel = change.customer_panel.unwrap_or(company.customer_panel);
            company.closed_until = change.closed_until.or(company.closed_until);
            company.ksef_after = change.ksef_after.or(company.ksef_after);
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }),
        (&Method::POST, "ksef") => body::<KsefRefused>(request).and_then(|refused| {
            let company = state.company_mut(refused.company).ok_or_else(no_company)?;
            let found = company.invoices.iter_mut().find(|invoice| invoice.id == refused.invoice);
            let invoice = found.ok_or_else(|| wrong(StatusCode::NOT_FOUND, "no such invoice"))?;
            "rejected".clone_into(&mut invoice.ksef.status);
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
