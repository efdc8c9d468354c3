use super::*;
use domain::{
    automation::DocumentFormat,
    document::{Channel, SharedAs},
    hold::HoldCode,
    ids::{AdministrationId, ConnectionId, ContactId, Id as _, RuleId, RunId, UserId},
    ledger::Direction,
    money::Currency,
};
use proptest::{option, prelude::*, sample::select, strategy::ValueTree as _, test_runner::TestRunner};
use rust_decimal::Decimal;
use ulid::Ulid;

prop_compose! {
    fn documents()(
        ids in any::<[u128; 3]>(),
        status in select(Status::ALL),
        tag in option::of(select(vec![Direction::Purchase, Direction::Sales])),
        format in select(vec![DocumentFormat::Ubl, DocumentFormat::Pdf, DocumentFormat::Scan, DocumentFormat::Statement]),
        texts in ["\\PC{0,60}", "\\PC{0,60}", "\\PC{0,40}", "\\PC{0,120}"],
        instants in any::<[u32; 3]>(),
        versions in (1..=u32::MAX, option::of(any::<u32>()), option::of(any::<u32>())),
        gross in option::of((any::<i64>(), 0_u32..=10)),
        by in option::of(select(vec![Actor::System, Actor::Operator, Actor::Source("scan: r/1#2".into())])),
        person in any::<bool>(),
        holds in proptest::sample::subsequence(HoldCode::ALL.to_vec(), 0..=4),
        given in any::<[bool; 6]>(),
    ) -> Document {
        let at = |seconds: u32| Instant::from_timestamp_millis(i64::from(seconds) * 1_000 + 7).unwrap();
        let [file_name, party, number, reason] = texts;
        let user = UserId::from_ulid(Ulid(ids[2]));
        let unit = UnitId { connection: ConnectionId::from_ulid(Ulid(ids[1])), division: "12/34".parse().ok() };
        let rule = given[4].then(|| (RuleId::from_ulid(Ulid(ids[0])), 3));
        Document {
            id: DocumentId::from_ulid(Ulid(ids[0])),
            administration: AdministrationId::from_ulid(Ulid(ids[1])),
            version: versions.0,
            status,
            tag,
            format,
            file_name,
            channel: if person { Channel::Api } else { Channel::Event },
            received_at: at(instants[0]),
            tagged_at: given[0].then(|| at(instants[1])),
            tagged_by: if person { Some(Actor::User(user)) } else { by },
            updated_at: at(instants[2]),
            content_version: versions.1,
            decision_version: versions.2,
            kind: tag.map(|_| if person { InvoiceKind::Invoice } else { InvoiceKind::CreditNote }),
            contact: given[1].then(|| ContactId::from_ulid(Ulid(ids[2]))),
            party: given[1].then_some(party),
            number: given[2].then_some(number),
            issue_date: given[2].then(|| "2026-06-30".parse().unwrap()),
            currency: given[2].then_some(Currency::EUR),
            gross: gross.map(|(digits, scale)| Decimal::new(digits, scale)),
            holds,
            // Words have less room beside an id and what is missing.
            reason: given[3].then(|| {
                let document = given[0].then(|| DocumentId::from_ulid(Ulid(ids[1])));
                let bare = Reason { document, ..Reason::bare(if given[1] { "no_rule" } else { "totals_disagree" }) };
                if given[1] {
                    Reason { text: cut(&reason, words_room(&bare, "number_missing template_missing")).into(), ..bare }
                } else {
                    Reason { values: vec!["100.00".into(), "21.00".into(), "121.01".into()], ..bare }
                }
            }),
            missing: if given[3] { vec!["number_missing".into(), "template_missing".into()] } else { Vec::new() },
            accounts: given[5].then(|| "4600 +1".into()),
            unit: given[3].then_some(unit),
            posted_by: given[4].then_some(PostedBy { user, rule }),
            booked: given[5].then(|| Booked {
                ledger_id: "id".into(),
                ledger_number: "26700001".into(),
                link: person.then(|| "https://ledger.test/1".into()),
                at: at(instants[1]),
            }),
            export: given[5].then(|| InRun {
                run: RunId::from_ulid(Ulid(ids[1])),
                posting_date: "2026-07-01".parse().unwrap(),
                on_behalf_of: user,
            }),
            shared: given[0].then(|| Shared { how: SharedAs::Archived, at: at(instants[1]) }),
        }
    }
}

