use super::*;
use crate::{
    push::Codes,
    sample::{self, DOCUMENT},
};

fn line(category: VatCategory, net: Decimal, vat: Decimal) -> PostingLine {
    PostingLine {
        account: "4500".parse().unwrap(),
        cost_centre: Some("100".parse().unwrap()),
        description: "Toner".into(),
        ..sample::line(category, "2", net, vat)
    }
}

fn posting(direction: Direction, lines: Vec<PostingLine>) -> Posting {
    Posting {
        number: "F-26-00417".into(),
        issue_date: "2026-03-04".parse().unwrap(),
        due_date: Some("2026-04-03".parse().unwrap()),
        payment_reference: Some("1234567890123456".into()),
        ..sample::posting(direction, lines)
    }
}

fn options() -> Options {
    Options::default().with("purchase_journal", "I").with("sales_journal", "V")
}

fn planned<T>(posting: &Posting, options: &Options, look: impl FnOnce(&Plan<'_>) -> T) -> Result<T, LedgerError> {
    let (contact, codes) = (sample::contact(posting), Codes::default());
    Plan::of("Multivers", &sample::request(posting, &contact, options, &codes)).map(|plan| look(&plan))
}

fn written(posting: &Posting, options: &Options, rate: Option<Decimal>) -> Result<String, LedgerError> {
    let relation = "7001".parse().unwrap();
    let told =
        Told { relation: &relation, period: (2026, 3), condition: "30", rate, link: Link::Sent, invoice_id: None };
    planned(posting, options, |plan| serde_json::to_string(&plan.invoice(&told)).unwrap())
}

#[test]
fn a_purchase_is_written_with_exact_amounts_and_dutch_dates() {
    let posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100), dec!(21))]);
    assert_eq!(
        written(&posting, &options(), None).unwrap(),
        "{\"supplierId\":\"7001\",\"journalId\":\"I\",\"fiscalYear\":2026,\"periodNumber\":3,\
         \"invoiceDate\":\"4-3-2026\",\"invoiceExpirationDate\":\"3-4-2026\",\"paymentConditionId\":\"30\",\
         \"paymentReference\":\"1234567890123456\",\"vatAmount\":21.00,\"vatAmountCur\":21.00,\
         \"reference\":\"F-26-00417\",\"currencyId\":\"EUR\",\"autoCalculateVat\":false,\
         \"amountTotal\":121.00,\"amountTotalCur\":121.00,\"totalAmountVatExcl\":100.00,\"totalAmountVatExclCur\":100.00,\
         \"supplierInvoiceLines\":[{\"accountId\":\"4500\",\"description\":\"Toner [K3J5QWERTY1]\",\
         \"transactionDate\":\"4-3-2026\",\"debitAmount\":100.00,\"debitAmountCur\":100.00,\"vatAmount\":21.00,\
         \"vatAmountCur\":21.00,\"vatCodeId\":2,\"costCentreId\":\"100\"}]}"
            .replace("K3J5QWERTY1", &DOCUMENT[DOCUMENT.len() - 12..])
    );
}

#[test]
fn each_member_that_is_not_certain_can_be_left_out() {
    let posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100), dec!(21))]);
    for (option, member) in [
        ("purchase_reference", "\"reference\""),
        ("purchase_currency", "currencyId"),
        ("purchase_auto_vat", "autoCalculateVat"),
        ("purchase_totals", "amountTotal"),
        ("purchase_vat_code", "vatCodeId"),
        ("purchase_cost_centre", "costCentreId"),
    ] {
        assert!(written(&posting, &options(), None).unwrap().contains(member), "{member}");
        let left_out = written(&posting, &options().with(option, "omit"), None).unwrap();
        assert!(!left_out.contains(member), "{member}: {left_out}");
    }
    let in_lines = written(&posting, &options().with("purchase_reference", "omit"), None).unwrap();
    assert!(in_lines.contains("\"description\":\"F-26-00417 Toner ["), "{in_lines}");
    let elsewhere = written(&posting, &options().with("our_reference", "document"), None).unwrap();
    assert!(elsewhere.contains("\"description\":\"Toner\"") && elsewhere.contains("\"document\":\""), "{elsewhere}");
}

