//! Lists, payments, the accounting month, limits, and the national system.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use simulators::faults::{Effect, Fault, Stored};
use simulators::ifirma::state::{CodeOnRead, Identifiers, KsefSending, Strictness};
use simulators::ifirma::{says, seed};

use crate::{Client, code, invoice, read};

fn numbers(list: &Value) -> Vec<&str> {
    list["Wynik"].as_array().unwrap().iter().map(|row| row["PelnyNumer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_list_is_of_thirty_days_and_in_pages() {
    let client = Client::start().await;
    let mut other = invoice();
    other["Kontrahent"] = Value::Null;
    other["IdentyfikatorKontrahenta"] = json!(seed::CONTRACTOR.0);
    other["DataWystawienia"] = json!("2026-04-14");
    other["Pozycje"][0]["Ilosc"] = json!(1);
    assert_eq!((code(&client.add(&invoice()).await), code(&client.add(&other).await)), (0, 0));
    assert_eq!(code(&client.get("faktury.json").await), 200, "dataOd is needed");
    assert_eq!(code(&client.get("faktury.json?dataOd=today").await), 200);
    for (query, found) in [
        ("dataOd=2026-03-10", vec!["1/2026/Sklep"]),
        ("dataOd=2026-03-15", vec!["2/2026/Sklep"]),
        ("dataOd=2026-03-10&dataDo=2026-04-30", vec!["1/2026/Sklep", "2/2026/Sklep"]),
        ("dataOd=2026-03-10&dataDo=2026-04-30&kwotaOd=110.69&kwotaDo=110.71", vec!["1/2026/Sklep"]),
        ("dataOd=2026-03-10&dataDo=2026-04-30&nipKontrahenta=5260250274", vec!["2/2026/Sklep"]),
        ("dataOd=2026-03-10&dataDo=2026-04-30&kontrahent=BUK", vec!["2/2026/Sklep"]),
        ("dataOd=2026-03-10&dataDo=2026-04-30&typ=prz_faktura_wysylka", vec![]),
        ("dataOd=2026-03-10&dataDo=2026-04-30&status=oplacone,oplaconeCzesciowo", vec![]),
        ("dataOd=2026-03-10&dataDo=2026-04-30&iloscNaStronie=1&strona=2", vec!["2/2026/Sklep"]),
    ] {
        assert_eq!(numbers(&client.get(&format!("faktury.json?{query}")).await), found, "{query}");
    }
    let row = client.get("faktury.json?dataOd=2026-03-10").await["Wynik"][0].take();
    assert_eq!((&row["Brutto"], row.get("Uwagi")), (&json!(110.7), None));
    client.settings(|settings| settings.code_on_read = CodeOnRead::Absent);
    assert!(client.get("faktury.json?dataOd=2026-03-10").await.get("Kod").is_none());
    assert_eq!(code(&client.get("faktury.json").await), 200, "errors keep their number");
}

#[tokio::test]
async fn payments_add_up_and_end_with_the_rest() {
    let client = Client::start().await;
    let mut body = invoice();
    body["Zaplacono"] = json!(10.7);
    let id = client.add(&body).await["Identyfikator"].clone();
    let path = "faktury/wplaty/prz_faktura_kraj/1_2026_Sklep.json";
    assert_eq!(code(&client.post(path, &json!({ "Kwota": 60 })).await), 0);
    let by_id = format!("faktury/wplaty/prz_faktura_kraj/{id}.json");
    assert_eq!(code(&client.post(&by_id, &json!({ "Kwota": 40.01, "Data": "2026-03-12" })).await), 201);
    assert_eq!(code(&client.post(&by_id, &json!({ "Kwota": 40, "Data": "2026-03-12" })).await), 0);
    for (path, body, refused) in [
        (by_id.as_str(), json!({ "Kwota": 0 }), 201),
        (&by_id, json!({ "Kwota": "1.00" }), 200),
        (&by_id, json!({ "Data": "2026-03-12" }), 200),
        ("faktury/wplaty/prz_nieznany/1.json", json!({ "Kwota": 1 }), 201),
        ("faktury/wplaty/prz_faktura_kraj/1.json", json!({ "Kwota": 1 }), 201),
    ] {
        assert_eq!(code(&client.post(path, &body).await), refused, "{path} {body}");
    }
    assert_eq!(client.get(&format!("fakturakraj/{id}.json")).await["Zaplacono"], 110.7);
    client.settings(|settings| settings.overpayment = Strictness::Taken);
    assert_eq!(code(&client.post(&by_id, &json!({ "Kwota": 5 })).await), 0);
}

#[tokio::test]
async fn the_accounting_month_moves_by_one_for_everybody() {
    let client = Client::start().await;
    let month = "abonent/miesiacksiegowy.json";
    let put = async |word: &str| {
        let body = json!({ "MiesiacKsiegowy": word, "PrzeniesDaneZPoprzedniegoRoku": false }).to_string();
        code(&read(client.ask(Method::PUT, month, &body)).await)
    };
    let mut body = invoice();
    body["DataSprzedazy"] = json!("2026-02-28");
    let refused = client.add(&body).await;
    assert_eq!(refused["Informacja"], "Data sprzedaży musi być zgodna z miesiącem i rokiem księgowym");
    assert_eq!((put("POPRZ").await, put("STYCZEN").await), (0, 200));
    let shown = client.get(month).await;
    assert_eq!((&shown["MiesiacKsiegowy"], &shown["RokKsiegowy"]), (&json!(2), &json!(2026)));
    assert_eq!(code(&client.add(&body).await), 0);
    assert_eq!((put("POPRZ").await, put("POPRZ").await), (0, 0));
    assert_eq!(client.get(month).await["RokKsiegowy"], 2025);
    assert_eq!(put("NAST").await, 0);
    assert_eq!(client.get(month).await["MiesiacKsiegowy"], 1);
}

#[tokio::test]
async fn documents_and_requests_are_limited() {
    let client = Client::start().await;
    client.account(|account| account.allowance = 1);
    assert_eq!(code(&client.add(&invoice()).await), 0);
    let limit = client.get("abonent/limit.json").await;
    assert_eq!((&limit["LimitWykorzystany"], &limit["LimitPrzyznany"]), (&json!(1), &json!(1)));
    assert_eq!(code(&client.add(&invoice()).await), 201);
    client.settings(|settings| settings.allowance_code = 500);
    assert_eq!(code(&client.add(&invoice()).await), 500);
    client.simulator.clock().advance(TimeDelta::minutes(2));
    for _ in 0..100 {
        client.get("abonent/limit.json").await;
    }
    let status = client.ask(Method::GET, "abonent/limit.json", "").send().await.unwrap().status();
    assert_eq!(status, 429);
    client.simulator.clock().advance(TimeDelta::minutes(1));
    client.settings(|settings| settings.calls_per_day = 1);
    assert_eq!(client.ask(Method::GET, "abonent/limit.json", "").send().await.unwrap().status(), 429);
}

#[tokio::test]
async fn the_national_system_gives_its_number_after_a_while() {
    let client = Client::start().await;
    let id = client.add(&invoice()).await["Identyfikator"].clone();
    let (send, now) = (format!("fakturakraj/ksef/send/{id}.json"), json!({ "DataWysylki": null }));
    let refused = client.post(&send, &now).await;
    assert!(code(&refused) == 201 && refused["Informacja"].as_str().unwrap().contains("KSeF"), "{refused}");
    client.account(|account| account.ksef_after = Some(1));
    assert_eq!(code(&client.post(&send, &json!({})).await), 200);
    assert_eq!((code(&client.post(&send, &now).await), code(&client.post(&send, &now).await)), (0, 201));
    let path = format!("fakturakraj/{id}.json");
    assert!(client.get(&path).await.get("NumerKSeF").is_none());
    assert!(client.get(&path).await["NumerKSeF"].as_str().unwrap().starts_with("1234563218-20260310-"));
    client.settings(|settings| {
        settings.ksef_sending = KsefSending::ByItself;
        settings.identifiers = Identifiers::Texts;
        settings.ksef_field = "KSeFNumer".to_owned();
    });
    let id = client.add(&invoice()).await["Identyfikator"].as_str().unwrap().to_owned();
    client.get(&format!("fakturakraj/{id}.json")).await;
    assert!(client.get(&format!("fakturakraj/{id}.json")).await["KSeFNumer"].is_string());
}

#[tokio::test]
async fn failures_come_on_demand() {
    let client = Client::start().await;
    let faults = client.simulator.faults();
    faults.add(Fault::on("POST", "fakturakraj.json", says(100, "Błąd techniczny", Stored::No)));
    assert_eq!((code(&client.add(&invoice()).await), client.sold().len()), (100, 0));
    faults.add(Fault::on("POST", "fakturakraj.json", says(100, "Błąd techniczny", Stored::Yes)));
    assert_eq!((code(&client.add(&invoice()).await), client.sold().len()), (100, 1));
    faults.add(Fault::on("POST", "fakturakraj.json", Effect::EmptyBody));
    assert_eq!((client.add(&invoice()).await, client.sold().len()), (json!(""), 2));
    faults.add(Fault::on("POST", "fakturakraj.json", Effect::drop(Stored::Yes)));
    assert!(client.ask(Method::POST, "fakturakraj.json", &invoice().to_string()).send().await.is_err());
    assert_eq!(client.sold().len(), 3);
    faults.add(Fault::on("POST", "fakturakraj.json", Effect::TokenExpired));
    assert_eq!(code(&client.add(&invoice()).await), 403, "the keys were replaced");
}
