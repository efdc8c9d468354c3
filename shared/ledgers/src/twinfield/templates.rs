//! Posting templates in Twinfield: posting rules of suppliers and customers (AP-40). Our rule is known by its description.
//! Whatever else stands in the relation is sent back as it was read, since what is left out may be lost.

use super::{
    Twinfield, errors,
    map::relations,
    options,
    soap::{self, DIMENSIONS},
    xml::Element,
};
use crate::{
    call::{Answer, Call, Effect, Purpose, Target},
    descriptor::Options,
    error::{ErrorCode, LedgerError, Operation},
    templates::KeepsTemplates,
};
use domain::{
    ledger::{Direction, LedgerContact},
    template::{Kept, PostingRule, PostingTemplate, RuleLine},
};
use rust_decimal::Decimal;

const OPERATION: Operation = Operation::Template;
/// Description of our rule.
const OURS: &str = "Ledgerpost";
/// Currency of a rule: the company's own is not told with a relation.
const CURRENCY: &str = "EUR";
/// What Twinfield tells of a relation and does not take back.
const TOLD_ONLY: [&str; 17] = [
    "uid",
    "inuse",
    "behaviour",
    "touched",
    "beginperiod",
    "beginyear",
    "endperiod",
    "endyear",
    "editdimensionname",
    "matchtype",
    "accounttype",
    "subanalyse",
    "level",
    "substitutionlevel",
    "childvalidations",
    "vattype",
    "vatobligatory",
];
/// The numbers of a relation, where they do not stand in its addresses.
const IDENTIFIERS: [&str; 2] = ["cocnumber", "vatnumber"];
/// Attributes that say something; the others are names for people, and messages.
const ATTRIBUTES: [&str; 3] = ["id", "default", "status"];
/// Of an address.
const TYPE: &str = "type";

impl KeepsTemplates for Twinfield {
    fn read(&self, at: &Target, direction: Direction, relation: &LedgerContact) -> Result<Call, LedgerError> {
        let read = Element::new("read")
            .field("type", "dimensions")
            .field("office", soap::office(at, OPERATION)?)
            .field("dimtype", relations(direction))
            .field("code", relation);
        Ok(soap::read(at, OPERATION, DIMENSIONS, &read))
    }

    fn kept(&self, options: &Options, relation: &Answer) -> Result<Kept, LedgerError> {
        Ok(kept(&read(relation)?, options))
    }

    fn write(
        &self,
        at: &Target,
        options: &Options,
        relation: &Answer,
        template: Option<&PostingTemplate>,
    ) -> Result<Option<Call>, LedgerError> {
        let Some(changed) = changed(&read(relation)?, options, template) else { return Ok(None) };
        let purpose = Purpose { operation: OPERATION, effect: Effect::Writes, resource: DIMENSIONS };
        Ok(Some(soap::process(at, purpose, &changed)))
    }

    fn written(&self, answer: &Answer) -> Result<(), LedgerError> {
        let purpose = Purpose { operation: OPERATION, effect: Effect::Writes, resource: DIMENSIONS };
        soap::done(purpose, answer).map(|_| ())
    }
}

/// The relation in an answer: one that is there and active.
fn read(answer: &Answer) -> Result<Element, LedgerError> {
    let root = soap::done(Purpose { operation: OPERATION, effect: Effect::Reads, resource: DIMENSIONS }, answer)?;
    // A list of one, or the one.
    let relation = root.child("dimension").cloned().unwrap_or(root);
    if relation.child("code").is_none() {
        return Err(errors::malformed(OPERATION, Effect::Reads));
    }
    if relation.get("status").is_some_and(|status| status != "active") {
        let message = "The supplier or customer is not active in Twinfield: make it active there.";
        return Err(LedgerError::rejected(ErrorCode::ContactBlocked, OPERATION, message));
    }
    Ok(relation)
}

fn rules(relation: &Element) -> impl Iterator<Item = &Element> {
    relation.child("postingrules").into_iter().flat_map(|rules| rules.all("postingrule"))
}

fn active(rule: &Element) -> bool {
    rule.get("status").is_none_or(|status| status == "active")
}

fn is_ours(rule: &Element) -> bool {
    rule.text_of("description") == Some(OURS)
}

fn kept(relation: &Element, options: &Options) -> Kept {
    let in_use: Vec<&Element> = rules(relation).filter(|rule| active(rule)).collect();
    match (in_use.iter().find(|rule| is_ours(rule)), in_use.as_slice()) {
        (Some(ours), _) => Kept::Rule(rule(ours, options)),
        (None, []) => Kept::Nothing,
        (None, [only]) => Kept::Rule(rule(only, options)),
        (None, [_, _, ..]) => Kept::Several,
    }
}

