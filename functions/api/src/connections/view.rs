//! Ledgers and connections as the API shows and takes them.

use crate::{
    problem::{Answer, Code, Problem},
    schema,
    text::{Country, Name},
};
use domain::{
    automation::{AutoPosting, AutomationSwitch, AutomationUser, UserProblem},
    ids::{AdministrationId, ConnectionId, UserId},
    ledger::{Direction, DirectoryKind, Division, LedgerUser, System},
    office::{AutomationRefused, Choice, Connection, ConnectionState, User},
    time::Instant,
};
use ledgers::{Attachments, Credentials, Descriptor, OptionKind, Options, SerialUnit, Support};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A connection to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionBody {
    /// Which ledger, by its name in `GET /ledgers`.
    #[schema(value_type = String, example = "exact-online")]
    pub system: System,
    /// Name, for people.
    pub name: Name,
    /// Country of the ledger licence: it decides which site is called and whether automatic posting is offered (AP-2).
    pub licence_country: Country,
    /// A product between this system and the ledger, where there is one, such as bouw7, Newbase, `SalesManager` or Planergy:
    /// automatic posting does not work then (AP-3).
    #[serde(default)]
    pub intermediary: Option<Name>,
    /// Whether contacts that the ledger lacks are made there.
    #[serde(default)]
    pub create_contacts: bool,
    /// Settings that only this ledger has.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// What a connection is to be from now on. Ledger and licence stay as they are: make another connection for another one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionChange {
    /// Name, for people.
    pub name: Name,
    /// A product between this system and the ledger (AP-3).
    #[serde(default)]
    pub intermediary: Option<Name>,
    /// Whether contacts that the ledger lacks are made there.
    #[serde(default)]
    pub create_contacts: bool,
    /// Settings that only this ledger has.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// What the ledger of a system is and can do.
pub fn ledger_of(system: &System) -> Answer<&'static Descriptor> {
    ledgers::described(system).ok_or_else(|| {
        let known: Vec<_> = ledgers::catalogue().iter().map(|ledger| ledger.system).collect();
        Problem::invalid("/system", format!("There is no ledger '{system}'. There are: {}.", known.join(", ")))
    })
}

/// Refuses a licence country in which the ledger has no site.
pub fn check_country(descriptor: &Descriptor, country: &str) -> Answer<()> {
    if descriptor.sites.iter().any(|site| site.country == country) {
        return Ok(());
    }
    let known: Vec<_> = descriptor.sites.iter().map(|site| site.country).collect();
    let detail = format!("{} has no site in {country}. It has in: {}.", descriptor.name, known.join(", "));
    Err(Problem::invalid("/licence_country", detail))
}

/// Refuses options that the ledger does not have, values that they do not take, and what it cannot do.
pub fn check_options(
    descriptor: &Descriptor,
    options: &BTreeMap<String, String>,
    create_contacts: Choice,
) -> Answer<()> {
    if create_contacts == Choice::Yes && descriptor.capabilities.create_contacts == Support::No {
        let detail = format!("{} cannot make contacts.", descriptor.name);
        return Err(Problem::invalid("/create_contacts", detail));
    }
    let options: Options = options.clone().into_iter().collect();
    descriptor.check(&options).map_err(|error| match &error {
        ledgers::OptionError::Unknown(name) => {
            let detail = format!("{error}.");
            Problem::new(Code::UnknownField, detail.clone()).at(format!("/options/{name}"), detail)
        }
        ledgers::OptionError::Value { key, .. } => Problem::invalid(format!("/options/{key}"), format!("{error}.")),
    })
}

/// Automatic posting of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AutomationView {
    /// The switch (AP-13).
    pub enabled: bool,
    /// On since then; what was received before is not posted automatically.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Instant>,
    /// Under whose name automatic postings are made (AP-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<UserId>)]
    pub user: Option<UserId>,
    /// Whether it is offered for this ledger and licence, reached directly (AP-2, AP-3).
    pub offered: bool,
    /// Why it is not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_offered: Option<AutomationProblem>,
    /// What keeps the automation user from posting, as of now (AP-11): documents wait until it is put right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<AutomationProblem>,
}

