//! `/api/v1/…`: who may call, how often, and what a call is about.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::books::DivisionStanding;
use super::guid::Guid;
use super::limits::{self, Verdict};
use super::refusal::{Reason, Refusal};
use super::resources::{self, Resource};
use super::state::{AccessToken, ContractStanding, Language, Right, ScopeAccess, State, UserStanding};
use crate::server::{Answer, Request};

/// Longer URLs are refused.
const LONGEST_URL: usize = 6_000;
/// 10.0 MB
pub const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// A call whose token is good.
#[derive(Debug)]
pub struct Call<'a> {
    /// When it came.
    pub now: DateTime<Utc>,
    /// The request.
    pub request: &'a Request,
    /// The address of the ledger, as the client sees it.
    pub base: String,
    /// The token it came with.
    pub session: AccessToken,
}

/// What a path is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Me,
    Resource {
        division: i32,
        resource: Resource,
        key: Option<Key>,
        collection: Option<String>,
    },
    /// A path under an administration that is no resource here.
    Unknown {
        division: Option<i32>,
        path: String,
    },
}

/// The key of a record in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `(guid'…')`
    Guid(Guid),
    /// `(20)`
    Number(i64),
}

impl Target {
    /// Reads `/api/v1/123/crm/Accounts(guid'…')/Lines`; `None` when the key is malformed.
    fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/api/v1/").unwrap_or_default();
        if rest == "current/Me" {
            return Some(Self::Me);
        }
        let mut segments = rest.splitn(4, '/');
        let division = segments.next().and_then(|segment| segment.parse().ok());
        let (service, record) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
        let collection = segments.next().map(str::to_owned);
        let (name, key) = match record.split_once('(') {
            None => (record, None),
            Some((name, key)) => (name, Some(Key::parse(key.strip_suffix(')')?)?)),
        };
        let path = format!("{service}/{name}");
        Some(match (division, Resource::at(&path)) {
            (Some(division), Some(resource)) => Self::Resource { division, resource, key, collection },
            (division, _) => Self::Unknown { division, path },
        })
    }

    fn division(&self) -> Option<i32> {
        match self {
            Self::Me => None,
            Self::Resource { division, .. } => Some(*division),
            Self::Unknown { division, .. } => *division,
        }
    }

    fn endpoint(&self) -> &str {
        match self {
            Self::Me => "current/Me",
            Self::Resource { resource, .. } => resource.path(),
            Self::Unknown { path, .. } => path,
        }
    }
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("guid'").and_then(|rest| rest.strip_suffix('\'')) {
            Some(guid) => guid.parse().ok().map(Self::Guid),
            None => text.parse().ok().map(Self::Number),
        }
    }
}

/// Answers a call.
pub fn call(state: &mut State, now: DateTime<Utc>, request: &Request) -> Answer {
    if request.path.len() + request.query.len() > LONGEST_URL {
        return Refusal::UrlTooLong.answer(Language::En);
    }
    let Some(session) = request.bearer().and_then(|token| state.access_tokens.get(&token.to_owned())).cloned() else {
        return Refusal::Unauthorized.answer(Language::En);
    };
    let language = state.users.get(&session.user).map(|user| user.language).unwrap_or_default();
    if limits::blocked(state, now, &session.app) {
        return Refusal::Limited.answer(language);
    }
    let target = decoded(&request.path).and_then(|path| Target::parse(&path));
    let division = target.as_ref().and_then(Target::division);
    let budget = division.map(|division| limits::count(state, now, &session.app, division));
    let base = request.base();
    let call = Call { now, request, base, session };
    let outcome = match (&target, budget.map(|budget| budget.verdict())) {
        (_, Some(Verdict::OverMinute | Verdict::OverDay)) => Err(Refusal::Limited),
        (_, _) if call.session.expires <= now => Err(Refusal::Unauthorized),
        (None, _) => Err(Refusal::bad("Bad Request - Error in query syntax.")),
        (Some(target), _) => serve(state, &call, target),
    };
    let answer = outcome.unwrap_or_else(|refusal| {
        if refusal.counts() {
            let endpoint = target.as_ref().map_or("", Target::endpoint);
            let (app, user) = (&call.session.app, call.session.user);
            limits::count_error(state, now, app, user, division.unwrap_or_default(), endpoint);
        }
        refusal.answer(language)
    });
    let answer = as_accepted(request, answer);
    budget.map_or(answer.clone(), |budget| budget.headers(answer))
}

fn decoded(path: &str) -> Option<String> {
    // A plus sign stands for itself in a path, unlike in a query.
    let form = format!("p={}", path.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, path)| path.into_owned())
}

/// A client that does not ask for JSON gets Atom, which is of no use to it.
fn as_accepted(request: &Request, mut answer: Answer) -> Answer {
    let accepts = request.header("accept").is_some_and(|accept| accept.contains("application/json"));
    if !accepts && !answer.body.is_empty() && answer.status.is_success() {
        let status = answer.status;
        let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"/>";
        answer = Answer::of(status, "application/atom+xml; charset=utf-8", body);
    }
    answer
}

