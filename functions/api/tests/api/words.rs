//! What people read, in their language: reasons, traces and explanations in English, Dutch and Polish.

use crate::{
    documents::{advance, complete, read, stays},
    world::*,
};
use domain::{
    automation::StayReason,
    coding::Missing,
    content::Coded,
    document::{Document, Status},
    hold::HoldCode,
    reason::Reason,
};
use ledgers::{ErrorCode, ErrorKind, LedgerError, Operation};
use rust_decimal::dec;
use serde_json::{Value, json};

const LANGUAGES: [&str; 3] = ["en", "nl-BE", "pl,en;q=0.5"];

/// The answer in a language.
async fn ask(world: &World, target: &str, language: &str) -> Reply {
    world.ask(&accountant(), "GET", target).header("accept-language", language).send().await
}

/// The answer in English, Dutch and Polish.
async fn in_all(world: &World, target: &str) -> [Value; 3] {
    let mut answers = Vec::new();
    for language in LANGUAGES {
        answers.push(ask(world, target, language).await.ok(200));
    }
    answers.try_into().unwrap()
}

fn texts(answers: &[Value; 3], pointer: &str) -> [String; 3] {
    answers.each_ref().map(|answer| answer.pointer(pointer).unwrap().as_str().unwrap().to_owned())
}

fn path(document: &Document, more: &str) -> String {
    format!("/documents/{}{more}", document.id)
}

/// A document whose amounts do not add up.
async fn orange(world: &World) -> Document {
    let disagree = Missing::TotalsDisagree { net: dec!(1000.00), vat: dec!(210.00), gross: dec!(1210.01) };
    read(world, 1, 0, &[], Coded::Incomplete { missing: vec![Reason::from(&disagree)] }).await
}

#[tokio::test]
async fn reasons_are_told_in_the_language_that_the_reader_prefers() {
    let world = World::start().await;
    let orange = orange(&world).await;
    let answers = in_all(&world, &path(&orange, "")).await;
    assert_eq!(
        texts(&answers, "/why/text"),
        [
            "Incomplete; it waits in the validation overview. The amounts do not add up: net 1,000.00 and VAT 210.00 are \
             not the total 1,210.01.",
            "Niet compleet; het wacht in het validatieoverzicht. De bedragen tellen niet op: netto 1.000,00 en btw 210,00 \
             zijn samen niet het totaal 1.210,01.",
            "Niekompletny; czeka na liście do weryfikacji. Kwoty się nie sumują: netto 1\u{a0}000,00 i VAT 210,00 nie dają \
             kwoty brutto 1\u{a0}210,01.",
        ]
    );
    assert!(answers.iter().all(|answer| answer["why"]["reason"]["code"] == "totals_disagree"));
    let overview = in_all(&world, &format!("/administrations/{}/overview", books())).await;
    assert_eq!(texts(&overview, "/items/0/why/reasons/0/text")[1], answers[1]["why"]["reason"]["text"]);
    let content = in_all(&world, &path(&orange, "/content")).await;
    assert_eq!(texts(&content, "/missing/0/text")[2], answers[2]["why"]["reason"]["text"]);
    let history = in_all(&world, &path(&orange, "/history")).await;
    assert_eq!(texts(&history, "/2/reason/text")[1], answers[1]["why"]["reason"]["text"]);
}

#[tokio::test]
async fn an_answer_says_its_language_and_is_another_one_in_another() {
    let world = World::start().await;
    let orange = orange(&world).await;
    let target = path(&orange, "");
    let dutch = ask(&world, &target, "de, nl-BE;q=0.9, en;q=0.8").await;
    assert_eq!((dutch.header("content-language"), dutch.header("vary")), ("nl", "accept-language"));
    assert_eq!(dutch.header("etag"), "\"2-nl\"");
    let english = ask(&world, &target, "*").await;
    assert_eq!((english.header("content-language"), english.header("etag")), ("en", "\"2\""));
    let seen = |etag: &str, language: &str| {
        let ask = world.ask(&accountant(), "GET", &target).header("if-none-match", etag);
        ask.header("accept-language", language).send()
    };
    let unchanged = seen("\"2-nl\"", "nl").await;
    assert_eq!((unchanged.status, unchanged.header("content-language")), (304, "nl"));
    assert_eq!(seen("\"2\"", "nl").await.status, 200, "the English one is not the Dutch one");
    assert_eq!(seen("\"2-nl\"", "pl").await.status, 200);
    // An edit names the version, in whatever language it was read.
    let stale =
        world.ask(&accountant(), "POST", path(&orange, "/reject")).header("if-match", "\"1-nl\"").json(&json!({}));
    stale.send().await.refused(412, "stale");
    let reject =
        world.ask(&accountant(), "POST", path(&orange, "/reject")).header("if-match", "\"2-nl\"").json(&json!({}));
    let rejected = reject.header("accept-language", "pl").send().await;
    assert_eq!((rejected.header("content-language"), rejected.header("etag")), ("pl", "\"3-pl\""));
    assert_eq!(rejected.ok(200)["why"]["text"], "Dostarczony i jeszcze nieoznaczony.");
}

