//! What is refused, and by which status.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulators::faults::{Effect, Fault, Stored};
use simulators::wfirma::state::TaxNumbers;
use simulators::wfirma::{says, seed};

use crate::{Client, code, invoice, line, read, receipt};

fn with_keys(client: &Client, access: &str, secret: &str, app: &str, company: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/series/find?inputFormat=json&outputFormat=json{company}", client.simulator.base_url());
    client.http.post(url).header("accessKey", access).header("secretKey", secret).header("appKey", app)
}

#[tokio::test]
async fn keys_and_companies_are_looked_at() {
    let client = Client::start().await;
    let own = format!("&company_id={}", seed::COMPANY);
    for (access, secret, app) in [
        ("x", seed::SECRET_KEY, seed::APP_KEY),
        (seed::ACCESS_KEY, "x", seed::APP_KEY),
        (seed::ACCESS_KEY, seed::SECRET_KEY, "x"),
    ] {
        assert_eq!(code(&read(with_keys(&client, access, secret, app, &own)).await), "AUTH");
    }
    let good = |company: &str| with_keys(&client, seed::ACCESS_KEY, seed::SECRET_KEY, seed::APP_KEY, company);
    assert_eq!(code(&read(good(&own)).await), "OK");
    assert_eq!(code(&read(good("")).await), "COMPANY ID REQUIRED");
    assert_eq!(code(&read(good(&format!("&company_id={}", seed::OTHER_COMPANY))).await), "ACCESS DENIED");
    let only = with_keys(&client, seed::SECOND_ACCESS_KEY, seed::SECOND_SECRET_KEY, seed::APP_KEY, "");
    assert_eq!(code(&read(only).await), "OK", "a user with one company need not name it");
    for _ in 0..5 {
        read(with_keys(&client, seed::ACCESS_KEY, "x", seed::APP_KEY, &own)).await;
    }
    assert_eq!(code(&read(good(&own)).await), "AUTH FAILED LIMIT WAIT 5 MINUTES");
    client.simulator.clock().advance(TimeDelta::seconds(301));
    assert_eq!(code(&read(good(&own)).await), "OK");
    client.simulator.change(|state| state.users[0].denied.insert("series".to_owned()));
    assert_eq!(code(&read(good(&own)).await), "ACCESS DENIED");
    client.simulator.faults().add(Fault::on_any(Effect::TokenExpired));
    assert_eq!(code(&read(good(&own)).await), "AUTH", "the keys were replaced");
}

#[tokio::test]
async fn shapes_of_bodies_matter() {
    let client = Client::start().await;
    for body in [
        json!({ "invoices": [{ "invoice": invoice() }] }),
        json!({ "invoices": { "invoice": invoice() } }),
        json!({ "invoices": { "0": invoice() } }),
        json!({ "invoice": invoice() }),
        json!({ "invoices": {} }),
        json!([]),
    ] {
        assert_eq!(code(&client.post("invoices/add", &body).await), "INPUT ERROR", "{body}");
    }
    let text = client.ask(reqwest::Method::POST, "invoices/add").body("{\"invoices\":");
    assert_eq!(code(&read(text).await), "INPUT ERROR");
    for (method, path) in [
        (reqwest::Method::GET, "invoices/add"),
        (reqwest::Method::GET, "nothing/find"),
        (reqwest::Method::POST, "invoices/burn"),
    ] {
        assert_eq!(code(&read(client.ask(method, path)).await), "ACTION NOT FOUND", "{path}");
    }
    let own = |formats: &str| {
        let url = format!("{}/series/find?company_id={}{formats}", client.simulator.base_url(), seed::COMPANY);
        client
            .http
            .get(url)
            .header("accessKey", seed::ACCESS_KEY)
            .header("secretKey", seed::SECRET_KEY)
            .header("appKey", seed::APP_KEY)
    };
    let xml = read(own("")).await;
    assert!(xml.as_str().unwrap().contains("<api><series><series><id>5000</id>"), "XML is the usual: {xml}");
    assert!(xml.as_str().unwrap().contains("<status><code>OK</code></status></api>"));
    assert!(read(own("&outputFormat=yaml")).await.as_str().unwrap().contains("INPUT ERROR"));
    assert_eq!(code(&read(own("&outputFormat=json")).await), "OK");
}

