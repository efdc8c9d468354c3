use super::*;
use crate::sample;
use domain::sales::Numbering;
use serde_json::{Value, json};

const LINE: &str = "Kubek ceramiczny";

fn sent(request: &PassRequest<'_>, number: Option<&str>, rates: &[Rate]) -> Value {
    serde_json::to_value(invoice(request, number, rates).unwrap()).unwrap()
}

fn lines(vat: &str) -> Value {
    json!([{ "name": LINE, "quantity": "2", "unit": "szt.", "price": "49.20", "vat": vat }])
}

fn rates(symbols: &[&str]) -> Vec<Rate> {
    symbols.iter().map(|symbol| Rate { symbol: (*symbol).to_owned() }).collect()
}

#[test]
fn a_gross_priced_invoice_arrives_as_it_is() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines("23"));
    let options = Options::default();
    let request = sample::pass(&content, &options);
    check(&request).unwrap();
    assert!(!needs_rates(&request));
    let body = sent(&request, Some("12/03/2026"), &[]);
    let key = request.key();
    let expected = json!({
        "invoice": {
            "kind": "vat", "number": "12/03/2026", "check_duplicate_number": true, "currency": "PLN",
            "invoice_date": "2026-03-10", "sale_date": "2026-03-09", "invoice_date_kind": "sale_date",
            "payment_date": "2026-03-24", "paid_price": 1000,
            "client_business_activity_kind": "other_business", "client_company_name": "Zielony Kubek Sp. z o.o.",
            "client_tax_code": "1234563218", "client_street": "Morska 5/2", "client_post_code": "81-001",
            "client_city": "Gdynia", "client_country": "PL", "notes": format!("Ring twice\n100234 [{key}]"),
            "transaction_terms": { "orders": [{ "number": key, "date": "2026-03-09" }] },
            "services": [{ "name": LINE, "tax_symbol": "23", "quantity": 2, "unit": "szt.", "gross_price": 9840 }]
        },
        "send_to_ksef": false
    });
    assert_eq!(body, expected);
}

#[test]
fn net_prices_of_fractions_go_as_the_amount_of_the_line() {
    let content = sample::issued(
        IssuedKind::Invoice,
        "net",
        &json!([
            { "name": "a", "quantity": "3", "price": "10.50", "vat": "8" },
            { "name": "b", "quantity": "3", "price": "0.3333", "vat": "5" }
        ]),
    );
    let options = Options::default();
    let body = sent(&sample::pass(&content, &options), None, &[]);
    let services = &body["invoice"]["services"];
    assert_eq!(services[0]["unit_net_price"], 1050);
    assert_eq!(services[1]["net_price"], 100);
    assert_eq!((services[1].get("gross_price"), services[1].get("unit_net_price")), (None, None));
    assert_eq!(body["invoice"].get("number"), None);
}

#[test]
fn words_for_vat_are_spelled_as_the_account_does() {
    let options = Options::default();
    for (vat, spelled) in [("exempt", "zw."), ("reverse_charge", "OO"), ("out_of_scope", "np")] {
        let content = sample::issued(IssuedKind::Invoice, "gross", &lines(vat));
        let request = sample::pass(&content, &options);
        assert!(needs_rates(&request));
        let body = sent(&request, None, &rates(&["23", "zw.", "OO", "np"]));
        assert_eq!(body["invoice"]["services"][0]["tax_symbol"], spelled);
        assert_eq!(body["invoice"]["notes"].as_str().unwrap().contains("art. 43"), vat == "exempt");
        let error = invoice(&request, None, &rates(&["23"])).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnknownVatCode, "never another one");
    }
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines("19"));
    assert_eq!(
        invoice(&sample::pass(&content, &options), None, &rates(&["23"])).unwrap_err().code(),
        ErrorCode::UnknownVatCode
    );
}

