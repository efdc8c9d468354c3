//! What only SnelStart does.

use super::*;
use crate::{
    bench::{Work, contact},
    turn::{Turn, assert_one, sample},
};
use domain::{
    invoice::InvoiceKind,
    ledger::{DirectoryEntry, DirectoryKind, VatCodeKind},
};
use ledgers::{
    Client, CreateContacts, Deadline, Directory, ErrorCode, ErrorKind, LedgerError, Opener, Page, Progress, Reach,
    Seen, Sender,
};
use rust_decimal::dec;
use simulators::{
    faults::{Effect, Fault, Stored},
    snelstart::state::ReverseCharge,
};
use std::time::Duration;

async fn opened<T>(bench: &SnelStartBench, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
    let (sender, app) = (Sender::new().unwrap(), bench.app());
    let clock = || bench.now();
    let (endpoint, deadline) = (bench.target().endpoint, Deadline::after(Duration::from_secs(10)));
    work(&Opener { ledger: &SnelStart, sender: &sender, endpoint, app: &app, deadline, clock: &clock }).await
}

async fn client<T>(
    bench: &SnelStartBench,
    work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let turn = Turn::new(bench);
    let clock = || bench.now();
    let mut client = Client {
        ledger: &SnelStart,
        sender: &turn.sender,
        target: bench.target(),
        access: turn.tokens.access.clone(),
        app: bench.app(),
        budget: turn.budget.clone(),
        app_budget: None,
        deadline: Deadline::after(Duration::from_secs(10)),
        clock: &clock,
    };
    work(&mut client).await
}

