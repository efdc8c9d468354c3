//! Percentages of VAT codes over time. Kept as the id behind a code, so that a push need not ask again.

use super::record::Record;
use domain::{ledger::VatCodeKind, time::Date};
use rust_decimal::Decimal;
use std::fmt::Write;

/// The percentages of a code by the day from which they hold; without a day from the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rates(Vec<(Option<Date>, Decimal)>);

impl Rates {
    /// Of a code of the list.
    pub(super) fn of(row: &Record) -> Self {
        let by_date = row.list(&["vatPercentagesByDate"]);
        let mut rates: Vec<_> = by_date
            .iter()
            .filter_map(|rate| Some((rate.date(&["startDate"]), rate.number(&["vatPercentage", "percentage"])?)))
            .collect();
        if rates.is_empty() {
            rates.extend(row.number(&["vatPercentage", "percentage"]).map(|percent| (None, percent)));
        }
        rates.sort_by_key(|(from, _)| *from);
        Self(rates)
    }

    /// The percentage at a day.
    pub(super) fn at(&self, day: Date) -> Option<Decimal> {
        let holds = |(from, _): &&(Option<Date>, Decimal)| from.is_none_or(|from| from <= day);
        self.0.iter().rev().find(holds).map(|(_, percent)| percent.normalize())
    }

    /// `v=6;2019-01-01=9;`
    pub(super) fn packed(&self) -> String {
        self.0.iter().fold("v".to_owned(), |mut text, (from, percent)| {
            let from = from.map_or_else(String::new, |day| day.to_string());
            // Writing into a text has no way to fail.
            let _ = write!(text, "{from}={percent};");
            text
        })
    }

    /// Reads what [`packed`](Self::packed) wrote.
    pub(super) fn unpack(text: &str) -> Option<Self> {
        let row = |row: &str| {
            let (from, percent) = row.split_once('=')?;
            let from = if from.is_empty() { None } else { Some(from.parse().ok()?) };
            Some((from, percent.parse().ok()?))
        };
        text.strip_prefix('v')?.split_terminator(';').map(row).collect::<Option<Vec<_>>>().map(Self)
    }

    /// What a code does, by its name and the percentage that was set last: the list says no more.
    pub(super) fn does(&self, name: &str) -> VatCodeKind {
        let name = name.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match self.0.last().map(|(_, percent)| percent.normalize()) {
            _ if says(&["binnen de eu", "binnen eu", "intracomm", "icl", "icv"]) => VatCodeKind::IntraCommunity,
            _ if says(&["verlegd", "reverse"]) => VatCodeKind::ReverseCharge,
            None => VatCodeKind::Unusable,
            Some(percent) if percent.is_zero() => VatCodeKind::None,
            Some(percent) => VatCodeKind::Rate { percent },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn a_percentage_holds_from_a_day_and_survives_being_kept() {
        let row: Record = serde_json::from_str(
            r#"{"vatCodeId":1,"vatPercentage":9.0,"vatPercentagesByDate":[{"startDate":"1-1-2019","vatPercentage":9.0},
                {"startDate":"","vatPercentage":6.0}]}"#,
        )
        .unwrap();
        let rates = Rates::unpack(&Rates::of(&row).packed()).unwrap();
        for (day, percent) in [("2018-12-31", dec!(6)), ("2019-01-01", dec!(9))] {
            assert_eq!(rates.at(day.parse().unwrap()), Some(percent), "{day}");
        }
        let plain: Record = serde_json::from_str(r#"{"vatCodeId":2,"vatPercentage":21}"#).unwrap();
        assert_eq!(Rates::of(&plain).at("2026-07-01".parse().unwrap()), Some(dec!(21)));
        for text in ["", "NONE", "21", "vx=21;", "v=x;"] {
            assert_eq!(Rates::unpack(text), None, "{text}");
        }
        for (name, kind) in [
            ("BTW hoog", VatCodeKind::Rate { percent: dec!(9) }),
            ("BTW verlegd", VatCodeKind::ReverseCharge),
            ("Inkopen binnen de EU", VatCodeKind::IntraCommunity),
        ] {
            assert_eq!(Rates::of(&row).does(name), kind, "{name}");
        }
    }
}
