//! Which relation of SnelStart a contact is: by what is stored, by VAT number, registry number and bank account, and made
//! when that is allowed. A name is never enough.

use super::{
    api, map,
    push::Own,
    wire::{Id, Made, NewRelation, Relation},
};
use crate::{
    call::{Answer, Call, Purpose},
    error::{ErrorCode, LedgerError, Operation},
    push::{CreateContacts, Facts, PushRequest},
};
use domain::{
    ledger::Direction,
    party::{Iban, RegistryNumber, VatNumber},
};

const RELATIONS: &str = "relaties";
/// The longest name: a longer one is refused, since SnelStart would not find it by what is left.
const NAME_CHARS_MAX: usize = 50;

/// The relation, when it is known.
pub(super) fn known(request: &PushRequest<'_>, facts: &Facts) -> Option<Id> {
    let contact = facts.contact.as_ref().or(request.contact.ledger_contact.as_ref())?;
    Id::parse(contact.as_str())
}

/// A way of finding a relation: what SnelStart is asked, and what is then looked at.
enum Way {
    Code(i64),
    VatNumber(VatNumber),
    Registry(RegistryNumber),
    Iban(Iban),
}

/// Letters and digits only: people type numbers in many dresses.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

impl Way {
    fn filter(&self) -> String {
        match self {
            Self::Code(code) => format!("Relatiecode eq {code}"),
            Self::VatNumber(number) => format!("BtwNummer eq {}", api::text(number.as_str())),
            Self::Registry(number) => format!("KvkNummer eq {}", api::text(number.as_str())),
            Self::Iban(iban) => format!("Iban eq {}", api::text(iban.as_str())),
        }
    }

    fn fits(&self, relation: &Relation) -> bool {
        let same = |theirs: &Option<String>, ours: &str| {
            theirs.as_deref().is_some_and(|theirs| !bare(theirs).is_empty() && bare(theirs) == bare(ours))
        };
        match self {
            Self::Code(code) => relation.relatiecode == Some(*code),
            Self::VatNumber(number) => same(&relation.btw_nummer, number.as_str()),
            Self::Registry(number) => same(&relation.kvk_nummer, number.as_str()),
            Self::Iban(iban) => same(&relation.iban, iban.as_str()),
        }
    }
}

/// The ways of finding a contact, best first.
fn ways(request: &PushRequest<'_>) -> Vec<Way> {
    let contact = request.contact;
    let code = contact.ledger_contact.as_ref().and_then(|code| code.as_str().parse().ok()).map(Way::Code);
    let vat = contact.vat_number.clone().map(Way::VatNumber);
    let registry = contact.registry_number.clone().map(Way::Registry);
    // On a sales document the bank account is our own.
    let ibans = contact.ibans.iter().take(20).filter(|_| contact.direction == Direction::Purchase);
    code.into_iter().chain(vat).chain(registry).chain(ibans.cloned().map(Way::Iban)).collect()
}

/// The next request on the way to the relation.
pub(super) fn next(request: &PushRequest<'_>, facts: &Facts) -> Result<Call, LedgerError> {
    match ways(request).into_iter().nth(facts.contact_ways) {
        Some(way) => {
            let skip = facts.own::<Own>().map_or(0, |own| own.skip);
            Ok(api::get(Operation::FindContact, RELATIONS, api::page(RELATIONS, &way.filter(), skip)))
        }
        None => create(request, facts),
    }
}

/// What of a new relation is optional and was refused.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct LeftOut {
    vat_number: bool,
    registry: bool,
    iban: bool,
}

