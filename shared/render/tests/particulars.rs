//! Every particular that the law asks for stands on the document, in both languages.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use domain::{
    office::Choice,
    sales::{IssuedContent, IssuedKind, Seller},
};
use render::{Beside, RenderError};
use serde_json::{Value, json};
use support::{correct, issue, issue_by, order_with, reader, seller, series};

/// All that the document shows, page by page.
fn texts(content: &IssuedContent, beside: &Beside<'_>) -> Vec<String> {
    let pdf = render::pdf(content, beside).unwrap();
    reader::pages(&pdf).into_iter().flat_map(|page| page.shown).map(|shown| shown.text).collect()
}

fn shown(content: &IssuedContent) -> Vec<String> {
    texts(content, &Beside::default())
}

#[track_caller]
fn has(texts: &[String], row: &[&str]) {
    assert!(texts.windows(row.len()).any(|window| window == row), "{row:?} is not in {texts:#?}");
}

#[track_caller]
fn lacks(texts: &[String], part: &str) {
    assert!(!texts.iter().any(|text| text.contains(part)), "{part} is in {texts:#?}");
}

fn order(language: &str) -> Value {
    order_with(&json!({ "language": language }))
}

/// Lines of every treatment, in euros without VAT.
fn every_rate(language: &str) -> Value {
    order_with(&json!({
        "language": language, "currency": "EUR", "prices": "net", "exemption": "art. 43 ust. 1 pkt 29 ustawy o VAT",
        "note": "Ring twice", "delivery": { "street": "Rue de la Loi 16", "post_code": "1000", "city": "Bruxelles", "country": "BE" },
        "lines": [
            { "name": "Consulting", "quantity": "1.5", "unit": "h", "price": "1234.5678", "vat": "reverse_charge" },
            { "name": "Training", "quantity": "10", "price": "99.99", "vat": "exempt" },
            { "name": "Bolts", "quantity": "1000", "price": "0.0125", "vat": "intra_community" },
            { "name": "Tea", "quantity": "1", "price": "7", "vat": "export" },
            { "name": "Voucher", "quantity": "1", "price": "50", "vat": "out_of_scope" },
            { "name": "Book", "quantity": "1", "price": "3", "vat": "0" },
            { "name": "Mug", "quantity": "2", "price": "100", "vat": "23" },
            { "name": "Bread", "quantity": "4", "price": "2.5", "vat": "5.5" }
        ]
    }))
}

#[test]
fn an_invoice_in_polish() {
    let texts = shown(&issue(IssuedKind::Invoice, &order("polish")));
    has(&texts, &["Faktura", "nr FV 1/03/2026"]);
    has(&texts, &["Data wystawienia", "10.03.2026", "Data sprzedaży", "08.03.2026"]);
    has(&texts, &["Miejsce wystawienia", "Warszawa", "Zamówienie", "100234"]);
    has(&texts, &["Sprzedawca", "Nabywca"]);
    has(&texts, &["Przykładowy Sklep Łukasz Wójcik", "ul. Świętojańska 12", "00-950 Warszawa, PL", "NIP 5252344078"]);
    has(&texts, &["Zielony Kubek Sp. z o.o.", "Morska 5/2", "81-001 Gdynia, PL", "NIP 1234563218"]);
    has(&texts, &["Lp.", "Nazwa towaru lub usługi", "Ilość", "J.m.", "Cena", "brutto", "VAT"]);
    has(&texts, &["Wartość", "netto", "Kwota", "VAT", "Wartość", "brutto"]);
    has(
        &texts,
        &["1", "Kubek ceramiczny „Żółw”", "SKU MUG-01", "2", "szt.", "49,20", "23 %", "80,00", "18,40", "98,40"],
    );
    has(&texts, &["2", "Dostawa kurierem", "1", "12,30", "23 %", "10,00", "2,30", "12,30"]);
    has(&texts, &["Razem", "120,00", "22,20", "142,20"]);
    has(&texts, &["w tym", "5 %", "30,00", "1,50", "31,50", "23 %", "90,00", "20,70", "110,70"]);
    has(&texts, &["Sposób płatności", "Przelew", "Termin płatności", "24.03.2026", "Data zapłaty", "09.03.2026"]);
    has(&texts, &["Rachunek bankowy", "PL61 1090 1014 0000 0712 1981 2874"]);
    has(&texts, &["Razem", "142,20 PLN", "Zapłacono", "42,20 PLN", "Do zapłaty", "100,00 PLN"]);
    has(&texts, &["Faktura FV 1/03/2026", "Strona 1 z 1"]);
    lacks(&texts, "pro forma");
}

