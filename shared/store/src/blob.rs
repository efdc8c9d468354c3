//! Large values: compressed JSON, in the item while it is small, in the object store when it is not.

use crate::{
    error::StoreError,
    item::{Fields, Item, bytes, text},
    objects::Objects,
};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{Read as _, Write as _};

/// The most compressed bytes that stand in an item.
pub(crate) const INLINE_BYTES_MAX: usize = 100 * 1024;
/// The most bytes that a stored value may inflate to: a bound against what is broken, far above what is written.
const INFLATED_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Attribute of a value in the item.
pub(crate) const INLINE: &str = "z";
/// Attribute that names the object of a value outside the item.
pub(crate) const OUTSIDE: &str = "o";

pub(crate) fn deflate(operation: &'static str, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let failed = |error: std::io::Error| StoreError::bug(operation, "a value cannot be compressed").caused_by(error);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut encoder, value)
        .map_err(|error| StoreError::bug(operation, "a value cannot be encoded").caused_by(error))?;
    encoder.flush().map_err(failed)?;
    encoder.finish().map_err(failed)
}

pub(crate) fn inflate<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut json = Vec::new();
    DeflateDecoder::new(bytes)
        .take(INFLATED_BYTES_MAX)
        .read_to_end(&mut json)
        .map_err(|error| format!("cannot be inflated: {error}"))?;
    serde_json::from_slice(&json).map_err(|error| format!("cannot be decoded: {error}"))
}

/// Puts the value into the item, or into an object of this name and the name into the item. Two writers of one item
/// need object names of their own.
pub(crate) async fn store(
    objects: &Objects,
    operation: &'static str,
    item: &mut Item,
    value: &impl Serialize,
    object: impl FnOnce() -> String,
) -> Result<(), StoreError> {
    let compressed = deflate(operation, value)?;
    if compressed.len() <= INLINE_BYTES_MAX {
        item.insert(INLINE.to_owned(), bytes(compressed));
    } else {
        let name = object();
        objects.put(operation, &name, compressed, "application/octet-stream").await?;
        item.insert(OUTSIDE.to_owned(), text(name));
    }
    Ok(())
}

/// Reads the value of an item.
pub(crate) async fn load<T: DeserializeOwned>(
    objects: &Objects,
    operation: &'static str,
    item: &Item,
) -> Result<T, StoreError> {
    let fields = Fields::of(operation, item);
    let inflated = match (fields.bytes(INLINE)?, fields.text(OUTSIDE)?) {
        (Some(bytes), _) => inflate(bytes),
        (None, Some(name)) => inflate(&objects.get(operation, name, INFLATED_BYTES_MAX).await?),
        (None, None) => return Err(fields.wrong(INLINE)),
    };
    inflated.map_err(|problem| fields.wrong(INLINE).caused_by(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        let value = vec!["the same text over and over".to_owned(); 100];
        let compressed = deflate("x", &value).unwrap();
        assert!(compressed.len() < 100);
        assert_eq!(inflate::<Vec<String>>(&compressed), Ok(value));
    }

    #[test]
    fn what_is_broken_is_an_error() {
        assert!(inflate::<Vec<String>>(b"\xff\xff").is_err());
        assert!(inflate::<Vec<String>>(&deflate("x", &1).unwrap()).is_err());
    }
}
