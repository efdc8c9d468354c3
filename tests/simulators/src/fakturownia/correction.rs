//! Corrections: each line is the difference between what was and what is.

use rust_decimal::Decimal;

use super::create::is_on;
use super::given::Given;
use super::lines::read_position;
use super::refusal::{EMPTY, Faults};
use super::state::{Account, Document, Position, Settings, Untouched};

/// Reads what a correction corrects, and its lines.
pub(super) fn read(
    account: &Account,
    settings: &Settings,
    document: &mut Document,
    given: Given<'_>,
    faults: &mut Faults,
) -> Vec<Position> {
    document.correction_reason = given.text("correction_reason");
    let (invoice, from) = (given.id("invoice_id"), given.id("from_invoice_id"));
    document.from_invoice_id = invoice.or(from);
    let original = document.from_invoice_id.map(|id| account.document(id));
    match original {
        Some(None) => faults.add("invoice_id", "nie istnieje"),
        None if is_on(account.ksef) => faults.add("invoice_id", EMPTY),
        None | Some(Some(_)) => {}
    }
    if invoice.zip(from).is_some_and(|(invoice, from)| invoice != from) {
        faults.add("from_invoice_id", "musi być takie samo jak invoice_id");
    }
    let original = original.flatten();
    if let Some(original) = original.filter(|_| is_on(account.ksef)) {
        locked(original, document, faults);
    }
    let positions: Vec<Position> =
        given.list("positions").into_iter().map(|line| read_line(account, settings, line, faults)).collect();
    let is_missing = |line: &Position| !positions.iter().any(|position| position.name == line.name);
    match settings.untouched_lines {
        Untouched::Required if original.is_some_and(|original| original.positions.iter().any(is_missing)) => {
            faults.add("positions", "nie zawiera wszystkich pozycji korygowanej faktury");
        }
        Untouched::Required | Untouched::LeftOut => {}
    }
    positions
}

/// With KSeF a correction must not change who buys and sells.
fn locked(original: &Document, document: &Document, faults: &mut Faults) {
    let text = |flag: bool| flag.to_string();
    let department = |document: &Document| document.department_id.map(|id| id.to_string()).unwrap_or_default();
    for (name, was, is) in [
        ("department_id", department(original), department(document)),
        ("seller_tax_no", original.seller.tax_no.clone(), document.seller.tax_no.clone()),
        ("seller_email", original.seller.email.clone(), document.seller.email.clone()),
        ("seller_phone", original.seller.phone.clone(), document.seller.phone.clone()),
        ("buyer_company", text(original.buyer.company), text(document.buyer.company)),
        ("buyer_tax_no", original.buyer.tax_no.clone(), document.buyer.tax_no.clone()),
        ("buyer_tax_no_kind", original.buyer.tax_no_kind.clone(), document.buyer.tax_no_kind.clone()),
        ("buyer_note", original.buyer.note.clone(), document.buyer.note.clone()),
        ("buyer_email", original.buyer.email.clone(), document.buyer.email.clone()),
        ("buyer_phone", original.buyer.phone.clone(), document.buyer.phone.clone()),
    ] {
        if was != is {
            faults.add(name, "musi być takie samo jak na korygowanej fakturze");
        }
    }
}

fn read_line(account: &Account, settings: &Settings, line: Given<'_>, faults: &mut Faults) -> Position {
    let mut position = read_position(account, settings, line, faults);
    if line.text("kind") != "correction" {
        faults.add("positions.kind", "musi mieć wartość correction");
    }
    let mut sides = Vec::new();
    for (name, kind) in
        [("correction_before_attributes", "correction_before"), ("correction_after_attributes", "correction_after")]
    {
        match line.0.get(name) {
            Some(side) => {
                if Given(side).text("kind") != kind {
                    faults.add(&format!("positions.{name}.kind"), &format!("musi mieć wartość {kind}"));
                }
                sides.push(read_position(account, settings, Given(side), faults));
            }
            None => faults.add(&format!("positions.{name}"), EMPTY),
        }
    }
    if let [before, after] = sides.as_slice() {
        let differs = |of: fn(&Position) -> Decimal| of(after) - of(before) != of(&position);
        if differs(|position| position.quantity) {
            faults.add("positions.quantity", "nie jest różnicą między stanem po korekcie i przed korektą");
        }
        if differs(|position| position.amounts.gross) {
            faults.add("positions.total_price_gross", "nie jest różnicą między stanem po korekcie i przed korektą");
        }
        if !position.net_given {
            // The VAT of both sides is what is on paper; the difference follows from it.
            position.amounts.net = after.amounts.net - before.amounts.net;
            position.amounts.vat = after.amounts.vat - before.amounts.vat;
        }
    }
    position.sides = sides;
    position
}
