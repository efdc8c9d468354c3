//! What goes over the wire: documents as they are sent, tasks, and documents as they come back. Money is in grosze.

#![expect(clippy::struct_field_names, reason = "names are those of the wire")]

use crate::json::Number;
use domain::{sales::Ksef, time::Date};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// An amount in grosze: a whole number. Written as text it would be read as another amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grosze(i64);

impl Grosze {
    /// Nothing when it is no whole number of grosze, or does not fit.
    pub(super) fn of(amount: Decimal) -> Option<Self> {
        let grosze = amount.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
        grosze.is_integer().then(|| grosze.to_i64())?.map(Self)
    }
}

impl Serialize for Grosze {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

/// An amount that came in grosze.
pub(super) fn amount(grosze: Number) -> Decimal {
    grosze.0 / Decimal::ONE_HUNDRED
}

/// The body of a task that makes an invoice.
#[derive(Debug, Serialize)]
pub(super) struct CreateInvoice<'a> {
    pub(super) invoice: Invoice<'a>,
    pub(super) send_to_ksef: bool,
}

/// The body of a task that makes a correction.
#[derive(Debug, Serialize)]
pub(super) struct CreateCorrection<'a> {
    pub(super) corrective_invoice: Correction<'a>,
    pub(super) send_to_ksef: bool,
}

/// An invoice as it is sent. What is absent is the account's to say.
#[derive(Debug, Serialize)]
pub(super) struct Invoice<'a> {
    pub(super) kind: &'static str,
    #[serde(flatten)]
    pub(super) number: Numbered<'a>,
    /// Always: without it the account's own currency is taken.
    pub(super) currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_method: Option<&'a str>,
    pub(super) invoice_date: Date,
    pub(super) sale_date: Date,
    pub(super) invoice_date_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_date: Option<Date>,
    #[serde(flatten)]
    pub(super) paid: Paid,
    #[serde(flatten)]
    pub(super) buyer: Buyer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sale_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vat_exemption_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split_payment: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split_payment_type: Option<&'static str>,
    pub(super) notes: String,
    pub(super) transaction_terms: Terms,
    pub(super) services: Vec<Service<'a>>,
}

/// The number, where it is sent: it locks, for a task with a number that is used already fails.
#[derive(Debug, Default, Serialize)]
pub(super) struct Numbered<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check_duplicate_number: Option<bool>,
}

/// What is paid.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Paid {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paid_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paid_price: Option<Grosze>,
}

/// Who buys.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Buyer<'a> {
    pub(super) client_business_activity_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_company_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_tax_code: Option<String>,
    pub(super) client_street: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_post_code: Option<&'a str>,
    pub(super) client_city: &'a str,
    pub(super) client_country: &'a str,
}

/// A line of an invoice: with one price, gross or net, and VAT computed there.
#[derive(Debug, Serialize)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) tax_symbol: String,
    pub(super) quantity: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<&'a str>,
    #[serde(flatten)]
    pub(super) price: Price,
}

/// The price of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Price {
    /// The line with VAT.
    #[serde(rename = "gross_price")]
    Gross(Grosze),
    /// One, without VAT.
    #[serde(rename = "unit_net_price")]
    UnitNet(Grosze),
    /// The line without VAT: where the price of one has more than two decimals.
    #[serde(rename = "net_price")]
    Net(Grosze),
}

/// Our reference and the number of the order, where the ledger keeps them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Terms {
    #[serde(default)]
    pub(super) orders: Vec<Order>,
}

/// An order of a document.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    #[serde(default)]
    pub(super) number: Option<String>,
    #[serde(default)]
    pub(super) date: Option<Date>,
}

/// A correction as it is sent.
#[derive(Debug, Serialize)]
pub(super) struct Correction<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<&'a str>,
    pub(super) currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bank_account: Option<&'a str>,
    pub(super) invoice_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_date: Option<Date>,
    pub(super) client_id: Number,
    pub(super) corrected_invoice_uuid: &'a str,
    pub(super) corrected_invoice_number: &'a str,
    pub(super) corrected_invoice_date: Date,
    pub(super) correction_reason: &'a str,
    pub(super) notes: String,
    pub(super) services: Vec<Side<'a>>,
}

/// One side of a corrected line: as it was, or as it should have been.
#[derive(Debug, Serialize)]
pub(super) struct Side<'a> {
    pub(super) group: String,
    pub(super) correction: bool,
    #[serde(flatten)]
    pub(super) line: Service<'a>,
}

/// A task, when it is taken and when it is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Task {
    #[serde(default)]
    pub(super) invoice_task_reference_number: Option<String>,
    #[serde(default)]
    pub(super) processing_code: Option<u16>,
    #[serde(default)]
    pub(super) invoice_uuid: Option<String>,
    #[serde(default)]
    pub(super) invoice_errors: Option<Value>,
}

/// A list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) entities: Vec<T>,
}

/// A VAT rate of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Rate {
    pub(super) symbol: String,
}

/// The number that the next document of the month would have.
#[derive(Debug, Deserialize)]
pub(super) struct NextNumber {
    pub(super) next_number: String,
}

/// A link by which others see a document.
#[derive(Debug, Deserialize)]
pub(super) struct ShareLink {
    pub(super) share_link: String,
}

