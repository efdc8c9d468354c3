//! Which relation of `AccountView` a contact is: by its stored number, by VAT number, registry number and bank account, and
//! made when that is allowed. What a search brings up is compared before it is believed; a name is never enough.

use super::{
    api::{self, CUSTOMERS, Filter, Query, Row, SUPPLIERS},
    known::Known,
    map::Plan,
    options,
    record::{self, Record, Value},
    text::{fit, plain},
};
use crate::{
    call::{Answer, Call, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{CreateContacts, Facts, Looked, PushRequest},
};
use domain::{
    ledger::{Direction, LedgerContact},
    party::{Iban, RegistryNumber, VatNumber, normalise},
};

/// So many bank accounts of a contact are searched for.
const ACCOUNTS_MAX: usize = 5;
const NAME_CHARS_MAX: usize = 40;
const SEARCH_CODE_CHARS_MAX: usize = 10;
const REGISTRY_CHARS_MAX: usize = 15;
const VAT_NUMBER_CHARS_MAX: usize = 14;
/// What is read of a relation.
pub(super) const COLUMNS: &str = "contact.sub_nr,contact.acct_name,contact.acct_nr,contact.vat_nr,contact.coc_code,\
                                  contact.iban_nr,contact.iban_nr2,contact.rec_blk";

/// The relation, when it is known.
pub(super) fn known(request: &PushRequest<'_>, facts: &Facts) -> Option<LedgerContact> {
    facts.contact.clone().or_else(|| request.contact.ledger_contact.clone())
}

/// The relations of a side.
pub(super) fn object(direction: Direction) -> &'static str {
    match direction {
        Direction::Purchase => SUPPLIERS,
        Direction::Sales => CUSTOMERS,
    }
}

pub(super) fn role(direction: Direction) -> &'static str {
    match direction {
        Direction::Purchase => "supplier",
        Direction::Sales => "customer",
    }
}

/// A way of finding a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way<'a> {
    VatNumber(&'a VatNumber),
    Registry(&'a RegistryNumber),
    Iban(&'a Iban),
    SecondIban(&'a Iban),
}

/// A VAT number as people leave its country out.
fn without_country(number: &VatNumber) -> &str {
    let text = number.as_str();
    text.get(2..).unwrap_or(text)
}

impl Way<'_> {
    fn filter(self) -> Filter {
        match self {
            Self::VatNumber(number) => Filter::contains("VAT_NR", without_country(number)),
            Self::Registry(number) => Filter::contains("COC_CODE", number.as_str()),
            Self::Iban(iban) => Filter::equal("IBAN_NR", iban.as_str()),
            Self::SecondIban(iban) => Filter::equal("IBAN_NR2", iban.as_str()),
        }
    }

    fn fits(self, row: &Row) -> bool {
        let is = |column: &str, wanted: &str| normalise(&row.text(column)) == normalise(wanted);
        match self {
            Self::VatNumber(number) => {
                let dutch = number.as_str().starts_with("NL");
                is("VAT_NR", number.as_str()) || (dutch && is("VAT_NR", without_country(number)))
            }
            Self::Registry(number) => is("COC_CODE", number.as_str()),
            Self::Iban(iban) => is("IBAN_NR", iban.as_str()),
            Self::SecondIban(iban) => is("IBAN_NR2", iban.as_str()),
        }
    }
}

/// The ways of finding a contact, best first.
fn ways<'a>(request: &PushRequest<'a>) -> Vec<Way<'a>> {
    let contact = request.contact;
    let vat = contact.vat_number.as_ref().map(Way::VatNumber);
    let registry = contact.registry_number.as_ref().map(Way::Registry);
    // On a sales document the bank account is our own.
    let ibans = contact.ibans.iter().filter(|_| contact.direction == Direction::Purchase).take(ACCOUNTS_MAX);
    let ibans = ibans.flat_map(|iban| [Way::Iban(iban), Way::SecondIban(iban)]);
    vat.into_iter().chain(registry).chain(ibans).collect()
}

