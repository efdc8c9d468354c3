//! Addresses, and the languages in which mails are written.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An address to which, or from which, mail is sent: a local part and a domain, in ASCII, as SES takes it. A domain in other
/// letters is written in its `xn--` form. One that exists holds no space, quote, bracket or line break, so that it can be put
/// into a header as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It has no `@`, or nothing before or after it.
    #[error("an e-mail address has a name, an '@' and a domain, such as invoices@example.com")]
    Shape,
    /// It is longer than mail allows.
    #[error("an e-mail address has at most 254 characters, and at most 64 before the '@'")]
    TooLong,
    /// It holds something that may not stand there; a line break, a space, several addresses.
    #[error(
        "an e-mail address holds letters without accents, digits and . _ - + and the like: no spaces, line breaks, brackets or \
         commas; one address only; a domain with other letters is written in its 'xn--' form"
    )]
    Character,
}

const LENGTH_MAX: usize = 254;
const LOCAL_LENGTH_MAX: usize = 64;
const LABEL_LENGTH_MAX: usize = 63;

/// What may stand before the `@` without quotes (RFC 5322, `atext`).
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LABEL_LENGTH_MAX
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl EmailAddress {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one mailbox have in common: small letters. Nobody tells mailboxes apart by capitals.
    #[must_use]
    pub fn mailbox(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim_matches(' ');
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Shape);
        }
        if text.len() > LENGTH_MAX || local.len() > LOCAL_LENGTH_MAX {
            return Err(AddressError::TooLong);
        }
        let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        if !dots || !local.bytes().all(is_local) || !domain.split('.').all(is_label) {
            return Err(AddressError::Character);
        }
        if !domain.contains('.') {
            return Err(AddressError::Shape);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Never the address itself: what is logged with `{:?}` names nobody.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// In which language a mail is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailLanguage {
    /// English.
    #[default]
    English,
    /// Dutch.
    Dutch,
    /// French.
    French,
    /// Polish.
    Polish,
}

impl MailLanguage {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::English, Self::Dutch, Self::French, Self::Polish];

    /// Its tag, as in the header `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
            Self::French => "fr",
            Self::Polish => "pl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back() {
        for text in ["invoices@example.com", "a.b+c_d-e@mail.example.co.uk", "x'y@xn--bcher-kva.example", "1/2@a.b"] {
            let address: EmailAddress = text.parse().unwrap();
            assert_eq!(address.as_str(), text);
            assert_eq!(serde_json::to_string(&address).unwrap(), format!("\"{text}\""));
            assert!(!format!("{address:?}").contains(text));
        }
        assert_eq!(" a@b.example ".parse::<EmailAddress>().unwrap().as_str(), "a@b.example");
        assert_eq!("A@B.example".parse::<EmailAddress>().unwrap().mailbox(), "a@b.example");
    }

    #[test]
    fn nothing_else_gets_into_a_header() {
        for text in [
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example\n",
            "a\r@b.example",
            "a b@c.example",
            "\"a\"@b.example",
            "<a@b.example>",
            "a@b.example,c@d.example",
            "a@b.example;c@d.example",
            "a@b@c.example",
            "jos\u{e9}@b.example",
            "a@b\u{fc}cher.example",
            ".a@b.example",
            "a..b@c.example",
            "a@-b.example",
            "a@b..example",
            "a\u{0}@b.example",
            "a\t@b.example",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(AddressError::Character), "{text:?}");
        }
        for text in ["", "a", "@b.example", "a@", "a@localhost"] {
            assert_eq!(text.parse::<EmailAddress>(), Err(AddressError::Shape), "{text:?}");
        }
        let long = format!("{}@b.example", "a".repeat(65));
        assert_eq!(long.parse::<EmailAddress>(), Err(AddressError::TooLong));
    }
}
