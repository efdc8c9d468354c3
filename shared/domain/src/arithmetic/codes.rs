//! Values that must come from a list.

use super::Findings;
use crate::{
    invoice::{Invoice, InvoiceKind, VatTreatment},
    party::Party,
};

/// Type codes of an invoice (UNTDID 1001, the part that EN 16931 allows).
const INVOICE_TYPES: &str = "71 80 81 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 \
389 390 393 394 395 456 457 471 472 473 500 501 527 553 575 623 633 751 780 817 870 875 876 877 935";
/// Type codes of a credit note.
const CREDIT_NOTE_TYPES: &str = "81 83 261 262 296 308 381 396 420 458 502 503 532";
/// What a VAT number may begin with: ISO 3166-1, Kosovo, Greece's `EL`, Northern Ireland's `XI`.
const VAT_PREFIXES: &str = "1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH EL ER ES ET FI FJ FK \
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW \
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI \
VN VU WF WS XI YE YT ZA ZM ZW";

/// A word of a list.
fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == word)
}

pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    if let Some(code) = invoice.type_code.as_deref() {
        let (list, document) = match invoice.kind {
            InvoiceKind::Invoice => (INVOICE_TYPES, "an invoice"),
            InvoiceKind::CreditNote => (CREDIT_NOTE_TYPES, "a credit note"),
        };
        findings.require_or(listed(list, code), "BR-CL-01", || {
            format!("The type code {} is not one of {document}.", brief(code))
        });
    }
    for (currency, rule) in [(invoice.currency, "BR-CL-04"), (invoice.tax_currency, "BR-CL-05")] {
        if let Some(currency) = currency.filter(|currency| !currency.is_iso4217()) {
            findings.add(rule, format!("{currency} is not a currency of ISO 4217."));
        }
    }
    for party in [Some(&invoice.supplier), Some(&invoice.customer), invoice.tax_representative.as_ref()] {
        if let Some(number) = party.and_then(|party: &Party| party.vat.as_deref()) {
            let prefix: String = number.chars().take(2).collect();
            findings.require_or(listed(VAT_PREFIXES, &prefix), "BR-CO-09", || {
                format!("The VAT number {} does not begin with the code of a country.", brief(number))
            });
        }
    }
    for treatment in invoice.vat_breakdown.iter().map(|group| &group.treatment) {
        category(treatment, "BR-CL-17", findings);
    }
    for treatment in invoice.allowance_charges.iter().map(|entry| &entry.treatment) {
        category(treatment, "BR-CL-17", findings);
    }
    for treatment in invoice.lines.iter().map(|line| &line.treatment) {
        category(treatment, "BR-CL-18", findings);
    }
}

fn category(treatment: &VatTreatment, rule: &'static str, findings: &mut Findings) {
    if let Some(code) = treatment.category.as_deref().filter(|_| treatment.known().is_none()) {
        findings.add(rule, format!("{} is not a VAT category of EN 16931.", brief(code)));
    }
}

fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
