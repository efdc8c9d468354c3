use super::sample::{STANDARD, books, document, file, format_of, run};
use domain::export_format::NamePattern;
use exports::{Books, file_name};

const DATEV: &str = r#"{"consultant":1001,"client":1,"account_length":4,"fiscal_year_start":"2026-01-01",
    "purchase_keys":{"V19":{"key":"9"}}}"#;

fn named(pattern: &str, format: &str, options: &str, books: &Books) -> String {
    let format = format_of(format, options);
    let writer = exports::writer(&format).unwrap();
    let (_, summary) = file(&*writer, &[document(1, &[STANDARD])]);
    let pattern: NamePattern = pattern.parse().unwrap();
    file_name(&pattern, &format, &*writer, books, &run(), &summary)
}

#[test]
fn a_name_is_made_from_its_pattern() {
    let standard = NamePattern::default().to_string();
    assert_eq!(named(&standard, "csv", "{}", &books()), "csv-2026-04-01-01J0000000000000.csv");
    assert_eq!(
        named("{administration}_{from}_{to}_{documents}", "standard", "{}", &books()),
        "Backerei-Stern-GmbH_2026-04-01_2026-04-01_1.csv"
    );
}

#[test]
fn datev_finds_its_files_by_their_prefix() {
    let standard = NamePattern::default().to_string();
    assert_eq!(named(&standard, "datev", DATEV, &books()), "EXTF_datev-2026-04-01-01J0000000000000.csv");
    assert_eq!(named("EXTF_{run}", "datev", DATEV, &books()), "EXTF_01J0000000000000.csv");
}

#[test]
fn a_name_of_books_never_leaves_the_folder_and_is_never_too_long() {
    for (name, made) in [
        ("../../etc/passwd", "etc-passwd.csv"),
        ("..", "export.csv"),
        ("a/b\\c:d*e", "a-b-c-d-e.csv"),
        ("株式会社", "export.csv"),
        ("Żółw & S-ka", "Zolw-S-ka.csv"),
    ] {
        assert_eq!(named("{administration}", "csv", "{}", &Books { name: name.into(), ..books() }), made);
    }
    let long = Books { name: "x".repeat(300), ..books() };
    assert_eq!(named("{administration}", "datev", DATEV, &long).len(), exports::NAME_CHARS_MAX);
}
