//! Keys of the table of documents. Nothing else formats one.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | head | `{tenant}#{document}` | `head` |
//! | source, recognised fields | same | `o#s`, `o#f`: behind the head, so that one query reads them with it |
//! | content of a version | same | `c#{version}` |
//! | trace of a version | same | `t#{version}` |
//! | history entry | same | `h#{version}#{instant}` |
//! | what of it was counted | same | `counted` |
//! | archived document, by contact | `{tenant}#{administration}#{contact}` | `{received}#{document}` |
//! | claim | `{tenant}#claims#{administration}#{contact}` | `{what is claimed}` |
//!
//! | index | partition | sort |
//! | --- | --- | --- |
//! | lists | `{tenant}#{administration}#{list}` | `{received}#{document}` |
//! | lists, what is ready for export or in a run | `{tenant}#{administration}#{list}` | `{date}#{contact}#{number}#{document}` |
//! | units | `{tenant}#{unit}` | `{due}#{document}` |
//! | transit | `{shard}` | `{since}#{tenant}#{document}` |

use crate::{
    item::{Key, from_sortable, sortable},
    schema::SHARDS,
};
use domain::{
    document::{Document, List, UnitId},
    ids::{AdministrationId, ContactId, DocumentId, Id as _, TenantId, TurnDocument},
    ledger::NormalisedNumber,
    sales::Issued,
    time::Instant,
};

pub(crate) const HEAD: &str = "head";
pub(crate) const SOURCE: &str = "o#s";
pub(crate) const FIELDS: &str = "o#f";
const LAST_FILE: &str = "o#~";
pub(crate) const CONTENT: &str = "c#";
pub(crate) const TRACE: &str = "t#";
pub(crate) const HISTORY: &str = "h#";
/// What of the document was counted.
pub(crate) const COUNTED: &str = "counted";

pub(crate) fn partition(tenant: TenantId, document: DocumentId) -> String {
    format!("{tenant}#{document}")
}

/// The tenant and document of a partition.
pub(crate) fn of_partition(pk: &str) -> Option<(TenantId, DocumentId)> {
    let (tenant, document) = pk.split_once('#')?;
    Some((tenant.parse().ok()?, document.parse().ok()?))
}

pub(crate) fn head(tenant: TenantId, document: DocumentId) -> Key {
    Key::new(partition(tenant, document), HEAD)
}

pub(crate) fn source(tenant: TenantId, document: DocumentId) -> Key {
    Key::new(partition(tenant, document), SOURCE)
}

pub(crate) fn fields(tenant: TenantId, document: DocumentId) -> Key {
    Key::new(partition(tenant, document), FIELDS)
}

/// Sorts after every file.
pub(crate) fn last_file(tenant: TenantId, document: DocumentId) -> Key {
    Key::new(partition(tenant, document), LAST_FILE)
}

pub(crate) fn content(tenant: TenantId, document: DocumentId, version: u32) -> Key {
    Key::new(partition(tenant, document), format!("{CONTENT}{version:06}"))
}

pub(crate) fn trace(tenant: TenantId, document: DocumentId, version: u32) -> Key {
    Key::new(partition(tenant, document), format!("{TRACE}{version:06}"))
}

pub(crate) fn history(tenant: TenantId, document: DocumentId, version: u32, at: Instant) -> Key {
    Key::new(partition(tenant, document), format!("{HISTORY}{version:06}#{}", sortable(at)))
}

pub(crate) fn counted(tenant: TenantId, document: DocumentId) -> Key {
    Key::new(partition(tenant, document), COUNTED)
}

/// The partition of the archived documents of a contact.
pub(crate) fn archived(tenant: TenantId, administration: AdministrationId, contact: ContactId) -> String {
    format!("{tenant}#{administration}#{contact}")
}

/// The version in the sort key of content and traces.
pub(crate) fn version_of(sk: &str) -> Option<u32> {
    sk.split('#').nth(1)?.parse().ok()
}

pub(crate) fn claims(tenant: TenantId, administration: AdministrationId, contact: ContactId) -> String {
    format!("{tenant}#claims#{administration}#{contact}")
}

fn list_name(list: List) -> &'static str {
    match list {
        List::Intake => "intake",
        List::Overview => "overview",
        List::Archive => "archive",
        List::Ready => "ready",
        List::Exporting => "exporting",
    }
}

pub(crate) fn list(tenant: TenantId, administration: AdministrationId, list: List) -> String {
    format!("{tenant}#{administration}#{}", list_name(list))
}

pub(crate) fn list_entry(received_at: Instant, document: DocumentId) -> String {
    format!("{}#{document}", sortable(received_at))
}

/// What is ready for export stands in the order in which files have it: date, supplier or customer, number. What is cut or
/// missing is settled by the document's id.
pub(crate) fn export_entry(document: &Document) -> String {
    let date = document.issue_date.map(|date| date.to_string()).unwrap_or_default();
    let contact = document.contact.map(|contact| contact.to_string()).unwrap_or_default();
    let number = document.number.as_deref().map(|number| NormalisedNumber::of(number).as_str().replace('#', " "));
    format!("{date}#{contact}#{}#{}", number.unwrap_or_default(), document.id)
}

/// The document of a list's entry.
pub(crate) fn of_list_entry(entry: &str) -> Option<DocumentId> {
    entry.split('#').nth(1)?.parse().ok()
}

pub(crate) fn unit(tenant: TenantId, unit: &UnitId) -> String {
    format!("{tenant}#{unit}")
}

pub(crate) fn unit_entry(due: Instant, document: TurnDocument) -> String {
    format!("{}#{document}", sortable(due))
}

/// The entry of an issued document. Those that are due at the same instant go by their dates: so a ledger that numbers, numbers them.
pub(crate) fn issued_entry(due: Instant, issued: &Issued) -> String {
    format!("{}#{}.{}#{}", sortable(due), issued.issue_date, sortable(issued.issued_at), issued.id)
}

/// The instant and the document of a unit's entry.
pub(crate) fn of_unit_entry(entry: &str) -> Option<(Instant, TurnDocument)> {
    let (due, rest) = entry.split_once('#')?;
    let document = rest.rsplit_once('#').map_or(rest, |(_, document)| document);
    Some((from_sortable(due)?, document.parse().ok()?))
}

/// Sorts after every entry that is due at this instant.
pub(crate) fn unit_entries_until(due: Instant) -> String {
    format!("{}#~", sortable(due))
}

/// The instant at the beginning of an index's sort key.
pub(crate) fn instant_of(entry: &str) -> Option<Instant> {
    from_sortable(entry.split('#').next()?)
}

/// The partition of the transit index in which a document is: its random part spreads them.
pub(crate) fn transit_shard(document: DocumentId) -> String {
    (document.ulid().0 % u128::from(SHARDS)).to_string()
}

pub(crate) fn transit_entry(since: Instant, tenant: TenantId, document: DocumentId) -> String {
    format!("{}#{tenant}#{document}", sortable(since))
}

pub(crate) fn transit_entries_until(since: Instant) -> String {
    format!("{}#~", sortable(since))
}
