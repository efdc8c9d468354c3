//! Transactions: what is checked before one is booked, the VAT that is made of its lines, and how it is shown.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy, dec};

use super::books::{Charged, Daybook, Line, LineKind, Office, SameNumber, Transaction, Twinfield, VatCode};
use super::messages;
use super::process::failed;
use super::service::{self, Call};
use super::xml::Element;

const TEXT_CHARS_MAX: usize = 40;
/// So much VAT may be left over when Twinfield is told to balance it.
const BALANCE_MAX: Decimal = dec!(0.02);
const HEADER_FIELDS: [&str; 14] = [
    "office",
    "code",
    "number",
    "currency",
    "date",
    "period",
    "duedate",
    "invoicenumber",
    "paymentreference",
    "freetext1",
    "freetext2",
    "freetext3",
    "regime",
    "origin",
];
const LINE_FIELDS: [&str; 17] = [
    "dim1",
    "dim2",
    "dim3",
    "debitcredit",
    "value",
    "description",
    "vatcode",
    "vatvalue",
    "vattotal",
    "vatturnover",
    "baseline",
    "freechar",
    "performancetype",
    "performancecountry",
    "performancevatnumber",
    "performancedate",
    "rate",
];

/// Where something is wrong: in the header, or in a line by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Header,
    Line(usize),
}

/// What is wrong with a request.
#[derive(Debug, Default)]
struct Complaints(Vec<(Place, String, &'static str, String)>);

impl Complaints {
    fn error(&mut self, place: Place, field: &str, text: String) {
        self.0.push((place, field.to_owned(), "error", text));
    }

    fn warning(&mut self, place: Place, field: &str, text: String) {
        self.0.push((place, field.to_owned(), "warning", text));
    }

    /// Writes the complaints into the request, which is the answer then.
    fn into_answer(self, mut request: Element) -> Element {
        request.set("result", "0");
        for (place, field, kind, text) in self.0 {
            let within = match place {
                Place::Root => Some(&mut request),
                Place::Header => request.child_mut("header"),
                Place::Line(index) => request.child_mut("lines").and_then(|lines| lines.children.get_mut(index)),
            };
            let Some(within) = within else { continue };
            match within.child_mut(&field) {
                Some(child) => child.complain(kind, &text),
                None => within.complain(kind, &text),
            }
        }
        request
    }
}

fn day(text: Option<&str>) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text?, "%Y%m%d").ok()
}

/// A positive amount with a dot and two decimals.
fn amount(text: Option<&str>) -> Option<Decimal> {
    let (whole, cents) = text?.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(cents) && cents.len() == 2).then(|| Decimal::from_str_exact(text?).ok()).flatten()
}

/// Books a transaction, or says what is wrong with it.
pub fn post(books: &mut Twinfield, call: &Call, request: Element) -> Element {
    let language = call.language;
    let empty = Element::new("header");
    let header = request.child("header").unwrap_or(&empty);
    let company = header.text_of("office").or(call.company.as_deref()).unwrap_or_default().to_owned();
    if let Err(text) = service::may_open(books, call, &company) {
        return failed(request, &text);
    }
    let last = match request.get("destiny") {
        Some("temporary") => false,
        Some("final") => true,
        Some(_) | None => return failed(request, &messages::destiny(language)),
    };
    let Some(office) = books.office_mut(&company) else { return failed(request, &messages::no_office(language)) };
    let mut complaints = Complaints::default();
    let read = Reading { office, call, request: &request, complaints: &mut complaints }.transaction(last);
    let blocks = |kind: &str| kind == "error" || request.get("raisewarning") != Some("false");
    let refused = complaints.0.iter().any(|(_, _, kind, _)| blocks(kind));
    let (Some(mut transaction), false) = (read, refused) else { return complaints.into_answer(request) };
    let given = request.child("header").and_then(|header| header.text_of("number")).map(str::to_owned);
    match given {
        Some(number) => {
            let same = |one: &&mut Transaction| one.daybook == transaction.daybook && one.number.to_string() == number;
            match office.transactions.iter_mut().find(same) {
                Some(former) if !former.last => {
                    transaction.number = former.number;
                    *former = transaction.clone();
                }
                Some(_) => return failed(request, &messages::is_final(language)),
                None => return failed(request, &messages::no_transaction(language, &number)),
            }
        }
        None => {
            let of_year = office
                .transactions
                .iter()
                .filter(|one| one.daybook == transaction.daybook && one.period.0 == transaction.period.0);
            let first = u64::try_from(transaction.period.0).unwrap_or_default() * 100_000;
            transaction.number = of_year.map(|one| one.number).max().unwrap_or(first) + 1;
            office.transactions.push(transaction.clone());
        }
    }
    let Some(office) = books.office(&company) else { return failed(request, &messages::no_office(language)) };
    let mut answer = shown(books, call, office, &transaction);
    for (name, value) in &request.attributes {
        if name != "destiny" {
            answer.set(name, value);
        }
    }
    answer
}

