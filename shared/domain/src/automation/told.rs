//! Decisions in words: which sentence of the catalogue tells a reason or a condition.

use super::{Check, DocumentFormat, DocumentScope, StayReason, TraceStep, UserProblem, Value, Verdict};
use crate::{
    hold::HoldCode,
    reason::Reason,
    words::{Amount, FileKind, Looked, Moment, ReasonName, Sentence as _, Stays, Text},
};

impl From<DocumentFormat> for FileKind {
    fn from(format: DocumentFormat) -> Self {
        match format {
            DocumentFormat::Ubl => Self::Ubl,
            DocumentFormat::Pdf => Self::Pdf,
            DocumentFormat::Scan => Self::Scan,
            DocumentFormat::Statement => Self::Statement,
        }
    }
}

impl StayReason {
    /// In the catalogue; something that holds the document has its own sentence.
    fn sentence(self) -> Result<Stays, HoldCode> {
        Ok(match self {
            Self::NotWaiting => Stays::NotWaiting,
            Self::Incomplete => Stays::Incomplete,
            Self::AutomationOff => Stays::AutomationOff,
            Self::ReceivedBeforeSwitch => Stays::ReceivedBeforeSwitch,
            Self::AutomationUserMissing => Stays::AutomationUserMissing,
            Self::AutomationUserInvalid => Stays::AutomationUserInvalid,
            Self::Intermediary => Stays::Intermediary,
            Self::AutoPostingNotOffered => Stays::AutoPostingNotOffered,
            Self::Held(hold) => return Err(hold),
            Self::NoRule => Stays::NoRule,
            Self::RuleSuspended => Stays::RuleSuspended,
            Self::NotUbl => Stays::NotUbl,
            Self::AboveMaximum => Stays::AboveMaximum,
            Self::ReceivedBeforeRule => Stays::ReceivedBeforeRule,
            Self::NoRuleMatches => Stays::NoRuleMatches,
        })
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self.sentence() {
            Ok(sentence) => sentence.code(),
            Err(hold) => hold.as_str(),
        }
    }
}

impl From<StayReason> for Reason {
    fn from(reason: StayReason) -> Self {
        match reason.sentence() {
            Ok(sentence) => Self::said(&sentence),
            Err(hold) => Self::bare(hold.as_str()),
        }
    }
}

impl TraceStep {
    /// In the catalogue: the condition, both values and how it ended.
    pub fn sentence(&self) -> Looked {
        let passed = self.verdict == Verdict::Passed;
        let user = || Text(self.wanted.user().unwrap_or_default());
        let moments = self.document.moment().zip(self.wanted.moment());
        match self.check {
            Check::Complete if passed => Looked::Complete,
            Check::Complete => Looked::NotComplete,
            Check::SwitchedOn => match self.wanted.moment() {
                Some(since) if passed => Looked::SwitchedOn { since },
                Some(_) | None => Looked::SwitchedOff,
            },
            Check::ReceivedAfterSwitch => {
                let (received, since) = moments.unwrap_or_default();
                if passed { Looked::AfterSwitch { received, since } } else { Looked::BeforeSwitch { received, since } }
            }
            Check::AutomationUserSet if passed => Looked::UserSet { user: user() },
            Check::AutomationUserSet => Looked::UserNotSet,
            Check::AutomationUserValid if passed => Looked::UserValid { user: user() },
            Check::AutomationUserValid => match self.document.problem() {
                None => Looked::UserInvalid { user: user() },
                Some(UserProblem::Inactive) => Looked::UserInactive { user: user() },
                Some(UserProblem::NotAccountant) => Looked::UserNotAccountant { user: user() },
                Some(UserProblem::NoAccess(administration)) => {
                    Looked::UserNoAccess { user: user(), administration: Text::of(administration) }
                }
                Some(UserProblem::NotLinked) => Looked::UserNotLinked { user: user() },
            },
            Check::DirectLink if passed => Looked::Direct,
            Check::DirectLink => Looked::Behind,
            Check::AutoPostingOffered if passed => Looked::Offered,
            Check::AutoPostingOffered => Looked::NotOffered,
            Check::Hold => {
                let Value::Hold(hold) = self.document else { return Looked::NotHeld };
                Looked::IsHeld { hold: ReasonName(hold.as_str().to_owned()) }
            }
            Check::HasRule => {
                let Value::Rules(count @ 1..) = self.document else { return Looked::HasNoRule };
                Looked::HasRules { count }
            }
            Check::RuleActive if passed => Looked::InUse,
            Check::RuleActive => Looked::Suspended,
            Check::RuleDocuments => {
                let file = self.document.file();
                let ubl_only = self.wanted == Value::Scope(DocumentScope::Ubl);
                match (passed, ubl_only) {
                    (true, true) => Looked::TakesUbl { file },
                    (true, false) => Looked::TakesAll { file },
                    (false, true | false) => Looked::TakesUblOnly { file },
                }
            }
            Check::RuleMaximum => match (self.document.amount(), self.wanted.amount()) {
                (_, None) => Looked::NoMaximum,
                (None, Some(maximum)) => Looked::NoTotal { maximum },
                (Some(total), Some(maximum)) if passed => Looked::Within { total, maximum },
                (Some(total), Some(maximum)) => Looked::Above { total, maximum },
            },
            Check::RuleEffective => {
                let (received, from) = moments.unwrap_or_default();
                if passed { Looked::AfterRule { received, from } } else { Looked::BeforeRule { received, from } }
            }
        }
    }
}

