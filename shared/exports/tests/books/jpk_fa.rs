//! The Polish `JPK_FA`.

use crate::{
    samples::*,
    shape::{Element, Holds, Rules, Sign, check},
};
use domain::{
    contact::Contact,
    export_format::{FileFormat, JpkAddress, JpkCorrectedInvoice, JpkFaOptions, JpkForeignRates, JpkPeriod},
    invoice::{
        AllowanceCharge, AllowanceChargeKind, InvoiceKind, PrecedingInvoice, VatCategory, VatSubtotal, VatTreatment,
    },
    ledger::Direction,
    money::Currency,
};
use exports::ExportDocument;
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

const TEXT: Holds = Holds::Text(256);
const AMOUNT: Holds = Holds::Amount(Sign::Allowed);
const FLAG: Holds = Holds::OneOf(&["true", "false"]);

/// Order and types of `JPK_FA` (4), as far as it is written.
const RULES: Rules = &[
    ("JPK", Holds::Children("Naglowek Podmiot1 Faktura+ FakturaCtrl FakturaWiersz+ FakturaWierszCtrl")),
    (
        "Naglowek",
        Holds::Children("KodFormularza WariantFormularza CelZlozenia DataWytworzeniaJPK DataOd DataDo KodUrzedu"),
    ),
    ("KodFormularza", Holds::OneOf(&["JPK_FA"])),
    ("WariantFormularza", Holds::OneOf(&["4"])),
    ("CelZlozenia", Holds::OneOf(&["1"])),
    ("DataWytworzeniaJPK", Holds::OneOf(&["2026-04-01T09:00:00Z"])),
    ("DataOd", Holds::Date),
    ("DataDo", Holds::Date),
    ("KodUrzedu", Holds::Count),
    ("Podmiot1", Holds::Children("IdentyfikatorPodmiotu AdresPodmiotu")),
    ("IdentyfikatorPodmiotu", Holds::Children("NIP PelnaNazwa")),
    ("NIP", Holds::Count),
    ("PelnaNazwa", Holds::Text(240)),
    (
        "AdresPodmiotu",
        Holds::Children(
            "etd:KodKraju etd:Wojewodztwo etd:Powiat etd:Gmina etd:Ulica? etd:NrDomu etd:NrLokalu? etd:Miejscowosc \
             etd:KodPocztowy",
        ),
    ),
    ("etd:KodKraju", Holds::OneOf(&["PL"])),
    ("etd:Wojewodztwo", Holds::Text(36)),
    ("etd:Powiat", Holds::Text(36)),
    ("etd:Gmina", Holds::Text(36)),
    ("etd:Ulica", Holds::Text(65)),
    ("etd:NrDomu", Holds::Text(9)),
    ("etd:NrLokalu", Holds::Text(10)),
    ("etd:Miejscowosc", Holds::Text(56)),
    ("etd:KodPocztowy", Holds::Text(8)),
    (
        "Faktura",
        Holds::Children(
            "KodWaluty P_1 P_2A P_3A? P_3B? P_3C P_3D P_4A? P_4B? P_5A? P_5B? P_6? P_13_1? P_14_1? P_14_1W? P_13_2? \
             P_14_2? P_14_2W? P_13_3? P_14_3? P_14_3W? P_13_4? P_14_4? P_14_4W? P_13_5? P_14_5? P_13_6? P_13_7? P_15 \
             P_16 P_17 P_18 P_18A P_19 P_19A? P_19B? P_19C? P_20 P_21 P_22 P_23 P_106E_2 P_106E_3 RodzajFaktury \
             NrFaKorygowanej?",
        ),
    ),
    ("KodWaluty", Holds::Text(3)),
    ("P_1", Holds::Date),
    ("P_2A", TEXT),
    ("P_3A", TEXT),
    ("P_3C", TEXT),
    ("P_3D", TEXT),
    ("P_4A", Holds::OneOf(&["PL"])),
    ("P_4B", Holds::Count),
    ("P_5A", Holds::Text(2)),
    ("P_5B", Holds::Text(30)),
    ("P_6", Holds::Date),
    ("P_13_1", AMOUNT),
    ("P_14_1", AMOUNT),
    ("P_14_1W", AMOUNT),
    ("P_13_2", AMOUNT),
    ("P_14_2", AMOUNT),
    ("P_14_2W", AMOUNT),
    ("P_13_3", AMOUNT),
    ("P_14_3", AMOUNT),
    ("P_14_3W", AMOUNT),
    ("P_13_4", AMOUNT),
    ("P_14_4", AMOUNT),
    ("P_14_4W", AMOUNT),
    ("P_13_5", AMOUNT),
    ("P_14_5", AMOUNT),
    ("P_13_6", AMOUNT),
    ("P_13_7", AMOUNT),
    ("P_15", AMOUNT),
    ("P_16", FLAG),
    ("P_17", FLAG),
    ("P_18", FLAG),
    ("P_18A", FLAG),
    ("P_19", FLAG),
    ("P_19A", TEXT),
    ("P_19B", TEXT),
    ("P_19C", TEXT),
    ("P_20", FLAG),
    ("P_21", FLAG),
    ("P_22", FLAG),
    ("P_23", FLAG),
    ("P_106E_2", FLAG),
    ("P_106E_3", FLAG),
    ("RodzajFaktury", Holds::OneOf(&["VAT", "KOREKTA"])),
    ("NrFaKorygowanej", TEXT),
    ("FakturaCtrl", Holds::Children("LiczbaFaktur WartoscFaktur")),
    ("LiczbaFaktur", Holds::Count),
    ("WartoscFaktur", AMOUNT),
    ("FakturaWiersz", Holds::Children("P_2B P_7? P_8A? P_8B? P_9A? P_9B? P_10? P_11? P_11A? P_12? P_12_XII?")),
    ("P_2B", TEXT),
    ("P_7", TEXT),
    ("P_8A", TEXT),
    ("P_8B", Holds::Number(6)),
    ("P_9A", AMOUNT),
    ("P_10", AMOUNT),
    ("P_11", AMOUNT),
    ("P_12", Holds::OneOf(&["23", "22", "8", "7", "5", "4", "3", "0", "zw", "oo", "np"])),
    ("P_12_XII", Holds::Number(6)),
    ("FakturaWierszCtrl", Holds::Children("LiczbaWierszyFaktur WartoscWierszyFaktur")),
    ("LiczbaWierszyFaktur", Holds::Count),
    ("WartoscWierszyFaktur", AMOUNT),
];

