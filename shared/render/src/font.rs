//! The two fonts: how wide text is, and how a PDF gets what was used of them.

use crate::{RenderError, file::Objects, text::NO_BREAK};
use pdf_writer::{
    Content, Finish, Name, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use std::collections::HashMap;
use subsetter::GlyphRemapper;
use ttf_parser::{
    Face, GlyphId,
    gpos::{PairAdjustment, PositioningSubtable},
};

const REGULAR: &[u8] = include_bytes!("../fonts/Roboto-Regular.ttf");
const MEDIUM: &[u8] = include_bytes!("../fonts/Roboto-Medium.ttf");
const ORDERING: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// What stands for a character that the fonts lack.
const REPLACEMENT: char = '\u{fffd}';

/// How heavy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// For most.
    Regular,
    /// For what is looked for.
    Medium,
}

/// A character that stands in the document. Each has a number of its own, even where two look the same, so that what is copied
/// out of the PDF is what was written into it.
struct Used {
    character: char,
    glyph: GlyphId,
    /// In units of the font.
    advance: u16,
}

/// A font and what is used of it.
pub struct Font {
    face: Face<'static>,
    data: &'static [u8],
    name: &'static str,
    pub(crate) weight: u16,
    used: Vec<Used>,
    numbers: HashMap<char, u16>,
    kerns: HashMap<(GlyphId, GlyphId), i16>,
}

/// Both.
pub struct Fonts {
    regular: Font,
    medium: Font,
}

impl Fonts {
    /// As they are compiled in.
    pub fn new() -> Result<Self, RenderError> {
        Ok(Self {
            regular: Font::new(REGULAR, "Roboto-Regular", 400)?,
            medium: Font::new(MEDIUM, "Roboto-Medium", 500)?,
        })
    }

    /// The one of a weight.
    pub fn of(&mut self, weight: Weight) -> &mut Font {
        match weight {
            Weight::Regular => &mut self.regular,
            Weight::Medium => &mut self.medium,
        }
    }

    /// Each with its name among the resources of a page.
    pub fn named(&self) -> [(Name<'static>, &Font); 2] {
        [(Self::name(Weight::Regular), &self.regular), (Self::name(Weight::Medium), &self.medium)]
    }

    /// The name among the resources of a page.
    pub fn name(weight: Weight) -> Name<'static> {
        match weight {
            Weight::Regular => Name(b"R"),
            Weight::Medium => Name(b"M"),
        }
    }
}

impl Font {
    fn new(data: &'static [u8], name: &'static str, weight: u16) -> Result<Self, RenderError> {
        let face = Face::parse(data, 0).map_err(|_| RenderError::Font)?;
        let mut font =
            Self { face, data, name, weight, used: Vec::new(), numbers: HashMap::new(), kerns: HashMap::new() };
        // Number 0 is that of no glyph, which a document must not use; 1 is the replacement.
        font.used.push(Used { character: REPLACEMENT, glyph: GlyphId(0), advance: 0 });
        font.number(REPLACEMENT);
        Ok(font)
    }

    /// The number of a character; the replacement's, should there be more than a PDF can tell apart.
    fn number(&mut self, character: char) -> u16 {
        let character = if character == NO_BREAK { ' ' } else { character };
        if let Some(number) = self.numbers.get(&character) {
            return *number;
        }
        let Ok(number) = u16::try_from(self.used.len()) else { return 1 };
        let glyph =
            self.face.glyph_index(character).or_else(|| self.face.glyph_index(REPLACEMENT)).unwrap_or(GlyphId(0));
        self.used.push(Used { character, glyph, advance: self.face.glyph_hor_advance(glyph).unwrap_or(0) });
        self.numbers.insert(character, number);
        number
    }

    fn glyph(&self, number: u16) -> GlyphId {
        self.used.get(usize::from(number)).map_or(GlyphId(0), |used| used.glyph)
    }

    fn kern(&mut self, pair: (GlyphId, GlyphId)) -> i16 {
        let face = &self.face;
        *self.kerns.entry(pair).or_insert_with(|| kern(face, pair).unwrap_or(0))
    }

