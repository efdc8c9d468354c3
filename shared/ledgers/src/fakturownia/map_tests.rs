use super::*;
use domain::{
    ids::{Id, IssuedId},
    sales::{Issuing, NumberPattern, Numbering, OrderData, Reset, Seller, Series},
};
use serde_json::{Value, json};
use ulid::Ulid;

fn id<T: Id>(n: u128) -> T {
    T::from_ulid(Ulid::from_parts(1_700_000_000_000, n))
}

/// An order of one line, with these members changed.
fn order(changes: &Value) -> OrderData {
    let mut order = json!({
        "reference": "100234", "source": "shop", "currency": "PLN", "prices": "gross",
        "customer": {
            "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "123-456-32-18",
            "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" },
            "phone": "+48 58 555 01 00 wew. 7"
        },
        "lines": [{ "name": "Kubek", "sku": "MUG-01", "quantity": "3", "unit": "szt", "price": "49.20", "vat": "23" }],
        "payment": { "name": "Przelew" }
    });
    for (name, value) in changes.as_object().unwrap() {
        order[name] = value.clone();
    }
    serde_json::from_value(order).unwrap()
}

fn issued(changes: &Value, kind: IssuedKind, hide_payment_date: Choice) -> IssuedContent {
    let series = Series {
        id: id(7),
        administration: id(1),
        name: "FV".to_owned(),
        kind,
        pattern: "FV {n}/{mm}/{yyyy}".parse::<NumberPattern>().unwrap(),
        reset: Reset::Monthly,
        first: 1,
        hide_payment_date,
        payment_days: 14,
        version: 1,
    };
    let address = order(&json!({})).customer.address;
    let seller = Seller {
        name: "Demo".into(),
        tax_number: "5252344078".into(),
        address,
        account: None,
        place: None,
        cash_accounting: Choice::No,
    };
    let date = "2026-03-10".parse().unwrap();
    let issuing = Issuing { id: id::<IssuedId>(3), series: &series, number: "FV 1/03/2026", date, seller: &seller };
    issuing.of_order(&order(changes)).unwrap()
}

fn request<'a>(content: &'a IssuedContent, options: &'a Options) -> PassRequest<'a> {
    crate::sample::pass(content, options)
}

fn sent(request: &PassRequest<'_>) -> Value {
    serde_json::to_value(create(request, &request.key(), None, Status::Sent).unwrap()).unwrap()
}

fn invoice(changes: &Value, options: &Options) -> Value {
    let content = issued(changes, IssuedKind::Invoice, Choice::No);
    sent(&request(&content, options))["invoice"].clone()
}

fn usual(changes: &Value) -> Value {
    invoice(changes, &Options::default())
}

#[test]
fn a_document_says_what_ours_says_and_no_more() {
    let mut body = usual(&json!({}));
    let oid = body["oid"].take();
    assert!(oid.as_str().unwrap().starts_with("INV-"), "{oid}");
    assert_eq!(
        body,
        json!({
            "kind": "vat", "issue_date": "2026-03-10", "sell_date": "2026-03-10", "place": "Gdynia",
            "buyer_company": true, "buyer_name": "Zielony Kubek Sp. z o.o.", "buyer_tax_no": "1234563218",
            "buyer_street": "Morska 5/2", "buyer_post_code": "81-001", "buyer_city": "Gdynia",
            "payment_to_kind": "other_date", "payment_to": "2026-03-24", "status": "issued", "currency": "PLN",
            "lang": "pl", "oid": null, "oid_unique": "yes",
            "positions": [{ "name": "Kubek", "quantity": 3, "quantity_unit": "szt", "tax": 23, "total_price_gross": 147.60 }],
        })
    );
}

#[test]
fn the_settings_decide_about_number_series_payment_and_skus() {
    let content = issued(&json!({}), IssuedKind::Receipt, Choice::Yes);
    let options = Options::default();
    let request = PassRequest {
        numbering: Numbering::Ours,
        series: Some("702"),
        payment: Some("cash"),
        skus: Choice::Yes,
        ..request(&content, &options)
    };
    let body = sent(&request)["invoice"].clone();
    assert_eq!(body["kind"], "receipt");
    assert_eq!((&body["number"], &body["department_id"]), (&json!("FV 1/03/2026"), &json!(702)));
    assert_eq!((&body["payment_type"], &body["positions"][0]["code"]), (&json!("cash"), &json!("MUG-01")));
    assert_eq!((&body["payment_to_kind"], &body["payment_to"]), (&json!("off"), &Value::Null), "CO-25");
    for series in ["Hurtownia", "", "-7"] {
        let error = check(&PassRequest { series: Some(series), ..request }).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnknownReference, "{series}");
    }
}

