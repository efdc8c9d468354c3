//! Facilities, export runs, due jobs and files of runs on a DynamoDB and a bucket in this process.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use domain::{
    export::{Copies, Facility, FacilityState, Job, JobSwitch, Run, RunState, Target},
    export_format::{CsvOptions, FileFormat, NamePattern},
    ids::{DocumentId, FacilityId, Id as _, RunId},
    schedule::{Frequency, PostingDatePolicy, Schedule},
};
use store::{
    Cursor, ErrorKind, Read, SystemStore, TenantStore, Writer,
    runs::{DueJob, ExportSlice, Exports, Place, Started},
    settings::{Author, Facilities, FacilityError},
    testing::{Fault, TestStore, Which},
};
use support::{actor, administration, at, id, tenant, user_id, writer};

/// The first full hour after the beginning of time here, and the second.
const FIRST: i64 = 1200;
const SECOND: i64 = FIRST + 3600;

async fn store() -> (TestStore, TenantStore) {
    let store = TestStore::start().await;
    let tenant = store.store().tenant(tenant());
    (store, tenant)
}

static BY: std::sync::LazyLock<domain::document::Actor> = std::sync::LazyLock::new(actor);

fn author(writer: &Writer, second: i64) -> Author<'_> {
    Author { by: &BY, at: at(second), writer }
}

fn job(switch: JobSwitch) -> Job {
    Job {
        schedule: Schedule { frequency: Frequency::Hourly, local: None },
        on_behalf_of: vec![user_id()].try_into().unwrap(),
        switch,
    }
}

/// Active, with a job that runs every hour.
fn facility(number: u128) -> Facility {
    Facility {
        id: id(number),
        administration: administration(),
        name: "Export".into(),
        target: Some(Target::File { file: Box::new(FileFormat::Csv(CsvOptions::default())) }),
        file_name: NamePattern::default(),
        posting_date_policy: PostingDatePolicy::default(),
        copies: Copies::No,
        mail_to: None,
        state: FacilityState::Active,
        job: Some(job(JobSwitch::On { since: at(0) })),
        version: 1,
    }
}

fn draft(number: u128) -> Facility {
    Facility { state: FacilityState::Draft, job: None, ..facility(number) }
}

fn after(before: &Facility, change: impl FnOnce(&mut Facility)) -> Facility {
    let mut after = Facility { version: before.version + 1, ..before.clone() };
    change(&mut after);
    after
}

fn run(exports: &Exports, facility: &Facility, second: i64) -> Run {
    Run::scheduled(exports.run_id(facility.id, at(second)), facility, (at(second), 0), at(second + 60)).unwrap()
}

fn ended(run: &Run) -> Run {
    run.stepped(RunState::Completed { at: at(SECOND) }, at(SECOND))
}

async fn due(store: &TestStore, second: i64) -> Vec<DueJob> {
    store.store().system().due_export_jobs(at(second), 10).await.unwrap()
}

async fn still(store: &TestStore, second: i64) -> Vec<RunId> {
    let runs = store.store().system().still_runs(at(second), 10).await.unwrap();
    runs.into_iter().map(|(_, _, run)| run).collect()
}

#[tokio::test]
async fn of_an_instant_one_run_starts_and_of_a_facility_one_is_in_progress() {
    let (store, tenant) = store().await;
    let (exports, one) = (tenant.exports(administration()), facility(100));
    let first = run(&exports, &one, FIRST);
    assert_eq!(exports.run_id(one.id, at(FIRST)), first.id, "the same instant names the same run");
    assert_ne!(exports.run_id(id(101), at(FIRST)), first.id);
    store.faults().plan("TransactWriteItems", 0, Fault::LoseAnswer);
    assert_eq!(exports.start(&first, &writer("a")).await.unwrap(), Started::New, "its answer was lost once");
    assert_eq!(exports.start(&first, &writer("b")).await.unwrap(), Started::Existing);
    let second = run(&exports, &one, SECOND);
    assert_eq!(exports.start(&second, &writer("c")).await.unwrap(), Started::Overlaps(first.id));
    assert_eq!(exports.get(second.id).await.unwrap(), None, "it left nothing behind");
    let other = run(&exports, &facility(101), FIRST);
    assert_eq!(exports.start(&other, &writer("d")).await.unwrap(), Started::New, "another facility");

    let skipped = second.clone().skipped(first.id, at(SECOND));
    exports.record(&skipped, &writer("e")).await.unwrap();
    exports.record(&second.clone().skipped(other.id, at(SECOND)), &writer("f")).await.unwrap();
    assert_eq!(exports.get(second.id).await.unwrap(), Some(skipped.clone()), "what is there stays");
    assert_eq!(exports.start(&second, &writer("g")).await.unwrap(), Started::Existing, "a skipped one is not started");
    let listed = exports.list(None, 10).await.unwrap();
    assert_eq!(listed.items.first(), Some(&skipped), "the latest first");
    assert_eq!((listed.items.len(), listed.next), (3, None));
}