proptest! {
    #[test]
    fn a_head_reads_back_as_it_was_written(document in documents()) {
        let tenant = TenantId::from_ulid(Ulid(9));
        let mut item = encode(&document);
        for name in item.keys() {
            prop_assert!(ATTRIBUTES.contains(&name.as_str()), "{name} would stay when it is gone");
        }
        item.extend(keys::head(tenant, document.id).item());
        prop_assert_eq!(decode("x", &item).unwrap(), (tenant, document));
    }

    #[test]
    fn no_attribute_of_a_head_makes_reading_panic(document in documents(), at in 0..ATTRIBUTES.len(), text in "\\PC{0,40}") {
        let mut item = encode(&document);
        item.extend(keys::head(TenantId::from_ulid(Ulid(9)), document.id).item());
        item.insert(ATTRIBUTES[at].to_owned(), crate::item::text(text));
        let _ = decode_head("x", &item);
    }
}

fn any_document() -> Document {
    documents().new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

#[test]
fn long_texts_are_cut() {
    let long = "ł".repeat(500);
    let mut document = any_document();
    document.file_name.clone_from(&long);
    document.party = Some(long.clone());
    document.number = Some(long.clone());
    document.missing = Vec::new();
    document.reason = Some(Reason::new("x", &long));
    let item = encode(&document);
    let chars = |name: &str| match item.get(name) {
        Some(aws_sdk_dynamodb::types::AttributeValue::S(text)) => text.chars().count(),
        _ => 0,
    };
    assert_eq!([chars("n"), chars("pa"), chars("no"), chars("rt")], [60, 60, 40, 120]);

    // The id of another document is not cut: the words make room for it.
    document.reason = document.reason.map(|reason| reason.about(DocumentId::from_ulid(Ulid(7))));
    let mut item = encode(&document);
    item.extend(keys::head(TenantId::from_ulid(Ulid(9)), document.id).item());
    let reason = decode("x", &item).unwrap().1.reason.unwrap();
    assert_eq!((reason.text.chars().count(), reason.document), (84, Some(DocumentId::from_ulid(Ulid(7)))));
}

#[test]
fn each_status_has_its_place() {
    let mut document = any_document();
    let mut place = |before, after| {
        document.status = after;
        Place::after(before, &document)
    };
    assert!(matches!(place(Some(Status::Received), Status::Tagged), Place::Transit(_)));
    assert_eq!(place(Some(Status::Tagged), Status::Complete), Place::StillInTransit);
    assert_eq!(place(Some(Status::Complete), Status::Complete), Place::List);
    assert!(matches!(place(Some(Status::Complete), Status::Posting), Place::Unit { .. }));
    for status in Status::ALL.iter().copied().filter(|status| status.list().is_some()) {
        assert_eq!(place(Some(Status::Posting), status), Place::List, "{status}");
    }
}

#[test]
fn a_reason_is_stored_by_its_values_and_one_from_before_by_its_words() {
    let tenant = TenantId::from_ulid(Ulid(9));
    let mut document = any_document();
    document.missing = Vec::new();
    let back = |document: &Document| {
        let mut item = encode(document);
        item.extend(keys::head(tenant, document.id).item());
        decode("x", &item).unwrap().1.reason
    };
    let told = |words: &str| Reason {
        values: vec!["Exact Online".into(), String::new(), words.into()],
        ..Reason::bare("period_closed")
    };
    document.reason = Some(told("Periode is afgesloten: 2026 - 4"));
    assert!(!encode(&document).contains_key("rt"));
    assert_eq!(back(&document), document.reason);
    // The ledger's own words are cut, amounts never: without them the sentence does without.
    document.reason = Some(told(&"ł".repeat(300)));
    let [ledger, about, words] = &back(&document).unwrap().values[..] else { panic!() };
    assert_eq!((ledger.as_str(), about.as_str(), words.chars().count()), ("Exact Online", "", 106));
    let many: Vec<String> = (0..6).map(|n| format!("{n}234567890123456789012345.00")).collect();
    document.reason = Some(Reason { values: many, ..Reason::bare("lines_disagree") });
    assert_eq!(back(&document), Some(Reason::bare("lines_disagree")));
    document.reason = Some(Reason::new("above_maximum", "The total including VAT is above the maximum"));
    assert_eq!(back(&document), document.reason);
}