#[test]
fn what_is_not_certain_is_held_until_an_option_says_it() {
    for (vat, option) in [("intra_community", "intra_community"), ("export", "export")] {
        let content = sample::issued(IssuedKind::Invoice, "gross", &lines(vat));
        let error = check(&sample::pass(&content, &Options::default())).unwrap_err();
        assert_eq!((error.code(), error.kind()), (ErrorCode::Held, crate::ErrorKind::Rejected));
        let options = Options::default().with(option, "0");
        let request = sample::pass(&content, &options);
        check(&request).unwrap();
        assert_eq!(sent(&request, None, &[])["invoice"]["services"][0]["tax_symbol"], "0");
    }
}

#[test]
fn a_payment_method_is_the_linked_one_or_none() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines("23"));
    let options = Options::default();
    let request = sample::pass(&content, &options);
    assert_eq!(sent(&request, None, &[])["invoice"].get("payment_method"), None);
    let linked = PassRequest { payment: Some("payu"), ..request };
    assert_eq!(sent(&linked, None, &[])["invoice"]["payment_method"], "payu");
    let wrong = PassRequest { payment: Some("blik"), ..request };
    assert_eq!(check(&wrong).unwrap_err().code(), ErrorCode::UnknownReference);
}

#[test]
fn only_what_is_paid_in_full_on_a_known_day_is_marked_as_paid() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines("23"));
    let mut paid_of = |paid: &str, on: Option<&str>| {
        content.payment.paid = paid.to_owned().try_into().unwrap();
        content.payment.paid_on = on.map(|day| day.parse().unwrap());
        serde_json::to_value(super::paid(&content).unwrap()).unwrap()
    };
    assert_eq!(paid_of("0", None), json!({}));
    assert_eq!(paid_of("98.40", None), json!({ "paid_price": 9840 }));
    assert_eq!(paid_of("50", Some("2026-03-11")), json!({ "paid_price": 5000 }));
    let whole = json!({ "status": "paid", "paid_date": "2026-03-11", "paid_price": 9840 });
    assert_eq!(paid_of("98.40", Some("2026-03-11")), whole);
    let before = json!({ "status": "paid", "paid_date": "2026-03-10", "paid_price": 9840 });
    assert_eq!(paid_of("98.40", Some("2026-03-01")), before, "not before the day of issue");
}

#[test]
fn persons_buyers_abroad_and_hidden_dates() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines("23"));
    content.due_date = None;
    content.customer.name =
        CustomerName::Person { first_name: "Anna".parse().unwrap(), last_name: "Nowak".parse().unwrap() };
    content.customer.address.country = "DE".parse().unwrap();
    let options = Options::default().with("ksef", "send").with("sale_type", "service");
    let body = sent(&PassRequest { numbering: Numbering::Ours, ..sample::pass(&content, &options) }, None, &[]);
    let invoice = &body["invoice"];
    assert_eq!(invoice.get("payment_date"), None);
    assert_eq!(invoice["client_business_activity_kind"], "private_person");
    assert_eq!((&invoice["client_first_name"], &invoice["client_last_name"]), (&json!("Anna"), &json!("Nowak")));
    assert_eq!((invoice.get("client_company_name"), invoice.get("client_tax_code")), (None, None));
    assert_eq!((&invoice["client_country"], &invoice["sale_type"]), (&json!("DE"), &json!("service")));
    assert_eq!(body["send_to_ksef"], true);
}

fn original(gross: i64) -> Document {
    serde_json::from_value(json!({
        "uuid": "0b8f3a6c-1", "number": "12/03/2026", "kind": "vat", "currency": "PLN", "invoice_date": "2026-03-10",
        "client_id": 77012, "payment_method": "transfer", "bank_account": "61109010140000071219812874",
        "services": [
            { "name": "Kubek", "tax_symbol": "23", "quantity": 2, "unit": "szt.", "unit_net_price": 4000, "net_price": 8000,
              "gross_price": gross },
            { "name": "Dostawa", "tax_symbol": "zw.", "quantity": 3, "unit": null, "unit_net_price": 33, "net_price": 100,
              "gross_price": 100 }
        ]
    }))
    .unwrap()
}

