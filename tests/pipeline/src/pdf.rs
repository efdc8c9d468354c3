//! PDFs: plain ones with recognised fields beside them, and hybrid ones.

use domain::time::Date;
use lopdf::{Document, Object, Stream, dictionary};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A PDF without data in it.
pub fn plain_pdf() -> Vec<u8> {
    saved(page())
}

/// A PDF with an invoice in it.
pub fn hybrid_pdf(xml: &[u8]) -> Vec<u8> {
    let mut pdf = page();
    let stream = pdf.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, xml.to_vec()));
    let specification = pdf.add_object(dictionary! {
        "Type" => "Filespec",
        "F" => Object::string_literal("factur-x.xml"),
        "EF" => dictionary! { "F" => stream },
        "AFRelationship" => "Alternative",
    });
    let names = vec![Object::string_literal("factur-x.xml"), specification.into()];
    let root = pdf.trailer.get(b"Root").and_then(Object::as_reference).expect("a root");
    let catalog = pdf.get_dictionary_mut(root).expect("a catalog");
    catalog.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
    catalog.set("AF", vec![specification.into()]);
    saved(pdf)
}

fn page() -> Document {
    let mut pdf = Document::with_version("1.7");
    let pages = pdf.new_object_id();
    let page = pdf.add_object(dictionary! { "Type" => "Page", "Parent" => pages });
    pdf.set_object(pages, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 });
    let catalog = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    pdf.trailer.set("Root", catalog);
    pdf
}

fn saved(mut pdf: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).expect("a PDF is written");
    bytes
}

/// Fields as recognition finds them on an invoice of the office's supplier, all with one confidence.
#[derive(Debug, Clone)]
pub struct Fields(Value);

impl Fields {
    /// An invoice with 21 % VAT.
    pub fn new(number: &str, issue_date: Date, net: Decimal, vat: Decimal) -> Self {
        let sure = |value: String| json!({ "value": value, "confidence": 0.97 });
        Self(json!({
            "kind": "invoice",
            "fields": {
                "number": sure(number.to_owned()),
                "issue_date": sure(issue_date.to_string()),
                "currency": sure("EUR".to_owned()),
                "supplier_name": sure("Papier & Co B.V.".to_owned()),
                "supplier_vat": sure("NL001234567B01".to_owned()),
                "supplier_iban": sure("NL02ABNA0123456789".to_owned()),
                "customer_name": sure("Voorbeeld Handel B.V.".to_owned()),
                "customer_vat": sure("NL820646660B01".to_owned()),
                "net": sure(net.to_string()),
                "vat": sure(vat.to_string()),
                "gross": sure((net + vat).to_string()),
            },
            "vat_breakdown": [{
                "category": "S", "rate": "21", "taxable": net.to_string(), "vat": vat.to_string(), "confidence": 0.97,
            }],
        }))
    }

    /// With another confidence for one field.
    #[must_use]
    pub fn unsure_of(mut self, field: &str, confidence: f32) -> Self {
        self.0["fields"][field]["confidence"] = json!(confidence);
        self
    }

    /// Without a field.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        self.0["fields"].as_object_mut().expect("fields").remove(field);
        self
    }

    /// The JSON.
    pub fn json(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }
}
