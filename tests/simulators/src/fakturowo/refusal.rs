//! How Fakturowo refuses: a zero, and a Polish sentence.

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) String);

/// A refusal with a sentence.
pub(super) fn refused<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(text.into()))
}
