use super::{
    datev_reader::{number, read},
    sample::{
        REDUCED, STANDARD, any_document, books, credited, day, document, file, foreign, refused, run, sold, writer,
    },
};
use domain::invoice::VatCategory;
use exports::{ExportDocument, Summary, Writer};
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

const KEYS: &str = r#""purchase_keys":{"V19":{"key":"9"},"V7":{"key":"8"},"A19":{},"IG":{"key":"19","basis":"net"}},
    "sales_keys":{"V19":{"key":"3"},"V7":{"key":"2"},"A19":{}}"#;

fn datev(more: &str) -> Box<dyn Writer> {
    let head = r#""consultant":1001,"client":1,"account_length":4,"fiscal_year_start":"2026-01-01","chart":"03""#;
    writer("datev", &format!("{{{head},{KEYS}{more}}}"))
}

/// Some columns of each row, by number.
fn columns<const N: usize>(writer: &dyn Writer, documents: &[ExportDocument], wanted: [usize; N]) -> Vec<[String; N]> {
    let batch = read(&file(writer, documents).0);
    batch.rows.iter().map(|row| wanted.map(|at| row[at - 1].value().to_owned())).collect()
}

#[test]
fn a_batch_has_its_header_its_names_and_a_row_for_each_account_and_rate() {
    let (bytes, summary) = file(&*datev(""), &[document(1, &[STANDARD, REDUCED, STANDARD])]);
    let latin: String = bytes.iter().copied().map(char::from).collect();
    let lines: Vec<&str> = latin.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "\"EXTF\";700;21;\"Buchungsstapel\";13;20260401000000007;;\"RE\";\"Jorg_Muller\";\"\";1001;1;20260101;4;20260401;20260401;\
         \"Rechnungen\";\"\";1;0;0;\"EUR\";;\"\";;;\"03\";;;\"\";\"01J0000000000000\""
    );
    assert!(lines[1].starts_with("Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;"));
    assert!(lines[1].ends_with(";EU-Steuersatz (Ursprung);Abw. Skontokonto"));
    let row = "238,00;\"H\";\"\";;;\"\";70001;4980;\"9\";0104;\"RE-1\";\"\";;\"Mühle Süd KG RE-1\";;\"\";;;;\"\";";
    assert!(lines[2].starts_with(row), "{}", lines[2]);
    assert!(
        lines[3].starts_with("53,50;\"H\";\"\";;;\"\";70001;4940;\"8\";0104;\"RE-1\";\"\";;\"Mühle Süd KG Ware 4940\"")
    );
    assert_eq!((lines.len(), summary.rows), (5, 2));
    assert_eq!(lines[2].matches(';').count(), 124);
}

