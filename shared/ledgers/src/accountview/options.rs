//! Settings of a connection with `AccountView` for one company. What is not certain about `AccountView` is a setting here, so
//! that a wrong guess is no release: docs/connectors/accountview.md says which.

use crate::descriptor::{OptionKind, OptionSpec};
use domain::ledger::Direction;

/// Nothing is posted: a person books it.
pub(super) const HOLD: &str = "hold";

pub(super) const PURCHASE_JOURNAL: OptionSpec = OptionSpec {
    key: "purchase_journal",
    name: "Journal for purchase invoices",
    kind: OptionKind::Journal(Direction::Purchase),
    default: None,
};
pub(super) const PURCHASE_CREDIT_JOURNAL: OptionSpec = OptionSpec {
    key: "purchase_credit_journal",
    name: "Journal for purchase credit notes, when it is another one",
    kind: OptionKind::Journal(Direction::Purchase),
    default: None,
};
pub(super) const SALES_JOURNAL: OptionSpec = OptionSpec {
    key: "sales_journal",
    name: "Journal for sales invoices",
    kind: OptionKind::Journal(Direction::Sales),
    default: None,
};
pub(super) const SALES_CREDIT_JOURNAL: OptionSpec = OptionSpec {
    key: "sales_credit_journal",
    name: "Journal for sales credit notes, when it is another one",
    kind: OptionKind::Journal(Direction::Sales),
    default: None,
};
/// Decides the sign and who makes the lines for VAT and relation.
pub(super) const FILLING: OptionSpec = OptionSpec {
    key: "filling",
    name: "Journal pages are held for a person, or filled with cost lines under a header from which AccountView makes the \
           others (header), or with all lines in balance (balanced)",
    kind: OptionKind::Choice(&[HOLD, "header", "balanced"]),
    default: Some(HOLD),
};
pub(super) const SALES_SIGN: OptionSpec = OptionSpec {
    key: "sales_sign",
    name: "Sales pages under a header are held for a person, or have revenue as negative or as positive amounts",
    kind: OptionKind::Choice(&[HOLD, "negative", "positive"]),
    default: Some(HOLD),
};
pub(super) const CREDIT_NOTES: OptionSpec = OptionSpec {
    key: "credit_notes",
    name: "Credit notes and negative invoices are held for a person, or booked with all signs reversed",
    kind: OptionKind::Choice(&[HOLD, "reversed"]),
    default: Some(HOLD),
};
/// Decides the treatment of VAT.
pub(super) const REVERSE_CHARGE: OptionSpec = OptionSpec {
    key: "reverse_charge",
    name: "Reverse-charged lines are held for a person, or booked with their VAT code and VAT of 0.00, or on purchases with \
           the VAT that is owed",
    kind: OptionKind::Choice(&[HOLD, "zero", "owed"]),
    default: Some(HOLD),
};
/// Decides the treatment of VAT.
pub(super) const INTRA_COMMUNITY: OptionSpec = OptionSpec {
    key: "intra_community",
    name: "Intra-community lines are held for a person, or booked with their VAT code and VAT of 0.00, or on purchases with \
           the VAT that is owed",
    kind: OptionKind::Choice(&[HOLD, "zero", "owed"]),
    default: Some(HOLD),
};
/// Decides the VAT in the currency of the books: documents state no rate.
pub(super) const FOREIGN_CURRENCY: OptionSpec = OptionSpec {
    key: "foreign_currency",
    name: "Documents in another currency are held for a person, or booked in that currency, for which AccountView takes its \
           own rate",
    kind: OptionKind::Choice(&[HOLD, "ledger_rate"]),
    default: Some(HOLD),
};
pub(super) const CURRENCY: OptionSpec =
    OptionSpec { key: "currency", name: "Currency of the books", kind: OptionKind::Text(3), default: Some("EUR") };
/// On a balanced page.
pub(super) const BALANCED_VAT_CODE: OptionSpec = OptionSpec {
    key: "balanced_vat_code",
    name: "On pages in balance the VAT code stands on the VAT line alone, or on the cost lines as well",
    kind: OptionKind::Choice(&["vat_line", "both"]),
    default: Some("vat_line"),
};
pub(super) const CREDITOR_ACCOUNT: OptionSpec = OptionSpec {
    key: "creditor_account",
    name: "Control account of suppliers: of new ones, and of pages in balance where the supplier has none",
    kind: OptionKind::Text(10),
    default: None,
};
pub(super) const DEBTOR_ACCOUNT: OptionSpec = OptionSpec {
    key: "debtor_account",
    name: "Control account of customers: of new ones, and of pages in balance where the customer has none",
    kind: OptionKind::Text(10),
    default: None,
};
pub(super) const COST_CENTRE: OptionSpec = OptionSpec {
    key: "cost_centre",
    name: "Cost centre of lines that have none",
    kind: OptionKind::Text(10),
    default: None,
};
/// The substitute for files, which cannot be sent.
pub(super) const DOCUMENT_LINK: OptionSpec = OptionSpec {
    key: "document_link",
    name: "Address under which documents are looked at; the document's id follows it in the note of the journal page",
    kind: OptionKind::Text(200),
    default: None,
};
pub(super) const PAGE_NUMBER: OptionSpec = OptionSpec {
    key: "page_number",
    name: "For a page's number from AccountView the field is left out, or sent empty",
    kind: OptionKind::Choice(&["left_out", "empty"]),
    default: Some("left_out"),
};
pub(super) const PERIOD: OptionSpec = OptionSpec {
    key: "period",
    name: "The period follows from the date of the page, or its number is sent",
    kind: OptionKind::Choice(&["date", "number"]),
    default: Some("date"),
};
pub(super) const PERIOD_FIELDS: OptionSpec = OptionSpec {
    key: "period_fields",
    name: "Fields of a period, separated by commas: its number, its first day, its last day, whether it is blocked",
    kind: OptionKind::Text(80),
    default: Some("PERIOD,BEG_DATE,END_DATE,REC_BLK"),
};
pub(super) const YEAR_START: OptionSpec = OptionSpec {
    key: "year_start",
    name: "Month with which the financial year begins: around it earlier bookings are looked for in both years",
    kind: OptionKind::Choice(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]),
    default: Some("1"),
};
pub(super) const FILTERS: OptionSpec = OptionSpec {
    key: "filters",
    name: "AccountView combines two filters, or is asked with one and the rest is compared here",
    kind: OptionKind::Choice(&["both", "one"]),
    default: Some("both"),
};
/// A processed page may show no note, and with it no reference of ours.
pub(super) const PROCESSED: OptionSpec = OptionSpec {
    key: "processed_pages",
    name: "After an answer that was lost, a processed page of the same relation, number, journal and amount is taken as \
           ours, or held for a person",
    kind: OptionKind::Choice(&["adopt", HOLD]),
    default: Some("adopt"),
};

/// All of them.
pub(super) static ALL: [OptionSpec; 22] = [
    PURCHASE_JOURNAL,
    PURCHASE_CREDIT_JOURNAL,
    SALES_JOURNAL,
    SALES_CREDIT_JOURNAL,
    FILLING,
    SALES_SIGN,
    CREDIT_NOTES,
    REVERSE_CHARGE,
    INTRA_COMMUNITY,
    FOREIGN_CURRENCY,
    CURRENCY,
    BALANCED_VAT_CODE,
    CREDITOR_ACCOUNT,
    DEBTOR_ACCOUNT,
    COST_CENTRE,
    DOCUMENT_LINK,
    PAGE_NUMBER,
    PERIOD,
    PERIOD_FIELDS,
    YEAR_START,
    FILTERS,
    PROCESSED,
];
