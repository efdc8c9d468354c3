//! How series, orders and issued documents are shown.

use crate::{
    documents::view::{ReasonView, SharedView},
    exports::YesNo,
    schema,
    text::Amount,
};
use domain::{
    document::UnitId,
    ids::{AdministrationId, IssuedId, OrderId, SeriesId},
    money::Currency,
    office::Choice,
    sales::{Capability, Connector, Copy, Issued, Ksef, Numbering, Offers, Order, OrderData, Series, SeriesLink},
    time::{Date, Instant},
    words::Language,
};
use serde::Serialize;
use std::collections::BTreeMap;
use store::sales::PassEntry;
use utoipa::ToSchema;

/// A numbering series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeriesView {
    /// Id.
    #[schema(schema_with = schema::one::<SeriesId>)]
    pub id: SeriesId,
    /// Name.
    pub name: String,
    /// What is numbered with it.
    pub kind: &'static str,
    /// How its numbers look.
    pub pattern: String,
    /// When it begins again.
    #[schema(value_type = String)]
    pub reset: domain::sales::Reset,
    /// The first number of all.
    pub first: u64,
    /// Whether the payment date is kept off its documents (CO-25).
    pub hide_payment_date: YesNo,
    /// Days after the issue date at which payment is due.
    pub payment_days: u16,
    /// Counts edits.
    pub version: u32,
}

impl SeriesView {
    /// As it is shown.
    pub fn new(series: &Series) -> Self {
        Self {
            id: series.id,
            name: series.name.clone(),
            kind: series.kind.as_str(),
            pattern: series.pattern.to_string(),
            reset: series.reset,
            first: series.first,
            hide_payment_date: series.hide_payment_date.into(),
            payment_days: series.payment_days,
            version: series.version,
        }
    }
}

/// A capability of the ledger (CO-9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CapabilityView {
    /// `receipts`, `corrections`, `series`, `payments` or `sku`.
    pub capability: &'static str,
    /// Whether the ledger has it.
    pub available: YesNo,
    /// Whether it is in use here.
    pub active: YesNo,
}

fn yes(holds: bool) -> YesNo {
    if holds { YesNo::Yes } else { YesNo::No }
}

/// The ledger that gets issued documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConnectorView {
    /// Its unit: connection and set of books.
    #[schema(value_type = String)]
    pub unit: UnitId,
    /// Name of the ledger.
    pub ledger: &'static str,
    /// Who numbers (CO-11).
    #[schema(value_type = String)]
    pub numbering: Numbering,
    /// Whether documents are passed as soon as they are issued (CO-12).
    pub automatic: YesNo,
    /// Whether the customer is shown the ledger's document (CO-13).
    pub show_ledger_document: YesNo,
    /// Whether SKUs are sent (CO-17).
    pub send_sku: YesNo,
    /// Links of our series (CO-14).
    #[schema(value_type = Object)]
    pub series: BTreeMap<SeriesId, SeriesLink>,
    /// Links of payment types (CO-15).
    #[schema(value_type = Object)]
    pub payments: BTreeMap<String, String>,
    /// What the ledger can do, and what of it is in use (CO-9).
    pub capabilities: Vec<CapabilityView>,
    /// Counts edits.
    pub version: u32,
}

impl ConnectorView {
    /// As it is shown.
    pub fn new(connector: &Connector, offers: &Offers) -> Self {
        let capability = |capability: Capability| {
            let available = offers.capabilities.contains(&capability);
            let active = available && connector.uses(capability);
            CapabilityView { capability: capability.as_str(), available: yes(available), active: yes(active) }
        };
        Self {
            unit: connector.unit.clone(),
            ledger: offers.ledger,
            numbering: connector.numbering,
            automatic: connector.automatic.into(),
            show_ledger_document: connector.show_ledger_document.into(),
            send_sku: connector.send_sku.into(),
            series: connector.series.clone(),
            payments: connector.payments.iter().map(|(name, to)| (name.to_string(), to.clone())).collect(),
            capabilities: Capability::ALL.into_iter().map(capability).collect(),
            version: connector.version,
        }
    }
}

