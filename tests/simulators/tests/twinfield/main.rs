//! The simulator of Twinfield keeps its word: what it takes, what it refuses, and what it says then.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use chrono::{DateTime, TimeDelta};
use reqwest::StatusCode;
use rust_decimal::dec;
use simulators::clock::Clock;
use simulators::stand::{Handle, Options};
use simulators::twinfield::xml::Element;
use simulators::twinfield::{Twinfield, auth, books, seed};

struct Client {
    twinfield: Handle<Twinfield>,
    http: reqwest::Client,
    token: String,
    cluster: &'static str,
    company: Option<&'static str>,
}

struct Reply {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Reply {
    fn xml(&self) -> Element {
        Element::read(&self.text).unwrap_or_else(|| panic!("no XML: {}", self.text))
    }

    fn result(&self) -> Element {
        let envelope = self.xml();
        let body = envelope.child("Body").and_then(|body| body.child("ProcessXmlStringResponse"));
        let text =
            body.and_then(|body| body.text_of("ProcessXmlStringResult")).unwrap_or_else(|| panic!("{}", self.text));
        Element::read(text).expect("XML in XML")
    }

    fn fault(&self) -> String {
        let envelope = self.xml();
        let fault = envelope.child("Body").and_then(|body| body.child("Fault")).expect("a fault");
        fault.child("detail").and_then(|detail| detail.text_of("code")).expect("a code").to_owned()
    }
}

const ACTION: &str = "\"http://www.twinfield.com/ProcessXmlString\"";
const TEXT_XML: &str = "text/xml; charset=utf-8";

impl Client {
    async fn start() -> Self {
        let noon = DateTime::from_timestamp(1_782_907_200, 0).expect("in range");
        let twinfield = Options::<Twinfield>::demo().clock(&Clock::stopped(noon)).start().await.expect("it starts");
        let token = twinfield.change(|books| auth::connect(books, noon, seed::APP, seed::ORGANISATION, seed::USER));
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { twinfield, http, token: token.access_token, cluster: seed::CLUSTER, company: Some(seed::OFFICE) }
    }

    fn envelope(&self, body: Element) -> Element {
        let mut header = Element::new("Header").attribute("xmlns", "http://www.twinfield.com/");
        if !self.token.is_empty() {
            header = header.field("AccessToken", &self.token);
        }
        if let Some(company) = self.company {
            header = header.field("CompanyCode", company);
        }
        let header = header.with(Element::new("CompanyId"));
        Element::new("soap:Envelope")
            .with(Element::new("soap:Header").with(header))
            .with(Element::new("soap:Body").with(body))
    }

    async fn send(&self, service: &str, action: &str, kind: &str, body: String) -> Reply {
        let url = format!("{}/{}/webservices/{service}", self.twinfield.base_url(), self.cluster);
        let request = self.http.post(url).header("content-type", kind).header("SOAPAction", action).body(body);
        let answer = request.send().await.expect("an answer");
        Reply { status: answer.status(), headers: answer.headers().clone(), text: answer.text().await.expect("a text") }
    }

    async fn process(&self, request: &str) -> Reply {
        let body = Element::new("ProcessXmlString").field("xmlRequest", request);
        self.send("processxml.asmx", ACTION, TEXT_XML, self.envelope(body).write()).await
    }

    /// Posts with one element replaced.
    async fn post(&self, from: &str, to: &str) -> Element {
        let request = TRANSACTION.replacen(from, to, 1);
        assert!(from == to || request != TRANSACTION, "{from} is in it");
        self.process(&request).await.result()
    }

