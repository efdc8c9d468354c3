//! A document as a transaction: lines that balance, in the currency of the books.

use super::{Books, ExportDocument};
use crate::{
    amounts::{self, cents, out_of_range, too_large},
    xml::{self, Xml},
};
use domain::{
    export_format::{XAF_ID_CHARS_MAX, XafOptions, XafVatCode},
    invoice::VatCategory,
    ledger::{CostCentre, Direction, Project},
    money::{Currency, sum, to_cents},
    posting::PostingLine,
    reason::Reason,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;

const TEXT_CHARS_MAX: usize = 999;
const DESCRIPTION_CHARS_MAX: usize = 9999;

/// The VAT of a line.
pub(super) struct LineVat {
    pub code: String,
    percent: Decimal,
    /// Signed like the line: more than zero is debit.
    amount: Decimal,
}

/// A line. More than zero is debit, less is credit: that is how a credit note changes sides.
pub(super) struct Line {
    pub account: String,
    amount: Decimal,
    /// In the currency of the document.
    stated: Decimal,
    description: Option<String>,
    cost_centre: Option<String>,
    project: Option<String>,
    pub vat: Option<LineVat>,
}

impl Line {
    fn new(account: String, amount: Decimal, stated: Decimal) -> Self {
        Self { account, amount, stated, description: None, cost_centre: None, project: None, vat: None }
    }
}

/// The lines of a document: the contact's account, the lines of the posting, the VAT.
pub(super) struct Booking {
    pub lines: Vec<Line>,
    /// The currency of the document, when it is not that of the books.
    foreign: Option<Currency>,
}

impl Booking {
    /// Books a document. What is stated on it is what is booked; converted amounts add up to the converted total.
    pub fn new(options: &XafOptions, document: &ExportDocument, books: &Books) -> Result<Self, Reason> {
        let posting = &document.posting;
        let amounts = amounts::company(document, books)?;
        let (sign, control, setting) = match posting.direction {
            Direction::Purchase => (Decimal::ONE, &options.creditor_account, "creditor_account"),
            Direction::Sales => (Decimal::NEGATIVE_ONE, &options.debtor_account, "debtor_account"),
        };
        let control = control.as_deref().ok_or_else(|| unset(setting, posting.direction.as_str()))?;
        let mut lines = vec![Line::new(account(options, control)?, -sign * amounts.gross, -sign * posting.gross)];
        let mut of_vat: Vec<Line> = Vec::new();
        let mut book = |account: String, amount: Decimal, stated: Decimal| match of_vat
            .iter_mut()
            .find(|line| line.account == account)
        {
            Some(line) => {
                line.amount += amount;
                line.stated += stated;
            }
            None => of_vat.push(Line::new(account, amount, stated)),
        };
        for (line, amounts) in posting.lines.iter().zip(&amounts.lines) {
            let code = line.vat_code.as_str();
            let vat = options.vat_codes.get(code).ok_or_else(|| unset("vat_codes", code))?;
            let owed = owed(posting.direction, line, vat);
            let percent = owed.or(line.rate).unwrap_or_default().normalize();
            if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED || percent.scale() > 3 {
                return Err(out_of_range("vatPerc", percent));
            }
            let of_line = if let Some(percent) = owed {
                let (claim, pay) =
                    (vat_account(options, code, vat, Side::Claim)?, vat_account(options, code, vat, Side::Pay)?);
                let (amount, stated) = (part(amounts.net, percent)?, part(line.net, percent)?);
                book(claim, amount, stated);
                book(pay, -amount, -stated);
                amount
            } else {
                if !amounts.vat.is_zero() || !line.vat.is_zero() {
                    let side = match posting.direction {
                        Direction::Purchase => Side::Claim,
                        Direction::Sales => Side::Pay,
                    };
                    book(vat_account(options, code, vat, side)?, sign * amounts.vat, sign * line.vat);
                }
                sign * amounts.vat
            };
            let id =
                |field: &str, text: Option<&str>| text.map(|text| xml::code(field, text, XAF_ID_CHARS_MAX)).transpose();
            lines.push(Line {
                description: Some(xml::label("line description", &line.description, DESCRIPTION_CHARS_MAX)?),
                cost_centre: id("cost centre", line.cost_centre.as_ref().map(CostCentre::as_str))?,
                project: id("project", line.project.as_ref().map(Project::as_str))?,
                vat: Some(LineVat { code: xml::code("VAT code", code, XAF_ID_CHARS_MAX)?, percent, amount: of_line }),
                ..Line::new(account(options, line.account.as_str())?, sign * amounts.net, sign * line.net)
            });
        }
        lines.extend(of_vat.into_iter().filter(|line| !line.amount.is_zero()));
        let foreign = (posting.currency != books.currency).then_some(posting.currency);
        Ok(Self { lines, foreign })
    }

    /// All lines on the debit side.
    pub fn debit(&self) -> Result<Decimal, Reason> {
        sum(self.lines.iter().map(|line| line.amount.max(Decimal::ZERO))).map_err(too_large)
    }

    /// All lines on the credit side, as an amount.
    pub fn credit(&self) -> Result<Decimal, Reason> {
        sum(self.lines.iter().map(|line| (-line.amount).max(Decimal::ZERO))).map_err(too_large)
    }

    /// The transaction with its number in the file, of a period, about a supplier or customer.
    pub fn write(&self, document: &ExportDocument, number: u64, period: i32, party: &str) -> Result<Vec<u8>, Reason> {
        let posting = &document.posting;
        let reference = xml::code("number", &posting.number, TEXT_CHARS_MAX)?;
        let description = xml::label("description", &posting.description, DESCRIPTION_CHARS_MAX)?;
        let mut xml = Xml::fragment();
        xml.open("transaction");
        xml.leaf("nr", &number.to_string());
        xml.some("desc", Some(&description));
        xml.leaf("periodNumber", &period.to_string());
        xml.leaf("trDt", &document.posting_date.to_string());
        for (at, line) in self.lines.iter().enumerate() {
            xml.open("trLine");
            xml.leaf("nr", &(at + 1).to_string());
            xml.leaf("accID", &line.account);
            xml.leaf("docRef", &reference);
            xml.leaf("effDate", &posting.issue_date.to_string());
            xml.some("desc", line.description.as_deref());
            let side = side(line.amount);
            xml.leaf("amnt", &cents(line.amount.abs()));
            xml.leaf("amntTp", side);
            if at == 0 {
                xml.leaf("custSupID", party);
                xml.leaf("invRef", &reference);
            }
            xml.some("costID", line.cost_centre.as_deref());
            xml.some("projID", line.project.as_deref());
            if let Some(vat) = &line.vat {
                xml.open("vat");
                xml.leaf("vatID", &vat.code);
                xml.leaf("vatPerc", &three_decimals(vat.percent));
                xml.leaf("vatAmnt", &cents(vat.amount.abs()));
                xml.leaf("vatAmntTp", if vat.amount.is_zero() { side } else { self::side(vat.amount) });
                xml.close("vat");
            }
            if let Some(currency) = self.foreign {
                xml.open("currency");
                xml.leaf("curCode", currency.as_str());
                xml.leaf("curAmnt", &cents(line.stated.abs()));
                xml.close("currency");
            }
            xml.close("trLine");
        }
        xml.close("transaction");
        xml.end_line();
        Ok(xml.into_bytes())
    }
}

/// `D` or `C`.
fn side(amount: Decimal) -> &'static str {
    if amount.is_sign_negative() && !amount.is_zero() { "C" } else { "D" }
}

