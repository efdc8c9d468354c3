//! Sending a document on its way to the ledger (CO-3, CO-29).

use crate::{Desk, SalesError};
use domain::{
    ids::TaskId,
    sales::{Connector, Issued, Offers, PassEvent},
};
use store::sales::{PassChange, PassEntry};

impl Desk<'_> {
    /// Sends a document on its way to the ledger that the settings name; as it is then. It is passed once, ever.
    pub async fn pass(&self, before: &Issued) -> Result<Issued, SalesError> {
        let (connector, offers) = self.ledger(before.administration).await?.ok_or(SalesError::NoConnector)?;
        self.pass_to(before, (&connector, &offers), None).await
    }

    /// The same, where the settings were read before; with a run in bulk, which counts it.
    pub async fn pass_to(
        &self,
        before: &Issued,
        (connector, offers): (&Connector, &Offers),
        run: Option<TaskId>,
    ) -> Result<Issued, SalesError> {
        offers.takes(before.kind)?;
        if connector.withholds(before.series) {
            return Err(SalesError::KeptHere(before.series));
        }
        let (changed, step) = before.on_its_way(connector, &self.actor(), self.now)?;
        let after = Issued { version: before.version.saturating_add(1), run, ..changed };
        let entry = PassEntry {
            at: self.now,
            by: self.actor(),
            event: Some(PassEvent::Pass),
            passing: after.passing,
            version: after.version,
            reason: None,
        };
        // A run in bulk is in the unit's turn already: nobody has to be woken for each of its documents.
        let step = run.is_none().then_some(step);
        let change = PassChange { before, after: &after, step, entry, fence: None };
        self.tenant.issued().transition(&change, &self.writer(before.version)).await?;
        Ok(after)
    }
}
