//! What is filled in, what is told as missing, and what becomes of odd text.

use super::{read_back, written};
use documents::write::{CannotWrite, Details, Fact, Gap};
use domain::{
    invoice::{
        AllowanceCharge, AllowanceChargeKind, Invoice, InvoiceKind, InvoiceLine, PaymentMeans, Totals, VatSubtotal,
        VatTreatment,
    },
    mail::UblFlavour,
    money::Currency,
    party::Party,
    time::Date,
};
use rust_decimal::{Decimal, dec};

fn party(name: &str, vat: &str, registry: &str) -> Party {
    Party {
        name: Some(name.to_owned()),
        vat: Some(vat.to_owned()),
        registry: Some(registry.to_owned()),
        country: Some("NL".to_owned()),
        ..Party::default()
    }
}

fn treatment(category: Option<&str>, rate: Option<Decimal>) -> VatTreatment {
    VatTreatment { category: category.map(str::to_owned), rate }
}

fn group(category: Option<&str>, rate: Option<Decimal>, taxable: Decimal, vat: Decimal) -> VatSubtotal {
    VatSubtotal { treatment: treatment(category, rate), taxable, vat, exemption_reason: None }
}

/// As recognition reads a Dutch PDF: header, totals and VAT per rate, no lines.
fn recognised() -> Invoice {
    Invoice {
        number: Some("2026-17".to_owned()),
        issue_date: Date::from_ymd_opt(2026, 3, 31),
        due_date: Date::from_ymd_opt(2026, 4, 30),
        currency: Some(Currency::EUR),
        supplier: party("Bakkerij De Korenaar", "NL 0000.99.998.B57", "12345678"),
        customer: party("Jansen & Zn", "NL001234567B01", "87654321"),
        buyer_reference: Some("afd. 7".to_owned()),
        payment_means: vec![PaymentMeans {
            account: Some("NL91ABNA0417164300".to_owned()),
            reference: Some("2026-17".to_owned()),
            ..PaymentMeans::default()
        }],
        vat_breakdown: vec![
            group(None, Some(dec!(21)), dec!(100.00), dec!(21.00)),
            group(None, Some(dec!(9)), dec!(50.00), dec!(4.50)),
        ],
        totals: Totals { gross: Some(dec!(175.50)), ..Totals::default() },
        ..Invoice::default()
    }
}

fn gaps(invoice: &Invoice, flavour: UblFlavour) -> Vec<Gap> {
    let CannotWrite { gaps } = documents::write::ubl(invoice, flavour, &Details::default()).unwrap_err();
    gaps
}

fn missing(invoice: &Invoice, flavour: UblFlavour) -> Vec<Fact> {
    let fact = |gap| match gap {
        Gap::Missing { fact } => Some(fact),
        Gap::NotInFlavour { .. } | Gap::Rule { .. } => None,
    };
    gaps(invoice, flavour).into_iter().filter_map(fact).collect()
}

fn rules(invoice: &Invoice) -> Vec<String> {
    let rule = |gap| match gap {
        Gap::Rule { violation } => Some(violation.rule.as_str().to_owned()),
        Gap::Missing { .. } | Gap::NotInFlavour { .. } => None,
    };
    gaps(invoice, UblFlavour::PeppolBis3).into_iter().filter_map(rule).collect()
}

#[test]
fn without_lines_there_is_one_per_rate() {
    for flavour in UblFlavour::ALL {
        let back = read_back(&written(&recognised(), flavour));
        let lines: Vec<(&str, Decimal)> =
            back.lines.iter().map(|line| (line.description.as_deref().unwrap(), line.net.unwrap())).collect();
        assert_eq!(lines, [("VAT S 21 %", dec!(100.00)), ("VAT S 9 %", dec!(50.00))]);
        let Totals { lines, net, vat, gross, payable, .. } = back.totals;
        assert_eq!(
            [lines, net, vat, gross, payable],
            [Some(dec!(150)), Some(dec!(150)), Some(dec!(25.50)), Some(dec!(175.50)), Some(dec!(175.50))]
        );
        assert_eq!(back.type_code.as_deref(), Some("380"));
        assert_eq!(back.supplier.registry_scheme.as_deref(), Some("0106"));
        assert_eq!(back.payment_means[0].code.as_deref(), Some("30"));
        assert_eq!(back.due_date, recognised().due_date);
    }
    // Allowances of the document come off what the lines say.
    let mut invoice = recognised();
    invoice.allowance_charges.push(AllowanceCharge {
        kind: AllowanceChargeKind::Allowance,
        amount: dec!(10),
        reason: Some("Korting".to_owned()),
        treatment: treatment(None, Some(dec!(9))),
    });
    let back = read_back(&written(&invoice, UblFlavour::PeppolBis3));
    assert_eq!(back.lines[1].net, Some(dec!(60.00)));
    assert_eq!((back.totals.lines, back.totals.net), (Some(dec!(160.00)), Some(dec!(150.00))));
}

