//! What a person does through the API and an order's actions do by themselves, in one place: issuing documents, passing them, and
//! changing where an order stands. Decisions are those of [`domain::sales`]; here they meet the tables.

mod forward;
mod issue;
mod orders;
mod pass;

pub use issue::Settings;

use domain::{
    document::Actor,
    ids::{AdministrationId, OrderId, SeriesId, UserId},
    sales::{Connector, IssueError, NumberingError, Offers, PassNotAllowed, Unsupported},
    time::Instant,
};
use store::{Read, StoreError, TenantStore, Writer};

/// Why it was not done. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum SalesError {
    /// There is no such order.
    #[error("there is no order {0}")]
    NoOrder(OrderId),
    /// The series was never made, or is of another administration.
    #[error("there is no numbering series {0} in this administration")]
    NoSeries(SeriesId),
    /// Documents need a seller.
    #[error("nobody has said yet who sells: PUT /administrations/{{administration}}/seller")]
    NoSeller,
    /// The order, or what is to be corrected, cannot take it.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The date would break the order of numbers.
    #[error(transparent)]
    Numbering(#[from] NumberingError),
    /// Others took each number that was tried.
    #[error("many documents are being issued in this series: try again in a moment")]
    Busy,
    /// No ledger gets the documents.
    #[error(
        "no ledger gets the issued documents of this administration: PUT /administrations/{{administration}}/connector"
    )]
    NoConnector,
    /// The connection behind the settings is gone.
    #[error("the connection of the connector was removed, or takes no issued documents: set the connector anew")]
    NoConnection,
    /// The ledger does not take documents of this kind.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The settings keep the series here (CO-14).
    #[error("the settings say that documents of this series are not passed")]
    KeptHere(SeriesId),
    /// The document stands where this cannot be done.
    #[error(transparent)]
    State(#[from] PassNotAllowed),
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who acts, when, and in which request.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// Whose documents.
    pub tenant: &'a TenantStore,
    /// Who.
    pub by: UserId,
    /// Now.
    pub now: Instant,
    /// Names the request, so that a retried write knows itself.
    pub request: &'a str,
}

impl Desk<'_> {
    fn actor(&self) -> Actor {
        Actor::User(self.by)
    }

    fn writer(&self, attempt: u32) -> Writer {
        Writer::new(self.request, attempt)
    }

    /// The ledger that gets the issued documents of an administration, and what it offers; nothing where none is set.
    pub async fn ledger(&self, administration: AdministrationId) -> Result<Option<(Connector, Offers)>, SalesError> {
        let Some(connector) = self.tenant.invoicing(administration).connector(Read::Consistent).await? else {
            return Ok(None);
        };
        let connection = self.tenant.connections().get(connector.unit.connection, Read::Eventual).await?;
        let offers = connection.and_then(|connection| ledgers::described(&connection.system)?.offers());
        Ok(Some((connector, offers.ok_or(SalesError::NoConnection)?)))
    }
}
