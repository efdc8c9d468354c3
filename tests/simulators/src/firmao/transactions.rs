//! Documents that are created: their fields, and the rules that they must keep.

use chrono::{DateTime, Utc};
use http::StatusCode;
use rust_decimal::{Decimal, dec};

use super::customers::check_nip;
use super::fields::Fields;
use super::refusal::{Refusal, missing, not_found, refusal, taken, wrong};
use super::state::{Customer, Entry, Firmao, Organisation, Series, Settings, Strictness, Transaction};
use super::{numbers, records};
use crate::json::{self, Node};
use crate::polish::{Amounts, Priced};
use crate::server::Answer;
use crate::warsaw;

/// So far totals may be from what the lines come to.
const TOLERANCE: Decimal = dec!(0.02);
const KINDS: &[&str] = &["INVOICE", "RECEIPT", "PROFORMA", "BILL"];
const VAT_TEXTS: &[&str] = &["zw", "np", "oo"];

/// Creates a document, or refuses it by the first rule that is broken.
pub(super) fn create(
    state: &mut Firmao,
    organisation: &str,
    now: DateTime<Utc>,
    body: &Node,
) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let books = state.organisation(organisation).ok_or_else(|| refusal(404, "notFound"))?;
    if books.quota == Some(0) {
        return Err(refusal(settings.quota_status, "userLimitExceeded"));
    }
    let fields = Fields(body);
    let mut made = read(books, &settings, fields)?;
    stock(books, &settings, &made)?;
    if numbers::is_taken(books, &settings, &made.kind, &made.number) {
        let series = books.series.iter().find(|series| match made.series {
            Some(id) => series.id == id,
            None => series.kind == made.kind,
        });
        let next = series.map(|series| numbers::next(books, &settings, series, warsaw::today(now)));
        return Err(taken(&made.number, next.unwrap_or_default()));
    }
    let card = (made.buyer.id == 0 && fields.flag("createCustomerIfNeeded")?).then(|| made.buyer.name.clone());
    let known = card.as_ref().and_then(|name| books.customers.iter().find(|known| known.name == *name));
    let known = known.map(|known| known.id);
    made.id = state.new_id();
    for entry in &mut made.entries {
        entry.id = state.new_id();
    }
    made.created = now;
    let mut log = Vec::new();
    if card.is_some() {
        made.buyer.id = known.unwrap_or_else(|| state.new_id());
        if known.is_none() {
            log.push(records::change(&settings, "CREATE", "customer", made.buyer.id, &made.buyer.name));
        }
    }
    let books = state.organisation_mut(organisation).ok_or_else(|| refusal(404, "notFound"))?;
    if card.is_some() && known.is_none() {
        books.customers.push(Customer { label: made.buyer.name.clone(), ..made.buyer.clone() });
    }
    // What else changed may come before the document itself.
    if let Some(customer) = books.customers.iter_mut().find(|known| known.id == made.buyer.id) {
        customer.transactions += 1;
        log.push(records::change(&settings, "CHANGE", "customer", customer.id, &customer.label));
    }
    if made.kind != "PROFORMA" {
        for entry in &made.entries {
            if let Some(product) = books.products.iter_mut().find(|known| Some(known.id) == entry.product) {
                product.stock -= entry.quantity;
                log.push(records::change(&settings, "CHANGE", "product", product.id, &product.name));
            }
        }
    }
    let label = format!("{} - {}", made.number, made.buyer.name);
    log.push(records::change(&settings, "CREATE", "transaction", made.id, &label));
    books.quota = books.quota.map(|left| left.saturating_sub(1));
    books.transactions.push(made);
    Ok(Answer::json(StatusCode::CREATED, &Node::object([("changelog", Node::List(log))])))
}

/// The id behind a member that refers to something; `None` when it is absent.
fn reference<T>(
    fields: Fields<'_>,
    name: &'static str,
    class: &'static str,
    known: &[T],
    id_of: impl Fn(&T) -> i64,
) -> Result<Option<i64>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Node::Int(id)) if known.iter().any(|one| id_of(one) == *id) => Ok(Some(*id)),
        // A name in the place of an id finds nothing either.
        Some(other) => Err(not_found(name, class, other.clone())),
    }
}