fn create(request: &PushRequest<'_>, facts: &Facts) -> Result<Call, LedgerError> {
    let contact = request.contact;
    let name = contact.name.trim();
    let role = role(contact.direction);
    let left_out = facts.own::<Own>().map(|own| own.left_out).unwrap_or_default();
    let vat = contact.vat_number.as_ref().filter(|_| !left_out.vat_number);
    let registry = contact.registry_number.as_ref().filter(|_| !left_out.registry);
    match request.create_contacts {
        CreateContacts::Refused => {
            let message = format!(
                "{name} was not found in SnelStart by VAT number, registry number or bank account. Make the {role} there \
                 or choose the right one at the contact, and post again; or allow making relations in the connection."
            );
            return Err(LedgerError::rejected(ErrorCode::ContactMissing, Operation::FindContact, message).about(name));
        }
        // Without a number it could not be found again.
        CreateContacts::Allowed if vat.is_none() && registry.is_none() => {
            let why = if left_out == LeftOut::default() { "without" } else { "because SnelStart does not take its" };
            let message = format!(
                "{name} was not found in SnelStart, and cannot be made there {why} VAT number or registry number. \
                 Correct the contact or choose the {role} of SnelStart at the contact, and post again."
            );
            return Err(
                LedgerError::rejected(ErrorCode::ContactUnidentified, Operation::FindContact, message).about(name)
            );
        }
        CreateContacts::Allowed if name.chars().count() > NAME_CHARS_MAX => {
            let message = format!(
                "{name} was not found in SnelStart, and cannot be made there: a name has at most {NAME_CHARS_MAX} \
                 characters. Make the {role} in SnelStart, choose it at the contact, and post again."
            );
            return Err(
                LedgerError::rejected(ErrorCode::ContactUnidentified, Operation::FindContact, message).about(name)
            );
        }
        CreateContacts::Allowed => {}
    }
    let iban = contact.ibans.first().filter(|_| contact.direction == Direction::Purchase && !left_out.iban);
    let record = NewRelation {
        naam: name,
        relatiesoort: [map::side(contact.direction).relation],
        btw_nummer: vat.map(VatNumber::as_str),
        kvk_nummer: registry.map(RegistryNumber::as_str),
        iban: iban.map(Iban::as_str),
    };
    api::post(Operation::CreateContact, RELATIONS, &record)
}

/// Whether a relation was refused for a field that can be left out; it then is, once.
pub(super) fn leaves_out(own: &mut Own, error: &LedgerError) -> bool {
    let code = error.ledger_text().and_then(|text| text.split(':').next()).unwrap_or_default();
    let field = match code {
        "REL-0088" => &mut own.left_out.vat_number,
        "REL-0006" => &mut own.left_out.registry,
        "REL-0010" | "REL-0011" => &mut own.left_out.iban,
        _ => return false,
    };
    !std::mem::replace(field, true)
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
    if purpose.operation == Operation::CreateContact {
        let made: Made = api::read(purpose, answer)?;
        facts.contact = made.id.as_str().parse().ok();
        return Ok(());
    }
    let Some(way) = ways(request).into_iter().nth(facts.contact_ways) else { return Ok(()) };
    let rows: Vec<Relation> = api::rows(purpose.operation, answer)?;
    let is_full = rows.len() >= api::PAGE;
    // The filter may have been passed over.
    let fitting = rows.into_iter().filter(|row| row.is_somebody() && way.fits(row));
    let found = {
        let Some(own) = facts.own_mut::<Own>() else { return Ok(()) };
        own.relations.extend(fitting);
        if is_full {
            own.skip += api::PAGE;
            return if own.skip / api::PAGE < api::PAGES_MAX { Ok(()) } else { Err(api::too_many(purpose.operation)) };
        }
        own.skip = 0;
        std::mem::take(&mut own.relations)
    };
    match choose(request, found)? {
        Some(relation) => facts.contact = relation.id.as_str().parse().ok(),
        None => facts.contact_ways += 1,
    }
    Ok(())
}

/// The one relation that fits: of the right role, and active.
fn choose(request: &PushRequest<'_>, relations: Vec<Relation>) -> Result<Option<Relation>, LedgerError> {
    let direction = request.contact.direction;
    let (name, role) = (&request.contact.name, role(direction));
    let anybody = !relations.is_empty();
    let right: Vec<_> = relations.into_iter().filter(|row| row.is_a(map::side(direction).relation)).collect();
    let any_right = !right.is_empty();
    let mut active = right.into_iter().filter(|relation| !relation.nonactief);
    let (code, message) = match (active.next(), active.next()) {
        (Some(relation), None) => return Ok(Some(relation)),
        (Some(_), Some(_)) => (
            ErrorCode::ContactAmbiguous,
            format!(
                "Several relations of SnelStart have the identifiers of {name}. Choose the right {role} at the contact, \
                 and post again."
            ),
        ),
        (None, _) if any_right => (
            ErrorCode::ContactBlocked,
            format!("{name} is inactive in SnelStart. Make the {role} active there, and post again."),
        ),
        (None, _) if anybody => (
            match direction {
                Direction::Purchase => ErrorCode::NotASupplier,
                Direction::Sales => ErrorCode::NotACustomer,
            },
            format!("{name} is a relation in SnelStart, but not a {role}. Make it one there, and post again."),
        ),
        (None, _) => return Ok(None),
    };
    Err(LedgerError::rejected(code, Operation::FindContact, message).about(name))
}
