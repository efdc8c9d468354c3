//! Which documents of a list are wanted, and how DynamoDB is told. What a filter keeps back is read and paid for all the same.

use super::head::{BOOKED_AT, CONTACT, GROSS, GROSS_ABSOLUTE, ISSUED, KIND, POSTED_BY, POSTED_RULE, STATUS, TAG};
use crate::{
    expression::Expression,
    item::{instant, number, text},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    document::Status,
    figures::How,
    ids::{ContactId, UserId},
    invoice::InvoiceKind,
    ledger::Direction,
    time::{Date, Instant},
};
use rust_decimal::Decimal;

/// A time between two instants; without one of them it has no end on that side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// At or after this.
    pub from: Option<Instant>,
    /// Before this.
    pub before: Option<Instant>,
}

/// Whether documents give money back: credit notes, and invoices with a negative total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credit {
    /// Only those.
    Only,
    /// All but those.
    Without,
}

/// Which documents of a list are wanted; what is not said does not matter (AP-58).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Their status.
    pub status: Option<Status>,
    /// Their supplier or customer.
    pub contact: Option<ContactId>,
    /// Purchase or sales.
    pub tag: Option<Direction>,
    /// Posted by this user; the automation user is one (AP-31).
    pub posted_by: Option<UserId>,
    /// Posted so (AP-32).
    pub posted: Option<How>,
    /// Posted then: when the booking was recorded.
    pub posted_at: Span,
    /// Dated on or after this.
    pub issued_from: Option<Date>,
    /// Dated on or before this.
    pub issued_to: Option<Date>,
    /// Total, without its sign, of at least this.
    pub gross_from: Option<Decimal>,
    /// Total, without its sign, of at most this.
    pub gross_to: Option<Decimal>,
    /// Whether they give money back (AP-32).
    pub credit: Option<Credit>,
}

/// An attribute compared with a value; nothing when there is none.
fn compared(name: &str, operator: &str, value: &str, of: Option<AttributeValue>) -> Option<Expression> {
    of.map(|of| Expression::new(format!("#{name} {operator} :{value}")).with(value, of))
}

impl Filter {
    /// As DynamoDB is told. What lacks an attribute that is compared is not wanted.
    pub(super) fn expression(&self) -> Option<Expression> {
        let status = |status: Status| text(status.as_str());
        let day = |day: Date| text(day.to_string());
        let posted = self.posted.map(|how| {
            let function = match how {
                How::Automatically => "attribute_exists",
                How::ByHand => "attribute_not_exists",
            };
            Expression::new(format!("{function}(#{POSTED_RULE})"))
        });
        let credit = self.credit.map(|credit| {
            let is_credit = format!("#{KIND} = :credit_note OR begins_with(#{GROSS}, :minus)");
            // DynamoDB takes no parentheses within parentheses, and `and` sets some.
            let wanted = match credit {
                Credit::Only => is_credit,
                Credit::Without => format!("NOT ({is_credit})"),
            };
            Expression::new(wanted).with("credit_note", text(InvoiceKind::CreditNote.as_str())).with("minus", text("-"))
        });
        // Who wanted a posting that came to nothing stays with the document.
        let asks_who = self.posted_by.is_some() || self.posted.is_some();
        let only_posted = asks_who.then(|| status(Status::Posted));
        [
            compared(STATUS, "=", "status", self.status.map(status)),
            compared(STATUS, "=", "posted", only_posted),
            compared(CONTACT, "=", "contact", self.contact.map(|contact| text(contact.to_string()))),
            compared(TAG, "=", "tag", self.tag.map(|tag| text(tag.as_str()))),
            compared(POSTED_BY, "=", "user", self.posted_by.map(|user| text(user.to_string()))),
            posted,
            compared(BOOKED_AT, ">=", "posted_from", self.posted_at.from.map(instant)),
            compared(BOOKED_AT, "<", "posted_before", self.posted_at.before.map(instant)),
            compared(ISSUED, ">=", "issued_from", self.issued_from.map(day)),
            compared(ISSUED, "<=", "issued_to", self.issued_to.map(day)),
            compared(GROSS_ABSOLUTE, ">=", "gross_from", self.gross_from.map(number)),
            compared(GROSS_ABSOLUTE, "<=", "gross_to", self.gross_to.map(number)),
            credit,
        ]
        .into_iter()
        .flatten()
        .reduce(Expression::and)
    }

    /// Where to look: nothing is posted before it is received.
    pub(super) fn within(&self, received: Span) -> Span {
        let before = [received.before, self.posted_at.before].into_iter().flatten().min();
        Span { before, ..received }
    }
}
