//! Joining: the pieces of the file, in parts of eight million bytes and more. Each part is noted, so that the next invocation goes on
//! with the one after it; the same pieces give the same parts.

use crate::{
    Next, RunError, Step,
    write::{Noted, tools},
};
use domain::{
    export::{Phase, Run, RunFile, Target, Written},
    reason::Reason,
};
use exports::{Piece, RunFacts, Summary};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::borrow::Cow;

/// So many summaries are read at the same time.
const AT_ONCE: usize = 16;

/// A stretch of the file.
enum Stretch {
    Bytes(Vec<u8>),
    Section { segment: u32, section: usize, size: u64 },
}

impl Stretch {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Section { size, .. } => *size,
        }
    }
}

/// How the file is laid out: kept from part to part of an invocation, since every segment is asked for it.
pub(crate) struct Laid {
    stretches: Vec<Stretch>,
    file: RunFile,
}

pub(crate) async fn join(
    step: &Step<'_>,
    written: Written,
    (upload, parts): (Option<&str>, &[String]),
    kept: &mut Option<Laid>,
) -> Result<Next, RunError> {
    let run = step.run;
    let settling = Phase::Settling { slice: 0 };
    if written.documents == 0 {
        // Everything was left out: there is no file.
        return Ok(Next::Run(Box::new(step.phase(settling))));
    }
    let laid = match kept.take() {
        Some(laid) => laid,
        None => match lay_out(step, written).await? {
            Ok(laid) => laid,
            Err(reason) => return Ok(Next::Run(Box::new(step.given_up(&reason)))),
        },
    };
    let Laid { stretches, file } = kept.insert(laid);
    let part_bytes = step.app.sizes.part as u64;
    if file.bytes <= part_bytes {
        let bytes = part(step, stretches, 0, file.bytes).await?;
        step.exports.put_file(run.id, bytes, &file.content_type).await?;
        return Ok(Next::Run(Box::new(Run { file: Some(file.clone()), ..step.phase(settling) })));
    }
    let Some(upload) = upload else {
        let upload = Some(step.exports.begin_file(run.id, &file.content_type).await?);
        return Ok(Next::Run(Box::new(step.phase(Phase::Joining { written, upload, parts: Vec::new() }))));
    };
    let done = part_bytes * parts.len() as u64;
    if done >= file.bytes {
        step.exports.finish_file(run.id, upload, parts, file.bytes).await?;
        return Ok(Next::Run(Box::new(Run { file: Some(file.clone()), ..step.phase(settling) })));
    }
    let bytes = part(step, stretches, done, part_bytes.min(file.bytes - done)).await?;
    let number =
        u16::try_from(parts.len() + 1).map_err(|_| RunError::Lost("the file has too many parts".to_owned()))?;
    let tag = step.exports.put_part(run.id, upload, number, bytes).await?;
    let parts = parts.iter().cloned().chain([tag]).collect();
    Ok(Next::Run(Box::new(step.phase(Phase::Joining { written, upload: Some(upload.to_owned()), parts }))))
}

/// Where each section of each segment goes, and what the file is called; or why there can be none.
async fn lay_out(step: &Step<'_>, written: Written) -> Result<Result<Laid, Reason>, RunError> {
    let run = step.run;
    let (writer, books) = match tools(step).await? {
        Ok(tools) => tools,
        Err(reason) => return Ok(Err(reason)),
    };
    let noted = |segment| step.exports.segment_summary::<Noted>(run.id, segment);
    let noted: Vec<Noted> = stream::iter(0..written.segments).map(noted).buffered(AT_ONCE).try_collect().await?;
    let (mut summary, mut sizes) = (Summary::default(), Vec::with_capacity(noted.len()));
    for Noted { summary: one, sizes: of } in noted {
        summary.append(one)?;
        sizes.push(of);
    }
    let facts = facts(step)?;
    let pieces = match writer.layout(&books, &facts, &summary) {
        Ok(pieces) => pieces,
        Err(reason) => return Ok(Err(reason)),
    };
    let stretches = stretches(pieces, &sizes);
    let Target::File { file } = &run.target else { return Err(RunError::Lost("it has no file to join".to_owned())) };
    let file = RunFile {
        name: exports::file_name(&run.file_name, file, writer.as_ref(), &books, &facts, &summary),
        content_type: writer.content_type().to_owned(),
        bytes: stretches.iter().map(Stretch::size).sum(),
    };
    Ok(Ok(Laid { stretches, file }))
}

/// What the file may know of the run.
fn facts(step: &Step<'_>) -> Result<RunFacts, RunError> {
    let id = step.run.id.to_string();
    let bare = id.split_once('_').map_or(id.as_str(), |(_, bare)| bare);
    Ok(RunFacts {
        reference: bare.chars().take(16).collect(),
        at: step.run.at,
        job_date: step.run.job_date,
        on_behalf_of: step.acting()?.1.clone(),
    })
}

fn stretches(pieces: Vec<Piece>, sizes: &[Vec<u64>]) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => stretches.push(Stretch::Bytes(bytes)),
            Piece::Section(section) => {
                let of = (0..).zip(sizes).map(|(segment, of)| {
                    let size = of.get(section).copied().unwrap_or_default();
                    Stretch::Section { segment, section, size }
                });
                stretches.extend(of.filter(|stretch| stretch.size() > 0));
            }
        }
    }
    stretches
}

async fn fetch<'a>(step: &Step<'_>, stretch: &'a Stretch) -> Result<Cow<'a, [u8]>, RunError> {
    match stretch {
        Stretch::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
        Stretch::Section { segment, section, size } => {
            let bytes = step.exports.segment_section(step.run.id, *segment, *section).await?;
            if bytes.len() as u64 == *size {
                return Ok(Cow::Owned(bytes));
            }
            Err(RunError::Lost(format!("segment {segment} has {} bytes in place of {size}", bytes.len())))
        }
    }
}

/// So many bytes of the file, from a place on.
async fn part(step: &Step<'_>, stretches: &[Stretch], from: u64, length: u64) -> Result<Vec<u8>, RunError> {
    let end = from + length;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    let mut begin = 0;
    for stretch in stretches {
        let (first, last) = (begin, begin + stretch.size());
        begin = last;
        if last <= from || first >= end {
            continue;
        }
        let all = fetch(step, stretch).await?;
        let place = |at: u64| usize::try_from(at.saturating_sub(first)).unwrap_or(usize::MAX);
        bytes.extend_from_slice(all.get(place(from)..place(end).min(all.len())).unwrap_or_default());
    }
    Ok(bytes)
}
