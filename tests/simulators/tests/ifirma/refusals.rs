//! What is refused, and by which number.

use reqwest::Method;
use serde_json::{Value, json};
use simulators::ifirma::state::{Cards, IssueDay, Strictness};
use simulators::ifirma::{seed, signature};

use crate::{Client, code, invoice, line, read};

#[tokio::test]
async fn signatures_are_looked_at() {
    let client = Client::start().await;
    let url = client.url("faktury.json");
    let sign = |login: &str, area: &str, key: &str| signature::sign(&url, login, area, key, b"");
    let good = sign(seed::LOGIN, "faktura", seed::INVOICE_KEY);
    let ask = async |header: &str| {
        code(&read(client.with_header(Method::GET, "faktury.json?dataOd=2026-03-01", header, "")).await)
    };
    assert_eq!(ask(&good).await, 0, "the query is not signed");
    for (header, refused) in [
        (String::new(), 400),
        (good.replace("IAPIS user=", "Basic "), 400),
        (good.replace("hmac-sha1", "rsa"), 400),
        (good.to_uppercase(), 400),
        (sign("nobody@example.com", "faktura", seed::INVOICE_KEY), 401),
        (sign(seed::LOGIN, "abonent", seed::ACCOUNT_KEY), 403),
        (sign(seed::LOGIN, "faktura", seed::ACCOUNT_KEY), 403),
    ] {
        assert_eq!(ask(&header).await, refused, "{header}");
    }
    // Spaces that were added after signing.
    let path = "fakturakraj.json";
    let header =
        signature::sign(&client.url(path), seed::LOGIN, "faktura", seed::INVOICE_KEY, invoice().to_string().as_bytes());
    let changed = client.with_header(Method::POST, path, &header, &format!("{} ", invoice()));
    assert_eq!(code(&read(changed).await), 403);
    client.account(|account| account.terms_accepted = false);
    assert_eq!(ask(&good).await, 499);
    client.account(|account| (account.terms_accepted, account.has_api) = (true, false));
    let refused = read(client.with_header(Method::GET, "faktury.json", &good, "")).await;
    assert_eq!(refused["Informacja"], "Użytkownik nie posiada prawa do korzystania z API.");
    client.account(|account| drop(account.keys.remove("faktura")));
    assert_eq!(ask(&good).await, 402);
}

#[tokio::test]
async fn bytes_that_others_signed_are_taken() {
    let client = Client::start().await;
    let login = "jan.nowak@ifirma.pl";
    client.settings(|settings| settings.signed_base = Some("https://www.ifirma.pl".to_owned()));
    client.simulator.change(|state| {
        let mut account = seed::account(login, true);
        account.keys.insert("abonent".to_owned(), seed::INVOICE_KEY.to_owned());
        state.accounts.push(account);
    });
    let body = r#"{"Zaplacono":0,"ZaplaconoNaDokumencie":0,"LiczOd":"BRT","DataWystawienia":"2026-03-10","DataSprzedazy":"2026-03-09","FormatDatySprzedazy":"DZN","TerminPlatnosci":"2026-03-24","SposobZaplaty":"PRZ","NazwaSeriiNumeracji":"Sklep","RodzajPodpisuOdbiorcy":"BPO","WidocznyNumerGios":false,"Numer":null,"Uwagi":"Zam. inv-018f3c","Kontrahent":{"Nazwa":"Zielony Kubek Sp. z o.o.","NIP":"1234563218","Ulica":"Morska 5/2","KodPocztowy":"81-001","Kraj":"Polska","Miejscowosc":"Gdynia","OsobaFizyczna":false},"Pozycje":[{"StawkaVat":0.23,"Ilosc":2,"CenaJednostkowa":49.20,"NazwaPelna":"Kubek ceramiczny","Jednostka":"szt","TypStawkiVat":"PRC"},{"StawkaVat":0.23,"Ilosc":1,"CenaJednostkowa":12.30,"NazwaPelna":"Dostawa kurierem","Jednostka":"szt","TypStawkiVat":"PRC"}]}"#;
    for (method, path, body, digest) in [
        (Method::GET, "faktury.json?dataOd=2026-03-01", "", "081dec7098dbed6aab839e76501a964aa5b9386a"),
        (Method::GET, "abonent/miesiacksiegowy.json", "", "b52e486a2d99a010739f326214a1aed7b7fd3fb8"),
        (Method::POST, "fakturakraj.json", body, "56da73669907e67eeca34019d0d1caf40774871a"),
    ] {
        let header = format!("IAPIS user={login}, hmac-sha1={digest}");
        let answer = read(client.with_header(method, path, &header, body)).await;
        assert_eq!(code(&answer), 0, "{path}: {answer}");
    }
}

