//! A booking that is sent: its fields, and the rules that it must keep.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::api::Call;
use super::lists::booking_node;
use super::refusal::{Refusal, rule};
use super::state::{Administration, Booking, CostCentres, Direction, Line, ReverseCharge, Snelstart, VatAmount};
use crate::json::{self, Members};
use crate::server::Answer;

const LINE_KINDS: &[&str] = &["Geen", "Laag", "Hoog", "Overig"];
const VAT_KINDS: &[&str] = &["Geen", "Laag", "Hoog", "Overig", "Verlegd"];

/// The members of an object, by their names in lower case: capitals make no difference here.
pub(super) struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    /// Reads an object. A member that the model does not have is passed over by the real one; here it is a mistake.
    pub(super) fn read(text: &[u8], model: &'static [&'static str]) -> Result<Self, Refusal> {
        let members: Members =
            json::members(text).map_err(|error| Refusal::Field("body", format!("No object: {error}")))?;
        let lower: BTreeMap<_, _> =
            members.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let unknown = lower.keys().find(|name| !model.iter().any(|known| known.eq_ignore_ascii_case(name)));
        match unknown {
            Some(name) => Err(Refusal::Field("body", format!("There is no member {name}"))),
            None => Ok(Self(lower)),
        }
    }

    fn raw(&self, name: &str) -> Option<&str> {
        let text = self.0.get(&name.to_ascii_lowercase())?.get();
        (text != "null").then_some(text)
    }

    /// A text; `None` when it is absent.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        let wrong = |_| Refusal::Field(name, "Not a text".to_owned());
        self.raw(name).map(|text| serde_json::from_str(text).map_err(wrong)).transpose()
    }

    /// A text, or an empty one.
    fn text_or_empty(&self, name: &'static str) -> Result<String, Refusal> {
        self.text(name).map(Option::unwrap_or_default)
    }

    /// Texts in a list.
    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>, Refusal> {
        let wrong = |_| Refusal::Field(name, "Not a list of texts".to_owned());
        self.raw(name).map_or(Ok(Vec::new()), |text| serde_json::from_str(text).map_err(wrong))
    }

    /// An amount, as a number or a text.
    fn amount(&self, name: &'static str) -> Result<Decimal, Refusal> {
        let wrong = || Refusal::Field(name, "Could not convert to a decimal".to_owned());
        let text = self.raw(name).ok_or_else(wrong)?;
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        json::decimal(inner).ok_or_else(wrong)
    }

    /// The id of what is referred to; `None` when it is absent.
    fn reference(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        let inner = Self::read(text.as_bytes(), &["id", "uri"])?;
        inner.text("id")
    }

    /// The objects of a list.
    fn list(&self, name: &'static str, model: &'static [&'static str]) -> Result<Vec<Self>, Refusal> {
        let Some(text) = self.raw(name) else { return Ok(Vec::new()) };
        let rows: Vec<Box<RawValue>> =
            serde_json::from_str(text).map_err(|_| Refusal::Field(name, "Not a list".to_owned()))?;
        rows.iter().map(|row| Self::read(row.get().as_bytes(), model)).collect()
    }

    /// One of the words of an enumeration.
    fn word(&self, name: &'static str, words: impl IntoIterator<Item = String>) -> Result<Option<String>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match words.into_iter().find(|word| *word == text) {
            Some(word) => Ok(Some(word)),
            None => Err(Refusal::Field(name, format!("Error converting value {text}"))),
        }
    }
}

/// A day, written as a date-time without a zone.
fn day(fields: &Fields, name: &'static str) -> Result<NaiveDate, Refusal> {
    let text = fields.text_or_empty(name)?;
    let midnight = text.strip_suffix("T00:00:00").and_then(|day| day.parse().ok());
    midnight.ok_or_else(|| Refusal::Field(name, format!("Could not convert {text} to a date")))
}

const MODEL: &[&str] = &[
    "id",
    "uri",
    "boekstuk",
    "modifiedOn",
    "factuurnummer",
    "factuurdatum",
    "leverancier",
    "klant",
    "betalingstermijn",
    "omschrijving",
    "factuurbedrag",
    "markering",
    "gewijzigdDoorAccountant",
    "boekingsregels",
    "btw",
    "documents",
];
const LINE_MODEL: &[&str] = &["omschrijving", "grootboek", "kostenplaats", "bedrag", "btwSoort"];
const VAT_MODEL: &[&str] = &["btwSoort", "btwBedrag"];

