//! What is looked at before a page is sent: `AccountView` refuses late and in words that differ from version to version.

use super::{
    api::{self, ACCOUNTS, COST_CENTRES, CUSTOMERS, Filter, JOURNALS, PERIODS, Query, Row, SUPPLIERS, VAT_CODES},
    contacts,
    known::{Account, Behind, Known, Vat},
    map::{Filling, Plan},
    options,
};
use crate::{
    call::{Answer, Call, Purpose},
    error::{ErrorCode, LedgerError, Operation},
    push::{Facts, Looked, PushRequest},
};
use domain::ledger::{AccountCode, CostCentre, Direction, LedgerContact, VatCode};

const OPERATION: Operation = Operation::ReadCodes;

fn rejected(code: ErrorCode, message: String) -> LedgerError {
    LedgerError::rejected(code, OPERATION, message)
}

/// The next request, as long as something is not known; then what is known is compared.
pub(super) fn next(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &Facts,
    relation: &LedgerContact,
) -> Result<Option<Call>, LedgerError> {
    let known = Known::of(facts);
    let on = |object| Query::of(object).on(plan.day);
    if known.control_account.is_none() {
        let query = on(contacts::object(request.contact.direction)).fields(contacts::COLUMNS);
        return Ok(Some(query.with(Filter::equal("SUB_NR", relation.as_str())).call(OPERATION)));
    }
    if known.journal == Looked::NotYet {
        return Ok(Some(on(JOURNALS).with(Filter::equal("DJ_CODE", plan.journal)).call(OPERATION)));
    }
    if let Some(account) = missing_account(request, facts) {
        return Ok(Some(on(ACCOUNTS).with(Filter::equal("ACCT_NR", account.as_str())).call(OPERATION)));
    }
    if let Some(code) = missing_vat_code(request, facts) {
        return Ok(Some(on(VAT_CODES).with(Filter::equal("VAT_CODE", code.as_str())).call(OPERATION)));
    }
    if let Some(centre) = missing_centre(plan, request, facts) {
        return Ok(Some(on(COST_CENTRES).with(Filter::equal("COST_CODE", centre.as_str())).call(OPERATION)));
    }
    if known.period == Looked::NotYet {
        return Ok(Some(on(PERIODS).call(OPERATION)));
    }
    demands(plan, request, facts)?;
    Ok(None)
}

fn missing_account<'a>(request: &PushRequest<'a>, facts: &Facts) -> Option<&'a AccountCode> {
    let accounts = request.posting.lines.iter().map(|line| &line.account);
    let behind = Behind::of(request, facts);
    accounts.into_iter().find(|code| behind.account(code).is_none())
}

fn missing_vat_code<'a>(request: &PushRequest<'a>, facts: &Facts) -> Option<&'a VatCode> {
    let behind = Behind::of(request, facts);
    request.posting.lines.iter().map(|line| &line.vat_code).find(|code| behind.vat(code).is_none())
}