#[tokio::test]
async fn content_and_structure_are_looked_at() {
    let client = Client::start().await;
    let text = invoice().to_string();
    for (kind, refused) in [
        ("text/plain", 102),
        ("application/xml", 102),
        ("application/json; charset=ISO-8859-2", 101),
        ("application/json", 0),
        ("application/json; charset=utf8", 0),
    ] {
        let request = client.ask(Method::POST, "fakturakraj.json", &text).build().unwrap();
        let mut request = request;
        request.headers_mut().insert("Content-Type", kind.parse().unwrap());
        let answer = client.http.execute(request).await.unwrap().text().await.unwrap();
        assert_eq!(code(&serde_json::from_str::<Value>(&answer).unwrap()["response"]), refused, "{kind}");
    }
    for name in [
        "Zaplacono",
        "ZaplaconoNaDokumencie",
        "LiczOd",
        "DataWystawienia",
        "DataSprzedazy",
        "FormatDatySprzedazy",
        "SposobZaplaty",
        "RodzajPodpisuOdbiorcy",
        "WidocznyNumerGios",
        "Numer",
        "Kontrahent",
        "Pozycje",
    ] {
        let mut body = invoice();
        body.as_object_mut().unwrap().remove(name);
        let refused = client.add(&body).await;
        assert_eq!(code(&refused), 200, "without {name}");
        assert!(refused["Informacja"].as_str().unwrap().starts_with("Niepoprawna zawartość żądania"));
    }
    let status = client.ask(Method::GET, "rachunki.json", "").send().await.unwrap().status();
    assert_eq!(status, 404);
}

