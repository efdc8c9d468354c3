//! What a ledger is and can do, as data: asked before anything is sent, so that nothing unsupported is half done.

use crate::{
    auth::{Secret, TokenRules},
    call::Endpoint,
    rate::RateLimits,
    sender::Timeouts,
};
use domain::{
    export_format::PostingDateField,
    ledger::{Direction, DirectoryKind},
    money::Currency,
    sales::{Capability, Offers},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};
use url::Url;

/// One of a ledger's country sites: users, registrations and tokens belong to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Code in a connection, for example `nl`.
    pub code: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// ISO country of its licences (AP-2).
    pub country: &'static str,
    /// Scheme and host.
    pub base: &'static str,
    /// Scheme and host of the pages where people sign in and where tokens are given: often the same.
    pub login: &'static str,
}

/// Within what requests of one connection follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialUnit {
    /// One turn for each set of books; limits are those of a set of books.
    Division,
    /// One turn for the whole connection: the ledger counts the requests of all its sets of books together.
    Connection,
}

/// How files are attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachments {
    /// Not at all.
    None,
    /// Each up to this many bytes.
    UpTo(usize),
}

/// Whether something is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It is.
    Yes,
    /// It is not, and is refused before anything is sent.
    No,
}

/// In which currencies a ledger books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currencies {
    /// In any that its books know.
    Any,
    /// In this one; any other is refused before anything is sent.
    Only(&'static str),
}

impl Currencies {
    /// Whether a currency is among them.
    pub fn take(self, currency: Currency) -> bool {
        match self {
            Self::Any => true,
            Self::Only(code) => currency.as_str() == code,
        }
    }
}

/// What a ledger can do. The contract suite runs the cases that these select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Licence countries for which automatic posting is offered; none means never (AP-2).
    pub auto_posting: &'static [&'static str],
    /// Sides of the ledger that can be posted.
    pub directions: &'static [Direction],
    /// Files with a booking.
    pub attachments: Attachments,
    /// Making a supplier or customer that is missing.
    pub create_contacts: Support,
    /// Credit notes and negative invoices.
    pub credit_notes: Support,
    /// Currencies of a booking.
    pub currencies: Currencies,
    /// Reverse charge or intra-community supply beside other VAT in one booking.
    pub mixed_reverse_charge: Support,
    /// A second booking with the number of the first, on the same relation.
    pub same_number_twice: Support,
    /// Who made a booking can be read back (AP-11).
    pub shows_creator: Support,
    /// Keeping posting templates with its suppliers and customers, in line with ours (AP-40).
    pub templates: Support,
    /// Where the day on which something is booked goes (EX-3).
    pub posting_date: PostingDate,
    /// What it can do with issued documents beside taking invoices (CO-10); none: it takes no issued documents.
    pub invoicing: Option<&'static [Capability]>,
    /// How it takes finished documents for the customers of its orders, where it is a marketplace; none: it takes none.
    pub forwarding: Option<PdfBy>,
    /// Directories that can be listed.
    pub directories: &'static [DirectoryKind],
}

/// How a marketplace gets the PDF of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PdfBy {
    /// It is sent.
    Bytes,
    /// It is fetched from an address of ours, which has to live for months.
    Address,
}

/// Where a ledger keeps the day, or the period, in which a document is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostingDate {
    /// In a field of its own, beside the date of the document.
    Own(&'static str),
    /// In the only date that there is.
    Shared(&'static str),
    /// In a field of its own when an option has this value; else in the only date that there is.
    ByOption {
        /// Which option.
        option: &'static OptionSpec,
        /// Its value.
        value: &'static str,
        /// The field of its own.
        own: &'static str,
        /// The field that both share.
        shared: &'static str,
    },
}

impl Capabilities {
    /// Of a ledger that takes issued documents and books nothing that was received; their date goes into the field named.
    pub(crate) const fn of_invoicing(
        date: &'static str,
        capabilities: &'static [Capability],
        directories: &'static [DirectoryKind],
    ) -> Self {
        Self {
            auto_posting: &[],
            directions: &[],
            attachments: Attachments::None,
            create_contacts: Support::No,
            credit_notes: Support::No,
            currencies: Currencies::Any,
            mixed_reverse_charge: Support::No,
            same_number_twice: Support::No,
            shows_creator: Support::No,
            templates: Support::No,
            posting_date: PostingDate::Shared(date),
            invoicing: Some(capabilities),
            forwarding: None,
            directories,
        }
    }

    /// Of a marketplace: it shows its customers the documents of their orders, and keeps no books.
    pub(crate) const fn of_forwarding(pdf: PdfBy) -> Self {
        let none = Self::of_invoicing("date", &[], &[DirectoryKind::Divisions]);
        Self { invoicing: None, forwarding: Some(pdf), ..none }
    }

    /// Whether automatic posting is offered on this site (AP-2).
    pub fn offers_auto_posting(&self, site: &Site) -> bool {
        self.auto_posting.contains(&site.country)
    }
}

/// Something that a person types in to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialField {
    /// Stable name.
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
}

