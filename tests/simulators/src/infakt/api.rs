//! Who may call, how often, and what a call is about.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::refusal::{NOT_FOUND, Refusal};
use super::state::{Account, Action, Infakt, Kind};
use super::{helpers, lists, seed, share, tasks, view};
use crate::json::Node;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// A call whose key is good.
pub(super) struct Call<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) request: &'a Request,
    pub(super) key: String,
    /// What was sent; an empty object where nothing was.
    pub(super) body: &'a Node,
}

impl Call<'_> {
    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.request.parameters().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Books for Infakt {
    const SYSTEM: &'static str = "infakt";
    const TITLE: &'static str = "inFakt";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        tasks::run_due(self, now);
        let answer = match request.path.strip_prefix("/api/v3/") {
            Some(path) => self.call(now, request, path),
            None => share::page(self, now, request),
        };
        answer.unwrap_or_else(Refusal::answer)
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // A key does not end by itself; one that is replaced in the account is unknown from then on.
        let key = request.header("x-infakt-apikey");
        for account in self.accounts.iter_mut().filter(|account| account.key.as_deref() == key) {
            account.key = None;
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        let invoices = self.accounts.iter().flat_map(|account| &account.invoices);
        invoices.filter(|invoice| invoice.number == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

impl Infakt {
    pub(super) fn mine(&self, call: &Call<'_>) -> Result<&Account, Refusal> {
        self.accounts.iter().find(|account| account.key.as_ref() == Some(&call.key)).ok_or(NOT_FOUND)
    }

    pub(super) fn mine_mut(&mut self, call: &Call<'_>) -> Result<&mut Account, Refusal> {
        self.accounts.iter_mut().find(|account| account.key.as_ref() == Some(&call.key)).ok_or(NOT_FOUND)
    }

    fn call(&mut self, now: DateTime<Utc>, request: &Request, path: &str) -> Result<Answer, Refusal> {
        self.count(now, request)?;
        let key = request.header("x-infakt-apikey").unwrap_or_default().to_owned();
        let account = self.accounts.iter().find(|account| account.key.as_ref() == Some(&key));
        let account = account.ok_or(Refusal::Text(StatusCode::UNAUTHORIZED, "Nieprawidłowy klucz API"))?;
        if account.unpaid {
            return Err(Refusal::Text(StatusCode::PAYMENT_REQUIRED, "Funkcja niedostępna w aktualnym planie"));
        }
        let needed = match (&request.method, path.split('/').next()) {
            (&Method::GET, _) => "api:invoices:read",
            (_, Some("ksef2")) => "api:ksef:integration:write",
            _ => "api:invoices:write",
        };
        if !account.scopes.contains(needed) {
            return Err(Refusal::Text(StatusCode::FORBIDDEN, "Brak uprawnień do zasobu"));
        }
        // What is not said to be JSON is not looked at.
        let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let body = if request.body.is_empty() || !is_json {
            Node::Object(Vec::new())
        } else {
            let wrong = Refusal::Text(StatusCode::BAD_REQUEST, "Nieprawidłowy format JSON");
            Node::parse(&request.body).filter(|node| matches!(node, Node::Object(_))).ok_or(wrong)?
        };
        let segments: Vec<&str> = path.split('/').collect();
        self.serve(&Call { now, request, key, body: &body }, &segments)
    }

    /// Counts a call against the limits of its address.
    fn count(&mut self, now: DateTime<Utc>, request: &Request) -> Result<(), Refusal> {
        let minute = now.timestamp().div_euclid(60);
        if self.minute.0 != minute {
            self.minute = (minute, 0, 0);
        }
        let (counted, most) = match request.method {
            Method::GET => (&mut self.minute.1, self.settings.reads_per_minute),
            _ => (&mut self.minute.2, self.settings.writes_per_minute),
        };
        *counted = counted.saturating_add(1);
        if *counted <= most {
            return Ok(());
        }
        let wait = 60 - now.timestamp().rem_euclid(60);
        Err(Refusal::TooMany(self.settings.says_retry_after.then_some(wait)))
    }

    fn serve(&mut self, call: &Call<'_>, segments: &[&str]) -> Result<Answer, Refusal> {
        let is_correction = |resource: &str| resource == "corrective_invoices";
        match (&call.request.method, segments) {
            (&Method::POST, ["async", "invoices.json"]) => tasks::post(self, call, Action::CreateInvoice, ""),
            (&Method::POST, ["async", "corrective_invoices.json"]) => {
                tasks::post(self, call, Action::CreateCorrection, "")
            }
            (&Method::POST, ["async", "invoices", uuid, "paid.json"]) => {
                tasks::post(self, call, Action::MarkPaid, uuid)
            }
            (&Method::GET, ["async", resource @ ("invoices" | "corrective_invoices"), "status", file]) => {
                tasks::status(self, call, file, is_correction(resource))
            }
            (&Method::POST, ["invoices.json"]) => {
                Err(Refusal::Text(StatusCode::GONE, "Endpoint wycofany, użyj /async/invoices.json"))
            }
            (&Method::POST, ["corrective_invoices.json"]) => Err(Refusal::Broken),
            (&Method::GET, ["invoices.json"]) => lists::invoices(self, call, |kind| kind != Kind::Correction),
            (&Method::GET, ["corrective_invoices.json"]) => {
                lists::invoices(self, call, |kind| kind == Kind::Correction)
            }
            (&Method::GET, ["invoices", "next_number.json"]) => helpers::next_number(self, call),
            (&Method::GET, [resource @ ("invoices" | "corrective_invoices"), uuid, "pdf.json"]) => {
                helpers::pdf(self, call, is_correction(resource), uuid)
            }
            (&Method::POST, ["invoices", uuid, "deliver_via_email.json"]) => {
                lists::find(self.mine(call)?, uuid, false)?;
                Ok(Answer::empty(StatusCode::ACCEPTED))
            }
            (_, [resource @ ("invoices" | "corrective_invoices"), uuid, rest @ ..])
                if matches!(rest, ["share_links.json"] | ["share_links", "prolong.json"]) =>
            {
                share::serve(self, call, is_correction(resource), uuid, rest.len() == 2)
            }
            (&Method::GET, [resource @ ("invoices" | "corrective_invoices"), file]) => {
                let uuid = file.strip_suffix(".json").ok_or(NOT_FOUND)?;
                lists::one(self, call, is_correction(resource), uuid)
            }
            (&Method::DELETE, [resource @ ("invoices" | "corrective_invoices"), file]) => {
                let uuid = file.strip_suffix(".json").ok_or(NOT_FOUND)?;
                lists::find(self.mine(call)?, uuid, is_correction(resource))?;
                self.mine_mut(call)?.invoices.retain(|invoice| invoice.uuid != uuid);
                Ok(Answer::empty(StatusCode::NO_CONTENT))
            }
            (&Method::GET, ["vat_rates.json"]) => Ok(helpers::vat_rates(self.mine(call)?)),
            (&Method::GET, ["bank_accounts.json"]) => Ok(helpers::bank_accounts(self.mine(call)?)),
            (&Method::GET, ["clients.json"]) => Ok(helpers::clients(self.mine(call)?, call)),
            (&Method::POST, ["clients.json"]) => helpers::create_client(self, call),
            (&Method::GET, ["ksef2", "integration.json"]) => {
                let active = Node::object([("active", Node::Bool(self.mine(call)?.ksef_active))]);
                Ok(Answer::json(StatusCode::OK, &active))
            }
            (
                &Method::POST,
                ["ksef2", "documents", uuid, "send.json"]
                | ["invoices" | "corrective_invoices", uuid, "send_to_ksef.json"],
            ) => helpers::send(self, call, uuid),
            (&Method::GET, ["ksef2", "documents", uuid, "status.json"]) => helpers::ksef_status(self, call, uuid),
            (_, ["ksef", ..]) => Err(Refusal::Text(StatusCode::GONE, "Endpoint wycofany, użyj /ksef2")),
            _ => Err(NOT_FOUND),
        }
    }
}
