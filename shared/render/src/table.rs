//! Columns and rows. Columns are as wide as what stands in them and share what is left; where that is too little, all is set
//! smaller. A row is never cut by the end of a page unless it is longer than one; the heads are repeated on each.

use crate::{
    page::{Ink, ROOM, Sheet, Style},
    text::{clean, wrap},
};
use std::collections::BTreeMap;

/// How wide a column is.
#[derive(Debug, Clone, Copy)]
pub enum Width {
    /// As its contents, which are not broken.
    Fits,
    /// As its contents, which are broken beyond this width.
    AtMost(f32),
    /// Its part of what is left.
    Rest,
}

/// Where text stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its left.
    Left,
    /// At its right.
    Right,
    /// With the mark before decimals under that of the other rows.
    Point,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// What is above it; nothing in a table without heads.
    pub head: String,
    /// How wide.
    pub width: Width,
    /// Where its text stands.
    pub align: Align,
}

impl Column {
    /// One without a head.
    pub fn plain(width: Width, align: Align) -> Self {
        Self { head: String::new(), width, align }
    }
}

/// Text of one style, in a cell; broken into lines where it is too wide.
#[derive(Debug, Clone)]
pub struct Piece {
    text: String,
    style: Style,
    align: Option<Align>,
    over: bool,
}

impl Piece {
    /// Text where its column has it.
    pub fn new(text: impl AsRef<str>, style: Style) -> Self {
        Self { text: clean(text.as_ref()), style, align: None, over: false }
    }

    /// Text at the right of its column, which may stand over what is empty beside it.
    pub fn label(text: impl AsRef<str>, style: Style) -> Self {
        Self { align: Some(Align::Right), over: true, ..Self::new(text, style) }
    }

    fn head(column: &Column, style: Style) -> Self {
        let align = match column.align {
            Align::Left => Align::Left,
            Align::Right | Align::Point => Align::Right,
        };
        Self { align: Some(align), ..Self::new(&column.head, style) }
    }

    /// From the mark before decimals on.
    fn after_point(&self, mark: char) -> &str {
        self.text.rfind(mark).and_then(|at| self.text.get(at..)).unwrap_or_default()
    }
}

/// A cell: pieces under each other.
pub type Cell = Vec<Piece>;

/// What stands between rows.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Between columns.
    pub gap: f32,
    /// Above and below the text of a row.
    pub pad: f32,
    /// The same of the last rows.
    pub foot_pad: f32,
    /// Whether light rules part the rows.
    pub rules: bool,
    /// The least width of a column that shares the rest.
    pub least: f32,
    /// Style of heads.
    pub head: Style,
    /// What is written before decimals.
    pub mark: char,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// From where to where it goes across the page.
    pub across: (f32, f32),
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// Its last rows, which stay together under a rule.
    pub foot: Vec<Vec<Cell>>,
    /// How it looks.
    pub look: Look,
}

/// A column as it is placed.
#[derive(Debug, Clone, Copy)]
struct Track {
    left: f32,
    right: f32,
    align: Align,
    /// How wide the decimals are that stand right of the mark.
    after: f32,
}

/// Text as it is placed.
struct Placed {
    text: String,
    x: f32,
    style: Style,
    column: usize,
}

/// A row as it is placed: its lines, each with what stands in it.
struct Set {
    lines: Vec<Vec<Placed>>,
}

impl Set {
    fn leading(line: &[Placed]) -> f32 {
        line.iter().map(|placed| placed.style.leading()).fold(0.0, f32::max)
    }

    fn height(&self) -> f32 {
        self.lines.iter().map(|line| Self::leading(line)).sum()
    }

    /// The same with short cells at the bottom, as heads stand.
    fn sunk(self) -> Self {
        let last = self.lines.len();
        let placed: Vec<Placed> = self.lines.into_iter().flatten().collect();
        let mut high = BTreeMap::<usize, usize>::new();
        for placed in &placed {
            *high.entry(placed.column).or_default() += 1;
        }
        let mut lines: Vec<Vec<Placed>> = (0..last).map(|_| Vec::new()).collect();
        for placed in placed {
            let left = high.entry(placed.column).or_default();
            if let Some(line) = last.checked_sub(*left).and_then(|at| lines.get_mut(at)) {
                line.push(placed);
            }
            *left -= 1;
        }
        Self { lines }
    }
}

