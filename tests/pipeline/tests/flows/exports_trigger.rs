//! Looking for jobs that are due costs what is due, however many jobs there are (EX-30).

use chrono::TimeDelta;
use domain::{
    document::Actor,
    export::{Copies, Facility, FacilityState, Job, JobSwitch, Target},
    export_format::{CsvOptions, FileFormat, NamePattern},
    ids::{AdministrationId, FacilityId, Id},
    schedule::{Frequency, PostingDatePolicy, Schedule},
};
use pipeline::Pipeline;
use serde_json::{Value, json};
use store::{SystemStore, Writer, settings::Author, testing::Which};

fn id<T: Id>(kind: u128, number: u128) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, kind << 32 | number))
}

/// An active facility with a job that runs every hour.
fn facility(p: &Pipeline, number: u128) -> Facility {
    let job = Job {
        schedule: Schedule { frequency: Frequency::Hourly, local: None },
        on_behalf_of: vec![p.office.automation_user].try_into().unwrap(),
        switch: JobSwitch::On { since: p.now() },
    };
    Facility {
        id: id(2, number),
        administration: id(1, number),
        name: "Export".to_owned(),
        target: Some(Target::File { file: Box::new(FileFormat::Csv(CsvOptions::default())) }),
        file_name: NamePattern::default(),
        posting_date_policy: PostingDatePolicy::default(),
        copies: Copies::No,
        mail_to: None,
        state: FacilityState::Active,
        job: Some(job),
        version: 1,
    }
}

async fn create(p: &Pipeline, facility: &Facility) {
    let writer = Writer::new(&facility.id.to_string(), 0);
    let author = Author { by: &Actor::Operator, at: p.now(), writer: &writer };
    p.office.store().facilities(facility.administration).create(facility, &author).await.unwrap();
}

fn shard(facility: FacilityId) -> String {
    format!("exportjobs#{}", facility.ulid().0 % u128::from(SystemStore::SHARDS))
}

/// As many jobs that are due as said, and others, copies of what a real one stores, that are due in ten days.
async fn jobs(due: u128, others: u128) -> Pipeline {
    let mut p = Pipeline::start().await;
    for number in 0..due {
        create(&p, &facility(&p, number)).await;
    }
    let items = p.store.items(Which::Runs).await;
    let real: Vec<&Value> = items.iter().filter(|item| item["sk"]["S"].as_str().unwrap().starts_with("due#")).collect();
    assert_eq!(real.len(), usize::try_from(due).unwrap());
    for (item, number) in real.iter().zip(0..) {
        assert_eq!(item["ypk"]["S"], shard(id(2, number)), "copies find their shard as the real ones do");
    }
    let pattern = real[0].to_string();
    let (facility, administration) = (id::<FacilityId>(2, 0).to_string(), id::<AdministrationId>(1, 0).to_string());
    let at = real[0]["due"]["N"].as_str().unwrap();
    let later = (at.parse::<i64>().unwrap() + TimeDelta::days(10).num_milliseconds()).to_string();
    let copies = (due..due + others).map(|number| {
        let other: FacilityId = id(2, number);
        let item = pattern.replace(&facility, &other.to_string()).replace(at, &later);
        item.replace(&administration, &id::<AdministrationId>(1, number).to_string())
            .replace(&shard(id(2, 0)), &shard(other))
    });
    p.store.fill(Which::Runs, copies);
    p.advance(TimeDelta::hours(1));
    p
}

/// What a trigger asked for: requests, write units, read units in halves.
async fn asked(p: &Pipeline, started: u32) -> (usize, u32, u32) {
    p.store.take_costs();
    assert_eq!(p.trigger().await, json!({ "started": started, "skipped": 0, "passed": 0 }));
    let costs = p.store.take_costs();
    let writes = costs.iter().map(|cost| cost.write_units).sum();
    (costs.len(), writes, costs.iter().map(|cost| cost.read_half_units).sum())
}

#[tokio::test]
async fn what_is_due_is_found_by_an_index_however_many_jobs_there_are() {
    let alone = asked(&jobs(3, 0).await, 3).await;
    let many = jobs(3, 50_000).await;
    assert_eq!(asked(&many, 3).await, alone, "requests, write units, half read units");

    // It is asked twice which jobs are due, the second time to see that no more are; all else comes with each job.
    let (requests, writes, _) = alone;
    let looks = 2 * usize::from(SystemStore::SHARDS);
    let (more_requests, more_writes, more_reads) = asked(&jobs(12, 0).await, 12).await;
    assert_eq!((more_requests - looks, more_writes), (4 * (requests - looks), 4 * writes));
    assert!(more_reads > alone.2, "{more_reads} for twelve, {} for three", alone.2);

    // What is due in ten days is found then, and what came due meanwhile with it.
    assert_eq!(asked(&many, 0).await.1, 0);
}
