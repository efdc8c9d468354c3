//! Documents in another currency than the one in which their seller owes VAT.

use crate::{
    sales::{accept, connect, connector, order, ready},
    world::*,
};
use serde_json::{Value, json};

fn of_books(path: &str) -> String {
    format!("/administrations/{}/{path}", books())
}

fn rate(rate: &str) -> Value {
    json!({ "rate": rate, "date": "2026-06-30", "source": "NBP 125/A/NBP/2026" })
}

/// An order in euros, taken in, with these fields besides; the path of its documents.
async fn in_euros(world: &World, reference: &str, fields: Value) -> String {
    let mut order = order(reference);
    order["currency"] = json!("EUR");
    order.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let made = world.post(&accountant(), of_books("orders"), &order).await.ok(201);
    of_books(&format!("orders/{}/documents", made["id"].as_str().unwrap()))
}

async fn rate_on(world: &World, issued: &Value) -> Value {
    let path = format!("/issued-documents/{}/content", issued["id"].as_str().unwrap());
    let content = world.get(&accountant(), path).await.ok(200);
    content["exchange_rate"].clone()
}

#[tokio::test]
async fn an_invoice_in_another_currency_needs_a_rate_unless_the_ledgers_is_shown() {
    let world = World::start().await;
    let series = ready(&world).await;
    let without = in_euros(&world, "1", json!({})).await;
    let plain = json!({ "series": series });
    let problem = world.post(&accountant(), without.clone(), &plain).await.refused(422, "invalid");
    let said = problem["detail"].as_str().unwrap();
    assert!(said.contains("VAT in PLN") && said.contains("exchange_rate"), "{said}");

    // Given when it is issued, or with the order; the former goes before the latter.
    let given = json!({ "series": series, "exchange_rate": rate("4.2512") });
    let issued = world.post(&accountant(), without, &given).await.ok(201);
    assert_eq!(rate_on(&world, &issued).await, rate("4.2512"));
    let on_order = json!({ "exchange_rate": rate("4.3") });
    let path = in_euros(&world, "2", on_order.clone()).await;
    let issued = world.post(&accountant(), path, &plain).await.ok(201);
    assert_eq!(rate_on(&world, &issued).await, rate("4.3"));
    let path = in_euros(&world, "3", on_order).await;
    let issued = world.post(&accountant(), path, &given).await.ok(201);
    assert_eq!(rate_on(&world, &issued).await, rate("4.2512"));

    // Where customers are shown the ledger's document, that one gives the VAT.
    connect(&world).await;
    let mut body = connector();
    body["show_ledger_document"] = json!("yes");
    world.ask(&superuser(), "PUT", of_books("connector")).json(&body).send().await.ok(200);
    let path = in_euros(&world, "4", json!({})).await;
    let issued = world.post(&accountant(), path, &plain).await.ok(201);
    assert_eq!(rate_on(&world, &issued).await, Value::Null);
}

#[tokio::test]
async fn a_correction_goes_by_the_rate_of_its_original_or_by_one_that_is_given() {
    let world = World::start().await;
    let invoices = ready(&world).await;
    let corrections =
        json!({ "name": "Corrections", "kind": "correction", "pattern": "KOR {n}/{yyyy}", "reset": "yearly" });
    let corrections = crate::sales::series(&world, corrections).await;
    let correct = async |issued: &Value, rate: Option<Value>| {
        let path = format!("/issued-documents/{}/corrections", issued["id"].as_str().unwrap());
        let lines = json!([{ "line": 1, "quantity": "1" }]);
        let mut body = json!({ "series": corrections, "reason": "Zwrot", "lines": lines });
        body["exchange_rate"] = rate.unwrap_or_default();
        world.post(&accountant(), path, &body).await
    };
    let path = in_euros(&world, "1", json!({ "exchange_rate": rate("4.3") })).await;
    let issued = world.post(&accountant(), path, &json!({ "series": invoices })).await.ok(201);
    correct(&issued, Some(rate("4.4"))).await.refused(422, "invalid");
    let corrected = correct(&issued, None).await.ok(201);
    assert_eq!(rate_on(&world, &corrected).await, rate("4.3"));

    // An original that the ledger was to complete, and that is shown as ours since.
    connect(&world).await;
    let mut body = connector();
    body["show_ledger_document"] = json!("yes");
    world.ask(&superuser(), "PUT", of_books("connector")).json(&body).send().await.ok(200);
    let path = in_euros(&world, "2", json!({})).await;
    let issued = world.post(&accountant(), path, &json!({ "series": invoices })).await.ok(201);
    let id = issued["id"].as_str().unwrap();
    world.post(&accountant(), format!("/issued-documents/{id}/pass"), &json!({})).await.ok(200);
    accept(&world, id).await;
    body["show_ledger_document"] = json!("no");
    world.put(&superuser(), &of_books("connector"), 1, &body).await.ok(200);
    let problem = correct(&issued, None).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/exchange_rate", "{problem}");
    let corrected = correct(&issued, Some(rate("4.2"))).await.ok(201);
    assert_eq!(rate_on(&world, &corrected).await, rate("4.2"));
}

#[tokio::test]
async fn what_is_no_rate_is_refused_with_the_order() {
    let world = World::start().await;
    for wrong in ["0", "-4.25", "4,25", "four"] {
        let mut order = order("1");
        order["exchange_rate"] = rate(wrong);
        let problem = world.post(&accountant(), of_books("orders"), &order).await.refused(422, "invalid");
        assert!(problem["detail"].as_str().unwrap().contains("exchange rate"), "{problem}");
    }
}
