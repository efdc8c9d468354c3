//! The object store: bytes by name, with limits, and addresses for direct up- and download.

use crate::{
    error::{ErrorKind, StoreError},
    meter::{Cost, Meter},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use rusty_s3::{Bucket, Credentials, S3Action};
use serde::Deserialize;
use std::{fmt, time::Duration};

/// The longest that an address for direct up- or download is good.
pub const PRESIGNED_SECONDS_MAX: u64 = 15 * 60;

/// How long a request of our own is good. One that is made again is signed again.
const SIGNED: Duration = Duration::from_mins(1);
/// How often a request is made before it is given up. Each may be made again: names are given once and bytes do not change.
const ATTEMPTS: u32 = 3;
/// What is waited for before a request is made again; twice as long each time.
const PAUSE: Duration = Duration::from_millis(50);
/// How much of an answer is read that is not an object.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 412;

/// A bucket, who asks for it, and what takes a request there.
pub type S3 = (Bucket, Credentials, SharedHttpConnector);

/// An address that lets its holder do one thing with one object for a short time. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// The address itself, for the client that asked for it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// How many objects one list tells of.
const OBJECTS_AT_ONCE: &str = "200";
/// How much of a list is read.
const LIST_BYTES_MAX: u64 = 1024 * 1024;

/// What a request to the bucket does: it has one of two prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Stores,
    Looks,
}

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// In bytes.
    pub(crate) size: u64,
    tag: String,
}

impl Found {
    /// Its tag, which changes with its bytes, as it may stand in a name.
    pub(crate) fn plain_tag(&self) -> String {
        self.tag.chars().filter(char::is_ascii_alphanumeric).collect()
    }
}

/// What is sent, besides what the address says.
#[derive(Debug)]
struct Sent<'a> {
    request: Request,
    method: &'static str,
    headers: &'a [(&'static str, &'a str)],
    body: SdkBody,
}

impl<'a> Sent<'a> {
    fn looks(method: &'static str) -> Self {
        Self { request: Request::Looks, method, headers: &[], body: SdkBody::empty() }
    }

    fn stores(headers: &'a [(&'static str, &'a str)], bytes: Vec<u8>) -> Self {
        Self { request: Request::Stores, method: "PUT", headers, body: SdkBody::from(bytes) }
    }
}

/// The bucket.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    s3: Option<S3>,
    meter: Meter,
}

impl Objects {
    pub(crate) fn new(s3: Option<S3>, meter: Meter) -> Self {
        Self { s3, meter }
    }

    fn s3(&self, operation: &'static str) -> Result<&S3, StoreError> {
        self.s3.as_ref().ok_or_else(|| StoreError::bug(operation, "this function has no object store"))
    }

    fn tell(&self, operation: &'static str, request: Request) {
        let s3_puts = match request {
            Request::Stores => 1,
            Request::Looks => 0,
        };
        let cost = Cost { operation, table: "Bucket", write_units: 0, read_half_units: 0, s3_requests: 1, s3_puts };
        self.meter.tell(cost);
    }

