//! `crm/Accounts` and `crm/BankAccounts`.

use http::StatusCode;

use super::super::api::Call;
use super::super::books::{Account, BankAccount, Division, padded};
use super::super::entity::Entity;
use super::super::guid::Guid;
use super::super::messages::{Message, Subject};
use super::super::odata::Schema;
use super::super::refusal::Refusal;
use super::super::state::{Family, State};
use super::{Made, Writing, books, books_mut, fill};
use crate::json::Members;
use crate::server::Answer;

/// A list of relations must be filtered by one of these.
pub(super) const FILTERED_BY: &[&str] = &[
    "ID",
    "Code",
    "Name",
    "VATNumber",
    "ChamberOfCommerce",
    "IsSupplier",
    "Status",
    "Email",
    "City",
    "Postcode",
    "Country",
    "SearchCode",
    "Blocked",
    "Created",
    "Modified",
];

pub(super) fn create_account(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    members: &Members,
) -> Result<Made, Refusal> {
    let schema = Schema::of::<Account>();
    let books = books(state, division)?;
    let mut account = Account {
        kind: "A".to_owned(),
        country: Some(books.country.clone()),
        status: Some("A".to_owned()),
        created: Some(call.now),
        modified: Some(call.now),
        ..Account::default()
    };
    fill(&mut account, &schema, members, &state.settings, Writing::Create, str::to_owned)?;
    account.code = padded(&if account.code.trim().is_empty() { next_code(books) } else { account.code });
    check(&account, books)?;
    account.id = state.next_guid(Family::Account);
    let cells = account.cells();
    books_mut(state, division)?.accounts.put(account);
    Ok(Made { schema, cells })
}

pub(super) fn update_account(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    id: Guid,
    members: &Members,
) -> Result<Answer, Refusal> {
    let books = books(state, division)?;
    let mut account = books.accounts.get(&id).cloned().ok_or(Refusal::NotFound)?;
    fill(&mut account, &Schema::of::<Account>(), members, &state.settings, Writing::Update, str::to_owned)?;
    account.code = padded(&account.code);
    account.modified = Some(call.now);
    check(&account, books)?;
    books_mut(state, division)?.accounts.put(account);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

pub(super) fn delete_account(state: &mut State, division: i32, id: Guid) -> Result<Answer, Refusal> {
    let books = books_mut(state, division)?;
    let used = books.entries.iter().any(|entry| entry.relation == id)
        || books.documents.iter().any(|document| document.account == Some(id));
    if used {
        return Err(Message::InUse(Subject::Account).into());
    }
    books.accounts.remove(&id).ok_or(Refusal::NotFound)?;
    books.bank_accounts.retain(|bank_account| bank_account.account != id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn check(account: &Account, books: &Division) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    if account.name.trim().is_empty() {
        wrong.push(Message::Mandatory(Subject::Name));
    }
    if !account.code.trim().bytes().all(|byte| byte.is_ascii_digit()) || account.code.len() > 18 {
        wrong.push(Message::InvalidReference(Subject::Code));
    }
    if books.accounts.iter().any(|other| other.code == account.code && other.id != account.id) {
        wrong.push(Message::InUse(Subject::Code));
    }
    if account.status.as_deref().is_some_and(|status| !["A", "S", "P", "C"].contains(&status)) {
        wrong.push(Message::InvalidReference(Subject::Status));
    }
    let conditions = [&account.payment_condition_purchase, &account.payment_condition_sales];
    let known = |code: &&String| books.payment_conditions.iter().any(|condition| condition.code == **code);
    if conditions.into_iter().flatten().any(|code| !known(&code)) {
        wrong.push(Message::InvalidReference(Subject::PaymentCondition));
    }
    let ledger = [account.gl_account_purchase, account.gl_account_sales, account.gl_ap, account.gl_ar];
    if ledger.into_iter().flatten().any(|id| books.gl_accounts.get(&id).is_none()) {
        wrong.push(Message::InvalidReference(Subject::GlAccount));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::Business(wrong)) }
}

fn next_code(books: &Division) -> String {
    let codes = books.accounts.iter().filter_map(|account| account.code.trim().parse::<u64>().ok());
    (codes.max().unwrap_or(0) + 1).to_string()
}

pub(super) fn create_bank_account(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    members: &Members,
) -> Result<Made, Refusal> {
    let schema = Schema::of::<BankAccount>();
    let mut bank_account = BankAccount { created: Some(call.now), ..BankAccount::default() };
    fill(&mut bank_account, &schema, members, &state.settings, Writing::Create, str::to_owned)?;
    let mut wrong = Vec::new();
    if bank_account.account.is_none() {
        wrong.push(Message::Mandatory(Subject::Account));
    } else if books(state, division)?.accounts.get(&bank_account.account).is_none() {
        wrong.push(Message::InvalidReference(Subject::Account));
    }
    if bank_account.bank_account.trim().is_empty() {
        wrong.push(Message::Mandatory(Subject::BankAccount));
    }
    if !wrong.is_empty() {
        return Err(Refusal::Business(wrong));
    }
    bank_account.id = state.next_guid(Family::BankAccount);
    let books = books_mut(state, division)?;
    let first = !books.bank_accounts.iter().any(|other| other.account == bank_account.account);
    bank_account.main |= first;
    let cells = bank_account.cells();
    books.bank_accounts.put(bank_account);
    Ok(Made { schema, cells })
}

pub(super) fn update_bank_account(
    state: &mut State,
    division: i32,
    id: Guid,
    members: &Members,
) -> Result<Answer, Refusal> {
    let mut bank_account = books(state, division)?.bank_accounts.get(&id).cloned().ok_or(Refusal::NotFound)?;
    let schema = Schema::of::<BankAccount>();
    fill(&mut bank_account, &schema, members, &state.settings, Writing::Update, str::to_owned)?;
    if bank_account.bank_account.trim().is_empty() {
        return Err(Message::Mandatory(Subject::BankAccount).into());
    }
    books_mut(state, division)?.bank_accounts.put(bank_account);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

pub(super) fn delete_bank_account(state: &mut State, division: i32, id: Guid) -> Result<Answer, Refusal> {
    books_mut(state, division)?.bank_accounts.remove(&id).ok_or(Refusal::NotFound)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
