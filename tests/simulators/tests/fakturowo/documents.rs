//! What a document comes to, how it is numbered, what is refused.

use serde_json::json;

use crate::support::Client;

#[tokio::test]
async fn a_document_is_answered_in_five_lines() {
    let client = Client::start().await;
    let lines = client.issue(&[("dokument_numer", "FV/17/03/2026")]).await;
    let [done, id, pdf, page, file] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((done.as_str(), file.as_str()), ("1", "FV_17_03_2026.pdf"));
    let seen = client.only().await;
    assert_eq!(
        (&seen["id"], &seen["number"], &seen["reference"]),
        (&json!(id), &json!("FV/17/03/2026"), &json!("10023"))
    );
    assert_eq!((&seen["totals"]["net"], &seen["totals"]["vat"]), (&json!("100.00"), &json!("23.00")));
    assert_eq!((&seen["paid"], &seen["payment"], &seen["kind"]), (&json!("123.00"), &json!("14"), &json!("0")));
    assert_eq!((&seen["buyer"]["street"], &seen["sold"]), (&json!("Polna 3"), &json!("2026-03-04")));
    let bytes = client.http.get(pdf).send().await.unwrap().bytes().await.unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-") && text.contains("FV/17/03/2026") && text.contains("123.00"), "{text}");
    let shown = client.http.get(page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("FV/17/03/2026"), "{shown}");
    let wrong = client.http.get(format!("{}/pokaz?dokument=x", client.simulator.base_url()));
    assert_eq!(wrong.send().await.unwrap().status().as_u16(), 404);
}

#[tokio::test]
async fn a_closed_document_has_no_links() {
    let client = Client::start().await;
    assert_eq!(client.issue(&[("dokument_dostep", "0")]).await.len(), 2);
    client.settings(json!({ "closed_links": "present" })).await;
    assert_eq!(client.issue(&[("dokument_dostep", "")]).await.len(), 5);
}