#[tokio::test]
async fn a_trace_is_told_with_both_values() {
    let world = World::start().await;
    let green = read(&world, 1, 0, &[HoldCode::NewIban], complete()).await;
    let stays = stays(&world, &green, StayReason::AboveMaximum).await;
    let answers = in_all(&world, &path(&stays, "/decision")).await;
    assert_eq!(
        texts(&answers, "/trace/1/text"),
        [
            "No: the total including VAT of 121.00 is above the rule's maximum of 100.00",
            "Nee: het totaal inclusief btw van 121,00 is hoger dan het maximum van de regel van 100,00",
            "Nie: kwota brutto 121,00 przekracza maksimum reguły 100,00",
        ]
    );
    assert_eq!(texts(&answers, "/reason/code"), ["above_maximum"; 3]);
    assert_eq!(texts(&answers, "/trace/1/document"), ["121.00"; 3], "values for programs stay as they are");
    let holds = texts(&in_all(&world, &path(&stays, "/content")).await, "/holds/0/text");
    assert_eq!(holds[1], "De bankrekening op het document is nieuw voor deze relatie: values", "stored before");
}

#[tokio::test]
async fn the_ledgers_own_words_stay_as_they_came_beside_ours() {
    let world = World::start().await;
    let green = read(&world, 1, 0, &[], complete()).await;
    let error = LedgerError::new(ErrorKind::Rejected, ErrorCode::PeriodClosed, Operation::CreateBooking, "Closed.");
    let told = |own: &str| {
        let mut told = error.told("Exact Online");
        told.words = own.to_owned();
        Reason::said(&told)
    };
    let words = "Periode is afgesloten: 2026 - 4";
    let failed = advance(&world, &green, Status::Rejected, |document| document.reason = Some(told(words))).await;
    let shown = texts(&in_all(&world, &path(&failed, "")).await, "/why/reason/text");
    let own = format!("Exact Online: {words}");
    assert!(shown.iter().all(|text| text.ends_with(&own)), "{shown:?}");
    assert!(shown[0].starts_with("The period is closed in Exact Online."), "{shown:?}");
    assert!(shown[1].starts_with("De periode is afgesloten in Exact Online."), "{shown:?}");
    assert!(shown[2].starts_with("Okres jest zamknięty w Exact Online."), "{shown:?}");
}

#[tokio::test]
async fn documents_that_were_stored_with_sentences_are_still_shown() {
    let world = World::start().await;
    let before = "the contact has no posting template: save one";
    let one = Coded::Incomplete { missing: vec![Reason::new("template_missing", before)] };
    let known = read(&world, 1, 0, &[], one).await;
    let shown = texts(&in_all(&world, &path(&known, "")).await, "/why/reason/text");
    assert_eq!(shown[1], "De relatie heeft geen boekingssjabloon: sla er een op");
    let amounts = "the amounts do not add up: net 1 and VAT 2 are not the total 4";
    let two = Coded::Incomplete { missing: vec![Reason::new("totals_disagree", amounts)] };
    let unknown = read(&world, 2, 0, &[], two).await;
    let shown = texts(&in_all(&world, &path(&unknown, "")).await, "/why/reason/text");
    assert_eq!(shown, [amounts; 3], "nobody knows its values");
}

#[tokio::test]
async fn what_would_happen_next_is_explained_in_words() {
    let world = World::start().await;
    world.connect().await;
    world.add_supplier().await;
    let target = format!("/automation/explain?administration={}&contact={}", books(), supplier());
    let reply = ask(&world, &target, "pl").await;
    assert_eq!(reply.header("content-language"), "pl");
    let answers = in_all(&world, &target).await;
    assert_eq!(
        texts(&answers, "/cases/0/text"),
        [
            "An invoice of any amount that comes as UBL would wait in the validation overview: The document is incomplete.",
            "Een factuur met een willekeurig bedrag die als UBL komt zou wachten in het validatieoverzicht: Het document is \
             niet compleet.",
            "Faktura na dowolną kwotę, która wpłynie jako UBL, czekałaby na liście do weryfikacji: Dokument jest \
             niekompletny.",
        ]
    );
    let trace = texts(&answers, "/cases/0/decision/trace/0/text");
    assert_eq!(trace[1], "Nee: het document is niet compleet");
    assert!(texts(&answers, "/assumed")[2].starts_with("Wpływa teraz"));
}
