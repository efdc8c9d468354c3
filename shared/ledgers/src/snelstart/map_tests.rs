use super::*;
use crate::sample;
use rust_decimal::dec;

const RELATION: &str = "6b0d3f5e-0000-4000-8000-0000000000a1";

fn line(category: VatCategory, code: &str, rate: Decimal, net: Decimal, vat: Decimal) -> PostingLine {
    PostingLine { rate: Some(rate), description: "Toner".into(), ..sample::line(category, code, net, vat) }
}

fn posting(direction: Direction, lines: Vec<PostingLine>) -> Posting {
    Posting {
        number: "F-26-00417".into(),
        issue_date: "2026-03-14".parse().unwrap(),
        due_date: Some("2026-04-13".parse().unwrap()),
        description: "Kantoorartikelen".into(),
        payment_reference: Some("1234567890123456".into()),
        ..sample::posting(direction, lines)
    }
}

fn high() -> PostingLine {
    line(VatCategory::S, "Hoog", dec!(21), dec!(100.00), dec!(21.00))
}

fn tables() -> BTreeMap<Kind, RateTable> {
    [(Kind::High, "2012-10-01/=21.0;"), (Kind::Low, "2019-01-01/=9.0;/2018-12-31=6.0;")]
        .into_iter()
        .map(|(kind, rates)| (kind, RateTable::unpack(rates).unwrap()))
        .collect()
}

