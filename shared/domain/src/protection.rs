//! Protection of what a tenant has entrusted: how long records are kept, when and by whom a tenant is deleted, what erasing a person
//! means, and the work that follows from it.

use crate::{
    document::{List, Status},
    ids::{JobId, UserId},
    office::{Choice, User, UserState},
    reason::Reason,
    time::{Date, Instant},
};
use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long an invoice has to be kept somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Country, two letters.
    pub country: &'static str,
    /// Whole years, counted from the end of a calendar year.
    pub years: i32,
    /// So many calendar years after the one in which the invoice came does the count begin.
    pub begins_after: i32,
}

const fn kept(country: &'static str, years: i32) -> Retention {
    Retention { country, years, begins_after: 0 }
}

/// Retention of invoices by country of the ledger's licence. These are **assumptions that a lawyer of the operator has to verify**
/// before they are relied upon; each row names what it stands on:
///
/// - AT 7 years, section 132 BAO
/// - BE 10 years, article 60 of the VAT code (invoices since 2023; 7 before)
/// - DE 8 years for vouchers, section 147 AO and 14b `UStG` as changed from 2025 on (books and accounts: 10)
/// - DK 5 years, section 12 of the bookkeeping act
/// - ES 6 years, article 30 of the commercial code
/// - FR 10 years, article L123-22 of the commercial code
/// - GB 6 years, HMRC notice 700/21
/// - IT 10 years, article 2220 of the civil code
/// - LU 10 years, article 16 of the commercial code
/// - NL 7 years, article 52 AWR (immovable property: 10)
/// - PL 5 years from the end of the year in which the tax fell due, article 86 of the tax ordinance: counted from the year after
/// - SE 7 years, chapter 7 of the bookkeeping act
pub const RETENTION: &[Retention] = &[
    kept("AT", 7),
    kept("BE", 10),
    kept("DE", 8),
    kept("DK", 5),
    kept("ES", 6),
    kept("FR", 10),
    kept("GB", 6),
    kept("IT", 10),
    kept("LU", 10),
    kept("NL", 7),
    Retention { country: "PL", years: 5, begins_after: 1 },
    kept("SE", 7),
];

/// Where nothing is known about the country: as long as anywhere.
const RETENTION_ELSEWHERE: Retention = Retention { country: "", years: 10, begins_after: 0 };

/// The first day on which an invoice that came on this day may be erased. Without a known country the longest retention holds.
pub fn erasable_from(country: Option<&str>, received: Date) -> Date {
    let known = country.and_then(|country| RETENTION.iter().find(|retention| retention.country == country));
    let Retention { years, begins_after, .. } = *known.unwrap_or(&RETENTION_ELSEWHERE);
    let year = received.year().saturating_add(years).saturating_add(begins_after).saturating_add(1);
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX)
}

impl Status {
    /// Whether a document in this state is a record that retention binds: everything that was ever tagged as purchase or sales
    /// and not rejected back to what was merely delivered.
    pub fn is_bound_by_retention(self) -> bool {
        match self {
            Self::Received | Self::Deleted => false,
            Self::Tagged
            | Self::Complete
            | Self::Incomplete
            | Self::Unreadable
            | Self::Posting
            | Self::Posted
            | Self::Rejected
            | Self::Uncertain
            | Self::Archived
            | Self::Ready
            | Self::Exporting
            | Self::Exported
            | Self::Shared => true,
        }
    }
}

/// A request to delete a tenant is good for so long.
pub const REQUEST_LIFE: TimeDelta = TimeDelta::days(14);
/// Who is the only Superuser confirms his own request after so long at the earliest.
pub const OWN_CONFIRMATION_AFTER: TimeDelta = TimeDelta::hours(24);
/// Between the confirmation and the first erasure; until then it can be cancelled.
pub const GRACE: TimeDelta = TimeDelta::days(30);

/// The deletion of a tenant, asked for and perhaps confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Instant,
    /// Digest of the token that was shown once.
    pub token: String,
    /// How far it has come.
    pub stage: DeletionStage,
    /// Counts changes, from 1.
    pub version: u32,
}

/// How far the deletion of a tenant has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum DeletionStage {
    /// Waits for the confirmation; nothing has changed.
    Requested,
    /// The tenant is closed: nothing comes in, nothing is posted. It can be cancelled until erasing begins.
    Confirmed {
        /// By whom.
        by: UserId,
        /// When.
        at: Instant,
        /// The work that does it.
        job: JobId,
    },
    /// Erasing has begun: it goes on to its end.
    Erasing {
        /// When it began.
        since: Instant,
        /// Until then documents are kept because a law says so, when any are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept_until: Option<Date>,
        /// The work that does it.
        job: JobId,
    },
}

/// How many active Superusers a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Superusers {
    /// One.
    Only,
    /// More than one.
    Several,
}

