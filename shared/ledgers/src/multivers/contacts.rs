//! Which supplier or customer a contact is: by its stored code, else by VAT number, registry number and bank account, and
//! made when that is allowed. The whole list is read, once for a contact: numbers stand there in many dresses, and whether
//! a filter is heeded is not certain. A name is never enough.

use super::{
    api::{self, After},
    known::{Known, Relation},
    map::{Plan, chars},
    options,
    wire::{Json, Object},
};
use crate::{
    call::{Answer, Call, Purpose, Target},
    error::{ErrorCode, LedgerError, Operation},
    push::{CreateContacts, Facts, Looked, PushRequest},
};
use domain::{
    ledger::{Direction, LedgerContact},
    party::{RegistryNumber, VatNumber, normalise},
};
use std::collections::BTreeSet;

const BANK_ACCOUNTS: &str = "BankAccountInfoList";
/// The longest short name.
const SHORT_NAME_CHARS_MAX: usize = 20;

/// The supplier or customer, when known.
pub(super) fn known(request: &PushRequest<'_>, facts: &Facts) -> Option<LedgerContact> {
    facts.contact.clone().or_else(|| request.contact.ledger_contact.clone())
}

/// The next request on the way to the relation.
pub(super) fn next(
    at: &Target,
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &Facts,
) -> Result<Call, LedgerError> {
    let find = Operation::FindContact;
    let known = Known::of(facts);
    let list = |resource: &'static str| {
        let path = api::path(at, find, plan.name, resource)?;
        Ok(api::get(find, resource, api::paged(&path, known.paging.skip)))
    };
    if known.relations_read == Looked::NotYet {
        return list(plan.side.relations);
    }
    if known.owners_read == Looked::NotYet && has_ibans(request) {
        return list(BANK_ACCOUNTS);
    }
    create(at, plan, request, known)
}

/// On a sales document the bank account is our own.
fn has_ibans(request: &PushRequest<'_>) -> bool {
    request.contact.direction == Direction::Purchase && !request.contact.ibans.is_empty()
}

fn create(at: &Target, plan: &Plan<'_>, request: &PushRequest<'_>, known: &Known) -> Result<Call, LedgerError> {
    let (contact, ledger, role) = (request.contact, plan.name, plan.side.role);
    let name = contact.name.trim();
    let (vat, registry) = (contact.vat_number.as_ref(), contact.registry_number.as_ref());
    match request.create_contacts {
        CreateContacts::Refused => {
            let message = format!(
                "{name} was not found in {ledger} by VAT number, registry number or bank account. Make the {role} there \
                 or choose the right one at the contact, and post again; or allow making relations in the connection."
            );
            return Err(LedgerError::rejected(ErrorCode::ContactMissing, Operation::FindContact, message).about(name));
        }
        CreateContacts::Allowed if vat.is_none() && registry.is_none() => {
            let message = format!(
                "{name} was not found in {ledger}, and cannot be made there without a VAT number or a registry number. \
                 Complete the contact or choose the {role} of {ledger} at the contact, and post again."
            );
            return Err(
                LedgerError::rejected(ErrorCode::ContactUnidentified, Operation::FindContact, message).about(name)
            );
        }
        CreateContacts::Allowed => {}
    }
    let operation = Operation::CreateContact;
    let by_command = plan.options.get(&options::NEW_CODE) == Some("command");
    if by_command && known.new_code.is_none() {
        let path = api::path(at, operation, ledger, plan.side.next_code)?;
        return api::post(operation, plan.side.next_code, path, &Object::default());
    }
    let text = |text: &str| Json::Text(text.to_owned());
    let record = Object::default()
        .maybe(plan.side.relation_id, known.new_code.as_deref().filter(|_| by_command).map(text))
        .text("name", name)
        .text("shortName", chars(name, SHORT_NAME_CHARS_MAX))
        .maybe("vatNumber", vat.map(VatNumber::as_str).map(text))
        .maybe("cocRegistration", registry.map(RegistryNumber::as_str).map(text));
    api::post(operation, plan.side.relation, api::path(at, operation, ledger, plan.side.relation)?, &record)
}