fn read(books: &Organisation, settings: &Settings, fields: Fields<'_>) -> Result<Transaction, Refusal> {
    let kind = fields.word("type", KINDS)?;
    fields.word("mode", &["SALE"])?;
    let of_kind: Vec<Series> = books.series.iter().filter(|series| series.kind == kind).cloned().collect();
    if fields.get("invoicePatternId").is_some() && settings.pattern_id == Strictness::Refused {
        return Err(wrong("invalidField", "invoicePatternId", Node::Null));
    }
    let payment = fields.required("paymentType")?;
    if !settings.payment_types.contains(&payment) {
        return Err(wrong("invalidValue", "paymentType", Node::Text(payment)));
    }
    let currency = fields.required("currency")?;
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(wrong("invalidValue", "currency", Node::Text(currency)));
    }
    let rate = fields.number("exchangeRate")?;
    fields.day("exchangeRateDate")?;
    if currency != "PLN" && rate.is_none() && settings.no_exchange_rate == Strictness::Refused {
        return Err(missing("exchangeRate"));
    }
    let totals = Amounts {
        net: fields.required_number("transactionNettoPrice")?,
        vat: fields.required_number("transactionVatPrice")?,
        gross: fields.required_number("transactionBruttoPrice")?,
    };
    let paid = match (fields.number("paidValue")?, fields.flag("paid")?) {
        (Some(paid), _) => paid,
        (None, true) => totals.gross,
        (None, false) => Decimal::ZERO,
    };
    fields.number("restOfPaidValue")?;
    fields.flag("splitPayment")?;
    let priced = if fields.flag("calculateFromGross")? { Priced::Gross } else { Priced::Net };
    let made = Transaction {
        number: fields.required("transactionNumber")?,
        series: reference(fields, "invoicePatternId", "InvoicePattern", &of_kind, |series| series.id)?,
        issued: fields.required_day("invoiceDate")?,
        sold: fields.required_day("transactionDate")?,
        due: fields.day("paymentDate")?,
        buyer: buyer(books, settings, fields)?,
        notes: fields.text("invoiceAnnotations")?,
        description: fields.text("description")?,
        warehouse: reference(fields, "warehouse", "Warehouse", &books.warehouses, |store| store.id)?,
        entries: entries(books, settings, fields, priced)?,
        kind,
        currency,
        payment,
        paid,
        totals,
        ..Transaction::default()
    };
    let sum = |of: &dyn Fn(&Amounts) -> Decimal| made.entries.iter().map(|entry| of(&entry.amounts)).sum::<Decimal>();
    for (name, stated, lines) in [
        ("transactionNettoPrice", totals.net, sum(&|one| one.net)),
        ("transactionVatPrice", totals.vat, sum(&|one| one.vat)),
        ("transactionBruttoPrice", totals.gross, sum(&|one| one.gross)),
    ] {
        if (stated - lines).abs() > TOLERANCE {
            return Err(wrong("transactionPriceMismatch", name, Node::Number(stated)));
        }
    }
    if totals.net + totals.vat != totals.gross {
        return Err(wrong("transactionPriceMismatch", "transactionBruttoPrice", Node::Number(totals.gross)));
    }
    Ok(made)
}

fn buyer(books: &Organisation, settings: &Settings, fields: Fields<'_>) -> Result<Customer, Refusal> {
    let id = reference(fields, "customer", "Customer", &books.customers, |known| known.id)?;
    let known = books.customers.iter().find(|known| Some(known.id) == id).cloned().unwrap_or_default();
    let name = fields.text("customerName")?;
    if id.is_none() && (name.is_empty() || settings.nameless_customers == Strictness::Refused) {
        return Err(missing("customer"));
    }
    let or = |given: String, known: String| if given.is_empty() { known } else { given };
    let nip = fields.text("nipNumber")?;
    if !nip.is_empty() {
        check_nip(settings.wrong_tax_numbers, &nip)?;
    }
    let (emails, phones) = (fields.texts("emails")?, fields.texts("phones")?);
    Ok(Customer {
        id: known.id,
        name: or(name, known.name),
        label: known.label,
        nip: or(nip, known.nip),
        street: or(fields.text("customerAddress.street")?, known.street),
        city: or(fields.text("customerAddress.city")?, known.city),
        zip: or(fields.text("customerAddress.postCode")?, known.zip),
        country: or(fields.text("customerAddress.country")?, known.country),
        emails: if emails.is_empty() { known.emails } else { emails },
        phones: if phones.is_empty() { known.phones } else { phones },
        transactions: 0,
    })
}

