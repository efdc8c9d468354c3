//! `AccountView`'s simulator keeps its rules: tokens, company, year, envelope, columns, codes, periods, balance, numbers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use serde_json::{Value, json};
use simulators::accountview::books::{Duplicates, Filling, Settings};
use simulators::accountview::{AccountView, auth, seed};
use simulators::clock::Clock;
use simulators::stand::{Handle, Options};

struct Client {
    simulator: Handle<AccountView>,
    http: reqwest::Client,
    token: String,
    company: &'static str,
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}

impl Client {
    async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let noon = "2026-07-01T12:00:00Z".parse().unwrap();
        let simulator = Options::<AccountView>::demo().clock(&Clock::stopped(noon)).start().await.unwrap();
        let scopes = [auth::READ, auth::UPDATE];
        let token = simulator.change(|all| auth::connect(all, noon, seed::APP, &scopes)).access;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { simulator, http, token, company: seed::COMPANY }
    }

    fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v3/{path}", self.simulator.base_url()));
        let request = request.bearer_auth(&self.token);
        if self.company.is_empty() { request } else { request.header("x-company", self.company) }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.ask(reqwest::Method::GET, path)).await
    }

    async fn data(&self, query: &str) -> Value {
        let (status, answer) = self.get(&format!("AccountViewData?{query}")).await;
        assert_eq!(status, 200, "{query}: {answer}");
        answer
    }

    async fn post(&self, body: &Value) -> (u16, Value) {
        read(self.ask(reqwest::Method::POST, "AccountViewData").json(body)).await
    }

    /// What it says of a page with one place of it changed.
    async fn said(&self, pointer: &str, value: Value) -> String {
        let mut body = page();
        *body.pointer_mut(pointer).unwrap() = value;
        let (status, answer) = self.post(&body).await;
        assert!(status == 400 || answer["ErrorMessage"].is_null(), "{answer}");
        answer["ErrorMessage"].as_str().unwrap_or_default().to_owned()
    }

    fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.simulator.change(|all| change(&mut all.settings));
    }

    fn pages(&self) -> usize {
        let count =
            |all: &AccountView| all.company(seed::COMPANY).unwrap().years.iter().map(|year| year.pages.len()).sum();
        self.simulator.read(count)
    }
}

/// A page that is right: a header with two cost lines.
fn page() -> Value {
    let columns = |columns: &[(&str, &str)]| -> Value {
        columns.iter().map(|(name, kind)| json!({ "Name": name, "FieldType": kind })).collect()
    };
    json!({
        "BookDate": "2026-03-14T00:00:00.000Z",
        "BusinessObject": "DJ2",
        "Table": {
            "Definition": { "Name": "DJ_PAGE", "Fields": columns(&[
                ("RowId", "C"), ("DJ_CODE", "C"), ("HDR_DESC", "C"), ("TRN_DATE", "T"), ("SUB_NR", "C"), ("INV_NR", "C"),
                ("CUR_CODE", "C"), ("CRED_DAYS", "N"), ("COMMENT1", "C"),
            ]) },
            "DetailDefinitions": [{ "Name": "DJ_LINE", "Fields": columns(&[
                ("RowId", "C"), ("HeaderId", "C"), ("ACCT_NR", "C"), ("TRN_DATE", "T"), ("TRN_DESC", "C"), ("AMOUNT", "N"),
                ("VAT_CODE", "C"), ("VAT_AMT", "N"), ("COST_CODE", "C"),
            ]) }],
        },
        "TableData": {
            "Data": { "Rows": [{ "Values": [
                "1", "INK", "Toner BV F-26-00417", "2026-03-14T00:00:00", "20001", "F-26-00417", "EUR", 30, "ref 8f2c41",
            ] }] },
            "DetailData": [{ "Rows": [
                { "Values": ["1", "1", "4600", "2026-03-14T00:00:00", "Toner", 100.00, "5", 21.00, "100"] },
                { "Values": ["2", "1", "4600", "2026-03-14T00:00:00", "Lunch", 50.00, "6", 4.50, ""] },
            ] }],
        },
    })
}

const HEADER: &str = "/TableData/Data/Rows/0/Values";
const LINE: &str = "/TableData/DetailData/0/Rows/0/Values";

