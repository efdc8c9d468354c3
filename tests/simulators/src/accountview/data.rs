//! Reading: business objects with filters, page by page, and the dictionary.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use http::StatusCode;
use rust_decimal::Decimal;

use super::books::{AccountView, Cell, Page, Row, Settings, Year};
use super::columns::{
    CONTACT, COST, Column, DAILY, DCT_FLD, DJ_LINE, DJ_PAGE, LEDGER, PERIODS, PROJECTS, TABLES, TRANSACT, TRN_HDR,
    Table, Technical, VAT,
};
use super::refusal::{Refusal, rule};
use super::{Call, book_day, no_year};
use crate::json::{self, Node};
use crate::server::Answer;

const ROWS_MAX: usize = 1_000;
/// Rows on a page when nothing is said.
const ROWS: usize = 100;

/// Parameters of a query, by their names in lower case.
struct Parameters(BTreeMap<String, String>);

const KNOWN: &[&str] =
    &["businessobject", "bookdate", "pagesize", "pagenumber", "lastkey", "fields", "filter", "sortfields", "sortorder"];
const OF_FILTER: &[&str] =
    &["filtercontrolsource", "filteroperator", "filtervaluetype", "filtervalue", "filterislistofvalues"];

impl Parameters {
    fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for (name, value) in call.request.parameters() {
            let name = name.to_ascii_lowercase();
            let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let of_filter = bare.len() < name.len() && OF_FILTER.contains(&bare);
            if !of_filter && !KNOWN.contains(&name.as_str()) {
                return Err(rule(format!("Ongeldig veld {name} in de aanvraag.")));
            }
            parameters.insert(name, value);
        }
        Ok(Self(parameters))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    fn number(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        let text = self.get(name);
        let wrong = || rule(format!("Ongeldige waarde {text} in veld {name}."));
        let number = if text.is_empty() { default } else { text.parse().map_err(|_| wrong())? };
        if (1..=ROWS_MAX).contains(&number) || name == "pagenumber" { Ok(number.max(1)) } else { Err(wrong()) }
    }
}

/// What a row must have.
struct Filter {
    column: &'static str,
    operator: Operator,
    values: Vec<Cell>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Contains,
    OnOrAfter,
}

fn filters(table: &'static Table, parameters: &Parameters, settings: &Settings) -> Result<Vec<Filter>, Refusal> {
    if !parameters.get("filter").is_empty() {
        return Err(rule("Ongeldige waarde in veld Filter: vrije expressies zijn niet toegestaan."));
    }
    let mut filters = Vec::new();
    for place in 1..=9 {
        let of = |name: &str| parameters.get(&format!("{name}{place}"));
        let source = of("filtercontrolsource");
        if source.is_empty() {
            continue;
        }
        let column = table.column(source).ok_or_else(|| rule(format!("Veld {source} is onbekend.")))?;
        let operator = match of("filteroperator") {
            "Equal" => Operator::Equal,
            "Contains" => Operator::Contains,
            "DateOnOrAfterDate" => Operator::OnOrAfter,
            other => return Err(rule(format!("Operator {other} is onbekend in veld FilterOperator."))),
        };
        let kind = of("filtervaluetype");
        let text = of("filtervalue");
        let parts = if of("filterislistofvalues").eq_ignore_ascii_case("true") {
            text.split(',').collect()
        } else {
            vec![text]
        };
        let values = parts.into_iter().map(|text| literal(column, kind, text));
        let wrong = || rule(format!("Ongeldige waarde {text} van type {kind} voor veld {source}."));
        let values = values.collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
        if (operator == Operator::OnOrAfter) != matches!(values.first(), Some(Cell::Day(_)))
            && operator != Operator::Equal
        {
            return Err(wrong());
        }
        filters.push(Filter { column: column.name, operator, values });
    }
    if !settings.heeds_second_filter {
        filters.truncate(1);
    }
    Ok(filters)
}

/// A value of a filter, which has to be of the column's type.
fn literal(column: Column, kind: &str, text: &str) -> Option<Cell> {
    match (kind, column.kind) {
        ("C", 'C' | 'M') => Some(Cell::Text(text.trim().to_owned())),
        ("N", 'N' | 'Y' | 'B' | 'I') => json::decimal(text).map(Cell::Number),
        ("L", 'L') => text.parse().ok().map(Cell::Flag),
        ("D" | "T", 'D' | 'T') => {
            let inner = text.strip_prefix("{^")?.strip_suffix('}')?;
            inner.parse().ok().map(Cell::Day)
        }
        _ => None,
    }
}

