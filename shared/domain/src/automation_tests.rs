use super::*;
use crate::ids::Id;
use proptest::prelude::*;
use rust_decimal::dec;
use ulid::Ulid;

fn at(text: &str) -> Instant {
    format!("2026-07-01T{text}:00Z").parse().unwrap()
}

fn user() -> UserId {
    UserId::from_ulid(Ulid::from_parts(1, 1))
}

fn contact() -> ContactId {
    ContactId::from_ulid(Ulid::from_parts(1, 2))
}

fn rule(n: u64, documents: DocumentScope, max_amount: Option<Decimal>) -> AutomationRule {
    AutomationRule {
        id: RuleId::from_ulid(Ulid::from_parts(n, 0)),
        version: 1,
        contact: contact(),
        documents,
        max_amount,
        effective_from: at("09:00"),
        state: RuleState::Active,
    }
}

fn on() -> Automation {
    Automation {
        switch: AutomationSwitch::On { since: at("08:00") },
        user: AutomationUser::Valid(user()),
        link: LedgerLink::Direct,
        auto_posting: AutoPosting::Offered,
    }
}

fn document(format: DocumentFormat, gross: Decimal) -> Candidate<'static> {
    Candidate {
        completeness: Completeness::Complete,
        contact: Some(contact()),
        format,
        gross: Some(gross),
        received_at: at("10:00"),
        holds: &[],
    }
}

fn posted_by(decision: &Decision) -> Option<RuleId> {
    match decision.outcome {
        Outcome::Post { rule, .. } => Some(rule),
        Outcome::Stay { .. } => None,
    }
}

fn stays(decision: &Decision) -> Option<StayReason> {
    match decision.outcome {
        Outcome::Post { .. } => None,
        Outcome::Stay { reason } => Some(reason),
    }
}

/// The worked examples of table 1.12.
mod table_1_12 {
    use super::*;

    #[test]
    fn a_pdf_under_a_ubl_only_rule_stays() {
        let decision = decide(&on(), &document(DocumentFormat::Pdf, dec!(50)), &[rule(1, DocumentScope::Ubl, None)]);
        assert_eq!(stays(&decision), Some(StayReason::NotUbl));
    }

    #[test]
    fn an_amount_equal_to_the_maximum_is_posted() {
        let rules = [rule(1, DocumentScope::All, Some(dec!(1000.00)))];
        assert_eq!(posted_by(&decide(&on(), &document(DocumentFormat::Ubl, dec!(1000)), &rules)), Some(rules[0].id));
        assert_eq!(
            stays(&decide(&on(), &document(DocumentFormat::Ubl, dec!(1000.01)), &rules)),
            Some(StayReason::AboveMaximum)
        );
    }

    #[test]
    fn the_total_including_vat_counts() {
        let gross = crate::money::to_cents(dec!(826.45) * dec!(1.21));
        let rules = [rule(1, DocumentScope::All, Some(dec!(1000.00)))];
        assert!(posted_by(&decide(&on(), &document(DocumentFormat::Ubl, gross), &rules)).is_some());
    }

    #[test]
    fn one_matching_rule_is_enough() {
        let rules = [rule(1, DocumentScope::Ubl, None), rule(2, DocumentScope::All, Some(dec!(100)))];
        let decision = decide(&on(), &document(DocumentFormat::Ubl, dec!(5000)), &rules);
        assert_eq!(posted_by(&decision), Some(rules[0].id));
        let decision = decide(&on(), &document(DocumentFormat::Pdf, dec!(100)), &rules);
        assert_eq!(posted_by(&decision), Some(rules[1].id));
        let decision = decide(&on(), &document(DocumentFormat::Pdf, dec!(5000)), &rules);
        assert_eq!(stays(&decision), Some(StayReason::NoRuleMatches));
    }

