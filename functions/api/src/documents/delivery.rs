//! What is delivered: the file's bytes in one of three ways, what it calls itself, and recognised fields.
//!
//! Refused at the door are only empty files, files that are too large, and types that are neither booked nor kept (AP-49).
//! Anything else becomes a document, also what cannot be read: `invoice-tagged` says so, and the original stays.

use crate::{
    extract::{Fingerprint, IdempotencyKey, Passage, media_type, parse_json, request_line},
    problem::{Answer, Code, Problem},
    text::FileName,
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use documents::{DOCUMENT_BYTES_MAX, FileKind, recognised, sniff, statement};
use domain::{automation::DocumentFormat, mail::StatementFormat};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The largest file in the body of a request, in bytes.
pub const INLINE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The largest file that is sent apart, in bytes.
pub const UPLOAD_BYTES_MAX: usize = DOCUMENT_BYTES_MAX;
/// The largest body of a request: a file, recognised fields and what a form has around them.
pub const BODY_BYTES_MAX: usize = INLINE_BYTES_MAX + RECOGNISED_BYTES_MAX + 16 * 1024;
/// The most recognised fields beside a file, in bytes.
pub const RECOGNISED_BYTES_MAX: usize = 256 * 1024;

/// What a file is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// XML.
    Xml,
    /// PDF.
    Pdf,
    /// A picture.
    Picture,
    /// Kept, never booked.
    Kept,
}

/// Media types and extensions that are taken (AP-49).
const TYPES: &[(Declared, &[&str], &[&str])] = &[
    (Declared::Xml, &["application/xml", "text/xml"], &["xml"]),
    (Declared::Pdf, &["application/pdf"], &["pdf"]),
    (
        Declared::Picture,
        &["image/jpeg", "image/gif", "image/bmp", "image/png", "image/tiff"],
        &["jpg", "jpeg", "gif", "bmp", "png", "tif", "tiff"],
    ),
    (
        Declared::Kept,
        &[
            "application/vnd.ms-excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "text/plain",
            "text/csv",
        ],
        &["xls", "xlsx", "docx", "txt", "csv", "swi", "mt940", "940", "sta", "cod"],
    ),
];

/// What a file may be taken as, by its media type; by its name where the type says nothing.
pub fn declared(media_type: Option<&str>, file_name: Option<&str>) -> Answer<Declared> {
    let silent = matches!(media_type, None | Some("application/octet-stream"));
    let extension = file_name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    let found = if silent {
        TYPES.iter().find(|(_, _, extensions)| extension.as_deref().is_some_and(|own| extensions.contains(&own)))
    } else {
        TYPES.iter().find(|(_, types, _)| media_type.is_some_and(|own| types.contains(&own)))
    };
    found.map(|(declared, _, _)| *declared).ok_or_else(|| {
        let what = media_type.filter(|_| !silent).or(extension.as_deref()).unwrap_or("no type");
        let detail = format!(
            "Files of the type {what} are not taken. Send XML, PDF or a picture (jpg, gif, bmp, png, tif); xls, xlsx, docx, \
             txt, csv, swi, mt940, 940, sta and cod are kept without being booked. Send what is in an archive file by file."
        );
        Problem::new(Code::MediaType, detail)
    })
}

/// What a document counts as: by content, whatever its name says; as declared where the content says nothing.
pub fn format(start: &[u8], declared: Declared) -> (DocumentFormat, &'static str) {
    match sniff(start) {
        FileKind::Xml => (DocumentFormat::Ubl, "application/xml"),
        FileKind::Pdf => (DocumentFormat::Pdf, "application/pdf"),
        FileKind::Jpeg => (DocumentFormat::Scan, "image/jpeg"),
        FileKind::Png => (DocumentFormat::Scan, "image/png"),
        FileKind::Gif => (DocumentFormat::Scan, "image/gif"),
        FileKind::Bmp => (DocumentFormat::Scan, "image/bmp"),
        FileKind::Tiff => (DocumentFormat::Scan, "image/tiff"),
        FileKind::Unknown => match declared {
            Declared::Xml => (DocumentFormat::Ubl, "application/octet-stream"),
            Declared::Pdf => (DocumentFormat::Pdf, "application/octet-stream"),
            Declared::Picture | Declared::Kept => (DocumentFormat::Scan, "application/octet-stream"),
        },
    }
}

/// What a whole file counts as: files of bank statements are told from others by what they hold, whatever their names.
pub fn whole_format(file: &[u8], declared: Declared) -> (DocumentFormat, &'static str) {
    match statement::sniff(file) {
        Some(StatementFormat::Camt053) => (DocumentFormat::Statement, "application/xml"),
        Some(StatementFormat::Mt940 | StatementFormat::Coda) => (DocumentFormat::Statement, "application/octet-stream"),
        None => format(file, declared),
    }
}