/// The ledger's document of an issued one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassedView {
    /// The ledger's own id.
    pub ledger_id: String,
    /// Its number there.
    pub number: String,
    /// Its public page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Whether its PDF is here: `awaited`, `fetched` or `missing`.
    pub copy: &'static str,
    /// Why there is no PDF (CO-33).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_missing: Option<ReasonView>,
    /// How the tax office's system of invoices stands to it, where the ledger says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub ksef: Option<Ksef>,
    /// When it was recorded here.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// An issued document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssuedView {
    /// Id.
    #[schema(schema_with = schema::one::<IssuedId>)]
    pub id: IssuedId,
    /// Of which administration.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// What it is.
    pub kind: &'static str,
    /// Our number.
    pub number: String,
    /// The number that counts in law; absent while the ledger has still to give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_number: Option<String>,
    /// The series that gave our number.
    #[schema(schema_with = schema::one::<SeriesId>)]
    pub series: SeriesId,
    /// The order that it was issued from.
    #[schema(schema_with = schema::one::<OrderId>)]
    pub order: OrderId,
    /// The day of issue.
    #[schema(value_type = String, format = Date)]
    pub issue_date: Date,
    /// Who buys.
    pub customer: String,
    /// Currency.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// What it changes of what is owed, with VAT.
    pub gross: Amount,
    /// What it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<IssuedId>)]
    pub corrects: Option<IssuedId>,
    /// How far it has come on its way to the ledger: `not_passed`, `withheld`, `passing`, `passed`, `failed` or `uncertain`.
    pub passing: &'static str,
    /// The ledger's document: ours is superseded by it (CO-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<PassedView>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// That the accountant gets it; how it gets there is at `GET /issued-documents/{issued}/deliveries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<SharedView>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Instant,
    /// Counts changes.
    pub version: u32,
}

impl IssuedView {
    /// As it is shown.
    pub fn new(issued: &Issued, language: Language) -> Self {
        let passed = issued.passed.as_ref().map(|passed| {
            let (copy, copy_missing) = match &passed.copy {
                Copy::Awaited => ("awaited", None),
                Copy::Fetched { .. } => ("fetched", None),
                Copy::Missing { reason, .. } => ("missing", Some(ReasonView::new(reason, language))),
            };
            PassedView {
                ledger_id: passed.ledger_id.clone(),
                number: passed.number.clone(),
                link: passed.link.clone(),
                copy,
                copy_missing,
                ksef: passed.ksef.clone(),
                at: passed.at,
            }
        });
        Self {
            id: issued.id,
            administration: issued.administration,
            kind: issued.kind.as_str(),
            number: issued.number.clone(),
            legal_number: issued.legal_number().map(ToOwned::to_owned),
            series: issued.series,
            order: issued.order,
            issue_date: issued.issue_date,
            customer: issued.customer.clone(),
            currency: issued.currency,
            gross: issued.gross.into(),
            corrects: issued.corrects,
            passing: issued.passing.as_str(),
            passed,
            reason: issued.reason.as_ref().map(|reason| ReasonView::new(reason, language)),
            shared: issued.shared.map(Into::into),
            issued_at: issued.issued_at,
            version: issued.version,
        }
    }
}

/// A document on an order's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardDocument {
    /// The document.
    #[serde(flatten)]
    pub document: IssuedView,
    /// Which one the customer is shown: `ours` or `ledger` (CO-13).
    pub shown: &'static str,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderView {
    /// Id.
    #[schema(schema_with = schema::one::<OrderId>)]
    pub id: OrderId,
    /// Where it stands.
    pub status: String,
    /// What it says, as it came.
    #[schema(value_type = Object)]
    pub order: OrderData,
    /// Documents that were issued from it, and which of them counts; not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<CardDocument>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// Counts changes.
    pub version: u32,
}

impl OrderView {
    /// As it is shown, with the documents that were looked up.
    pub fn new(order: &Order, documents: &[Issued], connector: Option<&Connector>, language: Language) -> Self {
        let ledgers = connector.is_some_and(|connector| connector.show_ledger_document == Choice::Yes);
        let document = |issued: &Issued| CardDocument {
            document: IssuedView::new(issued, language),
            shown: if ledgers && issued.passed.is_some() { "ledger" } else { "ours" },
        };
        Self {
            id: order.id,
            status: order.status.to_string(),
            order: order.data.clone(),
            documents: documents.iter().map(document).collect(),
            received_at: order.received_at,
            version: order.version,
        }
    }
}

/// An entry of an issued document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassEntryView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who: a user's id, or `system`.
    pub by: String,
    /// What happened; absent for a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'static str>,
    /// The state after it.
    pub passing: &'static str,
    /// The version after it.
    pub version: u32,
    /// Why, or what was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
}

impl PassEntryView {
    /// As it is shown.
    pub fn new(entry: &PassEntry, language: Language) -> Self {
        Self {
            at: entry.at,
            by: entry.by.to_string(),
            event: entry.event.map(domain::sales::PassEvent::as_str),
            passing: entry.passing.as_str(),
            version: entry.version,
            reason: entry.reason.as_ref().map(|reason| ReasonView::new(reason, language)),
        }
    }
}
