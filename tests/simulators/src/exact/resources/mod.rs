//! The resources, and what GET, POST, PUT and DELETE do with them.

mod attachments;
mod documents;
mod entries;
mod organization;
mod relations;

use http::{Method, StatusCode};

use super::api::{Call, Key, LARGEST_BODY};
use super::books::{Direction, Division};
use super::entity::{Access, Cell, Entity, Kind};
use super::odata::Schema;
use super::odata::filter::Condition;
use super::odata::query::Query;
use super::odata::render::{self, Place};
use super::refusal::Refusal;
use super::state::{ReadOnly, Settings, State};
use super::table::{Keyed, Table};
use crate::json::{self, Members};
use crate::server::Answer;

pub use attachments::file;
pub use organization::me;

/// A resource under an administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Administrations open to the user.
    Divisions,
    /// Relations.
    Accounts,
    /// Their bank accounts.
    BankAccounts,
    /// Ledger accounts.
    GlAccounts,
    /// Daybooks.
    Journals,
    /// Periods.
    FinancialPeriods,
    /// VAT codes.
    VatCodes,
    /// Cost centres.
    CostCenters,
    /// Cost units.
    CostUnits,
    /// Payment conditions.
    PaymentConditions,
    /// Documents.
    Documents,
    /// Types of documents.
    DocumentTypes,
    /// Files of documents.
    DocumentAttachments,
    /// Purchase entries.
    PurchaseEntries,
    /// Their lines.
    PurchaseEntryLines,
    /// Sales entries.
    SalesEntries,
    /// Their lines.
    SalesEntryLines,
}

impl Resource {
    const ALL: [Self; 17] = [
        Self::Divisions,
        Self::Accounts,
        Self::BankAccounts,
        Self::GlAccounts,
        Self::Journals,
        Self::FinancialPeriods,
        Self::VatCodes,
        Self::CostCenters,
        Self::CostUnits,
        Self::PaymentConditions,
        Self::Documents,
        Self::DocumentTypes,
        Self::DocumentAttachments,
        Self::PurchaseEntries,
        Self::PurchaseEntryLines,
        Self::SalesEntries,
        Self::SalesEntryLines,
    ];

    /// The resource at a path below the administration.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.path() == path)
    }

    /// The path below the administration.
    pub fn path(self) -> &'static str {
        match self {
            Self::Divisions => "system/Divisions",
            Self::Accounts => "crm/Accounts",
            Self::BankAccounts => "crm/BankAccounts",
            Self::GlAccounts => "financial/GLAccounts",
            Self::Journals => "financial/Journals",
            Self::FinancialPeriods => "financial/FinancialPeriods",
            Self::VatCodes => "vat/VATCodes",
            Self::CostCenters => "hrm/Costcenters",
            Self::CostUnits => "hrm/Costunits",
            Self::PaymentConditions => "cashflow/PaymentConditions",
            Self::Documents => "documents/Documents",
            Self::DocumentTypes => "documents/DocumentTypes",
            Self::DocumentAttachments => "documents/DocumentAttachments",
            Self::PurchaseEntries => "purchaseentry/PurchaseEntries",
            Self::PurchaseEntryLines => "purchaseentry/PurchaseEntryLines",
            Self::SalesEntries => "salesentry/SalesEntries",
            Self::SalesEntryLines => "salesentry/SalesEntryLines",
        }
    }

    /// The scope an app needs.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Divisions => "organization.administration",
            Self::Accounts | Self::BankAccounts => "crm.accounts",
            Self::GlAccounts => "financial.generalledgers",
            Self::Journals | Self::FinancialPeriods | Self::VatCodes | Self::PaymentConditions => {
                "financial.accounting"
            }
            Self::CostCenters | Self::CostUnits => "financial.costcenters",
            Self::Documents | Self::DocumentTypes | Self::DocumentAttachments => "organization.documents",
            Self::PurchaseEntries | Self::PurchaseEntryLines => "purchase.invoices",
            Self::SalesEntries | Self::SalesEntryLines => "sales.invoices",
        }
    }
}

