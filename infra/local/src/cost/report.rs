//! The measurement as tables for people and as one line of JSON for programs.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    Measured,
    prices::{Prices, gb_seconds, per, read_units, sqs_requests},
    tally::{Counts, Stage},
};

/// The most that an automatically posted invoice may ask for, and a million of them may cost.
struct Budget {
    write_units: Decimal,
    read_units: Decimal,
    s3_requests: Decimal,
    sqs_requests: Decimal,
    invocations: Decimal,
    usd: Decimal,
    usd_burst: Decimal,
}

const BUDGET: Budget = Budget {
    write_units: Decimal::from_parts(18, 0, 0, false, 0),
    read_units: Decimal::TEN,
    s3_requests: Decimal::from_parts(3, 0, 0, false, 0),
    sqs_requests: Decimal::from_parts(9, 0, 0, false, 0),
    invocations: Decimal::from_parts(7, 0, 0, false, 0),
    usd: Decimal::from_parts(25, 0, 0, false, 0),
    usd_burst: Decimal::from_parts(15, 0, 0, false, 0),
};

/// A table of one measurement: a row for each stage, and what the services take.
pub fn table(measured: &Measured, prices: &Prices) -> String {
    let mut text = format!(
        "{:<20} {:>7} {:>7} {:>6} {:>6} {:>7} {:>6} {:>6} {:>8} {:>12}\n",
        "a posted invoice", "writes", "reads", "S3", "SQS", "events", "KMS", "calls", "GB-ms", "USD/million"
    );
    let mut row = |name: &str, counts: &Counts| {
        let n = measured.invoices;
        // Writing to a String cannot fail.
        let _written = writeln!(
            text,
            "{name:<20} {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>7.2} {:>6.2} {:>6.2} {:>8.2} {:>12.2}",
            per(counts.write_units, n),
            read_units(counts, n),
            per(counts.s3_requests, n),
            sqs_requests(counts, n),
            per(counts.events, n),
            per(counts.kms_requests, n),
            per(counts.invocations, n),
            gb_seconds(counts, n) * Decimal::ONE_THOUSAND,
            prices.usd(counts, n),
        );
    };
    for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::Announcement) {
        row(stage.name(), &measured.counts(stage));
    }
    row("until posted", &measured.total());
    row(Stage::Announcement.name(), &measured.counts(Stage::Announcement));
    let mut charges = prices.charges(&measured.total(), measured.invoices);
    charges.sort_by_key(|charge| std::cmp::Reverse(charge.usd));
    let shares: Vec<String> = charges.iter().map(|charge| format!("{} {:.2}", charge.service, charge.usd)).collect();
    text + "USD/million until posted: " + &shares.join(", ") + "\n"
}

/// What is beyond the budget; nothing when it holds.
pub fn beyond(alone: &Measured, burst: &Measured, prices: &Prices) -> Vec<String> {
    let (counts, n) = (alone.total(), alone.invoices);
    [
        ("write units", per(counts.write_units, n), BUDGET.write_units),
        ("read units", read_units(&counts, n), BUDGET.read_units),
        ("requests to S3", per(counts.s3_requests, n), BUDGET.s3_requests),
        ("requests to SQS", sqs_requests(&counts, n), BUDGET.sqs_requests),
        ("invocations", per(counts.invocations, n), BUDGET.invocations),
        ("USD a million, one by one", prices.usd(&counts, n), BUDGET.usd),
        ("USD a million, in a burst", prices.usd(&burst.total(), burst.invoices), BUDGET.usd_burst),
    ]
    .into_iter()
    .filter(|(_, used, most)| used > most)
    .map(|(what, used, most)| format!("{used:.2} {what}, and the budget is {most}"))
    .collect()
}

/// The whole measurement for programs.
pub fn json(alone: &Measured, burst: &Measured, prices: &Prices) -> Value {
    let stages: Vec<Value> = Stage::ALL
        .iter()
        .map(|stage| {
            let mut value = details(&alone.counts(*stage), alone.invoices, prices);
            value["stage"] = json!(stage.name());
            value["burst"] = details(&burst.counts(*stage), burst.invoices, prices);
            value
        })
        .collect();
    json!({
        "per_invoice": counts(&alone.total(), alone.invoices),
        "usd_per_million": number(prices.usd(&alone.total(), alone.invoices)),
        "usd_per_million_burst": number(prices.usd(&burst.total(), burst.invoices)),
        "stages": stages,
    })
}

fn counts(counts: &Counts, invoices: usize) -> Value {
    let each = |count: u64| number(per(count, invoices));
    json!({
        "write_units": each(counts.write_units),
        "read_units": number(read_units(counts, invoices)),
        "s3_requests": each(counts.s3_requests),
        "sqs_requests": number(sqs_requests(counts, invoices)),
        "invocations": each(counts.invocations),
    })
}

/// What a stage asked for, with what is beside the budget's counts.
fn details(of: &Counts, invoices: usize, prices: &Prices) -> Value {
    let each = |count: u64| number(per(count, invoices));
    let mut value = counts(of, invoices);
    value["sqs_polled"] = each(of.sqs_polled);
    value["events"] = each(of.events);
    value["kms_requests"] = each(of.kms_requests);
    value["api_requests"] = each(of.api_requests);
    value["gb_seconds"] = number(gb_seconds(of, invoices));
    value["usd_per_million"] = number(prices.usd(of, invoices));
    value
}

/// A JSON number with at most four decimals.
fn number(value: Decimal) -> Value {
    serde_json::from_str(&value.round_dp(4).normalize().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cost::tally::Tally,
        project::{Instance, Project},
    };

    fn measured(write_units: u64) -> Measured {
        let mut tally = Tally::default();
        tally.stages.insert(Stage::Api, Counts { write_units, invocations: 10, ..Counts::default() });
        Measured { tally, invoices: 10 }
    }

    #[test]
    fn a_line_of_json_has_what_was_promised() {
        let prices = Prices::load(&Project::open(Instance::Test).unwrap()).unwrap();
        let value = json(&measured(25), &measured(20), &prices);
        let names =
            |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
        let wanted = ["per_invoice", "stages", "usd_per_million", "usd_per_million_burst"];
        assert!(names(&value).iter().eq(wanted.iter()));
        let counted = ["invocations", "read_units", "s3_requests", "sqs_requests", "write_units"];
        assert!(names(&value["per_invoice"]).iter().eq(counted.iter()));
        assert!(counted.iter().all(|name| value["per_invoice"][name].is_number()));
        assert_eq!(value["per_invoice"]["write_units"].to_string(), "2.5");
        assert!(value["usd_per_million"].is_number() && value["usd_per_million_burst"].is_number());
        assert_eq!(value["stages"].as_array().unwrap().len(), Stage::ALL.len());
    }

    #[test]
    fn the_budget_is_looked_at() {
        let prices = Prices::load(&Project::open(Instance::Test).unwrap()).unwrap();
        assert!(beyond(&measured(180), &measured(10), &prices).is_empty());
        let beyond = beyond(&measured(181), &measured(10), &prices);
        assert_eq!(beyond, ["18.10 write units, and the budget is 18"]);
    }
}
