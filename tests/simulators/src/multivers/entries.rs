//! Journal entries.

use http::StatusCode;
use rust_decimal::Decimal;

use super::fields::Fields;
use super::invoices;
use super::refusal::{Refusal, rule};
use super::state::{Entry, State};
use crate::json::Node;
use crate::server::Answer;

const MODEL: &[&str] = &[
    "journalId",
    "fiscalYear",
    "journalTransaction",
    "periodNumber",
    "transactionDate",
    "description",
    "document",
    "finTransEntries",
    "messages",
    "canChange",
    "cannotChangeReason",
];
const ENTRY_MODEL: &[&str] = &[
    "$type",
    "accountId",
    "costCentreId",
    "costCentreIdRequired",
    "costUnitId",
    "costUnitIdRequired",
    "creditAmount",
    "debitAmount",
    "description",
    "document",
    "nonDeductibleVatPercentage",
    "quantity",
    "transactionDate",
    "vatAmount",
    "vatChanged",
    "vatCodeId",
    "vatIncluded",
    "vatScenarioId",
    "vatType",
];
/// Without it, and not in the first place, the real one does not know what a line is.
const TYPE: &str = "UNIT4.Multivers.API.BL.Financial.Edit.BasicEntryProxy, UNIT4.Multivers.API.Web.WebApi.Model";

pub(super) fn create(state: &mut State, database: &str, body: &[u8]) -> Result<Answer, Refusal> {
    let unknown = state.settings.unknown_members;
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    let fields = Fields::read(body, "", MODEL, unknown)?;
    let journal = fields.required("journalId", 10)?;
    if !books.journals.iter().any(|known| known.id == journal) {
        return Err(rule("JOURNAL", format!("Dagboek {journal} bestaat niet"), "journalId"));
    }
    let (year, period) = invoices::period(books, &fields)?;
    let date = fields.required_day("transactionDate")?;
    let mut lines = Vec::new();
    for (place, text) in fields.list("finTransEntries")?.iter().enumerate() {
        let at = format!("finTransEntries[{place}].");
        let first = text.get().trim_start_matches(['{', ' ', '\n', '\r', '\t']);
        let entry = Fields::read(text.get().as_bytes(), &at, ENTRY_MODEL, unknown)?;
        if !first.starts_with("\"$type\"") || entry.text("$type", 200)? != TYPE {
            return Err(rule("TYPE", "$type moet vooraan staan", format!("{at}$type")));
        }
        let account = entry.required("accountId", 10)?;
        if !books.year(year).is_some_and(|year| year.accounts.contains_key(&account)) {
            return Err(rule("ACCOUNT", format!("Rekening {account} bestaat niet"), format!("{at}accountId")));
        }
        let amount = |name| entry.amount(name).map(Option::unwrap_or_default);
        lines.push((account, amount("debitAmount")? - amount("creditAmount")?));
    }
    if lines.is_empty() {
        return Err(fields.missing("finTransEntries"));
    }
    if !lines.iter().map(|(_, amount)| *amount).sum::<Decimal>().is_zero() {
        return Err(rule("BALANCE", "Debet en credit zijn niet gelijk", "finTransEntries"));
    }
    let description = fields.text("description", 60)?;
    let books = state.database_mut(database).ok_or(Refusal::NotFound)?;
    let transaction = books.next_transaction(&journal, year);
    let entry = Entry { journal, transaction, year, period, date, description, lines };
    let answer = Answer::json(StatusCode::OK, &node(&entry));
    books.entries.push(entry);
    Ok(answer)
}

/// An entry by year, journal and number.
pub(super) fn find(state: &State, database: &str, key: &[&str]) -> Result<Answer, Refusal> {
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    let is_it = |entry: &&Entry| {
        let own = [entry.year.to_string(), entry.journal.clone(), entry.transaction.to_string()];
        own.iter().map(String::as_str).eq(key.iter().copied())
    };
    let entry = books.entries.iter().find(is_it).ok_or(Refusal::NotFound)?;
    Ok(Answer::json(StatusCode::OK, &node(entry)))
}

fn node(entry: &Entry) -> Node {
    let line = |(account, amount): &(String, Decimal)| {
        Node::object([
            ("$type", Node::text(TYPE)),
            ("accountId", Node::text(account)),
            ("debitAmount", Node::Number((*amount).max(Decimal::ZERO))),
            ("creditAmount", Node::Number((-*amount).max(Decimal::ZERO))),
        ])
    };
    Node::object([
        ("journalId", Node::text(&entry.journal)),
        ("fiscalYear", Node::Int(entry.year)),
        ("journalTransaction", Node::Int(entry.transaction)),
        ("periodNumber", Node::Int(entry.period)),
        ("transactionDate", Node::text(super::lists::day(entry.date))),
        ("description", Node::text(&entry.description)),
        ("finTransEntries", Node::List(entry.lines.iter().map(line).collect())),
        ("messages", Node::List(Vec::new())),
    ])
}
