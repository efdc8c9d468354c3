//! Everything the simulator keeps, and how it is set up. Its JSON is also the language of seeds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::books::{Division, keyed};
use super::guid::Guid;
use super::table::{Keyed, Table};

/// The language of a user, in which messages come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English
    #[default]
    En,
    /// Dutch
    Nl,
}

/// What an app may do with a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScopeAccess {
    /// GET
    Read,
    /// Everything.
    Manage,
}

/// An app registration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: String,
    /// Its name.
    pub name: String,
    /// Registered redirect addresses; one must be equal to what is asked.
    pub redirect_uris: BTreeSet<String>,
    /// Its scopes, such as `purchase.invoices`.
    pub scopes: BTreeMap<String, ScopeAccess>,
}

/// How it stands with a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStanding {
    /// May log in.
    #[default]
    Active,
    /// Blocked.
    Blocked,
    /// No longer active.
    Inactive,
}

/// A right of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Purchase entries.
    PurchaseEntries,
    /// Sales entries.
    SalesEntries,
    /// Documents and attachments.
    Documents,
    /// Making and changing relations.
    Relations,
}

impl Right {
    /// All of them: a full user.
    pub const ALL: [Self; 4] = [Self::PurchaseEntries, Self::SalesEntries, Self::Documents, Self::Relations];
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// `UserID`
    pub id: Guid,
    /// `UserName`
    pub user_name: String,
    /// `FullName`
    pub full_name: String,
    /// `Email`
    pub email: String,
    /// The language of messages.
    pub language: Language,
    /// Whether the user may log in.
    pub standing: UserStanding,
    /// The administration that is open in the browser now.
    pub current_division: i32,
    /// Administrations the user may enter.
    pub divisions: BTreeSet<i32>,
    /// What the user may do there.
    pub rights: BTreeSet<Right>,
}

/// How it stands with a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractStanding {
    /// In force.
    #[default]
    Active,
    /// The customer is blocked.
    Blocked,
    /// The licence has expired.
    LicenseExpired,
}

/// A contract with Exact, to which administrations belong.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contract {
    /// Its number.
    pub id: String,
    /// Whether it is in force.
    pub standing: ContractStanding,
}

/// What happens when a browser comes to the consent page: nobody is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Consent {
    /// The user who is logged in and says yes; the first user when none.
    pub user: Option<Guid>,
    /// The administrations the user chooses; all of the user's when none.
    pub divisions: Option<BTreeSet<i32>>,
    /// The user says no.
    pub denied: bool,
}

/// What becomes of properties that only the ledger sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadOnly {
    /// They are passed over.
    #[default]
    Ignored,
    /// 400.
    Refused,
}

/// The sign of the header amounts in answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderSign {
    /// As sent.
    #[default]
    AsSent,
    /// The other one.
    Inverted,
}

/// Switches: limits, and behaviour of the real one that nobody is sure of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Calls of an app in an administration in a minute of the clock.
    pub calls_per_minute: u32,
    /// Calls of an app in an administration in a day.
    pub calls_per_day: u32,
    /// Errors of an app and user at an endpoint in an hour; one more blocks the app.
    pub errors_per_hour: u32,
    /// Properties that only the ledger sets.
    pub read_only: ReadOnly,
    /// The sign of header amounts in answers.
    pub header_sign: HeaderSign,
    /// VAT codes come with spaces on the right up to this width, and must be sent so; 0 for as they are.
    pub vat_code_width: usize,
    /// Seconds until a new document or entry is found by `$filter`; by its id it is found at once.
    pub visible_after_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            calls_per_minute: 60,
            calls_per_day: 5_000,
            errors_per_hour: 10,
            read_only: ReadOnly::Ignored,
            header_sign: HeaderSign::AsSent,
            vat_code_width: 0,
            visible_after_seconds: 0,
        }
    }
}

impl Settings {
    /// A VAT code as it is on the wire.
    pub fn wire_vat_code(&self, code: &str) -> String {
        format!("{code:<width$}", width = self.vat_code_width)
    }
}

/// An authorisation code.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Code {
    /// The code.
    pub code: String,
    /// The app it was given to.
    pub app: String,
    /// Who gave consent.
    pub user: Guid,
    /// The administrations chosen; all when none.
    pub divisions: Option<BTreeSet<i32>>,
    /// The redirect address it was sent to.
    pub redirect_uri: String,
    /// When it was made.
    pub issued: DateTime<Utc>,
    /// It has been exchanged.
    pub used: bool,
}

