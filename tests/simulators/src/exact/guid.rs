//! GUIDs as Exact writes them: lower case, with hyphens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A GUID. The default, all zeros, means "none yet".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Guid(u128);

/// The text is not a GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID")]
pub struct NotAGuid;

impl Guid {
    /// The `number`th GUID of a `family`: the same in each run, and rising, so that lists keep the order of creation.
    pub const fn numbered(family: u32, number: u64) -> Self {
        const VERSION_AND_VARIANT: u128 = (0x4000 << 64) | (0x8000 << 48);
        Self(((family as u128) << 96) | VERSION_AND_VARIANT | (number as u128 & 0xffff_ffff_ffff))
    }

    /// Whether it stands for none.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
        f.write_str(&groups.join("-"))
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = NotAGuid;

    fn from_str(text: &str) -> Result<Self, NotAGuid> {
        let hyphens: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hyphens != [8, 13, 18, 23] || digits.len() != 32 || !hex {
            return Err(NotAGuid);
        }
        u128::from_str_radix(&digits, 16).map(Self).map_err(|_| NotAGuid)
    }
}

impl TryFrom<String> for Guid {
    type Error = NotAGuid;

    fn try_from(text: String) -> Result<Self, NotAGuid> {
        text.parse()
    }
}

impl From<Guid> for String {
    fn from(guid: Guid) -> Self {
        guid.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let guid = Guid::numbered(0xa1, 0x2f);
        assert_eq!(guid.to_string(), "000000a1-0000-4000-8000-00000000002f");
        assert_eq!(guid.to_string().to_uppercase().parse(), Ok(guid));
        for wrong in ["", "000000a1", "000000a1000040008000-00000000002f", "g00000a1-0000-4000-8000-00000000002f"] {
            assert_eq!(wrong.parse::<Guid>(), Err(NotAGuid));
        }
    }
}