/// The ledger's own page on which a person consents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// Its path, where people sign in.
    pub path: &'static str,
    /// What its address holds beside the registration, the way back and the state, such as a scope.
    pub parameters: &'static [(&'static str, &'static str)],
    /// Whether it also wants a nonce, which binds an id token. None is read here, so the state stands in for it.
    pub nonce: Support,
}

impl Consent {
    /// Where a person is sent. `state` comes back with the code: it is single-use and bound to tenant, user and
    /// connection. `None` when the address of the ledger is not one.
    pub fn url(&self, endpoint: &Endpoint, client_id: &str, redirect_uri: &str, state: &Secret) -> Option<Url> {
        let mut url = endpoint.login().url(self.path)?;
        url.query_pairs_mut()
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .extend_pairs(self.parameters)
            .append_pair("state", state.expose());
        if self.nonce == Support::Yes {
            url.query_pairs_mut().append_pair("nonce", state.expose());
        }
        Some(url)
    }
}

/// How a connection is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// A person consents on the ledger's own page.
    Consent(Consent),
    /// A person types these in.
    Fields(&'static [CredentialField]),
}

/// Why what was typed in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// The ledger is connected in another way.
    #[error("it is not connected by typing credentials in")]
    NotTyped,
    /// A field that the ledger does not have.
    #[error("there is a field too many")]
    Unknown,
    /// This field is missing, empty or too long.
    #[error("{0} must have 1 to 2048 characters without control characters")]
    Field(&'static str),
}

/// What values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// A code from the directory of journals, for this side.
    Journal(Direction),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any text up to so many characters.
    Text(usize),
}

/// The option of a ledger whose addresses begin with a version of its API: see [`Endpoint::versioned`].
pub(crate) const API_VERSION: &str = "api_version";

/// The option of a ledger that customers also run themselves: see [`Descriptor::registration`].
pub const INSTALLATION: &str = "installation";

/// A setting of a connection for one set of books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// Stable name.
    pub key: &'static str,
    /// What it does, for people.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// What holds when it is not set.
    pub default: Option<&'static str>,
}

/// Of every ledger with [`Capabilities::templates`].
pub(crate) const TEMPLATES: OptionSpec = OptionSpec {
    key: "templates",
    name: "Posting templates are kept in line with the ledger's posting rules in both directions, or not at all",
    kind: OptionKind::Choice(&["both", "off"]),
    default: Some("both"),
};

/// Why a set of options is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// The ledger has no such option.
    #[error("there is no option '{0}'")]
    Unknown(String),
    /// Not a value of this option.
    #[error("'{value}' is not possible for {key}: {wanted}")]
    Value {
        /// The option.
        key: &'static str,
        /// The value.
        value: String,
        /// What is possible.
        wanted: String,
    },
}

/// The options of a connection for one set of books, by key. Checked by [`Descriptor::check`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// The value of an option, or its default.
    pub fn get(&self, spec: &OptionSpec) -> Option<&str> {
        self.0.get(spec.key).map(String::as_str).filter(|value| !value.is_empty()).or(spec.default)
    }

    /// Sets a value, unchecked.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.to_owned(), value.to_owned());
        self
    }
}

impl FromIterator<(String, String)> for Options {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// What a ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Its name in the registry and in connections.
    pub system: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Where it answers.
    pub sites: &'static [Site],
    /// What it can do.
    pub capabilities: Capabilities,
    /// Within what requests follow one another.
    pub serial_unit: SerialUnit,
    /// How long its requests may take.
    pub timeouts: Timeouts,
    /// So long after the last moment at which an earlier attempt can have sent anything, that attempt is either
    /// visible or will never be: request time-out plus the time until a new booking can be found.
    pub settle: Duration,
    /// As many requests as a push takes at most (those that write as often as they count), one that looks for an earlier attempt first included; fewer left in
    /// the minute are not worth beginning.
    pub requests_per_push: u32,
    /// How a connection is opened.
    pub credentials: Credentials,
    /// When its tokens may and must be renewed.
    pub tokens: TokenRules,
    /// Directories of which a push wants the ids behind the codes.
    pub ids: &'static [DirectoryKind],
    /// How many requests it takes.
    pub limits: RateLimits,
    /// Settings of a connection.
    pub options: &'static [OptionSpec],
}

/// The most characters that are typed into a field.
const FIELD_CHARS_MAX: usize = 2_048;

