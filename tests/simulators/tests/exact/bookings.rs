use rust_decimal::Decimal;
use serde_json::{Value, json};
use simulators::exact::books::{Entry, PeriodState};
use simulators::exact::state::{HeaderSign, ReadOnly};
use simulators::exact::{Direction, Handle, Language, seed};

use crate::support::{
    Client, PURCHASES, Reply, SALES, gl, line, purchase, relation, sale, seconds, speak, start, with,
};

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a decimal")
}

fn balance(exact: &Handle, gl_account: &str) -> String {
    exact.balance(seed::DIVISION, gl_account).to_string()
}

/// The entry of an answer, as the books hold it.
fn booked(exact: &Handle, reply: &Reply) -> Entry {
    assert_eq!(reply.status, 201, "{reply:?}");
    let id = reply.d()["EntryID"].as_str().expect("an id").parse().expect("a GUID");
    exact
        .read(|state| state.division(seed::DIVISION).expect("the division").entries.get(&id).expect("an entry").clone())
}

async fn refusal(client: &Client, path: &str, body: &Value) -> String {
    let reply = client.post(path, body).await;
    assert_eq!(reply.status, 500, "{reply:?}");
    reply.message()
}

#[tokio::test]
async fn a_purchase_is_numbered_computed_and_booked() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let lines = [line(&exact, "4500", "100.00", "21"), line(&exact, "4600", "50.05", "9")];
    let reply = client.post(PURCHASES, &purchase(&exact, &lines)).await;
    let entry = booked(&exact, &reply);
    assert_eq!((entry.entry_number, entry.kind, entry.status), (26_600_001, 30, 20));
    assert_eq!((entry.reporting_year, entry.reporting_period), (2026, 7));
    assert_eq!(entry.due_date.map(|date| date.to_string()).as_deref(), Some("2026-07-31"));
    assert_eq!((entry.amount_fc, entry.vat_amount_fc), (decimal("175.55"), Some(decimal("25.50"))));
    assert!(
        reply.text.contains("\"AmountFC\":175.55") && reply.text.contains("\"VATAmountFC\":25.5"),
        "{}",
        reply.text
    );
    assert!(reply.d()["PurchaseEntryLines"]["__deferred"]["uri"].is_string());
    assert_eq!(reply.d()["CreatorFullName"], json!("Robot Facturen"));
    let balances = ["4500", "4600", "1520", "1600"].map(|code| balance(&exact, code));
    assert_eq!(balances, ["100.00", "50.05", "25.50", "-175.55"]);
    assert_eq!(exact.balances(seed::DIVISION).relation(seed::SUPPLIER), decimal("-175.55"));

    let second = client.post(PURCHASES, &purchase(&exact, &lines)).await;
    assert_eq!(booked(&exact, &second).entry_number, 26_600_002, "an equal YourRef is accepted");
}

#[tokio::test]
async fn invoice_and_credit_note_leave_nothing() {
    let exact = start().await;
    let client = Client::connect(&exact);
    client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "99.99", "21")])).await;
    let credit = client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "-99.99", "21")])).await;
    assert_eq!(booked(&exact, &credit).kind, 31);
    client.post(SALES, &sale(&exact, &[line(&exact, "8000", "10.01", "S21")])).await;
    let credit = client.post(SALES, &sale(&exact, &[line(&exact, "8000", "-10.01", "S21")])).await;
    assert_eq!(booked(&exact, &credit).kind, 21);
    assert!(exact.balances(seed::DIVISION).all_zero());
    assert_eq!(exact.balances(seed::DIVISION).ledger_accounts.len(), 6);
}

#[tokio::test]
async fn the_vat_that_is_sent_counts() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let override_vat = with(line(&exact, "4500", "100", "21"), "VATAmountFC", json!(21));
    let amount = "{\"a\":20.99}";
    let sent: Value = serde_json::from_str(amount).expect("a number");
    let entry =
        client.post(PURCHASES, &purchase(&exact, &[with(override_vat, "VATAmountFC", sent["a"].clone())])).await;
    assert_eq!(booked(&exact, &entry).amount_fc, decimal("120.99"));
    let inclusive = client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "121", "21I")])).await;
    let inclusive = booked(&exact, &inclusive);
    assert_eq!((inclusive.amount_fc, inclusive.lines[0].amount_fc), (decimal("121.00"), Some(decimal("100.00"))));
    let vat_on_base_only = with(line(&exact, "4500", "100", "Z"), "VATAmountFC", 21);
    assert_eq!(refusal(&client, PURCHASES, &purchase(&exact, &[vat_on_base_only])).await, "Invalid: VAT percentage []");
}

