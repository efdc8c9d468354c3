//! What a PDF shows, read back by another crate than wrote it: text through its map to Unicode, with where it stands.

use lopdf::{Dictionary, Document, Encoding, Object, content::Content};
use std::collections::BTreeMap;

/// Text that was shown in one go.
#[derive(Debug, Clone)]
pub struct Shown {
    pub text: String,
    pub x: f32,
    pub right: f32,
    pub y: f32,
    pub size: f32,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    pub shown: Vec<Shown>,
}

impl Page {
    /// All texts in the order in which they were written.
    pub fn texts(&self) -> Vec<&str> {
        self.shown.iter().map(|shown| shown.text.as_str()).collect()
    }
}

struct Font<'a> {
    encoding: Encoding<'a>,
    widths: Vec<f32>,
}

impl Font<'_> {
    fn of<'a>(document: &'a Document, font: &'a Dictionary) -> Font<'a> {
        let encoding = font.get_font_encoding(document).unwrap();
        let follow = |object: &'a Object| document.dereference(object).unwrap().1;
        let descendants = follow(font.get(b"DescendantFonts").unwrap()).as_array().unwrap();
        let descendant = follow(&descendants[0]).as_dict().unwrap();
        let widths = follow(descendant.get(b"W").unwrap()).as_array().unwrap();
        assert_eq!((widths.len(), widths[0].as_i64().unwrap()), (2, 0));
        let widths = widths[1].as_array().unwrap().iter().map(|width| width.as_float().unwrap()).collect();
        Font { encoding, widths }
    }

    fn width(&self, bytes: &[u8]) -> f32 {
        bytes.chunks(2).map(|pair| self.widths[usize::from(u16::from_be_bytes([pair[0], pair[1]]))]).sum()
    }
}

/// The pages of a PDF.
pub fn pages(pdf: &[u8]) -> Vec<Page> {
    let document = Document::load_mem(pdf).unwrap();
    document.get_pages().values().map(|id| page(&document, *id)).collect()
}

fn page(document: &Document, id: (u32, u16)) -> Page {
    let fonts: BTreeMap<Vec<u8>, Font<'_>> =
        document.get_page_fonts(id).unwrap().into_iter().map(|(name, font)| (name, Font::of(document, font))).collect();
    let content = Content::decode(&document.get_page_content(id)).unwrap();
    let mut shown = Vec::new();
    let (mut font, mut size, mut x, mut y) = (None, 0.0, 0.0, 0.0);
    for operation in &content.operations {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "Tf" => {
                font = fonts.get(operands[0].as_name().unwrap());
                size = operands[1].as_float().unwrap();
            }
            "Td" => [x, y] = [0, 1].map(|at| operands[at].as_float().unwrap()),
            "TJ" => {
                let font = font.unwrap();
                let (mut text, mut width) = (String::new(), 0.0);
                for item in operands[0].as_array().unwrap() {
                    if let Ok(bytes) = item.as_str() {
                        text.push_str(&Document::decode_text(&font.encoding, bytes).unwrap());
                        width += font.width(bytes);
                    } else {
                        width -= item.as_float().unwrap();
                    }
                }
                shown.push(Shown { text, x, right: x + width * size / 1000.0, y, size });
            }
            _ => {}
        }
    }
    Page { shown }
}
