//! What the next run would take: documents, totals, and what it would leave out and why.

use super::{LeftOutView, TotalView, facility, totals};
use crate::{
    app::App,
    auth::Caller,
    extract::Ids,
    problem::Answer,
    reply::{InWords, Shown},
};
use ::exports::{Books, ExportDocument, LeftOut, Segment, Summary, Writer};
use axum::extract::State;
use domain::{
    document::Document,
    export::{Facility, Target, count, posting_date_of},
    export_format::PostingDateField,
    ids::{AdministrationId, FacilityId},
    office::Administration,
    reason::Reason,
    time::{Date, Instant},
};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Read, TenantStore};
use utoipa::ToSchema;

/// So many documents are counted at most.
const COUNTED_MAX: usize = 2_000;
/// So many are looked at closely: for the others only their totals are known.
const CHECKED_MAX: usize = 100;
/// So many are read together.
const PAGE: usize = 400;

/// What the next run would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewView {
    /// When it runs; absent while the job is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Instant>,
    /// With which date it books; today's, while the job is off.
    #[schema(value_type = String, format = Date)]
    pub job_date: Date,
    /// How many documents are ready.
    pub documents: u64,
    /// Whether there are more than were counted.
    pub more: bool,
    /// Per currency.
    pub totals: Vec<TotalView>,
    /// How many were looked at closely.
    pub checked: u64,
    /// Which of those would be left out, and why.
    pub left_out: Vec<LeftOutView>,
}

/// A preview of the next run: documents, totals per currency, what would be left out and why.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-facilities/{facility}/preview", tag = "exports",
    responses((status = 200, body = PreviewView))
)]
pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
) -> Answer<InWords<Shown<PreviewView>>> {
    let books = app.administration(&caller, administration).await?;
    let facility = facility(&app, &caller, administration, id).await?;
    let tenant = app.of(caller.tenant);
    let at = facility.next_run(caller.now);
    let schedule = facility.job.as_ref().map(|job| job.schedule);
    let job_date = match (at, schedule) {
        (Some(at), Some(schedule)) => schedule.job_date(at),
        (_, _) => books.time_zone.date_at(caller.now),
    };
    let mut sums = BTreeMap::new();
    let (mut documents, mut cursor, mut ready) = (0, None, Vec::new());
    loop {
        let page = tenant.documents().ready(administration, cursor.as_ref(), PAGE).await?;
        for document in page.items {
            documents += 1;
            count(&mut sums, &document);
            if ready.len() < CHECKED_MAX {
                ready.push(document);
            }
        }
        cursor = page.next;
        if cursor.is_none() || documents >= COUNTED_MAX {
            break;
        }
    }
    let field = match &facility.target {
        Some(target) => posting_date_field(&tenant, target).await?,
        None => PostingDateField::None,
    };
    let checked = ready.len() as u64;
    let left_out = unfit(&tenant, (&facility, &books), &ready, (job_date, field)).await?;
    let left_out = left_out.iter().map(|one| LeftOutView::new(one, caller.language)).collect();
    let view = PreviewView {
        at,
        job_date,
        documents: documents as u64,
        more: cursor.is_some(),
        totals: totals(&sums),
        checked,
        left_out,
    };
    Ok(InWords(caller.language, Shown(view)))
}

async fn posting_date_field(tenant: &TenantStore, target: &Target) -> Answer<PostingDateField> {
    let connection = match target {
        Target::Ledger { connection } => tenant.connections().get(*connection, Read::Eventual).await?,
        Target::File { .. } => None,
    };
    Ok(ledgers::posting_date_field_in(target, connection.as_ref()))
}

/// Documents that the run would leave out, found by writing them to nowhere.
async fn unfit(
    tenant: &TenantStore,
    (facility, administration): (&Facility, &Administration),
    ready: &[Document],
    (job_date, field): (Date, PostingDateField),
) -> Answer<Vec<LeftOut>> {
    let writer: Option<Box<dyn Writer>> = match &facility.target {
        Some(Target::File { file }) => match exports::writer(file) {
            Ok(writer) => Some(writer),
            Err(problems) => {
                let reason = exports::incomplete(&problems);
                let left_out = |document: &Document| LeftOut { document: document.id, reason: reason.clone() };
                return Ok(ready.iter().map(left_out).collect());
            }
        },
        Some(Target::Ledger { .. }) | None => None,
    };
    let books = Books::from(administration.clone());
    let mut unfit = Vec::new();
    let mut summary = Summary::default();
    for document in ready {
        let content = tenant.documents().content_now(document).await?;
        let contact = match document.contact {
            Some(contact) => tenant.contacts(administration.id).get(contact, Read::Eventual).await?,
            None => None,
        };
        let outcome = ExportDocument::new(document, content, contact).and_then(|exported| {
            let issued = exported.posting.issue_date;
            let dates = (exported.posting.booking_date.unwrap_or(issued), issued);
            let posting_date = posting_date_of(facility.posting_date_policy, field, job_date, dates);
            let posting_date = posting_date.map_err(|stop| Reason::said(&stop))?;
            let exported = ExportDocument { posting_date, ..exported };
            match &writer {
                Some(writer) if !writer.needs_originals() => {
                    writer.write(&exported, &books, &mut summary, &mut Segment::default())
                }
                Some(_) | None => Ok(()),
            }
        });
        unfit.extend(outcome.err().map(|reason| LeftOut { document: document.id, reason }));
    }
    Ok(unfit)
}
