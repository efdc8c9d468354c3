//! The one address, its tasks, and what others see of a document.

use chrono::{DateTime, NaiveDate, Utc};
use http::{Method, StatusCode};

use super::fields::Fields;
use super::refusal::{Refusal, refused};
use super::state::{ClosedLinks, Document, Encoding, Fakturowo, LineEnd, NextNumber, Order};
use super::{issue, seed, view};
use crate::page::escape;
use crate::polish::paper;
use crate::server::{Answer, Request};
use crate::stand::Books;
use crate::warsaw;

/// Documents on a page of the list.
const PAGE: usize = 10;
/// Columns of the list; what is in most of them nobody knows.
const COLUMNS: usize = 18;

impl Books for Fakturowo {
    const SYSTEM: &'static str = "fakturowo";
    const TITLE: &'static str = "Fakturowo";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        match (&request.method, request.path.as_str()) {
            (&Method::POST | &Method::GET, "/api") => {
                let lines = match self.call(now, request) {
                    Ok(lines) => [vec!["1".to_owned()], lines].concat(),
                    Err(Refusal(text)) => vec!["0".to_owned(), text],
                };
                let end = match self.settings.line_end {
                    LineEnd::Newline => "\n",
                    LineEnd::CarriageReturn => "\r\n",
                };
                Answer::of(StatusCode::OK, "text/plain; charset=utf-8", lines.join(end))
            }
            (&Method::GET, "/pobierz") => self.shown(request, true),
            (&Method::GET, "/pokaz") => self.shown(request, false),
            _ => not_found(),
        }
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // A key does not end by itself; one that is replaced in the account is unknown from then on.
        let key = Self::caller(request);
        for account in self.accounts.iter_mut().filter(|account| account.key.as_deref() == Some(&key)) {
            account.key = None;
        }
    }

    fn caller(request: &Request) -> String {
        fields(request).text("api_id").to_owned()
    }

    fn page(&self) -> String {
        view::page(self)
    }

    fn booked(&self, number: &str) -> usize {
        let documents = self.accounts.iter().flat_map(|account| &account.documents);
        documents.filter(|document| document.number == number).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

/// The fields of a call: of its address, of a form, or of a form in parts. Any other body has none.
fn fields(request: &Request) -> Fields {
    if request.method == Method::GET {
        return Fields::read(request.query.as_bytes());
    }
    let kind = request.header("content-type").unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        Fields::read(&request.body)
    } else if kind.starts_with("multipart/form-data") {
        Fields::read_parts(kind, &request.body)
    } else {
        Fields::read(b"")
    }
}

fn not_found() -> Answer {
    Answer::html(StatusCode::NOT_FOUND, "<!DOCTYPE html><html><body><h1>404</h1></body></html>".to_owned())
}

/// The name of a document's file: its number with other characters where a file can't have them.
fn file_name(document: &Document) -> String {
    format!("{}.pdf", document.number.replace(['/', '\\', ' '], "_"))
}

impl Fakturowo {
    fn call(&mut self, now: DateTime<Utc>, request: &Request) -> Result<Vec<String>, Refusal> {
        if request.query.contains("api_id=") {
            self.misuse.keys_in_addresses += 1;
        }
        let fields = fields(request);
        let key = fields.text("api_id");
        if key.is_empty() {
            return refused("Brak klucza API (api_id)");
        }
        if self.account(key).is_none() {
            return refused("Nieprawidłowy klucz API (api_id)");
        }
        if request.open > 0 {
            self.misuse.parallel += 1;
            return refused("Poprzednie zapytanie nie zostało zakończone");
        }
        match fields.text("api_zadanie") {
            "1" => self.issue(now, request, &fields, key),
            "2" => self.delete(&fields, key),
            "3" => self.list(&fields, key),
            "8" => self.next_number(now, &fields, key),
            "4" | "6" => Ok(vec!["0".to_owned()]),
            _ => refused("Nieznane zadanie (api_zadanie)"),
        }
    }

    fn issue(
        &mut self,
        now: DateTime<Utc>,
        request: &Request,
        fields: &Fields,
        key: &str,
    ) -> Result<Vec<String>, Refusal> {
        if ["dokument_email", "dokument_tytul", "dokument_tresc"].iter().any(|name| fields.any(name)) {
            self.misuse.mails += 1;
        }
        let account = self.account(key).ok_or_else(|| Refusal("Nieprawidłowy klucz API (api_id)".to_owned()))?;
        let mut document = issue::read(account, &self.settings, fields, warsaw::today(now))?;
        self.sequence += 1;
        document.id = 8_400_000 + self.sequence;
        document.token = format!("{:07x}{:06x}", self.sequence * 7_919_993 % 268_435_399, document.id);
        let mut lines = vec![document.id.to_string()];
        let has_links = match self.settings.closed_links {
            ClosedLinks::Absent => document.open,
            ClosedLinks::Present => true,
        };
        if has_links {
            lines.push(format!("{}/pobierz?dokument={}", request.base(), document.token));
            lines.push(format!("{}/pokaz?dokument={}", request.base(), document.token));
            lines.push(file_name(&document));
        }
        if let Some(account) = self.account_mut(key) {
            account.documents.push(document);
        }
        Ok(lines)
    }