#[test]
fn the_posting_date_is_the_belegdatum_and_the_documents_dates_stay() {
    let dates =
        |more: &str, document: ExportDocument| columns(&*datev(more), &[document], [10, 115, 116, 117, 114])[0].clone();
    let invoice = || document(1, &[STANDARD]);
    assert_eq!(dates("", invoice()), ["0104", "10032026", "15032026", "14042026", "0"]);
    let mut stated = invoice();
    stated.invoice.tax_point_date = Some(day("2026-03-31"));
    stated.invoice.delivery_date = None;
    assert_eq!(dates("", stated), ["0104", "31032026", "31032026", "14042026", "0"]);
    assert_eq!(dates(r#","tax_dates":"none","lock":"locked""#, invoice()), ["0104", "", "", "14042026", "1"]);
}

#[test]
fn sides_are_those_of_the_contacts_account() {
    let of = |document| columns(&*datev(""), &[document], [1, 2, 7, 8, 9])[0].clone();
    let purchase = || document(1, &[STANDARD]);
    assert_eq!(of(purchase()), ["119,00", "H", "70001", "4980", "9"]);
    assert_eq!(of(credited(purchase())), ["119,00", "S", "70001", "4980", "9"]);
    assert_eq!(of(sold(purchase())), ["119,00", "S", "10001", "4980", "3"]);
    assert_eq!(of(sold(credited(purchase()))), ["119,00", "H", "10001", "4980", "3"]);
    let discount = ("4730", "V19", VatCategory::S, dec!(19), dec!(-10), dec!(-1.90));
    let rows = columns(&*datev(""), &[document(1, &[STANDARD, discount])], [1, 2, 8]);
    assert_eq!(rows, [["119,00", "H", "4980"], ["11,90", "S", "4730"]]);
}

#[test]
fn the_mapping_says_key_automatic_account_or_net() {
    let automatic = ("3400", "A19", VatCategory::S, dec!(19), dec!(100), dec!(19));
    let community = ("3425", "IG", VatCategory::K, dec!(19), dec!(100), dec!(0));
    let rows = columns(&*datev(""), &[document(1, &[automatic, community])], [1, 8, 9, 40]);
    assert_eq!(rows, [["119,00", "3400", "", ""], ["100,00", "3425", "19", "NL820098395B01"]]);
    let unknown = ("3425", "XX", VatCategory::S, dec!(19), dec!(1), dec!(0));
    let reason = refused(&*datev(""), &document(1, &[unknown]));
    assert_eq!(
        (reason.code.as_str(), reason.values),
        ("export_setting_missing", vec!["purchase_keys".into(), "XX".into()])
    );
    let contradiction = ("3425", "IG", VatCategory::S, dec!(19), dec!(100), dec!(19));
    assert_eq!(refused(&*datev(""), &document(1, &[contradiction])).code, "export_unbalanced");
}

#[test]
fn accounts_have_exactly_the_digits_that_datev_has() {
    for (contact, code) in [
        (Some("7001"), "export_digits"),
        (Some("700001"), "export_digits"),
        (Some("K7001"), "export_digits"),
        (None, "export_value_missing"),
    ] {
        let mut odd = document(1, &[STANDARD]);
        odd.contact.ledger_contact = contact.map(|contact| contact.parse().unwrap());
        assert_eq!(refused(&*datev(""), &odd).code, code, "{contact:?}");
    }
    for account in ["498", "49800", "Bank", "0000"] {
        let line = (account, "V19", VatCategory::S, dec!(19), dec!(1), dec!(0.19));
        let reason = refused(&*datev(""), &document(1, &[line]));
        assert_eq!(reason.values, ["Gegenkonto (account)", "4", account]);
    }
}

#[test]
fn foreign_currency_is_told_with_rate_and_base_amount_or_converted() {
    let dollars = || foreign(document(1, &[STANDARD, REDUCED]), "USD", Some(dec!(0.8511)));
    let rows = columns(&*datev(""), &[dollars()], [1, 3, 4, 5, 6]);
    assert_eq!(rows, [["119,00", "USD", "1,174950", "101,27", "EUR"], ["53,50", "USD", "1,174950", "45,54", "EUR"]]);
    let rows = columns(&*datev(r#","amounts":"company""#), &[dollars()], [1, 3, 4, 5, 6]);
    assert_eq!(rows, [["101,27", "", "", "", ""], ["45,54", "", "", "", ""]]);
    assert_eq!(refused(&*datev(""), &foreign(document(1, &[STANDARD]), "USD", None)).code, "no_rate");
    let pounds = foreign(document(1, &[STANDARD]), "GBP", Some(dec!(1.16)));
    assert_eq!(refused(&*datev(""), &pounds).values, ["Kurs", "0.862069"], "the format has no rate below one");
    assert_eq!(columns(&*datev(r#","amounts":"company""#), &[pounds], [1]), [["138,04"]]);
}

#[test]
fn what_the_format_cannot_express_leaves_the_document_out() {
    let with = |change: fn(&mut ExportDocument)| {
        let mut odd = document(1, &[STANDARD]);
        change(&mut odd);
        let reason = refused(&*datev(""), &odd);
        (reason.code, reason.values.first().cloned().unwrap_or_default())
    };
    let told = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(with(|odd| odd.contact.name = "Łódzka Spółka".into()), told("export_characters", "Buchungstext"));
    assert_eq!(with(|odd| odd.posting.number = "2026.17".into()), told("export_characters", "Belegfeld 1"));
    assert_eq!(with(|odd| odd.posting.number = "7".repeat(37)), told("export_too_long", "Belegfeld 1"));
    assert_eq!(with(|odd| odd.posting_date = day("2027-01-01")), told("export_outside_period", "2027-01-01"));
    assert_eq!(with(|odd| odd.posting_date = day("2025-12-31")), told("export_outside_period", "2025-12-31"));
    let project = |odd: &mut ExportDocument| odd.posting.lines[0].project = Some("p".repeat(40).parse().unwrap());
    assert_eq!(with(project), told("export_too_long", "KOST2"));
    let centre = |odd: &mut ExportDocument| odd.posting.lines[0].cost_centre = Some("K-1".parse().unwrap());
    assert_eq!(with(centre), told("export_characters", "KOST1"));
    let old = |odd: &mut ExportDocument| odd.invoice.tax_point_date = Some(day("1926-03-15"));
    assert_eq!(with(old), told("export_out_of_range", "Datum Zuord. Steuerperiode"));
    let large = ("4980", "V19", VatCategory::S, dec!(19), dec!(10_000_000_000), dec!(0));
    assert_eq!(refused(&*datev(""), &document(1, &[large])).code, "export_out_of_range");
}

#[test]
fn rows_of_nothing_are_dropped_and_a_document_of_nothing_is_left_out() {
    let back = ("4980", "V19", VatCategory::S, dec!(19), dec!(-100.00), dec!(-19.00));
    assert_eq!(columns(&*datev(""), &[document(1, &[STANDARD, back, REDUCED])], [1, 8]), [["53,50", "4940"]]);
    assert_eq!(refused(&*datev(""), &document(1, &[STANDARD, back])).values, ["Umsatz", "0"]);
}

#[test]
fn texts_are_one_line_cut_and_quoted() {
    let mut hostile = document(1, &[STANDARD]);
    hostile.contact.name = "A\";\"B\r\n=1+1\u{85}".into();
    hostile.posting.lines[0].description = "x".repeat(80);
    hostile.posting.lines[0].cost_centre = Some("K 1".parse().unwrap());
    let rows = columns(&*datev(""), &[hostile], [14, 37]);
    assert_eq!(rows, [[format!("A\";\"B =1+1 {}", "x".repeat(49)), "K 1".to_owned()]]);
}

#[test]
fn older_versions_have_fewer_columns() {
    for (version, count) in [("9", 120), ("12", 124), ("13", 125)] {
        let writer = datev(&format!(r#","version":"{version}""#));
        let batch = read(&file(&*writer, &[document(1, &[STANDARD])]).0);
        assert_eq!((batch.header[4].value(), batch.names.len()), (version, count));
        assert_eq!([&batch.names[113], &batch.names[115]], ["Festschreibung", "Datum Zuord. Steuerperiode"]);
        assert_eq!(
            [&batch.names[36], &batch.names[47], &batch.names[87]],
            ["KOST1 - Kostenstelle", "Zusatzinformation - Art 1", "Stück"]
        );
    }
}

#[test]
fn a_batch_that_is_too_large_says_what_to_do() {
    let summary = Summary {
        documents: 1,
        rows: 100_000,
        dates: Some((day("2026-04-01"), day("2026-04-02"))),
        ..Summary::default()
    };
    let reason = datev("").layout(&books(), &run(), &summary).unwrap_err();
    assert_eq!((reason.code.as_str(), reason.values), ("export_too_many_rows", vec!["100000".into(), "99999".into()]));
    let fits = Summary { rows: 99_999, ..summary };
    assert_eq!(datev("").layout(&books(), &run(), &fits).unwrap().len(), 2);
}

#[test]
fn a_name_in_other_letters_is_written_without_their_marks() {
    let mut by = run();
    by.on_behalf_of = "Łukasz Żak".into();
    let summary = Summary { documents: 1, dates: Some((day("2026-04-01"), day("2026-04-02"))), ..Summary::default() };
    let layout = datev("").layout(&books(), &by, &summary).unwrap();
    let exports::Piece::Bytes(bytes) = &layout[0] else { panic!("{layout:?}") };
    assert_eq!(read(bytes).header[8].value(), "Lukasz_Zak");
}

proptest! {
    #[test]
    fn no_text_of_others_breaks_out_of_its_column(name in "[ -~ü€\r\n\t]{1,80}", text in "[ -~ß;\"]{0,80}") {
        let mut hostile = document(1, &[STANDARD]);
        hostile.contact.name = name;
        hostile.posting.lines[0].description = text;
        let rows = columns(&*datev(""), &[hostile], [1, 14, 114]);
        prop_assert_eq!(rows.len(), 1);
        prop_assert_eq!([&rows[0][0], &rows[0][2]], ["119,00", "0"]);
    }

    #[test]
    fn rows_add_up_to_the_documents_on_the_contacts_side(
        documents in prop::collection::vec(any_document(), 1..6),
        company in any::<bool>(),
    ) {
        let writer = datev(if company { r#","amounts":"company""# } else { "" });
        let (mut summary, mut segment) = (Summary::default(), exports::Segment::default());
        let mut taken = Decimal::ZERO;
        for document in &documents {
            // Nothing but a document of nothing, or of less than a cent, is refused.
            match writer.write(document, &books(), &mut summary, &mut segment) {
                Ok(()) => {
                    let rate = document.rate.as_ref().map_or(Decimal::ONE, |rate| rate.rate.value());
                    let gross = domain::money::to_cents(document.posting.gross * rate);
                    let is_purchase = document.posting.direction == domain::ledger::Direction::Purchase;
                    taken += if is_purchase { gross } else { -gross };
                }
                Err(reason) => prop_assert_eq!(reason.code, "export_out_of_range"),
            }
        }
        let layout = writer.layout(&books(), &run(), &summary).unwrap();
        if layout.is_empty() {
            return Ok(());
        }
        let batch = read(&exports::join(&[segment], &layout));
        prop_assert_eq!(batch.rows.len() as u64, summary.rows);
        let booked: Decimal = batch
            .rows
            .iter()
            .map(|row| {
                let base = if row[4].value().is_empty() { row[0].value() } else { row[4].value() };
                if row[1].value() == "H" { number(base) } else { -number(base) }
            })
            .sum();
        prop_assert_eq!(booked, taken);
    }
}
