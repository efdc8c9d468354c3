use super::{ledger::LEDGER_TEXTS, *};
use std::collections::BTreeSet;

fn entries() -> impl Iterator<Item = &'static Entry> {
    [Lacking::ENTRIES, Held::ENTRIES, Stays::ENTRIES, Unread::ENTRIES, Oddity::ENTRIES, Note::ENTRIES]
        .into_iter()
        .chain([Stands::ENTRIES, Looked::ENTRIES, Explained::ENTRIES, Unfit::ENTRIES, Stop::ENTRIES])
        .chain([Acted::ENTRIES, Mailed::ENTRIES])
        .flatten()
}

/// The names in braces.
fn names(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

fn values(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[test]
fn every_value_occurs_in_every_language() {
    for entry in entries() {
        let wanted: BTreeSet<&str> = entry.values.iter().copied().collect();
        for text in entry.whole {
            assert_eq!(names(text), wanted, "{}: {text}", entry.code);
        }
        for text in entry.brief {
            assert_eq!(names(text), BTreeSet::new(), "{}: {text}", entry.code);
        }
        let free_of_values = entry.values.is_empty() || !entry.brief.is_empty() || entry.code.starts_with("range.");
        assert!(free_of_values, "{} says nothing without its values", entry.code);
    }
    for (code, texts) in LEDGER_TEXTS {
        let [first, ..] = texts.map(names);
        for text in texts {
            assert_eq!(names(text), first, "{code}: {text}");
        }
    }
}

#[test]
fn every_language_says_something_of_its_own() {
    let all = entries().flat_map(|entry| [entry.whole.to_vec(), entry.brief.to_vec()]);
    let all = all.chain(LEDGER_TEXTS.iter().map(|(_, texts)| texts.to_vec())).filter(|texts| !texts.is_empty());
    for texts in all {
        let words = |text: &str| text.split('{').next().unwrap_or_default().trim().to_owned();
        let [english, dutch, polish] = texts[..] else { panic!("{texts:?}") };
        assert!(!english.contains("  ") && !dutch.contains("  ") && !polish.contains("  "), "{texts:?}");
        if !words(english).is_empty() {
            assert!(dutch != english && polish != english && dutch != polish, "{texts:?}");
        }
    }
}

#[test]
fn what_is_stored_names_one_sentence() {
    let stored = [
        Lacking::ENTRIES,
        Held::ENTRIES,
        Stays::ENTRIES,
        Unread::ENTRIES,
        Oddity::ENTRIES,
        Note::ENTRIES,
        Unfit::ENTRIES,
        Stop::ENTRIES,
        Acted::ENTRIES,
        Mailed::ENTRIES,
    ];
    let mut seen = BTreeSet::new();
    let ledger = LedgerFact::ALL.iter().map(|fact| (fact.as_str(), 3));
    for (code, count) in stored.into_iter().flatten().map(|entry| (entry.code, entry.values.len())).chain(ledger) {
        assert!(seen.insert((code, count)), "{code} with {count} values stands for two sentences");
    }
}

#[test]
fn a_sentence_is_made_from_what_was_stored_in_each_language() {
    let said = |code, stored: &[&str]| Language::ALL.map(|language| read(code, &values(stored), language).unwrap());
    assert_eq!(
        said("totals_disagree", &["1000.00", "210.00", "1210.01"]),
        [
            "The amounts do not add up: net 1,000.00 and VAT 210.00 are not the total 1,210.01",
            "De bedragen tellen niet op: netto 1.000,00 en btw 210,00 zijn samen niet het totaal 1.210,01",
            "Kwoty się nie sumują: netto 1\u{a0}000,00 i VAT 210,00 nie dają kwoty brutto 1\u{a0}210,01",
        ]
    );
    assert_eq!(
        said("due_before_issue", &["2026-03-01", "2026-03-31"])[1],
        "De vervaldatum ligt vóór de factuurdatum: te betalen op 1 maart 2026, gedateerd 31 maart 2026"
    );
    assert_eq!(
        said("arithmetic", &["BR-CO-15 BR-S-08", "227", "242.00"])[2],
        "Dokument narusza regułę normy EN 16931: BR-CO-15, BR-S-08 (kwota brutto to kwota netto plus VAT); podano 227,00, a \
         powinno być 242,00"
    );
    assert_eq!(
        said("odd_content", &["amount_currency\u{1e}TaxAmount, USD"])[1],
        "Een deel van het document klopt niet: Een bedrag heeft een andere valuta dan het document: TaxAmount, USD"
    );
    assert_eq!(said("new_iban", &[""])[1], "De bankrekening op het document is nieuw voor deze relatie");
    assert_eq!(
        said("contact_ambiguous", &[])[0],
        "The VAT number, registry number and IBAN on the document belong to different contacts: choose one"
    );
    assert_eq!(
        said("contact_ambiguous", &["Exact Online", "Bakker", "Meerdere relaties"])[0],
        "Several relations of Exact Online have the identifiers of the contact. Choose the right one at the contact, and \
         post again. (Bakker) Exact Online: Meerdere relaties"
    );
    assert_eq!(read("totals_disagree", &values(&["1", "2", "three"]), Language::Dutch), None);
    assert_eq!(read("totals_disagree", &values(&["1"]), Language::Dutch), None);
    assert_eq!(brief("totals_disagree", Language::Dutch).as_deref(), Some("De bedragen tellen niet op"));
    assert!(brief("period_closed", Language::Polish).unwrap().contains("program księgowy"));
    assert_eq!(brief("unheard_of", Language::Polish), None);
}

#[test]
fn what_does_not_fit_is_cut_in_free_text_and_left_out_elsewhere() {
    let words = values(&["Exact Online", "", "Periode is afgesloten: 2026 - 4"]);
    assert_eq!(fitted("period_closed", &words, 100), Some(words.clone()));
    let cut = fitted("period_closed", &words, 30).unwrap();
    assert_eq!(cut, values(&["Exact Online", "", "Periode is afge…"]));
    assert_eq!(cut.iter().map(|value| value.chars().count()).sum::<usize>() + 2, 30);
    assert_eq!(fitted("period_closed", &words, 14), None);
    let amounts = values(&["1000.00", "210.00", "1210.01"]);
    assert_eq!(fitted("totals_disagree", &amounts, 22), Some(amounts.clone()));
    assert_eq!(fitted("totals_disagree", &amounts, 21), None, "half an amount is another amount");
}
