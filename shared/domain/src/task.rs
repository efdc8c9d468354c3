//! Tasks: work at a ledger that somebody asked for through the API. The API never calls a ledger; a unit's turn does.

use crate::{
    document::UnitId,
    ids::{AdministrationId, ContactId, DocumentId, IssuedId, RunId, TaskId, UserId},
    ledger::{Direction, DirectoryKind},
    reason::Reason,
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Work {
    /// Exchange what a person gave for tokens, learn who is connected and which divisions there are.
    Connect {
        /// The code of a consent, or what was typed in, encrypted for the connection.
        #[serde(alias = "sealed_code")]
        sealed: String,
        /// The address to which the ledger sent the code; empty for what was typed in.
        redirect_uri: String,
    },
    /// Fetch a directory of the unit anew.
    Directory {
        /// Which.
        directory: DirectoryKind,
    },
    /// Make contacts of an administration from the ledger's suppliers or customers.
    ImportContacts {
        /// For this administration.
        administration: AdministrationId,
        /// Suppliers or customers.
        direction: Direction,
    },
    /// Bring the ledger's posting rule of a contact's relation in line with the contact's posting template, as that is then
    /// (AP-40).
    Template {
        /// Of this administration.
        administration: AdministrationId,
        /// Whose.
        contact: ContactId,
    },
    /// Bring posting templates and the ledger's posting rules together (AP-40).
    SyncTemplates {
        /// For this administration.
        administration: AdministrationId,
        /// Suppliers or customers.
        direction: Direction,
    },
    /// Ask the ledger whether it has an uncertain document.
    CheckDocument {
        /// Which.
        document: DocumentId,
    },
    /// Take the export of a document back, unless the ledger has it.
    RevertExport {
        /// Which.
        document: DocumentId,
        /// Of this run.
        run: RunId,
        /// Why.
        reason: String,
    },
    /// Fetch the ledger's copy of an issued document (CO-31).
    FetchCopy {
        /// Which.
        issued: IssuedId,
        /// What of it.
        fetch: Fetch,
    },
    /// Pass everything of an administration that is not in the ledger yet (CO-32): the run has the task's id.
    PassInBulk {
        /// Whose documents.
        administration: AdministrationId,
    },
    /// Forward an issued document to the marketplace of its order (CO-13).
    Forward {
        /// Which.
        issued: IssuedId,
    },
    /// Ask the ledger whether it has an uncertain issued document.
    CheckIssued {
        /// Which.
        issued: IssuedId,
    },
}

/// What is fetched of the ledger's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fetch {
    /// The PDF alone: everything else was in the answer when it was passed.
    Pdf,
    /// Number, page and state as well.
    All,
}

/// How far a task has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TaskState {
    /// Waits for the unit's turn.
    Open,
    /// Done.
    Done {
        /// What came of it, in words.
        summary: String,
        /// When.
        at: Instant,
    },
    /// It will not be tried again.
    Failed {
        /// Why, and what to do.
        error: Reason,
        /// When.
        at: Instant,
    },
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Id.
    pub id: TaskId,
    /// The unit whose turn does it.
    pub unit: UnitId,
    /// What is to be done.
    pub work: Work,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Instant,
    /// Not before then: later than `requested_at` after a failed attempt.
    pub due: Instant,
    /// How often it was tried.
    pub attempts: u32,
    /// How far it has come.
    pub state: TaskState,
}