impl Descriptor {
    /// Packs what a person typed in, by the keys of the fields, as [`crate::Ledger::open`] takes it.
    pub fn typed(&self, values: &BTreeMap<String, String>) -> Result<Secret, TypedError> {
        let fields = match self.credentials {
            Credentials::Fields(fields) => fields,
            Credentials::Consent(_) => return Err(TypedError::NotTyped),
        };
        let usable = |value: &str| {
            (1..=FIELD_CHARS_MAX).contains(&value.chars().count()) && !value.chars().any(char::is_control)
        };
        let packed = fields
            .iter()
            .map(|field| match values.get(field.key).map(|value| value.trim()).filter(|value| usable(value)) {
                Some(value) => Ok((field.key, value)),
                None => Err(TypedError::Field(field.key)),
            })
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        if values.len() > packed.len() {
            return Err(TypedError::Unknown);
        }
        // A map of texts has no way to fail.
        Ok(Secret::new(serde_json::to_string(&packed).unwrap_or_default()))
    }

    /// Whether received documents are booked in it.
    pub fn books_received(&self) -> bool {
        !self.capabilities.directions.is_empty()
    }

    /// Whether finished documents are forwarded to it: a marketplace.
    pub fn forwards(&self) -> bool {
        self.capabilities.forwarding.is_some()
    }

    /// What it offers for issued documents, where it takes them (CO-10).
    pub fn offers(&self) -> Option<Offers> {
        Some(Offers { ledger: self.name, capabilities: self.capabilities.invoicing? })
    }

    /// What becomes of the posting date with these options (EX-3).
    pub fn posting_date_field(&self, options: &Options) -> PostingDateField {
        match self.capabilities.posting_date {
            PostingDate::Own(field) => PostingDateField::Own(field),
            PostingDate::Shared(field) => PostingDateField::Shared(field),
            PostingDate::ByOption { option, value, own, shared } => {
                if options.get(option) == Some(value) {
                    PostingDateField::Own(own)
                } else {
                    PostingDateField::Shared(shared)
                }
            }
        }
    }

    /// Whether a connection with these options keeps posting templates in line with the ledger's own (AP-40).
    pub fn syncs_templates(&self, options: &Options) -> bool {
        self.capabilities.templates == Support::Yes && options.get(&TEMPLATES) == Some("both")
    }

    /// Through which registration a connection with these options reaches its ledger: the ledger's own, or that of an installation
    /// of a customer's own, `<system>/<name>`. Which there are, and where, is for the deployment to say.
    pub fn registration(&self, options: &Options) -> String {
        let spec = self.options.iter().find(|spec| spec.key == INSTALLATION);
        match spec.and_then(|spec| options.get(spec)) {
            Some(name) => format!("{}/{name}", self.system),
            None => self.system.to_owned(),
        }
    }

    /// Whether a deployment may say where it answers.
    pub fn answers_elsewhere(&self) -> bool {
        self.options.iter().any(|spec| spec.key == INSTALLATION)
    }

    /// Refuses options that the ledger does not have, and values that they do not take.
    pub fn check(&self, options: &Options) -> Result<(), OptionError> {
        for (key, value) in &options.0 {
            let spec = self
                .options
                .iter()
                .find(|spec| spec.key == key)
                .ok_or_else(|| OptionError::Unknown(key.chars().take(64).collect()))?;
            let wanted = match spec.kind {
                OptionKind::Choice(choices) if !choices.contains(&value.as_str()) => {
                    Some(format!("one of {}", choices.join(", ")))
                }
                OptionKind::Journal(_) if value.chars().count() > 10 => Some("a journal's code".to_owned()),
                OptionKind::Text(most) if value.chars().count() > most => Some(format!("at most {most} characters")),
                OptionKind::Choice(_) | OptionKind::Journal(_) | OptionKind::Text(_) => None,
            };
            if let Some(wanted) = wanted {
                return Err(OptionError::Value { key: spec.key, value: value.chars().take(64).collect(), wanted });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact;

    static FIELDS: &[CredentialField] =
        &[CredentialField { key: "user", name: "User" }, CredentialField { key: "key", name: "Key" }];

    #[test]
    fn what_is_typed_in_is_checked_and_packed() {
        let typed = Descriptor { credentials: Credentials::Fields(FIELDS), ..exact::DESCRIPTOR };
        let values = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let packed = typed.typed(&values(&[("user", " a "), ("key", "b\"c")])).unwrap();
        assert_eq!(packed.typed("user").unwrap().expose(), "a");
        assert_eq!(packed.typed("key").unwrap().expose(), "b\"c");
        assert!(packed.typed("other").is_none());
        for (given, error) in [
            (values(&[("user", "a")]), TypedError::Field("key")),
            (values(&[("user", " "), ("key", "b")]), TypedError::Field("user")),
            (values(&[("user", "a\u{7}"), ("key", "b")]), TypedError::Field("user")),
            (values(&[("user", "a"), ("key", &"b".repeat(2_049))]), TypedError::Field("key")),
            (values(&[("user", "a"), ("key", "b"), ("more", "c")]), TypedError::Unknown),
        ] {
            assert_eq!(typed.typed(&given).unwrap_err(), error);
        }
        assert_eq!(exact::DESCRIPTOR.typed(&values(&[])).unwrap_err(), TypedError::NotTyped);
    }
}
