//! The validation overview: order, filters, all reasons, and the columns of each user.

use crate::{
    documents::{advance, complete, read},
    world::*,
};
use domain::{
    content::Coded,
    document::{Document, Status},
    hold::HoldCode,
    permission::Role,
    reason::Reason,
};
use rust_decimal::dec;
use serde_json::{Value, json};

fn missing() -> Coded {
    let reason = |code| Reason::new(code, "x");
    Coded::Incomplete { missing: vec![reason("number_missing"), reason("gross_missing")] }
}

/// Five that wait: of different senders, totals and states.
async fn waiting(world: &World) -> Vec<Document> {
    let mut documents = Vec::new();
    for (number, name, gross, month, status) in [
        (1_u64, "Molen", dec!(50), 5, Status::Complete),
        (2, "alfa", dec!(-900.50), 4, Status::Incomplete),
        (3, "Zeta", dec!(1000), 6, Status::Rejected),
        (4, "beta", dec!(7), 6, Status::Uncertain),
        (5, "Carla", dec!(60), 1, Status::Complete),
    ] {
        let coded = if status == Status::Incomplete { missing() } else { complete() };
        let holds = if number == 5 { vec![HoldCode::NewIban] } else { vec![] };
        let before = read(world, number, i64::try_from(number).unwrap(), &holds, coded).await;
        let change = |document: &mut Document| {
            document.party = Some(name.to_owned());
            document.gross = Some(gross);
            document.issue_date = chrono::NaiveDate::from_ymd_opt(2026, month, 3);
            document.accounts = Some(format!("46{number:02}"));
            match status {
                Status::Incomplete => document.missing = vec!["number_missing".into(), "gross_missing".into()],
                Status::Rejected => document.reason = Some(Reason::new("period_closed", "Period is closed")),
                _ => {}
            }
        };
        documents.push(advance(world, &before, status, change).await);
    }
    documents
}

fn numbers(page: &Value, documents: &[Document]) -> Vec<usize> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| documents.iter().position(|document| item["id"] == document.id.to_string()).unwrap() + 1).collect()
}

async fn ask(world: &World, query: &str) -> Value {
    world.get(&accountant(), format!("/administrations/{}/overview{query}", books())).await.ok(200)
}

#[tokio::test]
async fn the_overview_is_sorted_and_filtered() {
    let world = World::start().await;
    let documents = waiting(&world).await;
    for (query, expected) in [
        ("", vec![5, 4, 3, 2, 1]),
        ("?order=ascending", vec![1, 2, 3, 4, 5]),
        ("?sort=relation", vec![2, 4, 5, 1, 3]),
        ("?sort=total", vec![2, 4, 1, 5, 3]),
        ("?sort=total&order=descending", vec![3, 5, 1, 4, 2]),
        ("?sort=status", vec![5, 1, 2, 3, 4]),
        ("?sort=period", vec![5, 2, 1, 4, 3]),
        ("?sort=ledger_account&order=descending", vec![5, 4, 3, 2, 1]),
        ("?status=complete", vec![5, 1]),
        ("?reason=gross_missing", vec![2]),
        ("?reason=new_iban", vec![5]),
        ("?reason=period_closed", vec![3]),
        ("?gross_from=60&gross_to=900.50", vec![5, 2]),
        ("?issued_from=2026-04-03&issued_to=2026-05-31", vec![2, 1]),
        ("?tag=sales", vec![]),
        ("?from=2026-07-01T10:00:03Z&to=2026-07-01T10:00:05Z", vec![4, 3]),
        ("?status=complete&gross_from=55&sort=total", vec![5]),
    ] {
        let page = ask(&world, query).await;
        assert_eq!(numbers(&page, &documents), expected, "{query}");
        assert_eq!(page["complete"], true);
    }
    let contact = format!("?contact={}", supplier());
    assert_eq!(ask(&world, &contact).await["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_sorted_overview_goes_on_with_its_cursor() {
    let world = World::start().await;
    let documents = waiting(&world).await;
    for sort in ["sort=total", "sort=received", "sort=status&order=descending"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ask(&world, &format!("?{sort}&limit=2{cursor}")).await;
            seen.extend(numbers(&page, &documents));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, numbers(&ask(&world, &format!("?{sort}")).await, &documents), "{sort}");
    }
    let page = ask(&world, "?sort=total&limit=2").await;
    let next = page["next"].as_str().unwrap();
    let overview = format!("/administrations/{}/overview", books());
    for query in [format!("?sort=status&cursor={next}"), "?sort=total&cursor=sorted.x".to_owned()] {
        world.get(&accountant(), format!("{overview}{query}")).await.refused(400, "invalid_cursor");
    }
    for query in ["?sort=colour", "?gross_from=1,5", "?colour=red", "?issued_from=soon"] {
        world.get(&accountant(), format!("{overview}{query}")).await.refused(400, "invalid_query");
    }
}

#[tokio::test]
async fn each_document_shows_all_its_reasons_and_its_account() {
    let world = World::start().await;
    let documents = waiting(&world).await;
    let page = ask(&world, "?sort=total&limit=1").await;
    let orange = &page["items"][0];
    assert_eq!(orange["id"], documents[1].id.to_string());
    let reasons = orange["why"]["reasons"].as_array().unwrap();
    let codes: Vec<_> = reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["number_missing", "gross_missing"]);
    assert_eq!(reasons[1]["text"], "The total including VAT is missing");
    assert_eq!(orange["ledger_account"], "4602");
}

#[tokio::test]
async fn the_chosen_columns_are_kept_for_each_user() {
    let world = World::start().await;
    let path = "/me/overview-columns";
    let first = world.get(&accountant(), path).await.ok(200);
    assert_eq!(first["columns"], json!(["status", "total", "relation", "ledger_account"]));
    let own = json!({ "columns": ["received", "status", "reasons", "total"] });
    let put = |body: &Value| world.ask(&accountant(), "PUT", path).json(body).send();
    put(&own).await.ok(200);
    assert_eq!(world.get(&accountant(), path).await.ok(200)["columns"], own["columns"], "and their order");
    let other = Token::Of(OURS, Role::SmeAccountant);
    assert_eq!(world.get(&other, path).await.ok(200)["columns"], first["columns"]);
    for wrong in [json!([]), json!(["status", "status"]), json!(["colour"])] {
        put(&json!({ "columns": wrong })).await.refused(422, "invalid");
    }
    world.get(&superuser(), path).await.refused(403, "not_permitted");
    let overview = format!("/administrations/{}/overview", books());
    world.get(&superuser(), overview).await.refused(403, "not_permitted");
}
