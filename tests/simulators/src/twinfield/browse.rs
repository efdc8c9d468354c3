//! Browses 100 and 200: lines of customers and suppliers, drafts and finals.

use super::books::{Line, LineKind, Office, Transaction, Twinfield};
use super::messages;
use super::process::failed;
use super::service::{self, Call};
use super::xml::Element;

/// Answers a browse.
pub fn answer(books: &Twinfield, call: &Call, request: &Element) -> Element {
    let company = call.company.as_deref().unwrap_or_default();
    let refuse = |text: &str| failed(request.clone(), text);
    if let Err(text) = service::may_open(books, call, company) {
        return refuse(&text);
    }
    let Some(office) = books.office(company) else { return refuse(&messages::no_office(call.language)) };
    let sales = match request.get("code") {
        Some("100") => true,
        Some("200") => false,
        _ => return refuse(&messages::not_implemented(call.language)),
    };
    let columns: Vec<&Element> = request.children.iter().filter(|child| child.name == "column").collect();
    for column in &columns {
        let field = column.text_of("field").unwrap_or_default();
        let operators: &[&str] = match field {
            "fin.trs.head.yearperiod" => &["between"],
            "fin.trs.line.dim2" => &["between", "equal"],
            "fin.trs.head.code" | "fin.trs.line.invnumber" => &["equal"],
            "fin.trs.head.number"
            | "fin.trs.head.status"
            | "fin.trs.head.date"
            | "fin.trs.line.matchstatus"
            | "fin.trs.line.valuesigned"
            | "fin.trs.line.basevaluesigned"
            | "fin.trs.line.openbasevaluesigned" => &[],
            _ => return refuse(&messages::no_column(call.language, field)),
        };
        if column.text_of("operator").is_some_and(|operator| !operators.contains(&operator)) {
            return refuse(&messages::no_column(call.language, field));
        }
    }
    let of_side =
        |transaction: &&Transaction| office.daybook(&transaction.daybook).is_some_and(|daybook| daybook.sales == sales);
    let mut rows = Vec::new();
    for transaction in office.transactions.iter().filter(of_side) {
        let relation_lines = transaction.lines.iter().zip(1..).filter(|(line, _)| line.kind == LineKind::Total);
        for (line, number) in relation_lines {
            if columns.iter().all(|column| fits(office, transaction, line, column)) {
                let cells = columns.iter().filter(|column| column.text_of("visible") == Some("true")).map(|column| {
                    let field = column.text_of("field").unwrap_or_default();
                    Element::of("td", &value(office, transaction, line, field))
                        .attribute("field", field)
                        .attribute("hideforuser", "false")
                        .attribute("type", "String")
                });
                let key = Element::new("key")
                    .field("office", &office.code)
                    .field("code", &transaction.daybook)
                    .field("number", &transaction.number.to_string())
                    .field("line", &number.to_string());
                rows.push(Element::new("tr").with_all(cells).with(key));
            }
        }
    }
    let heads = columns.iter().map(|column| {
        Element::of("td", column.text_of("field").unwrap_or_default())
            .attribute("label", column.text_of("label").unwrap_or_default())
            .attribute("hideforuser", "false")
            .attribute("type", "String")
    });
    Element::new("browse")
        .attribute("result", "1")
        .attribute("first", "1")
        .attribute("last", &rows.len().to_string())
        .attribute("total", &rows.len().to_string())
        .with(Element::new("th").with_all(heads))
        .with_all(rows)
}

fn fits(office: &Office, transaction: &Transaction, line: &Line, column: &Element) -> bool {
    let (from, to) = (column.text_of("from").unwrap_or_default(), column.text_of("to").unwrap_or_default());
    if column.text_of("operator").is_none() || from.is_empty() {
        return true;
    }
    let value = value(office, transaction, line, column.text_of("field").unwrap_or_default());
    match column.text_of("operator") {
        Some("between") => from <= value.as_str() && (to.is_empty() || value.as_str() <= to),
        _ => value == from,
    }
}

fn value(office: &Office, transaction: &Transaction, line: &Line, field: &str) -> String {
    match field {
        "fin.trs.head.yearperiod" => format!("{}/{:02}", transaction.period.0, transaction.period.1),
        "fin.trs.head.code" => transaction.daybook.clone(),
        "fin.trs.head.number" => transaction.number.to_string(),
        "fin.trs.head.status" => if transaction.last { "final" } else { "temporary" }.to_owned(),
        "fin.trs.head.date" => transaction.date.format("%Y%m%d").to_string(),
        "fin.trs.line.dim2" => line.dim2.clone(),
        "fin.trs.line.invnumber" => transaction.invoice_number.clone(),
        "fin.trs.line.matchstatus" => "available".to_owned(),
        "fin.trs.line.valuesigned" => format!("{:.2}", line.amount),
        "fin.trs.line.basevaluesigned" | "fin.trs.line.openbasevaluesigned" => {
            let rate = office.currencies.get(&transaction.currency).copied().unwrap_or_default();
            format!("{:.2}", line.amount * rate)
        }
        _ => String::new(),
    }
}
