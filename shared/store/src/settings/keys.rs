//! Keys of the table of settings. Nothing else formats one.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | the tenant | `{tenant}` | `tenant` |
//! | user | same | `user#{user}` |
//! | whose a login is | same | `login#{subject}` |
//! | whose an e-mail address is | same | `email#{address}` |
//! | who the active Superusers are | same | `superusers` |
//! | what a user chose to see | same | `preferences#{user}` |
//! | administration | same | `administration#{administration}` |
//! | administration that was deleted | same | `removed#administration#{administration}` |
//! | connection | same | `connection#{connection}` |
//! | directory of a ledger | same | `directory#{unit}#{kind}` |
//! | contact | `{tenant}#{administration}` | `contact#{contact}` |
//! | whose a match key is | same | `match#{direction}#{kind}#{text}` |
//! | posting template | same | `template#{contact}` |
//! | whether rules are suspended | same | `rule#{contact}#template` |
//! | automation rule | same | `rule#{contact}#{rule}` |
//! | whose a rule is | same | `ruleof#{rule}` |
//! | version of a rule | same | `rulev#{contact}#{rule}#{version}` |
//! | export facility | same | `facility#{facility}` |
//! | which facility is active | same | `activefacility` |
//! | numbering series | same | `series#{series}` |
//! | ledger for issued documents | same | `connector` |
//! | who sells | same | `seller` |
//! | marketplace of orders | same | `marketplace#{source}` |
//! | order rule | same | `orderrule#{rule}` |
//! | mail connection | same | `mailto#c#{connection}` |
//! | what mails to customers say | same | `mailto#t` |
//! | suspended address | same | `mailto#s#{address}` |
//! | mail package | `{tenant}` | `mailpackage#{package}` |
//! | deletion of the tenant | `{tenant}` | `deletion` |
//! | what stays of an erased tenant | `erased#{tenant}` | `tombstone` |
//! | audit entry | `{tenant}#audit` | `{instant}#{mark}` |
//! | its details | `{tenant}#audited#{subject}` | same |

use crate::item::{Key, sortable};
use domain::{
    contact::MatchKey,
    document::UnitId,
    ids::{
        AdministrationId, ConnectionId, ContactId, FacilityId, MailConnectionId, OrderRuleId, PackageId, RuleId,
        SeriesId, TenantId, UserId,
    },
    ledger::{Direction, DirectoryKind},
    mail::EmailAddress,
    sales::OrderSource,
    time::Instant,
};

pub(crate) const USER: &str = "user#";
pub(crate) const ADMINISTRATION: &str = "administration#";
pub(crate) const CONNECTION: &str = "connection#";
pub(crate) const CONTACT: &str = "contact#";
pub(crate) const TEMPLATE: &str = "template#";
pub(crate) const RULE: &str = "rule#";
const RULES_TEMPLATE: &str = "template";

pub(crate) fn tenant(tenant: TenantId) -> Key {
    Key::new(tenant.to_string(), "tenant")
}

pub(crate) fn user(tenant: TenantId, user: UserId) -> Key {
    Key::new(tenant.to_string(), format!("{USER}{user}"))
}

pub(crate) fn preferences(tenant: TenantId, user: UserId) -> Key {
    Key::new(tenant.to_string(), format!("preferences#{user}"))
}

/// What whose-a-login-is items begin with.
pub(crate) const LOGIN: &str = "login#";

pub(crate) fn login(tenant: TenantId, subject: &str) -> Key {
    Key::new(tenant.to_string(), format!("{LOGIN}{subject}"))
}

/// Addresses are compared without regard to case.
pub(crate) fn email(tenant: TenantId, address: &str) -> Key {
    Key::new(tenant.to_string(), format!("email#{}", address.trim().to_lowercase()))
}

pub(crate) fn superusers(tenant: TenantId) -> Key {
    Key::new(tenant.to_string(), "superusers")
}

pub(crate) fn administration(tenant: TenantId, administration: AdministrationId) -> Key {
    Key::new(tenant.to_string(), format!("{ADMINISTRATION}{administration}"))
}

pub(crate) const REMOVED_ADMINISTRATION: &str = "removed#administration#";

/// Documents that were on their way still find it there.
pub(crate) fn removed_administration(tenant: TenantId, administration: AdministrationId) -> Key {
    Key::new(tenant.to_string(), format!("{REMOVED_ADMINISTRATION}{administration}"))
}

pub(crate) fn connection(tenant: TenantId, connection: ConnectionId) -> Key {
    Key::new(tenant.to_string(), format!("{CONNECTION}{connection}"))
}

pub(crate) fn directory(tenant: TenantId, unit: &UnitId, kind: DirectoryKind) -> Key {
    Key::new(tenant.to_string(), format!("directory#{unit}#{}", kind.as_str()))
}

pub(crate) const SERIES: &str = "series#";