/// Reads the answer to [`next`].
pub(super) fn learn(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let operation = purpose.operation;
    let malformed = || api::malformed(plan.name, operation, purpose.effect);
    if operation == Operation::CreateContact && purpose.resource == plan.side.next_code {
        let code = api::answered(answer, plan.side.relation_id).ok_or_else(malformed)?;
        Known::change(facts, |known| known.new_code = Some(code));
        return Ok(());
    }
    if operation == Operation::CreateContact {
        let made = api::record(plan.name, purpose, answer)?;
        let code = made.text(&[plan.side.relation_id]).or_else(|| Known::of(facts).new_code.clone());
        facts.contact = Some(code.and_then(|code| code.parse().ok()).ok_or_else(malformed)?);
        return Ok(());
    }
    let rows = api::rows(plan.name, operation, answer)?;
    let is_relations = purpose.resource == plan.side.relations;
    let key: &[&str] =
        if is_relations { &[plan.side.relation_id] } else { &["bankAccountId", "accountNumber", "iban"] };
    let after = Known::of(facts).paging.after(&rows, key);
    let mut is_over = false;
    Known::change(facts, |known| {
        if is_relations {
            known.relations.extend(rows.iter().filter_map(|row| {
                let bare =
                    |names: &[&str]| row.text(names).map(|text| normalise(&text)).filter(|text| !text.is_empty());
                Some(Relation {
                    code: row.text(&[plan.side.relation_id])?,
                    vat_number: bare(&["vatNumber"]),
                    registry: bare(&["cocRegistration", "cocNumber"]),
                    organisation: row.text(&["organizationId"]),
                })
            }));
        } else {
            for row in &rows {
                let names = ["iban", "ibanNumber", "bankAccountNumber", "accountNumber", "bankAccountId"];
                let is_theirs = names.iter().filter_map(|name| row.text(&[name])).any(|number| {
                    request.contact.ibans.iter().any(|iban| normalise(&number) == normalise(iban.as_str()))
                });
                if is_theirs {
                    let organisation = row.text(&["organizationId"]);
                    let of = |relation: &&Relation| organisation.is_some() && relation.organisation == organisation;
                    known.owners.extend(row.text(&[plan.side.relation_id]));
                    known.owners.extend(known.relations.iter().filter(of).map(|relation| relation.code.clone()));
                }
            }
        }
        known.paging = match &after {
            After::More(paging) => paging.clone(),
            After::End | After::TooMany => {
                is_over = true;
                if is_relations {
                    known.relations_read = Looked::Done;
                } else {
                    known.owners_read = Looked::Done;
                }
                api::Paging::default()
            }
        };
    });
    if after == After::TooMany {
        return Err(api::too_many(plan.name, operation, "relations or bank accounts"));
    }
    if is_over {
        facts.contact = choose(plan, request, Known::of(facts))?;
    }
    Ok(())
}

/// The one relation that has the best identifier that any has.
fn choose(plan: &Plan<'_>, request: &PushRequest<'_>, known: &Known) -> Result<Option<LedgerContact>, LedgerError> {
    let contact = request.contact;
    let vat = contact.vat_number.as_ref().map(|number| normalise(number.as_str()));
    let registry = contact.registry_number.as_ref().map(|number| normalise(number.as_str()));
    let having = |fits: &dyn Fn(&Relation) -> bool| -> BTreeSet<String> {
        known.relations.iter().filter(|relation| fits(relation)).map(|relation| relation.code.clone()).collect()
    };
    let found = [
        having(&|relation| vat.is_some() && relation.vat_number == vat),
        having(&|relation| registry.is_some() && relation.registry == registry),
        known.owners.clone(),
    ];
    let Some(best) = found.into_iter().find(|codes| !codes.is_empty()) else { return Ok(None) };
    let mut best = best.into_iter();
    match (best.next(), best.next()) {
        (Some(code), None) => Ok(code.parse().ok()),
        _ => {
            let (name, ledger, role) = (&contact.name, plan.name, plan.side.role);
            let message = format!(
                "Several relations of {ledger} have the identifiers of {name}. Choose the right {role} at the contact, \
                 and post again."
            );
            Err(LedgerError::rejected(ErrorCode::ContactAmbiguous, Operation::FindContact, message).about(name))
        }
    }
}
