use super::*;
use crate::{
    document::{Actor, SharedAs},
    ids::{AdministrationId, DeliveryId, Id, PackageId},
    mail::{AddressMode, ClientAddresses, Frequency, Identifier, LinkDays, MailLanguage, Scope, UblFlavour},
    reason::Reason,
};
use chrono::TimeDelta;
use ulid::Ulid;

fn id<T: Id>(n: u64) -> T {
    T::from_ulid(Ulid::from_parts(n, 1))
}

fn now() -> Instant {
    "2026-03-10T10:00:00Z".parse().unwrap()
}

fn package() -> MailPackage {
    MailPackage {
        id: id::<PackageId>(1),
        name: "Visma".into(),
        addresses: AddressMode::Separate,
        attach: Attach::Attachment,
        pdf_alongside: Choice::No,
        identifier: Identifier::default(),
        flavour: UblFlavour::default(),
        language: MailLanguage::default(),
        link_days: LinkDays::default(),
        version: 1,
    }
}

fn address(text: &str) -> Option<EmailAddress> {
    text.parse().ok()
}

fn separate() -> ClientAddresses {
    ClientAddresses { inbound: address("in@x.example"), outbound: address("out@x.example"), ..Default::default() }
}

fn connection(n: u64) -> MailConnection {
    MailConnection {
        id: id(n),
        administration: id::<AdministrationId>(1),
        package: package().id,
        sharing: Sharing::On { since: now() - TimeDelta::days(1) },
        addresses: separate(),
        pdf_alongside: None,
        frequency: Frequency::Immediately,
        scope: Scope::SalesAndPurchases,
        copies_of_posted: Choice::No,
        version: 1,
    }
}

fn what(kind: MailKind, how: SharedAs) -> Plans {
    let zone = "Europe/Brussels".parse().unwrap();
    Plans { kind, shared: Shared { how, at: now() }, is_posted: Choice::No, zone }
}

fn accepted() -> Plans {
    what(MailKind::Purchase, SharedAs::Accepted)
}

fn one(what: &Plans, connection: &MailConnection, package: &MailPackage) -> Result<PlannedMail, NotMailed> {
    let planned = plan(what, std::slice::from_ref(connection), std::slice::from_ref(package), &[], now());
    match (planned.mails.as_slice(), planned.left.as_slice()) {
        ([mail], []) => Ok(mail.clone()),
        ([], [(_, why)]) => Err(*why),
        other => panic!("one or the other: {other:?}"),
    }
}

// The worked examples of the reference, in their order.

#[test]
fn a_purchase_invoice_goes_to_the_inbound_address_without_its_pdf() {
    let mail = one(&accepted(), &connection(1), &package()).unwrap();
    assert_eq!((mail.to.as_str(), mail.attach, mail.pdf_alongside), ("in@x.example", Attach::Attachment, Choice::No));
    assert_eq!(mail.due, now());
}

#[test]
fn with_one_address_for_both_a_sales_invoice_goes_there() {
    let mut one_address = connection(1);
    one_address.addresses.mode = Some(AddressMode::Same);
    one_address.addresses.both = address("all@x.example");
    let mail = one(&what(MailKind::Sales, SharedAs::Sent), &one_address, &package()).unwrap();
    assert_eq!(mail.to.as_str(), "all@x.example");
    // The package's mode counts where the client has none of its own.
    one_address.addresses.mode = None;
    let same = MailPackage { addresses: AddressMode::Same, ..package() };
    assert_eq!(one(&accepted(), &one_address, &same).unwrap().to.as_str(), "all@x.example");
    assert_eq!(one(&accepted(), &one_address, &package()).unwrap().to.as_str(), "in@x.example");
}

#[test]
fn bank_statements_go_to_their_own_address_or_nowhere() {
    let arrived = what(MailKind::BankStatement, SharedAs::Arrived);
    let mut with = connection(1);
    with.addresses.bank_statements = address("bank@x.example");
    assert_eq!(one(&arrived, &with, &package()).unwrap().to.as_str(), "bank@x.example");
    assert_eq!(one(&arrived, &connection(1), &package()), Err(NotMailed::NoAddress));
}

