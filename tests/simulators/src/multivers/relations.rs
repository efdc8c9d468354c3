//! Suppliers and customers that are made.

use http::StatusCode;

use super::fields::Fields;
use super::lists;
use super::refusal::{Refusal, rule};
use super::state::{Database, Direction, Relation, State};
use crate::json::Node;
use crate::server::Answer;

const MODEL: &[&str] = &[
    "supplierId",
    "customerId",
    "name",
    "shortName",
    "vatNumber",
    "cocRegistration",
    "organizationId",
    "paymentConditionId",
    "currencyId",
    "vatScenarioId",
    "email",
    "city",
    "countryId",
    "messages",
    "canChange",
    "cannotChangeReason",
];

/// The next free code.
pub(super) fn next_code(books: &Database, direction: Direction) -> i64 {
    let first = match direction {
        Direction::Purchase => 7_000,
        Direction::Sales => 1_300,
    };
    let codes = books.relations.iter().filter(|relation| relation.direction == direction);
    codes.filter_map(|relation| relation.code.parse::<i64>().ok()).max().unwrap_or(first) + 1
}

pub(super) fn create(state: &mut State, database: &str, direction: Direction, body: &[u8]) -> Result<Answer, Refusal> {
    let fields = Fields::read(body, "", MODEL, state.settings.unknown_members)?;
    let name = fields.required("name", 80)?;
    let short_name = fields.required("shortName", 20)?;
    let (id, vat_number, registry) = (
        match direction {
            Direction::Purchase => "supplierId",
            Direction::Sales => "customerId",
        },
        fields.text("vatNumber", 20)?,
        fields.text("cocRegistration", 20)?,
    );
    let code = fields.text(id, 20)?;
    state.sequence += 1;
    let organisation = format!("O{:05}", state.sequence);
    let books = state.database_mut(database).ok_or(Refusal::NotFound)?;
    let code = if code.is_empty() { next_code(books, direction).to_string() } else { code };
    if books.relation(direction, &code).is_some() {
        return Err(rule("CODE", format!("{code} bestaat al"), id));
    }
    let relation = Relation { code, direction, name, short_name, vat_number, registry, organisation };
    let answer = Answer::json(StatusCode::OK, &lists::relation_node(&relation));
    books.relations.push(relation);
    Ok(answer)
}

/// Answers the next free code.
pub(super) fn command(state: &State, database: &str, direction: Direction) -> Result<Answer, Refusal> {
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    Ok(Answer::json(StatusCode::OK, &Node::text(next_code(books, direction).to_string())))
}
