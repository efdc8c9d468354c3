use super::sample::{REDUCED, STANDARD, any_document, credited, document, file, foreign, refused, sold, text, writer};
use exports::{ExportDocument, Writer};
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

/// What another library reads: each row by its headings.
fn rows(bytes: &[u8], separator: u8) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(bytes);
    let headings = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|row| headings.iter().zip(&row.unwrap()).map(|(h, v)| (h.to_owned(), v.to_owned())).collect())
        .collect()
}

fn column<'a>(rows: &'a [Vec<(String, String)>], name: &str) -> Vec<&'a str> {
    rows.iter().filter_map(|row| row.iter().find(|(h, _)| h == name)).map(|(_, value)| value.as_str()).collect()
}

fn few(settings: &str) -> Box<dyn Writer> {
    let columns = ["kind", "contact_name", "number", "issue_date", "posting_date", "currency", "net", "vat", "gross"];
    let columns = columns.map(|column| format!(r#"{{"column":"{column}"}}"#)).join(",");
    writer("csv", &format!(r#"{{"columns":[{columns}]{settings}}}"#))
}

#[test]
fn a_row_for_each_document_as_it_was_set() {
    let both = [document(1, &[STANDARD, REDUCED]), credited(document(2, &[STANDARD]))];
    assert_eq!(
        text(&*few(""), &both),
        "kind,contact_name,number,issue_date,posting_date,currency,net,vat,gross\r\n\
         invoice,Mühle Süd KG,RE-1,2026-03-15,2026-04-01,EUR,150.00,22.50,172.50\r\n\
         credit_note,Mühle Süd KG,RE-2,2026-03-15,2026-04-01,EUR,-100.00,-19.00,-119.00\r\n"
    );
    let local = r#","credit_notes":"as_stated","file":{"separator":";","decimal_mark":",","date_format":"dd.mm.yyyy",
        "line_end":"lf","quoting":"text"}"#;
    assert_eq!(
        text(&*few(local), &both),
        "\"kind\";\"contact_name\";\"number\";\"issue_date\";\"posting_date\";\"currency\";\"net\";\"vat\";\"gross\"\n\
         \"invoice\";\"Mühle Süd KG\";\"RE-1\";15.03.2026;01.04.2026;\"EUR\";150,00;22,50;172,50\n\
         \"credit_note\";\"Mühle Süd KG\";\"RE-2\";15.03.2026;01.04.2026;\"EUR\";100,00;19,00;119,00\n"
    );
    let plain = r#","file":{"header":"none","quoting":"all","separator":"|","date_format":"yyyymmdd"}"#;
    assert_eq!(
        text(&*few(plain), &both[..1]),
        "\"invoice\"|\"Mühle Süd KG\"|\"RE-1\"|\"20260315\"|\"20260401\"|\"EUR\"|\"150.00\"|\"22.50\"|\"172.50\"\r\n"
    );
}

#[test]
fn amounts_of_the_document_stand_on_its_first_row_only() {
    for (kind, count) in [("line", 2), ("vat_group", 2), ("booking", 2)] {
        let writer = writer("csv", &format!(r#"{{"rows":"{kind}"}}"#));
        let both = [document(1, &[STANDARD, REDUCED]), credited(document(2, &[STANDARD, REDUCED]))];
        let (bytes, summary) = file(&*writer, &both);
        let rows = rows(&bytes, b',');
        assert_eq!((rows.len(), summary.rows), (2 * count, 2 * count as u64), "{kind}");
        assert_eq!(column(&rows, "gross"), ["172.50", "", "-172.50", ""], "{kind}");
        assert_eq!(column(&rows, "row_net"), ["100.00", "50.00", "-100.00", "-50.00"], "{kind}");
        assert_eq!(column(&rows, "number"), ["RE-1", "RE-1", "RE-2", "RE-2"], "{kind}");
        assert_eq!(column(&rows, "row_number"), ["1", "2", "1", "2"], "{kind}");
    }
}

#[test]
fn lines_of_one_rate_are_one_vat_group() {
    let writer = writer("csv", r#"{"rows":"vat_group"}"#);
    let (bytes, _) = file(&*writer, &[document(1, &[STANDARD, REDUCED, STANDARD])]);
    let rows = rows(&bytes, b',');
    assert_eq!(column(&rows, "vat_rate"), ["19", "7"]);
    assert_eq!(column(&rows, "row_gross"), ["238.00", "53.50"]);
    assert_eq!(column(&rows, "vat_category"), ["S", "S"]);
}

#[test]
fn a_document_without_lines_still_has_a_row() {
    let mut bare = document(1, &[STANDARD]);
    bare.invoice.lines.clear();
    let (bytes, _) = file(&*writer("csv", r#"{"rows":"line"}"#), &[bare]);
    let rows = rows(&bytes, b',');
    assert_eq!((column(&rows, "gross"), column(&rows, "row_net")), (vec!["119.00"], vec![""]));
}

#[test]
fn every_column_can_be_had_of_every_kind_of_row() {
    use domain::export_format::{Column, Rows};
    for (name, kind) in
        [("document", Rows::Document), ("line", Rows::Line), ("vat_group", Rows::VatGroup), ("booking", Rows::Booking)]
    {
        let wanted: Vec<&Column> = Column::ALL.iter().filter(|column| column.is_for(kind)).collect();
        let columns: Vec<String> = wanted.iter().map(|c| format!(r#"{{"column":"{}"}}"#, c.as_str())).collect();
        let writer = writer("csv", &format!(r#"{{"rows":"{name}","columns":[{}]}}"#, columns.join(",")));
        let abroad = foreign(document(1, &[STANDARD]), "USD", Some(dec!(0.9)));
        let (bytes, _) = file(&*writer, &[sold(abroad)]);
        let rows = rows(&bytes, b',');
        let value = |name| column(&rows, name).first().copied().unwrap_or_default().to_owned();
        assert_eq!(value("company_gross"), "107.10");
        assert_eq!([value("exchange_rate"), value("exchange_rate_source")], ["0.9", "ECB"]);
        assert_eq!([value("direction"), value("ledger_contact")], ["sales", "10001"]);
    }
}

#[test]
fn in_the_currency_of_the_books_a_rate_is_needed() {
    let company = few(r#","amounts":"company""#);
    let converted = text(&*company, &[foreign(document(1, &[STANDARD]), "USD", Some(dec!(0.851)))]);
    assert!(converted.ends_with(",EUR,85.10,16.17,101.27\r\n"), "{converted}");
    assert_eq!(refused(&*company, &foreign(document(1, &[STANDARD]), "USD", None)).code, "no_rate");
    let original = text(&*few(""), &[foreign(document(1, &[STANDARD]), "USD", None)]);
    assert!(original.ends_with(",USD,100.00,19.00,119.00\r\n"), "{original}");
    let also = writer("csv", r#"{"columns":[{"column":"gross"},{"column":"company_gross"}]}"#);
    assert_eq!(refused(&*also, &foreign(document(1, &[STANDARD]), "USD", None)).code, "no_rate");
}

#[test]
fn amounts_that_do_not_add_up_or_do_not_fit_are_left_out() {
    let mut odd = document(1, &[STANDARD]);
    odd.posting.gross += dec!(0.01);
    assert_eq!(refused(&*few(""), &odd).code, "export_unbalanced");
    let (account, code, category, rate, ..) = STANDARD;
    let fine = document(1, &[(account, code, category, rate, dec!(1.005), dec!(0.19))]);
    assert_eq!(refused(&*few(""), &fine).code, "export_out_of_range");
}

#[test]
fn each_encoding_has_its_bytes_or_leaves_the_document_out() {
    let in_encoding = |encoding: &str| few(&format!(r#","file":{{"encoding":"{encoding}"}}"#));
    let german = [document(1, &[STANDARD])];
    let plain = file(&*few(""), &german).0;
    assert_eq!(file(&*in_encoding("utf8_bom"), &german).0, [b"\xEF\xBB\xBF", plain.as_slice()].concat());
    let western = file(&*in_encoding("windows1252"), &german).0;
    assert!(western.windows(3).any(|bytes| bytes == b"M\xFCh"));
    let wide = file(&*in_encoding("utf16"), &german).0;
    let units: Vec<u16> = wide.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let read = String::from_utf16(&units).unwrap();
    assert_eq!(read.strip_prefix('\u{feff}').unwrap().as_bytes(), plain);
    let mut polish = document(1, &[STANDARD]);
    polish.contact.name = "Łódzka Spółka".into();
    let reason = refused(&*in_encoding("windows1252"), &polish);
    assert_eq!((reason.code.as_str(), reason.values[0].as_str()), ("export_characters", "contact_name"));
    assert_eq!(in_encoding("utf16").content_type(), "text/csv; charset=utf-16; header=present");
    let heading = r#"{"columns":[{"column":"net","heading":"Łącznie"}],"file":{"encoding":"windows1252"}}"#;
    let problems = exports::writer(&super::sample::format_of("csv", heading)).err().unwrap();
    assert_eq!(problems[0].field, "columns[0].heading");
}

#[test]
fn a_run_without_documents_has_no_file() {
    assert_eq!(file(&*few(""), &[]).0, b"");
}

#[test]
fn an_empty_cell_alone_is_still_a_row() {
    let one = writer("csv", r#"{"columns":[{"column":"buyer_reference","heading":"Uw referentie"}]}"#);
    assert_eq!(text(&*one, &[document(1, &[STANDARD])]), "Uw referentie\r\n\"\"\r\n");
}

/// A document whose every text is this.
fn full_of(text: &str) -> ExportDocument {
    let mut made = document(1, &[STANDARD]);
    let some = || Some(text.to_owned());
    made.posting.number = text.into();
    made.posting.description = text.into();
    made.posting.payment_reference = some();
    made.posting.lines[0].description = text.into();
    made.contact.name = text.into();
    let invoice = &mut made.invoice;
    invoice.type_code = some();
    invoice.order_reference = some();
    invoice.buyer_reference = some();
    invoice.contract_reference = some();
    invoice.project_reference = some();
    invoice.payment_terms = some();
    invoice.supplier.country = some();
    invoice.preceding = vec![domain::invoice::PrecedingInvoice { number: text.to_owned(), issue_date: None }];
    let line = &mut invoice.lines[0];
    line.id = text.into();
    line.description = some();
    line.unit = some();
    line.treatment.category = some();
    made
}

const THEIRS: [&str; 15] = [
    "number",
    "description",
    "payment_reference",
    "contact_name",
    "type_code",
    "order_reference",
    "buyer_reference",
    "contract_reference",
    "project_reference",
    "payment_terms",
    "country",
    "preceding_number",
    "line_id",
    "row_description",
    "unit",
];

fn theirs(file: &str) -> Box<dyn Writer> {
    let columns = THEIRS.map(|column| format!(r#"{{"column":"{column}"}}"#)).join(",");
    let columns = format!(r#"{columns},{{"column":"vat_category"}},{{"column":"net"}}"#);
    writer("csv", &format!(r#"{{"rows":"line","columns":[{columns}],"file":{file}}}"#))
}

#[test]
fn no_text_of_others_is_run_as_a_formula() {
    for attack in
        ["=HYPERLINK(\"http://x\")", "+1", "-2+3", "@SUM(A1)", "  =1", "\u{feff}=1", "\t=1", "\r\n=1", "\u{ff1d}1"]
    {
        let (bytes, _) = file(&*theirs("{}"), &[credited(full_of(attack))]);
        let rows = rows(&bytes, b',');
        for name in THEIRS.iter().chain(&["vat_category"]) {
            let value = column(&rows, name)[0].to_owned();
            assert!(value.starts_with('\''), "{name}: {value:?}");
        }
        assert_eq!(column(&rows, "net"), ["-100.00"], "a number of ours stays one");
        let off = file(&*theirs(r#"{"formula_guard":false,"single_line_text":false}"#), &[full_of(attack)]).0;
        assert_eq!(column(&self::rows(&off, b','), "number"), [attack]);
    }
}

proptest! {
    #[test]
    fn another_library_reads_what_was_written(
        value in "[a-zA-Zü,;|\t\"' \r\n]{0,20}",
        separator in prop::sample::select(vec![(",", b','), (";", b';'), ("tab", b'\t'), ("|", b'|')]),
        quoting in prop::sample::select(vec!["minimal", "text", "all"]),
        single in any::<bool>(),
    ) {
        let settings = format!(
            r#"{{"separator":"{}","quoting":"{quoting}","single_line_text":{single},"formula_guard":false}}"#,
            separator.0
        );
        let (bytes, _) = file(&*theirs(&settings), &[full_of(&value)]);
        let rows = rows(&bytes, separator.1);
        prop_assert_eq!(rows.len(), 1);
        for name in THEIRS {
            let read = column(&rows, name)[0];
            if single {
                prop_assert!(!read.contains(['\r', '\n', '\t']));
                prop_assert_eq!(read.replace(' ', ""), value.replace(['\r', '\n', '\t', ' '], ""));
            } else {
                prop_assert_eq!(read, &value);
            }
        }
    }

    #[test]
    fn rows_add_up_to_the_documents(documents in prop::collection::vec(any_document(), 1..6), company in any::<bool>()) {
        let amounts = if company { "company" } else { "original" };
        for kind in ["vat_group", "booking"] {
            let writer = writer("csv", &format!(r#"{{"rows":"{kind}","amounts":"{amounts}"}}"#));
            let rows = rows(&file(&*writer, &documents).0, b',');
            let total = |name| column(&rows, name).iter().filter_map(|v| v.parse::<Decimal>().ok()).sum::<Decimal>();
            prop_assert_eq!(total("gross"), total("row_gross"));
            prop_assert_eq!(total("net"), total("row_net"));
            prop_assert_eq!(total("vat"), total("row_vat"));
        }
    }
}
