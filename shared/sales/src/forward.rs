//! Having the finished document of an order forwarded to its marketplace (CO-13).

use crate::{Desk, SalesError};
use domain::{
    document::UnitId,
    office::Choice,
    sales::{ForwardState, Forwarding, Issued, MarketplaceLink, Order},
    task::{Task, TaskState, Work},
};
use store::Read;

impl Desk<'_> {
    /// The marketplace to which documents of an order go; nothing where none is set or its switch is off.
    pub async fn marketplace(&self, order: &Order) -> Result<Option<MarketplaceLink>, SalesError> {
        let settings = self.tenant.invoicing(order.administration);
        let found = settings.marketplace(&order.data.source, Read::Consistent).await?;
        Ok(found.filter(|link| link.forward == Choice::Yes))
    }

    /// Has a document forwarded: once for each account, and again when nothing is there. As it stands then.
    pub async fn forward(&self, issued: &Issued, link: &MarketplaceLink) -> Result<Forwarding, SalesError> {
        let repository = self.tenant.forwardings();
        let before = repository.get(issued.id, link.connection).await?;
        let forwarding = match &before {
            Some(there) if !there.state.may_begin_again() => there.clone(),
            Some(_) | None => {
                let fresh = Forwarding {
                    issued: issued.id,
                    order: issued.order,
                    administration: issued.administration,
                    connection: link.connection,
                    state: ForwardState::Waiting,
                    by: self.by,
                    link: before.as_ref().and_then(|before| before.link.clone()),
                    marketplace_id: None,
                    reason: None,
                    first_tried: None,
                    // What was begun is looked for before anything is sent again.
                    attempt: before.as_ref().and_then(|before| before.attempt.clone()),
                    asked_at: self.now,
                    updated_at: self.now,
                    version: before.as_ref().map_or(1, |before| before.version.saturating_add(1)),
                };
                repository.put(before.as_ref(), &fresh, &self.writer(fresh.version)).await?;
                fresh
            }
        };
        if !forwarding.state.is_over() {
            self.task(&forwarding).await?;
        }
        Ok(forwarding)
    }

    /// The task that forwards. It is made after the forwarding, and again when somebody died in between.
    async fn task(&self, forwarding: &Forwarding) -> Result<(), SalesError> {
        let unit = UnitId { connection: forwarding.connection, division: None };
        let task = Task {
            id: self.tenant.forwardings().task_id(forwarding),
            unit,
            work: Work::Forward { issued: forwarding.issued },
            requested_by: forwarding.by,
            requested_at: self.now,
            due: self.now,
            attempts: 0,
            state: TaskState::Open,
        };
        self.tenant.units().register(&task.unit).await?;
        match self.tenant.tasks().create(&task, &self.writer(0)).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_conflict() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
