//! The tables, their keys and indexes, as `template.yaml` declares them (a test compares the two).

/// Partition key of every table.
pub(crate) const PK: &str = "pk";
/// Sort key of every table.
pub(crate) const SK: &str = "sk";
/// Who wrote an item last.
pub(crate) const WRITER: &str = "w";
/// When DynamoDB may delete an item, in seconds since 1970. Deletion comes late: reads compare the time themselves.
pub(crate) const TTL: &str = "ttl";

/// What an index carries besides keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Projection {
    /// The whole item.
    All,
    /// Keys of the table and of the index.
    KeysOnly,
}

/// A sparse index: an item is in it while it has both attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) range: &'static str,
    pub(crate) projection: Projection,
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Schema {
    /// Its logical name in `template.yaml`.
    pub(crate) resource: &'static str,
    pub(crate) indexes: &'static [Index],
}

/// What stands in a list for people.
pub(crate) const LISTS: Index = Index { name: "lists", hash: "lpk", range: "lsk", projection: Projection::All };
/// What waits for a ledger's turn, by unit and due instant.
pub(crate) const UNITS: Index = Index { name: "units", hash: "upk", range: "usk", projection: Projection::KeysOnly };
/// What is under way.
pub(crate) const TRANSIT: Index =
    Index { name: "transit", hash: "tpk", range: "tsk", projection: Projection::KeysOnly };
/// The few needs across tenants.
pub(crate) const SYSTEM: Index = Index { name: "system", hash: "ypk", range: "ysk", projection: Projection::KeysOnly };

/// Documents: heads, content, traces, history, claims.
pub(crate) const DOCUMENTS: Schema = Schema { resource: "Documents", indexes: &[LISTS, UNITS, TRANSIT] };
/// Settings: tenants, users, administrations, contacts, templates, rules, connections, directories, audit.
pub(crate) const SETTINGS: Schema = Schema { resource: "Settings", indexes: &[] };
/// Runs: units, credentials, tasks, consents under way, idempotency records, credits of apps.
pub(crate) const RUNS: Schema = Schema { resource: "Runs", indexes: &[SYSTEM] };

/// Over how many partitions an index across tenants is spread.
pub(crate) const SHARDS: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a resource of the template.
    fn resource<'a>(template: &'a str, name: &str) -> Vec<&'a str> {
        let head = format!("  {name}:");
        template
            .lines()
            .skip_while(|line| *line != head)
            .skip(1)
            .take_while(|line| line.is_empty() || line.starts_with("   "))
            .map(str::trim)
            .collect()
    }

    #[test]
    fn the_template_declares_the_same_tables() {
        let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
        for schema in [&DOCUMENTS, &SETTINGS, &RUNS] {
            let lines = resource(&template, schema.resource);
            assert!(lines.contains(&"Type: AWS::DynamoDB::Table"), "{}", schema.resource);
            for (attribute, key) in [(PK, "HASH"), (SK, "RANGE")] {
                let line = format!("- {{ AttributeName: {attribute}, KeyType: {key} }}");
                assert!(lines.contains(&line.as_str()), "{}: {line}", schema.resource);
            }
            let declared = lines.iter().filter(|line| line.starts_with("- IndexName:")).count();
            assert_eq!(declared, schema.indexes.len(), "{}", schema.resource);
            for index in schema.indexes {
                let at = lines.iter().position(|line| *line == format!("- IndexName: {}", index.name)).unwrap();
                let projection = match index.projection {
                    Projection::All => "ALL",
                    Projection::KeysOnly => "KEYS_ONLY",
                };
                let expected = [
                    "KeySchema:".to_owned(),
                    format!("- {{ AttributeName: {}, KeyType: HASH }}", index.hash),
                    format!("- {{ AttributeName: {}, KeyType: RANGE }}", index.range),
                    format!("Projection: {{ ProjectionType: {projection} }}"),
                ];
                assert_eq!(lines[at + 1..at + 5], expected, "{}/{}", schema.resource, index.name);
            }
        }
        let ttl = format!("TimeToLiveSpecification: {{ AttributeName: {TTL}, Enabled: true }}");
        assert!(resource(&template, "Runs").contains(&ttl.as_str()));
    }
}
