//! The `OpenAPI` document: generated from the code by a test, checked in, and served as it is checked in.

use crate::problem::Problem;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use std::io::Read as _;

/// As checked in, packed by the build.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

fn document() -> Result<String, std::io::Error> {
    let mut text = String::new();
    GzDecoder::new(PACKED).read_to_string(&mut text)?;
    Ok(text)
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "about", responses((status = 200, body = Object)))]
pub async fn openapi() -> Result<Response, Problem> {
    let mut response = document().map_err(|error| crate::app::internal(&error))?.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;