/// Something that keeps automatic posting from working.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AutomationProblem {
    /// Stable: `inactive`, `not_accountant`, `no_access` or `not_linked` of a user, `intermediary` or
    /// `auto_posting_not_offered` of the connection.
    pub code: &'static str,
    /// For people.
    pub text: String,
    /// The administration that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: Option<AdministrationId>,
}

impl From<UserProblem> for AutomationProblem {
    fn from(problem: UserProblem) -> Self {
        let text = super::sentence(&problem.to_string());
        Self { code: problem.code(), text, administration: problem.administration() }
    }
}

/// Why automatic posting is not offered for a connection.
fn not_offered(connection: &Connection) -> Option<AutomationProblem> {
    let refused = match (&connection.intermediary, auto_posting(connection)) {
        (Some(product), _) => AutomationRefused::Intermediary(product.clone()),
        (None, AutoPosting::NotOffered) => AutomationRefused::NotOffered {
            system: connection.system.clone(),
            country: connection.licence_country.clone(),
        },
        (None, AutoPosting::Offered) => return None,
    };
    let text = super::sentence(&refused.to_string());
    Some(AutomationProblem { code: refused.code(), text, administration: None })
}

/// An administration and the division into which its documents are posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DivisionView {
    /// The administration.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// The division, by its code in the ledger.
    #[schema(value_type = String)]
    pub division: Division,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConnectionView {
    /// Id.
    #[schema(schema_with = schema::one::<ConnectionId>)]
    pub id: ConnectionId,
    /// Which ledger.
    #[schema(value_type = String)]
    pub system: System,
    /// Name, for people.
    pub name: String,
    /// `draft`, `connected` or `reconnect_needed`.
    #[schema(value_type = String)]
    pub state: ConnectionState,
    /// Country of the ledger licence.
    pub licence_country: String,
    /// A product between this system and the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediary: Option<String>,
    /// Whether contacts that the ledger lacks are made there.
    pub create_contacts: bool,
    /// Settings that only this ledger has.
    pub options: BTreeMap<String, String>,
    /// The user who signed in at the ledger: postings appear under this name there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub ledger_user: Option<LedgerUser>,
    /// Divisions in use.
    pub divisions: Vec<DivisionView>,
    /// Automatic posting.
    pub automation: AutomationView,
    /// Counts edits.
    pub version: u32,
}

/// Whether automatic posting is offered for a connection's ledger and licence (AP-2).
pub fn auto_posting(connection: &Connection) -> AutoPosting {
    let offered = ledgers::described(&connection.system)
        .is_some_and(|ledger| ledger.capabilities.auto_posting.contains(&connection.licence_country.as_str()));
    if offered { AutoPosting::Offered } else { AutoPosting::NotOffered }
}

impl ConnectionView {
    /// A connection with its automation user as he is now, when one is set and exists.
    pub fn new(connection: &Connection, user: Option<&User>) -> Self {
        let since = match connection.automation {
            AutomationSwitch::Off => None,
            AutomationSwitch::On { since } => Some(since),
        };
        let not_offered = not_offered(connection);
        let problems = match connection.automation(user, auto_posting(connection)).user {
            AutomationUser::None | AutomationUser::Valid(_) => Vec::new(),
            AutomationUser::Invalid(_, problems) => problems.into_iter().map(AutomationProblem::from).collect(),
        };
        Self {
            id: connection.id,
            system: connection.system.clone(),
            name: connection.name.clone(),
            state: connection.state,
            licence_country: connection.licence_country.clone(),
            intermediary: connection.intermediary.clone(),
            create_contacts: connection.create_contacts == Choice::Yes,
            options: connection.options.clone(),
            ledger_user: connection.ledger_user.clone(),
            divisions: connection
                .divisions
                .iter()
                .map(|(administration, division)| DivisionView {
                    administration: *administration,
                    division: division.clone(),
                })
                .collect(),
            automation: AutomationView {
                enabled: since.is_some(),
                since,
                user: connection.automation_user,
                offered: not_offered.is_none(),
                not_offered,
                problems,
            },
            version: connection.version,
        }
    }
}

