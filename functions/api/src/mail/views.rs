//! How packages, connections and deliveries are shown.

use crate::{
    documents::view::{ReasonView, SharedView},
    schema,
};
use domain::{
    ids::{AdministrationId, DeliveryId, IssuedId, MailConnectionId, PackageId},
    mail::{
        AccountingStatus, AddressMode, Attach, ClientAddresses, Delivery, DeliveryState, EmailAddress, Form, Frequency,
        Home, Identifier, LinkDays, MailConnection, MailKind, MailLanguage, MailPackage, Processed, Purpose, Scope,
        Sharing, Silence, Suspension, UblFlavour,
    },
    time::{Date, Instant},
    words::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

/// An accounting package that imports by mail, as the office works with it (ED-4, ED-5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailPackageView {
    /// Id.
    #[schema(schema_with = schema::one::<PackageId>)]
    pub id: PackageId,
    /// Name.
    pub name: String,
    /// `same` or `separate`.
    #[schema(value_type = String)]
    pub addresses: AddressMode,
    /// `attachment` or `link`.
    #[schema(value_type = String)]
    pub attach: Attach,
    /// Whether PDFs go along with e-invoices.
    pub pdf_alongside: bool,
    /// `vat_number`, `register_number` or `none`.
    #[schema(value_type = String)]
    pub identifier: Identifier,
    /// `peppol_bis_3`, `si_ubl_2_0`, `e_fff` or `xrechnung`.
    #[schema(value_type = String)]
    pub flavour: UblFlavour,
    /// `english`, `dutch`, `french` or `polish`.
    #[schema(value_type = String)]
    pub language: MailLanguage,
    /// For how many days addresses of documents are good.
    #[schema(value_type = u16)]
    pub link_days: LinkDays,
    /// From this address our mails come: a package that takes mail from known senders only has to know it (ED-17).
    pub sender: String,
    /// Counts edits.
    pub version: u32,
}

impl MailPackageView {
    /// As it is shown.
    pub fn new(package: &MailPackage, sender: &EmailAddress) -> Self {
        Self {
            id: package.id,
            name: package.name.clone(),
            addresses: package.addresses,
            attach: package.attach,
            pdf_alongside: package.pdf_alongside.into(),
            identifier: package.identifier,
            flavour: package.flavour,
            language: package.language,
            link_days: package.link_days,
            sender: sender.to_string(),
            version: package.version,
        }
    }
}

/// A client's addresses, as they were entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientAddressesView {
    /// The client's own choice: `same` or `separate`; the package's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub mode: Option<AddressMode>,
    /// The one for both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub both: Option<String>,
    /// For what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound: Option<String>,
    /// For what was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound: Option<String>,
    /// For files of bank statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_statements: Option<String>,
}

impl From<&ClientAddresses> for ClientAddressesView {
    fn from(addresses: &ClientAddresses) -> Self {
        let text = |address: &Option<EmailAddress>| address.as_ref().map(ToString::to_string);
        Self {
            mode: addresses.mode,
            both: text(&addresses.both),
            inbound: text(&addresses.inbound),
            outbound: text(&addresses.outbound),
            bank_statements: text(&addresses.bank_statements),
        }
    }
}

/// To which address each kind of document goes as things are; what has none is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GoesToView {
    /// The mode that counts: `same` or `separate`.
    #[schema(value_type = String)]
    pub mode: AddressMode,
    /// What was received from suppliers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase: Option<String>,
    /// What was issued to customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sales: Option<String>,
    /// What is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Files of bank statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_statements: Option<String>,
    /// Whether PDFs go along with e-invoices: the client's word, else the package's (ED-10).
    pub pdf_alongside: bool,
}

