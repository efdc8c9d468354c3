//! What a task makes of an invoice that was sent: its fields, what it comes to, its number.

use chrono::{Datelike, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::given::Given;
use super::refusal::{EMPTY, Faults, add};
use super::state::{Account, Client, Invoice, Kind, Service, Settings, Taken};
use crate::polish::{Amounts, Priced, is_nip, round};

const METHODS: &[&str] = &[
    "transfer",
    "cash",
    "card",
    "barter",
    "check",
    "bill_of_sale",
    "delivery",
    "compensation",
    "accredited",
    "paypal",
    "instalment_sale",
    "payu",
    "tpay",
    "przelewy24",
    "dotpay",
    "other",
];
const NET_FIELDS: &[&str] = &["unit_net_price", "net_price", "tax_price", "unit_net_price_before_discount"];
const UNLISTED: &str = "nie znajduje się na liście dopuszczalnych wartości";

/// Reads an invoice; `root` is the whole body.
pub(super) fn read(
    account: &Account,
    settings: &Settings,
    root: Given<'_>,
    given: Given<'_>,
    today: NaiveDate,
) -> Result<Invoice, Faults> {
    let mut faults = Faults::new();
    let kind = match given.text("kind").as_str() {
        "" | "vat" => Kind::Vat,
        "proforma" => Kind::Proforma,
        _ => {
            add(&mut faults, "kind", UNLISTED);
            Kind::Vat
        }
    };
    let mut invoice = Invoice { kind, number: given.text("number"), ..Invoice::default() };
    read_payment(account, &mut invoice, given, &mut faults);
    read_dates(settings, &mut invoice, given, today, &mut faults);
    invoice.client = client(account, given, &mut faults);
    let is_foreign = !matches!(invoice.client.country.as_str(), "" | "PL");
    match given.text("sale_type").as_str() {
        "" if is_foreign => add(&mut faults, "sale_type", EMPTY),
        "" | "service" | "merchandise" => {}
        _ => add(&mut faults, "sale_type", UNLISTED),
    }
    read_notes(&mut invoice, given, &mut faults);
    let services = given.list("services");
    if services.is_empty() {
        add(&mut faults, "services", EMPTY);
    }
    invoice.services = services.into_iter().map(|line| service(account, line, true, &mut faults)).collect();
    let (lines, priced) = (&invoice.services, Priced::Net);
    invoice.totals = Amounts::sum(lines.iter().map(|line| (line.rate, &line.amounts)), priced, settings.rounding);
    let is_used = account.invoices.iter().any(|other| other.number == invoice.number);
    if given.flag("check_duplicate_number") && !invoice.number.is_empty() && is_used {
        add(&mut faults, "number", "duplicated_number");
    }
    read_paid(settings, &mut invoice, given, &mut faults);
    if root.flag("send_to_ksef") {
        let is_exempt = invoice.services.iter().any(|line| line.tax_symbol.starts_with("zw"));
        if !account.ksef_active {
            add(&mut faults, "send_to_ksef", "integracja z KSeF nie jest aktywna");
        }
        if is_exempt && !given.has("vat_exemption_reason") {
            add(&mut faults, "vat_exemption_reason", EMPTY);
        }
        if invoice.services.iter().any(|line| line.name.chars().count() > 256) {
            add(&mut faults, "services.name", "jest za długie (maksymalnie 256 znaków)");
        }
    }
    if faults.is_empty() { Ok(invoice) } else { Err(faults) }
}

/// Currency, method and bank account; also those of a correction.
pub(super) fn read_payment(account: &Account, invoice: &mut Invoice, given: Given<'_>, faults: &mut Faults) {
    invoice.currency = given.text("currency");
    if invoice.currency.is_empty() {
        // Without a word the account's own is taken.
        account.currency.clone_into(&mut invoice.currency);
    }
    if invoice.currency.len() != 3 || !invoice.currency.chars().all(|c| c.is_ascii_uppercase()) {
        add(faults, "currency", UNLISTED);
    }
    invoice.payment_method = given.text("payment_method");
    if invoice.payment_method.is_empty() {
        "transfer".clone_into(&mut invoice.payment_method);
    }
    if !METHODS.contains(&invoice.payment_method.as_str()) {
        add(faults, "payment_method", UNLISTED);
    }
    invoice.bank_account = given.text("bank_account").replace(' ', "");
    if !invoice.bank_account.is_empty() {
        if !account.bank_accounts.iter().any(|known| known.number == invoice.bank_account) {
            add(faults, "bank_account", "nie znajduje się wśród zweryfikowanych rachunków");
        }
    } else if invoice.payment_method == "transfer" {
        match account.bank_accounts.first() {
            Some(first) => first.number.clone_into(&mut invoice.bank_account),
            None => add(faults, "bank_account", EMPTY),
        }
    }
}

fn read_dates(settings: &Settings, invoice: &mut Invoice, given: Given<'_>, today: NaiveDate, faults: &mut Faults) {
    invoice.invoice_date = given.day("invoice_date", faults).unwrap_or(today);
    invoice.sale_date = given.day("sale_date", faults).or(Some(invoice.invoice_date));
    let due = given.day("payment_date", faults);
    invoice.payment_date = due.or(Some(invoice.invoice_date + TimeDelta::days(settings.usual_term)));
    match given.text("invoice_date_kind").as_str() {
        "" | "sale_date" | "service_date" | "cargo_date" => {}
        "continuous_service_end_on" => {
            for name in ["continuous_service_start_on", "continuous_service_end_on"] {
                if given.day(name, faults).is_none() && !given.has(name) {
                    add(faults, name, EMPTY);
                }
            }
        }
        _ => add(faults, "invoice_date_kind", UNLISTED),
    }
}

fn client(account: &Account, given: Given<'_>, faults: &mut Faults) -> Client {
    if given.has("client_id") {
        let found = account.clients.iter().find(|client| client.id.to_string() == given.text("client_id"));
        if found.is_none() {
            add(faults, "client_id", "nie istnieje");
        }
        return found.cloned().unwrap_or_default();
    }
    let client = Client {
        id: 0,
        company: given.text("client_company_name"),
        first_name: given.text("client_first_name"),
        last_name: given.text("client_last_name"),
        activity: given.text("client_business_activity_kind"),
        tax_code: given.text("client_tax_code"),
        street: given.text("client_street"),
        street_number: given.text("client_street_number"),
        flat_number: given.text("client_flat_number"),
        post_code: given.text("client_post_code"),
        city: given.text("client_city"),
        country: given.text("client_country"),
        email: String::new(),
    };
    check_client(&client, "client_", faults);
    client
}

/// Which names a client needs, and its tax number; `before` stands before the names of its fields.
pub(super) fn check_client(client: &Client, before: &str, faults: &mut Faults) {
    let mut need = |name: &str, value: &str| {
        if value.is_empty() {
            add(faults, &format!("{before}{name}"), EMPTY);
        }
    };
    match client.activity.as_str() {
        "private_person" => {
            need("first_name", &client.first_name);
            need("last_name", &client.last_name);
        }
        "self_employed" => {
            need("company_name", &client.company);
            need("first_name", &client.first_name);
            need("last_name", &client.last_name);
        }
        "" | "other_business" => need("company_name", &client.company),
        _ => add(faults, &format!("{before}business_activity_kind"), UNLISTED),
    }
    let digits = client.tax_code.replace(['-', ' '], "");
    let polish = digits.strip_prefix("PL").unwrap_or(&digits);
    let is_here = matches!(client.country.as_str(), "" | "PL");
    if is_here && !polish.is_empty() && !is_nip(polish) {
        let name = if before.is_empty() { "nip".to_owned() } else { format!("{before}tax_code") };
        add(faults, &name, "nie jest prawidłowym numerem NIP");
    }
}

fn read_notes(invoice: &mut Invoice, given: Given<'_>, faults: &mut Faults) {
    invoice.notes = given.text("notes");
    if invoice.notes.chars().count() > 3_500 {
        add(faults, "notes", "jest za długie (maksymalnie 3500 znaków)");
    }
    if let Some(terms) = given.0.get("transaction_terms") {
        let orders = Given(terms).list("orders");
        invoice.orders = orders.into_iter().map(|order| (order.text("number"), order.text("date"))).collect();
    }
}

fn read_paid(settings: &Settings, invoice: &mut Invoice, given: Given<'_>, faults: &mut Faults) {
    let paid = given.money("paid_price");
    invoice.paid_date = given.day("paid_date", faults);
    let status = given.text("status");
    match status.as_str() {
        "" | "draft" | "printed" => match settings.part_payment {
            Taken::Kept => invoice.paid = paid.unwrap_or_default(),
            Taken::Ignored => {}
        },
        "paid" => {
            invoice.paid = paid.unwrap_or(invoice.totals.gross);
            if invoice.paid_date.is_none() {
                add(faults, "paid_date", EMPTY);
            }
        }
        _ => add(faults, "status", UNLISTED),
    }
    if invoice.paid_date.is_some_and(|day| day < invoice.invoice_date) {
        add(faults, "paid_date", "nie może być wcześniejsza niż data wystawienia");
    }
    invoice.status = if status.is_empty() { "draft".to_owned() } else { status };
}

/// Reads a line. Prices with VAT count only where they may, and only when no other price is sent.
pub(super) fn service(account: &Account, given: Given<'_>, may_be_gross: bool, faults: &mut Faults) -> Service {
    let symbol = given.text("tax_symbol");
    let rate = account.vat_rates.iter().find(|rate| rate.symbol == symbol).map(|rate| rate.rate);
    if symbol.is_empty() {
        // One empty field makes several faults.
        for name in ["tax_symbol", "net_price", "tax_price", "gross_price"] {
            add(faults, &format!("services.{name}"), EMPTY);
        }
    } else if rate.is_none() {
        add(faults, "services.tax_symbol", UNLISTED);
    }
    if !given.has("name") {
        add(faults, "services.name", EMPTY);
    }
    let quantity = given.decimal("quantity");
    if quantity.is_none() && given.has("quantity") {
        add(faults, "services.quantity", "nie jest liczbą");
    }
    let (rate, quantity) = (rate.unwrap_or_default(), quantity.unwrap_or(Decimal::ONE));
    let mut service = Service {
        group: given.text("group"),
        correction: given.flag("correction"),
        name: given.text("name"),
        tax_symbol: symbol,
        rate,
        quantity,
        unit: given.text("unit"),
        ..Service::default()
    };
    let gross = given.money("gross_price").filter(|_| may_be_gross);
    let before = given.money("unit_net_price_before_discount");
    let discount = given.decimal("discount").unwrap_or_default();
    let discounted = before.map(|price| round(price * (Decimal::ONE_HUNDRED - discount) / Decimal::ONE_HUNDRED));
    let unit = given.money("unit_net_price").or(discounted);
    let is_net = NET_FIELDS.iter().any(|name| given.has(name));
    match (is_net, gross) {
        (true, _) => {
            let net = unit.map(|unit| unit * quantity).or_else(|| given.money("net_price")).unwrap_or_default();
            service.amounts = Amounts::of(net, rate, Priced::Net);
        }
        (false, Some(gross)) => service.amounts = Amounts::of(gross, rate, Priced::Gross),
        (false, None) => add(faults, "services.unit_net_price", EMPTY),
    }
    let each = if quantity.is_zero() { service.amounts.net } else { service.amounts.net / quantity };
    service.unit_net = unit.unwrap_or_else(|| round(each));
    service
}

/// The next number of the month in which a document is issued.
pub(super) fn next_number(account: &Account, kind: Kind, day: NaiveDate) -> String {
    let row = match kind {
        Kind::Vat => "",
        Kind::Proforma => "/PRO",
        Kind::Correction => "/KOR",
    };
    let tail = format!("{row}/{:02}/{}", day.month(), day.year());
    let used = account.invoices.iter().filter(|invoice| invoice.kind == kind);
    let used = used.filter_map(|invoice| invoice.number.strip_suffix(&tail)?.parse::<u64>().ok());
    format!("{}{tail}", used.max().unwrap_or(0) + 1)
}
