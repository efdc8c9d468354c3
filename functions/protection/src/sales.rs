//! The export of what a tenant sells: settings, orders with what happened to them by themselves, and issued documents with their PDFs.

use crate::{ProtectionError, export::Volume};
use domain::{
    ids::AdministrationId,
    mail::Home,
    protection::SalesList,
    sales::{Issued, Order},
    time::Date,
};
use serde_json::json;
use store::{
    Cursor, Read, TenantStore,
    sales::{IssuedPdf, WhichIssued},
};

/// Orders and issued documents of a page: their PDFs are in memory one after another.
const AT_ONCE: usize = 20;

/// From when on what an administration issued may be erased: all of it together, once the youngest may. Nothing when it issued nothing.
pub(crate) async fn erasable_from(
    tenant: &TenantStore,
    administration: AdministrationId,
    country: Option<&str>,
) -> Result<Option<Date>, ProtectionError> {
    let mut youngest = None;
    for which in [WhichIssued::Unpassed, WhichIssued::Settled] {
        let listed = tenant.issued().list(administration, which, None, 1).await?;
        youngest = youngest.max(listed.items.first().map(|issued| issued.issued_at.date_naive()));
    }
    let Some(youngest) = youngest else { return Ok(None) };
    let connector = tenant.invoicing(administration).connector(Read::Eventual).await?;
    let connection = match connector {
        Some(connector) => tenant.connections().get(connector.unit.connection, Read::Eventual).await?,
        None => None,
    };
    let country = connection.as_ref().map(|connection| connection.licence_country.as_str()).or(country);
    Ok(Some(domain::protection::erasable_from(country, youngest)))
}

/// Adds a page of a list. Where it goes on.
pub(crate) async fn list(
    tenant: &TenantStore,
    administration: AdministrationId,
    list: SalesList,
    cursor: Option<String>,
    volume: &mut Volume,
) -> Result<Option<String>, ProtectionError> {
    let cursor = cursor.map(Cursor::new);
    let next = match list {
        SalesList::Orders => {
            if cursor.is_none() {
                settings(tenant, administration, volume).await?;
            }
            let listed = tenant.orders(administration).list(cursor.as_ref(), AT_ONCE).await?;
            for order in &listed.items {
                whole_order(tenant, order, volume).await?;
            }
            listed.next
        }
        SalesList::Unpassed => issued(tenant, administration, WhichIssued::Unpassed, cursor.as_ref(), volume).await?,
        SalesList::Settled => issued(tenant, administration, WhichIssued::Settled, cursor.as_ref(), volume).await?,
    };
    Ok(next.map(|next| next.as_str().to_owned()))
}

async fn settings(
    tenant: &TenantStore,
    administration: AdministrationId,
    volume: &mut Volume,
) -> Result<(), ProtectionError> {
    let invoicing = tenant.invoicing(administration);
    for series in invoicing.series().await? {
        volume.line("numbering_series", &series)?;
    }
    if let Some(seller) = invoicing.seller(Read::Eventual).await? {
        volume.line("sellers", &json!({ "administration": administration, "seller": seller.value }))?;
    }
    if let Some(connector) = invoicing.connector(Read::Eventual).await? {
        volume.line("connectors", &connector)?;
    }
    for rule in invoicing.order_rules().await? {
        volume.line("order_rules", &rule)?;
    }
    for link in invoicing.marketplaces().await? {
        volume.line("marketplaces", &link)?;
    }
    Ok(())
}

async fn whole_order(tenant: &TenantStore, order: &Order, volume: &mut Volume) -> Result<(), ProtectionError> {
    let runs = tenant.order_runs().of(order.id, Read::Eventual).await?;
    let mails = tenant.deliveries().of(Home::Order(order.id), Read::Eventual).await?.deliveries;
    volume.line("orders", &json!({ "order": order, "runs": runs, "mails": mails }))
}

async fn issued(
    tenant: &TenantStore,
    administration: AdministrationId,
    which: WhichIssued,
    cursor: Option<&Cursor>,
    volume: &mut Volume,
) -> Result<Option<Cursor>, ProtectionError> {
    let listed = tenant.issued().list(administration, which, cursor, AT_ONCE).await?;
    for issued in &listed.items {
        whole(tenant, issued, volume).await?;
    }
    Ok(listed.next)
}

/// An issued document with what it says, what happened to it, and its PDFs.
async fn whole(tenant: &TenantStore, issued: &Issued, volume: &mut Volume) -> Result<(), ProtectionError> {
    let repository = tenant.issued();
    let content = repository.content(issued.id).await?;
    let history = repository.history(issued.id).await?;
    let forwardings = tenant.forwardings().of(issued.id).await?;
    let mails = tenant.deliveries().of(Home::Issued(issued.id), Read::Eventual).await?.deliveries;
    let line = json!({
        "document": issued, "content": content, "history": history, "forwardings": forwardings, "mails": mails
    });
    volume.line("issued_documents", &line)?;
    let number = issued.legal_number().unwrap_or(&issued.number);
    let replaced = issued.replacement.as_ref().and_then(|replacement| replacement.pdf.as_deref());
    let replaced = replaced.map(|file| (IssuedPdf::Replacement { file }, "replacement"));
    for (pdf, name) in
        [(IssuedPdf::Ours { number }, "ours"), (IssuedPdf::Ledgers, "ledger")].into_iter().chain(replaced)
    {
        if repository.has_pdf(issued.id, pdf).await? {
            volume.file(&format!("files/{}/{name}.pdf", issued.id), &repository.pdf(issued.id, pdf).await?)?;
        }
    }
    Ok(())
}
