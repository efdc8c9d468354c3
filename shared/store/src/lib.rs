//! What Ledgerpost keeps: repositories for its three DynamoDB tables and its bucket.
//!
//! Everything of a tenant is reached through a [`TenantStore`], so that no call can forget whose data it is about; every
//! key begins with the tenant. What needs all tenants (stuck documents, units with work, tokens to be kept alive) goes
//! through [`SystemStore`], which returns ids only. What all tenants share, the credits of our apps at ledgers, is counted there.
//!
//! Conditional writes bear a [`Writer`]; see there how a retried write recognises itself. Only this crate names an
//! attribute or an index. The keys of each table stand in one place: [`document`], [`settings`] and [`runs`];
//! [`figures`] count over all three.

mod blob;
mod cursor;
mod erasure;
mod error;
mod expression;
mod item;
mod meter;
mod objects;
mod schema;
mod table;
mod transaction;
mod writer;

pub mod document;
pub mod figures;
pub mod mail;
pub mod runs;
pub mod sales;
pub mod settings;
#[cfg(feature = "testing")]
pub mod testing;

pub use cursor::{Cursor, Listed};
pub use erasure::{Eraser, Part, Wiped};
pub use error::{ErrorKind, StoreError};
pub use item::size_of_item;
pub use meter::{Cost, Meter};
pub use objects::{Download, PRESIGNED_SECONDS_MAX, PresignedUrl, S3};
pub use table::Read;
pub use writer::{WRITER_BYTES_MAX, Writer};

use domain::ids::{AdministrationId, TenantId};
use objects::Objects;
use schema::{DOCUMENTS, RUNS, SETTINGS};
use std::sync::Arc;
use table::Table;

/// The names of tables, from a function's settings. A function that has no business with one leaves it empty;
/// using it then is an error of kind [`ErrorKind::Bug`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Table of documents.
    pub documents: String,
    /// Table of settings.
    pub settings: String,
    /// Table of units, credentials and tasks.
    pub runs: String,
}

impl Names {
    /// Those of a function that works with all of them, by the names that its settings have.
    pub fn all<E>(setting: impl Fn(&'static str) -> Result<String, E>) -> Result<Self, E> {
        Ok(Self {
            documents: setting("LEDGERPOST_DOCUMENTS_TABLE")?,
            settings: setting("LEDGERPOST_SETTINGS_TABLE")?,
            runs: setting("LEDGERPOST_RUNS_TABLE")?,
        })
    }
}

/// Tables and bucket of one function.
#[derive(Debug)]
pub(crate) struct Tables {
    documents: Table,
    settings: Table,
    runs: Table,
    objects: Objects,
}

/// The store. Cheap to clone; made once, when a function starts.
#[derive(Debug, Clone)]
pub struct Store {
    tables: Arc<Tables>,
}

impl Store {
    /// The store behind these clients.
    pub fn new(dynamodb: aws_sdk_dynamodb::Client, s3: Option<S3>, names: Names, meter: Meter) -> Self {
        let tables = Tables {
            documents: Table::new(dynamodb.clone(), names.documents, &DOCUMENTS, meter.clone()),
            settings: Table::new(dynamodb.clone(), names.settings, &SETTINGS, meter.clone()),
            runs: Table::new(dynamodb, names.runs, &RUNS, meter.clone()),
            objects: Objects::new(s3, meter),
        };
        Self { tables: Arc::new(tables) }
    }

    /// Everything of one tenant.
    pub fn tenant(&self, tenant: TenantId) -> TenantStore {
        TenantStore { tables: self.tables.clone(), tenant }
    }

    /// What is needed across tenants.
    pub fn system(&self) -> SystemStore {
        SystemStore { tables: self.tables.clone() }
    }
}

/// What one tenant has. Each method gives a narrow repository; all are cheap.
#[derive(Debug, Clone)]
pub struct TenantStore {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl TenantStore {
    /// Whose it is.
    pub fn id(&self) -> TenantId {
        self.tenant
    }

    /// Documents: heads, content, traces, history, files.
    pub fn documents(&self) -> document::Documents {
        document::Documents::new(self.tables.clone(), self.tenant)
    }

    /// Claims on invoice numbers and amounts, by which duplicates are found.
    pub fn claims(&self) -> document::Claims {
        document::Claims::new(self.tables.clone(), self.tenant)
    }

    /// The tenant's own record.
    pub fn office(&self) -> settings::Office {
        settings::Office::new(self.tables.clone(), self.tenant)
    }

    /// Users.
    pub fn users(&self) -> settings::Users {
        settings::Users::new(self.tables.clone(), self.tenant)
    }

    /// What users chose to see.
    pub fn preferences(&self) -> settings::Preferences {
        settings::Preferences::new(self.tables.clone(), self.tenant)
    }

    /// Administrations.
    pub fn administrations(&self) -> settings::Administrations {
        settings::Administrations::new(self.tables.clone(), self.tenant)
    }

    /// Connections to ledgers.
    pub fn connections(&self) -> settings::Connections {
        settings::Connections::new(self.tables.clone(), self.tenant)
    }

