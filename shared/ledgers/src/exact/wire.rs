//! The shapes of Exact Online, only as far as they are sent or read.

use crate::json::Number;
use serde::{Deserialize, Serialize};

/// An id of Exact Online: always this form, so that it can stand in an address or a filter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Guid(String);

impl Guid {
    /// Reads `8-4-4-4-12` hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let hexadecimal = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
        (lengths == [8, 4, 4, 4, 12] && hexadecimal).then(|| Self(text.to_ascii_lowercase()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Guid {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a GUID")
    }
}

impl From<Guid> for String {
    fn from(guid: Guid) -> Self {
        guid.0
    }
}

/// `crm/Accounts`.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(rename = "ID")]
    pub(super) id: Guid,
    #[serde(rename = "Code")]
    pub(super) code: Option<String>,
    #[serde(rename = "Name")]
    pub(super) name: Option<String>,
    #[serde(rename = "VATNumber")]
    pub(super) vat_number: Option<String>,
    #[serde(rename = "ChamberOfCommerce")]
    pub(super) chamber_of_commerce: Option<String>,
    #[serde(rename = "IsSupplier", default)]
    pub(super) is_supplier: Option<bool>,
    /// `C` is a customer.
    #[serde(rename = "Status")]
    pub(super) status: Option<String>,
    #[serde(rename = "Blocked", default)]
    pub(super) blocked: Option<bool>,
}

pub(super) const ACCOUNT_FIELDS: &str = "ID,Code,Name,VATNumber,ChamberOfCommerce,IsSupplier,Status,Blocked";

/// A new `crm/Accounts`.
#[derive(Debug, Serialize)]
pub(super) struct NewAccount<'a> {
    #[serde(rename = "Name")]
    pub(super) name: &'a str,
    #[serde(rename = "IsSupplier", skip_serializing_if = "Option::is_none")]
    pub(super) is_supplier: Option<bool>,
    #[serde(rename = "Status", skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    #[serde(rename = "Country", skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<&'a str>,
    #[serde(rename = "VATNumber", skip_serializing_if = "Option::is_none")]
    pub(super) vat_number: Option<&'a str>,
    #[serde(rename = "ChamberOfCommerce", skip_serializing_if = "Option::is_none")]
    pub(super) chamber_of_commerce: Option<&'a str>,
}

/// `crm/BankAccounts`.
#[derive(Debug, Deserialize)]
pub(super) struct BankAccount {
    #[serde(rename = "Account")]
    pub(super) account: Guid,
    #[serde(rename = "BankAccount")]
    pub(super) bank_account: Option<String>,
}

/// Answer to a POST of which only the id matters.
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    #[serde(rename = "ID")]
    pub(super) id: Guid,
}

/// `financial/GLAccounts`.
#[derive(Debug, Deserialize)]
pub(super) struct GlAccount {
    #[serde(rename = "ID")]
    pub(super) id: Guid,
    #[serde(rename = "Code")]
    pub(super) code: String,
    #[serde(rename = "Description")]
    pub(super) description: Option<String>,
    #[serde(rename = "IsBlocked", default)]
    pub(super) is_blocked: Option<bool>,
}

/// `vat/VATCodes`.
#[derive(Debug, Deserialize)]
pub(super) struct VatCode {
    /// May end in spaces, and is wanted back with them.
    #[serde(rename = "Code")]
    pub(super) code: String,
    #[serde(rename = "Description")]
    pub(super) description: Option<String>,
    #[serde(rename = "Percentage")]
    pub(super) percentage: Option<Number>,
    /// `B` base only, `E` excluding, `I` including, `N` none.
    #[serde(rename = "Type")]
    pub(super) kind: Option<String>,
    /// `B` both, `P` purchase, `S` sales.
    #[serde(rename = "VATTransactionType")]
    pub(super) transaction: Option<String>,
    #[serde(rename = "IsBlocked", default)]
    pub(super) is_blocked: Option<bool>,
    #[serde(rename = "Charged", default)]
    pub(super) charged: Option<bool>,
    /// `L` goods, `S` services, `T` triangulation, `N` none.
    #[serde(rename = "EUSalesListing")]
    pub(super) eu_sales_listing: Option<String>,
}

