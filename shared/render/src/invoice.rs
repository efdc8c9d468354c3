//! What stands where on a document: its heading, the parties, what is corrected, the lines, payment, and what the law wants said.

use crate::{
    Beside, RenderError,
    file::About,
    font::Weight,
    lines, number,
    page::{Ink, LEFT, QUIET, RIGHT, ROOM, SMALL, Sheet, Style, TEXT},
    table::{Align, Cell, Column, Look, Piece, Table, Width},
    words::{self, Word},
};
use domain::{
    ids::Id,
    office::Choice,
    reason::cut,
    sales::{Address, Country, DocumentLanguage, IssuedContent, IssuedKind, IssuedLine, NationalVat, SalesVat},
};
use std::collections::BTreeSet;

/// Where what stands at the right begins.
const MIDDLE: f32 = f32::midpoint(LEFT, RIGHT) + PARTED / 2.0;
/// Between what stands at the left and at the right.
const PARTED: f32 = 20.0;
const TITLE: Style = Style::new(Weight::Medium, 20.0, Ink::Black);
const NUMBER: Style = Style::new(Weight::Medium, 12.0, Ink::Black);
const NAME: Style = Style::new(Weight::Medium, 10.0, Ink::Black);
const DUE: Style = Style::new(Weight::Medium, 12.0, Ink::Black);

/// The pages of a document, and what a reader shows of it.
pub fn lay_out(content: &IssuedContent, beside: &Beside<'_>) -> Result<(Sheet, About), RenderError> {
    if content.kind == IssuedKind::Correction && content.corrects.is_none() {
        return Err(RenderError::NoOriginal);
    }
    let number = beside.legal_number.unwrap_or(&content.number);
    let mut layout = Layout { content, language: content.language, sheet: Sheet::new()? };
    layout.heading(number);
    layout.parties();
    layout.corrected();
    let lines = lines::table(content)?;
    lines.solve(&mut layout.sheet).draw(&mut layout.sheet);
    layout.payment()?;
    layout.clauses();

    let title = format!("{} {number}", layout.word(words::title(content.kind)));
    let (page, of) = (layout.word(words::PAGE), layout.word(words::PAGES));
    layout.sheet.foot(&title, SMALL, |number, last| format!("{page} {number} {of} {last}"));
    let about = About {
        title,
        author: cut(&content.seller.name, 200).to_owned(),
        language: words::tag(content.language),
        id: content.id.ulid().to_bytes(),
    };
    Ok((layout.sheet, about))
}

struct Layout<'a> {
    content: &'a IssuedContent,
    language: DocumentLanguage,
    sheet: Sheet,
}

