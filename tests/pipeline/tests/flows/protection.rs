//! Export of a tenant, its deletion, and the erasure of a person, with processes that die at every request.

use chrono::{NaiveTime, TimeDelta};
use domain::{
    document::{Actor, Document, Event, Status},
    ids::{DocumentId, Id, JobId, TenantId, UserId},
    office::{Access, Choice, Tenant, User, UserState},
    permission::{Role, Roles},
    protection::{
        Confirmation, Deletion, Erasure, Export, GRACE, Job, JobState, JobWork, Superusers, erasable_from, erased_user,
    },
};
use flate2::read::DeflateDecoder;
use pipeline::shop::Office;
use pipeline::{Pipeline, Ubl};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
};
use store::{
    Read, TenantStore, Writer,
    document::{Change, Record},
    settings::{AuditFilter, Author, LastSuperuser, LoginSubject},
    testing::{Fault, Which},
};

fn id<T: Id>(number: u128) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1_763_700_000_777, number))
}

fn ubl(p: &Pipeline, number: &str) -> Ubl {
    let pdf = Some(b"%PDF-1.7 picture".to_vec());
    Ubl { pdf, ..Ubl::new(number, p.now().date_naive() - chrono::Days::new(3)) }
}

fn person(number: u128, name: &str) -> User {
    User {
        id: id(number),
        email: format!("{}@example.nl", name.to_lowercase().replace(' ', ".")),
        name: name.to_owned(),
        roles: Roles::new([Role::ClientUser]).unwrap(),
        access: Access::All,
        ledger_users: BTreeMap::new(),
        may_change_ibans: Choice::No,
        state: UserState::Active,
        version: 1,
    }
}

/// Somebody else's office in the same tables.
async fn neighbours(p: &Pipeline) -> TenantStore {
    let tenant: TenantId = id(900);
    let store = p.store.store().tenant(tenant);
    let writer = Writer::new("neighbours", 1);
    let author = Author { by: &Actor::Operator, at: p.now(), writer: &writer };
    let office =
        Tenant { id: tenant, name: "Neighbours".to_owned(), event_sources: BTreeSet::new(), created_at: p.now() };
    store.office().create(&office, &author).await.unwrap();
    store.users().create(&person(901, "Nina Neighbour"), None, &author).await.unwrap();
    p.store.put_object(&format!("{tenant}/doc_1/source"), b"theirs".to_vec());
    store
}

async fn items_of(p: &Pipeline, tenant: TenantId) -> Vec<Value> {
    let mut items = Vec::new();
    for which in [Which::Settings, Which::Documents, Which::Runs] {
        items.extend(p.store.items(which).await);
    }
    items.retain(|item| item["pk"]["S"].as_str().unwrap().starts_with(&tenant.to_string()));
    items
}

async fn add_job(p: &Pipeline, work: JobWork) -> JobId {
    let job = Job::new(id(1), work, p.office.automation_user, p.now());
    p.office.store().jobs().create(&job, &Writer::new("job", 1)).await.unwrap();
    job.id
}

async fn job(p: &Pipeline, id: JobId) -> Job {
    p.office.store().jobs().get(id).await.unwrap().unwrap()
}

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// The files of an archive, found through its directory.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let end = bytes.len() - 22;
    let mut at = number(bytes, end + 16, 4);
    let mut files = BTreeMap::new();
    for _ in 0..number(bytes, end + 10, 2) {
        let (packed, length, offset) =
            (number(bytes, at + 20, 4), number(bytes, at + 28, 2), number(bytes, at + 42, 4));
        let name = String::from_utf8(bytes[at + 46..at + 46 + length].to_vec()).unwrap();
        let begin = offset + 30 + length;
        let mut content = Vec::new();
        DeflateDecoder::new(&bytes[begin..begin + packed]).read_to_end(&mut content).unwrap();
        files.insert(name, content);
        at += 46 + length;
    }
    files
}

fn archives(p: &Pipeline, id: JobId) -> BTreeMap<String, Vec<u8>> {
    let prefix = format!("exports/{}/{id}/", p.office.tenant);
    let names = p.store.object_names().into_iter().filter(|name| name.starts_with(&prefix));
    names.flat_map(|name| unpacked(&p.store.object(&name).unwrap())).collect()
}

