//! Invoices that are sent: their fields, and the rules that they must keep.

use http::StatusCode;
use rust_decimal::{Decimal, dec};

use super::fields::Fields;
use super::lists;
use super::refusal::{Refusal, rule};
use super::state::{
    Amount, Charged, CreditNotes, Database, Direction, DocumentLink, Invoice, JournalKind, Line, Links, SameNumber,
    Settings, Side, State,
};
use crate::json::Node;
use crate::server::Answer;

const DESCRIPTION_MOST: usize = 60;
const REFERENCE_MOST: usize = 40;

const MODEL: &[&str] = &[
    "accountManager",
    "accountManagerId",
    "amountCreditSqueeze",
    "amountCreditSqueezeCur",
    "amountRebate",
    "amountRebateCur",
    "amountTotal",
    "amountTotalCur",
    "autoCalculateVat",
    "bordereauxNumber",
    "canChange",
    "cannotChangeReason",
    "contactPerson",
    "contactPersonId",
    "currencyId",
    "customerId",
    "customerInvoiceLines",
    "documentLink",
    "documentNumber",
    "dunForPayment",
    "exchangeRate",
    "fiscalYear",
    "inDirectDebitBatch",
    "invoiceDate",
    "invoiceExpirationDate",
    "invoiceId",
    "invoiceType",
    "journalId",
    "journalSection",
    "journalTransaction",
    "kvcPaymentCondition",
    "mandateId",
    "messages",
    "numberOfReminders",
    "openingBalance",
    "orderId",
    "paymentConditionId",
    "paymentId",
    "paymentReference",
    "periodNumber",
    "processedBy",
    "processedById",
    "rebateExpirationDate",
    "rebatePercentage",
    "reference",
    "supplierId",
    "supplierInvoiceLines",
    "systemInvoice",
    "totalAmountVatExcl",
    "totalAmountVatExclCur",
    "vatAdjusted",
    "vatAmount",
    "vatAmountCur",
    "vatOnInvoice",
    "vatScenarioId",
    "vatTransactionLines",
];
const LINE_MODEL: &[&str] = &[
    "accountId",
    "costCentreId",
    "costUnitId",
    "creditAmount",
    "creditAmountCur",
    "currencyId",
    "customerId",
    "debitAmount",
    "debitAmountCur",
    "description",
    "document",
    "fiscalYear",
    "fixedAssetId",
    "journalId",
    "journalTransaction",
    "openingBalanceTransaction",
    "periodNumber",
    "quantity",
    "supplierId",
    "transactionDate",
    "vatAdjusted",
    "vatAmount",
    "vatAmountCur",
    "vatCodeId",
    "vatType",
];
const LINK_MODEL: &[&str] = &[
    "messages",
    "canChange",
    "cannotChangeReason",
    "dateCreated",
    "description",
    "documentLink",
    "documentType",
    "linkCategoryName",
    "linkId",
    "linkType",
    "reference",
    "subject",
];

/// Books, or refuses by the first rule that is broken.
pub(super) fn create(state: &mut State, database: &str, direction: Direction, body: &[u8]) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    let fields = Fields::read(body, "", MODEL, settings.unknown_members)?;
    let invoice = read(books, &settings, &fields, direction)?;
    let given = fields.text("invoiceId", 20)?;
    if books.invoices.iter().any(|known| known.id == given) {
        return Err(rule("ID", format!("Factuur {given} bestaat al"), "invoiceId"));
    }
    let id = if given.is_empty() { next_id(state, invoice.year) } else { given };
    let books = state.database_mut(database).ok_or(Refusal::NotFound)?;
    let transaction = books.next_transaction(&invoice.journal, invoice.year);
    let invoice = Invoice { id, transaction, ..invoice };
    let answer = Answer::json(StatusCode::OK, &lists::invoice_node(&invoice));
    books.invoices.push(invoice);
    Ok(answer)
}

fn next_id(state: &mut State, year: i64) -> String {
    state.sequence += 1;
    format!("{year}{:05}", state.sequence)
}

/// Answers the next id of an invoice.
pub(super) fn command(state: &mut State, database: &str) -> Result<Answer, Refusal> {
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    let year = books.years.last().map(|year| year.year).unwrap_or_default();
    let id = next_id(state, year);
    Ok(Answer::json(StatusCode::OK, &Node::Text(id)))
}

