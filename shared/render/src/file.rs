//! The PDF around the pages: objects, description, and what PDF/A-2b asks for. Colours are grey by measure (`CalGray`), so that no
//! colour profile has to be carried along. There is no clock and nothing by chance in it.

use crate::{
    RenderError,
    page::{self, Sheet},
};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{
    Filter, Finish, Name, Pdf, Rect, Ref, TextStr,
    writers::{ColorSpace, Resources},
};
use std::io::Write;

/// Who makes these files.
const PRODUCER: &str = "Ledgerpost";
/// Name of the grey among the resources of a page.
pub const GREY: Name<'static> = Name(b"G");

/// A PDF that is being written.
pub struct Objects {
    /// The PDF.
    pub pdf: Pdf,
    next: i32,
}

impl Objects {
    /// New references.
    pub fn refs<const N: usize>(&mut self) -> [Ref; N] {
        std::array::from_fn(|_| {
            self.next += 1;
            Ref::new(self.next)
        })
    }

    /// A compressed stream.
    pub fn packed(&mut self, at: Ref, bytes: &[u8]) {
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
        // Into memory: if that could fail, the stream would be kept as it is.
        let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
        match packed {
            Ok(packed) => drop(self.pdf.stream(at, &packed).filter(Filter::FlateDecode)),
            Err(_) => drop(self.pdf.stream(at, bytes)),
        }
    }
}

/// What a reader shows of the document as a whole.
pub struct About {
    /// Its title.
    pub title: String,
    /// Who issues it.
    pub author: String,
    /// Its language, as in `pl`.
    pub language: &'static str,
    /// What tells it from every other.
    pub id: [u8; 16],
}

/// The PDF of pages.
pub fn write(sheet: Sheet, about: &About) -> Result<Vec<u8>, RenderError> {
    let (pages, fonts) = sheet.finish();
    let mut objects = Objects { pdf: Pdf::new(), next: 0 };
    let [catalog, tree, info, metadata, resources] = objects.refs();
    let mut named = Vec::new();
    for (name, font) in fonts.named() {
        named.push((name, font.write(&mut objects)?));
    }
    let mut kids = Vec::with_capacity(pages.len());
    for content in pages {
        let [page, stream] = objects.refs();
        objects.packed(stream, content.finish().as_slice());
        let mut of = objects.pdf.page(page);
        of.parent(tree).media_box(Rect::new(0.0, 0.0, page::WIDTH, page::HEIGHT)).contents(stream);
        of.pair(Name(b"Resources"), resources);
        kids.push(page);
    }
    let count = i32::try_from(kids.len()).map_err(|_| RenderError::TooLarge)?;
    let pdf = &mut objects.pdf;
    pdf.pages(tree).count(count).kids(kids);
    let mut resources = pdf.indirect(resources).start::<Resources<'_>>();
    resources.fonts().pairs(named);
    resources.color_spaces().insert(GREY).start::<ColorSpace<'_>>().d65_gray();
    resources.finish();
    let (title, author) = (plain(&about.title), plain(&about.author));
    pdf.document_info(info).title(TextStr(&title)).author(TextStr(&author)).producer(TextStr(PRODUCER));
    pdf.metadata(metadata, describe(&title, &author, about.language).as_bytes());
    let mut root = pdf.catalog(catalog);
    root.pages(tree).metadata(metadata).lang(TextStr(about.language));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.set_file_id((about.id.to_vec(), about.id.to_vec()));
    Ok(objects.pdf.finish())
}

/// Without what XML cannot carry.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect()
}

/// The description in XMP, which says that this is PDF/A-2b.
fn describe(title: &str, author: &str, language: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, author) = (escape(title), escape(author));
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{PRODUCER}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"#,
        bom = '\u{feff}',
    )
}