    fn office<T>(&self, look: impl FnOnce(&books::Office) -> T) -> T {
        self.twinfield.read(|books| look(books.office(seed::OFFICE).expect("the company")))
    }
}

const TRANSACTION: &str = "<transaction destiny=\"temporary\" raisewarning=\"true\" autobalancevat=\"true\"><header>\
    <office>NL001</office><code>INK</code><currency>EUR</currency><date>20260701</date>\
    <invoicenumber>F-1</invoicenumber><duedate>20260731</duedate><freetext3>key</freetext3></header><lines>\
    <line type=\"total\" id=\"1\"><dim2>2001</dim2><debitcredit>credit</debitcredit><value>121.00</value></line>\
    <line type=\"detail\" id=\"2\"><dim1>4600</dim1><debitcredit>debit</debitcredit><value>100.00</value>\
    <description>Paper</description><vatcode>IH</vatcode><vatvalue>21.00</vatvalue></line></lines></transaction>";

/// Every message in an answer, with the element it stands on.
fn complaints(element: &Element) -> Vec<(String, String)> {
    let own = element.get("msg").map(|text| (element.name.clone(), text.to_owned()));
    own.into_iter().chain(element.children.iter().flat_map(complaints)).collect()
}

#[tokio::test]
async fn the_gate_checks_token_server_company_and_form() {
    let mut client = Client::start().await;
    let list = "<list><type>offices</type></list>";
    assert_eq!(client.process(list).await.result().children.len(), 2);
    let body = || Element::new("ProcessXmlString").field("xmlRequest", list);
    let good = client.envelope(body()).write();
    for (action, kind, body, status) in [
        ("\"http://www.twinfield.com/Search\"", TEXT_XML, good.clone(), 500),
        ("http://www.twinfield.com/ProcessXmlString", TEXT_XML, good.clone(), 500),
        (ACTION, "application/json", good.clone(), 415),
        (ACTION, TEXT_XML, "no XML".to_owned(), 400),
        (ACTION, TEXT_XML, good.replace("&lt;", "<").replace("&gt;", ">"), 400),
        (ACTION, TEXT_XML, good.replace("<Header xmlns=\"http://www.twinfield.com/\">", "<Header>"), 400),
    ] {
        assert_eq!(client.send("processxml.asmx", action, kind, body).await.status.as_u16(), status, "{action} {kind}");
    }
    let read = "<read><type>vat</type><office>NL001</office><code>IH</code></read>";
    client.company = None;
    assert_eq!(client.process(read).await.status, StatusCode::FORBIDDEN);
    client.company = Some(seed::OFFICE);
    client.cluster = "c1";
    assert_eq!(client.process(read).await.fault(), "108");
    client.cluster = seed::CLUSTER;
    let token = std::mem::take(&mut client.token);
    assert_eq!(client.process(read).await.fault(), "101");
    client.token = "unknown".to_owned();
    let refused = client.process(read).await;
    assert_eq!((refused.status, refused.fault().as_str()), (StatusCode::UNAUTHORIZED, "354"));
    client.token = token;
    client.twinfield.clock().advance(TimeDelta::seconds(auth::ACCESS_SECONDS));
    assert_eq!(client.process(read).await.fault(), "354");
}

#[tokio::test]
async fn a_transaction_is_booked_with_its_vat_and_shown() {
    let client = Client::start().await;
    let answer = client.post("", "").await;
    assert_eq!((answer.get("result"), answer.get("location")), (Some("1"), Some("temporary")));
    let header = answer.child("header").expect("a header");
    assert_eq!(header.text_of("number"), Some("202600001"));
    assert_eq!(header.text_of("period"), Some("2026/07"));
    let lines = &answer.child("lines").expect("lines").children;
    let shown: Vec<_> =
        lines.iter().map(|line| (line.get("type"), line.text_of("debitcredit"), line.text_of("value"))).collect();
    assert_eq!(
        shown,
        [
            (Some("total"), Some("credit"), Some("121.00")),
            (Some("detail"), Some("debit"), Some("100.00")),
            (Some("vat"), Some("debit"), Some("21.00")),
        ]
    );
    let balances = client.office(books::Office::balances);
    assert_eq!((balances["1600"], balances["4600"], balances["1520"]), (dec!(-121.00), dec!(100.00), dec!(21.00)));
    let page = client.http.get(client.twinfield.base_url()).send().await.expect("a page").text().await.expect("text");
    assert!(page.contains("F-1") && page.contains("Paper Co B.V."), "{page}");
    // A second one like it is taken: that is what makes a lost answer dangerous.
    assert_eq!(client.post("", "").await.child("header").expect("a header").text_of("number"), Some("202600002"));
}

#[tokio::test]
async fn what_is_wrong_is_said_on_the_element_that_is_wrong() {
    let client = Client::start().await;
    for (from, to, on, words) in [
        ("<code>INK</code>", "<code>XX</code>", "code", "Dagboek XX bestaat niet"),
        ("<currency>EUR</currency>", "<currency>XXX</currency>", "currency", "Valuta"),
        ("<date>20260701</date>", "<date>2026-07-01</date>", "date", "ongeldig"),
        ("<date>20260701</date>", "<date>20240110</date>", "header", "gesloten"),
        ("<date>20260701</date>", "<date>20300110</date>", "header", "niet bestaat"),
        ("<date>", "<period>2026/08</period><date>", "date", "valt buiten"),
        ("<freetext3>key", "<freetext2>key</freetext2><freetext3>key", "freetext2", "niet toegestaan"),
        ("<invoicenumber>F-1", "<invoicenumber>12345678901234567890123456789012345678901", "invoicenumber", "te lang"),
        ("<dim2>2001", "<dim2>2999", "dim2", "komt niet voor"),
        ("<dim2>2001", "<dim2>2009", "dim2", "komt niet voor"),
        ("<dim2>2001", "<dim2>1001", "dim2", "komt niet voor"),
        ("<dim1>4600", "<dim1>4999", "dim1", "komt niet voor"),
        ("<dim1>4600", "<dim1>4700", "dim1", "kostenplaats"),
        ("<vatcode>IH", "<vatcode>IO", "vatcode", "niet actief"),
        ("<vatcode>IH", "<vatcode>VH", "vatcode", "van het type Verkoop"),
        ("<description>Paper", "<description>12345678901234567890123456789012345678901", "description", "te lang"),
        ("<value>100.00", "<value>-100.00", "value", "ongeldig"),
        ("<value>100.00", "<value>100,00", "value", "ongeldig"),
        ("<value>100.00", "<value>99.97", "transaction", "Er ontbreekt 0.03 debet"),
        ("<debitcredit>debit", "<debitcredit>Debit", "debitcredit", "ongeldig"),
        ("<description>", "<inuse>true</inuse><description>", "inuse", "mag niet worden aangeleverd"),
        ("destiny=\"temporary\"", "destiny=\"draft\"", "transaction", "bestemming"),
        ("<office>NL001", "<office>NL009", "transaction", "De administratie bestaat niet"),
    ] {
        let answer = client.post(from, to).await;
        assert_eq!(answer.get("result"), Some("0"), "{to}");
        let found = complaints(&answer);
        assert!(found.iter().any(|(at, text)| at == on && text.contains(words)), "{to}: {found:?}");
    }
    assert!(client.office(|office| office.transactions.is_empty()), "nothing was booked");
}

#[tokio::test]
async fn two_cents_of_vat_are_balanced_when_that_is_wanted() {
    let client = Client::start().await;
    let answer = client.post("<value>121.00", "<value>121.02").await;
    assert_eq!(answer.get("result"), Some("1"));
    assert_eq!(client.office(|office| office.transactions[0].vat()), dec!(21.02));
    let strict = TRANSACTION.replace("autobalancevat=\"true\"", "autobalancevat=\"false\"").replace("121.00", "121.01");
    assert_eq!(client.process(&strict).await.result().get("result"), Some("0"));
}

#[tokio::test]
async fn drafts_are_changed_and_removed_and_finals_are_not() {
    let client = Client::start().await;
    client.post("", "").await;
    let changed = client.post("<invoicenumber>F-1", "<number>202600001</number><invoicenumber>F-2").await;
    assert_eq!(changed.get("result"), Some("1"));
    assert_eq!(client.office(|office| office.transactions.len()), 1);
    assert_eq!(client.office(|office| office.transactions[0].invoice_number.clone()), "F-2");
    let delete = |number: u32| {
        format!(
            "<transaction action=\"delete\" reason=\"Twice\"><office>NL001</office><code>INK</code><number>{number}</number></transaction>"
        )
    };
    assert_eq!(client.process(&delete(202_600_001)).await.result().get("result"), Some("1"));
    client.post("destiny=\"temporary\"", "destiny=\"final\"").await;
    assert_eq!(client.process(&delete(202_600_001)).await.result().get("result"), Some("0"));
}

#[tokio::test]
async fn warnings_block_unless_they_are_switched_off() {
    let client = Client::start().await;
    let warn = |books: &mut Twinfield| {
        let office = books.office_mut(seed::OFFICE).expect("the company");
        office.daybooks[0].same_number = books::SameNumber::Warn;
    };
    client.twinfield.change(warn);
    client.post("", "").await;
    let refused = client.post("", "").await;
    assert_eq!(complaints(&refused), [("invoicenumber".to_owned(), "Factuurnummer F-1 komt reeds voor.".to_owned())]);
    assert_eq!(client.post("raisewarning=\"true\"", "raisewarning=\"false\"").await.get("result"), Some("1"));
}

#[tokio::test]
async fn browses_filter_and_show_drafts_with_their_key() {
    let client = Client::start().await;
    client.post("", "").await;
    client.post("F-1", "F-2").await;
    let column = |field: &str, operator: &str, from: &str, to: &str| {
        format!(
            "<column><field>{field}</field><label>x</label><visible>true</visible><ask>true</ask>\
             <operator>{operator}</operator><from>{from}</from><to>{to}</to></column>"
        )
    };
    let browse = |columns: String| format!("<columns code=\"200\">{columns}</columns>");
    let wanted = column("fin.trs.head.yearperiod", "between", "2026/01", "2026/12")
        + &column("fin.trs.line.dim2", "between", "2001", "2001")
        + &column("fin.trs.line.invnumber", "equal", "F-2", "");
    let found = client.process(&browse(wanted)).await.result();
    let rows: Vec<&Element> = found.children.iter().filter(|child| child.name == "tr").collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].child("key").and_then(|key| key.text_of("number")), Some("202600002"));
    let other = client.process(&browse(column("fin.trs.head.date", "equal", "20260701", ""))).await.result();
    assert_eq!(other.get("result"), Some("0"), "a filter that Twinfield does not take");
}

