//! What a task makes of a correction that was sent: each line as it was and as it should be.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::given::Given;
use super::invoice::{read_payment, service};
use super::refusal::{EMPTY, Faults, add};
use super::state::{Account, Invoice, Kind, Service, Settings, Taken};
use crate::polish::{Amounts, Priced};

/// Reads a correction.
pub(super) fn read(
    account: &Account,
    settings: &Settings,
    given: Given<'_>,
    today: NaiveDate,
) -> Result<Invoice, Faults> {
    let mut faults = Faults::new();
    let mut invoice = Invoice { kind: Kind::Correction, number: given.text("number"), ..Invoice::default() };
    read_payment(account, &mut invoice, given, &mut faults);
    invoice.invoice_date = given.day("invoice_date", &mut faults).unwrap_or(today);
    let uuid = given.text("corrected_invoice_uuid");
    let original = account.invoice(&uuid).filter(|original| original.kind != Kind::Correction);
    match original {
        Some(original) => {
            for (name, value) in [
                ("corrected_invoice_number", original.number.clone()),
                ("corrected_invoice_date", original.invoice_date.to_string()),
                ("client_id", original.client.id.to_string()),
            ] {
                match given.text(name) {
                    sent if sent.is_empty() => add(&mut faults, name, EMPTY),
                    sent if sent != value => add(&mut faults, name, "nie zgadza się z korygowaną fakturą"),
                    _ => {}
                }
            }
            original.client.clone_into(&mut invoice.client);
            original.number.clone_into(&mut invoice.corrected_number);
        }
        None if uuid.is_empty() => add(&mut faults, "corrected_invoice_uuid", EMPTY),
        None => add(&mut faults, "corrected_invoice_uuid", "nie istnieje"),
    }
    invoice.corrected = Some(uuid);
    match given.text("correction_reason").as_str() {
        reason @ ("mistake" | "other") => {
            let text = if reason == "mistake" { "Pomyłka" } else { "Inna przyczyna" };
            text.clone_into(&mut invoice.reason);
        }
        "" => add(&mut faults, "correction_reason", EMPTY),
        _ => add(&mut faults, "correction_reason", "nie znajduje się na liście dopuszczalnych wartości"),
    }
    match settings.correction_notes {
        Taken::Kept => invoice.notes = given.text("notes"),
        Taken::Ignored => {}
    }
    // Prices with VAT are passed over here.
    invoice.services =
        given.list("services").into_iter().map(|line| service(account, line, false, &mut faults)).collect();
    check_pairs(&invoice.services, &mut faults);
    let sum = |correction: bool| {
        let side = invoice.services.iter().filter(|line| line.correction == correction);
        Amounts::sum(side.map(|line| (line.rate, &line.amounts)), Priced::Net, settings.rounding)
    };
    let (before, after) = (sum(false), sum(true));
    invoice.totals =
        Amounts { net: after.net - before.net, vat: after.vat - before.vat, gross: after.gross - before.gross };
    "draft".clone_into(&mut invoice.status);
    if faults.is_empty() { Ok(invoice) } else { Err(faults) }
}

/// Each group is a pair: first what was, then what should be.
fn check_pairs(services: &[Service], faults: &mut Faults) {
    if services.is_empty() {
        add(faults, "services", EMPTY);
    }
    let mut groups: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    for line in services {
        groups.entry(line.group.as_str()).or_default().push(line.correction);
    }
    if groups.iter().any(|(group, sides)| group.is_empty() || sides.as_slice() != [false, true]) {
        add(faults, "services.group", "każda pozycja musi wystąpić przed korektą i po korekcie");
    }
}
