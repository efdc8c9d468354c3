//! What is looked at before an invoice is sent: accounts of the fiscal year, VAT codes with their percentages, cost centres
//! and units, payment condition, rate of exchange. What the ledger's own refusals say is not published, so nothing that a
//! list can tell is left to them.

use super::{
    api::{self, After},
    known::{Known, Period},
    map::Plan,
    options,
    record::Record,
    vat::Rates,
};
use crate::{
    call::{Answer, Call, Purpose, Target},
    error::{ErrorCode, LedgerError, Operation},
    push::{Codes, Facts, PushRequest},
};
use domain::{
    invoice::VatCategory,
    ledger::{AccountCode, CostCentre, Project, VatCode},
};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

pub(super) const ACCOUNTS: &str = "AccountInfoList";
pub(super) const VAT_CODES: &str = "VatCodeInfoList";
pub(super) const COST_CENTRES: &str = "CostCentreNVL";
const COST_UNITS: &str = "CostUnitNVL";
const CONDITIONS: &str = "PaymentConditionInfoList";
const CURRENCIES: &str = "CurrencyInfoList";
const OPERATION: Operation = Operation::ReadCodes;

fn known<T>(request: &PushRequest<'_>, facts: &Facts, find: impl Fn(&Codes) -> Option<T>) -> Option<T> {
    find(&facts.codes).or_else(|| find(request.codes))
}

/// Accounts that are not known to exist in the year.
fn accounts(request: &PushRequest<'_>, facts: &Facts, year: i64) -> BTreeSet<AccountCode> {
    let exists = |account: &AccountCode| {
        let year = year.to_string();
        known(request, facts, |codes| codes.accounts.get(account).filter(|id| **id == year).map(drop)).is_some()
    };
    request.posting.lines.iter().map(|line| line.account.clone()).filter(|account| !exists(account)).collect()
}

fn rates(request: &PushRequest<'_>, facts: &Facts, code: &VatCode) -> Option<Rates> {
    known(request, facts, |codes| Rates::unpack(codes.vat_codes.get(code)?))
}

fn centres(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> Vec<CostCentre> {
    let exists =
        |centre: &&CostCentre| known(request, facts, |codes| codes.cost_centres.get(*centre).map(drop)).is_some();
    plan.cost_centres().into_iter().filter(|centre| !exists(centre)).cloned().collect()
}

fn units(request: &PushRequest<'_>, facts: &Facts) -> Vec<Project> {
    let units = &Known::of(facts).units;
    request.posting.lines.iter().filter_map(|line| line.project.clone()).filter(|unit| !units.contains(unit)).collect()
}

/// The next look, or none when everything is known.
pub(super) fn next(
    at: &Target,
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &Facts,
    period: &Period,
) -> Result<Option<Call>, LedgerError> {
    let own = Known::of(facts);
    let list = |resource: &'static str, under: &str| {
        let path = api::path(at, OPERATION, plan.name, under)?;
        Ok(Some(api::get(OPERATION, resource, path)))
    };
    if !accounts(request, facts, period.year).is_empty() {
        let path = api::path(at, OPERATION, plan.name, &format!("{ACCOUNTS}/{}", period.year))?;
        return Ok(Some(api::get(OPERATION, ACCOUNTS, api::paged(&path, own.paging.skip))));
    }
    if plan.posting.lines.iter().any(|line| rates(request, facts, &line.vat_code).is_none()) {
        return list(VAT_CODES, VAT_CODES);
    }
    check_rates(plan, request, facts)?;
    if !centres(plan, request, facts).is_empty() {
        return list(COST_CENTRES, COST_CENTRES);
    }
    if !units(request, facts).is_empty() {
        return list(COST_UNITS, COST_UNITS);
    }
    if condition(plan, own).is_none() {
        return list(CONDITIONS, CONDITIONS);
    }
    if plan.is_foreign() && own.rate.is_none() {
        return list(CURRENCIES, CURRENCIES);
    }
    Ok(None)
}

/// The payment condition of the connection, or the one that fits.
pub(super) fn condition<'a>(plan: &Plan<'a>, own: &'a Known) -> Option<&'a str> {
    plan.options.get(&options::PAYMENT_CONDITION).or(own.condition.as_deref())
}

