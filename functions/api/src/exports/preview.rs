//! What the next run would take: documents, totals, and what it would leave out and why.

use super::{LeftOutView, TotalView, facility, totals};
use crate::{
    app::App,
    auth::Caller,
    documents::view::ReasonView,
    extract::Ids,
    problem::Answer,
    reply::{InWords, Shown},
};
use axum::extract::State;
use domain::{
    document::Document,
    export::{Facility, Target, count, posting_date_of},
    export_format::PostingDateField,
    ids::{AdministrationId, FacilityId},
    office::Administration,
    reason::Reason,
    time::{Date, Instant},
    words::{Note, Stop, Text},
};
use exports::{Books, ExportDocument, Segment, Summary, Writer};
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
    let field = posting_date_field(&tenant, &facility).await?;
    let checked = ready.len() as u64;
    let left_out = unfit(&tenant, (&facility, &books), &ready, (job_date, field)).await?;
    let left_out = left_out
        .into_iter()
        .map(|(document, reason)| LeftOutView { document, reason: ReasonView::new(&reason, caller.language) })
        .collect();
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

async fn posting_date_field(tenant: &TenantStore, facility: &Facility) -> Answer<PostingDateField> {
    Ok(match &facility.target {
        Some(Target::File { file }) => file.posting_date_field(),
        Some(Target::Ledger { connection }) => {
            let connection = tenant.connections().get(*connection, Read::Eventual).await?;
            connection.and_then(|connection| ledgers::posting_date_field(&connection)).unwrap_or(PostingDateField::None)
        }
        None => PostingDateField::None,
    })
}

/// Documents that the run would leave out, found by writing them to nowhere.
async fn unfit(
    tenant: &TenantStore,
    (facility, administration): (&Facility, &Administration),
    ready: &[Document],
    (job_date, field): (Date, PostingDateField),
) -> Answer<Vec<(domain::ids::DocumentId, Reason)>> {
    let writer: Option<Box<dyn Writer>> = match &facility.target {
        Some(Target::File { file }) => match exports::writer(file) {
            Ok(writer) => Some(writer),
            Err(problems) => {
                let problems: Vec<_> = problems.iter().map(|it| format!("{}: {}", it.field, it.detail)).collect();
                let reason = Reason::said(&Stop::SettingsIncomplete { problems: Text(problems.join("; ")) });
                return Ok(ready.iter().map(|document| (document.id, reason.clone())).collect());
            }
        },
        Some(Target::Ledger { .. }) | None => None,
    };
    let books =
        Books { name: administration.name.clone(), own: administration.own.clone(), currency: administration.currency };
    let mut unfit = Vec::new();
    let (mut summary, mut segment) = (Summary::default(), Segment::default());
    for document in ready {
        let content = match document.content_version {
            Some(version) => tenant.documents().content(document.id, version).await?,
            None => None,
        };
        let Some(content) = content else {
            unfit.push((document.id, Reason::said(&Note::ContentMissing)));
            continue;
        };
        let contact = match document.contact {
            Some(contact) => tenant.contacts(administration.id).get(contact, Read::Eventual).await?,
            None => None,
        };
        let (Some(posting), Some(invoice), Some(contact)) = (content.posting().cloned(), content.corrected(), contact)
        else {
            unfit.push((document.id, Reason::said(&Stop::NotComplete)));
            continue;
        };
        let own = posting.booking_date.unwrap_or(posting.issue_date);
        let dates = (own, posting.issue_date);
        let Some(posting_date) = posting_date_of(facility.posting_date_policy, field, job_date, dates) else {
            let shared = match field {
                PostingDateField::Shared(name) | PostingDateField::Own(name) => name,
                PostingDateField::None => "",
            };
            unfit.push((document.id, Reason::said(&Stop::DateShared { field: Text(shared.to_owned()) })));
            continue;
        };
        let Some(writer) = writer.as_ref().filter(|writer| !writer.needs_originals()) else { continue };
        let rate = content.rate.clone();
        let exported =
            ExportDocument { id: document.id, posting, invoice, contact, posting_date, rate, original: None };
        if let Err(reason) = writer.write(&exported, &books, &mut summary, &mut segment) {
            unfit.push((document.id, reason));
        }
        segment = Segment::default();
    }
    Ok(unfit)
}
