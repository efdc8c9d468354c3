//! Who may call, and what a call is about.

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use rust_decimal::Decimal;

use super::envelope::{self, Format, INPUT_ERROR, Refusal, branch, numbered};
use super::fields::{Check, text};
use super::state::{Company, Payment, Wfirma};
use super::{find, invoices, records, view};
use crate::json::Node;
use crate::polish::paper;
use crate::server::{Answer, Request};

/// So many wrong keys in a row lock them.
const FAILURES: u32 = 5;

/// A call whose keys and company are good.
struct Call<'a> {
    request: &'a Request,
    now: DateTime<Utc>,
    company: u64,
    /// The body under its module.
    branch: Option<Node>,
}

/// What comes of a call: records under a module, or bytes.
enum Outcome {
    Branch(&'static str, Option<Node>),
    Bytes(Vec<u8>),
    Done,
}

/// Plural and singular of the modules.
const MODULES: &[(&str, &str)] = &[
    ("invoices", "invoice"),
    ("series", "series"),
    ("vat_codes", "vat_code"),
    ("goods", "good"),
    ("contractors", "contractor"),
    ("payments", "payment"),
    ("user_companies", "user_company"),
];

/// Answers anything: the API, and the page that buyers see.
pub(super) fn answer(state: &mut Wfirma, now: DateTime<Utc>, request: &Request) -> Answer {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    if let ["faktura", company, id, hash] = segments.as_slice() {
        return panel(state, company, id, hash);
    }
    let Some((input, output)) = envelope::formats(request) else {
        return envelope::answer(Format::Xml, None, "INPUT ERROR");
    };
    let known = MODULES.iter().find(|(plural, _)| segments.first() == Some(plural));
    let plural = known.map(|(plural, _)| *plural);
    match call(state, now, request, input, &segments) {
        Ok(Outcome::Branch(plural, node)) => envelope::answer(output, node.map(|node| (plural, node)), "OK"),
        Ok(Outcome::Bytes(bytes)) => Answer::of(StatusCode::OK, "application/pdf", bytes),
        Ok(Outcome::Done) => envelope::answer(output, None, "OK"),
        Err(Refusal::Status(code)) => envelope::answer(output, None, code),
        Err(Refusal::Errors(record)) => {
            let singular = known.map(|(_, singular)| *singular).unwrap_or_default();
            let branch = Node::Object(numbered(singular, [*record]));
            envelope::answer(output, plural.map(|plural| (plural, branch)), "ERROR")
        }
    }
}

/// The page that a link leads buyers to.
fn panel(state: &Wfirma, company: &str, id: &str, hash: &str) -> Answer {
    let open = company.parse().ok().and_then(|id| state.company(id)).filter(|company| company.customer_panel);
    let invoices = open.map(|company| company.invoices.as_slice()).unwrap_or_default();
    let found = invoices.iter().find(|one| one.id.to_string() == id && !hash.is_empty() && one.hash == hash);
    match found {
        Some(invoice) => Answer::html(StatusCode::OK, format!("<html><body>{}</body></html>", invoice.full_number)),
        None => Answer::html(StatusCode::NOT_FOUND, "<html><body>404</body></html>".to_owned()),
    }
}

/// Looks at the keys; the companies that they open.
fn keys(state: &mut Wfirma, now: DateTime<Utc>, request: &Request) -> Result<usize, Refusal> {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    let (access, secret, app) = (header("accesskey"), header("secretkey"), header("appkey"));
    if state.locked.get(&access).is_some_and(|until| *until > now) {
        return Err(Refusal::Status("AUTH FAILED LIMIT WAIT 5 MINUTES"));
    }
    let user = state.users.iter().position(|user| user.access_key == access && user.secret_key == secret);
    match user.filter(|_| state.app_keys.contains(&app)) {
        Some(user) => {
            state.failures.remove(&access);
            Ok(user)
        }
        None => {
            let failures = state.failures.entry(access.clone()).or_default();
            *failures += 1;
            if *failures >= FAILURES {
                *failures = 0;
                state.locked.insert(access, now + TimeDelta::seconds(state.settings.lock_seconds));
            }
            Err(Refusal::Status("AUTH"))
        }
    }
}

fn count(state: &mut Wfirma, now: DateTime<Utc>) -> Result<(), Refusal> {
    let current = now.timestamp().div_euclid(60);
    if state.minute.0 != current {
        state.minute = (current, 0);
    }
    state.minute.1 += 1;
    if state.settings.calls_per_minute.is_some_and(|most| state.minute.1 > most) {
        return Err(Refusal::Status("TOTAL REQUESTS LIMIT EXCEEDED"));
    }
    Ok(())
}

fn call(
    state: &mut Wfirma,
    now: DateTime<Utc>,
    request: &Request,
    input: Format,
    segments: &[&str],
) -> Result<Outcome, Refusal> {
    let user = keys(state, now, request)?;
    count(state, now)?;
    let user = state.users.get(user).cloned().unwrap_or_default();
    let [module, action, rest @ ..] = segments else { return Err(Refusal::Status("ACTION NOT FOUND")) };
    let known = MODULES.iter().find(|(plural, _)| plural == module).ok_or(Refusal::Status("ACTION NOT FOUND"))?;
    if user.denied.contains(*module) {
        return Err(Refusal::Status("ACCESS DENIED"));
    }
    if (known.0, *action) == ("user_companies", "find") {
        let own = state.companies.iter().filter(|company| user.companies.contains(&company.id));
        let all = own.map(records::company).collect();
        let body = branch(input, request, known.0)?;
        return find::find(all, body.as_ref(), known.1, &state.settings).map(|node| Outcome::Branch(known.0, node));
    }
    let parameters = request.parameters();
    let company = match parameters.iter().find(|(name, _)| name == "company_id") {
        Some((_, id)) => {
            id.parse().ok().filter(|id| user.companies.contains(id)).ok_or(Refusal::Status("ACCESS DENIED"))?
        }
        None => match user.companies.iter().collect::<Vec<_>>().as_slice() {
            [only] => **only,
            _ => return Err(Refusal::Status("COMPANY ID REQUIRED")),
        },
    };
    if state.company(company).ok_or(Refusal::Status("ACCESS DENIED"))?.restoring {
        return Err(Refusal::Status("SNAPSHOT LOCK"));
    }
    let reads = request.method == Method::GET && rest.len() == 1;
    let branch = if reads { None } else { branch(input, request, known.0)? };
    serve(state, &Call { request, now, company, branch }, known.0, action, rest)
}

fn serve(
    state: &mut Wfirma,
    call: &Call<'_>,
    module: &'static str,
    action: &str,
    rest: &[&str],
) -> Result<Outcome, Refusal> {
    let books = state.company(call.company).ok_or(Refusal::Status("ACCESS DENIED"))?;
    let posts = call.request.method == Method::POST;
    let list = |all: Vec<Node>, singular: &'static str| {
        find::find(all, call.branch.as_ref(), singular, &state.settings).map(|node| Outcome::Branch(module, node))
    };
    match (module, action, rest) {
        ("invoices", "find", []) => {
            list(books.invoices.iter().map(|one| records::invoice(books, one)).collect(), "invoice")
        }
        ("series", "find", []) => list(books.series.iter().map(records::series).collect(), "series"),
        ("vat_codes", "find", []) => list(books.vat_codes.iter().map(records::vat_code).collect(), "vat_code"),
        ("goods", "find", []) => list(books.goods.iter().map(|one| records::good(books, one)).collect(), "good"),
        ("contractors", "find", []) => list(books.contractors.iter().map(records::contractor).collect(), "contractor"),
        ("payments", "find", []) => list(books.payments.iter().map(records::payment).collect(), "payment"),
        ("invoices", "get", [id]) => get(state, call, id),
        ("invoices", "fiscalize", [id]) if !posts => {
            let id = invoice_id(books, id)?;
            let books = state.company_mut(call.company).ok_or(Refusal::Status("ACCESS DENIED"))?;
            let found = books.invoices.iter_mut().find(|one| one.id == id && invoices::is_fiscal(&one.kind));
            found.ok_or(Refusal::Status("NOT FOUND"))?.fiscalized = true;
            Ok(Outcome::Done)
        }
        ("invoices", "download", [id]) if posts => download(books, call, id),
        ("invoices", "add", []) if posts => {
            let record = only(call.branch.as_ref(), "invoice")?;
            let id = invoices::add(state, call.company, call.now, record)?;
            get(state, call, &id.to_string())
        }
        ("payments", "add", []) if posts => pay(state, call),
        _ => Err(Refusal::Status("ACTION NOT FOUND")),
    }
}

