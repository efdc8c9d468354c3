//! Settings on a DynamoDB in this process, through the real SDK.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use domain::{
    automation::{AutomationRule, RuleState},
    contact::MatchKey,
    document::UnitId,
    ledger::{Direction, DirectoryEntry, DirectoryKind},
    office::{Administration, Choice, Connection, ConnectionState, Tenant, User, UserState},
    permission::Role,
    time::TimeZone,
};
use store::{
    ErrorKind, Read, TenantStore, Writer,
    settings::{AuditEntry, AuditFilter, Author, ContactError, Directory, LoginSubject, NamedRule, UserError},
    testing::{Fault, TestStore, Which},
};
use support::{
    actor, administration, at, connection, contact, contact_id, id, rule, rule_id, template, tenant, unit, user,
    user_id, writer,
};

async fn store() -> (TestStore, TenantStore) {
    let store = TestStore::start().await;
    let tenant = store.store().tenant(tenant());
    (store, tenant)
}

static BY: std::sync::LazyLock<domain::document::Actor> = std::sync::LazyLock::new(actor);

fn author(writer: &Writer, second: i64) -> Author<'_> {
    Author { by: &BY, at: at(second), writer }
}

fn books() -> Administration {
    Administration {
        id: administration(),
        name: "Bakkerij De Ster".into(),
        time_zone: TimeZone::default(),
        own: domain::contact::OwnIdentifiers::default(),
        unit: Some(unit()),
        currency: domain::money::Currency::EUR,
        exports: domain::office::ExportRules::default(),
        duplicates: domain::office::DuplicateRules::default(),
        version: 1,
    }
}

fn link() -> Connection {
    Connection {
        id: connection(),
        system: "exact-online".parse().unwrap(),
        name: "Exact".into(),
        state: ConnectionState::Connected,
        licence_country: "NL".into(),
        intermediary: None,
        create_contacts: Choice::Yes,
        options: [("journal".to_owned(), "70".to_owned())].into(),
        ledger_user: None,
        divisions: [(administration(), "1234567".parse().unwrap())].into(),
        automation: domain::automation::AutomationSwitch::On { since: at(0) },
        automation_user: Some(user_id()),
        version: 1,
    }
}

#[tokio::test]
async fn the_tenant_reads_back_and_changes() {
    let (_store, tenant) = store().await;
    let office = tenant.office();
    assert_eq!(office.get(Read::Consistent).await.unwrap(), None);
    let value = Tenant {
        id: tenant.id(),
        name: "Kantoor".into(),
        event_sources: ["scanner".to_owned()].into(),
        created_at: at(0),
    };
    office.create(&value, &author(&writer("a"), 0)).await.unwrap();
    let before = office.get(Read::Consistent).await.unwrap().unwrap();
    assert_eq!((before.value.clone(), before.version), (value.clone(), 1));
    let after = Tenant { name: "Kantoor Zuid".into(), ..value };
    office.replace(&before, &after, &author(&writer("b"), 1)).await.unwrap();
    let late = office.replace(&before, &after, &author(&writer("c"), 1)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict, "an edit of what was edited meanwhile is lost for nobody");
    assert_eq!(office.get(Read::Eventual).await.unwrap().unwrap().value, after);
}

