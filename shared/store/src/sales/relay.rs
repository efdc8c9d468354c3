//! What the relay reads from a record of the table's stream that is about an issued document.

use super::{issued::WATCHED, keys};
use crate::{
    StoreError,
    document::head,
    item::{Item, Key},
};
use domain::{
    document::Step,
    ids::{OrderId, TenantId},
    sales::Issued,
};

/// A change of an issued document that asks for something to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassRecord {
    /// Whose document.
    pub tenant: TenantId,
    /// What is asked for.
    pub step: Step,
    /// The document after the change.
    pub issued: Issued,
    /// The order, when an action waits for what becomes of the document.
    pub watched_by: Option<OrderId>,
}

impl PassRecord {
    /// From the new image of a stream record, when it is that of an issued document.
    pub(crate) fn of_item(operation: &'static str, item: &Item) -> Result<Option<Self>, StoreError> {
        if !Key::of(item).is_some_and(|key| keys::is_issued(&key.pk)) {
            return Ok(None);
        }
        let step = head::step(operation, item)?;
        let (tenant, issued) = super::issued::decode(operation, item)?;
        let watched_by = item.contains_key(WATCHED).then_some(issued.order);
        Ok(Some(Self { tenant, step, issued, watched_by }))
    }
}
