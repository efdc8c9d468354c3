//! Who may call, how often, and what a call is about.

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};

use super::refusal::Refusal;
use super::state::{Direction, Settings, Snelstart, Token};
use super::{booking, documents, lists, relations, seed, view};
use crate::json::Node;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// A call whose keys and token are good.
pub(crate) struct Call<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) request: &'a Request,
    /// Id of the administration.
    pub(crate) administration: String,
}

impl Books for Snelstart {
    const SYSTEM: &'static str = "snelstart";
    const TITLE: &'static str = "SnelStart";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        let answer = match (&request.method, request.path.as_str()) {
            (&Method::POST, "/b2b/token") => return self.token(now, request),
            (_, path) if path.starts_with("/v2/") => self.call(now, request),
            _ => Err(Refusal::NotFound),
        };
        answer.unwrap_or_else(Refusal::answer)
    }

    fn expire_token(&mut self, now: DateTime<Utc>, request: &Request) {
        if let Some(token) = request.bearer().and_then(|token| self.tokens.get_mut(token)) {
            token.expires = now;
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        self.administrations.iter().flat_map(|books| &books.bookings).filter(|booking| booking.number == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

/// What a key must be granted for a call.
fn scope(method: &Method, resource: &str) -> &'static str {
    let writes = method == Method::POST;
    match resource {
        "inkoopboekingen" | "verkoopboekingen" if writes => "boekhouden:write",
        "inkoopboekingen" | "verkoopboekingen" | "grootboeken" | "dagboeken" => "boekhouden:read",
        "inkoopfacturen" | "verkoopfacturen" => "orders:read",
        "documenten" if writes => "documenten:write",
        "documenten" => "documenten:read",
        "relaties" if writes => "relaties:write",
        "relaties" => "relaties:read",
        _ => "settings:read",
    }
}

impl Snelstart {
    /// Mints a token: only for a key that is in force, and only asked for as a form.
    fn token(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        let refused =
            |error: &str| Answer::json(StatusCode::BAD_REQUEST, &Node::object([("error", Node::text(error))]));
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return refused("invalid_request");
        }
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if field("grant_type") != Some("clientkey") {
            return refused("unsupported_grant_type");
        }
        let given = field("clientkey").filter(|key| !key.is_empty());
        let found = self.administrations.iter().find(|known| given.is_some() && known.key.as_deref() == given);
        let Some(administration) = found.map(|found| found.id.clone()) else { return refused("invalid_grant") };
        let token = format!("eyJ.{}", self.new_id(0x70));
        let expires = now + TimeDelta::seconds(self.settings.token_seconds);
        self.tokens.retain(|_, token| token.expires > now);
        self.tokens.insert(token.clone(), Token { administration, expires });
        let answer = Node::object([
            ("access_token", Node::Text(token)),
            ("token_type", Node::text("bearer")),
            ("expires_in", Node::Int(self.settings.token_seconds)),
        ]);
        Answer::json(StatusCode::OK, &answer)
    }

    fn call(&mut self, now: DateTime<Utc>, request: &Request) -> Result<Answer, Refusal> {
        let key = request.header("ocp-apim-subscription-key");
        if !key.is_some_and(|key| self.subscription_keys.contains(key)) {
            return Err(Refusal::Subscription);
        }
        let token = request.bearer().and_then(|token| self.tokens.get(token)).filter(|token| token.expires > now);
        let administration = token.ok_or(Refusal::Token)?.administration.clone();
        self.count(now, &administration)?;
        let path = request.path.strip_prefix("/v2/").unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        let needed = scope(&request.method, segments.first().copied().unwrap_or_default());
        let granted = self.administration(&administration).is_some_and(|books| books.scopes.contains(needed));
        if !granted {
            return Err(Refusal::Scope(needed));
        }
        let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        if request.method == Method::POST && !is_json {
            return Err(Refusal::MediaType);
        }
        self.serve(&Call { now, request, administration }, &segments)
    }

    /// Counts a call against the limits of its administration.
    fn count(&mut self, now: DateTime<Utc>, administration: &str) -> Result<(), Refusal> {
        let Settings { calls_per_minute, calls_per_hour, says_retry_after, .. } = self.settings;
        let Some(books) = self.administration_mut(administration) else { return Err(Refusal::Token) };
        for (window, length, most) in
            [(&mut books.minute, 60, calls_per_minute), (&mut books.hour, 3_600, calls_per_hour)]
        {
            let current = now.timestamp().div_euclid(length);
            if window.0 != current {
                *window = (current, 0);
            }
            window.1 = window.1.saturating_add(1);
            if window.1 > most {
                let wait = length - now.timestamp().rem_euclid(length);
                return Err(Refusal::TooMany(says_retry_after.then_some(wait)));
            }
        }
        Ok(())
    }

    fn serve(&mut self, call: &Call<'_>, segments: &[&str]) -> Result<Answer, Refusal> {
        let direction = |resource: &str| {
            if resource.starts_with("inkoop") || resource.starts_with("Inkoop") {
                Direction::Purchase
            } else {
                Direction::Sales
            }
        };
        match (&call.request.method, segments) {
            (&Method::POST, [resource @ ("inkoopboekingen" | "verkoopboekingen")]) => {
                booking::create(self, call, direction(resource))
            }
            (&Method::POST, ["relaties"]) => relations::create(self, call),
            (&Method::POST, ["documenten", kind @ ("Inkoopboekingen" | "Verkoopboekingen")]) => {
                documents::create(self, call, direction(kind))
            }
            (&Method::GET, segments) => {
                let books = self.administration(&call.administration).ok_or(Refusal::Token)?;
                match segments {
                    [resource @ ("inkoopboekingen" | "verkoopboekingen"), id] => {
                        lists::booking(books, direction(resource), id)
                    }
                    [resource @ ("inkoopfacturen" | "verkoopfacturen")] => {
                        lists::invoices(books, direction(resource), call.request)
                    }
                    ["documenten", kind @ ("Inkoopboekingen" | "Verkoopboekingen"), id] => {
                        documents::list(books, direction(kind), id)
                    }
                    ["relaties"] => lists::relations(books, call.request),
                    ["grootboeken"] => lists::accounts(books, &self.settings, call.request),
                    ["dagboeken"] => Ok(lists::journals()),
                    ["kostenplaatsen"] => Ok(lists::cost_centres(books)),
                    ["btwtarieven"] => Ok(lists::vat_rates(books)),
                    ["companyInfo"] => Ok(lists::company(books)),
                    ["echo", text] => Ok(Answer::json(StatusCode::OK, &Node::text(*text))),
                    _ => Err(Refusal::NotFound),
                }
            }
            _ => Err(Refusal::NotFound),
        }
    }
}
