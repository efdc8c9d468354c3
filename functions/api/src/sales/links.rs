//! Addresses under which whoever has them fetches a document: for `[invoice_link]` in mails, and for marketplaces (CO-4, CO-13). And what
//! an external caller attaches in place of ours (CO-35).

use super::{IssuedView, issued, shown};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatch, Json},
    problem::{Answer, Code, Problem},
    reply::{Gone, InWords, Made, Versioned},
};
use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::{
    document::Actor,
    ids::{IssuedId, TenantId},
    office::Choice,
    sales::{DocumentLink, Issued, LinkTarget, Replacement},
    time::Instant,
};
use runtime::clock::new_secret;
use serde::{Deserialize, Serialize};
use store::{Writer, sales::IssuedPdf, settings::AuditEntry};
use utoipa::ToSchema;

/// How long an address is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkBody {
    /// For so many days; 30 when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 400)]
    pub days: Option<u16>,
}

const DAYS: u16 = 30;
const DAYS_MAX: u16 = 400;

/// An address of a document. Whoever has it needs no login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkView {
    /// Address: it opens the document that the customer is shown at that moment.
    pub url: String,
    /// What the address ends with, to take it back.
    pub secret: String,
    /// Good until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// Makes an address of a document: unguessable, good for some days, and taken back at any time. Each download is told in the audit
/// record.
#[utoipa::path(
    post, path = "/issued-documents/{issued}/links", tag = "sales",
    request_body = LinkBody,
    responses((status = 201, body = LinkView))
)]
pub async fn create_link(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    Json(body): Json<LinkBody>,
) -> Answer<Made<LinkView>> {
    issued(&app, &caller, id).await?;
    let days = body.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("/days", format!("An address is good for 1 to {DAYS_MAX} days.")));
    }
    let secret = new_secret()
        .ok_or_else(|| Problem::new(Code::Unavailable, "This is not possible at the moment. Try again."))?;
    let link = DocumentLink {
        secret,
        target: LinkTarget::Issued { issued: id },
        expires_at: caller.now + TimeDelta::days(days.into()),
        revoked: Choice::No,
        by: caller.actor(),
        at: caller.now,
    };
    let tenant = app.of(caller.tenant);
    tenant.forwardings().put_link(&link).await?;
    audit(&app, (caller.tenant, caller.now), caller.actor(), ("link.created", id.to_string()), &caller.writer())
        .await?;
    let path = DocumentLink::path(caller.tenant, &link.secret, "pdf");
    let view = LinkView { url: format!("{}{path}", app.public_url), secret: link.secret, expires_at: link.expires_at };
    Ok(Made::created(path, view, 1))
}

pub(super) async fn audit(
    app: &App,
    (tenant, at): (TenantId, Instant),
    by: Actor,
    (what, id): (&str, String),
    writer: &Writer,
) -> Answer<()> {
    let entry = AuditEntry { at, by, what: what.to_owned(), subject: id, before: None, after: None };
    Ok(app.of(tenant).audit().append(&entry, writer).await?)
}

/// Takes an address of a document back.
#[utoipa::path(
    delete, path = "/issued-documents/{issued}/links/{secret}", tag = "sales",
    responses((status = 204, description = "It opens nothing any more."))
)]
pub async fn delete_link(
    State(app): State<App>,
    caller: Caller,
    Ids((id, secret)): Ids<(IssuedId, String)>,
) -> Answer<Gone> {
    issued(&app, &caller, id).await?;
    let repository = app.of(caller.tenant).forwardings();
    let link = repository.link(&secret).await?.filter(|link| link.target == LinkTarget::Issued { issued: id });
    let link = link.ok_or_else(|| Problem::new(Code::NotFound, "The document has no such address."))?;
    repository.revoke_link(&link).await?;
    audit(&app, (caller.tenant, caller.now), caller.actor(), ("link.revoked", id.to_string()), &caller.writer())
        .await?;
    Ok(Gone)
}

/// What takes the place of our document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplacementBody {
    /// Its number, at most 30 characters; ours stays when left out.
    #[serde(default)]
    pub number: Option<String>,
    /// Its PDF in base64, at most four million bytes before that; ours stays when left out.
    #[serde(default)]
    pub pdf: Option<String>,
}

/// The largest PDF that is taken with a request.
const PDF_BYTES_MAX: usize = 4_000_000;

/// Attaches a PDF and a number from elsewhere, such as an ERP, to an issued document: they take the place of ours (CO-35).
#[utoipa::path(
    put, path = "/issued-documents/{issued}/replacement", tag = "sales",
    request_body = ReplacementBody,
    responses((status = 200, body = IssuedView))
)]
pub async fn put_replacement(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    seen: IfMatch,
    Json(body): Json<ReplacementBody>,
) -> Answer<InWords<Versioned<IssuedView>>> {
    let before = issued(&app, &caller, id).await?;
    seen.check(before.version)?;
    if before.passing == domain::sales::Passing::Passing {
        let detail = "The document is on its way to the ledger: wait until it has arrived.";
        return Err(Problem::new(Code::State, detail).about(id));
    }
    let number = body.number.as_deref().map(str::trim);
    let is_odd = |number: &str| {
        number.is_empty()
            || number.chars().count() > domain::sales::NUMBER_CHARS_MAX
            || number.chars().any(char::is_control)
    };
    if number.is_some_and(is_odd) {
        let detail = format!("A number has 1 to {} characters.", domain::sales::NUMBER_CHARS_MAX);
        return Err(Problem::invalid("/number", detail));
    }
    let pdf = body.pdf.map(|pdf| STANDARD.decode(pdf)).transpose();
    let pdf = pdf.map_err(|_| Problem::invalid("/pdf", "The PDF must be given in base64.".to_owned()))?;
    if pdf.as_ref().is_some_and(|pdf| !pdf.starts_with(b"%PDF-") || pdf.len() > PDF_BYTES_MAX) {
        let detail = format!("Give a PDF of at most {PDF_BYTES_MAX} bytes.");
        return Err(Problem::invalid("/pdf", detail));
    }
    if number.is_none() && pdf.is_none() {
        return Err(Problem::invalid("/pdf", "Give a PDF, a number, or both.".to_owned()));
    }
    let repository = app.of(caller.tenant).issued();
    let known = before.replacement.as_ref();
    let file = match pdf {
        None => known.and_then(|known| known.pdf.clone()),
        Some(pdf) => {
            let file = caller.request.to_string();
            repository.put_pdf(id, IssuedPdf::Replacement { file: &file }, pdf).await?;
            Some(file)
        }
    };
    let replacement = Replacement {
        number: number.map(ToOwned::to_owned).or_else(|| known.and_then(|known| known.number.clone())),
        pdf: file,
        by: caller.actor(),
        at: caller.now,
    };
    let version = before.version.saturating_add(1);
    let after = Issued { replacement: Some(replacement), updated_at: caller.now, version, ..before.clone() };
    repository.remark(&before, &after, &caller.writer()).await?;
    audit(&app, (caller.tenant, caller.now), caller.actor(), ("issued.replaced", id.to_string()), &caller.writer())
        .await?;
    Ok(shown(&caller, &after))
}