/// Books, or refuses by the first rule that is broken.
pub(super) fn create(state: &mut Snelstart, call: &Call<'_>, direction: Direction) -> Result<Answer, Refusal> {
    if call.request.body.is_empty() {
        return Err(rule("ALG-0106", "Het verzoek is leeg"));
    }
    let fields = Fields::read(&call.request.body, MODEL)?;
    let settings = state.settings.clone();
    let books = state.administration(&call.administration).ok_or(Refusal::Token)?;
    let booking = read(books, &fields, direction, settings.reverse_charge)?;
    let (id, invoice_id) = (state.new_id(0x0b0e), state.new_id(0x0fac));
    let number = state.sequence;
    let books = state.administration_mut(&call.administration).ok_or(Refusal::Token)?;
    let voucher = match booking.voucher.as_str() {
        "" if settings.numbers_vouchers => format!("{}{number:04}", booking.date.year()),
        given => given.to_owned(),
    };
    let booking = Booking { id, invoice_id, voucher, modified: call.now, ..booking };
    let answer = Answer::json(StatusCode::CREATED, &booking_node(books, &booking));
    books.bookings.push(booking);
    Ok(answer)
}

fn read(
    books: &Administration,
    fields: &Fields,
    direction: Direction,
    reverse_charge: ReverseCharge,
) -> Result<Booking, Refusal> {
    if fields.text("id")?.is_some_and(|id| !id.is_empty()) {
        return Err(rule("ALG-0100", "Het id moet leeg zijn"));
    }
    let date = day(fields, "factuurdatum")?;
    let number = fields.text_or_empty("factuurnummer")?;
    if number.trim().is_empty() || number.chars().count() > 25 {
        return Err(rule("BOE-0058", "Het factuurnummer ontbreekt of is te lang"));
    }
    let voucher = fields.text_or_empty("boekstuk")?;
    if voucher.chars().count() > 25 {
        return Err(rule("BOE-0068", "Het boekstuk is te lang"));
    }
    let description = fields.text_or_empty("omschrijving")?;
    if description.chars().count() > 250 {
        return Err(rule("BOE-0071", "De omschrijving is te lang"));
    }
    let relation = relation(books, fields, direction)?;
    let lines = fields.list("boekingsregels", LINE_MODEL)?;
    if lines.is_empty() {
        return Err(rule("BOE-0023", "Er zijn geen boekingsregels"));
    }
    let lines = lines.iter().map(|line| read_line(books, line)).collect::<Result<Vec<_>, _>>()?;
    let vat = read_vat(fields, direction, &lines, reverse_charge)?;
    if books.is_blocked(date) {
        return Err(rule("BOE-0042", format!("De factuurdatum {date} ligt in een geblokkeerde periode")));
    }
    if date.year() < 2015 || date.year() > 2040 {
        return Err(rule("BOE-0033", "De datum ligt te ver van het boekjaar"));
    }
    let total = fields.amount("factuurbedrag")?;
    let reversed = format!("{}Verlegd", direction.vat());
    let counts = |entry: &&VatAmount| entry.kind != reversed || reverse_charge == ReverseCharge::Zero;
    let sum: Decimal = lines.iter().map(|line| line.amount).sum::<Decimal>()
        + vat.iter().filter(counts).map(|entry| entry.amount).sum::<Decimal>();
    if sum != total {
        return Err(rule("BOE-0039", format!("De boeking is niet in balans: {sum} tegenover {total}")));
    }
    if books.bookings_of(direction).any(|known| known.relation == relation && known.number == number) {
        return Err(rule("BOE-0021", "Het factuurnummer bestaat al"));
    }
    let term = match fields.raw("betalingstermijn") {
        Some(_) if direction == Direction::Purchase => {
            return Err(Refusal::Field("betalingstermijn", "A purchase booking has none".to_owned()));
        }
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|days| (0..=999).contains(days))
            .ok_or_else(|| Refusal::Field("betalingstermijn", "Not 0 to 999 days".to_owned()))?,
        None => books.relation(&relation).map_or(0, |relation| relation.term),
    };
    let due = date + TimeDelta::days(term);
    let empty = Booking::default();
    Ok(Booking { direction, voucher, number, date, due, relation, description, total, lines, vat, ..empty })
}

fn relation(books: &Administration, fields: &Fields, direction: Direction) -> Result<String, Refusal> {
    let (ours, theirs) = match direction {
        Direction::Purchase => ("leverancier", "klant"),
        Direction::Sales => ("klant", "leverancier"),
    };
    if fields.raw(theirs).is_some() {
        return Err(Refusal::Field("body", format!("There is no member {theirs}")));
    }
    let known = fields.reference(ours)?.and_then(|id| books.relation(&id));
    match (known, direction) {
        (None, Direction::Purchase) => Err(rule("BOE-0002", "De leverancier is niet gevonden")),
        (None, Direction::Sales) => Err(rule("REL-0005", "De relatie is niet gevonden")),
        (Some(relation), Direction::Purchase) if !relation.kinds.contains("Leverancier") => {
            Err(rule("BOE-0003", "De relatie is geen leverancier"))
        }
        (Some(relation), Direction::Sales) if !relation.kinds.contains("Klant") => {
            Err(rule("BOE-0060", "De relatie is geen klant"))
        }
        (Some(relation), _) if relation.inactive => Err(rule("BOE-0054", "De relatie is niet actief")),
        (Some(relation), _) => Ok(relation.id.clone()),
    }
}