#[tokio::test]
async fn the_gate_checks_token_scope_company_and_type() {
    let mut client = Client::start().await;
    assert_eq!(client.get("Companies").await.1[0]["Id"], seed::COMPANY);
    for (company, said) in [("", "Onderneming"), ("DEMO", "Onderneming DEMO onbekend")] {
        client.company = company;
        let (status, answer) = client.get("AccountViewData?BusinessObject=GL1").await;
        assert_eq!((status, &answer["ErrorType"]), (400, &json!("AccountViewError")));
        assert!(answer["ErrorMessage"].as_str().unwrap().starts_with(said), "{answer}");
        assert_eq!(client.get("Companies").await.0, 200, "needs no company");
    }
    client.company = seed::COMPANY;
    let plain = client.ask(reqwest::Method::POST, "AccountViewData").body(page().to_string());
    assert_eq!(read(plain.header("content-type", "text/plain")).await.0, 415);
    assert_eq!(client.get("AccountViewNothing").await.0, 404);
    let now = client.simulator.clock().now();
    client.token = client.simulator.change(|all| auth::connect(all, now, seed::APP, &[auth::READ])).access;
    assert_eq!(client.post(&page()).await.0, 403, "reading does not write");
    client.token = "AT-0".into();
    assert_eq!(client.get("Companies").await.0, 401);
    assert_eq!(client.pages(), 0);
}

#[tokio::test]
async fn a_page_is_stored_numbered_read_and_processed() {
    let client = Client::start().await;
    let (status, answer) = client.post(&page()).await;
    assert_eq!((status, &answer["DJ_PAGE"][0]["PAGE_NR"]), (200, &json!("26000001  ")));
    let find = "BookDate=2026-03-14&FilterControlSource1=INV_NR&FilterOperator1=Equal&FilterValueType1=C\
                &FilterValue1=F-26-00417&FilterControlSource2=SUB_NR&FilterOperator2=Equal&FilterValueType2=C\
                &FilterValue2=20001";
    let found = client.data(&format!("BusinessObject=DJ2P&{find}")).await;
    let header = &found["DJ_PAGE"][0];
    assert_eq!(
        (&header["PAGE_AMT"], &header["PAGE_VAT"], &header["PERIOD"]),
        (&json!(175.5), &json!(25.5), &json!(3.0))
    );
    assert_eq!(found["DJ_LINE"].as_array().unwrap().len(), 2);
    let other_year = client.data(&format!("BusinessObject=DJ2P&{}", find.replacen("2026", "2025", 1))).await;
    assert_eq!(other_year["DJ_PAGE"], json!([]), "each year has its own books");
    assert_eq!(client.data(&format!("BusinessObject=GJ1&{find}")).await["TRANSACT"], json!([]));
    let process = client.http.post(format!("{}/_sim/process", client.simulator.base_url()));
    assert_eq!(read(process.json(&json!({ "company": seed::COMPANY }))).await.0, 204);
    assert_eq!(client.data(&format!("BusinessObject=DJ2P&{find}")).await["DJ_PAGE"], json!([]), "it has left");
    let posted = client.data(&format!("BusinessObject=GJ1&{find}")).await;
    assert_eq!(
        (&posted["TRANSACT"][0]["ACCT_NR"], &posted["TRANSACT"][0]["AMOUNT"]),
        (&json!("1600      "), &json!(-175.5))
    );
    let all = client.data("BusinessObject=GJ1&BookDate=2026-03-14").await;
    let sum: f64 = all["TRANSACT"].as_array().unwrap().iter().map(|row| row["AMOUNT"].as_f64().unwrap()).sum();
    assert!(sum.abs() < 0.001, "{all}");
}

#[tokio::test]
async fn the_envelope_has_to_fit_the_dictionary() {
    let client = Client::start().await;
    for (place, value, said) in [
        ("/TableData/Data/Rows/0/Values", json!(["1", "INK"]), "Ongeldig aantal"),
        ("/Table/Definition/Name", json!("DJ_LINE"), "tabel DJ_LINE is onbekend"),
        ("/Table/Definition/Fields/1/Name", json!("NOTHING"), "Kolom NOTHING bestaat niet"),
        ("/Table/Definition/Fields/7/FieldType", json!("C"), "type C is ongeldig"),
        ("/Table/DetailDefinitions/0/Fields/5/FieldType", json!("C"), "type C is ongeldig"),
        ("/BusinessObject", json!("GL1"), "Business object GL1"),
        ("/BookDate", json!("14-03-2026"), "BookDate"),
        ("/BookDate", json!("2031-03-14"), "geen administratie voor datum 14-03-2031"),
        (&format!("{HEADER}/5"), json!("F-26-00417-22"), "INV_NR is te lang: 13"),
        (&format!("{HEADER}/5"), json!("Ł-1"), "codetabel"),
        (&format!("{HEADER}/3"), json!("14-03-2026"), "TRN_DATE"),
        (&format!("{HEADER}/7"), json!("30"), "CRED_DAYS"),
        (&format!("{HEADER}/7"), json!(1_000), "te groot"),
        (&format!("{LINE}/1"), json!("2"), "HeaderId 2"),
        (&format!("{LINE}/0"), json!("2"), "RowId"),
        (&format!("{LINE}/5"), json!("100"), "AMOUNT"),
    ] {
        let text = client.said(place, value).await;
        assert!(text.contains(said), "{place}: {text}");
    }
    assert_eq!(client.pages(), 0);
}

