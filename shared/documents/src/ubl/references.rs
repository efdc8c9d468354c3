//! Periods, deliveries, references to other documents, and attachments.

use super::{Ubl, first};
use crate::{
    ReadError,
    xml::{
        Element,
        Space::{Cac, Cbc},
    },
};
use domain::invoice::{Attachment, AttachmentSource, Invoice, PrecedingInvoice};

/// Document type of the invoiced object (BT-18), which carries no file.
const INVOICED_OBJECT: &str = "130";
/// Document type under which a credit note names its project.
const PROJECT: &str = "50";

impl<'i> Ubl<'i> {
    pub(super) fn period(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"StartDate") => first(&mut invoice.period_start, self.xml.single_date(element)?),
                (Cbc, b"EndDate") => first(&mut invoice.period_end, self.xml.single_date(element)?),
                (Cbc, b"DescriptionCode") => first(&mut invoice.tax_point_code, self.xml.string(element)?),
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    pub(super) fn delivery(&mut self, invoice: &mut Invoice) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ActualDeliveryDate") => first(&mut invoice.delivery_date, self.xml.single_date(element)?),
                (Cac, b"DeliveryLocation") => {
                    self.xml.once(element)?;
                    let path: &[_] = &[(Cac, &b"Address"[..]), (Cac, b"Country"), (Cbc, b"IdentificationCode")];
                    first(&mut invoice.delivery_country, self.xml.text_at(path)?);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    pub(super) fn billing_reference(
        &mut self,
        reference: Element<'i>,
        preceding: &mut Vec<PrecedingInvoice>,
    ) -> Result<(), ReadError> {
        self.xml.item(reference)?;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cac, b"InvoiceDocumentReference") => {
                    self.xml.once(element)?;
                    preceding.extend(self.preceding_invoice()?);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn preceding_invoice(&mut self) -> Result<Option<PrecedingInvoice>, ReadError> {
        let mut number = None;
        let mut issue_date = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => number = self.xml.single(element)?,
                (Cbc, b"IssueDate") => issue_date = self.xml.single_date(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(number.map(|number| PrecedingInvoice { number, issue_date }))
    }

    /// A supporting document with its file or link; also the project of a credit note.
    pub(super) fn additional_document(&mut self, parent: Element<'i>, invoice: &mut Invoice) -> Result<(), ReadError> {
        self.xml.item(parent)?;
        let mut id = None;
        let mut type_code = None;
        let mut description = None;
        let mut content = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => id = self.xml.single(element)?,
                (Cbc, b"DocumentTypeCode") => type_code = self.xml.single(element)?,
                (Cbc, b"DocumentDescription") => first(&mut description, self.xml.string(element)?),
                (Cac, b"Attachment") => {
                    self.xml.once(element)?;
                    content = self.attachment_content(invoice.attachments.len())?;
                }
                _ => self.xml.skip()?,
            }
        }
        match type_code.as_deref() {
            Some(PROJECT) => first(&mut invoice.project_reference, id),
            Some(INVOICED_OBJECT) => {}
            _ => {
                if let Some(Content { source, filename, mime }) = content {
                    let id = id.unwrap_or_default();
                    invoice.attachments.push(Attachment { id, description, filename, mime, source });
                }
            }
        }
        Ok(())
    }

    /// An embedded file comes before a link when both are there.
    fn attachment_content(&mut self, index: usize) -> Result<Option<Content>, ReadError> {
        let mut embedded = None;
        let mut external = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"EmbeddedDocumentBinaryObject") => {
                    self.xml.once(element)?;
                    let filename = element.attribute("filename").map(std::borrow::Cow::into_owned);
                    let mime = element.attribute("mimeCode").map(std::borrow::Cow::into_owned);
                    let encoded = self.xml.raw(element)?;
                    if !encoded.trim_ascii().is_empty() {
                        let source = self.embedded.decode(
                            index,
                            &encoded,
                            filename.as_deref(),
                            mime.as_deref(),
                            &mut self.findings,
                        );
                        embedded = Some(Content { source, filename, mime });
                    }
                }
                (Cac, b"ExternalReference") => {
                    self.xml.once(element)?;
                    external = self.xml.text_at(&[(Cbc, b"URI")])?.map(|uri| Content {
                        source: AttachmentSource::External { uri },
                        filename: None,
                        mime: None,
                    });
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(embedded.or(external))
    }
}

struct Content {
    source: AttachmentSource,
    filename: Option<String>,
    mime: Option<String>,
}
