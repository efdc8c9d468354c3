//! Export facilities. That one at most is active, and when its job runs next, is written together with the facility itself.

use super::{
    audit::AuditEntry,
    entity::{Author, all, audited, item_of, next, put},
    keys,
};
use crate::{
    ErrorKind, Read, StoreError, Tables,
    expression::Expression,
    item::{Fields, decode, text},
    runs::due_job_write,
    schema::WRITER,
    table::{Table, Write},
    transaction::{Outcome, transact_across},
};
use domain::{
    export::{Facility, FacilityState},
    ids::{AdministrationId, FacilityId, TenantId},
    time::Instant,
};
use std::sync::Arc;

const FACILITY: &str = "facility";

/// Why a facility was not stored.
#[derive(Debug, thiserror::Error)]
pub enum FacilityError {
    /// Another facility of the administration is active (EX-4).
    #[error("the facility {0} is active: deactivate it first")]
    OtherActive(FacilityId),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The export facilities of an administration.
#[derive(Debug, Clone)]
pub struct Facilities {
    tables: Arc<Tables>,
    tenant: TenantId,
    administration: AdministrationId,
    books: String,
}

impl Facilities {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, administration, books: keys::books(tenant, administration) }
    }

    /// The one with this id.
    pub async fn get(&self, id: FacilityId, read: Read) -> Result<Option<Facility>, StoreError> {
        const OPERATION: &str = "facilities.get";
        let item = self.tables.settings.get(OPERATION, &keys::facility(&self.books, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// All, in the order in which they were made: a legal entity has a handful.
    pub async fn all(&self) -> Result<Vec<Facility>, StoreError> {
        all(&self.tables.settings, "facilities.all", &self.books, keys::FACILITY).await
    }

    /// Puts a new draft.
    pub async fn create(&self, facility: &Facility, author: &Author<'_>) -> Result<(), FacilityError> {
        self.put(("facilities.create", "facility.created"), None, Some(facility), author).await
    }

    /// Puts an edited one in place of the one that was read; what is active and when its job runs goes with it. `event` is what
    /// the audit record calls it: `facility.activated`.
    pub async fn replace(
        &self,
        before: &Facility,
        after: &Facility,
        event: &str,
        author: &Author<'_>,
    ) -> Result<(), FacilityError> {
        const OPERATION: &str = "facilities.replace";
        next(OPERATION, before.version, after.version)?;
        self.put((OPERATION, event), Some(before), Some(after), author).await
    }

    /// Deletes one that is not active.
    pub async fn delete(&self, before: &Facility, author: &Author<'_>) -> Result<(), FacilityError> {
        self.put(("facilities.delete", "facility.deleted"), Some(before), None, author).await
    }

    async fn put(
        &self,
        (operation, event): (&'static str, &str),
        before: Option<&Facility>,
        after: Option<&Facility>,
        author: &Author<'_>,
    ) -> Result<(), FacilityError> {
        let Some(either) = after.or(before) else { return Ok(()) };
        let key = keys::facility(&self.books, either.id);
        let was = before.map(|before| before.version);
        let item = match after {
            Some(after) => put(item_of(operation, &key, after, after.version, author.writer)?, was),
            None => {
                let unchanged = Expression::new("#version = :before");
                let unchanged = unchanged.with("before", crate::item::number(was.unwrap_or_default()));
                Write::Delete { key, condition: Some(unchanged) }
            }
        };
        let settings = &self.tables.settings;
        let mut writes: Vec<(&Table, Write)> = vec![(settings, item)];
        let is_active = |facility: Option<&Facility>| facility.is_some_and(|it| it.state == FacilityState::Active);
        let own = text(either.id.to_string());
        let marker = keys::active_facility(&self.books);
        match (is_active(before), is_active(after)) {
            (_, true) => {
                let mut item = marker.item();
                item.insert(FACILITY.to_owned(), own.clone());
                item.insert(WRITER.to_owned(), text(author.writer.as_str()));
                let free = Expression::new("attribute_not_exists(#pk) OR #facility = :own").with("own", own);
                writes.push((settings, Write::Put { item, condition: Some(free) }));
            }
            (true, false) => {
                let ours = Expression::new("attribute_not_exists(#pk) OR #facility = :own").with("own", own);
                writes.push((settings, Write::Delete { key: marker, condition: Some(ours) }));
            }
            (false, false) => {}
        }
        let due = |facility: Option<&Facility>, now: Instant| facility.and_then(|facility| facility.next_run(now));
        let (had, has) = (before.is_some_and(|before| before.job.is_some()), due(after, author.at));
        if had || has.is_some() {
            let write = due_job_write(self.tenant, self.administration, either.id, has, None);
            writes.push((&self.tables.runs, write));
        }
        let entry = AuditEntry {
            at: author.at,
            by: author.by.clone(),
            what: event.to_owned(),
            subject: either.id.to_string(),
            before: before.map(|before| audited(operation, before)).transpose()?,
            after: after.map(|after| audited(operation, after)).transpose()?,
        };
        writes.extend(entry.writes(operation, self.tenant, author.writer)?.into_iter().map(|write| (settings, write)));
        let version = after.map_or(0, |after| after.version);
        let what = format!("{} {event} {} {version} {}", self.tenant, either.id, author.at.timestamp_millis());
        let refusals = match transact_across(settings, operation, &what, author.writer, writes).await? {
            Outcome::Done => return Ok(()),
            Outcome::Refused(refusals) if refusals.is_own(0, author.writer) => return Ok(()),
            Outcome::Refused(refusals) => refusals,
        };
        if !refusals.is_refused(0)
            && let Some(there) = refusals.item(1)
            && let Some(other) = Fields::of(operation, there).parsed::<FacilityId>(FACILITY)?
            && other != either.id
        {
            return Err(FacilityError::OtherActive(other));
        }
        let gone = before.is_some() && refusals.is_refused(0) && refusals.item(0).is_none();
        let (kind, detail) = if gone {
            (ErrorKind::NotFound, format!("there is no {}", either.id))
        } else {
            (ErrorKind::Conflict, format!("{} was changed by somebody else", either.id))
        };
        Err(StoreError::new(kind, operation, detail).into())
    }
}
