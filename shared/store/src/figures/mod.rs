//! What is counted of an administration's documents: of each once, however often and in whatever order its events come.
//!
//! Beside a document's head stands what of it was counted, and at which version. Counting a document replaces that and adds
//! the difference to the figures, in one transaction: whoever does it again finds nothing to add.

mod changes;
mod contacts;
mod record;

pub use contacts::{Dismissed, Fallen, Recommendation};
pub use record::Recorded;

use crate::{
    StoreError, Tables,
    item::{Fields, Item},
    runs::keys,
    schema::SK,
    table::Query,
};
use domain::{
    document::Channel,
    figures::{Count, DayFigures, How, Period},
    ids::{AdministrationId, TenantId},
    ledger::Direction,
    time::Date,
};
use std::sync::Arc;

/// Somebody else wrote at the same moment: so often what was read is read again.
const ATTEMPTS_MAX: u32 = 5;

/// The figures of an administration.
#[derive(Debug, Clone)]
pub struct Figures {
    tables: Arc<Tables>,
    tenant: TenantId,
    administration: AdministrationId,
}

/// The attribute of a day's figures that counts this.
fn attribute(count: Count) -> &'static str {
    match count {
        Count::Delivered(Channel::Api) => "delivered_api",
        Count::Delivered(Channel::Event) => "delivered_event",
        Count::Tagged(Direction::Purchase) => "tagged_purchase",
        Count::Tagged(Direction::Sales) => "tagged_sales",
        Count::Booked(How::Automatically) => "booked_automatically",
        Count::Booked(How::ByHand) => "booked_by_hand",
    }
}

impl Figures {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, administration }
    }

    /// The figures of each day of a period on which something was counted.
    pub async fn days(&self, period: Period) -> Result<Vec<(Date, DayFigures)>, StoreError> {
        const OPERATION: &str = "figures.days";
        let pk = keys::figures(self.tenant, self.administration);
        let query = Query::range(&pk, &keys::day(period.from), &keys::day(period.to));
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            let date = fields.needed(SK, fields.text(SK)?.and_then(keys::of_day))?;
            let count = |count| Ok((count, fields.parsed(attribute(count))?.unwrap_or_default()));
            let counts = Count::all().map(count).collect::<Result<Vec<_>, StoreError>>()?;
            Ok((date, counts.into_iter().collect()))
        };
        items.iter().map(read).collect()
    }
}
