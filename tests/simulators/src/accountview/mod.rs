//! `AccountView`, as AccountView.Net shows it: OAuth with refresh tokens that work once, business objects that are read with
//! filters and written as columns and values, books for each year, refusals as an object with a switchable status.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::accountview::{AccountView, seed};
//! use simulators::faults::{Effect, Fault, Stored};
//! use simulators::stand::Options;
//!
//! let accountview = Options::<AccountView>::demo().start().await?;
//! accountview.faults().add(Fault::on("POST", "AccountViewData", Effect::hang(Stored::Yes)));
//! // ... a client works with accountview.base_url() and seed::COMPANY ...
//! assert_eq!(accountview.read(|books| books.company(seed::COMPANY).unwrap().years[0].pages.len()), 1);
//! # Ok(())
//! # }
//! ```

pub mod auth;
mod booking;
pub mod books;
pub mod columns;
mod data;
mod envelope;
mod filling;
mod refusal;
mod relations;
pub mod seed;
mod view;

use chrono::{DateTime, NaiveDate, Utc};
use http::{Method, StatusCode};

pub use books::AccountView;

use self::refusal::{Refusal, rule};
use crate::json::Node;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// A request whose token is good, for a company.
struct Call<'a> {
    now: DateTime<Utc>,
    request: &'a Request,
    company: String,
}

impl Books for AccountView {
    const SYSTEM: &'static str = "accountview";
    const TITLE: &'static str = "AccountView";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        let path = request.path.to_ascii_lowercase();
        match (&request.method, path.as_str()) {
            (&Method::GET, "/ams/authorize.aspx") => auth::authorize(self, now, request),
            (&Method::POST, "/api/v3/token") => auth::token(self, now, request).unwrap_or_else(|refused| refused),
            (_, path) => match path.strip_prefix("/api/v3/") {
                Some(resource) => self.call(now, request, resource).unwrap_or_else(|it| it.answer(&self.settings)),
                None => Refusal::NotFound.answer(&self.settings),
            },
        }
    }

    fn expire_token(&mut self, now: DateTime<Utc>, request: &Request) {
        if let Some(token) = request.bearer().and_then(|token| self.access_tokens.get_mut(token)) {
            token.until = now;
        }
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        // A longer number is shortened; it stands whole in the title.
        let has = |page: &books::Page| {
            let title = page.header.text("HDR_DESC").split_once(' ').map(|(first, _)| first);
            page.header.text("INV_NR") == number || title == Some(number)
        };
        let years = self.companies.iter().flat_map(|company| &company.years);
        years.flat_map(|year| &year.pages).filter(|page| has(page)).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

impl AccountView {
    fn call(&mut self, now: DateTime<Utc>, request: &Request, resource: &str) -> Result<Answer, Refusal> {
        let token = request.bearer().and_then(|token| self.access_tokens.get(token)).filter(|token| token.until > now);
        let scopes = token.ok_or(Refusal::Token)?.scopes.clone();
        self.count(now)?;
        let needed = if request.method == Method::GET { auth::READ } else { auth::UPDATE };
        if !scopes.contains(needed) {
            return Err(Refusal::Scope(needed));
        }
        if (&request.method, resource) == (&Method::GET, "companies") {
            return Ok(self.list_companies());
        }
        let company = request.header("x-company").unwrap_or_default().trim().to_owned();
        if self.company(&company).is_none() {
            return Err(rule(format!("Onderneming {company} onbekend (x-company).")));
        }
        if !self.settings.reachable {
            return Err(Refusal::Unreachable);
        }
        let call = Call { now, request, company };
        match (&request.method, resource) {
            (&Method::GET, "accountviewdata") => data::read(self, &call),
            (&Method::GET, "accountviewsystemdata") => data::read_dictionary(self, &call),
            (&Method::GET, "accountviewsystembusinessobjects") => Ok(data::objects(self)),
            (&Method::POST, "accountviewdata") => {
                let kind = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
                if !kind.starts_with("application/json") {
                    return Err(Refusal::MediaType);
                }
                envelope::write(self, &call)
            }
            _ => Err(Refusal::NotFound),
        }
    }

    fn count(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let minute = now.timestamp().div_euclid(60);
        if self.minute.0 != minute {
            self.minute = (minute, 0);
        }
        self.minute.1 = self.minute.1.saturating_add(1);
        if self.minute.1 > self.settings.per_minute { Err(Refusal::TooMany) } else { Ok(()) }
    }

    fn list_companies(&self) -> Answer {
        let rows = self.companies.iter().map(|company| {
            Node::object([
                ("Id", Node::text(&company.id)),
                ("Description", Node::text(&company.description)),
                ("Code", Node::text(&company.code)),
            ])
        });
        Answer::json(StatusCode::OK, &Node::List(rows.collect()))
    }
}

/// The day of a date or a date-time.
fn day(text: &str) -> Option<NaiveDate> {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let time = time.strip_suffix('Z').unwrap_or(time);
    let is_time = time.is_empty() || time.parse::<chrono::NaiveTime>().is_ok();
    day.parse().ok().filter(|_| is_time)
}

/// The day whose year is meant: that of the booking, or today.
fn book_day(text: &str, now: DateTime<Utc>) -> Result<NaiveDate, Refusal> {
    if text.is_empty() {
        return Ok(now.date_naive());
    }
    day(text).ok_or_else(|| rule(format!("BookDate {text} is ongeldig in veld BookDate.")))
}

fn no_year(day: NaiveDate) -> Refusal {
    rule(format!("Er is geen administratie voor datum {}.", day.format("%d-%m-%Y")))
}
