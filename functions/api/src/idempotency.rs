//! Requests that make something, and may be repeated with the same `Idempotency-Key`: the first one is done, the others
//! get its answer.

use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Fingerprint, IdempotencyKey},
    problem::{Answer, Code, Problem},
    reply::{Made, Remembered},
};
use axum::{
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use domain::ids::Id;
use runtime::clock::new_id;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{
    document::BodyHash,
    runs::{Answer as Stored, Attempt, RequestKey},
};
use ulid::Ulid;

/// By then an attempt has surely ended: the gateway waits half a minute.
const ATTEMPT_SECONDS: i64 = 30;
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Making<I> {
    /// Its id: of a repeated request the same again.
    pub id: I,
    /// An earlier attempt may have made it and died before it could say so.
    pub repeated: bool,
}

/// Makes something once for each key, and every time without one.
pub async fn once<I, T, V, W>(app: &App, caller: &Caller, request: Creating<T>, work: W) -> Answer<Response>
where
    I: Id,
    V: Serialize,
    W: AsyncFnOnce(T, Making<I>) -> Answer<Made<V>>,
{
    let Creating { body, key, fingerprint } = request;
    let Some(key) = key else {
        let making = Making { id: new_id(caller.now), repeated: false };
        return work(body, making).await.map(IntoResponse::into_response);
    };
    let making = Making { id: derived(caller, &key, I::PREFIX), repeated: true };
    guarded(app, caller, (I::PREFIX, &key), fingerprint, async || work(body, making).await).await
}

/// Does the work unless the same request was answered before.
pub async fn guarded<V: Serialize>(
    app: &App,
    caller: &Caller,
    (what, key): (&str, &IdempotencyKey),
    fingerprint: Fingerprint,
    work: impl AsyncFnOnce() -> Answer<Made<V>>,
) -> Answer<Response> {
    let requests = app.of(caller.tenant).idempotency();
    let known_by = RequestKey::new(what, &caller.user.id.to_string(), key.as_str());
    let body = BodyHash::of(fingerprint.as_bytes());
    let until = caller.now + TimeDelta::seconds(ATTEMPT_SECONDS);
    let writer = caller.writer();
    match requests.begin(&known_by, body, caller.now, until, &writer).await? {
        Attempt::First => {}
        Attempt::Answered(stored) => {
            let remembered: Remembered =
                serde_json::from_str(&stored.body).map_err(|error| crate::app::internal(&error))?;
            let mut response = remembered.into_response();
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            return Ok(response);
        }
        Attempt::InProgress => {
            let detail = "A request with this Idempotency-Key is being done. Repeat it in a few seconds.";
            return Err(Problem::new(Code::InProgress, detail));
        }
        Attempt::OtherBody => return Err(reused()),
    }
    match work().await {
        Ok(made) => {
            let remembered = made.remembered().map_err(|error| crate::app::internal(&error))?;
            let body = serde_json::to_string(&remembered).map_err(|error| crate::app::internal(&error))?;
            // What was made is made: without its answer stored, a repetition finds it by its id.
            if let Err(error) = requests.complete(&known_by, &Stored { status: 200, body }, &writer).await {
                tracing::warn!(%error, "An answer was not remembered.");
            }
            Ok(remembered.into_response())
        }
        Err(problem) => {
            if problem.code().status().is_client_error() {
                requests.abandon(&known_by, &writer).await?;
            }
            Err(problem)
        }
    }
}

/// The key names another request.
pub fn reused() -> Problem {
    let detail = "This Idempotency-Key was used for a request with another body. Use a new key for a new request.";
    Problem::new(Code::KeyReused, detail)
}

/// The id of what a request with this key makes.
fn derived<I: Id>(caller: &Caller, key: &IdempotencyKey, what: &str) -> I {
    let mut hash = Sha256::new();
    for part in [what, &caller.tenant.to_string(), &caller.user.id.to_string(), key.as_str()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    I::from_ulid(Ulid::from(number))
}
