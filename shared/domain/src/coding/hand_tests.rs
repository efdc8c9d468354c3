use super::super::{
    OtherSide, code_by_hand,
    tests::{contact, group, invoice},
};
use super::*;
use crate::{
    invoice::{InvoiceKind, Totals},
    ledger::Direction,
    posting::Posting,
    template::tests::line as template_line,
};
use rust_decimal::dec;

fn line(account: &str, percent: Decimal, net: Decimal) -> CodingLine {
    CodingLine {
        account: account.parse().ok(),
        vat_code: "4".parse().ok(),
        vat_code_kind: Some(VatCodeKind::Rate { percent }),
        net: Some(net),
        ..CodingLine::default()
    }
}

fn hand(lines: Vec<CodingLine>) -> HandCoding {
    HandCoding { lines: Some(lines), ..HandCoding::default() }
}

fn code(invoice: &Invoice, hand: &HandCoding) -> Result<Posting, Vec<Missing>> {
    code_by_hand(invoice, Direction::Purchase, OtherSide::Known(&contact()), None, hand)
}

fn two_rates() -> Invoice {
    invoice(vec![group("S", dec!(21), dec!(100), dec!(21)), group("S", dec!(9), dec!(50), dec!(4.50))])
}

#[test]
fn a_persons_lines_book_exactly_the_document() {
    let mut lines =
        vec![line("4600", dec!(21), dec!(33.33)), line("4700", dec!(9), dec!(50)), line("4610", dec!(21), dec!(66.67))];
    lines[0].cost_centre = "KP01".parse().ok();
    lines[0].project = "P-7".parse().ok();
    lines[0].description = "Fuel [invoice number]".parse().ok();
    let mut choice = hand(lines);
    choice.payment_reference = "RF [invoice number]".parse().ok();
    choice.due_date = Date::from_ymd_opt(2026, 9, 1);
    choice.booking_date = Date::from_ymd_opt(2026, 8, 1);
    let posting = code(&two_rates(), &choice).unwrap();
    let amounts: Vec<_> =
        posting.lines.iter().map(|line| (line.account.as_str().to_owned(), line.net, line.vat)).collect();
    assert_eq!(
        amounts,
        [
            ("4600".to_owned(), dec!(33.33), dec!(7.00)),
            ("4700".to_owned(), dec!(50), dec!(4.50)),
            ("4610".to_owned(), dec!(66.67), dec!(14.00)),
        ],
        "in the person's order; the last line of a group takes what is left of its VAT"
    );
    assert_eq!((posting.net, posting.vat, posting.gross), (dec!(150), dec!(25.50), dec!(175.50)));
    assert_eq!(posting.lines[0].description, "Fuel F-2026-118");
    assert_eq!(posting.lines[1].description, "Paper Co F-2026-118", "what a line says that says nothing");
    assert_eq!((posting.lines[0].cost_centre.is_some(), posting.lines[0].project.is_some()), (true, true));
    assert_eq!(posting.payment_reference.as_deref(), Some("RF F-2026-118"));
    assert_eq!((posting.due_date, posting.booking_date), (choice.due_date, choice.booking_date));
    assert_eq!(posting.issue_date, Date::from_ymd_opt(2026, 7, 1).unwrap(), "the date of the document stays");
}

#[test]
fn a_credit_notes_lines_turn_their_sign_once() {
    let mut note = invoice(vec![group("S", dec!(21), dec!(100), dec!(21))]);
    note.kind = InvoiceKind::CreditNote;
    let posting = code(&note, &hand(vec![line("4600", dec!(21), dec!(100))])).unwrap();
    assert_eq!((posting.lines[0].net, posting.lines[0].vat, posting.gross), (dec!(-100), dec!(-21), dec!(-121)));
}

