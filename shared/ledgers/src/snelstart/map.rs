//! Posting to booking, and booking to posting. Pure.

use super::{
    api,
    vat::{Kind, RateTable},
    wire::{Booking, Id, Invoice, NewBooking, NewLine, NewRef, NewVat, day},
};
use crate::{
    descriptor::{OptionKind, OptionSpec, Options},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Booked, Codes, File, FileKind, Found, PushRequest},
};
use domain::{
    invoice::VatCategory,
    ledger::{CostCentre, Direction, LedgerContact, NormalisedNumber},
    money::Currency,
    posting::{Posting, PostingLine},
    time::Date,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The longest invoice number: a longer one is refused, since a shortened one would be another.
const NUMBER_CHARS_MAX: usize = 25;
/// The longest descriptions.
const DESCRIPTION_CHARS_MAX: usize = 250;
/// The longest term of payment, in days.
const TERM_DAYS_MAX: i64 = 999;
/// The largest file, decoded.
pub(super) const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Nothing is posted: a person books it.
const HOLD: &str = "hold";

/// What SnelStart wants for VAT that the buyer owes is not documented: an entry of 0.00, or the VAT itself.
pub(super) const PURCHASE_REVERSE_CHARGE: OptionSpec = OptionSpec {
    key: "purchase_reverse_charge",
    name: "Purchase invoices under reverse charge: hold for a person, book with VAT of 0.00, or with the VAT that is owed",
    kind: OptionKind::Choice(&[HOLD, "zero", "owed"]),
    default: Some(HOLD),
};
pub(super) const SALES_REVERSE_CHARGE: OptionSpec = OptionSpec {
    key: "sales_reverse_charge",
    name: "Sales invoices under reverse charge: hold for a person, or book with VAT of 0.00",
    kind: OptionKind::Choice(&[HOLD, "zero"]),
    default: Some(HOLD),
};
/// SnelStart's kinds of VAT know no acquisitions within the EU.
pub(super) const PURCHASE_EU: OptionSpec = OptionSpec {
    key: "purchase_intra_community",
    name: "Purchases within the EU: hold for a person, or book as reverse charge is booked",
    kind: OptionKind::Choice(&[HOLD, "reverse_charge"]),
    default: Some(HOLD),
};
/// The revenue account decides; the booking says nothing about VAT.
pub(super) const SALES_EU: OptionSpec = OptionSpec {
    key: "sales_intra_community",
    name: "Sales within the EU: hold for a person, or book without VAT on a revenue account for the EU",
    kind: OptionKind::Choice(&[HOLD, "account"]),
    default: Some(HOLD),
};
/// Negative amounts were seen on sales bookings only.
pub(super) const PURCHASE_CREDIT_NOTES: OptionSpec = OptionSpec {
    key: "purchase_credit_notes",
    name: "Purchase credit notes and negative invoices: hold for a person, or book with negative amounts",
    kind: OptionKind::Choice(&[HOLD, "negative"]),
    default: Some(HOLD),
};
/// SnelStart is said to number bookings that come without a number.
pub(super) const VOUCHER: OptionSpec = OptionSpec {
    key: "voucher_number",
    name: "Voucher number (boekstuk) of a booking: SnelStart's next one, or our reference",
    kind: OptionKind::Choice(&["snelstart", "reference"]),
    default: Some("snelstart"),
};
pub(super) const ACCOUNT_LOOKUP: OptionSpec = OptionSpec {
    key: "account_lookup",
    name: "How a ledger account is looked up by its number: as a number, as a text, or in the whole list",
    kind: OptionKind::Choice(&["number", "text", "list"]),
    default: Some("number"),
};
pub(super) const COST_CENTRE: OptionSpec = OptionSpec {
    key: "cost_centre",
    name: "Cost centre of lines that have none",
    kind: OptionKind::Text(10),
    default: None,
};
pub(super) const ATTACH: OptionSpec = OptionSpec {
    key: "attach",
    name: "Files that are attached to a booking",
    kind: OptionKind::Choice(&["pdf", "ubl", "both", "none"]),
    default: Some("both"),
};

/// What purchase and sales call the same things.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) bookings: &'static str,
    pub(super) invoices: &'static str,
    /// Where its attachments are.
    pub(super) documents: &'static str,
    /// The kind of relation.
    pub(super) relation: &'static str,
    /// The word before a kind of VAT on the whole booking.
    vat: &'static str,
}