/// The one living refresh token of an app and a user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chain {
    /// The refresh token.
    pub refresh_token: String,
    /// The app.
    pub app: String,
    /// The user.
    pub user: Guid,
    /// The administrations chosen; all when none.
    pub divisions: Option<BTreeSet<i32>>,
    /// When the token endpoint last answered well.
    pub answered: DateTime<Utc>,
}

/// An access token.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessToken {
    /// The token.
    pub token: String,
    /// The app.
    pub app: String,
    /// The user.
    pub user: Guid,
    /// The administrations chosen; all when none.
    pub divisions: Option<BTreeSet<i32>>,
    /// When it ends.
    pub expires: DateTime<Utc>,
}

/// Calls of an app in an administration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// The app.
    pub app: String,
    /// The administration.
    pub division: i32,
    /// The minute that is counted, since 1970.
    pub minute: i64,
    /// Calls in it.
    pub in_minute: u32,
    /// The day that is counted, since 1970.
    pub day: i64,
    /// Calls in it.
    pub in_day: u32,
}

/// Errors of an app and a user at an endpoint of an administration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Errors {
    /// The app.
    pub app: String,
    /// The user.
    pub user: Guid,
    /// The administration.
    pub division: i32,
    /// The endpoint.
    pub endpoint: String,
    /// The hour that is counted, since 1970.
    pub hour: i64,
    /// Errors in it.
    pub count: u32,
}

/// An app that made too many errors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Block {
    /// The app.
    pub app: String,
    /// Until when nothing of it is answered.
    pub until: DateTime<Utc>,
    /// How often it was blocked; each time doubles the hours.
    pub times: u32,
}

/// Everything the simulator keeps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct State {
    /// Switches.
    pub settings: Settings,
    /// App registrations.
    pub apps: Table<App>,
    /// Users.
    pub users: Table<User>,
    /// Contracts.
    pub contracts: Table<Contract>,
    /// Administrations.
    pub divisions: Table<Division>,
    /// What the consent page does.
    pub consent: Consent,
    /// Authorisation codes.
    pub codes: Table<Code>,
    /// Living refresh tokens.
    pub chains: Table<Chain>,
    /// Refresh tokens that were used or replaced.
    pub spent_tokens: BTreeSet<String>,
    /// Access tokens.
    pub access_tokens: Table<AccessToken>,
    /// Call counters.
    pub usage: Table<Usage>,
    /// Error counters.
    pub errors: Table<Errors>,
    /// Blocked apps.
    pub blocks: Table<Block>,
    /// Sets this simulator's tokens apart from those of another.
    pub instance: u64,
    /// The last number given to anything.
    pub sequence: u64,
}

keyed! {
    App by id: String,
    User by id: Guid,
    Contract by id: String,
    Code by code: String,
    AccessToken by token: String,
    Block by app: String,
}

impl Keyed for Chain {
    type Key = (String, Guid);

    fn key(&self) -> Self::Key {
        (self.app.clone(), self.user)
    }
}

impl Keyed for Usage {
    type Key = (String, i32);

    fn key(&self) -> Self::Key {
        (self.app.clone(), self.division)
    }
}

impl Keyed for Errors {
    type Key = (String, Guid, i32, String);

    fn key(&self) -> Self::Key {
        (self.app.clone(), self.user, self.division, self.endpoint.clone())
    }
}

/// What a new GUID is for; the first part of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Relations.
    Account,
    /// Bank accounts.
    BankAccount,
    /// Documents.
    Document,
    /// Files.
    Attachment,
    /// Entries.
    Entry,
    /// Lines of entries.
    Line,
}

impl Family {
    /// The first part of the GUIDs of this family.
    pub const fn number(self) -> u32 {
        match self {
            Self::Account => 0xa1,
            Self::BankAccount => 0xba,
            Self::Document => 0xd0,
            Self::Attachment => 0xa7,
            Self::Entry => 0x7e,
            Self::Line => 0x71,
        }
    }
}

impl State {
    /// The next number of the one sequence.
    pub fn next_number(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// A new GUID.
    pub fn next_guid(&mut self, family: Family) -> Guid {
        Guid::numbered(family.number(), self.next_number())
    }

    /// An administration.
    pub fn division(&self, code: i32) -> Option<&Division> {
        self.divisions.get(&code)
    }

    /// An administration, to be changed.
    pub fn division_mut(&mut self, code: i32) -> Option<&mut Division> {
        self.divisions.get_mut(&code)
    }

    /// Whether a relation, ledger account or document of this id is in another administration.
    pub fn is_elsewhere(&self, id: Guid, division: i32) -> bool {
        self.divisions.iter().filter(|other| other.code != division).any(|other| {
            other.accounts.get(&id).is_some()
                || other.gl_accounts.get(&id).is_some()
                || other.documents.get(&id).is_some()
        })
    }
}
