//! Writes the canonical invoice as UBL 2.1, for a document that came without an e-invoice and whose data are complete
//! (ED-5, ED-22).
//!
//! What is written is what the document says. Little is added, and nothing that a document could contradict: totals that
//! follow from stated ones, the category `S` of a positive rate, the rate 0 and the reason that a category has by
//! definition, the code of a unit nobody knows (`C62`, one), an address on the network that is the party's own number, and
//! `NA` as order where the rules want some reference and there is none. VAT is never computed. Where lines are missing
//! but the VAT breakdown is there, one line per rate is written, and only if the sums agree.
//!
//! What a canonical invoice does not hold cannot be written: embedded files, the creditor identifier and debited account of
//! a direct debit, card numbers. Several notes become one. A credit note has its due date in its means of payment; in
//! SI-UBL one of a Dutch seller without means of payment loses it.
//!
//! What is written keeps the rules of EN 16931 and those that its flavour has for everybody. The parts of Peppol's rules that
//! are for one country (addresses, forms of numbers) are not looked at: an accounting package reads a document without them.
//! An e-FFF file has no picture of the document in it, which that agreement foresees: the PDF goes beside it when a setting
//! says so.

mod codes;
mod complete;
mod demands;
mod document;
mod figures;
mod gap;
mod parties;
mod text;
mod xml;

pub use gap::{CannotWrite, Fact, Gap};

use domain::{invoice::Invoice, mail::UblFlavour};

/// What the rules of some flavours want of the parties and an invoice in canonical form does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Of the seller.
    pub supplier: PartyDetails,
    /// Of the buyer.
    pub customer: PartyDetails,
}

/// Where a party is and whom to ask there. All of it is written in every flavour; `XRechnung` cannot do without any of the
/// seller's, nor without town and post code of the buyer; SI-UBL wants addresses of Dutch parties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyDetails {
    /// Street and number (BT-35, BT-50).
    pub street: Option<String>,
    /// Town (BT-37, BT-52).
    pub city: Option<String>,
    /// Post code (BT-38, BT-53).
    pub post_code: Option<String>,
    /// Whom to ask: a person or a department (BT-41, BT-56).
    pub contact: Option<String>,
    /// BT-42, BT-57.
    pub telephone: Option<String>,
    /// BT-43, BT-58.
    pub email: Option<String>,
}

/// Writes an invoice or credit note in a flavour, as UTF-8. The error says all that is missing or wrong at once, so that a
/// person completes it in one go.
pub fn ubl(invoice: &Invoice, flavour: UblFlavour, details: &Details) -> Result<Vec<u8>, CannotWrite> {
    let details = text::details(details);
    let invoice = complete::complete(text::invoice(invoice), flavour, &details);
    let gaps = gap::find(&invoice, flavour, &details);
    match invoice.currency {
        Some(currency) if gaps.is_empty() => Ok(document::write(&invoice, currency, flavour, &details)),
        _ => Err(CannotWrite { gaps }),
    }
}
