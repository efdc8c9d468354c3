//! The tenant's own settings: users, administrations and connections, with the rules between them (AP-9 to AP-15).

use crate::{
    automation::{AutoPosting, Automation, AutomationSwitch, AutomationUser, LedgerLink, UserProblem},
    contact::OwnIdentifiers,
    document::UnitId,
    ids::{AdministrationId, ConnectionId, TenantId, UserId},
    ledger::{Division, LedgerUser, System},
    money::Currency,
    permission::{Role, Roles},
    time::{Instant, TimeZone},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An accounting firm or a company account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Id.
    pub id: TenantId,
    /// Name of the office.
    pub name: String,
    /// Sources of events on the bus that may act for this tenant.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub event_sources: BTreeSet<String>,
    /// When it was made.
    pub created_at: Instant,
}

/// Which administrations a user may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "scope", content = "administrations")]
pub enum Access {
    /// All of the tenant, later ones included.
    All,
    /// These.
    Only(BTreeSet<AdministrationId>),
}

impl Access {
    /// Whether this administration is among them.
    pub fn covers(&self, administration: AdministrationId) -> bool {
        match self {
            Self::All => true,
            Self::Only(administrations) => administrations.contains(&administration),
        }
    }
}

/// Whether a user may sign in and act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Yes.
    Active,
    /// No longer.
    Disabled,
}

/// A person, or a service user under whose name a machine acts (AP-10, SE-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Address to which the invitation goes.
    pub email: String,
    /// Name, for people; "Automatic user" is advised for an automation user.
    pub name: String,
    /// Roles.
    pub roles: Roles,
    /// Administrations.
    pub access: Access,
    /// The same user in the ledger, per connection (AP-11 c).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ledger_users: BTreeMap<ConnectionId, LedgerUser>,
    /// Whether the user may change the bank accounts of a contact; off by default, granted by a Superuser (AP-61).
    #[serde(default)]
    pub may_change_ibans: Choice,
    /// Active or disabled.
    pub state: UserState,
    /// Counts edits, from 1.
    pub version: u32,
}

/// One set of books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administration {
    /// Id.
    pub id: AdministrationId,
    /// Name, for people.
    pub name: String,
    /// What "today" is there.
    pub time_zone: TimeZone,
    /// Own names and numbers: never matched as the other side (AP-55).
    pub own: OwnIdentifiers,
    /// The ledger unit into which its documents are posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The currency that its books are kept in.
    #[serde(default = "euro")]
    pub currency: Currency,
    /// What Finance may do by hand.
    #[serde(default)]
    pub exports: ExportRules,
    /// What a suspected duplicate is kept from.
    #[serde(default)]
    pub duplicates: DuplicateRules,
    /// Counts edits, from 1.
    pub version: u32,
}

fn euro() -> Currency {
    Currency::EUR
}

/// What users with the role Finance may do by hand (EX-21 to EX-23, EX-26, EX-27).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportRules {
    /// Export chosen documents by hand: no when `Yes` (EX-21). Scheduled jobs are unaffected.
    pub manual_disabled: Choice,
    /// Mark the documents of a hanging run as exported, or cancel it (EX-26).
    pub settle_hanging: Choice,
    /// Take an export back (EX-27).
    pub revert: Choice,
}

/// What a suspected duplicate is kept from until a person clears it (ED-27, ED-28).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DuplicateRules {
    /// A purchase document is not accepted (ED-27).
    pub block_acceptance: Choice,
    /// A sales document is not marked as sent (ED-28).
    pub block_sending: Choice,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Configured; nobody has signed in at the ledger yet.
    Draft,
    /// Documents can be posted.
    Connected,
    /// The grant lapsed or was revoked: sign in again; documents wait.
    ReconnectNeeded,
}

/// A yes or no in settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// No.
    #[default]
    No,
    /// Yes.
    Yes,
}

impl Choice {
    /// What is no when absent is not written either.
    pub fn is_no(&self) -> bool {
        *self == Self::No
    }
}

impl From<bool> for Choice {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

impl From<Choice> for bool {
    fn from(choice: Choice) -> Self {
        choice == Choice::Yes
    }
}

/// The configured link between a tenant and one ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Id.
    pub id: ConnectionId,
    /// Which ledger.
    pub system: System,
    /// Name, for people.
    pub name: String,
    /// How far it has come.
    pub state: ConnectionState,
    /// Country of the ledger licence, two letters (AP-2).
    pub licence_country: String,
    /// A product between this system and the ledger, where there is one (AP-3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intermediary: Option<String>,
    /// Whether contacts that the ledger lacks are created there.
    #[serde(default)]
    pub create_contacts: Choice,
    /// Settings that only this ledger has, by the names that its descriptor gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// The user who signed in at the ledger: postings appear under this name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_user: Option<LedgerUser>,
    /// Divisions and the administrations that are posted there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub divisions: BTreeMap<AdministrationId, Division>,
    /// AP-13.
    #[serde(default)]
    pub automation: AutomationSwitch,
    /// AP-12: one per connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automation_user: Option<UserId>,
    /// Counts edits, from 1.
    pub version: u32,
}

