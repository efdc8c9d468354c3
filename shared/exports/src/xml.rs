//! XML as files of a format have it: elements one after the other, no white space between them but a line end after each
//! document.

use domain::{
    reason::{Reason, cut},
    words::{Text, Unfit},
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use std::io;

/// A stretch of XML. What is written is escaped; names are ours.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A stretch in the middle of a file.
    pub fn fragment() -> Self {
        Self(Writer::new(Vec::new()))
    }

    /// The beginning of a file.
    pub fn file() -> Self {
        let mut xml = Self::fragment();
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml.end_line();
        xml
    }

    fn put(&mut self, event: Event<'_>) {
        // Memory takes everything.
        let _: io::Result<()> = self.0.write_event(event);
    }

    /// Begins an element.
    pub fn open(&mut self, name: &str) {
        self.open_with(name, &[]);
    }

    /// Begins an element with attributes.
    pub fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    /// Ends an element.
    pub fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An element with text.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        self.put(Event::Text(BytesText::new(text)));
        self.close(name);
    }

    /// An element with text, where there is some: no element is empty.
    pub fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.leaf(name, text);
        }
    }

    /// Elements that were written before.
    pub fn written(&mut self, xml: &str) {
        self.0.get_mut().extend_from_slice(xml.as_bytes());
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.0.get_mut().push(b'\n');
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner()
    }

    /// What was written, as text: it was put together from text.
    pub fn into_text(self) -> String {
        String::from_utf8(self.0.into_inner()).unwrap_or_default()
    }
}

/// Whether XML 1.0 has no place for a character, not even escaped.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn refuse(field: &str, text: &str, is_odd: impl Fn(char) -> bool) -> Result<(), Reason> {
    let mut odd: Vec<String> = text.chars().filter(|c| is_odd(*c)).map(|c| format!("U+{:04X}", u32::from(c))).collect();
    odd.dedup();
    odd.truncate(8);
    let odd = odd.join(", ");
    if odd.is_empty() {
        Ok(())
    } else {
        Err(Reason::said(&Unfit::Characters { field: Text::of(field), value: Text(odd) }))
    }
}

/// What only people read, such as a name or a description: white space of any kind is one space, and what is over the limit is
/// cut off.
pub(crate) fn label(field: &str, text: &str, chars_max: usize) -> Result<String, Reason> {
    refuse(field, text, is_forbidden)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(cut(&words.join(" "), chars_max).trim_end().to_owned())
}

/// What programs compare, such as a number or a code: as it is, or refused.
pub(crate) fn code(field: &str, text: &str, chars_max: usize) -> Result<String, Reason> {
    let text = text.trim();
    refuse(field, text, |c| c.is_control() || is_forbidden(c))?;
    if text.is_empty() {
        return Err(Reason::said(&Unfit::ValueMissing { field: Text::of(field) }));
    }
    if text.chars().count() > chars_max {
        let limit = u32::try_from(chars_max).unwrap_or(u32::MAX);
        return Err(Reason::said(&Unfit::TooLong { field: Text::of(field), limit }));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    #[test]
    fn what_has_a_meaning_in_xml_is_escaped() {
        let mut xml = Xml::file();
        xml.open_with("a", &[("b", "\"<&'")]);
        xml.some("c", Some("1 < 2 & \"3\" ]]> é"));
        xml.some("d", Some(""));
        xml.some("e", None);
        xml.close("a");
        let wanted = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&quot;&lt;&amp;&apos;\"><c>1 &lt; 2 &amp; \
                      &quot;3&quot; ]]&gt; é</c></a>";
        assert_eq!(xml.into_text(), wanted);
    }

    #[test]
    fn labels_are_cut_and_codes_refused() {
        assert_eq!(label("name", " Jansen\r\n&\tZn ", 50).unwrap(), "Jansen & Zn");
        assert_eq!(label("name", "ééé ééé", 4).unwrap(), "ééé");
        assert_eq!(label("name", "a\u{b}b", 50).unwrap_err().values, ["name", "U+000B"]);
        assert_eq!(code("number", " A  1 ", 4).unwrap(), "A  1");
        assert_eq!(code("number", "12345", 4).unwrap_err().code, "export_too_long");
        assert_eq!(code("number", "1\t2", 4).unwrap_err().values, ["number", "U+0009"]);
        assert_eq!(code("number", " ", 4).unwrap_err().code, "export_value_missing");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_back(text in any::<String>()) {
            for taken in [label("x", &text, 40), code("x", &text, 40)].into_iter().flatten() {
                let mut xml = Xml::fragment();
                xml.leaf("x", &taken);
                let written = xml.into_text();
                let mut reader = Reader::from_str(&written);
                let mut read = String::new();
                loop {
                    match reader.read_event().unwrap() {
                        Event::Text(part) => read.push_str(&part),
                        Event::GeneralRef(name) => match name.resolve_char_ref().unwrap() {
                            Some(c) => read.push(c),
                            None => read.push_str(quick_xml::escape::resolve_xml_entity(&name).unwrap()),
                        },
                        Event::Eof => break,
                        _ => {}
                    }
                }
                prop_assert_eq!(&read, &taken);
                prop_assert!(taken.chars().count() <= 40);
            }
        }
    }
}
