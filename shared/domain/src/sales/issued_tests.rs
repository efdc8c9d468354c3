use super::*;
use crate::{
    ids::{ConnectionId, Id},
    sales::{AtIssue, Capability, NumberPattern, Offers, Reset, SeriesLink, Unsupported},
};
use ulid::Ulid;

fn id<T: Id>(n: u128) -> T {
    T::from_ulid(Ulid::from_parts(1_700_000_000_000, n))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn order() -> OrderData {
    serde_json::from_str(
        r#"{
            "reference": "100234", "source": "shop", "currency": "PLN", "prices": "gross",
            "customer": {
                "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
                "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" }
            },
            "lines": [
                { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
                { "name": "Dostawa", "quantity": "1", "price": "12.30", "vat": "23" },
                { "name": "Książka", "quantity": "3", "price": "10.50", "vat": "5" }
            ],
            "payment": { "name": "Przelew", "paid": "110.70", "paid_on": "2026-03-09" }
        }"#,
    )
    .unwrap()
}

fn series(kind: IssuedKind, hide_payment_date: Choice) -> Series {
    Series {
        id: id(7),
        administration: id(1),
        name: "FV".to_owned(),
        kind,
        pattern: "FV {n}/{mm}/{yyyy}".parse::<NumberPattern>().unwrap(),
        reset: Reset::Monthly,
        first: 1,
        hide_payment_date,
        payment_days: 14,
        version: 1,
    }
}

fn seller() -> Seller {
    let customer = order().customer;
    Seller {
        name: "Demo".to_owned(),
        tax_number: "5252344078".to_owned(),
        address: customer.address,
        account: None,
        place: None,
        cash_accounting: Choice::No,
    }
}

fn issue(series: &Series) -> IssuedContent {
    let seller = seller();
    let issuing = Issuing { id: id(3), series, number: "FV 1/03/2026", date: day("2026-03-10"), seller: &seller };
    issuing.of_order(&order()).unwrap()
}

fn head(content: &IssuedContent, numbering: Numbering) -> Issued {
    Issued::new(content, (id(1), id(2)), numbering, chrono::DateTime::UNIX_EPOCH).unwrap()
}

fn connector() -> Connector {
    Connector {
        administration: id(1),
        unit: UnitId { connection: id::<ConnectionId>(9), division: "main".parse().ok() },
        numbering: Numbering::Ledger,
        automatic: Choice::Yes,
        show_ledger_document: Choice::No,
        send_sku: Choice::No,
        series: BTreeMap::new(),
        payments: BTreeMap::new(),
        version: 1,
    }
}

fn passed() -> Passed {
    Passed {
        ledger_id: "900123".to_owned(),
        number: "12/03/2026".to_owned(),
        link: None,
        copy: Copy::Awaited,
        ksef: None,
        at: chrono::DateTime::UNIX_EPOCH,
    }
}

#[test]
fn an_order_becomes_a_document_line_by_line() {
    let content = issue(&series(IssuedKind::Invoice, Choice::No));
    assert_eq!(content.total.gross, "142.20".parse::<Decimal>().unwrap());
    assert_eq!(content.lines[0].net.to_string(), "80.00");
    assert_eq!(content.lines[2].vat_amount.to_string(), "1.50");
    assert_eq!(content.sale_date, day("2026-03-10"));
    assert_eq!(content.due_date, Some(day("2026-03-24")));
    assert_eq!(content.customer, order().customer, "the customer exactly as on the order");
    assert_eq!(content.language, DocumentLanguage::Polish);
    assert_eq!(order().check(), Ok(()));
}

/// CO-25.
#[test]
fn a_payment_date_that_is_not_displayed_is_not_kept() {
    let content = issue(&series(IssuedKind::Invoice, Choice::Yes));
    assert_eq!((content.due_date, content.payment.paid_on), (None, None));
    assert!(!serde_json::to_string(&content).unwrap().contains("due_date"));
}

#[test]
fn every_pair_of_state_and_event_is_decided() {
    use {PassEvent as E, Passing as P};
    let allowed = [
        (P::NotPassed, E::Pass, P::Passing),
        (P::Withheld, E::Pass, P::Passing),
        (P::Failed, E::Pass, P::Passing),
        (P::NotPassed, E::Withhold, P::Withheld),
        (P::Failed, E::Withhold, P::Withheld),
        (P::Passing, E::Accepted, P::Passed),
        (P::Passing, E::Refused, P::Failed),
        (P::Passing, E::Unclear, P::Uncertain),
        (P::Uncertain, E::Found, P::Passed),
        (P::Uncertain, E::Absent, P::Failed),
    ];
    for state in P::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
        for event in E::ALL {
            let after = allowed.iter().find(|(from, by, _)| (*from, *by) == (state, event)).map(|(_, _, to)| *to);
            assert_eq!(state.after(event).ok().map(|(to, _)| to), after, "{state} {}", event.as_str());
        }
    }
    // CO-29: nothing leads away from what was passed.
    assert!(E::ALL.iter().all(|event| P::Passed.after(*event).is_err()));
}