fn passes(row: &Row, filter: &Filter) -> bool {
    let cell = row.0.get(filter.column);
    filter.values.iter().any(|value| match (filter.operator, value, cell) {
        (Operator::Contains, Cell::Text(text), cell) => {
            let theirs = if let Some(Cell::Text(theirs)) = cell { theirs.as_str() } else { "" };
            theirs.to_lowercase().contains(&text.to_lowercase())
        }
        (Operator::Equal, Cell::Text(text), None) => text.is_empty(),
        (Operator::Equal, value, cell) => cell == Some(value),
        (Operator::OnOrAfter, Cell::Day(from), Some(Cell::Day(day))) => day >= from,
        (Operator::OnOrAfter | Operator::Contains, _, _) => false,
    })
}

/// The rows of an object's table, and what belongs to each.
struct Listed {
    row: Row,
    /// Of pages.
    lines: Vec<Row>,
}

fn listed(year: &Year, object: &str, settings: &Settings) -> Option<(&'static Table, Vec<Listed>)> {
    let plain = |row: &Row| Listed { row: row.clone(), lines: Vec::new() };
    let of = |table: &'static Table| Some((table, year.rows(table.name).iter().map(plain).collect()));
    let relations = |flag: &str| {
        let rows = year.rows("CONTACT").iter().filter(|row| row.flag(flag));
        Some((&CONTACT, rows.map(plain).collect()))
    };
    match object {
        "AP1" => relations("CRED_SHOW"),
        "AR1" => relations("DEB_SHOW"),
        "CON" => of(&CONTACT),
        "GL1" => of(&LEDGER),
        "VA1" => of(&VAT),
        "DJ1" => of(&DAILY),
        "CC1" => of(&COST),
        "PJ1" => of(&PROJECTS),
        "PER" => of(&PERIODS),
        "DJ2P" => {
            let shown = year.pages.iter().filter(|page| !page.processed || !settings.processed_leave);
            let listed = shown.map(|page| Listed { row: page.header.clone(), lines: page.lines.clone() });
            Some((&DJ_PAGE, listed.collect()))
        }
        "GJ1" => {
            let entries = year.pages.iter().filter(|page| page.processed).flat_map(|page| &page.entries);
            Some((&TRANSACT, entries.map(plain).collect()))
        }
        _ => None,
    }
}

/// `AccountViewData`
pub(super) fn read(state: &AccountView, call: &Call<'_>) -> Result<Answer, Refusal> {
    let parameters = Parameters::of(call)?;
    let object = parameters.get("businessobject").to_ascii_uppercase();
    if object.is_empty() {
        return Err(rule("BusinessObject is verplicht: veld ontbreekt."));
    }
    let day = book_day(parameters.get("bookdate"), call.now)?;
    let year = state.company(&call.company).and_then(|company| company.year(day)).ok_or_else(|| no_year(day))?;
    if object == "FLD" {
        return dictionary(state, &parameters);
    }
    let settings = &state.settings;
    let Some((table, rows)) = listed(year, &object, settings) else {
        return Err(rule(format!("Business object {object} bestaat niet.")));
    };
    let page = page(table, rows, &parameters, settings)?;
    let fields = Fields::read(parameters.get("fields"))?;
    let shown = |table: &'static Table, rows: Vec<Row>, ids: &dyn Fn(usize) -> (i64, &'static str)| {
        // The list of all relations shows its columns alone.
        let technical = if object == "CON" { Technical::Nothing } else { table.technical };
        show(table, technical, &rows, &fields, settings, ids)
    };
    let mut members = vec![(
        table.name.into(),
        shown(table, page.iter().map(|it| it.row.clone()).collect(), &|place| (number(place), "")),
    )];
    if object == "DJ2P" {
        let owners: Vec<usize> = page.iter().enumerate().flat_map(|(place, it)| vec![place; it.lines.len()]).collect();
        let lines = page.iter().flat_map(|it| it.lines.clone()).collect();
        let owner = |place: usize| (owners.get(place).map_or(0, |owner| number(*owner)), "DJ_PAGE_Id");
        members.push(("DJ_LINE".into(), shown(&DJ_LINE, lines, &owner)));
        members.push(("USR_LINK".into(), Node::List(Vec::new())));
        members.push(("PAGE_WF".into(), Node::List(Vec::new())));
    }
    if object == "GJ1" {
        let headers = headers(year, page.iter().map(|it| &it.row), settings);
        members.push(("TRN_HDR".into(), shown(&TRN_HDR, headers, &|place| (number(place), ""))));
    }
    if object == "AP1" || object == "AR1" {
        members.push(("USR_LINK".into(), Node::List(Vec::new())));
    }
    Ok(Answer::json(StatusCode::OK, &Node::Object(members)))
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or_default()
}

