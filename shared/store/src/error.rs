//! What can go wrong in the store. Callers look at the kind; the rest is for logs.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::{error::Error, fmt};

/// What a caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Throttled, timed out or interrupted: the same call may work a little later.
    Retryable,
    /// Somebody else was faster: read again and decide again.
    Conflict,
    /// What the call is about does not exist.
    NotFound,
    /// Larger than what may be stored or read.
    TooLarge,
    /// The cursor does not belong to this list, or is none.
    BadCursor,
    /// A wrong setting, a missing right or something stored that cannot be read: nobody can do anything but repair it.
    Bug,
}

impl ErrorKind {
    /// Stable word, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retryable => "retryable",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
            Self::TooLarge => "too_large",
            Self::BadCursor => "bad_cursor",
            Self::Bug => "bug",
        }
    }
}

/// An error of the store.
#[derive(Debug)]
pub struct StoreError {
    kind: ErrorKind,
    operation: &'static str,
    detail: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    pub(crate) fn new(kind: ErrorKind, operation: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, operation, detail: detail.into(), source: None }
    }

    pub(crate) fn conflict(operation: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, operation, detail)
    }

    pub(crate) fn bug(operation: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, operation, detail)
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// During which operation of the store.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether somebody else was faster.
    pub fn is_conflict(&self) -> bool {
        self.kind == ErrorKind::Conflict
    }

    /// Whether the same call may work a little later.
    pub fn is_retryable(&self) -> bool {
        self.kind == ErrorKind::Retryable
    }

    /// From an error of an AWS service.
    pub(crate) fn of_sdk<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let (kind, detail) = match &error {
            SdkError::ServiceError(context) => {
                let code = context.err().code().unwrap_or("no code");
                let message = context.err().message().unwrap_or("no message");
                (kind_of(code, message), format!("{code}: {message}"))
            }
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
                (ErrorKind::Retryable, "no answer".to_owned())
            }
            // A request that could not even be built; the enum is open, and what is new in it is nothing we foresaw.
            _ => (ErrorKind::Bug, "the request could not be made".to_owned()),
        };
        Self::new(kind, operation, detail).caused_by(error)
    }
}

/// The kind of an error code of DynamoDB or S3.
pub(crate) fn kind_of(code: &str, message: &str) -> ErrorKind {
    match code {
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "InternalServerError"
        | "InternalError"
        | "ServiceUnavailable"
        | "SlowDown"
        | "RequestTimeout"
        | "TransactionConflictException"
        | "TransactionConflict"
        | "ThrottlingError"
        | "ProvisionedThroughputExceeded"
        | "TransactionInProgressException" => ErrorKind::Retryable,
        "ConditionalCheckFailedException" | "IdempotentParameterMismatchException" | "PreconditionFailed" => {
            ErrorKind::Conflict
        }
        "NoSuchKey" | "NotFound" => ErrorKind::NotFound,
        "ItemCollectionSizeLimitExceededException" | "EntityTooLarge" => ErrorKind::TooLarge,
        // The key is one of this list, but outside the part of it that is asked for.
        "ValidationException" if message.contains("starting key") || message.contains("start key") => {
            ErrorKind::BadCursor
        }
        "ValidationException" | "ValidationError" if message.contains("size") && message.contains("exceed") => {
            ErrorKind::TooLarge
        }
        _ => ErrorKind::Bug,
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.operation, self.detail, self.kind.as_str())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_kind() {
        for (code, message, kind) in [
            ("ThrottlingException", "", ErrorKind::Retryable),
            ("ProvisionedThroughputExceededException", "", ErrorKind::Retryable),
            ("TransactionConflict", "", ErrorKind::Retryable),
            ("ConditionalCheckFailedException", "", ErrorKind::Conflict),
            ("NoSuchKey", "", ErrorKind::NotFound),
            ("ValidationException", "Item size has exceeded the maximum allowed size", ErrorKind::TooLarge),
            ("ValidationException", "The provided starting key is outside query boundaries", ErrorKind::BadCursor),
            ("ValidationException", "Invalid UpdateExpression", ErrorKind::Bug),
            ("AccessDeniedException", "", ErrorKind::Bug),
            ("ResourceNotFoundException", "", ErrorKind::Bug),
        ] {
            assert_eq!(kind_of(code, message), kind, "{code} {message}");
        }
    }
}
