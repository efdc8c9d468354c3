//! Totals against what they are made of.

use super::{Findings, is_rounded, paired, shown};
use crate::{
    invoice::{AllowanceChargeKind, Invoice, InvoiceLine, Totals},
    money::sum,
};
use rust_decimal::Decimal;

/// More decimals than amounts may have (BR-DEC).
const DECIMALS_MAX: u32 = 2;
/// How far a line may be from quantity times price (Peppol).
const LINE_TOLERANCE: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// All sums, missing parts included.
pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    let totals = &invoice.totals;
    let lines = sum(invoice.lines.iter().filter_map(|line| line.net)).ok();
    if let Some(stated) = totals.lines {
        compare(stated, lines, "BR-CO-10", "The sum of the lines", findings);
    }
    part(invoice, AllowanceChargeKind::Allowance, totals.allowances, "BR-CO-11", findings);
    part(invoice, AllowanceChargeKind::Charge, totals.charges, "BR-CO-12", findings);
    net(totals, findings);
    breakdown(invoice, findings);
    // Where no VAT is charged the total may be left out.
    let none_charged = totals.net == totals.gross && invoice.vat_breakdown.iter().all(|group| group.vat.is_zero());
    if totals.vat.is_none() && invoice.currency.is_some() && !none_charged {
        findings.add("BR-CO-15", "There is no VAT total in the currency of the document.");
    }
    if totals.vat_repeats > 0 {
        let count = u32::from(totals.vat_repeats) + 1;
        findings
            .add("BR-CO-15", format!("There are {count} VAT totals in the currency of the document; one is wanted."));
    }
    gross(totals, findings);
    payable(totals, findings);
}

/// The sums whose parts are all stated.
pub(super) fn check_stated(invoice: &Invoice, findings: &mut Findings) {
    let totals = &invoice.totals;
    if let (Some(stated), Some(nets)) =
        (totals.lines, invoice.lines.iter().map(|line| line.net).collect::<Option<Vec<_>>>())
        && !nets.is_empty()
    {
        compare(stated, sum(nets).ok(), "BR-CO-10", "The sum of the lines", findings);
    }
    net(totals, findings);
    breakdown(invoice, findings);
    gross(totals, findings);
    payable(totals, findings);
    super::vat::check_amounts(invoice, findings);
}

/// Allowances or charges of the document; the total may be left out only when there are none.
fn part(
    invoice: &Invoice,
    kind: AllowanceChargeKind,
    stated: Option<Decimal>,
    rule: &'static str,
    findings: &mut Findings,
) {
    let name = match kind {
        AllowanceChargeKind::Allowance => "The sum of the allowances",
        AllowanceChargeKind::Charge => "The sum of the charges",
    };
    let mut entries =
        invoice.allowance_charges.iter().filter(|entry| entry.kind == kind).map(|entry| entry.amount).peekable();
    match stated {
        Some(stated) => compare(stated, sum(entries).ok(), rule, name, findings),
        None if entries.peek().is_some() => {
            let computed = shown(sum(entries).ok());
            findings.add(rule, format!("{name} is not stated, and there are {computed} of them."));
        }
        None => {}
    }
}

fn net(totals: &Totals, findings: &mut Findings) {
    if let (Some(stated), Some(lines)) = (totals.net, totals.lines) {
        let computed = minus(Some(lines), totals.allowances).and_then(|net| plus(Some(net), totals.charges));
        compare(stated, computed, "BR-CO-13", "The total without VAT", findings);
    }
}

fn breakdown(invoice: &Invoice, findings: &mut Findings) {
    if let Some(stated) = invoice.totals.vat.filter(|_| !invoice.vat_breakdown.is_empty()) {
        let computed = sum(invoice.vat_breakdown.iter().map(|group| group.vat)).ok();
        compare(stated, computed, "BR-CO-14", "The VAT total", findings);
    }
}

fn gross(totals: &Totals, findings: &mut Findings) {
    if let (Some(stated), Some(net), Some(vat)) = (totals.gross, totals.net, totals.vat) {
        compare(stated, plus(Some(net), Some(vat)), "BR-CO-15", "The total with VAT", findings);
    }
}

