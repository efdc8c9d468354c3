//! Documents that are added: their fields, and the rules that they must keep.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::envelope::{INPUT_ERROR, Refusal};
use super::fields::{Check, reference, text};
use super::numbers;
use super::state::{
    Company, Contractor, Invoice, KnownNip, Ksef, Line, NumberControl, Series, Settings, Stock, TaxNumbers, Wfirma,
};
use crate::json::Node;
use crate::polish::{Amounts, Priced, is_nip};

/// Types for a company that pays VAT, with the type of their series.
const PAYER: &[(&str, &str)] = &[
    ("normal", "normal"),
    ("normal_draft", "normal"),
    ("receipt_fiscal_normal", "receipt_fiscal_normal"),
    ("receipt_normal", "receipt_normal"),
    ("proforma", "proforma"),
    ("offer", "offer"),
];
/// Types for one that does not.
const NO_PAYER: &[(&str, &str)] = &[
    ("bill", "bill"),
    ("bill_draft", "bill"),
    ("receipt_fiscal_bill", "receipt_fiscal_bill"),
    ("receipt_bill", "receipt_bill"),
    ("proforma_bill", "proforma_bill"),
    ("offer_bill", "offer_bill"),
];
const METHODS: &[&str] = &["cash", "transfer", "compensation", "cod", "payment_card"];
const SCHEMAS: &[&str] = &["normal", "vat_invoice_date", "vat_buyer_construction_service", "assessor", "split_payment"];
const TAX_ID_TYPES: &[&str] = &["none", "nip", "vat", "pesel", "regon", "custom"];
const CURRENCIES: &[&str] =
    &["PLN", "EUR", "USD", "GBP", "CHF", "CZK", "SEK", "NOK", "DKK", "HUF", "RON", "BGN", "UAH"];

/// Whether a type of document goes through a fiscal printer.
pub(super) fn is_fiscal(kind: &str) -> bool {
    kind.starts_with("receipt_fiscal")
}

fn is_draft(kind: &str) -> bool {
    kind.ends_with("_draft")
}

