//! What is read: lists, and single records.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::refusal::{Refusal, rule};
use super::state::{Amount, Database, Direction, Filters, Invoice, JournalKind, Line, Relation};
use crate::json::Node;

/// A Dutch day, without leading zeros.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%-d-%-m-%Y").to_string()
}

/// A list of names and values.
fn pairs<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Node> {
    rows.into_iter()
        .map(|(name, value)| Node::object([("name", Node::text(name)), ("value", Node::text(value))]))
        .collect()
}

/// Administrations.
pub(super) fn administrations(databases: &[Database]) -> Vec<Node> {
    pairs(databases.iter().map(|database| (database.id.as_str(), database.name.as_str())))
}

/// Administrations, with more about each.
pub(super) fn administration_infos(databases: &[Database]) -> Vec<Node> {
    let row = |database: &Database| {
        Node::object([
            ("administrationId", Node::text(&database.id)),
            ("code", Node::text(&database.id)),
            ("description", Node::text(&database.name)),
            ("shortName", Node::text(&database.name)),
            ("users", Node::List(Vec::new())),
        ])
    };
    databases.iter().map(row).collect()
}

/// The number of a type of journals.
fn journal_type(kind: JournalKind) -> i64 {
    match kind {
        JournalKind::Purchase => 1,
        JournalKind::Sales => 2,
        JournalKind::Memorial => 5,
    }
}

/// A list of an administration by its path under it; none when there is no such list.
pub(super) fn list(
    books: &Database,
    segments: &[&str],
    parameter: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Vec<Node>>, Refusal> {
    let year = || parameter("fiscalYear").and_then(|year| year.parse::<i64>().ok());
    let rows = match segments {
        ["fiscalyearinfolist"] => {
            books.years.iter().map(|year| Node::object([("fiscalYear", Node::Int(year.year))])).collect()
        }
        ["periodinfolist"] => periods(books, year()),
        ["journaltypenvl"] => pairs([("1", "Inkoop"), ("2", "Verkoop"), ("5", "Memoriaal")]),
        ["journalinfolist"] => {
            let year = year().ok_or_else(|| rule("REQUIRED", "fiscalYear is verplicht", "fiscalYear"))?;
            let row = |journal: &super::state::Journal| {
                Node::object([
                    ("journalId", Node::text(&journal.id)),
                    ("description", Node::text(&journal.name)),
                    ("journalType", Node::Int(journal_type(journal.kind))),
                    ("fiscalYear", Node::Int(year)),
                    ("currencyId", Node::text("EUR")),
                    ("journalTransaction", Node::Int(journal.last.get(&year).copied().unwrap_or_default())),
                ])
            };
            books.journals.iter().map(row).collect()
        }
        ["accountinfolist", year] => {
            let row = |(id, name): (&String, &String)| {
                Node::object([("accountId", Node::text(id)), ("description", Node::text(name))])
            };
            fiscal(books, year)?.accounts.iter().map(row).collect()
        }
        ["accountnvl"] => {
            let year = year().and_then(|year| books.year(year));
            let accounts = year.into_iter().flat_map(|year| &year.accounts);
            pairs(accounts.map(|(id, name)| (id.as_str(), name.as_str())))
        }
        ["vatcodeinfolist"] => vat_codes(books),
        ["purchasevatscenarionvl" | "salesvatscenarionvl"] => {
            let rows: Vec<(String, &str)> =
                books.scenarios.iter().map(|(id, name)| (id.to_string(), name.as_str())).collect();
            pairs(rows.iter().map(|(id, name)| (id.as_str(), *name)))
        }
        ["paymentconditioninfolist"] => {
            let row = |(id, name, days): &(String, String, i64)| {
                Node::object([
                    ("paymentConditionId", Node::text(id)),
                    ("description", Node::text(name)),
                    ("days", Node::Int(*days)),
                ])
            };
            books.conditions.iter().map(row).collect()
        }
        ["costcentrenvl"] => pairs(books.cost_centres.iter().map(|(id, name)| (id.as_str(), name.as_str()))),
        ["costunitnvl"] => pairs(books.cost_units.iter().map(|(id, name)| (id.as_str(), name.as_str()))),
        ["currencyinfolist"] => {
            let row = |(id, rate): (&String, &Decimal)| {
                Node::object([("currencyId", Node::text(id)), ("exchangeRate", Node::Number(*rate))])
            };
            books.currencies.iter().map(row).collect()
        }
        ["supplierinfolist"] => relations(books, Direction::Purchase),
        ["customerinfolist"] => relations(books, Direction::Sales),
        ["suppliernvl"] => relation_pairs(books, Direction::Purchase),
        ["customernvl"] => relation_pairs(books, Direction::Sales),
        ["bankaccountinfolist"] => bank_accounts(books, parameter("organizationId").as_deref()),
        ["bankaccountinfolist", "bysupplierid", code] => of_relation(books, Direction::Purchase, code),
        ["bankaccountinfolist", "bycustomerid", code] => of_relation(books, Direction::Sales, code),
        ["supplierinvoiceinfolist", rest @ ..] => invoices(books, Direction::Purchase, rest, parameter)?,
        ["customerinvoiceinfolist", rest @ ..] => invoices(books, Direction::Sales, rest, parameter)?,
        _ => return Ok(None),
    };
    Ok(Some(rows))
}

fn fiscal<'a>(books: &'a Database, year: &str) -> Result<&'a super::state::Year, Refusal> {
    let known = year.parse().ok().and_then(|year| books.year(year));
    known.ok_or_else(|| rule("YEAR", format!("Boekjaar {year} bestaat niet"), "fiscalYear"))
}

