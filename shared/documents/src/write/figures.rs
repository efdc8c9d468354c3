//! Lines, VAT breakdown and totals, as far as each follows from the others. VAT itself is never computed.

use super::codes;
use domain::{
    invoice::{AllowanceCharge, AllowanceChargeKind, Invoice, InvoiceLine, VatCategory, VatSubtotal, VatTreatment},
    money::{sum, to_cents},
};
use rust_decimal::Decimal;

pub(super) fn complete(invoice: &mut Invoice) {
    for line in &mut invoice.lines {
        line.net = line.net.or_else(|| line_net(line)).map(tidy);
    }
    for entry in &mut invoice.allowance_charges {
        entry.amount = tidy(entry.amount);
    }
    totals(invoice);
    breakdown(invoice);
    treatments(invoice);
    if invoice.lines.is_empty() {
        invoice.lines = lines_of_breakdown(invoice);
        totals(invoice);
    }
    for (index, line) in invoice.lines.iter_mut().enumerate() {
        if line.id.is_empty() {
            line.id = (index + 1).to_string();
        }
        price(line);
        line.unit = Some(codes::unit(line.unit.as_deref()).to_owned());
    }
}

/// The same amount without zeros behind the second decimal, which rules on decimals would count.
fn tidy(amount: Decimal) -> Decimal {
    if amount.scale() > 2 { amount.normalize() } else { amount }
}

/// Allowances and charges taken together, in the sense in which they change what they stand on.
fn changes<'a>(entries: impl IntoIterator<Item = &'a AllowanceCharge>) -> Option<Decimal> {
    entries.into_iter().try_fold(Decimal::ZERO, |total, entry| match entry.kind {
        AllowanceChargeKind::Allowance => total.checked_sub(entry.amount),
        AllowanceChargeKind::Charge => total.checked_add(entry.amount),
    })
}

fn line_net(line: &InvoiceLine) -> Option<Decimal> {
    let base = line.base_quantity.filter(|base| !base.is_zero()).unwrap_or(Decimal::ONE);
    let amount = line.quantity?.checked_mul(line.price?)?.checked_div(base)?;
    Some(to_cents(amount.checked_add(changes(&line.allowance_charges)?)?))
}

fn totals(invoice: &mut Invoice) {
    let of_kind = |kind| {
        let mut amounts = invoice.allowance_charges.iter().filter(move |entry| entry.kind == kind).peekable();
        amounts.peek()?;
        sum(amounts.map(|entry| entry.amount)).ok()
    };
    let allowances = of_kind(AllowanceChargeKind::Allowance);
    let charges = of_kind(AllowanceChargeKind::Charge);
    let nets: Option<Vec<Decimal>> = invoice.lines.iter().map(|line| line.net).collect();
    let lines = nets.filter(|nets| !nets.is_empty()).and_then(|nets| sum(nets).ok());
    let groups = &invoice.vat_breakdown;
    let in_groups = |amount: fn(&VatSubtotal) -> Decimal| {
        if groups.is_empty() { None } else { sum(groups.iter().map(amount)).ok() }
    };
    let (vat, taxable) = (in_groups(|group| group.vat), in_groups(|group| group.taxable));

    let totals = &mut invoice.totals;
    for total in [&mut totals.lines, &mut totals.allowances, &mut totals.charges, &mut totals.net, &mut totals.vat]
        .into_iter()
        .chain([&mut totals.gross, &mut totals.prepaid, &mut totals.rounding, &mut totals.payable])
    {
        *total = total.map(tidy);
    }
    totals.lines = totals.lines.or(lines);
    totals.allowances = totals.allowances.or(allowances);
    totals.charges = totals.charges.or(charges);
    totals.vat = totals.vat.or(vat).or_else(|| totals.gross?.checked_sub(totals.net?));
    totals.net = totals.net.or(taxable).or_else(|| totals.gross?.checked_sub(totals.vat?)).or_else(|| {
        let net = totals.lines?.checked_sub(totals.allowances.unwrap_or_default())?;
        net.checked_add(totals.charges.unwrap_or_default())
    });
    totals.gross = totals.gross.or_else(|| totals.net?.checked_add(totals.vat?));
    totals.payable = totals.payable.or_else(|| {
        let due = totals.gross?.checked_sub(totals.prepaid.unwrap_or_default())?;
        due.checked_add(totals.rounding.unwrap_or_default())
    });
}

/// Where the breakdown is missing and the whole document has one treatment, the totals are its only group.
fn breakdown(invoice: &mut Invoice) {
    let only = match one_treatment(invoice) {
        Some(treatment) if invoice.vat_breakdown.is_empty() => named(&treatment),
        _ => None,
    };
    if let (Some(treatment), Some(taxable), Some(vat)) = (only, invoice.totals.net, invoice.totals.vat) {
        invoice.vat_breakdown.push(VatSubtotal { treatment, taxable, vat, exemption_reason: None });
    }
    for group in &mut invoice.vat_breakdown {
        group.taxable = tidy(group.taxable);
        group.vat = tidy(group.vat);
        if let Some(treatment) = named(&group.treatment) {
            group.treatment = treatment;
        }
        if group.exemption_reason.is_none() {
            let reason = group.treatment.known().and_then(codes::reason_of);
            group.exemption_reason = reason.map(str::to_owned);
        }
    }
}

