//! The price table, and what counts come to by it.

use std::fs;

use rust_decimal::{Decimal, dec};
use serde::Deserialize;

use super::tally::Counts;
use crate::{failure::Failure, project::Project};

/// Where it stands in the checkout.
const FILE: &str = "infra/local/prices.toml";

/// List prices in dollars for a million of each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When they were looked up.
    pub date: String,
    /// Where they hold.
    pub region: String,
    write_units: Decimal,
    read_units: Decimal,
    s3_puts: Decimal,
    s3_gets: Decimal,
    sqs_requests: Decimal,
    events: Decimal,
    kms_requests: Decimal,
    api_requests: Decimal,
    invocations: Decimal,
    gb_seconds: Decimal,
    traces: Decimal,
    /// What is neither counted nor computed.
    pub assumed: Assumed,
}

/// What nothing on this machine tells.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// The share of requests to the API that is traced.
    pub traced: Decimal,
    /// Memory with which a function has a whole CPU.
    pub megabytes_for_a_cpu: u64,
    /// How long a table is waited for, as the others in milliseconds.
    pub table_milliseconds: u64,
    /// How long the bucket is waited for.
    pub s3_milliseconds: u64,
    /// How long a queue is waited for.
    pub sqs_milliseconds: u64,
    /// How long the event bus is waited for.
    pub events_milliseconds: u64,
    /// How long the key service is waited for.
    pub kms_milliseconds: u64,
}

/// What a service takes for a million invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What for.
    pub service: &'static str,
    /// Dollars.
    pub usd: Decimal,
}

impl Prices {
    /// Reads the table.
    pub fn load(project: &Project) -> Result<Self, Failure> {
        let path = project.root.join(FILE);
        let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
        toml::from_str(&text).map_err(Failure::unexpected(FILE))
    }

    /// What a million invoices cost if `invoices` of them asked for these counts, by service.
    pub fn charges(&self, counts: &Counts, invoices: usize) -> Vec<Charge> {
        let each = |count: u64| per(count, invoices);
        let charge = |service, usd| Charge { service, usd };
        vec![
            charge("table writes", each(counts.write_units) * self.write_units),
            charge("table reads", read_units(counts, invoices) * self.read_units),
            charge(
                "S3",
                each(counts.s3_puts) * self.s3_puts
                    + each(counts.s3_requests.saturating_sub(counts.s3_puts)) * self.s3_gets,
            ),
            charge("SQS", sqs_requests(counts, invoices) * self.sqs_requests),
            charge("EventBridge", each(counts.events) * self.events),
            charge("KMS", each(counts.kms_requests) * self.kms_requests),
            charge("API Gateway", each(counts.api_requests) * self.api_requests),
            charge("Lambda requests", each(counts.invocations) * self.invocations),
            charge("Lambda time", gb_seconds(counts, invoices) * self.gb_seconds),
            charge("X-Ray", each(counts.api_requests) * self.assumed.traced * self.traces),
        ]
    }

    /// All services together.
    pub fn usd(&self, counts: &Counts, invoices: usize) -> Decimal {
        self.charges(counts, invoices).iter().map(|charge| charge.usd).sum::<Decimal>().round_dp(2)
    }
}

/// A count for each invoice.
pub fn per(count: u64, invoices: usize) -> Decimal {
    Decimal::from(count) / Decimal::from(invoices.max(1))
}

/// Read units for each invoice.
pub fn read_units(counts: &Counts, invoices: usize) -> Decimal {
    per(counts.read_half_units, invoices) / dec!(2)
}

/// Requests to queues for each invoice.
pub fn sqs_requests(counts: &Counts, invoices: usize) -> Decimal {
    per(counts.sqs_sent + counts.sqs_polled, invoices)
}

/// Gigabyte-seconds for each invoice.
pub fn gb_seconds(counts: &Counts, invoices: usize) -> Decimal {
    per(counts.megabyte_milliseconds, invoices) / dec!(1_024_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Instance;

    #[test]
    fn the_table_is_read_and_multiplied() {
        let prices = Prices::load(&Project::open(Instance::Test).unwrap()).unwrap();
        assert_eq!(prices.date.len(), "2025-06-30".len());
        let counts = Counts {
            write_units: 20,
            read_half_units: 20,
            s3_requests: 30,
            s3_puts: 10,
            sqs_sent: 30,
            sqs_polled: 60,
            megabyte_milliseconds: 1_024_000,
            ..Counts::default()
        };
        let usd = |service: &str| {
            prices.charges(&counts, 10).into_iter().find(|charge| charge.service == service).unwrap().usd
        };
        assert_eq!(usd("table writes"), dec!(2) * prices.write_units);
        assert_eq!(usd("table reads"), prices.read_units);
        assert_eq!(usd("S3"), prices.s3_puts + dec!(2) * prices.s3_gets);
        assert_eq!(usd("SQS"), dec!(9) * prices.sqs_requests);
        assert_eq!(usd("Lambda time"), dec!(0.1) * prices.gb_seconds);
        assert_eq!(usd("KMS"), dec!(0));
        let requests = Counts { api_requests: 10, ..Counts::default() };
        let traces = prices.charges(&requests, 10).pop().unwrap();
        assert_eq!((traces.service, traces.usd), ("X-Ray", prices.assumed.traced * prices.traces));
    }
}
