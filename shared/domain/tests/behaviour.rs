//! `docs/behaviour.md` is true: each file and each test that it names exists, and no fact stands there twice.

use std::{collections::BTreeSet, fs, path::PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_fact_has_its_code_and_its_test() {
    let table = fs::read_to_string(root().join("docs/behaviour.md")).unwrap();
    let mut facts = BTreeSet::new();
    for row in
        table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Fact") && !line.starts_with("| ---"))
    {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [fact, _, code, test] = cells.as_slice() else { panic!("not four cells: {row}") };
        assert!(facts.insert((*fact).to_owned()), "{fact} stands there twice");
        assert!(root().join(code).exists(), "{fact}: there is no {code}");
        let (file, name) = test.split_once(": ").unwrap_or_else(|| panic!("{fact}: no test in '{test}'"));
        let source = fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{fact}: there is no {file}"));
        assert!(source.contains(&format!("fn {name}(")), "{fact}: {file} has no test {name}");
    }
    assert!(facts.len() > 20, "only {} facts", facts.len());
}
