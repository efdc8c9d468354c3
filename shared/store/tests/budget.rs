//! What one automatically posted UBL invoice asks of the tables, step by step, and that heads stay small.
#![allow(clippy::unwrap_used)]

mod support;

use domain::{
    automation::{Check, Decision, Outcome, TraceStep, Value, Verdict},
    contact::Contact,
    content::{Coded, Content},
    document::{Booked, Document, Event, PostedBy, Status, Step},
    hold::HoldCode,
    invoice::{InvoiceKind, InvoiceLine, VatCategory, VatSubtotal, VatTreatment},
    ledger::Direction,
    office::{Choice, Connection, ConnectionState},
    permission::Role,
    posting::{Posting, PostingLine},
    reason::Reason,
};
use rust_decimal::dec;
use store::{
    Read,
    document::{BodyHash, Change, Claim, ClaimKey, HEAD_BYTES_MAX, Record},
    runs::{Fence, Released, SealedTokens, Taken, UnitMemory},
    settings::Author,
    testing::{TestStore, Which},
};
use support::{
    actor, administration, at, completed, connection, contact, contact_id, content, document_id, entry, id, next, rule,
    rule_id, tagged, tenant, unit, user, user_id, writer,
};

/// An invoice as most are: two lines, one rate.
fn usual_content() -> Content {
    let mut content = content(1);
    let invoice = content.invoice.as_mut().unwrap();
    let treatment = VatTreatment { category: Some("S".into()), rate: Some(dec!(21)) };
    invoice.profile = Some("urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0".into());
    invoice.supplier.name = Some("Molen Supplies B.V.".into());
    invoice.supplier.vat = Some("NL001122334B01".into());
    invoice.customer.name = Some("Bakkerij De Ster B.V.".into());
    invoice.vat_breakdown =
        vec![VatSubtotal { treatment: treatment.clone(), taxable: dec!(100), vat: dec!(21), exemption_reason: None }];
    invoice.lines = ["Flour, 25 kg", "Delivery"]
        .into_iter()
        .map(|text| InvoiceLine {
            id: "1".into(),
            description: Some(text.into()),
            quantity: Some(dec!(2)),
            unit: Some("C62".into()),
            price: Some(dec!(25)),
            net: Some(dec!(50)),
            treatment: treatment.clone(),
            ..InvoiceLine::default()
        })
        .collect();
    let posting = Posting {
        direction: Direction::Purchase,
        kind: InvoiceKind::Invoice,
        contact: contact_id(),
        number: "F2026-0017".into(),
        issue_date: "2026-06-30".parse().unwrap(),
        due_date: None,
        booking_date: None,
        currency: "EUR".parse().unwrap(),
        description: "Molen Supplies B.V. F2026-0017".into(),
        payment_reference: None,
        lines: vec![PostingLine {
            account: "4600".parse().unwrap(),
            vat_code: "4".parse().unwrap(),
            category: VatCategory::S,
            rate: Some(dec!(21)),
            net: dec!(100),
            vat: dec!(21),
            cost_centre: None,
            project: None,
            description: "Molen Supplies B.V. F2026-0017".into(),
        }],
        net: dec!(100),
        vat: dec!(21),
        gross: dec!(121),
    };
    content.coded = Coded::Complete { posting: Box::new(posting) };
    content
}

/// A decision on three rules.
fn usual_decision() -> Decision {
    let step = |check, document, wanted, rule| TraceStep { check, verdict: Verdict::Passed, document, wanted, rule };
    let mut trace: Vec<_> = [Check::Complete, Check::SwitchedOn, Check::AutomationUserSet, Check::AutomationUserValid]
        .map(|check| step(check, Value::None, Value::User(user_id()), None))
        .into();
    trace.push(step(Check::ReceivedAfterSwitch, Value::At(at(1)), Value::At(at(0)), None));
    for number in 0..3 {
        let rule = Some((id(70 + number), 1));
        trace.push(step(Check::RuleMaximum, Value::Amount(dec!(121)), Value::Amount(dec!(5000)), rule));
        trace.push(step(Check::RuleEffective, Value::At(at(1)), Value::At(at(0)), rule));
    }
    Decision { outcome: Outcome::Post { rule: rule_id(), version: 1, user: user_id() }, trace }
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
        options: std::collections::BTreeMap::default(),
        ledger_user: None,
        divisions: std::collections::BTreeMap::default(),
        automation: domain::automation::AutomationSwitch::On { since: at(0) },
        automation_user: Some(user_id()),
        version: 1,
    }
}

