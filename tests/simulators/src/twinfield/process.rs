//! `ProcessXml`: lists, reads, browses, relations and transactions.

use super::books::{Charged, Dimension, Office, Transaction, Twinfield, VatCode};
use super::service::{self, Call};
use super::xml::Element;
use super::{browse, messages, rules, transaction};

/// More lines are refused without a word.
const LINES_MAX: usize = 1_000;

/// Answers a request; `None` stands for a bare 400.
pub fn answer(books: &mut Twinfield, call: &Call, request: Element) -> Option<Element> {
    Some(match request.name.as_str() {
        "list" => list(books, call, request),
        "read" => read(books, call, request),
        "columns" => browse::answer(books, call, &request),
        "dimension" => dimension(books, call, request),
        "transaction" if request.get("action") == Some("delete") => delete(books, call, request),
        "transaction" => {
            if request.child("lines").is_some_and(|lines| lines.children.len() > LINES_MAX) {
                return None;
            }
            transaction::post(books, call, request)
        }
        "transactions" => {
            let mut answers = Element::new("transactions");
            for one in request.children {
                answers.children.push(answer(books, call, one)?);
            }
            answers
        }
        _ => failed(request, &messages::not_implemented(call.language)),
    })
}

/// A request that is refused as a whole.
pub fn failed(mut request: Element, text: &str) -> Element {
    request.complain("error", text);
    request
}

fn opened<'b>(books: &'b Twinfield, call: &Call, request: &Element) -> Result<&'b Office, String> {
    let code = request.text_of("office").or(call.company.as_deref()).unwrap_or_default();
    service::may_open(books, call, code)?;
    books.office(code).ok_or_else(|| messages::no_office(call.language))
}

fn list(books: &Twinfield, call: &Call, request: Element) -> Element {
    if request.text_of("type") == Some("offices") {
        let organisation = books.organisation(&call.organisation);
        let offices = organisation.into_iter().flat_map(|organisation| &organisation.offices);
        let rows = offices.filter(|office| service::may_open(books, call, &office.code).is_ok()).map(|office| {
            Element::of("office", &office.code).attribute("name", &office.name).attribute("shortname", "")
        });
        return Element::new("offices").attribute("result", "1").with_all(rows);
    }
    if request.text_of("type") != Some("dimensions") {
        return failed(request, &messages::not_implemented(call.language));
    }
    let office = match opened(books, call, &request) {
        Ok(office) => office,
        Err(text) => return failed(request, &text),
    };
    let kind = request.text_of("dimtype").unwrap_or_default();
    let row =
        |code: &str, name: &str| Element::of("dimension", code).attribute("name", name).attribute("shortname", "");
    let rows = office.dimensions.iter().filter(|one| one.kind == kind && one.active);
    Element::new("dimensions")
        .attribute("office", &office.code)
        .attribute("type", kind)
        .attribute("result", "1")
        .with_all(rows.map(|one| row(&one.code, &one.name)))
        // The last row repeats the type.
        .with(row(kind, ""))
}

fn read(books: &Twinfield, call: &Call, mut request: Element) -> Element {
    let office = match opened(books, call, &request) {
        Ok(office) => office,
        Err(text) => return failed(request, &text),
    };
    let code = request.text_of("code").unwrap_or_default().to_owned();
    match request.text_of("type") {
        Some("office") if code == office.code => Element::new("office")
            .attribute("result", "1")
            .field("code", &office.code)
            .field("name", &office.name)
            .field("basecurrency", "EUR"),
        Some("office") => failed(request, &messages::no_access(call.language)),
        Some("dimensions") => {
            let kind = request.text_of("dimtype").unwrap_or_default();
            match office.dimension(&[kind], &code) {
                Some(found) => shown(office, found),
                None => {
                    let mut wrong = Element::of("code", &code);
                    wrong.complain("error", &messages::no_such(call.language, &code));
                    Element::new("dimension").attribute("result", "0").with(wrong)
                }
            }
        }
        Some("vat") => match office.vat_code(&code) {
            Some(vat) => shown_vat(vat),
            None => {
                let mut wrong = Element::of("code", &code);
                wrong.complain("error", &messages::no_vat_code(call.language, &code));
                Element::new("vat").attribute("result", "0").with(wrong)
            }
        },
        Some("transaction") => {
            let number = request.text_of("number").unwrap_or_default();
            let of = |one: &&Transaction| one.daybook == code && one.number.to_string() == number;
            match office.transactions.iter().find(of) {
                Some(found) => transaction::shown(books, call, office, found),
                None => {
                    let text = messages::no_transaction(call.language, number);
                    if let Some(element) = request.child_mut("number") {
                        element.complain("error", &text);
                    }
                    let mut answer = Element::new("transaction").attribute("result", "0");
                    answer.children = request.children;
                    answer
                }
            }
        }
        _ => failed(request, &messages::not_implemented(call.language)),
    }
}

