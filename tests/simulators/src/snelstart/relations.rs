//! Relations that are made.

use std::collections::BTreeSet;

use http::StatusCode;

use super::api::Call;
use super::booking::Fields;
use super::lists;
use super::refusal::{Refusal, rule};
use super::state::{Relation, Snelstart};
use crate::server::Answer;

const MODEL: &[&str] = &[
    "id",
    "uri",
    "naam",
    "relatiesoort",
    "relatiecode",
    "btwNummer",
    "kvkNummer",
    "iban",
    "bic",
    "email",
    "telefoon",
    "krediettermijn",
    "vestigingsAdres",
];

pub(super) fn create(state: &mut Snelstart, call: &Call<'_>) -> Result<Answer, Refusal> {
    let fields = Fields::read(&call.request.body, MODEL)?;
    if fields.text("id")?.is_some_and(|id| !id.is_empty()) {
        return Err(rule("ALG-0100", "Het id moet leeg zijn"));
    }
    let name = fields.text("naam")?.unwrap_or_default();
    if name.trim().is_empty() || name.chars().count() > 50 {
        return Err(rule("REL-0007", "De naam ontbreekt of is te lang"));
    }
    let kinds: BTreeSet<String> = fields.texts("relatiesoort")?.into_iter().collect();
    if kinds.is_empty() || kinds.iter().any(|kind| kind != "Klant" && kind != "Leverancier") {
        return Err(Refusal::Field("relatiesoort", "Error converting value".to_owned()));
    }
    let id = state.new_id(0x00a2);
    let books = state.administration_mut(&call.administration).ok_or(Refusal::Token)?;
    let vat_number = fields.text("btwNummer")?;
    if vat_number.as_ref().is_some_and(|number| books.refused_vat_numbers.contains(number)) {
        return Err(rule("REL-0088", "Het btw-nummer is ongeldig"));
    }
    let registry = fields.text("kvkNummer")?;
    if registry.as_ref().is_some_and(|number| number.len() != 8 || !number.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(rule("REL-0006", "Het KvK-nummer is ongeldig"));
    }
    let iban = fields.text("iban")?;
    if iban.as_ref().is_some_and(|iban| !(15..=34).contains(&iban.len())) {
        return Err(rule("REL-0011", "Het IBAN is ongeldig"));
    }
    let code = books.relations.iter().map(|relation| relation.code).max().unwrap_or(0).max(2_000) + 1;
    let relation = Relation { id, code, name, kinds, vat_number, registry, iban, term: 30, inactive: false };
    let answer = Answer::json(StatusCode::CREATED, &lists::relation(&relation));
    books.relations.push(relation);
    Ok(answer)
}