/// Adds a document, or refuses it with all that is wrong; answers its id.
pub(super) fn add(state: &mut Wfirma, company: u64, now: DateTime<Utc>, record: &Node) -> Result<u64, Refusal> {
    let settings = state.settings.clone();
    let books = state.company(company).ok_or(Refusal::Status("ACCESS DENIED"))?;
    let mut check = Check::default();
    let mut invoice = read(books, &settings, record, &mut check)?;
    check.refuse(record)?;
    invoice.id = state.new_id();
    for line in &mut invoice.lines {
        line.id = state.new_id();
    }
    let card = state.new_id();
    let id = invoice.id;
    let books = state.company_mut(company).ok_or(Refusal::Status("ACCESS DENIED"))?;
    invoice.created = now;
    if !invoice.kind.starts_with("receipt") && !is_draft(&invoice.kind) {
        invoice.hash = format!("{:016x}", invoice.id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    if let (Some(reads), "normal") = (books.ksef_after, invoice.kind.as_str()) {
        invoice.ksef = Ksef { status: "pending".to_owned(), reads, ..Ksef::default() };
    }
    if let Some(contractor) = invoice.contractor.as_mut().filter(|contractor| contractor.id == 0) {
        let known = books.contractors.iter().find(|known| !known.nip.is_empty() && known.nip == contractor.nip);
        contractor.id = match (known, settings.known_nip) {
            (Some(known), KnownNip::Reused) => known.id,
            (Some(_), KnownNip::Duplicated) | (None, _) => {
                books.contractors.push(Contractor { id: card, ..contractor.clone() });
                card
            }
        };
    }
    let lowers = match settings.stock {
        Stock::ByModule => books.extended_warehouse,
        Stock::Lowered => true,
        Stock::Kept => false,
    };
    if lowers && !is_draft(&invoice.kind) {
        for line in &invoice.lines {
            if let Some(good) = books.goods.iter_mut().find(|good| Some(good.id) == line.good) {
                good.count -= line.count;
            }
        }
    }
    books.invoices.push(invoice);
    Ok(id)
}

fn read(books: &Company, settings: &Settings, record: &Node, check: &mut Check) -> Result<Invoice, Refusal> {
    let kind = check.required(record, &[], "type");
    let types = if books.vat_payer { PAYER } else { NO_PAYER };
    let series_kind = types.iter().find(|(known, _)| *known == kind).map(|(_, series)| *series);
    if series_kind.is_none() && !kind.is_empty() {
        check.wrong(&[], "type", "nieprawidłowa wartość");
    }
    if books.inactive {
        check.wrong(&[], "type", "Twój pakiet jest nieaktywny");
    }
    let priced = match check.word(record, &[], "price_type", &["netto", "brutto"]) {
        "brutto" => Priced::Gross,
        _ => Priced::Net,
    };
    check.required(record, &[], "date");
    let date = check.day(record, &[], "date").unwrap_or_default();
    if books.closed_until.is_some_and(|closed| date <= closed) {
        check.wrong(&[], "date", "okres jest zamknięty");
    }
    check.word(record, &[], "disposaldate_format", &["day", "month"]);
    for flag in ["disposaldate_empty", "auto_send", "schema_bill", "schema_receipt_book"] {
        check.word(record, &[], flag, &["0", "1"]);
    }
    let currency = check.word(record, &[], "currency", CURRENCIES).to_owned();
    let description = text(record.get("description"));
    if is_fiscal(&kind) && !description.is_empty() {
        check.wrong(&[], "description", "pole niedozwolone dla paragonu fiskalnego");
    }
    if record.get("ereceipt_integration_receipt").is_some() && !(is_fiscal(&kind) && books.ereceipts) {
        check.wrong(&[], "ereceipt_integration_receipt", "brak integracji z eparagony.pl");
    }
    let id_external = text(record.get("id_external"));
    if id_external.chars().count() > settings.reference_most {
        check.wrong(&[], "id_external", "zbyt długa wartość");
    }
    let paid_initial = check.number(record, &[], "alreadypaid_initial").unwrap_or_default();
    if paid_initial < Decimal::ZERO {
        check.wrong(&[], "alreadypaid_initial", "nieprawidłowa wartość");
    }
    let lines = lines(books, record, priced, check)?;
    let sum = lines.iter().map(|line| (line.rate, &line.amounts));
    let mut invoice = Invoice {
        totals: Amounts::sum(sum, priced, settings.rounding),
        disposal_date: check.day(record, &[], "disposaldate"),
        payment_date: check.day(record, &[], "paymentdate"),
        payment_method: {
            check.required(record, &[], "paymentmethod");
            check.word(record, &[], "paymentmethod", METHODS).to_owned()
        },
        schema: check.word(record, &[], "schema", SCHEMAS).to_owned(),
        contractor: contractor(books, settings, record, &kind, check)?,
        kind,
        date,
        currency,
        priced,
        id_external,
        description,
        paid_initial,
        lines,
        ..Invoice::default()
    };
    number(books, record, series_kind, &mut invoice, check);
    Ok(invoice)
}

/// Series and number.
fn number(books: &Company, record: &Node, kind: Option<&str>, invoice: &mut Invoice, check: &mut Check) {
    let of_kind = |series: &&Series| kind.is_none_or(|kind| series.kind == kind);
    let series = match reference(record, "series") {
        Some(id) => books.series.iter().find(|series| series.id == id).filter(of_kind),
        None => books.series.iter().find(of_kind),
    };
    let Some(series) = series else {
        return check.wrong(&[], "series", "nie znaleziono serii numeracji");
    };
    invoice.series = series.id;
    if is_draft(&invoice.kind) {
        return;
    }
    let own = ["number", "day", "month", "year"].into_iter().find(|field| record.get(field).is_some());
    if let (Some(field), NumberControl::On) = (own, series.control) {
        return check.wrong(&[], field, "kontrola numeracji jest włączona");
    }
    let mut part = |field: &'static str, usual: u32| {
        let given = text(record.get(field));
        if given.is_empty() {
            return usual;
        }
        given.parse().unwrap_or_else(|_| {
            check.wrong(&[], field, "zły format");
            usual
        })
    };
    let (day, month) = (part("day", invoice.date.day()), part("month", invoice.date.month()));
    let year = part("year", invoice.date.year().unsigned_abs());
    let number = part("number", numbers::next(books, series, invoice.date));
    let printed = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    let Some(printed) = printed else { return check.wrong(&[], "day", "zły format") };
    if let Some(why) = numbers::refused(books, series, number, invoice.date) {
        return check.wrong(&[], if own.is_some() { "number" } else { "date" }, why);
    }
    invoice.number = number;
    invoice.full_number = numbers::render(series, number, printed);
}

fn contractor(
    books: &Company,
    settings: &Settings,
    record: &Node,
    kind: &str,
    check: &mut Check,
) -> Result<Option<Contractor>, Refusal> {
    const AT: &[&str] = &["contractor"];
    let given = match record.get("contractor") {
        None if is_fiscal(kind) => return Ok(None),
        None => &Node::Null,
        Some(given @ Node::Object(_)) => given,
        Some(_) => return Err(INPUT_ERROR),
    };
    if let Some(id) = reference(record, "contractor").or_else(|| text(given.get("id")).parse().ok()) {
        let known = books.contractors.iter().find(|known| known.id == id);
        if known.is_none() {
            check.wrong(AT, "id", "nie znaleziono kontrahenta");
        }
        return Ok(known.cloned());
    }
    let email = text(given.get("email"));
    if email.contains([' ', '<', '>', '[', ']']) {
        return Err(INPUT_ERROR);
    }
    let needed = !is_fiscal(kind);
    let mut field = |name: &'static str| {
        if needed { check.required(given, AT, name) } else { text(given.get(name)) }
    };
    let (name, street, zip, city) = (field("name"), field("street"), field("zip"), field("city"));
    let tax_id_type = check.word(given, AT, "tax_id_type", TAX_ID_TYPES).to_owned();
    let nip = text(given.get("nip"));
    let is_wrong = match tax_id_type.as_str() {
        "nip" => !is_nip(&nip) && (settings.tax_numbers == TaxNumbers::Checked || nip.is_empty()),
        "vat" => nip.len() < 4 || !nip.bytes().take(2).all(|byte| byte.is_ascii_uppercase()),
        _ => false,
    };
    if is_wrong {
        check.wrong(AT, "nip", "nieprawidłowy numer NIP");
    }
    let country = match text(given.get("country")) {
        country if country.is_empty() => "PL".to_owned(),
        country => country,
    };
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        check.wrong(AT, "country", "nieprawidłowa wartość");
    }
    let phone = text(given.get("phone"));
    Ok(Some(Contractor { id: 0, name, tax_id_type, nip, street, zip, city, country, email, phone }))
}

