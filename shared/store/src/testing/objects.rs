//! An object store in memory or in a folder, as far as the store asks for one.

use super::Faults;
use crate::S3;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use http::StatusCode;
use rusty_s3::{Bucket, Credentials, UrlStyle};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The bytes of an object.
#[derive(Debug)]
enum Bytes {
    Memory(Vec<u8>),
    File(PathBuf),
}

impl Bytes {
    fn read(&self) -> Vec<u8> {
        match self {
            Self::Memory(bytes) => bytes.clone(),
            Self::File(path) => fs::read(path).expect("an object is read"),
        }
    }
}

#[derive(Debug, Default)]
struct Kept {
    objects: BTreeMap<String, Bytes>,
    /// Where they are files; counts them, since a name does not fit into one of a file.
    folder: Option<(PathBuf, u64)>,
}

impl Kept {
    fn insert(&mut self, name: String, bytes: Vec<u8>) {
        let kept = match &mut self.folder {
            None => Bytes::Memory(bytes),
            Some((folder, count)) => {
                *count += 1;
                let path = folder.join(format!("object-{count}"));
                fs::write(&path, bytes).expect("an object is stored");
                Bytes::File(path)
            }
        };
        if let Some(Bytes::File(before)) = self.objects.insert(name, kept) {
            fs::remove_file(before).expect("an object is replaced");
        }
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.objects.get(name).map(Bytes::read)
    }

    fn remove(&mut self, name: &str) -> Option<Vec<u8>> {
        let removed = self.objects.remove(name)?;
        let bytes = removed.read();
        if let Bytes::File(path) = removed {
            fs::remove_file(path).expect("an object is removed");
        }
        Some(bytes)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct MemoryObjects(Arc<Mutex<Kept>>);

impl MemoryObjects {
    /// With each object in a file of a folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let folder = Some((folder.to_owned(), 0));
        Self(Arc::new(Mutex::new(Kept { folder, ..Kept::default() })))
    }

    /// A bucket of this store, whose requests meet these faults.
    pub(super) fn bucket(&self, faults: &Faults) -> S3 {
        let address = "http://objects.test".parse().expect("an address");
        let bucket = Bucket::new(address, UrlStyle::Path, "bucket", "eu-west-1").expect("a bucket");
        let connector = faults.around_connector(SharedHttpConnector::new(self.clone()));
        (bucket, Credentials::new("test", "test"), connector)
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).objects.keys().cloned().collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read(name)
    }

    pub(super) fn put(&self, name: &str, bytes: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), bytes);
    }

    pub(super) fn remove(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // `http://objects.test/{bucket}/{name}?...`
        let path = request.uri().split('?').next().unwrap_or_default();
        let name = path.splitn(5, '/').nth(4).unwrap_or_default().to_owned();
        let missing =
            || response(StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code><Message>There is none</Message></Error>");
        match (request.method(), request.headers().get("x-amz-copy-source")) {
            ("GET", None) if name.is_empty() && request.uri().contains("versions") => {
                let prefix = request.uri().split(['?', '&']).find_map(|part| part.strip_prefix("prefix="));
                let prefix = prefix.unwrap_or_default().replace("%2F", "/");
                let names = kept.objects.keys().filter(|name| name.starts_with(&prefix)).take(200);
                let entry = |name: &String| format!("<Version><Key>{name}</Key><VersionId>null</VersionId></Version>");
                let entries: String = names.map(entry).collect();
                let list = format!("<ListVersionsResult>{entries}</ListVersionsResult>");
                HttpResponse::new(StatusCode::OK.into(), SdkBody::from(list))
            }
            ("DELETE", _) => {
                kept.remove(&name);
                response(StatusCode::NO_CONTENT, "")
            }
            ("PUT", Some(source)) => {
                let Some(bytes) = source.split_once('/').and_then(|(_, name)| kept.read(name)) else {
                    return missing();
                };
                let wanted = request.headers().get("x-amz-copy-source-if-match");
                if wanted.is_some_and(|wanted| wanted != tag(&bytes)) {
                    return refused();
                }
                kept.insert(name, bytes);
                response(StatusCode::OK, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")
            }
            // An upload in parts: each part is an object beside it until they are put together.
            ("POST", _) if request.uri().contains("uploads=") => {
                let id = format!("upload-{}", kept.objects.len());
                let body =
                    format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
                HttpResponse::new(StatusCode::OK.into(), SdkBody::from(body))
            }
            ("POST", _) => {
                let prefix = format!("{name}/.parts/");
                let parts: Vec<String> = kept.objects.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
                if parts.is_empty() {
                    return missing();
                }
                let whole: Vec<u8> = parts.iter().filter_map(|part| kept.remove(part)).flatten().collect();
                kept.insert(name, whole);
                response(StatusCode::OK, "<CompleteMultipartUploadResult/>")
            }
            ("PUT", None) if request.uri().contains("partNumber=") => {
                let number = request.uri().split(['?', '&']).find_map(|part| part.strip_prefix("partNumber="));
                let number: u32 = number.and_then(|number| number.parse().ok()).unwrap_or_default();
                let bytes = request.body().bytes().unwrap_or_default().to_vec();
                let mut answer = response(StatusCode::OK, "");
                answer.headers_mut().insert("etag", tag(&bytes));
                kept.insert(format!("{name}/.parts/{number:05}"), bytes);
                answer
            }
            ("PUT", None) => {
                if request.headers().get("if-none-match") == Some("*") && kept.objects.contains_key(&name) {
                    return refused();
                }
                kept.insert(name, request.body().bytes().unwrap_or_default().to_vec());
                response(StatusCode::OK, "")
            }
            ("GET" | "HEAD", _) => match kept.read(&name) {
                None => missing(),
                Some(bytes) => {
                    let (length, tag) = (bytes.len().to_string(), tag(&bytes));
                    let body = if request.method() == "GET" { bytes } else { Vec::new() };
                    let mut answer = HttpResponse::new(StatusCode::OK.into(), SdkBody::from(body));
                    answer.headers_mut().insert("content-length", length);
                    answer.headers_mut().insert("etag", tag);
                    answer
                }
            },
            (_, _) => response(StatusCode::METHOD_NOT_ALLOWED, ""),
        }
    }
}

/// Another one for other bytes.
fn tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

fn refused() -> HttpResponse {
    let error = "<Error><Code>PreconditionFailed</Code><Message>The condition does not hold</Message></Error>";
    response(StatusCode::PRECONDITION_FAILED, error)
}

fn response(status: StatusCode, body: &'static str) -> HttpResponse {
    HttpResponse::new(status.into(), SdkBody::from(body))
}

impl HttpConnector for MemoryObjects {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Ok(self.answer(&request)))
    }
}