#[test]
fn the_country_goes_along_only_when_it_is_not_poland_and_numbers_say_whose_they_are() {
    let company = |number: Option<&str>, country: &str| {
        let address = json!({ "street": "Hauptstraße 7", "city": "Berlin", "country": country });
        let mut customer = json!({ "is": "company", "name": "Kubek", "address": address });
        if let Some(number) = number {
            customer["tax_number"] = json!(number);
        }
        let body = usual(&json!({ "customer": customer }));
        (body["buyer_country"].clone(), body["buyer_tax_no"].clone(), body["buyer_tax_no_kind"].clone())
    };
    let none = Value::Null;
    assert_eq!(company(Some("PL 1234563218"), "PL"), (none.clone(), json!("PL1234563218"), none.clone()));
    assert_eq!(company(Some("DE 123456789"), "DE"), (json!("DE"), json!("DE123456789"), json!("nip_ue")));
    assert_eq!(company(Some("123456789"), "DE"), (json!("DE"), json!("123456789"), json!("nip_ue")));
    assert_eq!(company(Some("GB123456789"), "GB"), (json!("GB"), json!("GB123456789"), json!("other")));
    assert_eq!(company(None, "PL"), (none.clone(), json!(""), json!("empty")));
    let address = json!({ "street": "Morska 5", "city": "Gdynia", "country": "PL" });
    let person = json!({ "is": "person", "first_name": "Jan", "last_name": "Kowalski", "address": address });
    let body = usual(&json!({ "customer": person }));
    assert_eq!((&body["buyer_company"], &body["buyer_tax_no_kind"]), (&json!(false), &none));
    assert_eq!(
        (&body["buyer_first_name"], &body["buyer_last_name"], &body["buyer_name"]),
        (&json!("Jan"), &json!("Kowalski"), &json!("Jan Kowalski"))
    );
}

#[test]
fn vat_is_said_as_it_stands_and_held_where_nobody_is_sure() {
    let with = |vat: &str, options: &Options| {
        let line = json!([{ "name": "x", "quantity": "1", "price": "10", "vat": vat }]);
        let content = issued(&json!({ "lines": line, "exemption": "art. 43" }), IssuedKind::Invoice, Choice::No);
        let request = request(&content, options);
        check(&request).map(|()| sent(&request)["invoice"].clone())
    };
    let usual = Options::default();
    for (vat, tax) in [
        ("23", json!(23)),
        ("5.5", json!(5.5)),
        ("0", json!(0)),
        ("exempt", json!("zw")),
        ("reverse_charge", json!("oo")),
        ("out_of_scope", json!("np")),
    ] {
        let body = with(vat, &usual).unwrap();
        assert_eq!(body["positions"][0]["tax"], tax, "{vat}");
        let grounds = (&body["exempt_tax_kind"], &body["np_tax_kind"]);
        let of = |is: bool, text: &str| if is { json!(text) } else { Value::Null };
        assert_eq!(grounds, (&of(vat == "exempt", "art. 43"), &of(vat == "out_of_scope", "not_specified")), "{vat}");
    }
    for (vat, option) in [("intra_community", "intra_community"), ("export", "export")] {
        let error = with(vat, &usual).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Held);
        assert!(error.message().contains(option), "{error:?}");
        for (value, tax) in [("0", json!(0)), ("np", json!("np"))] {
            let body = with(vat, &Options::default().with(option, value)).unwrap();
            assert_eq!(body["positions"][0]["tax"], tax, "{vat}");
        }
    }
}

#[test]
fn net_amounts_go_along_where_prices_are_net_or_an_option_says_so() {
    let line = |prices: &str, nets: &str| {
        let options = Options::default().with("net_totals", nets);
        let line = invoice(&json!({ "prices": prices }), &options)["positions"][0].clone();
        (line["price_net"].clone(), line["total_price_net"].clone(), line["total_price_gross"].clone())
    };
    let none = Value::Null;
    assert_eq!(line("gross", ""), (none.clone(), none.clone(), json!(147.60)));
    assert_eq!(line("gross", "always"), (none.clone(), json!(120.00), json!(147.60)));
    assert_eq!(line("net", ""), (json!(49.20), json!(147.60), json!(181.55)));
    assert_eq!(line("net", "never"), (none.clone(), none, json!(181.55)));
}