/// The fields of a line in which cost centre and project stand.
fn dimensions(options: &Options) -> (&'static str, &'static str) {
    match options.get(&options::COST_CENTRE_FIELD) {
        Some("dim3") => ("dimension3", "dimension2"),
        Some(_) | None => ("dimension2", "dimension3"),
    }
}

fn rule(rule: &Element, options: &Options) -> PostingRule {
    let (cost_centre, project) = dimensions(options);
    let line = |line: &Element| {
        let text = |field: &str| line.text_of(field).map(str::to_owned);
        RuleLine {
            account: text("dimension1").unwrap_or_default(),
            vat_code: text("vatcode").unwrap_or_default(),
            cost_centre: text(cost_centre),
            project: text(project),
            ratio: line.text_of("ratio").and_then(|ratio| Decimal::from_str_exact(ratio).ok()).unwrap_or_default(),
            description: text("description").unwrap_or_default(),
        }
    };
    let lines = rule.child("lines").into_iter().flat_map(|lines| lines.all("line"));
    PostingRule { lines: lines.map(line).collect() }
}

/// The relation with our rule for this template, or without one of ours; `None` when nothing has to change.
fn changed(relation: &Element, options: &Options, template: Option<&PostingTemplate>) -> Option<Element> {
    let ours = rules(relation).filter(|rule| active(rule)).find(|rule| is_ours(rule));
    let id = ours.and_then(|ours| ours.get("id"));
    let rule = match (template, ours) {
        (None, None) => return None,
        (None, Some(ours)) => made(&rule(ours, options), id, "deleted", options),
        (Some(template), _) => match kept(relation, options) {
            Kept::Rule(rule) if rule.says(template) => return None,
            Kept::Rule(_) | Kept::Nothing | Kept::Several => made(&PostingRule::of(template), id, "active", options),
        },
    };
    let others = rules(relation).filter(|rule| !ours.is_some_and(|ours| std::ptr::eq(ours, *rule)));
    let all = Element::new("postingrules").with_all(others.map(|rule| sent_back(rule, &[]))).with(rule);
    if options.get(&options::RELATION_WRITE) == Some("rules") {
        let said = |field: &str| relation.text_of(field).unwrap_or_default();
        let named = ["office", "type", "code", "name"].map(|field| Element::of(field, said(field)));
        return Some(Element::new("dimension").with_all(named).with(all));
    }
    let in_address = options.get(&options::IDENTIFIERS) == Some("address");
    let mut whole = sent_back(relation, if in_address { &IDENTIFIERS } else { &[] });
    let place = |name: &str| whole.children.iter().position(|child| child.name() == name);
    match (place("postingrules"), place("paymentconditions")) {
        (Some(place), _) => {
            if let Some(former) = whole.children.get_mut(place) {
                *former = all;
            }
        }
        (None, Some(after)) => whole.children.insert(after, all),
        (None, None) => whole.children.push(all),
    }
    Some(whole)
}

/// What was read, as it is sent back.
fn sent_back(element: &Element, left_out: &[&str]) -> Element {
    let copy = Element::of(element.name(), element.text().unwrap_or_default());
    let of_address = (element.name() == "address").then_some(TYPE);
    let said = ATTRIBUTES.into_iter().chain(of_address).filter_map(|name| Some((name, element.get(name)?)));
    let copy = said.fold(copy, |copy, (name, value)| copy.attribute(name, value));
    let goes = |child: &&Element| !TOLD_ONLY.contains(&child.name()) && !left_out.contains(&child.name());
    copy.with_all(element.children.iter().filter(goes).map(|child| sent_back(child, &[])))
}

/// Our rule; with the id of the one in whose place it stands.
fn made(rule: &PostingRule, id: Option<&str>, status: &str, options: &Options) -> Element {
    let (cost_centre_field, _) = dimensions(options);
    let lines = rule.lines.iter().map(|line| {
        let (second, third) = match cost_centre_field {
            "dimension3" => (&line.project, &line.cost_centre),
            _ => (&line.cost_centre, &line.project),
        };
        Element::new("line")
            .field("dimension1", &line.account)
            .maybe("dimension2", second.as_ref())
            .maybe("dimension3", third.as_ref())
            .field("ratio", line.ratio.normalize())
            .field("vatcode", &line.vat_code)
            .field("description", &line.description)
    });
    let rule = Element::new("postingrule");
    let rule = match id {
        Some(id) => rule.attribute("id", id),
        None => rule,
    };
    rule.attribute("status", status)
        .field("currency", CURRENCY)
        .field("description", OURS)
        .with(Element::new("lines").with_all(lines))
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
