use std::collections::BTreeSet;

use serde_json::json;
use simulators::exact::Handle;
use simulators::exact::books::DivisionStanding;
use simulators::exact::seed;
use simulators::exact::state::{ContractStanding, Right, ScopeAccess, State, User, UserStanding};

use crate::support::{Client, PURCHASES, Reply, line, purchase, seconds, start};

async fn journals(client: &Client) -> Reply {
    client.get("financial/Journals", &[("$select", "Code")]).await
}

async fn refused(exact: &Handle, client: &Client, change: impl FnOnce(&mut State)) -> (u16, Option<String>) {
    exact.change(change);
    let reply = journals(client).await;
    (reply.status, reply.header("Reason").map(str::to_owned))
}

fn user(state: &mut State) -> &mut User {
    state.users.get_mut(&seed::USER).expect("the user")
}

#[tokio::test]
async fn a_missing_unknown_or_expired_token_is_401() {
    let exact = start().await;
    let client = Client::connect(&exact);
    assert_eq!(journals(&client).await.status, 200);
    assert_eq!(journals(&Client::anonymous(&exact)).await.status, 401);
    exact.clock().advance(seconds(600));
    let expired = journals(&client).await;
    assert_eq!((expired.status, expired.header("Reason")), (401, Some("Authentication Required")));
}

#[tokio::test]
async fn a_blocked_user_customer_or_division_is_403_with_its_reason() {
    let reason = |word: &str| (403, Some(word.to_owned()));
    let exact = start().await;
    let client = Client::connect(&exact);
    let got = refused(&exact, &client, |state| user(state).standing = UserStanding::Blocked).await;
    assert_eq!(got, reason("BlockedUser"));
    let got = refused(&exact, &client, |state| user(state).standing = UserStanding::Inactive).await;
    assert_eq!(got, reason("InactiveUser"));
    exact.change(|state| user(state).standing = UserStanding::Active);
    let contract = |state: &mut State, standing| {
        state.contracts.iter_mut().for_each(|contract| contract.standing = standing);
    };
    let got = refused(&exact, &client, |state| contract(state, ContractStanding::Blocked)).await;
    assert_eq!(got, reason("BlockedCustomer"));
    let got = refused(&exact, &client, |state| contract(state, ContractStanding::LicenseExpired)).await;
    assert_eq!(got, reason("LicenseExpired"));
    exact.change(|state| contract(state, ContractStanding::Active));
    let block = |state: &mut State| {
        state.division_mut(seed::DIVISION).expect("the division").standing = DivisionStanding::Blocked;
    };
    assert_eq!(refused(&exact, &client, block).await, reason("DivisionBlocked"));
}

#[tokio::test]
async fn user_app_and_consent_each_decide_about_a_division() {
    let none = (403, Some("NoDivisionAccess".to_owned()));
    let exact = start().await;
    let mut client = Client::connect(&exact);
    let got = refused(&exact, &client, |state| {
        let _ = user(state).divisions.remove(&seed::DIVISION);
    })
    .await;
    assert_eq!(got, none);
    exact.change(|state| {
        let _ = user(state).divisions.insert(seed::DIVISION);
    });
    let remove_app = |state: &mut State| state.division_mut(seed::DIVISION).expect("the division").apps.clear();
    assert_eq!(refused(&exact, &client, remove_app).await, none);
    client.division = 4711;
    assert_eq!(refused(&exact, &client, |_| {}).await, none);

    exact.change(|state| state.consent.divisions = Some(BTreeSet::from([seed::DIVISION])));
    let mut client = Client::connect(&exact);
    client.division = seed::SECOND_DIVISION;
    assert_eq!(refused(&exact, &client, |_| {}).await, none);
}

#[tokio::test]
async fn scopes_and_rights_are_checked() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let scope = |scope: &'static str, access| {
        exact.change(|state| {
            state.apps.iter_mut().for_each(|app| {
                let _ = app.scopes.insert(scope.to_owned(), access);
            });
        });
    };
    scope("purchase.invoices", ScopeAccess::Read);
    let entry = purchase(&exact, &[line(&exact, "4500", "1", "21")]);
    let reply = client.post(PURCHASES, &entry).await;
    assert_eq!(reply.status, 403);
    assert!(reply.message().contains("Application Scope Violated. Cannot manage 'purchase.invoices' scope."));
    assert_eq!(client.get(PURCHASES, &[("$select", "EntryID")]).await.status, 200);
    scope("purchase.invoices", ScopeAccess::Manage);
    exact.change(|state| {
        let _ = user(state).rights.remove(&Right::PurchaseEntries);
    });
    assert_eq!(client.post(PURCHASES, &entry).await.status, 403);
    assert_eq!(client.get("purchase/PurchaseInvoices", &[("$select", "ID")]).await.status, 403);
    assert_eq!(client.get("crm/Contacts", &[("$select", "ID")]).await.status, 404);
}

#[tokio::test]
async fn me_follows_the_browser_and_divisions_do_not_check_their_url() {
    let exact = start().await;
    let mut client = Client::connect(&exact);
    exact.change(|state| user(state).current_division = seed::SECOND_DIVISION);
    let me = client.get_url(&format!("{}/api/v1/current/Me", client.base)).await;
    assert_eq!(me.results()[0]["CurrentDivision"], json!(seed::SECOND_DIVISION));
    assert_eq!(me.results()[0]["UserID"], json!(seed::USER.to_string()));
    assert_eq!(me.header("X-RateLimit-Limit"), None);
    client.division = 1;
    let divisions = client.get("system/Divisions", &[("$select", "Code,Description,VATNumber,Status")]).await;
    let codes: Vec<_> = divisions.results().iter().map(|division| division["Code"].as_i64()).collect();
    assert_eq!(codes, [Some(i64::from(seed::DIVISION)), Some(i64::from(seed::SECOND_DIVISION))]);
}

#[tokio::test]
async fn who_does_not_ask_for_json_gets_atom() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let url = client.url("financial/Journals?$select=Code");
    let response = client.http.get(url).bearer_auth(&client.token).send().await.expect("an answer");
    let content_type = response.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(content_type.starts_with("application/atom+xml"));
}
