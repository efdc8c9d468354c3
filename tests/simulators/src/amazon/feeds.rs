//! Feeds: made of a document that was put there, worked on while they are asked for, and listed without a word about the document.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use http::StatusCode;

use super::api::{Refusal, invalid};
use super::seed;
use super::state::{Amazon, Fate, Feed, Seller};
use crate::json::Node;
use crate::server::{Answer, Request};

const KIND: &str = "UPLOAD_VAT_INVOICE";

fn text<'a>(body: &'a Node, name: &str) -> Result<&'a str, Refusal> {
    body.get(name).and_then(Node::as_text).ok_or_else(|| invalid(format!("{name} is missing")))
}

/// Makes one. Its outcome is settled then; that it is known takes time.
pub(super) fn create(state: &mut Amazon, now: DateTime<Utc>, body: &Node, seller: &Seller) -> Result<Answer, Refusal> {
    if text(body, "feedType")? != KIND {
        return Err(invalid("feedType is not known"));
    }
    let marketplaces: Vec<String> = match body.get("marketplaceIds") {
        Some(Node::List(ids)) => ids.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let [marketplace] = marketplaces.as_slice() else { return Err(invalid("marketplaceIds must be one")) };
    if !seed::MARKETPLACES.contains(&marketplace.as_str()) {
        return Err(invalid("marketplaceIds: not known"));
    }
    let id = text(body, "inputFeedDocumentId")?;
    let document = state.documents.iter().find(|document| document.id == id && document.seller == seller.id);
    let Some(document) = document.filter(|document| document.bytes.is_some()).cloned() else {
        return Err(invalid("inputFeedDocumentId: nothing was uploaded"));
    };
    let mut options = BTreeMap::new();
    if let Some(Node::Object(members)) = body.get("feedOptions") {
        for (name, value) in members {
            let Some(value) = value.as_text() else { return Err(invalid("feedOptions must be texts")) };
            options.insert(name.to_string(), value.to_owned());
        }
    }
    let fates = &mut state.settings.fates;
    let fate = if fates.is_empty() { None } else { Some(fates.remove(0)) };
    let number = state.next();
    let mut feed = Feed {
        id: (53_347_000_000 + number).to_string(),
        seller: seller.id.clone(),
        kind: KIND.to_owned(),
        marketplaces,
        document: document.id,
        options,
        created: now,
        polls: 0,
        fate,
        errors: Vec::new(),
    };
    feed.errors = errors(state, seller, &feed, document.is_pdf);
    let made = Node::object([("feedId", Node::text(&feed.id))]);
    state.feeds.push(feed);
    Ok(Answer::json(StatusCode::ACCEPTED, &made))
}

/// What is wrong with an invoice, the first thing.
fn errors(state: &Amazon, seller: &Seller, feed: &Feed, is_pdf: bool) -> Vec<(String, String)> {
    let row = |code: &str, text: String| vec![(code.to_owned(), text)];
    if let Some((code, text)) = state.settings.refuses_with.clone() {
        return row(&code, text);
    }
    if seller.lacks_feature {
        return row("FeatureNotAvailable", "The seller is not enabled for self-invoicing".to_owned());
    }
    let has = |name: &str| feed.options.get(name).is_some_and(|value| !value.is_empty());
    if !has("metadata:orderid") && !has("metadata:shippingid") {
        return row("79513", "Please provide metadata:orderid or metadata:shippingid".to_owned());
    }
    for name in ["metadata:invoicenumber", "metadata:documenttype", "metadata:totalamount", "metadata:totalvatamount"] {
        if !has(name) {
            return row("79513", format!("Please provide {name}"));
        }
    }
    let kind = feed.options.get("metadata:documenttype").map(String::as_str);
    if !matches!(kind, Some("Invoice" | "CreditNote")) {
        return row("79513", "Please provide metadata:documenttype as Invoice or CreditNote".to_owned());
    }
    for name in ["metadata:totalamount", "metadata:totalvatamount"] {
        let amount = feed.options.get(name).map(String::as_str).unwrap_or_default();
        let cents = amount.split_once('.').map(|(_, cents)| cents.len());
        if cents != Some(2) || !amount.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return row("79513", format!("Please provide {name} with a dot and two decimals"));
        }
    }
    let strange = |c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '-' | '/'));
    if feed.number().contains(strange) {
        return row("79504", "The invoice number has characters that are not allowed".to_owned());
    }
    if !is_pdf {
        return row("79503", "The file is not a valid PDF".to_owned());
    }
    if state.settings.invoiced_by_amazon.contains(feed.order()) {
        return row("79525", "Amazon creates the invoice of this order".to_owned());
    }
    if state.settings.unknown_orders.contains(feed.order()) {
        return row("79508", "The order was not found or has not been shipped".to_owned());
    }
    Vec::new()
}

