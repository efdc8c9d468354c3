//! Who may call, and what a call is about.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::given::Given;
use super::refusal::{EMPTY, Faults, Refusal, field};
use super::state::{Account, Document, Fakturownia, Role};
use super::{create, ksef, lists, node, payments, seed, view};
use crate::json::Node;
use crate::polish::paper;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// A call whose token is good.
pub(super) struct Call<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) request: &'a Request,
    /// First label of the account's host.
    pub(super) prefix: String,
    pub(super) role: Role,
    /// Where the account is, as the client sees it.
    pub(super) home: String,
    /// What was sent; an empty object where nothing was.
    pub(super) body: &'a Node,
}

impl Books for Fakturownia {
    const SYSTEM: &'static str = "fakturownia";
    const TITLE: &'static str = "Fakturownia";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        if request.open >= self.settings.open_requests {
            return Refusal::TooMany(self.settings.retry_after).answer();
        }
        self.route(now, request).unwrap_or_else(Refusal::answer)
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        // Tokens do not end by themselves; one that is replaced in the account is unknown from then on.
        if let Some(token) = request.bearer() {
            for account in &mut self.accounts {
                account.tokens.remove(token);
            }
        }
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

/// The account that the host or the first part of the path names, and the path under it.
fn place(request: &Request) -> (Option<String>, &str) {
    let host = request.header("host").unwrap_or_default();
    let host = host.split_once(':').map_or(host, |(name, _)| name);
    if let Some(prefix) = host.strip_suffix(".fakturownia.pl") {
        return (Some(prefix.to_owned()), &request.path);
    }
    let path = request.path.trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    if first.contains('.') || matches!(first, "invoices" | "invoice" | "banking") {
        return (None, &request.path);
    }
    (Some(first.to_owned()), request.path.get(1 + first.len()..).filter(|_| !rest.is_empty()).unwrap_or_default())
}

impl Fakturownia {
    fn route(&mut self, now: DateTime<Utc>, request: &Request) -> Result<Answer, Refusal> {
        let (named, path) = place(request);
        let path = path.to_owned();
        if named.as_deref().is_some_and(|prefix| self.account(prefix).is_none()) {
            return Err(Refusal::NotFound);
        }
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let (["invoice", token], &Method::GET) = (segments.as_slice(), &request.method) {
            return self.public(named.as_deref(), token);
        }
        let body = body(request)?;
        let carried = self.token(request, &body, path.strip_suffix(".pdf").is_some());
        let token = carried.ok_or(Refusal::Unauthorized)?;
        let is_here = |account: &&Account| named.as_deref().is_none_or(|prefix| account.prefix == prefix);
        let found = self.accounts.iter().filter(is_here).find_map(|account| {
            let role = account.tokens.get(&token)?;
            Some((account.prefix.clone(), *role))
        });
        let (prefix, role) = found.ok_or(Refusal::Unauthorized)?;
        let in_path = named.is_some() && request.path != path;
        let home = if in_path { format!("{}/{prefix}", request.base()) } else { request.base() };
        self.serve(&Call { now, request, prefix, role, home, body: &body }, &segments)
    }

    /// The token, by whichever of the three ways it comes.
    fn token(&self, request: &Request, body: &Node, is_pdf: bool) -> Option<String> {
        let in_header = request.bearer().filter(|_| self.settings.bearer_on_pdf || !is_pdf).map(str::to_owned);
        let in_query =
            || request.parameters().into_iter().find(|(name, _)| name == "api_token").map(|(_, token)| token);
        in_header.or_else(in_query).or_else(|| body.get("api_token")?.as_text().map(str::to_owned))
    }

