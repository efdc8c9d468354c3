//! What the demo is made of, read from `tests/demo/scenario.json`: an office with its settings, documents, and how each must
//! end. All of it is written by hand; nothing here is computed from what the system does.

use std::{collections::BTreeMap, fs, path::Path};

use domain::{
    automation::DocumentScope,
    contact::OwnIdentifiers,
    invoice::VatCategory,
    ledger::{AccountCode, CostCentre, Direction, VatCode},
    party::{Iban, RegistryNumber, VatNumber},
    template::LabelText,
    time::TimeZone,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// Where it stands in the checkout.
pub const FILE: &str = "tests/demo/scenario.json";

/// The whole demo.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The tenant and its people.
    pub office: Office,
    /// The connection with the ledger.
    pub connection: ConnectionSetup,
    /// Sets of books.
    pub administrations: Vec<AdministrationSetup>,
    /// Administrations that are posted into other ledgers, one for each.
    #[serde(default)]
    pub elsewhere: Option<Elsewhere>,
    /// What is sent, in this order.
    pub documents: Vec<Delivery>,
    /// What people do when all are at their ends.
    #[serde(default)]
    pub afterwards: Option<Afterwards>,
    /// What a scheduled export takes then.
    #[serde(default)]
    pub export: Option<Export>,
}

/// Administrations that are posted into other ledgers. They are alike: each stands for the same buyer and has the same supplier, so
/// that the same documents show what each ledger makes of them. Documents name them by their systems.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Names and numbers of the buyer.
    pub own: OwnIdentifiers,
    /// The supplier, without a template.
    pub contact: ContactSetup,
    /// The ledgers.
    pub ledgers: Vec<OtherLedger>,
}

/// A ledger, and what is chosen there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherLedger {
    /// The connection.
    pub connection: ConnectionSetup,
    /// How it is opened.
    pub opened: OpenedBy,
    /// The set of books at the ledger.
    pub division: String,
    /// How the supplier's documents are coded.
    pub template: TemplateSetup,
}

/// How a connection is opened.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    /// Somebody signs in at the ledger and consents.
    Consent,
    /// With what somebody types in.
    Typed(BTreeMap<String, String>),
}

impl Elsewhere {
    /// Each ledger with its administration.
    pub fn administrations(&self) -> Vec<(&OtherLedger, AdministrationSetup)> {
        let setup = |ledger: &OtherLedger| {
            let ConnectionSetup { system, name, .. } = &ledger.connection;
            let rule = RuleSetup { key: format!("{system}: ubl"), documents: DocumentScope::Ubl, max_amount: None };
            AdministrationSetup {
                key: system.clone(),
                name: format!("Elders B.V. ({name})"),
                time_zone: TimeZone::default(),
                own: self.own.clone(),
                contacts: vec![ContactSetup {
                    template: Some(ledger.template.clone()),
                    rules: vec![rule],
                    ..self.contact.clone()
                }],
            }
        };
        self.ledgers.iter().map(|ledger| (ledger, setup(ledger))).collect()
    }
}

/// What people do when all documents are at their ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Afterwards {
    /// File of a complete document that waits because its contact has no rule: it is posted by hand, and the recommendation that
    /// follows from it is accepted.
    pub recommended: String,
    /// The document that the ledger refused for its closed period: it is posted by hand in an open one.
    pub refused: String,
    /// Day on which it is booked.
    pub booking_date: String,
    /// Key of the rule that is edited, and restored.
    pub rule: String,
    /// What it takes meanwhile.
    pub edited: RuleEdit,
}

/// Documents that are released and exported into a file by a scheduled job.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Key of the administration.
    pub administration: String,
    /// Files of complete documents that no rule posts.
    pub documents: Vec<String>,
    /// Name of the facility.
    pub facility: String,
    /// Format of its files.
    pub format: String,
    /// Its settings, as the API takes them. The file has one row a document, with its number and its total, separated by commas.
    pub configuration: Value,
    /// When its job runs, as the API takes it.
    pub job: Value,
    /// What the run has to come to.
    pub exported: Vec<Total>,
}

/// What exported documents of one currency come to; a credit note takes away.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// Currency.
    pub currency: String,
    /// How many.
    pub documents: u64,
    /// Totals including VAT, added up.
    pub gross: Decimal,
}

/// What a rule is made to take.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEdit {
    /// Which documents.
    pub documents: DocumentScope,
    /// Maximum total including VAT.
    pub max_amount: Option<Decimal>,
}

impl Scenario {
    /// Reads the file of the checkout.
    pub fn load(root: &Path) -> Result<Self, Failure> {
        let path = root.join(FILE);
        let text = fs::read(&path).map_err(Failure::file(&path))?;
        serde_json::from_slice(&text).map_err(Failure::unexpected(FILE))
    }
}

