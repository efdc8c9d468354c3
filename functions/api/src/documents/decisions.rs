//! Why a document was posted or left to a person: the last decision on it and the earlier ones, each with its trace.

use super::{glance, view::DecisionView};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Shown},
};
use axum::extract::State;
use domain::{ids::DocumentId, time::Instant, words::Language};
use serde::{Deserialize, Serialize};
use store::document::Traced;
use utoipa::{IntoParams, ToSchema};

/// The most earlier decisions of one answer.
const EARLIER_MAX: u8 = 20;

/// Which earlier decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DecisionParams {
    /// `next` of the answer before: only decisions that led to an earlier version of the document than this.
    before: Option<u32>,
    /// How many earlier decisions at most.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 0, maximum = 20)]
    limit: Earlier,
}

/// How many earlier decisions an answer has at most: 0 to 20, 10 when not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
struct Earlier(u8);

impl Default for Earlier {
    fn default() -> Self {
        Self(10)
    }
}

impl TryFrom<u8> for Earlier {
    type Error = &'static str;
    fn try_from(count: u8) -> Result<Self, Self::Error> {
        if count <= EARLIER_MAX { Ok(Self(count)) } else { Err("a limit is between 0 and 20") }
    }
}

/// A decision on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecidedView {
    /// The decision.
    #[serde(flatten)]
    pub decision: DecisionView,
    /// The document's version after it.
    pub version: u32,
    /// When it was taken.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

impl DecidedView {
    fn new(traced: &Traced, language: Language) -> Self {
        let decision = DecisionView::new(&traced.decision, language);
        Self { decision, version: traced.version, at: traced.entry.at }
    }
}

/// The last decision on a document, and those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecisionsView {
    /// The last one.
    #[serde(flatten)]
    pub last: DecidedView,
    /// Whether it was taken on the document as it was read last; false once it was tagged again and nothing was decided since.
    pub current: bool,
    /// Earlier ones, the latest first: what was decided before somebody tagged the document again or cleared a hold.
    pub earlier: Vec<DecidedView>,
    /// Send it as `before` for the ones before these; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// Whether the document is posted without a person, and why: the last decision, and the earlier ones. Each names the rule and
/// its version, and has each condition with both values, as codes and in words.
#[utoipa::path(
    get, path = "/documents/{document}/decision", tag = "documents",
    params(DecisionParams),
    responses((status = 200, body = DecisionsView))
)]
pub async fn get_decision(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    Params(params): Params<DecisionParams>,
) -> Answer<InWords<Shown<DecisionsView>>> {
    let document = glance(&app, &caller, id).await?;
    let documents = app.of(caller.tenant).documents();
    // What somebody left behind who died before its version became true was not decided.
    let last = documents.traces_before(id, document.version.saturating_add(1), 1).await?.pop().ok_or_else(|| {
        let detail = "Nothing was decided on this document yet: only complete documents are.";
        Problem::new(Code::NotFound, detail).about(id)
    })?;
    let before = params.before.map_or(last.version, |before| before.min(last.version));
    let limit = usize::from(params.limit.0);
    let mut earlier = documents.traces_before(id, before, limit + 1).await?;
    let more = earlier.len() > limit;
    earlier.truncate(limit);
    let next = more.then(|| earlier.last().map_or(before, |traced| traced.version));
    let view = |traced: &Traced| DecidedView::new(traced, caller.language);
    let shown = DecisionsView {
        current: document.decision_version == Some(last.version),
        last: view(&last),
        earlier: earlier.iter().map(view).collect(),
        next,
    };
    Ok(InWords(caller.language, Shown(shown)))
}