fn read_line(books: &Administration, fields: &Fields) -> Result<Line, Refusal> {
    let amount = fields.amount("bedrag")?;
    if amount.is_zero() {
        return Err(rule("BOE-0028", "Het bedrag van een boekingsregel is nul"));
    }
    if amount.normalize().scale() > 2 {
        return Err(Refusal::Field("bedrag", "More than two decimals".to_owned()));
    }
    let description = fields.text_or_empty("omschrijving")?;
    if description.chars().count() > 250 {
        return Err(rule("BOE-0071", "De omschrijving is te lang"));
    }
    let id = fields.reference("grootboek")?;
    let account = id.as_deref().and_then(|id| books.account(id));
    let account = account.ok_or_else(|| rule("BOE-0037", "Het grootboek is niet gevonden"))?;
    if account.inactive {
        return Err(rule("BOE-0008", "Het grootboek is niet actief"));
    }
    if !account.bookable {
        return Err(rule("BOE-0061", "Het grootboek is niet toegestaan"));
    }
    let kind = fields.word("btwSoort", LINE_KINDS.iter().map(|kind| (*kind).to_owned()))?;
    let kind = kind.ok_or_else(|| rule("BOE-0082", "De btw-soort ontbreekt"))?;
    if !account.vat_kinds.contains(&kind) {
        return Err(rule("BOE-0082", format!("Btw-soort {kind} past niet bij grootboek {}", account.number)));
    }
    let cost_centre = fields.reference("kostenplaats")?;
    match (&cost_centre, account.cost_centres) {
        (None, CostCentres::Required) => return Err(rule("BOE-0022", "Een kostenplaats is verplicht")),
        (Some(_), CostCentres::Refused) => return Err(rule("BOE-0093", "Een kostenplaats is niet toegestaan")),
        (Some(id), CostCentres::Allowed | CostCentres::Required) => {
            match books.cost_centres.iter().find(|centre| centre.id == *id) {
                None => return Err(rule("BOE-0019", "De kostenplaats is onbekend")),
                Some(centre) if centre.inactive => return Err(rule("BOE-0026", "De kostenplaats is niet actief")),
                Some(_) => {}
            }
        }
        (None, CostCentres::Allowed | CostCentres::Refused) => {}
    }
    Ok(Line { account: account.id.clone(), amount, vat_kind: kind, cost_centre, description })
}

fn read_vat(
    fields: &Fields,
    direction: Direction,
    lines: &[Line],
    reverse_charge: ReverseCharge,
) -> Result<Vec<VatAmount>, Refusal> {
    let mut entries = Vec::new();
    for row in fields.list("btw", VAT_MODEL)? {
        let words = [Direction::Purchase, Direction::Sales]
            .into_iter()
            .flat_map(|side| VAT_KINDS.iter().map(move |kind| side_word(side, kind)));
        let kind = row.word("btwSoort", words)?.ok_or_else(|| rule("BOE-0069", "De btw-soort ontbreekt"))?;
        entries.push(VatAmount { kind, amount: row.amount("btwBedrag")? });
    }
    let reversed = side_word(direction, "Verlegd");
    for entry in &entries {
        let stem = entry.kind.strip_prefix(direction.vat());
        let Some(stem) = stem.or((entry.kind == "Geen").then_some("Geen")) else {
            return Err(rule("BOE-0082", format!("Btw-soort {} is van de andere kant", entry.kind)));
        };
        let is_reversed = entry.kind == reversed;
        if is_reversed && (entries.len() > 1 || lines.iter().any(|line| line.vat_kind != "Geen")) {
            return Err(rule("BOE-0062", "Verlegde btw mag niet samengaan met andere btw"));
        }
        let is_zero = entry.amount.is_zero();
        let wrong = match (is_reversed, direction, reverse_charge) {
            (true, Direction::Purchase, ReverseCharge::Owed) => is_zero,
            (true, Direction::Purchase | Direction::Sales, _) => !is_zero,
            (false, _, _) => !lines.iter().any(|line| line.vat_kind == stem),
        };
        if wrong {
            return Err(rule("BOE-0053", format!("Btw {} hoort bij geen boekingsregel", entry.kind)));
        }
        if entries.iter().filter(|other| other.kind == entry.kind).count() > 1 {
            return Err(rule("BOE-0069", "Een btw-soort komt tweemaal voor"));
        }
    }
    let lacks = |line: &&Line| {
        line.vat_kind != "Geen" && !entries.iter().any(|entry| entry.kind == side_word(direction, &line.vat_kind))
    };
    match lines.iter().find(lacks) {
        Some(line) => Err(rule("BOE-0082", format!("Btw van soort {} ontbreekt", line.vat_kind))),
        None => Ok(entries),
    }
}

/// The word for a kind on a whole booking.
fn side_word(side: Direction, kind: &str) -> String {
    if kind == "Geen" { kind.to_owned() } else { format!("{}{kind}", side.vat()) }
}