/// The tenant and its people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Name.
    pub name: String,
    /// Sets everything up.
    pub superuser: Person,
    /// Sends and tags documents.
    pub accountant: Person,
    /// The name under which documents are posted without a person.
    pub automation_user: Person,
    /// The Finance user on whose behalf documents are exported.
    #[serde(default)]
    pub finance: Option<Person>,
}

/// Somebody of the office.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name, for people.
    pub name: String,
    /// First part of the address; each run has addresses of its own.
    pub login: String,
}

/// The connection, as the API takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSetup {
    /// Which ledger.
    pub system: String,
    /// Name, for people.
    pub name: String,
    /// Country of the licence.
    pub licence_country: String,
    /// Whether contacts that the ledger lacks are made there.
    pub create_contacts: bool,
    /// Settings of the ledger.
    pub options: BTreeMap<String, String>,
}

/// A set of books.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdministrationSetup {
    /// What documents call it here.
    pub key: String,
    /// Name, for people.
    pub name: String,
    /// IANA time zone.
    pub time_zone: TimeZone,
    /// Names and numbers of the buyers that it stands for.
    pub own: OwnIdentifiers,
    /// Its suppliers and customers.
    pub contacts: Vec<ContactSetup>,
}

/// Whether the ledger has a contact before the demo begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InLedger {
    /// Yes.
    Known,
    /// Yes, and nothing may be booked on it.
    Blocked,
    /// No: it is made there with its first booking.
    Absent,
}

/// A contact with its template and rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactSetup {
    /// For people who read the scenario.
    #[serde(rename = "key")]
    pub _key: String,
    /// Why it is so.
    #[serde(default, rename = "note")]
    pub _note: Option<String>,
    /// Supplier or customer.
    pub direction: Direction,
    /// Name, for people.
    pub name: String,
    /// VAT number.
    #[serde(default)]
    pub vat_number: Option<VatNumber>,
    /// Number in a trade register.
    #[serde(default)]
    pub registry_number: Option<RegistryNumber>,
    /// Accounts that are accepted.
    #[serde(default)]
    pub ibans: Vec<Iban>,
    /// Accepted accounts that are no IBAN.
    #[serde(default)]
    pub other_accounts: Vec<String>,
    /// Terms for documents without a due date.
    #[serde(default)]
    pub payment_days: Option<u16>,
    /// Whether the ledger has it.
    pub ledger: InLedger,
    /// How its documents are coded.
    #[serde(default)]
    pub template: Option<TemplateSetup>,
    /// When they are posted without a person.
    #[serde(default)]
    pub rules: Vec<RuleSetup>,
}

/// A posting template, as the API takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSetup {
    /// Its lines.
    pub lines: Vec<LineSetup>,
    /// In place of the document's payment reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_reference: Option<LabelText>,
}

/// A line of a template.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSetup {
    /// VAT category that it takes.
    pub category: VatCategory,
    /// Rate in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    /// Percent of the VAT group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Decimal>,
    /// Ledger account.
    pub account: AccountCode,
    /// The ledger's VAT code.
    pub vat_code: VatCode,
    /// Cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_centre: Option<CostCentre>,
    /// Text with labels.
    pub description: LabelText,
}

/// An automation rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSetup {
    /// What expectations and the table call it; each rule another.
    pub key: String,
    /// Which documents.
    pub documents: DocumentScope,
    /// Maximum total including VAT.
    #[serde(default)]
    pub max_amount: Option<Decimal>,
}

/// When a document reaches the office.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Received {
    /// When everything is set up; tagged at once.
    #[default]
    InTurn,
    /// Before automatic posting is switched on; tagged after that.
    BeforeSwitch,
}

/// Which number a document has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbered {
    /// That of the file, which is sent as it is.
    #[default]
    AsItIs,
    /// Each run another, in place of `{run}`: the ledger's books remember earlier runs.
    PerRun,
}

/// A document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The file, from the root of the checkout.
    pub file: String,
    /// What recognition found on it, from the root of the checkout.
    #[serde(default)]
    pub recognised: Option<String>,
    /// Key of the administration.
    pub administration: String,
    /// Purchase or sales.
    pub tag: Direction,
    /// Which number it has.
    #[serde(default)]
    pub numbered: Numbered,
    /// When it comes.
    #[serde(default)]
    pub received: Received,
    /// File of a document that has to be at its end first.
    #[serde(default)]
    pub after: Option<String>,
    /// What is particular about it.
    #[serde(default, rename = "note")]
    pub _note: Option<String>,
    /// How it must end.
    pub expect: End,
}

/// How a document ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status", deny_unknown_fields)]
pub enum End {
    /// In the ledger, because of this rule.
    Posted {
        /// Key of the rule.
        rule: String,
    },
    /// In the validation overview, for this reason.
    Waiting {
        /// Its code.
        reason: String,
    },
    /// Refused by the ledger, for this reason.
    Failed {
        /// Its code.
        reason: String,
    },
}
