//! Invoices that are made: their fields, and the rules that they must keep.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::check::{TOO_MUCH, contractor, lines, percent};
use super::fields::Fields;
use super::numbers;
use super::refusal::{Refusal, STRUCTURE, rule};
use super::state::{
    Account, Cards, Contractor, Ifirma, Invoice, IssueDay, Kind, Ksef, KsefSending, Settings, Strictness,
};
use crate::json::Node;
use crate::polish::{Amounts, Priced};
use crate::warsaw;

const MODEL: &[&str] = &[
    "Zaplacono",
    "ZaplaconoNaDokumencie",
    "LiczOd",
    "NumerKontaBankowego",
    "SplitPayment",
    "DataWystawienia",
    "MiejsceWystawienia",
    "DataSprzedazy",
    "FormatDatySprzedazy",
    "TerminPlatnosci",
    "SposobZaplaty",
    "NazwaSeriiNumeracji",
    "NazwaSzablonu",
    "RodzajPodpisuOdbiorcy",
    "PodpisOdbiorcy",
    "PodpisWystawcy",
    "Uwagi",
    "WidocznyNumerGios",
    "WidocznyNumerBdo",
    "Numer",
    "IdentyfikatorKontrahenta",
    "PrefiksUEKontrahenta",
    "NIPKontrahenta",
    "Kontrahent",
    "ProceduryJpk",
    "DodatkoweUwagi",
    "Pozycje",
];
const CURRENCY_MODEL: &[&str] =
    &["Waluta", "TypSprzedazy", "Jezyk", "KursWalutyWidoczny", "KursWalutyZDniaPoprzedzajacegoDzienWystawieniaFaktury"];
const PAYMENTS: &[&str] =
    &["GTK", "POB", "PRZ", "KAR", "PZA", "CZK", "KOM", "BAR", "DOT", "PAL", "ALG", "P24", "TPA", "ELE"];
const PROCEDURES: &[&str] = &["TP", "IED", "EE", "BSPV", "BSPVDostawa", "BMPVProwizja"];
const EXTRA_KINDS: &[&str] = &["NUMER_UMOWY", "NUMER_ZAMOWIENIA", "WARUNKI_TRANSPORTU"];

/// Makes an invoice, or refuses it by the first rule that is broken; answers its id.
pub(super) fn create(
    state: &mut Ifirma,
    login: &str,
    now: DateTime<Utc>,
    kind: Kind,
    body: &Node,
) -> Result<u64, Refusal> {
    let settings = state.settings.clone();
    let account = state.account(login).ok_or(super::refusal::LOGIN)?;
    let month = warsaw::today(now).format("%Y-%m").to_string();
    if account.used.get(&month).copied().unwrap_or_default() >= account.allowance {
        let text = "Przekroczono limit dokumentów wystawianych przez API w tym miesiącu";
        return Err(Refusal { code: settings.allowance_code, text: text.into() });
    }
    let mut invoice = read(account, &settings, kind, body)?;
    state.sequence += 1;
    invoice.id = 4_711_000 + state.sequence;
    let id = invoice.id;
    let account = state.account_mut(login).ok_or(super::refusal::LOGIN)?;
    if let (KsefSending::ByItself, Some(reads)) = (settings.ksef_sending, account.ksef_after) {
        invoice.ksef = Ksef::Waiting(reads);
    }
    *account.used.entry(month).or_default() += 1;
    card(account, settings.cards, &invoice.contractor);
    account.invoices.push(invoice);
    Ok(id)
}

/// Opens a card for a buyer, or uses the one that there is.
fn card(account: &mut Account, cards: Cards, buyer: &Contractor) {
    let is_same = |known: &&mut Contractor| {
        let by_code = !buyer.code.is_empty() && known.code == buyer.code;
        let by_nip = !buyer.nip.is_empty() && known.nip == buyer.nip;
        by_code || by_nip || (buyer.nip.is_empty() && known.name == buyer.name && known.zip == buyer.zip)
    };
    match account.contractors.iter_mut().find(is_same) {
        Some(known) => match cards {
            Cards::Kept => {}
            Cards::Overwritten => *known = buyer.clone(),
        },
        None => account.contractors.push(buyer.clone()),
    }
}