fn periods(books: &Database, year: Option<i64>) -> Vec<Node> {
    let years = books.years.iter().filter(|known| year.is_none_or(|year| year == known.year));
    years
        .flat_map(|year| {
            year.periods.iter().map(|period| {
                Node::object([
                    ("fiscalYear", Node::Int(year.year)),
                    ("periodNumber", Node::Int(period.number)),
                    ("startDate", Node::text(day(period.days.0))),
                    ("endDate", Node::text(day(period.days.1))),
                    ("state", Node::text(if period.closed { "Afgesloten" } else { "Open" })),
                ])
            })
        })
        .collect()
}

fn vat_codes(books: &Database) -> Vec<Node> {
    let row = |code: &super::state::VatCode| {
        let by_date = code.percentages.iter().map(|(from, percent)| {
            Node::object([
                ("startDate", Node::text(day(*from))),
                ("vatCodeId", Node::Int(code.id)),
                ("vatPercentage", Node::Number(*percent)),
            ])
        });
        Node::object([
            ("vatCodeId", Node::Int(code.id)),
            ("description", Node::text(&code.name)),
            ("vatPercentage", Node::Number(code.percentages.values().last().copied().unwrap_or_default())),
            ("vatPercentagesByDate", Node::List(by_date.collect())),
        ])
    };
    books.vat_codes.iter().map(row).collect()
}

fn of(books: &Database, direction: Direction) -> impl Iterator<Item = &Relation> {
    books.relations.iter().filter(move |relation| relation.direction == direction)
}

fn relations(books: &Database, direction: Direction) -> Vec<Node> {
    of(books, direction).map(relation_node).collect()
}

fn relation_pairs(books: &Database, direction: Direction) -> Vec<Node> {
    pairs(of(books, direction).map(|relation| (relation.code.as_str(), relation.name.as_str())))
}

/// A supplier or customer.
pub(super) fn relation_node(relation: &Relation) -> Node {
    let id = match relation.direction {
        Direction::Purchase => "supplierId",
        Direction::Sales => "customerId",
    };
    Node::object([
        (id, Node::text(&relation.code)),
        ("name", Node::text(&relation.name)),
        ("shortName", Node::text(&relation.short_name)),
        ("vatNumber", Node::text(&relation.vat_number)),
        ("cocRegistration", Node::text(&relation.registry)),
        ("organizationId", Node::text(&relation.organisation)),
        ("currencyId", Node::text("EUR")),
        ("messages", Node::List(Vec::new())),
    ])
}

