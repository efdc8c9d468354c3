//! Hybrid PDFs (Factur-X, ZUGFeRD 2): finds the one structured invoice inside.

use crate::{DOCUMENT_BYTES_MAX, ErrorCode, ReadDocument, ReadError, SourceFormat, attachments::Files};
use lopdf::{Dictionary, Document, Error, LoadOptions, Object, ObjectId, decode_text_string};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes to which a stream of compressed objects may grow: real ones hold a hundred or two small objects.
const OBJECT_STREAM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Such streams in one file.
const OBJECT_STREAMS_MAX: usize = 256;
/// Entries of an array: larger ones are tables of fonts and forms, and never lead to an embedded file.
const ARRAY_ENTRIES_MAX: usize = 10_000;
/// Nodes of the name tree of embedded files.
const NAME_NODES_MAX: usize = 1_000;

/// What an embedded file is, by its exact name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standard {
    /// A Cross Industry Invoice.
    Invoice,
    /// ZUGFeRD 1.0, whose structure is another.
    Zugferd1,
    /// An order.
    Order,
}

fn standard(name: &str) -> Option<Standard> {
    match name {
        "factur-x.xml" | "xrechnung.xml" | "zugferd-invoice.xml" => Some(Standard::Invoice),
        "ZUGFeRD-invoice.xml" => Some(Standard::Zugferd1),
        "order-x.xml" => Some(Standard::Order),
        _ => None,
    }
}

/// Reads the invoice inside a PDF.
pub(crate) fn read(bytes: &[u8], files: Files) -> Result<ReadDocument, ReadError> {
    let pdf = load(bytes)?;
    let candidates = candidates(&pdf);
    let mut streams = candidates.iter();
    let (Some((stream, standard)), None) = (streams.next(), streams.next()) else {
        return Err(if candidates.is_empty() { without_invoice() } else { ambiguous(candidates.len()) });
    };
    match standard {
        Standard::Invoice => {}
        Standard::Zugferd1 => return Err(crate::zugferd_1()),
        Standard::Order => {
            let message = "The PDF holds an order (Order-X), which is no invoice. Ask the sender for the invoice.";
            return Err(ReadError::new(ErrorCode::OrderNotInvoice, message));
        }
    }
    let xml = content(&pdf, *stream)?;
    let mut document = crate::read_cii(&xml, files)?;
    document.format = SourceFormat::HybridPdf;
    Ok(document)
}

fn load(bytes: &[u8]) -> Result<Document, ReadError> {
    const MARK: &[u8] = b"/ObjStm";
    let object_streams = bytes.windows(MARK.len()).filter(|window| *window == MARK).count();
    if object_streams > OBJECT_STREAMS_MAX {
        let message = format!("The PDF has more than {OBJECT_STREAMS_MAX} streams of objects: more than is read.");
        return Err(ReadError::new(ErrorCode::TooComplex, message));
    }
    let options = LoadOptions {
        filter: Some(wanted),
        max_decompressed_size: Some(OBJECT_STREAM_BYTES_MAX),
        ..LoadOptions::default()
    };
    let pdf = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_) => encrypted(),
        Error::Decompress(_) => ReadError::new(
            ErrorCode::TooComplex,
            "The PDF unpacks to more than is read. Ask the sender for another file.",
        ),
        _ => ReadError::new(ErrorCode::MalformedPdf, "The PDF is damaged. Ask the sender for the file again."),
    })?;
    if pdf.was_encrypted() || pdf.trailer.has(b"Encrypt") {
        return Err(encrypted());
    }
    Ok(pdf)
}

/// Keeps in memory only what may lead to an embedded file or be one. The library keeps the object it lends where that stands
/// by itself, and the one it gets back where it comes from an object stream, which no stream does: none is copied.
fn wanted(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    match object {
        Object::Stream(stream) => {
            let is_image = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Image");
            (!is_image).then_some((id, Object::Null))
        }
        Object::Array(entries) if entries.len() > ARRAY_ENTRIES_MAX => None,
        other => Some((id, other.clone())),
    }
}