/// The next request on the way to the relation.
pub(super) fn next(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> Result<Call, LedgerError> {
    let known = Known::of(facts);
    match ways(request).get(facts.contact_ways) {
        Some(way) => {
            let query = Query::of(object(request.contact.direction)).on(plan.day).with(way.filter());
            Ok(query.fields(COLUMNS).page(known.page + 1).call(Operation::FindContact))
        }
        None if known.made == Looked::Done => Err(made_and_not_found(request)),
        None => create(plan, request),
    }
}

fn create(plan: &Plan<'_>, request: &PushRequest<'_>) -> Result<Call, LedgerError> {
    let contact = request.contact;
    let (name, role) = (plain(&contact.name), role(contact.direction));
    let vat = contact.vat_number.as_ref().map(VatNumber::as_str).filter(|it| it.len() <= VAT_NUMBER_CHARS_MAX);
    let registry = contact.registry_number.as_ref().map(RegistryNumber::as_str);
    let registry = registry.filter(|number| number.len() <= REGISTRY_CHARS_MAX);
    let refused =
        |code, message: String| Err(LedgerError::rejected(code, Operation::FindContact, message).about(&contact.name));
    match request.create_contacts {
        CreateContacts::Refused => {
            let message = format!(
                "{name} was not found in AccountView by VAT number, registry number or bank account. Make the {role} there \
                 or choose the right one at the contact, and post again; or allow making relations in the connection."
            );
            return refused(ErrorCode::ContactMissing, message);
        }
        // Without a number it could not be found again.
        CreateContacts::Allowed if vat.is_none() && registry.is_none() => {
            let message = format!(
                "{name} was not found in AccountView, and cannot be made there without a VAT number or a registry number. \
                 Complete the contact or choose the {role} of AccountView at the contact, and post again."
            );
            return refused(ErrorCode::ContactUnidentified, message);
        }
        CreateContacts::Allowed => {}
    }
    let control = plan.option(control_option(contact.direction));
    if control.is_empty() {
        let message = format!(
            "A new {role} of AccountView needs a control account. Choose one in the connection ('{}'), and post again.",
            control_option(contact.direction).key
        );
        return Err(LedgerError::rejected(ErrorCode::Option, Operation::Prepare, message));
    }
    let search_code: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let country =
        vat.and_then(|number| number.get(..2)).map_or("NL", |prefix| if prefix == "EL" { "GR" } else { prefix });
    let iban = contact.ibans.first().filter(|_| contact.direction == Direction::Purchase);
    let text = |text: &str| Value::text(text);
    let record = Record::default()
        .set("ACCT_NR", text(control))
        .set("ACCT_NAME", Value::Text(fit(&name, NAME_CHARS_MAX)))
        .set("SRC_CODE", Value::Text(fit(&search_code, SEARCH_CODE_CHARS_MAX)))
        .set("CNT_CODE", text(country))
        .maybe("VAT_NR", vat.map(text))
        .maybe("COC_CODE", registry.map(text))
        .maybe("IBAN_NR", iban.map(|iban| text(iban.as_str())));
    let object = object(contact.direction);
    let body = record::envelope(Operation::CreateContact, object, plan.day, ("CONTACT", record), None)?;
    Ok(api::post(Operation::CreateContact, object, body))
}

/// The setting that names the control account of a side.
pub(super) fn control_option(direction: Direction) -> &'static crate::OptionSpec {
    match direction {
        Direction::Purchase => &options::CREDITOR_ACCOUNT,
        Direction::Sales => &options::DEBTOR_ACCOUNT,
    }
}

/// Reads the answer to [`next`].
pub(super) fn learn(
    request: &PushRequest<'_>,
    facts: &mut Facts,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let tables = api::tables(purpose, answer)?;
    let rows = tables.rows("CONTACT");
    if purpose.operation == Operation::CreateContact {
        facts.contact = rows.first().and_then(|row| row.text("SUB_NR").parse().ok());
        // Where the answer does not tell the number, it is looked up.
        facts.contact_ways = 0;
        Known::change(facts, |known| (known.page, known.made) = (0, Looked::Done));
        return Ok(());
    }
    let ways = ways(request);
    let Some(way) = ways.get(facts.contact_ways) else { return Ok(()) };
    let mut known = Known::of(facts).clone();
    let fitting = rows.iter().filter(|row| way.fits(row));
    known.relations.extend(fitting.filter_map(|row| Some((row.filled("SUB_NR")?, row.flag("REC_BLK")))));
    match api::following(purpose.operation, known.page + 1, api::PAGE, rows.len())? {
        Some(_) => known.page += 1,
        None => {
            let found = std::mem::take(&mut known.relations);
            known.page = 0;
            match choose(request, found)? {
                Some(number) => facts.contact = number.parse().ok(),
                None => facts.contact_ways += 1,
            }
        }
    }
    Known::change(facts, |own| *own = known);
    Ok(())
}

/// The one relation that fits. A blocked one is taken when there is no other: a booking of ours may stand on it.
fn choose(request: &PushRequest<'_>, mut found: Vec<(String, bool)>) -> Result<Option<String>, LedgerError> {
    found.sort();
    found.dedup();
    let free: Vec<&(String, bool)> = found.iter().filter(|(_, blocked)| !blocked).collect();
    let candidates: Vec<&(String, bool)> = if free.is_empty() { found.iter().collect() } else { free };
    match candidates.as_slice() {
        [] => Ok(None),
        [(number, _)] => Ok(Some(number.clone())),
        [_, _, ..] => {
            let (name, role) = (&request.contact.name, role(request.contact.direction));
            let message = format!(
                "Several relations of AccountView have the identifiers of {name}. Choose the right {role} at the contact, \
                 and post again."
            );
            Err(LedgerError::rejected(ErrorCode::ContactAmbiguous, Operation::FindContact, message).about(name))
        }
    }
}

/// It was made, so it must not be made once more.
fn made_and_not_found(request: &PushRequest<'_>) -> LedgerError {
    let (name, role) = (&request.contact.name, role(request.contact.direction));
    let message = format!(
        "AccountView made {name}, but does not find it by its numbers. Look for the {role} there, choose it at the contact, \
         and post again."
    );
    LedgerError::new(ErrorKind::Rejected, ErrorCode::ContactMissing, Operation::FindContact, message).about(name)
}
