//! Files of bank statements are recognised, nothing else is, and no broken file does harm. The samples are invented.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use documents::statement::{StatementSummary, sniff, summary};
use domain::{mail::StatementFormat, money::Currency, time::Date};
use proptest::prelude::*;
use std::{fs, path::PathBuf};

const PLAIN: &[u8] = include_bytes!("statements/plain.sta");
const SWIFT: &[u8] = include_bytes!("statements/swift.sta");
const TWO: &[u8] = include_bytes!("statements/two.sta");
const CAMT: &[u8] = include_bytes!("statements/camt.xml");
const CODA: &[u8] = include_bytes!("statements/belgian.cod");
const ALL: [&[u8]; 5] = [PLAIN, SWIFT, TWO, CAMT, CODA];

fn said(account: &str, number: &str, from: (u32, u32), to: (u32, u32)) -> StatementSummary {
    let date = |(month, day)| Date::from_ymd_opt(2026, month, day);
    StatementSummary {
        account: Some(account.to_owned()),
        number: Some(number.to_owned()),
        from: date(from),
        to: date(to),
        currency: Some(Currency::EUR),
    }
}

#[test]
fn statements_are_recognised_and_summed_up() {
    const DUTCH: &str = "NL91ABNA0417164300";
    for (bytes, format, wanted) in [
        (PLAIN, StatementFormat::Mt940, said(DUTCH, "64/1", (3, 30), (3, 31))),
        (SWIFT, StatementFormat::Mt940, said(DUTCH, "64/1", (3, 30), (3, 31))),
        (TWO, StatementFormat::Mt940, said(DUTCH, "64/1-65/1", (3, 30), (4, 1))),
        (CAMT, StatementFormat::Camt053, said(DUTCH, "42", (3, 31), (3, 31))),
        (CODA, StatementFormat::Coda, said("BE68539007547034", "061", (3, 30), (3, 31))),
    ] {
        assert_eq!(sniff(bytes), Some(format));
        assert_eq!(summary(bytes, format), wanted);
        let marked = [b"\xef\xbb\xbf", bytes].concat();
        assert_eq!(sniff(&marked), Some(format), "with a byte order mark");
        assert_eq!(summary(&marked, format), wanted);
    }
}

#[test]
fn what_is_no_statement_is_none() {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let plain = text(PLAIN);
    let coda = text(CODA);
    let camt = text(CAMT);
    for other in [
        String::new(),
        "Dear customer,".to_owned(),
        ":20:\r\n".to_owned(),
        "%PDF-1.7\n".to_owned() + &plain,
        // A letter that quotes one.
        format!("{}{plain}", "Dear customer, here is the file.\n".repeat(10)),
        plain.replace(":60F:", ":34F:"),
        plain.replace(":62F:C260331EUR952,70", ""),
        plain.replace("EUR1023,45", "EUR1023.45"),
        plain.replace(":25:", ":26:"),
        coda.replace("0000010426", "0000019926"),
        format!("{coda}and more"),
        coda.lines().skip(1).collect::<Vec<_>>().join("\n"),
        coda.lines().take(4).collect::<Vec<_>>().join("\n"),
        coda.replace("ZICHTREKENING", "ZICHT"),
        camt.replace("camt.053.001.02", "camt.054.001.02"),
        camt.replace("camt.053.001.02", "pain.001.001.03"),
        camt.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"),
        format!("<!DOCTYPE Document [<!ENTITY a 'b'>]>{}", camt.split_once('\n').unwrap().1),
        "<Document><BkToCstmrStmt/></Document>".to_owned(),
    ] {
        let shown: String = other.chars().take(80).collect();
        assert_eq!(sniff(other.as_bytes()), None, "{shown}");
    }
    assert_eq!(sniff(b"\x89PNG\r\n\x1a\n:20:x"), None);
}

#[test]
fn no_published_invoice_is_one() {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/ubl");
    for folder in fs::read_dir(corpus).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            assert_eq!(sniff(&fs::read(&path).unwrap()), None, "{}", path.display());
        }
    }
}

#[test]
fn versions_and_other_accounts_of_camt() {
    let camt = String::from_utf8(CAMT.to_vec()).unwrap();
    let other = camt
        .replace("001.02", "001.08")
        .replace("<IBAN>NL91ABNA0417164300</IBAN>", "<Othr><Id>123-45</Id></Othr>")
        .replace("<ElctrncSeqNb>42</ElctrncSeqNb>", "");
    let start = other.find("<FrToDt>").unwrap();
    let end = other.find("</FrToDt>").unwrap() + "</FrToDt>".len();
    let other = format!("{}{}", &other[..start], &other[end..]);
    assert_eq!(sniff(other.as_bytes()), Some(StatementFormat::Camt053));
    let wanted = said("123-45", "STMT-0042", (3, 30), (3, 31));
    assert_eq!(summary(other.as_bytes(), StatementFormat::Camt053), wanted);
}

/// Every beginning of every sample, as every format: nothing panics, and what is read is what was there.
#[test]
fn files_that_break_off_do_no_harm() {
    for bytes in ALL {
        let format = sniff(bytes).unwrap();
        let whole = summary(bytes, format);
        for end in 0..bytes.len() {
            let part = &bytes[..end];
            let _ = sniff(part);
            for format in StatementFormat::ALL {
                let _ = summary(part, format);
            }
            if end > bytes.len() * 3 / 4 {
                assert_eq!(summary(part, format).account, whole.account, "{end}");
            }
        }
    }
}

proptest! {
    #[test]
    fn changed_bytes_do_no_harm(sample in 0_usize..5, changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..8)) {
        let mut bytes = ALL[sample].to_vec();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _ = sniff(&bytes);
        for format in StatementFormat::ALL {
            let said = summary(&bytes, format);
            prop_assert!(said.account.is_none_or(|account| !account.chars().any(char::is_control)));
        }
    }

    #[test]
    fn arbitrary_text_is_no_statement(text in "(:20:|:25:|:60F:|0|9|<|\\PC|\n){0,200}") {
        prop_assert_eq!(sniff(text.as_bytes()), None);
    }
}