/// Both sides are rounded when there is a rounding amount, as published.
fn payable(totals: &Totals, findings: &mut Findings) {
    let (Some(stated), Some(gross)) = (totals.payable, totals.gross) else { return };
    let due = minus(Some(gross), totals.prepaid);
    let computed = plus(due, totals.rounding);
    let agrees = match (totals.prepaid, totals.rounding) {
        (None, None) => stated == gross,
        (Some(_), None) => due.is_some_and(|due| is_rounded(stated, due)),
        (_, Some(rounding)) => match (minus(Some(stated), Some(rounding)), due) {
            (Some(without), Some(due)) => is_rounded(super::half_up(without), due),
            _ => false,
        },
    };
    if !agrees {
        let message = format!("The amount to be paid is {stated} and should be {}.", shown(computed));
        findings.add_amounts("BR-CO-16", message, paired(stated, computed));
    }
}

fn compare(stated: Decimal, computed: Option<Decimal>, rule: &'static str, name: &str, findings: &mut Findings) {
    if !computed.is_some_and(|computed| is_rounded(stated, computed)) {
        let message = format!("{name} is {stated} and should be {}.", shown(computed));
        findings.add_amounts(rule, message, paired(stated, computed));
    }
}

fn plus(left: Option<Decimal>, right: Option<Decimal>) -> Option<Decimal> {
    left?.checked_add(right.unwrap_or_default())
}

fn minus(left: Option<Decimal>, right: Option<Decimal>) -> Option<Decimal> {
    left?.checked_sub(right.unwrap_or_default())
}

/// Amounts have at most two decimals.
pub(super) fn check_decimals(invoice: &Invoice, findings: &mut Findings) {
    let totals = &invoice.totals;
    let mut entry = |amount: Option<Decimal>, rule: &'static str, name: &str| {
        if let Some(amount) = amount.filter(|amount| amount.scale() > DECIMALS_MAX) {
            findings.add(rule, format!("{name} {amount} has {} decimals; two are allowed.", amount.scale()));
        }
    };
    for allowance in &invoice.allowance_charges {
        let rule = match allowance.kind {
            AllowanceChargeKind::Allowance => "BR-DEC-01",
            AllowanceChargeKind::Charge => "BR-DEC-05",
        };
        entry(Some(allowance.amount), rule, "An allowance or charge of");
    }
    entry(totals.lines, "BR-DEC-09", "The sum of the lines");
    entry(totals.allowances, "BR-DEC-10", "The sum of the allowances");
    entry(totals.charges, "BR-DEC-11", "The sum of the charges");
    entry(totals.net, "BR-DEC-12", "The total without VAT");
    entry(totals.gross, "BR-DEC-14", "The total with VAT");
    entry(totals.prepaid, "BR-DEC-16", "The prepaid amount");
    entry(totals.rounding, "BR-DEC-17", "The rounding amount");
    entry(totals.payable, "BR-DEC-18", "The amount to be paid");
    for group in &invoice.vat_breakdown {
        entry(Some(group.taxable), "BR-DEC-19", "A taxable amount of");
        entry(Some(group.vat), "BR-DEC-20", "A VAT amount of");
    }
    for line in &invoice.lines {
        entry(line.net, "BR-DEC-23", "A line amount of");
        for allowance in &line.allowance_charges {
            let rule = match allowance.kind {
                AllowanceChargeKind::Allowance => "BR-DEC-24",
                AllowanceChargeKind::Charge => "BR-DEC-27",
            };
            entry(Some(allowance.amount), rule, "An allowance or charge of");
        }
    }
}

/// Lines against quantity times price.
pub(super) fn check_line_amounts(invoice: &Invoice, findings: &mut Findings) {
    for line in &invoice.lines {
        if let (Some(stated), Some(computed)) = (line.net, line_amount(line)) {
            let off = stated.checked_sub(computed).is_none_or(|difference| difference.abs() > LINE_TOLERANCE);
            if off {
                let id: String = line.id.chars().take(40).collect();
                let message = format!(
                    "Line {id} is {stated}, and its quantity times its price with allowances and charges is {}.",
                    shown(Some(computed))
                );
                findings.add_amounts("PEPPOL-EN16931-R120", message, paired(stated, Some(computed)));
            }
        }
    }
}

fn line_amount(line: &InvoiceLine) -> Option<Decimal> {
    let base = line.base_quantity.filter(|base| !base.is_zero()).unwrap_or(Decimal::ONE);
    let amount = line.quantity?.checked_mul(line.price?)?.checked_div(base)?;
    line.allowance_charges.iter().try_fold(amount, |amount, entry| match entry.kind {
        AllowanceChargeKind::Allowance => amount.checked_sub(entry.amount),
        AllowanceChargeKind::Charge => amount.checked_add(entry.amount),
    })
}