/// Headers of the pages that transactions came from.
fn headers<'a>(year: &Year, transactions: impl Iterator<Item = &'a Row>, settings: &Settings) -> Vec<Row> {
    let keys: BTreeSet<(String, String)> =
        transactions.map(|row| (row.text("DJ_CODE").to_owned(), row.text("PAGE_NR").to_owned())).collect();
    let of = |page: &Page| {
        let header = &page.header;
        let key = (header.text("DJ_CODE").to_owned(), header.text("PAGE_NR").to_owned());
        let row = Row::default().with("DJ_CODE", key.0.as_str()).with("PAGE_NR", key.1.as_str());
        let row = row.with("HDR_DESC", header.text("HDR_DESC"));
        let row = if settings.processed_show_note { row.with("COMMENT1", header.text("COMMENT1")) } else { row };
        keys.contains(&key).then_some(row)
    };
    year.pages.iter().filter(|page| page.processed).filter_map(of).collect()
}

/// The rows of a page of a list.
fn page(
    table: &'static Table,
    rows: Vec<Listed>,
    parameters: &Parameters,
    settings: &Settings,
) -> Result<Vec<Listed>, Refusal> {
    let filters = filters(table, parameters, settings)?;
    let mut rows: Vec<Listed> =
        rows.into_iter().filter(|it| filters.iter().all(|filter| passes(&it.row, filter))).collect();
    let sort = parameters.get("sortfields");
    if !sort.is_empty() {
        let column = table.column(sort).ok_or_else(|| rule(format!("Veld {sort} is onbekend.")))?;
        let turned = match parameters.get("sortorder") {
            "" | "Ascending" => false,
            "Descending" => true,
            other => return Err(rule(format!("Ongeldige waarde {other} in veld SortOrder."))),
        };
        rows.sort_by(|a, b| {
            let order = compare(a.row.0.get(column.name), b.row.0.get(column.name));
            if turned { order.reverse() } else { order }
        });
    }
    let (size, number) = (parameters.number("pagesize", ROWS)?, parameters.number("pagenumber", 1)?);
    let last = parameters.get("lastkey").trim();
    let skipped = if last.is_empty() {
        (number - 1).saturating_mul(size)
    } else {
        rows.iter().position(|it| it.row.text(table.key) == last).map_or(rows.len(), |place| place + 1)
    };
    Ok(rows.into_iter().skip(skipped).take(size).collect())
}