#[tokio::test]
async fn lines_have_rates_and_one_form_of_price() {
    let client = Client::start().await;
    let mut fields: Vec<(String, String)> = Vec::new();
    for (place, (vat, gross)) in
        (1..).zip([("23", "12.30"), ("8", "10.80"), ("5", "10.50"), ("0", "10"), ("zw", "7.00"), ("np", "3")])
    {
        for (name, value) in
            [("nazwa", vat), ("ilosc", "2"), ("jm", "2"), ("stawka_vat", vat), ("wartosc_brutto", gross)]
        {
            fields.push((format!("produkt_{name}_{place}"), value.to_owned()));
        }
    }
    fields.push(("dokument_podstawa_zw".to_owned(), "art. 113".to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(client.issue(&fields).await[0], "1");
    let seen = client.only().await;
    assert_eq!((&seen["totals"]["net"], &seen["totals"]["vat"]), (&json!("50.00"), &json!("3.60")), "{seen}");
    assert_eq!((seen["lines"].as_array().unwrap().len(), &seen["lines"][4]["vat"]), (6, &json!("zw")));
    let net = [("produkt_wartosc_brutto_1", ""), ("produkt_cena_netto_1", "40.00"), ("produkt_ilosc_1", "3")];
    let id = client.issue(&net).await[1].clone();
    let all = client.control("documents").await;
    let made = all["documents"].as_array().unwrap().iter().find(|one| one["id"] == json!(id)).unwrap();
    assert_eq!(made["totals"]["gross"], "147.60");
    let unnumbered =
        [("produkt_nazwa", "x"), ("produkt_ilosc", "1"), ("produkt_stawka_vat", "23"), ("produkt_wartosc_brutto", "1")];
    client.issue(&unnumbered).await;
    let all = client.control("documents").await;
    assert_eq!(all["documents"][2]["lines"].as_array().unwrap().len(), 2, "a set without a suffix is one more line");
}

#[tokio::test]
async fn numbers_go_by_type_and_month() {
    let client = Client::start().await;
    let file = async |changes: &[(&str, &str)]| client.issue(changes).await.pop().unwrap();
    assert_eq!(file(&[]).await, "FV_1_03_2026.pdf");
    assert_eq!(file(&[("dokument_numer", "FV/7/03/2026")]).await, "FV_7_03_2026.pdf");
    assert_eq!(file(&[]).await, "FV_8_03_2026.pdf");
    assert_eq!(file(&[("dokument_rodzaj", "20")]).await, "PAR_1_03_2026.pdf");
    assert_eq!(file(&[("dokument_data_w", "01-04-2026")]).await, "FV_1_04_2026.pdf");
    let next = [("dokument_rodzaj", "0"), ("dokument_data_w", "05-03-2026")];
    assert_eq!(client.task("8", &next).await, ["1", "FV/9/03/2026"]);
    let used = client.issue(&[("dokument_numer", "FV/7/03/2026")]).await;
    assert_eq!(used, ["0", "Dokument o podanym numerze już istnieje"]);
    client.settings(json!({ "used_number": "taken", "next_number": "unknown" })).await;
    assert_eq!(client.issue(&[("dokument_numer", "FV/7/03/2026")]).await[0], "1");
    assert_eq!(client.control("documents?number=FV/7/03/2026").await["count"], 2);
    assert_eq!(client.task("8", &next).await[0], "0");
}

#[tokio::test]
async fn a_buyer_without_a_number_is_a_person() {
    let client = Client::start().await;
    let unnumbered = client.issue(&[("nabywca_nip", "")]).await;
    assert_eq!(unnumbered, ["0", "Brak numeru NIP nabywcy. Podaj imię i nazwisko nabywcy"]);
    let named = [("nabywca_nip", ""), ("nabywca_imie", "Jan"), ("nabywca_nazwisko", "Kowalski")];
    assert_eq!(client.issue(&named).await[0], "1");
    assert_eq!(client.only().await["buyer"]["name"], "Jan Kowalski", "the company's name is dropped");
    let abroad = [("nabywca_nip", "DE123456789"), ("nabywca_kraj", "DE")];
    assert_eq!(client.issue(&abroad).await[0], "1");
    let receipt =
        [("dokument_rodzaj", "20"), ("nabywca_osoba", "1"), ("nabywca_imie", "Jan"), ("nabywca_nazwisko", "K")];
    assert_eq!(client.issue(&receipt).await[0], "1");
}

#[tokio::test]
async fn the_first_fault_refuses() {
    let client = Client::start().await;
    for (name, value, text) in [
        ("dokument_rodzaj", "99", "Nieznany rodzaj dokumentu"),
        ("dokument_rodzaj", "vat", "Nieprawidłowa wartość pola rodzaj dokumentu"),
        ("dokument_data_w", "2026-03-05", "Nieprawidłowa data wystawienia"),
        ("dokument_data_w", "5-3-2026", "Nieprawidłowa data wystawienia"),
        ("dokument_data_s", "31-02-2026", "Nieprawidłowa data sprzedaży"),
        ("dokument_data_p", "x", "Nieprawidłowa data płatności"),
        ("dokument_data_s_oznaczenie", "3", "Nieprawidłowa wartość pola dokument_data_s_oznaczenie"),
        ("dokument_waluta", "36", "Nieznana waluta"),
        ("dokument_waluta", "PLN", "Nieprawidłowa wartość pola waluta"),
        ("dokument_zaplata", "99", "Nieznana forma płatności"),
        ("dokument_termin", "soon", "Nieprawidłowa wartość pola termin płatności"),
        ("dokument_status", "3", "Nieprawidłowa wartość pola dokument_status"),
        ("dokument_zaplacono", "12,30", "Nieprawidłowa kwota zapłacona"),
        ("dokument_dostep", "yes", "Nieprawidłowa wartość pola dokument_dostep"),
        ("nabywca_osoba", "firma", "Nieprawidłowa wartość pola nabywca_osoba"),
        ("nabywca_osoba", "1", "Podaj imię i nazwisko nabywcy"),
        ("nabywca_nip", "5260250275", "Nieprawidłowy NIP nabywcy"),
        ("nabywca_nazwa", "", "Podaj nazwę nabywcy"),
        ("produkt_nazwa_1", "", "Podaj nazwę produktu"),
        ("produkt_ilosc_1", "", "Podaj ilość produktu"),
        ("produkt_ilosc_1", "0", "Nieprawidłowa ilość produktu"),
        ("produkt_ilosc_1", "1,5", "Nieprawidłowa ilość produktu"),
        ("produkt_stawka_vat_1", "", "Podaj stawkę VAT produktu"),
        ("produkt_stawka_vat_1", "high", "Nieprawidłowa stawka VAT produktu"),
        ("produkt_stawka_vat_1", "zw", "Brak podstawy zwolnienia z VAT"),
        ("produkt_wartosc_brutto_1", "", "Podaj cenę produktu"),
        ("produkt_wartosc_brutto_1", "123,00", "Nieprawidłowa wartość brutto produktu"),
        ("produkt_cena_netto_1", "100", "Podaj cenę netto albo wartość brutto produktu"),
    ] {
        assert_eq!(client.issue(&[(name, value)]).await, ["0", text], "{name}={value}");
    }
    let bare = [("produkt_nazwa_1", ""), ("produkt_ilosc_1", ""), ("produkt_stawka_vat_1", "")];
    assert_eq!(client.issue(&bare).await, ["0", "Brak pozycji na dokumencie"]);
    assert_eq!(client.count(), 0);
    assert_eq!(client.issue(&[("produkt_ilosc_1", "1.5")]).await[0], "1");
    client.settings(json!({ "fractions": "refused" })).await;
    assert_eq!(client.issue(&[("produkt_ilosc_1", "1.5")]).await[0], "0");
}

#[tokio::test]
async fn terms_of_payment_give_the_day() {
    let client = Client::start().await;
    client.issue(&[("dokument_zaplata", "8"), ("dokument_status", "0"), ("dokument_zaplacono", "")]).await;
    let seen = client.only().await;
    assert_eq!((&seen["due"], &seen["paid"]), (&json!("2026-03-19"), &json!("0")));
    client.issue(&[("dokument_data_p", "20-03-2026"), ("dokument_uwagi", "a[n]b")]).await;
    let all = client.control("documents").await;
    assert_eq!((&all["documents"][1]["due"], &all["documents"][1]["notes"]), (&json!("2026-03-20"), &json!("a\nb")));
}
