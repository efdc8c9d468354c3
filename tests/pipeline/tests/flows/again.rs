//! The same invoice twice, and what was here before a condition was made: neither is ever posted by a machine.

use chrono::TimeDelta;
use domain::{
    automation::AutomationSwitch,
    document::{List, Status},
    hold::HoldCode,
    words::Language,
};
use pipeline::{Order, Pipeline, Queue, Ubl};
use rust_decimal::dec;

fn ubl(p: &Pipeline, number: &str) -> Ubl {
    Ubl::new(number, p.now().date_naive() - chrono::Days::new(3))
}

#[tokio::test]
async fn the_same_bytes_twice_are_posted_once() {
    let mut p = Pipeline::start().await;
    let first = p.process(&ubl(&p, "F-1")).await;
    let second = p.process(&ubl(&p, "F-1")).await;
    assert_eq!((first.status, second.status), (Status::Posted, Status::Complete));
    assert_eq!(second.holds, [HoldCode::DuplicateSuspected]);
    p.run_to_rest().await;
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn the_overview_names_the_document_of_which_a_copy_is_suspected() {
    let p = Pipeline::start().await;
    let first = p.process(&ubl(&p, "F-1")).await;
    // Held for something else as well: what needs clearing comes first.
    let second = p.process(&Ubl { iban: Some("GB82WEST12345698765432"), ..ubl(&p, "F-1") }).await;
    assert_eq!(second.holds, [HoldCode::DuplicateSuspected, HoldCode::NewIban]);
    let documents = p.office.store().documents();
    let overview = documents
        .list(p.office.administration, List::Overview, store::document::Filter::default(), None, 50)
        .await
        .unwrap();
    let reasons: Vec<_> = overview.items.into_iter().map(|document| document.reason.unwrap()).collect();
    let [reason] = reasons.as_slice() else { panic!("{reasons:?}") };
    assert_eq!((reason.code.as_str(), reason.document), ("duplicate_suspected", Some(first.id)));
    let words = reason.shown(Language::Dutch);
    assert_eq!(words, HoldCode::DuplicateSuspected.brief(Language::Dutch), "and no word is cut");
}

#[tokio::test]
async fn the_same_number_in_other_bytes_is_posted_once() {
    let p = Pipeline::start().await;
    p.process(&ubl(&p, "F-1")).await;
    let other = Ubl { payee: None, prepaid: None, ..ubl(&p, " f.1 ") }.of(dec!(99.00));
    let second = p.process(&other).await;
    assert_eq!(second.holds, [HoldCode::DuplicateSuspected]);
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn two_copies_at_the_same_moment_are_posted_once() {
    for order in [Order::Kind, Order::DoubledAndReversed] {
        let mut p = Pipeline::start().await;
        p.order = order;
        let ids = [p.deliver(&ubl(&p, "F-1")).await, p.deliver(&ubl(&p, "F-1")).await];
        p.relay().await;
        let messages = p.cloud.receive(Queue::Tagged);
        assert_eq!(messages.len(), 2);
        // Two processes, each with one of them.
        let [one, other] = messages.try_into().unwrap();
        let (one, other) = tokio::join!(p.invoke(Queue::Tagged, vec![one]), p.invoke(Queue::Tagged, vec![other]));
        assert_eq!((one, other), (vec![], vec![]));
        p.run_to_rest().await;
        let mut held = 0;
        for id in ids {
            held += p.document(id).await.holds.len();
        }
        assert_eq!(held, 1, "exactly one of them is held");
        assert_eq!(p.bookings().len(), 1);
    }
}

#[tokio::test]
async fn a_copy_of_an_incomplete_document_is_no_duplicate_until_that_is_complete() {
    let p = Pipeline::start().await;
    let template = p.office.remove_template(p.now()).await;
    let orange = p.process(&ubl(&p, "F-1")).await;
    assert_eq!(orange.status, Status::Incomplete);
    p.office.put_template(p.now(), &template).await;
    let second = p.process(&ubl(&p, "F-1")).await;
    assert_eq!(second.status, Status::Posted, "{:?}", second.reason);
    p.tag_again(orange.id).await;
    p.run().await;
    assert_eq!(p.document(orange.id).await.holds, [HoldCode::DuplicateSuspected]);
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn switching_on_posts_nothing_that_was_here_before() {
    let mut p = Pipeline::start().await;
    p.office.change_connection(p.now(), |connection| connection.automation = AutomationSwitch::Off).await;
    let old = p.process(&ubl(&p, "F-1")).await;
    p.advance(TimeDelta::seconds(10));
    let since = p.now();
    p.office.change_connection(since, |connection| connection.automation = AutomationSwitch::On { since }).await;
    p.run_to_rest().await;
    assert_eq!(p.reason(old.id).await.as_deref(), Some("automation_off"), "switching on decides nothing anew");
    p.advance(TimeDelta::seconds(10));
    p.tag_again(old.id).await;
    p.run().await;
    assert_eq!(p.reason(old.id).await.as_deref(), Some("received_before_switch"));
    let new = p.process(&ubl(&p, "F-2").of(dec!(20))).await;
    assert_eq!(new.status, Status::Posted);
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn tagging_an_old_document_again_posts_nothing_under_a_new_rule() {
    let mut p = Pipeline::start().await;
    p.office.change_rule(p.now(), |rule| rule.max_amount = Some(dec!(1))).await;
    let old = p.process(&ubl(&p, "F-1")).await;
    assert_eq!(p.reason(old.id).await.as_deref(), Some("above_maximum"));
    p.advance(TimeDelta::seconds(10));
    let now = p.now();
    p.office
        .change_rule(now, |rule| {
            rule.max_amount = None;
            rule.effective_from = now;
        })
        .await;
    p.advance(TimeDelta::seconds(10));
    p.tag_again(old.id).await;
    p.run_to_rest().await;
    assert_eq!(p.reason(old.id).await.as_deref(), Some("received_before_rule"));
    assert_eq!(p.bookings(), []);
}

#[tokio::test]
async fn completing_an_old_document_posts_nothing_under_a_newer_rule() {
    let mut p = Pipeline::start().await;
    let template = p.office.remove_template(p.now()).await;
    let old = p.process(&ubl(&p, "F-1")).await;
    assert_eq!(old.status, Status::Incomplete);
    p.advance(TimeDelta::seconds(10));
    let now = p.now();
    p.office.put_template(now, &template).await;
    p.office.change_rule(now, |rule| rule.effective_from = now).await;
    p.advance(TimeDelta::seconds(10));
    p.tag_again(old.id).await;
    p.run_to_rest().await;
    let document = p.document(old.id).await;
    assert_eq!((document.status, p.reason(old.id).await.as_deref()), (Status::Complete, Some("received_before_rule")));
    assert_eq!(p.bookings(), []);
}

#[tokio::test]
async fn the_wrong_moment_to_tag_again_changes_nothing() {
    let p = Pipeline::start().await;
    let posted = p.process(&ubl(&p, "F-1")).await;
    assert!(posted.status.after(domain::document::Event::Tag).is_err(), "what is posted is locked");
}
