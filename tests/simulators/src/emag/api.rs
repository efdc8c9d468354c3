//! Who may call, how often, and what a call is about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::state::{Attachment, Counted, Emag, Order, Switch};
use super::{save, seed, view};
use crate::json::Node;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// Why a call is refused.
pub(super) enum Refusal {
    /// `isError` with a text, and 200 all the same.
    Error(String),
    /// A status with a text.
    Status(StatusCode, &'static str),
    /// Too many calls: the limit, and how many seconds it is for.
    TooMany(u32, &'static str),
}

pub(super) fn error<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Error(text.into()))
}

impl Refusal {
    fn answer(self) -> Answer {
        let message = |text: &str| Node::object([("message", Node::text(text))]);
        match self {
            Self::Error(text) => Answer::json(
                StatusCode::OK,
                &Node::object([
                    ("isError", Node::Bool(true)),
                    ("messages", Node::List(vec![Node::object([("text", Node::text(text))])])),
                    ("results", Node::List(Vec::new())),
                ]),
            ),
            Self::Status(status, text) => Answer::json(status, &message(text)),
            Self::TooMany(limit, window) => {
                Answer::json(StatusCode::TOO_MANY_REQUESTS, &message("You have reached your rate limit"))
                    .with(&format!("X-RateLimit-Limit-{window}"), &limit.to_string())
                    .with(&format!("X-RateLimit-Remaining-{window}"), "0")
            }
        }
    }
}

impl Books for Emag {
    const SYSTEM: &'static str = "emag";
    const TITLE: &'static str = "eMAG";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        match self.call(now, request) {
            Ok(results) => Answer::json(
                StatusCode::OK,
                &Node::object([
                    ("isError", Node::Bool(false)),
                    ("messages", Node::List(Vec::new())),
                    ("results", Node::List(results)),
                ]),
            ),
            Err(refusal) => refusal.answer(),
        }
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // A password does not end by itself; one that is changed is unknown from then on.
        if let Some((name, _)) = credentials(request) {
            self.users.iter_mut().filter(|user| user.name == name).for_each(|user| user.password = None);
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        let attachments = self.orders.iter().flat_map(|order| &order.attachments);
        attachments.filter(|attachment| attachment.name.ends_with(&format!(" {number}"))).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

fn credentials(request: &Request) -> Option<(String, String)> {
    let pair = STANDARD.decode(request.header("authorization")?.strip_prefix("Basic ")?).ok()?;
    let (name, password) = String::from_utf8(pair).ok()?.split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    Some((name, password))
}

impl Counted {
    /// Counts a call; says which limit it is beyond.
    fn count(&mut self, now: DateTime<Utc>, second: u32, minute: u32) -> Result<(), Refusal> {
        let at = now.timestamp();
        for (window, key) in [(&mut self.second, at), (&mut self.minute, at.div_euclid(60))] {
            if window.0 != key {
                *window = (key, 0);
            }
            window.1 = window.1.saturating_add(1);
        }
        if self.second.1 > second {
            return Err(Refusal::TooMany(second, "3second"));
        }
        if self.minute.1 > minute {
            return Err(Refusal::TooMany(minute, "minute"));
        }
        Ok(())
    }
}

impl Emag {
    fn call(&mut self, now: DateTime<Utc>, request: &Request) -> Result<Vec<Node>, Refusal> {
        let action = request.path.strip_prefix("/api-3/").unwrap_or_default();
        let settings = self.settings.clone();
        // Calls that are refused count as well.
        if action == "order/read" {
            self.order_calls.count(now, settings.orders_per_second, settings.orders_per_minute)?;
        } else {
            self.calls.count(now, settings.per_second, settings.per_minute)?;
        }
        if settings.address_allowed == Switch::Off {
            return Err(Refusal::Status(StatusCode::FORBIDDEN, "Your IP address is not allowed"));
        }
        let known = credentials(request).is_some_and(|(name, password)| {
            self.users.iter().any(|user| user.name == name && user.password.as_ref() == Some(&password))
        });
        if !known {
            return Err(Refusal::Status(StatusCode::UNAUTHORIZED, "Invalid user or password"));
        }
        if request.method != Method::POST {
            return Err(Refusal::Status(StatusCode::METHOD_NOT_ALLOWED, "Only POST"));
        }
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return error("Invalid content type");
        }
        let Some(body) = Node::parse(&request.body) else { return error("Invalid JSON") };
        match action {
            "order/read" => self.read(&body),
            "order/attachments/read" => self.attachments(&body),
            "order/attachments/save" => save::save(self, &body).map(|()| Vec::new()),
            _ => Err(Refusal::Status(StatusCode::NOT_FOUND, "No such resource")),
        }
    }

    fn read(&self, body: &Node) -> Result<Vec<Node>, Refusal> {
        let shown = |order: &Order| {
            let attachments = match self.settings.order_shows_attachments {
                Switch::On => order.attachments.iter().map(|attachment| attachment_node(order, attachment)).collect(),
                Switch::Off => Vec::new(),
            };
            Node::object([
                ("id", Node::Int(order.id)),
                ("status", Node::Int(order.status)),
                ("type", Node::Int(order.kind)),
                ("attachments", Node::List(attachments)),
            ])
        };
        let Some(id) = body.get("id") else {
            let most =
                body.get("itemsPerPage").and_then(whole).and_then(|most| usize::try_from(most).ok()).unwrap_or(100);
            return Ok(self.orders.iter().take(most).map(shown).collect());
        };
        match whole(id).and_then(|id| self.order(id)) {
            Some(order) => Ok(vec![shown(order)]),
            None => error("Order not found"),
        }
    }

    fn attachments(&self, body: &Node) -> Result<Vec<Node>, Refusal> {
        let (Some(id), Some(_)) = (body.get("order_id").and_then(whole), body.get("order_type").and_then(whole)) else {
            return error("Missing order_id or order_type");
        };
        match self.order(id) {
            Some(order) => Ok(order.attachments.iter().map(|attachment| attachment_node(order, attachment)).collect()),
            None => error("Order not found"),
        }
    }
}

/// A whole number, not one in a text.
pub(super) fn whole(node: &Node) -> Option<i64> {
    match node {
        Node::Int(whole) => Some(*whole),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Object(_) => None,
    }
}

fn attachment_node(order: &Order, attachment: &Attachment) -> Node {
    Node::object([
        ("order_id", Node::Int(order.id)),
        ("order_type", Node::Int(attachment.order_type)),
        ("name", Node::text(&attachment.name)),
        ("type", Node::Int(attachment.kind)),
        ("url", Node::text(&attachment.url)),
        ("force_download", Node::Int(attachment.force_download)),
    ])
}