pub(crate) fn series(books: &str, series: SeriesId) -> Key {
    Key::new(books, format!("{SERIES}{series}"))
}

pub(crate) const MARKETPLACE: &str = "marketplace#";

pub(crate) fn marketplace(books: &str, source: &OrderSource) -> Key {
    Key::new(books, format!("{MARKETPLACE}{source}"))
}

pub(crate) const ORDER_RULE: &str = "orderrule#";

pub(crate) fn order_rule(books: &str, rule: OrderRuleId) -> Key {
    Key::new(books, format!("{ORDER_RULE}{rule}"))
}

/// What is set for the ledger that gets an administration's issued documents.
pub(crate) fn connector(books: &str) -> Key {
    Key::new(books, "connector")
}

/// Who sells, as on the documents that an administration issues.
pub(crate) fn seller(books: &str) -> Key {
    Key::new(books, "seller")
}

/// The partition of an administration's own settings.
pub(crate) fn books(tenant: TenantId, administration: AdministrationId) -> String {
    format!("{tenant}#{administration}")
}

pub(crate) fn contact(books: &str, contact: ContactId) -> Key {
    Key::new(books, format!("{CONTACT}{contact}"))
}

pub(crate) fn match_key(books: &str, direction: Direction, key: &MatchKey) -> Key {
    let (kind, text) = key.parts();
    Key::new(books, format!("match#{}#{kind}#{text}", direction.as_str()))
}

pub(crate) fn template(books: &str, contact: ContactId) -> Key {
    Key::new(books, format!("{TEMPLATE}{contact}"))
}

pub(crate) fn rules_of(contact: ContactId) -> String {
    format!("{RULE}{contact}#")
}

pub(crate) fn rule(books: &str, contact: ContactId, rule: RuleId) -> Key {
    Key::new(books, format!("{RULE}{contact}#{rule}"))
}

/// Beside a contact's rules, so that reading them reads it: their posting template was deleted, or came back since.
pub(crate) fn rules_template(books: &str, contact: ContactId) -> Key {
    Key::new(books, format!("{}{RULES_TEMPLATE}", rules_of(contact)))
}

/// Whether a sort key is that of [`rules_template`].
pub(crate) fn is_rules_template(sk: &str) -> bool {
    sk.starts_with(RULE) && sk.ends_with(RULES_TEMPLATE)
}

/// Not among the rules themselves: lists of them go by their prefix.
pub(crate) fn rule_owner(books: &str, rule: RuleId) -> Key {
    Key::new(books, format!("ruleof#{rule}"))
}

pub(crate) fn rule_versions(contact: ContactId, rule: RuleId) -> String {
    format!("rulev#{contact}#{rule}#")
}

pub(crate) fn rule_version(books: &str, contact: ContactId, rule: RuleId, version: u32) -> Key {
    Key::new(books, format!("{}{version:06}", rule_versions(contact, rule)))
}

pub(crate) const FACILITY: &str = "facility#";

pub(crate) fn facility(books: &str, facility: FacilityId) -> Key {
    Key::new(books, format!("{FACILITY}{facility}"))
}

/// Written together with a facility that becomes active: there is one of it.
pub(crate) fn active_facility(books: &str) -> Key {
    Key::new(books, "activefacility")
}

pub(crate) const MAIL_PACKAGE: &str = "mailpackage#";

pub(crate) fn mail_package(tenant: TenantId, package: PackageId) -> Key {
    Key::new(tenant.to_string(), format!("{MAIL_PACKAGE}{package}"))
}

/// What says where a client's documents go.
pub(crate) const MAIL_TO: &str = "mailto#";
pub(crate) const MAIL_TEXT: &str = "mailto#t";
pub(crate) const MAIL_SUSPENSION: &str = "mailto#s#";

pub(crate) fn mail_connection(books: &str, connection: MailConnectionId) -> Key {
    Key::new(books, format!("{MAIL_TO}c#{connection}"))
}

pub(crate) fn mail_text(books: &str) -> Key {
    Key::new(books, MAIL_TEXT)
}

pub(crate) fn mail_suspension(books: &str, address: &EmailAddress) -> Key {
    Key::new(books, format!("{MAIL_SUSPENSION}{}", address.mailbox()))
}

pub(crate) fn deletion(tenant: TenantId) -> Key {
    Key::new(tenant.to_string(), "deletion")
}

pub(crate) fn tombstone(tenant: TenantId) -> Key {
    Key::new(format!("erased#{tenant}"), "tombstone")
}

pub(crate) fn audit(tenant: TenantId) -> String {
    format!("{tenant}#audit")
}

/// The partition of the details about a subject.
pub(crate) fn audited(tenant: TenantId, subject: &str) -> String {
    format!("{tenant}#audited#{subject}")
}

pub(crate) fn audit_entry(tenant: TenantId, at: Instant, digest: &str) -> Key {
    Key::new(audit(tenant), format!("{}#{digest}", sortable(at)))
}