impl Value {
    fn moment(self) -> Option<Moment> {
        let Self::At(at) = self else { return None };
        Some(Moment(at))
    }

    fn amount(self) -> Option<Amount> {
        let Self::Amount(amount) = self else { return None };
        Some(Amount(amount))
    }

    fn user(self) -> Option<String> {
        let Self::User(user) = self else { return None };
        Some(user.to_string())
    }

    fn problem(self) -> Option<UserProblem> {
        let Self::UserProblem(problem) = self else { return None };
        Some(problem)
    }

    /// Everything that is no UBL is decided as a PDF is.
    fn file(self) -> FileKind {
        let Self::Format(format) = self else { return FileKind::Pdf };
        format.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{AdministrationId, Id as _, UserId},
        words::Language,
    };
    use rust_decimal::dec;
    use ulid::Ulid;

    fn step(check: Check, verdict: Verdict, document: Value, wanted: Value) -> TraceStep {
        TraceStep { check, verdict, document, wanted, rule: None }
    }

    #[test]
    fn a_condition_is_told_with_both_values_in_each_language() {
        let above = step(Check::RuleMaximum, Verdict::Failed, Value::Amount(dec!(1210)), Value::Amount(dec!(1000)));
        let said = Language::ALL.map(|language| above.sentence().write(language));
        assert_eq!(
            said,
            [
                "No: the total including VAT of 1,210.00 is above the rule's maximum of 1,000.00",
                "Nee: het totaal inclusief btw van 1.210,00 is hoger dan het maximum van de regel van 1.000,00",
                "Nie: kwota brutto 1\u{a0}210,00 przekracza maksimum reguły 1\u{a0}000,00",
            ]
        );
        let at = |text: &str| Value::At(text.parse().unwrap());
        let (received, since) = (at("2026-03-31T10:00:00Z"), at("2026-04-01T08:00:00Z"));
        let before = step(Check::RuleEffective, Verdict::Failed, received, since).sentence().write(Language::Dutch);
        assert!(before.contains("31 maart 2026 om 10:00:00 UTC") && before.contains("1 april 2026"), "{before}");
    }

    #[test]
    fn every_reason_and_hold_is_told_without_another_languages_words() {
        let of_no_hold = [
            StayReason::NotWaiting,
            StayReason::Incomplete,
            StayReason::AutomationOff,
            StayReason::ReceivedBeforeSwitch,
            StayReason::AutomationUserMissing,
            StayReason::AutomationUserInvalid,
            StayReason::Intermediary,
            StayReason::AutoPostingNotOffered,
            StayReason::NoRule,
            StayReason::RuleSuspended,
            StayReason::NotUbl,
            StayReason::AboveMaximum,
            StayReason::ReceivedBeforeRule,
            StayReason::NoRuleMatches,
        ];
        for reason in of_no_hold.into_iter().chain(HoldCode::ALL.iter().copied().map(StayReason::Held)) {
            let [english, dutch, polish] = Language::ALL.map(|language| Reason::from(reason).shown(language));
            assert!(english != dutch && dutch != polish && english != polish, "{english}");
            assert_ne!(english, reason.code());
        }
        for hold in HoldCode::ALL {
            let held = step(Check::Hold, Verdict::Failed, Value::Hold(*hold), Value::None).sentence();
            assert!(held.write(Language::Polish).contains(hold.brief(Language::Polish)));
        }
    }

    #[test]
    fn what_an_automation_user_lost_is_told() {
        let user = UserId::from_ulid(Ulid::from_parts(1, 1));
        let administration = AdministrationId::from_ulid(Ulid::from_parts(2, 2));
        let problem = Value::UserProblem(UserProblem::NoAccess(administration));
        let lost = step(Check::AutomationUserValid, Verdict::Failed, problem, Value::User(user));
        let said = lost.sentence().write(Language::Dutch);
        assert!(said.contains(&user.to_string()) && said.contains(&administration.to_string()), "{said}");
    }
}
