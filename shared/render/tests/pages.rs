//! Pages: tables over several of them, odd and long words, and that the same content gives the same bytes.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use domain::sales::{IssuedContent, IssuedKind};
use render::Beside;
use serde_json::{Value, json};
use support::{
    correct, issue, lines, order_with,
    reader::{Page, Shown, pages},
};

fn with_lines(lines: &Value) -> IssuedContent {
    issue(IssuedKind::Invoice, &order_with(&json!({ "lines": lines })))
}

fn rendered(content: &IssuedContent) -> Vec<Page> {
    pages(&render::pdf(content, &Beside::default()).unwrap())
}

/// Everything stands within the margins, and nothing over anything else.
fn assert_tidy(page: &Page) {
    for shown in &page.shown {
        assert!(shown.x >= 44.9 && shown.right <= 550.5, "{shown:?} is outside the margins");
        assert!((34.0..800.0).contains(&shown.y), "{shown:?} is outside the page");
    }
    let above = |shown: &Shown| shown.y + shown.size * 0.7;
    for (place, one) in page.shown.iter().enumerate() {
        for other in &page.shown[place + 1..] {
            let across = one.x < other.right - 0.1 && other.x < one.right - 0.1;
            let down = one.y < above(other) && other.y < above(one);
            assert!(!(across && down), "{one:?} and {other:?} stand over each other");
        }
    }
}

#[test]
fn a_thousand_lines_each_stand_once_under_the_repeated_heads() {
    let pages = rendered(&with_lines(&lines(1000)));
    assert!((20..40).contains(&pages.len()), "{} pages", pages.len());
    let mut next = 1;
    for (number, page) in (1..).zip(&pages) {
        assert_tidy(page);
        let texts = page.texts();
        let foot = ["Faktura FV 1/03/2026".to_owned(), format!("Strona {number} z {}", pages.len())];
        assert_eq!(texts[texts.len() - 2..], foot);
        let rows: Vec<usize> = (0..texts.len()).filter(|at| texts[*at].starts_with("Towar ")).collect();
        assert!(rows.is_empty() || texts[..rows[0]].contains(&"Nazwa towaru lub usługi"), "page {number} has no heads");
        for at in rows {
            assert_eq!(texts[at], format!("Towar {next:04}"));
            // Its place before it and its figures after it: the whole line is on this page.
            assert_eq!(texts[at - 1], next.to_string());
            assert_eq!(texts[at + 1..at + 3], ["2", "szt."]);
            assert!(texts[at + 3..at + 8].iter().all(|figure| figure.contains(',') || figure.ends_with('%')));
            next += 1;
        }
    }
    assert_eq!(next, 1001);
    let last: Vec<&str> = pages.iter().rev().take(2).flat_map(Page::texts).collect();
    assert!(last.contains(&"Razem") && last.contains(&"Do zapłaty"));
}

#[test]
fn a_long_correction_keeps_what_belongs_to_a_line_together() {
    let pages = rendered(&correct(&with_lines(&lines(200)), &json!({ "199": { "quantity": "0" } })));
    let mut rows = 0;
    for page in &pages {
        assert_tidy(page);
        let texts = page.texts();
        for at in (0..texts.len()).filter(|at| texts[*at].starts_with("Towar ")) {
            assert_eq!(texts[at + 1..at + 4], ["przed", "po", "różnica"]);
            rows += 1;
        }
    }
    assert_eq!(rows, 200);
}

#[test]
fn what_stands_beside_each_other_stays_so_wherever_the_page_ends() {
    // Line after line the end of the table moves down the page, over its end and onto the next one.
    for count in 15..45 {
        let pages = rendered(&with_lines(&lines(count)));
        pages.iter().for_each(assert_tidy);
        let page = pages.iter().find(|page| page.texts().contains(&"Do zapłaty")).unwrap();
        assert!(page.texts().contains(&"Rachunek bankowy") && page.texts().contains(&"Zapłacono"), "{count} lines");
        let totals = pages.iter().find(|page| page.texts().contains(&"w tym")).unwrap();
        assert!(totals.texts().contains(&"Nazwa towaru lub usługi"), "{count} lines");
    }
}

#[test]
fn a_wide_unit_takes_no_line_from_the_figures_of_a_correction() {
    let wide = json!([{ "name": "Mąka", "quantity": "2", "unit": "kilogramowość", "price": "5", "vat": "5" }]);
    let pages = rendered(&correct(&with_lines(&wide), &json!({ "0": { "quantity": "1" } })));
    assert_tidy(&pages[0]);
    let shown = &pages[0].shown;
    for (stage, quantity, gross) in [("przed", "2", "10,00"), ("po", "1", "5,00"), ("różnica", "-1", "-5,00")] {
        let y = shown.iter().find(|shown| shown.text == stage).unwrap().y;
        let beside: Vec<&str> =
            shown.iter().filter(|shown| (shown.y - y).abs() < 0.1).map(|shown| shown.text.as_str()).collect();
        assert!(beside.contains(&quantity) && beside.last() == Some(&gross), "{stage}: {beside:?}");
    }
}

#[test]
fn amounts_stand_under_each_other() {
    let content = with_lines(&json!([
        { "name": "One", "quantity": "1.25", "price": "1000", "vat": "23" },
        { "name": "Two", "quantity": "12.5", "price": "0.125", "vat": "23" }
    ]));
    let pages = rendered(&content);
    let shown = |text: &str| pages[0].shown.iter().find(|shown| shown.text == text).unwrap();
    let digit = shown("1,25").size * 1151.0 / 2048.0;
    for (more, less) in [("1,25", "12,5"), ("0,125", "1 000,00")] {
        let apart = shown(more).right - shown(less).right;
        assert!((apart - digit).abs() < 0.2, "{less} ends {apart} before {more}, which has a digit more");
    }
    assert!((shown("1 250,00").right - shown("1,56").right).abs() < 0.05);
}