struct Reading<'r> {
    office: &'r Office,
    call: &'r Call,
    request: &'r Element,
    complaints: &'r mut Complaints,
}

impl Reading<'_> {
    fn transaction(self, last: bool) -> Option<Transaction> {
        let Self { office, call, request, complaints } = self;
        let language = call.language;
        let (Some(header), Some(lines)) = (request.child("header"), request.child("lines")) else {
            complaints.error(Place::Root, "", messages::field(language, "header"));
            return None;
        };
        for child in header.children.iter().filter(|child| !HEADER_FIELDS.contains(&child.name.as_str())) {
            complaints.error(Place::Header, &child.name, messages::not_wanted(language, &child.name));
        }
        let code = header.text_of("code").unwrap_or_default();
        let Some(daybook) = office.daybook(code) else {
            complaints.error(Place::Header, "code", messages::no_daybook(language, code));
            return None;
        };
        let currency = header.text_of("currency").unwrap_or("EUR");
        if !office.currencies.contains_key(currency) {
            complaints.error(Place::Header, "currency", messages::no_currency(language, currency));
        }
        let Some(date) = day(header.text_of("date")) else {
            complaints.error(Place::Header, "date", messages::field(language, "date"));
            return None;
        };
        let due = match header.text_of("duedate") {
            None => None,
            Some(text) => match day(Some(text)) {
                Some(due) => Some(due),
                None => {
                    complaints.error(Place::Header, "duedate", messages::field(language, "duedate"));
                    None
                }
            },
        };
        let period = period(office, call, header, date, complaints);
        for field in ["invoicenumber", "paymentreference", "freetext1", "freetext2", "freetext3"] {
            if header.text_of(field).is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
                complaints.error(Place::Header, field, messages::too_long(language, field));
            }
        }
        let invoice_number = header.text_of("invoicenumber").unwrap_or_default().to_owned();
        if invoice_number.is_empty() {
            complaints.error(Place::Header, "invoicenumber", messages::field(language, "invoicenumber"));
        }
        let mut free_texts = BTreeMap::new();
        for number in 1..=3_u8 {
            let field = format!("freetext{number}");
            if let Some(text) = header.text_of(&field) {
                if !daybook.free_texts.contains(&number) {
                    complaints.error(Place::Header, &field, messages::free_text(language, number));
                }
                free_texts.insert(number, text.to_owned());
            }
        }
        let mut booked = Vec::new();
        for (index, element) in lines.children.iter().enumerate() {
            booked.extend(Lines { office, call, daybook, date }.line(index, element, complaints));
        }
        let totals = booked.iter().filter(|(line, _)| line.kind == LineKind::Total).count();
        if totals != 1 || lines.children.len() < 2 {
            complaints.error(Place::Root, "", messages::field(language, "lines"));
            return None;
        }
        let relation = booked.iter().find(|(line, _)| line.kind == LineKind::Total).map(|(line, _)| line.dim2.clone());
        let mut transaction = Transaction {
            daybook: daybook.code.clone(),
            number: 0,
            last,
            date,
            due,
            period,
            currency: currency.to_owned(),
            invoice_number,
            payment_reference: header.text_of("paymentreference").unwrap_or_default().to_owned(),
            free_texts,
            user: call.user.clone(),
            lines: Vec::new(),
        };
        same_number(office, call, daybook, &transaction, relation.as_deref(), header, complaints);
        let vat = vat_lines(office, date, &booked);
        transaction.lines = booked.into_iter().map(|(line, _)| line).chain(vat).collect();
        let left: Decimal = transaction.lines.iter().map(|line| line.amount).sum();
        if !left.is_zero() {
            let balances = request.get("autobalancevat") == Some("true") && left.abs() <= BALANCE_MAX;
            let charged = |line: &&mut Line| line.kind == LineKind::Vat && !line.amount.is_zero();
            match transaction.lines.iter_mut().find(charged).filter(|_| balances) {
                Some(line) => line.amount -= left,
                None => complaints.error(Place::Root, "", messages::balance(language, left)),
            }
        }
        Some(transaction)
    }
}

