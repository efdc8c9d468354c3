use super::*;
use crate::sample;
use serde_json::{Value, json};

fn lines() -> Value {
    json!([
        { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt", "price": "49.99", "vat": "23" },
        { "name": "Dostawa", "quantity": "1.5", "price": "12.3456", "vat": "8" },
        { "name": "Szkolenie", "quantity": "1", "price": "100", "vat": "exempt" }
    ])
}

fn sent(request: &PassRequest<'_>, learned: &Learned<'_>) -> Value {
    let text = serde_json::to_string(&document(request, "2026/03/017", learned).unwrap()).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_document_goes_with_the_amounts_that_it_has_here() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default();
    let record = sent(&sample::pass(&content, &options), &Learned { card: Some(51), ..Learned::default() });
    for (name, value) in [
        ("type", json!("INVOICE")),
        ("mode", json!("SALE")),
        ("transactionNumber", json!("2026/03/017")),
        ("invoiceDate", json!("2026-03-10")),
        ("transactionDate", json!("2026-03-09")),
        ("paymentDate", json!("2026-03-24")),
        ("paymentType", json!("TRANSFER")),
        ("paid", json!(false)),
        ("transactionBruttoPrice", json!("218.50")),
        ("calculateFromGross", json!(true)),
        ("customer", json!(51)),
        ("customerName", json!("Zielony Kubek Sp. z o.o.")),
        ("customerAddress.street", json!("Morska 5/2")),
        ("customerAddress.postCode", json!("81-001")),
        ("customerAddress.country", json!("Polska")),
        ("nipNumber", json!("1234563218")),
        ("invoiceAnnotations", json!("Zamówienie 100234; art. 43; Ring twice")),
        ("description", json!("ref:INV-000000000003")),
    ] {
        assert_eq!(record[name], value, "{name}");
    }
    let sum = content.total.net + content.total.vat;
    assert_eq!(sum, content.total.gross);
    for absent in ["invoicePatternId", "warehouse", "createCustomerIfNeeded", "emails", "phones"] {
        assert!(record.get(absent).is_none(), "{absent}");
    }
    let line = &record["transactionEntries"][0];
    assert_eq!((&line["product"], &line["unitNettoPrice"]), (&json!("Kubek"), &json!("40.6423")));
    assert_eq!((&line["unitBruttoPrice"], &line["unit"]), (&json!("49.99"), &json!("szt")));
    assert!(line.get("productCode").is_none() && line["discount"].is_null());
    assert_eq!(record["transactionEntries"][1]["unitBruttoPrice"], "12.3456");
    assert_eq!(record["transactionEntries"][2]["vatPercent"], "zw");
}

#[test]
fn numbers_are_written_without_binary_floats() {
    let content = sample::issued(IssuedKind::Invoice, "net", &lines());
    let options = Options::default();
    let request = sample::pass(&content, &options);
    let text = serde_json::to_string(&document(&request, "1", &Learned::default()).unwrap()).unwrap();
    assert!(text.contains(r#""paidValue":10,"restOfPaidValue":232.98,"#), "{text}");
    assert!(text.contains(r#""quantity":1.5,"unit":null,"vatPercent":8,"unitNettoPrice":"12.3456","#), "{text}");
    assert!(!text.contains("unitBruttoPrice") && text.contains(r#""calculateFromGross":false"#), "{text}");
}

#[test]
fn a_hidden_payment_date_is_left_out_and_what_is_paid_adds_up() {
    let mut content = sample::issued(IssuedKind::Receipt, "gross", &lines());
    content.due_date = None;
    content.payment.paid = Decimal::from(1_000).try_into().unwrap();
    let options = Options::default().with("warehouse", "7");
    let request = PassRequest { series: Some("3"), payment: Some("CARD"), ..sample::pass(&content, &options) };
    let record = sent(&request, &Learned { series: Some(3), ..Learned::default() });
    assert!(record.get("paymentDate").is_none(), "CO-25");
    assert_eq!((&record["paid"], &record["restOfPaidValue"]), (&json!(true), &json!(0.0)));
    assert_eq!((&record["invoicePatternId"], &record["warehouse"]), (&json!(3), &json!(7)));
    assert_eq!((&record["type"], &record["paymentType"]), (&json!("RECEIPT"), &json!("CARD")));
}

#[test]
fn a_product_is_linked_by_its_id_and_never_by_its_sku() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default();
    let products = BTreeMap::from([("MUG-01".to_owned(), 53)]);
    let learned = Learned { products: Some(&products), ..Learned::default() };
    let request = PassRequest { skus: Choice::Yes, ..sample::pass(&content, &options) };
    let line = &sent(&request, &learned)["transactionEntries"][0];
    assert_eq!((&line["product"], &line["productCode"]), (&json!(53), &json!("MUG-01")));
    let line = &sent(&sample::pass(&content, &options), &learned)["transactionEntries"][0];
    assert_eq!(line["product"], "Kubek", "CO-17");
}

#[test]
fn what_would_be_made_wrong_is_refused_before_anything_is_sent() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let refused = |request: &PassRequest<'_>| {
        let error = check(request).unwrap_err();
        assert_eq!(error.operation(), Operation::Prepare);
        error.code()
    };
    let options = Options::default();
    check(&sample::pass(&content, &options)).unwrap();
    assert_eq!(
        refused(&PassRequest { series: Some("Faktury"), ..sample::pass(&content, &options) }),
        ErrorCode::UnknownReference
    );
    assert_eq!(
        refused(&PassRequest { payment: Some(" "), ..sample::pass(&content, &options) }),
        ErrorCode::UnknownReference
    );
    let named = Options::default().with("warehouse", "Magazyn");
    assert_eq!(refused(&sample::pass(&content, &named)), ErrorCode::Option);
    for kind in [IssuedKind::Correction, IssuedKind::ProForma] {
        let content = IssuedContent { kind, ..content.clone() };
        assert_eq!(refused(&sample::pass(&content, &options)), ErrorCode::Unsupported);
    }
}

#[test]
fn vat_is_said_as_it_stands_and_held_where_nobody_is_sure() {
    let none = Options::default();
    let of = |text: &str, options: &Options| vat(text.parse().unwrap(), options).map_err(|error| error.code());
    assert_eq!(of("23", &none), Ok(Vat::Rate(Number(Decimal::from(23)))));
    assert_eq!(of("exempt", &none), Ok(Vat::Word("zw".to_owned())));
    assert_eq!(of("out_of_scope", &none), Ok(Vat::Word("np".to_owned())));
    for text in ["intra_community", "export", "reverse_charge"] {
        assert_eq!(of(text, &none), Err(ErrorCode::Held), "{text}");
        let set = Options::default().with(&format!("vat_{text}"), "0");
        assert_eq!(of(text, &set), Ok(Vat::Rate(Number(Decimal::ZERO))));
    }
}

#[test]
fn a_card_has_a_short_name_that_only_the_same_buyer_has() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let card = serde_json::to_value(card(&content.customer, tax_number(&content.customer).unwrap())).unwrap();
    assert_eq!(
        card,
        json!({
            "customerType": "PARTNER", "name": "Zielony Kubek Sp. z o.o.",
            "label": "Zielony Kubek Sp. z o.o. (1234563218)", "nipNumber": "1234563218",
            "emails": ["biuro@example.com"], "phones": ["58 123 45 67"], "officeAddress.street": "Morska 5/2",
            "officeAddress.city": "Gdynia", "officeAddress.postCode": "81-001", "officeAddress.country": "Polska"
        })
    );
    assert!(is_same_number("PL 123-456-32-18", "1234563218") && !is_same_number("", ""));
}

#[test]
fn split_payment_and_the_rate_of_a_currency_go_where_the_document_has_them() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default();
    let made = |content: &IssuedContent| sent(&sample::pass(content, &options), &Learned::default());
    content.exchange_rate =
        Some(serde_json::from_value(json!({ "rate": "4.2512", "date": "2026-03-09", "source": "NBP" })).unwrap());
    let record = made(&content);
    for absent in ["splitPayment", "exchangeRate", "exchangeRateDate", "factor"] {
        assert!(record.get(absent).is_none(), "{absent} of a document in zloty");
    }
    content.split_payment = Choice::Yes;
    content.currency = "EUR".parse().unwrap();
    let record = made(&content);
    assert_eq!((&record["splitPayment"], &record["factor"]), (&json!(true), &json!(1)));
    assert_eq!((&record["exchangeRate"], &record["exchangeRateDate"]), (&json!(4.2512), &json!("2026-03-09")));
}