const PURCHASE: Side = Side {
    bookings: "inkoopboekingen",
    invoices: "inkoopfacturen",
    documents: "documenten/Inkoopboekingen",
    relation: "Leverancier",
    vat: "Inkopen",
};
const SALES: Side = Side {
    bookings: "verkoopboekingen",
    invoices: "verkoopfacturen",
    documents: "documenten/Verkoopboekingen",
    relation: "Klant",
    vat: "Verkopen",
};

pub(super) fn side(direction: Direction) -> &'static Side {
    match direction {
        Direction::Purchase => &PURCHASE,
        Direction::Sales => &SALES,
    }
}

impl Side {
    /// The word for a kind of VAT on the whole booking; `None` where there is none to say.
    fn entry(&self, kind: Kind) -> Option<&'static str> {
        let purchase = self.vat == PURCHASE.vat;
        Some(match (kind, purchase) {
            (Kind::High, true) => "InkopenHoog",
            (Kind::Low, true) => "InkopenLaag",
            (Kind::Other, true) => "InkopenOverig",
            (Kind::Reversed | Kind::IntraCommunity, true) => "InkopenVerlegd",
            (Kind::High, false) => "VerkopenHoog",
            (Kind::Low, false) => "VerkopenLaag",
            (Kind::Other, false) => "VerkopenOverig",
            (Kind::Reversed, false) => "VerkopenVerlegd",
            (Kind::None, _) | (Kind::IntraCommunity, false) => return None,
        })
    }
}

/// How much VAT a reverse charge is booked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reversed {
    Zero,
    /// At the high rate of the day.
    Owed,
}

/// Everything about a booking that does not need an answer of SnelStart first. Made before the first request, so that what
/// is missing or held is said before anything is sent.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) posting: &'a Posting,
    pub(super) side: &'static Side,
    /// The number, trimmed.
    pub(super) number: &'a str,
    /// The day in whose period it is booked.
    pub(super) day: Date,
    /// What a booking of ours holds in its description.
    pub(super) mark: String,
    description: String,
    voucher: Option<String>,
    pub(super) cost_centre: Option<CostCentre>,
    reversed: Reversed,
    /// The kind of VAT of each line.
    pub(super) kinds: Vec<Kind>,
}

fn held(option: &OptionSpec, what: &str) -> LedgerError {
    let message = format!(
        "{what} is held for a person: how SnelStart wants it is not certain. Book it by hand; or try one in a test \
         administration, set '{}' in the connection, and post again.",
        option.key
    );
    LedgerError::rejected(ErrorCode::Held, Operation::Prepare, message).about(option.key)
}

impl<'a> Plan<'a> {
    pub(super) fn of(request: &PushRequest<'a>) -> Result<Self, LedgerError> {
        let (posting, options) = (request.posting, request.options);
        let side = side(posting.direction);
        let number = posting.number.trim();
        if number.is_empty() || number.chars().count() > NUMBER_CHARS_MAX {
            let message = format!(
                "SnelStart takes invoice numbers of 1 to {NUMBER_CHARS_MAX} characters, and {number:?} is none. Book \
                 this document by hand."
            );
            return Err(LedgerError::rejected(ErrorCode::MandatoryField, Operation::Prepare, message).about(number));
        }
        if posting.direction == Direction::Purchase
            && posting.gross.is_sign_negative()
            && options.get(&PURCHASE_CREDIT_NOTES) == Some(HOLD)
        {
            return Err(held(&PURCHASE_CREDIT_NOTES, "A purchase credit note"));
        }
        check_files(request)?;
        let kinds = posting.lines.iter().map(kind_of).collect::<Result<Vec<_>, _>>()?;
        let reversed = check_held(posting.direction, options, &kinds)?;
        let cost_centre = options.get(&COST_CENTRE).and_then(|code| code.parse().ok());
        let mark = format!("[{}]", request.key());
        let voucher = (options.get(&VOUCHER) == Some("reference")).then(|| request.key());
        let day = posting.booking_date.unwrap_or(posting.issue_date);
        let description = describe(posting, day, &mark);
        Ok(Self { posting, side, number, day, mark, description, voucher, cost_centre, reversed, kinds })
    }

    /// The kinds whose percentages have to be known.
    pub(super) fn rated(&self) -> BTreeSet<Kind> {
        let of_lines = self.kinds.iter().copied().filter(|kind| Kind::RATED.contains(kind));
        let owed = self.reversed == Reversed::Owed && self.kinds.iter().any(|kind| self.is_reversed(*kind));
        of_lines.chain(owed.then_some(Kind::High)).collect()
    }

