//! Formats of export files, and what becomes of posting dates and credit notes in each.

use crate::{app::App, auth::Caller, reply::Shown};
use axum::extract::State;
use domain::export_format::{CreditNoteSign, FileFormat, PostingDateField};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Names of the formats.
pub const FORMATS: [&str; 6] = ["csv", "standard", "datev", "xaf", "jpk_fa", "ubl_bundle"];

/// Where the posting date goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostingDateView {
    /// `own`: a field of its own. `shared`: the only date there, so that `job_date` is refused. `none`: nothing is booked by it.
    pub kind: &'static str,
    /// Which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

impl From<PostingDateField> for PostingDateView {
    fn from(field: PostingDateField) -> Self {
        match field {
            PostingDateField::Own(field) => Self { kind: "own", field: Some(field) },
            PostingDateField::Shared(field) => Self { kind: "shared", field: Some(field) },
            PostingDateField::None => Self { kind: "none", field: None },
        }
    }
}

/// A format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormatView {
    /// Its name.
    pub format: &'static str,
    /// Where the posting date goes (EX-3).
    pub posting_date: PostingDateView,
    /// How a credit note shows: `negative`, `other_side` (debit and credit exchanged), `chosen` by its settings, `as_received`.
    pub credit_notes: &'static str,
    /// Its settings with what holds when they are not set.
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
    /// Settings without which it cannot be activated.
    pub required: Vec<String>,
}

/// A ledger as the target of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerFormatView {
    /// Its name, as connections have it.
    pub system: &'static str,
    /// Where the posting date goes with the options' defaults.
    pub posting_date: PostingDateView,
}

/// What can be exported to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormatsView {
    /// File formats.
    pub files: Vec<FormatView>,
    /// Ledgers.
    pub ledgers: Vec<LedgerFormatView>,
}

/// The formats of export files and the ledgers that can be exported to.
#[utoipa::path(get, path = "/export-formats", tag = "exports", responses((status = 200, body = FormatsView)))]
pub async fn list_formats(State(_): State<App>, _: Caller) -> Shown<FormatsView> {
    let file = |name: &'static str| {
        let format: FileFormat = serde_json::from_value(json!({ "format": name, "options": {} })).ok()?;
        let value = serde_json::to_value(&format).unwrap_or_default();
        Some(FormatView {
            format: name,
            posting_date: format.posting_date_field().into(),
            credit_notes: match format.credit_note_sign() {
                CreditNoteSign::Negative => "negative",
                CreditNoteSign::OtherSide => "other_side",
                CreditNoteSign::Chosen => "chosen",
                CreditNoteSign::AsReceived => "as_received",
            },
            options: value["options"].clone(),
            required: format.problems().into_iter().map(|problem| problem.field).collect(),
        })
    };
    let ledger = |descriptor: &&'static ledgers::Descriptor| LedgerFormatView {
        system: descriptor.system,
        posting_date: descriptor.posting_date_field(&ledgers::Options::default()).into(),
    };
    Shown(FormatsView {
        files: FORMATS.into_iter().filter_map(file).collect(),
        ledgers: ledgers::catalogue().iter().filter(|descriptor| descriptor.books_received()).map(ledger).collect(),
    })
}
