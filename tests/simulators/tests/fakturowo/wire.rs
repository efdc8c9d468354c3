//! The key, one call at a time, lines of text, lists, and what no client may do.

use std::time::Duration;

use serde_json::json;
use simulators::fakturowo::seed;
use simulators::faults::{Effect, Fault, Stored};

use crate::support::{Client, document, read, with};

#[tokio::test]
async fn the_key_and_the_task_are_looked_at() {
    let client = Client::start().await;
    for (name, value, text) in [
        ("api_id", "", "Brak klucza API (api_id)"),
        ("api_id", "unknown", "Nieprawidłowy klucz API (api_id)"),
        ("api_zadanie", "", "Nieznane zadanie (api_zadanie)"),
        ("api_zadanie", "11", "Nieznane zadanie (api_zadanie)"),
    ] {
        assert_eq!(client.issue(&[(name, value)]).await, ["0", text]);
    }
    let plain = client.http.post(format!("{}/api", client.simulator.base_url())).header("content-type", "text/plain");
    let plain = plain.body(format!("api_id={}&api_zadanie=3", seed::KEY));
    assert_eq!(read(plain).await[0], "0", "a form and nothing else");
    let elsewhere = client.http.post(format!("{}/api/v1", client.simulator.base_url())).send().await.unwrap();
    assert_eq!(elsewhere.status().as_u16(), 404);
}

#[tokio::test]
async fn a_form_may_come_in_parts() {
    let client = Client::start().await;
    let part = |(name, value): &(String, String)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let buyer = with(document(), &[("nabywca_nazwa", "Zielony Kubek żółć")]);
    let body: String = buyer.iter().map(part).chain(["--edge--\r\n".to_owned()]).collect();
    let request = client.http.post(format!("{}/api", client.simulator.base_url())).body(body);
    let lines = read(request.header("content-type", "multipart/form-data; boundary=edge")).await;
    assert_eq!(lines[0], "1", "{lines:?}");
    let only = client.only().await;
    assert_eq!((&only["buyer"]["name"], &only["totals"]["gross"]), (&json!("Zielony Kubek żółć"), &json!("123.00")));
}

#[tokio::test]
async fn calls_of_a_key_come_one_after_another() {
    let client = Client::start().await;
    client.simulator.faults().add(Fault::on("POST", "/api", Effect::delay(Duration::from_millis(400))));
    let other = with(document(), &[("api_id", seed::OTHER_KEY)]);
    let later = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        (client.issue(&[]).await, client.lines(&other).await)
    };
    let right = document();
    let (first, (second, of_other)) = tokio::join!(client.lines(&right), later);
    assert_eq!((first[0].as_str(), of_other[0].as_str()), ("1", "1"));
    assert_eq!(second, ["0", "Poprzednie zapytanie nie zostało zakończone"]);
    assert_eq!(client.control("misuse").await["parallel"], 1);
    assert_eq!(client.issue(&[]).await[0], "1");
    assert_eq!(client.count(), 2);
}

#[tokio::test]
async fn a_hang_after_the_commit_leaves_one_document_in_the_list() {
    let client = Client::start().await;
    client.simulator.faults().add(Fault::on("POST", "/api", Effect::hang(Stored::Yes)));
    let lost = client.ask(&document()).timeout(Duration::from_millis(200)).send().await;
    assert!(lost.is_err());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let lines = client.task("3", &[("p", "1")]).await;
    let columns: Vec<&str> = lines[2].split(';').collect();
    assert_eq!((&lines[..2], columns[2], columns[16]), (&["1".to_owned(), "1".to_owned()][..], "FV/1/03/2026", "1"));
}

#[tokio::test]
async fn lists_have_pages_of_ten() {
    let client = Client::start().await;
    assert_eq!(client.task("3", &[]).await, ["1", "1"]);
    let mut ids = Vec::new();
    for _ in 0..11 {
        ids.push(client.issue(&[]).await[1].clone());
    }
    let first = client.task("3", &[("p", "1")]).await;
    assert_eq!((first.len(), first[1].as_str(), first[2].split(';').next()), (12, "2", Some(ids[10].as_str())));
    let second = client.task("3", &[("p", "2")]).await;
    assert_eq!((second.len(), second[2].split(';').next()), (3, Some(ids[0].as_str())));
    assert_eq!(client.task("3", &[("p", "3")]).await, ["1", "2"]);
    assert_eq!(client.task("3", &[("p", "0")]).await[0], "0");
    client.settings(json!({ "list_order": "oldest_first", "list_encoding": "percent" })).await;
    let turned = client.task("3", &[]).await;
    let columns: Vec<&str> = turned[2].split(';').collect();
    assert_eq!((columns[0], columns[2]), (ids[0].as_str(), "FV%2F1%2F03%2F2026"));
    client.settings(json!({ "line_end": "carriage_return" })).await;
    assert_eq!(client.task("3", &[]).await[0], "1\r");
    client.settings(json!({})).await;
    assert_eq!(client.task("2", &[("api_numer", &ids[0])]).await[0], "1");
    assert_eq!(client.task("2", &[("api_numer", "1")]).await[0], "0");
    assert_eq!(client.count(), 10);
}

#[tokio::test]
async fn what_no_client_may_do_is_remembered() {
    let client = Client::start().await;
    let issued = client.issue(&[("dokument_email", "jan@example.com")]).await;
    let base = client.simulator.base_url();
    let listed = client.http.get(format!("{base}/api?api_id={}&api_zadanie=3", seed::KEY));
    assert_eq!(read(listed).await[0], "1", "an address with the key works");
    let pdf = client.http.get(format!("{base}/pobierz?api_id={}&api_numer={}", seed::KEY, issued[1]));
    assert!(pdf.send().await.unwrap().bytes().await.unwrap().starts_with(b"%PDF-"));
    let misuse = client.control("misuse").await;
    assert_eq!(misuse, json!({ "keys_in_addresses": 2, "mails": 1, "parallel": 0 }));
}
