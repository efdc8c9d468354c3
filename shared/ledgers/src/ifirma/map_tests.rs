use super::*;
use crate::{Options, sample};
use domain::sales::Numbering;
use serde_json::{Value, json};

fn lines() -> Value {
    json!([
        { "name": "Kubek", "quantity": "2", "unit": "szt", "price": "49.20", "vat": "23" },
        { "name": "Usługa", "quantity": "1.5", "unit": "roboczogodzina", "price": "10", "vat": "8" },
        { "name": "Szkolenie", "quantity": "1", "price": "100", "vat": "exempt" }
    ])
}

fn written(content: &IssuedContent, options: &Options) -> String {
    serde_json::to_string(&invoice(&sample::pass(content, options)).unwrap()).unwrap()
}

fn refused_with(request: &PassRequest<'_>) -> ErrorCode {
    let error = invoice(request).unwrap_err();
    assert_eq!(error.operation(), Operation::Prepare);
    error.code()
}

#[test]
fn an_invoice_is_written_with_its_digits() {
    let content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    let text = written(&content, &Options::default());
    let wanted = concat!(
        r#"{"Zaplacono":10,"ZaplaconoNaDokumencie":10,"LiczOd":"BRT","DataWystawienia":"2026-03-10","#,
        r#""DataSprzedazy":"2026-03-09","FormatDatySprzedazy":"DZN","TerminPlatnosci":"2026-03-24","SposobZaplaty":"PRZ","#,
        r#""RodzajPodpisuOdbiorcy":"BPO","Uwagi":"INV-000000000003\nZamówienie 100234; Ring twice","WidocznyNumerGios":false,"#,
        r#""Numer":null,"Kontrahent":{"Nazwa":"Zielony Kubek Sp. z o.o.","NIP":"1234563218","Ulica":"Morska 5/2","#,
        r#""KodPocztowy":"81-001","Kraj":"Polska","KodKraju":"PL","Miejscowosc":"Gdynia","Email":"biuro@example.com","#,
        r#""Telefon":"58 123 45 67","OsobaFizyczna":false},"Pozycje":[{"TypStawkiVat":"PRC","StawkaVat":0.23,"Ilosc":2,"#,
        r#""CenaJednostkowa":49.2,"NazwaPelna":"Kubek","Jednostka":"szt"},{"TypStawkiVat":"PRC","StawkaVat":0.08,"#,
        r#""Ilosc":1.5,"CenaJednostkowa":10,"NazwaPelna":"Usługa","Jednostka":"roboczogod"},{"TypStawkiVat":"ZW","#,
        r#""StawkaVat":null,"Ilosc":1,"CenaJednostkowa":100,"NazwaPelna":"Szkolenie","Jednostka":"szt","#,
        r#""PodstawaPrawna":"art. 43"}]}"#
    );
    assert_eq!(text, wanted);
}

#[test]
fn what_the_settings_say_goes_and_nothing_else() {
    let mut content = sample::issued(IssuedKind::Invoice, "net", &lines());
    content.due_date = None;
    let options = Options::default().with("payment_method", "GTK").with("paid_printed", "no").with("lump_rate", "0.03");
    let request = PassRequest { numbering: Numbering::Ours, series: Some("Sklep"), ..sample::pass(&content, &options) };
    let made = invoice(&request).unwrap();
    assert_eq!((made.prices, made.numer, made.nazwa_serii_numeracji), (Counted::Net, Some(7), Some("Sklep")));
    assert_eq!((made.sposob_zaplaty, made.termin_platnosci), ("GTK", None), "CO-25");
    assert_eq!((made.zaplacono.0, made.zaplacono_na_dokumencie.0), (Decimal::TEN, Decimal::ZERO));
    assert!(made.pozycje.iter().all(|line| line.stawka_ryczaltu == Some(Number(Decimal::new(3, 2)))));
    let linked = PassRequest { payment: Some("PAL"), ..request };
    assert_eq!(invoice(&linked).unwrap().sposob_zaplaty, "PAL");
}

#[test]
fn what_ifirma_would_refuse_or_make_wrong_is_not_sent() {
    let of = |vat: &str| {
        sample::issued(
            IssuedKind::Invoice,
            "gross",
            &json!([{ "name": "X", "quantity": "1", "price": "1", "vat": vat }]),
        )
    };
    let none = Options::default();
    for vat in ["19", "reverse_charge", "intra_community", "export", "out_of_scope"] {
        assert_eq!(refused_with(&sample::pass(&of(vat), &none)), ErrorCode::UnknownVatCode, "{vat}");
    }
    let no_payer = Options::default().with("vat_payer", "no");
    assert_eq!(refused_with(&sample::pass(&of("23"), &no_payer)), ErrorCode::UnknownVatCode);
    assert!(invoice(&sample::pass(&of("exempt"), &no_payer)).is_ok());
    let content = of("23");
    let pass = sample::pass(&content, &none);
    assert_eq!(refused_with(&PassRequest { payment: Some("PayPal"), ..pass }), ErrorCode::UnknownReference);
    let change = |change: fn(&mut IssuedContent)| {
        let mut content = of("23");
        change(&mut content);
        refused_with(&sample::pass(&content, &none))
    };
    assert_eq!(change(|content| content.kind = IssuedKind::Receipt), ErrorCode::Unsupported);
    assert_eq!(change(|content| content.currency = "EUR".parse().unwrap()), ErrorCode::CurrencyNotAllowed);
    assert_eq!(change(|content| content.customer.address.post_code = None), ErrorCode::MandatoryField);
    assert_eq!(
        change(|content| content.customer.address.street = "x".repeat(66).parse().unwrap()),
        ErrorCode::CustomerRefused
    );
    let wrong = Options::default().with("lump_rate", "3%");
    assert_eq!(refused_with(&sample::pass(&content, &wrong)), ErrorCode::Option);
}

#[test]
fn a_long_name_goes_in_two_parts_and_long_addresses_for_mail_do_not_go() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    content.customer.name = CustomerName::Company { name: "ż".repeat(180).parse().unwrap(), tax_number: None };
    content.customer.email = format!("{}@example.com", "x".repeat(60)).parse().ok();
    let options = Options::default();
    let made = invoice(&sample::pass(&content, &options)).unwrap();
    assert_eq!(made.kontrahent.nazwa.chars().count(), 150);
    assert_eq!(made.kontrahent.nazwa2.unwrap().chars().count(), 30);
    assert_eq!((made.kontrahent.nip, made.kontrahent.email), (None, None));
}

#[test]
fn remarks_begin_with_our_reference_and_are_bounded() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    content.exemption = "art. 43 ust. 1 pkt 29 ustawy o VAT".parse().ok();
    let options = Options::default();
    let made = invoice(&sample::pass(&content, &options)).unwrap();
    assert_eq!(made.uwagi, "INV-000000000003\nZamówienie 100234; art. 43 ust. 1 pkt 29 ustawy o VAT; Ring twice");
    assert!(made.pozycje.iter().all(|line| line.podstawa_prawna.is_none()), "too long for its field");
    assert!(carries(&made.uwagi, "INV-000000000003"));
    for other in ["INV-0000000000031\nx", "x INV-000000000003", ""] {
        assert!(!carries(other, "INV-000000000003"), "{other}");
    }
}

#[test]
fn split_payment_goes_where_the_document_says_so() {
    let mut content = sample::issued(IssuedKind::Invoice, "gross", &lines());
    assert!(!written(&content, &Options::default()).contains("SplitPayment"));
    content.split_payment = Choice::Yes;
    assert!(written(&content, &Options::default()).contains(r#""SplitPayment":true"#));
}