#[tokio::test]
async fn a_page_has_to_keep_the_rules_of_the_books() {
    let client = Client::start().await;
    client.simulator.change(|all| {
        let march = "2026-03-14".parse().unwrap();
        all.company_mut(seed::COMPANY).unwrap().year_mut(march).unwrap().close(4, true)
    });
    for (place, value, said) in [
        (&format!("{HEADER}/1"), json!("XYZ"), "Dagboek XYZ bestaat niet"),
        (&format!("{HEADER}/1"), json!("VRK"), "Debiteur 20001 bestaat niet"),
        (&format!("{HEADER}/2"), json!(""), "Omschrijving bladzijde is verplicht"),
        (&format!("{HEADER}/3"), json!("2026-04-14T00:00:00"), "Periode 4 van boekjaar 2026 is geblokkeerd"),
        (&format!("{HEADER}/3"), json!("2025-04-14T00:00:00"), "buiten boekjaar 2026"),
        (&format!("{HEADER}/4"), json!("29999"), "Crediteur 29999 bestaat niet"),
        (&format!("{HEADER}/4"), json!("20009"), "Crediteur 20009 is geblokkeerd"),
        (&format!("{HEADER}/5"), json!(""), "Factuurnummer is verplicht"),
        (&format!("{HEADER}/6"), json!("CHF"), "Valuta CHF"),
        (&format!("{LINE}/2"), json!("7777"), "Rekening 7777 bestaat niet"),
        (&format!("{LINE}/2"), json!("4999"), "Rekening 4999 is geblokkeerd"),
        (&format!("{LINE}/6"), json!("99"), "BTW-code 99 bestaat niet"),
        (&format!("{LINE}/6"), json!("1"), "niet van dit type dagboek"),
        (&format!("{LINE}/6"), json!("7"), "verlegde regel"),
        (&format!("{LINE}/7"), json!(21.10), "wijkt te veel af"),
        (&format!("{LINE}/8"), json!("999"), "Kostenplaats 999 bestaat niet"),
    ] {
        let text = client.said(place, value).await;
        assert!(text.contains(said), "{place}: {text}");
    }
    let mut bare = page();
    *bare.pointer_mut(&format!("{LINE}/2")).unwrap() = json!("4700");
    *bare.pointer_mut(&format!("{LINE}/8")).unwrap() = json!("");
    assert_eq!(client.post(&bare).await.1["ErrorMessage"], "Kostenplaats is verplicht bij rekening 4700.");
    *bare.pointer_mut(&format!("{LINE}/2")).unwrap() = json!("4800");
    *bare.pointer_mut(&format!("{LINE}/6")).unwrap() = json!("");
    assert_eq!(client.post(&bare).await.1["ErrorMessage"], "BTW-code is verplicht bij rekening 4800.");
    client.settings(|settings| settings.filling = Filling::Balanced);
    assert_eq!(client.post(&page()).await.1["ErrorMessage"], "De bladzijde is niet in evenwicht: 150.0.");
    assert_eq!(client.pages(), 0);
}

#[tokio::test]
async fn switches_decide_what_nobody_is_sure_of() {
    let client = Client::start().await;
    client.settings(|settings| (settings.duplicates, settings.error_status) = (Duplicates::Refuse, 200));
    assert_eq!(client.post(&page()).await.0, 200);
    let (status, answer) = client.post(&page()).await;
    assert_eq!((status, &answer["ErrorType"]), (200, &json!("AccountViewError")), "an error with a good status");
    assert!(answer["ErrorMessage"].as_str().unwrap().contains("F-26-00417 bestaat al"));
    client.settings(|settings| (settings.duplicates, settings.shows_stored) = (Duplicates::Accept, false));
    assert_eq!(client.post(&page()).await, (200, json!({})));
    client.settings(|settings| settings.insert_allowed = false);
    assert!(client.post(&page()).await.1["ErrorMessage"].as_str().unwrap().contains("rechten"));
    let (_, objects) = client.get("accountviewsystembusinessobjects").await;
    let pages = objects.as_array().unwrap().iter().find(|object| object["Code"] == "DJ2").unwrap();
    assert_eq!(pages["InsertAllowed"], false);
    client.settings(|settings| settings.reachable = false);
    let (_, answer) = client.get("AccountViewData?BusinessObject=GL1").await;
    assert!(answer["ErrorMessage"].as_str().unwrap().contains("niet bereikbaar"));
    assert_eq!(client.pages(), 2);
}

