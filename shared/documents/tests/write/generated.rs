//! Consistent invoices of any shape: written, read, equal.

use super::{assert_same, read_back, written};
use domain::{
    arithmetic,
    invoice::{
        AllowanceCharge, AllowanceChargeKind, Invoice, InvoiceKind, InvoiceLine, PaymentMeans, PrecedingInvoice,
        Totals, VatSubtotal, VatTreatment,
    },
    mail::UblFlavour,
    money::{Currency, sum, to_cents},
    party::Party,
    time::Date,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;

/// Text as people write it, without white space that reading makes one space of.
fn text() -> impl Strategy<Value = String> {
    "[A-Za-z0-9<>&\"'\u{e0}-\u{17f}\u{1f600}#/.:]{1,12}( [A-Za-z0-9<>&\"'%-]{1,8}){0,2}"
}

fn date() -> impl Strategy<Value = Date> {
    (0_i64..20_000).prop_map(|days| Date::default() + chrono::TimeDelta::days(days))
}

fn cents(max: i64) -> impl Strategy<Value = Decimal> {
    (0..max).prop_map(|cents| Decimal::new(cents, 2))
}

fn party() -> impl Strategy<Value = Party> {
    (text(), select(vec!["NL", "BE", "DE", "PL"]), 10_000_000_u32..99_999_999, option::of(text())).prop_map(
        |(name, country, number, identifier)| Party {
            name: Some(name),
            vat: Some(format!("{country}{number}B01")),
            registry: Some(number.to_string()),
            registry_scheme: Some("0106".to_owned()),
            // One with a colon that begins as a scheme would be read as one.
            identifiers: identifier.into_iter().map(|text| format!("0088:{text}")).collect(),
            country: Some(country.to_owned()),
            endpoint: Some(format!("0106:{number}")),
            ..Party::default()
        },
    )
}

/// A rate that stands alone, or a category that is free.
fn treatment() -> impl Strategy<Value = VatTreatment> {
    select(vec![("S", 2100), ("S", 900), ("S", 550), ("Z", 0), ("E", 0)]).prop_map(|(category, rate)| VatTreatment {
        category: Some(category.to_owned()),
        rate: Some(Decimal::new(rate, 2)),
    })
}

fn entry(document: bool) -> impl Strategy<Value = AllowanceCharge> {
    (select(vec![AllowanceChargeKind::Allowance, AllowanceChargeKind::Charge]), cents(10_000), text(), treatment())
        .prop_map(move |(kind, amount, reason, treatment)| AllowanceCharge {
            kind,
            amount,
            reason: Some(reason),
            treatment: if document { treatment } else { VatTreatment::default() },
        })
}

fn signed(entry: &AllowanceCharge) -> Decimal {
    match entry.kind {
        AllowanceChargeKind::Allowance => -entry.amount,
        AllowanceChargeKind::Charge => entry.amount,
    }
}

fn line() -> impl Strategy<Value = InvoiceLine> {
    let number = (-100_000_i64..100_000, 0_i64..10_000_000, 0_u32..=4);
    (
        text(),
        text(),
        number,
        treatment(),
        option::of(select(vec![10, 100])),
        vec(entry(false), 0..3),
        option::of(text()),
    )
        .prop_map(|(id, description, (quantity, price, scale), treatment, base, entries, accounting_cost)| {
            let (quantity, price) = (Decimal::new(quantity, 2), Decimal::new(price, scale));
            let base = base.map(Decimal::from);
            let amount = quantity * price / base.unwrap_or(Decimal::ONE);
            let net = to_cents(amount + entries.iter().map(signed).sum::<Decimal>());
            InvoiceLine {
                id,
                description: Some(description),
                quantity: Some(quantity),
                unit: Some("HUR".to_owned()),
                price: Some(price),
                base_quantity: base,
                net: Some(net),
                treatment,
                allowance_charges: entries,
                accounting_cost,
            }
        })
}

fn means() -> impl Strategy<Value = PaymentMeans> {
    (option::of(text()), option::of(text()), option::of(text())).prop_map(|(reference, account_name, bic)| {
        PaymentMeans {
            code: Some("30".to_owned()),
            reference,
            account: Some("NL91ABNA0417164300".to_owned()),
            account_name,
            bic,
            mandate: None,
        }
    })
}

prop_compose! {
    fn invoice()(
        kind in select(vec![InvoiceKind::Invoice, InvoiceKind::CreditNote]),
        texts in (text(), text(), option::of(text()), option::of(text()), option::of(text()), option::of(text())),
        dates in (date(), option::of(date()), option::of(date()), option::of(date())),
        preceding in vec((text(), option::of(date())), 0..3),
        parties in (party(), party(), option::of(text())),
        payment in (vec(means(), 1..3), option::of(text())),
        entries in vec(entry(true), 0..3),
        lines in vec(line(), 1..6),
        prepaid in option::of(cents(5_000)),
        rounding in option::of((-5_i64..5).prop_map(|cents| Decimal::new(cents, 2))),
    ) -> Invoice {
        let (number, buyer_reference, order, contract, project, note) = texts;
        let (issue_date, due_date, delivery_date, period_start) = dates;
        let (supplier, customer, payee) = parties;
        let mut vat_breakdown: Vec<VatSubtotal> = Vec::new();
        let amounts = lines.iter().map(|line| (line.treatment.clone(), line.net.unwrap()));
        for (treatment, amount) in amounts.chain(entries.iter().map(|entry| (entry.treatment.clone(), signed(entry)))) {
            match vat_breakdown.iter_mut().find(|group| group.treatment == treatment) {
                Some(group) => group.taxable += amount,
                None => {
                    let exempt = treatment.category.as_deref() == Some("E");
                    let exemption_reason = exempt.then(|| "Vrijgesteld".to_owned());
                    vat_breakdown.push(VatSubtotal { treatment, taxable: amount, vat: Decimal::ZERO, exemption_reason });
                }
            }
        }
        for group in &mut vat_breakdown {
            group.vat = to_cents(group.taxable * group.treatment.rate.unwrap() / Decimal::ONE_HUNDRED);
        }
        let of_kind = |kind| {
            let amounts: Vec<Decimal> =
                entries.iter().filter(|entry| entry.kind == kind).map(|entry| entry.amount).collect();
            (!amounts.is_empty()).then(|| amounts.iter().sum::<Decimal>())
        };
        let in_lines = sum(lines.iter().map(|line| line.net.unwrap())).unwrap();
        let allowances = of_kind(AllowanceChargeKind::Allowance);
        let charges = of_kind(AllowanceChargeKind::Charge);
        let net = in_lines - allowances.unwrap_or_default() + charges.unwrap_or_default();
        let vat = vat_breakdown.iter().map(|group| group.vat).sum::<Decimal>();
        let gross = net + vat;
        let totals = Totals {
            lines: Some(in_lines),
            allowances,
            charges,
            net: Some(net),
            vat: Some(vat),
            gross: Some(gross),
            prepaid,
            rounding,
            payable: Some(gross - prepaid.unwrap_or_default() + rounding.unwrap_or_default()),
            ..Totals::default()
        };
        Invoice {
            kind,
            type_code: Some(match kind { InvoiceKind::Invoice => "380", InvoiceKind::CreditNote => "381" }.to_owned()),
            number: Some(number),
            issue_date: Some(issue_date),
            due_date,
            delivery_date,
            period_start,
            period_end: period_start,
            currency: Some(Currency::EUR),
            notes: note.into_iter().collect(),
            buyer_reference: Some(buyer_reference),
            order_reference: order,
            contract_reference: contract,
            project_reference: project,
            preceding: preceding.into_iter().map(|(number, issue_date)| PrecedingInvoice { number, issue_date }).collect(),
            supplier,
            customer,
            payee: payee.map(|name| Party { name: Some(name), ..Party::default() }),
            payment_means: payment.0,
            payment_terms: payment.1.filter(|terms| !terms.starts_with('#')),
            allowance_charges: entries,
            vat_breakdown,
            totals,
            lines,
            ..Invoice::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_is_written_reads_back(invoice in invoice()) {
        for flavour in UblFlavour::ALL {
            let back = read_back(&written(&invoice, flavour));
            assert_same(&invoice, &back, flavour.as_str());
            prop_assert_eq!(arithmetic::check(&back), []);
        }
    }

    /// Whatever stands in the texts, writing refuses or gives what can be read.
    #[test]
    fn no_text_breaks_the_file(mut invoice in invoice(), texts in vec(any::<String>(), 8)) {
        let text = |index: usize| texts.get(index).cloned();
        invoice.number = text(0);
        invoice.notes = texts.clone();
        invoice.supplier.name = text(1);
        invoice.customer.endpoint = text(2);
        invoice.customer.registry_scheme = text(3);
        invoice.lines[0].unit = text(4);
        invoice.lines[0].description = text(5);
        invoice.payment_terms = text(6);
        invoice.payment_means[0].code = text(7);
        for flavour in UblFlavour::ALL {
            if let Ok(bytes) = documents::write::ubl(&invoice, flavour, &super::details()) {
                let back = read_back(&bytes);
                prop_assert_eq!(back.totals, invoice.totals.clone());
            }
        }
    }
}
