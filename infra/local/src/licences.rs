//! Checks dependencies against deny.toml: licences, banned crates, where they come from. What cargo-deny does with the same
//! file, without the minutes it takes to compile it.

use std::{collections::BTreeSet, fs};

use serde::Deserialize;

use crate::{deploy, failure::Failure, processes, project::Project};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Debug, Deserialize)]
struct Policy {
    graph: Graph,
    licenses: Licences,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
}

/// Fails with every dependency that deny.toml does not allow.
pub fn check(project: &Project) -> Result<(), Failure> {
    let path = project.root.join("deny.toml");
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let policy: Policy = toml::from_str(&text).map_err(Failure::unexpected("deny.toml"))?;
    let mut cargo = deploy::cargo(project);
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    for target in &policy.graph.targets {
        cargo.args(["--filter-platform", target]);
    }
    let metadata = processes::read(&mut cargo, "cargo metadata")?;
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(Failure::unexpected("cargo metadata"))?;
    let used: BTreeSet<&str> = metadata.resolve.nodes.iter().map(|node| node.id.as_str()).collect();
    let complaints: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| used.contains(package.id.as_str()))
        .filter_map(|package| {
            let why = refuse(&policy, package)?;
            Some(format!("  {} {}: {why}", package.name, package.version))
        })
        .collect();
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::Checks(format!("deny.toml does not allow:\n{}", complaints.join("\n"))))
}

fn refuse(policy: &Policy, package: &Package) -> Option<String> {
    // Our own crates have no source.
    let source = package.source.as_deref()?;
    if source != REGISTRY {
        return Some(format!("comes from {source}"));
    }
    if policy.bans.deny.iter().any(|banned| banned.name == package.name) {
        return Some("is banned".into());
    }
    match package.license.as_deref() {
        None => Some("names no licence".into()),
        Some(licence) if is_allowed(licence, &policy.licenses.allow) => None,
        Some(licence) => Some(format!("has the licence {licence}")),
    }
}

/// Evaluates an SPDX expression: one side of each OR, both sides of each AND (which binds closer) must be allowed. A slash is
/// the old way to write OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut holds = all_of(words, allowed);
    while let Some((&"OR", rest)) = words.split_first() {
        *words = rest;
        holds |= all_of(words, allowed);
    }
    holds
}

fn all_of(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut holds = one(words, allowed);
    while let Some((&"AND", rest)) = words.split_first() {
        *words = rest;
        holds &= one(words, allowed);
    }
    holds
}

fn one(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let Some((word, rest)) = words.split_first() else { return false };
    *words = rest;
    if *word == "(" {
        let holds = any_of(words, allowed);
        let Some((&")", rest)) = words.split_first() else { return false };
        *words = rest;
        return holds;
    }
    // An exception only adds rights.
    if let [kind, _exception, rest @ ..] = *words
        && *kind == "WITH"
    {
        *words = rest;
    }
    allowed.contains(*word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let allowed = BTreeSet::from(["MIT", "Apache-2.0", "ISC"].map(String::from));
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("MIT OR GPL-3.0", true),
            ("MIT AND GPL-3.0", false),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0/AGPL-3.0", false),
            ("ISC AND (Apache-2.0 OR GPL-3.0)", true),
            ("GPL-3.0 OR MIT AND ISC", true),
            ("GPL-3.0 AND MIT OR ISC", true),
            ("(GPL-3.0 OR MIT) AND AGPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("(MIT", false),
            ("MIT)", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn sources_bans_and_missing_licences_are_refused() {
        let policy = Policy {
            graph: Graph { targets: Vec::new() },
            licenses: Licences { allow: BTreeSet::from(["MIT".to_owned()]) },
            bans: Bans { deny: vec![Banned { name: "openssl".into() }] },
        };
        let package = |name: &str, license: Option<&str>, source: Option<&str>| Package {
            id: String::new(),
            name: name.into(),
            version: "1.0.0".into(),
            license: license.map(Into::into),
            source: source.map(Into::into),
        };
        assert_eq!(refuse(&policy, &package("ours", Some("LicenseRef-Proprietary"), None)), None);
        assert_eq!(refuse(&policy, &package("fine", Some("MIT"), Some(REGISTRY))), None);
        assert!(refuse(&policy, &package("openssl", Some("MIT"), Some(REGISTRY))).is_some());
        assert!(refuse(&policy, &package("forked", Some("MIT"), Some("git+https://example.org"))).is_some());
        assert!(refuse(&policy, &package("bare", None, Some(REGISTRY))).is_some());
        assert!(refuse(&policy, &package("viral", Some("GPL-3.0"), Some(REGISTRY))).is_some());
    }
}
