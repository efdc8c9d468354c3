//! The simulator of Multivers and Boekhoud Gemak keeps its rules: who may call, what it takes, what it refuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use simulators::clock::Clock;
use simulators::multivers::{BoekhoudGemak, Multivers, Product, auth, seed, state};
use simulators::stand::{Books, Handle, Options};

struct Client<P: Product> {
    simulator: Handle<P>,
    http: reqwest::Client,
    token: String,
}

const SCOPE: &str = "http%3A%2F%2FUNIT4.Multivers.API%2FWeb%2FWebApi%2F*";

impl<P: Product> Client<P> {
    async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let noon = DateTime::from_timestamp(1_782_907_200, 0).unwrap();
        let simulator = Options::<P>::demo().clock(&Clock::stopped(noon)).start().await.unwrap();
        let token = simulator.change(|books| auth::connect(books.state_mut(), noon, seed::APP)).access_token;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { simulator, http, token }
    }

    fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/V221/{path}", self.simulator.base_url()));
        request.header("accept", "application/json").bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.ask(reqwest::Method::GET, &format!("api/{}/{path}", P::DATABASE))).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.ask(reqwest::Method::POST, &format!("api/{}/{path}", P::DATABASE)).json(body)).await
    }

    async fn token(&self, form: &str) -> (u16, Value) {
        let request = self.http.post(format!("{}/V221/Oauth/Token", self.simulator.base_url())).body(form.to_owned());
        read(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    fn settings(&self, change: impl FnOnce(&mut state::Settings)) {
        self.simulator.change(|books| change(&mut books.state_mut().settings));
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A purchase that is right, with no more than what is certain.
fn invoice() -> Value {
    json!({
        "supplierId": "7001", "journalId": "I", "fiscalYear": 2026, "periodNumber": 3, "invoiceDate": "14-3-2026",
        "invoiceExpirationDate": "13-04-2026", "paymentConditionId": "30", "paymentReference": "1234567890123456",
        "vatAmount": 21.00,
        "supplierInvoiceLines": [{ "accountId": "4500", "description": "Toner", "debitAmount": 100.00,
            "debitAmountCur": 100.00, "vatAmount": 21.00, "vatAmountCur": 21.00, "transactionDate": "14-3-2026" }],
    })
}

#[tokio::test]
async fn an_invoice_is_kept_and_listed_with_dutch_dates() {
    let client = Client::<BoekhoudGemak>::start().await;
    let (status, made) = client.post("SupplierInvoice", &invoice()).await;
    assert_eq!((status, &made["amountTotal"], &made["journalTransaction"]), (200, &json!(121.0), &json!(1)), "{made}");
    assert_eq!((&made["invoiceDate"], &made["messages"]), (&json!("14-3-2026"), &json!([])));
    let id = made["invoiceId"].as_str().unwrap();
    assert_eq!(client.get(&format!("supplierinvoice/{id}.json")).await.1["invoiceId"], made["invoiceId"]);
    for (path, count) in [
        ("SupplierInvoiceInfoList/ByFiscalYear/2026/0?id=7001", 1),
        ("SupplierInvoiceInfoList/ByFiscalYear/2026/2?id=7001", 0),
        ("SupplierInvoiceInfoList/ByFiscalYear/2027/0?id=7001", 0),
        ("SupplierInvoiceInfoList/ByFiscalYear/2026/0?id=7002", 0),
        ("SupplierInvoiceInfoList/ByJournal/2026/I//0", 1),
        ("SupplierInvoiceInfoList/7001", 1),
        ("CustomerInvoiceInfoList/ByFiscalYear/2026/0", 0),
    ] {
        assert_eq!(client.get(path).await.1.as_array().unwrap().len(), count, "{path}");
    }
    assert_eq!(client.post("SupplierInvoice", &invoice()).await.0, 200, "the same number twice is taken");
    client.settings(|settings| settings.same_number = state::SameNumber::Refused);
    let mut numbered = invoice();
    numbered["reference"] = json!("F-1");
    assert_eq!(client.post("SupplierInvoice", &numbered).await.0, 200);
    assert_eq!(client.post("SupplierInvoice", &numbered).await.1["messages"][0]["path"], "reference");
    assert!(client.simulator.read(Books::page).contains("Toner"));
}

/// A client of others sends every member of its model, most of them as nothing, and both sides of a line.
#[tokio::test]
async fn a_sale_may_come_with_everything_that_is_nothing() {
    let client = Client::<Multivers>::start().await;
    let mut body = json!({
        "customerId": "1301", "journalId": "V", "fiscalYear": 2026, "periodNumber": 3, "invoiceDate": "14-03-2026",
        "invoiceExpirationDate": "13-04-2026", "paymentConditionId": "30", "paymentReference": "1", "reference": "V-1",
        "amountTotal": 121, "amountTotalCur": 121, "autoCalculateVat": false, "currencyId": "EUR",
        "totalAmountVatExcl": 100, "totalAmountVatExclCur": 100, "vatAmount": 21, "vatAmountCur": 21,
        "customerInvoiceLines": [{ "accountId": "8000", "creditAmount": 100, "creditAmountCur": 100, "debitAmount": 0,
            "debitAmountCur": 0, "description": "Omzet", "document": "", "transactionDate": "14-03-2026",
            "vatAmount": 21, "vatCodeId": 2 }],
    });
    for (name, nothing) in [
        ("accountManager", json!("")),
        ("amountRebate", json!(0)),
        ("canChange", json!(false)),
        ("invoiceType", json!(0)),
        ("messages", Value::Null),
        ("orderId", json!("")),
        ("vatTransactionLines", Value::Null),
    ] {
        body[name] = nothing;
    }
    let (status, made) = client.post("CustomerInvoice", &body).await;
    assert_eq!((status, &made["amountTotal"]), (200, &json!(121.0)), "{made}");
}

#[tokio::test]
async fn each_rule_refuses_and_says_which_member() {
    let client = Client::<Multivers>::start().await;
    for (pointer, value, path) in [
        ("/supplierId", Value::Null, "supplierId"),
        ("/supplierId", json!("1301"), "supplierId"),
        ("/journalId", json!("V"), "journalId"),
        ("/fiscalYear", json!(2030), "fiscalYear"),
        ("/periodNumber", json!(13), "periodNumber"),
        ("/invoiceDate", json!("2026-03-14"), "invoiceDate"),
        ("/invoiceDate", json!("31-2-2026"), "invoiceDate"),
        ("/invoiceExpirationDate", Value::Null, "invoiceExpirationDate"),
        ("/paymentConditionId", json!("99"), "paymentConditionId"),
        ("/paymentReference", json!(""), "paymentReference"),
        ("/paymentReference", json!("1".repeat(41)), "paymentReference"),
        ("/vatAmount", json!(20.99), "vatAmount"),
        ("/vatAmount", Value::Null, "vatAmount"),
        ("/amountTotal", json!(121.01), "amountTotal"),
        ("/currencyId", json!("XXX"), "currencyId"),
        ("/currencyId", json!("USD"), "exchangeRate"),
        ("/vatScenarioId", json!(99), "vatScenarioId"),
        ("/nonsense", json!(1), "nonsense"),
        ("/supplierInvoiceLines", json!([]), "supplierInvoiceLines"),
        ("/supplierInvoiceLines/0/accountId", json!("9999"), "supplierInvoiceLines[0].accountId"),
        ("/supplierInvoiceLines/0/description", json!("x".repeat(61)), "supplierInvoiceLines[0].description"),
        ("/supplierInvoiceLines/0/debitAmount", json!(100.001), "supplierInvoiceLines[0].debitAmount"),
        ("/supplierInvoiceLines/0/debitAmount", json!(99.0), "supplierInvoiceLines[0].debitAmount"),
        ("/supplierInvoiceLines/0/vatAmount", Value::Null, "supplierInvoiceLines[0].vatAmount"),
        ("/supplierInvoiceLines/0/vatCodeId", json!(77), "supplierInvoiceLines[0].vatCodeId"),
        ("/supplierInvoiceLines/0/vatCodeId", json!(3), "supplierInvoiceLines[0].vatAmount"),
        ("/supplierInvoiceLines/0/costCentreId", json!("900"), "supplierInvoiceLines[0].costCentreId"),
        ("/supplierInvoiceLines/0/costUnitId", json!("D9"), "supplierInvoiceLines[0].costUnitId"),
    ] {
        let mut body = invoice();
        match body.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                body.pointer_mut(parent).unwrap()[name] = value.clone();
            }
        }
        let (status, refused) = client.post("SupplierInvoice", &body).await;
        assert_eq!((status, &refused["messages"][0]["path"]), (400, &json!(path)), "{pointer} {value}: {refused}");
    }
    client.simulator.change(|books| books.0.database_mut(Multivers::DATABASE).unwrap().close(2026, 3, true));
    let (_, closed) = client.post("SupplierInvoice", &invoice()).await;
    assert_eq!(closed["messages"][0]["exceptionId"], "CLOSED");
    client.settings(|settings| settings.unknown_members = state::UnknownMembers::Ignored);
    let mut body = invoice();
    (body["nonsense"], body["periodNumber"]) = (json!(1), json!(4));
    assert_eq!(client.post("SupplierInvoice", &body).await.0, 200, "passed over");
}

#[tokio::test]
async fn links_and_sides_are_switches() {
    let client = Client::<Multivers>::start().await;
    let mut linked = invoice();
    linked["documentLink"] = json!({ "documentLink": "https://app.example/documents/1" });
    assert_eq!(client.post("SupplierInvoice", &linked).await.0, 200);
    client.settings(|settings| settings.links = state::Links::Refused);
    assert_eq!(client.post("SupplierInvoice", &linked).await.1["messages"][0]["path"], "documentLink");
    let mut negative = invoice();
    let line = &mut negative["supplierInvoiceLines"][0];
    (line["debitAmount"], line["debitAmountCur"]) = (json!(-100), json!(-100));
    (line["vatAmount"], line["vatAmountCur"]) = (json!(-21), json!(-21));
    negative["vatAmount"] = json!(-21);
    assert_eq!(client.post("SupplierInvoice", &negative).await.1["messages"][0]["exceptionId"], "SIDE");
    client.settings(|settings| settings.credit_notes = state::CreditNotes::Negative);
    assert_eq!(client.post("SupplierInvoice", &negative).await.1["amountTotal"], json!(-121.0));
}

#[tokio::test]
async fn the_gate_looks_at_token_version_administration_and_accept() {
    let client = Client::<Multivers>::start().await;
    let base = client.simulator.base_url().to_owned();
    let list = "api/MVL00124/VatCodeInfoList";
    let bare = client.http.get(format!("{base}/V221/{list}")).header("accept", "application/json");
    let (status, refused) = read(bare).await;
    assert_eq!((status, &refused["Message"]), (401, &json!("Authorization has been denied for this request.")));
    assert_eq!(read(client.ask(reqwest::Method::GET, "api/MVL99999/VatCodeInfoList")).await.0, 404);
    assert_eq!(read(client.http.get(format!("{base}/V1/{list}")).bearer_auth(&client.token)).await.0, 404);
    let xml = client.http.get(format!("{base}/V221/{list}")).header("accept", "application/xml");
    assert_eq!(read(xml.bearer_auth(&client.token)).await.0, 406);
    let text = client.ask(reqwest::Method::POST, "api/MVL00124/SupplierInvoice").body("{}");
    assert_eq!(read(text).await.0, 415);
    let names = read(client.ask(reqwest::Method::GET, "api/AdministrationNVL")).await.1;
    assert_eq!(names[0], json!({ "name": "MVL00124", "value": "Voorbeeld bedrijf" }));
    client.simulator.clock().advance(TimeDelta::seconds(3_600));
    assert_eq!(read(client.ask(reqwest::Method::GET, list)).await.0, 401, "an hour later");
}

#[tokio::test]
async fn consents_codes_and_refresh_tokens() {
    let client = Client::<BoekhoudGemak>::start().await;
    let base = client.simulator.base_url().to_owned();
    let page = |redirect: &str, scope: &str| {
        let query =
            format!("client_id={}&redirect_uri={redirect}&scope={scope}&response_type=code&state=s1", seed::APP);
        client.http.get(format!("{base}/V221/OAuth/Authorize?{query}")).send()
    };
    for (redirect, scope) in [(format!("{}/", seed::REDIRECT_URI), SCOPE), (seed::REDIRECT_URI.to_owned(), "all")] {
        assert_eq!(page(&redirect, scope).await.unwrap().status(), 400, "{redirect} {scope}");
    }
    let code = async || {
        let answer = page(seed::REDIRECT_URI, SCOPE).await.unwrap();
        let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(value("state"), "s1");
        value("code").replace('+', "%2B").replace('&', "%26").replace('=', "%3D")
    };
    let app = format!("client_id={}&client_secret={}", seed::APP, BoekhoudGemak::SECRET);
    let with = |code: &str, app: &str| {
        format!("grant_type=authorization_code&code={code}&redirect_uri={}&{app}", seed::REDIRECT_URI)
    };
    assert_eq!(client.token(&with(&code().await, "client_id=x&client_secret=y")).await.1["error"], "invalid_client");
    let wrong_way = format!("grant_type=authorization_code&code={}&redirect_uri=x&{app}", code().await);
    assert_eq!(client.token(&wrong_way).await.1["error"], "invalid_grant");
    let good = code().await;
    let (status, tokens) = client.token(&with(&good, &app)).await;
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(3_600)));
    assert_eq!(client.token(&with(&good, &app)).await.1["error"], "invalid_grant", "it works once");
    let refresh = format!("grant_type=refresh_token&refresh_token={}&{app}", tokens["refresh_token"].as_str().unwrap());
    assert_eq!(client.token(&refresh).await.1["refresh_token"], tokens["refresh_token"]);
    client.settings(|settings| settings.refresh_tokens = state::RefreshTokens::Rotating);
    assert_ne!(client.token(&refresh).await.1["refresh_token"], tokens["refresh_token"]);
    assert_eq!(client.token(&refresh).await.1["error"], "invalid_grant", "the old one is dead");
    assert_eq!(client.token("grant_type=password").await.1["error"], "invalid_client");
}

