//! What handlers take from a request, each with a problem that says what is wrong with it.

use crate::problem::{Answer, Code, Problem};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use domain::words::Language;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sha2::{Digest, Sha256};

/// The largest body of JSON, in bytes.
pub const JSON_BYTES_MAX: usize = 256 * 1024;

/// Ids from the path. One that cannot be an id names nothing: 404.
pub struct Ids<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(rejection) => Err(Problem::new(Code::NotFound, format!("The path names nothing: {rejection}."))),
        }
    }
}

/// Parameters of the query string. Types that derive `Deserialize` with `deny_unknown_fields` refuse unknown ones.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|rejection| Problem::new(Code::Query, format!("{}.", rejection.body_text())))
    }
}

/// A body of JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let bytes = json_bytes(request, state).await?;
        parse_json(&bytes).map(Self)
    }
}

/// A body of JSON that may be left out whole.
pub struct JsonMaybe<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for JsonMaybe<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        if request.headers().get(header::CONTENT_TYPE).is_none() {
            let bytes = Bytes::from_request(request, state)
                .await
                .map_err(|rejection| Problem::new(Code::TooLarge, format!("{}.", rejection.body_text())))?;
            if bytes.is_empty() {
                return Ok(Self(T::default()));
            }
            return Err(Problem::new(Code::MediaType, "Send JSON with the header Content-Type: application/json."));
        }
        Json::from_request(request, state).await.map(|Json(body)| Self(body))
    }
}

/// A body of JSON that makes something, and what a repetition of the request is recognised by.
pub struct Creating<T> {
    /// The body.
    pub body: T,
    /// The key, when the caller sent one.
    pub key: Option<IdempotencyKey>,
    /// Of method, path, query and body.
    pub fingerprint: Fingerprint,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Creating<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let key = IdempotencyKey::of(request.headers())?;
        let line = request_line(request.method().as_str(), request.uri());
        let bytes = json_bytes(request, state).await?;
        let body = parse_json(&bytes)?;
        Ok(Self { body, key, fingerprint: Fingerprint::of([line.as_bytes(), &bytes]) })
    }
}

/// Method, path and query, as a fingerprint wants them.
pub fn request_line(method: &str, uri: &axum::http::Uri) -> String {
    format!("{method} {}?{}\n", uri.path(), uri.query().unwrap_or_default())
}

/// Hash of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of these parts in a row.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Answer<Bytes> {
    let media = media_type(request.headers());
    if media.as_deref() != Some("application/json") {
        let detail = format!(
            "Send JSON with the header Content-Type: application/json, not {}.",
            media.as_deref().unwrap_or("no content type")
        );
        return Err(Problem::new(Code::MediaType, detail));
    }
    let bytes = Bytes::from_request(request, state)
        .await
        .map_err(|rejection| Problem::new(Code::TooLarge, format!("{}.", rejection.body_text())))?;
    if bytes.len() > JSON_BYTES_MAX {
        let detail = format!("The body has {} bytes; JSON may have {JSON_BYTES_MAX}.", bytes.len());
        return Err(Problem::new(Code::TooLarge, detail));
    }
    Ok(bytes)
}

/// Reads JSON; what does not fit is blamed on its field.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Seq { index } => {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                }
                serde_path_to_error::Segment::Map { key } => {
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => {}
            }
        }
        json_problem(&pointer, error.inner())
    })?;
    reader.end().map_err(|error| json_problem("", &error))?;
    Ok(value)
}

fn json_problem(pointer: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::new(Code::MalformedJson, format!("The body is not JSON: {text}."))
        }
        Category::Data => {
            let words = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
            match words.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
                Some((name, others)) => {
                    let last = format!("/{name}");
                    let pointer =
                        if pointer.ends_with(&last) { pointer.to_owned() } else { pointer.to_owned() + &last };
                    let detail = format!("There is no field '{name}'{others}.");
                    Problem::new(Code::UnknownField, detail.clone()).at(pointer, detail)
                }
                None => Problem::invalid(pointer, format!("{words}.")),
            }
        }
    }
}

