//! What clients give: an invoice with a PDF inside, bought or sold, and a file of bank statements.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::cases::Given;
use crate::failure::Failure;

const FOLDER: &str = "tests/demo/documents";
/// An invoice; it leaves its number open.
const INVOICE: &str = "paper.xml";
/// Its number, where it stands.
const NUMBER: &str = "P{run}";
/// What is inside of it.
const PDF: &str = "letter.pdf";
const STATEMENT: &str = "statement.sta";
/// Who bought, as the invoice says: the client. Each with the one who sold.
const SIDES: [(&str, &str); 3] =
    [("Elders B.V.", "Paper Co B.V."), ("NL854321987B01", "NL001234567B01"), ("87654321", "12345678")];
/// Before it stands what belongs to an invoice.
const SUPPLIER: &str = "<cac:AccountingSupplierParty>";

/// The client that all examples are about: name, VAT number, number in the register.
pub const CLIENT: [&str; 3] = [SIDES[0].0, SIDES[1].0, SIDES[2].0];

/// Files that clients give.
pub struct Papers {
    invoice: String,
    pdf: Vec<u8>,
    statement: Vec<u8>,
}

/// A file that a client gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Under which name it comes.
    pub name: String,
    /// Under which name it has to be with a mail.
    pub filed: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Papers {
    /// Reads them from the checkout.
    pub fn load(root: &Path) -> Result<Self, Failure> {
        let read = |name: &str| {
            let path = root.join(FOLDER).join(name);
            fs::read(&path).map_err(Failure::file(path))
        };
        let invoice = String::from_utf8(read(INVOICE)?).map_err(Failure::unexpected(INVOICE))?;
        let pdf = read(PDF)?;
        Ok(Self { invoice: with_inside(&invoice, &pdf), pdf, statement: read(STATEMENT)? })
    }

    /// The PDF that is inside the invoices.
    pub fn pdf(&self) -> &[u8] {
        &self.pdf
    }

    /// A file of a kind; an invoice gets this number.
    pub fn paper(&self, given: Given, number: &str) -> Paper {
        let invoice = |direction: &str, text: String| {
            let filed = format!("{direction}-{number}.xml");
            Paper { name: format!("{number}.xml"), filed, bytes: text.replace(NUMBER, number).into_bytes() }
        };
        match given {
            Given::Purchase => invoice("purchase", self.invoice.clone()),
            Given::Sales => {
                invoice("sales", SIDES.iter().fold(self.invoice.clone(), |text, sides| turned(&text, *sides)))
            }
            Given::Statement => {
                Paper { name: STATEMENT.to_owned(), filed: STATEMENT.to_owned(), bytes: self.statement.clone() }
            }
        }
    }
}

/// Puts a file into an invoice.
fn with_inside(invoice: &str, pdf: &[u8]) -> String {
    let inside = format!(
        "<cac:AdditionalDocumentReference><cbc:ID>letter</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject \
         mimeCode=\"application/pdf\" filename=\"{PDF}\">{}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>\
         </cac:AdditionalDocumentReference>\n  {SUPPLIER}",
        STANDARD.encode(pdf)
    );
    invoice.replacen(SUPPLIER, &inside, 1)
}

/// Puts each of two words in the place of the other.
fn turned(text: &str, (one, other): (&str, &str)) -> String {
    let parts: Vec<String> = text.split(one).map(|part| part.replace(other, one)).collect();
    parts.join(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Instance, Project};

    #[test]
    fn what_was_bought_is_sold_with_the_sides_turned() {
        let papers = Papers::load(&Project::open(Instance::Test).unwrap().root).unwrap();
        let bought = papers.paper(Given::Purchase, "M-1");
        let sold = papers.paper(Given::Sales, "M-1");
        let seller = |paper: &Paper| {
            let text = String::from_utf8(paper.bytes.clone()).unwrap();
            let (_, rest) = text.split_once("<cbc:RegistrationName>").unwrap();
            (rest.split_once('<').unwrap().0.to_owned(), text)
        };
        let ((seller_of_bought, bought_text), (seller_of_sold, _)) = (seller(&bought), seller(&sold));
        assert_eq!((seller_of_bought.as_str(), seller_of_sold.as_str()), ("Paper Co B.V.", CLIENT[0]));
        assert!(!bought_text.contains("{run}") && bought_text.contains("<cbc:ID>M-1</cbc:ID>"));
        assert_eq!((bought.filed.as_str(), sold.filed.as_str()), ("purchase-M-1.xml", "sales-M-1.xml"));
    }

    #[test]
    fn an_invoice_is_read_with_the_pdf_inside_and_statements_as_such() {
        let papers = Papers::load(&Project::open(Instance::Test).unwrap().root).unwrap();
        let invoice = papers.paper(Given::Purchase, "M-1");
        let read = documents::read(&invoice.bytes);
        assert!(read.is_ok(), "{read:?}");
        let statement = papers.paper(Given::Statement, "M-1");
        assert_eq!(documents::statement::sniff(&statement.bytes), Some(domain::mail::StatementFormat::Mt940));
    }
}
