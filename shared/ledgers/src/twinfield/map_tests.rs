use super::*;
use crate::{push::Codes, sample};
use domain::contact::Contact;

fn line(category: VatCategory, net: Decimal, vat: Decimal) -> PostingLine {
    PostingLine {
        account: "0110".parse().unwrap(),
        cost_centre: Some("KP01".parse().unwrap()),
        description: "Copy <paper> & more".into(),
        ..sample::line(category, "IH", net, vat)
    }
}

fn posting(direction: Direction, lines: Vec<PostingLine>) -> Posting {
    sample::posting(direction, lines)
}

fn options() -> Options {
    Options::default().with("purchase_journal", "INK").with("sales_journal", "VRK")
}

fn planned<T>(
    posting: &Posting,
    options: &Options,
    vat_number: Option<&str>,
    look: impl FnOnce(&Plan<'_>) -> T,
) -> Result<T, LedgerError> {
    let contact = Contact { vat_number: vat_number.map(|number| number.parse().unwrap()), ..sample::contact(posting) };
    let codes = Codes::default();
    let request = sample::request(posting, &contact, options, &codes);
    Plan::of(&request).map(|plan| look(&plan))
}

fn written(posting: &Posting, options: &Options) -> Result<String, LedgerError> {
    planned(posting, options, None, |plan| plan.transaction("NL001", &"2001".parse().unwrap(), None).write())
}

#[test]
fn a_purchase_invoice_is_written_exactly_and_everything_is_escaped() {
    let posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100), dec!(21.0))]);
    assert_eq!(
        written(&posting, &options()).unwrap(),
        "<transaction destiny=\"temporary\" raisewarning=\"true\" autobalancevat=\"true\"><header>\
         <office>NL001</office><code>INK</code><currency>EUR</currency><date>20260701</date>\
         <invoicenumber>F-2026-118</invoicenumber><paymentreference>7000123456789012</paymentreference>\
         <duedate>20260731</duedate><freetext3>doc_01JZ00000000000K3J5QWERTY1</freetext3></header><lines>\
         <line type=\"total\" id=\"1\"><dim2>2001</dim2><debitcredit>credit</debitcredit><value>121.00</value>\
         <description>Paper Co F-2026-118</description></line>\
         <line type=\"detail\" id=\"2\"><dim1>0110</dim1><dim2>KP01</dim2><debitcredit>debit</debitcredit>\
         <value>100.00</value><description>Copy &lt;paper&gt; &amp; more</description><vatcode>IH</vatcode>\
         <vatvalue>21.00</vatvalue></line></lines></transaction>"
    );
}

#[test]
fn a_credit_note_stands_on_the_other_sides_without_a_sign() {
    let lines = vec![line(VatCategory::S, dec!(-100.00), dec!(-21.00)), line(VatCategory::S, dec!(10.00), dec!(2.10))];
    for (direction, total, reducing, raising) in
        [(Direction::Purchase, "debit", "credit", "debit"), (Direction::Sales, "credit", "debit", "credit")]
    {
        let posting = posting(direction, lines.clone());
        let text = written(&posting, &options().with("purchase_credit_journal", "INKC")).unwrap();
        let sides: Vec<&str> =
            text.split("<debitcredit>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
        assert_eq!(sides, [total, reducing, raising], "{direction:?}");
        assert!(!text.contains(">-"), "{text}");
        assert_eq!(text.contains("<code>INKC</code>"), direction == Direction::Purchase);
    }
}

#[test]
fn what_decides_the_treatment_of_vat_is_held_until_somebody_says_how() {
    let code = |posting: &Posting, options: &Options, vat: Option<&str>| {
        planned(posting, options, vat, |_| ()).map_err(|error| (error.kind(), error.code()))
    };
    let held = Err((ErrorKind::Rejected, ErrorCode::Held));
    for category in [VatCategory::AE, VatCategory::K] {
        let purchase = posting(Direction::Purchase, vec![line(category, dec!(100.00), dec!(0))]);
        assert_eq!(code(&purchase, &options(), None), held, "{category}");
        assert_eq!(code(&purchase, &options().with("reverse_charge", "vat_code"), None), Ok(()), "{category}");
    }
    let sale = posting(Direction::Sales, vec![line(VatCategory::K, dec!(100.00), dec!(0))]);
    let options = options().with("reverse_charge", "vat_code");
    assert_eq!(code(&sale, &options, Some("BE0123456749")), held, "goods or services?");
    let goods = options.clone().with("eu_sales", "goods");
    assert_eq!(code(&sale, &goods, Some("BE0123456749")), Ok(()));
    let unknown = Err((ErrorKind::Rejected, ErrorCode::ContactUnidentified));
    assert_eq!(code(&sale, &goods, None), unknown, "the listing names the customer");
}

#[test]
fn sales_to_other_member_states_are_listed() {
    let listed = |category, kind: &str, number: &str| {
        let posting = posting(Direction::Sales, vec![line(category, dec!(100.00), dec!(0))]);
        let options = options().with("reverse_charge", "vat_code").with("eu_sales", kind);
        planned(&posting, &options, Some(number), |plan| {
            plan.transaction("NL001", &"1001".parse().unwrap(), None).write()
        })
        .unwrap()
    };
    let goods = listed(VatCategory::K, "goods", "EL123456789");
    assert!(goods.contains(
        "<performancetype>goods</performancetype><performancecountry>GR</performancecountry>\
         <performancevatnumber>EL123456789</performancevatnumber></line>"
    ));
    assert!(!goods.contains("<vatvalue>"), "Twinfield computes both sides");
    let services = listed(VatCategory::AE, "goods", "BE0123456749");
    assert!(services.contains("<performancetype>services</performancetype>"));
    assert!(services.contains("<performancedate>20260701</performancedate>"));
    assert!(!listed(VatCategory::AE, "goods", "NL001234567B01").contains("performance"), "at home nothing is listed");
}

#[test]
fn vat_that_its_rate_does_not_make_is_held() {
    let of = |net, vat| posting(Direction::Purchase, vec![line(VatCategory::S, net, vat)]);
    assert!(written(&of(dec!(99.99), dec!(21.02)), &options()).is_ok());
    let error = written(&of(dec!(99.99), dec!(21.03)), &options()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::VatPercentage));
    assert!(written(&of(dec!(99.99), dec!(21.03)), &options().with("vat_difference", "as_stated")).is_ok());
    let error = written(&of(dec!(100.00), dec!(-0.01)), &options()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::VatPercentage, "amount and VAT on different sides");
}

