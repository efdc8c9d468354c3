//! The VAT breakdown against lines, allowances and charges, and the rules of each VAT category.

use super::{Findings, half_up, paired, shown};
use crate::invoice::{AllowanceChargeKind, Invoice, VatCategory, VatSubtotal, VatTreatment};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Categories with a family of rules; B (split payment) has only two of its own.
const FAMILIES: [VatCategory; 9] = [
    VatCategory::S,
    VatCategory::Z,
    VatCategory::E,
    VatCategory::AE,
    VatCategory::K,
    VatCategory::G,
    VatCategory::O,
    VatCategory::L,
    VatCategory::M,
];

/// What the published rules tolerate per group, exclusive.
const TOLERANCE: Decimal = Decimal::ONE;
/// What may be posted without a person, inclusive.
const CLOSE_TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// What the rate of a category must be.
enum RateRule {
    Positive,
    NotNegative,
    Zero,
    Absent,
}

/// How the rules of the standard call a category.
fn family(category: VatCategory) -> &'static str {
    match category {
        VatCategory::S => "S",
        VatCategory::Z => "Z",
        VatCategory::E => "E",
        VatCategory::AE => "AE",
        VatCategory::K => "IC",
        VatCategory::G => "G",
        VatCategory::O => "O",
        VatCategory::L => "AF",
        VatCategory::M => "AG",
        VatCategory::B => "B",
    }
}

fn rate_rule(category: VatCategory) -> RateRule {
    match category {
        VatCategory::S | VatCategory::B => RateRule::Positive,
        VatCategory::L | VatCategory::M => RateRule::NotNegative,
        VatCategory::Z | VatCategory::E | VatCategory::AE | VatCategory::K | VatCategory::G => RateRule::Zero,
        VatCategory::O => RateRule::Absent,
    }
}

/// Whether groups of the category are told apart by rate, and may so be several.
fn has_rates(category: VatCategory) -> bool {
    match category {
        VatCategory::S | VatCategory::L | VatCategory::M | VatCategory::B => true,
        VatCategory::Z | VatCategory::E | VatCategory::AE | VatCategory::K | VatCategory::G | VatCategory::O => false,
    }
}

/// Whether there is a reason to state why no VAT is charged; where there is none, none may be stated.
fn needs_reason(category: VatCategory) -> bool {
    match category {
        VatCategory::E | VatCategory::AE | VatCategory::K | VatCategory::G | VatCategory::O => true,
        VatCategory::S | VatCategory::Z | VatCategory::L | VatCategory::M | VatCategory::B => false,
    }
}

pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    let bases = Bases::of(invoice);
    for group in &invoice.vat_breakdown {
        charged(group, findings);
    }
    for category in FAMILIES {
        let groups: Vec<&VatSubtotal> =
            invoice.vat_breakdown.iter().filter(|group| group.treatment.known() == Some(category)).collect();
        if groups.is_empty() && !bases.uses(category) {
            continue;
        }
        presence(category, groups.len(), &bases, findings);
        identifiers(category, &bases, invoice, findings);
        rates(category, &bases, findings);
        for group in groups {
            in_group(category, group, &bases, findings);
        }
    }
    intra_community(invoice, findings);
    out_of_scope(invoice, &bases, findings);
    split_payment(invoice, &bases, findings);
}

/// VAT groups by the published tolerance, for documents of which no more is known.
pub(super) fn check_amounts(invoice: &Invoice, findings: &mut Findings) {
    let bases = Bases::of(invoice);
    let complete = !invoice.lines.is_empty()
        && invoice.lines.iter().all(|line| line.net.is_some() && line.treatment.known().is_some());
    for group in &invoice.vat_breakdown {
        charged(group, findings);
        if let Some(category) = group.treatment.known().filter(|_| complete) {
            taxable(category, group, &bases, findings);
        }
    }
}