#[tokio::test]
async fn numbers_beyond_a_binary_float_stay_exact() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let body = purchase(&exact, &[line(&exact, "4500", "1", "Z")]).to_string();
    let body = body.replace("\"AmountFC\":1", "\"AmountFC\":9007199254740993.01");
    let reply = client.post_text(PURCHASES, &body).await;
    assert_eq!(booked(&exact, &reply).amount_fc, decimal("9007199254740993.01"));
    assert!(reply.text.contains("\"AmountFC\":9007199254740993.01"));
    let text = client.post_text(PURCHASES, &body.replace("9007199254740993.01", "\"1.00\"")).await;
    assert_eq!(text.status, 400, "an amount as text");
}

#[tokio::test]
async fn reverse_charge_books_both_sides() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let reply = client.post(PURCHASES, &purchase(&exact, &[line(&exact, "7000", "1000", "IC")])).await;
    let entry = booked(&exact, &reply);
    assert_eq!((entry.amount_fc, entry.vat_amount_fc), (decimal("1000"), Some(Decimal::ZERO)));
    let balances = ["7000", "1520", "1500", "1600"].map(|code| balance(&exact, code));
    assert_eq!(balances, ["1000.00", "210.00", "-210.00", "-1000.00"]);
}

#[tokio::test]
async fn foreign_currency_is_booked_in_the_own_one() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let entry = with(purchase(&exact, &[line(&exact, "4500", "1000", "25")]), "Currency", "SEK");
    let reply = client.post(PURCHASES, &entry).await;
    let entry_booked = booked(&exact, &reply);
    assert_eq!((entry_booked.amount_fc, entry_booked.amount_dc), (decimal("1250"), decimal("106.25")));
    assert_eq!(["4500", "1520", "1600"].map(|code| balance(&exact, code)), ["85.00", "21.25", "-106.25"]);
    let other_journal = with(entry.clone(), "Journal", "61");
    assert_eq!(refusal(&client, PURCHASES, &other_journal).await, "Not allowed: Currency");
    let with_rate = with(with(entry.clone(), "Currency", "EUR"), "Rate", 2);
    assert_eq!(refusal(&client, PURCHASES, &with(with_rate, "Journal", "61")).await, "Not allowed: Exchange rate");
    assert_eq!(refusal(&client, PURCHASES, &with(entry, "Currency", "XYZ")).await, "Invalid reference: Currency");
}

#[tokio::test]
async fn every_reference_is_checked() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let good = || purchase(&exact, &[line(&exact, "4500", "100", "21")]);
    let of_line = |line: Value| purchase(&exact, &[line]);
    let supplier = |code: &str| with(good(), "Supplier", relation(&exact, code).to_string());
    let nobody = "000000a1-0000-4000-8000-0000000fffff";
    let plain = |gl_code: &str| line(&exact, gl_code, "100", "21");
    for (body, english) in [
        (json!({}), "Mandatory: Journal\nMandatory: Account\nMandatory: Entry lines"),
        (with(good(), "Journal", "nope"), "Invalid reference: Journal"),
        (with(good(), "Journal", "70"), "Invalid: Journal (type)"),
        (with(good(), "Supplier", nobody), "Invalid reference: Account"),
        (supplier(seed::CUSTOMER), "Invalid: Supplier (Type)"),
        (supplier(seed::BLOCKED_SUPPLIER), "Blocked: Account"),
        (
            supplier(seed::SUPPLIER_WITHOUT_PAYABLE),
            "Not found: Account (1004 - Scheve Leverancier) - G/L Account: 4600",
        ),
        (with(good(), "PaymentCondition", "99"), "Invalid reference: Payment condition"),
        (with(good(), "Document", nobody), "Invalid reference: Document"),
        (with(good(), "EntryDate", "2001-01-01T00:00:00"), "Unknown: Financial year (Period-date table)"),
        (with(good(), "EntryDate", "2014-06-01T00:00:00"), "Period is closed"),
        (
            with(good(), "VATAmountFC", 22),
            "Entry is out of balance on: 2026 / 7 (Type: Purchase entry) - Difference: EUR 1,00",
        ),
        (with(good(), "YourRef", "x".repeat(31)), "Maximum length exceeded: Your ref."),
        (of_line(json!({"VATCode": "21"})), "Mandatory: G/L Account\nMandatory: Amount"),
        (of_line(with(plain("4500"), "GLAccount", nobody)), "Invalid reference: G/L Account"),
        (of_line(plain("4999")), "Invalid reference: G/L Account"),
        (of_line(plain("1600")), "Invalid G/L account type"),
        (of_line(with(plain("4500"), "VATCode", "21 ")), "Invalid reference: VAT code"),
        (of_line(with(plain("4500"), "VATCode", "19O")), "Invalid reference: VAT code"),
        (of_line(with(plain("4500"), "VATCode", "S21")), "Not allowed: VAT code"),
        (with(good(), "Journal", "65"), "Not allowed: VAT code"),
        (of_line(with(plain("4500"), "VATPercentage", 9)), "Invalid: VAT percentage []"),
        (of_line(with(plain("4500"), "CostCenter", "KP99")), "Invalid reference: Cost center"),
        (of_line(with(plain("4500"), "CostCenter", "KP09")), "Invalid reference: Cost center"),
        (of_line(plain("4800")), "Mandatory: Cost center"),
        (of_line(with(plain("4900"), "CostCenter", "KP01")), "Invalid: Cost center link"),
        (of_line(with(plain("4500"), "CostUnit", "P999")), "Invalid reference: Cost unit"),
        (of_line(with(plain("4500"), "Project", nobody)), "Invalid reference: Project"),
    ] {
        assert_eq!(refusal(&client, PURCHASES, &body).await, english, "{body}");
    }
    assert!(exact.entries(seed::DIVISION, Direction::Purchase).is_empty());
    assert_eq!(
        booked(&exact, &client.post(PURCHASES, &of_line(with(plain("4800"), "CostCenter", "KP01"))).await).kind,
        30
    );
}

