//! Writing: the documents of a run, in order, into segments of its file. A document that the format cannot express is left out,
//! with the reason; so is one whose content is missing.

use crate::{Next, RunError, Step};
use domain::{
    automation::DocumentFormat,
    contact::Contact,
    content::Source,
    document::Document,
    export::{Phase, Target, Written},
    ids::ContactId,
    reason::Reason,
    words::Note,
};
use exports::{Books, ExportDocument, LeftOut, Original, OriginalKind, Segment, Summary, Writer};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use store::{
    Read,
    document::{File, SOURCE_BYTES_MAX},
};

/// So many documents are read at the same time.
const READ_AT_ONCE: usize = 16;
/// As many where what was delivered is read with them: each may have 25 million bytes.
const ORIGINALS_AT_ONCE: usize = 2;

/// A segment as it is noted beside its sections.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Noted {
    /// What its documents add up to.
    pub(crate) summary: Summary,
    /// Bytes of each section.
    pub(crate) sizes: Vec<u64>,
}

/// The writer of the run's file, and the books.
pub(crate) async fn tools(step: &Step<'_>) -> Result<Result<(Box<dyn Writer>, Books), Reason>, RunError> {
    let Target::File { file } = &step.run.target else {
        return Err(RunError::Lost("it has no file to write".to_owned()));
    };
    let writer = match exports::writer(file) {
        Ok(writer) => writer,
        Err(problems) => return Ok(Err(exports::incomplete(&problems))),
    };
    let books = step.tenant.administrations().get_even_deleted(step.run.administration).await?;
    let books = books.ok_or_else(|| RunError::Lost("its administration is gone".to_owned()))?;
    Ok(Ok((writer, books.into())))
}

pub(crate) async fn write(step: &Step<'_>, at: (u32, u32), written: Written) -> Result<Next, RunError> {
    let run = step.run;
    let (slice, first) = at;
    if slice >= run.slices {
        return Ok(Next::Run(Box::new(step.phase(Phase::Joining { written, upload: None, parts: Vec::new() }))));
    }
    let (writer, books) = match tools(step).await? {
        Ok(tools) => tools,
        Err(reason) => return Ok(Next::Run(Box::new(step.given_up(&reason)))),
    };
    let ids = step.slice(slice).await?;
    let skipped = usize::try_from(first).unwrap_or(usize::MAX);
    let documents: Vec<Document> = step.heads(ids.get(skipped..).unwrap_or_default()).await?;
    let places: HashMap<_, u32> = ids.iter().copied().zip(0..).collect();
    let contacts = contacts(step, &documents).await?;
    let originals = writer.needs_originals();
    let at_once = if originals { ORIGINALS_AT_ONCE } else { READ_AT_ONCE };
    let loaded = stream::iter(documents.into_iter().filter(|document| step.has(document))).map(|document| {
        let contacts = &contacts;
        async move {
            let loaded = load(step, &document, contacts, originals).await?;
            Ok::<_, RunError>((document, loaded))
        }
    });
    let mut loaded = Box::pin(loaded.buffered(at_once));
    let mut summary = Summary::carried(written.documents, written.rows);
    let mut segment = Segment::default();
    let mut left_out = Vec::new();
    let mut next = None;
    while let Some((document, loaded)) = loaded.try_next().await? {
        let outcome = loaded.and_then(|loaded| writer.write(&loaded, &books, &mut summary, &mut segment));
        if let Err(reason) = outcome {
            left_out.push(LeftOut { document: document.id, reason });
        }
        if segment.bytes() >= step.app.sizes.segment {
            let place = places.get(&document.id).copied().unwrap_or_default();
            next = Some(place + 1);
            break;
        }
    }
    drop(loaded);
    let all = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let at = match next {
        Some(next) if next < all => (slice, next),
        Some(_) | None => (slice + 1, 0),
    };
    if !left_out.is_empty() {
        step.exports.put_left_out(run.id, (slice, first), &left_out).await?;
    }
    let after = if summary.documents > written.documents {
        let after = Written { segments: written.segments + 1, documents: summary.documents, rows: summary.rows };
        let noted = Noted {
            summary: summary.since(written.documents, written.rows),
            sizes: segment.sections.iter().map(|section| section.len() as u64).collect(),
        };
        let sections = segment.sections.into_iter().enumerate().filter(|(_, section)| !section.is_empty()).collect();
        step.exports.put_segment(run.id, written.segments, sections, &noted).await?;
        after
    } else {
        written
    };
    let phase = match at {
        (slice, _) if slice >= run.slices => Phase::Joining { written: after, upload: None, parts: Vec::new() },
        (slice, document) => Phase::Writing { slice, document, written: after },
    };
    Ok(Next::Run(Box::new(step.phase(phase))))
}

/// The contacts of documents, each read once.
async fn contacts(step: &Step<'_>, documents: &[Document]) -> Result<HashMap<ContactId, Contact>, RunError> {
    let ids: HashSet<ContactId> = documents.iter().filter_map(|document| document.contact).collect();
    let contacts = &step.tenant.contacts(step.run.administration);
    let read = |id| async move { contacts.get(id, Read::Consistent).await };
    let found: Vec<Option<Contact>> = stream::iter(ids).map(read).buffered(READ_AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().map(|contact| (contact.id, contact)).collect())
}

/// A document with all that a writer may want of it, or why it cannot be exported.
async fn load(
    step: &Step<'_>,
    document: &Document,
    contacts: &HashMap<ContactId, Contact>,
    originals: bool,
) -> Result<Result<ExportDocument, Reason>, RunError> {
    let documents = step.tenant.documents();
    let content = documents.content_now(document).await?;
    let kind = kind(document.format, content.as_ref().and_then(|content| content.source.as_ref()));
    let contact = document.contact.and_then(|contact| contacts.get(&contact)).cloned();
    let mut exported = match ExportDocument::new(document, content, contact) {
        Ok(exported) => exported,
        Err(reason) => return Ok(Err(reason)),
    };
    if originals {
        let bytes = match documents.file(document.id, File::Source, SOURCE_BYTES_MAX).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == store::ErrorKind::NotFound => {
                return Ok(Err(Reason::said(&Note::ContentMissing)));
            }
            Err(error) => return Err(error.into()),
        };
        exported.original = Some(Original { kind, bytes });
    }
    Ok(Ok(exported))
}

fn kind(format: DocumentFormat, source: Option<&Source>) -> OriginalKind {
    match (format, source) {
        (DocumentFormat::Ubl, Some(Source::Cii)) => OriginalKind::OtherXml,
        (DocumentFormat::Ubl, _) => OriginalKind::Ubl,
        (DocumentFormat::Pdf, _) => OriginalKind::Pdf,
        (DocumentFormat::Scan | DocumentFormat::Statement, _) => OriginalKind::Picture,
    }
}