impl GoesToView {
    fn new(connection: &MailConnection, package: &MailPackage) -> Self {
        let of = |kind: MailKind| connection.addresses.of(kind, package).map(ToString::to_string);
        Self {
            mode: connection.addresses.mode(package),
            purchase: of(MailKind::Purchase),
            sales: of(MailKind::Sales),
            other: of(MailKind::Other),
            bank_statements: of(MailKind::BankStatement),
            pdf_alongside: connection.pdf_alongside(package).into(),
        }
    }
}

/// That a client's mails, which normally flow, have stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SilenceView {
    /// The day of the latest mail.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// The longest time between two mails before, in days.
    pub usual_days: u16,
}

impl From<Silence> for SilenceView {
    fn from(silence: Silence) -> Self {
        Self { since: silence.since, usual_days: silence.usual_days }
    }
}

/// An address of a client that gets nothing until somebody confirms it (ED-25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuspensionView {
    /// The address, in small letters.
    pub address: String,
    /// Why.
    pub reason: ReasonView,
    /// The delivery that came back.
    #[schema(schema_with = schema::one::<DeliveryId>)]
    pub delivery: DeliveryId,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

impl SuspensionView {
    /// As it is shown.
    pub fn new(suspension: &Suspension, language: Language) -> Self {
        Self {
            address: suspension.mailbox.to_string(),
            reason: ReasonView::new(&suspension.reason, language),
            delivery: suspension.delivery,
            at: suspension.at,
        }
    }
}

/// A client's connection to a package (ED-8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailConnectionView {
    /// Id.
    #[schema(schema_with = schema::one::<MailConnectionId>)]
    pub id: MailConnectionId,
    /// Whose documents.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// How they go.
    #[schema(schema_with = schema::one::<PackageId>)]
    pub package: PackageId,
    /// The package's name; absent when it was deleted: choose another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_name: Option<String>,
    /// The switch "share documents with accountant".
    pub share: bool,
    /// What is shared since then is sent (ED-13); absent while the switch is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub active_since: Option<Instant>,
    /// As they were entered.
    pub addresses: ClientAddressesView,
    /// Where documents go as things are; absent when the package was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goes_to: Option<GoesToView>,
    /// The client's own choice about PDFs; the package's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf_alongside: Option<bool>,
    /// `immediately`, `nightly`, `weekend` or `manual`.
    #[schema(value_type = String)]
    pub frequency: Frequency,
    /// `sales_only` or `sales_and_purchases`.
    #[schema(value_type = String)]
    pub scope: Scope,
    /// Whether what was posted into a ledger already goes too.
    pub copies_of_posted: bool,
    /// From this address our mails come (ED-17).
    pub sender: String,
    /// That its mails have stopped; absent while they flow as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent: Option<SilenceView>,
    /// Those of its addresses that get nothing until somebody confirms them.
    pub suspended: Vec<SuspensionView>,
    /// Counts edits.
    pub version: u32,
}

/// What is known of a connection beside itself.
pub struct Around<'a> {
    /// Its package.
    pub package: Option<&'a MailPackage>,
    /// Suspended addresses of the client.
    pub suspended: &'a [Suspension],
    /// That its mails have stopped.
    pub silence: Option<Silence>,
    /// Who sends our mails.
    pub sender: &'a EmailAddress,
    /// In which language reasons are told.
    pub language: Language,
}

impl MailConnectionView {
    /// As it is shown.
    pub fn new(connection: &MailConnection, around: &Around<'_>) -> Self {
        let active_since = match connection.sharing {
            Sharing::Off => None,
            Sharing::On { since } => Some(since),
        };
        let ClientAddresses { mode: _, both, inbound, outbound, bank_statements } = &connection.addresses;
        let own = [both, inbound, outbound, bank_statements];
        let is_own = |suspension: &&Suspension| {
            own.iter().any(|address| address.as_ref().is_some_and(|it| it.mailbox() == suspension.mailbox.mailbox()))
        };
        let suspended = around.suspended.iter().filter(is_own);
        Self {
            id: connection.id,
            administration: connection.administration,
            package: connection.package,
            package_name: around.package.map(|package| package.name.clone()),
            share: active_since.is_some(),
            active_since,
            addresses: (&connection.addresses).into(),
            goes_to: around.package.map(|package| GoesToView::new(connection, package)),
            pdf_alongside: connection.pdf_alongside.map(Into::into),
            frequency: connection.frequency,
            scope: connection.scope,
            copies_of_posted: connection.copies_of_posted.into(),
            sender: around.sender.to_string(),
            silent: around.silence.map(Into::into),
            suspended: suspended.map(|one| SuspensionView::new(one, around.language)).collect(),
            version: connection.version,
        }
    }
}

