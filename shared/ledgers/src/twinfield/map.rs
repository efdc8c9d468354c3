//! Posting to transaction, and transaction to booking. Pure.

use super::{options, xml::Element};
use crate::{
    descriptor::Options,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Booked, Found, PushRequest},
};
use chrono::Datelike;
use domain::{
    invoice::VatCategory,
    ledger::{CostCentre, Direction, LedgerContact, NormalisedNumber, Project},
    party::VatNumber,
    posting::{Posting, PostingLine},
    time::Date,
};
use rust_decimal::{Decimal, dec};
use std::collections::BTreeMap;

/// The longest invoice number that is sent.
pub(super) const NUMBER_CHARS_MAX: usize = 40;
/// The longest description that is sent.
pub(super) const DESCRIPTION_CHARS_MAX: usize = 40;
/// The longest payment reference that is sent: a longer one is left out, since a shortened one would be another.
const PAYMENT_REFERENCE_CHARS_MAX: usize = 40;
/// The most lines of a transaction, the total included.
const LINES_MAX: usize = 1_000;
/// So much VAT may differ from what the rate makes of the net amount.
const VAT_DIFFERENCE_MAX: Decimal = dec!(0.02);

/// Cuts a text at a character.
pub(super) fn chars(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim().to_owned()
}

pub(super) fn date(date: Date) -> String {
    date.format("%Y%m%d").to_string()
}

/// A side of a transaction line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Debit,
    Credit,
}

impl Side {
    fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }

    /// The side of the relation when a document raises what is owed.
    fn of_total(direction: Direction) -> Self {
        match direction {
            Direction::Purchase => Self::Credit,
            Direction::Sales => Self::Debit,
        }
    }

    /// The side of the relation for an amount that is signed by its effect.
    fn of(direction: Direction, amount: Decimal) -> Self {
        let raises = Self::of_total(direction);
        if amount.is_sign_negative() && !amount.is_zero() { raises.other() } else { raises }
    }
}

/// The type of the relations of a direction.
pub(super) fn relations(direction: Direction) -> &'static str {
    match direction {
        Direction::Purchase => "CRD",
        Direction::Sales => "DEB",
    }
}