async fn settings(store: &TestStore) {
    let tenant = store.store().tenant(tenant());
    let (writer, by) = (writer("setup"), actor());
    let author = Author { by: &by, at: at(0), writer: &writer };
    tenant.contacts(administration()).create(&contact(), &author).await.unwrap();
    tenant.templates(administration()).put(contact_id(), None, &support::template("4600"), &author).await.unwrap();
    tenant.rules(administration()).create(&rule(1), &author).await.unwrap();
    tenant.connections().create(&link(), &author).await.unwrap();
    let machine = user(user_id(), "auto@example.com", &[Role::Accountant]);
    tenant.users().create(&machine, None, &author).await.unwrap();
    let tokens = SealedTokens { sealed: vec![0; 900], issued_at: at(0), expires_at: at(600) };
    tenant.credentials().put(connection(), &tokens, &writer).await.unwrap();
    tenant.units().register(&unit()).await.unwrap();
    store.take_costs();
}

fn covered<'a>(before: &'a Document, after: &'a Document, step: Step) -> Change<'a> {
    Change::new(before, after, step, Record::Covered)
}

#[tokio::test]
async fn the_main_job_stays_within_its_budget() {
    let store = TestStore::start().await;
    settings(&store).await;
    let tenant = store.store().tenant(tenant());
    let documents = tenant.documents();
    let doc = document_id();
    let mut total = (0, 0);
    let mut step = |name: &str, write_max: u32, half_read_max: u32| {
        let (write, read) = store.take_units();
        assert!(write <= write_max && read <= half_read_max, "{name}: {write} write units, {read} half read units");
        total = (total.0 + write, total.1 + read);
    };

    let first = tagged(doc);
    documents.create(&first, Some(BodyHash::of(b"x")), Some(Step::Read), &writer("api")).await.unwrap();
    step("api", 2, 0);

    let first = documents.get_at_least(doc, 1).await.unwrap().unwrap();
    tenant.administrations().get(administration(), Read::Eventual).await.unwrap();
    let found = tenant.contacts(administration()).find(Direction::Purchase, &contact().match_keys()).await.unwrap();
    let (known, _) = tenant.contacts(administration()).with_template(found[0].contact).await.unwrap();
    let known: Contact = known.unwrap();
    let read = usual_content();
    let keys = ClaimKey::of(administration(), Direction::Purchase, known.id, read.invoice.as_ref().unwrap());
    assert_eq!(tenant.claims().claim(&keys, doc).await.unwrap(), Claim::Claimed);
    documents.put_content(doc, 2, &read, &writer("tagged")).await.unwrap();
    let second = completed(&first, 1);
    documents.transition(covered(&first, &second, Step::Evaluate), &writer("tagged")).await.unwrap();
    step("invoice-tagged", 5, 7);

    let second = documents.get_at_least(doc, 2).await.unwrap().unwrap();
    tenant.connections().automation_facts(connection()).await.unwrap().unwrap();
    tenant.rules(administration()).of_contact(contact_id()).await.unwrap();
    let traced = entry(Event::Post, Status::Posting, 3, 2);
    documents.put_trace(doc, 3, &usual_decision(), &traced, &writer("evaluate")).await.unwrap();
    let mut third = next(&second, Status::Posting, 2);
    third.posted_by = Some(PostedBy { user: user_id(), rule: Some((rule_id(), 1)) });
    third.decision_version = Some(3);
    documents.transition(covered(&second, &third, Step::Turn), &writer("evaluate")).await.unwrap();
    step("automation-evaluate", 4, 4);

    let units = tenant.units();
    let taken = units.take(&unit(), &writer("push"), at(3), at(90), Some(doc.into())).await.unwrap();
    let Taken::Taken(lease, state) = taken else { unreachable!("nobody else is here") };
    assert_eq!(documents.due(&unit(), at(3), 20).await.unwrap().len(), 1);
    let head = documents.head(doc).await.unwrap().unwrap();
    documents.content(doc, 2).await.unwrap().unwrap();
    tenant.connections().get(connection(), Read::Eventual).await.unwrap();
    tenant.credentials().get(connection(), Read::Consistent).await.unwrap();
    for checkpoint in ["{\"document\":\"6b1c5d6e-0000-4000-8000-000000000001\"}", "{\"attached\":2}"] {
        documents.checkpoint(doc, 3, lease.fence, checkpoint, &writer("push")).await.unwrap();
    }
    let mut posted = next(&head.document, Status::Posted, 4);
    posted.booked = Some(booked());
    let change = covered(&head.document, &posted, Step::Announce).fenced(lease.fence);
    documents.transition(change, &writer("push")).await.unwrap();
    let released = units.release(&lease, state.wakes, &UnitMemory::default()).await.unwrap();
    assert_eq!(released, Released::Released);
    step("connector-push", 7, 7);

    assert!(total.0 <= 18, "{} write units", total.0);
    assert!(total.1 <= 20, "{} half read units", total.1);
}

