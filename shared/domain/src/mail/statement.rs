//! Files of bank statements: passed on as they are, to an address of their own (ED-8, ED-9).

use serde::{Deserialize, Serialize};

/// In which form a bank wrote a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementFormat {
    /// SWIFT's MT940: tagged lines of text.
    Mt940,
    /// CAMT.053 of ISO 20022: XML.
    Camt053,
    /// CODA of the Belgian banks: records of 128 characters.
    Coda,
}

impl StatementFormat {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Mt940, Self::Camt053, Self::Coda];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mt940 => "mt940",
            Self::Camt053 => "camt053",
            Self::Coda => "coda",
        }
    }

    /// How the name of such a file usually ends, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mt940 => "sta",
            Self::Camt053 => "xml",
            Self::Coda => "cod",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_read_back() {
        for format in StatementFormat::ALL {
            let text = serde_json::to_string(&format).unwrap();
            assert_eq!(text, format!("\"{}\"", format.as_str()));
            assert_eq!(serde_json::from_str::<StatementFormat>(&text).unwrap(), format);
        }
    }
}
