//! Names of files under which accounting packages take attachments in: short, in ASCII, with the ending that the package looks for,
//! and the same name for an e-invoice and its PDF.

use crate::fold::to_ascii;
use domain::{ids::Id, invoice::InvoiceKind, ledger::Direction, mail::StatementFormat, time::Date};
use std::fmt;

/// Longest name, in characters. Eighty would be taken by packages; sixty stand in one header line.
pub const FILE_NAME_CHARS_MAX: usize = crate::header::ATTACHMENT_NAME_CHARS_MAX;
const ENDING_CHARS_MAX: usize = 5;
const STEM_CHARS_MAX: usize = FILE_NAME_CHARS_MAX - ENDING_CHARS_MAX - 1;

/// What is delivered, as an accounting package files it (ED-6, ED-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// An invoice or credit note.
    Invoice {
        /// Received or issued.
        direction: Direction,
        /// Which of the two.
        kind: InvoiceKind,
    },
    /// Something else that was shared with the accountant.
    Other,
}

impl Filing {
    fn prefix(self) -> &'static str {
        match self {
            Self::Invoice { direction: Direction::Purchase, kind: InvoiceKind::Invoice } => "purchase",
            Self::Invoice { direction: Direction::Purchase, kind: InvoiceKind::CreditNote } => "purchase-credit-note",
            Self::Invoice { direction: Direction::Sales, kind: InvoiceKind::Invoice } => "sales",
            Self::Invoice { direction: Direction::Sales, kind: InvoiceKind::CreditNote } => "sales-credit-note",
            Self::Other => "document",
        }
    }
}

/// Ending of a document's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// E-invoice.
    Xml,
    /// PDF.
    Pdf,
}

impl Ending {
    /// Without the dot.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Pdf => "pdf",
        }
    }
}

/// Endings that packages know for a format of bank statements; the first is given where a file has none of them.
fn endings(format: StatementFormat) -> &'static [&'static str] {
    match format {
        StatementFormat::Mt940 => &["sta", "940", "mt940", "swi", "txt"],
        StatementFormat::Camt053 => &["xml"],
        StatementFormat::Coda => &["cod", "coda", "txt"],
    }
}

/// The name of a file: ASCII letters, digits, `-`, `_` and `.`, with an ending, and with nothing that a system would hide or reserve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

impl FileName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an e-invoice and its PDF are both named after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stem(String);

impl Stem {
    /// From what is delivered and its number: `purchase-2026-0042`. A number of which nothing is left gives way to date and id:
    /// `purchase-2026-03-10-doc_...`.
    pub fn of_document(filing: Filing, number: Option<&str>, date: Option<Date>, id: impl Id) -> Self {
        let prefix = filing.prefix();
        let number = usable(number.unwrap_or_default(), STEM_CHARS_MAX - prefix.len() - 1);
        Self(match (number, date) {
            (Some(number), _) => format!("{prefix}-{number}"),
            (None, Some(date)) => shortened(&format!("{prefix}-{date}-"), id),
            (None, None) => shortened(&format!("{prefix}-"), id),
        })
    }

    /// The file with this ending.
    pub fn file(&self, ending: Ending) -> FileName {
        FileName(format!("{}.{}", self.0, ending.as_str()))
    }
}

/// What stands before an id, with as much of the id as there is room for: its end, which no other has.
fn shortened(before: &str, id: impl Id) -> String {
    let id = id.to_string();
    let room = STEM_CHARS_MAX.saturating_sub(before.len());
    let kept = id.get(id.len().saturating_sub(room)..).unwrap_or(&id);
    format!("{before}{kept}")
}

/// The name of a bank statement file: as it was delivered, made harmless, with an ending of its format; `statement-` and the id where
/// nothing of the name is left.
pub fn statement(delivered: &str, format: StatementFormat, id: impl Id) -> FileName {
    let name = delivered.rsplit(['/', '\\']).next().unwrap_or_default();
    let known = |ending: &str| endings(format).iter().find(|known| ending.trim().eq_ignore_ascii_case(known)).copied();
    let (stem, ending) = match name.rsplit_once('.').map(|(stem, ending)| (stem, known(ending))) {
        Some((stem, Some(ending))) => (stem, ending),
        Some((_, None)) | None => (name, endings(format).first().copied().unwrap_or("txt")),
    };
    let stem = usable(stem, STEM_CHARS_MAX).filter(|stem| !is_reserved(stem));
    let stem = stem.unwrap_or_else(|| shortened("statement-", id));
    FileName(format!("{stem}.{ending}"))
}

