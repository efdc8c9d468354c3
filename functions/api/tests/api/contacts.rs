//! Contacts.

use crate::world::*;
use domain::{ids::ContactId, permission::Role};
use serde_json::{Value, json};

fn path() -> String {
    format!("/administrations/{}/contacts", books())
}

fn body() -> Value {
    json!({
        "direction": "purchase",
        "name": "Molen",
        "vat_number": "NL 9999.99.990.B01",
        "registry_number": "87654321",
        "ibans": ["GB82 WEST 1234 5698 7654 32"],
        "other_accounts": ["5050-1055"],
        "payment_days": 30
    })
}

#[tokio::test]
async fn a_contact_is_stored_in_the_form_in_which_it_is_matched() {
    let world = World::start().await;
    let reply = world.post(&accountant(), path(), &body()).await;
    let location = reply.header("location").to_owned();
    let made = reply.ok(201);
    assert_eq!(made["vat_number"], "NL999999990B01");
    assert_eq!(made["ibans"], json!(["GB82WEST12345698765432"]));
    assert_eq!(made["other_accounts"], json!(["50501055"]));
    assert_eq!(world.get(&accountant(), location).await.ok(200), made);
    let listed = world.get(&Token::Of(OURS, Role::SmeAccountant), path()).await.ok(200);
    assert_eq!(listed["items"], json!([made]));
}

#[tokio::test]
async fn an_identifier_belongs_to_one_contact() {
    let world = World::start().await;
    let first = world.post(&accountant(), path(), &body()).await.ok(201);
    for (field, value, pointer) in [
        ("vat_number", json!("NL999999990B01"), "/vat_number"),
        ("registry_number", json!("8765 4321"), "/registry_number"),
        ("ibans", json!(["GB82WEST12345698765432"]), "/ibans"),
    ] {
        let mut other = json!({ "direction": "purchase", "name": "Other" });
        other[field] = value;
        let refused = world.post(&accountant(), path(), &other).await.refused(409, "contact_exists");
        assert_eq!((&refused["about"], &refused["errors"][0]["pointer"]), (&first["id"], &json!(pointer)));
    }
    // The same company may be a customer as well.
    let mut customer = body();
    customer["direction"] = json!("sales");
    world.post(&accountant(), path(), &customer).await.ok(201);
}

#[tokio::test]
async fn the_administrations_own_numbers_are_nobody_elses() {
    let world = World::start().await;
    let mut own = body();
    own["vat_number"] = json!("NL001234567B01");
    let refused = world.post(&accountant(), path(), &own).await.refused(422, "own_identifier");
    assert_eq!(refused["errors"][0]["pointer"], "/vat_number");
}

#[tokio::test]
async fn bank_accounts_are_changed_by_who_may() {
    let world = World::start().await;
    let made = world.post(&accountant(), path(), &body()).await.ok(201);
    let target = format!("{}/{}", path(), made["id"].as_str().unwrap());
    let mut renamed = body();
    renamed["name"] = json!("Molen B.V.");
    world.put(&accountant(), &target, 1, &renamed).await.ok(200);
    let mut moved = renamed.clone();
    moved["ibans"] = json!(["NL91ABNA0417164300"]);
    let refused = world.put(&accountant(), &target, 2, &moved).await.refused(403, "not_permitted");
    assert_eq!(refused["errors"][0]["pointer"], "/ibans");
    moved["ibans"] = renamed["ibans"].clone();
    moved["other_accounts"] = json!([]);
    world.put(&accountant(), &target, 2, &moved).await.refused(403, "not_permitted");
    world.put(&superuser(), &target, 2, &moved).await.ok(200);
    let right = json!({
        "name": "accountant", "roles": ["accountant"], "may_change_ibans": true,
        "access": { "scope": "only", "administrations": [books()] }
    });
    world.put(&superuser(), format!("/users/{}", user_id(Role::Accountant)), 1, &right).await.ok(200);
    world.put(&accountant(), &target, 3, &renamed).await.ok(200);
}

#[tokio::test]
async fn what_a_contact_cannot_be() {
    let world = World::start().await;
    for (field, value, pointer) in [
        ("direction", json!("both"), "/direction"),
        ("vat_number", json!("12"), "/vat_number"),
        ("ibans", json!(["NL91ABNA0417164301"]), "/ibans/0"),
        ("ibans", json!(vec!["NL91ABNA0417164300"; 21]), "/ibans"),
        ("payment_days", json!(4000), "/payment_days"),
        ("payment_days", json!(-1), "/payment_days"),
        ("name", json!("a\u{7}"), "/name"),
    ] {
        let mut wrong = body();
        wrong[field] = value;
        let refused = world.post(&accountant(), path(), &wrong).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    world.add_supplier().await;
    let target = format!("{}/{}", path(), supplier());
    let turned = json!({ "direction": "sales", "name": "Molen" });
    let refused = world.put(&superuser(), &target, 1, &turned).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/direction");
    let unknown = format!("{}/{}", path(), id::<ContactId>(77));
    world.get(&accountant(), unknown).await.refused(404, "not_found");
    let of_other_books = format!("/administrations/{}/contacts/{}", hidden_books(), supplier());
    world.get(&superuser(), of_other_books).await.refused(404, "not_found");
}

#[tokio::test]
async fn two_that_edit_at_the_same_moment_do_not_overwrite_each_other() {
    let world = World::start().await;
    world.add_supplier().await;
    let target = format!("{}/{}", path(), supplier());
    let name = |name: &str| json!({ "direction": "purchase", "name": name, "vat_number": "NL999999990B01" });
    let (one, two) = (name("One"), name("Two"));
    let (first, second) = futures_util::future::join(
        world.put(&accountant(), &target, 1, &one),
        world.put(&superuser(), &target, 1, &two),
    )
    .await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert!(statuses == [200, 409] || statuses == [200, 412], "{statuses:?}");
}
