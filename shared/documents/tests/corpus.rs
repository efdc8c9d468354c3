//! Every published invoice is read to the values of the manifest.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use documents::{SourceFormat, summary::Summary};
use domain::money::parse_decimal;
use std::{collections::HashMap, fs, path::PathBuf};

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")
}

/// Rows of RFC 4180, each by the names of the first row.
fn rows(text: &str) -> Vec<HashMap<String, String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    for character in text.chars() {
        let record = records.last_mut().unwrap();
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => records.push(vec![String::new()]),
            other => record.last_mut().unwrap().push(other),
        }
    }
    records.retain(|record| record.len() > 1);
    let names = records.remove(0);
    records.into_iter().map(|record| names.iter().cloned().zip(record).collect()).collect()
}

struct Case {
    file: String,
    wanted: HashMap<String, String>,
    summary: Summary,
}

fn cases() -> Vec<Case> {
    let manifest = fs::read_to_string(corpus().join("manifest.csv")).unwrap();
    let cases: Vec<Case> = rows(&manifest)
        .into_iter()
        .map(|wanted| {
            let file = wanted["file"].clone();
            let bytes = fs::read(corpus().join(&file)).unwrap();
            let document = documents::read(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(document.format, SourceFormat::Ubl, "{file}");
            Case { file, wanted, summary: Summary::of(&document.invoice) }
        })
        .collect();
    assert_eq!(cases.len(), 50);
    cases
}

#[test]
fn values_are_those_of_the_manifest() {
    for Case { file, wanted, summary } in cases() {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        assert_eq!(summary.kind, wanted["kind"], "{file}");
        for (column, found) in [
            ("number", &summary.number),
            ("issue_date", &summary.issue_date),
            ("due_date", &summary.due_date),
            ("currency", &summary.currency),
            ("supplier_name", &summary.supplier.name),
            ("supplier_vat", &summary.supplier.vat),
            ("customer_name", &summary.customer.name),
            ("customer_vat", &summary.customer.vat),
        ] {
            assert_eq!(text(found), wanted[column], "{file}: {column}");
        }
        for (column, found) in [
            ("net_total", &summary.net),
            ("vat_total", &summary.vat),
            ("gross_total", &summary.gross),
            ("payable_amount", &summary.payable),
        ] {
            let amount = |text: &str| (!text.is_empty()).then(|| parse_decimal(text).unwrap());
            assert_eq!(amount(&text(found)), amount(&wanted[column]), "{file}: {column}");
        }
        assert_eq!(summary.lines.to_string(), wanted["line_count"], "{file}: lines");
    }
}

/// Rules on code lists and syntax that reading does not check: they say nothing about amounts or parties.
fn is_list_or_syntax(rule: &str) -> bool {
    rule.starts_with("UBL-") || ["BR-CL-10", "BR-CL-11", "BR-CL-19", "BR-CL-20", "BR-CL-23"].contains(&rule)
}

#[test]
fn exactly_the_published_rules_are_found_broken() {
    for Case { file, wanted, summary } in cases() {
        let note = &wanted["note"];
        let mut published: Vec<&str> = match note.split_once("EN 16931 rules failed:") {
            Some((_, rules)) => rules.split_whitespace().filter(|rule| !is_list_or_syntax(rule)).collect(),
            None => Vec::new(),
        };
        assert_eq!(wanted["expected"] == "ok", published.is_empty(), "{file}: the manifest");
        let mut found: Vec<&str> = summary.violations.iter().map(String::as_str).collect();
        published.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, published, "{file}");
    }
}
