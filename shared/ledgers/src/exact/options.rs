//! Settings of a connection with Exact Online for one company. What is not certain about Exact is a setting here, so that a
//! wrong guess is no release: docs/connectors/exact-online.md says which.

use crate::descriptor::{OptionKind, OptionSpec};
use domain::ledger::Direction;

pub(super) const PURCHASE_JOURNAL: OptionSpec = OptionSpec {
    key: "purchase_journal",
    name: "Journal for purchase invoices",
    kind: OptionKind::Journal(Direction::Purchase),
    default: None,
};
pub(super) const SALES_JOURNAL: OptionSpec = OptionSpec {
    key: "sales_journal",
    name: "Journal for sales invoices",
    kind: OptionKind::Journal(Direction::Sales),
    default: None,
};
pub(super) const PURCHASE_CREDIT_JOURNAL: OptionSpec = OptionSpec {
    key: "purchase_credit_journal",
    name: "Journal for purchase credit notes, when it is another one",
    kind: OptionKind::Journal(Direction::Purchase),
    default: None,
};
pub(super) const SALES_CREDIT_JOURNAL: OptionSpec = OptionSpec {
    key: "sales_credit_journal",
    name: "Journal for sales credit notes, when it is another one",
    kind: OptionKind::Journal(Direction::Sales),
    default: None,
};
pub(super) const PURCHASE_PAYMENT_CONDITION: OptionSpec = OptionSpec {
    key: "purchase_payment_condition",
    name: "Payment condition of purchase entries, when it is not the relation's",
    kind: OptionKind::Text(10),
    default: None,
};
pub(super) const SALES_PAYMENT_CONDITION: OptionSpec = OptionSpec {
    key: "sales_payment_condition",
    name: "Payment condition of sales entries, when it is not the relation's",
    kind: OptionKind::Text(10),
    default: None,
};
pub(super) const COST_CENTRE: OptionSpec = OptionSpec {
    key: "cost_centre",
    name: "Cost centre of lines that have none",
    kind: OptionKind::Text(8),
    default: None,
};
/// Exact may make an entry of its own from the XML of an invoice that is attached to a purchase document; hence the
/// default.
pub(super) const ATTACH: OptionSpec = OptionSpec {
    key: "attach",
    name: "Files that are attached to an entry",
    kind: OptionKind::Choice(&["pdf", "ubl", "both", "none"]),
    default: Some("pdf"),
};
/// With our own number, Exact itself refuses a second entry for the same sales invoice.
pub(super) const SALES_NUMBER: OptionSpec = OptionSpec {
    key: "sales_number",
    name: "Number of a sales entry: that of the invoice when it is a whole number, or Exact's next one",
    kind: OptionKind::Choice(&["invoice", "exact"]),
    default: Some("invoice"),
};
/// The public documents do not say which sign the amounts of a credit note have.
pub(super) const CREDIT_NOTES: OptionSpec = OptionSpec {
    key: "credit_notes",
    name: "Credit notes and negative invoices: hold for a person, or book with negative amounts",
    kind: OptionKind::Choice(&["hold", "negative"]),
    default: Some("hold"),
};

/// All of them, as they are shown.
pub(super) static ALL: [OptionSpec; 10] = [
    PURCHASE_JOURNAL,
    PURCHASE_CREDIT_JOURNAL,
    PURCHASE_PAYMENT_CONDITION,
    SALES_JOURNAL,
    SALES_CREDIT_JOURNAL,
    SALES_PAYMENT_CONDITION,
    SALES_NUMBER,
    COST_CENTRE,
    ATTACH,
    CREDIT_NOTES,
];