fn period(office: &Office, call: &Call, header: &Element, date: NaiveDate, complaints: &mut Complaints) -> (i32, u32) {
    let language = call.language;
    let of_date = (date.year(), date.month());
    let period = match header.text_of("period") {
        None => of_date,
        Some(text) => {
            let parts = text.split_once('/').filter(|(year, number)| year.len() == 4 && number.len() == 2);
            let parts = parts.and_then(|(year, number)| Some((year.parse().ok()?, number.parse().ok()?)));
            let Some(period) = parts else {
                complaints.error(Place::Header, "period", messages::field(language, "period"));
                return of_date;
            };
            period
        }
    };
    let shown = format!("{}/{:02}", period.0, period.1);
    if !office.years.contains(&period.0) || !(1..=12).contains(&period.1) {
        complaints.error(Place::Header, "period", messages::no_period(language, &shown));
    } else if office.closed.contains(&period) {
        complaints.error(Place::Header, "period", messages::closed(language, &shown));
    } else if period != of_date {
        let text = messages::outside(language, &date.format("%d-%m-%Y").to_string(), &shown);
        complaints.warning(Place::Header, "date", text);
    }
    period
}

fn same_number(
    office: &Office,
    call: &Call,
    daybook: &Daybook,
    transaction: &Transaction,
    relation: Option<&str>,
    header: &Element,
    complaints: &mut Complaints,
) {
    let updated = header.text_of("number");
    let there = office.transactions.iter().any(|one| {
        one.daybook == daybook.code
            && Some(one.relation()) == relation
            && one.invoice_number == transaction.invoice_number
            && Some(one.number.to_string().as_str()) != updated
    });
    let text = || messages::same_number(call.language, &transaction.invoice_number);
    match daybook.same_number {
        SameNumber::Warn if there => complaints.warning(Place::Header, "invoicenumber", text()),
        SameNumber::Refuse if there => complaints.error(Place::Header, "invoicenumber", text()),
        SameNumber::Accept | SameNumber::Warn | SameNumber::Refuse => {}
    }
}

#[derive(Clone, Copy)]
struct Lines<'r> {
    office: &'r Office,
    call: &'r Call,
    daybook: &'r Daybook,
    date: NaiveDate,
}

