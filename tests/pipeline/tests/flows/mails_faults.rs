//! What goes wrong between us and SES: a document is in the mailbox once, or is known not to be (ED-26).

use chrono::TimeDelta;
use domain::{
    ids::DocumentId,
    mail::{DeliveryState, Home, SETTLE},
};
use pipeline::{File, MailOffice, Queue, Ubl, plain_pdf};
use serde_json::json;
use simulators::{
    faults::{Effect, Fault, Stored},
    ses::{Behaviour, Ses, failures},
};
use std::collections::BTreeMap;
use store::testing::Fault as StoreFault;

fn ubl(office: &MailOffice, number: &str) -> Ubl {
    Ubl::new(number, office.p.now().date_naive() - chrono::Days::new(3))
}

fn on_send(effect: Effect) -> Fault {
    Fault::on("POST", "SendRawEmail", effect)
}

/// Moves time on, sweeps and lets everything run, some times.
async fn settle(office: &mut MailOffice, times: u32, by: TimeDelta) {
    for _ in 0..times {
        office.p.advance(by);
        office.p.sweep().await;
        office.p.run().await;
    }
}

#[tokio::test]
async fn throttled_a_mail_is_put_off_and_sent_once() {
    let mut office = MailOffice::start().await;
    office.p.ses.faults().add(on_send(failures::throttling()).times(2));
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let waits = office.delivery(document).await;
    assert_eq!((waits.state, waits.reason.unwrap().code.as_str()), (DeliveryState::Queued, "mail_put_off"));
    settle(&mut office, 4, TimeDelta::minutes(2)).await;
    assert_eq!((office.sent().len(), office.delivery(document).await.state), (1, DeliveryState::Delivered));
}

