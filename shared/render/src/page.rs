//! Pages of A4, filled from the top: a cursor, text, rules, and a foot under each page once their number is known.

use crate::{
    RenderError,
    file::GREY,
    font::{Fonts, Weight},
    text,
};
use pdf_writer::{Content, types::ColorSpaceOperand};

/// Width of a page in points.
pub const WIDTH: f32 = 595.28;
/// Height of a page in points.
pub const HEIGHT: f32 = 841.89;
/// Where what is printed begins.
pub const LEFT: f32 = 45.0;
/// Where it ends.
pub const RIGHT: f32 = WIDTH - LEFT;
const TOP: f32 = 42.0;
const BOTTOM: f32 = HEIGHT - 62.0;
/// How much of a page can be filled.
pub const ROOM: f32 = BOTTOM - TOP;

/// How dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// What is read.
    Black,
    /// What names it.
    Grey,
    /// What leads the eye.
    Light,
}

impl Ink {
    fn level(self) -> f32 {
        match self {
            Self::Black => 0.0,
            Self::Grey => 0.42,
            Self::Light => 0.82,
        }
    }
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// How heavy.
    pub weight: Weight,
    /// How large, in points.
    pub size: f32,
    /// How dark.
    pub ink: Ink,
}

impl Style {
    /// Of these.
    pub const fn new(weight: Weight, size: f32, ink: Ink) -> Self {
        Self { weight, size, ink }
    }

    /// The same, smaller.
    pub fn scaled(self, factor: f32) -> Self {
        Self { size: self.size * factor, ..self }
    }

    /// From the top of a line to the top of the next.
    pub fn leading(self) -> f32 {
        self.size * 1.36
    }
}

/// What is read.
pub const TEXT: Style = Style::new(Weight::Regular, 8.5, Ink::Black);
/// What is looked for.
pub const STRONG: Style = Style::new(Weight::Medium, 8.5, Ink::Black);
/// What names something, or matters less.
pub const QUIET: Style = Style::new(Weight::Regular, 8.5, Ink::Grey);
/// Names above and below.
pub const SMALL: Style = Style::new(Weight::Regular, 7.5, Ink::Grey);

/// The state that a page was left in, so that it is not said again.
struct Page {
    content: Content,
    style: Option<Style>,
}

impl Page {
    fn new() -> Self {
        let mut content = Content::new();
        content.set_fill_color_space(ColorSpaceOperand::Named(GREY));
        content.set_stroke_color_space(ColorSpaceOperand::Named(GREY));
        Self { content, style: None }
    }

    fn set(&mut self, style: Style) {
        let before = self.style.replace(style);
        if before.map(|before| before.ink) != Some(style.ink) {
            self.content.set_fill_color([style.ink.level()]);
        }
        if before.map(|before| (before.weight, before.size)) != Some((style.weight, style.size)) {
            self.content.set_font(Fonts::name(style.weight), style.size);
        }
    }
}

/// Pages that are being filled.
pub struct Sheet {
    /// The fonts.
    pub fonts: Fonts,
    full: Vec<Page>,
    page: Page,
    y: f32,
}

impl Sheet {
    /// One empty page.
    pub fn new() -> Result<Self, RenderError> {
        Ok(Self { fonts: Fonts::new()?, full: Vec::new(), page: Page::new(), y: TOP })
    }

    /// The cursor: how far down the page is filled.
    pub fn y(&self) -> f32 {
        self.y
    }

    /// What is left of the page.
    pub fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Moves the cursor down, or up again to where something stands beside.
    pub fn go_to(&mut self, y: f32) {
        self.y = y;
    }

    /// Leaves some space.
    pub fn skip(&mut self, space: f32) {
        self.y += space;
    }

    /// Goes on on a new page.
    pub fn turn(&mut self) {
        self.full.push(std::mem::replace(&mut self.page, Page::new()));
        self.y = TOP;
    }

    /// Goes on on a new page unless so much fits on this one; what fits on no page changes nothing.
    pub fn reserve(&mut self, height: f32) {
        if height > self.room() && height <= ROOM && self.y > TOP {
            self.turn();
        }
    }

    /// How wide text is.
    pub fn width(&mut self, text: &str, style: Style) -> f32 {
        self.fonts.of(style.weight).width(text, style.size)
    }

    /// Text that begins at `x`, in a line whose top is `top`.
    pub fn show(&mut self, text: &str, x: f32, top: f32, style: Style) {
        if text.is_empty() {
            return;
        }
        show(&mut self.page, &mut self.fonts, text, (x, top), style);
    }

    /// A line across.
    pub fn rule(&mut self, (from, to): (f32, f32), top: f32, width: f32, ink: Ink) {
        let content = &mut self.page.content;
        content.set_stroke_color([ink.level()]).set_line_width(width);
        content.move_to(round(from), round(HEIGHT - top)).line_to(round(to), round(HEIGHT - top)).stroke();
    }

    /// Writes the foot of each page, which is given its number and that of the last one.
    pub fn foot(&mut self, left: &str, style: Style, mut right: impl FnMut(usize, usize) -> String) {
        let left = text::clean(left);
        let last = self.full.len() + 1;
        let top = HEIGHT - 42.0;
        for (number, page) in (1..).zip(self.full.iter_mut().chain([&mut self.page])) {
            let content = &mut page.content;
            content.set_stroke_color([Ink::Light.level()]).set_line_width(0.5);
            content.move_to(LEFT, round(HEIGHT - top + 6.0)).line_to(round(RIGHT), round(HEIGHT - top + 6.0)).stroke();
            show(page, &mut self.fonts, &left, (LEFT, top), style);
            let right = right(number, last);
            let width = self.fonts.of(style.weight).width(&right, style.size);
            show(page, &mut self.fonts, &right, (RIGHT - width, top), style);
        }
    }

    /// All pages, and the fonts with what was used of them.
    pub fn finish(self) -> (Vec<Content>, Fonts) {
        (self.full.into_iter().chain([self.page]).map(|page| page.content).collect(), self.fonts)
    }
}

fn show(page: &mut Page, fonts: &mut Fonts, text: &str, (x, top): (f32, f32), style: Style) {
    page.set(style);
    page.content.begin_text();
    page.content.next_line(round(x), round(HEIGHT - top - style.size));
    fonts.of(style.weight).show(text, &mut page.content);
    page.content.end_text();
}

/// To hundredths of a point, which nobody sees and a file need not carry.
fn round(points: f32) -> f32 {
    (points * 100.0).round() / 100.0
}
