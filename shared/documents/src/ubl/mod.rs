//! UBL 2.1 `Invoice` and `CreditNote`: elements by namespace, name and fixed path, in whatever order they stand.

mod lines;
mod parties;
mod payment;
mod references;
mod totals;

use crate::{
    ReadDocument, ReadError, SourceFormat,
    attachments::{Embedded, Files},
    encoding,
    values::{Currencies, Findings, currency},
    vat_totals::{self, VatTotal},
    xml::{Element, Space, Xml},
};
use domain::{
    invoice::{Invoice, InvoiceKind},
    time::Date,
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Reads a UBL 2.1 invoice or credit note.
pub fn read(bytes: &[u8]) -> Result<ReadDocument, ReadError> {
    crate::check_size(bytes)?;
    let text = encoding::to_utf8(bytes)?;
    let mut xml = Xml::new(&text);
    let root = xml.root()?;
    match kind_of(root) {
        Some(kind) => read_root(xml, kind, Files::Take),
        None => Err(crate::unknown_root(root)),
    }
}

/// What a root element is in UBL.
pub(crate) fn kind_of(root: Element<'_>) -> Option<InvoiceKind> {
    match (root.space, root.local) {
        (Space::UblInvoice, b"Invoice") => Some(InvoiceKind::Invoice),
        (Space::UblCreditNote, b"CreditNote") => Some(InvoiceKind::CreditNote),
        _ => None,
    }
}

/// Reads what is in the root element, which has been opened.
pub(crate) fn read_root(xml: Xml<'_>, kind: InvoiceKind, files: Files) -> Result<ReadDocument, ReadError> {
    let mut ubl =
        Ubl { xml, findings: Findings::default(), embedded: Embedded::new(files), currencies: Currencies::default() };
    let mut header = Header { kind, ..Header::default() };
    let mut invoice = Invoice { kind, ..Invoice::default() };
    while let Some(element) = ubl.xml.child()? {
        match element.space {
            Space::Cbc => header.value(&mut ubl, &mut invoice, element)?,
            Space::Cac => header.aggregate(&mut ubl, &mut invoice, element)?,
            _ => ubl.xml.skip()?,
        }
    }
    ubl.xml.finish()?;
    header.conclude(&mut ubl, &mut invoice);
    Ok(ReadDocument {
        format: SourceFormat::Ubl,
        invoice,
        embedded: ubl.embedded.into_files(),
        findings: ubl.findings.into_vec(),
    })
}

/// The reader with what is collected on the way.
struct Ubl<'i> {
    xml: Xml<'i>,
    findings: Findings,
    embedded: Embedded,
    currencies: Currencies<'i>,
}

impl<'i> Ubl<'i> {
    /// An amount in the document's currency, in an element that may stand once.
    fn single_amount(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        self.currencies.single_amount(&mut self.xml, element)
    }
}

/// What the root says that is only understood when all of it has been read.
#[derive(Default)]
struct Header<'i> {
    kind: InvoiceKind,
    currency: Option<Cow<'i, str>>,
    tax_currency: Option<Cow<'i, str>>,
    /// Due date of the first payment means that has one: credit notes state it there.
    means_due: Option<Date>,
    terms: Vec<String>,
    vat_totals: Vec<VatTotal<'i>>,
}

impl<'i> Header<'i> {
    fn value(&mut self, ubl: &mut Ubl<'i>, invoice: &mut Invoice, element: Element<'i>) -> Result<(), ReadError> {
        let xml = &mut ubl.xml;
        match element.local {
            b"CustomizationID" => invoice.profile = xml.single(element)?,
            b"ID" => invoice.number = xml.single(element)?,
            b"IssueDate" => invoice.issue_date = xml.single_date(element)?,
            b"DueDate" => invoice.due_date = xml.single_date(element)?,
            b"InvoiceTypeCode" if self.kind == InvoiceKind::Invoice => invoice.type_code = xml.single(element)?,
            b"CreditNoteTypeCode" if self.kind == InvoiceKind::CreditNote => invoice.type_code = xml.single(element)?,
            b"Note" => {
                xml.item(element)?;
                invoice.notes.extend(xml.prose(element)?);
            }
            b"TaxPointDate" => invoice.tax_point_date = xml.single_date(element)?,
            b"DocumentCurrencyCode" => {
                xml.once(element)?;
                self.currency = xml.text(element)?;
            }
            b"TaxCurrencyCode" => {
                xml.once(element)?;
                self.tax_currency = xml.text(element)?;
            }
            b"AccountingCost" => invoice.accounting_cost = xml.single(element)?,
            b"BuyerReference" => invoice.buyer_reference = xml.single(element)?,
            _ => xml.skip()?,
        }
        Ok(())
    }

