//! The figures of the dashboard (AP-33): delivered, tagged and booked by day of the administration's calendar.

use crate::{
    document::{Channel, Document, Status},
    ledger::Direction,
    time::{Date, TimeZone},
};
use chrono::{Datelike, Days, Months};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// The longest period that a dashboard shows, in days.
pub const PERIOD_DAYS_MAX: u32 = 400;

/// How a document was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// By a rule.
    Automatically,
    /// By a person.
    ByHand,
}

impl How {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Automatically, Self::ByHand];

    /// Stable text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatically => "automatically",
            Self::ByHand => "by_hand",
        }
    }
}

/// What a document can count for on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Count {
    /// It was delivered.
    Delivered(Channel),
    /// It has this tag since.
    Tagged(Direction),
    /// It was booked.
    Booked(How),
}

impl Count {
    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        let delivered = Channel::ALL.iter().copied().map(Self::Delivered);
        let tagged = [Direction::Purchase, Direction::Sales].into_iter().map(Self::Tagged);
        delivered.chain(tagged).chain(How::ALL.iter().copied().map(Self::Booked))
    }
}

/// What a document counts for: each at most once, on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Delivered, also when it is deleted later.
    pub delivered: Option<(Date, Channel)>,
    /// Tagged; no longer when it is rejected, and anew when it is tagged again.
    pub tagged: Option<(Date, Direction)>,
    /// Booked: for good.
    pub booked: Option<(Date, How)>,
}

impl Counted {
    /// What a document counts for as it is, by the calendar of its administration.
    pub fn of(document: &Document, zone: TimeZone) -> Self {
        let booked = document.booked.as_ref().filter(|_| document.status == Status::Posted);
        let is_automatic = document.posted_by.as_ref().is_some_and(|by| by.rule.is_some());
        let how = if is_automatic { How::Automatically } else { How::ByHand };
        Self {
            delivered: Some((zone.date_at(document.received_at), document.channel)),
            tagged: document.tag.zip(document.tagged_at).map(|(tag, at)| (zone.date_at(at), tag)),
            booked: booked.map(|booked| (zone.date_at(booked.at), how)),
        }
    }

    /// Each with its day.
    fn counts(&self) -> impl Iterator<Item = (Date, Count)> {
        let delivered = self.delivered.map(|(day, channel)| (day, Count::Delivered(channel)));
        let tagged = self.tagged.map(|(day, tag)| (day, Count::Tagged(tag)));
        let booked = self.booked.map(|(day, how)| (day, Count::Booked(how)));
        delivered.into_iter().chain(tagged).chain(booked)
    }
}

/// What has to be added to the figures of each day, so that they count a document as it is now and no longer as before.
pub fn differences(before: &Counted, now: &Counted) -> BTreeMap<Date, BTreeMap<Count, i64>> {
    let gone = before.counts().map(|it| (it, -1));
    let come = now.counts().map(|it| (it, 1));
    let mut sums: BTreeMap<(Date, Count), i64> = BTreeMap::new();
    for (key, one) in gone.chain(come) {
        *sums.entry(key).or_default() += one;
    }
    let mut days: BTreeMap<Date, BTreeMap<Count, i64>> = BTreeMap::new();
    for ((day, count), sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
        days.entry(day).or_default().insert(count, sum);
    }
    days
}

/// The figures of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayFigures(BTreeMap<Count, u64>);

impl FromIterator<(Count, u64)> for DayFigures {
    fn from_iter<T: IntoIterator<Item = (Count, u64)>>(counts: T) -> Self {
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }
}

impl DayFigures {
    /// How many.
    pub fn get(&self, count: Count) -> u64 {
        self.0.get(&count).copied().unwrap_or_default()
    }

    fn sum(&self, wanted: impl Fn(Count) -> bool) -> u64 {
        self.0.iter().filter(|(count, _)| wanted(**count)).map(|(_, number)| number).sum()
    }

    /// Delivered over all channels.
    pub fn delivered(&self) -> u64 {
        self.sum(|count| matches!(count, Count::Delivered(_)))
    }

    /// Tagged with any tag.
    pub fn tagged(&self) -> u64 {
        self.sum(|count| matches!(count, Count::Tagged(_)))
    }

    /// Booked, automatically or by hand.
    pub fn booked(&self) -> u64 {
        self.sum(|count| matches!(count, Count::Booked(_)))
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Days of a calendar, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// The days are no period that a dashboard shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It ends before it begins.
    #[error("the period ends before it begins")]
    Backwards,
    /// It is too long.
    #[error("a period has at most {PERIOD_DAYS_MAX} days")]
    TooLong,
}

impl Period {
    /// The period between two days; what is not said is the first or last day of the quarter that it is today.
    pub fn new(from: Option<Date>, to: Option<Date>, today: Date) -> Result<Self, PeriodError> {
        let quarter = Self::quarter(from.or(to).unwrap_or(today));
        let period = Self { from: from.unwrap_or(quarter.from), to: to.unwrap_or(quarter.to) };
        match (period.to - period.from).num_days() {
            ..0 => Err(PeriodError::Backwards),
            days if days >= PERIOD_DAYS_MAX.into() => Err(PeriodError::TooLong),
            _ => Ok(period),
        }
    }

    /// The quarter in which a day lies.
    pub fn quarter(day: Date) -> Self {
        let from = Date::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1).unwrap_or(day);
        let next = from.checked_add_months(Months::new(3));
        Self { from, to: next.and_then(|next| next.checked_sub_days(Days::new(1))).unwrap_or(day) }
    }
}

/// What a dashboard shows of a period in which something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// All days together.
    pub total: DayFigures,
    /// Each day on which something happened.
    pub days: BTreeMap<Date, DayFigures>,
}

impl Dashboard {
    /// From the figures of days; nothing when nothing was delivered, tagged or booked.
    pub fn of(days: impl IntoIterator<Item = (Date, DayFigures)>) -> Option<Self> {
        let days: BTreeMap<_, _> = days.into_iter().filter(|(_, figures)| !figures.is_empty()).collect();
        let mut total: BTreeMap<Count, u64> = BTreeMap::new();
        for (count, number) in days.values().flat_map(|figures| &figures.0) {
            *total.entry(*count).or_default() += number;
        }
        (!days.is_empty()).then_some(Self { total: DayFigures(total), days })
    }

    /// Which part of what was booked was booked automatically, in percent with one decimal; nothing when nothing was booked.
    pub fn automatic_percent(&self) -> Option<Decimal> {
        let automatic = Decimal::from(self.total.get(Count::Booked(How::Automatically)));
        let percent = (automatic * Decimal::ONE_HUNDRED).checked_div(Decimal::from(self.total.booked()))?;
        Some(percent.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
    }
}

#[cfg(test)]
#[path = "dashboard_tests.rs"]
mod tests;
