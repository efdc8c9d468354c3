use super::*;
use crate::{
    ids::Id,
    office::Access,
    permission::{Role, Roles},
};
use DeletionRefused as R;
use std::collections::BTreeSet;

fn id<I: Id>(number: u128) -> I {
    I::from_ulid(ulid::Ulid::from_parts(1_760_000_000_000, number))
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn retention_counts_whole_years_from_the_end_of_a_year() {
    for (country, received, erasable) in [
        (Some("NL"), "2026-01-01", "2034-01-01"),
        (Some("NL"), "2026-12-31", "2034-01-01"),
        (Some("PL"), "2026-12-31", "2033-01-01"),
        (Some("DE"), "2026-06-01", "2035-01-01"),
        (Some("BE"), "2026-06-01", "2037-01-01"),
        (Some("XX"), "2026-06-01", "2037-01-01"),
        (None, "2026-06-01", "2037-01-01"),
    ] {
        assert_eq!(erasable_from(country, day(received)), day(erasable), "{country:?} {received}");
    }
    let longest = RETENTION.iter().map(|row| row.years + row.begins_after).max().unwrap();
    assert_eq!(longest, RETENTION_ELSEWHERE.years, "where nothing is known, as long as anywhere");
}

#[test]
fn only_what_was_merely_delivered_is_not_bound() {
    let free: Vec<_> = Status::ALL.iter().filter(|status| !status.is_bound_by_retention()).collect();
    assert_eq!(free, [&Status::Received, &Status::Deleted]);
}

fn confirmation(by: UserId, superusers: Superusers, now: &str) -> Confirmation<'static> {
    Confirmation { by, token: "digest", name: " My office ", office: "My office", superusers, now: at(now), job: id(9) }
}

#[test]
fn a_deletion_is_confirmed_by_a_second_superuser_or_a_day_later() {
    let asked = Deletion::requested(id(1), at("2026-07-01T10:00:00Z"), "digest".to_owned());
    assert!(!asked.closes() && asked.erases_at().is_none());
    let soon = "2026-07-01T10:00:01Z";
    let same_day = confirmation(id(1), Superusers::Only, soon);
    assert_eq!(asked.confirmed(same_day), Err(R::TooSoon(at("2026-07-02T10:00:00Z"))));
    let later = confirmation(id(1), Superusers::Only, "2026-07-02T10:00:00Z");
    assert!(asked.confirmed(later).unwrap().closes());
    let same = confirmation(id(1), Superusers::Several, "2026-07-09T10:00:00Z");
    assert_eq!(asked.confirmed(same), Err(R::AnotherSuperuser), "however late");
    let second = asked.confirmed(confirmation(id(2), Superusers::Several, soon)).unwrap();
    assert_eq!(second.erases_at(), Some(at("2026-07-31T10:00:01Z")));
    assert_eq!(second.version, 2);
    assert_eq!(second.confirmed(confirmation(id(2), Superusers::Several, soon)), Err(R::Confirmed));
}

#[test]
fn a_confirmation_needs_the_token_the_name_and_a_fresh_request() {
    let asked = Deletion::requested(id(1), at("2026-07-01T10:00:00Z"), "digest".to_owned());
    let good = confirmation(id(2), Superusers::Several, "2026-07-02T10:00:00Z");
    assert_eq!(asked.confirmed(Confirmation { token: "other", ..good }), Err(R::Token));
    assert_eq!(asked.confirmed(Confirmation { name: "my office", ..good }), Err(R::Name));
    assert_eq!(asked.confirmed(Confirmation { now: at("2026-07-15T10:00:00Z"), ..good }), Err(R::Lapsed));
}

#[test]
fn a_deletion_can_be_cancelled_until_erasing_begins() {
    let asked = Deletion::requested(id(1), at("2026-07-01T10:00:00Z"), "digest".to_owned());
    assert_eq!(asked.check_cancel(), Ok(()));
    let confirmed = asked.confirmed(confirmation(id(2), Superusers::Several, "2026-07-02T10:00:00Z")).unwrap();
    assert_eq!(confirmed.check_cancel(), Ok(()));
    let erasing = confirmed.erasing(id(9), at("2026-08-02T10:00:00Z"), None);
    assert_eq!(erasing.check_cancel(), Err(R::Erasing));
    let kept = erasing.erasing(id(9), at("2027-01-01T00:00:00Z"), Some(day("2034-01-01")));
    assert_eq!(kept.erases_at(), Some(at("2026-08-02T10:00:00Z")), "it began once");
}

#[test]
fn an_erased_user_keeps_id_and_rights_and_nothing_that_tells_who_he_is() {
    let user = User {
        id: id(7),
        email: "ann@example.nl".to_owned(),
        name: "Ann Jansen".to_owned(),
        roles: Roles::new([Role::Accountant]).unwrap(),
        access: Access::Only(BTreeSet::from([id(1)])),
        ledger_users: BTreeMap::from([(id(3), "ann.jansen".parse().unwrap())]),
        may_change_ibans: Choice::Yes,
        state: UserState::Active,
        version: 4,
    };
    let erased = erased_user(&user);
    assert_eq!((erased.id, &erased.roles, &erased.access, erased.version), (user.id, &user.roles, &user.access, 5));
    let text = serde_json::to_string(&erased).unwrap().to_lowercase();
    assert!(!text.contains("ann") && !text.contains("jansen"), "{text}");
    assert_eq!(erased.state, UserState::Disabled);
    assert_ne!(pseudonym(id(7)), pseudonym(id(8)));
}