/// A site of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteView {
    /// Country of its licences.
    pub country: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Whether automatic posting is offered there (AP-2).
    pub auto_posting: bool,
}

/// Something that a person types in to connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldView {
    /// Stable name.
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
}

/// A setting that only this ledger has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OptionView {
    /// Stable name.
    pub key: &'static str,
    /// What it does, for people.
    pub name: &'static str,
    /// `journal`, `choice` or `text`.
    pub kind: &'static str,
    /// The side of the ledger, for a journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<Direction>)]
    pub direction: Option<Direction>,
    /// The possible values, for a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<&'static str>,
    /// What holds when it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
}

/// A ledger and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerView {
    /// Its name in connections.
    pub system: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Where it answers.
    pub sites: Vec<SiteView>,
    /// `consent`: a person signs in at the ledger; `fields`: a person types credentials in.
    pub connect: &'static str,
    /// What is typed in, with `fields`.
    pub fields: Vec<FieldView>,
    /// Sides of the ledger that can be posted.
    #[schema(schema_with = schema::many::<Direction>)]
    pub directions: Vec<Direction>,
    /// Whether credit notes can be posted.
    pub credit_notes: bool,
    /// Whether missing contacts can be made.
    pub create_contacts: bool,
    /// What it can do with documents that are issued here, beside taking invoices (CO-9); absent where it takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_documents: Option<Vec<&'static str>>,
    /// For a marketplace, how finished documents get there: `bytes` or `address`; absent elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarding: Option<&'static str>,
    /// Whether it keeps posting templates itself, which ours are kept in line with (AP-40).
    pub templates: bool,
    /// The largest file that can go with a booking, in bytes; none at all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_bytes_max: Option<usize>,
    /// What can be listed.
    #[schema(schema_with = schema::many::<DirectoryKind>)]
    pub directories: Vec<DirectoryKind>,
    /// Whether each division is posted to on its own.
    pub by_division: bool,
    /// Settings that only this ledger has.
    pub options: Vec<OptionView>,
}

impl From<&'static Descriptor> for LedgerView {
    fn from(descriptor: &'static Descriptor) -> Self {
        let can = descriptor.capabilities;
        let (connect, fields) = match descriptor.credentials {
            Credentials::Consent(_) => ("consent", [].as_slice()),
            Credentials::Fields(fields) => ("fields", fields),
        };
        Self {
            system: descriptor.system,
            name: descriptor.name,
            sites: descriptor
                .sites
                .iter()
                .map(|site| SiteView {
                    country: site.country,
                    name: site.name,
                    auto_posting: can.offers_auto_posting(site),
                })
                .collect(),
            connect,
            fields: fields.iter().map(|field| FieldView { key: field.key, name: field.name }).collect(),
            directions: can.directions.to_vec(),
            credit_notes: can.credit_notes == Support::Yes,
            create_contacts: can.create_contacts == Support::Yes,
            issued_documents: can.invoicing.map(|can| can.iter().map(|one| one.as_str()).collect()),
            forwarding: can.forwarding.map(|by| match by {
                ledgers::PdfBy::Bytes => "bytes",
                ledgers::PdfBy::Address => "address",
            }),
            templates: can.templates == Support::Yes,
            attachment_bytes_max: match can.attachments {
                Attachments::None => None,
                Attachments::UpTo(bytes) => Some(bytes),
            },
            directories: can.directories.to_vec(),
            by_division: descriptor.serial_unit == SerialUnit::Division,
            options: descriptor.options.iter().map(OptionView::from).collect(),
        }
    }
}

impl From<&ledgers::OptionSpec> for OptionView {
    fn from(spec: &ledgers::OptionSpec) -> Self {
        let (kind, direction, choices) = match spec.kind {
            OptionKind::Journal(direction) => ("journal", Some(direction), Vec::new()),
            OptionKind::Choice(choices) => ("choice", None, choices.to_vec()),
            OptionKind::Text(_) => ("text", None, Vec::new()),
        };
        Self { key: spec.key, name: spec.name, kind, direction, choices, default: spec.default }
    }
}