/// Does what a call asks of a resource; access has been checked.
pub fn serve(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    resource: Resource,
    key: Option<Key>,
    collection: Option<&str>,
) -> Result<Answer, Refusal> {
    match (call.request.method.clone(), key, collection) {
        (Method::GET, Some(key), Some(name)) => {
            let lines = entries::collection(state, division, resource, key, name).ok_or(Refusal::NotFound)?;
            list(call, division, resource, lines, &Requirements::NONE)
        }
        (_, _, Some(_)) => Err(Refusal::NotFound),
        (Method::GET, None, None) => {
            let listing = listing(state, call, division, resource)?;
            list(call, division, resource, listing, &Requirements::of(resource))
        }
        (Method::GET, Some(key), None) => {
            let listing = all(state, call, division, resource)?;
            single(call, division, resource, &listing, key)
        }
        (Method::POST, None, None) => create(state, call, division, resource),
        (Method::PUT, Some(Key::Guid(id)), None) => {
            let body = body(call)?;
            match resource {
                Resource::Accounts => relations::update_account(state, call, division, id, &body),
                Resource::BankAccounts => relations::update_bank_account(state, division, id, &body),
                Resource::Documents => documents::update(state, call, division, id, &body),
                Resource::PurchaseEntries => entries::update(state, call, division, Direction::Purchase, id, &body),
                Resource::SalesEntries => entries::update(state, call, division, Direction::Sales, id, &body),
                _ => Err(Refusal::Method),
            }
        }
        (Method::DELETE, Some(Key::Guid(id)), None) => match resource {
            Resource::Accounts => relations::delete_account(state, division, id),
            Resource::BankAccounts => relations::delete_bank_account(state, division, id),
            Resource::Documents => documents::delete(state, division, id),
            Resource::DocumentAttachments => attachments::delete(state, division, id),
            Resource::PurchaseEntries => entries::delete(state, division, Direction::Purchase, id),
            Resource::SalesEntries => entries::delete(state, division, Direction::Sales, id),
            _ => Err(Refusal::Method),
        },
        _ => Err(Refusal::Method),
    }
}

fn create(state: &mut State, call: &Call<'_>, division: i32, resource: Resource) -> Result<Answer, Refusal> {
    // The limit is on the decoded file, which is smaller than the body that holds it.
    if resource != Resource::DocumentAttachments && call.request.body.len() > LARGEST_BODY {
        return Err(Refusal::TooLarge);
    }
    let made = match resource {
        Resource::Accounts => relations::create_account(state, call, division, &body(call)?),
        Resource::BankAccounts => relations::create_bank_account(state, call, division, &body(call)?),
        Resource::Documents => documents::create(state, call, division, &body(call)?),
        Resource::DocumentAttachments => attachments::create(state, call, division, &body(call)?),
        Resource::PurchaseEntries => entries::create(state, call, division, Direction::Purchase, &body(call)?),
        Resource::SalesEntries => entries::create(state, call, division, Direction::Sales, &body(call)?),
        _ => Err(Refusal::Method),
    }?;
    let record = render::record(&made.schema, &place(call, division, resource), &made.cells, None);
    Ok(Answer::json(StatusCode::CREATED, &render::one(record)))
}

/// A record that was made.
struct Made {
    schema: Schema,
    cells: Vec<Cell>,
}

/// Records of a resource with their schema.
struct Listing {
    schema: Schema,
    records: Vec<Vec<Cell>>,
}

impl Listing {
    fn of<T: Entity + Keyed>(table: &Table<T>) -> Self {
        Self { schema: Schema::of::<T>(), records: table.iter().map(Entity::cells).collect() }
    }
}

/// What a list must be asked with.
struct Requirements {
    select: bool,
    filter_on: &'static [&'static str],
}

