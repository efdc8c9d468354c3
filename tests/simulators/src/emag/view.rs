//! The page that shows the orders, what tests see of their documents, and the controls of these books.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::state::{Emag, Order, Settings};
use crate::control;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// The whole page.
pub(super) fn page(state: &Emag) -> String {
    let mut page = Page::new("eMAG (simulator)");
    page.paragraph("Machine-readable: /_sim/documents?order=, /_sim/state, /_sim/requests. Orders are made and changed at /_sim/order.");
    for order in &state.orders {
        page.heading(2, &format!("Order {} (status {}, type {})", order.id, order.status, order.kind));
        let rows: Vec<_> = order
            .attachments
            .iter()
            .map(|attachment| {
                let link = vec![(attachment.url.clone(), attachment.url.clone())];
                vec![Field::text(&attachment.name), Field::number(&attachment.kind), Field::Links(link)]
            })
            .collect();
        page.table(&["Name", "Type", "Address"], &rows);
    }
    page.finish()
}

/// Makes an order, or changes one; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderChange {
    id: i64,
    status: Option<i64>,
    #[serde(rename = "type")]
    kind: Option<i64>,
}

pub(super) fn control(state: &mut Emag, request: &Request, first: &str) -> Option<Answer> {
    let done = Answer::empty(StatusCode::NO_CONTENT);
    let answer = match (&request.method, first) {
        (&Method::GET, "documents") => {
            let asked = request.parameters().into_iter().find(|(name, _)| name == "order").map(|(_, id)| id);
            let asked = |order: &&Order| asked.as_ref().is_none_or(|id| *id == order.id.to_string());
            let documents: Vec<_> = state
                .orders
                .iter()
                .filter(asked)
                .flat_map(|order| {
                    order
                        .attachments
                        .iter()
                        .map(|attachment| serde_json::json!({ "order": order.id, "document": attachment }))
                })
                .collect();
            control::json(StatusCode::OK, &serde_json::json!({ "documents": documents }))
        }
        (&Method::POST, "settings") => control::body::<Settings>(request).map(|settings| {
            state.settings = settings;
            done
        }),
        (&Method::POST, "order") => control::body::<OrderChange>(request).map(|change| {
            if state.order(change.id).is_none() {
                state.orders.push(Order { id: change.id, status: 4, kind: 3, attachments: Vec::new() });
            }
            if let Some(order) = state.order_mut(change.id) {
                order.status = change.status.unwrap_or(order.status);
                order.kind = change.kind.unwrap_or(order.kind);
            }
            done
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}