fn options() -> JpkFaOptions {
    let text = |text: &str| Some(text.to_owned());
    JpkFaOptions {
        tax_office: text("1471"),
        address: JpkAddress {
            voivodeship: text("MAZOWIECKIE"),
            county: text("Warszawa"),
            municipality: text("Warszawa"),
            street: text("ul. Krzywa"),
            house_number: text("1"),
            flat_number: text("2"),
            town: text("Warszawa"),
            postal_code: text("00-001"),
        },
        ..JpkFaOptions::default()
    }
}

fn format() -> FileFormat {
    FileFormat::JpkFa(options())
}

fn polish() -> Contact {
    contact(1, Direction::Sales, "Nabywca \"A\" & <B> S.A.", Some("PL5252248481"))
}

fn german() -> Contact {
    contact(2, Direction::Sales, "Käufer GmbH", Some("DE123456789"))
}

fn sale(number: u64, kind: InvoiceKind) -> ExportDocument {
    let lines = [
        Stated("700", "23", VatCategory::S, Some(dec!(23)), dec!(100), dec!(23)),
        Stated("700", "8", VatCategory::S, Some(dec!(8)), dec!(50.5), dec!(4.04)),
    ];
    document(number, polish(), kind, &lines)
}

fn of(contact: Contact, category: VatCategory, rate: Option<Decimal>, vat: Decimal) -> ExportDocument {
    document(7, contact, InvoiceKind::Invoice, &[Stated("700", "x", category, rate, dec!(100), vat)])
}

