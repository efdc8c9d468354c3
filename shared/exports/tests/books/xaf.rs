//! The Dutch audit file.

use crate::{
    samples::*,
    shape::{Element, Holds, Rules, Sign, check},
};
use domain::{
    contact::Contact,
    export_format::{FileFormat, XafAccount, XafAccountType, XafContactIds, XafOptions, XafVatCode},
    invoice::{InvoiceKind, VatCategory},
    ledger::Direction,
    money::Currency,
};
use exports::ExportDocument;
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

const ID: Holds = Holds::Text(35);
const AMOUNT: Holds = Holds::Amount(Sign::Never);
const SIDE: Holds = Holds::OneOf(&["C", "D"]);

/// Order and types of XAF 3.2, as far as it is written.
const RULES: Rules = &[
    ("auditfile", Holds::Children("header company")),
    ("header", Holds::Children("fiscalYear startDate endDate curCode dateCreated softwareDesc? softwareVersion?")),
    ("fiscalYear", Holds::Text(9)),
    ("startDate", Holds::Date),
    ("endDate", Holds::Date),
    ("curCode", Holds::Text(3)),
    ("dateCreated", Holds::Date),
    ("softwareDesc", Holds::Text(50)),
    ("softwareVersion", Holds::Text(20)),
    (
        "company",
        Holds::Children(
            "companyIdent? companyName taxRegistrationCountry taxRegIdent customersSuppliers? generalLedger? vatCodes? \
             periods? transactions?",
        ),
    ),
    ("companyIdent", ID),
    ("companyName", Holds::Text(999)),
    ("taxRegistrationCountry", Holds::Text(2)),
    ("taxRegIdent", Holds::Text(30)),
    ("customersSuppliers", Holds::Children("customerSupplier*")),
    (
        "customerSupplier",
        Holds::Children(
            "custSupID custSupName? commerceNr? taxRegistrationCountry? taxRegIdent? custSupTp? bankAccount*",
        ),
    ),
    ("custSupID", ID),
    ("custSupName", Holds::Text(50)),
    ("commerceNr", Holds::Text(999)),
    ("custSupTp", Holds::OneOf(&["B", "C", "O", "S"])),
    ("bankAccount", Holds::Children("bankAccNr bankIdCd?")),
    ("bankAccNr", ID),
    ("generalLedger", Holds::Children("ledgerAccount+")),
    ("ledgerAccount", Holds::Children("accID accDesc accTp")),
    ("accID", ID),
    ("accDesc", Holds::Text(999)),
    ("accTp", Holds::OneOf(&["B", "M", "P"])),
    ("vatCodes", Holds::Children("vatCode*")),
    ("vatCode", Holds::Children("vatID vatDesc vatToPayAccID? vatToClaimAccID?")),
    ("vatID", ID),
    ("vatDesc", Holds::Text(999)),
    ("vatToPayAccID", ID),
    ("vatToClaimAccID", ID),
    ("periods", Holds::Children("period*")),
    ("period", Holds::Children("periodNumber periodDesc? startDatePeriod endDatePeriod")),
    ("periodNumber", Holds::Count),
    ("startDatePeriod", Holds::Date),
    ("endDatePeriod", Holds::Date),
    ("transactions", Holds::Children("linesCount totalDebit totalCredit journal*")),
    ("linesCount", Holds::Count),
    ("totalDebit", AMOUNT),
    ("totalCredit", AMOUNT),
    ("journal", Holds::Children("jrnID desc jrnTp? transaction*")),
    ("jrnID", ID),
    ("desc", Holds::Text(9999)),
    ("jrnTp", Holds::OneOf(&["P", "S"])),
    ("transaction", Holds::Children("nr desc? periodNumber trDt trLine*")),
    ("nr", ID),
    ("trDt", Holds::Date),
    (
        "trLine",
        Holds::Children("nr accID docRef effDate desc? amnt amntTp custSupID? invRef? costID? projID? vat? currency?"),
    ),
    ("docRef", Holds::Text(999)),
    ("effDate", Holds::Date),
    ("amnt", AMOUNT),
    ("amntTp", SIDE),
    ("invRef", Holds::Text(999)),
    ("costID", ID),
    ("projID", ID),
    ("vat", Holds::Children("vatID vatPerc vatAmnt vatAmntTp")),
    ("vatPerc", Holds::Number(3)),
    ("vatAmnt", AMOUNT),
    ("vatAmntTp", SIDE),
    ("currency", Holds::Children("curCode curAmnt")),
    ("curAmnt", AMOUNT),
];