#[tokio::test]
async fn lists_are_filtered_and_cut_unless_they_ignore_it() {
    let client = Client::<Multivers>::start().await;
    let count = async |path: &str| client.get(path).await.1.as_array().map(Vec::len);
    assert_eq!(count("SupplierInfoList?$filter=SupplierId%20eq%20'7002'").await, Some(1));
    assert_eq!(count("SupplierInfoList?$top=1&$skip=1").await, Some(1));
    assert_eq!(count("SupplierInfoList?$filter=supplierId%20eq%20'7002'").await, None, "names begin with a capital");
    client.settings(|settings| settings.filters = state::Filters::Ignored);
    assert_eq!(count("SupplierInfoList?$filter=SupplierId%20eq%20'7002'&$top=1").await, Some(2));
    for list in [
        "AccountInfoList/2026",
        "AccountNVL?fiscalYear=2026",
        "PeriodInfoList?fiscalYear=2026",
        "FiscalYearInfoList",
        "JournalInfoList?fiscalYear=2026",
        "JournalTypeNVL",
        "PaymentConditionInfoList",
        "CostCentreNVL",
        "CostUnitNVL",
        "CurrencyInfoList",
        "PurchaseVatScenarioNVL?fiscalYear=2026",
        "SupplierNVL",
        "CustomerNVL",
        "BankAccountInfoList",
        "BankAccountInfoList/BySupplierId/7001",
    ] {
        assert!(count(list).await.is_some_and(|count| count > 0), "{list}");
    }
    assert_eq!(client.get("AccountInfoList/2030").await.0, 400, "accounts belong to a year");
    let (status, made) = client.post("Supplier", &json!({ "name": "Nieuw", "shortName": "Nieuw" })).await;
    assert_eq!((status, &made["supplierId"]), (200, &json!("7003")));
    assert_eq!(client.post("Supplier", &json!({ "name": "Nieuw" })).await.1["messages"][0]["path"], "shortName");
}

