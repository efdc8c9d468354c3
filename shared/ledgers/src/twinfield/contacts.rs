//! Which relation of Twinfield a contact is: by its stored code, by VAT number, registry number and bank account, and
//! made when that is allowed. What a search brings up is read and compared before it is believed; a name is never enough.

use super::{
    known::{Candidates, Known},
    map::{chars, country, relations},
    options,
    soap::{self, DIMENSIONS, FINDER, Search},
    xml::Element,
};
use crate::{
    call::{Answer, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{CreateContacts, Facts, PushRequest},
};
use domain::{
    ledger::{Direction, LedgerContact},
    party::{RegistryNumber, VatNumber, normalise},
};

/// A search that brings up more is not about one relation.
const CANDIDATES_MAX: usize = 10;
/// So many bank accounts of a contact are searched for.
const ACCOUNTS_MAX: usize = 5;
/// The longest name of a bank account's holder.
const HOLDER_CHARS_MAX: usize = 40;

/// The relation, when it is known.
pub(super) fn known(request: &PushRequest<'_>, facts: &Facts) -> Option<LedgerContact> {
    facts.contact.clone().or_else(|| request.contact.ledger_contact.clone())
}

/// A way of finding a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way<'a> {
    /// The finder.
    kind: &'static str,
    field: u8,
    /// What is searched for, and what a relation must have to be the one.
    value: &'a str,
    /// Where a row of the finder has the code.
    column: usize,
}

/// The ways of finding a contact, best first.
fn ways<'a>(request: &PushRequest<'a>) -> Vec<Way<'a>> {
    let (contact, options) = (request.contact, request.options);
    let address = |value| Way { kind: "DIM", field: 4, value, column: 0 };
    let column = options.get(&options::VAT_NUMBER_COLUMN).and_then(|column| column.parse::<usize>().ok()).unwrap_or(1);
    let vat = contact.vat_number.as_ref().map(VatNumber::as_str).and_then(|value| {
        match options.get(&options::VAT_NUMBER_SEARCH) {
            Some("list") => Some(Way { kind: "VATN", field: 0, value, column: column.saturating_sub(1) }),
            Some("addresses") => Some(address(value)),
            Some(_) | None => None,
        }
    });
    let registry = contact.registry_number.as_ref().map(|number| address(number.as_str()));
    let registry = registry.filter(|_| options.get(&options::REGISTRY_SEARCH) == Some("addresses"));
    // On a sales document the bank account is our own.
    let accounts = contact.ibans.iter().filter(|_| contact.direction == Direction::Purchase).take(ACCOUNTS_MAX);
    let accounts = accounts.map(|iban| Way { kind: "DIM", field: 3, value: iban.as_str(), column: 0 });
    vat.into_iter().chain(registry).chain(accounts).collect()
}

