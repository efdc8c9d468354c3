//! Trees of XML, as requests hold them and answers give them back. Names are case sensitive.

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// The name, with its prefix.
    pub name: String,
    /// The attributes.
    pub attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Element>,
    /// The text in it.
    pub text: String,
}

impl Element {
    /// An empty element.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// An element that holds a text.
    pub fn of(name: &str, text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::new(name) }
    }

    /// With another attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// With another child.
    #[must_use]
    pub fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// With more children.
    #[must_use]
    pub fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// With a child that holds a text.
    #[must_use]
    pub fn field(self, name: &str, text: &str) -> Self {
        self.with(Self::of(name, text))
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, former)) => value.clone_into(former),
            None => self.attributes.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Marks the element as wrong.
    pub fn complain(&mut self, kind: &str, text: &str) {
        let text = match self.get("msg") {
            Some(former) => format!("{former}//{text}"),
            None => text.to_owned(),
        };
        self.set("msgtype", kind);
        self.set("msg", &text);
        self.set("result", "0");
    }

    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The name without its prefix.
    pub fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// A child.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.local() == name)
    }

    /// A child, to be changed.
    pub fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find(|child| child.local() == name)
    }

    /// The text of a child; `None` when there is none or it is empty.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// As text.
    pub fn write(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        // Writing to memory has no way to fail.
        let _ = self.write_to(&mut writer);
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn write_to(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let start = BytesStart::new(self.name.as_str()).with_attributes(attributes);
        if self.text.is_empty() && self.children.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        if !self.text.is_empty() {
            writer.write_event(Event::Text(BytesText::new(&self.text)))?;
        }
        for child in &self.children {
            child.write_to(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(self.name.as_str())))
    }

    /// Reads a text; `None` when it is not XML.
    pub fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        let (mut open, mut root) = (Vec::<Self>::new(), None::<Self>);
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(begun(&start)?),
                Event::Empty(start) => close(begun(&start)?, &mut open, &mut root)?,
                Event::End(_) => {
                    let element = open.pop()?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(text) => add(&text.xml10_content(), &mut open)?,
                Event::CData(text) => add(&text.xml10_content(), &mut open)?,
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref().ok()? {
                        Some(character) => character,
                        None => match reference.as_ref() {
                            "lt" => '<',
                            "gt" => '>',
                            "amp" => '&',
                            "apos" => '\'',
                            "quot" => '"',
                            _ => return None,
                        },
                    };
                    add(&character.to_string(), &mut open)?;
                }
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return None,
                Event::Eof => return root.filter(|_| open.is_empty()),
            }
        }
    }
}

fn begun(start: &BytesStart<'_>) -> Option<Element> {
    let mut element = Element::new(start.name().as_ref());
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        element.set(attribute.key.as_ref(), &value);
    }
    Some(element)
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Option<()> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return None,
    }
    Some(())
}

fn add(text: &str, open: &mut [Element]) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}