/// Refuses a line whose VAT is not that of its code.
fn check_rates(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> Result<(), LedgerError> {
    let day = plan.posting.issue_date;
    for line in &plan.posting.lines {
        let percent = rates(request, facts, &line.vat_code).and_then(|rates| rates.at(day));
        let fits = match line.category {
            VatCategory::S => percent == line.rate.map(|rate| rate.normalize()),
            VatCategory::Z | VatCategory::E | VatCategory::G | VatCategory::O => percent.unwrap_or_default().is_zero(),
            // The code says what is owed, the line has none.
            VatCategory::AE | VatCategory::K | VatCategory::L | VatCategory::M | VatCategory::B => true,
        };
        if !fits {
            let is = percent.map_or_else(|| "no rate".to_owned(), |percent| format!("{percent}%"));
            let message = format!(
                "VAT code {} of {} is {is} on {day}, and a line of this document has {}%. Choose another code in the \
                 posting template, and post again.",
                line.vat_code,
                plan.name,
                line.rate.unwrap_or_default().normalize()
            );
            return Err(LedgerError::rejected(ErrorCode::VatPercentage, OPERATION, message).about(&line.vat_code));
        }
    }
    Ok(())
}

/// Reads the answer to [`next`].
pub(super) fn learn(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    purpose: Purpose,
    answer: &Answer,
    period: &Period,
) -> Result<(), LedgerError> {
    let rows = api::rows(plan.name, OPERATION, answer)?;
    let names = || rows.iter().filter_map(|row| row.text(&["name"])).collect::<BTreeSet<_>>();
    match purpose.resource {
        ACCOUNTS => return learn_accounts(plan, request, facts, &rows, period.year),
        VAT_CODES => {
            for line in &plan.posting.lines {
                let code = &line.vat_code;
                let is_it = |row: &&Record| row.text(&["vatCodeId"]).as_deref() == Some(code.as_str());
                let Some(row) = rows.iter().find(is_it) else {
                    let what = format!("VAT code {code}");
                    return Err(unknown(plan, ErrorCode::UnknownVatCode, &what, "").about(code));
                };
                facts.codes.vat_codes.insert(code.clone(), Rates::of(row).packed());
            }
        }
        COST_CENTRES => {
            let names = names();
            for centre in centres(plan, request, facts) {
                if !names.contains(centre.as_str()) {
                    let what = format!("Cost centre {centre}");
                    return Err(unknown(plan, ErrorCode::UnknownReference, &what, "").about(centre));
                }
                facts.codes.cost_centres.insert(centre.clone(), centre.as_str().to_owned());
            }
        }
        COST_UNITS => {
            let names = names();
            for unit in units(request, facts) {
                if !names.contains(unit.as_str()) {
                    let what = format!("Cost unit (dossier) {unit}");
                    return Err(unknown(plan, ErrorCode::UnknownReference, &what, "").about(unit));
                }
                Known::change(facts, |known| known.units.extend([unit]));
            }
        }
        CONDITIONS => {
            let condition = fitting(&rows, plan.term()).ok_or_else(|| {
                let message = format!(
                    "The payment conditions of {} do not say their days. Set '{}' in the connection, and post again.",
                    plan.name,
                    options::PAYMENT_CONDITION.key
                );
                LedgerError::rejected(ErrorCode::PaymentConditionMissing, OPERATION, message)
                    .about(options::PAYMENT_CONDITION.key)
            })?;
            Known::change(facts, |known| known.condition = Some(condition));
        }
        _ => {
            let rate = rate(plan, &rows)?;
            Known::change(facts, |known| known.rate = Some(rate));
        }
    }
    Ok(())
}

fn learn_accounts(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    rows: &[Record],
    year: i64,
) -> Result<(), LedgerError> {
    let wanted = accounts(request, facts, year);
    for code in rows.iter().filter_map(|row| row.text(&["accountId"])?.parse::<AccountCode>().ok()) {
        if wanted.contains(&code) {
            facts.codes.accounts.insert(code, year.to_string());
        }
    }
    let missing = accounts(request, facts, year).into_iter().next();
    let after = Known::of(facts).paging.after(rows, &["accountId"]);
    let paging = match (&after, &missing) {
        (After::More(paging), Some(_)) => paging.clone(),
        _ => api::Paging::default(),
    };
    Known::change(facts, |known| known.paging = paging);
    match (after, missing) {
        (After::End | After::TooMany, Some(account)) => {
            let what = format!("Ledger account {account}");
            let hint = format!(" in {year}: accounts belong to a year, and are copied into a new one there");
            Err(unknown(plan, ErrorCode::UnknownAccount, &what, &hint).about(account))
        }
        (After::More(_) | After::End | After::TooMany, _) => Ok(()),
    }
}

fn unknown(plan: &Plan<'_>, code: ErrorCode, what: &str, hint: &str) -> LedgerError {
    let message = format!(
        "{what} does not exist in this administration of {}{hint}. Choose another one in the posting template, and post \
         again.",
        plan.name
    );
    LedgerError::rejected(code, OPERATION, message)
}

/// The payment condition whose days come closest; of two, the shorter one.
fn fitting(rows: &[Record], term: i64) -> Option<String> {
    let days = ["days", "paymentDays", "numberOfDays", "expirationDays", "creditDays", "expirationPeriod", "period"];
    let conditions = rows.iter().filter_map(|row| Some((row.integer(&days)?, row.text(&["paymentConditionId"])?)));
    conditions.min_by_key(|(days, _)| ((days - term).abs(), *days)).map(|(_, condition)| condition)
}

fn rate(plan: &Plan<'_>, rows: &[Record]) -> Result<Decimal, LedgerError> {
    let currency = plan.posting.currency;
    let is_it = |row: &&Record| row.text(&["currencyId"]).as_deref() == Some(currency.as_str());
    let rate = rows.iter().find(is_it).and_then(|row| row.number(&["exchangeRate", "rate", "currencyRate"]));
    rate.filter(|rate| *rate > Decimal::ZERO).ok_or_else(|| {
        let message =
            format!("{} has no currency {currency}, or no rate for it. Add it there, and post again.", plan.name);
        LedgerError::rejected(ErrorCode::CurrencyNotAllowed, OPERATION, message).about(currency)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payment_condition_is_the_one_that_comes_closest() {
        let rows: Vec<Record> = serde_json::from_str(
            r#"[{"paymentConditionId":"30","days":30},{"paymentConditionId":"14","days":14},
                {"paymentConditionId":"00","days":0},{"paymentConditionId":"LM","description":"Loopt door"}]"#,
        )
        .unwrap();
        for (term, condition) in [(30, "30"), (29, "30"), (22, "14"), (3, "00"), (365, "30")] {
            assert_eq!(fitting(&rows, term).as_deref(), Some(condition), "{term}");
        }
        assert_eq!(fitting(&rows[3..], 30), None);
    }
}