/// A document whose file was sent apart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadedBody {
    /// What `POST /uploads` answered.
    #[schema(example = "upl_01JZ0000000000000000000000")]
    pub upload: String,
    /// Name of the file.
    pub file_name: FileName,
    /// What recognition found on a PDF or picture: values with their confidence.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub recognised: Option<Box<RawValue>>,
}

/// Where the file is.
#[derive(Debug)]
pub enum File {
    /// In the request.
    Inline(Bytes),
    /// It was sent apart under this id.
    Upload(String),
}

/// What a request delivers.
#[derive(Debug)]
pub struct Delivery {
    /// The file.
    pub file: File,
    /// Its name, when it has one.
    pub file_name: Option<String>,
    /// What it is declared to be.
    pub declared: Declared,
    /// Recognised fields as JSON, checked.
    pub recognised: Option<Vec<u8>>,
    /// The caller's name for the request.
    pub key: Option<IdempotencyKey>,
    /// What a repetition is recognised by.
    pub fingerprint: Fingerprint,
}

impl<S: Send + Sync> FromRequest<S> for Delivery {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let key = IdempotencyKey::of(request.headers())?;
        let line = request_line(request.method().as_str(), request.uri());
        let media = media_type(request.headers());
        let passage = Passage::of(&request);
        match media.as_deref() {
            Some("application/json") => {
                let bytes = body(request, state).await?;
                let body: UploadedBody = parse_json(&bytes)?;
                let recognised = body.recognised.map(|json| json.get().as_bytes().to_vec());
                Ok(Self {
                    declared: declared(None, Some(body.file_name.as_str()))?,
                    file: File::Upload(body.upload),
                    file_name: Some(body.file_name.into_string()),
                    recognised: checked(recognised)?,
                    key,
                    fingerprint: Fingerprint::of([line.as_bytes(), &bytes]),
                })
            }
            Some("multipart/form-data") => {
                let form = Form::read(request, state).await?;
                let (bytes, declared) = form.file.ok_or_else(|| {
                    Problem::new(Code::MalformedForm, "The form has no part named 'file' with the document.")
                })?;
                let bytes = passage.whole(bytes)?;
                let recognised = checked(form.recognised)?;
                let parts = [line.as_bytes(), bytes.as_ref(), b"\n", recognised.as_deref().unwrap_or_default()];
                let fingerprint = Fingerprint::of(parts);
                Ok(Self {
                    file: File::Inline(bytes),
                    file_name: form.file_name,
                    declared,
                    recognised,
                    key,
                    fingerprint,
                })
            }
            other => {
                let file_name = content_disposition_name(request.headers().get(header::CONTENT_DISPOSITION));
                let declared = declared(other, file_name.as_deref())?;
                let bytes = passage.whole(file(body(request, state).await?)?)?;
                let fingerprint = Fingerprint::of([line.as_bytes(), bytes.as_ref()]);
                Ok(Self { file: File::Inline(bytes), file_name, declared, recognised: None, key, fingerprint })
            }
        }
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Answer<Bytes> {
    Bytes::from_request(request, state).await.map_err(|_| too_large())
}

fn too_large() -> Problem {
    let detail = format!(
        "A file in the body may have {INLINE_BYTES_MAX} bytes. Ask POST /uploads for an address for one of up to \
         {UPLOAD_BYTES_MAX} bytes, send it there, and name it in POST /documents."
    );
    Problem::new(Code::TooLarge, detail)
}

/// A file that is neither empty nor too large for a body.
fn file(bytes: Bytes) -> Answer<Bytes> {
    match bytes.len() {
        0 => Err(Problem::new(Code::Empty, "The file is empty: send its bytes as the body.")),
        1..=INLINE_BYTES_MAX => Ok(bytes),
        _ => Err(too_large()),
    }
}

/// Recognised fields that can be taken as a whole; single values may be wrong and are left out when the document is read.
fn checked(json: Option<Vec<u8>>) -> Answer<Option<Vec<u8>>> {
    let Some(json) = json else { return Ok(None) };
    if json.len() > RECOGNISED_BYTES_MAX {
        let detail = format!("Recognised fields may have {RECOGNISED_BYTES_MAX} bytes.");
        return Err(Problem::new(Code::TooLarge, detail));
    }
    match recognised::read(&json) {
        Ok(_) => Ok(Some(json)),
        Err(error) => {
            let field = error.field.map(|field| format!("/{}", field.replace('.', "/"))).unwrap_or_default();
            Err(Problem::invalid(format!("/recognised{field}"), error.message))
        }
    }
}

/// The file name in a `Content-Disposition` header.
fn content_disposition_name(value: Option<&axum::http::HeaderValue>) -> Option<String> {
    let (_, name) = value?.to_str().ok()?.split_once("filename=")?;
    let name = name.split(';').next().unwrap_or_default().trim().trim_matches('"');
    FileName::try_from(name.to_owned()).ok().map(FileName::into_string)
}

#[derive(Default)]
struct Form {
    file: Option<(Bytes, Declared)>,
    file_name: Option<String>,
    recognised: Option<Vec<u8>>,
}

impl Form {
    async fn read<S: Send + Sync>(request: Request, state: &S) -> Answer<Self> {
        let malformed = |error: &dyn std::fmt::Display| {
            Problem::new(Code::MalformedForm, format!("The form cannot be read: {error}."))
        };
        let broken = |error: axum::extract::multipart::MultipartError| {
            if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                too_large()
            } else {
                malformed(&error.body_text())
            }
        };
        let mut parts = Multipart::from_request(request, state).await.map_err(|error| malformed(&error.body_text()))?;
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" if form.file.is_none() => {
                    let media = part
                        .content_type()
                        .map(|media| media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
                    let file_name = part.file_name().map(str::to_owned);
                    let declared = declared(media.as_deref(), file_name.as_deref())?;
                    form.file = Some((file(part.bytes().await.map_err(broken)?)?, declared));
                    form.file_name =
                        file_name.and_then(|name| FileName::try_from(name).ok()).map(FileName::into_string);
                }
                "recognised" if form.recognised.is_none() => {
                    form.recognised = Some(part.bytes().await.map_err(broken)?.to_vec());
                }
                "file" | "recognised" => {
                    return Err(Problem::new(Code::MalformedForm, format!("The form has two parts named '{name}'.")));
                }
                _ => {
                    let shown: String = name.chars().take(64).collect();
                    let detail = format!("There is no part '{shown}': a form has 'file' and perhaps 'recognised'.");
                    return Err(Problem::new(Code::UnknownField, detail.clone()).at(format!("/{shown}"), detail));
                }
            }
        }
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_list() {
        for (media, name, taken) in [
            (Some("application/xml"), None, Some(Declared::Xml)),
            (Some("application/pdf"), Some("x.exe"), Some(Declared::Pdf)),
            (Some("application/octet-stream"), Some("a.TIFF"), Some(Declared::Picture)),
            (None, Some("statement.940"), Some(Declared::Kept)),
            (Some("text/html"), Some("a.xml"), None),
            (Some("application/zip"), Some("a.zip"), None),
            (None, Some("a.exe"), None),
            (None, None, None),
        ] {
            assert_eq!(declared(media, name).ok(), taken, "{media:?} {name:?}");
        }
        let problem = declared(Some("application/zip"), None).unwrap_err();
        assert!(problem.detail().contains("file by file"), "{}", problem.detail());
    }

    #[test]
    fn content_decides_what_it_counts_as() {
        assert_eq!(format(b"\xff\xd8\xff\xe0", Declared::Xml), (DocumentFormat::Scan, "image/jpeg"));
        assert_eq!(format(b"%PDF-1.7", Declared::Xml).0, DocumentFormat::Pdf);
        assert_eq!(format(b"hello", Declared::Xml).0, DocumentFormat::Ubl, "unreadable XML stays what it was sent as");
        assert_eq!(format(b"hello", Declared::Kept).0, DocumentFormat::Scan);
    }

    #[test]
    fn files_of_bank_statements_are_told_from_others() {
        let mt940 = b":20:STATEMENT\r\n:25:NL91ABNA0417164300\r\n:28C:12/1\r\n:60F:C260630EUR1000,00\r\n\
            :61:260701D12,50NMSC\r\n:62F:C260701EUR987,50\r\n";
        let camt = br#"<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
            <BkToCstmrStmt><Stmt><Id>1</Id></Stmt></BkToCstmrStmt></Document>"#;
        assert_eq!(whole_format(mt940, Declared::Kept).0, DocumentFormat::Statement);
        assert_eq!(whole_format(camt, Declared::Xml), (DocumentFormat::Statement, "application/xml"));
        assert_eq!(whole_format(b"<Invoice/>", Declared::Xml).0, DocumentFormat::Ubl);
        assert_eq!(whole_format(b"hello", Declared::Kept).0, DocumentFormat::Scan);
        assert_eq!(declared(None, Some("2026.COD")).unwrap(), Declared::Kept);
    }

    #[test]
    fn names_are_taken_from_content_disposition() {
        let name = |text: &'static str| content_disposition_name(Some(&axum::http::HeaderValue::from_static(text)));
        assert_eq!(name("attachment; filename=\"a b.xml\"").as_deref(), Some("a b.xml"));
        assert_eq!(name("attachment; filename=a.xml; size=3").as_deref(), Some("a.xml"));
        assert_eq!(name("attachment"), None);
    }

    #[test]
    fn recognised_fields_are_checked_as_a_whole() {
        let good = br#"{"kind":"invoice","fields":{"number":{"value":"1","confidence":0.9}}}"#;
        assert!(checked(Some(good.to_vec())).is_ok());
        for bad in [
            &b"[]"[..],
            b"{",
            br#"{"kind":"letter"}"#,
            br#"{"kind":"invoice","fields":{"number":{"value":"1","confidence":7}}}"#,
        ] {
            assert_eq!(checked(Some(bad.to_vec())).unwrap_err().code(), Code::Invalid);
        }
    }
}