/// VAT groups by the close tolerance.
pub(super) fn check_closely(invoice: &Invoice, findings: &mut Findings) {
    let bases = Bases::of(invoice);
    for group in &invoice.vat_breakdown {
        let rate = group.treatment.rate.unwrap_or_default();
        if differs(Some(group.vat), vat_of(group.taxable, rate)) {
            let message = format!(
                "The VAT on {} at {} % is {} and should be {}.",
                group.taxable,
                rate.normalize(),
                group.vat,
                shown(vat_of(group.taxable, rate))
            );
            findings.add_amounts("BR-CO-17", message, paired(group.vat, vat_of(group.taxable, rate)));
        }
        let Some(category) = group.treatment.known().filter(|_| !invoice.lines.is_empty()) else { continue };
        let base = bases.of_group(category, &group.treatment);
        if differs(Some(group.taxable), base) {
            let message = taxable_message(category, group, base);
            findings.add_amounts(rule(category, "08"), message, paired(group.taxable, base));
        }
    }
}

fn differs(stated: Option<Decimal>, computed: Option<Decimal>) -> bool {
    stated.zip(computed).and_then(|(a, b)| a.checked_sub(b)).is_none_or(|difference| difference.abs() > CLOSE_TOLERANCE)
}

fn rule(category: VatCategory, number: &str) -> String {
    format!("BR-{}-{number}", family(category))
}

/// VAT on an amount, rounded to cents.
fn vat_of(taxable: Decimal, rate: Decimal) -> Option<Decimal> {
    Some(half_up(taxable.checked_mul(rate)?.checked_div(HUNDRED)?))
}

/// BR-CO-17: signs do not count, and whole units decide where there is no rate.
fn charged(group: &VatSubtotal, findings: &mut Findings) {
    let rate = group.treatment.rate.unwrap_or_default();
    let no_rate = rate.round().is_zero();
    let computed = if no_rate { Some(Decimal::ZERO) } else { vat_of(group.taxable.abs(), rate) };
    let agrees = match computed {
        Some(_) if no_rate => group.vat.abs() < Decimal::from_parts(5, 0, 0, false, 1),
        Some(computed) => (group.vat.abs() - computed).abs() < TOLERANCE,
        None => false,
    };
    if !agrees {
        let message = format!(
            "The VAT on {} at {} % is {} and should be {}.",
            group.taxable,
            rate.normalize(),
            group.vat,
            shown(computed)
        );
        findings.add_amounts("BR-CO-17", message, paired(group.vat, computed));
    }
}

/// What the lines, allowances and charges amount to, by category and rate.
#[derive(Default)]
struct Bases {
    by_rate: BTreeMap<(VatCategory, Decimal), Option<Decimal>>,
    by_category: BTreeMap<VatCategory, Option<Decimal>>,
    on_lines: BTreeMap<VatCategory, Rates>,
    on_allowances: BTreeMap<VatCategory, Rates>,
    on_charges: BTreeMap<VatCategory, Rates>,
    unknown_on_lines: bool,
}

/// The rates with which a category is used, `None` among them where it has none.
type Rates = BTreeSet<Option<Decimal>>;

impl Bases {
    fn of(invoice: &Invoice) -> Self {
        let mut bases = Self::default();
        for line in &invoice.lines {
            match line.treatment.known() {
                Some(category) => {
                    bases.on_lines.entry(category).or_default().insert(line.treatment.rate);
                    bases.add(category, line.treatment.rate, line.net);
                }
                None => bases.unknown_on_lines |= line.treatment.category.is_some(),
            }
        }
        for entry in &invoice.allowance_charges {
            let Some(category) = entry.treatment.known() else { continue };
            let (used, amount) = match entry.kind {
                AllowanceChargeKind::Allowance => (&mut bases.on_allowances, -entry.amount),
                AllowanceChargeKind::Charge => (&mut bases.on_charges, entry.amount),
            };
            used.entry(category).or_default().insert(entry.treatment.rate);
            bases.add(category, entry.treatment.rate, Some(amount));
        }
        bases
    }

    fn add(&mut self, category: VatCategory, rate: Option<Decimal>, amount: Option<Decimal>) {
        let amount = amount.unwrap_or_default();
        let raise = |total: &mut Option<Decimal>| *total = total.and_then(|total| total.checked_add(amount));
        raise(self.by_category.entry(category).or_insert(Some(Decimal::ZERO)));
        if let Some(rate) = rate {
            raise(self.by_rate.entry((category, rate)).or_insert(Some(Decimal::ZERO)));
        }
    }

