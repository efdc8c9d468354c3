//! Whether a contact is recommended for automation (AP-26 to AP-30).

use super::PostedDays;
use crate::time::Date;

/// Whether a contact has a saved posting template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// There is one.
    Saved,
    /// There is none: nothing could be posted without a person.
    Missing,
}

/// Whether a contact has automation rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// At least one.
    Some,
    /// None yet.
    None,
}

/// What is known of a contact's postings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFigures {
    /// On which days how many documents were posted.
    pub days: PostedDays,
    /// How many they were when somebody dismissed the recommendation; it stays away until they are twice as many.
    pub dismissed_at: Option<u32>,
}

/// Whether a contact is recommended, and with which count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommended {
    /// so many documents were posted within the window: at least one.
    Yes(u32),
    /// Not now.
    No,
}

impl ContactFigures {
    /// Brings the figures up to today, and says whether the contact is recommended: it has a template, no rule yet, at least
    /// one document within the window, and was not dismissed, or has twice as many documents since.
    pub fn refresh(&mut self, today: Date, template: Template, rules: Rules) -> Recommended {
        self.days.forget(today);
        let count = self.days.count(today);
        self.dismissed_at = self.dismissed_at.filter(|dismissed| count < dismissed.max(&1).saturating_mul(2));
        match (template, rules, self.dismissed_at) {
            (Template::Saved, Rules::None, None) if count > 0 => Recommended::Yes(count),
            (Template::Saved | Template::Missing, Rules::Some | Rules::None, _) => Recommended::No,
        }
    }

    /// Somebody does not want the recommendation: it stays away until the count has doubled.
    pub fn dismiss(&mut self, today: Date) {
        self.dismissed_at = Some(self.days.count(today));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(after: u64) -> Date {
        Date::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(after)
    }

    fn figures(days: &[u64]) -> ContactFigures {
        let mut figures = ContactFigures::default();
        for after in days {
            figures.days.add(day(*after));
        }
        figures
    }

    #[test]
    fn only_with_a_template_and_without_a_rule() {
        let refreshed = |template, rules| figures(&[0]).refresh(day(0), template, rules);
        assert_eq!(refreshed(Template::Saved, Rules::None), Recommended::Yes(1));
        assert_eq!(refreshed(Template::Missing, Rules::None), Recommended::No);
        assert_eq!(refreshed(Template::Saved, Rules::Some), Recommended::No);
        assert_eq!(figures(&[]).refresh(day(0), Template::Saved, Rules::None), Recommended::No, "at least one");
    }

    #[test]
    fn a_dismissed_one_stays_away_until_the_count_doubles() {
        let mut figures = figures(&[0, 0, 1]);
        figures.dismiss(day(1));
        let refresh = |figures: &mut ContactFigures, today| figures.refresh(day(today), Template::Saved, Rules::None);
        assert_eq!(refresh(&mut figures, 1), Recommended::No);
        for today in 2..4 {
            figures.days.add(day(today));
            assert_eq!(refresh(&mut figures, today), Recommended::No, "{today}");
        }
        figures.days.add(day(4));
        assert_eq!(refresh(&mut figures, 4), Recommended::Yes(6));
        assert_eq!(refresh(&mut figures, 90), Recommended::Yes(4), "it is back, also when days fall out of the window");
    }

    proptest! {
        #[test]
        fn dismissed_means_less_than_double(
            before in 1_usize..30, more in 0_usize..60, template in any::<bool>(), rules in any::<bool>()
        ) {
            let mut figures = figures(&vec![0; before]);
            figures.dismiss(day(0));
            for _ in 0..more {
                figures.days.add(day(1));
            }
            let template = if template { Template::Saved } else { Template::Missing };
            let rules = if rules { Rules::Some } else { Rules::None };
            let doubled = before + more >= 2 * before;
            let suited = template == Template::Saved && rules == Rules::None;
            let count = u32::try_from(before + more).unwrap();
            let expected = if doubled && suited { Recommended::Yes(count) } else { Recommended::No };
            prop_assert_eq!(figures.refresh(day(1), template, rules), expected);
        }
    }
}