    /// In thousandths of the size.
    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.face.units_per_em())
    }

    /// The number of each character, and how much closer the next one stands, in units of the font.
    fn set(&mut self, text: &str) -> Vec<(u16, i16)> {
        let numbers: Vec<u16> = text.chars().map(|character| self.number(character)).collect();
        let nexts = numbers.iter().skip(1).map(|next| Some(*next)).chain([None]);
        let pairs: Vec<(u16, Option<u16>)> = numbers.iter().copied().zip(nexts).collect();
        pairs
            .into_iter()
            .map(|(number, next)| (number, next.map_or(0, |next| self.kern((self.glyph(number), self.glyph(next))))))
            .collect()
    }

    /// How wide text is at a size.
    pub fn width(&mut self, text: &str, size: f32) -> f32 {
        let set = self.set(text);
        let advance = |number: u16| self.used.get(usize::from(number)).map_or(0.0, |used| f32::from(used.advance));
        let units: f32 = set.iter().map(|(number, kern)| advance(*number) + f32::from(*kern)).sum();
        self.thousandths(units) * size / 1000.0
    }

    /// Shows text where the content stands.
    pub fn show(&mut self, text: &str, content: &mut Content) {
        let set = self.set(text);
        let mut operation = content.show_positioned();
        let mut items = operation.items();
        let mut run = Vec::with_capacity(set.len() * 2);
        for (number, kern) in set {
            run.extend(number.to_be_bytes());
            if kern != 0 {
                items.show(Str(&run));
                items.adjust(-self.thousandths(f32::from(kern)).round());
                run.clear();
            }
        }
        if !run.is_empty() {
            items.show(Str(&run));
        }
    }

    /// Six letters that tell one subset from another.
    fn tag(&self) -> String {
        let hash = self.used.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, used| {
            (hash ^ u64::from(u32::from(used.character))).wrapping_mul(0x0100_0000_01b3)
        });
        (0..6_u32)
            .filter_map(|place| char::from_digit(u32::try_from(hash >> (place * 8) & 0xff).ok()? % 26 + 10, 36))
            .map(|letter| letter.to_ascii_uppercase())
            .collect()
    }

    /// Writes what is used of it; says where.
    pub fn write(&self, objects: &mut Objects) -> Result<Ref, RenderError> {
        let [font, descendant, descriptor, program, map, unicode] = objects.refs();
        let mut kept = GlyphRemapper::new();
        let glyphs: Vec<u8> = self.used.iter().flat_map(|used| kept.remap(used.glyph.0).to_be_bytes()).collect();
        let subset = subsetter::subset(self.data, 0, &kept).map_err(|_| RenderError::Font)?;
        objects.packed(program, &subset);
        objects.packed(map, &glyphs);
        let mut characters = UnicodeCmap::new(Name(b"Adobe-Identity-UCS"), ORDERING);
        for (number, used) in (0_u16..).zip(&self.used).skip(1) {
            characters.pair(number, used.character);
        }
        objects.packed(unicode, characters.finish().as_slice());

        let name = format!("{}+{}", self.tag(), self.name);
        let name = Name(name.as_bytes());
        objects
            .pdf
            .type0_font(font)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(unicode);
        let mut cid = objects.pdf.cid_font(descendant);
        cid.subtype(CidFontType::Type2).base_font(name).system_info(ORDERING).font_descriptor(descriptor);
        cid.cid_to_gid_map_stream(map);
        let widths = self.used.iter().map(|used| self.thousandths(f32::from(used.advance)));
        cid.widths().consecutive(0, widths);
        cid.finish();
        let bounds = self.face.global_bounding_box();
        let [left, bottom, right, top] =
            [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|units| self.thousandths(f32::from(units)));
        objects
            .pdf
            .font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(pdf_writer::Rect::new(left, bottom, right, top))
            .italic_angle(0.0)
            .ascent(self.thousandths(f32::from(self.face.ascender())))
            .descent(self.thousandths(f32::from(self.face.descender())))
            .cap_height(self.thousandths(f32::from(self.face.capital_height().unwrap_or(1456))))
            .stem_v(f32::from(self.weight) / 5.0)
            .font_file2(program);
        Ok(font)
    }
}

/// How much closer two glyphs stand, as the font says.
fn kern(face: &Face<'_>, (first, second): (GlyphId, GlyphId)) -> Option<i16> {
    let lookups = face.tables().gpos?.lookups;
    lookups.into_iter().flat_map(|lookup| lookup.subtables.into_iter::<PositioningSubtable<'_>>()).find_map(
        |subtable| match subtable {
            PositioningSubtable::Pair(PairAdjustment::Format1 { coverage, sets }) => {
                Some(sets.get(coverage.get(first)?)?.get(second)?.0.x_advance)
            }
            PositioningSubtable::Pair(PairAdjustment::Format2 { coverage, classes, matrix }) => {
                coverage.get(first)?;
                Some(matrix.get((classes.0.get(first), classes.1.get(second)))?.0.x_advance)
            }
            _ => None,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_wide_as_each_other_and_letters_stand_closer() {
        let mut fonts = Fonts::new().unwrap();
        for weight in [Weight::Regular, Weight::Medium] {
            let font = fonts.of(weight);
            let widths: Vec<f32> = "0123456789".chars().map(|digit| font.width(&digit.to_string(), 10.0)).collect();
            assert!(widths.iter().all(|width| (width - 5.6).abs() < 0.2), "{widths:?}");
            assert!((font.width("1111", 9.0) - font.width("9876", 9.0)).abs() < 0.001);
            assert!(font.width("AV", 10.0) < font.width("A", 10.0) + font.width("V", 10.0) - 0.1);
        }
    }

    #[test]
    fn what_the_font_lacks_gets_the_replacement_and_a_number_of_its_own() {
        let mut fonts = Fonts::new().unwrap();
        let font = fonts.of(Weight::Regular);
        let [known, other, lacking] = ['Ż', '漢', '字'].map(|character| font.number(character));
        assert!(known != other && other != lacking);
        assert_eq!(font.glyph(other), font.glyph(1));
        assert_eq!(font.glyph(other), font.glyph(lacking));
        assert_ne!(font.glyph(other), GlyphId(0));
        assert_ne!(font.glyph(known), font.glyph(other));
        assert!(font.width("漢", 10.0) > 4.0);
    }

    #[test]
    fn letters_of_europe_are_in_both_fonts() {
        let letters = "ĄĆĘŁŃÓŚŹŻąćęłńóśźż ÄÖÜäöüß ÀÂÇÉÈÊËÎÏÔÙÛŸ ÁČĎÉĚÍŇŘŠŤÚŮÝŽ ĂÂÎȘȚăâîșț ŐŰőű ĀČĒĢĪĶĻŅŠŪ ÅÆØ ĄČĘĖĮŠŲŪ ĞİŞ \
            ΑΒΓΔΕΖΗΘάέήίό АБВГДЕЖЗІЇЄҐабвгд €£$№™–—„”«»…’";
        let mut fonts = Fonts::new().unwrap();
        for weight in [Weight::Regular, Weight::Medium] {
            let font = fonts.of(weight);
            let lacking: String = letters.chars().filter(|letter| font.face.glyph_index(*letter).is_none()).collect();
            assert_eq!(lacking, "");
        }
    }
}