#[test]
fn an_invoice_in_english() {
    let texts = shown(&issue(IssuedKind::Invoice, &order("english")));
    has(&texts, &["Invoice", "No. FV 1/03/2026"]);
    has(&texts, &["Date of issue", "10 Mar 2026", "Date of sale", "8 Mar 2026"]);
    has(&texts, &["Place of issue", "Warszawa", "Order", "100234", "Seller", "Buyer"]);
    has(&texts, &["00-950 Warszawa, PL", "VAT no. 5252344078"]);
    has(&texts, &["81-001 Gdynia, PL", "VAT no. 1234563218"]);
    has(&texts, &["#", "Description", "Quantity", "Unit", "Gross", "price", "VAT", "rate", "Net", "VAT", "Gross"]);
    has(
        &texts,
        &["1", "Kubek ceramiczny „Żółw”", "SKU MUG-01", "2", "szt.", "49.20", "23%", "80.00", "18.40", "98.40"],
    );
    has(&texts, &["Total", "120.00", "22.20", "142.20", "of which", "5%", "30.00", "1.50", "31.50", "23%"]);
    has(&texts, &["Payment", "Przelew", "Due date", "24 Mar 2026", "Date of payment", "9 Mar 2026", "Bank account"]);
    has(&texts, &["Total", "142.20 PLN", "Paid", "42.20 PLN", "Left to pay", "100.00 PLN"]);
    has(&texts, &["Invoice FV 1/03/2026", "Page 1 of 1"]);
}

#[test]
fn a_person_has_no_tax_number_and_the_same_day_of_sale_is_not_said_twice() {
    let person = json!({
        "is": "person", "first_name": "Jan", "last_name": "Żak",
        "address": { "street": "Polna 1", "city": "Gdańsk", "country": "PL" }
    });
    let texts =
        shown(&issue(IssuedKind::Invoice, &order_with(&json!({ "customer": person, "sold_on": "2026-03-10" }))));
    has(&texts, &["Jan Żak", "Polna 1", "Gdańsk, PL", "Lp."]);
    lacks(&texts, "Data sprzedaży");
}

#[test]
fn every_rate_has_its_word_its_total_and_what_the_law_wants_said() {
    let texts = shown(&issue(IssuedKind::Invoice, &every_rate("polish")));
    has(&texts, &["Cena netto", "VAT"]);
    has(&texts, &["1", "Consulting", "1,5", "h", "1 234,5678", "oo", "1 851,85", "0,00", "1 851,85"]);
    has(&texts, &["3", "Bolts", "1 000", "0,0125", "0 % WDT", "12,50", "0,00", "12,50"]);
    for row in [
        ["0 %", "3,00", "0,00", "3,00"],
        ["5,5 %", "10,00", "0,55", "10,55"],
        ["23 %", "200,00", "46,00", "246,00"],
        ["zw", "999,90", "0,00", "999,90"],
        ["oo", "1 851,85", "0,00", "1 851,85"],
        ["0 % WDT", "12,50", "0,00", "12,50"],
        ["0 % eksport", "7,00", "0,00", "7,00"],
        ["np", "50,00", "0,00", "50,00"],
    ] {
        has(&texts, &row);
    }
    has(&texts, &["Do zapłaty", "3 138,60 EUR"]);
    has(&texts, &["Adres dostawy"]);
    has(&texts, &["Rue de la Loi 16", "1000 Bruxelles, BE"]);
    has(&texts, &["oo – odwrotne obciążenie: podatek rozlicza nabywca."]);
    has(&texts, &["WDT – wewnątrzwspólnotowa dostawa towarów (art. 138 dyrektywy 2006/112/WE)."]);
    has(&texts, &["Eksport towarów poza Unię Europejską (art. 146 dyrektywy 2006/112/WE)."]);
    has(&texts, &["np – nie podlega opodatkowaniu VAT w kraju sprzedawcy."]);
    has(&texts, &["Podstawa zwolnienia z VAT: art. 43 ust. 1 pkt 29 ustawy o VAT", "Uwagi: Ring twice"]);
    has(&texts, &["NIP PL5252344078"]);

    let texts = shown(&issue(IssuedKind::Invoice, &every_rate("english")));
    has(&texts, &["1", "Consulting", "1.5", "h", "1,234.5678", "reverse charge", "1,851.85", "0.00", "1,851.85"]);
    for rate in ["0%", "5.5%", "23%", "exempt", "0% intra-EU", "0% export", "not subject"] {
        assert_eq!(
            texts.iter().filter(|text| *text == rate).count(),
            2,
            "{rate}: once at its line, once in the totals"
        );
    }
    has(&texts, &["Delivered to"]);
    has(&texts, &["Reverse charge (odwrotne obciążenie): VAT is accounted for by the buyer."]);
    has(&texts, &["Intra-EU – intra-Community supply of goods (article 138 of Directive 2006/112/EC)."]);
    has(&texts, &["Export of goods outside the European Union (article 146 of Directive 2006/112/EC)."]);
    has(&texts, &["Not subject – outside the scope of VAT in the seller's country."]);
    has(&texts, &["Grounds of the exemption from VAT: art. 43 ust. 1 pkt 29 ustawy o VAT", "Note: Ring twice"]);
}