/// Everything about a transaction that needs no answer of Twinfield first. Made before the first request, so that what is
/// missing is said before anything is written.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) posting: &'a Posting,
    options: &'a Options,
    pub(super) daybook: &'a str,
    /// The invoice number as it is sent.
    pub(super) number: String,
    /// Our reference: the document's id in a free text field, which Twinfield can show as a link; a shorter key in the
    /// description.
    reference: String,
    reference_field: &'a str,
    relation_account: Option<&'a str>,
    /// VAT number of the customer in another member state.
    foreign_vat_number: Option<&'a str>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(request: &PushRequest<'a>) -> Result<Self, LedgerError> {
        let (posting, options) = (request.posting, request.options);
        let (daybook, credit_daybook, relation_account) = match posting.direction {
            Direction::Purchase => {
                (options::PURCHASE_DAYBOOK, options::PURCHASE_CREDIT_DAYBOOK, options::CREDITOR_ACCOUNT)
            }
            Direction::Sales => (options::SALES_DAYBOOK, options::SALES_CREDIT_DAYBOOK, options::DEBTOR_ACCOUNT),
        };
        let credit_daybook = options.get(&credit_daybook).filter(|_| posting.gross.is_sign_negative());
        let daybook = credit_daybook.or(options.get(&daybook)).ok_or_else(|| {
            rejected(
                ErrorCode::Option,
                match posting.direction {
                    Direction::Purchase => {
                        "No purchase daybook is chosen for this administration. Choose one in the connection and post again."
                    }
                    Direction::Sales => {
                        "No sales daybook is chosen for this administration. Choose one in the connection and post again."
                    }
                },
            )
        })?;
        let reference_field = options.get(&options::REFERENCE).unwrap_or("freetext3");
        let reference = match reference_field {
            "description" => format!("[{}]", request.key()),
            _ => request.document.to_string(),
        };
        let vat_number = request.contact.vat_number.as_ref().map(VatNumber::as_str);
        let plan = Self {
            posting,
            options,
            daybook,
            number: chars(&posting.number, NUMBER_CHARS_MAX),
            reference,
            reference_field,
            relation_account: options.get(&relation_account),
            foreign_vat_number: vat_number
                .filter(|number| posting.direction == Direction::Sales && !number.starts_with("NL")),
        };
        plan.check()?;
        Ok(plan)
    }

    fn chosen(&self, option: &crate::OptionSpec, value: &str) -> bool {
        self.options.get(option) == Some(value)
    }

    /// What a person has to decide first.
    fn check(&self) -> Result<(), LedgerError> {
        let posting = self.posting;
        if posting.lines.len() >= LINES_MAX {
            let message = "Twinfield takes no more than 999 lines in a booking. Book this document by hand.";
            return Err(rejected(ErrorCode::Unsupported, message));
        }
        let mut by_code: BTreeMap<(&str, Decimal), (Decimal, Decimal)> = BTreeMap::new();
        for line in &posting.lines {
            let opposed = line.net.is_sign_negative() != line.vat.is_sign_negative();
            if opposed && !line.net.is_zero() && !line.vat.is_zero() {
                let message = "A line of this document has an amount and VAT of opposite signs, which Twinfield cannot \
                               book. Divide the line by hand, and post again.";
                return Err(rejected(ErrorCode::VatPercentage, message));
            }
            match line.category {
                VatCategory::AE | VatCategory::K if self.chosen(&options::REVERSE_CHARGE, "hold") => {
                    let message = "This document has VAT that the buyer owes. Say in the connection how Twinfield books \
                                   that, or book the document by hand.";
                    return Err(rejected(ErrorCode::Held, message).about(options::REVERSE_CHARGE.key));
                }
                VatCategory::K if posting.direction == Direction::Sales && self.chosen(&options::EU_SALES, "hold") => {
                    let message = "This is an intra-community sale. Say in the connection whether such sales are goods or \
                                   services, or book the document by hand.";
                    return Err(rejected(ErrorCode::Held, message).about(options::EU_SALES.key));
                }
                VatCategory::K if posting.direction == Direction::Sales && self.foreign_vat_number.is_none() => {
                    let message = "An intra-community sale needs the customer's VAT number of another member state. \
                                   Complete the contact, and post again.";
                    return Err(rejected(ErrorCode::ContactUnidentified, message));
                }
                VatCategory::AE
                | VatCategory::K
                | VatCategory::Z
                | VatCategory::E
                | VatCategory::G
                | VatCategory::O
                | VatCategory::L
                | VatCategory::M
                | VatCategory::B => {}
                VatCategory::S => {
                    let sums = by_code.entry((line.vat_code.as_str(), line.rate.unwrap_or_default())).or_default();
                    sums.0 += line.net;
                    sums.1 += line.vat;
                }
            }
        }
        let differs = by_code.iter().any(|((_, rate), (net, vat))| {
            let made = (net * rate / Decimal::ONE_HUNDRED).round_dp(2);
            (made - vat).abs() > VAT_DIFFERENCE_MAX
        });
        if differs && self.chosen(&options::VAT_DIFFERENCE, "hold") {
            let message = "The VAT of this document differs by more than 0.02 from what its rate makes. Check the document; \
                           if it is to be booked as it is, say so in the connection or book it by hand.";
            return Err(rejected(ErrorCode::VatPercentage, message));
        }
        Ok(())
    }

    /// The transaction, once the relation and, for another booking date, the period are known.
    pub(super) fn transaction(&self, office: &str, relation: &LedgerContact, period: Option<(i32, i32)>) -> Element {
        let posting = self.posting;
        let payment_reference = posting.payment_reference.as_deref().map(str::trim);
        let header = Element::new("header")
            .field("office", office)
            .field("code", self.daybook)
            .field("currency", posting.currency)
            .field("date", date(posting.issue_date))
            .maybe("period", period.map(|(year, number)| format!("{year}/{number:02}")))
            .field("invoicenumber", &self.number)
            .maybe(
                "paymentreference",
                payment_reference
                    .filter(|text| !text.is_empty() && text.chars().count() <= PAYMENT_REFERENCE_CHARS_MAX),
            )
            .maybe("duedate", posting.due_date.map(date));
        let header = match self.reference_field {
            "description" => header,
            field => header.field(field, &self.reference),
        };
        let total_side = Side::of(posting.direction, posting.gross);
        let total = Element::new("line")
            .attribute("type", "total")
            .attribute("id", "1")
            .maybe("dim1", self.relation_account)
            .field("dim2", relation.as_str())
            .field("debitcredit", total_side.as_str())
            .field("value", amount(posting.gross))
            .field("description", self.description());
        let details = posting.lines.iter().zip(2_usize..).map(|(line, id)| self.line(line, id));
        // A person who chose another booking date knows that the date of the document lies outside its period.
        let warnings = if self.chosen(&options::WARNINGS, "accept") || period.is_some() { "false" } else { "true" };
        Element::new("transaction")
            .attribute("destiny", self.options.get(&options::DESTINY).unwrap_or("temporary"))
            .attribute("raisewarning", warnings)
            .attribute("autobalancevat", "true")
            .with(header)
            .with(Element::new("lines").with(total).with_all(details))
    }

    fn description(&self) -> String {
        match self.reference_field {
            "description" => {
                let room = DESCRIPTION_CHARS_MAX.saturating_sub(self.reference.chars().count() + 1);
                format!("{} {}", chars(&self.posting.description, room), self.reference).trim().to_owned()
            }
            _ => chars(&self.posting.description, DESCRIPTION_CHARS_MAX),
        }
    }

    fn line(&self, line: &PostingLine, id: usize) -> Element {
        // Net and VAT have one sign; when one of them is nothing the other tells.
        let signed = if line.net.is_zero() { line.vat } else { line.net };
        let side = Side::of(self.posting.direction, signed).other();
        let cost_centre = line.cost_centre.as_ref().map(CostCentre::as_str).or(self.options.get(&options::COST_CENTRE));
        let project = line.project.as_ref().map(Project::as_str);
        let (dim2, dim3) = if self.chosen(&options::COST_CENTRE_FIELD, "dim3") {
            (project, cost_centre)
        } else {
            (cost_centre, project)
        };
        // Under reverse charge Twinfield computes both sides of the VAT itself.
        let stated = match line.category {
            VatCategory::AE | VatCategory::K => None,
            VatCategory::S
            | VatCategory::Z
            | VatCategory::E
            | VatCategory::G
            | VatCategory::O
            | VatCategory::L
            | VatCategory::M
            | VatCategory::B => Some(amount(line.vat)),
        };
        let element = Element::new("line")
            .attribute("type", "detail")
            .attribute("id", &id.to_string())
            .field("dim1", &line.account)
            .maybe("dim2", dim2)
            .maybe("dim3", dim3)
            .field("debitcredit", side.as_str())
            .field("value", amount(line.net))
            .field("description", chars(&line.description, DESCRIPTION_CHARS_MAX))
            .field("vatcode", &line.vat_code)
            .maybe("vatvalue", stated);
        match (self.performance(line), self.foreign_vat_number) {
            (Some(kind), Some(number)) => {
                let day = (kind == "services").then(|| date(self.posting.issue_date));
                element
                    .field("performancetype", kind)
                    .field("performancecountry", country(number))
                    .field("performancevatnumber", number)
                    .maybe("performancedate", day)
            }
            _ => element,
        }
    }

    /// What a line is in the listing of sales to other member states.
    fn performance(&self, line: &PostingLine) -> Option<&'static str> {
        if self.posting.direction == Direction::Purchase {
            return None;
        }
        match line.category {
            VatCategory::K if self.chosen(&options::EU_SALES, "services") => Some("services"),
            VatCategory::K => Some("goods"),
            // Services to a business of another member state are invoiced as reverse charge.
            VatCategory::AE => Some("services"),
            VatCategory::S
            | VatCategory::Z
            | VatCategory::E
            | VatCategory::G
            | VatCategory::O
            | VatCategory::L
            | VatCategory::M
            | VatCategory::B => None,
        }
    }

    /// Whether a number is that of this document, whatever its dress.
    pub(super) fn is_number(&self, theirs: &str) -> bool {
        let theirs = NormalisedNumber::of(theirs);
        theirs == NormalisedNumber::of(&self.number) || theirs == NormalisedNumber::of(&self.posting.number)
    }

    /// Whether a transaction carries our reference.
    pub(super) fn is_ours(&self, transaction: &Element) -> bool {
        match self.reference_field {
            "description" => total(transaction)
                .and_then(|line| line.text_of("description"))
                .is_some_and(|text| text.ends_with(&self.reference)),
            field => transaction.at(&["header", field]).and_then(Element::text) == Some(&self.reference),
        }
    }

    /// Whether both are invoices or both credit notes.
    pub(super) fn is_same_kind(&self, booked: &Booked) -> bool {
        let reduces = self.posting.gross.is_sign_negative();
        self.posting.gross.is_zero() || booked.reduces.is_none_or(|theirs| theirs == reduces)
    }
}