/// How the gateway brings a body: by its content type. Text is decoded as UTF-8 on the way, and what is not UTF-8 becomes
/// U+FFFD: what was there before cannot be told any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// As text: `text/*`, `application/xml`, `application/json`.
    Text,
    /// As its bytes: everything else.
    Bytes,
}

impl Passage {
    /// Notes in a request how its body came, since a handler sees only the body's bytes.
    pub fn note(mut request: lambda_http::Request) -> lambda_http::Request {
        let passage = match request.body() {
            lambda_http::Body::Text(_) => Self::Text,
            // Bodies without content, and kinds that may come: nothing was decoded.
            _ => Self::Bytes,
        };
        request.extensions_mut().insert(passage);
        request
    }

    /// As noted.
    pub fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or(Self::Bytes)
    }

    /// Refuses a file that was damaged on the way. A text may have had U+FFFD in it before; the way out is the same.
    pub fn whole(self, file: Bytes) -> Answer<Bytes> {
        const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
        match self {
            Self::Text if file.windows(REPLACEMENT.len()).any(|bytes| bytes == REPLACEMENT) => {
                let detail = "The file is not UTF-8, and with this content type it was damaged on its way: it came as text. \
                              Send it with Content-Type: application/octet-stream and its name in \
                              Content-Disposition: attachment; filename=\"invoice.xml\".";
                Err(Problem::new(Code::DamagedText, detail))
            }
            Self::Text | Self::Bytes => Ok(file),
        }
    }
}

/// The media type without its parameters, in small letters.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The caller's own name for a request that makes something: repeated with the same key, it makes it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl IdempotencyKey {
    /// From the header, when it is there.
    pub fn of(headers: &HeaderMap) -> Answer<Option<Self>> {
        let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let text = value.to_str().unwrap_or_default();
        if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Some(Self(text.to_owned())))
        } else {
            let detail = "An Idempotency-Key is 1 to 255 visible ASCII characters without spaces, for example a UUID.";
            Err(Problem::new(Code::Header, detail))
        }
    }

    /// As sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The version that the caller saw, from `If-Match`; required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(Option<u32>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let value = parts.headers.get(header::IF_MATCH).ok_or_else(if_match_missing)?;
        let version = value.to_str().ok().and_then(version_of);
        Ok(Self(version.map(|(version, _)| version)))
    }
}

impl IfMatch {
    /// Refuses unless this is the version that the caller saw.
    pub fn check(self, current: u32) -> Answer<()> {
        if self.0 == Some(current) {
            return Ok(());
        }
        let detail = format!(
            "It is at version {current} now. Read it again, apply your change to that, and send If-Match: {}.",
            etag(current)
        );
        Err(Problem::new(Code::Stale, detail))
    }
}

/// The version that the caller saw, from `If-Match`, where it may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatchMaybe(Option<IfMatch>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatchMaybe {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        if parts.headers.contains_key(header::IF_MATCH) {
            IfMatch::from_request_parts(parts, state).await.map(|seen| Self(Some(seen)))
        } else {
            Ok(Self(None))
        }
    }
}

impl IfMatchMaybe {
    /// Refuses when the caller saw another version.
    pub fn check(self, current: u32) -> Answer<()> {
        self.0.map_or(Ok(()), |seen| seen.check(current))
    }

    /// As for an edit, where it has to be there.
    pub fn required(self) -> Answer<IfMatch> {
        self.0.ok_or_else(if_match_missing)
    }
}

fn if_match_missing() -> Problem {
    let detail = "An edit needs the header If-Match with the ETag that you got when you read this.";
    Problem::new(Code::IfMatchMissing, detail)
}

/// The version that the caller has already, and in which language, from `If-None-Match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfNoneMatch(Option<(u32, Language)>);

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let value = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        Ok(Self(value.map(|text| text.strip_prefix("W/").unwrap_or(text)).and_then(version_of)))
    }
}

impl IfNoneMatch {
    /// Whether the caller has this version already, of something without sentences.
    pub fn has(self, current: u32) -> bool {
        self.has_in(current, Language::default())
    }

