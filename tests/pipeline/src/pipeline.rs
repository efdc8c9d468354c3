//! The functions, what stands between them, and time.

use crate::{Cloud, Message, NotedLogins, Office, Queue, office::EVENT_SOURCE, vault::OpenVault};
use aws_credential_types::Credentials;
use aws_lambda_events::{
    dynamodb,
    sqs::{SqsBatchResponse, SqsEvent},
};
use aws_sdk_ses::config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use chrono::TimeDelta;
use connector_push::{Registration, Registrations};
use domain::{
    document::{Status, UnitId},
    ids::{Id, TaskId, TurnDocument},
    task::{Task, TaskState, Work},
    time::Instant,
};
use ledgers::{Endpoint, Secret, Sender, Timeouts, TokenSet};
use runtime::{Invocation, clock::Clock, message::TurnMessage};
use rust_decimal::dec;
use serde_json::{Value, json};
use simulators::{
    exact::{Booking, Handle, Options, Simulator, seed},
    ses::Ses,
    stand,
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{
    Read,
    runs::SealedTokens,
    testing::{TestStore, Which},
};

/// How long a turn may take.
pub const TURN_SECONDS: i64 = 60;
/// How long an invocation of export-run may take, as in `template.yaml`.
const EXPORT_RUN: Duration = Duration::from_mins(5);
/// How long a queue hides a message that is being handled.
pub(crate) const VISIBILITY: TimeDelta = TimeDelta::seconds(6 * TURN_SECONDS);
/// Between two sweeps.
pub(crate) const SWEEP: TimeDelta = TimeDelta::minutes(5);

/// How messages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each once, in order.
    Kind,
    /// Each twice, the last one first.
    DoubledAndReversed,
}

/// Everything, in one process.
pub struct Pipeline {
    /// Tables and bucket.
    pub store: TestStore,
    /// The ledger.
    pub exact: Handle,
    /// Queues and bus.
    pub cloud: Cloud,
    /// The office.
    pub office: Office,
    /// The posting function; its memory is that of a warm process.
    pub push: Box<connector_push::App>,
    /// How messages come.
    pub order: Order,
    relay: Box<relay::App>,
    tagged: invoice_tagged::App,
    evaluate: automation_evaluate::App,
    figures: figures::App,
    /// The trigger of exports.
    pub trigger: Box<export_trigger::App>,
    /// Export runs.
    pub runs: Box<export_run::App>,
    /// What happens by itself to orders.
    pub actions: Box<order_actions::App>,
    render: document_render::App,
    /// What hands mails to SES.
    pub mails: Box<email_delivery::App>,
    /// What takes what SES tells.
    pub feedback: Box<mail_feedback::App>,
    /// SES.
    pub ses: Box<stand::Handle<Ses>>,
    /// Maintenance.
    pub maintenance: Box<maintenance::App>,
    /// Logins, as far as they were touched.
    pub logins: NotedLogins,
    protection: protection::App,
    clock: Clock,
    ahead: TimeDelta,
    relayed: Mutex<BTreeMap<String, Value>>,
    invocations: AtomicU64,
    tasks: AtomicU32,
}

fn push(store: &TestStore, cloud: &Cloud, exact: &Handle, clock: Clock) -> connector_push::App {
    let short = Duration::from_millis(700);
    let registration = Registration {
        client_id: seed::APP.to_owned(),
        client_secret: Secret::new(seed::SECRET),
        endpoint: Some(Endpoint::test(exact.base_url()).unwrap()),
        redirect_uri: String::new(),
        app_per_minute: None,
    };
    connector_push::App {
        store: store.store().clone(),
        clock,
        sender: Sender::with(Timeouts { read: short, write: short, least: Duration::from_millis(50) }).unwrap(),
        vault: Box::new(OpenVault),
        turns: cloud.queue(Queue::Turns),
        registrations: Registrations::default().with("exact-online", registration),
        public_url: "https://api.example.nl".to_owned(),
        known: connector_push::Known::default(),
    }
}

/// The address from which mails come; SES knows its domain.
pub const SENDER: &str = "documents@mail.ledgerpost.example";

