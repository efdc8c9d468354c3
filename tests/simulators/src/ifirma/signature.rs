//! The header by which a request shows who sent it: an HMAC over address, login, area and body.

use std::fmt::Write;

use ring::hmac;

use crate::server::Request;

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Who.
    pub login: String,
    /// The digest in hex.
    pub digest: String,
}

/// Reads the header: `IAPIS user=<login>, hmac-sha1=<40 digits>`; `None` when it is absent or looks otherwise.
pub fn header(request: &Request) -> Option<Given> {
    let rest = request.header("authentication")?.strip_prefix("IAPIS user=")?;
    let (login, digest) = rest.split_once(", hmac-sha1=")?;
    let is_digest = digest.len() == 40 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (!login.is_empty() && is_digest).then(|| Given { login: login.to_owned(), digest: digest.to_owned() })
}

/// Bytes of hex digits; `None` when they are none.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if text.len() % 2 == 1 { None } else { text.as_bytes().chunks(2).map(pair).collect() }
}

/// The digest of a message with a key in hex; `None` when the key is none.
pub fn digest(key: &str, message: &[u8]) -> Option<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &unhex(key)?);
    let tag = hmac::sign(&key, message);
    let mut text = String::new();
    for byte in tag.as_ref() {
        // Writing to a String has no way to fail.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

/// What is signed: the address without its query, login, area and body, with nothing between them.
pub fn message(url: &str, login: &str, area: &str, body: &[u8]) -> Vec<u8> {
    [url.as_bytes(), login.as_bytes(), area.as_bytes(), body].concat()
}

/// The header of a request, as a client writes it; empty when the key is no hex.
pub fn sign(url: &str, login: &str, area: &str, key: &str, body: &[u8]) -> String {
    digest(key, &message(url, login, area, body))
        .map(|digest| format!("IAPIS user={login}, hmac-sha1={digest}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_others_publish() {
        assert_eq!(digest("111111", b"222222").as_deref(), Some("cec153ee6350475f117a307111e2bd7d83034925"));
        let (login, key) = ("jan.nowak@ifirma.pl", "EAB0D8ACF3308F3B");
        for (path, area, body, wanted) in [
            ("faktury.json", "faktura", "", "081dec7098dbed6aab839e76501a964aa5b9386a"),
            ("fakturakraj/1337.json", "faktura", "", "40600699c8f72e4165b11f98c4cb93253a3cc7dc"),
            ("fakturakraj/1337.pdf.single", "faktura", "", "e87ba74ecc88097841fe48d16040aa9675c6cb9a"),
            ("abonent/miesiacksiegowy.json", "abonent", "", "b52e486a2d99a010739f326214a1aed7b7fd3fb8"),
            (
                "fakturakraj.json",
                "faktura",
                "{\"Uwagi\":\"zażółć gęślą jaźń\"}",
                "41f9cca29bd898ad6c5f7fd571f403f5af0c0487",
            ),
            (
                "faktury/wplaty/prz_faktura_kraj/7_2026.json",
                "faktura",
                "{\"Kwota\":110.70,\"Data\":\"2026-03-12\"}",
                "92768dd8d9d75a4c6dcf215e2f8c4592ce4ba7d6",
            ),
        ] {
            let url = format!("https://www.ifirma.pl/iapi/{path}");
            assert_eq!(digest(key, &message(&url, login, area, body.as_bytes())).as_deref(), Some(wanted), "{path}");
        }
        assert_eq!(digest("xyz", b""), None);
    }
}