fn read(books: &Database, settings: &Settings, fields: &Fields, direction: Direction) -> Result<Invoice, Refusal> {
    let (relation_id, lines_name, kind) = match direction {
        Direction::Purchase => ("supplierId", "supplierInvoiceLines", JournalKind::Purchase),
        Direction::Sales => ("customerId", "customerInvoiceLines", JournalKind::Sales),
    };
    let relation = fields.required(relation_id, 20)?;
    if books.relation(direction, &relation).is_none() {
        return Err(rule("RELATION", format!("{relation} bestaat niet"), relation_id));
    }
    let journal = fields.required("journalId", 10)?;
    if !books.journals.iter().any(|known| known.id == journal && known.kind == kind) {
        return Err(rule("JOURNAL", format!("Dagboek {journal} is hier niet te gebruiken"), "journalId"));
    }
    let (year, period) = period(books, fields)?;
    let (date, due) = (fields.required_day("invoiceDate")?, fields.required_day("invoiceExpirationDate")?);
    if due < date {
        return Err(rule("DUE", "De vervaldatum ligt voor de factuurdatum", "invoiceExpirationDate"));
    }
    let condition = fields.required("paymentConditionId", 10)?;
    if !books.conditions.iter().any(|(known, _, _)| *known == condition) {
        return Err(rule("CONDITION", format!("Betalingsconditie {condition} bestaat niet"), "paymentConditionId"));
    }
    let reference = fields.text("reference", REFERENCE_MOST)?;
    let is_same = |known: &&Invoice| {
        known.direction == direction
            && known.relation == relation
            && !reference.is_empty()
            && known.reference == reference
    };
    if settings.same_number == SameNumber::Refused && books.invoices.iter().any(|known| is_same(&known)) {
        return Err(rule("NUMBER", format!("Factuur {reference} bestaat al"), "reference"));
    }
    let currency = match fields.text("currencyId", 3)?.as_str() {
        "" => "EUR".to_owned(),
        given => given.to_owned(),
    };
    if !books.currencies.contains_key(&currency) {
        return Err(rule("CURRENCY", format!("Valuta {currency} bestaat niet"), "currencyId"));
    }
    let rate = match (fields.number("exchangeRate")?, currency.as_str()) {
        (_, "EUR") => Decimal::ONE,
        (Some(rate), _) if rate > Decimal::ZERO => rate,
        _ => return Err(rule("RATE", "De koers ontbreekt", "exchangeRate")),
    };
    let scenario = fields.whole("vatScenarioId")?;
    if scenario.is_some_and(|scenario| !books.scenarios.contains_key(&scenario)) {
        return Err(rule("SCENARIO", "Dit BTW-scenario bestaat niet", "vatScenarioId"));
    }
    let mut invoice = Invoice {
        direction,
        relation,
        journal,
        year,
        period,
        date,
        due,
        condition,
        payment_reference: fields.required("paymentReference", REFERENCE_MOST)?,
        reference,
        currency,
        rate,
        scenario,
        link: link(fields, settings)?,
        ..Invoice::default()
    };
    for (place, line) in fields.list(lines_name)?.iter().enumerate() {
        let at = format!("{lines_name}[{place}].");
        let line = Fields::read(line.get().as_bytes(), &at, LINE_MODEL, settings.unknown_members)?;
        invoice.lines.push(read_line(books, settings, &line, &invoice)?);
    }
    if invoice.lines.is_empty() {
        return Err(fields.missing(lines_name));
    }
    add_up(fields, &mut invoice)?;
    Ok(invoice)
}

/// Year and period: they exist, and the period is open.
pub(super) fn period(books: &Database, fields: &Fields) -> Result<(i64, i64), Refusal> {
    let year = fields.required_whole("fiscalYear")?;
    let known = books.year(year).ok_or_else(|| rule("YEAR", format!("Boekjaar {year} bestaat niet"), "fiscalYear"))?;
    let number = fields.required_whole("periodNumber")?;
    match known.periods.iter().find(|period| period.number == number) {
        None => Err(rule("PERIOD", format!("Periode {number} bestaat niet"), "periodNumber")),
        Some(period) if period.closed => {
            Err(rule("CLOSED", format!("Periode {number} van {year} is afgesloten"), "periodNumber"))
        }
        Some(_) => Ok((year, number)),
    }
}

fn link(fields: &Fields, settings: &Settings) -> Result<Option<DocumentLink>, Refusal> {
    let Some(text) = fields.raw("documentLink") else { return Ok(None) };
    if settings.links == Links::Refused {
        return Err(rule("MODULE", "De module Documentbeheer is niet aanwezig", "documentLink"));
    }
    let link = Fields::read(text.as_bytes(), "documentLink.", LINK_MODEL, settings.unknown_members)?;
    Ok(Some(DocumentLink {
        address: link.required("documentLink", 255)?,
        description: link.text("description", DESCRIPTION_MOST)?,
        reference: link.text("reference", 60)?,
        subject: link.text("subject", DESCRIPTION_MOST)?,
    }))
}

/// An amount in both currencies; none when both are absent.
fn both(fields: &Fields, base: &str, own: &str) -> Result<Option<Amount>, Refusal> {
    Ok(match (fields.amount(base)?, fields.amount(own)?) {
        (None, None) => None,
        (Some(base), Some(own)) => Some(Amount { base, own }),
        (None, Some(_)) => return Err(fields.missing(base)),
        (Some(_), None) => return Err(fields.missing(own)),
    })
}

