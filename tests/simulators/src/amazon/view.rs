//! The page that shows the invoices, what tests see of them, and the controls of these books.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::{Method, StatusCode};
use serde::Deserialize;

use super::feeds;
use super::state::{Amazon, Feed, Settings};
use crate::control;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Amazon) -> String {
    let mut page = Page::new("Amazon (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?order=, /_sim/state, /_sim/requests");
    let row = |feed: &Feed| {
        let errors: Vec<String> = feed.errors.iter().map(|(code, text)| format!("{code} {text}")).collect();
        vec![
            Field::text(&feed.id),
            Field::text(&feed.seller),
            Field::text(feed.order()),
            Field::text(feed.number()),
            Field::text(feeds::status(state, feed)),
            Field::text(&errors.join("; ")),
        ]
    };
    let rows: Vec<_> = state.feeds.iter().map(row).collect();
    page.table(&["Feed", "Seller", "Order or shipment", "Number", "Status", "Errors"], &rows);
    page.finish()
}

/// Changes a seller; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SellerChange {
    id: String,
    lacks_role: Option<bool>,
    lacks_feature: Option<bool>,
}

pub(super) fn control(state: &mut Amazon, request: &Request, first: &str) -> Option<Answer> {
    let done = Answer::empty(StatusCode::NO_CONTENT);
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let asked = request.parameters().into_iter().find(|(name, _)| name == "order").map(|(_, order)| order);
            let asked = |feed: &&Feed| asked.as_ref().is_none_or(|order| order == feed.order());
            let documents: Vec<_> = state.shown().filter(asked).collect();
            control::json(StatusCode::OK, &serde_json::json!({ "documents": documents }))
        }
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            done
        }),
        (&Method::POST, "seller") => control::body::<SellerChange>(request).and_then(|change| {
            let seller = state.sellers.iter_mut().find(|seller| seller.id == change.id);
            let seller = seller.ok_or_else(|| control::wrong(StatusCode::NOT_FOUND, "no such seller"))?;
            seller.lacks_role = change.lacks_role.unwrap_or(seller.lacks_role);
            seller.lacks_feature = change.lacks_feature.unwrap_or(seller.lacks_feature);
            Ok(done)
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