fn read(account: &Account, settings: &Settings, kind: Kind, body: &Node) -> Result<Invoice, Refusal> {
    let mut model = MODEL.to_vec();
    let currency = match kind {
        Kind::Domestic => "PLN".to_owned(),
        Kind::Currency => {
            model.extend(CURRENCY_MODEL);
            foreign(Fields::read(body, &model, settings.unknown_members)?, settings)?
        }
    };
    let fields = Fields::read(body, &model, settings.unknown_members)?;
    let priced = match fields.required_word("LiczOd", &["NET", "BRT"])? {
        "NET" if !account.vat_payer => return Err(STRUCTURE),
        "NET" => Priced::Net,
        _ => Priced::Gross,
    };
    fields.get("WidocznyNumerGios").ok_or(STRUCTURE)?;
    for name in ["WidocznyNumerGios", "WidocznyNumerBdo", "SplitPayment"] {
        fields.flag(name)?;
    }
    let own = number(fields)?;
    let invoice = Invoice {
        kind,
        currency,
        priced,
        issued: fields.required_day("DataWystawienia")?,
        sold: fields.required_day("DataSprzedazy")?,
        sold_format: fields.required_word("FormatDatySprzedazy", &["DZN", "MSC"])?.to_owned(),
        due: fields.day("TerminPlatnosci")?,
        payment: fields.required_word("SposobZaplaty", PAYMENTS)?.to_owned(),
        paid_first: fields.required_number("Zaplacono")?,
        paid_printed: fields.required_number("ZaplaconoNaDokumencie")?,
        account: fields.text("NumerKontaBankowego", 28)?,
        notes: fields.text("Uwagi", 1_000)?,
        extra_notes: extra_notes(fields, settings)?,
        contractor: contractor(account, settings, fields)?,
        lines: lines(account, settings, fields, kind, priced)?,
        ..Invoice::default()
    };
    fields.required_word("RodzajPodpisuOdbiorcy", &["OUP", "UPO", "BPO", "BWO"])?;
    for (name, most) in
        [("MiejsceWystawienia", 50), ("PodpisOdbiorcy", 70), ("PodpisWystawcy", 70), ("NazwaSzablonu", 100)]
    {
        fields.text(name, most)?;
    }
    if let Some(procedures) = fields.get("ProceduryJpk") {
        let procedures = Fields::read(procedures, PROCEDURES, Strictness::Refused)?;
        PROCEDURES.iter().try_for_each(|name| procedures.flag(name).map(drop))?;
    }
    days(account, settings, &invoice)?;
    let sum = Amounts::sum(
        invoice.lines.iter().map(|line| (percent(line), &line.amounts)).collect::<Vec<_>>(),
        priced,
        settings.rounding,
    );
    for (name, paid) in [("Zapłacono", invoice.paid_first), ("Zapłacono na dokumencie", invoice.paid_printed)] {
        if paid < Decimal::ZERO || paid > sum.gross || paid >= TOO_MUCH {
            return Err(rule(format!("Kwota w polu {name} nie może być większa niż wartość faktury")));
        }
    }
    let named = fields.text("NazwaSeriiNumeracji", 100)?;
    let series = if named.is_empty() {
        account.series.first()
    } else {
        // Capitals and blanks count.
        account.series.iter().find(|series| series.name == named)
    };
    let series = series.ok_or_else(|| rule(format!("Nie znaleziono serii numeracji {named}")))?;
    let number = numbers::give(account, series, own, invoice.issued, settings.taken_number)?;
    Ok(Invoice {
        number,
        series: series.name.clone(),
        full_number: numbers::render(series, number, invoice.issued),
        account: if invoice.account.is_empty() { account.bank_account.clone() } else { invoice.account },
        totals: sum,
        ..invoice
    })
}

/// `Numer` must be there, as a whole number or `null`.
fn number(fields: Fields<'_>) -> Result<Option<u32>, Refusal> {
    match fields.get("Numer") {
        None if fields.has("Numer") => Ok(None),
        Some(Node::Int(number)) => match u32::try_from(*number) {
            Ok(number) if number > 0 => Ok(Some(number)),
            Ok(_) | Err(_) => Err(rule("Numer faktury musi być większy od zera")),
        },
        None | Some(Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Object(_)) => {
            Err(STRUCTURE)
        }
    }
}

/// What only invoices in other currencies say.
fn foreign(fields: Fields<'_>, settings: &Settings) -> Result<String, Refusal> {
    if settings.currencies == Strictness::Refused {
        return Err(rule("Wystawianie faktur w walucie nie jest włączone"));
    }
    let currency = fields.required_text("Waluta", 3)?;
    fields.required_word("TypSprzedazy", &["KRAJOWA", "WYSYLKOWA"])?;
    fields.text("Jezyk", 20)?;
    fields.flag("KursWalutyWidoczny")?;
    fields.flag("KursWalutyZDniaPoprzedzajacegoDzienWystawieniaFaktury")?;
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) || currency == "PLN" {
        return Err(STRUCTURE);
    }
    Ok(currency)
}

fn extra_notes(fields: Fields<'_>, settings: &Settings) -> Result<Vec<(String, String)>, Refusal> {
    let rows = fields.list("DodatkoweUwagi")?;
    if !rows.is_empty() && settings.extra_notes == Strictness::Refused {
        return Err(STRUCTURE);
    }
    let read = |row: &Node| {
        let row = Fields::read(row, &["Typ", "Info", "Data"], settings.unknown_members)?;
        row.day("Data")?;
        Ok((row.required_word("Typ", EXTRA_KINDS)?.to_owned(), row.text("Info", 100)?))
    };
    rows.iter().map(read).collect()
}

/// The rules for days.
fn days(account: &Account, settings: &Settings, invoice: &Invoice) -> Result<(), Refusal> {
    if !account.in_month(invoice.sold) {
        return Err(rule("Data sprzedaży musi być zgodna z miesiącem i rokiem księgowym"));
    }
    if settings.issue_day == IssueDay::InMonth && !account.in_month(invoice.issued) {
        return Err(rule("Data wystawienia musi być zgodna z miesiącem i rokiem księgowym"));
    }
    if invoice.issued < invoice.sold {
        return Err(rule("Data wystawienia faktury nie może być wcześniejsza niż data sprzedaży"));
    }
    if last_day(invoice.sold).is_some_and(|last| invoice.issued > last) {
        return Err(rule(
            "Data wystawienia faktury nie może być późniejsza niż 15 dzień miesiąca następnego względem miesiąca sprzedaży",
        ));
    }
    if invoice.due.is_some_and(|due| due < invoice.sold) {
        return Err(rule("Termin płatności nie może być wcześniejszy niż data sprzedaży"));
    }
    Ok(())
}

/// The last day on which a sale may be invoiced.
fn last_day(sold: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    sold.with_day(1)?.checked_add_months(Months::new(1))?.checked_add_days(Days::new(14))
}