#[tokio::test]
async fn reading_costs_one_credit_and_writing_three() {
    let client = Client::start().await;
    client.twinfield.change(|books| books.credits_per_minute = 5);
    let list = "<list><type>offices</type></list>";
    let first = client.process(list).await;
    assert_eq!(first.headers["X-RateLimit-Remaining"], "4");
    assert_eq!(client.post("", "").await.get("result"), Some("1"));
    let refused = client.process(TRANSACTION).await;
    assert_eq!((refused.status.as_u16(), &refused.headers["Retry-After"]), (429, &"60".parse().expect("a header")));
    assert_eq!(client.office(|office| office.transactions.len()), 1, "it was not carried out");
    assert_eq!(client.process(list).await.headers["X-RateLimit-Remaining"], "0");
}

#[tokio::test]
async fn organisations_share_the_credits_of_an_app() {
    const LIST: &str = "<list><type>offices</type></list>";
    let first = Client::start().await;
    let second = {
        let now = first.twinfield.clock().now();
        let token = first.twinfield.change(|books| {
            books.app_credits_per_minute = 4;
            let other = books::Organisation { code: "OTHER".into(), ..books.organisations[0].clone() };
            books.organisations.push(other);
            auth::connect(books, now, seed::APP, "OTHER", seed::USER)
        });
        token.access_token
    };
    assert_eq!(first.process(LIST).await.headers["X-RateLimit-Remaining"], "499", "that of the organisation");
    let first = Client { token: second, ..first };
    assert_eq!(first.post("", "").await.get("result"), Some("1"));
    let refused = first.process(LIST).await;
    assert_eq!((refused.status.as_u16(), &refused.headers["Retry-After"]), (429, &"60".parse().expect("a header")));
    assert_eq!(first.twinfield.read(|books| books.app_usage[seed::APP].most), 4);
    first.twinfield.clock().advance(chrono::TimeDelta::minutes(1));
    assert_eq!(first.process(LIST).await.status, StatusCode::OK);
}

#[tokio::test]
async fn messages_are_in_the_language_of_the_user() {
    let client = Client::start().await;
    client.twinfield.change(|books| books.organisations[0].users[0].language = books::Language::En);
    let answer = client.post("<dim1>4600", "<dim1>4999").await;
    assert_eq!(
        complaints(&answer),
        [("dim1".to_owned(), "Dimension 4999 does not exist in company NL001.".to_owned())]
    );
}
