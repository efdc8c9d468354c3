//! Small trees of XML: written and read by quick-xml. Nothing is put together from strings, and of what a ledger
//! answers nothing is expanded but the five built-in entities and character references.

use quick_xml::{
    Writer, XmlVersion,
    events::{BytesEnd, BytesRef, BytesStart, BytesText, Event, attributes::Attributes},
    reader::Reader,
};

/// Elements may be nested this deep; answers stay under ten.
const DEPTH_MAX: usize = 32;
/// A list of 20,000 relations stays far below.
const ELEMENTS_MAX: usize = 400_000;
const ATTRIBUTES_MAX: usize = 32;

/// An element with all that is in it. Prefixes are kept, and do not count when an element is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    qualified: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    text: String,
}

/// Not XML, damaged, or larger than any answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

impl Element {
    pub(super) fn new(name: &str) -> Self {
        Self { qualified: name.to_owned(), ..Self::default() }
    }

    /// An element that holds a text.
    #[expect(clippy::needless_pass_by_value, reason = "values are given as they are, numbers too")]
    pub(super) fn of(name: &str, text: impl ToString) -> Self {
        Self { text: text.to_string(), ..Self::new(name) }
    }

    #[must_use]
    pub(super) fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub(super) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    #[must_use]
    pub(super) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// With a child that holds a text.
    #[must_use]
    pub(super) fn field(self, name: &str, text: impl ToString) -> Self {
        self.with(Self::of(name, text))
    }

    /// With a child that holds a text, if there is one.
    #[must_use]
    pub(super) fn maybe(self, name: &str, text: Option<impl ToString>) -> Self {
        match text {
            Some(text) => self.field(name, text),
            None => self,
        }
    }

    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.qualified.rsplit(':').next().unwrap_or_default()
    }

    pub(super) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == attribute).map(|(_, value)| value.as_str())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name() == name)
    }

    /// The element at the end of a path.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name() == name)
    }

    /// The text in it, without white space around; `None` when there is nothing else.
    pub(super) fn text(&self) -> Option<&str> {
        let text = self.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The text of a child.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name)?.text()
    }

    /// This element and everything in it, parents first.
    pub(super) fn everything(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut next = 0;
        while let Some(element) = all.get(next).copied() {
            all.extend(&element.children);
            next += 1;
        }
        all
    }

    /// As text, everything escaped.
    pub(super) fn write(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        // Writing to memory has no way to fail.
        let _ = self.write_to(&mut writer);
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn write_to(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let start = BytesStart::new(self.qualified.as_str()).with_attributes(attributes);
        if self.text.is_empty() && self.children.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        if !self.text.is_empty() {
            // XML has no way at all to write these characters.
            let text: String = self.text.chars().filter(|character| is_xml(*character)).collect();
            writer.write_event(Event::Text(BytesText::new(&text)))?;
        }
        for child in &self.children {
            child.write_to(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(self.qualified.as_str())))
    }

    /// Reads a whole text.
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let (mut open, mut root, mut elements) = (Vec::<Self>::new(), None, 0);
        loop {
            let event = reader.read_event().map_err(|_| Unreadable)?;
            match event {
                Event::Start(start) => {
                    elements += 1;
                    if root.is_some() || open.len() >= DEPTH_MAX || elements > ELEMENTS_MAX {
                        return Err(Unreadable);
                    }
                    open.push(begun(&start)?);
                }
                Event::Empty(start) => {
                    elements += 1;
                    if root.is_some() || elements > ELEMENTS_MAX {
                        return Err(Unreadable);
                    }
                    close(begun(&start)?, &mut open, &mut root);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(Unreadable)?;
                    close(element, &mut open, &mut root);
                }
                Event::Text(text) => add(&text.xml10_content(), &mut open)?,
                Event::CData(text) => add(&text.xml10_content(), &mut open)?,
                Event::GeneralRef(reference) => add(&resolve(&reference)?.to_string(), &mut open)?,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(Unreadable),
                Event::Eof => break,
            }
        }
        if open.is_empty() { root.ok_or(Unreadable) } else { Err(Unreadable) }
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

fn add(text: &str, open: &mut [Element]) -> Result<(), Unreadable> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(Unreadable),
    }
    Ok(())
}

fn begun(start: &BytesStart<'_>) -> Result<Element, Unreadable> {
    let mut element = Element::new(start.name().as_ref());
    for attribute in Attributes::new(start.attributes_raw(), 0) {
        let attribute = attribute.map_err(|_| Unreadable)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Unreadable)?;
        element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        if element.attributes.len() > ATTRIBUTES_MAX {
            return Err(Unreadable);
        }
    }
    Ok(element)
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, Unreadable> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) if is_xml(character) => Ok(character),
        Ok(None) => match reference.as_ref() {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "apos" => Ok('\''),
            "quot" => Ok('"'),
            _ => Err(Unreadable),
        },
        Ok(Some(_)) | Err(_) => Err(Unreadable),
    }
}

fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_whatever_it_holds() {
        let text = "<a> & \"b\" 'c' ]]> é \u{1}";
        let tree = Element::new("x").attribute("msg", "1 < 2 & \"3\"").field("y", text).with(Element::new("z"));
        let written = tree.write();
        assert_eq!(
            written,
            "<x msg=\"1 &lt; 2 &amp; &quot;3&quot;\"><y>&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos; ]]&gt; é </y><z/></x>"
        );
        let read = Element::read(&written).unwrap();
        assert_eq!(read.get("msg"), Some("1 < 2 & \"3\""));
        assert_eq!(read.text_of("y"), Some("<a> & \"b\" 'c' ]]> é"));
        assert_eq!(read.at(&["z"]).and_then(Element::text), None);
    }

    #[test]
    fn an_answer_in_an_answer_is_read_twice() {
        let outer = "<?xml version=\"1.0\"?><s:E xmlns:s='u'><s:B><R>&lt;a n=&quot;0110&quot;&gt;x &amp;amp; y&lt;/a&gt;</R></s:B></s:E>";
        let inner = Element::read(Element::read(outer).unwrap().at(&["B", "R"]).unwrap().text().unwrap()).unwrap();
        assert_eq!((inner.get("n"), inner.text()), (Some("0110"), Some("x & y")));
    }

    #[test]
    fn damaged_and_hostile_answers_are_refused() {
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&bomb;</a>",
            "<!DOCTYPE a [<!ENTITY bomb \"b\">]><a/>",
            "<a b='&bomb;'/>",
            "<a>&#0;</a>",
            &deep,
        ] {
            assert_eq!(Element::read(text), Err(Unreadable), "{text}");
        }
    }
}