fn shown(office: &Office, dimension: &Dimension) -> Element {
    let address = Element::new("address")
        .attribute("id", "1")
        .attribute("type", "invoice")
        .attribute("default", "true")
        .field("name", &dimension.name)
        .field("field4", &dimension.vat_number)
        .field("field5", &dimension.registry);
    let banks = dimension.ibans.iter().enumerate().map(|(index, iban)| {
        Element::new("bank").attribute("id", &(index + 1).to_string()).field("iban", iban).field("biccode", "")
    });
    Element::new("dimension")
        .attribute("status", if dimension.active { "active" } else { "deleted" })
        .attribute("result", "1")
        .field("office", &office.code)
        .field("type", &dimension.kind)
        .field("code", &dimension.code)
        .field("name", &dimension.name)
        .field("cocnumber", &dimension.registry)
        .field("vatnumber", &dimension.vat_number)
        .with(Element::new("financials").field("substitutewith", &dimension.substitute))
        .with(Element::new("addresses").with(address))
        .with(Element::new("banks").with_all(banks))
        .with(rules::shown(&dimension.rules))
}

fn shown_vat(vat: &VatCode) -> Element {
    let account = |id: &str, share: &str| {
        Element::new("account")
            .attribute("id", id)
            .field("dim1", &vat.account)
            .field("percentage", share)
            .field("linetype", "vat")
    };
    let accounts = match vat.charged {
        Charged::Once => vec![account("1", "100.00")],
        Charged::BothSides => vec![account("1", "100.00"), account("2", "-100.00")],
    };
    let percentages = vat.percentages.iter().map(|(from, percent)| {
        Element::new("percentage")
            .attribute("status", "active")
            .attribute("inuse", "true")
            .field("date", &from.format("%Y%m%d").to_string())
            .field("percentage", &format!("{percent:.9}"))
            .with(Element::new("accounts").with_all(accounts.clone()))
    });
    Element::new("vat")
        .attribute("status", if vat.active { "active" } else { "deleted" })
        .attribute("result", "1")
        .field("code", &vat.code)
        .field("name", &vat.name)
        .field("type", if vat.sales { "sales" } else { "purchase" })
        .with(Element::new("percentages").with_all(percentages))
}