fn mails(store: &TestStore, cloud: &Cloud, ses: &stand::Handle<Ses>, clock: Clock) -> email_delivery::App {
    let short = Duration::from_millis(900);
    let config = aws_sdk_ses::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::from_keys("AKIAIOSFODNN7EXAMPLE", "test", None))
        .endpoint_url(ses.base_url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(short).build())
        .build();
    let client = aws_sdk_ses::Client::from_conf(config);
    let ses = email_delivery::Ses { client, configuration_set: Some("ledgerpost".to_owned()) };
    let (queue, url) = (cloud.queue(Queue::Mails), "https://api.example.nl".to_owned());
    email_delivery::App::new(store.store().clone(), clock, queue, ses, SENDER.parse().unwrap(), url)
}

impl Pipeline {
    /// With an office that is set up and connected, and a ledger without limits.
    pub async fn start() -> Self {
        Self::start_with(Options::demo().unlimited()).await
    }

    /// With a ledger of these options.
    pub async fn start_with(options: Options) -> Self {
        Self::start_on(TestStore::start().await, options).await
    }

    /// With these tables, which are empty, and a ledger of these options.
    pub async fn start_on(store: TestStore, options: Options) -> Self {
        let exact = Simulator::start(options).await.unwrap();
        let ses = stand::Options::<Ses>::demo().clock(exact.clock()).start().await.unwrap();
        let cloud = Cloud::default();
        let clock = Clock::default();
        let office = Office::new(store.store(), 0);
        let logins = NotedLogins::default();
        let pipeline = Self {
            protection: protection::App { store: store.store().clone(), clock, logins: Box::new(logins.clone()) },
            logins,
            push: Box::new(push(&store, &cloud, &exact, clock)),
            relay: Box::new(relay::App {
                tagged: cloud.queue(Queue::Tagged),
                evaluate: cloud.queue(Queue::Evaluate),
                turns: cloud.queue(Queue::Turns),
                orders: cloud.queue(Queue::Orders),
                renders: cloud.queue(Queue::Renders),
                mails: cloud.queue(Queue::Mails),
                events: cloud.eventbridge(),
                bus: "bus".to_owned(),
            }),
            tagged: invoice_tagged::App { store: store.store().clone(), clock, confidence_threshold: dec!(0.80) },
            evaluate: automation_evaluate::App { store: store.store().clone(), clock },
            figures: figures::App { store: store.store().clone(), clock },
            maintenance: Box::new(maintenance::App {
                store: store.store().clone(),
                clock,
                turns: cloud.queue(Queue::Turns),
                exports: cloud.queue(Queue::Exports),
                orders: cloud.queue(Queue::Orders),
                mails: cloud.queue(Queue::Mails),
                stuck_at_once: maintenance::STUCK_AT_ONCE,
            }),
            trigger: Box::new(export_trigger::App {
                store: store.store().clone(),
                clock,
                queue: cloud.queue(Queue::Exports),
            }),
            runs: Box::new(export_run::App {
                store: store.store().clone(),
                clock,
                queue: cloud.queue(Queue::Exports),
                turns: cloud.queue(Queue::Turns),
                sizes: export_run::Sizes::default(),
            }),
            actions: Box::new(order_actions::App {
                store: store.store().clone(),
                clock,
                queue: cloud.queue(Queue::Orders),
                turns: cloud.queue(Queue::Turns),
            }),
            render: document_render::App { store: store.store().clone() },
            mails: Box::new(mails(&store, &cloud, &ses, clock)),
            feedback: Box::new(mail_feedback::App { store: store.store().clone(), clock }),
            ses: Box::new(ses),
            store,
            exact,
            cloud,
            office,
            order: Order::Kind,
            clock,
            ahead: TimeDelta::zero(),
            relayed: Mutex::default(),
            invocations: AtomicU64::new(0),
            tasks: AtomicU32::new(0),
        };
        pipeline.office.set_up(pipeline.now()).await;
        pipeline.connect().await;
        pipeline.store.take_costs();
        pipeline
    }

    /// Sets up an office of another tenant, and goes on with it; the one before.
    pub async fn move_to_another_office(&mut self) -> Office {
        let another = Office::new(self.store.store(), 1);
        let before = std::mem::replace(&mut self.office, another);
        self.office.set_up(self.now()).await;
        before
    }

    /// Signs in at the ledger: new tokens, as after a consent.
    pub async fn connect(&self) {
        let tokens = self.exact.connect(seed::APP, seed::USER);
        let now = self.now();
        let tokens = TokenSet {
            access: Secret::new(tokens.access_token),
            refresh: Secret::new(tokens.refresh_token),
            previous: None,
            issued_at: now,
            expires_at: now + TimeDelta::seconds(600),
        };
        let (tenant, connection) = (self.office.tenant, self.office.connection);
        let plain = serde_json::to_vec(&tokens).unwrap();
        let sealed = self.push.vault.seal(tenant, connection, &plain).await.unwrap();
        let sealed = SealedTokens { sealed, issued_at: tokens.issued_at, expires_at: tokens.expires_at };
        let writer = crate::office::unique(now);
        self.office.store().credentials().put(connection, &sealed, &writer).await.unwrap();
    }

