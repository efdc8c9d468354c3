use chrono::TimeDelta;
use simulators::exact::seed;

use crate::support::{Client, Reply, noon, start};

async fn call(client: &Client) -> Reply {
    client.get("financial/Journals", &[("$select", "Code")]).await
}

#[tokio::test]
async fn the_minute_has_sixty_calls() {
    let exact = start().await;
    let client = Client::connect(&exact);
    for used in 1..=60 {
        let reply = call(&client).await;
        assert_eq!(reply.header("X-RateLimit-Minutely-Remaining"), Some((60 - used).to_string().as_str()));
        assert_eq!(reply.header("X-RateLimit-Remaining"), Some((5_000 - used).to_string().as_str()));
    }
    let over = call(&client).await;
    assert_eq!(over.status, 429);
    let turns = (noon() + TimeDelta::minutes(1)).timestamp_millis().to_string();
    assert_eq!(over.header("X-RateLimit-Minutely-Reset"), Some(turns.as_str()));
    assert_eq!((over.header("X-RateLimit-Limit"), over.header("Retry-After")), (None, None));
    let mut other = Client::connect(&exact);
    other.division = seed::SECOND_DIVISION;
    assert_eq!(call(&other).await.status, 200);
    exact.clock().advance(TimeDelta::minutes(1));
    assert_eq!(call(&client).await.status, 200);
}

#[tokio::test]
async fn the_day_limit_has_only_its_own_headers() {
    let exact = start().await;
    exact.change(|state| state.settings.calls_per_day = 3);
    let client = Client::connect(&exact);
    for _ in 0..3 {
        assert_eq!(call(&client).await.status, 200);
    }
    let over = call(&client).await;
    assert_eq!((over.status, over.header("X-RateLimit-Remaining")), (429, Some("0")));
    assert_eq!(over.header("X-RateLimit-Minutely-Limit"), None);
    exact.clock().advance(TimeDelta::hours(12));
    let client = Client::connect(&exact);
    assert_eq!(call(&client).await.status, 200);
}

#[tokio::test]
async fn the_eleventh_error_blocks_the_app_for_an_hour() {
    let exact = start().await;
    let client = Client::connect(&exact);
    for _ in 0..11 {
        assert_eq!(client.get("financial/Journals", &[]).await.status, 400);
    }
    assert_eq!(call(&client).await.status, 429);
    exact.clock().advance(TimeDelta::minutes(59));
    assert_eq!(call(&Client::connect(&exact)).await.status, 429);
    exact.clock().advance(TimeDelta::minutes(1));
    assert_eq!(call(&Client::connect(&exact)).await.status, 200);
}

#[tokio::test]
async fn errors_of_two_endpoints_do_not_add_up() {
    let exact = start().await;
    let client = Client::connect(&exact);
    for endpoint in ["financial/Journals", "vat/VATCodes"] {
        for _ in 0..10 {
            assert_eq!(client.get(endpoint, &[]).await.status, 400);
        }
    }
    assert_eq!(call(&client).await.status, 200);
}
