//! Settings of a connection to wFirma: what its documents leave open, and what differs from company to company.

use crate::descriptor::{OptionKind, OptionSpec};

/// Whether the company pays VAT.
pub(super) const VAT_PAYER: OptionSpec = OptionSpec {
    key: "vat_payer",
    name: "Whether the company pays VAT: its documents are of other types when it does not",
    kind: OptionKind::Choice(&["yes", "no"]),
    default: Some("yes"),
};

/// Which receipts are made.
pub(super) const RECEIPTS: OptionSpec = OptionSpec {
    key: "receipts",
    name: "Receipts are made as fiscal ones, which have no PDF, or as others",
    kind: OptionKind::Choice(&["fiscal", "non_fiscal"]),
    default: Some("fiscal"),
};

/// How a document is paid whose payment type is linked to nothing.
pub(super) const PAYMENT_METHOD: OptionSpec = OptionSpec {
    key: "payment_method",
    name: "Payment method of documents whose payment type is not linked",
    kind: OptionKind::Choice(super::PAYMENT_METHODS),
    default: Some("transfer"),
};

/// Whether a buyer's card is looked for.
pub(super) const CARDS: OptionSpec = OptionSpec {
    key: "cards",
    name: "A buyer with a NIP whose card says the same as the order is named by the card, or is always sent in full",
    kind: OptionKind::Choice(&["look_up", "in_full"]),
    default: Some("look_up"),
};

/// Of the register of revenue.
pub(super) const LUMP_CODE: OptionSpec = OptionSpec {
    key: "lumpcode",
    name: "Rate of the lump-sum tax for every line, of companies that keep the register of revenue",
    kind: OptionKind::Text(10),
    default: None,
};

const fn vat(key: &'static str, name: &'static str, default: Option<&'static str>) -> OptionSpec {
    OptionSpec { key, name, kind: OptionKind::Text(10), default }
}

/// VAT code of exempt lines.
pub(super) const VAT_EXEMPT: OptionSpec = vat("vat_exempt", "VAT code of exempt lines", Some("ZW"));
/// VAT code of lines outside the scope of VAT.
pub(super) const VAT_OUT_OF_SCOPE: OptionSpec =
    vat("vat_out_of_scope", "VAT code of lines outside the scope of VAT", Some("NP"));
/// VAT code of supplies to other member states.
pub(super) const VAT_INTRA_COMMUNITY: OptionSpec =
    vat("vat_intra_community", "VAT code of supplies to other member states", Some("WDT"));
/// VAT code of exports.
pub(super) const VAT_EXPORT: OptionSpec =
    vat("vat_export", "VAT code of exports; documents with such lines are held without it", None);
/// VAT code of lines whose VAT the buyer owes.
pub(super) const VAT_REVERSE_CHARGE: OptionSpec = vat(
    "vat_reverse_charge",
    "VAT code of lines whose VAT the buyer owes; documents with such lines are held without it",
    None,
);

/// Every one.
pub(super) const ALL: [OptionSpec; 10] = [
    VAT_PAYER,
    RECEIPTS,
    PAYMENT_METHOD,
    CARDS,
    LUMP_CODE,
    VAT_EXEMPT,
    VAT_OUT_OF_SCOPE,
    VAT_INTRA_COMMUNITY,
    VAT_EXPORT,
    VAT_REVERSE_CHARGE,
];