/// A confirmation of a deletion.
#[derive(Debug, Clone, Copy)]
pub struct Confirmation<'a> {
    /// By whom.
    pub by: UserId,
    /// Digest of the token that he gave.
    pub token: &'a str,
    /// The name of the office as he typed it.
    pub name: &'a str,
    /// The name of the office.
    pub office: &'a str,
    /// How many Superusers there are.
    pub superusers: Superusers,
    /// Now.
    pub now: Instant,
    /// The work that is to do it.
    pub job: JobId,
}

/// Why a step of a deletion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeletionRefused {
    /// It was confirmed before.
    #[error("the deletion was confirmed already")]
    Confirmed,
    /// The request is too old.
    #[error("the request is older than 14 days: cancel it and ask for the deletion anew")]
    Lapsed,
    /// The token is another one.
    #[error("this is not the token of the request")]
    Token,
    /// The name is another one.
    #[error("the name of the office is written differently")]
    Name,
    /// Somebody else has to confirm.
    #[error("another Superuser has to confirm: you asked for it yourself")]
    AnotherSuperuser,
    /// It is the same person, too soon.
    #[error("as the only Superuser you can confirm at {0} at the earliest")]
    TooSoon(Instant),
    /// It can't be taken back any more.
    #[error("erasing has begun: it cannot be cancelled any more")]
    Erasing,
}

impl Deletion {
    /// Asked for; nothing has changed yet.
    pub fn requested(by: UserId, now: Instant, token: String) -> Self {
        Self { requested_by: by, requested_at: now, token, stage: DeletionStage::Requested, version: 1 }
    }

    fn next(&self, stage: DeletionStage) -> Self {
        Self { stage, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Confirms it: by a second Superuser, or, where there is none, by the same one after a day.
    pub fn confirmed(&self, by: Confirmation<'_>) -> Result<Self, DeletionRefused> {
        match self.stage {
            DeletionStage::Requested => {}
            DeletionStage::Confirmed { .. } => return Err(DeletionRefused::Confirmed),
            DeletionStage::Erasing { .. } => return Err(DeletionRefused::Erasing),
        }
        if by.now >= self.requested_at + REQUEST_LIFE {
            return Err(DeletionRefused::Lapsed);
        }
        if by.token != self.token {
            return Err(DeletionRefused::Token);
        }
        if by.name.trim() != by.office.trim() {
            return Err(DeletionRefused::Name);
        }
        if by.by == self.requested_by {
            let earliest = self.requested_at + OWN_CONFIRMATION_AFTER;
            match by.superusers {
                Superusers::Several => return Err(DeletionRefused::AnotherSuperuser),
                Superusers::Only if by.now < earliest => return Err(DeletionRefused::TooSoon(earliest)),
                Superusers::Only => {}
            }
        }
        Ok(self.next(DeletionStage::Confirmed { by: by.by, at: by.now, job: by.job }))
    }

    /// Whether it can be taken back.
    pub fn check_cancel(&self) -> Result<(), DeletionRefused> {
        match self.stage {
            DeletionStage::Requested | DeletionStage::Confirmed { .. } => Ok(()),
            DeletionStage::Erasing { .. } => Err(DeletionRefused::Erasing),
        }
    }

    /// Whether the tenant is closed: nothing is delivered, changed or posted.
    pub fn closes(&self) -> bool {
        match self.stage {
            DeletionStage::Requested => false,
            DeletionStage::Confirmed { .. } | DeletionStage::Erasing { .. } => true,
        }
    }

    /// When erasing begins, once it is confirmed.
    pub fn erases_at(&self) -> Option<Instant> {
        match self.stage {
            DeletionStage::Requested => None,
            DeletionStage::Confirmed { at, .. } => Some(at + GRACE),
            DeletionStage::Erasing { since, .. } => Some(since),
        }
    }

    /// Erasing begins, or goes on with what is kept now.
    #[must_use]
    pub fn erasing(&self, job: JobId, now: Instant, kept_until: Option<Date>) -> Self {
        let since = match self.stage {
            DeletionStage::Erasing { since, .. } => since,
            DeletionStage::Requested | DeletionStage::Confirmed { .. } => now,
        };
        self.next(DeletionStage::Erasing { since, kept_until, job })
    }
}

/// What stands in place of a person's name once it is erased. The id stays, so that history is still true.
pub fn pseudonym(user: UserId) -> String {
    let id = user.to_string();
    format!("Erased user {}", id.get(id.len().saturating_sub(6)..).unwrap_or_default())
}

/// What stands in place of a person's address: no mail can be sent to it.
pub fn pseudonymous_address(user: UserId) -> String {
    format!("{}@erased.invalid", user.to_string().to_lowercase())
}

/// The user without anything that tells who he is. Roles and access stay: who had which right is part of the record.
pub fn erased_user(user: &User) -> User {
    User {
        id: user.id,
        email: pseudonymous_address(user.id),
        name: pseudonym(user.id),
        roles: user.roles.clone(),
        access: user.access.clone(),
        ledger_users: BTreeMap::new(),
        may_change_ibans: Choice::No,
        state: UserState::Disabled,
        version: user.version.saturating_add(1),
    }
}

/// What is to be done about protection, in steps that may each be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "work")]
pub enum JobWork {
    /// Write everything of the tenant into archives.
    Export {
        /// How far it is.
        progress: Export,
    },
    /// Take a person's data out of the details of the audit record.
    ErasePerson {
        /// Whose; he is a pseudonym in the settings already.
        user: UserId,
    },
    /// Close the tenant, and erase it when its time has come.
    DeleteTenant {
        /// How far it is.
        progress: Erasure,
    },
}

impl JobWork {
    /// Stable word, as in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Export { .. } => "export",
            Self::ErasePerson { .. } => "erase_person",
            Self::DeleteTenant { .. } => "delete_tenant",
        }
    }
}

