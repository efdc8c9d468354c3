//! How iFirma is asked: Polish addresses, an envelope, and two kinds of invoices.

use super::{NAME, wire::Invoice};
use crate::{
    call::{Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
};
use domain::{
    sales::{IssuedContent, Ksef},
    time::Date,
};
use rust_decimal::Decimal;

/// Rows of a page of the list: what it gives when nothing is said.
pub(super) const PAGE: usize = 20;

/// The list of invoices.
pub(super) const LIST: &str = "faktury";

/// The kinds of invoices that are made: each is read where it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In zloty.
    Domestic,
    /// In another currency.
    Currency,
}

impl Kind {
    pub(super) fn of(content: &IssuedContent) -> Self {
        if super::map::is_foreign(content) { Self::Currency } else { Self::Domestic }
    }

    fn resource(self) -> &'static str {
        match self {
            Self::Domestic => "fakturakraj",
            Self::Currency => "fakturawaluta",
        }
    }

    /// An id as it is stored: with the kind where that is not the usual one.
    pub(super) fn stored(self, id: &str) -> String {
        match self {
            Self::Domestic => id.to_owned(),
            Self::Currency => format!("{}/{id}", self.resource()),
        }
    }

    /// Kind and id of a stored one.
    pub(super) fn of_stored(stored: &str) -> Result<(Self, &str), LedgerError> {
        let (kind, id) = match stored.split_once('/') {
            Some(("fakturawaluta", id)) => (Self::Currency, id),
            _ => (Self::Domestic, stored),
        };
        let is_id = !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit());
        is_id.then_some((kind, id)).ok_or_else(|| {
            let message = format!("What is stored as the document's id in {NAME} is none.");
            LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Fetch, message)
        })
    }
}

fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// A page of the invoices of a day, within these amounts.
pub(super) fn list(operation: Operation, day: Date, amounts: Option<(Decimal, Decimal)>, page: usize) -> Call {
    let amounts = amounts.map(|(least, most)| format!("&kwotaOd={least:.2}&kwotaDo={most:.2}")).unwrap_or_default();
    let path = format!("/iapi/{LIST}.json?dataOd={day}&dataDo={day}{amounts}&iloscNaStronie={PAGE}&strona={page}");
    get(operation, LIST, path)
}

/// A request that changes nothing and tells nothing: it is answered when the key is good.
pub(super) fn probe(operation: Operation) -> Call {
    get(operation, LIST, format!("/iapi/{LIST}.json?dataOd=2020-01-01&dataDo=2020-01-01&iloscNaStronie=1"))
}

/// A request for an invoice.
pub(super) fn read(operation: Operation, kind: Kind, id: &str) -> Call {
    get(operation, kind.resource(), format!("/iapi/{}/{id}.json", kind.resource()))
}

/// A request for its PDF.
pub(super) fn print(kind: Kind, id: &str) -> Call {
    get(Operation::Fetch, kind.resource(), format!("/iapi/{}/{id}.pdf.single", kind.resource()))
}

/// A request that makes an invoice.
pub(super) fn create(kind: Kind, invoice: &Invoice<'_>) -> Result<Call, LedgerError> {
    let operation = Operation::CreateBooking;
    let body = serde_json::to_vec(invoice).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    Ok(Call {
        purpose: Purpose { operation, effect: Effect::Writes, resource: kind.resource() },
        path: format!("/iapi/{}.json", kind.resource()),
        body: Body::Json(body),
    })
}

/// Rows of the list.
pub(super) fn rows(purpose: Purpose, response: &Loose) -> Result<Vec<Loose>, LedgerError> {
    response.list("Wynik").ok_or_else(|| LedgerError::malformed(NAME, purpose.operation, purpose.effect))
}

/// Its number in KSeF, under one of the names that were seen; nothing before it has one.
pub(super) fn ksef(read: &Loose) -> Option<Ksef> {
    let name = read.names().find(|name| name.to_lowercase().replace('_', "") == "numerksef")?;
    read.text(name).map(|number| Ksef::Accepted { number })
}
