//! The finder: a page of codes and names that a pattern fits.

use super::books::{Dimension, Office, Twinfield};
use super::service::{self, Call};
use super::xml::Element;

/// Answers a search; `None` when the request has not the form of one.
pub fn answer(books: &Twinfield, call: &Call, request: &Element) -> Option<Element> {
    if request.local() != "Search" {
        return None;
    }
    let number = |name: &str| request.text_of(name)?.parse::<usize>().ok();
    let (kind, pattern) = (request.text_of("type")?, request.text_of("pattern").unwrap_or("*"));
    let (field, first, most) = (number("field")?, number("firstRow")?, number("maxRows")?);
    let mut options = Vec::new();
    for pair in request.child("options").into_iter().flat_map(|options| &options.children) {
        let [name, value] = pair.children.as_slice() else { return None };
        if pair.local() != "ArrayOfString" {
            return None;
        }
        options.push((name.text.trim(), value.text.trim()));
    }
    let option = |name: &str| options.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let refuse = |code: &str, text: &str| {
        let message = Element::new("MessageOfErrorCodes")
            .field("Type", "Error")
            .field("Text", text)
            .field("Code", code)
            .with(Element::new("Parameters"));
        Some(response(Element::new("SearchResult").with(message), 0, Vec::new()))
    };
    if first < 1 || most < 1 {
        return refuse("ParameterTooSmall", "Parameter is too small.");
    }
    let company = option("office").or(call.company.as_deref()).unwrap_or_default();
    if let Err(text) = service::may_open(books, call, company) {
        return refuse("NoAccessToOffice", &text);
    }
    let office = books.office(company)?;
    let allowed: &[&str] = match kind {
        "DIM" => &["dimtype", "office", "includehidden", "modifiedsince"],
        "TRS" => &["category", "office", "hidden", "ic"],
        "VAT" | "VATN" | "OFF" => &["office"],
        _ => return refuse("InvalidFinderType", "The finder type is invalid."),
    };
    if options.iter().any(|(name, _)| !allowed.contains(name)) {
        return refuse("OptionNotAllowed", "The option is not allowed.");
    }
    let rows = match kind {
        "DIM" => {
            let Some(of) = option("dimtype") else {
                return refuse("OptionMandatory", "The option dimtype is mandatory.");
            };
            let hidden = option("includehidden") == Some("1");
            let of_kind = office.dimensions.iter().filter(|one| one.kind == of && (one.active || hidden || field > 2));
            of_kind.filter(|one| dimension_fits(one, field, pattern)).map(|one| named(&one.code, &one.name)).collect()
        }
        "TRS" => {
            let sales = match option("category") {
                Some("sales") => Some(true),
                Some("purchase") => Some(false),
                Some("journal") => return Some(response(Element::new("SearchResult"), 0, Vec::new())),
                Some(_) => return refuse("InvalidEnumerationOptionValue", "The option value is invalid."),
                None => None,
            };
            let of_kind = office.daybooks.iter().filter(|daybook| sales.is_none_or(|sales| sales == daybook.sales));
            coded(of_kind.map(|daybook| (daybook.code.as_str(), daybook.name.as_str())), field, pattern)
        }
        "VAT" => coded(office.vat_codes.iter().map(|vat| (vat.code.as_str(), vat.name.as_str())), field, pattern),
        "VATN" => vat_numbers(office, pattern),
        _ => books
            .organisation(&call.organisation)
            .map(|organisation| {
                let offices =
                    organisation.offices.iter().filter(|one| service::may_open(books, call, &one.code).is_ok());
                coded(offices.map(|office| (office.code.as_str(), office.name.as_str())), field, pattern)
            })
            .unwrap_or_default(),
    };
    let total = rows.len();
    let page = rows.into_iter().skip(first - 1).take(most).collect();
    Some(response(Element::new("SearchResult"), total, page))
}

fn response(result: Element, total: usize, rows: Vec<Vec<String>>) -> Element {
    let cells =
        |row: Vec<String>| Element::new("ArrayOfString").with_all(row.iter().map(|cell| Element::of("string", cell)));
    let data = Element::new("data")
        .field("TotalRows", &total.to_string())
        .with(Element::new("Columns").field("string", "Code").field("string", "Naam"))
        .with(Element::new("Items").with_all(rows.into_iter().map(cells)));
    Element::new("SearchResponse").attribute("xmlns", "http://www.twinfield.com/").with(result).with(data)
}

fn named(code: &str, name: &str) -> Vec<String> {
    vec![code.to_owned(), name.to_owned()]
}

fn coded<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, field: usize, pattern: &str) -> Vec<Vec<String>> {
    let fits_field = |code: &str, name: &str| match field {
        1 => fits(code, pattern),
        2 => fits(name, pattern),
        _ => fits(code, pattern) || fits(name, pattern),
    };
    all.filter(|(code, name)| fits_field(code, name)).map(|(code, name)| named(code, name)).collect()
}

fn dimension_fits(dimension: &Dimension, field: usize, pattern: &str) -> bool {
    match field {
        1 => fits(&dimension.code, pattern),
        2 => fits(&dimension.name, pattern),
        3 => dimension.ibans.iter().any(|iban| fits(iban, pattern)),
        // The fields of the address hold both numbers.
        4 => fits(&dimension.vat_number, pattern) || fits(&dimension.registry, pattern),
        _ => fits(&dimension.code, pattern) || fits(&dimension.name, pattern),
    }
}

fn vat_numbers(office: &Office, pattern: &str) -> Vec<Vec<String>> {
    let relations = office.dimensions.iter().filter(|one| matches!(one.kind.as_str(), "CRD" | "DEB"));
    let fitting = relations.filter(|one| !one.vat_number.is_empty() && fits(&one.vat_number, pattern));
    fitting.map(|one| named(&one.code, &one.vat_number)).collect()
}

/// Whether a text fits a pattern with `*` and `?`, whatever its case.
fn fits(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    // What of the pattern is matched after each character of the text.
    let mut reached = vec![false; pattern.len() + 1];
    let spread = |reached: &mut Vec<bool>| {
        for (place, sign) in pattern.iter().enumerate() {
            if *sign == '*'
                && reached.get(place) == Some(&true)
                && let Some(next) = reached.get_mut(place + 1)
            {
                *next = true;
            }
        }
    };
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    spread(&mut reached);
    for character in text {
        let mut next = vec![false; pattern.len() + 1];
        for (place, sign) in pattern.iter().enumerate() {
            if reached.get(place) != Some(&true) {
                continue;
            }
            let to = if *sign == '*' { place } else { place + 1 };
            if (*sign == '*' || *sign == '?' || *sign == character)
                && let Some(slot) = next.get_mut(to)
            {
                *slot = true;
            }
        }
        reached = next;
        spread(&mut reached);
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_stars_and_question_marks() {
        for (text, pattern, fit) in [
            ("Paper Co", "*paper*", true),
            ("Paper Co", "paper", false),
            ("2001", "20?1", true),
            ("2001", "*", true),
            ("", "*", true),
            ("2001", "2*1", true),
            ("2002", "2*1", false),
            ("", "", true),
        ] {
            assert_eq!(fits(text, pattern), fit, "{text} {pattern}");
        }
    }
}