    /// What time it is, here and at the ledger.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Moves time forward, here and at the ledger.
    pub fn advance(&mut self, by: TimeDelta) {
        self.ahead += by;
        self.exact.clock().advance(by);
        // Whole seconds, rounded up: what is due at an instant is due after waiting for it.
        self.clock = Clock::shifted((self.ahead + TimeDelta::milliseconds(999)).num_seconds());
        self.cloud.set_clock(self.clock);
        self.push.clock = self.clock;
        self.tagged.clock = self.clock;
        self.evaluate.clock = self.clock;
        self.figures.clock = self.clock;
        self.maintenance.clock = self.clock;
        self.protection.clock = self.clock;
        self.trigger.clock = self.clock;
        self.runs.clock = self.clock;
        self.actions.clock = self.clock;
        self.mails.clock = self.clock;
        self.feedback.clock = self.clock;
    }

    /// The posting function's process ends; the next one remembers nothing.
    pub fn restart(&mut self) {
        *self.push = push(&self.store, &self.cloud, &self.exact, self.clock);
    }

    fn invocation(&self) -> Invocation {
        self.invocation_of(Duration::from_secs(TURN_SECONDS.unsigned_abs()))
    }

    fn invocation_of(&self, time: Duration) -> Invocation {
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        Invocation {
            request: format!("10000000-0000-4000-8000-{number:012}"),
            deadline: std::time::Instant::now() + time,
        }
    }

    /// The heads that the table's stream would deliver: those that ask for a step and changed since the last call.
    async fn changes(&self) -> Vec<Value> {
        let items = self.store.items(Which::Documents).await;
        let mut relayed = self.relayed.lock().unwrap_or_else(PoisonError::into_inner);
        let new = |item: &Value| {
            let key = key_of(item);
            item.get("emit").is_some() && relayed.insert(key, item.clone()).as_ref() != Some(item)
        };
        let mut new = new;
        items.into_iter().filter(|item| new(item)).collect()
    }

    /// Relays what changed. Whether there was anything.
    pub async fn relay(&self) -> bool {
        let images = self.changes().await;
        for images in images.chunks(100) {
            if relay::handle(&self.relay, stream(images)).await.is_err() {
                self.keep(images);
            }
        }
        !images.is_empty()
    }

    /// Relays what changed with a process that dies when one of its requests, after so many others, was carried out. Whether
    /// it died: then the stream delivers all of it again.
    pub async fn relay_dying(&self, request: u32) -> bool {
        let images = self.changes().await;
        self.cloud.silence_after(request);
        let died = tokio::select! {
            () = self.cloud.silence() => true,
            relayed = relay::handle(&self.relay, stream(&images)) => {
                relayed.unwrap();
                false
            }
        };
        self.cloud.calm();
        if died {
            self.keep(&images);
        }
        died
    }

    /// The stream keeps what was not relayed.
    fn keep(&self, images: &[Value]) {
        let mut relayed = self.relayed.lock().unwrap_or_else(PoisonError::into_inner);
        for image in images {
            relayed.remove(&key_of(image));
        }
    }

    /// Loses what changed since: the relay never gets it.
    pub async fn lose_changes(&self) {
        self.changes().await;
    }

    /// Hands a batch of messages to a function. The bodies that could not be handled.
    pub async fn invoke(&self, queue: Queue, messages: Vec<Message>) -> Vec<Message> {
        let event = batch(&messages);
        let invocation = self.invocation();
        let outcome = match queue {
            Queue::Tagged => invoice_tagged::handle(&self.tagged, event, &invocation.request).await,
            Queue::Evaluate => automation_evaluate::handle(&self.evaluate, event, &invocation.request).await,
            Queue::Turns => connector_push::handle(&self.push, event, &invocation).await,
            Queue::Figures => figures::handle(&self.figures, event, &invocation.request).await,
            Queue::Exports => export_run::handle(&self.runs, event, &invocation).await,
            Queue::Orders => order_actions::handle(&self.actions, event, &invocation).await,
            Queue::Renders => document_render::handle(&self.render, event).await,
            Queue::Mails => email_delivery::handle(&self.mails, event, &invocation).await,
            Queue::Feedback => mail_feedback::handle(&self.feedback, event, &invocation).await,
        };
        failed(messages, outcome.ok())
    }

