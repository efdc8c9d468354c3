//! The `OpenAPI` document: generated from the code by a test, checked in, and served as it is checked in.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// As checked in.
const DOCUMENT: &str = include_str!("../../../infra/openapi/openapi.json");

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "about", responses((status = 200, body = Object)))]
pub async fn openapi() -> Response {
    let mut response = DOCUMENT.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;
