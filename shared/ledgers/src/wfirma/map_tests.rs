use super::*;
use crate::sample;
use domain::sales::Numbering;

fn lines() -> Value {
    json!([
        { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt", "price": "49.20", "vat": "23" },
        { "name": "Dostawa", "quantity": "1.5", "price": "12.3456", "vat": "8" },
        { "name": "Szkolenie", "quantity": "1", "price": "100", "vat": "exempt" }
    ])
}

fn made(content: &IssuedContent, options: &Options) -> Value {
    document(&sample::pass(content, options), None, &BTreeMap::new()).unwrap()
}

fn refused(request: &PassRequest<'_>) -> (ErrorCode, Option<String>) {
    let error = check(request).unwrap_err();
    assert_eq!(error.operation(), Operation::Prepare);
    (error.code(), Some(error.told("").about))
}

#[test]
fn lines_go_as_they_are_and_totals_do_not_go() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let record = made(&content, &Options::default());
    let line = &record["invoicecontents"]["0"]["invoicecontent"];
    assert_eq!(
        *line,
        json!({ "name": "Kubek", "unit": "szt", "count": "2.0000", "unit_count": "2.0000", "price": "49.20", "vat": "23" })
    );
    let line = &record["invoicecontents"]["1"]["invoicecontent"];
    assert_eq!((&line["count"], &line["price"], &line["unit"]), (&json!("1.5000"), &json!("12.3456"), &json!("szt.")));
    let line = &record["invoicecontents"]["2"]["invoicecontent"];
    assert_eq!((&line["vat"], &line["price"]), (&json!("ZW"), &json!("100.00")));
    assert_eq!((&record["type"], &record["price_type"]), (&json!("normal"), &json!("brutto")));
    assert_eq!((&record["date"], &record["disposaldate"]), (&json!("2026-03-10"), &json!("2026-03-09")));
    assert_eq!(record["description"], "Zamówienie 100234; art. 43; Ring twice");
    assert_eq!(record["id_external"], "INV-000000000003");
    assert!(record.get("total").is_none() && record.get("number").is_none() && record.get("series").is_none());
    let net = sample::issued(IssuedKind::Invoice, "net", &lines());
    assert_eq!(made(&net, &Options::default())["price_type"], "netto");
}

#[test]
fn the_buyer_is_the_one_of_the_order() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    assert_eq!(
        made(&content, &Options::default())["contractor"],
        json!({
            "name": "Zielony Kubek Sp. z o.o.", "tax_id_type": "nip", "nip": "1234563218", "street": "Morska 5/2",
            "zip": "81-001", "city": "Gdynia", "country": "PL", "email": "biuro@example.com", "phone": "58 123 45 67"
        })
    );
    content.customer.name = domain::sales::CustomerName::Person {
        first_name: "Jan".parse().unwrap(),
        last_name: "Kowalski".parse().unwrap(),
    };
    let buyer = &made(&content, &Options::default())["contractor"];
    assert_eq!((&buyer["name"], &buyer["tax_id_type"]), (&json!("Jan Kowalski"), &json!("none")));
    assert!(buyer.get("nip").is_none());
}

#[test]
fn a_card_is_used_only_when_it_says_the_same() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default();
    let request = sample::pass(&content, &options);
    let card = |street: &str| {
        let text = format!(
            r#"{{"id":"1","nip":"1234563218","name":"Zielony Kubek Sp. z o.o.","street":"{street}","zip":"81-001","city":"Gdynia"}}"#
        );
        Loose::read(text.as_bytes()).unwrap()
    };
    assert!(is_same(&card("Morska 5/2"), &request, "1234563218"));
    assert!(!is_same(&card("Polna 3"), &request, "1234563218"));
    assert_eq!(document(&request, Some("1"), &BTreeMap::new()).unwrap()["contractor"], json!({ "id": "1" }));
    let in_full = Options::default().with("cards", "in_full");
    assert_eq!((nip(&request).as_deref(), nip(&sample::pass(&content, &in_full))), (Some("1234563218"), None));
}

