//! The ledger that gets the issued documents of an administration (CO-8, CO-11 to CO-17).

use super::ConnectorView;
use crate::{
    app::App,
    auth::Caller,
    exports::YesNo,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    reply::Versioned,
    schema,
    text::LedgerText,
};
use axum::extract::State;
use domain::{
    document::UnitId,
    ids::{AdministrationId, ConnectionId, SeriesId},
    office::Connection,
    sales::{Connector, Numbering, Offers, PaymentName, SeriesLink},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::Read;
use utoipa::ToSchema;

/// What becomes of the documents of one of our series (CO-14).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "to", deny_unknown_fields)]
pub enum SeriesLinkBody {
    /// They go into this series of the ledger.
    Series {
        /// The ledger's own code or id of it.
        code: LedgerText,
    },
    /// They are not passed.
    DoNotPass,
}

/// Settings of the ledger that gets issued documents; what is left out takes its default (CO-16).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectorBody {
    /// Through this connection. A division must have been chosen there for the administration.
    #[schema(schema_with = schema::one::<ConnectionId>)]
    pub connection: ConnectionId,
    /// Who numbers: `ledger` or `ours` (CO-11).
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub numbering: Numbering,
    /// Pass documents as soon as they are issued (CO-12).
    #[serde(default)]
    pub automatic: Option<YesNo>,
    /// Show the customer the ledger's document instead of ours (CO-13).
    #[serde(default)]
    pub show_ledger_document: Option<YesNo>,
    /// Send SKUs, so that the ledger lowers its stock (CO-17).
    #[serde(default)]
    pub send_sku: Option<YesNo>,
    /// Links of our series by their ids; a series without one goes into the ledger's default (CO-14).
    #[serde(default)]
    #[schema(value_type = Object)]
    pub series: BTreeMap<SeriesId, SeriesLinkBody>,
    /// Links of payment types in orders to those of the ledger; one without becomes the ledger's default (CO-15).
    #[serde(default)]
    #[schema(value_type = Object)]
    pub payments: BTreeMap<PaymentName, LedgerText>,
}

/// The most links of series, and of payment types.
const LINKS_MAX: usize = 100;

impl ConnectorBody {
    fn connector(self, administration: AdministrationId, unit: UnitId, version: u32) -> Connector {
        let choice = |choice: Option<YesNo>| choice.unwrap_or(YesNo::No).into();
        let link = |link| match link {
            SeriesLinkBody::Series { code } => SeriesLink::Series { code: LedgerText::into_string(code) },
            SeriesLinkBody::DoNotPass => SeriesLink::DoNotPass,
        };
        Connector {
            administration,
            unit,
            numbering: self.numbering,
            automatic: choice(self.automatic),
            show_ledger_document: choice(self.show_ledger_document),
            send_sku: choice(self.send_sku),
            series: self.series.into_iter().map(|(series, to)| (series, link(to))).collect(),
            payments: self.payments.into_iter().map(|(name, to)| (name, to.into_string())).collect(),
            version,
        }
    }
}

/// The connection's division for the administration, and what its ledger offers.
fn place(connection: &Connection, administration: AdministrationId) -> Answer<(UnitId, Offers)> {
    let descriptor = ledgers::described(&connection.system);
    let offers = descriptor.and_then(ledgers::Descriptor::offers).ok_or_else(|| {
        let detail = format!("{} takes no issued documents: choose a connection whose ledger does.", connection.system);
        Problem::new(Code::NotOffered, detail)
    })?;
    let division = connection.divisions.get(&administration).cloned().ok_or_else(|| {
        let detail = "No division was chosen for the administration: POST /connections/{connection}/divisions.";
        Problem::new(Code::UnitMissing, detail).about(connection.id)
    })?;
    Ok((UnitId { connection: connection.id, division: Some(division) }, offers))
}

/// What is set for the ledger that gets issued documents, with what it can do and what of it is in use (CO-9).
#[utoipa::path(
    get, path = "/administrations/{administration}/connector", tag = "sales",
    responses((status = 200, body = ConnectorView))
)]
pub async fn get_connector(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Versioned<ConnectorView>> {
    app.check_administration(&caller, administration).await?;
    let found = super::ledger(&app, &caller, administration).await?;
    let (connector, offers) = found.ok_or_else(|| Problem::not_found("connector", administration))?;
    Ok(Versioned { body: ConnectorView::new(&connector, &offers), version: connector.version })
}

/// Sets the ledger that gets issued documents. What it would have to ignore is refused. The first time without If-Match.
#[utoipa::path(
    put, path = "/administrations/{administration}/connector", tag = "sales",
    request_body = ConnectorBody,
    responses((status = 200, body = ConnectorView))
)]
pub async fn put_connector(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    seen: IfMatchMaybe,
    Json(body): Json<ConnectorBody>,
) -> Answer<Versioned<ConnectorView>> {
    app.check_administration(&caller, administration).await?;
    let tenant = app.of(caller.tenant);
    let settings = tenant.invoicing(administration);
    let before = settings.connector(Read::Consistent).await?;
    if let Some(before) = &before {
        seen.required()?.check(before.version)?;
    }
    if body.series.len() > LINKS_MAX || body.payments.len() > LINKS_MAX {
        return Err(Problem::invalid(
            "/series",
            format!("At most {LINKS_MAX} series and {LINKS_MAX} payment types are linked."),
        ));
    }
    let connection = tenant.connections().get(body.connection, Read::Consistent).await?.ok_or_else(|| {
        let detail = "There is no such connection: GET /connections lists them.";
        Problem::new(Code::UnknownReference, detail).at("/connection", detail)
    })?;
    let (unit, offers) = place(&connection, administration)?;
    let known: Vec<SeriesId> = settings.series().await?.iter().map(|series| series.id).collect();
    if let Some(unknown) = body.series.keys().find(|series| !known.contains(series)) {
        let detail = "There is no such numbering series in this administration.";
        return Err(Problem::new(Code::UnknownReference, detail).at(format!("/series/{unknown}"), detail));
    }
    let version = before.as_ref().map_or(1, |before| before.version.saturating_add(1));
    let after = body.connector(administration, unit, version);
    after.check(&offers).map_err(|error| Problem::new(Code::NotOffered, format!("{error}.")))?;
    settings.put_connector(before.as_ref(), &after, &caller.hand(1).author()).await?;
    tenant.units().register(&after.unit).await?;
    Ok(Versioned { body: ConnectorView::new(&after, &offers), version })
}