async fn directory(bench: &SnelStartBench, kind: DirectoryKind) -> Vec<DirectoryEntry> {
    client(bench, async |client| {
        let (mut entries, mut next) = (Vec::new(), Some(Directory::of(kind)));
        while let Some(part) = next {
            // A task that goes on in another turn stores where it stands.
            let stored = serde_json::to_string(&part).unwrap();
            let Page { entries: more, next: after } = client.page(&serde_json::from_str(&stored).unwrap()).await?;
            entries.extend(more);
            next = after;
        }
        Ok(entries)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_key_mints_tokens_and_says_which_administration_it_opens() {
    let bench = SnelStartBench::start().await;
    let tokens =
        opened(&bench, async |opener| opener.open(&SnelStartBench::typed(seed::CLIENT_KEY)).await).await.unwrap();
    assert_eq!(tokens.expires_at - bench.now(), TimeDelta::seconds(3_599));
    let again = opened(&bench, async |opener| opener.refresh(&tokens).await).await.unwrap();
    assert_ne!(again.access, tokens.access);
    assert_eq!(again.refresh, tokens.refresh, "the key stays");
    let identity = client(&bench, async |client| client.identity().await).await.unwrap();
    assert_eq!(identity.only.unwrap().as_str(), seed::ADMINISTRATION);
    assert_eq!(identity.name, "Voorbeeld Handel");

    let wrong = opened(&bench, async |opener| opener.open(&SnelStartBench::typed("nonsense")).await).await.unwrap_err();
    assert_eq!((wrong.kind(), wrong.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
    bench.change(|books| books.key = None);
    let gone = opened(&bench, async |opener| opener.refresh(&tokens).await).await.unwrap_err();
    assert_eq!((gone.kind(), gone.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
}

#[tokio::test]
async fn a_refused_token_is_minted_anew_at_once() {
    let bench = SnelStartBench::start().await;
    let mut turn = Turn::new(&bench);
    bench.simulator.change(|state| state.tokens.clear());
    let started = bench.now();
    turn.post(&sample(&bench)).await.unwrap();
    assert_eq!(bench.now(), started, "nothing is waited for");
    assert_eq!((turn.errors.len(), bench.simulator.requests().count("POST", "b2b/token")), (1, 1));
    turn.renew(Seen::Good).await.unwrap();
}

/// Every customer's postings fail at once then: no customer is asked for anything.
#[tokio::test]
async fn our_own_subscription_is_ours_to_repair() {
    let bench = SnelStartBench::start().await;
    bench.simulator.change(|state| state.subscription_keys.clear());
    let error = Turn::new(&bench).post(&sample(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
    assert_eq!(error.code().reach(), Reach::Connection);
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_said() {
    let bench = SnelStartBench::start().await;
    bench.change(|books| books.scopes.remove("boekhouden:write"));
    let error = Turn::new(&bench).post(&sample(&bench)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::UserRights));
    assert!(error.ledger_text().unwrap().contains("boekhouden:write"));
}

#[tokio::test]
async fn directories_are_listed_whole() {
    let bench = SnelStartBench::start().await;
    bench.change(|books| {
        let account = books.accounts[0].clone();
        for number in 0..1_100 {
            let id = format!("00000092-0000-4000-8000-{number:012x}");
            books.accounts.push(snelstart::state::Account { id, number: 10_000 + number, ..account.clone() });
        }
    });
    assert_eq!(directory(&bench, DirectoryKind::LedgerAccounts).await.len(), 1_109);
    let codes = directory(&bench, DirectoryKind::VatCodes).await;
    let shown: Vec<_> = codes.iter().map(|code| (code.code.as_str(), code.vat.unwrap())).collect();
    let rate = |percent| VatCodeKind::Rate { percent };
    let expected = [
        ("Hoog", rate(dec!(21))),
        ("Laag", rate(dec!(9))),
        ("Geen", VatCodeKind::None),
        ("Verlegd", VatCodeKind::ReverseCharge),
        ("EU", VatCodeKind::IntraCommunity),
    ];
    assert_eq!(shown, expected);
    let names = |entries: Vec<DirectoryEntry>| entries.into_iter().map(|entry| entry.code).collect::<Vec<_>>();
    assert_eq!(names(directory(&bench, DirectoryKind::Divisions).await), [seed::ADMINISTRATION]);
    assert_eq!(names(directory(&bench, DirectoryKind::Suppliers).await), ["1001", "1003"], "no placeholders");
    assert_eq!(names(directory(&bench, DirectoryKind::Customers).await), ["1002"]);
    assert_eq!(names(directory(&bench, DirectoryKind::Journals).await), ["100", "200"]);
    let centres = directory(&bench, DirectoryKind::CostCentres).await;
    assert_eq!(centres.iter().filter(|centre| centre.blocked).count(), 1);
}

#[tokio::test]
async fn what_directories_listed_saves_requests() {
    let bench = SnelStartBench::start().await;
    let mut work = sample(&bench);
    work.posting.lines[0].cost_centre = Some("1".parse().unwrap());
    work.contact.ledger_contact = Some("1001".parse().unwrap());
    let asked = Turn::new(&bench).requests_of(&work).await;
    assert!(bench.books(|books| books.bookings[0].lines[0].cost_centre.is_some()));
    let known = [DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes, DirectoryKind::CostCentres];
    for kind in known {
        let entries = directory(&bench, kind).await;
        work.codes.learn(kind, &entries);
    }
    work.document = sample(&bench).document;
    work.posting.number = "F-2".into();
    assert_eq!(Turn::new(&bench).requests_of(&work).await, asked - 3);
}

#[tokio::test]
async fn an_account_can_be_looked_up_in_other_ways() {
    for (ignored, lookup) in [(false, "number"), (true, "number"), (false, "list")] {
        let bench = SnelStartBench::with(|state| state.settings.ignores_account_filters = ignored).await;
        let mut work = sample(&bench);
        work.options = work.options.with("account_lookup", lookup);
        Turn::new(&bench).post(&work).await.unwrap_or_else(|error| panic!("{ignored} {lookup}: {error}"));
    }
}

#[tokio::test]
async fn the_vat_that_is_owed_can_be_stated() {
    let bench = SnelStartBench::with(|state| state.settings.reverse_charge = ReverseCharge::Owed).await;
    let lines = [(VatCategory::AE, dec!(0), dec!(400.00), dec!(0))];
    let mut work = Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "AE-1", &lines);
    work.options = work.options.with("purchase_reverse_charge", "owed");
    let mut turn = Turn::new(&bench);
    let mut stored = None;
    turn.run(&work, &mut stored).await.unwrap();
    assert_eq!(bench.bookings(Direction::Purchase)[0].vat, dec!(84.00));
    turn.settle().await;
    turn.run(&work, &mut stored).await.unwrap();
    assert_eq!(bench.bookings(Direction::Purchase).len(), 1, "found again");
}

#[tokio::test]
async fn a_file_that_is_refused_leaves_the_booking_and_asks_a_person() {
    let bench = SnelStartBench::start().await;
    let mut work = sample(&bench);
    work.files[1].1 = "in:voice.xml";
    let mut turn = Turn::new(&bench);
    let refused = r#"[{"errorCode":"BLG-0013","message":"Te groot"}]"#;
    let effect = Effect::Answer {
        status: 400,
        headers: std::collections::BTreeMap::new(),
        body: refused.into(),
        stored: Stored::No,
    };
    bench.simulator.faults().add(Fault::on("POST", "documenten", effect));
    let error = turn.post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Uncertain, ErrorCode::Mismatch));
    let booked = bench.bookings(Direction::Purchase);
    assert_eq!((booked.len(), error.booking()), (1, Some(booked[0].number.as_str())));
}

#[tokio::test]
async fn a_number_that_sneaked_in_is_adopted_or_told() {
    let bench = SnelStartBench::start().await;
    let mut turn = Turn::new(&bench);
    let work = sample(&bench);
    turn.post(&work).await.unwrap();
    // Ours, but nothing was noted of the attempt.
    turn.settle().await;
    let document = turn.post(&work).await.unwrap();
    assert_one(&bench, &work, &document, "recognised by its mark");
    bench.change(|books| books.bookings[0].description = "Van iemand anders".into());
    let error = turn.post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Duplicate));
}

#[tokio::test]
async fn an_optional_number_that_is_refused_is_left_out_once() {
    let bench = SnelStartBench::start().await;
    let mut work = sample(&bench);
    work.contact = contact(Direction::Purchase, "Nieuwe Relatie B.V.");
    work.contact.vat_number = Some("NL999999999B99".parse().unwrap());
    work.create_contacts = CreateContacts::Allowed;
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ContactUnidentified, "nothing is left to find it by");
    work.contact.registry_number = Some("55512341".parse().unwrap());
    Turn::new(&bench).post(&work).await.unwrap();
    let made = bench.books(|books| books.relations.last().unwrap().clone());
    assert_eq!((made.vat_number, made.registry.as_deref()), (None, Some("55512341")));
}

#[tokio::test]
async fn rules_of_the_books_are_told_in_their_own_words() {
    for (account, centre, code, words) in [
        ("4800", None, ErrorCode::CostCentreLink, "BOE-0022"),
        ("4900", Some("1"), ErrorCode::VatCodeNotAllowed, "BOE-0082"),
        ("4000", None, ErrorCode::VatCodeNotAllowed, "BOE-0082"),
    ] {
        let bench = SnelStartBench::start().await;
        let mut work = sample(&bench);
        work.posting.lines[0].account = account.parse().unwrap();
        work.posting.lines[0].cost_centre = centre.map(|centre| centre.parse().unwrap());
        let error = Turn::new(&bench).post(&work).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{account}");
        assert!(error.ledger_text().unwrap().starts_with(words), "{error:?}");
    }
    let bench = SnelStartBench::start().await;
    let mut work = sample(&bench);
    work.posting.lines[0].cost_centre = Some("9".parse().unwrap());
    assert_eq!(Turn::new(&bench).post(&work).await.unwrap_err().code(), ErrorCode::UnknownReference);
    let mut work = sample(&bench);
    work.contact.vat_number = Some("NL001234569B01".parse().unwrap());
    (work.contact.registry_number, work.contact.ibans) = (None, Vec::new());
    assert_eq!(Turn::new(&bench).post(&work).await.unwrap_err().code(), ErrorCode::ContactBlocked);
}

#[tokio::test]
async fn the_limits_of_an_administration_are_waited_for() {
    for says in [true, false] {
        let bench = SnelStartBench::with(|state| {
            (state.settings.calls_per_minute, state.settings.says_retry_after) = (10, says);
        })
        .await;
        for _ in 0..5 {
            directory(&bench, DirectoryKind::Journals).await;
        }
        let mut turn = Turn::new(&bench);
        turn.post(&sample(&bench)).await.unwrap();
        let codes: Vec<_> = turn.errors.iter().map(LedgerError::code).collect();
        assert_eq!(codes, [ErrorCode::RateLimited], "asked once more when the minute was over");
        assert_eq!(bench.bookings(Direction::Purchase).len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_asked_about_what_is_held() {
    let bench = SnelStartBench::start().await;
    let mut work = Work::purchase(&bench, "F-1").reversed(InvoiceKind::CreditNote, "C-1");
    work.options = Options::default();
    let before = bench.requests();
    let mut turn = Turn::new(&bench);
    let error = turn.step(&work, &mut Progress::first()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::Held));
    assert_eq!(bench.requests(), before);
}