/// How far an export is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Where it goes on.
    pub place: ExportPlace,
    /// Archives that are written.
    #[serde(default)]
    pub parts: Vec<ExportPart>,
    /// What they hold, by kind.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
}

/// A place in an export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "place")]
pub enum ExportPlace {
    /// The tenant, users, connections, administrations.
    #[default]
    Office,
    /// Contacts, templates and rules of an administration.
    Books {
        /// Which, by its place in the tenant's list.
        administration: usize,
        /// Where the list goes on.
        #[serde(default)]
        cursor: Option<String>,
    },
    /// Documents of an administration.
    Documents {
        /// Which, by its place in the tenant's list.
        administration: usize,
        /// Which of its lists: 0 intake, 1 overview, 2 archive, 3 what waits for a ledger.
        list: usize,
        /// Where the list goes on.
        #[serde(default)]
        cursor: Option<String>,
    },
    /// Orders of an administration and what was issued from them.
    Sales {
        /// Which, by its place in the tenant's list.
        administration: usize,
        /// Which of its lists.
        list: SalesList,
        /// Where the list goes on.
        #[serde(default)]
        cursor: Option<String>,
    },
    /// The audit record.
    Audit {
        /// Where it goes on.
        #[serde(default)]
        cursor: Option<String>,
    },
    /// Everything is written.
    End,
}

/// A list of what an administration sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalesList {
    /// Settings, and orders.
    Orders,
    /// Issued documents that are not in a ledger.
    Unpassed,
    /// Issued documents that are, or stay here.
    Settled,
}

/// An archive of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPart {
    /// Counted from 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// How far the erasure of a tenant is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Erasure {
    /// Switch off, forget tokens, close logins.
    #[default]
    Close,
    /// Waits: it can be cancelled.
    Grace,
    /// Users become pseudonyms.
    Persons,
    /// Those who were deleted before become pseudonyms in the audit record.
    Deleted {
        /// Where the audit record goes on.
        #[serde(default)]
        cursor: Option<String>,
    },
    /// Documents that no law keeps go.
    Documents {
        /// Administration, by its place in the tenant's list.
        administration: usize,
        /// Which of its lists.
        list: usize,
        /// Where the list goes on.
        #[serde(default)]
        cursor: Option<String>,
        /// Until when the ones that were passed have to be kept, at the least.
        #[serde(default)]
        kept_until: Option<Date>,
    },
    /// No document is kept any more: everything else goes.
    Wipe {
        /// 0 documents, 1 settings, 2 runs, then the bucket.
        store: usize,
        /// Where it goes on.
        #[serde(default)]
        cursor: Option<String>,
    },
}

impl Erasure {
    /// Stable word, as the operator sees it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Grace => "grace",
            Self::Persons | Self::Deleted { .. } => "persons",
            Self::Documents { .. } => "documents",
            Self::Wipe { .. } => "wipe",
        }
    }
}

/// The lists in which the documents of an administration are found, one after another.
pub const LISTS: [List; 5] = [List::Intake, List::Overview, List::Archive, List::Ready, List::Exporting];

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum JobState {
    /// There is more to do.
    Open,
    /// Done.
    Done {
        /// When.
        at: Instant,
        /// What was done, and what was kept and why.
        report: Vec<Reason>,
    },
}

/// Work about protection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Id.
    pub id: JobId,
    /// What is to be done, and how far it is.
    pub work: JobWork,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Instant,
    /// Not before then.
    pub due: Instant,
    /// How far it has come.
    pub state: JobState,
    /// Counts steps, from 1.
    pub version: u32,
}

impl Job {
    /// A new one, due at once.
    pub fn new(id: JobId, work: JobWork, by: UserId, now: Instant) -> Self {
        Self { id, work, requested_by: by, requested_at: now, due: now, state: JobState::Open, version: 1 }
    }

    /// After a step.
    #[must_use]
    pub fn stepped(&self, work: JobWork, due: Instant) -> Self {
        Self { work, due, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// After the last step.
    #[must_use]
    pub fn done(&self, at: Instant, report: Vec<Reason>) -> Self {
        Self { state: JobState::Done { at, report }, version: self.version.saturating_add(1), ..self.clone() }
    }
}

/// What stays of a tenant: that it was, and that it is gone. It names no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// When its deletion was confirmed.
    pub requested_at: Instant,
    /// When nothing was left.
    pub erased_at: Instant,
}

#[cfg(test)]
#[path = "protection_tests.rs"]
mod tests;