    /// Makes a request until it is answered by more than "try again".
    async fn send<'a, A: S3Action<'a>>(
        &self,
        operation: &'static str,
        action: &A,
        sent: Sent<'_>,
    ) -> Result<HttpResponse, StoreError> {
        let (_, _, http) = self.s3(operation)?;
        let mut pause = PAUSE;
        for attempt in 1.. {
            let answer = http.call(request(operation, action, &sent)?).await;
            self.tell(operation, sent.request);
            let error = match answer {
                Ok(answer) if !may_pass(answer.status().as_u16()) => return Ok(answer),
                Ok(answer) => refused(operation, answer).await,
                Err(error) => StoreError::new(ErrorKind::Retryable, operation, "no answer").caused_by(error),
            };
            if attempt >= ATTEMPTS {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(StoreError::bug(operation, "a request without attempts"))
    }

    /// Stores bytes under a name, in place of what was there.
    pub(crate) async fn put(
        &self,
        operation: &'static str,
        name: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let action = bucket.put_object(Some(credentials), name);
        let headers = [("content-type", content_type)];
        let answer = self.send(operation, &action, Sent::stores(&headers, bytes)).await?;
        if answer.status().is_success() { Ok(()) } else { Err(refused(operation, answer).await) }
    }

    /// Stores bytes under a name unless there is something already.
    pub(crate) async fn put_if_absent(
        &self,
        operation: &'static str,
        name: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let action = bucket.put_object(Some(credentials), name);
        let headers = [("content-type", content_type), ("if-none-match", "*")];
        let answer = self.send(operation, &action, Sent::stores(&headers, bytes)).await?;
        match answer.status().as_u16() {
            PRECONDITION_FAILED => Ok(()),
            _ if answer.status().is_success() => Ok(()),
            _ => Err(refused(operation, answer).await),
        }
    }

    /// Begins an object that is sent in parts, and gives the name of the upload.
    pub(crate) async fn begin(
        &self,
        operation: &'static str,
        name: &str,
        content_type: &str,
    ) -> Result<String, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let action = bucket.create_multipart_upload(Some(credentials), name);
        let headers = [("content-type", content_type)];
        let sent = Sent { method: "POST", ..Sent::stores(&headers, Vec::new()) };
        let answer = self.send(operation, &action, sent).await?;
        if !answer.status().is_success() {
            return Err(refused(operation, answer).await);
        }
        let body = read(operation, answer, ANSWER_BYTES_MAX).await?;
        let begun: Begun = quick_xml::de::from_reader(body.as_slice())
            .map_err(|error| StoreError::bug(operation, format!("the answer cannot be read: {error}")))?;
        Ok(begun.upload_id)
    }

    /// Sends a part, counted from 1, and gives its tag. The same part sent again takes the place of the first.
    pub(crate) async fn put_part(
        &self,
        operation: &'static str,
        (name, upload): (&str, &str),
        part: u16,
        bytes: Vec<u8>,
    ) -> Result<String, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let action = bucket.upload_part(Some(credentials), name, part, upload);
        let answer = self.send(operation, &action, Sent::stores(&[], bytes)).await?;
        if !answer.status().is_success() {
            return Err(refused(operation, answer).await);
        }
        let tag = answer.headers().get("etag").map(ToOwned::to_owned);
        tag.ok_or_else(|| StoreError::bug(operation, "a part has no tag"))
    }