#[test]
fn what_is_saved_half_way_names_all_that_it_lacks() {
    let mut document = two_rates();
    document.number = None;
    let lines = vec![CodingLine::default(), CodingLine { net: Some(dec!(1.005)), ..line("4600", dec!(6), dec!(1)) }];
    let codes = |missing: Vec<Missing>| missing.iter().map(Missing::code).collect::<Vec<_>>();
    let missing = code(&document, &hand(lines)).unwrap_err();
    let wanted =
        ["number_missing", "line_account_missing", "line_vat_code_missing", "line_amount_missing", "precision"];
    assert_eq!(codes(missing), wanted);
    let missing = code(&two_rates(), &hand(vec![line("4600", dec!(21), dec!(90)), line("4600", dec!(6), dec!(60))]));
    assert_eq!(codes(missing.unwrap_err()), ["line_without_vat_group", "lines_disagree", "lines_disagree"]);
    assert_eq!(codes(code(&two_rates(), &hand(vec![])).unwrap_err()), ["lines_missing"]);
    let misfit = CodingLine { category: Some(VatCategory::AE), ..line("4600", dec!(21), dec!(100)) };
    assert_eq!(codes(code(&two_rates(), &hand(vec![misfit])).unwrap_err()), ["vat_code_misfit"]);
}

#[test]
fn a_document_without_a_breakdown_takes_the_lines_own() {
    let document = Invoice {
        totals: Totals { gross: Some(dec!(175.50)), ..Totals::default() },
        vat_breakdown: vec![],
        ..two_rates()
    };
    let lines = vec![line("4600", dec!(21), dec!(100)), line("4700", dec!(9), dec!(50))];
    assert_eq!(code(&document, &hand(lines.clone())).unwrap().vat, dec!(25.50));
    let cent = vec![CodingLine { vat: Some(dec!(21.01)), ..lines[0].clone() }, lines[1].clone()];
    let missing = code(&document, &hand(cent)).unwrap_err();
    assert_eq!(missing[0].code(), "totals_disagree");
}

#[test]
fn all_lines_that_were_used_are_kept_with_their_shares() {
    let lines = vec![
        line("4600", dec!(21), dec!(33.33)),
        line("4610", dec!(21), dec!(33.33)),
        line("4620", dec!(21), dec!(33.34)),
        line("4700", dec!(9), dec!(50)),
    ];
    let mut choice = hand(lines);
    choice.payment_reference = "[invoice number]".parse().ok();
    let document = two_rates();
    let template = choice.template(&document, None).unwrap().unwrap();
    assert_eq!(template.lines().len(), 4);
    assert_eq!(template.lines()[3].share, dec!(100));
    assert_eq!(template.lines()[0].description.to_string(), "[contact] [invoice number]");
    let again =
        super::super::code(&document, Direction::Purchase, OtherSide::Known(&contact()), Some(&template)).unwrap();
    assert_eq!(again.lines, code(&document, &choice).unwrap().lines, "the next one like it is booked alike");
}

#[test]
fn lines_of_other_rates_stay_in_the_template() {
    let low = template_line(VatCategory::S, dec!(9), dec!(100));
    let before =
        PostingTemplate::new(vec![template_line(VatCategory::S, dec!(21), dec!(100)), low.clone()], None).unwrap();
    let document = invoice(vec![group("S", dec!(21), dec!(100), dec!(21))]);
    let template = hand(vec![line("4999", dec!(21), dec!(100))]).template(&document, Some(&before)).unwrap().unwrap();
    assert_eq!((template.lines()[0].account.as_str(), &template.lines()[1]), ("4999", &low));
    assert_eq!(HandCoding::default().template(&document, Some(&before)), Ok(None), "nothing new was used");
}

#[test]
fn what_has_no_shares_is_no_template() {
    let document = invoice(vec![group("S", dec!(21), dec!(0), dec!(0))]);
    let lines = vec![line("4600", dec!(21), dec!(10)), line("4600", dec!(21), dec!(-10))];
    assert!(matches!(hand(lines).template(&document, None), Err(NotATemplate::Nothing { .. })));
    let lines = vec![line("4600", dec!(21), dec!(110)), line("4600", dec!(21), dec!(-10))];
    let refused = hand(lines).template(&invoice(vec![group("S", dec!(21), dec!(100), dec!(21))]), None);
    assert!(matches!(refused, Err(NotATemplate::Template(TemplateError::Share(_)))), "{refused:?}");
}
