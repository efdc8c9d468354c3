//! Issued documents: lists, what they say, their history, and passing one by hand.

use super::{IssuedView, PassEntryView, issued};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Limit, Made, Page, Paging, Shown, Versioned, next},
    tasks::{self, TaskView},
};
use axum::extract::State;
use chrono::TimeDelta;
use domain::{
    ids::{AdministrationId, IssuedId, TenantId},
    reason::Reason,
    sales::{Copy, CustomerCopy, Issued, IssuedContent, PassNotAllowed, Passing},
    task::{Fetch, Work},
    time::Instant,
    words::Acted,
};
use serde::{Deserialize, Serialize};
use store::{
    Download,
    sales::{IssuedPdf, WhichIssued},
    settings::AuditEntry,
};
use utoipa::ToSchema;

impl From<PassNotAllowed> for Problem {
    fn from(error: PassNotAllowed) -> Self {
        let next = match error.state {
            Passing::Passed => " A document is passed once, ever: change it in the ledger.",
            Passing::Uncertain => " Look it up in the ledger first: POST /issued-documents/{issued}/check.",
            Passing::NotPassed | Passing::Withheld | Passing::Passing | Passing::Failed => "",
        };
        Self::new(Code::State, format!("This is not possible while the document is {}.{next}", error.state))
    }
}

/// Which issued documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuedPart {
    /// Those that still have to be passed, or stay ours alone.
    #[default]
    Unpassed,
    /// Those that were passed, or are withheld.
    Settled,
}

/// What of the issued documents is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IssuedParams {
    /// `unpassed` or `settled`; `unpassed` when left out.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub part: IssuedPart,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 when left out.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    pub limit: Limit,
}

/// Issued documents of an administration, those that were issued last first.
#[utoipa::path(
    get, path = "/administrations/{administration}/issued-documents", tag = "sales",
    params(IssuedParams),
    responses((status = 200, body = Page<IssuedView>))
)]
pub async fn list_issued(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<IssuedParams>,
) -> Answer<InWords<Shown<Page<IssuedView>>>> {
    app.check_administration(&caller, administration).await?;
    let paging = Paging { cursor: params.cursor, limit: params.limit };
    let which = match params.part {
        IssuedPart::Unpassed => WhichIssued::Unpassed,
        IssuedPart::Settled => WhichIssued::Settled,
    };
    let repository = app.of(caller.tenant).issued();
    let listed = repository.list(administration, which, paging.cursor().as_ref(), paging.limit()).await?;
    let items = listed.items.iter().map(|issued| IssuedView::new(issued, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: next(listed.next) })))
}

pub(super) fn shown(caller: &Caller, issued: &Issued) -> InWords<Versioned<IssuedView>> {
    let body = IssuedView::new(issued, caller.language);
    InWords(caller.language, Versioned { body, version: issued.version })
}

/// An issued document: where it stands, its legal number, and the ledger's document of it.
#[utoipa::path(
    get, path = "/issued-documents/{issued}", tag = "sales",
    responses((status = 200, body = IssuedView))
)]
pub async fn get_issued(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Versioned<IssuedView>>> {
    Ok(shown(&caller, &issued(&app, &caller, id).await?))
}

/// What an issued document says. It never changes.
#[utoipa::path(
    get, path = "/issued-documents/{issued}/content", tag = "sales",
    responses((status = 200, body = Object))
)]
pub async fn get_issued_content(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<Shown<IssuedContent>> {
    issued(&app, &caller, id).await?;
    let content = app.of(caller.tenant).issued().content(id).await?;
    Ok(Shown(content.ok_or_else(|| Problem::not_found("issued document", id))?))
}

/// What happened to an issued document on its way to the ledger, the oldest first.
#[utoipa::path(
    get, path = "/issued-documents/{issued}/history", tag = "sales",
    responses((status = 200, body = Page<PassEntryView>))
)]
pub async fn get_issued_history(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Shown<Page<PassEntryView>>>> {
    issued(&app, &caller, id).await?;
    let history = app.of(caller.tenant).issued().history(id).await?;
    let items = history.iter().map(|entry| PassEntryView::new(entry, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}

/// Passes an issued document to the ledger by hand (CO-3, CO-30). It is passed once, ever (CO-29).
#[utoipa::path(
    post, path = "/issued-documents/{issued}/pass", tag = "sales",
    responses((status = 200, body = IssuedView))
)]
pub async fn pass_issued(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    seen: IfMatchMaybe,
) -> Answer<InWords<Versioned<IssuedView>>> {
    let before = issued(&app, &caller, id).await?;
    seen.check(before.version)?;
    if before.passing == Passing::Passing {
        return Ok(shown(&caller, &before));
    }
    let after = caller.desk(&app.of(caller.tenant)).pass(&before).await?;
    if let Some(unit) = &after.unit {
        app.wake(caller.tenant, unit).await;
    }
    Ok(shown(&caller, &after))
}

/// Has the ledger's copy of a passed document fetched anew: number, page, PDF and what the tax office says (CO-31).
#[utoipa::path(
    post, path = "/issued-documents/{issued}/refresh", tag = "sales",
    responses((status = 202, body = TaskView))
)]
pub async fn refresh_issued(State(app): State<App>, caller: Caller, Ids(id): Ids<IssuedId>) -> Answer<Made<TaskView>> {
    let issued = issued(&app, &caller, id).await?;
    let unit = issued.unit.clone().filter(|_| issued.passing == Passing::Passed).ok_or_else(|| {
        let detail = format!("The document is {}: only what the ledger has can be fetched from there.", issued.passing);
        Problem::new(Code::State, detail).about(id)
    })?;
    tasks::queue(&app, &caller, unit, Work::FetchCopy { issued: id, fetch: Fetch::All }).await
}