/// One document, to one address, by one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Id.
    #[schema(schema_with = schema::one::<DeliveryId>)]
    pub id: DeliveryId,
    /// Id of what it stands with: a document, an issued document, an order, an export run, a mail connection.
    #[schema(value_type = String)]
    pub of: Home,
    /// To whom.
    pub to: String,
    /// What it is for: `accounting`, `customer`, `export_file` or `test`.
    #[serde(rename = "for")]
    pub purpose: &'static str,
    /// Over which connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<MailConnectionId>)]
    pub connection: Option<MailConnectionId>,
    /// The issued document that a customer gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<IssuedId>)]
    pub issued: Option<IssuedId>,
    /// Whether the document's accounting status takes no notice of it.
    pub quiet: bool,
    /// How the document goes along: `attachment`, `link`, or `link_for_size` when it is too large for a mail.
    #[schema(value_type = String)]
    pub form: Form,
    /// Where it stands.
    #[schema(schema_with = schema::one::<DeliveryState>)]
    pub state: DeliveryState,
    /// Why it waits or failed, or what is to be known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// Whether the mail holds an address of the document, which can be taken back.
    pub has_link: bool,
    /// When it goes out.
    #[schema(value_type = String, format = DateTime)]
    pub due: Instant,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// When it was taken for sending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Instant>,
    /// Who asked for it: a user's id, or `system`.
    pub by: String,
    /// The mail's own id, for those who look for it at the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Counts changes.
    pub version: u32,
}

impl DeliveryView {
    /// As it is shown.
    pub fn new(delivery: &Delivery, language: Language) -> Self {
        let (purpose, quiet, issued) = match &delivery.purpose {
            Purpose::Accounting { quiet, .. } => ("accounting", (*quiet).into(), None),
            Purpose::Customer { issued } => ("customer", false, Some(*issued)),
            Purpose::ExportFile { .. } => ("export_file", false, None),
            Purpose::Test => ("test", false, None),
        };
        Self {
            id: delivery.id,
            of: delivery.home,
            to: delivery.to.to_string(),
            purpose,
            connection: delivery.connection(),
            issued,
            quiet,
            form: delivery.form,
            state: delivery.state,
            reason: delivery.reason.as_ref().map(|reason| ReasonView::new(reason, language)),
            has_link: delivery.link.is_some(),
            due: delivery.due,
            at: delivery.at,
            sent_at: delivery.sent_at,
            by: delivery.by.to_string(),
            message_id: delivery.message_id.clone(),
            version: delivery.version,
        }
    }
}

/// That a person marked a document as processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProcessedView {
    /// Who.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

impl From<&Processed> for ProcessedView {
    fn from(processed: &Processed) -> Self {
        Self { by: processed.by.to_string(), at: processed.at }
    }
}

/// How the accountant finds a document, and all that was mailed of it (ED-16).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveriesView {
    /// The accounting status.
    #[schema(schema_with = schema::one::<AccountingStatus>)]
    pub accounting_status: AccountingStatus,
    /// Why it is so.
    pub explanation: ReasonView,
    /// That it is shared with the accountant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<SharedView>,
    /// That somebody marked it as processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed: Option<ProcessedView>,
    /// Those that were asked for first come first.
    pub deliveries: Vec<DeliveryView>,
}