    #[test]
    fn a_document_received_before_the_rule_stays() {
        let mut late = rule(1, DocumentScope::All, None);
        late.effective_from = at("10:05");
        let decision = decide(&on(), &document(DocumentFormat::Ubl, dec!(1)), &[late]);
        assert_eq!(stays(&decision), Some(StayReason::ReceivedBeforeRule));
    }

    #[test]
    fn switched_off_stays_green() {
        let off = Automation { switch: AutomationSwitch::Off, ..on() };
        let decision = decide(&off, &document(DocumentFormat::Ubl, dec!(1)), &[rule(1, DocumentScope::All, None)]);
        assert_eq!(stays(&decision), Some(StayReason::AutomationOff));
    }

    #[test]
    fn an_orange_document_stays() {
        let orange = Candidate { completeness: Completeness::Incomplete, ..document(DocumentFormat::Ubl, dec!(1)) };
        let decision = decide(&on(), &orange, &[rule(1, DocumentScope::All, None)]);
        assert_eq!(stays(&decision), Some(StayReason::Incomplete));
    }
}

#[test]
fn the_absolute_amount_is_compared() {
    let rules = [rule(1, DocumentScope::All, Some(dec!(100)))];
    assert!(posted_by(&decide(&on(), &document(DocumentFormat::Ubl, dec!(-100)), &rules)).is_some());
    let decision = decide(&on(), &document(DocumentFormat::Ubl, dec!(-100.01)), &rules);
    assert_eq!(stays(&decision), Some(StayReason::AboveMaximum));
}

#[test]
fn what_was_received_before_the_switch_was_turned_on_stays() {
    let late = Automation { switch: AutomationSwitch::On { since: at("11:00") }, ..on() };
    let decision = decide(&late, &document(DocumentFormat::Ubl, dec!(1)), &[rule(1, DocumentScope::All, None)]);
    assert_eq!(stays(&decision), Some(StayReason::ReceivedBeforeSwitch));
}

#[test]
fn each_general_condition_has_its_reason() {
    let rules = [rule(1, DocumentScope::All, None)];
    let cases = [
        (Automation { user: AutomationUser::None, ..on() }, StayReason::AutomationUserMissing),
        (
            Automation { user: AutomationUser::Invalid(user(), vec![UserProblem::NotLinked]), ..on() },
            StayReason::AutomationUserInvalid,
        ),
        (Automation { link: LedgerLink::Behind("Planergy".into()), ..on() }, StayReason::Intermediary),
        (Automation { auto_posting: AutoPosting::NotOffered, ..on() }, StayReason::AutoPostingNotOffered),
    ];
    for (automation, reason) in cases {
        assert_eq!(stays(&decide(&automation, &document(DocumentFormat::Ubl, dec!(1)), &rules)), Some(reason));
    }
    let done = Candidate { completeness: Completeness::NotWaiting, ..document(DocumentFormat::Ubl, dec!(1)) };
    assert_eq!(stays(&decide(&on(), &done, &rules)), Some(StayReason::NotWaiting));
}

#[test]
fn a_hold_keeps_it_whatever_the_rules_say() {
    for hold in HoldCode::ALL {
        let holds = [*hold];
        let held = Candidate { holds: &holds, ..document(DocumentFormat::Ubl, dec!(1)) };
        let decision = decide(&on(), &held, &[rule(1, DocumentScope::All, None)]);
        assert_eq!(stays(&decision), Some(StayReason::Held(*hold)));
        assert!(decision.trace.iter().any(|step| step.check == Check::RuleDocuments), "rules are traced all the same");
    }
}

#[test]
fn rules_of_other_contacts_do_not_count() {
    let mut foreign = rule(1, DocumentScope::All, None);
    foreign.contact = ContactId::from_ulid(Ulid::from_parts(9, 9));
    let decision = decide(&on(), &document(DocumentFormat::Ubl, dec!(1)), &[foreign]);
    assert_eq!(stays(&decision), Some(StayReason::NoRule));
}