#[test]
fn the_ledgers_number_becomes_the_legal_one() {
    let content = issue(&series(IssuedKind::Invoice, Choice::No));
    let ours = head(&content, Numbering::Ours);
    assert_eq!(ours.legal_number(), Some("FV 1/03/2026"));
    let theirs = head(&content, Numbering::Ledger);
    assert_eq!(theirs.legal_number(), None, "the ledger has still to give it");
    let theirs = Issued { passed: Some(passed()), ..theirs };
    assert_eq!(theirs.legal_number(), Some("12/03/2026"));
    let replaced = Replacement {
        number: Some("ERP-1".to_owned()),
        pdf: Some("r-1".to_owned()),
        by: Actor::System,
        at: chrono::DateTime::UNIX_EPOCH,
    };
    assert_eq!(Issued { replacement: Some(replaced), ..theirs }.legal_number(), Some("ERP-1"));
}

#[test]
fn a_correction_quotes_the_legal_number_and_waits_for_it() {
    let invoice = issue(&series(IssuedKind::Invoice, Choice::No));
    let (series, seller) = (series(IssuedKind::Correction, Choice::No), seller());
    let correction =
        Issuing { id: id(4), series: &series, number: "KOR 1/03/2026", date: day("2026-03-15"), seller: &seller };
    let one_less = LineChange { quantity: Some(Decimal::ONE.try_into().unwrap()), ..LineChange::default() };
    let changes = BTreeMap::from([(0, one_less)]);
    let reason: ItemName = "Zwrot towaru".parse().unwrap();
    let connector = connector();
    let (none, beyond) = (BTreeMap::new(), BTreeMap::from([(3, one_less)]));
    let of = |head: &Issued, changes, connector| correction.correction((head, &invoice), changes, &reason, connector);

    let unpassed = head(&invoice, Numbering::Ledger);
    assert_eq!(of(&unpassed, &changes, Some(&connector)), Err(IssueError::OriginalNotPassed));
    let unpassed = head(&invoice, Numbering::Ours);
    assert_eq!(of(&unpassed, &changes, Some(&connector)), Err(IssueError::OriginalNotPassed), "it must be there");
    assert_eq!(of(&unpassed, &changes, None).unwrap().corrects.unwrap().number, "FV 1/03/2026");

    let original = Issued { passing: Passing::Passed, passed: Some(passed()), ..head(&invoice, Numbering::Ledger) };
    let content = of(&original, &changes, Some(&connector)).unwrap();
    let corrects = content.corrects.clone().unwrap();
    assert_eq!((corrects.number.as_str(), corrects.ledger_id.as_deref()), ("12/03/2026", Some("900123")));
    assert_eq!(content.effect().unwrap().gross, "-49.20".parse::<Decimal>().unwrap());
    assert_eq!(head(&content, Numbering::Ledger).gross, "-49.20".parse::<Decimal>().unwrap());

    assert_eq!(of(&original, &none, Some(&connector)), Err(IssueError::NoChange));
    assert_eq!(of(&original, &beyond, Some(&connector)), Err(IssueError::NoLine(4)));
    let of_a_correction = correction.correction((&original, &content), &changes, &reason, None);
    assert_eq!(of_a_correction, Err(IssueError::NotCorrectable(IssuedKind::Correction)));
}

#[test]
fn settings_that_the_ledger_would_ignore_are_refused() {
    let fakturowo = Offers { ledger: "Fakturowo", capabilities: &[Capability::Receipts, Capability::Payments] };
    let linked =
        Connector { series: BTreeMap::from([(id(7), SeriesLink::Series { code: "701".to_owned() })]), ..connector() };
    assert_eq!(
        linked.check(&fakturowo),
        Err(Unsupported::Capability { ledger: "Fakturowo", capability: Capability::Series })
    );
    let kept = Connector { series: BTreeMap::from([(id(7), SeriesLink::DoNotPass)]), ..connector() };
    assert_eq!(kept.check(&fakturowo), Ok(()), "not to pass needs nothing of the ledger");
    let sku = Connector { send_sku: Choice::Yes, ..connector() };
    assert!(sku.check(&fakturowo).is_err());
    assert_eq!(fakturowo.takes(IssuedKind::Receipt), Ok(()));
    assert!(fakturowo.takes(IssuedKind::Correction).is_err());
    assert!(fakturowo.takes(IssuedKind::ProForma).is_err(), "CO-28");
}

#[test]
fn settings_say_what_happens_at_issue() {
    let all = Offers { ledger: "Fakturownia", capabilities: &Capability::ALL };
    let invoice = head(&issue(&series(IssuedKind::Invoice, Choice::No)), Numbering::Ledger);
    assert_eq!(connector().at_issue(&invoice, &all), AtIssue::Pass);
    let by_hand = Connector { automatic: Choice::No, ..connector() };
    assert_eq!(by_hand.at_issue(&invoice, &all), AtIssue::Keep);
    let kept = Connector { series: BTreeMap::from([(id(7), SeriesLink::DoNotPass)]), ..connector() };
    assert_eq!(kept.at_issue(&invoice, &all), AtIssue::Withhold);
    let correction = Issued { kind: IssuedKind::Correction, ..invoice.clone() };
    assert_eq!(connector().at_issue(&correction, &all), AtIssue::Keep, "CO-30: by hand");
    let receipt = Issued { kind: IssuedKind::Receipt, ..invoice };
    let infakt = Offers { ledger: "inFakt", capabilities: &[Capability::Corrections, Capability::Payments] };
    assert_eq!(connector().at_issue(&receipt, &infakt), AtIssue::Keep);
}
