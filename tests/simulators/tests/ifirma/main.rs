//! iFirma's simulator keeps its rules: signatures, structure, the accounting month, numbers, payments, lists, limits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod reading;
mod refusals;

use chrono::DateTime;
use reqwest::Method;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::ifirma::state::{Account, Settings};
use simulators::ifirma::{Ifirma, seed, signature};
use simulators::polish::sold::Sold;
use simulators::stand::{Handle, Options};

struct Client {
    simulator: Handle<Ifirma>,
    http: reqwest::Client,
}

impl Client {
    async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let noon = DateTime::from_timestamp(1_773_144_000, 0).unwrap();
        let simulator = Options::<Ifirma>::demo().clock(&Clock::stopped(noon)).start().await.unwrap();
        Self { simulator, http: reqwest::Client::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/iapi/{path}", self.simulator.base_url())
    }

    /// A request with a header of its own making.
    fn with_header(&self, method: Method, path: &str, header: &str, body: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.url(path)).header("Authentication", header).body(body.to_owned());
        request.header("Content-Type", "application/json; charset=UTF-8").header("Accept", "application/json")
    }

    fn ask(&self, method: Method, path: &str, body: &str) -> reqwest::RequestBuilder {
        self.ask_as(seed::LOGIN, method, path, body)
    }

    fn ask_as(&self, login: &str, method: Method, path: &str, body: &str) -> reqwest::RequestBuilder {
        let bare = path.split('?').next().unwrap();
        let (area, key) =
            if path.starts_with("abonent") { ("abonent", seed::ACCOUNT_KEY) } else { ("faktura", seed::INVOICE_KEY) };
        let header = signature::sign(&self.url(bare), login, area, key, body.as_bytes());
        self.with_header(method, path, &header, body)
    }

    async fn get(&self, path: &str) -> Value {
        read(self.ask(Method::GET, path, "")).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        read(self.ask(Method::POST, path, &body.to_string())).await
    }

    async fn add(&self, body: &Value) -> Value {
        self.post("fakturakraj.json", body).await
    }

    fn sold(&self) -> Vec<Sold> {
        self.simulator.read(|state| state.sold(seed::LOGIN))
    }

    fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.simulator.change(|state| change(&mut state.settings));
    }

    fn account(&self, change: impl FnOnce(&mut Account)) {
        self.simulator.change(|state| change(state.account_mut(seed::LOGIN).unwrap()));
    }
}

/// What is in the envelope.
async fn read(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "business errors come with 200 as well");
    let text = answer.text().await.unwrap();
    serde_json::from_str::<Value>(&text).map_or(Value::String(text), |mut answer| answer["response"].take())
}

fn code(answer: &Value) -> i64 {
    answer["Kod"].as_i64().unwrap_or(-1)
}

fn line(name: &str, quantity: u32, price: &str, rate: Option<&str>) -> Value {
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    json!({
        "StawkaVat": rate.map(number), "Ilosc": quantity, "CenaJednostkowa": number(price), "NazwaPelna": name,
        "Jednostka": "szt", "TypStawkiVat": if rate.is_some() { "PRC" } else { "ZW" },
    })
}

fn invoice() -> Value {
    json!({
        "Zaplacono": 0, "ZaplaconoNaDokumencie": 0, "LiczOd": "BRT", "DataWystawienia": "2026-03-10",
        "DataSprzedazy": "2026-03-09", "FormatDatySprzedazy": "DZN", "TerminPlatnosci": "2026-03-24",
        "SposobZaplaty": "PRZ", "NazwaSeriiNumeracji": seed::SHOP_SERIES, "RodzajPodpisuOdbiorcy": "BPO",
        "WidocznyNumerGios": false, "Numer": null, "Uwagi": "Zam. inv-018f3c",
        "Kontrahent": {
            "Nazwa": "Zielony Kubek Sp. z o.o.", "NIP": "1234563218", "Ulica": "Morska 5/2", "KodPocztowy": "81-001",
            "Kraj": "Polska", "Miejscowosc": "Gdynia", "OsobaFizyczna": false,
        },
        "Pozycje": [line("Kubek ceramiczny", 2, "49.20", Some("0.23")), line("Dostawa", 1, "12.30", Some("0.23"))],
    })
}