#[test]
fn a_seller_elsewhere_says_it_in_the_words_of_the_document_alone() {
    let mut seller = seller();
    seller.address = serde_json::from_value(json!({ "street": "Strada 1", "city": "Iași", "country": "RO" })).unwrap();
    seller.place = Some("Cluj-Napoca".to_owned());
    seller.account = None;
    let texts = shown(&issue_by(&series(IssuedKind::Invoice, Choice::No), &seller, &every_rate("english")));
    has(&texts, &["Reverse charge: VAT is accounted for by the buyer."]);
    has(&texts, &["Strada 1", "Iași, RO", "VAT no. RO5252344078"]);
    has(&texts, &["Place of issue", "Cluj-Napoca"]);
    lacks(&texts, "odwrotne");
    lacks(&texts, "Bank account");
}

#[test]
fn grounds_of_an_exemption_stand_only_where_a_line_is_exempt() {
    let texts = shown(&issue(IssuedKind::Invoice, &order_with(&json!({ "exemption": "art. 43" }))));
    lacks(&texts, "art. 43");
    lacks(&texts, "odwrotne");
}

#[test]
fn vat_in_the_sellers_currency_and_the_legal_number_are_shown_where_they_are_given() {
    let beside = Beside { legal_number: Some("12/2026") };
    let at_a_rate = |language: &str| {
        let mut order = every_rate(language);
        order["exchange_rate"] = json!({ "rate": "4.2512", "date": "2026-03-07", "source": "NBP 045/A/NBP/2026" });
        issue(IssuedKind::Invoice, &order)
    };
    let content = at_a_rate("polish");
    let texts_pl = texts(&content, &beside);
    // 0.55 and 46.00 EUR; the lines without VAT have none to show.
    has(&texts_pl, &["VAT w PLN, 5,5 %", "2,34 PLN", "VAT w PLN, 23 %", "195,56 PLN"]);
    lacks(&texts_pl, "VAT w PLN, zw");
    has(&texts_pl, &["Kurs: 1 EUR = 4,2512 PLN", "07.03.2026, NBP 045/A/NBP/2026"]);
    has(&texts_pl, &["nr 12/2026"]);
    has(&texts_pl, &["Numer własny", "FV 1/03/2026"]);
    has(&texts_pl, &["Faktura 12/2026", "Strona 1 z 1"]);
    let texts_en = texts(&at_a_rate("english"), &beside);
    has(&texts_en, &["VAT in PLN, 23%", "195.56 PLN"]);
    has(&texts_en, &["Our number", "FV 1/03/2026"]);
}

#[test]
fn split_payment_and_cash_accounting_are_named_where_they_apply_alone() {
    let words = ["mechanizm podzielonej płatności", "metoda kasowa"];
    let seller = Seller { cash_accounting: Choice::Yes, ..seller() };
    let series = series(IssuedKind::Invoice, Choice::No);
    for language in ["polish", "english"] {
        let mut order = order(language);
        let says = |texts: &[String], word: &str| texts.iter().any(|text| text.to_lowercase().contains(word));
        let without = shown(&issue(IssuedKind::Invoice, &order));
        assert!(words.iter().all(|word| !says(&without, word)), "{without:?}");
        order["split_payment"] = json!("yes");
        let texts = shown(&issue_by(&series, &seller, &order));
        assert!(words.iter().all(|word| says(&texts, word)), "{texts:?}");
    }
}

#[test]
fn a_correction_gives_the_difference_of_vat_at_the_rate_of_its_original() {
    let mut order = order("polish");
    order["currency"] = json!("EUR");
    order["exchange_rate"] = json!({ "rate": "4", "date": "2026-03-07", "source": "NBP" });
    let texts = shown(&correct(&issue(IssuedKind::Invoice, &order), &json!({ "0": { "quantity": "1" } })));
    // 9.20 of VAT in one cup.
    has(&texts, &["VAT w PLN, 23 %", "-36,80 PLN", "Kurs: 1 EUR = 4,0000 PLN", "07.03.2026, NBP"]);
    lacks(&texts, "VAT w PLN, 5 %");
}

