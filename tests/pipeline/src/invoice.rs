//! UBL invoices as a supplier of the office sends them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{invoice::InvoiceKind, time::Date};
use rust_decimal::{Decimal, dec};

/// A line, and its VAT group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// VAT category.
    pub category: &'static str,
    /// Rate in percent.
    pub rate: Decimal,
    /// Without VAT; negative lines have a negative quantity.
    pub net: Decimal,
}

/// An invoice to be written as UBL.
#[derive(Debug, Clone)]
pub struct Ubl {
    /// Invoice or credit note.
    pub kind: InvoiceKind,
    /// Type code, when it is not the kind's usual one.
    pub type_code: Option<&'static str>,
    /// `CustomizationID`.
    pub profile: &'static str,
    /// Number.
    pub number: String,
    /// Date.
    pub issue_date: Date,
    /// Seller: name, VAT number, register number.
    pub supplier: (&'static str, Option<&'static str>, Option<&'static str>),
    /// Buyer: name, VAT number.
    pub customer: (&'static str, &'static str),
    /// Account to which to pay.
    pub iban: Option<&'static str>,
    /// Who is to be paid, when it is not the seller.
    pub payee: Option<&'static str>,
    /// Paid in advance.
    pub prepaid: Option<Decimal>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Added to the VAT total: then the document breaks a rule.
    pub vat_error: Decimal,
    /// An embedded PDF.
    pub pdf: Option<Vec<u8>>,
}

impl Ubl {
    /// An invoice of the office's supplier of 100.00 and 21 % VAT.
    pub fn new(number: &str, issue_date: Date) -> Self {
        Self {
            kind: InvoiceKind::Invoice,
            type_code: None,
            profile: "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0",
            number: number.to_owned(),
            issue_date,
            supplier: ("Papier & Co B.V.", Some("NL001234567B01"), Some("12345678")),
            customer: ("Voorbeeld Handel B.V.", "NL820646660B01"),
            iban: Some("NL02ABNA0123456789"),
            payee: None,
            prepaid: None,
            lines: vec![Line { category: "S", rate: dec!(21), net: dec!(100.00) }],
            vat_error: Decimal::ZERO,
            pdf: None,
        }
    }

    /// With one line of this amount without VAT.
    #[must_use]
    pub fn of(mut self, net: Decimal) -> Self {
        self.lines = vec![Line { category: "S", rate: dec!(21), net }];
        self
    }

    /// Issued by the office to its customer.
    #[must_use]
    pub fn sales(mut self) -> Self {
        self.supplier = ("Voorbeeld Handel B.V.", Some("NL820646660B01"), Some("34281100"));
        self.customer = ("Afnemer N.V.", "NL001234568B01");
        self.iban = Some("NL91ABNA0417164300");
        self
    }

    /// Total without VAT.
    pub fn net(&self) -> Decimal {
        self.lines.iter().map(|line| line.net).sum()
    }

    /// VAT as stated.
    pub fn vat(&self) -> Decimal {
        self.groups().iter().map(|(_, _, _, vat)| *vat).sum::<Decimal>() + self.vat_error
    }

    /// Total with VAT.
    pub fn gross(&self) -> Decimal {
        self.net() + self.vat()
    }