/// The one record of a body.
fn only<'a>(branch: Option<&'a Node>, singular: &str) -> Result<&'a Node, Refusal> {
    match envelope::records(branch.ok_or(INPUT_ERROR)?, singular)?.as_slice() {
        [(_, record)] => Ok(record),
        _ => Err(INPUT_ERROR),
    }
}

fn invoice_id(books: &Company, id: &str) -> Result<u64, Refusal> {
    let found = books.invoices.iter().find(|one| one.id.to_string() == id);
    found.map(|one| one.id).ok_or(Refusal::Status("NOT FOUND"))
}

/// Reads a document; the national system takes it after some reads.
fn get(state: &mut Wfirma, call: &Call<'_>, id: &str) -> Result<Outcome, Refusal> {
    let books = state.company_mut(call.company).ok_or(Refusal::Status("ACCESS DENIED"))?;
    let found = books.invoices.iter_mut().find(|one| one.id.to_string() == id);
    let invoice = found.ok_or(Refusal::Status("NOT FOUND"))?;
    if invoice.ksef.status == "pending" && call.request.method == Method::GET {
        match invoice.ksef.reads.checked_sub(1) {
            Some(left) => invoice.ksef.reads = left,
            None => view::accept(&books.nip, invoice, call.now),
        }
    }
    let invoice = invoice.clone();
    let node = Node::Object(numbered("invoice", [records::invoice(books, &invoice)]));
    Ok(Outcome::Branch("invoices", Some(node)))
}