#[test]
fn lines_are_not_made_up_when_the_sums_disagree() {
    let mut invoice = recognised();
    invoice.totals.gross = Some(dec!(180.00));
    assert_eq!(rules(&invoice), ["BR-CO-15"]);
    let mut invoice = recognised();
    invoice.totals.net = Some(dec!(149.00));
    invoice.totals.vat = Some(dec!(26.50));
    assert_eq!(rules(&invoice), ["BR-CO-13", "BR-CO-14"]);
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let nothing = Invoice::default();
    assert_eq!(
        missing(&nothing, UblFlavour::PeppolBis3),
        [
            Fact::Number,
            Fact::IssueDate,
            Fact::Currency,
            Fact::SupplierName,
            Fact::CustomerName,
            Fact::SupplierCountry,
            Fact::CustomerCountry,
            Fact::SupplierIdentifier,
            Fact::Totals,
            Fact::Lines,
            Fact::VatBreakdown,
            Fact::SupplierEndpoint,
            Fact::CustomerEndpoint,
        ]
    );
    let told = documents::write::ubl(&nothing, UblFlavour::EFff, &Details::default()).unwrap_err().to_string();
    assert!(told.contains("Missing: the invoice number. Missing: the issue date."), "{told}");
    // What is no text once it is tidied is missing too.
    let blank = Invoice { number: Some("\u{1} \n".to_owned()), ..recognised() };
    assert_eq!(missing(&blank, UblFlavour::EFff), [Fact::Number]);
    let nowhere =
        Invoice { supplier: Party { country: Some("Holland".to_owned()), ..recognised().supplier }, ..recognised() };
    assert!(missing(&nowhere, UblFlavour::PeppolBis3).contains(&Fact::SupplierCountry));
    for fact in Fact::ALL {
        let text = serde_json::to_string(fact).unwrap();
        assert_eq!(text, format!("\"{}\"", fact.as_str()));
    }
}

#[test]
fn national_rules_want_more() {
    let invoice = Invoice { buyer_reference: None, ..recognised() };
    assert_eq!(missing(&invoice, UblFlavour::SiUbl20), [Fact::SupplierAddress, Fact::CustomerAddress]);
    assert_eq!(
        missing(&invoice, UblFlavour::XRechnung),
        [Fact::BuyerReference, Fact::SupplierAddress, Fact::CustomerAddress, Fact::SupplierContact]
    );
    // Peppol takes the number of the party as its address, and the filler for an order.
    let back = read_back(&documents::write::ubl(&invoice, UblFlavour::PeppolBis3, &Details::default()).unwrap());
    assert_eq!(back.supplier.endpoint.as_deref(), Some("0106:12345678"));
    assert_eq!(back.order_reference.as_deref(), Some("NA"));
    let corrected = Invoice { type_code: Some("384".to_owned()), ..recognised() };
    let gap = Gap::NotInFlavour { fact: Fact::TypeCode, value: "384".to_owned() };
    assert_eq!(gaps(&corrected, UblFlavour::PeppolBis3), [gap]);
    assert!(missing(&corrected, UblFlavour::SiUbl20).contains(&Fact::PrecedingInvoice));
    // The buyer writes a self-billed invoice: billing has no place for it.
    let own = Invoice { type_code: Some("389".to_owned()), ..recognised() };
    assert_eq!(gaps(&own, UblFlavour::PeppolBis3).len(), 1);
}

#[test]
fn quantity_and_price_always_come_to_the_line() {
    let cases = [
        // quantity, price, net -> quantity, price, base quantity
        (None, None, dec!(10.00), dec!(1), dec!(10.00), None),
        (None, None, dec!(-10.00), dec!(-1), dec!(10.00), None),
        (Some(dec!(3)), None, dec!(10.00), dec!(3), dec!(10.00), Some(dec!(3))),
        (None, Some(dec!(2.50)), dec!(10.00), dec!(4), dec!(2.50), None),
        (None, Some(dec!(3)), dec!(10.00), dec!(1), dec!(10.00), None),
        (Some(dec!(2)), Some(dec!(-5)), dec!(-10.00), dec!(-2), dec!(5), None),
        (Some(dec!(2)), None, dec!(-10.00), dec!(-2), dec!(10.00), Some(dec!(2))),
    ];
    for (quantity, price, net, wanted_quantity, wanted_price, wanted_base) in cases {
        let vat = domain::money::to_cents(net * dec!(0.21));
        let invoice = Invoice {
            vat_breakdown: vec![group(Some("S"), Some(dec!(21)), net, vat)],
            totals: Totals::default(),
            lines: vec![InvoiceLine {
                description: Some("Brood".to_owned()),
                quantity,
                price,
                net: Some(net),
                unit: Some("stuks".to_owned()),
                ..InvoiceLine::default()
            }],
            ..recognised()
        };
        let line = read_back(&written(&invoice, UblFlavour::PeppolBis3)).lines.remove(0);
        assert_eq!((line.quantity, line.price), (Some(wanted_quantity), Some(wanted_price)), "{quantity:?} {price:?}");
        assert_eq!((line.base_quantity, line.unit.as_deref()), (wanted_base, Some("C62")));
        assert_eq!((line.id.as_str(), line.treatment.category.as_deref()), ("1", Some("S")));
    }
    let mut invoice = recognised();
    invoice.vat_breakdown.truncate(1);
    invoice.totals = Totals::default();
    invoice.lines = vec![InvoiceLine {
        description: Some("Brood".to_owned()),
        quantity: Some(dec!(3)),
        price: Some(dec!(30)),
        net: Some(dec!(100)),
        ..InvoiceLine::default()
    }];
    assert_eq!(rules(&invoice), ["PEPPOL-EN16931-R120"]);
    written(&invoice, UblFlavour::EFff);
}

