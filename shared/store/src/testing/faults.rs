//! Faults between the SDK and DynamoDB.

use super::lag::Lag;
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    LoseRequest,
    /// It is done, but its answer never arrives.
    LoseAnswer,
    /// It is refused because of too many requests.
    Throttle,
    /// It is done, and nothing is ever heard of it: for whoever dies while he waits. See [`Faults::silence`].
    Silence,
}

#[derive(Debug)]
struct Planned {
    operation: &'static str,
    /// How many such requests pass before.
    after: usize,
    fault: Fault,
}

/// Faults to come. The SDK tries a request up to three times, so that a fault that is to be seen by a caller has to
/// come three times in a row.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    planned: Arc<Mutex<Vec<Planned>>>,
    silent: Arc<Notify>,
    pub(super) lag: Lag,
}

impl Faults {
    /// The next request of an operation (`PutItem`, `UpdateItem`, `TransactWriteItems`, ...; empty for any), after
    /// `after` such requests have passed, goes wrong. Each counts on its own: two with the same count hit two requests
    /// in a row.
    pub fn plan(&self, operation: &'static str, after: usize, fault: Fault) {
        self.planned().push(Planned { operation, after, fault });
    }

    /// So many requests of an operation in a row, from the next one on, go wrong.
    pub fn plan_in_a_row(&self, operation: &'static str, count: usize, fault: Fault) {
        for _ in 0..count {
            self.plan(operation, 0, fault);
        }
    }

    /// Whether all planned faults came.
    pub fn are_over(&self) -> bool {
        self.planned().is_empty()
    }

    /// Takes back what did not come yet.
    pub fn clear(&self) {
        self.planned().clear();
    }

    /// Waits until a request has met [`Fault::Silence`].
    pub async fn silence(&self) {
        self.silent.notified().await;
    }

    fn planned(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, operation: &str) -> Option<Fault> {
        let mut planned = self.planned();
        let fits = |fault: &Planned| fault.operation.is_empty() || fault.operation == operation;
        if let Some(place) = planned.iter().position(|fault| fits(fault) && fault.after == 0) {
            return Some(planned.remove(place).fault);
        }
        for fault in planned.iter_mut().filter(|fault| fits(fault)) {
            fault.after -= 1;
        }
        None
    }

    pub(super) fn around_connector(&self, connector: SharedHttpConnector) -> SharedHttpConnector {
        SharedHttpConnector::new(FaultyConnector { connector, faults: self.clone() })
    }

    pub(super) fn around(&self, client: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(FaultyClient { client, faults: self.clone() })
    }
}

#[derive(Debug)]
struct FaultyClient {
    client: SharedHttpClient,
    faults: Faults,
}

impl HttpClient for FaultyClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        self.faults.around_connector(connector)
    }
}

#[derive(Debug)]
struct FaultyConnector {
    connector: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let operation = operation.as_str();
        let lost = || ConnectorError::io("the connection broke".into());
        match self.faults.next(operation) {
            None => self.faults.lag.read(operation, request, |request| self.connector.call(request)),
            Some(Fault::LoseRequest) => HttpConnectorFuture::ready(Err(lost())),
            Some(Fault::LoseAnswer) => {
                let answer = self.connector.call(request);
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    Err(lost())
                })
            }
            Some(Fault::Throttle) => HttpConnectorFuture::ready(Ok(throttled())),
            Some(Fault::Silence) => {
                let (answer, silent) = (self.connector.call(request), self.faults.silent.clone());
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    silent.notify_one();
                    std::future::pending().await
                })
            }
        }
    }
}

fn throttled() -> HttpResponse {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}"#;
    let status = http::StatusCode::BAD_REQUEST;
    HttpResponse::new(status.into(), SdkBody::from(body))
}
