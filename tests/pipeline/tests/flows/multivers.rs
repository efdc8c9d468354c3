//! Multivers: connected by a consent, and posted to; also where a customer runs it himself.

use crate::consented::{Ledger, Office};
use pipeline::Pipeline;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use simulators::{
    multivers::{
        Multivers, Product as _, seed,
        state::{Database, RefreshRedirect, RefreshTokens},
    },
    stand::Options,
};

fn options() -> Value {
    json!({ "purchase_journal": seed::PURCHASE, "credit_notes": "swap" })
}

async fn connected(registration: &str, options: Value) -> Office<Multivers> {
    let p = Pipeline::start().await;
    let multivers = Options::<Multivers>::demo().clock(p.exact.clock()).start().await.unwrap();
    multivers.change(|all| {
        let settings = &mut all.state_mut().settings;
        settings.refresh_redirect = RefreshRedirect::Needed;
        settings.refresh_tokens = RefreshTokens::Rotating;
    });
    let app = (seed::APP, Multivers::SECRET, seed::REDIRECT_URI);
    let set_up = Ledger { registration, app, options, division: Multivers::DATABASE, codes: ("4600", "2") };
    Office::connected(p, multivers, &set_up).await
}

fn books<T>(office: &Office<Multivers>, look: impl FnOnce(&Database) -> T) -> T {
    office.ledger.read(|all| look(all.state().databases.iter().find(|one| one.id == Multivers::DATABASE).unwrap()))
}

#[tokio::test]
async fn an_invoice_and_its_credit_note_are_posted_after_a_consent() {
    let mut office = connected("multivers", options()).await;
    // The access has ended by then: it is renewed with where consents come back to.
    office.p.advance(chrono::TimeDelta::hours(2));
    let [invoice, _] = office.post_and_take_back().await;
    let booked = books(&office, |books| books.invoices.clone());
    assert_eq!(booked.len(), 2);
    assert_eq!((booked[0].total.own.abs(), booked[0].vat.own.abs()), (dec!(121.00), dec!(21.00)));
    assert_eq!(booked[0].reference, "F-1");
    assert_eq!(invoice.booked.unwrap().ledger_number, format!("I {}", booked[0].transaction));
    let balances = books(&office, Database::balances);
    assert!(balances.values().all(Decimal::is_zero), "{balances:?}");
}

#[tokio::test]
async fn a_worker_that_dies_after_the_booking_request_books_once() {
    let mut office = connected("multivers", options()).await;
    let document = office.post_dying("SupplierInvoice").await;
    let booked = books(&office, |books| books.invoices.clone());
    assert_eq!(booked.len(), 1);
    assert_eq!(document.booked.unwrap().ledger_number, format!("I {}", booked[0].transaction));
}

#[tokio::test]
async fn an_installation_is_one_that_the_deployment_knows_and_stays() {
    let with = |installation: &str| {
        let mut options = options();
        options["installation"] = json!(installation);
        options
    };
    let office = connected("multivers/jansen", with("jansen")).await;
    office.post_and_take_back().await;
    assert_eq!(books(&office, |books| books.invoices.len()), 2);
    let refused = async |method, path: &str, version, body| {
        let (status, answer) = office.p.ask(&office.anna, method, path, version, body).await;
        assert!((400..500).contains(&status), "{status} {answer}");
        assert!(answer.to_string().contains("/options/installation"), "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    };
    let shown = office.ask("GET", &office.link(""), None, Value::Null).await;
    let version = shown["version"].as_u64().and_then(|version| u32::try_from(version).ok());
    for another in [options(), with("pietersen")] {
        let body = json!({ "name": "Multivers", "options": another });
        assert_eq!(refused("PUT", &office.link(""), version, body).await, "invalid", "its tokens would go along");
    }
    let body = json!({
        "system": "multivers", "name": "Multivers", "licence_country": "NL", "options": with("evil.example"),
    });
    assert_eq!(refused("POST", "/connections", None, body).await, "not_offered");
}
