//! From the bytes of a document to what they say.

use documents::{FindingCode, ReadDocument, ReadFinding, SourceFormat, recognised::Recognised};
use domain::{
    arithmetic::{self, RuleViolation},
    automation::DocumentFormat,
    content::Source,
    hold::{self, Hold, RecognisedField},
    invoice::Invoice,
    reason::Reason,
    words::{Text, Unread},
};
use rust_decimal::Decimal;

/// What a document says.
#[derive(Debug)]
pub struct Reading {
    /// The invoice.
    pub invoice: Invoice,
    /// How it was obtained.
    pub source: Source,
    /// Rules of EN 16931 that it breaks, deviations too large for automatic posting included; of a picture the sums only.
    pub violations: Vec<RuleViolation>,
    /// What the reading itself found to hold it.
    pub holds: Vec<Hold>,
    /// What was odd, for the person who completes the document.
    pub findings: Vec<Reason>,
    /// Embedded files, to be kept as attachments: their place, type and bytes.
    pub embedded: Vec<documents::EmbeddedFile>,
}

/// Reads a document. A PDF with an invoice inside is read from that; any other PDF or scan needs `recognised` fields.
pub fn read(bytes: &[u8], format: DocumentFormat, recognised: Option<&[u8]>) -> Result<Reading, Reason> {
    let fields = recognised.map(fields).transpose()?;
    match format {
        DocumentFormat::Ubl => documents::read(bytes).map(structured).map_err(|error| unreadable(&error)),
        DocumentFormat::Pdf => match (documents::read(bytes), fields) {
            (Ok(read), fields) => {
                let disagreement = fields.and_then(|fields| hold::disagreement(&read.invoice, &fields.invoice));
                let mut reading = structured(read);
                reading.holds.extend(disagreement);
                Ok(reading)
            }
            (Err(_), Some(fields)) => Ok(from_picture(fields)),
            (Err(error), None) => Err(unreadable(&error)),
        },
        // A file of bank statements is never tagged: there is nothing to read of it.
        DocumentFormat::Scan | DocumentFormat::Statement => {
            fields.map(from_picture).ok_or_else(|| Reason::said(&Unread::NotRecognised))
        }
    }
}

fn unreadable(error: &documents::ReadError) -> Reason {
    Reason::said(&error.sentence())
}

fn fields(json: &[u8]) -> Result<Recognised, Reason> {
    documents::recognised::read(json)
        .map_err(|error| Reason::said(&Unread::RecognisedFields { field: Text(error.field.unwrap_or_default()) }))
}

fn structured(read: ReadDocument) -> Reading {
    let mut violations = arithmetic::check(&read.invoice);
    for deviation in arithmetic::deviations(&read.invoice) {
        if !violations.iter().any(|violation| violation.rule == deviation.rule) {
            violations.push(deviation);
        }
    }
    let source = match read.format {
        SourceFormat::Ubl => Source::Ubl,
        SourceFormat::Cii => Source::Cii,
        SourceFormat::HybridPdf => Source::HybridPdf,
    };
    let findings = reasons(&read.findings);
    let holds = read.findings.iter().filter(|finding| is_doubtful(finding.code)).map(odd).collect();
    Reading { invoice: read.invoice, source, violations, holds, findings, embedded: read.embedded }
}

/// Whether a finding casts doubt on the amounts; what is odd about an attachment does not.
fn is_doubtful(code: FindingCode) -> bool {
    match code {
        FindingCode::AmountCurrency | FindingCode::BadCurrency | FindingCode::IncompleteElement => true,
        FindingCode::UndecodableAttachment
        | FindingCode::MislabelledAttachment
        | FindingCode::AttachmentsLimited
        | FindingCode::UnknownField
        | FindingCode::UnreadableField => false,
    }
}

fn odd(finding: &ReadFinding) -> Hold {
    Hold::odd(finding.sentence(), &finding.about)
}

fn from_picture(recognised: Recognised) -> Reading {
    let fields = recognised
        .confidences
        .iter()
        .map(|(field, confidence)| RecognisedField {
            name: field.as_str().to_owned(),
            confidence: Decimal::new(i64::from(confidence.basis_points()), 4),
        })
        .collect();
    Reading {
        violations: arithmetic::check_sums(&recognised.invoice),
        invoice: recognised.invoice,
        source: Source::Recognised { fields },
        holds: Vec::new(),
        findings: reasons(&recognised.findings),
        embedded: Vec::new(),
    }
}

fn reasons(findings: &[ReadFinding]) -> Vec<Reason> {
    findings.iter().map(|finding| Reason::said(&finding.sentence())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UBL: &[u8] = include_bytes!("../../../tests/corpus/ubl/simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml");

    #[test]
    fn a_ubl_file_is_read() {
        let reading = read(UBL, DocumentFormat::Ubl, None).unwrap();
        assert_eq!(reading.invoice.number.as_deref(), Some("12115118"));
        assert_eq!(reading.source, Source::Ubl);
        assert!(reading.violations.is_empty());
    }

    #[test]
    fn a_scan_needs_recognised_fields() {
        let picture = b"\x89PNG\r\n\x1a\n";
        assert_eq!(read(picture, DocumentFormat::Scan, None).unwrap_err().code, "not_recognised");
        let fields = br#"{"kind":"invoice","fields":{"number":{"value":"F-1","confidence":0.5}}}"#;
        let reading = read(picture, DocumentFormat::Scan, Some(fields)).unwrap();
        assert_eq!(reading.invoice.number.as_deref(), Some("F-1"));
        assert!(matches!(&reading.source, Source::Recognised { fields } if fields[0].name == "number"));
        assert_eq!(read(picture, DocumentFormat::Scan, Some(b"{")).unwrap_err().code, "recognised_fields");
    }

    #[test]
    fn what_is_no_invoice_says_why() {
        assert_eq!(read(b"\xff\xd8\xff\xe0", DocumentFormat::Ubl, None).unwrap_err().code, "not_xml");
    }
}
