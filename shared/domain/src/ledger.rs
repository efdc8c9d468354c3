//! What is said about a ledger without knowing which one: its name, its codes and what its directories list.

use crate::{invoice::VatCategory, party::normalise, time::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A code that cannot be one of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {wanted}")]
pub struct CodeError {
    what: &'static str,
    wanted: &'static str,
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The code as text, without white space around it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = CodeError;
            fn from_str(text: &str) -> Result<Self, CodeError> {
                let code = text.trim();
                if code.is_empty() || code.len() > $max || code.chars().any(char::is_control) {
                    return Err(CodeError { what: $what, wanted: concat!("1 to ", $max, " characters without control characters") });
                }
                Ok(Self(code.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = CodeError;
            fn try_from(text: String) -> Result<Self, CodeError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

code!(
    /// Which accounting system, for example `exact-online`: the name under which the registry of ledgers knows it.
    System, "the system", 32
);
code!(
    /// An administration's own name in the ledger: a division, a company, an organisation.
    Division, "the division", 64
);
code!(
    /// Code of a ledger account (general ledger).
    AccountCode, "a ledger account", 32
);
code!(
    /// The ledger's own VAT code.
    VatCode, "a VAT code", 32
);
code!(
    /// Code of a cost centre.
    CostCentre, "a cost centre", 32
);
code!(
    /// Code of a project.
    Project, "a project", 64
);
code!(
    /// The ledger's own id or code of a supplier or customer.
    LedgerContact, "a ledger contact", 64
);
code!(
    /// The ledger's own id or name of a user (AP-11).
    LedgerUser, "a ledger user", 128
);

/// Purchase or sales: what the tag says a document is, and which side of the ledger it is posted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// An invoice that the administration received.
    Purchase,
    /// An invoice that the administration issued.
    Sales,
}

impl Direction {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Sales => "sales",
        }
    }
}

/// How a VAT code of the ledger treats an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum VatCodeKind {
    /// VAT at a rate in percent, on top of the net amount.
    Rate {
        /// For example 21.
        percent: Decimal,
    },
    /// No VAT: zero rated, exempt or outside the scope.
    None,
    /// The buyer owes the VAT; the ledger books both sides.
    ReverseCharge,
    /// Acquisition from another member state; the ledger books both sides.
    IntraCommunity,
    /// A kind that no booking from here may use, for example amounts including VAT.
    Unusable,
}

impl VatCodeKind {
    /// Whether an amount under this category and rate may be booked with a code of this kind. Reverse charge and
    /// intra-community supply take only the ledger's own codes for them.
    pub fn takes(self, category: VatCategory, rate: Option<Decimal>) -> bool {
        match category {
            VatCategory::S => matches!(self, Self::Rate { percent } if Some(percent) == rate),
            VatCategory::Z | VatCategory::E | VatCategory::G | VatCategory::O => {
                matches!(self, Self::None) || matches!(self, Self::Rate { percent } if percent.is_zero())
            }
            VatCategory::AE => self == Self::ReverseCharge,
            VatCategory::K => self == Self::IntraCommunity,
            VatCategory::L | VatCategory::M | VatCategory::B => false,
        }
    }
}

/// What a directory of a ledger lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryKind {
    /// Sets of books that the connection may reach.
    Divisions,
    /// General ledger accounts.
    LedgerAccounts,
    /// VAT codes.
    VatCodes,
    /// Journals (daybooks).
    Journals,
    /// Cost centres.
    CostCentres,
    /// Suppliers.
    Suppliers,
    /// Customers.
    Customers,
    /// Periods of the financial years.
    Periods,
    /// Numbering series for issued documents (CO-14).
    NumberingSeries,
    /// Payment types for issued documents (CO-15).
    PaymentTypes,
}

impl DirectoryKind {
    /// Every kind, in the order in which they are fetched.
    pub const ALL: [Self; 10] = [
        Self::Divisions,
        Self::LedgerAccounts,
        Self::VatCodes,
        Self::Journals,
        Self::CostCentres,
        Self::Suppliers,
        Self::Customers,
        Self::Periods,
        Self::NumberingSeries,
        Self::PaymentTypes,
    ];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Divisions => "divisions",
            Self::LedgerAccounts => "ledger_accounts",
            Self::VatCodes => "vat_codes",
            Self::Journals => "journals",
            Self::CostCentres => "cost_centres",
            Self::Suppliers => "suppliers",
            Self::Customers => "customers",
            Self::Periods => "periods",
            Self::NumberingSeries => "numbering_series",
            Self::PaymentTypes => "payment_types",
        }
    }
}

impl FromStr for DirectoryKind {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(CodeError {
            what: "the directory",
            wanted: "divisions, ledger_accounts, vat_codes, journals, cost_centres, suppliers, customers, periods, \
                     numbering_series or payment_types",
        })
    }
}

/// One entry of a directory, as far as somebody who chooses from it needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectoryEntry {
    /// The code that a person sees and a template stores.
    pub code: String,
    /// The ledger's own id, where it wants that instead of the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name or description.
    pub name: String,
    /// For VAT codes: what the code does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<VatCodeKind>,
    /// For VAT codes and journals: the side for which it is meant; both when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// For suppliers and customers: VAT number as the ledger has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// For suppliers and customers: registry number as the ledger has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// For suppliers: bank accounts as the ledger has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ibans: Vec<String>,
    /// For periods: first and last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<(Date, Date)>,
    /// Blocked in the ledger: not to be used. A period that is known to be closed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
}

/// An invoice number in the form in which two are compared: letters and digits in capitals, leading zeros of digit
/// runs kept, so that `2026-001` and `2026/001` are one number and `2026-01` is another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NormalisedNumber(String);

impl NormalisedNumber {
    /// Normalises a number as written; white space, punctuation and case do not count. A number without any letter or
    /// digit stays as it is, trimmed.
    pub fn of(number: &str) -> Self {
        let normal = normalise(number);
        Self(if normal.is_empty() { number.trim().to_owned() } else { normal })
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NormalisedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn reverse_charge_and_intra_community_take_only_their_own_codes() {
        let standard = VatCodeKind::Rate { percent: dec!(21) };
        assert!(standard.takes(VatCategory::S, Some(dec!(21.00))));
        assert!(!standard.takes(VatCategory::S, Some(dec!(9))));
        for category in [VatCategory::AE, VatCategory::K] {
            assert!(!standard.takes(category, Some(dec!(0))));
            assert!(!VatCodeKind::None.takes(category, Some(dec!(0))));
        }
        assert!(VatCodeKind::ReverseCharge.takes(VatCategory::AE, Some(dec!(0))));
        assert!(!VatCodeKind::ReverseCharge.takes(VatCategory::K, Some(dec!(0))));
        assert!(VatCodeKind::IntraCommunity.takes(VatCategory::K, Some(dec!(0))));
        assert!(!standard.takes(VatCategory::B, Some(dec!(21))));
    }

    #[test]
    fn numbers_compare_without_punctuation_and_case() {
        assert_eq!(NormalisedNumber::of(" f-2026/001 "), NormalisedNumber::of("F2026 001"));
        assert_ne!(NormalisedNumber::of("2026-01"), NormalisedNumber::of("2026-001"));
        assert_eq!(NormalisedNumber::of("--").as_str(), "--");
    }

    #[test]
    fn codes_are_trimmed_and_bounded() {
        assert_eq!("4  ".parse::<VatCode>().unwrap().as_str(), "4");
        assert!(" ".parse::<VatCode>().is_err());
        assert!("a\nb".parse::<VatCode>().is_err());
    }
}
