//! Which document a customer is shown: in mails, behind links, in print and at marketplaces (CO-13).

use super::{Connector, Copy, Issued, Ksef, Passing};
use crate::{
    office::Choice,
    reason::Reason,
    words::{Acted, Note},
};

/// The document that a customer is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerCopy {
    /// Ours, with this number on it.
    Ours {
        /// The number that counts.
        number: String,
    },
    /// The ledger's.
    Ledgers,
    /// What was attached in place of ours (CO-35).
    Replacement {
        /// What it is kept as.
        file: String,
    },
    /// It will be there by itself; what is waited for.
    Awaited(Reason),
    /// There is none, and nothing else may take its place; why.
    Missing(Reason),
}

impl Issued {
    /// Which document the customer is shown. Where the settings show the ledger's, ours never takes its place: only a document that
    /// the settings keep here is shown as ours.
    pub fn customer_copy(&self, connector: Option<&Connector>) -> CustomerCopy {
        if let Some(file) = self.replacement.as_ref().and_then(|replacement| replacement.pdf.clone()) {
            return CustomerCopy::Replacement { file };
        }
        let shows_ledgers = connector.is_some_and(|connector| connector.show_ledger_document == Choice::Yes);
        match self.passing {
            Passing::Withheld => self.ours(),
            Passing::Passed if shows_ledgers => self.ledgers(),
            Passing::Passing if shows_ledgers => CustomerCopy::Awaited(Reason::said(&Acted::AwaitsLedger)),
            Passing::NotPassed | Passing::Failed | Passing::Uncertain if shows_ledgers => {
                CustomerCopy::Missing(Reason::said(&Acted::NotInLedgerYet))
            }
            Passing::NotPassed | Passing::Passing | Passing::Passed | Passing::Failed | Passing::Uncertain => {
                self.ours()
            }
        }
    }

    /// Ours, once its number is known: a document without the number that counts is shown to nobody.
    fn ours(&self) -> CustomerCopy {
        match (self.legal_number(), self.passing) {
            (Some(number), _) => CustomerCopy::Ours { number: number.to_owned() },
            (None, Passing::Passing) => CustomerCopy::Awaited(Reason::said(&Acted::AwaitsLedger)),
            (None, Passing::NotPassed | Passing::Withheld | Passing::Passed | Passing::Failed | Passing::Uncertain) => {
                CustomerCopy::Missing(Reason::said(&Acted::NotInLedgerYet))
            }
        }
    }

    fn ledgers(&self) -> CustomerCopy {
        let Some(passed) = &self.passed else { return CustomerCopy::Awaited(Reason::said(&Acted::AwaitsLedger)) };
        match &passed.copy {
            Copy::Missing { .. } => CustomerCopy::Missing(Reason::said(&Note::NoLedgerPdf)),
            Copy::Awaited => CustomerCopy::Awaited(Reason::said(&Acted::AwaitsPdf)),
            Copy::Fetched { .. } => match &passed.ksef {
                // Before the tax office has numbered it, the document is none yet.
                Some(Ksef::Awaited { .. }) => CustomerCopy::Awaited(Reason::said(&Acted::AwaitsKsef)),
                Some(Ksef::Refused { .. }) => CustomerCopy::Missing(Reason::said(&Acted::KsefRefused)),
                Some(Ksef::Accepted { .. } | Ksef::NotApplicable) | None => CustomerCopy::Ledgers,
            },
        }
    }
}

#[cfg(test)]
#[path = "customer_copy_tests.rs"]
mod tests;