    fn delete(&mut self, fields: &Fields, key: &str) -> Result<Vec<String>, Refusal> {
        let wanted = fields.text("api_numer");
        let Some(account) = self.account_mut(key) else { return refused("Nieprawidłowy klucz API (api_id)") };
        let before = account.documents.len();
        account.documents.retain(|document| document.id.to_string() != wanted);
        if account.documents.len() == before { refused("Nie znaleziono dokumentu") } else { Ok(Vec::new()) }
    }

    /// The number of pages, and the documents of one.
    fn list(&self, fields: &Fields, key: &str) -> Result<Vec<String>, Refusal> {
        let page = match fields.text("p") {
            "" => 1,
            text => match text.parse::<usize>() {
                Ok(page) if page > 0 => page,
                _ => return refused("Nieprawidłowy numer strony"),
            },
        };
        let mut documents: Vec<&Document> =
            self.account(key).map_or_else(Vec::new, |known| known.documents.iter().collect());
        match self.settings.list_order {
            Order::NewestFirst => documents.reverse(),
            Order::OldestFirst => {}
        }
        let mut lines = vec![documents.len().div_ceil(PAGE).max(1).to_string()];
        let rows = documents.into_iter().skip((page - 1).saturating_mul(PAGE)).take(PAGE);
        lines.extend(rows.map(|document| self.row(document)));
        Ok(lines)
    }

    fn row(&self, document: &Document) -> String {
        let write = |text: String| match self.settings.list_encoding {
            Encoding::Plain => text,
            Encoding::Percent => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        };
        let mut columns = vec!["x".to_owned(); COLUMNS];
        for (place, value) in
            [(0, document.id.to_string()), (2, write(document.number.clone())), (16, document.status.to_string())]
        {
            if let Some(column) = columns.get_mut(place) {
                *column = value;
            }
        }
        columns.join(";")
    }

    fn next_number(&self, now: DateTime<Utc>, fields: &Fields, key: &str) -> Result<Vec<String>, Refusal> {
        match self.settings.next_number {
            NextNumber::Unknown => return refused("Nieznane zadanie (api_zadanie)"),
            NextNumber::Told => {}
        }
        let kind = fields.code("dokument_rodzaj", 0, "rodzaj dokumentu")?;
        let day: NaiveDate = fields.day("dokument_data_w", "wystawienia")?.unwrap_or_else(|| warsaw::today(now));
        let Some(account) = self.account(key) else { return refused("Nieprawidłowy klucz API (api_id)") };
        Ok(vec![issue::next_number(account, kind, day)])
    }

    /// The PDF or the page: by the link of an open document, or the PDF by key and id.
    fn shown(&mut self, request: &Request, is_pdf: bool) -> Answer {
        let fields = Fields::read(request.query.as_bytes());
        let key = fields.text("api_id");
        let found = if key.is_empty() {
            let documents = self.accounts.iter().flat_map(|account| &account.documents);
            let has_links = self.settings.closed_links == ClosedLinks::Present;
            let is_shown = |document: &&Document| document.open || has_links;
            documents.filter(is_shown).find(|document| document.token == fields.text("dokument")).cloned()
        } else {
            self.misuse.keys_in_addresses += 1;
            let mine = self.account(key).filter(|_| is_pdf);
            let mut mine = mine.into_iter().flat_map(|account| &account.documents);
            mine.find(|document| document.id.to_string() == fields.text("api_numer")).cloned()
        };
        let Some(document) = found else { return not_found() };
        let sold = view::sold(&document);
        if is_pdf {
            let name = format!("attachment; filename=\"{}\"", file_name(&document));
            return Answer::of(StatusCode::OK, "application/pdf", paper::pdf(&sold)).with("Content-Disposition", &name);
        }
        let text = escape(&format!("{} {} {}", sold.number, sold.totals.gross, sold.currency));
        Answer::html(StatusCode::OK, format!("<!DOCTYPE html><html><body><h1>{text}</h1></body></html>"))
    }
}