#[test]
fn settings_place_accounts_cost_centres_and_our_reference() {
    let mut posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100.00), dec!(21.00))]);
    posting.description = "A description that is longer than forty characters".into();
    posting.payment_reference = Some("9".repeat(41));
    let options = options()
        .with("creditor_account", "1605")
        .with("cost_centre_field", "dim3")
        .with("reference", "description")
        .with("destiny", "final")
        .with("warnings", "accept");
    let text = written(&posting, &options).unwrap();
    assert!(text.contains("destiny=\"final\" raisewarning=\"false\""), "{text}");
    assert!(text.contains("<dim1>1605</dim1><dim2>2001</dim2>"), "{text}");
    assert!(text.contains("<dim1>0110</dim1><dim3>KP01</dim3>"), "{text}");
    assert!(text.contains("<description>A description that is lon [0K3J5QWERTY1]</description>"), "{text}");
    assert!(!text.contains("freetext") && !text.contains("paymentreference"), "{text}");
    let transaction = Element::read(&text).unwrap();
    assert!(planned(&posting, &options, None, |plan| plan.is_ours(&transaction)).unwrap());
}

#[test]
fn another_booking_date_names_its_period_and_passes_the_warning_of_it() {
    let posting = posting(Direction::Purchase, vec![line(VatCategory::S, dec!(100.00), dec!(21.00))]);
    let text = planned(&posting, &options(), None, |plan| {
        plan.transaction("NL001", &"2001".parse().unwrap(), Some((2026, 8))).write()
    })
    .unwrap();
    assert!(text.contains("<date>20260701</date><period>2026/08</period>"), "{text}");
    assert!(text.contains("raisewarning=\"false\""), "{text}");
}

#[test]
fn a_transaction_is_read_with_the_vat_of_both_sides() {
    let text = |vat: &str| {
        format!(
            "<transaction result='1'><header><code name='Inkoop'>INK</code><currency>EUR</currency>\
             <invoicenumber>F-1</invoicenumber><user name='Robot'>ROBOT</user><number>202600042</number></header><lines>\
             <line type='total'><dim2>2001</dim2><debitcredit>credit</debitcredit><value>100.00</value></line>\
             <line type='detail'><debitcredit>debit</debitcredit><value>100.00</value></line>{vat}</lines></transaction>"
        )
    };
    let vat = "<line type='vat'><debitcredit>debit</debitcredit><value>21.00</value></line>";
    let contra = "<line type='vat'><debitcredit>credit</debitcredit><value>21.00</value></line>";
    for (lines, sum) in [(vat.to_owned(), dec!(21)), (format!("{vat}{contra}"), dec!(0)), (String::new(), dec!(0))] {
        let transaction = Element::read(&text(&lines)).unwrap();
        let booked = booked(Direction::Purchase, "NL001", &transaction, None, Found::Created).unwrap();
        assert_eq!(booked.vat, Some(sum));
        assert_eq!((booked.id.as_str(), booked.number.as_str()), ("NL001/INK/202600042", "INK 202600042"));
        assert_eq!((booked.creator.as_deref(), booked.reduces), (Some("Robot"), Some(false)));
    }
    assert_eq!(parts("NL001", "NL001/INK/202600042"), Some(("INK", "202600042")));
    assert_eq!(parts("NL0", "NL001/INK/202600042"), None);
}

#[test]
fn bookings_are_looked_for_around_the_document() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    assert_eq!(years_around(day("2026-07-01")), ("2025/01".into(), "2027/12".into()));
    assert_eq!(months_around(day("2026-01-31")), ("2025/12".into(), "2026/02".into()));
    assert_eq!(months_around(day("2026-12-31")), ("2026/11".into(), "2027/01".into()));
}
