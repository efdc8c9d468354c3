//! Document numbers as Belegfeld 1 has them.

use super::{Field, characters, too_long};
use crate::encoding;
use domain::{
    export_format::{DatevNumbers, Encoding},
    reason::Reason,
};

/// Most characters of Belegfeld 1.
const CHARS_MAX: usize = 36;

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'&' | b'%' | b'*' | b'+' | b'-' | b'/')
}

/// The number as Belegfeld 1 has it, whole or not at all: it is the key by which open items are found.
pub(super) fn document_number(number: &str, rule: DatevNumbers) -> Result<String, Reason> {
    let written = match rule {
        DatevNumbers::LeaveOut if number.bytes().all(is_allowed) => number.to_owned(),
        DatevNumbers::LeaveOut => return Err(characters(Field::Belegfeld1, number)),
        DatevNumbers::Percent => escaped(number)?,
    };
    if written.len() > CHARS_MAX { Err(too_long(Field::Belegfeld1, CHARS_MAX)) } else { Ok(written) }
}

fn escaped(number: &str) -> Result<String, Reason> {
    let mut bytes = Vec::new();
    encoding::append(&mut bytes, number, Encoding::Windows1252)
        .map_err(|encoding::Inexpressible| characters(Field::Belegfeld1, number))?;
    let mut written = String::new();
    for byte in bytes {
        if is_allowed(byte) && byte != b'%' {
            written.push(char::from(byte));
        } else {
            written.push('%');
            let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default());
            written.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_goes_as_it_is_or_not_at_all() {
        let written = |number| document_number(number, DatevNumbers::LeaveOut).map_err(|reason| reason.code);
        assert_eq!(written("RE-2026/17a$&%*+").as_deref(), Ok("RE-2026/17a$&%*+"));
        for number in ["2026.17", "INV 17", "a_b", "Ü1", "1;2", "1\n2"] {
            assert_eq!(written(number), Err("export_characters".to_owned()), "{number}");
        }
        assert_eq!(written(&"1".repeat(37)), Err("export_too_long".to_owned()));
    }

    #[test]
    fn by_wish_other_characters_are_written_as_percent() {
        let written = |number| document_number(number, DatevNumbers::Percent).map_err(|reason| reason.code);
        assert_eq!(written("INV 2026.17").as_deref(), Ok("INV%202026%2E17"));
        assert_eq!(written("100%").as_deref(), Ok("100%25"));
        assert_eq!(written("Ü1").as_deref(), Ok("%DC1"));
        assert_eq!(written("Ł1"), Err("export_characters".to_owned()));
        assert_eq!(written(&".".repeat(13)), Err("export_too_long".to_owned()));
    }

    proptest! {
        #[test]
        fn two_numbers_never_become_one(one in "[ -~]{1,12}", other in "[ -~]{1,12}") {
            let written = |number: &str| document_number(number, DatevNumbers::Percent).unwrap();
            prop_assert_eq!(one == other, written(&one) == written(&other));
        }
    }
}