    fn aggregate(&mut self, ubl: &mut Ubl<'i>, invoice: &mut Invoice, element: Element<'i>) -> Result<(), ReadError> {
        match element.local {
            b"InvoicePeriod" => ubl.period(invoice)?,
            b"OrderReference" => {
                ubl.xml.once(element)?;
                invoice.order_reference = ubl.xml.text_at(ID)?;
            }
            b"BillingReference" => ubl.billing_reference(element, &mut invoice.preceding)?,
            b"ContractDocumentReference" => first(&mut invoice.contract_reference, ubl.xml.text_at(ID)?),
            b"ProjectReference" => first(&mut invoice.project_reference, ubl.xml.text_at(ID)?),
            b"AdditionalDocumentReference" => ubl.additional_document(element, invoice)?,
            b"AccountingSupplierParty" => {
                ubl.xml.once(element)?;
                invoice.supplier = ubl.accounting_party()?;
            }
            b"AccountingCustomerParty" => {
                ubl.xml.once(element)?;
                invoice.customer = ubl.accounting_party()?;
            }
            b"PayeeParty" => {
                ubl.xml.once(element)?;
                invoice.payee = Some(ubl.party()?);
            }
            b"TaxRepresentativeParty" => {
                ubl.xml.once(element)?;
                invoice.tax_representative = Some(ubl.party()?);
            }
            b"Delivery" => ubl.delivery(invoice)?,
            b"PaymentMeans" => {
                ubl.xml.item(element)?;
                let (means, due) = ubl.payment_means()?;
                invoice.payment_means.push(means);
                self.means_due = self.means_due.or(due);
            }
            b"PaymentTerms" => {
                ubl.xml.item(element)?;
                self.terms.extend(ubl.payment_terms()?);
            }
            b"AllowanceCharge" => {
                ubl.xml.item(element)?;
                invoice.allowance_charges.extend(ubl.allowance_charge(element)?);
            }
            b"TaxTotal" => {
                ubl.xml.item(element)?;
                self.vat_totals.push(ubl.tax_total(element)?);
            }
            b"LegalMonetaryTotal" => {
                ubl.xml.once(element)?;
                ubl.monetary_total(&mut invoice.totals)?;
            }
            b"InvoiceLine" if self.kind == InvoiceKind::Invoice => {
                ubl.xml.item(element)?;
                invoice.lines.push(ubl.line()?);
            }
            b"CreditNoteLine" if self.kind == InvoiceKind::CreditNote => {
                ubl.xml.item(element)?;
                invoice.lines.push(ubl.line()?);
            }
            _ => ubl.xml.skip()?,
        }
        Ok(())
    }

    fn conclude(self, ubl: &mut Ubl<'i>, invoice: &mut Invoice) {
        invoice.currency = currency(self.currency.as_deref(), &mut ubl.findings);
        invoice.tax_currency = currency(self.tax_currency.as_deref(), &mut ubl.findings);
        invoice.due_date = invoice.due_date.or(self.means_due);
        invoice.payment_terms = (!self.terms.is_empty()).then(|| self.terms.join("\n"));
        let (currency, tax_currency) = (self.currency.as_deref(), self.tax_currency.as_deref());
        vat_totals::choose(self.vat_totals, currency, tax_currency, &ubl.xml, &mut ubl.findings, invoice);
        ubl.currencies.compare(currency, &ubl.xml, &mut ubl.findings);
    }
}

const ID: &[(Space, &[u8])] = &[(Space::Cbc, b"ID")];

/// Keeps what was found first.
fn first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}