#[test]
fn one_treatment_makes_the_breakdown() {
    let line = |net| InvoiceLine {
        description: Some("Brood".to_owned()),
        net: Some(net),
        treatment: treatment(None, Some(dec!(9))),
        ..InvoiceLine::default()
    };
    let mut invoice = Invoice {
        vat_breakdown: Vec::new(),
        lines: vec![line(dec!(40)), line(dec!(60))],
        totals: Totals { vat: Some(dec!(9.01)), gross: Some(dec!(109.01)), ..Totals::default() },
        ..recognised()
    };
    let back = read_back(&written(&invoice, UblFlavour::EFff));
    // As stated, though it is a cent off.
    assert_eq!(back.vat_breakdown, [group(Some("S"), Some(dec!(9)), dec!(100), dec!(9.01))]);
    invoice.lines[1].treatment.rate = Some(dec!(21));
    assert!(missing(&invoice, UblFlavour::EFff).contains(&Fact::VatBreakdown));
}

#[test]
fn reasons_follow_from_categories_that_have_one() {
    for (category, reason) in [("AE", Some("VATEX-EU-AE")), ("G", Some("VATEX-EU-G")), ("E", None)] {
        let invoice = Invoice {
            vat_breakdown: vec![group(Some(category), None, dec!(100), dec!(0))],
            totals: Totals::default(),
            ..recognised()
        };
        match reason {
            Some(reason) => {
                let back = read_back(&written(&invoice, UblFlavour::PeppolBis3));
                assert_eq!(back.vat_breakdown[0].exemption_reason.as_deref(), Some(reason));
                assert_eq!(back.vat_breakdown[0].treatment.rate, Some(dec!(0)));
            }
            None => assert_eq!(rules(&invoice), ["BR-E-10"]),
        }
    }
}

#[test]
fn credit_notes_keep_their_due_date_and_signs() {
    let credit = Invoice { kind: InvoiceKind::CreditNote, project_reference: Some("P-9".to_owned()), ..recognised() };
    for flavour in UblFlavour::ALL {
        let back = read_back(&written(&credit, flavour));
        assert_eq!((back.kind, back.type_code.as_deref()), (InvoiceKind::CreditNote, Some("381")));
        assert_eq!(back.due_date, credit.due_date);
        assert_eq!(back.project_reference, credit.project_reference);
        assert_eq!(back.totals.gross, Some(dec!(175.50)));
    }
    let unpaid = Invoice { payment_means: Vec::new(), ..credit };
    let back = read_back(&written(&unpaid, UblFlavour::PeppolBis3));
    assert_eq!((back.due_date, back.payment_means[0].code.as_deref()), (unpaid.due_date, Some("1")));
    let dutch = read_back(&written(&unpaid, UblFlavour::SiUbl20));
    assert_eq!((dutch.due_date, dutch.payment_means.len()), (None, 0));
}

#[test]
fn text_is_escaped_and_what_xml_cannot_hold_is_removed() {
    let odd = "<b>&amp; \"q\" 'a' ]]> Zażółć 😀\u{0}\u{8}\u{1f}\u{fffe}\u{ffff} -->";
    let kept = "<b>&amp; \"q\" 'a' ]]> Zażółć 😀 -->";
    let mut invoice = recognised();
    invoice.number = Some(odd.to_owned());
    invoice.notes = vec![odd.to_owned(), "tweede\r\nregel".to_owned()];
    invoice.supplier.name = Some(odd.to_owned());
    invoice.supplier.identifiers = vec![format!("0088:{odd}"), odd.to_owned()];
    invoice.payment_means[0].reference = Some(odd.to_owned());
    invoice.payment_terms = Some(format!("#SKONTO#TAGE=14#PROZENT=2.00#\n{odd}"));
    for flavour in UblFlavour::ALL {
        let bytes = written(&invoice, flavour);
        let back = read_back(&bytes);
        assert_eq!(back.number.as_deref(), Some(kept));
        assert_eq!(back.notes, [format!("{kept}\ntweede\nregel")]);
        assert_eq!(back.supplier.name.as_deref(), Some(kept));
        assert_eq!(back.supplier.identifiers, [format!("0088:{kept}"), kept.to_owned()]);
        assert_eq!(back.payment_means[0].reference.as_deref(), Some(kept));
        assert_eq!(back.payment_terms.as_deref(), Some(format!("#SKONTO#TAGE=14#PROZENT=2.00#\n{kept}").as_str()));
    }
}
