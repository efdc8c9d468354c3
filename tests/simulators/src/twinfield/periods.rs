//! The service that lists the periods of a year.

use chrono::{Months, NaiveDate};

use super::books::Twinfield;
use super::service::Call;
use super::xml::Element;

const TYPES: &str = "http://schemas.datacontract.org/2004/07/Twinfield.WebServices.PeriodService";

/// Answers a query.
pub fn answer(books: &Twinfield, call: &Call, query: &Element) -> Result<Element, &'static str> {
    let kind = query.attributes.iter().find(|(name, _)| name.ends_with(":type")).map(|(_, value)| value.as_str());
    if query.local() != "Query" || !kind.is_some_and(|kind| kind.ends_with("GetPeriods")) {
        return Err("The query is not known.");
    }
    let year: i32 = query.text_of("Year").and_then(|year| year.parse().ok()).ok_or("The year is missing.")?;
    let office = call.company.as_deref().and_then(|company| books.office(company)).ok_or("No such company.")?;
    if !office.years.contains(&year) {
        return Err("YearNotFound");
    }
    let periods = (1..=12).map(|number| {
        let first = NaiveDate::from_ymd_opt(year, number, 1).unwrap_or_default();
        let end = (first + Months::new(1)).pred_opt().unwrap_or(first);
        Element::new("a:Period")
            .field("a:EndDate", &format!("{end}T00:00:00"))
            .field("a:Name", &format!("Periode {number}"))
            .field("a:Number", &number.to_string())
            .field("a:Open", if office.closed.contains(&(year, number)) { "false" } else { "true" })
    });
    let result = Element::new("QueryResult")
        .attribute("xmlns", "http://www.twinfield.com/")
        .attribute("xmlns:a", TYPES)
        .with(Element::new("a:Periods").with_all(periods));
    Ok(result)
}
