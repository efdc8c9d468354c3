//! A document that is sent: its fields and its number.

use chrono::{Datelike, NaiveDate, TimeDelta};
use http::StatusCode;
use rust_decimal::Decimal;

use super::api::Call;
use super::given::Given;
use super::refusal::{EMPTY, Faults, Refusal, field};
use super::state::{
    Account, BankProtection, Buyer, Client, Document, Fakturownia, Ksef, OidScope, Role, Seller, Settings, Strategy,
    UnknownDepartment,
};
use super::{correction, ksef, lines, node};
use crate::json::Node;
use crate::polish::{is_nip, round};
use crate::server::Answer;
use crate::warsaw;

const KINDS: &[&str] = &[
    "vat",
    "receipt",
    "correction",
    "proforma",
    "bill",
    "advance",
    "final",
    "invoice_other",
    "vat_margin",
    "vat_mp",
    "vat_rr",
    "kp",
    "kw",
    "estimate",
    "correction_note",
    "accounting_note",
    "client_order",
    "dw",
    "wnt",
    "wdt",
    "import_service",
    "import_service_eu",
    "import_products",
    "export_products",
];
const STATUSES: &[&str] = &["issued", "sent", "paid", "partial", "rejected"];
const LANGUAGES: &[&str] = &[
    "pl", "en", "en-GB", "de", "fr", "cz", "ru", "es", "it", "nl", "hr", "ar", "sk", "sl", "el", "et", "cn", "hu",
    "tr", "fa",
];
const PROCEDURES: &[&str] = &[
    "SW",
    "EE",
    "TP",
    "TT_WNT",
    "TT_D",
    "MR_T",
    "MR_UZ",
    "I_42",
    "I_63",
    "B_SPV",
    "B_SPV_DOSTAWA",
    "B_MPV_PROWIZJA",
    "MPP",
];
/// Days until a document is to be paid, where nothing is said.
const USUAL_TERM: i64 = 7;
/// Lines of remarks on one document.
const MOST_DESCRIPTIONS: usize = 10_000;

/// `POST /invoices.json`
pub(super) fn create(state: &mut Fakturownia, call: &Call<'_>) -> Result<Answer, Refusal> {
    match call.role {
        // A token that may only read is answered as if all went well; nothing is kept.
        Role::ReadOnly => return Ok(Answer::json(StatusCode::OK, &Node::Object(Vec::new()))),
        Role::Full => {}
    }
    let given = Given(call.body.get("invoice").ok_or_else(|| field("invoice", EMPTY))?);
    match state.settings.calculating_strategy {
        Strategy::Fails if given.has("calculating_strategy") => return Err(Refusal::Broken),
        Strategy::Fails | Strategy::Ignored => {}
    }
    let settings = state.settings.clone();
    let account = state.account(&call.prefix).ok_or(Refusal::NotFound)?;
    let mut document = read(account, &settings, given, warsaw::today(call.now))?;
    let wants = Given(call.body).flag("gov_save_and_send") == Some(true);
    ksef::on_create(account, &mut document, wants)?;
    document.id = state.new_id();
    document.token = format!("tok{:07}Ab{}", document.id * 7_919 % 9_999_991, document.id);
    document.created = call.now;
    for position in &mut document.positions {
        position.id = state.new_id();
    }
    let card = state.new_id();
    let account = state.account_mut(&call.prefix).ok_or(Refusal::NotFound)?;
    if document.client_id.is_none() && !document.buyer.name.is_empty() {
        let is_same = |client: &&Client| {
            let (known, buyer) = (&client.buyer, &document.buyer);
            known.name == buyer.name && known.tax_no == buyer.tax_no && known.email == buyer.email
        };
        let known = account.clients.iter().find(is_same).filter(|_| given.text("client_id") != "-1");
        document.client_id = Some(known.map_or(card, |client| client.id));
        if known.is_none() {
            account.clients.push(Client { id: card, buyer: document.buyer.clone() });
        }
    }
    if document.number.is_empty() {
        document.number = next_number(account, &document);
    }
    let answer = Answer::json(StatusCode::CREATED, &node::document(&document, &settings, &call.home, true));
    account.documents.push(document);
    Ok(answer)
}

