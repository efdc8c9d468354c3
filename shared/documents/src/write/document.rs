//! The document, in the order of elements that the schema of UBL 2.1 fixes.

use super::{Details, codes, parties, xml::Xml};
use domain::{
    invoice::{
        AllowanceCharge, AllowanceChargeKind, Invoice, InvoiceKind, InvoiceLine, PaymentMeans, Totals, VatCategory,
        VatSubtotal, VatTreatment,
    },
    mail::UblFlavour,
    money::Currency,
    time::Date,
};
use rust_decimal::Decimal;

/// Writes an invoice that has been completed and has no gaps.
pub(super) fn write(invoice: &Invoice, currency: Currency, flavour: UblFlavour, details: &Details) -> Vec<u8> {
    let mut xml = Xml::new(currency);
    let (root, namespace) = match invoice.kind {
        InvoiceKind::Invoice => ("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"),
        InvoiceKind::CreditNote => ("CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"),
    };
    xml.root(root, namespace, |xml| {
        header(xml, invoice, currency, flavour);
        references(xml, invoice);
        parties::supplier(xml, &invoice.supplier, flavour, &details.supplier);
        parties::customer(xml, &invoice.customer, &details.customer);
        if let Some(party) = &invoice.payee {
            parties::payee(xml, party);
        }
        if let Some(party) = &invoice.tax_representative {
            parties::tax_representative(xml, party);
        }
        delivery(xml, invoice);
        for (index, means) in invoice.payment_means.iter().enumerate() {
            let due = invoice.due_date.filter(|_| index == 0 && invoice.kind == InvoiceKind::CreditNote);
            payment_means(xml, means, due);
        }
        payment_terms(xml, invoice.payment_terms.as_deref());
        for entry in &invoice.allowance_charges {
            allowance_charge(xml, entry, Some(&entry.treatment));
        }
        vat(xml, invoice, flavour);
        monetary_total(xml, &invoice.totals);
        for line in &invoice.lines {
            self::line(xml, line, invoice.kind);
        }
    });
    xml.into_bytes()
}

fn header(xml: &mut Xml, invoice: &Invoice, currency: Currency, flavour: UblFlavour) {
    // The rules built on EN 16931 advise against a version; those from before it want one.
    if flavour == UblFlavour::EFff {
        xml.value("cbc:UBLVersionID", "2.1");
    }
    xml.some("cbc:CustomizationID", invoice.profile.as_deref());
    xml.value("cbc:ProfileID", codes::profile(flavour));
    xml.some("cbc:ID", invoice.number.as_deref());
    xml.date("cbc:IssueDate", invoice.issue_date);
    match invoice.kind {
        InvoiceKind::Invoice => {
            xml.date("cbc:DueDate", invoice.due_date);
            xml.some("cbc:InvoiceTypeCode", invoice.type_code.as_deref());
            notes(xml, invoice);
            xml.date("cbc:TaxPointDate", invoice.tax_point_date);
        }
        InvoiceKind::CreditNote => {
            xml.date("cbc:TaxPointDate", invoice.tax_point_date);
            xml.some("cbc:CreditNoteTypeCode", invoice.type_code.as_deref());
            notes(xml, invoice);
        }
    }
    xml.value("cbc:DocumentCurrencyCode", currency.as_str());
    xml.some("cbc:TaxCurrencyCode", invoice.tax_currency.as_ref().map(Currency::as_str));
    xml.some("cbc:AccountingCost", invoice.accounting_cost.as_deref());
    xml.some("cbc:BuyerReference", invoice.buyer_reference.as_deref());
}

fn notes(xml: &mut Xml, invoice: &Invoice) {
    for note in &invoice.notes {
        xml.value("cbc:Note", note);
    }
}

fn references(xml: &mut Xml, invoice: &Invoice) {
    let Invoice { period_start, period_end, tax_point_code, .. } = invoice;
    if period_start.is_some() || period_end.is_some() || tax_point_code.is_some() {
        xml.group("cac:InvoicePeriod", |xml| {
            xml.date("cbc:StartDate", *period_start);
            xml.date("cbc:EndDate", *period_end);
            xml.some("cbc:DescriptionCode", tax_point_code.as_deref());
        });
    }
    xml.some_in("cac:OrderReference", "cbc:ID", invoice.order_reference.as_deref());
    for preceding in &invoice.preceding {
        xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.value("cbc:ID", &preceding.number);
                xml.date("cbc:IssueDate", preceding.issue_date);
            });
        });
    }
    xml.some_in("cac:ContractDocumentReference", "cbc:ID", invoice.contract_reference.as_deref());
    if let Some(project) = &invoice.project_reference {
        match invoice.kind {
            InvoiceKind::Invoice => xml.some_in("cac:ProjectReference", "cbc:ID", Some(project)),
            // A credit note has no element of its own for it.
            InvoiceKind::CreditNote => xml.group("cac:AdditionalDocumentReference", |xml| {
                xml.value("cbc:ID", project);
                xml.value("cbc:DocumentTypeCode", "50");
            }),
        }
    }
}

fn delivery(xml: &mut Xml, invoice: &Invoice) {
    let Invoice { delivery_date, delivery_country, .. } = invoice;
    if delivery_date.is_some() || delivery_country.is_some() {
        xml.group("cac:Delivery", |xml| {
            xml.date("cbc:ActualDeliveryDate", *delivery_date);
            if delivery_country.is_some() {
                xml.group("cac:DeliveryLocation", |xml| {
                    xml.group("cac:Address", |xml| parties::country(xml, delivery_country.as_deref()));
                });
            }
        });
    }
}

