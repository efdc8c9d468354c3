//! Who writes. Stored with each conditional write, so that a write that was retried recognises its own success.

use std::fmt;

/// The longest text that is stored, in bytes: it stands in every document head.
pub const WRITER_BYTES_MAX: usize = 40;

/// One attempt at handling one request or message: the function's request id and a counter of attempts within it.
///
/// When a conditional write is refused and the item that is there bears our writer, it was our own earlier try that
/// succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Writer(String);

impl Writer {
    /// The attempt with this number under this request id. A request id that is too long loses its beginning: the end is
    /// what tells ids apart.
    pub fn new(request_id: &str, attempt: u32) -> Self {
        let counter = format!(".{attempt}");
        let room = WRITER_BYTES_MAX.saturating_sub(counter.len());
        let id: String = request_id.chars().filter(|c| c.is_ascii_graphic() && *c != '#').collect();
        let tail = id.get(id.len().saturating_sub(room)..).unwrap_or_default();
        Self(format!("{tail}{counter}"))
    }

    /// The text that is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_of_lambda_fits_whole() {
        let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
        assert_eq!(Writer::new(id, 1).as_str(), "8476a536-e9f4-11e8-9739-2dfe598c3fcd.1");
        assert!(Writer::new(id, 999).as_str().len() <= WRITER_BYTES_MAX);
    }

    #[test]
    fn long_ids_keep_their_end_and_attempts_differ() {
        let long = "é#x".repeat(40) + "the-end";
        assert!(Writer::new(&long, 7).as_str().ends_with("the-end.7"));
        assert!(Writer::new(&long, 7).as_str().len() <= WRITER_BYTES_MAX);
        assert_ne!(Writer::new("a", 1), Writer::new("a", 2));
    }
}