#[test]
fn a_payment_date_that_is_hidden_is_absent() {
    let hidden = series(IssuedKind::Invoice, Choice::Yes);
    for (language, words) in [("polish", ["Termin", "Data zapłaty"]), ("english", ["Due date", "Date of payment"])] {
        let texts = shown(&issue_by(&hidden, &seller(), &order(language)));
        for word in words {
            lacks(&texts, word);
        }
        lacks(&texts, "09.03.2026");
        lacks(&texts, "24.03.2026");
    }
}

#[test]
fn receipts_and_pro_forma_invoices_are_called_what_they_are() {
    for (kind, language, title, says) in [
        (IssuedKind::Receipt, "polish", "Paragon", None),
        (IssuedKind::Receipt, "english", "Receipt", None),
        (IssuedKind::ProForma, "polish", "Faktura pro forma", Some("Dokument nie jest fakturą VAT.")),
        (IssuedKind::ProForma, "english", "Pro forma invoice", Some("This document is not a VAT invoice.")),
    ] {
        let texts = shown(&issue(kind, &order(language)));
        assert_eq!(texts.first().map(String::as_str), Some(title));
        assert!(texts.contains(&format!("{title} FV 1/03/2026")));
        let sentences = ["Dokument nie jest fakturą VAT.", "This document is not a VAT invoice."];
        let found: Vec<&str> = sentences.into_iter().filter(|text| texts.iter().any(|shown| shown == text)).collect();
        assert_eq!(found, says.into_iter().collect::<Vec<_>>(), "{title}");
    }
}

#[test]
fn a_correction_names_its_original_and_shows_each_line_before_after_and_the_difference() {
    let changes = json!({ "0": { "price": "45.00" }, "2": { "quantity": "2" } });
    let texts = shown(&correct(&issue(IssuedKind::Invoice, &order("polish")), &changes));
    has(&texts, &["Faktura korygująca", "nr KOR 1/03/2026", "Data wystawienia", "12.03.2026"]);
    has(&texts, &["Korygowana faktura", "FV 1/03/2026 z dnia 10.03.2026"]);
    has(&texts, &["Przyczyna korekty", "Zwrot jednej książki; omyłka w cenie"]);
    has(&texts, &["1", "Kubek ceramiczny „Żółw”", "SKU MUG-01", "przed", "po", "różnica", "2", "2", "0", "szt."]);
    has(&texts, &["49,20", "45,00", "-4,20", "23 %", "23 %"]);
    has(&texts, &["80,00", "73,17", "-6,83", "18,40", "16,83", "-1,57", "98,40", "90,00", "-8,40"]);
    has(&texts, &["2", "Dostawa kurierem", "przed", "po", "różnica", "1", "1", "0"]);
    has(&texts, &["3", "Książka kucharska", "SKU BOOK-7", "przed", "po", "różnica", "3", "2", "-1"]);
    has(&texts, &["Przed korektą", "120,00", "22,20", "142,20", "Po korekcie", "103,17", "20,13", "123,30"]);
    has(&texts, &["Różnica", "-16,83", "-2,07", "-18,90"]);
    has(&texts, &["w tym", "5 %", "-10,00", "-0,50", "-10,50", "23 %", "-6,83", "-1,57", "-8,40"]);
    has(&texts, &["Do zwrotu", "18,90 PLN"]);

    let more = json!({ "0": { "quantity": "3" }, "1": { "vat": "8" } });
    let texts = shown(&correct(&issue(IssuedKind::Invoice, &order("english")), &more));
    has(&texts, &["Corrective invoice", "No. KOR 1/03/2026"]);
    has(&texts, &["Corrected invoice", "FV 1/03/2026 of 10 Mar 2026", "Reason for correction"]);
    has(&texts, &["before", "after", "difference", "2", "3", "1"]);
    has(&texts, &["Before correction", "120.00", "22.20", "142.20", "After correction", "161.39", "30.01", "191.40"]);
    has(&texts, &["Difference", "41.39", "7.81", "49.20", "of which", "5%", "0.00", "0.00", "0.00"]);
    has(&texts, &["8%", "11.39", "0.91", "12.30", "23%", "30.00", "6.90", "36.90"]);
    has(&texts, &["Left to pay", "49.20 PLN"]);
}

#[test]
fn a_correction_of_nothing_is_refused() {
    let mut content = issue(IssuedKind::Invoice, &order("polish"));
    content.kind = IssuedKind::Correction;
    assert_eq!(render::pdf(&content, &Beside::default()), Err(RenderError::NoOriginal));
}

#[test]
fn who_paid_more_sees_what_is_left_of_it() {
    let payment = json!({ "name": "BLIK", "paid": "150" });
    let texts = shown(&issue(IssuedKind::Invoice, &order_with(&json!({ "payment": payment }))));
    has(&texts, &["Nadpłata", "7,80 PLN"]);
}
