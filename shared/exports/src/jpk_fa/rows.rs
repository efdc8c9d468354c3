//! Lines of an invoice (`FakturaWiersz`): those of the document, and its allowances and charges as lines of their own.

use super::{
    invoice::is_to_poland,
    rates::{self, RateCode},
};
use crate::{
    ExportDocument,
    amounts::{cents, out_of_range, plain, too_large, unbalanced},
    facts::by_effect,
    xml::{self, Xml},
};
use domain::{
    export_format::{JPK_TEXT_CHARS_MAX, JpkFaOptions},
    invoice::{AllowanceCharge, AllowanceChargeKind, InvoiceLine, VatCategory, VatTreatment},
    money::{sum, to_cents},
    reason::Reason,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;

/// What common unit codes (UN/ECE 20) are called.
const UNITS: [(&str, &str); 18] = [
    ("C62", "szt."),
    ("EA", "szt."),
    ("H87", "szt."),
    ("XPP", "szt."),
    ("HUR", "godz."),
    ("DAY", "dzień"),
    ("MON", "mies."),
    ("ANN", "rok"),
    ("KGM", "kg"),
    ("GRM", "g"),
    ("TNE", "t"),
    ("LTR", "l"),
    ("MTR", "m"),
    ("KMT", "km"),
    ("MTK", "m2"),
    ("MTQ", "m3"),
    ("KWH", "kWh"),
    ("SET", "kpl."),
];
const QUANTITY_DECIMALS_MAX: u32 = 6;

/// The lines of an invoice.
pub(super) struct Rows {
    pub bytes: Vec<u8>,
    pub count: usize,
    /// Sum of `P_11`, signed by effect.
    pub net: Decimal,
}

/// Writes the lines. They add up to the document.
pub(super) fn of(options: &JpkFaOptions, document: &ExportDocument) -> Result<Rows, Reason> {
    let (posting, invoice) = (&document.posting, &document.invoice);
    let number = xml::code("number (P_2B)", &posting.number, JPK_TEXT_CHARS_MAX)?;
    let row = Row { options, document, number: &number, whole: whole(document), to_poland: is_to_poland(document) };
    let mut xml = Xml::fragment();
    let mut nets = Vec::new();
    for line in &invoice.lines {
        nets.push(row.line(&mut xml, line)?);
    }
    if nets.is_empty() {
        return Err(Reason::said(&Unfit::ValueMissing { field: Text::of("lines") }));
    }
    for part in &invoice.allowance_charges {
        nets.push(row.allowance_charge(&mut xml, part)?);
    }
    let net = sum(nets.iter().copied()).map_err(too_large)?;
    if net != posting.net {
        return Err(unbalanced(net, posting.net));
    }
    Ok(Rows { bytes: xml.into_bytes(), count: nets.len(), net })
}

/// The one category and rate of a document that has no others.
fn whole(document: &ExportDocument) -> Option<(VatCategory, Option<Decimal>)> {
    let mut lines = document.posting.lines.iter().map(|line| (line.category, line.rate));
    let first = lines.next()?;
    lines.all(|other| other == first).then_some(first)
}

struct Row<'a> {
    options: &'a JpkFaOptions,
    document: &'a ExportDocument,
    number: &'a str,
    whole: Option<(VatCategory, Option<Decimal>)>,
    to_poland: bool,
}

impl Row<'_> {
    fn line(&self, xml: &mut Xml, line: &InvoiceLine) -> Result<Decimal, Reason> {
        let missing = || Reason::said(&Unfit::ValueMissing { field: Text::of("amount of a line (P_11)") });
        let net = self.amount("P_11", line.net.ok_or_else(missing)?)?;
        let quantity = line.quantity.map(|quantity| self.quantity(quantity)).transpose()?;
        xml.open("FakturaWiersz");
        xml.leaf("P_2B", self.number);
        xml.some("P_7", Some(&text("description of a line (P_7)", line.description.as_deref())?));
        xml.some("P_8A", Some(&self.unit(line.unit.as_deref())?));
        xml.some("P_8B", quantity.as_deref());
        xml.some("P_9A", price(line).map(cents).as_deref());
        if let Some(discount) = discount(line)? {
            xml.leaf("P_10", &cents(self.amount("P_10", discount)?));
        }
        self.end(xml, net, &line.treatment)?;
        Ok(net)
    }

    fn allowance_charge(&self, xml: &mut Xml, part: &AllowanceCharge) -> Result<Decimal, Reason> {
        let (stated, name) = match part.kind {
            AllowanceChargeKind::Allowance => (-part.amount, "Rabat"),
            AllowanceChargeKind::Charge => (part.amount, "Opłata"),
        };
        let net = self.amount("P_11", stated)?;
        let reason = text("reason of an allowance or charge (P_7)", part.reason.as_deref())?;
        xml.open("FakturaWiersz");
        xml.leaf("P_2B", self.number);
        xml.leaf("P_7", if reason.is_empty() { name } else { &reason });
        self.end(xml, net, &part.treatment)?;
        Ok(net)
    }

    fn end(&self, xml: &mut Xml, net: Decimal, treatment: &VatTreatment) -> Result<(), Reason> {
        let (category, rate) = rates::treatment(treatment, self.whole)?;
        let (_, code) = rates::of(self.options, category, rate, self.to_poland)?;
        xml.leaf("P_11", &cents(net));
        match code {
            RateCode::Polish(code) => xml.leaf("P_12", code),
            RateCode::Foreign(rate) => xml.leaf("P_12_XII", &plain(rate)),
        }
        xml.close("FakturaWiersz");
        xml.end_line();
        Ok(())
    }

    /// An amount by its effect, in whole cents.
    fn amount(&self, field: &str, stated: Decimal) -> Result<Decimal, Reason> {
        if to_cents(stated) == stated { Ok(by_effect(self.document, stated)) } else { Err(out_of_range(field, stated)) }
    }

    fn quantity(&self, stated: Decimal) -> Result<String, Reason> {
        let quantity = by_effect(self.document, stated).normalize();
        if quantity.scale() > QUANTITY_DECIMALS_MAX { Err(out_of_range("P_8B", stated)) } else { Ok(plain(quantity)) }
    }

    fn unit(&self, code: Option<&str>) -> Result<String, Reason> {
        let code = code.unwrap_or_default().trim();
        let chosen = self.options.units.get(code).map(String::as_str);
        let known = || UNITS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name);
        text("unit of a line (P_8A)", Some(chosen.or_else(known).unwrap_or(code)))
    }
}

fn text(field: &str, text: Option<&str>) -> Result<String, Reason> {
    xml::label(field, text.unwrap_or_default(), JPK_TEXT_CHARS_MAX)
}

/// The price of one, where the file has room for its decimals: it has two, and a rounded price would be another one.
fn price(line: &InvoiceLine) -> Option<Decimal> {
    let price = match line.base_quantity.filter(|quantity| !quantity.is_zero()) {
        Some(quantity) => line.price?.checked_div(quantity)?,
        None => line.price?,
    };
    (to_cents(price) == price).then_some(price)
}

/// What the price of the line was reduced by, where it was.
fn discount(line: &InvoiceLine) -> Result<Option<Decimal>, Reason> {
    let parts = line.allowance_charges.iter().map(|part| match part.kind {
        AllowanceChargeKind::Allowance => part.amount,
        AllowanceChargeKind::Charge => -part.amount,
    });
    let discount = sum(parts).map_err(too_large)?;
    Ok(Some(discount).filter(|discount| *discount > Decimal::ZERO))
}
