//! OAuth: consent, codes, and refresh tokens that turn.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

use super::guid::Guid;
use super::state::{AccessToken, Chain, Code, State};
use crate::json::Node;
use crate::server::{Answer, Request};

/// Life of an access token, seconds.
const ACCESS_SECONDS: i64 = 600;
/// A refresh is refused before this many seconds since the last good answer.
const REFRESH_AFTER_SECONDS: i64 = 570;
/// Life of an unused refresh token.
const REFRESH_DAYS: i64 = 30;
/// Life of a code.
const CODE_MINUTES: i64 = 3;
/// Expired access tokens are remembered so long, so that they are told from unknown ones.
const REMEMBERED_HOURS: i64 = 24;

/// A pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Good for 600 seconds.
    pub access_token: String,
    /// Good for one refresh.
    pub refresh_token: String,
}

/// The consent page: the configured user agrees at once and the browser is sent back.
pub fn authorize(state: &mut State, now: DateTime<Utc>, request: &Request) -> Answer {
    let parameters = request.parameters();
    let parameter = |name: &str| {
        parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (app_id, redirect_uri) = (parameter("client_id").to_owned(), parameter("redirect_uri").to_owned());
    let Some(app) = state.apps.get(&app_id) else {
        return refused_page("The client_id is not known.");
    };
    if !app.redirect_uris.contains(&redirect_uri) {
        return refused_page("The redirect_uri is not the registered one.");
    }
    if parameter("response_type") != "code" {
        return refused_page("The response_type is not supported.");
    }
    let Ok(mut back) = url::Url::parse(&redirect_uri) else {
        return refused_page("The redirect_uri is not an address.");
    };
    let user = state.consent.user.or_else(|| state.users.iter().next().map(|user| user.id));
    match user {
        Some(user) if !state.consent.denied => {
            let code = issue_code(state, now, &app_id, user, &redirect_uri);
            back.query_pairs_mut().append_pair("code", &code);
        }
        _ => {
            back.query_pairs_mut().append_pair("error", "access_denied");
        }
    }
    if let Some((_, given)) = parameters.iter().find(|(key, _)| key == "state") {
        back.query_pairs_mut().append_pair("state", given);
    }
    Answer::empty(StatusCode::FOUND).with("Location", back.as_str())
}

fn refused_page(text: &str) -> Answer {
    Answer::html(StatusCode::BAD_REQUEST, format!("<html><body><h1>Exact Online</h1><p>{text}</p></body></html>"))
}

fn issue_code(state: &mut State, now: DateTime<Utc>, app: &str, user: Guid, redirect_uri: &str) -> String {
    // Real codes hold characters that must be encoded in a URL.
    let code = format!("stampNL001.!{}/+=", letters(state, 48));
    state.codes.put(Code {
        code: code.clone(),
        app: app.to_owned(),
        user,
        divisions: state.consent.divisions.clone(),
        redirect_uri: redirect_uri.to_owned(),
        issued: now,
        used: false,
    });
    code
}

/// The token endpoint. Beside the answer comes the app when the request is an error that counts.
pub fn token(state: &mut State, now: DateTime<Utc>, request: &Request) -> Result<Answer, (Option<String>, Answer)> {
    let is_form =
        request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err((None, refused(StatusCode::BAD_REQUEST, "invalid_request", "A form is expected.")));
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let known = state.apps.get(&field("client_id").to_owned()).filter(|app| app.secret == field("client_secret"));
    let Some(app) = known.map(|app| app.id.clone()) else {
        return Err((None, refused(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed.")));
    };
    let issued = match field("grant_type") {
        "authorization_code" => exchange(state, now, &app, field("code"), field("redirect_uri")),
        "refresh_token" => refresh(state, now, &app, field("refresh_token")),
        _ => Err(refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "The grant type is not supported.")),
    };
    match issued {
        Ok(tokens) => {
            let body = Node::object([
                ("access_token", Node::Text(tokens.access_token)),
                ("token_type", Node::text("bearer")),
                ("expires_in", Node::text(ACCESS_SECONDS.to_string())),
                ("refresh_token", Node::Text(tokens.refresh_token)),
            ]);
            Ok(Answer::json(StatusCode::OK, &body))
        }
        Err(answer) => Err((Some(app), answer)),
    }
}

fn refused(status: StatusCode, error: &'static str, description: &str) -> Answer {
    Answer::json(status, &Node::object([("error", Node::text(error)), ("error_description", Node::text(description))]))
}

fn exchange(
    state: &mut State,
    now: DateTime<Utc>,
    app: &str,
    code: &str,
    redirect_uri: &str,
) -> Result<Tokens, Answer> {
    let wrong = |text| refused(StatusCode::BAD_REQUEST, "invalid_grant", text);
    let code = state
        .codes
        .get_mut(&code.to_owned())
        .filter(|known| known.app == app && known.redirect_uri == redirect_uri)
        .ok_or_else(|| wrong("The code is not valid."))?;
    if code.used {
        return Err(wrong("The code has been used."));
    }
    code.used = true;
    if now - code.issued > TimeDelta::minutes(CODE_MINUTES) {
        return Err(wrong("The code has expired."));
    }
    let chain = Chain { user: code.user, divisions: code.divisions.clone(), app: app.to_owned(), ..Chain::default() };
    Ok(issue(state, now, chain))
}

fn refresh(state: &mut State, now: DateTime<Utc>, app: &str, refresh_token: &str) -> Result<Tokens, Answer> {
    let living = state.chains.iter().find(|chain| chain.app == app && chain.refresh_token == refresh_token);
    let Some(chain) = living.cloned() else {
        let error = if state.spent_tokens.contains(refresh_token) {
            refused(StatusCode::UNAUTHORIZED, "unauthorized_client", "Old refresh token used.")
        } else {
            refused(StatusCode::BAD_REQUEST, "invalid_grant", "The refresh token is not valid.")
        };
        return Err(error);
    };
    let age = now - chain.answered;
    if age < TimeDelta::seconds(REFRESH_AFTER_SECONDS) {
        let text = "Rate limit exceeded: access_token not expired";
        return Err(refused(StatusCode::BAD_REQUEST, "access_denied", text)
            .with("Reason", "TooEarlyToRefreshTokens: the access token has not expired yet"));
    }
    if age > TimeDelta::days(REFRESH_DAYS) {
        return Err(refused(StatusCode::BAD_REQUEST, "invalid_grant", "The refresh token has expired."));
    }
    Ok(issue(state, now, chain))
}

/// Gives an app and a user a new pair; the refresh token they had is dead from here on.
fn issue(state: &mut State, now: DateTime<Utc>, mut chain: Chain) -> Tokens {
    let access_token = format!("stampNL001.{}", letters(state, 900));
    let refresh_token = format!("stampNL001.{}", letters(state, 500));
    chain.refresh_token.clone_from(&refresh_token);
    chain.answered = now;
    state.access_tokens.retain(|token| now - token.expires < TimeDelta::hours(REMEMBERED_HOURS));
    state.access_tokens.put(AccessToken {
        token: access_token.clone(),
        app: chain.app.clone(),
        user: chain.user,
        divisions: chain.divisions.clone(),
        expires: now + TimeDelta::seconds(ACCESS_SECONDS),
    });
    let spent = state.chains.get(&(chain.app.clone(), chain.user)).map(|former| former.refresh_token.clone());
    state.spent_tokens.extend(spent);
    state.chains.put(chain);
    Tokens { access_token, refresh_token }
}

/// Consent and exchange in one step, for tests that are not about them.
pub fn connect(state: &mut State, now: DateTime<Utc>, app: &str, user: Guid) -> Tokens {
    let divisions = state.consent.divisions.clone();
    issue(state, now, Chain { app: app.to_owned(), user, divisions, ..Chain::default() })
}

/// Letters and digits that no other token of any simulator has. Not secret: this guards play money.
fn letters(state: &mut State, length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut seed = state.instance ^ state.next_number().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let index = |number: u64| usize::try_from(number % 64).unwrap_or_default();
    std::iter::repeat_with(next).take(length).filter_map(|n| ALPHABET.get(index(n))).map(|&b| char::from(b)).collect()
}