#[test]
fn what_decides_vat_or_a_sign_is_held_until_somebody_says_how() {
    let purchase = |line| posting(Direction::Purchase, vec![line]);
    let foreign = Posting { currency: "SEK".parse().unwrap(), ..purchase(line(VatCategory::S, dec!(1), dec!(0.21))) };
    for (posting, option, answers) in [
        (purchase(line(VatCategory::AE, dec!(100), dec!(0))), "reverse_charge", ["vat_code", "vat_code"]),
        (purchase(line(VatCategory::K, dec!(100), dec!(0))), "intra_community", ["vat_code", "vat_code"]),
        (purchase(line(VatCategory::S, dec!(-100), dec!(-21))), "credit_notes", ["swap", "negative"]),
        (
            posting(Direction::Sales, vec![line(VatCategory::S, dec!(100), dec!(21))]),
            "revenue_side",
            ["credit", "debit"],
        ),
        (purchase(line(VatCategory::S, dec!(100), dec!(21.03))), "vat_difference", ["as_stated", "as_stated"]),
        (foreign, "exchange_rate", ["multiply", "divide"]),
    ] {
        let error = planned(&posting, &options(), |_| ()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (crate::ErrorKind::Rejected, ErrorCode::Held), "{option}");
        assert!(error.message().contains(option), "{error}");
        for answer in answers {
            planned(&posting, &options().with(option, answer), |_| ()).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn a_credit_note_goes_to_the_other_side_or_becomes_negative() {
    let lines = vec![line(VatCategory::S, dec!(-100), dec!(-21)), line(VatCategory::S, dec!(10), dec!(2.10))];
    let credit = posting(Direction::Purchase, lines);
    let swapped =
        written(&credit, &options().with("credit_notes", "swap").with("credit_invoice_type", "2"), None).unwrap();
    assert!(swapped.contains("\"creditAmount\":100.00,\"creditAmountCur\":100.00,\"vatAmount\":21.00"), "{swapped}");
    assert!(swapped.contains("\"debitAmount\":10.00,\"debitAmountCur\":10.00,\"vatAmount\":2.10"), "{swapped}");
    assert!(
        swapped.contains("\"amountTotal\":-108.90,\"amountTotalCur\":-108.90") && swapped.contains("\"invoiceType\":2")
    );
    let negative = written(&credit, &options().with("credit_notes", "negative"), None).unwrap();
    assert!(negative.contains("\"debitAmount\":-100.00,\"debitAmountCur\":-100.00,\"vatAmount\":-21.00"), "{negative}");
    assert!(!negative.contains("credit") && !negative.contains("invoiceType"), "{negative}");

    let sale = posting(Direction::Sales, vec![line(VatCategory::S, dec!(100), dec!(21))]);
    for (side, name) in [("credit", "creditAmount"), ("debit", "debitAmount")] {
        let text = written(&sale, &options().with("revenue_side", side), None).unwrap();
        assert!(text.contains(&format!("\"{name}\":100.00")) && text.contains("customerInvoiceLines"), "{text}");
    }
}

#[test]
fn another_currency_is_converted_line_by_line() {
    let lines = vec![line(VatCategory::S, dec!(33.33), dec!(7.00)), line(VatCategory::S, dec!(66.67), dec!(14.00))];
    let foreign = Posting { currency: "SEK".parse().unwrap(), ..posting(Direction::Purchase, lines) };
    let text = written(&foreign, &options().with("exchange_rate", "multiply"), Some(dec!(0.088))).unwrap();
    assert!(text.contains("\"currencyId\":\"SEK\",\"exchangeRate\":0.088"), "{text}");
    assert!(text.contains("\"debitAmount\":2.93,\"debitAmountCur\":33.33,\"vatAmount\":0.62,\"vatAmountCur\":7.00"));
    assert!(text.contains("\"amountTotal\":10.65,\"amountTotalCur\":121.00,\"totalAmountVatExcl\":8.80"), "{text}");
    let text = written(&foreign, &options().with("exchange_rate", "divide"), Some(dec!(11.3636))).unwrap();
    assert!(text.contains("\"debitAmount\":2.93,\"debitAmountCur\":33.33"), "{text}");
}

#[test]
fn a_vat_scenario_is_that_of_all_lines() {
    let scenarios = options()
        .with("reverse_charge", "scenario")
        .with("purchase_reverse_charge_scenario", "2")
        .with("purchase_scenario", "1");
    let reversed = line(VatCategory::AE, dec!(100), dec!(0));
    let text = written(&posting(Direction::Purchase, vec![reversed.clone()]), &scenarios, None).unwrap();
    assert!(text.contains("\"vatScenarioId\":2"), "{text}");
    let usual = line(VatCategory::S, dec!(100), dec!(21));
    let text = written(&posting(Direction::Purchase, vec![usual.clone()]), &scenarios, None).unwrap();
    assert!(text.contains("\"vatScenarioId\":1"), "{text}");
    let mixed = posting(Direction::Purchase, vec![reversed.clone(), usual]);
    assert_eq!(written(&mixed, &scenarios, None).unwrap_err().code(), ErrorCode::Unsupported);
    let unnamed = options().with("reverse_charge", "scenario");
    let error = written(&posting(Direction::Purchase, vec![reversed]), &unnamed, None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Option);
}

#[test]
fn the_link_leads_to_our_own_page_and_nowhere_else() {
    let posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100), dec!(21))]);
    let text = written(&posting, &options().with("document_viewer", "https://app.example/documents/"), None).unwrap();
    assert!(text.contains(&format!("\"documentLink\":\"https://app.example/documents/{DOCUMENT}\"")), "{text}");
    for viewer in ["http://app.example/documents", "https://app.example/?d=", "https://user@app.example/", "app"] {
        let error = written(&posting, &options().with("document_viewer", viewer), None).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Option, "{viewer}");
    }
    let off = options().with("document_viewer", "https://app.example").with("document_link", "omit");
    assert!(!written(&posting, &off, None).unwrap().contains("documentLink"));
}