#[test]
fn what_is_paid_is_said_in_words_and_as_an_amount() {
    for (paid, status, amount) in
        [("0", "issued", Value::Null), ("10", "partial", json!("10.00")), ("147.60", "paid", json!("147.60"))]
    {
        let payment = json!({ "name": "PayU", "paid": paid, "paid_on": "2026-03-09" });
        let body = usual(&json!({ "payment": payment }));
        assert_eq!(
            (&body["status"], &body["paid"], &body["paid_date"]),
            (&json!(status), &amount, &json!("2026-03-09"))
        );
    }
    let content = issued(&json!({ "payment": { "name": "PayU", "paid": "10" } }), IssuedKind::Invoice, Choice::No);
    let options = Options::default();
    let request = request(&content, &options);
    let body = serde_json::to_value(create(&request, "INV-1", None, Status::LeftOut).unwrap()).unwrap();
    assert_eq!((&body["invoice"]["status"], &body["invoice"]["paid"]), (&Value::Null, &json!("10.00")));
}

#[test]
fn options_say_what_else_is_asked_for() {
    let options = Options::default().with("exchange", "nbp").with("ksef", "send");
    let changes = json!({ "currency": "EUR", "language": "english", "note": "Thank you 🎉☺ !" });
    let content = issued(&changes, IssuedKind::Invoice, Choice::No);
    let body = sent(&request(&content, &options));
    assert_eq!(body["gov_save_and_send"], true);
    let body = &body["invoice"];
    assert_eq!((&body["exchange_currency"], &body["exchange_kind"]), (&json!("PLN"), &json!("nbp")));
    assert_eq!((&body["lang"], &body["description"]), (&json!("en"), &json!("Thank you  !")));
    let content = issued(&json!({ "note": "🎉" }), IssuedKind::Invoice, Choice::No);
    let body = sent(&request(&content, &options));
    assert_eq!((&body["invoice"]["exchange_kind"], &body["invoice"]["description"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_correction_takes_over_what_may_not_change() {
    let content = issued(&json!({}), IssuedKind::Invoice, Choice::No);
    let mut correction = content.clone();
    correction.kind = IssuedKind::Correction;
    correction.lines[0] = serde_json::from_value(json!({
        "name": "Kubek", "unit": "szt", "quantity": "3", "price": "45.00", "vat": "8", "net": "125.00",
        "vat_amount": "10.00", "gross": "135.00"
    }))
    .unwrap();
    correction.corrects = Some(domain::sales::Corrects {
        document: content.id,
        number: "12/03/2026".into(),
        issue_date: content.issue_date,
        ledger_id: Some("900123".into()),
        reason: "Zła cena".parse().unwrap(),
        lines: content.lines.clone(),
    });
    let original: Original = serde_json::from_value(json!({
        "department_id": 702, "buyer_company": true, "buyer_tax_no": "1234563218", "buyer_tax_no_kind": "",
        "buyer_email": "a@b.example", "buyer_phone": 585_550_100, "buyer_note": null
    }))
    .unwrap();
    let options = Options::default();
    let request = request(&correction, &options);
    check(&request).unwrap();
    let body = serde_json::to_value(create(&request, "COR-1", Some(&original), Status::Sent).unwrap()).unwrap();
    let body = &body["invoice"];
    assert_eq!((&body["invoice_id"], &body["from_invoice_id"]), (&json!(900_123), &json!(900_123)));
    assert_eq!((&body["department_id"], &body["correction_reason"]), (&json!(702), &json!("Zła cena")));
    assert_eq!((&body["buyer_email"], &body["buyer_phone"]), (&json!("a@b.example"), &json!("585550100")));
    assert_eq!((&body["status"], &body["paid"]), (&Value::Null, &Value::Null));
    assert_eq!(
        body["positions"],
        json!([{
            "name": "Kubek", "quantity": 0, "quantity_unit": "szt", "tax": 8, "total_price_gross": -12.60,
            "kind": "correction",
            "correction_before_attributes": {
                "name": "Kubek", "quantity": 3, "quantity_unit": "szt", "tax": 23, "total_price_gross": 147.60,
                "kind": "correction_before"
            },
            "correction_after_attributes": {
                "name": "Kubek", "quantity": 3, "quantity_unit": "szt", "tax": 8, "total_price_gross": 135.00,
                "kind": "correction_after"
            }
        }])
    );
}

#[test]
fn split_payment_goes_where_the_order_says_so() {
    let options = Options::default();
    for (changes, wanted) in [(json!({ "split_payment": "yes" }), json!("1")), (json!({}), Value::Null)] {
        let content = issued(&changes, IssuedKind::Invoice, Choice::No);
        assert_eq!(sent(&request(&content, &options))["invoice"]["split_payment"], wanted);
    }
}