/// The next request on the way to the relation.
pub(super) fn next(at: &Target, request: &PushRequest<'_>, facts: &Facts) -> Result<Call, LedgerError> {
    let find = Operation::FindContact;
    let office = soap::office(at, find)?;
    let kind = relations(request.contact.direction);
    if let Some(code) = Known::of(facts).relations.unread.last() {
        let read = Element::new("read")
            .field("type", "dimensions")
            .field("office", office)
            .field("dimtype", kind)
            .field("code", code);
        return Ok(soap::read(at, find, DIMENSIONS, &read));
    }
    match ways(request).get(facts.contact_ways) {
        Some(way) => {
            let of_kind = [("dimtype", kind), ("office", office)];
            let of_office = [("office", office)];
            let options: &[(&'static str, &str)] = if way.kind == "DIM" { &of_kind } else { &of_office };
            let search = Search {
                kind: way.kind,
                pattern: way.value,
                field: way.field,
                first_row: 1,
                rows: CANDIDATES_MAX + 1,
                options,
            };
            Ok(soap::search(at, find, &search))
        }
        None => create(at, office, request),
    }
}

fn create(at: &Target, office: &str, request: &PushRequest<'_>) -> Result<Call, LedgerError> {
    let contact = request.contact;
    let name = &contact.name;
    let role = role(contact.direction);
    let vat = contact.vat_number.as_ref().map(VatNumber::as_str);
    let registry = contact.registry_number.as_ref().map(RegistryNumber::as_str);
    match request.create_contacts {
        CreateContacts::Refused => {
            let message = format!(
                "{name} was not found in Twinfield by VAT number, registry number or bank account. Make the {role} there \
                 or choose the right one at the contact, and post again; or allow making relations in the connection."
            );
            return Err(LedgerError::rejected(ErrorCode::ContactMissing, Operation::FindContact, message));
        }
        CreateContacts::Allowed if vat.is_none() && registry.is_none() => {
            let message = format!(
                "{name} was not found in Twinfield, and cannot be made there without a VAT number or a registry number. \
                 Complete the contact or choose the {role} of Twinfield at the contact, and post again."
            );
            return Err(LedgerError::rejected(ErrorCode::ContactUnidentified, Operation::FindContact, message));
        }
        CreateContacts::Allowed => {}
    }
    let in_address = request.options.get(&options::IDENTIFIERS) == Some("address");
    let (in_field, in_address) = if in_address { (None, Some((vat, registry))) } else { (Some((vat, registry)), None) };
    let address = Element::new("address")
        .attribute("type", "invoice")
        .attribute("default", "true")
        .field("name", name)
        .maybe("country", vat.map(country))
        .maybe("field4", in_address.and_then(|(vat, _)| vat))
        .maybe("field5", in_address.and_then(|(_, registry)| registry));
    let banks = contact.ibans.iter().filter(|_| contact.direction == Direction::Purchase).take(ACCOUNTS_MAX);
    let banks: Vec<Element> = banks
        .enumerate()
        .map(|(index, iban)| {
            Element::new("bank")
                .attribute("default", if index == 0 { "1" } else { "0" })
                .field("ascription", chars(name, HOLDER_CHARS_MAX))
                .field("iban", iban)
                .maybe("country", iban.as_str().get(..2))
        })
        .collect();
    // Without a code Twinfield numbers the relation.
    let dimension = Element::new("dimension")
        .field("office", office)
        .field("type", relations(contact.direction))
        .field("code", "")
        .field("name", name)
        .maybe("vatnumber", in_field.and_then(|(vat, _)| vat))
        .maybe("cocnumber", in_field.and_then(|(_, registry)| registry))
        .with(Element::new("addresses").with(address));
    let dimension = if banks.is_empty() { dimension } else { dimension.with(Element::new("banks").with_all(banks)) };
    let purpose = Purpose { operation: Operation::CreateContact, effect: Effect::Writes, resource: DIMENSIONS };
    Ok(soap::process(at, purpose, &dimension))
}

fn role(direction: Direction) -> &'static str {
    match direction {
        Direction::Purchase => "supplier",
        Direction::Sales => "customer",
    }
}

/// Reads the answer to [`next`].
pub(super) fn learn(
    request: &PushRequest<'_>,
    facts: &mut Facts,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let operation = purpose.operation;
    if operation == Operation::CreateContact {
        let root = soap::done(purpose, answer)?;
        // A list of one, or the one.
        let dimension = root.child("dimension").unwrap_or(&root);
        let code = dimension.text_of("code").and_then(|code| code.parse().ok());
        facts.contact = Some(code.ok_or_else(|| super::errors::malformed(operation, purpose.effect))?);
        return Ok(());
    }
    let ways = ways(request);
    let Some(way) = ways.get(facts.contact_ways) else { return Ok(()) };
    let mut candidates = Known::of(facts).relations.clone();
    if purpose.resource == FINDER {
        let rows = soap::rows(operation, answer)?;
        let mut codes: Vec<String> = rows.rows.into_iter().filter_map(|row| row.into_iter().nth(way.column)).collect();
        codes.retain(|code| !code.is_empty());
        codes.sort();
        codes.dedup();
        if codes.len() > CANDIDATES_MAX {
            return Err(ambiguous(request));
        }
        candidates = Candidates { unread: codes, ..Candidates::default() };
    } else if let Some(code) = candidates.unread.pop() {
        let dimension = soap::processed(purpose, answer)?;
        let dimension = dimension.child("dimension").unwrap_or(&dimension);
        if dimension.get("result") != Some("0") && has(dimension, way.value) {
            let active = dimension.get("status").is_none_or(|status| status == "active");
            let list = if active { &mut candidates.fitting } else { &mut candidates.blocked };
            list.push(code);
        }
    }
    if candidates.unread.is_empty() {
        match (candidates.fitting.as_slice(), candidates.blocked.as_slice()) {
            ([one], _) => facts.contact = one.parse().ok(),
            ([_, _, ..], _) => return Err(ambiguous(request)),
            ([], [_, ..]) => return Err(blocked(request)),
            ([], []) => facts.contact_ways += 1,
        }
        candidates = Candidates::default();
    }
    Known::change(facts, |known| known.relations = candidates);
    Ok(())
}

/// Whether a relation has an identifier: as its own, in its addresses or among its bank accounts.
fn has(dimension: &Element, identifier: &str) -> bool {
    let wanted = normalise(identifier);
    let holds = |element: &&Element| {
        let named = matches!(element.name(), "vatnumber" | "cocnumber" | "iban" | "accountnumber");
        (named || element.name().starts_with("field")) && element.text().is_some_and(|text| normalise(text) == wanted)
    };
    dimension.everything().iter().any(holds)
}

fn ambiguous(request: &PushRequest<'_>) -> LedgerError {
    let name = &request.contact.name;
    let role = role(request.contact.direction);
    let message = format!(
        "Several relations of Twinfield have the identifiers of {name}. Choose the right {role} at the contact, and post \
         again."
    );
    LedgerError::new(ErrorKind::Rejected, ErrorCode::ContactAmbiguous, Operation::FindContact, message)
}

fn blocked(request: &PushRequest<'_>) -> LedgerError {
    let (name, role) = (&request.contact.name, role(request.contact.direction));
    let message = format!("{name} is not active in Twinfield. Make the {role} active there, and post again.");
    LedgerError::rejected(ErrorCode::ContactBlocked, Operation::FindContact, message)
}
