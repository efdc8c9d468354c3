//! Writing: the envelope of columns and values, and whether both fit the dictionary.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::books::{AccountView, Cell, Row};
use super::columns::{CONTACT, Column, DJ_LINE, DJ_PAGE, Table};
use super::refusal::{Refusal, rule};
use super::{Call, book_day, booking, day, relations};
use crate::json;
use crate::server::Answer;

/// Windows-1252 beyond Latin-1.
const BEYOND_LATIN_1: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// The members of an object; capitals make no difference.
struct Members(BTreeMap<String, Box<RawValue>>);

impl Members {
    fn read(text: &str, known: &[&str]) -> Result<Self, Refusal> {
        let wrong = || rule(format!("Ongeldig veld: een object met {} wordt verwacht.", known.join(", ")));
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).map_err(|_| wrong())?;
        let members: BTreeMap<_, _> =
            members.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        match members.keys().find(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name))) {
            Some(name) => Err(rule(format!("Veld {name} is onbekend."))),
            None => Ok(Self(members)),
        }
    }

    fn raw(&self, name: &str) -> &str {
        self.0.get(&name.to_ascii_lowercase()).map_or("null", |value| value.get())
    }

    fn text(&self, name: &str) -> Result<String, Refusal> {
        let text: Option<String> =
            serde_json::from_str(self.raw(name)).map_err(|_| rule(format!("Ongeldige waarde in veld {name}.")))?;
        Ok(text.unwrap_or_default())
    }

    /// The objects of a list; none when it is absent.
    fn list(&self, name: &str, known: &[&str]) -> Result<Vec<Self>, Refusal> {
        let rows: Option<Vec<Box<RawValue>>> =
            serde_json::from_str(self.raw(name)).map_err(|_| rule(format!("Ongeldige lijst in veld {name}.")))?;
        rows.unwrap_or_default().iter().map(|row| Self::read(row.get(), known)).collect()
    }
}

/// What a column of the envelope is for.
#[derive(Clone, Copy)]
enum Place {
    RowId,
    HeaderId,
    RowAction,
    Of(Column),
}

/// Rows of a table that were sent, with their own id and that of the header they belong to.
struct Sent {
    id: String,
    header: String,
    row: Row,
}

fn places(state: &AccountView, table: &'static Table, definition: &Members) -> Result<Vec<(Place, String)>, Refusal> {
    let name = definition.text("Name")?;
    if !name.eq_ignore_ascii_case(table.name) {
        return Err(rule(format!("Veld Name: tabel {name} is onbekend, {} wordt verwacht.", table.name)));
    }
    let mut places = Vec::new();
    for field in definition.list("Fields", &["Name", "FieldType"])? {
        let (name, kind) = (field.text("Name")?, field.text("FieldType")?);
        let missing = state.settings.missing_columns.contains(&format!("{}.{name}", table.name));
        let place = match name.to_ascii_lowercase().as_str() {
            "rowid" => Place::RowId,
            "headerid" => Place::HeaderId,
            "rowaction" => Place::RowAction,
            _ => Place::Of(
                table
                    .column(&name)
                    .filter(|_| !missing)
                    .ok_or_else(|| rule(format!("Kolom {name} bestaat niet in {}.", table.name)))?,
            ),
        };
        let fits = match place {
            Place::RowId | Place::HeaderId => kind == "C",
            Place::RowAction => kind == "N",
            Place::Of(column) => match column.kind {
                'C' | 'M' => kind == "C" || kind == "M",
                'D' | 'T' => kind == "D" || kind == "T",
                'L' => kind == "L",
                _ => ["N", "Y", "B", "I"].contains(&kind.as_str()),
            },
        };
        if !fits {
            return Err(rule(format!("Kolom {name}: type {kind} is ongeldig.")));
        }
        places.push((place, name));
    }
    Ok(places)
}

fn rows(
    state: &AccountView,
    table: &'static Table,
    definition: &Members,
    data: &Members,
) -> Result<Vec<Sent>, Refusal> {
    let places = places(state, table, definition)?;
    let rows = data.list("Rows", &["Values"])?;
    rows.iter().map(|row| sent(&places, row)).collect()
}

fn sent(places: &[(Place, String)], row: &Members) -> Result<Sent, Refusal> {
    let values: Vec<Box<RawValue>> =
        serde_json::from_str(row.raw("Values")).map_err(|_| rule("Ongeldige lijst in veld Values."))?;
    if values.len() != places.len() {
        return Err(rule(format!("Ongeldig aantal in veld Values: {} voor {} kolommen.", values.len(), places.len())));
    }
    let mut sent = Sent { id: String::new(), header: String::new(), row: Row::default() };
    for ((place, name), value) in places.iter().zip(&values) {
        let raw = value.get();
        // Ids are texts; some send them as numbers.
        let text = || serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
        match place {
            Place::RowId => sent.id = text(),
            Place::HeaderId => sent.header = text(),
            Place::RowAction => {}
            Place::Of(column) => {
                if let Some(cell) = cell(*column, name, raw)? {
                    sent.row.set(column.name, cell);
                }
            }
        }
    }
    Ok(sent)
}

