//! Settings of a connection with Twinfield for one company. What is not certain about Twinfield is a setting here, so
//! that a wrong guess is no release: docs/connectors/twinfield.md says which.

use crate::descriptor::{OptionKind, OptionSpec, TEMPLATES};
use domain::ledger::Direction;

pub(super) const PURCHASE_DAYBOOK: OptionSpec = OptionSpec {
    key: "purchase_journal",
    name: "Daybook for purchase invoices",
    kind: OptionKind::Journal(Direction::Purchase),
    default: None,
};
pub(super) const PURCHASE_CREDIT_DAYBOOK: OptionSpec = OptionSpec {
    key: "purchase_credit_journal",
    name: "Daybook for purchase credit notes, when it is another one",
    kind: OptionKind::Journal(Direction::Purchase),
    default: None,
};
pub(super) const SALES_DAYBOOK: OptionSpec = OptionSpec {
    key: "sales_journal",
    name: "Daybook for sales invoices",
    kind: OptionKind::Journal(Direction::Sales),
    default: None,
};
pub(super) const SALES_CREDIT_DAYBOOK: OptionSpec = OptionSpec {
    key: "sales_credit_journal",
    name: "Daybook for sales credit notes, when it is another one",
    kind: OptionKind::Journal(Direction::Sales),
    default: None,
};
pub(super) const DESTINY: OptionSpec = OptionSpec {
    key: "destiny",
    name: "Bookings are made as drafts (temporary) or for good (final)",
    kind: OptionKind::Choice(&["temporary", "final"]),
    default: Some("temporary"),
};
/// With it a booking is found again, and leads back to the document where Twinfield shows it as a link.
pub(super) const REFERENCE: OptionSpec = OptionSpec {
    key: "reference",
    name: "Where our reference stands in a booking: a free text field that the daybook allows, or the description",
    kind: OptionKind::Choice(&["freetext1", "freetext2", "freetext3", "description"]),
    default: Some("freetext3"),
};
pub(super) const CREDITOR_ACCOUNT: OptionSpec = OptionSpec {
    key: "creditor_account",
    name: "Payable account of purchases, when it is not the supplier's",
    kind: OptionKind::Text(16),
    default: None,
};
pub(super) const DEBTOR_ACCOUNT: OptionSpec = OptionSpec {
    key: "debtor_account",
    name: "Receivable account of sales, when it is not the customer's",
    kind: OptionKind::Text(16),
    default: None,
};
pub(super) const COST_CENTRE: OptionSpec = OptionSpec {
    key: "cost_centre",
    name: "Cost centre of lines that have none",
    kind: OptionKind::Text(16),
    default: None,
};
pub(super) const COST_CENTRE_FIELD: OptionSpec = OptionSpec {
    key: "cost_centre_field",
    name: "Field of a line in which the cost centre stands",
    kind: OptionKind::Choice(&["dim2", "dim3"]),
    default: Some("dim2"),
};
pub(super) const WARNINGS: OptionSpec = OptionSpec {
    key: "warnings",
    name: "What Twinfield only warns of is refused, for a person to look at, or accepted",
    kind: OptionKind::Choice(&["refuse", "accept"]),
    default: Some("refuse"),
};
/// Decides the treatment of VAT: until somebody looked, a person decides each time.
pub(super) const REVERSE_CHARGE: OptionSpec = OptionSpec {
    key: "reverse_charge",
    name: "Reverse-charged and intra-community lines are held for a person, or booked with the VAT code of the line, \
           under which Twinfield books both sides itself",
    kind: OptionKind::Choice(&["hold", "vat_code"]),
    default: Some("hold"),
};
/// Decides the VAT listing.
pub(super) const EU_SALES: OptionSpec = OptionSpec {
    key: "eu_sales",
    name: "Intra-community sales are held for a person, or listed as goods or as services",
    kind: OptionKind::Choice(&["hold", "goods", "services"]),
    default: Some("hold"),
};
pub(super) const VAT_DIFFERENCE: OptionSpec = OptionSpec {
    key: "vat_difference",
    name: "A document whose VAT differs by more than 0.02 from what its rate makes is held for a person, or booked as it \
           states its VAT",
    kind: OptionKind::Choice(&["hold", "as_stated"]),
    default: Some("hold"),
};
pub(super) const NUMBER_SEARCH: OptionSpec = OptionSpec {
    key: "number_search",
    name: "Earlier bookings of an invoice number are searched by Twinfield, or all bookings of the relation are looked \
           through here",
    kind: OptionKind::Choice(&["twinfield", "here"]),
    default: Some("twinfield"),
};
pub(super) const VAT_NUMBER_SEARCH: OptionSpec = OptionSpec {
    key: "vat_number_search",
    name: "Relations are found by VAT number in the list of VAT numbers, in the addresses, or not",
    kind: OptionKind::Choice(&["list", "addresses", "off"]),
    default: Some("list"),
};
pub(super) const VAT_NUMBER_COLUMN: OptionSpec = OptionSpec {
    key: "vat_number_column",
    name: "Column of the list of VAT numbers in which the code of the relation stands",
    kind: OptionKind::Choice(&["1", "2", "3"]),
    default: Some("1"),
};
pub(super) const REGISTRY_SEARCH: OptionSpec = OptionSpec {
    key: "registry_search",
    name: "Relations are found by registry number in the addresses, or not",
    kind: OptionKind::Choice(&["addresses", "off"]),
    default: Some("addresses"),
};
pub(super) const IDENTIFIERS: OptionSpec = OptionSpec {
    key: "new_relation_identifiers",
    name: "VAT and registry number of a new relation stand in fields 4 and 5 of its address, or in fields of its own",
    kind: OptionKind::Choice(&["address", "fields"]),
    default: Some("address"),
};

/// What is left out of a relation that is written may stay as it is, or be lost.
pub(super) const RELATION_WRITE: OptionSpec = OptionSpec {
    key: "relation_write",
    name: "With a posting rule the whole relation is sent back as it was read, or no more than its rules",
    kind: OptionKind::Choice(&["whole", "rules"]),
    default: Some("whole"),
};

/// All of them.
pub(super) static ALL: [OptionSpec; 21] = [
    PURCHASE_DAYBOOK,
    PURCHASE_CREDIT_DAYBOOK,
    SALES_DAYBOOK,
    SALES_CREDIT_DAYBOOK,
    DESTINY,
    REFERENCE,
    CREDITOR_ACCOUNT,
    DEBTOR_ACCOUNT,
    COST_CENTRE,
    COST_CENTRE_FIELD,
    WARNINGS,
    REVERSE_CHARGE,
    EU_SALES,
    VAT_DIFFERENCE,
    NUMBER_SEARCH,
    VAT_NUMBER_SEARCH,
    VAT_NUMBER_COLUMN,
    REGISTRY_SEARCH,
    IDENTIFIERS,
    TEMPLATES,
    RELATION_WRITE,
];