#[tokio::test]
async fn administrations_and_connections_are_edited_one_after_another() {
    let (_store, tenant) = store().await;
    let all = tenant.administrations();
    all.create(&books(), &author(&writer("a"), 0)).await.unwrap();
    let again = all.create(&books(), &author(&writer("b"), 0)).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
    let edited = Administration { name: "De Ster".into(), version: 2, ..books() };
    all.replace(&books(), &edited, &author(&writer("c"), 1)).await.unwrap();
    assert_eq!(all.get(administration(), Read::Consistent).await.unwrap(), Some(edited.clone()));
    let late = all.replace(&books(), &edited, &author(&writer("d"), 1)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
    let skipped = Administration { version: 9, ..edited.clone() };
    assert_eq!(all.replace(&edited, &skipped, &author(&writer("d"), 1)).await.unwrap_err().kind(), ErrorKind::Bug);
    let other = Administration { id: id(99), ..books() };
    let absent = all.replace(&other, &Administration { version: 2, ..other.clone() }, &author(&writer("d"), 1)).await;
    assert_eq!(absent.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(all.all().await.unwrap(), [edited]);

    let links = tenant.connections();
    links.create(&link(), &author(&writer("e"), 0)).await.unwrap();
    assert_eq!(links.get(connection(), Read::Eventual).await.unwrap(), Some(link()));
    assert_eq!(links.list(None, 10).await.unwrap().items, [link()]);
}

#[tokio::test]
async fn an_edit_whose_answer_was_lost_is_made_once() {
    let (store, tenant) = store().await;
    store.faults().plan("TransactWriteItems", 0, Fault::LoseAnswer);
    tenant.administrations().create(&books(), &author(&writer("a"), 0)).await.unwrap();
    let edited = Administration { version: 2, ..books() };
    store.faults().plan_in_a_row("TransactWriteItems", 3, Fault::LoseAnswer);
    let edit = || async { tenant.administrations().replace(&books(), &edited, &author(&writer("b"), 1)).await };
    assert_eq!(edit().await.unwrap_err().kind(), ErrorKind::Retryable);
    edit().await.unwrap();
    assert_eq!(
        tenant.audit().list(&AuditFilter::default(), None, 10).await.unwrap().items.len(),
        2,
        "one entry for each change"
    );
}

#[tokio::test]
async fn every_change_is_in_the_audit_record() {
    let (store, tenant) = store().await;
    let value = contact();
    let contacts = tenant.contacts(administration());
    contacts.create(&value, &author(&writer("a"), 10)).await.unwrap();
    let edited = domain::contact::Contact { name: "Molen".into(), version: 2, ..value };
    contacts.replace(&contact(), &edited, &author(&writer("b"), 20)).await.unwrap();
    tenant
        .templates(administration())
        .put(contact_id(), None, &template("4600"), &author(&writer("t"), 25))
        .await
        .unwrap();
    tenant.rules(administration()).create(&rule(1), &author(&writer("c"), 30)).await.unwrap();
    let download = AuditEntry {
        at: at(40),
        by: actor(),
        what: "document.downloaded".into(),
        subject: "doc".into(),
        before: None,
        after: None,
    };
    tenant.audit().append(&download, &writer("d")).await.unwrap();
    tenant.audit().append(&download, &writer("d")).await.unwrap();
    let first = tenant.audit().list(&AuditFilter::default(), None, 3).await.unwrap();
    let second = tenant.audit().list(&AuditFilter::default(), first.next.as_ref(), 3).await.unwrap();
    let entries = [first.items.clone(), second.items].concat();
    let what: Vec<_> = entries.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(
        what,
        ["document.downloaded", "rule.created", "template.saved", "contact.changed", "contact.created"],
        "newest first"
    );
    let change = &entries[3];
    assert_eq!((change.at, &change.by, change.subject.as_str()), (at(20), &actor(), contact_id().to_string().as_str()));
    let name = |value: &Option<serde_json::Value>| value.as_ref().unwrap()["name"].clone();
    assert_eq!((name(&change.before), name(&change.after)), ("Molen Supplies B.V.".into(), "Molen".into()));
    let other = store.store().tenant(id(77)).audit();
    assert!(other.list(&AuditFilter::default(), None, 10).await.unwrap().items.is_empty());
    let stolen = other.list(&AuditFilter::default(), first.next.as_ref(), 10).await.unwrap_err();
    assert_eq!(stolen.kind(), ErrorKind::BadCursor);
}

#[tokio::test]
async fn the_audit_record_is_filtered_at_the_same_cost_whatever_its_size() {
    let (store, tenant) = store().await;
    let entry = |number: i64| AuditEntry {
        at: at(number),
        by: if number % 2 == 0 { actor() } else { domain::document::Actor::System },
        what: if number % 10 == 0 { "contact.changed" } else { "document.source_downloaded" }.into(),
        subject: format!("subject-{}", number % 5),
        before: None,
        after: Some(serde_json::json!({ "number": number })),
    };
    let audit = tenant.audit();
    for number in 0..700 {
        audit.append(&entry(number), &writer(&format!("w{number}"))).await.unwrap();
    }
    let filter = AuditFilter {
        from: Some(at(100)),
        before: Some(at(200)),
        by: Some(actor()),
        kind: Some("contact".into()),
        subject: None,
    };
    let page = audit.list(&filter, None, 100).await.unwrap();
    let numbers: Vec<i64> = page.items.iter().map(|entry| (entry.at - at(0)).num_seconds()).collect();
    assert_eq!(numbers, [190, 180, 170, 160, 150, 140, 130, 120, 110, 100]);
    assert_eq!(page.items[0].after, Some(serde_json::json!({ "number": 190 })), "with its details");
    assert!(page.next.is_none());
    let about = AuditFilter { subject: Some("subject-3".into()), ..AuditFilter::default() };
    assert_eq!(audit.list(&about, None, 100).await.unwrap().items.len(), 100);
    assert!(audit.list(&about, None, 100).await.unwrap().items.iter().all(|entry| entry.subject == "subject-3"));
    // Nothing is found: five pages are looked through and no more, and the next part goes on from there.
    let rare = AuditFilter { kind: Some("contact.deleted".into()), ..AuditFilter::default() };
    store.take_costs();
    let none = audit.list(&rare, None, 50).await.unwrap();
    assert_eq!(store.take_costs().len(), 5, "queries");
    assert!(none.items.is_empty() && none.next.is_some());
    let rest = audit.list(&rare, none.next.as_ref(), 50).await.unwrap();
    assert!(rest.items.is_empty() && rest.next.is_none());
    let other = audit.list(&about, none.next.as_ref(), 50).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::BadCursor, "a cursor is good for its own list");
}

#[tokio::test]
async fn an_audit_entry_is_never_replaced_and_holds_nothing_that_can_be_erased() {
    let (store, tenant) = store().await;
    let value = contact();
    tenant.contacts(administration()).create(&value, &author(&writer("a"), 10)).await.unwrap();
    let entry = AuditEntry {
        at: at(10),
        by: actor(),
        what: "contact.created".into(),
        subject: value.id.to_string(),
        before: None,
        after: None,
    };
    // The same instant and the same kind, by somebody else: another entry, not this one anew.
    tenant.audit().append(&entry, &writer("other")).await.unwrap();
    assert_eq!(tenant.audit().list(&AuditFilter::default(), None, 10).await.unwrap().items.len(), 2);
    let kept = async || -> Vec<_> {
        let items = store.items(store::testing::Which::Settings).await;
        items.into_iter().filter(|item| item["pk"]["S"].as_str().unwrap().ends_with("#audit")).collect()
    };
    let before = kept().await;
    assert!(!before.iter().any(|item| item.to_string().contains(&value.name)));
    let changed =
        tenant.audit().erase_details(&entry.subject, at(99), |value| value["name"] = "-".into()).await.unwrap();
    assert_eq!(changed, 1);
    assert_eq!(kept().await, before, "the record itself stays as it is");
    let shown = tenant.audit().list(&AuditFilter::default(), None, 10).await.unwrap().items;
    assert!(shown.iter().any(|entry| entry.after.as_ref().is_some_and(|after| after["name"] == "-")));
    let again = tenant.audit().erase_details(&entry.subject, at(99), |value| value["name"] = "-".into()).await.unwrap();
    assert_eq!(again, 0);
}

#[tokio::test]
async fn contacts_are_found_by_their_keys() {
    let (store, tenant) = store().await;
    let contacts = tenant.contacts(administration());
    contacts.create(&contact(), &author(&writer("a"), 0)).await.unwrap();
    let keys = contact().match_keys();
    let unknown = MatchKey::Vat("DE123456789".parse().unwrap());
    store.take_costs();
    let asked = [keys.clone(), vec![unknown.clone(), keys[0].clone()]].concat();
    let found = contacts.find(Direction::Purchase, &asked).await.unwrap();
    assert_eq!(store.take_units(), (0, 4), "half a unit for each key, doubled ones once");
    assert_eq!(found.iter().map(|found| found.contact).collect::<Vec<_>>(), [contact_id(); 3]);
    assert_eq!(contacts.find(Direction::Sales, &keys).await.unwrap(), [], "another direction");
    assert_eq!(contacts.find(Direction::Purchase, &[]).await.unwrap(), []);
    assert_eq!(tenant.contacts(id(98)).find(Direction::Purchase, &keys).await.unwrap(), [], "other books");
    let elsewhere = store.store().tenant(id(77)).contacts(administration());
    assert_eq!(elsewhere.find(Direction::Purchase, &keys).await.unwrap(), [], "another tenant");
    assert_eq!(elsewhere.get(contact_id(), Read::Consistent).await.unwrap(), None);
}

#[tokio::test]
async fn a_match_key_belongs_to_one_contact_and_moves_with_edits() {
    let (_store, tenant) = store().await;
    let contacts = tenant.contacts(administration());
    contacts.create(&contact(), &author(&writer("a"), 0)).await.unwrap();
    let mut other = contact();
    other.id = id(33);
    other.vat_number = None;
    other.registry_number = None;
    let taken = contacts.create(&other, &author(&writer("b"), 0)).await.unwrap_err();
    let ContactError::KeyTaken { key, by } = taken else { panic!("{taken}") };
    assert_eq!((key.parts(), by), (("iban", "NL91ABNA0417164300"), contact_id()));
    assert_eq!(contacts.get(other.id, Read::Consistent).await.unwrap(), None, "all or nothing");

    let mut edited = contact();
    edited.version = 2;
    edited.ibans = vec!["GB82WEST12345698765432".parse().unwrap()];
    contacts.replace(&contact(), &edited, &author(&writer("c"), 1)).await.unwrap();
    contacts.create(&other, &author(&writer("d"), 2)).await.unwrap();
    let found = contacts.find(Direction::Purchase, &[edited.match_keys(), other.match_keys()].concat()).await.unwrap();
    assert_eq!(found.iter().filter(|found| found.contact == other.id).count(), 1);
    assert_eq!(found.iter().filter(|found| found.contact == contact_id()).count(), 3);
    let late = contacts.replace(&contact(), &edited, &author(&writer("e"), 3)).await.unwrap_err();
    let ContactError::Store(late) = late else { panic!("{late}") };
    assert_eq!(late.kind(), ErrorKind::Conflict);
    assert_eq!(contacts.list(None, 10).await.unwrap().items, [edited, other]);
}

#[tokio::test]
async fn a_contact_comes_with_its_template() {
    let (store, tenant) = store().await;
    let contacts = tenant.contacts(administration());
    let templates = tenant.templates(administration());
    assert_eq!(contacts.with_template(contact_id()).await.unwrap(), (None, None));
    contacts.create(&contact(), &author(&writer("a"), 0)).await.unwrap();
    assert_eq!(templates.put(contact_id(), None, &template("4600"), &author(&writer("b"), 0)).await.unwrap(), 1);
    store.take_costs();
    let (found, coded) = contacts.with_template(contact_id()).await.unwrap();
    assert_eq!(store.take_units(), (0, 2));
    let coded = coded.unwrap();
    assert_eq!((found, &coded.value, coded.version), (Some(contact()), &template("4600"), 1));
    assert_eq!(
        templates.put(contact_id(), Some(&coded), &template("4700"), &author(&writer("c"), 1)).await.unwrap(),
        2
    );
    let late = templates.put(contact_id(), Some(&coded), &template("4800"), &author(&writer("d"), 1)).await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Conflict);
    let first_again = templates.put(contact_id(), None, &template("4800"), &author(&writer("e"), 1)).await;
    assert_eq!(first_again.unwrap_err().kind(), ErrorKind::Conflict);
    let now = templates.get(contact_id(), Read::Consistent).await.unwrap().unwrap();
    templates.delete(contact_id(), &now, &author(&writer("f"), 2)).await.unwrap();
    assert_eq!(templates.get(contact_id(), Read::Consistent).await.unwrap(), None);
}