pub(super) const VAT_CODE_FIELDS: &str =
    "Code,Description,Percentage,Type,VATTransactionType,IsBlocked,Charged,EUSalesListing";

/// `financial/FinancialPeriods`.
#[derive(Debug, Deserialize)]
pub(super) struct Period {
    #[serde(rename = "FinYear")]
    pub(super) year: i32,
    #[serde(rename = "FinPeriod")]
    pub(super) number: i32,
    #[serde(rename = "StartDate")]
    pub(super) start: String,
    #[serde(rename = "EndDate")]
    pub(super) end: String,
}

pub(super) const PERIOD_FIELDS: &str = "FinYear,FinPeriod,StartDate,EndDate";

/// `financial/Journals`.
#[derive(Debug, Deserialize)]
pub(super) struct Journal {
    #[serde(rename = "Code")]
    pub(super) code: String,
    #[serde(rename = "Description")]
    pub(super) description: Option<String>,
    /// 20 and 21 are sales, 22 and 23 purchase.
    #[serde(rename = "Type")]
    pub(super) kind: i32,
    #[serde(rename = "IsBlocked", default)]
    pub(super) is_blocked: Option<bool>,
}

/// `hrm/Costcenters`.
#[derive(Debug, Deserialize)]
pub(super) struct CostCentre {
    #[serde(rename = "Code")]
    pub(super) code: String,
    #[serde(rename = "Description")]
    pub(super) description: Option<String>,
    #[serde(rename = "Active", default)]
    pub(super) active: Option<bool>,
}

/// `system/Divisions`.
#[derive(Debug, Deserialize)]
pub(super) struct Division {
    #[serde(rename = "Code")]
    pub(super) code: i64,
    #[serde(rename = "Description")]
    pub(super) description: Option<String>,
    #[serde(rename = "VATNumber")]
    pub(super) vat_number: Option<String>,
    #[serde(rename = "ChamberOfCommerceNumber")]
    pub(super) chamber_of_commerce: Option<String>,
}

/// `current/Me`.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    #[serde(rename = "CurrentDivision")]
    pub(super) current_division: Option<i64>,
    #[serde(rename = "UserID")]
    pub(super) user_id: String,
    #[serde(rename = "FullName")]
    pub(super) full_name: Option<String>,
    #[serde(rename = "UserName")]
    pub(super) user_name: Option<String>,
}

/// `documents/Documents`.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    #[serde(rename = "ID")]
    pub(super) id: Guid,
    #[serde(rename = "DocumentViewUrl")]
    pub(super) view_url: Option<String>,
}

/// A new `documents/Documents`.
#[derive(Debug, Serialize)]
pub(super) struct NewDocument<'a> {
    #[serde(rename = "Subject")]
    pub(super) subject: &'a str,
    /// 20 for a purchase entry, 10 for a sales entry.
    #[serde(rename = "Type")]
    pub(super) kind: i32,
    #[serde(rename = "Account")]
    pub(super) account: &'a str,
    #[serde(rename = "DocumentDate")]
    pub(super) date: String,
}

/// `documents/DocumentAttachments`.
#[derive(Debug, Deserialize)]
pub(super) struct Attachment {
    #[serde(rename = "FileName")]
    pub(super) file_name: String,
}