fn bank_accounts(books: &Database, organisation: Option<&str>) -> Vec<Node> {
    let of_it = books.bank_accounts.iter().filter(|(of, _)| organisation.is_none_or(|wanted| wanted == of));
    let row = |(organisation, iban): &(String, String)| {
        Node::object([("organizationId", Node::text(organisation)), ("iban", Node::text(iban))])
    };
    of_it.map(row).collect()
}

fn of_relation(books: &Database, direction: Direction, code: &str) -> Vec<Node> {
    let relation = books.relation(direction, code);
    relation.map_or_else(Vec::new, |relation| bank_accounts(books, Some(&relation.organisation)))
}

/// Lists of invoices: by fiscal year, by journal, of a relation.
fn invoices(
    books: &Database,
    direction: Direction,
    segments: &[&str],
    parameter: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Node>, Refusal> {
    let (year, journal, relation, state) = match segments {
        ["byfiscalyear", year, state] => (Some(fiscal(books, year)?.year), None, parameter("id"), *state),
        ["byjournal", year, journal, "", state] => {
            (Some(fiscal(books, year)?.year), Some((*journal).to_owned()), None, *state)
        }
        ["openinvoices", relation] => (None, None, Some((*relation).to_owned()), "1"),
        [relation] => (None, None, Some((*relation).to_owned()), "0"),
        _ => return Err(Refusal::NotFound),
    };
    let fits = |invoice: &&Invoice| {
        invoice.direction == direction
            && year.is_none_or(|year| invoice.year == year)
            && journal.as_ref().is_none_or(|journal| invoice.journal.eq_ignore_ascii_case(journal))
            && relation.as_ref().is_none_or(|relation| invoice.relation.eq_ignore_ascii_case(relation))
            // None was ever paid.
            && state != "2"
    };
    Ok(books.invoices.iter().filter(fits).map(invoice_row).collect())
}

/// A row of a list of invoices.
fn invoice_row(invoice: &Invoice) -> Node {
    let relation = match invoice.direction {
        Direction::Purchase => "supplierId",
        Direction::Sales => "customerId",
    };
    Node::object([
        ("invoiceId", Node::text(&invoice.id)),
        (relation, Node::text(&invoice.relation)),
        // In the record itself it is called otherwise.
        ("invoiceReference", Node::text(&invoice.reference)),
        ("paymentReference", Node::text(&invoice.payment_reference)),
        ("invoiceDate", Node::text(day(invoice.date))),
        ("invoiceExpirationDate", Node::text(day(invoice.due))),
        ("invoiceAmount", Node::Number(invoice.total.base)),
        ("invoiceAmountCur", Node::Number(invoice.total.own)),
        ("invoiceBalance", Node::Number(invoice.total.base)),
        ("vatAmount", Node::Number(invoice.vat.base)),
        ("fiscalYear", Node::Int(invoice.year)),
        ("currencyId", Node::text(&invoice.currency)),
        ("state", Node::Int(1)),
        ("paymentConditionId", Node::text(&invoice.condition)),
    ])
}

/// An invoice as it is kept.
pub(super) fn invoice_node(invoice: &Invoice) -> Node {
    let (relation, lines) = match invoice.direction {
        Direction::Purchase => ("supplierId", "supplierInvoiceLines"),
        Direction::Sales => ("customerId", "customerInvoiceLines"),
    };
    let link = invoice.link.as_ref().map_or(Node::Null, |link| {
        Node::object([
            ("documentLink", Node::text(&link.address)),
            ("description", Node::text(&link.description)),
            ("reference", Node::text(&link.reference)),
            ("subject", Node::text(&link.subject)),
        ])
    });
    Node::object([
        ("invoiceId", Node::text(&invoice.id)),
        (relation, Node::text(&invoice.relation)),
        ("journalId", Node::text(&invoice.journal)),
        ("journalTransaction", Node::Int(invoice.transaction)),
        ("fiscalYear", Node::Int(invoice.year)),
        ("periodNumber", Node::Int(invoice.period)),
        ("invoiceDate", Node::text(day(invoice.date))),
        ("invoiceExpirationDate", Node::text(day(invoice.due))),
        ("paymentConditionId", Node::text(&invoice.condition)),
        ("paymentReference", Node::text(&invoice.payment_reference)),
        ("reference", Node::text(&invoice.reference)),
        ("currencyId", Node::text(&invoice.currency)),
        ("exchangeRate", Node::Number(invoice.rate)),
        ("amountTotal", Node::Number(invoice.total.base)),
        ("amountTotalCur", Node::Number(invoice.total.own)),
        ("totalAmountVatExcl", Node::Number(invoice.net.base)),
        ("totalAmountVatExclCur", Node::Number(invoice.net.own)),
        ("vatAmount", Node::Number(invoice.vat.base)),
        ("vatAmountCur", Node::Number(invoice.vat.own)),
        ("documentLink", link),
        ("canChange", Node::Bool(true)),
        ("cannotChangeReason", Node::text("")),
        ("messages", Node::List(Vec::new())),
        (lines, Node::List(invoice.lines.iter().map(line_node).collect())),
    ])
}

fn line_node(line: &Line) -> Node {
    let zero = Amount::default();
    let (debit, credit) = (line.debit.unwrap_or(zero), line.credit.unwrap_or(zero));
    Node::object([
        ("accountId", Node::text(&line.account)),
        ("description", Node::text(&line.description)),
        ("debitAmount", Node::Number(debit.base)),
        ("debitAmountCur", Node::Number(debit.own)),
        ("creditAmount", Node::Number(credit.base)),
        ("creditAmountCur", Node::Number(credit.own)),
        ("vatAmount", Node::Number(line.vat.base)),
        ("vatAmountCur", Node::Number(line.vat.own)),
        ("vatCodeId", line.vat_code.map_or(Node::Null, Node::Int)),
        ("costCentreId", Node::text(&line.cost_centre)),
        ("costUnitId", Node::text(&line.cost_unit)),
        ("document", Node::text(&line.document)),
    ])
}

/// Filters and cuts a list as `OData` has it. Only `Property eq value` is known here.
pub(super) fn odata(
    rows: Vec<Node>,
    filters: Filters,
    parameter: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Node>, Refusal> {
    if filters == Filters::Ignored {
        return Ok(rows);
    }
    let wrong = |text: &str| rule("ODATA", format!("Onbekend: {text}"), "$filter");
    let number = |name: &str| parameter(name).map(|text| text.parse::<usize>().map_err(|_| wrong(&text))).transpose();
    let filter = match parameter("$filter") {
        None => None,
        Some(text) => {
            let (name, value) = text.split_once(" eq ").ok_or_else(|| wrong(&text))?;
            if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                return Err(wrong(&text));
            }
            Some((name.to_owned(), value.trim_matches('\'').replace("''", "'")))
        }
    };
    let fits = |row: &Node| filter.as_ref().is_none_or(|(name, value)| member(row, name).as_ref() == Some(value));
    let (skip, top) = (number("$skip")?.unwrap_or_default(), number("$top")?.unwrap_or(usize::MAX));
    Ok(rows.into_iter().filter(fits).skip(skip).take(top).collect())
}

fn member(row: &Node, name: &str) -> Option<String> {
    let Node::Object(members) = row else { return None };
    members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| match value {
        Node::Text(text) => Some(text.clone()),
        Node::Int(number) => Some(number.to_string()),
        Node::Number(number) => Some(number.normalize().to_string()),
        Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => None,
    })
}
