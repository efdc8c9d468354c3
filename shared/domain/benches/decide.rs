//! How long a decision takes, its trace included: twenty rules of which only the last one takes the document.

use criterion::{Criterion, criterion_group, criterion_main};
use domain::{
    automation::{
        AutoPosting, Automation, AutomationRule, AutomationSwitch, AutomationUser, Candidate, Completeness,
        DocumentFormat, DocumentScope, LedgerLink, RuleState, decide,
    },
    ids::{ContactId, Id, RuleId, UserId},
    time::Instant,
};
use rust_decimal::Decimal;
use std::hint::black_box;
use ulid::Ulid;

fn twenty_rules(criterion: &mut Criterion) {
    let at = |minute: i64| Instant::UNIX_EPOCH + chrono::Duration::minutes(minute);
    let contact = ContactId::from_ulid(Ulid::from_parts(1, 1));
    let rules: Vec<AutomationRule> = (1..=20)
        .map(|n| AutomationRule {
            id: RuleId::from_ulid(Ulid::from_parts(n, 0)),
            version: 3,
            contact,
            documents: if n % 2 == 0 { DocumentScope::All } else { DocumentScope::Ubl },
            max_amount: Some(Decimal::from(50 * n)),
            effective_from: at(10),
            state: RuleState::Active,
        })
        .collect();
    let automation = Automation {
        switch: AutomationSwitch::On { since: at(1) },
        user: AutomationUser::Valid(UserId::from_ulid(Ulid::from_parts(1, 1))),
        link: LedgerLink::Direct,
        auto_posting: AutoPosting::Offered,
    };
    let candidate = Candidate {
        completeness: Completeness::Complete,
        contact: Some(contact),
        format: DocumentFormat::Pdf,
        gross: Some(Decimal::new(99_999, 2)),
        received_at: at(20),
        holds: &[],
    };
    criterion.bench_function("decide, 20 rules with trace", |bencher| {
        bencher.iter(|| decide(black_box(&automation), black_box(&candidate), black_box(&rules)));
    });
}

criterion_group!(benches, twenty_rules);
criterion_main!(benches);
