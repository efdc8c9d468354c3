//! UBL 2.1 Invoice and CreditNote.

use crate::{ReadDocument, ReadError};

/// Reads a UBL 2.1 invoice or credit note.
pub fn read(bytes: &[u8]) -> Result<ReadDocument, ReadError> {
    let _ = bytes;
    Err(ReadError::new(crate::ErrorCode::Empty, "The file is empty."))
}
