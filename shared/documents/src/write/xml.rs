//! Elements of UBL one after the other.

use domain::{money::Currency, time::Date};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use rust_decimal::Decimal;
use std::io;

/// What has been written so far. Names are ours; values are escaped.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
    currency: Currency,
}

impl Xml {
    /// Begins a document whose amounts are in a currency.
    pub fn new(currency: Currency) -> Self {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::new(), b' ', 2), currency };
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    fn put(&mut self, event: Event<'_>) {
        // Memory takes everything.
        let _: io::Result<()> = self.writer.write_event(event);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// The root element, with its namespaces.
    pub fn root(&mut self, name: &str, namespace: &str, inside: impl FnOnce(&mut Self)) {
        const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
        const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
        self.open(name, &[("xmlns", namespace), ("xmlns:cac", CAC), ("xmlns:cbc", CBC)]);
        inside(self);
        self.close(name);
    }

    /// An element with others inside.
    pub fn group(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.open(name, &[]);
        inside(self);
        self.close(name);
    }

    /// A value with attributes.
    pub fn value_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.put(Event::Text(BytesText::new(text)));
        self.close(name);
    }

    /// A value.
    pub fn value(&mut self, name: &str, text: &str) {
        self.value_with(name, &[], text);
    }

    /// A value, where there is one.
    pub fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.value(name, text);
        }
    }

    /// An element with one value inside, where there is one.
    pub fn some_in(&mut self, group: &str, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.group(group, |xml| xml.value(name, text));
        }
    }

    /// A date, where there is one.
    pub fn date(&mut self, name: &str, date: Option<Date>) {
        if let Some(date) = date {
            self.value(name, &date.format("%Y-%m-%d").to_string());
        }
    }

    /// An identifier with the scheme it belongs to, if that is stated.
    pub fn identifier(&mut self, name: &str, scheme: Option<&str>, id: &str) {
        match scheme {
            Some(scheme) => self.value_with(name, &[("schemeID", scheme)], id),
            None => self.value(name, id),
        }
    }

    /// A number as it is.
    pub fn number(&mut self, name: &str, number: Option<Decimal>) {
        if let Some(number) = number {
            self.value(name, &plain(number));
        }
    }

    /// A quantity in a unit.
    pub fn quantity(&mut self, name: &str, quantity: Option<Decimal>, unit: Option<&str>) {
        if let Some(quantity) = quantity {
            self.value_with(name, &[("unitCode", unit.unwrap_or(super::codes::UNIT))], &plain(quantity));
        }
    }

    /// An amount in the document's currency, where there is one.
    pub fn amount(&mut self, name: &str, amount: Option<Decimal>) {
        self.amount_in(name, amount, self.currency);
    }

    /// An amount in a currency.
    pub fn amount_in(&mut self, name: &str, amount: Option<Decimal>, currency: Currency) {
        if let Some(amount) = amount {
            self.value_with(name, &[("currencyID", currency.as_str())], &two_decimals(amount));
        }
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.writer.into_inner();
        bytes.push(b'\n');
        bytes
    }
}

/// Without zeros behind the last digit, and without the sign of zero.
fn plain(number: Decimal) -> String {
    let number = number.normalize();
    if number.is_zero() { "0".to_owned() } else { number.to_string() }
}

/// With two decimals, or as many as it has if they are more: nothing is rounded here.
fn two_decimals(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.is_zero() {
        amount.set_sign_negative(false);
    }
    if amount.scale() < 2 { format!("{amount:.2}") } else { amount.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn numbers_are_exact() {
        for (number, text, amount) in [
            (dec!(12), "12", "12.00"),
            (dec!(12.5000), "12.5", "12.50"),
            (dec!(-0.00), "0", "0.00"),
            (dec!(-7.10), "-7.1", "-7.10"),
            (dec!(0.123456789), "0.123456789", "0.123456789"),
            (dec!(9999999999999.99), "9999999999999.99", "9999999999999.99"),
        ] {
            assert_eq!(plain(number), text);
            assert_eq!(two_decimals(number), amount);
        }
    }
}
