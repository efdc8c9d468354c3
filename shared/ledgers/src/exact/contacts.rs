//! Which relation of Exact Online a contact is: by what is stored, by VAT number, registry number and bank account, and
//! made when that is allowed. A name is never enough.

use super::{
    odata,
    wire::{self, Account, BankAccount, Guid, Made, NewAccount},
};
use crate::{
    call::{Answer, Call, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{CreateContacts, Facts, PushRequest},
};
use domain::{
    ledger::Direction,
    party::{RegistryNumber, VatNumber},
};
use std::collections::BTreeSet;

pub(super) const ACCOUNTS: &str = "crm/Accounts";
pub(super) const BANK_ACCOUNTS: &str = "crm/BankAccounts";

/// A code as Exact stores it: padded on the left to 18 characters, and found only so.
fn padded(code: &str) -> String {
    format!("{:>18}", code.trim())
}

/// The relation, when it is known.
pub(super) fn known(request: &PushRequest<'_>, facts: &Facts) -> Option<Guid> {
    let contact = facts.contact.as_ref().or(request.contact.ledger_contact.as_ref())?;
    Guid::parse(contact.as_str())
}

/// A filter on relations, or on the bank accounts of relations.
enum Way {
    Accounts(String),
    BankAccounts(String),
}

/// The ways of finding a contact, best first.
fn ways(request: &PushRequest<'_>) -> Vec<Way> {
    let contact = request.contact;
    let account = |field: &str, value: &str| Way::Accounts(format!("{field} eq {}", odata::text(value)));
    let code = contact.ledger_contact.as_ref().map(|code| account("Code", &padded(code.as_str())));
    let vat = contact.vat_number.as_ref().map(|number| account("VATNumber", number.as_str()));
    let registry = contact.registry_number.as_ref().map(|number| account("ChamberOfCommerce", number.as_str()));
    let ibans = contact.ibans.iter().take(20).map(|iban| odata::text(iban.as_str()));
    // On a sales document the bank account is our own.
    let bank = (contact.direction == Direction::Purchase && !contact.ibans.is_empty())
        .then(|| Way::BankAccounts(odata::any_of("BankAccount", ibans)));
    code.into_iter().chain(vat).chain(registry).chain(bank).collect()
}

/// The next request on the way to the relation.
pub(super) fn next(at: &Target, request: &PushRequest<'_>, facts: &Facts) -> Result<Call, LedgerError> {
    let find = Operation::FindContact;
    if let Some(owner) = &facts.contact_owner {
        let filter = format!("ID eq {}", odata::guid(&odata::stored(owner)?));
        return odata::list(at, find, ACCOUNTS, wire::ACCOUNT_FIELDS, &filter);
    }
    match ways(request).into_iter().nth(facts.contact_ways) {
        Some(Way::Accounts(filter)) => odata::list(at, find, ACCOUNTS, wire::ACCOUNT_FIELDS, &filter),
        Some(Way::BankAccounts(filter)) => odata::list(at, find, BANK_ACCOUNTS, "Account,BankAccount", &filter),
        None => create(at, request),
    }
}

fn create(at: &Target, request: &PushRequest<'_>) -> Result<Call, LedgerError> {
    let contact = request.contact;
    let name = &contact.name;
    let role = role(contact.direction);
    let (vat, registry) = (contact.vat_number.as_ref(), contact.registry_number.as_ref());
    match request.create_contacts {
        CreateContacts::Refused => {
            let message = format!(
                "{name} was not found in Exact Online by VAT number, registry number or bank account. Make the {role} \
                 there or choose the right one at the contact, and post again; or allow making relations in the connection."
            );
            return Err(LedgerError::rejected(ErrorCode::ContactMissing, Operation::FindContact, message).about(name));
        }
        CreateContacts::Allowed if vat.is_none() && registry.is_none() => {
            let message = format!(
                "{name} was not found in Exact Online, and cannot be made there without a VAT number or a registry \
                 number. Complete the contact or choose the {role} of Exact Online at the contact, and post again."
            );
            return Err(
                LedgerError::rejected(ErrorCode::ContactUnidentified, Operation::FindContact, message).about(name)
            );
        }
        CreateContacts::Allowed => {}
    }
    let record = NewAccount {
        name,
        is_supplier: (contact.direction == Direction::Purchase).then_some(true),
        status: (contact.direction == Direction::Sales).then_some("C"),
        country: vat.and_then(|number| country(number.as_str())),
        vat_number: vat.map(VatNumber::as_str),
        chamber_of_commerce: registry.map(RegistryNumber::as_str),
    };
    odata::post(at, Operation::CreateContact, ACCOUNTS, &record)
}

/// The country that a VAT number begins with.
fn country(vat_number: &str) -> Option<&str> {
    match vat_number.get(..2) {
        Some("EL") => Some("GR"),
        prefix => prefix,
    }
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
        let made: Made = odata::record(purpose, answer)?;
        facts.contact = made.id.as_str().parse().ok();
        return Ok(());
    }
    if purpose.resource == BANK_ACCOUNTS {
        let rows = odata::rows::<BankAccount>(operation, answer)?.rows;
        let owners: BTreeSet<Guid> = rows.into_iter().map(|row| row.account).collect();
        if owners.len() > 1 {
            return Err(ambiguous(request));
        }
        facts.contact_owner = owners.into_iter().next().map(Into::into);
        facts.contact_ways += 1;
        return Ok(());
    }
    let accounts = odata::rows::<Account>(operation, answer)?.rows;
    if let Some(account) = choose(request, accounts)? {
        facts.contact = account.id.as_str().parse().ok();
    } else if facts.contact_owner.take().is_none() {
        facts.contact_ways += 1;
    }
    Ok(())
}

/// The one relation that fits: of the right role, and not blocked.
fn choose(request: &PushRequest<'_>, accounts: Vec<Account>) -> Result<Option<Account>, LedgerError> {
    let direction = request.contact.direction;
    let fits = |account: &Account| match direction {
        Direction::Purchase => account.is_supplier == Some(true),
        Direction::Sales => account.status.as_deref().map(str::trim) == Some("C"),
    };
    let anybody = !accounts.is_empty();
    let (right, _): (Vec<_>, Vec<_>) = accounts.into_iter().partition(fits);
    let any_right = !right.is_empty();
    let mut open = right.into_iter().filter(|account| account.blocked != Some(true));
    let (name, role) = (&request.contact.name, role(direction));
    match (open.next(), open.next()) {
        (Some(account), None) => Ok(Some(account)),
        (Some(_), Some(_)) => Err(ambiguous(request)),
        (None, _) if any_right => {
            let message = format!("{name} is blocked in Exact Online. Unblock the {role} there, and post again.");
            Err(LedgerError::rejected(ErrorCode::ContactBlocked, Operation::FindContact, message).about(name))
        }
        (None, _) if anybody => {
            let code = match direction {
                Direction::Purchase => ErrorCode::NotASupplier,
                Direction::Sales => ErrorCode::NotACustomer,
            };
            let message =
                format!("{name} is a relation in Exact Online, but not a {role}. Make it one there, and post again.");
            Err(LedgerError::rejected(code, Operation::FindContact, message).about(name))
        }
        (None, _) => Ok(None),
    }
}

fn ambiguous(request: &PushRequest<'_>) -> LedgerError {
    let name = &request.contact.name;
    let role = role(request.contact.direction);
    let message = format!(
        "Several relations of Exact Online have the identifiers of {name}. Choose the right {role} at the contact, and \
         post again."
    );
    LedgerError::new(ErrorKind::Rejected, ErrorCode::ContactAmbiguous, Operation::FindContact, message).about(name)
}