#[tokio::test]
async fn messages_follow_the_language_of_the_user() {
    let exact = start().await;
    speak(&exact, Language::Nl);
    let client = Client::connect(&exact);
    let good = || purchase(&exact, &[line(&exact, "4500", "100", "21")]);
    let customer = relation(&exact, seed::CUSTOMER).to_string();
    let unknown_vat = purchase(&exact, &[line(&exact, "4500", "100", "nope")]);
    for (body, dutch) in [
        (json!({}), "Verplicht: Dagboek\nVerplicht: Relatie\nVerplicht: Boekingsregels"),
        (with(good(), "EntryDate", "2014-04-01"), "Periode is afgesloten: 2014 - 4"),
        (unknown_vat, "Ongeldige referentie: Btw-code"),
        (with(good(), "Supplier", customer), "Ongeldig: Leverancier (type)"),
        (
            with(good(), "VATAmountFC", 20),
            "De boeking is niet in evenwicht op: 2026 / 7 (Type: Inkoopboeking) - Verschil: EUR -1,00",
        ),
    ] {
        assert_eq!(refusal(&client, PURCHASES, &body).await, dutch);
    }
}

#[tokio::test]
async fn terms_come_from_the_relation_or_the_division_or_must_be_sent() {
    let exact = start().await;
    let mut client = Client::connect(&exact);
    client.division = seed::SECOND_DIVISION;
    let (supplier, account) = exact.read(|state| {
        let books = state.division(seed::SECOND_DIVISION).expect("the division");
        let account = books.gl_account_by_code("4500").expect("an account").id;
        (books.account_by_code(seed::SUPPLIER).expect("a supplier").id, account)
    });
    let lines = json!([{"GLAccount": account.to_string(), "AmountFC": 1, "VATCode": "21"}]);
    let entry = json!({"Journal": "60", "Supplier": supplier.to_string(), "PurchaseEntryLines": lines});
    let missing = "Mandatory: Payment condition\nMandatory: Due date";
    assert_eq!(refusal(&client, PURCHASES, &entry).await, missing);
    let ended = with(entry.clone(), "PaymentCondition", "EM");
    assert_eq!(client.post(PURCHASES, &ended).await.d()["DueDate"], json!("/Date(1785456000000)/"));
    assert_eq!(client.post(PURCHASES, &with(entry, "DueDate", "2026-08-01T00:00:00")).await.status, 201);
}

#[tokio::test]
async fn a_rounding_account_takes_the_cent() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let rounding = gl(&exact, "4900");
    exact.change(|state| state.division_mut(seed::DIVISION).expect("the division").rounding_account = Some(rounding));
    let vat: Value = serde_json::from_str("20.99").expect("a number");
    let entry = with(purchase(&exact, &[line(&exact, "4500", "100", "21")]), "VATAmountFC", vat);
    assert_eq!(booked(&exact, &client.post(PURCHASES, &entry).await).amount_fc, decimal("120.99"));
    assert_eq!(
        ["4500", "1520", "4900", "1600"].map(|code| balance(&exact, code)),
        ["100.00", "21.00", "-0.01", "-120.99"]
    );
}

