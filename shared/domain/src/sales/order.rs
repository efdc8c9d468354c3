//! An order: what was sold to whom, as a shop or a marketplace said it. It carries the documents that were issued from it.

use super::{IssuedKind, MarketplaceOrder, SalesVat};
use crate::{
    exchange::ExchangeRate,
    ids::{AdministrationId, IssuedId, OrderId},
    money::{Currency, parse_decimal},
    office::Choice,
    text::text,
    time::{Date, Instant},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Whether prices include VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prices {
    /// They do.
    Gross,
    /// They do not.
    Net,
}

text!(
    /// The number under which the customer and the shop know an order; unique within its source.
    OrderReference, "an order's reference", 60
);
text!(
    /// Where an order comes from: a shop, or a marketplace such as `amazon` or `emag`.
    OrderSource, "an order's source", 40
);
text!(
    /// Where an order stands, in the tenant's own words.
    OrderStatus, "an order's status", 60
);
text!(
    /// What was sold.
    ItemName, "the name of an item", 256
);
text!(
    /// The seller's own code of an item: what the shop sent, or what the item had in the warehouse when it was offered (CO-19).
    Sku, "an SKU", 50
);
text!(
    /// How an order is paid, in the words of the order; linked to the ledger's own in the settings (CO-15).
    PaymentName, "a payment type", 60
);
text!(
    /// A line of an address, or a name.
    AddressText, "a name or a line of an address", 200
);
text!(
    /// A postal code.
    PostCode, "a postal code", 16
);

impl OrderStatus {
    /// Of an order that came without one.
    fn new_order() -> Self {
        Self("new".to_owned())
    }
}

/// Two letters of a country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// The text is not a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country must be two capital letters (ISO 3166), such as PL")]
pub struct CountryError;

impl Country {
    /// Poland.
    pub const POLAND: Self = Self(*b"PL");

    /// The letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl FromStr for Country {
    type Err = CountryError;
    fn from_str(text: &str) -> Result<Self, CountryError> {
        match text.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(CountryError),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = CountryError;
    fn try_from(text: String) -> Result<Self, CountryError> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An address for a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street with the numbers of house and flat.
    pub street: AddressText,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_code: Option<PostCode>,
    /// Town.
    pub city: AddressText,
    /// Country.
    pub country: Country,
}

/// Whether a customer is a company or a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CustomerName {
    /// A company.
    Company {
        /// Its name.
        name: AddressText,
        /// Its tax number as the order states it; none for one without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tax_number: Option<AddressText>,
    },
    /// A person.
    Person {
        /// First name.
        first_name: AddressText,
        /// Family name.
        last_name: AddressText,
    },
}

impl CustomerName {
    /// The name as a document shows it.
    pub fn full(&self) -> String {
        match self {
            Self::Company { name, .. } => name.to_string(),
            Self::Person { first_name, last_name } => format!("{first_name} {last_name}"),
        }
    }

    /// The tax number, where there is one.
    pub fn tax_number(&self) -> Option<&str> {
        match self {
            Self::Company { tax_number, .. } => tax_number.as_ref().map(AddressText::as_str),
            Self::Person { .. } => None,
        }
    }
}

/// Who buys: passed on exactly as on the order (CO-24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Company or person.
    #[serde(flatten)]
    pub name: CustomerName,
    /// Where a document is addressed to.
    pub address: Address,
    /// Address for mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<AddressText>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<AddressText>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    /// What.
    pub name: ItemName,
    /// The seller's own code of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// How many; more than zero, at most four decimals.
    pub quantity: Quantity,
    /// The word for one of it, such as `szt.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<AddressText>,
    /// The price of one, with or without VAT as the order says; discounts are in it.
    pub price: UnitPrice,
    /// How it is taxed.
    pub vat: SalesVat,
}

/// The number cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a quantity.
    #[error("a quantity must be more than zero, with at most nine digits before and four after the dot")]
    Quantity,
    /// Not a quantity of a correction.
    #[error("a corrected quantity must be zero or more, with at most nine digits before and four after the dot")]
    CorrectedQuantity,
    /// Not a price.
    #[error("a price must be zero or more, with at most nine digits before and four after the dot")]
    Price,
    /// Not an amount that can be paid.
    #[error("what is paid must be zero or more, in whole cents")]
    Paid,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $error:expr, $fits:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Decimal);

        impl $name {
            /// The number.
            pub fn value(self) -> Decimal {
                self.0
            }
        }

        impl TryFrom<Decimal> for $name {
            type Error = NumberError;
            fn try_from(value: Decimal) -> Result<Self, NumberError> {
                let fits: fn(Decimal) -> bool = $fits;
                let value = value.normalize();
                let bounded = value.scale() <= 4 && value.abs() < Decimal::from(1_000_000_000);
                if bounded && fits(value) { Ok(Self(value)) } else { Err($error) }
            }
        }

        // As text, so that no reader takes it for a binary float.
        impl TryFrom<String> for $name {
            type Error = NumberError;
            fn try_from(text: String) -> Result<Self, NumberError> {
                parse_decimal(&text).map_err(|_| $error)?.try_into()
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0.to_string()
            }
        }
    };
}