#[tokio::test]
async fn each_rule_refuses_with_its_number() {
    let client = Client::start().await;
    client.account(|account| account.allowance = 1_000_000);
    for (pointer, value, refused) in [
        ("/Nieznane", json!(1), 200),
        ("/LiczOd", json!("GROSS"), 200),
        ("/Zaplacono", json!("0"), 200),
        ("/Zaplacono", json!(110.71), 201),
        ("/Zaplacono", json!(-1), 201),
        ("/ZaplaconoNaDokumencie", json!(200), 201),
        ("/DataWystawienia", json!("10.03.2026"), 200),
        ("/DataWystawienia", json!("2026-03-08"), 201),
        ("/DataWystawienia", json!("2026-04-16"), 201),
        ("/DataSprzedazy", json!("2026-02-28"), 201),
        ("/TerminPlatnosci", json!("2026-03-08"), 201),
        ("/FormatDatySprzedazy", json!("ROK"), 200),
        ("/SposobZaplaty", json!("BLIK"), 200),
        ("/RodzajPodpisuOdbiorcy", json!("XXX"), 200),
        ("/WidocznyNumerGios", json!("false"), 200),
        ("/Numer", json!("7"), 200),
        ("/NumerKontaBankowego", json!("1".repeat(29)), 201),
        ("/MiejsceWystawienia", json!("m".repeat(51)), 201),
        ("/PodpisWystawcy", json!("p".repeat(71)), 201),
        ("/Uwagi", json!("u".repeat(1_001)), 201),
        ("/NazwaSeriiNumeracji", json!("Nieznana"), 201),
        ("/IdentyfikatorKontrahenta", json!("NIKT"), 208),
        ("/NIPKontrahenta", json!("1111111111"), 208),
        ("/ProceduryJpk", json!({ "XX": true }), 200),
        ("/DodatkoweUwagi", json!([{ "Typ": "INNE", "Info": "x" }]), 200),
        ("/Kontrahent/Nazwa", Value::Null, 200),
        ("/Kontrahent/Nazwa", json!("n".repeat(151)), 201),
        ("/Kontrahent/KodPocztowy", Value::Null, 200),
        ("/Kontrahent/Miejscowosc", json!(" "), 201),
        ("/Kontrahent/NIP", json!("1234563219"), 201),
        ("/Kontrahent/Ulica", json!("u".repeat(66)), 201),
        ("/Kontrahent/Email", json!("e".repeat(66)), 201),
        ("/Kontrahent/Nieznane", json!(1), 200),
        ("/Pozycje", json!([]), 200),
        ("/Pozycje/0/StawkaVat", json!(23), 200),
        ("/Pozycje/0/StawkaVat", Value::Null, 200),
        ("/Pozycje/0/TypStawkiVat", json!("ZW"), 200),
        ("/Pozycje/0/TypStawkiVat", json!("NP"), 200),
        ("/Pozycje/0/Jednostka", json!("opakowanie1"), 201),
        ("/Pozycje/0/NazwaPelna", json!("n".repeat(301)), 201),
        ("/Pozycje/0/Ilosc", json!(0), 201),
        ("/Pozycje/0/CenaJednostkowa", json!(0), 201),
        ("/Pozycje/0/CenaJednostkowa", json!(-5), 201),
        ("/Pozycje/0/CenaJednostkowa", json!("49.20"), 200),
        ("/Pozycje/0/Rabat", json!(100), 201),
        ("/Pozycje/0/GTU", json!("14"), 200),
        ("/Pozycje/0/PodstawaPrawna", json!("p".repeat(31)), 201),
        ("/Pozycje/0/StawkaRyczaltu", json!(0.03), 200),
    ] {
        let mut body = invoice();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match body.pointer_mut(parent).unwrap() {
            Value::Array(_) => panic!("{pointer} is no member"),
            parent => parent[name] = value,
        }
        let answer = client.add(&body).await;
        assert_eq!(code(&answer), refused, "{pointer}: {answer}");
        client.simulator.clock().advance(chrono::TimeDelta::seconds(2));
    }
    assert!(client.sold().is_empty());
}

#[tokio::test]
async fn switches_change_what_nobody_is_sure_of() {
    let client = Client::start().await;
    client.settings(|settings| settings.issue_day = IssueDay::InMonth);
    let mut body = invoice();
    body["DataWystawienia"] = json!("2026-04-10");
    assert_eq!(code(&client.add(&body).await), 201);
    client.settings(|settings| {
        settings.issue_day = IssueDay::Free;
        settings.wrong_tax_numbers = Strictness::Taken;
        settings.unknown_members = Strictness::Taken;
        settings.taken_number = Strictness::Taken;
        settings.cards = Cards::Overwritten;
    });
    body["Kontrahent"]["NIP"] = json!(seed::CONTRACTOR.1);
    body["Nieznane"] = json!(1);
    body["Numer"] = json!(3);
    body["DodatkoweUwagi"] = json!([{ "Typ": "NUMER_ZAMOWIENIA", "Info": "inv-018f3c" }]);
    assert_eq!((code(&client.add(&body).await), code(&client.add(&body).await)), (0, 0));
    let card = client.simulator.read(|state| state.account(seed::LOGIN).unwrap().contractors[0].clone());
    assert_eq!(card.city, "Gdynia");
    client.settings(|settings| settings.extra_notes = Strictness::Refused);
    assert_eq!(code(&client.add(&body).await), 200);
    client.account(|account| account.lump_sum = true);
    let mut lump = invoice();
    lump["DataWystawienia"] = json!("2026-04-10");
    assert_eq!(code(&client.add(&lump).await), 200);
    lump["Pozycje"] = json!([line("Kubek", 1, "10.00", Some("0.23"))]);
    lump["Pozycje"][0]["StawkaRyczaltu"] = json!(0.03);
    assert_eq!(code(&client.add(&lump).await), 0);
}