/// How far a feed is after so many questions.
pub(super) fn status(state: &Amazon, feed: &Feed) -> &'static str {
    let (queue, progress) = (state.settings.polls_in_queue, state.settings.polls_in_progress);
    if feed.polls <= queue {
        return "IN_QUEUE";
    }
    if feed.polls <= queue + progress {
        return "IN_PROGRESS";
    }
    match feed.fate {
        None => "DONE",
        Some(Fate::Fatal | Fate::FatalWithReport) => "FATAL",
        Some(Fate::Cancelled) => "CANCELLED",
    }
}

fn node(state: &Amazon, feed: &Feed) -> Node {
    let status = status(state, feed);
    let mut node = vec![
        ("feedId".into(), Node::text(&feed.id)),
        ("feedType".into(), Node::text(&feed.kind)),
        ("marketplaceIds".into(), Node::List(feed.marketplaces.iter().map(Node::text).collect())),
        ("createdTime".into(), Node::text(feed.created.to_rfc3339_opts(SecondsFormat::Secs, true))),
        ("processingStatus".into(), Node::text(status)),
    ];
    if status == "DONE" || (status == "FATAL" && feed.fate == Some(Fate::FatalWithReport)) {
        node.push(("resultFeedDocumentId".into(), Node::text(format!("amzn1.tortuga.4.eu.result.{}", feed.id))));
    }
    Node::Object(node)
}

/// One, which goes on by being asked for.
pub(super) fn one(state: &mut Amazon, seller: &Seller, id: &str) -> Result<Answer, Refusal> {
    let feed = state.feeds.iter_mut().find(|feed| feed.id == id && feed.seller == seller.id);
    let Some(feed) = feed else {
        return Err(Refusal::Said(StatusCode::NOT_FOUND, "NotFound", "No such feed".to_owned()));
    };
    feed.polls += 1;
    let feed = feed.clone();
    Ok(Answer::json(StatusCode::OK, &node(state, &feed)))
}

/// Those of a type, newest first.
pub(super) fn list(state: &Amazon, request: &Request, seller: &Seller) -> Result<Answer, Refusal> {
    let parameters = request.parameters();
    let value = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if value("feedTypes") != Some(KIND) {
        return Err(invalid("feedTypes is missing or not known"));
    }
    let size: usize = match value("pageSize") {
        None => 10,
        Some(size) => size.parse().ok().filter(|size| (1..=100).contains(size)).ok_or_else(|| invalid("pageSize"))?,
    };
    let since = match value("createdSince") {
        None => None,
        Some(since) => Some(since.parse::<DateTime<Utc>>().map_err(|_| invalid("createdSince is no time"))?),
    };
    let within = |feed: &&Feed| feed.seller == seller.id && since.is_none_or(|since| feed.created >= since);
    let found: Vec<&Feed> = state.feeds.iter().rev().filter(within).collect();
    let feeds = Node::List(found.iter().take(size).map(|feed| node(state, feed)).collect());
    let mut body = vec![("feeds".into(), feeds)];
    if found.len() > size {
        body.push(("nextToken".into(), Node::text("more")));
    }
    Ok(Answer::json(StatusCode::OK, &Node::Object(body)))
}
