//! Settings: what a tenant has configured. Every change is one transaction with its entry in the audit record.

mod audit;
mod connections;
mod contacts;
mod deletion;
mod directories;
mod entity;
mod facilities;
mod invoicing;
pub(crate) mod keys;
mod mail;
mod office;
mod preferences;
mod rules;
mod templates;
mod users;

pub use audit::{Audit, AuditEntry, AuditFilter};
pub use connections::{Administrations, AutomationFacts, Connections};
pub use contacts::{ContactError, Contacts, Found};
pub use deletion::Deletions;
pub use directories::{Directories, Directory};
pub(crate) use entity::page;
pub use entity::{Author, Versioned};
pub use facilities::{Facilities, FacilityError};
pub use invoicing::InvoicingSettings;
pub use mail::{MailConnections, MailPackages, MailSettings};
pub use office::Office;
pub use preferences::Preferences;
pub use rules::{NamedRule, RuleHistory, RuleVersion, Rules};
pub use templates::Templates;
pub use users::{LastSuperuser, LoginSubject, UserError, Users};
