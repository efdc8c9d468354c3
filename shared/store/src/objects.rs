//! The object store: bytes by name, with limits, and addresses for direct up- and download.

use crate::{
    error::{ErrorKind, StoreError},
    meter::{Cost, Meter},
};
use aws_sdk_s3::{
    Client, error::SdkError, presigning::PresigningConfig, primitives::ByteStream, types::MetadataDirective,
};
use std::{fmt, time::Duration};

/// The longest that an address for direct up- or download is good.
pub const PRESIGNED_SECONDS_MAX: u64 = 15 * 60;

/// The status of an answer to a request whose condition does not hold.
const PRECONDITION_FAILED: u16 = 412;

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

/// The bucket.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    client: Option<Client>,
    bucket: String,
    meter: Meter,
}

impl Objects {
    pub(crate) fn new(client: Option<Client>, bucket: String, meter: Meter) -> Self {
        Self { client, bucket, meter }
    }

    fn client(&self, operation: &'static str) -> Result<&Client, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::bug(operation, "this function has no object store"))
    }

    fn tell(&self, operation: &'static str, request: Request) {
        let s3_puts = match request {
            Request::Stores => 1,
            Request::Looks => 0,
        };
        let cost = Cost { operation, table: "Bucket", write_units: 0, read_half_units: 0, s3_requests: 1, s3_puts };
        self.meter.tell(cost);
    }

    /// Stores bytes under a name, in place of what was there.
    pub(crate) async fn put(
        &self,
        operation: &'static str,
        name: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreError> {
        self.client(operation)?
            .put_object()
            .bucket(&self.bucket)
            .key(name)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|error| StoreError::of_sdk(operation, error))?;
        self.tell(operation, Request::Stores);
        Ok(())
    }

    /// Stores bytes under a name unless there is something already.
    pub(crate) async fn put_if_absent(
        &self,
        operation: &'static str,
        name: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreError> {
        let request = self.client(operation)?.put_object().bucket(&self.bucket).key(name).if_none_match("*");
        let sent = request.content_type(content_type).body(ByteStream::from(bytes)).send().await;
        self.tell(operation, Request::Stores);
        match sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if context.raw().status().as_u16() == PRECONDITION_FAILED => Ok(()),
            Err(error) => Err(StoreError::of_sdk(operation, error)),
        }
    }

    /// The bytes of an object, if they are no more than `bytes_max`.
    pub(crate) async fn get(&self, operation: &'static str, name: &str, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        let too_large = || StoreError::new(ErrorKind::TooLarge, operation, format!("more than {bytes_max} bytes"));
        let output = match self.client(operation)?.get_object().bucket(&self.bucket).key(name).send().await {
            Ok(output) => output,
            Err(SdkError::ServiceError(context)) if context.err().is_no_such_key() => {
                return Err(StoreError::new(ErrorKind::NotFound, operation, format!("there is no object {name}")));
            }
            Err(error) => return Err(StoreError::of_sdk(operation, error)),
        };
        self.tell(operation, Request::Looks);
        let stated = output.content_length.and_then(|length| u64::try_from(length).ok());
        if stated.is_some_and(|length| length > bytes_max) {
            return Err(too_large());
        }
        let mut body = output.body;
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

    /// What an object is like, if there is one.
    pub(crate) async fn look(&self, operation: &'static str, name: &str) -> Result<Option<Found>, StoreError> {
        let sent = self.client(operation)?.head_object().bucket(&self.bucket).key(name).send().await;
        self.tell(operation, Request::Looks);
        match sent {
            Ok(output) => {
                let size = output.content_length.and_then(|length| u64::try_from(length).ok());
                match (size, output.e_tag) {
                    (Some(size), Some(tag)) => Ok(Some(Found { size, tag })),
                    (_, _) => Err(StoreError::bug(operation, "an object has neither size nor tag")),
                }
            }
            Err(SdkError::ServiceError(context)) if context.err().is_not_found() => Ok(None),
            Err(error) => Err(StoreError::of_sdk(operation, error)),
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
        let sent = self
            .client(operation)?
            .copy_object()
            .bucket(&self.bucket)
            .copy_source(format!("{}/{from}", self.bucket))
            .copy_source_if_match(&found.tag)
            .key(to)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(content_type)
            .send()
            .await;
        self.tell(operation, Request::Stores);
        match sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if context.raw().status().as_u16() == PRECONDITION_FAILED => {
                Err(StoreError::new(ErrorKind::Retryable, operation, "the object was replaced meanwhile"))
            }
            Err(error) => Err(StoreError::of_sdk(operation, error)),
        }
    }

    fn presigning(operation: &'static str, seconds: u64) -> Result<PresigningConfig, StoreError> {
        PresigningConfig::expires_in(Duration::from_secs(seconds.min(PRESIGNED_SECONDS_MAX)))
            .map_err(|error| StoreError::bug(operation, error.to_string()))
    }

    /// An address to which the object may be sent once.
    pub(crate) async fn address_to_put(
        &self,
        operation: &'static str,
        name: &str,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        let request = self.client(operation)?.put_object().bucket(&self.bucket).key(name);
        let signed = request.presigned(Self::presigning(operation, seconds)?).await;
        Ok(PresignedUrl(signed.map_err(|error| StoreError::of_sdk(operation, error))?.uri().to_owned()))
    }

    /// An address from which the object can be fetched as a file of this name.
    pub(crate) async fn address_to_get(
        &self,
        operation: &'static str,
        name: &str,
        download: &Download<'_>,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        let request = self
            .client(operation)?
            .get_object()
            .bucket(&self.bucket)
            .key(name)
            .response_content_disposition(format!("attachment; filename=\"{}\"", plain(download.file_name)))
            .response_content_type(download.content_type);
        let signed = request.presigned(Self::presigning(operation, seconds)?).await;
        Ok(PresignedUrl(signed.map_err(|error| StoreError::of_sdk(operation, error))?.uri().to_owned()))
    }
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
