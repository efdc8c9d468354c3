use super::*;
use crate::ids::Id;
use ulid::Ulid;

fn administration(n: u64) -> AdministrationId {
    AdministrationId::from_ulid(Ulid::from_parts(n, 0))
}

fn connection() -> Connection {
    Connection {
        id: ConnectionId::from_ulid(Ulid::from_parts(1, 0)),
        system: "exact-online".parse().unwrap(),
        name: "Exact".into(),
        state: ConnectionState::Connected,
        licence_country: "NL".into(),
        intermediary: None,
        create_contacts: Choice::No,
        options: BTreeMap::new(),
        ledger_user: None,
        divisions: BTreeMap::from([
            (administration(1), "123456".parse().unwrap()),
            (administration(2), "123457".parse().unwrap()),
        ]),
        automation: AutomationSwitch::Off,
        automation_user: None,
        version: 1,
    }
}

fn robot() -> User {
    User {
        id: UserId::from_ulid(Ulid::from_parts(1, 0)),
        email: "robot@example.nl".into(),
        name: "Automatic user".into(),
        roles: Roles::new([Role::Accountant]).unwrap(),
        access: Access::All,
        ledger_users: BTreeMap::from([(connection().id, "2b5a".parse().unwrap())]),
        may_change_ibans: Choice::No,
        state: UserState::Active,
        version: 1,
    }
}

fn now() -> Instant {
    "2026-07-01T10:00:00Z".parse().unwrap()
}

#[test]
fn the_automation_user_must_be_an_accountant_with_access_and_a_ledger_user() {
    let mut user = robot();
    user.roles = Roles::new([Role::SmeAccountant]).unwrap();
    user.access = Access::Only(BTreeSet::from([administration(1)]));
    user.ledger_users.clear();
    let refused = connection().choose_automation_user(&user).unwrap_err();
    assert_eq!(
        refused,
        AutomationRefused::User(vec![
            UserProblem::NotAccountant,
            UserProblem::NoAccess(administration(2)),
            UserProblem::NotLinked
        ])
    );
    assert!(refused.to_string().contains("Accountant"), "it says which of them is missing: {refused}");
    assert!(connection().choose_automation_user(&robot()).is_ok());
    let disabled = User { state: UserState::Disabled, ..robot() };
    assert!(connection().choose_automation_user(&disabled).is_err());
}

#[test]
fn the_switch_needs_an_automation_user_and_is_off_by_default() {
    let mut connection = connection();
    assert_eq!(connection.automation, AutomationSwitch::Off);
    assert_eq!(connection.switch_on(None, AutoPosting::Offered, now()), Err(AutomationRefused::NoUser));
    connection.choose_automation_user(&robot()).unwrap();
    connection.switch_on(Some(&robot()), AutoPosting::Offered, now()).unwrap();
    assert_eq!(connection.automation, AutomationSwitch::On { since: now() });
    let later = now() + chrono::Duration::hours(1);
    connection.switch_on(Some(&robot()), AutoPosting::Offered, later).unwrap();
    assert_eq!(connection.automation, AutomationSwitch::On { since: now() }, "on since the first time");
}

#[test]
fn the_automation_user_stays_while_the_switch_is_on() {
    let mut connection = connection();
    connection.choose_automation_user(&robot()).unwrap();
    connection.switch_on(Some(&robot()), AutoPosting::Offered, now()).unwrap();
    assert_eq!(connection.remove_automation_user(), Err(AutomationRefused::SwitchedOn));
    connection.switch_off();
    assert_eq!(connection.remove_automation_user(), Ok(()));
    assert_eq!(connection.automation_user, None);
}

#[test]
fn behind_another_product_or_under_another_licence_it_is_refused() {
    for product in INTERMEDIARIES {
        let mut behind = Connection { intermediary: Some(intermediary(&product.to_uppercase())), ..connection() };
        behind.choose_automation_user(&robot()).unwrap();
        let refused = behind.switch_on(Some(&robot()), AutoPosting::Offered, now()).unwrap_err();
        assert_eq!(refused, AutomationRefused::Intermediary((*product).into()));
        assert_eq!(refused.code(), "intermediary");
        assert!(refused.to_string().contains(product), "{refused}");
    }
    assert_eq!(intermediary(" another "), "another");
    let mut belgian = Connection { licence_country: "BE".into(), ..connection() };
    belgian.choose_automation_user(&robot()).unwrap();
    let refused = belgian.switch_on(Some(&robot()), AutoPosting::NotOffered, now()).unwrap_err();
    assert_eq!(refused.code(), "auto_posting_not_offered");
}

#[test]
fn validity_is_checked_anew_for_each_decision() {
    let mut connection = connection();
    connection.choose_automation_user(&robot()).unwrap();
    connection.switch_on(Some(&robot()), AutoPosting::Offered, now()).unwrap();
    let valid = connection.automation(Some(&robot()), AutoPosting::Offered);
    assert_eq!(valid.user, AutomationUser::Valid(robot().id));
    let unlinked = User { ledger_users: BTreeMap::new(), ..robot() };
    let invalid = connection.automation(Some(&unlinked), AutoPosting::Offered);
    assert_eq!(invalid.user, AutomationUser::Invalid(robot().id, vec![UserProblem::NotLinked]));
    let gone = connection.automation(None, AutoPosting::Offered);
    assert_eq!(gone.user, AutomationUser::Invalid(robot().id, vec![UserProblem::Inactive]));
}

#[test]
fn the_last_superuser_stays() {
    let superuser = User { roles: Roles::new([Role::Superuser]).unwrap(), ..robot() };
    let demoted = robot();
    assert!(leaves_no_superuser([&superuser], &demoted));
    let second = User { id: UserId::from_ulid(Ulid::from_parts(2, 0)), ..superuser.clone() };
    assert!(!leaves_no_superuser([&superuser, &second], &demoted));
    let second_disabled = User { state: UserState::Disabled, ..second };
    assert!(leaves_no_superuser([&superuser, &second_disabled], &demoted));
}
