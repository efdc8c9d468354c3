use super::*;
use crate::sample;
use domain::sales::Numbering;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn lines() -> Value {
    json!([
        { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
        { "name": "Dostawa", "quantity": "1.5", "unit": "usługa", "price": "12.3456", "vat": "8" },
        { "name": "Szkolenie", "quantity": "1", "unit": "godz", "price": "100", "vat": "exempt" }
    ])
}

fn sent(request: &PassRequest<'_>) -> BTreeMap<String, String> {
    let form = document(request, request.number()).unwrap();
    let count = form.len();
    let fields: BTreeMap<_, _> = form.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
    assert_eq!(fields.len(), count, "each name once");
    fields
}

fn assert_sent(fields: &BTreeMap<String, String>, wanted: &[(&str, &str)]) {
    for (name, value) in wanted {
        assert_eq!(fields.get(*name).map(String::as_str), Some(*value), "{name}");
    }
}

#[test]
fn a_document_is_a_flat_form() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default().with("unit", "7");
    let fields = sent(&sample::pass(&content, &options));
    assert_sent(
        &fields,
        &[
            ("dokument_dostep", "0"),
            ("dokument_rodzaj", "0"),
            ("dokument_data_w", "10-03-2026"),
            ("dokument_data_s", "09-03-2026"),
            ("dokument_data_p", "24-03-2026"),
            ("dokument_waluta", "0"),
            ("dokument_zaplata", "0"),
            ("dokument_status", "2"),
            ("dokument_zaplacono", "10.00"),
            ("dokument_zamowienie", "100234"),
            ("dokument_uwagi", "Ring twice"),
            ("dokument_podstawa_zw", "art. 43"),
            ("nabywca_osoba", "0"),
            ("nabywca_nazwa", "Zielony Kubek Sp. z o.o."),
            ("nabywca_nip", "1234563218"),
            ("nabywca_ulica", "Morska 5/2"),
            ("nabywca_kod", "81-001"),
            ("nabywca_kraj", "PL"),
            ("produkt_nazwa_1", "Kubek"),
            ("produkt_ilosc_1", "2"),
            ("produkt_jm_1", "2"),
            ("produkt_stawka_vat_1", "23"),
            ("produkt_wartosc_brutto_1", "98.40"),
            ("produkt_ilosc_2", "1.5"),
            ("produkt_jm_2", "1"),
            ("produkt_wartosc_brutto_2", "18.52"),
            ("produkt_jm_3", "7"),
            ("produkt_stawka_vat_3", "zw"),
        ],
    );
    let mails = ["dokument_email", "dokument_tytul", "dokument_tresc"];
    for absent in mails.into_iter().chain(["dokument_numer", "api_id", "produkt_cena_netto_1", "produkt_nazwa"]) {
        assert!(!fields.contains_key(absent), "{absent}");
    }
    assert!(!fields.keys().any(|name| name.starts_with("sprzedawca_")), "the account's own");
}

#[test]
fn net_prices_go_by_the_piece_and_a_hidden_payment_date_not_at_all() {
    let mut content = sample::issued(IssuedKind::Receipt, "net", &lines());
    content.due_date = None;
    content.payment.paid = content.total.gross.try_into().unwrap();
    content.currency = "EUR".parse().unwrap();
    let options = Options::default();
    let request = PassRequest { numbering: Numbering::Ours, show: Choice::Yes, ..sample::pass(&content, &options) };
    let fields = sent(&request);
    assert_sent(
        &fields,
        &[
            ("dokument_dostep", "1"),
            ("dokument_rodzaj", "20"),
            ("dokument_numer", "FV 7/03/2026"),
            ("dokument_pokaz_data_p", "0"),
            ("dokument_pokaz_termin", "0"),
            ("dokument_waluta", "1"),
            ("dokument_zaplata", "14"),
            ("dokument_status", "1"),
            ("produkt_cena_netto_1", "49.20"),
            ("produkt_cena_netto_2", "12.3456"),
        ],
    );
    assert!(!fields.contains_key("dokument_data_p") && !fields.contains_key("dokument_termin"), "CO-25");
    assert!(!fields.keys().any(|name| name.starts_with("produkt_wartosc_brutto")), "one form of price");
    let linked = PassRequest { payment: Some("18"), ..request };
    assert_sent(&sent(&linked), &[("dokument_zaplata", "18")]);
}

#[test]
fn a_person_has_two_names() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    content.customer.name =
        CustomerName::Person { first_name: "Anna Maria".parse().unwrap(), last_name: "Kowalska".parse().unwrap() };
    let options = Options::default();
    let fields = sent(&sample::pass(&content, &options));
    assert_sent(&fields, &[("nabywca_osoba", "1"), ("nabywca_imie", "Anna Maria"), ("nabywca_nazwisko", "Kowalska")]);
    assert!(!fields.contains_key("nabywca_nazwa") && !fields.contains_key("nabywca_nip"));
}

#[test]
fn what_would_be_refused_is_refused_before_anything_is_sent() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let options = Options::default();
    let refused = |content: &IssuedContent, payment| {
        let error = document(&PassRequest { payment, ..sample::pass(content, &options) }, None).unwrap_err();
        assert_eq!(error.operation(), Operation::Prepare);
        error.code()
    };
    assert_eq!(refused(&content, Some("PayU")), ErrorCode::UnknownReference);
    let other = |change: fn(&mut IssuedContent)| {
        let mut content = content.clone();
        change(&mut content);
        content
    };
    assert_eq!(
        refused(&other(|content| content.currency = "AED".parse().unwrap()), None),
        ErrorCode::CurrencyNotAllowed
    );
    assert_eq!(refused(&other(|content| content.exemption = None), None), ErrorCode::MandatoryField);
    assert_eq!(refused(&other(|content| content.kind = IssuedKind::Correction), None), ErrorCode::Unsupported);
    for vat in ["intra_community", "export"] {
        let held = sample::issued(
            IssuedKind::Invoice,
            "net",
            &json!([{ "name": "Kubek", "quantity": "1", "price": "10", "vat": vat }]),
        );
        assert_eq!(refused(&held, None), ErrorCode::Held, "{vat}");
        let set = Options::default().with(vat, "np");
        assert_sent(&sent(&sample::pass(&held, &set)), &[("produkt_stawka_vat_1", "np")]);
    }
}

#[test]
fn split_payment_is_refused_for_there_is_no_field() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    content.split_payment = Choice::Yes;
    let options = Options::default();
    let request = sample::pass(&content, &options);
    let error = document(&request, request.number()).unwrap_err();
    assert_eq!((error.operation(), error.code()), (Operation::Prepare, ErrorCode::Unsupported));
}