#[tokio::test]
async fn an_invoice_is_made_and_read_by_id_and_number() {
    let client = Client::start().await;
    let made = client.add(&invoice()).await;
    assert_eq!((code(&made), &made["Informacja"]), (0, &json!("Faktura została pomyślnie dodana.")), "{made}");
    let id = made["Identyfikator"].as_i64().unwrap();
    for key in [id.to_string(), "1_2026_Sklep".to_owned()] {
        let read = client.get(&format!("fakturakraj/{key}.json")).await;
        assert_eq!((&read["PelnyNumer"], &read["Uwagi"]), (&json!("1/2026/Sklep"), &json!("Zam. inv-018f3c")));
        assert_eq!(read["Pozycje"][0]["CenaZRabatem"], 49.2);
    }
    for form in ["pdf", "pdf.single", "pdf.dup"] {
        let pdf = client.get(&format!("fakturakraj/{id}.{form}")).await;
        let pdf = pdf.as_str().unwrap();
        assert!(pdf.starts_with("%PDF-") && pdf.contains("1/2026/Sklep") && pdf.contains("110.70"), "{pdf}");
    }
    assert_eq!(code(&client.get("fakturakraj/1.pdf").await), 201, "JSON in the place of a PDF");
    assert_eq!(code(&client.get(&format!("fakturawaluta/{id}.json")).await), 201, "another kind");
    let sold = &client.sold()[0];
    assert_eq!((sold.totals.gross, sold.totals.vat), (dec!(110.70), dec!(20.70)));
    assert_eq!((sold.buyer.city.as_str(), sold.payment.as_str()), ("Gdynia", "PRZ"));
    let shown = format!("{}/_sim/documents?account={}&mentions=inv-018f3c", client.simulator.base_url(), seed::LOGIN);
    let shown: Value =
        serde_json::from_str(&client.http.get(shown).send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!((&shown["count"], &shown["documents"][0]["series"]), (&json!(1), &json!("Sklep")));
}

#[tokio::test]
async fn equal_invoices_are_two() {
    let client = Client::start().await;
    assert_eq!((code(&client.add(&invoice()).await), code(&client.add(&invoice()).await)), (0, 0));
    let numbers: Vec<String> = client.sold().into_iter().map(|sold| sold.number).collect();
    assert_eq!(numbers, ["1/2026/Sklep", "2/2026/Sklep"]);
}

#[tokio::test]
async fn vat_of_each_rate_is_computed_by_the_ledger() {
    let client = Client::start().await;
    let mut body = invoice();
    body["LiczOd"] = json!("NET");
    body["Pozycje"] = json!([
        line("A", 3, "0.33", Some("0.23")),
        line("B", 1, "10.05", Some("0.08")),
        line("C", 1, "10.10", Some("0.05")),
        line("D", 1, "10.00", Some("0.00")),
        line("E", 1, "10.00", None),
    ]);
    body["Pozycje"][4]["Rabat"] = json!(10);
    assert_eq!(code(&client.add(&body).await), 0);
    let sold = &client.sold()[0];
    let vat: Vec<Decimal> = sold.lines.iter().map(|line| line.amounts.vat).collect();
    assert_eq!(vat, [dec!(0.23), dec!(0.80), dec!(0.51), dec!(0), dec!(0)]);
    let rates: Vec<&str> = sold.lines.iter().map(|line| line.vat.as_str()).collect();
    assert_eq!(rates, ["23", "8", "5", "0", "ZW"]);
    assert_eq!(sold.totals.gross, dec!(41.68));
}

#[tokio::test]
async fn an_account_without_vat_has_exempt_lines_only() {
    let client = Client::start().await;
    let add = async |body: Value| {
        read(client.ask_as(seed::EXEMPT_LOGIN, Method::POST, "fakturakraj.json", &body.to_string())).await
    };
    let refused = add(invoice()).await;
    let text = "Pole Podstawa prawna zwolnienia z podatku VAT jest wymagane.";
    assert_eq!((code(&refused), &refused["Informacja"]), (201, &json!(text)));
    let mut body = invoice();
    body["Pozycje"] = json!([line("Kubek", 1, "10.00", None)]);
    assert_eq!(code(&add(body.clone()).await), 0);
    body["LiczOd"] = json!("NET");
    assert_eq!(code(&add(body.clone()).await), 200);
    body["LiczOd"] = json!("BRT");
    client.settings(|settings| settings.no_exemption_basis = simulators::ifirma::state::Strictness::Refused);
    assert_eq!(code(&add(body.clone()).await), 201);
    body["Pozycje"][0]["PodstawaPrawna"] = json!("art. 113 ust. 1");
    assert_eq!(code(&add(body).await), 0);
}

#[tokio::test]
async fn other_currencies_have_an_address_of_their_own() {
    let client = Client::start().await;
    let mut body = invoice();
    body["Waluta"] = json!("EUR");
    assert_eq!(code(&client.add(&body).await), 200, "zloty only");
    body["TypSprzedazy"] = json!("KRAJOWA");
    assert_eq!(code(&client.post("fakturawaluta.json", &body).await), 200, "foreign names are missing");
    for line in body["Pozycje"].as_array_mut().unwrap() {
        line["NazwaPelnaObca"] = json!("Mug");
        line["JednostkaObca"] = json!("pcs");
    }
    let made = client.post("fakturawaluta.json", &body).await;
    assert_eq!(code(&made), 0, "{made}");
    let id = &made["Identyfikator"];
    assert_eq!(client.get(&format!("fakturawaluta/{id}.json")).await["Waluta"], "EUR");
    let path = format!("faktury/wplaty/prz_faktura_waluta/{id}.json");
    assert_eq!(code(&client.post(&path, &json!({ "Kwota": 10 })).await), 201, "a day is needed here");
    assert_eq!(code(&client.post(&path, &json!({ "Kwota": 10, "Data": "2026-03-12" })).await), 0);
    client.settings(|settings| settings.currencies = simulators::ifirma::state::Strictness::Refused);
    assert_eq!(code(&client.post("fakturawaluta.json", &body).await), 201);
}

#[tokio::test]
async fn numbers_follow_series_and_day() {
    let client = Client::start().await;
    let of = |number: Option<u32>, issued: &str, series: Option<&str>| {
        let mut body = invoice();
        body["Numer"] = json!(number);
        body["DataWystawienia"] = json!(issued);
        body["NazwaSeriiNumeracji"] = json!(series);
        body
    };
    assert_eq!(code(&client.add(&of(None, "2026-03-10", None)).await), 0);
    assert_eq!(code(&client.add(&of(Some(7), "2026-03-11", Some("Sklep"))).await), 0);
    assert_eq!(code(&client.add(&of(Some(7), "2026-03-12", Some("Sklep"))).await), 201, "taken");
    assert_eq!(code(&client.add(&of(Some(0), "2026-03-12", Some("Sklep"))).await), 201);
    assert_eq!(code(&client.add(&of(None, "2026-03-12", Some("sklep"))).await), 201, "capitals count");
    let refused = client.add(&of(None, "2026-03-10", Some("Sklep"))).await;
    assert!(refused["Informacja"].as_str().unwrap().contains("poprzedniej faktury w serii"), "{refused}");
    assert_eq!(code(&client.add(&of(None, "2026-03-12", Some("Sklep"))).await), 0);
    let numbers: Vec<String> = client.sold().into_iter().map(|sold| sold.number).collect();
    assert_eq!(numbers, ["1/3/2026", "7/2026/Sklep", "8/2026/Sklep"]);
}