    /// Makes the object of its parts. An upload that is gone: [`ErrorKind::NotFound`].
    pub(crate) async fn finish(
        &self,
        operation: &'static str,
        (name, upload): (&str, &str),
        parts: &[String],
    ) -> Result<(), StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let tags = parts.iter().map(String::as_str);
        let action = bucket.complete_multipart_upload(Some(credentials), name, upload, tags);
        let body = action.clone().body().into_bytes();
        let sent = Sent { method: "POST", ..Sent::stores(&[], body) };
        let answer = self.send(operation, &action, sent).await?;
        if !answer.status().is_success() {
            return Err(refused(operation, answer).await);
        }
        // What fails on the way says so in the body of an answer that begins as a success.
        match read(operation, answer, ANSWER_BYTES_MAX).await? {
            body if body.windows(7).any(|part| part == b"<Error>") => {
                Err(StoreError::new(ErrorKind::Retryable, operation, "the parts could not be put together"))
            }
            _ => Ok(()),
        }
    }

    /// The bytes of an object, if they are no more than `bytes_max`.
    pub(crate) async fn get(&self, operation: &'static str, name: &str, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let action = bucket.get_object(Some(credentials), name);
        let answer = self.send(operation, &action, Sent::looks("GET")).await?;
        if answer.status().as_u16() == NOT_FOUND {
            return Err(StoreError::new(ErrorKind::NotFound, operation, format!("there is no object {name}")));
        }
        if !answer.status().is_success() {
            return Err(refused(operation, answer).await);
        }
        read(operation, answer, bytes_max).await
    }

    /// What an object is like, if there is one.
    pub(crate) async fn look(&self, operation: &'static str, name: &str) -> Result<Option<Found>, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let action = bucket.head_object(Some(credentials), name);
        let answer = self.send(operation, &action, Sent::looks("HEAD")).await?;
        if answer.status().as_u16() == NOT_FOUND {
            return Ok(None);
        }
        if !answer.status().is_success() {
            return Err(refused(operation, answer).await);
        }
        let size = answer.headers().get("content-length").and_then(|length| length.parse().ok());
        let tag = answer.headers().get("etag").map(ToOwned::to_owned);
        match size.zip(tag) {
            Some((size, tag)) => Ok(Some(Found { size, tag })),
            None => Err(StoreError::bug(operation, "an object has neither size nor tag")),
        }
    }

    /// Copies an object within the bucket as it was found; when it was replaced since: [`ErrorKind::Retryable`].
    pub(crate) async fn copy(
        &self,
        operation: &'static str,
        (from, found): (&str, &Found),
        to: &str,
        content_type: &str,
    ) -> Result<(), StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let source = format!("{}/{from}", bucket.name());
        let headers = [
            ("x-amz-copy-source", source.as_str()),
            ("x-amz-copy-source-if-match", &found.tag),
            ("x-amz-metadata-directive", "REPLACE"),
            ("content-type", content_type),
        ];
        let mut action = bucket.put_object(Some(credentials), to);
        for (name, value) in headers.iter().filter(|(name, _)| name.starts_with("x-amz-")) {
            action.headers_mut().insert(*name, *value);
        }
        let answer = self.send(operation, &action, Sent::stores(&headers, Vec::new())).await?;
        match answer.status().as_u16() {
            PRECONDITION_FAILED => {
                Err(StoreError::new(ErrorKind::Retryable, operation, "the object was replaced meanwhile"))
            }
            _ if !answer.status().is_success() => Err(refused(operation, answer).await),
            // A copy that fails on the way says so in the body of an answer that begins as a success.
            _ => match read(operation, answer, ANSWER_BYTES_MAX).await? {
                body if body.windows(7).any(|part| part == b"<Error>") => {
                    Err(StoreError::new(ErrorKind::Retryable, operation, "the copy broke off"))
                }
                _ => Ok(()),
            },
        }
    }

    /// Deletes some objects whose names begin so, with all their versions, as many as one list tells. How many: none when nothing
    /// is left.
    pub(crate) async fn delete_some(&self, operation: &'static str, prefix: &str) -> Result<usize, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        // The list of versions is got from the root of the bucket.
        let mut list = bucket.get_object(Some(credentials), "");
        for (name, value) in [("versions", ""), ("prefix", prefix), ("max-keys", OBJECTS_AT_ONCE)] {
            list.query_mut().insert(name, value);
        }
        let answer = self.send(operation, &list, Sent { request: Request::Stores, ..Sent::looks("GET") }).await?;
        if !answer.status().is_success() {
            return Err(refused(operation, answer).await);
        }
        let body = read(operation, answer, LIST_BYTES_MAX).await?;
        let listed: Listed = quick_xml::de::from_reader(body.as_slice())
            .map_err(|error| StoreError::bug(operation, format!("a list of versions cannot be read: {error}")))?;
        let mut deleted = 0;
        // A prefix that went wrong must never take what is somebody else's.
        let ours = |it: &&ListedVersion| it.key.starts_with(prefix);
        for ListedVersion { key, version_id } in listed.versions.iter().chain(&listed.marks).filter(ours) {
            let mut delete = bucket.delete_object(Some(credentials), key);
            if let Some(version) = version_id {
                delete.query_mut().insert("versionId", version);
            }
            let answer = self.send(operation, &delete, Sent::looks("DELETE")).await?;
            if !answer.status().is_success() && answer.status().as_u16() != NOT_FOUND {
                return Err(refused(operation, answer).await);
            }
            deleted += 1;
        }
        Ok(deleted)
    }

    /// An address to which the object may be sent once.
    pub(crate) fn address_to_put(
        &self,
        operation: &'static str,
        name: &str,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        Ok(presigned(&bucket.put_object(Some(credentials), name), seconds))
    }

    /// An address from which the object can be fetched as a file of this name.
    pub(crate) fn address_to_get(
        &self,
        operation: &'static str,
        name: &str,
        download: &Download<'_>,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        let (bucket, credentials, _) = self.s3(operation)?;
        let mut action = bucket.get_object(Some(credentials), name);
        let disposition = format!("attachment; filename=\"{}\"", plain(download.file_name));
        action.query_mut().insert("response-content-disposition", disposition);
        action.query_mut().insert("response-content-type", download.content_type);
        Ok(presigned(&action, seconds))
    }
}

