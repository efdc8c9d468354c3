//! Posting templates that a ledger keeps itself, with the supplier or customer (AP-40).

use crate::{
    call::{Answer, Call, Target},
    descriptor::Options,
    error::LedgerError,
};
use domain::{
    ledger::{Direction, LedgerContact},
    template::{Kept, PostingTemplate},
};

/// A ledger that keeps posting rules with its relations. Pure, as [`crate::Ledger`] is: see [`crate::Client::relation`].
pub trait KeepsTemplates: Sync {
    /// Asks for a relation.
    fn read(&self, at: &Target, direction: Direction, relation: &LedgerContact) -> Result<Call, LedgerError>;

    /// Reads its answer: what is kept with the relation.
    fn kept(&self, options: &Options, relation: &Answer) -> Result<Kept, LedgerError>;

    /// The request after which the relation that was read has our rule for this template, or none of ours; `None` when that
    /// is so already. What others keep with the relation stays.
    fn write(
        &self,
        at: &Target,
        options: &Options,
        relation: &Answer,
        template: Option<&PostingTemplate>,
    ) -> Result<Option<Call>, LedgerError>;

    /// Reads its answer.
    fn written(&self, answer: &Answer) -> Result<(), LedgerError>;
}

/// A relation of the ledger, as it was read a moment ago.
#[derive(Debug)]
pub struct Relation {
    /// What is kept with it.
    pub kept: Kept,
    pub(crate) answer: Answer,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was written, or taken away.
    Now,
    /// It was so already.
    Before,
}