/// A value, which has to be of the column's type and length; none when it is nothing.
fn cell(column: Column, name: &str, raw: &str) -> Result<Option<Cell>, Refusal> {
    let wrong = || rule(format!("Ongeldige waarde {raw} in veld {name}."));
    if raw == "null" {
        return Ok(None);
    }
    match column.kind {
        'C' | 'M' => {
            let text: String = serde_json::from_str(raw).map_err(|_| wrong())?;
            let text = text.trim_end();
            if column.kind == 'C' && text.chars().count() > column.length {
                let length = text.chars().count();
                return Err(rule(format!("{name} is te lang: {length} in plaats van {}.", column.length)));
            }
            let fits = |c: char| matches!(c, ' '..='~' | '\u{a0}'..='\u{ff}') || BEYOND_LATIN_1.contains(c);
            let control = column.kind == 'M' && text.contains(['\n', '\r', '\t']);
            if !control && !text.chars().all(fits) {
                return Err(rule(format!("Ongeldige waarde in veld {name}: een teken staat niet in de codetabel.")));
            }
            Ok((!text.is_empty()).then(|| Cell::Text(text.to_owned())))
        }
        'L' => serde_json::from_str(raw).map(|flag| Some(Cell::Flag(flag))).map_err(|_| wrong()),
        'D' | 'T' => {
            let text: String = serde_json::from_str(raw).map_err(|_| wrong())?;
            day(&text).map(|day| Some(Cell::Day(day))).ok_or_else(wrong)
        }
        _ => {
            let number = json::decimal(raw).ok_or_else(wrong)?;
            let digits = if column.kind == 'N' { column.length } else { 15 };
            if number.trunc().abs().to_string().len() > digits {
                return Err(rule(format!("{name} is te groot.")));
            }
            Ok(Some(Cell::Number(number)))
        }
    }
}

/// `POST AccountViewData`
pub(super) fn write(state: &mut AccountView, call: &Call<'_>) -> Result<Answer, Refusal> {
    let body = String::from_utf8(call.request.body.clone()).map_err(|_| rule("Ongeldig veld: geen UTF-8."))?;
    let body = Members::read(&body, &["BookDate", "BusinessObject", "Table", "TableData"])?;
    let day = book_day(&body.text("BookDate")?, call.now)?;
    let object = body.text("BusinessObject")?.to_ascii_uppercase();
    let table = match object.as_str() {
        "DJ2" if state.settings.insert_allowed => &DJ_PAGE,
        "DJ2" => return Err(rule("U heeft onvoldoende rechten om dagboekbladzijden toe te voegen.")),
        "AP1" | "AR1" => &CONTACT,
        _ => return Err(rule(format!("Business object {object} bestaat niet of is ongeldig."))),
    };
    let definition = Members::read(body.raw("Table"), &["Definition", "DetailDefinitions"])?;
    let data = Members::read(body.raw("TableData"), &["Data", "DetailData"])?;
    let columns = Members::read(definition.raw("Definition"), &["Name", "Fields"])?;
    let headers = rows(state, table, &columns, &Members::read(data.raw("Data"), &["Rows"])?)?;
    let [header] = headers.as_slice() else {
        return Err(rule("Ongeldig aantal in veld Rows: een record per aanvraag."));
    };
    let definitions = definition.list("DetailDefinitions", &["Name", "Fields"])?;
    let details = data.list("DetailData", &["Rows"])?;
    if definitions.len() != details.len() || definitions.len() > usize::from(object == "DJ2") {
        return Err(rule("Ongeldig aantal in veld DetailData."));
    }
    let mut lines = Vec::new();
    for (definition, data) in definitions.iter().zip(&details) {
        for line in rows(state, &DJ_LINE, definition, data)? {
            if line.header != header.id && !(header.id.is_empty() && line.header == "1") {
                return Err(rule(format!("HeaderId {} is onbekend in veld HeaderId.", line.header)));
            }
            if lines.iter().any(|(id, _)| *id == line.id && !line.id.is_empty()) {
                return Err(rule(format!("Ongeldige waarde {} in veld RowId: komt al voor.", line.id)));
            }
            lines.push((line.id, line.row));
        }
    }
    let lines = lines.into_iter().map(|(_, row)| row).collect();
    if object == "DJ2" {
        booking::create(state, call, day, header.row.clone(), lines)
    } else {
        relations::create(state, call, day, object == "AP1", header.row.clone())
    }
}