impl Requirements {
    const NONE: Self = Self { select: false, filter_on: &[] };

    fn of(resource: Resource) -> Self {
        let filter_on: &[_] = match resource {
            Resource::Accounts => relations::FILTERED_BY,
            _ => &[],
        };
        Self { select: resource != Resource::Divisions, filter_on }
    }
}

/// The records that lists show: new ones may not be there yet.
fn listing(state: &State, call: &Call<'_>, division: i32, resource: Resource) -> Result<Listing, Refusal> {
    let mut listing = all(state, call, division, resource)?;
    let lag = i64::from(state.settings.visible_after_seconds);
    if let Some(created) = listing.schema.position("Created").filter(|_| lag > 0) {
        let visible = |record: &Vec<Cell>| match record.get(created) {
            Some(Cell::Instant(at)) => (call.now - *at).num_seconds() >= lag,
            _ => true,
        };
        listing.records.retain(visible);
    }
    Ok(listing)
}

fn all(state: &State, call: &Call<'_>, division: i32, resource: Resource) -> Result<Listing, Refusal> {
    if resource == Resource::Divisions {
        return organization::divisions(state, call);
    }
    let books = books(state, division)?;
    Ok(match resource {
        Resource::Divisions => organization::divisions(state, call)?,
        Resource::Accounts => Listing::of(&books.accounts),
        Resource::BankAccounts => Listing::of(&books.bank_accounts),
        Resource::GlAccounts => padded(Listing::of(&books.gl_accounts), "VATCode", &state.settings),
        Resource::Journals => Listing::of(&books.journals),
        Resource::FinancialPeriods => Listing::of(&books.periods),
        Resource::VatCodes => padded(Listing::of(&books.vat_codes), "Code", &state.settings),
        Resource::CostCenters => Listing::of(&books.cost_centers),
        Resource::CostUnits => Listing::of(&books.cost_units),
        Resource::PaymentConditions => Listing::of(&books.payment_conditions),
        Resource::Documents => Listing::of(&books.documents),
        Resource::DocumentTypes => documents::types(),
        Resource::DocumentAttachments => Listing::of(&books.attachments),
        Resource::PurchaseEntries => entries::headers(state, books, Direction::Purchase),
        Resource::PurchaseEntryLines => entries::lines(books, Direction::Purchase),
        Resource::SalesEntries => entries::headers(state, books, Direction::Sales),
        Resource::SalesEntryLines => entries::lines(books, Direction::Sales),
    })
}

/// VAT codes come with spaces on the right when that is switched on.
fn padded(mut listing: Listing, property: &str, settings: &Settings) -> Listing {
    if let Some(position) = listing.schema.position(property) {
        for cell in listing.records.iter_mut().filter_map(|record| record.get_mut(position)) {
            if let Cell::Text(code) = cell {
                *code = settings.wire_vat_code(code);
            }
        }
    }
    listing
}

fn list(
    call: &Call<'_>,
    division: i32,
    resource: Resource,
    listing: Listing,
    requirements: &Requirements,
) -> Result<Answer, Refusal> {
    let parameters = call.request.parameters();
    let query = Query::parse(&parameters, &listing.schema)?;
    if requirements.select && query.select.is_none() && query.top != Some(1) {
        return Err(Refusal::bad("Please add a $select or a $top=1 statement to the query string."));
    }
    let filtered = query.filter.as_ref().map(Condition::properties).unwrap_or_default();
    let suffices = |name: &&str| listing.schema.position(name).is_some_and(|position| filtered.contains(&position));
    if !requirements.filter_on.is_empty() && !requirements.filter_on.iter().any(suffices) {
        return Err(Refusal::bad(format!(
            "This endpoint has mandatory filtering applied. Please add a filter on one of these fields: {}",
            requirements.filter_on.join(", ")
        )));
    }
    let next = |token: &str, top: Option<usize>| {
        let kept = parameters.iter().filter(|(name, _)| name != "$skiptoken" && name != "$top");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        if let Some(top) = top {
            query.append_pair("$top", &top.to_string());
        }
        query.append_pair("$skiptoken", token);
        format!("{}{}?{}", call.base, call.request.path, query.finish())
    };
    let page = query.page(listing.records);
    let place = place(call, division, resource);
    Ok(Answer::json(StatusCode::OK, &render::page(&listing.schema, &place, &query, &page, next)))
}