impl Lines<'_> {
    /// A line with the VAT that it states.
    fn line(self, index: usize, element: &Element, complaints: &mut Complaints) -> Option<(Line, Option<Decimal>)> {
        let Self { office, call, daybook, .. } = self;
        let language = call.language;
        let place = Place::Line(index);
        for child in element.children.iter().filter(|child| !LINE_FIELDS.contains(&child.name.as_str())) {
            complaints.error(place, &child.name, messages::not_wanted(language, &child.name));
        }
        let kind = match element.get("type") {
            Some("total") => LineKind::Total,
            Some("detail") => LineKind::Detail,
            Some(_) | None => {
                complaints.error(place, "", messages::field(language, "type"));
                return None;
            }
        };
        let value = amount(element.text_of("value"));
        if value.is_none() {
            complaints.error(place, "value", messages::field(language, "value"));
        }
        let debit = match element.text_of("debitcredit") {
            Some("debit") => true,
            Some("credit") => false,
            Some(_) | None => {
                complaints.error(place, "debitcredit", messages::field(language, "debitcredit"));
                false
            }
        };
        let description = element.text_of("description").unwrap_or_default();
        if description.chars().count() > TEXT_CHARS_MAX {
            complaints.error(place, "description", messages::too_long(language, "description"));
        }
        let text = |name: &str| element.text_of(name).unwrap_or_default().to_owned();
        let signed = |value: Decimal| if debit { value } else { -value };
        let mut line = Line {
            kind,
            account: text("dim1"),
            dim2: text("dim2"),
            dim3: text("dim3"),
            amount: signed(value.unwrap_or_default()),
            debit,
            description: description.to_owned(),
            vat_code: text("vatcode"),
            turnover: Decimal::ZERO,
            performance: Vec::new(),
        };
        let mut stated = None;
        match kind {
            LineKind::Total => {
                let relations = if daybook.sales { "DEB" } else { "CRD" };
                let relation = office.dimension(&[relations], &line.dim2).filter(|relation| relation.active);
                match relation {
                    Some(relation) if line.account.is_empty() => line.account.clone_from(&relation.substitute),
                    Some(_) => {}
                    None => {
                        let text = messages::no_dimension(language, &line.dim2, &office.code);
                        complaints.error(place, "dim2", text);
                    }
                }
                if !line.account.is_empty() && office.dimension(&["BAS"], &line.account).is_none() {
                    let text = messages::no_dimension(language, &line.account, &office.code);
                    complaints.error(place, "dim1", text);
                }
                if !line.vat_code.is_empty() {
                    complaints.error(place, "vatcode", messages::not_wanted(language, "vatcode"));
                }
            }
            LineKind::Detail | LineKind::Vat => {
                self.accounts(place, &line, complaints);
                stated = element.text_of("vatvalue").map(|text| match amount(Some(text)) {
                    Some(vat) => signed(vat),
                    None => {
                        complaints.error(place, "vatvalue", messages::field(language, "vatvalue"));
                        Decimal::ZERO
                    }
                });
                line.performance = ["performancetype", "performancecountry", "performancevatnumber", "performancedate"]
                    .into_iter()
                    .filter_map(|name| Some((name.to_owned(), element.text_of(name)?.to_owned())))
                    .collect();
                if !line.vat_code.is_empty() {
                    self.vat(place, &line, stated, complaints);
                } else if stated.is_some_and(|vat| !vat.is_zero()) {
                    complaints.error(place, "vatvalue", messages::vat_value(language));
                }
            }
        }
        Some((line, stated))
    }

    fn accounts(self, place: Place, line: &Line, complaints: &mut Complaints) {
        let Self { office, call, .. } = self;
        let missing = |code: &str| messages::no_dimension(call.language, code, &office.code);
        match office.dimension(&["BAS", "PNL"], &line.account).filter(|account| account.active) {
            None => complaints.error(place, "dim1", missing(&line.account)),
            Some(account) if account.needs_cost_centre && line.dim2.is_empty() => {
                complaints.error(place, "dim1", messages::cost_centre(call.language, &account.code));
            }
            Some(_) => {}
        }
        if !line.dim2.is_empty() && office.dimension(&["KPL"], &line.dim2).is_none() {
            complaints.error(place, "dim2", missing(&line.dim2));
        }
        if !line.dim3.is_empty() && office.dimension(&["PRJ", "AST"], &line.dim3).is_none() {
            complaints.error(place, "dim3", missing(&line.dim3));
        }
    }

    fn vat(self, place: Place, line: &Line, stated: Option<Decimal>, complaints: &mut Complaints) {
        let Self { office, call, daybook, date } = self;
        let language = call.language;
        let known = office.vat_code(&line.vat_code).filter(|vat| vat.active && percent(vat, date).is_some());
        let Some(vat) = known else {
            complaints.error(place, "vatcode", messages::no_vat_code(language, &line.vat_code));
            return;
        };
        if vat.sales != daybook.sales {
            let name = |sales: bool| if sales { "Verkoop" } else { "Inkoop" };
            let text = messages::vat_side(language, &vat.name, &vat.code, name(vat.sales), name(daybook.sales));
            complaints.error(place, "vatcode", text);
        }
        let nothing = vat.charged == Charged::BothSides || percent(vat, date).is_some_and(|percent| percent.is_zero());
        if nothing && stated.is_some_and(|stated| !stated.is_zero()) {
            complaints.error(place, "vatvalue", messages::vat_value(language));
        }
        if vat.listed {
            let given =
                |name: &str| line.performance.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            for name in ["performancetype", "performancecountry", "performancevatnumber"] {
                if given(name).is_none() {
                    complaints.error(place, name, messages::performance(language, name));
                }
            }
            match (given("performancetype"), given("performancedate")) {
                (Some("services"), None) => {
                    complaints.error(place, "performancedate", messages::performance(language, "performancedate"));
                }
                (Some("goods"), Some(_)) => {
                    complaints.error(place, "performancedate", messages::not_wanted(language, "performancedate"));
                }
                (Some("goods" | "services") | None, _) => {}
                (Some(_), _) => {
                    complaints.error(place, "performancetype", messages::field(language, "performancetype"));
                }
            }
        } else if let Some((name, _)) = line.performance.first() {
            complaints.error(place, name, messages::not_wanted(language, name));
        }
    }
}