fn options() -> XafOptions {
    let account = |description: &str, kind| XafAccount { description: description.into(), kind: Some(kind) };
    let vat = |description: &str, percent| XafVatCode {
        description: description.into(),
        claim_account: Some("1520".into()),
        pay_account: Some("1510".into()),
        reverse_charge_percent: percent,
    };
    XafOptions {
        fiscal_year_start: Some(date("2026-01-01")),
        creditor_account: Some("1600".into()),
        debtor_account: Some("1300".into()),
        accounts: [
            ("1300", "Debtors", XafAccountType::Balance),
            ("1600", "Creditors", XafAccountType::Balance),
            ("1510", "VAT to pay", XafAccountType::Balance),
            ("1520", "VAT to claim", XafAccountType::Balance),
            ("4500", "Office & costs", XafAccountType::ProfitAndLoss),
            ("8000", "Turnover", XafAccountType::ProfitAndLoss),
            ("9999", "Never used", XafAccountType::Mixed),
        ]
        .map(|(code, description, kind)| (code.to_owned(), account(description, kind)))
        .into(),
        vat_codes: [
            ("VH", "VAT 21%", None),
            ("VL", "VAT 9%", None),
            ("RC", "Reverse charge", Some(dec!(21))),
            ("XX", "Never used", None),
        ]
        .map(|(code, description, percent)| (code.to_owned(), vat(description, percent)))
        .into(),
        ..XafOptions::default()
    }
}

fn format() -> FileFormat {
    FileFormat::Xaf(options())
}

fn supplier() -> Contact {
    let mut contact = contact(1, Direction::Purchase, "Molen & Zn <B.V.>", Some("NL009876543B01"));
    contact.ledger_contact = Some("C0001".parse().unwrap());
    contact.ibans = vec!["NL02ABNA0123456789".parse().unwrap()];
    contact
}

fn customer() -> Contact {
    contact(2, Direction::Sales, "Kunde GmbH", Some("DE123456789"))
}

fn purchase(number: u64, kind: InvoiceKind) -> ExportDocument {
    let lines = [
        Stated("4500", "VH", VatCategory::S, Some(dec!(21)), dec!(100), dec!(21)),
        Stated("4500", "VL", VatCategory::S, Some(dec!(9)), dec!(10.05), dec!(0.91)),
    ];
    document(number, supplier(), kind, &lines)
}