/// A table whose widths are known.
pub struct Solved {
    head: Option<Set>,
    rows: Vec<Set>,
    foot: Vec<Set>,
    across: (f32, f32),
    look: Look,
}

/// How much smaller everything is set until it fits.
const FACTORS: [f32; 8] = [1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58];

impl Table {
    /// Finds the widths and breaks the lines.
    pub fn solve(self, sheet: &mut Sheet) -> Solved {
        let mut factor = 1.0;
        let mut tracks = Vec::new();
        for tried in FACTORS {
            factor = tried;
            let widths = self.widths(sheet, factor);
            let (fits, found) = self.place(&widths);
            tracks = found;
            if fits {
                break;
            }
        }
        let heads: Vec<Cell> = self.columns.iter().map(|column| vec![Piece::head(column, self.look.head)]).collect();
        let has_heads = self.columns.iter().any(|column| !column.head.is_empty());
        let mut set = |row: &Vec<Cell>| set(sheet, row, &tracks, factor, self.look.mark);
        let head = has_heads.then(|| set(&heads).sunk());
        let rows = self.rows.iter().map(&mut set).collect();
        let foot = self.foot.iter().map(&mut set).collect();
        Solved { head, rows, foot, across: self.across, look: self.look }
    }

    /// Of each column: the width of its contents, and of its decimals.
    fn widths(&self, sheet: &mut Sheet, factor: f32) -> Vec<(f32, f32)> {
        let mut widths = Vec::with_capacity(self.columns.len());
        for (place, column) in self.columns.iter().enumerate() {
            let head = self.look.head.scaled(factor);
            let word = column.head.split(' ').map(|word| sheet.width(word, head)).fold(0.0, f32::max);
            let (mut whole, mut after, mut other) = (0.0_f32, 0.0_f32, word);
            let pieces = self.rows.iter().chain(&self.foot).filter_map(|row| row.get(place)).flatten();
            for piece in pieces.filter(|piece| piece.align.is_none()) {
                let style = piece.style.scaled(factor);
                let width = sheet.width(&piece.text, style);
                if column.align == Align::Point {
                    let decimals = sheet.width(piece.after_point(self.look.mark), style);
                    after = after.max(decimals);
                    whole = whole.max(width - decimals);
                } else {
                    other = other.max(width);
                }
            }
            widths.push((other.max(whole + after), after));
        }
        widths
    }

    /// Puts columns beside each other; says whether what is left is enough for those that share it.
    fn place(&self, widths: &[(f32, f32)]) -> (bool, Vec<Track>) {
        let (from, to) = self.across;
        let width = |column: &Column, width: f32| match column.width {
            Width::Fits => Some(width),
            Width::AtMost(most) => Some(width.min(most)),
            Width::Rest => None,
        };
        let columns = || self.columns.iter().zip(widths);
        let gaps: f32 = self.columns.iter().skip(1).map(|_| self.look.gap).sum();
        let taken: f32 = columns().filter_map(|(column, widths)| width(column, widths.0)).sum();
        let sharing: f32 = columns().filter(|(column, _)| matches!(column.width, Width::Rest)).map(|_| 1.0).sum();
        let rest = (to - from - gaps - taken) / sharing.max(1.0);
        let mut left = from;
        let tracks = columns()
            .map(|(column, widths)| {
                let right = left + width(column, widths.0).unwrap_or(rest.max(self.look.least / 2.0));
                let track = Track { left, right, align: column.align, after: widths.1 };
                left = right + self.look.gap;
                track
            })
            .collect();
        (rest >= if sharing > 0.0 { self.look.least } else { 0.0 }, tracks)
    }
}

