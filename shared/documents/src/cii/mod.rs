//! UN/CEFACT Cross Industry Invoice, as Factur-X, ZUGFeRD 2 and XRechnung write it. One root for invoices and credit notes:
//! the type code alone tells them apart.

mod agreement;
mod lines;
mod parties;
mod settlement;

use crate::{
    ReadDocument, ReadError, SourceFormat,
    attachments::{Embedded, Files},
    values::{Currencies, Findings, currency, parse_compact_date},
    vat_totals::{self, VatTotal},
    xml::{
        Element,
        Space::{self, Ram, Rsm, Udt},
        Xml,
    },
};
use domain::{
    invoice::{Invoice, InvoiceKind},
    time::Date,
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Type codes that make a document a credit note.
const CREDIT_NOTES: [&str; 13] =
    ["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"];

/// Whether a root element is the one of a Cross Industry Invoice.
pub(crate) fn is_root(root: Element<'_>) -> bool {
    (root.space, root.local) == (Rsm, b"CrossIndustryInvoice")
}

/// Reads what is in the root element, which has been opened.
pub(crate) fn read_root(xml: Xml<'_>, files: Files) -> Result<ReadDocument, ReadError> {
    let mut cii = Cii {
        xml,
        findings: Findings::default(),
        embedded: Embedded::new(files),
        currencies: Currencies::default(),
        header: Header::default(),
    };
    let mut invoice = Invoice::default();
    while let Some(element) = cii.xml.child()? {
        match (element.space, element.local) {
            (Rsm, b"ExchangedDocumentContext") => {
                cii.xml.once(element)?;
                cii.context(&mut invoice)?;
            }
            (Rsm, b"ExchangedDocument") => {
                cii.xml.once(element)?;
                cii.exchanged_document(&mut invoice)?;
            }
            (Rsm, b"SupplyChainTradeTransaction") => {
                cii.xml.once(element)?;
                cii.transaction(&mut invoice)?;
            }
            _ => cii.xml.skip()?,
        }
    }
    cii.xml.finish()?;
    Ok(cii.conclude(invoice))
}

/// The reader with what is collected on the way.
struct Cii<'i> {
    xml: Xml<'i>,
    findings: Findings,
    embedded: Embedded,
    currencies: Currencies<'i>,
    header: Header<'i>,
}

/// What is only understood when all of it has been read.
#[derive(Default)]
struct Header<'i> {
    currency: Option<Cow<'i, str>>,
    tax_currency: Option<Cow<'i, str>>,
    vat_totals: Vec<VatTotal<'i>>,
    terms: Vec<String>,
    payment_reference: Option<String>,
    mandate: Option<String>,
}

impl<'i> Cii<'i> {
    fn context(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"GuidelineSpecifiedDocumentContextParameter") => {
                    self.xml.once(element)?;
                    invoice.profile = self.xml.text_at(ID)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn exchanged_document(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ID") => invoice.number = self.xml.single(element)?,
                (Ram, b"TypeCode") => {
                    invoice.type_code = self.xml.single(element)?;
                    if invoice.type_code.as_deref().is_some_and(|code| CREDIT_NOTES.contains(&code)) {
                        invoice.kind = InvoiceKind::CreditNote;
                    }
                }
                (Ram, b"IssueDateTime") => {
                    self.xml.once(element)?;
                    invoice.issue_date = self.date()?;
                }
                (Ram, b"IncludedNote") => {
                    self.xml.item(element)?;
                    self.note(&mut invoice.notes)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn note(&mut self, notes: &mut Vec<String>) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"Content") => notes.extend(self.xml.prose(element)?),
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn transaction(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"IncludedSupplyChainTradeLineItem") => {
                    self.xml.item(element)?;
                    invoice.lines.push(self.line()?);
                }
                (Ram, b"ApplicableHeaderTradeAgreement") => {
                    self.xml.once(element)?;
                    self.agreement(invoice)?;
                }
                (Ram, b"ApplicableHeaderTradeDelivery") => {
                    self.xml.once(element)?;
                    self.delivery(invoice)?;
                }
                (Ram, b"ApplicableHeaderTradeSettlement") => {
                    self.xml.once(element)?;
                    self.settlement(invoice)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn conclude(mut self, mut invoice: Invoice) -> ReadDocument {
        let Header { currency: code, tax_currency, vat_totals, terms, payment_reference, mandate } = self.header;
        invoice.currency = currency(code.as_deref(), &mut self.findings);
        invoice.tax_currency = currency(tax_currency.as_deref(), &mut self.findings);
        invoice.payment_terms = (!terms.is_empty()).then(|| terms.join("\n"));
        // Stated once for the document, and so for each way in which it may be paid.
        for means in &mut invoice.payment_means {
            means.reference.clone_from(&payment_reference);
            means.mandate.clone_from(&mandate);
        }
        let (document, for_vat) = (code.as_deref(), tax_currency.as_deref());
        vat_totals::choose(vat_totals, document, for_vat, &self.xml, &mut self.findings, &mut invoice);
        self.currencies.compare(document, &self.xml, &mut self.findings);
        ReadDocument {
            format: SourceFormat::Cii,
            invoice,
            embedded: self.embedded.into_files(),
            findings: self.findings.into_vec(),
        }
    }

    /// The date in the element that was opened last, written `20260331`.
    fn date(&mut self) -> Result<Option<Date>, ReadError> {
        let mut date = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Udt, b"DateTimeString" | b"DateString") => {
                    self.xml.once(element)?;
                    let day = element.attribute("format").is_none_or(|format| format == DAY);
                    if let Some(text) = self.xml.text(element)? {
                        let read = parse_compact_date(&text).filter(|_| day);
                        date = Some(self.xml.dated(element, &text, read)?);
                    }
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(date)
    }

    /// An amount in the document's currency, in an element that may stand once.
    fn single_amount(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        self.currencies.single_amount(&mut self.xml, element)
    }
}

/// The format of dates that are a day (UNTDID 2379).
const DAY: &str = "102";
const ID: &[(Space, &[u8])] = &[(Ram, b"ID")];
const ASSIGNED_ID: &[(Space, &[u8])] = &[(Ram, b"IssuerAssignedID")];
