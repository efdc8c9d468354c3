use super::*;
use proptest::prelude::*;
use rust_decimal::dec;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn day(after: u64) -> Date {
    date("2026-01-01") + Days::new(after)
}

#[test]
fn a_period_is_this_quarter_when_nothing_is_said() {
    let period = |from: Option<&str>, to: Option<&str>| Period::new(from.map(date), to.map(date), date("2026-11-21"));
    let of = |from, to| Ok(Period { from: date(from), to: date(to) });
    assert_eq!(period(None, None), of("2026-10-01", "2026-12-31"));
    assert_eq!(period(Some("2026-02-10"), None), of("2026-02-10", "2026-03-31"), "to the end of its quarter");
    assert_eq!(period(None, Some("2026-02-10")), of("2026-01-01", "2026-02-10"), "from the beginning of its quarter");
    assert_eq!(period(Some("2026-05-05"), Some("2026-05-05")), of("2026-05-05", "2026-05-05"));
    assert_eq!(period(Some("2026-05-05"), Some("2026-05-04")), Err(PeriodError::Backwards));
    assert_eq!(period(Some("2025-01-01"), Some("2026-05-04")), Err(PeriodError::TooLong));
}

#[test]
fn a_period_without_anything_has_no_data() {
    assert_eq!(Dashboard::of([]), None);
    assert_eq!(Dashboard::of([(day(1), DayFigures::from_iter([(Count::Tagged(Direction::Sales), 0)]))]), None);
}

#[test]
fn percentages_are_of_what_was_booked() {
    let of = |automatic, by_hand| {
        let counts = [
            (Count::Booked(How::Automatically), automatic),
            (Count::Booked(How::ByHand), by_hand),
            (Count::Delivered(Channel::Api), 99),
        ];
        Dashboard::of([(day(1), DayFigures::from_iter(counts))]).unwrap().automatic_percent()
    };
    assert_eq!(of(0, 0), None);
    assert_eq!(of(1, 2), Some(dec!(33.3)));
    assert_eq!(of(2, 1), Some(dec!(66.7)));
    assert_eq!(of(4, 0), Some(dec!(100)));
}

fn counted() -> impl Strategy<Value = Counted> {
    let days = || (0_u64..4).prop_map(day);
    let channel = proptest::sample::select(Channel::ALL);
    let tag = proptest::sample::select(&[Direction::Purchase, Direction::Sales][..]);
    let how = proptest::sample::select(How::ALL);
    (proptest::option::of((days(), channel)), proptest::option::of((days(), tag)), proptest::option::of((days(), how)))
        .prop_map(|(delivered, tagged, booked)| Counted { delivered, tagged, booked })
}

fn sums(all: &[BTreeMap<Date, BTreeMap<Count, i64>>]) -> BTreeMap<(Date, Count), i64> {
    let mut sums = BTreeMap::new();
    for (day, counts) in all.iter().flatten() {
        for (count, number) in counts {
            *sums.entry((*day, *count)).or_insert(0) += number;
        }
    }
    sums.retain(|_, number| *number != 0);
    sums
}

proptest! {
    /// Whatever a document goes through, the figures count it as it ended.
    #[test]
    fn differences_add_up_to_the_last_state(states in proptest::collection::vec(counted(), 1..8)) {
        let mut before = Counted::default();
        let mut added = Vec::new();
        for state in &states {
            added.push(differences(&before, state));
            before = state.clone();
        }
        let last = differences(&Counted::default(), states.last().unwrap());
        prop_assert_eq!(sums(&added), sums(&[last]));
        prop_assert!(differences(&before, &before).is_empty(), "an event that comes twice adds nothing");
    }

    #[test]
    fn totals_are_the_sums_of_days(numbers in proptest::collection::vec((0_u64..5, 0_usize..6, 0_u64..50), 0..40)) {
        let all: Vec<Count> = Count::all().collect();
        let mut days: BTreeMap<Date, BTreeMap<Count, u64>> = BTreeMap::new();
        for (after, which, number) in &numbers {
            *days.entry(day(*after)).or_default().entry(all[*which]).or_default() += number;
        }
        let figures = days.iter().map(|(day, counts)| (*day, counts.iter().map(|(c, n)| (*c, *n)).collect()));
        let expected: u64 = numbers.iter().map(|(_, _, number)| number).sum();
        match Dashboard::of(figures) {
            None => prop_assert_eq!(expected, 0),
            Some(dashboard) => {
                let total = &dashboard.total;
                prop_assert_eq!(total.delivered() + total.tagged() + total.booked(), expected);
                prop_assert!(dashboard.automatic_percent().is_none_or(|it| (dec!(0)..=dec!(100)).contains(&it)));
            }
        }
    }
}
