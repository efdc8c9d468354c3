use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::exact::{Direction, Options, Simulator, seed};

use crate::support::{Client, PURCHASES, http, line, noon, purchase, seconds, start};

fn state_file(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("exact-simulator-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join("exact-online.json")
}

async fn control(base: &str, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = http().build().expect("a client").request(method, format!("{base}/_sim/{path}"));
    let request = body.iter().fold(request, reqwest::RequestBuilder::json);
    let response = request.send().await.expect("an answer");
    let (status, text) = (response.status().as_u16(), response.text().await.expect("a body"));
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn post_control(base: &str, path: &str, body: Value) -> u16 {
    control(base, reqwest::Method::POST, path, Some(body)).await.0
}

async fn get_control(base: &str, path: &str) -> Value {
    control(base, reqwest::Method::GET, path, None).await.1
}

#[tokio::test]
async fn tokens_bookings_and_clock_survive_a_restart() {
    let file = state_file("restart");
    let options = || Options { state_file: Some(file.clone()), ..Options::demo() }.clock(&Clock::stopped(noon()));
    let exact = Simulator::start(options()).await.expect("a start");
    let client = Client::connect(&exact);
    client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "100", "21")])).await;
    exact.clock().advance(seconds(60));
    let before = exact.read(Clone::clone);
    exact.stop().await.expect("kept");

    let again = Simulator::start(options()).await.expect("a start");
    assert_eq!(again.read(Clone::clone), before);
    assert_eq!(again.clock().now(), noon() + seconds(60));
    let client = Client { base: again.base_url().to_owned(), ..client };
    assert_eq!(client.get(PURCHASES, &[("$select", "EntryID")]).await.results().len(), 1);
    assert_eq!(again.entries(seed::DIVISION, Direction::Purchase).len(), 1);
}

#[tokio::test]
async fn a_file_that_is_no_state_is_an_error() {
    let file = state_file("broken");
    std::fs::write(&file, "{").expect("written");
    let options = Options { state_file: Some(file), ..Options::demo() };
    assert!(Simulator::start(options).await.is_err());
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(file: &Path) -> (Running, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulators"))
        .args(["--port", "0", "--per-minute", "6000", "--state-folder"])
        .arg(file.parent().expect("its folder"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut text = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut text).expect("a line");
    let base = text.trim().rsplit(' ').next().expect("an address").to_owned();
    (Running(child), base)
}

#[tokio::test]
async fn as_a_process_it_is_seeded_and_kept_over_http() {
    let file = state_file("process");
    let (mut running, base) = run(&file);
    assert!(base.starts_with("http://127.0.0.1:"));
    let given = json!({
        "standard_divisions": [300],
        "apps": [{"id": seed::APP, "redirect_uris": ["http://127.0.0.1:9/callback"]}],
        "divisions": [{"code": 300, "description": "Derde", "accounts": [{"Code": "77", "Name": "X", "IsSupplier": true}]}],
    });
    assert_eq!(post_control(&base, "seed", given.clone()).await, 204);
    assert_eq!(post_control(&base, "seed", given).await, 204);
    assert_eq!(post_control(&base, "seed", json!({"divisions": [{"code": 300, "nonsense": 1}]})).await, 400);
    let clock = json!({"stop_at": "2026-07-01T12:00:00Z"});
    assert_eq!(post_control(&base, "clock", clock).await, 200);

    let terminated = Command::new("kill").arg(running.0.id().to_string()).status().expect("kill runs");
    assert!(terminated.success() && running.0.wait().expect("an end").success());
    let (_running, base) = run(&file);
    let state = get_control(&base, "state").await;
    let division = state["divisions"].as_array().and_then(|all| all.iter().find(|one| one["code"] == 300)).expect("it");
    assert_eq!(division["accounts"].as_array().map(Vec::len), Some(1), "seeding twice is seeding once");
    assert_eq!(division["accounts"][0]["Code"], json!("                77"));
    assert_eq!(state["apps"][0]["secret"], json!(seed::SECRET));
    assert_eq!(state["settings"]["calls_per_minute"], json!(6000));
    assert_eq!(get_control(&base, "clock").await["now"], json!("2026-07-01T12:00:00Z"));
}

#[tokio::test]
async fn changes_are_kept_soon_without_a_stop() {
    let file = state_file("soon");
    let (running, base) = run(&file);
    post_control(&base, "seed", json!({"standard_divisions": [301]})).await;
    let mut waited = 0;
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"code\":301")) {
        waited += 1;
        assert!(waited < 100, "the change was not kept");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(running);
}

#[tokio::test]
async fn control_over_http() {
    let exact = start().await;
    let base = exact.base_url().to_owned();
    let client = Client::connect(&exact);
    client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "100", "21")])).await;

    let bookings = get_control(&base, "bookings?division=100001").await;
    assert_eq!((&bookings[0]["amount"], &bookings[0]["entry_number"]), (&json!("121.00"), &json!(26_600_001)));
    let balances = get_control(&base, "balances?division=100001").await;
    assert_eq!(balances["ledger_accounts"][0], json!({"code": "1520", "name": "Te vorderen btw", "balance": "21.00"}));
    assert_eq!(control(&base, reqwest::Method::GET, "balances?division=1", None).await.0, 404);
    let page = get_control(&base, "").await;
    assert!(page.as_str().is_some_and(|html| html.contains("Voorbeeld Handel") && html.contains("EUR 121.00")));

    let fault = json!({"method": "POST", "path": "PurchaseEntries", "effect": {"kind": "answer", "status": 503}});
    assert_eq!(post_control(&base, "faults", fault).await, 201);
    assert_eq!(client.post(PURCHASES, &json!({})).await.status, 503);
    assert_eq!(get_control(&base, "faults").await[0]["fired"], json!(1));
    assert_eq!(control(&base, reqwest::Method::DELETE, "faults", None).await.0, 204);
    assert_eq!(post_control(&base, "faults", json!({"effect": {"kind": "nonsense"}})).await, 400);

    let period = json!({"division": seed::DIVISION, "year": 2026, "period": 7, "state": "closed"});
    assert_eq!(post_control(&base, "periods", period).await, 204);
    let closed = client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "1", "21")])).await;
    assert_eq!(closed.message(), "Period is closed");
    let requests = get_control(&base, "requests").await;
    assert_eq!((&requests["total"], &requests["requests"][1]["status"]), (&json!(3), &json!(503)));
    assert_eq!(post_control(&base, "reset", json!({"seed": "demo"})).await, 204);
    assert_eq!(get_control(&base, "bookings?division=100001").await, json!([]));
    assert_eq!(client.get("financial/Journals", &[("$select", "Code")]).await.status, 401);
}