/// A row with its lines broken and everything in its place.
fn set(sheet: &mut Sheet, row: &[Cell], tracks: &[Track], factor: f32, mark: char) -> Set {
    let mut lines: Vec<Vec<Placed>> = Vec::new();
    for (column, (cell, track)) in row.iter().zip(tracks).enumerate() {
        let mut number = 0;
        for piece in cell {
            let style = piece.style.scaled(factor);
            let align = piece.align.unwrap_or(track.align);
            // A hair more, so that rounding breaks nothing that was measured to fit.
            let room = track.right - track.left + 0.05;
            let broken = if align == Align::Point || piece.over {
                vec![piece.text.clone()]
            } else {
                wrap(&piece.text, room, |text| sheet.width(text, style))
            };
            for text in broken {
                let width = sheet.width(&text, style);
                let x = match align {
                    Align::Left => track.left,
                    Align::Right => track.right - width,
                    Align::Point => track.right - track.after - (width - sheet.width(piece.after_point(mark), style)),
                };
                if lines.len() <= number {
                    lines.resize_with(number + 1, Vec::new);
                }
                if let Some(line) = lines.get_mut(number) {
                    line.push(Placed { text, x, style, column });
                }
                number += 1;
            }
        }
    }
    Set { lines }
}

impl Solved {
    /// How high it is when nothing breaks it.
    pub fn height(&self) -> f32 {
        let rows = self.rows.iter().chain(&self.head);
        self.foot_height() + rows.map(|row| high(row, self.look.pad)).sum::<f32>()
    }

    fn foot_height(&self) -> f32 {
        self.foot.iter().map(|row| high(row, self.look.foot_pad)).sum()
    }

    /// Draws it from the cursor on, over as many pages as it takes.
    pub fn draw(&self, sheet: &mut Sheet) {
        let first = self.rows.first().map_or(0.0, |row| high(row, self.look.pad));
        sheet.reserve(self.head_height() + first);
        self.draw_head(sheet);
        for row in &self.rows {
            self.draw_row(sheet, row, self.look.pad);
            if self.look.rules {
                sheet.rule(self.across, sheet.y(), 0.4, Ink::Light);
            }
        }
        let foot = self.foot_height();
        if foot > sheet.room() && foot + self.head_height() <= ROOM {
            sheet.turn();
            self.draw_head(sheet);
        }
        if !self.foot.is_empty() {
            sheet.rule(self.across, sheet.y(), 0.8, Ink::Black);
        }
        for row in &self.foot {
            self.draw_row(sheet, row, self.look.foot_pad);
        }
    }

    fn head_height(&self) -> f32 {
        self.head.as_ref().map_or(0.0, |head| high(head, self.look.pad))
    }

    fn draw_head(&self, sheet: &mut Sheet) {
        if let Some(head) = &self.head {
            sheet.skip(self.look.pad);
            draw(sheet, &head.lines);
            sheet.skip(self.look.pad);
            sheet.rule(self.across, sheet.y(), 0.8, Ink::Black);
        }
    }

    fn turn(&self, sheet: &mut Sheet) {
        sheet.turn();
        self.draw_head(sheet);
    }

    fn draw_row(&self, sheet: &mut Sheet, row: &Set, pad: f32) {
        let height = high(row, pad);
        if height > sheet.room() && height + self.head_height() <= ROOM {
            self.turn(sheet);
        }
        sheet.skip(pad);
        if height <= sheet.room() + pad {
            draw(sheet, &row.lines);
        } else {
            // Longer than a page: line by line.
            for line in &row.lines {
                if Set::leading(line) > sheet.room() {
                    self.turn(sheet);
                    sheet.skip(pad);
                }
                draw(sheet, std::slice::from_ref(line));
            }
        }
        sheet.skip(pad);
    }
}

/// How high a row is with what is above and below it.
fn high(row: &Set, pad: f32) -> f32 {
    row.height() + 2.0 * pad
}

/// Lines from the cursor on. What stands in one column is written in one go, so that it is read back in one piece.
fn draw(sheet: &mut Sheet, lines: &[Vec<Placed>]) {
    let mut tops = Vec::with_capacity(lines.len());
    for line in lines {
        tops.push(sheet.y());
        sheet.skip(Set::leading(line));
    }
    let mut pieces: Vec<(&Placed, f32)> =
        lines.iter().zip(&tops).flat_map(|(line, top)| line.iter().map(move |placed| (placed, *top))).collect();
    pieces.sort_by_key(|(placed, _)| placed.column);
    for (placed, top) in pieces {
        sheet.show(&placed.text, placed.x, top, placed.style);
    }
}