    fn uses(&self, category: VatCategory) -> bool {
        self.by_category.contains_key(&category)
    }

    /// What a group's taxable amount should be.
    fn of_group(&self, category: VatCategory, treatment: &VatTreatment) -> Option<Decimal> {
        if has_rates(category) {
            let rate = treatment.rate?;
            self.by_rate.get(&(category, rate)).copied().unwrap_or(Some(Decimal::ZERO))
        } else {
            self.by_category.get(&category).copied().unwrap_or(Some(Decimal::ZERO))
        }
    }
}

/// BR-x-01: what is used must be in the breakdown.
fn presence(category: VatCategory, groups: usize, bases: &Bases, findings: &mut Findings) {
    let used = bases.uses(category);
    let agrees = if has_rates(category) { used == (groups > 0) } else { groups == 1 };
    if !agrees {
        let uses = if used { "is used" } else { "is not used on any line, allowance or charge" };
        let message = format!("Category {category} {uses}, and the VAT breakdown has {groups} groups of it.");
        findings.add(rule(category, "01"), message);
    }
}

/// BR-x-02 (lines), -03 (allowances) and -04 (charges): who must have a VAT number.
fn identifiers(category: VatCategory, bases: &Bases, invoice: &Invoice, findings: &mut Findings) {
    let Invoice { supplier, customer, .. } = invoice;
    let seller_vat = supplier.vat.is_some();
    let seller_any = seller_vat || supplier.tax_number.is_some();
    let representative = invoice.tax_representative.as_ref().is_some_and(|party| party.vat.is_some());
    let buyer_vat = customer.vat.is_some();
    let (holds, wants) = match category {
        VatCategory::S | VatCategory::Z | VatCategory::E | VatCategory::L | VatCategory::M => {
            (seller_any || representative, "a VAT number or tax number of the seller")
        }
        VatCategory::AE => (
            (seller_any || representative) && (buyer_vat || customer.registry.is_some()),
            "a VAT number of the seller and a VAT or register number of the buyer",
        ),
        VatCategory::K => ((seller_vat || representative) && buyer_vat, "the VAT numbers of seller and buyer"),
        VatCategory::G => (seller_vat || representative, "the VAT number of the seller"),
        VatCategory::O => {
            (!seller_vat && !representative && !buyer_vat, "that neither seller nor buyer states a VAT number")
        }
        VatCategory::B => (true, ""),
    };
    if holds {
        return;
    }
    let message = format!("Category {category} wants {wants}.");
    for (used, number) in [(&bases.on_lines, "02"), (&bases.on_allowances, "03"), (&bases.on_charges, "04")] {
        if used.contains_key(&category) {
            findings.add(rule(category, number), message.clone());
        }
    }
}

/// BR-x-05 (lines), -06 (allowances) and -07 (charges).
fn rates(category: VatCategory, bases: &Bases, findings: &mut Findings) {
    for (used, number) in [(&bases.on_lines, "05"), (&bases.on_allowances, "06"), (&bases.on_charges, "07")] {
        for rate in used.get(&category).into_iter().flatten() {
            let (holds, wants) = match rate_rule(category) {
                RateRule::Positive => (rate.is_some_and(|rate| rate > Decimal::ZERO), "a rate over 0"),
                RateRule::NotNegative => (rate.is_some_and(|rate| rate >= Decimal::ZERO), "a rate of 0 or more"),
                RateRule::Zero => (rate.is_some_and(|rate| rate.is_zero()), "the rate 0"),
                RateRule::Absent => (rate.is_none(), "no rate"),
            };
            if !holds {
                let stated = rate.map_or_else(|| "none".to_owned(), |rate| rate.normalize().to_string());
                findings.add(rule(category, number), format!("Category {category} has {wants}; stated is {stated}."));
            }
        }
    }
}

