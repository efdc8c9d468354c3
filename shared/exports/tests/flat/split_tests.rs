use super::sample::{any_document, books, run, writer};
use exports::{ExportDocument, Segment, Summary, Writer, join};
use proptest::prelude::*;

const DATEV: &str = r#"{"consultant":1001,"client":1,"account_length":4,"fiscal_year_start":"2026-01-01",
    "purchase_keys":{"V19":{"key":"9"},"V7":{"key":"8"},"A19":{}},
    "sales_keys":{"V19":{"key":"3"},"V7":{"key":"2"},"A19":{}}}"#;

/// The file made in pieces that end behind each of these documents; each piece is told of all before it.
fn in_pieces(writer: &dyn Writer, documents: &[ExportDocument], ends: &[usize]) -> (Vec<u8>, Summary) {
    let mut whole = Summary::default();
    let mut segments = Vec::new();
    let mut from = 0;
    for end in ends.iter().copied().chain([documents.len()]) {
        let end = end.clamp(from, documents.len());
        let mut segment = Segment::default();
        let (mut told, mut alone) = (whole.clone(), Summary::default());
        for document in &documents[from..end] {
            // A document that is left out leaves no trace, whatever was written before it.
            let one = writer.write(document, &books(), &mut told, &mut segment);
            let other = writer.write(document, &books(), &mut alone, &mut Segment::default());
            assert_eq!(one, other);
        }
        whole.append(alone).unwrap();
        assert_eq!(told, whole, "a summary is the sum of its parts");
        segments.push(segment);
        from = end;
    }
    let layout = writer.layout(&books(), &run(), &whole).unwrap();
    (join(&segments, &layout), whole)
}

proptest! {
    #[test]
    fn cut_anywhere_the_file_is_the_same(
        documents in prop::collection::vec(any_document(), 0..8),
        mut ends in prop::collection::vec(0_usize..9, 0..4),
        company in any::<bool>(),
    ) {
        ends.sort_unstable();
        let amounts = if company { "company" } else { "original" };
        let datev = DATEV.replacen('{', &format!(r#"{{"amounts":"{amounts}","#), 1);
        for (format, options) in [
            ("csv", r#"{"rows":"booking","file":{"encoding":"utf16"}}"#.to_owned()),
            ("standard", format!(r#"{{"amounts":"{amounts}"}}"#)),
            ("datev", datev),
        ] {
            let writer = writer(format, &options);
            let whole = in_pieces(&*writer, &documents, &[]);
            prop_assert_eq!(in_pieces(&*writer, &documents, &ends), whole);
        }
    }
}
