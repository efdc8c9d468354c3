use super::*;
use crate::ids::Id;
use DeliveryEvent as E;
use DeliveryState as S;
use ulid::Ulid;

/// Every event that says something new; all others change nothing.
const TABLE: &[(S, E, S)] = &[
    (S::Queued, E::Send, S::Sending),
    (S::Queued, E::Failed, S::Failed),
    (S::Queued, E::Hold, S::Held),
    (S::Queued, E::SwitchOff, S::NotShared),
    (S::Held, E::Release, S::Queued),
    (S::Held, E::SwitchOff, S::NotShared),
    (S::Sending, E::Taken, S::Sent),
    (S::Sending, E::PutOff, S::Queued),
    (S::Sending, E::Refused, S::Rejected),
    (S::Sending, E::Lost, S::Uncertain),
    (S::Sending, E::Failed, S::Failed),
    (S::Sending, E::ToldSent, S::Sent),
    (S::Sending, E::ToldDelivered, S::Delivered),
    (S::Sending, E::ToldDelayed, S::Delayed),
    (S::Sending, E::ToldBounced, S::Bounced),
    (S::Sending, E::ToldComplained, S::Complained),
    (S::Sending, E::ToldRejected, S::Rejected),
    (S::Uncertain, E::Taken, S::Sent),
    (S::Uncertain, E::ToldSent, S::Sent),
    (S::Uncertain, E::ToldDelivered, S::Delivered),
    (S::Uncertain, E::ToldDelayed, S::Delayed),
    (S::Uncertain, E::ToldBounced, S::Bounced),
    (S::Uncertain, E::ToldComplained, S::Complained),
    (S::Uncertain, E::ToldRejected, S::Rejected),
    (S::Uncertain, E::Confirm, S::Delivered),
    (S::Sent, E::ToldDelivered, S::Delivered),
    (S::Sent, E::ToldDelayed, S::Delayed),
    (S::Sent, E::ToldBounced, S::Bounced),
    (S::Sent, E::ToldComplained, S::Complained),
    (S::Sent, E::ToldRejected, S::Rejected),
    (S::Delayed, E::ToldDelivered, S::Delivered),
    (S::Delayed, E::ToldBounced, S::Bounced),
    (S::Delayed, E::ToldComplained, S::Complained),
    (S::Delivered, E::ToldBounced, S::Bounced),
    (S::Delivered, E::ToldComplained, S::Complained),
    (S::Bounced, E::ToldComplained, S::Complained),
];

const EVENTS: [E; 16] = [
    E::Send,
    E::Taken,
    E::PutOff,
    E::Refused,
    E::Lost,
    E::Failed,
    E::Hold,
    E::Release,
    E::SwitchOff,
    E::ToldSent,
    E::ToldDelivered,
    E::ToldDelayed,
    E::ToldBounced,
    E::ToldComplained,
    E::ToldRejected,
    E::Confirm,
];

fn now() -> Instant {
    "2026-03-10T10:00:00Z".parse().unwrap()
}

fn delivery(state: S) -> Delivery {
    Delivery {
        id: DeliveryId::from_ulid(Ulid::from_parts(1, 1)),
        home: Home::Received(DocumentId::from_ulid(Ulid::from_parts(1, 1))),
        administration: AdministrationId::from_ulid(Ulid::from_parts(1, 1)),
        version: 1,
        purpose: Purpose::Accounting {
            connection: MailConnectionId::from_ulid(Ulid::from_parts(1, 1)),
            also: Vec::new(),
            kind: MailKind::Purchase,
            pdf_alongside: Choice::No,
            quiet: Choice::No,
        },
        to: "in@x.example".parse().unwrap(),
        form: Form::Attachment,
        state,
        reason: None,
        due: now(),
        link: None,
        message_id: None,
        put_off: 0,
        by: Actor::System,
        at: now(),
        sent_at: None,
        updated_at: now(),
    }
}

#[test]
fn every_pair_of_state_and_event() {
    for state in S::ALL {
        for event in EVENTS {
            let wanted = TABLE.iter().find(|(from, on, _)| *from == state && *on == event).map(|(_, _, to)| *to);
            assert_eq!(state.after(event), wanted, "{state} + {event:?}");
        }
    }
}

#[test]
fn what_ses_tells_leads_to_the_same_end_in_any_order_and_twice() {
    let told = [E::ToldSent, E::ToldDelivered, E::ToldDelayed, E::Taken];
    let end = |events: &[E]| events.iter().fold(S::Sending, |state, event| state.after(*event).unwrap_or(state));
    for first in told {
        for second in told {
            for third in told {
                let events = [first, second, third, E::ToldDelivered, first];
                assert_eq!(end(&events), S::Delivered, "{events:?}");
            }
        }
    }
    for first in told {
        assert_eq!(end(&[first, E::ToldBounced, first, E::ToldBounced]), S::Bounced);
        assert_eq!(end(&[E::ToldBounced, first, E::ToldComplained, first]), S::Complained);
    }
}

#[test]
fn nothing_that_may_be_out_goes_back_to_the_queue_unless_ses_said_no() {
    for state in S::ALL.into_iter().filter(|state| state.is_out()) {
        for event in EVENTS.into_iter().filter(|event| *event != E::PutOff) {
            assert_ne!(state.after(event), Some(S::Queued), "{state} + {event:?}");
        }
    }
}

#[test]
fn what_is_put_off_waits_longer_each_time() {
    let mut delivery = delivery(S::Sending);
    let mut waits = Vec::new();
    for _ in 0..8 {
        delivery = delivery.after(E::PutOff, None, now()).unwrap();
        waits.push((delivery.due - now()).num_minutes());
        delivery = delivery.after(E::Send, None, now()).unwrap();
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(delivery.due, now() + SETTLE);
}

#[test]
fn homes_and_states_read_back() {
    let id = Ulid::from_parts(1, 7);
    for home in [
        Home::Received(Id::from_ulid(id)),
        Home::Issued(Id::from_ulid(id)),
        Home::Order(Id::from_ulid(id)),
        Home::Run(Id::from_ulid(id)),
        Home::Connection(Id::from_ulid(id)),
    ] {
        assert_eq!(home.to_string().parse(), Ok(home));
    }
    assert!("usr_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse::<Home>().is_err());
    for state in S::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
        let stored = serde_json::to_string(&delivery(state)).unwrap();
        assert!(stored.len() < 800, "it fits into one write unit: {}", stored.len());
        assert_eq!(serde_json::from_str::<Delivery>(&stored).unwrap(), delivery(state));
    }
}
