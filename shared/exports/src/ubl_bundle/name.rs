//! Names of files in the bundle: a running number, so that they are unique without regard to case and never a name that Windows
//! keeps for itself, then what people look for.

use crate::{ExportDocument, Original, OriginalKind};
use domain::{
    export_format::{BundleLayout, UblBundleOptions},
    invoice::InvoiceKind,
};

const PART_CHARS_MAX: usize = 40;
const TEXT_CHARS: &[char] = &['.', '_', '-'];

/// Name with folder of a document that is the `number`th.
pub(super) fn of(options: &UblBundleOptions, document: &ExportDocument, original: &Original, number: u64) -> String {
    let folder = match (options.layout, original.kind, document.posting.kind) {
        (BundleLayout::Flat, _, _) => "",
        (BundleLayout::Folders, OriginalKind::Ubl, InvoiceKind::Invoice) => "invoices/",
        (BundleLayout::Folders, OriginalKind::Ubl, InvoiceKind::CreditNote) => "creditnotes/",
        (BundleLayout::Folders, OriginalKind::OtherXml | OriginalKind::Pdf | OriginalKind::Picture, _) => {
            "attachments/"
        }
    };
    let contact = &document.contact;
    let party = contact.vat_number.as_ref().map_or(contact.name.as_str(), |number| number.as_str());
    let mut name = format!("{folder}{number:04}");
    for part in [clean(party), clean(&document.posting.number)] {
        if !part.is_empty() {
            name.push('_');
            name.push_str(&part);
        }
    }
    format!("{name}.{}", ending(original))
}

/// ASCII letters, digits, `.`, `_` and `-`; anything else is one `-`. No dot or sign at either end, so no `..` remains a path.
fn clean(text: &str) -> String {
    let mut clean = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || TEXT_CHARS.contains(&c) {
            clean.push(c);
        } else if !clean.ends_with('-') {
            clean.push('-');
        }
    }
    while clean.contains("..") {
        clean = clean.replace("..", ".");
    }
    let cut: String = clean.trim_matches(TEXT_CHARS).chars().take(PART_CHARS_MAX).collect();
    cut.trim_matches(TEXT_CHARS).to_owned()
}

/// By what it is; a picture by its first bytes.
fn ending(original: &Original) -> &'static str {
    match original.kind {
        OriginalKind::Ubl | OriginalKind::OtherXml => "xml",
        OriginalKind::Pdf => "pdf",
        OriginalKind::Picture => match original.bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "png",
            [0xff, 0xd8, ..] => "jpg",
            [b'G', b'I', b'F', ..] => "gif",
            [b'I', b'I', ..] | [b'M', b'M', ..] => "tif",
            [b'R', b'I', b'F', b'F', ..] => "webp",
            [..] => "bin",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_strangers_become_plain_names() {
        for (text, wanted) in [
            ("INV-2026-17", "INV-2026-17"),
            ("../../etc/passwd", "etc-passwd"),
            ("..\\..\\CON", "CON"),
            ("a/b:c*d?\"<>|e", "a-b-c-d-e"),
            ("Żółć 7", "7"),
            (" .hidden. ", "hidden"),
            ("a....b", "a.b"),
            ("\u{0}\u{202e}fdp.exe", "fdp.exe"),
            ("日本", ""),
        ] {
            assert_eq!(clean(text), wanted, "{text}");
        }
        assert_eq!(clean(&"x".repeat(99)).len(), PART_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_safe(text in any::<String>()) {
            let name = clean(&text);
            prop_assert!(name.len() <= PART_CHARS_MAX && !name.contains(".."));
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || TEXT_CHARS.contains(&c)));
            prop_assert!(!name.starts_with(TEXT_CHARS) && !name.ends_with(TEXT_CHARS));
        }
    }
}