fn corrected(quantity: &str) -> IssuedContent {
    let line = |quantity: &str| {
        json!([
            { "name": "Kubek", "quantity": quantity, "unit": "szt.", "price": "49.20", "vat": "23" },
            { "name": "Dostawa", "quantity": "3", "price": "0.3333", "vat": "exempt" }
        ])
    };
    let before = sample::issued(IssuedKind::Invoice, "gross", &line("2"));
    let mut after = sample::issued(IssuedKind::Correction, "gross", &line(quantity));
    after.corrects = Some(Corrects {
        document: before.id,
        number: "12/03/2026".into(),
        issue_date: before.issue_date,
        ledger_id: Some("0b8f3a6c-1".into()),
        reason: "One came back".parse().unwrap(),
        lines: before.lines,
    });
    after
}

#[test]
fn a_correction_has_each_line_as_it_was_and_as_it_should_be() {
    let content = corrected("1");
    let options = Options::default();
    let request = sample::pass(&content, &options);
    check(&request).unwrap();
    let original = original(9840);
    let rates = rates(&["23", "zw."]);
    let body = serde_json::to_value(correction(&request, &original, &rates).unwrap()).unwrap();
    let sent = &body["corrective_invoice"];
    for (field, value) in [
        ("corrected_invoice_uuid", json!("0b8f3a6c-1")),
        ("corrected_invoice_number", json!("12/03/2026")),
        ("corrected_invoice_date", json!("2026-03-10")),
        ("client_id", json!(77012)),
        ("currency", json!("PLN")),
        ("payment_method", json!("transfer")),
        ("bank_account", json!("61109010140000071219812874")),
        ("correction_reason", json!("other")),
    ] {
        assert_eq!(sent[field], value, "{field}");
    }
    let expected = json!([
        { "group": "1", "correction": false, "name": "Kubek", "tax_symbol": "23", "quantity": 2, "unit": "szt.",
          "unit_net_price": 4000 },
        { "group": "1", "correction": true, "name": "Kubek", "tax_symbol": "23", "quantity": 1, "unit": "szt.",
          "unit_net_price": 4000 },
        { "group": "2", "correction": false, "name": "Dostawa", "tax_symbol": "zw.", "quantity": 3, "net_price": 100 },
        { "group": "2", "correction": true, "name": "Dostawa", "tax_symbol": "zw.", "quantity": 3, "net_price": 100 }
    ]);
    assert_eq!(sent["services"], expected);
}

#[test]
fn a_correction_of_something_else_is_refused() {
    let mut content = corrected("1");
    content.lines[0].quantity = Decimal::ZERO;
    let options = Options::default();
    let request = sample::pass(&content, &options);
    let rates = rates(&["23", "zw."]);
    let body = serde_json::to_value(correction(&request, &original(9840), &rates).unwrap()).unwrap();
    assert_eq!(body["corrective_invoice"]["services"][1]["quantity"], 0);
    let error = correction(&request, &original(9900), &rates).unwrap_err();
    assert_eq!(error.code(), ErrorCode::UnknownReference, "somebody changed a line there");
    let mut nowhere = content.clone();
    nowhere.corrects.as_mut().unwrap().ledger_id = None;
    assert_eq!(check(&sample::pass(&nowhere, &options)).unwrap_err().code(), ErrorCode::UnknownReference);
}

#[test]
fn split_payment_goes_where_the_document_says_so() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines("23"));
    for (choice, wanted) in [(Choice::No, (Value::Null, Value::Null)), (Choice::Yes, (json!(true), json!("required")))]
    {
        content.split_payment = choice;
        let body = sent(&sample::pass(&content, &Options::default()), None, &[]);
        let invoice = &body["invoice"];
        assert_eq!((invoice["split_payment"].clone(), invoice["split_payment_type"].clone()), wanted);
    }
}
