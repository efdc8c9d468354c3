//! Issuing: a document gets its number, and goes to the ledger where the settings say so (CO-1, CO-3).

use crate::{Desk, SalesError};
use domain::{
    document::Step,
    exchange::ExchangeRate,
    ids::{AdministrationId, IssuedId, OrderId, SeriesId},
    sales::{
        AtIssue, Connector, IssueError, Issued, IssuedContent, IssuedKind, Issuing, Numbering, Offers, Order,
        OrderDocument, Seller, Series,
    },
    time::Date,
};
use store::{
    Read,
    sales::{Issue, IssueOutcome},
};

/// How often a number is tried for that others take at the same moment.
const TRIES_MAX: u32 = 50;

/// What issuing needs of settings, read once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The series: it says what is issued.
    pub series: Series,
    /// The day of issue.
    pub date: Date,
    seller: Seller,
    /// The rate at which VAT is given in the seller's currency, where whoever issues says it; it goes before the order's own.
    pub exchange_rate: Option<ExchangeRate>,
    /// The ledger that gets what is issued, and what it offers.
    pub ledger: Option<(Connector, Offers)>,
}

impl Desk<'_> {
    /// What issuing in a series needs; `today` where the administration is. A document is of today when no date is given, and never of
    /// a day that has not come.
    pub async fn settings(
        &self,
        administration: AdministrationId,
        series: SeriesId,
        (date, today): (Option<Date>, Date),
    ) -> Result<Settings, SalesError> {
        let date = date.unwrap_or(today);
        if date > today {
            return Err(IssueError::Future { today }.into());
        }
        let invoicing = self.tenant.invoicing(administration);
        let found = invoicing.one_series(series, Read::Consistent).await?.ok_or(SalesError::NoSeries(series))?;
        let seller = invoicing.seller(Read::Consistent).await?.ok_or(SalesError::NoSeller)?;
        let ledger = self.ledger(administration).await?;
        Ok(Settings { series: found, date, seller: seller.value, exchange_rate: None, ledger })
    }

    /// Issues an invoice, a receipt or a pro-forma invoice of an order. An order has one of each: asked for again, the same one comes
    /// back.
    pub async fn issue(&self, order: OrderId, settings: &Settings) -> Result<Issued, SalesError> {
        let kind = settings.series.kind;
        if kind == IssuedKind::Correction {
            return Err(IssueError::WrongSeries { series: kind, wanted: IssuedKind::Invoice }.into());
        }
        let id = self.tenant.orders(settings.series.administration).document_id(order, kind);
        self.number(order, id, settings, |order, issuing| issuing.of_order(&order.data)).await
    }

    /// Numbers a document and stores it with its order: again and again while others take numbers of the same series. `write` says
    /// what stands in it.
    pub async fn number(
        &self,
        order: OrderId,
        id: IssuedId,
        settings: &Settings,
        write: impl Fn(&Order, &Issuing<'_>) -> Result<IssuedContent, IssueError>,
    ) -> Result<Issued, SalesError> {
        let series = &settings.series;
        let orders = self.tenant.orders(series.administration);
        for attempt in 1..=TRIES_MAX {
            let before = orders.get(order, Read::Consistent).await?.ok_or(SalesError::NoOrder(order))?;
            if let Some(there) = self.tenant.issued().get(id, Read::Consistent).await? {
                return Ok(there);
            }
            let counter = orders.counter(series.id).await?;
            let (next, number) = series.next(counter, settings.date)?;
            let issuing = Issuing { id, series, number: &number, date: settings.date, seller: &settings.seller };
            let mut content = write(&before, &issuing)?;
            if settings.exchange_rate.is_some() {
                content.exchange_rate.clone_from(&settings.exchange_rate);
            }
            // The ledger's own document, where a customer is shown that, is the ledger's to complete.
            if !settings.ledger.as_ref().is_some_and(|(connector, _)| connector.replaces_ours(series.id)) {
                content.check_national_vat()?;
            }
            let (issued, step) = self.head(&content, &before, settings)?;
            let mut after = Order { updated_at: self.now, version: before.version.saturating_add(1), ..before.clone() };
            after.documents.push(OrderDocument { kind: content.kind, id });
            let issue =
                Issue { before: &before, after: &after, counter, next, issued: &issued, content: &content, step };
            match orders.issue(&issue, &self.writer(attempt)).await? {
                IssueOutcome::Issued => return Ok(issued),
                IssueOutcome::Existing(issued) => return Ok(*issued),
                IssueOutcome::Overtaken => {}
            }
        }
        Err(SalesError::Busy)
    }

    /// The head of a new document: on its way already, where the settings say so (CO-12, CO-14).
    fn head(&self, content: &IssuedContent, order: &Order, settings: &Settings) -> Result<(Issued, Step), SalesError> {
        let numbering = settings.ledger.as_ref().map_or(Numbering::Ours, |(connector, _)| connector.numbering);
        let of = (order.administration, order.id);
        let issued = Issued::new(content, of, numbering, self.now).ok_or(IssueError::TooLarge)?;
        let Some((connector, offers)) = &settings.ledger else { return Ok((issued, Step::Announce)) };
        Ok(match connector.at_issue(&issued, offers) {
            AtIssue::Keep => (issued, Step::Announce),
            AtIssue::Pass => issued.on_its_way(connector, &self.actor(), self.now)?,
            AtIssue::Withhold => issued.withheld(self.now)?,
        })
    }
}