/// The errors of a record, wherever they are: `contractor.zip`.
fn errors(node: &Value, at: &str, found: &mut Vec<String>) {
    let Some(members) = node.as_object() else { return };
    for (name, value) in members {
        if name == "errors" {
            let fields = value.as_object().unwrap().values();
            found.extend(fields.map(|error| format!("{at}{}", error["error"]["field"].as_str().unwrap())));
        } else {
            errors(value, &format!("{at}{name}."), found);
        }
    }
}

const LINE: &str = "/invoicecontents/0/invoicecontent";

#[tokio::test]
async fn what_is_wrong_is_noted_where_it_stands() {
    let client = Client::start().await;
    for (pointer, value, wanted) in [
        ("/type", json!("correction"), "type"),
        ("/type", json!("bill"), "type"),
        ("/date", json!("05.03.2026"), "date"),
        ("/date", json!(""), "date"),
        ("/disposaldate", json!("2026-13-01"), "disposaldate"),
        ("/disposaldate_format", json!("week"), "disposaldate_format"),
        ("/paymentmethod", json!("barter"), "paymentmethod"),
        ("/paymentmethod", Value::Null, "paymentmethod"),
        ("/paymentdate", json!("soon"), "paymentdate"),
        ("/price_type", json!("both"), "price_type"),
        ("/currency", json!("XXX"), "currency"),
        ("/schema", json!("none"), "schema"),
        ("/alreadypaid_initial", json!("1,00"), "alreadypaid_initial"),
        ("/id_external", json!("x".repeat(256)), "id_external"),
        ("/series/id", json!("1"), "series"),
        ("/invoicecontents", json!({}), "invoicecontents"),
        ("/contractor", Value::Null, "contractor.name"),
        ("/contractor/name", json!(" "), "contractor.name"),
        ("/contractor/zip", json!(""), "contractor.zip"),
        ("/contractor/city", json!(""), "contractor.city"),
        ("/contractor/street", json!(""), "contractor.street"),
        ("/contractor/nip", json!("5260250275"), "contractor.nip"),
        ("/contractor/tax_id_type", json!("passport"), "contractor.tax_id_type"),
        ("/contractor/country", json!("Polska"), "contractor.country"),
        (&format!("{LINE}/name"), json!(""), "invoicecontents.0.invoicecontent.name"),
        (&format!("{LINE}/unit"), json!(""), "invoicecontents.0.invoicecontent.unit"),
        (&format!("{LINE}/price"), json!("a lot"), "invoicecontents.0.invoicecontent.price"),
        (&format!("{LINE}/price"), json!("-1"), "invoicecontents.0.invoicecontent.price"),
        (&format!("{LINE}/count"), json!("0"), "invoicecontents.0.invoicecontent.count"),
        (&format!("{LINE}/count"), json!("1.00001"), "invoicecontents.0.invoicecontent.count"),
        (&format!("{LINE}/vat"), json!("22"), "invoicecontents.0.invoicecontent.vat"),
        (&format!("{LINE}/vat"), Value::Null, "invoicecontents.0.invoicecontent.vat"),
        (&format!("{LINE}/vat_code"), json!({ "id": 1 }), "invoicecontents.0.invoicecontent.vat_code"),
        (&format!("{LINE}/good"), json!({ "id": 1 }), "invoicecontents.0.invoicecontent.good"),
    ] {
        let mut body = invoice();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        let refused = client.add(&body).await;
        let mut found = Vec::new();
        errors(&refused["invoices"]["0"]["invoice"], "", &mut found);
        assert_eq!(code(&refused), "ERROR", "{pointer}: {refused}");
        assert!(found.iter().any(|field| field == wanted), "{pointer}: {found:?}");
        assert_eq!(
            refused["invoices"]["0"]["invoice"]["paymentdate"].as_str().unwrap(),
            if pointer == "/paymentdate" { "soon" } else { "2026-03-19" },
            "what was sent comes back"
        );
    }
    for email in ["Jan <jan@example.com>", "jan@example.com [Allegro]"] {
        let mut body = invoice();
        body["contractor"]["email"] = json!(email);
        assert_eq!(code(&client.add(&body).await), "INPUT ERROR", "{email}");
    }
    assert!(client.sold().is_empty());
    client.settings(|settings| settings.tax_numbers = TaxNumbers::Taken);
    let mut body = invoice();
    body["contractor"]["nip"] = json!("5260250275");
    assert_eq!(code(&client.add(&body).await), "OK");
}