    fn is_reversed(&self, kind: Kind) -> bool {
        match kind {
            Kind::Reversed => true,
            Kind::IntraCommunity => self.posting.direction == Direction::Purchase,
            Kind::High | Kind::Low | Kind::Other | Kind::None => false,
        }
    }

    /// Refuses a line whose rate is not that of its kind at the day.
    pub(super) fn check_rates(&self, tables: &BTreeMap<Kind, RateTable>) -> Result<(), LedgerError> {
        let day = self.day;
        for (line, kind) in self.posting.lines.iter().zip(&self.kinds).filter(|(_, kind)| Kind::RATED.contains(kind)) {
            let percent = tables.get(kind).and_then(|table| table.at(day));
            if percent != line.rate {
                let code = kind.code();
                let is = percent.map_or_else(|| "no rate".to_owned(), |percent| format!("{}%", percent.normalize()));
                let message = format!(
                    "VAT kind {code} of SnelStart is {is} on {day}, and a line of this document has {}%. Choose another \
                     kind in the posting template, and post again.",
                    line.rate.unwrap_or_default().normalize()
                );
                return Err(LedgerError::rejected(ErrorCode::VatPercentage, Operation::ReadCodes, message).about(code));
            }
        }
        Ok(())
    }

    /// Whether [`Plan::vat`] needs no more percentages than these.
    pub(super) fn is_vat_known(&self, tables: &BTreeMap<Kind, RateTable>) -> bool {
        match self.reversed {
            Reversed::Zero => true,
            Reversed::Owed => tables.contains_key(&Kind::High),
        }
    }

    /// The VAT of the whole booking: by kind, as the document states it.
    pub(super) fn vat(&self, tables: &BTreeMap<Kind, RateTable>) -> BTreeMap<&'static str, Decimal> {
        let mut sums = BTreeMap::new();
        for (line, kind) in self.posting.lines.iter().zip(&self.kinds) {
            let Some(entry) = self.side.entry(*kind) else { continue };
            let amount = match (self.is_reversed(*kind), self.reversed) {
                (false, _) => line.vat,
                (true, Reversed::Zero) => Decimal::ZERO,
                (true, Reversed::Owed) => {
                    let percent = tables.get(&Kind::High).and_then(|table| table.at(self.day)).unwrap_or_default();
                    (line.net * percent / Decimal::ONE_HUNDRED).round_dp(2)
                }
            };
            *sums.entry(entry).or_default() += amount;
        }
        sums
    }

    /// The booking, once the relation and the ids behind the codes are known.
    pub(super) fn booking(
        &'a self,
        relation: &'a Id,
        tables: &BTreeMap<Kind, RateTable>,
        codes: [&'a Codes; 2],
    ) -> Result<NewBooking<'a>, LedgerError> {
        let posting = self.posting;
        let relation = NewRef { id: relation.as_str() };
        let (leverancier, klant, betalingstermijn) = match posting.direction {
            Direction::Purchase => (Some(relation), None, None),
            Direction::Sales => (None, Some(relation), self.term()),
        };
        let lines = posting.lines.iter().zip(&self.kinds).filter(|(line, _)| !line.net.is_zero());
        let boekingsregels = lines.map(|(line, kind)| self.line(line, *kind, codes)).collect::<Result<Vec<_>, _>>()?;
        if boekingsregels.is_empty() {
            let message = "SnelStart books no lines of 0.00, and this document has no others. Book it by hand.";
            return Err(LedgerError::rejected(ErrorCode::MandatoryField, Operation::Prepare, message));
        }
        let btw = self.vat(tables).into_iter().map(|(btw_soort, sum)| NewVat { btw_soort, btw_bedrag: money(sum) });
        Ok(NewBooking {
            factuurnummer: self.number,
            factuurdatum: api::date(self.day),
            leverancier,
            klant,
            betalingstermijn,
            omschrijving: &self.description,
            boekstuk: self.voucher.as_deref(),
            factuurbedrag: money(posting.gross),
            boekingsregels,
            btw: btw.collect(),
        })
    }

    /// Days until it is due; a credit note is due at once.
    fn term(&self) -> Option<i64> {
        if self.posting.gross.is_sign_negative() {
            return Some(0);
        }
        let due = self.posting.due_date?;
        Some((due - self.day).num_days().clamp(0, TERM_DAYS_MAX))
    }

    fn line(&'a self, line: &'a PostingLine, kind: Kind, codes: [&'a Codes; 2]) -> Result<NewLine<'a>, LedgerError> {
        let account = codes.iter().find_map(|codes| codes.accounts.get(&line.account));
        let centre = self.centre_of(line);
        let centre_id = centre.and_then(|centre| codes.iter().find_map(|codes| codes.cost_centres.get(centre)));
        let (Some(account), true) = (account, centre.is_none() || centre_id.is_some()) else {
            let message = "A code of the posting template is not known in SnelStart.";
            return Err(LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message));
        };
        Ok(NewLine {
            omschrijving: chars(&line.description, DESCRIPTION_CHARS_MAX),
            grootboek: NewRef { id: account },
            kostenplaats: centre_id.map(|id| NewRef { id }),
            bedrag: money(line.net),
            btw_soort: kind.on_line(),
        })
    }

    /// The cost centre of a line: its own, or that of the connection.
    pub(super) fn centre_of(&'a self, line: &'a PostingLine) -> Option<&'a CostCentre> {
        line.cost_centre.as_ref().or(self.cost_centre.as_ref())
    }

    /// Whether an open item is the same document: same number whatever its dress, and both are invoices or both credit
    /// notes.
    pub(super) fn is_same_document(&self, invoice: &Invoice) -> bool {
        let number = invoice.factuurnummer.as_deref().unwrap_or_default();
        let same_number = NormalisedNumber::of(number) == NormalisedNumber::of(self.number);
        let amount = invoice.factuur_bedrag.map(|amount| amount.0).filter(|amount| !amount.is_zero());
        let same_kind = self.posting.gross.is_zero()
            || amount.is_none_or(|amount| amount.is_sign_negative() == self.posting.gross.is_sign_negative());
        same_number && same_kind
    }

    /// Whether an open item has just this number.
    pub(super) fn has_number(&self, invoice: &Invoice) -> bool {
        let number = invoice.factuurnummer.as_deref().unwrap_or_default();
        number.trim().eq_ignore_ascii_case(self.number)
    }

    /// Whether an open item is of this day.
    pub(super) fn has_day(&self, invoice: &Invoice) -> bool {
        invoice.factuur_datum.as_deref().and_then(day) == Some(self.day)
    }

    /// Whether a booking is ours.
    pub(super) fn is_ours(&self, booking: &Booking) -> bool {
        booking.omschrijving.as_deref().is_some_and(|text| text.contains(&self.mark))
    }
}