impl Layout<'_> {
    fn word(&self, word: Word) -> &'static str {
        word.of(self.language)
    }

    /// A table without heads and rules.
    fn plain(&self, across: (f32, f32), gap: f32, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
        let look = Look {
            gap,
            pad: 0.8,
            foot_pad: 1.6,
            rules: false,
            least: 60.0,
            head: SMALL,
            mark: number::mark(self.language),
        };
        Table { across, columns, rows, foot: Vec::new(), look }
    }

    /// Names, and beside each what it names.
    fn facts(&self, across: (f32, f32), facts: Vec<(&str, String)>) -> Table {
        let columns = vec![Column::plain(Width::AtMost(130.0), Align::Left), Column::plain(Width::Rest, Align::Left)];
        let rows =
            facts.into_iter().map(|(name, fact)| vec![vec![Piece::new(name, QUIET)], vec![Piece::new(fact, TEXT)]]);
        self.plain(across, 10.0, columns, rows.collect())
    }

    /// Two tables beside each other, on one page where they fit on one.
    fn beside(&mut self, left: Table, right: Table) {
        let (left, right) = (left.solve(&mut self.sheet), right.solve(&mut self.sheet));
        // A little more, so that what was reserved is not broken for want of a rounding.
        let height = left.height().max(right.height()) + 1.0;
        self.sheet.reserve(height);
        let top = self.sheet.y();
        left.draw(&mut self.sheet);
        let bottom = self.sheet.y();
        if height <= ROOM {
            self.sheet.go_to(top);
        }
        right.draw(&mut self.sheet);
        self.sheet.go_to(self.sheet.y().max(bottom));
    }

    fn heading(&mut self, number: &str) {
        let content = self.content;
        let mut title = vec![
            Piece::new(self.word(words::title(content.kind)), TITLE),
            Piece::new(format!("{} {number}", self.word(words::NUMBER)), NUMBER),
        ];
        if content.kind == IssuedKind::ProForma {
            title.push(Piece::new(self.word(words::NO_INVOICE), QUIET));
        }
        let mut facts = vec![(self.word(words::ISSUED), number::day(content.issue_date, self.language))];
        if content.sale_date != content.issue_date {
            facts.push((self.word(words::SOLD), number::day(content.sale_date, self.language)));
        }
        let place = content.seller.place.as_deref().unwrap_or(content.seller.address.city.as_str());
        facts.push((self.word(words::PLACE), place.to_owned()));
        facts.push((self.word(words::ORDER), content.order.to_string()));
        if number != content.number {
            facts.push((self.word(words::OUR_NUMBER), content.number.clone()));
        }
        let columns = vec![Column::plain(Width::Rest, Align::Left)];
        let title = self.plain((LEFT, MIDDLE - PARTED), 0.0, columns, vec![vec![title]]);
        let facts = self.facts((MIDDLE, RIGHT), facts);
        self.beside(title, facts);
        self.sheet.skip(12.0);
    }

    fn parties(&mut self) {
        let (seller, customer) = (&self.content.seller, &self.content.customer);
        let crosses = taxes(self.content)
            .into_iter()
            .any(|vat| matches!(vat, SalesVat::IntraCommunity | SalesVat::ReverseCharge));
        let number =
            if crosses { with_country(&seller.tax_number, seller.address.country) } else { seller.tax_number.clone() };
        let number = (number.as_str(), seller.address.country);
        let mut columns = vec![self.party(words::SELLER, Some(&seller.name), &seller.address, Some(number))];
        let number = customer.name.tax_number().map(|number| (number, customer.address.country));
        columns.push(self.party(words::BUYER, Some(&customer.name.full()), &customer.address, number));
        if let Some(delivery) = &self.content.delivery {
            columns.push(self.party(words::DELIVERY, None, delivery, None));
        }
        let row = |part: fn((Cell, Cell)) -> Cell| columns.iter().cloned().map(part).collect::<Vec<Cell>>();
        let rows = vec![row(|party| party.0), row(|party| party.1)];
        let tracks = columns.iter().map(|_| Column::plain(Width::Rest, Align::Left)).collect();
        let table = self.plain((LEFT, RIGHT), PARTED, tracks, rows);
        table.solve(&mut self.sheet).draw(&mut self.sheet);
        self.sheet.skip(14.0);
    }

    /// What a party is called here, and who it is.
    fn party(
        &self,
        role: Word,
        name: Option<&str>,
        address: &Address,
        number: Option<(&str, Country)>,
    ) -> (Cell, Cell) {
        let town = match &address.post_code {
            Some(code) => format!("{} {}, {}", code.as_str(), address.city, address.country),
            None => format!("{}, {}", address.city, address.country),
        };
        let mut lines: Cell = name.map(|name| Piece::new(name, NAME)).into_iter().collect();
        lines.extend([Piece::new(address.street.as_str(), TEXT), Piece::new(town, TEXT)]);
        if let Some((number, country)) = number {
            let word = if country == Country::POLAND { words::TAX_NUMBER_PL } else { words::TAX_NUMBER };
            lines.push(Piece::new(format!("{} {number}", self.word(word)), TEXT));
        }
        (vec![Piece::new(self.word(role), SMALL)], lines)
    }

    /// Which document a correction corrects, and why.
    fn corrected(&mut self) {
        let Some(corrects) = &self.content.corrects else { return };
        let date = number::day(corrects.issue_date, self.language);
        let facts = vec![
            (self.word(words::CORRECTED), format!("{} {} {date}", corrects.number, self.word(words::OF))),
            (self.word(words::REASON), corrects.reason.to_string()),
        ];
        let facts = self.facts((LEFT, RIGHT), facts);
        facts.solve(&mut self.sheet).draw(&mut self.sheet);
        self.sheet.skip(12.0);
    }

    fn payment(&mut self) -> Result<(), RenderError> {
        let (content, language) = (self.content, self.language);
        let gross = content.effect().ok_or(RenderError::TooLarge)?.gross;
        let paid = content.payment.paid.value();
        let left = gross.checked_sub(paid).ok_or(RenderError::TooLarge)?;
        let money = |value| number::money(value, content.currency, language);

        let mut facts = vec![(self.word(words::PAYMENT), content.payment.name.to_string())];
        if let Some(due) = content.due_date {
            facts.push((self.word(words::DUE), number::day(due, language)));
        }
        if let Some(paid_on) = content.payment.paid_on {
            facts.push((self.word(words::PAID_ON), number::day(paid_on, language)));
        }
        if let Some(account) = &content.seller.account {
            facts.push((self.word(words::ACCOUNT), number::account(account)));
        }

        let row = |name: &str, value: String, style: Style| {
            vec![vec![Piece::new(name, style)], vec![Piece::new(value, style)]]
        };
        let mut sums = Vec::new();
        if content.corrects.is_none() {
            sums.push(row(self.word(words::TOTAL), money(gross), TEXT));
            sums.push(row(self.word(words::PAID), money(paid), TEXT));
        }
        let name = match (left.is_sign_negative() && !left.is_zero(), content.kind) {
            (false, _) => words::LEFT_TO_PAY,
            (true, IssuedKind::Correction) => words::TO_RETURN,
            (true, IssuedKind::Invoice | IssuedKind::Receipt | IssuedKind::ProForma) => words::OVERPAID,
        };
        let mut due = vec![row(self.word(name), money(left.abs()), DUE)];
        if let Some(national) = content.national_vat() {
            due.extend(self.national(&national));
        }
        let columns = vec![Column::plain(Width::Rest, Align::Left), Column::plain(Width::Fits, Align::Right)];
        let sums = Table { foot: due, ..self.plain((MIDDLE, RIGHT), 10.0, columns, sums) };
        let facts = self.facts((LEFT, MIDDLE - PARTED), facts);
        self.sheet.skip(14.0);
        self.beside(facts, sums);
        Ok(())
    }

    /// The VAT in the currency of the seller's country.
    fn national(&self, national: &NationalVat<'_>) -> Vec<Vec<Cell>> {
        let language = self.language;
        let in_currency = format!("{} {}", self.word(words::VAT_IN), national.currency);
        let mut rows: Vec<Vec<Cell>> = national
            .vat
            .iter()
            .map(|(vat, amount)| {
                let name = format!("{in_currency}, {}", words::rate(*vat, language));
                let amount = number::money(*amount, national.currency, language);
                vec![vec![Piece::new(name, TEXT)], vec![Piece::new(amount, TEXT)]]
            })
            .collect();
        let rate = number::plain(national.rate.rate.value(), 4, language);
        let date = number::day(national.rate.date, language);
        let exchange =
            format!("{}: 1 {} = {rate} {}", self.word(words::EXCHANGE), self.content.currency, national.currency);
        let source = format!("{date}, {}", national.rate.source);
        rows.push(vec![[exchange, source].into_iter().map(|text| Piece::new(text, SMALL)).collect(), Vec::new()]);
        rows
    }

    /// What the law wants said, and remarks.
    fn clauses(&mut self) {
        let content = self.content;
        let taxes = taxes(content);
        let country = content.seller.address.country;
        let mut rows: Vec<Vec<Cell>> = taxes
            .iter()
            .filter_map(|vat| words::clause(*vat, country, self.language))
            .map(|clause| vec![vec![Piece::new(clause, TEXT)]])
            .collect();
        // Polish law names both by these very words (art. 106e ust. 1 pkt 16 and 18a), whatever the language of the rest.
        for (is_so, clause) in
            [(content.split_payment, words::SPLIT_PAYMENT), (content.seller.cash_accounting, words::CASH_ACCOUNTING)]
        {
            if is_so == Choice::Yes {
                rows.push(vec![vec![Piece::new(self.word(clause), TEXT)]]);
            }
        }
        let grounds = content.exemption.as_ref().filter(|_| taxes.contains(&SalesVat::Exempt));
        for (name, text) in [(words::GROUNDS, grounds), (words::NOTE, content.note.as_ref())] {
            rows.extend(text.map(|text| vec![vec![Piece::new(format!("{}: {text}", self.word(name)), TEXT)]]));
        }
        let columns = vec![Column::plain(Width::Rest, Align::Left)];
        let table = self.plain((LEFT, RIGHT), 0.0, columns, rows);
        self.sheet.skip(14.0);
        table.solve(&mut self.sheet).draw(&mut self.sheet);
    }
}

/// How the lines are taxed, and were before a correction.
fn taxes(content: &IssuedContent) -> BTreeSet<SalesVat> {
    let before: &[IssuedLine] = content.corrects.as_ref().map_or(&[], |corrects| &corrects.lines);
    content.lines.iter().chain(before).map(|line| line.vat).collect()
}

/// A number with the letters of its country, as it must be where VAT goes by them.
fn with_country(number: &str, country: Country) -> String {
    let letters = if country.as_str() == "GR" { "EL" } else { country.as_str() };
    if number.starts_with(|c: char| c.is_ascii_digit()) { format!("{letters}{number}") } else { number.to_owned() }
}