/// The treatment that all lines, allowances and charges have.
fn one_treatment(invoice: &Invoice) -> Option<VatTreatment> {
    let lines = invoice.lines.iter().map(|line| &line.treatment);
    let mut all = lines.chain(invoice.allowance_charges.iter().map(|entry| &entry.treatment));
    let first = all.next()?.clone();
    all.all(|other| *other == first).then_some(first)
}

/// With the category that a rate alone stands for, and the rate that a category alone has.
fn named(treatment: &VatTreatment) -> Option<VatTreatment> {
    let category = match (treatment.category.as_deref(), treatment.rate) {
        (Some(_), _) => treatment.known()?,
        (None, Some(rate)) if rate > Decimal::ZERO => VatCategory::S,
        (None, _) => return None,
    };
    let rate = match (category, treatment.rate) {
        (VatCategory::O, Some(rate)) if rate.is_zero() => None,
        (VatCategory::O, rate) => rate,
        (_, None) if codes::is_free(category) => Some(Decimal::ZERO),
        (_, rate) => rate,
    };
    Some(VatTreatment { category: Some(category.as_str().to_owned()), rate })
}

/// What lines, allowances and charges leave out is taken from the breakdown, where it leaves no choice.
fn treatments(invoice: &mut Invoice) {
    let groups: Vec<VatTreatment> = invoice.vat_breakdown.iter().map(|group| group.treatment.clone()).collect();
    let lines = invoice.lines.iter_mut().map(|line| &mut line.treatment);
    for treatment in lines.chain(invoice.allowance_charges.iter_mut().map(|entry| &mut entry.treatment)) {
        if let Some(named) = named(treatment) {
            *treatment = named;
        }
        if treatment.category.is_none() {
            let mut fitting = groups.iter().filter(|group| treatment.rate.is_none() || treatment.rate == group.rate);
            if let (Some(group), None) = (fitting.next(), fitting.next()) {
                *treatment = group.clone();
            }
        }
    }
}

/// One line per group of the breakdown: what its VAT is computed on, before allowances and charges of the document.
fn lines_of_breakdown(invoice: &Invoice) -> Vec<InvoiceLine> {
    let line = |group: &VatSubtotal| {
        let entries = invoice.allowance_charges.iter().filter(|entry| entry.treatment == group.treatment);
        let net = changes(entries).and_then(|changes| group.taxable.checked_sub(changes));
        let VatTreatment { category, rate } = &group.treatment;
        let rate = rate.map(|rate| format!(" {} %", rate.normalize())).unwrap_or_default();
        let description = Some(format!("VAT {}{rate}", category.as_deref().unwrap_or_default()));
        InvoiceLine { description, net, treatment: group.treatment.clone(), ..InvoiceLine::default() }
    };
    invoice.vat_breakdown.iter().map(line).collect()
}

/// Quantity and price, so that one times the other is what the line comes to. A price is never negative: the quantity
/// is. Where the price is missing it is that of the whole quantity; where the quantity is missing it is one, unless
/// price and amount give it exactly.
fn price(line: &mut InvoiceLine) {
    line.base_quantity = line.base_quantity.filter(|base| *base > Decimal::ZERO);
    let amount = line.net.zip(changes(&line.allowance_charges)).and_then(|(net, changes)| net.checked_sub(changes));
    let signed = |amount: Decimal, quantity: Decimal| {
        if amount < Decimal::ZERO { -quantity.abs() } else { quantity.abs() }
    };
    match (line.quantity, line.price, amount) {
        (Some(quantity), Some(price), _) if price < Decimal::ZERO => {
            line.quantity = Some(-quantity);
            line.price = Some(-price);
        }
        (Some(quantity), None, Some(amount)) if !quantity.is_zero() => {
            line.quantity = Some(signed(amount, quantity));
            line.price = Some(amount.abs());
            line.base_quantity = (quantity.abs() != Decimal::ONE).then(|| quantity.abs());
        }
        (None, price, Some(amount)) => {
            let base = line.base_quantity.unwrap_or(Decimal::ONE);
            let exact = price.filter(|price| !price.is_zero()).and_then(|price| quantity_of(amount, price.abs(), base));
            line.quantity = Some(exact.unwrap_or_else(|| signed(amount, Decimal::ONE)));
            if exact.is_none() {
                line.base_quantity = None;
            }
            line.price = Some(if exact.is_some() { price.unwrap_or_default().abs() } else { amount.abs() });
        }
        (Some(_), _, _) | (None, _, None) => {}
    }
}

/// How many make up an amount, when that is a short number.
fn quantity_of(amount: Decimal, price: Decimal, base: Decimal) -> Option<Decimal> {
    const DECIMALS_MAX: u32 = 4;
    let quantity = amount.checked_mul(base)?.checked_div(price)?.normalize();
    (quantity.scale() <= DECIMALS_MAX && quantity.checked_mul(price)?.checked_div(base)? == amount).then_some(quantity)
}