fn three_decimals(percent: Decimal) -> String {
    let mut percent = percent;
    percent.rescale(3);
    percent.to_string()
}

fn part(net: Decimal, percent: Decimal) -> Result<Decimal, Reason> {
    let vat = net.checked_mul(percent).map(|vat| to_cents(vat / Decimal::ONE_HUNDRED));
    vat.ok_or_else(|| out_of_range("amount", net))
}

/// The rate of the VAT that the buyer owes, where the settings say it.
fn owed(direction: Direction, line: &PostingLine, vat: &XafVatCode) -> Option<Decimal> {
    let by_buyer = match line.category {
        VatCategory::AE | VatCategory::K => direction == Direction::Purchase,
        VatCategory::S
        | VatCategory::Z
        | VatCategory::E
        | VatCategory::G
        | VatCategory::O
        | VatCategory::L
        | VatCategory::M
        | VatCategory::B => false,
    };
    vat.reverse_charge_percent.filter(|_| by_buyer && line.vat.is_zero())
}

/// Which account of a VAT code.
#[derive(Clone, Copy)]
enum Side {
    Claim,
    Pay,
}

fn vat_account(options: &XafOptions, code: &str, vat: &XafVatCode, side: Side) -> Result<String, Reason> {
    let (name, chosen) = match side {
        Side::Claim => ("claim_account", &vat.claim_account),
        Side::Pay => ("pay_account", &vat.pay_account),
    };
    let chosen = chosen.as_deref().ok_or_else(|| unset(&format!("vat_codes.{code}.{name}"), code))?;
    account(options, chosen)
}

/// An account that the settings say something of.
fn account(options: &XafOptions, account: &str) -> Result<String, Reason> {
    if !options.accounts.contains_key(account) {
        return Err(unset("accounts", account));
    }
    xml::code("account", account, XAF_ID_CHARS_MAX)
}

fn unset(setting: &str, code: &str) -> Reason {
    Reason::said(&Unfit::SettingMissing { setting: Text::of(setting), code: Text::of(code) })
}
