//! The tenant's own settings.

use crate::{
    app::App,
    auth::Caller,
    extract::{IfMatch, Json},
    problem::{Answer, Problem},
    reply::Versioned,
    schema,
    text::Name,
};
use axum::extract::State;
use domain::{ids::TenantId, office::Tenant, time::Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Read, settings};
use utoipa::ToSchema;

/// The most sources of events that a tenant may map.
const SOURCES_MAX: usize = 20;

/// What is to change; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// Name of the office.
    #[serde(default)]
    pub name: Option<Name>,
    /// Sources of events on the bus that may act for the tenant; all of them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["com.example.erp"]))]
    pub event_sources: Option<BTreeSet<String>>,
}

/// The tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TenantView {
    /// Id.
    #[schema(schema_with = schema::one::<TenantId>)]
    pub id: TenantId,
    /// Name of the office.
    pub name: String,
    /// Sources of events on the bus that may act for the tenant.
    #[schema(value_type = Vec<String>)]
    pub event_sources: BTreeSet<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// Counts edits.
    pub version: u32,
}

impl From<settings::Versioned<Tenant>> for Versioned<TenantView> {
    fn from(tenant: settings::Versioned<Tenant>) -> Self {
        let version = tenant.version;
        let Tenant { id, name, event_sources, created_at } = tenant.value;
        Self { body: TenantView { id, name, event_sources, created_at, version }, version }
    }
}

async fn load(app: &App, caller: &Caller) -> Answer<settings::Versioned<Tenant>> {
    let tenant = app.of(caller.tenant).office().get(Read::Consistent).await?;
    tenant.ok_or_else(|| Problem::not_found("tenant", caller.tenant))
}

/// The tenant.
#[utoipa::path(get, path = "/tenant", tag = "tenant", responses((status = 200, body = TenantView)))]
pub async fn get_tenant(State(app): State<App>, caller: Caller) -> Answer<Versioned<TenantView>> {
    Ok(load(&app, &caller).await?.into())
}

/// Changes the tenant's name or the sources of events that may act for it.
#[utoipa::path(
    patch, path = "/tenant", tag = "tenant",
    request_body = TenantChange,
    responses((status = 200, body = TenantView))
)]
pub async fn patch_tenant(
    State(app): State<App>,
    caller: Caller,
    seen: IfMatch,
    Json(body): Json<TenantChange>,
) -> Answer<Versioned<TenantView>> {
    let before = load(&app, &caller).await?;
    seen.check(before.version)?;
    let mut after = before.value.clone();
    if let Some(name) = body.name {
        after.name = name.into_string();
    }
    if let Some(sources) = body.event_sources {
        check_sources(&sources)?;
        after.event_sources = sources;
    }
    app.of(caller.tenant).office().replace(&before, &after, &caller.hand(1).author()).await?;
    Ok(settings::Versioned { value: after, version: before.version.saturating_add(1) }.into())
}

fn check_sources(sources: &BTreeSet<String>) -> Answer<()> {
    if sources.len() > SOURCES_MAX {
        return Err(Problem::invalid("/event_sources", format!("A tenant maps at most {SOURCES_MAX} sources.")));
    }
    let fits = |source: &str| {
        (1..=128).contains(&source.len())
            && source.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b))
            && !source.starts_with("aws.")
    };
    match sources.iter().find(|source| !fits(source)) {
        None => Ok(()),
        Some(source) => {
            let shown: String = source.chars().take(64).collect();
            let detail = format!(
                "'{shown}' cannot be the source of events: 1 to 128 letters, digits, '.', '_', '/' or '-', not beginning \
                 with 'aws.'."
            );
            Err(Problem::invalid("/event_sources", detail))
        }
    }
}
