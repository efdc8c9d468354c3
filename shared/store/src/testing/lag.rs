//! Reads that are behind: eventually consistent ones do not see what was written since.

use aws_smithy_runtime_api::client::{
    http::HttpConnectorFuture,
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Table and key of an item.
type Place = (String, String, String);

/// The tables as eventually consistent reads see them, while they are behind.
#[derive(Debug, Clone, Default)]
pub(super) struct Lag(Arc<Mutex<Option<Snapshot>>>);

type Snapshot = Arc<BTreeMap<Place, Value>>;

fn place(table: &str, item: &Value) -> Place {
    let part = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    (table.to_owned(), part("pk"), part("sk"))
}

fn answer(body: &Value) -> HttpResponse {
    HttpResponse::new(http::StatusCode::OK.into(), SdkBody::from(body.to_string()))
}

impl Lag {
    /// From now on they see these items of these tables.
    pub(super) fn begin(&self, items: impl IntoIterator<Item = (&'static str, Value)>) {
        let snapshot = items.into_iter().map(|(table, item)| (place(table, &item), item)).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(snapshot));
    }

    /// From now on they see everything.
    pub(super) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The answer to a read that is behind; nothing for requests that are not.
    pub(super) fn read(
        &self,
        operation: &str,
        request: HttpRequest,
        send: impl FnOnce(HttpRequest) -> HttpConnectorFuture,
    ) -> HttpConnectorFuture {
        let snapshot = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(snapshot) = snapshot else { return send(request) };
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let is_behind = |asked: &Value| asked["ConsistentRead"] != true;
        let table = body["TableName"].as_str().unwrap_or_default().to_owned();
        match operation {
            "GetItem" if is_behind(&body) => {
                let item = snapshot.get(&place(&table, &body["Key"]));
                let found = item.map_or_else(|| json!({}), |item| json!({ "Item": item }));
                HttpConnectorFuture::ready(Ok(answer(&found)))
            }
            "BatchGetItem" => {
                let none = Map::new();
                let asked = body["RequestItems"].as_object().unwrap_or(&none);
                if !asked.values().all(is_behind) {
                    return send(request);
                }
                let found = asked.iter().map(|(table, keys)| {
                    let keys = keys["Keys"].as_array().into_iter().flatten();
                    (table.clone(), keys.filter_map(|key| snapshot.get(&place(table, key))).cloned().collect())
                });
                let found: Map<String, Value> = found.collect();
                HttpConnectorFuture::ready(Ok(answer(&json!({ "Responses": found, "UnprocessedKeys": {} }))))
            }
            "Query" if is_behind(&body) => {
                let sent = send(request);
                HttpConnectorFuture::new(async move {
                    let bytes = ByteStream::new(sent.await?.into_body()).collect().await;
                    let bytes = bytes.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
                    let mut page: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                    if let Some(items) = page["Items"].as_array_mut() {
                        items.retain(|item| snapshot.contains_key(&place(&table, item)));
                        page["Count"] = json!(items.len());
                    }
                    Ok(answer(&page))
                })
            }
            _ => send(request),
        }
    }
}
