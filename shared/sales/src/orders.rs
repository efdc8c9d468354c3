//! Orders, as they come and change: what fits sets rules off, in the same write (CO-20).

use crate::{Desk, SalesError};
use domain::sales::{Order, OrderEvent, OrderRule, OrderRun, OrderStatus, Trigger};
use store::sales::Taken;

/// How often a change of status is tried anew that others were faster than.
const TRIES_MAX: u32 = 10;

impl Desk<'_> {
    /// Takes an order, unless there is one of its source and reference.
    pub async fn take(&self, order: &Order) -> Result<Taken, SalesError> {
        let runs = self.set_off(order, &Trigger::OrderCreated, 0).await?;
        Ok(self.tenant.orders(order.administration).create(order, &runs, &self.writer(0)).await?)
    }

    /// Changes where an order stands, as a person who saw it like that wants. The same status again changes nothing.
    pub async fn change_status(&self, before: &Order, to: &OrderStatus) -> Result<Order, SalesError> {
        self.put_status(before, to, 0).await
    }

    async fn put_status(&self, before: &Order, to: &OrderStatus, depth: u8) -> Result<Order, SalesError> {
        if before.status == *to {
            return Ok(before.clone());
        }
        let version = before.version.saturating_add(1);
        let after = Order { status: to.clone(), updated_at: self.now, version, ..before.clone() };
        let runs = self.set_off(&after, &Trigger::StatusChanged { to: to.clone() }, depth).await?;
        let orders = self.tenant.orders(before.administration);
        orders.replace(before, &after, &runs, &self.writer(version)).await?;
        Ok(after)
    }

    /// Changes where an order stands, as an action of a run wants: whatever else happened to it.
    pub async fn set_status(&self, run: &OrderRun, to: &OrderStatus) -> Result<Order, SalesError> {
        let orders = self.tenant.orders(run.administration);
        let mut tries = 0;
        loop {
            tries += 1;
            let found = orders.get(run.order, store::Read::Consistent).await?;
            let before = found.ok_or(SalesError::NoOrder(run.order))?;
            match self.put_status(&before, to, run.depth.saturating_add(1)).await {
                Err(SalesError::Store(error)) if error.is_conflict() && tries < TRIES_MAX => {}
                end => return end,
            }
        }
    }

    async fn set_off(&self, order: &Order, trigger: &Trigger, depth: u8) -> Result<Vec<OrderRun>, SalesError> {
        let rules = self.tenant.invoicing(order.administration).order_rules().await?;
        let event = OrderEvent { order: order.id, version: order.version, trigger, depth };
        Ok(OrderRule::set_off(&rules, event, self.now))
    }
}
