//! The services: who may call, where and how often, and what an envelope holds.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::books::{Language, Standing, Twinfield};
use super::xml::Element;
use super::{finder, messages, periods, process};
use crate::server::{Answer, Request};

const SPACE: &str = "http://www.twinfield.com/";
/// Credits of a call that reads, and of any other.
const READING: u32 = 1;
const WRITING: u32 = 3;

/// A call whose token is good.
#[derive(Debug)]
pub struct Call {
    /// When it came.
    pub now: DateTime<Utc>,
    /// The app that has the token.
    pub app: String,
    /// The organisation.
    pub organisation: String,
    /// Code of the user.
    pub user: String,
    /// Language of the user.
    pub language: Language,
    /// The company in the header.
    pub company: Option<String>,
}

/// A fault with a number of Twinfield.
fn fault(status: StatusCode, code: u16, text: &str, source: &str) -> Answer {
    let detail = Element::new("detail").field("message", text).field("code", &code.to_string()).field("source", source);
    let fault = Element::new("soap:Fault").field("faultcode", "soap:Server").field("faultstring", text).with(detail);
    envelope(status, fault)
}

fn envelope(status: StatusCode, body: Element) -> Answer {
    let envelope = Element::new("soap:Envelope")
        .attribute("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/")
        .with(Element::new("soap:Body").with(body));
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", envelope.write());
    Answer::of(status, "text/xml; charset=utf-8", text)
}

/// The namespace of the last of these elements, each of which is in the one before.
fn space_of<'e>(path: &[&'e Element]) -> Option<&'e str> {
    let name = path.last()?.name.as_str();
    let wanted = name.split_once(':').map_or("xmlns".to_owned(), |(prefix, _)| format!("xmlns:{prefix}"));
    path.iter().rev().find_map(|element| element.get(&wanted))
}

/// The access token in the envelope of a request.
pub fn token_of(request: &Request) -> Option<String> {
    let envelope = Element::read(std::str::from_utf8(&request.body).ok()?)?;
    let header = envelope.child("Header")?;
    header.children.iter().find_map(|header| header.text_of("AccessToken")).map(str::to_owned)
}