fn sale(number: u64) -> ExportDocument {
    let lines = [Stated("8000", "VH", VatCategory::S, Some(dec!(21)), dec!(200), dec!(42))];
    let mut sale = document(number, customer(), InvoiceKind::Invoice, &lines);
    sale.posting.currency = Currency::EUR;
    sale
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// What the schema does not check: totals, balance, and that everything is declared, once.
fn consistent(file: &Element) {
    check(file, "", RULES);
    let transactions = file.all("company/transactions/journal/transaction");
    let mut totals = [Decimal::ZERO; 2];
    let mut lines = 0;
    let mut numbers = Vec::new();
    let declared = |path: &str| {
        let mut ids: Vec<&str> = file.all(path).into_iter().map(|id| id.text.as_str()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{path} declares something twice");
        ids
    };
    let accounts = declared("company/generalLedger/ledgerAccount/accID");
    let parties = declared("company/customersSuppliers/customerSupplier/custSupID");
    let vat_codes = declared("company/vatCodes/vatCode/vatID");
    let periods = declared("company/periods/period/periodNumber");
    let mut used = Vec::new();
    for transaction in &transactions {
        let mut balance = Decimal::ZERO;
        numbers.push(transaction.one("nr"));
        assert!(periods.contains(&transaction.one("periodNumber")));
        assert!(
            transaction.one("trDt") >= file.one("header/startDate")
                && transaction.one("trDt") <= file.one("header/endDate")
        );
        for line in transaction.all("trLine") {
            let amount = decimal(line.one("amnt"));
            let side = line.one("amntTp");
            totals[usize::from(side == "C")] += amount;
            balance += if side == "D" { amount } else { -amount };
            lines += 1;
            used.push(line.one("accID"));
            assert!(line.maybe("custSupID").is_none_or(|id| parties.contains(&id)));
            assert!(line.maybe("vat/vatID").is_none_or(|id| vat_codes.contains(&id)));
        }
        assert_eq!(balance, Decimal::ZERO, "a transaction does not balance");
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, accounts, "accounts that occur are declared, and no others");
    for account in file.all("company/vatCodes/vatCode").iter().flat_map(|code| {
        [code.maybe("vatToPayAccID"), code.maybe("vatToClaimAccID")].into_iter().flatten().collect::<Vec<_>>()
    }) {
        assert!(accounts.contains(&account));
    }
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "a transaction number stands there twice");
    assert_eq!(totals[0], totals[1]);
    assert_eq!(decimal(file.one("company/transactions/totalDebit")), totals[0]);
    assert_eq!(decimal(file.one("company/transactions/totalCredit")), totals[1]);
    assert_eq!(file.one("company/transactions/linesCount"), lines.to_string());
}

#[test]
fn complete_bookings_as_they_were_before() {
    let mut abroad = purchase(4, InvoiceKind::Invoice);
    abroad.posting.currency = currency("USD");
    abroad.rate = Some(rate(dec!(0.9137)));
    let lines = [Stated("4500", "RC", VatCategory::AE, Some(dec!(0)), dec!(50.03), dec!(0))];
    let mut reversed =
        document(5, contact(3, Direction::Purchase, "Acme Ltd", Some("XI123456789")), InvoiceKind::Invoice, &lines);
    reversed.posting.lines[0].cost_centre = Some("K1".parse().unwrap());
    reversed.posting.lines[0].project = Some("P 1".parse().unwrap());
    let documents =
        [purchase(1, InvoiceKind::Invoice), sale(2), purchase(3, InvoiceKind::CreditNote), abroad, reversed];
    let exported = export(&format(), &dutch_books(), &documents, &[2]);
    assert_eq!(exported.left_out, []);
    consistent(&Element::read(&exported.file));
    golden("xaf.xaf", &exported.file);
}

#[test]
fn a_credit_note_changes_sides_and_no_amount_is_negative() {
    let sides = |kind| {
        let file = Element::read(&export(&format(), &dutch_books(), &[purchase(1, kind)], &[]).file);
        consistent(&file);
        let lines = file.all("company/transactions/journal/transaction/trLine");
        lines
            .iter()
            .map(|line| format!("{} {} {}", line.one("accID"), line.one("amnt"), line.one("amntTp")))
            .collect::<Vec<_>>()
    };
    assert_eq!(sides(InvoiceKind::Invoice), ["1600 131.96 C", "4500 100.00 D", "4500 10.05 D", "1520 21.91 D"]);
    assert_eq!(sides(InvoiceKind::CreditNote), ["1600 131.96 D", "4500 100.00 C", "4500 10.05 C", "1520 21.91 C"]);
}

#[test]
fn the_posting_date_decides_the_period_and_the_document_keeps_its_own() {
    let mut posted = purchase(1, InvoiceKind::Invoice);
    posted.posting_date = date("2026-04-01");
    let file = Element::read(&export(&format(), &dutch_books(), &[posted], &[]).file);
    let transaction = file.all("company/transactions/journal/transaction")[0];
    assert_eq!((transaction.one("trDt"), transaction.one("periodNumber")), ("2026-04-01", "4"));
    assert!(transaction.all("trLine/effDate").iter().all(|date| date.text == "2026-03-15"));
    assert_eq!((file.one("header/startDate"), file.one("header/endDate")), ("2026-04-01", "2026-04-30"));
}

#[test]
fn a_file_is_of_one_fiscal_year() {
    let mut late = purchase(2, InvoiceKind::Invoice);
    late.posting_date = date("2026-07-01");
    let mut options = options();
    options.fiscal_year_start = Some(date("2025-07-01"));
    let documents = [purchase(1, InvoiceKind::Invoice), late];
    let exported = export(&FileFormat::Xaf(options), &dutch_books(), &documents, &[1]);
    assert_eq!(codes(&exported), [(1, "export_outside_period")]);
    assert_eq!(exported.left_out[0].1.values, ["2026-07-01", "2025-07-01", "2026-06-30"]);
    let file = Element::read(&exported.file);
    assert_eq!(file.one("header/fiscalYear"), "2025-2026");
    assert_eq!(file.one("company/periods/period/periodNumber"), "9");
}

#[test]
fn without_a_rate_nothing_is_converted() {
    let mut abroad = purchase(1, InvoiceKind::Invoice);
    abroad.posting.currency = currency("USD");
    let exported = export(&format(), &dutch_books(), &[abroad], &[]);
    assert_eq!(codes(&exported), [(0, "no_rate")]);
    assert_eq!(exported.file, b"", "no document, no file");
}

#[test]
fn what_the_settings_do_not_know_leaves_the_document_out() {
    let mut account = purchase(1, InvoiceKind::Invoice);
    account.posting.lines[0].account = "4711".parse().unwrap();
    let mut code = purchase(2, InvoiceKind::Invoice);
    code.posting.lines[1].vat_code = "V7".parse().unwrap();
    let exported = export(&format(), &dutch_books(), &[account, code], &[]);
    assert_eq!(codes(&exported), [(0, "export_setting_missing"), (1, "export_setting_missing")]);
    let values: Vec<_> = exported.left_out.iter().flat_map(|(_, reason)| reason.values.clone()).collect();
    assert_eq!(values, ["accounts", "4711", "vat_codes", "V7"]);
    let mut options = options();
    options.debtor_account = None;
    let exported = export(&FileFormat::Xaf(options), &dutch_books(), &[sale(1)], &[]);
    assert_eq!(exported.left_out[0].1.values, ["debtor_account", "sales"]);
    let mut books = dutch_books();
    books.own.vat_numbers.clear();
    let exported = export(&format(), &books, &[sale(1)], &[]);
    assert_eq!(exported.left_out[0].1.values, ["tax_number", "De Ster"]);
}

#[test]
fn names_are_cut_and_numbers_are_not() {
    let mut long = purchase(1, InvoiceKind::Invoice);
    long.contact.name = "ó".repeat(80);
    long.posting.description = "a\tb\n <c> & \"d\"".into();
    let mut control = purchase(2, InvoiceKind::Invoice);
    control.posting.number = "INV\u{7}2".into();
    let mut project = purchase(3, InvoiceKind::Invoice);
    project.posting.lines[0].project = Some("p".repeat(36).parse().unwrap());
    let mut name = purchase(4, InvoiceKind::Invoice);
    name.contact.name = "Molen\u{1b}[31m".into();
    let exported = export(&format(), &dutch_books(), &[long, control, project, name], &[]);
    let wanted = [(1, "export_characters"), (2, "export_too_long"), (3, "export_characters")];
    assert_eq!(codes(&exported), wanted);
    assert_eq!(exported.left_out[0].1.values, ["number", "U+0007"]);
    let file = Element::read(&exported.file);
    consistent(&file);
    assert_eq!(file.one("company/customersSuppliers/customerSupplier/custSupName"), "ó".repeat(50));
    assert_eq!(file.one("company/transactions/journal/transaction/desc"), "a b <c> & \"d\"");
}

#[test]
fn one_party_may_be_supplier_and_customer_but_not_two_under_one_code() {
    let mut sold = sale(2);
    sold.contact.ledger_contact = Some("C0001".parse().unwrap());
    let mut same = sold.clone();
    same.contact.vat_number = supplier().vat_number;
    for cuts in [&[][..], &[1]] {
        let bought = || purchase(1, InvoiceKind::Invoice);
        let exported = export(&format(), &dutch_books(), &[bought(), same.clone()], cuts);
        let file = Element::read(&exported.file);
        consistent(&file);
        assert_eq!(file.one("company/customersSuppliers/customerSupplier/custSupTp"), "B");
        let two = [bought(), sold.clone()];
        let exported = export(&format(), &dutch_books(), &two, cuts);
        assert_eq!(exported.refused.unwrap().values, ["contact_ids", "C0001"]);
        let apart = FileFormat::Xaf(XafOptions { contact_ids: XafContactIds::LedgerBySide, ..options() });
        let file = Element::read(&export(&apart, &dutch_books(), &two, cuts).file);
        consistent(&file);
        let ids: Vec<_> = file.all("company/customersSuppliers/customerSupplier/custSupID");
        assert_eq!(ids.iter().map(|id| id.text.as_str()).collect::<Vec<_>>(), ["S-C0001", "C-C0001"]);
    }
}

fn any_document() -> impl Strategy<Value = ExportDocument> {
    let line = (-100_000_i64..100_000, -3_i64..3, 0_usize..4);
    (prop::collection::vec(line, 1..6), any::<bool>(), any::<bool>(), 1_u64..9, 1_u32..200_000).prop_map(
        |(lines, is_sale, is_credit, number, rate)| {
            let lines: Vec<Stated> = lines
                .into_iter()
                .map(|(net, off, code)| {
                    let net = Decimal::new(net, 2);
                    let (code, category, rate) = [
                        ("VH", VatCategory::S, dec!(21)),
                        ("VL", VatCategory::S, dec!(9)),
                        ("VL", VatCategory::E, dec!(0)),
                        ("RC", VatCategory::AE, dec!(0)),
                    ][code];
                    let vat = if rate.is_zero() {
                        Decimal::ZERO
                    } else {
                        (net * rate).round() / dec!(100) + Decimal::new(off, 2)
                    };
                    Stated(if is_sale { "8000" } else { "4500" }, code, category, Some(rate), net, vat)
                })
                .collect();
            let kind = if is_credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice };
            let mut made = document(number, if is_sale { customer() } else { supplier() }, kind, &lines);
            made.posting.currency = currency(if rate % 2 == 0 { "EUR" } else { "JPY" });
            made.rate = Some(crate::samples::rate(Decimal::new(rate.into(), 4)));
            made
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whatever_is_booked_balances_and_cuts_do_not_show(documents in prop::collection::vec(any_document(), 1..9), cuts in cuts()) {
        let whole = export(&format(), &dutch_books(), &documents, &[]);
        prop_assert_eq!(&whole.left_out, &[]);
        consistent(&Element::read(&whole.file));
        let cut = export(&format(), &dutch_books(), &documents, &cuts);
        prop_assert!(cut.file == whole.file);
        prop_assert_eq!(cut.summary, whole.summary);
    }
}