/// The text of a booking: what it is, what SnelStart has no field for, and our mark. The mark is always whole.
fn describe(posting: &Posting, day: Date, mark: &str) -> String {
    let mut notes = Vec::new();
    if day != posting.issue_date {
        notes.push(format!("factuurdatum {}", posting.issue_date));
    }
    if let (Direction::Purchase, Some(due)) = (posting.direction, posting.due_date) {
        notes.push(format!("vervaldatum {due}"));
    }
    notes.extend(posting.payment_reference.as_ref().map(|reference| format!("kenmerk {reference}")));
    let mut end = mark.to_owned();
    for note in notes.into_iter().rev() {
        // A shortened reference would be another: what has no room is left out.
        if end.chars().count() + note.chars().count() + 3 <= DESCRIPTION_CHARS_MAX / 2 {
            end = format!("{note} | {end}");
        }
    }
    let room = DESCRIPTION_CHARS_MAX.saturating_sub(end.chars().count() + 3);
    format!("{} | {end}", chars(&posting.description, room))
}

/// The kind of VAT of a line, which must suit its category.
fn kind_of(line: &PostingLine) -> Result<Kind, LedgerError> {
    let code = &line.vat_code;
    let known = Kind::ALL.map(Kind::code).join(", ");
    let Some(kind) = Kind::of(code.as_str()) else {
        let message = format!(
            "VAT code {code} is none of SnelStart, which knows {known}. Choose another one in the posting template, and \
             post again."
        );
        return Err(LedgerError::rejected(ErrorCode::UnknownVatCode, Operation::Prepare, message).about(code));
    };
    let suits = match line.category {
        VatCategory::S => Kind::RATED.contains(&kind),
        VatCategory::Z | VatCategory::E | VatCategory::G | VatCategory::O => kind == Kind::None,
        VatCategory::AE => kind == Kind::Reversed,
        VatCategory::K => kind == Kind::IntraCommunity,
        VatCategory::L | VatCategory::M | VatCategory::B => false,
    };
    if suits {
        return Ok(kind);
    }
    let message = format!(
        "VAT kind {} of SnelStart does not fit VAT of category {} on a line of this document. Choose another one in the \
         posting template, and post again.",
        kind.code(),
        line.category
    );
    Err(LedgerError::rejected(ErrorCode::VatCodeNotAllowed, Operation::Prepare, message).about(code))
}