/// Has the ledger asked whether it has an uncertain document. Found, it is passed; provably absent, it may be passed again.
#[utoipa::path(
    post, path = "/issued-documents/{issued}/check", tag = "sales",
    responses((status = 202, body = TaskView))
)]
pub async fn check_issued(State(app): State<App>, caller: Caller, Ids(id): Ids<IssuedId>) -> Answer<Made<TaskView>> {
    let issued = issued(&app, &caller, id).await?;
    let unit = issued.unit.clone().filter(|_| issued.passing == Passing::Uncertain).ok_or_else(|| {
        let detail = format!("The document is {}: only uncertain ones are looked up in the ledger.", issued.passing);
        Problem::new(Code::State, detail).about(id)
    })?;
    tasks::queue(&app, &caller, unit, Work::CheckIssued { issued: id }).await
}

/// How long an address of a PDF is good.
const DOWNLOAD_MINUTES: i64 = 5;

/// Which PDF of a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PdfChoice {
    /// The one that the customer is shown (CO-13).
    #[default]
    Shown,
    /// Ours.
    Ours,
    /// The ledger's.
    Ledger,
}

/// Which PDF is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PdfParams {
    /// `shown`, `ours` or `ledger`; the one that the customer is shown when left out.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub which: PdfChoice,
}

/// Where a PDF of a document can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PdfAddress {
    /// `ours`, `ledger` or `replacement`.
    pub which: &'static str,
    /// Address.
    pub url: String,
    /// Good until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// What there is of the ledger's PDF.
fn ledgers(issued: &Issued) -> CustomerCopy {
    match issued.passed.as_ref().map(|passed| &passed.copy) {
        None => CustomerCopy::Missing(Reason::said(&Acted::NotInLedgerYet)),
        Some(Copy::Awaited) => CustomerCopy::Awaited(Reason::said(&Acted::AwaitsPdf)),
        Some(Copy::Missing { reason, .. }) => CustomerCopy::Missing(reason.clone()),
        Some(Copy::Fetched { .. }) => CustomerCopy::Ledgers,
    }
}

/// An address, good for some seconds, of the PDF that the customer is shown, and whose it is; or why there is none.
pub(super) async fn shown_copy(
    app: &App,
    tenant: TenantId,
    issued: &Issued,
    seconds: u64,
) -> Answer<Result<(&'static str, String), Reason>> {
    let connector = app.of(tenant).invoicing(issued.administration).connector(store::Read::Eventual).await?;
    copy(app, tenant, issued, issued.customer_copy(connector.as_ref()), seconds).await
}

async fn copy(
    app: &App,
    tenant: TenantId,
    issued: &Issued,
    copy: CustomerCopy,
    seconds: u64,
) -> Answer<Result<(&'static str, String), Reason>> {
    let repository = app.of(tenant).issued();
    let (which, pdf) = match &copy {
        CustomerCopy::Ours { number } => ("ours", IssuedPdf::Ours { number }),
        CustomerCopy::Ledgers => ("ledger", IssuedPdf::Ledgers),
        CustomerCopy::Replacement { file } => ("replacement", IssuedPdf::Replacement { file }),
        CustomerCopy::Awaited(reason) | CustomerCopy::Missing(reason) => return Ok(Err(reason.clone())),
    };
    // Ours is laid out by itself, a moment after its number is known.
    if matches!(copy, CustomerCopy::Ours { .. }) && !repository.has_pdf(issued.id, pdf).await? {
        return Ok(Err(Reason::said(&Acted::AwaitsPdf)));
    }
    let number = issued.legal_number().unwrap_or(&issued.number);
    let name: String = number.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let file_name = format!("{name}.pdf");
    let download = Download { file_name: &file_name, content_type: "application/pdf" };
    let url = repository.pdf_address(issued.id, pdf, &download, seconds)?;
    Ok(Ok((which, url.expose().to_owned())))
}

/// An expiring address of a document's PDF: the one that the customer is shown, or the one that is asked for; the ledger's as it was
/// fetched last. The download is told in the audit record.
#[utoipa::path(
    get, path = "/issued-documents/{issued}/pdf", tag = "sales",
    params(PdfParams),
    responses((status = 200, body = PdfAddress))
)]
pub async fn get_issued_pdf(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    Params(params): Params<PdfParams>,
) -> Answer<Shown<PdfAddress>> {
    let issued = issued(&app, &caller, id).await?;
    let tenant = app.of(caller.tenant);
    let life = TimeDelta::minutes(DOWNLOAD_MINUTES);
    let seconds = u64::try_from(life.num_seconds()).unwrap_or_default();
    let found = match params.which {
        PdfChoice::Shown => shown_copy(&app, caller.tenant, &issued, seconds).await?,
        PdfChoice::Ours => {
            let number = issued.legal_number().unwrap_or(&issued.number).to_owned();
            copy(&app, caller.tenant, &issued, CustomerCopy::Ours { number }, seconds).await?
        }
        PdfChoice::Ledger => copy(&app, caller.tenant, &issued, ledgers(&issued), seconds).await?,
    };
    let missing =
        |reason: Reason| Problem::new(Code::NotFound, format!("{}.", reason.shown(caller.language))).about(id);
    let (which, url) = found.map_err(missing)?;
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: "issued.downloaded".to_owned(),
        subject: id.to_string(),
        before: None,
        after: None,
    };
    tenant.audit().append(&entry, &caller.writer()).await?;
    Ok(Shown(PdfAddress { which, url, expires_at: caller.now + life }))
}