/// Makes or changes a relation.
fn dimension(books: &mut Twinfield, call: &Call, mut request: Element) -> Element {
    const FIELDS: [&str; 10] =
        ["office", "type", "code", "name", "shortname", "website", "financials", "addresses", "banks", "postingrules"];
    let language = call.language;
    if let Err(text) = opened(books, call, &request) {
        return failed(request, &text);
    }
    let company = request.text_of("office").or(call.company.as_deref()).unwrap_or_default().to_owned();
    let Some(office) = books.office_mut(&company) else { return failed(request, &messages::no_office(language)) };
    let kind = request.text_of("type").unwrap_or_default().to_owned();
    let first = match kind.as_str() {
        "CRD" => '2',
        "DEB" => '1',
        _ => return failed(request, &messages::not_implemented(language)),
    };
    let mut wrong: Vec<(String, String)> = Vec::new();
    for child in request.children.iter().filter(|child| !FIELDS.contains(&child.name.as_str())) {
        wrong.push((child.name.clone(), messages::not_wanted(language, &child.name)));
    }
    let name = request.text_of("name").map(str::to_owned);
    if name.is_none() {
        wrong.push(("name".to_owned(), messages::field(language, "name")));
    }
    let code = match request.text_of("code") {
        Some(code) => Some(code.to_owned()),
        None => office.next_relation.get(&kind).map(ToString::to_string),
    };
    let former = code.as_ref().and_then(|code| office.dimension(&[&kind], code));
    let before = former.map(|former| former.rules.clone()).unwrap_or_default();
    let rules = match request.child_mut("postingrules") {
        Some(sent) => rules::read(language, office, first == '1', &before, sent),
        // What is left out is lost, as all else of a relation.
        None => Some(Vec::new()),
    };
    let in_mask =
        |code: &String| code.len() == 4 && code.starts_with(first) && code.bytes().all(|digit| digit.is_ascii_digit());
    if !code.as_ref().is_some_and(in_mask) {
        let mask = format!("{first}[0-9][0-9][0-9]");
        wrong.push(("code".to_owned(), messages::code_format(language, &mask)));
    }
    let banks: Vec<&Element> = request.child("banks").map(|banks| banks.children.iter().collect()).unwrap_or_default();
    if banks.iter().any(|bank| bank.text_of("ascription").is_some_and(|text| text.chars().count() > 40)) {
        wrong.push(("banks".to_owned(), messages::too_long(language, "ascription")));
    }
    let (Some(code), Some(name), Some(rules), true) = (code, name, rules, wrong.is_empty()) else {
        request.set("result", "0");
        for (field, text) in wrong {
            match request.child_mut(&field) {
                Some(child) => child.complain("error", &text),
                None => request.complain("error", &text),
            }
        }
        return request;
    };
    let address = request.child("addresses").and_then(|addresses| addresses.children.first());
    let of_address = |field: &str| address.and_then(|address| address.text_of(field)).unwrap_or_default().to_owned();
    let made = Dimension {
        name,
        active: request.get("status").is_none_or(|status| status == "active"),
        vat_number: of_address("field4"),
        registry: of_address("field5"),
        ibans: banks.iter().filter_map(|bank| bank.text_of("iban")).map(str::to_owned).collect(),
        substitute: if first == '2' { "1600" } else { "1300" }.to_owned(),
        kind: kind.clone(),
        code: code.clone(),
        needs_cost_centre: false,
        rules,
    };
    if request.text_of("code").is_none()
        && let Some(next) = office.next_relation.get_mut(&kind)
    {
        *next += 1;
    }
    let answer = shown(office, &made);
    match office.dimensions.iter_mut().find(|one| one.kind == kind && one.code == code) {
        Some(former) => *former = made,
        None => office.dimensions.push(made),
    }
    answer
}

/// Removes a draft.
fn delete(books: &mut Twinfield, call: &Call, request: Element) -> Element {
    let language = call.language;
    if let Err(text) = opened(books, call, &request) {
        return failed(request, &text);
    }
    let company = request.text_of("office").or(call.company.as_deref()).unwrap_or_default().to_owned();
    let number = request.text_of("number").unwrap_or_default().to_owned();
    let Some(office) = books.office_mut(&company) else { return failed(request, &messages::no_office(language)) };
    let code = request.text_of("code").unwrap_or_default();
    let place = office.transactions.iter().position(|one| one.daybook == code && one.number.to_string() == number);
    match place.and_then(|place| office.transactions.get(place).map(|found| (place, found.last))) {
        None => failed(request, &messages::no_transaction(language, &number)),
        Some((_, true)) => failed(request, &messages::is_final(language)),
        Some((place, false)) => {
            office.transactions.remove(place);
            request.attribute("result", "1")
        }
    }
}
