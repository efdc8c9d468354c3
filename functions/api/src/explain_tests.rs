use super::*;
use domain::{
    automation::{AutoPosting, AutomationSwitch, AutomationUser, DocumentScope, LedgerLink, RuleState},
    ids::{Id, RuleId, UserId},
};
use ulid::Ulid;

fn at(text: &str) -> Instant {
    format!("2026-07-01T{text}:00Z").parse().unwrap()
}

fn contact() -> ContactId {
    ContactId::from_ulid(Ulid::from_parts(1, 1))
}

/// Deterministic numbers without a generator of their own.
fn pick(seed: u64, n: u64) -> u64 {
    (seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) % n
}

#[test]
fn what_is_explained_is_what_is_decided() {
    for seed in 0..2_000_u64 {
        let some = |salt: u64, n: u64| pick(seed.wrapping_mul(31).wrapping_add(salt), n);
        let user = UserId::from_ulid(Ulid::from_parts(2, 2));
        let automation = Automation {
            switch: if some(1, 8) == 0 { AutomationSwitch::Off } else { AutomationSwitch::On { since: at("08:00") } },
            user: if some(2, 8) == 0 { AutomationUser::None } else { AutomationUser::Valid(user) },
            link: LedgerLink::Direct,
            auto_posting: if some(3, 8) == 0 { AutoPosting::NotOffered } else { AutoPosting::Offered },
        };
        let rules: Vec<AutomationRule> = (0..some(4, 4))
            .map(|n| AutomationRule {
                id: RuleId::from_ulid(Ulid::from_parts(n + 1, 0)),
                version: 1,
                contact: contact(),
                documents: if some(10 + n, 2) == 0 { DocumentScope::All } else { DocumentScope::Ubl },
                max_amount: (some(20 + n, 3) > 0).then(|| Decimal::from(100 * some(30 + n, 4))),
                effective_from: at("09:00"),
                state: if some(40 + n, 6) == 0 { RuleState::Suspended } else { RuleState::Active },
            })
            .collect();
        for format in [DocumentFormat::Ubl, DocumentFormat::Pdf] {
            let next = Candidate {
                completeness: Completeness::Complete,
                contact: Some(contact()),
                format,
                gross: None,
                received_at: at("10:00"),
                holds: &[],
            };
            let cases = cases(&automation, &next, &rules);
            assert_eq!((cases[0].0.0, cases[cases.len() - 1].0.1), (None, None), "every total has a case");
            for cents in [0, 1, 9_999, 10_000, 10_001, 20_000, 20_001, 29_999, 30_000, 30_001, 9_999_999] {
                let gross = Decimal::new(cents, 2);
                let decided = decide(&automation, &Candidate { gross: Some(gross), ..next.clone() }, &rules);
                let of_total: Vec<_> = cases
                    .iter()
                    .filter(|((above, up_to), _)| {
                        above.is_none_or(|above| gross > above) && up_to.is_none_or(|up_to| gross <= up_to)
                    })
                    .collect();
                assert_eq!(of_total.len(), 1, "seed {seed}, total {gross}");
                assert_eq!(of_total[0].1.outcome, decided.outcome, "seed {seed}, total {gross}");
            }
        }
    }
}
