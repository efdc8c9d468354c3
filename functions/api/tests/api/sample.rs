//! Requests that the `OpenAPI` document allows, made from it.

use serde_json::{Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../infra/openapi/openapi.json")).unwrap());

/// A parameter that a request has to have.
pub struct Parameter {
    pub name: String,
    /// `path` or `query`.
    pub place: String,
    pub value: String,
}

fn operation(method: &str, path: &str) -> &'static Value {
    let operation = &DOCUMENT["paths"][path][method.to_lowercase()];
    assert!(operation.is_object(), "{method} {path} is not described: UPDATE_OPENAPI=1 writes the document");
    operation
}

/// The parameters that a route's path and query have to have.
pub fn parameters(method: &str, path: &str) -> Vec<Parameter> {
    let all = operation(method, path)["parameters"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    all.filter(|one| one["required"] == true && one["in"] != "header")
        .map(|one| Parameter { name: text(&one["name"]), place: text(&one["in"]), value: text(&value(&one["schema"])) })
        .collect()
}

/// A body that a route takes; an empty object where it takes none.
pub fn body(method: &str, path: &str) -> Value {
    let body = &operation(method, path)["requestBody"]["content"]["application/json"]["schema"];
    if body.is_null() { json!({}) } else { value(body) }
}

/// The least that a schema takes.
fn value(schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return value(DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap());
    }
    for (key, index) in [("example", None), ("enum", Some(0)), ("examples", Some(0))] {
        let found = index.map_or(&schema[key], |index| &schema[key][index]);
        if !found.is_null() {
            return found.clone();
        }
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        let found = schema[several].as_array().into_iter().flatten().find(|one| one["type"] != "null");
        if let Some(found) = found {
            return value(found);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].clone(),
        kind => kind.clone(),
    };
    match kind.as_str().unwrap_or("object") {
        "string" => match (schema["pattern"].as_str(), schema["format"].as_str()) {
            // The ids of the document's patterns: what they begin with, and the number 9 of the world.
            (Some(pattern), _) if pattern.contains('_') => {
                let prefix = pattern.trim_start_matches('^').split('[').next().unwrap();
                json!(format!("{prefix}{}", ulid::Ulid::from_parts(1_760_000_000_009, 9)))
            }
            (_, Some("date-time")) => json!("2026-07-01T10:00:00Z"),
            (_, Some("date")) => json!("2026-07-01"),
            (_, _) => json!("x"),
        },
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(0)),
        "boolean" => json!(true),
        "array" if schema["minItems"].as_u64().unwrap_or(0) > 0 => json!([value(&schema["items"])]),
        "array" => json!([]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten();
            let fields = required.map(|name| {
                let name = name.as_str().unwrap();
                (name.to_owned(), value(&schema["properties"][name]))
            });
            Value::Object(fields.collect())
        }
    }
}