#[test]
fn long_names_are_broken_and_nothing_of_them_is_lost() {
    let word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    let sentence = "Kubek z długą nazwą, która nie mieści się w jednym wierszu ".repeat(4);
    let lines = json!([
        { "name": word, "quantity": "1", "unit": "kilogramowość wysyłkowa", "price": "1", "vat": "23" },
        { "name": sentence.trim(), "quantity": "1", "price": "1", "vat": "reverse_charge" }
    ]);
    let mut order = order_with(&json!({ "lines": lines, "language": "english", "note": "x".repeat(256) }));
    order["customer"]["name"] = json!("N".repeat(200));
    order["customer"]["address"]["street"] = json!("Bardzo długa ulica ".repeat(10).trim());
    let pages = rendered(&issue(IssuedKind::Invoice, &order));
    pages.iter().for_each(assert_tidy);
    let texts: Vec<&str> = pages.iter().flat_map(Page::texts).collect();
    assert!(texts.concat().contains(&word));
    assert!(texts.concat().contains(&"N".repeat(200)) && texts.concat().contains(&"x".repeat(256)));
    assert!(texts.join(" ").contains(sentence.trim()));
    assert!(texts.join(" ").contains("kilogramo"));
}

#[test]
fn what_is_longer_than_a_page_goes_on_on_the_next() {
    let mut content = with_lines(&lines(3));
    content.seller.name = "Spółka bardzo długa ".repeat(400);
    let pages = rendered(&content);
    pages.iter().for_each(assert_tidy);
    assert!(pages.len() > 2);
    let texts: Vec<&str> = pages.iter().flat_map(Page::texts).collect();
    assert_eq!(texts.join(" ").matches("długa").count(), 400);
}

#[test]
fn the_largest_amounts_fit() {
    let content = with_lines(&json!([
        { "name": "Most przez Wisłę", "quantity": "999999999", "unit": "szt.", "price": "999999999", "vat": "23" },
        { "name": "Most", "quantity": "0.0001", "unit": "szt.", "price": "999999999.9999", "vat": "8" }
    ]));
    let pages = rendered(&content);
    pages.iter().for_each(assert_tidy);
    assert!(pages[0].texts().contains(&"999 999 998 000 000 001,00"));
    let pages = rendered(&correct(&content, &json!({ "0": { "quantity": "0" } })));
    pages.iter().for_each(assert_tidy);
    assert!(pages[0].texts().contains(&"-999 999 998 000 000 001,00"));
}

#[test]
fn characters_that_the_fonts_lack_are_replaced_and_still_copied() {
    let name = "漢字 ☕ 😀 \u{5d0} Ελλάδα Україна Łódź";
    let decomposed = "Zaz\u{307}o\u{301}łc\u{301} ge\u{328}s\u{301}la\u{328}\u{200b} jaz\u{301}n\u{301}";
    let lines = json!([
        { "name": name, "quantity": "1", "price": "1", "vat": "23" },
        { "name": decomposed, "quantity": "1", "price": "1", "vat": "23" },
        { "name": "漢漢漢漢", "quantity": "1", "price": "1", "vat": "23" }
    ]);
    let pages = rendered(&with_lines(&lines));
    assert_tidy(&pages[0]);
    let texts = pages[0].texts();
    assert!(texts.contains(&name), "{texts:?}");
    assert!(texts.contains(&"Zażółć gęślą jaźń"));
    let lacking = pages[0].shown.iter().find(|shown| shown.text == "漢漢漢漢").unwrap();
    assert!(lacking.right - lacking.x > 4.0 * lacking.size * 0.5, "four signs are seen");
}

#[test]
fn control_characters_of_a_sellers_name_break_nothing() {
    let mut content = with_lines(&lines(1));
    content.seller.name = "A\u{0}B\nC <&> \u{ffff}".to_owned();
    content.seller.account = Some(String::new());
    let texts: Vec<String> = rendered(&content)[0].shown.iter().map(|shown| shown.text.clone()).collect();
    assert!(texts.iter().any(|text| text.starts_with("A B C <&>")), "{texts:?}");
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let content = with_lines(&lines(40));
    let [one, other] = [(), ()].map(|()| render::pdf(&content, &Beside::default()).unwrap());
    assert_eq!(one, other);
    let mut different = content;
    different.number.push('9');
    assert_ne!(one, render::pdf(&different, &Beside::default()).unwrap());
}

#[test]
fn it_says_that_it_is_pdf_a_and_what_it_is() {
    let pdf = render::pdf(&with_lines(&lines(1)), &Beside::default()).unwrap();
    let document = lopdf::Document::load_mem(&pdf).unwrap();
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"pl");
    let metadata = catalog.get(b"Metadata").unwrap().as_reference().unwrap();
    let metadata = document.get_object(metadata).unwrap().as_stream().unwrap();
    let metadata = std::str::from_utf8(&metadata.content).unwrap();
    for part in
        ["<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>", "Faktura FV 1/03/2026", "Łukasz"]
    {
        assert!(metadata.contains(part), "{part}");
    }
    // Every font is embedded, and no colour depends on a device.
    let text = String::from_utf8_lossy(&pdf);
    assert_eq!(text.matches("/FontFile2").count(), 2);
    assert!(!text.contains("/DeviceRGB") && !text.contains("/DeviceGray") && text.contains("/CalGray"));
    assert!(!text.contains("/CreationDate"));
}