/// Whether documents are numbered in one row.
pub(super) fn same_row(one: &Document, other: &Document) -> bool {
    one.kind == other.kind && one.department_id == other.department_id
}

/// The next number of the department, kind and month.
fn next_number(account: &Account, document: &Document) -> String {
    let suffix = document.department_id.and_then(|id| account.department(id)).map_or("", |known| &known.suffix);
    let tail = format!("/{:02}/{}{suffix}", document.issue_date.month(), document.issue_date.year());
    let row = account.documents.iter().filter(|other| same_row(other, document));
    let used = row.filter_map(|other| other.number.strip_suffix(&tail)?.parse::<u64>().ok());
    format!("{}{tail}", used.max().unwrap_or(0) + 1)
}

fn read(account: &Account, settings: &Settings, given: Given<'_>, today: NaiveDate) -> Result<Document, Refusal> {
    let mut faults = Faults::default();
    let mut document = Document { kind: given.text("kind"), ..Document::default() };
    if document.kind.is_empty() {
        "vat".clone_into(&mut document.kind);
    }
    if !KINDS.contains(&document.kind.as_str()) {
        faults.add("kind", "nie znajduje się na liście dopuszczalnych wartości");
    }
    document.department_id = given.id("department_id");
    let department = document.department_id.map(|id| account.department(id));
    if department == Some(None) {
        match settings.unknown_department {
            UnknownDepartment::NotFound => return Err(Refusal::NotFound),
            UnknownDepartment::Refused => faults.add("department_id", "nie istnieje"),
        }
    }
    let kept_seller = department.flatten().map(|department| &department.seller);
    document.seller = seller(account, kept_seller, given, &mut faults);
    read_dates(&mut document, given, today, &mut faults);
    read_buyer(account, &mut document, given, &mut faults);
    read_texts(&mut document, given, &mut faults);
    let is_correction = document.kind == "correction";
    document.positions = if is_correction {
        correction::read(account, settings, &mut document, given, &mut faults)
    } else {
        document.from_invoice_id = given.id("from_invoice_id").or_else(|| given.id("invoice_id"));
        if document.from_invoice_id.is_some_and(|id| account.document(id).is_none()) {
            faults.add("from_invoice_id", "nie istnieje");
        }
        lines::read(account, settings, given, &document.buyer, &mut faults)
    };
    let is_text = is_correction && given.has("corrected_content_after");
    if document.positions.is_empty() && !is_text {
        faults.add("positions", EMPTY);
    }
    document.totals = lines::totals(&document.positions);
    read_paid(&mut document, given, &mut faults);
    let clashes = |other: &&Document| same_row(other, &document) && other.number == document.number;
    if !document.number.is_empty() && account.documents.iter().any(|other| clashes(&other)) {
        faults.add("number", "już istnieje");
    }
    let same_kind = |other: &Document| match settings.oid_scope {
        OidScope::Account => true,
        OidScope::Kind => other.kind == document.kind,
    };
    let is_known = |other: &Document| other.oid == document.oid && same_kind(other);
    if given.text("oid_unique") == "yes" && !document.oid.is_empty() && account.documents.iter().any(is_known) {
        faults.add("oid", "już istnieje");
    }
    faults.refuse()?;
    Ok(document)
}

fn seller(account: &Account, department: Option<&Seller>, given: Given<'_>, faults: &mut Faults) -> Seller {
    let inline = || Seller {
        name: given.text("seller_name"),
        tax_no: given.text("seller_tax_no"),
        street: given.text("seller_street"),
        post_code: given.text("seller_post_code"),
        city: given.text("seller_city"),
        country: given.text("seller_country"),
        email: given.text("seller_email"),
        phone: given.text("seller_phone"),
        bank_account: account.seller.bank_account.clone(),
    };
    let mut seller = match department {
        Some(seller) => seller.clone(),
        None if given.has("seller_name") => inline(),
        None => account.seller.clone(),
    };
    if seller.name.is_empty() {
        faults.add("seller_name", EMPTY);
    }
    if seller.tax_no.is_empty() {
        faults.add("seller_tax_no", EMPTY);
    }
    let bank_account = given.text("seller_bank_account");
    if !bank_account.is_empty() && bank_account != seller.bank_account {
        match account.bank_protection {
            BankProtection::Ignores => {}
            BankProtection::Takes => seller.bank_account = bank_account,
            BankProtection::Refuses => faults.add(
                "seller_bank_account",
                "poziom zabezpieczeń konta nie pozwala na zmianę numeru rachunku bankowego",
            ),
        }
    }
    seller
}

