//! A store for tests: the real SDK against a DynamoDB and an object store in this process, with faults on demand.
//!
//! Tests may stop at whatever they did not expect, so this module may as well.
#![allow(clippy::expect_used, clippy::missing_panics_doc)]

mod faults;
mod lag;
mod objects;

pub use faults::{Fault, Faults};

use crate::{
    Cost, Meter, Names, Store,
    schema::{DOCUMENTS, PK, Projection, RUNS, SETTINGS, SK, Schema},
};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, ProjectionType,
        ScalarAttributeType,
    },
};
use dynoxide::Database;
use objects::MemoryObjects;
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, sync::oneshot};

/// How many items are put in one go where there are many.
const FILLED_AT_ONCE: usize = 10_000;

/// One of the three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Documents.
    Documents,
    /// Settings.
    Settings,
    /// Runs.
    Runs,
}

impl Which {
    fn schema(self) -> &'static Schema {
        match self {
            Self::Documents => &DOCUMENTS,
            Self::Settings => &SETTINGS,
            Self::Runs => &RUNS,
        }
    }
}

/// A store with tables and a bucket of its own. Ends with the value.
pub struct TestStore {
    store: Store,
    client: Client,
    faults: Faults,
    object_faults: Faults,
    objects: MemoryObjects,
    costs: Arc<Mutex<Vec<Cost>>>,
    database: Database,
    _stop: oneshot::Sender<()>,
}

impl TestStore {
    /// Starts one. Its tables are those of `template.yaml`.
    pub async fn start() -> Self {
        Self::start_with(Database::memory().expect("a database in memory"), MemoryObjects::default()).await
    }

    /// Starts one that keeps tables and objects in files of an empty folder: what the process needs of memory is then not
    /// theirs.
    pub async fn start_in(folder: &Path) -> Self {
        let path = folder.join("tables.db");
        let database = Database::new(path.to_str().expect("a plain path")).expect("a database in a file");
        Self::start_with(database, MemoryObjects::in_folder(folder)).await
    }

    async fn start_with(database: Database, objects: MemoryObjects) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("the port's address");
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), async {
            // An error means that the test has ended: stop as well.
            let _ = stopped.await;
        }));
        let faults = Faults::default();
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::from_keys("test", "test", None))
            .endpoint_url(format!("http://{address}"))
            .http_client(faults.around(http))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(30)).build())
            .build();
        let client = Client::from_conf(config);
        for schema in [&DOCUMENTS, &SETTINGS, &RUNS] {
            create_table(&client, schema).await;
        }
        let object_faults = Faults::default();
        let costs = Arc::new(Mutex::new(Vec::new()));
        let told = costs.clone();
        let meter = Meter::to(move |cost| told.lock().unwrap_or_else(PoisonError::into_inner).push(cost));
        let names = Names {
            documents: DOCUMENTS.resource.to_owned(),
            settings: SETTINGS.resource.to_owned(),
            runs: RUNS.resource.to_owned(),
        };
        let store = Store::new(client.clone(), Some(objects.bucket(&object_faults)), names, meter);
        Self { store, client, faults, object_faults, objects, costs, database, _stop: stop }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Faults to come.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Faults to come at the bucket, whose operations have no names here.
    pub fn object_faults(&self) -> &Faults {
        &self.object_faults
    }

    /// What the operations since the last call cost.
    pub fn take_costs(&self) -> Vec<Cost> {
        std::mem::take(&mut *self.costs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Write units and half read units of the operations since the last call.
    pub fn take_units(&self) -> (u32, u32) {
        let costs = self.take_costs();
        (costs.iter().map(|cost| cost.write_units).sum(), costs.iter().map(|cost| cost.read_half_units).sum())
    }

    /// Every item of a table as DynamoDB's JSON, sorted by key.
    pub async fn items(&self, which: Which) -> Vec<serde_json::Value> {
        let pages = self.client.scan().table_name(which.schema().resource).into_paginator().items().send();
        let mut items: Vec<_> = pages
            .collect::<Result<Vec<_>, _>>()
            .await
            .expect("a scan")
            .into_iter()
            .map(|item| serde_json::to_value(serde_dynamo::Item::from(item)).expect("an item as JSON"))
            .collect();
        let key = |item: &serde_json::Value| format!("{}\0{}", item["pk"]["S"], item["sk"]["S"]);
        items.sort_by_key(key);
        items
    }

    /// Puts many items, each as DynamoDB's JSON, past DynamoDB's API: so many at once that what their number costs shows.
    pub fn fill(&self, which: Which, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().map(|item| serde_json::from_str(&item).expect("an item")).peekable();
        while items.peek().is_some() {
            let some: Vec<dynoxide::Item> = items.by_ref().take(FILLED_AT_ONCE).collect();
            self.database
                .import_items(which.schema().resource, some, dynoxide::ImportOptions::default())
                .expect("items are put");
        }
    }

    /// From now on eventually consistent reads do not see what is written: they see the tables as they are now.
    pub async fn fall_behind(&self) {
        let mut items = Vec::new();
        for which in [Which::Documents, Which::Settings, Which::Runs] {
            let table = which.schema().resource;
            items.extend(self.items(which).await.into_iter().map(|item| (table, item)));
        }
        self.faults.lag.begin(items);
    }

    /// From now on they see everything again.
    pub fn catch_up(&self) {
        self.faults.lag.end();
    }

    /// The names of all objects in the bucket.
    pub fn object_names(&self) -> Vec<String> {
        self.objects.names()
    }

    /// The bytes of an object.
    pub fn object(&self, name: &str) -> Option<Vec<u8>> {
        self.objects.get(name)
    }

    /// Puts an object, as a client does with a presigned address.
    pub fn put_object(&self, name: &str, bytes: Vec<u8>) {
        self.objects.put(name, bytes);
    }

    /// Loses an object, as nobody should.
    pub fn remove_object(&self, name: &str) {
        self.objects.remove(name);
    }

    /// Sets or replaces an item as it is, for what an older version or a mistake may have left.
    pub async fn put_item(&self, which: Which, item: &serde_json::Value) {
        let item: serde_dynamo::Item = serde_json::from_value(item.clone()).expect("an item");
        self.client
            .put_item()
            .table_name(which.schema().resource)
            .set_item(Some(item.into()))
            .send()
            .await
            .expect("an item is put");
    }
}

async fn create_table(client: &Client, schema: &Schema) {
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key");
    let mut attributes = BTreeSet::from([PK, SK]);
    attributes.extend(schema.indexes.iter().flat_map(|index| [index.hash, index.range]));
    let definitions = attributes.into_iter().map(|name| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition.attribute_type(ScalarAttributeType::S).build().expect("an attribute")
    });
    let indexes: Vec<_> = schema
        .indexes
        .iter()
        .map(|index| {
            let projection = match index.projection {
                Projection::All => ProjectionType::All,
                Projection::KeysOnly => ProjectionType::KeysOnly,
            };
            GlobalSecondaryIndex::builder()
                .index_name(index.name)
                .key_schema(key(index.hash, KeyType::Hash))
                .key_schema(key(index.range, KeyType::Range))
                .projection(aws_sdk_dynamodb::types::Projection::builder().projection_type(projection).build())
                .build()
                .expect("an index")
        })
        .collect();
    client
        .create_table()
        .table_name(schema.resource)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(definitions.collect()))
        .key_schema(key(PK, KeyType::Hash))
        .key_schema(key(SK, KeyType::Range))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .send()
        .await
        .expect("a table is made");
}
