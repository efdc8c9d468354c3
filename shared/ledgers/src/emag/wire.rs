//! What is sent and what comes.

use super::ORDER;
use crate::{
    call::{Effect, Purpose},
    error::Operation,
    loose::Loose,
};
use serde::Serialize;

/// An order that is over: with or after this status it takes documents.
const FINALIZED: i64 = 4;
const CANCELLED: i64 = 0;

/// A request that reads an order.
pub(super) fn reading(operation: Operation) -> Purpose {
    Purpose { operation, effect: Effect::Reads, resource: ORDER }
}

/// The least that shows that the user is good: one order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FirstPage {
    current_page: u8,
    items_per_page: u8,
}

impl FirstPage {
    pub(super) const ONE: Self = Self { current_page: 1, items_per_page: 1 };
}

/// Which order is asked for.
#[derive(Serialize)]
pub(super) struct ById {
    pub(super) id: u64,
}

/// Of which order the documents are asked for.
#[derive(Serialize)]
pub(super) struct OfOrder {
    pub(super) order_id: u64,
    pub(super) order_type: i64,
}

/// A document that is given to an order. Goes in a list: so do the clients that are known to work.
#[derive(Serialize)]
pub(super) struct Attachment<'a> {
    pub(super) order_id: u64,
    pub(super) order_type: i64,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: u8,
    pub(super) force_download: u8,
    pub(super) url: &'a str,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before it is sent.
    Open,
    /// It will not be sent.
    Cancelled,
    /// Sent, and perhaps come back.
    Finished,
}

/// An order that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) stage: Stage,
    /// Who sends the goods, in its own numbers.
    pub(super) kind: Option<i64>,
}

impl Order {
    /// Out of what was read; nothing when that says not how far the order is.
    pub(super) fn read(order: &Loose) -> Option<Self> {
        let stage = match order.whole("status")? {
            CANCELLED => Stage::Cancelled,
            status if status >= FINALIZED => Stage::Finished,
            _ => Stage::Open,
        };
        Some(Self { stage, kind: order.whole("type").filter(|kind| matches!(kind, 2 | 3)) })
    }
}

/// Whether one of some attachments is at this address.
pub(super) fn holds(attachments: &[Loose], address: &str) -> bool {
    attachments.iter().any(|attachment| attachment.text("url").as_deref() == Some(address))
}
