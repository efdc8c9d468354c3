//! The header by which iFirma knows who asks: an HMAC over the address without its query, the login, the name of the key and the body.

use crate::auth::Secret;
use reqwest::header::HeaderValue;
use ring::hmac;
use std::fmt::Write as _;

/// The name of the key for invoices.
const AREA: &str = "faktura";

/// The header's value; nothing when the key is no hex, or the login cannot stand in a header.
pub(super) fn header(url: &str, login: &str, key: &Secret, body: &[u8]) -> Option<HeaderValue> {
    let message = [url.as_bytes(), login.as_bytes(), AREA.as_bytes(), body].concat();
    let digest = digest(key.expose(), &message)?;
    let mut value = HeaderValue::from_str(&format!("IAPIS user={login}, hmac-sha1={digest}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The digest of a message in lower-case hex, with a key in hex.
fn digest(key: &str, message: &[u8]) -> Option<String> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if key.is_empty() || key.len() % 2 == 1 || !key.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let bytes: Vec<u8> = key.as_bytes().chunks(2).map(pair).collect::<Option<_>>()?;
    // The only digest that iFirma takes.
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes), message);
    let mut text = String::with_capacity(40);
    for byte in tag.as_ref() {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first is from the vendor's questions and answers, others from a public client's tests; the last holds Polish letters.
    #[test]
    fn digests_are_those_that_others_publish() {
        assert_eq!(digest("111111", b"222222").as_deref(), Some("cec153ee6350475f117a307111e2bd7d83034925"));
        let key = Secret::new("EAB0D8ACF3308F3B");
        for (path, body, wanted) in [
            ("faktury.json", "", "081dec7098dbed6aab839e76501a964aa5b9386a"),
            ("fakturakraj/1337.json", "", "40600699c8f72e4165b11f98c4cb93253a3cc7dc"),
            ("fakturakraj/1337.pdf.single", "", "e87ba74ecc88097841fe48d16040aa9675c6cb9a"),
            ("fakturakraj.json", "{\"Uwagi\":\"zażółć gęślą jaźń\"}", "41f9cca29bd898ad6c5f7fd571f403f5af0c0487"),
        ] {
            let url = format!("https://www.ifirma.pl/iapi/{path}");
            let value = header(&url, "jan.nowak@ifirma.pl", &key, body.as_bytes()).unwrap();
            assert_eq!(
                value.to_str().unwrap(),
                format!("IAPIS user=jan.nowak@ifirma.pl, hmac-sha1={wanted}"),
                "{path}"
            );
            assert!(value.is_sensitive());
        }
        for key in ["", "xyz1", "abc", "+1+1"] {
            assert_eq!(digest(key, b""), None, "{key}");
        }
    }
}