fn booked() -> Booked {
    Booked {
        ledger_id: "6b1c5d6e-0000-4000-8000-000000000001".into(),
        ledger_number: "26700001".into(),
        link: Some(
            "https://start.exactonline.nl/docs/FinEntry.aspx?EntryID=%7b6b1c5d6e-0000-4000-8000-000000000001%7d".into(),
        ),
        at: at(4),
    }
}

/// A head in which every text is as long as it may be, in a language with accents.
fn largest() -> Document {
    let long = |count: usize| {
        "Przedsiębiorstwo Handlowe św. Łucji sp. z o.o. ".repeat(9).chars().take(count).collect::<String>()
    };
    let mut document = completed(&tagged(document_id()), 1);
    document.version = 1234;
    document.file_name = long(60);
    document.party = Some(long(60));
    document.number = Some(long(40));
    document.gross = Some(dec!(-1234567890.12));
    document.kind = Some(InvoiceKind::CreditNote);
    document.content_version = Some(1232);
    document.decision_version = Some(1233);
    document.accounts = Some("46001234 +12".into());
    document
}

async fn head_size(document: &Document, writes: impl AsyncFnOnce(&TestStore)) -> usize {
    let store = TestStore::start().await;
    let long_writer = store::Writer::new("8476a536-e9f4-11e8-9739-2dfe598c3fcd", 999);
    let documents = store.store().tenant(tenant()).documents();
    let hash = Some(BodyHash::of(b"x"));
    documents.create(document, hash, Some(Step::Announce), &long_writer).await.unwrap();
    writes(&store).await;
    let items = store.items(Which::Documents).await;
    let item: serde_dynamo::Item = serde_json::from_value(items[0].clone()).unwrap();
    store::size_of_item(&item.into())
}

#[tokio::test]
async fn the_largest_realistic_heads_cost_one_unit() {
    let mut waiting = largest();
    waiting.status = Status::Incomplete;
    waiting.holds =
        vec![HoldCode::DuplicateSuspected, HoldCode::NewIban, HoldCode::Arithmetic, HoldCode::UnknownProfile];
    waiting.missing = ["vat_on_reverse_charge", "number_missing", "template_missing"].map(String::from).into();
    waiting.reason = Some(Reason::new("vat_on_reverse_charge", &"Ż, because of this and that; ".repeat(10)));
    let size = head_size(&waiting, async |_| {}).await;
    assert!((900..=HEAD_BYTES_MAX).contains(&size), "waiting: {size} bytes");
    waiting.reason = waiting.reason.map(|reason| reason.about(document_id()));
    let size = head_size(&waiting, async |_| {}).await;
    assert!((900..=HEAD_BYTES_MAX).contains(&size), "waiting, with another document's id: {size} bytes");

    let mut posting = largest();
    posting.status = Status::Posting;
    posting.posted_by = Some(PostedBy { user: user_id(), rule: Some((rule_id(), 12)) });
    let checkpoint = "{\"document\":\"6b1c5d6e-0000-4000-8000-000000000001\",\"attached\":[0,1]}";
    let size = head_size(&posting, async |store| {
        let documents = store.store().tenant(tenant()).documents();
        documents.checkpoint(document_id(), 1234, Fence(123_456), checkpoint, &writer("w")).await.unwrap();
    })
    .await;
    assert!(size <= HEAD_BYTES_MAX, "posting: {size} bytes");

    let mut posted = largest();
    posted.status = Status::Posted;
    posted.posted_by = Some(PostedBy { user: user_id(), rule: Some((rule_id(), 12)) });
    posted.booked = Some(booked());
    let size = head_size(&posted, async |_| {}).await;
    assert!(size <= HEAD_BYTES_MAX, "posted: {size} bytes");
}