/// Why a change of the automation settings is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AutomationRefused {
    /// AP-14.
    #[error("automatic posting cannot be switched on: no automation user is set")]
    NoUser,
    /// AP-15.
    #[error("the automation user cannot be removed while automatic posting is on: switch it off first")]
    SwitchedOn,
    /// AP-11.
    #[error("this user cannot be the automation user: {}", list(.0))]
    User(Vec<UserProblem>),
    /// AP-3.
    #[error("automatic posting does not work behind {0}: it needs a direct connection to the ledger")]
    Intermediary(String),
    /// AP-2.
    #[error("automatic posting is not offered for {system} with a licence from {country}")]
    NotOffered {
        /// The ledger.
        system: System,
        /// The licence country.
        country: String,
    },
}

/// Products that are known to stand between this system and a ledger (AP-3), as they spell themselves.
pub const INTERMEDIARIES: &[&str] = &["bouw7", "Newbase", "SalesManager", "Planergy"];

/// The name of a product in between: a known one as it spells itself, any other as it was given.
pub fn intermediary(name: &str) -> String {
    let known = INTERMEDIARIES.iter().find(|known| known.eq_ignore_ascii_case(name.trim()));
    known.map_or_else(|| name.trim().to_owned(), |known| (*known).to_owned())
}

impl AutomationRefused {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoUser => "automation_user_missing",
            Self::SwitchedOn => "automation_switched_on",
            Self::User(_) => "automation_user_invalid",
            Self::Intermediary(_) => "intermediary",
            Self::NotOffered { .. } => "auto_posting_not_offered",
        }
    }
}

fn list(problems: &[UserProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What keeps a user from being the automation user of a connection (AP-11 a to c; d shows when posting).
pub fn automation_user_problems(user: Option<&User>, connection: &Connection) -> Vec<UserProblem> {
    let Some(user) = user.filter(|user| user.state == UserState::Active) else {
        return vec![UserProblem::Inactive];
    };
    let mut problems = Vec::new();
    if !user.roles.contains(Role::Accountant) {
        problems.push(UserProblem::NotAccountant);
    }
    let hidden = connection.divisions.keys().filter(|administration| !user.access.covers(**administration));
    problems.extend(hidden.copied().map(UserProblem::NoAccess));
    if !user.ledger_users.contains_key(&connection.id) {
        problems.push(UserProblem::NotLinked);
    }
    problems
}

impl Connection {
    /// Chooses the automation user (AP-11, AP-12).
    pub fn choose_automation_user(&mut self, user: &User) -> Result<(), AutomationRefused> {
        match automation_user_problems(Some(user), self).as_slice() {
            [] => {
                self.automation_user = Some(user.id);
                Ok(())
            }
            problems => Err(AutomationRefused::User(problems.to_vec())),
        }
    }

    /// Removes the automation user; refused while the switch is on (AP-15).
    pub fn remove_automation_user(&mut self) -> Result<(), AutomationRefused> {
        match self.automation {
            AutomationSwitch::On { .. } => Err(AutomationRefused::SwitchedOn),
            AutomationSwitch::Off => {
                self.automation_user = None;
                Ok(())
            }
        }
    }

    /// Turns the switch on for all administrations of the connection (AP-13), when everything it needs is there
    /// (AP-2, AP-3, AP-11, AP-14). Already on: stays on since then.
    pub fn switch_on(
        &mut self,
        user: Option<&User>,
        auto_posting: AutoPosting,
        now: Instant,
    ) -> Result<(), AutomationRefused> {
        if self.automation_user.is_none() {
            return Err(AutomationRefused::NoUser);
        }
        if let Some(product) = &self.intermediary {
            return Err(AutomationRefused::Intermediary(product.clone()));
        }
        if auto_posting == AutoPosting::NotOffered {
            let (system, country) = (self.system.clone(), self.licence_country.clone());
            return Err(AutomationRefused::NotOffered { system, country });
        }
        match automation_user_problems(user, self).as_slice() {
            [] => {}
            problems => return Err(AutomationRefused::User(problems.to_vec())),
        }
        if self.automation == AutomationSwitch::Off {
            self.automation = AutomationSwitch::On { since: now };
        }
        Ok(())
    }

    /// Turns the switch off.
    pub fn switch_off(&mut self) {
        self.automation = AutomationSwitch::Off;
    }

    /// What a decision has to know, with the automation user checked anew.
    pub fn automation(&self, user: Option<&User>, auto_posting: AutoPosting) -> Automation {
        let user = match self.automation_user {
            None => AutomationUser::None,
            Some(id) => match automation_user_problems(user.filter(|user| user.id == id), self) {
                problems if problems.is_empty() => AutomationUser::Valid(id),
                problems => AutomationUser::Invalid(id, problems),
            },
        };
        let link = self.intermediary.clone().map_or(LedgerLink::Direct, LedgerLink::Behind);
        Automation { switch: self.automation, user, link, auto_posting }
    }
}

/// Whether a tenant would be left without an active Superuser if `user` became `changed`.
pub fn leaves_no_superuser<'a>(users: impl IntoIterator<Item = &'a User>, changed: &User) -> bool {
    let is_superuser = |user: &User| user.state == UserState::Active && user.roles.contains(Role::Superuser);
    !is_superuser(changed) && !users.into_iter().any(|user| user.id != changed.id && is_superuser(user))
}

#[cfg(test)]
#[path = "office_tests.rs"]
mod tests;
