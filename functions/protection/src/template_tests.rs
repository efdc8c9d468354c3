//! What the template lets each function do to the audit record.

use std::collections::BTreeMap;

/// The functions of the template, each with its statements.
fn functions() -> BTreeMap<String, Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
    let template = std::fs::read_to_string(path).unwrap();
    let mut resources: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in template.lines() {
        let inner = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '#']));
        if let Some(head) = inner.and_then(|rest| rest.strip_suffix(':')) {
            head.clone_into(&mut name);
        }
        let text = resources.entry(name.clone()).or_default();
        text.push_str(line);
        text.push('\n');
    }
    resources.retain(|_, text| text.contains("Type: AWS::Serverless::Function"));
    let statements = |text: String| text.split("- Effect: ").skip(1).map(str::to_owned).collect();
    resources.into_iter().map(|(name, text)| (name, statements(text))).collect()
}

#[test]
fn no_function_may_change_or_remove_an_entry_of_the_audit_record() {
    let functions = functions();
    assert!(functions.len() >= 7, "{:?}", functions.keys());
    for (name, statements) in &functions {
        let allows = |action: &str| {
            let fits = |it: &&String| it.starts_with("Allow") && it.contains("Settings.Arn") && it.contains(action);
            statements.iter().any(|it| fits(&it))
        };
        let touches = allows("dynamodb:UpdateItem") || allows("dynamodb:DeleteItem");
        let denied = |key: &str| {
            let fits = |it: &&String| {
                it.starts_with("Deny")
                    && it.contains("[dynamodb:UpdateItem, dynamodb:DeleteItem]")
                    && it.contains("ForAnyValue:StringLike")
                    && it.contains(key)
            };
            statements.iter().any(|it| fits(&it))
        };
        if touches {
            assert!(denied("\"*#audit\""), "{name} may touch entries");
            assert!(denied("\"*#audited#*\"") || name == "Protection", "{name} may touch details");
        }
        assert!(!allows("dynamodb:BatchWriteItem") && !allows("PartiQL"), "{name} could go around it");
        let scans = statements.iter().any(|it| it.contains("dynamodb:Scan"));
        assert!(!scans || name == "Protection", "{name} looks through whole tables");
    }
}
