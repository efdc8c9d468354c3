//! Who agreed on what, delivery, and references to other documents.

use super::{ASSIGNED_ID, Cii};
use crate::{
    ReadError,
    xml::{Element, Space::Ram},
};
use domain::invoice::{Attachment, AttachmentSource, Invoice, PrecedingInvoice};

/// Type of a supporting document; others name tenders and invoiced objects.
const SUPPORTING: &str = "916";

impl<'i> Cii<'i> {
    pub(super) fn agreement(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            if element.space != Ram {
                self.xml.skip()?;
                continue;
            }
            match element.local {
                b"BuyerReference" => invoice.buyer_reference = self.xml.single(element)?,
                b"SellerTradeParty" => {
                    self.xml.once(element)?;
                    invoice.supplier = self.party()?;
                }
                b"BuyerTradeParty" => {
                    self.xml.once(element)?;
                    invoice.customer = self.party()?;
                }
                b"SellerTaxRepresentativeTradeParty" => {
                    self.xml.once(element)?;
                    invoice.tax_representative = Some(self.party()?);
                }
                b"BuyerOrderReferencedDocument" => {
                    self.xml.once(element)?;
                    invoice.order_reference = self.xml.text_at(ASSIGNED_ID)?;
                }
                b"ContractReferencedDocument" => {
                    self.xml.once(element)?;
                    invoice.contract_reference = self.xml.text_at(ASSIGNED_ID)?;
                }
                b"SpecifiedProcuringProject" => {
                    self.xml.once(element)?;
                    invoice.project_reference = self.identifier()?;
                }
                b"AdditionalReferencedDocument" => self.additional_document(element, invoice)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    pub(super) fn delivery(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ShipToTradeParty") => {
                    self.xml.once(element)?;
                    invoice.delivery_country = self.country_of_party()?;
                }
                (Ram, b"ActualDeliverySupplyChainEvent") => {
                    self.xml.once(element)?;
                    self.delivery_event(invoice)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn delivery_event(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"OccurrenceDateTime") => {
                    self.xml.once(element)?;
                    invoice.delivery_date = self.date()?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    pub(super) fn preceding_invoice(
        &mut self,
        parent: Element<'i>,
        preceding: &mut Vec<PrecedingInvoice>,
    ) -> Result<(), ReadError> {
        self.xml.item(parent)?;
        let mut number = None;
        let mut issue_date = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"IssuerAssignedID") => number = self.xml.single(element)?,
                (Ram, b"FormattedIssueDateTime") => {
                    self.xml.once(element)?;
                    issue_date = self.date()?;
                }
                _ => self.xml.skip()?,
            }
        }
        preceding.extend(number.map(|number| PrecedingInvoice { number, issue_date }));
        Ok(())
    }

    /// A supporting document; an embedded file comes before a link when both are there.
    fn additional_document(&mut self, parent: Element<'i>, invoice: &mut Invoice) -> Result<(), ReadError> {
        self.xml.item(parent)?;
        let mut document = Attachment {
            id: String::new(),
            description: None,
            filename: None,
            mime: None,
            source: AttachmentSource::Undecodable,
        };
        let mut type_code = None;
        let mut uri = None;
        let mut embedded = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"IssuerAssignedID") => document.id = self.xml.single(element)?.unwrap_or_default(),
                (Ram, b"TypeCode") => type_code = self.xml.single(element)?,
                (Ram, b"Name") => document.description = self.xml.single(element)?,
                (Ram, b"URIID") => uri = self.xml.single(element)?,
                (Ram, b"AttachmentBinaryObject") => {
                    self.xml.once(element)?;
                    document.filename = element.attribute("filename").map(std::borrow::Cow::into_owned);
                    document.mime = element.attribute("mimeCode").map(std::borrow::Cow::into_owned);
                    embedded = Some(self.xml.raw(element)?).filter(|encoded| !encoded.trim_ascii().is_empty());
                }
                _ => self.xml.skip()?,
            }
        }
        let source = match (embedded, uri) {
            (Some(encoded), _) => {
                let (filename, mime) = (document.filename.as_deref(), document.mime.as_deref());
                self.embedded.decode(invoice.attachments.len(), &encoded, filename, mime, &mut self.findings)
            }
            (None, Some(uri)) => AttachmentSource::External { uri },
            (None, None) => return Ok(()),
        };
        if type_code.as_deref() == Some(SUPPORTING) {
            invoice.attachments.push(Attachment { source, ..document });
        }
        Ok(())
    }
}
