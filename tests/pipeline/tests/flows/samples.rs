//! The sample events of tests/events, with which each function can be tried by hand, are events that it reads. The API's own
//! tests look at its sample.

use aws_lambda_events::{dynamodb::Event, sqs::SqsEvent};
use domain::document::Step;
use invoice_tagged::Incoming;
use mail::feedback::{self, Outcome, SesEvent};
use runtime::message::{AnnouncedEvent, DocumentMessage, MailMessage, OrderMessage, RenderMessage, TurnMessage};
use store::document::StreamRecord;

fn sample(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The body of the one message in a sample.
fn body(name: &str) -> String {
    let event: SqsEvent = serde_json::from_str(&sample(name)).unwrap();
    let [record] = event.records.try_into().unwrap();
    record.body.unwrap()
}

#[test]
fn the_relay_gets_a_document_to_be_read() {
    let event: Event = serde_json::from_str(&sample("relay")).unwrap();
    let [record] = event.records.try_into().unwrap();
    let record = StreamRecord::from_image(record.change.new_image).unwrap();
    assert_eq!(relay::plan(std::slice::from_ref(&record)).read.len(), 1);
    let StreamRecord::Received(record) = record else { panic!("it was received") };
    assert_eq!((record.step, record.document.version), (Step::Read, 1));
}

#[test]
fn queues_bring_messages() {
    assert!(matches!(Incoming::parse(&body("invoice-tagged")).unwrap(), Incoming::Message(_)));
    let _: DocumentMessage = serde_json::from_str(&body("automation-evaluate")).unwrap();
    let turn: TurnMessage = serde_json::from_str(&body("connector-push")).unwrap();
    assert!(turn.document.is_some() && turn.unit.division.is_some());
    let event: AnnouncedEvent = serde_json::from_str(&body("figures")).unwrap();
    assert_eq!(event.detail.version, 5);
    let _: OrderMessage = serde_json::from_str(&body("order-actions")).unwrap();
    let _: RenderMessage = serde_json::from_str(&body("document-render")).unwrap();
    let mails: MailMessage = serde_json::from_str(&body("email-delivery")).unwrap();
    let Outcome::Feedback(told) = feedback::read(&body("mail-feedback")).unwrap() else { panic!("it tells of a mail") };
    assert_eq!((told.tags.tenant, told.tags.home), (Some(mails.tenant), Some(mails.home.to_string())));
    assert!(told.tags.delivery.is_some() && told.event == SesEvent::Delivery);
}

#[test]
fn maintenance_is_called_by_its_schedule() {
    let event: serde_json::Value = serde_json::from_str(&sample("maintenance")).unwrap();
    assert!(event.get("command").is_none(), "a schedule's event is no operator's command");
}

#[test]
fn every_function_has_a_sample() {
    let root = format!("{}/../..", env!("CARGO_MANIFEST_DIR"));
    for folder in std::fs::read_dir(format!("{root}/functions")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(std::fs::exists(format!("{root}/tests/events/{name}.json")).unwrap(), "{name}");
    }
}