#[test]
fn an_invoice_is_known_by_our_reference_and_may_be_it_by_its_number_or_payment() {
    let posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100), dec!(21))]);
    let row = |text: &str| serde_json::from_str::<Record>(text).unwrap();
    planned(&posting, &options(), |plan| {
        for (text, may_be) in [
            (r#"{"invoiceReference":"f26 00417"}"#, true),
            (r#"{"invoiceReference":"F-26-00418","paymentReference":"1234567890123456"}"#, false),
            (r#"{"invoiceReference":"","paymentReference":"1234567890123456"}"#, true),
            (r#"{"invoiceAmount":121.0,"invoiceDate":"4-3-2026"}"#, true),
            (r#"{"invoiceAmount":121.0,"invoiceDate":"3-4-2026"}"#, false),
        ] {
            assert_eq!(plan.may_be(&row(text)), may_be, "{text}");
        }
        let key = &DOCUMENT[DOCUMENT.len() - 12..];
        let line = |line: String| row(&format!("{{\"supplierInvoiceLines\":[{line}]}}"));
        assert!(plan.is_ours(&line(format!("{{\"description\":\"Toner [{key}]\"}}"))));
        assert!(plan.is_ours(&line(format!("{{\"document\":\"{key}\"}}"))));
        assert!(!plan.is_ours(&line("{\"description\":\"Toner [01JZ00000000]\"}".to_owned())));
    })
    .unwrap();
}

#[test]
fn an_invoice_reads_back_whatever_is_left_out() {
    let read = |text: &str| {
        let record: Record = serde_json::from_str(text).unwrap();
        booked(Direction::Purchase, &record, Some(&"7001".parse().unwrap()), Found::Again)
    };
    let plain = read(
        r#"{"invoiceId":"20260087","journalId":"I","journalTransaction":42,"amountTotal":-121.0,"vatAmount":-21.0}"#,
    );
    let plain = plain.unwrap();
    assert_eq!((plain.number.as_str(), plain.gross, plain.vat), ("I 42", Some(dec!(-121)), Some(dec!(-21))));
    assert_eq!((plain.reduces, plain.currency), (Some(true), Some(Currency::EUR)));
    let foreign =
        read(r#"{"invoiceId":"1","currencyId":"SEK","amountTotal":10.65,"amountTotalCur":121.0,"vatAmount":1.85}"#);
    let foreign = foreign.unwrap();
    assert_eq!((foreign.number.as_str(), foreign.gross, foreign.vat), ("1", Some(dec!(121)), None));
    assert!(read(r#"{"journalId":"I"}"#).is_none());
}
