//! The lines of a page, and what they do to the accounts: under a header, or all in balance.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::booking::HOME;
use super::books::{BalancedVatCode, Filling, ReverseCharge, Row, SalesSign, Settings, Year};
use super::refusal::{Refusal, rule};

/// What a journal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Purchase,
    Sales,
    Memorial,
}

impl Side {
    /// Name and column of the relations that it takes.
    pub(super) fn relation(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Purchase => Some(("Crediteur", "CRED_SHOW")),
            Self::Sales => Some(("Debiteur", "DEB_SHOW")),
            Self::Memorial => None,
        }
    }
}

/// Totals by their effect on what is owed, and the transactions.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) gross: Decimal,
    pub(super) vat: Decimal,
    pub(super) currency_gross: Decimal,
    pub(super) currency_vat: Decimal,
    pub(super) entries: Vec<Row>,
}

struct Books<'a> {
    year: &'a Year,
    settings: &'a Settings,
    side: Side,
    header: &'a Row,
}

fn round(amount: Decimal) -> Decimal {
    amount.round_dp(2)
}

/// Checks lines and makes the transactions of the page.
pub(super) fn fill(
    year: &Year,
    settings: &Settings,
    side: Side,
    header: &Row,
    rate: Decimal,
    lines: &mut [Row],
) -> Result<Filled, Refusal> {
    let books = Books { year, settings, side, header };
    let date = header.day("TRN_DATE");
    for line in lines.iter_mut() {
        if let (None, Some(date)) = (line.day("TRN_DATE"), date) {
            line.set("TRN_DATE", date);
        }
        books.references(line)?;
    }
    let is_home = header.text("CUR_CODE") == HOME;
    match (side, settings.filling) {
        (Side::Purchase | Side::Sales, Filling::Header) => {
            books.in_currency(rate, is_home, lines)?;
            books.under_header(lines, is_home)
        }
        (Side::Purchase | Side::Sales, Filling::Balanced) | (Side::Memorial, _) => {
            if !is_home {
                return Err(rule("Valuta: bedragen in de administratievaluta zijn verplicht."));
            }
            books.balanced(lines)
        }
    }
}

