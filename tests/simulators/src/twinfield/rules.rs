//! Posting rules of relations: shown with a relation, and taken with it. What is wrong is said on the element that is wrong.

use rust_decimal::Decimal;

use super::books::{Language, Office, PostingRule, RuleLine};
use super::messages;
use super::xml::Element;

/// The fields of a rule, and of its lines, in the order in which they come.
const RULE: [&str; 4] = ["currency", "amount", "description", "lines"];
const LINE: [&str; 7] = ["office", "dimension1", "dimension2", "dimension3", "ratio", "vatcode", "description"];
const DESCRIPTION_CHARS_MAX: usize = 40;

/// As they are told.
pub fn shown(rules: &[PostingRule]) -> Element {
    let rules = rules.iter().map(|rule| {
        let lines = rule.lines.iter().map(|line| {
            Element::new("line")
                .with(Element::new("office").attribute("name", "").attribute("shortname", ""))
                .field("dimension1", &line.account)
                .field("dimension2", &line.dim2)
                .field("dimension3", &line.dim3)
                .field("ratio", &line.ratio.to_string())
                .field("vatcode", &line.vat_code)
                .field("description", &line.description)
        });
        Element::new("postingrule")
            .attribute("id", &rule.id.to_string())
            .attribute("status", "active")
            .field("currency", &rule.currency)
            .field("amount", &rule.amount.map(|amount| format!("{amount:.2}")).unwrap_or_default())
            .field("description", &rule.description)
            .with(Element::new("lines").with_all(lines))
    });
    Element::new("postingrules").with_all(rules)
}

/// The rules that a relation has once these are taken; `None` when one is refused. A rule that is not among them is lost.
pub fn read(
    language: Language,
    office: &Office,
    sales: bool,
    before: &[PostingRule],
    sent: &mut Element,
) -> Option<Vec<PostingRule>> {
    let mut next = before.iter().map(|rule| rule.id).max().unwrap_or_default();
    let (mut rules, mut refused) = (Vec::new(), false);
    for element in &mut sent.children {
        let id = match element.get("id").map(str::to_owned) {
            Some(id) => before.iter().find(|rule| rule.id.to_string() == id).map(|rule| rule.id).or_else(|| {
                element.complain("error", &messages::no_rule(language, &id));
                None
            }),
            None => {
                next += 1;
                Some(next)
            }
        };
        if element.name != "postingrule" {
            element.complain("error", &messages::not_wanted(language, &element.name.clone()));
        }
        let in_use = match element.get("status") {
            Some("active") | None => true,
            Some("deleted") => false,
            Some(_) => {
                element.complain("error", &messages::field(language, "status"));
                false
            }
        };
        match (rule(language, office, sales, element), id) {
            (Some(rule), Some(id)) if element.get("msg").is_none() => {
                if in_use {
                    rules.push(PostingRule { id, ..rule });
                }
            }
            _ => refused = true,
        }
    }
    (!refused).then_some(rules)
}

/// Complains of fields that there are not, or that come in another order.
fn in_order(language: Language, element: &mut Element, order: &[&str]) -> bool {
    let mut last = 0;
    let mut fine = true;
    for child in &mut element.children {
        let name = child.name.clone();
        match order.iter().position(|known| *known == name) {
            Some(place) if place >= last => last = place,
            Some(_) | None => {
                child.complain("error", &messages::not_wanted(language, &name));
                fine = false;
            }
        }
    }
    fine
}

fn rule(language: Language, office: &Office, sales: bool, element: &mut Element) -> Option<PostingRule> {
    let mut fine = in_order(language, element, &RULE);
    let currency = element.text_of("currency").unwrap_or_default().to_owned();
    if !office.currencies.contains_key(&currency) {
        let text = messages::no_currency(language, &currency);
        match element.child_mut("currency") {
            Some(child) => child.complain("error", &text),
            None => element.complain("error", &text),
        }
        fine = false;
    }
    let amount = element.text_of("amount").map(str::parse::<Decimal>).transpose().unwrap_or_else(|_| {
        fine = false;
        None
    });
    let description = element.text_of("description").unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    for child in element.child_mut("lines").map(|lines| lines.children.as_mut_slice()).unwrap_or_default() {
        match line(language, office, sales, child) {
            Some(line) => lines.push(line),
            None => fine = false,
        }
    }
    if lines.is_empty() && fine {
        element.complain("error", &messages::field(language, "lines"));
        fine = false;
    }
    fine.then_some(PostingRule { id: 0, currency, amount, description, lines })
}

fn line(language: Language, office: &Office, sales: bool, element: &mut Element) -> Option<RuleLine> {
    let mut fine = in_order(language, element, &LINE);
    let text = |field: &str| element.text_of(field).unwrap_or_default().to_owned();
    let (account, dim2, dim3) = (text("dimension1"), text("dimension2"), text("dimension3"));
    let (code, ratio, description) = (text("vatcode"), text("ratio"), text("description"));
    let mut wrong: Vec<(&str, String)> = Vec::new();
    let there = |kinds: &[&str], code: &str| office.dimension(kinds, code).is_some_and(|one| one.active);
    if !there(&["BAS", "PNL"], &account) {
        wrong.push(("dimension1", messages::no_dimension(language, &account, &office.code)));
    } else if dim2.is_empty() && office.dimension(&["BAS", "PNL"], &account).is_some_and(|one| one.needs_cost_centre) {
        wrong.push(("dimension2", messages::cost_centre(language, &account)));
    }
    for (field, kind, code) in [("dimension2", "KPL", &dim2), ("dimension3", "PRJ", &dim3)] {
        if !code.is_empty() && !there(&[kind], code) {
            wrong.push((field, messages::no_dimension(language, code, &office.code)));
        }
    }
    if !office.vat_code(&code).is_some_and(|vat| vat.active && vat.sales == sales) {
        wrong.push(("vatcode", messages::no_vat_code(language, &code)));
    }
    let part = ratio.parse::<Decimal>().ok().filter(|part| *part > Decimal::ZERO && part.scale() <= 2);
    if part.is_none() {
        wrong.push(("ratio", messages::ratio(language)));
    }
    if description.chars().count() > DESCRIPTION_CHARS_MAX {
        wrong.push(("description", messages::too_long(language, "description")));
    }
    fine &= wrong.is_empty();
    for (field, text) in wrong {
        match element.child_mut(field) {
            Some(child) => child.complain("error", &text),
            None => element.complain("error", &text),
        }
    }
    fine.then_some(RuleLine { account, dim2, dim3, ratio: part?, vat_code: code, description })
}
