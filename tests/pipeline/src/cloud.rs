//! Queues and an event bus in memory, behind the real SDK clients.

use aws_credential_types::Credentials;
use aws_sdk_sqs::config::{BehaviorVersion, HttpClient, Region, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use chrono::TimeDelta;
use domain::time::Instant;
use runtime::clock::Clock;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Notify;

/// A message is given up after so many deliveries, as in `template.yaml`.
const RECEIVES_MAX: u32 = 5;

/// The queues of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// For invoice-tagged.
    Tagged,
    /// For automation-evaluate.
    Evaluate,
    /// For connector-push.
    Turns,
    /// For figures: what the bus announced of documents.
    Figures,
    /// For export-run.
    Exports,
    /// For order-actions.
    Orders,
    /// For document-render.
    Renders,
    /// For email-delivery.
    Mails,
    /// For mail-feedback.
    Feedback,
}

impl Queue {
    /// Those of a received document's way, in its order.
    pub const ALL: [Self; 3] = [Self::Tagged, Self::Evaluate, Self::Turns];
    /// Those of all documents' ways: with orders, and what is issued from them.
    pub const WAYS: [Self; 7] =
        [Self::Tagged, Self::Evaluate, Self::Orders, Self::Renders, Self::Turns, Self::Mails, Self::Feedback];
    /// All of them.
    pub const EVERY: [Self; 9] = [
        Self::Tagged,
        Self::Evaluate,
        Self::Turns,
        Self::Figures,
        Self::Exports,
        Self::Orders,
        Self::Renders,
        Self::Mails,
        Self::Feedback,
    ];

    /// Its address.
    pub fn url(self) -> &'static str {
        match self {
            Self::Tagged => "http://queues.test/tagged",
            Self::Evaluate => "http://queues.test/evaluate",
            Self::Turns => "http://queues.test/turns",
            Self::Figures => "http://queues.test/figures",
            Self::Exports => "http://queues.test/exports",
            Self::Orders => "http://queues.test/orders",
            Self::Renders => "http://queues.test/renders",
            Self::Mails => "http://queues.test/mails",
            Self::Feedback => "http://queues.test/feedback",
        }
    }
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its body.
    pub body: String,
    /// Not delivered before then.
    pub due: Instant,
    /// How often it was delivered.
    pub received: u32,
}

/// What happens to a request to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// So many are refused.
    Refused(u32),
    /// It is carried out, and nothing is ever heard of it.
    Silent,
}

#[derive(Debug, Default)]
struct State {
    clock: Clock,
    messages: Vec<(Queue, Message)>,
    dead: Vec<(Queue, Message)>,
    events: Vec<Value>,
    sent: u64,
    /// After how many requests there is trouble, and which.
    trouble: Option<(u32, Trouble)>,
}

/// Queues and bus.
#[derive(Debug, Clone, Default)]
pub struct Cloud(Arc<Mutex<State>>, Arc<Notify>);

impl Cloud {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_clock(&self, clock: Clock) {
        self.with(|state| state.clock = clock);
    }

    /// A queue, as functions have it.
    pub fn queue(&self, queue: Queue) -> runtime::queue::Queue {
        runtime::queue::Queue::new(self.sqs(), queue.url().to_owned())
    }

    fn sqs(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::from_keys("test", "test", None))
            .endpoint_url("http://queues.test")
            .http_client(SharedHttpClient::new(self.clone()))
            .build();
        aws_sdk_sqs::Client::from_conf(config)
    }

    /// A client of the bus.
    pub fn eventbridge(&self) -> aws_sdk_eventbridge::Client {
        let config = aws_sdk_eventbridge::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::from_keys("test", "test", None))
            .endpoint_url("http://bus.test")
            .http_client(SharedHttpClient::new(self.clone()))
            .build();
        aws_sdk_eventbridge::Client::from_conf(config)
    }

    /// Puts a message into a queue, as somebody else would.
    pub fn send(&self, queue: Queue, body: &str) {
        self.with(|state| state.put(queue, body, 0));
    }

    /// Takes up to ten messages that are due.
    pub fn receive(&self, queue: Queue) -> Vec<Message> {
        self.with(|state| {
            let now = state.clock.now();
            let (mut taken, mut kept) = (Vec::new(), Vec::new());
            for (of, message) in std::mem::take(&mut state.messages) {
                if of == queue && message.due <= now && taken.len() < 10 {
                    taken.push(Message { received: message.received + 1, ..message });
                } else {
                    kept.push((of, message));
                }
            }
            state.messages = kept;
            taken
        })
    }

    /// Gives a message back that could not be handled: it comes again later, or is dead.
    pub fn give_back(&self, queue: Queue, message: Message, visibility: TimeDelta) {
        self.with(|state| {
            if message.received >= RECEIVES_MAX {
                state.dead.push((queue, message));
            } else {
                let due = state.clock.now() + visibility;
                state.messages.push((queue, Message { due, ..message }));
            }
        });
    }

    /// What is in a queue, delayed messages included.
    pub fn messages(&self, queue: Queue) -> Vec<Message> {
        self.with(|state| state.messages.iter().filter(|(of, _)| *of == queue).map(|(_, it)| it.clone()).collect())
    }

    /// Loses everything in a queue.
    pub fn lose(&self, queue: Queue) {
        self.with(|state| state.messages.retain(|(of, _)| *of != queue));
    }

    /// Messages that were given up.
    pub fn dead(&self, queue: Queue) -> Vec<Message> {
        self.with(|state| state.dead.iter().filter(|(of, _)| *of == queue).map(|(_, it)| it.clone()).collect())
    }

    /// When the next message on a document's way is due.
    pub fn next_due(&self) -> Option<Instant> {
        let is_on_the_way = |(of, _): &&(Queue, Message)| Queue::WAYS.contains(of);
        self.with(|state| state.messages.iter().filter(is_on_the_way).map(|(_, message)| message.due).min())
    }

    /// What was put on the bus: type and detail.
    pub fn events(&self) -> Vec<(String, Value)> {
        self.with(|state| {
            let read = |event: &Value| {
                let detail = serde_json::from_str(event["Detail"].as_str().unwrap_or_default()).unwrap_or_default();
                (event["DetailType"].as_str().unwrap_or_default().to_owned(), detail)
            };
            state.events.iter().map(read).collect()
        })
    }

    /// The next requests to the queues find them out of order.
    pub fn refuse(&self, requests: u32) {
        self.refuse_after(0, requests);
    }

    /// After so many requests, the next ones find queues and bus out of order.
    pub fn refuse_after(&self, after: u32, requests: u32) {
        self.with(|state| state.trouble = Some((after, Trouble::Refused(requests))));
    }

    /// After so many requests, one is carried out and never answered: for whoever dies while he waits.
    pub fn silence_after(&self, after: u32) {
        self.with(|state| state.trouble = Some((after, Trouble::Silent)));
    }

    /// Waits until a request was not answered.
    pub async fn silence(&self) {
        self.1.notified().await;
    }

    /// Takes trouble back that did not come yet. Whether there was any.
    pub fn calm(&self) -> bool {
        self.with(|state| state.trouble.take().is_some())
    }
}