#[tokio::test]
async fn states_of_a_company_refuse_documents() {
    let client = Client::start().await;
    let mut lump = invoice();
    client.company(|company| company.revenue_register = true);
    assert_eq!(code(&client.add(&lump).await), "ERROR");
    lump["invoicecontents"]["0"]["invoicecontent"]["lumpcode"] = json!("3");
    assert_eq!(code(&client.add(&lump).await), "OK");
    client.company(|company| {
        company.revenue_register = false;
        company.closed_until = "2026-03-31".parse().ok();
    });
    assert_eq!(code(&client.add(&invoice()).await), "ERROR", "the month is closed");
    client.company(|company| (company.closed_until, company.inactive) = (None, true));
    assert_eq!(code(&client.add(&invoice()).await), "ERROR", "the package has ended");
    client.company(|company| (company.inactive, company.ereceipts) = (false, false));
    assert_eq!(code(&client.add(&receipt()).await), "ERROR", "no link to eparagony.pl");
    client.company(|company| company.restoring = true);
    assert_eq!(code(&client.add(&invoice()).await), "SNAPSHOT LOCK");
    let mut bill = invoice();
    bill["type"] = json!("bill");
    bill["invoicecontents"] = json!({ "0": line("Kubek", "1", "10.00", "ZW") });
    let path = format!("invoices/add?company_id={}", seed::EXEMPT_COMPANY);
    let made = client.post(&path, &json!({ "invoices": { "0": { "invoice": bill } } })).await;
    assert_eq!(code(&made), "OK", "{made}");
}

#[tokio::test]
async fn limits_and_failures_come_on_demand() {
    let client = Client::start().await;
    for status in ["TOTAL REQUESTS LIMIT EXCEEDED", "OUT OF SERVICE", "SNAPSHOT LOCK", "FATAL"] {
        client.simulator.faults().add(Fault::on("POST", "invoices/add", says(status, Stored::No)));
        assert_eq!(code(&client.add(&invoice()).await), status);
    }
    assert!(client.sold().is_empty());
    client.simulator.faults().add(Fault::on("POST", "invoices/add", says("FATAL", Stored::Yes)));
    assert_eq!((code(&client.add(&invoice()).await), client.sold().len()), ("FATAL", 1));
    client.simulator.faults().add(Fault::on("POST", "invoices/download", says("FATAL", Stored::No)));
    let id = &client.sold()[0].id;
    let refused = client.post(&format!("invoices/download/{id}"), &json!({ "invoices": {} })).await;
    assert_eq!(code(&refused), "FATAL", "JSON in the place of a PDF");
    client.settings(|settings| settings.calls_per_minute = Some(1));
    client.simulator.clock().advance(TimeDelta::seconds(60));
    assert_eq!(code(&client.get("series/find").await), "OK");
    assert_eq!(code(&client.get("series/find").await), "TOTAL REQUESTS LIMIT EXCEEDED");
}