/// What of a text may stand in a name, at most `max` characters; nothing when no letter and no digit is left. What parts words is
/// one `-`.
fn usable(text: &str, max: usize) -> Option<String> {
    let mut name = String::with_capacity(text.len().min(max));
    for c in to_ascii(text).chars() {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
        let doubled = !c.is_ascii_alphanumeric() && name.ends_with(['-', '_', '.']);
        if !doubled && name.len() < max {
            name.push(c);
        }
    }
    let name = name.trim_matches(['-', '_', '.']);
    name.chars().any(|c| c.is_ascii_alphanumeric()).then(|| name.to_owned())
}

/// Names that Windows keeps for devices, whatever ending they have.
fn is_reserved(stem: &str) -> bool {
    let base = stem.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        base.strip_prefix(device).is_some_and(|number| number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()))
    });
    numbered || ["CON", "PRN", "AUX", "NUL"].contains(&base.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::DocumentId;
    use proptest::prelude::*;

    const PURCHASE: Filing = Filing::Invoice { direction: Direction::Purchase, kind: InvoiceKind::Invoice };

    fn id() -> DocumentId {
        "doc_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()
    }

    fn date() -> Option<Date> {
        Date::from_ymd_opt(2026, 3, 10)
    }

    #[test]
    fn documents() {
        let credit = Filing::Invoice { direction: Direction::Sales, kind: InvoiceKind::CreditNote };
        for (filing, number, stem) in [
            (PURCHASE, "2026-0042", "purchase-2026-0042"),
            (PURCHASE, "F/2026/03 nr 7", "purchase-F-2026-03-nr-7"),
            (credit, "Ünïcödé_1", "sales-credit-note-Unicode_1"),
            (Filing::Other, "Żółw", "document-Zolw"),
            (PURCHASE, "../../etc", "purchase-etc"),
            (PURCHASE, "發票", "purchase-2026-03-10-doc_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            (PURCHASE, "--", "purchase-2026-03-10-doc_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            (credit, "", "sales-credit-note-2026-03-10-1ARZ3NDEKTSV4RRFFQ69G5FAV"),
        ] {
            assert_eq!(Stem::of_document(filing, Some(number), date(), id()).0, stem);
        }
        let stem = Stem::of_document(PURCHASE, Some("7"), None, id());
        assert_eq!(stem.file(Ending::Xml).as_str(), "purchase-7.xml");
        assert_eq!(stem.file(Ending::Pdf).as_str(), "purchase-7.pdf");
    }

    #[test]
    fn statements() {
        use StatementFormat::{Camt053, Coda, Mt940};
        for (delivered, format, name) in [
            ("NL91ABNA0417164300.sta", Mt940, "NL91ABNA0417164300.sta"),
            ("wyciąg marzec.940", Mt940, "wyciag-marzec.940"),
            ("MT940.STA", Mt940, "MT940.sta"),
            ("camt.053.001.02", Camt053, "camt.053.001.02.xml"),
            ("C:\\bank\\march.xml", Camt053, "march.xml"),
            ("VK24042.COD", Coda, "VK24042.cod"),
            ("bank.exe", Coda, "bank.exe.cod"),
            ("nul.sta", Mt940, "statement-doc_01ARZ3NDEKTSV4RRFFQ69G5FAV.sta"),
            ("Com1.x.sta", Mt940, "statement-doc_01ARZ3NDEKTSV4RRFFQ69G5FAV.sta"),
            ("", Coda, "statement-doc_01ARZ3NDEKTSV4RRFFQ69G5FAV.cod"),
            (".hidden", Mt940, "hidden.sta"),
        ] {
            assert_eq!(statement(delivered, format, id()).as_str(), name, "{delivered:?}");
        }
    }

    proptest! {
        #[test]
        fn any_number_makes_a_name(number in any::<String>(), dated in any::<bool>()) {
            let stem = Stem::of_document(PURCHASE, Some(&number), date().filter(|_| dated), id());
            let names = [stem.file(Ending::Xml), statement(&number, StatementFormat::Mt940, id())];
            for name in &names {
                let name = name.as_str();
                prop_assert!(name.len() <= FILE_NAME_CHARS_MAX, "{}", name);
                prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{}", name);
                prop_assert!(!name.starts_with('.') && !name.starts_with('-') && !is_reserved(name), "{}", name);
                let attached = crate::AttachmentName::new(name);
                prop_assert_eq!((attached.as_str(), attached.ascii()), (name, name));
            }
        }
    }
}