fn payment_means(xml: &mut Xml, means: &PaymentMeans, due: Option<Date>) {
    xml.group("cac:PaymentMeans", |xml| {
        xml.some("cbc:PaymentMeansCode", means.code.as_deref());
        xml.date("cbc:PaymentDueDate", due);
        xml.some("cbc:PaymentID", means.reference.as_deref());
        if let Some(account) = &means.account {
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.value("cbc:ID", account);
                xml.some("cbc:Name", means.account_name.as_deref());
                xml.some_in("cac:FinancialInstitutionBranch", "cbc:ID", means.bic.as_deref());
            });
        }
        xml.some_in("cac:PaymentMandate", "cbc:ID", means.mandate.as_deref());
    });
}

/// German rules write cash discounts as lines, the last of which ends too.
fn payment_terms(xml: &mut Xml, terms: Option<&str>) {
    let Some(terms) = terms else { return };
    let ends = terms.lines().last().is_some_and(|line| line.starts_with('#'));
    let terms = if ends { format!("{terms}\n") } else { terms.to_owned() };
    xml.group("cac:PaymentTerms", |xml| xml.value("cbc:Note", &terms));
}

/// Those of lines have no VAT category.
fn allowance_charge(xml: &mut Xml, entry: &AllowanceCharge, treatment: Option<&VatTreatment>) {
    let indicator = match entry.kind {
        AllowanceChargeKind::Allowance => "false",
        AllowanceChargeKind::Charge => "true",
    };
    xml.group("cac:AllowanceCharge", |xml| {
        xml.value("cbc:ChargeIndicator", indicator);
        xml.some("cbc:AllowanceChargeReason", entry.reason.as_deref());
        xml.amount("cbc:Amount", Some(entry.amount));
        if let Some(treatment) = treatment {
            tax_category(xml, "cac:TaxCategory", treatment, None);
        }
    });
}

fn tax_category(xml: &mut Xml, name: &str, treatment: &VatTreatment, reason: Option<&str>) {
    const CODE: &str = "VATEX-";
    xml.group(name, |xml| {
        xml.some("cbc:ID", treatment.category.as_deref());
        xml.number("cbc:Percent", treatment.rate);
        match reason {
            Some(code) if code.starts_with(CODE) && !code.contains(' ') => {
                xml.value("cbc:TaxExemptionReasonCode", code);
            }
            text => xml.some("cbc:TaxExemptionReason", text),
        }
        xml.group("cac:TaxScheme", |xml| xml.value("cbc:ID", "VAT"));
    });
}

fn vat(xml: &mut Xml, invoice: &Invoice, flavour: UblFlavour) {
    xml.group("cac:TaxTotal", |xml| {
        xml.amount("cbc:TaxAmount", invoice.totals.vat);
        for group in &invoice.vat_breakdown {
            subtotal(xml, group, flavour);
        }
    });
    if let (Some(currency), Some(amount)) = (invoice.tax_currency, invoice.totals.vat_in_tax_currency) {
        xml.group("cac:TaxTotal", |xml| xml.amount_in("cbc:TaxAmount", Some(amount), currency));
    }
}

fn subtotal(xml: &mut Xml, group: &VatSubtotal, flavour: UblFlavour) {
    let mut treatment = group.treatment.clone();
    // German rules want a rate even of what VAT has nothing to do with.
    if flavour == UblFlavour::XRechnung && treatment.known() == Some(VatCategory::O) {
        treatment.rate = Some(Decimal::ZERO);
    }
    xml.group("cac:TaxSubtotal", |xml| {
        xml.amount("cbc:TaxableAmount", Some(group.taxable));
        xml.amount("cbc:TaxAmount", Some(group.vat));
        tax_category(xml, "cac:TaxCategory", &treatment, group.exemption_reason.as_deref());
    });
}

fn monetary_total(xml: &mut Xml, totals: &Totals) {
    xml.group("cac:LegalMonetaryTotal", |xml| {
        xml.amount("cbc:LineExtensionAmount", totals.lines);
        xml.amount("cbc:TaxExclusiveAmount", totals.net);
        xml.amount("cbc:TaxInclusiveAmount", totals.gross);
        xml.amount("cbc:AllowanceTotalAmount", totals.allowances);
        xml.amount("cbc:ChargeTotalAmount", totals.charges);
        xml.amount("cbc:PrepaidAmount", totals.prepaid);
        xml.amount("cbc:PayableRoundingAmount", totals.rounding);
        xml.amount("cbc:PayableAmount", totals.payable);
    });
}

fn line(xml: &mut Xml, line: &InvoiceLine, kind: InvoiceKind) {
    let (name, quantity) = match kind {
        InvoiceKind::Invoice => ("cac:InvoiceLine", "cbc:InvoicedQuantity"),
        InvoiceKind::CreditNote => ("cac:CreditNoteLine", "cbc:CreditedQuantity"),
    };
    let unit = line.unit.as_deref();
    xml.group(name, |xml| {
        xml.value("cbc:ID", &line.id);
        xml.quantity(quantity, line.quantity, unit);
        xml.amount("cbc:LineExtensionAmount", line.net);
        xml.some("cbc:AccountingCost", line.accounting_cost.as_deref());
        for entry in &line.allowance_charges {
            allowance_charge(xml, entry, None);
        }
        xml.group("cac:Item", |xml| {
            xml.some("cbc:Name", line.description.as_deref());
            tax_category(xml, "cac:ClassifiedTaxCategory", &line.treatment, None);
        });
        xml.group("cac:Price", |xml| {
            xml.amount("cbc:PriceAmount", line.price);
            xml.quantity("cbc:BaseQuantity", line.base_quantity, unit);
        });
    });
}