    fn serve(&mut self, call: &Call<'_>, segments: &[&str]) -> Result<Answer, Refusal> {
        match (&call.request.method, segments) {
            (&Method::POST, ["invoices.json"]) => return create::create(self, call),
            (&Method::POST, ["invoices", "cancel.json"]) => return self.cancel(call),
            (&Method::POST, ["invoices", id, "change_status.json"]) => return self.change_status(call, number(id)?),
            (&Method::PUT, ["invoices", file]) => return self.change(call, of_json(file)?),
            (&Method::DELETE, ["invoices", file]) => return self.delete(call, of_json(file)?),
            (&Method::GET, ["invoices", id, "attachment"]) => return self.attachment(call, number(id)?),
            (&Method::GET, ["invoices", file]) => {
                if let Some(id) = file.strip_suffix(".pdf") {
                    let token = self.mine(call)?.document(number(id)?).ok_or(Refusal::NotFound)?.token.clone();
                    return self.paper(Some(&call.prefix), &token);
                }
                let id = of_json(file)?;
                let send = lists::parameter(call.request, "send_to_ksef").as_deref() == Some("yes");
                let account = self.account_mut(&call.prefix).ok_or(Refusal::NotFound)?;
                ksef::on_read(account, id, send);
                return lists::one(self, call, id);
            }
            (&Method::POST, ["banking", "payments.json"]) => return payments::create(self, call),
            (&Method::DELETE, ["banking", "payments", file]) => {
                let id = file.strip_suffix(".json").ok_or(Refusal::NotFound)?;
                return payments::delete(self.account_mut(&call.prefix).ok_or(Refusal::NotFound)?, id);
            }
            _ => {}
        }
        let account = self.mine(call)?;
        match (&call.request.method, segments) {
            (&Method::GET, ["invoices.json"]) => Ok(lists::documents(self, account, call)),
            (&Method::GET, ["departments.json"]) => Ok(Answer::json(StatusCode::OK, &node::departments(account))),
            (&Method::GET, ["products.json"]) => Ok(Answer::json(StatusCode::OK, &node::products(self, account))),
            (&Method::GET, ["banking", "payments.json"]) => Ok(payments::list(self, account)),
            (&Method::GET, ["banking", "payment", file]) => {
                payments::one(self, account, file.strip_suffix(".json").ok_or(Refusal::NotFound)?)
            }
            _ => Err(Refusal::NotFound),
        }
    }

    fn mine(&self, call: &Call<'_>) -> Result<&Account, Refusal> {
        self.account(&call.prefix).ok_or(Refusal::NotFound)
    }

    fn open_document(&mut self, call: &Call<'_>, id: u64) -> Result<&mut Document, Refusal> {
        match call.role {
            Role::ReadOnly => return Err(Refusal::Unauthorized),
            Role::Full => {}
        }
        let account = self.account_mut(&call.prefix).ok_or(Refusal::NotFound)?;
        let document = account.document_mut(id).ok_or(Refusal::NotFound)?;
        if document.gov_id.is_some() {
            return Err(Refusal::Sentence("Nie można edytować faktury wysłanej do KSeF"));
        }
        Ok(document)
    }

    /// `PUT`: the few fields that are no part of what was agreed.
    fn change(&mut self, call: &Call<'_>, id: u64) -> Result<Answer, Refusal> {
        let given = Given(call.body.get("invoice").ok_or_else(|| field("invoice", EMPTY))?);
        let document = self.open_document(call, id)?;
        let mut faults = Faults::default();
        let paid = given.decimal("paid");
        if given.has("paid") && paid.is_none() {
            faults.add("paid", "nie jest liczbą");
        }
        let paid_date = given.day("paid_date", &mut faults);
        faults.refuse()?;
        for (name, place) in [
            ("description", &mut document.description),
            ("internal_note", &mut document.internal_note),
            ("payment_type", &mut document.payment_type),
            ("oid", &mut document.oid),
            ("buyer_name", &mut document.buyer.name),
            ("buyer_tax_no", &mut document.buyer.tax_no),
            ("buyer_street", &mut document.buyer.street),
            ("buyer_post_code", &mut document.buyer.post_code),
            ("buyer_city", &mut document.buyer.city),
            ("buyer_email", &mut document.buyer.email),
        ] {
            if given.has(name) {
                *place = given.text(name);
            }
        }
        if let Some(linked) = given.id("from_invoice_id").or_else(|| given.id("invoice_id")) {
            document.from_invoice_id = Some(linked);
        }
        let all = (given.text("status") == "paid").then_some(document.totals.gross);
        if let Some(paid) = paid.or(all) {
            document.paid = paid;
            document.paid_date = paid_date;
            create::settled(paid, document.totals.gross).clone_into(&mut document.status);
        }
        lists::one(self, call, id)
    }

    fn change_status(&mut self, call: &Call<'_>, id: u64) -> Result<Answer, Refusal> {
        let status = lists::parameter(call.request, "status").unwrap_or_default();
        if !matches!(status.as_str(), "issued" | "sent" | "paid" | "partial" | "rejected") {
            return Err(field("status", "nie znajduje się na liście dopuszczalnych wartości"));
        }
        let account = self.account_mut(&call.prefix).ok_or(Refusal::NotFound)?;
        let document = account.document_mut(id).ok_or(Refusal::NotFound)?;
        if status == "paid" {
            document.paid = document.totals.gross;
        }
        document.status = status;
        Ok(Answer::json(StatusCode::OK, &Node::text("ok")))
    }

