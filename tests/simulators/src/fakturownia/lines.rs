//! Lines that are sent, and what they come to.

use rust_decimal::Decimal;

use super::given::Given;
use super::refusal::{EMPTY, Faults};
use super::state::{Account, BothTotals, Buyer, Position, Product, Settings};
use crate::polish::{Amounts, Priced, round};

/// Reads the lines of a document that is no correction.
pub(super) fn read(
    account: &Account,
    settings: &Settings,
    given: Given<'_>,
    buyer: &Buyer,
    faults: &mut Faults,
) -> Vec<Position> {
    let kind = given.text("discount_kind");
    // A discount that the account does not work with, or that is not to be shown, vanishes without a word.
    let discounts = given.flag("show_discount") == Some(true) && !kind.is_empty() && kind == account.discount_kind;
    let reversed = given.flag("reverse_charge") == Some(true);
    let mut positions = Vec::new();
    for line in given.list("positions") {
        let mut position = read_position(account, settings, line, faults);
        if reversed {
            if buyer.country == "PL" { "oo" } else { "np" }.clone_into(&mut position.tax);
            position.net_given = false;
            position.amounts = Amounts::of(position.amounts.gross, Decimal::ZERO, Priced::Gross);
        }
        let percent = line.decimal("discount_percent").unwrap_or_default();
        let off = match kind.as_str() {
            "amount" => line.decimal("discount").unwrap_or_default(),
            _ => position.amounts.gross * percent / Decimal::ONE_HUNDRED,
        };
        if discounts && !off.is_zero() {
            position.net_given = false;
            position.amounts = Amounts::of(position.amounts.gross - off, position.rate(), Priced::Gross);
        }
        positions.push(position);
    }
    positions
}

/// Reads a line, or one side of a corrected line.
pub(super) fn read_position(account: &Account, settings: &Settings, given: Given<'_>, faults: &mut Faults) -> Position {
    let card = given.id("product_id").map(|id| account.products.iter().find(|product| product.id == id));
    if card == Some(None) {
        faults.add("positions.product_id", "nie istnieje");
    }
    let card = card.flatten();
    let or_card = |name: &str, of: fn(&Product) -> &String| match given.text(name) {
        text if text.is_empty() => card.map(of).cloned().unwrap_or_default(),
        text => text,
    };
    let name = or_card("name", |product| &product.name);
    if name.is_empty() {
        faults.add("positions.name", EMPTY);
    }
    let number = |name: &str, faults: &mut Faults| {
        let value = given.decimal(name);
        if value.is_none() && given.has(name) {
            faults.add(&format!("positions.{name}"), "nie jest liczbą");
        }
        value
    };
    let quantity = number("quantity", faults);
    if quantity.is_none() && !given.has("quantity") {
        faults.add("positions.quantity", EMPTY);
    }
    let quantity = quantity.unwrap_or_default();
    let tax = tax(&or_card("tax", |product| &product.tax));
    if tax.is_none() {
        faults.add("positions.tax", "nie znajduje się na liście dopuszczalnych wartości");
    }
    let gross = number("total_price_gross", faults).or_else(|| card.map(|card| card.price_gross * quantity));
    if gross.is_none() && !given.has("total_price_gross") {
        faults.add("positions.total_price_gross", EMPTY);
    }
    let gtu = given.text("gtu_code");
    let is_gtu = gtu.strip_prefix("GTU_").and_then(|code| code.parse::<u8>().ok());
    if !gtu.is_empty() && !is_gtu.is_some_and(|code| (1..=13).contains(&code)) {
        faults.add("positions.gtu_code", "nie znajduje się na liście dopuszczalnych wartości");
    }
    let mut position = Position {
        name,
        code: or_card("code", |product| &product.code),
        description: given.text("description"),
        quantity,
        unit: given.text("quantity_unit"),
        tax: tax.unwrap_or_default(),
        ..Position::default()
    };
    position.amounts = Amounts::of(gross.unwrap_or_default(), position.rate(), Priced::Gross);
    if let (Some(net), BothTotals::Kept) = (number("total_price_net", faults), settings.both_totals) {
        position.net_given = true;
        position.amounts.net = round(net);
        position.amounts.vat = position.amounts.gross - position.amounts.net;
    }
    position
}

/// A rate as the service keeps it; `None` when it is none.
fn tax(text: &str) -> Option<String> {
    match text.to_lowercase().as_str() {
        word @ ("zw" | "np" | "oo" | "disabled") => Some(word.to_owned()),
        "n/a" | "na" | "nie podlega" => Some("np".to_owned()),
        number => {
            let rate: Decimal = number.trim_end_matches('%').parse().ok()?;
            (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&rate).then(|| rate.normalize().to_string())
        }
    }
}

/// What lines come to: VAT is computed on the sum of each rate, unless net amounts were sent.
pub(super) fn totals(positions: &[Position]) -> Amounts {
    let mut rates: Vec<&str> = positions.iter().map(|position| position.tax.as_str()).collect();
    rates.sort_unstable();
    rates.dedup();
    let mut totals = Amounts::default();
    for tax in rates {
        let of_rate = || positions.iter().filter(|position| position.tax == tax);
        let gross: Decimal = of_rate().map(|position| position.amounts.gross).sum();
        let rate = tax.parse().unwrap_or_default();
        let mut sum = Amounts::of(gross, rate, Priced::Gross);
        if of_rate().any(|position| position.net_given) {
            sum.net = of_rate().map(|position| position.amounts.net).sum();
            sum.vat = gross - sum.net;
        }
        totals.net += sum.net;
        totals.vat += sum.vat;
        totals.gross += sum.gross;
    }
    totals
}
