//! Tokens that expire, are refused, get lost on the way, or are asked for too early.

use crate::waiting::since_posting;
use chrono::TimeDelta;
use domain::{document::Status, ids::DocumentId, office::ConnectionState};
use pipeline::{Pipeline, Ubl};
use rust_decimal::{Decimal, dec};
use simulators::faults::{Effect, Fault, Stored};
use store::{Read, testing::Which};

const TOKEN: &str = "oauth2/token";

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    Ubl::new(&format!("F-{number}"), p.now().date_naive() - chrono::Days::new(3)).of(dec!(10) * Decimal::from(number))
}

async fn is_posted(p: &Pipeline, id: DocumentId) {
    let document = p.document(id).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_once_before_it_is_used() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::seconds(590));
    let ids = [p.deliver(&ubl(&p, 1)).await, p.deliver(&ubl(&p, 2)).await];
    p.run().await;
    for id in ids {
        is_posted(&p, id).await;
    }
    assert_eq!(p.exact.requests().count("POST", TOKEN), 1);
    assert!(p.exact.requests().list().iter().all(|request| request.status != Some(401)));
    p.restart();
    let id = p.deliver(&ubl(&p, 3)).await;
    p.run().await;
    is_posted(&p, id).await;
    assert_eq!(p.exact.requests().count("POST", TOKEN), 1, "another process finds the new pair in the table");
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_is_renewed_and_the_push_goes_on() {
    let calls = [("GET", "crm/Accounts"), ("POST", "documents/Documents"), ("POST", "purchaseentry/PurchaseEntries")];
    for (method, path) in calls {
        let mut p = Pipeline::start().await;
        // Old enough to be renewed, not yet so old that it would be renewed by itself.
        p.advance(TimeDelta::seconds(571));
        let fault = p.exact.faults().add(Fault::on(method, path, Effect::TokenExpired));
        let id = p.deliver(&ubl(&p, 1)).await;
        p.run().await;
        assert_eq!(p.exact.faults().fired(fault), 1, "{path}");
        is_posted(&p, id).await;
        assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1), "{path}");
        assert_eq!(p.exact.requests().count("POST", TOKEN), 1, "{path}");
    }
}

#[tokio::test]
async fn a_refused_token_that_is_too_young_to_be_renewed_is_waited_for() {
    let mut p = Pipeline::start().await;
    p.exact.faults().add(Fault::on("GET", "crm/Accounts", Effect::TokenExpired));
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Posting);
    assert!(p.history_codes(id).await.contains(&"token_refused".to_owned()));
    let asked = p.ledger_requests();
    let other = p.deliver(&ubl(&p, 2)).await;
    for _ in 0..8 {
        p.advance(TimeDelta::seconds(60));
        p.run().await;
        p.turn().await;
    }
    assert_eq!(p.ledger_requests(), asked, "nobody asks with a dead token, and nobody asks too early for another");
    p.run_to_rest().await;
    is_posted(&p, id).await;
    is_posted(&p, other).await;
    assert_eq!(p.exact.requests().count("POST", TOKEN), 1);
    assert_eq!(p.bookings().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_to_a_renewal_says_reconnect_and_documents_wait_until_somebody_did() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::seconds(590));
    p.exact.faults().add(Fault::on("POST", TOKEN, Effect::drop(Stored::Yes)));
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Posting);
    for _ in 0..3 {
        p.advance(TimeDelta::seconds(61));
        p.run().await;
    }
    assert_eq!(p.office.get_connection().await.state, ConnectionState::ReconnectNeeded);
    assert_eq!(p.exact.requests().count("POST", TOKEN), 2, "the stored token was tried once more");
    let waiting = p.deliver(&ubl(&p, 2)).await;
    p.run().await;
    for id in [id, waiting] {
        assert_eq!(p.document(id).await.status, Status::Posting, "it waits");
    }
    assert!(p.history_codes(id).await.contains(&"reconnect_needed".to_owned()));
    assert_eq!(p.bookings(), []);

    p.connect().await;
    p.office.change_connection(p.now(), |connection| connection.state = ConnectionState::Connected).await;
    p.turn().await;
    p.run_to_rest().await;
    is_posted(&p, id).await;
    is_posted(&p, waiting).await;
    assert_eq!(p.bookings().len(), 2);
}

#[tokio::test]
async fn a_renewal_that_dies_before_it_is_stored_is_shown_as_reconnect() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::seconds(590));
    let id = p.deliver(&ubl(&p, 1)).await;
    // Carried out at the ledger; the process dies with the answer on its way.
    let fault = p.exact.faults().add(Fault::on("POST", TOKEN, Effect::hang(Stored::Yes)));
    let silence = async {
        while p.exact.faults().fired(fault) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = p.run() => panic!("it does not come through"),
        () = silence => {}
    }
    p.restart();
    for _ in 0..6 {
        p.advance(TimeDelta::minutes(5));
        p.sweep().await;
        p.run().await;
    }
    assert_eq!(p.office.get_connection().await.state, ConnectionState::ReconnectNeeded);
    assert_eq!(p.document(id).await.status, Status::Posting);
    assert!(p.history_codes(id).await.contains(&"reconnect_needed".to_owned()));
}

#[tokio::test]
async fn a_renewal_that_never_reached_the_ledger_is_made_up_for() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::seconds(590));
    p.exact.faults().add(Fault::on("POST", TOKEN, Effect::drop(Stored::No)));
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run_to_rest().await;
    is_posted(&p, id).await;
    assert_eq!(p.office.get_connection().await.state, ConnectionState::Connected);
    assert_eq!(p.exact.requests().count("POST", TOKEN), 2);
}