#[test]
fn the_clients_word_on_pdfs_wins() {
    for (office, client, wanted) in [
        (Choice::No, Some(Choice::Yes), Choice::Yes),
        (Choice::Yes, Some(Choice::No), Choice::No),
        (Choice::Yes, None, Choice::Yes),
        (Choice::No, None, Choice::No),
    ] {
        let package = MailPackage { pdf_alongside: office, ..package() };
        let connection = MailConnection { pdf_alongside: client, ..connection(1) };
        assert_eq!(one(&accepted(), &connection, &package).unwrap().pdf_alongside, wanted);
    }
}

#[test]
fn nothing_goes_while_the_switch_is_off_and_nothing_from_before_it_was_on() {
    let mut switched = connection(1);
    switched.switch(Choice::No, now());
    assert_eq!(one(&accepted(), &switched, &package()), Err(NotMailed::NotSharing));
    switched.switch(Choice::Yes, now() + TimeDelta::seconds(1));
    assert_eq!(one(&accepted(), &switched, &package()), Err(NotMailed::BeforeActivation));
    switched.switch(Choice::Yes, now() + TimeDelta::days(1));
    assert_eq!(switched.sharing, Sharing::On { since: now() + TimeDelta::seconds(1) }, "on stays on");
}

#[test]
fn a_download_link_goes_without_attachment() {
    let package = MailPackage { attach: Attach::Link, ..package() };
    assert_eq!(one(&accepted(), &connection(1), &package).unwrap().attach, Attach::Link);
}

// What the reference leaves open.

#[test]
fn what_is_posted_goes_only_where_copies_are_asked_for() {
    let posted = Plans { is_posted: Choice::Yes, ..accepted() };
    assert_eq!(one(&posted, &connection(1), &package()), Err(NotMailed::AlreadyPosted));
    let copies = MailConnection { copies_of_posted: Choice::Yes, ..connection(1) };
    assert!(one(&posted, &copies, &package()).is_ok());
}

#[test]
fn a_connection_may_take_sales_only_and_wait_for_a_person() {
    let sales = MailConnection { scope: Scope::SalesOnly, ..connection(1) };
    assert_eq!(one(&accepted(), &sales, &package()), Err(NotMailed::OutOfScope));
    let sent = what(MailKind::Sales, SharedAs::Sent);
    assert_eq!(one(&sent, &sales, &package()).unwrap().to.as_str(), "out@x.example");
    let manual = MailConnection { frequency: Frequency::Manual, ..connection(1) };
    assert_eq!(one(&accepted(), &manual, &package()), Err(NotMailed::ByHand));
}

#[test]
fn two_connections_with_one_address_make_one_mail() {
    let shouted = MailConnection {
        addresses: ClientAddresses { inbound: address("IN@X.example"), ..Default::default() },
        pdf_alongside: Some(Choice::Yes),
        ..connection(2)
    };
    let night = MailConnection { frequency: Frequency::Nightly, ..connection(1) };
    let planned = plan(&accepted(), &[night, shouted, connection(3)], &[package()], &[], now());
    let [mail] = planned.mails.as_slice() else { panic!("{planned:?}") };
    assert_eq!((mail.connection, mail.also.as_slice(), mail.due), (id(1), [id(2), id(3)].as_slice(), now()));
    assert_eq!(mail.pdf_alongside, Choice::Yes);
}

#[test]
fn a_suspended_address_is_held() {
    let suspension = Suspension {
        mailbox: address("in@x.example").unwrap(),
        reason: Reason::new("bounced", ""),
        delivery: id::<DeliveryId>(1),
        by: Actor::System,
        at: now(),
    };
    let planned = plan(&accepted(), &[connection(1)], &[package()], &[suspension], now());
    assert_eq!(planned.mails[0].is_held, Choice::Yes);
}