/// An upload in parts that was begun.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    upload_id: String,
}

/// A list of versions.
#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(rename = "Version", default)]
    versions: Vec<ListedVersion>,
    /// Versions that say only that the object was deleted.
    #[serde(rename = "DeleteMarker", default)]
    marks: Vec<ListedVersion>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedVersion {
    key: String,
    version_id: Option<String>,
}

fn presigned<'a>(action: &impl S3Action<'a>, seconds: u64) -> PresignedUrl {
    PresignedUrl(action.sign(Duration::from_secs(seconds.min(PRESIGNED_SECONDS_MAX))).into())
}

fn request<'a>(
    operation: &'static str,
    action: &impl S3Action<'a>,
    sent: &Sent<'_>,
) -> Result<HttpRequest, StoreError> {
    let unmade = || StoreError::bug(operation, "the request could not be made");
    let mut request = HttpRequest::new(sent.body.try_clone().ok_or_else(unmade)?);
    request.set_uri(action.sign(SIGNED).to_string()).map_err(|_| unmade())?;
    request.set_method(sent.method).map_err(|_| unmade())?;
    for (name, value) in sent.headers {
        request.headers_mut().try_insert(*name, (*value).to_owned()).map_err(|_| unmade())?;
    }
    // Storing an empty object needs its length said as well.
    if let (Request::Stores, Some(length)) = (sent.request, sent.body.content_length()) {
        request.headers_mut().insert("content-length", length.to_string());
    }
    Ok(request)
}

/// Whether the same request may be answered otherwise a moment later.
fn may_pass(status: u16) -> bool {
    status == 429 || status >= 500
}

/// What an answer other than success means.
async fn refused(operation: &'static str, answer: HttpResponse) -> StoreError {
    let status = answer.status().as_u16();
    let kind = match status {
        NOT_FOUND => ErrorKind::NotFound,
        PRECONDITION_FAILED => ErrorKind::Conflict,
        status if may_pass(status) => ErrorKind::Retryable,
        _ => ErrorKind::Bug,
    };
    let body = read(operation, answer, ANSWER_BYTES_MAX).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    StoreError::new(kind, operation, format!("{status} {}", code.unwrap_or("without a code")))
}

async fn read(operation: &'static str, answer: HttpResponse, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
    let too_large = || StoreError::new(ErrorKind::TooLarge, operation, format!("more than {bytes_max} bytes"));
    let stated = answer.headers().get("content-length").and_then(|length| length.parse::<u64>().ok());
    if stated.is_some_and(|length| length > bytes_max) {
        return Err(too_large());
    }
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::with_capacity(usize::try_from(stated.unwrap_or_default()).unwrap_or_default());
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| {
            StoreError::new(ErrorKind::Retryable, operation, "the object broke off").caused_by(error)
        })?;
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > bytes_max {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// How a browser is to take a download: always as a file, never shown in place.
#[derive(Debug, Clone, Copy)]
pub struct Download<'a> {
    /// Name of the file.
    pub file_name: &'a str,
    /// Its type.
    pub content_type: &'a str,
}

/// A file name that needs no quoting.
fn plain(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' };
    name.chars().take(100).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_cannot_break_out_of_their_quotes() {
        assert_eq!(plain("fac\"tuur\r\n2026.xml"), "fac_tuur__2026.xml");
    }
}