fn read_dates(document: &mut Document, given: Given<'_>, today: NaiveDate, faults: &mut Faults) {
    document.issue_date = given.day("issue_date", faults).unwrap_or(today);
    document.sell_date = given.text("sell_date");
    if document.sell_date.is_empty() {
        document.sell_date = document.issue_date.to_string();
    }
    let whole =
        if document.sell_date.len() == 7 { format!("{}-01", document.sell_date) } else { document.sell_date.clone() };
    if whole.len() != 10 || whole.parse::<NaiveDate>().is_err() {
        faults.add("sell_date", "nieprawidłowa data");
    }
    let payment_to = given.day("payment_to", faults);
    document.payment_to = match given.text("payment_to_kind").as_str() {
        "off" | "description" => None,
        "other_date" => {
            if payment_to.is_none() {
                faults.add("payment_to", EMPTY);
            }
            payment_to
        }
        "" => payment_to.or(Some(document.issue_date + TimeDelta::days(USUAL_TERM))),
        days => match days.parse::<u16>() {
            Ok(days) => Some(document.issue_date + TimeDelta::days(i64::from(days))),
            Err(_) => {
                faults.add("payment_to_kind", "nie znajduje się na liście dopuszczalnych wartości");
                None
            }
        },
    };
    document.paid_date = given.day("paid_date", faults);
}

fn read_buyer(account: &Account, document: &mut Document, given: Given<'_>, faults: &mut Faults) {
    let client_id = given.id("client_id").filter(|id| *id != 0);
    if let Some(id) = client_id {
        match account.clients.iter().find(|client| client.id == id) {
            Some(client) => {
                document.client_id = Some(id);
                document.buyer = client.buyer.clone();
            }
            None => faults.add("client_id", "nie istnieje"),
        }
        return;
    }
    let mut buyer = Buyer {
        name: given.text("buyer_name"),
        first_name: given.text("buyer_first_name"),
        last_name: given.text("buyer_last_name"),
        company: given.flag("buyer_company").unwrap_or(true),
        tax_no: given.text("buyer_tax_no"),
        tax_no_kind: given.text("buyer_tax_no_kind"),
        street: given.text("buyer_street"),
        post_code: given.text("buyer_post_code"),
        city: given.text("buyer_city"),
        country: given.text("buyer_country"),
        email: given.text("buyer_email"),
        phone: given.text("buyer_phone"),
        note: given.text("buyer_note"),
    };
    if buyer.name.is_empty() {
        format!("{} {}", buyer.first_name, buyer.last_name).trim().clone_into(&mut buyer.name);
    }
    if buyer.name.is_empty() && document.kind != "receipt" {
        faults.add("buyer_name", EMPTY);
    }
    for (name, value) in [
        ("buyer_name", &buyer.name),
        ("buyer_street", &buyer.street),
        ("buyer_post_code", &buyer.post_code),
        ("buyer_city", &buyer.city),
        ("buyer_email", &buyer.email),
    ] {
        if value.chars().count() > 255 {
            faults.add(name, "jest za długie (maksymalnie 255 znaków)");
        }
    }
    let is_country = buyer.country.len() == 2 && buyer.country.chars().all(|c| c.is_ascii_uppercase());
    if !is_country && !buyer.country.is_empty() {
        faults.add("buyer_country", "nie znajduje się na liście dopuszczalnych wartości");
    }
    match buyer.tax_no_kind.as_str() {
        "" => {
            let bare: String = buyer.tax_no.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
            let bare = bare.strip_prefix("PL").unwrap_or(&bare);
            let unchecked = given.flag("disable_tax_no_validation") == Some(true);
            if !bare.is_empty() && !unchecked && !is_nip(bare) {
                faults.add("buyer_tax_no", "nie jest prawidłowym numerem NIP");
            }
        }
        "nip_ue" | "other" | "empty" | "nip_with_id" => {}
        _ => faults.add("buyer_tax_no_kind", "nie znajduje się na liście dopuszczalnych wartości"),
    }
    document.buyer = buyer;
}

