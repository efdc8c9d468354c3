//! Seeds: JSON laid over the state. Lists of records are matched by id, or by their code or name.

use serde_json::Value;

use super::books::padded;
use super::guid::Guid;
use super::seed::{open_to_all, standard_division};
use super::state::State;

/// The first part of the ids of seeded records that came without one.
const FAMILY: u32 = 0x5eed;
/// Names of ids.
const IDS: [&str; 5] = ["ID", "id", "EntryID", "code", "token"];
/// Names that tell records apart when they come without an id.
const NAMES: [&str; 4] = ["Code", "BankAccount", "Name", "Subject"];

/// Lays a seed over the state. Its shape is that of the state, every part optional. `standard_divisions` lists codes
/// of administrations to be made first, with the usual accounts and codes, open to all apps and users.
/// Returns what is wrong with it; then nothing has changed.
pub fn seed(state: &mut State, mut seed: Value) -> Result<(), serde_json::Error> {
    let mut next = state.clone();
    let standard = seed.as_object_mut().and_then(|seed| seed.remove("standard_divisions"));
    let codes: Vec<i32> = standard.map_or_else(|| Ok(Vec::new()), serde_json::from_value)?;
    for code in codes {
        if next.division(code).is_none() {
            open_to_all(&mut next, standard_division(code));
        }
    }
    let mut value = serde_json::to_value(&next)?;
    let mut number = next.sequence;
    overlay(&mut value, seed, &mut || {
        number += 1;
        Guid::numbered(FAMILY, number).to_string()
    });
    next = serde_json::from_value(value)?;
    next.sequence = next.sequence.max(number);
    for account in next.divisions.iter_mut().flat_map(|division| division.accounts.iter_mut()) {
        account.code = padded(&account.code);
    }
    *state = next;
    Ok(())
}

fn overlay(base: &mut Value, over: Value, next_id: &mut impl FnMut() -> String) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                overlay(base.entry(name).or_insert(Value::Null), value, next_id);
            }
        }
        (Value::Array(base), Value::Array(over)) if over.iter().all(Value::is_object) && !over.is_empty() => {
            for value in over {
                match base.iter_mut().find(|known| same(known, &value)) {
                    Some(known) => overlay(known, value, next_id),
                    None => base.push(with_ids(value, next_id)),
                }
            }
        }
        (base @ Value::Null, over) => *base = with_ids(over, next_id),
        (base, over) => *base = over,
    }
}

/// A record that is new, and the records in it, get ids where they came without.
fn with_ids(mut value: Value, next_id: &mut impl FnMut() -> String) -> Value {
    match &mut value {
        Value::Object(record) => {
            if !IDS.iter().any(|name| record.contains_key(*name)) && NAMES.iter().any(|name| record.contains_key(*name))
            {
                record.insert("ID".to_owned(), Value::String(next_id()));
            }
            for part in record.values_mut() {
                *part = with_ids(part.take(), next_id);
            }
        }
        Value::Array(parts) => {
            for part in parts {
                *part = with_ids(part.take(), next_id);
            }
        }
        _ => {}
    }
    value
}

fn same(known: &Value, value: &Value) -> bool {
    let text = |record: &Value, name: &str| {
        record.get(name).map(|text| text.as_str().map_or_else(|| text.to_string(), |text| text.trim().to_owned()))
    };
    let names = || NAMES.iter().find(|name| value.get(**name).is_some());
    match IDS.iter().find(|name| value.get(**name).is_some()).or_else(names) {
        Some(name) => text(known, name) == text(value, name),
        None => false,
    }
}
