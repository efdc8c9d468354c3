use serde_json::json;

use crate::support::{Client, start};

#[tokio::test]
async fn verbose_json() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let query = [("$select", "ID,FinYear,StartDate"), ("$filter", "FinYear eq 2026 and FinPeriod eq 7")];
    let reply = client.get("financial/FinancialPeriods", &query).await;
    let [period] = reply.results().try_into().expect("one period");
    assert_eq!(period["StartDate"], json!("/Date(1782864000000)/"));
    assert_eq!(period["__metadata"]["type"], json!("Exact.Web.Api.Models.Financial.FinancialPeriod"));
    assert_eq!(period.as_object().expect("an object").len(), 4);
    let again = client.get_url(period["__metadata"]["uri"].as_str().expect("an address")).await;
    assert_eq!(again.d()["FinPeriod"], json!(7));
}

#[tokio::test]
async fn select_or_one_record_is_demanded() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let reply = client.get("vat/VATCodes", &[]).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.message(), "Please add a $select or a $top=1 statement to the query string.");
    let one = client.get("vat/VATCodes", &[("$top", "1")]).await;
    assert_eq!(one.d().as_array().map(Vec::len), Some(1), "a bare list");
}

#[tokio::test]
async fn relations_must_be_filtered_and_their_code_is_padded() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let select = ("$select", "ID,Code,Name");
    let reply = client.get("crm/Accounts", &[select]).await;
    assert_eq!(reply.status, 400);
    assert!(reply.message().starts_with("This endpoint has mandatory filtering applied."));
    let reply = client.get("crm/Accounts", &[select, ("$filter", "PeppolIdentifier eq 'x'")]).await;
    assert_eq!(reply.status, 400);
    for (filter, found) in [
        ("Code eq '1001'", 0),
        ("Code eq '              1001'", 1),
        ("trim(Code) eq '1001'", 1),
        ("VATNumber eq 'NL001234567B01'", 1),
        ("Name eq 'it''s not there'", 0),
    ] {
        let reply = client.get("crm/Accounts", &[select, ("$filter", filter)]).await;
        assert_eq!(reply.results().len(), found, "{filter}");
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let query = [("$select", "FinYear,FinPeriod"), ("$filter", "FinYear ge 2020"), ("$orderby", "FinYear desc")];
    let mut reply = client.get("financial/FinancialPeriods", &query).await;
    let mut periods = reply.results();
    assert_eq!(periods.len(), 60);
    while let Some(next) = reply.d()["__next"].as_str() {
        assert!(next.starts_with(&client.base) && next.contains("skiptoken"));
        reply = client.get_url(next).await;
        periods.extend(reply.results());
    }
    assert_eq!(periods.len(), 16 * 12);
    assert_eq!((&periods[0]["FinYear"], &periods[191]["FinYear"]), (&json!(2035), &json!(2020)));
    let mut distinct: Vec<_> = periods.iter().map(|one| (one["FinYear"].as_i64(), one["FinPeriod"].as_i64())).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 16 * 12);
}

#[tokio::test]
async fn directories_have_what_entries_need() {
    let exact = start().await;
    let client = Client::connect(&exact);
    for (resource, query, count) in [
        ("financial/GLAccounts", [("$select", "ID,Code,Type,UseCostcenter"), ("$filter", "Code eq '4800'")], 1),
        ("financial/Journals", [("$select", "ID,Code,Type"), ("$filter", "Type eq 22")], 3),
        ("vat/VATCodes", [("$select", "Code,Type,Charged"), ("$filter", "Charged eq true")], 3),
        ("hrm/Costcenters", [("$select", "Code,Active"), ("$filter", "Active eq true")], 2),
        ("hrm/Costunits", [("$select", "Code"), ("$orderby", "Code")], 2),
        ("cashflow/PaymentConditions", [("$select", "Code,PaymentDays"), ("$orderby", "Code")], 4),
        ("crm/BankAccounts", [("$select", "Account,Main"), ("$filter", "BankAccount eq 'NL02ABNA0123456789'")], 1),
        ("documents/DocumentTypes", [("$select", "ID,Description"), ("$filter", "DocumentIsCreatable eq true")], 4),
    ] {
        let reply = client.get(resource, &query).await;
        assert_eq!((reply.status, reply.results().len()), (200, count), "{resource}: {reply:?}");
    }
    assert_eq!(client.post("documents/DocumentTypes", &json!({})).await.status, 405);
}

#[tokio::test]
async fn percentages_are_fractions_and_codes_can_have_trailing_spaces() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let query = [("$select", "Code,Percentage"), ("$filter", "Description eq 'Inkoop laag'")];
    let reply = client.get("vat/VATCodes", &query).await;
    assert!(reply.text.contains("\"Code\":\"9\",") && reply.text.contains("\"Percentage\":0.09"), "{reply:?}");
    exact.change(|state| state.settings.vat_code_width = 3);
    let reply = client.get("vat/VATCodes", &query).await;
    assert_eq!(reply.results()[0]["Code"], json!("9  "));
}

#[tokio::test]
async fn relations_are_made_and_changed() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let made = client.post("crm/Accounts", &json!({"Name": "Nieuw", "IsSupplier": true, "IsSales": true})).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.d()["Code"], json!("              1005"));
    assert_eq!((&made.d()["IsSales"], &made.d()["Status"]), (&json!(false), &json!("A")));
    let path = format!("crm/Accounts(guid'{}')", made.d()["ID"].as_str().expect("an id"));
    assert_eq!(client.put(&path, &json!({"Status": "C", "VATNumber": "NL001234569B01"})).await.status, 204);
    let read = client.get(&path, &[("$select", "Status,VATNumber,Name")]).await;
    assert_eq!((&read.d()["Status"], &read.d()["Name"]), (&json!("C"), &json!("Nieuw")));
    let bank = json!({"Account": made.d()["ID"], "BankAccount": "NL91ABNA0417164300"});
    assert_eq!(client.post("crm/BankAccounts", &bank).await.d()["Main"], json!(true));
    let wrong = client.post("crm/Accounts", &json!({"Status": "X"})).await;
    assert_eq!((wrong.status, wrong.message().as_str()), (500, "Mandatory: Name\nInvalid reference: Status"));
    assert_eq!(client.post("crm/Accounts", &json!({"Nam": "x"})).await.status, 400);
    assert_eq!(client.post("crm/Accounts", &json!({"Name": 7})).await.status, 400);
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.get(&path, &[]).await.status, 404);
}

#[tokio::test]
async fn a_url_has_a_limit() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let filter = format!("Name eq '{}'", "x".repeat(6_000));
    let reply = client.get("crm/Accounts", &[("$select", "ID"), ("$filter", &filter)]).await;
    assert_eq!(reply.status, 414);
}