    fn delete(&mut self, call: &Call<'_>, id: u64) -> Result<Answer, Refusal> {
        self.open_document(call, id)?;
        let account = self.account_mut(&call.prefix).ok_or(Refusal::NotFound)?;
        account.documents.retain(|document| document.id != id);
        Ok(Answer::json(StatusCode::OK, &Node::text("ok")))
    }

    /// The newest of its row is not cancelled but deleted; receipts stay.
    fn cancel(&mut self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let id = Given(call.body).id("cancel_invoice_id").unwrap_or_default();
        let account = self.mine(call)?;
        let document = account.document(id).ok_or(Refusal::NotFound)?;
        let newest = account.documents.iter().rfind(|other| create::same_row(other, document));
        if newest.is_some_and(|newest| newest.id == id) {
            return Err(Refusal::Sentence("Ostatniego dokumentu nie można anulować, należy go usunąć"));
        }
        if document.kind == "receipt" {
            return Err(Refusal::Sentence("Paragonu nie można anulować"));
        }
        "rejected".clone_into(&mut self.open_document(call, id)?.status);
        Ok(Answer::json(StatusCode::OK, &Node::object([("code", Node::text("success"))])))
    }

    fn attachment(&self, call: &Call<'_>, id: u64) -> Result<Answer, Refusal> {
        let document = self.mine(call)?.document(id).ok_or(Refusal::NotFound)?;
        document.gov_id.as_ref().ok_or(Refusal::NotFound)?;
        let to = format!("{}/invoice/{}.xml", call.home, document.token);
        Ok(Answer::empty(StatusCode::FOUND).with("Location", &to))
    }

    /// What everybody sees who has the link: the page or the PDF.
    fn public(&mut self, prefix: Option<&str>, file: &str) -> Result<Answer, Refusal> {
        match file.strip_suffix(".pdf") {
            Some(token) => self.paper(prefix, token),
            None => {
                let (_, document) = self.by_token(prefix, file)?;
                let sold = view::sold(document);
                let text = format!("{} {}: {} {}", sold.kind, sold.number, sold.totals.gross, sold.currency);
                let text = crate::page::escape(&text);
                Ok(Answer::html(StatusCode::OK, format!("<!DOCTYPE html><html><body><h1>{text}</h1></body></html>")))
            }
        }
    }

    fn by_token(&self, prefix: Option<&str>, token: &str) -> Result<(&Account, &Document), Refusal> {
        let accounts = self.accounts.iter().filter(|account| prefix.is_none_or(|prefix| account.prefix == prefix));
        let mut all = accounts.flat_map(|account| account.documents.iter().map(move |document| (account, document)));
        all.find(|(_, document)| document.token == token).ok_or(Refusal::NotFound)
    }

    /// The PDF: not at once, and with KSeF not before the document has its number there.
    fn paper(&mut self, prefix: Option<&str>, token: &str) -> Result<Answer, Refusal> {
        let (account, document) = self.by_token(prefix, token)?;
        let (delay, id, of) = (account.pdf_delay_reads, document.id, account.prefix.clone());
        if document.pdf_reads < delay {
            if let Some(document) = self.account_mut(&of).and_then(|account| account.document_mut(id)) {
                document.pdf_reads += 1;
            }
            return Err(Refusal::Sentence("PDF jest w trakcie generowania"));
        }
        if create::is_on(account.ksef) && ksef::goes(document) && document.gov_id.is_none() {
            let page = "<!DOCTYPE html><html><body><p>Dokument oczekuje na numer KSeF</p></body></html>";
            return Ok(Answer::html(StatusCode::OK, page.to_owned()));
        }
        Ok(Answer::of(StatusCode::OK, "application/pdf", paper::pdf(&view::sold(document))))
    }
}

fn number(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn of_json(file: &str) -> Result<u64, Refusal> {
    file.strip_suffix(".json").ok_or(Refusal::NotFound).and_then(number)
}

/// What was sent: JSON, and an object.
fn body(request: &Request) -> Result<Node, Refusal> {
    if request.body.is_empty() {
        return Ok(Node::Object(Vec::new()));
    }
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::MediaType);
    }
    Node::parse(&request.body).filter(|node| matches!(node, Node::Object(_))).ok_or(Refusal::Malformed)
}