    /// Takes a turn of the office's unit. Whether it went well.
    pub async fn turn(&self) -> bool {
        self.turn_of(&self.office.unit(), None).await
    }

    /// Takes a turn of a unit.
    pub async fn turn_of(&self, unit: &UnitId, document: Option<TurnDocument>) -> bool {
        let message = TurnMessage { tenant: self.office.tenant, unit: unit.clone(), document };
        let message = self.message(&serde_json::to_string(&message).unwrap());
        self.invoke(Queue::Turns, vec![message]).await.is_empty()
    }

    /// A message that never was in a queue.
    pub fn message(&self, body: &str) -> Message {
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        Message { id: format!("loose-{number}"), body: body.to_owned(), due: self.now(), received: 1 }
    }

    /// Delivers a batch of a queue, if there is one.
    pub async fn step(&self, queue: Queue) -> bool {
        let mut messages = self.cloud.receive(queue);
        if messages.is_empty() {
            return false;
        }
        if self.order == Order::DoubledAndReversed {
            let again: Vec<_> =
                messages.iter().map(|it| Message { id: format!("{}-again", it.id), ..it.clone() }).collect();
            messages.extend(again);
            messages.reverse();
        }
        for message in self.invoke(queue, messages).await {
            self.cloud.give_back(queue, message, VISIBILITY);
        }
        true
    }

