//! What handlers answer with.

use crate::extract::{etag, etag_in, version_of};
use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::words::Language;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::Cursor;
use utoipa::ToSchema;

/// 200 with the body.
pub struct Shown<T>(pub T);

impl<T: Serialize> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], Json(self.0)).into_response()
    }
}

/// 200 with the body and its version as `ETag`.
pub struct Versioned<T> {
    /// The body.
    pub body: T,
    /// Its version.
    pub version: u32,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        put(&mut response, header::ETAG, &etag(self.version));
        // Kept by the caller, and asked about each time with If-None-Match.
        put(&mut response, header::CACHE_CONTROL, "private, no-cache");
        response
    }
}

/// 304: the caller has this version.
pub struct Unchanged {
    /// The version.
    pub version: u32,
}

impl IntoResponse for Unchanged {
    fn into_response(self) -> Response {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        put(&mut response, header::ETAG, &etag(self.version));
        response
    }
}

/// An answer with sentences of the catalogue: says in which language they are, and that it would be another one for a reader
/// of another. Its `ETag` is that of the version in this language.
pub struct InWords<R>(pub Language, pub R);

impl<R: IntoResponse> IntoResponse for InWords<R> {
    fn into_response(self) -> Response {
        let Self(language, reply) = self;
        let mut response = reply.into_response();
        put(&mut response, header::CONTENT_LANGUAGE, language.tag());
        put(&mut response, header::VARY, "accept-language");
        let version = response.headers().get(header::ETAG).and_then(|tag| version_of(tag.to_str().ok()?));
        if let Some((version, _)) = version {
            put(&mut response, header::ETAG, &etag_in(version, language));
        }
        response
    }
}

/// What was made, or was asked for and is done later, with its address.
pub struct Made<T> {
    status: StatusCode,
    location: String,
    body: T,
    version: Option<u32>,
    language: Option<Language>,
}

impl<T> Made<T> {
    /// 201: it is there.
    pub fn created(location: String, body: T, version: u32) -> Self {
        Self { status: StatusCode::CREATED, location, body, version: Some(version), language: None }
    }

    /// 202: it is done later; look at the address.
    pub fn accepted(location: String, body: T) -> Self {
        Self { status: StatusCode::ACCEPTED, location, body, version: None, language: None }
    }

    /// The body has sentences in this language.
    #[must_use]
    pub fn in_words(self, language: Language) -> Self {
        Self { language: Some(language), ..self }
    }
}

impl<T: Serialize> Made<T> {
    /// As it can be stored and given again.
    pub fn remembered(&self) -> Result<Remembered, serde_json::Error> {
        Ok(Remembered {
            status: self.status.as_u16(),
            location: self.location.clone(),
            version: self.version,
            language: self.language.map(|language| language.tag().to_owned()),
            body: serde_json::value::to_raw_value(&self.body)?,
        })
    }
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        put(&mut response, header::LOCATION, &self.location);
        if let Some(version) = self.version {
            put(&mut response, header::ETAG, &etag(version));
        }
        match self.language {
            Some(language) => InWords(language, response).into_response(),
            None => response,
        }
    }
}

/// An answer to a request that makes something, for those who repeat it.
#[derive(Serialize, Deserialize)]
pub struct Remembered {
    status: u16,
    location: String,
    version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    body: Box<RawValue>,
}

impl IntoResponse for Remembered {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::CREATED);
        let language = self.language.map(|tag| Language::preferred(&tag));
        Made { status, location: self.location, body: self.body, version: self.version, language }.into_response()
    }
}

/// 204.
pub struct Gone;

impl IntoResponse for Gone {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// What this part lists.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next part; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the part before.
    pub cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    pub limit: Limit,
}

impl Paging {
    /// Where the part begins.
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor.as_deref().map(Cursor::new)
    }

    /// How many at most.
    pub fn limit(&self) -> usize {
        self.limit.get()
    }
}

/// Where the next part begins, as text.
pub fn next(cursor: Option<Cursor>) -> Option<String> {
    cursor.map(|cursor| cursor.as_str().to_owned())
}

/// How many entries a part of a list has at most: 1 to 100, 50 when not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl Limit {
    /// As a number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl TryFrom<u16> for Limit {
    type Error = &'static str;
    fn try_from(count: u16) -> Result<Self, Self::Error> {
        if (1..=100).contains(&count) { Ok(Self(count)) } else { Err("a limit is between 1 and 100") }
    }
}
