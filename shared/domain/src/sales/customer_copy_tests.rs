use super::*;
use crate::{
    document::Actor,
    sales::{Numbering, Passed, Replacement},
    time::Instant,
};

fn at() -> Instant {
    Instant::from_timestamp(1_770_000_000, 0).unwrap()
}

fn issued(passing: Passing, numbering: Numbering) -> Issued {
    let json = serde_json::json!({
        "id": "iss_01JZ0000000000000000000000", "administration": "adm_01JZ0000000000000000000000", "version": 2,
        "kind": "invoice", "number": "FV 1", "series": "ser_01JZ0000000000000000000000",
        "order": "ord_01JZ0000000000000000000000", "issue_date": "2026-03-10", "customer": "X", "currency": "PLN",
        "gross": "98.40", "passing": passing, "numbering": numbering,
        "issued_at": "2026-03-10T10:00:00Z", "updated_at": "2026-03-10T10:00:00Z",
    });
    serde_json::from_value(json).unwrap()
}

fn passed(copy: Copy, ksef: Option<Ksef>) -> Issued {
    let passed = Passed { ledger_id: "1".to_owned(), number: "12/2026".to_owned(), link: None, copy, ksef, at: at() };
    Issued { passed: Some(passed), ..issued(Passing::Passed, Numbering::Ledger) }
}

fn connector(show_ledger_document: Choice) -> Connector {
    let json = serde_json::json!({
        "administration": "adm_01JZ0000000000000000000000", "unit": "cnn_01JZ0000000000000000000000/1", "version": 1,
        "show_ledger_document": show_ledger_document,
    });
    serde_json::from_value(json).unwrap()
}

/// What is shown, or the code of why not, where the ledger's document is to be shown.
fn shown(issued: &Issued) -> String {
    match issued.customer_copy(Some(&connector(Choice::Yes))) {
        CustomerCopy::Ours { number } => format!("ours {number}"),
        CustomerCopy::Ledgers => "ledger".to_owned(),
        CustomerCopy::Replacement { .. } => "replacement".to_owned(),
        CustomerCopy::Awaited(reason) => format!("awaited {}", reason.code),
        CustomerCopy::Missing(reason) => format!("missing {}", reason.code),
    }
}

#[test]
fn the_ledgers_document_is_shown_once_it_is_there_and_ours_never_in_its_place() {
    for (issued, wanted) in [
        (issued(Passing::NotPassed, Numbering::Ours), "missing not_in_ledger_yet"),
        (issued(Passing::Failed, Numbering::Ours), "missing not_in_ledger_yet"),
        (issued(Passing::Uncertain, Numbering::Ours), "missing not_in_ledger_yet"),
        (issued(Passing::Passing, Numbering::Ours), "awaited awaits_ledger"),
        (passed(Copy::Awaited, None), "awaited awaits_pdf"),
        (passed(Copy::Missing { reason: Reason::said(&Note::NoLedgerPdf), at: at() }, None), "missing no_ledger_pdf"),
        (passed(Copy::Fetched { at: at() }, None), "ledger"),
        // A series that stays here has no other document than ours.
        (issued(Passing::Withheld, Numbering::Ours), "ours FV 1"),
    ] {
        assert_eq!(shown(&issued), wanted, "{issued:?}");
    }
}

#[test]
fn a_document_that_goes_through_ksef_is_shown_when_it_has_its_number_there() {
    let with = |ksef| shown(&passed(Copy::Fetched { at: at() }, Some(ksef)));
    assert_eq!(with(Ksef::Awaited { status: "processing".to_owned() }), "awaited awaits_ksef");
    assert_eq!(with(Ksef::Refused { status: "send_error".to_owned() }), "missing ksef_refused");
    assert_eq!(with(Ksef::Accepted { number: "1-2-3".to_owned() }), "ledger");
    assert_eq!(with(Ksef::NotApplicable), "ledger");
}

#[test]
fn ours_is_shown_with_the_number_that_counts() {
    let ours = |issued: &Issued| match issued.customer_copy(Some(&connector(Choice::No))) {
        CustomerCopy::Ours { number } => Some(number),
        CustomerCopy::Ledgers
        | CustomerCopy::Replacement { .. }
        | CustomerCopy::Awaited(_)
        | CustomerCopy::Missing(_) => None,
    };
    assert_eq!(ours(&passed(Copy::Awaited, None)).as_deref(), Some("12/2026"), "the ledger's number, on our document");
    assert_eq!(ours(&issued(Passing::Failed, Numbering::Ours)).as_deref(), Some("FV 1"));
    assert_eq!(ours(&issued(Passing::Passing, Numbering::Ledger)), None, "the ledger has still to number it");
    assert_eq!(
        issued(Passing::NotPassed, Numbering::Ours).customer_copy(None),
        CustomerCopy::Ours { number: "FV 1".to_owned() }
    );
}

#[test]
fn what_is_attached_takes_the_place_of_both() {
    let replacement = |pdf| Replacement { number: Some("ERP 7".to_owned()), pdf, by: Actor::System, at: at() };
    let attached = Issued {
        replacement: Some(replacement(Some("r-1".to_owned()))),
        ..issued(Passing::Passing, Numbering::Ledger)
    };
    assert_eq!(shown(&attached), "replacement");
    let numbered = Issued { replacement: Some(replacement(None)), ..issued(Passing::Withheld, Numbering::Ours) };
    assert_eq!(shown(&numbered), "ours ERP 7");
}
