use super::*;
use crate::names::Filing;
use domain::{
    mail::{MailLanguage, OwnText},
    money::{Currency, Money},
};
use rust_decimal::dec;

fn day(day: u32) -> Date {
    Date::from_ymd_opt(2026, 3, day).unwrap()
}

fn client() -> Client<'static> {
    Client { name: "Bakkerij\r\nDe Zon", identifier: Some(Identifier::Vat("NL123456789B01")) }
}

fn link() -> Link<'static> {
    Link { address: "https://files.example/d/abc", until: day(24) }
}

fn invoice(carried: Carried<'static>) -> DocumentMail<'static> {
    DocumentMail {
        filing: Filing::Invoice { direction: Direction::Purchase, kind: InvoiceKind::Invoice },
        number: Some("2026-0042"),
        client: client(),
        contact: Some("Meel & Co"),
        date: Some(day(10)),
        amount: Some(Money::new(dec!(121), Currency::EUR)),
        carried,
    }
}

#[test]
fn a_document_says_what_it_is() {
    let written = document(&invoice(Carried::Attached), MailLanguage::English);
    assert_eq!(written.subject.as_str(), "Purchase invoice 2026-0042 - NL123456789B01 - Bakkerij De Zon");
    assert_eq!(
        written.body,
        "Document: Purchase invoice\nDirection: purchase\nNumber: 2026-0042\nClient: Bakkerij De Zon\nVAT number: NL123456789B01\n\
         Supplier: Meel & Co\nDate: 2026-03-10\nAmount: 121.00 EUR\n\nThe file is attached to this message.\n\nThis message was sent \
         automatically.\n"
    );
    let written = document(&invoice(Carried::TooLarge(link())), MailLanguage::French);
    assert_eq!(written.subject.as_str(), "Facture d'achat 2026-0042 - NL123456789B01 - Bakkerij De Zon");
    assert!(written.body.contains("trop volumineux"), "{}", written.body);
    assert!(
        written.body.contains("ici\u{a0}:\nhttps://files.example/d/abc\n(valable jusqu'au 2026-03-24)\n"),
        "{}",
        written.body
    );
}

#[test]
fn what_is_not_known_is_not_said() {
    let mail = DocumentMail {
        filing: Filing::Other,
        number: None,
        client: Client { name: "X", identifier: Some(Identifier::Register("12345678")) },
        contact: None,
        date: None,
        amount: None,
        carried: Carried::Link(link()),
    };
    let written = document(&mail, MailLanguage::Dutch);
    assert_eq!(written.subject.as_str(), "Document zonder nummer - 12345678 - X");
    assert_eq!(
        written.body,
        "Document: Document\nRichting: overig\nNummer: zonder nummer\nKlant: X\nOndernemingsnummer: 12345678\n\nHet bestand kan hier \
         worden gedownload:\nhttps://files.example/d/abc\n(geldig tot en met 2026-03-24)\n\nDit bericht is automatisch verzonden.\n"
    );
}

/// Every mail, with what it must say whatever the language.
fn every(language: MailLanguage) -> Vec<(Written, Vec<&'static str>, Vec<&'static str>)> {
    let mut all = Vec::new();
    for carried in [Carried::Attached, Carried::Link(link()), Carried::TooLarge(link())] {
        let linked: Vec<&str> = match carried {
            Carried::Attached => vec![],
            Carried::Link(_) | Carried::TooLarge(_) => vec![link().address, "2026-03-24"],
        };
        let with = |said: &[&'static str]| [said, linked.as_slice()].concat();
        for direction in [Direction::Purchase, Direction::Sales] {
            for kind in [InvoiceKind::Invoice, InvoiceKind::CreditNote] {
                let mail = DocumentMail { filing: Filing::Invoice { direction, kind }, ..invoice(carried) };
                let said = ["2026-0042", "NL123456789B01", "Bakkerij De Zon", "Meel & Co", "2026-03-10", "121.00 EUR"];
                all.push((document(&mail, language), vec!["2026-0042", "NL123456789B01"], with(&said)));
            }
        }
        let statement = BankStatementMail {
            client: client(),
            file: "march.sta",
            account: Some("NL91ABNA0417164300"),
            date: Some(day(31)),
            carried,
        };
        let said = with(&["march.sta", "NL91ABNA0417164300", "2026-03-31", "NL123456789B01"]);
        all.push((bank_statement(&statement, language), vec!["march.sta", "NL123456789B01"], said));
        let file = ExportMail {
            file: "ubl-2026-03.zip",
            administration: "De Zon",
            run: "run_7",
            period: Some((day(1), day(31))),
            documents: 12,
            carried,
        };
        let said = with(&["ubl-2026-03.zip", "De Zon", "run_7", "2026-03-01 - 2026-03-31", "12"]);
        all.push((export(&file, language), vec!["ubl-2026-03.zip"], said));
        for kind in IssuedKind::ALL {
            let mail = sale(kind, carried, None);
            let said: Vec<&str> = with(&["F/7", "Shop"]);
            all.push((customer(&mail, language), vec!["F/7", "Shop"], said));
        }
    }
    for (client, said) in [(Some(client()), "NL123456789B01"), (None, "Office")] {
        let mail = TestMail { office: "Office", client, package: "Books" };
        all.push((test(&mail, language), vec!["Books", said], vec!["Office", "Books", said]));
    }
    all
}

fn sale<'a>(kind: IssuedKind, carried: Carried<'a>, own: Option<&'a OwnText>) -> CustomerMail<'a> {
    CustomerMail { kind, number: "F/7", order: Some("1001"), customer: "Jan", seller: "Shop", carried, own }
}

#[test]
fn every_mail_says_it_in_every_language() {
    for language in MailLanguage::ALL {
        for (written, subject, body) in every(language) {
            for said in subject {
                assert!(written.subject.as_str().contains(said), "{said} in {:?}", written.subject);
            }
            for said in body {
                assert!(written.body.contains(said), "{said} in {}", written.body);
            }
            assert!(written.body.ends_with('\n') && !written.body.contains("\n\n\n") && !written.body.contains('\r'));
            assert!(written.body.lines().all(|line| line.trim() == line && !line.ends_with(" ,")), "{}", written.body);
        }
    }
    let subjects = |language| every(language).into_iter().map(|(written, ..)| written.body).collect::<Vec<_>>();
    for (n, language) in MailLanguage::ALL.into_iter().enumerate() {
        for other in &MailLanguage::ALL[n + 1..] {
            assert!(subjects(language).iter().zip(subjects(*other)).all(|(one, another)| *one != another));
        }
    }
}

#[test]
fn a_customer_reads_who_and_what() {
    let written = customer(&sale(IssuedKind::Receipt, Carried::Attached, None), MailLanguage::English);
    assert_eq!(written.subject.as_str(), "Receipt F/7 - Shop");
    assert_eq!(
        written.body,
        "Dear Jan,\n\nYou will find the document below attached to this message.\n\nReceipt: F/7\nOrder: 1001\n\nKind regards,\nShop\n"
    );
    let mail = CustomerMail { customer: "", order: None, ..sale(IssuedKind::Invoice, Carried::Link(link()), None) };
    assert_eq!(
        customer(&mail, MailLanguage::Dutch).body,
        "Beste klant,\n\nFactuur: F/7\n\nU kunt het document hier downloaden:\nhttps://files.example/d/abc\n(geldig tot en met \
         2026-03-24)\n\nMet vriendelijke groet,\nShop\n"
    );
}

#[test]
fn own_texts_are_filled_and_say_where_the_document_is() {
    let own =
        OwnText::parse("[seller_name]: [document_number]", "Hi [customer_name],\norder [order_number]\n").unwrap();
    let mail = sale(IssuedKind::Invoice, Carried::Attached, Some(&own));
    let written = customer(&mail, MailLanguage::English);
    assert_eq!((written.subject.as_str(), written.body.as_str()), ("Shop: F/7", "Hi Jan,\norder 1001\n"));
    let written =
        customer(&CustomerMail { carried: Carried::Link(link()), order: None, ..mail }, MailLanguage::English);
    assert_eq!(
        written.body,
        "Hi Jan,\norder -\n\nYou can download the document here:\nhttps://files.example/d/abc\n(valid until 2026-03-24)\n"
    );
    let own = OwnText::parse("s", "Here: [invoice_link]").unwrap();
    let mail = sale(IssuedKind::Invoice, Carried::TooLarge(link()), Some(&own));
    assert_eq!(customer(&mail, MailLanguage::English).body, "Here: https://files.example/d/abc\n");
    let mail = CustomerMail { carried: Carried::Attached, ..mail };
    assert_eq!(customer(&mail, MailLanguage::French).body, "Here: voir la pièce jointe\n");
    // What a customer is called is no placeholder.
    let own = OwnText::parse("s", "[customer_name]").unwrap();
    let mail = CustomerMail { customer: "[invoice_link]", own: Some(&own), ..mail };
    assert_eq!(customer(&mail, MailLanguage::English).body, "[invoice_link]\n");
}