#[tokio::test]
async fn with_ses_down_mails_wait_and_go_once_it_is_up() {
    let mut office = MailOffice::start().await;
    office.p.ses.faults().add(on_send(failures::unavailable(Stored::No)).always());
    let mut documents = Vec::new();
    for number in ["F-1", "F-2", "F-3"] {
        documents.push(office.accepted(&ubl(&office, number)).await);
    }
    settle(&mut office, 6, TimeDelta::minutes(5)).await;
    for document in &documents {
        assert_eq!(office.delivery(*document).await.state, DeliveryState::Queued);
    }
    office.p.ses.faults().clear();
    settle(&mut office, 4, TimeDelta::minutes(30)).await;
    assert_eq!(office.sent().len(), 3);
    for document in documents {
        assert_eq!(office.delivery(document).await.state, DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn an_unverified_sender_is_refused_and_said_so() {
    let office = MailOffice::start().await;
    office.p.ses.change(|ses| ses.identities.clear());
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let delivery = office.delivery(document).await;
    let reason = delivery.reason.unwrap();
    assert_eq!((delivery.state, reason.code.as_str()), (DeliveryState::Rejected, "mail_refused"));
    assert!(reason.values[0].contains("not verified") && !reason.values[0].contains('@'), "{reason:?}");
    assert_eq!(office.standing(document).await["accounting_status"], "error");
}

#[tokio::test]
async fn an_address_with_a_line_break_is_refused_when_it_is_entered() {
    let office = MailOffice::start().await;
    for address in ["in@package.example\r\nBcc: all@attacker.example", "in@package.example\n", "a b@package.example"] {
        let body = json!({ "package": office.package, "share": true, "addresses": { "inbound": address } });
        let path = office.of_books("mail-connections");
        let (status, problem) = office.p.ask(&office.anna, "POST", &path, None, body).await;
        assert!((400..500).contains(&status), "{address:?}: {status} {problem}");
        assert!(problem.to_string().contains("inbound") || problem.to_string().contains("address"), "{problem}");
    }
}

#[tokio::test]
async fn a_missing_original_is_said_and_the_mail_goes_once_it_is_back() {
    let office = MailOffice::start().await;
    let mut pdf = plain_pdf();
    // Large enough to stand in the bucket, and not to be packed into the table.
    pdf.extend((0..20_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()));
    let document = office.p.deliver(File::Pdf(pdf.clone(), None)).await;
    office.p.run().await;
    let names = office.p.store.object_names();
    let name = names.iter().find(|name| name.contains(&document.to_string())).unwrap().clone();
    office.p.store.remove_object(&name);
    office.share(document, "accept").await;
    office.p.run().await;
    let delivery = office.delivery(document).await;
    assert_eq!((delivery.state, delivery.reason.unwrap().code.as_str()), (DeliveryState::Failed, "mail_no_file"));
    assert_eq!(office.standing(document).await["accounting_status"], "error");
    office.p.store.put_object(&name, pdf.clone());
    let body = json!({ "connection": office.connection });
    office.ask("POST", &format!("/documents/{document}/deliveries"), None, body).await;
    office.p.run().await;
    assert_eq!(office.mail().attachments[0].bytes, pdf);
}

#[tokio::test]
async fn a_send_without_an_answer_is_settled_by_what_ses_tells() {
    for effect in [Effect::hang(Stored::Yes), Effect::reset(Stored::Yes), failures::internal_failure(Stored::Yes)] {
        let shown = format!("{effect:?}");
        let mut office = MailOffice::start().await;
        office.p.ses.faults().add(on_send(effect).times(1));
        let document = office.accepted(&ubl(&office, "F-1")).await;
        office.p.run().await;
        settle(&mut office, 3, SETTLE).await;
        let delivery = office.delivery(document).await;
        assert_eq!((office.sent().len(), delivery.state), (1, DeliveryState::Delivered), "{shown}");
        assert!(delivery.message_id.is_some(), "{shown}");
    }
}

#[tokio::test]
async fn a_send_of_which_nothing_is_ever_heard_is_shown_and_never_repeated() {
    for stored in [Stored::Yes, Stored::No] {
        let mut office = MailOffice::start().await;
        office.p.ses.faults().add(on_send(Effect::hang(stored)).times(1));
        let document = office.accepted(&ubl(&office, "F-1")).await;
        office.p.relay().await;
        while office.p.step(Queue::Mails).await {}
        // What SES has to tell is lost.
        office.p.ses.change(Ses::take_events);
        settle(&mut office, 4, SETTLE).await;
        let taken = usize::from(stored == Stored::Yes);
        let delivery = office.delivery(document).await;
        assert_eq!((office.sent().len(), delivery.state), (taken, DeliveryState::Uncertain), "{stored:?}");
        let standing = office.standing(document).await;
        assert_eq!(
            (&standing["accounting_status"], &standing["explanation"]["code"]),
            (&json!("error"), &json!("mail_lost"))
        );
        let uncertain = office.ask("GET", &office.of_books("deliveries?state=uncertain"), None, json!(null)).await;
        assert_eq!(uncertain["items"].as_array().unwrap().len(), 1);
        // The person who asked the receiver says so.
        let path = format!("/documents/{document}/deliveries/{}/confirm", delivery.id);
        office.ask("POST", &path, None, json!(null)).await;
        assert_eq!(office.standing(document).await["accounting_status"], "ready_to_process");
        settle(&mut office, 2, SETTLE).await;
        assert_eq!(office.sent().len(), taken, "{stored:?}");
    }
}

#[tokio::test]
async fn late_word_from_ses_settles_what_was_uncertain() {
    let mut office = MailOffice::start().await;
    office.p.ses.change(|ses| ses.set_rule("in@package.example", Behaviour::DelayThenDeliver));
    office.p.ses.faults().add(on_send(Effect::hang(Stored::Yes)).times(1));
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.relay().await;
    while office.p.step(Queue::Mails).await {}
    let events = office.p.ses.change(Ses::take_events);
    settle(&mut office, 2, SETTLE).await;
    assert_eq!(office.delivery(document).await.state, DeliveryState::Uncertain);
    for event in events.iter().rev() {
        office.p.cloud.send(Queue::Feedback, event);
    }
    office.p.run().await;
    assert_eq!(office.delivery(document).await.state, DeliveryState::Delivered);
}

/// A process that handles the queue of mails dies when its nth request to a table was carried out. Whether it died.
async fn dies(office: &MailOffice, request: usize) -> bool {
    office.p.store.faults().plan("", request, StoreFault::Silence);
    let died = tokio::select! {
        () = office.p.store.faults().silence() => true,
        _ = office.p.step(Queue::Mails) => false,
    };
    office.p.store.faults().clear();
    died
}

#[tokio::test]
async fn killed_at_any_request_the_document_is_mailed_once_or_shown_as_uncertain() {
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    for request in 0..40 {
        let mut office = MailOffice::start().await;
        let document = office.accepted(&ubl(&office, "F-1")).await;
        office.p.relay().await;
        let died = dies(&office, request).await;
        office.p.restart_mails();
        settle(&mut office, 4, TimeDelta::minutes(10)).await;
        let state = office.delivery(document).await.state;
        let sent = office.sent().len();
        assert!(sent <= 1, "request {request}: {sent} mails");
        match state {
            DeliveryState::Delivered => assert_eq!(sent, 1, "request {request}"),
            // It died between the record and SES: nobody can know, and nothing is sent blindly.
            DeliveryState::Uncertain => assert_eq!(sent, 0, "request {request}"),
            other => panic!("request {request}: {other}"),
        }
        *outcomes.entry(state.as_str()).or_default() += 1;
        assert!(
            office
                .p
                .office
                .store()
                .deliveries()
                .of(Home::Received(document), store::Read::Consistent)
                .await
                .unwrap()
                .mailing
                .is_none(),
            "request {request}: all is seen to"
        );
        if !died {
            println!("{request} requests: {outcomes:?}");
            assert!(request >= 6, "it asks more of the tables than that");
            assert!(outcomes["uncertain"] <= 1, "{outcomes:?}");
            return;
        }
    }
    panic!("it never came through");
}

#[tokio::test]
async fn killed_while_ses_answers_the_document_is_mailed_once() {
    let mut office = MailOffice::start().await;
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.relay().await;
    let fault = office.p.ses.faults().add(on_send(Effect::hang(Stored::Yes)));
    tokio::select! {
        () = async { while office.p.ses.faults().fired(fault) == 0 { tokio::task::yield_now().await } } => {}
        _ = office.p.step(Queue::Mails) => {}
    }
    office.p.ses.faults().clear();
    office.p.restart_mails();
    settle(&mut office, 4, TimeDelta::minutes(10)).await;
    assert_eq!((office.sent().len(), office.delivery(document).await.state), (1, DeliveryState::Delivered));
}

#[tokio::test]
async fn doubled_and_reversed_messages_send_nothing_twice() {
    let mut office = MailOffice::start().await;
    office.p.order = pipeline::Order::DoubledAndReversed;
    let mut documents: Vec<DocumentId> = Vec::new();
    for number in 1..=6 {
        documents.push(office.accepted(&ubl(&office, &format!("F-{number}"))).await);
    }
    office.p.run().await;
    settle(&mut office, 3, TimeDelta::minutes(10)).await;
    assert_eq!(office.sent().len(), 6);
    for document in documents {
        assert_eq!(office.delivery(document).await.state, DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn a_lost_message_is_found_by_the_sweep() {
    let mut office = MailOffice::start().await;
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.lose_changes().await;
    office.p.run().await;
    assert!(office.sent().is_empty());
    settle(&mut office, 1, TimeDelta::minutes(16)).await;
    assert_eq!((office.sent().len(), office.delivery(document).await.state), (1, DeliveryState::Delivered));
}

#[tokio::test]
async fn the_rate_and_the_quota_are_kept_by_all_functions_together() {
    let mut office = MailOffice::start().await;
    office.p.ses.change(|ses| (ses.settings.max_send_rate, ses.settings.max_24_hour_send) = (40, 5));
    let mut documents: Vec<DocumentId> = Vec::new();
    for number in 1..=8 {
        documents.push(office.accepted(&ubl(&office, &format!("F-{number}"))).await);
    }
    office.p.run().await;
    assert_eq!(office.sent().len(), 5, "the day's mails are used up, and SES was asked for no more");
    assert_eq!(office.p.ses.requests().count("POST", "SendRawEmail"), 5);
    settle(&mut office, 3, TimeDelta::hours(13)).await;
    assert_eq!(office.sent().len(), 8);
}

#[tokio::test]
async fn a_delivery_stays_within_its_budget() {
    let office = MailOffice::start().await;
    // The first of a day notes the day.
    office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let document = office.accepted(&Ubl { pdf: Some(plain_pdf()), ..ubl(&office, "F-2") }).await;
    office.p.store.take_costs();
    office.p.run_uncounted().await;
    let (mut units, mut bucket) = (0, 0);
    let mut shown: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for cost in office.p.store.take_costs() {
        units += cost.write_units;
        bucket += cost.s3_requests;
        let sum = shown.entry(cost.operation).or_default();
        *sum = (sum.0 + cost.write_units, sum.1 + cost.s3_requests);
    }
    println!("{units} write units, {bucket} bucket requests: {shown:?}");
    assert_eq!(office.delivery(document).await.state, DeliveryState::Delivered);
    assert!(units <= 6, "{units} write units: {shown:?}");
    assert!(bucket <= 2, "{bucket} bucket requests: {shown:?}");
}

#[tokio::test]
async fn a_client_whose_mails_stop_is_reported_once() {
    let mut office = MailOffice::start().await;
    for day in 0..6 {
        office.accepted(&ubl(&office, &format!("F-{day}"))).await;
        office.p.run().await;
        office.p.advance(TimeDelta::days(1));
    }
    assert_eq!(office.p.sweep().await["silent"], 0);
    office.p.advance(TimeDelta::days(8));
    assert_eq!(office.p.sweep().await["silent"], 1);
    assert_eq!(office.p.sweep().await["silent"], 0, "it is told once");
    let shown = office.ask("GET", &office.of_books("mail-connections"), None, json!(null)).await;
    assert!(shown["items"][0]["silent"]["since"].is_string(), "{shown}");
    office.accepted(&ubl(&office, "F-9")).await;
    office.p.run().await;
    let shown = office.ask("GET", &office.of_books("mail-connections"), None, json!(null)).await;
    assert!(shown["items"][0].get("silent").is_none_or(serde_json::Value::is_null), "{shown}");
}
