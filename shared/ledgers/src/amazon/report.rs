//! The report of a feed: what was processed, and a table of what went wrong.

use std::io::Read;

use flate2::read::GzDecoder;

/// A longer report is not read.
const BYTES_MAX: u64 = 1024 * 1024;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) code: String,
    pub(super) message: String,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    processed: u32,
    successful: u32,
    /// Rows that are errors.
    pub(super) errors: Vec<Row>,
}

impl Report {
    /// Whether the one document was taken.
    pub(super) fn is_success(&self) -> bool {
        self.processed == 1 && self.successful == 1 && self.errors.is_empty()
    }
}

/// The text of a report; nothing when it is packed in a way that is not known, or not whole.
pub(super) fn unpacked(body: &[u8], packing: Option<&str>) -> Option<String> {
    let bytes = match packing {
        None => body.to_vec(),
        Some("GZIP") => {
            let mut bytes = Vec::new();
            GzDecoder::new(body).take(BYTES_MAX).read_to_end(&mut bytes).ok()?;
            bytes
        }
        Some(_) => return None,
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a report; nothing when it does not say what was processed.
pub(super) fn read(text: &str) -> Option<Report> {
    let number = |label: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(label))?;
        line.split_whitespace().last()?.parse::<u32>().ok()
    };
    let processed = number("Number of records processed")?;
    let successful = number("Number of records successful")?;
    let mut rows = text.lines().skip_while(|line| !line.contains("error-code"));
    let head: Vec<&str> = rows.next().unwrap_or_default().split('\t').map(str::trim).collect();
    let column = |name: &str| head.iter().position(|title| *title == name);
    let (code, kind, message) = (column("error-code"), column("error-type"), column("error-message"));
    let errors = rows.filter(|row| !row.trim().is_empty()).filter_map(|row| {
        let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
        let cell = |column: Option<usize>| cells.get(column?).copied();
        cell(kind).filter(|kind| kind.eq_ignore_ascii_case("error"))?;
        let text = |column| cell(column).unwrap_or_default().to_owned();
        Some(Row { code: text(code), message: text(message) })
    });
    Some(Report { processed, successful, errors: errors.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const REFUSED: &str = "Feed Processing Summary:\n\tNumber of records processed\t\t1\n\tNumber of records successful\t\t0\n\n\
        original-record-number\tsku\terror-code\terror-type\terror-message\n1\t\t79513\tError\tPlease provide metadata\n\
        1\t\t18000\tWarning\tSlow\n";

    #[test]
    fn errors_are_rows_of_that_type() {
        let report = read(REFUSED).unwrap();
        let row = Row { code: "79513".into(), message: "Please provide metadata".into() };
        assert_eq!((report.is_success(), report.errors.as_slice()), (false, [row].as_slice()));
    }

    #[test]
    fn success_is_one_of_one_without_errors() {
        let summary = |processed: u32, successful: u32| {
            format!(
                "Feed Processing Summary:\r\n\tNumber of records processed\t\t{processed}\r\n\tNumber of records successful\t\t{successful}\r\n"
            )
        };
        for (processed, successful, success) in [(1, 1, true), (1, 0, false), (0, 0, false), (2, 1, false)] {
            assert_eq!(read(&summary(processed, successful)).unwrap().is_success(), success);
        }
        for text in ["", "<html>", "Feed Processing Summary:\n\tNumber of records processed\t\t1\n"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_packed_report_is_unpacked_or_not_read_at_all() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(REFUSED.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(unpacked(&packed, Some("GZIP")).as_deref(), Some(REFUSED));
        assert_eq!(unpacked(&packed[..packed.len() / 2], Some("GZIP")), None);
        assert_eq!(unpacked(REFUSED.as_bytes(), Some("ZIP")), None);
        assert_eq!(unpacked(REFUSED.as_bytes(), None).as_deref(), Some(REFUSED));
    }
}
