//! Settings of a connection to Firmao: what its documents leave open.

use crate::descriptor::{OptionKind, OptionSpec};

/// Where goods are taken from.
pub(super) const WAREHOUSE: OptionSpec = OptionSpec {
    key: "warehouse",
    name: "Number of the warehouse, where there are several; not its name",
    kind: OptionKind::Text(18),
    default: None,
};

/// How a document is paid whose payment type is linked to nothing.
pub(super) const PAYMENT: OptionSpec = OptionSpec {
    key: "payment_type",
    name: "Payment type of documents whose payment type is not linked",
    kind: OptionKind::Text(60),
    default: Some("TRANSFER"),
};

/// Whether a buyer with a tax number gets a card.
pub(super) const CARDS: OptionSpec = OptionSpec {
    key: "cards",
    name: "A buyer with a tax number is found among the customers or added to them, or is only written on the document",
    kind: OptionKind::Choice(&["kept", "written_out"]),
    default: Some("kept"),
};

/// Whether a buyer without a tax number gets one.
pub(super) const NAMELESS: OptionSpec = OptionSpec {
    key: "without_number",
    name: "A buyer without a tax number is only written on the document, or gets a customer's card, which Firmao finds by the name alone",
    kind: OptionKind::Choice(&["written_out", "card_by_name"]),
    default: Some("written_out"),
};

/// How prices with VAT are sent.
pub(super) const GROSS_PRICES: OptionSpec = OptionSpec {
    key: "gross_prices",
    name: "Prices that include VAT are sent as they are beside the net ones, or as net prices of four decimals only",
    kind: OptionKind::Choice(&["sent", "net_only"]),
    default: Some("sent"),
};

const fn vat(key: &'static str, name: &'static str, default: Option<&'static str>) -> OptionSpec {
    OptionSpec { key, name, kind: OptionKind::Text(10), default }
}

/// VAT of exempt lines.
pub(super) const VAT_EXEMPT: OptionSpec = vat("vat_exempt", "VAT of exempt lines, as a word or a number", Some("zw"));
/// VAT of lines outside the scope of VAT.
pub(super) const VAT_OUT_OF_SCOPE: OptionSpec =
    vat("vat_out_of_scope", "VAT of lines outside the scope of VAT, as a word or a number", Some("np"));
/// VAT of supplies to other member states.
pub(super) const VAT_INTRA_COMMUNITY: OptionSpec = vat(
    "vat_intra_community",
    "VAT of supplies to other member states, as a word or a number; documents with such lines are held without it",
    None,
);
/// VAT of exports.
pub(super) const VAT_EXPORT: OptionSpec =
    vat("vat_export", "VAT of exports, as a word or a number; documents with such lines are held without it", None);
/// VAT of lines whose VAT the buyer owes.
pub(super) const VAT_REVERSE_CHARGE: OptionSpec = vat(
    "vat_reverse_charge",
    "VAT of lines whose VAT the buyer owes, as a word or a number; documents with such lines are held without it",
    None,
);

/// Every one.
pub(super) const ALL: [OptionSpec; 10] = [
    WAREHOUSE,
    PAYMENT,
    CARDS,
    NAMELESS,
    GROSS_PRICES,
    VAT_EXEMPT,
    VAT_OUT_OF_SCOPE,
    VAT_INTRA_COMMUNITY,
    VAT_EXPORT,
    VAT_REVERSE_CHARGE,
];