fn serve(state: &mut State, call: &Call<'_>, target: &Target) -> Result<Answer, Refusal> {
    let user = state.users.get(&call.session.user).ok_or(Refusal::Unauthorized)?;
    let forbidden = |reason, text: &str| Err(Refusal::Forbidden(Some(reason), text.to_owned()));
    match user.standing {
        UserStanding::Active => {}
        UserStanding::Blocked => return forbidden(Reason::BlockedUser, "Forbidden - The user is blocked."),
        UserStanding::Inactive => return forbidden(Reason::InactiveUser, "Forbidden - The user is inactive."),
    }
    match target {
        Target::Me if call.request.method == Method::GET => resources::me(state, call),
        Target::Me => Err(Refusal::Method),
        Target::Unknown { path, .. }
            if ["purchase/", "salesinvoice/"].iter().any(|module| path.starts_with(module)) =>
        {
            Err(Refusal::Forbidden(None, "Forbidden - The module is not part of the license.".to_owned()))
        }
        Target::Unknown { .. } => Err(Refusal::NotFound),
        Target::Resource { division, resource, key, collection } => {
            // The administration in this URL is not checked; any number will do.
            if *resource != Resource::Divisions {
                access(state, call, *division, *resource)?;
            }
            resources::serve(state, call, *division, *resource, *key, collection.as_deref())
        }
    }
}

/// The layers that decide on 403.
fn access(state: &State, call: &Call<'_>, division: i32, resource: Resource) -> Result<(), Refusal> {
    let forbidden = |reason, text: &str| Err(Refusal::Forbidden(Some(reason), format!("Forbidden - {text}")));
    let user = state.users.get(&call.session.user).ok_or(Refusal::Unauthorized)?;
    let chosen = call.session.divisions.as_ref().is_none_or(|divisions| divisions.contains(&division));
    let found = state.division(division).filter(|_| chosen && user.divisions.contains(&division));
    let Some(books) = found.filter(|books| books.apps.contains(&call.session.app)) else {
        return forbidden(Reason::NoDivisionAccess, "No access to this division.");
    };
    match state.contracts.get(&books.contract).map(|contract| contract.standing).unwrap_or_default() {
        ContractStanding::Active => {}
        ContractStanding::Blocked => return forbidden(Reason::BlockedCustomer, "The customer is blocked."),
        ContractStanding::LicenseExpired => return forbidden(Reason::LicenseExpired, "The license has expired."),
    }
    match books.standing {
        DivisionStanding::Open => {}
        DivisionStanding::Blocked => return forbidden(Reason::DivisionBlocked, "The division is blocked."),
    }
    let reading = call.request.method == Method::GET;
    let (wanted, verb) = if reading { (ScopeAccess::Read, "read") } else { (ScopeAccess::Manage, "manage") };
    let granted = state.apps.get(&call.session.app).and_then(|app| app.scopes.get(resource.scope())).copied();
    if granted.is_none_or(|granted| granted < wanted) {
        let scope = resource.scope();
        return Err(Refusal::Forbidden(
            None,
            format!("Forbidden - Application Scope Violated. Cannot {verb} '{scope}' scope."),
        ));
    }
    let right = match resource {
        Resource::PurchaseEntries | Resource::PurchaseEntryLines => Some(Right::PurchaseEntries),
        Resource::SalesEntries | Resource::SalesEntryLines => Some(Right::SalesEntries),
        Resource::Accounts | Resource::BankAccounts if !reading => Some(Right::Relations),
        Resource::Documents | Resource::DocumentAttachments if reading => Some(Right::Documents),
        _ => None,
    };
    match right.filter(|right| !user.rights.contains(right)) {
        None => Ok(()),
        Some(_) => Err(Refusal::Forbidden(None, "Forbidden - Insufficient rights.".to_owned())),
    }
}

/// A file of a document: bytes for a bearer who asks for the download, else pages for people.
pub fn download(state: &State, now: DateTime<Utc>, request: &Request) -> Answer {
    let login = || Answer::html(StatusCode::OK, "<html><body><h1>Exact Online - Log in</h1></body></html>".to_owned());
    let Some(token) = request.bearer() else { return login() };
    let session = state.access_tokens.get(&token.to_owned()).filter(|session| now < session.expires);
    let Some(session) = session else {
        let body = "<html><head><title>Object moved</title></head><body><h2>Object moved</h2></body></html>";
        return Answer::html(StatusCode::FOUND, body.to_owned()).with("Location", "/docs/Login.aspx");
    };
    let parameters = request.parameters();
    let parameter = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let id = parameter("ID").and_then(|id| id.parse::<Guid>().ok()).unwrap_or_default();
    let code = parameter("_Division_").and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
    let user = state.users.get(&session.user).filter(|user| user.divisions.contains(&code));
    let file = user.and_then(|_| state.division(code)).and_then(|books| books.attachments.get(&id));
    match file {
        Some(file) if parameter("Download") == Some("1") => resources::file(file),
        Some(file) => {
            Answer::html(StatusCode::OK, format!("<html><body>{}</body></html>", crate::page::escape(&file.file_name)))
        }
        None => Refusal::NotFound.answer(Language::En),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_resource_a_key_and_a_collection() {
        let guid = Guid::numbered(0x7e, 1);
        let path = format!("/api/v1/7/purchaseentry/PurchaseEntries(guid'{guid}')/PurchaseEntryLines");
        let expected = Target::Resource {
            division: 7,
            resource: Resource::PurchaseEntries,
            key: Some(Key::Guid(guid)),
            collection: Some("PurchaseEntryLines".to_owned()),
        };
        assert_eq!(Target::parse(&path), Some(expected));
        assert_eq!(Target::parse("/api/v1/current/Me"), Some(Target::Me));
        assert_eq!(Target::parse("/api/v1/7/crm/Accounts(guid'1')"), None);
        let unknown = Target::Unknown { division: Some(7), path: "crm/Contacts".to_owned() };
        assert_eq!(Target::parse("/api/v1/7/crm/Contacts"), Some(unknown));
        assert_eq!(decoded("/a(guid%27x%27)").as_deref(), Some("/a(guid'x')"));
    }
}
