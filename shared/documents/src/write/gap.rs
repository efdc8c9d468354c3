//! What keeps an invoice from being written.

use super::{Details, demands};
use domain::{
    arithmetic::{self, RuleViolation},
    invoice::Invoice,
    mail::UblFlavour,
};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $words:literal;)+) => {
        /// Something that an invoice says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Fact {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        impl Fact {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Stable text, as in the API.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// In English, for the middle of a sentence.
            fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)+
                }
            }
        }
    };
}

facts! {
    /// BT-1.
    Number = "number", "the invoice number";
    /// BT-2.
    IssueDate = "issue_date", "the issue date";
    /// BT-5.
    Currency = "currency", "the currency";
    /// BT-3.
    TypeCode = "type_code", "the type code";
    /// BT-10.
    BuyerReference = "buyer_reference", "the buyer's reference";
    /// BG-3.
    PrecedingInvoice = "preceding_invoice", "the invoice that this one corrects";
    /// BT-27.
    SupplierName = "supplier_name", "the seller's name";
    /// BT-40.
    SupplierCountry = "supplier_country", "the seller's country";
    /// VAT number, register number or another identifier of the seller (BR-CO-26).
    SupplierIdentifier = "supplier_identifier", "a VAT number or register number of the seller";
    /// BT-30, with a scheme that the flavour knows.
    SupplierRegistry = "supplier_registry", "the seller's register number";
    /// BT-35, BT-37, BT-38.
    SupplierAddress = "supplier_address", "the seller's address";
    /// BG-6.
    SupplierContact = "supplier_contact", "name, telephone and e-mail of a contact at the seller";
    /// BT-34.
    SupplierEndpoint = "supplier_endpoint", "the seller's electronic address or a number to make it of";
    /// BT-44.
    CustomerName = "customer_name", "the buyer's name";
    /// BT-55.
    CustomerCountry = "customer_country", "the buyer's country";
    /// BT-47, with a scheme that the flavour knows.
    CustomerRegistry = "customer_registry", "the buyer's register number";
    /// BT-50, BT-52, BT-53.
    CustomerAddress = "customer_address", "the buyer's address";
    /// BT-49.
    CustomerEndpoint = "customer_endpoint", "the buyer's electronic address or a number to make it of";
    /// BT-59.
    PayeeName = "payee_name", "the payee's name";
    /// BT-77, BT-78.
    DeliveryAddress = "delivery_address", "the address of delivery";
    /// BG-16.
    PaymentMeans = "payment_means", "the means of payment";
    /// BT-89.
    Mandate = "mandate", "the mandate of the direct debit";
    /// BG-25: neither lines nor what they could be made of.
    Lines = "lines", "the lines";
    /// BG-23.
    VatBreakdown = "vat_breakdown", "the VAT per rate";
    /// BG-22.
    Totals = "totals", "the totals";
}

/// One thing that keeps an invoice from being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gap {
    /// It is not stated, and does not follow from what is.
    Missing {
        /// What is missing.
        fact: Fact,
    },
    /// It is stated, and the flavour has no place for it.
    NotInFlavour {
        /// What it is.
        fact: Fact,
        /// As it is stated.
        value: String,
    },
    /// It breaks a rule of EN 16931.
    Rule {
        /// Which, and how.
        violation: RuleViolation,
    },
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { fact } => write!(f, "Missing: {}.", fact.words()),
            Self::NotInFlavour { fact, value } => {
                write!(f, "The chosen format does not take {} '{}'.", fact.words(), crate::error::shown(value))
            }
            Self::Rule { violation } => write!(f, "{}: {}", violation.rule, violation.message),
        }
    }
}

/// The invoice cannot be written. All that is missing or wrong, each thing once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CannotWrite {
    /// What.
    pub gaps: Vec<Gap>,
}

impl fmt::Display for CannotWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<String> = self.gaps.iter().map(ToString::to_string).collect();
        f.write_str(&sentences.join(" "))
    }
}

/// Peppol's own rule: a line is its quantity times its price.
const LINE_AMOUNT: &str = "PEPPOL-EN16931-R120";

/// Looks for gaps in an invoice that has been completed.
pub(super) fn find(invoice: &Invoice, flavour: UblFlavour, details: &Details) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let found = arithmetic::check(invoice).into_iter().map(|violation| of_rule(violation, flavour));
    let lines = match flavour {
        UblFlavour::PeppolBis3 => arithmetic::deviations(invoice),
        UblFlavour::SiUbl20 | UblFlavour::EFff | UblFlavour::XRechnung => Vec::new(),
    };
    let lines = lines.into_iter().filter(|violation| violation.rule.as_str() == LINE_AMOUNT);
    let lines = lines.map(|violation| Gap::Rule { violation });
    for gap in found.chain(lines).chain(demands::of(invoice, flavour, details)) {
        if !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }
    gaps
}

/// Rules on what must be there are told as what is missing.
fn of_rule(violation: RuleViolation, flavour: UblFlavour) -> Gap {
    let fact = match violation.rule.as_str() {
        "BR-02" => Fact::Number,
        "BR-03" => Fact::IssueDate,
        "BR-05" => Fact::Currency,
        "BR-06" => Fact::SupplierName,
        "BR-07" => Fact::CustomerName,
        "BR-09" => Fact::SupplierCountry,
        "BR-11" => Fact::CustomerCountry,
        "BR-12" | "BR-13" | "BR-14" | "BR-15" => Fact::Totals,
        "BR-16" => Fact::Lines,
        "BR-17" => Fact::PayeeName,
        "BR-CO-18" => Fact::VatBreakdown,
        "BR-CO-26" => Fact::SupplierIdentifier,
        // Told as the whole address that German rules want.
        "BR-IC-12" if flavour == UblFlavour::XRechnung => Fact::DeliveryAddress,
        _ => return Gap::Rule { violation },
    };
    Gap::Missing { fact }
}