    /// Lets everything run that can run now, and counts it.
    pub async fn run(&self) {
        self.run_uncounted().await;
        for _ in 0..100 {
            if !self.step(Queue::Figures).await {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Lets every document go as far as it can now; nothing is counted of it yet.
    pub async fn run_uncounted(&self) {
        for _ in 0..500 {
            let mut busy = self.relay().await;
            busy |= self.told() > 0;
            for queue in Queue::WAYS {
                busy |= self.step(queue).await;
            }
            if !busy {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Puts what SES has to tell into its queue. How much it was.
    pub fn told(&self) -> usize {
        let events = self.ses.change(Ses::take_events);
        for event in &events {
            self.cloud.send(Queue::Feedback, event);
        }
        events.len()
    }

    /// The sending function's process ends; the next one remembers nothing.
    pub fn restart_mails(&mut self) {
        *self.mails = mails(&self.store, &self.cloud, &self.ses, self.clock);
    }

    /// Looks for export jobs that are due, as the schedule does.
    pub async fn trigger(&self) -> Value {
        let triggered = export_trigger::handle(&self.trigger, json!({}), &self.invocation()).await.unwrap();
        serde_json::to_value(triggered).unwrap()
    }

    /// Delivers messages to export-run with as much time as it has when it is deployed. Whether it handled them.
    pub(crate) async fn deployed_export_run(&self, messages: &[Message]) -> bool {
        let handled = export_run::handle(&self.runs, batch(messages), &self.invocation_of(EXPORT_RUN)).await;
        handled.is_ok_and(|response| response.batch_item_failures.is_empty())
    }

    /// Lets export runs go as far as they can now, and documents with them.
    pub async fn run_exports(&self) {
        for _ in 0..500 {
            let mut busy = self.step(Queue::Exports).await;
            busy |= self.relay().await;
            for queue in Queue::WAYS {
                busy |= self.step(queue).await;
            }
            if !busy {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Runs maintenance as its schedule does.
    pub async fn sweep(&self) -> Value {
        self.try_sweep().await.unwrap()
    }

    /// Runs maintenance as its schedule does, where that may fail.
    pub async fn try_sweep(&self) -> Result<Value, maintenance::MaintenanceError> {
        let answer = maintenance::handle(&self.maintenance, json!({}), &self.invocation()).await?;
        Ok(serde_json::to_value(answer).unwrap())
    }

    /// Runs an operator's command.
    pub async fn operate(&self, command: Value) -> Result<Value, maintenance::MaintenanceError> {
        let answer = maintenance::handle(&self.maintenance, command, &self.invocation()).await?;
        Ok(serde_json::to_value(answer).unwrap())
    }

    /// Goes on with exports and erasures as the schedule does.
    pub async fn protect(&self) -> Value {
        let answer = protection::handle(&self.protection, json!({}), &self.invocation()).await.unwrap();
        serde_json::to_value(answer).unwrap()
    }

    /// Runs an operator's command about a tenant's data.
    pub async fn operate_protection(&self, command: Value) -> Result<Value, protection::ProtectionError> {
        let answer = protection::handle(&self.protection, command, &self.invocation()).await?;
        Ok(serde_json::to_value(answer).unwrap())
    }

    /// Runs, moves time on to whatever is due next, sweeps, and so on, until no document is under way any more.
    pub async fn run_to_rest(&mut self) {
        for _ in 0..60 {
            self.run().await;
            if self.is_at_rest().await {
                return;
            }
            let next = self.cloud.next_due().map_or(SWEEP, |due| (due - self.now()).clamp(TimeDelta::zero(), SWEEP));
            self.advance(next + TimeDelta::seconds(1));
            if next == SWEEP {
                self.sweep().await;
            }
        }
        panic!("documents are still under way");
    }

    async fn is_at_rest(&self) -> bool {
        let items = self.store.items(Which::Documents).await;
        let heads = items.iter().filter(|item| item["sk"]["S"] == "head");
        heads.into_iter().all(|head| {
            let posting = head["s"]["S"] == Status::Posting.as_str();
            !posting && head.get("tpk").is_none()
        })
    }

    /// Everything in the administration's books.
    pub fn bookings(&self) -> Vec<Booking> {
        self.exact.bookings(seed::DIVISION)
    }

    /// The one booking of the administration.
    pub fn booking(&self) -> Booking {
        let bookings = self.bookings();
        let [booking] = bookings.as_slice() else { panic!("{} bookings: {bookings:#?}", bookings.len()) };
        booking.clone()
    }

    /// How many documents the administration has in the ledger: what carries our key and the files.
    pub fn ledger_documents(&self) -> usize {
        self.exact.read(|state| state.division(seed::DIVISION).map_or(0, |books| books.documents.len()))
    }

    /// Requests to the ledger so far.
    pub fn ledger_requests(&self) -> u64 {
        self.exact.requests().total()
    }

    /// An `invoice.tagged` event of the bus, as its rule puts it into the queue.
    pub fn event(&self, id: &str, source: &str, detail: &Value) -> String {
        json!({
            "version": "0", "id": id, "detail-type": "invoice.tagged", "source": source, "account": "123456789012",
            "time": self.now().format("%Y-%m-%dT%H:%M:%SZ").to_string(), "region": "eu-west-1", "resources": [],
            "detail": detail,
        })
        .to_string()
    }

    /// The source of events that is mapped to the office.
    pub fn event_source(&self) -> &'static str {
        EVENT_SOURCE
    }

    /// Stores a task for a unit and takes the unit's turn.
    pub async fn task(&self, unit: UnitId, work: Work) -> Task {
        let now = self.now();
        let id = TaskId::from_ulid(ulid::Ulid::from_parts(
            now.timestamp_millis().unsigned_abs(),
            self.tasks.fetch_add(1, Ordering::Relaxed).into(),
        ));
        let task = Task {
            id,
            unit: unit.clone(),
            work,
            requested_by: self.office.automation_user,
            requested_at: now,
            due: now,
            attempts: 0,
            state: TaskState::Open,
        };
        let tasks = self.office.store().tasks();
        tasks.create(&task, &crate::office::unique(now)).await.unwrap();
        self.turn_of(&unit, None).await;
        tasks.get(id, Read::Consistent).await.unwrap().unwrap()
    }
}

fn batch(messages: &[Message]) -> SqsEvent {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id, "receiptHandle": "handle", "body": message.body, "md5OfBody": "",
                "attributes": { "ApproximateReceiveCount": message.received.to_string() },
                "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

fn stream(images: &[Value]) -> dynamodb::Event {
    let records: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(number, image)| {
            json!({
                "eventID": number.to_string(), "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
                "awsRegion": "eu-west-1",
                "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/Documents/stream/2026",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_782_907_200, "Keys": { "pk": image["pk"], "sk": image["sk"] },
                    "NewImage": image, "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
                },
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// The messages that come again: those of failures, or all when the invocation failed.
fn failed(messages: Vec<Message>, response: Option<SqsBatchResponse>) -> Vec<Message> {
    let Some(response) = response else { return messages };
    let ids: Vec<String> = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    messages.into_iter().filter(|message| ids.contains(&message.id)).collect()
}

/// Where an item stands.
fn key_of(item: &Value) -> String {
    format!("{} {}", item["pk"]["S"].as_str().unwrap_or_default(), item["sk"]["S"].as_str().unwrap_or_default())
}