number!(
    /// How many: more than zero.
    Quantity, NumberError::Quantity, |value| value > Decimal::ZERO
);
number!(
    /// How many it should have been: zero takes a line back.
    CorrectedQuantity, NumberError::CorrectedQuantity, |value| value >= Decimal::ZERO
);
number!(
    /// What is paid: zero or more, in whole cents.
    Paid, NumberError::Paid, |value| value >= Decimal::ZERO && value.scale() <= 2
);
number!(
    /// The price of one: zero or more.
    UnitPrice, NumberError::Price, |value| value >= Decimal::ZERO
);

impl Default for Paid {
    fn default() -> Self {
        Self(Decimal::ZERO)
    }
}

/// How an order is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The payment type.
    pub name: PaymentName,
    /// What is paid so far, with VAT.
    #[serde(default)]
    pub paid: Paid,
    /// When the last of it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
}

/// A document that was issued from an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDocument {
    /// What it is.
    pub kind: IssuedKind,
    /// Which.
    pub id: IssuedId,
}

/// What an order says, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderData {
    /// Number at the source.
    pub reference: OrderReference,
    /// Where it comes from.
    pub source: OrderSource,
    /// Where it stands when it comes.
    #[serde(default = "OrderStatus::new_order")]
    pub status: OrderStatus,
    /// Who buys.
    pub customer: Customer,
    /// Where it is delivered, when elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Address>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Whether prices include VAT.
    pub prices: Prices,
    /// What is bought: one line or more.
    pub lines: Vec<OrderLine>,
    /// How it is paid.
    pub payment: Payment,
    /// What one of that currency is in the currency in which the seller owes VAT, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<ExchangeRate>,
    /// Whether the VAT has to be paid into the seller's VAT account: the document says so (split payment).
    #[serde(default, skip_serializing_if = "Choice::is_no")]
    pub split_payment: Choice,
    /// When the sale took place; the day of issue when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_on: Option<Date>,
    /// Language of its documents; Polish for a customer in Poland when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<DocumentLanguage>,
    /// Why a line is exempt from VAT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<ItemName>,
    /// Remarks for the documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<ItemName>,
    /// What has to be known of the order at its marketplace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketplace: Option<MarketplaceOrder>,
}

/// Languages of our own documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentLanguage {
    /// Polish.
    Polish,
    /// English.
    English,
}

/// The most lines of an order.
pub const LINES_MAX: usize = 1000;

/// Why an order cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// None, or too many.
    #[error("an order needs 1 to {LINES_MAX} lines")]
    Lines,
    /// ISO 4217 does not list it.
    #[error("{0} is no currency of ISO 4217: give its three letters, such as PLN")]
    Currency(Currency),
    /// A line is exempt and nothing says why.
    #[error("a line is exempt from VAT: say on what grounds in 'exemption'")]
    Exemption,
    /// Amounts do not fit.
    #[error("the amounts are too large")]
    TooLarge,
}

impl OrderData {
    /// Refuses what no document could be issued from.
    pub fn check(&self) -> Result<(), OrderError> {
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            return Err(OrderError::Lines);
        }
        if !self.currency.is_iso4217() {
            return Err(OrderError::Currency(self.currency));
        }
        if self.exemption.is_none() && self.lines.iter().any(|line| line.vat == SalesVat::Exempt) {
            return Err(OrderError::Exemption);
        }
        super::amounts::lines(self).map(drop).ok_or(OrderError::TooLarge)
    }

    /// The language of its documents.
    pub fn document_language(&self) -> DocumentLanguage {
        self.language.unwrap_or(if self.customer.address.country == Country::POLAND {
            DocumentLanguage::Polish
        } else {
            DocumentLanguage::English
        })
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Id: derived from source and reference, so that an order that comes twice is one.
    pub id: OrderId,
    /// Whose.
    pub administration: AdministrationId,
    /// What it says.
    pub data: OrderData,
    /// Where it stands.
    pub status: OrderStatus,
    /// Documents that were issued from it, in the order in which they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<OrderDocument>,
    /// When it came.
    pub received_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Counts changes, from 1.
    pub version: u32,
}

impl Order {
    /// The document of this kind that was issued from it.
    pub fn document(&self, kind: IssuedKind) -> Option<IssuedId> {
        self.documents.iter().find(|document| document.kind == kind).map(|document| document.id)
    }
}