fn lines(files: &BTreeMap<String, Vec<u8>>, kind: &str) -> Vec<Value> {
    let of_kind = files.iter().filter(|(name, _)| name.ends_with(&format!("/{kind}.jsonl")));
    let text: String = of_kind.map(|(_, content)| String::from_utf8(content.clone()).unwrap()).collect();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn an_export_has_everything_of_the_tenant_and_nothing_of_another() {
    let p = Pipeline::start().await;
    neighbours(&p).await;
    let posted = p.process(&ubl(&p, "F-1")).await;
    assert_eq!(posted.status, Status::Posted);
    let waiting = p.process(&ubl(&p, "F-1")).await;
    let id = add_job(&p, JobWork::Export { progress: Export::default() }).await;
    assert_eq!(p.protect().await["ended"], 1);
    let files = archives(&p, id);
    let documents = lines(&files, "documents");
    let ids: BTreeSet<_> = documents.iter().map(|line| line["document"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, BTreeSet::from([posted.id.to_string(), waiting.id.to_string()]));
    let whole = documents.iter().find(|line| line["document"]["id"] == json!(posted.id)).unwrap();
    assert!(whole["readings"][0]["content"]["invoice"].is_object() && whole["decisions"][0]["decision"].is_object());
    assert!(whole["history"].as_array().unwrap().len() >= 4);
    let source = files.iter().find(|(name, _)| name.starts_with(&format!("files/{}/source.", posted.id))).unwrap();
    assert_eq!(source.1, &ubl(&p, "F-1").xml(), "as it was delivered");
    for (kind, count) in [("tenant", 1), ("users", 1), ("connections", 1), ("administrations", 1), ("contacts", 2)] {
        assert_eq!(lines(&files, kind).len(), count, "{kind}");
    }
    assert_eq!((lines(&files, "templates").len(), lines(&files, "rules").len()), (2, 2));
    assert!(lines(&files, "audit").len() >= 8);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!((&manifest["counts"]["documents"], &manifest["counts"]["files"]), (&json!(2), &json!(2)));
    let all: Vec<u8> = files.into_values().flatten().collect();
    let all = String::from_utf8_lossy(&all);
    assert!(!all.contains("Neighbour") && !all.contains(&self::id::<TenantId>(900).to_string()));
    for secret in ["refresh_token", "access_token", "\"refresh\"", "\"access\":\""] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_export_has_orders_and_what_was_issued() {
    let mut office = Office::start().await;
    office.issue("100234").await;
    office.p.run_to_rest().await;
    let p = &office.p;
    let id = add_job(p, JobWork::Export { progress: Export::default() }).await;
    assert_eq!(p.protect().await["ended"], 1);
    let files = archives(p, id);
    let (orders, issued) = (lines(&files, "orders"), lines(&files, "issued_documents"));
    assert_eq!((orders.len(), issued.len()), (1, 1));
    assert_eq!(orders[0]["order"]["data"]["reference"], "100234");
    assert!(issued[0]["content"]["lines"].is_array() && !issued[0]["history"].as_array().unwrap().is_empty());
    for (kind, count) in [("numbering_series", 2), ("sellers", 1), ("connectors", 1)] {
        assert_eq!(lines(&files, kind).len(), count, "{kind}");
    }
    let document = issued[0]["document"]["id"].as_str().unwrap();
    for name in ["ours", "ledger"] {
        assert!(files[&format!("files/{document}/{name}.pdf")].starts_with(b"%PDF-"), "{name}");
    }
}

#[tokio::test]
async fn a_tenant_that_only_issued_is_kept_as_a_law_says() {
    let mut office = Office::start().await;
    let id = office.issue("100234").await;
    office.p.run_to_rest().await;
    let issued = office.issued(id).await.issued_at.date_naive();
    confirmed(&office.p).await;
    office.p.advance(GRACE + TimeDelta::hours(2));
    for _ in 0..20 {
        office.p.protect().await;
    }
    let shown = state(&office.p).await;
    assert_eq!(shown["kept_until"], json!(erasable_from(Some("PL"), issued)), "{shown}");
    assert!(office.p.office.store().issued().get(id, Read::Consistent).await.unwrap().is_some());
}

/// A document that was rejected back to what was merely delivered.
async fn untagged(p: &Pipeline) -> DocumentId {
    let before = p.process(&ubl(p, "F-1")).await;
    assert_eq!(before.status, Status::Complete, "a suspected duplicate");
    let (status, step) = before.status.after(Event::Reject).unwrap();
    let after = Document { status, version: before.version + 1, tag: None, contact: None, ..before.clone() };
    let change = Change::new(&before, &after, step, Record::Covered);
    p.office.store().documents().transition(change, &Writer::new("reject", 1)).await.unwrap();
    before.id
}

/// Goes on with processes that die at their first request, then at their second, and so on, until nothing is due any more.
async fn dying(p: &Pipeline) -> usize {
    for request in 0..600 {
        p.store.faults().plan("", request, Fault::Silence);
        let done = tokio::select! {
            () = p.store.faults().silence() => None,
            worked = p.protect() => Some(worked),
        };
        p.store.faults().clear();
        if let Some(worked) = done {
            assert_eq!(worked["failed"], 0);
            return request;
        }
    }
    panic!("it never comes to its end");
}

#[tokio::test]
async fn an_export_whose_processes_die_at_each_request_is_whole() {
    let p = Pipeline::start().await;
    let posted = p.process(&ubl(&p, "F-1")).await;
    let id = add_job(&p, JobWork::Export { progress: Export::default() }).await;
    assert!(dying(&p).await > 10);
    assert!(matches!(job(&p, id).await.state, JobState::Done { .. }));
    let documents = lines(&archives(&p, id), "documents");
    assert_eq!((documents.len(), &documents[0]["document"]["id"]), (1, &json!(posted.id)));
}

/// A deletion that is asked for and confirmed.
pub async fn confirmed(p: &Pipeline) -> JobId {
    let store = p.office.store();
    let now = p.now();
    let (first, second): (UserId, UserId) = (id(11), id(12));
    let asked = Deletion::requested(first, now, "digest".to_owned());
    let writer = Writer::new("delete", 1);
    let author = Author { by: &Actor::User(second), at: now, writer: &writer };
    store.deletion().put(None, &asked, &author).await.unwrap();
    let job = add_job(p, JobWork::DeleteTenant { progress: Erasure::default() }).await;
    let by = Confirmation {
        by: second,
        token: "digest",
        name: "Kantoor",
        office: "Kantoor",
        superusers: Superusers::Several,
        now,
        job,
    };
    let writer = Writer::new("confirm", 1);
    let author = Author { by: &Actor::User(second), at: now, writer: &writer };
    store.deletion().put(Some(&asked), &asked.confirmed(by).unwrap(), &author).await.unwrap();
    job
}

async fn state(p: &Pipeline) -> Value {
    p.operate_protection(json!({ "command": "tenant_state", "tenant": p.office.tenant })).await.unwrap()
}

#[tokio::test]
async fn a_deleted_tenant_is_closed_kept_as_a_law_says_and_then_gone() {
    let mut p = Pipeline::start().await;
    let theirs = neighbours(&p).await;
    let before = items_of(&p, theirs.id()).await;
    let posted = p.process(&ubl(&p, "F-1")).await;
    assert_eq!(posted.status, Status::Posted);
    let merely_delivered = untagged(&p).await;
    let sofie = User { roles: Roles::new([Role::Superuser]).unwrap(), ..person(60, "Sofie Super") };
    let writer = Writer::new("sofie", 1);
    let author = Author { by: &Actor::Operator, at: p.now(), writer: &writer };
    p.office.store().users().create(&sofie, Some(&LoginSubject::new("sub")), &author).await.unwrap();
    assert_eq!(state(&p).await["state"], "open");
    confirmed(&p).await;
    // Closed at once; nothing is erased for thirty days.
    p.protect().await;
    assert_eq!(state(&p).await["state"], "closed");
    let connection = p.office.get_connection().await;
    assert_eq!(connection.automation, domain::automation::AutomationSwitch::Off);
    assert!(p.office.store().credentials().get(connection.id, Read::Consistent).await.unwrap().is_none());
    assert_eq!(p.logins.noted(), [("closed", "automaat@example.nl".to_owned())]);
    let refused = p.event("e-1", p.event_source(), &json!({
        "tenant": p.office.tenant, "administration": p.office.administration, "tag": "purchase", "content": "PGEvPg==",
        "file_name": "a.xml",
    }));
    assert_eq!(p.invoke(pipeline::Queue::Tagged, vec![p.message(&refused)]).await.len(), 1, "nothing comes in");
    p.advance(GRACE - TimeDelta::hours(1));
    p.protect().await;
    assert_eq!(p.document(merely_delivered).await.status, Status::Received);
    // Then what no law keeps goes, and people are pseudonyms.
    p.advance(TimeDelta::hours(2));
    assert!(dying(&p).await > 10);
    let shown = state(&p).await;
    let until = erasable_from(Some("NL"), posted.received_at.date_naive());
    assert_eq!((&shown["state"], &shown["kept_until"]), (&json!("erasing"), &json!(until)));
    assert_eq!(p.document(posted.id).await.status, Status::Posted, "kept, and locked");
    assert!(p.office.store().documents().get(merely_delivered, Read::Consistent).await.unwrap().is_none());
    assert!(!p.store.object_names().iter().any(|name| name.contains(&merely_delivered.to_string())));
    assert!(p.logins.noted().contains(&("deleted", "automaat@example.nl".to_owned())));
    let left = serde_json::to_string(&items_of(&p, p.office.tenant).await).unwrap();
    assert!(
        !left.contains("automaat@") && !left.contains("Automatic user") && !left.contains("Sofie"),
        "nobody is named"
    );
    let cancelled = p.operate_protection(json!({ "command": "cancel_deletion", "tenant": p.office.tenant })).await;
    assert!(cancelled.unwrap_err().to_string().contains("cannot be cancelled"));
    // When retention has ended, nothing is left.
    let end = until.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(13);
    p.advance(end - p.now());
    assert!(dying(&p).await > 10);
    let left = items_of(&p, p.office.tenant).await;
    let audit = format!("{}#audit", p.office.tenant);
    assert!(left.iter().all(|item| item["pk"]["S"] == audit.as_str()), "{left:#?}");
    let text = serde_json::to_string(&left).unwrap();
    assert!(!text.is_empty() && !text.contains("Papier") && !text.contains('@'), "{text}");
    assert!(!p.store.object_names().iter().any(|name| name.contains(&p.office.tenant.to_string())));
    let shown = state(&p).await;
    assert_eq!(shown["state"], "erased");
    assert!(shown["tombstone"]["erased_at"].is_string());
    // Nobody else noticed.
    assert_eq!(items_of(&p, theirs.id()).await, before);
    assert!(p.store.object_names().iter().any(|name| name.starts_with(&theirs.id().to_string())));
    assert_eq!(p.protect().await["steps"], 0, "and it is over");
}

#[tokio::test]
async fn a_deletion_that_is_taken_back_opens_the_office_again() {
    let mut p = Pipeline::start().await;
    confirmed(&p).await;
    p.protect().await;
    p.advance(TimeDelta::days(3));
    let shown = p.operate_protection(json!({ "command": "cancel_deletion", "tenant": p.office.tenant })).await.unwrap();
    assert_eq!(shown["state"], "open");
    assert_eq!(p.protect().await["ended"], 1);
    assert_eq!(p.logins.noted().last(), Some(&("opened", "automaat@example.nl".to_owned())));
    p.advance(GRACE);
    p.protect().await;
    assert_eq!(state(&p).await["state"], "open", "and nothing happens later");
    assert!(p.operate_protection(json!({ "command": "tenant_state", "tenant": id::<TenantId>(5) })).await.is_err());
}

#[tokio::test]
async fn an_erased_person_is_a_pseudonym_everywhere_and_history_stays_true() {
    let p = Pipeline::start().await;
    let store = p.office.store();
    let ann = person(50, "Ann Jansen");
    let writer = Writer::new("ann", 1);
    let author = Author { by: &Actor::Operator, at: p.now(), writer: &writer };
    store.users().create(&ann, Some(&LoginSubject::new("sub-of-ann")), &author).await.unwrap();
    let writer = Writer::new("ann", 2);
    let author = Author { by: &Actor::User(ann.id), at: p.now(), writer: &writer };
    let moved = User { email: "ann@elsewhere.nl".to_owned(), version: 2, ..ann.clone() };
    store.users().replace(&ann, &moved, &author).await.unwrap();
    let writer = Writer::new("ann", 3);
    let author = Author { by: &Actor::Operator, at: p.now(), writer: &writer };
    store.users().erase(&moved, &erased_user(&moved), LastSuperuser::Stays, &author).await.unwrap();
    let id = add_job(&p, JobWork::ErasePerson { user: ann.id }).await;
    dying(&p).await;
    let JobState::Done { report, .. } = job(&p, id).await.state else { panic!("it is done") };
    let codes: Vec<_> = report.iter().map(|reason| reason.code.as_str()).collect();
    assert!(codes.contains(&"erased_audit") && codes.contains(&"kept_history"), "{codes:?}");
    let text = serde_json::to_string(&items_of(&p, p.office.tenant).await).unwrap();
    for gone in ["Ann", "ann.jansen", "elsewhere", "sub-of-ann"] {
        assert!(!text.contains(gone), "{gone}");
    }
    let about = AuditFilter { subject: Some(ann.id.to_string()), ..AuditFilter::default() };
    let entries = store.audit().list(&about, None, 10).await.unwrap().items;
    let what: Vec<_> = entries.iter().map(|entry| (entry.what.as_str(), entry.by.clone())).collect();
    assert_eq!(what.len(), 3);
    assert!(what.contains(&("user.changed", Actor::User(ann.id))), "who did what stays");
}