#[tokio::test]
async fn a_sales_number_is_unique_in_its_journal() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let body = with(sale(&exact, &[line(&exact, "8000", "100", "S21")]), "EntryNumber", 26_700_001);
    let reply = client.post(SALES, &body).await;
    assert_eq!((booked(&exact, &reply).entry_number, &reply.d()["CustomerName"]), (26_700_001, &json!("Afnemer N.V.")));
    assert_eq!(refusal(&client, SALES, &body).await, "Already exists - Entry number: 26700001, Journal: 70");
    speak(&exact, Language::Nl);
    assert_eq!(refusal(&client, SALES, &body).await, "In gebruik: Boekstuknummer");
    let own = client.post(SALES, &with(body, "EntryNumber", Value::Null)).await;
    assert_eq!(booked(&exact, &own).entry_number, 26_700_002, "the journal goes round a number that is taken");
    let no_customer =
        with(sale(&exact, &[line(&exact, "8000", "1", "S21")]), "Customer", relation(&exact, "1001").to_string());
    assert_eq!(refusal(&client, SALES, &no_customer).await, "Ongeldig: Klant (Type)");
}

#[tokio::test]
async fn an_entry_is_found_changed_and_deleted_while_it_is_open() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let reply = client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "100", "21")])).await;
    let id = booked(&exact, &reply).id;
    let path = format!("{PURCHASES}(guid'{id}')");
    let filter = format!("Supplier eq guid'{}' and YourRef eq 'F-2026-118'", relation(&exact, seed::SUPPLIER));
    let found = client.get(PURCHASES, &[("$select", "EntryID,EntryNumber"), ("$filter", &filter)]).await.results();
    assert_eq!((found.len(), &found[0]["EntryID"]), (1, &json!(id.to_string())));
    let lines =
        client.get_url(reply.d()["PurchaseEntryLines"]["__deferred"]["uri"].as_str().expect("an address")).await;
    assert_eq!((&lines.results()[0]["VATCode"], &lines.results()[0]["LineNumber"]), (&json!("21"), &json!(1)));
    assert_eq!(client.put(&path, &json!({"Description": "Anders"})).await.status, 204);
    assert_eq!(client.put(&path, &json!({"Journal": "61"})).await.status, 400);
    assert_eq!(client.get(&path, &[("$select", "Description")]).await.d()["Description"], json!("Anders"));
    let process = |status| {
        exact.change(|state| {
            let books = state.division_mut(seed::DIVISION).expect("the division");
            books.entries.get_mut(&id).expect("the entry").status = status;
        });
    };
    process(50);
    assert_eq!(client.delete(&path).await.message(), "Already processed");
    process(20);
    exact.change(|state| {
        state.division_mut(seed::DIVISION).expect("the division").close_period(2026, 7, PeriodState::Closed)
    });
    assert_eq!(client.delete(&path).await.message(), "Period is closed");
    exact.change(|state| {
        state.division_mut(seed::DIVISION).expect("the division").close_period(2026, 7, PeriodState::Open)
    });
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.get(&path, &[]).await.status, 404);
    assert!(exact.balances(seed::DIVISION).ledger_accounts.is_empty());
}

#[tokio::test]
async fn uncertain_behaviour_can_be_switched() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let entry = purchase(&exact, &[line(&exact, "4500", "100", "21")]);
    let with_type = with(entry.clone(), "Type", 31);
    assert_eq!(client.post(PURCHASES, &with_type).await.d()["Type"], json!(30), "read-only is ignored");
    exact.change(|state| state.settings.read_only = ReadOnly::Refused);
    assert_eq!(client.post(PURCHASES, &with_type).await.status, 400);
    exact.change(|state| state.settings.header_sign = HeaderSign::Inverted);
    assert!(client.post(PURCHASES, &entry).await.text.contains("\"AmountFC\":-121.0"));
    exact.change(|state| state.settings.vat_code_width = 3);
    assert_eq!(
        refusal(&client, PURCHASES, &purchase(&exact, &[line(&exact, "4500", "1", "9")])).await,
        "Invalid reference: VAT code"
    );
    assert_eq!(client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "1", "9  ")])).await.status, 201);
}

#[tokio::test]
async fn a_new_entry_may_be_found_only_later() {
    let exact = start().await;
    exact.change(|state| state.settings.visible_after_seconds = 5);
    let client = Client::connect(&exact);
    let reply = client.post(PURCHASES, &purchase(&exact, &[line(&exact, "4500", "100", "21")])).await;
    let path = format!("{PURCHASES}(guid'{}')", booked(&exact, &reply).id);
    let query = [("$select", "EntryID"), ("$filter", "YourRef eq 'F-2026-118'")];
    assert_eq!(client.get(&path, &[]).await.status, 200);
    assert_eq!(client.get(PURCHASES, &query).await.results().len(), 0);
    exact.clock().advance(seconds(5));
    assert_eq!(client.get(PURCHASES, &query).await.results().len(), 1);
}

#[tokio::test]
async fn without_a_code_the_ledger_accounts_own_applies() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let mut without = line(&exact, "4500", "100", "21");
    without.as_object_mut().expect("an object").remove("VATCode");
    assert_eq!(booked(&exact, &client.post(PURCHASES, &purchase(&exact, &[without])).await).amount_fc, decimal("121"));
}
