//! CAMT.053 of ISO 20022, any version.

use super::{STATEMENTS_MAX, StatementSummary, Together, value};
use crate::{
    ReadError, encoding,
    values::parse_date,
    xml::{Element, Space::Camt, Xml},
};
use domain::{money::Currency, time::Date};

/// Whether the file is a `Document` of CAMT.053 that begins with a statement.
pub(super) fn is_statement(bytes: &[u8]) -> bool {
    let Ok(text) = encoding::to_utf8(bytes) else { return false };
    let mut xml = Xml::new(&text);
    let Ok(root) = xml.root() else { return false };
    is_root(root) && matches!(xml.child(), Ok(Some(child)) if is(child, b"BkToCstmrStmt"))
}

fn is_root(root: Element<'_>) -> bool {
    is(root, b"Document")
}

fn is(element: Element<'_>, name: &[u8]) -> bool {
    element.space == Camt && element.local == name
}

pub(super) fn summary(bytes: &[u8]) -> StatementSummary {
    let mut together = Together::default();
    if let Ok(text) = encoding::to_utf8(bytes) {
        let mut xml = Xml::new(&text);
        // What was read before the file broke off stands.
        let _: Result<(), ReadError> = document(&mut xml, &mut together);
    }
    together.finish()
}

fn document(xml: &mut Xml<'_>, together: &mut Together) -> Result<(), ReadError> {
    if !is_root(xml.root()?) {
        return Ok(());
    }
    let mut statements = 0;
    while let Some(message) = xml.child()? {
        if !is(message, b"BkToCstmrStmt") {
            xml.skip()?;
            continue;
        }
        while let Some(element) = xml.child()? {
            if is(element, b"Stmt") && statements < STATEMENTS_MAX {
                statements += 1;
                statement(xml, together)?;
            } else {
                xml.skip()?;
            }
        }
    }
    Ok(())
}

fn statement(xml: &mut Xml<'_>, together: &mut Together) -> Result<(), ReadError> {
    let mut numbers = [None, None, None];
    let mut dates = Dates::default();
    let read = statement_parts(xml, together, &mut numbers, &mut dates);
    let [electronic, legal, id] = numbers;
    together.number(electronic.or(legal).or(id));
    together.from(dates.from.or(dates.opening));
    together.to(dates.to.or(dates.closing));
    read
}

/// The stated days, and the days of the balances.
#[derive(Default)]
struct Dates {
    from: Option<Date>,
    to: Option<Date>,
    opening: Option<Date>,
    closing: Option<Date>,
}

fn statement_parts(
    xml: &mut Xml<'_>,
    together: &mut Together,
    [electronic, legal, id]: &mut [Option<String>; 3],
    dates: &mut Dates,
) -> Result<(), ReadError> {
    while let Some(element) = xml.child()? {
        if element.space != Camt {
            xml.skip()?;
            continue;
        }
        match element.local {
            b"Id" => *id = text(xml, element)?,
            b"ElctrncSeqNb" => *electronic = text(xml, element)?,
            b"LglSeqNb" => *legal = text(xml, element)?,
            b"FrToDt" => {
                while let Some(element) = xml.child()? {
                    match element.local {
                        b"FrDtTm" => dates.from = day(xml, element)?,
                        b"ToDtTm" => dates.to = day(xml, element)?,
                        _ => xml.skip()?,
                    }
                }
            }
            b"Acct" => account(xml, together)?,
            b"Bal" => balance(xml, together, dates)?,
            _ => xml.skip()?,
        }
    }
    Ok(())
}

fn text<'i>(xml: &mut Xml<'i>, element: Element<'i>) -> Result<Option<String>, ReadError> {
    Ok(xml.text(element)?.as_deref().and_then(value))
}

/// The day of a date or of a time, which is not shifted.
fn day<'i>(xml: &mut Xml<'i>, element: Element<'i>) -> Result<Option<Date>, ReadError> {
    Ok(xml.text(element)?.and_then(|text| parse_date(text.get(..10)?)))
}

fn account(xml: &mut Xml<'_>, together: &mut Together) -> Result<(), ReadError> {
    while let Some(element) = xml.child()? {
        match element.local {
            b"Id" => {
                while let Some(element) = xml.child()? {
                    match element.local {
                        b"IBAN" => together.account(text(xml, element)?),
                        b"Othr" => together.account(xml.text_at(&[(Camt, b"Id")])?.as_deref().and_then(value)),
                        _ => xml.skip()?,
                    }
                }
            }
            b"Ccy" => together.currency(text(xml, element)?.and_then(|code| code.parse::<Currency>().ok())),
            _ => xml.skip()?,
        }
    }
    Ok(())
}

fn balance(xml: &mut Xml<'_>, together: &mut Together, dates: &mut Dates) -> Result<(), ReadError> {
    let mut code = None;
    let mut date = None;
    while let Some(element) = xml.child()? {
        match element.local {
            b"Tp" => code = xml.text_at(&[(Camt, b"CdOrPrtry"), (Camt, b"Cd")])?,
            b"Amt" => {
                together.currency(element.attribute("Ccy").and_then(|code| code.parse().ok()));
                xml.skip()?;
            }
            b"Dt" => {
                while let Some(element) = xml.child()? {
                    match element.local {
                        b"Dt" | b"DtTm" => date = day(xml, element)?,
                        _ => xml.skip()?,
                    }
                }
            }
            _ => xml.skip()?,
        }
    }
    match code.as_deref() {
        Some("OPBD" | "PRCD") => dates.opening = dates.opening.or(date),
        Some("CLBD") => dates.closing = dates.closing.max(date),
        _ => {}
    }
    Ok(())
}