    /// Whether the caller has this version already in this language.
    pub fn has_in(self, current: u32, language: Language) -> bool {
        self.0 == Some((current, language))
    }
}

/// The `ETag` of a version.
pub fn etag(version: u32) -> String {
    format!("\"{version}\"")
}

/// The `ETag` of a version in a language: the same document in other words is not the same answer.
pub fn etag_in(version: u32, language: Language) -> String {
    match language {
        Language::English => etag(version),
        Language::Dutch | Language::Polish => format!("\"{version}-{}\"", language.tag()),
    }
}

/// The version and language of an `ETag`.
pub fn version_of(tag: &str) -> Option<(u32, Language)> {
    let text = tag.strip_prefix('"')?.strip_suffix('"')?;
    let (version, language) = match text.split_once('-') {
        Some((version, tag)) => (version, Language::ALL.into_iter().find(|language| language.tag() == tag)?),
        None => (text, Language::default()),
    };
    Some((version.parse().ok()?, language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ContactId;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        contact: ContactId,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        lines: Vec<Inner>,
    }

    fn problem(text: &str) -> crate::problem::Details {
        parse_json::<Outer>(text.as_bytes()).unwrap_err().details()
    }

    #[test]
    fn an_unknown_field_is_named() {
        let details = problem(r#"{"lines":[],"colour":1}"#);
        assert_eq!((details.code.as_str(), details.errors[0].pointer.as_str()), ("unknown_field", "/colour"));
        assert!(details.detail.contains("'colour'"), "{}", details.detail);
        let details = problem(r#"{"lines":[{"contakt":1}]}"#);
        assert_eq!(details.errors[0].pointer, "/lines/0/contakt");
    }

    #[test]
    fn a_wrong_value_is_blamed_on_its_field() {
        let details = problem(r#"{"lines":[{"contact":"doc_1"}]}"#);
        assert_eq!((details.code.as_str(), details.errors[0].pointer.as_str()), ("invalid", "/lines/0/contact"));
        assert!(details.detail.contains("con_"), "{}", details.detail);
        assert_eq!(problem("{}").code, "invalid");
    }

    #[test]
    fn what_is_no_json_is_said_to_be_none() {
        for text in ["", "{", "{\"lines\":[]} x", "<a/>"] {
            assert_eq!(problem(text).code, "malformed_json", "{text}");
        }
    }

    #[test]
    fn only_text_is_damaged_on_its_way() {
        let came = |body: lambda_http::Body| {
            let request = Passage::note(lambda_http::Request::new(body));
            Passage::of(&request.map(|_| axum::body::Body::empty()))
        };
        assert_eq!(came("text".into()), Passage::Text);
        assert_eq!(came(b"bytes".as_slice().into()), Passage::Bytes);
        assert_eq!(came(lambda_http::Body::Empty), Passage::Bytes);
        let lost = Bytes::from(String::from_utf8_lossy(b"S\xe4ljare").into_owned());
        assert_eq!(Passage::Bytes.whole(lost.clone()).unwrap(), lost);
        let problem = Passage::Text.whole(lost).unwrap_err();
        assert_eq!(problem.code(), Code::DamagedText);
        assert!(problem.detail().contains("application/octet-stream"), "{}", problem.detail());
        for sound in ["Säljare €", ""] {
            assert_eq!(Passage::Text.whole(Bytes::from(sound)).unwrap(), sound);
        }
    }

    #[test]
    fn etags_read_back() {
        assert_eq!(version_of(&etag(7)), Some((7, Language::English)));
        for language in Language::ALL {
            assert_eq!(version_of(&etag_in(7, language)), Some((7, language)));
        }
        assert_eq!(version_of("\"7-de\""), None);
        assert_eq!(version_of("7"), None);
        assert_eq!(version_of("\"x\""), None);
        assert!(IfMatch(Some(3)).check(3).is_ok());
        assert_eq!(IfMatch(None).check(3).unwrap_err().code(), Code::Stale);
    }
}
