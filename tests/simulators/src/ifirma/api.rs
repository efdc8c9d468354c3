//! Who may call, and what a call is about.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use http::{Method, StatusCode};
use rust_decimal::Decimal;

use super::fields::Fields;
use super::refusal::{self, Refusal, STRUCTURE, answer, rule};
use super::state::{Account, CodeOnRead, Ifirma, Invoice, Kind, Ksef, Payment, Settings, Strictness};
use super::{invoices, lists, records, signature, view};
use crate::json::Node;
use crate::polish::paper;
use crate::server::{Answer, Request};
use crate::warsaw;

/// What invoices are read as; how the kinds look in print is not known.
const PAPERS: &[&str] = &["pdf", "pdf.single", "pdf.oryg", "pdf.kopia", "pdf.orygkopia", "pdf.dup"];

/// Answers anything.
pub(super) fn respond(state: &mut Ifirma, now: DateTime<Utc>, request: &Request) -> Answer {
    let Some(path) = request.path.strip_prefix("/iapi/") else { return nothing() };
    let login = match signed(state, request, path) {
        Ok(login) => login,
        Err(refused) => return refused.answer(),
    };
    if let Some(too_many) = count(state, &login, now) {
        return too_many;
    }
    match (&request.method, path) {
        (&Method::GET, _) => read(state, &login, now, request, path),
        (&Method::POST | &Method::PUT, _) => write(state, &login, now, request, path),
        _ => Ok(nothing()),
    }
    .unwrap_or_else(Refusal::answer)
}

/// There is no such address.
fn nothing() -> Answer {
    Answer::html(StatusCode::NOT_FOUND, "<html><body><h1>HTTP Status 404</h1></body></html>".to_owned())
}

/// Looks at header, login, key and digest, in this order; answers whose request it is.
fn signed(state: &Ifirma, request: &Request, path: &str) -> Result<String, Refusal> {
    let given = signature::header(request).ok_or(refusal::HEADER)?;
    let account = state.account(&given.login).ok_or(refusal::LOGIN)?;
    let area = if path.starts_with("abonent/") { "abonent" } else { "faktura" };
    let key = account.keys.get(area).ok_or(refusal::NO_KEY)?;
    let base = state.settings.signed_base.clone().unwrap_or_else(|| request.base());
    let message = signature::message(&format!("{base}{}", request.path), &given.login, area, &request.body);
    if signature::digest(key, &message).as_deref() != Some(given.digest.as_str()) {
        return Err(refusal::DIGEST);
    }
    if !account.terms_accepted {
        return Err(refusal::TERMS);
    }
    if !account.has_api {
        return Err(refusal::NO_API);
    }
    Ok(given.login)
}

/// Counts a request against the limits of its account.
fn count(state: &mut Ifirma, login: &str, now: DateTime<Utc>) -> Option<Answer> {
    let Settings { calls_per_minute, calls_per_day, .. } = state.settings;
    let account = state.account_mut(login)?;
    for (window, length, most) in
        [(&mut account.minute, 60, calls_per_minute), (&mut account.day, 86_400, calls_per_day)]
    {
        let current = now.timestamp().div_euclid(length);
        if window.0 != current {
            *window = (current, 0);
        }
        window.1 = window.1.saturating_add(1);
        if window.1 > most {
            return Some(Answer::empty(StatusCode::TOO_MANY_REQUESTS));
        }
    }
    None
}

/// An answer that is read: its code may be missing.
pub(super) fn data(settings: &Settings, members: Vec<(Cow<'static, str>, Node)>) -> Answer {
    match settings.code_on_read {
        CodeOnRead::Present => answer(0, "", members),
        CodeOnRead::Absent => Answer::json(StatusCode::OK, &Node::object([("response", Node::Object(members))])),
    }
}

fn member(name: &'static str, value: Node) -> (Cow<'static, str>, Node) {
    (Cow::Borrowed(name), value)
}

/// An invoice by its id, or by its number with `_` in the place of `/`.
fn find<'a>(account: &'a mut Account, kind: Kind, key: &str) -> Result<&'a mut Invoice, Refusal> {
    let is_meant = |one: &&mut Invoice| {
        one.kind == kind && (one.id.to_string() == key || one.full_number.replace('/', "_") == key)
    };
    account.invoices.iter_mut().find(is_meant).ok_or_else(|| rule("Nie znaleziono faktury o podanym identyfikatorze"))
}

fn read(state: &mut Ifirma, login: &str, now: DateTime<Utc>, request: &Request, path: &str) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let account = state.account_mut(login).ok_or(refusal::LOGIN)?;
    match path {
        "faktury.json" => return lists::invoices(account, &settings, warsaw::today(now), request),
        "abonent/limit.json" => {
            let used = account.used.get(&warsaw::today(now).format("%Y-%m").to_string()).copied().unwrap_or_default();
            let members = vec![
                member("LimitWykorzystany", Node::Int(used.into())),
                member("LimitPrzyznany", Node::Int(account.allowance.into())),
            ];
            return Ok(data(&settings, members));
        }
        "abonent/miesiacksiegowy.json" => return Ok(data(&settings, month(account))),
        _ => {}
    }
    let Some((prefix, name)) = path.split_once('/') else { return Ok(nothing()) };
    let Some(kind) = Kind::of_prefix(prefix) else { return Ok(nothing()) };
    let Some((key, form)) = name.split_once('.') else { return Ok(nothing()) };
    let invoice = find(account, kind, key)?;
    if form == "json" {
        if let Ksef::Waiting(reads) = &mut invoice.ksef {
            match reads.checked_sub(1) {
                Some(left) => *reads = left,
                None => invoice.ksef = Ksef::Numbered(view::ksef_number(invoice, now)),
            }
        }
        return Ok(data(&settings, records::invoice(&settings, invoice)));
    }
    if PAPERS.contains(&form) {
        return Ok(Answer::of(StatusCode::OK, "application/pdf", paper::pdf(&view::document(invoice))));
    }
    Ok(nothing())
}