fn with<T>(posting: &Posting, options: &Options, work: impl FnOnce(&PushRequest<'_>) -> T) -> T {
    let contact = sample::contact(posting);
    let mut codes = Codes::default();
    codes.accounts.insert("4600".parse().unwrap(), "6b0d3f5e-0000-4000-8000-0000000000b1".into());
    codes.cost_centres.insert("1".parse().unwrap(), "6b0d3f5e-0000-4000-8000-0000000000c1".into());
    let document = "doc_01JZ0000000000000000000000".parse().unwrap();
    work(&PushRequest { document, ..sample::request(posting, &contact, options, &codes) })
}

fn written(posting: &Posting, options: &Options) -> Result<String, LedgerError> {
    with(posting, options, |request| {
        let plan = Plan::of(request)?;
        plan.check_rates(&tables())?;
        let relation = Id::parse(RELATION).unwrap();
        let learned = Codes::default();
        let booking = plan.booking(&relation, &tables(), [&learned, request.codes])?;
        Ok(serde_json::to_string(&booking).unwrap())
    })
}

#[test]
fn a_purchase_invoice_is_written_exactly() {
    let mut low = line(VatCategory::S, "Laag", dec!(9.00), dec!(50), dec!(4.5));
    low.cost_centre = Some("1".parse().unwrap());
    let posting = posting(Direction::Purchase, vec![high(), low]);
    assert_eq!(
        written(&posting, &Options::default()).unwrap(),
        concat!(
            r#"{"factuurnummer":"F-26-00417","factuurdatum":"2026-03-14T00:00:00","#,
            r#""leverancier":{"id":"6b0d3f5e-0000-4000-8000-0000000000a1"},"#,
            r#""omschrijving":"Kantoorartikelen | vervaldatum 2026-04-13 | kenmerk 1234567890123456 | [000000000000]","#,
            r#""factuurbedrag":"175.50","boekingsregels":[{"omschrijving":"Toner","#,
            r#""grootboek":{"id":"6b0d3f5e-0000-4000-8000-0000000000b1"},"bedrag":"100.00","btwSoort":"Hoog"},"#,
            r#"{"omschrijving":"Toner","grootboek":{"id":"6b0d3f5e-0000-4000-8000-0000000000b1"},"#,
            r#""kostenplaats":{"id":"6b0d3f5e-0000-4000-8000-0000000000c1"},"bedrag":"50.00","btwSoort":"Laag"}],"#,
            r#""btw":[{"btwSoort":"InkopenHoog","btwBedrag":"21.00"},{"btwSoort":"InkopenLaag","btwBedrag":"4.50"}]}"#
        )
    );
}

#[test]
fn a_sale_says_when_it_is_due_and_a_credit_note_is_due_at_once() {
    let mut sale = posting(Direction::Sales, vec![high()]);
    let text = written(&sale, &Options::default()).unwrap();
    assert!(text.contains(r#""klant":{"id""#) && text.contains(r#""betalingstermijn":30"#), "{text}");
    assert!(text.contains("VerkopenHoog") && !text.contains("vervaldatum"), "{text}");
    sale.booking_date = Some("2026-04-01".parse().unwrap());
    let text = written(&sale, &Options::default()).unwrap();
    assert!(
        text.contains(r#""factuurdatum":"2026-04-01T00:00:00""#) && text.contains("factuurdatum 2026-03-14"),
        "{text}"
    );
    assert!(text.contains(r#""betalingstermijn":12"#), "{text}");
    let credit = posting(Direction::Sales, vec![line(VatCategory::S, "Hoog", dec!(21), dec!(-1.00), dec!(-0.21))]);
    let text = written(&credit, &Options::default()).unwrap();
    assert!(text.contains(r#""betalingstermijn":0"#) && text.contains(r#""factuurbedrag":"-1.21""#), "{text}");
}

/// Nothing is sent before a person has said how.
#[test]
fn what_is_not_certain_is_held_until_an_option_says_how() {
    let reverse = || line(VatCategory::AE, "Verlegd", dec!(0), dec!(100.00), dec!(0));
    let within_eu = || line(VatCategory::K, "EU", dec!(0), dec!(100.00), dec!(0));
    let credit = || line(VatCategory::S, "Hoog", dec!(21), dec!(-100.00), dec!(-21.00));
    for (direction, line, options, expected) in [
        (Direction::Purchase, credit(), vec![("purchase_credit_notes", "negative")], r#""btwBedrag":"-21.00""#),
        (
            Direction::Purchase,
            reverse(),
            vec![("purchase_reverse_charge", "zero")],
            r#"[{"btwSoort":"InkopenVerlegd","btwBedrag":"0.00"}]"#,
        ),
        (
            Direction::Purchase,
            reverse(),
            vec![("purchase_reverse_charge", "owed")],
            r#"[{"btwSoort":"InkopenVerlegd","btwBedrag":"21.00"}]"#,
        ),
        (
            Direction::Purchase,
            within_eu(),
            vec![("purchase_intra_community", "reverse_charge"), ("purchase_reverse_charge", "zero")],
            r#""btwSoort":"InkopenVerlegd""#,
        ),
        (
            Direction::Sales,
            reverse(),
            vec![("sales_reverse_charge", "zero")],
            r#"[{"btwSoort":"VerkopenVerlegd","btwBedrag":"0.00"}]"#,
        ),
        (Direction::Sales, within_eu(), vec![("sales_intra_community", "account")], r#""btwSoort":"Geen"}]}"#),
    ] {
        let posting = posting(direction, vec![line]);
        let mut set = Options::default();
        for (key, value) in options {
            let error = written(&posting, &set).unwrap_err();
            assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Held), "{key}");
            assert!(error.message().contains("held for a person"), "{error}");
            set = set.with(key, value);
        }
        let text = written(&posting, &set).unwrap();
        assert!(text.contains(expected), "{text}");
        assert!(text.contains(&format!(r#""factuurbedrag":"{:.2}""#, posting.gross)), "{text}");
    }
}

#[test]
fn a_rate_must_be_that_of_its_kind_on_the_day() {
    let mut old = posting(Direction::Purchase, vec![line(VatCategory::S, "Laag", dec!(6), dec!(1.00), dec!(0.06))]);
    assert_eq!(written(&old, &Options::default()).unwrap_err().code(), ErrorCode::VatPercentage);
    old.issue_date = "2018-12-31".parse().unwrap();
    assert!(written(&old, &Options::default()).is_ok());
    let none = posting(Direction::Purchase, vec![line(VatCategory::S, "Geen", dec!(21), dec!(1.00), dec!(0.21))]);
    assert_eq!(written(&none, &Options::default()).unwrap_err().code(), ErrorCode::VatCodeNotAllowed);
}

#[test]
fn texts_keep_to_their_limits_and_the_mark_is_whole() {
    let mut long = posting(Direction::Purchase, vec![high()]);
    long.description = "é".repeat(400);
    long.payment_reference = Some("9".repeat(200));
    long.lines[0].description = "l".repeat(300);
    let text = written(&long, &Options::default()).unwrap();
    let description = text.split(r#""omschrijving":""#).nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(description.chars().count(), DESCRIPTION_CHARS_MAX);
    assert!(description.ends_with("| [000000000000]") && !description.contains("kenmerk"), "{description}");
    assert!(text.contains(&format!(r#""omschrijving":"{}""#, "l".repeat(DESCRIPTION_CHARS_MAX))));
    for number in ["", " ", &"1".repeat(26)] {
        long.number = number.into();
        assert_eq!(written(&long, &Options::default()).unwrap_err().code(), ErrorCode::MandatoryField, "{number}");
    }
}

#[test]
fn lines_of_nothing_are_left_out() {
    let empty = line(VatCategory::E, "Geen", dec!(0), dec!(0.00), dec!(0));
    let text = written(&posting(Direction::Purchase, vec![high(), empty.clone()]), &Options::default()).unwrap();
    assert_eq!(text.matches("grootboek").count(), 1);
    let error = written(&posting(Direction::Purchase, vec![empty]), &Options::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::MandatoryField);
}

#[test]
fn our_reference_is_the_voucher_when_that_is_chosen() {
    let invoice = posting(Direction::Purchase, vec![high()]);
    assert!(!written(&invoice, &Options::default()).unwrap().contains("boekstuk"));
    let chosen = Options::default().with("voucher_number", "reference");
    assert!(written(&invoice, &chosen).unwrap().contains(r#""boekstuk":"000000000000""#));
}
