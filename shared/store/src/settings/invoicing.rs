//! What an administration issues its documents with: numbering series, the seller, and the ledger that gets them.

use super::{
    entity::{Author, VERSION, Versioned, What, all, audited, commit_alone, item_of, next, put},
    keys,
};
use crate::{
    Read, StoreError, Tables,
    expression::Expression,
    item::{Fields, Key, decode, number},
    table::Write,
};
use domain::{
    ids::{AdministrationId, OrderRuleId, SeriesId, TenantId},
    sales::{Connector, MarketplaceLink, OrderRule, OrderSource, Seller, Series},
};
use serde::Serialize;
use std::sync::Arc;

/// Series, seller and connector of an administration.
#[derive(Debug, Clone)]
pub struct InvoicingSettings {
    tables: Arc<Tables>,
    tenant: TenantId,
    books: String,
}

impl InvoicingSettings {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, books: keys::books(tenant, administration) }
    }

    /// A numbering series.
    pub async fn one_series(&self, id: SeriesId, read: Read) -> Result<Option<Series>, StoreError> {
        const OPERATION: &str = "series.get";
        let item = self.tables.settings.get(OPERATION, &keys::series(&self.books, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// All numbering series, in the order in which they were made: an administration has a handful.
    pub async fn series(&self) -> Result<Vec<Series>, StoreError> {
        all(&self.tables.settings, "series.all", &self.books, keys::SERIES).await
    }

    /// Puts a new series, or one in place of the one that was read.
    pub async fn put_series(
        &self,
        before: Option<&Series>,
        after: &Series,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let event = if before.is_some() { "series.changed" } else { "series.created" };
        let subject = after.id.to_string();
        let what = What { operation: "series.put", event, subject: &subject };
        let versions = (before.map(|before| before.version), after.version);
        self.put(what, keys::series(&self.books, after.id), (before, after), versions, author).await
    }

    /// The marketplaces to which documents of orders are forwarded.
    pub async fn marketplaces(&self) -> Result<Vec<MarketplaceLink>, StoreError> {
        all(&self.tables.settings, "marketplaces.all", &self.books, keys::MARKETPLACE).await
    }

    /// The marketplace of orders of a source.
    pub async fn marketplace(&self, source: &OrderSource, read: Read) -> Result<Option<MarketplaceLink>, StoreError> {
        const OPERATION: &str = "marketplaces.get";
        let item = self.tables.settings.get(OPERATION, &keys::marketplace(&self.books, source), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// Puts the first settings for a source, or others in place of those that were read.
    pub async fn put_marketplace(
        &self,
        before: Option<&MarketplaceLink>,
        after: &MarketplaceLink,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let subject = after.connection.to_string();
        let what = What { operation: "marketplaces.put", event: "marketplace.saved", subject: &subject };
        let versions = (before.map(|before| before.version), after.version);
        self.put(what, keys::marketplace(&self.books, &after.source), (before, after), versions, author).await
    }

    /// Rules of what happens by itself to orders, in the order in which they were made: an administration has a handful.
    pub async fn order_rules(&self) -> Result<Vec<OrderRule>, StoreError> {
        all(&self.tables.settings, "order_rules.all", &self.books, keys::ORDER_RULE).await
    }

    /// One of them.
    pub async fn order_rule(&self, id: OrderRuleId, read: Read) -> Result<Option<OrderRule>, StoreError> {
        const OPERATION: &str = "order_rules.get";
        let item = self.tables.settings.get(OPERATION, &keys::order_rule(&self.books, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// Puts a new rule, or one in place of the one that was read.
    pub async fn put_order_rule(
        &self,
        before: Option<&OrderRule>,
        after: &OrderRule,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let event = if before.is_some() { "order_rule.changed" } else { "order_rule.created" };
        let subject = after.id.to_string();
        let what = What { operation: "order_rules.put", event, subject: &subject };
        let versions = (before.map(|before| before.version), after.version);
        self.put(what, keys::order_rule(&self.books, after.id), (before, after), versions, author).await
    }

    /// Removes a rule. Runs that it set off go on.
    pub async fn delete_order_rule(&self, rule: &OrderRule, author: &Author<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "order_rules.delete";
        let subject = rule.id.to_string();
        let what = What { operation: OPERATION, event: "order_rule.deleted", subject: &subject };
        let condition = Expression::new("#version = :before").with("before", number(rule.version));
        let delete = Write::Delete { key: keys::order_rule(&self.books, rule.id), condition: Some(condition) };
        let old = audited(OPERATION, rule)?;
        commit_alone(&self.tables.settings, self.tenant, what, author, (Some(&old), None), vec![delete]).await
    }

    /// What is set for the ledger that gets the issued documents.
    pub async fn connector(&self, read: Read) -> Result<Option<Connector>, StoreError> {
        const OPERATION: &str = "connector.get";
        let item = self.tables.settings.get(OPERATION, &keys::connector(&self.books), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// Puts the first settings, or others in place of those that were read.
    pub async fn put_connector(
        &self,
        before: Option<&Connector>,
        after: &Connector,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let subject = after.administration.to_string();
        let what = What { operation: "connector.put", event: "connector.saved", subject: &subject };
        let versions = (before.map(|before| before.version), after.version);
        self.put(what, keys::connector(&self.books), (before, after), versions, author).await
    }

    /// Who sells, as on documents.
    pub async fn seller(&self, read: Read) -> Result<Option<Versioned<Seller>>, StoreError> {
        const OPERATION: &str = "seller.get";
        let item = self.tables.settings.get(OPERATION, &keys::seller(&self.books), read).await?;
        let Some(item) = item else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        let version = fields.needed(VERSION, fields.parsed(VERSION)?)?;
        Ok(Some(Versioned { value: decode(OPERATION, item)?, version }))
    }

    /// Puts the first seller, or another in place of the one that was read. The version that it has then.
    pub async fn put_seller(
        &self,
        administration: AdministrationId,
        before: Option<&Versioned<Seller>>,
        after: &Seller,
        author: &Author<'_>,
    ) -> Result<u32, StoreError> {
        let version = before.map_or(1, |before| before.version.saturating_add(1));
        let subject = administration.to_string();
        let what = What { operation: "seller.put", event: "seller.saved", subject: &subject };
        let versions = (before.map(|before| before.version), version);
        let values = (before.map(|before| &before.value), after);
        self.put(what, keys::seller(&self.books), values, versions, author).await?;
        Ok(version)
    }

    async fn put<T: Serialize>(
        &self,
        what: What<'_>,
        key: Key,
        (before, after): (Option<&T>, &T),
        (was, version): (Option<u32>, u32),
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        next(what.operation, was.unwrap_or(0), version)?;
        let item = item_of(what.operation, &key, after, version, author.writer)?;
        let old = before.map(|before| audited(what.operation, before)).transpose()?;
        let new = audited(what.operation, after)?;
        let values = (old.as_ref(), Some(&new));
        commit_alone(&self.tables.settings, self.tenant, what, author, values, vec![put(item, was)]).await
    }
}
