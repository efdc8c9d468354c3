//! Settings of a connection with Multivers or Boekhoud Gemak. What is not certain about them is a setting here, so that a
//! wrong guess is no release: docs/connectors/multivers.md says which.

use crate::descriptor::{API_VERSION, INSTALLATION, OptionKind, OptionSpec};
use domain::ledger::Direction;

/// Nothing is posted: a person books it.
pub(super) const HOLD: &str = "hold";

const fn journal(key: &'static str, name: &'static str, direction: Direction) -> OptionSpec {
    OptionSpec { key, name, kind: OptionKind::Journal(direction), default: None }
}

const fn text(key: &'static str, name: &'static str, most: usize, default: Option<&'static str>) -> OptionSpec {
    OptionSpec { key, name, kind: OptionKind::Text(most), default }
}

/// The first choice is the default.
const fn choice(key: &'static str, name: &'static str, choices: &'static [&'static str]) -> OptionSpec {
    OptionSpec { key, name, kind: OptionKind::Choice(choices), default: choices.first().copied() }
}

const SEND: &[&str] = &["send", "omit"];

pub(super) const VERSION: OptionSpec =
    text(API_VERSION, "Version of the API, as it stands in the addresses", 20, Some("V221"));
pub(super) const OWN_INSTALLATION: OptionSpec = text(
    INSTALLATION,
    "Installation of the customer's own, by the name under which this deployment has its address; not to be changed later",
    40,
    None,
);
pub(super) const PURCHASE_JOURNAL: OptionSpec =
    journal("purchase_journal", "Journal for purchase invoices", Direction::Purchase);
pub(super) const PURCHASE_CREDIT_JOURNAL: OptionSpec = journal(
    "purchase_credit_journal",
    "Journal for purchase credit notes, when it is another one",
    Direction::Purchase,
);
pub(super) const SALES_JOURNAL: OptionSpec = journal("sales_journal", "Journal for sales invoices", Direction::Sales);
pub(super) const SALES_CREDIT_JOURNAL: OptionSpec =
    journal("sales_credit_journal", "Journal for sales credit notes, when it is another one", Direction::Sales);
pub(super) const PAYMENT_CONDITION: OptionSpec = text(
    "payment_condition",
    "Payment condition of every booking, when it is not the one whose days come closest to the due date",
    10,
    None,
);
pub(super) const COST_CENTRE: OptionSpec = text("cost_centre", "Cost centre of lines that have none", 16, None);
/// The page itself asks who is looking: a link in a ledger must not open anything by itself.
pub(super) const DOCUMENT_VIEWER: OptionSpec = text(
    "document_viewer",
    "Address under which our application shows documents, such as https://app.example/documents/: the link back",
    200,
    None,
);
pub(super) const DOCUMENT_LINK: OptionSpec =
    choice("document_link", "The link back to the document goes into the booking, or not", SEND);
/// With it a booking is known as ours.
pub(super) const OUR_REFERENCE: OptionSpec = choice(
    "our_reference",
    "Where our reference stands: at the end of the first line's description, or in the line's document field",
    &["description", "document"],
);
/// Decides a sign.
pub(super) const CREDIT_NOTES: OptionSpec = choice(
    "credit_notes",
    "Credit notes, negative invoices and negative lines are held for a person, booked on the other side with negative \
     totals, or with negative amounts",
    &[HOLD, "swap", "negative"],
);
pub(super) const CREDIT_TYPE: OptionSpec =
    text("credit_invoice_type", "Number of the invoice type of credit notes, when they have one", 6, None);
/// Decides a sign.
pub(super) const REVENUE_SIDE: OptionSpec = choice(
    "revenue_side",
    "Sales invoices are held for a person, or their lines booked in credit or in debit",
    &[HOLD, "credit", "debit"],
);
/// Decides the treatment of VAT.
pub(super) const REVERSE_CHARGE: OptionSpec = choice(
    "reverse_charge",
    "Reverse-charged lines are held for a person, booked with the VAT code of the line, or with a VAT scenario as well",
    &[HOLD, "vat_code", "scenario"],
);
/// Decides the treatment of VAT.
pub(super) const EU: OptionSpec = choice(
    "intra_community",
    "Intra-community lines are held for a person, booked with the VAT code of the line, or with a VAT scenario as well",
    &[HOLD, "vat_code", "scenario"],
);
pub(super) const PURCHASE_SCENARIO: OptionSpec =
    text("purchase_scenario", "VAT scenario of purchases, when one is to be sent", 6, None);
pub(super) const PURCHASE_REVERSED_SCENARIO: OptionSpec =
    text("purchase_reverse_charge_scenario", "VAT scenario of reverse-charged purchases", 6, None);