/// Answers `/{cluster}/webservices/…`.
pub fn answer(books: &mut Twinfield, now: DateTime<Utc>, cluster: &str, service: &str, request: &Request) -> Answer {
    let bare = || Answer::empty(StatusCode::BAD_REQUEST);
    if request.method != Method::POST {
        return Answer::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let action = match service {
        "processxml.asmx" => "\"http://www.twinfield.com/ProcessXmlString\"",
        "finder.asmx" => "\"http://www.twinfield.com/Search\"",
        "PeriodService.svc" => "\"http://www.twinfield.com/PeriodService/Query\"",
        _ => return Answer::empty(StatusCode::NOT_FOUND),
    };
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("text/xml")) {
        return Answer::empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    if request.header("soapaction") != Some(action) {
        return fault(StatusCode::INTERNAL_SERVER_ERROR, 187, "Server did not recognize the SOAPAction.", service);
    }
    let Some(envelope_in) = std::str::from_utf8(&request.body).ok().and_then(Element::read) else { return bare() };
    let (Some(headers), Some(body)) = (envelope_in.child("Header"), envelope_in.child("Body")) else { return bare() };
    let wanted = if service == "PeriodService.svc" { "Authentication" } else { "Header" };
    let of_twinfield = |header: &&Element| space_of(&[&envelope_in, headers, header]) == Some(SPACE);
    let Some(header) = headers.child(wanted).filter(of_twinfield) else { return bare() };
    let order = ["SessionID", "AccessToken", "CompanyCode", "CompanyId"];
    let places: Vec<Option<usize>> =
        header.children.iter().map(|child| order.iter().position(|name| *name == child.local())).collect();
    if places.iter().any(Option::is_none) || !places.is_sorted() {
        return bare();
    }
    let call = match session(books, now, cluster, header) {
        Ok(call) => call,
        Err(refused) => return refused,
    };
    let Some(request_in) = body.children.first() else { return bare() };
    let parsed = match service {
        "processxml.asmx" => match inner(request_in) {
            Some(inner) => Some(inner),
            None => return bare(),
        },
        _ => None,
    };
    // Who only asks for the companies knows none yet.
    let lists_companies =
        parsed.as_ref().is_some_and(|inner| inner.name == "list" && inner.text_of("type") == Some("offices"));
    if call.company.is_none() && !lists_companies {
        let text = "The company is missing in the request header.";
        return fault(StatusCode::FORBIDDEN, 102, text, service);
    }
    if wanted == "Header" && header.child("CompanyId").is_none() && !lists_companies {
        return bare();
    }
    let reads = match &parsed {
        Some(inner) => ["list", "read", "columns"].contains(&inner.name.as_str()),
        None => true,
    };
    let left = match spend(books, &call, if reads { READING } else { WRITING }) {
        Ok(left) => left,
        Err(refused) => return refused,
    };
    let body = match (service, parsed) {
        ("processxml.asmx", Some(inner)) => match process::answer(books, &call, inner) {
            Some(result) => Element::new("ProcessXmlStringResponse")
                .attribute("xmlns", SPACE)
                .field("ProcessXmlStringResult", &result.write()),
            None => return bare(),
        },
        ("finder.asmx", _) => match finder::answer(books, &call, request_in) {
            Some(response) => response,
            None => return bare(),
        },
        _ => match periods::answer(books, &call, request_in) {
            Ok(response) => response,
            Err(text) => return fault(StatusCode::INTERNAL_SERVER_ERROR, 187, text, service),
        },
    };
    envelope(StatusCode::OK, body)
        .with("X-RateLimit-Limit", &books.credits_per_minute.to_string())
        .with("X-RateLimit-Remaining", &left.to_string())
        .with("X-RateLimit-Credited", if reads { "1" } else { "3" })
}

/// The request in the request: one escaped string, never elements.
fn inner(request: &Element) -> Option<Element> {
    let string = request.child("xmlRequest").filter(|_| request.local() == "ProcessXmlString")?;
    if !string.children.is_empty() {
        return None;
    }
    Element::read(&string.text)
}

fn session(books: &Twinfield, now: DateTime<Utc>, cluster: &str, header: &Element) -> Result<Call, Answer> {
    let source = "Authentication";
    let refused = |status, code, text: &str| Err(fault(status, code, text, source));
    let Some(token) = header.text_of("AccessToken") else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, 101, "Token and company id are missing.");
    };
    let known = books.access_tokens.iter().find(|known| known.token == token && now < known.expires);
    let Some(known) = known else {
        return refused(StatusCode::UNAUTHORIZED, 354, "Access denied. Token invalid.");
    };
    let Some(organisation) = books.organisation(&known.user.0) else {
        return refused(StatusCode::FORBIDDEN, 352, "The claim organisation code is missing.");
    };
    if organisation.cluster != cluster {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, 108, "The organisation is on another server.");
    }
    if !organisation.active {
        return refused(StatusCode::FORBIDDEN, 106, "The organisation is not active.");
    }
    let Some(user) = organisation.users.iter().find(|user| user.code == known.user.1) else {
        return refused(StatusCode::FORBIDDEN, 104, "The logon is deleted.");
    };
    match user.standing {
        Standing::Active => {}
        Standing::Disabled => return refused(StatusCode::FORBIDDEN, 105, "The logon is disabled."),
        Standing::Removed => return refused(StatusCode::FORBIDDEN, 104, "The logon is deleted."),
    }
    if !user.web_services {
        return refused(StatusCode::FORBIDDEN, 102, "Access denied.");
    }
    Ok(Call {
        now,
        app: known.app.clone(),
        organisation: organisation.code.clone(),
        user: user.code.clone(),
        language: user.language,
        company: header.text_of("CompanyCode").map(str::to_owned),
    })
}

/// Counts the credits of a call, of its organisation and of its app over all organisations; returns what is left. A call for which
/// either has too few is not carried out.
fn spend(books: &mut Twinfield, call: &Call, credits: u32) -> Result<u32, Answer> {
    let (minute, second) = (call.now.timestamp().div_euclid(60), call.now.timestamp().rem_euclid(60));
    let organisation = books.organisations.iter_mut().find(|organisation| organisation.code == call.organisation);
    let of_app = books.app_usage.entry(call.app.clone()).or_default();
    let mut counted = vec![(of_app, books.app_credits_per_minute)];
    if let Some(organisation) = organisation {
        counted.push((organisation.usage.entry(call.app.clone()).or_default(), books.credits_per_minute));
    }
    if counted.iter().any(|(usage, limit)| usage.left(minute, *limit) < credits) {
        let wait = (60 - second).to_string();
        return Err(Answer::empty(StatusCode::TOO_MANY_REQUESTS).with("Retry-After", &wait));
    }
    for (usage, _) in &mut counted {
        usage.spend(minute, credits);
    }
    // What an answer says is about the organisation.
    Ok(counted.last().map_or(0, |(usage, limit)| usage.left(minute, *limit)))
}

/// A company that the user may open, or what Twinfield says instead.
pub fn may_open(books: &Twinfield, call: &Call, office: &str) -> Result<(), String> {
    let organisation = books.organisation(&call.organisation);
    let exists = organisation.is_some_and(|organisation| organisation.offices.iter().any(|one| one.code == office));
    let user = organisation.and_then(|organisation| organisation.users.iter().find(|user| user.code == call.user));
    if !exists {
        return Err(messages::no_office(call.language));
    }
    match user {
        Some(user) if user.offices.contains(office) => Ok(()),
        Some(_) | None => Err(messages::no_access(call.language)),
    }
}
