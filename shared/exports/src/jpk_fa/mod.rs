//! Polish `JPK_FA` (4): the sales invoices of a taxpayer with their lines, as a tax office asks for them.
//!
//! Section 0 holds the invoices (`Faktura`), section 1 the lines (`FakturaWiersz`). Nothing is booked by it: there is no posting
//! date, and amounts are in the currency of each document.

mod invoice;
mod rates;
mod rows;

use crate::{
    Books, ExportDocument, Piece, RunFacts, Segment, Summary, Writer,
    amounts::cents,
    tally::tally,
    xml::{self, Xml},
};
use chrono::{Datelike as _, Days, Months, SecondsFormat};
use domain::{
    export_format::{JpkFaOptions, JpkPeriod, Problem, is_nip},
    ledger::Direction,
    reason::Reason,
    time::Date,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;

const NAMESPACE: &str = "http://jpk.mf.gov.pl/wzor/2022/02/17/02171/";
const ADDRESS_NAMESPACE: &str = "http://crd.gov.pl/xml/schematy/dziedzinowe/mf/2018/08/24/eD/DefinicjeTypy/";
const NAME_CHARS_MAX: usize = 240;

/// The kind of what is declared: dates of issue. See [`Summary::declared`].
const ISSUE_DATES: &str = "issue_date";

/// Names of the file's own sums.
mod sums {
    /// Of `P_15`, whatever the currency.
    pub const INVOICES: &str = "invoices";
    /// Of `P_11`, whatever the currency.
    pub const LINES: &str = "lines";
}

/// The writer with these settings.
#[expect(clippy::unnecessary_wraps, reason = "as every format has it")]
pub(crate) fn writer(options: &JpkFaOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Ok(Box::new(JpkFa { options: options.clone() }))
}

struct JpkFa {
    options: JpkFaOptions,
}

/// Who issued the invoices.
struct Taxpayer {
    nip: String,
    name: String,
    /// On one line.
    address: String,
}

impl Taxpayer {
    /// The taxpayer, by the settings and else by the books.
    fn of(options: &JpkFaOptions, books: &Books) -> Result<Self, Reason> {
        let own = &books.own;
        let mut stated = own.vat_numbers.iter().filter_map(|number| number.as_str().strip_prefix("PL"));
        let nip = options.nip.as_deref().or_else(|| stated.find(|number| is_nip(number)));
        let unset = || Unfit::SettingMissing { setting: Text::of("nip"), code: Text::of(&books.name) };
        let nip = nip.ok_or_else(|| Reason::said(&unset()))?.to_owned();
        let name = options.full_name.as_deref().or(own.names.first().map(String::as_str)).unwrap_or(&books.name);
        let address = &options.address;
        let part = |part: &Option<String>| part.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let mut house = part(&address.house_number);
        if address.flat_number.is_some() {
            house = format!("{house}/{}", part(&address.flat_number));
        }
        let street = address.street.as_ref().or(address.town.as_ref()).cloned();
        let address = format!("{} {house}, {} {}", part(&street), part(&address.postal_code), part(&address.town));
        Ok(Self { nip, name: xml::code("full_name", name, NAME_CHARS_MAX)?, address })
    }
}

impl JpkFa {
    /// First and last day of the period that the file is for.
    fn period(&self, summary: &Summary) -> Option<(Date, Date)> {
        let mut dates = summary.declared.get(ISSUE_DATES)?.keys().filter_map(|date| date.parse::<Date>().ok());
        let first = dates.next()?;
        let last = dates.next_back().unwrap_or(first);
        match self.options.period {
            JpkPeriod::IssueDates => Some((first, last)),
            JpkPeriod::Months => {
                let start = |date: Date| date.with_day(1).unwrap_or(date);
                Some((start(first), start(last) + Months::new(1) - Days::new(1)))
            }
        }
    }

    fn head(&self, taxpayer: &Taxpayer, run: &RunFacts, (from, to): (Date, Date)) -> Result<Vec<u8>, Reason> {
        let mut xml = Xml::file();
        xml.open_with("JPK", &[("xmlns", NAMESPACE), ("xmlns:etd", ADDRESS_NAMESPACE)]);
        xml.end_line();
        xml.open("Naglowek");
        xml.open_with("KodFormularza", &[("kodSystemowy", "JPK_FA (4)"), ("wersjaSchemy", "1-0")]);
        xml.written("JPK_FA");
        xml.close("KodFormularza");
        xml.leaf("WariantFormularza", "4");
        xml.leaf("CelZlozenia", "1");
        xml.leaf("DataWytworzeniaJPK", &run.at.to_rfc3339_opts(SecondsFormat::Secs, true));
        xml.leaf("DataOd", &from.to_string());
        xml.leaf("DataDo", &to.to_string());
        xml.some("KodUrzedu", self.options.tax_office.as_deref());
        xml.close("Naglowek");
        xml.end_line();
        xml.open("Podmiot1");
        xml.open("IdentyfikatorPodmiotu");
        xml.leaf("NIP", &taxpayer.nip);
        xml.leaf("PelnaNazwa", &taxpayer.name);
        xml.close("IdentyfikatorPodmiotu");
        xml.open("AdresPodmiotu");
        xml.leaf("etd:KodKraju", "PL");
        for (field, name, _, chars_max, value) in self.options.address.parts() {
            let value = value.map(|value| xml::code(field, value, chars_max)).transpose()?;
            xml.some(&format!("etd:{name}"), value.as_deref());
        }
        xml.close("AdresPodmiotu");
        xml.close("Podmiot1");
        xml.end_line();
        Ok(xml.into_bytes())
    }
}

/// The control sums of a section.
fn control(element: &str, counted: &str, count: u64, valued: &str, value: Option<&Decimal>) -> Xml {
    let mut xml = Xml::fragment();
    xml.open(element);
    xml.leaf(counted, &count.to_string());
    xml.leaf(valued, &cents(value.copied().unwrap_or_default()));
    xml.close(element);
    xml.end_line();
    xml
}

impl Writer for JpkFa {
    fn needs_originals(&self) -> bool {
        false
    }

    fn write(
        &self,
        document: &ExportDocument,
        books: &Books,
        summary: &mut Summary,
        segment: &mut Segment,
    ) -> Result<(), Reason> {
        if document.posting.direction == Direction::Purchase {
            return Err(Reason::said(&Unfit::SalesOnly));
        }
        let taxpayer = Taxpayer::of(&self.options, books)?;
        let rows = rows::of(&self.options, document)?;
        let invoice = invoice::write(&self.options, &taxpayer, document, books)?;
        let grown = [(sums::INVOICES.to_owned(), document.posting.gross), (sums::LINES.to_owned(), rows.net)];
        tally(summary, document, rows.count, &grown)?;
        let dates = summary.declared.entry(ISSUE_DATES.to_owned()).or_default();
        dates.entry(document.posting.issue_date.to_string()).or_default();
        let [invoices, lines, ..] = &mut segment.sections;
        invoices.extend(invoice);
        lines.extend(rows.bytes);
        Ok(())
    }

    fn layout(&self, books: &Books, run: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason> {
        let Some(period) = self.period(summary) else { return Ok(Vec::new()) };
        let taxpayer = Taxpayer::of(&self.options, books)?;
        let sum = |name: &str| summary.sums.get(name);
        let invoices = control("FakturaCtrl", "LiczbaFaktur", summary.documents, "WartoscFaktur", sum(sums::INVOICES));
        let mut lines =
            control("FakturaWierszCtrl", "LiczbaWierszyFaktur", summary.rows, "WartoscWierszyFaktur", sum(sums::LINES));
        lines.close("JPK");
        lines.end_line();
        Ok(vec![
            Piece::Bytes(self.head(&taxpayer, run, period)?),
            Piece::Section(0),
            Piece::Bytes(invoices.into_bytes()),
            Piece::Section(1),
            Piece::Bytes(lines.into_bytes()),
        ])
    }

    fn content_type(&self) -> &'static str {
        "application/xml; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "xml"
    }
}