    fn groups(&self) -> Vec<(&'static str, Decimal, Decimal, Decimal)> {
        let mut groups: Vec<(&'static str, Decimal, Decimal, Decimal)> = Vec::new();
        for line in &self.lines {
            match groups.iter_mut().find(|group| (group.0, group.1) == (line.category, line.rate)) {
                Some(group) => group.2 += line.net,
                None => groups.push((line.category, line.rate, line.net, Decimal::ZERO)),
            }
        }
        for (_, rate, net, vat) in &mut groups {
            *vat = (*net * *rate / dec!(100)).round_dp(2);
        }
        groups
    }

    /// The file.
    pub fn xml(&self) -> Vec<u8> {
        let (root, type_code, line, quantity) = match self.kind {
            InvoiceKind::Invoice => ("Invoice", ("InvoiceTypeCode", "380"), "InvoiceLine", "InvoicedQuantity"),
            InvoiceKind::CreditNote => {
                ("CreditNote", ("CreditNoteTypeCode", "381"), "CreditNoteLine", "CreditedQuantity")
            }
        };
        let code = self.type_code.unwrap_or(type_code.1);
        let amount = |name: &str, value: Decimal| format!("<cbc:{name} currencyID=\"EUR\">{value:.2}</cbc:{name}>");
        let scheme = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>";
        let groups = self
            .groups()
            .iter()
            .map(|(category, rate, net, vat)| {
                let exempt = match *category {
                    "S" => "",
                    _ => "<cbc:TaxExemptionReason>By law</cbc:TaxExemptionReason>",
                };
                format!(
                    "<cac:TaxSubtotal>{}{}<cac:TaxCategory><cbc:ID>{category}</cbc:ID><cbc:Percent>{rate}</cbc:Percent>\
                     {exempt}{scheme}</cac:TaxCategory></cac:TaxSubtotal>",
                    amount("TaxableAmount", *net),
                    amount("TaxAmount", *vat),
                )
            })
            .collect::<Vec<String>>()
            .concat();
        let lines = self
            .lines
            .iter()
            .enumerate()
            .map(|(place, it)| {
                let count = if it.net.is_sign_negative() { -1 } else { 1 };
                format!(
                    "<cac:{line}><cbc:ID>{}</cbc:ID><cbc:{quantity} unitCode=\"C62\">{count}</cbc:{quantity}>{}<cac:Item>\
                     <cbc:Name>Paper</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>{}</cbc:ID><cbc:Percent>{}</cbc:Percent>\
                     {scheme}</cac:ClassifiedTaxCategory></cac:Item><cac:Price>{}</cac:Price></cac:{line}>",
                    place + 1,
                    amount("LineExtensionAmount", it.net),
                    it.category,
                    it.rate,
                    amount("PriceAmount", it.net.abs()),
                )
            })
            .collect::<Vec<String>>()
            .concat();
        let account = self.iban.map(|iban| {
            format!(
                "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>7000123456789012</cbc:PaymentID>\
                 <cac:PayeeFinancialAccount><cbc:ID>{iban}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
            )
        });
        let payee = self.payee.map(|name| {
            format!("<cac:PayeeParty><cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName></cac:PayeeParty>")
        });
        let embedded = self.pdf.as_ref().map(|bytes| {
            format!(
                "<cac:AdditionalDocumentReference><cbc:ID>picture</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject \
                 mimeCode=\"application/pdf\" filename=\"picture.pdf\">{}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>\
                 </cac:AdditionalDocumentReference>",
                STANDARD.encode(bytes)
            )
        });
        let prepaid = self.prepaid.unwrap_or_default();
        let (net, gross) = (self.net(), self.gross());
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:{root}-2\" \
             xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
             xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\
             <cbc:CustomizationID>{}</cbc:CustomizationID><cbc:ID>{}</cbc:ID><cbc:IssueDate>{}</cbc:IssueDate>\
             <cbc:{type_name}>{code}</cbc:{type_name}><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{}\
             <cac:AccountingSupplierParty>{}</cac:AccountingSupplierParty>\
             <cac:AccountingCustomerParty>{}</cac:AccountingCustomerParty>{}{}\
             <cac:TaxTotal>{}{groups}</cac:TaxTotal><cac:LegalMonetaryTotal>{}{}{}{}{}</cac:LegalMonetaryTotal>{lines}</{root}>",
            self.profile,
            self.number,
            self.issue_date,
            embedded.unwrap_or_default(),
            party(self.supplier.0, self.supplier.1, self.supplier.2),
            party(self.customer.0, Some(self.customer.1), None),
            payee.unwrap_or_default(),
            account.unwrap_or_default(),
            amount("TaxAmount", self.vat()),
            amount("LineExtensionAmount", net),
            amount("TaxExclusiveAmount", net),
            amount("TaxInclusiveAmount", gross),
            amount("PrepaidAmount", prepaid),
            amount("PayableAmount", gross - prepaid),
            type_name = type_code.0,
        )
        .into_bytes()
    }
}

fn party(name: &str, vat: Option<&str>, registry: Option<&str>) -> String {
    let name = name.replace('&', "&amp;");
    let vat = vat.map(|vat| {
        format!(
            "<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>\
             </cac:PartyTaxScheme>"
        )
    });
    let registry = registry.map(|number| format!("<cbc:CompanyID schemeID=\"0106\">{number}</cbc:CompanyID>"));
    format!(
        "<cac:Party><cac:PostalAddress><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country>\
         </cac:PostalAddress>{}<cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>{}\
         </cac:PartyLegalEntity></cac:Party>",
        vat.unwrap_or_default(),
        registry.unwrap_or_default(),
    )
}