pub(super) const PURCHASE_EU_SCENARIO: OptionSpec =
    text("purchase_intra_community_scenario", "VAT scenario of intra-community purchases", 6, None);
pub(super) const SALES_SCENARIO: OptionSpec =
    text("sales_scenario", "VAT scenario of sales, when one is to be sent", 6, None);
pub(super) const SALES_REVERSED_SCENARIO: OptionSpec =
    text("sales_reverse_charge_scenario", "VAT scenario of reverse-charged sales", 6, None);
pub(super) const SALES_EU_SCENARIO: OptionSpec =
    text("sales_intra_community_scenario", "VAT scenario of intra-community sales", 6, None);
/// Decides the treatment of VAT.
pub(super) const VAT_DIFFERENCE: OptionSpec = choice(
    "vat_difference",
    "A document whose VAT differs by more than 0.02 from what its rate makes is held for a person, or booked as it \
     states its VAT",
    &[HOLD, "as_stated"],
);
pub(super) const EXCHANGE_RATE: OptionSpec = choice(
    "exchange_rate",
    "Documents in another currency are held for a person, or converted with the rate in the ledger's list of \
     currencies: amount times rate, or amount divided by rate",
    &[HOLD, "multiply", "divide"],
);
pub(super) const PURCHASE_REFERENCE: OptionSpec = choice(
    "purchase_reference",
    "The invoice number of a purchase goes into its reference, or into the descriptions of its lines",
    SEND,
);
pub(super) const PURCHASE_CURRENCY: OptionSpec =
    choice("purchase_currency", "The currency goes into purchases, or not", SEND);
pub(super) const PURCHASE_AUTO_VAT: OptionSpec =
    choice("purchase_auto_vat", "Purchases say that VAT is not to be computed, or leave that out", SEND);
pub(super) const PURCHASE_TOTALS: OptionSpec =
    choice("purchase_totals", "The totals with and without VAT go into purchases, or not", SEND);
pub(super) const PURCHASE_VAT_CODE: OptionSpec =
    choice("purchase_vat_code", "The VAT code goes into the lines of purchases, or not", SEND);
pub(super) const PURCHASE_COST_CENTRE: OptionSpec =
    choice("purchase_cost_centre", "The cost centre goes into the lines of purchases, or not", SEND);
/// Sending again is safe only when it is certain that a look finds what was sent.
pub(super) const UNKNOWN_OUTCOME: OptionSpec = choice(
    "unknown_outcome",
    "When an answer was lost and a look finds no booking, a person looks, or the document is sent again",
    &["park", "post"],
);
/// With it a lost answer leaves no doubt: the id tells whether the invoice was booked.
pub(super) const INVOICE_ID: OptionSpec = choice(
    "invoice_id",
    "The ledger gives an invoice its id when it is booked, or the next id is asked for beforehand and sent along",
    &["ledger", "reserve"],
);
pub(super) const PERIODS: OptionSpec = choice(
    "periods",
    "Year and period come from the ledger's list and must be open, or are taken from the calendar",
    &["list", "calendar"],
);
pub(super) const OPEN_STATES: OptionSpec = text(
    "open_period_states",
    "What the list of periods says of one that is open, with commas between",
    60,
    Some("open,0"),
);
pub(super) const NEW_CODE: OptionSpec = choice(
    "new_relation_code",
    "A new supplier or customer gets the next free code by command, or is sent without a code",
    &["command", "ledger"],
);

/// All of them.
pub(super) static ALL: [OptionSpec; 35] = [
    VERSION,
    OWN_INSTALLATION,
    PURCHASE_JOURNAL,
    PURCHASE_CREDIT_JOURNAL,
    SALES_JOURNAL,
    SALES_CREDIT_JOURNAL,
    PAYMENT_CONDITION,
    COST_CENTRE,
    DOCUMENT_VIEWER,
    DOCUMENT_LINK,
    OUR_REFERENCE,
    CREDIT_NOTES,
    CREDIT_TYPE,
    REVENUE_SIDE,
    REVERSE_CHARGE,
    EU,
    PURCHASE_SCENARIO,
    PURCHASE_REVERSED_SCENARIO,
    PURCHASE_EU_SCENARIO,
    SALES_SCENARIO,
    SALES_REVERSED_SCENARIO,
    SALES_EU_SCENARIO,
    VAT_DIFFERENCE,
    EXCHANGE_RATE,
    PURCHASE_REFERENCE,
    PURCHASE_CURRENCY,
    PURCHASE_AUTO_VAT,
    PURCHASE_TOTALS,
    PURCHASE_VAT_CODE,
    PURCHASE_COST_CENTRE,
    UNKNOWN_OUTCOME,
    INVOICE_ID,
    PERIODS,
    OPEN_STATES,
    NEW_CODE,
];