/// A document as it comes back.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) uuid: String,
    #[serde(default)]
    pub(super) number: Option<String>,
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) currency: Option<String>,
    #[serde(default)]
    pub(super) gross_price: Option<Number>,
    #[serde(default)]
    pub(super) invoice_date: Option<Date>,
    #[serde(default)]
    pub(super) payment_method: Option<String>,
    #[serde(default)]
    pub(super) bank_account: Option<String>,
    #[serde(default)]
    pub(super) client_id: Option<Number>,
    #[serde(default)]
    pub(super) notes: Option<String>,
    #[serde(default)]
    pub(super) transaction_terms: Option<Terms>,
    #[serde(default)]
    pub(super) corrected_invoice_uuid: Option<String>,
    #[serde(default)]
    pub(super) corrected_invoice_number: Option<String>,
    #[serde(default)]
    pub(super) ksef_data: Option<KsefData>,
    #[serde(default)]
    pub(super) extensions: Option<Extensions>,
    #[serde(default)]
    pub(super) services: Vec<Line>,
}

/// A line as it comes back.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) tax_symbol: String,
    pub(super) quantity: Number,
    #[serde(default)]
    pub(super) unit: Option<String>,
    #[serde(default)]
    pub(super) unit_net_price: Option<Number>,
    pub(super) net_price: Number,
    pub(super) gross_price: Number,
}

/// How KSeF stands to a document.
#[derive(Debug, Deserialize)]
pub(super) struct KsefData {
    #[serde(default)]
    ksef_number: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    status_description: Option<String>,
}

/// What belongs to a document beside itself.
#[derive(Debug, Deserialize)]
pub(super) struct Extensions {
    #[serde(default)]
    shares: Option<Shares>,
}

#[derive(Debug, Deserialize)]
struct Shares {
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    available: bool,
}

impl Document {
    /// Its total with VAT.
    pub(super) fn gross(&self) -> Option<Decimal> {
        self.gross_price.map(amount)
    }

    /// Its share link, while it has one.
    pub(super) fn link(&self) -> Option<String> {
        let shares = self.extensions.as_ref()?.shares.as_ref().filter(|shares| shares.available)?;
        is_address(shares.link.as_deref()?)
    }

    /// How KSeF stands to it. A number there is what counts.
    pub(super) fn ksef(&self) -> Option<Ksef> {
        let data = self.ksef_data.as_ref()?;
        if let Some(number) = data.ksef_number.as_ref().filter(|number| !number.is_empty()) {
            return Some(Ksef::Accepted { number: number.clone() });
        }
        let status = data.status.as_deref().filter(|status| !status.is_empty())?;
        let said = data.status_description.as_deref().filter(|said| !said.is_empty());
        Some(match status {
            "error" | "rejected" => Ksef::Refused { status: said.unwrap_or(status).to_owned() },
            _ => Ksef::Awaited { status: status.to_owned() },
        })
    }

    /// Whether it carries our reference: as the number of an order, or as a word of its notes.
    pub(super) fn carries(&self, key: &str) -> bool {
        let mut orders = self.transaction_terms.iter().flat_map(|terms| &terms.orders);
        let words = self.notes.iter().flat_map(|notes| notes.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')));
        orders.any(|order| order.number.as_deref() == Some(key)) || words.into_iter().any(|word| word == key)
    }
}

/// The text, if it is an address of a page.
pub(super) fn is_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn money_is_a_whole_number_of_grosze() {
        let written = |amount| serde_json::to_string(&Grosze::of(amount).unwrap()).unwrap();
        assert_eq!(written(dec!(500.00)), "50000");
        assert_eq!(written(dec!(-0.01)), "-1");
        assert_eq!(Grosze::of(dec!(0.005)), None);
        assert_eq!(Grosze::of(Decimal::MAX), None);
        assert_eq!(amount(Number(dec!(11070))), dec!(110.70));
    }

    #[test]
    fn our_reference_is_a_whole_word() {
        let document = |notes: &str, order: &str| {
            let body = serde_json::json!({
                "uuid": "u", "notes": notes, "transaction_terms": { "orders": [{ "number": order, "date": null }] }
            });
            serde_json::from_value::<Document>(body).unwrap()
        };
        assert!(document("Ring twice\n[INV-ABC]", "").carries("INV-ABC"));
        assert!(document("", "INV-ABC").carries("INV-ABC"));
        for (notes, order) in [("", ""), ("INV-ABCD", "INV-AB"), ("XINV-ABC", "inv-abc"), ("INV-ABC-1", "")] {
            assert!(!document(notes, order).carries("INV-ABC"), "{notes} {order}");
        }
    }

    #[test]
    fn what_ksef_says_is_read() {
        let ksef = |data: serde_json::Value| {
            let body = serde_json::json!({ "uuid": "u", "ksef_data": data });
            serde_json::from_value::<Document>(body).unwrap().ksef()
        };
        assert_eq!(ksef(serde_json::json!(null)), None);
        assert_eq!(ksef(serde_json::json!({ "status": "sent" })), Some(Ksef::Awaited { status: "sent".into() }));
        let refused = serde_json::json!({ "status": "error", "status_description": "Odrzucony" });
        assert_eq!(ksef(refused), Some(Ksef::Refused { status: "Odrzucony".into() }));
        let accepted = serde_json::json!({ "status": "success", "ksef_number": "5260250274-1" });
        assert_eq!(ksef(accepted), Some(Ksef::Accepted { number: "5260250274-1".into() }));
    }
}
