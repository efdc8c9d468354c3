//! How the accountant finds a document: its accounting status with the explanation (ED-16).

use super::{Delivery, DeliveryState, NotMailed};
use crate::{
    document::{Actor, Shared, Status},
    reason::Reason,
    time::Instant,
    words::Mailed,
};
use serde::{Deserialize, Serialize};

/// ED-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountingStatus {
    /// The client has to do something first.
    ClientActionNeeded,
    /// It is to go out.
    Queued,
    /// It went out: the accountant can process it.
    ReadyToProcess,
    /// It is in the books.
    Processed,
    /// It did not arrive: send it again, or process it by hand.
    Error,
}

impl AccountingStatus {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::ClientActionNeeded, Self::Queued, Self::ReadyToProcess, Self::Processed, Self::Error];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientActionNeeded => "client_action_needed",
            Self::Queued => "queued",
            Self::ReadyToProcess => "ready_to_process",
            Self::Processed => "processed",
            Self::Error => "error",
        }
    }
}

/// That a person marked a document as processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processed {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// A status with its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: AccountingStatus,
    /// What is shown when somebody asks why.
    pub why: Reason,
}

/// What is known of a shared document without deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmailed<'a> {
    /// Its mails are about to be made.
    Armed,
    /// Why connections would not send it as things are now.
    Left(&'a [NotMailed]),
}

/// The accounting status of a document with these deliveries.
pub fn standing(
    status: Status,
    shared: Option<Shared>,
    processed: Option<&Processed>,
    deliveries: &[Delivery],
    unmailed: Unmailed<'_>,
) -> Standing {
    let said = |status: AccountingStatus, why: Mailed| Standing { status, why: Reason::said(&why) };
    if processed.is_some() {
        return said(AccountingStatus::Processed, Mailed::ProcessedByHand);
    }
    if status == Status::Posted {
        return said(AccountingStatus::Processed, Mailed::InLedger);
    }
    if shared.is_none() {
        return said(AccountingStatus::ClientActionNeeded, Mailed::WantsSharing);
    }
    let latest = latest(deliveries);
    let of = |delivery: &Delivery, status: AccountingStatus, usual: Mailed| Standing {
        status,
        why: delivery.reason.clone().unwrap_or_else(|| Reason::said(&usual)),
    };
    if let Some(failed) = latest.iter().find(|delivery| delivery.state.is_error()) {
        return of(failed, AccountingStatus::Error, Mailed::Lost);
    }
    let waits = |delivery: &&&Delivery| match delivery.state {
        DeliveryState::Queued | DeliveryState::Held | DeliveryState::Sending | DeliveryState::NotShared => true,
        DeliveryState::Sent
        | DeliveryState::Delivered
        | DeliveryState::Delayed
        | DeliveryState::Bounced
        | DeliveryState::Complained
        | DeliveryState::Rejected
        | DeliveryState::Failed
        | DeliveryState::Uncertain => false,
    };
    if let Some(waiting) = latest.iter().find(waits) {
        return of(waiting, AccountingStatus::Queued, Mailed::WaitsToGo);
    }
    match (latest.first(), unmailed) {
        (Some(gone), _) => of(gone, AccountingStatus::ReadyToProcess, Mailed::Gone),
        (None, Unmailed::Armed) => said(AccountingStatus::Queued, Mailed::WaitsToGo),
        (None, Unmailed::Left(left)) => {
            let why = left.iter().min().map_or(Mailed::NoConnection, |why| why.said());
            said(AccountingStatus::Queued, why)
        }
    }
}

/// Of each address the latest delivery: one that was sent again takes the place of the one that failed.
fn latest(deliveries: &[Delivery]) -> Vec<&Delivery> {
    let mut latest: Vec<&Delivery> = Vec::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.counts()) {
        match latest.iter_mut().find(|there| there.to.mailbox() == delivery.to.mailbox()) {
            Some(there) if there.at < delivery.at => *there = delivery,
            Some(_) => {}
            None => latest.push(delivery),
        }
    }
    latest
}