fn missing_centre(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> Option<CostCentre> {
    let behind = Behind::of(request, facts);
    let centres = request.posting.lines.iter().filter_map(|line| plan.centre_of(line));
    centres.into_iter().find(|code| !behind.has_cost_centre(code)).cloned()
}

/// What accounts ask of their lines.
fn demands(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> Result<(), LedgerError> {
    let behind = Behind::of(request, facts);
    let without_vat_code = plan.filling == Filling::Balanced && plan.chosen(&options::BALANCED_VAT_CODE, "vat_line");
    for line in &request.posting.lines {
        let Some(account) = behind.account(&line.account) else { continue };
        let code = &line.account;
        if account.needs_cost_centre && plan.centre_of(line).is_none() {
            let message = format!(
                "Ledger account {code} needs a cost centre in AccountView. Add one in the posting template or the \
                 connection, and post again."
            );
            return Err(rejected(ErrorCode::CostCentreLink, message).about(code));
        }
        if account.needs_vat_code && without_vat_code {
            let message = format!(
                "Ledger account {code} needs a VAT code in AccountView, and on pages in balance it stands on the VAT line \
                 alone. Set 'balanced_vat_code' to 'both' in the connection, and post again."
            );
            return Err(rejected(ErrorCode::MandatoryField, message).about(code));
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
) -> Result<(), LedgerError> {
    let tables = api::tables(purpose, answer)?;
    // A filter may find what only begins like it.
    let row = |table: &str, column: &str, code: &str| {
        tables.rows(table).iter().find(|row| row.text(column).eq_ignore_ascii_case(code))
    };
    match purpose.resource {
        SUPPLIERS | CUSTOMERS => {
            let Some(number) = contacts::known(request, facts) else { return Ok(()) };
            let control = relation(plan, request, &number, row("CONTACT", "SUB_NR", number.as_str()))?;
            Known::change(facts, |known| known.control_account = Some(control));
        }
        JOURNALS => {
            journal(plan, row("DAILY", "DJ_CODE", plan.journal))?;
            Known::change(facts, |known| known.journal = Looked::Done);
        }
        ACCOUNTS => {
            let Some(code) = missing_account(request, facts) else { return Ok(()) };
            let packed = account(code, row("LEDGER", "ACCT_NR", code.as_str()))?;
            facts.codes.accounts.insert(code.clone(), packed);
        }
        VAT_CODES => {
            let Some(code) = missing_vat_code(request, facts) else { return Ok(()) };
            let found = row("VAT", "VAT_CODE", code.as_str()).ok_or_else(|| unknown_vat_code(code))?;
            facts.codes.vat_codes.insert(code.clone(), Vat::of(found).packed());
        }
        COST_CENTRES => {
            let Some(code) = missing_centre(plan, request, facts) else { return Ok(()) };
            row("COST", "COST_CODE", code.as_str()).ok_or_else(|| unknown_centre(&code))?;
            facts.codes.cost_centres.insert(code.clone(), code.as_str().to_owned());
        }
        PERIODS => {
            let number = period(plan, tables.any())?;
            Known::change(facts, |known| (known.period, known.period_number) = (Looked::Done, number));
        }
        _ => {}
    }
    Ok(())
}

/// The control account of a relation that may be booked on.
fn relation(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    number: &LedgerContact,
    row: Option<&Row>,
) -> Result<String, LedgerError> {
    let (direction, name) = (request.contact.direction, &request.contact.name);
    let role = contacts::role(direction);
    let Some(row) = row else {
        let message = format!(
            "{name} is {role} {number}, and AccountView has no such {role} in this financial year. Make it there or choose \
             another one at the contact, and post again."
        );
        return Err(rejected(ErrorCode::ContactMissing, message).about(number));
    };
    if row.flag("REC_BLK") {
        let message =
            format!("{name} ({role} {number}) is blocked in AccountView. Unblock the {role} there, and post again.");
        return Err(rejected(ErrorCode::ContactBlocked, message).about(number));
    }
    let control = row.filled("ACCT_NR").unwrap_or_else(|| plan.option(contacts::control_option(direction)).to_owned());
    if control.is_empty() && plan.filling == Filling::Balanced {
        let message = format!(
            "{name} ({role} {number}) has no control account in AccountView. Add it there or in the connection ('{}'), and \
             post again.",
            contacts::control_option(direction).key
        );
        return Err(rejected(ErrorCode::ContactAccount, message).about(number));
    }
    Ok(control)
}

/// What type of journal it is stands there in words.
pub(super) fn side(row: &Row) -> Option<Direction> {
    let kind = row.text("DJ_TYPEV").to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    match (says(&["inkoop", "purchase"]), says(&["verkoop", "sales"])) {
        (true, false) => Some(Direction::Purchase),
        (false, true) => Some(Direction::Sales),
        (true, true) | (false, false) => None,
    }
}

fn journal(plan: &Plan<'_>, row: Option<&Row>) -> Result<(), LedgerError> {
    let code = plan.journal;
    let what = match row {
        None => "does not exist in AccountView in this financial year",
        Some(row) if side(row).is_some_and(|side| side != plan.posting.direction) => "is meant for the other side",
        Some(row) if row.flag("GROSS_FLG") => "takes amounts with VAT, and these are without",
        Some(_) => return Ok(()),
    };
    let message = format!("Journal {code} {what}. Choose another one in the connection, and post again.");
    Err(rejected(ErrorCode::WrongJournal, message).about(code))
}

fn account(code: &AccountCode, row: Option<&Row>) -> Result<String, LedgerError> {
    let trouble = match row {
        None => "does not exist in AccountView in this financial year",
        Some(row) if Account::of(row).is_none() => "is blocked in AccountView",
        Some(row) => return Ok(Account::packed(row)),
    };
    let message =
        format!("Ledger account {code} {trouble}. Choose another one in the posting template, and post again.");
    Err(rejected(ErrorCode::UnknownAccount, message).about(code))
}

fn unknown_vat_code(code: &VatCode) -> LedgerError {
    let message = format!(
        "VAT code {code} does not exist in AccountView in this financial year. Choose another one in the posting template, \
         and post again."
    );
    rejected(ErrorCode::UnknownVatCode, message).about(code)
}

fn unknown_centre(code: &CostCentre) -> LedgerError {
    let message = format!(
        "Cost centre {code} does not exist in AccountView in this financial year. Choose another one in the posting template \
         or the connection, and post again."
    );
    rejected(ErrorCode::UnknownReference, message).about(code)
}

/// The number of the period in which the day lies, when periods are told in fields that we know; a closed one is refused.
fn period(plan: &Plan<'_>, rows: &[Row]) -> Result<Option<i64>, LedgerError> {
    let mut fields = plan.option(&options::PERIOD_FIELDS).split(',').map(str::trim);
    let (number, first, last, blocked) = (
        fields.next().unwrap_or_default(),
        fields.next().unwrap_or_default(),
        fields.next().unwrap_or_default(),
        fields.next().unwrap_or_default(),
    );
    let told: Vec<_> = rows.iter().filter_map(|row| Some((row, row.day(first)?, row.day(last)?))).collect();
    let day = plan.day;
    let sends_number = plan.chosen(&options::PERIOD, "number");
    if told.is_empty() && !sends_number {
        return Ok(None);
    }
    let Some((row, from, until)) = told.into_iter().find(|(_, first, last)| (*first..=*last).contains(&day)) else {
        let message = format!(
            "AccountView shows no period in which {day} lies. Make the year there, choose another booking date, or correct \
             'period_fields' in the connection, and post again."
        );
        return Err(rejected(ErrorCode::YearMissing, message).about(day));
    };
    let period = row.number(number);
    if row.flag(blocked) {
        let shown = period.map(|period| format!(" {}", period.normalize())).unwrap_or_default();
        let message = format!(
            "Period{shown} of AccountView, in which {day} lies, is closed. Open it there or choose another booking date, \
             and post again."
        );
        let words = format!("{number}{shown}: {from} – {until}, {blocked} = true");
        return Err(rejected(ErrorCode::PeriodClosed, message).about(day).with_ledger_text(&words));
    }
    let period = period.and_then(|period| i64::try_from(period).ok());
    if sends_number && period.is_none() {
        let message = format!(
            "AccountView shows no number of the period in which {day} lies. Correct 'period_fields' in the connection, and \
             post again."
        );
        return Err(rejected(ErrorCode::Option, message));
    }
    Ok(period)
}