#[tokio::test]
async fn lists_have_filters_pages_fields_and_an_order() {
    let client = Client::start().await;
    let accounts = async |query: &str| -> Vec<String> {
        let answer = client.data(&format!("BusinessObject=GL1&{query}")).await;
        let code = |row: &Value| row["ACCT_NR"].as_str().unwrap().trim().to_owned();
        answer["LEDGER"].as_array().unwrap().iter().map(code).collect()
    };
    assert_eq!(accounts("PageSize=3").await, ["0110", "1300", "1510"]);
    assert_eq!(accounts("PageSize=3&PageNumber=2").await, ["1520", "1525", "1600"]);
    assert_eq!(accounts("PageSize=2&LastKey=1525").await, ["1600", "4600"]);
    assert_eq!(accounts("PageSize=2&SortFields=ACCT_NR&SortOrder=Descending").await, ["9999", "8000"]);
    let named = "FilterControlSource1=ledger.acct_name&FilterOperator1=Contains&FilterValueType1=C&FilterValue1=btw";
    assert_eq!(accounts(named).await, ["1510", "1520", "1525"]);
    let fields = client.data("BusinessObject=AP1&Fields=contact.sub_nr,contact.acct_name").await;
    assert_eq!(fields["CONTACT"][0].as_object().unwrap().len(), 4, "two columns and two technical members");
    client.settings(|settings| settings.single_row_as_object = true);
    assert_eq!(client.data("BusinessObject=AR1").await["CONTACT"]["SUB_NR"], "10001     ");
    for wrong in [
        "BusinessObject=GL1&PageSize=1001",
        "BusinessObject=GL1&Fields=ledger.nothing",
        "BusinessObject=GL1&Filter=1=1",
        "BusinessObject=GL1&Surprise=1",
        "BusinessObject=XX1",
        "BusinessObject=GL1&FilterControlSource1=NOTHING&FilterOperator1=Equal&FilterValueType1=C&FilterValue1=1",
        "BusinessObject=DJ2P&FilterControlSource1=TRN_DATE&FilterOperator1=DateOnOrAfterDate&FilterValueType1=D&FilterValue1=2026-03-14",
    ] {
        assert_eq!(client.get(&format!("AccountViewData?{wrong}")).await.0, 400, "{wrong}");
    }
    let fields = "AccountViewSystemData?BusinessObject=FLD&PageSize=256&FilterControlSource1=DBF_NAME\
                  &FilterOperator1=Contains&FilterValue1=DJ_LINE&FilterValueType1=C";
    let (_, dictionary) = client.get(fields).await;
    assert!(dictionary["DCT_FLD"].as_array().unwrap().iter().any(|row| row["FIELD_NAME"] == "AMOUNT    "));
}

#[tokio::test]
async fn each_refresh_token_and_code_works_once() {
    let client = Client::start().await;
    let base = client.simulator.base_url();
    let consent = |scope: &str| {
        let query = [
            ("response_type", "code"),
            ("client_id", seed::APP),
            ("redirect_uri", seed::REDIRECT_URI),
            ("scope", scope),
            ("state", "s 1"),
        ];
        client.http.get(url::Url::parse_with_params(&format!("{base}/ams/authorize.aspx"), query).unwrap()).send()
    };
    assert_eq!(consent("everything").await.unwrap().status().as_u16(), 400);
    let answer = consent("readaccountviewdata updateaccountviewdata").await.unwrap();
    let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let token = async |fields: &[(&str, &str)], secret: &str| {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("client_id", seed::APP).append_pair("client_secret", secret);
        let request = client.http.post(format!("{base}/api/v3/token")).body(form.finish());
        read(request.header("content-type", "application/x-www-form-urlencoded")).await
    };
    let exchange =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", seed::REDIRECT_URI)];
    assert_eq!(token(&exchange, "wrong").await.1["error"], "invalid_client");
    let (status, first) = token(&exchange, seed::SECRET).await;
    assert_eq!((status, &first["expires_in"]), (200, &json!(3_600)));
    assert_eq!(token(&exchange, seed::SECRET).await.1["error"], "invalid_grant");
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())];
    assert_eq!(token(&refresh, seed::SECRET).await.0, 200);
    assert_eq!(token(&refresh, seed::SECRET).await.1["error"], "invalid_grant", "it rotated");
}
