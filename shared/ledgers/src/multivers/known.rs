//! What a push learns beside what every ledger tells.

use super::{api::Paging, map::Link};
use crate::{
    error::LedgerError,
    push::{Facts, Looked},
};
use domain::{ledger::Project, time::Date};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// A supplier or customer of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) code: String,
    /// Letters and digits only.
    pub(super) vat_number: Option<String>,
    pub(super) registry: Option<String>,
    /// By which bank accounts know whose they are.
    pub(super) organisation: Option<String>,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) year: i64,
    pub(super) number: i64,
    pub(super) days: (Date, Date),
    /// The ledger's word for it when it is not open.
    pub(super) closed: Option<String>,
}

/// Invoices of the relation that may be this document.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    /// Fiscal years that were searched.
    pub(super) years: usize,
    /// Still to be read, the last one first.
    pub(super) unread: Vec<String>,
    pub(super) read: Vec<String>,
    /// Of somebody else: its number.
    pub(super) foreign: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    /// Where the list stands that is being read.
    pub(super) paging: Paging,
    pub(super) relations: Vec<Relation>,
    pub(super) relations_read: Looked,
    /// Suppliers who have a bank account of the contact.
    pub(super) owners: BTreeSet<String>,
    pub(super) owners_read: Looked,
    /// The next free code of a relation.
    pub(super) new_code: Option<String>,
    /// Years whose periods were asked for.
    pub(super) years: usize,
    pub(super) period: Option<Period>,
    /// Cost units that exist.
    pub(super) units: BTreeSet<Project>,
    pub(super) condition: Option<String>,
    pub(super) rate: Option<Decimal>,
    pub(super) search: Search,
    /// That the invoice is about to be sent was noted in this attempt.
    pub(super) announced: Looked,
    pub(super) link: Link,
    /// The id that was asked for beforehand.
    pub(super) invoice_id: Option<String>,
    /// Whether there is an invoice with the id that an earlier attempt had asked for.
    pub(super) probed: Looked,
    /// Why the invoice was refused: told once it is noted that nothing is under way.
    pub(super) refusal: Option<LedgerError>,
}

static NOTHING: Known = Known {
    paging: Paging { skip: 0, first: None },
    relations: Vec::new(),
    relations_read: Looked::NotYet,
    owners: BTreeSet::new(),
    owners_read: Looked::NotYet,
    new_code: None,
    years: 0,
    period: None,
    units: BTreeSet::new(),
    condition: None,
    rate: None,
    search: Search { years: 0, unread: Vec::new(), read: Vec::new(), foreign: None },
    announced: Looked::NotYet,
    link: Link::Sent,
    invoice_id: None,
    probed: Looked::NotYet,
    refusal: None,
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
}