#[tokio::test]
async fn rules_keep_every_version() {
    let (store, tenant) = store().await;
    let rules = tenant.rules(administration());
    let without = rules.create(&rule(1), &author(&writer("t"), 0)).await.unwrap_err();
    assert_eq!(without.kind(), ErrorKind::Conflict, "a rule needs a posting template");
    for contact in [contact_id(), id(33)] {
        let by = writer(&contact.to_string());
        tenant.templates(administration()).put(contact, None, &template("4600"), &author(&by, 0)).await.unwrap();
    }
    rules.create(&rule(1), &author(&writer("a"), 0)).await.unwrap();
    let mut edited = rule(2);
    edited.max_amount = None;
    rules.replace(&rule(1), &edited, &author(&writer("b"), 1)).await.unwrap();
    assert_eq!(
        rules.replace(&rule(1), &edited, &author(&writer("c"), 1)).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
    let mut second = rule(1);
    second.id = id(71);
    rules.create(&second, &author(&writer("d"), 2)).await.unwrap();
    let mut of_another = rule(1);
    of_another.id = id(72);
    of_another.contact = id(33);
    rules.create(&of_another, &author(&writer("e"), 2)).await.unwrap();
    store.take_costs();
    assert_eq!(rules.of_contact(contact_id()).await.unwrap(), [edited.clone(), second.clone()]);
    assert_eq!(store.take_units(), (0, 1), "one query of a contact's rules");
    assert_eq!(rules.list(None, 10).await.unwrap().items.len(), 3);
    rules.delete(&edited, &author(&writer("f"), 3)).await.unwrap();
    assert_eq!(rules.of_contact(contact_id()).await.unwrap(), [second]);
    assert_eq!(rules.get(contact_id(), rule_id(), Read::Consistent).await.unwrap(), None);
    assert_eq!(rules.find(rule_id()).await.unwrap(), None);
    let history = rules.history(rule_id()).await.unwrap().unwrap();
    assert_eq!((history.contact, history.deleted), (contact_id(), Some((at(3), actor()))));
    let versions: Vec<_> = history.versions.into_iter().map(|version| (version.rule, version.at, version.by)).collect();
    assert_eq!(versions, [(rule(1), at(0), actor()), (edited, at(1), actor())], "decisions point to them");
}

#[tokio::test]
async fn without_their_template_rules_are_suspended() {
    let (store, tenant) = store().await;
    let (rules, templates) = (tenant.rules(administration()), tenant.templates(administration()));
    tenant.contacts(administration()).create(&contact(), &author(&writer("k"), 0)).await.unwrap();
    let coded = template("4600");
    templates.put(contact_id(), None, &coded, &author(&writer("a"), 0)).await.unwrap();
    rules.create(&rule(1), &author(&writer("b"), 0)).await.unwrap();
    let saved = templates.get(contact_id(), Read::Consistent).await.unwrap().unwrap();
    templates.delete(contact_id(), &saved, &author(&writer("c"), 1)).await.unwrap();
    store.take_costs();
    let suspended = AutomationRule { state: RuleState::Suspended, ..rule(1) };
    assert_eq!(rules.of_contact(contact_id()).await.unwrap(), std::slice::from_ref(&suspended));
    assert_eq!(store.take_units(), (0, 1), "known without a read of its own");
    let listed = rules.list(None, 10).await.unwrap().items;
    let named = NamedRule { rule: suspended.clone(), contact_name: Some(contact().name) };
    assert_eq!(listed, [named]);
    assert_eq!(rules.find(rule_id()).await.unwrap(), Some(suspended.clone()));
    // An edit does not bring it back, nor is its state stored with it.
    let edited = AutomationRule { version: 2, max_amount: None, ..suspended };
    rules.replace(&rule(1), &edited, &author(&writer("d"), 2)).await.unwrap();
    assert_eq!(rules.of_contact(contact_id()).await.unwrap(), std::slice::from_ref(&edited));
    // A template does, from then on.
    templates.put(contact_id(), None, &coded, &author(&writer("e"), 5)).await.unwrap();
    let back = AutomationRule { state: RuleState::Active, effective_from: at(5), ..edited };
    assert_eq!(rules.of_contact(contact_id()).await.unwrap(), std::slice::from_ref(&back));
    assert_eq!(rules.list(None, 10).await.unwrap().items[0].rule, back);
    // And a second time.
    let saved = templates.get(contact_id(), Read::Consistent).await.unwrap().unwrap();
    templates.delete(contact_id(), &saved, &author(&writer("f"), 6)).await.unwrap();
    assert_eq!(rules.of_contact(contact_id()).await.unwrap()[0].state, RuleState::Suspended);
}

#[tokio::test]
async fn who_and_what_is_deleted_is_found_by_nobody_but_what_was_on_its_way() {
    let (_store, tenant) = store().await;
    let ada = user(id(41), "ada@example.com", &[Role::Superuser]);
    let bob = user(id(42), "bob@example.com", &[Role::Superuser]);
    let users = tenant.users();
    users.create(&ada, None, &author(&writer("a"), 0)).await.unwrap();
    assert!(matches!(users.delete(&ada, &author(&writer("b"), 1)).await, Err(UserError::LastSuperuser)));
    users.create(&bob, None, &author(&writer("c"), 1)).await.unwrap();
    users.delete(&ada, &author(&writer("d"), 2)).await.unwrap();
    assert_eq!(users.get(ada.id, Read::Consistent).await.unwrap(), None);
    let again = user(id(43), "ada@example.com", &[Role::Accountant]);
    users.create(&again, None, &author(&writer("e"), 3)).await.unwrap();
    users.delete(&again, &author(&writer("f"), 4)).await.unwrap();
    let administrations = tenant.administrations();
    administrations.create(&books(), &author(&writer("g"), 0)).await.unwrap();
    administrations.delete(&books(), &author(&writer("h"), 1)).await.unwrap();
    assert_eq!(administrations.get(administration(), Read::Consistent).await.unwrap(), None);
    assert!(administrations.all().await.unwrap().is_empty());
    assert_eq!(administrations.get_even_deleted(administration()).await.unwrap(), Some(books()));
}

#[tokio::test]
async fn a_decision_knows_the_connection_and_its_automation_user() {
    let (store, tenant) = store().await;
    let links = tenant.connections();
    assert_eq!(links.automation_facts(connection()).await.unwrap(), None);
    links.create(&link(), &author(&writer("a"), 0)).await.unwrap();
    let facts = links.automation_facts(connection()).await.unwrap().unwrap();
    assert_eq!((facts.connection, facts.user), (link(), None));
    let machine = user(user_id(), "auto@example.com", &[Role::Accountant]);
    tenant.users().create(&machine, None, &author(&writer("b"), 0)).await.unwrap();
    store.take_costs();
    let facts = links.automation_facts(connection()).await.unwrap().unwrap();
    assert_eq!(store.take_units(), (0, 2));
    assert_eq!(facts.user, Some(machine));
}

#[tokio::test]
async fn users_are_unique_by_address_and_found_by_login() {
    let (store, tenant) = store().await;
    let users = tenant.users();
    let ada = user(user_id(), "Ada@example.com", &[Role::Superuser]);
    let login = LoginSubject::new("sub-1");
    users.create(&ada, Some(&login), &author(&writer("a"), 0)).await.unwrap();
    assert_eq!(users.by_login(&login).await.unwrap(), Some(ada.clone()));
    assert_eq!(users.by_login(&LoginSubject::new("sub-2")).await.unwrap(), None);
    let same = user(id(41), "ada@EXAMPLE.com", &[Role::Accountant]);
    let taken = users.create(&same, None, &author(&writer("b"), 0)).await.unwrap_err();
    assert!(matches!(taken, UserError::EmailTaken(by) if by == ada.id), "{taken}");
    let bob = User { email: "bob@example.com".into(), ..same };
    let taken = users.create(&bob, Some(&login), &author(&writer("c"), 0)).await.unwrap_err();
    assert!(matches!(taken, UserError::LoginTaken(by) if by == ada.id), "{taken}");
    users.create(&bob, None, &author(&writer("d"), 0)).await.unwrap();
    users.link_login(&bob, &LoginSubject::new("sub-2"), &author(&writer("e"), 1)).await.unwrap();
    assert_eq!(users.by_login(&LoginSubject::new("sub-2")).await.unwrap(), Some(bob.clone()));
    let moved = User { email: "robert@example.com".into(), version: 2, ..bob.clone() };
    users.replace(&bob, &moved, &author(&writer("f"), 2)).await.unwrap();
    let freed = user(id(42), "bob@example.com", &[Role::Accountant]);
    users.create(&freed, None, &author(&writer("g"), 3)).await.unwrap();
    assert_eq!(users.list().await.unwrap().len(), 3);
    let other = store.store().tenant(id(77)).users();
    assert_eq!(other.by_login(&login).await.unwrap(), None, "a login of another tenant");
    assert_eq!(other.get(ada.id, Read::Consistent).await.unwrap(), None);
}

#[tokio::test]
async fn the_last_superuser_stays_even_when_two_leave_at_once() {
    let (_store, tenant) = store().await;
    let users = tenant.users();
    let ada = user(id(41), "ada@example.com", &[Role::Superuser]);
    let bob = user(id(42), "bob@example.com", &[Role::Superuser, Role::Accountant]);
    users.create(&ada, None, &author(&writer("a"), 0)).await.unwrap();
    users.create(&bob, None, &author(&writer("b"), 0)).await.unwrap();
    let disabled = |user: &User| User { state: UserState::Disabled, version: user.version + 1, ..user.clone() };
    let (ada_off, bob_off) = (disabled(&ada), disabled(&bob));
    let (one, other) = (writer("c"), writer("d"));
    let (one, other) = (author(&one, 1), author(&other, 1));
    let results = tokio::join!(users.replace(&ada, &ada_off, &one), users.replace(&bob, &bob_off, &other));
    let refused = |result: &Result<(), UserError>| match result {
        Ok(()) => false,
        Err(UserError::LastSuperuser) => true,
        Err(UserError::Store(error)) => error.is_retryable(),
        Err(error) => panic!("{error}"),
    };
    assert!(refused(&results.0) != refused(&results.1), "{results:?}");
    let active = users.list().await.unwrap().into_iter().filter(|user| user.state == UserState::Active).count();
    assert_eq!(active, 1);
}

#[tokio::test]
async fn directories_keep_their_age_and_may_be_large() {
    let (store, tenant) = store().await;
    let directories = tenant.directories();
    let kind = DirectoryKind::Suppliers;
    assert_eq!(directories.get(&unit(), kind).await.unwrap(), None);
    let entries = |count: u64| {
        let entry = |number: u64| DirectoryEntry {
            code: format!("{number:018}"),
            name: format!("Supplier {:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            ..DirectoryEntry::default()
        };
        (0..count).map(entry).collect::<Vec<_>>()
    };
    let small = Directory { entries: entries(3), fetched_at: at(1) };
    directories.put(&unit(), kind, &small).await.unwrap();
    assert_eq!(directories.get(&unit(), kind).await.unwrap(), Some(small));
    let large = Directory { entries: entries(20_000), fetched_at: at(2) };
    directories.put(&unit(), kind, &large).await.unwrap();
    assert_eq!(store.object_names().len(), 1, "outside the item");
    assert_eq!(directories.get(&unit(), kind).await.unwrap(), Some(large));
    let other = UnitId { division: None, ..unit() };
    assert_eq!(directories.get(&other, kind).await.unwrap(), None);
    assert_eq!(directories.get(&unit(), DirectoryKind::Customers).await.unwrap(), None);
}

#[tokio::test]
async fn stored_settings_keep_their_shape() {
    let (store, tenant) = store().await;
    let by = writer("a");
    let by = author(&by, 0);
    let office = Tenant { id: tenant.id(), name: "K".into(), event_sources: ["s".into()].into(), created_at: at(0) };
    tenant.office().create(&office, &by).await.unwrap();
    let ada = user(user_id(), "ada@example.com", &[Role::Superuser]);
    tenant.users().create(&ada, Some(&LoginSubject::new("sub-1")), &by).await.unwrap();
    tenant.administrations().create(&books(), &by).await.unwrap();
    tenant.connections().create(&link(), &by).await.unwrap();
    tenant.contacts(administration()).create(&contact(), &by).await.unwrap();
    tenant.templates(administration()).put(contact_id(), None, &template("4600"), &by).await.unwrap();
    tenant.rules(administration()).create(&rule(1), &by).await.unwrap();
    let directory = Directory { entries: vec![], fetched_at: at(1) };
    tenant.directories().put(&unit(), DirectoryKind::VatCodes, &directory).await.unwrap();
    let shapes: Vec<String> = store
        .items(Which::Settings)
        .await
        .iter()
        .map(|item| {
            let mut names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
            names.retain(|name| !["pk", "sk"].contains(name));
            names.sort_unstable();
            let key = format!("{} / {}", item["pk"]["S"].as_str().unwrap(), item["sk"]["S"].as_str().unwrap());
            format!("{key}: {}", names.join(" "))
        })
        .filter(|shape| !shape.contains("#audit"))
        .collect();
    let (t, a, c) = (tenant.id(), administration(), contact_id());
    let (user, link, rule) = (user_id(), connection(), rule_id());
    let expected = [
        format!("{t} / administration#{a}: currency duplicates exports id name own time_zone unit version w"),
        format!(
            "{t} / connection#{link}: automation automation_user create_contacts divisions id licence_country name options \
             state system version w"
        ),
        format!("{t} / directory#{}#vat_codes: at z", unit()),
        format!("{t} / email#ada@example.com: user w"),
        format!("{t} / login#sub-1: user w"),
        format!("{t} / superusers: ids"),
        format!("{t} / tenant: created_at event_sources id name version w"),
        format!("{t} / user#{user}: access email id may_change_ibans name roles state version w"),
        format!("{t}#{a} / contact#{c}: direction ibans id name payment_days registry_number vat_number version w"),
        format!("{t}#{a} / match#purchase#iban#NL91ABNA0417164300: contact w"),
        format!("{t}#{a} / match#purchase#registry#87654321: contact w"),
        format!("{t}#{a} / match#purchase#vat#NL001122334B01: contact w"),
        format!("{t}#{a} / rule#{c}#{rule}: contact documents effective_from id max_amount version w"),
        format!("{t}#{a} / ruleof#{rule}: contact w"),
        format!("{t}#{a} / rulev#{c}#{rule}#000001: at by contact documents effective_from id max_amount version w"),
        format!("{t}#{a} / template#{c}: lines version w"),
    ];
    let shapes: Vec<_> = shapes.iter().map(String::as_str).collect();
    assert_eq!(shapes, expected.iter().map(String::as_str).collect::<Vec<_>>());
    let audit: Vec<_> = store
        .items(Which::Settings)
        .await
        .into_iter()
        .filter(|item| item["pk"]["S"].as_str().unwrap().ends_with("#audit"))
        .collect();
    assert_eq!(audit.len(), 7);
    let mut names: Vec<_> = audit[0].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["at", "by", "d", "pk", "sk", "subject", "w", "what"]);
}