impl Books<'_> {
    /// Whether everything that a line names is there.
    fn references(&self, line: &Row) -> Result<(), Refusal> {
        let code = line.text("ACCT_NR");
        if code.is_empty() {
            return Err(rule("Rekening is verplicht."));
        }
        let account =
            self.year.find("LEDGER", "ACCT_NR", code).ok_or_else(|| rule(format!("Rekening {code} bestaat niet.")))?;
        if account.flag("REC_BLK") {
            return Err(rule(format!("Rekening {code} is geblokkeerd.")));
        }
        if account.flag("VAT_MAND") && line.text("VAT_CODE").is_empty() {
            return Err(rule(format!("BTW-code is verplicht bij rekening {code}.")));
        }
        if account.flag("COST_MAND") && line.text("COST_CODE").is_empty() {
            return Err(rule(format!("Kostenplaats is verplicht bij rekening {code}.")));
        }
        for (column, table, name) in [
            ("COST_CODE", "COST", "Kostenplaats"),
            ("PROJ_CODE", "PROJECTS", "Project"),
            ("VAT_CODE", "VAT", "BTW-code"),
        ] {
            let value = line.text(column);
            if !value.is_empty() && self.year.find(table, column, value).is_none() {
                return Err(rule(format!("{name} {value} bestaat niet.")));
            }
        }
        Ok(())
    }

    /// The VAT code of a line, which has to be one of this side.
    fn vat(&self, line: &Row) -> Result<Option<&Row>, Refusal> {
        let Some(vat) = self.year.find("VAT", "VAT_CODE", line.text("VAT_CODE")) else { return Ok(None) };
        let wanted = match self.side {
            Side::Purchase => 1,
            Side::Sales => 2,
            Side::Memorial => return Ok(Some(vat)),
        };
        let kind = vat.number("VAT_TYPE");
        if kind != Decimal::from(wanted) && kind != Decimal::from(3) {
            return Err(rule(format!("BTW-code {} is niet van dit type dagboek.", vat.text("VAT_CODE"))));
        }
        Ok(Some(vat))
    }

    /// Amounts in euro of those in another currency.
    fn in_currency(&self, rate: Decimal, is_home: bool, lines: &mut [Row]) -> Result<(), Refusal> {
        for line in lines {
            let currency = line.text("CUR_CODE");
            if is_home {
                if !currency.is_empty() && currency != HOME {
                    return Err(rule(format!("Valuta {currency} past niet bij de bladzijde.")));
                }
                continue;
            }
            if currency != self.header.text("CUR_CODE") || line.0.contains_key("AMOUNT") {
                return Err(rule("Valuta: bedragen horen in de valuta van de bladzijde te staan."));
            }
            line.set("AMOUNT", round(line.number("CUR_AMT") * rate));
            line.set("VAT_AMT", round(line.number("CUR_VAT") * rate));
            line.set("EXCH_RATE", rate);
        }
        Ok(())
    }

    fn owes(&self, vat: &Row) -> bool {
        vat.flag("IS_REVERSE") && self.side == Side::Purchase
    }

    fn differs(&self, vat: Decimal, net: Decimal, percent: Decimal) -> bool {
        (vat - round(net * percent / Decimal::ONE_HUNDRED)).abs() > self.settings.vat_tolerance
    }

    /// Cost or revenue lines; VAT and relation are made from the header.
    fn under_header(&self, lines: &[Row], is_home: bool) -> Result<Filled, Refusal> {
        // As in the ledger: debit positive.
        let turned = self.side == Side::Sales && self.settings.sales_sign == SalesSign::Positive;
        let ledger = |amount: Decimal| if turned { -amount } else { amount };
        let mut filled = Filled::default();
        let mut by_code: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
        let (mut total, mut in_currency) = (Decimal::ZERO, Decimal::ZERO);
        for line in lines {
            if !line.text("SUB_NR").is_empty() || !line.number("BASE_AMT").is_zero() {
                return Err(rule("De bladzijde is niet in evenwicht: de regel van de relatie volgt uit de kop."));
            }
            let (net, vat_amount) = (ledger(line.number("AMOUNT")), ledger(line.number("VAT_AMT")));
            let mut document_vat = vat_amount;
            if let Some(vat) = self.vat(line)? {
                let percent = vat.number("VAT_PCT");
                if self.owes(vat) {
                    let owed = round(net * percent / Decimal::ONE_HUNDRED);
                    let wanted = match self.settings.reverse_charge {
                        ReverseCharge::Zero => Decimal::ZERO,
                        ReverseCharge::Owed => owed,
                    };
                    if vat_amount != wanted {
                        return Err(rule(format!("Het BTW-bedrag {vat_amount} van de verlegde regel is onjuist.")));
                    }
                    document_vat = Decimal::ZERO;
                    self.owe(&mut filled.entries, vat, net, owed);
                } else if self.differs(vat_amount, net, percent) {
                    return Err(rule(format!("Het BTW-bedrag {vat_amount} wijkt te veel af.")));
                } else {
                    let sum = by_code.entry(line.text("VAT_CODE").to_owned()).or_default();
                    *sum = (sum.0 + net, sum.1 + vat_amount);
                }
            } else if !vat_amount.is_zero() {
                return Err(rule("BTW-code is verplicht bij een BTW-bedrag."));
            }
            total += net + document_vat;
            filled.vat += document_vat;
            let currency_vat = if document_vat.is_zero() { Decimal::ZERO } else { ledger(line.number("CUR_VAT")) };
            in_currency += ledger(line.number("CUR_AMT")) + currency_vat;
            filled.currency_vat += currency_vat;
            let mut entry = line.clone();
            entry.set("AMOUNT", net);
            entry.set("VAT_AMT", vat_amount);
            filled.entries.push(entry);
        }
        for (code, (net, amount)) in by_code {
            let Some(vat) = self.year.find("VAT", "VAT_CODE", &code) else { continue };
            filled.entries.push(self.entry(vat.text("VAT_ACCT"), amount, &code).with("BASE_AMT", net));
        }
        let relation = self.year.find("CONTACT", "SUB_NR", self.header.text("SUB_NR"));
        let control = relation.map(|row| row.text("ACCT_NR")).unwrap_or_default();
        let mut entry = self
            .entry(control, -total, "")
            .with("SUB_NR", self.header.text("SUB_NR"))
            .with("INV_NR", self.header.text("INV_NR"));
        if !is_home {
            entry.set("CUR_CODE", self.header.text("CUR_CODE"));
            entry.set("CUR_AMT", -in_currency);
        }
        filled.entries.push(entry);
        let effect = |amount: Decimal| if self.side == Side::Purchase { amount } else { -amount };
        (filled.gross, filled.vat) = (effect(total), effect(filled.vat));
        (filled.currency_gross, filled.currency_vat) =
            if is_home { (filled.gross, filled.vat) } else { (effect(in_currency), effect(filled.currency_vat)) };
        Ok(filled)
    }

    fn entry(&self, account: &str, amount: Decimal, vat_code: &str) -> Row {
        let text = self.header.text("HDR_DESC");
        let row = Row::default().with("ACCT_NR", account).with("AMOUNT", amount).with("TRN_DESC", text);
        if vat_code.is_empty() { row } else { row.with("VAT_CODE", vat_code) }
    }

    /// Both sides of VAT that the buyer owes.
    fn owe(&self, entries: &mut Vec<Row>, vat: &Row, net: Decimal, owed: Decimal) {
        let code = vat.text("VAT_CODE");
        entries.push(self.entry(vat.text("VAT_ACCT"), owed, code).with("BASE_AMT", net));
        entries.push(self.entry(vat.text("ACCT_MEMO"), -owed, code));
    }

    /// All lines, which add up to nothing.
    fn balanced(&self, lines: &[Row]) -> Result<Filled, Refusal> {
        let sum: Decimal = lines.iter().map(|line| line.number("AMOUNT")).sum();
        if !sum.is_zero() {
            return Err(rule(format!("De bladzijde is niet in evenwicht: {sum}.")));
        }
        let mut filled = Filled { entries: lines.to_vec(), ..Filled::default() };
        let Some((role, _)) = self.side.relation() else { return Ok(filled) };
        let number = self.header.text("SUB_NR");
        let control = self.year.find("CONTACT", "SUB_NR", number).map(|row| row.text("ACCT_NR")).unwrap_or_default();
        let mut of_relation = Decimal::ZERO;
        let mut found = false;
        for line in lines {
            if !line.text("SUB_NR").is_empty() {
                let same = line.text("SUB_NR") == number && line.text("INV_NR") == self.header.text("INV_NR");
                if !same || line.text("ACCT_NR") != control {
                    return Err(rule(format!("{role} {} bestaat niet op rekening {control}.", line.text("SUB_NR"))));
                }
                (of_relation, found) = (of_relation + line.number("AMOUNT"), true);
            } else if line.number("BASE_AMT").is_zero() {
                self.cost_line(line)?;
            } else {
                filled.vat += self.vat_line(line, &mut filled.entries)?;
            }
        }
        if !found {
            return Err(rule(format!("{role} is verplicht op een regel.")));
        }
        let effect = |amount: Decimal| if self.side == Side::Purchase { amount } else { -amount };
        (filled.gross, filled.vat) = (effect(-of_relation), effect(filled.vat));
        (filled.currency_gross, filled.currency_vat) = (filled.gross, filled.vat);
        Ok(filled)
    }

    fn cost_line(&self, line: &Row) -> Result<(), Refusal> {
        let code = line.text("VAT_CODE");
        let is_memo = self.year.rows("VAT").iter().any(|vat| vat.text("ACCT_MEMO") == line.text("ACCT_NR"));
        match (self.settings.balanced_vat_code, code.is_empty()) {
            (BalancedVatCode::VatLine, false) if !is_memo => Err(rule("BTW-code is niet toegestaan op deze regel.")),
            (BalancedVatCode::Both, true) => Err(rule("BTW-code is verplicht op een kostenregel.")),
            (BalancedVatCode::VatLine | BalancedVatCode::Both, _) => self.vat(line).map(drop),
        }
    }

    /// VAT of the document on a line of its own.
    fn vat_line(&self, line: &Row, entries: &mut Vec<Row>) -> Result<Decimal, Refusal> {
        let (amount, base) = (line.number("AMOUNT"), line.number("BASE_AMT"));
        let vat = self.vat(line)?.ok_or_else(|| rule("BTW-code is verplicht bij een grondslag."))?;
        if line.text("ACCT_NR") != vat.text("VAT_ACCT") {
            return Err(rule(format!("BTW-code {} hoort niet bij deze rekening.", vat.text("VAT_CODE"))));
        }
        let percent = vat.number("VAT_PCT");
        if !self.owes(vat) {
            if self.differs(amount, base, percent) {
                return Err(rule(format!("Het BTW-bedrag {amount} wijkt te veel af.")));
            }
            return Ok(amount);
        }
        let owed = round(base * percent / Decimal::ONE_HUNDRED);
        match self.settings.reverse_charge {
            ReverseCharge::Zero if amount.is_zero() => {
                let code = vat.text("VAT_CODE");
                entries.push(self.entry(vat.text("VAT_ACCT"), owed, code));
                entries.push(self.entry(vat.text("ACCT_MEMO"), -owed, code));
            }
            ReverseCharge::Owed if amount == owed => {}
            ReverseCharge::Zero | ReverseCharge::Owed => {
                return Err(rule(format!("Het BTW-bedrag {amount} van de verlegde regel is onjuist.")));
            }
        }
        Ok(Decimal::ZERO)
    }
}