fn rejected(code: ErrorCode, message: &str) -> LedgerError {
    LedgerError::new(ErrorKind::Rejected, code, Operation::Prepare, message)
}

/// An amount without its sign, with two decimals.
fn amount(value: Decimal) -> String {
    let mut value = value.abs();
    value.rescale(value.scale().max(2));
    value.to_string()
}

/// The country that a VAT number begins with.
pub(super) fn country(vat_number: &str) -> &str {
    match vat_number.get(..2) {
        Some("EL") => "GR",
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_uppercase()) => prefix,
        Some(_) | None => "NL",
    }
}

/// From the first to the last period in which a booking of a document may be looked for.
pub(super) fn years_around(day: Date) -> (String, String) {
    (format!("{}/01", day.year() - 1), format!("{}/12", day.year() + 1))
}

/// The periods around the month of a document.
pub(super) fn months_around(day: Date) -> (String, String) {
    let (year, month) = (day.year(), day.month());
    let before = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    let after = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let text = |(year, month): (i32, u32)| format!("{year}/{month:02}");
    (text(before), text(after))
}

fn total(transaction: &Element) -> Option<&Element> {
    transaction.child("lines")?.all("line").find(|line| line.get("type") == Some("total"))
}

fn decimal(text: Option<&str>) -> Option<Decimal> {
    Decimal::from_str_exact(text?).ok()
}

