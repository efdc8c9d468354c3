//! Contacts: suppliers and customers of an administration.

use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, IfMatch, Json, Params},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Made, Page, Paging, Shown, Versioned, next},
    schema, templates,
    text::Name,
};
use axum::{extract::State, response::Response};
use domain::{
    contact::{Contact, MatchKey, OwnIdentifiers},
    ids::{AdministrationId, ContactId},
    ledger::{Direction, LedgerContact},
    party::{Iban, RegistryNumber, VatNumber, normalise},
};
use serde::{Deserialize, Serialize};
use store::{Read, settings::ContactError};
use utoipa::ToSchema;

/// A contact to be made, or what it is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// `purchase` for a supplier, `sales` for a customer; stays as it was made.
    #[schema(schema_with = schema::one::<Direction>)]
    pub direction: Direction,
    /// Name, for people.
    pub name: Name,
    /// VAT number.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "NL001234567B01")]
    pub vat_number: Option<VatNumber>,
    /// Number in the trade register.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub registry_number: Option<RegistryNumber>,
    /// Bank accounts that are accepted; any other one on a document holds it. Changing them needs the right to do so
    /// (AP-61).
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub ibans: Vec<Iban>,
    /// Accounts that are no IBAN, for example a bankgiro.
    #[serde(default)]
    pub other_accounts: Vec<Name>,
    /// Days after the invoice date at which payment is due, for documents without a due date (AP-57).
    #[serde(default)]
    #[schema(maximum = 3650)]
    pub payment_days: Option<u16>,
    /// The same contact in the ledger, by the ledger's own id or code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub ledger_contact: Option<LedgerContact>,
}

/// The most bank accounts that a contact may have.
const ACCOUNTS_MAX: usize = 20;

impl ContactBody {
    /// The contact with these values.
    pub fn contact(self, id: ContactId, version: u32, own: &OwnIdentifiers) -> Answer<Contact> {
        if self.ibans.len() > ACCOUNTS_MAX {
            return Err(Problem::invalid("/ibans", format!("A contact has at most {ACCOUNTS_MAX} bank accounts.")));
        }
        if self.other_accounts.len() > ACCOUNTS_MAX {
            let detail = format!("A contact has at most {ACCOUNTS_MAX} other accounts.");
            return Err(Problem::invalid("/other_accounts", detail));
        }
        if self.payment_days.is_some_and(|days| days > 3650) {
            return Err(Problem::invalid("/payment_days", "Payment terms are at most 3650 days."));
        }
        let mut ibans = self.ibans;
        ibans.sort();
        ibans.dedup();
        let mut other_accounts: Vec<_> =
            self.other_accounts.iter().map(|account| normalise(account.as_str())).filter(|a| !a.is_empty()).collect();
        other_accounts.sort();
        other_accounts.dedup();
        let contact = Contact {
            id,
            direction: self.direction,
            name: self.name.into_string(),
            vat_number: self.vat_number,
            registry_number: self.registry_number,
            ibans,
            other_accounts,
            payment_days: self.payment_days,
            ledger_contact: self.ledger_contact,
            version,
        };
        refuse_own(&contact, own)?;
        Ok(contact)
    }
}

/// The administration's own numbers are never the other side (AP-55): a contact that bears one would never be matched by
/// it, and its documents would wait without a visible reason.
fn refuse_own(contact: &Contact, own: &OwnIdentifiers) -> Answer<()> {
    for key in contact.match_keys() {
        let (is_own, pointer) = match &key {
            MatchKey::Vat(number) => (own.vat_numbers.contains(number), "/vat_number"),
            MatchKey::Registry(number) => (own.registry_numbers.contains(number), "/registry_number"),
            MatchKey::Iban(iban) => (own.ibans.contains(iban), "/ibans"),
        };
        if is_own {
            let detail = format!("{} is the administration's own: a contact cannot have it.", key.parts().1);
            return Err(Problem::new(Code::OwnIdentifier, detail.clone()).at(pointer, detail));
        }
    }
    Ok(())
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContactView {
    /// Id.
    #[schema(schema_with = schema::one::<ContactId>)]
    pub id: ContactId,
    /// `purchase` for a supplier, `sales` for a customer.
    #[schema(schema_with = schema::one::<Direction>)]
    pub direction: Direction,
    /// Name, for people.
    pub name: String,
    /// VAT number.
    #[schema(value_type = Option<String>)]
    pub vat_number: Option<VatNumber>,
    /// Number in the trade register.
    #[schema(value_type = Option<String>)]
    pub registry_number: Option<RegistryNumber>,
    /// Bank accounts that are accepted.
    #[schema(value_type = Vec<String>)]
    pub ibans: Vec<Iban>,
    /// Accounts that are no IBAN.
    pub other_accounts: Vec<String>,
    /// Days after the invoice date at which payment is due.
    pub payment_days: Option<u16>,
    /// The same contact in the ledger.
    #[schema(value_type = Option<String>)]
    pub ledger_contact: Option<LedgerContact>,
    /// Counts edits.
    pub version: u32,
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        let contact = contact.clone();
        Self {
            id: contact.id,
            direction: contact.direction,
            name: contact.name,
            vat_number: contact.vat_number,
            registry_number: contact.registry_number,
            ibans: contact.ibans,
            other_accounts: contact.other_accounts,
            payment_days: contact.payment_days,
            ledger_contact: contact.ledger_contact,
            version: contact.version,
        }
    }
}

