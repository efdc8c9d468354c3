//! JSON numbers without binary floats: written from decimals digit by digit, and read from their text.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

/// A decimal that is a JSON number on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        read(raw.get()).map(Self).ok_or_else(|| de::Error::custom("not a number that fits a decimal"))
    }
}

/// Reads a JSON number, or a string that holds one.
pub(crate) fn read(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0.1", "-121.00", "12345678901234567.89", "20.850"] {
            let number: Number = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), text);
        }
        assert_eq!(serde_json::from_str::<Number>("1.21e2").unwrap().0, Decimal::from(121));
        assert_eq!(serde_json::from_str::<Number>("\"0.21\"").unwrap().0.to_string(), "0.21");
        for text in ["null", "true", "\"\"", "[1]", "1e400"] {
            assert!(serde_json::from_str::<Number>(text).is_err(), "{text}");
        }
    }
}