/// Refuses what is held for a person.
fn check_held(direction: Direction, options: &Options, kinds: &[Kind]) -> Result<Reversed, LedgerError> {
    let has = |kind| kinds.contains(&kind);
    let held_by = |option: &OptionSpec| options.get(option) == Some(HOLD);
    match direction {
        Direction::Purchase if has(Kind::IntraCommunity) && held_by(&PURCHASE_EU) => {
            return Err(held(&PURCHASE_EU, "A purchase within the EU"));
        }
        Direction::Purchase
            if (has(Kind::Reversed) || has(Kind::IntraCommunity)) && held_by(&PURCHASE_REVERSE_CHARGE) =>
        {
            return Err(held(&PURCHASE_REVERSE_CHARGE, "A purchase invoice under reverse charge"));
        }
        Direction::Sales if has(Kind::Reversed) && held_by(&SALES_REVERSE_CHARGE) => {
            return Err(held(&SALES_REVERSE_CHARGE, "A sales invoice under reverse charge"));
        }
        Direction::Sales if has(Kind::IntraCommunity) && held_by(&SALES_EU) => {
            return Err(held(&SALES_EU, "A sale within the EU"));
        }
        Direction::Purchase | Direction::Sales => {}
    }
    let owed = direction == Direction::Purchase && options.get(&PURCHASE_REVERSE_CHARGE) == Some("owed");
    Ok(if owed { Reversed::Owed } else { Reversed::Zero })
}

fn check_files(request: &PushRequest<'_>) -> Result<(), LedgerError> {
    let mut names = BTreeSet::new();
    for file in chosen(request) {
        // Files already attached are known by their names.
        if !names.insert(file.name) {
            let message = "Two files of this document have one name. We have to repair that.";
            return Err(LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message));
        }
        if file.bytes.len() > FILE_BYTES_MAX {
            let message = format!(
                "The file {} is larger than the 10 MB that SnelStart takes. Choose other files to attach in the \
                 connection, or post the document with a smaller file.",
                file.name
            );
            return Err(LedgerError::rejected(ErrorCode::FileTooLarge, Operation::Prepare, message).about(file.name));
        }
    }
    Ok(())
}

/// The files that the connection wants attached.
pub(super) fn chosen<'a>(request: &PushRequest<'a>) -> impl Iterator<Item = &'a File<'a>> {
    let attached = attached(request.options);
    request.files.iter().filter(move |file| attached.contains(&file.kind))
}

/// The kinds of files that the option names.
pub(super) fn attached(options: &Options) -> &'static [FileKind] {
    match options.get(&ATTACH) {
        Some("ubl") => &[FileKind::Ubl],
        Some("pdf") => &[FileKind::Pdf],
        Some("none") => &[],
        Some(_) | None => &[FileKind::Pdf, FileKind::Ubl],
    }
}

/// A booking as it is compared; `None` when something in it cannot be understood.
pub(super) fn booked(booking: Booking, found: Found) -> Option<Booked> {
    let gross = booking.factuurbedrag.map(|amount| amount.0);
    let number = booking.boekstuk.filter(|number| !number.trim().is_empty()).or_else(|| booking.factuurnummer.clone());
    let contact: LedgerContact = booking.leverancier?.id.as_str().parse().ok()?;
    Some(Booked {
        id: booking.id.as_str().to_owned(),
        number: number.unwrap_or_default(),
        contact,
        creator: None,
        gross,
        vat: booking.btw.map(|entries| entries.iter().map(|entry| entry.btw_bedrag.0).sum()),
        currency: Some(Currency::EUR),
        reduces: gross.map(|gross| gross.is_sign_negative()),
        reference: booking.factuurnummer,
        found,
    })
}

fn chars(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim().to_owned()
}

/// An amount as a text with two decimals.
fn money(amount: Decimal) -> String {
    format!("{amount:.2}")
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