fn lines(books: &Company, record: &Node, priced: Priced, check: &mut Check) -> Result<Vec<Line>, Refusal> {
    let mut lines = Vec::new();
    if let Some(branch) = record.get("invoicecontents") {
        for (key, given) in super::envelope::records(branch, "invoicecontent")? {
            lines.push(line(books, given, &["invoicecontents", key, "invoicecontent"], priced, check));
        }
    }
    if lines.is_empty() {
        check.wrong(&[], "invoicecontents", "dokument musi zawierać co najmniej jedną pozycję");
    }
    Ok(lines)
}

fn line(books: &Company, given: &Node, at: &[&str], priced: Priced, check: &mut Check) -> Line {
    let (name, unit) = (check.required(given, at, "name"), check.required(given, at, "unit"));
    check.required(given, at, "price");
    check.required(given, at, "count");
    let (price, count) = (check.number(given, at, "price"), check.number(given, at, "count"));
    if count.is_some_and(|count| count <= Decimal::ZERO || count.normalize().scale() > 4) {
        check.wrong(at, "count", "nieprawidłowa wartość");
    }
    if price.is_some_and(|price| price < Decimal::ZERO) {
        check.wrong(at, "price", "nieprawidłowa wartość");
    }
    let discount = match check.word(given, at, "discount", &["0", "1"]) {
        "1" => check.number(given, at, "discount_percent").unwrap_or_default(),
        _ => Decimal::ZERO,
    };
    if discount < Decimal::ZERO || discount > Decimal::ONE_HUNDRED {
        check.wrong(at, "discount_percent", "nieprawidłowa wartość");
    }
    let code = text(given.get("vat"));
    let by_id = reference(given, "vat_code");
    let found = books.vat_codes.iter().find(|known| match by_id {
        Some(id) => known.id == id,
        // Foreign rates go by their id only.
        None => known.country == 0 && known.code.eq_ignore_ascii_case(&code),
    });
    let found = found.cloned().unwrap_or_else(|| {
        let (field, why) =
            if by_id.is_some() { ("vat_code", "nie znaleziono stawki") } else { ("vat", "nieprawidłowa wartość") };
        check.wrong(at, field, if by_id.is_none() && code.is_empty() { "puste pole" } else { why });
        super::state::VatCode::default()
    });
    let good = reference(given, "good");
    if good.is_some_and(|id| !books.goods.iter().any(|good| good.id == id)) {
        check.wrong(at, "good", "nie znaleziono produktu");
    }
    if books.revenue_register {
        check.required(given, at, "lumpcode");
    }
    let (price, count) = (price.unwrap_or_default(), count.unwrap_or_default());
    let value = price * count * (Decimal::ONE_HUNDRED - discount) / Decimal::ONE_HUNDRED;
    Line {
        id: 0,
        amounts: Amounts::of(value, found.rate, priced),
        name,
        unit,
        count,
        price,
        discount,
        vat: found.code,
        vat_code: found.id,
        rate: found.rate,
        good,
    }
}