fn read_texts(document: &mut Document, given: Given<'_>, faults: &mut Faults) {
    document.number = given.text("number");
    document.oid = given.text("oid");
    document.place = given.text("place");
    document.internal_note = given.text("internal_note");
    document.payment_type = given.text("payment_type");
    if document.payment_type.is_empty() {
        "transfer".clone_into(&mut document.payment_type);
    }
    document.currency = given.text("currency");
    if document.currency.is_empty() {
        "PLN".clone_into(&mut document.currency);
    }
    if document.currency.len() != 3 || !document.currency.chars().all(|c| c.is_ascii_uppercase()) {
        faults.add("currency", "nie znajduje się na liście dopuszczalnych wartości");
    }
    document.lang = given.text("lang");
    if document.lang.is_empty() {
        "pl".clone_into(&mut document.lang);
    }
    if !document.lang.split('/').all(|lang| LANGUAGES.contains(&lang)) {
        faults.add("lang", "nie znajduje się na liście dopuszczalnych wartości");
    }
    document.exempt_tax_kind = given.text("exempt_tax_kind");
    document.np_tax_kind = given.text("np_tax_kind");
    if !matches!(document.np_tax_kind.as_str(), "" | "export_service" | "export_service_eu" | "not_specified") {
        faults.add("np_tax_kind", "nie znajduje się na liście dopuszczalnych wartości");
    }
    if let Some(Node::List(procedures)) = given.0.get("procedure_designations")
        && !procedures.iter().all(|known| known.as_text().is_some_and(|text| PROCEDURES.contains(&text)))
    {
        faults.add("procedure_designations", "nie znajduje się na liście dopuszczalnych wartości");
    }
    document.description = given.text("description");
    let descriptions = given.list("descriptions");
    if descriptions.len() > MOST_DESCRIPTIONS {
        faults.add("descriptions", "jest ich za dużo (maksymalnie 10000)");
    }
    let mut contents: Vec<String> = vec![document.description.clone()];
    for description in descriptions {
        if description.text("kind").chars().count() > 256 {
            faults.add("descriptions.kind", "jest za długie (maksymalnie 256 znaków)");
        }
        contents.push(description.text("content"));
    }
    if contents.iter().any(|content| content.chars().count() > 65_535) {
        faults.add("descriptions.content", "jest za długie (maksymalnie 65535 znaków)");
    }
    if contents.iter().any(|content| content.chars().any(is_emoji)) {
        faults.add("descriptions.content", "zawiera niedozwolone znaki");
    }
    if document.description.is_empty() {
        document.description = contents.into_iter().find(|content| !content.is_empty()).unwrap_or_default();
    }
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

fn read_paid(document: &mut Document, given: Given<'_>, faults: &mut Faults) {
    let (status, paid) = (given.text("status"), given.decimal("paid"));
    if !status.is_empty() && !STATUSES.contains(&status.as_str()) {
        faults.add("status", "nie znajduje się na liście dopuszczalnych wartości");
    }
    if status == "paid" && document.kind == "proforma" {
        faults.add("status", "jest nieprawidłowe");
    }
    if given.has("paid") && paid.is_none_or(|paid| paid.is_sign_negative()) {
        faults.add("paid", "nie jest liczbą");
    }
    let gross = document.totals.gross;
    document.paid = round(paid.unwrap_or(if status == "paid" { gross } else { Decimal::ZERO }));
    document.status = match status.as_str() {
        "sent" | "rejected" => status,
        _ => settled(document.paid, gross).to_owned(),
    };
}

/// The status of a document of which so much is paid.
pub(super) fn settled(paid: Decimal, gross: Decimal) -> &'static str {
    if paid.is_zero() {
        "issued"
    } else if paid >= gross {
        "paid"
    } else {
        "partial"
    }
}

/// What KSeF demands is only looked at where the account has it.
pub(super) fn is_on(ksef: Ksef) -> bool {
    match ksef {
        Ksef::Off => false,
        Ksef::Block | Ksef::Persist => true,
    }
}