#[tokio::test]
async fn a_token_service_that_is_down_for_hours_costs_no_reconnect_and_is_told_once() {
    for effect in [Effect::unavailable(Stored::No), Effect::drop(Stored::No)] {
        let mut p = Pipeline::start().await;
        p.advance(TimeDelta::seconds(590));
        let down = p.exact.faults().add(Fault::on("POST", TOKEN, effect).always());
        let id = p.deliver(&ubl(&p, 1)).await;
        p.run().await;
        for _ in 0..36 {
            p.advance(TimeDelta::minutes(5));
            p.sweep().await;
            p.run().await;
        }
        let asked = p.exact.requests().count("POST", TOKEN);
        assert!((3..=20).contains(&asked), "{asked} requests in three hours");
        assert_eq!(p.office.get_connection().await.state, ConnectionState::Connected);
        assert_eq!(since_posting(&p, id).await, ["token_not_renewed"]);
        assert!(p.exact.faults().remove(down));
        p.run_to_rest().await;
        is_posted(&p, id).await;
        assert_eq!(since_posting(&p, id).await, ["token_not_renewed", "went_on"]);
    }
}

#[tokio::test]
async fn a_ledger_that_has_renewed_already_though_nobody_saw_it_says_reconnect_at_once() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::seconds(590));
    p.exact.faults().add(Fault::on("POST", TOKEN, Effect::drop(Stored::Yes)));
    let early = Effect::Answer {
        status: 400,
        headers: [("Reason".to_owned(), "TooEarlyToRefreshTokens: the access token has not expired".to_owned())].into(),
        body: r#"{"error":"access_denied"}"#.to_owned(),
        stored: Stored::No,
    };
    p.exact.faults().add(Fault::on("POST", TOKEN, early).skip(1).always());
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    for _ in 0..6 {
        p.advance(TimeDelta::minutes(5));
        p.sweep().await;
        p.run().await;
    }
    assert_eq!(p.office.get_connection().await.state, ConnectionState::ReconnectNeeded);
    assert_eq!(p.exact.requests().count("POST", TOKEN), 2, "not again and again");
    assert_eq!(since_posting(&p, id).await, ["token_not_renewed", "reconnect_needed"]);
}

#[tokio::test]
async fn what_a_dead_process_knew_about_the_chain_is_said_on_the_connection_later() {
    let p = Pipeline::start().await;
    let credentials = p.office.store().credentials();
    let writer = store::Writer::new("dead", 0);
    let begun = credentials.begin_refresh(p.office.connection, &writer, p.now(), p.now()).await.unwrap();
    let store::runs::Refresh::Granted { lease, .. } = begun else { panic!("it is free") };
    let state = store::runs::CredentialState::ReconnectNeeded;
    credentials.fail_refresh(&lease, state, &writer).await.unwrap();
    assert_eq!(p.office.get_connection().await.state, ConnectionState::Connected, "it died before it could say so");
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    assert_eq!(p.office.get_connection().await.state, ConnectionState::ReconnectNeeded);
    assert_eq!(p.document(id).await.status, Status::Posting);
}

#[tokio::test]
async fn an_old_refresh_token_says_reconnect() {
    let mut p = Pipeline::start().await;
    // Somebody else connected the same user: our chain is dead.
    p.exact.connect(simulators::exact::seed::APP, simulators::exact::seed::USER);
    p.advance(TimeDelta::seconds(590));
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    assert_eq!(p.office.get_connection().await.state, ConnectionState::ReconnectNeeded);
    assert_eq!(p.document(id).await.status, Status::Posting);
    assert_eq!(p.exact.requests().count("POST", TOKEN), 1);
}

#[tokio::test]
async fn a_token_service_that_is_down_is_waited_for() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::seconds(590));
    p.exact.faults().add(Fault::on("POST", TOKEN, Effect::too_many_requests(Some(30))));
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run_to_rest().await;
    is_posted(&p, id).await;
    assert_eq!(p.office.get_connection().await.state, ConnectionState::Connected);
}

#[tokio::test]
async fn idle_tokens_are_kept_alive_by_the_sweep() {
    let mut p = Pipeline::start().await;
    p.advance(TimeDelta::days(7) + TimeDelta::hours(1));
    p.sweep().await;
    p.run().await;
    assert_eq!(p.exact.requests().count("POST", TOKEN), 1);
    p.sweep().await;
    p.run().await;
    assert_eq!(p.exact.requests().count("POST", TOKEN), 1, "once is enough for another week");
    let credential = p.office.store().credentials().get(p.office.connection, Read::Consistent).await.unwrap().unwrap();
    assert_eq!(credential.version, 2);
}

#[tokio::test]
async fn no_token_stands_in_the_table_in_the_clear_of_another_connection() {
    let p = Pipeline::start().await;
    let other: domain::ids::ConnectionId = runtime::clock::new_id(p.now());
    let credentials = p.office.store().credentials();
    let sealed = credentials.get(p.office.connection, Read::Consistent).await.unwrap().unwrap().tokens.sealed;
    assert!(p.push.vault.open(p.office.tenant, other, &sealed).await.is_err(), "bound to its connection");
    assert!(p.push.vault.open(p.office.tenant, p.office.connection, &sealed).await.is_ok());
    let settings = serde_json::to_string(&p.store.items(Which::Settings).await).unwrap();
    assert!(!settings.contains("refresh"), "settings know no tokens");
}