fn download(books: &Company, call: &Call<'_>, id: &str) -> Result<Outcome, Refusal> {
    let id = invoice_id(books, id)?;
    if let Some(parameters) = call.branch.as_ref().and_then(|branch| branch.get("parameters")) {
        for (_, parameter) in envelope::records(parameters, "parameter")? {
            let (name, value) = (text(parameter.get("name")), text(parameter.get("value")));
            let allowed = match name.as_str() {
                "page" => ["invoice", "invoicecopy", "all"].contains(&value.as_str()),
                _ => value == "0" || value == "1",
            };
            if !allowed {
                return Err(INPUT_ERROR);
            }
        }
    }
    let sold = view::sold(books).into_iter().find(|sold| sold.id == id.to_string());
    let sold = sold.filter(|sold| !invoices::is_fiscal(&sold.kind)).ok_or(Refusal::Status("NOT FOUND"))?;
    Ok(Outcome::Bytes(paper::pdf(&sold)))
}

fn pay(state: &mut Wfirma, call: &Call<'_>) -> Result<Outcome, Refusal> {
    let record = only(call.branch.as_ref(), "payment")?;
    let mut check = Check::default();
    for field in ["object_name", "object_id", "value", "date", "payment_method"] {
        check.required(record, &[], field);
    }
    check.word(record, &[], "object_name", &["invoice"]);
    let method =
        check.word(record, &[], "payment_method", &["cash", "transfer", "compensation", "cod", "payment_card"]);
    let (value, date) = (check.number(record, &[], "value"), check.day(record, &[], "date"));
    if value.is_some_and(|value| value <= Decimal::ZERO) {
        check.wrong(&[], "value", "nieprawidłowa wartość");
    }
    let id = state.new_id();
    let books = state.company_mut(call.company).ok_or(Refusal::Status("ACCESS DENIED"))?;
    let invoice = invoice_id(books, &text(record.get("object_id"))).unwrap_or_else(|_| {
        check.wrong(&[], "object_id", "nie znaleziono obiektu");
        0
    });
    check.refuse(record)?;
    let payment = Payment {
        id,
        invoice,
        value: value.unwrap_or_default(),
        date: date.unwrap_or_default(),
        method: method.to_owned(),
    };
    let node = Node::Object(numbered("payment", [records::payment(&payment)]));
    books.payments.push(payment);
    Ok(Outcome::Branch("payments", Some(node)))
}
