use super::*;
use crate::{
    automation::DocumentFormat,
    document::{Channel, Delivered},
    ids::{AdministrationId, Id},
    reason::Reason,
    time::Instant,
};
use proptest::prelude::*;
use rust_decimal::dec;

fn id<T: Id>(number: u128) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1, number))
}

fn document(number: u128) -> Document {
    let at: Instant = "2026-07-01T10:00:00Z".parse().unwrap();
    Document {
        version: 2,
        status: Status::Complete,
        tag: Some(Direction::Purchase),
        content_version: Some(2),
        contact: Some(id(5)),
        party: Some("Molen".into()),
        number: Some("F-1".into()),
        issue_date: Date::from_ymd_opt(2026, 6, 30),
        gross: Some(dec!(121)),
        holds: vec![HoldCode::NewIban],
        reason: Some(Reason::new("number_missing", "x")),
        missing: vec!["number_missing".into(), "gross_missing".into()],
        accounts: Some("4600".into()),
        ..Document::received(&Delivered {
            id: id(number),
            administration: id::<AdministrationId>(1),
            format: DocumentFormat::Ubl,
            file_name: "a.xml",
            channel: Channel::Api,
            at,
        })
    }
}

#[test]
fn columns_are_chosen_once_each_and_have_a_default() {
    let shown: Vec<_> = Columns::default().as_slice().iter().map(|column| column.as_str()).collect();
    assert_eq!(shown, ["status", "total", "relation", "ledger_account"]);
    assert_eq!(Columns::new(vec![]), Err(ColumnsError::None));
    let twice = vec![Column::Number, Column::Status, Column::Number];
    assert_eq!(Columns::new(twice), Err(ColumnsError::Twice(Column::Number)));
    assert!(serde_json::from_str::<Columns>("[\"status\",\"status\"]").is_err());
    let own = Columns::new(vec![Column::Received, Column::Status]).unwrap();
    assert_eq!(serde_json::from_str::<Columns>(&serde_json::to_string(&own).unwrap()).unwrap(), own);
}

#[test]
fn every_condition_filters() {
    let shown = document(1);
    let all = Wanted {
        status: Some(Status::Complete),
        contact: Some(id(5)),
        tag: Some(Direction::Purchase),
        reason: Some("gross_missing".into()),
        issued_from: Date::from_ymd_opt(2026, 6, 30),
        issued_to: Date::from_ymd_opt(2026, 6, 30),
        gross_from: Some(dec!(121.00)),
        gross_to: Some(dec!(121)),
    };
    assert!(all.takes(&shown));
    for reason in ["number_missing", "new_iban"] {
        assert!(Wanted { reason: Some(reason.into()), ..all.clone() }.takes(&shown), "{reason}");
    }
    for (what, other) in [
        ("status", Wanted { status: Some(Status::Rejected), ..all.clone() }),
        ("contact", Wanted { contact: Some(id(6)), ..all.clone() }),
        ("tag", Wanted { tag: Some(Direction::Sales), ..all.clone() }),
        ("reason", Wanted { reason: Some("gross".into()), ..all.clone() }),
        ("from", Wanted { issued_from: Date::from_ymd_opt(2026, 7, 1), ..all.clone() }),
        ("to", Wanted { issued_to: Date::from_ymd_opt(2026, 6, 29), ..all.clone() }),
        ("at least", Wanted { gross_from: Some(dec!(121.01)), ..all.clone() }),
        ("at most", Wanted { gross_to: Some(dec!(120.99)), ..all.clone() }),
    ] {
        assert!(!other.takes(&shown), "{what}");
    }
    let bare = Document { issue_date: None, gross: None, ..document(2) };
    assert!(!Wanted { gross_to: Some(dec!(1)), ..Wanted::default() }.takes(&bare), "what is not stated is not within");
}

#[test]
fn what_is_not_stated_comes_last_in_either_direction() {
    let named = |number, name: Option<&str>| Document { party: name.map(Into::into), ..document(number) };
    let documents = || vec![named(1, None), named(2, Some("zeta")), named(3, Some("Alfa"))];
    let ids = |order| {
        let (part, _) = part(documents(), &Wanted::default(), (Sort::Relation, order), None, 9);
        part.into_iter().map(|document| document.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Order::Ascending), [id(3), id(2), id(1)]);
    assert_eq!(ids(Order::Descending), [id(2), id(3), id(1)]);
}

proptest! {
    #[test]
    fn amounts_sort_as_numbers(one in -9_999_999_999_999_i64..=9_999_999_999_999, other in -999_999_i64..=999_999,
                               scale in 0_u32..=4) {
        let (one, other) = (Decimal::new(one, 2), Decimal::new(other, scale));
        prop_assert_eq!(total(one).cmp(&total(other)), one.cmp(&other));
    }

    #[test]
    fn parts_make_up_the_whole(totals in proptest::collection::vec(proptest::option::of(-50_i64..50), 0..40),
                               limit in 1_usize..7, descending in any::<bool>()) {
        let documents: Vec<Document> = totals.iter().zip(1..)
            .map(|(gross, number)| Document { gross: gross.map(Decimal::from), ..document(number) }).collect();
        let order = if descending { Order::Descending } else { Order::Ascending };
        let by = (Sort::Total, order);
        let (whole, _) = part(documents.clone(), &Wanted::default(), by, None, 1_000);
        let (mut parts, mut after) = (Vec::new(), None);
        loop {
            let (items, next) = part(documents.clone(), &Wanted::default(), by, after.as_ref(), limit);
            parts.extend(items);
            match next { Some(next) => after = Some(next), None => break }
        }
        prop_assert_eq!(parts, whole);
    }
}
