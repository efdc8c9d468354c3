//! Requests that are refused, through the whole way from the gateway to the tables.

use serde_json::{Value, json};

use super::ground::{Ground, SUPPLIER, ask, get, refused, same, with_json};
use crate::{
    aws::text,
    demo::api::{Payload, Request},
    failure::Failure,
    office::Office,
};

/// A client's user delivers; he neither posts nor sees the overview.
pub fn rights(ground: &mut Ground) -> Result<(), Failure> {
    let person = Office::somebody("client");
    let office = &mut ground.office;
    let invited = json!({
        "email": office.people.address(&person),
        "name": person.name,
        "roles": ["client_user"],
        "access": { "scope": "all" },
    });
    office.superuser.post("/users", &invited)?;
    office.people.choose_password(&person)?;
    let client = office.people.sign_in(&office.api, &person)?;
    let overview = format!("/administrations/{}/overview", office.administration);
    refused("the overview", &ask(&client, get(&overview))?, 403, "not_permitted")?;
    let post = json!({ "documents": ["doc_01ARZ3NDEKTSV4RRFFQ69G5FAV"] });
    refused("posting", &ask(&client, with_json("POST", "/documents/post", &post))?, 403, "not_permitted")?;
    refused("the Superuser's overview", &ask(&office.superuser, get(&overview))?, 403, "not_permitted")?;
    same("the administrations", &ask(&client, get("/administrations"))?.status, &200)
}

/// The other tenant's accountant asks for what exists, and is answered as if it did not.
pub fn other_tenant(ground: &mut Ground) -> Result<(), Failure> {
    let document = ground.invoice(SUPPLIER, "O-1", 300)?;
    ground.end(&document)?;
    let (office, stranger) = (&ground.office, &ground.other.accountant);
    let administration = &office.administration;
    for path in [
        format!("/documents/{document}"),
        format!("/documents/{document}/content"),
        format!("/documents/{document}/source"),
        format!("/administrations/{administration}"),
        format!("/administrations/{administration}/overview"),
        format!("/administrations/{administration}/contacts"),
    ] {
        same(&path, &ask(&office.accountant, get(&path))?.status, &200)?;
        refused(&path, &ask(stranger, get(&path))?, 404, "not_found")?;
    }
    let invoice = office.invoice(SUPPLIER, "O-2", 12)?;
    let path = format!("/documents?administration={administration}&tag=purchase");
    let payload = Payload::Bytes { media: "application/xml", name: None, bytes: invoice.as_bytes() };
    let delivery = Request { method: "POST", path: &path, payload, seen: None, key: None };
    refused("a delivery", &ask(stranger, delivery)?, 404, "not_found")?;
    let tag = json!({ "tag": "sales" });
    let path = format!("/documents/{document}/tag");
    refused("a tag", &ask(stranger, with_json("POST", &path, &tag))?, 404, "not_found")
}

/// The same key and body give the same document; the same key with another body is a mistake.
pub fn replayed_key(ground: &mut Ground) -> Result<(), Failure> {
    let office = &ground.office;
    let path = format!("/documents?administration={}", office.administration);
    let send = |bags: u32| {
        let invoice = office.invoice(SUPPLIER, "K-1", bags)?;
        let payload = Payload::Bytes { media: "application/xml", name: None, bytes: invoice.as_bytes() };
        ask(&office.accountant, Request { method: "POST", path: &path, payload, seen: None, key: Some("replayed") })
    };
    let (first, again) = (send(60)?, send(60)?);
    same("the first answer", &first.status, &201)?;
    same("the document of the repetition", &text(&again.body, "/id"), &text(&first.body, "/id"))?;
    refused("another body", &send(61)?, 422, "idempotency_key_reused")?;

    let path = format!("/administrations/{}/contacts", office.administration);
    let make = |name: &str| {
        let body = json!({ "direction": "purchase", "name": name });
        let payload = Payload::Json(&body);
        ask(&office.accountant, Request { method: "POST", path: &path, payload, seen: None, key: Some("contact") })
    };
    let (first, again) = (make("Bakker")?, make("Bakker")?);
    same("the contact of the repetition", &text(&again.body, "/id"), &text(&first.body, "/id"))?;
    refused("another contact", &make("Slager")?, 422, "idempotency_key_reused")
}

/// Two people edit a contact; the slower one is told.
pub fn old_version(ground: &mut Ground) -> Result<(), Failure> {
    let office = &ground.office;
    let path = format!("/administrations/{}/contacts", office.administration);
    let made = office.accountant.post(&path, &json!({ "direction": "purchase", "name": "Kaasboer" }))?;
    let path = format!("{path}/{}", text(&made, "/id"));
    let edit = |name: &str, seen: Option<u64>| {
        let body = json!({ "direction": "purchase", "name": name });
        ask(&office.accountant, Request { method: "PUT", path: &path, payload: Payload::Json(&body), seen, key: None })
    };
    let version = made.get("version").and_then(Value::as_u64);
    same("the first edit", &edit("Kaasboer Piet", version)?.status, &200)?;
    refused("the second edit", &edit("Kaasboer Jan", version)?, 412, "stale")?;
    refused("an edit of nothing seen", &edit("Kaasboer Jan", None)?, 428, "if_match_missing")?;
    let seen: Value = office.accountant.get(&path)?;
    same("the contact", &text(&seen, "/name"), &"Kaasboer Piet")
}