#[tokio::test]
async fn of_two_starts_at_once_one_is_new() {
    let (_store, tenant) = store().await;
    let (exports, one) = (tenant.exports(administration()), facility(100));
    let (first, second) = (run(&exports, &one, FIRST), run(&exports, &one, SECOND));
    let (by, other) = (writer("a"), writer("b"));
    let (started, again) = tokio::join!(exports.start(&first, &by), exports.start(&first, &other));
    let outcomes = [started.unwrap(), again.unwrap()];
    assert!(outcomes.contains(&Started::New) && outcomes.contains(&Started::Existing), "{outcomes:?}");
    exports.update(&first, &ended(&first), &by).await.unwrap();
    let third = run(&exports, &one, SECOND + 3600);
    let (started, again) = tokio::join!(exports.start(&second, &by), exports.start(&third, &other));
    match (started.unwrap(), again.unwrap()) {
        (Started::New, Started::Overlaps(running)) => assert_eq!(running, second.id),
        (Started::Overlaps(running), Started::New) => assert_eq!(running, third.id),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_run_goes_on_step_by_step_and_its_end_frees_the_facility() {
    let (store, tenant) = store().await;
    let (exports, one) = (tenant.exports(administration()), facility(100));
    let first = run(&exports, &one, FIRST);
    exports.start(&first, &writer("a")).await.unwrap();
    assert!(still(&store, FIRST + 59).await.is_empty(), "it has just gone on");
    assert_eq!(still(&store, FIRST + 60).await, [first.id]);
    let second = first.stepped(first.state.clone(), at(FIRST + 90));
    store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    exports.update(&first, &second, &writer("b")).await.unwrap();
    assert!(still(&store, FIRST + 60).await.is_empty(), "it moved");
    let late = exports.update(&first, &second, &writer("c")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict, "a step that another one took");
    let far = Run { version: 9, ..second.clone() };
    assert_eq!(exports.update(&second, &far, &writer("c")).await.unwrap_err().kind(), ErrorKind::Bug);
    let late = exports.update(&first, &ended(&first), &writer("c")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
    let next = run(&exports, &one, SECOND);
    let overlaps = exports.start(&next, &writer("d")).await.unwrap();
    assert_eq!(overlaps, Started::Overlaps(first.id), "a refused end frees nothing");

    let third = ended(&second);
    store.faults().plan("TransactWriteItems", 0, Fault::LoseAnswer);
    exports.update(&second, &third, &writer("e")).await.unwrap();
    exports.update(&second, &third, &writer("e")).await.unwrap();
    assert_eq!(exports.get(first.id).await.unwrap(), Some(third));
    assert!(still(&store, SECOND).await.is_empty(), "what has ended is not looked for");
    assert_eq!(exports.start(&next, &writer("f")).await.unwrap(), Started::New);
    assert!(store.faults().are_over());
    let foreign = store.store().tenant(id(77)).exports(administration());
    assert_eq!(foreign.get(first.id).await.unwrap(), None, "another tenant");
}

#[tokio::test]
async fn the_slice_that_was_put_first_counts() {
    let (store, tenant) = store().await;
    let exports = tenant.exports(administration());
    let run = exports.run_id(id(100), at(FIRST));
    let documents: Vec<(DocumentId, u32)> = (0..400).map(|number: u32| (id(number.into()), number + 1)).collect();
    let one = ExportSlice { documents: documents.clone(), next: Some(Place::Ready(Some(Cursor::new("x y")))) };
    let other = ExportSlice { documents: documents[..3].to_vec(), next: None };
    assert_eq!(exports.slice(run, 0).await.unwrap(), None);
    store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    assert_eq!(exports.put_slice(run, 0, one.clone()).await.unwrap(), one);
    assert_eq!(exports.put_slice(run, 0, other.clone()).await.unwrap(), one, "an earlier try meant more");
    assert_eq!(exports.slice(run, 0).await.unwrap(), Some(one));
    for (slice, next) in
        [Place::Ready(None), Place::Posted(None), Place::Posted(Some(Cursor::new("z")))].into_iter().enumerate()
    {
        let slice = u32::try_from(slice).unwrap() + 1;
        let meant = ExportSlice { next: Some(next), ..other.clone() };
        exports.put_slice(run, slice, meant.clone()).await.unwrap();
        assert_eq!(exports.slice(run, slice).await.unwrap(), Some(meant));
    }
    assert_eq!(exports.left_out::<Vec<u32>>(run, None).await.unwrap(), Vec::<Vec<u32>>::new());
    for (place, left_out) in [((0, 0), vec![1]), ((0, 7), vec![2, 3]), ((1, 0), vec![4]), ((0, 7), vec![2, 3])] {
        exports.put_left_out(run, place, &left_out).await.unwrap();
    }
    assert_eq!(exports.left_out::<Vec<u32>>(run, Some(0)).await.unwrap(), [vec![1], vec![2, 3]]);
    assert_eq!(exports.left_out::<Vec<u32>>(run, None).await.unwrap(), [vec![1], vec![2, 3], vec![4]]);
}

#[tokio::test]
async fn when_a_job_is_due_moves_with_its_facility() {
    let (store, tenant) = store().await;
    let (facilities, one) = (tenant.facilities(administration()), draft(100));
    facilities.create(&one, &author(&writer("a"), 0)).await.unwrap();
    let two = after(&one, |it| it.state = FacilityState::Active);
    facilities.replace(&one, &two, "facility.activated", &author(&writer("b"), 1)).await.unwrap();
    assert!(due(&store, SECOND).await.is_empty(), "it has no job");
    let three = after(&two, |it| it.job = Some(job(JobSwitch::On { since: at(2) })));
    store.faults().plan("TransactWriteItems", 0, Fault::LoseAnswer);
    facilities.replace(&two, &three, "facility.job_set", &author(&writer("c"), 2)).await.unwrap();
    assert!(due(&store, FIRST - 1).await.is_empty());
    let known = DueJob { due: at(FIRST), tenant: tenant.id(), administration: administration(), facility: one.id };
    assert_eq!(due(&store, FIRST).await, [known]);

    let exports = tenant.exports(administration());
    exports.advance(&known, Some(at(SECOND))).await.unwrap();
    exports.advance(&known, Some(at(SECOND + 9))).await.unwrap();
    let moved = DueJob { due: at(SECOND), ..known };
    assert_eq!(due(&store, SECOND + 9).await, [moved], "only while it is due as it was read");
    exports.advance(&known, None).await.unwrap();
    assert_eq!(due(&store, SECOND).await, [moved]);

    let off = after(&three, |it| it.job = Some(job(JobSwitch::Off)));
    facilities.replace(&three, &off, "facility.job_set", &author(&writer("d"), 3)).await.unwrap();
    assert!(due(&store, SECOND).await.is_empty());
    exports.advance(&moved, Some(at(SECOND))).await.unwrap();
    assert!(due(&store, SECOND).await.is_empty(), "a job that is off does not come back");
    let on = after(&off, |it| it.job = three.job.clone());
    facilities.replace(&off, &on, "facility.job_set", &author(&writer("e"), FIRST)).await.unwrap();
    assert_eq!(due(&store, SECOND).await, [moved], "nothing is dated back");
    let inactive = after(&on, Facility::deactivate);
    facilities.replace(&on, &inactive, "facility.deactivated", &author(&writer("f"), FIRST)).await.unwrap();
    assert!(due(&store, SECOND).await.is_empty());
}

fn refused(outcome: Result<(), FacilityError>) -> ErrorKind {
    match outcome.unwrap_err() {
        FacilityError::Store(error) => error.kind(),
        FacilityError::OtherActive(other) => panic!("{other} is active"),
    }
}

async fn activate(facilities: &Facilities, before: &Facility, name: &str) -> Result<Facility, FacilityError> {
    let active = after(before, |it| it.state = FacilityState::Active);
    facilities.replace(before, &active, "facility.activated", &author(&writer(name), 1)).await.map(|()| active)
}

#[tokio::test]
async fn one_facility_of_an_administration_is_active() {
    let (store, tenant) = store().await;
    let facilities = tenant.facilities(administration());
    let (one, other) = (draft(100), draft(101));
    for facility in [&one, &other] {
        facilities.create(facility, &author(&writer(&facility.id.to_string()), 0)).await.unwrap();
    }
    assert_eq!(refused(facilities.create(&one, &author(&writer("x"), 0)).await), ErrorKind::Conflict);
    let (a, b) = tokio::join!(activate(&facilities, &one, "a"), activate(&facilities, &other, "b"));
    let (won, lost, refusal) = match (a, b) {
        (Ok(won), Err(refusal)) => (won, other, refusal),
        (Err(refusal), Ok(won)) => (won, one, refusal),
        both => panic!("{both:?}"),
    };
    assert!(matches!(refusal, FacilityError::OtherActive(active) if active == won.id), "{refusal}");
    assert_eq!(facilities.get(lost.id, Read::Consistent).await.unwrap(), Some(lost.clone()), "as it was");
    // Its own edits do not stand in its way.
    let named = after(&won, |it| it.name = "Boekhouding".into());
    store.faults().plan("TransactWriteItems", 0, Fault::LoseAnswer);
    facilities.replace(&won, &named, "facility.renamed", &author(&writer("c"), 2)).await.unwrap();
    let late = facilities.replace(&won, &named, "facility.renamed", &author(&writer("d"), 2)).await;
    assert_eq!(refused(late), ErrorKind::Conflict);
    let inactive = after(&named, Facility::deactivate);
    facilities.replace(&named, &inactive, "facility.deactivated", &author(&writer("e"), 3)).await.unwrap();
    let active = activate(&facilities, &lost, "f").await.unwrap();
    facilities.delete(&inactive, &author(&writer("g"), 4)).await.unwrap();
    assert_eq!(refused(facilities.delete(&inactive, &author(&writer("h"), 4)).await), ErrorKind::NotFound);
    assert_eq!(facilities.all().await.unwrap(), [active]);
    let elsewhere = store.store().tenant(tenant.id()).facilities(id(78));
    let there = Facility { administration: id(78), ..draft(102) };
    elsewhere.create(&there, &author(&writer("i"), 0)).await.unwrap();
    activate(&elsewhere, &there, "j").await.unwrap();
}

#[tokio::test]
async fn a_file_of_several_parts_is_put_together_once() {
    let (store, tenant) = store().await;
    let exports = tenant.exports(administration());
    let run = exports.run_id(id(100), at(FIRST));
    exports.put_segment(run, 0, vec![(0, b"a".to_vec()), (2, b"ccc".to_vec())], &[1, 0, 3]).await.unwrap();
    assert_eq!(exports.segment_summary::<Vec<u64>>(run, 0).await.unwrap(), [1, 0, 3]);
    assert_eq!(exports.segment_section(run, 0, 2).await.unwrap(), b"ccc");
    assert_eq!(exports.segment_section(run, 0, 1).await.unwrap_err().kind(), ErrorKind::NotFound);

    let upload = exports.begin_file(run, "text/csv").await.unwrap();
    let first = exports.put_part(run, &upload, 1, b"one,".to_vec()).await.unwrap();
    store.object_faults().plan("", 0, Fault::LoseAnswer);
    let again = exports.put_part(run, &upload, 1, b"one,".to_vec()).await.unwrap();
    assert_eq!(again, first, "the same part has the same tag");
    let second = exports.put_part(run, &upload, 2, b"two".to_vec()).await.unwrap();
    let parts = [first, second];
    // The bucket put it together and its answer was lost: the next try finds no upload, and the file.
    store.object_faults().plan("", 0, Fault::LoseAnswer);
    exports.finish_file(run, &upload, &parts, 7).await.unwrap();
    exports.finish_file(run, &upload, &parts, 7).await.unwrap();
    assert_eq!(store.object(&format!("{}/exports/{run}/file", tenant.id())).unwrap(), b"one,two");
    assert_eq!(exports.finish_file(run, &upload, &parts, 8).await.unwrap_err().kind(), ErrorKind::NotFound);
    exports.put_file(run, b"three".to_vec(), "text/csv").await.unwrap();
    assert_eq!(store.object(&format!("{}/exports/{run}/file", tenant.id())).unwrap(), b"three");
}

/// The attributes of every item of a table whose key has this in it.
async fn shapes(store: &TestStore, which: Which, key: &str) -> Vec<String> {
    let items = store.items(which).await;
    let shapes = items.iter().map(|item| {
        let mut names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        names.retain(|name| !["pk", "sk"].contains(name));
        names.sort_unstable();
        let (pk, sk) = (item["pk"]["S"].as_str().unwrap(), item["sk"]["S"].as_str().unwrap());
        format!("{pk} / {sk}: {}", names.join(" "))
    });
    shapes.filter(|shape| shape.contains(key) && !shape.contains("#audit")).collect()
}

#[tokio::test]
async fn stored_exports_keep_their_shape() {
    let (store, tenant) = store().await;
    let exports = tenant.exports(administration());
    let one = facility(100);
    tenant.facilities(administration()).create(&one, &author(&writer("a"), 0)).await.unwrap();
    let open = run(&exports, &one, SECOND);
    let done = run(&exports, &one, FIRST);
    exports.start(&done, &writer("b")).await.unwrap();
    exports.update(&done, &ended(&done), &writer("c")).await.unwrap();
    exports.start(&open, &writer("d")).await.unwrap();
    let next = Some(Place::Ready(Some(Cursor::new("x"))));
    let slice = ExportSlice { documents: vec![(support::document_id(), 4)], next };
    exports.put_slice(open.id, 0, slice.clone()).await.unwrap();
    exports.put_slice(open.id, 1, ExportSlice { next: None, ..slice }).await.unwrap();
    exports.put_left_out(open.id, (1, 0), &["x"]).await.unwrap();

    let (t, a, f) = (tenant.id(), administration(), one.id);
    let (open, done) = (open.id, done.id);
    assert_eq!(
        shapes(&store, Which::Runs, "").await,
        [
            format!("{t}#{a}#exports / due#{f}: due ypk ysk"),
            format!("{t}#{a}#exports / run#{done}: b v w"),
            format!("{t}#{a}#exports / run#{open}: b v w ypk ysk"),
            format!("{t}#{a}#exports / running#{f}: run"),
            format!("{t}#{open} / left#000001#000000: b"),
            format!("{t}#{open} / slice#000000: d n"),
            format!("{t}#{open} / slice#000001: d"),
        ]
    );
    let facility = "administration copies file_name id job name posting_date_policy state target version w";
    assert_eq!(
        shapes(&store, Which::Settings, "facility").await,
        [format!("{t}#{a} / activefacility: facility w"), format!("{t}#{a} / facility#{f}: {facility}")]
    );
    let items = store.items(Which::Runs).await;
    let millis = |second: i64| at(second).timestamp_millis();
    let entry = format!("{}#{t}#{a}#{f}", millis(FIRST));
    assert_eq!((&items[0]["due"]["N"], &items[0]["ysk"]["S"]), (&millis(FIRST).to_string().into(), &entry.into()));
    assert_eq!((&items[2]["ypk"]["S"], &items[2]["v"]["N"]), (&"exports".into(), &"1".into()));
    assert_eq!(items[3]["run"]["S"], open.to_string());
}

/// So many of a shard are looked for together.
const OF_SHARD: i32 = 50;

/// What a look for due jobs asked for: how many there were, requests, half read units.
async fn looked(store: &TestStore, second: i64) -> (usize, usize, u32) {
    store.take_costs();
    let due = store.store().system().due_export_jobs(at(second), OF_SHARD).await.unwrap();
    let costs = store.take_costs();
    (due.len(), costs.len(), costs.iter().map(|cost| cost.read_half_units).sum())
}

#[tokio::test]
async fn looking_for_due_jobs_costs_what_is_due_and_not_what_there_is() {
    let (store, tenant) = store().await;
    let facilities = tenant.facilities(administration());
    let real = facility(100);
    facilities.create(&real, &author(&writer("a"), 0)).await.unwrap();
    let item = store.items(Which::Runs).await.remove(0);
    let shard = |facility: FacilityId| format!("exportjobs#{}", facility.ulid().0 % u128::from(SystemStore::SHARDS));
    assert_eq!(item["ypk"]["S"], shard(real.id), "copies find their shard as the real one does");
    let (item, entry) = (item.to_string(), at(FIRST).timestamp_millis().to_string());
    // Copies of what is really stored, with another facility and another time.
    let copy = |number: u128, second: i64| {
        let (other, due) = (id(number), at(second).timestamp_millis().to_string());
        let copy = item.replace(&real.id.to_string(), &FacilityId::to_string(&other));
        copy.replace(&shard(real.id), &shard(other)).replace(&entry, &due)
    };
    store.fill(Which::Runs, (101..103).map(|number| copy(number, FIRST)));
    let three = looked(&store, FIRST).await;
    assert_eq!((three.0, three.1), (3, usize::from(SystemStore::SHARDS)));
    store.fill(Which::Runs, (1_000..51_000).map(|number| copy(number, SECOND)));
    assert_eq!(looked(&store, FIRST).await, three, "50,000 others wait");
    store.fill(Which::Runs, (200..1_000).map(|number| copy(number, FIRST)));
    let many = looked(&store, FIRST).await;
    assert_eq!((many.0, many.1), (50 * usize::from(SystemStore::SHARDS), three.1), "fifty of each shard at a time");
    assert!(many.2 > three.2, "{} half units for many, {} for three", many.2, three.2);
}