#[tokio::test]
async fn the_type_of_a_journal_entrys_line_stands_first() {
    let client = Client::<Multivers>::start().await;
    let kind = "UNIT4.Multivers.API.BL.Financial.Edit.BasicEntryProxy, UNIT4.Multivers.API.Web.WebApi.Model";
    let body = |first: &str, last: &str, credit: &str| {
        format!(
            r#"{{"journalId":"M","fiscalYear":2026,"periodNumber":3,"transactionDate":"14-3-2026","finTransEntries":[
            {{{first}"accountId":"4500","debitAmount":10.00{last}}},
            {{"$type":"{kind}","accountId":"4600","creditAmount":{credit}}}]}}"#
        )
    };
    let (first, last) = (format!("\"$type\":\"{kind}\","), format!(",\"$type\":\"{kind}\""));
    for (body, status) in [
        (body(&first, "", "10.00"), 200),
        (body("", &last, "10.00"), 400),
        (body("", "", "10.00"), 400),
        (body(&first, "", "9.99"), 400),
    ] {
        let request = client.ask(reqwest::Method::POST, "api/MVL00124/FinTrans.json").body(body);
        assert_eq!(read(request.header("content-type", "application/json; charset=utf-8")).await.0, status);
    }
    assert_eq!(client.get("FinTrans/2026/M/1").await.1["journalTransaction"], json!(1));
}