impl NotMailed {
    /// In words.
    pub fn said(self) -> Mailed {
        match self {
            Self::NotSharing => Mailed::NotSharing,
            Self::BeforeActivation => Mailed::BeforeActivation,
            Self::NoAddress => Mailed::NoAddress,
            Self::OutOfScope => Mailed::OutOfScope,
            Self::AlreadyPosted => Mailed::AlreadyPosted,
            Self::ByHand => Mailed::ByHand,
            Self::NoPackage => Mailed::NoPackage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::SharedAs,
        ids::{AdministrationId, DeliveryId, DocumentId, Id, MailConnectionId},
        mail::{Form, Home, MailKind, Purpose},
        office::Choice,
    };
    use chrono::TimeDelta;
    use ulid::Ulid;

    fn now() -> Instant {
        "2026-03-10T10:00:00Z".parse().unwrap()
    }

    fn delivery(to: &str, state: DeliveryState, minutes: i64) -> Delivery {
        let id = Ulid::from_parts(1, 1);
        Delivery {
            id: DeliveryId::from_ulid(id),
            home: Home::Received(DocumentId::from_ulid(id)),
            administration: AdministrationId::from_ulid(id),
            version: 1,
            purpose: Purpose::Accounting {
                connection: MailConnectionId::from_ulid(id),
                also: Vec::new(),
                kind: MailKind::Purchase,
                pdf_alongside: Choice::No,
                quiet: Choice::No,
            },
            to: to.parse().unwrap(),
            form: Form::Attachment,
            state,
            reason: None,
            due: now(),
            link: None,
            message_id: None,
            put_off: 0,
            by: Actor::System,
            at: now() + TimeDelta::minutes(minutes),
            sent_at: None,
            updated_at: now(),
        }
    }

    fn shown(deliveries: &[Delivery]) -> AccountingStatus {
        let shared = Some(Shared { how: SharedAs::Accepted, at: now() });
        standing(Status::Shared, shared, None, deliveries, Unmailed::Left(&[])).status
    }

    #[test]
    fn each_state_of_a_delivery_has_its_status() {
        use {AccountingStatus as A, DeliveryState as D};
        for state in D::ALL {
            let wanted = match state {
                D::Queued | D::Held | D::Sending | D::NotShared => A::Queued,
                D::Sent | D::Delivered | D::Delayed => A::ReadyToProcess,
                D::Bounced | D::Complained | D::Rejected | D::Failed | D::Uncertain => A::Error,
            };
            assert_eq!(shown(&[delivery("in@x.example", state, 0)]), wanted, "{state}");
        }
    }

    #[test]
    fn the_latest_word_on_each_address_counts() {
        use {AccountingStatus as A, DeliveryState as D};
        let failed = delivery("in@x.example", D::Bounced, 0);
        let again = delivery("IN@x.example", D::Delivered, 5);
        assert_eq!(shown(&[failed.clone(), again.clone()]), A::ReadyToProcess);
        assert_eq!(shown(&[again, failed.clone()]), A::ReadyToProcess);
        assert_eq!(shown(&[failed, delivery("other@x.example", D::Delivered, 5)]), A::Error);
    }

    #[test]
    fn quiet_deliveries_leave_the_status_alone() {
        let mut quiet = delivery("in@x.example", DeliveryState::Delivered, 0);
        if let Purpose::Accounting { quiet, .. } = &mut quiet.purpose {
            *quiet = Choice::Yes;
        }
        assert_eq!(shown(&[quiet]), AccountingStatus::Queued);
    }

    #[test]
    fn what_a_person_or_the_ledger_did_counts_most() {
        let bounced = [delivery("in@x.example", DeliveryState::Bounced, 0)];
        let processed = Processed { by: Actor::System, at: now() };
        let by_hand = standing(Status::Shared, None, Some(&processed), &bounced, Unmailed::Armed);
        assert_eq!(
            (by_hand.status, by_hand.why.code.as_str()),
            (AccountingStatus::Processed, "mail_processed_by_hand")
        );
        assert_eq!(standing(Status::Posted, None, None, &bounced, Unmailed::Armed).status, AccountingStatus::Processed);
    }

    #[test]
    fn without_a_delivery_it_says_why() {
        let none = standing(Status::Complete, None, None, &[], Unmailed::Armed);
        assert_eq!((none.status, none.why.code.as_str()), (AccountingStatus::ClientActionNeeded, "mail_wants_sharing"));
        let shared = Some(Shared { how: SharedAs::Accepted, at: now() });
        let left =
            standing(Status::Shared, shared, None, &[], Unmailed::Left(&[NotMailed::NoAddress, NotMailed::NotSharing]));
        assert_eq!((left.status, left.why.code.as_str()), (AccountingStatus::Queued, "mail_not_sharing"));
        assert_eq!(standing(Status::Shared, shared, None, &[], Unmailed::Left(&[])).why.code, "mail_no_connection");
        assert_eq!(standing(Status::Shared, shared, None, &[], Unmailed::Armed).why.code, "mail_waits_to_go");
    }
}