/// The percentage on a day.
fn percent(vat: &VatCode, date: NaiveDate) -> Option<Decimal> {
    vat.percentages.range(..=date).next_back().map(|(_, percent)| *percent)
}

/// The VAT of the lines: as stated, else as the code makes it.
fn vat_lines(office: &Office, date: NaiveDate, booked: &[(Line, Option<Decimal>)]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (detail, stated) in booked {
        let Some(vat) = office.vat_code(&detail.vat_code) else { continue };
        let percent = percent(vat, date).unwrap_or_default();
        let made = (detail.amount * percent / Decimal::ONE_HUNDRED)
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        let amount = stated.filter(|_| vat.charged == Charged::Once).unwrap_or(made);
        let line = Line {
            kind: LineKind::Vat,
            account: vat.account.clone(),
            dim2: String::new(),
            dim3: String::new(),
            amount,
            debit: detail.debit,
            description: String::new(),
            vat_code: vat.code.clone(),
            turnover: detail.amount,
            performance: detail.performance.clone(),
        };
        if vat.charged == Charged::BothSides {
            lines.push(Line { amount: -amount, debit: !detail.debit, ..line.clone() });
        }
        lines.push(line);
    }
    lines
}

/// A transaction as Twinfield answers it.
pub fn shown(books: &Twinfield, call: &Call, office: &Office, transaction: &Transaction) -> Element {
    let daybook = office.daybook(&transaction.daybook).map(|daybook| daybook.name.as_str()).unwrap_or_default();
    let user = books
        .organisation(&call.organisation)
        .and_then(|organisation| organisation.users.iter().find(|user| user.code == transaction.user));
    let named = |name: &str, code: &str, shown: &str| {
        Element::of(name, code).attribute("name", shown).attribute("shortname", "")
    };
    let date = |date: NaiveDate| date.format("%Y%m%d").to_string();
    let mut header = Element::new("header")
        .with(named("code", &transaction.daybook, daybook))
        .with(named("office", &office.code, &office.name))
        .with(named("currency", &transaction.currency, &transaction.currency))
        .field("date", &date(transaction.date))
        .field("period", &format!("{}/{:02}", transaction.period.0, transaction.period.1))
        .field("duedate", &transaction.due.map(date).unwrap_or_default())
        .field("invoicenumber", &transaction.invoice_number)
        .field("paymentreference", &transaction.payment_reference)
        .field("origin", "import")
        .with(named("user", &transaction.user, user.map(|user| user.name.as_str()).unwrap_or_default()))
        .field("number", &transaction.number.to_string());
    for (number, text) in &transaction.free_texts {
        header = header.field(&format!("freetext{number}"), text);
    }
    let lines = transaction.lines.iter().zip(1..).map(|(line, id)| {
        let mut element = Element::new("line")
            .attribute("type", line.kind.as_str())
            .attribute("id", &id.to_string())
            .with(named("dim1", &line.account, ""))
            .field("dim2", &line.dim2)
            .field("dim3", &line.dim3)
            .field("debitcredit", if line.debit { "debit" } else { "credit" })
            .field("value", &format!("{:.2}", line.amount.abs()))
            .field("description", &line.description);
        if !line.vat_code.is_empty() {
            element = element.field("vatcode", &line.vat_code);
        }
        if line.kind == LineKind::Vat {
            element = element.field("vatturnover", &format!("{:.2}", line.turnover.abs()));
        }
        element
    });
    Element::new("transaction")
        .attribute("result", "1")
        .attribute("location", if transaction.last { "final" } else { "temporary" })
        .with(header)
        .with(Element::new("lines").with_all(lines))
}
