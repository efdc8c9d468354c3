//! What the relay reads from a record of the table's stream.

use super::head;
use crate::{
    StoreError,
    item::Item,
    mail::{self, MailRecord, MailRef},
    sales::{OrderRef, PassRecord, order_of_stream},
};
use domain::{
    document::{Document, Step},
    ids::TenantId,
    mail::Delivery,
};

/// A transition that asks for something to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayRecord {
    /// Whose document.
    pub tenant: TenantId,
    /// What is asked for.
    pub step: Step,
    /// The document after the transition: its version is the one a message names.
    pub document: Document,
}

/// A change that asks for something to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamRecord {
    /// Of a document that was received.
    Received(Box<RelayRecord>),
    /// Of one that was issued.
    Issued(Box<PassRecord>),
    /// Of what happens by itself to an order.
    Order(OrderRef),
    /// Of something that is to be mailed.
    Mail(MailRef),
    /// Of a delivery by mail.
    Delivery(TenantId, Box<Delivery>),
}

impl StreamRecord {
    /// From the new image of a stream record, as `aws_lambda_events` decodes it. An image that asks for nothing, or is no
    /// head, is an error: the event source's filter lets none through.
    pub fn from_image(image: serde_dynamo::Item) -> Result<Self, StoreError> {
        const OPERATION: &str = "documents.relay_record";
        let item: Item = image.into();
        if let Some(order) = order_of_stream(&item) {
            return Ok(Self::Order(order));
        }
        match mail::of_stream(OPERATION, &item)? {
            Some(MailRecord::Armed(mail)) => return Ok(Self::Mail(mail)),
            Some(MailRecord::Told(tenant, delivery)) => return Ok(Self::Delivery(tenant, delivery)),
            None => {}
        }
        match PassRecord::of_item(OPERATION, &item)? {
            Some(record) => Ok(Self::Issued(Box::new(record))),
            None => RelayRecord::of_item(OPERATION, &item).map(|record| Self::Received(Box::new(record))),
        }
    }

    /// From the JSON of a stream record's new image: `{"pk":{"S":"..."},...}`.
    pub fn from_json(image: &str) -> Result<Self, StoreError> {
        let image = serde_json::from_str(image).map_err(|error| {
            StoreError::bug("documents.relay_record", "the image of a stream record is no item").caused_by(error)
        })?;
        Self::from_image(image)
    }
}

impl RelayRecord {
    fn of_item(operation: &'static str, item: &Item) -> Result<Self, StoreError> {
        let step = head::step(operation, item)?;
        let (tenant, document) = head::decode(operation, item)?;
        Ok(Self { tenant, step, document })
    }
}