impl From<ContactError> for Problem {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::KeyTaken { key, by } => {
                let (what, text) = key.parts();
                let pointer = match key {
                    MatchKey::Vat(_) => "/vat_number",
                    MatchKey::Registry(_) => "/registry_number",
                    MatchKey::Iban(_) => "/ibans",
                };
                let detail = format!("Contact {by} has the {what} {text} already: change that one.");
                Self::new(Code::ContactExists, detail.clone()).at(pointer, detail).about(by)
            }
            ContactError::Store(error) => error.into(),
        }
    }
}

/// The contacts of an administration.
#[utoipa::path(
    get, path = "/administrations/{administration}/contacts", tag = "contacts",
    params(Paging),
    responses((status = 200, body = Page<ContactView>))
)]
pub async fn list_contacts(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<ContactView>>> {
    app.check_administration(&caller, administration).await?;
    let contacts = app.of(caller.tenant).contacts(administration);
    let listed = contacts.list(paging.cursor().as_ref(), paging.limit()).await?;
    Ok(Shown(Page { items: listed.items.iter().map(ContactView::from).collect(), next: next(listed.next) }))
}

/// Makes a supplier or customer.
#[utoipa::path(
    post, path = "/administrations/{administration}/contacts", tag = "contacts",
    request_body = ContactBody,
    responses((status = 201, body = ContactView))
)]
pub async fn create_contact(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<ContactBody>,
) -> Answer<Response> {
    let work = async |body, making| create(&app, &caller, administration, body, making).await;
    once(&app, &caller, request, work).await
}

async fn create(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    body: ContactBody,
    making: Making<ContactId>,
) -> Answer<Made<ContactView>> {
    let own = app.administration(caller, administration).await?.own;
    let contacts = app.of(caller.tenant).contacts(administration);
    let made = |contact: &Contact| {
        let location = format!("/administrations/{administration}/contacts/{}", contact.id);
        Made::created(location, contact.into(), contact.version)
    };
    if making.repeated
        && let Some(contact) = contacts.get(making.id, Read::Consistent).await?
    {
        return Ok(made(&contact));
    }
    let contact = body.contact(making.id, 1, &own)?;
    contacts.create(&contact, &caller.hand(1).author()).await?;
    Ok(made(&contact))
}

/// A contact that the caller may see.
pub async fn load(app: &App, caller: &Caller, administration: AdministrationId, id: ContactId) -> Answer<Contact> {
    app.check_administration(caller, administration).await?;
    let contact = app.of(caller.tenant).contacts(administration).get(id, Read::Consistent).await?;
    contact.ok_or_else(|| Problem::not_found("contact", id))
}

/// A contact.
#[utoipa::path(
    get, path = "/administrations/{administration}/contacts/{contact}", tag = "contacts",
    responses((status = 200, body = ContactView))
)]
pub async fn get_contact(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, ContactId)>,
) -> Answer<Versioned<ContactView>> {
    let contact = load(&app, &caller, administration, id).await?;
    Ok(Versioned { body: (&contact).into(), version: contact.version })
}

/// Changes a contact. Changing its bank accounts needs the right to do so (AP-61).
#[utoipa::path(
    put, path = "/administrations/{administration}/contacts/{contact}", tag = "contacts",
    request_body = ContactBody,
    responses((status = 200, body = ContactView))
)]
pub async fn put_contact(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, ContactId)>,
    seen: IfMatch,
    Json(body): Json<ContactBody>,
) -> Answer<Versioned<ContactView>> {
    let before = load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let own = app.administration(&caller, administration).await?.own;
    let after = body.contact(id, before.version.saturating_add(1), &own)?;
    if after.direction != before.direction {
        let detail = "A supplier does not become a customer: make another contact.";
        return Err(Problem::invalid("/direction", detail));
    }
    let accounts_change = after.ibans != before.ibans || after.other_accounts != before.other_accounts;
    if accounts_change && !caller.may_change_ibans() {
        let detail = "You do not have the right to change bank accounts of contacts. A Superuser grants it.";
        return Err(Problem::new(Code::NotPermitted, detail).at("/ibans", detail));
    }
    let settings = app.of(caller.tenant);
    settings.contacts(administration).replace(&before, &after, &caller.hand(1).author()).await?;
    if after.ledger_contact != before.ledger_contact
        && settings.templates(administration).get(id, Read::Consistent).await?.is_some()
    {
        templates::tell_ledger(&app, &caller, administration, id).await;
    }
    Ok(Versioned { body: (&after).into(), version: after.version })
}