fn read_line(books: &Database, settings: &Settings, fields: &Fields, invoice: &Invoice) -> Result<Line, Refusal> {
    let account = fields.required("accountId", 10)?;
    if !books.year(invoice.year).is_some_and(|year| year.accounts.contains_key(&account)) {
        let text = format!("Grootboekrekening {account} bestaat niet in {}", invoice.year);
        return Err(rule("ACCOUNT", text, fields.path("accountId")));
    }
    fields.day("transactionDate")?;
    let debit = both(fields, "debitAmount", "debitAmountCur")?;
    let credit = both(fields, "creditAmount", "creditAmountCur")?;
    // A client may send both sides, one of them as nothing.
    let is_nothing = |amount: Option<Amount>| amount.is_none_or(|amount| amount.own.is_zero());
    let (debit, credit) = match (is_nothing(debit), is_nothing(credit)) {
        (true, false) => (None, credit),
        (false, true) => (debit, None),
        (true, true) | (false, false) => (debit, credit),
    };
    let vat = match (fields.amount("vatAmount")?, fields.amount("vatAmountCur")?) {
        (Some(base), Some(own)) => Amount { base, own },
        (Some(base), None) if invoice.currency == "EUR" => Amount { base, own: base },
        (Some(_), None) => return Err(fields.missing("vatAmountCur")),
        (None, _) => return Err(fields.missing("vatAmount")),
    };
    let vat_code = fields.whole("vatCodeId")?;
    if let Some(code) = vat_code {
        let Some(known) = books.vat_codes.iter().find(|known| known.id == code) else {
            return Err(rule("VAT", format!("BTW-code {code} bestaat niet"), fields.path("vatCodeId")));
        };
        if known.charged == Charged::BothSides && !vat.own.is_zero() {
            return Err(rule("VAT", "Bij deze BTW-code hoort geen bedrag", fields.path("vatAmount")));
        }
    }
    let code = |name: &str, known: &dyn Fn(&str) -> bool| {
        let code = fields.text(name, 16)?;
        if code.is_empty() || known(&code) {
            Ok(code)
        } else {
            Err(rule("COST", format!("{code} bestaat niet"), fields.path(name)))
        }
    };
    let usual = match (invoice.direction, settings.revenue_side) {
        (Direction::Purchase, _) | (Direction::Sales, Side::Debit) => Side::Debit,
        (Direction::Sales, Side::Credit) => Side::Credit,
    };
    let (same, other) = match usual {
        Side::Debit => (debit, credit),
        Side::Credit => (credit, debit),
    };
    let is_negative = |amount: Amount| amount.own < Decimal::ZERO;
    let sides_wrong = || rule("SIDE", "Debet en credit zijn hier anders", fields.path("debitAmount"));
    let turned = |amount: Amount| Amount { base: -amount.base, own: -amount.own };
    let swaps = settings.credit_notes == CreditNotes::Swap;
    let effect = match (same, other) {
        // Who books the other way round has no negative amounts.
        (Some(amount), None) | (None, Some(amount)) if swaps && (is_negative(amount) || is_negative(vat)) => {
            return Err(sides_wrong());
        }
        (Some(same), None) => (same, vat),
        (None, Some(other)) if swaps => (turned(other), turned(vat)),
        (None | Some(_), Some(_)) => return Err(sides_wrong()),
        (None, None) => return Err(fields.missing("debitAmount")),
    };
    for amount in [effect.0, effect.1] {
        // A cent for rounding.
        if (amount.own * invoice.rate - amount.base).abs() > dec!(0.01) {
            return Err(rule("RATE", "Bedrag en koers passen niet bij elkaar", fields.path("debitAmount")));
        }
    }
    Ok(Line {
        account,
        description: fields.required("description", DESCRIPTION_MOST)?,
        debit,
        credit,
        vat,
        vat_code,
        cost_centre: code("costCentreId", &|code| books.cost_centres.contains_key(code))?,
        cost_unit: code("costUnitId", &|code| books.cost_units.contains_key(code))?,
        document: fields.text("document", 20)?,
        effect,
    })
}

/// The totals that are stated must be those of the lines; others are made of them.
fn add_up(fields: &Fields, invoice: &mut Invoice) -> Result<(), Refusal> {
    let sum = |of: &dyn Fn(&Line) -> Amount| {
        invoice
            .lines
            .iter()
            .map(of)
            .fold(Amount::default(), |sum, amount| Amount { base: sum.base + amount.base, own: sum.own + amount.own })
    };
    let (net, vat) = (sum(&|line| line.effect.0), sum(&|line| line.effect.1));
    let total = Amount { base: net.base + vat.base, own: net.own + vat.own };
    let auto = fields.flag("autoCalculateVat")?;
    if fields.amount("vatAmount")?.is_none() {
        return Err(fields.missing("vatAmount"));
    }
    for (name, made) in [
        ("vatAmount", vat.base),
        ("vatAmountCur", vat.own),
        ("totalAmountVatExcl", net.base),
        ("totalAmountVatExclCur", net.own),
        ("amountTotal", total.base),
        ("amountTotalCur", total.own),
    ] {
        if let Some(stated) = fields.amount(name)?
            && stated != made
            && !(auto && name.starts_with("vat"))
        {
            return Err(rule("TOTAL", format!("{name} is {stated}, de regels zijn samen {made}"), name));
        }
    }
    (invoice.net, invoice.vat, invoice.total) = (net, vat, total);
    Ok(())
}
