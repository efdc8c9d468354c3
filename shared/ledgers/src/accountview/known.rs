//! What a push learns from `AccountView` beside what every ledger tells.

use super::api::Row;
use crate::push::{Codes, Facts, Looked, PushRequest};
use domain::{
    ledger::{AccountCode, CostCentre, VatCode},
    time::Date,
};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What an account asks of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) needs_vat_code: bool,
    pub(super) needs_cost_centre: bool,
}

impl Account {
    /// Of a row of `LEDGER`; none when it is blocked.
    pub(super) fn of(row: &Row) -> Option<Self> {
        (!row.flag("REC_BLK"))
            .then(|| Self { needs_vat_code: row.flag("VAT_MAND"), needs_cost_centre: row.flag("COST_MAND") })
    }

    /// As it is kept behind its code.
    pub(super) fn packed(row: &Row) -> String {
        match Self::of(row) {
            Some(Self { needs_vat_code, needs_cost_centre }) => {
                let (vat, cost) = (if needs_vat_code { "V" } else { "" }, if needs_cost_centre { "C" } else { "" });
                format!("ok {vat}{cost}")
            }
            None => "blocked".to_owned(),
        }
    }

    fn unpack(text: &str) -> Option<Self> {
        let asks = text.strip_prefix("ok")?;
        Some(Self { needs_vat_code: asks.contains('V'), needs_cost_centre: asks.contains('C') })
    }
}

/// What a VAT code does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vat {
    pub(super) percent: Decimal,
    pub(super) account: String,
    /// The other side of VAT that the buyer owes.
    pub(super) owed_account: String,
}

impl Vat {
    pub(super) fn of(row: &Row) -> Self {
        Self { percent: row.amount("VAT_PCT"), account: row.text("VAT_ACCT"), owed_account: row.text("ACCT_MEMO") }
    }

    /// As it is kept behind its code.
    pub(super) fn packed(&self) -> String {
        format!("{}|{}|{}", self.percent, self.account, self.owed_account)
    }

    fn unpack(text: &str) -> Option<Self> {
        let mut parts = text.split('|').map(str::to_owned);
        let (percent, account, owed_account) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { percent: Decimal::from_str_exact(&percent).ok()?, account, owed_account })
    }
}

/// A processed page, known by its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Processed {
    pub(super) journal: String,
    pub(super) page: String,
    /// A day of its year.
    pub(super) day: Date,
}

/// Somebody else's booking of the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foreign {
    pub(super) page: String,
    /// The whole invoice number, where it is told.
    pub(super) number: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Numbers of relations that fit, on the pages read so far, and whether each is blocked.
    pub(super) relations: Vec<(String, bool)>,
    /// Which page of a list was read last.
    pub(super) page: usize,
    /// Control account of the relation, once that was looked at.
    pub(super) control_account: Option<String>,
    /// Whether a relation was just made.
    pub(super) made: Looked,
    pub(super) journal: Looked,
    pub(super) period: Looked,
    /// Number of the period, where it is told.
    pub(super) period_number: Option<i64>,
    /// How many searches for bookings were made.
    pub(super) searched: usize,
    /// Journals and numbers of pages that were looked at.
    pub(super) pages: BTreeSet<(String, String)>,
    /// Processed pages still to be read.
    pub(super) unread: Vec<Processed>,
    pub(super) foreign: Option<Foreign>,
    /// Whether the page was sent in this attempt.
    pub(super) sent: Looked,
}

static NOTHING: Known = Known {
    relations: Vec::new(),
    page: 0,
    control_account: None,
    made: Looked::NotYet,
    journal: Looked::NotYet,
    period: Looked::NotYet,
    period_number: None,
    searched: 0,
    pages: BTreeSet::new(),
    unread: Vec::new(),
    foreign: None,
    sent: Looked::NotYet,
};

impl Known {
    pub(super) fn of(facts: &Facts) -> &Self {
        facts.own().unwrap_or(&NOTHING)
    }

    /// Adds to what is known.
    pub(super) fn change(facts: &mut Facts, change: impl FnOnce(&mut Self)) {
        if let Some(known) = facts.own_mut() {
            change(known);
        }
    }

    /// Looks for bookings from the beginning.
    pub(super) fn look_again(facts: &mut Facts) {
        Self::change(facts, |known| {
            (known.searched, known.page) = (0, 0);
            known.pages.clear();
            known.unread.clear();
            known.foreign = None;
        });
    }
}

/// What is known behind codes: learned in this push, or before.
#[derive(Clone, Copy)]
pub(super) struct Behind<'a>([&'a Codes; 2]);

impl<'a> Behind<'a> {
    pub(super) fn of(request: &PushRequest<'a>, facts: &'a Facts) -> Self {
        Self([&facts.codes, request.codes])
    }

    #[cfg(test)]
    pub(super) fn known(codes: &'a Codes) -> Self {
        Self([codes, codes])
    }

    pub(super) fn account(self, code: &AccountCode) -> Option<Account> {
        self.0.iter().find_map(|codes| Account::unpack(codes.accounts.get(code)?))
    }

    pub(super) fn vat(self, code: &VatCode) -> Option<Vat> {
        self.0.iter().find_map(|codes| Vat::unpack(codes.vat_codes.get(code)?))
    }

    pub(super) fn has_cost_centre(self, code: &CostCentre) -> bool {
        self.0.iter().any(|codes| codes.cost_centres.contains_key(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn what_is_kept_behind_codes_reads_back() {
        for (text, vat, cost) in [("ok ", false, false), ("ok V", true, false), ("ok VC", true, true)] {
            let account = Account::unpack(text).unwrap();
            assert_eq!((account.needs_vat_code, account.needs_cost_centre), (vat, cost), "{text}");
        }
        assert_eq!(Account::unpack("blocked"), None, "looked at again: it may be free by now");
        let vat = Vat { percent: dec!(21.00), account: "1520".into(), owed_account: String::new() };
        assert_eq!(Vat::unpack(&vat.packed()), Some(vat));
        assert_eq!(Vat::unpack("NONE"), None);
    }
}