    /// Suppliers and customers of an administration, and their posting templates' companion look-ups.
    pub fn contacts(&self, administration: AdministrationId) -> settings::Contacts {
        settings::Contacts::new(self.tables.clone(), self.tenant, administration)
    }

    /// Posting templates of an administration.
    pub fn templates(&self, administration: AdministrationId) -> settings::Templates {
        settings::Templates::new(self.tables.clone(), self.tenant, administration)
    }

    /// Automation rules of an administration.
    pub fn rules(&self, administration: AdministrationId) -> settings::Rules {
        settings::Rules::new(self.tables.clone(), self.tenant, administration)
    }

    /// Export facilities of an administration.
    pub fn facilities(&self, administration: AdministrationId) -> settings::Facilities {
        settings::Facilities::new(self.tables.clone(), self.tenant, administration)
    }

    /// Orders of an administration, and what is issued from them.
    pub fn orders(&self, administration: AdministrationId) -> sales::Orders {
        sales::Orders::new(self.tables.clone(), self.tenant, administration)
    }

    /// Issued documents, on their way to a ledger and there.
    pub fn issued(&self) -> sales::IssuedRepository {
        sales::IssuedRepository::new(self.tables.clone(), self.tenant)
    }

    /// Forwardings of issued documents to marketplaces, and addresses of documents.
    pub fn forwardings(&self) -> sales::Forwardings {
        sales::Forwardings::new(self.tables.clone(), self.tenant)
    }

    /// Runs of order rules, and the mails that they ask for.
    pub fn order_runs(&self) -> sales::OrderRuns {
        sales::OrderRuns::new(self.tables.clone(), self.tenant)
    }

    /// Mail packages of the office.
    pub fn mail_packages(&self) -> settings::MailPackages {
        settings::MailPackages::new(self.tables.clone(), self.tenant)
    }

    /// Mail connections of an administration, and its suspended addresses.
    pub fn mail_connections(&self, administration: AdministrationId) -> settings::MailConnections {
        settings::MailConnections::new(self.tables.clone(), self.tenant, administration)
    }

    /// Deliveries by mail.
    pub fn deliveries(&self) -> mail::Deliveries {
        mail::Deliveries::new(self.tables.clone(), self.tenant)
    }

    /// On which days an administration's mail connections sent something.
    pub fn mail_flow(&self, administration: AdministrationId) -> mail::MailFlow {
        mail::MailFlow::new(self.tables.clone(), self.tenant, administration)
    }

    /// Runs of an administration that pass in bulk.
    pub fn pass_runs(&self, administration: AdministrationId) -> sales::PassRuns {
        sales::PassRuns::new(self.tables.clone(), self.tenant, administration)
    }

    /// Numbering series of an administration, and its settings for the ledger that gets its issued documents.
    pub fn invoicing(&self, administration: AdministrationId) -> settings::InvoicingSettings {
        settings::InvoicingSettings::new(self.tables.clone(), self.tenant, administration)
    }

    /// Export runs of an administration.
    pub fn exports(&self, administration: AdministrationId) -> runs::Exports {
        runs::Exports::new(self.tables.clone(), self.tenant, administration)
    }

    /// What is counted of an administration's documents.
    pub fn figures(&self, administration: AdministrationId) -> figures::Figures {
        figures::Figures::new(self.tables.clone(), self.tenant, administration)
    }

    /// Snapshots of what ledgers list.
    pub fn directories(&self) -> settings::Directories {
        settings::Directories::new(self.tables.clone(), self.tenant)
    }

    /// The record of every change of a setting.
    pub fn audit(&self) -> settings::Audit {
        settings::Audit::new(self.tables.clone(), self.tenant)
    }

    /// The deletion of the tenant.
    pub fn deletion(&self) -> settings::Deletions {
        settings::Deletions::new(self.tables.clone(), self.tenant)
    }

    /// Exports and erasures.
    pub fn jobs(&self) -> runs::Jobs {
        runs::Jobs::new(self.tables.clone(), self.tenant)
    }

    /// Erases what the tenant has.
    pub fn eraser(&self) -> Eraser {
        Eraser::new(self.tables.clone(), self.tenant)
    }

    /// Leases and memory of ledger units.
    pub fn units(&self) -> runs::Units {
        runs::Units::new(self.tables.clone(), self.tenant)
    }

    /// Sealed tokens of connections.
    pub fn credentials(&self) -> runs::Credentials {
        runs::Credentials::new(self.tables.clone(), self.tenant)
    }

    /// Tasks at ledgers.
    pub fn tasks(&self) -> runs::Tasks {
        runs::Tasks::new(self.tables.clone(), self.tenant)
    }

    /// Consents under way at ledgers.
    pub fn oauth_states(&self) -> runs::OauthStates {
        runs::OauthStates::new(self.tables.clone(), self.tenant)
    }

    /// Answers to requests that may be repeated.
    pub fn idempotency(&self) -> runs::Idempotency {
        runs::Idempotency::new(self.tables.clone(), self.tenant)
    }
}

/// What is needed across tenants: ids and counts, nothing else.
#[derive(Debug, Clone)]
pub struct SystemStore {
    tables: Arc<Tables>,
}