fn correction(number: u64) -> ExportDocument {
    let mut correction = sale(number, InvoiceKind::CreditNote);
    correction.invoice.preceding = vec![PrecedingInvoice { number: "INV-2026-1".into(), issue_date: None }];
    correction
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// What the schema does not check: control sums, and that each line is of an invoice of the file.
fn consistent(file: &Element) {
    check(file, "", RULES);
    let (invoices, rows) = (file.all("Faktura"), file.all("FakturaWiersz"));
    let sum = |elements: &[&Element], name: &str| elements.iter().map(|row| decimal(row.one(name))).sum::<Decimal>();
    assert_eq!(file.one("FakturaCtrl/LiczbaFaktur"), invoices.len().to_string());
    assert_eq!(decimal(file.one("FakturaCtrl/WartoscFaktur")), sum(&invoices, "P_15"));
    assert_eq!(file.one("FakturaWierszCtrl/LiczbaWierszyFaktur"), rows.len().to_string());
    assert_eq!(decimal(file.one("FakturaWierszCtrl/WartoscWierszyFaktur")), sum(&rows, "P_11"));
    for invoice in &invoices {
        for n in 1..=4 {
            assert_eq!(invoice.maybe(&format!("P_13_{n}")).is_some(), invoice.maybe(&format!("P_14_{n}")).is_some());
        }
        let parts = (1..=7).flat_map(|n| [format!("P_13_{n}"), format!("P_14_{n}")]);
        let total: Decimal = parts.filter_map(|name| invoice.maybe(&name).map(decimal)).sum();
        assert_eq!(total, decimal(invoice.one("P_15")));
        assert_eq!(invoice.maybe("NrFaKorygowanej").is_some(), invoice.one("RodzajFaktury") == "KOREKTA");
        assert!(invoice.one("P_1") >= file.one("Naglowek/DataOd") && invoice.one("P_1") <= file.one("Naglowek/DataDo"));
    }
    assert!(rows.iter().all(|row| invoices.iter().any(|invoice| invoice.one("P_2A") == row.one("P_2B"))));
}

fn read(format: &FileFormat, documents: &[ExportDocument]) -> Element {
    let exported = export(format, &polish_books(), documents, &[]);
    assert_eq!(exported.left_out, []);
    let file = Element::read(&exported.file);
    consistent(&file);
    file
}

/// The rates and flags of a file of one document.
fn said(file: &Element) -> String {
    let names = ["P_13_1", "P_13_4", "P_14_4", "P_13_5", "P_14_5", "P_13_6", "P_13_7"];
    let sums =
        names.iter().filter_map(|name| file.maybe(&format!("Faktura/{name}")).map(|text| format!("{name}={text}")));
    let flags = ["P_18", "P_19"].map(|name| format!("{name}={}", file.one(&format!("Faktura/{name}"))));
    let row = ["P_12", "P_12_XII"]
        .iter()
        .filter_map(|name| file.maybe(&format!("FakturaWiersz/{name}")).map(|text| format!("{name}={text}")));
    sums.chain(flags).chain(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn invoices_and_corrections_as_they_were_before() {
    let mut euro = sale(3, InvoiceKind::Invoice);
    euro.posting.currency = Currency::EUR;
    euro.rate = Some(rate(dec!(4.2513)));
    euro.invoice.delivery_date = Some(date("2026-03-12"));
    let mut abroad = of(german(), VatCategory::K, None, dec!(0));
    abroad.invoice.lines[0].price = Some(dec!(50));
    let exported =
        export(&format(), &polish_books(), &[sale(1, InvoiceKind::Invoice), correction(2), euro, abroad], &[1, 3]);
    assert_eq!(exported.left_out, []);
    consistent(&Element::read(&exported.file));
    golden("jpk_fa.xml", &exported.file);
}

#[test]
fn only_sales_are_in_it() {
    let lines = [Stated("400", "23", VatCategory::S, Some(dec!(23)), dec!(100), dec!(23))];
    let purchase = document(1, contact(3, Direction::Purchase, "Molen", None), InvoiceKind::Invoice, &lines);
    let exported = export(&format(), &polish_books(), &[purchase], &[]);
    assert_eq!(codes(&exported), [(0, "export_sales_only")]);
    assert_eq!(exported.file, b"");
}

#[test]
fn a_correction_carries_differences_and_names_what_it_corrects() {
    let file = read(&format(), &[correction(2)]);
    let one = |name: &str| file.one(&format!("Faktura/{name}")).to_owned();
    assert_eq!(
        ["P_13_1", "P_14_1", "P_13_2", "P_14_2", "P_15", "RodzajFaktury", "NrFaKorygowanej"].map(one),
        ["-100.00", "-23.00", "-50.50", "-4.04", "-177.54", "KOREKTA", "INV-2026-1"]
    );
    let row = file.all("FakturaWiersz")[0];
    assert_eq!([row.one("P_8B"), row.one("P_9A"), row.one("P_11")], ["-2", "50.00", "-100.00"]);
    let nameless = sale(2, InvoiceKind::CreditNote);
    let mut corrected = sale(3, InvoiceKind::Invoice);
    corrected.invoice.type_code = Some("384".into());
    corrected.invoice.preceding = vec![PrecedingInvoice { number: "INV-1".into(), issue_date: None }];
    let exported = export(&format(), &polish_books(), &[nameless, corrected.clone()], &[]);
    assert_eq!(codes(&exported), [(0, "export_value_missing"), (1, "export_setting_missing")]);
    let differences = JpkFaOptions { corrected_invoices: JpkCorrectedInvoice::Differences, ..options() };
    let file = read(&FileFormat::JpkFa(differences), &[corrected]);
    assert_eq!(file.one("Faktura/RodzajFaktury"), "KOREKTA");
}

#[test]
fn vat_in_another_currency_is_in_zloty_too_and_never_by_a_rate_that_is_not_there() {
    let mut euro = sale(1, InvoiceKind::Invoice);
    euro.posting.currency = Currency::EUR;
    let exported = export(&format(), &polish_books(), &[euro.clone()], &[]);
    assert_eq!(codes(&exported), [(0, "no_rate")]);
    euro.rate = Some(rate(dec!(4.2513)));
    let file = read(&format(), &[euro.clone()]);
    assert_eq!([file.one("Faktura/P_14_1W"), file.one("Faktura/P_14_2W")], ["97.78", "17.18"]);
    assert_eq!(file.one("Faktura/P_15"), "177.54", "in the currency of the document");
    // What the document states is better than what is computed.
    let mut stated = of(polish(), VatCategory::S, Some(dec!(23)), dec!(23));
    stated.posting.currency = Currency::EUR;
    stated.invoice.tax_currency = Some(currency("PLN"));
    stated.invoice.totals.vat_in_tax_currency = Some(dec!(97.79));
    assert_eq!(read(&format(), &[stated]).one("Faktura/P_14_1W"), "97.79");
    // A rate to the euro says nothing of the złoty.
    let exported = export(&format(), &exports::Books { currency: Currency::EUR, ..polish_books() }, &[euro], &[]);
    assert_eq!(codes(&exported), [(0, "no_rate")]);
}

#[test]
fn each_kind_of_vat_has_its_sums_and_flags() {
    let mut exempt = of(polish(), VatCategory::E, None, dec!(0));
    exempt.invoice.vat_breakdown = vec![VatSubtotal {
        treatment: VatTreatment { category: Some("E".into()), rate: None },
        taxable: dec!(100),
        vat: dec!(0),
        exemption_reason: Some("art. 43 ust. 1 pkt 29".into()),
    }];
    for (document, wanted) in [
        (of(polish(), VatCategory::AE, None, dec!(0)), "P_13_4=100.00 P_14_4=0.00 P_18=true P_19=false P_12=oo"),
        (of(german(), VatCategory::AE, None, dec!(0)), "P_13_5=100.00 P_18=true P_19=false P_12=np"),
        (of(german(), VatCategory::K, None, dec!(0)), "P_13_6=100.00 P_18=false P_19=false P_12=0"),
        (of(german(), VatCategory::O, None, dec!(0)), "P_13_5=100.00 P_18=false P_19=false P_12=np"),
        (exempt.clone(), "P_13_7=100.00 P_18=false P_19=true P_12=zw"),
    ] {
        let file = read(&format(), &[document]);
        assert_eq!(said(&file), wanted);
    }
    assert_eq!(read(&format(), &[exempt.clone()]).one("Faktura/P_19A"), "art. 43 ust. 1 pkt 29");
    let file = read(&format(), &[of(german(), VatCategory::K, None, dec!(0))]);
    assert_eq!(["P_4A", "P_5A", "P_5B"].map(|name| file.one(&format!("Faktura/{name}"))), ["PL", "DE", "123456789"]);
    let shop = FileFormat::JpkFa(JpkFaOptions { foreign_rates: JpkForeignRates::OneStopShop, ..options() });
    let foreign = of(german(), VatCategory::S, Some(dec!(19)), dec!(19));
    assert_eq!(
        said(&read(&shop, std::slice::from_ref(&foreign))),
        "P_13_5=100.00 P_14_5=19.00 P_18=false P_19=false P_12_XII=19"
    );
    let mut unsaid = exempt.clone();
    unsaid.invoice.vat_breakdown.clear();
    let mut margin = exempt;
    margin.invoice.vat_breakdown[0].exemption_reason = Some("VATEX-EU-F".into());
    let exported = export(&format(), &polish_books(), &[foreign, unsaid, margin], &[]);
    let wanted = [(0, "export_setting_missing"), (1, "export_value_missing"), (2, "export_out_of_range")];
    assert_eq!(codes(&exported), wanted);
}

#[test]
fn flags_come_from_the_document_or_the_settings() {
    let flags = |format: &FileFormat, document: ExportDocument| {
        let file = read(format, &[document]);
        ["P_16", "P_17", "P_18A"].map(|name| file.one(&format!("Faktura/{name}")) == "true")
    };
    assert_eq!(flags(&format(), sale(1, InvoiceKind::Invoice)), [false; 3]);
    let mut said = sale(1, InvoiceKind::Invoice);
    said.invoice.notes = vec!["Mechanizm Podzielonej Płatności".into()];
    said.invoice.tax_point_code = Some("432".into());
    said.invoice.type_code = Some("389".into());
    assert_eq!(flags(&format(), said), [true; 3]);
    let chosen = JpkFaOptions { cash_accounting: true, split_payment: true, ..options() };
    assert_eq!(flags(&FileFormat::JpkFa(chosen), sale(1, InvoiceKind::Invoice)), [true, false, true]);
}

#[test]
fn allowances_and_charges_are_lines_of_their_own() {
    let mut reduced = sale(1, InvoiceKind::Invoice);
    let part = |kind, amount, reason: Option<&str>| AllowanceCharge {
        kind,
        amount,
        reason: reason.map(str::to_owned),
        treatment: VatTreatment { category: Some("S".into()), rate: Some(dec!(23)) },
    };
    reduced.invoice.lines[0].net = Some(dec!(108));
    reduced.invoice.lines[0].price = Some(dec!(54.005));
    reduced.invoice.lines[0].allowance_charges = vec![part(AllowanceChargeKind::Allowance, dec!(0.01), None)];
    reduced.invoice.allowance_charges = vec![
        part(AllowanceChargeKind::Allowance, dec!(10), None),
        part(AllowanceChargeKind::Charge, dec!(2), Some("Przesyłka")),
    ];
    let file = read(&format(), &[reduced.clone()]);
    let rows: Vec<_> =
        file.all("FakturaWiersz").iter().map(|row| (row.one("P_7"), row.one("P_11"), row.one("P_12"))).collect();
    let wanted =
        [("Item 1", "108.00", "23"), ("Item 2", "50.50", "8"), ("Rabat", "-10.00", "23"), ("Przesyłka", "2.00", "23")];
    assert_eq!(rows, wanted);
    let first = file.all("FakturaWiersz")[0];
    assert_eq!((first.maybe("P_9A"), first.one("P_10"), first.one("P_8A")), (None, "0.01", "godz."));
    let mut off = reduced.clone();
    off.invoice.allowance_charges.clear();
    let mut bare = reduced;
    bare.invoice.lines.clear();
    let exported = export(&format(), &polish_books(), &[off, bare], &[]);
    assert_eq!(codes(&exported), [(0, "export_unbalanced"), (1, "export_value_missing")]);
}

#[test]
fn the_period_is_that_of_the_dates_of_issue() {
    let mut early = sale(1, InvoiceKind::Invoice);
    early.posting.issue_date = date("2026-02-10");
    let documents = [early, sale(2, InvoiceKind::Invoice)];
    let period = |format: &FileFormat| {
        let file = read(format, &documents);
        [file.one("Naglowek/DataOd").to_owned(), file.one("Naglowek/DataDo").to_owned()]
    };
    assert_eq!(period(&format()), ["2026-02-10", "2026-03-15"]);
    let months = FileFormat::JpkFa(JpkFaOptions { period: JpkPeriod::Months, ..options() });
    assert_eq!(period(&months), ["2026-02-01", "2026-03-31"]);
    let mut old = sale(3, InvoiceKind::Invoice);
    old.posting.issue_date = date("2016-06-30");
    let exported = export(&format(), &polish_books(), &[old], &[]);
    assert_eq!(exported.left_out[0].1.values, ["P_1", "2016-06-30"]);
}

#[test]
fn what_the_file_cannot_say_leaves_the_document_out() {
    let mut long = sale(1, InvoiceKind::Invoice);
    long.posting.number = "N".repeat(257);
    let mut control = sale(2, InvoiceKind::Invoice);
    control.invoice.lines[0].description = Some("a\u{0}b".into());
    let mut cents = sale(3, InvoiceKind::Invoice);
    cents.invoice.lines[0].net = Some(dec!(100.001));
    let mut advance = sale(4, InvoiceKind::Invoice);
    advance.invoice.type_code = Some("386".into());
    let mut money = sale(5, InvoiceKind::Invoice);
    money.posting.currency = currency("XCG");
    let exported = export(&format(), &polish_books(), &[long, control, cents, advance, money], &[]);
    let wanted = [
        (0, "export_too_long"),
        (1, "export_characters"),
        (2, "export_out_of_range"),
        (3, "export_value_missing"),
        (4, "export_out_of_range"),
    ];
    assert_eq!(codes(&exported), wanted);
    let mut books = polish_books();
    books.own.vat_numbers = vec!["DE123456789".parse().unwrap()];
    let exported = export(&format(), &books, &[sale(1, InvoiceKind::Invoice)], &[]);
    assert_eq!(exported.left_out[0].1.values, ["nip", "Piekarnia"]);
}

fn any_document() -> impl Strategy<Value = ExportDocument> {
    let line = (-100_000_i64..100_000, -3_i64..3, 0_usize..5);
    (prop::collection::vec(line, 1..6), any::<bool>(), any::<bool>(), 1_u64..99, 1_u32..90_000).prop_map(
        |(lines, is_credit, is_abroad, number, rate)| {
            let lines: Vec<Stated> = lines
                .into_iter()
                .map(|(net, off, code)| {
                    let net = Decimal::new(net, 2);
                    let (category, rate) = [
                        (VatCategory::S, dec!(23)),
                        (VatCategory::S, dec!(8)),
                        (VatCategory::S, dec!(5)),
                        (VatCategory::K, dec!(0)),
                        (VatCategory::AE, dec!(0)),
                    ][code];
                    let vat = if rate.is_zero() {
                        Decimal::ZERO
                    } else {
                        (net * rate).round() / dec!(100) + Decimal::new(off, 2)
                    };
                    Stated("700", "x", category, Some(rate), net, vat)
                })
                .collect();
            let kind = if is_credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice };
            let mut made = document(number, if is_abroad { german() } else { polish() }, kind, &lines);
            made.invoice.preceding = vec![PrecedingInvoice { number: "A 1".into(), issue_date: None }];
            made.posting.issue_date = date("2026-03-01") + chrono::Days::new(u64::from(rate % 31));
            made.posting.currency = currency(if rate % 2 == 0 { "PLN" } else { "CZK" });
            made.rate = Some(crate::samples::rate(Decimal::new(rate.into(), 4)));
            made
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn control_sums_are_right_and_cuts_do_not_show(documents in prop::collection::vec(any_document(), 1..9), cuts in cuts()) {
        let whole = export(&format(), &polish_books(), &documents, &[]);
        prop_assert_eq!(&whole.left_out, &[]);
        consistent(&Element::read(&whole.file));
        let cut = export(&format(), &polish_books(), &documents, &cuts);
        prop_assert!(cut.file == whole.file);
        prop_assert_eq!(cut.summary, whole.summary);
    }
}