fn single(call: &Call<'_>, division: i32, resource: Resource, listing: &Listing, key: Key) -> Result<Answer, Refusal> {
    let query = Query::parse(&call.request.parameters(), &listing.schema)?;
    let wanted = match key {
        Key::Guid(guid) => Cell::Guid(guid),
        Key::Number(number) => Cell::Int(number),
    };
    let record = listing.records.iter().find(|record| record.first() == Some(&wanted)).ok_or(Refusal::NotFound)?;
    let select = query.select.as_deref();
    let record = render::record(&listing.schema, &place(call, division, resource), record, select);
    Ok(Answer::json(StatusCode::OK, &render::one(record)))
}

fn place(call: &Call<'_>, division: i32, resource: Resource) -> Place {
    Place { resource: format!("{}/api/v1/{division}/{}", call.base, resource.path()) }
}

fn books(state: &State, division: i32) -> Result<&Division, Refusal> {
    state.division(division).ok_or(Refusal::NotFound)
}

fn books_mut(state: &mut State, division: i32) -> Result<&mut Division, Refusal> {
    state.division_mut(division).ok_or(Refusal::NotFound)
}

/// The JSON object of a call.
fn body(call: &Call<'_>) -> Result<Members, Refusal> {
    if !call.request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::bad("Unsupported media type requested."));
    }
    json::members(&call.request.body).map_err(|_| Refusal::bad("Error processing request stream. JSON is not valid."))
}

/// Whether a record is being made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Create,
    Update,
}

/// Sets the properties of a record from a JSON object. `stored_name` maps a name of the wire to the record's own.
fn fill<T: Entity>(
    record: &mut T,
    schema: &Schema,
    members: &Members,
    settings: &Settings,
    writing: Writing,
    stored_name: impl Fn(&str) -> String,
) -> Result<(), Refusal> {
    for (name, text) in members.iter().map(|(name, raw)| (name.as_str(), raw.get())) {
        let of = &schema.type_name;
        let property = schema.position(name).and_then(|position| schema.property(position)).ok_or_else(|| {
            Refusal::bad(format!(
                "Error processing request stream. The property name '{name}' specified for type '{of}' is not valid."
            ))
        })?;
        if property.kind == Kind::Collection {
            continue;
        }
        let writable = match (property.access, writing) {
            (Access::Write, _) | (Access::Create, Writing::Create) => true,
            (Access::Create, Writing::Update) => {
                return Err(Refusal::bad(format!("The property '{name}' cannot be changed.")));
            }
            (Access::Read, _) => false,
        };
        if !writable {
            match settings.read_only {
                ReadOnly::Ignored => continue,
                ReadOnly::Refused => return Err(Refusal::bad(format!("The property '{name}' is read-only."))),
            }
        }
        // Null is the same as leaving the property out, also where there has to be a value in the end.
        if record.set(&stored_name(name), text).is_err() && text != "null" {
            return Err(mismatch(name, text, property.kind.name()));
        }
    }
    Ok(())
}

/// A value that does not have the property's type.
fn mismatch(name: &str, text: &str, kind: &str) -> Refusal {
    let shown: String = text.trim_matches('"').chars().take(40).collect();
    Refusal::bad(format!(
        "Error processing request stream. Error encountered in converting the value '{shown}' from the request payload \
         for property '{name}' to type '{kind}', which is the property's expected type. See inner exception for more detail."
    ))
}
