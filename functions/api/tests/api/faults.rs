//! Deliveries in trouble: tables out of breath, and two at the same instant.

use crate::world::*;
use domain::ids::DocumentId;
use serde_json::Value;
use store::testing::{Fault, Which};

const ONE: &[u8] = b"<Invoice>one</Invoice>";
const OTHER: &[u8] = b"<Invoice>other</Invoice>";

fn target() -> String {
    format!("/documents?administration={}&tag=purchase", books())
}

async fn deliver(world: &World, key: &str, file: &[u8]) -> Reply {
    world
        .ask(&accountant(), "POST", target())
        .key(key)
        .bytes("application/octet-stream", file)
        .header("content-disposition", "attachment; filename=\"a.xml\"")
        .send()
        .await
}

/// The heads of all documents.
async fn documents(world: &World) -> Vec<DocumentId> {
    let items = world.store.items(Which::Documents).await;
    let heads = items.iter().filter(|item| item["sk"]["S"] == "head");
    heads.map(|head| head["pk"]["S"].as_str().unwrap().split_once('#').unwrap().1.parse().unwrap()).collect()
}

fn id_of(made: &Value) -> DocumentId {
    made["id"].as_str().unwrap().parse().unwrap()
}

async fn source(world: &World, id: DocumentId) -> Vec<u8> {
    world.ours().documents().file(id, store::document::File::Source, 1 << 20).await.unwrap()
}

#[tokio::test]
async fn a_delivery_throttled_at_each_request_and_repeated_is_one_document() {
    for request in 0_usize.. {
        // Who asks and which administrations there are would be remembered.
        let world = World::start().await;
        for _ in 0..3 {
            world.store.faults().plan("", request, Fault::Throttle);
        }
        let key = format!("k-{request}");
        let first = deliver(&world, &key, ONE).await;
        let came = world.store.faults().are_over();
        world.store.faults().clear();
        if came {
            assert_eq!(first.header("retry-after"), "2", "request {request}");
            first.refused(503, "unavailable");
        } else {
            first.ok(201);
        }
        let made = deliver(&world, &key, ONE).await.ok(201);
        assert_eq!(documents(&world).await, [id_of(&made)], "request {request}");
        assert_eq!(source(&world, id_of(&made)).await, ONE);
        if !came {
            assert!(request >= 4, "only {request} requests");
            return;
        }
    }
}

#[tokio::test]
async fn a_key_with_two_bodies_at_the_same_instant_makes_one_document_with_its_own_file() {
    for _ in 0..10 {
        let world = World::start().await;
        let (one, other) = tokio::join!(deliver(&world, "k", ONE), deliver(&world, "k", OTHER));
        let mut made = Vec::new();
        for (reply, file) in [(one, ONE), (other, OTHER)] {
            match reply.status {
                201 => made.push((id_of(&reply.body), file)),
                _ => {
                    reply.refused(422, "idempotency_key_reused");
                }
            }
        }
        let [(id, file)] = made.as_slice() else { panic!("{} were made", made.len()) };
        assert_eq!(documents(&world).await, [*id]);
        assert_eq!(source(&world, *id).await, *file, "its own bytes, not those of the refused request");
    }
}

#[tokio::test]
async fn a_key_with_the_same_body_at_the_same_instant_makes_one_document() {
    let world = World::start().await;
    let (one, other) = tokio::join!(deliver(&world, "k", ONE), deliver(&world, "k", ONE));
    assert_eq!(id_of(&one.ok(201)), id_of(&other.ok(201)));
    assert_eq!(documents(&world).await.len(), 1);
}

#[tokio::test]
async fn the_same_file_at_the_same_instant_without_a_key_is_two_documents_for_the_reading_to_compare() {
    let world = World::start().await;
    let send = || world.ask(&accountant(), "POST", target()).bytes("application/xml", ONE).send();
    let (one, other) = tokio::join!(send(), send());
    assert_ne!(id_of(&one.ok(201)), id_of(&other.ok(201)));
    assert_eq!(documents(&world).await.len(), 2);
}

#[tokio::test]
async fn a_key_with_two_bodies_at_the_same_instant_makes_one_thing() {
    let world = World::start().await;
    let ask = |name: &str| {
        let body = serde_json::json!({ "name": name });
        world.ask(&superuser(), "POST", "/administrations").key("k").json(&body).send()
    };
    let before = world.get(&superuser(), "/administrations").await.ok(200)["items"].as_array().unwrap().len();
    let (one, other) = tokio::join!(ask("One"), ask("Other"));
    let (done, refused) = if one.status == 201 { (one, other) } else { (other, one) };
    done.ok(201);
    refused.refused(422, "idempotency_key_reused");
    let after = world.get(&superuser(), "/administrations").await.ok(200)["items"].as_array().unwrap().len();
    assert_eq!(after, before + 1);
}