/// The embedded files whose name is one of the standards', by their stream: the same file may be named both in the name tree
/// and among the associated files.
fn candidates(pdf: &Document) -> BTreeMap<ObjectId, Standard> {
    let mut found = BTreeMap::new();
    let Ok(catalog) = pdf.catalog() else { return found };
    let mut consider = |specification: &Object| {
        if let Some((stream, standard)) = candidate(pdf, specification) {
            found.insert(stream, standard);
        }
    };
    let names = catalog.get_deref(b"Names", pdf).and_then(Object::as_dict);
    if let Ok(tree) = names.and_then(|names| names.get_deref(b"EmbeddedFiles", pdf)).and_then(Object::as_dict) {
        name_tree(pdf, tree, &mut consider);
    }
    for associated in catalog.get_deref(b"AF", pdf).and_then(Object::as_array).into_iter().flatten() {
        consider(associated);
    }
    found
}

/// Walks a name tree without recursion and without going in circles.
fn name_tree<'p>(pdf: &'p Document, root: &'p Dictionary, consider: &mut impl FnMut(&Object)) {
    let mut open = vec![root];
    let mut seen = BTreeSet::new();
    while let Some(node) = open.pop() {
        for pair in
            node.get_deref(b"Names", pdf).and_then(Object::as_array).into_iter().flat_map(|names| names.chunks(2))
        {
            if let [_, specification] = pair {
                consider(specification);
            }
        }
        for kid in node.get_deref(b"Kids", pdf).and_then(Object::as_array).into_iter().flatten() {
            let Ok((Some(id), Object::Dictionary(kid))) = pdf.dereference(kid) else { continue };
            if seen.len() < NAME_NODES_MAX && seen.insert(id) {
                open.push(kid);
            }
        }
    }
}

/// A file specification with one of the names: the stream it leads to.
fn candidate(pdf: &Document, specification: &Object) -> Option<(ObjectId, Standard)> {
    let specification = pdf.dereference(specification).ok()?.1.as_dict().ok()?;
    let text = |key: &[u8]| specification.get_deref(key, pdf).ok().and_then(|name| decode_text_string(name).ok());
    let standard = standard(text(b"UF").or_else(|| text(b"F"))?.trim())?;
    let files = specification.get_deref(b"EF", pdf).ok()?.as_dict().ok()?;
    let stream = files.get(b"F").or_else(|_| files.get(b"UF")).ok()?;
    Some((pdf.dereference(stream).ok()?.0?, standard))
}

fn content(pdf: &Document, stream: ObjectId) -> Result<Vec<u8>, ReadError> {
    let damaged = || {
        ReadError::new(
            ErrorCode::MalformedPdf,
            "The invoice inside the PDF cannot be unpacked. Ask the sender for the file again.",
        )
    };
    let stream = pdf.get_object(stream).and_then(Object::as_stream).map_err(|_| damaged())?;
    stream.get_plain_content_with_limit(DOCUMENT_BYTES_MAX).map_err(|error| match error {
        Error::Decompress(_) => {
            let message = format!("The invoice inside the PDF unpacks to more than {DOCUMENT_BYTES_MAX} bytes.");
            ReadError::new(ErrorCode::TooLarge, message)
        }
        _ => damaged(),
    })
}

fn encrypted() -> ReadError {
    ReadError::new(ErrorCode::EncryptedPdf, "The PDF is encrypted. Ask the sender for one without password.")
}

fn without_invoice() -> ReadError {
    let message = "The PDF has no structured invoice in it (Factur-X or ZUGFeRD). Send it with recognised fields.";
    ReadError::new(ErrorCode::NotAPdfWithInvoice, message)
}

fn ambiguous(count: usize) -> ReadError {
    let message =
        format!("The PDF holds {count} structured documents, and which one counts is not clear. Ask the sender.");
    ReadError::new(ErrorCode::AmbiguousPdf, message)
}