impl State {
    /// The trouble that meets the next request.
    fn trouble(&mut self) -> Option<Trouble> {
        let (after, trouble) = self.trouble.take()?;
        let next = match (after, trouble) {
            (0, Trouble::Silent) => None,
            (0, Trouble::Refused(times)) => (times > 1).then(|| (0, Trouble::Refused(times - 1))),
            (_, _) => Some((after - 1, trouble)),
        };
        self.trouble = next;
        (after == 0).then_some(trouble)
    }

    fn put(&mut self, queue: Queue, body: &str, delay_seconds: i64) -> String {
        self.sent += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.sent);
        let due = self.clock.now() + TimeDelta::seconds(delay_seconds);
        self.messages.push((queue, Message { id: id.clone(), body: body.to_owned(), due, received: 0 }));
        id
    }

    /// The bus's rule: what our own relay announces of documents goes to figures.
    fn route(&mut self, entry: &Value) {
        let kind = entry["DetailType"].as_str().unwrap_or_default();
        if entry["Source"] == "ledgerpost" && kind.starts_with("document.") {
            let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).expect("JSON");
            let event = json!({
                "version": "0", "id": self.sent.to_string(), "detail-type": kind, "source": "ledgerpost",
                "account": "123456789012", "time": "2026-07-01T10:00:00Z", "region": "eu-west-1", "resources": [],
                "detail": detail,
            });
            self.put(Queue::Figures, &event.to_string(), 0);
        }
    }

    fn answer(&mut self, operation: &str, body: &Value) -> Value {
        let queue = || Queue::EVERY.into_iter().find(|queue| body["QueueUrl"] == queue.url()).expect("a known queue");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        match operation {
            "SendMessage" => {
                let id = self.put(queue(), &text(&body["MessageBody"]), body["DelaySeconds"].as_i64().unwrap_or(0));
                json!({ "MessageId": id, "MD5OfMessageBody": "" })
            }
            "SendMessageBatch" => {
                let entries: VecDeque<Value> = body["Entries"].as_array().expect("entries").iter().cloned().collect();
                let sent: Vec<Value> = entries
                    .iter()
                    .map(|entry| {
                        let id = self.put(queue(), &text(&entry["MessageBody"]), 0);
                        json!({ "Id": entry["Id"], "MessageId": id, "MD5OfMessageBody": "" })
                    })
                    .collect();
                json!({ "Successful": sent, "Failed": [] })
            }
            "PutEvents" => {
                let entries = body["Entries"].as_array().expect("entries").clone();
                let ids: Vec<Value> = entries.iter().map(|_| json!({ "EventId": "1" })).collect();
                for entry in &entries {
                    self.route(entry);
                }
                self.events.extend(entries);
                json!({ "FailedEntryCount": 0, "Entries": ids })
            }
            other => panic!("nobody sends {other} here"),
        }
    }
}

/// Whether an answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Now,
    Never,
}

impl HttpClient for Cloud {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Cloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("JSON");
        let answer = self.with(|state| match state.trouble() {
            Some(Trouble::Refused(_)) => None,
            Some(Trouble::Silent) => Some((state.answer(&operation, &body), Heard::Never)),
            None => Some((state.answer(&operation, &body), Heard::Now)),
        });
        if let Some((_, Heard::Never)) = answer {
            self.1.notify_one();
            return HttpConnectorFuture::new(std::future::pending());
        }
        let answer = answer.map(|(answer, _)| answer);
        let (status, body) = match answer {
            Some(answer) => (http::StatusCode::OK, answer.to_string()),
            None => (http::StatusCode::SERVICE_UNAVAILABLE, "{}".to_owned()),
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.into(), SdkBody::from(body))))
    }
}