fn month(account: &Account) -> Vec<(Cow<'static, str>, Node)> {
    let (year, month) = account.month;
    vec![member("MiesiacKsiegowy", Node::Int(month.into())), member("RokKsiegowy", Node::Int(year.into()))]
}

/// The body: JSON in UTF-8, and said to be.
fn body(request: &Request) -> Result<Node, Refusal> {
    let kind = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    if parts.next() != Some("application/json") {
        return Err(refusal::CONTENT_TYPE);
    }
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    // Clients that are in use spell it either way.
    if charset.is_some_and(|charset| !matches!(charset.trim_matches('"'), "utf-8" | "utf8"))
        || std::str::from_utf8(&request.body).is_err()
    {
        return Err(refusal::ENCODING);
    }
    Node::parse(&request.body).ok_or(STRUCTURE)
}

fn write(
    state: &mut Ifirma,
    login: &str,
    now: DateTime<Utc>,
    request: &Request,
    path: &str,
) -> Result<Answer, Refusal> {
    let Some(path) = path.strip_suffix(".json") else { return Ok(nothing()) };
    let segments: Vec<&str> = path.split('/').collect();
    let posts = request.method == Method::POST;
    let settings = state.settings.clone();
    match segments.as_slice() {
        ["abonent", "miesiacksiegowy"] if !posts => {
            let account = state.account_mut(login).ok_or(refusal::LOGIN)?;
            move_month(account, &body(request)?)?;
            Ok(answer(0, "Miesiąc księgowy został zmieniony.", Vec::new()))
        }
        [prefix] if posts && Kind::of_prefix(prefix).is_some() => {
            let kind = Kind::of_prefix(prefix).unwrap_or_default();
            let id = invoices::create(state, login, now, kind, &body(request)?)?;
            let members = vec![member("Identyfikator", records::id(&settings, id))];
            Ok(answer(0, "Faktura została pomyślnie dodana.", members))
        }
        ["faktury", "wplaty", listed, key] if posts => {
            let kind = [Kind::Domestic, Kind::Currency].into_iter().find(|kind| kind.listed() == *listed);
            let kind = kind.ok_or_else(|| rule("Nieprawidłowy typ faktury"))?;
            let account = state.account_mut(login).ok_or(refusal::LOGIN)?;
            let paid = pay(find(account, kind, key)?, &settings, &body(request)?)?;
            Ok(answer(0, "Wpłata została zarejestrowana.", vec![member("Wynik", Node::Number(paid))]))
        }
        [prefix, "ksef", "send", key] if posts && Kind::of_prefix(prefix).is_some() => {
            let body = body(request)?;
            let fields = Fields::read(&body, &["DataWysylki"], Strictness::Refused)?;
            fields.text("DataWysylki", 30)?;
            if !fields.has("DataWysylki") {
                return Err(STRUCTURE);
            }
            let account = state.account_mut(login).ok_or(refusal::LOGIN)?;
            let reads = account.ksef_after.ok_or_else(|| rule("Konto nie ma skonfigurowanej integracji z KSeF"))?;
            let invoice = find(account, Kind::of_prefix(prefix).unwrap_or_default(), key)?;
            match invoice.ksef {
                Ksef::Unsent => invoice.ksef = Ksef::Waiting(reads),
                Ksef::Waiting(_) | Ksef::Numbered(_) => return Err(rule("Faktura została już wysłana do KSeF")),
            }
            Ok(answer(0, "Faktura została przekazana do wysyłki do KSeF.", Vec::new()))
        }
        _ => Ok(nothing()),
    }
}

/// One month forward or back.
fn move_month(account: &mut Account, body: &Node) -> Result<(), Refusal> {
    let fields = Fields::read(body, &["MiesiacKsiegowy", "PrzeniesDaneZPoprzedniegoRoku"], Strictness::Refused)?;
    fields.flag("PrzeniesDaneZPoprzedniegoRoku")?;
    let (year, month) = account.month;
    account.month = match (fields.required_word("MiesiacKsiegowy", &["NAST", "POPRZ"])?, month) {
        ("NAST", 12) => (year + 1, 1),
        ("NAST", month) => (year, month + 1),
        (_, 1) => (year - 1, 12),
        (_, month) => (year, month - 1),
    };
    Ok(())
}

/// Adds a payment; answers what is paid now.
fn pay(invoice: &mut Invoice, settings: &Settings, body: &Node) -> Result<Decimal, Refusal> {
    let fields = Fields::read(body, &["Kwota", "Data", "KwotaPln", "Kurs"], settings.unknown_members)?;
    let amount = fields.required_number("Kwota")?;
    let date: Option<NaiveDate> = fields.day("Data")?;
    fields.number("KwotaPln")?;
    fields.number("Kurs")?;
    if amount <= Decimal::ZERO {
        return Err(rule("Kwota wpłaty musi być większa od zera"));
    }
    if invoice.kind == Kind::Currency && date.is_none() {
        return Err(rule("Pole Data jest wymagane"));
    }
    let rest = invoice.totals.gross - invoice.paid();
    if amount > rest && settings.overpayment == Strictness::Refused {
        return Err(rule(format!("Kwota wpłaty przekracza kwotę pozostałą do zapłaty ({rest:.2})")));
    }
    invoice.payments.push(Payment { amount, date });
    Ok(invoice.paid())
}
