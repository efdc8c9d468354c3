//! VAT at SnelStart. It has kinds in place of codes: `Hoog`, `Laag`, `Overig` and `Geen` on lines, and for the whole
//! booking the same with the side before it, such as `InkopenHoog`. Templates name the kinds, and two more words for what
//! the buyer owes.

use super::wire::{VatRate, day};
use domain::{ledger::VatCodeKind, time::Date};
use rust_decimal::Decimal;
use std::fmt::Write;

/// A kind of VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    High,
    Low,
    Other,
    None,
    /// The buyer owes it.
    Reversed,
    /// Acquired in, or supplied to, another member state.
    IntraCommunity,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::High, Self::Low, Self::Other, Self::None, Self::Reversed, Self::IntraCommunity];
    /// Those that have a percentage.
    pub(super) const RATED: [Self; 3] = [Self::High, Self::Low, Self::Other];

    /// The code in templates and directories.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::High => "Hoog",
            Self::Low => "Laag",
            Self::Other => "Overig",
            Self::None => "Geen",
            Self::Reversed => "Verlegd",
            Self::IntraCommunity => "EU",
        }
    }

    pub(super) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code().eq_ignore_ascii_case(code.trim()))
    }

    /// The word on a line. What the buyer owes stands on the whole booking only.
    pub(super) fn on_line(self) -> &'static str {
        match self {
            Self::High | Self::Low | Self::Other => self.code(),
            Self::None | Self::Reversed | Self::IntraCommunity => "Geen",
        }
    }

    /// What it does, by the rate that was set last.
    pub(super) fn does(self, table: Option<&RateTable>) -> VatCodeKind {
        match self {
            Self::High | Self::Low | Self::Other => table
                .and_then(RateTable::latest)
                .map_or(VatCodeKind::Unusable, |percent| VatCodeKind::Rate { percent: percent.normalize() }),
            Self::None => VatCodeKind::None,
            Self::Reversed => VatCodeKind::ReverseCharge,
            Self::IntraCommunity => VatCodeKind::IntraCommunity,
        }
    }
}

/// The percentages of a kind over time. Kept as the id behind the kind's code, so that a push need not ask again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RateTable(Vec<(Option<Date>, Option<Date>, Decimal)>);

impl RateTable {
    /// Of a kind, out of SnelStart's list; `None` when it lists nothing for it.
    pub(super) fn of(kind: Kind, rates: &[VatRate]) -> Option<Self> {
        let bound = |text: &Option<String>| text.as_deref().and_then(day);
        let rows: Vec<_> = rates
            .iter()
            .filter(|rate| rate.btw_soort.eq_ignore_ascii_case(kind.code()))
            .map(|rate| (bound(&rate.datum_vanaf), bound(&rate.datum_tot_en_met), rate.btw_percentage.0))
            .collect();
        (!rows.is_empty()).then_some(Self(rows))
    }

    /// The percentage at a day.
    pub(super) fn at(&self, day: Date) -> Option<Decimal> {
        let holds =
            |from: Option<Date>, to: Option<Date>| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
        self.0.iter().find(|(from, to, _)| holds(*from, *to)).map(|(_, _, percent)| *percent)
    }

    /// The percentage that was set last.
    pub(super) fn latest(&self) -> Option<Decimal> {
        self.0.iter().max_by_key(|(from, _, _)| *from).map(|(_, _, percent)| *percent)
    }

    /// `2012-10-01/=21;...`
    pub(super) fn packed(&self) -> String {
        let day = |day: &Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        self.0.iter().fold(String::new(), |mut text, (from, to, percent)| {
            // Writing into a text has no way to fail.
            let _ = write!(text, "{}/{}={percent};", day(from), day(to));
            text
        })
    }

    /// Reads what [`packed`](Self::packed) wrote.
    pub(super) fn unpack(text: &str) -> Option<Self> {
        let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        let row = |row: &str| {
            let (days, percent) = row.split_once('=')?;
            let (from, to) = days.split_once('/')?;
            Some((bound(from)?, bound(to)?, percent.parse().ok()?))
        };
        let rows: Option<Vec<_>> = text.split_terminator(';').map(row).collect();
        rows.filter(|rows| !rows.is_empty()).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Number;
    use rust_decimal::dec;

    #[test]
    fn a_rate_holds_from_day_to_day_and_survives_being_kept() {
        let rate = |kind: &str, percent, from: Option<&str>, to: Option<&str>| VatRate {
            btw_soort: kind.into(),
            btw_percentage: Number(percent),
            datum_vanaf: from.map(Into::into),
            datum_tot_en_met: to.map(Into::into),
        };
        let rates = [
            rate("Hoog", dec!(21.0), Some("2012-10-01T00:00:00"), None),
            rate("Laag", dec!(6.0), None, Some("2018-12-31T00:00:00")),
            rate("Laag", dec!(9.0), Some("2019-01-01T00:00:00"), None),
        ];
        let low = RateTable::of(Kind::Low, &rates).unwrap();
        let low = RateTable::unpack(&low.packed()).unwrap();
        for (day, percent) in [("2018-12-31", dec!(6)), ("2019-01-01", dec!(9)), ("2026-07-01", dec!(9))] {
            assert_eq!(low.at(day.parse().unwrap()), Some(percent), "{day}");
        }
        assert_eq!(low.latest(), Some(dec!(9)));
        let high = RateTable::of(Kind::High, &rates).unwrap();
        assert_eq!(high.at("2012-09-30".parse().unwrap()), None);
        assert_eq!(RateTable::of(Kind::Other, &rates), None);
        for text in ["", "Hoog", "2012-10-01=21", "x/=21", "/=x"] {
            assert_eq!(RateTable::unpack(text), None, "{text}");
        }
    }

    #[test]
    fn templates_name_kinds() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.code()), Some(kind));
        }
        assert_eq!(Kind::of("hoog "), Some(Kind::High));
        assert_eq!(Kind::of("4"), None);
    }
}