/// BR-x-08 (taxable amount), -09 (VAT) and -10 (reason).
fn in_group(category: VatCategory, group: &VatSubtotal, bases: &Bases, findings: &mut Findings) {
    taxable(category, group, bases, findings);
    if !has_rates(category) && !group.vat.is_zero() {
        let message = format!("The VAT of category {category} is {} and should be 0.", group.vat);
        findings.add(rule(category, "09"), message);
    }
    match (&group.exemption_reason, needs_reason(category)) {
        (None, true) => {
            findings.add(rule(category, "10"), format!("Category {category} states no reason why there is no VAT."));
        }
        (Some(_), false) => {
            findings
                .add(rule(category, "10"), format!("Category {category} states a reason for exemption; it has none."));
        }
        (None, false) | (Some(_), true) => {}
    }
}

fn taxable(category: VatCategory, group: &VatSubtotal, bases: &Bases, findings: &mut Findings) {
    let computed = bases.of_group(category, &group.treatment);
    let agrees = match computed {
        Some(computed) if has_rates(category) => {
            let known = group.treatment.rate.is_some_and(|rate| bases.by_rate.contains_key(&(category, rate)));
            known && group.taxable.checked_sub(computed).is_some_and(|difference| difference.abs() < TOLERANCE)
        }
        Some(computed) => group.taxable == computed,
        None => false,
    };
    if !agrees {
        let message = taxable_message(category, group, computed);
        findings.add_amounts(rule(category, "08"), message, paired(group.taxable, computed));
    }
}

fn taxable_message(category: VatCategory, group: &VatSubtotal, computed: Option<Decimal>) -> String {
    let rate = group.treatment.rate.map(|rate| format!(" at {} %", rate.normalize())).unwrap_or_default();
    format!(
        "The taxable amount of category {category}{rate} is {}, and its lines, allowances and charges come to {}.",
        group.taxable,
        shown(computed)
    )
}

/// BR-IC-11 and -12: an intra-community supply says when and where to.
fn intra_community(invoice: &Invoice, findings: &mut Findings) {
    if !has_group(invoice, VatCategory::K) {
        return;
    }
    let dated = invoice.delivery_date.is_some() || invoice.period_start.is_some() || invoice.period_end.is_some();
    findings.require(dated, "BR-IC-11", "An intra-community supply states neither delivery date nor period.");
    let message = "An intra-community supply does not state the country of delivery.";
    findings.require(invoice.delivery_country.is_some(), "BR-IC-12", message);
}

/// BR-O-11 to -14: outside the scope of VAT stands alone.
fn out_of_scope(invoice: &Invoice, bases: &Bases, findings: &mut Findings) {
    if !has_group(invoice, VatCategory::O) {
        return;
    }
    let other = |treatment: &VatTreatment| treatment.category.as_deref().is_some_and(|code| code != "O");
    let others = |used: &BTreeMap<VatCategory, Rates>| used.keys().any(|category| *category != VatCategory::O);
    let message = "Category O (outside the scope of VAT) stands beside another category.";
    let breakdown = invoice.vat_breakdown.iter().any(|group| other(&group.treatment));
    findings.require(!breakdown, "BR-O-11", message);
    findings.require(!others(&bases.on_lines) && !bases.unknown_on_lines, "BR-O-12", message);
    findings.require(!others(&bases.on_allowances), "BR-O-13", message);
    findings.require(!others(&bases.on_charges), "BR-O-14", message);
}

/// BR-B-01 and -02: split payment is Italian and excludes the standard category.
fn split_payment(invoice: &Invoice, bases: &Bases, findings: &mut Findings) {
    let uses = |category| has_group(invoice, category) || bases.uses(category);
    if !uses(VatCategory::B) {
        return;
    }
    let countries = [invoice.supplier.country.as_deref(), invoice.customer.country.as_deref()];
    let italian = countries.into_iter().flatten().all(|country| country == "IT");
    findings.require(italian, "BR-B-01", "Split payment (category B) is for invoices within Italy.");
    findings.require(!uses(VatCategory::S), "BR-B-02", "Split payment (category B) stands beside category S.");
}

fn has_group(invoice: &Invoice, category: VatCategory) -> bool {
    invoice.vat_breakdown.iter().any(|group| group.treatment.known() == Some(category))
}