fn compare(a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    match (a, b) {
        (Some(Cell::Number(a)), Some(Cell::Number(b))) => a.cmp(b),
        (Some(Cell::Day(a)), Some(Cell::Day(b))) => a.cmp(b),
        (Some(Cell::Text(a)), Some(Cell::Text(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Which columns are shown.
struct Fields(Option<Vec<(String, String)>>);

impl Fields {
    fn read(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() || text.trim() == "*" {
            return Ok(Self(None));
        }
        let mut fields = Vec::new();
        for field in text.split(',').map(str::trim) {
            let (table, column) = field.split_once('.').unwrap_or(("", field));
            let known =
                TABLES.iter().any(|known| known.name.eq_ignore_ascii_case(table) && known.column(column).is_some());
            if !known {
                return Err(rule(format!("Veld {field} is onbekend.")));
            }
            fields.push((table.to_ascii_uppercase(), column.to_ascii_uppercase()));
        }
        Ok(Self(Some(fields)))
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.0.as_ref().is_none_or(|fields| fields.iter().any(|(of, name)| of == table && name == column))
    }
}

/// A table as it is sent. The technical columns come last; `owner` names the id of the row above, where there is one.
fn show(
    table: &'static Table,
    technical: Technical,
    rows: &[Row],
    fields: &Fields,
    settings: &Settings,
    ids: &dyn Fn(usize) -> (i64, &'static str),
) -> Node {
    let missing = |column: &str| settings.missing_columns.contains(&format!("{}.{column}", table.name));
    let one = |(place, row): (usize, &Row)| {
        let columns = table.columns().filter(|column| fields.has(table.name, column.name) && !missing(column.name));
        let mut members: Vec<_> =
            columns.map(|column| (column.name.into(), cell(row.0.get(column.name), column, settings))).collect();
        let (id, owner) = ids(place);
        let name = if owner.is_empty() { format!("{}_Id", table.name) } else { owner.to_owned() };
        if matches!(technical, Technical::Key | Technical::KeyAndId) {
            members.push(("EXT_KEY".into(), Node::Int(number(place))));
        }
        if matches!(technical, Technical::Id | Technical::KeyAndId) {
            members.push((name.into(), Node::Int(id)));
        }
        Node::Object(members)
    };
    let mut rows: Vec<Node> = rows.iter().enumerate().map(one).collect();
    match rows.pop() {
        Some(row) if rows.is_empty() && settings.single_row_as_object => row,
        Some(row) => {
            rows.push(row);
            Node::List(rows)
        }
        None => Node::List(rows),
    }
}

fn cell(cell: Option<&Cell>, column: Column, settings: &Settings) -> Node {
    match (column.kind, cell) {
        ('C', cell) => {
            let text = if let Some(Cell::Text(text)) = cell { text.clone() } else { String::new() };
            let width = if settings.padded { column.length } else { 0 };
            Node::Text(format!("{text:width$}"))
        }
        ('M', Some(Cell::Text(text))) => Node::text(text),
        ('D' | 'T', Some(Cell::Day(day))) => Node::Text(format!("{day}T00:00:00")),
        ('M' | 'D' | 'T', _) => Node::text(""),
        ('L', cell) => Node::Bool(cell == Some(&Cell::Flag(true))),
        ('I', Some(Cell::Number(number))) => Node::Int(i64::try_from(*number).unwrap_or_default()),
        ('I', _) => Node::Int(0),
        (_, Some(Cell::Number(number))) => Node::Number(*number),
        (_, _) => Node::Number(Decimal::ZERO),
    }
}

/// What was stored, as a read would show it.
pub(super) fn stored(table: &'static Table, row: &Row, lines: Option<&[Row]>, settings: &Settings) -> Answer {
    if !settings.shows_stored {
        return Answer::json(StatusCode::OK, &Node::Object(Vec::new()));
    }
    let all = Fields(None);
    let rows = std::slice::from_ref(row);
    let mut members = vec![(table.name.into(), show(table, table.technical, rows, &all, settings, &|_| (1, "")))];
    if let Some(lines) = lines {
        members
            .push(("DJ_LINE".into(), show(&DJ_LINE, DJ_LINE.technical, lines, &all, settings, &|_| (1, "DJ_PAGE_Id"))));
    }
    Answer::json(StatusCode::OK, &Node::Object(members))
}

/// `AccountViewSystemData`
pub(super) fn read_dictionary(state: &AccountView, call: &Call<'_>) -> Result<Answer, Refusal> {
    let parameters = Parameters::of(call)?;
    if !parameters.get("businessobject").eq_ignore_ascii_case("FLD") {
        return Err(rule("Business object bestaat niet."));
    }
    dictionary(state, &parameters)
}

fn dictionary(state: &AccountView, parameters: &Parameters) -> Result<Answer, Refusal> {
    let settings = &state.settings;
    let of = |table: &&'static Table| {
        let columns = table.columns().map(|column| (table.name, column));
        columns.collect::<Vec<_>>()
    };
    let there = TABLES.iter().flat_map(of);
    let there = there.filter(|(table, column)| !settings.missing_columns.contains(&format!("{table}.{}", column.name)));
    let row = |(table, column): (&'static str, Column)| Listed {
        row: Row::default()
            .with("FIELD_NAME", column.name)
            .with("DBF_NAME", table)
            .with("FIELD_LEN", Decimal::from(column.length))
            .with("FIELD_TYPE", column.kind.to_string().as_str())
            .with("INP_MAND", column.mandatory),
        lines: Vec::new(),
    };
    let page = page(&DCT_FLD, there.map(row).collect(), parameters, settings)?;
    let fields = Fields::read(parameters.get("fields"))?;
    let rows: Vec<Row> = page.into_iter().map(|it| it.row).collect();
    let shown = show(&DCT_FLD, DCT_FLD.technical, &rows, &fields, settings, &|place| (number(place), ""));
    Ok(Answer::json(StatusCode::OK, &Node::Object(vec![("DCT_FLD".into(), shown)])))
}

/// `AccountViewSystemBusinessObjects`
pub(super) fn objects(state: &AccountView) -> Answer {
    let objects = [
        ("AP1", "Crediteuren", true),
        ("AR1", "Debiteuren", true),
        ("CC1", "Kostenplaatsen", false),
        ("CON", "Relaties", false),
        ("DJ1", "Dagboeken", false),
        ("DJ2", "Dagboekbladzijden", state.settings.insert_allowed),
        ("DJ2P", "Dagboekbladzijden", false),
        ("GJ1", "Mutaties", false),
        ("GL1", "Grootboekrekeningen", false),
        ("PER", "Periodes", false),
        ("PJ1", "Projecten", false),
        ("VA1", "BTW-codes", false),
    ];
    let rows = objects.into_iter().map(|(code, description, insert)| {
        Node::object([
            ("Code", Node::text(code)),
            ("Description", Node::text(description)),
            ("InsertAllowed", Node::Bool(insert)),
            ("UpdateAllowed", Node::Bool(insert)),
            ("DeleteAllowed", Node::Bool(false)),
        ])
    });
    Answer::json(StatusCode::OK, &Node::List(rows.collect()))
}

/// The first day of a year and its last.
pub(super) fn calendar(year: i32) -> (NaiveDate, NaiveDate) {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(1, 1), day(12, 31))
}