fn entries(
    books: &Organisation,
    settings: &Settings,
    fields: Fields<'_>,
    priced: Priced,
) -> Result<Vec<Entry>, Refusal> {
    let rows = fields.list("transactionEntries")?;
    if rows.is_empty() {
        return Err(missing("transactionEntries"));
    }
    rows.iter().map(|row| entry(books, settings, Fields(row), priced)).collect()
}

fn entry(books: &Organisation, settings: &Settings, row: Fields<'_>, priced: Priced) -> Result<Entry, Refusal> {
    // A number is a product's id, whatever it was meant to be; a text is a free line.
    let (product, name) = match row.get("product") {
        Some(Node::Text(text)) if !text.trim().is_empty() => (None, text.clone()),
        None | Some(Node::Text(_)) => return Err(missing("product")),
        Some(Node::Int(id)) => match books.products.iter().find(|known| known.id == *id) {
            Some(known) => (Some(known.id), known.name.clone()),
            None => return Err(not_found("product", "Product", Node::Int(*id))),
        },
        Some(other) => return Err(not_found("product", "Product", other.clone())),
    };
    let quantity = row.required_number("quantity")?;
    if quantity <= Decimal::ZERO {
        return Err(wrong("invalidValue", "quantity", Node::Number(quantity)));
    }
    row.number("discount")?;
    let (vat, rate) = vat(settings, row)?;
    let net = row.required_number("unitNettoPrice")?;
    let gross = row.number("unitBruttoPrice")?;
    if gross.is_some() && settings.gross_prices == Strictness::Refused {
        return Err(wrong("invalidField", "unitBruttoPrice", Node::Null));
    }
    let (price, priced) = match (priced, gross) {
        (Priced::Gross, Some(gross)) => (gross, Priced::Gross),
        (Priced::Gross, None) => (net * (Decimal::ONE_HUNDRED + rate) / Decimal::ONE_HUNDRED, Priced::Gross),
        (Priced::Net, _) => (net, Priced::Net),
    };
    Ok(Entry {
        id: 0,
        product,
        name,
        code: row.text("productCode")?,
        quantity,
        unit: row.text("unit")?,
        vat,
        price,
        classification: row.text("classificationNumber")?,
        amounts: Amounts::of(quantity * price, rate, priced),
    })
}

/// VAT as it was sent, and in percent.
fn vat(settings: &Settings, row: Fields<'_>) -> Result<(String, Decimal), Refusal> {
    let node = row.get("vatPercent").ok_or_else(|| missing("vatPercent"))?;
    let spoiled = || wrong("invalidValue", "vatPercent", node.clone());
    let rate = match (node.as_number(), node.as_text()) {
        (Some(rate), _) => rate,
        (None, Some(_)) if settings.vat_texts == Strictness::Refused => return Err(spoiled()),
        (None, Some(text)) if VAT_TEXTS.contains(&text.to_lowercase().as_str()) => {
            return Ok((text.to_owned(), Decimal::ZERO));
        }
        (None, Some(text)) => json::decimal(text).ok_or_else(spoiled)?,
        (None, None) => return Err(spoiled()),
    };
    if rate < Decimal::ZERO || rate > Decimal::ONE_HUNDRED {
        Err(spoiled())
    } else {
        Ok((rate.normalize().to_string(), rate))
    }
}

/// The rules for warehouses and stock.
fn stock(books: &Organisation, settings: &Settings, made: &Transaction) -> Result<(), Refusal> {
    let refused = |code| Err(refusal(settings.stock_status, code));
    if books.warehouses.len() > 1 && made.warehouse.is_none() {
        return refused("warehouseNotInSingleWarehouseMode");
    }
    if books.asks_for_stock {
        return refused("shouldModifyStorageState");
    }
    for product in &books.products {
        let sold = made.entries.iter().filter(|entry| entry.product == Some(product.id));
        if made.kind != "PROFORMA"
            && sold.map(|entry| entry.quantity).sum::<Decimal>() > product.stock.max(Decimal::ZERO)
        {
            let code = "storeStateCanNotBeNegative";
            return Err(wrong(code, "product", Node::Int(product.id)).with_status(settings.stock_status));
        }
    }
    Ok(())
}