/// Our id of a booking: company, daybook and number, as Twinfield has no other.
pub(super) fn id(office: &str, daybook: &str, number: &str) -> String {
    format!("{office}/{daybook}/{number}")
}

/// Daybook and number of a booking's id.
pub(super) fn parts<'a>(office: &str, id: &'a str) -> Option<(&'a str, &'a str)> {
    id.strip_prefix(office)?.strip_prefix('/')?.rsplit_once('/')
}

/// A transaction of Twinfield as a booking. `relation` stands in where an answer leaves it out.
pub(super) fn booked(
    direction: Direction,
    office: &str,
    transaction: &Element,
    relation: Option<&LedgerContact>,
    found: Found,
) -> Option<Booked> {
    let header = transaction.child("header")?;
    let (daybook, number) = (header.text_of("code")?, header.text_of("number")?);
    let total = total(transaction);
    let contact = match total.and_then(|line| line.text_of("dim2")) {
        Some(code) => code.parse().ok(),
        None => relation.cloned(),
    };
    let side = total.and_then(|line| line.text_of("debitcredit"));
    let reduces = side.map(|side| side != Side::of_total(direction).as_str());
    let user = header.child("user");
    let creator = user.and_then(|user| user.get("name").filter(|name| !name.is_empty()).or(user.text()));
    // VAT on the side of the total reduces VAT on the other: under reverse charge they cancel.
    let vat = side.and_then(|side| {
        let lines = transaction.child("lines")?;
        lines.all("line").filter(|line| line.get("type") == Some("vat")).try_fold(Decimal::ZERO, |sum, line| {
            let value = decimal(line.text_of("value"))?;
            Some(if line.text_of("debitcredit") == Some(side) { sum - value } else { sum + value })
        })
    });
    Some(Booked {
        id: id(office, daybook, number),
        number: format!("{daybook} {number}"),
        contact: contact?,
        creator: creator.map(str::to_owned),
        gross: total.and_then(|line| decimal(line.text_of("value"))),
        vat,
        currency: header.text_of("currency").and_then(|code| code.parse().ok()),
        reduces,
        reference: header.text_of("invoicenumber").map(str::to_owned),
        found,
    })
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
