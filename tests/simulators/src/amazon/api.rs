//! Who may call, and what a call is about.

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};

use super::buckets::Operation;
use super::state::{Access, Amazon, Document, Seller};
use super::{feeds, seed, storage, view};
use crate::json::Node;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// Why a call is refused.
pub(super) enum Refusal {
    /// A status, a code, and what is said beside it.
    Said(StatusCode, &'static str, String),
    /// A bucket is empty.
    TooMany(Operation),
}

pub(super) fn invalid(details: impl Into<String>) -> Refusal {
    Refusal::Said(StatusCode::BAD_REQUEST, "InvalidInput", details.into())
}

fn unauthorized(details: &str) -> Refusal {
    Refusal::Said(StatusCode::FORBIDDEN, "Unauthorized", details.to_owned())
}

impl Refusal {
    fn answer(self) -> Answer {
        let error = |status, code: &str, details: &str| {
            let error = Node::object([
                ("code", Node::text(code)),
                (
                    "message",
                    Node::text(if code == "Unauthorized" { "Access to requested resource is denied." } else { "" }),
                ),
                ("details", Node::text(details)),
            ]);
            Answer::json(status, &Node::object([("errors", Node::List(vec![error]))]))
        };
        match self {
            Self::Said(status, code, details) => error(status, code, &details),
            Self::TooMany(operation) => {
                let answer = error(
                    StatusCode::TOO_MANY_REQUESTS,
                    "QuotaExceeded",
                    "You exceeded your quota for the requested resource.",
                );
                answer.with("x-amzn-RateLimit-Limit", operation.rate())
            }
        }
    }
}

impl Books for Amazon {
    const SYSTEM: &'static str = "amazon";
    const TITLE: &'static str = "Amazon";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        match (&request.method, segments.as_slice()) {
            (&Method::POST, ["auth", "o2", "token"]) => self.token(now, request),
            (&Method::PUT, ["storage", "uploads", key]) => storage::put(self, now, request, key),
            (&Method::GET, ["storage", "reports", key]) => storage::report(self, now, request, key),
            (method, ["feeds", "2021-06-30", rest @ ..]) => {
                self.call(now, request, method, rest).unwrap_or_else(Refusal::answer)
            }
            _ => Answer::empty(StatusCode::NOT_FOUND),
        }
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        if let Some(token) = request.header("x-amz-access-token") {
            self.access.retain(|access| access.token != token);
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        self.shown().filter(|feed| feed.number() == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

impl Amazon {
    /// Mints access, with a form or with JSON.
    fn token(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        let json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let body = if json { Node::parse(&request.body) } else { None };
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let given = |name: &str| match &body {
            Some(body) => body.get(name).and_then(Node::as_text).map(str::to_owned),
            None => form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
        };
        let refused = |error: &str, text: &str| {
            let body = Node::object([("error", Node::text(error)), ("error_description", Node::text(text))]);
            Answer::json(StatusCode::BAD_REQUEST, &body)
        };
        if given("client_id").as_deref() != Some(seed::CLIENT_ID)
            || given("client_secret").as_deref() != Some(seed::CLIENT_SECRET)
        {
            return refused("invalid_client", "Client authentication failed");
        }
        if given("grant_type").as_deref() != Some("refresh_token") {
            return refused("unsupported_grant_type", "The authorization grant type is not supported");
        }
        let token = given("refresh_token");
        let Some(seller) = self.sellers.iter().find(|seller| token.is_some() && seller.refresh_token == token) else {
            return refused("invalid_grant", "The request has an invalid grant parameter : refresh_token");
        };
        let seller = seller.id.clone();
        let number = self.next();
        let token = format!("Atza|simulated-{number}");
        let seconds = self.settings.access_seconds;
        self.access.push(Access { token: token.clone(), seller, until: now + TimeDelta::seconds(seconds) });
        let body = Node::object([
            ("access_token", Node::text(token)),
            ("token_type", Node::text("bearer")),
            ("expires_in", Node::Int(seconds)),
        ]);
        Answer::json(StatusCode::OK, &body)
    }

    /// Whose access a call has.
    fn seller(&self, now: DateTime<Utc>, request: &Request) -> Result<Seller, Refusal> {
        let Some(token) = request.header("x-amz-access-token") else {
            return Err(unauthorized("The access token is missing in the request header."));
        };
        let access = self.access.iter().find(|access| access.token == token && access.until > now);
        let access = access.ok_or_else(|| unauthorized("The access token you provided has expired."))?;
        let seller = self.sellers.iter().find(|seller| seller.id == access.seller);
        let seller = seller.ok_or_else(|| unauthorized("The access token you provided has expired."))?;
        if seller.lacks_role {
            return Err(unauthorized(""));
        }
        if request.header("user-agent").is_none_or(str::is_empty) {
            return Err(invalid("User-Agent is missing"));
        }
        Ok(seller.clone())
    }

    fn call(
        &mut self,
        now: DateTime<Utc>,
        request: &Request,
        method: &Method,
        rest: &[&str],
    ) -> Result<Answer, Refusal> {
        let seller = self.seller(now, request)?;
        let operation = match (method, rest) {
            (&Method::POST, ["documents"]) => Operation::CreateDocument,
            (&Method::POST, ["feeds"]) => Operation::CreateFeed,
            (&Method::GET, ["feeds"]) => Operation::GetFeeds,
            (&Method::GET, ["feeds", _]) => Operation::GetFeed,
            (&Method::GET, ["documents", _]) => Operation::GetDocument,
            _ => return Err(Refusal::Said(StatusCode::NOT_FOUND, "NotFound", "No such resource".to_owned())),
        };
        if !self.take(now, &seller.id, operation) {
            return Err(Refusal::TooMany(operation));
        }
        match (operation, rest) {
            (Operation::CreateDocument, _) => self.create_document(now, request, &seller),
            (Operation::CreateFeed, _) => feeds::create(self, now, &sent(request)?, &seller),
            (Operation::GetFeeds, _) => feeds::list(self, request, &seller),
            (Operation::GetFeed, [_, id]) => feeds::one(self, &seller, id),
            (Operation::GetDocument, [_, id]) => storage::document(self, now, request, &seller, id),
            (Operation::GetFeed | Operation::GetDocument, _) => Err(invalid("No id")),
        }
    }

    fn create_document(&mut self, now: DateTime<Utc>, request: &Request, seller: &Seller) -> Result<Answer, Refusal> {
        let body = sent(request)?;
        let Some(content_type) = body.get("contentType").and_then(Node::as_text) else {
            return Err(invalid("contentType is missing"));
        };
        let number = self.next();
        let (id, key) = (format!("amzn1.tortuga.4.eu.{number:08}.T{number}"), format!("u{number}"));
        let until = now + TimeDelta::seconds(self.settings.upload_seconds);
        let address =
            format!("{}/storage/uploads/{key}?X-Amz-Expires=300&X-Amz-Signature=a%2Fb{number}", request.base());
        self.documents.push(Document {
            id: id.clone(),
            seller: seller.id.clone(),
            content_type: content_type.to_owned(),
            key,
            until,
            bytes: None,
            is_pdf: false,
        });
        let body = Node::object([("feedDocumentId", Node::text(id)), ("url", Node::text(address))]);
        Ok(Answer::json(StatusCode::CREATED, &body))
    }
}

/// A body of JSON.
fn sent(request: &Request) -> Result<Node, Refusal> {
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::Said(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", String::new()));
    }
    Node::parse(&request.body).ok_or_else(|| invalid("The body is no JSON"))
}