#[test]
fn what_the_settings_say_goes_and_nothing_else() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default().with("vat_payer", "no").with("lumpcode", "3").with("payment_method", "cash");
    let goods = BTreeMap::from([("MUG-01".to_owned(), "7701".to_owned())]);
    let ours = PassRequest {
        numbering: Numbering::Ours,
        series: Some("5001"),
        skus: Choice::Yes,
        ..sample::pass(&content, &options)
    };
    let record = document(&ours, None, &goods).unwrap();
    assert_eq!(
        (&record["type"], &record["number"], &record["series"]),
        (&json!("bill"), &json!("7"), &json!({ "id": "5001" }))
    );
    assert_eq!((&record["paymentmethod"], &record["paymentdate"]), (&json!("cash"), &json!("2026-03-24")));
    assert_eq!(record["alreadypaid_initial"], "10.00");
    let line = &record["invoicecontents"]["0"]["invoicecontent"];
    assert_eq!((&line["good"], &line["lumpcode"]), (&json!({ "id": "7701" }), &json!("3")));
    let unlinked = PassRequest { skus: Choice::No, payment: Some("cod"), ..ours };
    let record = document(&unlinked, None, &goods).unwrap();
    assert_eq!(record["paymentmethod"], "cod");
    assert!(record["invoicecontents"]["0"]["invoicecontent"].get("good").is_none());
    assert!(skus(&unlinked).is_empty());
    content.due_date = None;
    content.payment.paid = domain::sales::Paid::default();
    let record = made(&content, &options);
    assert!(record.get("paymentdate").is_none() && record.get("alreadypaid_initial").is_none(), "CO-25");
}

#[test]
fn receipts_have_no_description_when_they_are_fiscal() {
    let mut content = sample::issued(IssuedKind::Receipt, "gross", &lines());
    content.customer.address.post_code = None;
    let record = made(&content, &Options::default());
    assert_eq!(record["type"], "receipt_fiscal_normal");
    assert!(record.get("description").is_none());
    assert_eq!(check(&sample::pass(&content, &Options::default())), Ok(()));
    let other = Options::default().with("receipts", "non_fiscal");
    assert_eq!(refused(&sample::pass(&content, &other)).0, ErrorCode::MandatoryField, "no postal code");
    content.customer.address.post_code = "81-001".parse().ok();
    let record = made(&content, &other);
    assert_eq!(record["type"], "receipt_normal");
    assert!(record.get("description").is_some());
}

#[test]
fn what_wfirma_would_refuse_or_make_wrong_is_not_sent() {
    let of = |vat: &str| {
        let lines = json!([{ "name": "X", "quantity": "1", "price": "1", "vat": vat }]);
        sample::issued(IssuedKind::Invoice, "net", &lines)
    };
    let none = Options::default();
    for (vat, code, about) in [
        ("19", ErrorCode::UnknownVatCode, "19%"),
        ("export", ErrorCode::Held, "vat_export"),
        ("reverse_charge", ErrorCode::Held, "vat_reverse_charge"),
    ] {
        assert_eq!(refused(&sample::pass(&of(vat), &none)), (code, Some(about.to_owned())), "{vat}");
    }
    let chosen = Options::default().with("vat_export", "EXP");
    let code = |content: &IssuedContent, options| {
        made(content, options)["invoicecontents"]["0"]["invoicecontent"]["vat"].clone()
    };
    assert_eq!(code(&of("export"), &chosen), "EXP");
    assert_eq!((code(&of("intra_community"), &none), code(&of("out_of_scope"), &none)), (json!("WDT"), json!("NP")));
    assert_eq!((code(&of("0"), &none), code(&of("8.00"), &none)), (json!("0"), json!("8")));
    let content = of("23");
    let pass = sample::pass(&content, &none);
    assert_eq!(refused(&PassRequest { series: Some("Sklep"), ..pass }).0, ErrorCode::UnknownReference);
    assert_eq!(refused(&PassRequest { payment: Some("PayPal"), ..pass }).0, ErrorCode::UnknownReference);
    let correction = IssuedContent { kind: IssuedKind::Correction, ..content.clone() };
    assert_eq!(refused(&sample::pass(&correction, &none)).0, ErrorCode::Unsupported);
    let number = IssuedContent { number: "F2/7".to_owned(), ..content.clone() };
    let ours = PassRequest { numbering: Numbering::Ours, ..sample::pass(&number, &none) };
    assert_eq!(refused(&ours).0, ErrorCode::Chronology);
}

#[test]
fn ksef_is_told_as_wfirma_tells_it() {
    let of = |text: &str| ksef(&Loose::read(text.as_bytes()).unwrap());
    assert_eq!(of(r#"{"ksef_status":"","ksef_reference_number":""}"#), None);
    assert_eq!(of(r#"{"ksef_status":"pending"}"#), Some(Ksef::Awaited { status: "pending".into() }));
    assert_eq!(of(r#"{"ksef_status":"rejected"}"#), Some(Ksef::Refused { status: "rejected".into() }));
    assert_eq!(
        of(r#"{"ksef_status":"accepted","ksef_reference_number":"12-X"}"#),
        Some(Ksef::Accepted { number: "12-X".into() })
    );
}

#[test]
fn split_payment_is_the_scheme_where_the_document_says_so() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    assert!(made(&content, &Options::default()).get("schema").is_none());
    content.split_payment = Choice::Yes;
    assert_eq!(made(&content, &Options::default())["schema"], "split_payment");
}