/// A purchase or sales entry.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "EntryID")]
    pub(super) id: Guid,
    #[serde(rename = "EntryNumber")]
    pub(super) number: i64,
    #[serde(rename = "Supplier", alias = "Customer")]
    pub(super) relation: Option<Guid>,
    #[serde(rename = "YourRef")]
    pub(super) your_ref: Option<String>,
    #[serde(rename = "Document")]
    pub(super) document: Option<Guid>,
    #[serde(rename = "AmountFC")]
    pub(super) amount: Option<Number>,
    #[serde(rename = "VATAmountFC")]
    pub(super) vat: Option<Number>,
    #[serde(rename = "Currency")]
    pub(super) currency: Option<String>,
    /// 30 and 20 are invoices, 31 and 21 credit notes.
    #[serde(rename = "Type")]
    pub(super) kind: Option<i32>,
    #[serde(rename = "CreatorFullName")]
    pub(super) creator: Option<String>,
}

/// A new purchase or sales entry. `Type`, `Status` and totals are for Exact to fill.
#[derive(Debug, Serialize)]
pub(super) struct NewEntry<'a> {
    #[serde(rename = "Journal")]
    pub(super) journal: &'a str,
    #[serde(rename = "Supplier", skip_serializing_if = "Option::is_none")]
    pub(super) supplier: Option<&'a str>,
    #[serde(rename = "Customer", skip_serializing_if = "Option::is_none")]
    pub(super) customer: Option<&'a str>,
    #[serde(rename = "EntryNumber", skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<i32>,
    #[serde(rename = "EntryDate")]
    pub(super) date: String,
    #[serde(rename = "DueDate", skip_serializing_if = "Option::is_none")]
    pub(super) due_date: Option<String>,
    /// With the period, where it is booked when that is not where its date lies.
    #[serde(rename = "ReportingYear", skip_serializing_if = "Option::is_none")]
    pub(super) year: Option<i32>,
    #[serde(rename = "ReportingPeriod", skip_serializing_if = "Option::is_none")]
    pub(super) period: Option<i32>,
    #[serde(rename = "Currency")]
    pub(super) currency: &'a str,
    #[serde(rename = "YourRef")]
    pub(super) your_ref: &'a str,
    #[serde(rename = "Description")]
    pub(super) description: String,
    #[serde(rename = "PaymentCondition", skip_serializing_if = "Option::is_none")]
    pub(super) payment_condition: Option<&'a str>,
    #[serde(rename = "PaymentReference", skip_serializing_if = "Option::is_none")]
    pub(super) payment_reference: Option<&'a str>,
    #[serde(rename = "Document")]
    pub(super) document: &'a str,
    #[serde(rename = "PurchaseEntryLines", skip_serializing_if = "Option::is_none")]
    pub(super) purchase_lines: Option<Vec<NewLine<'a>>>,
    #[serde(rename = "SalesEntryLines", skip_serializing_if = "Option::is_none")]
    pub(super) sales_lines: Option<Vec<NewLine<'a>>>,
}

/// A line of a new entry.
#[derive(Debug, Serialize)]
pub(super) struct NewLine<'a> {
    #[serde(rename = "GLAccount")]
    pub(super) gl_account: &'a str,
    #[serde(rename = "AmountFC")]
    pub(super) amount: Number,
    #[serde(rename = "VATCode")]
    pub(super) vat_code: &'a str,
    /// Overrides what Exact would compute, so that a cent never goes astray.
    #[serde(rename = "VATAmountFC", skip_serializing_if = "Option::is_none")]
    pub(super) vat: Option<Number>,
    #[serde(rename = "CostCenter", skip_serializing_if = "Option::is_none")]
    pub(super) cost_centre: Option<&'a str>,
    #[serde(rename = "Project", skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<&'a str>,
    #[serde(rename = "Description")]
    pub(super) description: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_guids_are_taken_for_guids() {
        let guid = Guid::parse("7E1C0FFE-0000-4000-8000-00000000ABCD").unwrap();
        assert_eq!(guid.as_str(), "7e1c0ffe-0000-4000-8000-00000000abcd");
        for text in ["", "1001", "7e1c0ffe-0000-4000-8000-00000000abc'", "7e1c0ffe00004000800000000000abcd"] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }
}
