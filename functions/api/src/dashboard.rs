//! The dashboard: what was delivered, tagged and booked in a period (AP-33), from counters.

use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Params},
    problem::{Answer, Code, Problem},
    reply::Shown,
    schema,
    text::Amount,
};
use axum::extract::State;
use domain::{
    document::Channel,
    figures::{Count, Dashboard, DayFigures, How, Period},
    ids::AdministrationId,
    ledger::Direction,
    time::Date,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which period, by the calendar of the administration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DashboardParams {
    /// The first day; that of the quarter when left out.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day; that of the quarter when left out. At most 400 days later.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Whether there is anything to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DashboardState {
    /// Something was delivered, tagged or booked.
    Data,
    /// Nothing was processed in the period.
    NoData,
}

/// Documents with a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagCount {
    /// The tag.
    #[schema(schema_with = schema::one::<Direction>)]
    pub tag: Direction,
    /// How many documents got it, and were not rejected since.
    pub documents: u64,
}

/// Documents from a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceCount {
    /// How they were delivered.
    #[schema(value_type = String)]
    pub source: Channel,
    /// How many documents.
    pub documents: u64,
}

/// A day on which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayView {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Documents that were delivered.
    pub delivered: u64,
    /// Documents that were tagged.
    pub tagged: u64,
    /// Documents that were booked.
    pub booked: u64,
    /// Those of them that were booked automatically.
    pub booked_automatically: u64,
}

/// The figures of a period in which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FiguresView {
    /// Documents that were delivered.
    pub delivered: u64,
    /// Documents that were tagged.
    pub tagged: u64,
    /// Documents that were booked.
    pub booked: u64,
    /// Those of them that were booked automatically.
    pub booked_automatically: u64,
    /// Which part of the booked ones that is, in percent; nothing when none was booked.
    pub booked_automatically_percent: Option<Amount>,
    /// Tagged documents by tag.
    pub tags: Vec<TagCount>,
    /// Delivered documents by source.
    pub sources: Vec<SourceCount>,
    /// Each day on which something happened.
    pub days: Vec<DayView>,
}

/// The dashboard of an administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DashboardView {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// Whether there is anything to show.
    pub state: DashboardState,
    /// The figures, when there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<FiguresView>,
}

fn automatically(figures: &DayFigures) -> u64 {
    figures.get(Count::Booked(How::Automatically))
}

impl From<&Dashboard> for FiguresView {
    fn from(dashboard: &Dashboard) -> Self {
        let total = &dashboard.total;
        let tag = |tag| TagCount { tag, documents: total.get(Count::Tagged(tag)) };
        let source =
            |source: &Channel| SourceCount { source: *source, documents: total.get(Count::Delivered(*source)) };
        let day = |(date, figures): (&Date, &DayFigures)| DayView {
            date: *date,
            delivered: figures.delivered(),
            tagged: figures.tagged(),
            booked: figures.booked(),
            booked_automatically: automatically(figures),
        };
        Self {
            delivered: total.delivered(),
            tagged: total.tagged(),
            booked: total.booked(),
            booked_automatically: automatically(total),
            booked_automatically_percent: dashboard.automatic_percent().map(Amount::from),
            tags: [Direction::Purchase, Direction::Sales].into_iter().map(tag).collect(),
            sources: Channel::ALL.iter().map(source).collect(),
            days: dashboard.days.iter().map(day).collect(),
        }
    }
}

/// What was delivered, tagged and booked in a period, this quarter when none is given, and which part was booked
/// automatically. Counts follow events by a few seconds.
#[utoipa::path(
    get, path = "/administrations/{administration}/dashboard", tag = "dashboard",
    params(DashboardParams),
    responses((status = 200, body = DashboardView))
)]
pub async fn get_dashboard(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<DashboardParams>,
) -> Answer<Shown<DashboardView>> {
    let zone = app.administration(&caller, administration).await?.time_zone;
    let period = Period::new(params.from, params.to, zone.date_at(caller.now))
        .map_err(|error| Problem::new(Code::Query, format!("{error}: choose other days for from and to.")))?;
    let days = app.of(caller.tenant).figures(administration).days(period).await?;
    let figures = Dashboard::of(days).as_ref().map(FiguresView::from);
    let state = if figures.is_some() { DashboardState::Data } else { DashboardState::NoData };
    Ok(Shown(DashboardView { from: period.from, to: period.to, state, figures }))
}