#[test]
fn the_trace_names_rule_version_and_both_values() {
    let rules = [rule(1, DocumentScope::All, Some(dec!(100)))];
    let decision = decide(&on(), &document(DocumentFormat::Ubl, dec!(250)), &rules);
    let step = decision.trace.iter().find(|step| step.check == Check::RuleMaximum).unwrap();
    assert_eq!(step.document, Value::Amount(dec!(250)));
    assert_eq!(step.wanted, Value::Amount(dec!(100)));
    assert_eq!(step.rule, Some((rules[0].id, 1)));
    assert_eq!(step.verdict, Verdict::Failed);
    let stored = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&stored).unwrap(), decision);
}

#[test]
fn a_rule_without_limits_is_one_to_warn_about() {
    assert!(rule(1, DocumentScope::All, None).is_unlimited());
    assert!(!rule(1, DocumentScope::Ubl, None).is_unlimited());
    assert!(!rule(1, DocumentScope::All, Some(dec!(1))).is_unlimited());
}

#[test]
fn a_suspended_rule_posts_nothing_and_says_so() {
    let suspended = AutomationRule { state: RuleState::Suspended, ..rule(1, DocumentScope::All, None) };
    let candidate = document(DocumentFormat::Ubl, dec!(10));
    let decision = decide(&on(), &candidate, std::slice::from_ref(&suspended));
    assert_eq!(stays(&decision), Some(StayReason::RuleSuspended));
    let step = decision.trace.iter().find(|step| step.check == Check::RuleActive).unwrap();
    assert_eq!((step.verdict, step.rule), (Verdict::Failed, Some((suspended.id, 1))));
    let stored = serde_json::to_value(&suspended).unwrap();
    assert_eq!(stored["state"], "suspended");
    assert!(serde_json::to_value(rule(1, DocumentScope::All, None)).unwrap().get("state").is_none());
}

#[test]
fn what_is_wrong_with_the_automation_user_is_in_the_trace() {
    let administration = crate::ids::AdministrationId::from_ulid(Ulid::from_parts(7, 7));
    let problems = vec![UserProblem::NotAccountant, UserProblem::NoAccess(administration)];
    let automation = Automation { user: AutomationUser::Invalid(user(), problems.clone()), ..on() };
    let candidate = document(DocumentFormat::Ubl, dec!(10));
    let decision = decide(&automation, &candidate, &[rule(1, DocumentScope::All, None)]);
    assert_eq!(stays(&decision), Some(StayReason::AutomationUserInvalid));
    let traced: Vec<_> = decision
        .trace
        .iter()
        .filter(|step| step.check == Check::AutomationUserValid && step.verdict == Verdict::Failed)
        .map(|step| step.document)
        .collect();
    assert_eq!(traced, problems.into_iter().map(Value::UserProblem).collect::<Vec<_>>());
}

proptest! {
    /// It posts exactly when every general condition holds and some rule takes the document.
    #[test]
    fn posts_only_with_a_rule_that_takes_it(
        gross in -200_000_i64..200_000,
        limits in proptest::collection::vec((any::<bool>(), proptest::option::of(0_i64..200_000), 0_u32..120), 0..6),
        ubl in any::<bool>(),
    ) {
        let rules: Vec<_> = limits
            .iter()
            .enumerate()
            .map(|(n, (all, max, minute))| AutomationRule {
                effective_from: at("09:00") + chrono::Duration::minutes(i64::from(*minute)),
                state: RuleState::Active,
                ..rule(n as u64, if *all { DocumentScope::All } else { DocumentScope::Ubl }, max.map(|cents| Decimal::new(cents, 2)))
            })
            .collect();
        let candidate = document(if ubl { DocumentFormat::Ubl } else { DocumentFormat::Scan }, Decimal::new(gross, 2));
        let expected = limits
            .iter()
            .any(|(all, max, minute)| (*all || ubl) && max.is_none_or(|max| gross.abs() <= max) && *minute < 60);
        prop_assert_eq!(posted_by(&decide(&on(), &candidate, &rules)).is_some(), expected);
    }
}
